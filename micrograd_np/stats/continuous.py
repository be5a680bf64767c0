"""Continuous distributions, each by the formulas of its standard form. Floor 9."""

from __future__ import annotations

import math
from inspect import Parameter
from typing import Any

import numpy as np
from scipy import special

from ..rules import bell
from .distribution import Distribution, Formula
from .operands import replaced, seen

LOG_2 = math.log(2)
LOG_PI = math.log(math.pi)
LOG_2PI = math.log(2 * math.pi)
ROOT_HALF = math.sqrt(0.5)
POSITIVE = (0, math.inf)

normal_density: Any = bell.normal_density  # which keeps the digits that exp(-z**2 / 2) loses


class Continuous(Distribution):
    """A distribution with a density, declared for location 0 and scale 1.

    Parameters
    ----------
    density : callable, optional
        p(z), if it has a formula with more digits than exp(log p(z)).
    closed : bool
        Whether the formula of the density holds at the ends of the support, too.
    """

    densities = ("pdf", "logpdf")
    variable = "x"
    location = tuple(
        Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default)
        for name, default in (("loc", 0), ("scale", 1))
    )

    def __init__(
        self,
        name: str,
        about: str,
        logdensity: Formula,
        density: Formula = None,
        closed: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(name, about, logdensity, **more)
        self.closed = closed
        density = density or (lambda *z: np.exp(logdensity(*z)))
        pdf = self.within(lambda *z: density(*z[:-1]) / z[-1], 0)
        logpdf = self.within(lambda *z: logdensity(*z[:-1]) - np.log(z[-1]), -np.inf)
        self.pdf, self.logpdf = self.public("pdf", pdf), self.public("logpdf", logpdf)

    def standard(self, x: Any, *parameters: Any) -> tuple[Any, list[Any]]:
        """Return (x - loc) / scale, the shape parameters and the scale."""
        *shapes, loc, scale = parameters
        invalid = np.logical_not(self.valid(*map(seen, shapes)) & (seen(scale) > 0))
        scaled = [replaced(p, invalid, np.nan) for p in (*shapes, scale)]
        return (x - loc) / scaled[-1], scaled

    def beyond(self, z: Any, low: Any, high: Any) -> tuple[Any, Any]:
        """Tell where z is not between the ends."""
        return z <= low, z >= high

    def outside(self, z: Any, low: Any, high: Any) -> Any:
        """Tell where z is in no closed interval, or at its ends where the formula is not valid."""
        return (z < low) | (z > high) | np.isinf(z) if self.closed else (z <= low) | (z >= high)

    def inner(self, low: Any) -> Any:
        """Return half a unit above the least value."""
        return low + 0.5

    def step(self, z: Any) -> Any:
        """Return z: there are values everywhere."""
        return z


def normal_log(z: Any) -> Any:
    """Return log p(z) of the normal distribution."""
    return -(z * z) / 2 - LOG_2PI / 2


def gamma_log(z: Any, a: Any) -> Any:
    """Return log p(z) of the gamma distribution."""
    return special.xlogy(a - 1, z) - z - special.gammaln(a)


def log1p_square(z: Any) -> Any:
    """Return log(1 + z**2), also where the square overflows."""
    far = np.abs(z) > 1
    large = np.where(far, z, 1)
    small = np.where(far, 1 / large, z)
    return np.log1p(small * small) + 2 * np.log(np.abs(large))


# On the whole line

norm = Continuous(
    "norm",
    "a normal variable",
    normal_log,
    density=normal_density,
    cdf=lambda z: special.ndtr(z),
    sf=lambda z: special.ndtr(-z),
    logcdf=lambda z: special.log_ndtr(z),
    logsf=lambda z: special.log_ndtr(-z),
)


def student_log(z: Any, df: Any) -> Any:
    """Return log p(z) of Student's distribution: for infinite df, that of the normal one."""
    normal = np.isinf(df)
    n = replaced(df, normal, 1)
    half = n.dtype.type(0.5)  # plain numbers make SciPy compute in double precision
    constant = -special.betaln(n / 2, half) - np.log(n) / 2
    value = constant - (n + 1) / 2 * log1p_square(z / np.sqrt(n))
    return replaced(value, normal, normal_log(z))


t = Continuous(
    "t",
    "a variable of Student's t distribution",
    student_log,
    cdf=lambda z, df: special.stdtr(df, z),
    sf=lambda z, df: special.stdtr(df, -z),
)
cauchy = Continuous(
    "cauchy",
    "a Cauchy variable",
    lambda z: -log1p_square(z) - LOG_PI,
    cdf=lambda z: np.arctan2(1, -z) / math.pi,
    sf=lambda z: np.arctan2(1, z) / math.pi,
)


def laplace_cdf(z: Any) -> Any:
    """Return P(Z <= z) of the Laplace distribution."""
    left = z < 0
    half = np.exp(np.where(left, z, -z)) / 2
    return np.where(left, half, 1 - half)


def laplace_log_cdf(z: Any) -> Any:
    """Return log P(Z <= z) of the Laplace distribution."""
    left = z < 0
    return np.where(left, z - LOG_2, np.log1p(-np.exp(-np.where(left, 0, z)) / 2))


laplace = Continuous(
    "laplace",
    "a Laplace variable",
    lambda z: -np.abs(z) - LOG_2,
    density=lambda z: np.exp(-np.abs(z)) / 2,
    cdf=laplace_cdf,
    sf=lambda z: laplace_cdf(-z),
    logcdf=laplace_log_cdf,
    logsf=lambda z: laplace_log_cdf(-z),
)


def logistic_log(z: Any) -> Any:
    """Return log p(z) of the logistic distribution; its slope, -tanh(z / 2), keeps its digits."""
    far = np.abs(z) > 1
    near = np.log(np.cosh(np.where(far, 0, z) / 2)) + LOG_2
    size = np.where(far, np.abs(z), 1)
    return -np.where(far, size + 2 * np.log1p(np.exp(-size)), 2 * near)


logistic = Continuous(
    "logistic",
    "a logistic variable",
    logistic_log,
    cdf=lambda z: special.expit(z),
    sf=lambda z: special.expit(-z),
    logcdf=lambda z: special.log_expit(z),
    logsf=lambda z: special.log_expit(-z),
)

# Of positive numbers

gamma = Continuous(
    "gamma",
    "a gamma variable",
    gamma_log,
    cdf=lambda z, a: special.gammainc(a, z),
    sf=lambda z, a: special.gammaincc(a, z),
    support=POSITIVE,
)
chi2 = Continuous(
    "chi2",
    "a chi-squared variable",
    lambda z, df: gamma_log(z / 2, df / 2) - LOG_2,
    cdf=lambda z, df: special.chdtr(df, z),
    sf=lambda z, df: special.chdtrc(df, z),
    support=POSITIVE,
)
expon = Continuous(
    "expon",
    "an exponential variable",
    lambda z: -z,
    cdf=lambda z: -np.expm1(-z),
    sf=lambda z: np.exp(-z),
    logsf=lambda z: -z,
    support=POSITIVE,
)
invgamma = Continuous(
    "invgamma",
    "an inverted gamma variable",
    lambda z, a: -(a + 1) * np.log(z) - 1 / z - special.gammaln(a),
    cdf=lambda z, a: special.gammaincc(a, 1 / z),
    sf=lambda z, a: special.gammainc(a, 1 / z),
    support=POSITIVE,
    closed=False,
)


def halfnorm_log_sf(z: Any) -> Any:
    """Return log P(Z > z) of the half-normal distribution."""
    near = z < 1
    log = np.log1p(-special.erf(ROOT_HALF * np.where(near, z, 0)))
    return np.where(near, log, special.log_ndtr(-z) + LOG_2)


halfnorm = Continuous(
    "halfnorm",
    "a half-normal variable",
    lambda z: normal_log(z) + LOG_2,
    density=lambda z: 2 * normal_density(z),
    cdf=lambda z: special.erf(ROOT_HALF * z),
    sf=lambda z: special.erfc(ROOT_HALF * z),
    logsf=halfnorm_log_sf,
    support=POSITIVE,
)
lognorm = Continuous(
    "lognorm",
    "a lognormal variable",
    lambda z, s: normal_log(np.log(z) / s) - np.log(z) - np.log(s),
    density=lambda z, s: normal_density(np.log(z) / s) / (s * z),
    cdf=lambda z, s: special.ndtr(np.log(z) / s),
    sf=lambda z, s: special.ndtr(-np.log(z) / s),
    logcdf=lambda z, s: special.log_ndtr(np.log(z) / s),
    logsf=lambda z, s: special.log_ndtr(-np.log(z) / s),
    support=POSITIVE,
    closed=False,
)

# Of numbers between 0 and 1

beta = Continuous(
    "beta",
    "a beta variable",
    lambda z, a, b: special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b),
    cdf=lambda z, a, b: special.betainc(a, b, z),
    sf=lambda z, a, b: special.betaincc(a, b, z),
    support=(0, 1),
)
uniform = Continuous(
    "uniform",
    "a uniform variable",
    lambda z: 0 * z,
    cdf=lambda z: z,
    sf=lambda z: 1 - z,
    support=(0, 1),
)

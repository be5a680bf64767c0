"""Discrete distributions, each by the formulas of its standard form. Floor 9."""

from __future__ import annotations

import math
from inspect import Parameter
from typing import Any

import numpy as np
from scipy import special

from .distribution import Distribution, Formula
from .operands import replaced, seen

COUNTING = (0, math.inf)


class Discrete(Distribution):
    """A distribution of whole numbers, declared for location 0.

    Parameters
    ----------
    counts : tuple of str
        Shape parameters that are whole numbers, too.
    """

    densities = ("pmf", "logpmf")
    variable = "k"
    location = (Parameter("loc", Parameter.POSITIONAL_OR_KEYWORD, default=0),)

    def __init__(
        self,
        name: str,
        about: str,
        logdensity: Formula,
        counts: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        super().__init__(name, about, logdensity, **more)
        self.counts = ("k", *counts, "loc")
        self.pmf = self.public("pmf", self.within(lambda *z: np.exp(logdensity(*z)), 0))
        self.logpmf = self.public("logpmf", self.within(logdensity, -np.inf))

    def standard(self, x: Any, *parameters: Any) -> tuple[Any, list[Any]]:
        """Return k - loc and the shape parameters."""
        *shapes, loc = parameters
        invalid = np.logical_not(self.valid(*map(seen, shapes)))
        z, *shapes = [replaced(p, invalid, np.nan) for p in (x - loc, *shapes)]
        return z, shapes

    def beyond(self, z: Any, low: Any, high: Any) -> tuple[Any, Any]:
        """Tell where z is less than the least value, and where it is at least the largest."""
        return z < low, z >= high

    def outside(self, z: Any, low: Any, high: Any) -> Any:
        """Tell where z is beyond the ends, or not whole."""
        return (z < low) | (z > high) | (z > np.floor(z)) | np.isinf(z)

    def inner(self, low: Any) -> Any:
        """Return the least value."""
        return low

    def step(self, z: Any) -> Any:
        """Return z rounded down: between whole numbers, nothing is added."""
        return np.floor(z)


bernoulli = Discrete(
    "bernoulli",
    "a Bernoulli variable",
    lambda k, p: special.xlogy(k, p) + special.xlog1py(1 - k, -p),
    cdf=lambda k, p: 0 * k + (1 - p),
    sf=lambda k, p: 0 * k + p,
    support=(0, 1),
    valid=lambda p: (p >= 0) & (p <= 1),
)
binom = Discrete(
    "binom",
    "a binomial variable",
    lambda k, n, p: (
        special.xlogy(k, p)
        + special.xlog1py(n - k, -p)
        - special.betaln(n - k + 1, k + 1)
        - np.log1p(n)
    ),
    cdf=lambda k, n, p: special.betaincc(k + 1, n - k, p),
    sf=lambda k, n, p: special.betainc(k + 1, n - k, p),
    support=lambda n, _: (0, n),
    valid=lambda n, p: (n >= 0) & (np.floor(n) == n) & (p >= 0) & (p <= 1),
    counts=("n",),
)
geom = Discrete(
    "geom",
    "a geometric variable",
    lambda k, p: special.xlog1py(k - 1, -p) + np.log(p),
    cdf=lambda k, p: -np.expm1(special.xlog1py(k, -p)),
    sf=lambda k, p: np.exp(special.xlog1py(k, -p)),
    logsf=lambda k, p: special.xlog1py(k, -p),
    support=(1, math.inf),
    valid=lambda p: (p > 0) & (p <= 1),
)
nbinom = Discrete(
    "nbinom",
    "a negative binomial variable",
    lambda k, n, p: (
        special.xlog1py(k, -p) + n * np.log(p) - special.betaln(n, k + 1) - np.log(n + k)
    ),
    cdf=lambda k, n, p: special.betainc(n, k + 1, p),
    sf=lambda k, n, p: special.betaincc(n, k + 1, p),
    support=COUNTING,
    valid=lambda n, p: (n > 0) & (p > 0) & (p <= 1),
)
poisson = Discrete(
    "poisson",
    "a Poisson variable",
    lambda k, mu: special.xlogy(k, mu) - mu - special.gammaln(k + 1),
    cdf=lambda k, mu: special.pdtr(k, mu),
    sf=lambda k, mu: special.pdtrc(k, mu),
    support=COUNTING,
    valid=lambda mu: mu >= 0,
)

"""The functions of a distribution, from the formulas of its standard form. Floor 9.

A distribution is declared by log p(z) within its support, P(Z <= z) and P(Z > z), in NumPy and the
ufuncs of scipy.special. The names of their parameters after the first are those of the shapes. What
follows from them: location and scale, the support, NaN for parameters that are none, logarithms.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from scipy import special

from ..errors import ArgumentError, NoRuleError, NoSuchNameError, where
from ..rule import names_of
from ..run import tracked
from ..tracing.recorder import varies
from .operands import floats, replaced, seen

if TYPE_CHECKING:
    from collections.abc import Callable

Formula = Any  # a function of the standard variable and the shape parameters
REAL_LINE = (-np.inf, np.inf)
TOLD = {
    "pdf": "Return the density of {} at x.",
    "logpdf": "Return the logarithm of the density of {} at x.",
    "pmf": "Return the probability of k for {}.",
    "logpmf": "Return the logarithm of the probability of k for {}.",
    "cdf": "Return the probability that {} is at most {}.",
    "logcdf": "Return the logarithm of the probability that {} is at most {}.",
    "sf": "Return the probability that {} is more than {}.",
    "logsf": "Return the logarithm of the probability that {} is more than {}.",
}


def positive(*shapes: Any) -> Any:
    """Tell where all shape parameters are positive, as most of them must be."""
    valid: Any = np.True_
    for x in shapes:
        valid = valid & (x > 0)
    return valid


def log_of(p: Any, rest: Any) -> Any:
    """Return log(p) of probabilities that sum to 1: from the smaller one, which has the digits."""
    small = seen(p) < 0.5
    # xlogy(1, p) is log(p) without a warning where p is so small that it is 0
    log = special.xlogy(p.dtype.type(1), np.where(small, p, 1))
    return np.where(small, log, np.log1p(-np.where(small, 0, rest)))


class Distribution(ABC):
    """What continuous and discrete distributions share.

    Parameters
    ----------
    name : str
        That of scipy.stats.
    about : str
        What a variable of this distribution is, in words.
    logdensity, cdf, sf, logcdf, logsf : callable
        log p(z), P(Z <= z), P(Z > z) and their logarithms, which may follow.
    support : pair of numbers, or callable that gives it for shape parameters
        The least and the largest value.
    valid : callable
        Tells where the shape parameters are such; by default where they are positive.
    """

    densities: tuple[str, str]
    variable: str
    location: tuple[Parameter, ...]
    counts: tuple[str, ...] = ()  # parameters that are whole numbers

    def __init__(
        self,
        name: str,
        about: str,
        logdensity: Formula,
        cdf: Formula,
        sf: Formula,
        logcdf: Formula = None,
        logsf: Formula = None,
        support: Any = REAL_LINE,
        valid: Formula = positive,
    ) -> None:
        self.name, self.about, self.support, self.valid = name, about, support, valid
        self.shapes = names_of(logdensity)[1:]
        own = [Parameter(x, Parameter.POSITIONAL_OR_KEYWORD) for x in (self.variable, *self.shapes)]
        self.signature = Signature([*own, *self.location])
        self.defaults = [p.default for p in self.signature.parameters.values()]
        self.cdf = self.public("cdf", self.cumulative(cdf, 0, 1))
        self.sf = self.public("sf", self.cumulative(sf, 1, 0))
        logcdf = logcdf or (lambda *z: log_of(cdf(*z), sf(*z)))
        logsf = logsf or (lambda *z: log_of(sf(*z), cdf(*z)))
        self.logcdf = self.public("logcdf", self.cumulative(logcdf, -np.inf, 0))
        self.logsf = self.public("logsf", self.cumulative(logsf, 0, -np.inf))
        self.__module__ = "micrograd_np.stats"
        self.__doc__ = (
            f"The distribution of {about}, as in scipy.stats.\n\nIts functions are "
            f"{', '.join(f'``{f}``' for f in self.names())}, of ``{str(self.signature)[1:-1]}``.\n"
        )

    @abstractmethod
    def standard(self, x: Any, *parameters: Any) -> tuple[Any, list[Any]]:
        """Return the standard variable and the parameters of its density, NaN where invalid."""

    @abstractmethod
    def beyond(self, z: Any, low: Any, high: Any) -> tuple[Any, Any]:
        """Tell where P(Z <= z) is 0, and where it is 1, for sure."""

    @abstractmethod
    def outside(self, z: Any, low: Any, high: Any) -> Any:
        """Tell where no value lies."""

    @abstractmethod
    def inner(self, low: Any) -> Any:
        """Return a value within the support: formulas are computed there in place of outside."""

    @abstractmethod
    def step(self, z: Any) -> Any:
        """Return the largest value there may be up to z."""

    def ends(self, shapes: list[Any]) -> Any:
        """Return the least and the largest value."""
        return self.support(*shapes) if callable(self.support) else self.support

    def within(self, density: Formula, otherwise: float) -> Formula:
        """Return a function that is given by a formula within the support."""

        def function(x: Any, *given: Any) -> Any:
            z, parameters = self.standard(x, *given)
            if self.support is REAL_LINE:
                return density(z, *parameters)
            low, high = self.ends(parameters[: len(self.shapes)])
            outside = self.outside(seen(z), seen(low), seen(high))
            value = density(replaced(z, outside, self.inner(low)), *parameters)
            return replaced(value, outside, otherwise)

        return function

    def cumulative(self, formula: Formula, before: float, after: float) -> Formula:
        """Return a function that is given by a formula between the ends of the support."""

        def function(x: Any, *given: Any) -> Any:
            z, parameters = self.standard(x, *given)
            shapes = parameters[: len(self.shapes)]
            if self.support is REAL_LINE:
                return formula(z, *shapes)
            low, high = self.ends(shapes)
            below, above = self.beyond(seen(z), seen(low), seen(high))
            inside = self.step(replaced(z, below | above, self.inner(low)))
            value = formula(inside, *shapes)
            return replaced(replaced(value, below, before), above, after)

        return function

    def public(self, name: str, function: Formula) -> Callable[..., Any]:
        """Return a function of the distribution as users call it."""
        title = f"{self.name}.{name}"

        def called(*args: Any, **kwargs: Any) -> Any:
            values = self.arguments(title, args, kwargs)
            self.check(title, values)
            out = function(*floats(title, values))
            return out[()] if type(out) is np.ndarray else out

        called.__name__, called.__qualname__ = name, title
        called.__module__ = "micrograd_np.stats"
        called.__doc__ = TOLD[name].format(self.about, self.variable)
        called.__signature__ = self.signature  # type: ignore[attr-defined]
        return called

    def arguments(self, title: str, args: Any, kwargs: dict[str, Any]) -> Any:
        """Return the arguments of a call, all of them and in order."""
        left = self.defaults[len(args) :]
        if not kwargs and Parameter.empty not in left and len(args) <= len(self.defaults):
            return (*args, *left)
        try:
            call = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise ArgumentError(f"{title}{self.signature}: {error}{where()}.") from None
        call.apply_defaults()
        return call.args

    def check(self, title: str, values: Any) -> None:
        """Refuse to differentiate with respect to what counts."""
        for name, x in zip(self.signature.parameters, values, strict=True):
            if name in self.counts and tracked(x) and varies(x._node):
                raise NoRuleError(
                    f"{title}: {name} is a whole number, by which there is no derivative{where()}. "
                    f"Pass it as integers, or {name}.detach()."
                )

    def names(self) -> list[str]:
        """Return the names of the functions there are."""
        return [*self.densities, "cdf", "logcdf", "sf", "logsf"]

    def __repr__(self) -> str:
        return f"<{self.about}: mg.stats.{self.name}.{self.names()[0]}{self.signature} and others>"

    def __call__(self, *parameters: Any, **named: Any) -> NoReturn:
        """Refuse to hold parameters, as SciPy's distributions do."""
        raise ArgumentError(
            f"mg.stats.{self.name} holds no parameters{where()}. Pass them to its functions: "
            f"{self.name}.{self.densities[1]}{self.signature}."
        )

    def __reduce__(self) -> str:
        return self.name  # a copy is the distribution itself

    def __getattr__(self, name: str) -> Any:
        raise NoSuchNameError(
            f"mg.stats.{self.name} has no attribute {name!r}. It has {', '.join(self.names())}; "
            f"for what needs no gradient there is scipy.stats.{self.name}.",
            name=name,
        )

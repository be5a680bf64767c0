"""`mg.jit`: a function is traced once, and from then on runs as generated code. Floor 9."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from functools import update_wrapper, wraps
from threading import Lock
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import check_function, parameter_names, signature, suggesting, title
from ..calls.handle import Handle, result
from ..errors import ArgumentError, CompileWarning, warn, where
from ..modes import running, tracing
from ..run import tracked
from ..tensor import Tensor
from ..tree import LEAVES, flatten, map_leaves
from .results import MISS
from .signature import exactly, fixed, is_traced, normal
from .variant import Variant
from .whole import NotOneNumberError, Whole, recording_plainly, with_gradients

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..tracing.program import Program

Key = tuple[Any, ...]  # names of arguments, static ones in words and themselves; () if plain

BACKENDS = ("auto", "numpy", "python", "numba")
MANY = 8  # signatures that a function is compiled for before that is worth a warning
MOST = 64  # signatures that are remembered


@suggesting
def jit(
    f: Callable[..., Any] | None = None,
    *,
    static_argnames: str | Sequence[str] = (),
    donate_argnames: str | Sequence[str] = (),
    backend: str = "auto",
    fast_math: bool = False,
) -> Any:
    """Return f compiled: it is run once to see what it does, and from then on runs what it did.

    Parameters
    ----------
    f : callable
        Of arrays, numbers and trees of them, for example the result of `value_and_grad`.
    static_argnames : str or sequence of str
        Parameters whose values decide what is computed: a number of steps, an axis, a flag. For
        each value the function is traced anew. bool, str, None and functions always are.
    donate_argnames : str or sequence of str
        Parameters whose arrays are given up: results of the same shape and dtype, in order, may be
        written to them. For weights that a step replaces; it saves making new arrays.
    backend : {"auto", "numpy", "python", "numba"}
        What runs the code: NumPy; plain Python numbers, for programs of a few dozen entries, where
        they are several times faster; the same made native by numba; or what suits the program.
    fast_math : bool
        Whether to simplify as if numbers were real: x * 0 is 0, sums are regrouped.

    Returns
    -------
    callable
        With f's arguments. Its results are fresh arrays, or Tensors for Tensors. ``signatures``
        tells what it was compiled for, ``source`` shows what it computes as NumPy, ``program`` is
        that as data.

    Raises
    ------
    TracingError
        If f asks for a value that is not known before the code runs.

    Notes
    -----
    f is traced again for arguments of other shapes, dtypes or structure. What it does besides
    computing (printing, changing a list) happens only then, and what it computes prints as
    ``Traced<float64[3]>``. Arrays and numbers it does not get as arguments are compiled in as they
    were. Inside `grad` and its kin f itself runs, so gradients pass; compile the outermost
    function.

    Called with Tensors that require a gradient, a function that returns one number is compiled
    together with its gradient and becomes one operation of the graph: ``backward`` finds the
    gradients of the arguments ready. Any other function, and all under `no_grad`, runs itself.

    Examples
    --------
    >>> step = mg.jit(mg.grad(lambda w: np.sum(w**2)))
    >>> step(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> step.signatures
    ['float64[2]']
    """
    if backend not in BACKENDS:
        raise ArgumentError(f"jit: backend is one of {BACKENDS}, not {backend!r}{where()}.")
    options = static_argnames, donate_argnames, backend, fast_math
    if f is None:
        return lambda f: Jitted(f, *options)
    check_function(f, "jit")
    return Jitted(f, *options)


class Jitted:
    """A compiled function: the one that `jit` returns."""

    def __init__(
        self,
        f: Callable[..., Any],
        static: str | Sequence[str],
        donated: str | Sequence[str],
        backend: str,
        fast_math: bool,
    ) -> None:
        check_function(f, "jit")
        update_wrapper(self, f)
        self.function, self.backend, self.fast_math = f, backend, fast_math
        self.static = parameters_of(f, static)
        self.donated = parameters_of(f, donated)
        self.variants: list[Variant] = []
        self.compiled = 0
        self.warned = False
        self.lock = Lock()
        self.newest: tuple[int, Callable[..., Any]] = -1, f  # its arguments, and the code
        self.rule: Whole | None = Whole(f)  # of f as one operation; None: f gives no one number
        self.differentiated: dict[tuple[int, ...], Jitted] = {}  # f and its gradients, by leaves

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns."""
        count, newest = self.newest
        if len(args) == count and not kwargs:
            out = newest(*args)
            if out is not MISS:
                return out
        return self.again(args, kwargs)

    def __get__(self, owner: Any, _: Any = None) -> Any:
        return self if owner is None else MethodType(self, owner)

    def __reduce__(self) -> Any:
        """Copy and pickle it as what it was made of; a copy is compiled anew."""
        options = self.static, self.donated, self.backend, self.fast_math
        return type(self), (self.function, *options)

    def again(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call with arguments other than the last ones: find their code, or make it."""
        if tracing() is not None or running.get() is not None:
            return self.function(*args, **kwargs)
        leaves, rebuild = flatten((args, kwargs))
        tensors = [x for x in leaves if isinstance(x, Handle)]
        if any(x._node is not None for x in tensors):
            return self.recorded(args, kwargs, leaves, rebuild)
        args, kwargs = rebuild([normal(x) for x in leaves])
        out = self.found(*self.arranged(args, kwargs))
        return map_leaves(as_tensor, out) if tensors else out

    def recorded(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[Any], rebuild: Any
    ) -> Any:
        """Call with Tensors that require a gradient: one operation, if f gives one number."""
        if self.rule is None or not recording_plainly():
            return self.function(*args, **kwargs)
        if kwargs or self.static:
            call = self.bound(args, kwargs)
            args, kwargs = call.args, call.kwargs
            leaves, rebuild = flatten((args, kwargs))
        places = tuple([i for i, x in enumerate(leaves) if tracked(x)])
        both = self.differentiated.get(places)
        if both is None:
            f = with_gradients(self.function, places)
            both = Jitted(f, self.static, (), self.backend, self.fast_math)
            self.differentiated[places] = both
        plain, named = rebuild([x._value if isinstance(x, Handle) else x for x in leaves])
        try:
            value, gradients = both(*plain, **named)
        except NotOneNumberError:
            self.rule = None
            return self.function(*args, **kwargs)
        if not kwargs:
            self.newest = len(args), self.operation
        return self.rule.record([leaves[i] for i in places], value, gradients)

    def operation(self, *args: Any) -> Any:
        """Do the same in short, for arguments that are no trees; MISS if it is not that easy."""
        if not (LEAVES.issuperset(map(type, args)) and recording_plainly()):
            return MISS
        places = tuple([i for i, x in enumerate(args) if type(x) is Tensor and x._node is not None])
        both, rule = self.differentiated.get(places), self.rule
        if both is None or rule is None:
            return MISS
        value, gradients = both(*[x._value if type(x) is Tensor else x for x in args])
        return rule.record([args[i] for i in places], value, gradients)

    def arranged(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Key, Any]:
        """Return what a call is told by besides arrays, and the arguments to trace."""
        if not kwargs and not self.static:
            return (), args
        given = self.bound(args, kwargs).arguments
        static = tuple([(name, fixed(name, x)) for name, x in given.items() if name in self.static])
        rest = tuple([given[x] for x in given if x not in self.static])
        return (tuple(given), exactly(static), static), rest

    def bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
        """Return the arguments of a call by the names of the parameters, with their defaults."""
        try:
            call = signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{title(self.function)}(): {error}{where()}") from None
        call.apply_defaults()
        return call

    def called(self, key: Key) -> Callable[..., Any]:
        """Return the function as one of the arguments to trace alone."""
        if not key:
            return self.function
        names, static = key[0], dict(key[-1])
        known = signature(self.function)

        @wraps(self.function)
        def f(*args: Any) -> Any:
            rest = iter(args)
            given = {name: static[name] if name in static else next(rest) for name in names}
            call = inspect.BoundArguments(known, OrderedDict(given))
            return self.function(*call.args, **call.kwargs)

        return f

    def given_up(self, key: Key, args: tuple[Any, ...]) -> tuple[int, ...]:
        """Return which of the traced leaves belong to donated parameters."""
        names = parameter_names(self.function)
        if key:
            static = dict(key[-1])
            names = [name for name in key[0] if name not in static]
        owners = [name for name, x in zip(names, args, strict=False) for _ in traced_leaves(x)]
        return tuple([i for i, name in enumerate(owners) if name in self.donated])

    def found(self, key: Key, args: tuple[Any, ...]) -> Any:
        """Return the result for these arguments, from code that is there or made now."""
        out = self.run(key, args)
        if out is MISS:
            with self.lock:
                out = self.run(key, args)  # another thread may have made it
                if out is MISS:
                    variant = Variant(
                        self.called(key),
                        args,
                        self.backend,
                        self.fast_math,
                        key,
                        self.given_up(key, args),
                    )
                    self.variants = [variant, *self.variants[: MOST - 1]]
                    self.compiled += 1
                    out = variant.call(*args)
                    self.remember(variant, len(args))
            self.warn_of_many()
        return out

    def run(self, key: Key, args: tuple[Any, ...]) -> Any:
        """Return the result from code that is there, or MISS."""
        for variant in self.variants:
            if variant.key == key and variant.args_count == len(args):
                out = variant.call(*args)
                if out is not MISS:
                    self.remember(variant, len(args))
                    return out
        return MISS

    def remember(self, variant: Variant, count: int) -> None:
        """Try this code first at the next call with positional arguments."""
        if not variant.key:
            self.newest = count, variant.call

    def warn_of_many(self) -> None:
        """Say so, once, if the function is compiled again and again."""
        if self.compiled <= MANY or self.warned:
            return
        self.warned = True
        recent = "; ".join(f"({variant.signature.words})" for variant in self.variants[:3])
        warn(
            f"{title(self.function)} was compiled for {self.compiled} kinds of arguments, the last "
            f"{recent}{where()}. Each takes milliseconds: keep shapes alike, and pass numbers that "
            "change as floats or arrays, not in static_argnames.",
            CompileWarning,
        )

    # What it is

    @property
    def signatures(self) -> list[str]:
        """The kinds of arguments that it was compiled for, the newest first; see `made`."""
        return [variant.signature.words for variant in self.made()]

    @property
    def source(self) -> str:
        """What the newest code computes, as the text of a NumPy function."""
        return self.latest().source

    @property
    def program(self) -> Program:
        """What the newest code computes, line by line."""
        return self.latest().program

    @property
    def backends(self) -> list[str]:
        """What runs the code of each signature: numpy, python or numba."""
        return [variant.backend for variant in self.made()]

    def made(self) -> list[Variant]:
        """Return all code there is: that for arrays, then that which gives gradients along."""
        inner = [variant for both in self.differentiated.values() for variant in both.variants]
        return self.variants + inner

    def latest(self) -> Variant:
        """Return the newest code; that for arrays, if there is some."""
        made = self.made()
        if not made:
            raise ArgumentError(
                f"{title(self.function)} was not called yet{where()}: it is compiled for the "
                "arguments of its first call."
            )
        return made[0]


def parameters_of(f: Callable[..., Any], chosen: str | Sequence[str]) -> tuple[str, ...]:
    """Return names of parameters, which the function must have."""
    names = parameter_names(f)
    several = np.iterable(chosen) and not isinstance(chosen, str)
    found: tuple[str, ...] = tuple(chosen) if several else (chosen,)  # type: ignore[assignment]  # told by np.iterable
    for name in found:
        if name not in names:
            raise ArgumentError(
                f"jit: {title(f)} has no parameter {name!r}{where()}. "
                f"Its parameters are {', '.join(names) or 'unknown'}."
            )
    return found


def traced_leaves(x: Any) -> list[Any]:
    """Return the leaves of an argument that are traced."""
    return [leaf for leaf in flatten(x)[0] if is_traced(leaf)]


def as_tensor(x: Any) -> Any:
    """Return an array of the result as a Tensor."""
    numbers = isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "biufc"
    return result(Tensor, x) if numbers else x

"""Which arguments of a function a transform differentiates with respect to. Floor 1."""

from __future__ import annotations

import inspect
import sys
from functools import wraps
from operator import index
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .errors import ArgumentError, unknown_argument, where

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")
Argnums = int | str | tuple[int | str, ...]
FIRST = tuple(range(16))  # the keys of the commonest choice, of arguments from the first on


class Choice:
    """The arguments of f that ``argnums`` chooses, in any call of it."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums) -> None:
        self.f = f
        self.single = not isinstance(argnums, tuple | list)
        self.names: Any = (argnums,) if self.single else tuple(argnums)  # type: ignore[arg-type]
        self.positions = all(type(name) is int and name >= 0 for name in self.names)
        if self.positions:
            self.unique(self.names)
        else:
            for name in self.names:
                check_argnum(name, argnums)
        self.reach = max(self.names, default=-1) + 1 if self.positions else 0

    def keys(self, args: Any, kwargs: dict[str, Any]) -> Any:
        """Return where the chosen arguments stand in a call: positions, or keywords."""
        if self.positions and len(args) >= self.reach:
            return self.names
        keys = [self._key(name, args, kwargs) for name in self.names]
        return self.unique(keys)

    def unique(self, keys: Any) -> Any:
        """Refuse an argument that was chosen twice."""
        if len(set(keys)) != len(keys):
            raise ArgumentError(f"argnums={self.names!r} chooses an argument twice{where()}.")
        return keys

    def _key(self, argnum: Any, args: Any, kwargs: dict[str, Any]) -> int | str:
        if isinstance(argnum, str):
            if argnum in kwargs:
                return argnum
            names = parameter_names(self.f)
            if argnum in names[: len(args)]:
                return names.index(argnum)
            raise ArgumentError(
                f"argnums={argnum!r}: no such argument was passed to {title(self.f)}{where()}. "
                f"Its parameters are {', '.join(names) or 'unknown'}."
            )
        count, position = len(args), int(argnum.__index__())
        if -count <= position < count:
            return position % count
        names = parameter_names(self.f)
        if 0 <= position < len(names) and names[position] in kwargs:
            return names[position]
        raise ArgumentError(
            f"argnums={position}, but {title(self.f)} was called with {count} positional "
            f"argument{'s' * (count != 1)}{where()}. "
            f"Pass a name to choose a keyword: {', '.join(names) or 'none known'}."
        )


def check_argnum(argnum: Any, argnums: Any) -> None:
    """Refuse what is neither a position nor a name: most often an argument of the function."""
    size = getattr(argnum, "ndim", 0)
    if isinstance(argnum, bool) or size or not (isinstance(argnum, str) or is_index(argnum)):
        raise ArgumentError(
            f"argnums must be positions or names, or a tuple of them, not {argnums!r}{where()}. "
            "Arguments come in a second call: grad(f)(x)."
        )


def is_index(x: Any) -> bool:
    """Tell whether x counts as a whole number."""
    try:
        index(x)
    except TypeError:
        return False
    return True


def replaced(
    args: Any, kwargs: dict[str, Any], keys: Any, values: Any
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments with these values in those places."""
    new_args, new_kwargs = list(args), kwargs
    if keys == FIRST[: len(keys)]:
        new_args[: len(keys)] = values
        return new_args, kwargs
    for key, value in zip(keys, values, strict=True):
        if type(key) is str:
            new_kwargs = {**new_kwargs, key: value}
        else:
            new_args[key] = value
    return new_args, new_kwargs


def signature(f: Callable[..., Any]) -> inspect.Signature:
    """Return what a function takes; annotations may name what is known to type checkers only."""
    if sys.version_info >= (3, 14):  # before, they were evaluated or not when f was defined
        from annotationlib import Format

        return inspect.signature(f, annotation_format=Format.FORWARDREF)
    return inspect.signature(f)


def parameter_names(f: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters; none if they cannot be known."""
    try:
        return list(signature(f).parameters)
    except (TypeError, ValueError):
        return []


def title(f: Any) -> str:
    """Return the function's name."""
    return getattr(f, "__name__", type(f).__name__)


AT_ONCE = {
    "vjp": "f, x", "jvp": "f, (x,), (t,)", "hvp": "f, x, t", "explain": "f, x",
    "check_grads": "f, x", "check_gradient": "f, formulas, x", "scan": "step, init, xs",
}  # fmt: skip  # what takes the function and its arguments together


def check_function(f: Any, transform: str) -> None:
    """Refuse what is no function: most often its result."""
    if not callable(f):
        right = f"{transform}({AT_ONCE.get(transform, 'f)(x')})"
        raise ArgumentError(
            f"{transform} needs a function, got {type(f).__name__}{where()}. "
            f"Did you call it: {transform}(f(x))? Write {right}."
        )


LATER = (GeneratorType, CoroutineType, AsyncGeneratorType)


def check_ran(out: Any, f: str = "f") -> None:
    """Refuse the result of a function that has not run yet: nothing was recorded of it."""
    if isinstance(out, LATER):
        raise ArgumentError(
            f"{f} returned a {type(out).__name__}, and what it computes runs later{where()}. "
            "Return arrays, np.stack([...]) of what it yields."
        )


def suggesting(f: Callable[P, R]) -> Callable[P, R]:
    """Return f so that it answers a misspelt keyword with the right one."""

    @wraps(f)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return f(*args, **kwargs)
        except TypeError:
            for name in kwargs.keys() - set(parameter_names(f)):
                raise unknown_argument(title(f), name, parameter_names(f)) from None
            raise

    return call


def as_tuple(x: Any) -> tuple[Any, ...]:
    """Return primals as a tuple; a lone one need not be in one."""
    return x if are_several(x) else (x,)


def are_several(x: Any) -> bool:
    """Tell whether primals are a tuple of arguments; a named tuple is one argument, a tree."""
    return isinstance(x, tuple) and not hasattr(x, "_fields")

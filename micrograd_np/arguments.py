"""Which arguments of a function a transform differentiates with respect to. Floor 1."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .errors import ArgumentError, where

if TYPE_CHECKING:
    from collections.abc import Callable

Argnums = int | str | tuple[int | str, ...]


class Chosen:
    """The chosen arguments of a call, and how to call again with others in their place."""

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: dict[str, Any], argnums: Argnums
    ) -> None:
        self.args, self.kwargs = args, kwargs
        self.single = not isinstance(argnums, tuple | list)
        names = (argnums,) if self.single else tuple(argnums)  # type: ignore[arg-type]
        self.keys = [self._place(f, name) for name in names]
        chosen = [args[key] if isinstance(key, int) else kwargs[key] for key in self.keys]
        self.values: Any = chosen[0] if self.single else tuple(chosen)

    def _place(self, f: Callable[..., Any], argnum: Any) -> int | str:
        """Return the position or the keyword under which the argument was passed."""
        if type(argnum) is int and 0 <= argnum < len(self.args):
            return argnum
        if isinstance(argnum, str):
            if argnum in self.kwargs:
                return argnum
            names = parameter_names(f)
            if argnum in names[: len(self.args)]:
                return names.index(argnum)
            raise ArgumentError(
                f"argnums={argnum!r}: no such argument was passed to {title(f)}{where()}. "
                f"Its parameters are {', '.join(names) or 'unknown'}."
            )
        if isinstance(argnum, bool) or not hasattr(argnum, "__index__"):
            raise ArgumentError(
                f"argnums must be positions or names, or a tuple of them, not {argnum!r}{where()}."
            )
        count, position = len(self.args), int(argnum.__index__())
        if -count <= position < count:
            return position % count
        names = parameter_names(f)
        if 0 <= position < len(names) and names[position] in self.kwargs:
            return names[position]
        raise ArgumentError(
            f"argnums={position}, but {title(f)} was called with {count} positional "
            f"argument{'s' * (count != 1)}{where()}. "
            f"Pass a name to choose a keyword: {', '.join(names) or 'none known'}."
        )

    def replaced(self, values: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments with these in the chosen places."""
        args, kwargs = list(self.args), dict(self.kwargs)
        for key, value in zip(self.keys, [values] if self.single else values, strict=True):
            if isinstance(key, int):
                args[key] = value
            else:
                kwargs[key] = value
        return args, kwargs


def parameter_names(f: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters; none if they cannot be known."""
    try:
        return list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return []


def title(f: Any) -> str:
    """Return the function's name."""
    return getattr(f, "__name__", type(f).__name__)


def check_function(f: Any, transform: str) -> None:
    """Refuse what is no function: most often its result."""
    if not callable(f):
        raise ArgumentError(
            f"{transform} needs a function, got {type(f).__name__}{where()}. "
            f"Did you call it: {transform}(f(x))? Write {transform}(f)(x)."
        )

"""What the leaves of arguments are called in messages: ``w``, ``p['b'][0]``. Floor 10."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ..arguments import parameter_names
from ..tree import branches

if TYPE_CHECKING:
    from collections.abc import Callable


def paths(tree: Any, name: str) -> list[str]:
    """Return the name of each leaf of a tree, in the order of its leaves.

    Examples
    --------
    >>> paths({"w": 1.0, "b": [2.0, 3.0]}, "p")
    ["p['w']", "p['b'][0]", "p['b'][1]"]
    """
    children, join = branches(tree)
    if join is None:
        return [name]
    steps = zip(children, _steps(tree, len(children)), strict=True)
    return [path for child, step in steps for path in paths(child, name + step)]


def _steps(tree: Any, count: int) -> list[str]:
    if isinstance(tree, dict):
        return [f"[{key!r}]" for key in tree]
    if hasattr(tree, "_fields"):
        return [f".{name}" for name in tree._fields]
    if dataclasses.is_dataclass(tree):
        return [f".{field.name}" for field in dataclasses.fields(tree) if field.init]
    return [f"[{i}]" for i in range(count)]


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return what to call the positional arguments of f."""
    names = [name for name in parameter_names(f) if name not in ("args", "kwargs", "xs")][:count]
    return names + [f"argument {i}" for i in range(len(names), count)]


def at(index: tuple[Any, ...]) -> str:
    """Return "[0, 2]" for an index, "" for that of a number."""
    return f"[{', '.join(str(int(i)) for i in index)}]" if index else ""

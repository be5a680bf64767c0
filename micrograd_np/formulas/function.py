"""A function at a point, recorded to be explained. Floor 9."""

from __future__ import annotations

import inspect
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import parameter_names, signature, title
from ..calls.handle import Handle, handle
from ..errors import ArgumentError, where
from ..graph import order_of
from ..tree import branches, flatten
from .bindings import Bindings
from .recording import Recording
from .subject import Subject, is_recorded

if TYPE_CHECKING:
    from collections.abc import Callable


def function_at(f: Callable[..., Any], args: Any, kwargs: Any, wrt: Any) -> Subject:
    """Record a function at a point: one run, with the branches that it takes there."""
    leaves, rebuild = flatten((args, kwargs))
    paths = argument_paths(f, args, kwargs)
    numeric = numeric_places(args, kwargs, wrt, is_numpys(f))
    with Recording() as recording:
        given = [recording.input(x) if i in numeric else x for i, x in enumerate(leaves)]
        bindings = Bindings(getattr(innermost(f), "__code__", None))
        out = bindings.run(f, *rebuild([handle(x) if is_recorded(x) else x for x in given]))
    named = list(zip(paths, given, strict=True))
    names = bindings.names({order_of(t._node): name for name, t in named if is_recorded(t)})
    outs, grow = flatten(out)
    out = grow([handle(x) if isinstance(x, Handle) else x for x in outs])
    recording.tensors = bindings.tensors | recording.tensors  # with each of several results
    recording.changes.give_back()
    variables = [(name, t) for name, t in named if is_recorded(t) and t.dtype.kind in "fc"]
    constants = {
        id(recording.constants[id(x)][1]): name
        for name, x in read_by(f).items()
        if id(x) in recording.constants
    }
    return Subject(recording, out, chosen(f, variables, leaves, wrt), names, constants)


def is_numpys(f: Any) -> bool:
    """Tell whether a function is NumPy's own: its keywords are no variables."""
    f = innermost(f)
    return isinstance(f, np.ufunc) or str(getattr(f, "__module__", "")).partition(".")[0] == "numpy"


def numeric_places(args: Any, kwargs: dict[str, Any], wrt: Any, numpys: bool) -> set[int]:
    """Return which leaves become inputs: arrays and floats, of keywords fewer."""
    asked = wrt if isinstance(wrt, tuple | list) else (wrt,)
    found: set[int] = set()
    at = 0
    for name, x in [*((None, x) for x in args), *kwargs.items()]:
        leaves, _ = flatten(x)
        usual = NUMERIC if name is None or name in asked else () if numpys else ARRAYS
        found |= {at + i for i, leaf in enumerate(leaves) if isinstance(leaf, usual)}
        at += len(leaves)
    return found


ARRAYS = (np.ndarray, Handle)
NUMERIC = (*ARRAYS, np.inexact, float, complex)


def innermost(f: Any) -> Any:
    """Return the function that wrappers, partial applications and objects call in the end."""
    for _ in range(20):
        inner = getattr(f, "__wrapped__", None) or getattr(f, "func", None)
        if not callable(inner):
            break
        f = inner
    call = type(f).__call__  # of an object that can be called
    return call if not hasattr(f, "__code__") and hasattr(call, "__code__") else f


def read_by(f: Any) -> dict[str, Any]:
    """Return the arrays that a function reads from around it, by name."""
    f = innermost(f)
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    cells = zip(code.co_freevars, getattr(f, "__closure__", None) or (), strict=False)
    around = {name: f.__globals__.get(name) for name in code.co_names}
    around |= {name: cell.cell_contents for name, cell in cells}
    return {name: x for name, x in around.items() if isinstance(x, np.ndarray)}


def argument_paths(f: Any, args: Any, kwargs: Any) -> list[str]:
    """Return what the leaves of arguments are called."""
    known = positional(f)[: len(args)]
    names = [*known, *[f"x_{i + 1}" for i in range(len(known), len(args))]]
    pairs = [*zip(names, args, strict=True), *kwargs.items()]
    return [path for name, x in pairs for path in paths(x, name)]


def positional(f: Any) -> list[str]:
    """Return the names of the parameters that a function takes one by one, by position."""
    try:
        parameters = signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in takewhile(lambda p: p.kind in kinds, parameters)]


def paths(tree: Any, name: str) -> list[str]:
    """Return what the leaves of an argument are called: by their keys, or with a number."""
    if isinstance(tree, Handle) and tree._name:
        return [tree._name]
    children, join = branches(tree)
    if join is None:
        return [name]
    keys = list(tree) if isinstance(tree, dict) else getattr(tree, "_fields", None)
    keys = keys or list(getattr(tree, "__dataclass_fields__", range(1, len(children) + 1)))
    return [
        path
        for key, child in zip(keys, children, strict=False)
        for path in paths(child, f"{name}_{key}" if isinstance(key, int) else str(key))
    ]


def chosen(f: Any, variables: list[tuple[str, Any]], leaves: Any, wrt: Any) -> Any:
    """Return the variables to differentiate by: named ones, else those that require a gradient."""
    if wrt is None:
        asked = {id(x) for x in leaves if is_recorded(x)}
        if not asked:
            return variables
        names = {x._name for x in leaves if id(x) in asked}
        return [(name, t) for name, t in variables if t._name in names] or variables
    wanted = wrt if isinstance(wrt, tuple | list) else (wrt,)
    known = dict(variables)
    parameters = parameter_names(f)
    found = []
    for name in wanted:
        name = parameters[name] if isinstance(name, int) and name < len(parameters) else name
        mine = [(key, t) for key, t in variables if key == name]
        if not mine:
            raise ArgumentError(
                f"explain: {title(f)} has no floating-point argument {name!r}{where()}. "
                f"It has {', '.join(known) or 'none'}."
            )
        found += mine
    return found

"""Tensors among the arguments of a call, and among its results. Floor 4."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InPlaceError, describe, where
from ..modes import tracing
from ..plan import like_tuple
from .handle import Handle, result


def handles(tree: Any) -> list[Handle]:
    """Return the Tensors among arguments."""
    if isinstance(tree, Handle):
        return [tree]
    if type(tree) is dict:
        tree = list(tree.values())
    if type(tree) in (list, tuple):
        return [t for x in tree for t in handles(x)]
    return []


def values(tree: Any) -> Any:
    """Return arguments with the values of Tensors, for functions that are recorded themselves."""
    return _without_tensors(tree, True)


def unwrap(tree: Any) -> Any:
    """Return arguments with the values of Tensors in place of the Tensors.

    What a compiled function computes has no value while it is traced: there it stays a Tensor.
    """
    return _without_tensors(tree, tracing() is None)


def as_values(x: Any) -> Any:
    """Return an array of the values of x; what a trace has not the values of stays a Tensor."""
    x = unwrap(x)
    return x if isinstance(x, Handle) else np.asarray(x)


def _without_tensors(tree: Any, all_of_them: bool) -> Any:
    if isinstance(tree, Handle):
        return tree._value if all_of_them or tree._node is None else tree
    if type(tree) in (list, tuple):
        return type(tree)(_without_tensors(x, all_of_them) for x in tree)
    if type(tree) is dict:
        return {key: _without_tensors(x, all_of_them) for key, x in tree.items()}
    return tree


def wrap(kind: type, value: Any) -> Any:
    """Return arrays among results as Tensors without a gradient."""
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return result(kind, value) if value.dtype.kind in "biufc" else value
    if isinstance(value, tuple | list):
        return like_tuple(value, [wrap(kind, x) for x in value])
    return value


def owned(tree: Any) -> Any:
    """Return a parameter as a node keeps it: arrays and lists are copied, nobody can change it."""
    if isinstance(tree, Handle):
        return unwrap(tree)
    if isinstance(tree, np.ndarray):
        return np.array(tree)
    if type(tree) in (list, tuple):
        return type(tree)(owned(x) for x in tree)
    if type(tree) is dict:
        return {key: owned(x) for key, x in tree.items()}
    return tree


def rebind(out: Any, t: Any) -> Any:
    """Let ``out``, a Tensor, be the result t from now on."""
    if not isinstance(out, Handle):
        raise InPlaceError(
            f"cannot write a Tensor into an ndarray in place: {describe(t)} into {describe(out)}"
            f"{where()}. Write b = b + t instead of b += t, and leave out= away; or let b be a "
            "Tensor from the start, mg.Tensor(np.zeros(...)) or np.zeros_like(t, shape=...)."
        )
    out._assign(t)  # type: ignore[attr-defined]
    return out

"""A handle: a value and the node that made it, passed from operation to operation. Floor 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array, float64, ndarray

from ..graph import leaf
from ..modes import tracing
from ..plan import spec_of
from .refusals import refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Callable


Call = Any  # a function of Tensors and other operands, giving a Tensor
new: Callable[[type], Any] = object.__new__


class Handle:
    """A value and the node that made it: what a user holds, and all that a user holds."""

    __slots__ = ("__weakref__", "_value", "_name", "_node")

    _value: Any  # an array, or a NumPy scalar if it has no axes: those are six times faster
    _node: Any  # a graph.Node; None: a constant
    _name: str | None


FLOAT64 = np.dtype(float64)
COMMON = {c: array(c, FLOAT64) for c in (-1, 0.5, 1, 2, 3, 4)}  # making one costs 140 ns


def constant(c: Any, x: Any) -> Any:  # noqa: C901, PLR0911 (one return for each type of operand)
    """Return an operand that is no Tensor as NumPy computes with it fastest beside the value x.

    A plain number becomes an array without axes, weak ones in the dtype of x as NumPy treats them.
    Types that would compute something else with ``*``, or lose the graph, are not accepted.
    """
    kind = type(c)
    if kind is float64:
        return array(c) if x.ndim else c
    if kind is float or kind is int:
        dtype = x.dtype
        if dtype is FLOAT64 and x.ndim:
            common = COMMON.get(c)
            return array(c, FLOAT64) if common is None else common
        if dtype.kind in "fc":
            return array(c, dtype) if x.ndim else dtype.type(c)
        return c
    if kind is ndarray:
        # NumPy computes the same of integers, but slowly, and so would each derivative
        counts = x.dtype is FLOAT64 and c.dtype.kind in "iub"
        return c.astype(FLOAT64) if counts else c
    if isinstance(c, np.generic):
        return c
    if kind is bool or kind is complex:
        return np.array(c, np.result_type(x.dtype, c))[()]
    if kind is list or kind is tuple or isinstance(c, np.memmap):
        return np.array(c)
    refuse_foreign(c)
    return NotImplemented


def own(x: Any) -> Any:
    """Return a constant that a node keeps as nobody can change it: a copy, if it is an array."""
    if type(x) is ndarray:
        return x.copy()
    return np.array(x) if isinstance(x, np.memmap) else x


def variable_node(data: Any, kept: Any = None) -> Any:
    """Return the node of a new variable of this value."""
    trace = tracing()
    return leaf(spec_of(data), kept) if trace is None else trace.variable(data)


def result(kind: type, data: Any) -> Any:
    """Return a Tensor without history."""
    t = new(kind)
    t._value, t._name, t._node = data, None, None
    return t


def handle(t: Any) -> Any:
    """Return another Tensor of the same value and node, which stays when t changes in place."""
    other = result(type(t), t._value)
    other._name, other._node = t._name, t._node
    return other

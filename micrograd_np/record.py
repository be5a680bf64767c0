"""Recording: calling a rule computes with NumPy and, where a gradient is needed, adds a node. Floor 1.

What passes from one operation to the next is a `Handle`: a value and the node that made it. The
calls are built once per rule, as closures that already know what to keep. `unary` and `binary` are
the fast ones, for functions of entries called without keywords; `apply` serves every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DetachError, failed, where
from .graph import new_order
from .modes import mode_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from .graph import Node
    from .rule import Rule

Call = Any  # a function of Tensors and other operands, giving a Tensor
new: Callable[[type], Any] = object.__new__


class Handle:
    """A value and the node that made it: what a user holds, and all that a user holds."""

    __slots__ = ("__weakref__", "_cell", "_data", "_name", "_node")

    _data: Any  # an array, or a NumPy scalar if it has no axes: those are six times faster
    _node: Node | None  # None: a constant
    _cell: list[Any]  # [gradient] once there is one; shared with the node
    _name: str | None


def constant(c: Any, x: Any) -> Any:
    """Return an operand that is no Tensor as NumPy computes with it fastest beside the value x.

    A plain number becomes an array without axes, weak ones in the dtype of x as NumPy treats them.
    Types that would compute something else with ``*`` or lose the graph are not accepted.
    """
    kind = type(c)
    if kind is float or kind is int:
        if x.dtype.kind not in "fc":
            return c
        return np.array(c, x.dtype) if x.ndim else x.dtype.type(c)
    if kind is np.float64:
        return np.array(c) if x.ndim else c
    if kind is np.ndarray or kind is bool or kind is complex or isinstance(c, np.generic):
        return c
    if kind is list or kind is tuple or isinstance(c, np.memmap):
        return np.array(c)
    return NotImplemented


def own(array: Any) -> Any:
    """Return a constant that a node keeps as nobody can change it: a copy, if it is an array."""
    return array.copy() if type(array) is np.ndarray else array


def result(kind: type, data: Any) -> Any:
    """Return a Tensor without history."""
    t = new(kind)
    t._data, t._name, t._cell, t._node = data, None, [], None
    return t


def unary(rule: Rule) -> Call:
    """Return the call of a function of the entries of one Tensor."""
    forward, plan = rule.forward, rule.plan((True,), full=False)
    (keep_x,), keep_out = plan.keeps, plan.keep_out

    def call(a: Any) -> Any:
        x, n = a._data, a._node
        try:
            data = forward(x)
        except Exception as error:
            raise failed(rule.name, (a,), error) from None
        t = new(type(a))
        t._data = data
        t._name = None
        t._cell = cell = []
        mode = mode_now()
        if n is None or (mode is not None and not mode.recording):
            t._node = None
        else:
            kept = (x if keep_x else None, data if keep_out else None)
            t._node = (new_order(), plan, kept, cell, mode and mode.scope, n)
        return t

    return call


def binary(rule: Rule) -> tuple[Call, Call]:
    """Return the calls of a function of the entries of two operands.

    The first has a Tensor on the left. The second has one on the right of something that is none,
    and takes it first, as Python's reflected operators do.
    """
    forward = rule.forward
    plans_left = rule.plan((True, False), full=False), rule.plan((True, False), full=True)
    plans_right = rule.plan((False, True), full=False), rule.plan((False, True), full=True)
    plans_both = rule.plan((True, True), full=False), rule.plan((True, True), full=True)
    own_left, own_right = plans_right[0].keeps[0], plans_left[0].keeps[1]

    def left(a: Any, b: Any) -> Any:
        x, kind = a._data, type(a)
        if type(b) is kind:
            return record(kind, a, b, x, b._data, a._node, b._node)
        y = constant(b, x)
        if y is NotImplemented:
            return y
        if own_right and y is b:
            y = own(y)
        return record(kind, a, b, x, y, a._node, None)

    def right(b: Any, a: Any) -> Any:
        y = b._data
        x = constant(a, y)
        if x is NotImplemented:
            return x
        if own_left and x is a:
            x = own(x)
        return record(type(b), a, b, x, y, None, b._node)

    def record(kind: Any, a: Any, b: Any, x: Any, y: Any, n: Any, m: Any) -> Any:
        try:
            data = forward(x, y)
        except Exception as error:
            raise failed(rule.name, (a, b), error) from None
        t = new(kind)
        t._data = data
        t._name = None
        t._cell = cell = []
        mode = mode_now()
        if mode is not None and not mode.recording:
            t._node = None
            return t
        if n is not None:
            if m is not None:
                plain, full = plans_both
                alike = x.shape == y.shape
            else:
                plain, full = plans_left
                alike = not y.ndim or x.shape == y.shape
                m = y if type(b) is kind else b
        elif m is not None:
            plain, full = plans_right
            alike = not x.ndim or x.shape == y.shape
            n = x if type(a) is kind else a
        else:
            t._node = None
            return t
        if alike and x.dtype is y.dtype:
            kept: Any = (
                x if plain.keep_x else None,
                y if plain.keep_y else None,
                data if plain.keep_out else None,
            )
        else:
            plain = full
            values = (
                x if plain.keep_x else None,
                y if plain.keep_y else None,
                data if plain.keep_out else None,
            )
            specs = ((x.shape, x.dtype), (y.shape, y.dtype), (data.shape, data.dtype))
            kept = (values, specs, NO_PARAMS)
        t._node = (new_order(), plain, kept, cell, mode and mode.scope, n, m)
        return t

    return left, right


NO_PARAMS: dict[str, Any] = {}


def apply(rule: Rule, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Call any rule on operands, of which at least one is a Tensor; record a node if one is tracked."""
    kind = next(type(x) for x in operands if isinstance(x, Handle))
    values, nodes = [], []
    for x in operands:
        if type(x) is kind:
            values.append(x._data)
            nodes.append(x._node)
        else:
            values.append(x)
            nodes.append(None)
    params = {name: plain(rule, name, value) for name, value in params.items()}
    try:
        data = rule.forward(*values, **params)
    except Exception as error:
        raise failed(rule.name, operands, error) from None
    mode = mode_now()
    t = result(kind, data)
    if mode is None or mode.recording:
        tracked = tuple([n is not None for n in nodes])
        if True in tracked:
            plan = rule.plan(tracked)
            t._node = (
                new_order(),
                plan,
                keep(plan, values, tracked, data, params),
                t._cell,
                mode and mode.scope,
                *[x if n is None else n for x, n in zip(values, nodes, strict=True)],
            )
    return t


def keep(plan: Any, values: Any, tracked: Any, data: Any, params: Any) -> Any:
    """Return what a node keeps, in the full layout."""
    kept = [
        (v if needs else own(v)) if k else None
        for v, k, needs in zip(values, plan.keeps, tracked, strict=True)
    ]
    kept.append(data if plan.keep_out else None)
    specs = [(v.shape, v.dtype) if hasattr(v, "shape") else None for v in (*values, data)]
    return (tuple(kept), tuple(specs), params)


def plain(rule: Rule, name: str, value: Any) -> Any:
    """Return a parameter as NumPy takes it; a Tensor that requires a gradient cannot be one."""
    if isinstance(value, Handle):
        if value._node is not None:
            raise DetachError(
                f"{rule.name}: the gradient does not pass through the argument {name!r}{where()}. "
                f"Pass {name}=t.detach() if it should not."
            )
        return value._data
    return value

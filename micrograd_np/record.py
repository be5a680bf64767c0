"""Recording: a call computes, and adds a node where a gradient is needed. Floor 4.

What passes from one operation to the next is a `Handle`: a value and the node that made it. The
calls are built once per rule, as closures that already know what to keep. `unary` and `binary` are
the fast ones, for functions of entries called without keywords; `apply` serves every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DtypeError, where
from .graph import leaf, new_order
from .modes import mode_now, tracing
from .plan import spec_of
from .refusals import failed, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Callable

    from .plan import Plan
    from .rule import Rule

Call = Any  # a function of Tensors and other operands, giving a Tensor
new: Callable[[type], Any] = object.__new__


class Handle:
    """A value and the node that made it: what a user holds, and all that a user holds."""

    __slots__ = ("__weakref__", "_value", "_name", "_node")

    _value: Any  # an array, or a NumPy scalar if it has no axes: those are six times faster
    _node: Any  # a graph.Node; None: a constant
    _name: str | None


FLOAT64 = np.dtype(np.float64)
COMMON = {c: np.array(c, FLOAT64) for c in (-1, 0.5, 1, 2, 3, 4)}  # making one costs 140 ns


def constant(c: Any, x: Any) -> Any:  # noqa: PLR0911 (one return for each type of operand)
    """Return an operand that is no Tensor as NumPy computes with it fastest beside the value x.

    A plain number becomes an array without axes, weak ones in the dtype of x as NumPy treats them.
    Types that would compute something else with ``*``, or lose the graph, are not accepted.
    """
    kind = type(c)
    if kind is float or kind is int:
        if not x.ndim:
            return x.dtype.type(c) if x.dtype.kind in "fc" else c
        if x.dtype is FLOAT64:
            common = COMMON.get(c)
            return np.array(c, FLOAT64) if common is None else common
        return np.array(c, x.dtype) if x.dtype.kind in "fc" else c
    if kind is np.float64:
        return np.array(c) if x.ndim else c
    if kind is np.ndarray or isinstance(c, np.generic):
        return c
    if kind is bool or kind is complex:
        return np.array(c, np.result_type(x.dtype, c))[()]
    if kind is list or kind is tuple or isinstance(c, np.memmap):
        return np.array(c)
    refuse_foreign(c)
    return NotImplemented


def own(array: Any) -> Any:
    """Return a constant that a node keeps as nobody can change it: a copy, if it is an array."""
    return array.copy() if type(array) is np.ndarray else array


def variable_node(data: Any) -> Any:
    """Return the node of a new variable of this value."""
    trace = tracing()
    return leaf() if trace is None else trace.variable(data)


def result(kind: type, data: Any) -> Any:
    """Return a Tensor without history."""
    t = new(kind)
    t._value, t._name, t._node = data, None, None
    return t


def unary(rule: Rule) -> Call:
    """Return the call of a function of the entries of one Tensor."""
    forward, plan = rule.forward, rule.plan((True,), full=False)
    keep_x, keep_out, bare = plan.keep_x, plan.keep_out, plan.bare

    def call(a: Any) -> Any:
        x, n = a._value, a._node
        try:
            data = forward(x)
        except Exception as error:
            raise failed(rule.name, (a,), error) from None
        t, mode = new(type(a)), mode_now()
        t._value, t._name = data, None
        if n is None or (mode is not None and not mode.recording):
            t._node = None
            if mode is not None and (recorder := mode.recorder(n is not None)) is not None:
                return recorder.apply(rule, (a,))
            return t
        kept = x if keep_x else data if keep_out else None
        if not bare:
            kept = (x if keep_x else None, data if keep_out else None)
        t._node = [new_order(), plan, kept, None, mode and mode.scope, n]
        return t

    return call


def binary(rule: Rule) -> tuple[Call, Call]:
    """Return the calls of a function of two operands, of their entries or a matrix product.

    The first has a Tensor on the left. The second has one on the right of something that is none,
    and takes it first, as Python's reflected operators do. Both are written out in full: one more
    call on this path is felt in every small network.
    """
    return tensor_left(rule), tensor_right(rule)


def tensor_left(rule: Rule) -> Call:  # noqa: C901, PLR0915 (written out: see binary)
    """Return the call whose left operand is a Tensor."""
    forward, product = rule.forward, rule.kind == "multilinear"
    only_left, only_right, both = (
        layouts(rule, tracked) for tracked in ((True, False), (False, True), (True, True))
    )
    keep_right = only_left[0].keep_y

    def left(a: Any, b: Any) -> Any:  # noqa: C901, PLR0912, PLR0915
        x, n, kind = a._value, a._node, type(a)
        if type(b) is kind:
            y, m = b._value, b._node
        else:
            y, m = constant(b, x), None
            if y is b:
                y = own(y) if keep_right else y
            elif y is NotImplemented:
                return y
            elif type(b) is list:
                b = y  # a node's operands are nodes if they are lists
        try:
            data = forward(x, y)
        except Exception as error:
            raise failed(rule.name, (a, b), error) from None
        t, mode = new(kind), mode_now()
        t._value, t._name = data, None
        if n is None is m or (mode is not None and not mode.recording):
            t._node = None
            if mode is not None and (recorder := mode.recorder(not (n is None is m))) is not None:
                return recorder.apply(rule, (a, b))
            return t
        if m is None:
            plan, full, bare, keep_x, keep_y, keep_out = only_left
            alike, m = not y.ndim, y if type(b) is kind else b
        elif n is None:
            plan, full, bare, keep_x, keep_y, keep_out = only_right
            alike, n = not x.ndim, x
        else:
            plan, full, bare, keep_x, keep_y, keep_out = both
            alike = product
        if x.dtype is not y.dtype or not (alike or product or x.shape == y.shape):
            plan, kept = full, keep_full(full, x, y, data)
        elif bare:
            kept = x if keep_x else y if keep_y else data if keep_out else None
        else:
            kept = x if keep_x else None, y if keep_y else None, data if keep_out else None
        t._node = [new_order(), plan, kept, None, mode and mode.scope, n, m]
        return t

    return left


def tensor_right(rule: Rule) -> Call:  # noqa: C901, PLR0915 (written out: see binary)
    """Return the call whose right operand, given first, is a Tensor and whose left one is none."""
    forward, product = rule.forward, rule.kind == "multilinear"
    plan, full, bare, keep_x, keep_y, keep_out = layouts(rule, (False, True))

    def right(b: Any, a: Any) -> Any:  # noqa: C901 (written out: see binary)
        y, m = b._value, b._node
        x = constant(a, y)
        if x is a:
            x = own(x) if keep_x else x
        elif x is NotImplemented:
            return x
        elif type(a) is list:
            a = x  # a node's operands are nodes if they are lists
        try:
            data = forward(x, y)
        except Exception as error:
            raise failed(rule.name, (a, b), error) from None
        t, mode = new(type(b)), mode_now()
        t._value, t._name = data, None
        if m is None or (mode is not None and not mode.recording):
            t._node = None
            if mode is not None and (recorder := mode.recorder(m is not None)) is not None:
                return recorder.apply(rule, (a, b))
            return t
        if x.dtype is not y.dtype or not (not x.ndim or product or x.shape == y.shape):
            kept, scope = keep_full(full, x, y, data), mode and mode.scope
            t._node = [new_order(), full, kept, None, scope, a, m]
            return t
        if bare:
            kept = x if keep_x else y if keep_y else data if keep_out else None
        else:
            kept = x if keep_x else None, y if keep_y else None, data if keep_out else None
        t._node = [new_order(), plan, kept, None, mode and mode.scope, a, m]
        return t

    return right


def layouts(rule: Rule, tracked: tuple[bool, bool]) -> tuple[Any, ...]:
    """Return what a call needs to record two operands: both plans, and what the short one keeps."""
    short, full = rule.plan(tracked, full=False), rule.plan(tracked)
    return short, full, short.bare, short.keep_x, short.keep_y, short.keep_out


def keep_short(plan: Plan, x: Any, y: Any, out: Any) -> Any:
    """Return what a node of two operands keeps in the short layout."""
    return x if plan.keep_x else None, y if plan.keep_y else None, out if plan.keep_out else None


def keep_full(plan: Plan, x: Any, y: Any, out: Any) -> Any:
    """Return what a node of two operands keeps in the full layout."""
    if out.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    specs = (x.shape, x.dtype), (y.shape, y.dtype), (out.shape, out.dtype)
    return keep_short(plan, x, y, out), specs, NO_PARAMS


def no_objects(name: str) -> DtypeError:
    """Return the error for an operand that holds Python objects."""
    return DtypeError(
        f"{name}: an operand is an array of Python objects{where()}, which has no gradient. "
        "Join Tensors with np.stack or mg.array, and make numbers floats."
    )


NO_PARAMS: dict[str, Any] = {}


ALONE = (True,)


def apply_one(rule: Rule, a: Any, params: dict[str, Any]) -> Any:
    """Call a rule of one operand, a Tensor; the short form of ``apply``."""
    x, n, mode = a._value, a._node, mode_now()
    if mode is not None and (recorder := mode.recorder(True)) is not None:
        return recorder.apply(rule, (a,), params)
    try:
        data = rule.forward(x, **params) if params else rule.forward(x)
    except Exception as error:
        raise failed(rule.name, (a,), error) from None
    t = new(type(a))
    t._value, t._name = data, None
    if n is None or (mode is not None and not mode.recording):
        t._node = None
        return t
    plan = rule.plan(ALONE)
    values = (x if plan.keep_x else None, data if plan.keep_out else None)
    kept = values, (spec_of(x), (data.shape, data.dtype)), params
    t._node = [new_order(), plan, kept, None, mode and mode.scope, n]
    return t


def apply(rule: Rule, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Call any rule on operands, of which at least one is a Tensor; record it if one is tracked."""
    values, nodes, kind, mode = [], [], Handle, mode_now()
    if mode is not None and (recorder := mode.recorder(True)) is not None:
        return recorder.apply(rule, operands, params)
    for x in operands:
        if isinstance(x, Handle):
            values.append(x._value)
            nodes.append(x._node)
            kind = type(x)
        else:
            values.append(np.array(x) if type(x) in (list, tuple) else own(x))
            nodes.append(None)
    try:
        data = rule.forward(*values, **params)
    except Exception as error:
        raise failed(rule.name, operands, error) from None
    t = result(kind, data)
    tracked = tuple([n is not None for n in nodes])
    if True not in tracked or (mode is not None and not mode.recording):
        return t
    plan = rule.plan(tracked)
    kept = keep(plan, values, data, params)
    if False in tracked:
        constants = [
            x if type(x) in (np.ndarray, float, np.float64) else v
            for x, v in zip(operands, values, strict=True)
        ]
        nodes = [c if n is None else n for n, c in zip(nodes, constants, strict=True)]
    t._node = [new_order(), plan, kept, None, mode and mode.scope, *nodes]
    return t


def keep(plan: Plan, values: Any, data: Any, params: dict[str, Any]) -> Any:
    """Return what a node keeps in the full layout: values, shapes and dtypes, parameters."""
    if not plan.rule.several and data.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    kept = [v if k else None for v, k in zip(values, plan.keeps, strict=True)]
    kept.append(data if plan.keep_out else None)
    return tuple(kept), tuple([spec_of(v) for v in (*values, data)]), params

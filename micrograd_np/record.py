"""Recording: a call computes, and adds a node where a gradient is needed. Floor 4.

What passes from one operation to the next is a `Handle`: a value and the node that made it. The
calls are built once per rule, as closures that already know what to keep. `unary` and `binary` are
the fast ones, for functions of entries called without keywords; `apply` serves every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array, float64, ndarray

from .errors import DtypeError, where
from .graph import SPEC, leaf, new_order
from .modes import mode_now, tracing
from .plan import SCALAR, spec_of
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
            kept = (x, data)
        t._node = [new_order(), plan, kept, n[SPEC], None, mode and mode.scope, n]
        return t

    return call


TRACKED = (True, False), (False, True), (True, True)  # which of two operands have a node


def binary(rule: Rule) -> tuple[Call, Call]:
    """Return the calls of a function of the entries of two operands.

    The first has a Tensor on the left. The second has one on the right of something that is none,
    and takes it first, as Python's reflected operators do. Both are written out in full: one more
    call on this path is felt in every small network.
    """
    return tensor_left(rule), tensor_right(rule)


def tensor_left(rule: Rule) -> Call:  # noqa: C901, PLR0915 (written out: see binary)
    """Return the call whose left operand is a Tensor."""
    forward = rule.forward
    only_left, only_right, both = (layouts(rule, tracked) for tracked in TRACKED)
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
                b = y if tracing() is None else tuple(b)  # nodes are lists, no operand else is
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
            spec, m = n[SPEC], y if type(b) is kind else b
            alike = y.dtype is spec[1] and (not y.ndim or y.shape == spec[0])
        elif n is None:
            plan, full, bare, keep_x, keep_y, keep_out = only_right
            spec, n = m[SPEC], x
            alike = x.dtype is spec[1] and (not x.ndim or x.shape == spec[0])
        else:
            plan, full, bare, keep_x, keep_y, keep_out = both
            spec = n[SPEC]
            alike = spec is m[SPEC] or spec == m[SPEC]
        if not alike:
            plan, spec = full, (data.shape, data.dtype)
            kept = keep_full(full, x, y, data, spec)
        elif bare:
            kept = x if keep_x else y if keep_y else data if keep_out else None
        else:
            kept = x if keep_x else None, y if keep_y else None, data if keep_out else None
        t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, n, m]
        return t

    return left


def tensor_right(rule: Rule) -> Call:  # noqa: C901, PLR0915 (written out: see binary)
    """Return the call whose right operand, given first, is a Tensor and whose left one is none."""
    forward = rule.forward
    short, full, bare, keep_x, keep_y, keep_out = layouts(rule, (False, True))

    def right(b: Any, a: Any) -> Any:  # noqa: C901 (written out: see binary)
        y, m = b._value, b._node
        x = constant(a, y)
        if x is a:
            x = own(x) if keep_x else x
        elif x is NotImplemented:
            return x
        elif type(a) is list:
            a = x if tracing() is None else tuple(a)  # nodes are lists, no operand else is
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
        plan, spec = short, m[SPEC]
        if x.dtype is not spec[1] or (x.ndim and x.shape != spec[0]):
            plan, spec = full, (data.shape, data.dtype)
            kept = keep_full(full, x, y, data, spec)
        elif bare:
            kept = x if keep_x else y if keep_y else data if keep_out else None
        else:
            kept = x if keep_x else None, y if keep_y else None, data if keep_out else None
        t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, a, m]
        return t

    return right


def product(  # noqa: C901, PLR0915 (written out: see binary)
    rule: Rule, otherwise: Call
) -> Call:
    """Return the call of a product of vectors and matrices, which are never broadcast.

    ``otherwise`` serves operands of other numbers of axes, and of other types.
    """
    forward = rule.forward
    only_left, only_right, both = (layouts(rule, tracked) for tracked in TRACKED)

    def call(a: Any, b: Any) -> Any:  # noqa: C901, PLR0912, PLR0915 (written out: see binary)
        if type(a) is type(b) and isinstance(a, Handle):
            x, n, y, m = a._value, a._node, b._value, b._node
        elif type(b) is ndarray and isinstance(a, Handle):
            x, n, y, m = a._value, a._node, b, None
        elif type(a) is ndarray and isinstance(b, Handle):
            x, n, y, m = a, None, b._value, b._node
        else:
            x, y = (a, b._value) if isinstance(b, Handle) else (b, a._value)
            return NotImplemented if constant(x, y) is NotImplemented else otherwise(a, b)
        if not 0 < x.ndim < 3 > y.ndim > 0:
            return otherwise(a, b)
        try:
            data = forward(x, y)
        except Exception as error:
            raise failed(rule.name, (a, b), error) from None
        t, mode = new(type(b) if x is a else type(a)), mode_now()
        t._value, t._name = data, None
        if n is None is m or (mode is not None and not mode.recording):
            t._node = None
            if mode is not None and (recorder := mode.recorder(not (n is None is m))) is not None:
                return recorder.apply(rule, (a, b))
            return t
        if m is None:
            plan, full, bare, keep_x, _, _ = only_left
            y, m = (own(y), y) if y is b else (y, y)
        elif n is None:
            plan, full, bare, keep_x, _, _ = only_right
            x, n = (own(x), x) if x is a else (x, x)
        else:
            plan, full, bare, keep_x, _, _ = both
        spec = SCALAR if type(data) is float64 else (data.shape, data.dtype)
        if x.dtype is not y.dtype:
            plan, kept = full, keep_full(full, x, y, data, spec)
        elif bare:
            kept = x if keep_x else y
        else:
            kept = x, y, None
        t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, n, m]
        return t

    return call


def layouts(rule: Rule, tracked: tuple[bool, bool]) -> tuple[Any, ...]:
    """Return what a call needs to record two operands: both plans, and what the short one keeps."""
    short, full = rule.plan(tracked, full=False), rule.plan(tracked)
    return short, full, short.bare, short.keep_x, short.keep_y, short.keep_out


def keep_short(plan: Plan, x: Any, y: Any, out: Any) -> Any:
    """Return what a node of two operands keeps in the short layout."""
    return x if plan.keep_x else None, y if plan.keep_y else None, out if plan.keep_out else None


def keep_full(plan: Plan, x: Any, y: Any, out: Any, spec: Any) -> Any:
    """Return what a node of two operands keeps in the full layout."""
    if out.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    specs = (x.shape, x.dtype), (y.shape, y.dtype), spec
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
    spec = (data.shape, data.dtype)
    kept = values, (spec_of(x), spec), params
    t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, n]
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
    t._node = [new_order(), plan, kept, kept[1][-1], None, mode and mode.scope, *nodes]
    return t


def keep(plan: Plan, values: Any, data: Any, params: dict[str, Any]) -> Any:
    """Return what a node keeps in the full layout: values, shapes and dtypes, parameters."""
    if not plan.rule.several and data.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    kept = [v if k else None for v, k in zip(values, plan.keeps, strict=True)]
    kept.append(data if plan.keep_out else None)
    return tuple(kept), tuple([spec_of(v) for v in (*values, data)]), params

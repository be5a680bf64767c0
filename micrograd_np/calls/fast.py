"""The fast calls: of functions of entries without keywords, and products of matrices. Floor 4.

They are built once per rule, as closures that already know what to keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy import float64, ndarray

from ..graph import SPEC, new_order
from ..modes import mode_now, tracing
from ..plan import SCALAR
from .handle import Call, Handle, constant, new, own
from .recording import keep_full
from .refusals import failed

if TYPE_CHECKING:
    from ..rule import Rule


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

"""Changes in place: the handle moves on to a new node, history stays. Floor 6."""

from __future__ import annotations

import opcode
import sys
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from ..calls.handle import Handle, constant
from ..errors import DtypeError, InPlaceError, ShapeError, where
from ..graph import ALONE, ARGUMENT, COUNTED, KEPT, PLAN, SPEC, is_argument, is_leaf, is_node, step
from ..modes import OFF, mode_now
from ..rules.indexing import updated

if TYPE_CHECKING:
    from types import FrameType

STORES = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")
OURS = ALONE + 1  # a Tensor or a view holds it, and one variable here: nobody else sees it


def in_place(function: Any, writing: Any) -> Any:
    """Return the method for ``t += other`` and its like: t holds the result from now on.

    ``function`` makes a new array; ``writing`` writes into its left one, which is right where
    nothing is recorded and nothing but t refers to that array.
    """

    def method(t: Any, other: Any) -> Any:
        mode, node = mode_now(), t._node
        writes = mode is OFF or (mode is not None and mode.off)  # the first needs no call
        if writes and (node is None or (node[PLAN] is None and node[KEPT] is not ARGUMENT)):
            x = t._value
            y = other if type(other) is ndarray else numbers(other, x)
            if y is NotImplemented:
                return y
            if COUNTED and type(x) is ndarray and getrefcount(x) == OURS and x.base is None:
                try:
                    writing(x, y)
                    return t
                except (TypeError, ValueError):
                    pass  # it does not fit: what follows says so
            data = function(x, y)
            same = data.dtype is x.dtype and data.shape == x.shape
            if same and (node is not None or getattr(x, "base", None) is None):
                t._value = data
                return t
        new = function(t, other)
        # y[1:3] += 1 reaches here too, with a nameless view that Python then stores back into y;
        # what tells them apart is the instruction that takes the result
        if is_view(t) and _assigned_to_a_name(sys._getframe(1)):
            raise no_write_through(t)
        hold(t, new)
        return t

    return method


def numbers(other: Any, x: Any) -> Any:
    """Return the values of an operand."""
    return other._value if isinstance(other, Handle) else constant(other, x)


def assign(t: Handle, new: Any) -> None:
    """Do ``t[i] = v`` and ``out=t``: t holds the Tensor ``new`` from now on."""
    if is_view(t):
        raise no_write_through(t)
    hold(t, new)


def hold(t: Handle, new: Any) -> None:
    """Let t hold the value and the history of the Tensor ``new``, as a write in place would.

    Shape and dtype stay. A leaf that requires a gradient changes only where nothing is recorded,
    and stays that leaf; its graphs keep the old values. An argument of a function that a transform
    runs is the function's own, as a variable in a compiled one: under `no_grad` it becomes a
    constant, as ``w = w - step`` would make it.
    """
    old, node = t._value, t._node
    if new._node is not None and old.dtype.kind not in "fc" and takes_floats(new):
        raise DtypeError(
            f"a value that requires a gradient cannot be stored in a Tensor of {old.dtype}"
            f"{where()}: it would be rounded. Make that Tensor with dtype=float."
        )
    if new._value.dtype is not old.dtype:
        new = in_dtype(new, old.dtype)
    if new._value.shape != old.shape:
        raise ShapeError(
            f"a change in place keeps the shape {old.shape}, the new value has "
            f"{new._value.shape}{where()}. Write x = x + y for a result of another shape."
        )
    mode = mode_now()
    trace, off = (None, False) if mode is None else (mode.trace, mode.off)
    if trace is not None:
        trace.changes.note(t, new)
    if node is None or trace is not None or not is_leaf(node) or is_argument(node):
        t._value, t._node = new._value, new._node
        return
    if not off:
        name = f" {t._name!r}" if t._name else ""
        raise InPlaceError(
            f"the leaf{name} requires a gradient and cannot change while operations are "
            f"recorded{where()}. Update it inside `with mg.no_grad():`. To differentiate through "
            "the update, write w = w - step, which makes another Tensor."
        )
    t._value = new._value


def takes_floats(new: Any) -> bool:
    """Tell whether numbers that can have a gradient are stored; a trace records others as well."""
    made = step(new._node)
    written = made.operands if made.plan is not None and made.plan.rule.function is updated else ()
    dtypes = [x[SPEC][1] for x in written if is_node(x)]
    return any(dtype.kind in "fc" for dtype in (new._value.dtype, *dtypes))


def in_dtype(new: Any, dtype: Any) -> Any:
    """Return the new value in the dtype that the handle keeps, if NumPy would store it so."""
    if not np.can_cast(new._value.dtype, dtype, "same_kind"):
        raise DtypeError(
            f"cannot store {new._value.dtype} in a Tensor of {dtype} in place{where()}. "
            "Make it Tensor(..., dtype=float) if it should hold floats."
        )
    return new.astype(dtype)


def is_view(t: Handle) -> bool:
    """Tell whether t views another Tensor's values, so that NumPy would write through to it."""
    node, base = t._node, getattr(t._value, "base", None)
    if base is None:
        return False
    if COUNTED and type(base) is ndarray and getrefcount(base) == OURS:
        return False
    return node is None or (not is_leaf(node) and step(node).plan.rule.kind == "linear")


def no_write_through(t: Handle) -> InPlaceError:
    """Return the error for a write to a view."""
    of = "" if t._node is None else f" ({step(t._node).plan.rule.name})"
    return InPlaceError(
        f"this Tensor is a view{of} of another{where()}: NumPy would write through to it, a "
        "Tensor cannot. Write y[1:3] += 1 on the original, or v = v + 1 for a new value."
    )


def _assigned_to_a_name(frame: FrameType) -> bool:
    """Tell whether the running instruction's result goes straight to a variable."""
    code, at = frame.f_code.co_code, frame.f_lasti + 2
    while at < len(code) and opcode.opname[code[at]] == "CACHE":
        at += 2
    return at < len(code) and opcode.opname[code[at]].startswith(STORES)

"""Changes in place: the handle moves on to a new node, history stays. Floor 4."""

from __future__ import annotations

import opcode
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InPlaceError, ShapeError, where
from .graph import is_leaf, step
from .modes import mode_now

if TYPE_CHECKING:
    from .record import Handle

VIEWS = frozenset({"getitem", "reshape", "transpose", "squeeze", "ravel", "swapaxes", "moveaxis"})


def assign(t: Handle, new: Any) -> None:
    """Let t hold the value and the history of the Tensor ``new``, as a write in place would.

    Shape and dtype stay. A leaf that requires a gradient changes only where nothing is recorded,
    and stays that leaf; its graphs keep the old values.
    """
    old, data = t._data, new._data
    if np.shape(data) != np.shape(old):
        raise ShapeError(
            f"a change in place keeps the shape {np.shape(old)}, the new value has "
            f"{np.shape(data)}{where()}. Write x = x + y for a result of another shape."
        )
    if not np.can_cast(data.dtype, old.dtype, "same_kind"):
        raise TypeError(
            f"cannot store {data.dtype} in a Tensor of {old.dtype} in place{where()}. "
            "Make it Tensor(..., dtype=float) if it should hold floats."
        )
    mode = mode_now()
    recording = mode is None or mode.recording
    if t._node is not None and is_leaf(t._node):
        if recording:
            name = f" {t._name!r}" if t._name else ""
            raise InPlaceError(
                f"the leaf{name} requires a gradient and cannot change while operations are "
                f"recorded{where()}. Update it inside `with mg.no_grad():`, or write w = w - step."
            )
        t._data = data.astype(old.dtype)
        return
    if data.dtype != old.dtype:
        new = new.astype(old.dtype)
    t._data, t._node, t._cell = new._data, new._node, new._cell


def check_no_view(t: Handle) -> None:
    """Refuse ``v += 1`` where v views another Tensor: NumPy would write through, we cannot.

    ``y[1:3] += 1`` reaches here too, with a nameless view that Python then stores back into y;
    what tells them apart is the instruction that takes the result.
    """
    node = t._node
    if node is None or is_leaf(node) or step(node).plan.rule.name not in VIEWS:
        return
    if getattr(t._data, "base", None) is not None and _assigned_to_a_name(sys._getframe(3)):
        raise InPlaceError(
            f"this Tensor is a view ({step(node).plan.rule.name}) of another{where()}: NumPy would "
            "write through to it, a Tensor cannot. Write y[1:3] += 1 on the original, "
            "or v = v + 1 for a new value."
        )


def _assigned_to_a_name(frame: Any) -> bool:
    """Tell whether the running instruction's result goes straight to a variable."""
    code, at = frame.f_code.co_code, frame.f_lasti + 2
    while at < len(code) and opcode.opname[code[at]] == "CACHE":
        at += 2
    return at < len(code) and opcode.opname[code[at]].startswith(("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"))  # fmt: skip

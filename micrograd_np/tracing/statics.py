"""What must be known while a function is traced: axes, lengths, masks. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls.operands import handles
from ..errors import TracingError, where
from ..protocols.conversions import CURE, STATICALLY, is_traced, untold
from ..rules.indexing import getitem

if TYPE_CHECKING:
    from ..rule import Rule

STATIC = frozenset(
    {"shape", "axis", "axes", "axis1", "axis2", "source", "destination", "n", "s", "k"}
)
REPEATED = (
    "Only shapes and dtypes are known then. Write np.asarray([...]) * n to multiply; a number of "
    "times belongs in static_argnames."
)


def check_repeated(operands: Any) -> None:
    """Refuse a list times a number: numbers repeat it, and what stands for them would multiply."""
    for sequence, t in (operands, operands[::-1]):
        counts = type(sequence) in (list, tuple) and t._node is not None
        if counts and t._value.dtype.kind in "iu" and not t._value.ndim:
            raise untold(t, "repeating a list or tuple", REPEATED)


def check_shape(title: str, params: dict[str, Any]) -> None:
    """Refuse an axis or a length that is traced: a shape hangs on it."""
    for name in STATIC & params.keys():
        for t in handles(params[name]):
            if is_traced(t):
                raise untold(t, f"{title}({name}=...)", STATICALLY)


def check_static(rule: Rule, params: dict[str, Any]) -> None:
    """Refuse what a shape hangs on: an axis or a length, and a mask, which chooses entries."""
    check_shape(rule.name, params)
    if rule.function is getitem:
        for t in handles(params["index"]):
            if t._node is not None and t._value.dtype.kind == "b":
                raise TracingError(shape_hangs_on("x[mask]"))


def shape_hangs_on(what: str) -> str:
    """Return the message for a result whose shape hangs on values."""
    return (
        f"the shape of {what} hangs on the values of a Tensor{where()}, which a function has not "
        f"while it is compiled. {CURE}"
    )

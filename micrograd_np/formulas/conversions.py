"""Conversions: truths and integers among floats, as NumPy promotes them. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .terms import NUMBER, PRODUCT, SUM, Term

if TYPE_CHECKING:
    from .algebra import Algebra
    from .operation import Operation

ARITHMETIC = frozenset(
    {np.add, np.subtract, np.negative, np.multiply, np.divide, np.square, np.power, np.positive}
)
LOGICAL = {np.add: np.bitwise_or, np.multiply: np.bitwise_and}  # of truths


def promoted(o: Operation) -> Operation:
    """Return arithmetic on truths and integers as NumPy does it: in the dtype of the result."""
    if o.function not in ARITHMETIC:
        return o
    if o.dtype == np.bool_ and o.function in LOGICAL:
        return o._replace(function=LOGICAL[o.function])
    operands = o.args[:1] if o.function is np.power else o.args
    args = [converted(o.algebra, t, o.dtype) for t in operands]
    return o._replace(args=(*args, *o.args[len(args) :]))


def converted(algebra: Algebra, t: Term, dtype: Any) -> Term:
    """Return truths and integers in another dtype; of what they add up to, each of them."""
    if t.dtype is None or dtype is None or t.dtype == dtype or np.dtype(t.dtype).kind not in "biu":
        return t
    if t.op is np.astype and np.can_cast(t.args[0].dtype, t.dtype):
        return converted(algebra, t.args[0], dtype)
    args = [converted(algebra, x, dtype) for x in t.args] if t.dtype == np.int64 else []
    if t.op == SUM and args:
        return algebra.add(zip(t.params, args, strict=True), t.shape)
    if t.op == PRODUCT and args:
        return algebra.mul(t.params[0], zip(args, t.params[1], strict=True), t.shape)
    params = (("dtype", np.dtype(dtype)),)
    return algebra.term(np.astype, (t,), params, t.shape, np.dtype(dtype))


def cast(o: Operation) -> Term | None:
    """Return a term in another dtype, if it has not got it."""
    t = o.arg
    same = t.dtype is not None and np.dtype(o.params["dtype"]) == np.dtype(t.dtype)
    if same or t.op == NUMBER:
        return t
    return converted(o.algebra, t, o.dtype) if t.op is np.astype and o.dtype.kind in "fc" else None

"""Conditions, and what they choose, in their simplest form. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .conversions import converted
from .operation import split
from .terms import MINUS, SUM, Term

if TYPE_CHECKING:
    from .operation import Operation

OPPOSITES: dict[Any, Any] = {
    np.greater: np.less_equal, np.less_equal: np.greater, np.less: np.greater_equal,
    np.greater_equal: np.less, np.equal: np.not_equal, np.not_equal: np.equal,
}  # fmt: skip


def both(o: Operation) -> Term | None:
    """Return ``x & y``; True changes no condition."""
    left = [t for t in o.args if t.number is not True]
    if len(left) != 1 or left[0].dtype != np.bool_:
        return None
    return o.algebra.fit(left[0], o.shape)


def opposite(o: Operation) -> Term | None:
    """Return np.logical_not; two of them are none, of a condition."""
    t = o.arg
    if t.op in OPPOSITES and o.algebra.ordered:
        return o.algebra.term(OPPOSITES[t.op], t.args, t.params, t.shape, t.dtype)
    if t.op is not np.logical_not or t.args[0].dtype != np.bool_:
        return None
    return t.args[0]


def compared(o: Operation) -> Term | None:
    """Return x > y of multiples of one term, nowhere equal, by its sign: x > 0 for 2 * x > x."""
    (c, x), (d, y) = [split(o.algebra, t) for t in o.args]
    if x.op == SUM == y.op and o.algebra.opposite(y) is x:
        d, y = d.times(MINUS), x
    first = o.algebra.turned.get(x, x)
    if x is y is not first:  # of a sum and its opposite, one
        c, d, x, y = c.times(MINUS), d.times(MINUS), first, first
    difference, zero = c.plus(d.times(MINUS)), o.algebra.number(0)
    if x is not y or difference.num == 0 or isinstance(difference.num, complex):
        return None
    pair = (zero, x) if difference.negative else (x, zero)
    return o.algebra.term(np.greater, pair, (), o.shape, o.dtype)


def decided(o: Operation) -> Term | None:
    """Return what np.where chooses, if its condition is one truth that is known."""
    condition = o.params.get("condition")
    if not isinstance(condition, bool | np.bool_) or len(o.args) != 2:
        return None
    t = converted(o.algebra, o.args[0 if condition else 1], o.dtype)
    return o.algebra.fit(t, o.shape)

"""Composites that are read as they are called, where their body says less. Floor 5.

A composite is recorded as the functions of its body: of np.median, those that rank and take and mix
entries. A reader wants its name, and the derivative that a book has. Where one of these does not
fit, as with equal entries, the body is recorded as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..rule import General
from .readable import TIES, kinks, one_where
from .spread import count, spread, unreduced

if TYPE_CHECKING:
    from collections.abc import Callable


class Whole(NamedTuple):
    """The rule of a composite that is read as it is called, and whether that fits a call."""

    rule: General
    fits: Callable[..., bool]


named: dict[object, Whole] = {}


def reads(function, vjp, fits) -> None:
    """Note the vjp of a composite, and which calls of it are read so."""
    named[function] = Whole(General(function, (vjp,)), fits)


def is_square(x, offset=0):
    """Tell whether x is a single square matrix, which has such a diagonal."""
    return x.ndim == 2 and x.shape[0] == x.shape[1] > abs(offset)


reads(np.trace, lambda g, x: g * np.eye(len(x), dtype=x.dtype), is_square)
reads(np.diagonal, lambda g, x, offset=0: np.diag(g, offset), is_square)
reads(np.diag, lambda g, x, k=0: np.diag(g, k), lambda x, k=0: x.ndim == 1 or is_square(x, k))


def distinct(x, axis):
    """Tell whether entries that are ordered together are different numbers."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = [a % x.ndim for a in axes]
    rest = [a for a in range(x.ndim) if a not in axes]
    along = np.transpose(x, rest + axes).reshape(*[x.shape[a] for a in rest], -1)
    return x.size > 0 and bool(np.all(np.diff(np.sort(along, -1), axis=-1) > 0))


def middle(g, x, out, axis=None, keepdims=False):
    """Return the cotangent of the median: of the middle entry, or of the two around it."""
    if count(x, axis) % 2:
        return spread(g, x, axis, keepdims) * one_where(x == unreduced(out, x, axis, keepdims), g)
    return beside(g, x, np.quantile, 0.5, 0.5, axis, keepdims)


def beside(g, x, function, q, share, axis, keepdims):
    """Return the cotangent of an order statistic, which two entries share."""
    low, high = (
        one_where(x == function(x, q, axis=axis, method=method, keepdims=axis is not None), g)
        for method in ("lower", "higher")
    )
    if share in (0, 1):
        mixed = high if share else low
    else:
        mixed = low / 2 + high / 2 if share == 0.5 else round(1 - share, 12) * low + share * high
    return spread(g, x, axis, keepdims) * mixed


def placed(function):
    """Return the vjp of np.quantile or its like."""

    def vjp(g, x, out, q, axis=None, method="linear", keepdims=False):
        if method != "linear":
            hit = one_where(x == unreduced(out, x, axis, keepdims), g)
            return spread(g, x, axis, keepdims) * hit
        place = float(function(np.arange(count(x, axis)), q))
        return beside(g, x, function, q, round(place % 1, 12), axis, keepdims)

    return vjp


def ordered(x, axis=None, keepdims=False):
    """Tell whether a median is that of different numbers."""
    return x.ndim > 0 and distinct(x, axis)


def at_one_place(x, q=None, axis=None, method="linear", keepdims=False):
    """Tell whether a quantile is one of different numbers, and an entry or between two."""
    known = method in ("linear", "lower", "higher", "nearest")
    return known and isinstance(q, int | float) and ordered(x, axis)


reads(np.median, middle, ordered)
reads(np.quantile, placed(np.quantile), at_one_place)
reads(np.percentile, placed(np.percentile), at_one_place)
kinks |= dict.fromkeys((np.median, np.quantile, np.percentile), TIES)

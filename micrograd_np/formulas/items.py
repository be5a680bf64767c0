"""Items: entries of arrays, and entries in arrays of zeros, in their simplest form. Floor 9."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules.indexing import getitem, scatter
from .operation import Operation, split
from .sums import one_a_row, without_scalars
from .terms import NUMBER, ONE, PRODUCT, SUM, VECTOR, Term

LISTED = 6  # entries of a vector that are written one by one


def item(o: Operation) -> Term | None:
    """Return entries; of what is repeated they are all alike. An index of one part is no tuple."""
    t, index = o.algebra.loose(o.arg, 0), o.params["index"]
    if t.op == NUMBER or only_adds_axes(index):
        return o.algebra.fit(t if t.op == NUMBER else o.arg, o.shape)
    c, body = split(o.algebra, o.arg)
    numbers, body = without_scalars(o.algebra, body)
    if (c != ONE or numbers) and body.shape == o.arg.shape:
        entry = o._replace(args=(body,)).by(item)
        return o.algebra.mul(c, [*numbers, (entry, 1)], o.shape)
    if type(index) is tuple and len(index) == 1 and type(index[0]) is not tuple:
        return o._replace(params={"index": index[0]}).call()
    return None


def placed(o: Operation) -> Term | None:
    """Return entries in an array of zeros: as they are, or padded, where a slice left some out."""
    index = o.params["index"]
    if only_adds_axes(index):
        return o.algebra.fit(o.arg, o.shape)
    parts = index if isinstance(index, tuple) else (index,)
    if one_a_row(parts, o.shape) and not o.algebra.loose(o.arg, 0).shape:
        row = o.algebra.number(o.shape[1])
        typed = () if o.dtype == np.float64 else (("dtype", o.dtype),)
        one = o.algebra.term(np.eye, (row,), typed, (o.shape[1], o.shape[1]), o.dtype)
        hot = o.algebra.term(getitem, (one,), (("index", parts[1]),), o.shape, o.dtype)
        return o.algebra.mul(ONE, [(o.algebra.loose(o.arg, 0), 1), (hot, 1)], o.shape)
    if len(o.shape) == 1 and o.shape[0] <= LISTED and type(parts[0]) is int and not o.arg.shape:
        zeros = [o.algebra.number(0)] * o.shape[0]
        zeros[parts[0]] = o.arg
        return o.algebra.term(VECTOR, tuple(zeros), (), o.shape, o.dtype)
    if len(parts) > len(o.shape) or not all(isinstance(x, slice) for x in parts):
        return None
    bounds = [x.indices(n) for x, n in zip(parts, o.shape, strict=False)]
    if any(step != 1 or stop <= start for start, stop, step in bounds):
        return None
    width = tuple((start, n - stop) for (start, stop, _), n in zip(bounds, o.shape, strict=False))
    width += ((0, 0),) * (len(o.shape) - len(parts))
    params = (("pad_width", width[0] if len(width) == 1 else width),)
    c, body = split(o.algebra, o.arg)
    numbers, body = without_scalars(o.algebra, body)
    if body.shape != o.arg.shape or body.op == NUMBER:
        c, numbers, body = ONE, [], o.arg
    padded = o.algebra.term(np.pad, (body,), params, o.shape, o.dtype)
    return o.algebra.mul(c, [*numbers, (padded, 1)], o.shape)


def times(o: Operation) -> Term:
    """Return a product; what lies scattered meets the factors that it was divided by."""
    for moved, other in (o.args, o.args[::-1]):
        c, body = split(o.algebra, moved)
        sum_of = zip(body.params, body.args, strict=True) if body.op == SUM else [(ONE, body)]
        terms = [(c.times(d), x) for d, x in sum_of]
        met = [meeting(o, x, other) for _, x in terms]
        if any(x is not None for x in met):
            pairs = [
                (c, o.algebra.mul(ONE, [(x, 1), (other, 1)], o.shape) if y is None else y)
                for (c, x), y in zip(terms, met, strict=True)
            ]
            return o.algebra.add(pairs, o.shape)
    return o.algebra.mul(ONE, [(x, 1) for x in o.args], o.shape)


def meeting(o: Operation, moved: Term, other: Term) -> Term | None:
    """Return what lies scattered times an array, if it was divided by entries of this."""
    c, body = split(o.algebra, moved)
    if body.op is not scatter or other.shape != body.shape:
        return None
    (inner,), index = body.args, dict(body.params)["index"]
    entries = o.algebra.known(getitem, (other,), inner.shape, (("index", index),))
    if entries is None or (entries, -1) not in factors_of(inner):
        return None
    product = o.algebra.mul(c, [(inner, 1), (entries, 1)], inner.shape)
    place = {"index": index, "shape": o.shape}
    return o._replace(function=scatter, args=(product,), params=place).by(placed)


def factors_of(t: Term) -> list[tuple[Term, Any]]:
    """Return the factors of a term and their exponents."""
    return list(zip(t.args, t.params[1], strict=True)) if t.op == PRODUCT else [(t, 1)]


def only_adds_axes(index: Any) -> bool:
    """Tell whether an index takes all entries: ``x[:, None]``."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(x is None or x is Ellipsis or x == slice(None) for x in parts)

"""Items: entries of arrays, and entries in arrays of zeros, in their simplest form. Floor 9."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.indexing import getitem, scatter
from .operation import ENTRYWISE, Operation, split
from .sums import one_a_row, without_scalars
from .symmetry import is_column
from .terms import NUMBER, ONE, PRODUCT, SUM, VECTOR, Term, factors_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .terms import Shape

LISTED = 6  # entries of a vector that are written one by one


def item(o: Operation) -> Term | None:
    """Return entries; of what is repeated they are all alike. An index of one part is no tuple."""
    t, index = o.algebra.loose(o.arg, 0), shortest(o.params["index"], o.arg.shape)
    o = o._replace(params={"index": index})
    if t.op == NUMBER or only_adds_axes(index):
        return o.algebra.fit(t if t.op == NUMBER else o.arg, o.shape)
    c, body = split(o.algebra, o.arg)
    numbers, body = without_scalars(o.algebra, body)
    if (c != ONE or numbers) and body.shape == o.arg.shape:
        found = o._replace(args=(body,)).by(item)
        return o.algebra.mul(c, [*numbers, (found, 1)], o.shape)
    return entry(o, o.arg) or o.call()


def shortest(index: Any, shape: Shape) -> Any:
    """Return an index without what says nothing: bounds of slices at the ends, a lone comma."""
    parts = index if type(index) is tuple else (index,)
    if all(isinstance(x, slice | int) for x in parts) and len(parts) <= len(shape):
        parts = tuple([open_ended(x, n) for x, n in zip(parts, shape, strict=False)])
    return parts[0] if len(parts) == 1 and type(parts[0]) is not tuple else parts


def open_ended(x: Any, n: int) -> Any:
    """Return a slice forwards without bounds that are those of the axis."""
    if not isinstance(x, slice) or x.step not in (None, 1):
        return x
    start = None if x.start == 0 else x.start
    return slice(start, None if x.stop is not None and x.stop >= n else x.stop)


def entry(o: Operation, t: Term) -> Term | None:
    """Return entries of a term by those of its parts, if one of these is known."""
    if t.op in (SUM, PRODUCT) or t.op in ENTRYWISE:
        parts = [entry(o, x) if x.shape == t.shape else None for x in t.args]
        if any(x.shape not in ((), t.shape) for x in t.args) or not any(parts):
            return line(o, t)
        every = [
            x if not x.shape else y or o._replace(args=(x,)).by(item)
            for x, y in zip(t.args, parts, strict=True)
        ]
        if t.op == SUM:
            return o.algebra.add(zip(t.params, every, strict=True), o.shape)
        if t.op == PRODUCT:
            return o.algebra.mul(t.params[0], zip(every, t.params[1], strict=True), o.shape)
        return o.algebra.term(t.op, tuple(every), t.params, o.shape, t.dtype)
    known = KNOWN.get(t.op)
    index = o.params["index"]
    return known(o, t, index if isinstance(index, tuple) else (index,)) if known else None


def line(o: Operation, t: Term) -> Term | None:
    """Return a row or a column of a column times a row: an entry of the one times the other."""
    index = o.params["index"]
    if t.op != PRODUCT or t.ndim != 2 or any(x.ndim > 1 and not is_column(x) for x in t.args):
        return None
    across = type(index) is tuple and index[0] == slice(None) and len(index) == 2
    at, ndim = (index[1], 1) if across else (index, 2)  # axes of what an entry is taken of
    if type(at) is not int:
        return None
    parts = [
        o._replace(args=x.args if x.ndim > 1 else (x,), params={"index": at}, shape=()).by(item)
        if x.ndim == ndim
        else o.algebra.fit(x, (x.size,) if x.size > 1 else ())
        for x in t.args
    ]
    return o.algebra.mul(t.params[0], zip(parts, t.params[1], strict=True), o.shape)


def of_vector(o: Operation, t: Term, index: Any) -> Term | None:
    """Return an entry of a vector that is written entry by entry."""
    if type(index[0]) is not int:
        return None
    return t.args[index[0]] if t.op == VECTOR else entry_of_array(o, t, index)


def entry_of_array(o: Operation, t: Term, index: Any) -> Term | None:
    """Return an entry of a constant array."""
    if len(index) != t.ndim or not all(type(x) is int for x in index):
        return None
    return o.algebra.number(t.params[index])


def of_stack(_: Operation, t: Term, index: Any) -> Term | None:
    """Return one of the arrays that were stacked."""
    axis = dict(t.params).get("axis", 0) % t.ndim
    before, rest = index[:axis], index[axis:]
    if len(rest) != 1 or type(rest[0]) is not int or any(x != slice(None) for x in before):
        return None
    return t.args[rest[0]]


def of_joined(_: Operation, t: Term, index: Any) -> Term | None:
    """Return one of the arrays that were put one behind the other."""
    axis = dict(t.params).get("axis", 0)
    if axis is None or len(index) != axis % t.ndim + 1 or not isinstance(index[-1], slice):
        return None
    start, stop, step = index[-1].indices(t.shape[axis])
    if step != 1 or any(x != slice(None) for x in index[:-1]):
        return None
    ends = np.cumsum([0, *[x.shape[axis] for x in t.args]]).tolist()
    found = [x for x, a, b in zip(t.args, ends, ends[1:], strict=False) if (a, b) == (start, stop)]
    return found[0] if len(found) == 1 else None


def of_scattered(o: Operation, t: Term, index: Any) -> Term | None:
    """Return what was placed at this number among zeros, or zeros."""
    place, n = dict(t.params)["index"], t.shape[0]
    if type(place) is not int or len(index) != 1 or type(index[0]) is not int:
        return None
    return t.args[0] if index[0] % n == place % n else o.algebra.fit(o.algebra.number(0), o.shape)


def of_repeated(o: Operation, t: Term, index: Any) -> Term | None:
    """Return an entry of a row that is repeated, repeated."""
    (row,) = t.args
    if row.ndim != 1 or t.ndim != 2 or len(index) != 2 or index[0] != slice(None):
        return None
    one = o._replace(args=(row,), params={"index": index[1]}, shape=()).by(item)
    return o.algebra.fit(one, o.shape) if type(index[1]) is int else None


KNOWN: dict[Any, Callable[[Operation, Term, Any], Term | None]] = {
    VECTOR: of_vector,
    np.array: entry_of_array,
    scatter: of_scattered,
    np.stack: of_stack,
    np.concatenate: of_joined,
    np.broadcast_to: of_repeated,
}


def of_length_one(o: Operation, t: Term) -> Term | None:
    """Return what a slice of length 1 takes, its axis left out, by an index of one number."""
    index = dict(t.params)["index"]
    parts = index if isinstance(index, tuple) else (index,)
    for i, x in enumerate(parts):
        if not all(isinstance(y, slice) for y in parts[: i + 1]):
            break
        shape = t.shape[:i] + t.shape[i + 1 :]
        if t.shape[i] == 1 and shape == o.shape:
            at = x.indices(t.args[0].shape[i])[0]
            new = (*parts[:i], at, *parts[i + 1 :])
            return o._replace(function=getitem, args=t.args, params={"index": new}).by(item)
    return None


def laid_anew(o: Operation) -> Term:
    """Return the entries of a term in the shape of the result."""
    c, body = split(o.algebra, o.arg)
    made = of_length_one(o, body) if body.op is getitem else repeated(o, body)
    return o.algebra.scaled(c, o.algebra.fit(body, o.shape) if made is None else made)


def repeated(o: Operation, t: Term) -> Term | None:
    """Return a column of which every entry is repeated in its row, as a vector."""
    if t.op is not np.broadcast_to or t.ndim != 2 or len(o.shape) != 1:
        return None
    (column,), (n, k) = t.args, t.shape
    if column.shape != (n, 1) or n == 1:
        return None
    entries = o.algebra.fit(column, (n,))
    return o.algebra.term(np.repeat, (entries,), (("repeats", k),), o.shape, o.dtype)


def joined(o: Operation) -> Term | None:
    """Return arrays put one behind the other along a new axis as a stack."""
    axis = o.params.get("axis", 0)
    if axis is None or o.params.keys() - {"axis"}:
        return None
    axis %= len(o.shape)
    if not all(
        t.op is np.reshape
        and t.shape[axis] == 1
        and t.args[0].shape == t.shape[:axis] + t.shape[axis + 1 :]
        for t in o.args
    ):
        return None
    inner = tuple([t.args[0] for t in o.args])
    return o._replace(function=np.stack, args=inner, params={"axis": axis}).call()


def flipped(o: Operation) -> Term | None:
    """Return a vector backwards by an index."""
    if o.arg.ndim != 1:
        return None
    return o._replace(function=getitem, params={"index": slice(None, None, -1)}).by(item)


def turned_axis(o: Operation) -> Term | None:
    """Return a vector whose only axis is moved as it is."""
    return o.arg if o.arg.ndim == 1 else None


def placed(o: Operation) -> Term | None:
    """Return entries in an array of zeros: as they are, or padded, where a slice left some out."""
    index = o.params["index"]
    parts = index if isinstance(index, tuple) else (index,)
    forwards = all(type(x) is int or (type(x) is slice and x.step in (None, 1)) for x in parts)
    if only_adds_axes(index) or (forwards and o.arg.size == math.prod(o.shape)):
        return laid_anew(o)  # all entries, in their order
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


def only_adds_axes(index: Any) -> bool:
    """Tell whether an index takes all entries: ``x[:, None]``."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(x is None or x is Ellipsis or x == slice(None) for x in parts)

"""Sums over axes, in their simplest form. Floor 9."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.indexing import getitem, scatter
from ..rules.products import matmul
from .deviations import without_deviations
from .operation import Operation, split
from .terms import NUMBER, ONE, PRODUCT, Term, coefficient, factors_of

if TYPE_CHECKING:
    from .algebra import Algebra


def summed(o: Operation) -> Term | None:
    """Return a sum over axes; what is repeated along them counts so many times."""
    if o.params.keys() - {"axis", "keepdims"}:
        return None
    t, axes = o.arg, axes_of(o.params.get("axis"), o.arg.ndim)
    if t.op is np.transpose and not t.params and not o.params.get("keepdims"):
        params = {"axis": tuple(t.ndim - 1 - a for a in axes)}
        turned = o._replace(args=t.args, params=params)
        return turned.by(summed) if t.ndim - len(axes) < 2 else None
    if t.op is np.reshape and math.prod(o.shape) == 1:
        return o.algebra.fit(o._replace(args=t.args, params={}, shape=()).by(summed), o.shape)
    inner = t.args[0] if t.op is np.broadcast_to else t
    lead = t.ndim - inner.ndim
    repeated = {a for a in axes if a < lead or inner.shape[a - lead] == 1 != t.shape[a]}
    times = math.prod(t.shape[a] for a in repeated)
    left = tuple(a - lead for a in axes if a not in repeated and t.shape[a] != 1)
    if left and t.size != inner.size * times:
        total = o.algebra.fit(of_inner(o, inner, left), o.shape)
        return o.algebra.scaled(coefficient(times), total)
    c, body = split(o.algebra, inner)
    c = c.times(coefficient(times))
    if left == (1,) and (entries := entry_of_rows(o, body)) is not None:
        return o.algebra.scaled(c, o.algebra.fit(entries, o.shape))
    scalars: list[tuple[Term, Any]] = []
    if len(left) == body.ndim == 2 and (rest := beside_identity(o, body)) is not None:
        body = o.algebra.term(np.trace, (rest,), (), (), o.dtype)
    elif left:
        scalars, body = without_scalars(o.algebra, body)
        body = added_up(o, body, left)
    return o.algebra.mul(c, [*scalars, (o.algebra.fit(body, o.shape), 1)], o.shape)


def added_up(o: Operation, body: Term, axes: tuple[int, ...]) -> Term:
    """Return the sum of a term over axes, in which deviations from a mean are nothing."""
    rest = without_deviations(o.algebra, body, axes)
    if rest is body:
        return weighted(o, body, axes) or reduced(o, body, axes)
    return rest if rest.number == 0 else o._replace(args=(rest,)).by(summed)


def beside_identity(o: Operation, t: Term) -> Term | None:
    """Return the other factors of a product with the identity matrix."""
    if t.op != PRODUCT or t.shape[0] != t.shape[1]:
        return None
    factors = factors_of(t)
    rest = [(f, e) for f, e in factors if f.op is not np.eye or len(f.args) > 1]
    if len(rest) == len(factors) or not any(f.shape == t.shape for f, _ in rest):
        return None
    return o.algebra.mul(t.params[0], rest, t.shape)


def of_inner(o: Operation, inner: Term, left: tuple[int, ...]) -> Term:
    """Return the sum of what is repeated along other axes, before it is."""
    kept = tuple(1 if a in left else n for a, n in enumerate(inner.shape))
    if o.params.get("keepdims"):
        shape = kept
    else:
        lead = o.arg.ndim - inner.ndim
        gone = {a - lead for a in axes_of(o.params.get("axis"), o.arg.ndim)}
        shape = tuple(n for a, n in enumerate(kept) if a not in gone)
    params = {"axis": left, "keepdims": True}
    total = o._replace(args=(inner,), params=params, shape=kept).by(summed)
    return o.algebra.fit(total, shape)


def without_scalars(algebra: Algebra, t: Term) -> tuple[list[tuple[Term, Any]], Term]:
    """Return the factors of a term that are numbers without axes, and the rest."""
    if t.op != PRODUCT:
        return [], t
    factors = factors_of(t)
    scalars = [(f, e) for f, e in factors if not f.shape and f.op != NUMBER]
    rest = [(f, e) for f, e in factors if f.shape or f.op == NUMBER]
    return scalars, algebra.mul(t.params[0], rest)


def reduced(o: Operation, body: Term, axes: tuple[int, ...]) -> Term:
    """Return the sum of a term over axes that are longer than 1."""
    kept = tuple(1 if a in axes else n for a, n in enumerate(body.shape))
    dropped = tuple(n for a, n in enumerate(body.shape) if a not in axes)
    axis = None if len(axes) == body.ndim else axes if len(axes) > 1 else axes[0]
    keep = axis is not None and kept == o.shape != dropped
    params = (("axis", axis), ("keepdims", keep))
    return o.algebra.reduction(np.sum, body, params, kept if keep else dropped, o.dtype)


def entry_of_rows(o: Operation, t: Term) -> Term | None:
    """Return what stands in each row of a matrix of zeros but for one entry a row."""
    if t.op is getitem and t.args[0].op is np.eye and t.ndim == 2:
        return o.algebra.number(1)
    parts = dict(t.params)["index"] if t.op is scatter else None
    return t.args[0] if isinstance(parts, tuple) and one_a_row(parts, t.shape) else None


def one_a_row(parts: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Tell whether an index takes one entry of each row of a matrix, in their order."""
    if len(parts) != 2 or len(shape) != 2 or not all(isinstance(x, Term) for x in parts):
        return False
    rows, columns = parts
    return rows.op is np.arange and rows.shape == (shape[0],) == columns.shape


def weighted(o: Operation, body: Term, axes: tuple[int, ...]) -> Term | None:
    """Return the sum of a matrix times rows or columns as a product of matrices: A @ v."""
    if body.op != PRODUCT or body.ndim != 2 or body.params[0] != ONE or len(axes) > 1:
        return None
    (axis,) = axes
    factors = factors_of(body)
    lines = [line_of(f) for f, _ in factors]
    mul, fit = o.algebra.mul, o.algebra.fit

    def part(line: int | None) -> list[tuple[Term, Any]]:
        found = [pair for pair, at in zip(factors, lines, strict=True) if at == line]
        return found if line is None else [(fit(f, (f.size,)), e) for f, e in found]

    along, across, rest = part(axis), part(1 - axis), part(None)
    if not (along and rest) and not across:
        return None
    vector, matrix = mul(ONE, along, (body.shape[axis],)), mul(ONE, rest, body.shape)
    shape = (body.shape[1 - axis],)
    if not rest:
        total = o.algebra.term(np.sum, (vector,), (), (), o.dtype)
    elif not along:
        total = reduced(o._replace(shape=shape), matrix, axes)
    else:
        pair = (matrix, vector) if axis == 1 else (vector, matrix)
        total = o.algebra.term(matmul, pair, (), shape, o.dtype)
    return mul(ONE, [*across, (total, 1)])


def line_of(t: Term) -> int | None:
    """Return the axis of a matrix that a vector in its product lies along; None of a matrix."""
    shape = (1,) * (2 - t.ndim) + t.shape
    return None if 1 not in shape else 1 if shape[0] == 1 else 0


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that a reduction takes, counted from the front."""
    if axis is None or not ndim:
        return tuple(range(ndim))
    return tuple(sorted({a % ndim for a in (axis if isinstance(axis, tuple | list) else (axis,))}))


def mean(o: Operation) -> Term | None:
    """Return a mean; that of one entry is the entry."""
    if o.params.keys() - {"axis", "keepdims"} or o.arg.size != math.prod(o.shape):
        return None
    return o.algebra.fit(o.arg, o.shape)

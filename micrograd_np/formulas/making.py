"""Making: the term of one operation, in its simplest form. Floor 9.

`make` gives what a line of a program becomes. A function that is not in the table stays a call; for
those that are, the laws of the algebra of arrays are applied: a sum over an axis of length 1 is
none, the transpose of a vector is the vector, numbers leave matrix products.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rule import rules
from ..rules.determinants import inverse_transposed
from ..rules.indexing import getitem, scatter
from ..rules.products import batched_matmul, matmul
from ..tracing.opaque import unchanged as stopped
from .conditions import both, compared, decided, opposite
from .conversions import cast, converted, promoted
from .items import flipped, item, joined, laid_anew, only_adds_axes, placed, times, turned_axis
from .matrices import contracted, inverse, matrix_product, of_matrix, transposed
from .operation import ENTRYWISE, Maker, Operation, split
from .sums import mean, summed, without_scalars
from .terms import MINUS, NUMBER, ONE, Coefficient, Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algebra import Algebra


def make(operation: Operation) -> Term:
    """Return the term of an operation."""
    operation = promoted(operation)
    maker = MAKERS.get(operation.function)
    made = None if maker is None else maker(operation)
    made = outside(operation) if made is None else made
    if made is None and operation.function in ENTRYWISE and not operation.params:
        made = of_repeated(operation)
    if made is None:
        return operation.call()
    if made.op is np.broadcast_to and made.dtype is None:  # of a number, which has no dtype
        return operation.algebra.term(made.op, made.args, made.params, made.shape, operation.dtype)
    return converted(operation.algebra, made, operation.dtype)


def outside(o: Operation, kind: str | None = None) -> Term | None:
    """Return a function that is linear in its operands with their numbers before it."""
    if kind is None and o.function in rules:
        kind = rules[o.function].kind
    if not (kind == "multilinear" or (kind == "linear" and len(o.args) == 1)):
        return None
    pairs = [apart(o.algebra, t) for t in o.args]
    if all(x is t for (_, x), t in zip(pairs, o.args, strict=True)):
        return None
    numbers = [f for found, _ in pairs for f in found]
    body = make(o._replace(args=tuple([x for _, x in pairs])))
    return o.algebra.mul(ONE, [*numbers, (body, 1)], o.shape)


def apart(algebra: Algebra, t: Term) -> tuple[list[tuple[Term, Any]], Term]:
    """Return the real numbers before a term, and the rest."""
    c, rest = split(algebra, t)
    numbers, body = without_scalars(algebra, rest)
    if body.op == NUMBER or body.shape != t.shape or isinstance(c.num, complex):
        return [], t
    return ([] if c == ONE else [(algebra.scaled(c, algebra.number(1)), 1)]) + numbers, body


def diagonal(o: Operation) -> Term | None:
    """Return a diagonal of equal numbers as a multiple of the identity matrix."""
    one = o.algebra.loose(o.arg, 0)
    if one.op is np.diag and one.args[0].ndim == 1 and one.params == tuple(o.params.items()):
        return one.args[0]
    if one.shape or o.params or o.arg.ndim != 1:
        return outside(o, "linear")
    n, typed = o.arg.size, () if o.dtype == np.float64 else (("dtype", o.dtype),)
    eye = o.algebra.term(np.eye, (o.algebra.number(n),), typed, (n, n), o.dtype)
    return o.algebra.mul(ONE, [(one, 1), (eye, 1)], o.shape)


def of_repeated(o: Operation) -> Term | None:
    """Return a function of repeated entries as the function of them, repeated."""
    inner = o.algebra.loose(o.arg, len(o.shape))
    if inner is o.arg:
        return None
    return o.algebra.fit(make(o._replace(args=(inner,), shape=inner.shape)), o.shape)


# Shapes and types


def reshaped(o: Operation) -> Term | None:
    """Return a term in another shape."""
    if o.params.get("order") not in (None, "C"):
        return None
    return laid_anew(o)


def unchanged(o: Operation) -> Term:
    """Return the operand itself, in the shape of the result."""
    return o.algebra.fit(o.arg, o.shape)


def real_only(o: Operation) -> Term | None:
    """Return what is real already as it is."""
    t = o.arg
    real = t.dtype is not None and np.dtype(t.dtype).kind != "c"
    return unchanged(o) if real or t.op == NUMBER else None


def tidied(operation: Operation) -> Term:
    """Return the term of an operation as it was written, but for what does nothing."""
    o = operation
    if o.function is getitem and o.args[0].op != NUMBER and only_adds_axes(o.params["index"]):
        return o.algebra.fit(o.arg, o.shape)
    if o.function is getitem and type(index := o.params["index"]) is tuple and len(index) == 1:
        one = type(index[0]) is not tuple
        return o._replace(params={"index": index[0]} if one else o.params).call()
    if (maker := AS_WRITTEN.get(o.function)) is not None:
        return o.by(maker)
    if is_idle(o):
        return o.arg
    return o.call()


def of_written(o: Operation) -> Term | None:
    """Return a product of matrices as it was written, numbers before it."""
    pairs = [apart(o.algebra, t) for t in o.args]
    if all(x is t for (_, x), t in zip(pairs, o.args, strict=True)):
        return None
    product = o._replace(args=tuple([x for _, x in pairs])).call()
    return o.algebra.mul(ONE, [*pairs[0][0], *pairs[1][0], (product, 1)], o.shape)


def is_idle(o: Operation) -> bool:
    """Tell whether an operation, as it was written, gives its operand."""
    if len(o.args) != 1 or o.arg.shape != o.shape or o.arg.dtype is None or o.arg.dtype != o.dtype:
        return False
    if o.function is np.transpose:
        return list(o.params.get("axes") or ()) == [*range(o.arg.ndim)]
    real = np.dtype(o.dtype).kind != "c"
    return o.function in IDLE or (real and o.function in (np.conjugate, np.real))


def solved(o: Operation) -> Term | None:
    """Return the solution of a system of equations, numbers before it."""
    c, body = split(o.algebra, o.args[1])
    numbers, body = without_scalars(o.algebra, body)
    if (c == ONE and not numbers) or body.shape != o.args[1].shape:
        return None
    solution = o._replace(args=(o.args[0], body)).call()
    return o.algebra.mul(c, [*numbers, (solution, 1)], o.shape)


# Products, powers, and the sigmoid


def power(o: Operation) -> Term | None:
    """Return a power, a product if the exponent is a number."""
    base, exponent = o.arg, o.algebra.loose(o.args[1], 0)
    if exponent.op != NUMBER or isinstance(exponent.params, complex) or base.op == NUMBER:
        return None
    return o.algebra.mul(ONE, [(base, exponent.params)], o.shape)


def combined(*signs: Coefficient) -> Maker:
    """Return the maker of a sum with these coefficients."""
    return lambda o: o.algebra.add(zip(signs, o.args, strict=True), o.shape)


def multiplied(*exponents: int) -> Maker:
    """Return the maker of a product with these exponents."""
    return lambda o: o.algebra.mul(ONE, zip(o.args, exponents, strict=True), o.shape)


IDLE = frozenset({np.reshape, np.squeeze, np.astype, np.ravel})
RESHAPING = (
    np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
)  # fmt: skip
AS_WRITTEN: dict[Any, Callable[[Operation], Term | None]] = {  # what is tidied even so
    scatter: placed,
    np.where: decided,
    np.expand_dims: unchanged,
    np.concatenate: joined,
    np.moveaxis: turned_axis,
    **dict.fromkeys((matmul, batched_matmul), of_written),
}
MAKERS: dict[Any, Callable[[Operation], Term | None]] = {
    np.add: combined(ONE, ONE),
    np.subtract: combined(ONE, MINUS),
    np.negative: combined(MINUS),
    np.multiply: times,
    np.divide: multiplied(1, -1),
    np.square: multiplied(2),
    np.reciprocal: multiplied(-1),
    np.power: power,
    np.positive: unchanged,
    np.copy: unchanged,
    stopped: unchanged,
    np.broadcast_to: unchanged,
    np.sum: summed,
    np.einsum: contracted,
    np.mean: mean,
    np.transpose: transposed,
    np.matrix_transpose: of_matrix,
    np.swapaxes: of_matrix,
    np.conjugate: real_only,
    np.real: real_only,
    np.bitwise_and: both,
    np.where: decided,
    np.greater: compared,
    np.logical_not: opposite,
    np.astype: cast,
    getitem: item,
    np.linalg.solve: solved,
    np.diag: diagonal,
    np.flip: flipped,
    np.concatenate: joined,
    np.moveaxis: turned_axis,
    inverse_transposed: inverse,
    scatter: placed,
    **dict.fromkeys(RESHAPING, reshaped),
    **dict.fromkeys((np.matmul, matmul, batched_matmul), matrix_product),
}

"""Making: the term of one operation, in its simplest form. Floor 7.

`make` gives what a line of a program becomes. A function that is not in the table stays a call; for
those that are, the laws of the algebra of arrays are applied: a sum over an axis of length 1 is
none, the transpose of a vector is the vector, numbers leave matrix products.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..opaque import unchanged as stopped
from ..rules.activations import sigmoid
from ..rules.indexing import getitem
from ..rules.products import batched_matmul, matmul
from .algebra import dtype_of
from .terms import MINUS, NUMBER, ONE, PRODUCT, Coefficient, Term, coefficient

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algebra import Algebra
    from .terms import Shape


class Operation(NamedTuple):
    """A function of terms, and what is known of its result."""

    algebra: Algebra
    function: Any
    args: tuple[Term, ...]
    params: dict[str, Any]
    shape: Shape
    dtype: Any

    @property
    def arg(self) -> Term:
        """The first operand."""
        return self.args[0]

    def call(self) -> Term:
        """Return the operation as it stands."""
        params = tuple(self.params.items())
        return self.algebra.term(self.function, self.args, params, self.shape, self.dtype)


Maker = Any  # a function of an Operation that returns a Term, or None to leave it as it is


def make(operation: Operation) -> Term:
    """Return the term of an operation."""
    maker = MAKERS.get(operation.function)
    made = None if maker is None else maker(operation)
    if made is None and operation.function in ENTRYWISE and not operation.params:
        made = of_repeated(operation)
    if made is None:
        return operation.call()
    if made.op is np.broadcast_to and made.dtype is None:  # of a number, which has no dtype
        return operation.algebra.term(made.op, made.args, made.params, made.shape, operation.dtype)
    return made


def of_repeated(o: Operation) -> Term | None:
    """Return a function of repeated entries as the function of them, repeated."""
    inner = o.algebra.loose(o.arg, len(o.shape))
    if inner is o.arg:
        return None
    return o.algebra.fit(make(o._replace(args=(inner,), shape=inner.shape)), o.shape)


# Sums over axes


def summed(o: Operation) -> Term | None:
    """Return a sum over axes; what is repeated along them counts so many times."""
    if o.params.keys() - {"axis", "keepdims"}:
        return None
    t, axes = o.arg, axes_of(o.params.get("axis"), o.arg.ndim)
    if t.op is np.transpose and not t.params and not o.params.get("keepdims"):
        params = {"axis": tuple(t.ndim - 1 - a for a in axes)}
        return make(o._replace(args=t.args, params=params)) if t.ndim - len(axes) < 2 else None
    inner = t.args[0] if t.op is np.broadcast_to else t
    lead = t.ndim - inner.ndim
    repeated = {a for a in axes if a < lead or inner.shape[a - lead] == 1 != t.shape[a]}
    times = math.prod(t.shape[a] for a in repeated)
    left = tuple(a - lead for a in axes if a not in repeated and t.shape[a] != 1)
    if left and t.size != inner.size * times:
        return None  # it is repeated along other axes too
    c, body = split(o.algebra, inner)
    c = c.times(coefficient(times))
    scalars: list[tuple[Term, Any]] = []
    if left:
        scalars, body = without_scalars(o.algebra, body)
        body = reduced(o, body, left)
    return o.algebra.mul(c, [*scalars, (o.algebra.fit(body, o.shape), 1)], o.shape)


def without_scalars(algebra: Algebra, t: Term) -> tuple[list[tuple[Term, Any]], Term]:
    """Return the factors of a term that are numbers without axes, and the rest."""
    if t.op != PRODUCT:
        return [], t
    factors = list(zip(t.args, t.params[1], strict=True))
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
    return o.algebra.term(np.sum, (body,), params, kept if keep else dropped, o.dtype)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that a reduction takes, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted({a % ndim for a in (axis if isinstance(axis, tuple | list) else (axis,))}))


def mean(o: Operation) -> Term | None:
    """Return a mean; that of one entry is the entry."""
    if o.params.keys() - {"axis", "keepdims"} or o.arg.size != math.prod(o.shape):
        return None
    return o.algebra.fit(o.arg, o.shape)


def split(algebra: Algebra, t: Term) -> tuple[Coefficient, Term]:
    """Return a term as a coefficient times another."""
    if t.op == NUMBER:
        return coefficient(t.params), algebra.number(1)
    if t.op == PRODUCT and t.params[0] != ONE:
        return t.params[0], algebra.mul(ONE, zip(t.args, t.params[1], strict=True), t.shape)
    return ONE, t


# Shapes and types


def reshaped(o: Operation) -> Term | None:
    """Return a term in another shape; a sum that kept its axes says so itself."""
    if o.params.get("order") not in (None, "C"):
        return None
    c, body = split(o.algebra, o.arg)
    given = dict(body.params) if body.op is np.sum else {}
    if given.get("axis") is not None and not given.keys() - {"axis", "keepdims"}:
        (inner,) = body.args
        axes = axes_of(given["axis"], inner.ndim)
        if tuple(1 if a in axes else n for a, n in enumerate(inner.shape)) == o.shape:
            params = (("axis", given["axis"]), ("keepdims", True))
            body = o.algebra.term(np.sum, body.args, params, o.shape, body.dtype)
    return o.algebra.scaled(c, o.algebra.fit(body, o.shape))


def unchanged(o: Operation) -> Term:
    """Return the operand itself, in the shape of the result."""
    return o.algebra.fit(o.arg, o.shape)


def transposed(o: Operation) -> Term | None:
    """Return a transpose: none of a vector, and none of a transpose."""
    t, axes = o.arg, o.params.get("axes")
    order = tuple(reversed(range(t.ndim))) if axes is None else tuple(a % t.ndim for a in axes)
    if order == tuple(range(t.ndim)):
        return t
    if order != tuple(reversed(range(t.ndim))):
        return None
    c, body = split(o.algebra, t)
    if body.op is np.transpose and not body.params:
        return o.algebra.scaled(c, body.args[0])
    return o.algebra.scaled(c, o.algebra.term(np.transpose, (body,), (), o.shape, t.dtype))


def of_matrix(o: Operation) -> Term | None:
    """Return the transpose where the two axes of a matrix change places."""
    if o.arg.ndim != 2 or o.params.get("axis1", 0) % 2 == o.params.get("axis2", 1) % 2:
        return None
    return transposed(o._replace(params={}))


def real_only(o: Operation) -> Term | None:
    """Return what is real already as it is."""
    t = o.arg
    real = t.dtype is not None and np.dtype(t.dtype).kind != "c"
    return unchanged(o) if real or t.op == NUMBER else None


def cast(o: Operation) -> Term | None:
    """Return a term in another dtype, if it has not got it."""
    t = o.arg
    same = t.dtype is not None and np.dtype(o.params["dtype"]) == np.dtype(t.dtype)
    return t if same or t.op == NUMBER else None


def both(o: Operation) -> Term | None:
    """Return ``x & y``; True changes no condition."""
    left = [t for t in o.args if t.number is not True]
    if len(left) != 1 or left[0].dtype != np.bool_:
        return None
    return o.algebra.fit(left[0], o.shape)


def opposite(o: Operation) -> Term | None:
    """Return np.logical_not; two of them are none, of a condition."""
    t = o.arg
    if t.op is not np.logical_not or t.args[0].dtype != np.bool_:
        return None
    return t.args[0]


def item(o: Operation) -> Term | None:
    """Return entries; of what is repeated they are all alike. An index of one part is no tuple."""
    t, index = o.algebra.loose(o.arg, 0), o.params["index"]
    if t.op == NUMBER:
        return o.algebra.fit(t, o.shape)
    if type(index) is tuple and len(index) == 1 and type(index[0]) is not tuple:
        return o._replace(params={"index": index[0]}).call()
    return None


# Products, powers, and the sigmoid


def matrix_product(o: Operation) -> Term | None:
    """Return a matrix product; numbers go outside, ``x.T @ v`` of a vector is ``v @ x``."""
    if o.params:
        return None
    (c, x), (d, y) = (split(o.algebra, t) for t in o.args)
    if NUMBER in (x.op, y.op):
        return None
    for ones, matrix, axis in ((x, y, 0), (y, x, -1)):
        if ones.op is np.broadcast_to and ones.ndim == 1 and ones.args[0].op == NUMBER:
            c = c.times(d).times(coefficient(ones.args[0].params))
            total = make(o._replace(function=np.sum, args=(matrix,), params={"axis": axis}))
            return o.algebra.scaled(c, total)
    if y.ndim == 1 and x.ndim == 2 and x.op is np.transpose and not x.params:
        x, y = y, x.args[0]
    function = matmul if max(x.ndim, y.ndim) < 3 else batched_matmul
    body = o.algebra.term(function, (x, y), (), o.shape, dtype_of((x, y)))
    return o.algebra.scaled(c.times(d), body)


def contracted(o: Operation) -> Term | None:
    """Return an einsum without the numbers among its operands."""
    inputs, arrow, output = o.params["subscripts"].partition("->")
    pairs = list(zip(inputs.split(","), o.args, strict=True))
    left = [(term, t) for term, t in pairs if t.op != NUMBER]
    if len(left) == len(pairs) or not left:
        return None
    c = ONE
    for _, t in pairs:
        c = c.times(coefficient(t.params)) if t.op == NUMBER else c
    rest = ",".join(term for term, _ in left) + arrow + output
    args = tuple(t for _, t in left)
    plain = len(args) == 1 and rest == f"{output}->{output}"
    body = args[0] if plain else o._replace(args=args, params={"subscripts": rest}).call()
    return o.algebra.scaled(c, body)


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


ARITHMETIC = frozenset(
    {np.add, np.subtract, np.negative, np.multiply, np.divide, np.square, np.power, np.positive}
)
ENTRYWISE = frozenset(
    {np.exp, np.log, np.sin, np.cos, np.tan, np.tanh, np.sqrt, np.abs, np.sign, np.log1p, np.expm1,
     np.sinh, np.cosh, np.arctan, sigmoid}
)  # fmt: skip
RESHAPING = (
    np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
)  # fmt: skip
MAKERS: dict[Any, Callable[[Operation], Term | None]] = {
    np.add: combined(ONE, ONE),
    np.subtract: combined(ONE, MINUS),
    np.negative: combined(MINUS),
    np.multiply: multiplied(1, 1),
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
    np.logical_not: opposite,
    np.astype: cast,
    getitem: item,
    **dict.fromkeys(RESHAPING, reshaped),
    **dict.fromkeys((np.matmul, matmul, batched_matmul), matrix_product),
}

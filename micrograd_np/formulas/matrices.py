"""Transposes and products of matrices, in their simplest form. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..rules.products import batched_matmul, matmul
from .algebra import dtype_of
from .operation import Operation, split
from .sums import summed, without_scalars
from .symmetry import is_transpose, symmetric
from .terms import NUMBER, ONE, PRODUCT, Term, coefficient

if TYPE_CHECKING:
    from .algebra import Algebra
    from .terms import Shape


def transposed(o: Operation) -> Term | None:
    """Return a transpose: none of a vector, none of a transpose, none of a symmetric matrix."""
    t, axes = o.arg, o.params.get("axes")
    order = tuple(reversed(range(t.ndim))) if axes is None else tuple(a % t.ndim for a in axes)
    if order == tuple(range(t.ndim)):
        return t
    if order != tuple(reversed(range(t.ndim))):
        return None
    c, body = split(o.algebra, t)
    return o.algebra.scaled(c, turned(o.algebra, body))


def turned(algebra: Algebra, t: Term) -> Term:
    """Return a transpose, written on the factors of a product where it is shorter so."""
    shape = t.shape[::-1]
    if is_transpose(t):
        return t.args[0]
    if symmetric(algebra, t):
        return t
    product = t.op in (matmul, batched_matmul) and all(x.ndim == 2 for x in t.args)
    if product and any(is_transpose(x) or symmetric(algebra, x) for x in t.args):
        x, y = (turned(algebra, x) for x in t.args)
        return algebra.term(t.op, (y, x), (), shape, t.dtype)
    if t.op == PRODUCT and all(1 in (1, *x.shape)[-2:] for x in t.args):  # rows and columns
        columns = [algebra.fit(x, column_of(x)) for x in t.args]
        return algebra.mul(t.params[0], zip(columns, t.params[1], strict=True), shape)
    return algebra.term(np.transpose, (t,), (), shape, t.dtype)


def column_of(t: Term) -> Shape:
    """Return the shape of a row as a column, of a column as a row."""
    if t.ndim < 2:
        return (t.size, 1) if t.size > 1 else t.shape
    return (t.size,) if t.shape[1] == 1 else (t.size, 1)


def inverse(o: Operation) -> Term | None:
    """Return the inverse of a transpose: that of the matrix, if this is symmetric."""
    if not symmetric(o.algebra, o.arg):
        return None
    return o._replace(function=np.linalg.inv).call()


def of_matrix(o: Operation) -> Term | None:
    """Return the transpose where the two axes of a matrix change places."""
    if o.arg.ndim != 2 or o.params.get("axis1", 0) % 2 == o.params.get("axis2", 1) % 2:
        return None
    return transposed(o._replace(params={}))


def matrix_product(o: Operation) -> Term | None:
    """Return a matrix product; numbers go outside, ``x.T @ v`` of a vector is ``v @ x``."""
    if o.params:
        return None
    (c, x), (d, y) = (split(o.algebra, t) for t in o.args)
    if NUMBER in (x.op, y.op):
        return None
    if any(o.algebra.loose(t, 0).number == 0 for t in (x, y)):
        return o.algebra.fit(o.algebra.number(0), o.shape)
    for ones, matrix, axis in ((x, y, 0), (y, x, -1)):
        if ones.op is np.broadcast_to and ones.ndim == 1 and ones.args[0].op == NUMBER:
            c = c.times(d).times(coefficient(ones.args[0].params))
            total = o._replace(function=np.sum, args=(matrix,), params={"axis": axis}).by(summed)
            return o.algebra.scaled(c, total)
    (one, x), (other, y) = (without_scalars(o.algebra, t) for t in (x, y))
    body = multiplied(o, x, y)
    return o.algebra.mul(c.times(d), [*one, *other, (body, 1)], o.shape)


def multiplied(o: Operation, x: Term, y: Term) -> Term:
    """Return the product of two matrices or vectors."""
    for one, rest in ((x, y), (y, x)):
        if one.op is np.eye and len(one.args) == 1 and rest.ndim < 3:
            return rest
    function = matmul if max(x.ndim, y.ndim) < 3 else batched_matmul
    for pair in ((x, y), *alike(o.algebra, x, y)):
        if (found := o.algebra.known(function, pair, o.shape)) is not None:
            return found  # as it was written before
    pair = (x, y)
    if y.ndim == 1 and is_transpose(x):
        pair = (y, x.args[0])
    elif x.ndim == 1 and y.ndim == 2 and (is_transpose(y) or symmetric(o.algebra, y)):
        pair = (turned(o.algebra, y), x)
    return o.algebra.term(function, pair, (), o.shape, dtype_of(pair))


def alike(algebra: Algebra, x: Term, y: Term) -> list[tuple[Term, Term]]:
    """Return the other order of a matrix and a vector: ``v @ A`` for ``A.T @ v``."""
    if {x.ndim, y.ndim} != {1, 2}:
        return []
    matrix = x if x.ndim == 2 else y
    flip = turned(algebra, matrix)
    return [(y, flip) if x.ndim == 2 else (flip, x)]


def contracted(o: Operation) -> Term | None:
    """Return an einsum without numbers and ones; that of two factors as what it is called."""
    inputs, output = o.params["subscripts"].split("->")
    pairs = list(zip(inputs.split(","), o.args, strict=True))
    c, left = ONE, []
    for i, (word, t) in enumerate(pairs):
        others = "".join(w for j, (w, _) in enumerate(pairs) if j != i)
        alone = t.args[0] if t.op is np.broadcast_to and set(word) <= set(others) else t
        if alone.op == NUMBER:
            c = c.times(coefficient(alone.params))
            pairs[i] = ("", t)
        else:
            left.append((word, t))
    if not left:
        return None if output else o.algebra.scaled(c, o.algebra.number(1))
    args = tuple(t for _, t in left)
    if len(args) == 1 and left[0][0] == output:
        return o.algebra.scaled(c, args[0])
    body = called(o, left, output) if same_lengths(left) else None
    if body is None:
        words = ",".join(word for word, _ in left) + "->" + output
        body = o._replace(args=args, params={"subscripts": words}).call()
    return o.algebra.scaled(c, body)


def same_lengths(pairs: list[tuple[str, Term]]) -> bool:
    """Tell whether each letter of an einsum stands for one length: none is stretched."""
    lengths = {(c, n) for word, t in pairs for c, n in zip(word, t.shape, strict=True)}
    return len({c for c, _ in lengths}) == len(lengths)


def called(o: Operation, pairs: list[tuple[str, Term]], output: str) -> Term | None:
    """Return an einsum of one or two factors as a transpose, a matrix product, a product."""
    words, args = zip(*pairs, strict=True)
    if len(words) == 1:
        both = words[0][::-1] == output and len(output) == 2
        return turned(o.algebra, args[0]) if both else None
    if len(words) > 2 or max(map(len, words)) > 2:
        return None
    (a, b), (x, y) = words, args
    common = set(a) & set(b)
    if a == output == b:
        return o.algebra.mul(ONE, [(x, 1), (y, 1)], x.shape)
    if not common and len(a) == len(b) == 1 and output in (a + b, b + a):
        x, y = (x, y) if output == a + b else (y, x)
        return o.algebra.mul(ONE, [(o.algebra.fit(x, (x.size, 1)), 1), (y, 1)], o.shape)
    if len(common) != 1 or common & set(output):
        return None
    free = "".join(letter for letter in a + b if letter not in common)
    if output != free:
        a, b, x, y = b, a, y, x
    (k,) = common
    x = x if a[-1] == k else turned(o.algebra, x)
    y = y if b[0] == k else turned(o.algebra, y)
    product = o._replace(function=matmul, args=(x, y), params={})
    return product.by(matrix_product)

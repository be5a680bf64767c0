"""Columns: products of matrices as mathematics has them, where every vector is a column. Floor 7.

NumPy's vectors have no direction: ``x @ W`` and ``W @ g`` are vectors both. As columns they are
``W^T x`` and ``W g``, ``x @ y`` is ``x^T y``, and a vector beside a matrix, as in ``X @ W + b``, is
a row, ``b^T``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..rules.products import batched_matmul, matmul
from .terms import NUMBER, ONE, PRODUCT, Coefficient, Term

CHAIN = "chain"  # what a term is for its writer that is a product of matrices, factor by factor


class Factor(NamedTuple):
    """A factor of a product of matrices, turned or not."""

    term: Term
    turned: bool


class Chain(NamedTuple):
    """A product of matrices, and the numbers before it."""

    factors: list[Factor]
    coefficient: Coefficient = ONE
    numbers: tuple[tuple[Term, int], ...] = ()

    def turned(self) -> Chain:
        """Return the transpose; that of a number is itself."""
        found = [Factor(f, not t and f.size > 1) for f, t in reversed(self.factors)]
        return self._replace(factors=found)

    def times(self, other: Chain) -> Chain:
        """Return the product."""
        return Chain(
            self.factors + other.factors,
            self.coefficient.times(other.coefficient),
            self.numbers + other.numbers,
        )


def chain(t: Term) -> Chain:
    """Return a term as a product of matrices, of a single one if it is none."""
    if t.op in (matmul, batched_matmul) and is_product(t):
        return product(*t.args)
    if t.op is np.outer and all(x.ndim == 1 for x in t.args):
        return chain(t.args[0]).times(chain(t.args[1]).turned())
    if is_transpose(t):
        return chain(t.args[0]).turned()
    if t.op is np.broadcast_to and t.ndim == 2 and t.args[0].size > 1:
        return repeated(t)
    if t.op is np.reshape and (turn := turns(t)) is not None:
        inner = chain(t.args[0])
        return inner.turned() if turn else inner
    return without_numbers(t)


def product(x: Term, y: Term) -> Chain:
    """Return ``x @ y``, where a vector before a matrix is a column behind its transpose."""
    left, right = chain(x), chain(y)
    if x.ndim > 1:
        return left.times(right)
    return left.turned().times(right) if y.ndim == 1 else right.turned().times(left)


def repeated(t: Term) -> Chain:
    """Return a row or a column that is repeated as its product with ones."""
    (x,), (m, n) = t.args, t.shape
    row = x.ndim == 1 or x.shape[0] == 1
    one = Term(NUMBER, (), 1, (), None)
    ones = Chain([Factor(Term(np.broadcast_to, (one,), (), (m if row else n,), t.dtype), False)])
    if row:
        return ones.times(chain(x) if x.ndim == 2 else chain(x).turned())
    return chain(x).times(ones.turned())


def is_product(t: Term) -> bool:
    """Tell whether ``x @ y`` is one of matrices and columns: stacks are multiplied by stacks."""
    x, y = (x.ndim for x in t.args)
    return max(x, y) < 3 or min(x, y) > 1


def is_transpose(t: Term) -> bool:
    """Tell whether a term is another one whose rows are columns."""
    params = dict(t.params) if t.op in (np.transpose, np.swapaxes, np.matrix_transpose) else None
    if params is None:
        return False
    if t.op is np.swapaxes:
        axes = {params["axis1"] % t.ndim, params["axis2"] % t.ndim}
        return axes == {t.ndim - 2, t.ndim - 1}
    return t.op is np.matrix_transpose or (t.ndim == 2 and params.get("axes") in (None, (1, 0)))


def turns(t: Term) -> bool | None:
    """Tell whether a reshape makes a column a row or a row a column; None if it does otherwise."""
    (x,) = t.args
    if dict(t.params).get("order") not in (None, "C"):
        return None
    long = [[i for i, n in enumerate(s) if n > 1] for s in (x.shape, t.shape)]
    if t.size < 2 or max(map(len, long)) > 1:
        return False if t.size == 1 else None
    before, after = (lies(s, i) for s, (i,) in zip((x.shape, t.shape), long, strict=True))
    return None if before is None or after is None else before != after


def lies(shape: tuple[int, ...], axis: int) -> bool | None:
    """Tell whether entries along an axis lie in a row; a vector stands. None of stacked ones."""
    back = len(shape) - 1 - axis
    return back == 0 and len(shape) > 1 if back < 2 else None


def without_numbers(t: Term) -> Chain:
    """Return a term, numbers that multiply it apart."""
    if t.op != PRODUCT:
        return Chain([Factor(t, False)])
    factors = list(zip(t.args, t.params[1], strict=True))
    arrays = [f for f, e in factors if f.shape and e == 1]
    numbers = tuple((f, e) for f, e in factors if not f.shape)
    if len(arrays) != 1 or len(numbers) + 1 != len(factors) or arrays[0].shape != t.shape:
        return Chain([Factor(t, False)])
    return Chain([], t.params[0], numbers).times(chain(arrays[0]))

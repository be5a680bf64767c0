"""Columns: products of matrices as mathematics has them, where every vector is a column. Floor 9.

NumPy's vectors have no direction: ``x @ W`` and ``W @ g`` are vectors both. As columns they are
``W^T x`` and ``W g``, ``x @ y`` is ``x^T y``, and a vector beside a matrix, as in ``X @ W + b``, is
a row, ``b^T``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..rules.determinants import inverse_transposed
from ..rules.products import batched_matmul, matmul
from .terms import NUMBER, ONE, PRODUCT, Coefficient, Term, factors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHAIN = "chain"  # what a term is for its writer that is a product of matrices, factor by factor


class Factor(NamedTuple):
    """A factor of a product of matrices, turned or not, or the inverse of one."""

    term: Term
    turned: bool = False
    inverse: bool = False


class Chain(NamedTuple):
    """A product of matrices, and the numbers before it."""

    factors: list[Factor]
    coefficient: Coefficient = ONE
    numbers: tuple[tuple[Term, int], ...] = ()

    def turned(self) -> Chain:
        """Return the transpose; that of a number is itself."""
        found = [
            f._replace(turned=not f.turned and f.term.size > 1) for f in reversed(self.factors)
        ]
        return self._replace(factors=found)

    def inverted(self, t: Term) -> Chain:
        """Return the inverse, given the term of it all."""
        lone = len(self.factors) == 1 and self.coefficient == ONE and not self.numbers
        one = self.factors[0] if lone else Factor(t)
        return Chain([one._replace(inverse=not one.inverse)])

    def alone(self, t: Term) -> Term:
        """Return the term of the factors, given that of it all."""
        terms, *kinds = zip(*self.factors, strict=True)
        return Term(CHAIN, terms, tuple(kinds), t.shape, t.dtype)

    def times(self, other: Chain) -> Chain:
        """Return the product."""
        return Chain(
            self.factors + other.factors,
            self.coefficient.times(other.coefficient),
            self.numbers + other.numbers,
        )


def chain(t: Term) -> Chain:
    """Return a term as a product of matrices, of a single one if it is none."""
    known = CHAINS.get(t.op)
    found = None if known is None else known(t)
    return without_numbers(t) if found is None else found


def numbers_first(
    c: Coefficient, factors: Iterable[tuple[Term, Any]]
) -> tuple[Coefficient, list[tuple[Term, Any]]]:
    """Return a coefficient and factors, those out of products of matrices before these."""
    found: list[tuple[Term, Any]] = []
    for t, e in factors:
        inner = chain(t) if e == 1 and t.op in CHAINS else None
        if inner is None or (inner.coefficient == ONE and not inner.numbers):
            found.append((t, e))
        else:
            c = c.times(inner.coefficient)
            found += [*inner.numbers, (inner.alone(t), 1)]
    return c, found


def multiplied(t: Term) -> Chain | None:
    """Return ``x @ y``."""
    return product(*t.args) if is_product(t) else None


def outer(t: Term) -> Chain:
    """Return an outer product."""
    return chain(t.args[0]).times(chain(t.args[1]).turned())


def transposed(t: Term) -> Chain | None:
    """Return a transpose."""
    return chain(t.args[0]).turned() if is_transpose(t) else None


def inverted(t: Term) -> Chain:
    """Return an inverse."""
    return chain(t.args[0]).inverted(t.args[0])


def solved(t: Term) -> Chain | None:
    """Return the solution of a system of equations."""
    return inverted(t).times(chain(t.args[1])) if t.args[0].ndim == 2 else None


def reshaped(t: Term) -> Chain | None:
    """Return a column for a row, or a row for a column."""
    turn = turns(t)
    inner = None if turn is None else chain(t.args[0])
    return inner.turned() if turn and inner else inner


def product(x: Term, y: Term) -> Chain:
    """Return ``x @ y``, where a vector before a matrix is a column behind its transpose."""
    left, right = chain(x), chain(y)
    if x.ndim > 1:
        return left.times(right)
    return left.turned().times(right) if y.ndim == 1 else right.turned().times(left)


def repeated(t: Term) -> Chain | None:
    """Return a row or a column that is repeated as its product with ones."""
    if t.ndim != 2 or t.args[0].size == 1:
        return None
    (x,), (m, n) = t.args, t.shape
    row = x.ndim == 1 or x.shape[0] == 1
    one = Term(NUMBER, (), 1, (), None)
    ones = Chain([Factor(Term(np.broadcast_to, (one,), (), (m if row else n,), t.dtype))])
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
        return Chain([Factor(t)])
    factors = factors_of(t)
    arrays = [f for f, e in factors if f.shape and e == 1]
    numbers = tuple((f, e) for f, e in factors if not f.shape)
    if len(arrays) != 1 or len(numbers) + 1 != len(factors) or arrays[0].shape != t.shape:
        return Chain([Factor(t)])
    return Chain([], t.params[0], numbers).times(chain(arrays[0]))


CHAINS: dict[Any, Callable[[Term], Chain | None]] = {
    np.outer: outer,
    np.broadcast_to: repeated,
    np.reshape: reshaped,
    np.linalg.inv: inverted,
    inverse_transposed: lambda t: inverted(t).turned(),
    np.linalg.solve: solved,
    **dict.fromkeys((matmul, batched_matmul), multiplied),
    **dict.fromkeys((np.transpose, np.swapaxes, np.matrix_transpose), transposed),
}

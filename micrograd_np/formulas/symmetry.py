"""Symmetry: matrices that are seen to be their own transposes. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.products import batched_matmul, matmul
from .columns import chain
from .operation import ENTRYWISE
from .terms import MINUS, NAME, PRODUCT, SUM, Term, factors_of

if TYPE_CHECKING:
    from .algebra import Algebra
    from .columns import Factor


def is_transpose(t: Term) -> bool:
    """Tell whether a term is the transpose of a matrix."""
    return t.op is np.transpose and not t.params and t.ndim == 2


def symmetric(algebra: Algebra, t: Term) -> bool:
    """Tell whether a matrix is seen to be its own transpose."""
    if t.ndim != 2 or t.shape[0] != t.shape[1]:
        return t.size == 1
    if t.op == NAME:
        return t in algebra.symmetric
    if t.op == PRODUCT:
        return of_product(algebra, factors_of(t))
    if t.op in (matmul, batched_matmul):
        return of_matrices(algebra, t)
    if t.op == SUM or t.op in ENTRYWISE or t.op is np.linalg.inv:
        return all(not x.shape or symmetric(algebra, x) for x in t.args)
    main = t.op in (np.diag, np.eye) and not dict(t.params).keys() - {"dtype"}
    return main and len(t.args) == 1


def of_matrices(algebra: Algebra, t: Term) -> bool:
    """Tell whether a product of matrices reads the same when it is turned: V @ D @ V.T."""

    def read(factors: list[Factor]) -> list[Factor]:
        return [f._replace(turned=f.turned and not symmetric(algebra, f.term)) for f in factors]

    product = chain(t)
    alone = len(product.factors) == 1
    return not alone and read(product.factors) == read(product.turned().factors)


def of_product(algebra: Algebra, factors: list[tuple[Term, Any]]) -> bool:
    """Tell whether a product is: of symmetric factors, and of a column with the same row."""
    rows = {(f, e) for f, e in factors if f.ndim == 1}
    columns = {(f.args[0], e) for f, e in factors if is_column(f)}
    rest = [(f, e) for f, e in factors if f.ndim != 1 and not is_column(f)]
    return rows == columns and all(
        not f.shape or symmetric(algebra, f) or (e % 2 == 0 and antisymmetric(f)) for f, e in rest
    )


def antisymmetric(t: Term) -> bool:
    """Tell whether a matrix holds the differences of a vector: x[:, None] - x."""
    if t.op != SUM or len(t.args) != 2 or t.params[0] != t.params[1].times(MINUS):
        return False
    x, y = t.args
    return (is_column(x) and x.args[0] is y) or (is_column(y) and y.args[0] is x)


def is_column(t: Term) -> bool:
    """Tell whether a term is a vector with an axis of length 1 behind it."""
    return t.op is np.reshape and t.args[0].ndim == 1 and t.shape == (t.args[0].size, 1)

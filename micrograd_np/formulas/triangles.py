"""Triangles: constant matrices of one number each above, on and below their diagonal. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .terms import Term, coefficient

if TYPE_CHECKING:
    from .algebra import Algebra


def triangular(algebra: Algebra, x: Any) -> Term | None:
    """Return such a matrix by np.eye and np.tri: 1 - np.eye(3), np.tri(3) - np.eye(3) / 2."""
    n = len(x)
    high, on, low = float(x[0, -1]), float(x[0, 0]), float(x[-1, 0])
    whole = np.triu(np.full((n, n), high), 1) + np.tril(np.full((n, n), low), -1) + on * np.eye(n)
    if not np.array_equal(x, whole) or not (high == low or high == 0 or low == 0):
        return None
    typed = () if x.dtype == np.float64 else (("dtype", x.dtype),)
    eye, tri = (
        algebra.term(f, (algebra.number(n),), typed, x.shape, x.dtype) for f in (np.eye, np.tri)
    )
    base, c = (
        (tri, low) if low else (algebra.term(np.transpose, (tri,), (), x.shape, x.dtype), high)
    )
    if high == low:
        base = algebra.number(1)
    return algebra.add([(coefficient(c), base), (coefficient(on - c), eye)], x.shape)

"""Rules for scipy.special: orthogonal polynomials, in the variable (DLMF 18.9). Floor 6."""

from __future__ import annotations

import numpy as np
from scipy import special

from ...rule import unknown
from .entries import of_entries


def lowered(factor, f, n, *more):
    """Return factor * f(n - 1, ...), and 0 for the polynomial of degree 0."""
    return np.where(n == 0, 0, factor * f(np.where(n == 0, 1, n) - 1, *more))


of_entries(
    special.eval_jacobi,
    unknown,
    unknown,
    unknown,
    lambda g, n, a, b, x: g * lowered((n + a + b + 1) / 2, special.eval_jacobi, n, a + 1, b + 1, x),
    operand_names=("n", "a", "b", "x"),
)
of_entries(
    special.eval_gegenbauer,
    unknown,
    unknown,
    lambda g, x, y, z: g * lowered(2 * y, special.eval_gegenbauer, x, y + 1, z),
)
of_entries(
    special.eval_genlaguerre,
    unknown,
    unknown,
    lambda g, x, y, z: g * lowered(-1, special.eval_genlaguerre, x, y + 1, z),
)
of_entries(
    special.eval_laguerre,
    unknown,
    lambda g, x, y: g * lowered(-1, special.eval_genlaguerre, x, 1.0, y),
)
of_entries(
    special.eval_legendre,
    unknown,
    lambda g, x, y: g * lowered((x + 1) / 2, special.eval_jacobi, x, 1.0, 1.0, y),
)
of_entries(special.eval_chebyt, unknown, lambda g, x, y: g * lowered(x, special.eval_chebyu, x, y))
of_entries(
    special.eval_chebyu,
    unknown,
    lambda g, x, y: g * lowered(2, special.eval_gegenbauer, x, 2.0, y),
)
of_entries(
    special.eval_hermite, unknown, lambda g, x, y: g * lowered(2 * x, special.eval_hermite, x, y)
)
of_entries(
    special.eval_hermitenorm,
    unknown,
    lambda g, x, y: g * lowered(x, special.eval_hermitenorm, x, y),
)

"""Equations of matrices: triangular and banded, Sylvester's and Lyapunov's. Floor 8."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, where
from ..rules.arrays import array_of
from ..rules.matrices import adjoint, eye_like, rows, transposed
from ..rules.scipy_linalg import equations
from .operands import check_right_side, square

TURNED = {"N": 0, "T": 1, "C": 2}


def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Return the solution x of a x = b, of which one triangle of a is read.

    Parameters
    ----------
    a : array_like or Tensor (..., n, n), float or complex
        Its upper triangle counts, or its lower one with ``lower``. The other may hold anything,
        and its gradient is 0.
    b : array_like or Tensor (n,) or (..., n, k)
        The right side.
    trans : {0, 1, 2} or {"N", "T", "C"}
        Whether to solve with a, with its transpose or with its conjugate transpose.
    unit_diagonal : bool
        Whether the diagonal is taken for ones and not read either.

    Returns
    -------
    x : array or Tensor, as large as b

    Examples
    --------
    >>> a, b = np.array([[2.0, np.nan], [1.0, 4.0]]), np.array([2.0, 9.0])
    >>> mg.linalg.solve_triangular(a, b, lower=True)
    array([1., 2.])
    >>> mg.grad(lambda a: np.sum(mg.linalg.solve_triangular(a, b, lower=True)))(a)
    array([[-0.375,  0.   ],
           [-0.25 , -0.5  ]])
    """
    a, b = square("solve_triangular", a), array_of(b)
    turned = TURNED.get(trans, trans) if isinstance(trans, str) else trans
    if turned not in (0, 1, 2):
        raise ArgumentError(
            f"solve_triangular: trans={trans!r}{where()}. It is 0, 1 or 2, or 'N', 'T' or 'C'."
        )
    a = np.conj(a) if turned == 2 else a
    a, lower = (transposed(a), not lower) if turned else (a, bool(lower))
    return triangular("solve_triangular", a, b, lower, bool(unit_diagonal))


def triangular(name: str, a: Any, b: Any, lower: bool, unit_diagonal: bool = False) -> Any:
    """Return the solution of a triangular system."""
    return solved(
        name, equations.solve_triangular, a, b, {"lower": lower, "unit_diagonal": unit_diagonal}
    )


def solved(name: str, solve: Any, a: Any, b: Any, options: dict[str, Any]) -> Any:
    """Return a solution for right sides in columns, or for one vector."""
    check_right_side(name, b, a.shape[-1:])
    if b.ndim > 1:
        return solve(a, b, **options)
    return np.squeeze(solve(a, rows(b), **options), -1)


def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Any, bool]:
    """Return Cholesky's factor of a, and ``lower``: what `cho_solve` takes.

    Its other triangle is 0, where SciPy leaves what it finds there.

    Parameters
    ----------
    a : array_like or Tensor (..., n, n)
        Positive definite. Its upper triangle is read, or its lower one with ``lower``.

    Examples
    --------
    >>> mg.linalg.cho_factor(np.diag([4.0, 9.0]))
    (array([[2., 0.],
           [0., 3.]]), False)
    """
    return np.linalg.cholesky(square("cho_factor", a), upper=not lower), bool(lower)


def cho_solve(
    c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """Return the solution x of a x = b, given Cholesky's factor of a.

    Parameters
    ----------
    c_and_lower : (array_like or Tensor (..., n, n), bool)
        The factor, c^H c = a, or c c^H = a if it is ``lower``; its other triangle is not read.
    b : array_like or Tensor (n,) or (..., n, k)

    Examples
    --------
    >>> a = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> mg.linalg.cho_solve((np.linalg.cholesky(a), True), np.array([3.0, 3.0]))
    array([1., 1.])
    """
    c, lower = c_and_lower
    c, b = square("cho_solve", c), array_of(b)
    first, second = (c, adjoint(c)) if lower else (adjoint(c), c)
    return triangular("cho_solve", second, triangular("cho_solve", first, b, True), False)


def solve_banded(
    l_and_u: tuple[int, int],
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """Return the solution x of a x = b, given the diagonals of a.

    Parameters
    ----------
    l_and_u : (int, int)
        How many diagonals there are below the main one, and above it.
    ab : array_like or Tensor (..., l + u + 1, n), float or complex
        The diagonals, the uppermost first: entry (i, j) of a stands at (u + i - j, j). What
        stands for no entry may be anything, and its gradient is 0.
    b : array_like or Tensor (n,) or (..., n, k)

    Examples
    --------
    >>> ab = np.array([[np.nan, 1.0, 1.0], [2.0, 2.0, 2.0]])
    >>> mg.linalg.solve_banded((0, 1), ab, np.array([3.0, 3.0, 2.0]))
    array([1., 1., 1.])
    """
    (lower, upper), ab, b = l_and_u, array_of(ab), array_of(b)
    if ab.ndim < 2 or ab.shape[-2] != lower + upper + 1:
        raise ShapeError(
            f"solve_banded: shape {ab.shape} for {lower} diagonals below the main one and {upper} "
            f"above it{where()}. It has a row for each, {lower + upper + 1} in all."
        )
    options = {"lower": int(lower), "upper": int(upper)}
    return solved("solve_banded", equations.solve_banded, ab, b, options)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """Return the solution x of a x + x b = q.

    Parameters
    ----------
    a : array_like or Tensor (..., m, m), float or complex
    b : array_like or Tensor (..., n, n)
    q : array_like or Tensor (..., m, n)

    Notes
    -----
    Real matrices beside complex ones are right here; SciPy 1.17 gives wrong solutions for some.

    Examples
    --------
    >>> mg.linalg.solve_sylvester(np.eye(2), 3 * np.eye(2), np.full((2, 2), 8.0))
    array([[2., 2.],
           [2., 2.]])
    """
    a, b, q = square("solve_sylvester", a), square("solve_sylvester", b), array_of(q)
    check_right_side("solve_sylvester", q, (a.shape[-1], b.shape[-1]))
    return equations.solve_sylvester(a, b, q)


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """Return the solution x of a x + x a^H = q, square matrices all.

    Examples
    --------
    >>> mg.linalg.solve_continuous_lyapunov(np.diag([-1.0, -2.0]), -np.eye(2))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    a, q = square("solve_continuous_lyapunov", a), square("solve_continuous_lyapunov", q)
    check_right_side("solve_continuous_lyapunov", q, a.shape[-2:])
    return equations.solve_sylvester(a, adjoint(a), q)


solve_lyapunov = solve_continuous_lyapunov


def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Any:
    """Return the solution x of a x a^H - x + q = 0, square matrices all.

    Parameters
    ----------
    a, q : array_like or Tensor (..., n, n), float or complex
    method : {"direct", "bilinear"}, optional
        By n^2 linear equations, as a rule for n < 10, or by an equation of Lyapunov's.

    Examples
    --------
    >>> mg.linalg.solve_discrete_lyapunov(0.5 * np.eye(2), 3 * np.eye(2))
    array([[4., 0.],
           [0., 4.]])
    """
    a, q = square("solve_discrete_lyapunov", a), square("solve_discrete_lyapunov", q)
    check_right_side("solve_discrete_lyapunov", q, a.shape[-2:])
    method = (method or ("bilinear" if a.shape[-1] >= 10 else "direct")).lower()
    if method not in ("direct", "bilinear"):
        raise ArgumentError(
            f"solve_discrete_lyapunov: method={method!r}{where()}. It is 'direct' or 'bilinear'."
        )
    if method == "direct":
        n = a.shape[-1]
        products = np.einsum("...ij,...kl->...ikjl", a, np.conj(a))
        products = np.reshape(products, (*a.shape[:-2], n * n, n * n))
        column = np.reshape(q, (*q.shape[:-2], n * n, 1))
        found = np.linalg.solve(eye_like(products) - products, column)
        return np.reshape(found, (*found.shape[:-2], n, n))
    one, turned = eye_like(a), adjoint(a)
    right = np.linalg.inv(turned + one)
    c = 2 * np.linalg.inv(a + one) @ q @ right
    return solve_continuous_lyapunov(adjoint((turned - one) @ right), -c)

"""Functions of matrices: exponential, logarithm, roots, sines, polar factors. Floor 8."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, where
from ..protocols.conversions import is_traced
from ..rules.arrays import array_of
from ..rules.matrices import adjoint
from ..rules.scipy_linalg import functions
from ..tensor import Tensor
from .operands import square


def expm(A: Any) -> Any:
    """Return the exponential of matrices, the sum of all A^k / k!.

    Parameters
    ----------
    A : array_like or Tensor (..., n, n), float or complex

    Examples
    --------
    >>> turn = np.array([[0.0, -np.pi], [np.pi, 0.0]])
    >>> np.round(mg.linalg.expm(turn), 12) + 0.0
    array([[-1.,  0.],
           [ 0., -1.]])
    """
    return functions.expm(square("expm", A))


def logm(A: Any) -> Any:
    """Return the principal logarithm of matrices: `expm` of it is A.

    Parameters
    ----------
    A : array_like or Tensor (..., n, n), float or complex

    Notes
    -----
    Complex for a real matrix with a negative eigenvalue. Compiled, the result of a real matrix is
    real, or an error.

    Examples
    --------
    >>> mg.grad(lambda a: np.trace(mg.linalg.logm(a)))(np.diag([1.0, 2.0]))
    array([[1. , 0. ],
           [0. , 0.5]])
    """
    A = square("logm", A)
    return functions.logm(A, **real_if_compiled(A))


def sqrtm(A: Any) -> Any:
    """Return the principal square root of matrices: its square is A.

    Parameters
    ----------
    A : array_like or Tensor (..., n, n), float or complex
        Not singular, or there is no derivative.

    Notes
    -----
    Complex for a real matrix with a negative eigenvalue. Compiled, the result of a real matrix is
    real, or an error.

    Examples
    --------
    >>> mg.grad(lambda a: np.trace(mg.linalg.sqrtm(a)))(np.diag([4.0, 1.0]))
    array([[0.25, 0.  ],
           [0.  , 0.5 ]])
    """
    A = square("sqrtm", A)
    return functions.sqrtm(A, **real_if_compiled(A))


def real_if_compiled(a: Any) -> dict[str, bool]:
    """Return how a function that is complex for some real matrices is called in a trace."""
    traced = isinstance(a, Tensor) and is_traced(a) and a.dtype.kind != "c"
    return {"real": True} if traced else {}


def cosm(A: Any) -> Any:
    """Return the cosine of matrices.

    Examples
    --------
    >>> np.round(mg.linalg.cosm(np.pi * np.eye(2)), 12) + 0.0
    array([[-1.,  0.],
           [ 0., -1.]])
    """
    A = square("cosm", A)
    turned = functions.expm(1j * A)
    return (turned + functions.expm(-1j * A)) / 2 if A.dtype.kind == "c" else np.real(turned)


def sinm(A: Any) -> Any:
    """Return the sine of matrices."""
    A = square("sinm", A)
    turned = functions.expm(1j * A)
    return (turned - functions.expm(-1j * A)) / 2j if A.dtype.kind == "c" else np.imag(turned)


def tanm(A: Any) -> Any:
    """Return the tangent of matrices, inv(cosm(A)) sinm(A)."""
    return np.linalg.solve(cosm(A), sinm(A))


def coshm(A: Any) -> Any:
    """Return the hyperbolic cosine of matrices."""
    A = square("coshm", A)
    return (functions.expm(A) + functions.expm(-A)) / 2


def sinhm(A: Any) -> Any:
    """Return the hyperbolic sine of matrices."""
    A = square("sinhm", A)
    return (functions.expm(A) - functions.expm(-A)) / 2


def tanhm(A: Any) -> Any:
    """Return the hyperbolic tangent of matrices, inv(coshm(A)) sinhm(A)."""
    return np.linalg.solve(coshm(A), sinhm(A))


def polar(a: Any, side: str = "right") -> tuple[Any, Any]:
    """Return u with orthonormal columns or rows, and p without negative eigenvalues: a = u p.

    Parameters
    ----------
    a : array_like or Tensor (..., m, n), float or complex
        Of full rank, or there is no derivative.
    side : {"right", "left"}
        On which side p stands: a = u p, or a = p u.

    Examples
    --------
    >>> mg.linalg.polar(np.array([[0.0, -2.0], [3.0, 0.0]]))
    (array([[ 0., -1.],
           [ 1.,  0.]]), array([[3., 0.],
           [0., 2.]]))
    """
    if side not in ("right", "left"):
        raise ArgumentError(f"polar: side={side!r}{where()}. It is 'right' or 'left'.")
    a = array_of(a)
    w, _, vh = np.linalg.svd(a, full_matrices=False)
    u = w @ vh
    return u, adjoint(u) @ a if side == "right" else a @ adjoint(u)

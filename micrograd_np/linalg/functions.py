"""Functions of matrices: exponential, logarithm, square root. Floor 9."""

from __future__ import annotations

from typing import Any

from ..protocols.conversions import is_traced
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

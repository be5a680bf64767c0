"""Functions of scipy.special that are written in Python, for Tensors and arrays alike. Floor 9.

Those written in C, such as `scipy.special.erf`, are called on Tensors as they are. The others
convert their operand to an array, which would cut the graph, and so refuse a Tensor: these take
their place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .errors import MissingExtraError

try:
    from scipy import special
    from scipy.special import _ufuncs as kernels
except ImportError as error:
    raise MissingExtraError('mg.special needs SciPy: pip install "micrograd_np[demos]".') from error

from .custom import stop_gradient
from .rules import activations
from .rules.special import __name__ as _  # noqa: F401  (declares the rules)

__all__ = [
    "logsumexp", "softmax", "log_softmax", "polygamma", "multigammaln",
    "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn",
]  # fmt: skip


def logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """Return log(sum(b exp(a))) along ``axis``, without overflow.

    Parameters
    ----------
    a, b : array_like or Tensor, shapes that broadcast, float
        The exponents and their weights, which may be negative; 1 by default.
    axis : int, tuple of int or None
        The axes to sum over; all by default.
    keepdims : bool
        Whether those axes stay, with length 1.
    return_sign : bool
        Whether the logarithm is that of the absolute value, and the sign is returned beside it.

    Examples
    --------
    >>> mg.special.logsumexp(np.array([1000.0, 1000.0]), b=np.array([1.0, 3.0]))
    np.float64(1001.386...)
    """
    if b is None:
        log = activations.logsumexp(a, axis, keepdims)
        return (log, np.ones_like(log)) if return_sign else log
    m = stop_gradient(np.max(np.where(np.equal(b, 0), -np.inf, a), axis=axis, keepdims=True))
    m = np.where(np.isfinite(m), m, 0.0)
    d = np.subtract(a, m)
    d = np.where(np.equal(b, 0), np.minimum(d, 0.4 * math.log(np.finfo(d.dtype).max)), d)
    total = np.sum(b * np.exp(d), axis=axis, keepdims=keepdims)
    m = m if keepdims else np.squeeze(m, axis)
    if return_sign:
        return np.log(np.abs(total)) + m, np.sign(total)
    return np.log(total) + m


def softmax(x: Any, axis: Any = None) -> Any:
    """Return exp(x) / sum(exp(x)) along ``axis``: of all entries by default, unlike `mg.nn`.

    Examples
    --------
    >>> mg.special.softmax(np.zeros((2, 2)))
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    return activations.softmax(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """Return log(softmax(x)) along ``axis``: of all entries by default, unlike `mg.nn`.

    Examples
    --------
    >>> mg.special.log_softmax(np.array([[0.0], [-1000.0]]))
    array([[    0.],
           [-1000.]])
    """
    if axis is None:
        return np.reshape(activations.log_softmax(np.reshape(x, -1)), np.shape(x))
    if isinstance(axis, tuple):
        return x - activations.logsumexp(x, axis, True)
    return activations.log_softmax(x, axis)


def polygamma(n: int, x: Any) -> Any:
    """Return the n-th derivative of the digamma function.

    Parameters
    ----------
    n : int
        Not negative.
    x : array_like or Tensor, any shape, float

    Examples
    --------
    >>> mg.special.polygamma(1, 1.0)
    np.float64(1.64493406684...)
    >>> mg.grad(lambda x: mg.special.polygamma(1, x))(1.0)
    np.float64(-2.40411380631...)
    """
    if n == 0:
        return special.psi(x)
    return (-1) ** (n + 1) * float(math.factorial(n)) * special.zeta(n + 1.0, x)


def multigammaln(a: Any, d: int) -> Any:
    """Return the logarithm of the multivariate gamma function of dimension d.

    Parameters
    ----------
    a : array_like or Tensor, any shape, float
        Larger than (d - 1) / 2.
    d : int

    Examples
    --------
    >>> float(mg.special.multigammaln(3.0, 1)) == float(np.log(2.0))
    True
    """
    total = special.gammaln(a)
    for j in range(1, d):
        total = total + special.gammaln(np.subtract(a, j / 2))
    return total + d * (d - 1) / 4 * math.log(math.pi)


def spherical_jn(n: int, z: Any, derivative: bool = False) -> Any:
    """Return the spherical Bessel function of the first kind, or its derivative.

    Examples
    --------
    >>> mg.grad(lambda z: mg.special.spherical_jn(0, z))(1.0)
    np.float64(-0.30116867893...)
    """
    return (kernels._spherical_jn_d if derivative else kernels._spherical_jn)(n, z)


def spherical_yn(n: int, z: Any, derivative: bool = False) -> Any:
    """Return the spherical Bessel function of the second kind, or its derivative."""
    return (kernels._spherical_yn_d if derivative else kernels._spherical_yn)(n, z)


def spherical_in(n: int, z: Any, derivative: bool = False) -> Any:
    """Return the modified spherical Bessel function of the first kind, or its derivative."""
    return (kernels._spherical_in_d if derivative else kernels._spherical_in)(n, z)


def spherical_kn(n: int, z: Any, derivative: bool = False) -> Any:
    """Return the modified spherical Bessel function of the second kind, or its derivative."""
    return (kernels._spherical_kn_d if derivative else kernels._spherical_kn)(n, z)

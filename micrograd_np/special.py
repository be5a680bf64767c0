"""Functions of scipy.special that are written in Python, for Tensors and arrays alike. Floor 8.

Those written in C, such as `scipy.special.erf`, are called on Tensors as they are. The others
convert their operand to an array, which would cut the graph, and so refuse a Tensor: these take
their place.
"""

from __future__ import annotations

import math
from typing import Any

from .errors import MissingExtraError

try:
    from scipy import special
    from scipy.special import _ufuncs as kernels
except ImportError as error:
    raise MissingExtraError('mg.special needs SciPy: pip install "micrograd_np[demos]".') from error

from .rules.activations import log_softmax as log_softmax
from .rules.activations import logsumexp as logsumexp
from .rules.activations import softmax as softmax
from .rules.special import __name__ as _  # noqa: F401  (declares the rules)

__all__ = [
    "logsumexp", "softmax", "log_softmax", "polygamma", "multigammaln",
    "spherical_jn", "spherical_yn", "spherical_in", "spherical_kn",
]  # fmt: skip


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
        total = total + special.gammaln(a - j / 2)
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

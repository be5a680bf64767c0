"""Rules for functions of matrices: exponential, logarithm, square root. Floor 6.

The transpose of the derivative at x is the derivative at the transpose of x (Higham 2008,
"Functions of Matrices", sec. 3.2), so each rule is the derivative along g.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from ...calls.dispatch import atomic, primitive
from ...errors import OutOfRangeError, where
from ...rule import constant, general
from ..matrices import eye_like, transposed
from ..readable import whole
from .equations import solve_sylvester
from .stacks import of_each

PLACES, WEIGHTS = (np.polynomial.legendre.leggauss(16) + np.array([[1.0], [0.0]])) / 2


@atomic
@primitive
def expm(x):
    """Return the exponential of matrices."""
    return of_each(linalg.expm, x)


@atomic
@primitive
def logm(x, real=False):
    """Return the principal logarithm of matrices; ``real`` refuses a complex one of a real x.

    In double precision: SciPy warns of the digits of any that is computed in single.
    """
    wide = np.asarray(x, np.result_type(x, np.float64))
    return checked("logm", of_each(linalg.logm, wide), x, real)


@atomic
@primitive
def sqrtm(x, real=False):
    """Return the principal square root of matrices; ``real`` refuses a complex one of a real x."""
    return checked("sqrtm", of_each(linalg.sqrtm, x), x, real)


def checked(name, out, x, real):
    """Return a result in the precision of x, which some releases of SciPy double.

    It is refused if it is complex where a trace relied on real numbers.
    """
    if real and out.dtype.kind == "c":
        raise OutOfRangeError(
            f"{name}: the result is complex, for the matrix has an eigenvalue on the negative axis"
            f"{where()}. Compiled, a function has one dtype: pass the matrix as complex numbers."
        )
    precision = np.complex64 if out.dtype.kind == "c" else np.float32
    if x.dtype.char not in "efF":
        precision = np.result_type(precision, np.float64)
    return out.astype(precision, copy=False)


@primitive
def level(g):
    """Return a power of 2 that is as large as the largest entry of each matrix; 1 for a 0."""
    size = np.max(np.abs(g), axis=(-2, -1), keepdims=True, initial=0)
    known = np.isfinite(size) & (size > 0)
    return np.where(known, np.exp2(np.floor(np.log2(np.where(known, size, 1)))), 1)


def exponential_beside(x, g):
    """Return what stands beside exp(x) in the exponential of [[x, g], [0, x]].

    That is the derivative at x along g (Higham 2008, eq. 3.16).
    """
    n = x.shape[-1]
    above = np.concatenate([x, g], axis=-1)
    below = np.concatenate([np.zeros_like(x), x], axis=-1)
    return expm(np.concatenate([above, below], axis=-2))[..., :n, n:]


def exponential_along(x, g):
    """Return the derivative, which is linear in g, from one of size 1: others cost digits."""
    scale = level(g)
    return scale * exponential_beside(x, g / scale)


def logarithm_along(x, g):
    """Return the derivative of the logarithm at x along g.

    As log(x) = 2 log(sqrt(x)), a few roots take x near 1. There it is the integral of r g r from 0
    to 1 with r = inv(1 - t + t x), by Gauss (Al-Mohy, Higham & Relton 2013, "Computing the Frechet
    derivative of the matrix logarithm"). For eigenvalues of size 1e-17 to 1e17 nothing is lost.
    """
    for _ in range(5):
        x = sqrtm(x)
        g = 2 * solve_sylvester(x, x, g)
    t, weight = (np.reshape(a, (-1, *[1] * x.ndim)) for a in (PLACES, WEIGHTS))
    r = np.linalg.inv((1 - t) * eye_like(x) + t * x)
    return np.sum(weight * (r @ g @ r), axis=0)


constant(level)
general(expm, lambda g, x: exponential_along(transposed(x), g))
whole(expm, lambda g, x: exponential_beside(transposed(x), g))  # as it is printed
general(logm, lambda g, x: logarithm_along(transposed(x), g), ignores=("real",))
general(
    sqrtm,
    lambda g, out: solve_sylvester(transposed(out), transposed(out), g),
    ignores=("real",),
)

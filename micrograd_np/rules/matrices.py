"""What the rules for matrices share: transposes, triangles, quotients that may be 0 / 0. Floor 5.

Formulas in the literature pair a cotangent and a tangent by Re tr(Ȳᴴ dY). Here a cotangent g is
paired without conjugating, so Ȳ = conj(g): such rules conjugate what comes in and what goes out.
"""

from __future__ import annotations

import numpy as np

from ..calls.dispatch import primitive
from ..rule import elementwise


def transposed(x):
    """Return the transpose of each matrix."""
    return np.swapaxes(x, -1, -2)


def adjoint(x):
    """Return the conjugate transpose of each matrix."""
    return np.conj(np.swapaxes(x, -1, -2))


def over_matrices(x):
    """Return numbers, one for each matrix, so that they broadcast against the matrices."""
    return np.expand_dims(x, (-2, -1))


def columns(x):
    """Return vectors so that multiplying by them scales the columns of matrices."""
    return np.expand_dims(x, -2)


def rows(x):
    """Return vectors so that multiplying by them scales the rows of matrices."""
    return np.expand_dims(x, -1)


def eye_like(x):
    """Return the identity for matrices of the width and the real dtype of x."""
    return np.eye(x.shape[-1], dtype=x.real.dtype)


def lower_half(x):
    """Return the factors that keep the part below the diagonal, and half of the diagonal."""
    return np.tri(x.shape[-1], dtype=x.real.dtype) - eye_like(x) / 2


def diagonal_matrix(d):
    """Return matrices with these diagonals."""
    return columns(d) * eye_like(d)


def diagonal_of(x):
    """Return the diagonal of each matrix."""
    return np.sum(x * eye_like(x), axis=-1)


def of_triangle(s, upper=False):
    """Return the cotangent of a matrix of which one triangle is read, and taken for Hermitian.

    ``s`` is that of the whole Hermitian matrix, as the literature gives it, conjugated. An entry
    below the diagonal stands for two, one on it for its real part.
    """
    half = lower_half(s)
    return np.conj(s + adjoint(s)) * (half.T if upper else half)


def hermitian_of(a, upper=False):
    """Return the Hermitian matrix of which one triangle is given."""
    half = lower_half(a)
    kept = a * (half.T if upper else half)
    return kept + adjoint(kept)


def size(x):
    """Return the sum of the sizes of all entries of each matrix, to compare one entry with."""
    return np.sum(np.abs(x), axis=(-2, -1), keepdims=True)


@primitive
def quotient(x, y, z):
    """Return x / y, and 0 where y is 0 and x is nothing but rounding beside z.

    Derivatives of eigenvectors divide by the gaps between eigenvalues. What does not depend on how
    the vectors of one eigenvalue are chosen asks for 0 / 0 there, and has a derivative even so.
    """
    nothing = (y == 0) & (np.abs(x) <= 16 * x.shape[-1] * np.finfo(x.dtype).eps * z)
    return np.where(nothing, 0, x) / np.where(nothing, 1, y)


elementwise(
    quotient,
    lambda g, y: quotient(g, y, size(g)),
    lambda g, y, out: -quotient(g * out, y, size(g * out)),
    None,
)


def turns(m, gap, total, values_asked):
    """Return (m - mᴴ) / gap: the cotangent of the tangent's part that turns two vectors.

    Vectors of one eigenvalue (gap 0) may be turned into each other at will, so their turn has no
    derivative, and the quotient is infinite if they are told apart. It is 0 if the result is the
    same however they are turned, which only shows where the result does not use the values too.
    """
    if values_asked:
        q = quotient(m, gap, total)
        return q + adjoint(q)
    return quotient(m - adjoint(m), gap, total)


def gaps(w):
    """Return w[j] - w[i]; 0 where the two are alike to rounding, infinite on the diagonal."""
    difference = columns(w) - rows(w)
    return np.where(eye_like(w) == 1, np.inf, rounded(difference, w))


def rounded(x, w):
    """Return x with 0 for entries that are rounding beside the values w."""
    scale = np.sum(np.abs(w), axis=-1, keepdims=True)
    tiny = 4 * np.finfo(w.dtype).eps * (rows(scale) if x.ndim > w.ndim else scale)
    return np.where(np.abs(x) <= tiny, 0, x)

"""Rules for norms of vectors and matrices, and for condition numbers. Floor 5."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..calls.dispatch import primitive
from ..errors import OutOfRangeError, where
from ..rule import composite, general
from .spread import magnitude, or_infinite, spread, unreduced

# Norms of vectors: at 0, where they have a kink, the derivative is 0


def scaled(norm, x, axis, keepdims):
    """Return a norm of x, of sizes that are divided by the largest: no power of them overflows."""
    scale = magnitude(x, axis)
    norms = scale * norm(np.abs(x) / scale)
    return norms if keepdims else np.squeeze(norms, axis)


@primitive
def euclidean(x, axis=None, keepdims=False):
    """Return the root of the sum of squares."""

    def norm(sizes):
        return np.sqrt(np.sum(sizes**2, axis=axis, keepdims=True))

    return scaled(norm, x, axis, keepdims)


@primitive
def p_norm(x, p, axis=None, keepdims=False):
    """Return sum(|x|**p) ** (1/p)."""

    def norm(sizes):
        return np.sum(sizes**p, axis=axis, keepdims=True) ** (1 / p)

    return scaled(norm, x, axis, keepdims)


def direction(x):
    """Return the derivative of |x|: its sign, or the conjugate of x / |x|; 0 at 0."""
    return np.conj(x) / or_infinite(np.abs(x))


def euclidean_vjp(g, x, out, axis=None, keepdims=False):
    """Cotangent of x: along x, of length 1; 0 at 0."""
    length = unreduced(or_infinite(out), x, axis, keepdims)
    return spread(g, x, axis, keepdims) * (np.conj(x) / length)


def p_norm_vjp(g, x, out, p, axis=None, keepdims=False):
    """Cotangent of x: (|x| / norm)**(p - 1), in the direction of x; 0 where x or the norm is 0."""
    length = unreduced(out, x, axis, keepdims)
    counts = (x != 0) & (length != 0)
    ratio = np.where(counts, np.abs(x), 1) / np.where(counts, length, 1)
    return spread(g, x, axis, keepdims) * np.where(counts, ratio ** (p - 1) * direction(x), 0)


general(euclidean, euclidean_vjp, name="norm")
general(p_norm, p_norm_vjp, name="norm")


def norm_of_vectors(x, order, axis, keepdims):
    """Return the norm of the entries along one axis, several, or all."""
    if order is None or order == 2 or (order == math.inf and not x.size):
        return euclidean(x, axis=axis, keepdims=keepdims)
    if isinstance(order, str):
        raise OutOfRangeError(f"norm: ord={order!r} is for matrices{where()}. Give two axes.")
    if order == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if abs(order) == math.inf:
        return (np.max if order > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if order == 0:
        return np.sum(np.astype(x != 0, np.real(x).dtype), axis=axis, keepdims=keepdims)
    return p_norm(x, p=order, axis=axis, keepdims=keepdims)


# Norms of matrices

SINGULAR = {"nuc": np.sum, 2: np.max, -2: np.min}  # of the singular values
SUMS = {1: (-2, np.max), -1: (-2, np.min), math.inf: (-1, np.max), -math.inf: (-1, np.min)}


def norm_of_matrices(x, order, axes, keepdims):
    """Return the norm of the matrices in two axes."""
    first, second = (normalize_axis_index(axis, x.ndim) for axis in axes)
    if first == second:
        raise OutOfRangeError(f"norm: axis={axes} names one axis twice{where()}.")
    if order in (None, "fro", "f") or (order in (1, 2, math.inf) and not x.size):
        return euclidean(x, axis=(first, second), keepdims=keepdims)
    last = (first, second) == (x.ndim - 2, x.ndim - 1)
    a = x if last else np.moveaxis(x, (first, second), (-2, -1))
    if order in SINGULAR:
        norm = SINGULAR[order](np.linalg.svdvals(a), axis=-1)
    elif order in SUMS:
        axis, extreme = SUMS[order]
        norm = extreme(np.sum(np.abs(a), axis=axis), axis=-1)
    else:
        raise OutOfRangeError(
            f"norm: ord={order!r} is no norm of matrices{where()}. There are 'fro', 'nuc', 1, -1, "
            "2, -2, inf and -inf."
        )
    return np.expand_dims(norm, sorted((first, second))) if keepdims else norm


def normed(x, ord=None, axis=None, keepdims=False):  # noqa: A002 (NumPy's name)
    """Body of np.linalg.norm: of vectors along one axis, of matrices along two."""
    if axis is None and (ord is None or (ord == 2 and x.ndim == 1)):
        return euclidean(x, keepdims=keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axis
    axes = axes if isinstance(axes, tuple | list) else (int(axes),)
    if len(axes) == 1:
        return norm_of_vectors(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return norm_of_matrices(x, ord, axes, keepdims)
    raise OutOfRangeError(
        f"norm: ord={ord!r} of {len(axes)} axes{where()}. Vectors have one, matrices two: give "
        "them by axis=, or leave ord= away for the norm of all entries."
    )


composite(np.linalg.norm, normed)


def vector_normed(x, axis=None, keepdims=False, ord=2):  # noqa: A002 (NumPy's name)
    """Body of np.linalg.vector_norm."""
    return norm_of_vectors(x, ord, axis, keepdims)


def matrix_normed(x, keepdims=False, ord="fro"):  # noqa: A002 (NumPy's name)
    """Body of np.linalg.matrix_norm."""
    return norm_of_matrices(x, ord, (-2, -1), keepdims)


composite(np.linalg.vector_norm, vector_normed)
composite(np.linalg.matrix_norm, matrix_normed)


def condition(x, p=None):
    """Body of np.linalg.cond."""
    if p not in (None, 2, -2):
        return np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(np.linalg.inv(x), ord=p)
    s = np.linalg.svdvals(x)
    with np.errstate(divide="ignore", invalid="ignore"):  # as NumPy does: singular is no surprise
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]


composite(np.linalg.cond, condition)

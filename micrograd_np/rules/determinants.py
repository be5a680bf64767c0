"""Rules for determinants. Floor 5.

The derivative of a determinant is the matrix of its cofactors, which singular matrices have too.
"""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import primitive
from ..calls.outputs import several
from ..rule import constant, general
from .matrices import (
    adjoint,
    columns,
    diagonal_matrix,
    diagonal_of,
    eye_like,
    over_matrices,
    rows,
    transposed,
)
from .reductions import others


@primitive
def is_regular(x):
    """Tell for each matrix whether its inverse has digits to spare.

    A matrix with an infinity or a NaN counts as regular: its results are NaN, and LAPACK's singular
    values of it may take forever.
    """
    if not x.size:
        return np.ones_like(x[..., :1, :1], bool)
    finite = np.all(np.isfinite(x), axis=(-2, -1))
    return ~over_matrices((np.linalg.cond(x, 1) >= 1e6) & finite)


@primitive
def cofactors(x):
    """Return the cofactors of each entry, det(x) inv(x)ᵀ, also of singular matrices."""
    regular = is_regular(x)
    safe = np.where(regular, x, eye_like(x))
    plain = over_matrices(np.linalg.det(safe)) * transposed(np.linalg.inv(safe))
    if np.all(regular):
        return plain
    u, s, vh, sign = unitary_parts(np.where(regular, eye_like(x), x))
    return np.where(regular, plain, sign * np.conj(u * columns(others(s, -1)) @ vh))


def unitary_parts(x):
    """Return the singular value decomposition, and the determinant of both unitary factors."""
    u, s, vh = np.linalg.svd(x)
    return u, s, vh, over_matrices(np.linalg.det(u) * np.linalg.det(vh))


@primitive
def cofactors_moved(g, x):
    """Return the cotangent of x in its cofactors: the second derivative of det(x) along g.

    Where x has an inverse T = inv(x)ᵀ, with cofactors C: <g, C> T - T gᵀ C. Else in the bases of
    the singular vectors, where the determinant's second derivatives are products of all singular
    values but two.
    """
    regular = is_regular(x)
    safe = np.where(regular, x, eye_like(x))
    inverse = transposed(np.linalg.inv(safe))
    c = over_matrices(np.linalg.det(safe)) * inverse
    smooth = np.sum(g * c, axis=(-2, -1), keepdims=True) * inverse - inverse @ transposed(g) @ c
    if np.all(regular):
        return smooth
    u, s, vh, sign = unitary_parts(np.where(regular, eye_like(x), x))
    turned = adjoint(u) @ g @ adjoint(vh)
    one = eye_like(x)
    but_two = others(np.where(one == 1, 1, columns(s)), -1) * (1 - one)
    diagonal = np.squeeze(but_two @ rows(diagonal_of(turned)), -1)
    inner = diagonal_matrix(diagonal) - but_two * transposed(turned)
    return np.where(regular, smooth, sign * (np.conj(u) @ inner @ np.conj(vh)))


@primitive
def detours(x):
    """Return n + 1 steps from each matrix to regular ones around it; none where it is regular.

    With the step d, what is a polynomial of x is one of z in x + z d. At z = 0 it has the mean of
    its values at the roots of unity, if these are more than its degree: at most n for determinants.
    """
    n, wide = x.shape[-1], np.result_type(x.dtype, np.complex64)
    if not x.size:
        return np.zeros_like(x, wide, shape=(n + 1, *x.shape))
    regular = is_regular(x)
    u, s, vh = np.linalg.svd(np.where(regular, eye_like(x), x))
    weak = (s < 1e-3 * s[..., :1]) | (s == 0)
    length = 2 * np.min(np.where(weak, np.inf, s), axis=-1, keepdims=True)
    length = np.where(np.isinf(length), 1, length)  # of a matrix of zeros
    step = np.where(regular, 0, (u * columns(np.where(weak, length, 0))) @ vh)
    roots = np.exp(2j * math.pi * np.arange(n + 1) / (n + 1))
    return (np.expand_dims(roots, tuple(range(1, x.ndim + 1))) * step).astype(wide)


def moved_vjp(g, x, y):
    """Cotangent of y in cofactors_moved(x, y): the third derivative of det(y) along g and x.

    Where y has an inverse p, that of det(y) (<p x> <p g> - <p x p g>), with <> for the trace.
    """
    around = y + detours(y)
    p = np.linalg.inv(around)
    a, b = p @ x, p @ g
    trace_a, trace_b, both = (over_matrices(np.trace(m, axis1=-2, axis2=-1)) for m in (a, b, a @ b))
    inner = (trace_a * trace_b - both) * eye_like(y) - trace_a * b - trace_b * a + a @ b + b @ a
    mean = np.mean(over_matrices(np.linalg.det(around)) * transposed(inner @ p), axis=0)
    return mean if y.dtype.kind == "c" else np.real(mean)


@primitive
def inverse_transposed(x):
    """Return inv(x)ᵀ, the slope of log |det x|; infinite or NaN for singular matrices."""
    try:
        return transposed(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        return cofactors(x) / over_matrices(np.linalg.det(x))


def slogdet_vjp(g, x, out):
    """Cotangent of x: inv(x)ᵀ, and for complex x the turn of the determinant's phase."""
    turn = 1j * np.imag(g.sign * out.sign) if x.dtype.kind == "c" else 0
    return over_matrices(g.logabsdet + turn) * inverse_transposed(x)


constant(is_regular, detours)
general(cofactors, lambda g, x: cofactors_moved(g, x))
general(cofactors_moved, lambda g, y: cofactors_moved(g, y), moved_vjp)
general(inverse_transposed, lambda g, out: -out @ transposed(g) @ out)
general(np.linalg.det, lambda g, x: over_matrices(g) * cofactors(x))
several(np.linalg.slogdet, slogdet_vjp, steps=(0,))

"""Derivatives of matrices' factors as papers have them, where the values allow it. Floor 5.

The rules of `decompositions` divide by the gaps between eigenvalues with care for equal ones. Where
all are apart, and the matrices are real, the formulas of the literature are printed.
"""

from __future__ import annotations

import numpy as np

from ..calls.outputs import Several
from .decompositions import (
    decomposed,
    eigh_vjp,
    factored,
    qr_vjp,
    svd_vjp,
    upright,
)
from .determinants import cofactors, inverse_transposed, is_regular
from .matrices import lower_half, of_triangle, over_matrices
from .readable import entries, readable, whole
from .whole import reads


def several(function, vjp, *ignores) -> None:
    """Note the vjp of a function with several results."""
    readable[function] = Several(function, (vjp,), ignores=ignores)


def are_apart(w):
    """Tell whether all values, in order, are different numbers, and none is 0."""
    size = np.max(np.abs(w)) if w.size else 0
    return bool(np.all(np.abs(np.diff(w)) > 1e-6 * size) and np.all(np.abs(w) > 1e-6 * size))


def off_diagonal(m, gap):
    """Return a matrix divided by gaps, without its diagonal."""
    one = np.eye(len(m), dtype=m.dtype)
    return m * (1 - one) / (gap + one)


def eigh_book(g, out, asked, UPLO="L"):  # noqa: N803 (NumPy's name)
    """Return the cotangent of V diag(w) Vᵀ (Giles 2008, sec. 3.1)."""
    w, v = out
    if v.ndim != 2 or not are_apart(w):
        return eigh_vjp(g, out, asked, UPLO)
    inner = np.diag(g.eigenvalues) if asked.eigenvalues else 0
    if asked.eigenvectors:
        inner = inner + off_diagonal(v.T @ g.eigenvectors, w - w[:, None])
    return of_triangle(v @ inner @ v.T, UPLO.upper() == "U")


def svd_book(g, out, asked):
    """Return the cotangent of U diag(s) Vᵀ (Townsend 2016)."""
    u, s, vh = out
    if u.ndim != 2 or len(s) != u.shape[1] or len(s) != vh.shape[0] or not are_apart(s):
        return svd_vjp(g, out, asked)
    inner = np.diag(g.S) if asked.S else 0
    gap = s**2 - s[:, None] ** 2
    if asked.U:
        j = off_diagonal(u.T @ g.U, gap)
        inner = inner + (j + j.T) * s
    if asked.Vh:
        k = off_diagonal(vh @ g.Vh.T, gap)
        inner = inner + s[:, None] * (k + k.T)
    moved = u @ inner @ vh
    if asked.U and u.shape[0] > len(s):
        moved = moved + ((g.U - u @ (u.T @ g.U)) / s) @ vh
    if asked.Vh and vh.shape[1] > len(s):
        moved = moved + (u / s) @ (g.Vh - (g.Vh @ vh.T) @ vh)
    return moved


def qr_book(g, out, asked):
    """Return the cotangent of Q R of a matrix no wider than high (Walter & Lehmann 2010)."""
    q, r = out
    if q.ndim != 2 or q.shape[1] != r.shape[1] or r.shape[0] != r.shape[1]:
        return qr_vjp(g, out)
    m = r @ g.R.T if asked.R else 0
    if asked.Q:
        m = m - g.Q.T @ q
    half = lower_half(m)
    inner = q @ (m * half + (m * half).T)
    return np.linalg.solve(r, (g.Q + inner if asked.Q else inner).T).T


several(np.linalg.eigh, eigh_book)
several(decomposed, svd_book, "full_matrices")
several(factored, qr_book, "mode")
entries(upright, lambda g, x: g if np.all(x > 0) else np.where(x == 0, 0, g))


def determined(g, x, out):
    """Return the cotangent of a matrix in its determinant."""
    if not np.all(is_regular(x)):
        return over_matrices(g) * cofactors(x)
    return over_matrices(g * out) * inverse_transposed(x)


whole(np.linalg.det, determined)


def of_values(g, x, UPLO="L"):  # noqa: N803 (NumPy's name)
    """Return the cotangent of a symmetric matrix in its eigenvalues."""
    v = np.linalg.eigh(x, UPLO).eigenvectors
    return of_triangle(v @ np.diag(g) @ v.T, UPLO.upper() == "U")


reads(np.linalg.eigvalsh, of_values, lambda x, UPLO="L": x.ndim == 2)  # noqa: N803

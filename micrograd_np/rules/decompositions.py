"""Rules for matrix decompositions: cholesky, qr, eigh, eig, svd. Floor 5.

Written for complex matrices; real ones are the same with less to conjugate. ``*_bar`` are the
cotangents of the literature, conjugates of ours: see matrices.py.
"""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import primitive
from ..calls.outputs import several
from ..errors import NoDerivativeError, NoRuleError, where
from ..rule import composite, elementwise, general, identity
from .matrices import (
    adjoint,
    columns,
    diagonal_matrix,
    eye_like,
    gaps,
    lower_half,
    of_triangle,
    quotient,
    rounded,
    rows,
    size,
    transposed,
    turns,
)

# Complex eigenvectors and singular vectors are defined up to a phase each


@primitive
def without_phase(m, total):
    """Return m = Vᴴ V̄, unless V̄ asks for the phases of the vectors: an imaginary diagonal."""
    if m.dtype.kind == "c":
        phases = np.abs(np.imag(m)) * eye_like(m)
        if np.any(phases > math.sqrt(np.finfo(m.dtype).eps) * total):
            raise NoDerivativeError(
                "the result depends on the phases of complex eigenvectors or singular vectors"
                f"{where()}, which may be any. Use what is the same for all, like np.abs(v), "
                "v @ np.conj(v).T or u @ vh; and values alone from eigvalsh or svdvals."
            )
    return m


elementwise(
    without_phase, identity, None, forward=lambda m, total: m
)  # other modes leave the phases alone

# Cholesky and the Hermitian eigenproblem read one triangle


def cholesky_vjp(g, out, upper=False):
    """Cotangent of a = L Lᴴ (Murray 2016, "Differentiation of the Cholesky decomposition")."""
    lower, lower_bar = (adjoint(out), transposed(g)) if upper else (out, np.conj(g))
    inverse = np.linalg.inv(lower)
    inner = (adjoint(lower) @ lower_bar) * lower_half(lower)
    return of_triangle(adjoint(inverse) @ inner @ inverse, upper)


def eigh_vjp(g, out, asked, UPLO="L"):  # noqa: N803 (NumPy's name)
    """Cotangent of a = V diag(w) Vᴴ (Giles 2008, sec. 3.1)."""
    w, v = out
    m, total = adjoint(v) @ np.conj(g.eigenvectors), size(g.eigenvectors)
    turn = turns(without_phase(m, total), gaps(w), total, asked.eigenvalues)
    inner = diagonal_matrix(g.eigenvalues) + turn / 2
    return of_triangle(v @ inner @ adjoint(v), UPLO.upper() == "U")


def eigvalsh_body(a, UPLO="L"):  # noqa: N803 (NumPy's name)
    """Body of np.linalg.eigvalsh."""
    return np.linalg.eigh(a, UPLO).eigenvalues


general(np.linalg.cholesky, cholesky_vjp)
several(np.linalg.eigh, eigh_vjp)
composite(np.linalg.eigvalsh, eigvalsh_body)

# QR, where LAPACK makes the diagonal of R real


@primitive
def factored(a, mode):
    """Return np.linalg.qr in the modes that give Q and R."""
    return np.linalg.qr(a, mode)


def completed(q, q_bar, k):
    """Return the first k of orthonormal columns, with the cotangent that the others hand on.

    They complete the first to a basis, so as these turn, they turn against them: dQ₂ = -Q₁ dQ₁ᴴ Q₂.
    """
    if q.shape[-1] == k:
        return q, q_bar
    first, others = q[..., :k], q[..., k:]
    return first, q_bar[..., :k] - others @ (adjoint(q_bar[..., k:]) @ first)


def qr_vjp(g, out):
    """Cotangent of a = Q R (Walter & Lehmann 2010, sec. 3.3; wide a: Roberts & Roberts 2020)."""
    k = min(out.Q.shape[-2], out.R.shape[-1])
    q, q_bar = completed(out.Q, np.conj(g.Q), k)
    r, r_bar = out.R[..., :k, :k], np.conj(g.R)[..., :k, :]
    rest, rest_bar = q @ out.R[..., :k, k:], r_bar[..., k:]  # the columns of a beyond the square
    q_bar = q_bar + rest @ adjoint(rest_bar)
    t = adjoint(q) @ q_bar - r_bar[..., :k] @ adjoint(r)
    inner = (t - adjoint(t)) * lower_half(t) - t
    square_bar = adjoint(np.linalg.solve(r, adjoint(q_bar + q @ inner)))
    return np.conj(np.concatenate([square_bar, q @ rest_bar], axis=-1))


several(factored, qr_vjp, name="qr", ignores=("mode",))


def qr_body(a, mode="reduced"):
    """Body of np.linalg.qr."""
    if mode == "r":
        return factored(a, "reduced").R
    if mode in ("reduced", "complete"):
        return factored(a, mode)
    raise NoRuleError(
        f"qr: mode={mode!r} gives LAPACK's reflectors, which have no derivative rule{where()}. "
        "Use mode='reduced', 'complete' or 'r'."
    )


composite(np.linalg.qr, qr_body)

# The eigenproblem of any square matrix


def eig_vjp(g, out):
    """Cotangent of a V = V diag(w) (Giles 2008, sec. 3.1), with V normed as LAPACK does it.

    Its columns have norm 1 and, where they are complex, a largest entry that is real.
    """
    w, v = out
    v_bar = np.conj(g.eigenvectors)
    along = np.sum(np.conj(v) * v_bar, axis=-2, keepdims=True)
    v_bar = v_bar - np.real(along) * v
    if v.dtype.kind == "c" and v.size:
        largest = np.argmax(np.abs(v), axis=-2, keepdims=True) == rows(range(v.shape[-1]))
        pivot = np.sum(np.where(largest, np.real(v), 0), axis=-2, keepdims=True)
        v_bar = v_bar - np.where(largest, 1j * np.imag(along) / pivot, 0)
    m = adjoint(v) @ v_bar
    inner = diagonal_matrix(np.conj(g.eigenvalues)) + quotient(m, np.conj(gaps(w)), size(m))
    return np.conj(np.linalg.solve(adjoint(v), inner @ adjoint(v)))


several(np.linalg.eig, eig_vjp)
composite(np.linalg.eigvals, lambda a: np.linalg.eig(a).eigenvalues)

# The singular value decomposition


@primitive
def decomposed(a, full_matrices):
    """Return np.linalg.svd in the form that gives all three factors."""
    return np.linalg.svd(a, full_matrices)


def svd_vjp(g, out, asked):
    """Cotangent of a = U diag(s) Vᴴ (Seeger et al. 2017, sec. 4; complex: Wan & Zhang 2019).

    Their quotients by s[j]² - s[i]² are split into partial fractions, so that equal singular values
    alone are no obstacle; the phases that U and V share have no derivative and are left alone.
    """
    s, k = out.S, out.S.shape[-1]
    u, u_bar = completed(out.U, np.conj(g.U), k)
    v, v_bar = completed(adjoint(out.Vh), transposed(g.Vh), k)
    mu, mv = adjoint(u) @ u_bar, adjoint(v) @ v_bar
    total = size(u_bar) + size(v_bar)
    turn = turns(without_phase(mu + mv, total), gaps(s), total, asked.S)
    twist = quotient(mu - adjoint(mu) - mv + adjoint(mv), columns(s) + rows(s), total)
    inner = diagonal_matrix(told_apart(g.S, s, asked)) + (turn + twist) / 2
    beyond_u = quotient(u_bar - u @ mu, columns(s), size(u_bar))
    beyond_v = quotient(v_bar - v @ mv, columns(s), size(v_bar))
    return np.conj((u @ inner + beyond_u) @ adjoint(v) + u @ adjoint(beyond_v))


def told_apart(s_bar, s, asked):
    """Return the cotangent of singular values; none for a 0 that is used beside its vectors.

    What its vectors then ask for is lost in their product with 0.
    """
    if not (asked.U or asked.Vh):
        return s_bar
    return np.squeeze(quotient(columns(s_bar), columns(s != 0), size(columns(s_bar))), -2)


several(decomposed, svd_vjp, name="svd", ignores=("full_matrices",))


@primitive
def upright(s):
    """Return singular values as they are; at 0 they have a kink, and there the derivative 0."""
    return s


elementwise(upright, lambda g, x: np.where(rounded(x, x) == 0, 0, g), selects=True, name="svdvals")


def singular_values(x):
    """Body of np.linalg.svdvals."""
    return upright(decomposed(x, False).S)


def svd_body(a, full_matrices=True, compute_uv=True, hermitian=False):
    """Body of np.linalg.svd."""
    if hermitian:
        return hermitian_svd(a) if compute_uv else hermitian_svd(a).S
    return decomposed(a, full_matrices) if compute_uv else singular_values(a)


def hermitian_svd(a):
    """Return the singular value decomposition of a Hermitian matrix, by its eigenvalues."""
    w, v = np.linalg.eigh(a)
    order = np.argsort(-np.abs(w), axis=-1)
    s = np.take_along_axis(np.abs(w), order, axis=-1)
    u = np.take_along_axis(v, columns(order), axis=-1)
    signs = np.take_along_axis(np.sign(w), order, axis=-1)
    return type(np.linalg.svd(eye_like(a)))(u, s, adjoint(u * columns(signs)))


composite(np.linalg.svd, svd_body)
composite(np.linalg.svdvals, singular_values)

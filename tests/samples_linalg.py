"""Calls of np.linalg: every option, batches, broadcasting, matrices of no entries."""

from __future__ import annotations

import numpy as np
from draws import call, complex_, normal

from micrograd_np.rules import decompositions, determinants, matrices

L = np.linalg
INF = np.inf


def regular(*shape, draw=normal):
    """Matrices whose singular values lie evenly between 3 and 1."""
    u, s, vh = L.svd(draw(*shape), full_matrices=False)
    return (u * np.linspace(3, 1, s.shape[-1])) @ vh


def definite(*shape, draw=normal):
    """Hermitian matrices of eigenvalues 1 to 3."""
    u, _, _ = L.svd(draw(*shape))
    return (u * np.linspace(3, 1, shape[-1])) @ np.conj(np.swapaxes(u, -1, -2))


def adjoint(x):
    return np.conj(np.swapaxes(x, -1, -2))


def one_triangle(*shape, upper=False, draw=normal):
    """Matrices whose other triangle is not read, and holds something else."""
    x, other = definite(*shape, draw=draw), draw(*shape)
    return np.triu(x) + np.tril(other, -1) if upper else np.tril(x) + np.triu(other, 1)


def squares(draw, *args, **kwargs):
    """Samples of a function of square matrices: one, stacks of them, none."""
    shapes = ((3, 3), (2, 1, 2, 2), (0, 2, 2))
    return [call(draw(*shape), *args, **kwargs) for shape in shapes]


def oblongs(draw, *args, **kwargs):
    """Samples of a function of any matrices: tall, wide, stacked, empty."""
    shapes = ((3, 2), (2, 3), (2, 2, 1), (0, 2))
    return [call(draw(*shape), *args, **kwargs) for shape in shapes]


# The vectors of the complex decompositions have arbitrary phases, and those that complete a basis
# are arbitrary too: what does not depend on the choice has a derivative


def eigenprojections(a, UPLO="L"):
    """Eigenvalues and the projections on the eigenvectors."""
    w, v = L.eigh(a, UPLO)
    return w, v[..., :, None, :] * np.conj(v)[..., None, :, :]


def singular_projections(a, full_matrices=True):
    """Singular values, products of the vectors of each, projections on all others."""
    u, s, vh = L.svd(a, full_matrices)
    k = s.shape[-1]
    products = u[..., :, None, :k] * np.swapaxes(vh[..., :k, :], -1, -2)[..., None, :, :]
    return s, products, u[..., k:] @ adjoint(u[..., k:]), adjoint(vh[..., k:, :]) @ vh[..., k:, :]


def orthonormal_projections(a, mode="reduced"):
    """R, the first columns of Q, and the projection on all others."""
    q, r = L.qr(a, mode)
    k = min(a.shape[-2:])
    return r, q[..., :k], q[..., k:] @ adjoint(q[..., k:])


def rank_two(function, **kwargs):
    """A function of matrices of rank 2, as one of their factors."""

    def f(x, y, *rest):
        return function(x @ y, *rest, **kwargs)

    f.__name__ = f"{function.__name__}_of_rank_two"
    return f


LINALG = {
    L.inv: squares(regular),
    L.solve: [call(regular(3, 3), normal(3)), call(regular(2, 2), normal(2, 3)),
              call(regular(2, 2, 2), normal(2)), call(regular(2, 2, 2), normal(2, 1)),
              call(regular(2, 2), normal(2, 2, 1)), call(regular(2, 1, 2, 2), normal(3, 2, 1)),
              call(regular(0, 2, 2), normal(2))],
    L.pinv: [*oblongs(regular), call(normal(2, 2), hermitian=True),
             call(regular(3, 2), rcond=1e-10), call(regular(2, 3), rtol=None)],
    L.lstsq: [call(regular(4, 2), normal(4)), call(regular(3, 2), normal(3, 2)),
              call(regular(2, 3), normal(2)), call(regular(2, 2), normal(2, 1), rcond=1e-9),
              call(regular(3, 2), normal(3), rcond=-1)],
    rank_two(L.pinv, rcond=1e-4): [call(normal(4, 2), normal(2, 3))],
    rank_two(L.lstsq, rcond=1e-4): [call(normal(3, 2), normal(2, 3), normal(3))],
    L.det: [*squares(regular), call(np.diag([2.0, 1.0, 0.0])), call(np.zeros((2, 2))),
            call(np.eye(3)), call(np.array([np.eye(2), np.ones((2, 2))])),
            call(np.diag([1.0, 1.0, 1e-9]))],
    L.slogdet: squares(regular),
    L.matrix_power: [call(regular(3, 3), n) for n in (0, 1, 2, 3, 6, -1, -3)]
                    + [call(regular(2, 2, 2), 2)],
    L.multi_dot: [call([normal(3), normal(3, 2), normal(2, 4), normal(4)]),
                  call([normal(2, 3), normal(3, 2)]), call((normal(2), normal(2, 3))),
                  call([normal(2, 3), normal(3, 1), normal(1, 4)]), call([normal(2), normal(2)])],
    L.cross: [call(normal(3), normal(3)), call(normal(2, 3), normal(3)),
              call(normal(3, 2), normal(3, 2), axis=0)],
    L.outer: [call(normal(2), normal(3))],
    L.matmul: [call(normal(2, 3), normal(3, 2)), call(normal(2, 2, 3), normal(3))],
    L.tensordot: [call(normal(2, 3), normal(3, 2), axes=1), call(normal(2, 3), normal(2, 3))],
    L.vecdot: [call(normal(2, 3), normal(3)), call(normal(3, 2), normal(3, 2), axis=0)],
    L.matrix_transpose: [call(normal(2, 3)), call(normal(2, 3, 1))],
    L.diagonal: [call(normal(3, 3)), call(normal(2, 2, 3), offset=1)],
    L.trace: [call(normal(3, 3)), call(normal(2, 2, 3), offset=-1)],
    L.tensorinv: [call(regular(6, 6).reshape(2, 3, 6)),
                  call(regular(4, 4).reshape(4, 2, 2), ind=1)],
    L.tensorsolve: [call(regular(6, 6).reshape(2, 3, 6), normal(2, 3)),
                    call(regular(4, 4).reshape(4, 2, 2), normal(2, 2), axes=(0,))],
    L.cholesky: [*squares(one_triangle), call(one_triangle(3, 3, upper=True), upper=True)],
    L.eigh: [*squares(one_triangle), call(one_triangle(3, 3, upper=True), "U"),
             call(one_triangle(2, 2), UPLO="l")],
    L.eigvalsh: [*squares(one_triangle), call(one_triangle(3, 3, upper=True), UPLO="U")],
    eigenprojections: squares(one_triangle),
    L.eig: [*squares(regular), call(np.array([[1.0, 2.0], [0.3, -1.0]]))],
    L.eigvals: squares(regular),
    L.qr: [*oblongs(regular), *oblongs(regular, "r"), call(regular(3, 2), mode="complete"),
           call(regular(2, 3), mode="complete")],
    orthonormal_projections: [call(regular(4, 2), mode="complete")],
    L.svd: [*oblongs(regular), call(regular(3, 2), False), call(regular(2, 3), full_matrices=False),
            call(regular(2, 3), compute_uv=False), call(one_triangle(3, 3), hermitian=True),
            call(normal(2, 2), compute_uv=False, hermitian=True)],
    singular_projections: [call(regular(4, 2)), call(regular(1, 3))],
    L.svdvals: oblongs(regular),
    L.norm: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), axis=1), call(normal()),
             call(normal(2, 3), axis=0, keepdims=True), call(normal(2, 3), keepdims=True),
             call(np.zeros((0, 2)), axis=0),
             *[call(normal(3), ord=p) for p in (2, 1, INF, -INF, 3, 0.5, -1.5)],
             call(normal(2, 3), 3, axis=1, keepdims=True), call(normal(2, 3), 1, (0,)),
             *[call(normal(3, 2), ord=p) for p in ("fro", "nuc", 2, -2, 1, -1, INF, -INF)],
             call(normal(2, 3, 2), axis=(0, 2)), call(normal(2, 3, 2), 1, axis=(2, 0)),
             call(normal(2, 3, 2), "nuc", axis=(-1, 0), keepdims=True)],
    L.vector_norm: [call(normal(2, 3)), call(normal(2, 3), axis=(0, 1), ord=3),
                    call(normal(2, 3), axis=0, keepdims=True, ord=1)],
    L.matrix_norm: [call(normal(2, 3, 2)), call(normal(2, 3, 2), keepdims=True, ord=2),
                    call(normal(3, 2), ord="nuc")],
    L.cond: [call(regular(3, 2)),
             *[call(regular(2, 2), p=p) for p in (2, -2, 1, -1, INF, -INF, "fro", "nuc")],
             call(regular(2, 2, 2), p=1)],
    # What the rules themselves compute, and second derivatives differentiate
    determinants.cofactors: [*squares(regular), call(np.eye(3))],  # singular: in test_linalg.py
    determinants.cofactors_moved: [
        call(normal(3, 3), regular(3, 3)), call(normal(2, 3, 3), regular(2, 3, 3)),
        call(normal(0, 2, 2), normal(0, 2, 2))],
    determinants.inverse_transposed: squares(regular),
    matrices.quotient: [call(normal(2, 2), normal(2, 2), normal(1, 1))],
    decompositions.without_phase: [call(normal(2, 2), normal(1, 1))],
}  # fmt: skip


def square(draw, *args, **kwargs):
    """The sample of one complex square matrix."""
    return [call(draw(2, 2, draw=complex_), *args, **kwargs)]


def oblong(draw, *args, **kwargs):
    """The samples of a tall and a wide complex matrix."""
    return [call(draw(*shape, draw=complex_), *args, **kwargs) for shape in ((3, 2), (1, 2))]


def complexed(draw):
    """The same draw, of complex numbers."""
    return lambda *shape: draw(*shape, draw=complex_)


COMPLEX_LINALG = {
    L.inv: square(regular),
    L.solve: [call(complexed(regular)(2, 2), normal(2)), call(regular(2, 2), complex_(2, 1)),
              call(complexed(regular)(2, 2, 2), complex_(2, 1))],
    L.pinv: [*oblong(regular), call(complex_(2, 2), hermitian=True)],
    L.lstsq: [call(complexed(regular)(3, 2), complex_(3)), call(regular(3, 2), complex_(3)),
              call(complexed(regular)(2, 3), normal(2, 2))],
    rank_two(L.pinv, rcond=1e-4): [call(complex_(4, 2), complex_(2, 3))],
    L.det: [*square(regular), call(np.diag([2.0, 1j, 0.0])),
            call(np.diag([1j, 0.0, 0.0]))],
    L.slogdet: square(regular),
    L.matrix_power: [call(complexed(regular)(2, 2), n) for n in (3, -2)],
    L.multi_dot: [call([complex_(2), normal(2, 3), complex_(3, 2)])],
    L.cross: [call(complex_(3), normal(3))],
    L.vecdot: [call(complex_(2, 3), complex_(3))],
    L.trace: [call(complex_(3, 3))],
    L.tensorsolve: [call(complexed(regular)(4, 4).reshape(2, 2, 4), complex_(2, 2))],
    L.cholesky: [*square(one_triangle),
                 call(one_triangle(3, 3, upper=True, draw=complex_), upper=True)],
    L.eigvalsh: [*square(one_triangle), call(complex_(2, 2), "U")],
    eigenprojections: [*square(one_triangle),
                       call(one_triangle(3, 3, upper=True, draw=complex_), "U")],
    L.eig: square(regular),
    L.eigvals: square(regular),
    L.qr: [*oblong(regular), *oblong(regular, "r")],
    orthonormal_projections: [call(complexed(regular)(4, 2), mode="complete")],
    singular_projections: [*oblong(regular), call(complexed(regular)(3, 2), False)],
    L.svdvals: oblong(regular),
    L.svd: [call(complex_(2, 2), compute_uv=False, hermitian=True)],
    L.norm: [call(complex_(3)), call(complex_(2, 2), axis=0),
             *[call(complex_(3), ord=p) for p in (1, INF, 3)],
             *[call(complex_(3, 2), ord=p) for p in ("nuc", 2, -2, 1)]],
    L.vector_norm: [call(complex_(2, 3), ord=2.5)],
    L.matrix_norm: [call(complex_(2, 3, 2))],
    L.cond: [call(complexed(regular)(2, 2)), call(complexed(regular)(2, 2), 1)],
}  # fmt: skip

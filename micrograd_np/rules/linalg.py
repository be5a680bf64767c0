"""Rules for linear algebra: inverses, solutions, products. Floor 5.

Decompositions, determinants and norms have chapters of their own.
"""

from __future__ import annotations

import math
import operator

import numpy as np

from ..calls.dispatch import primitive
from ..calls.outputs import several
from ..errors import ShapeError, where
from ..plan import unbroadcast
from ..rule import composite, general
from .matrices import adjoint, eye_like, hermitian_of, rounded, rows, transposed

# Inverses and systems of equations

general(np.linalg.inv, lambda g, out: -transposed(out) @ g @ transposed(out))


def solved_back(g, x):
    """Return the cotangent of b in a x = b: the solution of the transposed system.

    A vector has fewer axes than the matrices; NumPy takes only a b of one axis for one.
    """
    if g.ndim < x.ndim:
        return np.squeeze(np.linalg.solve(transposed(x), rows(g)), -1)
    return np.linalg.solve(transposed(x), g)


def solve_matrix(g, x, out):
    """Return the cotangent of a in a x = b."""
    h = solved_back(g, x)
    if g.ndim < x.ndim:
        h, out = rows(h), rows(out)
    return unbroadcast(-h @ transposed(out), x.shape)


general(
    np.linalg.solve,
    solve_matrix,
    lambda g, x, spec: unbroadcast(solved_back(g, x), spec.shape),
)

# Least squares


def fitted_bar(a, p, x, r, x_bar):
    """Return the literature's cotangent of a in x = p b, with p = pinv(a) and r = b - a x.

    The rank of a stays as it is (Golub & Pereyra 1973, "The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate", eq. 4.12).
    """
    h = adjoint(p) @ x_bar
    beyond = x_bar - p @ (a @ x_bar)
    return r @ adjoint(p @ h) - h @ adjoint(x) + adjoint(p) @ x @ adjoint(beyond)


def pinv_vjp(g, x, out):
    """Cotangent of x: that of least squares with the identity on the right."""
    left = x @ out
    return np.conj(fitted_bar(x, out, out, eye_like(left) - left, np.conj(g)))


@primitive
def pseudo_inverse(x, rcond=None):
    """Return np.linalg.pinv."""
    return np.linalg.pinv(x, rcond)


def pinv_body(a, rcond=None, hermitian=False, **rtol):
    """Body of np.linalg.pinv; rtol is the array API's name for rcond, with another default."""
    if rtol:
        given = rtol.pop("rtol")
        rcond = float(np.finfo(a.dtype).eps) * max(a.shape[-2:]) if given is None else given
    return pseudo_inverse(hermitian_of(a) if hermitian else a, rcond=rcond)


general(pseudo_inverse, pinv_vjp, name="pinv", ignores=("rcond",))
composite(np.linalg.pinv, pinv_body)


def lstsq_parts(g, x, y, out, rcond):
    """Return what both cotangents of np.linalg.lstsq read."""
    solution, solution_bar = (rows(out[0]), rows(g[0])) if y.ndim == 1 else (out[0], g[0])
    tiny = float(np.finfo(x.dtype).eps)
    rcond = tiny * max(x.shape) if rcond is None else max(rcond, tiny)
    p = np.linalg.pinv(x, rcond)
    r = (rows(y) if y.ndim == 1 else y) - x @ solution
    r_bar = 2 * r * g[1] if out[1].size else 0 * r  # of the sums of squares, if there are any
    return p, solution, np.conj(solution_bar), r, r_bar


def lstsq_matrix(g, x, y, out, asked, rcond=None):
    """Cotangent of a in the solution of a x = b, its residuals and singular values."""
    p, solution, solution_bar, r, r_bar = lstsq_parts(g, x, y, out, rcond)
    bar = fitted_bar(x, p, solution, r, solution_bar) - r_bar @ adjoint(solution)
    if asked[3]:
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        bar = bar + u @ (rows(np.where(rounded(s, s) == 0, 0, g[3])) * vh)
    return np.conj(bar)


def lstsq_right(g, x, y, out, rcond=None):
    """Cotangent of b."""
    p, _, solution_bar, _, r_bar = lstsq_parts(g, x, y, out, rcond)
    return np.conj(adjoint(p) @ solution_bar + r_bar).reshape(y.shape)


several(np.linalg.lstsq, lstsq_matrix, lstsq_right)

# Products


def powered(a, n):
    """Body of np.linalg.matrix_power: squaring again and again."""
    n = operator.index(n)
    if n == 0:
        return np.zeros_like(a) + eye_like(a)
    a, n, power = (np.linalg.inv(a), -n, None) if n < 0 else (+a, n, None)
    while n:
        if n % 2:
            power = a if power is None else power @ a
        n //= 2
        a = a @ a if n else a
    return power


def multiplied(arrays):
    """Body of np.linalg.multi_dot: a chain of products in the cheapest order."""
    first, *_, last = arrays
    chain = [np.reshape(first, (1, -1)) if first.ndim == 1 else first, *arrays[1:-1]]
    chain.append(np.reshape(last, (-1, 1)) if last.ndim == 1 else last)
    split = cheapest([x.shape[0] for x in chain] + [chain[-1].shape[1]])

    def product(i, j):
        return chain[i] if i == j else product(i, split[i, j]) @ product(split[i, j] + 1, j)

    shape = (*first.shape[: first.ndim - 1], *last.shape[1:])
    return np.reshape(product(0, len(chain) - 1), shape)


def cheapest(lengths):
    """Return where to split each run of a chain of matrices (Cormen et al., sec. 15.2)."""
    count = len(lengths) - 1
    cost, split = {(i, i): 0 for i in range(count)}, {}
    for span in range(1, count):
        for i in range(count - span):
            j = i + span
            cost[i, j], split[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1], k)
                for k in range(i, j)
            )
    return split


def crossed(x1, x2, axis=-1):
    """Body of np.linalg.cross."""
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"linalg.cross: shapes {x1.shape} and {x2.shape} along axis {axis}{where()}. "
            "Both must have 3 entries there; np.cross takes 2 as well."
        )
    a, b = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    product = np.roll(a, -1, -1) * np.roll(b, 1, -1) - np.roll(a, 1, -1) * np.roll(b, -1, -1)
    return np.moveaxis(product, -1, axis)


def outer_vectors(x1, x2):
    """Body of np.linalg.outer, which takes vectors only."""
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(
            f"linalg.outer: shapes {x1.shape} and {x2.shape}{where()}. "
            "Both must be vectors; np.outer flattens what it is given."
        )
    return np.outer(x1, x2)


composite(np.linalg.matrix_power, powered)
composite(np.linalg.multi_dot, multiplied)
composite(np.linalg.cross, crossed)
composite(np.linalg.outer, outer_vectors)
composite(np.linalg.matmul, lambda x1, x2: np.matmul(x1, x2))
composite(np.linalg.tensordot, lambda x1, x2, axes=2: np.tensordot(x1, x2, axes))
composite(
    np.linalg.vecdot,
    lambda x1, x2, axis=-1: np.vecdot(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)),
)
composite(np.linalg.matrix_transpose, lambda x: np.matrix_transpose(x))
composite(np.linalg.diagonal, lambda x, offset=0: np.diagonal(x, offset, -2, -1))
composite(
    np.linalg.trace,
    lambda x, offset=0, dtype=None: np.sum(np.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype),
)

# Tensors as matrices


def tensor_inverse(a, ind=2):
    """Body of np.linalg.tensorinv."""
    if ind <= 0:
        raise ShapeError(f"tensorinv: ind={ind} must be positive{where()}.")
    front, back = a.shape[:ind], a.shape[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(back), -1))), (*back, *front))


def tensor_solution(a, b, axes=None):
    """Body of np.linalg.tensorsolve."""
    last = [axis % a.ndim for axis in axes or ()]
    a = np.transpose(a, [i for i in range(a.ndim) if i not in last] + last)
    shape = a.shape[b.ndim :]
    n = math.prod(shape)
    if a.size != n * n:
        raise ShapeError(
            f"tensorsolve: shapes {a.shape} and {b.shape}{where()}. The first axes of a must be "
            "those of b, and have as many entries as the others."
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


composite(np.linalg.tensorinv, tensor_inverse)
composite(np.linalg.tensorsolve, tensor_solution)

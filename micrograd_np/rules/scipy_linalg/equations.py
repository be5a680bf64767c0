"""Rules for equations of matrices: triangular, banded, and Sylvester's. Floor 6."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from ...calls.dispatch import atomic, primitive
from ...plan import unbroadcast
from ...rule import general
from ..matrices import rows, transposed
from .stacks import of_each

# Triangular systems: nothing but one triangle is read, and nothing else has a gradient


@atomic
@primitive
def solve_triangular(x, y, lower=False, unit_diagonal=False):
    """Return the solution of x out = y, of which one triangle of x is read."""
    return of_each(triangular_solution, x, y, lower=lower, unit_diagonal=unit_diagonal)


def triangular_solution(x, y, lower, unit_diagonal):
    """Return scipy.linalg.solve_triangular, without the checks that take longer than a small one.

    LAPACK reads columns: a matrix that lies in rows is one that is transposed.
    """
    (solver,) = linalg.get_lapack_funcs(("trtrs",), (x, y))
    turned = not x.flags.f_contiguous
    across = x.T if turned else x
    out, info = solver(across, y, lower=lower != turned, trans=turned, unitdiag=unit_diagonal)
    if info > 0:
        raise linalg.LinAlgError(f"singular matrix: resolution failed at diagonal {info - 1}")
    return out


def triangle(x, lower, unit_diagonal):
    """Return matrices with 0 where nothing is read."""
    offset = int(unit_diagonal)
    return np.tril(x, -offset) if lower else np.triu(x, offset)


def solved_back(g, x, spec, lower=False, unit_diagonal=False):
    """Cotangent of the right side: the solution of the transposed system."""
    h = solve_triangular(transposed(x), g, lower=not lower, unit_diagonal=unit_diagonal)
    return unbroadcast(h, spec.shape)


def triangular_vjp(g, x, out, lower=False, unit_diagonal=False):
    """Cotangent of the triangle."""
    h = solve_triangular(transposed(x), g, lower=not lower, unit_diagonal=unit_diagonal)
    return unbroadcast(triangle(-h @ transposed(out), lower, unit_diagonal), x.shape)


general(solve_triangular, triangular_vjp, solved_back)

# Banded systems: entry (i, j) stands at (upper + i - j, j), and what stands for none is not read


@atomic
@primitive
def solve_banded(x, y, lower, upper):
    """Return the solution of x out = y, given the diagonals of x as the rows of an array."""
    return of_each(banded_solution, x, y, lower=lower, upper=upper)


def banded_solution(x, y, lower, upper):
    """Return the solution for one matrix."""
    return linalg.solve_banded((lower, upper), x, y, check_finite=False)


def band_rows(x, lower, upper):
    """Return in which row of the matrix each entry of its band is, and which are in none."""
    n = x.shape[-1]
    row = np.arange(n) + rows(np.arange(-upper, lower + 1))
    return np.clip(row, 0, n - 1), (row < 0) | (row >= n)


def band_transposed(x, lower, upper):
    """Return the band of the transposed matrix, which has ``upper`` diagonals below its own."""
    row, none = band_rows(x, upper, lower)
    return np.where(none, 0, x[..., rows(np.arange(lower + upper, -1, -1)), row])


def banded_back(g, x, spec, lower, upper):
    """Cotangent of the right side: the solution of the transposed system."""
    h = solve_banded(band_transposed(x, lower, upper), g, lower=upper, upper=lower)
    return unbroadcast(h, spec.shape)


def banded_vjp(g, x, out, lower, upper):
    """Cotangent of the band: that of the matrix, -h outᵀ, where it is."""
    h = solve_banded(band_transposed(x, lower, upper), g, lower=upper, upper=lower)
    row, none = band_rows(x, lower, upper)
    products = np.sum(h[..., row, :] * np.expand_dims(out, -3), axis=-1)
    return unbroadcast(np.where(none, 0, -products), x.shape)


general(solve_banded, banded_vjp, banded_back)

# Sylvester's equation x out + out y = z, whose transpose has the same form


@atomic
@primitive
def solve_sylvester(x, y, z):
    """Return the solution of x out + out y = z.

    Of one dtype: beside complex matrices, SciPy takes the real Schur form of a real one for
    triangular, which it is not.
    """
    dtype = np.result_type(x, y, z)
    return of_each(linalg.solve_sylvester, *(np.asarray(a, dtype) for a in (x, y, z)))


def sylvester_back(g, x, y):
    """Return the cotangent of z, from which all others follow."""
    return solve_sylvester(transposed(x), transposed(y), g)


general(
    solve_sylvester,
    lambda g, x, y, out: unbroadcast(-sylvester_back(g, x, y) @ transposed(out), x.shape),
    lambda g, x, y, out: unbroadcast(-transposed(out) @ sylvester_back(g, x, y), y.shape),
    lambda g, x, y, spec: unbroadcast(sylvester_back(g, x, y), spec.shape),
)

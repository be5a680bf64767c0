"""Rules for equations of matrices: triangular systems, Sylvester's equation. Floor 6."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from ...calls.dispatch import primitive
from ...plan import unbroadcast
from ...rule import general
from ..matrices import transposed
from .stacks import of_each

# Triangular systems: nothing but one triangle is read, and nothing else has a gradient


@primitive
def solve_triangular(x, y, lower=False, unit_diagonal=False):
    """Return the solution of x out = y, of which one triangle of x is read."""
    options = {"lower": lower, "unit_diagonal": unit_diagonal, "check_finite": False}
    return of_each(linalg.solve_triangular, x, y, **options)


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

# Sylvester's equation x out + out y = z, whose transpose has the same form


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

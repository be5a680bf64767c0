"""Rules for scipy.special: elliptic, hypergeometric and exponential integrals. Floor 6."""

from __future__ import annotations

import math

import numpy as np
from scipy import special
from scipy.special import _ufuncs as kernels  # what SciPy's Python functions call with the Tensor

from ...calls.dispatch import primitive
from ...calls.outputs import several
from ...rule import elementwise, unknown
from .entries import of_entries

# Elliptic integrals, in the parameter m (DLMF 19.4; 19.5 for the complete ones)


def elliptic_slope(x, m):
    """Return 1 / sqrt(1 - m sin(x)**2)."""
    return 1 / np.sqrt(1 - m * np.sin(x) ** 2)


def half_turns(x):
    """Return how many half turns are in an angle, and the rest, at most a quarter turn."""
    k = np.rint(x / math.pi)
    return k, x - math.pi * k


@primitive
def first_kind_in_m(x, m):
    """Return the derivative in m of the incomplete integral of the first kind (DLMF 19.25)."""
    k, rest = half_turns(x)
    s, c = np.sin(rest), np.cos(rest)
    complete = k * math.pi / 4 * special.hyp2f1(1.5, 1.5, 2.0, np.where(k == 0, 0, m))
    return complete + s**3 * special.elliprd(c * c, 1, 1 - m * s * s) / 6


@primitive
def second_kind_in_m(x, m):
    """Return the derivative in m of the incomplete integral of the second kind."""
    k, rest = half_turns(x)
    s, c = np.sin(rest), np.cos(rest)
    complete = k * math.pi / 4 * special.hyp2f1(0.5, 1.5, 2.0, np.where(k == 0, 0, m))
    return -complete - s**3 * special.elliprd(c * c, 1 - m * s * s, 1) / 6


# Theirs in turn, from Legendre's equation. At m = 0 it says 0 = 0, and the limit is an integral of
# powers; so it does at m = 1, where that of the first kind is NaN


def at_circle(x, m):
    """Return the integral of sin(x)**4 * (1 + 5 / 2 * m * sin(x)**2) from 0 to x."""
    fourth = (12 * x - 8 * np.sin(2 * x) + np.sin(4 * x)) / 32
    sixth = (60 * x - 45 * np.sin(2 * x) + 9 * np.sin(4 * x) - np.sin(6 * x)) / 192
    return fourth + 5 / 2 * m * sixth


def first_kind_bent(x, y):
    """Return the second derivative in m of the incomplete integral of the first kind."""
    m = np.where((y == 0) | (y == 1), 0.5, y)
    edge = np.sin(2 * x) * elliptic_slope(x, m) ** 3 / 8
    bent = special.ellipkinc(x, m) / 4 - (1 - 2 * m) * first_kind_in_m(x, m) - edge
    bent = np.where(y == 1, math.nan, bent / (m * (1 - m)))
    return np.where(y == 0, 3 / 4 * at_circle(x, y), bent)


def second_kind_bent(x, y):
    """Return the second derivative in m of the incomplete integral of the second kind."""
    m = np.where(y == 0, 0.5, y)
    bent = -(first_kind_in_m(x, m) + second_kind_in_m(x, m)) / (2 * m)
    return np.where(y == 0, -at_circle(x, 3 / 5 * y) / 4, bent)


elementwise(
    first_kind_in_m,
    lambda g, x, y: g * (np.sin(x) ** 2 * elliptic_slope(x, y) ** 3 / 2),
    lambda g, x, y: g * first_kind_bent(x, y),
)
elementwise(
    second_kind_in_m,
    lambda g, x, y: -g * (np.sin(x) ** 2 * elliptic_slope(x, y) / 2),
    lambda g, x, y: g * second_kind_bent(x, y),
)
of_entries(special.ellipk, lambda g, x: g * (math.pi / 8 * special.hyp2f1(1.5, 1.5, 2.0, x)))
of_entries(special.ellipe, lambda g, x: -g * (math.pi / 8 * special.hyp2f1(0.5, 1.5, 2.0, x)))
of_entries(
    special.ellipkm1,
    lambda g, x: -g * (math.pi / 8 * special.hyp2f1(0.5, 0.5, 2.0, 1 - x) / x),
)
of_entries(
    special.ellipkinc,
    lambda g, x, y: g * elliptic_slope(x, y),
    lambda g, x, y: g * first_kind_in_m(x, y),
)
of_entries(
    special.ellipeinc,
    lambda g, x, y: g / elliptic_slope(x, y),
    lambda g, x, y: g * second_kind_in_m(x, y),
)

# Hypergeometric functions (DLMF 13.3, 15.5, 16.3)

of_entries(special.hyp0f1, unknown, lambda g, x, y: g * (special.hyp0f1(x + 1, y) / x))
of_entries(
    special.hyp1f1,
    unknown,
    unknown,
    lambda g, x, y, z: g * (x / y * special.hyp1f1(x + 1, y + 1, z)),
)
of_entries(
    special.hyperu, unknown, unknown, lambda g, x, y, z: -g * (x * special.hyperu(x + 1, y + 1, z))
)
of_entries(
    special.hyp2f1,
    unknown,
    unknown,
    unknown,
    lambda g, a, b, c, z: g * (a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z)),
    operand_names=("a", "b", "c", "z"),
)

# Integrals of elementary functions (DLMF 6.2, 7.2, 8.19, 25.12)


def over_argument(f, square, x):
    """Return f(x) / x of the sine (square = -1) or hyperbolic sine (1); near 0 by its series."""
    near = np.abs(x) < 1
    series = special.hyp0f1(1.5, square / 4 * np.where(near, x, 0) ** 2)
    return np.where(near, series, f(x) / np.where(near, 1, x))


def share(g, x):
    """Return g / x, and 0 where a result that is not asked for has cotangent 0, also at x = 0."""
    return np.where(g == 0, 0, g / np.where(g == 0, 1, x))


def expn_derivative(g, x, y):
    """Derivative of expn(n, x) in x: -expn(n - 1, x)."""
    first = np.exp(-y) * (1 + 1 / y) / y
    return -g * np.where(x == 0, first, special.expn(np.maximum(x - 1, 0), y))


def spence_derivative(g, x):
    """Derivative of spence: log(x) / (1 - x), which has a series at 1."""
    near = np.abs(x - 1) < 0.25
    series = -special.hyp2f1(1.0, 1.0, 2.0, np.where(near, 1 - x, 0))
    return g * np.where(near, series, np.log(x) / np.where(near, 1, 1 - x))


of_entries(special.expi, lambda g, x: g * (np.exp(x) / x))
of_entries(special.exp1, lambda g, x: -g * (np.exp(-x) / x))
of_entries(special.expn, unknown, expn_derivative)
of_entries(special.spence, spence_derivative)
several(
    special.sici,
    lambda g, x: g[0] * over_argument(np.sin, -1, x) + share(g[1] * np.cos(x), x),
)
several(
    special.shichi,
    lambda g, x: g[0] * over_argument(np.sinh, 1, x) + share(g[1] * np.cosh(x), x),
)
several(
    special.fresnel,
    lambda g, x: g[0] * np.sin(math.pi / 2 * x * x) + g[1] * np.cos(math.pi / 2 * x * x),
)

# Inverse functions (DLMF 4.13), and Hurwitz's zeta function (DLMF 25.11)

of_entries(special.wrightomega, lambda g, out: g * (out / (1 + out)))
of_entries(
    kernels._lambertw,
    lambda g, out: g / (np.exp(out) * (1 + out)),
    None,
    None,
    name="lambertw",
)
of_entries(kernels._zeta, unknown, lambda g, x, y: -g * (x * special.zeta(x + 1, y)), name="zeta")

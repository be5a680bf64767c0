"""Rules for scipy.special: Bessel functions and their kin, in the variable. Floor 6.

The derivative in the order has no closed form.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special
from scipy.special import _ufuncs as kernels  # what SciPy's Python functions call with the Tensor

from ...calls.outputs import several
from ...rule import unknown
from ..readable import entries
from .entries import of_entries

ROOT_PI = math.sqrt(math.pi)

# Bessel functions (DLMF 10.6, 10.29)


def half_difference(f, v, x):
    """Return (f(v-1) - f(v+1)) / 2, the derivative of the functions J, Y and H of order v."""
    return (f(v - 1, x) - f(v + 1, x)) / 2


def half_sum(f, v, x):
    """Return (f(v-1) + f(v+1)) / 2, the derivative of I, and minus that of K."""
    return (f(v - 1, x) + f(v + 1, x)) / 2


of_entries(special.jv, unknown, lambda g, x, y: g * half_difference(special.jv, x, y))
of_entries(special.yv, unknown, lambda g, x, y: g * half_difference(special.yv, x, y))
of_entries(special.yn, unknown, lambda g, x, y: g * half_difference(special.yv, x, y))
of_entries(special.iv, unknown, lambda g, x, y: g * half_sum(special.iv, x, y))
of_entries(special.kv, unknown, lambda g, x, y: -g * half_sum(special.kv, x, y))
of_entries(special.kn, unknown, lambda g, x, y: -g * half_sum(special.kv, x, y))
of_entries(
    special.ive,
    unknown,
    lambda g, x, y, out: g * (half_sum(special.ive, x, y) - np.sign(y) * out),
)
of_entries(special.kve, unknown, lambda g, x, y, out: g * (out - half_sum(special.kve, x, y)))
of_entries(special.hankel1, unknown, lambda g, x, y: g * half_difference(special.hankel1, x, y))
of_entries(special.hankel2, unknown, lambda g, x, y: g * half_difference(special.hankel2, x, y))
of_entries(
    special.hankel1e,
    unknown,
    lambda g, x, y, out: g * (half_difference(special.hankel1e, x, y) - 1j * out),
)
of_entries(
    special.hankel2e,
    unknown,
    lambda g, x, y, out: g * (half_difference(special.hankel2e, x, y) + 1j * out),
)
of_entries(special.j0, lambda g, x: -g * special.j1(x))
of_entries(special.j1, lambda g, x: g * ((special.j0(x) - special.jv(2.0, x)) / 2))
of_entries(special.y0, lambda g, x: -g * special.y1(x))
of_entries(special.y1, lambda g, x: g * ((special.y0(x) - special.yv(2.0, x)) / 2))
of_entries(special.i0, lambda g, x: g * special.i1(x))
of_entries(special.i1, lambda g, x: g * ((special.i0(x) + special.iv(2.0, x)) / 2))
of_entries(special.k0, lambda g, x: -g * special.k1(x))
of_entries(special.k1, lambda g, x: -g * ((special.k0(x) + special.kv(2.0, x)) / 2))
of_entries(special.i0e, lambda g, x, out: g * (special.i1e(x) - np.sign(x) * out))
of_entries(
    special.i1e,
    lambda g, x, out: g * ((special.i0e(x) + special.ive(2.0, x)) / 2 - np.sign(x) * out),
)
of_entries(special.k0e, lambda g, x, out: g * (out - special.k1e(x)))
of_entries(special.k1e, lambda g, x, out: g * (out - (special.k0e(x) + special.kve(2.0, x)) / 2))

# Kelvin functions: x**2 f'' + x f' = i x**2 f, of which these are parts (DLMF 10.61). Beyond 1,
# kerp and keip lose up to six digits in SciPy, and K of a turned variable, ker + i kei, few

TURN = math.sqrt(0.5) * (1 + 1j)


def turned(x):
    """Return x beyond 1, turned by an eighth of a circle."""
    return TURN * np.where(x > 1, x, 1)


def slope_beyond_1(x):
    """Return ker' + i kei'."""
    return -TURN * special.kv(1.0, turned(x))


def bend_beyond_1(x):
    """Return ker'' + i kei''."""
    return 0.5j * (special.kv(0.0, turned(x)) + special.kv(2.0, turned(x)))


def ker_slope(g, x):
    """Derivative of ker."""
    return g * np.where(x > 1, np.real(slope_beyond_1(x)), special.kerp(x))


def kei_slope(g, x):
    """Derivative of kei."""
    return g * np.where(x > 1, np.imag(slope_beyond_1(x)), special.keip(x))


def kerp_slope(g, x, out):
    """Derivative of kerp, which is that of ker."""
    return g * np.where(x > 1, np.real(bend_beyond_1(x)), -(out / x + special.kei(x)))


def keip_slope(g, x, out):
    """Derivative of keip, which is that of kei."""
    return g * np.where(x > 1, np.imag(bend_beyond_1(x)), special.ker(x) - out / x)


of_entries(special.ber, lambda g, x: g * special.berp(x))
of_entries(special.bei, lambda g, x: g * special.beip(x))
of_entries(special.berp, lambda g, x, out: -g * (out / x + special.bei(x)))
of_entries(special.beip, lambda g, x, out: g * (special.ber(x) - out / x))
of_entries(special.ker, ker_slope)
of_entries(special.kei, kei_slope)
of_entries(special.kerp, kerp_slope)
of_entries(special.keip, keip_slope)

# As they are printed

entries(special.ker, lambda g, x: g * special.kerp(x))
entries(special.kei, lambda g, x: g * special.keip(x))
entries(special.kerp, lambda g, x, out: -g * (out / x + special.kei(x)))
entries(special.keip, lambda g, x, out: g * (special.ker(x) - out / x))

# Struve functions (DLMF 11.4)


def struve_rest(v, x):
    """Return (x/2)**v / (sqrt(pi) gamma(v + 3/2))."""
    return (x / 2) ** v * special.rgamma(v + 1.5) / ROOT_PI


of_entries(
    special.struve,
    unknown,
    lambda g, x, y: g * (half_difference(special.struve, x, y) + struve_rest(x, y) / 2),
)
of_entries(
    special.modstruve,
    unknown,
    lambda g, x, y: g * (half_sum(special.modstruve, x, y) + struve_rest(x, y) / 2),
)

# Airy functions: f'' = x f (DLMF 9.2)


def airy_vjp(g, x, out):
    """Cotangent of x in Ai, Ai', Bi, Bi'."""
    ai, aip, bi, bip = out
    return g[0] * aip + g[1] * (x * ai) + g[2] * bip + g[3] * (x * bi)


several(special.airy, airy_vjp)

# Spherical Bessel functions (DLMF 10.51)


def spherical(name, sign):
    """Declare a spherical Bessel function and its derivative, by its recurrence."""
    f, slope = getattr(kernels, f"_spherical_{name}"), getattr(kernels, f"_spherical_{name}_d")
    of_entries(f, unknown, lambda g, x, y: g * slope(x, y), name=f"spherical_{name}")
    of_entries(
        slope,  # y'' = -2 y' / z + (n (n + 1) / z**2 -+ 1) y
        unknown,
        lambda g, x, y, out: g * ((x * (x + 1) / (y * y) - sign) * f(x, y) - 2 * (out / y)),
        name=f"spherical_{name}_derivative",
    )


spherical("jn", 1)
spherical("yn", 1)
spherical("in", -1)
spherical("kn", -1)

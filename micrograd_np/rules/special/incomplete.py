"""The incomplete gamma function in its parameter: series and quadrature. Floor 6.

gammainc(a, x) gathers t**(a - 1) exp(-t) / gamma(a), whose derivative in a is itself times
log(t) - psi(a). Its integral from 0 to x is minus that from x on: of these the one is taken where
the factor has one sign, so that nothing is subtracted. For small x there is a series (DLMF 8.7.1).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from ...calls.dispatch import primitive
from ...rule import constant, elementwise


def gamma_density(a, x):
    """Return the derivative of gammainc(a, x) in x, which is x**(a-1) exp(-x) / gamma(a)."""
    return np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def falling(s, b, x, side):
    """Return b s + x (exp(side s) - 1 - side s): how the integrand falls to t = x exp(side s)."""
    return b * s + x * s * s / 2 * special.hyp1f1(1.0, 3.0, side * s)


@primitive
def reach(b, x, side):
    """Return the s where the integrand has fallen by exp(-40), by Newton's method."""
    slope = np.maximum(b, 0)
    s = 80 / (slope + np.sqrt(slope * slope + 80 * x))
    for _ in range(30):
        step = (falling(s, b, x, side) - 40) / (b + x * side * np.expm1(side * s))
        s = np.clip(s - step, s / 2, s * 2)
    return s


@primitive
def points(like):
    """Return places between 0 and 1, and their weights in an integral (Takahasi & Mori 1974)."""
    u = 0.06 * np.arange(-56, 57)
    y = math.pi * np.sinh(u)
    weight = 0.06 * math.pi * np.cosh(u) * special.expit(y) * special.expit(-y)
    return np.stack([special.expit(y), weight]).astype(like.dtype)


def tail(a, x, bent=False):
    """Return the derivative of gammainc(a, x) in a, or the second, by quadrature, for larger x."""
    far = np.log(x) - special.psi(a + 1)  # psi(a) itself has a pole at 0: psi(a + 1) - 1 / a
    side = np.where(far + 1 / a < 0, -1.0, 1.0)
    b = side * (x - a)
    end = reach(b, x, side)
    place, weight = points(end)
    b, end, side, far, y, c = (np.expand_dims(v, -1) for v in (b, end, side, far, x, a))
    s = end * place
    factor = side * far + s
    if bent:
        factor = side * (factor**2 - special.zeta(2.0, c + 1)) + 2 * factor / c
    else:
        factor = factor + side / c
    total = np.sum(np.exp(-falling(s, b, y, side)) * factor * (end * weight), axis=-1)
    return -x * gamma_density(a, x) * total


def series(a, x, bent=False):
    """Return the derivative of gammainc(a, x) in a, or the second, by its series, for small x."""
    y, c = np.expand_dims(x, -1), np.expand_dims(a, -1)
    n = np.cumsum(np.ones_like(y, shape=24)) - 1
    far, rest = np.log(y) - special.psi(c + 1), n / (c * (c + n))
    factor = far + rest  # log(y) - psi(c) - 1 / (c + n), whose poles at c = 0 cancel
    if bent:
        factor = far**2 - special.zeta(2.0, c + 1) + 2 * rest * (far - 1 / (c + n))
    total = np.sum((-y) ** n * special.rgamma(n + 1) / (c + n) * factor, axis=-1)
    return x * gamma_density(a, x) * np.exp(x) * total


def in_a(a, x, bent=False):
    """Return the derivative of gammainc(a, x) in a, or the second; 0 at both ends of x."""
    near, end = x < 0.5, (x == 0) | np.isinf(x)
    low, high = np.where(near & ~end, x, 0.25), np.where(near | end, 1, x)
    inside = np.where(near, series(a, low, bent), tail(a, high, bent))
    return np.where(a < 0, math.nan, np.where(end, 0, inside))


@primitive
def gammainc_in_a(a, x):
    """Return the derivative of gammainc(a, x) in a."""
    return in_a(a, x)


constant(reach, points)
elementwise(
    gammainc_in_a,
    lambda g, x, y: g * in_a(x, y, bent=True),
    lambda g, x, y: g * (gamma_density(x, y) * (np.log(y) - special.psi(x))),
)

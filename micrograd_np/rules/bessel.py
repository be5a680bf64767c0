"""Rules for functions of one number beyond the elementary: sinc, i0. Floor 5."""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import atomic, primitive
from ..rule import composite, elementwise
from .arrays import array_of

# sinc: its derivative is that of sin(u) / u, which cancels for small u; there, its series


def sinc_derivative(g, x):
    """Derivative of sin(u) / u at u = pi x: (u cos u - sin u) / u**2, times pi."""
    u = x * math.pi
    near = np.abs(u) < 1
    far = np.where(near, 1, u)
    small = np.where(near, u, 0)
    series = small * 0.0
    for k in range(9, -1, -1):  # u/3 (1 - u**2/10 + ...): each term from the next
        series = 1 - small * small * series / ((2 * k + 2) * (2 * k + 5))
    inner = -small / 3 * series
    outer = (far * np.cos(far) - np.sin(far)) / (far * far)
    return g * (math.pi * np.where(near, inner, outer))


elementwise(np.sinc, sinc_derivative, arguments=lambda x: ((x,), {}))

# I0 is the mean of cosh(x c) over the cosines c of the circle, and the mean over 256 points of it
# is exact up to the largest x whose I0 is a number: the error falls as exp(-256**2 / 2x)

COSINES = tuple(math.cos((k + 0.5) * math.pi / 128) for k in range(64))


@atomic
@primitive
def bessel(x, n):
    """Return the n-th derivative of I0."""
    if n == 0:
        return np.i0(x)
    f = np.sinh if n % 2 else np.cosh
    return sum(c**n * f(x * c) for c in COSINES) / 64


elementwise(
    bessel,
    lambda g, x, n: g * bessel(x, n + 1),
    forward=lambda x, n: bessel(x, n),
    arguments=lambda x, n: ((x,), {"n": n}),
    name="i0",
)
composite(np.i0, lambda x: bessel(array_of(x), 0))

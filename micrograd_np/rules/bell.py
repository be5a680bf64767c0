"""The bell curve: squares in exponents, the normal distribution, to the last digit. Floor 5."""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import primitive
from ..rule import elementwise

BEYOND = 151.0  # where exp(-x**2 / 2) is 0 in every precision
ROOT_HALF, ROOT_HALF_REST = 0.7071067811865476, -4.833646656726457e-17  # their sum is 1/sqrt(2)


@primitive
def exp_of_square(x, n):
    """Return exp(n / 2 * x**2), for an n that is a power of 2, of either sign.

    The square of a large number is rounded in its last place, and the exponential multiplies that
    by its size: some 500 units at x = 26. So the square is computed as the sum of two numbers.
    """
    x = np.clip(x, -BEYOND, BEYOND)
    square, rest = product(x, x)
    e = np.exp(n / 2 * square)
    return np.where(np.isinf(e), e, e + e * (n / 2 * rest))


def product(x, y):
    """Return x * y exactly, as a sum of two numbers (Dekker 1971, sec. 5.2)."""
    digits = np.finfo(np.result_type(x, np.float16)).nmant + 1
    splitter = float(2 ** ((digits + 1) // 2) + 1)
    (a, b), (c, d) = ((high := z * splitter - (z * splitter - z), z - high) for z in (x, y))
    rounded = x * y
    return rounded, ((a * c - rounded) + a * d + b * c) + b * d


elementwise(
    exp_of_square,
    lambda g, x, out, n: g * (n * x * out),
    arguments=lambda x, n: ((x,), {"n": n}),
)


@primitive
def normal_cdf(x):
    """Return the probability that a standard normal variable is less than x.

    It is erfc(z) / 2 with z = -x / sqrt(2), corrected for the rounding of z.
    """
    dtype = np.result_type(x, np.float16)
    x = np.clip(np.asarray(x, float), -BEYOND, BEYOND)
    z, rest = product(x, ROOT_HALF)
    slope = exp_of_square(x, -1) / math.sqrt(math.pi)
    return (erfc(-z) / 2 + slope * (rest + x * ROOT_HALF_REST)).astype(dtype)[()]


def erfc(x):
    """Return the complementary error function: Python's own, entry by entry.

    SciPy's takes a quarter of the time, but loses 3 digits in its tail (207 units at 26.4).
    """
    return np.fromiter(map(math.erfc, x.ravel().tolist()), float, x.size).reshape(x.shape)


def normal_density(x):
    """Return the density of the standard normal distribution."""
    return exp_of_square(x, -1) * (1 / math.sqrt(2 * math.pi))


elementwise(normal_cdf, lambda g, x: g * normal_density(x))

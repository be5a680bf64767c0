"""Slopes of NumPy's functions of entries at zeros, huge numbers and infinities, against mpmath.

At an infinity the true slope is the limit, if all ways there have the same. Units in the last place
are of normal numbers: where a slope is smaller than any of these, it may be 0.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import micrograd_np as mg

mp = pytest.importorskip("mpmath").mp
LIMIT = 4  # units in the last place
ROUNDED = {np.logaddexp: 32, np.logaddexp2: 32}  # of which the difference of operands is rounded
TINY, HUGE = float(np.finfo(float).tiny), float(np.finfo(float).max)
SIZES = (0.0, 1e-300, 1e-160, 1e-8, 0.3, 1.0, 3.0, 40.0, 1e160, HUGE, np.inf)
POINTS = (*SIZES, *[-x for x in SIZES])
FAR = [mp.mpf(10) ** 600, 3 * mp.mpf(10) ** 900]  # on the way to infinity


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(60):
        yield


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if abs(x) < 1e6 else half(x, 0)


def half(x, y):
    return (mp.sign(x - y) + 1) / 2


def bits(x):
    return sigmoid(x * mp.log(2))


def turned(x, y):
    return y / (x * x + y * y)


TWO = {
    np.add: (lambda x, y: 1, lambda x, y: 1),
    np.subtract: (lambda x, y: 1, lambda x, y: -1),
    np.multiply: (lambda x, y: y, lambda x, y: x),
    np.divide: (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    np.remainder: (lambda x, y: 1, lambda x, y: -mp.floor(x / y)),
    np.fmod: (lambda x, y: 1, lambda x, y: -mp.sign(x / y) * mp.floor(abs(x / y))),
    np.logaddexp: (lambda x, y: sigmoid(x - y), lambda x, y: sigmoid(y - x)),
    np.logaddexp2: (lambda x, y: bits(x - y), lambda x, y: bits(y - x)),
    np.arctan2: (turned, lambda x, y: -turned(y, x)),
    np.hypot: (lambda x, y: x / mp.hypot(x, y), lambda x, y: y / mp.hypot(x, y)),
    np.maximum: (half, lambda x, y: half(y, x)),
    np.minimum: (lambda x, y: half(y, x), half),
    np.fmax: (half, lambda x, y: half(y, x)),
    np.fmin: (lambda x, y: half(y, x), half),
}


def ways(x):
    """Numbers on the way to x."""
    return [mp.sign(x) * far for far in FAR] if np.isinf(x) else [mp.mpf(x)]


def as_float(slope):
    """The double next to a number, infinite if that is beyond all of them."""
    return float(slope) if abs(slope) <= HUGE else float(mp.sign(slope)) * np.inf


def true_slope(f, xs):
    """The slope at a point, or its limit there; None where there is none."""
    try:
        slopes = [as_float(mp.mpf(f(*way))) for way in product(*map(ways, xs))]
    except (ZeroDivisionError, ValueError, TypeError):
        return None
    return slopes[0] if np.allclose(slopes, slopes[0], 1e-12, TINY) else None


def is_right(found, true, limit):
    if abs(true) < TINY:
        return abs(found) <= TINY
    return found == true or abs(found - true) <= limit * np.spacing(abs(true))


@pytest.mark.parametrize("function", TWO, ids=lambda f: f.__name__)
def test_slopes_of_two_operands_are_right_at_extremes(function):
    xs = np.array(list(product(POINTS, repeat=2))).T
    with np.errstate(all="ignore"):
        out, pull = mg.vjp(function, *xs)
        found = pull(np.ones_like(out))
    wrong = [
        (k, *point, slope, true)
        for k, slopes in enumerate(found)
        for *point, value, slope in zip(*xs, out, slopes, strict=True)
        if np.isfinite(value) or np.inf in np.abs(point)
        if not np.isnan(value) and (true := true_slope(TWO[function][k], point)) is not None
        if not is_right(slope, true, ROUNDED.get(function, LIMIT))
    ]
    assert not wrong, f"{len(wrong)} slopes of {function.__name__} are off: {wrong[:5]}"


@pytest.mark.parametrize(
    ("exponent", "slope"), [(-0.5, -np.inf), (-2.0, -np.inf), (0.0, 0), (2.0, 0)]
)
def test_the_slope_of_a_power_of_zero_in_its_exponent(exponent, slope):
    with np.errstate(divide="ignore"):
        assert mg.grad(np.power, 1)(0.0, exponent) == slope

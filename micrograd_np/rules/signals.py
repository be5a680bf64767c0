"""Rules for sampled signals: convolve, correlate, interp, unwrap. Floor 5."""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import atomic, primitive
from ..calls.signatures import constant_parameter
from ..rule import composite, elementwise, identity, multilinear
from .arrays import arrays_of, as_double, as_dtype
from .indexing import getitem

# Convolutions: products whose transposes are again convolutions


@atomic
@primitive
def convolved(x, y, mode):
    """Return the convolution of two rows, the first no shorter than the second."""
    return np.convolve(x, y, mode)


def convolved_left(g, y, mode):
    """Transpose of a convolution in its longer operand."""
    if mode == "full":
        return convolved(g, y[::-1], "valid")
    return convolution(g, y[::-1])


def convolved_right(g, x, mode):
    """Transpose of a convolution in its shorter operand."""
    if mode == "full":
        return convolved(g, x[::-1], "valid")
    return convolved(x, g[::-1], "valid")[::-1]


multilinear(
    convolved,
    convolved_left,
    convolved_right,
    forward=lambda x, y, mode: np.convolve(x, y, mode),
    arguments=lambda x, y, mode: ((x, y), {"mode": mode}),
    name="convolve",
)


def convolution(a, v, mode="full"):
    """Body of np.convolve."""
    a, v = (np.reshape(x, -1) for x in arrays_of((a, v)))
    a, v = (a, v) if a.size >= v.size else (v, a)
    if mode != "same":
        return convolved(a, v, mode)
    start = (v.size - 1) // 2
    return convolved(a, v, "full")[start : start + a.size]


def correlation(a, v, mode="valid"):
    """Body of np.correlate: a convolution with the second operand reversed and conjugated."""
    a, v = arrays_of((a, v))
    v = np.conj(v)
    if len(a) >= len(v):
        return convolution(a, v[::-1], mode)
    return convolution(v, a[::-1], mode)[::-1]


composite(np.convolve, convolution)
composite(np.correlate, correlation)

# Interpolation


def interpolated(x, xp, fp, left=None, right=None, period=None):
    """Body of np.interp: a straight line between neighbours; at a knot the flatter of the two."""
    x, xp, fp = arrays_of((x, xp, fp))
    if period is None:
        x, xp, fp = as_double(x), as_double(xp), as_double(fp)
    else:
        x, xp, fp = wrapped(x, xp, fp, abs(constant_parameter("interp", "period", period)))
    if xp.shape != fp.shape or xp.ndim != 1 or not xp.size:
        raise ValueError("fp and xp must be rows of the same length, of one entry at least")
    last = len(xp) - 1
    low = np.clip(np.searchsorted(xp, x, "right") - 1, 0, max(last - 1, 0))
    low, level = flatter(x, xp, fp, low) if last > 1 and fp.dtype.kind != "c" else (low, False)
    high = np.minimum(low + 1, last)
    begin, value = getitem(xp, low), getitem(fp, low)
    width = getitem(xp, high) - begin
    line = value + (x - begin) * ((getitem(fp, high) - value) / np.where(width == 0, 1, width))
    below, above = (fp[0] if left is None else left), (fp[last] if right is None else right)
    inside = np.where(x == xp[last], fp[last], np.where(level, value, line))
    return np.where(x < xp[0], below, np.where(x > xp[last], above, inside))


def flatter(x, xp, fp, low):
    """Return where a line begins, at a knot the flatter of two, and whether a knot is a peak."""
    steep = np.diff(fp) / np.diff(xp)
    left, right = getitem(steep, np.maximum(low - 1, 0)), getitem(steep, low)
    knot = (x == getitem(xp, low)) & (low > 0)
    peak = knot & (left * right <= 0)
    return np.where(knot & ~peak & (np.abs(left) < np.abs(right)), low - 1, low), peak


def wrapped(x, xp, fp, period):
    """Return np.interp's operands on one period, continued by one knot on either side."""
    x, xp = as_dtype(x, np.float64) % period, as_dtype(xp, np.float64) % period
    fp = as_dtype(fp, np.complex128 if fp.dtype.kind == "c" else np.float64)
    order = np.argsort(xp)
    xp, fp = getitem(xp, order), getitem(fp, order)
    xp = np.concatenate((xp[-1:] - period, xp, xp[:1] + period))
    return x, xp, np.concatenate((fp[-1:], fp, fp[:1]))


composite(np.interp, interpolated)
elementwise(
    np.unwrap,  # adds multiples of the period, which are piecewise constant
    identity,
    arguments=lambda p, discont=None, axis=-1, *, period=2 * math.pi: (
        (p,),
        {"discont": discont, "axis": axis, "period": period},
    ),
    ignores=("discont", "axis", "period"),
)

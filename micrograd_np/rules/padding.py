"""Rules for np.pad, in each of its modes. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.signatures import constant_parameter
from ..rule import composite
from .arrays import along, array_of, as_dtype, fixed, moved
from .indexing import scatter

MOVES = ("edge", "wrap", "reflect", "symmetric")  # modes that only repeat entries


def padded(array, pad_width, mode="constant", **kwargs):
    """Body of np.pad."""
    x, widths = array_of(array), pairs(fixed(pad_width), np.ndim(array))
    odd = kwargs.get("reflect_type", "even") == "odd"
    if callable(mode):
        raise TypeError("np.pad of a Tensor: mode must be one of NumPy's, not a function")
    example = np.zeros_like(0.0, dtype=x.dtype, shape=(1,) * x.ndim)
    np.pad(example, 1, mode, **fixed(kwargs))  # NumPy checks
    if mode in MOVES and not odd:
        return moved(lambda a: np.pad(a, widths, mode, **kwargs), x)
    if mode in ("constant", "empty"):
        return surrounded(x, widths, kwargs.get("constant_values", 0))
    for axis, (before, after) in enumerate(widths):
        if odd:
            x = mirrored(x, axis, before, after, mode)
        else:
            params = {k: v[axis] for k, v in sides(kwargs, x.ndim).items()}
            x = extended(x, axis, before, after, mode, **params)
    return x


def pairs(widths, ndim):
    """Return for each axis how much goes before and after."""
    if isinstance(widths, dict):
        given = {axis % ndim: w for axis, w in widths.items()}
        widths = [np.broadcast_to(given.get(i, 0), 2) for i in range(ndim)]
    return [tuple(w) for w in np.broadcast_to(widths, (ndim, 2)).tolist()]


def sides(kwargs, ndim):
    """Return the keywords of a mode for each axis, before and after."""
    return {
        name: [(None, None)] * ndim
        if value is None
        else np.broadcast_to(constant_parameter("pad", name, value), (ndim, 2)).tolist()
        for name, value in kwargs.items()
    }


def surrounded(x, widths, values):
    """Return x with constants around it, which may be Tensors."""
    shape = tuple(a + n + b for n, (a, b) in zip(x.shape, widths, strict=True))
    inside = tuple(slice(a, a + n) for n, (a, b) in zip(x.shape, widths, strict=True))
    if not np.ndim(values) and not np.any(fixed(values)):
        return scatter(x, inside, shape)
    values = as_dtype(np.broadcast_to(array_of(values), (x.ndim, 2)), x.dtype)
    fill = lambda a, v: np.pad(a, widths, "constant", constant_values=v.tolist())
    return moved(fill, x, values)


STATISTICS = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}


def extended(x, axis, before, after, mode, stat_length=(None, None), end_values=(0, 0)):
    """Return x with a statistic of its ends, or a ramp, before and after it along an axis."""
    n = x.shape[axis]
    first, last = along(x, axis, slice(0, 1)), along(x, axis, slice(n - 1, n))
    if mode == "linear_ramp":
        left = joined_first(np.linspace(end_values[0], first, before, endpoint=False), axis)
        down = joined_first(np.linspace(end_values[1], last, after, endpoint=False), axis)
        right = np.flip(down, axis)
        return np.concatenate([as_dtype(left, x.dtype), x, as_dtype(right, x.dtype)], axis)
    statistic = STATISTICS[mode]
    sizes = [n if m is None else min(m, n) for m in stat_length]
    ends = along(x, axis, slice(0, sizes[0])), along(x, axis, slice(n - sizes[1], n))
    left, right = (statistic(end, axis=axis, keepdims=True) for end in ends)
    pieces = [np.repeat(left, before, axis), x, np.repeat(right, after, axis)]
    return np.concatenate([as_dtype(piece, x.dtype) for piece in pieces], axis)


def joined_first(ramp, axis):
    """Return slices of length 1 that lie along a new first axis, one after the other."""
    return np.moveaxis(np.squeeze(ramp, axis + 1), 0, axis)


def mirrored(x, axis, before, after, mode):
    """Return x continued by its mirror images, turned about the end points."""
    n = x.shape[axis]
    period = max(n - 1, 1) if mode == "reflect" else n
    turns, place = np.divmod(np.arange(-before, n + after), period)
    if mode == "reflect" and n == 1:
        turns, place = np.zeros_like(turns), np.zeros_like(place)
    line = tuple(-1 if i == axis else 1 for i in range(x.ndim))
    first, last = along(x, axis, slice(0, 1)), along(x, axis, slice(n - 1, n))
    here, there = along(x, axis, place), along(x, axis, n - 1 - place)
    line, turned = tuple(-1 if i == axis else 1 for i in range(x.ndim)), turns % 2 == 1
    end = some((turns + turned).reshape(line), last)
    start = some((turns - turned).reshape(line), first)
    return end - start + np.where(turned.reshape(line), -there, here)


def some(times, x):
    """Return so many times x; of none of it, nothing."""
    return np.where(times == 0, 0, times.astype(x.dtype) * x)


composite(np.pad, padded)

"""Undoing a reduction: what was summed is spread again. Floor 5."""

from __future__ import annotations

import math

import numpy as np


def kept_shape(shape, axis):
    """Return the shape that a reduction over ``axis`` leaves with keepdims."""
    if axis is None or not shape:
        return (1,) * len(shape)
    axes = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def spread(g, x, axis=None, keepdims=False):
    """Return g, the cotangent of a reduction of x, repeated to the shape of x."""
    size = math.prod(x.shape)
    if g.size == size:
        return g.reshape(x.shape)
    if axis is not None and not keepdims:
        g = g.reshape(kept_shape(x.shape, axis))
    if size < 1000 and isinstance(g, np.number):  # seven times faster than the next line
        return np.full_like(g, g, shape=x.shape)
    return np.broadcast_to(g, x.shape)


def unreduced(out, x, axis=None, keepdims=False):
    """Return a reduction's result with its axes back, so that it broadcasts against x."""
    return out if keepdims or axis is None else out.reshape(kept_shape(x.shape, axis))


def count(x, axis=None):
    """Return how many entries a reduction over ``axis`` takes together; at least 1."""
    if axis is None:
        return max(math.prod(x.shape), 1)
    return max(math.prod(x.shape) // max(math.prod(kept_shape(x.shape, axis)), 1), 1)


def magnitude(x, axis=None):
    """Return the largest size of entries taken together, to scale by: 1 where it is 0 or inf."""
    largest = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    return np.where((largest == 0) | np.isinf(largest), 1, largest)


def or_infinite(size):
    """Return sizes to divide by, infinite where they are 0: the quotient and its slopes are 0."""
    return np.where(size == 0, math.inf, size)

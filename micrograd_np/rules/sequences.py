"""Rules along a sequence: differences, slopes, integrals, cumulative sums. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite
from .arrays import along, array_of, as_dtype, axes_of, by_line, floating

# Differences


def differences(a, n=1, axis=-1, prepend=np._NoValue, append=np._NoValue):
    """Body of np.diff."""
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    x = array_of(a)
    ends = [v for v in (prepend, x, append) if v is not np._NoValue]
    if n and len(ends) > 1:
        line = tuple(1 if i == axis % x.ndim else m for i, m in enumerate(x.shape))
        ends = [v if np.ndim(v) else np.broadcast_to(v, line) for v in ends]
        x = np.concatenate(ends, axis)
    for _ in range(n):
        x = along(x, axis, slice(1, None)) - along(x, axis, slice(None, -1))
    return x


def ends_and_differences(ary, to_end=None, to_begin=None):
    """Body of np.ediff1d."""
    row = np.reshape(ary, -1)
    between = row[1:] - row[:-1]
    pieces = [v for v in (to_begin, between, to_end) if v is not None]
    return np.concatenate([as_dtype(np.reshape(v, -1), between.dtype) for v in pieces])


composite(np.diff, differences)
composite(np.ediff1d, ends_and_differences)


def trapezoids(y, x=None, dx=1.0, axis=-1):
    """Body of np.trapezoid: widths times mean heights."""
    y = array_of(y)
    width = dx
    if x is not None:
        width = np.diff(x) if np.ndim(x) == 1 else np.diff(x, axis=axis)
        width = by_line(width, axis, y.ndim) if np.ndim(x) == 1 else width
    heights = along(y, axis, slice(1, None)) + along(y, axis, slice(None, -1))
    return np.sum(width * heights / 2.0, axis)


composite(np.trapezoid, trapezoids)


def slopes(f, *varargs, axis=None, edge_order=1):
    """Body of np.gradient: central differences inside, one-sided ones at the ends."""
    f = floating(f)
    axes = axes_of(axis, f.ndim)
    steps = varargs * len(axes) if len(varargs) == 1 else varargs or [1.0] * len(axes)
    if len(steps) != len(axes):
        raise TypeError("invalid number of arguments")
    found = [slope(f, h, a, edge_order) for a, h in zip(axes, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def slope(f, h, axis, edge_order):
    """Return the derivative along one axis; h is the step, or the places of the entries."""
    n = f.shape[axis]
    if edge_order not in (1, 2) or n < edge_order + 1:
        raise ValueError(f"edge_order {edge_order} needs at least that many entries and one more")
    uniform = not np.ndim(h)
    if uniform:
        first = last = (h, h)
    else:
        if np.ndim(h) != 1 or len(h) != n:
            raise ValueError("when 1d, distances must match the length of the corresponding axis")
        d = np.diff(h)
        left, right = by_line(d[:-1], axis, f.ndim), by_line(d[1:], axis, f.ndim)
        first, last = (d[0], d[min(1, n - 2)]), (d[-1], d[max(-2, 1 - n)])
    part = lambda index: along(f, axis, index)
    before, here, after = part(slice(None, -2)), part(slice(1, -1)), part(slice(2, None))
    if uniform:
        inner = (after - before) / (h * 2.0)
    else:
        rise, fall = (after - here) / right, (here - before) / left
        inner = (rise * left + fall * right) / (left + right)
    edge = lambda i, j, k, step: one_sided(part([i]), part([j]), part([k]), *step, edge_order)
    ends = edge(0, 1, min(2, n - 1), first), edge(-1, -2, max(-3, -n), [-1.0 * s for s in last])
    return np.concatenate([ends[0], inner, ends[1]], axis)


def one_sided(x, y, z, near, far, edge_order):
    """Return the slope at x from its neighbours y and z, at these distances from each other."""
    first = (y - x) / near
    return first if edge_order == 1 else first + (first - (z - y) / far) * near / (near + far)


composite(np.gradient, slopes)

# Cumulative sums and products


def cumulative(function, start):
    """Return the body of np.cumulative_sum or np.cumulative_prod."""

    def body(x, *, axis=None, dtype=None, out=None, include_initial=False):
        if axis is None and x.ndim > 1:
            raise ValueError("axis must be given for an array of several axes")
        x = np.atleast_1d(x)
        y = function(x, 0 if axis is None else axis, dtype=dtype)
        axis = 0 if axis is None else axis
        if not include_initial:
            return y
        first = np.zeros_like(along(x, axis, slice(0, 1)), dtype=y.dtype) + start
        return np.concatenate([as_dtype(first, y.dtype), y], axis)

    return body


composite(np.cumulative_sum, cumulative(np.cumsum, 0))
composite(np.cumulative_prod, cumulative(np.cumprod, 1))

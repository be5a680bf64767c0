"""Rules for numbers between two ends: linspace, logspace, geomspace; and full_like. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite
from .arrays import array_of, arrays_of, as_dtype, floating


def fractions(start, stop, num, endpoint):
    """Return the ends as arrays of one shape, and the fractions of the way between them."""
    ends = start, stop  # of which a plain number takes the precision of the other
    weak = [x if type(x) in (int, float, complex) else array_of(x).dtype for x in ends]
    dtype = np.result_type(*weak, 0.0)
    start, stop = np.broadcast_arrays(*[as_dtype(floating(x), dtype) for x in ends])
    steps = max(num - 1 if endpoint else num, 1)
    part = np.arange(num).reshape(-1, *[1] * start.ndim).astype(start.dtype) / steps
    return start, stop, part


def ended(y, start, stop, part, endpoint):
    """Return y with its ends in place of what rounding made of them."""
    y = np.where(part == 0, start, y)
    return np.where(part == 1, stop, y) if endpoint else y


def finished(y, axis, dtype):
    """Return y with its first axis moved, in a dtype."""
    y = y if axis == 0 else np.moveaxis(y, 0, axis)
    return y if dtype is None else as_dtype(y, np.dtype(dtype))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """Body of np.linspace."""
    start, stop, part = fractions(start, stop, num, endpoint)
    y = finished(ended(start + part * (stop - start), start, stop, part, endpoint), axis, dtype)
    steps = num - 1 if endpoint else num
    return (y, (stop - start) / steps) if retstep else y


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """Body of np.logspace: powers of the base."""
    base = np.expand_dims(base, 0) if np.ndim(base) else base
    return finished(np.power(base, np.linspace(start, stop, num, endpoint)), axis, dtype)


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """Body of np.geomspace: equal ratios."""
    ends = (as_dtype(x, np.result_type(x.dtype, np.float64)) for x in arrays_of((start, stop)))
    start, stop, part = fractions(*ends, num, endpoint)
    y = ended(start * (stop / start) ** part, start, stop, part, endpoint)
    return finished(y, axis, dtype)


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    """Body of np.full_like: the value, repeated."""
    a = array_of(a)
    filled = as_dtype(array_of(fill_value), a.dtype if dtype is None else dtype)
    return np.copy(np.broadcast_to(filled, a.shape if shape is None else shape))


composite(np.linspace, linspace)
composite(np.logspace, logspace)
composite(np.geomspace, geomspace)
composite(np.full_like, full_like)

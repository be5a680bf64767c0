"""Rules for functions that make arrays, which NumPy lets us see with ``like=t`` only. Floor 5.

``np.array([t, t])`` never asks, and raises; ``np.array([t, t], like=t)`` comes here, and so does
``mg.array([t, t])``.
"""

from __future__ import annotations

import numpy as np

from ..rule import composite
from .arrays import array_of, as_dtype


def made(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0):  # noqa: A002
    """Body of np.array and its kin: nested lists of numbers, arrays and Tensors, as one."""
    x = array_of(object)
    x = x if dtype is None else as_dtype(x, np.dtype(dtype))
    x = np.reshape(x, (*[1] * (ndmin - x.ndim), *x.shape)) if x.ndim < ndmin else x
    return np.copy(x) if copy and x is object else x


def as_made(a, dtype=None, order=None, *, device=None, copy=None):
    """Body of np.asarray and its kin."""
    return made(a, dtype, copy=bool(copy))


def filled(shape, fill_value, dtype=None, order="C", *, device=None):
    """Body of np.full."""
    value = as_made(fill_value, dtype)
    return np.copy(np.broadcast_to(value, shape))


composite(np.array, made)
composite(np.asarray, as_made)
composite(np.asanyarray, as_made)
composite(np.ascontiguousarray, lambda a, dtype=None: np.atleast_1d(as_made(a, dtype)))
composite(np.asfortranarray, lambda a, dtype=None: as_made(a, dtype))
composite(np.require, lambda a, dtype=None, requirements=None: as_made(a, dtype))
composite(np.full, filled)

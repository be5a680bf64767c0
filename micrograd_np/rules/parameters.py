"""Reductions with a parameter that has a gradient: where they start, the mean they get. Floor 5.

Without one they have rules of their own, in reductions.py; with one they are these bodies.
"""

from __future__ import annotations

import math

import numpy as np

from ..errors import ShapeError, describe
from ..errors import where as where_in_code
from ..rule import parametric
from .arrays import as_dtype, lines
from .reductions import deviations
from .spread import kept_shape


def one_number(initial, dtype):
    """Return ``initial`` in the dtype of the result; NumPy takes one for all results."""
    if initial.ndim:
        raise ShapeError(
            f"initial={describe(initial)} is more than one number{where_in_code()}. "
            "Add or compare it afterwards: np.sum(x, axis) + initial."
        )
    return as_dtype(initial, dtype)


def starting(function, joined):
    """Return the body of a sum or product that starts from ``initial``."""

    def body(x, initial, **params):
        out = function(x, **params)
        return joined(out, one_number(initial, out.dtype))

    return body


def among(function, least):
    """Return the body of an extreme with ``initial``: that is one entry more in each line."""

    def body(x, initial, axis=None, keepdims=False, where=True):
        x = x if where is True else np.where(where, x, least)
        rows = lines(x, axis)
        more = np.broadcast_to(one_number(initial, x.dtype), (*rows.shape[:-1], 1))
        out = function(np.concatenate([rows, more], -1), axis=-1)
        return np.reshape(out, kept_shape(x.shape, axis)) if keepdims else out

    return body


def from_mean(x, mean, axis=None, dtype=None, ddof=0, keepdims=False, where=True, correction=None):
    """Return the deviations from a given mean, and how many of each line are free to vary."""
    x = x if dtype is None else as_dtype(x, dtype)
    d, freedom = deviations(x, axis, ddof, where, as_dtype(mean, x.dtype), correction)
    if where is True:
        return d, max(freedom, 0)
    free = np.maximum(freedom, 0)
    return d, free if keepdims else np.squeeze(free, axis)


def variance_about(x, mean, axis=None, keepdims=False, **params):
    """Body of np.var with a given mean."""
    d, free = from_mean(x, mean, axis, keepdims=keepdims, **params)
    return np.sum(np.real(d * np.conj(d)), axis=axis, keepdims=keepdims) / free


def deviation_about(x, mean, axis=None, keepdims=False, **params):
    """Body of np.std with a given mean."""
    d, free = from_mean(x, mean, axis, keepdims=keepdims, **params)
    return np.linalg.vector_norm(d, axis=axis, keepdims=keepdims) / free**0.5


parametric(np.sum, "initial", starting(np.sum, np.add))
parametric(np.prod, "initial", starting(np.prod, np.multiply))
parametric(np.max, "initial", among(np.max, -math.inf))
parametric(np.min, "initial", among(np.min, math.inf))
parametric(np.nanmax, "initial", among(np.nanmax, -math.inf))
parametric(np.nanmin, "initial", among(np.nanmin, math.inf))
parametric(np.var, "mean", variance_about)
parametric(np.std, "mean", deviation_about)

"""Rules for statistics: averages, covariances, and those that pass over NaN. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.handle import Handle
from ..calls.operands import unwrap
from ..rule import composite
from .arrays import array_of, as_dtype, axes_of, fixed_mask

# Reductions that pass over NaN


def but_nan(function, neutral):
    """Return the body of a function that takes a NaN for a neutral number."""
    return lambda a, axis=None, **params: function(
        np.where(np.isnan(a), neutral, a), axis=axis, **given(params)
    )


def given(params):
    """Return the parameters that were given."""
    return {name: value for name, value in params.items() if value is not np._NoValue}


def present(function):
    """Return the body of a function of those entries that are no NaN."""

    def body(a, axis=None, *, where=True, **params):
        counted = ~np.isnan(a) & fixed_mask(where is np._NoValue or where)
        return function(a, axis=axis, where=counted, **given(params))

    return body


composite(np.nansum, but_nan(np.sum, 0))
composite(np.nanprod, but_nan(np.prod, 1))
composite(np.nancumsum, but_nan(np.cumsum, 0))
composite(np.nancumprod, but_nan(np.cumprod, 1))
composite(np.nanmean, present(np.mean))
composite(np.nanvar, present(np.var))
composite(np.nanstd, present(np.std))

# Averages and covariances


def averaged(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """Body of np.average."""
    a, keepdims = array_of(a), keepdims is not np._NoValue and keepdims
    if weights is None:
        out = np.mean(a, axis=axis, keepdims=keepdims)
        total = np.zeros_like(out) + a.size / max(out.size, 1)
    else:
        w = matched(array_of(weights), a, axis)
        total = np.sum(w, axis=axis, keepdims=keepdims)
        sums = unwrap(total)
        if not isinstance(sums, Handle) and not np.all(sums):  # a trace knows no values
            raise ZeroDivisionError("Weights sum to zero, can't be normalized")
        out = np.sum(a * w, axis=axis, keepdims=keepdims) / total
    return (out, np.broadcast_to(total, out.shape)) if returned else out


def matched(w, a, axis):
    """Return weights in the shape of a; they may be given along the axis alone."""
    if w.shape == a.shape:
        return w
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    axes = axes_of(axis, a.ndim)
    if w.shape != tuple(a.shape[i] for i in axes):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis")
    w = np.transpose(w, tuple(np.argsort(axes).tolist()))
    shape = tuple(n if i in axes else 1 for i, n in enumerate(a.shape))
    return np.broadcast_to(np.reshape(w, shape), a.shape)


def covariance(
    m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None
):
    """Body of np.cov: the products of deviations, averaged."""
    x = observations(m, rowvar)
    x = x if y is None else np.concatenate([x, observations(y, rowvar)], 0)
    x = as_dtype(x, np.result_type(x.dtype, np.float64) if dtype is None else dtype)
    ddof = int(not bias) if ddof is None else ddof
    weights = [array_of(v) for v in (fweights, aweights) if v is not None]
    w = None if not weights else weights[0] if len(weights) == 1 else weights[0] * weights[1]
    mean = np.average(x, axis=1, weights=w)
    total = x.shape[1] if w is None else np.sum(w)
    share = 1 if aweights is None or not ddof else np.sum(w * weights[-1]) / total
    freedom = total - ddof * share
    d = x - np.expand_dims(mean, 1)
    return np.squeeze(np.dot(d, np.conj((d if w is None else d * w).T)) / freedom)


def observations(m, rowvar):
    """Return variables as the rows of a matrix."""
    m = array_of(m)
    return np.atleast_2d(m if rowvar or m.ndim == 1 else m.T)


def correlations(x, y=None, rowvar=True, *, dtype=None):
    """Body of np.corrcoef: covariances in units of the standard deviations."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    size = np.sqrt(np.real(np.diagonal(c)))
    return c / np.expand_dims(size, 1) / np.expand_dims(size, 0)


composite(np.average, averaged)
composite(np.cov, covariance)
composite(np.corrcoef, correlations)


def range_of(a, axis=None, out=None, keepdims=False):
    """Body of np.ptp."""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


composite(np.ptp, range_of)

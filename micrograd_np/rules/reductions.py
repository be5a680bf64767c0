"""Rules for reductions: sums, means, extremes, products, cumulative sums. Floor 6."""

from __future__ import annotations

import numpy as np

from ..rule import general, linear
from .spread import count, spread, unreduced


def plain_sum(x, axis=None, **params):
    """Return np.sum without its wrapper, which costs more than a short sum."""
    return np.add.reduce(x, axis, **params)


def plain_mean(x, axis=None, **params):
    """Return np.mean without its wrapper where a sum and a division are the same."""
    if not x.size:
        with np.errstate(invalid="ignore"):  # one warning is enough: "Mean of empty slice"
            return np.mean(x, axis, **params)
    if params or axis is not None or x.dtype.char not in "fdFD":
        return np.mean(x, axis, **params)
    if x.size == 1:
        return x.reshape(())[()]  # at a quarter of the price
    return np.add.reduce(x, None) / x.size


def sum_arguments(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True):
    """Return np.sum's operand, whose entries that ``where`` leaves out are replaced by 0."""
    if out is not None:
        raise TypeError("np.sum of a Tensor: pass out= by keyword")
    x = a if where is True else np.where(where, a, 0)
    given = {"axis": axis, "dtype": dtype, "initial": initial}
    params = {name: value for name, value in given.items() if value is not None}
    return (x,), {**params, "keepdims": True} if keepdims else params


linear(np.sum, spread, forward=plain_sum, arguments=sum_arguments, ignores=("initial",))


def shared(g, n):
    """Return g / n, also where n is larger than any number of g's dtype."""
    return g / n if n < 65504 else g * (1 / n)


linear(
    np.mean,
    lambda g, x, axis=None, keepdims=False: spread(shared(g, count(x, axis)), x, axis, keepdims),
    forward=plain_mean,
)


def extreme(g, x, out, axis=None, keepdims=False):
    """Cotangent of an extreme entry; ties share it evenly."""
    hit = x == unreduced(out, x, axis, keepdims)
    ties = np.sum(hit, axis=axis, keepdims=True).astype(g.dtype)
    share = unreduced(g, x, axis, keepdims) / np.where(ties == 0, 1, ties)
    return np.where(hit, share, 0)


general(np.max, extreme, selects=True)
general(np.min, extreme, selects=True)


def centred(x, axis=None):
    """Return x minus its mean; twice, since the first mean is rounded."""
    d = x - np.mean(x, axis=axis, keepdims=True)
    return d - np.mean(d, axis=axis, keepdims=True)


def var_vjp(g, x, axis=None, ddof=0, keepdims=False, correction=None):
    """Cotangent of x in np.var; ``correction`` is the array API's name for ddof."""
    freedom = count(x, axis) - (ddof if correction is None else correction)
    return spread(g, x, axis, keepdims) * (2 * np.conj(centred(x, axis)) / freedom)


def std_vjp(g, x, out, axis=None, ddof=0, keepdims=False, correction=None):
    """Cotangent of x in np.std; 0 where all entries are equal."""
    freedom = count(x, axis) - (ddof if correction is None else correction)
    share = g / np.where(out == 0, 1, out)
    return spread(share, x, axis, keepdims) * (np.conj(centred(x, axis)) / freedom)


def of_centred(f):
    """Return np.var or np.std of what is left beside the mean, which loses no digits to it."""
    return lambda x, axis=None, **params: f(centred(x, axis), axis=axis, **params)


general(np.var, var_vjp, forward=of_centred(np.var))
general(np.std, std_vjp, forward=of_centred(np.std))


def others(x, axis):
    """Return for each entry the product of the others along one axis; right also at zeros."""
    first, last = _end(x, axis, slice(0, 1)), _end(x, axis, slice(-1, None))
    before = np.concatenate([first**0, np.cumprod(x, axis)], axis)
    after = np.concatenate([last**0, np.cumprod(np.flip(x, axis), axis)], axis)
    drop = _at(x, axis, slice(0, -1))
    return before[drop] * np.flip(after[drop], axis)


def _at(x, axis, index):
    return tuple(index if i == axis % x.ndim else slice(None) for i in range(x.ndim))


def _end(x, axis, index):
    return x[_at(x, axis, index)]


def prod_vjp(g, x, axis=None, keepdims=False):
    """Cotangent of x in np.prod: g times the product of the other entries."""
    if x.ndim == 0:
        return g
    if x.size == 0:
        return spread(g, x, axis, keepdims)
    if axis is None:
        return g.reshape(()) * others(x.reshape(-1), 0).reshape(x.shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(a % x.ndim for a in axes)
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    moved = np.transpose(x, (*rest, *axes))
    flat = others(moved.reshape((*moved.shape[: len(rest)], -1)), -1)
    back = tuple(np.argsort((*rest, *axes)).tolist())
    return spread(g, x, axis, keepdims) * np.transpose(flat.reshape(moved.shape), back)


general(np.prod, prod_vjp)


def cumprod_vjp(g, x, axis=None):
    """Cotangent of x in np.cumprod, by the recurrence s[i] = g[i] + x[i+1] s[i+1]."""
    if axis is None or x.ndim == 0:
        return cumprod_vjp(g.reshape(-1), x.reshape(-1), 0).reshape(x.shape)
    n = x.shape[axis]
    if n == 0:
        return g
    s = _end(g, axis, slice(n - 1, n))
    pieces = [s]
    for i in range(n - 2, -1, -1):
        s = _end(g, axis, slice(i, i + 1)) + _end(x, axis, slice(i + 1, i + 2)) * s
        pieces.append(s)
    sums = np.concatenate(pieces[::-1], axis)
    before = np.concatenate([_end(x, axis, slice(0, 1)) ** 0, np.cumprod(x, axis)], axis)
    return sums * before[_at(x, axis, slice(0, -1))]


general(np.cumprod, cumprod_vjp)


def cumsum_transpose(g, x, axis=None):
    """Transpose of np.cumsum: a cumulative sum from the other end."""
    if axis is None:
        return np.flip(np.cumsum(np.flip(g, 0), 0), 0).reshape(x.shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis).reshape(x.shape)


linear(np.cumsum, cumsum_transpose)

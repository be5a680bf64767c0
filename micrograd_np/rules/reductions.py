"""Rules for reductions: sums, means, extremes, products, cumulative sums. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.dispatch import atomic, primitive
from ..rule import composite, general, linear
from .spread import count, magnitude, or_infinite, spread, unreduced


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


def over(neutral):
    """Return the arguments of a sum or product: what ``where`` leaves out counts as neutral."""

    def arguments(
        a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True
    ):  # fmt: skip
        x = a if where is True or where is np._NoValue else np.where(where, a, neutral)
        return (x,), given(axis=axis, dtype=dtype, initial=initial, keepdims=keepdims)

    return arguments


linear(np.sum, spread, forward=plain_sum, arguments=over(0), ignores=("initial",))


def shared(g, n):
    """Return g / n, also where n is larger than any number of g's dtype."""
    return g / n if n < 65504 else g * (1 / n)


def mean_transpose(g, x, axis=None, keepdims=False, where=True):
    """Transpose of np.mean: the cotangent, shared by the entries that count."""
    if where is True:
        return spread(shared(g, count(x, axis)), x, axis, keepdims)
    number = np.sum(np.broadcast_to(where, x.shape), axis, keepdims=True).astype(g.dtype)
    share = unreduced(g, x, axis, keepdims) / np.where(number == 0, 1, number)
    return np.where(where, np.broadcast_to(share, x.shape), 0)


def mean_arguments(
    a, axis=None, dtype=None, out=None, keepdims=False, *, where=True
):  # fmt: skip
    """Return np.mean's operand, whose entries that do not count are 0, and its parameters."""
    return counting(a, where), given(axis=axis, dtype=dtype, keepdims=keepdims, where=where)


def var_arguments(
    a, axis=None, dtype=None, out=None, ddof=0, keepdims=False,
    *, where=True, mean=None, correction=None,
):  # fmt: skip
    """Return the operand of np.var and np.std, and their parameters."""
    params = given(axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=where)
    return counting(a, where), {**params, **given(mean=mean, correction=correction)}


def counting(a, where):
    """Return the operand with 0 for the entries that do not count."""
    return (a if where is True or where is np._NoValue else np.where(where, a, 0),)


def given(**params):
    """Return the parameters that were given."""
    return {
        name: v
        for name, v in params.items()
        if v is not None and v is not np._NoValue and v is not (name == "where")
    }


def extreme(g, x, out, axis=None, keepdims=False, initial=None, where=True):
    """Cotangent of an extreme entry; ties share it evenly, with ``initial`` if that is one."""
    hit = x == unreduced(out, x, axis, keepdims)
    hit = hit if where is True else hit & where
    ties = np.sum(hit, axis=axis, keepdims=True, dtype=g.dtype)
    if initial is not None:
        ties = ties + (unreduced(out, x, axis, keepdims) == initial)
    return unreduced(g, x, axis, keepdims) / np.maximum(ties, 1) * hit


def chosen(g, x, out, axis=None, keepdims=False, initial=None, where=True):
    """Return the same with 0 for entries that are not extreme, also where g is infinite or NaN."""
    one = np.ones_like(g)
    share = extreme(one, x, out, axis, keepdims, initial, where)
    return np.where(share == 0, 0, share * unreduced(g, x, axis, keepdims))


linear(np.mean, mean_transpose, forward=plain_mean, arguments=mean_arguments)
general(np.max, extreme, selects=True, choosing=chosen)
general(np.min, extreme, selects=True, choosing=chosen)
general(np.nanmax, extreme, selects=True, choosing=chosen)
general(np.nanmin, extreme, selects=True, choosing=chosen)
composite(np.amax, np.max)
composite(np.amin, np.min)


# Running extremes, of the entries so far


def runs_on(out, axis):
    """Tell for each entry along an axis but the first whether it equals the one before."""
    return _end(out, axis, slice(1, None)) == _end(out, axis, slice(None, -1))


def running_vjp(g, x, out, axis=0):
    """Cotangent of x in a running extreme: each result's is shared by the entries that reach it."""
    hit, same, n = x == out, runs_on(out, axis), x.shape[axis]
    ties = [_end(hit, axis, slice(0, 1)).astype(g.dtype)]
    for i in range(1, n):
        before = np.where(_end(same, axis, slice(i - 1, i)), ties[-1], 0)
        ties.append(before + _end(hit, axis, slice(i, i + 1)))
    count = np.concatenate(ties, axis)
    share = g / np.where(count == 0, 1, count)
    sums = [_end(share, axis, slice(n - 1, n))]
    for i in range(n - 2, -1, -1):
        after = np.where(_end(same, axis, slice(i, i + 1)), sums[-1], 0)
        sums.append(after + _end(share, axis, slice(i, i + 1)))
    return np.where(hit, np.concatenate(sums[::-1], axis), 0)


@atomic
@primitive
def running_max(x, axis=0, dtype=None):
    """Return the largest of the entries so far; NaN from the first NaN on."""
    return np.maximum.accumulate(x, axis, dtype)


@atomic
@primitive
def running_min(x, axis=0, dtype=None):
    """Return the smallest of the entries so far; NaN from the first NaN on."""
    return np.minimum.accumulate(x, axis, dtype)


@atomic
@primitive
def running_nanmax(x, axis=0, dtype=None):
    """Return the largest of the numbers so far."""
    return np.fmax.accumulate(x, axis, dtype)


@atomic
@primitive
def running_nanmin(x, axis=0, dtype=None):
    """Return the smallest of the numbers so far."""
    return np.fmin.accumulate(x, axis, dtype)


general(running_max, running_vjp, selects=True)
general(running_min, running_vjp, selects=True)
general(running_nanmax, running_vjp, selects=True)
general(running_nanmin, running_vjp, selects=True)


def centred(x, axis=None):
    """Return x minus its mean; twice, since the first mean is rounded."""
    d = x - np.mean(x, axis=axis, keepdims=True)
    return d - np.mean(d, axis=axis, keepdims=True)


def deviations(x, axis, ddof, where, mean, correction):
    """Return x minus its mean, or minus a given one, and how many entries are free to vary."""
    less = ddof if correction is None or correction is np._NoValue else correction
    if where is True:
        d = centred(x, axis) if mean is None or mean is np._NoValue else x - mean
        return d, count(x, axis) - less
    mask = np.broadcast_to(where, x.shape)
    number = np.sum(mask, axis, keepdims=True).astype(x.real.dtype)
    if mean is None or mean is np._NoValue:
        mean = np.sum(x, axis, keepdims=True) / np.where(number == 0, 1, number)
    return np.where(mask, x - mean, 0), number - less


def var_vjp(
    g, x, axis=None, ddof=0, keepdims=False, where=True, mean=None, correction=None
):  # fmt: skip
    """Cotangent of x in np.var; ``correction`` is the array API's name for ddof."""
    d, freedom = deviations(x, axis, ddof, where, mean, correction)
    return spread(g, x, axis, keepdims) * (2 * np.conj(d) / freedom)


def std_vjp(
    g, x, out, axis=None, ddof=0, keepdims=False, where=True, mean=None, correction=None
):  # fmt: skip
    """Cotangent of x in np.std; 0 where all entries are equal."""
    d, freedom = deviations(x, axis, ddof, where, mean, correction)
    length = unreduced(or_infinite(out), x, axis, keepdims)
    return spread(g, x, axis, keepdims) * (np.conj(d) / length / freedom)


def variance(x, axis=None, **params):
    """Return np.var of what is left beside the mean, which loses no digits to it."""
    plain = "mean" in params or "where" in params
    return np.var(x if plain else centred(x, axis), axis=axis, **params)


def deviation(x, axis=None, **params):
    """Return np.std of what is left beside the mean; its squares neither overflow nor vanish."""
    if "mean" in params or "where" in params:
        return np.std(x, axis=axis, **params)
    d = centred(x, axis)
    scale = magnitude(d, axis)
    scaled = np.std(d / scale, axis=axis, **params)
    return scaled * scale.reshape(scaled.shape)[()]


general(np.var, var_vjp, forward=variance, arguments=var_arguments)
general(np.std, std_vjp, forward=deviation, arguments=var_arguments)


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


def prod_vjp(g, x, axis=None, keepdims=False, initial=1):
    """Cotangent of x in np.prod: g times the product of the other entries."""
    g = g * initial
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


general(np.prod, prod_vjp, arguments=over(1))


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

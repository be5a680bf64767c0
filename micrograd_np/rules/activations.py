"""Activation functions, with formulas that keep their digits everywhere. Floor 5.

Values and derivatives are within 4 ulp also far from 0, where the usual formulas lose all digits,
and neither overflows. They are functions of real numbers: np.fabs refuses complex ones.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..calls.dispatch import atomic, primitive
from ..rule import elementwise, general
from .bell import normal_cdf, normal_density
from .spread import kept_shape, spread


@primitive
def sigmoid(x):
    """Return 1 / (1 + exp(-x)), entry by entry.

    Parameters
    ----------
    x : array_like or Tensor, any shape, float

    Returns
    -------
    array or Tensor of the shape of x, between 0 and 1

    Notes
    -----
    The derivative y (1 - y) is computed from the smaller of sigmoid(x) and sigmoid(-x).

    Examples
    --------
    >>> mg.nn.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.fabs(x)))


@primitive
def logistic_density(x):
    """Return sigmoid(x) (1 - sigmoid(x)), from the smaller of the two."""
    e = np.exp(-np.abs(x))
    y = e / (1 + e)
    return y * (1 - y)


# Not by what is above, which has a kink at 0 that would come out in higher derivatives
elementwise(logistic_density, lambda g, x, out: -g * out * np.tanh(x / 2))
elementwise(sigmoid, lambda g, x: g * logistic_density(x))


def tanh(x):
    """Return the hyperbolic tangent: ``np.tanh``."""
    return np.tanh(x)


@primitive
def relu(x):
    """Return max(x, 0), entry by entry; its derivative at 0 is 0.

    Examples
    --------
    >>> mg.nn.relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


def rectified(x):
    """Return max(x, 0). NumPy compares with an array four times as fast as with a number."""
    if x.size < 1000 or x.ndim < 2 or not 64 <= x.size // len(x) <= 10_000:
        return np.maximum(x, 0)
    return np.maximum(x, np.zeros_like(x, shape=x.shape[1:]))


elementwise(relu, lambda g, out: g * (out > 0), forward=rectified, weighs=True)


@primitive
def softplus(x):
    """Return log(1 + exp(x)), entry by entry, without overflow.

    Examples
    --------
    >>> mg.nn.softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.fabs(x)))


elementwise(softplus, lambda g, x: g * sigmoid(x))


@primitive
def log_sigmoid(x):
    """Return log(sigmoid(x)), entry by entry, without overflow.

    Examples
    --------
    >>> mg.nn.log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    return np.minimum(x, 0) - np.log1p(np.exp(-np.fabs(x)))


elementwise(log_sigmoid, lambda g, x: g * sigmoid(-x))


def bounded(x):
    """Return x with the largest numbers there are for infinity, which times 0 would be NaN."""
    return np.clip(x, -largest(x), largest(x))


def largest(x):
    """Return the largest number of the dtype of x, in double precision at most."""
    return min(float(np.finfo(np.result_type(x, np.float16)).max), sys.float_info.max)


@primitive
def silu(x):
    """Return x * sigmoid(x), entry by entry; also called swish.

    Examples
    --------
    >>> mg.nn.silu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return np.maximum(x, -largest(x)) * sigmoid(x)


def silu_derivative(g, x):
    """Derivative of silu: s (1 + x (1 - s)), where 1 - s is computed as sigmoid(-x)."""
    x = bounded(x)
    return g * (sigmoid(x) * (1 + x * sigmoid(-x)))


elementwise(silu, silu_derivative)


@primitive
def gelu(x):
    """Return x times the probability that a standard normal variable is less than x.

    Notes
    -----
    The exact function (Hendrycks and Gimpel 2016), not its approximation by tanh.

    Examples
    --------
    >>> mg.nn.gelu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return np.maximum(x, -largest(x)) * normal_cdf(x)


elementwise(gelu, lambda g, x: g * (normal_cdf(x) + bounded(x) * normal_density(x)))


@primitive
def logsumexp(x, axis=None, keepdims=False):
    """Return log(sum(exp(x))) along ``axis``, without overflow.

    Parameters
    ----------
    x : array_like or Tensor, any shape, float
    axis : int, tuple of int or None
        The axes to sum over; all by default.
    keepdims : bool
        Whether those axes stay, with length 1.

    Notes
    -----
    The largest entry is factored out and left out of the sum: m + log1p(sum of the others).

    Examples
    --------
    >>> mg.nn.logsumexp(np.array([1000.0, 1000.0]))
    np.float64(1000.6931471805599)
    """
    flat, shape = _lines(x, axis)
    m, rest = _largest_and_rest(flat)
    total = np.squeeze(m, -1) + np.log1p(rest)
    return total.reshape(kept_shape(x.shape, axis)) if keepdims else total.reshape(shape)


def exp_of_difference(x, m):
    """Return exp(x - m), with the rounding of the difference made good.

    The difference of large numbers is rounded in its last place, and the exponential multiplies
    that by its size. What was lost is known exactly (Knuth, TAOCP 2, sec. 4.2.2, theorem B).
    """
    lowest = float(np.finfo(np.result_type(x.dtype, np.float16)).min)
    x = np.maximum(x, lowest)  # -inf has no difference, but exp(-inf) = 0
    d = x - m
    shift = d - x
    lost = (x - (d - shift)) - (m + shift)
    e = np.exp(d)
    return e + e * lost


def _lines(x, axis):
    """Return x with the axes to reduce joined into the last, and the shape of the others."""
    if axis is None:
        return x.reshape(-1), ()
    axes = normalize_axis_tuple(axis, x.ndim)
    others = [i for i in range(x.ndim) if i not in axes]
    moved = np.transpose(x, (*others, *axes))
    shape = tuple(x.shape[i] for i in others)
    return moved.reshape((*shape, -1)), shape


def _largest_and_rest(x):
    """Return the largest entry m of each line and the sum of exp(x - m) over the other entries.

    Of equal entries m is the first, in derivatives too, for it is the first that is left out.
    """
    first = is_first_largest(x)
    m = np.where(first, x, 0).sum(axis=-1, keepdims=True)
    finite = np.isfinite(m)  # an infinite m is the whole answer
    e = exp_of_difference(np.where(finite, x, 0), np.where(finite, m, 0))
    return m, np.where(first | ~finite, 0, e).sum(axis=-1)


def is_first_largest(x):
    """Return where the largest entry of each line stands, the first of equal ones."""
    return np.expand_dims(x.argmax(axis=-1), -1) == np.arange(x.shape[-1])


@primitive
def softmax(x, axis=-1):
    """Return exp(x) / sum(exp(x)) along ``axis``.

    Examples
    --------
    >>> mg.nn.softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return softmax_over(x, axis)


@primitive
def log_softmax(x, axis=-1):
    """Return log(softmax(x)) along ``axis``, accurate also where softmax is tiny or nearly 1.

    Examples
    --------
    >>> mg.nn.log_softmax(np.array([0.0, -1000.0]))
    array([    0., -1000.])
    """
    if normalize_axis_index(axis, x.ndim) != x.ndim - 1:
        return np.moveaxis(log_softmax(np.moveaxis(x, axis, -1)), -1, axis)
    m, rest = _largest_and_rest(x)
    return (x - m) - np.expand_dims(np.log1p(rest), -1)


def logsumexp_vjp(g, x, axis=None, keepdims=False):
    """Cotangent of x: softmax(x) g; infinite entries that are the largest share it evenly."""
    if not x.size:
        return spread(g, x, axis, keepdims)
    m = np.max(x, axis=axis, keepdims=True)
    level = np.where(np.isinf(m), np.where(x == m, 0, -math.inf), x)
    return spread(g, x, axis, keepdims) * softmax_over(level, axis)


@atomic
@primitive
def logaddexp_reduce(x, axis=None, dtype=None, keepdims=False, initial=-math.inf, where=True):
    """Return log(sum(exp(x))) along ``axis``, one entry after the other."""
    return np.logaddexp.reduce(x, axis, dtype, None, keepdims, initial, where)


general(logsumexp, logsumexp_vjp)
general(logaddexp_reduce, logsumexp_vjp)


def softmax_vjp(g, out, axis=-1):
    """Cotangent of x: out (g - sum(g out)), with g counted from that of the largest entry.

    Where one entry has nearly all, the difference would lose its digits.
    """
    hit = out == np.max(out, axis=axis, keepdims=True)
    total = np.sum(np.where(hit, g, 0), axis=axis, keepdims=True)
    d = g - total / np.sum(hit, axis=axis, keepdims=True).astype(g.dtype)
    return out * (d - np.sum(d * out, axis=axis, keepdims=True))


general(softmax, softmax_vjp)


def log_softmax_vjp(g, x, axis=-1):
    """Cotangent of x: g (1 - p) - p (sum of the other g), where 1 - p keeps its digits."""
    if axis % x.ndim != x.ndim - 1:
        moved = log_softmax_vjp(np.moveaxis(g, axis, -1), np.moveaxis(x, axis, -1))
        return np.moveaxis(moved, -1, axis)
    m, rest = _largest_and_rest(x)
    e, rest = exp_of_difference(x, m), np.expand_dims(rest, -1)
    others = np.where(is_first_largest(x), rest, 1 + rest - e)
    return (g * others - e * (g.sum(axis=-1, keepdims=True) - g)) / (1 + rest)


general(log_softmax, log_softmax_vjp)


def softmax_over(x, axis):
    """Return the softmax over one axis, several, or all."""
    e = exp_of_difference(x, np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)

"""Derivatives as one learns them, where the rule is written to keep its digits. Floor 5.

The rule of a function may be longer than the formula in a book: 1 - tanh(x)**2 loses all digits
beyond 19, so the library computes something else. Printed formulas are for readers. These are equal
to the rules as functions; the tests compare their values.
Where a rule guards a kink, or an entry at which the formula of a book has no value, the formula is
printed without the guard if no entry lies there: what one decides, a formula need not say.
"""

from __future__ import annotations

import math

import numpy as np

from ..plan import unbroadcast
from ..rule import Elementwise, General, Rule
from .activations import (
    gelu,
    log_softmax,
    logaddexp_reduce,
    logsumexp,
    logsumexp_vjp,
    relu,
    sigmoid,
    silu,
    softmax,
)
from .bell import normal_cdf
from .bessel import sinc_derivative
from .elementwise import excess
from .indexing import getitem
from .linalg import solve_matrix, solved_back
from .losses import _bce, _label_cross_entropy, rows
from .norms import euclidean, p_norm, p_norm_vjp
from .reductions import (
    cumprod_vjp,
    prod_vjp,
    running_max,
    running_min,
    running_nanmax,
    running_nanmin,
)
from .sorting import permuted_vjp
from .spread import count, or_infinite, spread, unreduced

readable: dict[object, Rule] = {}
kinks: dict[object, str] = {}  # what a reader is told of functions whose formula has no guard
TIES = "entries that are equal share their derivative"
ZERO = "its derivative at 0, where it has a kink, counts as 0"
HALVES = "where both are equal, each has half the derivative"
kinks |= {np.maximum: HALVES, np.minimum: HALVES}
kinks |= {np.max: TIES, np.min: TIES, np.sort: TIES, euclidean: ZERO, np.std: ZERO}


def one_where(condition, g):
    """Return 1 where the condition holds, 0 elsewhere, in the dtype of g."""
    return condition.astype(g.dtype)


def divisor(out):
    """Return a norm to divide by; where it is 0, infinity, if there is such an entry."""
    return out if np.all(out != 0) else or_infinite(out)


def entries(function, *derivatives) -> None:
    """Note the derivatives of a function of entries."""
    readable[function] = Elementwise(function, derivatives)


def whole(function, *vjps) -> None:
    """Note the vjps of any other function."""
    readable[function] = General(function, vjps)


entries(sigmoid, lambda g, out: g * (out * (1 - out)))
entries(silu, lambda g, x: g * (sigmoid(x) * (1 + x * (1 - sigmoid(x)))))
entries(gelu, lambda g, x: g * (normal_cdf(x) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)))
entries(np.tanh, lambda g, out: g * (1 - out**2))
entries(np.power, lambda g, x, y: g * (y * x ** (y - 1)), lambda g, x, out: g * (out * np.log(x)))
entries(
    np.arctan2,
    lambda g, x, y: g * (y / (x**2 + y**2)),
    lambda g, x, y: -g * (x / (x**2 + y**2)),
)
entries(
    np.hypot,
    lambda g, x, out: g * (x / divisor(out)),
    lambda g, y, out: g * (y / divisor(out)),
)
entries(np.square, lambda g, x: g * (2 * x))
entries(np.reciprocal, lambda g, x: -g / x**2)
entries(np.divide, lambda g, y: g / y, lambda g, x, y: -g * (x / y**2))
entries(np.tan, lambda g, out: g * (1 + out**2))
entries(np.arctan, lambda g, x: g / (1 + x**2))
entries(np.arcsin, lambda g, x: g / np.sqrt(1 - x**2))
entries(np.arccos, lambda g, x: -g / np.sqrt(1 - x**2))
entries(np.arctanh, lambda g, x: g / (1 - x**2))
entries(np.arcsinh, lambda g, x: g / np.sqrt(1 + x**2))
entries(np.arccosh, lambda g, x: g / np.sqrt(x**2 - 1))
entries(np.cbrt, lambda g, out: g / (3 * out**2))
entries(relu, lambda g, x: g * one_where(x > 0, g))


def above(g, x, y):
    """Return the cotangent of x in maximum(x, y); a tie is shared in halves."""
    return g * (one_where(x > y, g) if np.all(x != y) else np.heaviside(x - y, 0.5))


def beneath(g, x, y):
    """Return the cotangent of x in minimum(x, y)."""
    return above(g, y, x)


entries(np.maximum, above, beneath)
entries(np.minimum, beneath, above)
entries(
    np.fmax,
    lambda g, x, y: np.where(np.isnan(y), g, above(g, x, y)),
    lambda g, x, y: np.where(np.isnan(x), g, beneath(g, x, y)),
)
entries(
    np.fmin,
    lambda g, x, y: np.where(np.isnan(y), g, beneath(g, x, y)),
    lambda g, x, y: np.where(np.isnan(x), g, above(g, x, y)),
)
entries(
    np.clip,
    lambda g, x, y, z: g * one_where((x >= y) & (x <= z), g),
    lambda g, x, y, z: g * one_where((x < y) & (y <= z), g),
    lambda g, x, y, z: g * one_where((x > z) | (y > z), g),
)
entries(
    np.where,
    lambda g, condition: g * one_where(np.logical_not(np.logical_not(condition)), g),
    lambda g, condition: g * one_where(np.logical_not(condition), g),
)


def favoured(g, x, y):
    """Return the cotangent of x in logaddexp(x, y)."""
    return g * sigmoid(x - y if np.all(np.isfinite(x) | (x != y)) else excess(x, y))


entries(np.logaddexp, favoured, lambda g, x, y: favoured(g, y, x))
entries(_bce, lambda g, x, y: g * (sigmoid(x) - y), lambda g, x: -g * x)


def deviations(x, axis):
    """Return x minus its mean."""
    return x - np.mean(x, axis=axis, keepdims=axis not in (None, 0))


whole(
    np.var,
    lambda g, x, axis=None, ddof=0, keepdims=False, correction=None: (
        spread(g, x, axis, keepdims)
        * (2 * deviations(x, axis) / (count(x, axis) - (correction or ddof)))
    ),
)
whole(
    np.std,
    lambda g, x, out, axis=None, ddof=0, keepdims=False, correction=None: (
        spread(g / divisor(out), x, axis, keepdims)
        * (deviations(x, axis) / (count(x, axis) - (correction or ddof)))
    ),
)


def extreme(g, x, out, axis=None, keepdims: bool = False):
    """Return the cotangent of the largest or smallest entries, which share it if they are more."""
    hit = one_where(x == unreduced(out, x, axis, keepdims), g)
    ties = np.sum(hit, axis=axis, keepdims=True)
    return spread(g, x, axis, keepdims) * (hit if np.all(ties == 1) else hit / ties)


whole(np.max, extreme)
whole(np.min, extreme)


def extreme_so_far(g, x, out, axis=0):
    """Return the cotangent of entries in running extremes, each shared by those that reach it."""
    g, x, out = (np.moveaxis(v, axis, -1) for v in (g, x, out))
    hit = one_where(out[..., :, None] == x[..., None, :], g) * np.tri(x.shape[-1], dtype=g.dtype)
    share = hit / np.sum(hit, -1, keepdims=True)
    return np.moveaxis(np.sum(g[..., :, None] * share, -2), -1, axis)


for running in (running_max, running_min, running_nanmax, running_nanmin):
    whole(running, extreme_so_far)


def shared_out(g, x, out, axis=None, keepdims: bool = False):
    """Return the cotangent of the entries in logsumexp."""
    if not np.all(np.isfinite(out)):
        return logsumexp_vjp(g, x, axis, keepdims)
    return spread(g, x, axis, keepdims) * np.exp(x - unreduced(out, x, axis, keepdims))


whole(logsumexp, shared_out)
whole(logaddexp_reduce, shared_out)
whole(
    softmax,
    lambda g, out, axis=-1: out * (g - np.sum(g * out, axis=axis, keepdims=True)),
)
whole(
    log_softmax,
    lambda g, x, axis=-1: g - softmax(x, axis) * np.sum(g, axis=axis, keepdims=True),
)
whole(
    euclidean,
    lambda g, x, out, axis=None, keepdims=False: spread(g / divisor(out), x, axis, keepdims) * x,
)
whole(
    _label_cross_entropy,
    lambda g, x, labels: (
        g * ((softmax(x) - getitem(np.eye(x.shape[-1], dtype=x.dtype), labels)) / rows(x))
    ),
)


def in_order(g, x, out, axis=-1):
    """Return the cotangent of sorted entries: that of the rank which each entry has."""
    line = axis is None or x.ndim == 1
    if not np.all(np.diff(out, axis=0 if line else axis) > 0):
        return permuted_vjp(g, x, out, axis)
    if line:
        return getitem(g, np.argsort(np.argsort(x.reshape(-1)))).reshape(x.shape)
    return np.take_along_axis(g, np.argsort(np.argsort(x, axis), axis), axis)


def product_of_others(g, x, out, axis=None, keepdims=False):
    """Return the cotangent of the factors of a product: divided by the factor, if none is 0."""
    if not np.all(x != 0):
        return prod_vjp(g, x, axis, keepdims)
    return spread(g * out, x, axis, keepdims) / x


def products_so_far(g, x, out, axis=None):
    """Return the cotangent of the factors of running products."""
    axis = 0 if axis is None and x.ndim == 1 else axis
    if axis is None or x.ndim == 0 or not np.all(x != 0):
        return cumprod_vjp(g, x, axis)
    return np.flip(np.cumsum(np.flip(g * out, axis), axis), axis) / x


def along_powers(g, x, out, p, axis=None, keepdims=False):
    """Return the cotangent of x in its p-norm."""
    if not np.all(x != 0):
        return p_norm_vjp(g, x, out, p, axis, keepdims)
    ratio = np.abs(x) / unreduced(out, x, axis, keepdims)
    return spread(g, x, axis, keepdims) * (ratio ** (p - 1) * np.sign(x))


def sinc_slope(g, x, out):
    """Return the cotangent of x in sinc(x), away from 0, where the difference loses its digits."""
    near = np.finfo(x.dtype).eps ** 0.25
    if not np.all(np.abs(x) > near):
        return sinc_derivative(g, x)
    return g * ((np.cos(math.pi * x) - out) / x)


whole(np.sort, in_order)
whole(np.prod, product_of_others)
whole(np.cumprod, products_so_far)
whole(p_norm, along_powers)
entries(np.sinc, sinc_slope)


def solved(g, x, out):
    """Return the cotangent of the matrix in a system of equations."""
    if x.ndim != 2 or g.ndim > 2:
        return solve_matrix(g, x, out)
    h = np.linalg.solve(x.T, g)
    return -np.outer(h, out) if g.ndim == 1 else -h @ out.T


def solved_for(g, x, spec):
    """Return the cotangent of the right-hand side in a system of equations."""
    if x.ndim == 2 and len(spec.shape) < 3:
        return np.linalg.solve(x.T, g)
    return unbroadcast(solved_back(g, x), spec.shape)


whole(
    np.linalg.solve,
    solved,
    solved_for,
)

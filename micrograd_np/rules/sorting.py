"""Rules for sorting, and for what is read off sorted entries: medians, quantiles. Floor 5."""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import constant_call, primitive
from ..calls.handle import Handle
from ..calls.operands import handles, values
from ..rule import composite, elementwise, general, identity
from .arrays import array_of, as_dtype, fixed, fixed_array, floating, lines
from .indexing import scatter
from .spread import kept_shape

# Equal entries share a cotangent evenly


def evenly(g, labels):
    """Return g averaged over the entries of equal label; labels lie below the size of g."""
    row, flat = labels.reshape(-1), g.reshape(-1)
    total = scatter(flat, row, flat.shape)
    count = scatter(np.ones_like(flat), row, flat.shape)
    return (total[row] / count[row]).reshape(g.shape)


def runs(s):
    """Return for each entry of s, sorted along its last axis, the number of its run of equals."""
    first = np.ones_like(s[..., :1], dtype=bool)
    starts = np.concatenate([first, s[..., 1:] != s[..., :-1]], -1)
    return (np.cumsum(starts.reshape(-1)) - 1).reshape(s.shape)


def permuted_vjp(g, x, out, axis=-1):
    """Cotangent of x in a permutation of its entries along an axis, by sorting both."""
    if axis is None:
        return permuted_vjp(g.reshape(-1), x.reshape(-1), out, 0).reshape(x.shape)
    x, out, g = (np.swapaxes(v, axis, -1) for v in (x, out, g))
    source, target = np.argsort(x, kind="stable"), np.argsort(out, kind="stable")
    ordered = evenly(np.take_along_axis(g, target, -1), runs(np.take_along_axis(out, target, -1)))
    return np.swapaxes(np.take_along_axis(ordered, np.argsort(source), -1), axis, -1)


general(np.sort, permuted_vjp, selects=True, ignores=("kind", "stable"))
general(np.partition, permuted_vjp, selects=True, ignores=("kth", "kind"))


def sorted_complex(a):
    """Body of np.sort_complex: along the last axis, in a complex dtype."""
    wide = {"b": "F", "h": "F", "B": "F", "H": "F", "g": "G"}
    dtype = a.dtype if a.dtype.kind == "c" else np.dtype(wide.get(a.dtype.char, "D"))
    return np.sort(as_dtype(a, dtype))


composite(np.sort_complex, sorted_complex)

# Order statistics. Which of the sorted entries is taken, or which two are averaged and how, NumPy
# itself says when it is asked for the same statistic of the ranks 0, 1, 2, ...


def ranks(x):
    """Return the rank of each entry along the last axis, as a float; NaN of NaN."""
    order = np.argsort(np.argsort(x, -1, kind="stable"), -1)
    return np.where(np.isnan(x), math.nan, order)


def statistic(function, a, q=None, axis=None, keepdims=False, weights=None, **params):
    """Return np.median, np.quantile or their like, read off the sorted entries."""
    args = () if q is None else (q if isinstance(q, Handle) else fixed(q),)
    weighing = {} if weights is None else {"weights": fixed_array(weights)}
    if not handles([a, q]):  # then nothing that has a gradient was given
        return function(a, *args, axis=axis, keepdims=keepdims, **params, **weighing)
    a = floating(a)
    x = lines(a, axis)
    if q is None and not x.shape[-1]:
        return np.mean(a, axis=axis, keepdims=keepdims)  # NaN, with NumPy's warning
    if weights is not None and weighing["weights"].shape == a.shape:
        weighing = {"weights": lines(weighing["weights"], axis)}
    place = constant_call(function)(ranks(x), *args, axis=-1, **params, **weighing)
    below = np.where(np.isnan(place), 0, np.floor(place))
    like = function(np.ones(1, x.dtype), *values(args), **params)
    share = as_dtype(place - below, like.dtype)
    grid = np.ogrid[tuple(slice(n) for n in x.shape[:-1])]
    s = np.sort(x, -1)
    low = s[(*grid, below.astype(int))]
    high = s[(*grid, np.ceil(below + np.nan_to_num(share)).astype(int))]
    out = np.where(share == 0, low, low * (1 - share) + high * share)
    if params.get("method") in CONTINUOUS and isinstance(q, Handle):
        out = sloped(out, *slope_in_place(function, s, grid, place, q, params["method"]))
    shape = (*np.shape(place)[: place.ndim - x.ndim + 1], *kept_shape(a.shape, axis))
    return np.reshape(out, shape) if keepdims else out


# The place of a quantile among n entries is q n + alpha + q (1 - alpha - beta) - 1, if that is one
# (Hyndman & Fan 1996, "Sample quantiles in statistical packages"). Other methods have steps

CONTINUOUS = {
    "linear": (1, 1), "interpolated_inverted_cdf": (0, 1), "hazen": (1 / 2, 1 / 2),
    "weibull": (0, 0), "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8),
}  # fmt: skip


def slope_in_place(function, s, grid, place, q, method):
    """Return the slope of a quantile in q, and q so that it broadcasts against that.

    At an entry it is the flatter of the slopes on both sides, or that of the only side.
    """
    alpha, beta = CONTINUOUS[method]
    whole = 100 if "percentile" in function.__name__ else 1
    q = np.reshape(q, (*q.shape, *[1] * (place.ndim - q.ndim)))
    number = np.sum(~np.isnan(s), -1)
    at = np.where(np.isnan(place), 0, np.floor(place)).astype(int)
    here = s[(*grid, at)]
    after = s[(*grid, np.minimum(at + 1, np.maximum(number - 1, 0)))] - here
    before = here - s[(*grid, np.maximum(at - 1, 0))]
    both = np.minimum(before, after)
    both = np.where((q == 0) & (alpha == 1), after, both)
    both = np.where((q == whole) & (beta == 1), before, both)
    gap = np.where(place == at, both, np.where(np.isnan(place), math.nan, after))
    return gap * ((number + (1 - alpha - beta)) / whole), q


@primitive
def sloped(x, slope, q):
    """Return x, which moves with q at this slope."""
    return x


elementwise(
    sloped,
    identity,
    lambda g, z: sloped(np.zeros_like(g), g, z),  # 0 here, and moves with q
    lambda g, y: np.where(y == 0, 0, g * y),
    selects=True,
)


def median(function):
    """Return the body of np.median or np.nanmedian."""
    return lambda a, axis=None, out=None, overwrite_input=False, keepdims=False: statistic(
        function, a, axis=axis, keepdims=is_true(keepdims)
    )


def is_true(keepdims):
    """Tell whether keepdims was given and is true."""
    return keepdims is not np._NoValue and bool(keepdims)


def quantile(function):
    """Return the body of np.quantile or its like."""

    def body(
        a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False,
        *, weights=None,
    ):  # fmt: skip
        q = array_of(q) if handles(q) else q
        return statistic(
            function, a, q, axis=axis, keepdims=is_true(keepdims), weights=weights, method=method
        )

    return body


composite(np.median, median(np.median))
composite(np.nanmedian, median(np.nanmedian))
composite(np.quantile, quantile(np.quantile))
composite(np.percentile, quantile(np.percentile))
composite(np.nanquantile, quantile(np.nanquantile))
composite(np.nanpercentile, quantile(np.nanpercentile))

"""Rules for counting: bincount and histograms, which are linear in their weights. Floor 5."""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import constant_call
from ..calls.operands import handles
from ..rule import composite
from .arrays import array_of, as_double, as_dtype, fixed, fixed_array, held
from .indexing import scatter

each = range  # NumPy has an argument of that name


def counted(x, weights=None, minlength=0):
    """Body of np.bincount: weights added up by their number."""
    numbers = fixed_array(x)
    size = max(int(numbers.max(initial=-1)) + 1, minlength)
    return scatter(as_double(array_of(weights)), numbers, (size,))


composite(np.bincount, counted)


def edges_of(x, bins, limits, weights=None):
    """Return the edges of bins; those from the smallest to the largest entry move with them."""
    if np.ndim(bins):
        return array_of(bins)
    read = fixed if isinstance(bins, str) else held  # a name makes as many as it likes
    points, weights = read(x), None if weights is None else read(weights)
    traced = bool(handles([points, weights]))
    find = constant_call(np.histogram_bin_edges) if traced else np.histogram_bin_edges
    plain = find(points, fixed(bins), fixed(limits), weights)
    if limits is not None or not x.size:
        return plain
    part = (plain - plain[0]) / (plain[-1] - plain[0])
    low = np.min(x) - np.min(points)  # 0, with a derivative
    high = np.max(x) - np.max(points)
    return plain + np.where(part == 1, 0, low * (1 - part)) + np.where(part == 0, 0, high * part)


def bins_of(x, edges):
    """Return the number of the bin of each entry, and whether it lies in any."""
    x, edges = held(x), held(edges)
    number = np.searchsorted(edges, x, "right") - 1
    number = np.where(x == edges[-1], len(edges) - 2, number)
    return number, (x >= edges[0]) & (x <= edges[-1])


def summed(columns, edges, weights):
    """Return the weights in each bin; those of entries outside fall into one beyond the last."""
    shape = tuple(len(e) - 1 for e in edges)
    found = [bins_of(x, e) for x, e in zip(columns, edges, strict=True)]
    inside, numbers, size = True, 0, math.prod(shape)
    for (n, mask), length in zip(found, shape, strict=True):
        inside, numbers = inside & mask, numbers * length + n
    w = inside * 1.0 if weights is None else np.reshape(weights, inside.shape)
    return scatter(w, np.where(inside, numbers, size), (size + 1,))[:-1].reshape(shape)


def histogram(a, bins=10, range=None, density=None, weights=None):  # noqa: A002 (NumPy's name)
    """Body of np.histogram."""
    x = np.reshape(array_of(a), -1)
    edges = edges_of(x, bins, range, weights)
    w = None if weights is None else np.reshape(array_of(weights), -1)
    sums = summed([x], [edges], w)
    if density:
        return sums / as_dtype(np.diff(edges), np.float64) / np.sum(sums), edges
    return (sums.astype(int) if w is None else sums), edges


def histogram_dd(sample, bins=10, range=None, density=None, weights=None):  # noqa: A002
    """Body of np.histogramdd."""
    x = array_of(sample) if not isinstance(sample, list | tuple) else np.stack(sample, -1)
    x = np.expand_dims(x, -1) if x.ndim == 1 else x
    columns = [x[:, i] for i in each(x.shape[1])]
    bins = bins if np.iterable(bins) else [bins] * len(columns)
    limits = [None] * len(columns) if range is None else range
    edges = [edges_of(c, b, r) for c, b, r in zip(columns, bins, limits, strict=True)]
    weights = None if weights is None else as_double(array_of(weights))
    sums = summed(columns, edges, weights)
    if density:
        for i, e in enumerate(edges):
            lengths = [len(e) - 1 if j == i else 1 for j in each(len(edges))]
            sums = sums / np.reshape(np.diff(e), lengths)
        sums = sums / np.sum(summed(columns, edges, weights))
    return sums, edges


def histogram_2d(x, y, bins=10, range=None, density=None, weights=None):  # noqa: A002
    """Body of np.histogram2d."""
    if np.iterable(bins) and len(bins) not in (1, 2):
        bins = [bins, bins]
    sums, edges = histogram_dd([x, y], bins, range, density, weights)
    return sums, *edges


def histogram_bin_edges(a, bins=10, range=None, weights=None):  # noqa: A002 (NumPy's name)
    """Body of np.histogram_bin_edges."""
    return edges_of(np.reshape(array_of(a), -1), bins, range, weights)


composite(np.histogram, histogram)
composite(np.histogram_bin_edges, histogram_bin_edges)
composite(np.histogramdd, histogram_dd)
composite(np.histogram2d, histogram_2d)

"""Rules for building arrays around others: insert, delete, resize, diag, block. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite, linear
from .arrays import array_of, as_dtype, axes_of, fixed, moved
from .indexing import scatter

# Diagonals and triangles

linear(np.tril, lambda g, k=0: np.tril(g, k))
linear(np.triu, lambda g, k=0: np.triu(g, k))


def diagonal(v, k=0):
    """Body of np.diag: the diagonal of a matrix, or a matrix that has this diagonal."""
    v = array_of(v)
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    n = len(v) + abs(k)
    i = np.arange(len(v))
    return scatter(v, (i + max(-k, 0), i + max(k, 0)), (n, n))


composite(np.diag, diagonal)
composite(np.diagflat, lambda v, k=0: np.diag(np.reshape(array_of(v), -1), k))


def vandermonde(x, N=None, increasing=False):  # noqa: N803 (NumPy's name)
    """Body of np.vander: powers side by side."""
    x = array_of(x)
    x = as_dtype(x, np.promote_types(x.dtype, int))
    powers = [x**k if k else np.ones_like(x) for k in range(len(x) if N is None else N)]
    if not powers:
        return np.expand_dims(x, -1)[:, :0]
    return np.stack(powers if increasing else powers[::-1], -1)


composite(np.vander, vandermonde)

# Inserting and removing


def inserted(arr, obj, values, axis=None):
    """Body of np.insert."""
    values = as_dtype(array_of(values), array_of(arr).dtype)
    return moved(lambda a, v: np.insert(a, fixed(obj), v, axis), arr, values)


composite(np.insert, inserted)
composite(
    np.delete, lambda arr, obj, axis=None: moved(lambda a: np.delete(a, fixed(obj), axis), arr)
)


def resized(a, new_shape):
    """Body of np.resize: entries repeated as often as they are needed; 0 if there are none."""
    x = array_of(a)
    if not x.size:
        return np.zeros_like(x, shape=new_shape)
    return moved(lambda places: np.resize(places, new_shape), x)


composite(np.resize, resized)


def trimmed(filt, trim="fb", axis=None):
    """Body of np.trim_zeros: without the slices of zeros at the ends."""
    x = array_of(filt)
    axes = axes_of(axis, x.ndim)
    return x[tuple(used(fixed(x), i, trim) if i in axes else slice(None) for i in range(x.ndim))]


def used(x, axis, trim):
    """Return from where to where along an axis there are entries other than zero."""
    others = tuple(i for i in range(x.ndim) if i != axis)
    found = np.flatnonzero(np.any(x != 0, axis=others))
    first, last = (found[0], found[-1] + 1) if len(found) else (x.shape[axis], x.shape[axis])
    return slice(first if "f" in trim.lower() else None, last if "b" in trim.lower() else None)


composite(np.trim_zeros, trimmed)

# Blocks, grids


def blocked(arrays):
    """Body of np.block: innermost lists are joined along the last axis, the next before it."""
    depth = nesting(arrays)
    leaves = list(flattened(arrays))
    ndim = max([depth, *[np.ndim(x) for x in leaves]])
    return joined(arrays, ndim, ndim - depth)


def nesting(arrays):
    """Return how deep lists are nested."""
    return (
        1 + nesting(arrays[0])
        if isinstance(arrays, list) and arrays
        else int(isinstance(arrays, list))
    )


def flattened(arrays):
    """Yield what nested lists hold."""
    if not isinstance(arrays, list):
        yield arrays
        return
    for x in arrays:
        yield from flattened(x)


def joined(arrays, ndim, axis):
    """Return nested lists joined, the outermost along this axis."""
    if isinstance(arrays, list):
        return np.concatenate([joined(x, ndim, axis + 1) for x in arrays], axis)
    x = array_of(arrays)
    return np.reshape(x, (*[1] * (ndim - x.ndim), *x.shape))


composite(np.block, blocked)


def broadcast(*args, subok=False):
    """Body of np.broadcast_arrays."""
    arrays = [array_of(x) for x in args]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    return tuple(x if x.shape == shape else np.broadcast_to(x, shape) for x in arrays)


def grids(*xi, copy=True, sparse=False, indexing="xy"):
    """Body of np.meshgrid."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n = len(xi)
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else range(n)
    lines = [
        np.reshape(x, [-1 if j == i else 1 for j in range(n)])
        for x, i in zip(map(array_of, xi), order, strict=True)
    ]
    return tuple(lines) if sparse else np.broadcast_arrays(*lines)


composite(np.broadcast_arrays, broadcast)
composite(np.meshgrid, grids)

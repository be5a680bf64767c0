"""Rules for choosing entries by index, and for the result of writing to them. Floor 5."""

from __future__ import annotations

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.lib.stride_tricks import sliding_window_view

from ..calls.dispatch import primitive
from ..calls.handle import Handle
from ..calls.operands import as_values, unwrap
from ..plan import shape_of
from ..rule import composite, linear
from .arrays import moved


@primitive
def getitem(x, index):
    """Return x[index]."""
    return x[index]


@primitive
def scatter(g, index, shape):
    """Return an array of this shape that holds g at the index, 0 elsewhere; repeats add up."""
    full = np.zeros_like(g, shape=shape)
    if is_basic(index):
        full[index] = g
    else:
        np.add.at(full, index, g)
    return full


@primitive
def updated(x, value, index):
    """Return a copy of x with x[index] = value."""
    copy = np.array(x)
    copy[index] = value
    return copy if copy.ndim else copy[()]


@primitive
def cleared(x, index):
    """Return a copy of x with x[index] = 0."""
    return updated(x, 0, index)


INTP = np.dtype(np.intp)  # what a list of integers is


def is_basic(index):
    """Tell whether an index chooses no entry twice: integers, slices, one mask."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        isinstance(part, int | np.integer | slice | type(None) | type(Ellipsis)) for part in parts
    ) or (len(parts) == 1 and is_mask(parts[0]))


def is_mask(index):
    """Tell whether an index is one mask."""
    return not isinstance(index, tuple) and as_values(index).dtype.kind == "b"


def index_arguments(x, index):
    """Return the operand and the index, whose Tensors are read as numbers."""
    return (x,), {"index": unwrap(index)}


linear(
    getitem,
    lambda g, x, index: scatter(g, index, x.shape),
    forward=lambda x, index: x[index],
    arguments=index_arguments,
    selects=True,
)
linear(
    scatter,
    lambda g, index: g[index],
    forward=lambda g, index, shape: scatter(g, index, shape),
    arguments=lambda g, index, shape: ((g,), {"index": index, "shape": shape}),
    ignores=("shape",),
)
linear(
    updated,
    lambda g, index: cleared(g, index),
    lambda g, x, y, index: written_cotangent(g, x, y, index),
    forward=lambda x, value, index: updated(x, value, index),
    arguments=lambda x, value, index: (
        (x, value if isinstance(value, Handle) else np.asarray(value)),
        {"index": unwrap(index)},
    ),
    selects=True,
)
linear(
    cleared,
    lambda g, index: cleared(g, index),
    forward=lambda x, index: cleared(x, index),
    arguments=lambda x, index: ((x,), {"index": index}),
    selects=True,
)


def written_cotangent(g, x, y, index):
    """Return the cotangent of what was written: of equal indices, the last one counts."""
    if not y.shape and is_mask(index) and shape_of(index) == x.shape:
        return np.sum(np.where(index, g, 0))  # whose shape does not hang on the mask
    there = g[index] if is_basic(index) else np.where(last_writes(x, index), g[index], 0)
    return unbroadcast_to(there, y)


def last_writes(x, index):
    """Return which of the entries written are still there."""
    slots = np.zeros(x.shape, int)
    numbers = np.arange(slots[index].size).reshape(slots[index].shape)
    slots[index] = numbers
    return slots[index] == numbers


def unbroadcast_to(g, spec):
    """Sum g over the axes along which a value of this spec was repeated when it was written."""
    lead = g.ndim - len(spec.shape)
    if lead < 0:  # leading axes of length 1 that the write dropped
        return g.reshape(spec.shape)
    repeated = tuple(lead + i for i, n in enumerate(spec.shape) if n == 1 != g.shape[lead + i])
    return np.sum(g, axis=(*range(lead), *repeated)).reshape(spec.shape)


def taken(a, indices, axis=None, out=None, mode="raise"):
    """Body of np.take: indexing along one axis."""
    if out is not None:
        raise TypeError("np.take of a Tensor: pass no out=")
    indices = as_values(indices)
    x = np.ravel(a) if axis is None else np.atleast_1d(a)
    axis = 0 if axis is None else normalize_axis_index(axis, x.ndim)
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"np.take: mode={mode!r}")
    if mode != "raise":
        n = x.shape[axis]
        indices = np.mod(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)
    return getitem(x, (*[slice(None)] * axis, indices))


def taken_along(arr, indices, axis=-1):
    """Body of np.take_along_axis: one index for each line along the axis."""
    x, indices = (np.ravel(arr), np.ravel(indices)) if axis is None else (arr, indices)
    axis = 0 if axis is None else normalize_axis_index(axis, x.ndim)
    indices = as_values(indices)
    if indices.ndim != x.ndim:
        raise ValueError("indices and array must have the same number of axes")
    lengths = [1 if i == axis else n for i, n in enumerate(x.shape)]
    grid = np.ogrid[tuple(slice(n) for n in lengths)]
    return getitem(x, tuple(indices if i == axis else line for i, line in enumerate(grid)))


def compressed(condition, a, axis=None):
    """Body of np.compress: the entries where the condition holds."""
    return taken(a, np.flatnonzero(unwrap(condition)), axis)


def diagonal_of(a, offset=0, axis1=0, axis2=1):
    """Body of np.diagonal: entries whose two indices differ by the offset."""
    x = np.moveaxis(a, (axis1, axis2), (-2, -1))
    m, n = x.shape[-2:]
    rows = np.arange(max(0, min(m, m + offset, n, n - offset))) + max(0, -offset)
    return x[..., rows, rows + offset]


def windows(x, window_shape, axis=None, *, subok=False, writeable=False):
    """Body of np.lib.stride_tricks.sliding_window_view: a copy of each window."""
    return moved(lambda places: sliding_window_view(places, window_shape, axis), x)


composite(np.take, taken)
composite(sliding_window_view, windows)
composite(np.take_along_axis, taken_along)
composite(np.compress, compressed)
composite(np.diagonal, diagonal_of)


def traced(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    """Body of np.trace: the sum of a diagonal."""
    return np.sum(diagonal_of(a, offset, axis1, axis2), axis=-1, dtype=dtype)


composite(np.trace, traced)

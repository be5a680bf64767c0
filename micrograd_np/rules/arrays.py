"""What bodies share: operands as arrays, axes, and moving entries by moving their numbers. Floor 5.

A function that only moves entries says where each comes from if it is given their numbers. Choosing
by these is its derivative, of whatever function: np.insert, np.pad, np.choose, np.put.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..calls.handle import Handle
from ..calls.operands import handles, unwrap, values
from ..modes import tracing


def array_of(x):
    """Return an operand as a Tensor or an array: a list, also of Tensors, or a number."""
    if isinstance(x, Handle):
        return x
    if isinstance(x, list | tuple) and handles(x):
        return np.stack([array_of(part) for part in x])
    return np.asarray(x)


def arrays_of(operands):
    """Return operands as Tensors and arrays."""
    return tuple(array_of(x) for x in operands)


def fixed(tree):
    """Return arguments with the values of Tensors: what has no value in a trace is refused."""
    trace = tracing()
    tree = values(tree) if trace is not None and trace.decides else unwrap(tree)
    if isinstance(tree, Handle):
        return np.asarray(tree)
    return type(tree)(map(fixed, tree)) if type(tree) in (list, tuple) else tree


def held(x):
    """Return an operand as a constant; what has no value in a trace is computed without a slope."""
    x, trace = array_of(x), tracing()
    if trace is None or trace.decides or not isinstance(x, Handle):
        return fixed_array(x)
    return unwrap(x.detach())


def fixed_array(x):
    """Return the values of an argument as an array."""
    return np.asarray(fixed(x))


def fixed_mask(x):
    """Return the values of an argument as an array of truth values."""
    return np.asarray(fixed(x), bool)


def as_double(x):
    """Return x as doubles; more precise numbers are refused, as NumPy does."""
    if not np.can_cast(x.dtype, np.result_type((x.dtype.kind == "c" and 1j) or 1.0), "safe"):
        raise TypeError(f"Cannot cast array data from {x.dtype} to double")
    return as_dtype(x, np.result_type(x.dtype, np.float64))


def as_dtype(x, dtype):
    """Return x in this dtype, itself if it has it."""
    return x if x.dtype == dtype else np.astype(x, np.dtype(dtype))


def floating(x):
    """Return an operand as an array of floats: integers as doubles."""
    x = array_of(x)
    return x if x.dtype.kind in "fc" else as_dtype(x, np.float64)


def axes_of(axis, ndim):
    """Return axes as a tuple of numbers from 0; None is all of them."""
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


def along(x, axis, index):
    """Return the entries of x at an index along one axis."""
    return x[(*[slice(None)] * normalize_axis_index(axis, x.ndim), index)]


def lines(x, axis):
    """Return x with the axes to reduce joined in its last one."""
    axes = axes_of(axis, x.ndim)
    rest = [i for i in range(x.ndim) if i not in axes]
    length = math.prod(x.shape[i] for i in axes)
    return np.reshape(np.transpose(x, (*rest, *axes)), (*[x.shape[i] for i in rest], length))


def by_line(v, axis, ndim):
    """Return a row so that it broadcasts along one axis of an array of so many."""
    return np.reshape(v, (-1, *[1] * (ndim - 1 - axis % ndim)))


def moved(function, *arrays):
    """Return what a function makes of arrays whose entries it only moves.

    It is called on the places of the entries in one row, and says which go where.
    """
    arrays = arrays_of(arrays)
    starts = accumulate((x.size for x in arrays), initial=0)
    places = [np.arange(x.size).reshape(x.shape) + n for x, n in zip(arrays, starts, strict=False)]
    rows = [np.reshape(x, -1) for x in arrays]
    pool = rows[0] if len(rows) == 1 else np.concatenate(rows)
    return pool[function(*places)]

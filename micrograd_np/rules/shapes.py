"""Rules for functions that rearrange entries: reshape, transpose, broadcast. Floor 6."""

from __future__ import annotations

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..plan import unbroadcast
from ..rule import composite, linear

linear(np.reshape, lambda g, x: g.reshape(x.shape), ignores=("shape",))
linear(np.ravel, lambda g, x: g.reshape(x.shape))
linear(np.squeeze, lambda g, x: g.reshape(x.shape), ignores=("axis",))
linear(np.expand_dims, lambda g, x: g.reshape(x.shape), ignores=("axis",))
linear(np.atleast_1d, lambda g, x: g.reshape(x.shape))
linear(np.atleast_2d, lambda g, x: g.reshape(x.shape))
linear(np.atleast_3d, lambda g, x: g.reshape(x.shape))


def transpose_back(g, axes=None):
    """Transpose of np.transpose: the inverse permutation."""
    if axes is None:
        return np.transpose(g)
    return np.transpose(g, tuple(np.argsort([a % len(axes) for a in axes]).tolist()))


linear(np.transpose, transpose_back)
linear(np.matrix_transpose, lambda g: np.swapaxes(g, -1, -2))
linear(np.swapaxes, lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2))
linear(np.moveaxis, lambda g, source, destination: np.moveaxis(g, destination, source))
linear(np.flip, lambda g, axis=None: np.flip(g, axis))
linear(np.fliplr, lambda g: np.flip(g, 1))
linear(np.flipud, lambda g: np.flip(g, 0))


def roll_back(g, shift, axis=None):
    """Transpose of np.roll: rolled the other way."""
    back = tuple(-s for s in shift) if isinstance(shift, tuple | list) else -shift
    return np.roll(g, back, axis)


linear(np.roll, roll_back)
linear(np.broadcast_to, lambda g, x: unbroadcast(g, x.shape), ignores=("shape",))


def repeated(a, repeats, axis=None):
    """Body of np.repeat: choosing every entry as often as it is repeated."""
    x = np.ravel(a) if axis is None else np.atleast_1d(a)
    axis = 0 if axis is None else normalize_axis_index(axis, x.ndim)
    index = np.repeat(np.arange(x.shape[axis]), repeats)
    return x[(*[slice(None)] * axis, index)]


composite(np.repeat, repeated)

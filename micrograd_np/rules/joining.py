"""Rules for joining arrays: concatenate, stack and their kin. Floor 6."""

from __future__ import annotations

import numpy as np

from ..record import Handle
from ..rule import composite, linear


def arrays_of(operands):
    """Return the operands as Tensors and arrays: lists and numbers among them have no shape."""
    return tuple(x if isinstance(x, Handle) else np.asarray(x) for x in operands)


def piece(g, xs, i, axis=0):
    """Transpose of np.concatenate: the part of g that came from operand i."""
    if axis is None:
        start = sum(x.size for x in xs[:i])
        return g[start : start + xs[i].size].reshape(xs[i].shape)
    axis = axis % g.ndim
    start = sum(x.shape[axis] for x in xs[:i])
    return g[(*[slice(None)] * axis, slice(start, start + xs[i].shape[axis]))]


linear(
    np.concatenate,
    piece,
    forward=lambda *xs, axis=0: np.concatenate(xs, axis),
    arguments=lambda arrays, axis=0: (arrays_of(arrays), {"axis": axis}),
)
linear(
    np.stack,
    lambda g, i, axis=0: g[(*[slice(None)] * (axis % g.ndim), i)],
    forward=lambda *xs, axis=0: np.stack(xs, axis),
    arguments=lambda arrays, axis=0: (arrays_of(arrays), {"axis": axis}),
)
composite(np.vstack, lambda tup: np.concatenate([np.atleast_2d(x) for x in tup], 0))
composite(
    np.hstack,
    lambda tup: np.concatenate(
        (xs := [np.atleast_1d(x) for x in tup]), 0 if xs[0].ndim == 1 else 1
    ),
)
composite(
    np.column_stack,
    lambda tup: np.concatenate([np.reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in tup], 1),
)
composite(np.dstack, lambda tup: np.concatenate([np.atleast_3d(x) for x in tup], 2))
composite(np.append, lambda arr, values, axis=None: np.concatenate((arr, values), axis))


def tiled(A, reps):  # noqa: N803 (NumPy's name)
    """Body of np.tile: broadcasting over new axes, then joining them with the old."""
    reps = tuple(reps) if np.iterable(reps) else (reps,)
    ndim = max(len(reps), A.ndim)
    reps = (1,) * (ndim - len(reps)) + reps
    shape = (1,) * (ndim - A.ndim) + A.shape
    pairs = [n for r, m in zip(reps, shape, strict=True) for n in (r, m)]
    spread = np.reshape(A, [n for m in shape for n in (1, m)])
    joined = [r * m for r, m in zip(reps, shape, strict=True)]
    return np.reshape(np.broadcast_to(spread, pairs), joined)


composite(np.tile, tiled)

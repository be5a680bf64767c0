"""Rules for joining arrays: concatenate, stack and their kin. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite, linear
from .arrays import arrays_of


def piece(g, xs, i, axis=0):
    """Transpose of np.concatenate: the part of g that came from operand i."""
    if axis is None:
        start = sum(x.size for x in xs[:i])
        return g[start : start + xs[i].size].reshape(xs[i].shape)
    axis = axis % g.ndim
    start = sum(x.shape[axis] for x in xs[:i])
    return g[(*[slice(None)] * axis, slice(start, start + xs[i].shape[axis]))]


def joining(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Return the operands of a function that joins, and its parameters."""
    params = {"axis": axis} if dtype is None else {"axis": axis, "dtype": dtype, "casting": casting}
    return arrays_of(arrays), params


linear(
    np.concatenate,
    piece,
    forward=lambda *xs, axis=0, **params: np.concatenate(xs, axis, **params),
    arguments=joining,
)
linear(
    np.stack,
    lambda g, i, axis=0: g[(*[slice(None)] * (axis % g.ndim), i)],
    forward=lambda *xs, axis=0, **params: np.stack(xs, axis, **params),
    arguments=joining,
)


def beside(tup, *, dtype=None, casting="same_kind"):
    """Body of np.hstack."""
    xs = [np.atleast_1d(x) for x in tup]
    return np.concatenate(xs, 0 if xs[0].ndim == 1 else 1, dtype=dtype, casting=casting)


composite(
    np.vstack,
    lambda tup, *, dtype=None, casting="same_kind": np.concatenate(
        [np.atleast_2d(x) for x in tup], 0, dtype=dtype, casting=casting
    ),
)
composite(np.hstack, beside)
composite(
    np.column_stack,
    lambda tup: np.concatenate([np.reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in tup], 1),
)
composite(np.dstack, lambda tup: np.concatenate([np.atleast_3d(x) for x in tup], 2))


def appended(arr, values, axis=None):
    """Body of np.append."""
    return np.concatenate(arrays_of((arr, values)), axis)


composite(np.append, appended)


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

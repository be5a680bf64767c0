"""Rules for functions that rearrange entries: reshape, transpose, broadcast. Floor 5."""

from __future__ import annotations

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import NoRuleError, where
from ..plan import unbroadcast
from ..rule import composite, linear
from .arrays import array_of, axes_of, fixed_array


def order_of(x, order):
    """Return C or F for an order that depends on how x lies in memory."""
    if order not in ("A", "K"):
        return order
    flags = fixed_array(x).flags
    if order == "K" and not flags.forc:
        raise NoRuleError(
            f"order='K' of entries that lie in neither order{where()}: take order='C' or 'F'."
        )
    return "F" if flags.fnc else "C"


def reshape_arguments(a, shape, order="C", *, copy=None):
    """Return np.reshape's operand and parameters."""
    params = {"shape": shape} if order == "C" else {"shape": shape, "order": order_of(a, order)}
    return (a,), params if copy is None else {**params, "copy": copy}


linear(
    np.reshape,
    lambda g, x, order="C": g.reshape(x.shape, order=order),
    arguments=reshape_arguments,
    ignores=("shape",),
)
linear(
    np.ravel,
    lambda g, x, order="C": g.reshape(x.shape, order=order),
    arguments=lambda a, order="C": ((a,), {} if order == "C" else {"order": order_of(a, order)}),
)
linear(np.squeeze, lambda g, x: g.reshape(x.shape), ignores=("axis",))
linear(np.expand_dims, lambda g, x: g.reshape(x.shape), ignores=("axis",))


def at_least(index, ndim):
    """Return the body of np.atleast_1d and its like: ``index`` adds the axes that x lacks."""

    def grown(x):
        x = array_of(x)
        return x if x.ndim >= ndim else x[index[x.ndim]]

    return lambda *arys: grown(arys[0]) if len(arys) == 1 else tuple(grown(x) for x in arys)


composite(np.atleast_1d, at_least([None], 1))
composite(np.atleast_2d, at_least([(None, None), (None,)], 2))
composite(
    np.atleast_3d,
    at_least([(None, None, None), (None, slice(None), None), (slice(None), slice(None), None)], 3),
)


def transpose_back(g, axes=None):
    """Transpose of np.transpose: the inverse permutation."""
    if axes is None:
        return np.transpose(g)
    return np.transpose(g, tuple(np.argsort([a % len(axes) for a in axes]).tolist()))


linear(np.transpose, transpose_back)
linear(np.matrix_transpose, lambda g: np.swapaxes(g, -1, -2))
linear(np.swapaxes, lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2))
linear(np.moveaxis, lambda g, source, destination: np.moveaxis(g, destination, source))


def rolled_axis(a, axis, start=0):
    """Body of np.rollaxis: one axis moves before another."""
    (axis,) = axes_of(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - (axis < start))


def quarter_turns(m, k=1, axes=(0, 1)):
    """Body of np.rot90."""
    first, second = axes_of(tuple(axes), m.ndim)
    if first == second:
        raise ValueError("Axes must be different.")
    turned = m if k % 4 in (0, 3) else np.flip(m, second)
    turned = np.flip(turned, first) if k % 4 == 2 else turned
    turned = np.swapaxes(turned, first, second) if k % 2 else turned
    return np.flip(turned, second) if k % 4 == 3 else turned


composite(np.rollaxis, rolled_axis)
composite(np.rot90, quarter_turns)
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

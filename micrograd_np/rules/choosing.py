"""Rules for choosing between operands, and for functions applied piece by piece. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite
from .arrays import array_of, axes_of, fixed, fixed_array, moved
from .indexing import updated


def selected(condlist, choicelist, default=0):
    """Body of np.select: the first choice whose condition holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError("list of cases must be same length as list of conditions")
    out = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        out = np.where(condition, choice, out)
    return out


def choice(a, choices, out=None, mode="raise"):
    """Body of np.choose: entries of the operand that a names."""
    number = fixed_array(a)
    return moved(lambda *places: np.choose(number, places, mode=mode), *choices)


composite(np.select, selected)
composite(np.choose, choice)
composite(np.extract, lambda condition, arr: np.reshape(arr, -1)[np.flatnonzero(fixed(condition))])


def by_pieces(x, condlist, funclist, *args, **kw):
    """Body of np.piecewise: each function sees the entries where its condition holds."""
    x, conditions = array_of(x), fixed(condlist)
    if np.isscalar(conditions) or (
        not isinstance(conditions[0], list | np.ndarray) and x.ndim != 0
    ):
        conditions = [conditions]
    conditions = np.asarray(conditions, bool)
    if len(conditions) == len(funclist) - 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    if len(conditions) != len(funclist):
        raise ValueError(
            f"with {len(conditions)} condition(s), either {len(conditions)} or "
            f"{len(conditions) + 1} functions are expected"
        )
    out = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        piece = x[condition] if callable(function) else function
        if callable(function) and piece.size:
            piece = function(piece, *args, **kw)
        out = updated(out, piece, condition)
    return out


composite(np.piecewise, by_pieces)


def line_by_line(func1d, axis, arr, *args, **kwargs):
    """Body of np.apply_along_axis."""
    x = array_of(arr)
    (axis,) = axes_of(axis, x.ndim)
    lines = np.moveaxis(x, axis, -1)
    rest = lines.shape[:-1]
    found = [array_of(func1d(lines[i], *args, **kwargs)) for i in np.ndindex(rest)]
    if not found:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    out = np.reshape(np.stack(found), (*rest, *found[0].shape))
    places = tuple(range(len(rest), out.ndim))
    return np.moveaxis(out, places, tuple(range(axis, axis + len(places))))


def axis_by_axis(func, a, axes):
    """Body of np.apply_over_axes: the axes that a function drops stay, with length 1."""
    x = array_of(a)
    for axis in [axes_of(axis, x.ndim)[0] for axis in np.atleast_1d(fixed(axes)).tolist()]:
        found = func(x, axis)
        x = found if found.ndim == x.ndim else np.expand_dims(found, axis)
    return x


composite(np.apply_along_axis, line_by_line)
composite(np.apply_over_axes, axis_by_axis)

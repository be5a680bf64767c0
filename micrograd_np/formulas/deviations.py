"""Deviations from a mean: their sum is 0. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .terms import MINUS, NAME, SUM, Term, factors_of

if TYPE_CHECKING:
    from .algebra import Algebra

Axes = tuple[int, ...]


def centred(algebra: Algebra, t: Term) -> Axes | None:
    """Return the axes along which a term holds the deviations from their mean, if it does."""
    if t.op == NAME:
        return algebra.centred.get(t)
    if t.op != SUM or len(t.args) != 2 or t.params[0] != t.params[1].times(MINUS):
        return None
    for x, mean in (t.args, t.args[::-1]):
        params = dict(mean.params) if mean.op is np.mean and mean.args[0] is x else None
        if params is not None and not params.keys() - {"axis", "keepdims"}:
            axis = params.get("axis")
            given = axis if isinstance(axis, tuple) else range(x.ndim) if axis is None else (axis,)
            axes = tuple(sorted(a % x.ndim for a in given))
            kept = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
            return axes if aligned(mean, x.ndim) == kept else None
    return None


def aligned(t: Term, ndim: int) -> tuple[int, ...]:
    """Return the shape of a term with as many axes as what it is broadcast to."""
    return (1,) * (ndim - t.ndim) + t.shape


def vanishes(algebra: Algebra, t: Term, axes: Axes) -> bool:
    """Tell whether the sum of a term over axes is 0: that of deviations, times what is constant."""
    varying = [(f, e) for f, e in factors_of(t) if any(aligned(f, t.ndim)[a] != 1 for a in axes)]
    if len(varying) != 1 or varying[0][1] != 1 or varying[0][0].ndim != t.ndim:
        return False
    return centred(algebra, varying[0][0]) == axes


def without_deviations(algebra: Algebra, t: Term, axes: Axes) -> Term:
    """Return a term without parts whose sum over axes is 0."""
    pairs = list(zip(t.params, t.args, strict=True)) if t.op == SUM else []
    if vanishes(algebra, t, axes):
        return algebra.number(0)
    left = [(c, x) for c, x in pairs if x.shape != t.shape or not vanishes(algebra, x, axes)]
    return t if len(left) == len(pairs) else algebra.add(left, t.shape)

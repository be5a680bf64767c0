"""What a node keeps of an operation, and how cotangents are pulled back through it. Floor 2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .graph import OPERANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Spec(NamedTuple):
    """Shape and dtype of an array: all that the transpose of a linear function may know of it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)


SCALAR = Spec((), np.dtype(np.float64))  # one object for all numbers: compared at once


def spec_of(x: Any) -> Any:
    """Return the spec of an array, or a tuple of those of several; None of a plain number."""
    if type(x) is np.float64:
        return SCALAR
    try:
        return tuple.__new__(Spec, (x.shape, x.dtype))
    except AttributeError:
        return like_tuple(x, map(spec_of, x)) if isinstance(x, tuple) else None


def like_tuple(old: Any, items: Iterable[Any]) -> Any:
    """Return items in a tuple of the type of the old one, which may have names."""
    return type(old)(*items) if hasattr(old, "_fields") else type(old)(items)


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of an array, a Tensor or anything array-like; np.shape takes a detour."""
    return x.shape if hasattr(x, "shape") else np.shape(x)


class Plan:
    """How one node is differentiated: a rule, for a given set of operands that need a cotangent.

    ``edges`` holds for each such operand its place in the node and its pull, a function of the
    cotangent and of what the node kept; None is the identity. What is kept is laid out in one of
    three ways:

    full    (values, specs, params): the operands and the result, where a derivative reads them
            and None elsewhere; shapes and dtypes of all; parameters
    short   values alone, where no pull needs to undo broadcasting or a change of dtype
    bare    the one value that the derivatives read, if they read one, in place of short
    """

    __slots__ = (
        "bare", "choosing", "edges", "full", "keep_out", "keep_x", "keep_y", "keeps", "rule",
        "selects",
    )  # fmt: skip

    def __init__(self, rule: Any, tracked: tuple[bool, ...], full: bool) -> None:
        self.rule, self.full, self.selects = rule, full, rule.selects
        used = [i for i, needs in enumerate(tracked) if needs and rule.derivative(i) is not None]
        names = {name for i in used for name in rule.reads(i)}
        self.keeps = tuple(rule.keeps(i, names, used) for i in range(len(tracked)))
        self.keep_out = "out" in names
        self.keep_x, self.keep_y = (*self.keeps, False, False)[:2]
        self.bare = not full and sum(self.keeps) + self.keep_out <= 1
        self.choosing = self if rule.choosing is rule else rule.choosing.plan(tracked, full)
        pulls = [rule.pull(i, len(tracked), full, self.bare) for i in used]
        self.edges = tuple((OPERANDS + i, pull) for i, pull in zip(used, pulls, strict=True))

    def unpack(self, kept: Any) -> tuple[tuple[Any, ...], Any, dict[str, Any]]:
        """Return what a node kept as values, specs (None if all are alike) and parameters."""
        if self.full:
            return kept  # type: ignore[no-any-return]
        if self.bare:
            kept = tuple(kept if keep else None for keep in (*self.keeps, self.keep_out))
        return kept, None, {}

    def repack(self, values: Any, specs: Any, params: Any) -> Any:
        """Return the three in the layout of this plan."""
        if self.full:
            return values, specs, params
        return next((v for v in values if v is not None), None) if self.bare else values


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``g`` over the axes along which an operand of this shape was repeated."""
    if g.size == math.prod(shape):
        return g.reshape(shape)
    lead = g.ndim - len(shape)
    repeated = tuple(lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1)
    return g.sum(axis=(*range(lead), *repeated)).reshape(shape)


def to_dtype(g: Any, dtype: np.dtype[Any]) -> Any:
    """Return ``g`` in the dtype of its primal; a real primal takes the real part."""
    if g.dtype is dtype or g.dtype == dtype:
        return g
    return (g.real if g.dtype.kind == "c" and dtype.kind != "c" else g).astype(dtype)


def reader(f: Callable[..., Any], places: list[int]) -> Callable[[Any, Any], Any]:
    """Return ``f`` as a function of the cotangent and of the kept values at these places."""
    if not places:
        return lambda g, _: f(g)
    if len(places) == 1:
        (i,) = places
        return lambda g, kept: f(g, kept[i])
    if len(places) == 2:
        i, j = places
        return lambda g, kept: f(g, kept[i], kept[j])
    return lambda g, kept: f(g, *[kept[i] for i in places])

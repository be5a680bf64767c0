"""Choosing: the sweep again, for formulas in which what was not chosen contributes 0. Floor 9.

An indicator times an infinite slope is NaN, where ``np.where(x > 0, ..., 0)`` is 0. So a cotangent
that came out of a choice carries its condition, and the choice is written where it is needed: after
the slopes, and only if at this point they are not 0 anyhow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.outputs import output
from ..graph import is_leaf, is_node, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..graph import Node


@dataclass(slots=True, frozen=True)
class Chosen:
    """A cotangent, and the condition outside of which it is 0, whatever stands there.

    ``always`` tells whether the choice is written also where it changes nothing at this point.
    """

    move: Any
    mask: Any
    always: bool = False

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Chosen) and other.mask is self.mask:
            return Chosen(self.move + other.move, self.mask, self.always)
        total = resolved(self) + resolved(other)
        if isinstance(other, Chosen):
            return Chosen(total, self.mask | other.mask, self.always)
        return total

    __radd__ = __add__


def resolved(g: Any) -> Any:
    """Return a cotangent as one formula; the choice is left out where it changes nothing."""
    if not isinstance(g, Chosen):
        return g
    if g.always:
        return np.where(g.mask, g.move, 0)
    outside = np.logical_not(value(g.mask)) & (value(g.move) != 0)
    return np.where(g.mask, g.move, 0) if np.any(outside) else g.move


def choosing(
    edges: Callable[[Node], Iterator[Any]], tensor: Callable[[Node], Any], always: bool
) -> Callable[[Node], Iterator[Any]]:
    """Return the edges of a sweep whose cotangents carry conditions.

    ``tensor(node)`` gives the Tensor of a node; ``always`` is that of `Chosen`.
    """

    def chosen(node: Node) -> Iterator[Any]:
        for place, pull in edges(node):
            yield place, pull and carrying(step(node).plan, pull, tensor, always)

    return chosen


def carrying(
    plan: Any, pull: Any, tensor: Callable[[Node], Any], always: bool
) -> Callable[[Any, Any], Any]:
    """Return the pull of a cotangent that may have a condition."""
    rule = plan.rule

    def pulled(g: Any, kept: Any) -> Any:
        if rule.several or rule is output:
            return pull(resolved(g), kept)
        move, mask = (g.move, g.mask) if isinstance(g, Chosen) else (g, None)
        if plan.selects or (rule.kind == "linear" and mask is not None):
            ones = np.ones(move.shape, move.dtype)[()]
            kind = pull(ones if mask is None else mask.astype(move.dtype), kept)
            alone = rule.kind == "elementwise" and kind.shape == move.shape
            if alone and np.isin(value(kind), (0, 1)).all():  # times an indicator
                return Chosen(move, condition(kind, tensor), always)
            return Chosen(pull(resolved(g), kept), condition(kind, tensor), always)
        if rule.kind == "elementwise" and mask is not None:
            q = pull(move, kept)
            if q.shape == move.shape:
                return Chosen(q, mask, always)
        return pull(resolved(g), kept)

    return pulled


def condition(indicator: Any, tensor: Callable[[Node], Any]) -> Any:
    """Return where an indicator is not 0: the condition that it is made of, where one sees it."""
    x = indicator
    while (node := getattr(x, "_node", None)) is not None and not is_leaf(node):
        fields = step(node)
        nodes = [y for y in fields.operands if is_node(y)]
        others = [y for y in fields.operands if not is_node(y)]
        if fields.plan.rule.name not in ("multiply", "astype") or len(nodes) != 1:
            break
        x = tensor(nodes[0])
        if np.any([np.any(y != 1) for y in others]) or x.shape != indicator.shape:
            break
        if x.dtype.kind == "b":
            return x
    return indicator != 0


def value(x: Any) -> Any:
    """Return the array of a Tensor, and anything else as it is."""
    return getattr(x, "_value", x)

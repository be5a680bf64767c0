"""Structural zeros: where a result does not depend on an entry, its gradient is 0. Floor 5.

A derivative that is infinite or undefined makes 0 * inf = NaN of a cotangent that is 0. Where the 0
only says that nothing is asked for (the branch of a ``np.where`` that was not taken), the answer is
0. Where the entry does matter, as in ``np.sqrt(x) ** 2``, the NaN is honest and stays. To tell the
two apart, a sweep carries beside each cotangent its *pattern*: which entries matter.

No rule declares its pattern, since its derivative knows it. A NaN survives all arithmetic, a
factor 0 included, and is stopped only by a choice: ``np.where``, an index. So a derivative is given
NaN for the entries that matter and 0 for the others, and where a NaN comes out is the pattern
further back. Meanwhile it reads ordinary numbers in place of the values the node kept, so that no
other NaN is made on the way; only a function that selects reads those, by which it selects. The
same is true of tangents in forward mode. A derivative that chooses by a factor stops no NaN: such a
sweep takes the same one made to (``rule.stopping``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import KEPT, OPERANDS, ORDER, PLAN, SPEC, Node, Parts
from ..plan import Spec, like_tuple, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..plan import Plan


class Masked(NamedTuple):
    """A cotangent or a tangent, and its pattern: the entries that matter. The others are 0."""

    move: Any
    pattern: Any

    def __add__(self, other: Masked) -> Masked:  # type: ignore[override]
        return Masked(self.move + other.move, self.pattern | other.pattern)

    @property
    def probe(self) -> Any:
        """NaN at the entries that matter, 0 at the others."""
        both = self.move.dtype.kind == "c"  # a NaN in one part alone may not reach the other
        nan = complex(np.nan, np.nan) if both else np.nan
        return np.where(self.pattern, nan, 0).astype(self.move.dtype)[()]


def masked(move: Any, probe: Any) -> Any:
    """Return what a derivative gave, masked by where the probe came out."""
    if type(move) is Parts:
        return Parts({i: masked(part, probe[i]) for i, part in move.items()})
    pattern = np.isnan(probe)
    return Masked(np.where(pattern, move, 0), pattern)


def apart(m: Any) -> tuple[Any, Any]:
    """Return the moves and the probes, of one result or in the parts of several."""
    if type(m) is Parts:
        moves = Parts({i: part.move for i, part in m.items()})
        return moves, Parts({i: part.probe for i, part in m.items()})
    return (None, None) if m is None else (m.move, m.probe)


def masked_edges(how: Any, read: Callable[[Node], Any]) -> Callable[[Node], Iterator[Any]]:
    """Return the edges that carry patterns beside the cotangents that ``how`` gives.

    ``read(node)`` gives what the node kept.
    """

    def edges(node: Node) -> Iterator[Any]:
        node = choosing(node)
        plan = node[PLAN]
        if entrywise(plan):
            yield from entrywise_edges(node, how)
            return
        kept = plan.repack(*probed(plan, read(node)))
        both = zip(plan.edges, plan.edges if how is None else how(node), strict=True)
        for (i, probing), (_, pull) in both:
            yield i, None if pull is None else masked_pull(plan, pull, probing, kept)

    return edges


def entrywise_edges(node: Node, how: Any) -> Iterator[Any]:
    """Return the edges of a function whose entries depend on those at their own places alone.

    An operand that was repeated gets the sum of its cotangents: each is masked before.
    """
    plan, kept, specs, wide = node[PLAN], node[KEPT], None, None
    if plan.full:
        values, specs, params = plan.unpack(kept)
        wide = tuple([spec and Spec(shape_of(node), spec[1]) for spec in specs])
        kept = plan.repack(values, wide, params)
    for i, pull in plan.edges if how is None else how(node, wide):
        shape = shape_of(node) if specs is None else specs[i - OPERANDS][0]
        yield i, None if pull is None and specs is None else summed_pull(pull, kept, shape)


def shape_of(node: Node) -> tuple[int, ...]:
    """Return the shape of a node's result."""
    return node[SPEC][0]  # type: ignore[no-any-return]


def summed_pull(pull: Any, wide: Any, shape: tuple[int, ...]) -> Callable[..., Masked]:
    """Return the pull of a masked cotangent to an operand of a shape that was repeated."""

    def pulled(m: Masked, _: Any) -> Masked:
        q = m.move if pull is None else pull(m.move, wide)
        q = np.where(m.pattern, q, 0)
        if q.shape == shape:
            return Masked(q, m.pattern)
        return Masked(unbroadcast(q, shape), np.isnan(unbroadcast(m.probe, shape)))

    return pulled


def choosing(node: Node) -> Node:
    """Return a node with the derivatives that stop a NaN, if it has other ones."""
    plan = node[PLAN].choosing
    return node if plan is node[PLAN] else [node[ORDER], plan, *node[KEPT:]]


def masked_pull(plan: Plan, pull: Any, probing: Any, ordinary: Any) -> Callable[..., Masked]:
    """Return the pull of a masked cotangent."""
    if plan.rule.masks:
        return pull  # type: ignore[no-any-return]

    def pulled(m: Any, kept: Any) -> Any:
        move, probe = apart(m)
        return masked(pull(move, kept), probing(probe, ordinary))

    return pulled


def masked_jvp(
    how: Any, transpose: Any, read: Callable[[Node], Any]
) -> Callable[[Node], Callable[[list[Any]], Masked]]:
    """Return how masked tangents are pushed through a node; ``how`` pushes plain ones."""

    def push(node: Node) -> Callable[[list[Any]], Masked]:
        node = choosing(node)
        plan, pushed = node[PLAN], how(node)
        values, specs, params = probed(plan, read(node))

        def both(incoming: list[Any]) -> Any:
            if not plan.edges:
                return None  # no derivative passes
            if plan.rule.masks:
                return pushed(incoming)
            moves, probes = zip(*map(apart, incoming[: len(values) - 1]), strict=True)
            t = pushed(list(moves))
            if entrywise(plan):
                total = sum(probe for probe in probes if probe is not None)
                return masked(t, np.broadcast_to(total, t.shape))
            return masked(t, plan.rule.jvp(probes, values, specs, params, transpose))

        return both

    return push


def entrywise(plan: Plan) -> bool:
    """Tell whether each entry of the result depends on those at its own place, and always."""
    return plan.rule.kind == "elementwise" and not plan.selects


def probed(plan: Plan, kept: Any) -> tuple[tuple[Any, ...], Any, dict[str, Any]]:
    """Return what a node kept, as a derivative reads it while it is probed."""
    values, specs, params = plan.unpack(kept)
    return values if plan.selects else tuple(map(ordinary, values)), specs, params


def ordinary(x: Any) -> Any:
    """Return numbers with nothing special about them, in the shape and dtype of x."""
    if isinstance(x, tuple):
        return like_tuple(x, map(ordinary, x))
    if not isinstance(x, np.ndarray | np.generic) or x.dtype.kind not in "fc":
        return x
    return np.random.default_rng(0).uniform(1, 2, x.shape).astype(x.dtype)[()]

"""Lifting: derivatives run on Tensors, so that they are recorded themselves. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls.handle import Handle, new
from ..calls.outputs import output_nodes
from ..graph import KEPT, PLAN, Node, is_node, step
from ..modes import tracing
from ..plan import like_tuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def moves(seed: Any) -> Any:
    """Return which entries a cotangent or a tangent moves: those where it is not 0."""
    known = isinstance(seed, Handle) and (seed._node is None or tracing() is None)
    return (seed._value if known else seed) != 0


def reading(kind: type | None) -> Callable[[Node], Any]:
    """Return how a masked sweep reads what a node kept: as arrays, or in a trace as Tensors."""
    if tracing() is None or kind is None:
        return lambda node: node[KEPT]
    return lambda node: lift(node, kind) if node[PLAN].selects else node[KEPT]


def lift(node: Node, kind: type, wide: Any = None) -> Any:
    """Return what the node kept with Tensors for values, so that reading them is recorded.

    ``wide`` are specs to take in place of those of the operands.
    """
    _, plan, kept, _, _, _, operands = step(node)
    values, specs, params = plan.unpack(kept)
    nodes = [x if is_node(x) else None for x in operands[: len(values) - 1]]
    lifted = [tensor_of(kind, v, n) for v, n in zip(values, [*nodes, node], strict=True)]
    return plan.repack(tuple(lifted), wide or specs, params)


def tensor_of(kind: type, value: Any, node: Node | None) -> Any:
    """Return a Tensor of a value whose node is known; the value itself if it is constant.

    Of several results there is one for each.
    """
    if value is None or node is None:
        return value
    if isinstance(value, tuple):
        nodes = output_nodes(node, value)
        return like_tuple(
            value, [tensor_of(kind, *pair) for pair in zip(value, nodes, strict=True)]
        )
    t = new(kind)
    t._value, t._node, t._name = value, node, None
    return t


def lifting(kind: type) -> Callable[..., Iterator[Any]]:
    """Return the edges that run the derivatives on Tensors."""

    def how(node: Node, wide: Any = None) -> Iterator[Any]:
        kept = lift(node, kind, wide)
        for i, pull in node[PLAN].edges:
            yield i, pull and (lambda g, _, pull=pull: pull(g, kept))

    return how

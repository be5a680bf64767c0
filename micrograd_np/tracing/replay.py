"""Replaying: what a traced function did is recorded once more, of other Tensors. Floor 8.

The function itself does not run again. So it cannot do something else, draw other random numbers
for example, and what a trace knows besides its program stays: where no gradient passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls.handle import Handle
from ..calls.operands import handles
from ..graph import Node, history, is_leaf, is_node, new_order, node_of, order_of, step
from ..modes import tracing
from ..sweeps.lifting import tensor_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .recorder import Trace
    from .trace import Traced


def replayed(made: Traced, given: Sequence[Any]) -> list[Any]:
    """Return what a traced function gives for other arguments and captured Tensors."""
    trace, places = tracing(), {}
    for old, new in zip((*made.arguments, *made.captured), given, strict=True):
        trace.value(new)  # it may be of an outer trace
        places[order_of(old._node)] = new._node
    for node in nodes_of(made):
        if order_of(node) not in places:
            places[order_of(node)] = repeated(node, places, made.recording, trace)
    return [relinked(x, places) for x in made.results]


def nodes_of(made: Traced) -> list[Node]:
    """Return the nodes of all that the results hang on, the oldest first, and what is captured."""
    roots = [t._node for t in handles(made.results) if t._node is not None]
    return history(*roots, until=made.recording.start)


def repeated(node: Node, places: dict[int, Node], old: Trace, new: Trace) -> Node:
    """Return a node of one trace as one of another, computed from what is in the places."""
    fields = step(node)
    if is_leaf(node):
        return new.variable(old.leaves[fields.order])
    values, specs, params = fields.kept
    order = new_order()
    if fields.order in old.numbers:
        new.numbers[order] = old.numbers[fields.order]
    if any(first > fields.order > last for first, last in old.silent):
        new.silent.append((order + 1, order - 1))
    return node_of(
        fields._replace(
            order=order,
            kept=(values, specs, relinked(params, places)),
            operands=tuple([places[order_of(x)] if is_node(x) else x for x in fields.operands]),
        )
    )


def relinked(tree: Any, places: dict[int, Node]) -> Any:
    """Return parameters with the Tensors whose nodes are in the places now."""
    if isinstance(tree, Handle):
        return tensor_of(type(tree), tree._value, tree._node and places[order_of(tree._node)])
    if type(tree) in (list, tuple):
        return type(tree)(relinked(x, places) for x in tree)
    return {key: relinked(x, places) for key, x in tree.items()} if type(tree) is dict else tree

"""Backward: the graph of the reverse sweep, to be drawn as that of the result is. Floor 8.

The sweep runs on Tensors, so what it computes is recorded. Its graph begins at the gradient of the
result and at the forward values that derivatives read; those are given, without their history.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DrawError, where
from ..graph import grad_of, history, is_leaf, is_node, node_of, order_of, parents, reverse, step
from ..modes import Mode, current
from ..rules.readable import readable
from ..sweeps.lifting import lift, lifting, tensor_of
from ..sweeps.reverse import cotangents
from ..tensor import Tensor
from .cards import role_of
from .names import Names
from .printing import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..graph import Node
    from .cards import Board

LONGEST = 24  # characters of a formula by which a forward value without a name goes


def backward_board(forward: Board, root: Any, detail: str) -> Board:
    """Return the board of the reverse sweep of a graph whose own board is given."""
    seed = Tensor(seed_of(root), requires_grad=True)
    cotangent = sweep(root._node, seed, forward.values)
    swept = {o: g for o, g in cotangent.items() if isinstance(g, Tensor)}
    own = [g._node for g in swept.values() if g._node is not None]
    newest = order_of(root._node)  # what is older, and it itself, is forward
    found = [node for node in history(*own) if order_of(node) < newest]
    read = {
        order_of(x): x
        for node in found
        for x in step(node).operands
        if is_node(x) and order_of(x) >= newest
    }
    given = {o: leaf_of(read[o], forward.values[o]) for o in sorted(read, reverse=True)}
    names = Names({}, {}, dict(forward.names.constants))
    names.tensors.update((order_of(g._node), g) for g in swept.values() if g._node is not None)
    names.nodes.update((o, title) for o in given if (title := forward_title(forward, o)))
    board = copy(forward)
    board.roles, board.also = {}, {}
    name_gradients(board, names, swept, forward)
    for o, node in read.items():
        known = forward.names.nodes.get(o, "")
        board.roles[o] = role_of(known, "parameter") if is_leaf(node) else "op"
    board.swept = follows(order_of(seed._node), [*given.values(), *found])
    symbols = {o: forward.folding.symbols[o] for o in given}
    board.lay_out([*given.values(), *clipped(found, given)], names, detail, {}, symbols)
    return board


def follows(first: int, nodes: list[Node]) -> set[int]:
    """Return the orders of the nodes that depend on the first, itself included."""
    found = {first}
    for node in nodes:
        if any(order_of(x) in found for x in parents(node)):
            found.add(order_of(node))
    return found


def seed_of(root: Any) -> Any:
    """Return the gradient that the sweep begins with."""
    if root.size == 1 and root.dtype.kind == "f":
        return np.ones(root.shape, root.dtype)
    seed = grad_of(root._node)
    if seed is None:
        raise DrawError(
            f"mg.draw: the backward pass begins at a single real number, or where "
            f"t.backward(gradient=...) did; this result has shape {root.shape}{where()}. "
            "Draw np.sum(t), or call backward first."
        )
    return seed


def sweep(root: Node, seed: Tensor, known: dict[int, Any]) -> dict[int, Any]:
    """Return the cotangent of every node by its order; operations in the scope they serve."""
    outside = current.set(None)  # recorded also inside no_grad
    try:
        exact = cotangents(root, seed._value, every=True)
        for how in (learnt(known), lifting(Tensor)):
            with np.errstate(all="ignore"):
                swept = reverse(root, seed, scoped(how), every=True)
            found = {order_of(node): g for node, g in swept}
            if not any(differ(found.get(order_of(node)), g) for node, g in exact):
                return found
        # A derivative that nothing depends on is not finite: the sweep has to be masked
        return {order_of(node): g for node, g in cotangents(root, seed, Tensor, every=True)}
    finally:
        current.reset(outside)


def differ(t: Any, g: Any) -> bool:
    """Tell whether two gradients differ by more than rounding, or one has a NaN alone."""
    if not isinstance(t, Tensor) or not isinstance(g, np.ndarray | np.generic):
        return False
    digits = np.sqrt(np.finfo(g.dtype).eps)
    return not np.allclose(t._value, g, digits, 0, equal_nan=True)


def learnt(known: dict[int, Any]) -> Callable[[Node], Iterator[Any]]:
    """Return the edges by derivatives as one learns them, where the known values are enough."""

    def edges(node: Node) -> Iterator[Any]:
        fields = step(node)
        rule = readable.get(fields.plan.rule.function)
        if rule is None:
            yield from lifting(Tensor)(node)
            return
        values, specs, params = fields.plan.unpack(lift(node, Tensor))
        count = len(values) - 1
        operands, specs = fields.operands[:count], specs or (fields.spec,) * (count + 1)
        book = rule.plan(tuple([is_node(x) for x in operands]))
        needed = (*book.keeps, book.keep_out)
        read = [
            seen(x, kept, known) if need else None
            for x, kept, need in zip((*operands, node), values, needed, strict=True)
        ]
        missing = any(need and x is None for x, need in zip(read, needed, strict=True))
        real = all(spec is None or spec[1].kind != "c" for spec in specs)
        if missing or not real or not params.keys() <= rule.accepted:
            yield from lifting(Tensor)(node)
            return
        kept = read, specs, params
        for place, pull in book.edges:
            yield place, pull and (lambda g, _, pull=pull: pull(g, kept))

    return edges


def seen(operand: Any, kept: Any, known: dict[int, Any]) -> Any:
    """Return what a derivative reads of an operand: what its node kept, or what is known of it."""
    if kept is not None or not is_node(operand):
        return operand if kept is None else kept
    return tensor_of(Tensor, known.get(order_of(operand)), operand)


def scoped(how: Any) -> Callable[[Node], Iterator[Any]]:
    """Return the edges that ``how`` gives, recorded in the scope of their node."""

    def edges(node: Node) -> Iterator[Any]:
        for place, pull in how(node):
            yield place, pull and within(pull, step(node).scope)

    return edges


def within(pull: Callable[..., Any], scope: Any) -> Callable[..., Any]:
    """Return a pull that records in a scope."""

    def pulled(g: Any, kept: Any) -> Any:
        outside = current.set(Mode(scope=scope))
        try:
            return pull(g, kept)
        finally:
            current.reset(outside)

    return pulled


def leaf_of(node: Node, value: Any) -> Node:
    """Return a node without history in place of a forward one."""
    return node_of(step(node)._replace(plan=None, kept=value, grad=None, scope=None, operands=()))


def clipped(nodes: list[Node], leaves: dict[int, Node]) -> list[Node]:
    """Return nodes that refer to the leaves in place of forward values."""
    made = dict(leaves)
    for node in nodes:
        fields = step(node)
        operands = tuple(made[order_of(x)] if is_node(x) else x for x in fields.operands)
        made[fields.order] = node_of(fields._replace(operands=operands))
    return [made[order_of(node)] for node in nodes]


def forward_title(forward: Board, order: int) -> str:
    """Return what a forward value is called: its name, or its formula if that is short."""
    title = forward.folding.titles.get(order)
    if title is not None:
        return title
    written = plain(forward.folding.symbols[order], loose=True)
    return written if len(written) <= LONGEST and "…" not in written else ""


def name_gradients(board: Board, names: Names, swept: dict[int, Tensor], forward: Board) -> None:
    """Call each gradient after its value; one that several share has all their names."""
    for order in sorted(swept):  # as the sweep goes, the newest value first
        g = swept[order]
        title = forward.folding.titles.get(order, "" if order != min(swept) else "result")
        if g._node is None or not title:
            continue
        mine = order_of(g._node)
        if mine in names.nodes:
            board.also.setdefault(mine, []).append(f"∂{title}")
        else:
            names.nodes[mine] = f"∂{title}"
        if order == min(swept):
            board.roles[mine] = "loss"
        elif order in {order_of(node) for node in forward.nodes if is_leaf(node)}:
            board.roles.setdefault(mine, "gradient")
        else:
            board.roles.setdefault(mine, "op")

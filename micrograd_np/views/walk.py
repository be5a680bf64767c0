"""Walk: a graph card by card, forward and then backward, with what each card passes on. Floor 8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DrawError, where
from ..graph import OPERANDS, Parts, grad_of, is_leaf, is_node, order_of, reverse, step
from ..sweeps.lifting import moves, reading
from ..sweeps.reverse import has_nan
from ..sweeps.structure import Masked, masked_edges
from .boxes import drawn_paths
from .expressions import name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..graph import Node
    from .cards import Board, Card, Drawing
    from .derivatives import Label
    from .expressions import Expression


MOST = 300  # cards of one page


@dataclass(slots=True)
class Arrow:
    """How a card enters another, and what comes back along it."""

    tail: int
    head: int
    label: Label
    local: Any  # the local derivative where both sides are single numbers
    share: Any  # what the head adds to the gradient of the tail; None: no derivative passes
    written: Expression | None = None  # the share as a formula of g, where it is an array
    total: Any = None  # the sum so far, this share included


@dataclass(slots=True)
class Walk:
    """What the step-through page shows: cards, oldest first, and the arrows between them.

    Forward goes through the computed cards from the first to the last, backward from the last to
    the first; ``arrows[i]`` enter card i.
    """

    drawing: Drawing
    cards: list[Card]
    arrows: list[list[Arrow]]
    paths: list[tuple[Any, ...]]  # the scopes around each card, from the outermost in
    tracked: list[bool]  # whether a gradient flows to the card
    seed: Any

    @property
    def computed(self) -> list[int]:
        """The cards that are results of operations, oldest first."""
        return [i for i, card in enumerate(self.cards) if card.formula is not None]


def walk(board: Board) -> Walk:
    """Return the walk through a graph whose cards are on a board.

    Raises
    ------
    DrawError
        If it would have more than 300 cards, or nothing says what the gradient of its result is.
    """
    if len(board.folding.cards) > MOST:
        raise DrawError(too_many(len(board.folding.cards), board.ops))
    drawing, root = board.drawing(), board.nodes[-1]
    seed = seed_of(root, board.values[order_of(root)])
    shares = passed_back(board.nodes, seed)
    arrows: list[list[Arrow]] = [[] for _ in drawing.cards]
    heads = {
        board.places[order_of(node)]: node
        for node in board.nodes
        if order_of(node) in board.places and not is_leaf(node)
    }
    given = {i: shares_of(board, node, shares) for i, node in heads.items()}
    numbers = {i: board.local.numbers(node) for i, node in heads.items()}
    formulas = {i: board.local.symbols(node, name("g")) for i, node in heads.items()}
    orders = {place: order for order, place in board.places.items()}
    for edge in drawing.edges:
        order = orders.get(edge.tail, 0)
        local, share = numbers[edge.head].get(order), given[edge.head].get(edge.tail)
        written = formulas[edge.head].get(order) if getattr(share, "ndim", 0) else None
        arrows[edge.head].append(Arrow(edge.tail, edge.head, edge.label, local, share, written))
    gradients = summed(arrows, len(drawing.cards) - 1, seed)
    for i, card in enumerate(drawing.cards):
        card.gradient = gradients.get(i)
    tracked = [i in gradients for i in range(len(drawing.cards))]
    return Walk(drawing, drawing.cards, arrows, drawn_paths(drawing), tracked, seed)


def too_many(count: int, ops: bool) -> str:
    """Return why a page of so many cards is refused, and what to do."""
    cure = 'detail="named", or ' if ops else ""
    return (
        f"mg.step: {count:,} cards are too many to go through (the most is {MOST}). Step through "
        f"{cure}an earlier result: a part of the computation, one step of a loop."
    )


def seed_of(root: Node, value: Any) -> Any:
    """Return the cotangent of the result: 1, or that given to ``backward`` if it has entries."""
    if np.size(value) == 1 and np.asarray(value).dtype.kind != "c":
        return np.ones_like(value)[()]
    seed = grad_of(root)
    if seed is None:
        shape = np.shape(value)
        said = f"has shape {shape}" if np.size(value) != 1 else f"is {np.asarray(value).dtype}"
        raise DrawError(
            f"mg.step: the result {said}, so its gradient is not simply 1{where()}. Step through "
            "a real scalar, such as np.sum(t), or call t.backward(gradient=...) first."
        )
    return np.asarray(seed)[()]


def summed(arrows: list[list[Arrow]], root: int, seed: Any) -> dict[int, Any]:
    """Note the running sums on the arrows, in the order of the steps; return the gradients."""
    gradients = {root: seed}
    for entering in reversed(arrows):
        for arrow in entering:
            if arrow.share is not None:
                before = gradients.get(arrow.tail)
                arrow.total = arrow.share if before is None else before + arrow.share
                gradients[arrow.tail] = arrow.total
    return gradients


def shares_of(board: Board, node: Node, shares: dict[tuple[int, int], Any]) -> dict[int, Any]:
    """Return what a card adds to the gradients of those that enter it, by their numbers."""
    found: dict[int, Any] = {}
    for at in within(board, node):
        for i, x in enumerate(step(at).operands, OPERANDS):
            share = shares.get((order_of(at), i))
            if share is not None and board.local.is_card(x):
                place = board.places[order_of(x)]
                found[place] = found[place] + share if place in found else share
    return found


def within(board: Board, node: Node) -> Iterator[Node]:
    """Yield the operations of a card: that of its result, and those folded into its formula."""
    stack = [node]
    while stack:
        at = stack.pop()
        yield at
        folded = (x for x in reversed(step(at).operands) if is_node(x))
        stack.extend(x for x in folded if not board.local.is_card(x) and not is_leaf(x))


def passed_back(nodes: list[Node], seed: Any) -> dict[tuple[int, int], Any]:
    """Return the cotangent that each operation gives each operand, by order and place.

    This is the sweep of ``backward``, written down: where a NaN comes from entries that the result
    does not depend on, it is run again with structural zeros.
    """
    root = nodes[-1]
    with np.errstate(all="ignore"):
        shares = swept(root, seed, lambda node: step(node).plan.edges)
        selects = any(not is_leaf(node) and step(node).plan.selects for node in nodes)
        if (selects or not np.all(moves(seed))) and any(
            has_nan(g) for g in shares.values() if type(g) is not Parts
        ):
            shares = swept(root, Masked(seed, moves(seed)), masked_edges(None, reading(None)))
    return shares


def swept(root: Node, seed: Any, how: Callable[[Node], Any]) -> dict[tuple[int, int], Any]:
    """Run the reverse sweep over ``how`` and note what every pull gives."""
    shares: dict[tuple[int, int], Any] = {}

    def noting(node: Node) -> Iterator[Any]:
        for i, pull in how(node):
            yield i, lambda g, kept, i=i, pull=pull: noted(node, i, pull, g, kept)

    def noted(node: Node, i: int, pull: Any, g: Any, kept: Any) -> Any:
        q = g if pull is None else pull(g, kept)
        shares[order_of(node), i] = q.move if isinstance(q, Masked) else q
        return q

    for _ in reverse(root, seed, noting, every=True):
        pass
    return shares

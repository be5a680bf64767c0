"""Cuts: a part of a drawing around one card, and shared variables where they enter. Floor 8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..calls.handle import Handle
from ..errors import ArgumentError, where
from ..graph import order_of
from .cards import Card, Drawing, Edge
from .contract import neighbours
from .derivatives import Label
from .direction import ranked
from .labels import clean, pretty

if TYPE_CHECKING:
    from .cards import Board

FAR = 2  # ranks between two uses of a variable that one card still serves
SEVERAL = 3  # ranks at which a variable is used; at more, as in a loop, each has its own card


def aliased(drawing: Drawing) -> Drawing:
    """Return a drawing in which far uses of a variable have a small card of its name."""
    ranks = ranked(drawing)
    _, heads = neighbours(drawing)
    entered = {edge.head for edge in drawing.edges}
    served: dict[tuple[int, int], int] = {}  # the alias, if any, by variable and head
    cards = list(drawing.cards)
    for i, card in enumerate(drawing.cards):
        if i in entered or card.role == "number" or not card.title:
            continue
        at, first = i, None
        far = FAR if len({ranks[head] for head in heads[i]}) <= SEVERAL else 0
        for head in sorted(heads[i], key=ranks.__getitem__):
            if first is not None and ranks[head] - first > far:
                at, first = len(cards), ranks[head]
                cards.append(Card("alias", f"{card.title} ↑"))
            first = ranks[head] if first is None else first
            if at != i:
                served[i, head] = at
    if len(cards) == len(drawing.cards):
        return drawing
    edges = [replace(e, tail=served.get((e.tail, e.head), e.tail)) for e in drawing.edges]
    return ordered(replace(drawing, cards=cards, edges=edges), len(drawing.cards))


def ordered(drawing: Drawing, count: int) -> Drawing:
    """Return a drawing with the cards from ``count`` on moved before the first they enter."""
    firsts = {edge.tail: edge.head for edge in reversed(drawing.edges)}
    order = sorted(range(len(drawing.cards)), key=lambda i: (i, 1) if i < count else (firsts[i], 0))
    place = {old: new for new, old in enumerate(order)}
    edges = [replace(e, tail=place[e.tail], head=place[e.head]) for e in drawing.edges]
    return replace(drawing, cards=[drawing.cards[i] for i in order], edges=edges)


def centre(board: Board, drawing: Drawing, around: Any) -> int:
    """Return the number of the card that ``around`` means: a Tensor, or a name as one wrote it."""
    if isinstance(around, Handle):
        node = around._node
        place = board.places.get(id(around._value) if node is None else order_of(node))
        card = None if place is None else board.cards[place]
        found = [i for i, other in enumerate(drawing.cards) if other is card]
        said = "this Tensor has no card"
    else:
        title = pretty(str(around))
        found = [i for i, card in enumerate(drawing.cards) if title in card.title.split(" = ")]
        said = f"there is no card named {clean(str(around))!r}"
    if found:
        return found[-1]
    raise ArgumentError(f"mg.draw: around: {said}{where()}. {_named(drawing, around)}")


def _named(drawing: Drawing, around: Any) -> str:
    """Return which names there are, the closest first."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(card.title for card in drawing.cards if card.title))
    near = get_close_matches(clean(str(around)), names, 3, 0.5) if isinstance(around, str) else []
    shown = [*near, *(name for name in names if name not in near)]
    more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
    return f"Cards are {', '.join(shown[:8])}{more}."


def around(drawing: Drawing, middle: int, hops: int) -> Drawing:
    """Return the part of a drawing that is ``hops`` edges from a card; stubs show the rest."""
    tails, heads = neighbours(drawing)
    kept = near(drawing, middle, hops)
    entering: dict[int, list[Edge]] = {i: [] for i in kept}
    for e in drawing.edges:
        if e.head in kept and e.tail in kept:
            entering[e.head].append(e)
    cards: list[Card] = []
    edges: list[Edge] = []
    place: dict[int, int] = {}
    for i in sorted(kept):
        left = len(tails[i]) - len(entering[i])
        if left:
            edges.append(Edge(len(cards), len(cards) + 1, Label(), False))
            cards.append(stub(left, drawing.cards[i].scope))
        place[i] = len(cards)
        cards.append(drawing.cards[i])
        edges += [replace(e, tail=place[e.tail], head=place[i]) for e in entering[i]]
    for i in sorted(place):
        out = len(set(heads[i]) - kept)
        if out:
            edges.append(Edge(place[i], len(cards), Label(), False))
            cards.append(stub(out))
    note = f"{len(place)} of {len(drawing.cards)} cards: hops={hops + 1} shows more"
    whole = len(place) == len(drawing.cards)
    return replace(drawing, cards=cards, edges=edges, note="" if whole else note)


def near(drawing: Drawing, middle: int, hops: int) -> set[int]:
    """Return the cards within some edges of one, and the bare numbers that enter those."""
    tails, heads = neighbours(drawing)
    kept = nearest = {middle}
    for _ in range(hops):
        nearest = {j for i in nearest for j in (*tails[i], *heads[i])} - kept
        kept = kept | nearest
    return kept | {j for i in kept for j in tails[i] if drawing.cards[j].role == "number"}


def stub(count: int, scope: Any = None) -> Card:
    """Return the card that stands for cards left out."""
    return Card("stub", "…" if count == 1 else f"… ×{count}", scope=scope)

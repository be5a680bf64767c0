"""Direction: left to right, unless that is too wide to read on a page. Floor 8."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .tables import Cell

if TYPE_CHECKING:
    from .cards import Drawing
    from .tables import Run, Tables

PAGE = 1100.0  # points that a page is wide: some 1450 pixels
MARGIN, GAP, ROOM = 9.0, 33.0, 16.0  # points: in a card, between ranks, between neighbours


def is_across(drawing: Drawing, tables: Tables, labels: list[list[Run]]) -> bool:
    """Tell whether data flow from left to right, not downwards, from the widths of all text."""
    ranks = ranked(drawing)
    cards, wide = defaultdict(list), defaultdict(list)
    for card, rank in zip(drawing.cards, ranks, strict=True):
        cards[rank].append(tables.card(card).width + MARGIN)
    for edge, label in zip(drawing.edges, labels, strict=True):
        wide[ranks[edge.head]].append(Cell(tuple(label)).width)
    across = sum(max(w) + GAP for w in cards.values()) + sum(max(w) for w in wide.values())
    down = max(sum(w) + ROOM * len(w) for w in cards.values())
    return across <= PAGE or across <= down


def ranked(drawing: Drawing) -> list[int]:
    """Return the rank of each card: one after its inputs; a leaf stands just before its use."""
    ranks = [0] * len(drawing.cards)
    for edge in drawing.edges:  # in topological order of their heads
        ranks[edge.head] = max(ranks[edge.head], ranks[edge.tail] + 1)
    entered = {edge.head for edge in drawing.edges}
    for edge in reversed(drawing.edges):
        if edge.tail not in entered:
            ranks[edge.tail] = ranks[edge.head] - 1
    return ranks

"""Direction: left to right, unless that is too wide to read on a page. Floor 9."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .labels import amount
from .printing import plain

if TYPE_CHECKING:
    from .cards import Card, Drawing, Edge

PAGE = 1400.0  # pixels that a page is wide
LETTER, MARGIN, GAP = 7.5, 20.0, 45.0  # pixels: of a character, in a card, between cards


def is_across(drawing: Drawing, values: bool) -> bool:
    """Tell whether data flow from left to right, not downwards, from estimated widths."""
    ranks = ranked(drawing)
    widths, labels = defaultdict(list), defaultdict(list)
    for card, rank in zip(drawing.cards, ranks, strict=True):
        widths[rank].append(card_width(card, values))
    for edge in drawing.edges:
        labels[ranks[edge.head]].append(label_width(edge) if drawing.differentiated else 0.0)
    across = sum(max(w) + GAP for w in widths.values()) + sum(max(w) for w in labels.values())
    down = max(sum(w) + GAP * len(w) for w in widths.values())
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


def card_width(card: Card, values: bool) -> float:
    """Return about how many pixels a card is wide."""
    written = plain(card.formula, loose=True) if card.formula is not None and not card.badge else ""
    value = "now " * card.changed + amount(card.value) if values else ""
    rows = [len(card.title) + len(written) + 3, len(value), 2 + len(amount(card.gradient))]
    if card.formula is None:
        rows[0] += len(value)
    return LETTER * (max(rows) + 1.5 * len(card.badge)) + MARGIN


def label_width(edge: Edge) -> float:
    """Return about how many pixels the label of an edge is wide."""
    symbol, number = edge.label
    return LETTER * (sum(len(piece) for piece, _ in symbol) + len(number) + 3)

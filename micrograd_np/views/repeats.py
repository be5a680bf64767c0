"""Repeats: modules that are alike become one, "×12". Floor 9."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .contract import contracted, neighbours, reached
from .labels import without_number
from .modules import FEWEST, skeleton

if TYPE_CHECKING:
    from .cards import Card, Drawing


def folded(drawing: Drawing) -> Drawing:
    """Return a drawing with like modules of one scope as one, and what serves them alike too."""
    groups: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards):
        if card.role == "module":
            shapes = tuple(np.shape(part.value) for part in card.parts)
            groups.setdefault((card.structure, shapes), []).append(i)
    small = drawing
    several = [members for members in groups.values() if len(members) >= FEWEST]
    made = [(one(drawing, members), members) for members in several if joins(drawing, members)]
    if made:
        small = twins(contracted(drawing, made))
    return small


def joins(drawing: Drawing, members: list[int]) -> bool:
    """Tell whether cards can become one: nothing leads from one to another through a third."""
    tails, heads = neighbours(drawing)
    between = reached(members, heads) & reached(members, tails)
    return between <= set(members)


def one(drawing: Drawing, members: list[int]) -> Card:
    """Return the card that stands for several."""
    cards = [drawing.cards[i] for i in members]
    parts = tuple(part._replace(times=len(cards)) for part in cards[0].parts)
    titles = list(dict.fromkeys(card.title for card in cards))
    title = titles[0] if len(titles) == 1 else without_number(titles[0]) or titles[0]
    return replace(cards[0], title=title, times=len(cards), parts=parts)


def twins(drawing: Drawing) -> Drawing:
    """Return a drawing with cards as one that are alike and have the same neighbours."""
    tails, heads = neighbours(drawing)
    groups: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards[:-1]):
        if card.role not in ("module", "number", "parameter"):
            key = card.scope, skeleton(card), frozenset(tails[i]), frozenset(heads[i])
            groups.setdefault(key, []).append(i)
    several = [members for members in groups.values() if len(members) >= FEWEST]
    return contracted(drawing, [(twin(drawing, members), members) for members in several])


def twin(drawing: Drawing, members: list[int]) -> Card:
    """Return the card of several values that are alike: the names of the first and the last."""
    first, last = drawing.cards[members[0]], drawing.cards[members[-1]]
    alike = without_number(first.title) == without_number(last.title)
    titles = dict.fromkeys([first.title, last.title if alike else ""])
    return replace(first, title=" … ".join(titles).rstrip(), times=len(members))

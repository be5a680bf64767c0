"""Repeats: modules that are alike become one, "×12". Floor 8."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from .boxes import path
from .contract import contracted, neighbours, reached
from .labels import without_number
from .modules import FEWEST, Structures, kind_of, skeleton

if TYPE_CHECKING:
    from .cards import Card, Drawing


def folded(drawing: Drawing) -> Drawing:
    """Return a drawing with like modules of one scope as one, and what serves them alike too."""
    groups: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards):
        if card.role == "module":
            shapes = tuple(np.shape(part.value) for part in card.parts)
            groups.setdefault((card.structure, shapes), []).append(i)
    several = [members for members in groups.values() if len(members) >= FEWEST]
    made = [(one(drawing, members), members) for members in several if joins(drawing, members)]
    return twins(drawing, contracted(drawing, made)) if made else drawing


def opened(drawing: Drawing, alike: Structures, depth: int) -> Drawing:
    """Return a drawing in which of the boxes at a depth that are alike one is drawn, for all."""
    boxes: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards):
        around = path(card.scope)
        if len(around) >= depth:
            boxes.setdefault(around[depth - 1], []).append(i)
    kinds: dict[Any, list[Any]] = {}
    for scope, members in boxes.items():
        looks = tuple(look(drawing.cards[i]) for i in members)
        kinds.setdefault((kind_of(scope, alike), looks), []).append(scope)
    small = drawing
    for scopes in kinds.values():
        several = [boxes[scope] for scope in scopes]
        if len(scopes) >= FEWEST and joins(drawing, list(chain(*several))):
            small = one_box(small, scopes, [[drawing.cards[i] for i in box] for box in several])
    return small


def look(card: Card) -> Any:
    """Return what a card has in common with its like in another box."""
    if card.role != "module":
        return skeleton(card)
    return card.role, card.structure[1:], tuple(np.shape(part.value) for part in card.parts)


def one_box(drawing: Drawing, scopes: list[Any], boxes: list[list[Card]]) -> Drawing:
    """Return a drawing in which the first of some boxes stands for all, card by card."""
    number = {id(card): i for i, card in enumerate(drawing.cards)}
    places = [[number[id(card)] for card in box] for box in boxes]
    box_of = {i: n for n, box in enumerate(places) for i in box}
    within = [
        edge
        for edge in drawing.edges
        if edge.tail not in box_of
        or edge.head not in box_of
        or box_of[edge.tail] == box_of[edge.head]
    ]
    before = replace(drawing, edges=within, times=drawing.times | {scopes[0]: len(scopes)})
    made = [
        (replace(drawing.cards[members[0]], typical=True), list(members))
        for members in zip(*places, strict=True)
    ]
    return twins(drawing, contracted(before, made))


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


def twins(before: Drawing, drawing: Drawing) -> Drawing:
    """Return a drawing with cards as one that are alike, and served cards that have become one."""
    earlier = {id(card): i for i, card in enumerate(before.cards)}
    _, served = neighbours(before)
    tails, heads = neighbours(drawing)
    groups: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards[:-1]):
        if card.role not in ("module", "number") and id(card) in earlier and heads[i]:
            key = card.scope, skeleton(card), frozenset(tails[i]), frozenset(heads[i])
            groups.setdefault(key, []).append(i)
    made = []
    for members in groups.values():
        apart = {tuple(served[earlier[id(drawing.cards[i])]]) for i in members}
        if len(members) >= FEWEST and len(apart) == len(members):
            made.append((twin(drawing, members), members))
    return contracted(drawing, made)


def twin(drawing: Drawing, members: list[int]) -> Card:
    """Return the card of several values that are alike: the names of the first and the last."""
    first, last = drawing.cards[members[0]], drawing.cards[members[-1]]
    alike = without_number(first.title) == without_number(last.title)
    titles = dict.fromkeys([first.title, last.title if alike else ""])
    return replace(first, title=" … ".join(titles).rstrip(), times=len(members))

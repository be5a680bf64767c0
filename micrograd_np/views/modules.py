"""Modules: all values of a scope as one card, with its parameters inside. Floor 8."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import is_node, order_of, step
from .boxes import path
from .cards import Card, Drawing, Edge, Part
from .contract import contracted, neighbours, without
from .derivatives import Label
from .labels import pretty, shape_of, without_number
from .printing import spans
from .symbols import parameter

if TYPE_CHECKING:
    from .cards import Board

INDEX = re.compile(r"\[[^]]*\]")  # which entry, or the shape of a constant: alike in what is alike
FEWEST = 3  # alike that become one
Structures = dict[Any, tuple[Any, ...]]


def collapsed(drawing: Drawing, alike: Structures, depth: int, every: bool) -> Drawing:
    """Return a drawing in which scopes ``depth`` levels within each other are cards.

    A scope with one card stays as it is, unless there are several alike that may become one, or
    ``every`` scope shall be a module.
    """
    groups: dict[Any, list[int]] = {}
    for i, card in enumerate(drawing.cards):
        around = path(card.scope)
        if len(around) >= depth:
            groups.setdefault(around[depth - 1], []).append(i)
    kinds = {scope: kind_of(scope, alike) for scope in groups}
    often = Counter(loosely(scope, alike) for scope in groups)
    made = [
        (module(drawing, scope, members, kinds[scope]), members)
        for scope, members in groups.items()
        if every or len(computed(drawing, members)) > 1 or often[loosely(scope, alike)] >= FEWEST
    ]
    root = len(drawing.cards) - 1
    small = contracted(drawing, made)
    return with_result(small, drawing.cards[root]) if small.cards[-1].role == "module" else small


def kind_of(scope: Any, alike: Structures) -> Any:
    """Return what a scope has in common with others like it."""
    return scope.parent, without_number(scope.name), alike.get(scope)


def loosely(scope: Any, alike: Structures) -> Any:
    """Return what a scope has in common with others like it, in whatever boxes that are alike."""
    return tuple(without_number(outer.name) for outer in path(scope)), alike.get(scope)


def computed(drawing: Drawing, members: list[int]) -> list[int]:
    """Return those cards that are results of operations."""
    return [i for i in members if drawing.cards[i].role != "number"]


def module(drawing: Drawing, scope: Any, members: list[int], kind: Any) -> Card:
    """Return the card of a scope; what it computes, if that is one formula."""
    inner = computed(drawing, members)
    card = Card("module", pretty(scope.name), scope=scope.parent)
    if len(inner) == 1:
        card.formula = drawing.cards[inner[0]].formula
    card.structure = kind
    ends = [drawing.cards[i] for i in members if drawing.cards[i].role == "gradient"]
    card.parts = tuple(Part(end.title, end.value, counted=False) for end in ends)
    return card


def structures(board: Board) -> dict[Any, tuple[Any, ...]]:
    """Return for each scope what its operations are and how they hang together, names aside."""
    found: dict[Any, dict[int, Any]] = {}
    for node in board.nodes:
        order, fields = order_of(node), step(node)
        for scope in path(fields.scope):
            inside = found.setdefault(scope, {})
            keys = [order_of(x) if is_node(x) else 0 for x in fields.operands]
            tails = tuple(inside.get(key, (0,))[0] for key in keys)
            _, _, params = fields.plan.unpack(fields.kept)
            words = tuple(parameter(x) for x in params.values())
            shape = shape_of(board.values[order])
            inside[order] = len(inside) + 1, fields.plan.rule.name, shape, tails, words
    return {scope: tuple(inside.values()) for scope, inside in found.items()}


def skeleton(card: Card) -> tuple[Any, ...]:
    """Return what a card computes, names aside: it is alike in layers that are alike."""
    pieces = [] if card.formula is None else spans(card.formula)
    formula = "".join("_" if named else INDEX.sub("[]", piece) for piece, named in pieces)
    return card.role.replace("loss", "op"), card.badge, formula, shape_of(card.value)


def with_result(drawing: Drawing, root: Card) -> Drawing:
    """Return a drawing whose last module is followed by the card of its result."""
    result = Card("loss", root.title, value=root.value, gradient=root.gradient)
    if not result.title:
        result.title = "result"
    last = len(drawing.cards)
    shape = "scalar" if not np.ndim(root.value) else "×".join(map(str, np.shape(root.value)))
    edge = Edge(last - 1, last, Label((), shape), True, shape)
    return replace(drawing, cards=[*drawing.cards, result], edges=[*drawing.edges, edge])


def absorbed(drawing: Drawing, shared: bool) -> Drawing:
    """Return a drawing with the parameters of modules inside them.

    A parameter that several modules share is in the first; the others name it. With ``shared``
    false such a parameter stays outside: it may be that of modules which become one.
    """
    _, heads = neighbours(drawing)
    cards, gone = list(drawing.cards), set()
    for i, card in enumerate(drawing.cards):
        into = sorted(heads[i])
        if card.role != "parameter" or not into or (len(into) > 1 and not shared):
            continue
        if all(cards[j].role == "module" for j in into):
            gone.add(i)
            for j in into:
                part = Part(
                    short(card.title) + " ↑" * (j != into[0]), card.value if j == into[0] else None
                )
                cards[j] = replace(cards[j], parts=(*cards[j].parts, part))
    return without(replace(drawing, cards=cards), gone)


def short(title: str) -> str:
    """Return a name without those of what holds it: ``weight`` of ``layers[0].weight``."""
    return title.rpartition(".")[2] or title

"""Arrange: how much of a graph a picture shows. Floor 8."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ArgumentError, DrawError, where
from .boxes import path
from .cuts import aliased, around, centre
from .derivatives import Label
from .modules import Structures, absorbed, collapsed, structures
from .numbering import renumbered
from .repeats import folded, opened

if TYPE_CHECKING:
    from .cards import Board, Drawing

BUDGET = 60  # cards that are read at a glance; scopes are folded to keep to it
MOST = 300  # cards of one picture


class View(NamedTuple):
    """What part of a graph is wanted, and how finely."""

    detail: str
    depth: int | None = None
    around: Any = None
    hops: int = 2


def check_view(view: View, caller: str) -> None:
    """Refuse numbers that mean nothing."""
    for name, x, least in (("depth", view.depth, 1), ("hops", view.hops, 0)):
        if x is not None and (type(x) is not int or x < least):
            raise ArgumentError(
                f"{caller}: {name} is a whole number, {least} or more, got {x!r}{where()}."
            )


def arranged(board: Board, view: View) -> Drawing:
    """Return the drawing of a graph, or of the wanted part of it.

    Raises
    ------
    DrawError
        If more than 300 cards would be left.
    """
    whole, alike = board.drawing(), structures(board)
    if view.detail == "modules":
        drawing = in_modules(whole, alike, view.depth)
    elif view.depth is not None:
        drawing = to_depth(whole, alike, view.depth)
    else:
        drawing = whole if view.around is not None else within_budget(whole, alike)
    if view.around is None and len(drawing.cards) < len(whole.cards):
        drawing = renumbered(drawing, board.folding.made)
    if view.around is not None:
        drawing = around(drawing, centre(board, drawing, view.around), view.hops)
    if len(drawing.cards) > MOST:
        raise DrawError(too_many(len(drawing.cards), view, levels(whole)))
    return aliased(drawing)


def in_modules(drawing: Drawing, alike: Structures, depth: int | None) -> Drawing:
    """Return a drawing of the scopes at a depth: by default the first with several of them."""
    if depth is None:
        paths = [path(card.scope) for card in drawing.cards if card.scope is not None]
        deepest = max(map(len, paths), default=1)
        depth = next(
            (d for d in range(1, deepest) if len({p[:d] for p in paths if len(p) >= d}) > 1),
            deepest,
        )
    small = to_depth(drawing, alike, depth, every=True)
    edges = [replace(edge, label=Label((), edge.shape)) for edge in small.edges]
    return replace(small, edges=edges, wires=True)


def to_depth(drawing: Drawing, alike: Structures, depth: int, every: bool = False) -> Drawing:
    """Return a drawing whose scopes are folded from a depth on, alike ones as one."""
    if levels(drawing) < depth:
        return drawing
    own = absorbed(collapsed(drawing, alike, depth, every), shared=False)
    small = folded(own)
    for outer in range(depth - 1, 0, -1):
        small = opened(small, alike, outer)
    return absorbed(small, shared=True)


def within_budget(drawing: Drawing, alike: Structures) -> Drawing:
    """Return a drawing with as many levels of scopes as the budget allows."""
    deepest, small = levels(drawing), drawing
    for depth in range(deepest, 0, -1):
        if len(aliased(small).cards) <= BUDGET:
            break
        small = to_depth(drawing, alike, depth)
    if len(small.cards) == len(drawing.cards):
        return drawing
    note = f"folded from {len(drawing.cards)} cards: depth={deepest + 1} shows all"
    return replace(small, note=note)


def levels(drawing: Drawing) -> int:
    """Return how many scopes stand within each other at most."""
    return max((len(path(card.scope)) for card in drawing.cards), default=0)


def too_many(count: int, view: View, deepest: int) -> str:
    """Return why a picture of so many cards is refused, and what to do."""
    finer = view.detail == "ops" and view.around is None
    cures = ['detail="named"'] if finer else []
    if view.around is not None:
        cures.append("fewer hops=")
    else:
        cures.append("a part of it: around=name, hops=2")
    if deepest and view.depth != 1 and view.detail != "modules":
        cures.append('modules: detail="modules"')
    elif not deepest:
        cures.append('parts of it as named scopes: with mg.named("step"): ...')
    return (
        f"mg.draw: {count:,} cards are too many to read (the most is {MOST}). Draw "
        f"{', or '.join(cures)}. print(mg.graph(t)) has no such limit."
    )

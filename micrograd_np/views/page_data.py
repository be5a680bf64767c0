"""Page data: all that the step-through page shows, as JSON. Floor 8."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .heat import data_of
from .labels import amount, clean, pretty
from .places import label_size, laid_out
from .printing import spans
from .tape import UnspelledError, taped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cards import Board
    from .places import Layout, Place
    from .walk import Arrow, Walk

ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}  # has no meaning to HTML then
Pieces = list[Any]  # of a formula: a sign, the number of the card of a name, or [a name]


def as_json(data: dict[str, Any]) -> str:
    """Return data as JSON text that may stand within a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(ESCAPED)


def page_data(walk: Walk, tape: dict[str, Any]) -> dict[str, Any]:
    """Return what the page shows of a walk, and computes anew from the tape of its board.

    ``cards`` have title ``t``, role ``r``, formula ``f``, badge ``b``, value ``v``, gradient ``g``,
    place ``p`` and scope ``s``. ``arrows`` go from card ``t`` to card ``h``, with the symbol ``y``,
    the word ``w`` and the number ``n`` of the local derivative, the contribution ``c``, its formula
    ``e``, the sum so far ``s`` if there was one before, the control points ``p`` and the place of
    the label ``l``. ``scopes`` have a title ``t``, a place ``p`` and the scope ``u`` around them.
    """
    layout = laid_out(walk)
    boxes = list(layout.boxes)
    cards = [card_data(walk, layout, boxes, i) for i in range(len(walk.cards))]
    arrows = [arrow_data(walk, layout, x) for entering in walk.arrows for x in entering]
    scopes = [
        {
            "t": pretty(at[-1].name) or " ",
            "p": rounded(layout.boxes[at]),
            "u": boxes.index(at[:-1]) if at[:-1] else -1,
        }
        for at in boxes
    ]
    return {
        "cards": cards,
        "arrows": arrows,
        "scopes": scopes,
        "across": layout.across,
        "seed": data_of(walk.seed),
        "tape": tape,
    }


def tape_data(board: Board) -> dict[str, Any]:
    """Return the tape of the page, or why there is none."""
    try:
        tape = taped(board)
    except UnspelledError as error:
        return {"off": clean(str(error), 200)}
    return {"operations": tape.operations, "programs": tape.programs}


def card_data(walk: Walk, layout: Layout, boxes: list[Any], i: int) -> dict[str, Any]:
    """Return a card."""
    card, at = walk.cards[i], walk.paths[i]
    data = {
        "t": card.title,
        "r": card.role,
        "v": {"x": f"now {amount(card.value)}"} if card.changed else data_of(card.value),
        "p": rounded(layout.cards[i]),
        "s": boxes.index(at) if at else -1,
    }
    if card.formula is not None:
        data["f"] = pieces(walk, i, spans(card.formula, loose=True))
    if card.badge:
        data["b"] = card.badge
    if card.gradient is not None:
        data["g"] = data_of(card.gradient)
    return data


def arrow_data(walk: Walk, layout: Layout, arrow: Arrow) -> dict[str, Any]:
    """Return an arrow."""
    points, label = layout.arrows[arrow.tail, arrow.head]
    symbol, word = arrow.label
    data: dict[str, Any] = {"t": arrow.tail, "h": arrow.head, "p": rounded(points)}
    if symbol:
        data["y"] = pieces(walk, arrow.head, symbol)
    if word:
        data["w"] = word
    size = label_size(arrow)
    if label is not None and size is not None:
        data["l"] = rounded((*label, size[0]))
    if arrow.share is not None:
        data["c"] = data_of(arrow.share)
        if arrow.total is not arrow.share:
            data["s"] = data_of(arrow.total)
    if arrow.local is not None and not isinstance(number := data_of(arrow.local), dict):
        data["n"] = number
    if arrow.written is not None:
        data["e"] = pieces(walk, arrow.head, spans(arrow.written, loose=True))
    return data


def pieces(walk: Walk, head: int, found: Iterable[tuple[str, bool]]) -> Pieces:
    """Return the pieces of a formula of a card, its names as numbers of the cards they mean."""
    near = [head, *[arrow.tail for arrow in walk.arrows[head]]]
    titles = [walk.cards[i].title for i in near]
    known = {t: i for t, i in zip(titles, near, strict=True) if t and titles.count(t) == 1}
    shown: Pieces = []
    for text, named in found:
        if named:
            shown.append(known.get(text, [text]))
        elif shown and isinstance(shown[-1], str):
            shown[-1] += text
        else:
            shown.append(text)
    return shown


def rounded(place: Place | Iterable[float]) -> list[float]:
    """Return positions in tenths of a pixel."""
    return [round(x, 1) for x in place]

"""Numbering: names that were made up are counted anew in a drawing that shows but some. Floor 8."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from .expressions import Expression
from .labels import pretty
from .printing import spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .cards import Card, Drawing
    from .derivatives import Label


def renumbered(drawing: Drawing, made: Mapping[str, str]) -> Drawing:
    """Return a drawing whose made-up names count from the first that is shown: t₁, not t₇₁.

    ``made`` tells for each such name what it was made of: a letter, or the name of a scope, which
    alone is enough for the first of its values.
    """
    taken = {title for card in drawing.cards for title in card.title.split(" = ")} - made.keys()
    counts: Counter[str] = Counter()
    new: dict[str, str] = {}
    for old in (name for card in drawing.cards for name in names(card)):
        if old in made and old not in new:
            base = made[old]
            title = pretty(base) if len(base) > 1 else ""
            while not title or title in taken:
                counts[base] += 1
                title = pretty(f"{base}_{counts[base]}")
            taken.add(title)
            new[old] = title
    cards = [recalled(card, new) for card in drawing.cards]
    edges = [replace(edge, label=relabelled(edge.label, new)) for edge in drawing.edges]
    return replace(drawing, cards=cards, edges=edges)


def names(card: Card) -> Iterator[str]:
    """Yield the names on a card: in its formula, and its own."""
    if card.formula is not None:
        yield from (text for text, named in spans(card.formula) if named)
    if card.role != "module":
        yield from card.title.split(" = ")


def recalled(card: Card, new: Mapping[str, str]) -> Card:
    """Return a card with other names."""
    title = card.title
    if card.role != "module":
        title = " = ".join(new.get(name, name) for name in title.split(" = "))
    formula = None if card.formula is None else respelled(card.formula, new)
    return replace(card, title=title, formula=formula)


def respelled(e: Expression, new: Mapping[str, str]) -> Expression:
    """Return a formula with other names."""
    if e.op == "name":
        return Expression("name", new.get(e.args[0], e.args[0]))
    args = [respelled(x, new) if isinstance(x, Expression) else x for x in e.args]
    return Expression(e.op, *args)


def relabelled(label: Label, new: Mapping[str, str]) -> Label:
    """Return what an edge says, with other names."""
    pieces = [(new.get(text, text) if named else text, named) for text, named in label.symbol]
    return label._replace(symbol=tuple(pieces))

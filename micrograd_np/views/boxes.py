"""Boxes: the named scopes around the cards of a drawing. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cards import Drawing

DEEPEST = 2  # scopes within each other that are drawn
Path = tuple[Any, ...]  # scopes from the outermost in


def path(scope: Any) -> Path:
    """Return a scope and those around it, the outermost first."""
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return tuple(reversed(found))


def drawn_paths(drawing: Drawing) -> list[Path]:
    """Return the boxes of each card, from the outermost in.

    An inner scope of a single card is drawn as part of the outer one where formulas are shown:
    the formula tells as much.
    """
    paths = [path(card.scope)[:DEEPEST] for card in drawing.cards]
    if any(card.badge for card in drawing.cards):
        return paths
    return [p[:-1] if len(p) > 1 and paths.count(p) == 1 else p for p in paths]

"""Tables: the rows of a card, and how they are written as a label of Graphviz. Floor 8."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .labels import INLINE, amount, dimensions, escape_dot, is_strange, shape_of
from .metrics import width
from .printing import spans

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .cards import Card
    from .theme import Theme

SIZE, SMALL, LARGE = 12, 11, 14  # points: of a card, of labels and titles, of a badge
GAP = 8  # points between the name and the value of a variable
LONGEST = 28  # characters of the formula of a module


class Run(NamedTuple):
    """Some letters in one style."""

    text: str
    color: str = ""
    italic: bool = False
    bold: bool = False
    size: int = SIZE


class Cell(NamedTuple):
    """A part of a row: what it says, and at which side."""

    runs: tuple[Run, ...] = ()
    align: str = "LEFT"
    span: int = 1

    @property
    def width(self) -> int:
        """How wide its text is at most, in points."""
        return math.ceil(sum(width(r.text, r.size, r.bold) for r in self.runs))


class Table(NamedTuple):
    """The rows of a card; ``rules`` stand above some of them, the badge left of them all."""

    rows: list[list[Cell]]
    badge: Cell | None = None
    rules: tuple[int, ...] = ()
    padding: int = 2

    @property
    def width(self) -> float:
        """How wide the card is, in points."""
        gaps = 2 * self.padding
        rows = [sum(c.width + gaps for c in row) + GAP * (len(row) - 1) for row in self.rows]
        return max(rows, default=0) + (0 if self.badge is None else self.badge.width + 12)

    def cells(self) -> list[Cell]:
        """Return the cells in the order in which they are written."""
        rows = [c for row in self.rows for c in row]
        return rows if self.badge is None else [self.badge, *rows]

    def html(self) -> str:
        """Return the label."""
        rows = [written(row) for row in self.rows]
        if self.badge is not None:
            options = f' ROWSPAN="{len(rows)}" CELLPADDING="6"'
            rows[0] = f"{cell(self.badge, options)}<VR/>{rows[0]}"
        body = "".join("<HR/>" * (i in self.rules) + f"<TR>{r}</TR>" for i, r in enumerate(rows))
        return table(body, self.padding)


class Tables:
    """Cards as tables, in one theme."""

    def __init__(self, theme: Theme, values: bool, gradients: bool, wires: bool) -> None:
        self.theme, self.values, self.gradients, self.wires = theme, values, gradients, wires

    def card(self, card: Card) -> Table:
        """Return the rows of a card."""
        if card.role == "module":
            return self.module(card)
        title, value = self.title(card), self.value(card)
        leaf = card.formula is None
        shown = [c for c in (title, value) if c is not None]
        rows = [shown] if leaf and len(shown) == 2 else [[c] for c in shown]
        if self.gradients and not self.wires and card.gradient is not None and not several(card):
            g = self.amount(card.gradient, self.theme.gradient, "∂ ")
            rows.append([Cell((g,), "RIGHT", 3 if leaf else 1)])
        if not card.badge:
            return Table(rows)
        sign = Cell((Run(card.badge, bold=True, size=LARGE),), "CENTER")
        return Table(rows or [[Cell()]], sign, padding=4)

    def module(self, card: Card) -> Table:
        """Return the rows of a module: its name and formula, its parameters, how many numbers."""
        muted = self.theme.muted
        times = [Run(f" ×{card.times}", muted)] if card.times > 1 else []
        columns = 3 if card.parts else 1
        rows = [[Cell((Run(card.title, bold=True), *times), "CENTER", columns)]]
        if card.formula is not None and card.formula.length <= LONGEST:
            rows.append([Cell(pieces(spans(card.formula, loose=True), muted), "CENTER", columns)])
        rules = [len(rows)] if card.parts else []
        for part in card.parts:
            shape = "" if part.value is None else dimensions(np.shape(part.value)).strip("(,)")
            name = Cell((Run(part.title, italic=True),))
            rows.append([name, Cell((Run(shape, muted),) if shape else (), "RIGHT")])
        counted = [part for part in card.parts if part.value is not None and part.counted]
        sizes = [np.size(part.value) * part.times for part in counted]
        if sizes:
            rules.append(len(rows))
            note = f"{sum(sizes):,} params".replace(",", "\u2009")
            rows.append([Cell((Run(note, muted),), "CENTER", columns)])
        return Table(rows, rules=tuple(rules), padding=4)

    def title(self, card: Card) -> Cell | None:
        """Return the name of a card and, where operations are folded, its formula."""
        leaf = card.role == "parameter"
        runs: tuple[Run, ...] = (Run(card.title, italic=True, bold=leaf),) if card.title else ()
        if card.times > 1:
            runs = (*runs, Run(f" ×{card.times}", self.theme.muted))
        if card.formula is not None and not card.badge:
            equals = (Run(" = ", self.theme.muted),) if runs else ()
            formula = pieces(spans(card.formula, loose=True), self.theme.muted)
            runs = joined((*runs, *equals, *formula))
        return Cell(runs) if runs else None

    def value(self, card: Card) -> Cell | None:
        """Return the value of a card, unless the edges tell its shape already."""
        if not self.values or (self.wires and math.prod(shape_of(card.value)) > INLINE):
            return None
        if several(card):  # each has another value
            shape = Run(dimensions(shape_of(card.value)), self.theme.value)
            return None if self.wires else Cell((shape,), "RIGHT")
        now = "now " if card.changed else ""
        color = self.theme.gradient if card.backward else self.theme.value
        return Cell((self.amount(card.value, color, now),), "RIGHT")

    def amount(self, value: Any, color: str, sign: str = "") -> Run:
        """Return a value or gradient in its colour; red where it is not finite."""
        return Run(sign + amount(value), self.theme.strange if is_strange(value) else color)


def several(card: Card) -> bool:
    """Tell whether a card stands for several values."""
    return card.times > 1 or card.typical


def pieces(found: Iterable[tuple[str, bool]], color: str = "", size: int = SIZE) -> tuple[Run, ...]:
    """Return the pieces of a formula, names in italics."""
    return joined(Run(piece, color, named, size=size) for piece, named in found)


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs with neighbours in one style as one, as Graphviz reads them."""
    found: list[Run] = []
    for r in runs:
        if found and found[-1][1:] == r[1:]:
            found[-1] = found[-1]._replace(text=found[-1].text + r.text)
        else:
            found.append(r)
    return tuple(found)


def written(row: list[Cell]) -> str:
    """Return the cells of a row; the two of a variable with a gap between."""
    if len(row) == 2 and row[1].align == "RIGHT":
        return f'{cell(row[0])}<TD WIDTH="{GAP}"></TD>{cell(row[1])}'
    return "".join(map(cell, row))


def cell(c: Cell, options: str = "") -> str:
    """Return a cell, wide enough for its text in any of the usual fonts."""
    span = f' COLSPAN="{c.span}"' if c.span > 1 else ""
    wide = f' WIDTH="{c.width}"' if c.runs else ""
    return f'<TD ALIGN="{c.align}"{span}{wide}{options}>{"".join(map(run, c.runs))}</TD>'


def run(r: Run) -> str:
    """Return a run of letters."""
    text = escape_dot(r.text)
    size = f' POINT-SIZE="{r.size}"' if r.size == LARGE else ""
    color = f' COLOR="{r.color}"' if r.color else ""
    text = f"<I>{text}</I>" if r.italic else text
    text = f"<FONT{color}{size}>{text}</FONT>" if color or size else text
    return f"<B>{text}</B>" if r.bold else text


def line(runs: Iterable[Run], padding: int = 0) -> str:
    """Return a label of one line."""
    row = cell(Cell(tuple(runs), "CENTER"))
    return f"<{table(f'<TR>{row}</TR>', padding)}>"


def table(body: str, padding: int) -> str:
    """Return a table without lines."""
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>'

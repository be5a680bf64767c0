"""Still: a drawing as DOT, as SVG, in other formats, and in words. Floor 8."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .dot import Writer, page_color
from .labels import amount, dimensions, escape, shape_of
from .printing import plain
from .render import rendered
from .svg import as_page, as_svg
from .tables import several
from .titles import better_frames

if TYPE_CHECKING:
    from .cards import Card, Drawing
    from .dot import Frames


class Still:
    """A drawing in one theme, with or without numbers."""

    def __init__(self, drawing: Drawing, theme: str, values: bool) -> None:
        self.drawing, self.theme, self.values = drawing, theme, values

    @cached_property
    def dot(self) -> Any:
        """The graph as a ``graphviz.Digraph``; its text is always the same."""
        return self.writer({}).digraph()

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        writer, _, drawn = self.laid_out
        return as_svg(drawn, writer, self.lines, self.theme)

    def writer(self, frames: Frames) -> Writer:
        """Return what writes the drawing, with boxes drawn so."""
        return Writer(self.drawing, self.theme, self.values, frames)

    @cached_property
    def laid_out(self) -> tuple[Writer, str, bytes]:
        """The picture as Graphviz drew it, with titles and labels that nothing crosses."""
        writer = self.writer({})
        source = writer.digraph().source
        drawn = rendered(source, "svg")
        frames = better_frames(drawn, writer)
        if frames:
            writer = self.writer(frames)
            source = writer.digraph().source
            drawn = rendered(source, "svg")
        return writer, source, drawn

    def content(self, form: str) -> bytes:
        """Return the picture as a file of this format."""
        if form == "dot":
            return self.dot.source.encode()  # type: ignore[no-any-return]
        if form == "svg":
            return self.svg.encode()
        if form == "html":
            title = escape(f"Graph of {self.lines[-1]}")
            return as_page(self.svg, title, page_color(self.theme)).encode()
        return rendered(self.laid_out[1], form)

    @property
    def lines(self) -> list[str]:
        """The picture in words: one line for each card, the oldest value first."""
        return [self.line(card) for card in self.drawing.cards]

    def line(self, card: Card) -> str:
        """Return what a card shows, in words."""
        words = card.title + (f" ×{card.times}" if card.times > 1 else "")
        if card.formula is not None:
            words += (" = " if words else "") + plain(card.formula, loose=True)
        for part in card.parts:
            shape = "" if part.value is None else f" {dimensions(np.shape(part.value))}"
            words += f"   {part.title}{shape}"
        if self.values and card.role not in ("module", "alias", "stub"):
            many = several(card)  # each has another value
            shown = dimensions(shape_of(card.value)) if many else amount(card.value)
            words += (": " if words else "") + "now " * card.changed + shown
            if not many and self.drawing.differentiated and card.gradient is not None:
                words += f"   ∂ {amount(card.gradient)}"
        return words

"""DOT: the text that Graphviz lays out, the same for the same graph. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .boxes import Path
from .boxes import drawn_paths as drawn_paths
from .direction import is_across
from .labels import amount, is_strange, pretty, without_number
from .tables import SMALL, Cell, Run, Tables, joined, line, pieces, run
from .theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cards import Card, Drawing, Edge

FONT = "Arial,Helvetica,Liberation Sans,DejaVu Sans,sans-serif"
BORDERS = {"target": "rounded,filled,dashed"}  # roles differ in shape too, not by colour alone
MANY = 100  # cards from which on the layout is hurried
HEAVY = ("loss", "gradient")  # roles with a thick border
BARE = ("number", "alias", "stub")  # roles without a box


class Frame(NamedTuple):
    """How the box of a scope is drawn: where its title stands, and its margin in points."""

    place: str = "t"  # or b
    side: str = "l"  # or c, r
    margin: int = 10


Frames = dict[int, Frame]  # by the numbers of boxes


class Writer:
    """One drawing in one theme, as Graphviz reads it."""

    def __init__(self, drawing: Drawing, theme: str, values: bool, frames: Frames) -> None:
        self.drawing, self.values = drawing, values
        self.theme = THEMES.get(theme, THEMES["light"])
        self.tables = Tables(self.theme, values, drawing.differentiated and values, drawing.wires)
        self.paths = drawn_paths(drawing)
        self.labels = [self.label(edge) for edge in drawing.edges]
        self.across = is_across(drawing, self.tables, self.labels)
        self.entered = {edge.head for edge in drawing.edges}
        self.boxes: list[Path] = []
        self.frames = frames
        ends = [(edge.tail, edge.head) for edge in drawing.edges]
        self.said = dict(zip(ends, self.labels, strict=True))

    def digraph(self) -> Any:
        """Return the graphviz.Digraph."""
        import graphviz

        graph = graphviz.Digraph("micrograd_np")
        theme = self.theme
        graph.attr(
            rankdir="LR" if self.across else "TB", bgcolor=theme.page, pad="0.15",
            nodesep="0.22" if self.across else "0.4", ranksep="0.45",
            fontname=FONT, fontsize="11", fontcolor=theme.muted,
            label=f"<{''.join(map(run, self.caption()))}>", labelloc="b", labeljust="l",
        )  # fmt: skip
        graph.attr(
            "node", shape="box", style="rounded,filled", margin="0.06,0.03", width="0.3",
            height="0.2", fontname=FONT, fontsize="12", fontcolor=theme.text, penwidth="1.2",
        )  # fmt: skip
        graph.attr(
            "edge", color=theme.line, penwidth="1.2", arrowsize="0.7",
            fontname=FONT, fontsize="11", fontcolor=theme.muted,
        )  # fmt: skip
        if len(self.drawing.cards) > MANY:
            graph.attr(nslimit="1")  # a good order is found in half the time of the best
        self.box(graph, ())
        for edge, label in zip(self.drawing.edges, self.labels, strict=True):
            graph.edge(f"n{edge.tail}", f"n{edge.head}", **self.arrow(edge, label))
        return graph

    def box(self, graph: Any, path: Path) -> None:
        """Write the cards of a scope, each inner scope where its first card stands."""
        done = set()
        for i, card in enumerate(self.drawing.cards):
            inner = self.paths[i][: len(path) + 1]
            if self.paths[i] == path:
                graph.node(f"n{i}", **self.node(card))
            elif inner[:-1] == path and inner not in done:
                done.add(inner)
                self.boxes.append(inner)
                with graph.subgraph(name=f"cluster_{len(self.boxes)}") as sub:
                    sub.attr(**self.frame(inner))
                    self.box(sub, inner)

    def frame(self, path: Path) -> dict[str, str]:
        """Return how the box of a scope looks."""
        fill = self.theme.box[0] if len(path) % 2 else self.theme.page
        place, side, margin = self.frame_of(len(self.boxes))
        return {
            "label": line([self.heading(path)]),
            "labelloc": place, "labeljust": side,
            "style": "rounded,filled", "fillcolor": fill, "color": self.theme.box[1],
            "penwidth": "1.2", "margin": str(margin),
        }  # fmt: skip

    def frame_of(self, number: int) -> Frame:
        """Return how a box is drawn: its title where few arrows come in, unless told."""
        return self.frames.get(number, Frame(side="r" if self.across else "l"))

    def heading(self, path: Path) -> Run:
        """Return the title of the box of a scope."""
        name, times = path[-1].name, self.drawing.times.get(path[-1], 1)
        title = f"{pretty(without_number(name) or name)} ×{times}" if times > 1 else pretty(name)
        return Run(title or "\u00a0", size=SMALL)

    def bare(self, card: Card) -> Run:
        """Return what a card without a box says."""
        number = card.role == "number"
        return Run(amount(card.value) if number else card.title, self.theme.muted, not number)

    def cells(self, i: int) -> list[Cell]:
        """Return what a card says, in the order in which it is written."""
        card = self.drawing.cards[i]
        if card.role in BARE:
            return [Cell((self.bare(card),), "CENTER")]
        return self.tables.card(card).cells()

    def node(self, card: Card) -> Mapping[str, str]:
        """Return how a card looks."""
        if card.role in BARE:
            label = line([self.bare(card)])
            return {"label": label, "shape": "plaintext", "style": "", "margin": "0.03,0.01"}
        fill, border = self.theme.roles.get(look(card), self.theme.swept)
        strange = self.values and (is_strange(card.value) or is_strange(card.gradient))
        return {
            "label": f"<{self.tables.card(card).html()}>",
            "fillcolor": fill,
            "color": self.theme.strange if strange else border,
            "penwidth": "2.5" if card.role in HEAVY else "1.2",
            "style": BORDERS.get(card.role, "rounded,filled"),
            "margin": "0,0" if card.badge or card.role == "module" else "0.06,0.03",
        }

    def label(self, edge: Edge) -> list[Run]:
        """Return what an edge says: its local derivative, or the shape of what flows along it."""
        if not (self.drawing.differentiated or self.drawing.wires):
            return []
        symbol, q = edge.label
        shown = list(pieces(symbol, size=SMALL))
        if q and (self.values or self.drawing.wires):
            shown.append(Run((" = " if shown else "") + q, size=SMALL))
        return list(joined(shown))

    def arrow(self, edge: Edge, label: list[Run]) -> dict[str, str]:
        """Return how an edge looks; dashed where no derivative passes."""
        options = {} if edge.tracked or self.drawing.wires else {"style": "dashed"}
        if edge.tail in self.entered and not self.across:
            options["weight"] = "4"  # the main line stays straight
        if label:
            options["label"] = line(label, 1 if self.across else 3)
        return options

    def caption(self) -> list[Run]:
        """Return the line that says how to read the picture."""
        drawing, muted = self.drawing, self.theme.muted
        shown = [Run("value", self.theme.value)] if self.values and not drawing.wires else []
        if drawing.wires:
            shown.append(Run("edge: shape", muted))
        elif drawing.backward:
            shown += [Run("∂", self.theme.gradient), Run("the backward pass", muted)]
        elif not drawing.differentiated:
            shown.append(Run("forward only — backward() not run", muted))
        elif self.values:
            meaning = f"∂ = {drawing.of}/∂(this)" if drawing.of else "∂ = gradient"
            shown.append(Run(meaning, self.theme.gradient))
        if drawing.differentiated and drawing.edges and not drawing.wires:
            shown.append(Run("edge: local derivative", muted))
        if drawing.note:
            shown.append(Run(drawing.note, muted))
        gaps = [Run("\u00a0" * 3, muted, size=SMALL)] * len(shown)
        small = [part._replace(size=SMALL) for part in shown]
        return [part for pair in zip(small, gaps, strict=True) for part in pair][:-1]


def look(card: Card) -> str:
    """Return the role that a card looks like."""
    if card.role != "module":
        return card.role
    return "parameter" if card.parts else "op"


def page_color(theme: str) -> str:
    """Return the colour of the page around a picture, as CSS."""
    if theme == "auto":
        return f"light-dark({THEMES['light'].page},{THEMES['dark'].page});color-scheme:light dark"
    return THEMES[theme].page

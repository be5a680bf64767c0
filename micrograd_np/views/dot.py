"""DOT: the text that Graphviz lays out, the same for the same graph. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .direction import is_across
from .labels import amount, escape_dot, is_strange, pretty
from .printing import spans
from .theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cards import Card, Drawing, Edge

FONT = "Arial,Helvetica,Liberation Sans,DejaVu Sans,sans-serif"
DEEPEST = 2  # scopes within each other that are drawn
BORDERS = {"target": "rounded,filled,dashed"}  # roles differ in shape too, not by colour alone
Path = tuple[Any, ...]  # scopes from the outermost in


def digraph(drawing: Drawing, theme: str, values: bool) -> Any:
    """Return a drawing as a graphviz.Digraph."""
    return Writer(drawing, theme, values).digraph()


class Writer:
    """One drawing in one theme, as Graphviz reads it."""

    def __init__(self, drawing: Drawing, theme: str, values: bool) -> None:
        self.drawing, self.theme, self.values = drawing, THEMES[theme], values
        self.gradients = drawing.differentiated and values
        self.paths = drawn_paths(drawing)
        self.across = is_across(drawing, values)
        self.boxes: list[Path] = []

    def digraph(self) -> Any:
        """Return the graphviz.Digraph."""
        import graphviz

        graph = graphviz.Digraph("micrograd_np")
        theme = self.theme
        graph.attr(
            rankdir="LR" if self.across else "TB", bgcolor=theme.page, pad="0.15",
            nodesep="0.22" if self.across else "0.4", ranksep="0.45",
            fontname=FONT, fontsize="11", fontcolor=theme.muted,
            label=self.caption(), labelloc="b", labeljust="l",
        )  # fmt: skip
        graph.attr(
            "node", shape="box", style="rounded,filled", margin="0.06,0.03", width="0.3",
            height="0.2", fontname=FONT, fontsize="12", fontcolor=theme.text, penwidth="1.2",
        )  # fmt: skip
        graph.attr(
            "edge", color=theme.line, penwidth="1.2", arrowsize="0.7",
            fontname=FONT, fontsize="11", fontcolor=theme.muted,
        )  # fmt: skip
        self.box(graph, ())
        for edge in self.drawing.edges:
            self.edge(graph, edge)
        return graph

    def box(self, graph: Any, path: Path) -> None:
        """Write the cards of a scope, each inner scope where its first card stands."""
        done = set()
        for i, card in enumerate(self.drawing.cards):
            inner = self.paths[i][: len(path) + 1]
            if self.paths[i] == path:
                self.card(graph, i, card)
            elif inner[:-1] == path and inner not in done:
                done.add(inner)
                self.boxes.append(inner)
                with graph.subgraph(name=f"cluster_{len(self.boxes)}") as sub:
                    sub.attr(**self.frame(inner))
                    self.box(sub, inner)

    def frame(self, path: Path) -> dict[str, str]:
        """Return how the box of a scope looks; its title stands where few arrows come in."""
        fill = self.theme.box[0] if len(path) % 2 else self.theme.page
        return {
            "label": f"<{escape_dot(pretty(path[-1].name)) or '&#160;'}>",
            "labelloc": "t", "labeljust": "r" if self.across else "l",
            "style": "rounded,filled", "fillcolor": fill, "color": self.theme.box[1],
            "penwidth": "1.2", "margin": "10",
        }  # fmt: skip

    def card(self, graph: Any, i: int, card: Card) -> None:
        """Write a card."""
        if card.role == "number":
            label = f"<{self.text(amount(card.value), self.theme.muted)}>"
            graph.node(f"n{i}", label, shape="plaintext", style="", margin="0.02,0.01")
            return
        fill, border = self.theme.roles[card.role]
        strange = self.values and (is_strange(card.value) or is_strange(card.gradient))
        graph.node(
            f"n{i}",
            f"<{self.table(card)}>",
            fillcolor=fill,
            color=self.theme.strange if strange else border,
            penwidth="2.5" if card.role == "loss" else "1.2",
            style=BORDERS.get(card.role, "rounded,filled"),
            margin="0,0" if card.badge else "0.06,0.03",
        )

    def table(self, card: Card) -> str:
        """Return the rows of a card as an HTML-like label."""
        now = "now " if card.changed else ""
        value = self.amount(card.value, self.theme.value, now) if self.values else ""
        rows, title = [], self.title(card)
        if card.formula is None and value:
            rows.append(f'{cell(title, "LEFT")}<TD WIDTH="8"></TD>{cell(value, "RIGHT")}')
        else:
            rows += [cell(title, "LEFT")] if title else []
            rows += [cell(value, "RIGHT")] if value else []
        if self.gradients and card.gradient is not None:
            g = self.amount(card.gradient, self.theme.gradient, "∂ ")
            span = ' COLSPAN="3"' if card.formula is None else ""
            rows.append(cell(g, "RIGHT", span))
        if card.badge:
            rows = rows or [cell("", "LEFT")]
            sign = f'<B><FONT POINT-SIZE="14">{escape_dot(card.badge)}</FONT></B>'
            badge = cell(sign, "CENTER", f' ROWSPAN="{len(rows)}" CELLPADDING="6"')
            rows[0] = f"{badge}<VR/>{rows[0]}"
        body = "".join(f"<TR>{row}</TR>" for row in rows)
        space = 4 if card.badge else 2
        return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{space}">{body}</TABLE>'

    def title(self, card: Card) -> str:
        """Return the name of a card and, where operations are folded, its formula."""
        name = f"<I>{escape_dot(card.title)}</I>" if card.title else ""
        if card.role == "parameter":
            return f"<B>{name}</B>"
        if card.badge or card.formula is None:
            return name
        written = self.pieces(spans(card.formula, loose=True))
        formula = f'<FONT COLOR="{self.theme.muted}">{" = " if name else ""}{written}</FONT>'
        return name + formula

    def edge(self, graph: Any, edge: Edge) -> None:
        """Write an edge with its local derivative; dashed where no derivative passes."""
        options = {} if edge.tracked else {"style": "dashed"}
        symbol, q = edge.label
        shown = self.pieces(symbol)
        if self.values and q:
            shown += (" = " if shown else "") + escape_dot(q)
        if shown and self.drawing.differentiated:
            options["label"] = f"<{shown}>" if self.across else f"<&#160;{shown}&#160;>"
        graph.edge(f"n{edge.tail}", f"n{edge.head}", **options)

    def caption(self) -> str:
        """Return the line that says how to read the picture."""
        shown = [self.text("value", self.theme.value)] if self.values else []
        if not self.drawing.differentiated:
            shown.append("forward only — backward() not run")
        elif self.values:
            of = self.drawing.of
            meaning = f"∂ = {of}/∂(this)" if of else "∂ = gradient"
            shown.append(self.text(meaning, self.theme.gradient))
        if self.drawing.differentiated and self.drawing.edges:
            shown.append("edge: local derivative")
        return f"<{'&#160;&#160;&#160;'.join(shown)}>"

    def amount(self, value: Any, color: str, sign: str = "") -> str:
        """Return a value or gradient in its colour; red where it is not finite."""
        return self.text(sign + amount(value), self.theme.strange if is_strange(value) else color)

    def text(self, words: str, color: str) -> str:
        """Return text in a colour."""
        return f'<FONT COLOR="{color}">{escape_dot(words)}</FONT>'

    def pieces(self, found: Iterable[tuple[str, bool]]) -> str:
        """Return the pieces of a formula, names in italics."""
        return "".join(f"<I>{escape_dot(p)}</I>" if named else escape_dot(p) for p, named in found)


def cell(content: str, align: str, options: str = "") -> str:
    """Return a cell of a table."""
    return f'<TD ALIGN="{align}"{options}>{content}</TD>'


def drawn_paths(drawing: Drawing) -> list[Path]:
    """Return the boxes of each card, from the outermost in.

    An inner scope of a single card is drawn as part of the outer one where formulas are shown:
    the formula tells as much.
    """
    paths = [path(card.scope)[:DEEPEST] for card in drawing.cards]
    if any(card.badge for card in drawing.cards):
        return paths
    return [p[:-1] if len(p) > 1 and paths.count(p) == 1 else p for p in paths]


def path(scope: Any) -> Path:
    """Return a scope and those around it, the outermost first."""
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return tuple(reversed(found))

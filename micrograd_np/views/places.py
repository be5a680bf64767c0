"""Places: where the cards of a page stand, laid out by Graphviz. Floor 8.

Graphviz is told the sizes alone, never a name: cards, labels and titles are boxes of known width.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .heat import grid_of
from .labels import amount, pretty
from .metrics import width as measured
from .printing import plain
from .render import rendered

if TYPE_CHECKING:
    from .cards import Card
    from .walk import Arrow, Walk

FONT, TITLE, SMALL = 15.0, 16.5, 12.5  # pixels: of a card, of its title, of an arrow's label
ROW, PAD, CELL = 20.0, 9.0, 9.0  # pixels: a row of text, around the text, an entry of a strip
AMOUNT = 62.0  # pixels: room for any number, so that one that is edited fits
TABLE = '<TABLE BORDER="0" CELLPADDING="0" CELLSPACING="0">'
LONGEST = 420.0  # pixels of a card; longer titles are cut where they are shown
MANY = 60  # cards: more are laid out once
TALL = 0.62  # height to width of the part of a page that shows the graph


class Place(NamedTuple):
    """A box: its centre and its size, in pixels from the top left."""

    x: float
    y: float
    width: float
    height: float


class Layout(NamedTuple):
    """Where everything stands: cards, arrows as Bezier curves with their labels, scopes."""

    size: tuple[float, float]
    across: bool  # data flow from left to right, not downwards
    cards: list[Place]
    arrows: dict[tuple[int, int], tuple[list[float], tuple[float, float] | None]]
    boxes: dict[tuple[Any, ...], Place]


def laid_out(walk: Walk) -> Layout:
    """Return the layout from left to right, or downwards if that fits a page much better."""
    across = untangled(walk, "LR")
    width, height = across.size
    if width <= 1400 or height > TALL * width:
        return across
    down = untangled(walk, "TB")
    return down if fit(down) > 1.25 * fit(across) else across


def untangled(walk: Walk, direction: str) -> Layout:
    """Return the layout in one direction, the arrows entering a card in the order they come from.

    Where each stands is known only afterwards, so it is laid out twice; a graph that nobody can
    see at a glance, once.
    """
    found = Plan(walk, direction).layout()
    if len(walk.cards) > MANY:
        return found
    side = 1 if direction == "LR" else 0
    order = [sorted(entering, key=lambda a: found.cards[a.tail][side]) for entering in walk.arrows]
    return Plan(walk, direction, order).layout()


def fit(layout: Layout) -> float:
    """Return how large a layout can be shown in a window."""
    width, height = layout.size
    return min(1 / width, TALL / height)


def size_of(card: Card) -> tuple[float, float]:
    """Return the width and height that a card needs."""
    if card.role == "number":
        return measured(amount(card.value), FONT) + 6, ROW
    blocks = [block(card.value)]
    if card.gradient is not None:
        blocks.append(block(card.gradient, "∂ "))
    title = measured(card.title + written(card), TITLE, bold=card.role == "parameter")
    if blocks[0][1] > ROW:  # strips of several rows stand side by side
        width = max(title, sum(block[0] for block in blocks) + 12)
        height = ROW + max(block[1] for block in blocks)
    else:
        beside = card.formula is None and grid_of(card.value) is None  # its name has room for both
        width = max(title + (14 + blocks[0][0] if beside else 0), *(block[0] for block in blocks))
        height = sum(block[1] for block in blocks) + (0 if beside else ROW)
    sign = max(26.0, measured(card.badge, 17) + 12) if card.badge else 0
    return min(width, LONGEST) + 2 * PAD + sign, height + PAD


def written(card: Card) -> str:
    """Return what a card says after its name."""
    return "" if card.badge or card.formula is None else " = " + plain(card.formula, loose=True)


def block(value: Any, sign: str = "") -> tuple[float, float]:
    """Return the size of a value on its card: a text, or a strip of cells with its shape."""
    grid = grid_of(value)
    if grid is None:
        text = measured(sign + amount(value), FONT)
        return (max(text, AMOUNT) if not np.ndim(value) else text), ROW
    rows, columns = grid
    return columns * CELL + measured(sign, FONT), max(rows * CELL + 5, ROW)


def label_size(arrow: Arrow) -> tuple[float, float] | None:
    """Return the size of the label of an arrow, if it has one."""
    symbol, number = arrow.label
    text = "".join(piece for piece, _ in symbol) + (" = " if symbol and number else "") + number
    return (measured(text, SMALL) + 8, 22.0) if text else None


class Plan:
    """A walk as boxes, in one direction."""

    def __init__(self, walk: Walk, direction: str, arrows: list[list[Arrow]] | None = None) -> None:
        self.walk, self.across = walk, direction == "LR"
        self.arrows = walk.arrows if arrows is None else arrows  # in the order of their ports
        self.boxes: list[tuple[Any, ...]] = []

    def source(self) -> str:
        """Return DOT text in which everything is a box."""
        gaps = "nodesep=0.3,ranksep=0.5" if self.across else "nodesep=0.35,ranksep=0.4"
        lines = [f"digraph{{graph[rankdir={'LR' if self.across else 'TB'},{gaps},pad=0]"]
        lines.append('node[shape=box,fixedsize=true,label="",margin=0]edge[arrowhead=none]')
        lines += self.inside(())
        out, into = "ew" if self.across else "sn"
        for entering in self.arrows:
            for k, arrow in enumerate(entering):
                size = label_size(arrow)
                label = f"[label={box(*size)}]" if size else ""
                lines.append(f"n{arrow.tail}:{out}->n{arrow.head}:p{k}:{into}{label}")
        return "\n".join([*lines, "}"])

    def inside(self, outer: tuple[Any, ...]) -> list[str]:
        """Return the cards of a scope, each inner scope where its first card stands."""
        lines, done = [], set()
        for i, at in enumerate(self.walk.paths):
            inner = at[: len(outer) + 1]
            if at == outer:
                lines.append(f"n{i}[{self.card(i)}]")
            elif inner[:-1] == outer and inner not in done:
                done.add(inner)
                self.boxes.append(inner)
                title = box(measured(pretty(inner[-1].name), SMALL) + 24, 14)
                lines.append(f"subgraph cluster_{len(self.boxes) - 1}{{")
                lines += [f"graph[margin=10,label={title}]", *self.inside(inner), "}"]
        return lines

    def card(self, i: int) -> str:
        """Return a card as a box with a port on its side for each arrow that enters it."""
        width, height = size_of(self.walk.cards[i])
        size = f"width={width / 72:.4f},height={height / 72:.4f}"
        count = len(self.walk.arrows[i])
        if not count:
            return size
        width, height = width - 4, height - 4  # Graphviz warns of a label as large as its box
        share = (height if self.across else width) / count
        sides = (width, share) if self.across else (share, height)
        cells = [cell(*sides, f' PORT="p{k}"') for k in range(count)]
        rows = [f"<TR>{x}</TR>" for x in cells] if self.across else ["<TR>", *cells, "</TR>"]
        return f"{size},label=<{TABLE}{''.join(rows)}</TABLE>>"

    def layout(self) -> Layout:
        """Return where Graphviz puts it all."""
        drawn = json.loads(rendered(self.source(), "json0"))
        _, _, width, height = numbers(drawn["bb"])

        def corner(text: str) -> Place:
            left, low, right, high = numbers(text)
            centre = (left + right) / 2, height - (low + high) / 2
            return Place(*centre, right - left, high - low)

        cards, boxes = {}, {}
        for found in drawn["objects"]:
            if found["name"].startswith("cluster_"):
                boxes[self.boxes[int(found["name"][8:])]] = corner(found["bb"])
            else:
                x, y = numbers(found["pos"])
                size = float(found["width"]) * 72, float(found["height"]) * 72
                cards[int(found["name"][1:])] = Place(x, height - y, *size)
        names = {found["_gvid"]: found["name"] for found in drawn["objects"]}
        arrows = {}
        for edge in drawn.get("edges", ()):
            ends = int(names[edge["tail"]][1:]), int(names[edge["head"]][1:])
            arrows[ends] = curve(edge, height)
        ordered = [cards[i] for i in range(len(cards))]
        return Layout((width, height), self.across, ordered, arrows, boxes)


def curve(edge: dict[str, str], height: float) -> tuple[list[float], tuple[float, float] | None]:
    """Return the control points of an arrow, and the centre of its label."""
    points = numbers(re.sub(r"[se],\S+ ", "", edge["pos"]))
    flipped = [height - p if i % 2 else p for i, p in enumerate(points)]
    if "lp" not in edge:
        return flipped, None
    x, y = numbers(edge["lp"])
    return flipped, (x, height - y)


def numbers(text: str) -> list[float]:
    """Return the numbers of a position."""
    return [float(x) for x in re.split(r"[ ,]+", text)]


def box(width: float, height: float) -> str:
    """Return an empty label of a known size."""
    return f"<{TABLE}<TR>{cell(width, height)}</TR></TABLE>>"


def cell(width: float, height: float, options: str = "") -> str:
    """Return an empty cell of a known size."""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{int(width)}" HEIGHT="{int(height)}"{options}></TD>'

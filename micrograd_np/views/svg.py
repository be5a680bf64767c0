"""SVG: what Graphviz drew, with text that flows in any font, and useful titles. Floor 8.

Graphviz writes each piece of a line where the fonts of this machine put it. Here the pieces of a
line become one text, at the left, at the right or in the middle of its cell, so that a picture made
here is whole where other fonts are installed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from .dot import FONT
from .labels import clean
from .metrics import width
from .tables import Cell
from .theme import THEMES

if TYPE_CHECKING:
    from .dot import Writer
    from .tables import Run

SVG, XML = "http://www.w3.org/2000/svg", "{http://www.w3.org/XML/1998/namespace}"
MARGIN = 4.32  # points between the border of a card and its table, unless it has a badge
ANCHORS = {"LEFT": "start", "CENTER": "middle", "RIGHT": "end"}
Element = ET.Element

ET.register_namespace("", SVG)


def as_svg(drawn: bytes, writer: Writer, lines: list[str], theme: str) -> str:
    """Return Graphviz's SVG for a page; ``lines`` say in words what each card shows."""
    root = ET.fromstring(drawn.decode())
    root.set("role", "img")
    root.set("font-family", FONT)
    root.set(f"{XML}space", "preserve")
    for group in root.iter(f"{{{SVG}}}g"):
        titled(group, lines)
        flowing(group, writer)
        group.attrib.pop("id", None)
    head = ET.Element(f"{{{SVG}}}title")
    head.text = f"Graph of {clean(lines[-1], 300)}"
    root.insert(0, head)
    if theme == "auto":
        root.set("class", "micrograd-auto")
        root.insert(1, dark_style())
    return re.sub(r' xmlns:xlink="[^"]*"', "", ET.tostring(root, "unicode"))


def titled(group: Element, lines: list[str]) -> None:
    """Let the title of a card say what it shows; others have none."""
    found = group.find(f"{{{SVG}}}title")
    if found is not None:
        match = re.fullmatch(r"n(\d+)", found.text or "")
        group.set("data", found.text or "")  # until its text is placed
        if match:
            found.text = clean(lines[int(match[1])], 300)
        else:
            group.remove(found)


def flowing(group: Element, writer: Writer) -> None:
    """Join the pieces of each line of text in a group, and anchor them."""
    name = group.attrib.pop("data", "")
    texts = group.findall(f"{{{SVG}}}text")
    cells = cells_of(name, group, writer)
    if sum(len(c.runs) for c in cells) != len(texts):
        return  # Graphviz broke them otherwise: leave them where it put them
    right = right_of(group)
    for c in cells:
        mine, texts = texts[: len(c.runs)], texts[len(c.runs) :]
        if mine:
            join(group, mine, c, right - padding(name, writer))


def cells_of(name: str, group: Element, writer: Writer) -> list[Cell]:
    """Return the cells of a card, of the label of an edge, of the title of a box, of a caption."""
    kind = group.get("class")
    if kind == "node":
        return writer.cells(int(name[1:]))
    if kind == "edge":
        tail, _, head = name.partition("->")
        return [Cell(tuple(writer.said[int(tail[1:]), int(head[1:])]), "CENTER")]
    if kind == "cluster":
        return [Cell((writer.heading(writer.boxes[int(name.rpartition("_")[2]) - 1]),), "CENTER")]
    return [Cell(tuple(writer.caption()))]


def padding(name: str, writer: Writer) -> float:
    """Return how far the text of a card ends before its border."""
    if not re.fullmatch(r"n\d+", name):
        return 0.0
    table = writer.tables.card(writer.drawing.cards[int(name[1:])])
    return table.padding + (MARGIN if table.padding < 4 else 0.0)


def right_of(group: Element) -> float:
    """Return the right border of the card that a group draws."""
    path = group.find(f"{{{SVG}}}path")
    found = [] if path is None else re.findall(r"(-?[\d.]+),-?[\d.]+", path.get("d", ""))
    return max(map(float, found), default=0.0)


def join(group: Element, texts: list[Element], c: Cell, right: float) -> None:
    """Make one text of the pieces of a line."""
    first = texts[0]
    x, middle = float(first.get("x", 0)), c.align == "CENTER"
    at = right if c.align == "RIGHT" else x + measured(c.runs) / 2 if middle else x
    first.set("text-anchor", ANCHORS[c.align])
    first.set("x", f"{at:.2f}")
    for text in texts:
        text.attrib.pop("font-family", None)
        text.attrib.pop(f"{XML}space", None)
    if len(texts) > 1:
        spans = [span(text, first) for text in texts[1:]]
        own = span(first, first)
        styled = {k: v for k, v in first.attrib.items() if k in ("font-style", "font-weight")}
        if styled:  # those that follow need not have the same
            for key in styled:
                del first.attrib[key]
            own.attrib |= styled
            first.text, spans = None, [own, *spans]
        first.extend(spans)
        for text in texts[1:]:
            group.remove(text)


def span(text: Element, first: Element) -> Element:
    """Return a piece of a line, with what differs from its beginning."""
    keys = ("font-style", "font-weight", "fill", "font-size")
    differing = {k: text.get(k, "") for k in keys if text.get(k) and text.get(k) != first.get(k)}
    keep = {k: text.get(k, "") for k in ("font-style", "font-weight") if text.get(k)}
    piece = ET.Element(f"{{{SVG}}}tspan", differing | keep)
    piece.text = text.text
    return piece


def measured(runs: tuple[Run, ...]) -> float:
    """Return how wide a line is at most."""
    return sum(width(run.text, run.size, run.bold) for run in runs)


def dark_style() -> Element:
    """Return the style that shows the light colours as the dark ones to readers who prefer them."""
    light, dark = THEMES["light"], THEMES["dark"]
    pairs: dict[tuple[str, str], str] = {}
    pairs["fill", light.swept[0]], pairs["stroke", light.swept[1]] = dark.swept
    for role, (fill, border) in light.roles.items():
        pairs["fill", fill], pairs["stroke", border] = dark.roles[role]
    for name in ("value", "gradient", "text", "muted", "strange"):
        pairs["fill", getattr(light, name)] = getattr(dark, name)
    pairs["stroke", light.line] = pairs["fill", light.line] = dark.line
    pairs["fill", light.box[0]], pairs["stroke", light.box[1]] = dark.box
    pairs["stroke", light.strange] = dark.strange
    rules = [f'.micrograd-auto [{k}="{c}"]{{{k}:{to}}}' for (k, c), to in pairs.items()]
    white = f'[fill="{light.page}"]'  # of a card above; here of the page
    pages = ", ".join(
        f".micrograd-auto {part}{white}" for part in (".graph>polygon", ".cluster path")
    )
    rules.append(f"{pages}{{fill:{dark.page}}}")
    style = ET.Element(f"{{{SVG}}}style")
    style.text = f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
    return style


def as_page(svg: str, title: str, page: str) -> str:
    """Return a page that shows a picture and nothing else; title and picture are escaped."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>body{{margin:0;background:{page}}}"
        f"svg{{max-width:100%;height:auto}}</style></head>\n<body>{svg}</body></html>\n"
    )

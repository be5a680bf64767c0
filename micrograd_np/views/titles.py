"""Titles: where those of boxes stand, and how wide boxes are, so that nothing is crossed. Floor 8.

Graphviz places arrows and boxes without regard to the titles of boxes, and boxes without regard to
some labels of arrows. What it drew is looked at, and what is crossed laid out anew.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, NamedTuple

from .dot import Frame, Frames
from .metrics import width
from .svg import SVG
from .tables import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dot import Writer

HEIGHT, INSET = 16.0, 8.0  # points: of a title, between it and the border of its box
STEPS = 12  # points of a curve that are tried, between two of its knots
NEAR, WIDEST = 2.0, 60  # points: between a label and a border, of a margin
Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


def better_frames(drawn: bytes, writer: Writer) -> Frames:
    """Return where titles stand that no arrow crosses, and how wide boxes are that cut no label.

    Nothing, if all is well already.
    """
    root = ET.fromstring(drawn.decode())
    groups = list(root.iter(f"{{{SVG}}}g"))
    arrows = [g for g in groups if g.get("class") == "edge"]
    curves = [list(along(g)) for g in arrows]
    labels = [box for g in arrows if (box := label_box(g)) is not None]
    boxes = [box_of(g) for g in groups if g.get("class") == "cluster"]
    frames: Frames = {}
    for number, (box, path) in enumerate(zip(boxes, writer.boxes, strict=True), start=1):
        frame = writer.frame_of(number)
        heading = writer.heading(path)
        wide = width(heading.text, heading.size) + 4
        places = [(frame.place, frame.side), *((p, x) for p in "tb" for x in "lcr")]
        crossings = [crossing(title_box(box, wide, place), curves) for place in places]
        margin = frame.margin + math.ceil(max((over(label, box) for label in labels), default=0))
        frames[number] = Frame(*places[crossings.index(min(crossings))], min(margin, WIDEST))
    return {} if all(frame == writer.frame_of(n) for n, frame in frames.items()) else frames


def over(label: Box, box: Box) -> float:
    """Return how far a label that begins inside a box reaches over its border."""
    x, y = (label.left + label.right) / 2, (label.top + label.bottom) / 2
    if not (box.left < x < box.right and box.top < y < box.bottom):
        return 0.0
    sides = label.right - box.right, box.left - label.left
    ends = label.bottom - box.bottom, box.top - label.top
    far = max(*sides, *ends) + NEAR
    return max(far, 0.0)


def label_box(group: ET.Element) -> Box | None:
    """Return the rectangle of the label of an arrow."""
    texts = list(group.iter(f"{{{SVG}}}text"))
    if not texts:
        return None
    left, bottom = (float(texts[0].get(key, 0)) for key in ("x", "y"))
    wide = sum(width(text.text or "", SMALL) for text in texts)
    return Box(left, bottom - SMALL, left + wide, bottom + SMALL / 4)


def title_box(box: Box, wide: float, place: tuple[str, str]) -> Box:
    """Return the rectangle that a title covers at a place in its box."""
    top = box.top if place[0] == "t" else box.bottom - HEIGHT - INSET / 2
    free = box.right - box.left - 2 * INSET - wide
    left = box.left + INSET + max(free, 0.0) * {"l": 0.0, "c": 0.5, "r": 1.0}[place[1]]
    return Box(left, top + INSET / 4, left + wide, top + HEIGHT + INSET / 2)


def crossing(box: Box, curves: list[list[Point]]) -> int:
    """Return how many arrows cross a rectangle."""
    return sum(
        any(box.left <= x <= box.right and box.top <= y <= box.bottom for x, y in curve)
        for curve in curves
    )


def box_of(group: ET.Element) -> Box:
    """Return the rectangle of a box that is drawn."""
    points = [point for path in group.iter(f"{{{SVG}}}path") for point in knots(path)]
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def knots(path: ET.Element) -> list[Point]:
    """Return the points that a path names."""
    found = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d", ""))
    return [(float(x), float(y)) for x, y in found]


def along(group: ET.Element) -> Iterator[Point]:
    """Yield points along the curves of an arrow."""
    for path in group.iter(f"{{{SVG}}}path"):
        points = knots(path)
        for i in range(0, len(points) - 3, 3):
            (a, b), (c, d), (e, f), (g, h) = points[i : i + 4]
            for n in range(STEPS + 1):
                t = n / STEPS
                s = 1 - t
                p, q, r, u = s**3, 3 * s * s * t, 3 * s * t * t, t**3
                yield p * a + q * c + r * e + u * g, p * b + q * d + r * f + u * h

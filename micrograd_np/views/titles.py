"""Titles: where those of boxes stand, so that no arrow crosses them. Floor 9."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, NamedTuple

from .metrics import width
from .svg import SVG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dot import Sides, Writer

HEIGHT, INSET = 16.0, 8.0  # points: of a title, between it and the border of its box
STEPS = 12  # points of a curve that are tried, between two of its knots
Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


def better_sides(drawn: bytes, writer: Writer) -> Sides:
    """Return where titles stand that no arrow crosses; nothing if that is so already."""
    root = ET.fromstring(drawn.decode())
    groups = list(root.iter(f"{{{SVG}}}g"))
    curves = [list(along(g)) for g in groups if g.get("class") == "edge"]
    boxes = [box_of(g) for g in groups if g.get("class") == "cluster"]
    sides: Sides = {}
    crossed = False
    for number, (box, path) in enumerate(zip(boxes, writer.boxes, strict=True), start=1):
        heading = writer.heading(path)
        wide = width(heading.text, heading.size) + 4
        usual = writer.side(number)
        places = [usual, *(("t", x) for x in "lcr" if x != usual[1]), *(("b", x) for x in "lcr")]
        crossings = [crossing(title_box(box, wide, place), curves) for place in places]
        best = places[crossings.index(min(crossings))]
        crossed = crossed or best != usual
        sides[number] = best
    return sides if crossed else {}


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

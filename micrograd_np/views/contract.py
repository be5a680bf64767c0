"""Contract: several cards of a drawing become one, some go, and their edges follow. Floor 8."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from .cards import Drawing, Edge
from .derivatives import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .cards import Card


def contracted(drawing: Drawing, groups: Iterable[tuple[Card, list[int]]]) -> Drawing:
    """Return a drawing with each group of cards replaced by one, which stands where its last was.

    Edges within a group go; those into it show the shape of what flows, for there is no one local
    derivative; those that join the same two cards become one.
    """
    stands: dict[int, int] = {}  # for each member, the last of its group
    whole: dict[int, Card] = {}
    for card, members in groups:
        last = max(members)
        whole[last] = card
        stands.update(dict.fromkeys(members, last))
    kept = [i for i in range(len(drawing.cards)) if stands.get(i, i) == i]
    place = {old: new for new, old in enumerate(kept)}
    cards = [whole.get(i, drawing.cards[i]) for i in kept]
    edges: list[Edge] = []
    for edge in drawing.edges:
        tail, head = stands.get(edge.tail, edge.tail), stands.get(edge.head, edge.head)
        if tail != head:
            label = Label((), edge.shape) if head in whole else edge.label
            edges.append(replace(edge, tail=place[tail], head=place[head], label=label))
    return in_order(replace(drawing, cards=cards, edges=merged(edges)))


def in_order(drawing: Drawing) -> Drawing:
    """Return a drawing whose cards stand after those that enter them, and else as they stood."""
    if all(edge.tail < edge.head for edge in drawing.edges):
        return drawing
    tails, heads = neighbours(drawing)
    waiting = {i: len(found) for i, found in tails.items()}
    free = [i for i, count in waiting.items() if not count]
    order: list[int] = []
    while free:
        i = heappop(free)
        order.append(i)
        for j in heads[i]:
            waiting[j] -= 1
            if not waiting[j]:
                heappush(free, j)
    place = {old: new for new, old in enumerate(order)}
    edges = [replace(e, tail=place[e.tail], head=place[e.head]) for e in drawing.edges]
    return replace(drawing, cards=[drawing.cards[i] for i in order], edges=merged(edges))


def merged(edges: list[Edge]) -> list[Edge]:
    """Return the edges in the order of their heads, those between the same two cards as one."""
    found: dict[tuple[int, int], list[Edge]] = {}
    for edge in edges:
        found.setdefault((edge.tail, edge.head), []).append(edge)
    return sorted(map(_one, found.values()), key=lambda edge: edge.head)


def _one(edges: list[Edge]) -> Edge:
    """Return an edge for several between two cards: it says what they say, or how many they are."""
    labels = list(dict.fromkeys(edge.label for edge in edges))
    shapes = list(dict.fromkeys(edge.shape for edge in edges))
    shape = shapes[0] if len(shapes) == 1 else f"{len(edges)} values"
    label = labels[0] if len(labels) == 1 else Label((), shape)
    return replace(edges[0], label=label, shape=shape, tracked=any(edge.tracked for edge in edges))


def without(drawing: Drawing, gone: set[int]) -> Drawing:
    """Return a drawing without some cards and the edges that end at them."""
    kept = [i for i in range(len(drawing.cards)) if i not in gone]
    place = {old: new for new, old in enumerate(kept)}
    edges = [
        replace(edge, tail=place[edge.tail], head=place[edge.head])
        for edge in drawing.edges
        if edge.tail in place and edge.head in place
    ]
    return replace(drawing, cards=[drawing.cards[i] for i in kept], edges=edges)


def neighbours(drawing: Drawing) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    """Return for each card those that enter it, and those that it enters."""
    tails: dict[int, list[int]] = {i: [] for i in range(len(drawing.cards))}
    heads: dict[int, list[int]] = {i: [] for i in range(len(drawing.cards))}
    for edge in drawing.edges:
        tails[edge.head].append(edge.tail)
        heads[edge.tail].append(edge.head)
    return tails, heads


def reached(starts: Iterable[int], along: Mapping[int, list[int]]) -> set[int]:
    """Return the cards reached from some by one or more steps."""
    found: set[int] = set()
    stack = [j for i in starts for j in along[i]]
    while stack:
        i = stack.pop()
        if i not in found:
            found.add(i)
            stack.extend(along[i])
    return found

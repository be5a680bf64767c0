"""Listing: a graph in words, one line for each value, of any size. Floor 8."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import is_leaf, is_node, order_of, step
from .checks import check_recorded, check_tensor, recorded
from .expressions import name
from .labels import INLINE, amount, clean, dimensions, number, pretty
from .names import look_around
from .printing import plain
from .symbols import constant, formula
from .values import gradients, replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..graph import Node

WIDEST = 60  # characters of a column


class Graph:
    """A graph in words: printed, one line for each value, the oldest first."""

    __slots__ = ("_lines",)

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def __str__(self) -> str:
        return "\n".join(self._lines)

    __repr__ = __str__

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)


def graph(t: Any, names: Mapping[str, Any] | None = None) -> Graph:
    """Return the graph of a result in words, to be printed.

    Parameters
    ----------
    t : Tensor of any shape
        The result. It must have been computed from something that requires a gradient.
    names : dict of str to Tensor or array, optional
        Names for values that are in no variable; see `draw`.

    Returns
    -------
    Graph
        Its text has a line for each value: its name and how it was computed, its shape (and its
        dtype, if that is not float64), its number, after ∂ its gradient once ``backward`` was run,
        and the named scopes it belongs to. Large arrays show their range. Values without a name
        are called t₁, t₂, ... in the order of computation, variables p₁, p₂, ... Iterating gives
        the lines, ``len`` their number.

    Raises
    ------
    ArgumentError
        If t is no Tensor.
    DrawError
        If t has no history, or it was given up.

    Examples
    --------
    >>> w = mg.Tensor(3.0, requires_grad=True)
    >>> loss = (w - 1.0) ** 2
    >>> loss.backward()
    >>> print(mg.graph(loss))
    w            variable   3   ∂ 4
    t₁ = w − 1   scalar     2   ∂ 4
    loss = t₁²   scalar     4   ∂ 1
    """
    check_tensor(t, "mg.graph")
    check_recorded(t, "mg.graph")
    listing = Listing(recorded(t._node), t, names or {}, sys._getframe(1))
    return Graph(aligned(listing.rows()))


class Listing:
    """The rows of a graph: what each value is called, how it came about, what it is."""

    def __init__(self, nodes: list[Node], root: Any, given: Mapping[str, Any], frame: Any) -> None:
        self.nodes = nodes
        self.names = look_around(nodes, root, frame, given)
        self.values, self.changed = replay(nodes, self.names)
        self.gradients = gradients(root._node, nodes)
        self.titles = {order: pretty(raw) for order, raw in self.names.nodes.items()}
        self.taken = set(self.titles.values()) | {pretty(x) for x in self.names.constants.values()}
        self.counts = {"p": 0, "t": 0}

    def rows(self) -> Iterator[list[str]]:
        """Yield the columns of each line."""
        shown = set()
        for node in self.nodes:
            for x in step(node).operands:
                title = None if is_node(x) else self.names.constants.get(id(x))
                if title is not None and id(x) not in shown:
                    shown.add(id(x))
                    yield [pretty(title), described(x, "constant"), summary(x), "", ""]
            yield self.row(node)

    def row(self, node: Node) -> list[str]:
        """Return the columns of one node."""
        order, fields = order_of(node), step(node)
        title = self.title(order, "p" if is_leaf(node) else "t")
        value, g = self.values[order], self.gradients.get(order)
        if not is_leaf(node):
            _, _, params = fields.plan.unpack(fields.kept)
            operands = [self.symbol(x) for x in fields.operands]
            title += f" = {plain(formula(fields.plan.rule, operands, params), loose=True)}"
        kind = described(value, "variable" if is_leaf(node) else "")
        now = "now " if order in self.changed else ""
        shown = "" if g is None else f"∂ {summary(g)}"
        return [clean(title, WIDEST), kind, now + summary(value), shown, scopes(fields.scope)]

    def title(self, order: int, letter: str) -> str:
        """Return the name of a node, made up if it has none."""
        while order not in self.titles:
            self.counts[letter] += 1
            title = pretty(f"{letter}_{self.counts[letter]}")
            if title not in self.taken:
                self.titles[order] = title
        return self.titles[order]

    def symbol(self, x: Any) -> Any:
        """Return what stands for an operand in a formula."""
        if is_node(x):
            return name(self.titles[order_of(x)])
        known = self.names.constants.get(id(x))
        return constant(x) if known is None else name(pretty(known))


def described(value: Any, kind: str) -> str:
    """Return what a value is: a variable or a constant, its shape, its dtype if unusual."""
    if value is None or isinstance(value, tuple):
        return kind
    array = np.asarray(value)
    shape = "" if kind and not array.ndim else dimensions(array.shape)
    dtype = "" if array.dtype == np.float64 else str(array.dtype)
    return " ".join(word for word in (kind, shape, dtype) if word)


def summary(value: Any) -> str:
    """Return a number, the few entries of an array, or the range of many."""
    array = None if value is None or isinstance(value, tuple) else np.asarray(value)
    if array is None or array.size <= INLINE or array.dtype.kind not in "biuf":
        return "" if array is not None and not array.size else amount(value)
    finite = array[np.isfinite(array)]
    ends = [number(end(finite)) for end in (np.min, np.max)] if finite.size else []
    span = " … ".join(ends) if len(set(ends)) > 1 else "".join(f"all {end}" for end in ends[:1])
    return " ".join(word for word in (span, amount(array).partition(" ")[2]) if word)


def scopes(scope: Any) -> str:
    """Return the names of a scope and those around it, the outermost first."""
    found: list[str] = []
    while scope is not None:
        found.append(clean(scope.name, 24))
        scope = scope.parent
    return " › ".join(reversed(found))


def aligned(rows: Iterator[list[str]]) -> list[str]:
    """Return rows as lines whose columns stand below each other; empty columns are left out."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    kept = [i for i, width in enumerate(widths) if width]
    return ["   ".join(row[i].ljust(widths[i]) for i in kept).rstrip() for row in table]

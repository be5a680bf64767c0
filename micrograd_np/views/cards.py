"""Cards: what a picture shows of a graph, before it is drawn. Floor 8."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import is_leaf, is_node, order_of, step
from .checks import recorded
from .derivatives import Label, Local
from .folding import Folding
from .labels import dimensions, pretty, shape_of
from .names import look_around
from .symbols import badge
from .values import gradients, replay, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from ..graph import Node
    from .expressions import Expression
    from .names import Names


class Part(NamedTuple):
    """A parameter of a module: its value if it is there, None if another module has it."""

    title: str
    value: Any
    times: int = 1  # in how many of those that the module stands for there is one
    counted: bool = True  # among the parameters


@dataclass(slots=True)
class Card:
    """A value in a picture, or several: a module.

    Its role is input, parameter, target, op, loss or gradient; number, a bare constant; module, all
    values of a scope; alias, a shared variable once more; or stub, what a cut left out.
    """

    role: str
    title: str = ""
    formula: Expression | None = None
    badge: str = ""
    value: Any = None
    gradient: Any = None
    scope: Any = None
    constant: bool = False
    changed: bool = False  # since the result was computed
    backward: bool = False  # whether the value is a gradient, computed by the backward pass
    parts: tuple[Part, ...] = ()  # of a module: its parameters
    structure: Any = None  # of a module: what it has in common with another like it
    times: int = 1  # how many alike it stands for
    typical: bool = False  # whether it stands in a box for those in others alike


@dataclass(slots=True)
class Edge:
    """How a value enters another: from card to card by their numbers, with the local derivative."""

    tail: int
    head: int
    label: Label
    tracked: bool
    shape: str = ""  # of what flows along it


@dataclass(slots=True)
class Drawing:
    """All that a picture shows, cards numbered from the oldest value to the result."""

    cards: list[Card]
    edges: list[Edge]
    differentiated: bool  # whether backward was run
    of: str  # what the gradients are derivatives of
    wires: bool = False  # whether edges show shapes, not derivatives
    backward: bool = False  # whether it shows the backward pass
    times: dict[Any, int] = field(default_factory=dict)  # how many boxes one of them stands for
    note: str = ""  # what else there is to say


class Board:
    """The cards of a graph while they are laid out."""

    def __init__(
        self,
        root: Any,
        detail: str,
        given: Mapping[str, Any],
        frame: FrameType | None,
        stored: bool = True,
    ) -> None:
        nodes = recorded(root._node)
        self.roles: dict[int, str] = {}  # by the order of a node, other than the usual ones
        self.also: dict[int, list[str]] = {}  # other names of a value
        self.swept: set[int] = set()  # of a backward pass: what depends on where it begins
        names = look_around(nodes, root, frame, given)
        self.lay_out(nodes, names, detail, gradients(root._node, nodes, stored))

    def lay_out(
        self,
        nodes: list[Node],
        names: Names,
        detail: str,
        found: dict[int, Any],
        given: dict[int, Expression] | None = None,
    ) -> None:
        """Choose the cards of some nodes, the last of which is the result.

        ``given`` are formulas of nodes without history, of the forward values of a backward pass.
        """
        self.nodes, self.names, self.gradients, self.given = nodes, names, found, given
        self.folding = Folding(nodes, names, detail, given=given)
        self.ops = detail == "ops"
        self.values, self.changed = replay(nodes, names)
        self.local = Local(self.folding, self.values)
        self.cards: list[Card] = []
        self.edges: list[Edge] = []
        self.places: dict[int, int] = {}  # card numbers by order of node or identity of constant

    def titled(self) -> Board:
        """Return the board of the same graph with a name for every card but the result's."""
        board = copy(self)
        board.folding = Folding(self.nodes, self.names, "ops" if self.ops else "named", titled=True)
        board.local = Local(board.folding, self.values)
        board.cards, board.edges, board.places = [], [], {}
        return board

    def drawing(self) -> Drawing:
        """Return the cards and edges, in topological order."""
        for node in self.nodes:
            if order_of(node) in self.folding.cards and not is_leaf(node):
                self.place(node)
        root = self.nodes[-1]
        if is_leaf(root):
            self.leaf(root)
        title = self.folding.titles.get(order_of(root), "")
        ones = np.all(np.asarray(self.gradients.get(order_of(root), 1)) == 1)
        of = f"∂{title or '(result)'}" if ones else ""
        backward = self.given is not None
        return Drawing(self.cards, self.edges, bool(self.gradients), of, backward=backward)

    def place(self, node: Node) -> None:
        """Add a computed card after those that enter it."""
        order, labels = order_of(node), self.local.labels(node)
        tails = [(self.operand(x, step(node).scope), x) for x in self.local.inputs(node)]
        self.places[order] = len(self.cards)
        self.cards.append(self.computed(node))
        for tail, x in tails:
            tracked = is_node(x)
            label = labels.get(order_of(x), Label()) if tracked else Label()
            shape = said_of(value_of(x, self.values))
            self.edges.append(Edge(tail, self.places[order], label, tracked, shape))

    def computed(self, node: Node) -> Card:
        """Return the card of an operation or of several, folded."""
        order, fields = order_of(node), step(node)
        usual = "loss" if node is self.nodes[-1] else "op"
        title = self.title(order)
        card = Card(self.roles.get(order, usual), title, scope=fields.scope)
        card.backward = order in self.swept
        card.value, card.gradient = self.values[order], self.gradients.get(order)
        if self.ops:
            card.badge = badge(fields.plan.rule, fields.operands, self.local.in_badge(node))
        card.formula = self.folding.formulas[order]
        return card

    def title(self, order: int) -> str:
        """Return all names of a value."""
        return " = ".join([self.folding.titles.get(order, ""), *self.also.get(order, ())])

    def operand(self, x: Any, scope: Any) -> int:
        """Return the number of the card of an operand, added if it is not there yet."""
        if is_node(x):
            return self.leaf(x) if is_leaf(x) else self.places[order_of(x)]
        name = self.names.constants.get(id(x))
        if name is None:
            self.cards.append(Card("number", value=x, scope=scope, constant=True))
            return len(self.cards) - 1
        if id(x) not in self.places:
            self.places[id(x)] = len(self.cards)
            role = role_of(name, "input")
            self.cards.append(Card(role, pretty(name), value=x, constant=True))
        return self.places[id(x)]

    def leaf(self, node: Node) -> int:
        """Return the number of the card of a variable, added if it is not there yet."""
        order = order_of(node)
        if order not in self.places:
            self.places[order] = len(self.cards)
            usual = role_of(self.names.nodes.get(order, ""), "parameter")
            card = Card(self.roles.get(order, usual), self.title(order))
            card.value, card.backward = self.values[order], order in self.swept
            card.gradient, card.changed = self.gradients.get(order), order in self.changed
            self.cards.append(card)
        return self.places[order]


def role_of(name: str, otherwise: str) -> str:
    """Return what a variable or a constant is for, by the field's names: x an input, y a target."""
    if re.fullmatch(r"[xX]|[xX]_\w+|inputs?|features", name):
        return "input"
    if re.fullmatch(r"[yY]|[yY]_\w+|targets?|labels?", name):
        return "target"
    return otherwise


def said_of(value: Any) -> str:
    """Return what an arrow says of a value: its shape, or how many results there are."""
    return f"{len(value)} results" if isinstance(value, tuple) else dimensions(shape_of(value))

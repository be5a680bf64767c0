"""Folding: which nodes become cards, what they are called, and the formula of each. Floor 8."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..graph import Step, is_leaf, is_node, order_of, step
from .expressions import Expression, call, name, simplified
from .labels import clean, pretty
from .symbols import constant, formula

if TYPE_CHECKING:
    from ..graph import Node
    from .names import Names

TITLE = 44  # characters of a formula, about; what is longer is cut into cards
SYMBOL = 16  # characters of an unnamed value within a derivative


class Folding:
    """The nodes of a graph in cards and formulas.

    With ``detail="ops"`` every node is a card. With ``"named"`` only values that have a name, that
    leave a scope, that are used more than once, or that would make a formula too long.
    """

    def __init__(
        self,
        nodes: list[Node],
        names: Names,
        detail: str,
        titled: bool = False,
        given: dict[int, Expression] | None = None,
    ) -> None:
        self.ops, self.names, self.given = detail == "ops", names, given
        self.titled = titled or not self.ops  # whether every card but the result has a name
        self.steps: dict[int, Step] = {order_of(node): step(node) for node in nodes}
        self.root = order_of(nodes[-1])
        self.titles = {order: pretty(raw) for order, raw in names.nodes.items()}
        self.taken = set(self.titles.values()) | {pretty(x) for x in names.constants.values()}
        self.results: dict[int, Any] = {}
        self.counts: Counter[str] = Counter()  # of names made up
        self.made: dict[str, str] = {}  # for each of them the letter, or the scope's name
        self.cards = self._chosen()
        self.formulas: dict[int, Expression] = {}
        self.symbols: dict[int, Expression] = {}
        self.sigmoids: dict[int, Node] = {}  # of 1 / (1 + exp(-z)), by the order of the quotient
        for order, fields in self.steps.items():
            self._describe(order, fields)

    def _chosen(self) -> set[int]:
        """Return the orders of the nodes that are cards whatever their formulas."""
        if self.ops:
            return set(self.steps)
        parents = [
            (order_of(x), child.scope)
            for child in self.steps.values()
            for x in child.operands
            if is_node(x)
        ]
        uses = Counter(order for order, _ in parents)
        for order, scope in [*parents, (self.root, None)]:
            left = outermost_left(self.steps[order].scope, scope)
            if left is not None:
                self.results[order] = wider(left, self.results.get(order))
        shared = {order for order, count in uses.items() if count > 1}
        leaves = {order for order, fields in self.steps.items() if fields.plan is None}
        return {self.root} | leaves | self.results.keys() | shared | self.names.nodes.keys()

    def _describe(self, order: int, fields: Step) -> None:
        """Find the formula of a node and what stands for it in those of others."""
        if fields.plan is None:
            known = (self.given or {}).get(order) if order in self.titles else None
            self._title(order, "p")
            self.symbols[order] = name(self.titles[order]) if known is None else known
            return
        written = self.written(fields)
        if not self.ops:
            while written.length > TITLE and self._cut(fields):
                written = self.written(fields)
            z = self._sigmoid_argument(fields)
            if z is not None:
                self.sigmoids[order] = z
                written = call("σ", self.symbols[order_of(z)])
        if self.titled and order in self.cards and order != self.root:
            self._title(order, "t")
        self.formulas[order] = written
        if order in self.titles:
            self.symbols[order] = name(self.titles[order])
        else:
            short = not self.ops or written.length <= SYMBOL
            self.symbols[order] = written if short else name("…")

    def written(self, fields: Step) -> Expression:
        """Return the formula of a node from what stands for its operands."""
        _, _, given = fields.plan.unpack(fields.kept)
        names = self.names.constants
        params = {
            key: name(pretty(names[id(x)])) if id(x) in names else x for key, x in given.items()
        }
        found = formula(fields.plan.rule, [self.symbol(x) for x in fields.operands], params)
        return found if self.given is None else simplified(found)  # nobody wrote those of a sweep

    def symbol(self, operand: Any) -> Expression:
        """Return what stands for an operand."""
        if is_node(operand):
            return self.symbols[order_of(operand)]
        known = self.names.constants.get(id(operand))
        return constant(operand) if known is None else name(pretty(known))

    def _cut(self, fields: Step) -> bool:
        """Make a card of the longest formula among the operands; tell whether there was one."""
        folded = [order_of(x) for x in fields.operands if is_node(x)]
        folded = [order for order in folded if order not in self.cards]
        if not folded:
            return False
        longest = max(folded, key=lambda order: self.symbols[order].length)
        self.cards.add(longest)
        self._title(longest, "t")
        self.symbols[longest] = name(self.titles[longest])
        return True

    def _title(self, order: int, letter: str) -> None:
        """Give a card without a name one: that of the scope whose result it is, or a number."""
        if order in self.titles:
            return
        scope = self.results.get(order)
        base = clean(scope.name, 40) if scope is not None and scope.name.isidentifier() else letter
        title = pretty(base) if base != letter else ""
        while not title or title in self.taken:
            self.counts[base] += 1
            title = pretty(f"{base}_{self.counts[base]}")
        self.taken.add(title)
        self.titles[order], self.made[title] = title, base

    def _sigmoid_argument(self, fields: Step) -> Node | None:
        """Return z if a node is 1 / (1 + exp(-z)) or 1 / (1 + e**(-z)), all but z folded."""
        below = self._other(fields, "divide", 1, first=True)
        power = below and self._other(below, "add", 1)
        if power and power.plan.rule.name == "power":
            minus = self._other(power, "power", math.e, first=True)
        else:
            minus = power and self._folded(power, "exp", power.operands[0])
        if minus is None or minus.plan.rule.name != "negative":
            return None
        z: Node = minus.operands[0]
        return z

    def _other(self, fields: Step, kind: str, c: float, first: bool = False) -> Step | None:
        """Return the folded operand of an operation whose other operand is the number c."""
        if fields.plan.rule.name != kind:
            return None
        for i in (0,) if first else (0, 1):
            x = fields.operands[i]
            if not is_node(x) and getattr(x, "ndim", 0) == 0 and x == c:
                return self._folded(fields, kind, fields.operands[1 - i])
        return None

    def _folded(self, fields: Step, kind: str, operand: Any) -> Step | None:
        """Return the fields of an operand that has no card of its own."""
        if fields.plan.rule.name != kind or order_of(operand) in self.cards or is_leaf(operand):
            return None
        return self.steps[order_of(operand)]


def outermost_left(scope: Any, user: Any) -> Any:
    """Return the outermost scope around a value that its user is not in; None if there is none."""
    around = set()
    while user is not None:
        around.add(user)
        user = user.parent
    left = None
    while scope is not None and scope not in around:
        left, scope = scope, scope.parent
    return left


def wider(scope: Any, other: Any) -> Any:
    """Return the scope that is around the other."""
    at = scope
    while at is not None:
        if at == other:
            return other
        at = at.parent
    return scope

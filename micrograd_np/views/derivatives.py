"""Local derivatives: from one card to the next, as a number and as a formula. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import is_node, order_of, step
from .expressions import Expression, NoSymbolError, num, plus, simplified, times, value
from .labels import number
from .names import is_array
from .printing import spans
from .symbols import prime, pulled, shown_in_badge, sigmoid_slope
from .values import local_edges, shapes

if TYPE_CHECKING:
    from ..graph import Node
    from .folding import Folding

LONGEST, SHORT = 20, 14  # characters of a formula on an edge; between operations there is less room
ONE = num(1)


class Label(NamedTuple):
    """What an edge says: the formula of the local derivative, in pieces, and its number."""

    symbol: tuple[tuple[str, bool], ...] = ()
    number: str = ""


class Local:
    """The derivatives of each card by the cards that enter it, through what is folded between."""

    def __init__(self, folding: Folding, values: dict[int, Any]) -> None:
        self.folding, self.values = folding, values

    def is_card(self, x: Any) -> bool:
        """Tell whether an operand is drawn by itself: a card, a named constant, a bare number."""
        if is_node(x):
            return order_of(x) in self.folding.cards
        return self.folding.ops or id(x) in self.folding.names.constants

    def in_badge(self, node: Node) -> int | None:
        """Return the place of the operand that the badge of a card shows, if it does."""
        fields = step(node)
        i = shown_in_badge(fields.plan.rule, fields.operands) if self.folding.ops else None
        named = i is not None and id(fields.operands[i]) in self.folding.names.constants
        return None if named else i

    def inputs(self, node: Node) -> list[Any]:
        """Return the operands drawn by themselves that enter a card, in their order, each once."""
        found: dict[Any, Any] = {}
        shown = self.in_badge(node)
        operands = step(node).operands
        stack = [x for i, x in reversed(list(enumerate(operands))) if i != shown]
        while stack:
            x = stack.pop()
            if self.is_card(x):
                key = order_of(x) if is_node(x) else id(x) if is_array(x) else len(found)
                found.setdefault(key, x)
            elif is_node(x):
                stack.extend(reversed(step(x).operands))
        return list(found.values())

    def labels(self, node: Node) -> dict[int, Label]:
        """Return the labels of the edges into a card, by the order of the node they come from."""
        numbers, symbols = self.numbers(node), self.symbols(node)
        most = SHORT if self.folding.ops else LONGEST
        return {order: label(symbols[order], numbers.get(order), most) for order in symbols}

    def numbers(self, node: Node) -> dict[int, Any]:
        """Return the local derivatives where both sides are single numbers."""
        found: dict[int, Any] = {}
        out = self.values[order_of(node)]
        if out is None or isinstance(out, tuple) or np.size(out) != 1:
            return found
        stack = [(node, np.ones_like(out)[()])]
        try:
            with np.errstate(all="ignore"):
                while stack:
                    at, g = stack.pop()
                    for x, pull in local_edges(at):
                        q = g if pull is None else pull(g, step(at).kept)
                        if self.is_card(x):
                            found[order_of(x)] = found.get(order_of(x), 0) + q
                        else:
                            stack.append((x, q))
        except Exception:  # a rule of the user's own failed, as backward will tell
            return {}
        return {order: q for order, q in found.items() if np.size(q) == 1}

    def symbols(self, node: Node, g: Expression = ONE) -> dict[int, Expression | None]:
        """Return the local derivatives times g as formulas; None where there is none to print."""
        found: dict[int, Expression | None] = {}
        stack: list[tuple[Node, Expression | None]] = [(node, g)]
        while stack:
            at, q = stack.pop()
            for x, symbol in self.pulled(at, q):
                order = order_of(x)
                if not self.is_card(x):
                    stack.append((x, symbol))
                elif order in found:
                    found[order] = added(found[order], symbol)
                else:
                    found[order] = symbol
        return found

    def pulled(self, node: Node, g: Expression | None) -> list[tuple[Node, Expression | None]]:
        """Return the operands that need a cotangent, each with its formula."""
        z = self.folding.sigmoids.get(order_of(node))
        if z is not None:
            slope = sigmoid_slope(self.folding.symbols[order_of(node)])
            return [(z, None if g is None else times(g, slope))]
        fields = step(node)
        places = [i for i, x in enumerate(fields.operands) if is_node(x)]
        return [(fields.operands[i], self.one(node, i, g)) for i in places]

    def one(self, node: Node, i: int, g: Expression | None) -> Expression | None:
        """Return the formula of the cotangent of operand i."""
        if g is None:
            return None
        fields = step(node)
        operands = [simplified(self.folding.symbol(x)) for x in fields.operands]
        out = simplified(self.folding.symbols[order_of(node)])
        try:
            found = pulled(fields.plan.rule, i, g, operands, out, shapes(node, self.values))
        except (NoSymbolError, TypeError, ValueError, AttributeError, IndexError):
            # it asks for more than an expression can answer: a shape, an entry
            direct = value(g) == 1 and self.is_card(fields.operands[i])
            return prime(fields.plan.rule) if direct else None
        return found if found.length <= 4 * LONGEST else None


def added(a: Expression | None, b: Expression | None) -> Expression | None:
    """Return the sum of two formulas, None if one is missing."""
    return None if a is None or b is None else plus(a, b)


def label(symbol: Expression | None, q: Any, longest: int = LONGEST) -> Label:
    """Return what an edge says: nothing for 1, and "…" for a formula that is too long to print."""
    if symbol is not None and value(symbol) is not None:
        return Label((), "" if value(symbol) == 1 else number(value(symbol), 3))
    shown = "" if q is None else number(np.asarray(q).reshape(()), 3)
    pieces = () if symbol is None else tuple(spans(symbol))
    written = "".join(piece for piece, _ in pieces)
    if pieces and len(written) <= longest and "…" not in written:
        return Label(pieces, shown)
    return Label((), "" if shown == "1" else shown or "…")

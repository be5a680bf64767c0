"""Slips in the chain rule: which of them gives what a wrong formula gave. Floor 10.

The sweep is run again over the graph of the loss with one edge changed, edge after edge: without
its derivative, left out, with another sign. A slip that gives what the formula gave is named.
"""

from __future__ import annotations

from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import KEPT, OPERANDS, PLAN, history, is_leaf, is_node, order_of, reverse, step
from ..sweeps.backward import one_for
from ..tensor import Tensor
from ..tree import flatten
from ..views.called import called
from ..views.folding import Folding
from ..views.names import Names
from ..views.printing import plain
from .diagnosis import RTOL, same
from .taken import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..graph import Node

MOST = 200  # edges that are tried
Pull = Any  # a function (cotangent, kept) -> cotangent of an operand; None is the identity
Edge = tuple[Any, int, Pull]  # a node, the place of an operand in it, its pull
Slip = tuple[dict[tuple[int, int], Pull], str]  # pulls by order and place, and what they mean


class Slips:
    """The graph of a loss, for making slips in its derivative.

    Its arguments have labels: one for each leaf of the trees that they are.
    """

    def __init__(self, loss: Callable[..., Any], args: tuple[Any, ...], labels: list[str]) -> None:
        given: list[Any] = []

        @wraps(loss)
        def watched(*args: Any) -> Any:
            given.extend(flatten(args)[0])
            return loss(*args)

        out, names = called(watched, args, "check_gradient")
        self.root, self.seed = out._node, one_for(out)
        self.labels = {
            order_of(x._node): label
            for x, label in zip(given, labels, strict=True)
            if isinstance(x, Tensor) and x._node is not None
        }
        self.nodes = history(self.root)
        known = {order_of(t._node): name for name, t in names.items() if isinstance(t, Tensor)}
        self.folding = Folding(self.nodes, Names(known, {}, {}), "named")
        self.edges: list[Edge] = [
            (node, i, pull)
            for node in self.nodes
            if not is_leaf(node)
            for i, pull in node[PLAN].edges
        ][:MOST]
        self.values = {
            order_of(x._node): x._value
            for x in given
            if isinstance(x, Tensor) and x._node is not None
        }
        self.evaluate()
        self.right = self.gradients({})

    def evaluate(self) -> None:
        """Compute the value of every node from those of the arguments."""
        for node in self.nodes:
            if not is_leaf(node):
                fields = step(node)
                params = fields.plan.unpack(fields.kept)[2]
                xs = map(self.value, fields.operands)
                self.values[fields.order] = fields.plan.rule.forward(*xs, **params)

    def gradients(self, pulls: dict[tuple[int, int], Pull]) -> dict[str, Any]:
        """Return the gradients that a sweep with other pulls at some edges gives, by the label."""
        found = self.swept(pulls)
        return {label: found[order] for order, label in self.labels.items() if order in found}

    def swept(self, pulls: dict[tuple[int, int], Pull]) -> dict[int, Any]:
        """Return the gradients of all nodes, by their order."""

        def how(node: Node) -> Any:
            order = order_of(node)
            return [(i, pulls.get((order, i), pull)) for i, pull in node[PLAN].edges]

        return {order_of(at): g for at, g in reverse(self.root, self.seed, how, every=True)}

    def changed(self, pulls: dict[tuple[int, int], Pull], label: str) -> Any:
        """Return the gradient with other pulls at some edges; None if there is none."""
        try:
            return self.gradients(pulls).get(label)
        except Exception:  # of another shape, for one
            return None

    def found(self, claim: Any, label: str) -> str:
        """Return the slip that gives the claim, in a sentence; "" if none does."""
        if label not in self.right:
            return f"The loss does not depend on {label}."
        with np.errstate(all="ignore"):
            ways = (*map(self.slips, self.edges), *map(self.only, self.edges))
            for pulls, said in chain(self.of_functions(), *ways):
                changed = self.changed(pulls, label)
                if changed is not None and same(changed, claim):
                    return said
            return next(self.too_early(claim, label), "")

    def unfinished(self, claim: Any, label: str) -> str:
        """Return the value on the way to a parameter whose gradient the claim is; or ""."""
        gradients = self.swept({})
        for node in self.made_of(label):
            g = gradients.get(order_of(node), 1)
            said = f"It is the derivative with respect to {self.said(node)}"
            if same(claim, g) and np.any(g != 1):
                return f"{said}: go on from there."
            for axis in range(np.ndim(g)):
                if same(claim, np.sum(g, axis=axis)):
                    return f"{said}, summed over axis {axis}: is it another axis?"
        return ""

    def made_of(self, label: str) -> list[Node]:
        """Return the nodes between a parameter and the loss, oldest first."""
        found = {order for order, name in self.labels.items() if name == label}
        for node in self.nodes[:-1]:
            if any(is_node(x) and order_of(x) in found for x in step(node).operands):
                found.add(order_of(node))
        return [node for node in self.nodes if order_of(node) in found and not is_leaf(node)]

    def slips(self, edge: Edge) -> Iterator[Slip]:
        """Yield the slips that can be made at an edge."""
        node, place, pull = edge
        key, operands = (order_of(node), place), step(node).operands
        if is_product(node):
            for i, value in enumerate(node[PLAN].unpack(node[KEPT])[0][: len(operands)]):
                if value is not None and i + OPERANDS != place:
                    without = replacing(pull, node, i, np.ones_like(value))
                    yield {key: without}, f"The factor {self.said(operands[i])} is missing."
                    yield from self.others(edge, i)
        if len(operands) > 1:
            run, part = pull or identity, f"What comes through {self.use(edge)}"
            yield {key: nothing(pull)}, f"{part} is missing."
            yield {key: lambda g, kept: -run(g, kept)}, f"{part} has the wrong sign."
            yield {key: lambda g, kept: 2 * run(g, kept)}, f"{part} has a factor 2 too much."
            yield {key: lambda g, kept: run(g, kept) / 2}, f"{part} lacks a factor 2."

    def of_functions(self) -> Iterator[Slip]:
        """Yield the slips in the derivatives of functions of one operand."""
        for node in self.nodes:
            z = self.folding.sigmoids.get(order_of(node))
            if z is not None:
                x, out = self.values[order_of(z)], self.values[order_of(node)]
                name, operand = f"sigmoid({self.said(z)})", self.said(z)
                written = Function(name, operand, x, out, sigmoid, lambda _, out: out * (1 - out))
                yield from misread(written, path(node, z))
        for edge in self.edges:
            if self.of_one_operand(edge):
                yield from misread(self.function(edge), path(edge[0], edge[0][edge[1]]))

    def of_one_operand(self, edge: Edge) -> bool:
        """Tell whether a function of numbers depends on one operand alone, as max(x, 0) does."""
        node, place, pull = edge
        if node[PLAN].rule.kind != "elementwise" or len(node[PLAN].edges) > 1 or is_product(node):
            return False
        return pull is not None and np.shape(self.value(node)) == np.shape(self.value(node[place]))

    def function(self, edge: Edge) -> Function:
        """Return the function at an edge as one of the operand there."""
        node, place, pull = edge
        plan, i = node[PLAN], place - OPERANDS
        operands, (_, specs, params) = step(node).operands, plan.unpack(node[KEPT])
        xs = [self.value(x) for x in operands]

        def value(x: Any) -> Any:
            return plan.rule.forward(*xs[:i], x, *xs[i + 1 :], **params)

        def slope(x: Any, out: Any) -> Any:
            values, keeps = (*xs[:i], x, *xs[i + 1 :], out), (*plan.keeps, plan.keep_out)
            read = tuple(v if keep else None for v, keep in zip(values, keeps, strict=True))
            return pull(np.ones_like(out), plan.repack(read, specs, params))

        text, operand = plain(self.folding.formulas[order_of(node)]), self.said(operands[i])
        return Function(text, operand, xs[i], self.value(node), value, slope)

    def value(self, operand: Any) -> Any:
        """Return the value of an operand."""
        return self.values[order_of(operand)] if is_node(operand) else operand

    def others(self, edge: Edge, i: int) -> Iterator[Slip]:
        """Yield the slips that a factor is taken to be what it was made of, or a named value."""
        node, place, pull = edge
        factor, named = step(node).operands[i], self.folding.titles.items()
        made_of = step(factor).operands if is_node(factor) else ()
        candidates = {self.said(x): self.value(x) for x in made_of if is_node(x)}
        candidates |= {name: self.values[o] for o, name in named if name not in self.folding.made}
        for name, value in candidates.items():
            if np.shape(value) == np.shape(self.value(factor)):
                said = f"The factor {self.said(factor)} is taken to be {name}."
                yield {(order_of(node), place): replacing(pull, node, i, value)}, said

    def only(self, edge: Edge) -> Iterator[Slip]:
        """Yield the slip that a value used several times is taken for a constant but once."""
        node, place, _ = edge
        others = [e for e in self.edges if e[0][e[1]] is node[place] and e[:2] != edge[:2]]
        if len(others) > 1:
            said = f"Only what comes through {self.use(edge)} is there."
            yield {(order_of(n), i): nothing(pull) for n, i, pull in others}, said

    def said(self, operand: Any) -> str:
        """Return what stands for an operand in formulas; its own formula if that is dots."""
        text = plain(self.folding.symbol(operand))
        return plain(self.folding.formulas[order_of(operand)]) if text == "…" else text

    def use(self, edge: Edge) -> str:
        """Return what stands for an operand, and where it is used, if in several places."""
        node, place, _ = edge
        name, often = self.said(node[place]), sum(n[i] is node[place] for n, i, _ in self.edges)
        return f"{name} in {plain(self.folding.formulas[order_of(node)])}" if often > 1 else name

    def too_early(self, claim: Any, label: str) -> Iterator[str]:
        """Recognise a parameter that was updated before the way back read it.

        A product's derivative is linear in its other factor: the claim is off by a multiple of what
        that factor's gradient gives in its place.
        """
        off = claim - self.right[label]
        for node, place, pull in self.edges:
            for i, other in self.factors(node, place):
                key = order_of(node), place
                moved = self.changed({key: replacing(pull, node, i, self.right[other])}, label)
                rest = self.changed({key: lambda g, kept, pull=pull: 0 * pull(g, kept)}, label)
                rate = None if moved is None else -multiple_of(off, moved - rest)
                if rate and is_chosen(rate):
                    yield (
                        f"Was {other} updated, by {rate:.2g} times its gradient, before this was "
                        "computed?"
                    )

    def factors(self, node: Node, place: int) -> Iterator[tuple[int, str]]:
        """Yield (number, label) of the parameters that an operand is multiplied by."""
        for i, x in enumerate(step(node).operands if is_product(node) else ()):
            label = self.labels.get(order_of(x), "") if is_node(x) else ""
            if label in self.right and i + OPERANDS != place:
                yield i, label


def identity(g: Any, _: Any) -> Any:
    """Return the cotangent as it is: what None stands for."""
    return g


def nothing(pull: Pull) -> Pull:
    """Return a pull to zeros of the operand's shape."""
    return lambda g, kept: 0 * (pull or identity)(g, kept)


def misread(function: Function, through: list[tuple[int, int]]) -> Iterator[Slip]:
    """Yield the slips in the derivative of a function, which has these edges."""
    for slope, said in function.misread():
        last = through[-1]
        yield {**dict.fromkeys(through), last: lambda g, _, d=slope: g * d()}, said


def path(node: Node, z: Node) -> list[tuple[int, int]]:
    """Return the edges, by order and place, from a node up to the operand that it is made of."""
    found = []
    while node is not z:
        place = node[PLAN].edges[0][0]
        found.append((order_of(node), place))
        node = node[place]
    return found


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)), as it is written out."""
    return 1 / (1 + np.exp(-z))


def is_product(node: Node) -> bool:
    """Tell whether a derivative is linear in the other operands."""
    rule = node[PLAN].rule
    return bool(rule.kind == "multilinear" or rule.name == "multiply")


def replacing(pull: Pull, node: Node, i: int, value: Any) -> Pull:
    """Return a pull that reads another value of operand i."""

    def replaced(g: Any, kept: Any) -> Any:
        values, specs, params = node[PLAN].unpack(kept)
        values = tuple(value if k == i else v for k, v in enumerate(values))
        return pull(g, node[PLAN].repack(values, specs, params))

    return replaced


def multiple_of(a: Any, b: Any) -> float:
    """Return the number that an array is a multiple of another by; 0 if it is none."""
    if np.size(a) < 2 or np.shape(a) != np.shape(b) or not np.any(b):
        return 0.0
    ratio = np.vdot(b, a) / np.vdot(b, b)
    return float(np.real(ratio)) if same(ratio * np.asarray(b), a) else 0.0


def is_chosen(rate: float) -> bool:
    """Tell whether somebody may have chosen a learning rate: it has two digits at most."""
    return rate > 0 and abs(float(f"{rate:.2g}") / rate - 1) < RTOL

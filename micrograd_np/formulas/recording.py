"""Recording a computation and its reverse sweep together, for a reader. Floor 9.

The sweep runs the derivatives on Tensors, so the backward operations are recorded beside the
forward ones. It differs from that of `sweeps` in two things: derivatives are those of `readable`,
and the cotangents of all values are kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import signature
from ..calls.handle import Handle, handle, result
from ..calls.operands import handles
from ..calls.outputs import output
from ..graph import (
    OPERANDS,
    ORDER,
    PLAN,
    history,
    is_leaf,
    is_node,
    order_of,
    parents,
    reverse,
    step,
)
from ..modes import Mode, current, mode_now, running
from ..rule import rules
from ..rules import readable_matrices as readable_matrices  # they are readable too
from ..rules.activations import sigmoid, softmax
from ..rules.readable import kinks, readable
from ..rules.whole import named
from ..sweeps.lifting import lift, lifting, tensor_of
from ..sweeps.reverse import has_nan
from ..tensor import Tensor
from ..tracing.program import Input
from ..tracing.recorder import Trace
from .choosing import choosing, resolved
from .conditions import OPPOSITES
from .python import defaults, is_default

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..graph import Node


class Recording(Trace):
    """A trace of one run, in which values may decide, that remembers the Tensor of every node.

    It is a context, and may be entered again.
    """

    decides = True

    def __init__(self) -> None:
        super().__init__()
        self.tensors: dict[int, Any] = {}
        self.inputs: dict[int, Input] = {}  # by the order of their nodes
        self.choosing = False  # whether all choices are written, for derivatives of derivatives
        self.ordered = True  # whether no NaN was compared, which is neither larger nor smaller
        self.asked: set[int] = set()  # nodes that depend on a variable
        self.names: set[int] = set()  # nodes of what has a name of the user's
        self.kinks: dict[str, str] = {}  # what to say of functions that were differentiated

    def node(self, t: Any, plan: Any, kept: Any, operands: list[Any]) -> None:
        """Give t its node, and remember its value: t itself may change in place."""
        super().node(t, plan, kept, operands)
        self.tensors[t._node[ORDER]] = handle(t)
        if plan.rule.function in OPPOSITES:
            values = [self.tensor(x)._value if is_node(x) else x for x in operands]
            self.ordered = self.ordered and not any(np.any(x != x) for x in values)

    def variable(self, data: Any) -> Node:
        """Return the node of a variable made inside, and remember its value."""
        node = super().variable(data)
        t = result(Tensor, self.leaves[node[ORDER]])
        t._node = node
        self.tensors[node[ORDER]] = t
        return node

    def input(self, x: Any) -> Any:
        """Return a variable with the value and the name of x."""
        t = self.tensors[self.variable(np.array(getattr(x, "_value", x))[()])[ORDER]]
        t._name = getattr(x, "_name", None)
        self.inputs[t._node[ORDER]] = Input(None, t.shape, t.dtype)
        return t

    def whole(self, function: Any, args: Any, kwargs: Any) -> Any:
        """Return what a composite gives, recorded by its name where a reader wants that."""
        found = named.get(function)
        if found is None:
            return None
        try:
            given = dict(signature(function).bind(*args, **kwargs).arguments)
        except TypeError:
            return None
        x: Any = given.pop(next(iter(given)))
        usual = defaults(function)
        params = {k: v for k, v in given.items() if not is_default(v, usual.get(k, False))}
        recorded = isinstance(x, Handle) and x._node is not None and x._value.dtype.kind == "f"
        if not recorded or handles(params) or params.keys() - found.rule.accepted:
            return None
        return self.apply(found.rule, (x,), params) if found.fits(x._value, **params) else None

    def __enter__(self) -> Recording:
        before = mode_now()
        mode = Mode(recording=False, scope=before and before.scope, outer=before, trace=self)
        self.tokens = current.set(mode), running.set([])
        return self

    def __exit__(self, *exc: object) -> None:
        current.reset(self.tokens[0])
        running.reset(self.tokens[1])
        if exc[0] is not None:
            self.changes.give_back()

    # The sweep

    def cotangents(self, root: Any, seed: Any, variables: list[Any]) -> dict[int, Any]:
        """Return the cotangents of all nodes between the variables and the root, by their order."""
        self.asked = set()
        wanted = {order_of(t._node) for t in variables}
        for node in [t._node for t in self.tensors.values()]:
            self.recognise(node)
        for node in history(root._node):
            if order_of(node) in wanted or any(order_of(x) in self.asked for x in parents(node)):
                self.asked.add(order_of(node))
        with np.errstate(all="ignore"):  # what is printed warns when it is run
            found = {order_of(x): g for x, g in reverse(root._node, seed, self.edges, every=True)}
            if self.choosing or any(has_nan(found[o]) for o in wanted & found.keys()):
                edges = choosing(self.edges, self.tensor, self.choosing)
                sweep = reverse(root._node, seed, edges, every=True)
                found = {order_of(x): resolved(g) for x, g in sweep}
            return found

    def edges(self, node: Node) -> Iterator[Any]:
        """Yield the edges of a node with the derivatives that read best."""
        _, plan, kept, _, _, _, operands = step(node)
        if not plan.edges:
            return
        if plan.rule.several or plan.rule is output:
            yield from self.parts(node)
            return
        _, specs, params = plan.unpack(kept)
        count = len(specs) - 1
        values = [self.tensor(x) if is_node(x) else x for x in operands[:count]]
        full = (*values, self.tensor(node)), specs, params
        rule = self.chosen(plan.rule, specs, params)
        if plan.rule.function in kinks:
            self.kinks[plan.rule.name] = kinks[plan.rule.function]
        for place, _ in plan.edges:
            if order_of(node[place]) not in self.asked:
                continue
            pull = rule.pull(place - OPERANDS, count, True)
            yield place, pull and (lambda g, _, pull=pull: pull(g, full))

    def parts(self, node: Node) -> Iterator[Any]:
        """Yield the edges of a function with several results, or of one of these."""
        plan, kept = step(node).plan, lift(node, Tensor)
        _, specs, params = plan.unpack(kept)
        rule = (
            self.chosen(plan.rule, [*specs[:-1], *specs[-1]], params) if plan.rule.several else None
        )
        if rule is None or rule is plan.rule:
            yield from lifting(Tensor)(node)
            return
        for place, _ in plan.edges:
            pull = rule.pull(place - OPERANDS, len(specs) - 1, True)
            yield place, lambda g, _, pull=pull: pull(g, plan.unpack(kept))

    def knows(self, node: Node) -> bool:
        """Tell whether the value of a node is remembered, its own or with others of one call."""
        return order_of(node) in self.tensors or step(node).plan.rule is output

    def tensor(self, node: Node) -> Any:
        """Return the Tensor of a node; one of several results is taken from them all."""
        found = self.tensors.get(order_of(node))
        if found is None:
            fields = step(node)
            whole = self.tensors[order_of(fields.operands[0])]
            value = whole._value[fields.kept[2]["index"]]
            found = self.tensors[order_of(node)] = tensor_of(Tensor, value, node)
        return found

    def chosen(self, rule: Any, specs: Any, params: dict[str, Any]) -> Any:
        """Return the rule to differentiate by: a readable one, if it knows what was asked."""
        other = readable.get(rule.function)
        real = all(spec is None or spec[1].kind != "c" for spec in specs)
        return other if other is not None and real and params.keys() <= other.accepted else rule

    # The sigmoid and the softmax, however they were written

    def recognise(self, node: Node) -> None:
        """Make one node of a sigmoid or a softmax; the graph is this recording's own."""
        for function, z in (
            (sigmoid, self.sigmoid_argument(node)),
            (softmax, self.softmax_argument(node)),
        ):
            if z is not None:
                t = self.tensors[order_of(node)]
                spec, scope = (t._value.shape, t._value.dtype), step(node).scope
                plan = rules[function].plan((True,))
                node[PLAN:] = [plan, ((None, None), (spec, spec), {}), spec, None, scope, z]
                return

    def sigmoid_argument(self, node: Node) -> Node | None:
        """Return z if a node is 1 / (1 + exp(-z)), or the same with a power of e."""
        below = other(node, "divide", 1, (0,))
        power = other(below, "add", 1, (0, 1)) if below else None
        if below is None or power is None:
            return None
        raised = step(power).operands[0] if is_named(power, "exp") else None
        u: Any = other(power, "power", math.e, (0,)) or raised
        if not is_node(u) or self.tensors[order_of(u)].shape != self.tensors[order_of(node)].shape:
            return None
        z: Any = step(u).operands[0] if is_named(u, "negative") else None
        if is_node(z):
            return z  # type: ignore[no-any-return]
        return self.negated(power, u) if self.inner(below) and self.inner(power) else None

    def inner(self, node: Node) -> bool:
        """Tell whether a value has one use, and no name: nobody sees it."""
        order = order_of(node)
        uses = sum(order == order_of(x) for t in self.tensors.values() for x in parents(t._node))
        return order not in self.names and uses == 1

    def negated(self, node: Node, u: Node) -> Node:
        """Let a node that nobody sees be -u."""
        t, minus = self.tensors[order_of(u)], rules[np.negative]
        spec = t._value.shape, t._value.dtype
        kept: Any = (None, None), (spec, spec), {}
        node[PLAN:] = [minus.plan((True,)), kept, spec, None, step(node).scope, u]
        self.tensors[order_of(node)] = tensor_of(Tensor, -t._value, node)
        return node

    def softmax_argument(self, node: Node) -> Node | None:
        """Return z if a node is exp(z) over its sum along the last axis, less its largest entry."""
        if not is_named(node, "divide"):
            return None
        above, total = step(node).operands
        if not is_named(above, "exp") or not self.is_last(total, "sum", node):
            return None
        again = step(total).operands[0]
        if again is not above and not (is_named(again, "exp") and inside(again) is inside(above)):
            return None
        z: Any = inside(above)
        if not is_node(z) or self.tensors[order_of(z)].shape != self.tensors[order_of(node)].shape:
            return None
        if is_named(z, "subtract"):
            x, largest = step(z).operands
            if is_node(x) and self.is_last(largest, "max", z) and inside(largest) is x:
                return x  # type: ignore[no-any-return]
        return z  # type: ignore[no-any-return]

    def is_last(self, node: Any, name: str, whole: Node) -> bool:
        """Tell whether a node reduces the last axis, and keeps it or has no other."""
        if not is_named(node, name):
            return False
        ndim = self.tensors[order_of(whole)].ndim
        params = step(node).plan.unpack(step(node).kept)[2]
        axis = params.get("axis")
        if params.keys() - {"axis", "keepdims"}:
            return False
        if ndim == 1:
            return axis in (None, 0, -1, (0,))
        return axis in (-1, ndim - 1) and bool(params.get("keepdims"))


def inside(node: Any) -> Any:
    """Return the first operand of a node."""
    return step(node).operands[0]


def other(node: Node, name: str, number: float, places: tuple[int, ...]) -> Node | None:
    """Return the other operand of an operation of two, one of which is a number."""
    if not is_named(node, name):
        return None
    operands = step(node).operands
    for i in places:
        x, y = operands[i], operands[1 - i]
        if not is_node(x) and np.ndim(x) == 0 and x == number and is_node(y):
            return y  # type: ignore[no-any-return]
    return None


def is_named(node: Any, name: str) -> bool:
    """Tell whether something is a node of the rule of this name."""
    return is_node(node) and not is_leaf(node) and step(node).plan.rule.name == name

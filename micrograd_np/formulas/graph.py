"""The graph of a Tensor, recorded again to be explained. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ArgumentError, GraphError, where
from ..graph import history, is_leaf, is_node, order_of, step
from ..views.checks import unrecorded
from ..views.names import look_around
from ..views.values import replay
from .recording import Recording
from .subject import Subject, is_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType


def tensor(t: Any, wrt: Any, given: Mapping[str, Any], frame: FrameType | None) -> Subject:
    """Record the graph of a Tensor again, with the names that are found around it."""
    if t._node is None:
        raise GraphError(unrecorded("explain"))
    nodes = history(t._node)
    known = look_around(nodes, t, frame, given)
    with Recording() as recording:
        again = Replay(recording, replay(nodes, known)[0], known.constants)
        made = again.run(nodes)
    names = {order_of(made[o]._node): name for o, name in known.nodes.items() if o in made}
    leaves = [order_of(node) for node in nodes if is_leaf(node)]
    variables = [(known.nodes.get(o, ""), made[o]) for o in leaves]
    if wrt is not None:
        variables = wanted(wrt, variables, made)
    return Subject(recording, made[order_of(t._node)], variables, names | again.names, {})


def wanted(wrt: Any, variables: list[tuple[str, Any]], made: dict[int, Any]) -> Any:
    """Return the variables among those of a graph that names or Tensors choose."""
    known, found = dict(variables), []
    for x in wrt if isinstance(wrt, tuple | list) else (wrt,):
        t = made.get(order_of(x._node)) if is_recorded(x) else known.get(x)
        if t is None:
            raise ArgumentError(
                f"explain: {x!r} is no variable of this graph{where()}. "
                f"Its variables are {', '.join(map(repr, known))}."
            )
        found.append((x._name or "" if is_recorded(x) else x, t))
    return found


class Replay:
    """A graph recorded again: in the recording, everything that it computes is known."""

    def __init__(
        self, recording: Recording, values: Mapping[int, Any], constants: Mapping[int, str]
    ) -> None:
        self.recording, self.values, self.constants = recording, values, constants
        self.made: dict[int, Any] = {}
        self.named: list[Any] = []  # constants that have names
        self.inputs: dict[int, Any] = {}  # of named constants, by identity
        self.names: dict[int, str] = {}

    def run(self, nodes: list[Any]) -> dict[int, Any]:
        """Record nodes, oldest first; return the new Tensors by the order of the old nodes."""
        operands = [x for node in nodes for x in step(node).operands if not is_node(x)]
        named = {id(x): x for x in operands if id(x) in self.constants and is_numbers(x)}
        self.named = list(named.values())
        for node in nodes:
            order = order_of(node)
            self.made[order] = self.leaf(order) if is_leaf(node) else self.operation(node)
        return self.made

    def leaf(self, order: int) -> Any:
        """Return a variable with the value of the old one."""
        value = self.values[order]
        if value is None:
            raise GraphError(
                f"explain: the value of a variable of this graph is gone{where()}. Keep its "
                "Tensor, or pass the function: mg.explain(f, *args)."
            )
        return self.recording.input(value)

    def operation(self, node: Any) -> Any:
        """Return the result of an operation, done again."""
        fields = step(node)
        rule, (_, _, params) = fields.plan.rule, fields.plan.unpack(fields.kept)
        if rule.inner:
            raise GraphError(
                f"explain: {rule.name} is one operation here, by mg.checkpoint or mg.jit, and "
                f"keeps no graph{where()}. Explain the function: mg.explain({rule.name}, ...)."
            )
        return self.recording.apply(rule, [self.operand(x) for x in fields.operands], params)

    def operand(self, x: Any) -> Any:
        """Return an operand; a constant that has a name is an input."""
        if is_node(x):
            return self.made[order_of(x)]
        if id(x) in self.constants:
            return self.constant(x)
        if isinstance(x, np.ndarray) and x.size > 1:
            for y in self.named:
                if x.shape == np.shape(y) and np.array_equal(x, 1 - y):
                    return 1 - self.constant(y)  # nothing was recorded of what has no gradient
        return x

    def constant(self, x: Any) -> Any:
        """Return the input that a named constant is."""
        if id(x) not in self.inputs:
            t = self.inputs[id(x)] = self.recording.input(x)
            self.names[order_of(t._node)] = self.constants[id(x)]
        return self.inputs[id(x)]


def is_numbers(x: Any) -> bool:
    """Tell whether a constant is an array of numbers, not of bools."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "iufc"

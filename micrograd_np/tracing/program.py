"""A program: a computation in straight lines, every value assigned once. Floor 8.

It is made from a recorded graph (`of_graph`) or by tracing a function (``tracing.trace``), and is
what formulas are printed from and what the compiler works on. A value is an input or the result of
a line; a `Ref` names it by its number, inputs first. What is no `Ref` is a constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..calls.handle import Handle
from ..graph import history, is_leaf, is_node, order_of, step
from ..plan import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..graph import Node

Shape = tuple[int, ...]
BRANCHES = frozenset({tuple, list, dict})
NUMBERS = (bool, int, float, complex)  # dtypes of Python's own numbers, which NumPy treats as weak


class Ref(NamedTuple):
    """A value of a program, by its number."""

    at: int


class Input(NamedTuple):
    """An input; its dtype is a Python type for a plain number, and None if it is not known."""

    name: str | None
    shape: Shape | None
    dtype: Any


class Line(NamedTuple):
    """One operation: a function of operands and parameters, trees of Refs and constants.

    ``function`` is what the rules know it by, ``compute`` what runs on arrays. A silent one belongs
    to a derivative of what may have been left out, and gives no warning.
    """

    function: Any
    compute: Callable[..., Any]
    operands: tuple[Any, ...]
    params: dict[str, Any]
    shape: Shape | None
    dtype: Any
    name: str | None = None
    scope: Any = None
    silent: bool = False


class Program(NamedTuple):
    """Inputs, lines, and which values come out.

    ``rebuild`` makes of the outputs, in order, the tree that the function returned. ``checks`` are
    cotangents that may hold a NaN where the result does not depend on an entry at all; if one
    does, the careful form of the program must run, which masks those entries.
    """

    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]
    outputs: tuple[Any, ...]
    rebuild: Callable[[list[Any]], Any] = list
    checks: tuple[Any, ...] = ()

    def value(self, ref: Ref) -> Input | Line:
        """Return the input or the line that a Ref names."""
        count = len(self.inputs)
        return self.inputs[ref.at] if ref.at < count else self.lines[ref.at - count]

    def numbered(self) -> Iterator[tuple[Ref, Line]]:
        """Yield each line with the Ref that names its result."""
        for at, line in enumerate(self.lines, len(self.inputs)):
            yield Ref(at), line

    def __call__(self, *values: Any) -> Any:
        """Run it, line by line: what every compiled form must equal."""
        found = list(values)
        for line in self.lines:
            operands = substituted(line.operands, found)
            found.append(line.compute(*operands, **substituted(line.params, found)))
        return self.rebuild([substituted(out, found) for out in self.outputs])


def mapped(tree: Any, f: Callable[[Ref], Any]) -> Any:
    """Return a tree of operands with f(ref) in place of each Ref."""
    kind = type(tree)
    if kind is Ref:
        return f(tree)
    if kind is tuple or kind is list:
        found = [
            f(x) if type(x) is Ref else mapped(x, f) if type(x) in BRANCHES else x for x in tree
        ]
        return found if kind is list else tuple(found)
    if kind is dict and tree:
        return {key: mapped(x, f) for key, x in tree.items()}
    return tree


def substituted(tree: Any, values: Sequence[Any]) -> Any:
    """Return a tree of operands with values in place of Refs."""
    return mapped(tree, lambda ref: values[ref.at])


def refs(*trees: Any) -> list[Ref]:
    """Return the Refs in trees of operands, in order."""
    found: list[Ref] = []
    for tree in trees:
        mapped(tree, found.append)
    return found


def of_graph(
    outputs: Sequence[Any],
    inputs: Mapping[int, Input] | None = None,
    *,
    names: Mapping[int, str] | None = None,
    values: Mapping[int, Any] | None = None,
    numbers: Mapping[int, Any] | None = None,
    constants: Mapping[int, Any] | None = None,
    rebuild: Callable[[list[Any]], Any] = list,
    checks: Sequence[Any] = (),
    until: int = 0,
    silent: Sequence[tuple[int, int]] = (),
) -> Program:
    """Return the program that computes some Tensors, from the graph that was recorded for them.

    Parameters
    ----------
    outputs : Tensors and constants
    inputs : by the order of their nodes; variables and others not among them are added
    names : of values, by the order of their nodes
    values : of nodes, by their order; they tell shapes and dtypes where the graph keeps none
    numbers : values that are plain Python numbers, by the order of their nodes
    constants : values of variables that are no inputs, by the order of their nodes
    until : what is older is an input, however it was computed
    silent : between which orders nodes give no warning
    """
    making = _Making(dict(inputs or {}), names or {}, values or {}, numbers or {}, constants or {})
    making.silent = silent
    roots = [x._node for x in (*outputs, *checks) if isinstance(x, Handle) and x._node is not None]
    calls = []
    for node in history(*roots, until=until):
        if order_of(node) in making.inputs or order_of(node) in making.places:
            continue
        if is_leaf(node) or (until and order_of(node) > until):
            making.inputs[order_of(node)] = making.input(node)
        else:
            calls.append(node)
    making.places.update((order, Ref(at)) for at, order in enumerate(making.inputs))
    lines = tuple([making.line(i, node) for i, node in enumerate(calls, len(making.inputs))])
    found = [making.tree(x) for x in (*outputs, *checks)]
    count = len(outputs)
    given = tuple(making.inputs.values())
    return Program(given, lines, tuple(found[:count]), rebuild, tuple(found[count:]))


class _Making:
    """A program in the making: the places of nodes, as far as they are known."""

    def __init__(
        self, inputs: Any, names: Any, values: Any, numbers: Any, constants: Mapping[int, Any]
    ) -> None:
        self.inputs: dict[int, Input] = inputs
        self.names, self.values, self.numbers = names, values, numbers
        self.silent: Sequence[tuple[int, int]] = ()
        self.places: dict[int, Any] = dict(constants)  # Refs, and the constants that some are

    def tree(self, x: Any) -> Any:
        """Return parameters with Refs in place of Tensors; a list among them is no node."""
        if isinstance(x, Handle):
            return x._value if x._node is None else self.places[order_of(x._node)]
        if type(x) in (tuple, list):
            return type(x)(self.tree(y) for y in x)
        return {key: self.tree(y) for key, y in x.items()} if type(x) is dict else x

    def input(self, node: Node) -> Input:
        """Return a variable of the graph as an input."""
        order = order_of(node)
        x = self.values.get(order)
        if type(x) in NUMBERS:
            return Input(self.names.get(order), (), type(x))
        return Input(self.names.get(order), getattr(x, "shape", None), getattr(x, "dtype", None))

    def line(self, at: int, node: Node) -> Line:
        """Return the line of a node, and note its place."""
        order, plan, kept, _, _, scope, operands = step(node)
        _, specs, params = plan.unpack(kept)
        if specs is not None:
            operands = operands[: len(specs) - 1]  # beyond them: the Tensors among the parameters
            several = plan.rule.several or type(specs[-1][0]) is Spec
            shape, dtype = (None, None) if several else specs[-1]
        else:
            x = self.values.get(order)
            shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
        rule, given = plan.rule, self.tree(params)
        arguments = tuple(
            [self.places[order_of(x)] if is_node(x) else self.tree(x) for x in operands]
        )
        if rule.kind == "constant":  # recorded with its arguments as they were
            arguments, given = given["args"], given["kwargs"]
        if order in self.numbers:
            dtype = type(self.numbers[order])
        self.places[order] = Ref(at)
        name = self.names.get(order)
        quiet = any(first > order > last for first, last in self.silent)
        return Line(rule.function, rule.forward, arguments, given, shape, dtype, name, scope, quiet)

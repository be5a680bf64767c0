"""Tape: a graph of single numbers as formulas that a page can evaluate again. Floor 8.

Each operation becomes its formula and those of its derivatives, taken from the rules as they are
printed. They are trees: a number is itself, ``"0"`` and ``"1"`` are the operands, ``"out"`` is the
result, and a list is an operation on trees, ``["exp", ["neg", "0"]]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..graph import is_leaf, is_node, order_of, step
from ..rule import rules
from .expressions import Expression, NoSymbolError, name, num
from .symbols import RESHAPING, formula, pulled
from .walk import within

if TYPE_CHECKING:
    from ..graph import Node
    from ..rule import Rule
    from .cards import Board

Tree = Any  # float, str, or [str, *Tree]
SAME = RESHAPING | {"mean", "conjugate", "real"}  # of a single number, the number itself


class Tape(NamedTuple):
    """Formulas of operations, and for each computed card what it does with them.

    ``operations`` holds the trees [result, derivative, ...]; ``programs`` for each card its
    operations in order, [operation, operand, ...]. An operand is the number of a card, or -1, -2,
    ... for what the first, second operation of the program gave, or [constant].
    """

    operations: list[list[Tree]]
    programs: dict[int, list[list[Any]]]


class UnspelledError(Exception):
    """The graph cannot be evaluated from formulas; the message says why."""


def taped(board: Board) -> Tape:
    """Return the tape of a graph of single numbers.

    Raises
    ------
    UnspelledError
        If a value is an array or complex, or an operation has no formula.
    """
    for node in board.nodes:
        check_number(board, node)
    tape = Tape([], {})
    known: dict[str, int] = {}
    for node in board.nodes:
        place = board.places.get(order_of(node))
        if place is None or is_leaf(node):
            continue
        program: list[list[Any]] = []
        done: dict[int, int] = {}
        for at in sorted(within(board, node), key=order_of, reverse=True):
            trees = spelled(at)
            key = repr(trees)
            number = known.setdefault(key, len(tape.operations))
            if number == len(tape.operations):
                tape.operations.append(trees)
            program.append([number, *[operand(board, x, done) for x in step(at).operands]])
            done[order_of(at)] = -len(program)
        tape.programs[place] = program
    return tape


def check_number(board: Board, node: Node) -> None:
    """Refuse a node whose value is not a real number."""
    x = board.values[order_of(node)]
    title = board.folding.titles.get(order_of(node)) or "a value"
    if order_of(node) in board.changed:
        raise UnspelledError(f"{title} was changed since the result was computed")
    if x is None:
        raise UnspelledError(f"the value of {title} is not known")
    if np.ndim(x) or np.asarray(x).dtype.kind != "f":
        shape = np.shape(x)
        said = f"an array of shape {shape}" if shape else f"{np.asarray(x).dtype}"
        raise UnspelledError(f"{title} is {said}, and only graphs of real numbers are run again")


def operand(board: Board, x: Any, done: dict[int, int]) -> Any:
    """Return where a program finds an operand."""
    if is_node(x):
        order = order_of(x)
        return done[order] if order in done else board.places[order]
    if id(x) in board.places:
        return board.places[id(x)]
    value = np.asarray(x)
    if value.ndim or value.dtype.kind not in "biuf":
        raise UnspelledError("it computes with an array")
    return [float(value)]


def spelled(node: Node) -> list[Tree]:
    """Return the formulas of an operation and of its derivatives, as trees."""
    fields = step(node)
    count = len(fields.operands)
    rule: Rule = fields.plan.rule
    if rules.get(rule.function) is not rule:
        raise UnspelledError(f"{rule.name} is a function of your own")
    names = [name(str(i)) for i in range(count)]
    _, _, params = fields.plan.unpack(fields.kept)
    try:
        if rule.name in SAME and count == 1:
            return ["0", 1]
        trees = [tree(formula(rule, names, params))]
        shapes = [()] * (count + 1)
        for i, x in enumerate(fields.operands):
            slope = pulled(rule, i, num(1), names, name("out"), shapes) if is_node(x) else num(0)
            trees.append(tree(slope))
    except (NoSymbolError, TypeError, ValueError, AttributeError, IndexError):
        raise UnspelledError(f"{rule.name} has no formula that the page can evaluate") from None
    return trees


def tree(e: Expression) -> Tree:
    """Return an expression as a tree of lists."""
    if e.op == "number":
        return e.args[0] if isinstance(e.args[0], int) else float(e.args[0])
    if e.op == "name":
        return e.args[0]
    if e.op == "call":
        return [e.args[0], *map(tree, e.args[1:])]
    if e.op in ("+", "-", "·", "/", "^", "neg", ">", "<"):
        return [e.op, *map(tree, e.args)]
    raise NoSymbolError  # words, an index, a matrix product

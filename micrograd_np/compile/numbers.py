"""Numbers: a small program as a Python function of plain numbers. Floor 9."""

from __future__ import annotations

import ast
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from .cells import Cell
from .elements import ELEMENTS
from .syntax import assign, name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .unrolling import Unrolled

DEEPEST = 12  # operations in one expression
MATH = {"abs": abs} | {
    key: getattr(math, key)
    for key in (
        "pow", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin",
        "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh",
        "atanh", "hypot", "copysign",
    )
}  # fmt: skip


class Statements:
    """The statements that compute cells, and the expressions of cells after them.

    A number that is read once stands where it is read; any other has a name. In a loop, ``before``
    computes what hangs on none of the ``varying`` inputs.
    """

    def __init__(self, cells: Unrolled, prefix: str = "t", varying: set[int] | None = None) -> None:
        self.prefix, self.varying = prefix, varying
        self.body: list[ast.stmt] = []
        self.before: list[ast.stmt] = []
        self.found: dict[int, ast.expr] = {}
        self.depth: dict[int, int] = {}
        self.read: Counter[int] = Counter()
        arrays = (*cells.outputs, *cells.checks)
        outputs = [x for array in arrays for x in array.flat if type(x) is Cell]
        alive = living(outputs)
        for cell in alive:
            again = cell.op != "input" and ELEMENTS[cell.op].again
            for x in cell.args:
                if type(x) is Cell:
                    self.read[x.at] += 2 if again else 1
        for cell in outputs:
            self.read[cell.at] += 2
        for cell in alive:
            if cell.op != "input":
                self.compute(cell)

    def compute(self, cell: Cell) -> None:
        """Note the expression of a cell, and give it a name if it is read more than once."""
        depth = 1 + max((self.depth.get(x.at, 0) for x in cell.args if type(x) is Cell), default=0)
        value = ELEMENTS[cell.op].spell(*map(self.expression, cell.args))
        fixed = False
        if self.varying is not None:
            fixed = not any(type(x) is Cell and x.at in self.varying for x in cell.args)
            if not fixed:
                self.varying.add(cell.at)
        if fixed or self.read[cell.at] > 1 or depth > DEEPEST:
            text, depth = f"{self.prefix}{cell.at}", 0
            (self.before if fixed else self.body).append(assign(text, value))
            value = name(text)
        self.found[cell.at], self.depth[cell.at] = value, depth

    def expression(self, x: Any) -> ast.expr:
        """Return the expression of a cell or a number."""
        if type(x) is not Cell:
            return ast.Constant(x)
        return name(f"{self.prefix}{x.at}") if x.op == "input" else self.found[x.at]

    def array(self, cells: Any) -> list[ast.expr]:
        """Return the expressions of an array of cells, one after the other."""
        return [self.expression(x) for x in cells.flat]


def living(outputs: Iterable[Cell]) -> list[Cell]:
    """Return the cells that outputs hang on, in the order in which they are computed."""
    found = {cell.at: cell for cell in outputs}
    stack = list(found.values())
    while stack:
        for x in stack.pop().args:
            if type(x) is Cell and x.at not in found:
                found[x.at] = x
                stack.append(x)
    return [found[at] for at in sorted(found)]

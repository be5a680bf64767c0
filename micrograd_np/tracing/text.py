"""Text: whole programs as the source of a function, for people. Floor 8.

Names are those of the user where they can stand in a text as they are; no other text of a user's
reaches it.
"""

from __future__ import annotations

import ast
import keyword
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from .program import Ref, refs
from .spelling import LOAD, expression, of_plain_numbers, spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Program
    from .spelling import Expr


class Names:
    """The names of one text: of values as the user calls them, where that is possible."""

    def __init__(self, program: Program) -> None:
        self.taken = {"np", "slice", *keyword.kwlist}
        self.namespace: dict[str, Any] = {"np": np, "slice": slice}
        self.values: dict[int, str] = {}
        self.inside: dict[int, Expr] = {}  # values that stand where they are read
        self.by_identity: dict[int, str] = {}
        for at, given in enumerate(program.inputs):
            self.values[at] = self.unique(identifier(given.name) or f"x{at}")
        self.number = count(1)

    def name(self, ref: Ref, given: str | None = None) -> str:
        """Return the name of a value; at first, what the user calls it, or a number."""
        if ref.at not in self.values:
            self.values[ref.at] = self.unique(identifier(given) or f"v{next(self.number)}")
        return self.values[ref.at]

    def unique(self, name: str) -> str:
        """Return the name, with a number behind it if it is taken."""
        found, number = name, 2
        while found in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found)
        return found

    def value(self, ref: Ref) -> Expr:
        """Return the name of a value, or what computes it."""
        return self.inside.get(ref.at) or ast.Name(self.name(ref), LOAD)

    def constant(self, x: Any) -> Expr:
        """Return a number as it is, and the name of any other constant."""
        if isinstance(x, np.ndarray | np.generic) and not x.ndim and x.dtype.kind in "bif":
            return spelled(x.item(), self)
        return self.named(x, "c")

    def function(self, f: Callable[..., Any], name: str) -> Expr:
        """Return the name of a function."""
        return self.named(f, identifier(name) or "f")

    def named(self, x: Any, name: str) -> Expr:
        """Return the name of an object in the namespace, one for each object."""
        if id(x) not in self.by_identity:
            found = self.unique(name)
            self.by_identity[id(x)], self.namespace[found] = found, x
        return ast.Name(self.by_identity[id(x)], LOAD)


def identifier(name: str | None) -> str | None:
    """Return a user's name if it can stand in a text as it is; else None."""
    fits = name is not None and name.isascii() and name.isidentifier()
    return name if fits and not str(name).startswith("__") else None


LONGEST = 40  # characters of an expression that stands inside another


def source(program: Program, name: str = "f", composed: bool = False) -> tuple[str, dict[str, Any]]:
    """Return a program as the text of a function, and the namespace that the text needs.

    Composed, what is read once and is short stands where it is read.

    Examples
    --------
    >>> from micrograd_np.tracing.trace import trace
    >>> program = trace(lambda x: np.exp(-x) + 1, 0.5)
    >>> print(source(program)[0])
    def f(x):
        v1 = -x
        v2 = np.exp(v1)
        v3 = v2 + 1.0
        return v3
    >>> print(source(program, composed=True)[0])
    def f(x):
        v1 = np.exp(-x) + 1.0
        return v1
    """
    names = Names(program)
    given = ", ".join([names.name(Ref(at)) for at in range(len(program.inputs))])
    lines = [f"def {identifier(name) or 'f'}({given}):"]
    once = read_once(program) if composed else set()
    for ref, line in program.numbered():
        value = expression(line, names, of_plain_numbers(program, line))
        text = ast.unparse(value)
        if ref.at in once and len(text) <= LONGEST:
            names.inside[ref.at] = value
        else:
            lines.append(f"    {names.name(ref, line.name)} = {text}")
    outs = ", ".join(ast.unparse(spelled(out, names)) for out in program.outputs)
    return "\n".join([*lines, f"    return {outs}"]), names.namespace


def read_once(program: Program) -> set[int]:
    """Return the values without a name that one line reads, once."""
    read = Counter(ref.at for line in program.lines for ref in refs(line.operands, line.params))
    outputs = {ref.at for ref in refs(program.outputs)}
    return {
        ref.at
        for ref, line in program.numbered()
        if line.name is None and read[ref.at] == 1 and ref.at not in outputs
    }

"""Explanation: a derivation to read, to run and to typeset. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..calls.outputs import output
from ..rules.decompositions import decomposed, factored
from .helpers import definitions
from .latex import Latex
from .plain import Plain
from .python import Python
from .terms import below

if TYPE_CHECKING:
    from .mathematics import Mathematics
    from .terms import Term


class Formula(NamedTuple):
    """A line: a name and what it is, for a derivative also of what and by what."""

    name: str
    term: Term
    of: str | None = None
    by: str | None = None
    order: int = 1


RESULTS: dict[Any, int] = {
    np.linalg.eigh: 2, np.linalg.eig: 2, np.linalg.slogdet: 2, factored: 2, decomposed: 3,
}  # fmt: skip


def unpacked(lines: list[Formula]) -> list[Formula]:
    """Return lines with all results of one function taken together: ``w, V = eigh(A)``."""
    made: list[Formula] = []
    at = 0
    while at < len(lines):
        whole, _ = place(lines[at].term)
        count = RESULTS.get(whole.op, 1)
        some = lines[at : at + count]
        if count > 1 and [place(x.term) for x in some] == [(whole, i) for i in range(count)]:
            made.append(Formula(", ".join(x.name for x in some), whole))
        else:
            made += (some := some[:1])
        at += len(some)
    return made


def place(t: Term) -> tuple[Term, int]:
    """Return of which function with several results a term is one, and which; 0 of any other."""
    return (t.args[0], dict(t.params)["index"]) if t.op is output.function else (t, 0)


class Explanation:
    """The derivative of a computation, as formulas.

    ``print`` shows them as NumPy, Jupyter typeset. ``source()`` is a function that computes the
    gradients, ``latex`` and ``text`` are for papers and terminals, ``formulas`` has the right hand
    sides by name, and ``point`` the values for which it was all recorded.
    ``cotangent`` is the name of that of the result, where this is no single number.
    """

    def __init__(
        self,
        forward: list[Formula],
        backward: list[Formula],
        inputs: list[Term],
        point: dict[str, Any],
        cotangent: str | None = None,
        kinks: tuple[str, ...] = (),
    ) -> None:
        self._forward, self._backward, self._inputs = forward, backward, inputs
        self._kinks = kinks
        self.point, self.cotangent = point, cotangent

    @property
    def formulas(self) -> dict[str, str]:
        """The derivatives as NumPy source, by name."""
        text = Python().text
        return {line.name: text(line.term) for line in self._backward}

    def source(self) -> str:
        """Return a function of NumPy that computes the gradients, with all that it needs.

        Its parameters are the variables and constants of the computation, by name.
        """
        python, needed = Python(), self._needed()
        lines = unpacked([x for x in self._forward if x.name in needed]) + self._backward
        body = [f"    {x.name} = {python.text(x.term)}" for x in lines]
        imports, helpers = definitions(python.helpers)
        found = [x.name for x in self._backward if x.by is not None and x.name not in needed]
        names = ", ".join(t.params for t in self._inputs)
        function = [
            f"def backprop({names}):",
            self._comment("    "),
            *body,
            f"    return {', '.join(found)}{',' if len(found) == 1 else ''}",
        ]
        head = "\n".join(sorted({"import numpy as np", *python.imports, *imports}))
        return "\n\n\n".join([head, *helpers, "\n".join(function)]) + "\n"

    @property
    def latex(self) -> str:
        """The formulas as LaTeX, one ``aligned`` block."""
        lines = [f"{left} &= {right}" for left, right in self._typeset(Latex)]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    @property
    def text(self) -> str:
        """The formulas as plain text."""
        return "\n".join(f"{left} = {right}" for left, right in self._typeset(Plain))

    def _typeset(self, style: type[Mathematics]) -> list[tuple[str, str]]:
        """Return both sides of every line; derivatives as quotients wherever they stand."""
        plain = style()
        aliases = {
            x.name: plain.derivative(x.of, x.by, x.order)
            for x in self._backward
            if x.of is not None and x.by is not None
        }
        write = style(aliases)

        def left(name: str) -> str:
            return ", ".join(aliases.get(x) or write.name(x) for x in name.split(", "))

        lines = [*unpacked(self._forward), *self._backward]
        return [(left(x.name), write.text(x.term)) for x in lines]

    @property
    def caveat(self) -> str:
        """For what the formulas hold, and what was chosen at kinks."""
        shapes = ", ".join(f"{t.params} {t.shape}" for t in self._inputs if t.shape)
        where = f", and these shapes: {shapes}" if shapes else ""
        return "\n".join([f"For the branches taken here{where}", *self._kinks])

    def _comment(self, indent: str = "") -> str:
        return "\n".join(f"{indent}# {line}" for line in self.caveat.splitlines())

    def __str__(self) -> str:
        text = Python().text
        forward, backward = (
            "\n".join(f"{x.name} = {text(x.term)}" for x in lines)
            for lines in (unpacked(self._forward), self._backward)
        )
        return "\n\n".join([*filter(None, [forward]), backward, self._comment()])

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def _needed(self) -> set[str]:
        """Return the names that the derivatives are computed from, and those from others."""
        return needed(self._backward, [*self._forward, *self._backward])


def needed(last: list[Formula], lines: list[Formula]) -> set[str]:
    """Return the names of lines that the last ones are computed from, and those from others."""
    terms = {x.name: x.term for x in lines}
    stack, found = [x.term for x in last], set()
    while stack:
        t = stack.pop()
        stack.extend(below(t))
        if t.op == "name" and t.params in terms and t.params not in found:
            found.add(t.params)
            stack.append(terms[t.params])
    return found

"""Reading a program: its lines as terms, what has a name standing for itself. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..rules.indexing import getitem
from ..tracing.program import Ref, refs
from ..tracing.spelling import numpy_path, spelled, title
from .algebra import Algebra
from .conversions import ARITHMETIC
from .deviations import centred
from .making import make, tidied
from .naming import Namer
from .operation import Operation
from .python import Python
from .symmetry import symmetric
from .terms import NAME, NUMBER, Term
from .triangles import triangular

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..tracing.program import Line, Program

LITERAL = 6  # entries of a constant array that are printed one by one
DEEPEST, HEAVIEST = 25, 150  # of a formula without a name; a larger one gets one


class Definition(NamedTuple):
    """A line of the derivation: a name, and what it stands for."""

    name: Term
    term: Term
    at: int  # number of the value in the program


class Reading:
    """A program as terms.

    Parameters
    ----------
    roots : what must be read
    names : the wished names of values, by their number; inputs among them
    constants : the wished names of constant arrays, by identity
    given : what stands for some inputs, by their number
    point : the values of the inputs, by their number
    forward : so many lines are read as they were written
    ordered : whether no NaN was compared
    """

    def __init__(
        self,
        program: Program,
        roots: Sequence[Any],
        names: Mapping[int, str],
        constants: Mapping[int, str],
        given: Mapping[int, Any],
        point: Mapping[int, Any],
        forward: int,
        ordered: bool,
    ) -> None:
        self.program, self.algebra, self.namer = program, Algebra(ordered), Namer()
        self.names, self.constant_names = names, constants
        self.functions = {line.function for line in program.lines}
        helpers = {title(f) for f in self.functions if not numpy_path(f)}
        self.namer.taken |= helpers | {"sigmoid_derivative", "sigmoid"}
        self.definitions: list[Definition] = []
        self.arrays: dict[str, tuple[Term, Any]] = {}  # constants that became inputs
        self.known: dict[int, Term] = {}  # constant arrays, by identity
        self.equal: dict[Any, Term] = {}  # the same, by what they hold
        self.recalled: set[Term] = set()
        self.named: dict[Term, Term] = {}
        self.meaning: dict[Term, Term] = {}  # of names
        self.given: list[tuple[int, Term]] = []
        self.values: list[Term | None] = [
            self.input(at, x, point[at]) if at not in given else self.constant(given[at])
            for at, x in enumerate(program.inputs)
        ]
        self.first = len(program.inputs) + forward
        needed = reachable(program, roots)
        for ref, line in program.numbered():
            self.values.append(self.line(ref.at, line) if ref.at in needed else None)
        self.given = [(at, t) for at, t in self.given if at in needed or t in self.recalled]

    def input(self, at: int, x: Any, value: Any) -> Term:
        """Return an input as a name; integers may come back as the index of a constant array."""
        name = self.namer.unique(self.names.get(at) or x.name, "x")
        t = self.algebra.name(name, x.shape, None if isinstance(x.dtype, type) else x.dtype)
        self.given.append((at, t))
        if np.size(value) > 2 and value.dtype.kind in "iu" and self.pattern(value) is None:
            self.equal[contents(value)] = t
        return t

    def line(self, at: int, line: Line) -> Term:
        """Return the result of a line: its name, if it has one."""
        t = self.operation(at, line)
        t = self.named.get(t, t)
        wish = self.names.get(at)
        equal = t.op is np.broadcast_to and t.args[0].op == NUMBER and at >= self.first
        if t.op in (NAME, NUMBER) or equal:
            return t
        if wish is None and t.depth <= DEEPEST and t.weight <= HEAVIEST:
            return t
        name = self.namer.unique(wish) if wish else self.namer.numbered("t")
        term = self.algebra.name(name, t.shape, t.dtype)
        self.definitions.append(Definition(term, t, at))
        self.named[t], self.meaning[term] = term, t
        if symmetric(self.algebra, t):
            self.algebra.symmetric.add(term)
        if (axes := centred(self.algebra, t)) is not None:
            self.algebra.centred[term] = axes
        return term

    def operation(self, at: int, line: Line) -> Term:
        """Return the term of a line; of a forward one as it was written."""
        args = tuple([self.operand(x) for x in line.operands])
        params = {name: self.parameter(x) for name, x in line.params.items()}
        operation = Operation(
            self.algebra, line.function, args, params, line.shape or (), line.dtype
        )
        as_written = at < self.first and line.function not in ARITHMETIC
        t = tidied(operation) if as_written else make(operation)
        if line.function is np.greater and not as_written:  # by the rule of np.maximum: no ties
            self.algebra.apart.add(t)
        return t

    def operand(self, x: Any) -> Term:
        """Return an operand: a value of the program or a constant."""
        if isinstance(x, Ref):
            value = self.values[x.at]
            assert value is not None
            return value
        if isinstance(x, tuple | list | str | slice | type(None)) or x is Ellipsis:
            return self.algebra.name(ast.unparse(spelled(self.parameter(x), Python())))
        return self.constant(x)

    def constant(self, x: Any) -> Term:
        """Return a constant: a number, equal numbers, a short array, or a name."""
        if isinstance(x, Term):
            return x
        x = np.asarray(x) if isinstance(x, np.generic) else x
        if not isinstance(x, np.ndarray):
            return self.algebra.number(x) if not isinstance(x, type) else self.algebra.name(repr(x))
        if id(x) in self.known:
            return self.known[id(x)]
        if x.ndim == 0:
            return self.algebra.number(x)
        key = contents(x)
        if (equal := self.equal.get(key)) is not None and id(x) not in self.constant_names:
            self.recalled.add(equal)
            return equal
        wish = self.constant_names.get(id(x))
        if wish is None and (known := self.pattern(x)) is not None:
            made = known
        elif wish is None and x.size <= LITERAL:
            made = self.algebra.term(np.array, (), x, x.shape, x.dtype)
        else:
            name = self.namer.unique(wish) if wish else self.namer.numbered("c")
            made = self.algebra.name(name, x.shape, x.dtype)
            self.arrays[name] = made, x
        self.known[id(x)] = self.equal[key] = made
        return made

    def pattern(self, x: Any) -> Term | None:
        """Return an array of equal numbers, an identity matrix, or a range."""
        flat, n = x.reshape(-1), len(x)
        typed = () if x.dtype == np.float64 else (("dtype", x.dtype),)
        if x.size and x.dtype.kind == "f" and bool(np.all(flat == flat[0])):
            params = (("shape", x.shape),)
            number = self.algebra.number(flat[0])
            return self.algebra.term(np.broadcast_to, (number,), params, x.shape, x.dtype)
        if x.shape == (n, n) and n > 1 and x.dtype.kind == "f":
            return triangular(self.algebra, x)
        if x.ndim == 2 and x.size > LITERAL and is_one_hot(x):
            one = self.algebra.number(x.shape[1])
            eye = self.algebra.term(np.eye, (one,), typed, (x.shape[1],) * 2, x.dtype)
            params = (("index", self.constant(np.argmax(x, axis=1))),)
            return self.algebra.term(getitem, (eye,), params, x.shape, x.dtype)
        if x.shape == (n,) and n > 2 and x.dtype == np.int64 and np.array_equal(x, np.arange(n)):
            return self.algebra.term(np.arange, (self.algebra.number(n),), (), x.shape, x.dtype)
        return None

    def parameter(self, x: Any) -> Any:
        """Return a parameter with terms for values of the program, names for long arrays."""
        if isinstance(x, Ref):
            return self.operand(x)
        if isinstance(x, np.ndarray):
            return self.constant(x) if x.ndim else x[()]
        if isinstance(x, slice):
            return slice(*map(self.parameter, (x.start, x.stop, x.step)))
        if isinstance(x, tuple | list):
            return type(x)(self.parameter(y) for y in x)
        return {key: self.parameter(y) for key, y in x.items()} if isinstance(x, dict) else x


def contents(x: Any) -> Any:
    """Return what tells arrays apart by what they hold."""
    return x.dtype.str, x.shape, x.tobytes()


def is_one_hot(x: Any) -> bool:
    """Tell whether each row of a matrix of floats has one entry 1, and 0 else."""
    if x.dtype.kind != "f" or not x.size:
        return False
    return bool(np.all((x == 0) | (x == 1)) and np.all(np.sum(x, axis=1) == 1))


def reachable(program: Program, roots: Sequence[Any]) -> set[int]:
    """Return the numbers of the values that the roots depend on."""
    first = len(program.inputs)
    stack = [ref.at for ref in refs(*roots)]
    found: set[int] = set()
    while stack:
        at = stack.pop()
        if at not in found:
            found.add(at)
            if at >= first:
                line = program.lines[at - first]
                stack += [ref.at for ref in refs(line.operands, line.params)]
    return found

"""Terms as mathematics: what LaTeX and plain text have in common. Floor 8."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.activations import sigmoid
from ..rules.indexing import getitem
from ..rules.norms import euclidean
from ..rules.products import batched_matmul, matmul
from ..spelling import LOAD, spelled, subscript, title
from .folding import sigmoid_derivative
from .python import Python, called, indicated, lines, new_axes
from .terms import NAME, NUMBER, PRODUCT, SUM, Coefficient, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

COMPARED, ADDED, MULTIPLIED, RAISED, ATOM = range(5)
COMPARISONS = (
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.bitwise_and,
    np.bitwise_or,
)  # fmt: skip
FUNCTIONS: dict[Any, str] = {
    sigmoid: "sigma", sigmoid_derivative: "sigma'", np.log: "log", np.exp: "exp", np.sin: "sin",
    np.cos: "cos", np.tan: "tan", np.sinh: "sinh", np.cosh: "cosh", np.tanh: "tanh",
    np.arcsin: "arcsin", np.arccos: "arccos", np.arctan: "arctan", np.max: "max", np.min: "min",
    np.maximum: "max", np.minimum: "min",
}  # fmt: skip


class Mathematics(ABC):
    """Writes terms as mathematics; each text says how tightly it binds."""

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self.aliases = aliases or {}  # of names that are written otherwise
        self.written: dict[Term, tuple[str, int]] = {}

    def text(self, t: Term, least: int = COMPARED) -> str:
        """Return a term, in brackets if it binds less than ``least``."""
        if t not in self.written:
            self.written[t] = self._write(t)
        text, binds = self.written[t]
        return text if binds >= least else self.brackets(text)

    def _write(self, t: Term) -> tuple[str, int]:
        if t.op == NAME:
            return self.aliases.get(t.params) or self.name(t.params), ATOM
        if t.op == NUMBER:
            return self.signed(t.params)
        if t.op == SUM:
            return self._sum(t), ADDED
        if t.op == PRODUCT:
            return self._scaled(t.params[0], zip(t.args, t.params[1], strict=True))
        write = WRITTEN.get(t.op)
        made = None if write is None else write(self, t)
        return self.called(t) if made is None else made

    def signed(self, x: Any) -> tuple[str, int]:
        """Return a number; a negative one binds like a sum."""
        text = self.number(x)
        return text, ATOM if text[0] not in "-−" else ADDED

    def called(self, t: Term) -> tuple[str, int]:
        """Return a function of arguments, parameters behind them."""
        args = [self.text(x) for x in t.args]
        args += [self.given(k, x) for k, x in t.params if x is not None and x is not False]
        name = FUNCTIONS.get(t.op) or called(t.op, title(t.op))
        return self.head(name) + self.brackets(", ".join(args)), ATOM

    def given(self, name: str, x: Any) -> str:
        """Return a parameter of a function."""
        return (self.words(f"{name}=") if name else "") + (
            self.text(x) if isinstance(x, Term) else self.shown(x)
        )

    def shown(self, x: Any) -> str:
        """Return a parameter that is no term, as Python writes it."""
        return self.words(ast.unparse(spelled(x, Python())))

    def _sum(self, t: Term) -> str:
        made = ""
        for c, x in zip(t.params, t.args, strict=True):
            size = Coefficient(-c.num, c.den) if c.negative and made else c
            text, binds = self._scaled(size, [(x, 1)])
            text = text if binds >= ADDED else self.brackets(text)
            made += f" {self.minus if c.negative else '+'} {text}" if made else text
        return made

    def _scaled(self, c: Coefficient, factors: Iterable[tuple[Term, Any]]) -> tuple[str, int]:
        above, below = lines(factors)
        sign = self.minus if c.negative else ""
        num = -c.num if c.negative else c.num
        divides = self.stacked and (below or c.den != 1)
        top = self._product([] if num == 1 and above else [self.number(num)], above, divides)
        if not below and c.den == 1:
            lone = len(above) == 1 and num == 1 and not sign
            return sign + top, (self._binds(*above[0]) if lone else ADDED if sign else MULTIPLIED)
        down = self._product([] if c.den == 1 else [self.number(c.den)], below, divides)
        several = len(below) + (c.den != 1) > 1
        return sign + self.fraction(top, down, several), ADDED if sign else MULTIPLIED

    def _binds(self, t: Term, e: Any) -> int:
        self.text(t)
        binds = self.written[t][1]
        return RAISED if e != 1 else binds if binds >= MULTIPLIED else ATOM

    def _product(
        self, numbers: list[str], factors: list[tuple[Term, Any]], bare: bool = False
    ) -> str:
        """Return a product; between two arrays stands the sign of the product of their entries.

        ``bare`` tells whether a sum by itself needs no brackets.
        """
        if len(factors) == 1 and not numbers and factors[0][1] == 1:
            return self.text(factors[0][0], COMPARED if bare else MULTIPLIED)
        made, arrays, last = numbers[0] if numbers else "", False, len(factors) - 1
        for i, (f, e) in enumerate(factors):
            open_ended = i == last and (not last or f.op is np.sum)  # nothing follows
            least = MULTIPLIED if open_ended else RAISED
            text = self.text(f, least) if e == 1 else self.power(self.text(f, ATOM), e)
            if made:
                made += self.entrywise if arrays and f.size > 1 else self.times
            made += text
            arrays = arrays or f.size > 1
        return made

    # What differs

    minus: str
    stacked: bool  # whether a quotient is written one above the other
    times: str
    entrywise: str

    @abstractmethod
    def name(self, name: str) -> str:
        """Return a name."""

    @abstractmethod
    def number(self, x: Any) -> str:
        """Return a number."""

    @abstractmethod
    def derivative(self, of: str, by: str, order: int) -> str:
        """Return the derivative of a name by another."""

    @abstractmethod
    def words(self, text: str) -> str:
        """Return words that are no mathematics."""

    @abstractmethod
    def head(self, name: str) -> str:
        """Return the name of a function."""

    @abstractmethod
    def brackets(self, text: str) -> str:
        """Return a text in brackets."""

    @abstractmethod
    def fraction(self, above: str, below: str, several: bool) -> str:
        """Return a quotient; ``several`` tells whether what is below is a product."""

    @abstractmethod
    def power(self, base: str, exponent: Any) -> str:
        """Return a power with a number for exponent."""

    @abstractmethod
    def raised(self, base: str, exponent: str) -> str:
        """Return a power with any exponent."""

    @abstractmethod
    def transposed(self, text: str) -> str:
        """Return a transpose."""

    @abstractmethod
    def between(self, kind: str, text: str) -> str:
        """Return what stands in signs: a root, an absolute value, a norm."""

    @abstractmethod
    def summed(self, text: str, axis: str) -> str:
        """Return a sum over axes, all if ``axis`` is empty."""

    @abstractmethod
    def compared(self, function: Any, x: str, y: str) -> str:
        """Return a comparison."""

    @abstractmethod
    def matrix_product(self, x: str, y: str) -> str:
        """Return a matrix product."""

    @abstractmethod
    def indicated(self, condition: str) -> str:
        """Return what is 1 where a condition holds, else 0."""

    @abstractmethod
    def exponential(self, x: str) -> str:
        """Return the exponential."""

    @abstractmethod
    def item(self, text: str, index: str) -> str:
        """Return an entry."""

    @abstractmethod
    def identity(self, n: int) -> str:
        """Return the identity matrix."""

    @abstractmethod
    def ones(self) -> str:
        """Return an array of ones."""


def power(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a power."""
    return m.raised(m.text(t.args[0], ATOM), m.text(t.args[1])), RAISED


def matrix_product(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a matrix product."""
    return m.matrix_product(m.text(t.args[0], MULTIPLIED), m.text(t.args[1], RAISED)), MULTIPLIED


def summed(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a sum over axes."""
    axis = dict(t.params).get("axis")
    return m.summed(m.text(t.args[0], MULTIPLIED), "" if axis is None else str(axis)), MULTIPLIED


def outer(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return an outer product as the product with a transpose."""
    x, y = t.args
    return m.matrix_product(m.text(x, RAISED), m.transposed(m.text(y, ATOM))), MULTIPLIED


def repeated(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return equal numbers; what else is repeated is written once."""
    (x,) = t.args
    if x.op != NUMBER:
        return m.text(x), m.written[x][1]
    return (m.ones(), ATOM) if x.params == 1 else m.signed(x.params)


def reshaped(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return what has only other axes of length 1 as it is."""
    (x,) = t.args
    if t.size == 1 or new_axes(t) or tuple(n for n in x.shape if n != 1) == t.shape:
        return m.text(x), m.written[x][1]
    return None


def item(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return entries of an array."""
    index = spelled(dict(t.params)["index"], Python())
    written = ast.unparse(subscript([ast.Name("x", LOAD)], {"index": index}))
    return m.item(m.text(t.args[0], ATOM), written[2:-1]), ATOM


def chosen(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return np.where, its condition in front."""
    args = [m.given("", dict(t.params)["condition"]), *[m.text(x) for x in t.args]]
    return m.head("where") + m.brackets(", ".join(args)), ATOM


def cast(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return what is 1 where a condition holds and 0 elsewhere; another dtype is not written."""
    condition = indicated(t)
    if condition is not None:
        return m.indicated(m.text(condition)), ATOM
    return m.text(t.args[0]), m.written[t.args[0]][1]


def between(kind: str) -> Callable[[Mathematics, Term], tuple[str, int]]:
    """Return how a function is written that stands around its argument."""
    return lambda m, t: (m.between(kind, m.text(t.args[0])), ATOM)


def norm(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return a norm of all entries between double bars."""
    along = any(x is not None and x is not False for _, x in t.params)
    return None if along else between("norm")(m, t)


def compared(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a comparison."""
    return m.compared(t.op, *[m.text(x, ADDED) for x in t.args]), COMPARED


WRITTEN: dict[Any, Callable[[Any, Term], tuple[str, int] | None]] = {
    np.power: power,
    matmul: matrix_product,
    batched_matmul: matrix_product,
    np.outer: outer,
    np.transpose: lambda m, t: (
        None if t.params else (m.transposed(m.text(t.args[0], ATOM)), RAISED)
    ),
    np.sum: summed,
    np.where: chosen,
    np.astype: cast,
    np.exp: lambda m, t: (m.exponential(m.text(t.args[0])), RAISED),
    np.broadcast_to: repeated,
    np.reshape: reshaped,
    getitem: item,
    np.eye: lambda m, t: (m.identity(t.args[0].params), ATOM),
    np.sqrt: between("root"),
    np.absolute: between("absolute"),
    euclidean: norm,
    np.array: lambda m, t: (m.words(str(t.params.tolist())), ATOM),
} | dict.fromkeys(COMPARISONS, compared)

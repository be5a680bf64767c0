"""Terms as mathematics: what LaTeX and plain text have in common. Floor 9.

Vectors are columns, and rows beside a matrix; an axis of length 1 is stretched, as in NumPy. Sums,
quotients, powers and functions of arrays are those of their entries.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rule import rules
from ..rules.activations import sigmoid
from ..tracing.spelling import spelled, title
from .columns import chain, numbers_first
from .folding import sigmoid_derivative
from .python import Python, called, defaults, is_default, lines
from .terms import NAME, NUMBER, PRODUCT, SUM, Coefficient, Term
from .writers import ADDED, ATOM, COMPARED, MULTIPLIED, RAISED, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .columns import Factor

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
            alias = self.aliases.get(t.params)
            return (alias, RAISED) if alias else (self.name(t.params), ATOM)
        if t.op == NUMBER:
            return self.signed(t.params)
        if t.op == SUM:
            return self._sum(t), ADDED
        if t.op == PRODUCT:
            return self.scaled(t.params[0], zip(t.args, t.params[1], strict=True), t.ndim)
        write = WRITTEN.get(t.op)
        made = None if write is None else write(self, t)
        return self.called(t) if made is None else made

    def signed(self, x: Any) -> tuple[str, int]:
        """Return a number; a negative one binds like a sum."""
        text = self.number(x)
        return text, ATOM if text[0] not in "-−" else ADDED

    def called(self, t: Term) -> tuple[str, int]:
        """Return a function of arguments, parameters behind them."""
        rule = rules.get(t.op)
        entrywise = isinstance(t.op, np.ufunc) or (rule is not None and rule.kind == "elementwise")
        args = [self.beside(x, t.ndim if entrywise else 0) for x in t.args]
        usual = defaults(t.op)
        args += [self.given(k, x) for k, x in t.params if not is_default(x, usual.get(k, False))]
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
            text, binds = self.scaled(size, [(x, 1)], t.ndim)
            text = text if binds >= ADDED else self.brackets(text)
            made += f" {self.minus if c.negative else '+'} {text}" if made else text
        return made

    # Products

    def beside(self, t: Term, ndim: int, least: int = COMPARED) -> str:
        """Return an operand of an operation on arrays: beside a matrix, a vector is a row."""
        if t.ndim != 1 or t.size == 1 or ndim < 2:
            return self.text(t, least)
        text, binds = self.product(chain(t).turned().factors)
        return text if binds >= least else self.brackets(text)

    def product(self, factors: list[Factor]) -> tuple[str, int]:
        """Return a product of matrices."""
        if len(factors) == 1 and not factors[0].turned and not factors[0].inverse:
            return self.text(factors[0].term), self.written[factors[0].term][1]
        texts = [self.factor(*f) for f in factors]
        return reduce(self.matrix_product, texts), RAISED if len(texts) == 1 else MULTIPLIED

    def factor(self, t: Term, turned: bool, inverse: bool) -> str:
        """Return a factor of a product of matrices."""
        if inverse:
            return self.inverse(self.text(t, ATOM), turned)
        return self.transposed(self.text(t, ATOM)) if turned else self.text(t, RAISED)

    def scaled(
        self, c: Coefficient, factors: Iterable[tuple[Term, Any]], ndim: int
    ) -> tuple[str, int]:
        """Return a coefficient times powers, in an array of so many axes."""
        c, factors = numbers_first(c, factors)
        above, below = lines(factors)
        sign = self.minus if c.negative else ""
        num = -c.num if c.negative else c.num
        divides = self.stacked and (below or c.den != 1)
        top = self._product([] if num == 1 and above else [self.number(num)], above, ndim, divides)
        if not below and c.den == 1:
            lone = len(above) == 1 and num == 1 and not sign
            return sign + top, (self._binds(*above[0]) if lone else ADDED if sign else MULTIPLIED)
        down = self._product([] if c.den == 1 else [self.number(c.den)], below, ndim, divides)
        several = len(below) + (c.den != 1) > 1
        return sign + self.fraction(top, down, several), ADDED if sign else MULTIPLIED

    def _binds(self, t: Term, e: Any) -> int:
        self.text(t)
        binds = self.written[t][1]
        return RAISED if e != 1 else binds if binds >= MULTIPLIED else ATOM

    def _product(
        self, numbers: list[str], factors: list[tuple[Term, Any]], ndim: int, bare: bool = False
    ) -> str:
        """Return a product; between two arrays stands the sign of the product of their entries.

        ``bare`` tells whether a sum by itself needs no brackets.
        """
        if len(factors) == 1 and not numbers and factors[0][1] == 1:
            return self.beside(factors[0][0], ndim, COMPARED if bare else MULTIPLIED)
        made, arrays, last = numbers[0] if numbers else "", False, len(factors) - 1
        for i, (f, e) in enumerate(factors):
            open_ended = i == last and (not last or f.op is np.sum)  # nothing follows
            least = MULTIPLIED if open_ended else RAISED
            text = self.beside(f, ndim, least if e == 1 else ATOM)
            text = text if e == 1 else self.power(text, e)
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
    sigma: str

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
    def inverse(self, text: str, turned: bool) -> str:
        """Return an inverse, or its transpose."""

    @abstractmethod
    def between(self, kind: str, text: str) -> str:
        """Return what stands in signs: a root, an absolute value, a norm."""

    @abstractmethod
    def contracted(self, words: list[str], texts: list[str], output: str) -> str:
        """Return the sum of products of entries, by the letters of their indices."""

    @abstractmethod
    def below(self, text: str, number: Any) -> str:
        """Return a text with a number below it."""

    @abstractmethod
    def along(self, head: str, axes: str) -> str:
        """Return the head of a reduction over some axes."""

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

"""Expressions: formulas as values, and arithmetic on them that simplifies. Floor 8.

An expression behaves as an operand of NumPy, so the derivative of a rule can be called with
expressions in place of arrays: what it returns is its formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


class NoSymbolError(Exception):
    """A derivative has no formula short and general enough to print."""


class Expression:
    """A name, a number, or an operation on expressions; ``length`` is about that of its text."""

    __slots__ = ("args", "length", "op")
    __hash__ = None  # type: ignore[assignment]
    length: int

    def __init__(self, op: str, *args: Any) -> None:
        self.op, self.args = op, args
        lengths = [x.length if isinstance(x, Expression) else len(str(x)) for x in args]
        self.length = sum(lengths) + (0 if op in ("name", "number", "text") else 3)

    def __add__(self, other: Any) -> Expression:
        return plus(self, of(other))

    def __radd__(self, other: Any) -> Expression:
        return plus(of(other), self)

    def __sub__(self, other: Any) -> Expression:
        return plus(self, negated(of(other)))

    def __rsub__(self, other: Any) -> Expression:
        return plus(of(other), negated(self))

    def __mul__(self, other: Any) -> Expression:
        return times(self, of(other))

    def __rmul__(self, other: Any) -> Expression:
        return times(of(other), self)

    def __truediv__(self, other: Any) -> Expression:
        return over(self, of(other))

    def __rtruediv__(self, other: Any) -> Expression:
        return over(of(other), self)

    def __pow__(self, other: Any) -> Expression:
        return power(self, of(other))

    def __rpow__(self, other: Any) -> Expression:
        return power(of(other), self)

    def __neg__(self) -> Expression:
        return negated(self)

    def __gt__(self, other: Any) -> Expression:
        return Expression(">", self, of(other))

    def __lt__(self, other: Any) -> Expression:
        return Expression("<", self, of(other))

    def __eq__(self, other: object) -> Any:
        raise NoSymbolError

    def __bool__(self) -> bool:
        raise NoSymbolError

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Expression:
        if method != "__call__" or kwargs:
            raise NoSymbolError
        args = [of(x) for x in inputs]
        combine = ARITHMETIC.get(ufunc)
        return call(ufunc.__name__, *args) if combine is None else combine(*args)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.where and args[2] == 0:  # g, and nothing where the condition is false
            return times(of(args[1]), of(args[0]))
        raise NoSymbolError


def name(text: str) -> Expression:
    """Return a name: of a value, or of what has no formula."""
    return Expression("name", text)


def text(words: str) -> Expression:
    """Return words that are no name, as an argument of a function."""
    return Expression("text", words)


def num(x: Any) -> Expression:
    """Return a number; integers lose their point."""
    x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    return Expression("number", int(x) if isinstance(x, float) and x.is_integer() else x)


def call(function: str, *args: Expression) -> Expression:
    """Return a function of expressions; the conjugate of something real is itself."""
    return args[0] if function == "conjugate" else Expression("call", function, *args)


def of(x: Any) -> Expression:
    """Return an expression for something that a rule computes with."""
    if isinstance(x, Expression):
        return x
    if isinstance(x, int | float | np.number) or (isinstance(x, np.ndarray) and not x.ndim):
        return num(x)
    raise NoSymbolError


def value(x: Expression) -> Any:
    """Return the number that an expression is, or None."""
    return x.args[0] if x.op == "number" else None


def same(a: Expression, b: Expression) -> bool:
    """Tell whether two expressions are written alike."""
    if a.op != b.op or len(a.args) != len(b.args):
        return False
    pairs = zip(a.args, b.args, strict=True)
    return all(same(x, y) if isinstance(x, Expression) else x == y for x, y in pairs)


def is_negative(a: Expression) -> bool:
    """Tell whether the text of an expression begins with a minus."""
    while a.op in ("·", "/"):
        a = a.args[0]
    return a.op == "neg" or (value(a) or 0) < 0


def plus(a: Expression, b: Expression) -> Expression:
    """Return a + b, simplified."""
    x, y = value(a), value(b)
    if x is not None and y is not None:
        return num(x + y)
    if x == 0 or y == 0:
        return b if x == 0 else a
    (m, p), (n, q) = term(a), term(b)
    if same(p, q):
        return times(num(m + n), p)
    return Expression("-", a, negated(b)) if is_negative(b) else Expression("+", a, b)


def term(a: Expression) -> tuple[Any, Expression]:
    """Return an expression as a number times another."""
    if a.op == "neg":
        return -1, a.args[0]
    return (a.args[0].args[0], a.args[1]) if a.op == "·" and a.args[0].op == "number" else (1, a)


def simplified(a: Expression) -> Expression:
    """Return an expression that was kept as it was written in its simplest form."""
    args = [simplified(x) if isinstance(x, Expression) else x for x in a.args]
    combine = SIMPLER.get(a.op)
    return Expression(a.op, *args) if combine is None else combine(*args)


def negated(a: Expression) -> Expression:
    """Return −a, simplified."""
    if a.op == "number":
        return num(-a.args[0])
    if a.op == "neg":
        return a.args[0]  # type: ignore[no-any-return]
    if a.op == "/":
        return Expression("/", negated(a.args[0]), a.args[1])
    if a.op == "·" and a.args[0].op in ("number", "neg"):
        return times(negated(a.args[0]), a.args[1])
    return Expression("neg", a)


def times(a: Expression, b: Expression) -> Expression:
    """Return a · b, simplified: numbers come first, signs and quotients outside."""
    if b.op == "number" and a.op != "number":
        a, b = b, a
    if a.op == "number":
        return _multiple(a.args[0], b)
    if a.op == "neg" or b.op == "neg":
        return _signed(times, a, b)
    if a.op == "/":
        return over(times(a.args[0], b), a.args[1])
    if b.op == "/":
        return over(times(a, b.args[0]), b.args[1])
    return _product(a, b)


def _product(a: Expression, b: Expression) -> Expression:
    """Return a · b with the numbers in them first, or the square."""
    if a.op == "·" and a.args[0].op == "number":
        return times(a.args[0], times(a.args[1], b))
    if b.op == "·" and b.args[0].op == "number":
        return times(b.args[0], times(a, b.args[1]))
    return power(a, num(2)) if same(a, b) else Expression("·", a, b)


def _multiple(x: Any, b: Expression) -> Expression:
    """Return the number x times b."""
    if x == 0 or x == 1:
        return b if x == 1 else num(0)
    if b.op == "number":
        return num(x * b.args[0])
    if x == -1 or b.op == "neg":
        return negated(times(num(-x), b)) if x == -1 else times(num(-x), b.args[0])
    if b.op == "/":
        return over(times(num(x), b.args[0]), b.args[1])
    if b.op == "·" and b.args[0].op == "number":
        return times(num(x * b.args[0].args[0]), b.args[1])
    return Expression("·", num(x), b)


def _signed(combine: Any, a: Expression, b: Expression) -> Expression:
    """Return a product or quotient with the signs of a and b in front."""
    odd = (a.op == "neg") != (b.op == "neg")
    result = combine(*(x.args[0] if x.op == "neg" else x for x in (a, b)))
    return negated(result) if odd else result


def over(a: Expression, b: Expression) -> Expression:
    """Return a / b, simplified; a fraction of two numbers stays one."""
    if value(b) == 1 or value(a) == 0:
        return a
    if a.op == "neg" or b.op == "neg":
        return _signed(over, a, b)
    if a.op == "/":
        return over(a.args[0], times(a.args[1], b))
    return Expression("/", a, b)


def power(a: Expression, b: Expression) -> Expression:
    """Return a to the power b, simplified."""
    if value(b) == 1:
        return a
    return num(1) if value(b) == 0 else Expression("^", a, b)


SIMPLER: dict[str, Callable[..., Expression]] = {
    "+": plus,
    "-": lambda a, b: plus(a, negated(b)),
    "·": times,
    "/": over,
    "neg": negated,
    "^": power,
}
ARITHMETIC: dict[Any, Callable[..., Expression]] = {
    np.add: plus,
    np.subtract: SIMPLER["-"],
    np.multiply: times,
    np.divide: over,
    np.negative: negated,
    np.power: power,
    np.square: lambda a: power(a, num(2)),
}

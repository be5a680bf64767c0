"""Terms: formulas as values, each made once. Floor 9.

A term is a name, a number, a sum, a product, or a function of terms. Equal terms are one object, so
``is`` tells whether two formulas are the same, and what is shared is stored once. Every term knows
the shape of its value: the simplifier leaves away what changes no shape, and nothing else.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Shape = tuple[int, ...]

NAME, NUMBER, SUM, PRODUCT, VECTOR = "name", "number", "sum", "product", "vector"


class Coefficient(NamedTuple):
    """A number as a quotient, so that 2 / 10 is printed as it was derived.

    ``parts`` are the factors of a denominator that is a product: 2 / (2 * 5) is 1 / 5.
    """

    num: Any = 1
    den: Any = 1
    parts: tuple[int, ...] = ()

    @property
    def value(self) -> Any:
        """The number itself."""
        return self.num if self.den == 1 else self.num / self.den

    @property
    def negative(self) -> bool:
        """Whether it begins with a minus; a complex number never does."""
        return not isinstance(self.num, complex) and self.num < 0

    def times(self, other: Coefficient) -> Coefficient:
        """Return the product; 2 / 10 times 1 / 2 is 1 / 10, but 2 times 1 / 10 stays 2 / 10."""
        if self.num == other.den != 1:
            return coefficient(other.num, self.den, self.parts)
        if other.num == self.den != 1:
            return coefficient(self.num, other.den, other.parts)
        parts = [d for c in (self, other) for d in c.parts or (c.den,) if d != 1]
        return coefficient(self.num * other.num, self.den * other.den, parts)

    def plus(self, other: Coefficient) -> Coefficient:
        """Return the sum."""
        if self.den == other.den:
            return coefficient(self.num + other.num, self.den, self.parts)
        num, den = self.num * other.den + other.num * self.den, self.den * other.den
        common = math.gcd(num, den) if isinstance(num, int) and isinstance(den, int) else 1
        return coefficient(num // common, den // common) if common > 1 else coefficient(num, den)


def coefficient(num: Any, den: Any = 1, parts: Sequence[Any] = ()) -> Coefficient:
    """Return num / den, carried out where it leaves a whole number, with any part of den."""
    num, den = whole(num), whole(den)
    if isinstance(den, int) and den < 0:
        num, den = -num, -den
    if den == 1 and isinstance(num, float) and len(repr(num)) > SHORT:
        num, den = thirds(num)
    halves = isinstance(num, float) and isinstance(den, int)
    if den == 1 or isinstance(den, complex) or not (isinstance(num, int) or halves):
        return Coefficient(num if den == 1 else num / den)
    if isinstance(num, int) and isinstance(den, int) and den and num % den == 0:
        return Coefficient(num // den)
    if not den or den != den:
        return Coefficient(float(num) * np.inf)
    left = []
    for part in parts if isinstance(den, int) else ():
        if isinstance(num, int) and num % part == 0:
            num, den = num // part, den // part
        else:
            left.append(part)
    return Coefficient(num, den, tuple(left) if len(left) > 1 else ())


SHORT = 12  # characters of a number that is no rounded quotient


@cache
def thirds(x: float) -> tuple[Any, int]:
    """Return a number as the quotient that it was rounded from, if it has no end."""
    for q in (3, 6, 7, 9, 12):
        p = round(x * q) if abs(x) < SHORT else 0
        if p and math.isclose(p / q, x, rel_tol=4e-16):
            return p, q
    return x, 1


ONE, MINUS = Coefficient(1), Coefficient(-1)


def whole(x: Any) -> Any:
    """Return a number as Python has it, without a point if it is whole."""
    x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    if isinstance(x, bool):
        return int(x)
    return int(x) if isinstance(x, float) and x.is_integer() and abs(x) < 2**53 else x


class Term:
    """A formula. ``op`` is one of the kinds above, or the function that is called.

    name      params is the text, args empty
    number    params is the number
    sum       params are the coefficients of args
    product   params are a coefficient and the exponents of args
    vector    args are its entries
    function  params are its keyword parameters, as pairs; a value may itself be a term
    """

    __slots__ = ("args", "depth", "dtype", "op", "params", "shape", "weight")

    def __init__(self, op: Any, args: tuple[Term, ...], params: Any, shape: Shape, dtype: Any):
        self.op, self.args, self.params, self.shape, self.dtype = op, args, params, shape, dtype
        below = [*args, *terms_in(params)]
        self.depth: int = 1 + max((t.depth for t in below), default=0)
        self.weight: int = 1 + sum(t.weight for t in below)

    @property
    def size(self) -> int:
        """Number of entries."""
        n = 1
        for length in self.shape:
            n *= length
        return n

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def number(self) -> Any:
        """The number that it is, or None."""
        return self.params if self.op == NUMBER else None

    def __repr__(self) -> str:
        if self.op in (NAME, NUMBER):
            return str(self.params)
        op = self.op if isinstance(self.op, str) else self.op.__name__
        return f"{op}({', '.join(map(repr, self.args))}; {self.params})"


def terms_in(params: Any) -> list[Term]:
    """Return the terms among the parameters of a function."""
    if isinstance(params, Term):
        return [params]
    if isinstance(params, tuple | list):
        return [t for x in params for t in terms_in(x)]
    return []


def below(term: Term) -> Iterator[Term]:
    """Yield what a term is directly made of."""
    yield from term.args
    yield from terms_in(term.params)


def factors_of(t: Term) -> list[tuple[Term, Any]]:
    """Return the factors of a term and their exponents, without the number before them."""
    return list(zip(t.args, t.params[1], strict=True)) if t.op == PRODUCT else [(t, 1)]


def names_in(t: Term) -> list[Term]:
    """Return the names in a term, each once."""
    found: dict[Term, None] = {}
    stack = [t]
    while stack:
        at = stack.pop()
        if at not in found:
            found[at] = None
            stack.extend(below(at))
    return [x for x in found if x.op == NAME]


def indicated(t: Term) -> Term | None:
    """Return the condition of a term that is 1 where it holds, and 0 elsewhere; else None."""
    if t.op is not np.astype or t.args[0].dtype != np.bool_:
        return None
    return t.args[0]


class Store:
    """Where terms are made, each once."""

    def __init__(self) -> None:
        self.made: dict[Any, Term] = {}

    def term(
        self, op: Any, args: tuple[Term, ...], params: Any, shape: Shape, dtype: Any = None
    ) -> Term:
        """Return the one term of this kind."""
        key = op, tuple(map(id, args)), key_of(params), shape, dtype if op in TYPED else None
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = Term(op, args, params, shape, dtype)
        return found

    def known(self, op: Any, args: tuple[Term, ...], shape: Shape, params: Any = ()) -> Term | None:
        """Return a function of terms, if it was made before."""
        return self.made.get((op, tuple(map(id, args)), key_of(params), shape, None))


TYPED = {np.broadcast_to, np.eye, VECTOR}  # the dtype is that of the result, not of its parts


def key_of(params: Any) -> Any:
    """Return what tells parameters apart; arrays by identity, for they are not changed."""
    if isinstance(params, Coefficient):
        params = params[:2]
    if isinstance(params, tuple | list):
        return type(params), tuple(map(key_of, params))
    if isinstance(params, slice):
        return slice, key_of((params.start, params.stop, params.step))
    if isinstance(params, str | int | float | complex | bool | type(None) | type(Ellipsis)):
        return type(params), repr(params)
    return type(params), id(params)

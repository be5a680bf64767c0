"""Algebra: sums and products that simplify as they are made. Floor 9.

Each step is a law of arithmetic, and the tests execute what comes out of them: numbers come first,
equal terms are collected, what is common to all terms is put outside, a denominator is cancelled
where that makes the formula shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.products import matmul
from .shapes import Shapes
from .terms import (
    MINUS,
    NUMBER,
    ONE,
    PRODUCT,
    SUM,
    Coefficient,
    Term,
    coefficient,
    factors_of,
    indicated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .terms import Shape

Pairs = list[tuple[Any, Any]]  # of coefficients and terms, or of terms and exponents
LARGEST = 24  # terms of a product multiplied out


class Algebra(Shapes):
    """A store whose sums and products are in simplest form.

    ``ordered`` tells whether no NaN was compared: else ``~(x > y)`` is not ``x <= y``.
    """

    def __init__(self, ordered: bool = True) -> None:
        super().__init__()
        self.ordered = ordered
        self.turned: dict[Term, Term] = {}  # a sum, its opposite: which of the two was first
        self.apart: set[Term] = set()  # comparisons x > y of what is nowhere equal
        self.symmetric: set[Term] = set()  # names of matrices that are
        self.centred: dict[Term, tuple[int, ...]] = {}  # of deviations: along which axes

    # Sums

    def add(self, pairs: Iterable[tuple[Coefficient, Term]], shape: Shape) -> Term:
        """Return the sum of terms times coefficients, in a shape."""
        whole = self._collected((c, self.row(t, len(shape))) for c, t in pairs)
        left = self._collected(self._spread_out(whole))
        wide = self._collected(self._spread_out(left, True))
        if len(wide) < sum(len(t.args) if t.op == SUM else 1 for _, t in left):
            left = wide  # some of them cancel, or add up
        if not left:
            return self.fit(self.number(0), shape)
        if len(left) == 1:
            return self.fit(self.scaled(*left[0]), shape)
        return self.fit(self._factored(left), shape)

    def _collected(self, pairs: Iterable[tuple[Coefficient, Term]]) -> Pairs:
        """Return the terms of a sum with the coefficients of equal ones added, without zeros."""
        entries: dict[Any, tuple[Coefficient, Term]] = {}
        for c, t in pairs:
            key = self._key(t)
            before = entries.get(key)
            entries[key] = (c, t) if before is None else (before[0].plus(c), before[1])
        return [(c, t) for c, t in entries.values() if c.num != 0]

    def _spread_out(
        self, pairs: Iterable[tuple[Coefficient, Term]], multiples: bool = False
    ) -> Pairs:
        """Return the terms of a sum, with those of sums among them, numbers as multiples of 1."""
        found: Pairs = []
        for c, t in pairs:
            if t.op == NUMBER:
                found.append((c.times(coefficient(t.params)), self.number(1)))
            elif t.op == SUM and (multiples or c in (ONE, MINUS)):
                found += [(c.times(d), u) for d, u in zip(t.params, t.args, strict=True)]
            elif t.op == PRODUCT:
                found.append((c.times(t.params[0]), self._bare(t)))
            else:
                found.append((c, t))
        return found

    def _bare(self, t: Term) -> Term:
        """Return a product without its coefficient."""
        exponents = t.params[1]
        if exponents == (1,):
            return t.args[0]
        return self.term(PRODUCT, t.args, (ONE, exponents), t.shape, t.dtype)

    def _key(self, t: Term) -> Any:
        """Return what equal terms of a sum have in common: factors in any order."""
        if t.op != PRODUCT or t.params[0] != ONE:
            return id(t)
        return frozenset(zip(map(id, t.args), t.params[1], strict=True))

    def _sum(self, pairs: Pairs) -> Term:
        """Return a sum as it stands, its first positive term in front."""
        positive = next((i for i, (c, _) in enumerate(pairs) if not c.negative), 0)
        pairs = [pairs[positive], *pairs[:positive], *pairs[positive + 1 :]]
        terms = tuple(t for _, t in pairs)
        shape = np.broadcast_shapes(*[t.shape for t in terms])
        return self.term(SUM, terms, tuple(c for c, _ in pairs), shape, dtype_of(terms))

    def _factored(self, pairs: Pairs) -> Term:
        """Return a sum with the factors that all its terms have in common put in front."""
        factors = [dict(self._factors(t)) for _, t in pairs]
        common = [
            (f, e) for f, e in factors[0].items() if all(other.get(f) == e for other in factors)
        ]
        if not common:
            return self._alike(pairs)
        gone = {f for f, _ in common}
        rest = [
            (c, self.mul(ONE, [(f, e) for f, e in fs.items() if f not in gone]))
            for (c, _), fs in zip(pairs, factors, strict=True)
        ]
        inner = self.add(rest, np.broadcast_shapes(*[t.shape for _, t in rest]))
        return self.mul(ONE, [*common, (inner, 1)])

    def _alike(self, pairs: Pairs) -> Term:
        """Return a sum, the number before it that all its terms are multiplied by."""
        c = pairs[0][0]
        if c.den != 1 and all(d.den == c.den for d, _ in pairs):
            shape = np.broadcast_shapes(*[t.shape for _, t in pairs])
            inner = self.add([(coefficient(d.num), t) for d, t in pairs], shape)
            return self.mul(Coefficient(1, c.den, c.parts), [(inner, 1)])
        if c in (ONE, MINUS) or any(d not in (c, c.times(MINUS)) for d, _ in pairs):
            return self._sum(pairs)
        if any(not d.negative for d, _ in pairs):
            c = c.times(MINUS) if c.negative else c
        inner = self._sum([(ONE if d == c else MINUS, t) for d, t in pairs])
        return self.mul(c, [(inner, 1)])

    def _factors(self, t: Term) -> Pairs:
        """Return the factors of a term and their exponents, without the 1 of a 1/2."""
        if t.op != PRODUCT:
            return [] if t.op == NUMBER else [(t, 1)]
        return [(f, e) for f, e in zip(t.args, t.params[1], strict=True) if f.op != NUMBER]

    # Products

    def scaled(self, c: Coefficient, t: Term) -> Term:
        """Return a term times a coefficient."""
        return t if c == ONE else self.mul(c, [(t, 1)], t.shape)

    def mul(
        self, c: Coefficient, pairs: Iterable[tuple[Term, Any]], shape: Shape | None = None
    ) -> Term:
        """Return the product of a coefficient and terms with exponents, in a shape."""
        powers: dict[Term, Any] = {}
        for entry, exponent in pairs:
            t = entry if shape is None else self.row(entry, len(shape))
            if t.op == NUMBER:
                c = c.times(power_of_number(t.params, exponent))
                continue
            if t.op == SUM and isinstance(exponent, int) and all(d.negative for d in t.params):
                c, t = c.times(power_of(MINUS, exponent)), self.opposite(t)
            if t.op == PRODUCT and isinstance(exponent, int):
                c = c.times(power_of(t.params[0], exponent))
                inner = [(f, e * exponent) for f, e in self._factors(t)]
            else:
                inner = [(t, exponent)]
            for f, e in inner:
                powers[f] = powers.get(f, 0) + e
        c = self._met(c, powers)
        left = [(t, once(t, e)) for t, e in powers.items() if e != 0]
        if c.num == 0 or not left:
            made = self.number(0) if c.num == 0 else self._number(c)
        else:
            made = self._product(c, self._cancelled(left))
        return made if shape is None else self.fit(made, shape)

    def _number(self, c: Coefficient) -> Term:
        """Return a coefficient by itself."""
        if c.den == 1:
            return self.number(c.num)
        return self.term(PRODUCT, (self.number(1),), (c, (1,)), ())

    def _product(self, c: Coefficient, pairs: Pairs) -> Term:
        """Return a product as it stands; a lone sum takes a minus, if that makes it shorter."""
        if len(pairs) == 1 and pairs[0][1] == 1:
            t: Term = pairs[0][0]
            if t.op == NUMBER:
                return self._number(c.times(coefficient(t.params)))
            if t.op == PRODUCT:
                return self._product(c.times(t.params[0]), self._factors(t))
            if c == ONE:
                return t
        for i, (t, e) in enumerate(pairs) if c.negative else ():
            turned = self._turned(t) if e == 1 else None
            if turned is not None:  # the product may have that factor already
                return self.mul(c.times(MINUS), [*pairs[:i], (turned, 1), *pairs[i + 1 :]])
        terms = tuple(t for t, _ in pairs)
        shape = np.broadcast_shapes(*[t.shape for t in terms])
        return self.term(PRODUCT, terms, (c, tuple(e for _, e in pairs)), shape, dtype_of(terms))

    def _turned(self, t: Term) -> Term | None:
        """Return minus a term if that is no longer: of a difference, of a matrix product of one."""
        if t.op == SUM:
            return self.opposite(t) if is_difference(t) else None
        for i, x in enumerate(t.args) if t.op is matmul else ():
            made = self._turned(x)
            if made is not None:
                args = (*t.args[:i], made, *t.args[i + 1 :])
                return self.term(t.op, args, t.params, t.shape, t.dtype)
        return None

    def opposite(self, t: Term) -> Term:
        """Return minus a sum."""
        made = self._sum([(c.times(MINUS), u) for c, u in zip(t.params, t.args, strict=True)])
        self.turned.setdefault(made, t)
        self.turned.setdefault(t, t)
        return made

    def _met(self, c: Coefficient, powers: dict[Term, Any]) -> Coefficient:
        """Make one factor of a sum and its opposite, that which was there first."""
        sums = [f for f, e in powers.items() if f.op == SUM and isinstance(e, int) and e != 0]
        for f in sums if len(sums) > 1 else ():
            other = self.opposite(f)
            if other in sums and f in powers and other in powers:
                gone, kept = (f, other) if self.turned[f] is other else (other, f)
                e = powers.pop(gone)
                powers[kept] += e
                c = c.times(power_of(MINUS, e))
        return c

    # Cancelling

    def _cancelled(self, pairs: Pairs) -> Pairs:
        """Multiply a sum of quotients by the factors that are their denominators, if shorter."""
        for i, (t, e) in enumerate(pairs):
            if t.op != SUM or e != 1:
                continue
            below = {f for u in t.args for f, k in self._factors(u) if k < 0}
            cancels = [(f, k) for f, k in pairs if f in below and k > 0]
            if not cancels:
                continue
            made = self._multiplied_out(t, cancels)
            if made is not None and made.weight < t.weight + sum(f.weight for f, _ in cancels):
                gone = {f for f, _ in cancels}
                rest = [(made if j == i else f, k) for j, (f, k) in enumerate(pairs)]
                return self._merged([(f, k) for f, k in rest if f not in gone or f is made])
        return pairs

    def _merged(self, pairs: Pairs) -> Pairs:
        """Return factors, after one of them changed, with products among them opened."""
        made = self.mul(ONE, pairs)
        return factors_of(made) if made.op == PRODUCT and made.params[0] == ONE else [(made, 1)]

    def _multiplied_out(self, t: Term, factors: Pairs) -> Term | None:
        """Return a sum times factors as a sum of products without brackets."""
        entries: Pairs = []
        for c, u in zip(t.params, t.args, strict=True):
            product = self._plain_mul([*self._factors(u), *factors])
            entries += [(c.times(d), v) for d, v in self._opened(product)]
            if len(entries) > LARGEST:
                return None
        return self.add(entries, np.broadcast_shapes(t.shape, *[f.shape for f, _ in factors]))

    def _plain_mul(self, pairs: Pairs) -> Pairs:
        """Return factors with the exponents of equal ones added."""
        powers: dict[Term, Any] = {}
        for f, e in pairs:
            powers[f] = powers.get(f, 0) + e
        return [(f, e) for f, e in powers.items() if e != 0]

    def _opened(self, factors: Pairs) -> Pairs:
        """Return a product as terms of a sum: the sums among its factors are multiplied out."""
        done: Pairs = [(ONE, [])]
        for f, e in factors:
            if f.op == SUM and e == 1 and len(done) * len(f.args) <= LARGEST:
                parts = list(zip(f.params, f.args, strict=True))
                done = [(c.times(d), [*fs, *self._factors(u)]) for c, fs in done for d, u in parts]
            else:
                done = [(c, [*fs, (f, e)]) for c, fs in done]
        return [(c, self.mul(ONE, fs)) for c, fs in done]


def once(t: Term, e: Any) -> Any:
    """Return an exponent; what is 1 or 0 is its own power."""
    return 1 if e > 0 and indicated(t) is not None else e


def power_of(c: Coefficient, exponent: int) -> Coefficient:
    """Return a coefficient to a whole power."""
    if exponent < 0:
        c, exponent = coefficient(c.den, c.num), -exponent
    return coefficient(c.num**exponent, c.den**exponent, (c.parts or (c.den,)) * exponent)


def power_of_number(x: Any, exponent: Any) -> Coefficient:
    """Return a number to a power; whole powers as a quotient."""
    return (
        power_of(coefficient(x), exponent)
        if isinstance(exponent, int)
        else coefficient(x**exponent)
    )


def is_difference(t: Term) -> bool:
    """Tell whether a sum reads as well with its signs turned: a - b, but not 1 - a."""
    negative: int = sum(c.negative for c in t.params)
    return 2 * negative >= len(t.params) and t.args[0].op != NUMBER


def dtype_of(terms: Sequence[Term]) -> Any:
    """Return the dtype of a combination, None if only numbers are known."""
    known = [t.dtype for t in terms if t.dtype is not None]
    return np.result_type(*known) if known else None

"""Shortening: gradients by what has a name, and with matrix products gathered. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.products import matmul
from .algebra import power_of
from .terms import MINUS, NAME, ONE, PRODUCT, SUM, Coefficient, Term, factors_of

if TYPE_CHECKING:
    from .algebra import Algebra

Powers = dict[Term, Any]  # the factors of a product, and their exponents
Pairs = list[tuple[Any, Any]]
Parts = tuple[Any, Pairs, Term]  # a coefficient, factors without axes, and the only other factor


class Shortening:
    """Shortens terms of gradients, given what the names of the computation stand for."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.names: dict[Term, Term] = {}  # by what they stand for
        self.products: list[tuple[Term, Powers]] = []  # names, and factors of these

    def learn(self, name: Term, t: Term) -> None:
        """Note what a name stands for."""
        self.names.setdefault(t, name)
        if t.op == PRODUCT and t.params[0] == ONE and len(t.args) > 1:
            self.products.append((name, dict(factors_of(t))))

    def shortened(self, t: Term) -> Term:
        """Return a term, shorter if it can be."""
        if t in self.names:
            return self.names[t]
        if t.op == SUM:
            return self._gathered(t)
        return self._rooted(self._named(t))

    def _rooted(self, t: Term) -> Term:
        """Return a product with what it divides by twice the root of."""
        if t.op != PRODUCT:
            return t
        pairs = [
            (f.args[0], e // 2) if f.op is np.sqrt and e in EVEN else (f, e)
            for f, e in zip(t.args, t.params[1], strict=True)
        ]
        return self.algebra.mul(t.params[0], pairs, t.shape)

    def _named(self, t: Term) -> Term:
        """Return a product with the name of a product among its factors."""
        if t.op != PRODUCT:
            return t
        given = dict(factors_of(t))
        for name, factors in self.products:
            c, powers = self._towards(factors, t.params[0], given)
            if contains(powers, factors):
                rest = without(powers, factors)
                if all(e == 0 or f.op != NAME or f not in factors for f, e in rest):
                    return self._named(self.algebra.mul(c, [*rest, (name, 1)], t.shape))
        return self._named_in_sum(t, given)

    def _named_in_sum(self, t: Term, given: Powers) -> Term:
        """Return a product with a sum in which the name stands, after numbers from outside."""
        for total, exponent in given.items():
            if total.op is not np.sum or exponent != 1 or dict(total.params).keys() - {"axis"}:
                continue
            (body,) = total.args
            for name, factors in self.products:
                outer = {f: e for f, e in factors.items() if not f.shape}
                arrays = {f: e for f, e in factors.items() if f.shape}
                c, inner = self._towards(arrays, t.params[0], powers_of(body))
                fits = outer and arrays and name.shape == body.shape
                if fits and contains(given, outer) and contains(inner, arrays):
                    pairs = [*without(inner, arrays), (name, 1)]
                    made = self.algebra.mul(ONE, pairs, body.shape)
                    made = self.algebra.reduction(
                        np.sum, made, total.params, total.shape, total.dtype
                    )
                    rest = {f: e for f, e in given.items() if f is not total}
                    pairs = [*without(rest, outer), (made, 1)]
                    return self._named(self.algebra.mul(c, pairs, t.shape))
        return t

    def _towards(self, factors: Powers, c: Coefficient, powers: Powers) -> tuple[Any, Powers]:
        """Return a product with its sums turned as others have them."""
        for f in factors:
            other = self.algebra.opposite(f) if f.op == SUM and f not in powers else f
            if other is not f and isinstance(powers.get(other), int):
                c = c.times(power_of(MINUS, powers[other]))
                powers = {f if g is other else g: e for g, e in powers.items()}
        return c, powers

    def _gathered(self, t: Term) -> Term:
        """Return a sum of products with the same matrix as the product of a sum with it."""
        for side in (1, 0):
            groups: dict[Any, list[Parts]] = {}
            for c, x in zip(t.params, t.args, strict=True):
                d, scalars, body = self._apart(x)
                if body.op is matmul:
                    key = body.args[side], body.args[1 - side].shape
                    groups.setdefault(key, []).append((c.times(d), scalars, body))
                else:
                    groups[x] = [(c, [], x)]
            if len(groups) < len(t.args):
                pairs = [self._together(key, found, side) for key, found in groups.items()]
                return self.shortened(self.algebra.add(pairs, t.shape))
        return t

    def _together(self, key: Any, found: list[Parts], side: int) -> tuple[Any, Term]:
        """Return a group of terms as one."""
        if len(found) == 1:
            c, scalars, body = found[0]
            return c, self.algebra.mul(ONE, [*scalars, (body, 1)])
        matrix, shape = key
        others = [(c, [*scalars, (x.args[1 - side], 1)]) for c, scalars, x in found]
        mul = self.algebra.mul
        inner = self.shortened(self.algebra.add([(c, mul(ONE, fs)) for c, fs in others], shape))
        pair = (inner, matrix) if side else (matrix, inner)
        first = found[0][2]
        return ONE, self.algebra.term(matmul, pair, (), first.shape, first.dtype)

    def _apart(self, t: Term) -> Parts:
        """Return what a term is made of."""
        if t.op != PRODUCT:
            return ONE, [], t
        factors = factors_of(t)
        arrays = [(f, e) for f, e in factors if f.shape]
        if len(arrays) != 1 or arrays[0][1] != 1:
            return ONE, [], t
        return t.params[0], [(f, e) for f, e in factors if not f.shape], arrays[0][0]


EVEN = range(-2, -100, -2)


def powers_of(t: Term) -> Powers:
    """Return the factors of a product, and their exponents; one with a number is a factor."""
    return {t: 1} if t.op == PRODUCT and t.params[0] != ONE else dict(factors_of(t))


def contains(powers: Powers, factors: Powers) -> bool:
    """Tell whether a product has all these factors."""
    return all(within(e, powers.get(f, 0)) for f, e in factors.items())


def without(powers: Powers, factors: Powers) -> Pairs:
    """Return a product divided by some of its factors."""
    return [(f, e - factors.get(f, 0)) for f, e in powers.items()]


def within(e: Any, whole: Any) -> bool:
    """Tell whether a power is part of another."""
    return bool(0 < e <= whole or whole <= e < 0)

"""Folding: what a finished formula is written as, where it has a shorter name. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.activations import sigmoid
from ..rules.indexing import scatter
from .conditions import OPPOSITES
from .recognising import recognised
from .shortening import Shortening
from .symmetry import is_column
from .terms import (
    MINUS,
    NAME,
    NUMBER,
    ONE,
    PRODUCT,
    SUM,
    VECTOR,
    Coefficient,
    Term,
    factors_of,
    indicated,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .algebra import Algebra


def sigmoid_derivative(z: Any) -> Any:
    """Return the derivative of the sigmoid, as it is printed beside formulas that call it."""
    return sigmoid(z) * (1 - sigmoid(z))


class Folding:
    """Replaces columns times rows by np.outer, and sigmoid(z) * (1 - sigmoid(z)) by its name."""

    def __init__(self, algebra: Algebra, meaning: Mapping[Term, Term], slopes: bool) -> None:
        self.algebra, self.meaning, self.slopes = algebra, meaning, slopes
        self.done: dict[Term, Term] = {}
        self.shortening: Shortening | None = None  # of gradients

    def fold(self, t: Term) -> Term:
        """Return a term with its parts folded."""
        found = self.done.get(t)
        if found is None:
            made = rebuilt(self.algebra, t, self.fold)
            made = self._chosen(self._listed(self._together(made)))
            made = self._outer(recognised(self.algebra, made))
            made = self._slopes(made) if self.slopes else made
            if self.shortening is not None:
                made = self.shortening.shortened(made)
            found = self.done[t] = made
        return found

    def shorten(self, names: Iterable[tuple[Term, Term]]) -> None:
        """Shorten what is folded from here on, by names and what they stand for."""
        self.shortening = Shortening(self.algebra)
        for name, t in names:
            self.shortening.learn(name, t)
        self.done = {}

    def _listed(self, t: Term) -> Term:
        """Return a sum of vectors of which one knows the entries as one of them."""
        if t.op != SUM or t.dtype is None:
            return t
        pairs = [(c, without_number(x)) for c, x in zip(t.params, t.args, strict=True)]
        vectors = [(c.times(d), x) for c, (d, x) in pairs if x.op == VECTOR and x.shape == t.shape]
        if len(vectors) < 2:
            return t
        entries = [
            self.algebra.add([(c, x.args[i]) for c, x in vectors], ()) for i in range(t.shape[0])
        ]
        whole = self.algebra.term(VECTOR, tuple(map(self.fold, entries)), (), t.shape, t.dtype)
        rest = [
            (c, x)
            for c, x in zip(t.params, t.args, strict=True)
            if without_number(x)[1].op != VECTOR
        ]
        return self.algebra.add([(ONE, whole), *rest], t.shape)

    def _together(self, t: Term) -> Term:
        """Return a sum with what is padded alike, or scattered alike, added before it is."""
        if t.op != SUM:
            return t
        groups: dict[Any, list[Any]] = {}
        for c, x in zip(t.params, t.args, strict=True):
            d, body = without_number(x)
            moves = body.op in (np.pad, scatter)
            key = (body.op, key_of(body.params), body.args[0].shape) if moves else id(x)
            groups.setdefault(key, []).append((c.times(d), body) if moves else (c, x))
        pairs = [self._added(group) if len(group) > 1 else group[0] for group in groups.values()]
        joined = self._joined(pairs, t)
        if joined is None and len(groups) == len(t.args):
            return t
        return joined or self.algebra.add(pairs, t.shape)

    def _joined(self, pairs: list[Any], t: Term) -> Term | None:
        """Return a sum of padded vectors that lie end to end as their concatenation."""
        if t.ndim != 1 or any(x.op is not np.pad for _, x in pairs):
            return None
        parts = sorted((dict(x.params)["pad_width"], i) for i, (_, x) in enumerate(pairs))
        ends = [0, *[t.size - after for (_, after), _ in parts]]
        if [before for (before, _), _ in parts] != ends[:-1] or ends[-1] != t.size:
            return None
        inner = [(pairs[i][0], pairs[i][1].args[0]) for _, i in parts]
        args = tuple([self.algebra.scaled(c, x) for c, x in inner])
        return self.algebra.term(np.concatenate, args, (), t.shape, t.dtype)

    def _added(self, group: list[Any]) -> tuple[Coefficient, Term]:
        """Return the sum of terms that move alike as one that moves a sum."""
        first = group[0][1]
        inner = self.algebra.add([(c, x.args[0]) for c, x in group], first.args[0].shape)
        args = (self.fold(inner),)
        return ONE, self.algebra.term(first.op, args, first.params, first.shape, first.dtype)

    def _chosen(self, t: Term) -> Term:
        """Return what counts where a condition holds, plus what counts elsewhere, as a choice."""
        if t.op != SUM or len(t.args) != 2 or t.dtype != np.float64:
            return t
        (one, x), (other, y) = [self._where(c, u) for c, u in zip(t.params, t.args, strict=True)]
        if one is None or other is None:
            return t
        if one.op is np.logical_not:
            one, x, other, y = other, y, one, x
        opposite = OPPOSITES.get(one.op) is other.op and one.args == other.args
        turned = one.args == other.args[::-1] and self.algebra.apart >= {one, other}
        negated = other.op is np.logical_not and other.args[0] is one
        if not negated and not ((opposite or turned) and self.algebra.ordered):
            return t
        if turned and one.args[0].op == NUMBER:  # x > 0 reads better than 0 > x
            one, x, other, y = other, y, one, x
        params = (("condition", one),)
        return self.algebra.term(np.where, (x, y), params, t.shape, t.dtype)

    def _where(self, c: Coefficient, t: Term) -> tuple[Term | None, Term]:
        """Return the condition that is a factor of a term, if one is, and what it multiplies."""
        factors = factors_of(t)
        c = c.times(t.params[0]) if t.op == PRODUCT else c
        found = [f for f, e in factors if e == 1 and indicated(f) is not None]
        if len(found) != 1:
            return None, t
        rest = self.algebra.mul(c, [(f, e) for f, e in factors if f is not found[0]])
        return indicated(found[0]), rest

    def _outer(self, t: Term) -> Term:
        """Return the columns and the rows of a product as an outer product."""
        if t.op != PRODUCT or t.ndim != 2:
            return t
        factors = factors_of(t)
        columns = [(f.args[0], e) for f, e in factors if is_column(f)]
        rows = [(row_of(f), e) for f, e in factors if f.size > 1 and row_of(f).ndim == 1]
        lines = [f for f, _ in factors if is_column(f) or (f.size > 1 and row_of(f).ndim == 1)]
        rest = [(f, e) for f, e in factors if f not in lines]
        if not columns or not rows or any(e < 0 for _, e in columns + rows):
            return t
        m, n = t.shape
        args = self.algebra.mul(ONE, columns, (m,)), self.algebra.mul(ONE, rows, (n,))
        product = self.algebra.term(np.outer, args, (), t.shape, t.dtype)
        return self.algebra.mul(t.params[0], [(product, 1), *rest], t.shape)

    def _slopes(self, t: Term) -> Term:
        if t.op != PRODUCT:
            return t
        powers = dict(factors_of(t))
        for h, e in list(powers.items()):
            z, rest = self._argument(h), self._complement(h)
            if z is None or e != 1 or powers.get(rest) != 1:
                continue
            slope = self.algebra.term(sigmoid_derivative, (z,), (), z.shape, z.dtype)
            kept = [(slope, 1) if f is h else (f, k) for f, k in powers.items() if f is not rest]
            return self._slopes(self.algebra.mul(t.params[0], kept))
        return t

    def _argument(self, h: Term) -> Term | None:
        """Return z if h is the sigmoid of z, or the name of it."""
        h = self.meaning.get(h, h) if h.op == NAME else h
        return h.args[0] if h.op is sigmoid else None

    def _complement(self, h: Term) -> Term:
        """Return 1 - h."""
        one = self.algebra.number(1)
        return self.algebra.term(SUM, (one, h), (ONE, MINUS), h.shape, h.dtype)


def without_number(t: Term) -> tuple[Coefficient, Term]:
    """Return a term as a number times another."""
    if t.op == PRODUCT and t.params[1] == (1,):
        return t.params[0], t.args[0]
    return ONE, t


def row_of(t: Term) -> Term:
    """Return the vector of which a term is a row; any other as it is."""
    row = t.op is np.reshape and t.args[0].ndim == 1 and t.shape == (1, t.args[0].size)
    return t.args[0] if row else t


def rebuilt(algebra: Algebra, t: Term, change: Callable[[Term], Term]) -> Term:
    """Return a term with each of its parts changed."""
    if t.op in (NAME, NUMBER, np.array):
        return t
    args = tuple([change(x) for x in t.args])
    params = t.params if isinstance(t.op, str) else changed(t.params, change)
    if args == t.args and params is t.params:
        return t
    if t.op == SUM:
        return algebra.add(zip(t.params, args, strict=True), t.shape)
    if t.op == PRODUCT:
        return algebra.mul(t.params[0], zip(args, t.params[1], strict=True), t.shape)
    return algebra.term(t.op, args, params, t.shape, t.dtype)


def changed(params: Any, change: Callable[[Term], Term]) -> Any:
    """Return parameters with the terms among them changed."""
    if isinstance(params, Term):
        return change(params)
    if isinstance(params, Coefficient) or not isinstance(params, tuple | list):
        return params
    new = type(params)(changed(x, change) for x in params)
    return params if all(a is b for a, b in zip(new, params, strict=True)) else new

"""Folding: what a finished formula is written as, where it has a shorter name. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.activations import sigmoid
from .terms import MINUS, NAME, NUMBER, ONE, PRODUCT, SUM, Coefficient, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .algebra import Algebra


def sigmoid_derivative(z: Any) -> Any:
    """Return the derivative of the sigmoid, as it is printed beside formulas that call it."""
    return sigmoid(z) * (1 - sigmoid(z))


class Folding:
    """Replaces columns times rows by np.outer, and sigmoid(z) * (1 - sigmoid(z)) by its name."""

    def __init__(self, algebra: Algebra, meaning: Mapping[Term, Term], slopes: bool) -> None:
        self.algebra, self.meaning, self.slopes = algebra, meaning, slopes
        self.done: dict[Term, Term] = {}

    def fold(self, t: Term) -> Term:
        """Return a term with its parts folded."""
        found = self.done.get(t)
        if found is None:
            made = self._outer(rebuilt(self.algebra, t, self.fold))
            found = self.done[t] = self._slopes(made) if self.slopes else made
        return found

    def _outer(self, t: Term) -> Term:
        """Return the columns and the rows of a product as an outer product."""
        if t.op != PRODUCT or t.ndim != 2:
            return t
        factors = list(zip(t.args, t.params[1], strict=True))
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
        powers = dict(zip(t.args, t.params[1], strict=True))
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


def is_column(t: Term) -> bool:
    """Tell whether a term is a vector with an axis of length 1 behind it."""
    return t.op is np.reshape and t.args[0].ndim == 1 and t.shape == (t.args[0].size, 1)


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

"""Shapes: terms in other shapes, left away where broadcasting does the same. Floor 9."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from .terms import NAME, NUMBER, PRODUCT, Store, Term, factors_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .terms import Coefficient, Shape

REDUCTIONS = frozenset({np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std})
SAYS_NOTHING = (("axis", None), ("keepdims", False))


class Shapes(Store, ABC):
    """A store whose terms change their shape in the way that is shortest to write."""

    def number(self, x: Any) -> Term:
        """Return a number."""
        x = x.item() if isinstance(x, np.generic | np.ndarray) else x
        return self.term(NUMBER, (), x if isinstance(x, bool) else whole(x), ())

    def name(self, text: str, shape: Shape = (), dtype: Any = None) -> Term:
        """Return a name."""
        return self.term(NAME, (), text, shape, dtype)

    @abstractmethod
    def mul(
        self, c: Coefficient, pairs: Iterable[tuple[Term, Any]], shape: Shape | None = None
    ) -> Term:
        """Return a product."""

    # Reductions

    def reduction(self, op: Any, x: Term, params: Any, shape: Shape, dtype: Any) -> Term:
        """Return a reduction without parameters that say nothing, as it was written before."""
        given = {k: v for k, v in dict(params).items() if (k, v) not in SAYS_NOTHING}
        axis = given.get("axis")
        if (
            axis is not None
            and x.ndim == (len(axis) if isinstance(axis, tuple) else 1)
            and not shape
        ):
            del given["axis"]
        elif isinstance(axis, int) and x.ndim:
            for a in (axis % x.ndim - x.ndim, axis % x.ndim):
                found = self.known(op, (x,), shape, tuple({**given, "axis": a}.items()))
                if found is not None:
                    return found
        return self.term(op, (x,), tuple(given.items()), shape, dtype)

    def _keeping(self, t: Term, shape: Shape) -> Term | None:
        """Return a reduction that keeps the axes that it takes, or does no longer."""
        axis = dict(t.params).get("axis") if t.op in REDUCTIONS else None
        if axis is None or not t.args[0].ndim:
            return None
        (x,) = t.args
        axes = {a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))}
        kept = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
        if shape not in (kept, tuple(n for a, n in enumerate(x.shape) if a not in axes)):
            return None
        if shape == kept and x.ndim == 2 and axes == {0}:
            return None  # a row is the vector, beside a matrix
        params = {**dict(t.params), "keepdims": shape == kept}
        return self.reduction(t.op, x, params, shape, t.dtype)

    # Shapes

    def fit(self, t: Term, shape: Shape) -> Term:
        """Return a term in another shape: reshaped if its entries stay, else repeated."""
        if t.shape == shape:
            return t
        if t.size == math.prod(shape) and (found := self._moved(t, shape)) is not None:
            return found
        if t.op in (np.reshape, np.broadcast_to) and self._fits(t.args[0], t, shape):
            return self.fit(t.args[0], shape)
        quotient = t.op == PRODUCT and t.args[0].op == NUMBER  # of numbers
        if t.op == NUMBER or quotient or t.size != math.prod(shape):
            t = self.fit(t, ()) if t.ndim > len(shape) else t
            return self.term(np.broadcast_to, (t,), (("shape", shape),), shape, t.dtype)
        return self.term(np.reshape, (t,), (("shape", shape),), shape, t.dtype)

    def _moved(self, t: Term, shape: Shape) -> Term | None:
        """Return a term whose parts take another shape, if that is no longer to write."""
        if t.op != PRODUCT:
            return self._keeping(t, shape)
        factors = factors_of(t)
        arrays = [f for f in t.args if f.shape]
        if any(f.shape != t.shape for f in arrays):
            return None
        light = [f for f in arrays if self._is_light(f, shape)]
        if not light or len(light) + 1 < len(arrays):
            return None
        return self.mul(
            t.params[0], [(self.fit(f, shape) if f.shape else f, e) for f, e in factors]
        )

    def _is_light(self, t: Term, shape: Shape) -> bool:
        """Tell whether a term is as short in another shape."""
        if t.op in (np.reshape, np.broadcast_to):
            return self._fits(t.args[0], t, shape)
        return self._keeping(t, shape) is not None

    def _fits(self, inner: Term, outer: Term, shape: Shape) -> bool:
        """Tell whether what was reshaped or repeated can take the new shape at once."""
        if inner.size == 1:
            return inner.ndim <= len(shape) or math.prod(shape) == 1
        if outer.op is np.reshape:
            return math.prod(shape) == outer.size
        return len(shape) >= outer.ndim and shape[len(shape) - outer.ndim :] == outer.shape

    def loose(self, t: Term, ndim: int) -> Term:
        """Return what a term repeats, or reshapes if it is a single number."""
        while t.op is np.broadcast_to or (t.op is np.reshape and t.size == 1):
            if t.args[0].ndim > ndim > 0:
                break
            t = t.args[0]
        return t

    def row(self, t: Term, ndim: int) -> Term:
        """Return an operand of an array without what broadcasting does: of a row, the vector."""
        t = self.loose(t, ndim)
        lone = t.op is np.reshape and t.ndim == 2 == ndim and t.args[0].shape == t.shape[1:]
        return t.args[0] if lone else t

"""An operation: a function of terms, before it is a term. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..rules.activations import sigmoid
from .shapes import REDUCTIONS
from .terms import NUMBER, ONE, PRODUCT, Coefficient, Term, coefficient

if TYPE_CHECKING:
    from .algebra import Algebra
    from .terms import Shape


ENTRYWISE = frozenset(
    {np.exp, np.log, np.sin, np.cos, np.tan, np.tanh, np.sqrt, np.abs, np.sign, np.log1p, np.expm1,
     np.sinh, np.cosh, np.arctan, sigmoid}
)  # fmt: skip


class Operation(NamedTuple):
    """A function of terms, and what is known of its result."""

    algebra: Algebra
    function: Any
    args: tuple[Term, ...]
    params: dict[str, Any]
    shape: Shape
    dtype: Any

    @property
    def arg(self) -> Term:
        """The first operand."""
        return self.args[0]

    def call(self) -> Term:
        """Return the operation as it stands."""
        params = tuple(self.params.items())
        if self.function in REDUCTIONS and len(self.args) == 1:
            return self.algebra.reduction(self.function, self.arg, params, self.shape, self.dtype)
        return self.algebra.term(self.function, self.args, params, self.shape, self.dtype)

    def by(self, maker: Maker) -> Term:
        """Return what a maker makes of it, the operation as it stands if that is nothing."""
        made: Term | None = maker(self)
        return self.call() if made is None else made


Maker = Any  # a function of an Operation that returns a Term, or None to leave it as it is


def split(algebra: Algebra, t: Term) -> tuple[Coefficient, Term]:
    """Return a term as a coefficient times another."""
    if t.op == NUMBER:
        return coefficient(t.params), algebra.number(1)
    if t.op == PRODUCT and t.params[0] != ONE:
        return t.params[0], algebra.mul(ONE, zip(t.args, t.params[1], strict=True), t.shape)
    return ONE, t

"""What may be wrong with a formula, in a sentence. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import title
from ..tracing.program import Ref
from ..tracing.trace import trace
from ..tree import flatten
from .case import kind, plain
from .diagnosis import diagnosis, ratio_of, same
from .paths import argument_names, paths
from .slips import Slips

if TYPE_CHECKING:
    from collections.abc import Callable


class Hints:
    """What is known where a formula turned out to be wrong."""

    def __init__(
        self, loss: Callable[..., Any], args: tuple[Any, ...], formula: Any, right: dict[str, Any]
    ) -> None:
        self.loss, self.args, self.formula, self.right = loss, args, formula, right
        self.names = argument_names(loss, len(args))
        labels = [p for x, name in zip(args, self.names, strict=True) for p in paths(x, name)]
        self.leaves = dict(zip(labels, flatten(args)[0], strict=True))

    def of(self, name: str, claim: Any, truth: Any) -> str:
        """Return the hint for one leaf of the gradient; where to look if nothing is recognised."""
        a, e = np.asarray(plain(claim)), np.asarray(plain(truth))
        known = {label: plain(x) for label, x in self.leaves.items() if kind(x) in "iufc"}
        others = {other: g for other, g in self.right.items() if other != name}
        return (
            self.broadcast()
            or diagnosis(a, e, known, others, name)
            or self.slip(name, a, e)
            or (a.size > 1 and times(ratio_of(a, e)))
            or f"print(mg.explain({title(self.loss)}, ...)) derives the right one step by step."
        )

    def broadcast(self) -> str:
        """Return the hint that a column and a row were combined."""
        for f, what in ((self.loss, "loss"), (self.formula, "formula")):
            shapes = column_and_row(f, self.args) if callable(f) else ""
            if shapes:
                return f"The {what} combines shapes {shapes}: reshape one of them?"
        return ""

    def slip(self, name: str, claim: Any, truth: Any) -> str:
        """Return the slip in the chain rule that the formula may have made."""
        try:
            slips = Slips(self.loss, self.args, list(self.leaves))
            alike = claim.shape == truth.shape
            return (
                (alike and (slips.found(claim, name) or self.elsewhere(name, claim)))
                or slips.unfinished(claim, name)
            )  # fmt: skip
        except Exception:  # it has no picture, for one: a hint is no must
            return ""

    def elsewhere(self, name: str, claim: Any) -> str:
        """Return the hint that an argument was left out, or used with another sign."""
        found = []
        for label, x in self.leaves.items():
            for factor in (0.0, -1.0) if kind(x) in "fc" else ():
                _, rebuild = flatten(self.args)
                there = rebuild(list({**self.leaves, label: factor * x}.values()))
                right = Slips(self.loss, there, list(self.leaves)).right
                if same(right.get(name, 0), claim):
                    found.append(f"{f'-{label}' if factor else '0'} in place of {label}")
        return f"It is the gradient for {' or '.join(found)}." if found else ""


def times(ratio: float | None) -> str:
    """Return that a claim is a multiple of the gradient; "" if it is none."""
    return "" if ratio is None else f"It is {ratio:.10g} times the gradient."


def column_and_row(f: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """Return the shapes (n, 1) and (n,) of one operation of f, which broadcast to (n, n); or ""."""
    try:
        lines = (program := trace(f, *args)).lines
    except Exception:  # f decides by values, for one
        return ""
    for line in lines:
        shapes = [program.value(x).shape if type(x) is Ref else np.shape(x) for x in line.operands]
        if not isinstance(line.function, np.ufunc) or len(shapes) != 2 or None in shapes:
            continue
        row, column = sorted(shapes, key=len)  # type: ignore[arg-type]
        if row and column == (*row, 1) and row[0] > 1 == len(row):
            return f"{column} and {row}, which broadcast to {(*row, *row)}"
    return ""

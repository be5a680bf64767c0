"""The law of form, on twins: arrays without entries, and single numbers. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .laws import form, reverse_value
from .probes import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .case import Case


def other_shapes(case: Case) -> None:
    """Where the function takes arrays without entries, or single numbers, its gradient does."""
    with quiet():
        for words, xs in (*emptied(case), *single(case)):
            there = case.at(xs, words)
            try:
                outs = there.values(*there.xs)
            except Exception:  # the function is not made for this shape
                continue
            if not all(np.all(np.isfinite(out)) for out in outs):
                continue
            try:
                form(there)
            except Exception as error:
                if isinstance(error, AssertionError):
                    raise
                said = (
                    f"the gradient cannot be computed: {type(error).__name__}: {error}. "
                    "Pass twins=False if f is meant for one shape alone."
                )
                raise there.failure("form", said) from error
            if np.size(xs[0]) and not case.point:
                reverse_value(there)


def emptied(case: Case) -> Iterator[tuple[str, list[Any]]]:
    """Yield the operands with all axes of one length cut to 0."""
    shapes = [np.shape(x) for x in case.xs]
    for length in sorted({n for shape in shapes for n in shape if n > 0}):
        cut = [
            np.asarray(x)[tuple(slice(0, 0 if n == length else n) for n in np.shape(x))]
            for x in case.xs
        ]
        sizes = ", ".join(
            f"{label} {x.shape}" for label, x in zip(case.labels, cut, strict=True) if not x.size
        )
        yield f"where there are no entries ({sizes})", cut


def single(case: Case) -> Iterator[tuple[str, list[Any]]]:
    """Yield the operands with one entry each, as numbers without axes."""
    if all(np.size(x) for x in case.xs) and any(np.ndim(x) for x in case.xs):
        yield "where operands are single numbers", [np.ravel(x)[0] for x in case.xs]

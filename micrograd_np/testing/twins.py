"""The law of form, on twins: no entries, single numbers, the bare derivatives. Floor 12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..custom import custom_vjp
from ..errors import ShapeError
from ..plan import Spec
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
                said = f"{type(error).__name__}: {error}"
                raise there.failure("form", f"the gradient cannot be computed: {said}") from error
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


def bare_derivatives(case: Case) -> None:
    """A derivative declared with ``custom_vjp`` returns shape and dtype of its operand itself.

    The library casts what is of another dtype, and hides what was computed in too many digits.
    """
    if not isinstance(case.f, custom_vjp) or case.f.rule is None:
        return
    rule, names = case.f.rule, case.f.rule.operand_names
    for dtype in (np.float64, np.float32):
        xs = [np.asarray(x, dtype)[()] if np.isrealobj(x) else x for x in case.xs]
        call = case.f.signature.bind(*case.rebuild(case.placed(xs)))
        call.apply_defaults()
        values = [np.array(v)[()] if isinstance(v, np.ndarray) else v
                  for v in call.arguments.values()]  # fmt: skip
        known = dict(zip(names, values, strict=False)) | {"xs": values}
        with quiet():
            known["out"] = np.asarray(case.f.function(*call.args, **call.kwargs))[()]
            g = case.random_like(np.asarray(known["out"]))
            for i, (derivative, x) in enumerate(zip(rule.derivatives, values, strict=False)):
                if derivative is None or np.asarray(x).dtype.kind not in "fc":
                    continue
                known |= {"i": i, "spec": Spec(np.shape(x), np.asarray(x).dtype)}
                before = [np.array(v).tobytes() for v in (g, *values)]
                q = derivative(g, **{name: known[name] for name in rule.reads(i)})
                _look(case, names[i], np.asarray(x), q)
                if before != [np.array(v).tobytes() for v in (g, *values)]:
                    case.fail("unmutated", f"the derivative by {names[i]} changes what it reads.")


def _look(case: Case, label: str, x: Any, q: Any) -> None:
    """Refuse a bare cotangent of another shape or dtype than its operand."""
    found = np.asarray(q)
    if found.shape != x.shape:
        error = ShapeError(f"{found.shape} for {x.shape}")
        what = f"the derivative by {label} returned shape {found.shape} for an operand of {x.shape}"
        cure = " Sum it over the axes that were broadcast." if found.ndim > x.ndim else ""
        raise case.failure("form", f"{what}.{cure}") from error
    if found.dtype != x.dtype:
        what = f"the derivative by {label} returned {found.dtype} for an operand of {x.dtype}"
        case.fail("form", f"{what}. Constants should be Python floats.")

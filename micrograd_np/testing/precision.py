"""The law of precision: the same rule in more and in fewer digits gives the same. Floor 10.

What a formula loses by cancellation shows when it is run with more digits; no oracle is needed. An
ill-conditioned function loses digits too, by right: how far its gradient moves when the operands
move by a rounding is measured, and granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .paths import at
from .probes import quiet

if TYPE_CHECKING:
    from .case import Case

LOST = 1e4  # roundings by which a gradient may be off, beyond what its condition grants
NUDGE = 2.0**-20  # relative, to measure the condition
EXTENDED = np.finfo(np.longdouble).eps < np.finfo(float).eps  # not on every processor


def keeps_its_digits(case: Case) -> None:
    """In long double the gradient is the same: no digits are lost by cancellation."""
    if EXTENDED and all(np.asarray(x).dtype == np.float64 for x in case.xs):
        compare(case, np.longdouble, np.float64, 0.0)


def same_in_single(case: Case) -> None:
    """In float32 the gradient is float32, and that of the rounded operands."""
    if all(np.asarray(x).dtype == np.float64 for x in case.xs):
        compare(case, np.float64, np.float32, 100.0)


def compare(case: Case, high: Any, low: Any, roundings: float) -> None:
    """Compare the gradient in two precisions, at operands that both can hold.

    So many roundings, of the size of the cotangents, are granted where terms cancel.
    """
    info, title = np.finfo(low), np.dtype(high).name
    noise = roundings * float(info.eps) * sum(float(np.sum(np.abs(g))) for g in case.gs)
    with quiet():
        xs = [np.asarray(x, low) for x in case.xs]
        gs = [np.asarray(g, low if np.isrealobj(g) else None) for g in case.gs]
        coarse, fine = pulled(case, xs, gs, low), pulled(case, xs, gs, high)
        if coarse is None or fine is None:
            return
        moved = [pulled(case, nudged(case, xs, high), gs, high) for _ in range(2)]
        for k, label in enumerate(case.labels):
            if np.asarray(coarse[k]).dtype != low:
                kind = f"has dtype {np.asarray(coarse[k]).dtype} for an operand of {np.dtype(low)}"
                case.fail("form", f"the gradient with respect to {label} {kind}.")
            others = [m[k] for m in moved if m is not None]
            verdict(case, label, coarse[k], fine[k], others, (info, title, noise))


def verdict(
    case: Case, label: str, coarse: Any, fine: Any, moved: list[Any], told: tuple[Any, str, float]
) -> None:
    """Raise if digits were lost that the condition of the function does not account for."""
    info, title, noise = told
    a, e = np.asarray(coarse, np.longdouble), np.asarray(fine, np.longdouble)
    if a.shape != e.shape:
        return  # the law of form names it
    spread = [np.abs(np.asarray(m, np.longdouble) - e) / NUDGE for m in moved]
    granted = np.abs(e) + sum((np.where(np.isfinite(s), s, np.inf) for s in spread), start=0 * e)
    allowed = LOST * info.eps * granted + 4 * info.tiny + noise
    beyond = ~np.isfinite(e) | (np.abs(e) > info.max)
    wrong = ~((np.abs(a - e) <= allowed) | (a == e) | beyond)
    if np.any(wrong):
        index = tuple(np.argwhere(wrong)[0])
        off = float(abs(a[index] - e[index]) / info.eps / max(abs(e[index]), info.tiny))
        case.fail(
            "precision", f"the gradient with respect to {label}{at(index)} is "
            f"{float(a[index])!r}, in {title} {float(e[index])!r}: it is {off:.1g} roundings off "
            "(cancellation, or overflow on the way?).",
            index=index, actual=float(a[index]), expected=float(e[index]),
        )  # fmt: skip


def pulled(case: Case, xs: list[Any], gs: list[Any], dtype: Any) -> list[Any] | None:
    """Return the gradient computed in a precision; None if the function does not run in it."""
    there = case.at([np.asarray(x, dtype)[()] for x in xs], case.point)
    try:
        outs = there.values(*there.xs)
    except Exception:  # LAPACK has no long double, for one
        return None
    if not all(np.all(np.isfinite(out)) for out in outs):
        return None
    seeds = [np.asarray(g, np.asarray(out).dtype)[()] for g, out in zip(gs, outs, strict=True)]
    try:
        return list(there.vjp[1](seeds))
    except TypeError:
        if dtype is np.longdouble:  # the derivative may call LAPACK where the function does not
            return None
        raise


def nudged(case: Case, xs: list[Any], dtype: Any) -> list[Any]:
    """Return the operands, each entry moved by a small part of itself."""
    return [
        np.asarray(x, dtype) * (1 + NUDGE * case.random.choice([-1.0, 1.0], np.shape(x)))
        for x in xs
    ]

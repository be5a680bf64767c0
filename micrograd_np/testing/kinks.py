"""The laws at kinks and extremes: a gradient lies between one-sided derivatives. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .numeric import along, flat, magnitude, one_sided
from .paths import at
from .probes import quiet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Case

COARSE = 1e-5  # relative error: a mistake at such a point is never small
SURE = 1e-9  # absolute error of a difference that counts
AROUND, NEAR, NEARER = 12, 1e-5, 1e-7  # points around a kink, how far, and the step there
STEP = 2.0**-9  # of the first difference, relative to the entries beyond 1


class Box(NamedTuple):
    """Between which numbers a directional derivative may lie, and how well they are known."""

    low: float
    high: float
    error: float

    def holds(self, x: float, slack: float) -> bool:
        """Tell whether a number lies in the box, or next to it."""
        return self.low - slack <= x <= self.high + slack


def inside_the_box(case: Case) -> None:
    """At a kink each entry of the gradient, and its sum, lies between one-sided derivatives.

    Entry by entry, and along (1, ..., 1) for each operand and for all of them, where the two sides
    must agree how ties are shared.
    """
    with quiet():
        for k, label in enumerate(case.labels):
            entries_inside(case, k, "kinks", 4)
            if np.size(case.xs[k]) > 1:
                what = f"the sum of the gradient with respect to {label}"
                check(case, "kinks", {k: np.ones_like(case.wide[k])}, what)
        if len(case.xs) > 1:
            ones = {k: np.ones_like(x) for k, x in enumerate(case.wide)}
            check(case, "kinks", ones, "the sum of all gradients")


def right_at_extremes(case: Case) -> None:
    """Far out, and next to 0, the gradient is that of the values; at infinity it is a number."""
    with quiet():
        for k in range(len(case.xs)):
            entries_inside(case, k, "extremes", 2)


def entries_inside(case: Case, k: int, law: str, most: int) -> None:
    """Check the first entries of operand k, which are the special ones."""
    x = case.wide[k]
    if x.dtype.kind == "c":
        return
    for i in range(min(x.size, most)):
        index = tuple(int(n) for n in np.unravel_index(i, x.shape))
        what = f"the gradient with respect to {case.labels[k]}{at(index)}"
        if np.isfinite(x[index]):
            check(case, law, {k: unit(x, i)}, what, abs(float(x[index])))
        elif np.isnan(np.asarray(case.pulled[k])[index]):
            case.fail(law, f"{what} is nan, expected its limit.", index=index)


def unit(x: NDArray[Any], i: int) -> NDArray[Any]:
    """Return the unit array of entry i."""
    d = np.zeros(x.size, x.dtype)
    d[i] = 1
    return d.reshape(x.shape)


def check(case: Case, law: str, moving: dict[int, Any], what: str, size: float = 1.0) -> None:
    """Compare the gradient along a direction with the box of the two one-sided derivatives."""
    found = box(case, moving, STEP * size) if size else None
    if found is None:
        found = box(case, moving, STEP)
    if found is None:
        return
    ways = zip(case.pulled, along_all(case, moving), strict=True)
    actual = float(sum(np.sum(np.real(np.where(d != 0, q, 0) * d)) for q, d in ways))
    noise = 1e-13 * max(size, 1.0) * magnitude(case.gs, [np.ones_like(g) for g in case.gs])
    slack = COARSE * (abs(found.low) + abs(found.high)) + 4 * found.error + noise
    if not found.holds(actual, slack):
        scale = size if law == "extremes" else max(size, 1.0)
        found, slack = beside(case, moving, found, scale), slack + COARSE
    if not found.holds(actual, slack):
        between = f"{found.low:.6g}"
        if found.high - found.low > 2 * slack:
            between = f"between {found.low:.6g} and {found.high:.6g}, the one-sided derivatives"
        case.fail(
            law, f"{what} is {actual:.6g}, expected {between}. "
            f"If f is not meant to be called there, pass {law}=().",
            actual=actual, expected=(found.low, found.high),
        )  # fmt: skip


def along_all(case: Case, moving: dict[int, Any]) -> list[Any]:
    """Return a direction for each operand, 0 for those that stay."""
    return [moving.get(k, np.zeros_like(x)) for k, x in enumerate(case.wide)]


def box(case: Case, moving: dict[int, Any], step: float) -> Box | None:
    """Return between what <g, f> changes along a direction; None if that is not known.

    Each output has a derivative to the right and one to the left. A side outside the domain does
    not count; one where differences do not converge tells nothing, as at a jump.
    """
    values, weights = along(case.values, case.wide, along_all(case, moving)), weights_of(case.gs)

    def line(h: float) -> Any:
        try:
            found = flat(values(h))
        except Exception:  # a step out of the domain
            found = np.zeros(0)
        return found if found.shape == weights.shape else np.full(weights.shape, np.nan)

    sides = [one_sided(line, h) for h in (step, -step)]
    slopes, errors = (np.array(column) for column in zip(*sides, strict=True))
    known = np.isfinite(slopes) & (weights != 0)
    settled = errors <= COARSE * np.abs(slopes) + SURE
    counts = known.any(0)
    if not np.all(settled | ~known) or not np.all(counts | (weights == 0)):
        return None
    scaled = (weights * np.where(known, slopes, 0))[:, counts]
    low = np.min(np.where(known[:, counts], scaled, np.inf), 0)
    high = np.max(np.where(known[:, counts], scaled, -np.inf), 0)
    error = np.sum(np.abs(weights) * np.max(np.where(known, errors, 0), 0))
    return Box(float(np.sum(low)), float(np.sum(high)), float(error))


def beside(case: Case, moving: dict[int, Any], found: Box, scale: float) -> Box:
    """Return the box widened by the derivatives at points around, where ties are broken.

    A generalised derivative is a mean of those. They may differ from both one-sided ones: the
    median of equal entries does not move with any single one of them.
    """
    ways = along_all(case, moving)
    slopes = [found.low, found.high]
    for _ in range(AROUND):
        xs = [x + NEAR * scale * case.random_like(x) for x in case.wide]
        values = along(case.values, xs, ways)
        try:
            steps = NEARER * scale, -NEARER * scale
            ends = [np.sum(weights_of(case.gs) * flat(values(h))) for h in steps]
        except Exception:  # out of the domain
            continue
        slope = float(ends[0] - ends[1]) / (2 * NEARER * scale)
        slopes += [slope] if np.isfinite(slope) else []
    return Box(min(slopes), max(slopes), found.error)


def weights_of(gs: list[Any]) -> NDArray[Any]:
    """Return what each real and imaginary part of the outputs counts in <g, f>."""
    parts = [np.ravel(part) for g in gs for part in (np.real(g), -np.imag(g))]
    return np.concatenate(parts)

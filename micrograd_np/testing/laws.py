"""The laws that every derivative obeys: one small function each, in one list. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..transforms import jvp, vjp
from .numeric import FIRST_STEP, along, flat, magnitude, pairing, size_of, slope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .case import Case

ENTRIES = 100  # of an operand, up to which each is varied alone; beyond, random directions
DIRECTIONS = 8
SETTLED = 1e-5  # relative error of a difference beyond which it says nothing


class Law(NamedTuple):
    """What must hold, for which modes, and the function that raises where it does not."""

    name: str
    check: Callable[[Case], None]
    modes: frozenset[str]


# Values


def same_value(case: Case) -> None:
    """A Tensor computes what NumPy computes."""
    recorded, direct = case.vjp[0], case.values(*case.xs)
    largest = max((float(np.max(np.abs(x), initial=0)) for x in direct), default=0.0)
    for i, (out, expected) in enumerate(zip(recorded, direct, strict=True)):
        tolerance = 0.01 * case.rtol * largest
        what = f"the value of output {i} on Tensors"
        case.close("same value", what, out, expected, tolerance)
        if np.asarray(out).dtype != np.asarray(expected).dtype:
            types = f"{np.asarray(out).dtype}, NumPy's {np.asarray(expected).dtype}"
            case.fail("same value", f"{what} is {types}.")


def reverse_value(case: Case) -> None:
    """The vjp is the derivative: that of <g, f(x)>, by differences of values."""
    for k, label in enumerate(case.labels):
        if np.size(case.xs[k]) <= ENTRIES:
            check_entries(case, k, label)
        else:
            check_directions(case, k, label)


def check_entries(case: Case, k: int, label: str) -> None:
    """Compare the cotangent of operand k with differences, each entry varied alone."""
    found = [difference(case, k, unit) for unit in units(case.wide[k])]
    if not found:
        return
    expected, error = (np.array(column) for column in zip(*found, strict=True))
    actual = np.ravel(case.pulled[k])
    if case.wide[k].dtype.kind == "c":
        actual = np.ravel(np.stack([actual.real, -actual.imag], -1))
    settled(case, "reverse value", label, expected, error)
    scale = np.max(np.abs(expected))
    tolerance = case.rtol * (np.abs(expected) + 0.01 * scale) + 4 * error + noise(case, expected)
    shape = np.shape(case.xs[k]) + (2,) * (case.wide[k].dtype.kind == "c")
    what = f"the gradient with respect to {label}"
    a, e, granted = (x.reshape(shape) for x in (actual, expected, tolerance))
    case.close("reverse value", what, a, e, granted, name=label)


def check_directions(case: Case, k: int, label: str) -> None:
    """Compare the cotangent of a large operand with differences in random directions."""
    for _ in range(DIRECTIONS):
        d = case.random_like(case.wide[k])
        expected, error = difference(case, k, d)
        actual = pairing([case.pulled[k]], [d])
        settled(case, "reverse value", label, expected, error)
        tolerance = case.rtol * magnitude([case.pulled[k]], [d]) + 4 * error
        what = f"the gradient with respect to {label}, times a random direction,"
        case.close("reverse value", what, actual, expected, tolerance)


def difference(case: Case, k: int, d: Any) -> tuple[Any, Any]:
    """Return the derivative of <g, f(x)> as operand k moves along d, and its error."""
    still = [np.zeros_like(x) for x in case.wide]
    line = along(case.values, case.wide, [*still[:k], d, *still[k + 1 :]])

    def moved(h: float) -> Any:
        return np.asarray(pairing(case.gs, line(h)))

    return slope(moved, FIRST_STEP * size_of(case.wide[k]))


def units(x: Any) -> Iterator[Any]:
    """Yield the unit arrays of the shape of x; for complex entries the imaginary ones too."""
    for i in range(x.size):
        for one in (1, 1j) if x.dtype.kind == "c" else (1,):
            unit = np.zeros(x.size, x.dtype)
            unit[i] = one
            yield unit.reshape(x.shape)


def settled(case: Case, law: str, label: str, expected: Any, error: Any) -> None:
    """Refuse a point where differences do not converge: they would hide any mistake."""
    scale = np.max(np.abs(expected))
    if not np.all(error <= SETTLED * scale + 1e-9):
        case.fail(
            law, f"differences in {label} do not converge (error {np.max(error):.1e}). "
            "Choose a point away from kinks and from the end of the domain.",
        )  # fmt: skip


# The two modes against each other, and against values


def forward_value(case: Case) -> None:
    """The jvp is the derivative along the tangents, by differences of values."""
    line = along(case.values, case.wide, case.ts)
    expected, error = slope(lambda h: flat(line(h)), FIRST_STEP)
    if not expected.size:
        return
    settled(case, "forward value", "the direction of the tangents", expected, error)
    scale = np.max(np.abs(expected))
    tolerance = case.rtol * (np.abs(expected) + 0.1 * scale) + 4 * error + noise(case, expected)
    case.close("forward value", "the jvp", flat(case.pushed), expected, tolerance)


def dot_product(case: Case) -> None:
    """Both modes have one Jacobian: <g, J t> = <J' g, t>."""
    left, right = pairing(case.gs, case.pushed), pairing(case.pulled, case.ts)
    terms = magnitude(case.gs, case.pushed) + magnitude(case.pulled, case.ts)
    case.close("dot product", "<g, J t>", left, right, roundoff(case) * terms + noise(case))


def linearity(case: Case) -> None:
    """The vjp is linear in the cotangent."""
    pull, others = case.vjp[1], case.like(case.gs)
    mixed = pull([2 * g - 0.5 * h for g, h in zip(case.gs, others, strict=True)])
    parts = zip(case.labels, mixed, case.pulled, pull(others), strict=True)
    for label, both, first, second in parts:
        scale = np.max(np.abs(first), initial=0) + np.max(np.abs(second), initial=0)
        what = f"the vjp of 2 g - h/2 with respect to {label}"
        expected = 2 * first - 0.5 * second
        case.close("linearity", what, both, expected, roundoff(case) * scale + noise(case))


def symmetry(case: Case) -> None:
    """The order of differentiation does not matter: <u, H t> = <t, H u>."""
    us, derived = case.like(case.xs), case.derived()
    along_t = list(jvp(derived.run, tuple(case.xs), tuple(case.ts))[1])
    along_u = list(jvp(derived.run, tuple(case.xs), tuple(us))[1])
    left, right = pairing(us, along_t), pairing(case.ts, along_u)
    terms = magnitude(us, along_t) + magnitude(case.ts, along_u) + magnitude(case.pulled, case.ts)
    case.close("symmetry", "<u, H t>", left, right, roundoff(case) * terms)


def transposition(case: Case) -> None:
    """The vjp's own vjp, in the cotangent, is the Jacobian: <g, J t> = <J' g, t>."""
    _, back = vjp(lambda *gs: list(case.vjp[1](list(gs))), *case.gs)
    twice = back(case.ts)
    left, right = pairing(case.gs, list(twice)), pairing(case.pulled, case.ts)
    terms = magnitude(case.gs, list(twice)) + magnitude(case.pulled, case.ts)
    what = "<g, J t>, with J the vjp of the vjp,"
    case.close("transposition", what, left, right, roundoff(case) * terms + noise(case))


def roundoff(case: Case) -> float:
    """Return the relative difference that rounding alone may make."""
    return float(1000 * max(np.finfo(np.asarray(x).dtype).eps for x in case.xs))


def noise(case: Case, expected: Any = 0) -> float:
    """Return the absolute difference that rounding alone may make where terms cancel."""
    if not any(map(np.any, [*case.vjp[0], expected])):  # all: x - x has the slope 0, or a unit
        unit = 0.01 * roundoff(case)
        if all(np.all(np.abs(d) <= unit) for d in (*case.pushed, *case.pulled)):
            return unit
    return 0.1 * roundoff(case) * magnitude(case.gs, case.vjp[0])


# What a gradient is, besides right


def repeatable(case: Case) -> None:
    """The same computation gives the same bits."""
    again = case.afresh()(case.gs)
    twice = case.vjp[1](case.gs)
    for label, q, *others in zip(case.labels, case.pulled, again, twice, strict=True):
        for other in others:
            if np.asarray(q).tobytes() != np.asarray(other).tobytes():
                case.fail("repeatable", f"the gradient of {label} is {other}, it was {q}.")


def form(case: Case) -> None:
    """A gradient has the shape and dtype of its primal, is writeable, and nobody else's."""
    pulled = case.vjp[1](case.gs)
    held = [*case.xs, *case.gs, *case.vjp[0]]
    for label, x, q in zip(case.labels, case.xs, pulled, strict=True):
        a, b = np.asarray(x), np.asarray(q)
        if (a.shape, a.dtype) != (b.shape, b.dtype):
            got = f"shape {b.shape} and dtype {b.dtype}, {label} has {a.shape} and {a.dtype}"
            case.fail("form", f"the gradient has {got}.")
        if isinstance(q, np.ndarray):
            if not q.flags.writeable:
                case.fail("form", f"the gradient of {label} is read-only: copy it.")
            if any(np.shares_memory(q, other) for other in held):
                case.fail(
                    "form", f"the gradient of {label} shares its memory with others: copy it."
                )
            held.append(q)


def unmutated(case: Case) -> None:
    """Differentiating changes neither the operands nor the cotangents."""
    held = (*case.xs, *case.given, *case.gs)
    before = [np.array(x).tobytes() for x in held]
    case.afresh()(case.gs)
    if case.by_hand is None:
        jvp(case.run, tuple(case.xs), tuple(case.ts))
    if before != [np.array(x).tobytes() for x in held]:
        case.fail("unmutated", "an operand or a cotangent was changed.")


REVERSE, FORWARD = frozenset({"reverse"}), frozenset({"forward"})
BOTH = REVERSE | FORWARD

LAWS = (
    Law("same value", same_value, frozenset()),
    Law("form", form, REVERSE),
    Law("unmutated", unmutated, REVERSE),
    Law("repeatable", repeatable, REVERSE),
    Law("linearity", linearity, REVERSE),
    Law("reverse value", reverse_value, REVERSE),
    Law("forward value", forward_value, FORWARD),
    Law("dot product", dot_product, BOTH),
)
SECOND = (
    Law("reverse value", reverse_value, REVERSE),
    Law("forward value", forward_value, BOTH),
    Law("dot product", dot_product, BOTH),
)  # of the vjp, as a function of the operands

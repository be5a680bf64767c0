"""What a wrong formula may have forgotten, in one sentence. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

RTOL = 1e-7  # within which two arrays are taken to be the same formula


def diagnosis(
    claim: Any, right: Any, known: dict[str, Any], others: dict[str, Any], name: str
) -> str:
    """Return what would make the claim right, "" if nothing recognisable would.

    Examples
    --------
    >>> diagnosis(np.array([2.0, 4.0]), np.array([-2.0, -4.0]), {}, {}, "w")
    'Its sign is wrong.'
    """
    guesses = (
        _transposed(claim, right), _moved(claim, right), _factor(claim, right, known),
        _known_factor(claim, right, known), _batch(claim, right), _extra_sum(claim, right),
        _other(claim, others, name),
    )  # fmt: skip
    with np.errstate(all="ignore"):  # the claim may be infinite
        return next((found for guess in guesses for found in guess if found), "")


def same(a: Any, b: Any) -> bool:
    """Tell whether two arrays are the same formula: equal within rounding, and not all 0."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or not a.size or not np.any(b):
        return False
    return bool(np.all(np.abs(a - b) <= RTOL * np.max(np.abs(b))))


def _transposed(claim: Any, right: Any) -> Iterator[str]:
    if claim.ndim > 1 and same(claim.T, right):
        yield "It is the transpose of the gradient."
    alike = claim.shape != right.shape and claim.size == right.size
    if alike and same(claim.reshape(right.shape), right):
        yield f"Its entries are right: reshape it to {right.shape}."


def _moved(claim: Any, right: Any) -> Iterator[str]:
    """Recognise entries in the wrong places."""
    for axis in range(right.ndim if claim.shape == right.shape else 0):
        for by in (1, -1):
            if same(np.roll(claim, by, axis), right):
                yield f"Its entries are right, but shifted by one along axis {axis}."
        if same(np.flip(claim, axis), right):
            yield f"Its entries are right, but in reverse order along axis {axis}."


def ratio_of(claim: Any, right: Any) -> float | None:
    """Return the number that a claim is off by as a factor, if it is one."""
    if claim.shape != right.shape or not right.size:
        return None
    largest = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    if right[largest] == 0 or claim[largest] == 0:
        return None
    ratio = claim[largest] / right[largest]
    return ratio if same(claim, ratio * right) else None


def _factor(claim: Any, right: Any, known: dict[str, Any]) -> Iterator[str]:
    """Recognise a gradient that is off by a number which has a meaning."""
    ratio = ratio_of(claim, right)
    if ratio is not None:
        yield "Its sign is wrong." if abs(ratio + 1) < RTOL else _said(ratio, known)


def _said(ratio: Any, known: dict[str, Any]) -> str:
    """Return the number in words: an argument, a length, a half; "" if it has no meaning."""
    for name, x in known.items():
        if np.ndim(x) == 0 and abs(ratio * x - 1) < RTOL:
            return f"The factor {name} is missing."
    for x, what in ((2, "too much"), (0.5, "missing")):
        if abs(ratio - x) < RTOL:
            return f"It is {x} times the gradient: a factor 2 is {what}."
    return next((found for name, x in known.items() for found in _length(ratio, name, x)), "")


def _length(ratio: Any, name: str, x: Any) -> Iterator[str]:
    for axis, n in enumerate(np.shape(x)):
        if n > 2 and abs(ratio - n) < RTOL * n:
            yield f"It is {n} times too large, the length of axis {axis} of {name}: {_MEAN}"
        if n > 2 and abs(ratio * n - 1) < RTOL:
            yield f"It is {n} times too small, the length of axis {axis} of {name}: {_SUM}"


_MEAN = "the loss takes a mean, the formula a sum?"
_SUM = "the loss takes a sum, the formula a mean?"


def _known_factor(claim: Any, right: Any, known: dict[str, Any]) -> Iterator[str]:
    """Recognise an argument that was forgotten, or multiplied by once too often."""
    for name, x in known.items():
        if _broadcasts(x, claim) and same(claim * x, right):
            yield f"The factor {name} is missing."
        elif _broadcasts(x, right) and same(right * x, claim):
            yield f"The factor {name} is too much."


def _broadcasts(x: Any, y: Any) -> bool:
    try:
        np.broadcast_shapes(np.shape(x), np.shape(y))
    except ValueError:
        return False
    return True


def _batch(claim: Any, right: Any) -> Iterator[str]:
    """Recognise a formula that was not summed over an axis."""
    for axis in range(claim.ndim):
        for keep in (False, True):
            if same(np.sum(claim, axis=axis, keepdims=keep), right):
                yield f"It is not summed over axis {axis}, of length {claim.shape[axis]}."
            if same(np.mean(claim, axis=axis, keepdims=keep), right):
                yield f"It is not averaged over axis {axis}, of length {claim.shape[axis]}."
    if claim.ndim and right.ndim == 0 and same(np.sum(claim), right):
        yield "It is not summed."


def _extra_sum(claim: Any, right: Any) -> Iterator[str]:
    """Recognise a formula that was summed over an axis of the parameter."""
    for axis in range(right.ndim):
        for keep in (False, True):
            summed = np.sum(right, axis=axis, keepdims=keep)
            if any(same(claim, total) for total in (summed, *_repeated(summed, right.shape))):
                yield f"It is summed over axis {axis}, which belongs to the parameter."
    if right.ndim and same(claim, np.sum(right)):
        yield "It is summed over all entries, which belong to the parameter."


def _repeated(x: Any, shape: tuple[int, ...]) -> list[Any]:
    fits = _broadcasts(x, np.empty(shape)) and np.broadcast_shapes(np.shape(x), shape) == shape
    return [np.broadcast_to(x, shape)] if fits else []


def _other(claim: Any, others: dict[str, Any], name: str) -> Iterator[str]:
    for other, gradient in others.items():
        if same(claim, gradient):
            yield f"It is the derivative with respect to {other}: are {name} and {other} swapped?"

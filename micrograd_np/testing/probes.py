"""Points where mistakes hide: zeros, ties, extremes; and one function at such a point. Floor 10."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .case import Case

EXTREMES = (20.0, -20.0, 40.0, -40.0, 1000.0, -1000.0, 1e-20, -1e-20)


class Point(NamedTuple):
    """Where to check, in words, and the operands there."""

    words: str
    xs: list[Any]


@contextmanager
def quiet() -> Iterator[None]:
    """Compute where NumPy may warn."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def full(x: Any, value: Any) -> Any:
    """Return an operand with all entries of one value."""
    return np.full_like(x, value)[()]


def started(x: Any, *values: Any) -> Any:
    """Return an operand whose first entries are these values."""
    copy = np.array(x)
    copy.reshape(-1)[: len(values)] = values
    return copy[()]


def kink_points(case: Case, values: Sequence[float]) -> Iterator[Point]:
    """Yield the points where entries have these values, and where entries tie."""
    for value in values:
        yield from _value_points(case, value)
    yield from _tie_points(case)


def _value_points(case: Case, value: float) -> Iterator[Point]:
    """Yield the points where all entries, one, or two of an operand have a value."""
    xs = case.xs
    if len(xs) > 1:
        yield Point(f"where every entry is {value:g}", [full(x, value) for x in xs])
    for k, label in enumerate(case.labels):
        for count in (1, 2):
            if np.size(xs[k]) > count:
                which = "the first entry" if count == 1 else "the first two entries"
                changed = started(xs[k], *[value] * count)
                yield _changed(case, k, changed, f"where {which} of {label} is {value:g}")
        if np.size(xs[k]):
            yield _changed(case, k, full(xs[k], value), f"where {label} is {value:g}")


def _tie_points(case: Case) -> Iterator[Point]:
    """Yield the points where entries of an operand are equal, or those of two operands."""
    xs = case.xs
    for k, label in enumerate(case.labels):
        x = np.ravel(xs[k])
        if x.size > 1:
            yield _changed(case, k, full(xs[k], x[0]), f"where all entries of {label} are equal")
        if x.size > 2:
            pair = started(xs[k], x[0], x[0])
            yield _changed(case, k, pair, f"where two entries of {label} are equal")
        for j in range(k):
            if x.size and np.shape(xs[j]) == np.shape(xs[k]) and real(xs):
                yield _changed(case, k, xs[j], f"where {label} equals {case.labels[j]}")
    if len(xs) > 1 and np.size(xs[0]) and real(xs):
        value = np.ravel(xs[0])[0]
        yield Point("where all operands are equal", [full(x, value) for x in xs])


def real(xs: list[Any]) -> bool:
    """Tell whether no operand is complex."""
    return all(np.isrealobj(x) for x in xs)


def extreme_points(case: Case, values: Sequence[float]) -> Iterator[Point]:
    """Yield the points where an operand, all or one entry of it, has an extreme value."""
    for value in values:
        for k, label in enumerate(case.labels):
            if np.size(case.xs[k]) > 1:
                one = started(case.xs[k], value)
                yield _changed(case, k, one, f"where the first entry of {label} is {value:g}")
            if np.size(case.xs[k]):
                whole = full(case.xs[k], value)
                yield _changed(case, k, whole, f"where {label} is {value:g}")


def _changed(case: Case, k: int, x: Any, words: str) -> Point:
    xs = list(case.xs)
    xs[k] = np.array(x, np.asarray(xs[k]).dtype)[()]
    return Point(words, xs)


def cases(case: Case, points: Iterator[Point]) -> Iterator[Case]:
    """Yield the function at those of the points where it is defined and finite, each once."""
    seen = {_key(case.xs)}
    for words, xs in points:
        if _key(xs) not in seen:
            seen.add(_key(xs))
            there = case.at(xs, words)
            if is_defined(there) and has_gradient(there):
                yield there


def _key(xs: list[Any]) -> tuple[bytes, ...]:
    return tuple(np.asarray(x).tobytes() for x in xs)


def has_gradient(case: Case) -> bool:
    """Tell whether the gradient can be computed; that of a matrix of lost rank may not exist."""
    try:
        with quiet():
            assert case.pulled is not None
    except np.linalg.LinAlgError:
        return False
    return True


def is_defined(case: Case) -> bool:
    """Tell whether the function has finite values at its point."""
    try:
        with quiet():
            outs = case.values(*case.xs)
    except Exception:  # outside its domain it may do what it likes
        return False
    return bool(outs) and all(np.all(np.isfinite(out)) for out in outs)

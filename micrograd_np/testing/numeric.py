"""Derivatives from values alone: extrapolated central differences. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

EPS = 2.0**-53
ROWS = 14  # halvings of the step
ENOUGH = 1e-11  # relative error at which no smaller step is tried
SIDE_ROWS, SIDE_ORDERS = 6, 5  # of one-sided differences, which may be coarse
FIRST_STEP = 0.02  # relative to the largest entry, absolute below 1


def slope(phi: Callable[[float], Any], first: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the derivative of phi(h) at h = 0, entry by entry, and an estimate of its error.

    Parameters
    ----------
    phi : callable
        Of a step; returns an array of reals, of one shape for all steps.
    first : float
        The largest step to try; each of the next is half the one before.

    Notes
    -----
    Central differences, whose error is a series in h**2, extrapolated to h = 0 by Richardson's
    scheme; of all orders and steps the one is taken whose neighbours agree best (Ridders 1982).

    Examples
    --------
    >>> value, error = slope(lambda h: np.exp(1 + h), 0.02)
    >>> bool(abs(value - np.e) < 1e-11)
    True
    """
    row: list[Any] = []
    best, error = held = np.asarray(np.nan), np.asarray(np.inf)  # held: the last row's best
    for k in range(ROWS):
        h = first / 2**k
        above, below = phi(h), phi(-h)
        previous, row = row, [(above - below) / (2 * h)]
        rounding = EPS * (np.abs(above) + np.abs(below)) / h
        best, error = closer((best, error), lasting(held, row[0]))
        held = np.asarray(np.nan), np.asarray(np.inf)
        for j, coarse in enumerate(previous):
            row.append(row[j] + (row[j] - coarse) / (4.0 ** (j + 1) - 1))
            gap = np.maximum(np.abs(row[j + 1] - row[j]), np.abs(row[j + 1] - coarse)) + rounding
            held = closer(held, (row[j + 1], gap))
        if k > 2 and np.all(error <= ENOUGH * np.abs(best)):
            return best, error
    return closer((best, error), held)


def closer(one: Any, other: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the value of the smaller error, and that error, entry by entry."""
    nearer = other[1] < one[1]
    return np.where(nearer, other[0], one[0]), np.where(nearer, other[1], one[1])


def lasting(estimate: Any, finer: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return an estimate and its error: infinite where a finer difference contradicts it.

    Two steps that jumps lie between agree by chance, if the larger has twice as many of them.
    """
    value, error = estimate
    kept = np.abs(finer - value) <= 0.1 * np.abs(value) + 4 * error
    return value, np.where(kept, error, np.inf)


def one_sided(phi: Callable[[float], Any], first: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the derivative of phi at 0 on the side of the first step, and the error, by entries.

    Forward differences, whose error is a series in h, extrapolated as in `slope`.

    Examples
    --------
    >>> right, _ = one_sided(lambda h: np.abs(np.array([h])), 0.01)
    >>> left, _ = one_sided(lambda h: np.abs(np.array([h])), -0.01)
    >>> float(right[0]), float(left[0])
    (1.0, -1.0)
    """
    h = first / 2.0 ** np.arange(SIDE_ROWS)[:, np.newaxis]
    here, there = phi(0.0), np.stack([phi(float(step)) for step in h[:, 0]])
    row = (there - here) / h
    rounding = EPS * (np.abs(there) + np.abs(here)) / np.abs(h)
    values, gaps = [], []
    for j in range(1, SIDE_ORDERS):
        finer = row[1:] + (row[1:] - row[:-1]) / (2.0**j - 1)
        gaps.append(np.maximum(np.abs(finer - row[1:]), np.abs(finer - row[:-1])) + rounding[j:])
        values.append(finer)
        row = finer
    gap = np.concatenate(gaps)
    gap[np.isnan(gap)] = np.inf
    best = np.argmin(gap, 0)[np.newaxis]
    error = np.take_along_axis(gap, best, 0)[0]
    value = np.take_along_axis(np.concatenate(values), best, 0)[0]
    return np.where(error < np.inf, value, np.nan), error


def size_of(x: Any) -> float:
    """Return how large the entries of an operand are, for steps in proportion; at least 1."""
    largest = float(np.max(np.abs(x))) if np.size(x) else 1.0
    return largest if 1 < largest < float(np.finfo(x.dtype).max) ** 0.5 else 1.0


def along(
    f: Callable[..., list[Any]], xs: list[Any], direction: list[Any]
) -> Callable[[float], list[Any]]:
    """Return h -> f(x + h * direction), the outputs of f on the line through xs."""

    def at(h: float) -> list[Any]:
        with np.errstate(all="ignore"):
            return f(*[(x + h * d)[()] for x, d in zip(xs, direction, strict=True)])

    return at


def flat(outs: list[Any]) -> NDArray[Any]:
    """Return the real and imaginary parts of all outputs in one row."""
    parts = [np.ravel(part) for out in outs for part in (np.real(out), np.imag(out))]
    return np.concatenate(parts) if parts else np.zeros(0)


def pairing(gs: list[Any], ts: list[Any]) -> float:
    """Return <g, t>, what a change t of the outputs changes the end result by."""
    return float(sum(np.sum(np.real(g * t)) for g, t in zip(gs, ts, strict=True)))


def magnitude(gs: list[Any], ts: list[Any]) -> float:
    """Return the size of the terms that `pairing` adds."""
    return float(sum(np.sum(np.abs(g * t)) for g, t in zip(gs, ts, strict=True)))

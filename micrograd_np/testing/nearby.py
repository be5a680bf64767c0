"""Points close by: what rounding moves a gradient by, and whether a kink is to blame. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..tree import map_leaves
from .case import kind, plain
from .probes import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DRAWS = 3  # of random directions
STEP = 1e-6  # relative, away from a kink


def moves_by_rounding(gradient: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]) -> Any:
    """Return how far a gradient moves where its arguments move by a rounding, entry by entry.

    Examples
    --------
    >>> bool(moves_by_rounding(lambda args: args[0] - args[1], (1e6, 1e6 + 1)) > 1e-10)
    True
    """
    here = gradient(args)
    with quiet():
        gaps = [np.abs(gradient(there) - here) for there in moved(args, rounded)]
    return np.max(np.where(np.isfinite(gaps), gaps, 0), axis=0)


def moved_a_little(args: tuple[Any, ...], keys: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments, some of them moved by a small step, away from any kink."""
    for there in moved(args, shifted):
        yield tuple(there[i] if i in keys else x for i, x in enumerate(args))


def moved(args: tuple[Any, ...], move: Callable[[Any, Any], Any]) -> list[tuple[Any, ...]]:
    """Return the arguments with what is floating in them moved, in a few random directions."""
    random = np.random.default_rng(0)

    def draw(x: Any) -> Any:
        if kind(x) not in "fc":
            return x
        data = plain(x)
        return move(data, random.uniform(-1, 1, np.shape(data))).astype(data.dtype)[()]

    return [map_leaves(draw, args) for _ in range(DRAWS)]


def rounded(x: Any, direction: Any) -> Any:
    """Return x, each entry moved by a rounding."""
    return x * (1 + np.sign(direction) * np.finfo(x.dtype).eps)


def shifted(x: Any, direction: Any) -> Any:
    """Return x, moved by a small step."""
    return x + STEP * direction * np.maximum(np.abs(x), 1)

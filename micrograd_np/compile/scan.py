"""`mg.scan`: a step repeated over the rows of arrays, eager, recorded, compiled. Floor 9."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import check_function
from ..calls.handle import Handle
from ..errors import ArgumentError, ShapeError, TracingError, where
from ..modes import no_grad, tracing
from ..tree import flatten, leaves_like, map_leaves
from .recurrence import as_array, check_carry, recorded, taken

if TYPE_CHECKING:
    from collections.abc import Callable


def scan(
    step: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
) -> tuple[Any, Any]:
    """Repeat a step: ``carry, y = step(carry, x)`` for each row x of ``xs``.

    Parameters
    ----------
    step : callable
        Of a carry and a row; returns the next carry, of the same structure, shapes and dtypes, and
        what to collect, or None.
    init : array, number, or tree of them
        The first carry.
    xs : array or tree of arrays, each of shape (n, ...), optional
        What is looped over.
    length : int, optional
        How often to repeat where there are no ``xs``; x is None then.

    Returns
    -------
    carry : like ``init``
        The last one.
    ys : tree of arrays of shape (n, ...)
        What was collected, stacked; None if nothing was. Of no rows, the step is run once on
        zeros to know the shapes.

    Raises
    ------
    ShapeError
        If lengths differ, or the carry changes its shape or dtype.
    ArgumentError
        If the carry changes its structure. The order of its keys may change.

    Notes
    -----
    Inside `jit` the step is traced once and the loop itself is compiled: in plain Python numbers
    where the arrays are tiny, natively with ``backend="numba"``. Outside, it is a loop as one would
    write it.

    Derivatives of a compiled scan, of any order and in either mode, are scans as well. The carry of
    each step is kept for them; what the step computed on the way is computed once more.

    Examples
    --------
    >>> mg.scan(lambda total, x: (total + x, total), 0.0, np.array([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([0., 1., 3.]))
    """
    check_function(step, "scan")
    n = length_of(xs, length)
    trace = tracing()
    if trace is None or trace.decides:
        return one_by_one(step, init, xs, n)
    return recorded(step, init, xs, n)


def length_of(xs: Any, length: int | None) -> int:
    """Return how many rows there are."""
    lengths = {np.shape(x)[0] if np.ndim(x) else -1 for x in flatten(xs)[0]}
    if length is not None:
        lengths |= {whole(length)}
    if -1 in lengths:
        raise ShapeError(
            f"scan: a number among xs has no rows{where()}: each leaf of a list or another tree is "
            "an array with the rows along its first axis. Write np.asarray(xs) for a list of rows."
        )
    if len(lengths) != 1:
        found = " and ".join(map(str, sorted(lengths))) or "none"
        raise ShapeError(
            f"scan: xs and length must tell one number of rows, they tell {found}{where()}. "
            "Each array of xs has the rows along its first axis."
        )
    (n,) = lengths
    return int(n)


def whole(length: Any) -> int:
    """Return a length that is a whole number."""
    try:
        n = -1 if isinstance(length, bool) else index(length)
    except TracingError:
        raise
    except TypeError:
        n = -1
    if n < 0:
        raise ArgumentError(
            f"scan: length is a whole number, 0 or more, got {length!r}{where()}. "
            "What is looped over goes in xs."
        )
    return n


def rows(xs: Any, i: int) -> Any:
    """Return row i of each array."""
    return map_leaves(lambda x: x[i], xs)


def one_by_one(step: Callable[..., Any], init: Any, xs: Any, n: int) -> tuple[Any, Any]:
    """Repeat a step as one would write it."""
    carry, collected = map_leaves(as_array, init), []
    xs = map_leaves(lambda x: x if isinstance(x, Handle) else np.asarray(x), xs)
    for i in range(n):
        after, y = taken(step, carry, rows(xs, i))
        check_carry(step, carry, after)
        carry = after
        collected.append(y)
    return carry, stacked(collected) if collected else none_of(step, carry, xs)


def stacked(collected: list[Any]) -> Any:
    """Return what the steps collected, as one tree of arrays."""
    try:
        return map_leaves(lambda *ys: np.stack(ys), *collected)
    except (ArgumentError, ValueError):
        check_alike(collected)
        raise


def check_alike(collected: list[Any]) -> None:
    """Refuse what changes its structure or its shape from step to step."""
    first = flatten(collected[0])[0]
    for y in collected:
        same = leaves_like("scan, what two steps collect", collected[0], y)
        for a, b in zip(first, same, strict=True):
            if np.shape(a) != np.shape(b):
                raise ShapeError(
                    f"scan: what steps collect changes its shape from {np.shape(a)} to "
                    f"{np.shape(b)}{where()}. It is stacked: pad it to one shape."
                ) from None


def none_of(step: Callable[..., Any], carry: Any, xs: Any) -> Any:
    """Return what no steps collect, in the shapes that one step on zeros would give."""
    x = map_leaves(lambda x: np.zeros_like(x, shape=x.shape[1:])[()], xs)
    with no_grad(), np.errstate(all="ignore"):
        after, y = taken(step, carry, x)
    check_carry(step, carry, after)
    return map_leaves(lambda y: np.stack([y])[:0], y)

"""Hypothesis strategies: shapes, axes, arrays away from kinks, random programs. Floor 12.

This module alone imports Hypothesis. Each strategy shrinks towards small shapes and plain numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .programs import INPUTS, OPERATIONS, Program, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy
    from numpy.typing import DTypeLike

Shape = tuple[int, ...]


def numbers(
    low: float = -2.0, high: float = 2.0, kinks: Sequence[float] = (), margin: float = 0.1
) -> SearchStrategy[float]:
    """Return floats between bounds, none closer than ``margin`` to a kink.

    They have few digits, so that failures read well.

    Examples
    --------
    >>> from micrograd_np.testing import strategies
    >>> x = strategies.numbers(kinks=[0.0]).example()  # doctest: +SKIP
    """
    steps = st.integers(int(np.ceil(low * 64)), int(np.floor(high * 64)))
    values = steps.map(lambda n: n / 64)
    return values.filter(lambda x: all(abs(x - kink) >= margin for kink in kinks))


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> SearchStrategy[Shape]:
    """Return shapes of arrays; with ``min_side=0`` also of empty ones."""
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def broadcastable(count: int = 2, **bounds: int) -> SearchStrategy[tuple[Shape, ...]]:
    """Return as many shapes that broadcast with each other; bounds as for `shapes`."""
    limits: dict[str, Any] = {"min_dims": 0, "max_dims": 3, "min_side": 1, "max_side": 4, **bounds}
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=count, **limits)
    return drawn.map(lambda found: tuple(found.input_shapes))


def axes(ndim: int) -> SearchStrategy[Any]:
    """Return what ``axis=`` may be for so many axes: None, one, a tuple; negative ones too."""
    if ndim == 0:
        return st.none()
    one = st.integers(-ndim, ndim - 1)
    several = st.sets(st.integers(0, ndim - 1), min_size=1).map(lambda found: tuple(sorted(found)))
    return st.none() | one | several


@st.composite
def arrays(
    draw: Any,
    shape: Any = None,
    values: SearchStrategy[float] | None = None,
    dtype: DTypeLike = np.float64,
) -> Any:
    """Return arrays of floats.

    Parameters
    ----------
    shape : tuple, or strategy of tuples, optional
        By default any of `shapes`.
    values : strategy of floats, optional
        By default `numbers`.
    """
    source = shapes() if shape is None else shape
    lengths = draw(source) if isinstance(source, st.SearchStrategy) else source
    entries = numbers() if values is None else values
    return draw(hnp.arrays(dtype, lengths, elements=entries, fill=st.nothing()))


@st.composite
def operands(draw: Any, count: int = 2, values: SearchStrategy[float] | None = None) -> Any:
    """Return a tuple of arrays whose shapes broadcast with each other."""
    return tuple(draw(arrays(shape, values)) for shape in draw(broadcastable(count)))


@st.composite
def programs(draw: Any, max_steps: int = 12) -> Any:
    """Return random programs: graphs with shared and unused values, of `programs.Program`.

    Every program is smooth everywhere and its values stay small, so that its derivatives can be
    compared with differences. It takes two arrays of one shape and a number.
    """
    steps: list[Step] = []
    for known in range(INPUTS, INPUTS + draw(st.integers(1, max_steps))):
        name = draw(st.sampled_from(sorted(OPERATIONS)))
        count = OPERATIONS[name].operands
        chosen = draw(st.lists(st.integers(0, known - 1), min_size=count, max_size=count))
        steps.append(Step(name, tuple(chosen)))
    return Program(tuple(steps))

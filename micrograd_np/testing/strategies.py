"""Hypothesis strategies: shapes, axes, indices, arrays away from kinks, programs. Floor 10.

This module alone imports Hypothesis. Each strategy shrinks towards small shapes and plain numbers.
In the examples a function under ``@given`` is called, which tries it on many draws.
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
    >>> from hypothesis import given
    >>> @given(numbers(kinks=[0.0]))
    ... def test_the_slope_of_abs_is_the_sign(x):
    ...     assert mg.grad(np.abs)(x) == np.sign(x)
    >>> test_the_slope_of_abs_is_the_sign()
    """
    steps = st.integers(int(np.ceil(low * 64)), int(np.floor(high * 64)))
    values = steps.map(lambda n: n / 64)
    return values.filter(lambda x: all(abs(x - kink) >= margin for kink in kinks))


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> SearchStrategy[Shape]:
    """Return shapes of arrays; with ``min_side=0`` also of empty ones.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(shapes(min_side=0))
    ... def test_a_gradient_has_the_shape_of_its_array(shape):
    ...     assert mg.grad(np.sum)(np.ones(shape)).shape == shape
    >>> test_a_gradient_has_the_shape_of_its_array()
    """
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def broadcastable(count: int = 2, **bounds: int) -> SearchStrategy[tuple[Shape, ...]]:
    """Return as many shapes that broadcast with each other; bounds as for `shapes`.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(broadcastable(2))
    ... def test_broadcasting_is_undone(shapes):
    ...     x, y = map(np.ones, shapes)
    ...     gx, gy = mg.grad(lambda x, y: np.sum(x * y), argnums=(0, 1))(x, y)
    ...     assert (gx.shape, gy.shape) == shapes
    >>> test_broadcasting_is_undone()
    """
    limits: dict[str, Any] = {"min_dims": 0, "max_dims": 3, "min_side": 1, "max_side": 4, **bounds}
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=count, **limits)
    return drawn.map(lambda found: tuple(found.input_shapes))


def axes(ndim: int) -> SearchStrategy[Any]:
    """Return what ``axis=`` may be for so many axes: None, one, a tuple; negative ones too.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(axes(3))
    ... def test_the_gradient_of_a_sum_is_1(axis):
    ...     g = mg.grad(lambda x: np.sum(np.sum(x, axis=axis)))(np.zeros((2, 3, 4)))
    ...     assert np.all(g == 1)
    >>> test_the_gradient_of_a_sum_is_1()
    """
    if ndim == 0:
        return st.none()
    one = st.integers(-ndim, ndim - 1)
    several = st.sets(st.integers(0, ndim - 1), min_size=1).map(lambda found: tuple(sorted(found)))
    return st.none() | one | several


def indices(shape: Shape) -> SearchStrategy[Any]:
    """Return what may stand in brackets after an array of this shape.

    Integers, slices, ``...`` and new axes; arrays of integers, repeated and negative ones among
    them; masks.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(indices((3, 2)))
    ... def test_an_entry_counts_as_often_as_it_is_chosen(index):
    ...     g = mg.grad(lambda x: np.sum(x[index]))(np.zeros((3, 2)))
    ...     assert np.sum(g) == np.size(np.zeros((3, 2))[index])
    >>> test_an_entry_counts_as_often_as_it_is_chosen()
    """
    drawn: SearchStrategy[Any] = hnp.basic_indices(shape, allow_newaxis=True)
    if shape:
        drawn |= hnp.arrays(np.bool_, shape)
    if shape and shape[0]:
        places = st.integers(-shape[0], shape[0] - 1)
        drawn |= hnp.arrays(np.intp, hnp.array_shapes(max_dims=2, max_side=3), elements=places)
    return drawn


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

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(arrays(shape=(3,), values=numbers(0.1, 2.0)))
    ... def test_log_undoes_exp(x):
    ...     mg.testing.check_gradient(lambda x: np.sum(np.log(np.exp(x))), {"x": np.ones(3)}, x)
    >>> test_log_undoes_exp()
    """
    source = shapes() if shape is None else shape
    lengths = draw(source) if isinstance(source, st.SearchStrategy) else source
    entries = numbers() if values is None else values
    return draw(hnp.arrays(dtype, lengths, elements=entries, fill=st.nothing()))


@st.composite
def operands(draw: Any, count: int = 2, values: SearchStrategy[float] | None = None) -> Any:
    """Return a tuple of arrays whose shapes broadcast with each other.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=3)
    ... @given(operands(2, numbers(0.5, 2.0)))
    ... def test_my_ratio(xy):
    ...     mg.testing.check_grads(lambda x, y: x / (x + y), xy, extremes=())
    >>> test_my_ratio()
    """
    return tuple(draw(arrays(shape, values)) for shape in draw(broadcastable(count)))


@st.composite
def programs(draw: Any, max_steps: int = 12) -> Any:
    """Return random programs: graphs with shared and unused values, of `programs.Program`.

    Every program is smooth everywhere and its values stay small, so that its derivatives can be
    compared with differences. It takes two arrays of one shape and a number.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(programs())
    ... def test_reverse_and_forward_mode_agree(program):
    ...     x, y = np.array([0.5, -0.3]), np.array([0.2, 0.9])
    ...     g = mg.grad(program)(x, y, 0.7)
    ...     _, t = mg.jvp(lambda x: program(x, y, 0.7), (x,), (np.array([1.0, 0.0]),))
    ...     np.testing.assert_allclose(g[0], t, atol=1e-9)
    >>> test_reverse_and_forward_mode_agree()
    """
    steps: list[Step] = []
    for known in range(INPUTS, INPUTS + draw(st.integers(1, max_steps))):
        name = draw(st.sampled_from(sorted(OPERATIONS)))
        count = OPERATIONS[name].operands
        chosen = draw(st.lists(st.integers(0, known - 1), min_size=count, max_size=count))
        steps.append(Step(name, tuple(chosen)))
    return Program(tuple(steps))

"""Random operands for the samples, the usual sets of calls of one function, how many draws."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import settings

random = np.random.default_rng(20)


def examples(n):
    """Return how often a property is drawn: n times, or as often as --examples asks."""
    return settings(max_examples=n) if settings.default.derandomize else settings()


def needs_graphviz():
    """Skip where the library that lays pictures out does not load, unless it must.

    Its wheel lacks GLib, which a bare Debian lacks, too; MICROGRAD_NP_GRAPHVIZ=required fails then.
    """
    if os.environ.get("MICROGRAD_NP_GRAPHVIZ") == "required":
        import pygraphviz  # noqa: F401
    pytest.importorskip("pygraphviz", exc_type=ImportError)


class Sample(NamedTuple):
    """One call: its arguments and its keywords."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def call(*args, **kwargs):
    return Sample(args, kwargs)


def normal(*shape):
    """Entries of either sign, of size 0.2 to 2."""
    return random.uniform(0.2, 2, shape) * random.choice([-1.0, 1.0], shape)


def between(low, high, *shape):
    return random.uniform(low, high, shape)


def distinct(*shape):
    """Entries no two of which are near each other, in no order; never 0."""
    n = int(np.prod(shape))
    return (random.permutation(n) - n / 2 + 0.3).reshape(shape) * 0.4


def complex_(*shape):
    return normal(*shape) + 1j * normal(*shape)


def of(draw, *more):
    """Samples of a function of one operand: an array, a matrix, a number, nothing."""
    return [call(draw(3), *more), call(draw(2, 3), *more), call(draw(), *more),
            call(draw(0), *more)]  # fmt: skip


def of_two(draw, draw_2=None):
    """Samples of a function of two operands, some broadcast against each other."""
    right = draw_2 or draw
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 1)), ((2, 1), (1, 3)), ((), (2,)),
              ((2, 3), ()), ((), ()), ((0,), (1,)), ((1,), (3,))]  # fmt: skip
    return [call(draw(*a), right(*b)) for a, b in shapes]


def positive(*shape):
    return between(0.3, 3, *shape)


def inside(*shape):
    return between(-0.9, 0.9, *shape)


def apart(x):
    """Samples of two operands that tie nowhere: the second is the first moved by 0.2 to 2."""
    return [call(x, x + normal(*x.shape)), call(normal(2, 1), 3 + normal(3)),
            call(np.float64(1.0), normal(0))]  # fmt: skip


def reductions(draw):
    """Samples of a reduction: all axes, one, several, negative; with and without keepdims."""
    x = draw(2, 3, 2)
    return [
        call(x), call(x, axis=1), call(x, axis=-1, keepdims=True), call(x, axis=(0, 2)),
        call(x, axis=(0, -1), keepdims=True), call(x, keepdims=True), call(x, axis=()),
        call(draw(3)), call(draw(3), axis=0), call(draw(1)), call(draw()), call(draw(2, 1), 1),
    ]  # fmt: skip

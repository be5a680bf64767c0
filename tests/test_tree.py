"""Trees of parameters in one vector, and back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import DtypeError, ShapeError
from micrograd_np.testing import check_grads


@dataclass
class Layer:
    w: object
    b: object = None


TREES = [
    2.0,
    np.eye(3),
    {"w": np.ones((2, 3)), "b": np.zeros(3)},
    [(np.ones((2, 1)), np.ones(1)), (np.ones((1, 2)), 0.5)],
    Layer(np.ones((0, 2)), {"c": [1.0, 2.0 + 1j]}),
    [],
    None,
]


@pytest.mark.parametrize("tree", TREES)
def test_a_vector_makes_the_tree_it_was_made_of(tree):
    vector, unravel = mg.tree.ravel(tree)
    leaves, _ = mg.tree.flatten(tree)
    again, _ = mg.tree.flatten(unravel(vector))
    assert vector.shape == (sum(map(np.size, leaves)),)
    for x, y in zip(leaves, again, strict=True):
        np.testing.assert_array_equal(x, y, strict=False)
        assert np.shape(x) == np.shape(y)


class Named(dict):
    """A dict that is not made of pairs."""

    def __init__(self, **fields):
        super().__init__(fields)


@pytest.mark.parametrize(
    "tree", [defaultdict(list, b=2.0, a=1.0), OrderedDict(b=2.0, a=1.0), Named(b=2.0, a=1.0)]
)
def test_a_dict_of_another_kind_stays_one(tree):
    gradient = mg.grad(lambda p: p["a"] * p["b"])(tree)
    assert type(gradient) is type(tree)
    assert list(gradient.items()) == [("b", 1.0), ("a", 2.0)]
    assert tree == {"a": 1.0, "b": 2.0}


def test_both_ways_are_differentiable():
    tree = {"w": np.array([[1.0, 2.0]]), "b": 0.5}
    vector, unravel = mg.tree.ravel(tree)

    def loss(p):
        return np.sum(np.sin(p["w"]) * p["b"])

    check_grads(lambda p: mg.tree.ravel(p)[0] ** 2, (tree,))
    check_grads(lambda v: loss(unravel(v)), vector)
    np.testing.assert_array_equal(
        mg.grad(lambda v: loss(unravel(v)))(vector), mg.tree.ravel(mg.grad(loss)(tree))[0]
    )
    step = mg.jit(mg.grad(lambda v: loss(unravel(v))))
    np.testing.assert_array_equal(step(vector), mg.grad(lambda v: loss(unravel(v)))(vector))


def test_a_leaf_keeps_its_precision_if_all_have_it():
    vector, _ = mg.tree.ravel([np.float32(1), np.ones(2, np.float32)])
    assert vector.dtype == np.float32


def test_what_does_not_fit_is_refused():
    _, unravel = mg.tree.ravel({"w": np.ones(3), "b": 1.0})
    for wrong in (np.ones(3), np.ones((4, 1)), 1.0):
        with pytest.raises(ShapeError, match=r"4 numbers, .*test_tree"):
            unravel(wrong)
    with pytest.raises(DtypeError, match="'tanh' is no number"):
        mg.tree.ravel([1.0, "tanh"])


def test_scipy_minimizes_over_a_tree():
    optimize = pytest.importorskip("scipy.optimize")
    x = np.linspace(-1, 1, 9)
    start, unravel = mg.tree.ravel({"w": 0.0, "b": [0.0]})

    def loss(v):
        p = unravel(v)
        return np.sum((p["w"] * x + p["b"][0] - (3 * x - 1)) ** 2)

    found = unravel(optimize.minimize(mg.value_and_grad(loss), start, jac=True).x)
    assert found["w"] == pytest.approx(3.0)
    assert found["b"][0] == pytest.approx(-1.0)

"""An entry that the result does not depend on has gradient 0; one that it does keeps its NaN."""

import numpy as np
import pytest

import micrograd_np as mg

nan, inf = np.nan, np.inf

# name: (function, x, right gradient). In each, an unused branch has an infinite or undefined slope
ZEROS = {
    "where, sqrt": (lambda x: np.where(x > 0, np.sqrt(x), 0), [-1.0, 0.0, 4.0], [0, 0, 0.25]),
    "where, log": (lambda x: np.where(x > 0, np.log(x), 0), [-1.0, 0.0, 2.0], [0, 0, 0.5]),
    "where, division": (lambda x: np.where(x != 0, 1 / x, 0), [0.0, 2.0], [0, -0.25]),
    "where, power": (lambda x: np.where(x > 0, x**0.5, 0), [0.0, 4.0], [0, 0.25]),
    "where, x / norm": (
        lambda x: np.where(np.sum(x * x) > 0, x / np.sqrt(np.sum(x * x)), 0), [0.0, 0.0], [0, 0],
    ),
    "where in where": (
        lambda x: np.where(x > 1, np.where(x > 0, np.sqrt(x - 1), 0), x), [1.0, 5.0], [1, 0.25],
    ),
    "where, arccos": (lambda x: np.where(abs(x) < 1, np.arccos(x), 0), [1.0, 0.0], [0, -1]),
    "maximum": (lambda x: np.maximum(np.sqrt(x), 1), [0.0, 4.0], [0, 0.25]),
    "minimum": (lambda x: np.minimum(1 / x, 3), [0.0, 4.0], [0, -0.0625]),
    "clip": (lambda x: np.clip(np.sqrt(x), 1, 3), [0.0, 4.0], [0, 0.25]),
    "relu": (lambda x: mg.nn.relu(np.sqrt(x) - 1), [0.0, 4.0], [0, 0.25]),
    "slice": (lambda x: np.sqrt(x)[1:], [0.0, 4.0], [0, 0.25]),
    "mask": (lambda x: np.sqrt(x)[x > 0], [0.0, 4.0], [0, 0.25]),
    "index": (lambda x: np.log(x)[np.array([1, 1])], [0.0, 2.0], [0, 1.0]),
    "max": (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "min": (lambda x: np.min(1 / x), [0.0, 4.0], [0, -0.0625]),
    "take": (lambda x: np.take(np.sqrt(x), [1]), [0.0, 4.0], [0, 0.25]),
    "written over": (lambda x: overwritten(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "through a reshape": (lambda x: np.sqrt(x).reshape(2, 1)[1], [0.0, 4.0], [0, 0.25]),
    "through a product": (lambda x: np.where(x > 0, np.sqrt(x) * x, 0), [0.0, 4.0], [0, 3.0]),
    "diagonal": (
        lambda x: np.diagonal(np.sqrt(np.reshape(x, (2, 2)))),
        [1.0, 0.0, 0.0, 4.0], [0.5, 0, 0, 0.25],
    ),
}  # fmt: skip

# The result depends on the entry, by a formula that a local rule cannot simplify: NaN is honest
TRAPS = {
    "sqrt(x)**2": (lambda x: np.sqrt(x) ** 2, 0.0),
    "x / x": (lambda x: x / x, 0.0),
    "0 * log(x)": (lambda x: 0 * np.log(x), 0.0),
    "where that takes it": (lambda x: np.where(x >= 0, np.sqrt(x) * 0, 0), 0.0),
    "slice that takes it": (lambda x: (np.sqrt(np.stack([x, x])) ** 2)[:1], 0.0),
}


def overwritten(y):
    y[0] = 1.0
    return y


def total(f):
    """The sum of f's entries, quietly: the warnings are about what is under test."""
    return lambda x: np.sum(f(x))


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("name", ZEROS)
def test_a_branch_not_taken_has_gradient_zero(name):
    f, x, right = ZEROS[name]
    assert np.array_equal(mg.grad(total(f))(np.array(x)), right)


@pytest.mark.parametrize("name", ZEROS)
def test_backward_gives_the_same_zeros(name):
    f, x, right = ZEROS[name]
    t = mg.Tensor(x, requires_grad=True)
    total(f)(t).backward()
    assert np.array_equal(t.grad, right)


@pytest.mark.parametrize("name", ZEROS)
def test_forward_mode_gives_the_same_zeros(name):
    f, x, right = ZEROS[name]
    _, tangent = mg.jvp(total(f), (np.array(x),), (np.ones(len(x)),))
    assert tangent == np.sum(right)


@pytest.mark.parametrize("name", ZEROS)
def test_second_derivatives_are_finite_where_nothing_is_taken(name):
    f, x, right = ZEROS[name]
    second = mg.hessian(total(f))(np.array(x))
    assert np.all(np.isfinite(second))
    unused = np.array(right) == 0
    assert not second[unused].any()
    assert not second[:, unused].any()


def test_a_sum_over_chosen_entries_has_gradient_zero_elsewhere():
    f = lambda x: np.sum(np.log(x), where=np.array([False, True]))
    assert np.array_equal(mg.grad(f)(np.array([0.0, 2.0])), [0, 0.5])


@pytest.mark.parametrize("name", TRAPS)
def test_an_entry_that_is_used_keeps_its_nan(name):
    f, x = TRAPS[name]
    assert np.isnan(mg.grad(total(f))(x))
    t = mg.Tensor(x, requires_grad=True)
    total(f)(t).backward()
    assert np.isnan(t.grad)


def test_an_infinite_slope_stays_infinite():
    assert mg.grad(np.sqrt)(0.0) == inf
    assert mg.grad(lambda x: np.sum(np.where(x >= 0, np.sqrt(x), 0)))(np.array([0.0])) == inf


def test_a_nan_in_one_entry_leaves_the_others_alone():
    f = lambda x: np.sum(np.where(x < 5, np.sqrt(x) ** 2, 0))
    assert np.array_equal(mg.grad(f)(np.array([0.0, 4.0, 9.0])), [nan, 1, 0], equal_nan=True)


def test_a_cotangent_of_nan_goes_where_the_result_depends():
    _, pull = mg.vjp(lambda x: np.where(np.array([True, False]), x, 0), np.ones(2))
    assert np.array_equal(pull(np.array([nan, nan]))[0], [nan, 0], equal_nan=True)

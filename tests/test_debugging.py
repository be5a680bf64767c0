"""mg.debug names what made a NaN or an infinity, and changes nothing else."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from samples import CALLS, SAMPLES, computed, ids, name_of

import micrograd_np as mg
from micrograd_np.errors import InPlaceError, MicrogradError, NonFiniteError
from micrograd_np.modes import mode_now
from micrograd_np.testing.case import Case

FIRST = [(f, s) for f, s in CALLS if s is SAMPLES[f][0]]


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def leaf(values, name=None):
    return mg.Tensor(values, requires_grad=True, name=name)


def line(back=1):
    """The place so many lines before the caller's, as messages name it."""
    return rf"\({Path(__file__).name}:{sys._getframe(1).f_lineno - back}"


# It changes nothing where all is finite


@pytest.mark.parametrize(("function", "sample"), FIRST, ids=ids(FIRST))
def test_values_and_gradients_are_the_same(function, sample):
    def f(*args):
        return computed(function, args, sample.kwargs)

    f.__name__ = name_of(function)
    plain, watched = Case(f, sample.args, None), Case(f, sample.args, None)
    outs, grads = plain.vjp[0], plain.pulled
    with mg.debug():
        found, pulled = watched.vjp[0], watched.pulled
    for a, b in zip((*outs, *grads), (*found, *pulled), strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_array_equal(a, b)


def test_backward_transforms_and_no_grad_work_as_always():
    w = leaf([1.0, 2.0])
    with mg.debug():
        np.sum(w * w).backward()
        with mg.no_grad():
            w -= 0.1 * w.grad
            assert not (w * 2).requires_grad
        assert np.array_equal(mg.hessian(lambda v: np.sum(v**3))(np.ones(2)), 6 * np.eye(2))
        assert mg.jvp(np.sin, (0.0,), (1.0,))[1] == 1
        with mg.named("scope"):
            assert (w * 2).requires_grad
        with pytest.raises(InPlaceError, match="cannot change while operations are recorded"):
            w += 1
    assert w.is_leaf
    assert w.requires_grad
    assert mode_now() is None


def test_the_mode_is_left_when_an_error_is_raised():
    with pytest.raises(NonFiniteError), mg.debug():
        np.log(leaf(0.0))
    assert mode_now() is None
    assert np.isneginf(np.log(leaf(0.0)).item())


def test_it_is_a_decorator_with_and_without_options():
    @mg.debug
    def f(x):
        return np.log(x)

    @mg.debug(inf=False)
    def g(x):
        """Documented."""
        return np.log(x)

    with pytest.raises(NonFiniteError):
        f(leaf(0.0))
    assert np.isneginf(g(leaf(0.0)).item())
    with pytest.raises(NonFiniteError):
        g(leaf(-1.0))
    assert g.__doc__ == "Documented."


def test_another_thread_is_not_watched():
    values = []
    with mg.debug():
        thread = threading.Thread(target=lambda: values.append(mode_now()))
        thread.start()
        thread.join()
    assert values == [None]


# Forward


def test_55_the_operation_the_line_the_entry_and_the_value_are_named():
    x = leaf([[1.0, 2.0], [3.0, -4.0]], "x")
    with pytest.raises(NonFiniteError) as caught, mg.debug():
        np.log(x)
    message = str(caught.value)
    assert isinstance(caught.value, FloatingPointError)
    assert isinstance(caught.value, MicrogradError)
    assert message.startswith("log made nan at [1, 1] (test_debugging.py:")
    assert "in test_55" in message
    assert "'x'[1, 1] = -4.0" in message
    assert "np.where" in message


def test_the_entry_of_a_broadcast_operand_is_its_own():
    x, y = leaf(np.ones((2, 3)), "x"), leaf([1.0, 0.0, 2.0], "y")
    with (
        pytest.raises(NonFiniteError, match=r"at \[0, 1\].*'x'\[0, 1\] = 1.0, 'y'\[1\] = 0.0"),
        mg.debug(),
    ):
        x / y


def test_variables_lend_their_names():
    weight = leaf([0.0])
    with pytest.raises(NonFiniteError, match=r"from 'weight'\[0\] = 0.0"), mg.debug():
        np.log(weight)


def test_a_reduction_names_the_range_of_its_operand():
    x = leaf([1e200, 1e200], "x")
    with (
        pytest.raises(NonFiniteError, match=r"made inf .*'x' \(2,\) between 1e\+200 and 1e\+200"),
        mg.debug(),
    ):
        np.prod(x)


def test_a_nan_that_came_in_is_named_where_it_came_in():
    x, data = leaf([1.0, 2.0], "x"), np.array([1.0, np.nan])
    with (
        pytest.raises(NonFiniteError, match=r"multiply was given nan .*came in with 'data'"),
        mg.debug(),
    ):
        x * data


def test_a_nan_that_is_moved_about_and_left_out_raises_nothing():
    x = leaf([1.0, np.nan, 3.0])
    with mg.debug():
        y = np.concatenate([x[::-1], x])
        np.sum(np.where(np.isnan(y.data), 0, y)).backward()
    assert np.array_equal(x.grad, [2, 0, 2])


def test_an_infinity_that_came_in_is_passed_over():
    x = leaf([1.0, 2.0])
    with mg.debug():
        y = np.where(np.array([True, False]), x, -np.inf)
    assert np.array_equal(y.data, [1, -np.inf])


def test_constants_are_watched_too():
    with pytest.raises(NonFiniteError, match="divide made inf"), mg.debug():
        1 / mg.Tensor([0.0])


def test_inside_a_transform_the_line_is_that_of_the_function():
    def loss(w):
        z = w - 1.0
        return np.sum(np.log(z))

    with (
        pytest.raises(
            NonFiniteError, match=rf"log made -inf at \[0\] {line(4)} in loss\): from 'z'"
        ),
        mg.debug(),
    ):
        mg.grad(loss)(np.array([1.0, 2.0]))


# Backward


def test_56_57_the_backward_that_made_a_nan_is_named_with_the_line_of_its_operation():
    x = leaf(0.0)
    with mg.debug():
        y = np.sqrt(x) ** 2
        with pytest.raises(NonFiniteError) as caught:
            y.backward()
    message = str(caught.value)
    assert "the backward of sqrt (test_debugging.py:" in message
    assert "made nan" in message
    assert "the incoming gradient = 0.0, the result = 0.0" in message
    assert x.grad is None


def test_a_slope_that_is_infinite_is_named_with_its_entry():
    x = leaf([4.0, 0.0], "x")
    with (
        pytest.raises(NonFiniteError, match=r"the backward of sqrt .* made inf at \[1\]"),
        mg.debug(),
    ):
        np.sum(np.sqrt(x)).backward()


def test_an_operand_among_several_is_named():
    x, y = leaf([1.0], "x"), leaf([np.finfo(float).tiny], "y")
    with (
        pytest.raises(NonFiniteError, match=r"the backward of divide .* for the right operand"),
        mg.debug(),
    ):
        np.sum(1e-10 * (x / y) / 1e10).backward()


def test_a_branch_that_was_not_taken_raises_nothing():
    x = leaf([4.0, 0.0])
    with mg.debug():
        np.sum(np.where(x > 0, np.sqrt(x), 0)).backward()
    assert np.array_equal(x.grad, [0.25, 0])


def test_derivatives_of_derivatives_are_watched():
    f = mg.grad(lambda x: np.sum(x**1.5))
    with mg.debug():
        assert f(np.array([0.0])) == 0
    with pytest.raises(NonFiniteError), mg.debug():
        mg.grad(lambda x: np.sum(f(x)))(np.array([0.0]))


def test_an_error_of_backward_names_the_line_that_made_the_result():
    with mg.debug():
        y = leaf(np.ones((2, 3))) * 2
        with pytest.raises(mg.errors.GraphError, match=rf"made by multiply {line()} in test_an"):
            y.backward()


def test_a_graph_made_before_is_watched_without_its_line():
    x = leaf(0.0)
    y = np.sqrt(x) ** 2
    with pytest.raises(NonFiniteError, match="the backward of sqrt made nan"), mg.debug():
        y.backward()

"""array, asarray and full: what NumPy cannot dispatch to Tensors, with the gradients passed on."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, DtypeError, MicrogradError, ShapeError


def leaf(values=2.0):
    return mg.Tensor(values, requires_grad=True)


@pytest.mark.parametrize(
    "values", [1.0, [1.0, 2.0], [[1, 2], [3, 4]], np.ones((2, 3)), [np.ones(2)] * 3]
)
def test_an_array_of_numbers_is_numpys(values):
    t, a = mg.array(values), np.array(values)
    assert t.dtype == a.dtype
    assert not t.requires_grad
    np.testing.assert_array_equal(t.data, a)


def test_an_array_of_tensors_passes_their_gradients_on():
    x, z = leaf(2.0), leaf(3.0)
    t = mg.array([[x, 1.0, z], [z * x, x, 0]])
    np.testing.assert_array_equal(t.data, [[2, 1, 3], [6, 2, 0]])
    np.sum(t * [[1.0, 10.0, 100.0], [1000.0, 10_000.0, 0.0]]).backward()
    assert x.grad == 1 + 1000 * 3 + 10_000
    assert z.grad == 100 + 1000 * 2


def test_an_array_of_rows_may_mix_tensors_arrays_and_lists():
    x = leaf([1.0, 2.0])
    t = mg.array([x, np.array([3.0, 4.0]), [5, 6], (x[0], 7.0)])
    np.testing.assert_array_equal(t.data, [[1, 2], [3, 4], [5, 6], [1, 7]])
    np.sum(t).backward()
    np.testing.assert_array_equal(x.grad, [2, 1])


def test_an_array_of_a_tensor_is_a_copy_that_is_recorded():
    x = leaf([1.0, 2.0])
    t = mg.array(x)
    assert t is not x
    np.sum(t * t).backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_asarray_copies_only_what_is_no_tensor_yet():
    x = leaf([1.0, 2.0])
    assert mg.asarray(x) is x
    assert mg.asarray(x, np.float64) is x
    assert mg.asarray(x, np.float32).dtype == np.float32
    a = np.ones(2)
    t = mg.asarray(a)
    a[:] = 9
    assert t.tolist() == [1, 1]


@pytest.mark.parametrize("make", [mg.array, mg.asarray])
def test_a_dtype_is_taken_and_the_gradient_comes_back(make):
    x = leaf([1.0, 2.0])
    t = make([x, x], np.float32)
    assert t.dtype == np.float32
    np.sum(t).backward()
    np.testing.assert_array_equal(x.grad, [2, 2])
    assert x.grad.dtype == np.float64
    assert make([1, 2], float).dtype == np.float64


@pytest.mark.parametrize("shape", [3, (3,), (), (2, 3), [2, 2], (0,), np.int64(4)])
def test_full_repeats_a_tensor_and_sums_its_gradient(shape):
    x = leaf(2.0)
    t = mg.full(shape, x)
    np.testing.assert_array_equal(t.data, np.full(shape, 2.0))
    np.sum(t).backward()
    assert x.grad == t.size


def test_full_broadcasts_its_value_and_takes_a_dtype():
    x = leaf([1.0, 2.0])
    np.sum(mg.full((3, 2), x)).backward()
    np.testing.assert_array_equal(x.grad, [3, 3])
    assert mg.full(2, 1, np.float32).dtype == np.float32
    assert mg.full(2, 1).dtype == np.int64


def test_full_of_a_number_may_be_changed_in_place():
    t = mg.full((2, 2), 0.0)
    t[0] = 1.0
    t += 1
    np.testing.assert_array_equal(t.data, [[2, 2], [1, 1]])


def test_what_is_ragged_or_no_number_is_refused():
    x = leaf([1.0, 2.0])
    with pytest.raises(
        ShapeError, match=r"different lengths \(1 and 2\) \(test_creation\.py:\d+\)"
    ):
        mg.array([[1.0], [1.0, 2.0]])
    with pytest.raises(ShapeError, match=r"stack: .*same shape.*\(test_creation\.py:\d+\)"):
        mg.array([x, x[:1]])
    with pytest.raises(DtypeError, match=r"numbers only \(test_creation\.py:\d+\)"):
        mg.array(["a"])
    with pytest.raises(MicrogradError):
        mg.full((3,), x)


def test_an_array_of_nothing_is_empty():
    assert mg.array([]).shape == (0,)
    assert mg.array([[], []]).shape == (2, 0)


# NumPy asks only if it is told: like=

LIKE = {
    "array": (lambda t: np.array([t, 2 * t], like=t), lambda t: np.stack([t, 2 * t])),
    "array ndmin": (lambda t: np.array(t, ndmin=2, like=t), lambda t: t[None]),
    "array dtype": (lambda t: np.array(t, dtype=np.float32, like=t), lambda t: t.astype("f")),
    "asarray": (lambda t: np.asarray([t, t], like=t), lambda t: np.stack([t, t])),
    "asanyarray": (lambda t: np.asanyarray([t], like=t), lambda t: t[None]),
    "ascontiguousarray": (lambda t: np.ascontiguousarray(t.T, like=t), lambda t: t.T),
    "asfortranarray": (lambda t: np.asfortranarray(t, like=t), lambda t: t),
    "require": (lambda t: np.require(t, like=t), lambda t: t),
    "full": (lambda t: np.full((3, 2), t, like=t), lambda t: np.stack([t, t, t])),
}


@pytest.mark.parametrize(("make", "same"), LIKE.values(), ids=LIKE)
def test_numpys_own_functions_record_when_they_are_told_like(make, same):
    grads = []
    for f in (make, same):
        t = leaf([0.5, 1.5])
        out = f(t)
        np.sum(out * np.arange(1.0, 1 + out.size).reshape(out.shape)).backward()
        grads.append(t.grad)
    np.testing.assert_array_equal(*grads)


def test_an_array_like_a_tensor_is_a_copy():
    t = leaf([1.0, 2.0])
    assert np.array(t, like=t) is not t
    assert np.asarray(t, like=t) is t


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.array([t, t]), np.asarray, lambda t: np.full(2, t), lambda t: np.r_[t, t],
        lambda t: np.c_[t, t], lambda t: np.kaiser(3, t[0]), lambda t: np.arange(t[0]),
        np.asarray_chkfinite, np.require,
    ],
)  # fmt: skip
def test_what_numpy_does_not_ask_raises(f):
    with pytest.raises((mg.errors.DetachError, TypeError)):
        f(leaf([1.0, 2.0]))


@pytest.mark.parametrize("items", [np.s_[0:3, 7.0], np.s_[:2], np.s_[0:1:3j, 5], np.s_[1, 2]])
def test_rows_in_brackets_are_numpys(items):
    np.testing.assert_array_equal(mg.r_[items].data, np.r_[items])


def test_tensors_in_brackets_keep_their_gradients():
    x, z = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    row, columns = mg.r_[0:2, x, 9.0, z[0]], mg.c_[x, z, [5.0, 6.0]]
    np.testing.assert_array_equal(row.data, [0, 1, 1, 2, 9, 3])
    np.testing.assert_array_equal(columns.data, np.c_[x.data, z.data, [5.0, 6.0]])
    np.sum(row * 2).backward()
    np.sum(columns * 3).backward()
    np.testing.assert_array_equal(x.grad, [5, 5])
    np.testing.assert_array_equal(z.grad, [5, 3])
    assert (repr(mg.r_), repr(mg.c_)) == ("mg.r_", "mg.c_")


def test_a_range_moves_with_its_ends_and_step():
    start, step = leaf(1.0), leaf(0.5)
    y = mg.arange(start, 3.0, step)
    np.testing.assert_array_equal(y.data, np.arange(1.0, 3.0, 0.5))
    np.sum(y).backward()
    assert (start.grad, step.grad) == (4, 6)
    assert mg.arange(3).tolist() == [0, 1, 2]
    assert mg.arange(3, dtype=float).dtype == float


def test_a_window_moves_with_beta():
    beta = leaf(2.0)
    y = mg.kaiser(5, beta)
    np.testing.assert_allclose(y.data, np.kaiser(5, 2.0), rtol=1e-14)
    np.sum(y).backward()
    slope = (np.sum(np.kaiser(5, 2 + 1e-5)) - np.sum(np.kaiser(5, 2 - 1e-5))) / 2e-5
    np.testing.assert_allclose(beta.grad, slope, rtol=1e-8)
    assert mg.kaiser(1, beta).tolist() == [1]


def test_an_array_that_is_checked_is_finite():
    x = leaf([1.0, 2.0])
    assert mg.asarray_chkfinite(x) is x
    with pytest.raises(ValueError, match=r"infinite or NaN \(test_creation\.py:\d+\)"):
        mg.asarray_chkfinite([1.0, np.inf])


@pytest.mark.parametrize("name", ["r_", "c_"])
def test_parts_to_join_stand_in_brackets(name):
    with pytest.raises(
        ArgumentError, match=rf"mg\.{name} takes.*\(test_creation.*mg\.{name}\[x, y"
    ):
        getattr(mg, name)(1.0, 2.0)

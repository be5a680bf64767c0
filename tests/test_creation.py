"""array, asarray and full: what NumPy cannot dispatch to Tensors, with the gradients passed on."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import DtypeError, MicrogradError, ShapeError


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

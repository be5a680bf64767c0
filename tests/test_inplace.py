"""Changes in place: a handle moves on, history stays, and no gradient is lost or changed."""

from __future__ import annotations

import operator
from copy import copy as shallow

import numpy as np
import pytest
from draws import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import micrograd_np as mg
from micrograd_np.errors import DtypeError, InPlaceError, ShapeError


def leaf(values=(1.0, 2.0, 3.0, 4.0), name=None):
    return mg.Tensor(values, requires_grad=True, name=name)


def gradient(x, out):
    """Return d sum(out**2) / dx."""
    x.zero_grad()
    np.sum(out * out).backward()
    return x.grad


# Writing gives the value NumPy gives and the gradient of what was written

INDICES = {
    "one": 1,
    "slice": slice(1, 3),
    "backwards": slice(None, None, -1),
    "mask": np.array([True, False, True, False]),
    "list": [0, 2],
    "everything": ...,
    "Tensor": mg.Tensor([3, 1]),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_a_written_number_has_the_value_of_numpys_and_cuts_what_it_replaced(index):
    x = leaf()
    y = x * 3
    y[index] = 7.0
    expected, at = x.data * 3, index.data if isinstance(index, mg.Tensor) else index
    expected[at] = 7.0
    np.testing.assert_array_equal(y.data, expected)
    np.testing.assert_array_equal(gradient(x, y), np.where(expected == 7, 0, 6 * expected))


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_a_written_tensor_gets_its_gradient_even_if_it_is_broadcast(index):
    x, v = leaf(), leaf(5.0)
    y = x * 3
    y[index] = v
    np.sum(y).backward()
    assert v.grad == np.count_nonzero(y.data == 5)
    np.testing.assert_array_equal(x.grad, np.where(y.data == 5, 0, 3))


def test_a_value_of_several_axes_is_written_and_differentiated():
    x, v = leaf(np.arange(6.0).reshape(2, 3)), leaf([[7.0], [8.0]])
    y = x * 1
    y[:, 1:] = v
    np.testing.assert_array_equal(y.data, [[0, 7, 7], [3, 8, 8]])
    np.sum(y * y).backward()
    np.testing.assert_array_equal(v.grad, [[28], [32]])
    np.testing.assert_array_equal(x.grad, [[0, 0, 0], [6, 0, 0]])


def test_a_write_into_a_constant_makes_it_require_a_gradient():
    x, buffer = leaf(2.0), mg.Tensor(np.zeros(3))
    for i in range(3):
        buffer[i] = x**i
    assert buffer.requires_grad
    np.testing.assert_array_equal(buffer.data, [1, 2, 4])
    np.sum(buffer).backward()
    assert x.grad == 5


OPERATORS = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "**=": operator.ipow,
    "%=": operator.imod,
}


@pytest.mark.parametrize("other", [2.0, np.array([2.0, 3.0, 2.0, 3.0]), leaf() + 1])
@pytest.mark.parametrize("f", OPERATORS.values(), ids=OPERATORS)
def test_an_augmented_assignment_is_the_operation_on_the_same_handle(f, other):
    x, z = leaf(), leaf()
    y, same = x * 3, z * 3
    other_value = other.data if isinstance(other, mg.Tensor) else other
    held = y
    y = f(y, other)
    assert y is held
    plain = getattr(operator, f.__name__[1:])
    np.testing.assert_array_equal(y.data, plain(z.data * 3, other_value))
    np.testing.assert_array_equal(gradient(x, y), gradient(z, plain(same, other)))


def test_matrices_multiply_in_place():
    x = leaf(np.eye(2))
    y = x * 1
    y @= np.array([[1.0, 2.0], [3.0, 4.0]])
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [[3, 7], [3, 7]])


def test_out_is_the_result_from_then_on():
    x, y = leaf(), mg.Tensor(np.zeros(4))
    assert np.add(x, 1, out=y) is y
    np.testing.assert_array_equal(y.data, x.data + 1)
    np.testing.assert_array_equal(gradient(x, y), 2 * (x.data + 1))


@pytest.mark.parametrize("f", [np.sum, np.mean, np.max, np.cumsum])
def test_functions_write_to_out(f):
    x = leaf()
    out = mg.Tensor(np.zeros(np.shape(f(x.data))))
    assert f(x, out=out) is out
    np.testing.assert_array_equal(out.data, f(x.data))
    assert out.requires_grad


def test_out_with_where_keeps_the_other_entries_and_their_gradient():
    x = leaf()
    y = x * 3
    mask = np.array([True, True, False, False])
    np.multiply(x, 10, out=y, where=mask)
    np.testing.assert_array_equal(y.data, [10, 20, 9, 12])
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [10, 10, 3, 3])


# History stays


def test_results_computed_before_a_write_keep_their_value_and_gradient():
    x = leaf()
    y = x * 1
    before = np.sum(y * y)
    y[0] = 100.0
    y += 5
    after = np.sum(y * y)
    assert before.item() == 30
    before.backward()
    np.testing.assert_array_equal(x.grad, [2, 4, 6, 8])
    x.zero_grad()
    after.backward()
    np.testing.assert_array_equal(x.grad, [0, 14, 16, 18])


def test_slices_taken_before_a_write_do_not_change():
    y = leaf() * 1
    part, whole, flipped = y[1:3], y.reshape(2, 2), y[::-1]
    y[:] = 0.0
    np.testing.assert_array_equal(part.data, [2, 3])
    np.testing.assert_array_equal(whole.data, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(flipped.data, [4, 3, 2, 1])


def test_a_write_in_a_loop_uses_the_newest_values():
    x = leaf(1.0)
    state = mg.Tensor(np.zeros(5))
    state[0] = x
    for i in range(1, 5):
        state[i] = state[i - 1] * 2
    np.testing.assert_array_equal(state.data, [1, 2, 4, 8, 16])
    np.sum(state).backward()
    assert x.grad == 31


def test_a_tensor_may_be_written_into_itself():
    x = leaf()
    y = x * 1
    y[1:] = y[:-1]
    np.testing.assert_array_equal(y.data, [1, 1, 2, 3])
    y += y
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [4, 2, 2, 0])


def test_two_names_of_one_tensor_see_the_write():
    y = leaf() * 1
    same = y
    y += 1
    assert same is y
    np.testing.assert_array_equal(same.data, [2, 3, 4, 5])


# Views: NumPy would write through, a Tensor cannot, so it says so


def test_a_slice_may_be_changed_on_the_original():
    x = leaf()
    y = x * 3
    y[1:3] += 1
    y[0] *= 2
    y[[3]] -= 1
    np.testing.assert_array_equal(y.data, [6, 7, 10, 11])
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [6, 3, 3, 3])


VIEWS = {
    "slice": lambda y: y[1:3],
    "reshape": lambda y: y.reshape(2, 2),
    "transpose": lambda y: y.reshape(2, 2).T,
    "ravel": np.ravel,
    "newaxis": lambda y: y[None],
    "squeeze": lambda y: np.squeeze(y[None]),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_named_view_refuses_to_change(view):
    y = leaf() * 1
    v = view(y)
    with pytest.raises(InPlaceError, match=r"view.*\(test_inplace\.py:\d+\).*y\[1:3\] \+= 1"):
        v += 1
    with pytest.raises(InPlaceError, match="view"):
        v *= 2
    np.testing.assert_array_equal(y.data, [1, 2, 3, 4])


def test_a_view_may_be_replaced_by_a_new_value():
    y = leaf() * 1
    v = y[1:3]
    v = v + 1
    np.testing.assert_array_equal(v.data, [3, 4])


def test_a_view_of_what_is_gone_may_change():
    v = (leaf() * 3)[1:3]
    v += 1
    np.testing.assert_array_equal(v.data, [7, 10])


def test_a_copy_may_change():
    y = leaf() * 1
    for v in (y[[1, 2]], y[1:3].copy(), y[1:3] * 1):
        v += 1
        np.testing.assert_array_equal(v.data, [3, 4])
    np.testing.assert_array_equal(y.data, [1, 2, 3, 4])


# Leaves


def test_a_leaf_keeps_its_gradient_and_its_graphs_under_no_grad():
    w = leaf()
    before = np.sum(w * w)
    before.backward()
    held = w.grad
    with mg.no_grad():
        w -= 0.1 * w.grad
        w[0] = 9.0
    assert w.is_leaf
    assert w.grad is held
    np.testing.assert_allclose(w.data, [9, 1.6, 2.4, 3.2])
    before.backward()
    np.testing.assert_array_equal(w.grad, [4, 8, 12, 16])
    w.zero_grad()
    np.sum(w * w).backward()
    np.testing.assert_allclose(w.grad, 2 * w.data)


def test_an_update_under_no_grad_is_written_into_the_array():
    w = leaf()
    array = id(w._value)
    with mg.no_grad():
        w -= 0.1 * w
    assert id(w._value) == array
    np.testing.assert_allclose(w.data, [0.9, 1.8, 2.7, 3.6])


SHARERS = {
    "data": lambda w: w.data,
    "detached": lambda w: w.detach(),
    "copy": shallow,
    "array": lambda w: np.asarray(w.detach()),
    "view": lambda w: w.detach()[1:],
}


@pytest.mark.parametrize("share", SHARERS.values(), ids=SHARERS)
def test_an_update_under_no_grad_changes_nothing_that_somebody_holds(share):
    w = leaf()
    shared = share(w)
    before = str(shared)
    with mg.no_grad():
        w -= 0.5
    assert str(shared) == before
    np.testing.assert_array_equal(w.data, [0.5, 1.5, 2.5, 3.5])


def test_gradient_descent_as_the_lab_writes_it_finds_the_minimum():
    w, b = leaf([0.5, -0.5]), leaf(0.0)
    x, y = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]]), np.array([4.0, 2.0, 2.0])
    for _ in range(500):
        loss = np.mean((x @ w + b - y) ** 2)
        w.zero_grad()
        b.zero_grad()
        loss.backward()
        with mg.no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad
    assert loss.item() < 1e-6
    np.testing.assert_allclose(w.data, [1, 8 / 5], atol=1)


def test_a_constant_changes_freely():
    c = mg.Tensor([1.0, 2.0])
    c += 1
    c[0] = 5.0
    np.testing.assert_array_equal(c.data, [5, 3])
    assert not c.requires_grad


def test_a_change_under_no_grad_by_a_tracked_value_records_nothing():
    w, x = leaf(), leaf()
    with mg.no_grad():
        w += x
        w *= x
    assert w.is_leaf
    np.testing.assert_array_equal(w.data, [2, 8, 18, 32])


def test_a_result_changed_under_no_grad_is_a_constant():
    x = leaf()
    y = x * 2
    with mg.no_grad():
        y += 1
    assert not y.requires_grad
    np.testing.assert_array_equal(y.data, [3, 5, 7, 9])


# Shape and dtype stay


def test_a_change_in_place_keeps_the_shape():
    y = leaf([1.0]) * 1
    with pytest.raises(
        ShapeError, match=r"keeps the shape \(1,\).*\(3,\) \(test_inplace.*x = x \+ y"
    ):
        y += np.ones(3)
    with pytest.raises(ShapeError, match=r"keeps the shape"):
        np.add(np.ones((2, 4)), leaf(), out=leaf() * 1)
    with pytest.raises(ValueError, match="could not broadcast"):
        y[:] = np.ones(3)


def test_a_change_in_place_keeps_the_dtype():
    y = mg.Tensor(np.ones(2, np.float32), requires_grad=True) * 1
    y += np.ones(2)
    assert y.dtype == np.float32
    y[0] = 3.5
    assert y.dtype == np.float32
    with pytest.raises(DtypeError, match=r"complex128 in a Tensor of float32.*\(test_inplace"):
        y += np.array([1j, 1j])


def test_integers_are_not_given_floats():
    n = mg.Tensor([1, 2])
    n += 1
    assert n.tolist() == [2, 3]
    with pytest.raises(DtypeError, match=r"cannot store float64 in a Tensor of int64.*dtype=float"):
        n += 0.5
    with pytest.raises(
        DtypeError, match=r"requires a gradient cannot be stored in a Tensor of int"
    ):
        n[0] = leaf(0.5)


# Arrays changed after use change no gradient


def changed(array):
    array[...] = -77


def test_operands_of_every_operator_may_change_afterwards():
    for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, np.arctan2):
        for swapped in (False, True):
            x, c = leaf(), np.array([2.0, 3.0, 4.0, 5.0])
            z = leaf()
            y = f(c, x) if swapped else f(x, c)
            same = f(c.copy(), z) if swapped else f(z, c.copy())
            changed(c)
            np.testing.assert_array_equal(gradient(x, y), gradient(z, same))


CONSTANTS = {
    "matmul": lambda x, c: x.reshape(2, 2) @ c,
    "rmatmul": lambda x, c: c @ x.reshape(2, 2),
    "np.matmul": lambda x, c: np.matmul(x.reshape(2, 2), c),
    "batched": lambda x, c: np.matmul(x.reshape(1, 2, 2), c),
    "dot": lambda x, c: np.dot(c, x.reshape(2, 2)),
    "einsum": lambda x, c: np.einsum("ij,jk->ik", x.reshape(2, 2), c),
    "tensordot": lambda x, c: np.tensordot(x.reshape(2, 2), c, 1),
    "outer": lambda x, c: np.outer(x, c),
    "where": lambda x, c: np.where(c > 0, x.reshape(2, 2) * c, c),
    "maximum": lambda x, c: np.maximum(x.reshape(2, 2), c),
    "stack": lambda x, c: np.stack([x.reshape(2, 2), c]) * c,
    "mse": lambda x, c: mg.nn.mse(x.reshape(2, 2), c),
    "cross entropy": lambda x, c: mg.nn.softmax_cross_entropy(x.reshape(2, 2), c / 4),
    "bce": lambda x, c: mg.nn.bce_with_logits(x.reshape(2, 2), c / 4),
}


@pytest.mark.parametrize("f", CONSTANTS.values(), ids=CONSTANTS)
def test_constants_may_change_afterwards(f):
    x, z, c = leaf(), leaf(), np.array([[2.0, 3.0], [1.0, 0.5]])
    y, same = f(x, c), f(z, c.copy())
    changed(c)
    np.testing.assert_array_equal(y.data, same.data)
    np.testing.assert_array_equal(gradient(x, y), gradient(z, same))


def test_soft_targets_may_change_afterwards():
    x, target = leaf([[0.0, 1.0]]), np.array([[0.25, 0.75]])
    loss = mg.nn.softmax_cross_entropy(x, target)
    target[:] = 0
    loss.backward()
    h = np.exp([0.0, 1.0]) / np.sum(np.exp([0.0, 1.0]))
    np.testing.assert_allclose(x.grad, [h - [0.25, 0.75]])


INDEXING = {
    "fancy": (lambda x, i: x[i], np.array([0, 2])),
    "mask": (lambda x, i: x[i], np.array([True, False, True, False])),
    "take": (np.take, np.array([0, 2])),
    "list": (lambda x, i: x[i], [0, 2]),
    "tuple": (lambda x, i: x.reshape(2, 2)[i, [0, 1]], np.array([0, 1])),
    "take_along_axis": (lambda x, i: np.take_along_axis(x, i, 0), np.array([0, 2])),
    "repeat": (np.repeat, np.array([1, 2, 0, 1])),
}


@pytest.mark.parametrize(("f", "index"), INDEXING.values(), ids=INDEXING)
def test_indices_may_change_afterwards(f, index):
    x, z = leaf(), leaf()
    same = f(z, index.copy())
    y = f(x, index)
    index[:] = type(index)([1]) * len(index) if isinstance(index, list) else 1
    np.testing.assert_array_equal(gradient(x, y), gradient(z, same))


def test_indices_of_a_write_may_change_afterwards():
    x, v, index = leaf(), leaf([7.0, 8.0]), np.array([0, 2])
    y = x * 1
    y[index] = v
    changed(index)
    index[:] = 3
    np.sum(y * y).backward()
    np.testing.assert_array_equal(v.grad, [14, 16])
    np.testing.assert_array_equal(x.grad, [0, 4, 0, 8])


def test_a_mask_and_parameters_may_change_afterwards():
    x, z, mask = leaf(), leaf(), np.array([True, False, True, False])
    y, same = np.sum(x, where=mask), np.sum(z, where=mask.copy())
    mask[:] = True
    np.testing.assert_array_equal(gradient(x, y), gradient(z, same))


def test_lists_may_change_afterwards():
    x, z, c = leaf(), leaf(), [[1.0, 2.0], [3.0, 4.0]]
    y, same = x.reshape(2, 2) @ c, z.reshape(2, 2) @ np.array(c)
    c[0][0] = -77
    np.testing.assert_array_equal(gradient(x, y), gradient(z, same))
    w, d = leaf(), [1.0, 2.0, 3.0, 4.0]
    y = w * d
    d[0] = -77
    np.sum(y).backward()
    np.testing.assert_array_equal(w.grad, [1, 2, 3, 4])


def test_memory_mapped_arrays_may_change_afterwards(tmp_path):
    c = np.memmap(tmp_path / "c", np.float64, "w+", shape=(2, 2))
    c[...] = [[1.0, 2.0], [3.0, 4.0]]
    for f in (operator.mul, operator.matmul, np.maximum):
        x, z = leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
        y, same = f(x, c), f(z, np.array(c))
        held = np.array(c)
        changed(c)
        np.testing.assert_array_equal(gradient(x, y), gradient(z, same))
        c[...] = held


def test_the_seed_may_change_afterwards_and_is_never_the_gradient():
    x, seed = leaf(), np.ones(4)
    x.backward(seed)
    changed(seed)
    np.testing.assert_array_equal(x.grad, [1, 1, 1, 1])
    y = x + 0
    seed = np.ones(4)
    x.zero_grad()
    y.backward(seed)
    assert not np.shares_memory(x.grad, seed)
    assert not np.shares_memory(y.grad, seed)
    assert not np.shares_memory(x.grad, y.grad)


def test_the_inputs_of_transforms_may_change_afterwards():
    a = np.array([1.0, 2.0])
    out, pull = mg.vjp(lambda x: x * x, a)
    changed(a)
    np.testing.assert_array_equal(out, [1, 4])
    np.testing.assert_array_equal(pull(np.ones(2))[0], [2, 4])


def test_transforms_return_nothing_that_shares_memory():
    a, c = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    seed = np.ones(2)
    out, pull = mg.vjp(lambda x, y: x + y, a, c)
    g, h = pull(seed)
    again, _ = pull(seed)
    arrays = [a, c, seed, out, g, h, again]
    for i, one in enumerate(arrays):
        for other in arrays[:i]:
            assert not np.shares_memory(one, other)
    g[:] = h[:] = 0
    np.testing.assert_array_equal(pull(seed)[0], [1, 1])
    identity = mg.value_and_grad(lambda x: x.reshape(()))(np.array([5.0]))
    identity[1][:] = 0


def test_an_array_that_a_function_closes_over_may_change_between_the_sweeps():
    c = np.array([1.0, 2.0])
    _, pull = mg.vjp(lambda x: x * c, np.array([5.0, 6.0]))
    changed(c)
    np.testing.assert_array_equal(pull(np.ones(2))[0], [1, 2])


def test_the_data_of_a_tensor_cannot_be_written_to():
    x = leaf()
    y = x * 2
    for t in (x, y, y[1:], y.T, x.detach()):
        assert not t.data.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            t.data[0] = 5


def test_numpy_copies_may_be_written_to():
    x = leaf()
    y = x * x
    for copy in (x.to_numpy(), x.numpy(), np.array(x.detach()), np.asarray(x.detach())):
        changed(copy)
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [2, 4, 6, 8])


# Gradients are fresh, writable, and nobody else's


@pytest.mark.parametrize(
    "f",
    [
        np.sum,
        lambda x: np.sum(x + 0),
        lambda x: np.sum(x.reshape(2, 2).T),
        lambda x: np.sum(np.broadcast_to(x, (3, 4))),
        lambda x: x[0] + x[1],
        lambda x: np.sum(x * x),
        np.mean,
    ],
)
def test_gradients_are_writable_contiguous_arrays(f):
    x = leaf()
    y = f(x)
    y.backward()
    assert type(x.grad) is np.ndarray
    assert x.grad.flags.writeable
    assert x.grad.base is None
    assert x.grad.strides == (8,)
    x.grad *= 0
    first = x.grad
    y.backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad, mg.grad(f)(x.data))
    assert not np.shares_memory(first, y.grad)


def test_gradients_of_two_leaves_share_nothing():
    x, z = leaf(), leaf()
    y = x + z
    np.sum(y).backward()
    for a, b in ((x, z), (x, y), (z, y)):
        assert not np.shares_memory(a.grad, b.grad)
    x.grad[:] = 0
    np.testing.assert_array_equal(z.grad, [1, 1, 1, 1])


def test_a_gradient_may_change_before_the_next_backward():
    x = leaf()
    y = np.sum(x * x)
    y.backward()
    x.grad[:] = 0
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4, 6, 8])


# Functions that change what they compute with, line by line

EXPRESSIONS = (
    "x", "y", "v", "np.sin(x)", "y * v", "2.0 - v", "x[::-1] * 1", "np.cumsum(y)",
    "np.where(v > -1e3, x, y)", "v * np.sum(x)",
)  # fmt: skip
NUMBERS = ("x[0]", "y[3]", "np.mean(v)", "0.5", "v[1] * x[2]")
LINES = (
    "{a} = {e} + {b}", "{a} += {e}", "{a} *= {e}", "{a} -= {s}", "{a}[1] = {s}", "{a}[3] *= {s}",
    "{a}[1:3] = {b}[2:4]", "{a}[1:] += {b}[:3]", "{a}[[0, 2]] += {b}[[1, 3]]",
    "{a}[{b} > -1e3] = {s}", "{a}[CHOSEN] *= {s}", "{a} *= np.where({b} > -1e3, 1.5, 0.5)",
    "np.multiply({a}, {e}, out={a})", "np.add.at({a}, [0, 0, 1], {s})", "u = {a}; u += {e}",
    "for i in range(3): {a}[i + 1] = {a}[i] * {b}[i + 1]", "w = {a} > -1e3; w &= CHOSEN; {a} *= w",
)  # fmt: skip
CHOSEN = np.array([True, False, True, True])


@st.composite
def changing_functions(draw):
    """Draw a function of x and y, as its text and itself."""
    names, lines = st.sampled_from("xyv"), ["v = x * y"]
    for line in draw(st.lists(st.sampled_from(LINES), min_size=2, max_size=7)):
        e, s = draw(st.sampled_from(EXPRESSIONS)), draw(st.sampled_from(NUMBERS))
        lines.append(line.format(a=draw(names), b=draw(names), e=e, s=s))
    text = "\n    ".join(["def f(x, y):", *lines, "return np.sum(x) + np.sum(y * v)"])
    space = {"np": np, "CHOSEN": CHOSEN}
    exec(text, space)
    return text, space["f"]


def of_both(transform):
    return lambda f: transform(f, argnums=(0, 1))


def after_backward(f):
    def gradients(x, y):
        x, y = mg.Tensor(x, requires_grad=True), mg.Tensor(y, requires_grad=True)
        f(x * 1, y * 1).backward()
        return x.grad, y.grad

    return gradients


WAYS = {
    "grad": of_both(mg.grad),
    "backward": after_backward,
    "forward mode": lambda f: mg.jacobian(f, argnums=(0, 1), mode="forward"),
    "checkpoint": lambda f: of_both(mg.grad)(mg.checkpoint(f)),
    "compiled": lambda f: mg.jit(of_both(mg.grad)(f)),
    "the compiled loss": lambda f: lambda x, y: after_backward(mg.jit(f))(x, y),
}


@examples(25)
@given(changing_functions())
def test_a_function_that_changes_its_values_has_the_slope_that_numpy_finds(drawn):
    text, f = drawn
    at = np.array([0.3, -0.2, 0.5, 0.4]), np.array([0.7, 0.1, -0.6, 0.2])
    directions = np.array([0.2, 0.5, -0.3, 0.1]), np.array([-0.4, 0.3, 0.2, 0.6])

    def along(t):  # plain NumPy, each time on arrays of its own
        return f(*[x + t * d for x, d in zip(at, directions, strict=True)])

    h = 1e-3
    one, two = [(along(s) - along(-s)) / (2 * s) for s in (h, 2 * h)]
    expected = (4 * one - two) / 3
    assume(np.isfinite(expected) and abs(expected) < 1e4)
    for name, way in WAYS.items():
        grads = way(f)(*at)
        slope = sum(np.sum(g * d) for g, d in zip(grads, directions, strict=True) if g is not None)
        assert_allclose(slope, expected, rtol=1e-6, atol=1e-6, err_msg=f"{name}\n{text}")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_argument_changed_under_no_grad_is_a_constant_from_then_on(way):
    def f(x, y):
        early = np.sum(x * y)
        with mg.no_grad():
            x *= 2
            y[0] = 5.0
        return early + np.sum(x * y**2)

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    for found, expected in zip(way(f)(x.copy(), y.copy()), (y, x), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_an_argument_changed_under_no_grad_is_a_constant_for_second_derivatives():
    def f(x):
        early = np.sum(x**2)
        with mg.no_grad():
            x *= 2
        return early + np.sum(x**2)

    np.testing.assert_array_equal(mg.hessian(f)(np.ones(2)), 2 * np.eye(2))
    np.testing.assert_array_equal(mg.jit(mg.hessian(f))(np.ones(2)), 2 * np.eye(2))

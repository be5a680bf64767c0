"""Methods and attributes of arrays on Tensors: right in every order, or an error with the cure."""

from __future__ import annotations

import re

import numpy as np
import pytest
from draws import complex_, distinct, normal

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, DtypeError, InPlaceError, NoRuleError, ShapeError
from micrograd_np.testing import check_grads

MASK = np.array([True, False, True])

METHODS = {
    "max": (lambda x: x.max(axis=1), distinct(2, 3)),
    "min": (lambda x: x.min(), distinct(2, 3)),
    "mean": (lambda x: x.mean(0, keepdims=True), normal(2, 3)),
    "sum": (lambda x: x.sum(axis=(0, 1)), normal(2, 3)),
    "prod": (lambda x: x.prod(1), normal(2, 3)),
    "std": (lambda x: x.std(axis=1, ddof=1), distinct(2, 3)),
    "var": (lambda x: x.var(where=MASK), distinct(2, 3)),
    "cumsum": (lambda x: x.cumsum(axis=1), normal(2, 3)),
    "cumprod": (lambda x: x.cumprod(0), normal(2, 3)),
    "conj": (lambda x: x.conj(), complex_(2)),
    "conjugate": (lambda x: x.conjugate(), complex_(2)),
    "copy": (lambda x: x.copy(), normal(2)),
    "flatten": (lambda x: x.flatten(), normal(2, 3)),
    "flatten F": (lambda x: x.flatten("F"), normal(2, 3)),
    "ravel": (lambda x: x.ravel(), normal(2, 3)),
    "ravel K": (lambda x: x.T.ravel(order="K"), normal(2, 3)),
    "reshape A": (lambda x: x.T.reshape(2, 3, order="A"), normal(2, 3)),
    "ravel F": (lambda x: x.ravel(order="F"), normal(2, 3)),
    "squeeze": (lambda x: x.squeeze(1), normal(2, 1)),
    "transpose": (lambda x: x.transpose(1, 0, 2), normal(2, 3, 1)),
    "diagonal": (lambda x: x.diagonal(1), normal(2, 3)),
    "trace": (lambda x: x.trace(), normal(2, 3)),
    "T": (lambda x: x.T, normal(2, 3)),
    "mT": (lambda x: x.mT, normal(1, 2, 3)),
    "real": (lambda x: x.real, complex_(2)),
    "imag": (lambda x: x.imag, complex_(2)),
    "flat": (lambda x: sum(v * v for v in x.flat), normal(2, 2)),
    "astype": (lambda x: x.astype(np.float64), normal(2)),
    "clip": (lambda x: x.clip(-1.0, 1.0), np.array([-2.0, 0.3, 1.7])),
    "reshape": (lambda x: x.reshape(3, 2), normal(2, 3)),
    "reshape F": (lambda x: x.reshape((3, 2), order="F"), normal(2, 3)),
    "swapaxes": (lambda x: x.swapaxes(0, 1), normal(2, 3)),
    "repeat": (lambda x: x.repeat(2, axis=0), normal(2, 3)),
    "take": (lambda x: x.take([0, 5, 0]), normal(2, 3)),
    "compress": (lambda x: x.compress(MASK, axis=1), normal(2, 3)),
    "dot": (lambda x: x.dot(x.T), normal(2, 3)),
    "__getitem__": (lambda x: x[0, 1:], normal(2, 3)),
    "__getitem__ of integers": (lambda x: x[[0, 0], [1, 1]], normal(2, 3)),
    "__getitem__ of a mask": (lambda x: x[:, MASK], normal(2, 3)),
    "choose": (
        lambda x: mg.Tensor([1, 0]).choose([x, 2 * x]) if isinstance(x, mg.Tensor)
        else np.array([1, 0]).choose([x, 2 * x]),
        normal(2),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x"), METHODS.values(), ids=METHODS)
def test_a_method_obeys_every_law(f, x):
    check_grads(f, (x,), kinks=(), extremes=(), twins=False)


def after(change):
    """The function that changes a copy in place, and returns it."""

    def f(*args):
        x = args[0] * 1
        change(x, *args[1:])
        return x

    return f


CHANGES = {
    "fill": (lambda x, v: x.fill(v), [normal(2, 3), normal()]),
    "sort": (lambda x: x.sort(), [distinct(2, 3)]),
    "sort axis": (lambda x: x.sort(axis=0, kind="stable"), [distinct(2, 3)]),
    "partition": (lambda x: x.partition(1), [distinct(3)]),
    "put": (lambda x, v: x.put([0, 4], v), [normal(2, 3), normal(2)]),
}


@pytest.mark.parametrize(("change", "args"), CHANGES.values(), ids=CHANGES)
def test_a_method_that_changes_in_place_gives_the_gradient_of_the_result(change, args):
    case = [mg.Tensor(x) for x in args]
    out = after(change)(*case)
    expected = np.array(args[0])
    change(expected, *args[1:])
    np.testing.assert_array_equal(out.data, expected)
    leaves = [mg.Tensor(x, requires_grad=True) for x in args]
    weights = np.arange(1.0, 1 + args[0].size).reshape(args[0].shape)
    np.sum(after(change)(*leaves) * weights).backward()
    for k, x in enumerate(args):
        for index in np.ndindex(np.shape(x)):
            step = np.zeros(np.shape(x))
            step[index] = 1e-6
            ends = [[*args[:k], x + s * step, *args[k + 1 :]] for s in (1, -1)]
            high, low = (np.sum(moved(change, end) * weights) for end in ends)
            np.testing.assert_allclose(leaves[k].grad[index], (high - low) / 2e-6, atol=1e-7)


def moved(change, args):
    x = np.array(args[0])
    change(x, *args[1:])
    return x


def test_what_was_computed_before_a_change_keeps_its_history():
    x = mg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y * y
    y.sort()
    np.sum(z * [1.0, 10.0, 100.0]).backward()
    np.testing.assert_array_equal(x.grad, [6, 20, 400])


@pytest.mark.parametrize("change", [lambda t: t.sort(), lambda t: t.fill(1.0)])
def test_a_leaf_does_not_change_while_operations_are_recorded(change):
    t = mg.Tensor([2.0, 1.0], requires_grad=True)
    with pytest.raises(InPlaceError, match=r"leaf.*\(test_methods\.py:\d+\)"):
        change(t)
    assert t.tolist() == [2, 1]


def test_a_detached_tensor_shares_nothing_with_what_writes():
    t = mg.Tensor([3.0, 1.0])
    kept = t.detach()
    t.sort()
    np.put(t, [0], 9.0)
    np.fill_diagonal(mg.Tensor(np.eye(2)), 5.0)
    assert kept.tolist() == [3, 1]
    assert t.tolist() == [9, 3]


def test_values_that_do_not_fit_are_refused():
    t = mg.Tensor([1, 2])
    v = mg.Tensor(1.5, requires_grad=True)
    with pytest.raises((DtypeError, TypeError), match=r"copyto|cast"):
        np.copyto(t, v)
    with pytest.raises((ShapeError, ValueError), match="broadcast"):
        np.copyto(mg.Tensor([1.0, 2.0]), np.zeros(3))


def test_writing_a_tensor_into_an_array_is_refused():
    v, b = mg.Tensor([1.0, 2.0], requires_grad=True), np.zeros(3)
    for write in (lambda: np.put(b, [0, 1], v), lambda: np.copyto(b[:2], v)):
        with pytest.raises(InPlaceError, match=r"\(test_methods\.py:\d+\)"):
            write()
    assert not b.any()
    np.put(b, [0, 1], v.detach())
    assert b.tolist() == [1, 2, 0]


def test_the_order_of_entries_that_lie_in_neither_is_not_guessed():
    x = mg.Tensor(np.ones((2, 3, 4)), requires_grad=True)
    with pytest.raises(mg.errors.NoRuleError, match=r"neither order \(test_methods\.py:\d+\)"):
        x.transpose(1, 0, 2).ravel(order="K")


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_compiled_reshape_keeps_its_order(order):
    f = lambda x: np.sum(np.reshape(x, (3, 2), order=order) * np.arange(6.0).reshape(3, 2))
    x = np.arange(6.0).reshape(2, 3)
    value, gradient = mg.jit(mg.value_and_grad(f))(x)
    assert value == f(x)
    np.testing.assert_array_equal(gradient, mg.grad(f)(x))


@pytest.mark.parametrize(
    "f",
    [
        lambda i: i << 2,
        lambda i: 2 << i,
        lambda i: i >> 1,
        lambda i: 64 >> i,
        lambda i: (i << 1 | 1) & ~i ^ 6,
        lambda i: divmod(i, 2)[1] + 7 // i,
    ],
)
@pytest.mark.parametrize("numbers", [5, np.array([1, 2, 6])])
def test_integers_have_the_operators_of_integers(f, numbers):
    expected = f(np.asarray(numbers))
    np.testing.assert_array_equal(f(mg.Tensor(numbers)).data, expected)
    np.testing.assert_array_equal(mg.jit(f)(numbers), expected)


def test_a_float_is_not_shifted():
    x = mg.Tensor(1.0, requires_grad=True)
    with pytest.raises(NoRuleError, match=r"left_shift has no derivative rule \(test_methods"):
        x << 1
    with pytest.raises(TypeError, match="left_shift"):
        1 << x.detach()


def test_round_and_the_modulus_of_pow_name_what_to_write():
    x = mg.Tensor([0.126, 2.5])
    with pytest.raises(ArgumentError, match=r"\(test_methods.*np\.round\(t, decimals\)"):
        round(x, 1)
    assert pow(mg.Tensor(3.0), 2).item() == 9
    with pytest.raises(ArgumentError, match=r"no modulus \(test_methods.*\(x \*\* y\) % z"):
        pow(x, 2, 3)


@pytest.mark.parametrize(
    ("name", "cure"),
    [("exp", "np.exp(t)"), ("clone", "t.copy()"), ("unsqueeze", "np.expand_dims(t, axis)"),
     ("relu", "mg.nn.relu(t)"), ("log", "np.log(t)"), ("inv", "np.linalg.inv(t)"),
     ("at", "t[i] = v")],
)  # fmt: skip
def test_a_method_of_another_library_names_what_to_write(name, cure):
    with pytest.raises(AttributeError) as caught:
        getattr(mg.Tensor(1.0), name)
    assert re.search(
        rf"{name!r} \(test_methods.py:\d+\). Write {re.escape(cure)}", str(caught.value)
    )


def test_a_name_that_nobody_knows_is_left_to_python():
    with pytest.raises(AttributeError, match=r"has no attribute 'reshap'$"):
        mg.Tensor(1.0).reshap


def test_requires_grad_is_given_once_and_a_truth_value():
    with pytest.raises(ArgumentError, match=r"got 'w' \(test_methods.*name='w'"):
        mg.Tensor([1.0], "w")
    with pytest.raises(ArgumentError, match=r"name is a text, got 3"):
        mg.Tensor([1.0], name=3)
    assert mg.Tensor([1.0], np.True_).requires_grad
    t = mg.Tensor([1.0])
    with pytest.raises(AttributeError, match=r"does not change \(test_methods.*requires_grad=True"):
        t.requires_grad = True

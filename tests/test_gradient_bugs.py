"""The classes of gradient bugs that the field has met, each tried on our rules.

The rules obey the laws of `test_rules.py` too; here each class has the cases by which it became
known, with the derivative that mathematics gives.
"""

from __future__ import annotations

import copy
import threading
from math import e, inf, log, nan, pi

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.testing import check_grads

nn = mg.nn
A = np.array


def total(f):
    return lambda *xs: np.sum(f(*xs))


FIRST = {  # function, point, gradient with respect to the first operand
    "where: sqrt of the branch not taken": (
        lambda x: np.where(x > 0, np.sqrt(x), 0), A([0.0, 4.0]), [0, 0.25]),
    "where: a division by 0 not taken": (
        lambda x: np.where(x == 0, 1, np.sin(x) / x), A([0.0, pi]), [0, -1 / pi]),
    "where: 0/0 after a mask": (
        lambda x: np.where(A([True, False]), x / x, 2.0), A([1.0, 0.0]), [0, 0]),
    "over-eager zeroing: sqrt(x)**2 is nan at 0": (lambda x: np.sqrt(x) ** 2, A([0.0]), [nan]),
    "over-eager zeroing: a slope that is infinite stays": (np.sqrt, A([0.0]), [inf]),
    "norm at 0": (np.linalg.norm, A([0.0, 0.0]), [0, 0]),
    "norm of rows, one of which is 0": (
        lambda x: np.linalg.norm(x, axis=1), A([[0.0, 0.0], [3.0, 4.0]]), [[0, 0], [0.6, 0.8]]),
    "std of equal entries": (np.std, A([2.0, 2.0, 2.0]), [0, 0, 0]),
    "hypot at the origin": (lambda x: np.hypot(x, 0 * x), A([0.0]), [0]),
    "power: 0**0": (lambda x: x**0.0, A([0.0]), [0]),
    "power: x**1 at 0": (lambda x: x**1.0, A([0.0]), [1]),
    "power: 0**2": (lambda x: x**2.0, A([0.0]), [0]),
    "power: a negative base": (lambda x: x**3, A([-2.0]), [12]),
    "power: a negative base, a whole float": (lambda x: x**2.0, A([-3.0]), [-6]),
    "power: an exponent at base 0": (lambda x: np.power(0.0, x), A([2.0]), [0]),
    "prod: one 0": (np.prod, A([2.0, 0.0, 3.0]), [0, 6, 0]),
    "prod: two 0": (np.prod, A([0.0, 0.0, 3.0]), [0, 0, 0]),
    "prod: along an axis": (
        lambda x: np.prod(x, axis=0), A([[0.0, 2.0], [3.0, 0.0]]), [[3, 0], [0, 2]]),
    "cumprod: one 0": (np.cumprod, A([2.0, 0.0, 3.0]), [1, 8, 0]),
    "cumprod: two 0": (np.cumprod, A([0.0, 0.0, 3.0]), [1, 0, 0]),
    "logsumexp: -inf among the entries": (nn.logsumexp, A([-inf, 1.0]), [0, 1]),
    "softmax: -inf among the entries": (lambda x: nn.softmax(x)[1], A([-inf, 1.0, 1.0]),
                                        [0, 0.25, -0.25]),
    "softmax: 1000": (lambda x: nn.softmax(x)[0], A([1000.0, -1000.0]), [0, 0]),
    "log_softmax: 1000": (lambda x: nn.log_softmax(x)[1], A([1000.0, 0.0]), [-1, 1]),
    "logaddexp: -inf": (lambda x: np.logaddexp(x, 0.0), A([-inf]), [0]),
    "logaddexp: both -inf": (lambda x: np.logaddexp(x[0], x[1]), A([-inf, -inf]), [0.5, 0.5]),
    "logaddexp: both inf": (lambda x: np.logaddexp(x[0], x[1]), A([inf, inf]), [0.5, 0.5]),
    "logaddexp2: both -inf": (lambda x: np.logaddexp2(x[0], x[1]), A([-inf, -inf]), [0.5, 0.5]),
    "logaddexp: a path that is closed": (
        lambda x: np.logaddexp(np.logaddexp(x[0], -inf) - inf, x[1]), A([1.0, 2.0]), [0, 1]),
    "logsumexp: all -inf": (nn.logsumexp, A([-inf, -inf]), [0.5, 0.5]),
    "logsumexp: two inf": (nn.logsumexp, A([inf, 1.0, inf]), [0.5, 0, 0.5]),
    "logsumexp: -inf and inf": (nn.logsumexp, A([-inf, inf]), [0, 1]),
    "softplus at 0": (nn.softplus, A([0.0]), [0.5]),
    "softplus far out": (nn.softplus, A([-1000.0, 1000.0]), [0, 1]),
    "relu at 0 and at -inf": (nn.relu, A([0.0, -inf, inf]), [0, 0, 1]),
    "tanh and sigmoid at infinity": (
        lambda x: np.tanh(x) + nn.sigmoid(x), A([-inf, inf]), [0, 0]),
    "ties of max": (np.max, A([1.0, 3.0, 3.0]), [0, 0.5, 0.5]),
    "ties of max along an axis": (
        lambda x: np.max(x, axis=1), A([[1.0, 1.0], [0.0, 2.0]]), [[0.5, 0.5], [0, 1]]),
    "ties of maximum": (lambda x: np.maximum(x, x), A([2.0]), [1]),
    "ties of minimum with a number": (lambda x: np.minimum(x, 1.0), A([1.0]), [0.5]),
    "ties of clip": (lambda x: np.clip(x, 0.0, 1.0), A([0.0, 1.0, 2.0]), [1, 1, 0]),
    "clip between equal bounds is constant": (lambda x: np.clip(x, 1.0, 1.0), A([1.0]), [0]),
    "abs at 0": (np.abs, A([0.0, -2.0]), [0, -1]),
    "a repeated index": (lambda x: x[[0, 0, 1]] * A([1.0, 2.0, 3.0]), A([1.0, 1.0]), [3, 3]),
    "a repeated index of take": (
        lambda x: np.take(x, [1, 1, 1]), A([1.0, 1.0]), [0, 3]),
    "einsum: a repeated letter": (
        lambda x: np.einsum("ii->i", x), np.ones((2, 2)), [[1, 0], [0, 1]]),
    "einsum: the trace": (lambda x: np.einsum("ii", x), np.ones((2, 2)), [[1, 0], [0, 1]]),
    "einsum: an axis of length 1": (
        lambda x: np.einsum("ij,ij->", x, A([[1.0, 2.0]])), np.ones((1, 2)), [[1, 2]]),
    "einsum: a letter that is summed away": (
        lambda x: np.einsum("ij->i", x), np.ones((2, 2)), [[1, 1], [1, 1]]),
    "log1p near 0": (np.log1p, A([1e-20]), [1]),
    "expm1 far below": (np.expm1, A([-50.0]), [np.exp(-50)]),
    "broadcasting a number": (lambda x: x * np.ones((2, 3)), A(2.0), 6),
    "broadcasting a column": (
        lambda x: x * np.ones((2, 3)), A([[1.0], [2.0]]), [[3], [3]]),
    "a mean of float32": (np.mean, A([1, 2], np.float32), [0.5, 0.5]),
}  # fmt: skip

SECOND = {  # function of a number, point, second derivative
    "sigmoid": (nn.sigmoid, 0.0, 0.0),
    "softplus at 0": (nn.softplus, 0.0, 0.25),
    "x**3": (lambda x: x**3, 2.0, 12.0),
    "x**2 at 0": (lambda x: x**2, 0.0, 2.0),
    "x**2.0 at 0": (lambda x: x**2.0, 0.0, 2.0),
    "x*|x| at 0": (lambda x: x * np.abs(x), 0.0, 0.0),
    "binary cross-entropy": (lambda x: nn.bce_with_logits(x, 1.0), 0.0, 0.25),
    "binary cross-entropy far out": (lambda x: nn.bce_with_logits(x, 1.0), 800.0, 0.0),
    "logsumexp": (lambda x: nn.logsumexp(np.stack([x, 0 * x])), 0.0, 0.25),
    "prod with zeros": (lambda x: np.prod(np.stack([x, x, 1 + x])), 0.0, 2.0),
    "sum of squares of a norm": (lambda x: np.linalg.norm(np.stack([x, 1 + 0 * x])), 0.0, 1.0),
    "tanh at 0": (np.tanh, 0.0, 0.0),
    "x log x": (lambda x: x * np.log(x), e, 1 / e),
    "power in base and exponent": (lambda x: x**x, 1.0, 2.0),
}
MIXED = {  # function of two numbers, point, mixed second derivative
    "x**y at exponent 0": (lambda x, y: x**y, (2.0, 0.0), 0.5),
    "x**y at exponent 1": (lambda x, y: x**y, (2.0, 1.0), 1 + log(2)),
    "x / y": (lambda x, y: x / y, (1.0, 2.0), -0.25),
    "maximum away from ties": (lambda x, y: np.maximum(x, y) ** 2, (1.0, 2.0), 0.0),
}

FIRST |= {
    "sinc at 0": (np.sinc, A([0.0]), [0]),
    "ldexp at 0": (lambda x: np.ldexp(x, 3), A([0.0, 1.0]), [8, 8]),
    "det of a singular matrix is the adjugate": (
        np.linalg.det, A([[1.0, 2.0], [2.0, 4.0]]), [[4, -2], [-2, 1]]),
    "nanmax beside a nan": (np.nanmax, A([nan, 1.0, 2.0]), [0, 0, 1]),
}  # fmt: skip
SECOND["sinc at 0"] = np.sinc, 0.0, -(pi**2) / 3


@pytest.mark.parametrize("name", FIRST)
def test_the_first_derivative_is_that_of_mathematics(name):
    f, x, right = FIRST[name]
    with np.errstate(all="ignore"):
        found = mg.grad(total(f))(x)
        t = mg.Tensor(x, requires_grad=True)
        total(f)(t).backward()
    for g in (found, t.grad):
        assert g.dtype == x.dtype
        np.testing.assert_allclose(g, right, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("name", SECOND)
def test_the_second_derivative_is_that_of_mathematics(name):
    f, x, right = SECOND[name]
    with np.errstate(all="ignore"):
        found = mg.grad(mg.grad(f))(x), mg.hessian(f)(x), mg.hvp(f, x, 1.0)
        forward = mg.jvp(lambda x: mg.jvp(f, (x,), (1.0,))[1], (x,), (1.0,))[1]
    np.testing.assert_allclose([*found, forward], right, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", MIXED)
def test_the_mixed_second_derivative_is_the_same_in_either_order(name):
    f, point, right = MIXED[name]
    one = mg.grad(mg.grad(f, 0), 1)(*point)
    other = mg.grad(mg.grad(f, 1), 0)(*point)
    np.testing.assert_allclose([one, other], right, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("f", [nn.log_softmax, nn.softmax, nn.logsumexp])
def test_second_derivatives_at_ties_are_those_beside_them(f):
    weights, nearly = A([1.0, 2.0, -3.0]), A([1e-9, 0.0, -1e-9])
    loss = lambda x: np.sum(weights * f(x))
    np.testing.assert_allclose(mg.hessian(loss)(0 * nearly), mg.hessian(loss)(nearly), atol=1e-8)


# Degenerate matrices


def test_a_determinant_of_rank_1_has_gradient_zero():
    np.testing.assert_allclose(mg.grad(np.linalg.det)(np.ones((3, 3))), 0, atol=1e-15)


def test_functions_of_equal_eigenvalues_have_finite_gradients():
    for x in (np.eye(3), np.diag([1.0, 2.0, 2.0])):
        g = mg.grad(lambda x: np.sum(np.linalg.eigh(x)[0] ** 2))(x)
        np.testing.assert_allclose(np.diag(g), 2 * np.diag(x), atol=1e-12)


def test_functions_of_equal_singular_values_have_finite_gradients():
    g = mg.grad(lambda x: np.sum(np.linalg.svd(x, compute_uv=False)))(np.eye(2))
    np.testing.assert_allclose(g, np.eye(2), atol=1e-12)


# In place, views, aliases


def test_a_gradient_is_nobody_elses():
    x, y = mg.Tensor(np.ones(3), requires_grad=True), mg.Tensor(np.ones(3), requires_grad=True)
    np.sum(x + y).backward()
    x.grad *= 0.5
    np.testing.assert_array_equal(y.grad, [1, 1, 1])
    gx, gy = mg.grad(lambda x, y: np.sum(x + y), (0, 1))(np.ones(3), np.ones(3))
    gx *= 0.5
    np.testing.assert_array_equal(gy, [1, 1, 1])


def test_a_constant_changed_after_use_changes_no_gradient():
    c, x = np.array([1.0, 2.0]), mg.Tensor([3.0, 4.0], requires_grad=True)
    y = np.sum(c * x) + np.sum(x @ c)
    c[:] = 100
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_a_result_written_to_after_use_keeps_the_old_gradient():
    x = mg.Tensor([1.0, 2.0], requires_grad=True)
    h = np.exp(x)
    y = np.sum(h * h)
    h[0] = 0.0
    (y + np.sum(h)).backward()
    np.testing.assert_allclose(x.grad, 2 * np.exp(2 * x.data) + [0, np.exp(2)])


def test_a_row_of_a_result_is_no_way_to_change_it():
    x = mg.Tensor(np.ones((2, 2)), requires_grad=True) * 1
    with pytest.raises(mg.errors.InPlaceError, match="view"):
        x[0][:] = 5.0


# Depth, threads, copies


def test_a_deep_graph_is_swept_in_a_thread_with_a_small_stack():
    found = []

    def deep():
        x = mg.Tensor(1.0, requires_grad=True)
        y = x
        for _ in range(50_000):
            y = y * 1.0
        y.backward()
        found.append(float(x.grad))
        copy.deepcopy(y)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=deep)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found == [1.0]


def test_transforms_in_several_threads_do_not_meet():
    found = {}

    def run(k):
        found[k] = mg.grad(mg.grad(lambda x: np.sin(k * x)))(1.0)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(8):
        np.testing.assert_allclose(found[k], -(k**2) * np.sin(k), atol=1e-12)


def test_an_inner_derivative_does_not_mix_with_an_outer_one():
    f = lambda x: x * mg.grad(lambda y: x * y)(1.0)
    assert mg.grad(f)(3.0) == 6
    assert mg.jvp(f, (3.0,), (1.0,))[1] == 6


# Where they were found, the checker looks by itself


@pytest.mark.parametrize("f", [nn.logsumexp, nn.softmax, nn.log_softmax, np.prod, np.cumprod])
def test_rules_with_a_history_of_bugs_pass_the_checker_far_out(f):
    for x in (A([0.3, -1.2, 2.0]), A([[0.3, -1.2, 2.0], [0.0, 0.0, 0.0]])):
        check_grads(f, x, extremes=(20, -20, 40, -40, 1000, -1000, 1e-20, -inf), digits=True)

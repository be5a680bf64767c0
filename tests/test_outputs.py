"""Functions with several results: every mode, every order, every mixture of what is asked for."""

import gc
import weakref

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.calls.dispatch import primitive
from micrograd_np.calls.outputs import several
from micrograd_np.graph import Parts, parents, step
from micrograd_np.rule import rules
from micrograd_np.testing import check_grads


def halves(x, at=1):
    """A function with results of other shapes and dtypes, one of them without a gradient."""
    return x[:at] ** 2, np.argsort(x), np.sin(x[at:])


@pytest.fixture
def counted():
    """The function with a rule, and a list that grows with each call of its derivative."""
    calls = []

    def vjp(g, x, at=1):
        calls.append([np.shape(part) for part in g])
        return np.concatenate([g[0] * 2 * x[:at], g[2] * np.cos(x[at:])])

    @primitive
    def function(x, at=1):
        return halves(x, at)

    several(function, vjp)
    yield function, calls
    del rules[function]


X = np.array([0.3, -1.2, 2.0])


def test_results_come_in_numpys_own_tuple():
    result = np.linalg.slogdet(mg.Tensor(np.eye(2), requires_grad=True))
    assert type(result) is type(np.linalg.slogdet(np.eye(2)))
    assert all(isinstance(t, mg.Tensor) for t in result)


def test_a_result_that_is_piecewise_constant_has_no_gradient():
    sign, logabsdet = np.linalg.slogdet(mg.Tensor(np.eye(2), requires_grad=True))
    assert (sign.requires_grad, logabsdet.requires_grad) == (False, True)


def test_a_result_of_integers_is_a_tensor_without_a_gradient(counted):
    function, _ = counted
    squares, order, sines = function(mg.Tensor(X, requires_grad=True))
    assert (squares.requires_grad, order.requires_grad, sines.requires_grad) == (True, False, True)
    assert np.array_equal(order.data, [1, 0, 2])


def test_all_modes_and_orders_agree(counted):
    function, _ = counted
    check_grads(lambda x: [part for part in function(x, at=2) if part.dtype != int], (X,), order=2)


def test_one_sweep_calls_the_derivative_once_whatever_is_asked_for(counted):
    function, calls = counted
    squares, _, sines = function(x := mg.Tensor(X, requires_grad=True))
    loss = np.sum(squares) * np.sum(sines * sines) + np.sum(squares)
    loss.backward()
    assert calls == [[(1,), (3,), (2,)]]
    expected = mg.grad(lambda x: np.sum(x[:1] ** 2) * np.sum(np.sin(x[1:]) ** 2) + x[0] ** 2)(X)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-14)


def test_zeros_stand_for_a_result_that_nobody_used(counted):
    function, _ = counted
    sines = function(x := mg.Tensor(X, requires_grad=True))[2]
    np.sum(sines).backward()
    assert np.array_equal(x.grad, [0, *np.cos(X[1:])])


def test_results_that_are_held_have_a_grad_and_backward_adds_up(counted):
    function, _ = counted
    squares, _, sines = function(x := mg.Tensor(X, requires_grad=True))
    loss = np.sum(squares) + 3 * np.sum(sines)
    loss.backward()
    once = x.grad.copy()
    loss.backward()
    assert np.array_equal(squares.grad, [2])
    assert np.array_equal(sines.grad, [6, 6])
    assert np.array_equal(x.grad, 2 * once)


def test_the_graph_has_one_node_for_the_function_and_one_for_each_result(counted):
    function, _ = counted
    squares, _, sines = function(x := mg.Tensor(X, requires_grad=True))
    (node,) = parents(squares._node)
    assert parents(sines._node) == [node]
    assert parents(node) == [x._node]
    assert step(node).plan.rule.name == "function"
    assert [step(t._node).plan.rule.kind for t in (squares, sines)] == ["output", "output"]


def test_without_a_gradient_nothing_is_recorded(counted):
    function, _ = counted
    with mg.no_grad():
        parts = function(mg.Tensor(X, requires_grad=True))
    constants = function(mg.Tensor(X))
    for part in (*parts, *constants):
        assert isinstance(part, mg.Tensor)
        assert not part.requires_grad


def test_structural_zeros_pass_through(counted):
    function, _ = counted

    def f(x):
        squares, _, sines = function(x)
        roots = np.sqrt(sines)  # of a negative number: NaN, which is not chosen
        return np.sum(np.where(sines.data > 0, roots, 0)) + np.sum(squares)

    with np.errstate(invalid="ignore"):
        g = mg.grad(f)(X)
    assert np.array_equal(g[:2], [2 * X[0], 0])
    assert np.isfinite(g[2])


def test_the_hessian_goes_through_results_used_together():
    def f(x):
        sign, logabsdet = np.linalg.slogdet(x)
        return sign * np.exp(logabsdet)

    x = np.array([[2.0, 1.0], [0.5, -3.0]])
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    np.testing.assert_allclose(mg.hessian(f)(x), expected, atol=1e-14)


def test_a_picture_shows_the_function_and_its_results():
    x = mg.Tensor(np.diag([2.0, 3.0]), requires_grad=True, name="A")
    sign, logabsdet = np.linalg.slogdet(x)
    volume = sign * np.exp(logabsdet)
    volume.backward()
    text = mg.draw(volume, detail="ops").dot.source
    assert ">slogdet<" in text
    assert "(1, 1.792)" in text
    assert "exp(slogdet(A)[1])" in repr(mg.draw(np.exp(np.linalg.slogdet(x)[1])))


def test_explanations_and_compiled_functions_go_through_results():
    def f(a):
        w, v = np.linalg.eigh(a)
        return np.sum(np.exp(w) * v[0] ** 2)

    x = np.array([[2.0, 1.0], [0.5, -3.0]])
    value, gradient = mg.value_and_grad(f)(x)
    compiled = mg.jit(mg.value_and_grad(f))
    for _ in range(2):
        again, compiled_gradient = compiled(x)
        assert again == value
        np.testing.assert_allclose(compiled_gradient, gradient, rtol=1e-13)
    assert "np.linalg.eigh(A)[0]" in str(mg.explain(f(mg.Tensor(x, requires_grad=True, name="A"))))


def test_a_graph_is_freed_with_its_last_result(counted):
    function, _ = counted
    squares, _, sines = function(mg.Tensor(X, requires_grad=True))
    kept = weakref.ref(squares)
    del squares
    gc.collect()
    assert kept() is None
    np.sum(sines).backward()  # the other one still can


def test_parts_add_up_place_by_place():
    total = Parts({0: 1.0, 2: 2.0}) + Parts({2: 3.0, 1: 4.0})
    assert type(total) is Parts
    assert total == {0: 1.0, 1: 4.0, 2: 5.0}

"""A compiled function of Tensors that require a gradient: one operation, its gradients with it."""

import pickle
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_allclose, assert_array_equal

import micrograd_np as mg
from micrograd_np.errors import FreedGraphError, GraphError, TracingError
from micrograd_np.graph import history
from micrograd_np.testing.strategies import programs

W = np.array([0.5, -1.25, 2.0])


def tensor(x, **options):
    return mg.Tensor(x, requires_grad=True, **options)


def gradients(f, *args):
    """The value, and what backward leaves in each argument."""
    tensors = [tensor(x) for x in args]
    out = f(*tensors)
    out.backward()
    return out.detach().to_numpy(), [t.grad for t in tensors]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lab(w_1, b_1, w_2, b_2):
    return np.mean((sigmoid(w_1 * 0.7 + b_1) @ w_2 + b_2 - 0.3) ** 2)


LOSSES = {
    "the lab's network": (lab, [W, W**2, W / 2, np.ones(1)]),
    "one entry": (lambda w: (w @ w + np.ones(1)) ** 2, [W]),
    "a choice": (lambda w: np.sum(np.where(w > 0, np.sqrt(w), 0)), [np.maximum(W, 0)]),
    "the same twice": (lambda w, v: np.sum(w * v) + np.sum(v), [W, W]),
    "a number": (lambda w, a: a * np.sum(w) ** 2, [W, 3.0]),
    "single precision": (lambda w: np.sum(np.tanh(w) ** 2), [W.astype(np.float32)]),
    "complex numbers": (lambda w: np.sum(np.abs(w) ** 2), [W + 1j]),
    "many entries": (lambda w: mg.nn.logsumexp(w @ w.T), [np.linspace(-1, 1, 900).reshape(30, 30)]),
}


@pytest.mark.parametrize("backend", ["auto", "numpy"])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_the_function(name, backend):
    f, args = LOSSES[name]
    compiled = mg.jit(f, backend=backend)
    value, expected = gradients(f, *args)
    for _ in range(2):  # when it is compiled, and when it is found compiled
        found, grads = gradients(compiled, *args)
        assert_allclose(found, value, rtol=1e-12)
        assert found.dtype == value.dtype
        for g, e in zip(grads, expected, strict=True):
            assert_allclose(g, e, rtol=1e-12 if e.itemsize > 4 else 1e-6)
            assert (g.dtype, g.shape, g.flags.writeable) == (e.dtype, e.shape, True)


@given(programs())
def test_any_program_gives_the_gradients_of_its_operations(program):
    def loss(x, y, a):
        return np.sum(program(x, y, a))

    value, expected = gradients(loss, W, W[::-1] / 2, 0.7)
    found, grads = gradients(mg.jit(loss), W, W[::-1] / 2, 0.7)
    assert_allclose(found, value, rtol=1e-10)
    for g, e in zip(grads, expected, strict=True):
        assert (g is None) == (e is None)
        if e is not None:
            assert_allclose(g, e, rtol=1e-9, atol=1e-12)


def test_each_gradient_has_the_dtype_of_its_own_argument():
    w, v = tensor(W.astype(np.float32)), tensor(W)
    loss = mg.jit(lambda w, v: np.sum(w * v))
    for factor in (1, 2):
        w.zero_grad()
        (factor * loss(w, v)).backward()
        assert (w.grad.dtype, v.grad.dtype) == (np.float32, np.float64)
        assert_allclose(w.grad, factor * W, rtol=1e-6)


def test_the_graph_has_one_operation_and_goes_on_around_it():
    w = tensor(W)
    loss = mg.jit(lambda w: np.sum(w**3))
    total = 2 * loss(w * 2) + np.sum(w)
    assert len(history(total._node)) == 6  # w, w * 2, loss, 2 * loss, the sum, the total
    total.backward()
    assert_allclose(w.grad, 2 * 3 * (2 * W) ** 2 * 2 + 1)


def test_backward_may_be_called_again_and_shares_nothing():
    w = tensor(W)
    loss = mg.jit(lambda w: np.sum(w**3))(w)
    loss.backward()
    w.grad[:] = 7
    loss.backward()
    assert_allclose(w.grad, 7 + 3 * W**2)
    loss.backward(0.5)
    assert_allclose(w.grad, 7 + 4.5 * W**2)


@dataclass
class Layer:
    w: object
    b: object


def test_trees_keywords_and_static_arguments_are_taken_apart():
    @mg.jit(static_argnames="power")
    def loss(layer, data, power=2, scale=1.0):
        return np.sum((layer.w * data["x"] + layer.b) ** power) * scale

    x = np.array([1.0, 2.0, 3.0])
    for power in (2, 3, 2):
        layer = Layer(tensor(W), tensor(0.5))
        loss(layer, {"x": x}, power=power, scale=2.0).backward()
        outer = 2.0 * power * (W * x + 0.5) ** (power - 1)
        assert_allclose(layer.w.grad, outer * x)
        assert_allclose(layer.b.grad, np.sum(outer))
    assert len(loss.signatures) == 2


def test_which_arguments_require_a_gradient_may_change():
    loss = mg.jit(lambda w, v: np.sum(w * v))
    for tracked in ((True, False), (False, True), (True, True), (True, False)):
        w, v = (mg.Tensor(x, requires_grad=t) for x, t in zip((W, W**2), tracked, strict=True))
        loss(w, v).backward()
        for t, other in ((w, v), (v, w)):
            assert (t.grad is not None) == t.requires_grad
            if t.requires_grad:
                assert_array_equal(t.grad, other.detach().to_numpy())
    assert loss(W, W) == np.sum(W * W)


def test_other_shapes_are_compiled_anew():
    loss = mg.jit(lambda w: np.sum(w * w))
    for w in (W, np.ones((2, 2)), W):
        assert_allclose(gradients(loss, w)[1][0], 2 * w)
    assert len(loss.signatures) == 2
    assert "return" in loss.source


def test_a_function_of_other_than_one_number_runs_itself():
    double = mg.jit(lambda w: 2 * w)
    pair = mg.jit(lambda w: (np.sum(w), w))
    for _ in range(2):
        w = tensor(W)
        np.sum(double(w)).backward()
        assert_array_equal(w.grad, [2, 2, 2])
        total, same = pair(w)
        assert total.requires_grad
        assert same is w


def test_modes_are_kept():
    loss = mg.jit(lambda w: np.sum(w**2))
    w = tensor(W)
    for _ in range(2):
        with mg.no_grad():
            assert not loss(w).requires_grad
        with mg.named("loss"):
            assert loss(w)._node[5].name == "loss"
        assert_allclose(mg.grad(loss)(W), 2 * W)
        assert_allclose(mg.hvp(loss, W, W), 2 * W)
        assert_allclose(mg.jit(mg.grad(loss))(W), 2 * W)
        assert gradients(loss, W)[1][0].tolist() == (2 * W).tolist()
    with (
        mg.debug(),
        np.errstate(all="ignore"),
        pytest.raises(mg.errors.MicrogradError, match="log"),
    ):
        mg.jit(lambda w: np.sum(np.log(w)))(w)


def test_no_gradient_is_lost_silently():
    w, v = tensor(W, name="w"), tensor(W)
    with pytest.raises(TracingError, match="'w' of shape"):
        mg.jit(lambda v: np.sum(w * v))(v)

    def cube(w):
        return np.sum(w**3)

    out = mg.jit(cube)(w)
    with pytest.raises(GraphError, match=r"cube was compiled as one operation.*mg\.hvp\(cube"):
        mg.grad(lambda s: np.sum(mg.gradients(out, [w], s)[0]))(1.0)
    with pytest.raises(GraphError, match=r"mg\.explain\(cube"):
        mg.explain(out)
    assert str(mg.draw(out)).count("cube(w)") == 1


def test_a_gradient_of_zero_stays_zero_where_the_function_has_none():
    w = tensor(np.array([0.0, 1.0]))
    out = mg.jit(lambda w: np.sum(np.where(w > 0, np.sqrt(w), 0)))(w)
    (0 * out).backward()
    assert_array_equal(w.grad, [0, 0])


@pytest.mark.parametrize(
    "f",
    [
        lambda w, v: np.sum(w),
        lambda w, v: np.sum(w * np.floor(v)),
        lambda w, v: np.sum(w * mg.stop_gradient(v)),
        lambda w, v: np.sum(w) + 0 * np.sum(v),  # zeros, and not none
        lambda w, v: np.sum(v.detach() * 2),
        lambda w, v: w[0],
        lambda w, v: v[0],
        lambda w, v: np.sum(w * v, where=np.zeros(3, bool)),
    ],
)
def test_arguments_that_no_gradient_reaches_have_none(f):
    compiled = mg.jit(f)
    w, v = tensor(W), tensor(W)
    expected = f(w, v)
    if expected.requires_grad:
        expected.backward()
    for _ in range(3):
        x, y = tensor(W), tensor(W)
        out = compiled(x, y)
        assert out == expected
        assert out.requires_grad == expected.requires_grad
        if out.requires_grad:
            out.backward()
        for t, e in ((x, w), (y, v)):
            assert (t.grad is None) == (e.grad is None)
            if e.grad is not None:
                assert_array_equal(t.grad, e.grad)


def test_it_trains_as_the_eager_loop_does():
    def trained(loss):
        w_1, b_1, w_2, b_2 = ps = [tensor(p) for p in (W, W**2, W / 2, np.ones(1))]
        for _ in range(50):
            loss(w_1, b_1, w_2, b_2).backward()
            with mg.no_grad():
                for p in ps:
                    p -= 0.1 * p.grad
                    p.zero_grad()
        return [p.detach().to_numpy() for p in ps]

    for a, b in zip(trained(lab), trained(mg.jit(lab)), strict=True):
        assert_allclose(a, b, rtol=1e-12)


def test_a_copy_is_compiled_anew():
    loss = pickle.loads(pickle.dumps(mg.jit(lab)))
    assert_allclose(gradients(loss, W, W, W, np.ones(1))[0], lab(W, W, W, np.ones(1)))


@pytest.mark.parametrize("name", LOSSES)
def test_a_gradient_may_be_changed_while_the_graph_lives(name):
    f, args = LOSSES[name]
    tensors = [tensor(x) for x in args]
    out = mg.jit(f)(*tensors)
    out.backward()
    first = [t.grad.copy() for t in tensors]
    for t in tensors:
        t.grad[...] = 7
        assert t.grad is t.grad
    out.backward()
    for t, g in zip(tensors, first, strict=True):
        assert_array_equal(t.grad, 7 + g)


def test_gradients_of_two_arguments_share_no_memory():
    w, v = tensor(W), tensor(W)
    mg.jit(lambda w, v: np.sum(w + v))(w, v).backward()
    w.grad += 1
    assert_array_equal(v.grad, np.ones(3))


def test_a_gradient_is_not_copied_once_its_graph_is_gone():
    w = tensor(np.ones((500, 500)))
    mg.jit(lambda w: np.sum(w**2))(w).backward()
    tracemalloc.start()
    g = w.grad
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < g.nbytes
    assert g.flags.writeable


def test_one_tensor_given_twice_gets_both_gradients():
    w = tensor(W)
    mg.jit(lambda w, v: np.sum(w * v**2))(w, w).backward()
    assert_allclose(w.grad, 3 * W**2, rtol=1e-15)


def test_a_freed_operation_refuses_a_second_backward():
    w = tensor(W)
    out = mg.jit(lambda w: np.sum(w**2))(w)
    out.backward(retain_graph=False)
    assert_array_equal(w.grad, 2 * W)
    with pytest.raises(FreedGraphError):
        out.backward()

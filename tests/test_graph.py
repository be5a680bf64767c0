"""The graph: constants in it, what it keeps alive, and that it is freed at once."""

import gc
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.errors import FreedGraphError
from micrograd_np.graph import grad_of, history, is_leaf, order_of, parents, step
from micrograd_np.testing import strategies

LISTS = {
    "t + [..]": lambda x: x + [1.0, 2.0],  # noqa: RUF005 (x is a Tensor)
    "[..] * t": lambda x: [1.0, 2.0] * x,
    "t - (..)": lambda x: x - (1.0, 2.0),
    "np.add": lambda x: np.add(x, [1.0, 2.0]),
    "np.maximum": lambda x: np.maximum(x, [1.5, 0.5]),
    "np.where": lambda x: np.where([True, False], x, [0.0, 0.0]),
    "np.concatenate": lambda x: np.concatenate([[1.0], x, (2.0,)]),
    "np.stack": lambda x: np.stack([[1.0, 2.0], x]),
    "np.stack of numbers": lambda x: np.stack([1.0, x[0]]),
    "t[0] = 1": lambda x: written(x * 1),
    "checkpoint": lambda x: mg.checkpoint(lambda y: y * [1.0, 2.0])(x),
    "matmul": lambda x: np.matmul([[1.0, 2.0]], x),
}  # fmt: skip


def written(y):
    y[0] = 1.0
    return y


@pytest.mark.parametrize("name", LISTS)
def test_a_list_among_the_operands_is_a_constant(name):
    f, x = LISTS[name], np.array([1.0, 2.0])
    mg.testing.check_grads(f, x)
    t = mg.Tensor(x, requires_grad=True)
    nodes = history(f(t)._node)
    assert all(step(node).plan is not None or is_leaf(node) for node in nodes)


@given(strategies.programs())
def test_operands_are_older_than_results(program):
    x, y, s = (mg.Tensor(v, requires_grad=True) for v in ([1.0, 2.0], [0.5, -1.0], 0.7))
    root = (program(x, y, s) + np.sum(x * y) * s)._node
    nodes = history(root)
    assert nodes[-1] is root
    assert [order_of(n) for n in nodes] == sorted((order_of(n) for n in nodes), reverse=True)
    assert all(order_of(p) > order_of(n) for n in nodes for p in parents(n))


# Memory


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def uses(t):
    return np.sum(np.where(t > 0, np.tanh(t) @ np.ones(3), 1.0) * t[0] / np.linalg.norm(t))


checkpointed = mg.checkpoint(uses)


@pytest.mark.parametrize("use", [
    lambda t: uses(t).backward(),
    lambda t: uses(t).backward(retain_graph=False),
    lambda t: mg.grad(uses)(t.detach()),
    lambda t: mg.hessian(uses)(np.array(t.data)),
    lambda t: mg.jvp(uses, (np.array(t.data),), (np.ones(3),)),
    lambda t: mg.vjp(uses, np.array(t.data))[1](1.0),
    lambda t: mg.gradients(uses(t), [t]),
    lambda t: mg.grad(checkpointed)(np.array(t.data)),
    lambda t: mg.grad(lambda x: mg.grad(uses)(x) @ x)(np.array(t.data)),
])  # fmt: skip
def test_no_reference_cycles(use, no_collector):
    t = mg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    use(t)
    gc.collect()
    use(t)
    assert gc.collect() == 0


def test_a_graph_is_freed_when_its_result_goes(no_collector):
    t = mg.Tensor(np.ones(3), requires_grad=True)
    middle = np.exp(t)
    gone = weakref.ref(middle)
    loss = np.sum(middle * middle)
    loss.backward()
    del middle
    assert gone() is None
    kept = np.exp(loss)
    del loss
    assert kept.requires_grad


def test_only_what_derivatives_read_is_kept(no_collector):
    t = mg.Tensor(np.ones(1000), requires_grad=True)
    dropped = t * 2.0
    data = weakref.ref(dropped._value)
    result = np.sum(dropped + 1.0)
    del dropped
    assert data() is None
    assert result.requires_grad


def test_a_freed_graph_says_so():
    t = mg.Tensor(2.0, requires_grad=True)
    y = t * t
    y.backward(retain_graph=False)
    assert t.grad == 4
    with pytest.raises(FreedGraphError, match="retain_graph"):
        y.backward()


def test_every_result_that_somebody_holds_gets_a_gradient():
    x = mg.Tensor(3.0, requires_grad=True)
    z = x * x
    h = np.sin(z)
    y = h * z + z
    y.backward()
    assert h.grad == z.data
    assert z.grad == pytest.approx(np.sin(9) + 1 + 9 * np.cos(9))
    assert x.grad == pytest.approx(6 * float(z.grad))
    assert y.grad == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1))
def test_a_gradient_is_left_for_results_that_are_held_and_for_no_other(made):
    results = [mg.Tensor(0.5, requires_grad=True)]
    for i, _ in made:
        results.append(results[i % len(results)] * results[-1])
    keeping = True, *(keep for _, keep in made[:-1]), True
    held = [t for t, keep in zip(results, keeping, strict=True) if keep]
    del results
    held[-1].backward()
    left = [node for node in history(held[-1]._node) if grad_of(node) is not None]
    assert [order_of(node) for node in left] == [order_of(t._node) for t in held]


HOLDERS = {
    "list": lambda t: [t],
    "attribute": lambda t: SimpleNamespace(t=t),
    "closure": lambda t: lambda: t,
    "default": lambda t: lambda t=t: t,
    "method": lambda t: t.sum,
    "generator": lambda t: (t for _ in [0]),
    "iterator": lambda t: iter([t]),
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_a_gradient_is_left_however_the_result_is_held(hold):
    x = mg.Tensor(3.0, requires_grad=True)
    t = np.sin(x)
    node, y = t._node, np.exp(t) * t
    holder = hold(t)
    order = order_of(node)
    del t, node
    y.backward()
    assert holder
    assert order in [order_of(node) for node in history(y._node) if grad_of(node) is not None]


def test_a_gradient_is_left_for_an_argument_that_its_caller_has_no_name_for():
    def slope(t):
        np.exp(t).backward()
        return t.grad

    assert slope(np.sin(mg.Tensor(0.0, requires_grad=True))) == 1


def test_gradients_of_shared_and_repeated_operands_add_up():
    x = mg.Tensor(np.array([1.0, 2.0]), requires_grad=True)
    y = x + x + x * x + np.stack([x, x])[0]
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, 3 + 2 * np.array([1.0, 2.0]))
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, 2 * (3 + 2 * np.array([1.0, 2.0])))


def test_threads_do_not_meet():
    wrong = []

    def work(seed):
        random = np.random.default_rng(seed)
        for _ in range(30):
            x = random.normal(size=5)
            with mg.no_grad() if seed % 2 else mg.named(str(seed)):
                y = mg.Tensor(x, requires_grad=True) * 2
                if y.requires_grad == bool(seed % 2):
                    wrong.append("no_grad leaked")
            gradient = mg.grad(lambda x: np.sum(np.sin(x) * mg.grad(lambda z: np.sum(z**3))(x)))(x)
            if not np.allclose(gradient, 3 * x * x * np.cos(x) + 6 * x * np.sin(x)):
                wrong.append("gradient")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_threads_compute_joins_in_one_sweep():
    """Each thread adds its nodes to the graph of the others; two of one number would be lost."""
    random = np.random.default_rng(0)
    weights, samples = random.normal(size=(5, 5)), random.normal(size=(64, 5))

    def loss(w, x):
        for _ in range(20):
            x = 1.5 * np.tanh(w @ x + 0.1 * x)
        return np.sum(x**2)

    def together(w):
        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(lambda x: loss(w, x), samples))

    expected = mg.grad(lambda w: sum(loss(w, x) for x in samples))(weights)
    w, interval = mg.Tensor(weights, requires_grad=True), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        together(w).backward()
    finally:
        sys.setswitchinterval(interval)
    np.testing.assert_allclose(w.grad, expected, rtol=1e-9)

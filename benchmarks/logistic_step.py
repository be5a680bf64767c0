"""The lab's logistic regression: one SGD step on a batch of 10 points of two features."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from . import libraries
from .lab_step import sigmoid
from .measure import Run, Workload

LR = 0.01
BATCH = 10


def blobs() -> tuple[np.ndarray, np.ndarray]:
    """Two clouds of 200 points each, shuffled, and their labels 0 and 1."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1], 200))
    return rng.normal(size=(400, 2)) + np.array([[1.0, 4.0], [2.0, 1.0]])[y], y


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Features (10, 2) and labels (10,) of each step."""
    x, y = blobs()
    starts = range(0, len(x), BATCH)
    return cycle([(x[i : i + BATCH], y[i : i + BATCH]) for i in starts])


def initial() -> tuple[np.ndarray, ...]:
    """The lab's start: w_1, b_1."""
    return np.array([1.0, 1.0]), np.array([1.0])


def cross_entropy(w_1: Any, b_1: Any, x: Any, y: Any) -> Any:
    """Binary cross-entropy summed over the batch, written out as in a textbook."""
    h_1 = sigmoid(x @ w_1 + b_1)
    return -np.sum(y * np.log(h_1) + (1 - y) * np.log(1 - h_1))


def by_hand() -> Run:
    """As the lab writes it: no loss, only its gradient, and Python's `sum`."""
    w_1, b_1 = initial()
    data = batches()

    def step() -> None:
        nonlocal w_1, b_1
        x, y = next(data)
        z_1 = x @ w_1 + b_1
        h_1 = sigmoid(z_1)
        dl_dw1 = (h_1 - y) @ x
        dl_db1 = sum(h_1 - y)
        w_1 -= LR * dl_dw1
        b_1 -= LR * dl_db1

    return Run(step, lambda: (w_1, b_1))


def by_hand_optimised() -> Run:
    """The same by a person who counts nanoseconds."""
    w_1, b_1 = initial()
    data = batches()
    one, lr = np.array(1.0), np.array(LR)

    def step() -> None:
        x, y = next(data)
        e = one / (one + np.exp(-(x.dot(w_1) + b_1))) - y
        e *= lr
        w_1.__isub__(e.dot(x))
        b_1.__isub__(np.add.reduce(e))

    return Run(step, lambda: (w_1, b_1))


def ours_backward(loss_of: Any = cross_entropy) -> Run:
    """Tensors and `.backward()`."""
    import micrograd_np as mg

    data = batches()
    w_1, b_1 = parameters = [mg.Tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        loss_of(w_1, b_1, *next(data)).backward()
        with mg.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().to_numpy() for p in parameters])


def ours_fused() -> Run:
    """Tensors and the loss of `nn` that takes logits."""
    from micrograd_np.nn import bce_with_logits

    return ours_backward(lambda w_1, b_1, x, y: bce_with_logits(x @ w_1 + b_1, y).sum())


def ours_backward_compiled() -> Run:
    """Tensors and `.backward()`, the loss compiled."""
    from micrograd_np import jit

    return ours_backward(jit(cross_entropy))


def ours_value_and_grad() -> Run:
    """Arrays and a transform."""
    from micrograd_np import value_and_grad

    return functional(value_and_grad(cross_entropy, argnums=(0, 1)))


def ours_jit() -> Run:
    """The whole step, compiled."""
    from micrograd_np import jit, value_and_grad

    @jit
    def update(w_1: Any, b_1: Any, x: Any, y: Any) -> Any:
        _, (g_w1, g_b1) = value_and_grad(cross_entropy, argnums=(0, 1))(w_1, b_1, x, y)
        return w_1 - LR * g_w1, b_1 - LR * g_b1

    return whole_step(update)


def functional(value_and_grad: Any) -> Run:
    """A step of arrays: `w = w - lr * g`."""
    data = batches()
    w_1, b_1 = initial()

    def step() -> None:
        nonlocal w_1, b_1
        _, (g_w1, g_b1) = value_and_grad(w_1, b_1, *next(data))
        w_1 = w_1 - LR * g_w1
        b_1 = b_1 - LR * g_b1

    return Run(step, lambda: (w_1, b_1))


def whole_step(update: Any) -> Run:
    """A compiled function from parameters and batch to parameters."""
    data = batches()
    parameters = initial()

    def step() -> None:
        nonlocal parameters
        parameters = update(*parameters, *next(data))

    return Run(step, lambda: parameters)


def torch_eager() -> Run:
    """PyTorch, eager, with its fused loss."""
    torch = libraries.torch()
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    x, y = (torch.tensor(a, dtype=torch.float64) for a in blobs())
    data = cycle(zip(x.split(BATCH), y.split(BATCH), strict=True))
    w_1, b_1 = parameters = [torch.tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        features, labels = next(data)
        loss_of(features @ w_1 + b_1, labels, reduction="sum").backward()
        with torch.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().numpy() for p in parameters])


def mygrad_eager() -> Run:
    """MyGrad, with the same loss unchanged."""
    import mygrad

    data = batches()
    w_1, b_1 = parameters = [mygrad.tensor(p) for p in initial()]

    def step() -> None:
        cross_entropy(w_1, b_1, *next(data)).backward()
        for p in parameters:
            p.data[...] -= LR * p.grad

    return Run(step, lambda: [p.data for p in parameters])


def autograd_functional() -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    def loss_of(w_1: Any, b_1: Any, x: Any, y: Any) -> Any:
        h_1 = 1.0 / (1.0 + anp.exp(-(anp.dot(x, w_1) + b_1)))
        return -anp.sum(y * anp.log(h_1) + (1 - y) * anp.log(1 - h_1))

    return functional(autograd.value_and_grad(loss_of, argnum=(0, 1)))


def jax_jit() -> Run:
    """JAX, the whole step compiled, one call a step."""
    jax = libraries.jax()

    def loss_of(parameters: Any, x: Any, y: Any) -> Any:
        w_1, b_1 = parameters
        z_1 = x @ w_1 + b_1
        return jax.numpy.sum(jax.nn.softplus(z_1) - y * z_1)

    @jax.jit
    def update(w_1: Any, b_1: Any, x: Any, y: Any) -> Any:
        parameters = (w_1, b_1)
        grads = jax.grad(loss_of)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - LR * g, parameters, grads)

    return whole_step(update)


WORKLOADS = [
    Workload(
        name="logistic_step",
        title="the lab's logistic regression, one SGD step on a batch of 10",
        contestants={
            "numpy, as the lab writes it (no loss)": by_hand,
            "numpy, optimised by hand": by_hand_optimised,
            "micrograd_np .backward()": ours_backward,
            "  the same, nn.bce_with_logits": ours_fused,
            "  the same, loss compiled": ours_backward_compiled,
            "micrograd_np value_and_grad": ours_value_and_grad,
            "micrograd_np jit": ours_jit,
            "torch eager": torch_eager,
            "mygrad": mygrad_eager,
            "autograd": autograd_functional,
            "jax.jit": jax_jit,
        },
    )
]

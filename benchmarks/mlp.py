"""A classifier 784-256-10 on a batch of 128: relu, softmax cross-entropy, one SGD step."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Run, Workload

LR = 0.01
BATCH, INPUTS, HIDDEN, CLASSES = 128, 784, 256, 10
ROWS = np.arange(BATCH)


def batch(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (128, 784) and labels (128,)."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(BATCH, INPUTS)).astype(dtype)
    return x, rng.integers(0, CLASSES, BATCH)


def initial(dtype: str) -> list[np.ndarray]:
    """W1 (784, 256), b1, W2 (256, 10), b2."""
    rng = np.random.default_rng(1)
    w1 = rng.normal(size=(INPUTS, HIDDEN)) / np.sqrt(INPUTS)
    w2 = rng.normal(size=(HIDDEN, CLASSES)) / np.sqrt(HIDDEN)
    return [p.astype(dtype) for p in (w1, np.zeros(HIDDEN), w2, np.zeros(CLASSES))]


def by_hand(dtype: str) -> Run:
    """Good hand-written backpropagation."""
    x, y = batch(dtype)
    parameters = w1, b1, w2, b2 = initial(dtype)

    def step() -> Any:
        h = np.maximum(x.dot(w1) + b1, 0)
        z = h.dot(w2) + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[ROWS, y]).mean()
        p[ROWS, y] -= 1
        p /= BATCH
        g = p.dot(w2.T) * (h > 0)
        grads = x.T.dot(g), g.sum(0), h.T.dot(p), p.sum(0)
        for parameter, gradient in zip(parameters, grads, strict=True):
            parameter -= LR * gradient
        return loss

    return Run(step, lambda: parameters)


def by_hand_in_place(dtype: str) -> Run:
    """The same, every intermediate overwritten where it can be."""
    x, y = batch(dtype)
    parameters = w1, b1, w2, b2 = initial(dtype)

    def step() -> Any:
        h = x.dot(w1)
        h += b1
        np.maximum(h, 0, out=h)
        p = h.dot(w2)
        p += b2
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[ROWS, y]).mean()
        p[ROWS, y] -= 1
        p /= BATCH
        g = p.dot(w2.T)
        g *= h > 0
        for parameter, gradient in zip(
            parameters, (x.T.dot(g), g.sum(0), h.T.dot(p), p.sum(0)), strict=True
        ):
            gradient *= LR
            parameter -= gradient
        return loss

    return Run(step, lambda: parameters)


def loss_of(parameters: Any, x: Any, y: Any) -> Any:
    """The loss of the network, of arrays and of Tensors."""
    from micrograd_np import nn

    w1, b1, w2, b2 = parameters
    return nn.softmax_cross_entropy(nn.relu(x @ w1 + b1) @ w2 + b2, y)


def ours_backward(dtype: str, compiled: bool = False) -> Run:
    """Tensors and `.backward()`."""
    import micrograd_np as mg

    x, y = batch(dtype)
    x = mg.Tensor(x)  # as torch's contestant has it: a plain array would be copied every step
    parameters = [mg.Tensor(p, requires_grad=True) for p in initial(dtype)]
    loss = mg.jit(loss_of) if compiled else loss_of

    def step() -> None:
        loss(parameters, x, y).backward()
        with mg.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().to_numpy() for p in parameters])


def ours_value_and_grad(dtype: str) -> Run:
    """Arrays in a list, and a transform."""
    from micrograd_np import value_and_grad

    return functional(value_and_grad(loss_of), dtype)


def ours_jit(dtype: str, donate: tuple[str, ...] = ()) -> Run:
    """The whole step, compiled."""
    from micrograd_np import jit, value_and_grad

    x, y = batch(dtype)
    parameters = initial(dtype)

    @jit(donate_argnames=donate)
    def update(parameters: Any, x: Any, y: Any) -> Any:
        loss, grads = value_and_grad(loss_of)(parameters, x, y)
        return loss, [p - LR * g for p, g in zip(parameters, grads, strict=True)]

    def step() -> None:
        nonlocal parameters
        _, parameters = update(parameters, x, y)

    return Run(step, lambda: parameters)


def functional(value_and_grad: Any, dtype: str) -> Run:
    """A step on a list of arrays, updated in place."""
    x, y = batch(dtype)
    parameters = initial(dtype)

    def step() -> None:
        _, grads = value_and_grad(parameters, x, y)
        for p, g in zip(parameters, grads, strict=True):
            p -= LR * g

    return Run(step, lambda: parameters)


def torch_eager(dtype: str) -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    x, y = (torch.from_numpy(a) for a in batch(dtype))
    w1, b1, w2, b2 = parameters = [torch.tensor(p, requires_grad=True) for p in initial(dtype)]

    def step() -> None:
        h = torch.relu(x @ w1 + b1)
        torch.nn.functional.cross_entropy(h @ w2 + b2, y).backward()
        with torch.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().numpy() for p in parameters])


def mygrad_eager(dtype: str) -> Run:
    """MyGrad with its own relu and loss."""
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    x, y = batch(dtype)
    w1, b1, w2, b2 = parameters = [mygrad.tensor(p) for p in initial(dtype)]

    def step() -> None:
        h = relu(x @ w1 + b1)
        softmax_crossentropy(h @ w2 + b2, y).backward()
        for p in parameters:
            p.data[...] -= LR * p.grad

    return Run(step, lambda: [p.data for p in parameters])


def autograd_functional(dtype: str) -> Run:
    """HIPS autograd; its loss is written out."""
    import autograd
    import autograd.numpy as anp

    def loss_of(parameters: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2 = parameters
        z = anp.dot(anp.maximum(anp.dot(x, w1) + b1, 0), w2) + b2
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[ROWS, y])

    return functional(autograd.value_and_grad(loss_of), dtype)


def jax_jit(dtype: str) -> Run:
    """JAX, the whole step compiled."""
    jax = libraries.jax()
    x, y = (jax.numpy.asarray(a) for a in batch(dtype))
    parameters = [jax.numpy.asarray(p) for p in initial(dtype)]

    def loss_of(parameters: Any, x: Any, y: Any) -> Any:
        w1, b1, w2, b2 = parameters
        log_p = jax.nn.log_softmax(jax.nn.relu(x @ w1 + b1) @ w2 + b2)
        return -log_p[ROWS, y].mean()

    @jax.jit
    def update(parameters: Any, x: Any, y: Any) -> Any:
        loss, grads = jax.value_and_grad(loss_of)(parameters, x, y)
        return loss, jax.tree.map(lambda p, g: p - LR * g, parameters, grads)

    def step() -> None:
        nonlocal parameters
        _, parameters = update(parameters, x, y)

    return Run(step, lambda: parameters)


BY_HAND = "numpy by hand"
OURS = "micrograd_np .backward()"
COMPILED = "  the same, loss compiled"
CONTESTANTS = {
    BY_HAND: by_hand,
    "numpy by hand, in place": by_hand_in_place,
    OURS: ours_backward,
    COMPILED: partial(ours_backward, compiled=True),
    "micrograd_np value_and_grad": ours_value_and_grad,
    "micrograd_np jit": ours_jit,
    "  the same, parameters donated": partial(ours_jit, donate=("parameters",)),
    "torch eager": torch_eager,
    "mygrad": mygrad_eager,
    "autograd": autograd_functional,
    "jax.jit": jax_jit,
}


def workload(dtype: str, tolerance: float) -> Workload:
    """The same table in one precision."""
    return Workload(
        name=f"mlp_{dtype}",
        title=f"MLP {INPUTS}-{HIDDEN}-{CLASSES}, batch {BATCH}, {dtype}, one SGD step",
        contestants={name: partial(make, dtype) for name, make in CONTESTANTS.items()},
        budgets=[
            Budget(OURS, BY_HAND, 1.05, 1.02),
            Budget(COMPILED, BY_HAND, 1.05, 1.02),
            Budget(OURS, "torch eager", 0.95, 0.86),
            Budget("micrograd_np jit", "jax.jit", 1.05, 1.0),
            Budget("  the same, parameters donated", "jax.jit", 1.05, 1.0),
        ],
        tolerance=tolerance,
    )


WORKLOADS = [workload("float32", 1e-4), workload("float64", 1e-9)]

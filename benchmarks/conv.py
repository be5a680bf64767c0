"""A small convolutional network on 64 images of 28 by 28: one SGD step."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Run, Workload

LR = 0.01
BATCH, SIDE, FILTERS, CLASSES = 64, 28, 8, 10
HALF = (SIDE - 2) // 2
rng = np.random.default_rng(5)
X = rng.normal(size=(BATCH, 1, SIDE, SIDE)).astype("f4")
Y = rng.integers(0, CLASSES, BATCH)


def initial() -> list[np.ndarray]:
    """Eight kernels of 3 by 3, and the weights of the classes."""
    rng = np.random.default_rng(6)
    kernels = rng.normal(size=(FILTERS, 1, 3, 3)) / 3
    weights = rng.normal(size=(FILTERS * HALF * HALF, CLASSES)) / 40
    return [kernels.astype("f4"), weights.astype("f4")]


def loss_of(parameters: Any, x: Any, y: Any) -> Any:
    """Convolution, relu, pooling, and a linear classifier."""
    from micrograd_np import nn

    kernels, weights = parameters
    h = nn.max_pool2d(nn.relu(nn.conv2d(x, kernels)), 2)
    return nn.softmax_cross_entropy(h.reshape(BATCH, -1) @ weights, y)


def ours_backward() -> Run:
    """Tensors and `.backward()`."""
    import micrograd_np as mg

    x = mg.Tensor(X)
    parameters = [mg.Tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        loss_of(parameters, x, Y).backward()
        with mg.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().to_numpy() for p in parameters])


def torch_eager() -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    nn = torch.nn.functional
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    kernels, weights = parameters = [torch.tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        h = nn.max_pool2d(nn.relu(nn.conv2d(x, kernels)), 2)
        nn.cross_entropy(h.reshape(BATCH, -1) @ weights, y).backward()
        with torch.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().numpy() for p in parameters])


def jax_jit() -> Run:
    """JAX, the step compiled."""
    jax = libraries.jax()
    lax = jax.lax

    def loss(parameters: Any) -> Any:
        kernels, weights = parameters
        h = jax.nn.relu(lax.conv(X, kernels, (1, 1), "VALID"))
        h = lax.reduce_window(h, -np.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        scores = jax.nn.log_softmax(h.reshape(BATCH, -1) @ weights)
        return -scores[np.arange(BATCH), Y].mean()

    update = jax.jit(
        lambda parameters: [
            p - LR * g for p, g in zip(parameters, jax.grad(loss)(parameters), strict=True)
        ]
    )
    parameters: Any = initial()

    def step() -> None:
        nonlocal parameters
        parameters = jax.block_until_ready(update(parameters))

    return Run(step, lambda: [np.asarray(p) for p in parameters])


WORKLOADS = [
    Workload(
        name="conv",
        title=f"{FILTERS} filters, relu, pooling, {CLASSES} classes: batch {BATCH}, one SGD step",
        contestants={
            "torch eager": torch_eager,
            "micrograd_np .backward()": ours_backward,
            "jax.jit": jax_jit,
        },
        budgets=[Budget("micrograd_np .backward()", "torch eager", 0.8, 0.65)],
        tolerance=1e-3,
        check_steps=5,
    )
]

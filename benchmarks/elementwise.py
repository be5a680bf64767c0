"""Functions of 200,000 entries: the gradient of a sum of tanh, sigmoid and a Gaussian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Run, Workload

SIZE = 200_000
rng = np.random.default_rng(3)
X, W = rng.normal(size=SIZE), rng.normal(size=SIZE)


def loss_of(x: Any, w: Any, xp: Any = np) -> Any:
    """Eight functions of entries, and their sum."""
    h = xp.tanh(x * w + 0.5)
    return xp.sum(h * xp.exp(-x * x) / (1.0 + xp.exp(-w)))


def finding(gradients: Callable[[], Any]) -> Run:
    """A contestant whose step finds the gradients by x and by w."""
    found: Any = ()

    def step() -> None:
        nonlocal found
        found = gradients()

    return Run(step, lambda: [np.asarray(g) for g in found])


def by_hand() -> Run:
    """The derivative, each intermediate computed once."""

    def gradients() -> Any:
        h = np.tanh(X * W + 0.5)
        bell, s = np.exp(-X * X), 1.0 / (1.0 + np.exp(-W))
        bell_s, h_bell_s = bell * s, h * bell * s
        inner = bell_s * (1.0 - h * h)
        h_bell_s.sum()
        return inner * W - 2.0 * X * h_bell_s, inner * X + h_bell_s * (1.0 - s)

    return finding(gradients)


def ours_backward() -> Run:
    """Tensors and `.backward()`."""
    import micrograd_np as mg

    x, w = (mg.Tensor(v, requires_grad=True) for v in (X, W))

    def gradients() -> Any:
        x.grad = w.grad = None
        loss_of(x, w).backward()
        return x.grad, w.grad

    return finding(gradients)


def ours_jit() -> Run:
    """The gradient, compiled."""
    from micrograd_np import grad, jit

    compiled = jit(grad(loss_of, argnums=(0, 1)))
    return finding(lambda: compiled(X, W))


def torch_eager() -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    x, w = (torch.tensor(v, requires_grad=True) for v in (X, W))

    def gradients() -> Any:
        x.grad = w.grad = None
        loss_of(x, w, torch).backward()
        return x.grad, w.grad

    return finding(gradients)


def mygrad_eager() -> Run:
    """MyGrad."""
    import mygrad

    x, w = mygrad.tensor(X), mygrad.tensor(W)

    def gradients() -> Any:
        loss_of(x, w, mygrad).backward()
        return x.grad, w.grad

    return finding(gradients)


def autograd_functional() -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    gradients = autograd.grad(lambda x, w: loss_of(x, w, anp), argnum=(0, 1))
    return finding(lambda: gradients(X, W))


def jax_jit() -> Run:
    """JAX, compiled."""
    jax = libraries.jax()
    gradients = jax.jit(jax.grad(lambda x, w: loss_of(x, w, jax.numpy), argnums=(0, 1)))
    return finding(lambda: [np.asarray(g) for g in gradients(X, W)])  # which waits for them


WORKLOADS = [
    Workload(
        name="elementwise",
        title=f"functions of {SIZE:,} entries, their gradient",
        contestants={
            "numpy by hand": by_hand,
            "micrograd_np .backward()": ours_backward,
            "micrograd_np jit": ours_jit,
            "torch eager": torch_eager,
            "mygrad": mygrad_eager,
            "autograd": autograd_functional,
            "jax.jit": jax_jit,
        },
        budgets=[
            Budget("micrograd_np .backward()", "numpy by hand", 1.35, 1.15),
            Budget("micrograd_np jit", "numpy by hand", 0.9, 0.8),
            Budget("micrograd_np jit", "jax.jit", 1.9, 1.5),
        ],
        unit="us",
        check_steps=1,
    )
]

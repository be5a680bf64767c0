"""The same functions of entries for more and more of them: what a call costs, against its size."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import libraries
from .measure import Run, Workload

SIZES = 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000


def entries(n: int) -> np.ndarray:
    """So many numbers."""
    return np.random.default_rng(n).normal(size=n)


def loss_of(x: Any, xp: Any = np) -> Any:
    """Five functions of entries, and their sum."""
    return xp.sum(x / (1.0 + xp.exp(-x * x)))


def finding(gradient: Callable[[], Any]) -> Run:
    """A contestant whose step finds the gradient."""
    found: Any = None

    def step() -> None:
        nonlocal found
        found = gradient()

    return Run(step, lambda: [np.asarray(found)])


def by_hand(n: int) -> Run:
    """The derivative, each intermediate computed once."""
    x = entries(n)

    def gradient() -> Any:
        e = np.exp(-x * x)
        below = 1.0 + e
        out = x / below
        out.sum()
        return (1.0 + 2.0 * x * out * e) / below

    return finding(gradient)


def ours_backward(n: int) -> Run:
    """A Tensor and `.backward()`."""
    import micrograd_np as mg

    x = mg.Tensor(entries(n), requires_grad=True)

    def gradient() -> Any:
        x.grad = None
        loss_of(x).backward()
        return x.grad

    return finding(gradient)


def ours_jit(n: int) -> Run:
    """The gradient, compiled."""
    from micrograd_np import grad, jit

    x, compiled = entries(n), jit(grad(loss_of))
    return finding(lambda: compiled(x))


def torch_eager(n: int) -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    x = torch.tensor(entries(n), requires_grad=True)

    def gradient() -> Any:
        x.grad = None
        loss_of(x, torch).backward()
        return x.grad

    return finding(gradient)


def autograd_functional(n: int) -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    x, gradient = entries(n), autograd.grad(lambda x: loss_of(x, anp))
    return finding(lambda: gradient(x))


def jax_jit(n: int) -> Run:
    """JAX, compiled."""
    jax = libraries.jax()
    x, gradient = entries(n), jax.jit(jax.grad(lambda x: loss_of(x, jax.numpy)))
    return finding(lambda: np.asarray(gradient(x)))


MAKERS = {
    "numpy by hand": by_hand,
    "micrograd_np .backward()": ours_backward,
    "micrograd_np jit": ours_jit,
    "torch eager": torch_eager,
    "autograd": autograd_functional,
    "jax.jit": jax_jit,
}
WORKLOADS = [
    Workload(
        name=f"sizes_{n}",
        title=f"x / (1 + exp(-x x)) of {n:,} entries, the gradient of the sum",
        contestants={who: partial(make, n) for who, make in MAKERS.items()},
        unit="us",
        check_steps=1,
    )
    for n in SIZES
]

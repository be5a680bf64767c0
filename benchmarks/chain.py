"""A chain of elementwise operations on 10 numbers: forward, backward and freeing, per operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Run, Workload

SCALE = 1.0 + 1e-9  # a gradient that neither vanishes nor explodes: no denormal numbers
SHIFT = 1e-9


def initial() -> np.ndarray:
    """The first link."""
    return np.linspace(0.1, 1.0, 10)


def links(x: Any, n: int, sin: Any = np.sin) -> Any:
    """The sum of x after n operations: a sine, a product and a sum in turns."""
    y = x
    for _ in range(n // 3):
        y = sin(y) * SCALE + SHIFT
    return y.sum()


def by_hand(n: int) -> Run:
    """Two loops and a list of what the sines need."""
    x, g = initial(), np.ones(10)

    def step() -> None:
        nonlocal g
        y, saved = x, []
        for _ in range(n // 3):
            saved.append(y)
            y = np.sin(y) * SCALE + SHIFT
        g = np.ones(10)
        while saved:
            g = g * SCALE * np.cos(saved.pop())

    return Run(step, lambda: [g])


def ours_backward(n: int) -> Run:
    """Tensors and `.backward()`."""
    import micrograd_np as mg

    x = mg.Tensor(initial(), requires_grad=True)
    return Run(partial(backward, x, n), lambda: [np.asarray(x.grad)])


def backward(x: Any, n: int, sin: Any = np.sin) -> None:
    """The gradient of the chain, into `x.grad`."""
    x.grad = None
    links(x, n, sin).backward()


def ours_value_and_grad(n: int) -> Run:
    """An array and a transform."""
    from micrograd_np import value_and_grad

    return functional(value_and_grad(partial(links, n=n)))


def functional(value_and_grad: Any) -> Run:
    """The gradient of the chain, as a result."""
    g = x = initial()

    def step() -> None:
        nonlocal g
        _, g = value_and_grad(x)

    return Run(step, lambda: [g])


def torch_eager(n: int) -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    x = torch.tensor(initial(), requires_grad=True)
    return Run(partial(backward, x, n, torch.sin), lambda: [x.grad.numpy()])


def mygrad_eager(n: int) -> Run:
    """MyGrad."""
    import mygrad

    x = mygrad.tensor(initial())
    return Run(lambda: links(x, n).backward(), lambda: [x.grad])


def autograd_functional(n: int) -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    return functional(autograd.value_and_grad(lambda x: links(x, n, anp.sin)))


Maker = Callable[[int], Run]
BY_HAND = "numpy by hand"
OURS = "micrograd_np .backward()"
MANY: Mapping[str, Maker] = {
    BY_HAND: by_hand,
    OURS: ours_backward,
    "micrograd_np value_and_grad": ours_value_and_grad,
    "torch eager": torch_eager,
    "mygrad": mygrad_eager,
    "autograd": autograd_functional,
}
FEW: Mapping[str, Maker] = {BY_HAND: by_hand, OURS: ours_backward, "torch eager": torch_eager}


def workload(name: str, n: int, makers: Mapping[str, Maker]) -> Workload:
    """A chain of n operations."""
    return Workload(
        name=name,
        title=f"chain of {n:,} operations, forward + backward + free",
        contestants={who: partial(make, n) for who, make in makers.items()},
        budgets=[Budget(OURS, None, 4.0, 3.0)],
        unit="us/operation",
        steps=n,
        check_steps=1,
    )


WORKLOADS = [workload("chain_9k", 9_000, MANY), workload("chain_1m", 999_999, FEW)]

"""The lab's 1-2-1 network: one step of SGD on one x, its target a Gaussian."""

from __future__ import annotations

import math
from itertools import cycle
from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Run, Workload

LR = 0.01
XS = np.random.default_rng(0).choice(np.linspace(-5.0, 5.0, 500), 1000)


def initial() -> tuple[np.ndarray, ...]:
    """The lab's start: w_1, b_1, w_2, b_2."""
    return np.array([1.0, -1.0]), np.array([1.0, 1.0]), np.array([1.0, -1.0]), np.array([1.0])


def sigmoid(z: Any) -> Any:
    """The lab's own activation."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_derivative(z: Any) -> Any:
    """The lab's own derivative of it."""
    return sigmoid(z) * (1 - sigmoid(z))


def gaussian(x: Any) -> Any:
    """The function the lab's network learns."""
    return np.exp(-x * x)


def affine(x: Any, w: Any, b: Any) -> Any:
    """The lab's own linear map."""
    return w * x + b


def mean_squared_error(w_1: Any, b_1: Any, w_2: Any, b_2: Any, x: Any, y: Any) -> Any:
    """The loss, as a user of NumPy writes it."""
    z_1_2 = affine(x, w_1, b_1)
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return np.mean((z_3 - y) ** 2)


def squared_error(w_1: Any, b_1: Any, w_2: Any, b_2: Any, x: Any, y: Any) -> Any:
    """The same loss without a mean over its single entry."""
    z_1_2 = affine(x, w_1, b_1)
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return (z_3 - y) ** 2


def by_hand(samples: np.ndarray = XS) -> Run:
    """Forward pass, formulas and updates, line by line as in the lab."""
    w_1, b_1, w_2, b_2 = initial()
    xs = cycle(samples)

    def step() -> None:
        nonlocal w_1, b_1, w_2, b_2
        x = next(xs)
        y = gaussian(x)
        z_1_2 = affine(x, w_1, b_1)
        h_1_2 = sigmoid(z_1_2)
        z_3 = h_1_2 @ w_2 + b_2
        dl_dw1 = 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x
        dl_dw2 = 2 * (z_3 - y) * sigmoid(z_1_2)
        dl_db1 = 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2)
        dl_db2 = 2 * (z_3 - y)
        w_1 -= LR * dl_dw1
        w_2 -= LR * dl_dw2
        b_1 -= LR * dl_db1
        b_2 -= LR * dl_db2

    return Run(step, lambda: (w_1, b_1, w_2, b_2))


def by_hand_optimised() -> Run:
    """The same formulas by a person who computes nothing twice."""
    w_1, b_1, w_2, b_2 = initial()
    xs = cycle(XS)

    def step() -> None:
        nonlocal w_1, b_1, w_2, b_2
        x = next(xs)
        h_1_2 = sigmoid(w_1 * x + b_1)
        dl_db2 = 2.0 * (h_1_2.dot(w_2) + b_2 - gaussian(x))
        dl_db1 = dl_db2 * w_2 * (h_1_2 * (1.0 - h_1_2))
        w_1 -= LR * (dl_db1 * x)
        w_2 -= LR * (dl_db2 * h_1_2)
        b_1 -= LR * dl_db1
        b_2 -= LR * dl_db2

    return Run(step, lambda: (w_1, b_1, w_2, b_2))


def by_hand_tuned() -> Run:
    """The same by a person who counts nanoseconds: buffers, 0-d constants, b_2 a Python float."""
    w_1, b_1, w_2, (b_2,) = initial()
    xs = cycle(XS.tolist())
    one, k = np.array(1.0), np.array(0.0)
    h, g, d = np.empty(2), np.empty(2), np.empty(2)
    exp, multiply, add, subtract = np.exp, np.multiply, np.add, np.subtract

    def step() -> None:
        nonlocal b_2
        x = next(xs)
        k[()] = -x
        subtract(multiply(w_1, k, h), b_1, h)
        np.reciprocal(add(exp(h, h), one, h), h)
        d_b2 = 2.0 * LR * (h.dot(w_2).item() + b_2 - math.exp(-x * x))
        multiply(subtract(one, h, g), multiply(h, w_2, d), d)
        k[()] = d_b2
        subtract(w_2, multiply(h, k, h), w_2)
        subtract(b_1, multiply(d, k, d), b_1)
        k[()] = x
        subtract(w_1, multiply(d, k, d), w_1)
        b_2 -= d_b2

    return Run(step, lambda: (w_1, b_1, w_2, np.array([b_2])))


def ours_backward(loss_of: Any = mean_squared_error) -> Run:
    """Tensors, `.backward()`, and the lab's own update under `no_grad`."""
    import micrograd_np as mg

    xs = cycle(XS)
    w_1, b_1, w_2, b_2 = parameters = [mg.Tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        x = next(xs)
        loss = loss_of(w_1, b_1, w_2, b_2, x, gaussian(x))
        loss.backward()
        with mg.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().to_numpy() for p in parameters])


def ours_backward_compiled() -> Run:
    """The same loop, its loss compiled."""
    from micrograd_np import jit

    return ours_backward(jit(mean_squared_error))


def ours_value_and_grad(loss_of: Any = mean_squared_error) -> Run:
    """Arrays and a transform."""
    from micrograd_np import value_and_grad

    return functional(value_and_grad(loss_of, argnums=(0, 1, 2, 3)))


def ours_jit(backend: str = "auto") -> Run:
    """The whole step, compiled."""
    from micrograd_np import jit, value_and_grad

    @jit(backend=backend)
    def update(w_1: Any, b_1: Any, w_2: Any, b_2: Any, x: Any) -> Any:
        of_parameters = value_and_grad(mean_squared_error, argnums=(0, 1, 2, 3))
        _, grads = of_parameters(w_1, b_1, w_2, b_2, x, gaussian(x))
        return tuple(p - LR * g for p, g in zip((w_1, b_1, w_2, b_2), grads, strict=True))

    return whole_step(update)


def functional(value_and_grad: Any) -> Run:
    """A step of arrays: `w = w - lr * g`."""
    xs = cycle(XS)
    w_1, b_1, w_2, b_2 = initial()

    def step() -> None:
        nonlocal w_1, b_1, w_2, b_2
        x = next(xs)
        _, (g_w1, g_b1, g_w2, g_b2) = value_and_grad(w_1, b_1, w_2, b_2, x, gaussian(x))
        w_1 = w_1 - LR * g_w1
        b_1 = b_1 - LR * g_b1
        w_2 = w_2 - LR * g_w2
        b_2 = b_2 - LR * g_b2

    return Run(step, lambda: (w_1, b_1, w_2, b_2))


def whole_step(update: Any) -> Run:
    """A compiled function from parameters and x to parameters."""
    xs = cycle(XS)
    parameters = initial()

    def step() -> None:
        nonlocal parameters
        parameters = update(*parameters, next(xs))

    return Run(step, lambda: parameters)


def torch_eager() -> Run:
    """PyTorch, eager, with the lab's own sigmoid."""
    torch = libraries.torch()
    return torch_with(lambda z: 1.0 / (1.0 + torch.exp(-z)))


def torch_fused() -> Run:
    """PyTorch, eager, with its own sigmoid."""
    return torch_with(libraries.torch().sigmoid)


def torch_with(activation: Any) -> Run:
    """PyTorch's step with either of them."""
    torch = libraries.torch()
    xs = cycle(XS.tolist())
    w_1, b_1, w_2, b_2 = parameters = [torch.tensor(p, requires_grad=True) for p in initial()]

    def step() -> None:
        x = next(xs)
        z_3 = activation(w_1 * x + b_1) @ w_2 + b_2
        loss = torch.mean((z_3 - math.exp(-x * x)) ** 2)
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= LR * p.grad
                p.grad = None

    return Run(step, lambda: [p.detach().numpy() for p in parameters])


def mygrad_eager() -> Run:
    """MyGrad, with the lab's loss unchanged."""
    import mygrad

    xs = cycle(XS)
    w_1, b_1, w_2, b_2 = parameters = [mygrad.tensor(p) for p in initial()]

    def step() -> None:
        x = next(xs)
        mean_squared_error(w_1, b_1, w_2, b_2, x, gaussian(x)).backward()
        for p in parameters:
            p.data[...] -= LR * p.grad

    return Run(step, lambda: [p.data for p in parameters])


def autograd_functional() -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    def loss_of(w_1: Any, b_1: Any, w_2: Any, b_2: Any, x: Any, y: Any) -> Any:
        h_1_2 = 1.0 / (1.0 + anp.exp(-(w_1 * x + b_1)))
        return anp.mean((anp.dot(h_1_2, w_2) + b_2 - y) ** 2)

    return functional(autograd.value_and_grad(loss_of, argnum=(0, 1, 2, 3)))


def jax_jit() -> Run:
    """JAX, the whole step compiled, one call a step."""
    jax = libraries.jax()
    jnp = jax.numpy

    def loss_of(parameters: Any, x: Any) -> Any:
        w_1, b_1, w_2, b_2 = parameters
        z_3 = jax.nn.sigmoid(w_1 * x + b_1) @ w_2 + b_2
        return jnp.mean((z_3 - jnp.exp(-x * x)) ** 2)

    @jax.jit
    def update(w_1: Any, b_1: Any, w_2: Any, b_2: Any, x: Any) -> Any:
        parameters = (w_1, b_1, w_2, b_2)
        grads = jax.grad(loss_of)(parameters, x)
        return jax.tree.map(lambda p, g: p - LR * g, parameters, grads)

    return whole_step(update)


BY_HAND = "numpy, as the lab writes it"
OPTIMISED = "numpy, optimised by hand"
OURS = "micrograd_np .backward()"
COMPILED = "  the same, loss compiled"

WORKLOADS = [
    Workload(
        name="lab_step",
        title="the lab's 1-2-1 network, one SGD step",
        contestants={
            BY_HAND: by_hand,
            OPTIMISED: by_hand_optimised,
            "  the same, tuned by the nanosecond": by_hand_tuned,
            OURS: ours_backward,
            "  the same, loss (z_3 - y)**2": lambda: ours_backward(squared_error),
            COMPILED: ours_backward_compiled,
            "micrograd_np value_and_grad": ours_value_and_grad,
            "micrograd_np jit": ours_jit,
            "  the same, backend='numpy'": lambda: ours_jit("numpy"),
            "torch eager": torch_eager,
            "  the same, torch.sigmoid": torch_fused,
            "mygrad": mygrad_eager,
            "autograd": autograd_functional,
            "jax.jit": jax_jit,
        },
        budgets=[
            Budget(OURS, BY_HAND, 0.85, 0.70),
            Budget(COMPILED, BY_HAND, 0.85, 0.70),
            Budget("micrograd_np value_and_grad", BY_HAND, 0.85, 0.70),
            Budget(OURS, "torch eager", 0.25, 0.18),
            Budget(COMPILED, "torch eager", 0.25, 0.18),
            Budget("micrograd_np jit", OPTIMISED, 0.70, 0.55),
            Budget("  the same, backend='numpy'", OPTIMISED, 0.70, 0.55),
            Budget("micrograd_np jit", "jax.jit", 0.65, 0.52),
        ],
    )
]

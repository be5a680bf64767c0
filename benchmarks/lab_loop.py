"""The lab's whole training: 50,000 steps of SGD in one loop, by hand, compiled, native."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import libraries
from .lab_step import LR, by_hand, gaussian, initial, mean_squared_error
from .measure import Budget, Run, Workload

STEPS = 50_000
XS = np.random.default_rng(0).choice(np.linspace(-5.0, 5.0, 500), STEPS)


def repeated(train: Callable[[], Any]) -> Run:
    """A whole training a step, each from the lab's start."""
    trained: Any = ()

    def step() -> None:
        nonlocal trained
        trained = train()

    return Run(step, lambda: trained)


def numpy_loop() -> Run:
    """The lab's own loop."""

    def train() -> Any:
        one = by_hand(XS)
        for _ in range(STEPS):
            one.step()
        return one.state()

    return repeated(train)


def scalar_loop(p: list[float], xs: Any) -> list[float]:
    """Train on plain numbers: w_1, b_1, w_2 and b_2 unrolled by hand."""
    w_11, w_12, b_11, b_12, w_21, w_22, b_2 = p[0], p[1], p[2], p[3], p[4], p[5], p[6]
    for x in xs:
        h_1 = 1.0 / (1.0 + math.exp(-(w_11 * x + b_11)))
        h_2 = 1.0 / (1.0 + math.exp(-(w_12 * x + b_12)))
        d = LR * 2.0 * (h_1 * w_21 + h_2 * w_22 + b_2 - math.exp(-x * x))
        d_1 = d * w_21 * h_1 * (1.0 - h_1)
        d_2 = d * w_22 * h_2 * (1.0 - h_2)
        w_11 -= d_1 * x
        w_12 -= d_2 * x
        b_11 -= d_1
        b_12 -= d_2
        w_21 -= d * h_1
        w_22 -= d * h_2
        b_2 -= d
    return [w_11, w_12, b_11, b_12, w_21, w_22, b_2]


def python_loop() -> Run:
    """That loop, interpreted."""
    start, xs = np.concatenate(initial()).tolist(), XS.tolist()
    return repeated(lambda: unflatten(scalar_loop(start, xs)))


def numba_loop() -> Run:
    """That loop, compiled by numba."""
    import numba

    native = numba.njit(scalar_loop)
    start = np.concatenate(initial())
    return repeated(lambda: unflatten(native(start, XS)))


def unflatten(p: list[float]) -> list[np.ndarray]:
    """The seven numbers as the lab's four arrays."""
    return np.split(np.array(p), [2, 4, 6])


def ours_scan(backend: str = "auto") -> Run:
    """A scan of the step that autograd derives, compiled."""
    from micrograd_np import jit, scan, value_and_grad

    def update(parameters: Any, x: Any) -> Any:
        of_parameters = value_and_grad(mean_squared_error, argnums=(0, 1, 2, 3))
        loss, grads = of_parameters(*parameters, x, gaussian(x))
        return tuple(p - LR * g for p, g in zip(parameters, grads, strict=True)), loss

    train = jit(lambda parameters, xs: scan(update, parameters, xs)[0], backend=backend)
    return repeated(lambda: train(initial(), XS))


def ours_native() -> Run:
    """The same loop, made native by numba."""
    import numba  # noqa: F401 (to be skipped without it)

    return ours_scan("numba")


def jax_scan() -> Run:
    """JAX: a scan of the step, compiled."""
    jax = libraries.jax()

    def loss_of(parameters: Any, x: Any) -> Any:
        w_1, b_1, w_2, b_2 = parameters
        z_3 = jax.nn.sigmoid(w_1 * x + b_1) @ w_2 + b_2
        return jax.numpy.mean((z_3 - jax.numpy.exp(-x * x)) ** 2)

    def update(parameters: Any, x: Any) -> Any:
        grads = jax.grad(loss_of)(parameters, x)
        return jax.tree.map(lambda p, g: p - LR * g, parameters, grads), None

    train = jax.jit(lambda parameters, xs: jax.lax.scan(update, parameters, xs)[0])
    return repeated(lambda: jax.block_until_ready(train(initial(), XS)))


NUMPY = "numpy, as the lab writes it"
BY_NUMBA = "numba by hand"
OURS = "micrograd_np jit(scan)"
NATIVE = "  the same, backend='numba'"

WORKLOADS = [
    Workload(
        name="lab_loop",
        title=f"the lab's 1-2-1 network, {STEPS:,} SGD steps in one loop",
        contestants={
            NUMPY: numpy_loop,
            "Python numbers by hand": python_loop,
            BY_NUMBA: numba_loop,
            OURS: ours_scan,
            NATIVE: ours_native,
            "jax.lax.scan": jax_scan,
        },
        budgets=[
            Budget(OURS, NUMPY, 0.03, 0.022),
            Budget(NATIVE, BY_NUMBA, 1.15, 1.0),
            Budget(NATIVE, "jax.lax.scan", 0.8, 0.7),
        ],
        steps=STEPS,
        check_steps=1,
    )
]

"""Gradients of three functions as researchers write them, against the library they came from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import libraries
from .measure import Run, Workload
from .sizes import finding

rng = np.random.default_rng(0)
POINTS, STEPS, HIDDEN = 40, 30, 16

Loss = Callable[..., Any]  # of the parameters and of the module that takes NumPy's place


def rosenbrock(x: Any, xp: Any = np) -> Any:
    """Rosenbrock's function of two numbers."""
    return 100 * xp.square(x[1] - xp.square(x[0])) + xp.square(1 - x[0])


AT = np.linspace(-2, 2, POINTS)
SEEN = np.sin(2 * AT) + 0.1 * rng.normal(size=POINTS)


def gaussian_process(logs: Any, xp: Any = np) -> Any:
    """Minus the marginal likelihood; the logarithms of noise, height and length are learnt."""
    noise, height, length = xp.exp(logs[0]), xp.exp(logs[1]), xp.exp(logs[2])
    squares = ((AT[:, None] - AT) / length) ** 2
    covariance = height * xp.exp(-squares / 2) + noise * np.eye(POINTS)
    fit = SEEN @ xp.linalg.solve(covariance, SEEN)
    return (fit + xp.linalg.slogdet(covariance)[1]) / 2


INPUTS, WANTED = rng.normal(size=(STEPS, 8)), rng.normal(size=STEPS)


def recurrent(flat: Any, xp: Any = np) -> Any:
    """The squared error of a recurrent network with a loop over the steps."""
    cut = 8 * HIDDEN
    into, through = flat[:cut].reshape(8, HIDDEN), flat[cut:-HIDDEN].reshape(HIDDEN, HIDDEN)
    h, total = np.zeros(HIDDEN), 0.0
    for x, y in zip(INPUTS, WANTED, strict=True):
        h = xp.tanh(xp.dot(x, into) + xp.dot(h, through))
        total = total + (xp.dot(h, flat[-HIDDEN:]) - y) ** 2
    return total


STARTS = {
    rosenbrock: np.array([0.5, -0.3]),
    gaussian_process: np.array([-2.0, 0.0, 0.0]),
    recurrent: rng.normal(size=9 * HIDDEN + HIDDEN**2) / 4,
}


def ours(loss: Loss) -> Run:
    """NumPy's functions, as they are."""
    from micrograd_np import grad

    gradient = grad(loss)
    return finding(lambda: gradient(STARTS[loss]))


def ours_jit(loss: Loss) -> Run:
    """The same, compiled."""
    from micrograd_np import grad, jit

    gradient = jit(grad(loss))
    return finding(lambda: gradient(STARTS[loss]))


def autograd_functional(loss: Loss) -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    gradient = autograd.grad(partial(loss, xp=anp))
    return finding(lambda: gradient(STARTS[loss]))


def jax_jit(loss: Loss) -> Run:
    """JAX, compiled."""
    jax = libraries.jax()
    gradient = jax.jit(jax.grad(partial(loss, xp=jax.numpy)))
    return finding(lambda: gradient(STARTS[loss]))


TITLES = {
    rosenbrock: "the gradient of Rosenbrock's function",
    gaussian_process: f"the gradient of a Gaussian process's likelihood, {POINTS} points",
    recurrent: f"the gradient of a recurrent network of {HIDDEN} units, {STEPS} steps in a loop",
}

WORKLOADS = [
    Workload(
        name=f"example_{loss.__name__}",
        title=title,
        contestants={
            "autograd": partial(autograd_functional, loss),
            "micrograd_np grad": partial(ours, loss),
            "micrograd_np jit(grad)": partial(ours_jit, loss),
            "jax.jit(grad)": partial(jax_jit, loss),
        },
        unit="us",
        check_steps=1,
    )
    for loss, title in TITLES.items()
]

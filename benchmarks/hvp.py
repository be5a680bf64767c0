"""A Hessian-vector product of a small network 2-32-1 on a batch of 16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import libraries
from .measure import Run, Workload

BATCH, INPUTS, HIDDEN = 16, 2, 32
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(BATCH, INPUTS)), rng.normal(size=BATCH)
SHAPES = [(INPUTS, HIDDEN), (HIDDEN,), (HIDDEN,), (1,)]
PRIMALS = tuple(rng.normal(size=shape) for shape in SHAPES)
TANGENTS = tuple(rng.normal(size=shape) for shape in SHAPES)


def loss_of(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Mean squared error of a tanh network."""
    return np.mean((np.tanh(X @ w1 + b1) @ w2 + b2 - Y) ** 2)


def product(of: Callable[[], Any]) -> Run:
    """A contestant whose step is that product, as four arrays."""
    found: Any = ()

    def step() -> None:
        nonlocal found
        found = of()

    return Run(step, lambda: [np.asarray(array) for array in found])


def by_hand() -> Run:
    """The directional derivative of backpropagation (Pearlmutter 1994)."""
    w1, b1, w2, b2 = PRIMALS
    v1, c1, v2, c2 = TANGENTS

    def of() -> Any:
        h = np.tanh(X.dot(w1) + b1)
        s = 1 - h * h
        r = (h.dot(w2) + b2 - Y) * (2 / BATCH)
        dh = s * (X.dot(v1) + c1)
        dr = (dh.dot(w2) + h.dot(v2) + c2) * (2 / BATCH)
        rows, d_rows = r[:, None], dr[:, None]
        dz = (d_rows * w2 + rows * v2) * s - rows * w2 * (2 * h * dh)
        return X.T.dot(dz), dz.sum(0), r.dot(dh) + dr.dot(h), dr.sum(keepdims=True)

    return product(of)


def ours() -> Run:
    """Forward over reverse or reverse over reverse, as the library sees fit."""
    from micrograd_np import hvp

    return product(lambda: hvp(loss_of, PRIMALS, TANGENTS))


def ours_jit() -> Run:
    """The same, compiled."""
    from micrograd_np import hvp, jit

    of = jit(lambda primals, tangents: hvp(loss_of, primals, tangents))
    return product(lambda: of(PRIMALS, TANGENTS))


def torch_eager() -> Run:
    """PyTorch: backward through backward."""
    torch = libraries.torch()
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    primals = w1, b1, w2, b2 = [torch.tensor(p, requires_grad=True) for p in PRIMALS]
    tangents = [torch.from_numpy(v) for v in TANGENTS]

    def of() -> Any:
        loss = torch.mean((torch.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2)
        grads = torch.autograd.grad(loss, primals, create_graph=True)
        return torch.autograd.grad(grads, primals, tangents)

    return product(of)


def autograd_functional() -> Run:
    """HIPS autograd: the gradient of the gradient's product with v."""
    import autograd
    import autograd.numpy as anp

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2 = parameters
        return anp.mean((anp.dot(anp.tanh(anp.dot(X, w1) + b1), w2) + b2 - Y) ** 2)

    def directional(parameters: Any) -> Any:
        pairs = zip(autograd.grad(loss)(parameters), TANGENTS, strict=True)
        return sum(anp.sum(g * v) for g, v in pairs)

    of = autograd.grad(directional)
    return product(lambda: of(PRIMALS))


def jax_jit() -> Run:
    """JAX: forward over reverse, compiled."""
    jax = libraries.jax()

    def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        return jax.numpy.mean((jax.numpy.tanh(X @ w1 + b1) @ w2 + b2 - Y) ** 2)

    @jax.jit
    def of(primals: Any, tangents: Any) -> Any:
        return jax.jvp(jax.grad(loss, argnums=(0, 1, 2, 3)), primals, tangents)[1]

    return product(lambda: of(PRIMALS, TANGENTS))


WORKLOADS = [
    Workload(
        name="hvp",
        title=f"Hessian-vector product, network {INPUTS}-{HIDDEN}-1, batch {BATCH}",
        contestants={
            "numpy by hand": by_hand,
            "micrograd_np hvp": ours,
            "micrograd_np jit": ours_jit,
            "torch eager": torch_eager,
            "autograd": autograd_functional,
            "jax.jit": jax_jit,
        },
        unit="us",
        check_steps=1,
    )
]

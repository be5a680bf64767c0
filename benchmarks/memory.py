"""Peak memory of a deep network's gradient, beside the sum of the activations it must keep.

Each contestant runs in a process of its own: what one library has freed is not another's gain.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from . import libraries
from .measure import Budget, Result, Run, Workload

LAYERS, WIDTH, BATCH = 64, 128, 8192
MIB = 2**20
Sizes = tuple[int, int]


def parameters(layers: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """W (128, 128) and b (128,) of each layer, float32."""
    rng = np.random.default_rng(0)
    scale = np.float32(WIDTH**-0.5)
    shape = WIDTH, WIDTH
    return [
        (rng.standard_normal(shape, np.float32) * scale, np.zeros(WIDTH, np.float32))
        for _ in range(layers)
    ]


def points(batch: int) -> np.ndarray:
    """The input, (batch, 128), float32."""
    return np.random.default_rng(1).standard_normal((batch, WIDTH), np.float32)


def loss_of(layers: Any, x: Any) -> Any:
    """Mean square of the last layer of a relu network."""
    from micrograd_np.nn import relu

    h = x
    for w, b in layers:
        h = relu(h @ w + b)
    return np.mean(h**2)


def by_hand(sizes: Sizes) -> Run:
    """Keep each layer's output, and nothing else."""
    layers, x = parameters(sizes[0]), points(sizes[1])
    grads: list[np.ndarray] = []

    def step() -> None:
        hs = [x]
        for w, b in layers:
            hs.append(np.maximum(hs[-1].dot(w) + b, 0))
        grads.clear()
        g = hs[-1] * np.float32(2 / hs[-1].size)
        for w, _ in reversed(layers):
            h = hs.pop()
            g *= h > 0
            grads[:0] = hs[-1].T.dot(g), g.sum(0)
            g = g.dot(w.T)

    return Run(step, lambda: grads)


def functional(value_and_grad: Any, sizes: Sizes, asarray: Any = np.asarray) -> Run:
    """The gradients as a result."""
    layers = [(asarray(w), asarray(b)) for w, b in parameters(sizes[0])]
    x = asarray(points(sizes[1]))
    grads: Any = []

    def step() -> None:
        nonlocal grads
        _, grads = value_and_grad(layers, x)

    return Run(step, lambda: [np.asarray(g) for pair in grads for g in pair])


def ours_value_and_grad(sizes: Sizes) -> Run:
    """Arrays and a transform."""
    from micrograd_np import value_and_grad

    return functional(value_and_grad(loss_of), sizes)


def tensors(tensor: Any, relu: Any, sizes: Sizes) -> Run:
    """The gradients in `.grad` of each parameter."""
    layers = [(tensor(w), tensor(b)) for w, b in parameters(sizes[0])]
    x = points(sizes[1])

    def step() -> None:
        h = x
        for w, b in layers:
            h = relu(h @ w + b)
        (h**2).mean().backward()

    return Run(step, lambda: [np.asarray(p.grad) for pair in layers for p in pair])


def ours_backward(sizes: Sizes) -> Run:
    """Tensors and `.backward()`: the graph stays as long as its loss."""
    import micrograd_np as mg

    return tensors(partial(mg.Tensor, requires_grad=True), mg.nn.relu, sizes)


def torch_eager(sizes: Sizes) -> Run:
    """PyTorch, eager."""
    torch = libraries.torch()
    layers = [[torch.tensor(p, requires_grad=True) for p in pair] for pair in parameters(sizes[0])]
    x = torch.from_numpy(points(sizes[1]))

    def step() -> None:
        h = x
        for w, b in layers:
            h = torch.relu(h @ w + b)
        (h**2).mean().backward()

    return Run(step, lambda: [p.grad.numpy() for pair in layers for p in pair])


def mygrad_eager(sizes: Sizes) -> Run:
    """MyGrad."""
    import mygrad
    from mygrad.nnet.activations import relu

    return tensors(mygrad.tensor, relu, sizes)


def autograd_functional(sizes: Sizes) -> Run:
    """HIPS autograd."""
    import autograd
    import autograd.numpy as anp

    def loss(layers: Any, x: Any) -> Any:
        h = x
        for w, b in layers:
            h = anp.maximum(anp.dot(h, w) + b, 0)
        return anp.mean(h**2)

    return functional(autograd.value_and_grad(loss), sizes)


def jax_jit(sizes: Sizes) -> Run:
    """JAX, compiled."""
    jax = libraries.jax()

    def loss(layers: Any, x: Any) -> Any:
        h = x
        for w, b in layers:
            h = jax.nn.relu(h @ w + b)
        return jax.numpy.mean(h**2)

    return functional(jax.jit(jax.value_and_grad(loss)), sizes, jax.numpy.asarray)


ACTIVATIONS = "sum of the activations"
OURS = "micrograd_np value_and_grad"
CONTESTANTS = {
    "numpy by hand": by_hand,
    OURS: ours_value_and_grad,
    "micrograd_np .backward()": ours_backward,
    "torch eager": torch_eager,
    "mygrad": mygrad_eager,
    "autograd": autograd_functional,
    "jax.jit": jax_jit,
}


def take(workload: Workload, _seconds: float) -> Result:
    """One sample of each contestant, in MiB, from a process of its own."""
    result = Result({ACTIVATIONS: [LAYERS * BATCH * WIDTH * 4 / MIB]})
    for name in workload.contestants:
        command = [sys.executable, "-m", __name__, name]
        root = Path(__file__).parents[1]
        done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
        if done.returncode == 0:
            result.samples[name] = [float(done.stdout)]
        else:
            result.skipped[name] = done.stderr.strip().rpartition("\n")[2].partition(" (")[0]
    return result


def peak_of_one_step(name: str) -> float:
    """MiB that one step adds at its peak to what the process held before it."""
    warm_up = CONTESTANTS[name]((2, 16))
    warm_up.step()
    run = CONTESTANTS[name]((LAYERS, BATCH))
    before = status("VmRSS")
    run.step()
    return (status("VmHWM") - before) / 1024


def status(key: str) -> int:
    """A line of Linux's own account of this process, in KiB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.partition(f"{key}:")[2].split()[0])


WORKLOADS = [
    Workload(
        name="memory",
        title=f"peak of the gradient of {LAYERS} layers of {WIDTH}, batch {BATCH}, float32",
        contestants={name: partial(make, (4, 64)) for name, make in CONTESTANTS.items()},
        budgets=[Budget(OURS, ACTIVATIONS, 1.15, 1.06)],
        unit="MiB",
        tolerance=1e-4,
        check_steps=1,
        take=take,
    )
]

if __name__ == "__main__":
    sys.stdout.write(f"{peak_of_one_step(sys.argv[1])}\n")

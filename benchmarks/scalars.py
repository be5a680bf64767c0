"""A network 2-8-8-1 of single numbers: micrograd's own ground, one Tensor a number."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .measure import Budget, Run, Workload

SIZES = (2, 8, 8, 1)
POINT, TARGET = (0.7, -0.3), 0.5


def initial() -> list[list[list[float]]]:
    """For each layer, for each neuron: its weights, then its bias."""
    rng = np.random.default_rng(4)
    return [[rng.uniform(-1, 1, m + 1).tolist() for _ in range(n)] for m, n in pairwise(SIZES)]


def loss_of(layers: Any, relu: Any) -> Any:
    """The squared error at one point, number by number."""
    values: Any = POINT
    for depth, layer in enumerate(layers):
        outs = [sum((w * x for w, x in zip(ws, values, strict=True)), b) for *ws, b in layer]
        values = outs if depth == len(layers) - 1 else [relu(out) for out in outs]
    return (values[0] - TARGET) ** 2


def trained(number: Any, relu: Any) -> Run:
    """A contestant whose step runs the network and its backpropagation."""
    layers = [[[number(p) for p in neuron] for neuron in layer] for layer in initial()]
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> None:
        for p in parameters:
            p.grad = None
        loss_of(layers, relu).backward()

    return Run(step, lambda: [np.array([float(p.grad) for p in parameters])])


def ours() -> Run:
    """A Tensor for each number."""
    import micrograd_np as mg

    return trained(lambda p: mg.Tensor(p, requires_grad=True), mg.nn.relu)


def micrograd_values() -> Run:
    """micrograd's Value for each number; its gradients begin at 0, not at None."""
    from micrograd.engine import Value

    layers = [[[Value(p) for p in neuron] for neuron in layer] for layer in initial()]
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> None:
        for p in parameters:
            p.grad = 0
        loss_of(layers, Value.relu).backward()

    return Run(step, lambda: [np.array([float(p.grad) for p in parameters])])


def torch_scalars() -> Run:
    """A PyTorch tensor for each number."""
    import torch

    return trained(lambda p: torch.tensor(p, dtype=torch.float64, requires_grad=True), torch.relu)


WORKLOADS = [
    Workload(
        name="scalars",
        title="a network 2-8-8-1 of single numbers, forward and backward",
        contestants={
            "micrograd": micrograd_values,
            "micrograd_np": ours,
            "torch eager": torch_scalars,
        },
        budgets=[Budget("micrograd_np", "micrograd", 0.6, 0.45)],
        unit="us",
        check_steps=1,
    )
]

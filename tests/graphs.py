"""Graphs of the lab, for the tests of what is shown of them."""

from __future__ import annotations

import numpy as np

from micrograd_np import Tensor, named


def variable(value, **options):
    return Tensor(value, requires_grad=True, **options)


@named
def affine(x, w, b):
    return w * x + b


@named
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def network(show, x=1.0):
    """Return what ``show`` makes of the lab's network of two neurons."""
    x, y = variable(x), variable(np.exp(-1.0))
    w_1, w_2, b_1, b_2 = variable(1.0), variable(-1.0), variable(1.0), variable(1.0)
    v_1, v_2, c = variable(1.0), variable(-1.0), variable(1.0)
    with named("neuron 1"):
        z_1 = affine(x, w_1, b_1)
        h_1 = sigmoid(z_1)
    with named("neuron 2"):
        z_2 = affine(x, w_2, b_2)
        h_2 = sigmoid(z_2)
    with named("output"):
        z_3 = v_1 * h_1 + v_2 * h_2 + c
    with named("loss"):
        L = (z_3 - y) ** 2
    names = {"x": x, "y": y, "w_1": w_1, "w_2": w_2, "b_1": b_1, "b_2": b_2}
    names |= {"v_1": v_1, "v_2": v_2, "c": c, "z_1": z_1, "z_2": z_2, "h_1": h_1, "h_2": h_2}
    return show(L, names=names | {"z_3": z_3, "L": L})


def layers(show, count=8, width=5):
    """Return what ``show`` makes of a network of two layers on a batch."""
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(count, 3)), random.normal(size=(count, 1))
    W_1, b_1 = variable(random.normal(size=(3, width))), variable(np.zeros(width))
    W_2, b_2 = variable(random.normal(size=(width, 1))), variable(np.zeros(1))
    with named("hidden"):
        Z = X @ W_1 + b_1
        A = np.tanh(Z)
    with named("output"):
        out = A @ W_2 + b_2
    loss = np.mean((out - Y) ** 2)
    names = {"X": X, "Y": Y, "W_1": W_1, "b_1": b_1, "W_2": W_2, "b_2": b_2}
    return show(loss, names=names | {"Z": Z, "A": A, "out": out, "loss": loss})

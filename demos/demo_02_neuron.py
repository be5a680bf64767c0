"""
One neuron is a step
====================

The target is a bell, ``exp(-x * x)``. However we choose its weight and bias, one neuron only
switches on or off somewhere: it can match one flank of the bell, never both. Two pictures show what
the library remembers of such a neuron, without and with a loss at its end.
"""

import numpy as np
from _common import BLUE, GREEN, ORANGE, TARGET, save, subplots

import micrograd_np as mg


def sigmoid(z):
    return 1 / (1 + np.e ** (-z))


def affine(x, w, b):
    return w * x + b


def gaussian(x):
    return np.exp(-x * x)


def main():
    X = np.linspace(-5, 5, 500)
    slope = mg.elementwise_grad(gaussian)(X)
    error = np.max(np.abs(slope - -2 * X * gaussian(X)))
    print(f"slope of the bell: autograd and -2x exp(-x²) differ by {error:.0e} at most")

    figure, axes = subplots(1, 2, figsize=(10.5, 4), sharey=True)
    choices = [[(-4.5, 4.0), (-2.5, 1.0)], [(-5.0, 0.0), (0.1, -1.0), (5.0, 1.0)]]
    for ax, chosen, title in zip(axes, choices, ("Two attempts", "A sweep"), strict=True):
        ax.plot(X, gaussian(X), **TARGET)
        for (w, b), color in zip(chosen, (BLUE, ORANGE, GREEN), strict=False):
            ax.plot(X, sigmoid(affine(X, w, b)), color=color, label=f"$w={w:g}$, $b={b:g}$")
        ax.set(title=title, xlabel="$x$", ylim=(-0.04, 1.42))
        ax.legend(loc="upper right", ncols=2, fontsize=10.5)
    save(figure, "lab_neurons")

    # The graph of one neuron at one point, then with the loss against the bell.
    x, y = 0.5, gaussian(0.5)
    w = mg.Tensor(-2.5, requires_grad=True, name="w")
    b = mg.Tensor(1.0, requires_grad=True, name="b")
    z = affine(x, w, b)
    h = sigmoid(z)
    save(mg.draw(h, theme="auto"), "perceptron")

    loss = np.mean((h - y) ** 2)
    loss.backward()
    save(mg.draw(loss, theme="auto"), "neuron")
    print(f"at x = 0.5: loss {loss.item():.5f}, dL/dw {w.grad:.5f}, dL/db {b.grad:.5f}")
    return {"error": error, "loss": loss.item(), "dL_dw": float(w.grad)}


if __name__ == "__main__":
    main()

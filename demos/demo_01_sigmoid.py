"""
Where a neuron fires
====================

A neuron computes ``sigmoid(w * x + b)``. Its output is one half at ``x = -b / w``, and there its
slope is ``w / 4``: the bias moves the step, the weight makes it steep. The first fact is a
division. The second we ask the library for, with the functions as anyone would write them in NumPy.
"""

import numpy as np
from _common import BLUE, GREY, ORANGE, PURPLE, save, subplots

import micrograd_np as mg


def sigmoid(z):
    return 1 / (1 + np.e ** (-z))


def affine(x, w, b):
    return w * x + b


def main():
    # Two activations and, thin, their slopes. Everything here is a Tensor, matplotlib included.
    x = mg.Tensor(np.linspace(-5, 5, 500), name="x")
    figure, axes = subplots(1, 2, figsize=(9, 3.6))
    for ax, activation, name, color in zip(
        axes, (sigmoid, np.tanh), ("sigmoid", "tanh"), (BLUE, ORANGE), strict=True
    ):
        ax.plot(x, activation(x), color=color, label="value")
        ax.plot(x, mg.elementwise_grad(activation)(x), color=color, lw=1.2, ls="--", label="slope")
        ax.set(title=name, xlabel="$x$", ylim=(-1.1, 1.1))
        ax.legend(loc="lower right")
    save(figure, "sigmoid")

    # Where it fires, and how steeply.
    figure, ax = subplots()
    worst = 0.0
    print("      w      b   fires at   value there   slope there      w/4")
    for (w, b), color in zip(
        [(1.0, 1.0), (3.0, 0.0), (-8.0, 16.0)], (BLUE, ORANGE, PURPLE), strict=True
    ):
        at = -b / w + 0.0  # not -0.0
        value, slope = mg.value_and_grad(lambda x: sigmoid(affine(x, w, b)))(at)  # noqa: B023
        print(f"{w:7.1f}{b:7.1f}{at:11.3f}{value:14.3f}{slope:14.3f}{w / 4:9.3f}")
        worst = max(worst, abs(value - 0.5), abs(slope - w / 4))
        ax.plot(x, sigmoid(affine(x, w, b)), color=color, label=f"$w={w:g}$, $b={b:g}$")
        near = np.array([-1.5, 1.5]) / abs(w)
        ax.plot(at + near, 0.5 + slope * near, color=GREY, lw=1.2)
        ax.plot(at, 0.5, "o", color=color, markeredgecolor="white", markersize=9)
    ax.set(title="A neuron fires at $-b/w$, with slope $w/4$", xlabel="$x$", ylabel="output")
    ax.legend(loc="center right")
    save(figure, "firing")
    return {"worst": worst}


if __name__ == "__main__":
    main()

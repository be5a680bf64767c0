"""
The derivation, printed
=======================

Four formulas for the network and two for the classifier: the lab derives them by hand. Here they
are derived from the code of the loss, printed in the lab's own form, run, and typeset.
"""

import numpy as np
from _common import BLUE, GREY, save, subplots

import micrograd_np as mg


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mse(x, y, w_1, b_1, w_2, b_2):
    z_1_2 = w_1 * x + b_1
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return np.mean((z_3 - y) ** 2)


def cross_entropy(x, y, w_1, b_1):
    z_1 = x @ w_1 + b_1
    h_1 = sigmoid(z_1)
    return -np.sum(y * np.log(h_1) + (1 - y) * np.log(1 - h_1))


def main():
    w_1, b_1 = np.array([1.0, -1.0]), np.array([1.0, 1.0])
    w_2, b_2 = np.array([1.0, -1.0]), np.array([1.0])
    point = 1.0, np.exp(-1.0), w_1, b_1, w_2, b_2
    network = mg.explain(mse, *point, wrt=("w_1", "w_2", "b_1", "b_2"))
    print(network, "\n")

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 2)), (rng.random(10) < 0.5).astype(float)
    classifier = mg.explain(cross_entropy, x, y, np.ones(2), np.float64(1.0), wrt=("w_1", "b_1"))
    print(classifier)

    # The printed source is a program: it needs NumPy alone, and gives what autograd gives.
    namespace = {}
    exec(network.source(), namespace)
    printed = namespace["backprop"](**network.point)
    derived = mg.grad(mse, argnums=("w_1", "w_2", "b_1", "b_2"))(*point)
    apart = max(np.max(np.abs(a - b)) for a, b in zip(printed, derived, strict=True))
    print(f"\nthe printed source and autograd differ by at most {apart:.1e}")
    typeset({"The network": network, "The classifier": classifier})
    return {"network": network.formulas, "classifier": classifier.formulas, "apart": apart}


def typeset(explanations):
    """Show the LaTeX of formulas, as matplotlib sets it."""
    figure, axes = subplots(1, len(explanations), figsize=(10.5, 4.2))
    for ax, (title, explanation) in zip(axes, explanations.items(), strict=True):
        lines = explanation.latex.replace("&", "").replace(r" \\", "").splitlines()[1:-1]
        for i, small in enumerate(lines):
            line = small.replace(r"\frac", r"\dfrac", 1)
            color = BLUE if line.startswith(r"\dfrac") else GREY
            ax.text(0, 0.92 - i / 7, f"${line}$", fontsize=13, color=color)
        ax.set(title=title)
        ax.set_axis_off()
    save(figure, "formulas")


if __name__ == "__main__":
    main()

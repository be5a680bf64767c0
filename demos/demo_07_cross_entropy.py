"""
The gradient of the cross-entropy
=================================

For a neuron that answers with a probability, the long derivation of the loss collapses to one
difference: ``dL/dw = (h - y) @ X``. We check it on ten points, for the loss written out and for
the fused one of ``mg.nn``, which keeps its digits where the written one runs out of them.
"""

import numpy as np
from _common import BLUE, GREEN, ORANGE, save, subplots
from sklearn.datasets import make_blobs

import micrograd_np as mg


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cross_entropy(X, y, w_1, b_1):
    h_1 = sigmoid(X @ w_1 + b_1)
    return -np.sum(y * np.log(h_1) + (1 - y) * np.log(1 - h_1))


def fused(X, y, w_1, b_1):
    return np.sum(mg.nn.bce_with_logits(X @ w_1 + b_1, y))


def dL_dw1(X, y, w_1, b_1):  # noqa: N802 (as the formula is written)
    return (sigmoid(X @ w_1 + b_1) - y) @ X


def dL_db1(X, y, w_1, b_1):  # noqa: N802 (the same)
    return np.array([np.sum(sigmoid(X @ w_1 + b_1) - y)])


def main():
    # A trap first: whole numbers cannot move by a small step, so they have no gradient.
    try:
        mg.Tensor(np.array([1, 1]), requires_grad=True)
    except mg.errors.DtypeError as error:
        trap = str(error)
        print(f"integer weights: {trap}")

    X, labels = make_blobs(n_samples=10, centers=2, n_features=2, random_state=0)
    at = X, labels.astype(float), np.array([1.0, 1.0]), np.array([1.0])
    for loss in (cross_entropy, fused):
        mg.testing.check_gradient(loss, {"w_1": dL_dw1, "b_1": dL_db1}, *at)
        print(f"{loss.__name__}: (h - y) @ X and sum(h - y) agree with autograd")

    # One point of the other cloud, further and further on the wrong side of the line.
    z = np.linspace(0, 60, 500)
    with np.errstate(divide="ignore"):
        written = -np.log(1 - sigmoid(z))  # 1 - h is 0 from z = 37 on, and the loss infinite
    kept, slope = mg.nn.bce_with_logits(z, np.zeros(500)), mg.elementwise_grad(mg.nn.softplus)(z)
    figure, ax = subplots()
    ax.plot(z, kept, color=BLUE, lw=5, alpha=0.45, label="fused")
    ax.plot(z, written, color=ORANGE, label="written out: ends at $z = 37$")
    ax.plot(z, 10 * slope, color=GREEN, lw=1.6, label="10 × its slope, $h - y$")
    ax.set(title="The price of a confident mistake", xlabel="$z$, while $y = 0$", ylabel="loss")
    ax.legend(loc="upper left")
    save(figure, "cross_entropy")
    return {"trap": trap, "written": written[-1], "fused": kept[-1]}


if __name__ == "__main__":
    main()

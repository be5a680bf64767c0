"""
Two neurons make a bump
=======================

A step up and a step down, added, make a bump. We write the network twice, neuron by neuron and with
vectors, and find the same numbers and the same gradients.
"""

import numpy as np
from _common import BLUE, GREEN, ORANGE, PURPLE, SKY, TARGET, save, subplots

import micrograd_np as mg


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def neuron(x, w, b):
    return sigmoid(w * x + b)


def gaussian(x):
    return np.exp(-x * x)


def by_neurons(x, w, b, v, c):
    h_1 = neuron(x, w[0], b[0])
    h_2 = neuron(x, w[1], b[1])
    return v[0] * h_1 + v[1] * h_2 + c


def by_vectors(x, w, b, v, c):
    h = sigmoid(np.multiply.outer(x, w) + b)
    return h @ v + c


def plot_bumps(X, w, b):
    figure, axes = subplots(1, 2, figsize=(10.5, 4), sharey=True)
    for ax in axes:
        ax.plot(X, gaussian(X), **TARGET)
        ax.set(xlabel="$x$")
    axes[0].plot(X, neuron(X, w[0], b[0]), color=BLUE, label="$h_1$, a step up")
    axes[0].plot(X, neuron(X, w[1], b[1]), color=ORANGE, label="$h_2$, a step down")
    axes[0].set(title="Two steps", ylim=(-1.6, 3.2))
    up, down = np.ones(2), np.full(2, -1.5)
    axes[1].plot(X, by_vectors(X, w, b, up, 0.0), color=GREEN, label="$h_1 + h_2$")
    axes[1].plot(X, by_vectors(X, w, b, up, -1.0), color=SKY, label="$h_1 + h_2 - 1$")
    axes[1].plot(X, by_vectors(X, w, b, down, 1.5), color=PURPLE, label="$1.5 - 1.5\\,(h_1 + h_2)$")
    axes[1].set(title="Weighted sums of them")
    for ax in axes:
        ax.legend(loc="upper right", fontsize=10.5)
    save(figure, "lab_bump")


def main():
    X = np.linspace(-5, 5, 500)
    w, b = np.array([3.5, -3.5]), np.array([3.5, 3.5])
    plot_bumps(X, w, b)

    # Scalars or vectors: the same function, and the same gradient.
    def loss(network, w, b, v, c):
        return np.mean((network(X, w, b, v, c) - gaussian(X)) ** 2)

    parameters = w, b, np.full(2, -1.5), 1.5
    gradient = mg.value_and_grad(loss, argnums=("w", "b", "v", "c"))
    (one, ones), (other, others) = (gradient(f, *parameters) for f in (by_neurons, by_vectors))
    apart = max(np.max(np.abs(p - q)) for p, q in zip(ones, others, strict=True))
    print(f"loss by neurons {one:.6f}, by vectors {other:.6f}; gradients differ by {apart:.0e}")

    # The graph, at one point.
    x, y = mg.Tensor(1.0, name="x"), mg.Tensor(gaussian(1.0), name="y")
    w_1, b_1, w_2, b_2, v_1, v_2, c = (
        mg.Tensor(p, requires_grad=True) for p in (1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0)
    )
    with mg.named("neuron 1"):
        z_1 = w_1 * x + b_1
        h_1 = sigmoid(z_1)
    with mg.named("neuron 2"):
        z_2 = w_2 * x + b_2
        h_2 = sigmoid(z_2)
    z_3 = v_1 * h_1 + v_2 * h_2 + c
    L = (z_3 - y) ** 2
    L.backward()
    save(mg.draw(L, theme="auto"), "network")
    save(mg.draw(L, theme="auto", detail="ops"), "network_ops")
    save(mg.draw(L, theme="auto", backward=True), "network_backward")
    save(mg.step(L), "network")  # a page for the browser
    return {"neurons": one, "vectors": other, "apart": apart, "L": L.item()}


if __name__ == "__main__":
    main()

"""
Pictures of larger networks
===========================

A multilayer perceptron, a recurrent network and a head of attention, drawn as plain functions: each
inner function becomes a box, layers that are alike become one, and the gradients are there too.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from _common import save

import micrograd_np as mg

rng = np.random.default_rng(0)


def weights(*shape):
    return rng.normal(size=shape) / np.sqrt(shape[0])


@dataclass
class Layer:
    """x @ W + b, where that is positive."""

    W: np.ndarray
    b: np.ndarray

    def __call__(self, x):
        """Return what the layer says of x."""
        return mg.nn.relu(x @ self.W + self.b)


@dataclass
class Perceptron:
    """Layers one after the other, and the loss of what the last one says."""

    layers: list[Layer]
    head: Layer

    def __call__(self, X, Y):
        """Return the loss."""
        h = X
        for layer in self.layers:
            h = layer(h)
        return mg.nn.mse(self.head(h), Y)


def perceptron():
    """784 pixels in, a hidden layer, eight layers alike, ten numbers out."""
    sizes = [784, *[64] * 9]
    layers = [Layer(weights(m, n), np.zeros(n)) for m, n in pairwise(sizes)]
    return Perceptron(layers, Layer(weights(64, 10), np.zeros(10)))


def recurrent(X, y, W, U, b, v):
    """Read a sequence step by step, and say one number at its end."""

    def step(x, h):
        return np.tanh(x @ W + h @ U + b)

    def readout(h):
        return h @ v

    h = np.zeros(len(b))
    for x in X:
        h = step(x, h)
    return (readout(h) - y) ** 2


def attention(x, W_q, W_k, W_v):
    """One head: each row of x looks at all rows."""
    Q, K, V = x @ W_q, x @ W_k, x @ W_v
    A = mg.nn.softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return np.mean((A @ V) ** 2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def neuron(x, w, b):
    z = w * x + b
    return sigmoid(z)


def loss(x, y, w, b, v, c):
    h_1 = neuron(x, w[0], b[0])
    h_2 = neuron(x, w[1], b[1])
    out = v[0] * h_1 + v[1] * h_2 + c
    return (out - y) ** 2


def main():
    point = 1.0, np.exp(-1.0), [1.0, -1.0], [1.0, 1.0], [1.0, -1.0], 1.0
    save(mg.draw(loss, *point, theme="auto"), "pictures_function")

    X, Y = rng.normal(size=(32, 784)), rng.normal(size=(32, 10))
    deep = mg.draw(perceptron(), X, Y, detail="modules", theme="auto")
    save(deep, "pictures_mlp")
    print(deep.text(), end="\n\n")

    sequence = rng.normal(size=(12, 4)), 0.5
    rnn = *sequence, weights(4, 8), weights(8, 8), np.zeros(8), weights(8)
    save(mg.draw(recurrent, *rnn, theme="auto"), "pictures_rnn")
    unrolled = mg.draw(recurrent, sequence[0][:3], *rnn[1:], theme="auto")
    save(unrolled, "pictures_rnn_unrolled")

    head = rng.normal(size=(6, 16)), weights(16, 4), weights(16, 4), weights(16, 4)
    named = mg.draw(attention, *head, theme="auto")
    save(named, "pictures_attention")
    print(named.text())
    save(mg.draw(attention, *head, backward=True, theme="auto"), "pictures_attention_backward")
    return {"modules": len(deep.text().splitlines()), "cards": len(named.text().splitlines())}


if __name__ == "__main__":
    main()

"""
Two neurons learn the bell
==========================

Stochastic gradient descent: 50,000 small steps, each on one random point of the curve. The line
that moves a parameter is the one you would write for an array, ``w -= lr * w.grad``, and stands
inside ``no_grad()``.
"""

import numpy as np
from _common import BLUE, GREEN, ORANGE, TARGET, progress, save, steps, subplots

import micrograd_np as mg

LEARNING_RATE = 0.01


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gaussian(x):
    return np.exp(-x * x)


def network(x, w_1, b_1, w_2, b_2):
    return sigmoid(w_1 * x + b_1) @ w_2 + b_2


def main(seed=1):
    X = np.linspace(-5, 5, 500)
    start = [1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [1.0]
    parameters = [
        mg.Tensor(p, requires_grad=True, name=name)
        for p, name in zip(start, ("w_1", "b_1", "w_2", "b_2"), strict=True)
    ]

    @mg.no_grad()
    def error():
        return np.mean((network(X[:, None], *parameters) - gaussian(X)) ** 2).item()

    count = steps(50_000, short=20_000)
    errors, before = [], error()
    for i, x in enumerate(progress(np.random.default_rng(seed).choice(X, count), "fit")):
        if i % 100 == 0:
            errors.append(error())
        loss = np.mean((network(x, *parameters) - gaussian(x)) ** 2)
        loss.backward()
        with mg.no_grad():
            for p in parameters:
                p -= LEARNING_RATE * p.grad
                p.zero_grad()
    after = error()
    errors.append(after)
    print(f"mean squared error over the curve: {before:.3f}, after {count:,} steps {after:.2e}")
    for p in parameters:
        print(f"  {p.name} = {np.round(p.data, 3)}")

    plot(X, parameters, errors, after)
    return {"before": before, "after": after, "steps": count}


@mg.no_grad()
def plot(X, parameters, errors, after):
    w_1, b_1, w_2, _ = parameters
    figure, (left, right) = subplots(1, 2, figsize=(10.5, 4.2), width_ratios=(3, 2))
    left.plot(X, network(X[:, None], *parameters), color=BLUE, lw=4, label="network")
    left.plot(X, gaussian(X), **TARGET | {"color": "black", "lw": 1.6})
    for k, color in ((0, ORANGE), (1, GREEN)):
        part = w_2[k] * sigmoid(w_1[k] * X + b_1[k])
        left.plot(X, part, color=color, lw=1.4, label=f"$w_{{2,{k + 1}}}\\,h_{k + 1}$")
    left.set(title="The network and its two parts", xlabel="$x$")
    left.legend(loc="upper left")
    right.semilogy(np.arange(len(errors)) / 10, errors, color=BLUE, lw=1.6)
    right.set(title=f"Error, down to {after:.1e}", xlabel="thousands of steps")
    save(figure, "lab_fit")


if __name__ == "__main__":
    main()

"""
50,000 steps before you look up
===============================

The lab's whole training as one compiled loop: `mg.scan` repeats the step, `mg.jit` traces it once,
gradient and update included, and runs it in plain Python numbers. With numba it is native.
"""

import time

import numpy as np
from _common import BLUE, TARGET, save, steps, subplots

import micrograd_np as mg

LEARNING_RATE = 0.01


def gaussian(x):
    return np.exp(-x * x)


def network(x, w_1, b_1, w_2, b_2):
    return 1 / (1 + np.exp(-(w_1 * x + b_1))) @ w_2 + b_2


def error(w_1, b_1, w_2, b_2, x):
    return np.mean((network(x, w_1, b_1, w_2, b_2) - gaussian(x)) ** 2)


def step(parameters, x):
    loss, grads = mg.value_and_grad(error, argnums=(0, 1, 2, 3))(*parameters, x)
    return [p - LEARNING_RATE * g for p, g in zip(parameters, grads, strict=True)], loss


@mg.jit
def train(parameters, xs):
    return mg.scan(step, parameters, xs)


def main(seed=1):
    X = np.linspace(-5, 5, 500)
    start = [np.array(p) for p in ([1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [1.0])]
    xs = np.random.default_rng(seed).choice(X, steps(50_000, short=20_000))
    train(start, xs[:1])  # compiles the step
    since = time.perf_counter()
    parameters, losses = train(start, xs)
    seconds = time.perf_counter() - since
    after = np.mean([error(*parameters, x) for x in X])
    print(f"{len(xs):,} steps in {seconds:.2f} s; mean squared error over the curve {after:.2e}")

    few, eager = xs[:200], [p.copy() for p in start]
    for x in few:
        eager, _ = step(eager, x)
    compiled, _ = train(start, few)
    apart = max(np.max(np.abs(p - q)) for p, q in zip(eager, compiled, strict=True))
    print(f"after {len(few)} steps, compiled and eager parameters differ by {apart:.0e}")

    figure, (left, right) = subplots(1, 2, figsize=(10.5, 4.2))
    left.plot(X, [network(x, *parameters)[0] for x in X], color=BLUE, lw=4, label="network")
    left.plot(X, gaussian(X), **TARGET | {"color": "black", "lw": 1.6})
    left.set(title="The network", xlabel="$x$")
    left.legend()
    means = losses.reshape(-1, 500).mean(axis=1)
    right.semilogy(np.arange(len(means)) / 2, means, color=BLUE, lw=1.6)
    right.set(title="Loss, mean of 500 steps", xlabel="thousands of steps")
    save(figure, "compiled_loop")
    return {"after": after, "apart": apart, "steps": len(xs)}


if __name__ == "__main__":
    main()

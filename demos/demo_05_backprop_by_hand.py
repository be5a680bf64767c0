"""
The gradient by hand, checked
=============================

For one input, two hidden neurons and one output, the chain rule gives four formulas. We write them
down, hand them to ``check_gradient``, and take one step. Is the network closer to the target? With
a learning rate of 1 it is not: the direction is right and the step too long.
"""

import numpy as np
from _common import BLUE, GREY, ORANGE, save, subplots

import micrograd_np as mg

NAMES = ("w_1", "b_1", "w_2", "b_2")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def mse(x, y, w_1, b_1, w_2, b_2):
    z_1_2 = w_1 * x + b_1
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return np.mean((z_3 - y) ** 2)


def by_hand(x, y, w_1, b_1, w_2, b_2):
    z_1_2 = w_1 * x + b_1
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return {
        "w_1": 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x,
        "b_1": 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2),
        "w_2": 2 * (z_3 - y) * sigmoid(z_1_2),
        "b_2": 2 * (z_3 - y),
    }


def step(parameters, gradient, lr):
    return [p - lr * gradient[name] for p, name in zip(parameters, NAMES, strict=True)]


def main():
    x, y = 1.0, np.exp(-1.0)
    start = np.array([1.0, -1.0]), np.array([1.0, 1.0]), np.array([1.0, -1.0]), np.array([1.0])

    # The formulas agree with autograd; without the inner derivative they do not.
    formulas = {name: lambda *at, name=name: by_hand(*at)[name] for name in NAMES}
    mg.testing.check_gradient(mse, formulas, x, y, *start)
    print("all four formulas agree with autograd")
    wrong = {"b_1": lambda *at: by_hand(*at)["b_1"] / sigmoid_derivative(at[2] * x + at[3])}
    try:
        mg.testing.check_gradient(mse, wrong, x, y, *start)
    except mg.errors.GradientError as error:
        print(f"without sigmoid'(z):\n{error}\n")

    # One step with lr = 1, and one with lr = 0.01.
    gradient = by_hand(x, y, *start)

    def after(lr):
        return mse(x, y, *step(start, gradient, lr))

    before = after(0.0)
    print(f"loss before the step {before:.5f}")
    for lr in (1.0, 0.01):
        print(f"after it, with learning rate {lr}: {after(lr):.5f}")
    plot(before, after)

    # The graph that autograd walked, with every value and gradient.
    w_1, b_1, w_2, b_2 = (
        mg.Tensor(p, requires_grad=True, name=name) for p, name in zip(start, NAMES, strict=True)
    )
    x = mg.Tensor(x, name="x")
    z_1_2 = w_1 * x + b_1
    h_1_2 = sigmoid(z_1_2)
    z_3 = h_1_2 @ w_2 + b_2
    loss = np.mean((z_3 - y) ** 2)
    loss.backward()
    save(mg.draw(loss, theme="auto"), "lab_network")
    return {"before": before, "after": after(1.0), "small": after(0.01)}


def plot(before, after):
    rates = np.geomspace(1e-3, 1, 200)
    figure, ax = subplots()
    ax.loglog(rates, [after(lr) for lr in rates], color=BLUE)
    ax.axhline(before, color=GREY, ls="--", lw=1.4)
    ax.text(1.1e-3, before * 1.25, "loss before the step", color=GREY)
    for lr, lower, side in ((0.01, 1.2, "top"), (1.0, 1.0, "center")):
        ax.plot(lr, after(lr), "o", color=ORANGE, markersize=9, markeredgecolor="white")
        text = f"{after(lr):.3g}"
        ax.text(lr / 1.2, after(lr) / lower, text, color=ORANGE, ha="right", va=side)
    ax.set(
        title="One step along the gradient", xlabel="learning rate", ylabel="loss after the step"
    )
    save(figure, "learning_rate")


if __name__ == "__main__":
    main()

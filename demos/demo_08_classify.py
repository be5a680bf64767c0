"""
One neuron separates two clouds
===============================

A neuron with two inputs is logistic regression: its output is read as the probability that a point
belongs to the second cloud. Points come from scikit-learn, which also measures the accuracy; pandas
keeps the history and plots it. Both take the results of Tensors as they take arrays.
"""

import numpy as np
from _common import BLUE, GREY, ORANGE, progress, save, steps, subplots
from matplotlib.colors import LinearSegmentedColormap
from pandas import DataFrame
from sklearn.datasets import make_blobs
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

import micrograd_np as mg

LEARNING_RATE, BATCH = 0.01, 10


def sigmoid(z):
    return 1 / (1 + np.e ** (-z))


def cross_entropy(h_1, y):
    return -np.sum(y * np.log(h_1) + (1 - y) * np.log(1 - h_1))


def train_one_epoch(X, y, w_1, b_1, rng):
    for batch in rng.permutation(len(X)).reshape(-1, BATCH):
        h_1 = sigmoid(X[batch] @ w_1 + b_1)
        cross_entropy(h_1, y[batch]).backward()
        with mg.no_grad():
            w_1 -= LEARNING_RATE * w_1.grad
            b_1 -= LEARNING_RATE * b_1.grad
        w_1.zero_grad()
        b_1.zero_grad()


@mg.no_grad()
def scores(X, y, w_1, b_1):
    h_1 = sigmoid(X @ w_1 + b_1)  # a Tensor, and scikit-learn takes it
    return {"accuracy": accuracy_score(y, h_1 > 0.5), "log loss": log_loss(y, h_1)}


def main(seed=0):
    points, labels = make_blobs(n_samples=500, centers=2, n_features=2, random_state=0)
    X_train, X_test, y_train, y_test = train_test_split(
        points, labels, test_size=0.2, random_state=42
    )
    w_1 = mg.Tensor([1.0, 1.0], requires_grad=True, name="w_1")
    b_1 = mg.Tensor([1.0], requires_grad=True, name="b_1")

    history = [scores(X_test, y_test, w_1, b_1)]
    epochs, rng = steps(1_000, short=100, full=10_000), np.random.default_rng(seed)
    for _ in progress(range(epochs), "classify"):
        train_one_epoch(X_train, y_train, w_1, b_1, rng)
        history.append(scores(X_test, y_test, w_1, b_1))
    history = DataFrame(history)
    print(history.iloc[[0, -1]].round(2).to_string())
    print(f"w_1 = {np.round(w_1.data, 2)}, b_1 = {np.round(b_1.data, 2)}")

    figure, (left, right) = subplots(1, 2, figsize=(10.5, 4.4), width_ratios=(3, 2))
    plot_clouds(left, X_test, y_test, w_1, b_1)
    history.plot(ax=right, color=[BLUE, ORANGE], xlabel="epoch", logx="sym", ylim=(0, 1.05))
    left.set(title=f"Accuracy {history['accuracy'].iloc[-1]:.2f} on the test points")
    right.set(title="Epoch by epoch")
    save(figure, "lab_classifier")
    return {"untrained": history["accuracy"].iloc[0], "trained": history["accuracy"].iloc[-1]}


@mg.no_grad()
def plot_clouds(ax, X, y, w_1, b_1):
    across, up = np.meshgrid(np.linspace(-2, 5, 300), np.linspace(-3, 7, 300))
    h_1 = sigmoid(np.stack((across, up), axis=-1) @ w_1 + b_1)
    shades = LinearSegmentedColormap.from_list("clouds", (BLUE, "white", ORANGE))
    ax.pcolormesh(across, up, h_1, cmap=shades, vmin=0, vmax=1, alpha=0.3, rasterized=True)
    ax.contour(across, up, h_1, [0.5], colors=GREY, linewidths=2)
    look = {"edgecolor": "white", "linewidth": 0.6, "s": 42, "ax": ax}
    test = DataFrame({"$x_1$": X[:, 0], "$x_2$": X[:, 1], "label": y})
    for label, color, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
        cloud = test[test["label"] == label]
        cloud.plot.scatter(
            "$x_1$", "$x_2$", color=color, marker=marker, label=f"cloud {label}", **look
        )
    ax.set(xlim=(-2, 5), ylim=(-3, 7))
    ax.grid(visible=False)
    ax.legend(loc="lower right")


if __name__ == "__main__":
    main()

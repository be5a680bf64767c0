"""Wrong derivatives, one of each class of mistakes, for a checker to find.

Each is written for any library that looks like NumPy: ``f(xp, *xs)`` computes, and ``vjp(xp, g,
*xs)`` returns a cotangent for each operand. `benchmarks/checkers.py` plants them in four libraries.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

X = np.array([0.3, -1.2, 2.0])
POSITIVE = np.array([0.3, 1.2, 2.0])
MATRIX = np.array([[0.3, -1.2, 2.0], [0.7, 0.4, -0.9]])


class Planted(NamedTuple):
    """A function, a derivative that is wrong, a point at which to check, and the law it breaks."""

    f: Any
    vjp: Any
    args: tuple[Any, ...]
    law: str


def sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


def norm(xp, x):
    return xp.sqrt(xp.sum(x * x))


EVERYWHERE = {
    "a factor of 1.0005": Planted(
        lambda xp, x: xp.sin(x), lambda xp, g, x: (1.0005 * g * xp.cos(x),), (X,), "reverse value"
    ),
    "a sign": Planted(
        lambda xp, x: xp.cos(x), lambda xp, g, x: (g * xp.sin(x),), (X,), "reverse value"
    ),
    "operands swapped": Planted(
        lambda xp, x, y: x * xp.exp(y),
        lambda xp, g, x, y: (g * x * xp.exp(y), g * xp.exp(y)), (X, POSITIVE), "reverse value",
    ),
    "one row in place of the sum over a broadcast axis": Planted(
        lambda xp, x, y: x * y,
        lambda xp, g, x, y: ((g * y)[0], g * x), (X, MATRIX), "reverse value",
    ),
    "not linear in the cotangent": Planted(
        lambda xp, x: xp.sin(x), lambda xp, g, x: (g * xp.abs(g) * xp.cos(x),), (X,), "linearity"
    ),
}  # fmt: skip
AT_POINTS = {
    "nan at 0": Planted(
        lambda xp, x: xp.abs(x), lambda xp, g, x: (g * x / xp.abs(x),), (X,), "kinks"
    ),
    "0 at 0, where it is 1": Planted(
        lambda xp, x: xp.sin(x),
        lambda xp, g, x: (g * xp.where(x == 0, 0 * x, xp.cos(x)),), (X,), "kinks",
    ),
    "norm: nan at the origin": Planted(
        norm, lambda xp, g, x: (g * x / norm(xp, x),), (X,), "kinks"
    ),
    "prod: nan where one entry is 0": Planted(
        lambda xp, x: xp.prod(x), lambda xp, g, x: (g * xp.prod(x) / x,), (X,), "kinks"
    ),
    "max: every tie gets the whole": Planted(
        lambda xp, x: xp.max(x),
        lambda xp, g, x: (g * xp.where(x == xp.max(x), 1 + 0 * x, 0 * x),), (X,), "kinks",
    ),
    "maximum: a tie gets nothing": Planted(
        lambda xp, x, y: xp.maximum(x, y),
        lambda xp, g, x, y: (g * xp.where(x > y, 1 + 0 * x, 0 * x),
                             g * xp.where(x < y, 1 + 0 * x, 0 * x)),
        (X, X[::-1] + 0.1), "kinks",
    ),
    "wrong where x > 10": Planted(
        lambda xp, x: x * x, lambda xp, g, x: (g * xp.where(x > 10, x, 2 * x),), (X,), "extremes"
    ),
    "clipped to 100": Planted(
        lambda xp, x: x * x,
        lambda xp, g, x: (g * xp.where(xp.abs(x) > 50, 100 + 0 * x, 2 * x),), (X,), "extremes",
    ),
    "overflow at -1000": Planted(
        sigmoid, lambda xp, g, x: (g * xp.exp(-x) / (1 + xp.exp(-x)) ** 2,), (X,), "extremes"
    ),
    "nan from the branch not taken": Planted(
        lambda xp, x: xp.where(x > 0, xp.sqrt(xp.abs(x)), 0 * x),
        lambda xp, g, x: (g * xp.where(x > 0, 1 + 0 * x, 0 * x) / (2 * xp.sqrt(x)),),
        (POSITIVE,), "extremes",
    ),
    "an epsilon that swallows small entries": Planted(
        lambda xp, x: xp.abs(x),
        lambda xp, g, x: (g * x / xp.sqrt(x * x + 1e-12),), (X,), "extremes",
    ),
}  # fmt: skip
IN_DIGITS = {
    "expm1: out + 1": Planted(
        lambda xp, x: xp.expm1(x), lambda xp, g, x: (g * (xp.expm1(x) + 1),), (X,), "precision"
    ),
    "tanh: 1 - out ** 2": Planted(
        lambda xp, x: xp.tanh(x), lambda xp, g, x: (g * (1 - xp.tanh(x) ** 2),), (X,), "precision"
    ),
    "sigmoid: out * (1 - out)": Planted(
        lambda xp, x: xp.where(x > 0, 1 / (1 + xp.exp(-xp.abs(x))),
                               xp.exp(-xp.abs(x)) / (1 + xp.exp(-xp.abs(x)))),
        lambda xp, g, x: (g * sigmoid(xp, x) * (1 - sigmoid(xp, x)),), (X,), "precision",
    ),
}  # fmt: skip
IN_FORM = {
    "not summed over a broadcast axis": Planted(
        lambda xp, x, y: x * y, lambda xp, g, x, y: (g * y, g * x), (X, MATRIX), "form"
    ),
    "summed over an axis too many": Planted(
        lambda xp, x: 2 * x, lambda xp, g, x: (xp.sum(2 * g),), (X,), "form"
    ),
    "fails without entries": Planted(
        lambda xp, x: xp.sum(x) * 2,
        lambda xp, g, x: (g * 2 * (x - x + 1) * (x.shape[0] / x.shape[0]),), (X,), "form",
    ),
}  # fmt: skip
EVERY = EVERYWHERE | AT_POINTS | IN_DIGITS | IN_FORM

RIGHT = {
    "sin": Planted(lambda xp, x: xp.sin(x), lambda xp, g, x: (g * xp.cos(x),), (X,), ""),
    "exp": Planted(lambda xp, x: xp.exp(x), lambda xp, g, x: (g * xp.exp(x),), (X,), ""),
    "abs": Planted(
        lambda xp, x: xp.abs(x), lambda xp, g, x: (g * xp.sign(x),), (X,), ""
    ),
    "product": Planted(
        lambda xp, x, y: x * y, lambda xp, g, x, y: (g * y, g * x), (X, POSITIVE), ""
    ),
    "sum of squares": Planted(
        lambda xp, x: xp.sum(x * x), lambda xp, g, x: (g * 2 * x,), (X,), ""
    ),
    "relu": Planted(
        lambda xp, x: xp.maximum(x, 0 * x),
        lambda xp, g, x: (g * xp.where(x > 0, 1 + 0 * x, 0 * x),), (X,), "",
    ),
    "log": Planted(lambda xp, x: xp.log(x), lambda xp, g, x: (g / x,), (POSITIVE,), ""),
    "sqrt": Planted(
        lambda xp, x: xp.sqrt(x), lambda xp, g, x: (g / (2 * xp.sqrt(x)),), (POSITIVE,), ""
    ),
    "maximum": Planted(
        lambda xp, x, y: xp.maximum(x, y),
        lambda xp, g, x, y: (g * (1 + xp.sign(x - y)) / 2, g * (1 - xp.sign(x - y)) / 2),
        (X, X[::-1] + 0.1), "",
    ),
}  # fmt: skip

"""Losses, fused so that they keep their digits and refuse shapes that would broadcast. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.dispatch import primitive
from ..calls.handle import Handle
from ..calls.operands import as_values
from ..errors import DtypeError, OutOfRangeError, ShapeError, where
from ..plan import shape_of
from ..rule import elementwise, general
from .activations import exp_of_difference, log_softmax, sigmoid, softmax, softplus


def mse(prediction, target):
    """Return the mean squared error, mean((prediction - target)**2).

    Parameters
    ----------
    prediction, target : array_like or Tensor of one shape, float

    Raises
    ------
    ShapeError
        If the shapes differ: (n, 1) against (n,) would silently compare all pairs.

    Examples
    --------
    >>> mg.nn.mse(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    np.float64(2.0)
    """
    same_shape("mse", prediction, target)
    return np.mean(np.subtract(prediction, target) ** 2)


def same_shape(name, prediction, target):
    """Refuse a prediction and a target that would broadcast."""
    a, b = shape_of(prediction), shape_of(target)
    if a != b:
        raise ShapeError(
            f"{name}: prediction {a} and target {b} have different shapes{where()}"
            f"{_pairs(a, b)}. Reshape one of them."
        )


def _pairs(a, b):
    try:
        return f": they would broadcast to {np.broadcast_shapes(a, b)}"
    except ValueError:
        return ""


def check_probabilities(name, targets):
    """Refuse targets outside [0, 1], NaN included."""
    if isinstance(targets, Handle):
        return  # known only when the compiled function runs
    inside = (targets >= 0) & (targets <= 1)
    if not inside.all():
        wrong = np.flatnonzero(~inside)
        raise OutOfRangeError(
            f"{name}: targets must lie in [0, 1]: found {targets.flat[wrong[0]]} "
            f"at position {wrong[0]}{where()}. Labels of classes count from 0."
        )


@primitive
def _bce(z, y):
    return y * softplus(-z) + (1 - y) * softplus(z)


elementwise(
    _bce,
    lambda g, x, y: g * ((1 - y) * sigmoid(x) - y * sigmoid(-x)),
    lambda g, x: -g * x,
    name="bce_with_logits",
)


def bce_with_logits(logits, targets):
    """Return the binary cross-entropy of sigmoid(logits), entry by entry.

    Parameters
    ----------
    logits : array_like or Tensor, any shape, float
        Scores before the sigmoid.
    targets : array_like or Tensor of the same shape
        Labels or probabilities in [0, 1].

    Returns
    -------
    array or Tensor of that shape
        -(y log h + (1 - y) log(1 - h)) with h = sigmoid(logits); take np.sum or np.mean of it.

    Raises
    ------
    ShapeError
        If the shapes differ.
    OutOfRangeError
        If a target is outside [0, 1].

    Examples
    --------
    >>> mg.nn.bce_with_logits(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
    array([0.69314718, 0.        ])
    """
    same_shape("bce_with_logits", logits, targets)
    values = as_values(targets)
    check_probabilities("bce_with_logits", values)
    if values.dtype.kind != "f":  # labels: 0 and 1
        targets = values.astype(np.result_type(as_values(logits), 0.0))
    return _bce(logits, targets)


def checked_labels(labels, shape):
    """Return integer labels that name classes, or raise what is wrong with them."""
    labels, classes = as_values(labels), shape[-1]
    if labels.dtype.kind not in "iu":
        raise DtypeError(
            f"softmax_cross_entropy: labels must be integers (got {labels.dtype}){where()}. "
            f"Probabilities must have the shape of the logits, {shape}."
        )
    if labels.shape != shape[:-1]:
        raise ShapeError(
            f"softmax_cross_entropy: labels {labels.shape} for logits {shape}{where()}: "
            f"labels are integers of shape {shape[:-1]} or probabilities of shape {shape}."
        )
    known = not isinstance(labels, Handle)
    if known and labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = np.flatnonzero((labels < 0) | (labels >= classes))
        raise OutOfRangeError(
            f"softmax_cross_entropy: label {labels.flat[wrong[0]]} at position {wrong[0]}, but "
            f"there are {classes} classes{where()}: labels run from 0 to {classes - 1}."
        )
    return labels


def columns(logits, labels):
    """Return the rows of logits as columns, and where the label stands in each.

    NumPy reduces a few long lines much faster than many short ones.
    """
    classes = logits.shape[-1]
    hit = np.arange(classes).reshape(-1, 1) == np.reshape(labels, -1)
    return logits.reshape(-1, classes).T.copy(), hit


def rows(x):
    """Return the number of rows, at least 1."""
    return max(x.size // x.shape[-1], 1)


@primitive
def _label_cross_entropy(logits, labels):
    x, hit = columns(logits, labels)
    m = x.max(axis=0)
    rest = np.where(hit, 0, exp_of_difference(x, m)).sum(axis=0)
    score = np.where(hit, x - m, 0).sum(axis=0)
    # log(sum(exp)) - score; near 0 where the label is the largest, so its exp(0) = 1 stays apart
    return (np.log1p(rest + np.expm1(score)) - score).sum() / rows(logits)


def label_cotangent(g, x, labels):
    """Cotangent of the logits: (softmax - 1) at the label, written as minus the sum of the others.

    The difference would lose its digits where the prediction is confident and right.
    """
    z, hit = columns(x, labels)
    e = exp_of_difference(z, z.max(axis=0))
    others = np.where(hit, 0, e).sum(axis=0)
    found = np.where(hit, -others, e) * (g / rows(x) / e.sum(axis=0))
    return found.T.copy().reshape(x.shape)  # in order: BLAS multiplies those faster


general(
    _label_cross_entropy,
    label_cotangent,
    arguments=lambda logits, labels: ((logits,), {"labels": labels}),
    name="softmax_cross_entropy",
)


@primitive
def _cross_entropy(logits, target):
    return -(target * log_softmax(logits)).sum() / rows(logits)


general(
    _cross_entropy,
    lambda g, x, y: (g / rows(x)) * (softmax(x) * y.sum(axis=-1, keepdims=True) - y),
    lambda g, x: -(g / rows(x)) * log_softmax(x),
    name="softmax_cross_entropy",
)


def softmax_cross_entropy(logits, labels):
    """Return the mean cross-entropy of softmax(logits) over all rows.

    Parameters
    ----------
    logits : array_like or Tensor, shape (..., classes), float
    labels : array_like of int, shape (...), or of float, shape (..., classes)
        The class of each row, or its probabilities.

    Returns
    -------
    scalar

    Raises
    ------
    OutOfRangeError
        If a label is negative or names no class, or a probability is outside [0, 1].
    DtypeError, ShapeError
        If labels are neither integers of the rows' shape nor probabilities of the logits' shape.

    Examples
    --------
    >>> mg.nn.softmax_cross_entropy(np.array([[0.0, 0.0]]), np.array([1]))
    np.float64(0.6931471805599453)
    """
    x, y = as_values(logits), as_values(labels)
    if not x.ndim:
        raise ShapeError(f"softmax_cross_entropy: the logits have no axis of classes{where()}.")
    if y.shape != x.shape:
        return _label_cross_entropy(logits, checked_labels(y, x.shape))
    check_probabilities("softmax_cross_entropy", y)
    target = labels if isinstance(labels, Handle) else y
    return _cross_entropy(logits, target.astype(np.result_type(x.dtype, np.float16)))

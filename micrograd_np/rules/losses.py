"""Losses, fused so that they keep their digits and refuse shapes that would broadcast. Floor 6."""

from __future__ import annotations

import numpy as np

from ..dispatch import primitive, unwrap
from ..errors import DtypeError, OutOfRangeError, ShapeError, where
from ..rule import elementwise, general
from .activations import log_softmax, sigmoid, softmax, softplus


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
    return np.mean((prediction - target) ** 2)


def same_shape(name, prediction, target):
    """Refuse a prediction and a target that would broadcast."""
    a, b = np.shape(prediction), np.shape(target)
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
    wrong = np.flatnonzero(~((targets >= 0) & (targets <= 1)))
    if wrong.size:
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
    values = np.asarray(unwrap(targets))
    check_probabilities("bce_with_logits", values)
    return _bce(
        logits,
        targets if values.dtype.kind == "f" else values.astype(np.asarray(unwrap(logits)).dtype),
    )


def checked_labels(labels, shape):
    """Return integer labels that name classes, or raise what is wrong with them."""
    labels, classes = np.asarray(unwrap(labels)), shape[-1]
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
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        raise OutOfRangeError(
            f"softmax_cross_entropy: label {labels.flat[wrong[0]]} at position {wrong[0]}, but there are {classes} "
            f"classes{where()}: labels run from 0 to {classes - 1}."
        )
    return labels


def one_hot(labels, x):
    """Return the labels as rows of 0 and 1 in the dtype of x."""
    return (np.expand_dims(labels, -1) == np.arange(x.shape[-1])).astype(x.dtype)


@primitive
def _cross_entropy(logits, target):
    return -np.sum(target * log_softmax(logits)) / max(logits.size // logits.shape[-1], 1)


general(
    _cross_entropy,
    lambda g, x, target: (
        (g / max(x.size // x.shape[-1], 1))
        * (softmax(x) * np.sum(target, axis=-1, keepdims=True) - target)
    ),
    arguments=lambda logits, target: ((logits,), {"target": target}),
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
    x = unwrap(logits)
    labels = unwrap(labels)
    if np.shape(labels) == np.shape(x) and np.ndim(x):
        target = np.asarray(labels).astype(np.asarray(x).dtype)
        check_probabilities("softmax_cross_entropy", target)
    else:
        target = one_hot(checked_labels(labels, np.shape(x)), np.asarray(x))
    return _cross_entropy(logits, target)

"""The rules, in NumPy's own chapters; importing this declares them all. Floor 6."""

from . import (
    activations,
    constants,
    elementwise,
    indexing,
    joining,
    linalg,
    losses,
    products,
    reductions,
    refused,
    shapes,
)

__all__ = [
    "activations",
    "constants",
    "elementwise",
    "indexing",
    "joining",
    "linalg",
    "losses",
    "products",
    "reductions",
    "refused",
    "shapes",
]

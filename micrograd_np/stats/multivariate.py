"""Distributions of vectors: the normal and Dirichlet's. Floor 9."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from ..errors import ArgumentError, OutOfRangeError, ShapeError, where
from ..rules.scipy_linalg.equations import solve_triangular
from .operands import floats, known

LOG_2PI = math.log(2 * math.pi)


class MultivariateNormal:
    """The normal distribution of vectors of n numbers: ``logpdf``, ``pdf`` and ``entropy``.

    ``mean`` is a vector, 0 by default; ``cov`` a matrix, a vector for a diagonal one, or a number
    for a multiple of the identity. ``x`` is one vector, or an array of them in its last axis.
    """

    def __repr__(self) -> str:
        return "<a normal vector: mg.stats.multivariate_normal.logpdf(x, mean=None, cov=1)>"

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """Return the logarithm of the density at x, of shape (...) for x of shape (..., n)."""
        if allow_singular:
            raise ArgumentError(
                "multivariate_normal: allow_singular=True is not supported, for with a singular "
                f"cov the density has no derivative{where()}. Add a small multiple of np.eye(n)."
            )
        mean, x, cov = normal_operands(mean, x, cov)
        n = mean.shape[0]
        if x.ndim < 2:
            x = np.reshape(x, (-1, 1) if n == 1 else (1, -1))
        if x.shape[-1] != n:
            raise ShapeError(
                f"multivariate_normal: x has vectors of {x.shape[-1]}, mean and cov are of "
                f"{n}{where()}. The last axis of x is that of a vector."
            )
        root = square_root(cov)
        apart = np.reshape(x - mean, (-1, n))
        square = np.sum(solve_triangular(root, np.transpose(apart), lower=True) ** 2, axis=0)
        log = -np.reshape(square, x.shape[:-1]) / 2 - log_determinant(root) - n * LOG_2PI / 2
        return np.squeeze(log)[()] if type(log) is np.ndarray else np.squeeze(log)

    def pdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """Return the density at x, of shape (...) for x of shape (..., n)."""
        return np.exp(self.logpdf(x, mean, cov, allow_singular))

    def entropy(self, mean: Any = None, cov: Any = 1) -> Any:
        """Return the differential entropy, in nats."""
        mean, cov = normal_operands(mean, cov)
        return mean.shape[0] * (1 + LOG_2PI) / 2 + log_determinant(square_root(cov))


def normal_operands(mean: Any, *others: Any) -> list[Any]:
    """Return the mean as a vector and the covariance, which is last, as a matrix."""
    title = "multivariate_normal"
    if mean is None:
        *between, cov = floats(title, others)
        mean = np.zeros(cov.shape[0] if cov.ndim > 1 else 1, cov.dtype)
    else:
        mean, *between, cov = floats(title, [mean, *others])
    mean = np.reshape(mean, -1) if mean.ndim == 0 else mean
    n = mean.shape[0]
    if n == 1 and cov.size == 1:
        cov = np.reshape(cov, (1, 1))
    elif cov.ndim < 2:
        cov = np.diag(cov) if cov.ndim else cov * np.eye(n, dtype=cov.dtype)
    if mean.ndim != 1 or cov.shape != (n, n):
        raise ShapeError(
            f"multivariate_normal: mean has shape {mean.shape}, cov {cov.shape}{where()}. They "
            "are of shape (n,) and (n, n); cov may also be its diagonal, or a number."
        )
    return [mean, *between, cov]


def square_root(cov: Any) -> Any:
    """Return the Cholesky factor of a covariance; its derivative is symmetric, as cov is."""
    try:
        return np.linalg.cholesky((cov + np.transpose(cov)) / 2)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(
            f"multivariate_normal: cov of shape {cov.shape} is singular or has negative "
            f"eigenvalues{where()}. Add a small multiple of np.eye(n)."
        ) from None


def log_determinant(root: Any) -> Any:
    """Return half the logarithm of the determinant of a matrix with this Cholesky factor."""
    return np.sum(np.log(np.diagonal(root)))


class Dirichlet:
    """Dirichlet's distribution of n positive numbers that sum to 1: ``logpdf`` and ``pdf``.

    ``alpha`` is a vector of n positive numbers. ``x`` has these n numbers along its first axis, or
    all but the last, which is what they leave of 1.
    """

    def __repr__(self) -> str:
        return "<shares that sum to 1: mg.stats.dirichlet.logpdf(x, alpha)>"

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """Return the logarithm of the density at x, of shape (...) for x of shape (n, ...)."""
        x, alpha = floats("dirichlet", [x, alpha])
        if alpha.ndim != 1 or x.shape[:1] not in (alpha.shape, (alpha.shape[0] - 1,)):
            raise ShapeError(
                f"dirichlet: alpha has shape {alpha.shape}, x {x.shape}{where()}. They are of "
                "shape (n,) and (n, ...), or (n - 1, ...) without what is left of 1."
            )
        if x.shape[0] < alpha.shape[0]:
            x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
        column = np.reshape(alpha, (-1,) + (1,) * (x.ndim - 1))
        check_simplex(x, column)
        constant = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
        return np.sum(special.xlogy(column - 1, x), axis=0) + constant

    def pdf(self, x: Any, alpha: Any) -> Any:
        """Return the density at x, of shape (...) for x of shape (n, ...)."""
        return np.exp(self.logpdf(x, alpha))


def check_simplex(x: Any, alpha: Any) -> None:
    """Refuse, as SciPy does, what lies not in the simplex; in a trace nobody knows."""
    wrong = {
        "alpha is not positive": alpha <= 0,
        "an entry of x is not between 0 and 1": (x < 0) | (x > 1),
        "an entry of x is 0 where alpha is less than 1": (x == 0) & (alpha < 1),
        "x does not sum to 1 along its first axis": np.abs(np.sum(x, axis=0) - 1) > 1e-9,
    }
    for said, at in wrong.items():
        if known(at) and np.any(at):
            raise OutOfRangeError(f"dirichlet: {said}{where()}.")


multivariate_normal = MultivariateNormal()
dirichlet = Dirichlet()

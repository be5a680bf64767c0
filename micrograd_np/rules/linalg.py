"""Rules for linear algebra. Floor 6."""

from __future__ import annotations

import numpy as np

from ..outputs import several
from ..rule import general
from .spread import spread, unreduced


def euclidean(x, axis=None, keepdims=False):
    """Return np.linalg.norm of the entries, whose squares neither overflow nor vanish."""
    axis = int(axis) if isinstance(axis, float) else axis  # as NumPy has it
    sizes = np.abs(x)
    largest = np.max(sizes, axis=axis, keepdims=True, initial=0)
    scale = np.where((largest == 0) | np.isinf(largest), 1, largest)
    norms = scale * np.sqrt(np.sum((sizes / scale) ** 2, axis=axis, keepdims=True))
    return norms if keepdims else np.squeeze(norms, axis)


def norm_vjp(g, x, out, axis=None, keepdims=False):
    """Cotangent of x in np.linalg.norm: along x, of length 1; 0 at 0."""
    length = unreduced(np.where(out == 0, 1, out), x, axis, keepdims)
    return spread(g, x, axis, keepdims) * (np.conj(x) / length)


general(np.linalg.norm, norm_vjp, forward=euclidean)  # of the entries, however many axes


def transposed(x):
    """Return the transpose of each matrix."""
    return np.swapaxes(x, -1, -2)


def over_matrices(g):
    """Return numbers, one for each matrix, so that they broadcast against the matrices."""
    return np.expand_dims(g, (-2, -1))


several(
    np.linalg.slogdet,
    lambda g, x: over_matrices(g.logabsdet) * transposed(np.linalg.inv(x)),
    steps=(0,),
)
general(np.linalg.inv, lambda g, out: -transposed(out) @ g @ transposed(out))

"""Rules for linear algebra. Floor 6."""

from __future__ import annotations

import numpy as np

from ..outputs import several
from ..rule import general
from .spread import spread

general(
    np.linalg.norm,  # of the entries, however many axes they have; 0 at 0
    lambda g, x, out, axis=None, keepdims=False: (
        spread(g / np.where(out == 0, 1, out), x, axis, keepdims) * np.conj(x)
    ),
)


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

"""Rules for linear algebra. Floor 6."""

from __future__ import annotations

import numpy as np

from ..rule import general
from .spread import spread

general(
    np.linalg.norm,  # of the entries, however many axes they have; 0 at 0
    lambda g, x, out, axis=None, keepdims=False: (
        spread(g / np.where(out == 0, 1, out), x, axis, keepdims) * np.conj(x)
    ),
)

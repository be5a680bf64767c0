"""Functions of one matrix each on stacks of them, which old releases of SciPy lack. Floor 6."""

from __future__ import annotations

import numpy as np


def of_each(f, *stacks, **options):
    """Return a function of matrices for each in stacks of them, whose leading axes broadcast."""
    if all(x.ndim == 2 and x.size for x in stacks):
        return f(*stacks, **options)
    shape = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
    stacks = [np.broadcast_to(x, (*shape, *x.shape[-2:])) for x in stacks]
    found = [f(*(x[i] for x in stacks), **options) for i in np.ndindex(shape) if stacks[-1].size]
    if not found:  # no entries; a result has as many as the last operand
        return np.zeros(stacks[-1].shape, np.result_type(*stacks, np.float32))
    return np.reshape(np.stack(found), (*shape, *found[0].shape))

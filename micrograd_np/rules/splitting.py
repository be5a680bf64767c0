"""Rules for taking arrays apart: split and its kin. Floor 5."""

from __future__ import annotations

import itertools

import numpy as np

from ..rule import composite
from .arrays import along, fixed


def parts(ary, indices_or_sections, axis=0):
    """Body of np.array_split: slices of nearly equal length, or between the given indices."""
    sections, n = fixed(indices_or_sections), ary.shape[axis]
    if np.ndim(sections):
        ends = [0, *np.asarray(sections).tolist(), n]
    else:
        size, longer = divmod(n, int(sections))
        lengths = [0, *[size + 1] * longer, *[size] * (int(sections) - longer)]
        ends = np.cumsum(lengths).tolist()
    return [along(ary, axis, slice(a, b)) for a, b in itertools.pairwise(ends)]


def equal_parts(ary, indices_or_sections, axis=0):
    """Body of np.split: parts of the same length, or between the given indices."""
    sections = fixed(indices_or_sections)
    if not np.ndim(sections) and ary.shape[axis] % sections:
        raise ValueError("array split does not result in an equal division")  # NumPy's own words
    return parts(ary, sections, axis)


composite(np.array_split, parts)
composite(np.split, equal_parts)
composite(
    np.hsplit,
    lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0),
)
composite(np.vsplit, lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 0))
composite(np.dsplit, lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 2))
composite(np.unstack, lambda x, *, axis=0: tuple(along(x, axis, i) for i in range(x.shape[axis])))

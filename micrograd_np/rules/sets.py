"""Rules for unique entries and sets: the result is a choice of the operands' entries. Floor 5."""

from __future__ import annotations

import inspect

import numpy as np

from ..calls.dispatch import constant_call, primitive
from ..calls.handle import Handle
from ..rule import composite, general
from .arrays import arrays_of, fixed
from .sorting import evenly


@primitive
def shared(x, labels):
    """Return x; entries of the same label are equal, and share their cotangents evenly."""
    return x


general(
    shared,
    lambda g, labels: evenly(g, labels),
    forward=lambda x, labels: x,
    arguments=lambda x, labels: ((x,), {"labels": labels}),
    selects=True,
)


def chosen(values, *arrays):
    """Return the entries of the arrays that have these values, one each."""
    rows = [np.reshape(x, -1) for x in arrays_of(arrays)]
    row = rows[0] if len(rows) == 1 else np.concatenate(rows)
    pool, found = fixed(row), fixed(values)
    order = np.argsort(pool, kind="stable")
    first = order[np.searchsorted(pool, found, sorter=order)]
    return shared(row, np.unique(pool, return_inverse=True)[1])[first]


def chooses(function, count=1):
    """Declare a function whose result, or the first of them, holds entries of its operands."""
    find, signature = constant_call(function), inspect.signature(function)

    def body(*args, **kwargs):
        found = find(*args, **kwargs)
        arrays = list(signature.bind(*args, **kwargs).arguments.values())[:count]
        if isinstance(found, Handle):
            return chosen(found, *arrays)
        rest = (chosen(found[0], *arrays), *found[1:])
        return type(found)(*rest) if hasattr(found, "_fields") else rest

    composite(function, body)


chooses(np.unique_values)
chooses(np.unique_counts)
chooses(np.unique_inverse)
chooses(np.unique_all)
chooses(np.setdiff1d)
chooses(np.intersect1d, count=2)
chooses(np.union1d, count=2)
chooses(np.setxor1d, count=2)


def unique(
    ar, return_index=False, return_inverse=False, return_counts=False, axis=None, **params
):  # fmt: skip
    """Body of np.unique: entries, or with an axis the slices along it."""
    wanted = {"return_inverse": return_inverse, "return_counts": return_counts}
    found = constant_call(np.unique)(ar, return_index=True, axis=axis, **wanted, **params)
    if axis is None:
        out = chosen(found[0], ar)
    else:
        rows = np.moveaxis(ar, axis, 0)
        labels = np.unique(fixed(rows), return_inverse=True, axis=0)[1]
        places = np.arange(rows.size).reshape(rows.shape)
        same = labels.reshape(-1, *[1] * (rows.ndim - 1)) * (rows.size // max(len(labels), 1))
        even = shared(rows, same + places[:1])
        out = np.moveaxis(even[fixed(found[1])], 0, axis)
    rest = found[1:] if return_index else found[2:]
    return (out, *rest) if rest else out


composite(np.unique, unique)

"""Rules for np.emath: functions that turn to complex numbers where real ones end. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.handle import Handle
from ..rule import composite
from .arrays import array_of


def extended(x, outside):
    """Return x, of complex numbers if one of its entries is outside of the real domain."""
    real = not np.iscomplexobj(x)
    if real and np.any(outside(x)):
        return np.astype(x, np.complex64 if x.dtype == np.float32 else np.complex128)
    return x


def where_negative(x):
    """Return x, of complex numbers if an entry is negative."""
    return extended(x, lambda x: x < 0)


def beyond_one(x):
    """Return x, of complex numbers if an entry is larger than 1 in size."""
    return extended(x, lambda x: np.abs(x) > 1)


def power_body(x, p):
    """Body of np.emath.power, where integers have negative powers too."""
    if not isinstance(p, Handle):
        p = np.asarray(p)
        p = p * 1.0 if p.dtype.kind == "i" and np.any(p < 0) else p
    return np.power(where_negative(x), p)


composite(np.emath.sqrt, lambda x: np.sqrt(where_negative(x)))
composite(np.emath.log, lambda x: np.log(where_negative(x)))
composite(np.emath.log2, lambda x: np.log2(where_negative(x)))
composite(np.emath.log10, lambda x: np.log10(where_negative(x)))
composite(
    np.emath.logn,
    lambda n, x: np.log(where_negative(array_of(x))) / np.log(where_negative(array_of(n))),
)
composite(np.emath.power, power_body)
composite(np.emath.arccos, lambda x: np.arccos(beyond_one(x)))
composite(np.emath.arcsin, lambda x: np.arcsin(beyond_one(x)))
composite(np.emath.arctanh, lambda x: np.arctanh(beyond_one(x)))

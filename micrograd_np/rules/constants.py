"""Piecewise constant functions: no gradient passes, results are Tensors without one. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import constant

constant(np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix)
constant(np.floor_divide, np.heaviside, np.spacing, np.signbit)
constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert)
constant(np.isfinite, np.isinf, np.isnan, np.isneginf, np.isposinf, np.isclose, np.allclose)
constant(np.isreal, np.iscomplex, np.array_equal, np.array_equiv, np.isin)
constant(np.all, np.any, np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere)
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition)
constant(np.lexsort, np.searchsorted, np.digitize, np.linalg.matrix_rank)
constant(np.zeros_like, np.ones_like, np.empty_like, np.array2string, np.array_repr, np.array_str)

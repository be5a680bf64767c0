"""Calls of ufuncs beyond the plain one: keywords, reduce, accumulate, outer, at. Floor 6."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calls.dispatch import calls, no_rule
from ..calls.handle import Handle, result
from ..calls.operands import handles, rebind, unwrap, values
from ..calls.signatures import HARMLESS
from ..errors import NoRuleError, where
from ..rule import composites, constants, rules
from ..rules import activations, arrays, indexing, reductions

slices: Any = arrays.along
fixed_array: Any = arrays.fixed_array


def with_keywords(ufunc: Any, operands: Any, keywords: dict[str, Any]) -> Any:
    """Call a ufunc with its keywords: ``where``, ``dtype``, and ``out``, which rebinds a Tensor."""
    call = calls[ufunc]  # first of all: it declares rules that come late
    if ufunc in constants or not has_derivative(ufunc):
        return call(*operands, **keywords)
    name = ufunc.__name__
    out, mask = keywords.pop("out", None), keywords.pop("where", True)
    dtype = keywords.pop("dtype", None)
    for other in keywords.keys() - HARMLESS - {"order"}:
        raise NoRuleError(f"{name}: {other}= is not supported for Tensors{where()}")
    if dtype is not None:
        operands = [
            calls[np.astype](x, dtype) if isinstance(x, Handle) else np.asarray(x, dtype)
            for x in operands
        ]
    if any(isinstance(x, Handle) for x in operands):
        t = call(*operands)
    else:
        found = ufunc(*operands)
        t = found if isinstance(found, tuple) else result(type(handle_of(out)), found)
    return t if out is None and mask is True else written(name, out, t, mask)


def handle_of(out: Any) -> Any:
    """Return the Tensor among the targets of a call."""
    return next(x for x in (out if isinstance(out, tuple) else (out,)) if isinstance(x, Handle))


def written(name: str, out: Any, t: Any, mask: Any) -> Any:
    """Let each target, where the mask holds, be its result."""
    if mask is not True and out is None:
        raise NoRuleError(
            f"{name}: where= without out= leaves entries undefined{where()}. "
            f"Write np.where(mask, np.{name}(...), other)."
        )
    targets, results = (x if isinstance(x, tuple) else (x,) for x in (out, t))
    pairs = [
        part if target is None else rebind(target, chosen(mask, part, target))
        for target, part in zip(targets, results, strict=True)
    ]
    return tuple(pairs) if isinstance(t, tuple) else pairs[0]


def chosen(mask: Any, t: Any, out: Any) -> Any:
    """Return the result where the mask holds, the target elsewhere."""
    return t if mask is True else calls[np.where](mask, t, out)


def has_derivative(ufunc: Any) -> bool:
    """Tell whether a function is declared with a derivative."""
    return ufunc in rules or ufunc in composites


# Methods. Where a function of NumPy is the same, that one; else one entry after the other

REDUCTIONS = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
    np.fmax: np.nanmax, np.fmin: np.nanmin, np.logaddexp: activations.logaddexp_reduce,
}  # fmt: skip
ACCUMULATIONS = {
    np.add: np.cumsum, np.multiply: np.cumprod,
    np.maximum: reductions.running_max, np.minimum: reductions.running_min,
    np.fmax: reductions.running_nanmax, np.fmin: reductions.running_nanmin,
}  # fmt: skip


def reduced(
    ufunc: Any, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
    **params: Any,
) -> Any:  # fmt: skip
    """Return ``ufunc.reduce``: x[0] op x[1] op x[2] and so on."""
    params = {name: v for name, v in params.items() if v is not np._NoValue}
    if params.get("where") is True:
        params.pop("where")
    keywords = {"axis": axis, "dtype": dtype, "keepdims": keepdims, **params}
    if ufunc in REDUCTIONS:
        given = {name: v for name, v in keywords.items() if v is not None or name == "axis"}
        t = calls[REDUCTIONS[ufunc]](x, **given)
    else:
        refuse(ufunc, "reduce", params)
        value = ufunc.reduce(values(x), **keywords)  # NumPy says what it refuses
        x = x if dtype is None else calls[np.astype](x, dtype)
        axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        lines = np.moveaxis(x, tuple(axes), range(len(axes)))
        lines = np.reshape(lines, (-1, *lines.shape[len(axes) :]))
        t = result(type(x), value) if not len(lines) else lines[0]
        for i in range(1, len(lines)):
            t = ufunc(t, lines[i])
        t = np.reshape(t, np.shape(value))
    return t if out is None else rebind(out, t)


def refuse(ufunc: Any, method: str, params: dict[str, Any]) -> None:
    """Refuse keywords that a fold does not know."""
    for name in params:
        raise NoRuleError(
            f"{ufunc.__name__}.{method}: its derivative does not support {name}={where()}. "
            f"Put neutral entries where they are left out, with np.where."
        )


def accumulated(ufunc: Any, x: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """Return ``ufunc.accumulate``: all the results on the way of a reduction."""
    if ufunc in ACCUMULATIONS:
        t = calls[ACCUMULATIONS[ufunc]](x, axis, **({} if dtype is None else {"dtype": dtype}))
    else:
        x = x if dtype is None else calls[np.astype](x, dtype)
        parts: list[Any] = []
        for i in range(x.shape[axis]):
            entry = slices(x, axis, i)
            parts.append(ufunc(parts[-1], entry) if parts else entry)
        t = np.stack(parts, axis) if parts else +x
    return t if out is None else rebind(out, t)


def reduced_at(
    ufunc: Any, x: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """Return ``ufunc.reduceat``: reductions of the slices between the indices."""
    starts = fixed_array(indices).tolist()
    ufunc.reduceat(values(x), starts, axis)  # NumPy says what it refuses
    ends = [*starts[1:], x.shape[axis]]
    if ufunc is np.add:
        t = sums_between(starts, ends, x if dtype is None else calls[np.astype](x, dtype), axis)
    else:
        parts = [
            ufunc.reduce(slices(x, axis, slice(a, b)), axis, dtype) if a < b else slices(x, axis, a)
            for a, b in zip(starts, ends, strict=True)
        ]
        t = np.stack(parts, axis)
    return t if out is None else rebind(out, t)


def sums_between(starts: list[int], ends: list[int], x: Any, axis: int) -> Any:
    """Return the sums of slices along an axis: each entry is added to those that it is in."""
    places = [np.arange(a, max(a + 1, b)) for a, b in zip(starts, ends, strict=True)]
    owners = np.arange(len(starts)).repeat([len(place) for place in places])
    shape, before = list(x.shape), [slice(None)] * (axis % x.ndim)
    shape[axis] = len(starts)
    entries = x[(*before, np.concatenate(places))]
    return indexing.scatter(entries, (*before, owners), tuple(shape))


def at(ufunc: Any, x: Any, indices: Any, *operands: Any) -> None:
    """Do ``np.add.at`` and ``np.subtract.at``: equal indices add up."""
    if ufunc not in (np.add, np.subtract):
        name = ufunc.__name__
        raise NoRuleError(
            f"{name}.at has no derivative rule{where()}. Where no index repeats, write "
            f"x[i] = np.{name}(x[i]{', v' * len(operands)})."
        )
    indices, (v,) = unwrap(indices), operands
    if isinstance(x, Handle):
        shape = indexing.getitem(x, indices).shape
        spread: Any = np.broadcast_to(v, shape)
        v = spread if isinstance(v, Handle) else spread.copy()
        rebind(x, ufunc(x, indexing.scatter(v, indices, values(x).shape)))
    elif tracked := [t for t in handles([v, indices]) if t._node is not None]:
        rebind(x, tracked[0])
    else:
        ufunc.at(x, values(indices), values(v))


def paired(ufunc: Any, x: Any, y: Any, **keywords: Any) -> Any:
    """Return ``ufunc.outer``: all pairs of entries."""
    return ufunc(np.reshape(x, (*np.shape(x), *[1] * np.ndim(y))), y, **keywords)


METHODS: dict[str, Any] = {
    "reduce": reduced, "accumulate": accumulated, "reduceat": reduced_at, "at": at,
    "outer": paired,
}  # fmt: skip


def ufunc_method(ufunc: Any, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """Call a ufunc with keywords, or one of its methods."""
    if method == "__call__":
        return with_keywords(ufunc, inputs, kwargs)
    if not has_derivative(ufunc):
        return no_rule(getattr(ufunc, method))(*inputs, **kwargs)
    if isinstance(kwargs.get("out"), tuple):
        (kwargs["out"],) = kwargs["out"]
    return METHODS[method](ufunc, *inputs, **kwargs)

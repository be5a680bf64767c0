"""Calls of ufuncs beyond the plain one: keywords, reduce, accumulate, outer. Floor 6."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dispatch import HARMLESS, calls, no_rule, rebind
from .errors import NoRuleError, where
from .record import Handle, result
from .rule import composites, constants, rules


def with_keywords(ufunc: Any, operands: Any, keywords: dict[str, Any]) -> Any:
    """Call a ufunc with its keywords: ``where``, ``dtype``, and ``out``, which rebinds a Tensor."""
    if ufunc in constants or (ufunc not in rules and ufunc not in composites):
        return calls[ufunc](*operands, **keywords)
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
    (out,) = out if isinstance(out, tuple) else (out,)
    if any(isinstance(x, Handle) for x in operands):
        t = calls[ufunc](*operands)
    else:
        t = result(type(out), ufunc(*operands))
    if mask is not True:
        if out is None:
            raise NoRuleError(
                f"{name}: where= without out= leaves entries undefined{where()}. "
                f"Write np.where(mask, np.{name}(...), other)."
            )
        t = calls[np.where](mask, t, out)
    return t if out is None else rebind(out, t)


REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
ACCUMULATIONS = {np.add: np.cumsum, np.multiply: np.cumprod}


def ufunc_method(ufunc: Any, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """Call a ufunc with keywords, or ``ufunc.reduce`` and its like by the functions they are."""
    if method == "__call__":
        return with_keywords(ufunc, inputs, kwargs)
    if method == "outer":
        x, y = inputs
        return ufunc(np.reshape(x, (*np.shape(x), *[1] * np.ndim(y))), y, **kwargs)
    table: Any = {"reduce": REDUCTIONS, "accumulate": ACCUMULATIONS}.get(method, {})
    if ufunc not in table:
        return no_rule(getattr(ufunc, method))(*inputs, **kwargs)
    x, *rest = inputs
    keywords = {"axis": 0, **dict(zip(("axis", "dtype", "out"), rest, strict=False)), **kwargs}
    if isinstance(keywords.get("out"), tuple):
        (keywords["out"],) = keywords["out"]
    return calls[table[ufunc]](x, **keywords)

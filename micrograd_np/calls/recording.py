"""Recording: a call computes, and adds a node where a gradient is needed. Floor 4.

``apply`` serves every rule and any operands; see fast.py for functions of entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DtypeError, where
from ..graph import new_order
from ..modes import mode_now
from ..plan import spec_of
from .handle import Handle, new, own, result
from .refusals import failed

if TYPE_CHECKING:
    from ..plan import Plan
    from ..rule import Rule


def no_objects(name: str) -> DtypeError:
    """Return the error for an operand that holds Python objects."""
    return DtypeError(
        f"{name}: an operand is an array of Python objects{where()}, which has no gradient. "
        "Join Tensors with np.stack or mg.array, and make numbers floats."
    )


NO_PARAMS: dict[str, Any] = {}


ALONE = (True,)


def apply_one(rule: Rule, a: Any, params: dict[str, Any]) -> Any:
    """Call a rule of one operand, a Tensor; the short form of ``apply``."""
    x, n, mode = a._value, a._node, mode_now()
    if mode is not None and (recorder := mode.recorder(True)) is not None:
        return recorder.apply(rule, (a,), params)
    try:
        data = rule.forward(x, **params) if params else rule.forward(x)
    except Exception as error:
        raise failed(rule.name, (a,), error) from None
    t = new(type(a))
    t._value, t._name = data, None
    if n is None or (mode is not None and not mode.recording):
        t._node = None
        return t
    plan = rule.plan(ALONE)
    values = (x if plan.keep_x else None, data if plan.keep_out else None)
    spec = (data.shape, data.dtype)
    kept = values, (spec_of(x), spec), params
    t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, n]
    return t


def apply(rule: Rule, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Call any rule on operands, of which at least one is a Tensor; record it if one is tracked."""
    values, nodes, kind, mode = [], [], Handle, mode_now()
    if mode is not None and (recorder := mode.recorder(True)) is not None:
        return recorder.apply(rule, operands, params)
    for x in operands:
        if isinstance(x, Handle):
            values.append(x._value)
            nodes.append(x._node)
            kind = type(x)
        else:
            values.append(np.array(x) if type(x) in (list, tuple) else own(x))
            nodes.append(None)
    try:
        data = rule.forward(*values, **params)
    except Exception as error:
        raise failed(rule.name, operands, error) from None
    t = result(kind, data)
    tracked = tuple([n is not None for n in nodes])
    if True not in tracked or (mode is not None and not mode.recording):
        return t
    plan = rule.plan(tracked)
    kept = keep(plan, values, data, params)
    if False in tracked:
        constants = [
            x if type(x) in (np.ndarray, float, np.float64) else v
            for x, v in zip(operands, values, strict=True)
        ]
        nodes = [c if n is None else n for n, c in zip(nodes, constants, strict=True)]
    t._node = [new_order(), plan, kept, kept[1][-1], None, mode and mode.scope, *nodes]
    return t


def keep_short(plan: Plan, x: Any, y: Any, out: Any) -> Any:
    """Return what a node of two operands keeps in the short layout."""
    return x if plan.keep_x else None, y if plan.keep_y else None, out if plan.keep_out else None


def keep_full(plan: Plan, x: Any, y: Any, out: Any, spec: Any) -> Any:
    """Return what a node of two operands keeps in the full layout."""
    if out.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    specs = (x.shape, x.dtype), (y.shape, y.dtype), spec
    return keep_short(plan, x, y, out), specs, NO_PARAMS


def keep(plan: Plan, values: Any, data: Any, params: dict[str, Any]) -> Any:
    """Return what a node keeps in the full layout: values, shapes and dtypes, parameters."""
    if not plan.rule.several and data.dtype.kind == "O":
        raise no_objects(plan.rule.name)
    kept = [v if k else None for v, k in zip(values, plan.keeps, strict=True)]
    kept.append(data if plan.keep_out else None)
    return tuple(kept), tuple([spec_of(v) for v in (*values, data)]), params

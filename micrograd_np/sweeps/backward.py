"""`Tensor.backward`: the reverse sweep, and what it leaves in `.grad`. Floor 5."""

from __future__ import annotations

from _thread import allocate_lock  # threading itself takes half a millisecond to import
from sys import getrefcount
from typing import Any

import numpy as np
from numpy import float64, ndarray

from ..calls.handle import FLOAT64, Handle
from ..errors import DtypeError, GraphError, ShapeError, TracingError, suspects, where
from ..graph import ALONE, COUNTED, GRAD, PLAN, Node, freed, is_leaf, step
from ..modes import mode_now, tracing
from .reverse import cotangents

ONE = float64(1)
ONES: dict[tuple[int, ...], Any] = {shape: np.ones(shape) for shape in ((1,), (1, 1))}
for one in ONES.values():
    one.flags.writeable = False
ONES[()] = ONE  # the seeds of scalar losses, which nobody changes


COMMITTING = (
    allocate_lock()
)  # threads may add to one leaf: reading, adding and storing belong together


def backward(t: Handle, gradient: Any = None, retain_graph: bool = True) -> None:
    """Add the gradient of ``t`` to every node whose value is still held, once all are known."""
    node = t._node
    if node is None:
        raise GraphError(
            f"nothing here requires a gradient: this result was computed only from constants, "
            f"after detach(), or under no_grad(){where()}. {suspects()}"
            "Make an input with Tensor(..., requires_grad=True)."
        )
    if tracing() is not None:
        raise TracingError(
            f"backward() would leave gradients in .grad, and a compiled function only returns "
            f"what it computes{where()}. Compile mg.value_and_grad(loss) instead."
        )
    seed = one_for(t) if gradient is None else seed_of(t, gradient)
    plan = node[PLAN]
    ready = None if plan is None or gradient is not None else plan.rule.ready(node)
    found = cotangents(node, seed) if ready is None else [(node, seed), *ready]
    committed = {id(seed)}
    with COMMITTING:
        for at, g in found:
            before = at[GRAD]
            if before is not None:
                at[GRAD] = np.asarray(before + g)
            elif type(g) is not ndarray or g.base is not None or id(g) in committed:
                at[GRAD] = np.array(g)  # a fresh array, that nothing else holds
            else:
                committed.add(id(g))
                at[GRAD] = g
    if not retain_graph and not is_leaf(node):
        t._node = freed(node)


def gradient_of(node: Node) -> Any:
    """Return the gradient in a node, for somebody who may change it: a copy if it is shared."""
    g = node[GRAD]
    if g is None or g.flags.writeable:
        return g
    if COUNTED and getrefcount(g) == ALONE + 1:  # by now only the node holds it, and g
        g.setflags(write=True)
        return g
    node[GRAD] = g.copy()
    return node[GRAD]


def one_for(t: Any) -> Any:
    """Return the cotangent of a scalar result with respect to itself."""
    x = getattr(t, "_value", None)
    if type(x) is float64:
        return ONE
    one = ONES.get(x.shape) if x is not None and x.dtype is FLOAT64 else None
    return seed_of(t) if one is None and x is not None else one


def seed_of(t: Handle, gradient: Any = None, lifted: bool = False) -> Any:
    """Return the cotangent that the sweep starts with, checked; a Tensor stays one if lifted."""
    x = t._value
    if gradient is None:
        if x.size != 1:
            raise GraphError(
                f"backward() needs a scalar: this Tensor has shape {x.shape}{made_by(t)}{where()}. "
                f"Use np.sum(t).backward(), or pass gradient=<array of shape {x.shape}>."
            )
        if x.dtype.kind == "c":
            raise GraphError(
                f"backward() needs a real scalar: this one is {x.dtype}{made_by(t)}{where()}. "
                "Take np.real(t) or np.abs(t) first, or pass gradient=."
            )
        return np.ones_like(x)[()]
    g = np.array(getattr(gradient, "_value", gradient))
    if g.shape != x.shape:
        raise ShapeError(
            f"gradient has shape {g.shape}, but the Tensor has shape {x.shape}{where()}. "
            "They must be the same."
        )
    if (g.dtype.kind == "c" and x.dtype.kind != "c") or g.dtype.kind not in "biufc":
        raise DtypeError(
            f"gradient is {g.dtype} but the Tensor is {x.dtype}{where()}. "
            "Pass real numbers, np.real(gradient)."
        )
    if lifted and isinstance(gradient, Handle):
        return gradient
    return g.astype(x.dtype)[()]


def made_by(t: Handle) -> str:
    """Return " (made by multiply)", the function that computed it."""
    if t._node is None or is_leaf(t._node):
        return ""
    mode = mode_now()
    line = mode.watch.line(t._node) if mode is not None and mode.watch is not None else ""
    return f" (made by {step(t._node).plan.rule.name}{line})"

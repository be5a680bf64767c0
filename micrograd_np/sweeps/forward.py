"""The forward sweep: tangents, on arrays, on Tensors, with structural zeros. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.handle import Handle, variable_node
from ..graph import KEPT, OPERANDS, PLAN, Node, Parts, forward, history, order_of
from ..modes import current, recording_all, tracing
from .lifting import lift, moves, reading, tensor_of
from .reverse import cotangents, in_doubt, silently
from .structure import Masked, masked_jvp

if TYPE_CHECKING:
    from collections.abc import Callable


def tangents_of(roots: list[Node], tangents: dict[int, Any], kind: type, lifted: bool) -> list[Any]:
    """Return the tangent of each root, given those of some nodes; None if it depends on none.

    If a NaN reaches a root, the sweep is run again with structural zeros, as in reverse mode.
    """
    nodes, how = history(*roots), pushing(kind, lifted)
    found = pushed(nodes, tangents, how)
    ends = [found.get(order_of(root)) for root in roots]
    if not in_doubt([(at, t) for at, t in zip(roots, ends, strict=True) if t is not None]):
        return ends
    masked = {order: Masked(t, moves(t)) for order, t in tangents.items()}
    with np.errstate(all="ignore"):
        probing = transposing(kind, tracing() is not None)
        again = forward(nodes, masked, masked_jvp(how, probing, reading(kind)))
    return [
        None if t is None else again[order_of(at)].move for at, t in zip(roots, ends, strict=True)
    ]


def pushed_on(roots: list[Node], tangents: dict[int, Any], start: int, kind: type) -> list[Any]:
    """Return the tangent of each root, or None, given those of some nodes; see `pulled_back`."""
    how = pushing(kind, lifted=True)
    if any(type(t) is Masked for t in tangents.values()):
        how = masked_jvp(how, transposing(kind, lifted=True), reading(kind))
    found = pushed(history(*roots, until=start), tangents, how)
    return [found.get(order_of(root)) for root in roots]


def pushing(kind: type, lifted: bool) -> Callable[[Node], Callable[[list[Any]], Any]]:
    """Return how tangents are pushed through a node: on arrays, or lifted on Tensors."""
    transpose = transposing(kind, lifted)

    def how(node: Node) -> Callable[[list[Any]], Any]:
        plan = node[PLAN]
        if not plan.edges:
            return lambda _: None  # no derivative passes
        kept = lift(node, kind) if lifted else node[KEPT]
        if plan.rule.kind == "elementwise" and not plan.full:
            return lambda incoming: pushed_alike(plan, kept, incoming)
        values, specs, params = plan.unpack(kept)
        count = len(values) - 1  # parameters do not move
        return lambda incoming: plan.rule.jvp(incoming[:count], values, specs, params, transpose)

    return how


def pushed(nodes: list[Node], tangents: dict[int, Any], how: Any) -> dict[int, Any]:
    """Return the tangents of nodes; NumPy does not warn of what a function may leave out."""
    if any(node[PLAN] is not None and node[PLAN].selects for node in nodes):
        return silently(forward, nodes, tangents, how)  # type: ignore[no-any-return]
    return forward(nodes, tangents, how)


def pushed_alike(plan: Any, kept: Any, incoming: list[Any]) -> Any:
    """Return the tangent of a function of entries whose operands are all of the result's shape.

    A derivative, which is linear in a cotangent there, is the same in a tangent.
    """
    total = None
    for i, pull in plan.edges:
        t = incoming[i - OPERANDS]
        if t is not None:
            part = t if pull is None else pull(t, kept)
            total = part if total is None else total + part
    return total


def transposing(kind: type, lifted: bool) -> Callable[[Callable[[Any], Any], Any, Any], Any]:
    """Return the function that transposes a linear map and applies it to a cotangent."""

    def transpose(pull: Callable[[Any], Any], spec: Any, t: Any) -> Any:
        """Transpose a linear map g -> pull(g): its own vjp at any g, on the cotangent t."""
        specs = spec if type(spec) is Parts else {0: spec}
        ones = {i: np.ones(*part)[()] for i, part in specs.items()}
        gs = {i: tensor_of(kind, one, variable_node(one)) for i, one in ones.items()}
        mode = current.get()
        try:
            current.set(recording_all(mode))
            q = pull(Parts(gs) if specs is spec else gs[0])
        finally:
            current.set(mode)
        found: dict[int, Any] = {}
        if isinstance(q, Handle) and q._node is not None:
            sweep = cotangents(q._node, t, kind if lifted else None, every=True)
            found = {order_of(node): d for node, d in sweep}
        moved = Parts()
        for i, g in gs.items():
            d = found.get(order_of(g._node))
            moved[i] = np.zeros_like(t, g.dtype, shape=g.shape) if d is None else d
        return moved if specs is spec else moved[0]

    return transpose

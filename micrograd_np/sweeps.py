"""The sweeps: on arrays, on Tensors, with structural zeros, forward. Floor 5."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import (
    KEPT,
    OPERANDS,
    PLAN,
    Node,
    Parts,
    forward,
    history,
    is_node,
    new_order,
    order_of,
    parents,
    reverse,
    step,
)
from .modes import current, recording_all, tracing
from .outputs import joined, output_nodes
from .plan import like_tuple
from .record import Handle, new, variable_node
from .structure import Masked, masked_edges, masked_jvp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cotangents(
    root: Node,
    seed: Any,
    kind: type | None = None,
    until: int = 0,
    every: bool = False,
    within: Callable[[Node], bool] | None = None,
    on_older: Callable[[Node], None] | None = None,
) -> list[Any]:
    """Return (node, cotangent) of every node that somebody holds, variables last.

    With ``kind``, the type of Tensors, the derivatives are themselves recorded. Nodes that are not
    ``within`` are taken for variables. If a function that selects entries was passed and a NaN
    reached a node, the sweep is run again with structural zeros: an entry that the result does not
    depend on has gradient 0, whatever its derivative. The same where the seed does not ask for
    every entry of the result.
    """
    how, mode = None if kind is None else lifting(kind), current.get()
    if mode is not None and mode.watch is not None:
        watched = mode.watch.edges(masked_edges(how, reading(kind)))
        sweep = reverse(root, Masked(seed, moves(seed)), inside(watched, within), every, until)
        return [(at, m.move) for at, m in sweep]
    selected = Selected()
    try:
        found = reverse(root, seed, inside(how, within), every, until, selected, on_older)
        partly = selected.state is not None or asks_for_part(seed) or has_loops(mode)
        if partly and in_doubt(found, until):
            selected()
            masked = Masked(seed, moves(seed))
            masked_how = inside(masked_edges(how, reading(kind)), within)
            found = [(at, m.move) for at, m in reverse(root, masked, masked_how, every, until)]
    finally:
        if selected.state is not None:
            selected.close()
    return found


def asks_for_part(seed: Any) -> bool:
    """Tell whether a cotangent is 0 at an entry of the result, or may be in a trace."""
    if type(seed) is np.float64:
        return seed == 0  # type: ignore[no-any-return]
    if isinstance(seed, Handle):
        asked = moves(seed)
        return isinstance(asked, Handle) or not np.all(asked)
    return seed.item() == 0 if seed.size == 1 else not np.all(moves(seed))


def pulled_back(pairs: list[tuple[Handle, Any]], start: int, kind: type) -> dict[int, Any]:
    """Return the cotangents of what Tensors were made of, by order, given (Tensor, cotangent)s.

    Masked ones carry their patterns along. Nodes older than ``start`` are taken for variables. A
    NaN is for the caller to doubt.
    """
    if not pairs:
        return {}
    roots, gs = zip(*[(t._node, g) for t, g in pairs], strict=True)
    how = lifting(kind)
    if any(type(g) is Masked for g in gs):
        how = masked_edges(how, reading(kind))
    edges, selected = inside(how, lambda node: order_of(node) < start), Selected()
    try:
        found = reverse(joined(roots), Parts(enumerate(gs)), edges, True, 0, selected)
    finally:
        if selected.state is not None:
            selected.close()
    return {order_of(node): g for node, g in found}


def pushed_on(roots: list[Node], tangents: dict[int, Any], start: int, kind: type) -> list[Any]:
    """Return the tangent of each root, or None, given those of some nodes; see `pulled_back`."""
    how = pushing(kind, lifted=True)
    if any(type(t) is Masked for t in tangents.values()):
        how = masked_jvp(how, transposing(kind, lifted=True), reading(kind))
    found = pushed(history(*roots, until=start), tangents, how)
    return [found.get(order_of(root)) for root in roots]


def has_loops(mode: Any) -> bool:
    """Tell whether a trace records that has recorded a loop."""
    return mode is not None and mode.trace is not None and mode.trace.loops


def inside(how: Any, within: Callable[[Node], bool] | None) -> Any:
    """Return the edges of ``how``, none for nodes that are not ``within``."""
    if within is None:
        return how
    edges = how or (lambda node: node[PLAN].edges)
    return lambda node: edges(node) if within(node) else ()


def moves(seed: Any) -> Any:
    """Return which entries a cotangent or a tangent moves: those where it is not 0."""
    known = isinstance(seed, Handle) and (seed._node is None or tracing() is None)
    return (seed._value if known else seed) != 0


def in_doubt(found: list[Any], until: int = 0) -> bool:
    """Tell whether a sweep gave a NaN, and must run again; a trace knows it beforehand."""
    trace = tracing()
    if trace is None:
        # a number asks itself: a call less for each parameter of a network of numbers
        return any(g != g if type(g) is np.float64 else has_nan(g) for _, g in found)
    ends = [g for node, g in found if not until or is_variable(node, until)]
    return bool(trace.doubts(ends))


def is_variable(node: Node, until: int) -> bool:
    """Tell whether a sweep ends at a node: all that it was made of is older than asked for."""
    return not any(order_of(parent) <= until for parent in parents(node))


def reading(kind: type | None) -> Callable[[Node], Any]:
    """Return how a masked sweep reads what a node kept: as arrays, or in a trace as Tensors."""
    if tracing() is None or kind is None:
        return lambda node: node[KEPT]
    return lambda node: lift(node, kind) if node[PLAN].selects else node[KEPT]


SILENT = partial(np.errstate, divide="ignore", invalid="ignore", over="ignore")


class Selected:
    """Whether a function that selects entries was passed, and silence from then on.

    What it did not select may divide 0 by 0 further back. That comes to nothing, so NumPy need not
    warn of it.
    """

    state: Any = None
    since = 0  # the order of what is computed afterwards is less

    def __call__(self) -> None:
        """Note that such a function was passed."""
        if self.state is None:
            self.since = new_order()
            self.state = SILENT()
            self.state.__enter__()

    def close(self) -> None:
        """Let NumPy warn again; a trace remembers what was computed in silence."""
        with suppress(TypeError):  # an interrupt came before it was entered
            self.state.__exit__(None, None, None)
        if (trace := tracing()) is not None:
            trace.silent.append((self.since, new_order()))


def silently(sweep: Callable[..., Any], *args: Any) -> Any:
    """Return what a sweep gives that passes functions which select entries."""
    selected = Selected()
    selected()
    try:
        return sweep(*args)
    finally:
        selected.close()


def has_nan(g: Any) -> bool:
    """Tell whether a NaN is among the entries, by one cheap reduction: a product with itself."""
    data = g._value if isinstance(g, Handle) else g
    if not data.ndim:
        return bool(data != data)
    flat = data.reshape(-1)
    total = flat.dot(flat)
    return bool(total != total)


def lift(node: Node, kind: type) -> Any:
    """Return what the node kept with Tensors for values, so that reading them is recorded."""
    _, plan, kept, _, _, _, operands = step(node)
    values, specs, params = plan.unpack(kept)
    nodes = [x if is_node(x) else None for x in operands[: len(values) - 1]]
    lifted = [tensor_of(kind, v, n) for v, n in zip(values, [*nodes, node], strict=True)]
    return plan.repack(tuple(lifted), specs, params)


def tensor_of(kind: type, value: Any, node: Node | None) -> Any:
    """Return a Tensor of a value whose node is known; the value itself if it is constant.

    Of several results there is one for each.
    """
    if value is None or node is None:
        return value
    if isinstance(value, tuple):
        nodes = output_nodes(node, value)
        return like_tuple(
            value, [tensor_of(kind, *pair) for pair in zip(value, nodes, strict=True)]
        )
    t = new(kind)
    t._value, t._node, t._name = value, node, None
    return t


def lifting(kind: type) -> Callable[[Node], Iterator[Any]]:
    """Return the edges that run the derivatives on Tensors."""

    def how(node: Node) -> Iterator[Any]:
        kept = lift(node, kind)
        for i, pull in node[PLAN].edges:
            yield i, pull and (lambda g, _, pull=pull: pull(g, kept))

    return how


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

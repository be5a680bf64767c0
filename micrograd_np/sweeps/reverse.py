"""The reverse sweep: on arrays, on Tensors, with structural zeros. Floor 5."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.handle import Handle
from ..calls.outputs import joined
from ..graph import PLAN, Node, Parts, new_order, order_of, parents, reverse
from ..modes import current, tracing
from .lifting import lifting, moves, reading
from .structure import Masked, masked_edges

if TYPE_CHECKING:
    from collections.abc import Callable


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
        sweep = reverse(root, masked(seed), inside(watched, within), every, until)
        return [(at, m.move) for at, m in sweep]
    selected = Selected()
    try:
        found = reverse(root, seed, inside(how, within), every, until, selected, on_older)
        partly = selected.state is not None or asks_for_part(seed) or has_loops(mode)
        if partly and in_doubt(found, until):
            selected()
            masked_how = inside(masked_edges(how, reading(kind)), within)
            sweep = reverse(root, masked(seed), masked_how, every, until)
            found = [(at, m.move) for at, m in sweep]
    finally:
        if selected.state is not None:
            selected.close()
    return found


def masked(seed: Any) -> Any:
    """Return a cotangent with its pattern: the entries that it asks for."""
    if type(seed) is Parts:
        return Parts((i, masked(g)) for i, g in seed.items())
    return Masked(seed, moves(seed))


def asks_for_part(seed: Any) -> bool:
    """Tell whether a cotangent is 0 at an entry of the result, or may be in a trace."""
    if type(seed) is Parts:
        return any(map(asks_for_part, seed.values()))
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


def has_loops(mode: Any) -> bool:
    """Tell whether a trace records that has recorded a loop."""
    return mode is not None and mode.trace is not None and mode.trace.loops


def inside(how: Any, within: Callable[[Node], bool] | None) -> Any:
    """Return the edges of ``how``, none for nodes that are not ``within``."""
    if within is None:
        return how
    edges = how or (lambda node: node[PLAN].edges)
    return lambda node: edges(node) if within(node) else ()


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

"""The sweeps: on arrays, on Tensors, with structural zeros, forward. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .graph import KEPT, PLAN, Node, forward, history, is_node, leaf, reverse, step
from .modes import current
from .plan import unbroadcast
from .record import Handle, new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cotangents(
    root: Node, seed: Any, kind: type | None = None, until: int = 0, every: bool = False
) -> list[Any]:
    """Return (node, cotangent) of every node that somebody holds, variables last.

    With ``kind``, the type of Tensors, the derivatives are themselves recorded. If a function that
    selects entries was passed and a NaN reached a node, the sweep is run again with structural
    zeros: an entry that the result does not depend on has gradient 0, whatever its derivative. The
    same where the seed does not ask for every entry of the result.
    """
    how = None if kind is None else lifting(kind)
    selected = Selected()
    try:
        found = list(reverse(root, seed, how, every, until, selected))
        partly = selected.state is not None or (seed.size > 1 and not np.all(asked_for(seed)))
        if partly and any(has_nan(g) for _, g in found):
            masked = Masked(seed, asked_for(seed))
            found = [(at, m.g) for at, m in reverse(root, masked, masking(how), every, until)]
    finally:
        selected.close()
    return found


def asked_for(seed: Any) -> Any:
    """Return which entries of the result a seed asks for: those where it is not 0."""
    return (seed._value if isinstance(seed, Handle) else seed) != 0


class Selected:
    """Whether a function that selects entries was passed, and silence from then on.

    What it did not select may divide 0 by 0 further back. That comes to nothing, so NumPy need not
    warn of it.
    """

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: Any = None

    def __call__(self) -> None:
        """Note that such a function was passed."""
        if self.state is None:
            self.state = np.errstate(divide="ignore", invalid="ignore", over="ignore")
            self.state.__enter__()

    def close(self) -> None:
        """Let NumPy warn again."""
        if self.state is not None:
            self.state.__exit__(None, None, None)


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
    _, plan, kept, _, _, operands = step(node)
    values, specs, params = plan.unpack(kept)
    nodes = [x if is_node(x) else None for x in operands]
    lifted = [tensor_of(kind, v, n) for v, n in zip(values, [*nodes, node], strict=True)]
    return plan.repack(tuple(lifted), specs, params)


def tensor_of(kind: type, value: Any, node: Node | None) -> Any:
    """Return a Tensor of a value whose node is known; the value itself if it is constant."""
    if value is None or node is None:
        return value
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


class Masked(NamedTuple):
    """A cotangent with its pattern: which entries the result structurally depends on."""

    g: Any
    pattern: Any

    def __add__(self, other: Masked) -> Masked:  # type: ignore[override]
        return Masked(self.g + other.g, self.pattern | other.pattern)


def masking(how: Any) -> Callable[[Node], Iterator[Any]]:
    """Return the edges that carry patterns beside the cotangents ``how`` gives."""

    def edges(node: Node) -> Iterator[Any]:
        plan, kept = node[PLAN], node[KEPT]
        for (i, raw), (_, pull) in zip(
            plan.edges, plan.edges if how is None else how(node), strict=True
        ):
            yield i, lambda m, _, raw=raw, pull=pull: masked_pull(m, plan, kept, raw, pull)

    return edges


def masked_pull(m: Masked, plan: Any, kept: Any, raw: Any, pull: Any) -> Masked:
    """Pull one masked cotangent: both sides of the rule see only entries that count."""
    g = np.where(m.pattern, m.g, 0)
    q = g if pull is None else pull(g, kept)
    pattern = parent_pattern(m.pattern, plan, kept, raw, q)
    return Masked(np.where(pattern, q, 0), pattern)


def parent_pattern(pattern: Any, plan: Any, kept: Any, raw: Any, q: Any) -> Any:
    """Return which entries of an operand the marked entries of the result depend on."""
    if plan.selects or plan.rule.kind == "linear":
        ones = pattern.astype(q.dtype)
        return (ones if raw is None else raw(ones, kept)) != 0
    if plan.rule.kind == "elementwise":
        return pattern if pattern.shape == q.shape else unbroadcast(pattern * 1.0, q.shape) != 0
    return np.ones(q.shape, bool)[()]


def tangent(root: Node, tangents: dict[int, Any], kind: type, lifted: bool) -> Any:
    """Return the tangent of the root, given those of some nodes; None if it depends on none."""

    def transpose(pull: Callable[[Any], Any], spec: Any, t: Any) -> Any:
        """Transpose a linear map g -> pull(g): its own vjp at any g, on the cotangent t."""
        g = tensor_of(kind, np.zeros(spec[0], spec[1])[()], leaf())
        recording = current.set(None)
        try:
            q = pull(g)
        finally:
            current.reset(recording)
        if not isinstance(q, Handle) or q._node is None:
            return np.zeros_like(q, shape=spec[0])
        found = cotangents(q._node, t, kind if lifted else None, every=True)
        return next((d for node, d in found if node is g._node), np.zeros_like(q, shape=spec[0]))

    def how(node: Node) -> Callable[[list[Any]], Any]:
        plan = node[PLAN]
        values, specs, params = plan.unpack(lift(node, kind) if lifted else node[KEPT])
        return lambda incoming: plan.rule.jvp(incoming, values, specs, params, transpose)

    if not any(node[PLAN] is not None and node[PLAN].selects for node in history(root)):
        return forward(root, tangents, how)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return forward(root, tangents, how)

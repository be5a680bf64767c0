"""Values and gradients of every node, also of those whose Tensor is gone. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import OPERANDS, Parts, grad_of, is_leaf, is_node, order_of, parents, step
from ..sweeps.reverse import cotangents

if TYPE_CHECKING:
    from ..graph import Node
    from .names import Names


def replay(nodes: list[Node], names: Names) -> tuple[dict[int, Any], set[int]]:
    """Return the values by the order of their nodes: kept for a derivative, held, or replayed.

    A value is None if nobody knows it: that of a variable which is gone and was not kept. Second
    come the variables that were changed since, as optimizers do, and whose value then is not known
    any more: theirs are the new ones.
    """
    values: dict[int, Any] = {}
    for node in nodes:
        if not is_leaf(node):
            _take_kept(node, values)
    used = {order: t._value for order, t in names.tensors.items()} | values
    changed = _changed(nodes, used, names.tensors.keys() - values.keys())
    values = {order: value for order, value in used.items() if order not in changed}
    for node in nodes:
        order = order_of(node)
        if order not in values:
            values[order] = _leaf_value(node) if is_leaf(node) else _replayed(node, values)
    return values | {order: used[order] for order in changed}, changed


def _changed(nodes: list[Node], known: dict[int, Any], held: set[int]) -> set[int]:
    """Return the variables, of those that are only held, from which other values follow."""
    values = dict(known)
    changed: set[int] = set()
    doubtful: dict[int, set[int]] = {}  # variables that a value stands and falls with
    for node in nodes:
        order = order_of(node)
        if is_leaf(node):
            doubtful[order] = {order} & held
            continue
        doubts = set().union(*(doubtful[order_of(x)] for x in parents(node)))
        doubtful[order] = set() if order in known else doubts
        if order not in known:
            values[order] = _replayed(node, values)
        elif doubts - changed and not _same(_replayed(node, values), known[order]):
            changed |= doubts
    return changed


def _same(x: Any, y: Any) -> bool:
    """Tell whether two values are alike, as far as they are known; rounding aside."""
    if x is None or y is None or isinstance(y, tuple):
        return True
    if isinstance(x, tuple):  # the results of a function that has several
        return all(_same(*pair) for pair in zip(x, y, strict=True))
    return np.shape(x) == np.shape(y) and bool(np.allclose(x, y, equal_nan=True))


def _leaf_value(node: Node) -> Any:
    """Return what a variable's own node keeps of it, if it does."""
    return step(node).kept


def _take_kept(node: Node, values: dict[int, Any]) -> None:
    """Note the operands and the result that a node kept."""
    kept = kept_values(node)
    for operand, value in zip((*step(node).operands, node), kept, strict=False):
        if is_node(operand) and value is not None:
            values.setdefault(order_of(operand), value)


def kept_values(node: Node) -> tuple[Any, ...]:
    """Return the operands and the result as the node kept them, None where it did not."""
    fields = step(node)
    values, _, _ = fields.plan.unpack(fields.kept)
    return tuple(values or [None] * (len(fields.operands) + 1))


def shapes(node: Node, values: dict[int, Any]) -> list[Any]:
    """Return the shapes of the operands and of the result, None where unknown."""
    found = [value_of(x, values) for x in (*step(node).operands, node)]
    return [None if x is None or isinstance(x, tuple) else np.shape(x) for x in found]


def value_of(operand: Any, values: dict[int, Any]) -> Any:
    """Return the value of an operand: a node's, or the constant itself."""
    return values.get(order_of(operand)) if is_node(operand) else operand


def _replayed(node: Node, values: dict[int, Any]) -> Any:
    """Return the value of a node, computed again from its operands."""
    fields = step(node)
    _, _, params = fields.plan.unpack(fields.kept)
    kept = kept_values(node)
    operands = [value_of(x, values) for x in fields.operands]
    operands = [x if k is None else k for x, k in zip(operands, kept, strict=False)]
    if any(x is None for x in operands):
        return None
    if fields.plan.rule.kind != "output":  # which takes its place of a tuple
        operands = [np.asarray(x)[()] if isinstance(x, list | tuple) else x for x in operands]
    try:
        with np.errstate(all="ignore"):
            return fields.plan.rule.forward(*operands, **params)
    except Exception:  # a rule of the user's own: a picture shows "?" rather than fail
        return None


def gradients(root: Node, nodes: list[Node], stored: bool = True) -> dict[int, Any]:
    """Return the gradients by the order of their nodes; none at all if backward was not run.

    Where a Tensor is gone, nothing was stored: those come from the sweep, run again from the
    root's own gradient. With ``stored`` false all do: of a run that nobody else knows of.
    """
    seed = grad_of(root)
    if seed is None:
        return {}
    found: dict[int, Any] = {}
    try:
        with np.errstate(all="ignore"):
            for node, g in cotangents(root, np.asarray(seed)[()], every=True):
                if not isinstance(g, Parts):  # of several results each has its own
                    found[order_of(node)] = g
    except Exception:  # a rule of the user's own failed, as backward will tell
        found = {}
    if not stored:
        return found
    kept = {order_of(node): grad_of(node) for node in nodes}
    return found | {order: g for order, g in kept.items() if g is not None}


def local_edges(node: Node) -> list[tuple[Any, Any]]:
    """Return (operand, pull) for each operand through which a derivative passes."""
    fields = step(node)
    return [(fields.operands[i - OPERANDS], pull) for i, pull in fields.plan.edges]

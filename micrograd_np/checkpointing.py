"""Checkpoints: a part of a computation whose graph is not kept, but made again. Floor 9."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import check_function
from .calls.dispatch import several_of
from .calls.outputs import Several, joined
from .calls.recording import apply
from .errors import ArgumentError, where
from .graph import Node, Parts, history, new_order, order_of, parents
from .modes import current, recording_all, running, tracing
from .rule import General
from .run import tracked, variable
from .sweeps.lifting import tensor_of
from .sweeps.reverse import cotangents
from .tensor import Tensor
from .tree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable


class _Segment:
    """A part of a computation that is run again when its cotangents are asked for."""

    def __init__(self, f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> None:
        self.f = f
        leaves, self.rebuild = flatten((args, kwargs))
        self.leaves = [as_it_is_now(x) for x in leaves]
        self.places = [i for i, x in enumerate(self.leaves) if tracked(x)]
        self.outer: list[int] = []  # orders of the nodes that f closes over
        self.last: tuple[Any, dict[int, Any]] = (None, {})
        self.ends: list[int] = []  # which leaves of the result have a gradient
        self.out: list[Any] = []  # their values, on the way to the node

    def run(self, operands: Any, again: bool = False) -> tuple[list[int], Any, int]:
        """Run f on variables of the operands: their orders, the result, and what is older."""
        start = new_order()
        variables = [variable(x) for x in operands]
        orders = [order_of(v._node) for v in variables]  # f may rebind the handles in place
        leaves = list(self.leaves)
        for place, v in zip(self.places, variables, strict=True):
            leaves[place] = v
        noting, mode = running.get(), current.get()
        try:
            if noting is None and (again or self.places):
                running.set([])  # or a transform in f would take what it closes over for constant
            current.set(recording_all(mode))
            args, kwargs = self.rebuild(leaves)
            return orders, self.f(*args, **kwargs), start
        finally:
            running.set(noting)
            current.set(mode)

    def pull(self, g: Any, xs: Any, i: int) -> Any:
        """Return the cotangent of operand i; all are computed together, once for each g."""
        last = self.last  # other threads may sweep, too
        if last[0] is not g:
            self.last = last = g, self.cotangents(g, xs)
        q = last[1][i]
        return q.copy() if type(q) is np.ndarray else q

    def cotangents(self, g: Any, xs: Any) -> dict[int, Any]:
        """Run again and sweep back to the operands and to what f closes over."""
        operands = xs[: len(self.places)]
        orders, out, start = self.run(operands, again=True)
        outs, gs = flatten(out)[0], g if len(self.ends) > 1 else (g,)
        kind = Tensor if any(isinstance(x, Tensor) for x in (*gs, *xs)) else None
        pairs = [(outs[i], q) for i, q in zip(self.ends, gs, strict=True) if tracked(outs[i])]
        found: dict[int, Any] = {}
        if pairs:  # the derivative of a derivative may be constant
            root = joined([t._node for t, _ in pairs])
            sweep = cotangents(
                root,
                Parts(enumerate(q for _, q in pairs)),
                kind,
                every=True,
                within=lambda node: order_of(node) < start,
            )
            found = {order_of(node): q for node, q in sweep}
        zeros = [np.zeros_like(gs[0], x.dtype, shape=x.shape) for x in operands]
        zeros += [0 * gs[0]] * len(self.outer)
        return {i: found.get(order, zeros[i]) for i, order in enumerate(orders + self.outer)}


def as_it_is_now(x: Any) -> Any:
    """Return an argument as nobody can change it before it is used again."""
    if isinstance(x, Tensor) and not tracked(x):
        return x.detach()
    return x.copy() if type(x) is np.ndarray else x


class _SegmentRule(General):
    """The rule of a function's segments; their cotangents are those of rules, already in shape."""

    inner = ("segment",)

    def fit(self, q: Any, spec: Any) -> Any:
        """Trust the rules that made the cotangent."""
        return q


class _SeveralSegmentsRule(_SegmentRule, Several):
    """The same of several results."""


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return f so that its graph is not kept: backward computes it again.

    It trades time for memory: only the arguments are kept. What f closes over is differentiated
    as well.

    Parameters
    ----------
    f : callable
        Of arrays or trees of arrays; returns an array, or a tree of arrays.

    Raises
    ------
    ArgumentError
        If f returns what is no array.

    Examples
    --------
    >>> block = mg.checkpoint(lambda x: np.sin(np.sin(x)))
    >>> float(mg.grad(block)(0.0))
    1.0
    """
    check_function(f, "checkpoint")
    one, many = [
        kind(
            f,
            [lambda g, xs, i, segment: segment.pull(g, xs, i)],
            forward=lambda *_, segment: segment.out.pop(),
            name=getattr(f, "__name__", "checkpoint"),
            selects=True,  # f may
        )
        for kind in (_SegmentRule, _SeveralSegmentsRule)
    ]

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if tracing() is not None:
            return f(*args, **kwargs)  # what is compiled is laid out in memory by the compiler
        segment = _Segment(f, args, kwargs)
        operands = [segment.leaves[i] for i in segment.places]
        _, out, start = segment.run([x.detach() for x in operands])
        outs, rebuild = flatten(out)
        check_results(outs)
        segment.ends = [i for i, x in enumerate(outs) if tracked(x)]
        ends = [outs[i] for i in segment.ends]
        outer = boundary([t._node for t in ends], start)
        segment.outer = [order_of(node) for node in outer]
        operands += [tensor_of(Tensor, np.float64(0), node) for node in outer]
        outs = [x.detach() if isinstance(x, Tensor) else x for x in outs]
        if ends and operands:
            params = {"segment": segment}
            segment.out = [ends[0]._value if len(ends) == 1 else tuple([t._value for t in ends])]
            if len(ends) == 1:
                found = [apply(one, tuple(operands), params)]
            else:
                found = several_of(many, tuple(operands), params)
            for i, t in zip(segment.ends, found, strict=True):
                outs[i] = t
        return rebuild(outs)

    return checkpointed


def check_results(outs: list[Any]) -> None:
    """Refuse what a function cannot give a derivative of."""
    arrays = np.ndarray | np.generic | float | int | complex | Tensor
    wrong = [x for x in outs if not isinstance(x, arrays)] if outs else [None]
    if wrong:
        raise ArgumentError(
            f"checkpoint: f must return arrays, not {type(wrong[0]).__name__}{where()}."
        )


def boundary(roots: list[Node], start: int) -> list[Node]:
    """Return the nodes older than ``start`` that younger ones were computed from directly."""
    found: dict[int, Node] = {}
    for node in history(*roots):
        if order_of(node) < start:
            found.update((order_of(p), p) for p in parents(node) if order_of(p) > start)
    return list(found.values())

"""Functions with several results: one node for the function, one for each result. Floor 4.

The result of ``np.linalg.eigh`` is a tuple, and so is what its node keeps; each Tensor that a user
gets holds a node of its own, which takes one place of that tuple. On the way back, a cotangent of a
result is a part (`graph.Parts`) of the function's cotangent. Parts add up, and the function's
derivative runs once, on a tuple like the result, with zeros for what was not asked for:

    several(np.linalg.eigh, lambda g, out: ... g.eigenvalues ... out.eigenvectors ...)

A derivative that reads ``asked`` is told which these are: a tuple of booleans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Node, Parts, new_order, step
from ..modes import tracing
from ..plan import like_tuple, spec_of
from ..rule import Function, General, Rule, identity, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Several(General):
    """A function with several results, in a tuple: ``g`` and ``out`` of its vjps are like it.

    ``steps`` are the places of results that are piecewise constant as long as they are real.
    """

    several = True

    def __init__(self, *args: Any, steps: tuple[int, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.steps = steps

    def moves(self, i: int, spec: Any) -> bool:
        """Tell whether result i can have a gradient."""
        return spec.dtype.kind == "c" or (spec.dtype.kind == "f" and i not in self.steps)

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the pull, given a cotangent for each result."""
        pull = super().pull(i, count, full, bare)
        if pull is None or not full:  # a step on the way to the full one
            return pull
        if "asked" not in self.reads(i):
            return lambda parts, kept: pull(complete(parts, kept[1][-1]), kept)

        def telling(parts: Parts, kept: Any) -> Any:
            values, specs, params = kept
            asked = like_tuple(specs[-1], [i in parts for i in range(len(specs[-1]))])
            return pull(complete(parts, specs[-1]), (values, specs, {**params, "asked": asked}))

        return telling

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Transpose the vjp in the cotangents of all results that have one."""
        places = Parts({i: spec for i, spec in enumerate(specs[-1]) if self.moves(i, spec)})

        def in_parts(pull: Any, _: Any, t: Any) -> Any:
            return transpose(pull, places, t)

        return super().jvp(tangents, values, specs, params, in_parts)


class Output(Rule):
    """One of several results: its cotangent is one part of theirs."""

    kind = "output"
    sees_values = False
    masks = True

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the function that puts a cotangent in its place."""
        return lambda g, kept: Parts({kept[2]["index"]: g})

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Take the tangent in its place."""
        return tangents[0].get(params["index"])


output = Output(lambda x, index: x[index], [identity], name="getitem")


class Joined(Output):
    """Values taken together, to sweep back from all of them: each has its part of a cotangent."""

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the function that takes a part."""
        return lambda parts, _: parts[i]


JOINED = Joined(lambda *xs: xs, [identity], name="joined")


def joined(nodes: Sequence[Node]) -> Node:
    """Return a node whose cotangent has a part for each of these nodes."""
    plan = JOINED.plan((True,) * len(nodes))
    kept: Any = (None,) * (len(nodes) + 1), None, {}
    return [new_order(), plan, kept, None, None, None, *nodes]


def several(function: Function, *vjps: Any, **options: Any) -> None:
    """Declare a function with several results by its vjp in each operand."""
    rules[function] = Several(function, vjps, **options)


def complete(parts: Parts, specs: Any) -> Any:
    """Return cotangents of all results, in a tuple like theirs: zeros where there is no part."""
    if parts.whole is None:
        like = next(iter(parts.values()))
        gs = [
            parts[i] if i in parts else np.zeros_like(like, spec.dtype, shape=spec.shape)[()]
            for i, spec in enumerate(specs)
        ]
        parts.whole = like_tuple(specs, gs)
    return parts.whole


def output_nodes(node: Node, data: tuple[Any, ...]) -> list[Node | None]:
    """Return a node for each of the results of a node; None for one without a gradient.

    A trace records those too, and has one set of them: they are as old as the function's call.
    """
    trace = tracing()
    if trace is None:
        return made_for(node, data, None)
    return trace.outputs(node, lambda: made_for(node, data, output.plan((False,))))  # type: ignore[no-any-return]


def made_for(node: Node, data: tuple[Any, ...], otherwise: Any) -> list[Node | None]:
    """Return new nodes, with the other plan for results without a gradient."""
    fields = step(node)
    found: list[Node | None] = []
    for i, spec in enumerate(map(spec_of, data)):
        plan = output.plan((True,)) if fields.plan.rule.moves(i, spec) else otherwise
        kept = (None, None), (None, spec), {"index": i}
        part = [new_order(), plan, kept, spec, None, fields.scope, node]
        found.append(None if plan is None else part)
    return found

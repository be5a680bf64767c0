"""Recurrences: a step repeated in a trace, one line of the program, and its derivatives. Floor 9.

The derivatives of a loop are loops. In reverse mode one goes over the rows from the last to the
first and carries cotangents: those of the carry, and those of what the step closes over, added up.
In forward mode one carries tangents. Both start each step from the carry that it had, which the
loop collects for them; what the step made of it is computed once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import title
from ..calls.handle import Handle, handle, result
from ..calls.outputs import Several
from ..calls.recording import NO_PARAMS, keep
from ..errors import ArgumentError, ShapeError, where
from ..graph import PLAN, Parts, is_node, new_order, order_of
from ..modes import mode_now, tracing
from ..run import tracked, variable
from ..sweeps.forward import pushed_on
from ..sweeps.lifting import tensor_of
from ..sweeps.reverse import pulled_back
from ..sweeps.structure import Masked
from ..tensor import Tensor
from ..tracing.replay import nodes_of, replayed
from ..tracing.trace import Traced, traced
from ..tree import flatten, leaves_like, map_leaves
from .inlining import lowered
from .loop import Loop
from .passes import simplified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def taken(step: Callable[..., Any], carry: Any, x: Any) -> tuple[Any, Any]:
    """Return what a step gives, a pair; the new carry with its keys in the order of the old."""
    out = step(carry, x)
    if not (isinstance(out, tuple) and len(out) == 2):
        raise ArgumentError(
            f"scan: {title(step)} must return a pair (carry, y), not "
            f"{type(out).__name__}{where()}. Return (carry, None) to collect nothing."
        )
    after = leaves_like("scan, the carry before and after a step", carry, out[0])
    return flatten(carry)[1](after), out[1]


def as_array(x: Any) -> Any:
    """Return a leaf of the carry: a number becomes an array's, so that its dtype can stay."""
    return x if isinstance(x, Handle) else np.array(x)[()]


def spec(x: Any) -> tuple[Any, Any]:
    """Return shape and dtype of a leaf."""
    return np.shape(x), getattr(x, "dtype", np.dtype(type(x)))


def check_carry(step: Callable[..., Any], before: Any, after: Any) -> None:
    """Refuse a carry that changes."""
    pairs = zip(flatten(before)[0], flatten(after)[0], strict=True)
    for i, (x, y) in enumerate(pairs):
        if spec(x) != spec(y):
            raise ShapeError(
                f"scan: array {i} of the carry is {spec(x)[1]} of shape {spec(x)[0]}, after "
                f"{title(step)} {spec(y)[1]} of shape {spec(y)[0]}{where()}. They must be the "
                "same: begin with an init of that shape and dtype."
            )


def recorded(step: Callable[..., Any], init: Any, xs: Any, n: int) -> tuple[Any, Any]:
    """Record the loop as one line of a program, whose step is a program of its own.

    It collects the carries, for its derivatives, and what tells whether a NaN is to be doubted.
    """
    trace, out = tracing(), None
    carry = map_leaves(lambda x: strong(as_array(x)), init)
    first = map_leaves(lambda x: value(x)[0] if n else np.zeros(x.shape[1:], x.dtype)[()], xs)
    examples = map_leaves(value, carry)

    def body(carry: Any, x: Any) -> Any:
        nonlocal out
        before = map_leaves(handle, carry)  # the step may change its own in place
        out = *taken(step, carry, x), [np.sum(g) for g in tracing().checks], before
        return out

    made = traced(body, (examples, first), trace.careful)
    after, *collected = map_leaves(value, out)
    check_carry(step, examples, after)
    (starts, grow), (arrays, _), (ys, grow_collected) = map(flatten, (carry, xs, collected))
    program = simplified(made.program._replace(checks=()))
    loop = Loop(lowered(program), len(starts), len(arrays), n)
    results = *flatten(after)[0], *[np.broadcast_to(y, (n, *y.shape)) for y in ys]
    outs = called(loop, made, [*starts, *arrays, *made.captured], results)
    y, doubts, _ = grow_collected(outs[len(starts) :])
    trace.checks += doubts
    return grow(outs[: len(starts)]), y


def called(loop: Loop, made: Traced, operands: list[Any], examples: Any) -> list[Any]:
    """Record the call of a loop, whose results are like the examples."""
    trace, mode, whole = tracing(), mode_now(), result(Tensor, examples)
    for x in operands:
        if isinstance(x, Handle):
            trace.value(x)  # it may be of an outer trace
    passing = mode is not None and mode.passing
    nodes = [trace.place(trace.constant(x)) for x in operands]
    plan = Recurrence(loop, made).plan(tuple([passing and is_node(x) for x in nodes]))
    trace.node(whole, plan, keep(plan, list(map(value, operands)), examples, NO_PARAMS), nodes)
    trace.loops = True
    return list(tensor_of(Tensor, examples, whole._node))


def strong(x: Any) -> Any:
    """Return a carry that a plain number was given for as an array's."""
    return np.positive(x) if tracing().is_weak(x) else x


def value(x: Any) -> Any:
    """Return the value that a leaf has as an example."""
    return x._value if isinstance(x, Handle) else np.asarray(x)[()]


def moves(x: Any) -> bool:
    """Tell whether a value can have a gradient."""
    return np.asarray(value(x)).dtype.kind in "fc"


def whole(g: Any, xs: Any, out: Any) -> Any:
    """Stand for the derivatives, which read all there is: they are computed together."""
    raise NotImplementedError


def selects(made: Traced) -> bool:
    """Tell whether a function among what was traced selects entries."""
    start = made.recording.start
    inside = [node[PLAN] for node in nodes_of(made) if order_of(node) < start]
    return any(plan is not None and plan.selects for plan in inside)


class Recurrence(Several):
    """The rule of a loop. Its operands are the carries, the rows, and what the step closes over."""

    masks = True

    def __init__(self, loop: Loop, made: Traced) -> None:
        operands = (*made.arguments, *made.captured)
        vjps = [whole if moves(x) else None for x in operands]
        super().__init__(loop, vjps, forward=loop, selects=selects(made))
        self.made, self.length = made, loop.length
        self.first, self.last = loop.carries, loop.carries + loop.arrays
        self.known: tuple[Any, list[Any]] = None, []  # the last cotangent, and what it gave

    def split(self, leaves: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Return what there is for each operand: for carries, for rows, and for the rest."""
        first, last = self.first, self.last
        return list(leaves[:first]), list(leaves[first:last]), list(leaves[last:])

    def step(self, carry: list[Any], x: list[Any], rest: list[Any]) -> tuple[Any, Any, int]:
        """Record a step once more; return its operands, its results, and what is older."""
        start = new_order()
        given = [*[variable(t) if moves(t) else t for t in (*carry, *x)], *rest]
        return given, replayed(self.made, given), start

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the cotangent of operand i; all are computed together, once for each g."""

        def pulled(g: Parts, kept: Any) -> Any:
            if self.known[0] is not g:
                self.known = g, self.cotangents(g, kept[0])
            return self.known[1][i]

        return pulled

    def cotangents(self, g: Parts, values: Any) -> list[Any]:
        """Return the cotangents of all operands: a loop from the last row to the first."""
        *operands, out = values
        starts, xs, rest = self.split(operands)
        zero = zeros(*g.values())

        def step(carry: Any, row: Any) -> Any:
            (gs, totals), (before, x, more) = carry, row
            given, outs, start = self.step(before, x, rest)
            pairs = [(outs[i], q) for i, q in (*enumerate(gs), *more.items()) if q is not None]
            found = pulled_back([pair for pair in pairs if tracked(pair[0])], start, Tensor)
            qs, q_x, q_rest = self.split([found.get(order_of(t._node)) for t in given])
            return (filled(qs, before, zero), added(totals, q_rest)), filled(q_x, x, zero)

        last = [g.get(i, zero(x)) for i, x in enumerate(starts)]
        collected = {i: q for i, q in g.items() if i >= self.first}
        rows = from_the_last((list(out[len(out) - self.first :]), xs, collected))
        (g_starts, totals), g_xs = recorded(step, (last, list(map(zero, rest))), rows, self.length)
        return [*g_starts, *from_the_last(g_xs), *totals]

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Return the tangents of all results: a loop over the rows."""
        *operands, out = values
        (starts, xs, rest), (ts, t_xs, t_rest) = self.split(operands), self.split(tangents)
        zero = zeros(*[t for t in tangents if t is not None])

        def step(ts: Any, row: Any) -> Any:
            before, x, t_x = row
            given, outs, start = self.step(before, x, rest)
            moving = zip(given, (*ts, *t_x, *t_rest), strict=True)
            incoming = {order_of(v._node): t for v, t in moving if t is not None}
            found = iter(pushed_on([t._node for t in outs if tracked(t)], incoming, start, Tensor))
            moved = filled([next(found) if tracked(t) else None for t in outs], outs, zero)
            return moved[: self.first], moved[self.first :]

        rows = list(out[len(out) - self.first :]), xs, t_xs
        ts, t_ys = recorded(step, filled(ts, starts, zero), rows, self.length)
        return Parts({i: t for i, t in enumerate((*ts, *t_ys)) if t is not None})


def zeros(*moving: Any) -> Callable[[Any], Any]:
    """Return the function that gives the 0 of a value, None if it has none; masked as others."""
    masked = any(type(g) is Masked for g in moving)

    def zero(x: Any) -> Any:
        x = value(x)
        if not moves(x):
            return None
        nothing = np.zeros(x.shape, x.dtype)[()]
        return Masked(nothing, np.zeros(x.shape, bool)[()]) if masked else nothing

    return zero


def filled(moving: list[Any], xs: Sequence[Any], zero: Callable[[Any], Any]) -> list[Any]:
    """Return cotangents or tangents, each a zero where there is none; None for integers."""
    pairs = zip(moving, xs, strict=True)
    return [g if g is not None and moves(x) else zero(x) for g, x in pairs]


def added(totals: list[Any], more: list[Any]) -> list[Any]:
    """Return totals with what there is more."""
    return [a if a is None or b is None else a + b for a, b in zip(totals, more, strict=True)]


def from_the_last(rows: Any) -> Any:
    """Return arrays with their rows in reverse."""
    return map_leaves(lambda x: x[::-1], rows)

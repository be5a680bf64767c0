"""Deriving: from what was recorded to the formulas of its derivatives. Floor 9."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, where
from ..graph import history, is_leaf, order_of
from ..sweeps.reverse import has_nan
from ..tracing.program import Program, Ref, of_graph
from .explanation import Explanation, Formula, needed
from .folding import Folding
from .naming import squeezed
from .parts import Parts
from .python import Python
from .reading import Reading
from .subject import depends_on_nothing, is_recorded
from .terms import NAME, names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .reading import Definition
    from .subject import Subject
    from .terms import Term

MOST = 5000  # operations of a computation that is explained: about 3 ms each, and a line to read
LONG = 80  # characters of a composed formula, beyond which its parts are shared


class Derived(NamedTuple):
    """The program of a result and its derivatives; values by their number in it."""

    program: Program
    lines: int  # so many of them compute the result
    names: dict[int, str]
    out: int
    variables: list[int]
    gradients: list[Any]  # outputs of the program
    middle: dict[int, int]  # gradients of named values: the number of the value
    seed: int
    point: dict[int, Any]  # values of the inputs
    title: str | None


def explained(subject: Subject, share: bool, expand: bool, order: int) -> Explanation:
    """Return the derivatives of a result as formulas."""
    check(subject, order)
    derived = swept(subject, order)
    titles: dict[int, str] = {}
    if share:
        titles = {g: derivative_name(derived, at, 1) for g, at in derived.middle.items()}
        titles = worthwhile(subject, derived, titles)
    return written(subject, derived, titles, expand, order)


def check(subject: Subject, order: int) -> None:
    """Refuse what has no such derivative."""
    out = subject.out
    if not is_recorded(out):
        raise ArgumentError(depends_on_nothing(out))
    nodes = history(out._node)
    if not all(map(subject.recording.knows, nodes)):
        raise ArgumentError(
            f"explain: a part of this was computed in another thread{where()}, where nothing is "
            "remembered for a reader. Explain the result, mg.explain(f(*tensors))."
        )
    if len(nodes) > MOST:
        raise ArgumentError(
            f"explain: {len(nodes)} operations are more than anybody reads{where()}; up to {MOST} "
            "are explained. Explain a part of the computation: one layer, one step."
        )
    wrong = [f"the variable {name!r}" for name, t in subject.variables if t.size != 1]
    wrong += ["the result"] if out.size != 1 else []
    if order > 1 and wrong:
        raise ArgumentError(
            f"explain: order={order} is for single numbers, and {wrong[0]} is an array{where()}. "
            "For a Hessian times a vector g, explain the gradient: mg.explain(mg.grad(f), ...)."
        )


def swept(subject: Subject, order: int) -> Derived:
    """Run the reverse sweep, and return everything as one program."""
    recording, out = subject.recording, subject.out
    forward = [recording.tensors[o] for o in subject.names if o in recording.tensors]
    roots = [t._node for t in (out, *forward)]
    lines = sum(not is_leaf(node) for node in history(*roots))
    ts = [t for _, t in subject.variables]
    recording.names = {*subject.names}
    with recording:
        seed = recording.input(np.ones_like(out._value))
        found, gs = differentiated(recording, out, seed, ts, order)
        if order > 1 and any(map(has_nan, gs)):  # that of a choice which the first left out
            recording.choosing = True
            found, gs = differentiated(recording, out, seed, ts, order)
    middle = [t for t in forward if order_of(t._node) in found and not is_leaf(t._node)]
    outputs = [out, *forward, *gs, *[found[order_of(t._node)] for t in middle]]
    program, at = as_program(recording, outputs)
    refs = list(program.outputs)
    numbers = at | {o: ref.at for o, ref in zip(map(order_of, roots), refs, strict=False)}
    names = {numbers[o]: name for o, name in subject.names.items() if o in numbers}
    gradients = refs[len(roots) : len(roots) + len(gs)]
    between = zip(refs[len(roots) + len(gs) :], middle, strict=True)
    return Derived(
        program,
        lines,
        names,
        numbers[order_of(out._node)],
        [numbers[order_of(t._node)] for t in ts],
        gradients,
        {g.at: numbers[order_of(t._node)] for g, t in between if isinstance(g, Ref)},
        at[order_of(seed._node)],
        {i: recording.tensors[order]._value for order, i in at.items()},
        subject.title,
    )


def zeros_if_none(g: Any, t: Any) -> Any:
    """Return a gradient, zeros where the result does not depend on t."""
    return np.zeros(t.shape, t.dtype) if g is None else g


def differentiated(
    recording: Any, out: Any, seed: Any, ts: list[Any], order: int
) -> tuple[dict[int, Any], list[Any]]:
    """Return the cotangents of the result, and its derivatives of this order."""
    found = recording.cotangents(out, seed, ts)
    gs = [zeros_if_none(found.get(order_of(t._node)), t) for t in ts]
    for _ in range(order - 1):
        gs = [again(recording, g, t) for g, t in zip(gs, ts, strict=True)]
    return found, gs


def again(recording: Any, g: Any, t: Any) -> Any:
    """Return the derivative of a derivative."""
    if not is_recorded(g):
        return np.zeros(t.shape, t.dtype)
    seed = np.ones(g.shape, g.dtype)[()]
    return zeros_if_none(recording.cotangents(g, seed, [t]).get(order_of(t._node)), t)


def as_program(recording: Any, outputs: list[Any]) -> tuple[Program, dict[int, int]]:
    """Return the program of some Tensors, and the numbers of its inputs by their order."""
    constants = {o: x for o, x in recording.leaves.items() if o not in recording.inputs}
    values = {order: t._value for order, t in recording.tensors.items()}
    program = of_graph(
        outputs,
        recording.inputs,
        values=values,
        numbers=recording.numbers,
        constants=constants,
    )
    return program, {order: i for i, order in enumerate(recording.inputs)}


def result_name(derived: Derived) -> str:
    """Return what the result is called."""
    own = derived.names.get(derived.out)
    others = {name for at, name in derived.names.items() if at != derived.out}
    if own and own not in others:
        return own
    wishes = (derived.title or "L", "loss", "result")
    return next((name for name in wishes if name not in others), wishes[0])


def derivative_name(derived: Derived, at: int, order: int, name: str | None = None) -> str:
    """Return what a derivative is called: ``dL_dw1``, ``d2L_dw1``."""
    power = "" if order == 1 else str(order)
    by = name or derived.names.get(at, "")
    return f"d{power}{squeezed(result_name(derived))}_d{squeezed(by)}"


def read(subject: Subject, derived: Derived, titles: dict[int, str]) -> Reading:
    """Return the program as terms."""
    taken = derived.names.values()
    g = next(name for name in ("g", "G", "g_out") if name not in taken)
    names = {**derived.names, derived.seed: g}
    if derived.names.get(derived.out) != result_name(derived):
        names.pop(derived.out, None)  # it is no name of the user's: no formula refers to it
    lone = subject.out.size == 1
    given = {derived.seed: np.ones(subject.out.shape, subject.out.dtype)} if lone else {}
    kept = [Ref(at) for at in (*names, derived.out) if at != derived.seed]
    return Reading(
        derived.program, [*kept, *derived.gradients], names | titles, subject.constants, given,
        derived.point, derived.lines, subject.recording.ordered,
    )  # fmt: skip


def worthwhile(subject: Subject, derived: Derived, titles: dict[int, str]) -> dict[int, str]:
    """Return the names of the gradients that are used twice, or without which lines are long."""
    reading, python = read(subject, derived, titles), Python()
    named = {d.name: d for d in reading.definitions if d.at in titles}
    last = [reading.operand(g) for g in derived.gradients]
    terms = [*[d.term for d in named.values()], *last]
    uses = Counter(name for t in terms for name in names_in(t) if name in named)
    lengths: dict[Term, int] = {}  # of the texts of those that need no name
    for t, name in zip(terms, [*named, *last], strict=True):
        parts = {x: lengths[x] for x in names_in(t) if x in lengths}
        length = len(python.text(t)) + sum(parts.values())
        for x in sorted(parts, key=parts.__getitem__, reverse=True):
            if length > LONG:
                length -= lengths.pop(x)
        if name in named and uses[name] < 2:
            lengths[name] = length
    return {d.at: titles[d.at] for name, d in named.items() if name not in lengths}


def gradients(
    reading: Reading, derived: Derived, order: int, fold: Callable[[Term], Term]
) -> Iterator[Formula]:
    """Yield the lines of the gradients."""
    for at, g in zip(derived.variables, derived.gradients, strict=True):
        v = reading.values[at]
        assert v is not None
        title = reading.namer.unique(derivative_name(derived, at, order, v.params))
        term = fold(reading.algebra.fit(reading.operand(g), v.shape))
        yield Formula(title, term, result_name(derived), v.params, order)


def given(reading: Reading, derived: Derived) -> tuple[list[Term], dict[str, Any]]:
    """Return the variables and constants of the formulas, and their values by name."""
    inputs = [t for _, t in reading.given] + [t for t, _ in reading.arrays.values()]
    point = {t.params: derived.point[at] for at, t in reading.given}
    return inputs, point | {name: x for name, (_, x) in reading.arrays.items()}


def written(
    subject: Subject, derived: Derived, titles: dict[int, str], expand: bool, order: int
) -> Explanation:
    """Return the formulas, with names for some gradients in between."""
    reading = read(subject, derived, titles)
    folding = Folding(reading.algebra, reading.meaning, not expand)
    fold = folding.fold
    first = len(derived.program.inputs) + derived.lines
    of = result_name(derived)

    def line(d: Definition) -> Formula:
        by = derived.names.get(derived.middle.get(d.at, -1)) if d.at in titles else None
        return Formula(d.name.params, fold(d.term), of if by else None, by)

    ahead = [d for d in reading.definitions if d.at < first]
    forward = [line(d) for d in ahead]
    out = reading.values[derived.out]
    if out is not None and out.op != NAME:
        forward.append(Formula(reading.namer.unique(of), fold(out)))
    folding.shorten([(d.name, x.term) for d, x in zip(ahead, forward, strict=False)])
    shared = [line(d) for d in reading.definitions[len(ahead) :]]
    last = [*gradients(reading, derived, order, fold)]
    used = needed(last, shared)  # with the others written out, one may have cancelled
    backward = [*[x for x in shared if x.name in used], *last]
    wished = {*derived.names, *titles}
    numbered = [d.name for d in reading.definitions if d.at not in wished]
    parts = Parts(reading.algebra, reading.namer, numbered)
    inputs, point = given(reading, derived)
    seed = reading.values[derived.seed]
    kinks = tuple(f"{name}: {text}" for name, text in subject.recording.kinks.items())
    cotangent = None if seed is None or subject.out.size == 1 else seed.params
    return Explanation(*parts.parted(forward, backward), inputs, point, cotangent, kinks)

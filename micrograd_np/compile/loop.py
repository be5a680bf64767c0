"""Loops: a program that is run for each row of its arrays, as one function. Floor 9.

A small step becomes a loop over plain Python numbers; numba makes the same text native. A larger
one is called with NumPy arrays, step after step.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.outputs import output
from ..tracing.program import Program, Ref, refs
from ..tracing.spelling import LOAD, call
from .cells import Cell, NotUnrolledError
from .checked import function
from .native import native
from .numbers import MATH, Statements
from .numpys import stepping
from .plain import FAILURES
from .rewriting import inputs_read, with_inputs, without_dead
from .syntax import assign, definition, name, store, targets, tuple_of
from .unrolling import Unrolled, unrolled

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = 300  # numbers in a step that is run in plain Python


class Loop:
    """A loop as a function of its arrays: carries, then what is looped over, then constants.

    It returns the last carries, then what was collected, in one tuple.
    """

    __name__ = "scan"

    def __init__(
        self, step: Program, carries: int, arrays: int, length: int, backend: str = "auto"
    ) -> None:
        self.step, self.carries, self.arrays, self.length = step, carries, arrays, length
        self.backend = backend
        self.runs: Callable[..., Any] | None = None
        self.in_numpy: Callable[..., Any] | None = None
        self.lock = Lock()

    def giving(self, wanted: set[int], backend: str) -> tuple[Loop, list[int], list[int]]:
        """Return the loop that gives these results, which operands it takes, and what it gives.

        A carry is left out if nothing wanted hangs on it, in its own step or a later one.
        """
        while True:
            chosen = tuple([self.step.outputs[i] for i in sorted(wanted)])
            step = without_dead(self.step._replace(outputs=chosen, rebuild=tuple))
            read = inputs_read(step)
            carried = {at for at in read if at < self.carries}
            if carried <= wanted:
                break
            wanted = wanted | carried
        carries = [i for i in sorted(wanted) if i < self.carries]
        taken = sorted({*carries, *read})
        rows = sum(self.carries <= at < self.carries + self.arrays for at in taken)
        step = bound(with_inputs(step, taken), backend)
        return Loop(step, len(carries), rows, self.length, backend), taken, sorted(wanted)

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        """Run it."""
        if self.runs is None:
            with self.lock:
                self.runs = self.made()
        try:
            return self.runs(*values)  # type: ignore[no-any-return]
        except FAILURES:
            return self.with_numpy(*values)

    def with_numpy(self, *values: Any) -> tuple[Any, ...]:
        """Run it with NumPy: for large steps, and where plain numbers failed."""
        if self.in_numpy is None:
            self.in_numpy = stepping(self.step, self.carries, self.arrays, self.length)
        return self.in_numpy(*values)  # type: ignore[no-any-return]

    def made(self) -> Callable[..., Any]:
        """Return what runs it: made for the back end, as far as the step allows."""
        if self.backend == "numpy":
            return self.with_numpy
        try:
            cells = unrolled(self.step, SMALL if self.backend == "auto" else 100 * SMALL)
            if self.backend == "numba":
                native.check(cells)
        except NotUnrolledError as reason:
            if self.backend == "numba":
                native.cannot(str(reason))
            return self.with_numpy
        made = looping(cells, self.carries, self.arrays)
        compute = native(made) if self.backend == "numba" else None
        return Running(self, cells, compute or made, compute is not None)


def bound(program: Program, backend: str) -> Program:
    """Return a program with its loops run by a back end, without what nobody reads of them."""
    first, lines = len(program.inputs), list(program.lines)
    alive = {ref.at for ref in refs(program.outputs, program.checks)}
    takers: dict[int, list[int]] = defaultdict(list)  # of a loop's results, by the loop's number
    for ref, line in reversed(list(program.numbered())):
        if ref.at not in alive:
            continue
        if line.function is output.function:
            takers[line.operands[0].at].append(ref.at - first)
        elif type(line.function) is Loop:
            wanted = {lines[i].params["index"] for i in takers[ref.at]}
            loop, taken, given = line.function.giving(wanted, backend)
            operands = tuple([line.operands[i] for i in taken])
            line = line._replace(function=loop, compute=loop, operands=operands)
            lines[ref.at - first] = line
            for i in takers[ref.at]:
                index = given.index(lines[i].params["index"])
                lines[i] = lines[i]._replace(params={"index": index})
        alive.update(x.at for x in refs(line.operands, line.params))
    return without_dead(program._replace(lines=tuple(lines)))


class Running:
    """A loop over plain numbers: arrays are taken apart before it, and made after it."""

    def __init__(
        self, loop: Loop, cells: Unrolled, compute: Callable[..., Any], is_native: bool
    ) -> None:
        self.loop, self.compute, self.is_native = loop, compute, is_native
        self.shapes = [x.shape for x in cells.outputs]
        outputs = loop.step.outputs
        self.dtypes = [
            loop.step.value(x).dtype if type(x) is Ref else np.asarray(x).dtype for x in outputs
        ]

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        """Run it."""
        loop = self.loop
        first, last = loop.carries, loop.carries + loop.arrays
        columns = [c for x in values[first:last] for c in self.columns(x)]
        singles = [c for x in (*values[:first], *values[last:]) for c in flat(x)]
        spaces = [
            self.space() for shape in self.shapes[first:] for _ in range(np.prod(shape, dtype=int))
        ]
        found = iter(self.compute(loop.length, *singles, *columns, *spaces))
        results = []
        for shape, dtype in zip(self.shapes[:first], self.dtypes, strict=False):
            numbers = [next(found) for _ in range(np.prod(shape, dtype=int))]
            results.append(np.array(numbers, dtype).reshape(shape)[()])
        taken = iter(spaces)
        for shape, dtype in zip(self.shapes[first:], self.dtypes[first:], strict=True):
            rows = [next(taken) for _ in range(np.prod(shape, dtype=int))]
            stacked = np.array(rows, dtype).T if rows else np.zeros((loop.length, 0), dtype)
            results.append(np.ascontiguousarray(stacked).reshape(loop.length, *shape))
        return tuple(results)

    def columns(self, x: Any) -> list[Any]:
        """Return the rows of an array as one list, or array, for each entry of a row."""
        table = np.reshape(x, (len(x), -1)).T
        if self.is_native:
            return [np.ascontiguousarray(column) for column in table]
        return table.tolist()  # type: ignore[no-any-return]

    def space(self) -> Any:
        """Return room for what is collected of one number."""
        return np.empty(self.loop.length) if self.is_native else [0.0] * self.loop.length


def flat(x: Any) -> list[Any]:
    """Return the entries of an array as plain numbers."""
    return np.ravel(x).tolist()  # type: ignore[no-any-return]


def looping(cells: Unrolled, carries: int, arrays: int) -> Callable[..., Any]:
    """Return the function of plain numbers that repeats a step."""
    last = carries + arrays
    before = [x for array in (*cells.inputs[:carries], *cells.inputs[last:]) for x in array.flat]
    rows = [x for array in cells.inputs[carries:last] for x in array.flat]
    inputs = [x for array in cells.inputs[:carries] for x in array.flat]
    varying = {x.at for x in (*rows, *inputs)}
    statements = Statements(cells, varying=varying)
    after = [x for array in cells.outputs[:carries] for x in array.flat]
    collected = [x for array in cells.outputs[carries:] for x in array.flat]
    body = list(statements.body)
    for i, y in enumerate(collected):
        body.append(store(f"y{i}", name("i"), statements.expression(y)))
    body += updates(inputs, after, statements)
    columns = [f"x{i}" for i in range(len(rows))]
    collects = [f"y{i}" for i in range(len(collected))]
    out = tuple_of(name(f"t{x.at}") for x in inputs)
    loop = repeated([f"t{x.at}" for x in rows], columns, body, counted=bool(collects))
    parameters = ["n", *[f"t{x.at}" for x in before], *columns, *collects]
    whole = [*statements.before, loop, ast.Return(out)]
    space = {**MATH, "range": range, "zip": zip, "enumerate": enumerate}
    return function(definition("loop", parameters, whole), space, "loop")


def repeated(rows: list[str], columns: list[str], body: list[ast.stmt], counted: bool) -> ast.stmt:
    """Return the loop over columns, with a count if one is asked for."""
    if not columns or counted:
        taken: list[ast.stmt] = [
            assign(row, ast.Subscript(name(column), name("i"), LOAD))
            for row, column in zip(rows, columns, strict=True)
        ]
        over = call(name("range"), [name("n")])
        return ast.For(ast.Name("i", ast.Store()), over, taken + body, [])
    over = name(columns[0]) if len(columns) == 1 else call(name("zip"), map(name, columns))
    return ast.For(targets(rows), over, body, [])


def updates(inputs: list[Cell], after: list[Any], statements: Statements) -> list[ast.stmt]:
    """Return the statements that put the new carries in place of the old ones."""
    pairs = [(x, y) for x, y in zip(inputs, after, strict=True) if x is not y]
    if not pairs:
        return [ast.Pass()]
    places = [f"t{x.at}" for x, _ in pairs]
    values = [statements.expression(y) for _, y in pairs]
    if any(type(y) is Cell and y.op == "input" for _, y in pairs):
        return [ast.Assign([targets(places)], tuple_of(values) if len(values) > 1 else values[0])]
    return [assign(place, x) for place, x in zip(places, values, strict=True)]

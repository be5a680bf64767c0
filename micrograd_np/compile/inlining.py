"""Inlining: functions of ours, which are written in NumPy, in place of their calls. Floor 9.

What the loss and its gradient both compute is then computed once, and what is left runs in buffers
or in plain numbers, as NumPy's own functions do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MicrogradError
from ..rules.indexing import cleared, getitem, scatter, updated
from ..rules.products import batched_matmul, matmul
from ..tracing.program import Line, Program, Ref, mapped, refs
from ..tracing.trace import trace
from .passes import simplified
from .rewriting import is_number

if TYPE_CHECKING:
    from collections.abc import Callable

ATOMIC = frozenset({getitem, scatter, updated, cleared, matmul, batched_matmul})


def lowered(program: Program, fast_math: bool = False) -> Program:
    """Return a program as it is run: simplified again after functions of ours are written out."""
    if not any(map(is_written, program.lines)):
        return program
    return simplified(inlined(program), fast_math)


def is_written(line: Line) -> bool:
    """Tell whether a line calls a function of ours that is written in NumPy."""
    if line.function in ATOMIC or hasattr(line.function, "atomic"):
        return False
    return hasattr(line.function, "body")


def inlined(program: Program) -> Program:
    """Return a program with the lines of functions of ours in place of their calls."""
    lines: list[Line] = []
    places: list[Any] = [Ref(at) for at in range(len(program.inputs))]

    def add(line: Line, at: list[Any]) -> Any:
        operands, params = mapped((line.operands, line.params), lambda ref: at[ref.at])
        line = line._replace(operands=operands, params=params)
        body = written(line, lambda ref: spec_of_value(program, lines, ref))
        if body is None:
            lines.append(line)
            return Ref(len(program.inputs) + len(lines) - 1)
        values = list(unique(line))
        for inner in body.lines:
            values.append(add(inner._replace(silent=line.silent), values))
        (out,) = body.outputs
        return mapped(out, lambda ref: values[ref.at])

    for line in program.lines:
        places.append(add(line, places))
    outputs, checks = mapped((program.outputs, program.checks), lambda ref: places[ref.at])
    return program._replace(lines=tuple(lines), outputs=outputs, checks=checks)


def unique(line: Line) -> list[Ref]:
    """Return the values that a line reads, each once."""
    return list(dict.fromkeys(refs(line.operands, line.params)))


def spec_of_value(program: Program, lines: list[Line], ref: Ref) -> tuple[Any, Any]:
    """Return shape and dtype of a value."""
    first = len(program.inputs)
    value: Any = program.inputs[ref.at] if ref.at < first else lines[ref.at - first]
    return value.shape, value.dtype


def written(line: Line, spec: Callable[[Ref], tuple[Any, Any]]) -> Program | None:
    """Return the program of a call of a function of ours; None if it has none."""
    if not is_written(line):
        return None
    given = unique(line)
    specs = [spec(ref) for ref in given]
    if any(shape is None or is_number(dtype) for shape, dtype in specs):
        return None

    def body(*values: Any) -> Any:
        known = dict(zip(given, values, strict=True))
        operands, params = mapped((line.operands, line.params), known.__getitem__)
        return line.compute(*operands, **params)

    try:
        made = trace(body, *[np.ones(shape, dtype)[()] for shape, dtype in specs])
    except MicrogradError:  # it asks for values: it stays a call
        return None
    names = {inner.function for inner in made.lines} | {inner.compute for inner in made.lines}
    itself = line.function in names or line.compute in names  # its body is NumPy's function
    return None if itself else made

"""Silence: compiled derivatives warn where the function does, not of what was left out. Floor 9.

A sweep that has passed a function which selects entries goes on in silence: what was not selected
may divide 0 by 0 further back, and comes to nothing. The lines recorded meanwhile are marked.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from ..rules.products import matmul
from ..sweeps.reverse import SILENT
from ..tracing.program import Ref
from ..tracing.spelling import call

if TYPE_CHECKING:
    from ..tracing.program import Line
    from .results import Code

# Of finite numbers these rarely overflow, and silence would cost more than they do
CALM = frozenset(
    {np.add, np.subtract, np.multiply, np.negative, np.positive, np.square, np.absolute, np.sign,
     np.maximum, np.minimum, np.conjugate, np.cos, np.sin, np.tanh, np.arctan, np.floor, np.ceil,
     np.rint, np.trunc, np.isnan, np.logical_and, np.logical_or, np.logical_not, np.logical_xor,
     np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, matmul}
)  # fmt: skip


def may_warn(line: Line) -> bool:
    """Tell whether a line may divide by 0, or leave the domain or the range of a function."""
    if not isinstance(line.function, np.ufunc) or line.function in CALM:
        return False
    return line.function is not np.divide or type(line.operands[1]) is Ref


def silence(body: list[ast.stmt], written: list[tuple[int, Line]], code: Code) -> None:
    """Let NumPy not warn in runs of marked lines, given where the statements of each begin."""
    runs: list[list[int]] = []
    ends = [*[start for start, _ in written], len(body)][1:]
    running = False
    for (start, line), end in zip(written, ends, strict=True):
        if not line.silent:
            running = running and not may_warn(line)
        elif running:
            runs[-1][1] = end
        elif may_warn(line):
            running = True
            runs.append([start, end])
    for start, end in reversed(runs):
        silent = ast.withitem(call(code.named("silent", SILENT), []))
        body[start:end] = [ast.With([silent], body[start:end])]

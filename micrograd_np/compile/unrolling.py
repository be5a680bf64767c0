"""Unrolling: a small program as single numbers, each entry of each array for itself. Floor 9.

Arrays become arrays of cells, and NumPy itself moves those about: a reshape, an index or a
concatenation runs as it is. A function of entries makes a cell for each. Two equal cells are one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..rules.indexing import cleared, getitem, scatter, updated
from ..rules.products import batched_matmul, matmul
from ..tracing.opaque import unchanged
from ..tracing.program import Line, Program, Ref, mapped, substituted
from .cells import ZERO, Cell, Cells, NotUnrolledError, python_number
from .elements import ELEMENTS, TESTS
from .rewriting import is_number

if TYPE_CHECKING:
    from collections.abc import Callable

FLOAT64 = np.dtype(np.float64)
BOOL = np.dtype(np.bool_)
MOVING = frozenset(
    {np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
     np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis, np.flip, np.fliplr, np.flipud,
     np.roll, np.broadcast_to, np.copy, np.concatenate, np.stack, getitem, scatter,
     updated, cleared}
)  # fmt: skip


class Unrolled(NamedTuple):
    """Cells of a program, and those of its inputs and outputs, in arrays."""

    cells: list[Cell]
    inputs: list[Any]
    outputs: list[Any]
    checks: list[Any]


def unrolled(program: Program, limit: int) -> Unrolled:
    """Return a program as cells.

    Raises
    ------
    NotUnrolledError
        If it computes with other than 64-bit floats and bools, with a function that has no form in
        plain numbers, or with more than ``limit`` of them.
    """
    cells = Cells(limit)
    values: list[Any] = []
    for given in program.inputs:
        check_dtype(given.dtype, "an input")
        if given.shape is None or math.prod(given.shape) > limit:
            raise NotUnrolledError(f"more than {limit} numbers")
        array = np.empty(given.shape, object)
        for i in np.ndindex(array.shape):
            array[i] = cells.new("input", ())
        values.append(array)
    inputs = list(values)
    for line in program.lines:
        if line.function is np.astype and program.value(line.operands[0]).dtype != BOOL:
            raise NotUnrolledError("a conversion of other than bools")
        values.append(lowered(cells, line, values))
    outputs = [as_cells(substituted(out, values)) for out in program.outputs]
    checks = [as_cells(substituted(out, values)) for out in program.checks]
    return Unrolled(cells.all, inputs, outputs, checks)


def check_dtype(dtype: Any, what: str) -> None:
    """Refuse numbers whose arithmetic is not that of Python's floats."""
    if dtype in (FLOAT64, BOOL) or (is_number(dtype) and dtype in (float, int, bool)):
        return
    raise NotUnrolledError(f"{what} of dtype {dtype}")


def as_cells(x: Any) -> Any:
    """Return a constant operand as an array of plain numbers."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        return x
    plain = np.asarray(x)
    check_dtype(FLOAT64 if type(x) is int else plain.dtype, "a constant")
    out = np.empty(plain.shape, object)
    for i in np.ndindex(plain.shape):
        out[i] = python_number(plain[i])
    return out


class Job(NamedTuple):
    """One line to lower, its operands and parameters already in cells."""

    cells: Cells
    line: Line
    operands: list[Any]
    params: dict[str, Any]


def lowered(cells: Cells, line: Line, values: list[Any]) -> Any:
    """Return the array of cells of a line."""
    if line.shape is None:
        raise NotUnrolledError(title(line))
    check_dtype(line.dtype, title(line))
    if line.dtype == BOOL and line.function not in TESTS | MOVING:
        raise NotUnrolledError(f"{title(line)} of bools")
    made = [f for functions, f in LOWERING if line.function in functions]
    if not made:
        raise NotUnrolledError(title(line))
    operands = [in_cells(x, values) for x in line.operands]
    moving = line.function in MOVING
    params = mapped(line.params, lambda ref: fail(line) if moving else values[ref.at])
    found = np.asarray(made[0](Job(cells, line, operands, params)), object)
    if found.shape != line.shape:
        raise NotUnrolledError(f"{title(line)} with an unexpected shape")
    return found


def in_cells(operand: Any, values: list[Any]) -> Any:
    """Return an operand as an array of cells, or a list of operands as a list of them."""
    if type(operand) in (list, tuple):
        return [in_cells(x, values) for x in operand]
    return as_cells(substituted(operand, values))


def fail(line: Line) -> Any:
    """Refuse an index that is computed."""
    raise NotUnrolledError(f"{title(line)} at a computed place")


def title(line: Line) -> str:
    """Return the name of a line's function."""
    return str(getattr(line.function, "__name__", line.function))


def choose(job: Job) -> Any:
    """Lower np.where."""
    return job.cells.elementwise(np.where, [as_cells(job.params["condition"]), *job.operands])


def bounded(job: Job) -> Any:
    """Lower np.clip."""
    x, low, high = job.operands
    return job.cells.elementwise(np.minimum, [high, job.cells.elementwise(np.maximum, [low, x])])


def as_float(job: Job) -> Any:
    """Lower a conversion to floats."""
    if job.line.dtype != FLOAT64:
        raise NotUnrolledError(f"a conversion to {job.line.dtype}")
    return job.cells.elementwise(np.astype, job.operands)


def raised(job: Job) -> Any:
    """Lower np.power; to an exponent 0.5 NumPy raises by np.sqrt, but for scalars or by arrays."""
    if job.line.dtype is int:
        raise NotUnrolledError("a power of whole numbers")
    y = job.line.operands[1]
    rooted = type(y) is not Ref and np.ndim(y) == 0 and y == 0.5
    if rooted and (job.line.shape or isinstance(y, np.ndarray)):
        return job.cells.elementwise(np.sqrt, job.operands[:1])
    return job.cells.elementwise(np.power, job.operands)


def reduction(function: Any) -> Callable[[Job], Any]:
    """Return how a reduction by a function of two is lowered."""

    def lower(job: Job) -> Any:
        params = job.params
        if params.keys() - {"axis", "keepdims"} or job.line.dtype != FLOAT64:
            raise NotUnrolledError(title(job.line))
        axis, keepdims = params.get("axis"), params.get("keepdims", False)
        return job.cells.folded(function, job.operands[0], axis, keepdims)

    return lower


def average(job: Job) -> Any:
    """Lower np.mean."""
    total = reduction(np.add)(job)
    count = job.operands[0].size // max(total.size, 1)
    return job.cells.elementwise(np.divide, [total, as_cells(float(count))])


def moved(job: Job) -> Any:
    """Lower a function that moves entries about: it runs on the cells."""
    if job.params.keys() & {"dtype", "casting"}:
        raise NotUnrolledError(f"{title(job.line)} with a conversion")
    found = np.asarray(job.line.compute(*job.operands, **job.params), object).copy()
    for i in np.ndindex(found.shape):
        x: Any = found[i]
        if isinstance(x, np.ndarray):  # NumPy stores an array without axes as it is
            found[i] = x[()]
        elif type(x) is int and not x:  # what NumPy fills with
            found[i] = ZERO
    return found


LOWERING: list[tuple[Any, Callable[[Job], Any]]] = [
    ({np.where}, choose),
    ({np.positive, unchanged}, lambda job: job.operands[0]),
    ({np.clip}, bounded),
    ({np.power}, raised),
    ({np.astype}, as_float),
    (MOVING, moved),
    ({np.sum}, reduction(np.add)),
    ({np.prod}, reduction(np.multiply)),
    ({np.max}, reduction(np.maximum)),
    ({np.min}, reduction(np.minimum)),
    ({np.mean}, average),
    ({matmul, batched_matmul}, lambda job: job.cells.product(*job.operands)),
    (ELEMENTS, lambda job: job.cells.elementwise(job.line.function, job.operands)),
]

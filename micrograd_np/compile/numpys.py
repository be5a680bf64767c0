"""NumPy's own: a program as statements of NumPy, one for each line. Floor 12."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from ..program import Program, Ref
from ..rules.indexing import getitem
from ..spelling import call, expression, method, of_plain_numbers, spelled
from .checked import function
from .results import Code, result_dtype
from .signature import Signature
from .syntax import assign, definition, item, name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VIEWS = frozenset(
    {np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
     np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis, np.flip, np.fliplr, np.flipud,
     np.broadcast_to, np.real, np.imag, getitem}
)  # fmt: skip


class Naming:
    """The names of values, constants and functions in generated code."""

    def __init__(self, code: Code, leaves: Sequence[ast.expr]) -> None:
        self.code, self.leaves = code, leaves
        code.named("np", np)
        code.named("slice", slice)

    def value(self, ref: Ref) -> ast.expr:
        """Return the name of a value."""
        return name(f"v{ref.at}")

    def constant(self, x: Any) -> ast.expr:
        """Return the name of a constant."""
        return self.code.constant(x)

    def function(self, f: Callable[..., Any], _: str) -> ast.expr:
        """Return the name of a function."""
        return self.code.constant(f)


def in_numpy(program: Program, leaves: Sequence[ast.expr], code: Code) -> None:
    """Add the statements that run a program with NumPy."""
    naming = Naming(code, leaves)
    for i, at in enumerate(leaves):
        code.body.append(assign(f"v{i}", at))
    for ref, line in program.numbered():
        value = expression(line, naming, of_plain_numbers(program, line))
        code.body.append(assign(f"v{ref.at}", value))
    if program.checks:
        doubts = [call(code.named("hasnan", has_nan), [naming.value(x) for x in program.checks])]
        code.body.append(code.careful(doubts[0]))
    code.body.append(ast.Return(code.tree(results(program, naming))))


def results(program: Program, naming: Naming) -> list[ast.expr]:
    """Return the expressions of the results, each fresh."""
    found: list[ast.expr] = []
    given: set[int] = set()
    for out in program.outputs:
        value = spelled(out, naming)
        line = None if type(out) is not Ref else program.value(out)
        fresh = type(out) is Ref and out.at >= len(program.inputs) and out.at not in given
        fresh = fresh and getattr(line, "function", None) not in VIEWS
        if type(out) is Ref:
            given.add(out.at)
        if isinstance(result_dtype(program, out), type):
            found.append(value)
        elif not np.shape(out) and (line is None or line.shape == ()):
            found.append(item(value, ()) if type(out) is Ref else value)
        else:
            found.append(value if fresh else method(value, "copy"))
    return found


def has_nan(*arrays: Any) -> bool:
    """Tell whether a NaN is among the entries, by one cheap reduction of each."""
    for x in arrays:
        flat = np.asarray(x).reshape(-1)
        total = flat.dot(flat)
        if total != total:
            return True
    return False


def stepping(step: Program, carries: int, arrays: int, length: int) -> Callable[..., Any]:
    """Return the function that calls a step with NumPy, row after row."""
    once = called(step)
    specs = [step.value(out) if type(out) is Ref else np.asarray(out) for out in step.outputs]

    def run(*values: Any) -> tuple[Any, ...]:
        carry, last = values[:carries], carries + arrays
        rows, rest = values[carries:last], values[last:]
        collected = [np.empty((length, *x.shape), x.dtype) for x in specs[carries:]]  # type: ignore[misc]
        for i in range(length):
            out = once(*carry, *[x[i] for x in rows], *rest)
            carry = out[:carries]
            for ys, y in zip(collected, out[carries:], strict=True):
                ys[i] = y
        return (*carry, *collected)

    return run


def called(program: Program) -> Callable[..., Any]:
    """Return the function of a program's inputs, one by one, that returns a tuple."""
    given = [f"a{i}" for i in range(len(program.inputs))]
    code = Code(Signature(ast.Constant(True), tuple(map(name, given)), {}, ""), len(given), tuple)
    in_numpy(program, code.signature.leaves, code)
    return function(definition("step", given, code.body), code.namespace, "step")

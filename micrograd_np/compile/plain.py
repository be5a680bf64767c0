"""Plain: a small program as statements of plain Python numbers. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tracing.spelling import LOAD, call
from .cells import Cell
from .checked import function
from .native import native
from .numbers import MATH, Statements
from .results import result_dtype
from .syntax import STORE, assign, compare, definition, name, store, target, tuple_of
from .unrolling import Unrolled, unrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..tracing.program import Program
    from .results import Code

FAILURES = (ArithmeticError, ValueError)  # of functions of math, where NumPy gives inf or NaN


def in_numbers(
    program: Program, leaves: Sequence[ast.expr], limit: int, code: Code, is_native: bool = False
) -> None:
    """Add the statements that run a program on arrays, entry by entry.

    Raises
    ------
    NotUnrolledError
        If the program has no such form.
    """
    cells = unrolled(program, limit)
    if is_native:
        native.check(cells)
    statements = Statements(cells)
    code.namespace.update(MATH)
    code.namespace["failures"] = FAILURES
    code.body += reading(program, cells, leaves)
    inner = natively(cells, statements, code) if is_native else list(statements.body)
    if cells.checks:
        doubts = [unequal(x) for array in cells.checks for x in statements.array(array)]
        inner.append(code.careful(ast.BoolOp(ast.Or(), doubts) if len(doubts) > 1 else doubts[0]))
    results = writing(program, cells, statements, code, inner)
    inner.append(ast.Return(code.tree(results)))
    again = ast.ExceptHandler(name("failures"), None, [ast.Return(code.fallback())])
    code.body.append(ast.Try(inner, [again], [], []))


def natively(cells: Unrolled, statements: Statements, code: Code) -> list[ast.stmt]:
    """Return the statement that computes the numbers by a function in machine code."""
    arrays = (*cells.outputs, *cells.checks)
    outs = {x.at: x for array in arrays for x in array.flat if type(x) is Cell and x.op != "input"}
    given = [f"t{x.at}" for array in cells.inputs for x in array.flat]
    results = tuple_of(statements.expression(x) for x in outs.values())
    tree = definition("kernel", given, [*statements.body, ast.Return(results)])
    code.named("kernel", native(function(tree, dict(MATH), "kernel")))
    if not outs:
        return []
    taken = ast.Tuple([target(f"t{at}") for at in outs], STORE)
    return [ast.Assign([taken], call(name("kernel"), map(name, given)))]


def unequal(x: ast.expr) -> ast.expr:
    """Return ``x != x``: whether it is NaN."""
    return compare(x, ast.NotEq(), x)


def reading(program: Program, cells: Unrolled, leaves: Sequence[ast.expr]) -> list[ast.stmt]:
    """Return the statements that take arrays apart into numbers."""
    found: list[ast.stmt] = []
    for given, array, at in zip(program.inputs, cells.inputs, leaves, strict=True):
        if given.shape:
            value = call(ast.Attribute(at, "tolist", LOAD), [])
            found.append(ast.Assign([places(array)], value))
        elif isinstance(given.dtype, type):
            found.append(assign(f"t{array[()].at}", at))
        else:
            found.append(assign(f"t{array[()].at}", call(ast.Attribute(at, "item", LOAD), [])))
    return found


def places(cells: Any) -> ast.expr:
    """Return the nested names that an array's tolist() is unpacked into."""
    if not isinstance(cells, np.ndarray):
        return target(f"t{cells.at}")
    return ast.Tuple([places(x) for x in cells], STORE)


def writing(
    program: Program, cells: Unrolled, statements: Statements, code: Code, body: list[ast.stmt]
) -> list[ast.expr]:
    """Return the expressions of the results; add to the body what makes arrays for them."""
    results: list[ast.expr] = []
    for i, (out, array) in enumerate(zip(program.outputs, cells.outputs, strict=True)):
        dtype = result_dtype(program, out)
        if array.ndim:
            if i in code.donated:
                body.append(assign(f"o{i}", code.signature.leaves[code.donated[i]]))
            else:
                shape, kind = code.constant(array.shape), code.constant(dtype)
                body.append(assign(f"o{i}", call(code.constant(np.empty), [shape, kind])))
            for index, value in zip(np.ndindex(array.shape), statements.array(array), strict=True):
                place = [ast.Constant(k) for k in index]
                body.append(store(f"o{i}", place[0] if len(place) == 1 else tuple_of(place), value))
            results.append(name(f"o{i}"))
        else:
            value = statements.expression(array[()])
            weak = isinstance(dtype, type)
            results.append(value if weak else call(code.constant(dtype.type), [value]))
    return results

"""Syntax: short ways to write trees of Python's syntax. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ..tracing.spelling import LOAD, call, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STORE = ast.Store()


def name(text: str) -> ast.expr:
    """Return a name that is read, with dots for attributes."""
    return dotted(*text.split("."))


def invoke(f: str, *args: ast.expr) -> ast.expr:
    """Return ``f(args)``."""
    return call(name(f), args)


def target(text: str) -> ast.expr:
    """Return a name that is assigned to."""
    return ast.Name(text, STORE)


def targets(texts: Sequence[str]) -> ast.expr:
    """Return one name or several that are assigned to together."""
    return target(texts[0]) if len(texts) == 1 else ast.Tuple([target(x) for x in texts], STORE)


def assign(text: str, value: ast.expr) -> ast.stmt:
    """Return ``text = value``."""
    return ast.Assign([target(text)], value)


def store(array: str, index: ast.expr, value: ast.expr) -> ast.stmt:
    """Return ``array[index] = value``."""
    return ast.Assign([ast.Subscript(name(array), index, STORE)], value)


def tuple_of(items: Iterable[ast.expr]) -> ast.expr:
    """Return ``(a, b, c)``."""
    return ast.Tuple(list(items), LOAD)


def item(x: ast.expr, index: Any) -> ast.expr:
    """Return ``x[index]``."""
    return ast.Subscript(x, place(index), LOAD)


def place(index: Any) -> ast.expr:
    """Return an index, a number or several."""
    if isinstance(index, tuple):
        return tuple_of(ast.Constant(i) for i in index)
    return ast.Constant(index)


def compare(a: ast.expr, op: ast.cmpop, b: ast.expr) -> ast.expr:
    """Return a comparison."""
    return ast.Compare(a, [op], [b])


def both(tests: list[ast.expr]) -> ast.expr:
    """Return whether all of these hold."""
    if not tests:
        return ast.Constant(value=True)
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


def definition(title: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.Module:
    """Return a module that defines a function."""
    given = ast.arguments([], [ast.arg(x) for x in parameters], None, [], [], None, [])
    made = ast.FunctionDef(title, given, body, [])
    if "type_params" in ast.FunctionDef._fields:
        made.type_params = []  # type: ignore[attr-defined]  # since Python 3.12
    return ast.Module([made], [])

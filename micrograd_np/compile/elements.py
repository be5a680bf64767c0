"""Elements: functions of entries as expressions of plain Python numbers. Floor 9.

On floats they compute what NumPy does, to the last place or the one before, or they raise: where
NumPy gives an infinity or a NaN and warns, Python raises an OverflowError, a ZeroDivisionError or a
ValueError. Who runs such code catches these and lets NumPy compute instead.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..tracing.opaque import unchanged
from ..tracing.spelling import COMPARISONS, INFIX
from .syntax import compare, invoke

if TYPE_CHECKING:
    from collections.abc import Callable

Expr = ast.expr


class Element(NamedTuple):
    """How an operation on numbers is spelled; ``reads`` of the operands more than once."""

    spell: Callable[..., Expr]
    compute: Any
    again: bool = False


ONE, ZERO = ast.Constant(1.0), ast.Constant(0.0)


def infix(op: ast.operator) -> Callable[..., Expr]:
    """Return the spelling of an operator."""
    return lambda x, y: ast.BinOp(x, op, y)


def function(name: str) -> Callable[..., Expr]:
    """Return the spelling of a call."""
    return lambda *xs: invoke(name, *xs)


def choice(test: Expr, x: Expr, y: Expr) -> Expr:
    """Return ``x if test else y``."""
    return ast.IfExp(test, x, y)


def larger(op: ast.cmpop) -> Callable[[Expr, Expr], Expr]:
    """Return the spelling of maximum or minimum, where NaN and the second of equals win."""
    return lambda x, y: choice(ast.BoolOp(ast.Or(), [compare(x, op, y), unlike(x)]), x, y)


def unlike(x: Expr) -> Expr:
    """Return ``x != x``: whether it is NaN."""
    return compare(x, ast.NotEq(), x)


def sign(x: Expr) -> Expr:
    """Return 1.0, -1.0, or x + 0.0, which is then 0.0 or NaN."""
    neither = ast.BinOp(x, ast.Add(), ZERO)
    minus = choice(compare(x, ast.Lt(), ZERO), ast.UnaryOp(ast.USub(), ONE), neither)
    return choice(compare(x, ast.Gt(), ZERO), ONE, minus)


def logical(op: ast.boolop) -> Callable[..., Expr]:
    """Return the spelling of ``and`` or ``or``."""
    return lambda x, y: ast.BoolOp(op, [truth(x), truth(y)])


def truth(x: Expr) -> Expr:
    """Return whether x is not 0: ``x and y`` of numbers would be a number."""
    known = isinstance(x, ast.Compare | ast.BoolOp) or type(getattr(x, "value", None)) is bool
    return x if known else compare(x, ast.NotEq(), ZERO)


def negation(x: Expr) -> Expr:
    """Return ``not x``."""
    return ast.UnaryOp(ast.Not(), x)


ELEMENTS: dict[Any, Element] = {
    **{f: Element(infix(INFIX[f]), f) for f in (np.add, np.subtract, np.multiply, np.divide)},
    **{
        f: Element(lambda x, y, op=op: compare(x, op, y), f) for f, op in COMPARISONS.items()
    },
    np.negative: Element(lambda x: ast.UnaryOp(ast.USub(), x), np.negative),
    np.square: Element(lambda x: ast.BinOp(x, ast.Mult(), x), np.square, again=True),
    np.reciprocal: Element(lambda x: ast.BinOp(ONE, ast.Div(), x), np.reciprocal),
    np.absolute: Element(function("abs"), np.absolute),
    np.fabs: Element(function("abs"), np.fabs),
    np.sign: Element(sign, np.sign, again=True),
    np.maximum: Element(larger(ast.Gt()), np.maximum, again=True),
    np.minimum: Element(larger(ast.Lt()), np.minimum, again=True),
    np.where: Element(choice, np.where),
    np.isnan: Element(unlike, np.isnan, again=True),
    np.astype: Element(lambda x: choice(x, ONE, ZERO), lambda x: np.float64(x)),
    np.logical_and: Element(logical(ast.And()), np.logical_and),
    np.logical_or: Element(logical(ast.Or()), np.logical_or),
    np.logical_not: Element(negation, np.logical_not),
    np.bitwise_and: Element(logical(ast.And()), np.bitwise_and),
    np.bitwise_or: Element(logical(ast.Or()), np.bitwise_or),
    np.invert: Element(negation, np.invert),
    **{
        f: Element(function(name), f)
        for f, name in {
            np.power: "pow", np.exp: "exp", np.exp2: "exp2", np.expm1: "expm1", np.log: "log",
            np.log2: "log2", np.log10: "log10", np.log1p: "log1p", np.sqrt: "sqrt",
            np.cbrt: "cbrt", np.sin: "sin", np.cos: "cos", np.tan: "tan", np.arcsin: "asin",
            np.arccos: "acos", np.arctan: "atan", np.arctan2: "atan2", np.sinh: "sinh",
            np.cosh: "cosh", np.tanh: "tanh", np.arcsinh: "asinh", np.arccosh: "acosh",
            np.arctanh: "atanh", np.hypot: "hypot", np.copysign: "copysign",
        }.items()
    },
}  # fmt: skip
TESTS = frozenset(COMPARISONS) | {
    np.isnan, np.where, np.logical_and, np.logical_or, np.logical_not, np.bitwise_and,
    np.bitwise_or, np.invert, unchanged,
}  # fmt: skip

"""Checked: the one place where generated code becomes a function. Floor 12.

What is compiled here was spelled by this package as a syntax tree. Still it is looked through
before it runs: only arithmetic, calls, choices and loops on generated names, no text of a user's,
no attribute that begins with an underscore, no builtins but those given. Constants stand beside.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from ..errors import MicrogradError

if TYPE_CHECKING:
    from collections.abc import Callable

ALLOWED = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Expr,
    ast.For, ast.If, ast.Try, ast.ExceptHandler, ast.With, ast.withitem, ast.Pass,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.keyword,
    ast.Attribute, ast.Subscript, ast.Slice, ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Dict,
    ast.Starred, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip
IDENTIFIER = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
CONSTANTS = (int, float, complex, str, bool, type(None), type(Ellipsis))


class UnsafeCodeError(MicrogradError, AssertionError):
    """Generated code holds something that it never should: a bug of this library."""


def function(tree: ast.Module, namespace: dict[str, Any], name: str) -> Callable[..., Any]:
    """Return the function of this name that a checked module defines."""
    check(tree)
    space = {"__builtins__": {}, **namespace}
    exec(compile(ast.fix_missing_locations(tree), f"<compiled {name}>", "exec"), space)
    return space[name]  # type: ignore[no-any-return]


def check(tree: ast.AST) -> None:
    """Refuse what generated code never holds.

    Examples
    --------
    >>> check(ast.parse("lambda: 0"))
    Traceback (most recent call last):
    micrograd_np.compile.checked.UnsafeCodeError: generated code holds a Lambda
    """
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise UnsafeCodeError(f"generated code holds a {type(node).__name__}")
        for text in names(node):
            if not IDENTIFIER.fullmatch(text):
                raise UnsafeCodeError(f"generated code holds the name {text!r}")
        if isinstance(node, ast.Constant) and type(node.value) not in CONSTANTS:
            raise UnsafeCodeError(f"generated code holds a {type(node.value).__name__}")


def names(node: ast.AST) -> list[str]:
    """Return the names that a node of a syntax tree holds."""
    found = (getattr(node, field, None) for field in ("id", "attr", "arg", "name"))
    return [text for text in found if isinstance(text, str)]

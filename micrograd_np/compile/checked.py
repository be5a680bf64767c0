"""Checked: the one place where generated code becomes a function. Floor 9.

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

ALLOWED: tuple[Any, ...] = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.Expr,
    ast.For, ast.If, ast.Try, ast.ExceptHandler, ast.Pass, ast.With, ast.withitem,
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.keyword,
    ast.Attribute, ast.Subscript, ast.Slice, ast.Name, ast.Constant, ast.Tuple, ast.List,
    *ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(), *ast.boolop.__subclasses__(),
    *ast.cmpop.__subclasses__(), ast.Load, ast.Store,
)  # fmt: skip
FIELDS = {kind: kind._fields for kind in ALLOWED}
PLACED = frozenset(kind for kind in ALLOWED if "lineno" in kind._attributes)
NAMES = frozenset({"id", "attr", "arg", "name"})
IDENTIFIER = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
NEEDED = {"__import__": __import__}  # by Python 3.13, for a warning of NumPy; no code names it
CONSTANTS = frozenset({int, float, complex, str, bool, type(None), type(Ellipsis)})


class UnsafeCodeError(MicrogradError, AssertionError):
    """Generated code holds something that it never should: a bug of this library."""


def function(tree: ast.Module, namespace: dict[str, Any], name: str) -> Callable[..., Any]:
    """Return the function of this name that a checked module defines."""
    check(tree)
    space = {"__builtins__": NEEDED, **namespace}
    exec(compile(tree, f"<compiled {name}>", "exec"), space)
    return space[name]  # type: ignore[no-any-return]


def check(tree: ast.AST) -> None:  # noqa: C901 (one walk over each tree that is compiled)
    """Refuse what generated code never holds; give all of it a place in a file, as Python asks.

    Examples
    --------
    >>> check(ast.parse("lambda: 0"))
    Traceback (most recent call last):
    micrograd_np.compile.checked.UnsafeCodeError: generated code holds a Lambda
    """
    stack, known = [tree], set()
    while stack:
        node: Any = stack.pop()
        kind = type(node)
        if kind not in FIELDS:
            raise UnsafeCodeError(f"generated code holds a {kind.__name__}")
        if kind in PLACED:
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
        if kind is ast.Constant:
            if type(node.value) not in CONSTANTS:
                raise UnsafeCodeError(f"generated code holds a {type(node.value).__name__}")
            continue
        for field in FIELDS[kind]:
            x = getattr(node, field, None)
            if isinstance(x, ast.AST):
                stack.append(x)
            elif type(x) is list:
                stack += [y for y in x if y is not None]
            elif x is not None and x not in known:
                known.add(check_text(field, x))


def check_text(field: str, text: Any) -> Any:
    """Return what stands in a syntax tree beside its branches: a name, or nothing."""
    if field not in NAMES or not (isinstance(text, str) and IDENTIFIER.fullmatch(text)):
        raise UnsafeCodeError(f"generated code holds the {field} {text!r}")
    return text

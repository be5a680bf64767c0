"""Results: the code of a function in the making, and the tree that it returns. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ..tracing.program import Program, Ref
from ..tracing.spelling import LOAD, call
from .signature import Signature
from .syntax import name, tuple_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MISS = object()  # what compiled code returns for arguments of another signature


class Code:
    """The statements of one compiled function, and the namespace that they need."""

    def __init__(
        self, signature: Signature, count: int, rebuild: Callable[[list[Any]], Any]
    ) -> None:
        self.signature, self.rebuild = signature, rebuild
        self.parameters = [f"a{i}" for i in range(count)]
        self.namespace = dict(signature.namespace)
        self.body: list[ast.stmt] = []
        self.donated: dict[int, int] = {}  # by output, the leaf whose array takes it

    def donate(self, program: Program, leaves: Sequence[int]) -> None:
        """Let results be written to the arrays of these leaves, each to the first that it fits."""
        free = list(leaves)
        for i, out in enumerate(program.outputs):
            if type(out) is not Ref or out.at < len(program.inputs):
                continue
            line = program.value(out)
            for leaf in free:
                given = program.inputs[leaf]
                if given.shape and (given.shape, given.dtype) == (line.shape, line.dtype):
                    self.donated[i] = leaf
                    free.remove(leaf)
                    break

    def constant(self, x: Any) -> ast.expr:
        """Return the name of an object in the namespace."""
        for text, known in self.namespace.items():
            if known is x:
                return name(text)
        text = f"k{len(self.namespace)}"
        self.namespace[text] = x
        return name(text)

    def named(self, text: str, x: Any) -> ast.expr:
        """Return a name for an object, which is in the namespace from now on."""
        self.namespace[text] = x
        return name(text)

    def fallback(self) -> ast.expr:
        """Return the call that lets NumPy compute all of it."""
        return call(name("fallback"), [name(x) for x in self.parameters])

    def careful(self, doubt: ast.expr) -> ast.stmt:
        """Return the statement that computes all of it with care, if there is a doubt."""
        again = call(name("careful"), [name(x) for x in self.parameters])
        return ast.If(doubt, [ast.Return(again)], [])

    def tree(self, results: Sequence[ast.expr]) -> ast.expr:
        """Return the expression of the tree that the function returns."""
        marks = [_Mark(x) for x in results]
        tree = self.rebuild(list(marks))
        found = spelled_tree(tree)
        if found is None:
            return call(self.constant(self.rebuild), [ast.List(list(results), LOAD)])
        return found


class _Mark:
    """Stands for a result in the tree that is returned."""

    def __init__(self, expression: ast.expr) -> None:
        self.expression = expression


def spelled_tree(tree: Any) -> ast.expr | None:
    """Return the expression of a tree of marks; None if a branch has no literal."""
    if type(tree) is _Mark:
        return tree.expression
    if tree is None:
        return ast.Constant(None)
    if type(tree) in (tuple, list):
        parts = [spelled_tree(x) for x in tree]
        if None in parts:
            return None
        items = [x for x in parts if x is not None]
        return tuple_of(items) if type(tree) is tuple else ast.List(items, LOAD)
    return None


def result_dtype(program: Program, out: Any) -> Any:
    """Return the dtype of an output; a Python type for a plain number."""
    if type(out) is Ref:
        return program.value(out).dtype
    return out.dtype if hasattr(out, "dtype") else type(out)

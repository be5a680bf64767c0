"""Helpers: the definitions that printed source needs beside NumPy. Floor 9.

A printed formula may call ``sigmoid`` or ``scatter``. What they compute is copied from the source
of this library, with what they call in turn, so that the text runs wherever NumPy is installed.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import sys
import textwrap
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..tracing.spelling import title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MODULES = {
    np: "import numpy as np",
    math: "import math",
    operator: "import operator",
    sys: "import sys",
}
UNWRAPPING = {"as_values": "np.asarray", "unwrap": "", "values": ""}  # of Tensors: there are none


def definitions(functions: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return imports and definitions for functions that are not NumPy's, each before its use."""
    found = Found({f: name for name, f in functions.items()})
    for f in functions.values():
        found.add(f)
    return sorted(found.imports), list(found.texts.values())


class Found:
    """The definitions collected so far."""

    def __init__(self, names: dict[Any, str]) -> None:
        self.names = names
        self.imports: set[str] = set()
        self.texts: dict[str, str] = {}

    def add(self, function: Any) -> None:
        """Add the definition of a function, after those of what it calls."""
        body = inspect.unwrap(getattr(function, "body", function))
        name = self.name(function)
        if name in self.texts:
            return
        if (module := module_of_ufunc(function)) is not None:
            alias = f" as {name}" if name != function.__name__ else ""
            self.imports.add(f"from {module} import {function.__name__}{alias}")
            return
        tree = parsed(body)
        if tree is None:
            self.texts[name] = f"# {name}: a function of yours, whose source was not found"
            return
        self.texts[name] = ""  # those that call each other
        tree = Cleaned(name, {}).visit(tree)
        own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        renamed = {f.__name__: self.name(f) for f in self._globals(body, own)}
        written = ast.unparse(Cleaned(name, renamed).visit(tree))
        del self.texts[name]
        self.texts[name] = written

    def name(self, function: Any) -> str:
        """Return what a function is called in the text."""
        return self.names.get(function) or title(function)

    def _globals(self, body: Any, names: set[str]) -> Iterable[Any]:
        """Add what a function reads from its module; return the functions among it."""
        for name in sorted(names & body.__globals__.keys()):
            x = body.__globals__[name]
            if isinstance(x, ModuleType):
                if x in MODULES:
                    self.imports.add(MODULES[x])
                elif x.__name__ in ("scipy.special", "scipy.linalg"):
                    self.imports.add(f"from scipy import {name}")
            elif isinstance(x, FunctionType) and not x.__module__.startswith("numpy"):
                self.add(x)
                yield x
            elif callable(x) and (x.__module__ or "").startswith("numpy"):
                self.imports.add(f"from {body_module(x)} import {name}")
            elif isinstance(x, int | float | str | tuple):
                self.texts.setdefault(name, f"{name} = {x!r}")


def module_of_ufunc(function: Any) -> str | None:
    """Return the module of SciPy's from which a ufunc is imported; it names none itself."""
    for module in ("scipy.special", "scipy.special._ufuncs"):
        if isinstance(function, np.ufunc) and function is getattr(
            sys.modules.get(module), function.__name__, None
        ):
            return module
    return None


def body_module(x: Any) -> str:
    """Return the public module of a function of NumPy's that is not in ``np`` itself."""
    public = (np.lib.array_utils, np.linalg, np.fft)
    found = [m.__name__ for m in public if getattr(m, x.__name__, None) is x]
    return found[0] if found else str(x.__module__)


def parsed(body: Any) -> ast.FunctionDef | None:
    """Return the syntax tree of a function, None if its source is not to be had."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(body)))
    except (OSError, TypeError, SyntaxError):
        return None
    found = tree.body[0]
    return found if isinstance(found, ast.FunctionDef) else None


class Cleaned(ast.NodeTransformer):
    """A definition without decorators, annotations and docstring, and with the names of titles."""

    def __init__(self, name: str, renamed: dict[str, str]) -> None:
        self.name, self.renamed = name, renamed

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """Return the bare definition."""
        node.decorator_list, node.returns = [], None
        node.name = self.name
        if len(node.body) > 1 and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """Return the call; what takes values out of Tensors is left away."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in UNWRAPPING:
            if not UNWRAPPING[node.func.id]:
                return node.args[0]
            node.func.id = UNWRAPPING[node.func.id]
        return node

    def visit_arg(self, node: ast.arg) -> Any:
        """Return the argument without its type."""
        node.annotation = None
        return node

    def visit_Name(self, node: ast.Name) -> Any:
        """Return the name under which the function is printed."""
        node.id = self.renamed.get(node.id, node.id)
        return node

"""Signatures: what of the arguments a compiled function holds for, as a test in the code. Floor 9.

The test is written out (``type(a0) is ndarray and a0.dtype is f8 and a0.shape == (2,)``) and stands
in front of the code itself, because a key made of shapes and dtypes costs twice as much.
"""

from __future__ import annotations

import ast
from types import MethodType
from typing import Any, NamedTuple

import numpy as np

from ..calls.handle import Handle
from ..errors import ArgumentError, DtypeError, where
from ..protocols.conversions import check_unmasked
from ..tracing.program import NUMBERS
from ..tree import branches, flatten, map_leaves
from .syntax import both, compare, invoke, item, name

STATIC = (bool, str, bytes, type(None), MethodType)  # obj.method is another one each time


class Signature(NamedTuple):
    """The test, and where the traced leaves are found; ``words`` says it to a reader."""

    test: ast.expr
    leaves: tuple[ast.expr, ...]
    namespace: dict[str, Any]
    words: str


class _Reader:
    """Walks the arguments and notes what must be as it is."""

    def __init__(self) -> None:
        self.tests: list[ast.expr] = []
        self.leaves: list[ast.expr] = []
        self.words: list[str] = []
        self.namespace: dict[str, Any] = {"ndarray": np.ndarray, "type": type, "len": len}

    def constant(self, x: Any, prefix: str = "k") -> ast.expr:
        """Return the name of an object in the namespace."""
        for text, known in self.namespace.items():
            if known is x:
                return name(text)
        text = f"{prefix}{len(self.namespace)}"
        self.namespace[text] = x
        return name(text)

    def is_(self, x: ast.expr, y: Any) -> None:
        """Test whether x is y itself."""
        self.tests.append(compare(x, ast.Is(), self.constant(y)))

    def equal(self, x: ast.expr, y: ast.expr) -> None:
        """Test whether x equals y."""
        self.tests.append(compare(x, ast.Eq(), y))

    def read(self, x: Any, at: ast.expr) -> None:
        """Note an argument, or a part of one, which is found at ``at``."""
        children, join = branches(x)
        kind = type(x)
        if x is None or (join is None and not is_traced(x)):
            self.static(x, at)
        elif join is None:
            self.leaf(x, at)
        elif kind in (tuple, list) or isinstance(x, tuple):
            self.is_(invoke("type", at), kind)
            self.equal(invoke("len", at), ast.Constant(len(x)))
            for i, child in enumerate(children):
                self.read(child, item(at, i))
        elif isinstance(x, dict):
            self.is_(invoke("type", at), kind)
            self.equal(invoke("tuple", at), self.constant(tuple(x)))
            self.namespace["tuple"] = tuple
            for key, child in x.items():
                self.read(child, ast.Subscript(at, self.constant(key), ast.Load()))
        else:
            self.is_(invoke("type", at), kind)
            self.namespace["children"] = children_of
            for i, child in enumerate(children):
                self.read(child, item(invoke("children", at), i))

    def static(self, x: Any, at: ast.expr) -> None:
        """Note a leaf that is no number: the code holds for this one alone."""
        if isinstance(x, STATIC):
            self.is_(invoke("type", at), type(x))
            self.equal(at, self.constant(x))
        else:
            self.is_(at, x)
        self.words.append(repr(x)[:40])

    def leaf(self, x: Any, at: ast.expr) -> None:
        """Note a leaf that is traced: the code holds for its kind, dtype and shape."""
        self.is_(invoke("type", at), type(x))
        if type(x) is np.ndarray:
            self.is_(ast.Attribute(at, "dtype", ast.Load()), x.dtype)
            self.equal(ast.Attribute(at, "shape", ast.Load()), self.constant(x.shape))
        self.leaves.append(at)
        kind = type(x).__name__ if not isinstance(x, np.ndarray | np.generic) else str(x.dtype)
        self.words.append(f"{kind}{list(np.shape(x)) if np.ndim(x) else ''}")


def signature_of(args: tuple[Any, ...]) -> Signature:
    """Return the signature of arguments whose leaves are normal."""
    reader = _Reader()
    for i, x in enumerate(args):
        reader.read(x, name(f"a{i}"))
    words = ", ".join(reader.words)
    return Signature(both(reader.tests), tuple(reader.leaves), reader.namespace, words)


def is_traced(x: Any) -> bool:
    """Tell whether a leaf is a number or an array of numbers, which the program computes with."""
    x = x._value if isinstance(x, Handle) else x
    if isinstance(x, np.ndarray | np.generic):
        return x.dtype.kind in "biufc"
    return type(x) in NUMBERS and type(x) is not bool


def children_of(x: Any) -> list[Any]:
    """Return the children of a branch."""
    return branches(x)[0]


def normal(x: Any) -> Any:
    """Return a leaf as compiled code takes it: an array with a plain dtype, or a scalar."""
    if isinstance(x, Handle):
        x = x._value
    if not isinstance(x, np.ndarray):
        return x
    check_unmasked(x)
    if isinstance(x, np.matrix):
        raise DtypeError(
            f"jit: compiled code computes with arrays, whose * is by entries; this is a matrix of "
            f"shape {x.shape}{where()}. Pass np.asarray(x), and write x @ y for products."
        )
    plain = np.asarray(x)
    dtype = np.dtype(plain.dtype.char) if plain.dtype.kind in "biufc" else plain.dtype
    plain = plain if plain.dtype is dtype else plain.astype(dtype)
    return plain if plain.ndim else plain[()]


def fixed(name: str, x: Any) -> Any:
    """Return a static argument as nobody can change it; arrays are refused."""
    for leaf in flatten(x)[0]:
        ndim = getattr(leaf, "ndim", 0)
        if isinstance(ndim, int) and ndim:  # that of a module or a class is a function
            raise ArgumentError(
                f"jit: the static argument {name!r} holds an array of shape {leaf.shape}"
                f"{where()}; code is chosen by comparing such arguments. Pass a tuple of numbers."
            )
    return map_leaves(lambda leaf: leaf, x)


def exactly(x: Any) -> tuple[Any, ...]:
    """Return what tells apart static values that Python holds equal: 2, 2.0, True; 0.0, -0.0.

    Named tuples of two kinds are equal as well, and dicts whose keys are in another order.
    """
    children, join = branches(x)
    if join is None:
        return type(x), isinstance(x, float | complex | np.inexact) and repr(x)
    return type(x), *(x if isinstance(x, dict) else ()), *map(exactly, children)

"""Spelling: the lines of a program as NumPy source, one operator or call a line. Floor 7.

Expressions are Python's own syntax trees: they nest without a thought for parentheses, print
themselves (``ast.unparse``) and compile. What is printed for people and what the compiler runs is
spelled here. Names in the text are made here too: no text of a user's reaches it unchecked, and
constants that are no plain numbers stand in a namespace beside it.
"""

from __future__ import annotations

import ast
import keyword
import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .outputs import output
from .program import Ref
from .rules.indexing import getitem
from .rules.products import batched_matmul, latin, matmul

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .program import Line, Program

Expr = ast.expr
LOAD = ast.Load()
SLICE = ast.Name("slice", LOAD)
DTYPES = (np.generic, bool, int, float, complex)
INFIX: dict[Any, ast.operator] = {
    np.add: ast.Add(), np.subtract: ast.Sub(), np.multiply: ast.Mult(), np.divide: ast.Div(),
    np.power: ast.Pow(), np.remainder: ast.Mod(), np.floor_divide: ast.FloorDiv(),
    matmul: ast.MatMult(), batched_matmul: ast.MatMult(), np.bitwise_and: ast.BitAnd(),
    np.bitwise_or: ast.BitOr(), np.bitwise_xor: ast.BitXor(),
}  # fmt: skip
PREFIX: dict[Any, ast.unaryop] = {
    np.negative: ast.USub(), np.positive: ast.UAdd(), np.invert: ast.Invert(),
}  # fmt: skip
COMPARISONS: dict[Any, ast.cmpop] = {
    np.equal: ast.Eq(), np.not_equal: ast.NotEq(), np.less: ast.Lt(), np.less_equal: ast.LtE(),
    np.greater: ast.Gt(), np.greater_equal: ast.GtE(),
}  # fmt: skip


class Naming(Protocol):
    """How values, constants and functions that NumPy has not are called in a text."""

    def value(self, ref: Ref) -> Expr:
        """Return the expression of a value: a name, or what computes it."""

    def constant(self, x: Any) -> Expr:
        """Return the name of a constant that is no plain number."""

    def function(self, f: Callable[..., Any], name: str) -> Expr:
        """Return the name of a function that is not NumPy's."""


def expression(line: Line, naming: Naming) -> Expr:
    """Return the expression that computes a line."""
    f, params = line.function, line.params
    operands = [spelled(x, naming) for x in line.operands]
    if not params:
        if f in INFIX and len(operands) == 2:
            return ast.BinOp(operands[0], INFIX[f], operands[1])
        if f in PREFIX:
            return ast.UnaryOp(PREFIX[f], operands[0])
        if f in COMPARISONS:
            return ast.Compare(operands[0], [COMPARISONS[f]], [operands[1]])
    special = SPECIAL.get(f)
    if special is not None:
        return special(operands, {key: spelled(x, naming) for key, x in params.items()})
    path = numpy_path(f)
    head = dotted(*path) if path else naming.function(line.compute, title(f))
    return call(head, operands, {key: spelled(x, naming) for key, x in params.items()})


def signed(x: Expr, minus: bool) -> Expr:
    """Return x or -x."""
    return ast.UnaryOp(ast.USub(), x) if minus else x


def spelled(x: Any, naming: Naming) -> Expr:
    """Return the expression of an operand or a parameter: of a Ref, a number, a tree of them."""
    spell = BY_TYPE.get(type(x))
    if spell is not None:
        return spell(x, naming)
    if isinstance(x, np.dtype) or (isinstance(x, type) and issubclass(x, DTYPES)):
        return dotted(*numpy_path(np.dtype(x).type))
    return naming.constant(x)


def number(x: float, _: Naming) -> Expr:
    """Return a number, its sign before it."""
    if x != x:
        return dotted("np", "nan")
    size = ast.Constant(abs(x)) if math.isfinite(x) else dotted("np", "inf")
    return signed(size, math.copysign(1, x) < 0)


BY_TYPE: dict[type, Callable[[Any, Naming], Expr]] = {
    Ref: lambda x, naming: naming.value(x),
    int: number,
    float: number,
    tuple: lambda x, naming: ast.Tuple([spelled(y, naming) for y in x], LOAD),
    list: lambda x, naming: ast.List([spelled(y, naming) for y in x], LOAD),
    slice: lambda x, naming: call(SLICE, [spelled(y, naming) for y in (x.start, x.stop, x.step)]),
    **dict.fromkeys((complex, str, bool, type(None), type(Ellipsis)), lambda x, _: ast.Constant(x)),
}


def dotted(*names: str) -> Expr:
    """Return ``a.b.c``."""
    found: Expr = ast.Name(names[0], LOAD)
    for name in names[1:]:
        found = ast.Attribute(found, name, LOAD)
    return found


def call(head: Expr, operands: Iterable[Expr], params: dict[str, Expr] | None = None) -> Expr:
    """Return a call with operands, and parameters by keyword."""
    return ast.Call(head, list(operands), [ast.keyword(k, v) for k, v in (params or {}).items()])


def method(x: Expr, name: str, *args: Expr) -> Expr:
    """Return ``x.name(args)``."""
    return call(ast.Attribute(x, name, LOAD), args)


def numpy_path(f: Any) -> tuple[str, ...]:
    """Return how NumPy calls a function: ("np", "linalg", "norm"); () if it is not NumPy's."""
    name = getattr(f, "__name__", "")
    for path, module in ((("np",), np), (("np", "linalg"), np.linalg), (("np", "fft"), np.fft)):
        if getattr(module, name, None) is f:
            return (*path, name)
    return ()


def title(f: Any) -> str:
    """Return the name of a function of ours or of the user's, without leading underscores."""
    return str(getattr(f, "__name__", "function")).lstrip("_")


def np_call(name: str) -> Callable[[list[Expr], dict[str, Expr]], Expr]:
    """Return how a NumPy function is spelled whose parameters follow the operands, in order."""
    return lambda xs, params: call(dotted("np", name), [*xs, *params.values()])


def joined(name: str) -> Callable[[list[Expr], dict[str, Expr]], Expr]:
    """Return how a NumPy function of a list of arrays is spelled."""
    return lambda xs, params: call(dotted("np", name), [ast.List(xs, LOAD)], params)


def subscript(xs: list[Expr], params: dict[str, Expr]) -> Expr:
    """Return ``x[index]``, slices in it with colons."""
    index = params["index"]
    if isinstance(index, ast.Tuple):
        index = ast.Tuple([colons(x) for x in index.elts], LOAD)
    return ast.Subscript(xs[0], colons(index), LOAD)


def colons(x: Expr) -> Expr:
    """Return ``a:b:c`` for ``slice(a, b, c)``."""
    if not (isinstance(x, ast.Call) and x.func is SLICE):
        return x
    given = (isinstance(bound, ast.Constant) and bound.value is None for bound in x.args)
    return ast.Slice(*[None if none else y for none, y in zip(given, x.args, strict=True)])


def transposed(xs: list[Expr], params: dict[str, Expr]) -> Expr:
    """Return ``x.T``, or ``x.transpose(axes)``."""
    axes = params.get("axes")
    if axes is None or (isinstance(axes, ast.Constant) and axes.value is None):
        return ast.Attribute(xs[0], "T", LOAD)
    return method(xs[0], "transpose", axes)


def masked(xs: list[Expr], params: dict[str, Expr]) -> Expr:
    """Return ``np.where(condition, x, y)``."""
    return call(dotted("np", "where"), [params["condition"], *xs])


def summed(xs: list[Expr], params: dict[str, Expr]) -> Expr:
    """Return ``np.einsum(subscripts, *operands)``, in letters that NumPy reads."""
    letters: Any = params["subscripts"]
    words: str = latin(letters.value)  # type: ignore[no-untyped-call]  # rules are untyped
    optimize: dict[str, Expr] = {"optimize": ast.Constant(value=True)} if len(xs) > 1 else {}
    return call(dotted("np", "einsum"), [ast.Constant(words), *xs], optimize)


SPECIAL: dict[Any, Callable[[list[Expr], dict[str, Expr]], Expr]] = {
    getitem: subscript,
    output.function: subscript,
    np.transpose: transposed,
    np.where: masked,
    np.einsum: summed,
    np.concatenate: joined("concatenate"),
    np.stack: joined("stack"),
    np.reshape: lambda xs, params: method(xs[0], "reshape", params["shape"]),
    np.astype: lambda xs, params: method(xs[0], "astype", params["dtype"]),
    np.copy: lambda xs, _: method(xs[0], "copy"),
    np.clip: np_call("clip"),
}


# Whole programs


class Names:
    """The names of one text: of values as the user calls them, where that is possible."""

    def __init__(self, program: Program) -> None:
        self.taken = {"np", "slice", *keyword.kwlist}
        self.namespace: dict[str, Any] = {"np": np, "slice": slice}
        self.values: dict[int, str] = {}
        self.by_identity: dict[int, str] = {}
        for at, given in enumerate(program.inputs):
            self.values[at] = self.unique(identifier(given.name) or f"x{at}")
        for ref, line in program.numbered():
            self.values[ref.at] = self.unique(identifier(line.name) or f"v{ref.at}")

    def unique(self, name: str) -> str:
        """Return the name, with a number behind it if it is taken."""
        found, number = name, 2
        while found in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found)
        return found

    def value(self, ref: Ref) -> Expr:
        """Return the name of a value."""
        return ast.Name(self.values[ref.at], LOAD)

    def constant(self, x: Any) -> Expr:
        """Return a number as it is, and the name of any other constant."""
        if isinstance(x, np.ndarray | np.generic) and not x.ndim and x.dtype.kind in "bif":
            return spelled(x.item(), self)
        return self.named(x, "c")

    def function(self, f: Callable[..., Any], name: str) -> Expr:
        """Return the name of a function."""
        return self.named(f, identifier(name) or "f")

    def named(self, x: Any, name: str) -> Expr:
        """Return the name of an object in the namespace, one for each object."""
        if id(x) not in self.by_identity:
            found = self.unique(name)
            self.by_identity[id(x)], self.namespace[found] = found, x
        return ast.Name(self.by_identity[id(x)], LOAD)


def identifier(name: str | None) -> str | None:
    """Return a user's name if it can stand in a text as it is; else None."""
    fits = name is not None and name.isascii() and name.isidentifier()
    return name if fits and not str(name).startswith("__") else None


def source(program: Program, name: str = "f") -> tuple[str, dict[str, Any]]:
    """Return a program as the text of a function, and the namespace that the text needs.

    Examples
    --------
    >>> from micrograd_np.tracing import trace
    >>> text, namespace = source(trace(lambda x: np.exp(-x) + 1, 0.5))
    >>> print(text)
    def f(x):
        v1 = -x
        v2 = np.exp(v1)
        v3 = v2 + 1.0
        return v3
    """
    names = Names(program)
    given = ", ".join(names.values[at] for at in range(len(program.inputs)))
    lines = [f"def {identifier(name) or 'f'}({given}):"]
    for ref, line in program.numbered():
        lines.append(f"    {names.values[ref.at]} = {ast.unparse(expression(line, names))}")
    outs = ", ".join(ast.unparse(spelled(out, names)) for out in program.outputs)
    return "\n".join([*lines, f"    return {outs}"]), names.namespace

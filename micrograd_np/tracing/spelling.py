"""Spelling: the lines of a program as NumPy source, one operator or call a line. Floor 8.

Expressions are Python's own syntax trees: they nest without a thought for parentheses, print
themselves (``ast.unparse``) and compile. What is printed for people and what the compiler runs is
spelled here. Constants that are no plain numbers stand in a namespace beside the text.
"""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..calls.outputs import output
from ..rules.indexing import getitem
from ..rules.products import batched_matmul, latin, matmul
from .program import Ref

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


def expression(line: Line, naming: Naming, as_call: bool = False) -> Expr:
    """Return the expression that computes a line; ``as_call`` without operators."""
    f, params = line.function, line.params
    operands = [spelled(x, naming) for x in line.operands]
    if not params and not as_call:
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


def reshaped(xs: list[Expr], params: dict[str, Expr]) -> Expr:
    """Return ``x.reshape(shape)``, with an order other than C by keyword."""
    order = {"order": params["order"]} if "order" in params else {}
    return call(ast.Attribute(xs[0], "reshape", LOAD), [params["shape"]], order)


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
    np.reshape: reshaped,
    np.astype: lambda xs, params: method(xs[0], "astype", params["dtype"]),
    np.copy: lambda xs, _: method(xs[0], "copy"),
    np.clip: np_call("clip"),
}


def of_plain_numbers(program: Program, line: Line) -> bool:
    """Tell whether NumPy computes with Python's numbers alone, where an operator would not."""
    if not isinstance(line.compute, np.ufunc):
        return False
    return all(
        isinstance(program.value(x).dtype, type) if type(x) is Ref else not hasattr(x, "dtype")
        for x in line.operands
    )

"""Symbols: formulas of operations and of their derivatives, from the rules. Floor 8."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .expressions import (
    Expression,
    NoSymbolError,
    call,
    name,
    negated,
    num,
    of,
    over,
    power,
    text,
    times,
)
from .labels import SUPERSCRIPTS, amount, clean, number
from .printing import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INFIX = {
    "add": "+", "subtract": "-", "multiply": "·", "divide": "/", "matmul": "@",
    "power": "^", "float_power": "^",
}  # fmt: skip
BADGES = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "negative": "−",
    "sigmoid": "σ", "square": "( )²", "power": "( )ⁿ", "float_power": "( )ⁿ", "sum": "Σ",
    "sqrt": "√", "absolute": "| |", "transpose": "ᵀ", "prod": "Π", "getitem": "[ ]",
    "reciprocal": "1/( )",
}  # fmt: skip
EXPONENT = frozenset({"power", "float_power"})
DIGITS = 5  # characters of a number in a badge
FUNCTIONS = {"sigmoid": "σ", "_bce": "bce_with_logits", "entries_under": "windows"}
SIGNED: dict[str, Callable[[Any, Any], Expression]] = {
    "negative": lambda xs, _: Expression("neg", *xs),
    "square": lambda xs, _: Expression("^", *xs, num(2)),
    "getitem": lambda xs, params: Expression("item", *xs, index_text(params.get("index"))),
    "transpose": lambda xs, _: flipped(xs[0]),
    "where": lambda xs, params: call("where", named(params.get("condition")), *xs),
    "scatter": lambda xs, params: put(xs[0], params),
    "conv2d": lambda xs, params: call("conv2d", *xs, *stride(params)),
    "entries_under": lambda xs, params: call("windows", *xs, text(times_by(params["size"]))),
}
FEW = 4  # operands that are all shown
RESHAPING = frozenset({
    "reshape", "ravel", "squeeze", "expand_dims", "atleast_1d", "atleast_2d", "atleast_3d",
    "broadcast_to", "copy", "astype", "positive", "sum",
})  # fmt: skip

# Derivatives whose rule is written to keep its digits; printed as one learns them
OF_RESULT: dict[str, Any] = {"sigmoid": lambda out: out * (1 - out), "tanh": lambda out: 1 - out**2}
OF_OPERAND: dict[str, Any] = {
    "softplus": lambda x: call("σ", x),
    "log_sigmoid": lambda x: call("σ", -x),
    "absolute": np.sign,
    "expm1": np.exp,
    "arcsinh": lambda x: 1 / np.sqrt(1 + x**2),
    "arcsin": lambda x: 1 / np.sqrt(1 - x**2),
    "arccos": lambda x: -1 / np.sqrt(1 - x**2),
}


def constant(operand: Any) -> Expression:
    """Return a constant operand: its number, its few entries, or its shape in brackets."""
    if isinstance(operand, float | np.floating) and float(operand) in (math.e, math.pi):
        return text("e" if float(operand) == math.e else "π")
    array = np.asarray(operand)
    if not array.ndim and array.dtype.kind in "iuf":
        return num(array)
    shown = amount(operand)
    return text(shown if array.size <= 4 or array.dtype.kind not in "biufc" else f"[{shown}]")


def formula(rule: Any, operands: Sequence[Expression], params: dict[str, Any]) -> Expression:
    """Return an operation as its author would write it, not simplified."""
    kind = rule.name
    if kind == "add" and operands[0].op == "number" and operands[0].args[0] == 0:
        return operands[1]  # what the built-in sum begins with
    if kind in INFIX and len(operands) == 2:
        return Expression(INFIX[kind], *operands)
    if kind in SIGNED and params.get("axes") is None:
        return SIGNED[kind](operands, params)
    if len(operands) > FEW:
        operands = [operands[0], text("…"), operands[-1]]
    words = {key: parameter(x) for key, x in params.items() if key not in rule.inner}
    shown = [text(f"{key}={word}") for key, word in words.items() if word]
    return Expression("call", FUNCTIONS.get(kind, clean(kind, 24)), *operands, *shown)


def named(x: Any) -> Expression:
    """Return a parameter that is an array: the name that it has, if any."""
    return x if isinstance(x, Expression) else text("…")


def put(x: Expression, params: dict[str, Any]) -> Expression:
    """Return entries put among zeros: most often a padding."""
    index, shape = params["index"], text(times_by(params["shape"]))
    if isinstance(index, tuple) and all(isinstance(i, slice) and not i.step for i in index):
        return call("pad", x, shape)
    return call("put", x, named(index), shape)


def stride(params: dict[str, Any]) -> list[Expression]:
    """Return the steps of a convolution, if it leaves out places."""
    steps = params["stride"]
    return [] if steps == (1, 1) else [text(f"stride={times_by(steps)}")]


def times_by(shape: Sequence[int]) -> str:
    """Return "2×3", a shape in words."""
    return "×".join(map(str, shape))


def parameter(x: Any) -> str:
    """Return a parameter in a formula; nothing for one left at None or False."""
    if isinstance(x, Expression):
        return plain(x)
    if x is None or x is False:
        return ""
    if isinstance(x, bool | int | float | str | np.number):
        return clean(repr(x) if isinstance(x, str) else str(x), 24)
    if isinstance(x, tuple | list) and all(isinstance(n, int) for n in x):
        return clean(str(x).replace(" ", ""), 24)
    return "…"


def index_text(index: Any) -> str:
    """Return an index as it stands in brackets."""
    if isinstance(index, Expression):
        return plain(index)
    if isinstance(index, tuple) and index:
        return ", ".join(index_text(i) for i in index[:4])
    if isinstance(index, slice):
        bounds = [("" if i is None else str(i)) for i in (index.start, index.stop)]
        return clean(":".join(bounds) + (f":{index.step}" if index.step else ""), 12)
    if index is Ellipsis or isinstance(index, int | np.integer):
        return "…" if index is Ellipsis else number(int(index))
    return "None" if index is None else "…"


def badge(rule: Any, operands: Sequence[Any], shown: int | None) -> str:
    """Return the sign of an operation on its card, with the number among its operands if shown."""
    sign = BADGES.get(rule.name) or clean(FUNCTIONS.get(rule.name, rule.name), 16)
    if shown is None:
        return sign
    x = amount(operands[shown])
    if rule.name in EXPONENT:
        return f"( ){x.translate(SUPERSCRIPTS)}"
    return f"{x} {sign}" if shown == 0 else f"{sign} {x}"


def shown_in_badge(rule: Any, operands: Sequence[Any]) -> int | None:
    """Return the place of the operand that a badge shows: a short number, as ``1 +`` does."""
    if len(operands) != 2 or rule.name not in BADGES or rule.name not in INFIX:
        return None
    for i in (1,) if rule.name in EXPONENT else (0, 1):
        x = operands[i]
        if is_short(x) and (rule.name not in EXPONENT or (float(x).is_integer() and 0 <= x < 100)):
            return i
    return None


def is_short(x: Any) -> bool:
    """Tell whether a constant is a number of few digits."""
    if isinstance(x, bool | complex | list) or np.ndim(x) or np.asarray(x).dtype.kind not in "iuf":
        return False
    return len(amount(x)) <= DIGITS


def pulled(
    rule: Any, i: int, g: Expression, operands: list[Expression], out: Expression, shapes: Any
) -> Expression:
    """Return the formula of the cotangent of operand i, given that of the result.

    Parameters
    ----------
    rule : the rule of the operation
    g : cotangent of the result
    operands, out : the operands and the result
    shapes : those of the operands and of the result, None where unknown

    Raises
    ------
    NoSymbolError
        If the rule computes something that has no short formula.
    """
    kind = rule.name
    if kind in RESHAPING or rule.kind == "output":
        return g
    if kind == "matmul":
        return product(g, i, operands, shapes)
    if kind == "mean":
        return average(g, shapes[0], shapes[-1])
    if rule.kind == "elementwise":
        return entries(rule, i, g, operands, out)
    raise NoSymbolError


def prime(rule: Any) -> Expression | None:
    """Return what stands for the derivative of a function by itself: its name with a dash."""
    if rule.kind == "linear":
        return None
    return name(f"{clean(FUNCTIONS.get(rule.name, rule.name), 16)}′")


def entries(
    rule: Any, i: int, g: Expression, operands: list[Expression], out: Expression
) -> Expression:
    """Run a partial derivative on expressions: it is NumPy, and they are operands of NumPy."""
    if rule.name in OF_RESULT:
        return times(g, of(OF_RESULT[rule.name](out)))
    if rule.name in OF_OPERAND:
        return times(g, OF_OPERAND[rule.name](operands[0]))
    if rule.name in ("power", "float_power"):
        return times(g, power_slope(i, operands[0], operands[1], out))
    if rule.name == "logaddexp":
        return times(g, call("σ", operands[i] - operands[1 - i]))
    known = dict(zip(rule.operand_names, operands, strict=False)) | {"out": out}
    reads = rule.reads(i)
    if not known.keys() >= set(reads):
        raise NoSymbolError  # it reads a parameter
    return of(rule.derivative(i)(g, **{read: known[read] for read in reads}))


def power_slope(i: int, x: Expression, y: Expression, out: Expression) -> Expression:
    """Return the derivative of x**y in x or y, without the care that the rule takes at 0."""
    if i == 0:
        return times(y, power(x, y - 1))
    return out if plain(x) == "e" else times(out, call("log", x))


def product(g: Expression, i: int, operands: list[Expression], shapes: Any) -> Expression:
    """Return the cotangent of a factor of a matrix product."""
    if shapes[0] is None or shapes[1] is None:
        raise NoSymbolError
    other, ndim = operands[1 - i], len(shapes[1 - i])
    other = transposed(other) if ndim > 1 else other
    if is_number(g):
        return times(g, other)
    dims = len(shapes[0]), len(shapes[1])
    if dims == (1, 1):
        return times(g, other)
    if dims == (2, 1) and i == 0:
        return call("outer", g, other)
    if dims == (1, 2) and i == 1:
        return call("outer", other, g)
    if max(dims) > 2 and dims[0] != dims[1]:
        raise NoSymbolError  # summed over the axes that one of them lacks
    return Expression("@", g, other) if i == 0 else Expression("@", other, g)


def transposed(x: Expression) -> Expression:
    """Return the transpose in a derivative; a number stands before it."""
    if x.op == "·" and is_number(x.args[0]):
        return times(x.args[0], transposed(x.args[1]))
    if x.op == "/" and is_number(x.args[1]):
        return over(transposed(x.args[0]), x.args[1])
    return negated(transposed(x.args[0])) if x.op == "neg" else flipped(x)


def flipped(x: Expression) -> Expression:
    """Return the transpose; that of a transpose is the matrix itself."""
    inner: Expression = x.args[0] if x.op == "transpose" else Expression("transpose", x)
    return inner


def is_number(g: Expression) -> bool:
    """Tell whether an expression is a number or a fraction of two."""
    return g.op == "number" or (g.op in ("/", "neg") and all(map(is_number, g.args)))


def average(g: Expression, shape: Any, result: Any) -> Expression:
    """Return the cotangent of a mean."""
    if shape is None or result is None:
        raise NoSymbolError
    return over(g, num(math.prod(shape) // max(math.prod(result), 1)))


def sigmoid_slope(out: Expression) -> Expression:
    """Return the derivative of the sigmoid from its value."""
    return times(out, 1 + negated(out))

"""Passes: from a program to a shorter one that computes the same. Floor 9.

Each is a function from Program to Program. What they do keeps every bit, also of infinities, of
NaN and of -0, and a NaN's sign alone may change; with ``fast_math`` they also do what is true of
real numbers only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.products import matmul
from ..tracing.opaque import unchanged
from ..tracing.program import Line, Program, refs
from .algebra import real, sign
from .rewriting import Builder, is_number, keeps, rewritten, signed, value_of, without_dead

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = frozenset(
    {np.expand_dims, np.squeeze, np.ravel, np.atleast_1d, np.atleast_2d, np.atleast_3d}
)  # which a reshape does faster
LARGEST = 100_000  # entries of a result that is computed beforehand


def first_of(*rules: Callable[[Builder, Line], Any]) -> Callable[[Builder, Line], Any]:
    """Return the rule that does what the first of these does that does anything."""

    def rule(builder: Builder, line: Line) -> Any:
        for one in rules:
            found = one(builder, line)
            if found is not None:
                return found
        return None

    return rule


def simplified(program: Program, fast_math: bool = False) -> Program:
    """Return the program after all passes: they are made together, in one go."""
    rules = (fold, plain, sign, real) if fast_math else (fold, plain, sign)
    return without_dead(rewritten(program, first_of(*rules)))


def shared(program: Program) -> Program:
    """Return the program with equal lines computed once."""
    return rewritten(program)


def folded(program: Program) -> Program:
    """Return the program with what hangs on no input computed beforehand."""
    return rewritten(program, fold)


def fold(_: Builder, line: Line) -> Any:
    """Compute what hangs on no input."""
    if line.shape is None or refs(line.operands, line.params):
        return None
    if math.prod(line.shape) > LARGEST:
        return None
    with np.errstate(all="ignore"):
        return line.compute(*line.operands, **line.params)


def plainer(program: Program) -> Program:
    """Return the program without operations that change nothing, or with cheaper ones."""
    return rewritten(program, plain)


def plain(builder: Builder, line: Line) -> Any:
    """Leave out an operation that changes nothing, or take a cheaper one."""
    rule = PLAINER.get(line.function)
    return rule(builder, line) if rule is not None and line.operands else None


def same_value(builder: Builder, line: Line) -> Any:
    """Leave out a copy, or a conversion to the shape and dtype that is there already."""
    return keeps(builder, line, line.operands[0])


def copied(builder: Builder, line: Line) -> Any:
    """Leave out a copy, but not one that puts a transposed array in order: what follows is slow."""
    turned = builder.line(line.operands[0], np.transpose) is not None
    return None if turned else same_value(builder, line)


def of_reals(rule: Callable[[Builder, Line], Any]) -> Callable[[Builder, Line], Any]:
    """Return the rule for real numbers: for complex ones x * 1 is x + 0i * x, not in every bit."""

    def for_reals(builder: Builder, line: Line) -> Any:
        real = line.dtype is not None and np.dtype(line.dtype).kind != "c"
        return rule(builder, line) if real else None

    return for_reals


def multiplied(builder: Builder, line: Line) -> Any:
    """Leave out a factor 1; a factor -1 is a sign."""
    for x, y in (line.operands, line.operands[::-1]):
        factor = value_of(y)
        if factor == 1:
            return keeps(builder, line, x)
        if factor == -1 and keeps(builder, line, x) is not None:
            return signed(line, x)
    return None


def divided(builder: Builder, line: Line) -> Any:
    """Leave out a divisor 1."""
    x, y = line.operands
    return keeps(builder, line, x) if value_of(y) == 1 else None


def subtracted(builder: Builder, line: Line) -> Any:
    """Leave out a difference to 0: x - 0 is x, while -0 + 0 is not -0."""
    x, y = line.operands
    return keeps(builder, line, x) if value_of(y) == 0 else None


def raised(builder: Builder, line: Line) -> Any:
    """Leave out an exponent 1, and multiply for an exponent 2."""
    x, y = line.operands
    if value_of(y) == 1:
        return keeps(builder, line, x)
    if value_of(y) == 2 and keeps(builder, line, x) is not None:
        return line._replace(function=np.square, compute=np.square, operands=(x,))
    return None


def never(_: Builder, line: Line) -> Any:
    """Leave out a test of one number that another one, which always fails, decides."""
    single = line.dtype == np.bool_ and line.shape == ()
    return np.False_ if single and any(value_of(x) is False for x in line.operands) else None


def reduced(builder: Builder, line: Line) -> Any:
    """Reshape in place of adding up a single entry."""
    x = line.operands[0]
    shape, dtype = builder.spec(x)
    if shape is None or math.prod(shape) != 1 or dtype != line.dtype or is_number(dtype):
        return None
    if line.params.keys() - {"axis", "keepdims"}:
        return None  # ``initial`` counts too
    return reshaped(builder, line, x)


def reshaped(builder: Builder, line: Line, x: Any) -> Any:
    """Return x in the shape of the line."""
    if builder.spec(x)[0] == line.shape:
        return x
    return line._replace(
        function=np.reshape, compute=np.reshape, operands=(x,), params={"shape": line.shape}
    )


def reshaped_again(builder: Builder, line: Line) -> Any:
    """Reshape once in place of twice."""
    x = line.operands[0]
    if in_columns(line):
        return None
    inner = builder.line(x, np.reshape)
    if builder.spec(x)[0] == line.shape:
        return x
    again = inner is None or in_columns(inner)
    return None if again or inner is None else line._replace(operands=inner.operands)


def in_columns(line: Line) -> bool:
    """Tell whether a line takes or puts entries in another order than row after row."""
    return line.params.get("order", "C") not in ("C", None)


def flattened(builder: Builder, line: Line) -> Any:
    """Reshape in place of a function that does no more."""
    return None if in_columns(line) else reshaped(builder, line, line.operands[0])


def broadcast_early(builder: Builder, line: Line) -> Any:
    """Leave out a broadcast that the function of entries does by itself."""
    operands = list(line.operands)
    for i, x in enumerate(operands):
        made = builder.line(x, np.broadcast_to)
        if made is None:
            continue
        others = [builder.spec(y)[0] for y in (*operands[:i], *made.operands, *operands[i + 1 :])]
        if None not in others and np.broadcast_shapes(*others) == line.shape:
            operands[i] = made.operands[0]
    return None if operands == list(line.operands) else line._replace(operands=tuple(operands))


def contracted(builder: Builder, line: Line) -> Any:
    """Multiply matrices in place of an einsum that is nothing else."""
    if len(line.operands) != 2:
        return None
    inputs, out = line.params["subscripts"].split("->")
    a, b = inputs.split(",")
    if not (len(a) == len(b) == len(out) == 2 and len({*a, *b}) == 3):
        return None
    shared_letter = ({*a} & {*b}).pop() if {*a} & {*b} else ""
    if shared_letter in out:
        return None
    x, y = line.operands
    left = x if a[1] == shared_letter else builder.add(turned(builder, line, x))
    right = y if b[0] == shared_letter else builder.add(turned(builder, line, y))
    i, j = a.replace(shared_letter, ""), b.replace(shared_letter, "")
    if any(n == 1 for n in (*builder.spec(x)[0], *builder.spec(y)[0])):
        return None  # length 1 may be broadcast
    if out == i + j:
        return line._replace(
            function=matmul, compute=matmul.body, operands=(left, right), params={}
        )
    return None


def turned(builder: Builder, line: Line, x: Any) -> Line:
    """Return the line that transposes a matrix."""
    m, n = builder.spec(x)[0]
    dtype = builder.spec(x)[1]
    return Line(np.transpose, np.transpose, (x,), {}, (n, m), dtype, None, line.scope, line.silent)


PLAINER: dict[Any, Callable[[Builder, Line], Any]] = {
    unchanged: lambda _, line: line.operands[0],
    np.positive: same_value,
    np.copy: copied,
    np.astype: same_value,
    np.broadcast_to: same_value,
    np.real: same_value,
    np.conjugate: lambda builder, line: (
        None if np.dtype(line.dtype).kind == "c" else same_value(builder, line)
    ),
    np.reshape: reshaped_again,
    **dict.fromkeys(SHAPES, flattened),
    np.multiply: first_of(of_reals(multiplied), broadcast_early),
    np.divide: first_of(of_reals(divided), broadcast_early),
    np.subtract: first_of(subtracted, broadcast_early),
    np.add: broadcast_early,
    np.bitwise_and: never,
    np.power: first_of(of_reals(raised), broadcast_early),
    np.sum: reduced,
    np.mean: reduced,
    np.max: reduced,
    np.min: reduced,
    np.prod: reduced,
    np.einsum: contracted,
}

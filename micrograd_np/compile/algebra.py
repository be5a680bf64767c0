"""Algebra: signs that cancel, and what is true of real numbers only. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .rewriting import Builder, is_ref, keeps, rewritten, signed, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tracing.program import Line, Program

# Signs


def signs_outside(program: Program) -> Program:
    """Return the program with the signs of factors outside of products, where they cancel."""

    return rewritten(program, sign)


def sign(builder: Builder, line: Line) -> Any:
    """Move a sign outside, where it meets others."""
    rule = SIGNS.get(line.function)
    floats = line.dtype is not None and np.dtype(line.dtype).kind == "f"
    return rule(builder, line) if rule is not None and floats and not line.params else None


def bare(builder: Builder, x: Any) -> Any:
    """Return y if the operand is -y, else None."""
    made = builder.line(x, np.negative)
    return None if made is None else made.operands[0]


def sign_of_product(builder: Builder, line: Line) -> Any:
    """Return -(x * y) for (-x) * y; the two signs of (-x) * (-y) cancel."""
    x, y = line.operands
    p, q = bare(builder, x), bare(builder, y)
    if p is None and q is None:
        return None
    plain = line._replace(operands=(x if p is None else p, y if q is None else q))
    if p is not None and q is not None:
        return plain
    return signed(line, builder.add(plain._replace(name=None)))


def sign_of_sum(builder: Builder, line: Line) -> Any:
    """Return x - y for x + (-y)."""
    x, y = line.operands
    q = bare(builder, y)
    if q is not None:
        return line._replace(function=np.subtract, compute=subtract, operands=(x, q))
    p = bare(builder, x)
    if p is not None:
        return line._replace(function=np.subtract, compute=subtract, operands=(y, p))
    return None


def sign_of_difference(builder: Builder, line: Line) -> Any:
    """Return x + y for x - (-y)."""
    x, y = line.operands
    q = bare(builder, y)
    return None if q is None else line._replace(function=np.add, compute=add, operands=(x, q))


def sign_of_sign(builder: Builder, line: Line) -> Any:
    """Return x for -(-x)."""
    return bare(builder, line.operands[0])


def add(x: Any, y: Any) -> Any:
    """Return x + y."""
    return x + y


def subtract(x: Any, y: Any) -> Any:
    """Return x - y."""
    return x - y


SIGNS: dict[Any, Callable[[Builder, Line], Any]] = {
    np.multiply: sign_of_product,
    np.divide: sign_of_product,
    np.add: sign_of_sum,
    np.subtract: sign_of_difference,
    np.negative: sign_of_sign,
}


# What is true of real numbers only


def as_real_numbers(program: Program) -> Program:
    """Return the program simplified as if numbers were real: not near infinities, NaN and -0."""

    return rewritten(program, real)


def real(builder: Builder, line: Line) -> Any:
    """Do what is true of real numbers."""
    rule = REAL.get(line.function)
    return None if rule is None or line.params else rule(builder, line)


def zero(line: Line) -> Any:
    """Return zeros in place of the line."""
    return np.zeros(line.shape or (), line.dtype)[()]


def real_product(builder: Builder, line: Line) -> Any:
    """Return 0 for x * 0, and (a * b) * x for a * (b * x)."""
    for x, y in (line.operands, line.operands[::-1]):
        c = value_of(x)
        if c == 0:
            return zero(line)
        inner = builder.line(y, np.multiply)
        if c is None or inner is None or inner.shape != line.shape or inner.dtype != line.dtype:
            continue
        for p, q in (inner.operands, inner.operands[::-1]):
            d = value_of(p)
            if d is not None and is_ref(q):
                return line._replace(operands=(np.asarray(c * d, line.dtype)[()], q))
    return None


def real_sum(builder: Builder, line: Line) -> Any:
    """Return x for x + 0."""
    for x, y in (line.operands, line.operands[::-1]):
        if value_of(y) == 0:
            return keeps(builder, line, x)
    return None


def real_difference(_: Builder, line: Line) -> Any:
    """Return 0 for x - x."""
    x, y = line.operands
    return zero(line) if is_ref(x) and x == y else None


REAL: dict[Any, Callable[[Builder, Line], Any]] = {
    np.multiply: real_product,
    np.add: real_sum,
    np.subtract: real_difference,
}

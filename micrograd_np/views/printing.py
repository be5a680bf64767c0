"""Printing: the text of an expression, in pieces that tell names from signs. Floor 9."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .expressions import Expression, is_negative, value
from .labels import SUPERSCRIPTS, number

if TYPE_CHECKING:
    from collections.abc import Callable

Spans = list[tuple[str, bool]]  # pieces of text, and whether each is a name
BINDS = {">": 0, "<": 0, "+": 1, "-": 1, "neg": 1, "·": 2, "/": 2, "@": 2, "^": 3}
ATOM = 4  # binds closer than any operation
SIGNS = {"-": "−"}


def plain(e: Expression, loose: bool = False) -> str:
    """Return the text of an expression; ``loose`` has blanks around its signs."""
    return "".join(piece for piece, _ in spans(e, loose))


def spans(e: Expression, loose: bool = False) -> Spans:
    """Return the text of an expression in pieces."""
    return PRINTED.get(e.op, infix)(e, loose)


def called(e: Expression, loose: bool) -> Spans:
    """Return a function of arguments; the absolute value and the root by their signs."""
    function, args = e.args[0], e.args[1:]
    first = spans(args[0], loose)
    if function == "absolute":
        return [("|", False), *first, ("|", False)]
    if function == "sqrt" and args[0].op == "name":
        return [("√", False), *first]
    pieces = [(f"{'√' if function == 'sqrt' else function}(", False), *first]
    for x in args[1:]:
        pieces += [(", ", False), *spans(x, loose)]
    return [*pieces, (")", False)]


def raised(e: Expression, loose: bool) -> Spans:
    """Return a power; a whole exponent as superscript."""
    base, exponent = e.args
    n = value(exponent)
    if isinstance(n, int) and 0 <= n < 1000:
        return [*part(base, ATOM, loose), (str(n).translate(SUPERSCRIPTS), False)]
    return [*part(base, ATOM, loose), ("^", False), *part(exponent, ATOM, loose)]


def infix(e: Expression, loose: bool) -> Spans:
    """Return an operation of two operands, with the brackets it needs."""
    a, b = e.args
    left = spans(a, loose) if a.op == "neg" else part(a, BINDS[e.op], loose)
    apart = e.op in ("-", "/", "@") or (e.op == "·" and b.op == "@")  # a · (B @ C), not (a · B) @ C
    right = part(b, BINDS[e.op] + apart, loose)
    if is_negative(b) and not right[0][0].startswith("("):
        right = [("(", False), *right, (")", False)]
    if not loose and e.op == "·" and _joins(a, left, right):
        return [*left, *right]
    sign = SIGNS.get(e.op, e.op)
    return [*left, (f" {sign} " if loose else sign, False), *right]


def _joins(a: Expression, left: Spans, right: Spans) -> bool:
    """Tell whether a product reads well without a sign: 2z, 2(z−y), h(1−h)."""
    opens = right[0][0].startswith("(")
    if a.op == "number":
        return opens or _is_letter(right[0])
    return opens and (left[-1][0].endswith(")") or (len(left) == 1 and _is_letter(left[0])))


def _is_letter(piece: tuple[str, bool]) -> bool:
    return piece[1] and bool(re.fullmatch(r"[^\W\d_][₀-₉,]*", piece[0]))


def part(e: Expression, least: int, loose: bool) -> Spans:
    """Return an operand, in brackets where its own operation binds less than ``least``."""
    pieces = spans(e, loose)
    binds = 0 if least == ATOM and is_negative(e) else BINDS.get(e.op, ATOM)
    return pieces if binds >= least else [("(", False), *pieces, (")", False)]


PRINTED: dict[str, Callable[[Expression, bool], Spans]] = {
    "name": lambda e, _: [(e.args[0], True)],
    "text": lambda e, _: [(e.args[0], False)],
    "number": lambda e, _: [(number(e.args[0]), False)],
    "neg": lambda e, loose: [("−", False), *part(e.args[0], 2, loose)],
    "transpose": lambda e, loose: [*part(e.args[0], ATOM, loose), ("ᵀ", False)],
    "item": lambda e, loose: [*part(e.args[0], ATOM, loose), (f"[{e.args[1]}]", False)],
    "call": called,
    "^": raised,
}

"""Printing: the text of an expression, in pieces that tell names from signs. Floor 8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .expressions import Expression, is_negative, value
from .labels import SUPERSCRIPTS, number

if TYPE_CHECKING:
    from collections.abc import Callable

Spans = list[tuple[str, bool]]  # pieces of text, and whether each is a name
BINDS = {">": 0, "<": 0, "+": 1, "-": 1, "neg": 1, "·": 2, "/": 2, "@": 3, "^": 4}
ATOM = 5  # binds closer than any operation
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
    left = part(a, BINDS[e.op], loose, binding(a))
    # Not a·B@C nor a/B@C: readers of Python and of mathematics group these in two ways
    apart = 2 if b.op == "@" and e.op in ("·", "/") else e.op in ("-", "/", "@")
    right = part(b, BINDS[e.op] + apart, loose)
    if is_negative(b) and not right[0][0].startswith("("):
        right = [("(", False), *right, (")", False)]
    if not loose and e.op == "·" and _joins(a, left, right):
        return [*left, *right]
    sign = SIGNS.get(e.op, e.op)
    return [*left, (f" {sign} " if loose else sign, False), *right]


def binding(e: Expression) -> int:
    """Return how closely what stands on the left holds together; a sign and a factor do not count.

    Of ``−2X@W`` each way to read it has the same value.
    """
    if not (e.op == "neg" or (e.op == "·" and e.args[0].op == "number")):
        return BINDS.get(e.op, ATOM)
    inner = e.args[-1]
    return binding(inner) if inner.op in ("neg", "·", "/", "@") else ATOM


def _joins(a: Expression, left: Spans, right: Spans) -> bool:
    """Tell whether a product reads well without a sign: 2z, 2(z−y), h(1−h)."""
    opens = right[0][0].startswith("(")
    if a.op == "number":
        return opens or _is_letter(right[0])
    while a.op in ("neg", "·"):
        a = a.args[-1]
    closed = left[-1][0].endswith(")") and a.op not in ("/", "@")  # not x/(y+1)(z+1)
    return opens and (closed or (len(left) == 1 and _is_letter(left[0])))


def _is_letter(piece: tuple[str, bool]) -> bool:
    return piece[1] and bool(re.fullmatch(r"[^\W\d_][₀-₉,]*", piece[0]))


def part(e: Expression, least: int, loose: bool, binds: int | None = None) -> Spans:
    """Return an operand, in brackets where its own operation binds less than ``least``."""
    pieces = spans(e, loose)
    if binds is None:
        binds = BINDS.get(e.op, ATOM)
        if least == ATOM and (is_negative(e) or pieces[0][0] == "√"):
            binds = 0
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

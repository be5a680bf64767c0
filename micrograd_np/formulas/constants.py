"""Constants: numbers that are known by a name, in Python, LaTeX and plain text. Floor 9."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple


class Spelling(NamedTuple):
    """How a number is written."""

    python: str
    latex: str
    text: str


NAMED = {
    math.e: Spelling("np.e", "e", "e"),
    math.log(2): Spelling("np.log(2)", r"\log 2", "log 2"),
    math.log(10): Spelling("np.log(10)", r"\log 10", "log 10"),
    math.pi / 180: Spelling("np.pi / 180", r"\frac{\pi}{180}", "π/180"),
    180 / math.pi: Spelling("180 / np.pi", r"\frac{180}{\pi}", "180/π"),
}
ROOTS = {n**0.5: n for n in range(2, 1000) if not (n**0.5).is_integer()}  # as attention divides by
NAMED |= {x: Spelling(f"{n} ** 0.5", rf"\sqrt{{{n}}}", f"√{n}") for x, n in ROOTS.items()}
BASES = {  # multiples of these are known, too
    math.pi: Spelling("np.pi", r"\pi", "π"),
    math.sqrt(2 * math.pi): Spelling("(2 * np.pi) ** 0.5", r"\sqrt{2\pi}", "√(2π)"),
    math.sqrt(2 / math.pi): Spelling("(2 / np.pi) ** 0.5", r"\sqrt{2/\pi}", "√(2/π)"),
    math.log(2 * math.pi): Spelling("np.log(2 * np.pi)", r"\log 2\pi", "log 2π"),
    1.0: Spelling("1", "1", "1"),
}
DENOMINATORS = (1, 2, 3, 4, 6, 8, 7, 9, 12)
MOST = 100  # times a base, of which pi is the largest


@cache
def named(x: float) -> Spelling | None:
    """Return how a number is written, if it is known: a multiple of pi, a third."""
    if x in NAMED or not abs(x) <= MOST * math.pi or len(repr(x)) < 12:
        return NAMED.get(x)
    for base, spelling in BASES.items():
        for q in DENOMINATORS:
            p = round(x / base * q)
            if 0 < abs(p) <= MOST and math.isclose(x, p * base / q, rel_tol=4e-16):
                return multiple(p, q, spelling)
    return None


def multiple(p: int, q: int, of: Spelling) -> Spelling:
    """Return how p / q times a constant is written."""
    lone = of.python == "1"
    times, size = "-" if p < 0 else "", abs(p)
    python, latex, text = (
        (str(size),) * 3
        if lone
        else of
        if size == 1
        else (f"{size} * {of.python}", f"{size}{of.latex}", f"{size}{of.text}")
    )
    if q > 1:
        python, latex, text = f"{python} / {q}", rf"\frac{{{latex}}}{{{q}}}", f"{text}/{q}"
    return Spelling(times + python, times + latex, times.replace("-", "−") + text)

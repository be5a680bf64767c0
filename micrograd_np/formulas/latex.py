"""Terms as LaTeX. Floor 9."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from .constants import named
from .mathematics import FUNCTIONS, Mathematics

LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = frozenset(LETTERS.split())
ALSO = {"lam": "lambda", "lambd": "lambda", "eps": "varepsilon"}  # Python keeps the word lambda
KNOWN = frozenset({*FUNCTIONS.values()} - {"sigma", "sigma'"})  # LaTeX has a command for them
SIGNS = {
    np.equal: "=", np.not_equal: r"\neq", np.less: "<", np.less_equal: r"\leq", np.greater: ">",
    np.greater_equal: r"\geq", np.bitwise_and: r"\wedge", np.bitwise_or: r"\vee",
}  # fmt: skip
AROUND = {
    "root": (r"\sqrt{", "}"),
    "absolute": (r"\left|", r"\right|"),
    "norm": (r"\left\|", r"\right\|"),
}
SPECIAL = re.compile(r"[\\{}$&#^_%~]")


class Latex(Mathematics):
    """Writes terms as LaTeX, for MathJax, KaTeX and matplotlib."""

    minus, times, entrywise, stacked, sigma = "-", r"\,", r" \odot ", True, r"\sum"

    def name(self, name: str) -> str:
        """Return a name with its numbers below: ``z_{1,2}``."""
        base, *rest = name.split("_")
        while rest and not rest[0].isdigit():
            base += f" {rest.pop(0)}"
        shown = self.letter(base)
        below = ",".join(x if x.isdigit() else self.letter(x) for x in rest)
        return f"{shown}_{{{below}}}" if below else shown

    def letter(self, name: str) -> str:
        """Return a letter, Latin or Greek, or a word upright."""
        match = re.fullmatch(r"([A-Za-z]+?)(\d+)", name)
        if match:
            return f"{self.letter(match[1])}_{{{match[2]}}}"
        match = re.fullmatch(r"([A-Za-z])(hat|bar|tilde|dot)", name)
        if match:
            return f"\\{match[2]}{{{match[1]}}}"
        if name in GREEK or name in ALSO:
            return f"\\{ALSO.get(name, name)}"
        return name if len(name) == 1 else self.words(name)

    def number(self, x: Any) -> str:
        """Return a number; large and small ones with a power of ten."""
        x = x.item() if isinstance(x, np.generic | np.ndarray) else x
        if isinstance(x, float) and not math.isfinite(x):
            return r"\mathrm{NaN}" if x != x else r"-\infty" if x < 0 else r"\infty"
        if isinstance(x, float) and (known := named(x)) is not None:
            return known.latex
        text = f"{x:.12g}" if isinstance(x, float) else str(x).strip("()")
        text = re.sub(r"e([+-])0*(\d+)", lambda m: rf" \cdot 10^{{{m[1].strip('+')}{m[2]}}}", text)
        return re.sub(r"^(-?)1 \\cdot 10", r"\g<1>10", text)

    def derivative(self, of: str, by: str, order: int) -> str:
        """Return the derivative of a name by another."""
        power = "" if order == 1 else f"^{{{order}}}"
        return rf"\frac{{\partial{power} {self.name(of)}}}{{\partial {self.name(by)}{power}}}"

    def words(self, text: str) -> str:
        """Return words upright, nothing in them with a meaning to LaTeX."""
        escaped = SPECIAL.sub(lambda m: ESCAPES.get(m[0], "\\" + m[0]), text)
        return rf"\mathrm{{{escaped.replace(' ', chr(92) + ' ')}}}"

    def head(self, name: str) -> str:
        """Return the name of a function."""
        if name.startswith("sigma"):
            return rf"\{name}"
        return rf"\{name}" if name in KNOWN else rf"\operatorname{{{self.words(name)[8:-1]}}}"

    def brackets(self, text: str) -> str:
        """Return a text in brackets as high as it is."""
        return rf"\left({text}\right)"

    def fraction(self, above: str, below: str, several: bool) -> str:
        """Return a quotient."""
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: Any) -> str:
        """Return a power with a number for exponent."""
        return self.raised(base, self.number(exponent))

    def raised(self, base: str, exponent: str) -> str:
        """Return a power."""
        return f"{base}^{{{exponent}}}"

    def transposed(self, text: str) -> str:
        """Return a transpose."""
        return self.raised(text, r"\top")

    def inverse(self, text: str, turned: bool) -> str:
        """Return an inverse, or its transpose."""
        return self.raised(text, r"-\top" if turned else "-1")

    def between(self, kind: str, text: str) -> str:
        """Return a root, an absolute value, a norm."""
        left, right = AROUND[kind]
        return f"{left}{text}{right}"

    def contracted(self, words: list[str], texts: list[str], output: str) -> str:
        """Return the sum of products of entries, by the letters of their indices."""
        gone = [c for c in dict.fromkeys("".join(words)) if c not in output]
        pairs = zip(words, texts, strict=True)
        entries = [f"{{{x}}}_{{{word}}}" if word else x for word, x in pairs]
        total = (rf"\sum_{{{','.join(gone)}}} " if gone else "") + self.times.join(entries)
        return rf"\left[{total}\right]_{{{output}}}" if output else total

    def below(self, text: str, number: Any) -> str:
        """Return a text with a number below it."""
        return f"{text}_{{{self.number(number)}}}"

    def along(self, head: str, axes: str) -> str:
        """Return the head of a reduction over some axes."""
        return f"{head}_{{{self.words(f'axis {axes}')}}}"

    def compared(self, function: Any, x: str, y: str) -> str:
        """Return a comparison."""
        return f"{x} {SIGNS[function]} {y}"

    def matrix_product(self, x: str, y: str) -> str:
        """Return a matrix product: nothing stands between its factors."""
        return rf"{x}\,{y}"

    def indicated(self, condition: str) -> str:
        """Return what is 1 where a condition holds: Iverson's bracket."""
        return rf"\left[{condition}\right]"

    def exponential(self, x: str) -> str:
        """Return the exponential as a power of e."""
        return rf"e^{{{x}}}"

    def item(self, text: str, index: str) -> str:
        """Return an entry."""
        plain = re.fullmatch(r"[\d:, -]+", index)
        return rf"{text}\left[{index if plain else self.words(index)}\right]"

    def identity(self, n: int) -> str:
        """Return the identity matrix."""
        return f"I_{{{n}}}"

    def ones(self) -> str:
        """Return an array of ones."""
        return r"\mathbf{1}"


ESCAPES = {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim "}

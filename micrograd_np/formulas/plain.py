"""Terms as plain text, with the signs of mathematics that Unicode has. Floor 9."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..views.labels import SUBSCRIPTS, SUPERSCRIPTS, number, pretty
from .constants import named
from .mathematics import Mathematics

SIGNS = {
    np.equal: "=", np.not_equal: "≠", np.less: "<", np.less_equal: "≤", np.greater: ">",
    np.greater_equal: "≥", np.bitwise_and: "∧", np.bitwise_or: "\N{LOGICAL OR}",
}  # fmt: skip
WORDS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho final "
    "sigma tau upsilon phi chi psi omega"
)
GREEK = {word: chr(0x3B1 + i) for i, word in enumerate(WORDS.split())} | {"lam": "λ", "lambd": "λ"}
AROUND = {"root": ("√(", ")"), "absolute": ("|", "|"), "norm": ("‖", "‖")}


class Plain(Mathematics):
    """Writes terms as text."""

    minus, times, entrywise, stacked, sigma = "−", " · ", " · ", False, "Σ"

    def name(self, name: str) -> str:
        """Return a name with its numbers below, a Greek letter as itself."""
        base, _, rest = name.partition("_")
        return pretty(GREEK.get(base, base) + (f"_{rest}" if rest else ""))

    def number(self, x: Any) -> str:
        """Return a number."""
        known = named(x) if isinstance(x, float) else None
        return number(x, 6) if known is None else known.text

    def derivative(self, of: str, by: str, order: int) -> str:
        """Return the derivative of a name by another."""
        power = "" if order == 1 else str(order).translate(SUPERSCRIPTS)
        return f"∂{power}{self.name(of)}/∂{self.name(by)}{power}"

    def words(self, text: str) -> str:
        """Return words as they are."""
        return text

    def head(self, name: str) -> str:
        """Return the name of a function."""
        return name.replace("sigma", "σ").replace("'", "′")

    def brackets(self, text: str) -> str:
        """Return a text in brackets."""
        return f"({text})"

    def fraction(self, above: str, below: str, several: bool) -> str:
        """Return a quotient on one line."""
        return f"{above} / {self.brackets(below) if several else below}"

    def power(self, base: str, exponent: Any) -> str:
        """Return a power, whole exponents small and raised."""
        if isinstance(exponent, int) and exponent >= 0:
            return base + str(exponent).translate(SUPERSCRIPTS)
        return self.raised(base, self.number(exponent))

    def raised(self, base: str, exponent: str) -> str:
        """Return a power."""
        simple = exponent.isalnum() or exponent.replace(".", "").isdigit()
        return f"{base}^{exponent if simple else self.brackets(exponent)}"

    def transposed(self, text: str) -> str:
        """Return a transpose."""
        return f"{text}ᵀ"

    def inverse(self, text: str, turned: bool) -> str:
        """Return an inverse, or its transpose."""
        return f"{text}⁻{'ᵀ' if turned else '¹'}"

    def between(self, kind: str, text: str) -> str:
        """Return a root, an absolute value, a norm."""
        left, right = AROUND[kind]
        return f"{left}{text}{right}"

    def contracted(self, words: list[str], texts: list[str], output: str) -> str:
        """Return the sum of products of entries, as einsum has it."""
        return f"einsum({', '.join([repr(','.join(words) + '->' + output), *texts])})"

    def below(self, text: str, number: Any) -> str:
        """Return a text with a number below it."""
        return text + self.number(number).translate(SUBSCRIPTS)

    def along(self, head: str, axes: str) -> str:
        """Return the head of a reduction over some axes."""
        return f"{head}[axis {axes}]"

    def compared(self, function: Any, x: str, y: str) -> str:
        """Return a comparison."""
        return f"{x} {SIGNS[function]} {y}"

    def matrix_product(self, x: str, y: str) -> str:
        """Return a matrix product."""
        return f"{x} @ {y}"

    def indicated(self, condition: str) -> str:
        """Return what is 1 where a condition holds: Iverson's bracket."""
        return f"[{condition}]"

    def exponential(self, x: str) -> str:
        """Return the exponential."""
        return f"exp({x})"

    def item(self, text: str, index: str) -> str:
        """Return an entry."""
        return f"{text}[{index}]"

    def identity(self, n: int) -> str:
        """Return the identity matrix."""
        return self.name(f"I_{n}")

    def ones(self) -> str:
        """Return an array of ones."""
        return "1"

"""Metrics: how wide a text is at most, in the usual fonts, whatever this machine has. Floor 8."""

from __future__ import annotations

import unicodedata

BOLD = 1.12  # times as wide as regular letters
# Widths in hundredths of the size of the font, of DejaVu Sans: Arial and Helvetica are narrower
WIDTHS = {
    c: width / 100
    for width, letters in {
        24: "\u2009′", 28: "'ijl", 30: "IJ", 33: " ,.·\u00a0", 35: "/:;\\|f", 37: "-ᵀ",
        40: "()[]t!₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹›", 42: "r", 47: '"', 51: "*_`–sz∂", 54: "?εζ", 56: "cLνξΓ",
        59: "Fkχvxyγκλ", 62: "PπτTYaoδθe", 64: "ESbdghnpquηρσΞΣ$0123456789{}βμ√", 67: "Kαφψ∇",
        69: "AVΔΛBRXZ", 71: "C", 74: "U", 76: "HNΠΩ", 78: "DG&", 80: "OQΘΦΨ", 82: "w",
        85: "#+<=>^~ω×÷−↑∞", 88: "M∈", 96: "%", 98: "m", 100: "W@…—",
    }.items()
    for c in letters
}  # fmt: skip
OTHER, WIDE = 0.7, 1.05  # letters not in the table; those of Chinese and the like


def width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is, in the unit of the size of its font."""
    total = sum(WIDTHS[c] if c in WIDTHS else _other(c) for c in text)
    return total * size * (BOLD if bold else 1.0)


def _other(c: str) -> float:
    if unicodedata.combining(c):
        return 0.0
    return WIDE if unicodedata.east_asian_width(c) in "WF" else OTHER

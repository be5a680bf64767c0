"""Labels: names and numbers as pictures show them; the one place that escapes. Floor 8."""

from __future__ import annotations

import html
import re
import unicodedata
from itertools import islice
from typing import Any

import numpy as np

LONGEST = 80  # characters of a label
INLINE = 4  # entries of an array that are shown one by one
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # control, format (bidi), surrogate, unassigned
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def clean(text: str, longest: int = LONGEST) -> str:
    """Return text on one line, without control characters, cut to ``longest`` characters."""
    shown = (_shown(c) for c in text)
    kept = "".join(islice((c for c in shown if c), longest + 1))
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _shown(c: str) -> str:
    if c.isspace():
        return " "
    return "" if unicodedata.category(c) in HIDDEN else c


def escape(text: str) -> str:
    """Return text in which nothing has a meaning to SVG and HTML."""
    return html.escape(clean(text, 4 * LONGEST))


def escape_dot(text: str) -> str:
    """Return text for an HTML-like label of Graphviz, which even there reads ``\\N`` as a name."""
    return escape(text).replace("\\", "\\\\")


def pretty(name: str) -> str:
    """Return a name with the digits of ``name_1`` and ``name_1_2`` as subscripts."""
    name = clean(name)
    match = re.fullmatch(r"(.*[^\W\d_])((?:_[0-9]+)+)", name)
    if not match:
        return name
    return match[1] + match[2][1:].replace("_", ",").translate(SUBSCRIPTS)


def without_number(name: str) -> str:
    """Return a name without the number it ends with: ``layer`` of ``layer 12``."""
    return re.sub(r"[\W_]*[0-9₀-₉]+[\W_]*$", "", name)


def number(x: Any, digits: int = 4) -> str:
    """Return a number with some significant digits and a true minus."""
    if isinstance(x, np.generic | np.ndarray):
        x = x.item()
    if isinstance(x, complex):
        imag = number(abs(x.imag), digits)
        return f"{number(x.real, digits)}{'−' if x.imag < 0 else '+'}{imag}i"
    if isinstance(x, int) and abs(x) < 10**6:
        return str(x).replace("-", "−")
    if x != x:
        return "NaN"
    text = f"{x:.{digits}g}".replace("inf", "∞")
    text = re.sub(r"e([+-])0*(\d+)", lambda m: "e" + m[1].strip("+") + m[2], text)
    return "0" if text == "-0" else text.replace("-", "−")


def dimensions(shape: tuple[int, ...]) -> str:
    """Return a shape in words: ``64×128``, ``(5,)``, ``scalar``."""
    if len(shape) == 1:
        return f"({shape[0]},)"
    return "×".join(map(str, shape)) or "scalar"


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a value; none of several results."""
    return () if isinstance(value, tuple) else np.shape(value)


def amount(value: Any, digits: int = 4) -> str:
    """Return a value: a number, the entries of a short array, the shape of a long one."""
    if value is None:
        return "?"
    if isinstance(value, tuple):  # the results of a function that has several
        shown = "(" + ", ".join(amount(x, digits) for x in value) + ")"
        return shown if len(shown) <= LONGEST // 2 else f"{len(value)} results"
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return clean(str(value), 20)
    if not array.ndim:
        return number(array, digits)
    if array.size > INLINE or not array.size:
        return dimensions(array.shape) + _strange(array)
    return _entries(array.tolist(), digits)


def _entries(value: Any, digits: int) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_entries(v, digits) for v in value) + "]"
    return number(value, digits)


def _strange(array: Any) -> str:
    """Return how many entries are not finite: `` NaN ×3``."""
    nans, infinite = np.count_nonzero(np.isnan(array)), np.count_nonzero(np.isinf(array))
    return (f" NaN ×{nans}" if nans else "") + (f" ∞ ×{infinite}" if infinite else "")


def is_strange(value: Any) -> bool:
    """Tell whether a NaN or an infinity is among the entries."""
    if isinstance(value, tuple):
        return any(map(is_strange, value))
    if value is None or np.asarray(value).dtype.kind not in "fc":
        return False
    return not bool(np.all(np.isfinite(value)))

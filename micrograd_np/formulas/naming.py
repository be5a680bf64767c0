"""Naming: identifiers for values, safe to print as source. Floor 9."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

RESERVED = frozenset({"np", "math", "special", "linalg", "backprop", *dir(builtins)})
LONGEST = 40


class Namer:
    """Gives each value an identifier of its own, as like the name it was given as may be."""

    def __init__(self) -> None:
        self.taken: set[str] = set(RESERVED)

    def unique(self, wish: str | None, otherwise: str = "t") -> str:
        """Return an identifier that nobody has yet."""
        base = identifier(wish or "") or otherwise
        name, n = base, 1
        while name in self.taken or keyword.iskeyword(name) or keyword.issoftkeyword(name):
            n += 1
            name = f"{base}_{n}"
        self.taken.add(name)
        return name

    def numbered(self, letter: str) -> str:
        """Return the next name with a number."""
        n = 1
        while f"{letter}_{n}" in self.taken:
            n += 1
        return self.unique(f"{letter}_{n}")


def identifier(wish: str) -> str:
    """Return a name without what no identifier may hold; "" if nothing is left.

    ``layers[0].W`` becomes ``layers_0_W``, and ``W']`` no more than ``W``.
    """
    text = unicodedata.normalize("NFKC", wish[: 4 * LONGEST])
    text = re.sub(r"[^0-9A-Za-z_\u00c0-\u024f\u0370-\u03ff]+", "_", text)
    text = re.sub(r"__+", "_", text).strip("_")[:LONGEST].rstrip("_")
    if text and text[0].isdigit():
        text = f"v_{text}"
    return text if text.isidentifier() else ""


def squeezed(name: str) -> str:
    """Return a name as it stands in that of a derivative: ``w1`` of ``w_1``."""
    return name.replace("_", "")

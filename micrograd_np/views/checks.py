"""Checks: what cannot be drawn is refused before anything is looked at. Floor 9."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, DrawError, where
from ..record import Handle
from .theme import THEMES

DETAILS = ("named", "ops")


def check(t: Any, detail: str, theme: str, caller: str, themes: Any = tuple(THEMES)) -> None:
    """Refuse what cannot be drawn, in the name of the function that was called."""
    if not isinstance(t, Handle):
        kind = f"a function: call it, {caller}(f(x))" if callable(t) else f"{type(t).__name__}"
        raise ArgumentError(f"{caller} needs a Tensor, got {kind}{where()}.")
    check_option(caller, "detail", detail, DETAILS)
    check_option(caller, "theme", theme, themes)
    if t._node is None:
        raise DrawError(
            f"{caller}: nothing was recorded for this Tensor{where()}: it was computed from "
            "constants only, or inside no_grad(). Make a variable of what it depends on: "
            "Tensor(..., requires_grad=True)."
        )


def check_option(caller: str, name: str, chosen: Any, known: tuple[str, ...]) -> None:
    """Refuse an option that is none of those known."""
    if chosen not in known:
        words = ", ".join(map(repr, known[:-1])) + f" or {known[-1]!r}"
        raise ArgumentError(f"{caller}: {name} is {words}, got {chosen!r}{where()}.")

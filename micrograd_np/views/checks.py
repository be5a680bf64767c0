"""Checks: what cannot be shown is refused before anything is looked at. Floor 8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..calls.handle import Handle
from ..errors import ArgumentError, DrawError, suspects, where
from ..graph import history, is_leaf, step
from ..modes import mode_now
from ..plan import Plan
from ..protocols.conversions import check_untraced
from .theme import THEMES

if TYPE_CHECKING:
    from ..graph import Node

DETAILS = ("named", "ops")


def check(
    t: Any,
    detail: str,
    theme: str,
    caller: str,
    themes: tuple[str, ...] = tuple(THEMES),
    details: tuple[str, ...] = DETAILS,
) -> None:
    """Refuse what cannot be drawn, in the name of the function that was called."""
    check_tensor(t, caller)
    check_option(caller, "detail", detail, details)
    check_option(caller, "theme", theme, themes)
    check_recorded(t, caller)


def check_option(caller: str, name: str, chosen: Any, known: tuple[str, ...]) -> None:
    """Refuse an option that is none of those known."""
    if chosen not in known:
        words = ", ".join(map(repr, known[:-1])) + f" or {known[-1]!r}"
        raise ArgumentError(f"{caller}: {name} is {words}, got {chosen!r}{where()}.")


def check_names(names: Any, caller: str) -> None:
    """Refuse names that are no dict of texts."""
    if names is not None and not (
        isinstance(names, Mapping) and all(isinstance(name, str) for name in names)
    ):
        raise ArgumentError(
            f"{caller}: names is a dict of names and the Tensors or arrays that they "
            f"name{where()}. Write names={{'w': w}}."
        )


def check_tensor(t: Any, caller: str) -> None:
    """Refuse what is no Tensor."""
    if not isinstance(t, Handle):
        kind = f"a function: call it, {caller}(f(x))" if callable(t) else f"{type(t).__name__}"
        raise ArgumentError(f"{caller} needs a Tensor, got {kind}{where()}.")
    check_untraced(t, caller, "Draw the function at a point: mg.draw(f, x), outside of mg.jit.")


def check_recorded(t: Any, caller: str) -> None:
    """Refuse a Tensor without a history."""
    if t._node is None:
        raise DrawError(unrecorded(caller))


def unrecorded(caller: str) -> str:
    """Return the message for a Tensor without a history, in the name of what was called."""
    mode = mode_now()
    cure = "Make a variable of what it depends on: Tensor(..., requires_grad=True)."
    if mode is not None and mode.off:
        cure = "This call is inside no_grad(), too: compute the result outside of it."
    return (
        f"{caller}: nothing was recorded for this Tensor{where()}: it was computed from constants "
        f"only, after detach(), or inside no_grad(). {suspects()}{cure}"
    )


def recorded(root: Node) -> list[Node]:
    """Return the nodes of a graph, oldest first, unless a part of it was given up."""
    nodes = history(root)
    for node in nodes:
        if not is_leaf(node) and not isinstance(step(node).plan, Plan):
            raise DrawError(
                "this graph was freed by backward(retain_graph=False). Draw it before that, "
                "or compute the result again."
            )
    return nodes

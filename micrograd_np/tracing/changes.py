"""What a traced function changes in place, and must not: it would happen once. Floor 8."""

from __future__ import annotations

import gc
from sys import getrefcount
from typing import TYPE_CHECKING, Any

from ..errors import TracingError, where
from ..graph import ALONE, COUNTED, order_of

if TYPE_CHECKING:
    from ..calls.handle import Handle


class Changes:
    """The Tensors of before a trace that its function changed, their values then, and the lines."""

    def __init__(self, start: int) -> None:
        self.start = start  # of the trace: what is younger was made in it
        self.changed: list[tuple[Handle, Any, str]] = []

    def note(self, t: Handle, new: Handle) -> None:
        """Note that t will hold the value of ``new``; refuse it for what was there before."""
        if t._node is None and new._node is not None:
            self.changed.append((t, t._value, where()))
        elif t._node is not None and order_of(t._node) > self.start:
            raise not_its_own(t, where())

    def check(self, outs: list[Any]) -> None:
        """Refuse that a Tensor of before was changed in place: somebody else still holds it.

        Whether one without a node was made inside is known when the function has returned.
        """
        kept = self.still_held(outs)
        if kept and gc.collect():  # what only holds itself
            kept = self.still_held(outs)
        if kept:
            t, _, line = kept[0]
            raise not_its_own(t, line)

    def give_back(self) -> None:
        """Let the Tensors that were changed hold what they held before."""
        for t, value, _ in self.changed:
            t._value, t._node = value, None

    def still_held(self, outs: list[Any]) -> list[tuple[Handle, Any, str]]:
        """Return what was changed and is held elsewhere than in the results."""
        found, returned = [], [id(x) for x in outs]
        for one in self.changed if COUNTED else ():
            t = one[0]  # held by this and by the tuple; if returned, by outs and what they were in
            if getrefcount(t) > ALONE + 1 + 2 * returned.count(id(t)):
                found.append(one)
        return found


def not_its_own(t: Handle, line: str) -> TracingError:
    """Return the error for a change in place of a Tensor from outside the function."""
    name = f" {t._name!r}" if t._name else ""
    return TracingError(
        f"a function that is traced changes the Tensor{name} of shape {t._value.shape}, which it "
        f"neither got nor made{line}: that would happen once, while it is traced. Pass it as an "
        "argument and return its new value; in a scan, carry it."
    )

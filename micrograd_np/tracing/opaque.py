"""Functions that no gradient passes, as a trace records them: only how to call them. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls.dispatch import lacks_rule
from ..rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence


class Recorded(Rule):
    """What a trace knows of a function that no gradient passes: only how to call it again."""

    kind = "constant"
    sees_values = False

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Return no tangent."""
        return None


class Stopped(Recorded):
    """The identity, where gradients end."""

    kind = "elementwise"


class Unruled(Recorded):
    """A function without a rule: no gradient may come this way."""

    def __init__(self, function: Any, *args: Any, lacks: str, **options: Any) -> None:
        super().__init__(function, *args, **options)
        self.lacks = lacks

    def plan(self, tracked: tuple[bool, ...], full: bool = True) -> Any:
        """Return a plan whose edges are an error."""
        return _UnruledPlan(self, tracked, full)


class _UnruledPlan:
    selects, keep_out, keeps = False, False, ()

    def __init__(self, rule: Unruled, tracked: tuple[bool, ...], full: bool) -> None:
        self.rule = rule

    @property
    def choosing(self) -> Any:
        return self

    @property
    def edges(self) -> Any:
        raise lacks_rule(self.rule.name, self.rule.lacks)

    def unpack(self, kept: Any) -> Any:
        """Return what a node kept."""
        return kept

    def repack(self, *kept: Any) -> Any:
        """Return it again."""
        return kept


def unchanged(x: Any) -> Any:
    """Return x."""
    return x


STOP = Stopped(unchanged, (None,), name="stop_gradient")

"""What the derivative of a function may be taken to be. Floor 10."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .diagnosis import same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TAKEN: dict[str, Callable[[Any], Any]] = {
    "1 - out, out being its result": lambda out: 1 - out,
    "1 - out ** 2, out being its result": lambda out: 1 - out**2,
    "out * (1 - out), out being its result": lambda out: out * (1 - out),
    "the function itself": lambda out: out,
}  # what the derivative of one function is, and of another is taken to be


class Function(NamedTuple):
    """A function of one operand, at a value of it.

    ``slope(x, out)`` is its derivative, from the operand and the result.
    """

    text: str
    operand: str
    x: Any
    out: Any
    value: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any]

    def misread(self) -> Iterator[tuple[Callable[[], Any], str]]:
        """Yield what the derivative may be taken to be, and that in words."""
        x, out, slope = self.x, self.out, self.slope
        derivative, belongs = f"The derivative of {self.text}", "its result belongs"
        yield lambda: 1, f"{derivative} is missing."
        yield lambda: slope(x, out) ** 2, f"{derivative} is there twice."
        for text, of in TAKEN.items():
            yield partial(of, out), f"{derivative} is taken to be {text}."
        said = f"{derivative} is taken at its result, not at {self.operand}."
        yield lambda: slope(out, self.value(out)), said
        for of in (lambda out: slope(x, out), *TAKEN.values()):
            if same(of(out), slope(x, out)):
                yield partial(of, x), f"{derivative} has {self.operand} where {belongs}."

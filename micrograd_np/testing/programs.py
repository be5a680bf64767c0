"""Random programs: functions whose graphs nobody would write by hand. Floor 10."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = 3  # two arrays of one shape, and a number


class Operation(NamedTuple):
    """A function that a program may call, smooth, and slow to grow."""

    operands: int
    compute: Callable[..., Any]


class Step(NamedTuple):
    """One call: the operation's text, and which earlier values it takes."""

    name: str
    operands: tuple[int, ...]


OPERATIONS = {
    "np.sin({})": Operation(1, np.sin),
    "np.tanh({})": Operation(1, np.tanh),
    "np.exp(-{} ** 2)": Operation(1, lambda x: np.exp(-(x**2))),
    "1 / (1 + {} * {})": Operation(1, lambda x: 1 / (1 + x * x)),
    "-{}": Operation(1, lambda x: -x),
    "{} + {}": Operation(2, lambda x, y: x + y),
    "{} - {}": Operation(2, lambda x, y: x - y),
    "{} * np.tanh({})": Operation(2, lambda x, y: x * np.tanh(y)),
    "np.hypot(1, {})": Operation(1, lambda x: np.hypot(1.0, x)),
    "np.mean({})": Operation(1, np.mean),
    "np.flip({})": Operation(1, np.flip),
    "np.sum(np.sin({}))": Operation(1, lambda x: np.sum(np.sin(x))),
    "np.where({} > 0, {}, np.sin({}))": Operation(1, lambda x: np.where(x > 0, x, np.sin(x))),
}


@dataclass(frozen=True, repr=False)
class Program:
    """A function of two arrays of one shape and a number; it returns a number.

    Examples
    --------
    >>> program = Program((Step("{} + {}", (0, 2)), Step("np.sin({})", (3,))))
    >>> print(program)
    v3 = x + s
    v4 = np.sin(v3)
    >>> program(np.zeros(2), np.zeros(2), 0.0)
    np.float64(0.0)
    """

    steps: tuple[Step, ...]

    def __call__(self, x: Any, y: Any, s: Any) -> Any:
        """Return the sum of the entries of the last two values."""
        values = [x, y, s]
        for name, chosen in self.steps:
            values.append(OPERATIONS[name].compute(*[values[i] for i in chosen]))
        return sum([np.sum(value) for value in values[-2:]], 0.0)

    def __str__(self) -> str:
        names = ["x", "y", "s", *[f"v{i + INPUTS}" for i in range(len(self.steps))]]
        return "\n".join(
            f"{names[i + INPUTS]} = {_spelled(step, names)}" for i, step in enumerate(self.steps)
        )

    __repr__ = __str__


def _spelled(step: Step, names: list[str]) -> str:
    operands = [names[i] for i in step.operands]
    blanks = step.name.count("{}")
    return step.name.format(*(operands if len(operands) == blanks else operands * blanks))

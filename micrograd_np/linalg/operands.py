"""What a function of matrices is called on: square ones, with right sides that fit. Floor 8."""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError, where
from ..rules.arrays import array_of


def square(name: str, a: Any) -> Any:
    """Return an operand as square matrices, in the last two axes."""
    a = array_of(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(
            f"{name}: shape {a.shape}{where()}. It takes square matrices, in the last two axes."
        )
    return a


def check_right_side(name: str, b: Any, shape: tuple[int, ...]) -> None:
    """Refuse a right side that does not fit the matrices on the left."""
    if b.shape[max(-2, -b.ndim) :][: len(shape)] != shape:
        wanted = " by ".join(map(str, shape))
        raise ShapeError(
            f"{name}: the right side has shape {b.shape}{where()}. Beside these matrices it is "
            f"{wanted}{'' if len(shape) > 1 else ', or that by any number of columns'}."
        )

"""What is to be explained, as it was recorded. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..calls.handle import Handle
from ..errors import where

if TYPE_CHECKING:
    from .recording import Recording


class Subject(NamedTuple):
    """A result, the variables to differentiate by, and names by the order of nodes."""

    recording: Recording
    out: Any
    variables: list[tuple[str, Any]]
    names: dict[int, str]
    constants: dict[int, str]
    title: str | None = None  # what the result is called where it has no name


def is_recorded(x: Any) -> bool:
    """Tell whether x is a Tensor with a node."""
    return isinstance(x, Handle) and x._node is not None


def depends_on_nothing(out: Any) -> str:
    """Return the message for a result that nothing was recorded for."""
    if isinstance(out, tuple | list | dict):
        return (
            f"explain: the function returned a {type(out).__name__} of {len(out)}{where()}. "
            "Explain one result: lambda *args: f(*args)[0]."
        )
    kind = type(out).__name__
    kind = f"a Tensor of shape {np.shape(out._value)}" if isinstance(out, Handle) else kind
    return (
        f"explain: the result, {kind}, does not depend on any Tensor or floating-point argument"
        f"{where()}. Return what was computed from the arguments with NumPy functions."
    )

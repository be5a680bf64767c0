"""Methods that change an array in place, and the names of arrays that a Tensor lacks. Floor 6."""

from __future__ import annotations

from typing import Any, Never

import numpy as np

from ..calls.dispatch import calls, late_rules
from ..calls.handle import Handle
from ..errors import where
from ..rule import unruled
from .inplace import assign


class InPlaceMethods(Handle):
    """Methods after which the Tensor stands for the result, as ``t[i] = v`` does."""

    __slots__ = ()

    def fill(self, value: Any) -> None:
        """Let every entry be this value, a number or a Tensor without axes."""
        calls[np.copyto](self, value, casting="unsafe")

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """Let the entries be those of ``np.sort`` of it."""
        assign(self, calls[np.sort](self, *args, **kwargs))

    def partition(self, *args: Any, **kwargs: Any) -> None:
        """Let the entries be those of ``np.partition`` of it."""
        assign(self, calls[np.partition](self, *args, **kwargs))

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Let the entries at these places of it, counted in one row, be these values."""
        calls[np.put](self, indices, values, mode)

    def choose(self, choices: Any, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.choose`` of it: integers choose entries of the choices."""
        return calls[np.choose](self, choices, *args, **kwargs)

    def argpartition(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.argpartition`` of it."""
        return calls[np.argpartition](self, *args, **kwargs)

    def __getattr__(self, name: str) -> Never:
        if not name.startswith("_"):
            late_rules()  # which tell why a Tensor lacks what arrays have
        reason = unruled.get(f"ndarray.{name}")
        known = instead(name) if reason is None else f". Of arrays it {reason}{where()}"
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}{known}", name=name, obj=self
        )


OTHERS = {
    "clone": "t.copy()", "permute": "t.transpose(axes)",
    "unsqueeze": "np.expand_dims(t, axis)", "cpu": "t itself", "cuda": "t itself", "to": "t itself",
    "float": "t.astype(np.float32)", "double": "t.astype(float)", "long": "t.astype(int)",
    "detach_": "t.detach()", "requires_grad_": "mg.Tensor(values, requires_grad=True)",
    "sigmoid": "mg.nn.sigmoid(t)", "relu": "mg.nn.relu(t)", "softmax": "mg.nn.softmax(t)",
    "dim": "t.ndim", "at": "t[i] = v", "cat": "np.concatenate",
    "mm": "t @ u", "pow": "t ** y",
}  # fmt: skip  # methods of other libraries, and what to write for them


def instead(name: str) -> str:
    """Return what to write for a method that other libraries have, or NumPy as a function."""
    homes = {"np": np, "np.linalg": np.linalg}
    calls_of = [
        f"{home}.{name}(t)"
        for home, functions in homes.items()
        if callable(getattr(functions, name, None))
    ]
    cure = OTHERS.get(name) or "".join(calls_of[:1])
    return f"{where()}. Write {cure}." if cure else ""

"""Native: plain numbers compiled to machine code by numba, where it is installed. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CompileWarning, MissingExtraError, warn, where
from .cells import NotUnrolledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .unrolling import Unrolled


LACKING = {np.cbrt}  # functions of numbers that numba has not


class _Native:
    """Calls numba, and says once for each reason why NumPy computes instead."""

    def __init__(self) -> None:
        self.said: set[str] = set()

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return f as machine code, compiled at its first call."""
        try:
            import numba
        except ImportError as error:
            raise MissingExtraError(
                f"backend='numba' needs numba{where()} ({error}): "
                "pip install 'micrograd_np[numba]'. "
                "backend='python' needs nothing, and runs the same code."
            ) from None
        return numba.njit(f, error_model="numpy", nogil=True)  # type: ignore[no-any-return]

    def check(self, cells: Unrolled) -> None:
        """Refuse a function that numba has not.

        Raises
        ------
        NotUnrolledError
            If there is one.
        """
        for cell in cells.cells:
            if cell.op in LACKING:
                raise NotUnrolledError(cell.op.__name__)

    def cannot(self, reason: str) -> None:
        """Say that NumPy computes what has no native form."""
        if reason not in self.said:
            self.said.add(reason)
            warn(
                f"backend='numba': {reason} has no native form{where()}, NumPy runs the program. "
                "Write it in functions of entries, sums and products, or take backend='auto'.",
                CompileWarning,
            )


native = _Native()

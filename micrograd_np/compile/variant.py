"""A variant: a function compiled for one signature of its arguments. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import title
from ..errors import ArgumentError, where
from ..tracing.text import source
from ..tracing.trace import trace
from .cells import NotUnrolledError
from .checked import function
from .inlining import lowered
from .loop import Loop, bound
from .native import native
from .numpys import in_numpy
from .passes import simplified
from .plain import in_numbers
from .results import MISS, Code
from .signature import signature_of
from .syntax import definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tracing.program import Program

SMALL = 300  # numbers that a program may hold to be run as plain Python
LARGEST = 20_000  # the same where it was asked for


class Variant:
    """The program of a function for some arguments, and the code that runs it.

    ``call`` takes arguments and returns the result, or MISS if they have another signature.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        backend: str,
        fast_math: bool = False,
        key: tuple[Any, ...] = (),
        donated: tuple[int, ...] = (),
    ) -> None:
        self.key, self.donated = key, donated
        self.f, self.args_count, self.fast_math = f, len(args), fast_math
        self.in_numpy: Callable[..., Any] | None = None
        self.careful: Callable[..., Any] | None = None
        self.signature = signature_of(args)
        self.asked = backend
        self.program = self.programmed(args)
        self.lowered = lowered(self.program, fast_math)
        self.call, self.backend = self.compiled(backend)

    def programmed(self, args: tuple[Any, ...], careful: bool = False) -> Program:
        """Return the program of the function, whose loops the back end runs."""
        program = trace(self.f, *args, careful=careful)
        return bound(simplified(program, self.fast_math), self.asked)

    def compiled(self, backend: str) -> tuple[Callable[..., Any], str]:
        """Return the function that runs the program, and the back end that does it."""
        loops = any(type(line.function) is Loop for line in self.program.lines)
        if backend == "numpy" or loops:  # which a loop is bound to by itself
            return self.made(self.lowered, "numpy"), backend if loops else "numpy"
        limit = SMALL if backend == "auto" else LARGEST
        try:
            chosen = "python" if backend == "auto" else backend
            return self.made(self.lowered, chosen, limit), chosen
        except NotUnrolledError as reason:
            if backend == "python":
                raise not_in_numbers(self.f, reason) from None
            if backend == "numba":
                native.cannot(str(reason))
        return self.made(self.lowered, "numpy"), "numpy"

    def made(self, program: Program, backend: str, limit: int = 0) -> Callable[..., Any]:
        """Return the function of a program: the test of the signature, then the code."""
        code = Code(self.signature, self.args_count, program.rebuild)
        code.donate(program, self.donated)
        code.named("fallback", self.fallback)
        code.named("careful", self.carefully)
        if backend != "numpy":
            in_numbers(program, self.signature.leaves, limit, code, backend == "numba")
        else:
            in_numpy(program, self.signature.leaves, code)
        guarded: list[ast.stmt] = [
            ast.If(self.signature.test, code.body, []),
            ast.Return(code.named("MISS", MISS)),
        ]
        return function(definition("call", code.parameters, guarded), code.namespace, "call")

    def fallback(self, *args: Any) -> Any:
        """Compute with NumPy what plain numbers could not."""
        if self.in_numpy is None:
            self.in_numpy = self.made(self.lowered, "numpy")
        return self.in_numpy(*args)

    def carefully(self, *args: Any) -> Any:
        """Compute with structural zeros: a NaN was met where nothing may hang on it."""
        if self.careful is None:
            program = lowered(self.programmed(args, careful=True), self.fast_math)
            self.careful = self.made(program, "numpy")
        with np.errstate(all="ignore"):
            return self.careful(*args)

    @property
    def source(self) -> str:
        """The program as the text of a function, for people."""
        return source(self.program, title(self.f), composed=True)[0]


def not_in_numbers(f: Any, reason: NotUnrolledError) -> ArgumentError:
    """Return the error for a function that was to run as plain Python, and cannot."""
    return ArgumentError(
        f"{title(f)} holds {reason}{where()}, which has no form in plain Python numbers. "
        "Compile it with backend='numpy', or with 'auto', which chooses."
    )

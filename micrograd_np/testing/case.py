"""One function at one point, and what the laws ask of it. Floor 12."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import title
from ..errors import ArgumentError, where
from ..tensor import Tensor
from ..transforms import jvp, vjp
from ..tree import flatten
from .paths import argument_names, paths

if TYPE_CHECKING:
    from collections.abc import Callable

RTOL = {"e": 2e-2, "f": 1e-3, "F": 1e-3}  # of float16, float32, complex64; else 1e-8


class Case:
    """A function at a point, its floating operands, and random cotangents and tangents.

    Parameters
    ----------
    f : callable
        Of arrays or trees of them; returns an array or a tree of arrays.
    args : tuple
        The point. Floats and complex numbers are varied, the rest stays.
    """

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], rtol: float | None, seed: int = 0
    ) -> None:
        self.f, self.args = f, args
        self.name = title(f)
        leaves, self.rebuild = flatten(args)
        self.leaves = [x.detach() if isinstance(x, Tensor) else x for x in leaves]
        names = argument_names(f, len(args))
        labels = [p for a, name in zip(args, names, strict=True) for p in paths(a, name)]
        self.places = [i for i, x in enumerate(self.leaves) if kind(x) in "fc"]
        self.labels = [labels[i] for i in self.places]
        self.xs = [plain(self.leaves[i]) for i in self.places]
        if not self.xs:
            raise ArgumentError(
                f"check_grads: no argument of {self.name} holds floats or complex numbers{where()}."
                " Pass those to differentiate with respect to as floats."
            )
        self.rtol = rtol or max(RTOL.get(np.asarray(x).dtype.char, 1e-8) for x in self.xs)
        self.random = np.random.default_rng(seed)

    def run(self, *xs: Any) -> list[Any]:
        """Return the floating outputs of f as a list, with xs for the floating operands."""
        leaves = list(self.leaves)
        for place, x in zip(self.places, xs, strict=True):
            leaves[place] = x
        outs, _ = flatten(self.f(*self.rebuild(leaves)))
        return [out for out in outs if kind(out) in "fc"]

    def values(self, *xs: Any) -> list[Any]:
        """Return the outputs as arrays."""
        return [plain(out) for out in self.run(*xs)]

    def like(self, xs: list[Any]) -> list[Any]:
        """Return random arrays of the shapes and dtypes of xs."""
        return [self.random_like(np.asarray(x)) for x in xs]

    def random_like(self, x: Any) -> Any:
        """Return an array of entries between 1/2 and 2, of either sign, in the dtype of x."""
        draw = self.random.uniform(0.5, 2, x.shape) * self.random.choice([-1.0, 1.0], x.shape)
        if x.dtype.kind == "c":
            draw = draw + 1j * self.random.uniform(0.5, 2, x.shape)
        return np.asarray(draw).astype(x.dtype)[()]

    @cached_property
    def vjp(self) -> tuple[list[Any], Callable[[Any], Any]]:
        """The outputs, and the function that pulls cotangents back."""
        return vjp(self.run, *self.xs)

    @cached_property
    def gs(self) -> list[Any]:
        """A random cotangent for each output; 1 for a lone number, whose gradient that gives."""
        outs = self.vjp[0]
        lone = len(outs) == 1 and np.size(outs[0]) == 1
        return [np.ones_like(outs[0])[()]] if lone else self.like(outs)

    @cached_property
    def ts(self) -> list[Any]:
        """A random tangent for each operand."""
        return self.like(self.xs)

    @cached_property
    def pulled(self) -> list[Any]:
        """The cotangent that `gs` gives each operand."""
        return list(self.vjp[1](self.gs))

    @cached_property
    def pushed(self) -> list[Any]:
        """The tangent that `ts` gives each output."""
        return list(jvp(self.run, tuple(self.xs), tuple(self.ts))[1])

    @cached_property
    def wide(self) -> list[Any]:
        """The operands in double precision at least, for differences of values."""
        return [np.asarray(x, np.result_type(np.asarray(x).dtype, np.float64)) for x in self.xs]

    def derived(self) -> Case:
        """Return the vjp of this function at fixed cotangents, as a function of its operands."""
        gs = self.gs

        def gradient(*xs: Any) -> Any:
            return list(vjp(self.run, *xs)[1](gs))

        gradient.__name__ = f"the vjp of {self.name}"
        case = Case(gradient, tuple(self.xs), self.rtol * 10)
        case.labels = self.labels
        return case


def kind(x: Any) -> str:
    """Return the kind of dtype of a leaf, as NumPy names them."""
    return x.dtype.kind if isinstance(x, Tensor) else np.asarray(x).dtype.kind


def plain(x: Any) -> Any:
    """Return an array, or a NumPy scalar, in place of a Tensor or a Python number."""
    data = np.asarray(x.detach())[()] if isinstance(x, Tensor) else x
    return data if isinstance(data, np.ndarray | np.generic) else np.asarray(data)[()]

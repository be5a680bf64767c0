"""One function at one point, and what the laws ask of it. Floor 10."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from ..arguments import title
from ..errors import ArgumentError, GradientError, ShapeError, where
from ..tensor import Tensor
from ..transforms import jvp, vjp
from ..tree import flatten
from .diagnosis import diagnosis
from .numeric import size_of
from .paths import argument_names, at, paths

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
    by_hand : callable, optional
        A vjp to check in place of the library's: of the cotangent and the arguments.
    point : str
        Which point that is, if not the one that was asked for.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        rtol: float | None,
        seed: int = 0,
        by_hand: Callable[..., Any] | None = None,
        point: str = "",
    ) -> None:
        self.f, self.args, self.by_hand, self.point = f, args, by_hand, point
        self.name = title(f)
        leaves, self.rebuild = flatten(args)
        self.leaves = [x.detach() if isinstance(x, Tensor) else x for x in leaves]
        names = argument_names(f, len(args))
        labels = [p for a, name in zip(args, names, strict=True) for p in paths(a, name)]
        self.places = [i for i, x in enumerate(self.leaves) if kind(x) in "fc"]
        self.labels = [labels[i] for i in self.places]
        self.given = [self.leaves[i] for i in self.places]
        self.xs = [np.array(plain(x))[()] for x in self.given]
        if not self.xs:
            raise ArgumentError(
                f"check_grads: no argument of {self.name} holds floats or complex numbers{where()}."
                " Pass those to differentiate with respect to as floats."
            )
        self.rtol = rtol or max(RTOL.get(np.asarray(x).dtype.char, 1e-8) for x in self.xs)
        self.seed, self.random = seed, np.random.default_rng(seed)

    def at(self, xs: list[Any], point: str) -> Case:
        """Return the same function at another point."""
        args = self.rebuild(self.placed(xs))
        case = Case(self.f, args, None, self.seed, self.by_hand, point)
        case.name, case.labels = self.name, self.labels
        return case

    def placed(self, xs: Any) -> list[Any]:
        """Return all leaves, with xs for the floating ones."""
        leaves = list(self.leaves)
        for place, x in zip(self.places, xs, strict=True):
            leaves[place] = x
        return leaves

    def run(self, *xs: Any) -> list[Any]:
        """Return the floating outputs of f as a list, with xs for the floating operands."""
        leaves = self.placed(xs)
        own = [x.copy() if type(x) is np.ndarray else x for x in leaves]  # f may change them
        outs, _ = flatten(self.f(*self.rebuild(own)))
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
        if self.by_hand is not None:
            return self.values(*self.xs), self.pull_by_hand
        outs, pull = vjp(self.run, *self.xs)
        return outs, self.checked(pull)

    def afresh(self) -> Callable[[Any], Any]:
        """Return the function that pulls cotangents back, made anew."""
        if self.by_hand is not None:
            return self.pull_by_hand
        return self.checked(vjp(self.run, *self.xs)[1])

    def checked(self, pull: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a pull that counts a cotangent of the wrong shape as a broken law."""

        def call(gs: Any) -> Any:
            try:
                return pull(gs)
            except ShapeError as error:  # of a derivative of the user's own
                raise self.failure("form", f"{error}") from error
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                what = "its derivative changes in place what it was given. Write x = x * 2."
                raise self.failure("unmutated", what) from error

        return call

    def pull_by_hand(self, gs: list[Any]) -> list[Any]:
        """Return what the vjp that is checked gives for these cotangents."""
        args = self.rebuild(self.placed(self.xs))
        _, regrow = flatten(self.f(*args))
        assert self.by_hand is not None
        found = flatten(self.by_hand(regrow(list(gs)), *args))[0]
        if len(found) == len(self.leaves):
            found = [found[i] for i in self.places]
        if len(found) != len(self.places):
            what = f"the vjp returned {len(found)} cotangents for {len(self.places)} operands"
            self.fail("form", f"{what} ({', '.join(self.labels)}).")
        return found

    @cached_property
    def gs(self) -> list[Any]:
        """A random cotangent for each output; 1 for a lone number, whose gradient that gives."""
        outs = self.vjp[0]
        lone = len(outs) == 1 and np.size(outs[0]) == 1
        return [np.ones_like(outs[0])[()]] if lone else self.like(outs)

    @cached_property
    def ts(self) -> list[Any]:
        """A random tangent for each operand, as large as it: one step moves all in proportion."""
        return [t * size_of(x) for t, x in zip(self.like(self.xs), self.xs, strict=True)]

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
        case = Case(gradient, tuple(self.xs), self.rtol * 10, point=self.point)
        case.labels = self.labels
        return case

    # What to say of a broken law

    def failure(self, law: str, what: str, **details: Any) -> GradientError:
        """Return the error that a law is broken, here."""
        place = f" {self.point}," if self.point else ""
        error = GradientError(f"check_grads: {self.name} breaks the law {law!r}:{place} {what}")
        error.law, error.point = law, self.point
        for name, value in details.items():
            setattr(error, name, value)
        return error

    def fail(self, law: str, what: str, **details: Any) -> Never:
        """Raise the error that a law is broken."""
        raise self.failure(law, what, **details)

    def close(
        self,
        law: str,
        what: str,
        actual: Any,
        expected: Any,
        tolerance: Any,
        name: str = "",
    ) -> None:
        """Compare two arrays entry by entry, and name the first entry that differs.

        Where it is a gradient by the operand of this name, also what it may lack.
        """
        a, e = np.asarray(actual), np.asarray(expected)
        if a.shape != e.shape:
            self.fail(law, f"{what} has shape {a.shape}, expected {e.shape}.")
        with np.errstate(invalid="ignore"):
            wrong = ~((np.abs(a - e) <= tolerance) | (a == e))
        if wrong.any():
            index = tuple(np.argwhere(wrong)[0])
            several = f" ({wrong.sum()} of {wrong.size} entries differ)" if wrong.size > 1 else ""
            said = f"{what}{at(index)} is {a[index]}, expected {e[index]}{several}."
            known = dict(zip(self.labels, self.xs, strict=True))
            hint = diagnosis(a, e, known, {}, name) if name else ""
            said = f"{said} {hint}".rstrip()
            self.fail(law, said, index=index, actual=a[index], expected=e[index])


def kind(x: Any) -> str:
    """Return the kind of dtype of a leaf, as NumPy names them."""
    return x.dtype.kind if isinstance(x, Tensor) else np.asarray(x).dtype.kind


def plain(x: Any) -> Any:
    """Return an array, or a NumPy scalar, in place of a Tensor or a Python number."""
    data = np.asarray(x.detach())[()] if isinstance(x, Tensor) else x
    return data if isinstance(data, np.ndarray | np.generic) else np.asarray(data)[()]

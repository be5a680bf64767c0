"""A function by itself, recorded at a point that suits it. Floor 9."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from ..arguments import signature, title
from ..errors import ArgumentError, where
from ..graph import order_of
from ..rule import rules
from ..rules import others as others  # any function may be asked for
from .function import function_at, is_numpys
from .recording import Recording
from .subject import Subject, is_recorded

POINTS: list[list[tuple[int, ...]]] = [
    [(2, 3)], [(3, 3)], [(2, 3), (3, 2)], [(3, 3), (3,)], [(3,), (3,)], [(2, 3), (2, 3)],
]  # fmt: skip


ALIKE: dict[int, list[list[tuple[int, ...]]]] = {  # for functions of the caller's, by operands
    1: [[(3,)], [(3, 3)]],
    2: [[(3,), (3,)], [(3,), (3, 3)], [(3, 3), (3,)], [(2, 3), (3, 2)]],
}


def alone(function: Any) -> Subject:
    """Record a function that came without arguments."""
    ours = is_numpys(function) or (function.__module__ or "").startswith(__name__.split(".")[0])
    found = guessed(function) if isinstance(function, FunctionType) and not ours else rule(function)
    if found is None:
        raise ArgumentError(
            f"explain: {title(function)} needs arguments{where()}. "
            f"Write mg.explain({title(function)}, x, ...)."
        )
    return found


def guessed(f: FunctionType) -> Subject | None:
    """Record a function of the caller's: of arrays if those give one number, else of numbers."""
    known = signature(f).parameters.values()
    count = sum(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in known)
    numbers: list[tuple[int, ...]] = [()] * count
    first = None
    for shapes in [*ALIKE.get(count, [[(3,)] * count]), numbers]:
        try:
            with np.errstate(all="ignore"):
                found = function_at(f, points(shapes), {}, None)
        except Exception:  # another point may suit it
            continue
        if is_recorded(found.out):
            if shapes is numbers or found.out.shape == ():
                return found
            first = first or found
    return first


def points(shapes: list[tuple[int, ...]]) -> tuple[Any, ...]:
    """Return numbers between 0.3 and 0.7 in these shapes, matrices of full rank."""
    return tuple([np.linspace(0.3, 0.7, int(np.prod(s))).reshape(s)[()] for s in shapes])


def rule(function: Any) -> Subject | None:
    """Record a function of NumPy or of ours: of single numbers if it is one of entries."""
    declared = rules.get(function)
    tried = POINTS
    if declared is not None and declared.kind == "elementwise":
        tried = [[()] * len(declared.derivatives)]
    for shapes in tried:
        try:
            with np.errstate(all="ignore"), Recording() as recording:
                given = [recording.input(x) for x in points(shapes)]
                out = function(*given)
        except Exception:  # another point may suit it
            continue
        if is_recorded(out):
            names = {order_of(t._node): n for n, t in zip("xyz", given, strict=False)}
            variables = [(names[order_of(t._node)], t) for t in given]
            return Subject(recording, out, variables, names, {}, "f")
    return None

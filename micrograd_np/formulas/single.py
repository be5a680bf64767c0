"""A function of NumPy by itself, recorded to show its rule. Floor 11."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import title
from ..errors import ArgumentError, where
from ..graph import order_of
from ..rule import rules
from ..rules import others as others  # any function may be asked for
from .recording import Recording
from .subject import Subject, is_recorded

POINTS: list[list[tuple[int, ...]]] = [
    [(2, 3)], [(3, 3)], [(2, 3), (3, 2)], [(3, 3), (3,)], [(3,), (3,)], [(2, 3), (2, 3)],
]  # fmt: skip


def rule(function: Any) -> Subject:
    """Record a function at a point that suits it: of single numbers if it is one of entries."""
    declared = rules.get(function)
    points = POINTS
    if declared is not None and declared.kind == "elementwise":
        points = [[()] * len(declared.derivatives)]
    for shapes in points:
        args = [np.linspace(0.3, 0.7, max(int(np.prod(s)), 1)).reshape(s)[()] for s in shapes]
        try:
            with np.errstate(all="ignore"), Recording() as recording:
                given = [recording.input(x) for x in args]
                out = function(*given)
        except Exception:  # another point may suit it
            continue
        if is_recorded(out):
            names = {order_of(t._node): n for n, t in zip("xyz", given, strict=False)}
            variables = [(names[order_of(t._node)], t) for t in given]
            return Subject(recording, out, variables, names, {}, "f")
    raise ArgumentError(
        f"explain: {title(function)} needs arguments{where()}. "
        f"Write mg.explain({title(function)}, x, ...)."
    )

"""What NumPy refused, in words that teach: the function, its operands, the cure. Floor 4."""

from __future__ import annotations

import math
import re
from typing import Any

from ..errors import (
    DtypeError,
    MicrogradError,
    OutOfRangeError,
    ShapeError,
    TooLargeError,
    describe,
    where,
)

FOREIGN = {"torch", "jax", "jaxlib", "tensorflow", "mygrad", "autograd"}


def refuse_foreign(x: Any) -> None:
    """Refuse an operand that keeps a graph of its own, in another library."""
    kind = type(x)
    library = kind.__module__.partition(".")[0]
    if library in FOREIGN:
        raise DtypeError(
            f"a {library} {kind.__name__} and a micrograd_np Tensor do not mix{where()}: each "
            "would lose the other's graph. Convert one, mg.Tensor(np.asarray(x))."
        )


def failed(name: str, operands: Any, error: Exception) -> Exception:
    """Return the error to raise when NumPy refused a forward call: its own, with our context."""
    if isinstance(error, MicrogradError):
        return error
    listed = ", ".join(describe(x) for x in operands)
    values = [getattr(x, "_value", x) for x in operands]
    if isinstance(error, MemoryError):
        return TooLargeError(f"{name}: {_too_large(values)}. Operands: {listed}{where()}. {_ROOM}")
    if type(error).__name__ == "LinAlgError":
        cure = next((cure for said, cure in LINALG.items() if said in str(error)), "")
        error.add_note(f"{_singular(values)}in {name} of {listed}{where()}. {cure}".rstrip())
        return error
    if type(error) is IndexError and "out of bounds" in str(error):
        return OutOfRangeError(f"{name}: {error}. Operands: {listed}{where()}.")
    shapes = [getattr(x, "shape", ()) for x in values]
    misfit = _misfit(name, shapes, str(error)) if type(error) is ValueError else None
    if misfit is not None:
        what, cure = misfit
        return ShapeError(f"{name}: {what}. Operands: {listed}{where()}. {cure}")
    error.add_note(f"in {name} of {listed}{where()}")
    return error


LINALG = {
    "Singular": "np.linalg.pinv and np.linalg.lstsq take singular matrices, too.",
    "positive definite": "Is it symmetric, with positive eigenvalues? Adding a small multiple of "
    "np.eye(n) may help.",
}
_ROOM = "If they should not broadcast, reshape one of them; else compute in parts."


def _too_large(values: list[Any]) -> str:
    """Return how much the result of a broadcast would take."""
    import numpy as np

    arrays = [x for x in values if hasattr(x, "shape")]
    shapes = [x.shape for x in arrays]
    try:
        result = np.broadcast_shapes(*shapes)
    except ValueError:
        return "the result does not fit into the memory"
    dtype = np.result_type(*arrays)
    size = amount_of(math.prod(result) * dtype.itemsize)
    return f"shapes {' and '.join(map(str, shapes))} would make {result} {dtype}, {size}"


def amount_of(size: float) -> str:
    """Return a number of bytes in words."""
    units = iter(("bytes", "kB", "MB", "GB", "TB", "PB", "EB"))
    unit = next(units)
    while size >= 1000 and unit != "EB":
        size, unit = size / 1000, next(units)
    return f"{size:.3g} {unit}"


def _singular(values: list[Any]) -> str:
    """Return which matrices of a stack are singular."""
    import numpy as np

    for x in values:
        if getattr(x, "ndim", 0) > 2 and x.shape[-1] == x.shape[-2]:
            zeros = np.argwhere(np.linalg.slogdet(x)[0] == 0)
            if len(zeros):
                index = ", ".join(map(str, zeros[0].tolist()))
                more = f", and {len(zeros) - 1} more" if len(zeros) > 1 else ""
                return f"matrix [{index}] of the stack is singular{more}; "
    return ""


def _misfit(name: str, shapes: list[Any], text: str) -> tuple[str, str] | None:
    """Return how the shapes do not fit, and the cure; None if that is not what NumPy said."""
    if name == "matmul" and min(map(len, shapes)):
        return _unmatched(*shapes)
    if name == "reshape" and (wanted := re.search(r"into shape (\(.*\))", text)):
        entries = math.prod(shapes[0])
        what = f"{shapes[0]} has {entries} elements, which do not fill the shape {wanted[1]}"
        return what, f"The product of the lengths must be {entries}; one may be -1."
    if wanted := re.search(r"requested shape (\(.*\))", text):
        return f"shape {shapes[0]} does not broadcast to {wanted[1]}", "Reshape it first."
    if "broadcast" in text and len(shapes) > 1 and (axis := _clash(*shapes[:2])):
        return f"shapes {shapes[0]} and {shapes[1]} do not broadcast{axis}", "Reshape one of them."
    return (text, "Reshape those that differ.") if name in ("stack", "concatenate") else None


def _unmatched(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[str, str]:
    """Return why a and b are not the shapes of a matrix product, and which would be."""
    inner, other = a[-1], b[-2:][0]
    if inner == other:
        what = f"{a} @ {b}: leading axes {a[:-2]} and {b[:-2]} do not broadcast"
        return what, "Reshape one of them."
    transpose = ".T" if len(a) < 3 > len(b) else ".mT"
    swaps = {
        f"x @ y{transpose}": len(b) > 1 and inner == b[-1],
        f"x{transpose} @ y": len(a) > 1 and a[-2] == other,
        "y @ x": b[-1] == a[-2:][0],
    }
    fits = [swap for swap, fit in swaps.items() if fit]
    cure = f"Did you mean {fits[0]}?" if fits else "Transpose or reshape one of them."
    return f"{a} @ {b}: inner sizes {inner} and {other} differ", cure


def _clash(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    for back in range(1, min(len(a), len(b)) + 1):
        m, n = a[-back], b[-back]
        if m != n and 1 not in (m, n):
            return f" (axis -{back}: {m} against {n})"
    return ""

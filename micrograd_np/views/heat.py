"""Heat: an array as a few cells that a page colours, or as a text where it has few. Floor 8."""

from __future__ import annotations

from typing import Any

import numpy as np

from .labels import INLINE, amount

ROWS, COLUMNS = 8, 16  # cells of a strip, at most; of a longer array each is a mean


def data_of(value: Any) -> Any:
    """Return a value as JSON: a number, a text, the cells of an array, or None if unknown.

    A number that is not finite is a string, as JSON has none. An array is a dictionary: ``s`` its
    shape, ``d`` its dtype, ``g`` rows and columns of its cells, ``v`` the cells, ``b`` how many
    entries each cell is the mean of, ``m`` the least entry, the mean and the largest.
    """
    if value is None:
        return None
    if isinstance(value, tuple | dict):  # of a function with several results
        return {"x": worded(value)}
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return {"x": amount(value)}
    if not array.ndim:
        return exact(array.item())
    data: dict[str, Any] = {"s": list(array.shape), "d": str(array.dtype)}
    if not array.size:
        return {"x": amount(value)}
    matrix = array.reshape(-1, array.shape[-1]).astype(float)
    rows, columns = (min(n, most) for n, most in zip(matrix.shape, (ROWS, COLUMNS), strict=True))
    with np.errstate(all="ignore"):
        cells = means(means(matrix, rows, 0), columns, 1)
        spread = matrix.min(), matrix.mean(), matrix.max()
    if cells.shape != matrix.shape:
        data["b"] = [-(-n // k) for n, k in zip(matrix.shape, cells.shape, strict=True)]
    data["g"] = [rows, columns] if array.size > INLINE else None
    data["v"] = [rounded(x) for x in cells.ravel().tolist()]
    data["m"] = [rounded(float(x)) for x in spread]
    return data


def worded(value: Any) -> str:
    """Return a value in words; of a function with several results, what comes back to some."""
    if isinstance(value, dict):
        return ", ".join(f"[{i}] {amount(x)}" for i, x in value.items())
    return amount(value)


def grid_of(value: Any) -> tuple[int, int] | None:
    """Return the rows and columns of the cells of a long array; None of anything else."""
    data = data_of(value)
    grid = data.get("g") if isinstance(data, dict) else None
    return tuple(grid) if grid else None


def means(matrix: Any, parts: int, axis: int) -> Any:
    """Return the means over ``parts`` runs of about the same length along an axis."""
    edges = np.arange(parts) * matrix.shape[axis] // parts
    lengths = np.diff([*edges, matrix.shape[axis]])
    sums = np.add.reduceat(matrix, edges, axis=axis)
    return sums / (lengths[:, None] if axis == 0 else lengths)


def exact(x: float) -> Any:
    """Return a number as JSON can hold it, with all its digits."""
    return x if np.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")


def rounded(x: float) -> Any:
    """Return a number with four digits."""
    return exact(float(f"{x:.4g}"))

"""Cells: single numbers, and the operations that make one of others. Floor 9."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from .elements import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable


class NotUnrolledError(Exception):
    """A program holds what has no form in plain numbers; the message names it."""


class Cell:
    """One number: an input, or an operation on numbers."""

    __slots__ = ("args", "at", "cells", "op")

    def __init__(self, cells: Cells, at: int, op: Any, args: tuple[Any, ...]) -> None:
        self.cells, self.at, self.op, self.args = cells, at, op, args

    def __add__(self, other: Any) -> Any:
        return self.cells.apply(np.add, self, other or ZERO)

    def __radd__(self, other: Any) -> Any:
        return self.cells.apply(np.add, other or ZERO, self)


class Cells:
    """The cells of a program, in the order in which they are computed."""

    def __init__(self, limit: int) -> None:
        self.all: list[Cell] = []
        self.known: dict[Any, Cell] = {}
        self.limit = limit

    def new(self, op: Any, args: tuple[Any, ...]) -> Cell:
        """Return a new cell."""
        if len(self.all) >= self.limit:
            raise NotUnrolledError(f"more than {self.limit} numbers")
        cell = Cell(self, len(self.all), op, args)
        self.all.append(cell)
        return cell

    def apply(self, function: Any, *args: Any) -> Any:
        """Return the cell of an operation on cells and numbers; a number if all are numbers."""
        if function is np.add and (args[0] is ZERO or args[1] is ZERO):
            return args[1] if args[0] is ZERO else args[0]
        if not any(type(x) is Cell for x in args):
            with np.errstate(all="ignore"):
                return python_number(ELEMENTS[function].compute(*map(numpy_number, args)))
        name = function, tuple([(x.at,) if type(x) is Cell else (type(x), repr(x)) for x in args])
        if name not in self.known:
            self.known[name] = self.new(function, args)
        return self.known[name]

    def elementwise(self, function: Any, operands: Iterable[Any]) -> Any:
        """Return the array of cells of a function of entries."""
        arrays = np.broadcast_arrays(*operands, subok=False)
        out = np.empty(arrays[0].shape, object)
        for i in np.ndindex(out.shape):
            out[i] = self.apply(function, *[x[i] for x in arrays])
        return out

    def product(self, x: Any, y: Any) -> Any:
        """Return a product of vectors or matrices, or of stacks of them, entry after entry.

        NumPy's own, of objects, goes on when one of them raised that there is no room for more.
        """
        left, right = x if x.ndim > 1 else x[None], y if y.ndim > 1 else y[:, None]
        lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        left = np.broadcast_to(left, lead + left.shape[-2:])
        right = np.swapaxes(np.broadcast_to(right, lead + right.shape[-2:]), -1, -2)
        out = np.empty((*lead, left.shape[-2], right.shape[-2]), object)
        for i in np.ndindex(out.shape):
            row, column = left[i[:-1]], right[(*i[:-2], i[-1])]
            out[i] = self.sum_of(self.elementwise(np.multiply, [row, column]))
        out = out[..., 0, :] if x.ndim == 1 else out
        return out[..., 0] if y.ndim == 1 else out

    def sum_of(self, numbers: Any) -> Any:
        """Return the sum of a row, from the first to the last."""
        if not len(numbers):
            raise NotUnrolledError("a sum of nothing")
        return reduce(lambda total, x: self.apply(np.add, total, x), numbers)

    def folded(self, function: Any, x: Any, axis: Any, keepdims: bool) -> Any:
        """Return a reduction, entry after entry."""
        axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
        axes = [int(i) for i in axes]
        rest = [i for i in range(x.ndim) if i not in axes]
        length = math.prod(x.shape[i] for i in axes)
        lines = np.transpose(x, (*rest, *axes)).reshape(*[x.shape[i] for i in rest], length)
        out = np.empty(lines.shape[:-1], object)
        for i in np.ndindex(out.shape):
            if not lines.shape[-1]:
                raise NotUnrolledError("a reduction of nothing")
            total = lines[i][0]
            for other in lines[i][1:]:
                total = self.apply(function, total, other)
            out[i] = total
        kept = [1 if i in axes else n for i, n in enumerate(x.shape)]
        return out.reshape(kept) if keepdims else out


ZERO = float("0")  # where NumPy fills arrays of objects; no zero of the program is this one


def python_number(x: Any) -> Any:
    """Return a NumPy scalar as a plain number."""
    return x.item() if hasattr(x, "item") else x


def numpy_number(x: Any) -> Any:
    """Return a plain number as NumPy computes with it."""
    return np.asarray(x)[()]

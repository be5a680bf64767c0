"""What NumPy cannot dispatch to Tensors: array, asarray, full, arange and more. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never

import numpy as np

from .calls.operands import handles
from .errors import ArgumentError, where
from .tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def array(values: Any, dtype: DTypeLike | None = None) -> Tensor:
    """Return a Tensor of values among which there may be Tensors, whose gradients it passes on.

    ``np.array([t, u])`` cannot know that t and u are Tensors; this can.

    Parameters
    ----------
    values : nested lists and tuples of numbers, arrays and Tensors
        Of equal shapes, as for ``np.array``.

    Examples
    --------
    >>> t = mg.Tensor(2.0, requires_grad=True)
    >>> np.sum(mg.array([t, 3 * t, 1.0])).backward()
    >>> t.grad
    array(4.)
    """
    if isinstance(values, Tensor):
        t = values.copy()
    elif isinstance(values, list | tuple) and handles(values):
        t = np.stack([array(x) for x in values])
    else:
        t = Tensor(values)
    return t if dtype is None else t.astype(dtype)  # type: ignore[no-any-return]


def asarray(values: Any, dtype: DTypeLike | None = None) -> Tensor:
    """Return values as a Tensor; one that is a Tensor already is returned as it is.

    Examples
    --------
    >>> t = mg.Tensor([1.0, 2.0])
    >>> mg.asarray(t) is t
    True
    """
    if isinstance(values, Tensor):
        return values if dtype is None or values.dtype == dtype else values.astype(dtype)
    return array(values, dtype)


def full(shape: int | tuple[int, ...], fill_value: Any, dtype: DTypeLike | None = None) -> Tensor:
    """Return a Tensor of this shape filled with a value, which may be a Tensor.

    Examples
    --------
    >>> t = mg.Tensor(2.0, requires_grad=True)
    >>> np.sum(mg.full(3, t)).backward()
    >>> t.grad
    array(3.)
    """
    lengths = tuple(shape) if np.iterable(shape) else (shape,)
    filled: Any = np.broadcast_to(asarray(fill_value, dtype), lengths)
    return filled if filled.requires_grad else Tensor(filled)


def asarray_chkfinite(values: Any, dtype: DTypeLike | None = None) -> Tensor:
    """Return values as a Tensor, as `asarray` does, and refuse infinity and NaN.

    Raises
    ------
    ValueError
        If an entry is not finite.

    Examples
    --------
    >>> mg.asarray_chkfinite([1.0, 2.0])
    Tensor([1., 2.])
    """
    t = asarray(values, dtype)
    if not np.all(np.isfinite(t.data)):
        raise ValueError(f"an entry is infinite or NaN{where()}")
    return t


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: DTypeLike | None = None) -> Tensor:
    """Return ``np.arange``, whose ends and step may be Tensors.

    Examples
    --------
    >>> t = mg.Tensor(0.5, requires_grad=True)
    >>> np.sum(mg.arange(0, 2, t)).backward()  # 0 + t + 2 t + 3 t
    >>> t.grad
    array(6.)
    """
    if stop is None:
        start, stop = 0, start
    numbers = np.arange(len(np.arange(*(float(plain(x)) for x in (start, stop, step)))))
    return asarray(start + numbers * step, dtype)


def kaiser(M: int, beta: Any) -> Tensor:  # noqa: N803 (NumPy's name)
    """Return the Kaiser window of M points, as ``np.kaiser`` does; beta may be a Tensor.

    Examples
    --------
    >>> beta = mg.Tensor(1.0, requires_grad=True)
    >>> mg.kaiser(3, beta)
    Tensor([0.78984831, 1.        , 0.78984831], requires_grad=True)
    """
    x = np.linspace(-1.0, 1.0, M) if M > 1 else np.zeros(M)
    return asarray(np.i0(beta * np.sqrt(1 - x * x)) / np.i0(beta))


class Joining:
    """Joins what stands in brackets, Tensors too: ``mg.r_`` in a row, ``mg.c_`` as columns.

    Examples
    --------
    >>> t = mg.Tensor([1.0, 2.0], requires_grad=True)
    >>> mg.r_[0:2, t, 5.0]
    Tensor([0., 1., 1., 2., 5.], requires_grad=True)
    >>> mg.c_[t, t]
    Tensor([[1., 1.],
            [2., 2.]], requires_grad=True)
    """

    def __init__(self, columns: bool) -> None:
        self.columns = columns

    def __call__(self, *items: Any) -> Never:
        """Refuse to be called, as functions are."""
        name = "mg.c_" if self.columns else "mg.r_"
        raise ArgumentError(f"{name} takes its parts in brackets{where()}. Write {name}[x, y].")

    def __getitem__(self, items: Any) -> Tensor:
        parts = [self.part(x) for x in (items if isinstance(items, tuple) else (items,))]
        return asarray(np.concatenate(parts, -1 if self.columns else 0))

    def part(self, x: Any) -> Tensor:
        """Return one item as a Tensor with axes; a slice is a range, with ``3j`` of 3 points."""
        if isinstance(x, slice):
            start, step = 0 if x.start is None else x.start, 1 if x.step is None else x.step
            imaginary = isinstance(step, complex)
            points = int(abs(step)) if imaginary else 0
            x = np.linspace(start, x.stop, points) if imaginary else arange(start, x.stop, step)
        t = asarray(x)
        if self.columns and t.ndim < 2:
            t = t.reshape(-1, 1)
        return t if t.ndim else t.reshape(1)

    def __repr__(self) -> str:
        return "mg.c_" if self.columns else "mg.r_"


r_ = Joining(columns=False)
c_ = Joining(columns=True)


def plain(x: Any) -> Any:
    """Return the value of a Tensor."""
    return x.data if isinstance(x, Tensor) else x

"""What NumPy cannot dispatch to Tensors: array, asarray, full. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import handles
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

"""What a Tensor shares with a NumPy array: attributes, operators, methods. Floor 6."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from ..calls.dispatch import calls
from ..calls.fast import binary, unary
from ..errors import ArgumentError, where
from ..rule import rules
from ..rules.indexing import getitem, updated
from ..rules.products import multiply
from .inplace import assign, in_place
from .methods import InPlaceMethods

if TYPE_CHECKING:
    from collections.abc import Iterator


class ArrayInterface(InPlaceMethods):
    """NumPy's operators and methods; each computes, and records where a gradient is needed."""

    __slots__ = ()
    __array_priority__ = 1000  # np.matrix and others step back

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self._value.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """Number of entries."""
        return self._value.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return self._value.dtype  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        """Size of the values in bytes."""
        return self._value.nbytes  # type: ignore[no-any-return]

    @property
    def itemsize(self) -> int:
        """Size of one entry in bytes."""
        return self._value.itemsize  # type: ignore[no-any-return]

    # Operators

    __add__, __radd__ = binary(rules[np.add])
    __sub__, __rsub__ = binary(rules[np.subtract])
    __mul__, __rmul__ = binary(rules[np.multiply])
    __truediv__, __rtruediv__ = binary(rules[np.divide])
    __neg__ = unary(rules[np.negative])
    __pos__ = unary(rules[np.positive])
    _square = unary(rules[np.square])
    __matmul__ = multiply
    _power, __rpow__ = binary(rules[np.power])

    def __abs__(self) -> Any:
        return calls[np.absolute](self)

    def __round__(self, ndigits: int = 0) -> Never:
        raise ArgumentError(f"round() makes a plain number{where()}. Write np.round(t, decimals).")

    def __pow__(self, other: Any, mod: None = None) -> Any:
        if mod is not None:
            raise ArgumentError(f"pow of a Tensor takes no modulus{where()}. Write (x ** y) % z.")
        return self._square() if type(other) is int and other == 2 else self._power(other)

    def __rmatmul__(self, other: Any) -> Any:
        return calls[np.matmul](other, self)

    def __mod__(self, other: Any) -> Any:
        return calls[np.remainder](self, other)

    def __rmod__(self, other: Any) -> Any:
        return calls[np.remainder](other, self)

    def __floordiv__(self, other: Any) -> Any:
        return calls[np.floor_divide](self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return calls[np.floor_divide](other, self)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __eq__(self, other: object) -> Any:
        return calls[np.equal](self, other)

    def __ne__(self, other: object) -> Any:
        return calls[np.not_equal](self, other)

    def __lt__(self, other: Any) -> Any:
        return calls[np.less](self, other)

    def __le__(self, other: Any) -> Any:
        return calls[np.less_equal](self, other)

    def __gt__(self, other: Any) -> Any:
        return calls[np.greater](self, other)

    def __ge__(self, other: Any) -> Any:
        return calls[np.greater_equal](self, other)

    def __and__(self, other: Any) -> Any:
        return calls[np.bitwise_and](self, other)

    def __or__(self, other: Any) -> Any:
        return calls[np.bitwise_or](self, other)

    def __xor__(self, other: Any) -> Any:
        return calls[np.bitwise_xor](self, other)

    def __lshift__(self, other: Any) -> Any:
        return calls[np.left_shift](self, other)

    def __rlshift__(self, other: Any) -> Any:
        return calls[np.left_shift](other, self)

    def __rshift__(self, other: Any) -> Any:
        return calls[np.right_shift](self, other)

    def __rrshift__(self, other: Any) -> Any:
        return calls[np.right_shift](other, self)

    def __invert__(self) -> Any:
        return calls[np.invert](self)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__
    __hash__ = object.__hash__  # by identity: Tensors can be keys

    # Methods, by the NumPy function of the same name

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.sum`` of it."""
        return calls[np.sum](self, *args, **kwargs)

    def mean(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.mean`` of it."""
        return calls[np.mean](self, *args, **kwargs)

    def prod(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.prod`` of it."""
        return calls[np.prod](self, *args, **kwargs)

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.std`` of it."""
        return calls[np.std](self, *args, **kwargs)

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.var`` of it."""
        return calls[np.var](self, *args, **kwargs)

    def max(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.max`` of it."""
        return calls[np.max](self, *args, **kwargs)

    def min(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.min`` of it."""
        return calls[np.min](self, *args, **kwargs)

    def cumsum(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.cumsum`` of it."""
        return calls[np.cumsum](self, *args, **kwargs)

    def cumprod(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.cumprod`` of it."""
        return calls[np.cumprod](self, *args, **kwargs)

    def clip(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.clip`` of it."""
        return calls[np.clip](self, *args, **kwargs)

    def squeeze(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.squeeze`` of it."""
        return calls[np.squeeze](self, *args, **kwargs)

    def ravel(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.ravel`` of it."""
        return calls[np.ravel](self, *args, **kwargs)

    def swapaxes(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.swapaxes`` of it."""
        return calls[np.swapaxes](self, *args, **kwargs)

    def repeat(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.repeat`` of it."""
        return calls[np.repeat](self, *args, **kwargs)

    def take(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.take`` of it."""
        return calls[np.take](self, *args, **kwargs)

    def compress(self, condition: Any, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.compress`` of it."""
        return calls[np.compress](condition, self, *args, **kwargs)

    def diagonal(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.diagonal`` of it."""
        return calls[np.diagonal](self, *args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.trace`` of it."""
        return calls[np.trace](self, *args, **kwargs)

    def dot(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.dot`` of it."""
        return calls[np.dot](self, *args, **kwargs)

    def round(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.round`` of it."""
        return calls[np.round](self, *args, **kwargs)

    def all(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.all`` of it."""
        return calls[np.all](self, *args, **kwargs)

    def any(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.any`` of it."""
        return calls[np.any](self, *args, **kwargs)

    def argmax(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.argmax`` of it."""
        return calls[np.argmax](self, *args, **kwargs)

    def argmin(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.argmin`` of it."""
        return calls[np.argmin](self, *args, **kwargs)

    def argsort(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.argsort`` of it."""
        return calls[np.argsort](self, *args, **kwargs)

    def nonzero(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.nonzero`` of it."""
        return calls[np.nonzero](self, *args, **kwargs)

    def searchsorted(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.searchsorted`` of it."""
        return calls[np.searchsorted](self, *args, **kwargs)

    def conj(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``np.conjugate`` of it."""
        return calls[np.conjugate](self, *args, **kwargs)

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        """Return ``np.reshape`` of it; the lengths may be given one by one."""
        return calls[np.reshape](self, shape[0] if len(shape) == 1 else shape, **kwargs)

    def transpose(self, *axes: Any) -> Any:
        """Return ``np.transpose`` of it; the axes may be given one by one."""
        return calls[np.transpose](self, axes[0] if len(axes) == 1 else axes or None)

    def flatten(self, order: str = "C") -> Any:
        """Return it with one axis."""
        return calls[np.copy](calls[np.ravel](self, order=order))

    def astype(self, dtype: Any, **kwargs: Any) -> Any:
        """Return it in another dtype; the gradient comes back in this one."""
        return calls[np.astype](self, np.dtype(dtype), **kwargs)

    def copy(self, order: str = "C") -> Any:
        """Return the same values as a new result."""
        return calls[np.copy](self)

    @property
    def T(self) -> Any:  # noqa: N802
        """Its transpose."""
        return calls[np.transpose](self)

    @property
    def mT(self) -> Any:  # noqa: N802
        """Its last two axes swapped."""
        return calls[np.matrix_transpose](self)

    @property
    def real(self) -> Any:
        """The real part."""
        return calls[np.real](self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return calls[np.imag](self)

    @property
    def flat(self) -> Iterator[Any]:
        """The entries, one after the other."""
        return iter(self.flatten())

    conjugate = conj

    # In place

    def _assign(self, new: Any) -> None:
        assign(self, new)

    __iadd__ = in_place(operator.add, operator.iadd)
    __isub__ = in_place(operator.sub, operator.isub)
    __imul__ = in_place(operator.mul, operator.imul)
    __itruediv__ = in_place(operator.truediv, operator.itruediv)
    __ipow__ = in_place(operator.pow, operator.ipow)
    __imatmul__ = in_place(operator.matmul, operator.imatmul)
    __imod__ = in_place(operator.mod, operator.imod)

    def __getitem__(self, index: Any) -> Any:
        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        assign(self, updated(self, value, index))

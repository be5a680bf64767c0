"""Tensor: what a user holds. A NumPy array that remembers how it was computed. Floor 7.

A Tensor is a handle on an immutable node. Operators and NumPy functions compute and record a new
node; ``x += y`` and ``x[i] = v`` let the handle hold a new node, so history never changes.
"""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from .calls.dispatch import calls
from .calls.handle import Handle, result, variable_node
from .calls.signatures import signature
from .errors import ArgumentError, GraphError, InPlaceError, ShapeError, unknown_argument, where
from .graph import GRAD, is_leaf
from .modes import running, tracing
from .protocols.conversions import (
    INDEX,
    PRINT,
    STATICALLY,
    as_data,
    asked_as_number,
    asked_by,
    check_detached,
    check_differentiable,
    check_flag,
    check_untraced,
    is_traced,
    note_exit,
    traced_text,
)
from .protocols.interface import ArrayInterface
from .protocols.ufuncs import ufunc_method
from .sweeps.backward import backward, gradient_of
from .tree import LEAVES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, DTypeLike, NDArray


class Tensor(ArrayInterface):
    """An array of numbers that remembers how it was computed.

    Parameters
    ----------
    data : array_like of any shape
        Numbers; they are copied, so that changing the original changes nothing here.
    requires_grad : bool
        Whether operations on it are recorded, so that ``backward`` gives it a ``grad``. Floats and
        complex numbers only.
    name : str, optional
        How pictures, formulas and errors call it.
    dtype : dtype, optional
        That of ``np.array(data, dtype)``.

    Raises
    ------
    DtypeError
        If data are no numbers, or integers should require a gradient.
    ShapeError
        If rows differ in length.

    Examples
    --------
    >>> w = mg.Tensor([1.0, -1.0], requires_grad=True, name="w")
    >>> loss = np.sum(w * w)
    >>> loss.backward()
    >>> w.grad
    array([ 2., -2.])
    """

    __slots__ = ()

    def __init__(
        self,
        data: ArrayLike,
        requires_grad: bool = False,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **misspelt: Never,
    ) -> None:
        if misspelt:
            raise unknown_argument("Tensor", next(iter(misspelt)), signature(type(self).__init__))
        if name is not None and not isinstance(name, str):
            raise ArgumentError(f"Tensor: name is a text, got {name!r}{where()}.")
        self._value, self._name, self._node = as_data(data, dtype), name, None
        if requires_grad:
            check_flag(requires_grad)
            check_differentiable(self._value)
            self._node = variable_node(self._value)

    # What it is

    @property
    def data(self) -> NDArray[Any]:
        """The values, as an array that cannot be written to."""
        note_exit(self, ".data")
        view = np.asarray(self._value).view()
        view.flags.writeable = False
        return view

    @data.setter
    def data(self, values: Never) -> Never:
        raise InPlaceError(
            f"the data of a Tensor cannot be replaced{where()}. "
            "Write w = mg.Tensor(values), or `with mg.no_grad(): w[...] = values`."
        )

    @property
    def requires_grad(self) -> bool:
        """Whether it is a variable, or was computed from one."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, flag: Never) -> Never:
        raise AttributeError(
            f"whether a Tensor requires a gradient does not change{where()}. "
            "Write w = mg.Tensor(values, requires_grad=True), or t.detach() for none."
        )

    @property
    def is_leaf(self) -> bool:
        """Whether nothing was recorded to make it."""
        return self._node is None or is_leaf(self._node)

    @property
    def name(self) -> str | None:
        """How pictures, formulas and errors call it."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    @property
    def grad(self) -> NDArray[Any] | None:
        """The gradient that ``backward`` accumulated here: an array of this shape, or None."""
        node = self._node
        return None if node is None else gradient_of(node)

    @grad.setter
    def grad(self, grad: ArrayLike | None) -> None:
        if grad is None:
            if self._node is not None:
                self._node[GRAD] = None
            return
        g = np.array(grad, self.dtype)
        if g.shape != self.shape:
            raise ShapeError(
                f"a grad of shape {g.shape} for a Tensor of shape {self.shape}{where()}. "
                "They must be the same."
            )
        if self._node is None:
            raise GraphError(f"a grad for a Tensor that requires none{where()}.")
        self._node[GRAD] = g

    # Gradients

    def backward(self, gradient: ArrayLike | None = None, retain_graph: bool = True) -> None:
        """Add the gradient of this result to ``grad`` of every Tensor it was computed from.

        Parameters
        ----------
        gradient : array_like of this shape, optional
            The derivative of some end result with respect to this one; 1 for a single number.
        retain_graph : bool
            Whether ``backward`` may be called again; if not, saved arrays are given up on the way.

        Raises
        ------
        GraphError
            If nothing here requires a gradient, or there are several entries and no ``gradient``.
        ShapeError, DtypeError
            If ``gradient`` has another shape, or is complex while this is real.

        Notes
        -----
        Every Tensor that somebody still holds gets one, intermediate ones too. Gradients add up
        over calls: call ``zero_grad`` between steps. If an error is raised, no ``grad`` changed.

        Examples
        --------
        >>> x = mg.Tensor(3.0, requires_grad=True)
        >>> y = x * x
        >>> y.backward()
        >>> x.grad
        array(6.)
        """
        backward(self, gradient, retain_graph)

    def zero_grad(self) -> None:
        """Forget the accumulated gradient."""
        if self._node is not None:
            self._node[GRAD] = None

    def detach(self) -> Tensor:
        """Return a Tensor of the same values that is not part of the graph."""
        trace = tracing()
        t: Tensor = result(Tensor, self._value) if trace is None else trace.detached(self)
        t._name = self._name
        return t

    # Leaving the graph

    def item(self, *index: int) -> Any:
        """Return one entry as a Python number, outside the graph."""
        note_exit(self, ".item()")
        return self._value.item(*index)

    def tolist(self) -> Any:
        """Return the entries as nested lists of Python numbers, outside the graph."""
        note_exit(self, ".tolist()")
        return self._value.tolist()

    def to_numpy(self, *args: Any, **kwargs: Any) -> NDArray[Any]:
        """Return a copy of the values as an array, outside the graph; matplotlib asks for it."""
        note_exit(self, ".to_numpy()")
        return np.array(self._value)

    numpy = to_numpy

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self._node is not None:
            what, cure = asked_by(sys._getframe(1), self)
            if self.dtype.kind in "bi":
                check_untraced(self, f"use as an index, or {what}", INDEX)
            check_detached(self, what, cure)
        return np.array(self._value, dtype)

    def __float__(self) -> float:
        if self._node is not None:
            check_detached(self, *asked_as_number(sys._getframe(1)))
        return float(self._value)

    def __int__(self) -> int:
        check_detached(self, "int()", "Use t.item() if cutting is meant.")
        return int(self._value)

    def __complex__(self) -> complex:
        check_detached(self, "complex()", "Write x + 1j * y, or t.item() if cutting is meant.")
        return complex(self._value)

    def __index__(self) -> int:
        check_untraced(self, "use as an index (or in range)", INDEX)
        check_detached(self, "use as an index", "Indices are integers: t.item(), or np.argmax.")
        return operator.index(self._value)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"the truth value of a Tensor of shape {self.shape} is ambiguous{where()}. "
                "Use np.all(t), np.any(t), or np.where(t, ..., ...) to choose entries; "
                "to look for a Tensor in a list, any(t is u for u in list)."
            )
        check_untraced(self, "bool() (if, while, and, or, not)")
        return bool(self._value)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError(f"len() of a Tensor without axes{where()}: it is one number")
        return len(self._value)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            check_untraced(self, "use as an axis (or iteration)", STATICALLY)
            raise TypeError(f"a Tensor without axes cannot be iterated over{where()}")
        return (self[i] for i in range(len(self._value)))

    def __contains__(self, x: Any) -> bool:
        check_untraced(self, "`in`")
        return bool(np.any(self._value == (x._value if isinstance(x, Handle) else x)))

    def __repr__(self) -> str:
        if is_traced(self):
            return traced_text(self)
        values = np.array2string(np.asarray(self._value), separator=", ", prefix="Tensor(")
        extras = "" if self.dtype in (np.float64, np.int64, np.bool_) else f", dtype={self.dtype}"
        extras += f", name={self._name!r}" if self._name else ""
        return f"Tensor({values}{extras}{', requires_grad=True' if self.requires_grad else ''})"

    def __format__(self, spec: str) -> str:
        if spec:
            check_untraced(self, f"format(x, {spec!r})", PRINT)
            return format(self._value, spec)
        return str(self)

    __str__ = __repr__

    # Copies are values: a graph is never copied

    def __reduce__(self) -> Any:
        return Tensor, (np.asarray(self._value), self.requires_grad, self._name)

    def __copy__(self) -> Tensor:
        if self._node is not None and running.get() is not None:
            return self.copy()  # type: ignore[no-any-return]  # recorded: no gradient is lost
        return Tensor(self._value, self.requires_grad, self._name)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self.__copy__()

    def __init_subclass__(cls) -> None:
        raise ArgumentError(
            f"{cls.__name__}: Tensor is final{where()}, for operations give Tensors. Keep one in a "
            "class of your own, such as a dataclass of parameters: transforms take those."
        )

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            return calls[ufunc](*inputs)
        return ufunc_method(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if not HANDLED.issuperset(types):
            return NotImplemented
        return calls[function](*args, **kwargs)


LEAVES.add(Tensor)  # of a tree of parameters

# Not np.matrix, masked arrays and the like: they compute otherwise
HANDLED = {Tensor, np.ndarray, np.memmap}

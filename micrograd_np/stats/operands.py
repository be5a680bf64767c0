"""What a function of a distribution is called on: numbers of one precision, and where. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DtypeError, where
from ..modes import tracing
from ..protocols.conversions import is_traced
from ..tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence


def floats(title: str, values: Sequence[Any]) -> list[Any]:
    """Return numbers, arrays and Tensors in their common precision: plain numbers have none."""
    found = [x if is_number(x) or is_array(x) else np.asarray(x) for x in values]
    dtypes = {x.dtype for x in found if not is_number(x)}
    dtype = dtypes.pop() if len(dtypes) == 1 else np.result_type(*dtypes, 1)
    if dtype.kind not in "biuf":
        raise DtypeError(f"{title}: arguments are real numbers, got dtype {dtype}{where()}.")
    dtype = dtype if dtype.kind == "f" else np.result_type(dtype, 1.0)
    return [as_dtype(x, dtype) for x in found]


def is_number(x: Any) -> bool:
    """Tell whether x is a plain number, which takes the precision of what it is with."""
    return type(x) in (int, float, bool)


def is_array(x: Any) -> bool:
    """Tell whether x dispatches as an array does, or is a number of NumPy's."""
    return isinstance(x, np.generic) or hasattr(x, "__array_function__")


def as_dtype(x: Any, dtype: Any) -> Any:
    """Return x in this precision."""
    if is_number(x):
        return dtype.type(x)
    return x if x.dtype == dtype else x.astype(dtype)


def seen(x: Any) -> Any:
    """Return the value of a Tensor to compare with, which costs less; a trace sees the Tensor."""
    return x._value if isinstance(x, Tensor) and tracing() is None else x


def known(x: Any) -> bool:
    """Tell whether a value is known: while a function is compiled, that of a Tensor is not."""
    return not (isinstance(x, Tensor) and is_traced(x))


def replaced(x: Any, wrong: Any, other: Any) -> Any:
    """Return x with ``other`` where it is wrong; x itself, unrecorded, if that is nowhere."""
    return x if known(wrong) and not wrong.any() else np.where(wrong, other, x)

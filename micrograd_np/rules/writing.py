"""Functions that write into their first operand: a Tensor there stands for the result. Floor 5."""

from __future__ import annotations

import numpy as np

from ..calls.dispatch import recorded
from ..calls.handle import Handle
from ..calls.operands import rebind
from ..errors import DtypeError, InPlaceError, where
from ..rule import composite
from .arrays import array_of, as_dtype, fixed, fixed_mask, moved


def writes(function):
    """Declare a function (target, ..., values, ...): its values are moved into the target."""

    def declared(body):
        def call(target, *args, **kwargs):
            if isinstance(target, Handle):
                rebind(target, body(target, *args, **kwargs))
            elif recorded(args, kwargs):
                raise InPlaceError(
                    f"{function.__name__}: cannot write a Tensor that requires a gradient into an "
                    f"ndarray{where()}. Make the target a Tensor: b = mg.Tensor(b)."
                )
            else:
                function(target, *fixed(args), **fixed(kwargs))

        composite(function, call, writes=True)
        return body

    return declared


def written(write, target, values, *args):
    """Return the target with values written into it as ``write(target, values, *args)`` does."""

    def after(places, numbers):
        write(places, numbers, *args)
        return places

    return moved(after, target, as_dtype(array_of(values), target.dtype))


@writes(np.copyto)
def copied(dst, src, casting="same_kind", where=True):
    """Result of np.copyto."""
    if not np.can_cast(array_of(src).dtype, dst.dtype, casting):
        raise not_cast(src, dst)
    mask = fixed_mask(where)
    return written(lambda a, v: np.copyto(a, v, where=mask), dst, src)


def not_cast(src, dst):
    """Return the error for values that the target cannot hold."""
    return DtypeError(
        f"copyto: cannot store {array_of(src).dtype} in a Tensor of {dst.dtype}{where()}. "
        "Make it Tensor(..., dtype=float) if it should hold floats."
    )


@writes(np.put)
def put(a, ind, v, mode="raise"):
    """Result of np.put."""
    return written(lambda a, v: np.put(a, fixed(ind), v, mode), a, v)


@writes(np.place)
def placed(arr, mask, vals):
    """Result of np.place."""
    return written(lambda a, v: np.place(a, fixed(mask), v), arr, vals)


@writes(np.putmask)
def put_masked(a, mask, values):
    """Result of np.putmask."""
    return written(lambda a, v: np.putmask(a, fixed(mask), v), a, values)


@writes(np.put_along_axis)
def put_along(arr, indices, values, axis):
    """Result of np.put_along_axis."""
    return written(lambda a, v: np.put_along_axis(a, fixed(indices), v, axis), arr, values)


@writes(np.fill_diagonal)
def diagonal_filled(a, val, wrap=False):
    """Result of np.fill_diagonal."""
    return written(lambda a, v: np.fill_diagonal(a, v, wrap), a, val)

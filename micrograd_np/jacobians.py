"""Whole matrices of derivatives: jacobian and hessian. Floor 10."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import Choice, check_function, suggesting
from .calls.operands import values
from .calls.refusals import amount_of
from .errors import ArgumentError, TooLargeError, where
from .modes import tracing
from .run import Run, check_recorded, tracked
from .tensor import Tensor
from .transforms import grad, push
from .tree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .arguments import Argnums

LARGE = 1 << 30  # bytes that are not asked for without trying whether they are there
MANY = 32  # sweeps that a compiled program would not write out one by one


@suggesting
def jacobian(f: Callable[..., Any], argnums: Argnums = 0, mode: str = "auto") -> Callable[..., Any]:
    """Return a function that gives the Jacobian of ``f``.

    Parameters
    ----------
    f : callable
        Returns an array or a tree of arrays.
    argnums : int, str, or a tuple of them
        Which arguments to differentiate with respect to.
    mode : {"auto", "forward", "reverse"}
        One forward sweep an input entry or one reverse sweep an output entry; the fewer by
        default.

    Returns
    -------
    callable
        With f's arguments. For an output of shape m and an argument of shape n it returns an array
        of shape m + n: entry [i, j] is d out[i] / d argument[j].

    Examples
    --------
    >>> mg.jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    check_function(f, "jacobian")
    if mode not in ("auto", "forward", "reverse"):
        raise ArgumentError(
            f"jacobian: mode is 'auto', 'forward' or 'reverse', not {mode!r}{where()}."
        )

    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, args, kwargs, Choice(f, argnums))
        outs, rebuild = flatten(run.result)
        check_recorded(run, outs)
        run.look_around(outs)
        check_room(run, outs)
        if check_one_field(run, outs) == "complex":
            check_holomorphic(run, outs)
        entries_out = sum(np.size(out) for out in outs)
        entries_in = sum(v.size for v in run.variables)
        forward = mode == "forward" or (mode == "auto" and entries_in < entries_out)
        rows = (forward_rows if forward else reverse_rows)(run, outs)
        return rebuild([run.rebuild(row) for row in rows])

    return jacobian_of


def check_room(run: Run, outs: list[Any]) -> None:
    """Refuse a matrix that the memory has no room for, before its first row is computed."""
    for shape, v in ((np.shape(out), v) for out in outs for v in run.variables):
        size = math.prod(shape) * v.size * v.dtype.itemsize
        if size > LARGE:
            try:
                np.empty(size, np.uint8)
            except MemoryError:
                raise TooLargeError(
                    f"the derivatives of {shape} entries by {v.shape} would make an array of shape "
                    f"{(*shape, *v.shape)} {v.dtype}, {amount_of(size)}{where()}. Use products "
                    "with it: vjp, jvp, hvp; or elementwise_grad for a function of entries."
                ) from None


def check_one_field(run: Run, outs: list[Any]) -> str:
    """Return whether all is "real" or "complex".

    Real arguments with complex results are refused, and the reverse: no one matrix describes them.
    """
    kinds = {np.iscomplexobj(values(x)) for x in (*run.variables, *outs)}
    if len(kinds) > 1:
        raise ArgumentError(
            f"jacobian: some of the arguments and results are complex and some are not{where()}. "
            "Take np.real and np.imag of them, and their Jacobians."
        )
    return "complex" if True in kinds else "real"


def check_holomorphic(run: Run, outs: list[Any]) -> None:
    """Refuse a complex function whose derivative along i t is not i times that along t.

    It has no complex derivative, and two real Jacobians in place of one complex matrix. One
    direction without symmetry tells; while it is compiled, at the arguments of this call.
    """
    random = np.random.default_rng(0)
    ts = [random.normal(size=v.shape) + 1j * random.normal(size=v.shape) for v in run.variables]
    along = push(run, outs, [t.astype(v.dtype) for t, v in zip(ts, run.variables, strict=True)])
    turned = push(
        run, outs, [(1j * t).astype(v.dtype) for t, v in zip(ts, run.variables, strict=True)]
    )
    for a, b in zip(values(along), values(turned), strict=True):
        tiny = np.sqrt(np.finfo(np.asarray(a).dtype).eps) * np.max(np.abs(a), initial=0)
        if np.any(np.abs(1j * a - b) > tiny):
            raise ArgumentError(
                f"jacobian: the function is not holomorphic{where()}: it has no complex "
                "derivative. Take the Jacobians of its real and imaginary part by those of z."
            )


def reverse_rows(run: Run, outs: list[Any]) -> list[list[Any]]:
    """Return [output][input] Jacobian blocks, by a reverse sweep for each output entry."""
    rows = []
    for out in outs:
        sweeps = for_units(out, partial(run.pull, out)) if tracked(out) else None
        rows.append([
            block(run, sweeps and sweeps[k], np.shape(out), v) for k, v in enumerate(run.variables)
        ])  # fmt: skip
    return rows


def forward_rows(run: Run, outs: list[Any]) -> list[list[Any]]:
    """Return [output][input] Jacobian blocks, by a forward sweep for each input entry."""
    columns = []
    for k, v in enumerate(run.variables):
        sweeps = for_units(v, partial(moved, run, outs, k))
        columns.append(sweeps and [np.moveaxis(x, 0, -1) for x in sweeps])
    return [
        [
            block(run, sweeps and sweeps[i], np.shape(out), v)
            for sweeps, v in zip(columns, run.variables, strict=True)
        ]
        for i, out in enumerate(outs)
    ]


def moved(run: Run, outs: list[Any], k: int, t: Any) -> list[Any]:
    """Return the tangents of the outputs where input k moves along t and no other moves."""
    ts = [np.zeros(v.shape, v.dtype) for v in run.variables]
    return push(run, outs, [*ts[:k], t, *ts[k + 1 :]])


def for_units(v: Any, sweep: Callable[[Any], list[Any]]) -> list[Any] | None:
    """Return what a sweep gives for the unit arrays of the shape of v, stacked; None of no entries.

    A compiled program has a loop of many sweeps.
    """
    if not v.size:
        return None
    trace = tracing()
    if trace is not None and not trace.decides and v.size > MANY:
        from .compile.scan import scan

        units = np.eye(v.size, dtype=v.dtype).reshape(-1, *v.shape)
        return scan(lambda _, unit: ((), sweep(unit)), (), units)[1]  # type: ignore[no-any-return]
    return [np.stack(found) for found in zip(*map(sweep, basis(v)), strict=True)]


def basis(v: Any) -> Iterator[Any]:
    """Yield the unit arrays of the shape of v, one for each entry."""
    for i in range(v.size):
        unit = np.zeros(v.size, v.dtype)
        unit[i] = 1
        yield unit.reshape(v.shape)[()]


def block(run: Run, sweeps: Any, out_shape: tuple[int, ...], v: Any) -> Any:
    """Return what sweeps gave of one output and one input as an array of both their axes."""
    shape = (*out_shape, *v.shape)
    found = np.zeros(shape, v.dtype) if sweeps is None else np.reshape(sweeps, shape)
    if run.lifted:
        return found if isinstance(found, Tensor) else Tensor(found)
    return np.array(found)


@suggesting
def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that gives the second derivatives of a scalar function.

    The Jacobian of the gradient: for an argument of shape n it returns an array of shape n + n.

    Examples
    --------
    >>> mg.hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(grad(f, argnums), argnums)

"""One run of a function on variables, which every transform starts with. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import Chosen
from .conversions import as_data, check_differentiable
from .errors import ArgumentError, where
from .graph import leaf, order_of
from .modes import current, running
from .record import FLOAT64, new
from .sweeps import cotangents
from .tensor import Tensor
from .tree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable

    from .arguments import Argnums


class Run:
    """One run of a function on variables: what every transform starts with."""

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: dict[str, Any], argnums: Argnums
    ) -> None:
        chosen = Chosen(f, args, kwargs, argnums)
        self.inputs, self.rebuild = flatten(chosen.values)
        inside = running.get() is not None
        self.lifted = inside or True in [tracked(x) for x in self.inputs]
        self.variables = [variable(x) for x in self.inputs]
        args, kwargs = chosen.replaced(self.rebuild(self.variables))
        self.exits: list[str] = []
        token, mode = running.set(self.exits), current.get()
        recording = mode and current.set(mode._replace(recording=True))
        try:
            self.result = f(*args, **kwargs)
        finally:
            running.reset(token)
            if recording is not None:
                current.reset(recording)

    @property
    def kind(self) -> type | None:
        """The type on which the derivatives run: Tensors, or None for arrays."""
        return Tensor if self.lifted else None

    def pull(self, out: Any, g: Any) -> list[Any]:
        """Return for each input the cotangent that g, that of ``out``, gives it; fresh arrays."""
        found: dict[int, Any] = {}
        if isinstance(out, Tensor) and out._node is not None and self.variables:
            oldest = order_of(self.variables[0]._node)
            for node, q in cotangents(out._node, g, self.kind, oldest):
                found[order_of(node)] = q
        given = [found.get(order_of(v._node)) for v in self.variables]
        if self.lifted:
            return [self.lifted_gradient(v, q) for v, q in zip(self.variables, given, strict=True)]
        taken: set[int] = {id(g)}
        return [
            fresh(x, v, q, taken)
            for x, v, q in zip(self.inputs, self.variables, given, strict=True)
        ]

    def lifted_gradient(self, v: Tensor, g: Any) -> Tensor:
        """Return a gradient as a Tensor; zeros if nothing depends on v."""
        if g is None:
            return Tensor(np.zeros(v.shape, v.dtype))
        return g if isinstance(g, Tensor) else Tensor(g)

    def value(self, out: Any) -> Any:
        """Return a result as the caller gets it: arrays, or Tensors if lifted."""
        if self.lifted or not isinstance(out, Tensor):
            return out
        return out._data.copy() if isinstance(out._data, np.ndarray) else out._data

    def values(self, tree: Any) -> Any:
        """Return a tree of results as the caller gets it."""
        leaves, rebuild = flatten(tree)
        return rebuild([self.value(x) for x in leaves])


def fresh(x: Any, v: Tensor, g: Any, taken: set[int]) -> Any:
    """Return a gradient as its input's kind, an array or a number, that nothing else holds."""
    if g is None:
        g = np.zeros(v.shape, v.dtype)
    if not isinstance(x, np.ndarray | Tensor):
        return np.asarray(g)[()]
    if type(g) is not np.ndarray or g.base is not None or id(g) in taken:
        return np.array(g)
    taken.add(id(g))
    return g


def tracked(x: Any) -> bool:
    """Tell whether x is a Tensor that requires a gradient."""
    return isinstance(x, Tensor) and x._node is not None


def variable(x: Any) -> Tensor:
    """Return a Tensor to differentiate with respect to; linked to x if x is itself tracked."""
    if tracked(x):
        return +x  # type: ignore[no-any-return]
    t: Tensor = new(Tensor)
    if type(x) is np.ndarray and x.dtype is FLOAT64 and x.ndim:
        t._data = x.copy()
    else:
        t._data = as_data(x._data if isinstance(x, Tensor) else x)
        check_differentiable(t._data)
    t._cell, t._name = [], x._name if isinstance(x, Tensor) else None
    t._node = leaf(t._cell)
    return t


def split_aux(run: Run, has_aux: bool) -> tuple[Any, Any]:
    """Return the scalar and the auxiliary result."""
    if not has_aux:
        return run.result, None
    if not (isinstance(run.result, tuple) and len(run.result) == 2):
        raise ArgumentError(
            f"has_aux=True: f must return (scalar, aux), it returned {said(run.result)}{where()}."
        )
    return run.result


def said(out: Any) -> str:
    """Return what a function returned, in words."""
    if isinstance(out, list | tuple):
        return f"a {type(out).__name__} of {len(out)}"
    if isinstance(out, Tensor):
        return f"a Tensor of shape {out.shape}"
    return f"a {type(out).__name__}"


def check_scalar(run: Run, out: Any) -> None:
    """Refuse a result that has no gradient."""
    if out is None:
        raise ArgumentError(f"f returned None: is a return statement missing?{where()}")
    if isinstance(out, Tensor):
        data = out._data
    else:
        check_recorded(run, flatten(out)[0])
        data = None if isinstance(out, list | tuple | dict) else np.asarray(out)
    if data is None or data.size != 1:
        raise ArgumentError(
            f"f must return a scalar; it returned {said(out)}{where()}. Return one (np.sum?), "
            "use has_aux=True for a second result, or vjp or jacobian for several."
        )
    if data.dtype.kind == "c":
        raise ArgumentError(
            f"f must return a real scalar; it returned {out.dtype}{where()}. Take np.real(...) or "
            "np.abs(...)**2 of it, or use vjp."
        )


def check_recorded(run: Run, outs: list[Any]) -> None:
    """Refuse a plain result of a function that took a value out of the graph."""
    for out in outs:
        if not isinstance(out, Tensor) and run.exits:
            raise ArgumentError(
                f"f returned a plain {type(out).__name__} that does not depend on the Tensors: "
                f"inside, {run.exits[0]} took a value out of the graph{where()}. "
                "Use NumPy functions on the Tensor itself."
            )

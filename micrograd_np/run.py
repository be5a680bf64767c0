"""One run of a function on variables, which every transform starts with. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import check_ran, replaced
from .calls.handle import FLOAT64, new, variable_node
from .errors import ArgumentError, DtypeError, GraphError, MicrogradError, where
from .graph import ARGUMENT, ORDER, Parts, history, is_argument, is_leaf, order_of
from .modes import current, recording_all, running
from .protocols.conversions import as_data, check_differentiable
from .sweeps.reverse import cotangents
from .tensor import Tensor
from .tree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable

    from .arguments import Choice
    from .graph import Node


class Run:
    """One run of a function on variables: what every transform starts with."""

    __slots__ = ("exits", "inputs", "lifted", "nodes", "rebuild", "result", "variables")

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: dict[str, Any], choice: Choice
    ) -> None:
        keys = choice.keys(args, kwargs)
        chosen = tuple([kwargs[key] if type(key) is str else args[key] for key in keys])
        self.inputs, self.rebuild = flatten(chosen[0] if choice.single else chosen)
        inside = running.get() is not None
        self.lifted = inside or any(tracked(x) for x in self.inputs if type(x) is Tensor)
        self.variables = [variable(x) for x in self.inputs]
        self.nodes = [v._node for v in self.variables]  # f may rebind the handles in place
        values = self.rebuild(self.variables)
        args, kwargs = replaced(args, kwargs, keys, (values,) if choice.single else values)
        self.exits: list[str] = []
        noting, mode = running.get(), current.get()
        begun = mode and recording_all(mode)
        try:  # an interrupt may come at any time: nothing is set outside
            running.set(self.exits)
            if mode is not None:
                current.set(begun)
            self.result = called(f, args, kwargs)
            check_closed(begun)
        finally:
            running.set(noting)
            if mode is not None or current.get() is not None:
                current.set(mode)

    @property
    def kind(self) -> type | None:
        """The type on which the derivatives run: Tensors, or None for arrays."""
        return Tensor if self.lifted else None

    def swept(self, out: Any, g: Any) -> list[Any]:
        """Return for each input the cotangent that g, that of ``out``, gives it; None if none."""
        found: dict[int, Any] = {}
        if isinstance(out, Tensor) and out._node is not None and self.variables:
            older: list[Node] = []
            oldest = self.nodes[0][ORDER]
            sweep = cotangents(out._node, g, self.kind, oldest, on_older=older.append)
            if older and not self.lifted:
                self.look_around([out])
                sweep = cotangents(out._node, g, Tensor, oldest) if self.lifted else sweep
            found = {node[ORDER]: q for node, q in sweep}
        return [found.get(node[ORDER]) for node in self.nodes]

    def look_around(self, outs: list[Any]) -> None:
        """Note whether f closes over a Tensor that requires a gradient: derivatives have one, too.

        A sweep by itself tells as well, and only what needs to know before it asks here.
        """
        mode, roots = current.get(), [out._node for out in outs if tracked(out)]
        if self.lifted or not (roots and self.nodes) or (mode is not None and mode.off):
            return
        oldest = self.nodes[0][ORDER]
        if any(order_of(x) > oldest for x in history(*roots, until=oldest)):
            ends = [x for x in history(*roots) if is_leaf(x) and order_of(x) > oldest]
            self.lifted = not all(map(is_argument, ends))  # of a run that is over

    def pull(self, out: Any, g: Any) -> list[Any]:
        """Return the same as fresh arrays, of zeros for none."""
        gradients: list[Any] = []
        taken = set(map(id, g.values() if type(g) is Parts else [g]))
        for x, v, q in zip(self.inputs, self.variables, self.swept(out, g), strict=True):
            if self.lifted:
                gradients.append(self.lifted_gradient(v, q))
            elif type(q) is np.ndarray and type(x) is np.ndarray and q.base is None:
                gradients.append(q.copy() if id(q) in taken else q)
                taken.add(id(q))
            else:
                gradients.append(fresh(x, v, q))
        return gradients

    def lifted_gradient(self, v: Tensor, g: Any) -> Tensor:
        """Return a gradient as a Tensor; zeros if nothing depends on v."""
        if g is None:
            return Tensor(np.zeros(v.shape, v.dtype))
        return g if isinstance(g, Tensor) else Tensor(g)

    def value(self, out: Any) -> Any:
        """Return a result as the caller gets it: arrays, or Tensors if lifted."""
        if self.lifted or not isinstance(out, Tensor):
            return out
        return out._value.copy() if isinstance(out._value, np.ndarray) else out._value

    def values(self, tree: Any) -> Any:
        """Return a tree of results as the caller gets it."""
        leaves, rebuild = flatten(tree)
        return rebuild([self.value(x) for x in leaves])


def called(f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Return what f returns; raise an error of ours that compiled code hides behind its own."""
    try:
        return f(*args, **kwargs)
    except SystemError as error:  # SciPy's root finders go on after an error
        hidden = error.__cause__
        if not isinstance(hidden, MicrogradError):
            raise
        error.__cause__ = error.__context__ = None  # no circle of the two
        raise hidden from None


def check_closed(begun: Any) -> None:
    """Refuse that f leaves a `with` open that changes what is recorded: gradients would be lost."""
    if current.get() is not begun:
        raise GraphError(
            f"f left a `with mg.no_grad()` or the like open, or closed one that it did not "
            f"open{where()}; gradients would be lost. Is it a generator that waits inside? Let it "
            "run to its end in f, or write the `with` around what is computed between its yields."
        )


def fresh(x: Any, v: Tensor, g: Any) -> Any:
    """Return a gradient as its input's kind, an array or a number, that nothing else holds."""
    g = np.zeros(v.shape, v.dtype) if g is None else np.array(g)
    return g if isinstance(x, np.ndarray | Tensor) else g[()]


def tracked(x: Any) -> bool:
    """Tell whether x is a Tensor that requires a gradient."""
    return type(x) is Tensor and x._node is not None


def variable(x: Any) -> Tensor:
    """Return a Tensor to differentiate with respect to; linked to x if x is itself tracked."""
    name = None
    if type(x) is np.ndarray and x.dtype is FLOAT64 and x.ndim:
        data = x.copy()
    else:
        if type(x) is Tensor:
            if x._node is not None:
                check_differentiable(x._value)  # in a trace integers have a node, too
                return +x  # type: ignore[no-any-return]
            data, name = x._value, x._name
        elif isinstance(x, str | bool):
            raise no_parameter(x)
        else:
            data = as_data(x)
        check_differentiable(data)
    t: Tensor = new(Tensor)
    t._value, t._name, t._node = data, name, variable_node(data, ARGUMENT)
    return t


def no_parameter(x: Any) -> DtypeError:
    """Return the error for a setting that stands among the parameters."""
    return DtypeError(
        f"{x!r} is no number, and everything in an argument is differentiated by: each entry of "
        f"a list or dict, each field of a dataclass{where()}. Pass it as an argument of its own, "
        "or declare the field as a ClassVar."
    )


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
        data = out._value
    else:
        check_recorded(run, flatten(out)[0])
        data = None if isinstance(out, list | tuple | dict) else np.asarray(out)
    if data is None or data.size != 1 or data.dtype.kind not in "biufc":
        raise ArgumentError(
            f"f must return a scalar; it returned {said(out)}{where()}. Return one (np.sum?), "
            "use has_aux=True for a second result, or vjp or jacobian for several."
        )
    if isinstance(out, Tensor) and data.dtype.kind in "biu":
        raise ArgumentError(
            f"f must return a float; it returned {data.dtype}{where()}: a count, a position or a "
            "comparison does not change with what it is made of. Take a smooth stand-in, "
            "mg.nn.sigmoid(x) for x > 0, or astype(float) if gradient 0 is meant."
        )
    if data.dtype.kind == "c":
        raise ArgumentError(
            f"f must return a real scalar; it returned {out.dtype}{where()}. Take np.real(...) or "
            "np.abs(...)**2 of it, or use vjp."
        )


def check_recorded(run: Run, outs: list[Any]) -> None:
    """Refuse no result, and a plain one of a function that took a value out of the graph."""
    if run.result is None:
        raise ArgumentError(f"f returned None: is a return statement missing?{where()}")
    for out in outs:
        if isinstance(out, Tensor):
            continue
        check_ran(out)
        if run.exits:
            raise ArgumentError(
                f"f returned a plain {type(out).__name__} that does not depend on the Tensors: "
                f"inside, {run.exits[0]} took a value out of the graph{where()}. "
                "Use NumPy functions on the Tensor itself."
            )

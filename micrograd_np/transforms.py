"""Derivatives of functions: grad, vjp, jvp, jacobian, hessian, hvp. Floor 9.

Each transform runs the function on variables, which records a graph, and sweeps over that graph.
Arrays in, arrays out. Inside another transform, or when an input is a Tensor that requires a
gradient, the sweep runs the derivatives on Tensors: they are recorded too, so transforms nest to
any order. A variable made of a Tensor is an operation on it, younger than all its history, and the
sweep stops there: an inner derivative never mixes with an outer one.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import Choice, are_several, as_tuple, check_function, suggesting
from .calls.handle import handle, result
from .calls.outputs import joined
from .errors import ArgumentError, GraphError, ShapeError, user_frame, where
from .graph import Node, Parts, is_leaf, order_of
from .modes import current, running
from .run import Run, check_recorded, check_scalar, said, split_aux, tracked
from .sweeps.backward import one_for, seed_of
from .sweeps.forward import tangents_of
from .sweeps.reverse import cotangents
from .tensor import Tensor
from .tree import flatten, leaves_like

if TYPE_CHECKING:
    from collections.abc import Callable

    from .arguments import Argnums


@suggesting
def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that gives both the value of ``f`` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a real scalar (one entry, any shape); with ``has_aux`` a pair (scalar, anything).
    argnums : int, str, or a tuple of them
        Which arguments to differentiate with respect to, by position or name.
    has_aux : bool
        Whether f also returns something that is not differentiated.

    Returns
    -------
    callable
        With f's arguments. It returns (value, gradient), or ((value, aux), gradient). A gradient
        has the shape and dtype of its argument, whose trees of parameters it follows; for a tuple
        of argnums there is a tuple of gradients.

    Raises
    ------
    ArgumentError
        If f is no function, lacks such an argument, or does not return a scalar.
    DtypeError
        If an argument holds integers.

    Notes
    -----
    Complex arguments get du/dx - i du/dy, as in JAX and HIPS autograd. Where an argument, or what f
    closes over, is a Tensor that requires a gradient, so are the results: a penalty on a gradient
    reaches the weights.

    Examples
    --------
    >>> value, g = mg.value_and_grad(lambda w: np.sum(w**2))(np.array([1.0, 2.0]))
    >>> float(value), g
    (5.0, array([2., 4.]))
    """
    check_function(f, "value_and_grad")
    choice = Choice(f, argnums)

    @wraps(f, assigned=("__doc__",), updated=())
    def with_grad(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, args, kwargs, choice)
        out, aux = split_aux(run, has_aux)
        check_scalar(run, out)
        grads = run.rebuild(run.pull(out, one_for(out)))
        value = run.value(out)
        return ((value, run.values(aux)) if has_aux else value), grads

    return with_grad


@suggesting
def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the gradient of ``f``; see `value_and_grad`.

    Returns
    -------
    callable
        With f's arguments; returns the gradient, or (gradient, aux) with ``has_aux``.

    Examples
    --------
    >>> mg.grad(np.tanh)(0.0)
    np.float64(1.0)
    >>> mg.grad(mg.grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> mg.grad(lambda x, w, b: np.sum(w * x + b), argnums=("w", "b"))(2.0, 3.0, 1.0)
    (np.float64(2.0), np.float64(1.0))
    """
    check_function(f, "grad")
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f, assigned=("__doc__",), updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, grads = both(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return gradient


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Return ``f(*primals)`` and the function that pulls cotangents back through it.

    Parameters
    ----------
    f : callable
        Of the primals; may return an array or a tree of arrays.
    *primals : array_like, or trees of them, float or complex

    Returns
    -------
    out : array or tree of arrays
    pull : callable
        Takes a cotangent with the structure and shapes of ``out``, returns a tuple with one
        cotangent for each primal. It may be called many times.

    Raises
    ------
    ShapeError
        If a cotangent has another shape than the output.

    Examples
    --------
    >>> out, pull = mg.vjp(np.sin, np.array([0.0, np.pi]))
    >>> pull(np.array([1.0, 1.0]))
    (array([ 1., -1.]),)
    """
    check_function(f, "vjp")
    run = Run(f, primals, {}, Choice(f, tuple(range(len(primals)))))
    outs, rebuild = flatten(run.result)
    check_recorded(run, outs)
    run.look_around(outs)

    def pull(cotangent: Any) -> tuple[Any, ...]:
        gs, _ = flatten(cotangent)
        if len(gs) != len(outs):
            raise ShapeError(f"vjp: {len(gs)} cotangents for {len(outs)} outputs{where()}.")
        gs = leaves_like("vjp", run.result, cotangent)
        pairs = [(out, g) for out, g in zip(outs, gs, strict=True) if tracked(out)]
        run.lifted = run.lifted or running.get() is not None or any(tracked(g) for _, g in pairs)
        seeds = [seed_of(out, g, run.lifted) for out, g in pairs]
        if len(pairs) < 2:
            found = run.pull(pairs[0][0], seeds[0]) if pairs else run.pull(None, None)
        else:
            together = result(Tensor, None)
            together._node = joined([out._node for out, _ in pairs])
            found = run.pull(together, Parts(enumerate(seeds)))
        return run.rebuild(found)  # type: ignore[no-any-return]

    return rebuild([run.value(out) for out in outs]), pull


def jvp(f: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
    """Return ``f(*primals)`` and its derivative in the direction of ``tangents``.

    Parameters
    ----------
    f : callable
        Of the primals; may return an array or a tree of arrays.
    primals, tangents : tuple of array_like, or of trees, of the same shapes

    Returns
    -------
    out, tangent_out : arrays or trees of one structure

    Raises
    ------
    ShapeError
        If a tangent has another shape than its primal.

    Examples
    --------
    >>> mg.jvp(lambda x: x**2, (3.0,), (1.0,))
    (np.float64(9.0), np.float64(6.0))
    """
    return pushed(f, primals, tangents, "jvp")


def pushed(f: Callable[..., Any], primals: Any, tangents: Any, caller: str) -> tuple[Any, Any]:
    """Return what jvp returns, refusing tangents that do not fit in the name of what was called."""
    check_function(f, caller)
    primals, tangents = as_tuple(primals), as_tuple(tangents)
    run = Run(f, primals, {}, Choice(f, tuple(range(len(primals)))))
    outs, rebuild = flatten(run.result)
    check_recorded(run, outs)
    run.look_around(outs)
    ts = direction(run, primals, tangents, caller)
    run.lifted = run.lifted or any(map(tracked, ts))
    moved = push(run, outs, ts)
    return rebuild([run.value(out) for out in outs]), rebuild(moved)


def direction(run: Run, primals: Any, tangents: Any, caller: str) -> list[Any]:
    """Return the tangent of each variable, checked against it."""
    ts, _ = flatten(tangents)
    if len(ts) != len(run.variables):
        raise ShapeError(f"{caller}: {len(ts)} tangents for {len(run.variables)} primals{where()}.")
    ts = leaves_like(caller, primals, tangents)
    checked = []
    for v, t in zip(run.variables, ts, strict=True):
        data = t if isinstance(t, Tensor) else np.asarray(t)
        if data.shape != v.shape:
            raise ShapeError(
                f"{caller}: a tangent has shape {data.shape}, its primal {v.shape}{where()}. "
                "They must be the same."
            )
        checked.append(data.astype(v.dtype) if data.dtype != v.dtype else data)
    return checked


def push(run: Run, outs: list[Any], ts: list[Any]) -> list[Any]:
    """Return the tangent of each output, fresh, given those of the variables."""
    start = {order_of(node): t for node, t in zip(run.nodes, ts, strict=True)}
    roots = [out._node for out in outs if tracked(out)]
    found = iter(tangents_of(roots, start, Tensor, run.lifted))
    moved: list[Any] = []
    for out in outs:
        t = next(found) if tracked(out) else None
        if t is None:
            t = np.zeros(np.shape(out), getattr(out, "dtype", float))
        if run.lifted:
            moved.append(t if isinstance(t, Tensor) else Tensor(t))
        else:
            moved.append(np.array(t)[()] if not np.ndim(t) else np.array(t))
    return moved


def hvp(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """Return the Hessian of a scalar function times a vector, without forming the Hessian.

    Parameters
    ----------
    f : callable
        Of the primals; returns a real scalar.
    primals, tangents : array_like, or tuples of them (or of trees) of the same shapes

    Returns
    -------
    array, or tuple of arrays if ``primals`` is a tuple

    Notes
    -----
    Forward over reverse: the tangent of the gradient (Pearlmutter 1994).

    Examples
    --------
    >>> mg.hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    check_function(f, "hvp")
    several = are_several(primals)
    argnums: Argnums = tuple(range(len(primals))) if several else 0
    return pushed(grad(f, argnums), primals, tangents, "hvp")[1]


@suggesting
def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that gives the derivative of each entry of ``f`` by its own input entry.

    For functions of entries: it is the gradient of the sum of the outputs.

    Examples
    --------
    >>> mg.elementwise_grad(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """
    check_function(f, "elementwise_grad")

    def summed(*args: Any, **kwargs: Any) -> Any:
        return np.sum(f(*args, **kwargs))

    summed.__wrapped__ = f  # type: ignore[attr-defined]
    return grad(summed, argnums)


@suggesting
def gradients(
    outputs: Any, inputs: Any, cotangents_: Any = None, allow_unused: bool = False
) -> Any:
    """Return the gradients of a graph already built, without touching any ``.grad``.

    Parameters
    ----------
    outputs : Tensor
        A real scalar, or anything with ``cotangents_`` of its shape.
    inputs : Tensor or tree of Tensors
        Any Tensors of the graph, intermediate ones too.
    allow_unused : bool
        Whether an input that the output does not depend on gets zeros instead of an error.

    Returns
    -------
    Tensor or tree of Tensors
        They have gradients of their own, so that a penalty on a gradient reaches the weights;
        under `no_grad` they are constants, found faster.

    Raises
    ------
    GraphError
        If an input is not in the graph; the message lists the named variables that are.

    Examples
    --------
    >>> x = mg.Tensor(3.0, requires_grad=True)
    >>> z = x * x
    >>> mg.gradients(z + z, [x, z])
    [Tensor(12., requires_grad=True), Tensor(2.)]
    """
    if not tracked(outputs):
        raise GraphError(f"gradients: the output requires no gradient{where()}.")
    wanted, rebuild = flatten(inputs)
    for t in wanted:
        if not isinstance(t, Tensor):
            raise ArgumentError(
                f"gradients: inputs are Tensors of the graph, got {said(t)}{where()}. "
                "For arguments of a function: mg.grad(f)(x)."
            )
    mode = current.get()
    lifted = mode is None or not mode.off
    found: dict[int, tuple[Node, Any]] = {}
    sweep = cotangents(
        outputs._node, seed_of(outputs, cotangents_, lifted), Tensor if lifted else None
    )
    for node, g in sweep:
        found[order_of(node)] = node, g
    results = []
    for t in wanted:
        hit = found.get(order_of(t._node)) if tracked(t) else None
        if hit is None and not allow_unused:
            raise GraphError(not_in_graph(t, outputs, [node for node, _ in found.values()]))
        g = np.zeros(t.shape, t.dtype) if hit is None else hit[1]
        results.append(handle(g) if isinstance(g, Tensor) else Tensor(g))
    return rebuild(results)


def not_in_graph(t: Any, outputs: Tensor, nodes: list[Node]) -> str:
    """Return the message for an input that the output does not depend on."""
    from .views.names import look_around

    name = f" {t._name!r}" if isinstance(t, Tensor) and t._name else ""
    known = look_around(nodes, outputs, user_frame(), {}).nodes
    names = [known[order_of(node)] for node in nodes if is_leaf(node) and order_of(node) in known]
    variables = f": its variables are {', '.join(map(repr, names[:10]))}" if names else ""
    return (
        f"gradients: the input{name} is not in the graph of the output{variables}{where()}. "
        "Pass allow_unused=True for zeros."
    )

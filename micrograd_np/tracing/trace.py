"""Tracing: a function is run once, and what it does becomes a program. Floor 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import check_ran, parameter_names, title
from ..calls.handle import Handle, handle, result
from ..calls.operands import handles
from ..graph import ORDER, history, leaf
from ..modes import Mode, current, mode_now, running
from ..plan import spec_of
from ..protocols.conversions import STATICALLY
from ..tensor import Tensor
from ..tree import branches, flatten
from .program import Input, Program, of_graph
from .recorder import Trace

if TYPE_CHECKING:
    from collections.abc import Callable


def trace(f: Callable[..., Any], *args: Any, careful: bool = False) -> Program:
    """Return the program of ``f``, for arguments of these shapes and dtypes.

    Parameters
    ----------
    f : callable
        Of trees of arrays and numbers. It is run once, on these arguments.
    *args : trees
        Arrays, Tensors and numbers in them become inputs; anything else stays as it is.

    Raises
    ------
    TracingError
        If f asks for a value that will only be known when the program runs.
    """
    return traced(f, args, careful).program


class Traced(NamedTuple):
    """A program, and the Tensors of an outer trace that it reads: inputs after the arguments.

    ``arguments`` and ``results`` are Tensors of the recording that it was made from.
    """

    program: Program
    captured: list[Any]
    arguments: list[Any]
    results: list[Any]
    recording: Trace


def traced(f: Callable[..., Any], args: tuple[Any, ...], careful: bool = False) -> Traced:
    """Return the program of ``f`` for these arguments, and what else it reads."""
    leaves, rebuild = flatten(args)
    recording = Trace(careful)
    tensors, arguments, inputs = [], [], {}
    for x, name in zip(leaves, input_names(f, args), strict=True):
        t, given = traced_input(x, recording, name)
        tensors.append(t)
        if given is not None:
            inputs[t._node[ORDER]] = given
            arguments.append(handle(t))
    try:
        out = run(f, rebuild(tensors), recording)
        outs, grow = flatten(out)
        recording.changes.check(outs)
    except BaseException:
        recording.changes.give_back()
        raise
    for x in outs:
        check_ran(x, title(f))
    results = [recording.constant(x) for x in outs]
    for x in handles(results):
        recording.value(x)  # it may be of an outer trace
    program = of_graph(
        results,
        inputs,
        values={order: recording.value(t) for order, t in recording.outside.items()},
        numbers=recording.numbers,
        constants=recording.leaves,
        rebuild=grow,
        checks=recording.checks,
        until=recording.start,
        silent=recording.silent,
    )
    roots = [x._node for x in (*results, *recording.checks) if isinstance(x, Handle)]
    past = history(*[node for node in roots if node is not None], until=recording.start)
    found = [node[ORDER] for node in past if node[ORDER] > recording.start]
    captured = [recording.outside[order] for order in found]
    return Traced(program, captured, arguments, results, recording)


def run(f: Callable[..., Any], args: Any, recording: Trace) -> Any:
    """Run a function while a trace records."""
    outer = mode_now()
    mode = Mode(recording=False, scope=outer and outer.scope, outer=outer, trace=recording)
    token, noting = current.set(mode), running.set(recording.exits)
    try:
        with np.errstate(all="ignore"):  # the values are examples; the program itself will warn
            return f(*args)
    except TypeError as error:
        # np.zeros(n), and "%f" % x since Python 3.15, put it in words of their own
        if "got 'Traced<" in str(error) or "not micrograd_np.tensor.Tensor" in str(error):
            error.add_note(f"in a function that is compiled. {STATICALLY}")
        raise
    finally:
        current.reset(token)
        running.reset(noting)


def input_names(f: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Return what the leaves of the arguments are called: ``w``, or ``p_w`` for p["w"]."""
    names = parameter_names(f)
    found: list[str] = []
    stack = [(names[i] if i < len(names) else f"x{i}", x) for i, x in enumerate(args)][::-1]
    while stack:
        name, x = stack.pop()
        children, join = branches(x)
        if join is None and x is not None:
            found.append(name)
        stack += [(f"{name}_{key}", y) for key, y in zip(keys(x), children, strict=False)][::-1]
    return found


def keys(branch: Any) -> list[Any]:
    """Return what the children of a branch are called: keys, fields or numbers."""
    if isinstance(branch, dict):
        return list(branch)
    if hasattr(branch, "__dataclass_fields__"):
        return [name for name, field in branch.__dataclass_fields__.items() if field.init]
    return list(getattr(branch, "_fields", range(len(branches(branch)[0]))))


def traced_input(x: Any, recording: Trace, name: str) -> tuple[Any, Input | None]:
    """Return a leaf of the arguments as the function gets it, and the input that it is."""
    number = type(x) in (int, float, complex)
    if not number and not isinstance(x, np.ndarray | np.generic | Handle):
        return x, None
    data = x._value if isinstance(x, Handle) else np.array(x)[()]
    if data.dtype.kind not in "biufc":
        return x, None
    t = result(Tensor, data)
    t._name = (x._name if isinstance(x, Handle) else None) or name
    t._node = leaf(spec_of(data))
    if number:
        recording.numbers[t._node[ORDER]] = x
    return t, Input(t._name, data.shape, type(x) if number else data.dtype)

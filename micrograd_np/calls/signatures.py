"""The arguments of a call, told apart: operands, parameters and ``out``. Floor 4."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import DetachError, NoRuleError, unknown_argument, where
from ..modes import tracing
from ..rule import Rule
from .operands import handles, owned, unwrap, values

HARMLESS = frozenset({"dtype", "casting", "subok", "copy", "device", "optimize"})


@lru_cache(512)  # NumPy's functions and ours; inspect takes longer than most operations
def signature(function: Any) -> tuple[str, ...]:
    """Return the names of a function's parameters, in order."""
    return tuple(described(function))


def described(function: Any) -> Any:
    """Return the parameters of a function; none of what C does not tell."""
    try:
        return inspect.signature(function).parameters
    except ValueError:
        return {}


def parameters(function: Any) -> tuple[str, ...]:
    """Return the names of a function's parameters; none of a ufunc before NumPy 2.4."""
    return () if isinstance(function, np.ufunc) else signature(function)


def place_of_out(function: Any) -> int:
    """Return at which position a function takes ``out``; one beyond all if it has none."""
    known = {} if isinstance(function, np.ufunc) else described(function)
    places = [name for name, p in known.items() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    return places.index("out") if "out" in places else 99


def take_out(place: int, args: Any, kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Take ``out`` from the arguments, wherever it stands."""
    out = kwargs.pop("out", None) if kwargs else None
    if len(args) > place:
        out, args = args[place], (*args[:place], None, *args[place + 1 :])
    return out, args


def bind(rule: Rule, count: int, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Split the arguments of a call into the operands and the parameters, by name."""
    if len(args) == count:
        return args, kwargs
    names = signature(rule.function)
    named = dict(zip(names[count:], args[count:], strict=False))
    if len(args) > len(names) or named.keys() & kwargs.keys():
        rule.forward(*values(args), **values(kwargs))  # NumPy words its own TypeError
        raise NoRuleError(f"{rule.name} of several arrays at once{where()}: call it for each.")
    try:
        rest = [kwargs.pop(name) for name in names[len(args) : count]]
    except KeyError as missing:
        raise TypeError(f"{rule.name}() misses its argument {missing}{where()}") from None
    return (*args[:count], *rest), {**named, **kwargs}


def rearranged(rule: Rule, _: int, args: Any, kwargs: dict[str, Any]) -> Any:
    """Return the operands and the parameters as the rule's own signature arranges them."""
    assert rule.arguments is not None
    try:
        return rule.arguments(*args, **kwargs)
    except TypeError:
        known = signature(rule.function)
        for name in kwargs.keys() - set(known):
            raise unknown_argument(rule.name, name, known) from None
        raise


def checked(rule: Rule, operands: Any, params: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the operands and the parameters of a call as NumPy takes them, if all are known.

    What is rounded to integers is piecewise constant, and so are its operands.
    """
    params = {name: constant_parameter(rule.name, name, value) for name, value in params.items()}
    check_params(rule, params)
    if params.get("dtype") is not None and np.dtype(params["dtype"]).kind not in "fc":
        operands = unwrap(tuple(operands))
    return operands, params


def constant_parameter(function: str, name: str, value: Any) -> Any:
    """Return an argument as NumPy takes it; a Tensor that requires a gradient cannot be one."""
    trace = tracing()
    for t in handles(value):
        if t._node is not None and (trace is None or trace.passes_to(t)):
            raise DetachError(
                f"{function}: no gradient passes through its argument {name!r}{where()}. "
                f"Pass {name}=t.detach() if none should."
            )
    return owned(value)


def check_params(rule: Rule, params: dict[str, Any]) -> None:
    """Refuse a keyword that the derivative does not know: it is supported, or an error."""
    for name in params.keys() - rule.accepted - HARMLESS:
        known = signature(rule.function)
        if name not in known:
            raise unknown_argument(rule.name, name, known)
        if params[name] is not None and (name, params[name]) != ("order", "C"):
            raise NoRuleError(
                f"{rule.name}: its derivative does not support {name}={params[name]!r}{where()}. "
                f"Compute the same without {name}=, or detach() the operand."
            )

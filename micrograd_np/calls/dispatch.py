"""From a NumPy function to the call that records it. Floor 4.

``calls[np.sum](t, axis=0)`` computes and records. A call is built at its first use, from the rule's
declaration; ``calls`` raises for a function that has none.
"""

from __future__ import annotations

import operator
import sys
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MicrogradError, NoRuleError, unknown_argument, where
from ..modes import mode_now, tracing
from ..plan import like_tuple
from ..rule import Composite, Rule, composites, constants, rules, unruled
from .fast import binary, unary
from .handle import Handle
from .operands import handles, rebind, values, wrap
from .outputs import output_nodes
from .recording import NO_PARAMS, apply, apply_one
from .refusals import failed
from .signatures import bind, checked, parameters, place_of_out, rearranged, take_out

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = frozenset(
    {np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.can_cast,
     np.may_share_memory, np.shares_memory, np.common_type, np.min_scalar_type, np.einsum_path,
     np.diag_indices_from, np.tril_indices_from, np.triu_indices_from}
)  # fmt: skip


class Calls(dict[Any, Any]):
    """The call of each function, built when it is first asked for."""

    def __missing__(self, function: Any) -> Any:
        call = build(function)
        self[function] = call
        return call


calls = Calls()


def build(function: Any) -> Any:
    """Return the call of a function, from its declaration."""
    if function in rules:
        return rule_call(rules[function])
    if function in composites:
        return composite_call(composites[function])
    if function in PLAIN:
        return plain_call(function)
    if function in constants:
        return constant_call(function)
    return build(function) if late_rules() else no_rule(function)


late: dict[str, str] = {}  # of a library: the module that declares its rules, when first needed


def late_rules() -> bool:
    """Declare the rules of libraries that were imported; tell whether there were any left."""
    found = [library for library in late if library in sys.modules]
    for library in found:
        import_module(late.pop(library))
    return bool(found)


def plain_call(function: Any) -> Any:
    """Return the call of a function that asks for shapes and dtypes, which a trace knows too."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if (trace := tracing()) is not None:
            trace.check_counts(function, args, kwargs)
        return function(*values(args), **values(kwargs))

    return call


def rule_call(rule: Rule) -> Any:
    """Return the call of a rule: the fast closures where they fit, else ``apply``."""
    count = len(rule.derivatives)
    if rule.fast:
        return operator_call(rule, count)
    one, many = (one_of_several, several_of) if rule.several else (apply_one, apply)
    compute, place = constant_call(rule.function), place_of_out(rule.function)
    module = getattr(rule.function, "__module__", None) or ""  # ufuncs name none
    numpys = rule.arguments is not None and module.startswith("numpy")
    split = bind if rule.arguments is None else rearranged

    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs and len(args) == 1 == count and isinstance(args[0], Handle):
            return one(rule, args[0], NO_PARAMS)
        if numpys and not recorded(args, kwargs):
            return compute(*args, **kwargs)
        out, args = take_out(place, args, kwargs)
        operands, params = split(rule, count, args, kwargs)
        if params:
            if rule.parametric and (body := body_for(rule, params)) is not None:
                t = body(*operands, **params)
                return t if out is None else rebind(out, t)
            operands, params = checked(rule, operands, params)
        if handles(operands) or tracing() is not None:
            alone = count == 1 == len(operands) and isinstance(operands[0], Handle)
            t = one(rule, operands[0], params) if alone else many(rule, tuple(operands), params)
        else:  # the result is constant; the only Tensor may be a parameter, as in np.where
            kind = type(handles([args, kwargs, out])[0])
            t = wrap(kind, rule.forward(*operands, **params))
        return t if out is None else rebind(out, t)

    return call


def body_for(rule: Rule, params: dict[str, Any]) -> Any:
    """Return the body of a call with a parameter that has a gradient; None if none has."""
    for name, body in rule.parametric.items():
        t = params.get(name)
        if isinstance(t, Handle) and t._node is not None:
            return body
    return None


def composite_call(rule: Composite) -> Any:
    """Return the call of a composite: its body where something is recorded, else NumPy's own."""
    function = rule.function
    compute, known = constant_call(function), parameters(function)
    place = place_of_out(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not rule.writes and not recorded(args, kwargs):
            return compute(*args, **kwargs)
        trace = tracing()
        t = None if trace is None else trace.whole(function, args, kwargs)
        if t is not None:
            return t
        out, args = take_out(place, args, kwargs)
        t = of_body(rule, known, args, kwargs)
        if not isinstance(t, Handle):
            t = wrap(type(handles([args, kwargs, out])[0]), t)
        return t if out is None else rebind(out, t)

    return call


def of_body(rule: Composite, known: tuple[str, ...], args: Any, kwargs: Any) -> Any:
    """Return what the body of a composite gives; its errors are NumPy's own."""
    try:
        return rule.body(*args, **kwargs)
    except MicrogradError:
        raise
    except Exception as error:
        for name in kwargs.keys() - set(known) if isinstance(error, TypeError) else ():
            raise unknown_argument(rule.function.__name__, name, known) from None
        raise numpys_own(rule.function, args, kwargs, error) from None


def recorded(args: Any, kwargs: Any) -> bool:
    """Tell whether a call with these arguments will be recorded."""
    mode = mode_now()
    if mode is not None and mode.off:
        return False
    for x in args:
        if isinstance(x, Handle) and x._node is not None:
            return True
    return any(t._node is not None for t in handles([args, kwargs]))


def several_of(rule: Rule, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Call a rule with several results; return a tuple of Tensors, named as NumPy's."""
    whole = apply(rule, operands, params)
    node, data = whole._node, whole._value
    parts = [wrap(type(whole), x) for x in data]
    if node is not None:
        for t, part in zip(parts, output_nodes(node, data), strict=True):
            if part is not None:
                t._node = part
    return like_tuple(data, parts)


def one_of_several(rule: Rule, a: Any, params: dict[str, Any]) -> Any:
    """Call a rule of one operand, a Tensor, with several results."""
    return several_of(rule, (a,), params)


def numpys_own(function: Any, args: Any, kwargs: dict[str, Any], error: Exception) -> Exception:
    """Return what NumPy says to a call that failed in our words, with our context."""
    try:
        function(*values(args), **values(kwargs))
    except Exception as numpys:
        return failed(function.__name__, handles([args, kwargs]), numpys)
    if "unexpected keyword" in str(error):
        return NoRuleError(
            f"{function.__name__}: its derivative does not support all of "
            f"{', '.join(kwargs)}{where()}. Compute the same without, or detach() the operand."
        )
    return failed(function.__name__, handles([args, kwargs]), error)


def operator_call(rule: Rule, count: int) -> Any:
    """Return the fast call of a function of one or two operands, without keywords."""
    if count == 1:
        return unary(rule)
    left, right = binary(rule)
    return lambda x, y: left(x, y) if isinstance(x, Handle) else right(y, x)


OPERATORS = {  # t == "a" is no error, and plain numbers stay plain
    np.equal: operator.eq, np.not_equal: operator.ne, np.floor_divide: operator.floordiv,
}  # fmt: skip
PLAIN_ARRAYS = {np.ndarray, np.memmap}  # not np.matrix, masked arrays and the like


def constant_call(function: Any, lacks: str | None = None) -> Callable[..., Any]:
    """Return the call of a piecewise constant function: its results need no gradient.

    What a function lacks that has no rule is told where a trace meets its derivative.
    """
    plainly, name = OPERATORS.get(function, function), getattr(function, "__name__", "call")

    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, np.ndarray) and type(x) not in PLAIN_ARRAYS for x in args):
            return NotImplemented
        out = kwargs.pop("out", None)
        (out,) = out if isinstance(out, tuple) else (out,)
        kind = type(handles([args, kwargs, out])[0])
        compute = function if kwargs else plainly
        try:
            if (trace := tracing()) is not None:
                t = trace.call(function, compute, args, kwargs, lacks)
            else:
                t = wrap(kind, compute(*values(args), **values(kwargs)))
        except Exception as error:
            raise failed(name, handles([args, kwargs]), error) from None
        return t if out is None else rebind(out, t)

    return call


def no_rule(function: Any) -> Callable[..., Any]:
    """Return the call of a function without a rule: an error as soon as a gradient is needed."""
    name = getattr(function, "__name__", repr(function))
    module = getattr(function, "__module__", None) or "numpy"  # ufuncs name none
    reason = unruled.get(name) if module.startswith("numpy") else None
    if reason is None:
        cure = "Declare one: @mg.custom_vjp on a function that calls it, or detach() its argument."
    else:
        cure = f"It {reason}{'' if ':' in reason else ': detach() its argument if that is meant'}."
    compute = constant_call(function, lacks=cure)

    def call(*args: Any, **kwargs: Any) -> Any:
        if tracing() is None and recorded(args, kwargs):
            raise lacks_rule(name, cure)
        return compute(*args, **kwargs)

    return call


def lacks_rule(name: str, cure: str) -> NoRuleError:
    """Return the error for a function whose derivative is asked for, and which has none."""
    return NoRuleError(f"{name} has no derivative rule{where()}. {cure}")


def primitive(function: Any) -> Any:
    """Make a function of ours dispatch as NumPy's do: Tensors go to its rule."""

    @wraps(function)
    def dispatching(*args: Any, **kwargs: Any) -> Any:
        for x in args:
            if isinstance(x, Handle) or (type(x) is tuple and handles(x)):
                return calls[dispatching](*args, **kwargs)
        if kwargs and handles(kwargs):
            return calls[dispatching](*args, **kwargs)
        return function(*args, **kwargs)

    dispatching.body = function  # type: ignore[attr-defined]
    return dispatching


def atomic(function: Any) -> Any:
    """Mark a primitive that stays a call: its body calls what calls it, or is not in NumPy."""
    function.atomic = True
    return function

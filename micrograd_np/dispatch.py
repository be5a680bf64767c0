"""From a NumPy function to the call that records it. Floor 5.

``calls[np.sum](t, axis=0)`` computes and records. A call is built at its first use, from the rule's
declaration; ``calls`` raises for a function that has none.
"""

from __future__ import annotations

import inspect
import operator
import sys
from functools import lru_cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import (
    DetachError,
    InPlaceError,
    MicrogradError,
    NoRuleError,
    describe,
    unknown_argument,
    where,
)
from .modes import mode_now, tracing
from .outputs import output_nodes
from .plan import like_tuple
from .record import NO_PARAMS, Handle, apply, apply_one, binary, result, unary
from .refusals import failed
from .rule import Composite, Rule, composites, constants, rules, unruled

if TYPE_CHECKING:
    from collections.abc import Callable

HARMLESS = frozenset({"dtype", "casting", "subok", "copy", "device", "optimize"})
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


def owned(tree: Any) -> Any:
    """Return a parameter as a node keeps it: arrays and lists are copied, nobody can change it."""
    if isinstance(tree, Handle):
        return unwrap(tree)
    if isinstance(tree, np.ndarray):
        return np.array(tree)
    if type(tree) in (list, tuple):
        return type(tree)(owned(x) for x in tree)
    if type(tree) is dict:
        return {key: owned(x) for key, x in tree.items()}
    return tree


def operator_call(rule: Rule, count: int) -> Any:
    """Return the fast call of a function of one or two operands, without keywords."""
    if count == 1:
        return unary(rule)
    left, right = binary(rule)
    return lambda x, y: left(x, y) if isinstance(x, Handle) else right(y, x)


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


def rebind(out: Any, t: Any) -> Any:
    """Let ``out``, a Tensor, be the result t from now on."""
    if not isinstance(out, Handle):
        raise InPlaceError(
            f"cannot write a Tensor into an ndarray in place: {describe(t)} into {describe(out)}"
            f"{where()}. Write b = b + t instead of b += t, and leave out= away."
        )
    out._assign(t)  # type: ignore[attr-defined]
    return out


def unwrap(tree: Any) -> Any:
    """Return arguments with the values of Tensors in place of the Tensors.

    What a compiled function computes has no value while it is traced: there it stays a Tensor.
    """
    return _without_tensors(tree, tracing() is None)


def as_values(x: Any) -> Any:
    """Return an array of the values of x; what a trace has not the values of stays a Tensor."""
    x = unwrap(x)
    return x if isinstance(x, Handle) else np.asarray(x)


def values(tree: Any) -> Any:
    """Return arguments with the values of Tensors, for functions that are recorded themselves."""
    return _without_tensors(tree, True)


def _without_tensors(tree: Any, all_of_them: bool) -> Any:
    if isinstance(tree, Handle):
        return tree._value if all_of_them or tree._node is None else tree
    if type(tree) in (list, tuple):
        return type(tree)(_without_tensors(x, all_of_them) for x in tree)
    if type(tree) is dict:
        return {key: _without_tensors(x, all_of_them) for key, x in tree.items()}
    return tree


def handles(tree: Any) -> list[Handle]:
    """Return the Tensors among arguments."""
    if isinstance(tree, Handle):
        return [tree]
    if type(tree) is dict:
        tree = list(tree.values())
    if type(tree) in (list, tuple):
        return [t for x in tree for t in handles(x)]
    return []


def wrap(kind: type, value: Any) -> Any:
    """Return arrays among results as Tensors without a gradient."""
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return result(kind, value) if value.dtype.kind in "biufc" else value
    if isinstance(value, tuple | list):
        return like_tuple(value, [wrap(kind, x) for x in value])
    return value


OPERATORS = {np.equal: operator.eq, np.not_equal: operator.ne}  # t == "a" is no error
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
    """Mark a primitive whose body calls the function of NumPy that calls it: it stays a call."""
    function.atomic = True
    return function

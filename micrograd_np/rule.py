"""How a function is differentiated: the kinds of rule, and the one registry. Floor 3.

A rule is declared once, by its kind, on one line. The names of a derivative's parameters say what
it reads, and so what a graph keeps:

    g          the cotangent: how the end result changes with this function's result
    x, y, z    the operands, in order; of linear functions only their shape and dtype
    xs, i      all operands, and which of them is meant (functions of any number of operands)
    spec       shape and dtype of the operand that is meant
    out        the function's own result
    others     keyword parameters of the function: axis, keepdims, shape, ...

A rule is plain NumPy. On arrays it gives the first derivative, on Tensors it is itself recorded and
gives all higher ones. Kinds differ in what follows from one declaration:

    elementwise    partial derivatives; the same text serves reverse and forward mode, and
                   broadcasting is undone here, once
    linear         the transpose; the forward derivative is the function itself
    multilinear    a transpose for each operand; the forward derivative is the product rule
    general        a vjp; the forward derivative is its transpose
    several        a general function with several results; see calls/outputs.py
    composite      written in other functions
    constant       piecewise constant: no gradient passes
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ArgumentError, NoRuleError, where
from .modes import tracing
from .plan import Plan, reader, to_dtype, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .graph import Node

Function = Any  # a NumPy function or ufunc, or one of ours
OPERAND_NAMES = ("x", "y", "z")
WORDS = (
    "out",
    "i",
    "xs",
    "spec",
    "asked",
)  # what a derivative may read besides operands and parameters

DETACHED = "Pass that as a number, or t.detach() if no gradient should."
STATIC = "Name it in static_argnames, or pass mg.stop_gradient(t) if no gradient should."

rules: dict[Function, Rule] = {}  # the one registry


def identity(g: Any) -> Any:
    """Pass the cotangent on unchanged; the sweep skips the call."""
    return g


def unknown(g: Any) -> Any:
    """Stand for a derivative that has no formula: asking for it is an error."""
    raise NotImplementedError


class Rule(ABC):
    """What is known of one function. Subclasses are the kinds; all are final."""

    kind: str
    sees_values = True  # of its operands; a linear function's transpose sees only their specs
    several = False  # results: a tuple of them
    masks = False  # its derivatives take care of patterns themselves: see sweeps/structure.py
    inner: tuple[str, ...] = ()  # parameters that no caller passed: what one node alone needs

    def __init__(
        self,
        function: Function,
        derivatives: Sequence[Callable[..., Any] | None],
        *,
        forward: Callable[..., Any] | None = None,
        arguments: Callable[..., Any] | None = None,
        selects: bool = False,
        real_valued: bool = False,
        ignores: tuple[str, ...] = (),
        name: str | None = None,
        operand_names: tuple[str, ...] = OPERAND_NAMES,
    ) -> None:
        self.function = function
        self.name = name or function.__name__
        self.operand_names = operand_names
        self.forward: Any = forward or getattr(function, "body", function)
        self.arguments = arguments
        self.selects = selects
        self.choosing: Rule = self  # with derivatives that stop a NaN, for sweeps that met one
        self.real_valued = real_valued  # also of complex operands
        self.parametric: dict[str, Any] = {}  # bodies to call if these have a gradient
        self.derivatives = tuple(derivatives)
        self.plans: dict[Any, Plan] = {}
        self._reads = tuple(() if f is None else names_of(f)[1:] for f in self.derivatives)
        self.accepted = {name for names in self._reads for name in names} | set(ignores)
        self._check_reads()

    def _check_reads(self) -> None:
        """Refuse a derivative that reads what the function does not have."""
        known = {*WORDS, *self.operand_names}
        for source in (self.arguments, self.forward, getattr(self.function, "body", None)):
            known.update(names_of(source) if hasattr(source, "__code__") else ())
        inner = getattr(self.function, "_implementation", self.function)
        known.update(names_of(inner) if hasattr(inner, "__code__") else ())
        unknown = self.accepted - known
        if unknown and not isinstance(self.function, np.ufunc):  # the slow way, in doubt only
            unknown = unknown_to(self.function, unknown)
        for name in unknown:
            raise ArgumentError(
                f"the derivative of {self.name} reads {name!r}; "
                f"it may read g and {', '.join(sorted(known))}."
            )

    @property
    def fast(self) -> bool:
        """Whether calls without keywords may go through the closures of calls/fast.py."""
        short = self.arguments is None and len(self.derivatives) < 3 and not self.real_valued
        return self.kind == "elementwise" and short and keeps_dtype(self.function)

    @property
    def moving(self) -> Any:
        """The function as forward mode calls it: of arrays, of Tensors, and of both together."""
        return self.function if hasattr(self.function, "body") else self.forward

    def derivative(self, i: int) -> Callable[..., Any] | None:
        """Return the derivative for operand i; one that reads ``i`` serves every operand."""
        return self.derivatives[min(i, len(self.derivatives) - 1)]

    def reads(self, i: int) -> tuple[str, ...]:
        """Return the names of what the derivative for operand i reads besides the cotangent."""
        return self._reads[min(i, len(self._reads) - 1)]

    def keeps(self, i: int, names: set[str], used: list[int]) -> bool:
        """Tell whether operand i must be kept when the used operands' derivatives read these."""
        named = self.operand_names[i] if i < len(self.operand_names) else "xs"
        return self.sees_values and ("xs" in names or named in names)

    def plan(self, tracked: tuple[bool, ...], full: bool = True) -> Plan:
        """Return the plan for operands of which some are tracked; made once."""
        key = (tracked, full)
        if key not in self.plans:
            self._check_known(tracked)
            self.plans[key] = Plan(self, tracked, full)
        return self.plans[key]

    def _check_known(self, tracked: tuple[bool, ...]) -> None:
        """Refuse an operand that needs a cotangent and has none with a formula."""
        for i, needs in enumerate(tracked):
            if needs and self.derivative(i) is unknown:
                trace = tracing()
                cure = DETACHED if trace is None or trace.decides else STATIC
                raise NoRuleError(
                    f"{self.name}: its derivative in argument {i + 1} has no formula{where()}. "
                    f"{cure}"
                )

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the function (cotangent, kept) -> cotangent of operand i; None is the identity."""
        f, names = self.derivative(i), self.reads(i)
        assert f is not None
        if bare and names:
            return f
        if not full:
            places = [count if name == "out" else self.operand_names.index(name) for name in names]
            return None if f is identity else reader(f, places)
        direct = {"out", *self.operand_names[:count]}
        if self.sees_values and direct.issuperset(names):
            return self._fitted(i, self.pull(i, count, full=False))
        found = {name: get for name in names if (get := self._fetcher(name, i, count)) is not None}
        gets = list(found.values())
        rest = names[len(gets) :]  # parameters come last: they are passed where they were given
        if names[: len(gets)] != tuple(found):  # those of a user's rule may not
            rest = tuple(name for name in names if name not in found)
            f = _by_keyword(f, tuple(found))

        if len(gets) == 1 and self.kind == "linear":
            return self._alone(f, i, gets[0], rest)

        def pulled(g: Any, kept: Any) -> Any:
            params = kept[2]
            reads = {name: params[name] for name in rest if name in params} if params else params
            return self.fit(f(g, *[get(kept) for get in gets], **reads), kept[1][i])

        return pulled

    def _alone(self, f: Any, i: int, get: Any, rest: tuple[str, ...]) -> Callable[[Any, Any], Any]:
        """Return the pull of a linear function that reads one spec, the commonest, in short."""

        def pulled(g: Any, kept: Any) -> Any:
            params = kept[2]
            if not params:
                return to_dtype(f(g, get(kept)), kept[1][i][1])
            reads = {name: params[name] for name in rest if name in params}
            return to_dtype(f(g, get(kept), **reads), kept[1][i][1])

        return pulled

    def _fitted(self, i: int, pull: Any) -> Callable[[Any, Any], Any]:
        """Return the pull of the short layout for the full one, where its result must be fitted."""
        fit = self.fit
        if pull is None:
            return lambda g, kept: fit(g, kept[1][i])
        return lambda g, kept: fit(pull(g, kept[0]), kept[1][i])

    def _fetcher(self, name: str, i: int, count: int) -> Callable[[Any], Any] | None:
        """Return how a derivative's parameter is found in what a full node kept."""
        values, specs = 0, 1
        if name == "i":
            return lambda _: i
        if name == "spec":
            return lambda kept: kept[specs][i]
        if name == "out":
            return lambda kept: kept[values][count]
        where = values if self.sees_values else specs
        if name == "xs":
            return lambda kept: kept[where][:count]
        if name not in self.operand_names[:count]:
            return None  # a parameter of the function
        j = self.operand_names.index(name)
        return lambda kept: kept[where][j]

    def ready(self, node: Node) -> list[tuple[Node, Any]] | None:
        """Return (operand, gradient) pairs, read-only, if they are known without a sweep."""
        return None

    def fit(self, q: Any, spec: tuple[tuple[int, ...], Any]) -> Any:
        """Return the cotangent in the dtype of its primal: real if that is real."""
        return to_dtype(q, spec[1])

    @abstractmethod
    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Return the tangent of the result, from those of the operands (None: zero)."""


class Elementwise(Rule):
    """A function of entries: y[i] depends on x[i] alone, after broadcasting."""

    kind = "elementwise"

    def fit(self, q: Any, spec: tuple[tuple[int, ...], Any]) -> Any:
        """Undo broadcasting: sum over the axes along which the operand was repeated."""
        shape, dtype = spec
        if q.shape != shape:
            q = unbroadcast(q, shape)
        return q if q.dtype is dtype else to_dtype(q, dtype)

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Sum the partial derivatives times the tangents: a derivative in g is one in a tangent."""
        total = None
        for i, t in enumerate(tangents):
            f = None if t is None else self.derivative(i)
            if f is not None:
                named = {**params, **dict(zip(self.operand_names, values, strict=False))}
                named["out"] = values[-1]
                reads = {name: named[name] for name in self.reads(i) if name in named}
                part = f(t, **reads)
                total = part if total is None else total + part
        if total is None or specs is None:
            return total
        shape, dtype = specs[-1]
        return to_dtype(total if total.shape == shape else np.broadcast_to(total, shape), dtype)


class Linear(Rule):
    """A linear function of its operands together: its transpose needs none of their values."""

    kind = "linear"
    sees_values = False

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Apply the function itself to the tangents."""
        like = next(t for t in tangents if t is not None)
        moved = [
            np.zeros_like(like, shape=spec[0]) if t is None else t
            for t, spec in zip(tangents, specs, strict=False)
        ]
        linear = {name: value for name, value in params.items() if name != "initial"}
        return to_dtype(self.moving(*moved, **linear), specs[-1][1])


class Multilinear(Rule):
    """Linear in each operand while the others are fixed: products."""

    kind = "multilinear"

    def keeps(self, i: int, names: set[str], used: list[int]) -> bool:
        """Tell whether operand i must be kept: for the cotangents of the others."""
        return any(j != i for j in used) if "xs" in names else super().keeps(i, names, used)

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Sum over the operands, each replaced by its tangent: the product rule."""
        total = None
        for i, t in enumerate(tangents):
            if t is not None:
                part = self.moving(*values[:i], t, *values[i + 1 : -1], **params)
                total = part if total is None else total + part
        return total


class General(Rule):
    """Any other function: a vjp for each operand."""

    kind = "general"

    def jvp(
        self, tangents: Sequence[Any], values: Any, specs: Any, params: Any, transpose: Any
    ) -> Any:
        """Transpose the vjp: it is linear in g, so its own vjp is the forward derivative."""
        total = None
        for i, t in enumerate(tangents):
            if t is not None and self.derivative(i) is not None:
                pull, kept = self.pull(i, len(tangents), True), (values, specs, params)
                part = transpose(lambda g, pull=pull, kept=kept: pull(g, kept), specs[-1], t)
                total = part if total is None else total + part
        return total


class Composite:
    """A function written in other functions: calling it records those."""

    def __init__(self, function: Function, body: Callable[..., Any], writes: bool) -> None:
        self.function = function
        self.body = body
        self.writes = writes  # into its first operand, which the body rebinds


constants: dict[Function, None] = {}  # piecewise constant: no gradient passes; in order
composites: dict[Function, Composite] = {}
unruled: dict[str, str] = {}  # names of functions and methods that have no rule: the reason


def elementwise(
    function: Function,
    *derivatives: Any,
    weighs: bool = False,
    selects: bool = False,
    **options: Any,
) -> None:
    """Declare a function of entries by its partial derivatives, each times ``g``.

    ``selects`` says that they choose among entries, by ``np.where`` or an index. ``weighs`` says
    that they do so by a factor such as ``x > y``, which is much faster but lets 0 * nan through.
    """
    rule = Elementwise(function, derivatives, selects=selects or weighs, **options)
    rules[function] = rule
    if weighs:
        rule.choosing = Elementwise(function, derivatives, selects=True, **options)
        stopped = [f and stopping(f) for f in derivatives]  # what they read is noted by now
        rule.choosing.derivatives = tuple(stopped)


def stopping(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a derivative that weighs so that it stops a NaN where the weight is 0."""

    def derivative(g: Any, *args: Any, **kwargs: Any) -> Any:
        weight = f(np.ones_like(g), *args, **kwargs)
        return np.where(weight == 0, 0, weight * g)

    return derivative


def linear(function: Function, *transposes: Any, **options: Any) -> None:
    """Declare a linear function by its transpose."""
    rules[function] = Linear(function, transposes, **options)


def multilinear(function: Function, *transposes: Any, **options: Any) -> None:
    """Declare a product by its transpose in each operand."""
    rules[function] = Multilinear(function, transposes, **options)


def general(
    function: Function, *vjps: Any, selects: bool = False, choosing: Any = None, **options: Any
) -> None:
    """Declare any other function by its vjp in each operand.

    One that ``selects`` may have a slower form that stops a NaN where it chooses nothing.
    """
    rule = rules[function] = General(function, vjps, selects=selects, **options)
    if choosing is not None:
        rule.choosing = General(function, (choosing,), selects=True, **options)


def parametric(function: Function, name: str, body: Callable[..., Any]) -> None:
    """Declare the body of a function with a rule where this parameter of it has a gradient."""
    rules[function].parametric[name] = body


def composite(function: Function, body: Callable[..., Any], writes: bool = False) -> None:
    """Declare a function by a body written in other functions."""
    composites[function] = Composite(function, body, writes)


def constant(*functions: Function) -> None:
    """Declare functions that are piecewise constant."""
    constants.update(dict.fromkeys(functions))


def without_rule(reason: str, names: str) -> None:
    """Declare the names of functions that have no rule, and why."""
    unruled.update(dict.fromkeys(names.split(), reason))


def unknown_to(function: Any, names: set[str]) -> set[str]:
    """Return which names are no parameters; none of what C does not tell, before NumPy 2.4."""
    try:
        return names - inspect.signature(function).parameters.keys()
    except ValueError:
        return set()


def keeps_dtype(function: Any) -> bool:
    """Tell whether the result of floats has their dtype, also in half precision."""
    if isinstance(function, np.ufunc):
        return f"{'e' * function.nin}->e" in function.types
    return hasattr(function, "body")  # ours: a law of theirs


def _by_keyword(f: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return f so that it takes values of these names after the cotangent, wherever they stand."""
    return lambda g, *values, **params: f(g, **dict(zip(names, values, strict=True)), **params)


def names_of(f: Any) -> tuple[str, ...]:
    """Return the names of a function's parameters, but *args and **kwargs."""
    code: Any = getattr(f, "__code__", None)
    if code is None or hasattr(f, "__self__"):  # a method, a partial, an object that is called
        parameters = inspect.signature(f).parameters.values()
        return tuple(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])

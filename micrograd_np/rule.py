"""How a function is differentiated: the kinds of rule, and the one registry. Floor 1.

A rule is declared once, by its kind, on one line. The names of a derivative's parameters say what it
reads, and so what a graph keeps:

    g          the cotangent: the derivative of the end result with respect to this function's result
    x, y, z    the operands, in order; for linear functions only their shape and dtype
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
    composite      written in other functions
    constant       piecewise constant: no gradient passes
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .graph import OPERANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Function = Any  # a NumPy function or ufunc, or one of ours
OPERAND_NAMES = ("x", "y", "z")

rules: dict[Function, Rule] = {}  # the one registry


class Spec(NamedTuple):
    """Shape and dtype of an array: all that the transpose of a linear function may know of it."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)


def spec_of(x: Any) -> Spec | None:
    """Return the spec of an array; None of a plain number."""
    return tuple.__new__(Spec, (x.shape, x.dtype)) if hasattr(x, "shape") else None


def identity(g: Any) -> Any:
    """Pass the cotangent on unchanged; the sweep skips the call."""
    return g


class Plan:
    """How one node is differentiated: a rule, for a given set of operands that need a cotangent.

    ``edges`` holds for each such operand its place in the node and its pull, a function of the
    cotangent and of what the node kept; None is the identity. What is kept is laid out in one of
    three ways:

    full    (values, specs, params): the operands and the result, where a derivative reads them
            and None elsewhere; shapes and dtypes of all; parameters
    short   values alone, where no pull needs to undo broadcasting or a change of dtype
    bare    the one value that the derivatives read, if they read one, in place of short
    """

    __slots__ = ("bare", "edges", "full", "keep_out", "keep_x", "keep_y", "keeps", "rule", "selects")

    def __init__(self, rule: Rule, tracked: tuple[bool, ...], full: bool) -> None:
        self.rule, self.full, self.selects = rule, full, rule.selects
        used = [i for i, needs in enumerate(tracked) if needs and rule.derivative(i) is not None]
        names = {name for i in used for name in rule.reads(i)}
        self.keeps = tuple(rule.keeps(i, names, used) for i in range(len(tracked)))
        self.keep_out = "out" in names
        self.keep_x, self.keep_y = (*self.keeps, False, False)[:2]
        self.bare = not full and sum(self.keeps) + self.keep_out <= 1
        pulls = [rule.pull(i, len(tracked), full, self.bare) for i in used]
        self.edges = tuple((OPERANDS + i, pull) for i, pull in zip(used, pulls, strict=True))

    def unpack(self, kept: Any) -> tuple[tuple[Any, ...], Any, dict[str, Any]]:
        """Return what a node kept as values, specs (None if all are alike) and parameters."""
        if self.full:
            return kept  # type: ignore[no-any-return]
        if self.bare:
            kept = tuple(kept if keep else None for keep in (*self.keeps, self.keep_out))
        return kept, None, {}

    def repack(self, values: Any, specs: Any, params: Any) -> Any:
        """Return the three in the layout of this plan."""
        if self.full:
            return values, specs, params
        return next((v for v in values if v is not None), None) if self.bare else values


class Rule(ABC):
    """What is known of one function. Subclasses are the kinds; all are final."""

    kind: str
    sees_values = True  # of its operands; a linear function's transpose sees only their specs

    def __init__(
        self,
        function: Function,
        derivatives: Sequence[Callable[..., Any] | None],
        *,
        forward: Callable[..., Any] | None = None,
        arguments: Callable[..., Any] | None = None,
        selects: bool = False,
        ignores: tuple[str, ...] = (),
        name: str | None = None,
        operand_names: tuple[str, ...] = OPERAND_NAMES,
    ) -> None:
        self.function = function
        self.name = name or function.__name__
        self.operand_names = operand_names
        self.forward = forward or function
        self.arguments = arguments
        self.selects = selects
        self.derivatives = tuple(derivatives)
        self.plans: dict[Any, Plan] = {}
        self._reads = tuple(() if f is None else _names(f)[1:] for f in self.derivatives)
        self.accepted = {name for names in self._reads for name in names} | set(ignores)

    @property
    def fast(self) -> bool:
        """Whether calls without keywords may go through the closures of record.py."""
        return self.kind == "elementwise" and self.arguments is None and len(self.derivatives) < 3

    def derivative(self, i: int) -> Callable[..., Any] | None:
        """Return the derivative for operand i; one that reads ``i`` serves every operand."""
        return self.derivatives[min(i, len(self.derivatives) - 1)]

    def reads(self, i: int) -> tuple[str, ...]:
        """Return the names of what the derivative for operand i reads besides the cotangent."""
        return self._reads[min(i, len(self._reads) - 1)]

    def keeps(self, i: int, names: set[str], used: list[int]) -> bool:
        """Tell whether operand i must be kept when the used operands' derivatives read these."""
        return self.sees_values and ("xs" in names or i < len(self.operand_names) and self.operand_names[i] in names)

    def plan(self, tracked: tuple[bool, ...], full: bool = True) -> Plan:
        """Return the plan for operands of which some are tracked; made once."""
        key = (tracked, full)
        if key not in self.plans:
            self.plans[key] = Plan(self, tracked, full)
        return self.plans[key]

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
            return None if f is identity else _reader(f, places)
        direct = {"out", *self.operand_names[:count]}
        if self.sees_values and direct.issuperset(names):
            return self._fitted(i, self.pull(i, count, full=False))
        gets = [get for name in names if (get := self._fetcher(name, i, count)) is not None]
        rest = names[len(gets) :]  # parameters come last: they are passed where they were given

        def pulled(g: Any, kept: Any) -> Any:
            params = kept[2]
            reads = {name: params[name] for name in rest if name in params} if params else params
            return self.fit(f(g, *[get(kept) for get in gets], **reads), kept[1][i])

        return pulled

    def _fitted(self, i: int, pull: Any) -> Callable[[Any, Any], Any]:
        """Return the pull of the short layout for the full one, where its result must be fitted."""
        return lambda g, kept: self.fit(g if pull is None else pull(g, kept[0]), kept[1][i])

    def _fetcher(self, name: str, i: int, count: int) -> Callable[[Any], Any] | None:
        """Return how a derivative's parameter is found in what a full node kept."""
        values, specs = 0, 1
        if name == "i":
            return lambda kept: i
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
        return to_dtype(q if q.shape == spec[0] else unbroadcast(q, spec[0]), spec[1])

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
                if self.selects:  # an entry that is not selected has tangent 0, even from a NaN
                    part = np.where(f(np.ones_like(t), **reads) != 0, part, 0)
                total = part if total is None else total + part
        if total is None or specs is None:
            return total
        return total if total.shape == specs[-1][0] else np.broadcast_to(total, specs[-1][0])


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
        return self.forward(*moved, **params)


class Multilinear(Rule):
    """Linear in each operand while the others are fixed: products."""

    kind = "multilinear"

    @property
    def fast(self) -> bool:
        """Whether it is a product of two operands without parameters, never broadcast."""
        return self.arguments is None and not {"i", "spec"} & self.accepted

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
                part = self.forward(*values[:i], t, *values[i + 1 : -1], **params)
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
                pull = self.pull(i, len(tangents), True)
                part = transpose(lambda g, pull=pull: pull(g, (values, specs, params)), specs[-1], t)
                total = part if total is None else total + part
        return total


class Constant(NamedTuple):
    """A piecewise constant function: no gradient passes, whatever its operands."""

    function: Function
    kind: str = "constant"


class Composite(NamedTuple):
    """A function written in other functions: calling it records those."""

    function: Function
    body: Callable[..., Any]
    kind: str = "composite"


constants: dict[Function, Constant] = {}
composites: dict[Function, Composite] = {}


def elementwise(function: Function, *derivatives: Any, **options: Any) -> None:
    """Declare a function of entries by its partial derivatives, each times ``g``."""
    rules[function] = Elementwise(function, derivatives, **options)


def linear(function: Function, *transposes: Any, **options: Any) -> None:
    """Declare a linear function by its transpose."""
    rules[function] = Linear(function, transposes, **options)


def multilinear(function: Function, *transposes: Any, **options: Any) -> None:
    """Declare a product by its transpose in each operand."""
    rules[function] = Multilinear(function, transposes, **options)


def general(function: Function, *vjps: Any, **options: Any) -> None:
    """Declare any other function by its vjp in each operand."""
    rules[function] = General(function, vjps, **options)


def composite(function: Function, body: Callable[..., Any]) -> None:
    """Declare a function by a body written in other functions."""
    composites[function] = Composite(function, body)


def constant(*functions: Function) -> None:
    """Declare functions that are piecewise constant."""
    constants.update((function, Constant(function)) for function in functions)


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``g`` over the axes along which an operand of this shape was repeated."""
    if g.size == math.prod(shape):
        return g.reshape(shape)
    lead = g.ndim - len(shape)
    repeated = tuple(lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1)
    return g.sum(axis=(*range(lead), *repeated)).reshape(shape)


def to_dtype(g: Any, dtype: np.dtype[Any]) -> Any:
    """Return ``g`` in the dtype of its primal; a real primal takes the real part."""
    if g.dtype is dtype or g.dtype == dtype:
        return g
    return (g.real if g.dtype.kind == "c" and dtype.kind != "c" else g).astype(dtype)


def _names(f: Callable[..., Any]) -> tuple[str, ...]:
    code: Any = f.__code__  # type: ignore[attr-defined]
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _reader(f: Callable[..., Any], places: list[int]) -> Callable[[Any, Any], Any]:
    """Return ``f`` as a function of the cotangent and of the kept values at these places."""
    if not places:
        return lambda g, kept: f(g)
    if len(places) == 1:
        (i,) = places
        return lambda g, kept: f(g, kept[i])
    if len(places) == 2:
        i, j = places
        return lambda g, kept: f(g, kept[i], kept[j])
    return lambda g, kept: f(g, *[kept[i] for i in places])

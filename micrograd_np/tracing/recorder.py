"""A trace: the recording of everything that depends on the inputs of a function. Floor 8.

Where a graph records what a derivative needs, a trace records all: comparisons and roundings,
integers and bools, what happens under `no_grad` and what `stop_gradient` gives. Tensors and nodes
are those of every graph, and so transforms work in a trace as they do in one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.handle import Handle, constant, handle, result
from ..calls.operands import handles, values, wrap
from ..calls.outputs import output
from ..calls.recording import NO_PARAMS, keep
from ..calls.refusals import failed
from ..calls.signatures import parameters
from ..errors import TracingError, where
from ..graph import ORDER, PLAN, SPEC, is_leaf, leaf, new_order, step
from ..modes import mode_now
from ..plan import like_tuple, spec_of
from ..protocols.conversions import PRINT, STATICALLY, check_untraced
from ..rule import Rule, rules
from ..tensor import Tensor
from .changes import Changes
from .opaque import STOP, Recorded, Unruled
from .program import NUMBERS
from .statics import check_repeated, check_shape, check_static, shape_hangs_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..graph import Node

DATA_SHAPED = frozenset(
    {np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.extract, np.compress, np.trim_zeros,
     np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.ediff1d}
)  # fmt: skip
VALUELESS = frozenset({np.zeros_like, np.ones_like, np.empty_like})  # they read shape and dtype
WORDS = frozenset({np.array2string, np.array_repr, np.array_str})


class Trace:
    """A recording of everything; `modes.Mode` holds it while the function runs.

    ``careful`` tells whether sweeps mask what the result does not depend on, which an ordinary
    sweep does when it meets a NaN: in a trace, nobody knows whether one will come.
    """

    decides = False  # whether values may decide: only where one run is all that is recorded

    def __init__(self, careful: bool = False) -> None:
        outer = mode_now()
        self.careful, self.outer = careful, outer and outer.trace
        self.start = new_order()
        self.numbers: dict[int, Any] = {}  # values that are Python numbers, by order
        self.leaves: dict[int, Any] = {}  # values of variables made inside
        self.constants: dict[int, tuple[Any, Any]] = {}  # arrays and their copies, by identity
        self.outside: dict[int, Any] = {}  # Tensors of a trace around this one, by order
        self.several: dict[int, Any] = {}  # nodes of results, by the order of their function's
        self.changes = Changes(self.start)
        self.checks: list[Handle] = []
        self.silent: list[tuple[int, int]] = []  # between which orders sweeps let NumPy not warn
        self.exits: list[str] = []  # what `modes.running` is, unless a transform runs inside
        self.recorded: dict[Any, Rule] = {}
        self.loops = False  # whether there are any: their derivatives carry zeros nobody asked for

    # What the library tells it

    def apply(self, rule: Rule, operands: Any, params: dict[str, Any] = NO_PARAMS) -> Any:
        """Compute a rule's function and record it, whether or not a gradient passes."""
        if rule.function is np.multiply and not self.decides:
            check_repeated(operands)
        operands = [np.array(x) if type(x) in (list, tuple) else self.constant(x) for x in operands]
        weak = any(self.is_weak(x) for x in operands)
        if weak and len(operands) == 1:
            rule, operands, weak = of_number(rule, operands[0])
        if rule.fast and len(operands) == 2 and not weak:
            operands = beside(operands)
        xs = [self.value(x) if isinstance(x, Handle) else x for x in operands]
        if not self.decides:
            check_static(rule, params)
        try:
            data = rule.forward(*xs, **values(params))
        except Exception as error:
            if weak:
                strong = [np.positive(x) if self.is_weak(x) else x for x in operands]
                return self.apply(rule, strong, params)
            raise failed(rule.name, operands, error) from None
        number = type(data) in NUMBERS
        t = result(Tensor, as_scalar(data) if number else data)
        self.applied(t, rule, operands, params)
        if number and t._node is not None:
            self.numbers[t._node[ORDER]] = data
        return t

    def whole(self, function: Any, args: Any, kwargs: Any) -> Any:
        """Return what a composite gives if it is recorded as it is called; None if its body is."""
        return None

    def is_weak(self, x: Any) -> bool:
        """Tell whether an operand is a plain number, which NumPy treats as weak."""
        return isinstance(x, Handle) and self.value(x) is not x._value

    def applied(self, t: Any, rule: Rule, operands: list[Any], params: dict[str, Any]) -> None:
        """Give a result its node, if an operand or a parameter has one."""
        nodes = [x._node if isinstance(x, Handle) else None for x in operands]
        more = [x._node for x in handles(params) if x._node is not None]
        if not more and all(n is None for n in nodes):
            return
        mode = mode_now()
        passing = mode is not None and mode.passing
        passing = passing and (rule.several or t._value.dtype.kind in "fc")
        plan = rule.plan(tuple([passing and varies(n) for n in nodes]))
        xs = [x._value if isinstance(x, Handle) else x for x in operands]
        kept = keep(plan, xs, t._value, params)
        self.node(t, plan, kept, [*[self.place(x) for x in operands], *more])

    def call(
        self, function: Any, compute: Any, args: Any, kwargs: Any, lacks: str | None = None
    ) -> Any:
        """Compute a function that no gradient passes, and record the call."""
        if function in WORDS:
            for t in handles([args, kwargs]):
                check_untraced(t, f"np.{function.__name__}", PRINT)
        self.check_counts(function, args, kwargs)
        data = compute(*self.values(args), **self.values(kwargs))
        traced = any(t._node is not None for t in handles([args, kwargs]))
        if not traced or function in VALUELESS or function in WORDS:
            return wrap(Tensor, data)
        if function in DATA_SHAPED and not self.decides:
            raise TracingError(shape_hangs_on(getattr(function, "__name__", str(function))))
        return self.called(function, compute, args, kwargs, data, lacks)

    def check_counts(self, function: Any, args: Any, kwargs: Any) -> None:
        """Refuse an axis, or a number of entries, that is traced."""
        if not self.decides:
            named = dict(zip(parameters(function), args, strict=False)) | kwargs
            check_shape(getattr(function, "__name__", str(function)), named)
            for t in handles(args) if function is np.min_scalar_type else ():
                if not t._value.ndim:
                    check_untraced(t, "np.min_scalar_type", STATICALLY)

    def called(
        self,
        function: Any,
        compute: Any,
        args: Any,
        kwargs: Any,
        data: Any,
        lacks: str | None = None,
    ) -> Any:
        """Record a call that gave these data."""
        traced = [t for t in handles([args, kwargs]) if t._node is not None]
        for t in traced:
            self.check_mine(t)
        args, kwargs = self.constant(tuple(args)), self.constant(kwargs)
        rule = self.recorded.get(function)
        if rule is None:
            name = getattr(function, "__name__", "function")
            options = {"forward": compute, "name": name}
            if lacks is None:
                rule = Recorded(function, (None,), **options)
            else:
                rule = Unruled(function, (None,), lacks=lacks, **options)
            self.recorded[function] = rule
        plan, params = rule.plan(()), {"args": args, "kwargs": kwargs}
        plain = data if hasattr(data, "dtype") or isinstance(data, tuple) else np.asarray(data)[()]
        t = result(Tensor, plain)
        self.node(t, plan, ((None,), (spec_of(plain),), params), [t._node for t in traced])
        if type(data) in NUMBERS:
            self.numbers[t._node[ORDER]] = data
        return self.taken_apart(t, data) if isinstance(data, tuple) else t

    def taken_apart(self, whole: Any, data: tuple[Any, ...]) -> Any:
        """Return a Tensor for each of several results."""
        parts = [result(Tensor, x) for x in data]
        for i, t in enumerate(parts):
            kept = (None, None), (None, spec_of(t._value)), {"index": i}
            self.node(t, output.plan((False,)), kept, [whole._node])
        return like_tuple(data, parts)

    def outputs(self, node: Node, make: Callable[[], Any]) -> Any:
        """Return the nodes of the results of a function with several, made once: by its trace."""
        order = node[ORDER]
        if order > self.start and self.outer is not None:
            return self.outer.outputs(node, make)
        if order not in self.several:
            self.several[order] = make()
        return self.several[order]

    def detached(self, t: Any) -> Any:
        """Return a Tensor of the same value, through which no gradient passes."""
        if t._node is None or not self.has(t):
            return result(Tensor, t._value)
        kept = (None, None), ((t._value.shape, t._value.dtype),) * 2, NO_PARAMS
        out = result(Tensor, t._value)
        self.node(out, STOP.plan((False,)), kept, [t._node])
        if t._node[ORDER] in self.numbers:
            self.numbers[out._node[ORDER]] = self.numbers[t._node[ORDER]]
        return out

    def variable(self, data: Any) -> Node:
        """Return the node of a variable made inside, whose value is a constant."""
        node = leaf(spec_of(data))
        self.leaves[node[ORDER]] = self.constant(data)
        return node

    def doubts(self, found: list[Any]) -> bool:
        """Tell whether a sweep must mask; if not, its results are noted as to be checked."""
        if not self.careful:
            self.checks += [g for g in found if isinstance(g, Handle) and g._node is not None]
        return self.careful

    def passes_to(self, t: Handle) -> bool:
        """Tell whether a gradient would pass through this Tensor to a variable."""
        if t._value.dtype.kind not in "fc":
            return False
        stack, seen = [t._node], set()
        while stack:
            node = stack.pop()
            if is_leaf(node):
                return True
            if node[ORDER] not in seen:
                seen.add(node[ORDER])
                stack += [node[i] for i, _ in step(node).plan.edges]
        return False

    # Parts of these

    def place(self, x: Any) -> Any:
        """Return what stands for an operand in a node: its node, or the constant."""
        if not isinstance(x, Handle):
            return x
        return self.constant(x._value) if x._node is None else x._node

    def node(self, t: Any, plan: Any, kept: Any, operands: list[Any]) -> None:
        """Give t its node."""
        mode = mode_now()
        scope, (values, specs, params) = mode and mode.scope, kept
        if handles(params):
            kept = values, specs, settled(params)
        t._node = [new_order(), plan, kept, spec_of(t._value), None, scope, *operands]

    def value(self, x: Any) -> Any:
        """Return the value of a Tensor as it will be when the program runs."""
        if x._node is None:
            return x._value
        self.check_mine(x)
        order = x._node[ORDER]
        if order < self.start:
            return self.numbers.get(order, x._value)
        self.outside[order] = x
        return x._value if self.outer is None else self.outer.value(x)

    def values(self, tree: Any) -> Any:
        """Return arguments with the values of Tensors in place of them."""
        if isinstance(tree, Handle):
            return self.value(tree)
        if type(tree) in (list, tuple):
            return type(tree)(self.values(x) for x in tree)
        if type(tree) is dict:
            return {key: self.values(x) for key, x in tree.items()}
        return tree

    def has(self, t: Any) -> bool:
        """Tell whether a Tensor was made in this trace, or in one around it."""
        trace: Trace | None = self
        while trace is not None and t._node[ORDER] > trace.start:
            trace = trace.outer
        return trace is not None

    def check_mine(self, t: Any) -> None:
        """Refuse a Tensor of another graph: the program would hold the value it has now."""
        if self.has(t):
            return
        name = f" {t._name!r}" if t._name else ""
        raise TracingError(
            f"the Tensor{name} of shape {t._value.shape} requires a gradient and is no argument "
            f"of the compiled function{where()}: its value would be compiled in. Pass it as an "
            "argument, or its detach() if that value should stay."
        )

    def constant(self, x: Any) -> Any:
        """Return a constant as nobody can change it: a copy, one for all uses of an array."""
        if isinstance(x, np.ndarray):
            known = self.constants.get(id(x))
            if known is None or not same_bits(known[1], x):
                self.constants[id(x)] = known = (x, x.copy())
                self.constants[id(known[1])] = (known[1], known[1])  # a copy needs none
            return known[1]
        if isinstance(x, Handle) or x is None:
            return x
        if type(x) is list:
            return [self.constant(y) for y in x]
        if type(x) is tuple:
            return tuple([self.constant(y) for y in x])
        return {key: self.constant(y) for key, y in x.items()} if type(x) is dict else x


def of_number(rule: Rule, x: Any) -> tuple[Rule, list[Any], bool]:
    """Return how a function of a plain number is recorded, and whether it gives one."""
    if rule.function is np.square:  # x ** 2, and np.square has no such
        return rules[np.power], [x, 2], True
    if isinstance(rule.function, np.ufunc):
        return rule, [x], True
    return rule, [np.positive(x)], False  # it may be called as a method


def varies(node: Any) -> bool:
    """Tell whether a gradient passes a node: no rounding, comparison or integer."""
    if node is None:
        return False
    return bool(node[PLAN].edges) if node[PLAN] is not None else node[SPEC][1].kind in "fc"


def as_scalar(x: Any) -> Any:
    """Return a plain number as NumPy's."""
    scalar: Any = np.asarray(x)[()]
    if type(scalar) is int:
        raise TracingError(
            f"{x} is an integer beyond 64 bits{where()}, and compiled code has none. Compute with "
            "floats."
        )
    return scalar


def same_bits(a: Any, b: Any) -> bool:
    """Tell whether two arrays are the same in every bit."""
    return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())


def beside(operands: list[Any]) -> list[Any]:
    """Return the operands of a function of two as eager calls have them: numbers as 0-d arrays."""
    a, b = operands
    if isinstance(a, Handle) and not isinstance(b, Handle):
        return [a, constant(b, a._value)]
    if isinstance(b, Handle) and not isinstance(a, Handle):
        return [constant(a, b._value), b]
    return operands


def settled(tree: Any) -> Any:
    """Return parameters with Tensors that stay when those given change in place."""
    if isinstance(tree, Handle):
        return handle(tree)
    if type(tree) in (list, tuple):
        return type(tree)(settled(x) for x in tree)
    return {key: settled(x) for key, x in tree.items()} if type(tree) is dict else tree

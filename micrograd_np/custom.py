"""Rules of the user's own, and control over what is differentiated. Floor 8."""

from __future__ import annotations

from functools import wraps
from inspect import BoundArguments, Parameter, Signature
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import check_function, signature
from .calls.dispatch import several_of
from .calls.operands import values
from .calls.outputs import Several
from .calls.recording import apply
from .calls.signatures import constant_parameter
from .errors import ArgumentError, ShapeError, where
from .modes import current, running
from .plan import spec_of
from .rule import General, names_of
from .tensor import Tensor
from .tree import branches, flatten, leaves_like, map_leaves

if TYPE_CHECKING:
    from collections.abc import Callable


def stop_gradient(x: Any) -> Any:
    """Return x, or a tree of them, as constants: no gradient passes.

    Examples
    --------
    >>> mg.grad(lambda x: x * mg.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    leaves, rebuild = flatten(x)
    return rebuild([leaf.detach() if isinstance(leaf, Tensor) else leaf for leaf in leaves])


class custom_vjp:  # noqa: N801
    """Give a function a derivative of your own.

    Use it as a decorator, then declare with ``defvjp`` a derivative for each argument. As in the
    rules of this library, the names of a derivative's parameters say what it reads: ``g`` the
    cotangent, ``out`` the result, and any of the function's own parameters.

    Notes
    -----
    The function itself computes with arrays and may use anything. Derivatives written in NumPy
    serve higher orders, and forward mode by transposition. Arguments and results may be trees: the
    derivative by an argument returns a tree like it, and ``g`` and ``out`` are like the result.

    Examples
    --------
    >>> @mg.custom_vjp
    ... def scaled_exp(x, scale):
    ...     return np.exp(x) * scale
    >>> scaled_exp.defvjp(lambda g, out: g * out, lambda g, x: g * np.exp(x))
    >>> mg.grad(scaled_exp, argnums=(0, 1))(0.0, 2.0)
    (np.float64(2.0), np.float64(1.0))
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        check_function(function, "custom_vjp")
        wraps(function)(self)
        self.function = function
        self.signature = signature_of(function)
        self.rule: _CustomRule | None = None
        self.single = False  # whether it is known to return one array

    def defvjp(self, *vjps: Callable[..., Any] | None) -> None:
        """Declare a derivative for each of the first arguments; None: not differentiable.

        Raises
        ------
        ArgumentError
            If a derivative reads something that the function does not have, or there are more
            derivatives than arguments.
        """
        names = tuple(self.signature.parameters)
        if len(vjps) > len(names):
            raise ArgumentError(
                f"defvjp: {len(vjps)} derivatives for the {len(names)} arguments of "
                f"{self.function.__name__}{where()}. Give one for each, or None."
            )
        for vjp in vjps:
            self.check_reads(vjp, names)
        self.rule = _CustomRule(
            self.function, vjps, forward=self.compute_one, operand_names=names, selects=True
        )

    def check_reads(self, vjp: Any, names: tuple[str, ...]) -> None:
        """Refuse what is no derivative of the function, before it is ever called."""
        if vjp is None:
            return
        if not callable(vjp):
            raise ArgumentError(f"defvjp: {vjp!r} is no function{where()}.")
        first, *reads = names_of(vjp) or ("",)
        unknown = [name for name in reads if name not in {"out", "i", "xs", "spec", *names}]
        if unknown or first in {"", "out", *names} - {"g"}:
            said = f"reads {unknown[0]!r}" if unknown else "does not take the cotangent g first"
            raise ArgumentError(
                f"defvjp: a derivative of {self.function.__name__} {said}{where()}. It takes the "
                f"cotangent g, and then by their names out, which is the result, "
                f"{', '.join(names)}: what it needs of them."
            )

    def compute(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function on arrays of its own; return its result, of arrays."""
        own = map_leaves(lambda x: np.array(x) if isinstance(x, np.ndarray) else x, args)
        noting, mode = running.get(), current.get()
        try:
            running.set(None)  # whatever transform is at work outside
            current.set(None)
            out = self.function(*own, **kwargs)
        finally:
            running.set(noting)
            current.set(mode)
        leaves, rebuild = flatten(out)
        for x in leaves or [out]:
            if not isinstance(x, np.ndarray | np.generic | float | int | complex):
                raise ArgumentError(
                    f"{self.function.__name__} returned a {type(x).__name__}{where()}. With "
                    "custom_vjp it computes with arrays, and returns arrays or numbers."
                )
        return rebuild([np.array(x)[()] for x in leaves])

    def compute_one(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function on arrays; return its one result."""
        out = self.compute(*args, **kwargs)
        if not isinstance(out, np.ndarray | np.generic):
            raise ArgumentError(
                f"{self.function.__name__} returned a {type(out).__name__}, and one array "
                f"before{where()}. What is compiled or differentiated has one structure."
            )
        return out

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute; record if an argument is tracked."""
        call = self.signature.bind(*args, **kwargs)
        if not isinstance(self.function, np.ufunc):  # whose defaults are not to be passed on
            call.apply_defaults()
        trees = [name for name, x in call.arguments.items() if is_tree(x)]
        leaves = flatten(list(call.arguments.values()))[0] if trees else call.arguments.values()
        if not any(isinstance(x, Tensor) for x in leaves):
            return self.function(*call.args, **call.kwargs)
        if self.rule is None:
            raise ArgumentError(
                f"{self.function.__name__}: declare its derivatives with defvjp{where()}."
            )
        count = len(self.rule.derivatives)
        rest = list(call.arguments.items())[count:]
        params = {name: constant_parameter(self.rule.name, name, value) for name, value in rest}
        operands = dict(list(call.arguments.items())[:count])
        if self.single and not trees:
            return apply(self.rule, tuple(operands.values()), params)
        for name, x in operands.items():
            if isinstance(x, list | tuple) and name not in trees:
                operands[name] = np.array(x)
        return _Call(self, operands | params).result()


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return the signature of a function; of a ufunc its operands, which NumPy tells since 2.4."""
    if not isinstance(function, np.ufunc):
        return signature(function)
    names = ["x"] if function.nin == 1 else [f"x{i + 1}" for i in range(function.nin)]
    return Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])


def is_tree(x: Any) -> bool:
    """Tell whether an argument is a tree of arrays; a list of numbers is like an array."""
    if x is None or isinstance(x, Tensor | np.ndarray | np.generic | float | int | str):
        return False
    leaves, _ = flatten(x)
    if isinstance(x, list | tuple):
        return any(isinstance(leaf, Tensor | np.ndarray) for leaf in leaves)
    return branches(x)[1] is not None


class _Call:
    """One call of a function of trees: its derivatives by leaves, of those by arguments."""

    def __init__(self, custom: custom_vjp, arguments: dict[str, Any]) -> None:
        self.custom, self.names = custom, tuple(arguments)
        self.leaves, self.rebuild = flatten(list(arguments.values()))
        self.counts = [len(flatten(x)[0]) for x in arguments.values()]
        self.out = self.compute(values(self.leaves))  # on its way to the node
        self.grow = flatten(self.out)[1]
        self.last: dict[int, tuple[Any, list[Any]]] = {}
        self.single = custom.single = isinstance(self.out, np.ndarray | np.generic)

    def compute(self, leaves: Any) -> Any:
        """Call the function."""
        arguments = dict(zip(self.names, self.rebuild(list(leaves)), strict=True))
        bound = BoundArguments(self.custom.signature, arguments)
        return self.custom.compute(*bound.args, **bound.kwargs)

    def forward(self, *leaves: Any) -> Any:
        """Return the leaves of the result: of this call, or of one when a program runs."""
        out, self.out = self.out, None
        outs = flatten(self.compute(leaves) if out is None else out)[0]
        return outs[0] if self.single else tuple(outs)

    def result(self) -> Any:
        """Record the call; return what it gives."""
        rule, leaves = self.custom.rule, tuple(self.leaves)
        assert rule is not None
        self.leaves = []  # what stays with the node holds no Tensors
        derivatives, names = [], []
        for k, (name, count) in enumerate(zip(self.names, self.counts, strict=True)):
            vjp = rule.derivatives[k] if k < len(rule.derivatives) else None
            derivatives += [vjp and self.by_leaves(k, vjp)] * count
            names += [name] if count == 1 else [f"{name}[{i}]" for i in range(count)]
        kind = _CustomRule if self.single else _SeveralCustomRule
        leafwise = kind(
            self.custom.function,
            derivatives,
            forward=self.forward,
            operand_names=tuple(names),
            selects=True,
        )
        if self.single:
            return apply(leafwise, leaves, {})
        return self.grow(list(several_of(leafwise, leaves, {})))

    def by_leaves(self, k: int, vjp: Callable[..., Any]) -> Callable[..., Any]:
        """Return the derivative by each leaf of argument k, which are found together."""
        first, reads = sum(self.counts[:k]), names_of(vjp)[1:]
        said = f"the derivative of {self.custom.function.__name__} by {self.names[k]!r}"

        def found(g: Any, xs: Any, i: int, out: Any = None) -> Any:
            last = self.last.get(k)
            if last is None or last[0] is not g:
                arguments = self.rebuild(list(xs))
                known = {**dict(zip(self.names, arguments, strict=True)), "xs": tuple(arguments)}
                known |= {"i": k, "spec": map_leaves(spec_of, arguments[k])}
                known["out"] = None if out is None else self.whole(out)
                q = vjp(self.whole(g), **{name: known[name] for name in reads})
                tree = branches(arguments[k])[1] is not None
                last = self.last[k] = g, leaves_like(said, arguments[k], q) if tree else [q]
            return last[1][i - first]

        return found if "out" in reads else lambda g, xs, i: found(g, xs, i)

    def whole(self, x: Any) -> Any:
        """Return cotangents or results in a tree like the result."""
        return self.grow([x] if self.single else list(x))


class _CustomRule(General):
    """A rule that is not trusted: what it returns is checked, what it raises is explained."""

    def pull(self, i: int, count: int, full: bool, bare: bool = False) -> Any:
        """Return the pull of a rule, which says where it failed."""
        pull = super().pull(i, count, full, bare)
        if pull is None or not full:
            return pull

        def explained(g: Any, kept: Any) -> Any:
            xs, *rest = kept
            try:
                return pull(read_only(g), (tuple(map(read_only, xs)), *rest))
            except Exception as error:
                argument = self.operand_names[i]
                error.add_note(f"in the derivative of {self.name} by {argument!r}{where()}")
                raise

        return explained

    def fit(self, q: Any, spec: Any) -> Any:
        """Refuse a cotangent of another shape than its operand."""
        if callable(q):
            raise ArgumentError(
                f"the derivative of {self.name} returned a function{where()}. It returns the "
                "cotangent itself: lambda g, out, x: ... in place of lambda out, x: lambda g: ..."
            )
        if np.shape(q) != spec[0]:
            cure = repeated(np.shape(q), spec[0])
            missing = "None: is a return statement missing? It has the " if q is None else ""
            raise ShapeError(
                f"the derivative of {self.name} returned {missing}shape {np.shape(q)} for an "
                f"argument of shape {spec[0]}{where()}. They must be the same{cure}."
            )
        q = np.array(q)[()] if isinstance(q, np.ndarray) else q  # it may be a kept array itself
        return super().fit(q if hasattr(q, "dtype") else np.asarray(q), spec)


class _SeveralCustomRule(_CustomRule, Several):
    """The same of several results."""


def repeated(shape: tuple[int, ...], operand: tuple[int, ...]) -> str:
    """Return how to sum a cotangent of this shape if its operand was broadcast to it."""
    lead = len(shape) - len(operand)
    axes = [
        *range(lead),
        *[lead + i for i, n in enumerate(operand) if shape[lead:][i : i + 1] != (n,)],
    ]
    if lead < 0 or any(operand[i - lead] != 1 for i in axes if i >= lead):
        return ""
    over = ", ".join(map(str, axes))
    return f": sum it over axis {over}, along which the argument was broadcast"


def read_only(x: Any) -> Any:
    """Return an array so that a derivative cannot change it: others hold it, too."""
    if type(x) is not np.ndarray:
        return x
    x = x.view()
    x.flags.writeable = False
    return x

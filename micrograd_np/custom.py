"""Rules of the user's own, and control over what is differentiated. Floor 9."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import check_function, signature
from .calls.recording import apply
from .calls.signatures import constant_parameter
from .errors import ArgumentError, ShapeError, where
from .modes import current, running
from .rule import General, names_of
from .tensor import Tensor
from .tree import flatten

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
    serve higher orders, and forward mode by transposition.

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
        self.signature = signature(function)
        self.rule: _CustomRule | None = None

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
            self.function, vjps, forward=self.compute, operand_names=names, selects=True
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
        """Call the function on arrays; return its one result as an array."""
        own = [np.array(x) if isinstance(x, np.ndarray) else x for x in args]
        noting, mode = running.get(), current.get()
        try:
            running.set(None)  # whatever transform is at work outside
            current.set(None)
            out = self.function(*own, **kwargs)
        finally:
            running.set(noting)
            current.set(mode)
        if not isinstance(out, np.ndarray | np.generic | float | int | complex):
            raise ArgumentError(
                f"{self.function.__name__} returned a {type(out).__name__}{where()}. With "
                "custom_vjp it computes with arrays, and returns one array or number."
            )
        return np.array(out)[()]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute; record if an argument is tracked."""
        call = self.signature.bind(*args, **kwargs)
        if not isinstance(self.function, np.ufunc):  # whose defaults are not to be passed on
            call.apply_defaults()
        values = list(call.arguments.values())
        if not any(isinstance(x, Tensor) for x in values):
            return self.function(*call.args, **call.kwargs)
        if self.rule is None:
            raise ArgumentError(
                f"{self.function.__name__}: declare its derivatives with defvjp{where()}."
            )
        count = len(self.rule.derivatives)
        rest = list(call.arguments.items())[count:]
        params = {name: constant_parameter(self.rule.name, name, value) for name, value in rest}
        return apply(self.rule, tuple(values[:count]), params)


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

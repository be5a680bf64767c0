"""mg.debug: which operation, on which line, from which value, made a NaN or an infinity. Floor 5.

While it is on, a `Watch` in the mode records in place of calls/: it computes and records as
always, notes the user's line, and looks at the result. On the way back it looks at every cotangent.
While it is off nothing of this is asked for.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from .calls.handle import Handle, constant
from .calls.recording import NO_PARAMS, apply
from .errors import NonFiniteError, place, user_frame
from .graph import OPERANDS, Node, Parts, order_of, step
from .modes import Mode, check_decorated, current, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .rule import Rule

P = ParamSpec("P")
R = TypeVar("R")


def debug(function: Any = None, *, nan: bool = True, inf: bool = True) -> Any:
    """Raise where a NaN or an infinity is made, in values and in gradients.

    A context manager and a decorator, safe in threads and tasks. The error names the operation,
    your line, the entry, and the values that it was computed from.

    Parameters
    ----------
    nan, inf : bool
        What to look for. An infinity that an operand brings with it is passed over: only the
        operation that makes one is named. A NaN is always named where it first comes in.

    Raises
    ------
    NonFiniteError
        Which is also a FloatingPointError.

    Notes
    -----
    An entry that the result does not depend on has gradient 0 and raises nothing, as always.
    What a compiled function does inside is not looked at, nor what plain NumPy does.

    Examples
    --------
    >>> x = mg.Tensor([4.0, 0.0], requires_grad=True, name="x")
    >>> with mg.debug(), np.errstate(divide="ignore"):
    ...     y = np.log(x)
    Traceback (most recent call last):
    ...
    micrograd_np.errors.NonFiniteError: log made -inf at [1] ...: from 'x'[1] = 0.0. ...
    >>> with mg.debug(), np.errstate(divide="ignore"):
    ...     np.sum(np.sqrt(x)).backward()
    Traceback (most recent call last):
    ...
    micrograd_np.errors.NonFiniteError: the backward of sqrt ... made inf at [1] ...: from ...
    """
    context = _Debug(nan, inf)
    return context if function is None else context(function)


class _Debug:
    """The context that `debug` gives; it may be nested and used again."""

    def __init__(self, nan: bool, inf: bool) -> None:
        self.nan, self.inf = nan, inf

    def __enter__(self) -> None:
        mode = current.get()
        watch = Watch(self.nan, self.inf)
        enter((mode or Mode())._replace(recording=False, watch=watch, outer=mode), mode)

    def __exit__(self, *exc: object) -> None:
        mode = current.get()
        current.set(mode and mode.outer)

    def __call__(self, f: Callable[P, R]) -> Callable[P, R]:
        """Return f, watched when it is called."""
        check_decorated(f, "debug")

        @wraps(f)
        def watched(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return f(*args, **kwargs)

        return watched


class Found(NamedTuple):
    """An entry that is not finite: its index, and its value."""

    at: tuple[int, ...]
    value: Any


class Watch:
    """What looks at every result and every cotangent, and knows the lines they come from."""

    def __init__(self, nan: bool, inf: bool) -> None:
        self.nan, self.inf = nan, inf
        self.lines: dict[int, str] = {}  # by the order of a node

    def line(self, node: Node) -> str:
        """Return the line on which a node was recorded, if that was under this watch."""
        return self.lines.get(order_of(node), "")

    def apply(self, rule: Rule, operands: Any, params: dict[str, Any] = NO_PARAMS) -> Any:
        """Compute and record as always; look at the result."""
        mode = current.get()
        assert mode is not None
        if rule.fast and len(operands) == 2:
            operands = beside(*operands)
        token = current.set(plainly(mode))
        try:
            with np.errstate(all="ignore"):  # NumPy warned when it was first computed
                t = apply(rule, tuple(operands), params)
        finally:
            current.reset(token)
        if t._node is not None:
            self.lines[order_of(t._node)] = place()
        for data in t._value if rule.several else (t._value,):
            found = self.look(data)
            if found is not None and self.is_made(found, rule, operands):
                raise NonFiniteError(made(rule, operands, data, found))
        return t

    def look(self, data: Any) -> Found | None:
        """Return the first entry of the kind that is looked for."""
        x = np.asarray(data)
        if x.dtype.kind not in "fc":
            return None
        wrong = (np.isnan(x) & self.nan) | (np.isinf(x) & self.inf)
        if not wrong.any():
            return None
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        return Found(index, x[index])

    def is_made(self, found: Found, rule: Rule, operands: Any) -> bool:
        """Tell whether an operation made what was found, or computed with a NaN that came in.

        What only moves or chooses entries passes on what it was given.
        """
        if all(is_finite(x) for x in operands):
            return True
        return bool(np.isnan(found.value)) and not (rule.kind == "linear" or rule.selects)

    def edges(self, how: Any) -> Callable[[Node], Iterator[Any]]:
        """Return the edges of a masked sweep, whose cotangents are looked at on the way."""

        def edges(node: Node) -> Iterator[Any]:
            for i, pull in how(node):
                yield i, pull and self.looking(pull, node, i)

        return edges

    def looking(self, pull: Any, node: Node, i: int) -> Callable[[Any, Any], Any]:
        """Return a pull whose result is looked at."""

        def pulled(m: Any, kept: Any) -> Any:
            mode = current.get()
            assert mode is not None
            token = current.set(plainly(mode))
            try:
                with np.errstate(all="ignore"):
                    q = pull(m, kept)
            finally:
                current.reset(token)
            if type(q) is not Parts:
                self.look_back(m, q, node, i)
            return q

        return pulled

    def look_back(self, m: Any, q: Any, node: Node, i: int) -> None:
        """Raise if the cotangent q of an operand is not finite, and m, the one before it, was."""
        found = self.look(value_of(q.move))
        incoming = list(m.values()) if type(m) is Parts else [m]
        if found is None or not all(is_finite(part.move) for part in incoming):
            return
        _, plan, kept, _, _, _, operands = step(node)
        *values, out = plan.unpack(kept)[0]
        names = titles(operands)
        shown = [("the incoming gradient", g.move) for g in incoming]
        shown += [(name, x) for name, x in zip(names, values, strict=False) if x is not None]
        shown += [] if out is None else [("the result", out)]
        parts = ", ".join(entry_of(name, x, found.at) for name, x in shown)
        which = f" for {names[i - OPERANDS]}" if len(operands) > 1 else ""
        raise NonFiniteError(
            f"the backward of {plan.rule.name}{self.line(node)} made {found.value}"
            f"{index_text(found.at)}{which}{place()}: from {parts}. Keep the operand away from "
            "where the slope is infinite, or choose with np.where."
        )


def plainly(mode: Mode) -> Mode:
    """Return a mode that records as always, and does not watch."""
    return mode._replace(recording=mode.passing, watch=None)


def beside(x: Any, y: Any) -> tuple[Any, Any]:
    """Return two operands as NumPy computes with them fastest, as the fast calls take them."""
    if isinstance(x, Handle):
        return x, y if isinstance(y, Handle) else constant(y, x._value)
    return constant(x, y._value), y


def value_of(x: Any) -> Any:
    """Return the array of a Tensor, and anything else as it is."""
    return x._value if isinstance(x, Handle) else x


def is_finite(x: Any) -> bool:
    """Tell whether all entries of an operand are finite."""
    data = np.asarray(value_of(x))
    return data.dtype.kind not in "fc" or bool(np.isfinite(data).all())


def made(rule: Rule, operands: Any, data: Any, found: Found) -> str:
    """Return what an operation made, and from what."""
    names = titles(operands)
    values = [value_of(x) for x in operands]
    parts = ", ".join(
        entry_of(name, x, found.at, np.shape(data)) for name, x in zip(names, values, strict=True)
    )
    for name, x in zip(names, values, strict=True):
        if np.asarray(x).dtype.kind in "fc" and np.isnan(x).any():
            return (
                f"{rule.name} was given nan{place()}: it came in with {name}. {parts}. "
                f"Look where {name} comes from."
            )
    return (
        f"{rule.name} made {found.value}{index_text(found.at)}{place()}: from {parts}. "
        "Keep the operand inside the domain, or choose with np.where."
    )


def titles(operands: Any) -> list[str]:
    """Return what to call operands: by their own names, by the user's variables, by their place."""
    frame = user_frame()
    known = {} if frame is None else {id(x): repr(name) for name, x in frame.f_locals.items()}
    places = {1: ["the operand"], 2: ["the left operand", "the right operand"]}
    usual = places.get(len(operands), [f"operand {i}" for i in range(len(operands))])
    return [
        repr(x._name) if getattr(x, "_name", None)
        else known.get(id(x), place) if hasattr(value_of(x), "shape") else place
        for x, place in zip(operands, usual, strict=True)
    ]  # fmt: skip


def entry_of(name: str, x: Any, index: tuple[int, ...], shape: Any = None) -> str:
    """Return "'x'[1] = 0.0", the entry that was computed with; shape and range if there is none."""
    data = np.asarray(value_of(x))
    own = index[len(index) - data.ndim :] if data.ndim <= len(index) else None
    if own is not None and (shape is None or fits(data.shape, shape)):
        own = tuple(0 if n == 1 else k for k, n in zip(own, data.shape, strict=True))
        if all(k < n for k, n in zip(own, data.shape, strict=True)):
            return f"{name}{index_text(own, '')} = {data[own]}"
    return f"{name} {data.shape} between {np.min(data)} and {np.max(data)}" if data.size else name


def fits(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Tell whether an operand's entries stand beside those of the result."""
    try:
        return np.broadcast_shapes(shape, whole) == whole
    except ValueError:
        return False


def index_text(index: tuple[int, ...], before: str = " at ") -> str:
    """Return " at [0, 2]", nothing for a number."""
    return f"{before}[{', '.join(map(str, index))}]" if index else ""

"""How operations are recorded now: not in no_grad, in a named scope, for a trace. Floor 1."""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from .errors import ArgumentError, where

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class Scope(NamedTuple):
    """A named part of a computation; pictures draw it as a box."""

    name: str
    parent: Scope | None
    number: int  # tells two scopes of one name apart


class Mode(NamedTuple):
    """What differs from plain recording.

    A trace records by itself, and more: all that depends on its inputs. So ``recording`` is False
    in one, and ``passing`` tells instead whether gradients pass through what it records.
    """

    recording: bool = True
    scope: Scope | None = None
    outer: Mode | None = None  # what to return to
    trace: Any = None  # tracing.recorder.Trace
    passing: bool = True
    watch: Any = None  # debugging.Watch, which records in place of calls/, and looks

    @property
    def off(self) -> bool:
        """Whether results get no history."""
        return not (self.recording or self.trace is not None or self.watching)

    @property
    def watching(self) -> bool:
        """Whether the watch records."""
        return self.watch is not None and self.passing

    def recorder(self, tracked: bool) -> Any:
        """Return what records an operation, on a tracked operand or none, in place of calls/."""
        return self.trace if self.trace is not None and tracked else self.watch


current: ContextVar[Mode | None] = ContextVar("micrograd_np.mode", default=None)
mode_now = current.get  # None: record, in no scope. The hot path asks for nothing else

OFF = Mode(recording=False)

running: ContextVar[list[str] | None] = ContextVar("micrograd_np.running", default=None)
"""Not None while a transform runs its function; notes what took values out of the graph."""

_scope_number = count(1).__next__


def tracing() -> Any:
    """Return the trace that records now, or None."""
    mode = current.get()
    return mode and mode.trace


def enter(mode: Mode, before: Mode | None) -> None:
    """Set the mode of a context; an interrupt on the way there leaves that before."""
    try:
        current.set(mode)
    except BaseException:
        current.set(before)
        raise


def recording_all(mode: Mode | None) -> Mode | None:
    """Return the mode in which everything is recorded: plainly, or by the trace that runs."""
    plainly = mode is not None and mode.trace is mode.watch is None
    return mode and mode._replace(recording=plainly, passing=True)


def check_decorated(f: Any, decorator: str) -> None:
    """Refuse to decorate what is no function, or whose body does not run when it is called."""
    if not callable(f):
        raise ArgumentError(
            f"{decorator} decorates a function, got {f!r}{where()}. "
            f"Write @mg.{decorator} above one, or `with mg.{decorator}():` around the operations."
        )
    if isinstance(f, type):
        raise ArgumentError(
            f"{decorator} decorates a function, and {f.__name__} is a class{where()}. "
            f"Decorate {f.__name__}.__call__ or .forward, not the class."
        )
    if isgeneratorfunction(f) or iscoroutinefunction(f) or isasyncgenfunction(f):
        raise ArgumentError(
            f"{decorator} cannot decorate {f.__name__}, which runs later than it is "
            f"called{where()}. Write `with` inside it."
        )


def no_grad(function: Any = None) -> Any:
    """Record nothing inside: a context manager and a decorator, safe in threads and tasks.

    Inside, results require no gradient and a leaf may be updated in place, as optimizers do. What
    was computed becomes a constant if it is changed inside, as ``y = y + 1`` would make it; an
    argument of a function that is differentiated does so, too.

    Examples
    --------
    >>> w = mg.Tensor([1.0, 2.0], requires_grad=True)
    >>> np.sum(w * w).backward()
    >>> with mg.no_grad():
    ...     w -= 0.1 * w.grad
    >>> w
    Tensor([0.8, 1.6], requires_grad=True)
    """
    return _no_grad if function is None else _no_grad(function)


class _NoGrad:
    """The context that `no_grad` gives; it holds no state, so it may be shared and nested."""

    __slots__ = ()

    def __enter__(self) -> None:
        mode = current.get()
        off = OFF if mode is None else mode._replace(recording=False, outer=mode, passing=False)
        enter(off, mode)

    def __exit__(self, *exc: object) -> None:
        mode = current.get()
        current.set(mode and mode.outer)

    def __call__(self, f: Callable[P, R]) -> Callable[P, R]:
        """Return f, recording nothing when it is called."""
        check_decorated(f, "no_grad")

        @wraps(f)
        def without_grad(*args: P.args, **kwargs: P.kwargs) -> R:
            with _NoGrad():
                return f(*args, **kwargs)

        return without_grad


_no_grad = _NoGrad()


METHODS = ("__call__", "forward")  # are named after the class of their object


class named:  # noqa: N801
    """Name a part of a computation: pictures draw its operations in one box.

    ``with mg.named("neuron 1"): ...`` names a block; ``@mg.named`` names the calls of a function
    after it, or those of a method ``__call__`` or ``forward`` after the class of its object;
    ``@mg.named("hidden layer")`` as given.

    Examples
    --------
    >>> @mg.named
    ... def affine(x, w, b):
    ...     return w * x + b
    """

    __slots__ = ("_name",)
    _name: str

    def __new__(cls, name: Any) -> Any:
        """Return the scope, or for a function the function with a scope of its name."""
        self = super().__new__(cls)
        if callable(name):
            own = getattr(name, "__name__", type(name).__name__)
            self._name = "" if own in METHODS else own
            return self(name)
        if not isinstance(name, str) or not name:
            raise ArgumentError(
                f"named takes a text or a function, got {name!r}{where()}. "
                'Write `with mg.named("layer 1"):`, or @mg.named above a function.'
            )
        self._name = name
        return self

    def __enter__(self) -> None:
        mode = current.get()
        scope = Scope(self._name, mode and mode.scope, _scope_number())
        enter((mode or Mode())._replace(scope=scope, outer=mode), mode)

    def __exit__(self, *exc: object) -> None:
        mode = current.get()
        current.set(mode and mode.outer)

    def __call__(self, f: Callable[P, R]) -> Callable[P, R]:
        """Return f, its calls named."""
        check_decorated(f, "named")

        @wraps(f)
        def in_scope(*args: P.args, **kwargs: P.kwargs) -> R:
            with named(self._name or type(args[0]).__name__):
                return f(*args, **kwargs)

        return in_scope

"""Called: a function run to be drawn; its inner functions are boxes, its variables names. Floor 8.

Python reports each call while the function runs, so a function need not be changed to be drawn.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import signature
from ..calls.handle import Handle
from ..errors import ArgumentError, where
from ..graph import order_of
from ..modes import METHODS, current, named, recording_all, running
from ..sweeps.lifting import tensor_of
from ..tensor import Tensor
from ..tree import flatten
from .names import nested

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

HERE = str(Path(__file__).parent.parent)
APART = (HERE, str(Path(np.__file__).parent), sysconfig.get_path("stdlib") + "/", "<frozen")
BELOW = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))  # in stdlib's folder, often


def called(
    f: Callable[..., Any], args: tuple[Any, ...], caller: str
) -> tuple[Tensor, dict[str, Any]]:
    """Return what f returns, its floating-point arguments being variables, and names of values.

    Those of a model that is called are its arrays. A single real result is given the gradient 1,
    so that gradients can be shown. Nothing of the caller's is touched. It runs as in a transform:
    recorded even inside ``no_grad``, and what it calls is not compiled.
    """
    watch, names = Watch(), parameters(f, args, caller)
    model, remade = flatten(f)
    leaves, rebuild = flatten(args)
    f = remade([fresh(x, ARRAYS) for x in model])
    args = rebuild([fresh(x, NUMBERS) for x in leaves])
    before = sys.getprofile()
    mode, noting = current.set(recording_all(current.get())), running.set([])
    sys.setprofile(watch)
    try:
        result = f(*args)
    finally:
        sys.setprofile(before)
        current.reset(mode)
        running.reset(noting)
    check_result(f, result, caller)
    watch.note(dict(zip(names, args, strict=False)))
    if result.size == 1 and result.dtype.kind == "f":
        result = tensor_of(Tensor, result._value, list(result._node))  # nobody else's
        result.grad = np.ones(result.shape)
    return result, watch.names(result, f)


ARRAYS = (np.ndarray, Handle)
NUMBERS = (*ARRAYS, np.inexact, float, complex)


def fresh(x: Any, kinds: tuple[type, ...]) -> Any:
    """Return a variable of a floating-point value of these kinds; anything else as it is."""
    data = getattr(x, "_value", x)
    if isinstance(x, kinds) and np.asarray(data).dtype.kind in "fc":
        return Tensor(data, requires_grad=True, name=getattr(x, "_name", None))
    return x


def parameters(f: Any, args: tuple[Any, ...], caller: str) -> list[str]:
    """Return the names of a function's parameters, if it takes these arguments."""
    try:
        bound = signature(f).bind(*args)
    except TypeError as error:
        raise ArgumentError(
            f"{caller}: {title(f)}: {error}{where()}. Pass the function and its arguments: "
            f"{caller}(f, x, ...)."
        ) from None
    except ValueError:  # it tells nobody what it takes
        return []
    return list(bound.arguments)


def check_result(f: Any, result: Any, caller: str) -> None:
    """Refuse what is no single Tensor."""
    if isinstance(result, tuple | list | dict):
        raise ArgumentError(
            f"{caller}: {title(f)} returned a {type(result).__name__} of {len(result)}{where()}. "
            f"Show one of them: {caller}(lambda *args: f(*args)[0], ...)."
        )
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise ArgumentError(
            f"{caller}: what {title(f)} returned does not depend on a floating-point "
            f"argument{where()}. Pass it floats or arrays of floats, and compute with NumPy."
        )


def title(f: Any) -> str:
    """Return the name of a function, or of the class of an object that is called."""
    return str(getattr(f, "__name__", type(f).__name__))


class Watch:
    """Is told of each call and return while a function runs."""

    def __init__(self) -> None:
        self.scopes: list[tuple[FrameType, named | None]] = []
        self.found: dict[int, tuple[str, Tensor]] = {}  # by the order of nodes
        self.outer: set[int] = set()  # those that the outermost call named
        self.arrays: dict[str, Any] = {}  # of integers and truth values: labels, masks

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Open a scope where a user's function begins; close it and note names at its end."""
        if event == "call" and is_users(frame):
            scope = self.scope(frame)
            self.scopes.append((frame, scope))
            if scope is not None:
                scope.__enter__()
        elif event == "return" and self.scopes and self.scopes[-1][0] is frame:
            _, scope = self.scopes.pop()
            if scope is not None:
                scope.__exit__()
            self.note(frame.f_locals)

    def scope(self, frame: FrameType) -> named | None:
        """Return the scope of a call: none for the outermost, and where one is open already."""
        name = frame.f_code.co_name
        outer = frame.f_back
        decorated = outer is not None and outer.f_code.co_name == "in_scope"
        if not self.scopes or decorated or name.startswith("<"):
            return None
        scope: named = named(called_after(frame, self.scopes[-1][0]) if name in METHODS else name)
        return scope

    def note(self, variables: dict[str, Any]) -> None:
        """Note what variables hold; inner calls come first, and the outermost knows best."""
        known = [pair for pair in variables.items() if not pair[0].startswith((".", "_"))]
        for name, x in [*known, *(() if self.scopes else nested(known))]:
            name = name.removeprefix("self.")
            if isinstance(x, np.ndarray) and x.dtype.kind in "biu":
                self.arrays[name] = x
            if isinstance(x, Tensor) and x._node is not None and not x._name:
                order = order_of(x._node)
                if order not in self.found or (not self.scopes and order not in self.outer):
                    self.found[order] = name, x
                    if not self.scopes:
                        self.outer.add(order)

    def names(self, result: Tensor, f: Any) -> dict[str, Any]:
        """Return the names; one that several values had is numbered in order of computation."""
        order = order_of(result._node)
        if order not in self.found and title(f).isidentifier():
            self.found[order] = title(f), result
        pairs = [self.found[o] for o in sorted(self.found, reverse=True)]
        often = Counter(name for name, _ in pairs)
        names: dict[str, Tensor] = {}
        for name, t in pairs:
            unique, n = name, 0
            while unique in names or (often[name] > 1 and not n):
                n += 1
                unique = f"{name}_{n}"
            names[unique] = t
        return {**self.arrays, **names}


def is_users(frame: FrameType) -> bool:
    """Tell whether a call is of the user's code, not of NumPy, Python or this library."""
    path = frame.f_code.co_filename
    private = frame.f_code.co_name.startswith("_") and frame.f_code.co_name not in METHODS
    if path.startswith(BELOW):
        return not private and not path.startswith(APART[:2])
    return not path.startswith(APART)


def called_after(frame: FrameType, outer: FrameType) -> str:
    """Return the name of an object that is called: what its owner calls it, or its class."""
    own = frame.f_locals.get(next(iter(frame.f_code.co_varnames), ""))
    owner = outer.f_locals.get("self")
    for key, x in vars(owner).items() if hasattr(owner, "__dict__") else ():
        if x is own:
            return str(key)
        if isinstance(x, list | tuple) and any(own is y for y in x):
            at = next(i for i, y in enumerate(x) if own is y)
            return f"{type(own).__name__} {at + 1}"
    return type(own).__name__

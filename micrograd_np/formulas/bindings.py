"""Bindings: what a function's variables held while it ran. Floor 9.

A Tensor does not know the variable that holds it, but a function that runs can be watched: after
each of its lines, its variables are looked at. So ``h = np.tanh(h @ W)`` in a loop gives every h a
name, ``h_1``, ``h_2``, and what functions that it calls name is named too.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..calls.handle import handle
from ..errors import is_users
from ..graph import order_of
from .subject import is_recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class Bindings:
    """The Tensors that variables held, in the order in which they were bound.

    ``outermost`` is the code of the function itself; the parameters of others have other names.
    """

    def __init__(self, outermost: Any) -> None:
        self.outermost = outermost
        self.found: dict[int, tuple[str, bool]] = {}  # by order: the name, and whether in f itself
        self.tensors: dict[int, Any] = {}  # by order, as they were when they were bound

    def run(self, f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Call f, watching it; a debugger that was watching does so again afterwards."""
        before = sys.gettrace()
        sys.settrace(self.enter)
        try:
            return f(*args, **kwargs)
        finally:
            sys.settrace(before)

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Watch a function of the user's that is called."""
        watched = frame.f_code is self.outermost or is_users(frame)
        return self.look if watched else None

    def look(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Note what the variables of a function hold now."""
        code = frame.f_code
        inside = code is self.outermost
        given = () if inside else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        for name, x in list(frame.f_locals.items()):
            if is_recorded(x) and name not in given and name.isidentifier():
                order = order_of(x._node)
                if order not in self.found or (inside and not self.found[order][1]):
                    self.found[order] = name, inside
                    self.tensors.setdefault(order, handle(x))
        return self.look

    def names(self, given: dict[int, str]) -> dict[int, str]:
        """Return names by the order of nodes: those given, and numbered ones where one is reused.

        A number follows a name that has one by an underscore: ``h_1_2`` is the second ``h_1``.
        """
        fresh = {order: name for order, (name, _) in self.found.items() if order not in given}
        times = Counter(fresh.values())
        taken, seen = set(given.values()), Counter[str]()
        result = dict(given)
        for order, name in fresh.items():
            seen[name] += 1
            again = times[name] > 1 or name in taken
            result[order] = f"{name}_{seen[name]}" if again else name
        return result

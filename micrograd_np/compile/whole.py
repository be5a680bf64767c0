"""A compiled function as one operation of a graph, which brings its gradients along. Floor 9."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import Choice, title
from ..calls.handle import Handle, new
from ..errors import GraphError, where
from ..graph import KEPT, OPERANDS, PLAN, SPEC, Node, new_order
from ..modes import mode_now, running
from ..plan import spec_of
from ..rule import General, identity
from ..run import Run
from ..sweeps.backward import one_for
from ..tensor import Tensor
from ..tree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class NotOneNumberError(Exception):
    """The function returns something else than one number, so its gradients cannot come along."""


def recording_plainly() -> bool:
    """Tell whether operations are recorded, and nothing else is done with them."""
    mode = mode_now()
    plain = mode is None or (mode.recording and mode.trace is mode.watch is None)
    return plain and running.get() is None


def with_gradients(f: Callable[..., Any], places: tuple[int, ...]) -> Callable[..., Any]:
    """Return a function that gives f's value, and its gradients by the leaves at these places.

    The gradients are a tuple; or a list, with None for the leaves that no gradient reaches.
    """

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> Any:
        leaves, rebuild = flatten((args, kwargs))

        def of_chosen(*chosen: Any) -> Any:
            given = dict(zip(places, chosen, strict=True))
            args, kwargs = rebuild([given.get(i, x) for i, x in enumerate(leaves)])
            return f(*args, **kwargs)

        chosen = tuple([leaves[i] for i in places])
        run = Run(of_chosen, chosen, {}, Choice(of_chosen, tuple(range(len(places)))))
        out = run.result
        if not (isinstance(out, Tensor) and out.size == 1 and out.dtype.kind == "f"):
            raise NotOneNumberError
        gradients = run.swept(out, one_for(out))
        unreached = any(x is None for x in gradients)
        return run.value(out), gradients if unreached else tuple(gradients)

    return both


class Whole(General):
    """The rule of a compiled function: a node keeps the gradients, which are known already."""

    inner = ("value", "gradients")

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f, [identity], forward=lambda *_, **inner: inner["value"], name=title(f))

    def pull(
        self, i: int, count: int, full: bool, bare: bool = False
    ) -> Callable[[Any, Any], Any] | None:
        """Return the function that scales the gradient of operand i."""
        return lambda g, kept: self.fit(self.scaled(kept[2]["gradients"][i], g), kept[1][i])

    def scaled(self, gradient: Any, g: Any) -> Any:
        """Return a gradient times the cotangent of the value; a fresh array."""
        if isinstance(g, Handle):
            raise GraphError(
                f"{self.name} was compiled as one operation{where()}: its gradient is known by "
                f"value, and can neither be differentiated nor drawn. Pass the function: "
                f"mg.hvp({self.name}, ...), mg.explain({self.name}, ...), or leave mg.jit away."
            )
        return gradient.copy() if g == 1 else gradient * g.reshape(())

    def ready(self, node: Node) -> list[tuple[Node, Any]] | None:
        """Return (variable, gradient) pairs, if every operand is a variable.

        The arrays are shared with the node: who wants one to change finds them read-only.
        """
        mode = mode_now()
        if mode is not None and mode.watch is not None:  # it looks at the sweep
            return None
        found = []
        for operand, g in zip(node[OPERANDS:], node[KEPT][2]["gradients"], strict=True):
            if operand[PLAN] is not None:
                return None
            if type(g) is np.ndarray:
                g.setflags(write=False)
            found.append((operand, g))
        return found

    def record(self, tensors: list[Any], value: Any, gradients: Sequence[Any]) -> Any:
        """Return the Tensor of a value that was computed from Tensors, with its gradients."""
        if type(gradients) is list:  # their .grad is to stay None
            reached = [i for i, gradient in enumerate(gradients) if gradient is not None]
            tensors = [tensors[i] for i in reached]
            gradients = [gradients[i] for i in reached]
        t, mode = new(Tensor), mode_now()
        t._value, t._name, t._node = value, None, None
        if not tensors:
            return t
        nodes = [x._node for x in tensors]
        spec = spec_of(value)
        plan = self.plan((True,) * len(nodes))
        specs = (*[node[SPEC] for node in nodes], spec)
        kept = (None,) * len(specs), specs, {"value": value, "gradients": gradients}
        t._node = [new_order(), plan, kept, spec, None, mode and mode.scope, *nodes]
        return t

"""Names: what the caller calls the values of a graph, and who still holds them. Floor 8."""

from __future__ import annotations

import gc
from collections import Counter
from sys import getrefcount
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import numpy as np

from ..calls.handle import Handle
from ..graph import ALONE, is_leaf, is_node, order_of, parents, step
from .labels import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from ..graph import Node

OUTWARD = 5  # callers whose variables are looked at
MANY = 100  # entries of a list, attributes of an object: no more are looked at
DEEP, ENOUGH = 6, 500  # how far what variables hold is looked into, and how much of it
PLAIN = (type, ModuleType, FunctionType, np.ndarray, Handle)  # are looked at as a whole
SHELL = frozenset({"In", "Out"})  # what IPython keeps of all earlier cells


class Names(NamedTuple):
    """What is known of a graph by looking around it.

    ``nodes`` has names by the order of a node, ``tensors`` the Tensor that holds it, ``constants``
    names by the identity of a constant operand.
    """

    nodes: dict[int, str]
    tensors: dict[int, Any]
    constants: dict[int, str]


def look_around(
    nodes: list[Node], root: Any, frame: FrameType | None, given: Mapping[str, Any]
) -> Names:
    """Return the names that the given mapping, the Tensors and the caller's variables tell."""
    known = Names({}, {}, {})
    orders = {order_of(node) for node in nodes}
    wanted = {id(x) for node in nodes for x in step(node).operands if is_array(x)}
    for name, x in ((name, x) for name, x in given.items() if is_name(name)):
        _note(known, orders, name, x)
    _hold(known, orders, root)
    variables = list(_variables(frame))
    for name, x in variables:
        _hold(known, orders, x)
        _note(known, orders, name, x)
    for name, x in nested(variables):
        _hold(known, orders, x)
        _note(known, orders, name, x)
    _search(known, nodes, wanted)
    _parameters(known, nodes, [*given.items(), *variables])
    return known


def _parameters(known: Names, nodes: list[Node], variables: list[tuple[str, Any]]) -> None:
    """Name the arrays among parameters, labels and masks, after variables that hold the same.

    They are copies, so that nobody can change them.
    """
    held = [(name, x) for name, x in variables if isinstance(x, np.ndarray) and x.ndim]
    for plan, kept in ((step(node).plan, step(node).kept) for node in nodes):
        for x in plan.unpack(kept)[2].values() if plan is not None else ():
            if isinstance(x, np.ndarray) and x.ndim:
                same = (n for n, y in held if y.dtype == x.dtype and np.array_equal(x, y))
                if (found := next(same, "")) and is_name(found):
                    known.constants[id(x)] = found


def is_array(x: Any) -> bool:
    """Tell whether a constant has an identity: literals like 1.0 may be shared by many uses."""
    return not is_node(x) and isinstance(x, np.ndarray | np.generic)


def is_name(name: str | None) -> TypeGuard[str]:
    """Tell whether something is left to show of a name."""
    return bool(name and clean(name).strip())


def _is_name_worthy(x: Any) -> bool:
    """Tell whether a variable's value can be told from a literal that happens to be equal."""
    return isinstance(x, np.ndarray | np.generic) or (type(x) is float and not x.is_integer())


def _variables(frame: FrameType | None) -> Iterator[tuple[str, Any]]:
    """Yield the caller's variables, local ones first, then those of its callers.

    Not those that a shell keeps.
    """
    seen = set()
    for _ in range(OUTWARD):
        if frame is None:
            return
        local = frame.f_locals
        for space in (local, frame.f_globals):
            if id(space) not in seen:
                seen.add(id(space))
                for name, x in list(space.items()):
                    if name.isidentifier() and not name.startswith("_") and name not in SHELL:
                        yield name, x
        frame = frame.f_back


def nested(variables: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield what variables hold, and what that holds, with the names one would write."""
    level = [(name, x) for name, x in variables if _has_entries(x)]
    seen = set()
    for _ in range(DEEP):
        inner = []
        for owner, x in level[:ENOUGH]:
            if id(x) not in seen:
                seen.add(id(x))
                found = list(_entries(owner, x))
                yield from found
                inner += [(name, entry) for name, entry in found if _has_entries(entry)]
        level = inner


def _has_entries(x: Any) -> bool:
    """Tell whether something holds other values: a short list, a dict, an object of a class."""
    if isinstance(x, list | tuple | dict):
        return 0 < len(x) <= MANY
    kind = type(x)
    if kind.__module__.startswith(__name__.rpartition(".")[0]):
        return False  # a picture holds the graph itself
    return hasattr(kind, "__dict__") and not isinstance(x, PLAIN) and hasattr(x, "__dict__")


def _entries(owner: str, x: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a list, a dict or an object holds, with the name one would write."""
    if isinstance(x, list | tuple):
        yield from ((f"{owner}[{i}]", entry) for i, entry in enumerate(x))
    elif isinstance(x, dict):
        yield from ((str(key), entry) for key, entry in list(x.items()) if isinstance(key, str))
    else:
        held = list(vars(x).items())[:MANY]
        yield from ((f"{owner}.{key}", entry) for key, entry in held if isinstance(key, str))


def is_tensor(x: Any) -> bool:
    """Tell whether x is a Tensor, and not the half of one that a traceback holds."""
    return isinstance(x, Handle) and hasattr(x, "_node")


def _hold(known: Names, orders: set[int], x: Any) -> None:
    """Note a Tensor of the graph, and the name it was given."""
    if not is_tensor(x):
        return
    if x._node is None:
        if is_name(x._name):
            known.constants.setdefault(id(x._value), x._name)
    elif (order := order_of(x._node)) in orders:
        known.tensors.setdefault(order, x)
        if is_name(x._name):
            known.nodes.setdefault(order, x._name)


def _note(known: Names, orders: set[int], name: str, x: Any) -> None:
    """Note that a variable holds something that may be in the graph."""
    if is_tensor(x):
        if x._node is None:
            known.constants.setdefault(id(x._value), name)
        elif (order := order_of(x._node)) in orders:
            known.tensors.setdefault(order, x)
            known.nodes.setdefault(order, name)
    elif _is_name_worthy(x):
        known.constants.setdefault(id(x), name)


def _search(known: Names, nodes: list[Node], wanted: set[int]) -> None:
    """Find Tensors that nobody in sight holds: in closures, in objects, in other functions.

    A node does not know its Tensors, but the garbage collector knows every object there is. It is
    asked only if something is missing: about 50 ms among 500,000 objects.
    """
    uses = Counter(order_of(x) for node in nodes for x in parents(node))
    missing = wanted - known.constants.keys() or any(
        is_leaf(node) or getrefcount(node) - uses[order_of(node)] > ALONE + 1  # `node` and `nodes`
        for node in nodes
        if order_of(node) not in known.tensors
    )
    if missing:
        orders = {order_of(node) for node in nodes}
        found = [x for x in gc.get_objects() if issubclass(type(x), Handle)]
        for x in found:
            _hold(known, orders, x)

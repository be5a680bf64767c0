"""A graph of operations, and the two sweeps over it: reverse and forward. Floor 1.

A *node* is one recorded operation. It is a plain list, because a list costs 40 ns where an object
costs 176, and the garbage collector has one thing to look at an operation, not three. Its fields,
which other modules read by these names, and mostly through ``step``:

    ORDER      minus the creation number, so that a heap of nodes pops the newest first
    PLAN       how to differentiate the operation (plan.Plan); None for a variable
    KEPT       the arrays that the derivatives will read, as the plan laid them out
    SPEC       shape and dtype of the result
    GRAD       the gradient that backward left here for the Tensor that holds the result
    SCOPE      the named scope in which the operation was recorded, or None
    OPERANDS   from here on: for each operand its node, or the operand itself if it is constant

GRAD alone ever changes. Nodes point to parent nodes only, never to Tensors and never down. So there
are no cycles, reference counting frees a graph as soon as its last Tensor goes, and an operand is
always older than what was made of it: walking from the newest node to the oldest *is* a topological
order. No search and no recursion is needed, however deep the graph.
"""

from __future__ import annotations

import sys
from heapq import heappop, heappush, heappushpop
from itertools import count
from sys import getrefcount
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import FreedGraphError

if TYPE_CHECKING:
    from collections.abc import Callable

Node = list[Any]  # [order, plan, kept, spec, grad, scope, *operands]
How = Any  # node -> edges: other derivatives than the plan's own

ORDER, PLAN, KEPT, SPEC, GRAD, SCOPE, OPERANDS = range(7)


def _alone() -> int:
    """Return what getrefcount says of an object that one variable holds, and nothing else."""
    held: list[Any] = []
    return getrefcount(held)


# Where reference counts do not tell who holds what, everything counts as held. That costs memory,
# never a gradient.
COUNTED = sys.implementation.name == "cpython"
ALONE = _alone()  # 2, the variable and the argument; 1 since Python 3.14, which lends the argument

new_order = count(-1, -1).__next__  # one C call: threads never share a number


class Parts(dict[int, Any]):
    """Cotangents, or tangents, of the results of one function, by their places.

    They add up place by place; a result that nothing depends on has none.
    """

    whole: Any = None  # a tuple of them, with zeros for none, once one was asked for

    def __add__(self, other: Parts) -> Parts:
        both = {i: self[i] + other[i] for i in self.keys() & other.keys()}
        return Parts({**self, **other, **both})


class Step(NamedTuple):
    """One node with its fields named, for the views and the compiler."""

    order: int
    plan: Any
    kept: Any
    spec: Any
    grad: Any
    scope: Any
    operands: tuple[Any, ...]


def step(node: Node) -> Step:
    """Return the node with its fields named."""
    order, plan, kept, spec, grad, scope, *operands = node
    return Step(order, plan, kept, spec, grad, scope, tuple(operands))


def node_of(fields: Step) -> Node:
    """Return a node of these fields: what ``step`` takes apart."""
    return [*fields[:-1], *fields.operands]


ARGUMENT = "argument"  # is KEPT of a variable that stands for an argument of a function


def leaf(spec: Any, kept: Any = None) -> Node:
    """Return a node without history: a variable, of this shape and dtype, to differentiate by."""
    return [new_order(), None, kept, spec, None, None]


class _Freed:
    """The plan of a result whose graph was given up: to differentiate it is an error."""

    selects = False

    @property
    def choosing(self) -> _Freed:
        return self

    @property
    def edges(self) -> tuple[()]:
        raise FreedGraphError(
            "this graph was freed by backward(retain_graph=False). "
            "Call backward() without it, or compute the result again."
        )

    rule = edges  # whatever is asked of it


_FREED = _Freed()


def freed(node: Node) -> Node:
    """Return the node that stands for a result after its graph was given up."""
    return [new_order(), _FREED, None, node[SPEC], node[GRAD], node[SCOPE]]


def is_node(operand: Any) -> bool:
    """Tell whether an operand is a node; a constant operand is never a list."""
    return type(operand) is list


def is_leaf(node: Node) -> bool:
    """Tell whether the node is a variable: nothing was computed to make it."""
    return node[PLAN] is None


def is_argument(node: Node) -> bool:
    """Tell whether the node is a variable that stands for an argument of a function."""
    return node[KEPT] is ARGUMENT


def order_of(node: Node) -> int:
    """Return minus the creation number: smaller is newer."""
    return node[ORDER]  # type: ignore[no-any-return]


def grad_of(node: Node) -> Any:
    """Return the gradient that backward left here, or None."""
    return node[GRAD]


def parents(node: Node) -> list[Node]:
    """Return the nodes that this one was computed from, in the order of its operands."""
    return [operand for operand in node[OPERANDS:] if type(operand) is list]


def history(*roots: Node, until: int = 0) -> list[Node]:
    """Return every node that the roots depend on, themselves included, oldest first.

    Nodes older than ``until`` are found where younger ones lead to them, but not gone beyond.
    """
    found = {root[ORDER]: root for root in roots}
    stack = list(found.values())
    while stack:
        node = stack.pop()
        if until and node[ORDER] > until:
            continue
        for parent in parents(node):
            if parent[ORDER] not in found:
                found[parent[ORDER]] = parent
                stack.append(parent)
    return [found[order] for order in sorted(found, reverse=True)]


def reverse(  # noqa: C901, PLR0912, PLR0915 (one loop, and the hottest: a call less counts)
    node: Node,
    g: Any,
    how: How = None,
    every: bool = False,
    until: int = 0,
    on_select: Callable[[], None] | None = None,
    on_older: Callable[[Node], None] | None = None,
) -> list[tuple[Node, Any]]:
    """Reverse sweep: return pairs (node, d root / d node), newest first, starting at the root.

    Each node is reached once, when all its uses have added to its cotangent. Only nodes whose value
    somebody still holds are returned, or all of them with ``every``; variables come last. The sweep
    stops at nodes older than ``until``, for which ``on_older`` is called. ``how(node)`` gives other
    edges than the plan's own, and ``on_select`` is called at each function that selects entries.
    """
    every = every or not COUNTED
    if node[PLAN] is None:
        return [(node, g)]
    found: list[tuple[Node, Any]] = []
    pending: dict[int, Any] = {}  # cotangents of the nodes in the heap, and of variables
    reused: dict[int, int] = {}  # how often those were used beyond the first time
    heap: list[Node] = []
    leaves: list[Node] = []
    coming, uses = None, 0
    while True:
        # Held: referred to by more than its uses and the variable `node`
        parent = following = None
        if (every or getrefcount(node) - uses > ALONE) and type(g) is not Parts:
            found.append((node, g))
        plan, kept = node[PLAN], node[KEPT]
        if plan.selects and on_select is not None:
            on_select()
        edges, uses = plan.edges if how is None else how(node), 1
        try:
            for i, pull in edges:
                q = g if pull is None else pull(g, kept)
                parent = node[i]
                if parent is following:
                    coming = coming + q
                    uses += 1
                    continue
                order = parent[ORDER]
                if order in pending:
                    pending[order] = pending[order] + q
                    reused[order] = reused.get(order, 0) + 1
                elif until and order > until:  # older than all that is asked for
                    if on_older is not None:
                        on_older(parent)
                elif parent[PLAN] is None:
                    pending[order] = q
                    leaves.append(parent)
                elif following is None:
                    following, coming = parent, q
                else:
                    pending[order] = q
                    heappush(heap, parent)
        except Exception as error:
            error.add_note(f"in the backward of {plan.rule.name}")
            raise
        if not heap:
            if following is None:
                break
            node, g = following, coming
            continue
        if following is None:
            node = heappop(heap)
        else:
            order = following[ORDER]
            pending[order] = coming
            if uses > 1:
                reused[order] = uses - 1
            node = heappushpop(heap, following)
        order = node[ORDER]
        g = pending.pop(order)
        uses = 1 + reused.pop(order, 0) if reused else 1
    found += [(node, pending[node[ORDER]]) for node in leaves]
    return found


def forward(
    nodes: list[Node], tangents: dict[int, Any], how: Callable[[Node], Callable[[list[Any]], Any]]
) -> dict[int, Any]:
    """Forward sweep: push the tangents of some nodes, by their order, through a history.

    ``how(node)`` gives the function from the operands' tangents (None: zero) to the node's own.
    Returns the tangents of all nodes that depend on those.
    """
    moving = dict(tangents)
    for node in nodes:
        if node[ORDER] in moving or node[PLAN] is None:
            continue
        incoming = [moving.get(x[ORDER]) if type(x) is list else None for x in node[OPERANDS:]]
        if any(t is not None for t in incoming):
            moving[node[ORDER]] = how(node)(incoming)
    return moving

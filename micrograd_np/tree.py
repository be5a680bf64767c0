"""Trees of parameters: lists, tuples, dicts and dataclasses of arrays. Floor 1."""

from __future__ import annotations

import math
from copy import copy
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ArgumentError, DtypeError, ShapeError, where

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["flatten", "map_leaves", "ravel"]

LEAVES = {np.ndarray, float, int, np.float64, np.float32}  # the commonest; others are looked at


def first(leaves: list[Any]) -> Any:
    """Return the leaf that is a whole tree."""
    return leaves[0]


def flatten(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """Return the leaves of a tree, in order, and the function that rebuilds it from others.

    Lists, tuples (named ones too), dicts and dataclasses are branches; None has no leaves;
    everything else is a leaf.

    Examples
    --------
    >>> leaves, rebuild = mg.tree.flatten({"w": 1.0, "b": [2.0, 3.0]})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild([10.0, 20.0, 30.0])
    {'w': 10.0, 'b': [20.0, 30.0]}
    """
    kind = type(tree)
    if kind in LEAVES:
        return [tree], first
    plain = kind is tuple or kind is list
    if plain and LEAVES.issuperset(map(type, tree)):
        return list(tree), kind  # the parameters of most functions, without recursion
    children, join = (tree, kind) if plain else branches(tree)
    if join is None:
        return [tree], first
    leaves: list[Any] = []
    cuts: list[tuple[int, Any]] = []  # for each child: where its leaves end, what makes it of them
    for child in children:
        inner, grow = ([child], first) if type(child) in LEAVES else flatten(child)
        leaves += inner
        cuts.append((len(leaves), grow))

    def rebuild(leaves: list[Any]) -> Any:
        start, grown = 0, []
        for stop, grow in cuts:
            grown.append(grow(leaves[start:stop]))
            start = stop
        return join(grown)

    return leaves, rebuild


def branches(tree: Any) -> tuple[list[Any], Any]:
    """Return the children of a branch and how to join new ones; None in place of how for a leaf."""
    if tree is None:
        return [], lambda _: None
    kind = type(tree)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return list(tree), lambda children: kind(*children)
    if isinstance(tree, list | tuple):
        return list(tree), kind
    if isinstance(tree, dict):
        return list(tree.values()), lambda children: like_dict(tree, children)
    if hasattr(type(tree), "__dataclass_fields__"):
        import dataclasses  # which takes a millisecond to import

        names = [f.name for f in dataclasses.fields(tree) if f.init]
        old = tree
        return (
            [getattr(tree, name) for name in names],
            lambda new: dataclasses.replace(old, **dict(zip(names, new, strict=True))),
        )
    return [], None


def like_dict(tree: dict[Any, Any], children: list[Any]) -> dict[Any, Any]:
    """Return a dict of the same kind and keys: a defaultdict is not made of pairs alone."""
    pairs = zip(tree, children, strict=True)
    if type(tree) is dict:
        return dict(pairs)
    new = copy(tree)
    for key, child in pairs:
        new[key] = child
    return new


def leaves_like(what: str, tree: Any, other: Any) -> list[Any]:
    """Return the leaves of ``other`` in the order of ``tree``, whose structure it must have.

    Dicts are paired by their keys, however they were filled.
    """
    mine, join = branches(tree)
    theirs, other_join = branches(other)
    if isinstance(tree, dict) and isinstance(other, dict) and tree.keys() == other.keys():
        theirs = [other[key] for key in tree]
    elif isinstance(tree, dict) and join is not None:
        theirs = []
    if (join is None) != (other_join is None) or len(mine) != len(theirs):
        raise ArgumentError(
            f"{what}: trees of different structure{where()}: {shown(tree)} against {shown(other)}."
        )
    if join is None:
        return [other]
    pairs = zip(mine, theirs, strict=True)
    return [leaf for a, b in pairs for leaf in leaves_like(what, a, b)]


def shown(tree: Any) -> str:
    """Return a branch or leaf in words."""
    children, join = branches(tree)
    if join is None:
        return f"one {type(tree).__name__}"
    keys = f" with the keys {list(tree)}" if isinstance(tree, dict) else ""
    return f"a {type(tree).__name__} of {len(children)}{keys}"


def map_leaves(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Return the tree of f(leaf, leaf of each other tree).

    Examples
    --------
    >>> mg.tree.map_leaves(lambda w, g: w - 0.1 * g, {"w": 1.0}, {"w": 2.0})
    {'w': 0.8}
    """
    leaves, rebuild = flatten(tree)
    rest = [leaves_like("map_leaves", tree, other) for other in others]
    return rebuild([f(*xs) for xs in zip(leaves, *rest, strict=True)])


def ravel(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return the numbers of a tree in one vector, and the function that makes a tree of a vector.

    For what knows vectors only, such as `scipy.optimize.minimize`. Both are differentiable.

    Parameters
    ----------
    tree : array_like or Tensor, or a tree of them, float or complex

    Returns
    -------
    vector : array or Tensor, shape (number of entries,), in the dtype common to all leaves
    unravel : callable
        Of a vector of that length; returns a tree of the same structure and shapes.

    Raises
    ------
    DtypeError
        If a leaf is no number.
    ShapeError
        If unravel is called with anything but such a vector.

    Examples
    --------
    >>> vector, unravel = mg.tree.ravel({"w": np.ones((2, 2)), "b": 0.5})
    >>> vector
    array([1. , 1. , 1. , 1. , 0.5])
    >>> unravel(2 * vector)
    {'w': array([[2., 2.],
           [2., 2.]]), 'b': array(1.)}
    """
    leaves, rebuild = flatten(tree)
    for x in leaves:
        if (x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype).kind not in "biufc":
            raise DtypeError(
                f"mg.tree.ravel: {x!r} is no number{where()}. Keep it out of the tree."
            )
    shapes = [np.shape(x) for x in leaves]
    ends = list(accumulate(map(math.prod, shapes), initial=0))
    vector = np.concatenate([np.ravel(x) for x in leaves]) if leaves else np.zeros(0)

    def unravel(v: Any) -> Any:
        if np.shape(v) != (ends[-1],):
            raise ShapeError(
                f"mg.tree.ravel: the tree has {ends[-1]} numbers, this is of shape "
                f"{np.shape(v)}{where()}. Pass a vector of that length."
            )
        parts = zip(ends, ends[1:], shapes, strict=False)
        return rebuild([np.reshape(v[start:end], shape) for start, end, shape in parts])

    return vector, unravel

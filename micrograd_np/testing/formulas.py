"""check_gradient: whether gradients derived by hand are right. Floor 10."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import Choice, check_function, title
from ..errors import ArgumentError, GradientError, where
from ..transforms import grad
from ..tree import flatten
from .case import plain
from .hints import Hints
from .nearby import moved_a_little, moves_by_rounding
from .paths import argument_names, at, paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..arguments import Argnums


def check_gradient(
    loss: Callable[..., Any],
    formulas: Mapping[str | int, Any],
    *args: Any,
    argnums: Argnums | None = None,
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> None:
    """Check gradients derived by hand against the library's.

    Parameters
    ----------
    loss : callable
        Of the arguments; returns a real scalar.
    formulas : dict
        For each parameter of the loss, by its name or position, its gradient: a function of the
        loss's arguments, or an array. A parameter that is a tree has a tree of gradients.
    *args : array_like, or trees of them
        The point.
    argnums : int, str, or a tuple of them, optional
        Which arguments the formulas belong to, in their order, if they are not called by the names
        of the loss's parameters.
    rtol, atol : float
        An entry is right within ``atol + rtol * abs(right)``, within 100 roundings of the largest
        entry, and where terms cancel, within 100 times what it moves by where the arguments move
        by a rounding.

    Raises
    ------
    GradientError
        At the first wrong formula. It names the parameter, the first wrong entry, its value and
        the right one, and what may have been forgotten.
        Or where there is nothing to compare with: the gradient is not finite, or the loss has a
        kink there, and close by the formula is right.
    ArgumentError
        If the loss has no such parameter.

    Examples
    --------
    >>> def loss(w, x, y):
    ...     return (w * x - y) ** 2
    >>> mg.testing.check_gradient(loss, {"w": lambda w, x, y: 2 * (w * x - y) * x}, 3.0, 2.0, 1.0)
    >>> mg.testing.check_gradient(loss, {"w": lambda w, x, y: 2 * (w * x - y)}, 3.0, 2.0, 1.0)
    Traceback (most recent call last):
    ...
    micrograd_np.errors.GradientError: the formula for w is wrong: it gives 10.0, but dloss/dw is \
20.0. The factor x is missing.
    """
    check_function(loss, "check_gradient")
    if not hasattr(formulas, "items"):
        raise ArgumentError(
            f"check_gradient: formulas is a dict {{parameter: formula}}, not a "
            f"{type(formulas).__name__}{where()}. Write {{'w': dL_dw}}."
        )
    if not formulas:
        raise ArgumentError(
            f"check_gradient: there is no formula to check{where()}. Write {{'w': dL_dw}}."
        )
    chosen, names = parameters(formulas, argnums), argument_names(loss, len(args))
    keys = Choice(loss, chosen).keys(args, {})
    gradient = Gradient(loss, [names[key] for key in keys], chosen)
    right = gradient(args)
    for label, formula in zip(right, formulas.values(), strict=True):
        claimed = claim_of(label, formula, args) if callable(formula) else formula
        for i, leaf in enumerate(leaves_of(label, claimed, right[label])):
            if not mismatch(title(loss), *leaf, rtol, atol):
                continue
            granted = 100 * moves_by_rounding(partial(gradient.leaf, label, i), args)
            what = mismatch(title(loss), *leaf, rtol, atol + granted)
            if what and callable(formula) and gradient.right_close_by(formula, label, keys, args):
                raise GradientError(close_by(leaf[0], leaf[1], what))
            if what:
                hint = Hints(loss, args, formula, by_leaf(right)).of(*leaf)
                raise GradientError(f"the formula for {leaf[0]} is wrong: {what} {hint}")


class Gradient:
    """The gradients of a loss by the library, at any point, by the name of the argument."""

    def __init__(self, loss: Callable[..., Any], labels: list[str], chosen: Any) -> None:
        self.title, self.labels, self.compute = title(loss), labels, grad(loss, chosen)

    def __call__(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """Return the gradient, or the tree of gradients, of each label."""
        return dict(zip(self.labels, self.compute(*args), strict=True))

    def leaf(self, label: str, i: int, args: tuple[Any, ...]) -> Any:
        """Return one leaf of the gradients of a label."""
        return plain_array(flatten(self(args)[label])[0][i])

    def right_close_by(
        self, formula: Callable[..., Any], label: str, keys: Any, args: tuple[Any, ...]
    ) -> bool:
        """Tell whether a formula is right where the parameters have moved a little."""
        for there in moved_a_little(args, keys):
            claimed = claim_of(label, formula, there)
            leaves = leaves_of(label, claimed, self(there)[label])
            if any(mismatch(self.title, *leaf, 1e-9, 1e-12) for leaf in leaves):
                return False
        return True


def parameters(formulas: Mapping[str | int, Any], argnums: Argnums | None) -> tuple[int | str, ...]:
    """Return which arguments the formulas belong to."""
    names: Any = tuple(formulas) if argnums is None else argnums
    chosen: tuple[int | str, ...]
    chosen = tuple(names) if isinstance(names, tuple | list) else (names,)
    if len(chosen) != len(formulas):
        raise ArgumentError(
            f"check_gradient: {len(formulas)} formulas for {len(chosen)} argnums{where()}. "
            "Give one formula for each."
        )
    return chosen


def claim_of(label: str, formula: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return what a formula gives, of arguments of its own, which it must not change."""
    own = copies(args)
    try:
        claim = formula(*own)
    except Exception as error:
        error.add_note(f"in the formula for {label}")
        raise
    if claim is None:
        raise GradientError(f"the formula for {label} gives None: is a return statement missing?")
    for now, before, name in zip(own, args, argument_names(formula, len(args)), strict=True):
        for x, y, path in zip(
            flatten(now)[0], flatten(before)[0], paths(before, name), strict=True
        ):
            if isinstance(y, np.ndarray) and x.tobytes() != y.tobytes():
                raise GradientError(
                    f"the formula for {label} changes its argument {path} in place: what is "
                    "computed from it later is wrong. Write x = x - d, not x -= d, or copy it."
                )
    return claim


def copies(tree: Any) -> Any:
    """Return a tree with copies of its arrays."""
    leaves, rebuild = flatten(tree)
    return rebuild([x.copy() if isinstance(x, np.ndarray) else x for x in leaves])


def leaves_of(label: str, claimed: Any, expected: Any) -> list[tuple[str, Any, Any]]:
    """Return (name, what the formula gives, what is right) for each leaf of a gradient."""
    truths, names = flatten(expected)[0], paths(expected, label)
    if len(truths) == 1 and names == [label]:
        check_claim(label, claimed, np.shape(truths[0]))
        return [(label, claimed, truths[0])]
    claims = flatten(claimed)[0]
    if paths(claimed, label) != names:
        raise GradientError(
            f"the formula for {label} gives {', '.join(paths(claimed, label))}, "
            f"but the gradient has {', '.join(names)}."
        )
    return list(zip(names, claims, truths, strict=True))


def check_claim(label: str, claim: Any, shape: tuple[int, ...]) -> None:
    """Refuse what is no array of numbers, and several gradients in place of one."""
    try:
        found = plain_array(claim)
    except ValueError:  # arrays of different shapes
        found = np.asarray(None)
    if isinstance(claim, tuple) and found.shape != shape:
        raise GradientError(
            f"the formula for {label} gives a tuple of {len(claim)}, not one gradient. "
            "If these are several, write dict(zip(('w', 'b'), gradients)) for the formulas."
        )
    if found.dtype.kind not in "biufc":
        raise GradientError(
            f"the formula for {label} gives a {type(claim).__name__}, not an array of numbers."
        )


def close_by(name: str, claim: Any, what: str) -> str:
    """Return what is wrong with a formula that is right close by."""
    finite = np.all(np.isfinite(plain_array(claim)))
    why = "Has the loss a kink here? Then choose another point." if finite else _DIVIDES
    return f"the formula for {name} is right close by, but not here: {what} {why}"


_DIVIDES = "Does it divide by 0 here?"


def by_leaf(gradients: dict[str, Any]) -> dict[str, Any]:
    """Return the leaves of gradients by their names."""
    names = (name for label, tree in gradients.items() for name in paths(tree, label))
    return dict(zip(names, map(plain_array, flatten(gradients)[0]), strict=True))


def mismatch(loss: str, name: str, claim: Any, truth: Any, rtol: float, atol: Any) -> str:
    """Return what is wrong with a claim for the gradient; "" if nothing is."""
    a, e = plain_array(claim), plain_array(truth)
    if not np.all(np.isfinite(e)):
        index = tuple(np.argwhere(~np.isfinite(e))[0])
        raise GradientError(
            f"d{loss}/d{name} itself is {e[index]}{_entry(index)}: there is nothing to compare the "
            "formula with. Choose another point."
        )
    if a.shape != e.shape:
        return f"it gives shape {a.shape}, but d{loss}/d{name} has the shape {e.shape}."
    roundings = 100 * float(np.finfo(e.dtype).eps)
    atol = atol + roundings * np.max(np.abs(e), initial=0)
    wrong = ~(np.abs(a - e) <= atol + max(rtol, roundings) * np.abs(e))
    if not wrong.any():
        return ""
    index = tuple(np.argwhere(wrong)[0])
    several = f" ({wrong.sum()} of {wrong.size} entries are wrong)" if wrong.size > 1 else ""
    first = f"{_entry(index)} it gives".lstrip()
    return f"{first} {a[index]}, but d{loss}/d{name}{at(index)} is {e[index]}{several}."


def plain_array(x: Any) -> Any:
    """Return a leaf as an array."""
    return np.asarray(plain(x))


def _entry(index: tuple[Any, ...]) -> str:
    return f" at entry {at(index)}" if index else ""

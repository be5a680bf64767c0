"""Recognising: functions that a product writes out, by their names. Floor 9.

What a sigmoid, a softmax or a hyperbolic tangent is made of meets in the gradients of logarithms of
sums of exponentials. Equal as functions, and the name says it all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.activations import sigmoid, softmax
from .terms import MINUS, ONE, PRODUCT, SUM, Term, factors_of, indicated

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algebra import Algebra

Powers = dict[Term, Any]  # the factors of a product, and their exponents
Pairs = list[tuple[Term, Any]]  # the same; a factor may occur again


def recognised(algebra: Algebra, t: Term) -> Term:
    """Return a product with the functions in it that have a name."""
    if t.op != PRODUCT:
        return t
    powers: Powers = dict(factors_of(t))
    for f in t.args:
        for known in KNOWN:
            made = known(algebra, f, powers) if f in powers else None
            if made is not None:
                return recognised(algebra, algebra.mul(t.params[0], made, t.shape))
    return t


def without(powers: Powers, *gone: Term) -> Pairs:
    """Return the other factors."""
    return [(f, e) for f, e in powers.items() if f not in gone]


def logistic(algebra: Algebra, f: Term, powers: Powers) -> Pairs | None:
    """Return powers of exp(u) and of 1 + exp(u) as those of a sigmoid."""
    e = powers[f]
    if f.op != SUM or not is_whole(e) or e > 0 or f.params != (ONE, ONE):
        return None
    one, power = f.args
    if one.number != 1 or power.op is not np.exp:
        return None
    up = powers.get(power, 0)
    if not is_whole(up) or not 0 <= up <= -e:
        return None
    u = power.args[0]
    minus = algebra.scaled(MINUS, u)
    if up == 0:
        return [*without(powers, f), (sigmoid_of(algebra, minus), -e)]
    even = 2 * up == -e  # the derivative of the sigmoid, and its powers
    u = minus if even and algebra.known(sigmoid, (minus,), u.shape) is not None else u
    h = sigmoid_of(algebra, u)
    rest = algebra.term(SUM, (algebra.number(1), h), (ONE, MINUS), h.shape, h.dtype)
    return [*without(powers, f, power), (h, up), (rest, -e - up)]


def sigmoid_of(algebra: Algebra, u: Term) -> Term:
    """Return the sigmoid of a term."""
    return algebra.term(sigmoid, (u,), (), u.shape, u.dtype)


def shares(algebra: Algebra, f: Term, powers: Powers) -> Pairs | None:
    """Return exp(u) over its sum along the last axis as a softmax."""
    if f.op is not np.sum or powers[f] != -1 or f.args[0].op is not np.exp:
        return None
    (power,) = f.args
    params = dict(f.params)
    axis = params.pop("axis", None)
    last = axis in (-1, power.ndim - 1) and params == {"keepdims": True}
    if powers.get(power) != 1 or not (last or (power.ndim == 1 and f.shape == ())):
        return None
    u = unshifted(algebra, power.args[0])
    return [*without(powers, f, power), (algebra.term(softmax, (u,), (), u.shape, u.dtype), 1)]


def unshifted(algebra: Algebra, u: Term) -> Term:
    """Return the argument of a softmax without what is the same for all entries of a row."""
    if u.op != SUM:
        return u
    kept = [(c, x) for c, x in zip(u.params, u.args, strict=True) if x.shape[-1:] not in ((), (1,))]
    made = algebra.add(kept, u.shape) if kept else u
    return made if np.broadcast_shapes(*[x.shape for _, x in kept]) == u.shape else u


def hyperbolic(algebra: Algebra, f: Term, powers: Powers) -> Pairs | None:
    """Return sinh(u) / cosh(u) as tanh(u)."""
    below = algebra.known(np.cosh, f.args, f.shape) if f.op is np.sinh else None
    if below is None or powers[f] != 1 or powers.get(below) != -1:
        return None
    return [*without(powers, f, below), (algebra.term(np.tanh, f.args, (), f.shape, f.dtype), 1)]


def rectified(_: Algebra, f: Term, powers: Powers) -> Pairs | None:
    """Return max(0, u) times what tells whether u > 0 without this."""
    if f.op is not np.maximum or not powers[f] > 0:
        return None
    x, y = f.args
    u = y if x.number == 0 else x if y.number == 0 else None
    for g, e in powers.items():
        condition = indicated(g)
        if condition is None or condition.op is not np.greater or e != 1:
            continue
        if condition.args[0] is u and condition.args[1].number == 0:
            return without(powers, g)
    return None


def is_whole(e: Any) -> bool:
    """Tell whether an exponent is a whole number."""
    return isinstance(e, int)


KNOWN: tuple[Callable[[Algebra, Term, Powers], Pairs | None], ...] = (
    logistic, shares, hyperbolic, rectified,
)  # fmt: skip

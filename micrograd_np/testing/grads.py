"""check_grads: whether the derivatives of any function are right. Floor 12."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arguments import check_function
from ..errors import ArgumentError, where
from .case import Case
from .laws import LAWS, SECOND, symmetry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .laws import Law

MODES = ("reverse", "forward")


def check_grads(
    f: Callable[..., Any],
    args: Any,
    *,
    order: int = 2,
    modes: Sequence[str] = MODES,
    rtol: float | None = None,
    seed: int = 0,
) -> None:
    """Check the derivatives of ``f`` at a point against its values and against each other.

    Parameters
    ----------
    f : callable
        Of the arguments; returns an array or a tree of arrays.
    args : tuple of array_like, or of trees
        The point: away from kinks, and inside the domain. A lone argument need not be in a tuple.
        Floats and complex numbers are varied, integers and everything else are constants.
    order : int
        Up to which derivatives are checked.
    modes : sequence of {"reverse", "forward"}
        Which modes are checked; with both, also against each other.
    rtol : float, optional
        Relative tolerance of the comparison with differences of values; 1e-8 in double precision.
    seed : int
        Of the random cotangents and tangents.

    Raises
    ------
    GradientError
        If a law is broken; the message names the law, the entry, its value and the expected one.
    ArgumentError
        If f is no function, nothing can be varied, or a mode does not exist.

    Notes
    -----
    The laws: a Tensor computes what NumPy computes; a gradient has its primal's shape and dtype,
    is fresh and writeable, and differentiating changes no operand; it is bitwise repeatable and
    linear in the cotangent; it is the derivative, by Richardson-extrapolated differences; both
    modes agree, <g, J t> = <J' g, t>; the same holds for the vjp as a function, and its Jacobian
    is symmetric.

    References
    ----------
    C. J. F. Ridders, Accurate computation of F'(x) and F'(x) F''(x), 1982.

    Examples
    --------
    >>> mg.testing.check_grads(lambda x, w: np.tanh(x @ w), (np.eye(2), np.array([0.5, -1.0])))

    >>> wrong = mg.custom_vjp(lambda x: x**3)
    >>> wrong.defvjp(lambda g, x: g * 3 * x)
    >>> mg.testing.check_grads(wrong, 2.0)
    Traceback (most recent call last):
    ...
    micrograd_np.errors.GradientError: check_grads: <lambda> breaks the law 'reverse value': ...
    """
    check_function(f, "check_grads")
    for mode in modes:
        if mode not in MODES:
            raise ArgumentError(
                f"check_grads: modes are 'reverse' and 'forward', not {mode!r}{where()}."
            )
    case = Case(f, args if isinstance(args, tuple) else (args,), rtol, seed)
    if order >= 1:
        obey(case, LAWS, modes)
    for _ in range(1, order):
        if set(modes) == set(MODES):
            symmetry(case)
        case = case.derived()
        obey(case, SECOND, modes)


def obey(case: Case, laws: Sequence[Law], modes: Sequence[str]) -> None:
    """Check the laws that concern these modes."""
    for law in laws:
        if law.modes <= set(modes):
            law.check(case)

"""check_grads: whether the derivatives of any function are right. Floor 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arguments import as_tuple, check_function
from ..custom import custom_vjp
from ..errors import ArgumentError, where
from ..rule import rules
from ..rules import others as others  # any function may be asked for
from .case import Case
from .kinks import inside_the_box, right_at_extremes
from .laws import LAWS, SECOND, symmetry, transposition
from .precision import keeps_its_digits, same_in_single
from .probes import EXTREMES, cases, extreme_points, is_defined, kink_points, quiet
from .twins import other_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .laws import Law

MODES = ("reverse", "forward")


def check_grads(
    f: Callable[..., Any],
    args: Any,
    *,
    vjp: Callable[..., Any] | None = None,
    order: int = 2,
    modes: Sequence[str] = MODES,
    kinks: Sequence[float] = (0.0,),
    extremes: Sequence[float] = EXTREMES,
    twins: bool = True,
    digits: bool | None = None,
    rtol: float | None = None,
    seed: int = 0,
) -> None:
    """Check the derivatives of ``f`` against its values and against each other.

    Parameters
    ----------
    f : callable
        Of the arguments; returns an array or a tree of arrays.
    args : tuple of array_like, or of trees
        The point: away from kinks, and inside the domain. A lone argument need not be in a tuple.
        Floats and complex numbers are varied, integers and everything else are constants.
    vjp : callable, optional
        A derivative of your own to check in place of the library's: ``vjp(g, *args)`` returns the
        cotangent of each argument, for the cotangent g of the result.
    order : int
        Up to which derivatives are checked; 1 with a ``vjp``.
    modes : sequence of {"reverse", "forward"}
        Which modes are checked; with both, also against each other.
    kinks : sequence of float
        Numbers at which the function may have a kink. Entries are set to them, and to each other,
        and the gradient must lie between the one-sided derivatives; none of this if empty.
    extremes : sequence of float
        Numbers at which rules overflow or lose their digits; entries are set to them, too.
    twins : bool
        Whether f is also run in float32, on arrays without entries and on single numbers.
    digits : bool, optional
        Whether gradients keep their digits, compared with those in long double. By default where a
        formula is checked, that of ``vjp``, of a `custom_vjp` or of the library; not where f is
        composed of others, whose terms may cancel by right.
    rtol : float, optional
        Relative tolerance of the comparison with differences of values; 1e-8 in double precision.
    seed : int
        Of the random cotangents and tangents.

    Raises
    ------
    GradientError
        If a law is broken; the message names the law, the place, the entry, its value and the
        expected one.
    ArgumentError
        If f is no function, nothing can be varied, or a mode does not exist.

    Notes
    -----
    The laws: a Tensor computes what NumPy computes; a gradient has its primal's shape and dtype,
    is fresh and writeable, and differentiating changes no operand; it is bitwise repeatable and
    linear in the cotangent; it is the derivative, by Richardson-extrapolated differences; both
    modes agree, <g, J t> = <J' g, t>; at kinks it lies between the one-sided derivatives; it is
    finite and right at extremes; it keeps its digits, compared with itself in long double; and the
    same holds for the vjp as a function, whose Jacobian is symmetric, and whose own vjp in the
    cotangent is the Jacobian. Where f is not defined, or its differences do not converge, the extra
    points are passed over.

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

    A derivative written by hand, right but for what it does at 0:

    >>> mg.testing.check_grads(np.abs, 2.0, vjp=lambda g, x: g * x / abs(x))
    Traceback (most recent call last):
    ...
    micrograd_np.errors.GradientError: check_grads: absolute breaks the law 'kinks': where ...
    """
    check_function(f, "check_grads")
    for mode in modes:
        if mode not in MODES:
            raise ArgumentError(
                f"check_grads: modes are 'reverse' and 'forward', not {mode!r}{where()}."
            )
    case = Case(f, as_tuple(args), rtol, seed, vjp)
    if vjp is not None:
        order, modes = min(order, 1), ("reverse",)
    if order >= 1:
        obey(case, LAWS, modes)
    if order >= 1 and "reverse" in modes:
        look_where_mistakes_hide(case, kinks, extremes, twins, digits)
    if order >= 2 and "reverse" in modes:
        look_at_kinks_twice(case, kinks)
    obey_in_higher_orders(case, order, modes)


def obey(case: Case, laws: Sequence[Law], modes: Sequence[str]) -> None:
    """Check the laws that concern these modes."""
    for law in laws:
        if law.modes <= set(modes):
            law.check(case)


def obey_in_higher_orders(case: Case, order: int, modes: Sequence[str]) -> None:
    """Check the laws for the vjp as a function, and for its own vjp, and so on."""
    for _ in range(1, order):
        if set(modes) == set(MODES):
            symmetry(case)
        if "reverse" in modes:
            transposition(case)
        case = case.derived()
        obey(case, SECOND, modes)


def look_where_mistakes_hide(
    case: Case, kinks: Sequence[float], extremes: Sequence[float], twins: bool, digits: bool | None
) -> None:
    """Check the gradient at kinks and extremes, in other precisions and shapes."""
    if digits is None:
        digits = is_formula(case)
    if twins:
        same_in_single(case)
        other_shapes(case)
    if digits:
        keeps_its_digits(case)
    for there in cases(case, kink_points(case, kinks)) if kinks else ():
        inside_the_box(there)
    for there in cases(case, extreme_points(case, extremes)):
        right_at_extremes(there)
        if digits:
            keeps_its_digits(there)


def look_at_kinks_twice(case: Case, kinks: Sequence[float]) -> None:
    """Check the second derivative of a formula at zeros and ties, where the first is smooth.

    Not that of a composition: it may be smooth where a part of it, as in abs(x)**2, is not.
    """
    for there in cases(case, kink_points(case, kinks)) if kinks and is_formula(case) else ():
        with quiet():
            derived = there.derived()
            if is_defined(derived):
                inside_the_box(derived)


def is_formula(case: Case) -> bool:
    """Tell whether a single derivative is checked: by hand, of a custom rule, or of the library."""
    if case.by_hand is not None or isinstance(case.f, custom_vjp):
        return True
    try:
        return case.f in rules
    except TypeError:  # not hashable
        return False

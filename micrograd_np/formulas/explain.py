"""`explain`: the derivative of a computation, derived and printed. Floor 9."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..arguments import check_function
from ..calls.handle import Handle
from ..calls.signatures import signature
from ..errors import ArgumentError, unknown_argument, where
from ..views.checks import check_names
from .derive import explained
from .function import function_at
from .graph import tensor
from .single import alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .explanation import Explanation


def explain(
    what: Any,
    *args: Any,
    wrt: Any = None,
    order: int = 1,
    share: str | None = None,
    expand: bool = False,
    names: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Explanation:
    """Derive the gradient of a computation, and print it as a person would write it.

    Parameters
    ----------
    what : Tensor, or callable
        A result, whose graph is explained; or a function, which is run once on the arguments; or a
        function by itself: the rule of one of NumPy's, another is tried on numbers and small
        arrays.
    *args, **kwargs
        Arguments of the function: arrays, numbers, Tensors, or trees of them.
    wrt : name, position, Tensor, or a tuple of them, optional
        What to differentiate with respect to. By default everything that requires a gradient, or
        all floating-point arguments if none says that it does.
    order : int
        2 for the second derivative, and so on, of and by single numbers.
    share : {None, "auto"}
        None composes: every gradient is one formula. "auto" names the gradients of named values
        where they are used twice, or a line would be too long: that is how backpropagation runs.
    expand : bool
        Whether the derivative of the sigmoid is written out as h * (1 - h).
    names : dict of str to Tensor or array, optional
        Names for values in the graph of a Tensor that are in no variable.

    Returns
    -------
    Explanation
        ``print`` it, or let Jupyter typeset it; ``.source()``, ``.latex``, ``.text``,
        ``.formulas``.

    Raises
    ------
    ArgumentError
        If there is nothing to differentiate, or ``wrt`` names nothing.
    GraphError
        If nothing was recorded for the result, or a variable's value is gone.

    Notes
    -----
    Names are those of the parameters and local variables of the function, of Tensors, and of the
    caller's variables. The formulas hold for the trace: for these shapes, and the branches that
    were taken. If the result is no single number, ``g`` is its cotangent.

    Examples
    --------
    >>> def loss(w, b, x, y):
    ...     z = w * x + b
    ...     return (np.tanh(z) - y) ** 2
    >>> mg.explain(loss, 0.5, 0.1, 2.0, 1.0, wrt=("w", "b"))
    z = w * x + b
    L = (np.tanh(z) - y) ** 2
    <BLANKLINE>
    dL_dw = 2 * (np.tanh(z) - y) * (1 - np.tanh(z) ** 2) * x
    dL_db = 2 * (np.tanh(z) - y) * (1 - np.tanh(z) ** 2)
    <BLANKLINE>
    # For the branches taken here
    >>> mg.explain(np.sqrt).formulas
    {'df_dx': '1 / (2 * np.sqrt(x))'}
    """
    if share not in (None, "auto"):
        raise ArgumentError(f"explain: share is None or 'auto', got {share!r}{where()}.")
    if type(order) is not int or order < 1:
        raise ArgumentError(f"explain: order is 1, 2, ..., got {order!r}{where()}.")
    for x in wrt if isinstance(wrt, tuple | list) else (wrt,):
        if not (x is None or isinstance(x, str | int | Handle)):
            raise ArgumentError(
                f"explain: wrt is a name, a position or a Tensor, or a tuple of them, not "
                f"{type(x).__name__}{where()}."
            )
    check_names(names, "explain")
    if isinstance(what, Handle):
        if kwargs:
            raise unknown_argument("explain", next(iter(kwargs)), signature(explain))
        if args:
            raise ArgumentError(f"explain: a Tensor takes no arguments{where()}.")
        subject = tensor(what, wrt, names or {}, sys._getframe(1))
    else:
        check_function(what, "explain")
        subject = function_at(what, args, kwargs, wrt) if args or kwargs else alone(what)
    return explained(subject, share == "auto", expand, order)

"""Picture: a graph as cards and arrows, with values, gradients and local derivatives. Floor 8."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never

from ..calls.signatures import signature
from ..errors import ArgumentError, DrawError, MissingExtraError, unknown_argument, where
from .arrange import View, arranged, check_view
from .backward import backward_board
from .called import called
from .cards import Board
from .checks import DETAILS, check, check_names
from .render import checked_path, write
from .stepper import Stepper
from .still import Still
from .theme import THEMES

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from .cards import Drawing


class Picture:
    """A graph as it was when ``draw`` was called.

    Jupyter shows it; ``save`` writes it; ``dot`` is the graph for Graphviz and ``text()`` one line
    for each card. Only what is shown or saved as SVG, PNG or PDF needs Graphviz.
    """

    def __init__(self, drawing: Drawing, board: Board, theme: str, values: bool) -> None:
        self._drawing, self._board = drawing, board
        self._still = Still(drawing, theme, values)

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle what is shown, that of the page included: a graph is neither."""
        return {name: x for name, x in vars(self).items() if name != "_board"} | {
            "_stepper": self._stepper
        }

    @property
    def dot(self) -> Any:
        """The graph as a ``graphviz.Digraph``; its text is always the same."""
        return self._still.dot

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        return self._still.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to exactly this path.

        Parameters
        ----------
        path : str or path
            Its suffix says what is written: ``.svg``, ``.png``, ``.pdf``, ``.dot``, or ``.html``,
            the page of `step` (of modules and of parts of a graph, the picture on a page).

        Raises
        ------
        DrawError
            If the suffix is another, or the folder does not exist.
        MissingExtraError
            If Graphviz is not installed; ``.dot`` needs none.
        """
        target = checked_path(path)
        form = target.suffix.lower()[1:]
        write(target, self._page() if form == "html" else self._still.content(form))

    def _page(self) -> bytes:
        """Return the page of `step`; of a part, or where there is no step, that of the picture."""
        stepper = self._stepper
        return self._still.content("html") if stepper is None else stepper.html.encode()

    @cached_property
    def _stepper(self) -> Stepper | None:
        """What `step` gives for the graph, where there is one for it."""
        if self._drawing.wires or self._drawing.note:
            return None
        try:
            return Stepper(self._board, self._still.theme)
        except DrawError:  # not a single number, and backward was not run
            return None

    def text(self) -> str:
        """Return the picture in words: one line for each card, the oldest value first."""
        return "\n".join(self._still.lines)

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg
        except MissingExtraError:  # a notebook shows the words instead
            return None

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        svg = self._repr_svg_()
        words = {"text/plain": self.text()}
        return words if svg is None else {"image/svg+xml": svg} | words

    def __repr__(self) -> str:
        return self.text()


def draw(
    t: Any,
    *args: Any,
    detail: str = "named",
    theme: str = "light",
    values: bool = True,
    names: Mapping[str, Any] | None = None,
    depth: int | None = None,
    around: Any = None,
    hops: int = 2,
    backward: bool = False,
    **misspelt: Never,
) -> Picture:
    """Draw how a result was computed.

    Parameters
    ----------
    t : Tensor of any shape, or callable
        The result. It must have been computed from something that requires a gradient. Or a
        function, which is called to be drawn: its floating-point arguments are variables (those
        that a model holds, too), inner functions are named scopes, local variables give names, and
        the gradient of a single number is shown.
    *args
        The arguments of the function: numbers, arrays, Tensors, trees of them. They stay as they
        are.
    detail : {"named", "ops", "modules"}
        A card for each value that has a name, the operations between them folded into its formula;
        or one for each operation; or one for each part of the network, a named scope, with its
        parameters, and shapes on the edges.
    theme : {"light", "dark", "auto"}
        ``"auto"`` is light, and in SVG and HTML dark for readers whose system is.
    values : bool
        Whether numbers are shown.
    names : dict of str to Tensor or array, optional
        Names for values that are in no variable. Without it they are those given with ``name=``,
        then the caller's variables, and what lists, dicts and objects in them hold.
    depth : int, optional
        How many levels of named scopes are told apart; deeper ones are folded into a card. Without
        it, as many as keep the picture to 60 cards; for ``"modules"`` those that have siblings.
    around : str or Tensor, optional
        Draw only what is near this value, with stubs for the rest.
    hops : int
        How many edges away from ``around`` is near.
    backward : bool
        Draw the graph of the backward pass: from ∂ of the result to ∂ of each variable, with the
        forward values that derivatives read. It is the graph that second derivatives go through.

    Returns
    -------
    Picture

    Raises
    ------
    ArgumentError
        If t is neither a Tensor nor a function of these arguments that gives one, an option is
        unknown, or ``around`` is in no card.
    DrawError
        If t has no history, or its picture would have more than 300 cards.

    Notes
    -----
    A card shows a value and, after ``backward``, the gradient ∂ of the result with respect to it.
    An edge shows the local derivative of the value it enters: the gradient of a value is the sum,
    over the edges that leave it, of this number times the gradient at their end. Dashed edges come
    from constants. A Python number such as ``1.0`` cannot be told from a literal and is shown
    without a name; make it a Tensor or an array to see one.

    Scopes that are alike, as the layers of a deep network or the steps of a loop, become one card
    "×12" when they are folded. A variable that is used far away, or again and again, has a small
    card with an arrow there: ``W ↑``.

    Examples
    --------
    >>> w = mg.Tensor(3.0, requires_grad=True)
    >>> loss = (w - 1.0) ** 2
    >>> loss.backward()
    >>> mg.draw(loss)
    w: 3   ∂ 4
    loss = (w − 1)²: 4   ∂ 1
    >>> mg.draw(lambda x, w: np.tanh(w * x), 2.0, 0.25)
    w: 0.25   ∂ 1.573
    x: 2   ∂ 0.1966
    tanh(w · x): 0.4621   ∂ 1
    """
    if misspelt:
        raise unknown_argument("mg.draw", next(iter(misspelt)), signature(draw))
    frame, is_function = sys._getframe(1), callable(t)
    found: dict[str, Any] = {}
    if is_function:
        t, found = called(t, args, "mg.draw")
    elif args:
        raise ArgumentError(
            f"mg.draw: {type(t).__name__} is no function to be called with arguments{where()}. "
            "Options are given by name: mg.draw(t, detail=...)."
        )
    check(t, detail, theme, "mg.draw", (*THEMES, "auto"), (*DETAILS, "modules"))
    view = View(detail, depth, around, hops)
    check_view(view, "mg.draw")
    check_names(names, "mg.draw")
    board = Board(t, detail, found | dict(names or {}), frame, stored=not is_function)
    if backward:
        board = backward_board(board, t, detail)
    return Picture(arranged(board, view), board, theme, values)

"""Stepper: a page that goes through a graph, forward and then backward. Floor 8."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never

from ..calls.signatures import signature
from ..errors import ArgumentError, MissingExtraError, unknown_argument, where
from .called import called
from .cards import Board
from .checks import check, check_names
from .heat import worded
from .html import page
from .labels import amount, escape, number
from .page_data import page_data, tape_data
from .printing import plain
from .render import checked_path, write
from .still import Still
from .walk import walk

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from .walk import Arrow, Walk

THEMES = ("auto", "light", "dark")


class Stepper:
    """A graph to go through step by step, as it was when ``step`` was called.

    Jupyter shows it; ``save`` writes it as one HTML file that needs no network; ``text()`` is the
    same in words. Only the page needs Graphviz.
    """

    def __init__(self, board: Board, theme: str) -> None:
        self._board, self._theme = board.titled(), theme
        self._walk: Walk = walk(self._board)
        self._drawing = replace(self._walk.drawing, differentiated=True)

    @cached_property
    def html(self) -> str:
        """The page."""
        title = self._walk.cards[-1].title or "result"
        return page(page_data(self._walk, self._tape), title, self._theme)

    @cached_property
    def _tape(self) -> dict[str, Any]:
        return tape_data(self._board)

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle what the page shows: a graph is neither."""
        return {name: x for name, x in vars(self).items() if name != "_board"} | {
            "_tape": self._tape
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to exactly this path, which ends in ``.html``.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        DrawError
            If the suffix is another, or the folder does not exist.
        MissingExtraError
            If Graphviz is not installed.
        """
        write(checked_path(path, ("html",)), self.html.encode())

    def text(self) -> str:
        """Return the steps in words, one line each."""
        walk = self._walk
        lines = [f"forward   {self._forward(i)}" for i in walk.computed]
        result = walk.cards[-1].title or "result"
        lines.append(f"backward  ∂{result}/∂{result} = {amount(walk.seed)}")
        for i in reversed(walk.computed):
            lines += [self._backward(result, arrow) for arrow in walk.arrows[i]]
        return "\n".join(line for line in lines if line)

    def _forward(self, i: int) -> str:
        card = self._walk.cards[i]
        assert card.formula is not None
        return (
            f"{card.title or 'result'} = {plain(card.formula, loose=True)} = {amount(card.value)}"
        )

    def _backward(self, result: str, arrow: Arrow) -> str:
        if arrow.share is None:
            return ""
        cards = self._walk.cards
        tail, head = cards[arrow.tail], cards[arrow.head]
        sign = "=" if arrow.total is arrow.share else "+="
        line = f"backward  ∂{result}/∂{tail.title} {sign} "
        if arrow.local is not None:
            line += f"{amount(head.gradient)} · {number(arrow.local)} = "
        line += worded(arrow.share)
        return line if sign == "=" else f"{line}, in all {worded(arrow.total)}"

    def _repr_html_(self) -> str | None:
        try:
            page = self.html
        except MissingExtraError:  # a notebook shows the words instead
            return None
        return (
            f'<iframe srcdoc="{escape_page(page)}" sandbox="allow-scripts" '
            'style="width:100%;height:640px;border:1px solid #8884;border-radius:10px" '
            f'title="Step through {escape(self._walk.cards[-1].title or "the result")}"></iframe>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        page, words = self._repr_html_(), {"text/plain": self.text()}
        if page is None:
            return words
        return {"text/html": page, "image/svg+xml": self._picture} | words

    @cached_property
    def _picture(self) -> str:
        """The graph as it stands still, for what shows a notebook without running scripts."""
        return Still(self._drawing, self._theme, values=True).svg

    def __repr__(self) -> str:
        return self.text()


def escape_page(text: str) -> str:
    """Return a page as the value of an attribute in double quotes."""
    return text.replace("&", "&amp;").replace('"', "&quot;")


def step(
    t: Any,
    *args: Any,
    detail: str = "named",
    theme: str = "auto",
    names: Mapping[str, Any] | None = None,
    **misspelt: Never,
) -> Stepper:
    """Go through the computation of a result, forward and then backward, on a page.

    Parameters
    ----------
    t : Tensor, or callable
        The result, a real scalar; or of any shape, after ``t.backward(gradient=...)``. It must
        have been computed from something that requires a gradient. Or a function, which is called
        with ``args``, as by `draw`.
    *args
        The arguments of the function; they stay as they are.
    detail : {"named", "ops"}
        A step for each value that has a name, the operations between them folded into its formula;
        or one for each operation.
    theme : {"auto", "light", "dark"}
        "auto" follows the reader's system; the page has a button for it too.
    names : dict of str to Tensor or array, optional
        Names for values that are in no variable. Without it they are those given with ``name=``,
        then the caller's variables.

    Returns
    -------
    Stepper

    Raises
    ------
    ArgumentError
        If t is no Tensor, or an option is unknown.
    DrawError
        If t has no history, is neither a real scalar nor was given a gradient, or has more than
        300 cards.

    Notes
    -----
    ``backward`` need not have been called, and ``.grad`` is left alone. Each step backward takes
    the gradient that has come in, multiplies it by a local derivative, and adds the contribution
    to the gradient of an operand. Where every value is a single number, the page computes anew
    when a leaf is changed: the operations that were recorded, so an ``if`` of the program is not
    taken again.

    Examples
    --------
    >>> w = mg.Tensor(3.0, requires_grad=True)
    >>> loss = (w - 1.0) ** 2 + w
    >>> mg.step(loss)
    forward   loss = (w − 1)² + w = 7
    backward  ∂loss/∂loss = 1
    backward  ∂loss/∂w = 1 · 5 = 5
    """
    if misspelt:
        raise unknown_argument("mg.step", next(iter(misspelt)), signature(step))
    frame = sys._getframe(1)
    found: dict[str, Any] = {}
    if args and callable(t):
        t, found = called(t, args, "mg.step")
    elif args:
        raise ArgumentError(
            f"mg.step: {type(t).__name__} is no function to be called with arguments{where()}. "
            "Options are given by name: mg.step(t, detail=...)."
        )
    check(t, detail, theme, "mg.step", THEMES)
    check_names(names, "mg.step")
    return Stepper(Board(t, detail, found | dict(names or {}), frame, stored=not args), theme)

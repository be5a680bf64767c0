"""Parts: what long formulas have in common, by a name of its own. Floor 9."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from .explanation import Formula, place
from .folding import rebuilt
from .python import Python
from .terms import NAME, NUMBER, below, names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .algebra import Algebra
    from .naming import Namer
    from .terms import Term

LONG = 200  # characters of a line beyond which its parts get names
WORTH = 60  # characters that a name must save
NAMED = 4  # characters of a name


class Parts:
    """Names for what occurs several times in lines of which one is long.

    ``numbered`` are names with a number that nobody wished for: they are given anew, in order.
    """

    def __init__(self, algebra: Algebra, namer: Namer, numbered: Iterable[Term]) -> None:
        self.algebra, self.namer, self.numbered = algebra, namer, {t.params: t for t in numbered}

    def parted(
        self, forward: list[Formula], backward: list[Formula]
    ) -> tuple[list[Formula], list[Formula]]:
        """Return lines with names for parts; what the user wrote has them only if it is long."""
        while (found := self._found(forward, backward)) is not None:
            forward, backward = self._with(found, forward, backward)
        while (found := self._found(backward, [])) is not None:
            backward, _ = self._with(found, backward, [])
        return self._in_order(forward, backward)

    def _in_order(
        self, forward: list[Formula], backward: list[Formula]
    ) -> tuple[list[Formula], list[Formula]]:
        """Return lines in which the numbers of names count upwards."""
        old = [self.numbered[x.name] for x in (*forward, *backward) if x.name in self.numbered]
        fresh = sorted([t.params for t in old], key=lambda name: (len(name), name))
        pairs = zip(old, fresh, strict=True)
        names = {t: self.algebra.name(name, t.shape, t.dtype) for t, name in pairs}
        titles = {t.params: name.params for t, name in names.items()}
        put = replacing(self.algebra, names)

        def named(lines: list[Formula]) -> list[Formula]:
            return [x._replace(name=titles.get(x.name, x.name), term=put(x.term)) for x in lines]

        return named(forward), named(backward)

    def _found(self, long: list[Formula], also: list[Formula]) -> Term | None:
        """Return what to name next, if one of the first lines is long."""
        python = Python()
        if all(len(python.text(x.term)) <= LONG for x in long):
            return None
        return commonest([*long, *also], python)

    def _with(
        self, found: Term, lines: list[Formula], more: list[Formula]
    ) -> tuple[list[Formula], list[Formula]]:
        """Return lines with a name for a term, which is defined before it is used."""
        name = self.algebra.name(self.namer.numbered("t"), found.shape, found.dtype)
        self.numbered[name.params] = name
        put = replacing(self.algebra, {found: name})
        definition = Formula(name.params, found)
        made, rest = ([x._replace(term=put(x.term)) for x in xs] for xs in (lines, more))
        for xs in (made, rest):
            uses = [i for i, x in enumerate(xs) if name in names_in(x.term)]
            if uses:
                xs.insert(uses[0], definition)
                break
        return made, rest


def commonest(lines: list[Formula], python: Python) -> Term | None:
    """Return the term whose name would save most, if that is worth it."""
    times: Counter[Term] = Counter(x.term for x in lines)
    roots = set(times)
    kept = roots | {place(t)[0] for t in roots}  # what is unpacked has names
    waiting = [(-t.depth, i, t) for i, t in enumerate(roots)]
    heapify(waiting)
    best, most, count = None, WORTH, len(roots)
    while waiting:  # a term comes after all that it is a part of
        _, _, t = heappop(waiting)
        size = len(python.text(t)) if t not in kept and times[t] > 1 else 0
        saved = (size - NAMED) * times[t] - size - 2 * NAMED
        if saved > most:
            best, most = t, saved
        for x in below(t):
            if x not in times and x.op not in (NAME, NUMBER):
                heappush(waiting, (-x.depth, count := count + 1, x))
            times[x] += times[t]
    return best


def replacing(algebra: Algebra, names: dict[Term, Term]) -> Callable[[Term], Term]:
    """Return the function that puts names for terms."""
    done = dict(names)

    def replaced(t: Term) -> Term:
        if t not in done:
            done[t] = rebuilt(algebra, t, replaced)
        return done[t]

    return replaced

"""Rewriting: a program is built anew, line by line, each line once. Floor 9."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..tracing.program import NUMBERS, Line, Program, Ref, mapped, refs

if TYPE_CHECKING:
    from collections.abc import Callable

Rule = Any  # (Builder, Line) -> a Line, or what stands for its result; None: leave it


class Builder:
    """A program in the making, in which equal lines are one."""

    def __init__(self, program: Program) -> None:
        self.inputs = program.inputs
        self.lines: list[Line] = []
        self.known: dict[Any, Ref] = {}

    def add(self, line: Line) -> Ref:
        """Return the value of a line: a new one, or that of an equal line before it."""
        if not line.params and all(type(x) is Ref for x in line.operands):
            name: Any = line.compute, line.operands
        else:
            name = key(line.function, line.compute, line.operands, line.params)
        found = self.known.get(name)
        if found is None:
            self.lines.append(line)
            found = Ref(len(self.inputs) + len(self.lines) - 1)
            self.known[name] = found
        return found

    def line(self, x: Any, function: Any = None) -> Line | None:
        """Return the line that computes an operand, if one does, and by this function."""
        if type(x) is not Ref or x.at < len(self.inputs):
            return None
        line = self.lines[x.at - len(self.inputs)]
        return line if function is None or line.function is function else None

    def spec(self, x: Any) -> tuple[Any, Any]:
        """Return shape and dtype of an operand: a Python type is the dtype of a plain number."""
        if type(x) is not Ref:
            return (x.shape, x.dtype) if hasattr(x, "dtype") else (np.shape(x), type(x))
        made = self.line(x)
        found: Any = self.inputs[x.at] if made is None else made
        return found.shape, found.dtype


def rewritten(program: Program, rule: Callable[[Builder, Line], Any] | None = None) -> Program:
    """Return the program with each line replaced by what the rule makes of it.

    The rule sees a line with its operands already rewritten. It returns another line, or a Ref or
    constant that stands for the result, or None.
    """
    builder = Builder(program)
    places: list[Any] = [Ref(at) for at in range(len(program.inputs))]

    def place(ref: Ref) -> Any:
        return places[ref.at]

    for line in program.lines:
        operands, params = mapped((line.operands, line.params), place)
        made: Any = line._replace(operands=operands, params=params)
        while type(made) is Line:
            again = None if rule is None else rule(builder, made)
            made = builder.add(made) if again is None else again
        places.append(made)
    return program._replace(
        lines=tuple(builder.lines),
        outputs=mapped(program.outputs, place),
        checks=tuple([x for x in mapped(program.checks, place) if is_ref(x)]),
    )


def is_number(dtype: Any) -> bool:
    """Tell whether values of a dtype are Python's own numbers, which NumPy treats as weak."""
    return isinstance(dtype, type)


def is_ref(x: Any) -> bool:
    """Tell whether an operand is the value of an input or a line."""
    return type(x) is Ref


def keeps(builder: Builder, line: Line, x: Any) -> Any:
    """Return x if it has the shape and dtype of the line's result, which it then is; else None."""
    if type(x) is not Ref:
        return None
    shape, dtype = builder.spec(x)
    weak = is_number(dtype) or is_number(line.dtype)  # float equals np.dtype(float)
    return x if not weak and (shape, dtype) == (line.shape, line.dtype) else None


def value_of(x: Any) -> Any:
    """Return the value of a constant whose entries are all alike, but -0; None of anything else."""
    plain = np.asarray(x) if type(x) in NUMBERS else x
    if isinstance(plain, np.ndarray | np.generic) and plain.size and plain.dtype.kind in "biufc":
        first = plain.flat[0] if isinstance(plain, np.ndarray) else plain
        alike = plain.size == 1 or bool(np.all(plain == first))
        if alike and (first != 0 or not has_minus(plain)):
            return first.item()
    return None


def has_minus(x: Any) -> bool:
    """Tell whether a sign bit is set."""
    return bool(np.any(np.signbit(x.real)) or np.any(np.signbit(x.imag)))


def signed(line: Line, x: Any) -> Line:
    """Return the line that negates x."""
    return line._replace(function=np.negative, compute=negate, operands=(x,), params={})


def negate(x: Any) -> Any:
    """Return -x."""
    return -x


def key(*trees: Any) -> Any:
    """Return what two operands have in common exactly if they are the same in every bit."""
    return tuple([_key(tree) for tree in trees])


def _key(x: Any) -> Any:
    kind = type(x)
    if kind is np.ndarray or isinstance(x, np.generic):
        own = x.size > 64 or x.dtype.kind == "O"
        return kind, (id(x) if own else (x.dtype.str, x.shape, x.tobytes()))
    if kind in (tuple, list):
        return kind, tuple([_key(y) for y in x])
    if kind is dict:
        return tuple([(name, _key(y)) for name, y in x.items()])
    if kind is slice:
        return kind, _key((x.start, x.stop, x.step))
    # which tells -0.0 from 0.0
    return kind, repr(x) if kind in (float, complex) else x if hashable(x) else id(x)


def hashable(x: Any) -> bool:
    """Tell whether x can be a key."""
    try:
        hash(x)
    except TypeError:
        return False
    return True


def without_dead(program: Program) -> Program:
    """Return the program without the lines that nothing reads."""
    first = len(program.inputs)
    alive = {ref.at for ref in refs(program.outputs, program.checks)}
    for ref, line in reversed(list(program.numbered())):
        if ref.at in alive:
            alive.update(other.at for other in refs(line.operands, line.params))
    places = [Ref(at) for at in range(first)]
    lines: list[Line] = []
    for ref, line in program.numbered():
        if ref.at in alive:
            new = mapped((line.operands, line.params), lambda ref: places[ref.at])
            lines.append(line._replace(operands=new[0], params=new[1]))
        places.append(Ref(first + len(lines) - 1))
    return program._replace(
        lines=tuple(lines),
        outputs=mapped(program.outputs, lambda ref: places[ref.at]),
        checks=mapped(program.checks, lambda ref: places[ref.at]),
    )


def inputs_read(program: Program) -> set[int]:
    """Return which inputs something reads."""
    read = refs(program.outputs, program.checks)
    for line in program.lines:
        read += refs(line.operands, line.params)
    return {ref.at for ref in read if ref.at < len(program.inputs)}


def with_inputs(program: Program, kept: list[int]) -> Program:
    """Return the program of these inputs alone; nothing reads the others."""
    rest = range(len(program.inputs), len(program.inputs) + len(program.lines))
    places = {at: Ref(i) for i, at in enumerate((*kept, *rest))}

    def moved(tree: Any) -> Any:
        return mapped(tree, lambda ref: places[ref.at])

    return program._replace(
        inputs=tuple([program.inputs[at] for at in kept]),
        lines=tuple(
            [x._replace(operands=moved(x.operands), params=moved(x.params)) for x in program.lines]
        ),
        outputs=moved(program.outputs),
        checks=moved(program.checks),
    )

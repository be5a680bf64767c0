"""Layout: which values of a program are single numbers, and which share buffers. Floor 9.

NumPy computes six times faster with its scalars than with arrays of one entry, and writes to a
buffer that is there faster than to a new one. So an array of one entry is kept as a scalar, and an
array that no result holds is written to a buffer, which the next one takes when it is done with.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.indexing import cleared, scatter, updated
from ..rules.products import matmul
from ..tracing.program import Line, Program, Ref, refs
from .rewriting import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

SCALARS = frozenset({
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.exp, np.log, np.sqrt, np.sin,
    np.cos, np.tanh, np.square, np.absolute, np.sign, np.maximum, np.minimum, np.log1p, np.expm1,
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.reciprocal,
})  # fmt: skip
RESHAPING = frozenset({np.reshape, np.ravel, np.squeeze, np.expand_dims, np.broadcast_to})
REDUCTIONS = {
    np.sum: np.add.reduce, np.prod: np.multiply.reduce, np.max: np.maximum.reduce,
    np.min: np.minimum.reduce,
}  # fmt: skip  # without the wrappers of NumPy's functions, which cost more than a short sum
KNOWN = frozenset({"axis", "keepdims"})
WRITES = frozenset({updated, cleared})
BUFFERED = frozenset({"ufunc", "choice", "dot", "reduction"})
FOREVER = 1 << 60
LARGE = 256  # entries from which on a cheaper loop is worth a longer call
INTEGERS = {np.dtype(np.float32): np.dtype(np.int32), np.dtype(np.float64): np.dtype(np.int64)}


def is_zero(x: Any) -> bool:
    """Tell whether a constant is 0, and not -0."""
    if type(x) is Ref or (not np.isscalar(x) and np.shape(x) != ()):
        return False
    return bool(x == 0) and not np.signbit(x)


class Layout:
    """What a program's values are held in.

    ``kinds[at]`` is "scalar", "same" (a scalar in another shape), "other", or one of those that may
    be written to a buffer: "ufunc", "choice", "dot", "reduction"; "write" is x[index] = value.
    ``ends[at]`` is the last line that reads the array of a line, itself or through others that may
    share its memory. ``in_place[at]`` is the line whose array a write changes, if it need not copy.
    """

    def __init__(self, program: Program, donated: dict[int, int] | None = None) -> None:
        self.program = program
        self.first = len(program.inputs)
        self.kinds: dict[int, str] = {}
        self.scalars = {at for at, x in enumerate(program.inputs) if x.shape == ()}
        self.roots: dict[int, set[int]] = {}
        self.ends: dict[int, int] = {}
        outputs = {ref.at for ref in refs(program.outputs)}
        for ref, line in program.numbered():
            self.kinds[ref.at] = self.kind(line)
            if self.kinds[ref.at] in ("scalar", "same"):
                self.scalars.add(ref.at)
        self.last = self.donations(donated or {})
        for ref, line in program.numbered():
            self.roots[ref.at] = set(self.sources(ref, line))
            for x in refs(line.operands, line.params):
                self.read(x.at, FOREVER if ref.at in self.last else ref.at)
            self.read(ref.at, FOREVER if ref.at in outputs else ref.at)
        self.escaping = {root for at in outputs for root in self.roots.get(at, ())}
        self.in_place: dict[int, int] = {}
        for ref, line in program.numbered():
            changed = line.operands[0] if self.kinds[ref.at] == "write" else None
            if type(changed) is Ref and self.may_write(ref.at, changed.at):
                self.in_place[ref.at] = self.in_place.get(changed.at, changed.at)
        for at, base in self.in_place.items():
            self.ends[base] = max(self.ends[base], self.ends[at])

    def may_write(self, at: int, x: int) -> bool:
        """Tell whether a line may write to its operand: an array of the program's that is done."""
        if x < self.first or self.ends[x] != at:
            return False
        if self.kinds[self.in_place.get(x, x)] in BUFFERED:
            return at not in self.escaping  # a buffer is not given away
        return self.kinds[x] == "write" or self.program.lines[x - self.first].function is scatter

    def donations(self, donated: dict[int, int]) -> dict[int, int]:
        """Return the lines that write to the array of an input, which is then no longer needed.

        Such a line is run after all others. So nothing may read what it gives, and no other one of
        them the input.
        """
        lines, outputs = self.program.lines, self.program.outputs
        taken = {x.at for line in lines for x in refs(line.operands, line.params)}
        found = {
            outputs[i].at: leaf
            for i, leaf in donated.items()
            if self.kinds.get(outputs[i].at) == "ufunc"
            and outputs[i].at not in taken
            and outputs.count(outputs[i]) == 1
            and outputs[i] not in self.program.checks  # which are looked at before any is written
        }
        reads = {at: self.inputs_behind(Ref(at)) for at in found}
        return {
            at: leaf
            for at, leaf in found.items()
            if not any(leaf in inputs for other, inputs in reads.items() if other != at)
        }

    def inputs_behind(self, ref: Ref) -> set[int]:
        """Return the inputs whose arrays a line reads, themselves or through views."""
        found: set[int] = set()
        stack = [ref]
        while stack:
            line = self.program.lines[stack.pop().at - self.first]
            for x in refs(line.operands, line.params):
                if x.at < self.first:
                    found.add(x.at)
                elif self.kinds[x.at] == "other":
                    stack.append(x)
        return found

    def read(self, at: int, by: int) -> None:
        """Note that a line reads a value."""
        for root in self.roots.get(at, ()):
            self.ends[root] = max(self.ends.get(root, 0), by)

    def sources(self, ref: Ref, line: Line) -> Iterator[int]:
        """Yield the lines whose arrays the result may share memory with."""
        kind = self.kinds[ref.at]
        if kind in ("scalar", "same"):
            return
        yield ref.at
        if kind == "other":
            for x in refs(line.operands, line.params):
                yield from self.roots.get(x.at, ())

    def spec(self, x: Any) -> tuple[Any, Any]:
        """Return shape and dtype of an operand."""
        if type(x) is not Ref:
            return np.shape(x), getattr(x, "dtype", type(x))
        value = self.program.value(x)
        return value.shape, value.dtype

    def single(self, x: Any) -> bool:
        """Tell whether an operand is one number."""
        shape, dtype = self.spec(x)
        if type(x) in (list, tuple) or shape is None or math.prod(shape) != 1:
            return False
        return is_number(dtype) or dtype.kind in "bfc"

    def kind(self, line: Line) -> str:
        """Return how a line is computed."""
        if line.shape is None or is_number(line.dtype) or line.dtype.kind not in "bfc":
            return "other"
        if line.function is matmul:
            return "dot" if line.shape else "scalar"
        single = math.prod(line.shape) == 1
        return self.kind_of_one(line) if single else self.kind_of_many(line)

    def kind_of_one(self, line: Line) -> str:
        """Return how a line is computed whose result is one number."""
        if not line.params and line.function in SCALARS and all(map(self.single, line.operands)):
            return "scalar"
        moved = line.function in RESHAPING and self.is_scalar(line.operands[0])
        return "same" if moved else "other"

    def kind_of_many(self, line: Line) -> str:
        """Return how a line is computed whose result is an array."""
        f = line.function
        large = math.prod(line.shape or ()) >= LARGE
        if f is np.where and large and self.chosen(line) is not None:
            return "choice"
        if f is np.copy and line.dtype.kind in "fc":
            return "ufunc"  # np.positive
        if f in WRITES:
            return "write"
        if isinstance(f, np.ufunc) and not line.params and f.nout == 1 and f.signature is None:
            return "ufunc"
        return "reduction" if f in REDUCTIONS and not line.params.keys() - KNOWN else "other"

    def chosen(self, line: Line) -> int | None:
        """Return which operand of np.where is chosen, if the other is 0; None if neither is."""
        shape, dtype = self.spec(line.params["condition"])
        if shape is None or dtype != np.bool_ or np.dtype(line.dtype) not in INTEGERS:
            return None
        for i, x in enumerate(line.operands):
            zero, given = line.operands[1 - i], self.spec(x)[1]
            if type(x) is Ref and is_zero(zero) and not is_number(given) and given == line.dtype:
                return i
        return None

    def is_scalar(self, x: Any) -> bool:
        """Tell whether an operand is held as a scalar."""
        return type(x) is Ref and x.at in self.scalars

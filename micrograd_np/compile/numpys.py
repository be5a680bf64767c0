"""NumPy's own: a program as statements of NumPy, with buffers. Floor 9."""

from __future__ import annotations

import ast
import math
from operator import setitem
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.outputs import output
from ..rules.indexing import getitem
from ..rules.products import matmul
from ..tracing.program import Line, Program, Ref
from ..tracing.spelling import INFIX, call, expression, method, of_plain_numbers, spelled
from .checked import function
from .layout import INTEGERS, LARGE, REDUCTIONS, Layout
from .results import Code, result_dtype
from .rewriting import is_number
from .signature import Signature
from .silence import silence
from .syntax import STORE, assign, definition, item, name, place, store, target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VIEWS = frozenset(
    {np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d, np.atleast_3d,
     np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis, np.flip, np.fliplr, np.flipud,
     np.broadcast_to, np.real, np.imag, np.ix_, getitem}
)  # fmt: skip
BY_KEYWORD = frozenset({np.maximum, np.minimum})  # which deprecate a positional out
RAISING = frozenset({np.divide, np.power, np.floor_divide, np.remainder})
WRAPPED = frozenset({np.sum, np.mean})  # whose own wrappers cost more than a short sum
Buffer = tuple[tuple[int, ...], Any]  # shape and dtype


class Writer:
    """Writes the statements of a program; it is the naming of its values as well."""

    def __init__(self, program: Program, leaves: Sequence[ast.expr], code: Code) -> None:
        self.program, self.code, self.layout = program, code, Layout(program, code.donated)
        self.body: list[ast.stmt] = []
        self.written: list[tuple[int, Line]] = []  # where the statements of each line begin
        self.buffers: list[Buffer] = []
        self.free: dict[Any, list[int]] = {}
        self.held: list[tuple[int, int]] = []  # the last line that reads a buffer, and the buffer
        self.names: dict[tuple[int, str], ast.expr] = {}  # of a value in a form
        self.full: dict[Any, Any] = {}  # arrays of one number
        code.named("np", np)
        code.named("slice", slice)
        for at, leaf in enumerate(leaves):
            self.body.append(assign(f"v{at}", leaf))

    # Naming

    def value(self, ref: Ref) -> ast.expr:
        """Return the name of a value as an array."""
        if ref.at not in self.layout.scalars or self.program.value(ref).shape == ():
            return self.names.get((ref.at, "array"), name(f"v{ref.at}"))
        return self.form(ref, "whole", lambda text: self.filled(ref, text))

    def constant(self, x: Any) -> ast.expr:
        """Return the name of a constant."""
        return self.code.constant(x)

    def function(self, f: Callable[..., Any], _: str) -> ast.expr:
        """Return the name of a function."""
        return self.code.constant(f)

    def form(self, ref: Ref, form: str, make: Callable[[str], list[ast.stmt]]) -> ast.expr:
        """Return the name of a value in another form, which is made when first asked for."""
        found = self.names.get((ref.at, form))
        if found is None:
            text = f"{form}{ref.at}"
            self.body += make(text)
            found = self.names[ref.at, form] = name(text)
        return found

    def filled(self, ref: Ref, text: str) -> list[ast.stmt]:
        """Return the statements that make an array of a scalar."""
        shape, dtype = self.layout.spec(ref)
        made = call(self.constant(np.empty), [self.constant(shape), self.constant(dtype)])
        return [assign(text, made), store(text, place((0,) * len(shape)), name(f"v{ref.at}"))]

    def scalar(self, x: Any) -> ast.expr:
        """Return the name of an operand as a scalar."""
        if type(x) is not Ref:
            value = x.reshape(-1)[0] if isinstance(x, np.ndarray) else x
            return spelled(value, self)
        shape, dtype = self.layout.spec(x)
        if x.at in self.layout.scalars or isinstance(dtype, type):
            return name(f"v{x.at}")
        index: Any = 0 if len(shape) == 1 else (0,) * len(shape)
        return self.form(x, "one", lambda text: [assign(text, item(self.value(x), index))])

    def operand(self, x: Any, line: Line) -> ast.expr:
        """Return the name of an operand of a function of entries: of a scalar, an array for it."""
        if type(x) is not Ref:
            slow = line.function in BY_KEYWORD and math.prod(line.shape or ()) >= LARGE
            return self.repeated(x, line) if slow and not np.ndim(x) else spelled(x, self)
        _, dtype = self.layout.spec(x)
        if x.at not in self.layout.scalars or isinstance(dtype, type):
            return self.value(x)
        others = [self.layout.spec(y)[0] for y in line.operands if y is not x]
        if np.broadcast_shapes(*others) != line.shape:
            return self.value(x)
        return self.form(x, "cell", lambda text: self.stored(text, dtype, name(f"v{x.at}")))

    def repeated(self, x: Any, line: Line) -> ast.expr:
        """Return the name of an array full of a number: np.maximum is faster with that."""
        key = (str(x), line.shape, line.dtype)
        if key not in self.full:
            self.full[key] = np.full(line.shape or (), x, line.dtype)
        return self.constant(self.full[key])

    def stored(self, text: str, dtype: Any, value: ast.expr) -> list[ast.stmt]:
        """Return the statements that store a scalar in a buffer without axes."""
        self.buffers.append(((), dtype))
        buffer = f"b{len(self.buffers) - 1}"
        return [store(buffer, place(()), value), assign(text, name(buffer))]

    # Lines

    def write(self) -> None:
        """Write all lines; those that write to a donated array come last."""
        for ref in dict.fromkeys(self.program.checks):
            if ref.at < self.layout.first:
                self.doubt(ref)
        for ref, line in self.program.numbered():
            if ref.at in self.layout.last:
                continue
            writing = getattr(self, f"write_{self.layout.kinds[ref.at]}")
            self.written.append((len(self.body), line))
            writing(ref, line)
            if ref in self.program.checks:
                self.doubt(ref)
            self.release(ref.at)
        silence(self.body, self.written, self.code)

    def doubt(self, ref: Ref) -> None:
        """Write whether there is a NaN in a value, an input too."""
        found = call(self.code.named("hasnan", has_nan), [self.value(ref)])
        self.body.append(assign(f"doubt{ref.at}", found))

    def donate(self) -> list[ast.stmt]:
        """Return the statements that write results to donated arrays."""
        found: list[ast.stmt] = []
        for at, leaf in self.layout.last.items():
            line = self.program.lines[at - self.layout.first]
            before = len(self.body)
            operands = [self.operand(x, line) for x in line.operands]
            found += self.body[before:]
            del self.body[before:]
            f = self.constant(line.function)
            keyword = line.function in BY_KEYWORD
            out = name(f"v{leaf}")
            written = call(f, operands, {"out": out}) if keyword else call(f, [*operands, out])
            found.append(ast.Expr(written))
            self.names[at, "array"] = out
        return found

    def write_same(self, ref: Ref, line: Line) -> None:
        """Write a scalar in another shape: it stays."""
        self.body.append(assign(f"v{ref.at}", self.scalar(line.operands[0])))

    def write_scalar(self, ref: Ref, line: Line) -> None:
        """Write a function of scalars, or a product of vectors."""
        if line.function is matmul:
            x, y = (spelled(x, self) for x in line.operands)
            value = method(x, "dot", y)
        else:
            xs = [self.scalar(x) for x in line.operands]
            op = INFIX.get(line.function)
            if op is not None:
                value = ast.BinOp(xs[0], op, xs[1])
            elif line.function is np.negative:
                value = ast.UnaryOp(ast.USub(), xs[0])
            else:
                value = call(self.constant(line.function), xs)
        self.body.append(assign(f"v{ref.at}", value))

    def write_ufunc(self, ref: Ref, line: Line) -> None:
        """Write a function of entries, to a buffer if no result holds it."""
        operands = [self.operand(x, line) for x in line.operands]
        f = self.constant(np.positive if line.function is np.copy else line.function)
        if ref.at in self.layout.escaping:
            self.body.append(assign(f"v{ref.at}", call(f, operands)))
            return
        self.release(ref.at, line)
        buffer = self.buffer(ref, line)
        if line.function in BY_KEYWORD:
            written = call(f, operands, {"out": buffer})
        else:
            written = call(f, [*operands, buffer])
        self.body.append(ast.Expr(written))

    def write_choice(self, ref: Ref, line: Line) -> None:
        """Write np.where(mask, x, 0): the bits of x, as an integer, times 1 or 0.

        It is what np.where gives, in every bit, at a tenth of the price.
        """
        chosen = self.layout.chosen(line)
        x, mask = line.operands[chosen or 0], self.named_mask(line)
        integer = self.constant(INTEGERS[np.dtype(line.dtype)])
        if chosen:
            mask = call(self.constant(np.logical_not), [mask])
        bits = method(self.value(x), "view", integer)
        times = self.constant(np.multiply)
        if ref.at in self.layout.escaping:
            made = method(call(times, [bits, mask]), "view", self.constant(np.dtype(line.dtype)))
            self.body.append(assign(f"v{ref.at}", made))
            return
        self.release(ref.at, line)
        out = method(self.buffer(ref, line), "view", integer)
        self.body.append(ast.Expr(call(times, [bits, mask, out])))

    def named_mask(self, line: Line) -> ast.expr:
        """Return the name of the condition of a np.where."""
        return spelled(line.params["condition"], self)

    def write_dot(self, ref: Ref, line: Line) -> None:
        """Write a matrix product, to a buffer if no result holds it."""
        x, y = (spelled(x, self) for x in line.operands)
        contiguous = len({self.layout.spec(x)[1] for x in line.operands} | {line.dtype}) == 1
        if ref.at in self.layout.escaping or not contiguous:
            self.body.append(assign(f"v{ref.at}", method(x, "dot", y)))
        else:
            self.body.append(ast.Expr(method(x, "dot", y, self.buffer(ref, line))))

    def write_reduction(self, ref: Ref, line: Line) -> None:
        """Write a sum along axes, or its like, to a buffer if no result holds it."""
        x = spelled(line.operands[0], self)
        axis = spelled(line.params.get("axis"), self)
        kept: dict[str, ast.expr] = {}
        if line.params.get("keepdims"):
            kept["keepdims"] = ast.Constant(value=True)
        f = self.constant(REDUCTIONS[line.function])
        if ref.at in self.layout.escaping:
            self.body.append(assign(f"v{ref.at}", call(f, [x, axis], kept)))
        else:
            given = [x, axis, ast.Constant(None), self.buffer(ref, line)]
            self.body.append(ast.Expr(call(f, given, kept)))

    def write_write(self, ref: Ref, line: Line) -> None:
        """Write x[index] = value: to x itself, or to a copy."""
        if ref.at not in self.layout.in_place:
            self.write_other(ref, line)
            return
        x, *rest = line.operands
        index = spelled(line.params["index"], self)
        value = spelled(rest[0], self) if rest else ast.Constant(0)
        self.body.append(ast.Expr(call(self.constant(setitem), [self.value(x), index, value])))
        self.names[ref.at, "array"] = self.value(x)

    def write_other(self, ref: Ref, line: Line) -> None:
        """Write any other function."""
        if line.function in WRAPPED:
            params = {key: spelled(x, self) for key, x in line.params.items()}
            value = call(self.constant(line.compute), [self.value_of(line)], params)
        elif self.gives_numpys(line):
            operands = [spelled(x, self) for x in line.operands]
            value = method(call(self.constant(line.function), operands), "item")
        else:
            value = expression(line, self, of_plain_numbers(self.program, line))
        self.body.append(assign(f"v{ref.at}", value))

    def gives_numpys(self, line: Line) -> bool:
        """Tell whether NumPy computes what should stay a plain number.

        It does so where it has the name, and where Python raises and NumPy gives inf or NaN.
        """
        if line.function is np.absolute:
            return is_number(line.dtype)
        dtypes = [self.layout.spec(x)[1] for x in line.operands]
        return line.function in RAISING and line.dtype is float and float in dtypes

    def value_of(self, line: Line) -> ast.expr:
        """Return the name of the one operand of a line."""
        return spelled(line.operands[0], self)

    # Buffers

    def buffer(self, ref: Ref, line: Line) -> ast.expr:
        """Return the name of a buffer for a line, which is the name of its value from now on."""
        free = self.free.setdefault((line.shape, line.dtype), [])
        if free:
            at = free.pop()
        else:
            at = len(self.buffers)
            self.buffers.append((line.shape or (), line.dtype))
        self.held.append((self.layout.ends[ref.at], at))
        found = self.names[ref.at, "array"] = name(f"b{at}")
        return found

    def release(self, at: int, line: Line | None = None) -> None:
        """Free the buffers that no line after this one reads; before a line, those it may reuse."""
        kept = []
        for end, buffer in self.held:
            shape, dtype = self.buffers[buffer]
            done = end < at or (end == at and (line is None or shape == line.shape))
            if done:
                self.free.setdefault((shape, dtype), []).append(buffer)
            else:
                kept.append((end, buffer))
        self.held = kept


def in_numpy(program: Program, leaves: Sequence[ast.expr], code: Code) -> None:
    """Add the statements that run a program with NumPy."""
    writer = Writer(program, leaves, code)
    writer.write()
    donated = writer.donate()
    found = results(program, writer)
    taken, returned = workspace(writer.buffers, code)
    doubts: list[ast.expr] = [name(f"doubt{x.at}") for x in dict.fromkeys(program.checks)]
    if doubts:
        doubt = ast.BoolOp(ast.Or(), doubts) if len(doubts) > 1 else doubts[0]
        writer.body.append(code.careful(doubt))
    code.body += [*taken, *writer.body, *donated, *returned, ast.Return(code.tree(found))]


def workspace(buffers: list[Buffer], code: Code) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the statements that take the buffers, and those that give them back.

    Each call takes a set of buffers from a list, or makes one: two threads never share a set.
    """
    if not buffers:
        return [], []

    def make() -> tuple[Any, ...]:
        return tuple([np.empty(shape, dtype) for shape, dtype in buffers])

    code.named("pool", [])
    code.named("make", make)
    code.named("IndexError", IndexError)
    names = ast.Tuple([target(f"b{i}") for i in range(len(buffers))], STORE)
    taken = ast.Try(
        [assign("space", method(name("pool"), "pop"))],
        [ast.ExceptHandler(name("IndexError"), None, [assign("space", call(name("make"), []))])],
        [],
        [],
    )
    given_back = ast.Expr(method(name("pool"), "append", name("space")))
    return [taken, ast.Assign([names], name("space"))], [given_back]


def results(program: Program, writer: Writer) -> list[ast.expr]:
    """Return the expressions of the results, each fresh."""
    found: list[ast.expr] = []
    given: set[int] = set()
    for out in program.outputs:
        line = None if type(out) is not Ref else program.value(out)
        fresh = type(line) is Line and out.at not in given and not is_view(program, line)
        if type(out) is Ref:
            given.add(out.at)
        value = spelled(out, writer)
        if isinstance(result_dtype(program, out), type):
            found.append(value)
        elif (np.shape(out) if line is None else line.shape) == ():
            held = type(out) is Ref and out.at not in writer.layout.scalars
            found.append(item(value, ()) if held else value)
        else:
            found.append(value if fresh else method(value, "copy"))
    return found


def is_view(program: Program, line: Line) -> bool:
    """Tell whether the result of a line may share memory with its operands."""
    if line.function is output.function:
        return is_view(program, program.value(line.operands[0]))  # type: ignore[arg-type]
    return line.function in VIEWS or (line.function is np.einsum and len(line.operands) == 1)


def has_nan(x: Any) -> bool:
    """Tell whether a NaN is among the entries, by one cheap reduction."""
    flat = np.asarray(x).reshape(-1)
    total = flat.dot(flat)
    return bool(total != total)


def stepping(step: Program, carries: int, arrays: int, length: int) -> Callable[..., Any]:
    """Return the function that calls a step with NumPy, row after row."""
    once = called(step)
    specs = [step.value(out) if type(out) is Ref else np.asarray(out) for out in step.outputs]

    def run(*values: Any) -> tuple[Any, ...]:
        carry, last = values[:carries], carries + arrays
        if not length:
            carry = tuple([np.copy(x)[()] for x in carry])
        rows, rest = values[carries:last], values[last:]
        collected = [np.empty((length, *x.shape), x.dtype) for x in specs[carries:]]  # type: ignore[misc]
        for i in range(length):
            out = once(*carry, *[x[i] for x in rows], *rest)
            carry = out[:carries]
            for ys, y in zip(collected, out[carries:], strict=True):
                ys[i] = y
        return (*carry, *collected)

    return run


def called(program: Program) -> Callable[..., Any]:
    """Return the function of a program's inputs, one by one, that returns a tuple."""
    given = [f"a{i}" for i in range(len(program.inputs))]
    test = ast.Constant(value=True)
    code = Code(Signature(test, tuple(map(name, given)), {}, ""), len(given), tuple)
    in_numpy(program, code.signature.leaves, code)
    return function(definition("step", given, code.body), code.namespace, "step")

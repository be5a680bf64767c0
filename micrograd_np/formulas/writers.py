"""Writers: how mathematics writes what is no sum, product or plain call. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.outputs import output
from ..rules.activations import logaddexp_reduce, logsumexp
from ..rules.determinants import inverse_transposed
from ..rules.indexing import getitem
from ..rules.norms import euclidean, p_norm
from ..rules.products import batched_matmul, matmul
from ..tracing.spelling import LOAD, spelled, subscript
from .calls import letters, new_axes
from .columns import CHAIN, Factor, chain, is_product, is_transpose, turns
from .python import Python, defaults, is_default
from .sums import axes_of
from .terms import NAME, NUMBER, ONE, VECTOR, Term, indicated

if TYPE_CHECKING:
    from collections.abc import Callable

    from .mathematics import Mathematics

COMPARED, ADDED, MULTIPLIED, RAISED, ATOM = range(5)
COMPARISONS = (
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal, np.bitwise_and,
    np.bitwise_or,
)  # fmt: skip


def power(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a power."""
    x, y = t.args
    return m.raised(m.beside(x, t.ndim, ATOM), m.beside(y, t.ndim)), RAISED


def matrix_product(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return a product of matrices, vectors as columns, and numbers before it."""
    if t.op in (matmul, batched_matmul) and not is_product(t):  # of a stack and vectors
        x, y = t.args
        return m.matrix_product(m.text(x, MULTIPLIED), m.text(y, RAISED)), MULTIPLIED
    found = chain(t)
    if found.factors[0].term is t:  # of stacks, with another meaning
        return None
    if found.coefficient == ONE and not found.numbers:
        return m.product(found.factors)
    return m.scaled(found.coefficient, [*found.numbers, (found.alone(t), 1)], t.ndim)


def contracted(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return an einsum: a sum of products of entries."""
    inputs, output = letters(t).split("->")
    words = inputs.split(",")
    return m.contracted(words, [m.text(x, ATOM) for x in t.args], output), MULTIPLIED


def alone(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a product of matrices without numbers."""
    return m.product([Factor(*f) for f in zip(t.args, *t.params, strict=True)])


def transposed(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return a transpose, of a product factor by factor."""
    return matrix_product(m, t) if is_transpose(t) else None


def summed(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a sum over axes."""
    return laid(m, t, f"{along(m, m.sigma, t)} {m.text(t.args[0], MULTIPLIED)}", MULTIPLIED)


def reduced(name: str) -> Callable[[Mathematics, Term], tuple[str, int] | None]:
    """Return how another reduction over axes is written, by its name."""

    def write(m: Mathematics, t: Term) -> tuple[str, int] | None:
        usual = defaults(t.op)
        params = {k for k, x in t.params if not is_default(x, usual.get(k, False))}
        if params - {"axis", "keepdims"} or len(t.args) > 1:
            return None
        return laid(m, t, along(m, m.head(name), t) + m.brackets(m.text(t.args[0])), ATOM)

    return write


def along(m: Mathematics, head: str, t: Term) -> str:
    """Return the head of a reduction, its axes beside it if there are others."""
    axis, ndim = dict(t.params).get("axis"), t.args[0].ndim
    axes = axes_of(axis, ndim)
    if len(axes) == ndim:
        return head
    return m.along(head, str(axes[0] if len(axes) == 1 else axes))


def laid(m: Mathematics, t: Term, text: str, binds: int) -> tuple[str, int]:
    """Return a reduction, which is a column, as the row that it is where it kept its axis."""
    if t.ndim != 2 or t.shape[0] != 1 or t.size == 1:
        return text, binds
    return m.transposed(text if binds == ATOM else m.brackets(text)), RAISED


def repeated(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return equal numbers, a row or a column repeated; what else is repeated is written once."""
    (x,) = t.args
    if x.op == NUMBER:
        return (m.ones(), ATOM) if x.params == 1 else m.signed(x.params)
    return matrix_product(m, t) if t.ndim == 2 and x.size > 1 else (m.text(x), m.written[x][1])


def reshaped(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return a row or a column, and what lost axes of length 1 as it is."""
    (x,) = t.args
    if turns(t) is not None:
        return matrix_product(m, t)
    if new_axes(t):
        index = ["None" if n == 1 else ":" for n in t.shape]
        return m.item(m.text(x, ATOM), ", ".join(index)), ATOM
    if tuple(n for n in x.shape if n != 1) == t.shape:
        return m.text(x), m.written[x][1]
    return None


def item(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return entries of an array."""
    index = spelled(dict(t.params)["index"], Python())
    written = ast.unparse(subscript([ast.Name("x", LOAD)], {"index": index}))
    return m.item(m.text(t.args[0], ATOM), written[2:-1]), ATOM


def determinant(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a determinant, of what stands behind it."""
    return f"{m.head('det')} {m.text(t.args[0], RAISED)}", MULTIPLIED


def result(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return one of several results; the logarithm of a determinant's size by that name."""
    (x,) = t.args
    if x.op is not np.linalg.slogdet or dict(t.params)["index"] != 1:
        return item(m, t)
    size = m.between("absolute", f"{m.head('det')} {m.text(x.args[0], RAISED)}")
    return f"{m.head('log')} {size}", MULTIPLIED


def chosen(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return np.where, its condition in front."""
    args = [m.given("", dict(t.params)["condition"]), *[m.beside(x, t.ndim) for x in t.args]]
    return m.head("where") + m.brackets(", ".join(args)), ATOM


def cast(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return what is 1 where a condition holds, by its name if it has one; no other dtype."""
    condition = indicated(t)
    if condition is not None and condition.op != NAME:
        return m.indicated(m.text(condition)), ATOM
    return m.text(t.args[0]), m.written[t.args[0]][1]


def between(kind: str) -> Callable[[Mathematics, Term], tuple[str, int]]:
    """Return how a function is written that stands around its argument."""
    return lambda m, t: (m.between(kind, m.text(t.args[0])), ATOM)


def norm(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return a norm of all entries between double bars, below it which one if it is another."""
    params = {k: x for k, x in t.params if x is not None and x is not False}
    p = params.pop("p", None)
    if p is not None and t.args[0].ndim > 1:
        return None
    if t.args[0].ndim == 1:
        params.pop("axis", None)
    text, binds = between("norm")(m, t)
    return None if params else (text if p is None else m.below(text, p), binds)


def listed(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a vector, a column, by its entries."""
    return m.transposed(m.brackets(", ".join([m.text(x) for x in t.args]))), RAISED


def stacked(m: Mathematics, t: Term) -> tuple[str, int] | None:
    """Return numbers put together to a vector."""
    return None if any(x.ndim for x in t.args) else listed(m, t)


def padded(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return an array between zeros."""
    return m.head("pad") + m.brackets(
        f"{m.text(t.args[0])}, {m.shown(dict(t.params)['pad_width'])}"
    ), ATOM


def compared(m: Mathematics, t: Term) -> tuple[str, int]:
    """Return a comparison."""
    return m.compared(t.op, *[m.beside(x, t.ndim, ADDED) for x in t.args]), COMPARED


WRITTEN: dict[Any, Callable[[Any, Term], tuple[str, int] | None]] = {
    np.power: power,
    matmul: matrix_product,
    batched_matmul: matrix_product,
    np.outer: matrix_product,
    np.linalg.inv: matrix_product,
    np.linalg.solve: matrix_product,
    inverse_transposed: matrix_product,
    np.linalg.det: lambda m, t: (rf"{m.head('det')} {m.text(t.args[0], RAISED)}", MULTIPLIED),
    CHAIN: alone,
    VECTOR: listed,
    np.stack: stacked,
    np.einsum: contracted,
    np.transpose: transposed,
    np.matrix_transpose: transposed,
    np.swapaxes: transposed,
    np.mean: reduced("mean"),
    np.max: reduced("max"),
    np.min: reduced("min"),
    np.prod: reduced("prod"),
    np.var: reduced("var"),
    np.std: reduced("std"),
    np.median: reduced("median"),
    np.pad: padded,
    output.function: result,
    logsumexp: reduced("logsumexp"),
    logaddexp_reduce: reduced("logsumexp"),
    np.sum: summed,
    np.where: chosen,
    np.astype: cast,
    np.exp: lambda m, t: (m.exponential(m.text(t.args[0])), RAISED),
    np.broadcast_to: repeated,
    np.reshape: reshaped,
    getitem: item,
    np.eye: lambda m, t: (m.identity(t.args[0].params), ATOM),
    np.sqrt: between("root"),
    np.absolute: between("absolute"),
    euclidean: norm,
    p_norm: norm,
    np.array: lambda m, t: (m.words(str(t.params.tolist())), ATOM),
} | dict.fromkeys(COMPARISONS, compared)

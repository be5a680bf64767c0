"""Calls: how Python writes what is no sum, product or plain call. Floor 9."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from ..calls.outputs import output
from ..rules.decompositions import decomposed, factored, upright
from ..rules.determinants import inverse_transposed
from ..rules.indexing import scatter
from ..rules.norms import euclidean, p_norm
from ..rules.products import batched_matmul, latin, matmul
from ..rules.signals import convolved
from ..tracing.spelling import LOAD, call, dotted, method, spelled, subscript
from .constants import named
from .terms import NUMBER, PRODUCT, VECTOR, Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tracing.spelling import Expr
    from .python import Python
    from .terms import Shape


def plain(x: Any) -> Expr:
    """Return a number, a shape or a dtype, for which nothing needs a name."""
    nameless: Any = None
    return spelled(x, nameless)


def number(x: Any) -> Expr:
    """Return a number; those that have a name by it."""
    x = x.item() if isinstance(x, np.generic | np.ndarray) else x
    known = named(x) if isinstance(x, float) else None
    return plain(x) if known is None else ast.parse(known.python, mode="eval").body


def array(x: Any) -> Expr:
    """Return a short array, entry by entry."""
    usual = x.dtype in (np.float64, np.int64, np.bool_, np.complex128)
    dtype = [] if usual and x.size else [plain(x.dtype)]
    if not x.size:
        return call(dotted("np", "zeros"), [plain(x.shape), *dtype])
    return call(dotted("np", "array"), [nested(x.tolist()), *dtype])


def nested(x: Any) -> Expr:
    """Return nested lists of numbers."""
    return ast.List([nested(y) for y in x], LOAD) if isinstance(x, list) else number(x)


def filled(writer: Python, t: Term) -> Expr:
    """Return an array of equal numbers, and the call where it repeats something else."""
    (inner,) = t.args
    if inner.op == PRODUCT and inner.args[0].op == NUMBER:  # a quotient of numbers
        value = writer.write(inner)
    elif inner.op != NUMBER:
        shape = spelled(t.shape, writer)
        return call(dotted("np", "broadcast_to"), [writer.write(inner), shape])
    else:
        x = inner.params
        value = number(float(x) if isinstance(x, int) else x)
    shape = spelled(t.shape[0] if t.ndim == 1 else t.shape, writer)
    dtype = [] if t.dtype in (None, np.float64) else [spelled(np.dtype(t.dtype), writer)]
    if inner.number in (0, 1):
        return call(dotted("np", "ones" if inner.number else "zeros"), [shape, *dtype])
    return call(dotted("np", "full"), [shape, value, *dtype])


def reshaped(writer: Python, t: Term) -> Expr | None:
    """Return a reshape that inserts axes as an index, one to no axes as a sum."""
    inner = writer.write(t.args[0])
    (x,) = t.args
    if dict(t.params).get("order") not in (None, "C"):
        shape, order = (spelled(dict(t.params)[key], writer) for key in ("shape", "order"))
        return call(dotted("np", "reshape"), [inner, shape], {"order": order})
    if not t.shape:
        return call(dotted("np", "sum"), [inner])
    if x.op is np.sum and not x.shape and t.ndim == x.args[0].ndim:
        kept: dict[str, Expr] = {"keepdims": ast.Constant(value=True)}
        return call(dotted("np", "sum"), [writer.write(x.args[0])], kept)
    if inserted := new_axes(t):
        return ast.Subscript(inner, ast.Tuple(inserted, LOAD), LOAD)
    return None if x.op == NUMBER else laid_out(inner, t.shape)


def laid_out(x: Expr, shape: Shape) -> Expr:
    """Return ``x.reshape(2, 3)``, ``x.ravel()`` of a vector."""
    if len(shape) == 1:
        return method(x, "ravel")
    return method(x, "reshape", *map(plain, shape))


def new_axes(t: Term) -> list[Expr]:
    """Return the index that inserts axes, if that is all that a reshape does; else nothing."""
    small: list[int] = list(t.args[0].shape)
    shown: list[Expr] = []
    for n in t.shape:
        if small and n == small[0]:
            small.pop(0)
            shown.append(ast.Slice())
        elif n == 1:
            shown.append(ast.Constant(None))
        else:
            return []
    return [] if small or not t.args[0].shape else shown


def beside(writer: Python, t: Term) -> list[Expr]:
    """Return the operands of a product."""
    return [writer.write(x, writer.dtypes(t.args)) for x in t.args]


def matrix_product(writer: Python, t: Term) -> Expr:
    """Return ``x @ y``; a product for x stands in brackets, for the reader."""
    x, y = beside(writer, t)
    if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Mult | ast.Div):
        x = ast.Name(f"({ast.unparse(x)})", LOAD)
    return ast.BinOp(x, ast.MatMult(), y)


def norm(writer: Python, t: Term) -> Expr | None:
    """Return ``np.linalg.norm(x)``; of all entries, a norm other than this is none of NumPy's."""
    if t.op is p_norm and t.args[0].ndim > 1 and not isinstance(dict(t.params).get("axis"), int):
        return None
    said = {k: x for k, x in t.params if k != "axis" or t.args[0].ndim > 1}
    params = {k: spelled(x, writer) for k, x in said.items() if x is not None and x is not False}
    params = {"ord" if k == "p" else k: x for k, x in params.items()}
    return call(dotted("np", "linalg", "norm"), [writer.write(t.args[0])], params)


def placed(writer: Python, t: Term) -> Expr | None:
    """Return entries in an array of zeros, with an index as it stands in brackets."""
    index = dict(t.params)["index"]
    if not any(isinstance(x, slice) for x in (index if isinstance(index, tuple) else (index,))):
        return None
    at = subscript([dotted("np", "s_")], {"index": spelled(index, writer)})
    params = {"index": at, "shape": spelled(t.shape, writer)}
    return call(writer.function(scatter, "scatter"), [writer.write(t.args[0])], params)


def contracted(writer: Python, t: Term) -> Expr:
    """Return ``np.einsum("ij,jk->ik", x, y)``."""
    return call(dotted("np", "einsum"), [ast.Constant(letters(t)), *map(writer.write, t.args)])


def letters(t: Term) -> str:
    """Return the letters of an einsum."""
    words: str = latin(dict(t.params)["subscripts"])  # type: ignore[no-untyped-call]  # of a rule
    return words


def short(name: str) -> Callable[[Python, Term], Expr]:
    """Return how a function is written that has a shorter name in NumPy."""
    return lambda writer, t: call(dotted("np", name), [writer.write(x) for x in t.args])


def padded(writer: Python, t: Term) -> Expr:
    """Return ``np.pad(x, (1, 0))``."""
    width = spelled(dict(t.params)["pad_width"], writer)
    return call(dotted("np", "pad"), [writer.write(t.args[0]), width])


def repeated(writer: Python, t: Term) -> Expr:
    """Return ``np.repeat(x, 2)``."""
    times = [spelled(x, writer) for _, x in t.params]
    return call(dotted("np", "repeat"), [writer.write(t.args[0]), *times])


def turned_inverse(writer: Python, t: Term) -> Expr | None:
    """Return ``np.linalg.inv(x).T``; of stacks what the rule calls."""
    inner = call(dotted("np", "linalg", "inv"), [writer.write(t.args[0])])
    return ast.Attribute(inner, "T", LOAD) if t.ndim == 2 else None


def listed(writer: Python, t: Term) -> Expr:
    """Return an array of numbers, one by one."""
    entries = [number(float(x.params)) if x.op == NUMBER else writer.write(x) for x in t.args]
    dtype = [] if t.dtype == np.float64 else [spelled(np.dtype(t.dtype), writer)]
    return call(dotted("np", "array"), [ast.List(entries, LOAD), *dtype])


def cast(writer: Python, t: Term) -> Expr | None:
    """Return a term as floats, in Python's word for NumPy's."""
    if np.dtype(dict(t.params)["dtype"]) != np.float64 or t.args[0].op == NUMBER:
        return None
    return method(writer.write(t.args[0]), "astype", ast.Name("float", LOAD))


def numpys(path: tuple[str, ...], **usual: Any) -> Callable[[Python, Term], Expr]:
    """Return how an operation of ours is written that is NumPy's, given its usual parameters."""

    def write(writer: Python, t: Term) -> Expr:
        params = {k: spelled(x, writer) for k, x in t.params if usual.get(k) != x}
        return call(dotted("np", *path), [writer.write(x) for x in t.args], params)

    return write


def singular_values(writer: Python, t: Term) -> Expr | None:
    """Return ``np.linalg.svd(x, compute_uv=False)``."""
    (x,) = t.args
    if x.op is not output.function or x.args[0].op is not decomposed:
        return writer.write(x)
    off: dict[str, Expr] = {"compute_uv": ast.Constant(value=False)}
    return call(dotted("np", "linalg", "svd"), [writer.write(x.args[0].args[0])], off)


SPECIAL: dict[Any, Callable[[Python, Term], Expr | None]] = {
    np.absolute: short("abs"),
    np.outer: lambda writer, t: call(dotted("np", "outer"), beside(writer, t)),
    np.conjugate: short("conj"),
    np.astype: cast,
    np.pad: padded,
    np.repeat: repeated,
    inverse_transposed: turned_inverse,
    VECTOR: listed,
    p_norm: norm,
    scatter: placed,
    np.einsum: contracted,
    euclidean: norm,
    matmul: matrix_product,
    batched_matmul: matrix_product,
    convolved: numpys(("convolve",), mode="full"),
    factored: numpys(("linalg", "qr"), mode="reduced"),
    decomposed: numpys(("linalg", "svd"), full_matrices=True),
    upright: singular_values,
    np.array: lambda _, t: array(t.params),
    np.broadcast_to: filled,
    np.reshape: reshaped,
}

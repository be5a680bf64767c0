"""Rules for products of vectors and matrices: dot, matmul, tensordot, einsum, outer. Floor 5."""

from __future__ import annotations

import math
from numbers import Number

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..calls.dispatch import primitive
from ..calls.fast import product
from ..errors import ShapeError, describe, where
from ..plan import shape_of, unbroadcast
from ..rule import composite, multilinear, rules
from .arrays import arrays_of


@primitive
def matmul(x, y):
    """Return x @ y for vectors and matrices: ``dot`` is the same, at half the price."""
    return x.dot(y)


def left_cotangent(g, y):
    """Transpose of x @ y in x, a vector where g has fewer axes than with a matrix."""
    if y.ndim == 1:
        return g * y if g.ndim == 0 else np.expand_dims(g, -1) * y
    return y @ g if g.ndim == 1 else g @ y.T


def right_cotangent(g, x):
    """Transpose of x @ y in y."""
    if x.ndim == 1:
        return g * x if g.ndim == 0 else np.expand_dims(x, -1) * g
    return x.T @ g


@primitive
def batched_matmul(x, y):
    """Return x @ y for stacks of matrices."""
    return np.matmul(x, y)


def batched_left(g, y, spec):
    """Transpose of a batched x @ y in x."""
    if y.ndim == 1:
        return np.expand_dims(g, -1) * y
    if spec.ndim == 1:
        return unbroadcast(np.squeeze(y @ np.expand_dims(g, -1), -1), spec.shape)
    return unbroadcast(g @ np.swapaxes(y, -1, -2), spec.shape)


def rows(x):
    """Return x as one matrix, its leading axes joined; they may be empty, where -1 cannot tell."""
    return x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def batched_right(g, x, spec):
    """Transpose of a batched x @ y in y; many matrices times one are a single product."""
    if spec.ndim == 1:
        return rows(x).T @ g.reshape(-1)
    if x.ndim == 1:
        return unbroadcast(np.expand_dims(x, -1) * np.expand_dims(g, -2), spec.shape)
    if spec.ndim == 2:
        return rows(x).T @ rows(g)
    return unbroadcast(np.swapaxes(x, -1, -2) @ g, spec.shape)


multilinear(matmul, left_cotangent, right_cotangent, forward=lambda x, y: x.dot(y))
multilinear(batched_matmul, batched_left, batched_right, forward=np.matmul, name="matmul")


def is_number(x):
    """Tell whether x is a number, or a Tensor or an array without axes."""
    return isinstance(x, Number) or (np.ndim(x) == 0 and hasattr(x, "dtype"))


def multiplied(x, y):
    """Return np.matmul of operands of any numbers of axes, or of any types."""
    m, n = len(shape_of(x)), len(shape_of(y))
    if not m or not n:
        if not (is_number(x) or is_number(y)):
            return NotImplemented
        raise ShapeError(
            f"matmul: {describe(x)} @ {describe(y)}: both need axes{where()}. "
            "To multiply by a number write *."
        )
    return (matmul if m < 3 > n else batched_matmul)(x, y)


multiply = product(rules[matmul], multiplied)
composite(np.matmul, multiply)


def dotted(a, b):
    """Body of np.dot."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) <= 2:
        return np.matmul(a, b)
    return np.tensordot(a, b, (-1, -2))


composite(np.dot, dotted)


def contracted(a, b, axes=2):
    """Body of np.tensordot: one matrix product of the operands with their axes sorted."""
    if isinstance(axes, int):
        axes = (tuple(range(np.ndim(a) - axes, np.ndim(a))), tuple(range(axes)))
    mine, theirs = ((x,) if isinstance(x, int) else tuple(x) for x in axes)
    mine = [normalize_axis_index(i, np.ndim(a)) for i in mine]
    theirs = [normalize_axis_index(i, np.ndim(b)) for i in theirs]
    free_a = [i for i in range(np.ndim(a)) if i not in mine]
    free_b = [i for i in range(np.ndim(b)) if i not in theirs]
    shape_a, shape_b = [np.shape(a)[i] for i in free_a], [np.shape(b)[i] for i in free_b]
    if [np.shape(a)[i] for i in mine] != [np.shape(b)[i] for i in theirs]:
        raise ShapeError(
            f"tensordot: axes {mine} of shape {np.shape(a)} and {theirs} of shape {np.shape(b)} "
            f"differ in length{where()}. They are summed over, and must be alike."
        )
    inner = math.prod(np.shape(a)[i] for i in mine)
    rows, columns = ([math.prod(shape)] if shape else [] for shape in (shape_a, shape_b))
    left = np.reshape(np.transpose(a, (*free_a, *mine)), (*rows, inner))
    right = np.reshape(np.transpose(b, (*theirs, *free_b)), (inner, *columns))
    return np.reshape(left @ right, (*shape_a, *shape_b))


composite(np.tensordot, contracted)
composite(np.outer, lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)))
composite(
    np.inner,
    lambda a, b: a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, (-1, -1)),
)
composite(np.vdot, lambda a, b: np.dot(np.conj(np.ravel(a)), np.ravel(b)))

composite(np.vecdot, lambda x1, x2: np.sum(np.conj(x1) * x2, axis=-1))
composite(np.matvec, lambda x1, x2: np.squeeze(np.matmul(x1, np.expand_dims(x2, -1)), axis=-1))
composite(
    np.vecmat, lambda x1, x2: np.squeeze(np.matmul(np.expand_dims(np.conj(x1), -2), x2), axis=-2)
)


def kronecker(a, b):
    """Body of np.kron: each entry of a times all of b."""
    a, b = arrays_of((a, b))
    ndim = max(a.ndim, b.ndim)
    m, n = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    left = np.reshape(a, [k for i in m for k in (i, 1)])
    right = np.reshape(b, [k for j in n for k in (1, j)])
    return np.reshape(left * right, [i * j for i, j in zip(m, n, strict=True)])


def crossed(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Body of np.cross, entry by entry; of vectors of two entries the third is 0."""
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = arrays_of((a, b))
    a, b = np.moveaxis(a, axisa, 0), np.moveaxis(b, axisb, 0)
    if {len(a), len(b)} - {2, 3}:
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    z = a[0] * b[1] - a[1] * b[0]
    if len(a) == len(b) == 2:
        return z
    a2, b2 = (v[2] if len(v) == 3 else 0 * v[0] for v in (a, b))
    return np.stack([a[1] * b2 - a2 * b[1], a2 * b[0] - a[0] * b2, z], axisc)


composite(np.kron, kronecker)
composite(np.cross, crossed)

# einsum: a product whose transpose in an operand is again an einsum


def einsum_arguments(subscripts, *operands, optimize=False):
    """Return einsum's operands; the letters are a parameter, spelled out."""
    if not isinstance(subscripts, str):
        subscripts, operands = letters_of(subscripts, *operands)
    inputs, output = spelled_out(subscripts, [np.ndim(x) for x in operands]).split("->")
    pairs = [distinct(*pair) for pair in zip(inputs.split(","), operands, strict=True)]
    terms = ",".join(term for term, _ in pairs)
    return tuple(x for _, x in pairs), {"subscripts": f"{terms}->{output}"}


def distinct(term, x):
    """Return a term without repeated letters, and of the operand the diagonal that they mean."""
    c = next((c for c in term if term.count(c) > 1), None)
    if c is None or len(term) != np.ndim(x):
        return term, x
    i, j = term.index(c), term.rindex(c)
    if shape_of(x)[i] != shape_of(x)[j]:
        return term, x  # einsum refuses them
    return distinct(term[:i] + term[i + 1 : j] + term[j + 1 :] + c, np.diagonal(x, 0, i, j))


def letters_of(*arguments):
    """Return the letters and operands of einsum's other form: operand, axes, operand, axes, ..."""
    operands, output = (
        arguments[: len(arguments) // 2 * 2 : 2],
        arguments[len(arguments) // 2 * 2 :],
    )
    letter = lambda axis: "..." if axis is Ellipsis else chr(ord("a") + axis)
    terms = ["".join(map(letter, axes)) for axes in (*arguments[1::2], *output)]
    inputs = ",".join(terms[: len(operands)])
    return "->".join([inputs, *terms[len(operands) :]]), operands


def spelled_out(subscripts, ndims):
    """Return the subscripts with letters in place of ``...`` and an explicit output."""
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(
            f"einsum {subscripts!r}: {len(terms)} terms for {len(ndims)} operands{where()}. "
            "Each needs one, with commas between them."
        )
    free = [c for c in map(chr, range(945, 1000)) if c not in text]  # Greek: in no one's way
    longest = ""
    for i, (term, ndim) in enumerate(zip(terms, ndims, strict=True)):
        if "..." in term:
            extra = "".join(free[: ndim - len(term) + 3][::-1])
            terms[i] = term.replace("...", extra)
            longest = max(longest, extra, key=len)
    if arrow and longest and "..." not in output:
        raise ShapeError(
            f"einsum {subscripts!r}: '...' stands for {len(longest)} axes of the operands and for "
            f"none of the result{where()}. Write '...' after the arrow too, and sum those axes."
        )
    if not arrow:
        letters = "".join(terms)
        once = sorted(c for c in set(letters) if letters.count(c) == 1 and c not in longest)
        output = longest + "".join(once)
    return ",".join(terms) + "->" + output.replace("...", longest)


def einsum_forward(*xs, subscripts):
    """Return np.einsum; letters are renamed to those NumPy reads."""
    try:
        return np.einsum(latin(subscripts), *xs, optimize=len(xs) > 1)
    except ValueError as error:
        reason = mistake(subscripts, [np.shape(x) for x in xs]) or error
        raise ShapeError(f"einsum {subscripts!r}: {reason}{where()}.") from None


def mistake(subscripts, shapes):
    """Return what is wrong with the letters of an einsum that NumPy refused."""
    inputs, output = subscripts.split("->")
    lengths = {}
    for i, (term, shape) in enumerate(zip(inputs.split(","), shapes, strict=True)):
        if len(term) != len(shape):
            return f"{term!r} has {len(term)} letters, operand {i} has shape {shape}"
        for c, n in zip(term, shape, strict=True):
            if lengths.setdefault(c, n) != n and 1 not in (lengths[c], n):
                return f"letter {c!r} stands for {lengths[c]} and {n} entries"
    strange = [c for c in output if c not in lengths]
    return f"output letter {strange[0]!r} is in no operand" if strange else ""


def latin(subscripts):
    """Return the subscripts in letters that NumPy reads: ours for ``...`` are Greek."""
    from string import ascii_letters  # which takes half a millisecond to import

    free = (c for c in ascii_letters if c not in subscripts)
    names = {c: next(free) for c in dict.fromkeys(subscripts) if not c.isascii()}
    return "".join(names.get(c, c) for c in subscripts)


def einsum_transpose(g, xs, i, spec, subscripts):
    """Transpose of einsum in operand i: an einsum of g and the others.

    A letter found nowhere else was summed away, so its entries all get the same cotangent.
    """
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    others = [(t, x) for j, (t, x) in enumerate(zip(terms, xs, strict=True)) if j != i]
    found = [(output, g), *others]
    reachable = "".join(t for t, _ in found)
    kept = "".join(c for c in terms[i] if c in reachable)
    text = latin(",".join(t for t, _ in found) + "->" + kept)
    q = np.einsum(text, *[x for _, x in found], optimize=len(found) > 1)
    lengths = dict(zip(terms[i], spec.shape, strict=True))
    repeated = tuple(i for i, c in enumerate(kept) if lengths[c] == 1 != q.shape[i])
    q = q.sum(axis=repeated, keepdims=True) if repeated else q
    shape = tuple(n if c in kept else 1 for c, n in lengths.items())
    return np.broadcast_to(q.reshape(shape), spec.shape)


multilinear(np.einsum, einsum_transpose, forward=einsum_forward, arguments=einsum_arguments)

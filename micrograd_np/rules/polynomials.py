"""Rules for polynomials, as rows of coefficients with the highest first. Floor 5."""

from __future__ import annotations

import numpy as np

from ..rule import composite, general
from .arrays import array_of, arrays_of, as_dtype, fixed, floating, held


def horner(p, x):
    """Body of np.polyval."""
    p, x = array_of(p), array_of(x)
    out = np.zeros_like(x)
    for i in range(len(p)):
        out = out * x + p[i]
    return out


def aligned(a1, a2):
    """Return two rows of coefficients with zeros before the shorter one."""
    a, b = (np.atleast_1d(x) for x in arrays_of((a1, a2)))
    n = max(len(a), len(b))
    return tuple(np.concatenate([np.zeros_like(x, shape=n - len(x)), x]) for x in (a, b))


def without_zeros(p):
    """Return coefficients without leading zeros; one 0 if there are no others."""
    p = np.trim_zeros(np.atleast_1d(array_of(p)), "f")
    return p if len(p) else np.zeros_like(p, shape=1)


def added(a1, a2):
    """Body of np.polyadd."""
    a, b = aligned(a1, a2)
    return a + b


def subtracted(a1, a2):
    """Body of np.polysub."""
    a, b = aligned(a1, a2)
    return a - b


def differentiated(p, m=1):
    """Body of np.polyder."""
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    p = array_of(p)
    for _ in range(m):
        n = len(p) - 1
        p = p[:-1] * np.arange(n, 0, -1)
    return p


def integrated(p, m=1, k=None):
    """Body of np.polyint; k holds the constants of integration."""
    p = array_of(p)
    constants = np.zeros_like(p, shape=m) if k is None else np.atleast_1d(array_of(k))
    if m < 0 or len(constants) not in (1, m):
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), constants[i % len(constants)].reshape(1)])
    return p


def divided(u, v):
    """Body of np.polydiv: long division."""
    rest, v = (np.atleast_1d(x) + 0.0 for x in arrays_of((u, v)))
    quotient = []
    for _ in range(len(rest) - len(v) + 1):
        factor = rest[0] / v[0]
        quotient.append(factor)
        rest = np.concatenate([rest[1 : len(v)] - factor * v[1:], rest[len(v) :]])
    out = np.stack(quotient) if quotient else np.zeros_like(rest, shape=1)
    rest = rest if len(rest) else np.zeros_like(rest, shape=1)
    while len(rest) > 1 and np.allclose(fixed(rest)[0], 0, rtol=1e-14):
        rest = rest[1:]
    return out, rest


def from_roots(seq_of_zeros):
    """Body of np.poly: the product of (x - root); of a matrix, its characteristic polynomial."""
    z = np.atleast_1d(array_of(seq_of_zeros))
    real = z.ndim == 1 and not np.iscomplexobj(z)
    z = np.linalg.eigvals(z) if z.ndim == 2 else z
    z = as_dtype(z, np.mintypecode(z.dtype.char))
    p = np.ones_like(z, shape=1)
    for i in range(len(z)):
        p = np.convolve(p, np.stack([np.ones_like(z[i]), -z[i]]))
    if real or not np.iscomplexobj(np.poly(fixed(seq_of_zeros))):
        return np.real(p) if np.iscomplexobj(p) else p
    return p


def roots_vjp(g, x, out):
    """Cotangent of the coefficients: a root moves by -x**k / p'(x) as coefficient k does."""
    n = x.shape[0]
    shares = -g / np.polyval(np.polyder(x), out)
    return np.stack([np.sum(shares * out ** (n - 1 - k)) for k in range(n)])


composite(np.polyval, horner)
composite(np.polyadd, added)
composite(np.polysub, subtracted)
composite(np.polymul, lambda a1, a2: np.convolve(without_zeros(a1), without_zeros(a2)))
composite(np.polydiv, divided)
composite(np.polyder, differentiated)
composite(np.polyint, integrated)
composite(np.poly, from_roots)
general(np.roots, roots_vjp)


def fitted(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """Body of np.polyfit: least squares, with the columns scaled to the same length."""
    if full or cov:
        raise TypeError("np.polyfit of Tensors gives coefficients alone: leave out full and cov")
    x, y = floating(x), floating(y)
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    columns = np.vander(x, int(deg) + 1)
    if w is not None:
        weights = np.expand_dims(array_of(w), -1)
        columns, y = columns * weights, y * (weights if y.ndim == 2 else weights[:, 0])
    size = np.sqrt(np.sum(held(columns) ** 2, 0))
    c = np.linalg.lstsq(columns / size, y, rcond)[0]
    return c / (np.expand_dims(size, -1) if y.ndim == 2 else size)


composite(np.polyfit, fitted)

"""Matrices of a pattern: blocks on the diagonal, constant diagonals. Floor 8."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError, where
from ..rules.arrays import array_of, arrays_of
from ..rules.matrices import rows


def block_diag(*arrs: Any) -> Any:
    """Return a matrix of blocks along the diagonal, and 0 elsewhere.

    Parameters
    ----------
    *arrs : array_like or Tensor (..., m, n)
        A vector is a block of one row.

    Examples
    --------
    >>> mg.linalg.block_diag(np.ones((2, 1)), 3.0)
    array([[1., 0.],
           [1., 0.],
           [0., 3.]])
    """
    blocks = [np.atleast_2d(x) for x in arrays_of(arrs or ([],))]
    shape = np.broadcast_shapes(*(x.shape[:-2] for x in blocks))
    width, done, bands = sum(x.shape[-1] for x in blocks), 0, []
    for x in blocks:
        x = np.broadcast_to(x, (*shape, *x.shape[-2:]))
        before = np.zeros((*x.shape[:-1], done), x.dtype)
        done += x.shape[-1]
        after = np.zeros((*x.shape[:-1], width - done), x.dtype)
        bands.append(np.concatenate([before, x, after], axis=-1))
    return np.concatenate(bands, axis=-2)


def toeplitz(c: Any, r: Any = None) -> Any:
    """Return a matrix that is constant along its diagonals.

    Parameters
    ----------
    c : array_like or Tensor (..., m)
        The first column.
    r : array_like or Tensor (..., n), optional
        The first row, of which r[0] is not read; the conjugate of c by default.

    Examples
    --------
    >>> mg.linalg.toeplitz([1, 2, 3], [0, 5])
    array([[1, 5],
           [2, 1],
           [3, 2]])
    """
    c = np.atleast_1d(array_of(c))
    r = np.conj(c) if r is None else np.atleast_1d(array_of(r))
    shape = np.broadcast_shapes(c.shape[:-1], r.shape[:-1])
    m, n = c.shape[-1], r.shape[-1]
    c, r = np.broadcast_to(c, (*shape, m)), np.broadcast_to(r, (*shape, n))
    diagonals = np.concatenate([np.flip(c, -1), r[..., 1:]], axis=-1)
    return diagonals[..., m - 1 + np.arange(n) - rows(np.arange(m))]


def hankel(c: Any, r: Any = None) -> Any:
    """Return a matrix that is constant along its antidiagonals.

    Parameters
    ----------
    c : array_like or Tensor (m,)
        The first column.
    r : array_like or Tensor (n,), optional
        The last row, of which r[0] is not read; zeros by default.

    Examples
    --------
    >>> mg.linalg.hankel([1, 2, 3])
    array([[1, 2, 3],
           [2, 3, 0],
           [3, 0, 0]])
    """
    c = array_of(c)
    r = np.zeros_like(c) if r is None else array_of(r)
    if c.ndim != 1 or r.ndim != 1:
        raise ShapeError(f"hankel: shapes {c.shape} and {r.shape}{where()}. It takes vectors.")
    antidiagonals = np.concatenate([c, r[1:]])
    return antidiagonals[np.arange(r.size) + rows(np.arange(c.size))]


def circulant(c: Any) -> Any:
    """Return a matrix whose columns are the first one, turned.

    Parameters
    ----------
    c : array_like or Tensor (..., n)
        The first column.

    Examples
    --------
    >>> mg.linalg.circulant([1, 2, 3])
    array([[1, 3, 2],
           [2, 1, 3],
           [3, 2, 1]])
    """
    c = np.atleast_1d(array_of(c))
    places = np.arange(c.shape[-1])
    return c[..., (rows(places) - places) % max(places.size, 1)]


def khatri_rao(a: Any, b: Any) -> Any:
    """Return the Kronecker products of the columns of two matrices.

    Parameters
    ----------
    a : array_like or Tensor (..., m, k)
    b : array_like or Tensor (..., n, k)

    Returns
    -------
    array or Tensor (..., m n, k)

    Examples
    --------
    >>> mg.linalg.khatri_rao(np.array([[1, 2], [3, 4]]), np.array([[1, 10]]))
    array([[ 1, 20],
           [ 3, 40]])
    """
    a, b = array_of(a), array_of(b)
    if a.ndim < 2 or b.ndim < 2 or a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            f"khatri_rao: shapes {a.shape} and {b.shape}{where()}. It takes matrices of as many "
            "columns."
        )
    products = np.expand_dims(a, -2) * np.expand_dims(b, -3)
    return np.reshape(products, (*products.shape[:-3], a.shape[-2] * b.shape[-2], a.shape[-1]))

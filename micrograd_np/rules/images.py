"""Images: convolution and pooling, as slices gathered in columns and one matrix product. Floor 5.

A convolution is linear in the image and in its kernel. So there are three such functions: from an
image and a kernel to the result, and back from the result and one of the two to the other. Each is
the transpose of the others, and all derivatives, of any order, stay among them.
"""

from __future__ import annotations

import math

import numpy as np

from ..calls.dispatch import primitive
from ..errors import ArgumentError, ShapeError, where
from ..plan import shape_of
from ..rule import linear, multilinear


def conv2d(x, w, stride=1, padding=0):
    """Return the convolution of images with kernels, as neural networks mean it: not flipped.

    Parameters
    ----------
    x : array or Tensor (N, C, H, W), float
        N images of C channels.
    w : array or Tensor (F, C, kh, kw), float
        F kernels.
    stride, padding : int, or a pair of them
        Steps from one place of the kernel to the next; rows and columns of zeros on each side.

    Returns
    -------
    array or Tensor (N, F, H', W'), with H' = (H + 2 padding - kh) // stride + 1

    Raises
    ------
    ShapeError
        If the shapes do not fit each other.
    ArgumentError
        If the stride or the padding is no such number.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> mg.nn.conv2d(x, np.ones((1, 1, 2, 2)))
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    stride, padding = pair("conv2d", "stride", stride, 1), pair("conv2d", "padding", padding, 0)
    check_images("conv2d", x)
    a, b = shape_of(x), shape_of(w)
    if len(b) != 4 or b[1] != a[1]:
        raise ShapeError(
            f"conv2d: images of shape {a} need kernels (F, {a[1]}, kh, kw), got {b}{where()}."
        )
    check_window("conv2d", [n + 2 * p for n, p in zip(a[2:], padding, strict=True)], b[2:])
    if any(padding):
        x = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    return correlate(x, w, stride=stride)


@primitive
def correlate(x, w, stride):
    """Return the images seen through the kernels, at every place."""
    places = places_of(x.shape[2:], w.shape[2:], stride)
    found = flat(w) @ columns(x, w.shape[2:], stride)
    return found.reshape(len(w), len(x), *places).transpose(1, 0, 2, 3)


@primitive
def spread_back(g, w, shape, stride):
    """Return images to which every place has added its kernels, each as much as ``g`` says."""
    (n, c, *size), kernel, places = shape, w.shape[2:], g.shape[2:]
    if places_of(size, kernel, stride) != places:
        raise ShapeError(f"spread_back: kernels {kernel} have not {places} places on {shape}.")
    parts = (flat(w).T @ flat(g.transpose(1, 0, 2, 3))).reshape(c, *kernel, n, *places)
    images = np.zeros_like(parts, shape=(c, n, *size))
    for i, j, at in windows(kernel, places, stride):
        images[at] += parts[:, i, j]
    return images.transpose(1, 0, 2, 3)


@primitive
def correlate_places(x, g, shape, stride):
    """Return kernels: the sum of what is seen at every place, as much as ``g`` says."""
    return (flat(g.transpose(1, 0, 2, 3)) @ columns(x, shape[2:], stride).T).reshape(shape)


multilinear(
    correlate,
    lambda g, y, spec, stride: spread_back(g, y, spec.shape, stride),
    lambda g, x, spec, stride: correlate_places(x, g, spec.shape, stride),
    name="conv2d",
)
multilinear(
    spread_back,
    lambda g, y, stride: correlate(g, y, stride),
    lambda g, x, spec, stride: correlate_places(g, x, spec.shape, stride),
    ignores=("shape",),
)
multilinear(
    correlate_places,
    lambda g, y, spec, stride: spread_back(y, g, spec.shape, stride),
    lambda g, x, stride: correlate(x, g, stride),
    ignores=("shape",),
)


def flat(x):
    """Return an array with all axes but the first as one."""
    return x.reshape(len(x), math.prod(x.shape[1:]))


def columns(x, kernel, stride):
    """Return what the kernels see, (C kh kw, N H' W'): the copy of a slice for each entry."""
    (n, c), places = x.shape[:2], places_of(x.shape[2:], kernel, stride)
    x = x.transpose(1, 0, 2, 3)
    found = np.empty_like(x, shape=(c, *kernel, n, *places))
    for i, j, at in windows(kernel, places, stride):
        found[:, i, j] = x[at]
    return found.reshape(c * math.prod(kernel), n * math.prod(places))


def windows(kernel, places, stride):
    """Yield for each entry of a kernel the index of what it sees, place by place."""
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            starts = zip((i, j), places, stride, strict=True)
            yield i, j, (..., *[slice(a, a + (n - 1) * s + 1, s) for a, n, s in starts])


def places_of(size, kernel, stride):
    """Return how many places a kernel has on an image, in each direction."""
    return tuple((n - k) // s + 1 for n, k, s in zip(size, kernel, stride, strict=True))


def max_pool2d(x, size, stride=None):
    """Return the largest entry under a window, at every place; ties share the gradient evenly.

    Parameters
    ----------
    x : array or Tensor (N, C, H, W), float
    size : int, or a pair of them
        Of the window.
    stride : int or pair, optional
        Steps from one place to the next; the size of the window, if not given.

    Returns
    -------
    array or Tensor (N, C, H', W'), with H' = (H - size) // stride + 1

    Examples
    --------
    >>> mg.nn.max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    return np.max(seen("max_pool2d", x, size, stride), axis=0)


def avg_pool2d(x, size, stride=None):
    """Return the mean under a window, at every place; see `max_pool2d`.

    Examples
    --------
    >>> mg.nn.avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """
    return np.mean(seen("avg_pool2d", x, size, stride), axis=0)


def seen(name, x, size, stride):
    """Return the entries under a window, (kh kw, N, C, H', W'): each at every place."""
    size = pair(name, "size", size, 1)
    stride = size if stride is None else pair(name, "stride", stride, 1)
    check_images(name, x)
    check_window(name, shape_of(x)[2:], size)
    return entries_under(x, size=size, stride=stride)


@primitive
def entries_under(x, size, stride):
    """Return a stack of slices of the images, one for each entry of a window."""
    places = places_of(x.shape[2:], size, stride)
    return np.stack([x[at] for _, _, at in windows(size, places, stride)])


@primitive
def put_under(entries, shape, size, stride):
    """Return images to which each entry of the windows has been added in its place."""
    if places_of(shape[2:], size, stride) != entries.shape[3:]:
        raise ShapeError(f"put_under: {entries.shape[3:]} are not the places on {shape}.")
    images = np.zeros_like(entries, shape=shape)
    slices = windows(size, entries.shape[3:], stride)
    for part, (_, _, at) in zip(entries, slices, strict=True):
        images[at] += part
    return images


linear(entries_under, lambda g, x, size, stride: put_under(g, x.shape, size=size, stride=stride))
linear(
    put_under,
    lambda g, size, stride: entries_under(g, size=size, stride=stride),
    ignores=("shape",),
)


def pair(name, what, x, least):
    """Return a number for each direction, of one for both or of two."""
    found = tuple(x) if isinstance(x, tuple | list) else (x, x)
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in found)
    if len(found) != 2 or not whole or min(found) < least:
        raise ArgumentError(
            f"{name}: {what} is a whole number, {least} or more, or a pair of them, "
            f"got {x!r}{where()}."
        )
    return found


def check_images(name, x):
    """Refuse what is no stack of images."""
    if len(shape_of(x)) != 4:
        raise ShapeError(
            f"{name}: images have shape (N, C, H, W), got {shape_of(x)}{where()}. "
            "One image is x[np.newaxis], one without channels x[np.newaxis, np.newaxis]."
        )


def check_window(name, image, window):
    """Refuse a window larger than the image."""
    if any(k > n for k, n in zip(window, image, strict=True)):
        raise ShapeError(
            f"{name}: a window of {window[0]}×{window[1]} does not fit on an image of "
            f"{image[0]}×{image[1]}{where()}. Pad the image, or take a smaller window."
        )

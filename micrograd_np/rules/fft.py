"""Rules for Fourier transforms. Floor 5.

The matrix of a transform is symmetric, so that its transpose is the same transform. What was cut
off or padded with zeros before is padded or cut off after.
"""

from __future__ import annotations

import numpy as np

from ..rule import composite, linear


def resized(x, axis, n):
    """Return x with n entries along an axis: cut off, or padded with zeros."""
    length = x.shape[axis]
    if n == length:
        return x
    if n < length:
        return x[(*[slice(None)] * (axis % x.ndim), slice(n))]
    shape = [n - length if i == axis % x.ndim else m for i, m in enumerate(x.shape)]
    return np.concatenate([x, np.zeros_like(x, shape=shape)], axis)


def same_transform(transform):
    """Return the transpose of a transform along one axis: itself."""

    def transpose(g, x, n=None, axis=-1, norm=None):
        return resized(transform(g, None, axis, norm), axis, x.shape[axis])

    return transpose


def rfft_transpose(g, x, n=None, axis=-1, norm=None):
    """Transpose of np.fft.rfft: the transform of the half that it gives, padded with zeros."""
    length = x.shape[axis] if n is None else n
    return resized(np.real(np.fft.fft(g, length, axis, norm)), axis, x.shape[axis])


def irfft_transpose(g, x, n=None, axis=-1, norm=None):
    """Transpose of np.fft.irfft: each frequency stands for its negative too, but for the ends."""
    axis = axis % x.ndim
    length = g.shape[axis]
    half = resized(np.fft.ifft(g, None, axis, norm), axis, length // 2 + 1)
    frequencies = np.arange(length // 2 + 1).reshape((-1, *[1] * (x.ndim - axis - 1)))
    alone = (frequencies == 0) | (2 * frequencies == length)
    return resized(np.where(alone, half, half + half), axis, x.shape[axis])


linear(np.fft.fft, same_transform(np.fft.fft), ignores=("n",))
linear(np.fft.ifft, same_transform(np.fft.ifft), ignores=("n",))
linear(np.fft.rfft, rfft_transpose)
linear(np.fft.irfft, irfft_transpose, ignores=("n",))

# Transforms of half a signal that is its own mirror image

OTHER_NORM = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def hfft_body(a, n=None, axis=-1, norm=None):
    """Body of np.fft.hfft."""
    return np.fft.irfft(np.conj(a), n, axis, OTHER_NORM[norm])


def ihfft_body(a, n=None, axis=-1, norm=None):
    """Body of np.fft.ihfft."""
    return np.conj(np.fft.rfft(a, n, axis, OTHER_NORM[norm]))


composite(np.fft.hfft, hfft_body)
composite(np.fft.ihfft, ihfft_body)

# Transforms along several axes, one after the other


def lengths(a, s, axes):
    """Return the axes of a transform and how many entries it takes of each; None: all."""
    if axes is None:
        axes = range(a.ndim) if s is None else range(a.ndim - len(s), a.ndim)
    sizes = [None] * len(axes) if s is None else [None if n in (None, -1) else n for n in s]
    return list(zip(axes, sizes, strict=True))


def in_turn(transform, real_first=None, real_last=None):
    """Return the body of a transform along several axes, of which one may be real."""

    def body(a, s=None, axes=None, norm=None):
        along = lengths(a, s, axes)
        if not along and real_first is real_last:
            return np.copy(a)  # neither is real: no axis, no change
        *others, (last, n) = along
        if real_first is not None:
            a = real_first(a, n, last, norm)
        elif real_last is None:
            a = transform(a, n, last, norm)
        for axis, m in others if real_last is not None else others[::-1]:
            a = transform(a, m, axis, norm)
        return a if real_last is None else real_last(a, n, last, norm)

    return body


def in_two(body):
    """Return the body of the same transform along the last two axes."""
    return lambda a, s=None, axes=(-2, -1), norm=None: body(a, s, axes, norm)


for several_axes, two_axes, of_axes in (
    (np.fft.fftn, np.fft.fft2, in_turn(np.fft.fft)),
    (np.fft.ifftn, np.fft.ifft2, in_turn(np.fft.ifft)),
    (np.fft.rfftn, np.fft.rfft2, in_turn(np.fft.fft, real_first=np.fft.rfft)),
    (np.fft.irfftn, np.fft.irfft2, in_turn(np.fft.ifft, real_last=np.fft.irfft)),
):
    composite(several_axes, of_axes)
    composite(two_axes, in_two(of_axes))

# Shifts


def rolled(x, axes, sign):
    """Return x with half of each axis rolled to its other end, forwards or back."""
    axes = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    return np.roll(x, tuple(sign * (x.shape[axis] // 2) for axis in axes), tuple(axes))


composite(np.fft.fftshift, lambda x, axes=None: rolled(x, axes, 1))
composite(np.fft.ifftshift, lambda x, axes=None: rolled(x, axes, -1))

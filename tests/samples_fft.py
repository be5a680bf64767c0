"""Calls of np.fft and np.emath: lengths, axes, norms, even and odd sizes, real and complex."""

from __future__ import annotations

import numpy as np
from draws import call, complex_, normal, positive

F, E = np.fft, np.emath

ALONG_ONE = (F.fft, F.ifft, F.rfft, F.irfft, F.hfft, F.ihfft)
ALONG_TWO = (F.fft2, F.ifft2, F.rfft2, F.irfft2)
ALONG_ALL = (F.fftn, F.ifftn, F.rfftn, F.irfftn)


def along_one(draw):
    return [call(draw(4)), call(draw(3)), call(draw(3, 2), n=5, axis=0),
            call(draw(2, 4), n=2, norm="ortho"), call(draw(3), n=4, norm="forward")]  # fmt: skip


def along_several(draw):
    return [call(draw(3, 4)), call(draw(2, 3, 2), s=(4, 2), axes=(0, 1), norm="ortho"),
            call(draw(2, 3), s=(3, 3), axes=(1, 0), norm="forward")]  # fmt: skip


FFT = (
    {f: along_one(normal) for f in ALONG_ONE}
    | {f: along_several(normal) for f in ALONG_TWO}
    | {f: [*along_several(normal)[1:], call(normal(2, 3, 2))] for f in ALONG_ALL}
    | {f: [call(normal(5)), call(normal(2, 3)), call(normal(2, 3), axes=1),
           call(normal(3, 4), axes=(0, -1))] for f in (F.fftshift, F.ifftshift)}
)  # fmt: skip
OF_REAL = (F.rfft, F.ihfft, F.rfft2, F.rfftn)
COMPLEX_FFT = (
    {f: along_one(complex_) for f in ALONG_ONE if f not in OF_REAL}
    | {f: along_several(complex_) for f in (*ALONG_TWO, *ALONG_ALL) if f not in OF_REAL}
    | {f: [call(complex_(3))] for f in (F.fftshift, F.ifftshift)}
)

EITHER = np.array([0.5, -2.0, 3.0])
EMATH = {
    **{f: [call(positive(3)), call(EITHER)] for f in (E.sqrt, E.log, E.log2, E.log10)},
    E.logn: [call(2.5, positive(3)), call(np.array([-2.0, 3.0]), np.array([3.0, -0.5]))],
    E.power: [call(positive(2), normal(2)), call(EITHER, normal(3)), call(EITHER, -2),
              call(EITHER, 3)],
    **{f: [call(np.array([0.5, -0.3])), call(EITHER)] for f in (E.arccos, E.arcsin, E.arctanh)},
}  # fmt: skip
COMPLEX_EMATH = {f: [call(complex_(3))] for f in EMATH if f not in (E.logn, E.power)}

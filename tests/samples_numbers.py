"""Samples of functions that compute with entries: statistics, sequences; see samples.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from draws import (
    Sample,
    between,
    call,
    complex_,
    distinct,
    normal,
    of,
    positive,
    reductions,
)

import micrograd_np as mg

nan = np.nan
MASK = np.array([True, False, True])
HOLES = np.array([[1.5, nan, 0.7], [2.5, -1.2, nan]])


def given(function, name):
    """A function of its operand and of a parameter, which is varied too."""

    def f(x, value, **kwargs):
        x = mg.asarray(x) if isinstance(value, mg.Tensor) else x  # NumPy asks none but the first
        return function(x, **{name: value}, **kwargs)

    f.__name__ = f"{function.__name__}_with_{name}"
    return f


NUMBERS: dict[Any, list[Sample]] = {
    np.divmod: [call(np.array([5.3, -4.1]), np.array([2.0, 1.5])), call(5.3, 2.0)],
    np.modf: [call(np.array([5.3, -4.1])), call(2.7)], np.frexp: of(normal),
    np.ldexp: [call(normal(3), np.array([1, -2, 0])), call(normal(3), 2), call(normal(), 3),
               call(normal(1), np.array([[1], [2]]))],
    np.sinc: [*of(normal), call(np.array([0.0, 1e-3, 0.3, -0.33, 4.2]))],
    np.i0: [*of(normal), call(np.array([0.0, 1e-3, 3.0, -7.0]))],
    np.nan_to_num: [*of(normal), call(normal(3), nan=2.0, posinf=3.0, neginf=-1.0)],
    np.angle: [call(normal(3)), call(normal(), True)],
    np.real_if_close: [call(normal(3))],
    np.amax: reductions(distinct)[:4], np.amin: reductions(distinct)[:4],
    np.max: [call(distinct(2, 3), axis=1, where=MASK, initial=-9.0),
             call(distinct(3), initial=0.5)],
    np.min: [call(distinct(2, 3), axis=1, where=MASK, initial=9.0), call(distinct(3), initial=0.5)],
    np.prod: [call(normal(2, 3), axis=1, where=MASK), call(normal(3), initial=2.0),
              call(normal(2, 3), axis=(0, 1), where=MASK, initial=0.5)],
    np.mean: [call(normal(2, 3), where=MASK),
              call(normal(2, 3), axis=1, where=MASK, keepdims=True)],
    np.var: [call(distinct(2, 3), where=MASK), call(distinct(2, 3), axis=1, where=MASK, ddof=1),
             call(distinct(2, 3), axis=1, mean=np.array([[0.5], [0.1]]))],
    np.std: [call(distinct(2, 3), where=MASK), call(distinct(2, 3), axis=1, where=MASK, ddof=1),
             call(distinct(2, 3), axis=1, mean=np.array([[0.5], [0.1]]), keepdims=True)],
} | {
    given(function, "initial"): [
        call(distinct(2, 3), 0.4), call(distinct(2, 3), -3.0, axis=1),
        call(distinct(2, 3), 3.0, axis=1, keepdims=True),
        call(distinct(2, 3), 0.3, axis=(0, 1), where=MASK), call(normal(0, 2), 1.5, axis=0)]
    for function in (np.sum, np.prod, np.max, np.min, np.nanmax, np.nanmin, np.nansum)
} | {
    given(function, "mean"): [
        call(distinct(2, 3), 0.4), call(distinct(2, 3), normal(2, 1), axis=1, ddof=1),
        call(distinct(2, 3), normal(1, 3), axis=0, keepdims=True),
        call(distinct(2, 3), normal(2, 1), axis=1, where=MASK, correction=1)]
    for function in (np.var, np.std)
}  # fmt: skip

STATISTICS: dict[Any, list[Sample]] = {
    np.nansum: [call(HOLES), call(HOLES, axis=0), call(normal(2, 3), 1, keepdims=True)],
    np.nanprod: [call(HOLES), call(HOLES, axis=1)],
    np.nancumsum: [call(HOLES), call(HOLES, axis=1)], np.nancumprod: [call(HOLES, axis=0)],
    np.nanmax: [call(HOLES), call(HOLES, axis=1), call(distinct(2, 3), axis=0, keepdims=True)],
    np.nanmin: [call(HOLES), call(HOLES, axis=1)],
    np.nanmean: [call(HOLES), call(HOLES, axis=0), call(HOLES, axis=1, keepdims=True),
                 call(normal(2, 3), axis=1, where=MASK)],
    np.nanvar: [call(HOLES), call(HOLES, axis=1, keepdims=True), call(distinct(2, 3), ddof=1)],
    np.nanstd: [call(HOLES), call(HOLES, axis=1), call(distinct(2, 3), axis=1, correction=1)],
    np.average: [call(normal(2, 3)), call(normal(2, 3), 1, positive(3)),
                 call(normal(2, 3), None, positive(2, 3), returned=True),
                 call(normal(2, 3), axis=0, returned=True, keepdims=True),
                 call(normal(2, 3, 2), (2, 0), positive(2, 2))],
    np.ptp: [call(distinct(2, 3)), call(distinct(2, 3), axis=1, keepdims=True)],
    np.cov: [call(normal(2, 4)), call(normal(4)), call(normal(4), normal(4)),
             call(normal(4, 2), rowvar=False), call(normal(2, 4), bias=True),
             call(normal(2, 4), ddof=2),
             call(normal(2, 4), None, True, False, 0, None, positive(4)),
             call(normal(2, 3), fweights=np.array([1, 2, 1]), aweights=positive(3))],
    np.corrcoef: [call(normal(2, 4)), call(normal(4), normal(4)), call(normal(4, 2), rowvar=False)],
    np.bincount: [call(np.array([0, 2, 2, 1]), normal(4)), call([1, 1], normal(2)),
                  call(np.array([0, 1]), normal(2), minlength=4)],
    np.histogram: [
        call(np.array([0, 1, 2, 2]), 2, None, None, normal(4)), call(distinct(5), 3),
        call(distinct(5), 3, None, True, positive(5)), call(distinct(5), 3, density=True),
        call(np.array([0, 1, 2]), np.array([-1.0, 0.5, 3.0]), None, False, normal(3)),
        call(np.array([0, 5]), 2, (0, 3), None, normal(2)),
    ],
    np.histogram_bin_edges: [call(distinct(5), 3), call(distinct(2, 2), 2)],
    np.histogram2d: [call(distinct(4), distinct(4), 2, None, None, positive(4)),
                     call(normal(4), normal(4), [2, 3], density=True)],
    np.histogramdd: [call(normal(5, 2), 2, None, None, positive(5)),
                     call([normal(4), normal(4)], (2, 3), None, True, positive(4))],
}  # fmt: skip

SEQUENCES: dict[Any, list[Sample]] = {
    np.diff: [call(normal(4)), call(normal(2, 4), 2), call(normal(3, 2), axis=0),
              call(normal(2, 3), prepend=normal(2, 1), append=normal()), call(normal(3), 0)],
    np.ediff1d: [call(normal(4)), call(normal(2, 2), normal(2), normal()), call(normal(1))],
    np.trapezoid: [call(normal(4)), call(normal(2, 3), dx=0.5), call(normal(3, 2), axis=0),
                   call(normal(2, 3), normal(3)), call(normal(3, 2), normal(3), axis=0),
                   call(normal(2, 3), normal(2, 3))],
    np.gradient: [
        call(normal(4)), call(normal(3, 4)), call(normal(4), 0.5), call(normal(4), positive()),
        call(normal(4), np.array([0.0, 1.0, 3.0, 3.5])),
        call(normal(3, 4), 0.5, positive(), axis=(1, 0)),
        call(normal(4), edge_order=2), call(normal(2, 4), axis=1), call(normal(2)),
        call(normal(4), np.array([0.0, 1.0, 3.0, 3.5]), edge_order=2), call(normal(2), normal(2)),
        call(normal(3, 3), 0.5, np.array([0.0, 1.0, 3.0]), edge_order=2),
    ],
    np.cumulative_sum: [call(normal(3)), call(normal(2, 3), axis=1, include_initial=True)],
    np.cumulative_prod: [call(normal(3)), call(normal(2, 3), axis=0, include_initial=True)],
    np.convolve: [call(normal(4), normal(2), mode) for mode in ("full", "same", "valid")]
    + [call(normal(2), normal(3), mode) for mode in ("full", "same", "valid")]
    + [call(normal(3), normal(3)), call(normal(3), normal(3), "valid"), call(normal(1), normal())],
    np.correlate: [call(normal(4), normal(2), mode) for mode in ("full", "same", "valid")]
    + [call(normal(2), normal(3), mode) for mode in ("full", "same", "valid")]
    + [call(normal(5), normal(4), "same"), call(normal(4), normal(5), "same")],
    np.interp: [
        call(np.array([0.5, 1.7, -3.0, 9.0]), np.array([0.0, 1.0, 3.0]), normal(3)),
        call(between(0.1, 2.9, 2, 2), np.array([0.0, 1.0, 3.0]), normal(3), normal(), normal()),
        call(0.4, np.array([0.0, 1.0]), normal(2)), call(5.0, np.array([1.0]), normal(1)),
        call(np.array([0.3, 5.2, -1.0]), np.array([2.5, 0.1, 1.2]), normal(3), period=3.0),
        call(normal(0), np.array([0.0, 1.0]), normal(2)),
    ],
    np.unwrap: [call(np.array([0.1, 3.0, -3.0, -2.5])),
                call(np.array([[0.1, 5.0, 9.9]]), period=4.0),
                call(np.array([[0.1], [5.0]]), axis=0)],
    np.linspace: [call(normal(), normal()), call(normal(), normal(), 4, False),
                  call(normal(2), normal(2, 1), 3), call(normal(2), normal(2), 3, axis=-1),
                  call(normal(), normal(), 3, retstep=True), call(normal(), normal(), 1)],
    np.logspace: [call(normal(), normal(), 4), call(normal(2), normal(2), 3, True, positive())],
    np.geomspace: [call(positive(), positive(), 4), call(-positive(2), -positive(2), 3, axis=1),
                   call(positive(), positive(), 3, False)],
}  # fmt: skip

POLYNOMIALS: dict[Any, list[Sample]] = {
    np.polyval: [call(normal(3), normal(2)), call(normal(3), normal()),
                 call([1.0, 2.0], normal(2, 2)), call(normal(2), 3)],
    np.polyadd: [call(normal(3), normal(2)), call(normal(2), normal(2))],
    np.polysub: [call(normal(3), normal(2)), call(normal(1), normal(2))],
    np.polymul: [call(normal(3), normal(2))],
    np.polydiv: [call(normal(4), normal(2)), call(normal(2), normal(3)),
                 call(normal(3), normal(1))],
    np.polyder: [call(normal(4)), call(normal(4), 2), call(normal(4), 0)],
    np.polyint: [call(normal(3)), call(normal(3), 2), call(normal(2), 2, normal(2)),
                 call(normal(2), 2, normal())],
    np.poly: [call(normal(3)), call(normal(1))],
    np.polyfit: [call(distinct(5), normal(5), 2), call(distinct(4), normal(4, 2), 1),
                 call(distinct(5), normal(5), 1, None, False, positive(5))],
    np.roots: [call(np.array([1.0, -6.0, 11.0, -6.0])), call(np.array([1.0, 2.0, 5.0])),
               call(np.array([2.0, 3.0]))],
}  # fmt: skip

PRODUCTS: dict[Any, list[Sample]] = {
    np.kron: [call(normal(2), normal(3)), call(normal(2, 2), normal(2, 3)),
              call(normal(2), normal(2, 2)), call(normal(), normal(2))],
    np.cross: [call(normal(3), normal(3)), call(normal(2, 3), normal(3)),
               call(normal(3, 2), normal(3, 2), axis=0),
               call(normal(3, 2), normal(2, 3), axisa=0, axisc=0)],
    np.einsum: [call(normal(2, 3), [0, 1], normal(3), [1], [0]),
                call(normal(2, 3), [0, 1], normal(3), [1]),
                call(normal(2, 3), [..., 1], normal(3), [1])],
}  # fmt: skip

SAMPLES = [NUMBERS, STATISTICS, SEQUENCES, POLYNOMIALS, PRODUCTS]
COMPLEX: dict[Any, list[Sample]] = {
    np.angle: [call(complex_(3)), call(complex_(2), True), call(complex_())],
    np.real_if_close: [call(complex_(2))],
    np.convolve: [call(complex_(3), complex_(2))],
    np.correlate: [call(complex_(3), complex_(2)), call(normal(3), complex_(2), "full")],
    np.interp: [call(0.4, np.array([0.0, 1.0]), complex_(2))], np.nan_to_num: [call(complex_(3))],
    np.polyval: [call(complex_(3), complex_(2))], np.geomspace: [call(complex_(), complex_(), 3)],
    np.cov: [call(complex_(2, 4))], np.var: [call(complex_(3)), call(complex_(2, 3), where=MASK)],
    np.poly: [call(complex_(2))], np.roots: [call(complex_(3))],
}  # fmt: skip

"""Samples of functions that move, choose, sort and join entries; see samples.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from draws import Sample, call, complex_, distinct, normal

FALSE = np.zeros(3, bool)
MASK = np.array([True, False, True])
TIED = np.array([[2.0, 1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 1.0]])

SORTING: dict[Any, list[Sample]] = {
    np.sort: [call(distinct(4)), call(distinct(2, 3)), call(distinct(2, 3), axis=0),
              call(distinct(2, 3), axis=None), call(distinct(2, 3, 2), 1, kind="stable"),
              call(distinct(1)), call(normal(0)), call(normal(2, 0)), call(normal(0, 2))],
    np.partition: [call(distinct(3), 1), call(distinct(2, 5), (1, 3)),  # with one right answer
                   call(distinct(3, 2), 1, axis=0), call(distinct(2, 3), (1, 3, 4), axis=None)],
    np.sort_complex: [call(distinct(2, 3))],
    np.median: [call(distinct(5)), call(distinct(4)), call(distinct(2, 3, 2)),
                call(distinct(2, 3, 2), axis=1), call(distinct(2, 3, 2), axis=(0, 2)),
                call(distinct(2, 4), axis=-1, keepdims=True), call(distinct(2, 2), keepdims=True),
                call(distinct(1)), call(normal())],
    np.nanmedian: [call(np.array([3.0, np.nan, 1.0, 2.5, 9.0])), call(distinct(2, 3), axis=0),
                   call(np.array([[1.0, np.nan, 4.0], [2.0, 7.0, 3.0]]), axis=1, keepdims=True)],
    np.quantile: [
        call(distinct(6), q=0.3), call(distinct(6), q=np.array([0.1, 0.5, 0.9])),
        call(distinct(6), q=0),
        call(distinct(2, 5), q=[0.25, 1.0], axis=1), call(distinct(2, 3, 2), q=0.4, axis=(0, 2)),
        call(distinct(2, 5), q=[[0.2], [0.7]], axis=0, keepdims=True), call(normal(), q=0.5),
        *[call(distinct(7), q=0.37, method=method) for method in (
            "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
            "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased",
            "lower", "higher", "midpoint", "nearest")],
        *[call(distinct(7), 0.4, method=method) for method in (
            "linear", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased",
            "normal_unbiased", "lower", "averaged_inverted_cdf")],
        call(distinct(2, 3, 2), np.array([[0.13], [0.8]]), axis=(0, 2), keepdims=True),
        call(distinct(2), 0.15, method="hazen"),
        call(distinct(5), q=0.6, method="inverted_cdf", weights=np.array([1.0, 2, 0.5, 3, 1])),
        call(distinct(2, 3), q=0.6, axis=1, method="inverted_cdf", weights=np.array([1.0, 2, 0.5])),
    ],
    np.percentile: [call(distinct(6), q=30), call(distinct(6), 30.0),
                    call(distinct(2, 5), q=[25.0, 75.0], axis=1)],
    np.nanquantile: [call(np.array([3.0, np.nan, 1.0, 2.5, 9.0]), q=0.3),
                     call(np.array([[1.0, np.nan, 4.0], [2.0, 7.0, 3.0]]), q=[0.2, 0.5], axis=1),
                     call(np.array([[1.0, np.nan, 4.0], [2.0, 7.0, 3.0]]), 0.3, axis=1)],
    np.nanpercentile: [call(np.array([3.0, np.nan, 1.0, 2.5, 9.0]), 81.0),
                       call(np.array([3.0, np.nan, 1.0, 2.5, 9.0]), q=80, method="hazen")],
}  # fmt: skip

SETS: dict[Any, list[Sample]] = {
    np.unique: [call(distinct(4)), call(distinct(2, 2)), call(distinct(3), True, True, True),
                call(distinct(3, 2), axis=0), call(distinct(3, 2), axis=1, return_counts=True),
                call(distinct(3), sorted=False), call(normal(0)), call(distinct(3), True)],
    np.unique_all: [call(distinct(4))], np.unique_counts: [call(distinct(2, 2))],
    np.unique_inverse: [call(distinct(4))], np.unique_values: [call(distinct(4))],
    np.union1d: [call(distinct(3), normal(2)), call(distinct(2, 2), normal(1))],
    np.setdiff1d: [call(distinct(4), np.array([77.0]))],
    np.setxor1d: [call(distinct(3), 5 + distinct(2))],
    np.intersect1d: [call(distinct(3), np.array([1, 2])), call(distinct(3), 5 + distinct(2))],
}  # fmt: skip

BUILDING: dict[Any, list[Sample]] = {
    np.tril: [call(normal(3, 3)), call(normal(2, 3), 1), call(normal(2, 2, 3), -1)],
    np.triu: [call(normal(3, 3)), call(normal(3, 2), -1), call(normal(2, 2, 3), k=1)],
    np.diag: [call(normal(3)), call(normal(2), 1), call(normal(2), k=-2), call(normal(2, 3)),
              call(normal(2, 3), 1), call(normal(0))],
    np.diagflat: [call(normal(2, 2)), call(normal(2), -1), call(normal())],
    np.vander: [call(normal(3)), call(normal(3), 2), call(normal(2), increasing=True),
                call(np.array([0.0, 2.0]), 4)],
    np.insert: [call(normal(3), 1, normal()), call(normal(3), [0, 2], normal(2)),
                call(normal(2, 3), 1, normal(3), axis=0), call(normal(2, 3), 1, normal(), 1),
                call(normal(2, 3), [1, 1], normal(2, 2), axis=1), call(normal(2, 2), 1, 7.0)],
    np.delete: [call(normal(4), 1), call(normal(4), [0, -1]), call(normal(2, 3), 1, axis=1),
                call(normal(3), MASK), call(normal(2, 3), slice(0, 4, 2))],
    np.lib.stride_tricks.sliding_window_view: [
        call(normal(5), 3), call(normal(2, 4), 2, axis=1), call(normal(3, 3), (2, 2))],
    np.resize: [call(normal(3), (2, 4)), call(normal(2, 3), 4), call(normal(2, 2), (3,))],
    np.trim_zeros: [call(normal(3)), call(normal(2, 3), axis=1)],  # zeros: test_numpy_functions.py
    np.block: [call([normal(2), normal(1)]), call([[normal(2, 2), normal(2, 1)], [normal(1, 3)]]),
               call([[normal(), normal()], [normal(), normal()]]), call(normal(2, 2)),
               call([[normal(2), normal(2)], [normal(1, 4)]])],
    np.meshgrid: [call(normal(2), normal(3)), call(normal(2), normal(3), indexing="ij"),
                  call(normal(2), normal(3), normal(2)), call(normal(3)),
                  call(normal(2), normal(3), sparse=True, copy=False)],
    np.broadcast_arrays: [call(normal(2, 1), normal(3)), call(normal(), normal(2)),
                          call(normal(3))],
    np.full_like: [call(normal(2, 3), normal()), call(normal(2, 3), normal(3)),
                   call(normal(2), normal(2), shape=(3, 2))],
    np.pad: [
        call(normal(3), 2), call(normal(2, 3), ((1, 0), (0, 2))), call(normal(2, 3), {1: 2}),
        call(normal(3), (1, 2), constant_values=normal(1, 2)), call(normal(2, 2), 1, "edge"),
        call(normal(3), (1, 2), constant_values=5.0), call(normal(3), 0),
        call(normal(2, 3), 2, "wrap"), call(normal(3), (2, 5), "reflect"),
        call(normal(2, 3), 3, "symmetric"), call(normal(3), (4, 5), "reflect", reflect_type="odd"),
        call(normal(2, 3), 4, "symmetric", reflect_type="odd"),
        call(normal(1), 2, "reflect", reflect_type="odd"),
        call(distinct(3), 2, "maximum"), call(distinct(2, 3), 1, "minimum", stat_length=2),
        call(normal(2, 3), (1, 2), "mean"), call(distinct(4), 2, "median", stat_length=(3, 2)),
        call(normal(3), (2, 3), "linear_ramp"), call(normal(), 0),
        call(normal(2, 3), ((2, 1), (0, 3)), "linear_ramp", end_values=((1.0, 2.0), (3.0, 4.0))),
        call(normal(2, 3), ((0, 1), (2, 0)), "mean", stat_length=((1, 2), (3, 1))),
    ],
}  # fmt: skip

SPLITTING: dict[Any, list[Sample]] = {
    np.split: [call(normal(4), 2), call(normal(2, 3), [1], axis=1), call(normal(3), [2, 5])],
    np.array_split: [call(normal(5), 2), call(normal(2, 5), 3, axis=-1), call(normal(2), 3)],
    np.hsplit: [call(normal(4), 2), call(normal(2, 4), [1, 3])],
    np.vsplit: [call(normal(2, 3), 2)], np.dsplit: [call(normal(1, 2, 4), 2)],
    np.unstack: [call(normal(2, 3)), call(normal(2, 3), axis=1)],
}  # fmt: skip

CHOOSING: dict[Any, list[Sample]] = {
    np.select: [call([MASK, ~MASK], [normal(3), normal(3)]),
                call([MASK, FALSE], [normal(3), normal(3)], normal()),
                call([MASK[:, None]], [normal(2)], 5.0), call([MASK, MASK], [normal(3), 1.0])],
    np.choose: [call(np.array([0, 1, 1]), [normal(3), normal(3)]),
                call(np.array([[0], [1]]), [normal(3), normal()]),
                call(np.array([4, -1]), [normal(2), normal(2)], mode="wrap"),
                call(np.array([4, -1]), normal(2, 2), mode="clip")],
    np.extract: [call(MASK, normal(3)), call(np.eye(2, dtype=bool), normal(2, 2))],
    np.piecewise: [
        call(normal(3), [MASK], [np.sin, 2.5]), call(normal(3), [MASK, ~MASK], [np.exp, np.square]),
        call(normal(3), [FALSE, MASK], [np.sin, np.cos]), call(normal(), [True], [np.sin]),
        call(normal(3), MASK, [np.multiply, np.add], 3.0),
    ],
    np.apply_along_axis: [call(np.cumsum, 1, normal(2, 3)), call(np.sum, 0, normal(2, 3)),
                          call(np.diag, -1, normal(2, 2)), call(np.power, 0, normal(3), 2)],
    np.apply_over_axes: [call(np.sum, normal(2, 3, 2), (0, 2)), call(np.mean, normal(2, 3), 1)],
}  # fmt: skip

SHAPES: dict[Any, list[Sample]] = {
    np.rollaxis: [call(normal(2, 3, 1), 2), call(normal(2, 3, 1), 0, 3),
                  call(normal(2, 3), -1, -1)],
    np.rot90: [*[call(normal(2, 3), k) for k in (0, 1, 2, 3, -1, 5)],
               call(normal(2, 3, 2), axes=(1, 2)), call(normal(2, 3), 1, (1, 0))],
    np.atleast_1d: [call(normal(), normal(2))], np.atleast_2d: [call(normal(3), normal(2, 2))],
    np.atleast_3d: [call(normal(), normal(2)), call(normal(2, 3))],
    np.reshape: [call(normal(2, 3), (3, 2), order="F"), call(normal(2, 3), -1, order="F")],
    np.ravel: [call(normal(2, 3), order="F"), call(normal(2, 3), "F")],
    np.concatenate: [call([normal(2), normal(3)], dtype=np.float64), call([normal(2)], 0, None)],
    np.stack: [call([normal(2), normal(2)], dtype=np.float64)],
    np.vstack: [call([normal(2), normal(2)], dtype=np.float64)],
    np.hstack: [call([normal(2), normal(2)], dtype=np.float64)],
}  # fmt: skip

WRITING: dict[Any, list[Sample]] = {  # the sample's result is the target
    np.put: [call(normal(4), [0, 2], normal(2)), call(normal(2, 3), [5, 0, 5], normal(3)),
             call(normal(3), [7], normal(), mode="wrap")],
    np.place: [call(normal(3), MASK, normal(2)), call(normal(3), MASK, normal(1))],
    np.putmask: [call(normal(3), MASK, normal(3)), call(normal(2, 3), MASK[:2, None] | MASK, 1.5)],
    np.copyto: [call(normal(2, 3), normal(3)), call(normal(3), normal(), where=MASK),
                call(normal(2, 3), normal(2, 1), where=MASK)],
    np.put_along_axis: [call(normal(2, 3), np.array([[0], [2]]), normal(2, 1), 1),
                        call(normal(3), np.array([1, 1]), normal(2), None)],
    np.fill_diagonal: [call(normal(3, 3), normal(3)), call(normal(4, 2), normal(), wrap=True)],
}  # fmt: skip

MAKING: dict[Any, list[Sample]] = {  # called with like=, if there is a Tensor
    np.array: [call([normal(2), normal(2)]), call([[normal(), 1.5], [2, normal()]]),
               call(normal(2), ndmin=2), call(normal(2, 3), np.float64)],
    np.asarray: [call([normal(2), normal(2)])], np.asanyarray: [call(normal(2))],
    np.ascontiguousarray: [call(normal(2)), call(normal())], np.asfortranarray: [call(normal(2))],
    np.require: [call(normal(2))], np.full: [call((2, 3), normal()), call((2, 3), normal(3))],
}  # fmt: skip

SAMPLES = [MAKING, SORTING, SETS, BUILDING, SPLITTING, CHOOSING, SHAPES, WRITING]
COMPLEX: dict[Any, list[Sample]] = {
    np.sort_complex: [call(complex_(4))],
    np.sort: [call(complex_(4))], np.insert: [call(complex_(3), 1, complex_())],
    np.pad: [call(complex_(3), 1, "reflect", reflect_type="odd")], np.unique: [call(complex_(3))],
    np.tril: [call(complex_(2, 2))], np.select: [call([MASK], [complex_(3)], normal())],
}  # fmt: skip

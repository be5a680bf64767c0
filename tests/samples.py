"""Calls of every function that has a derivative, inside its domain and away from its kinks.

``SAMPLES[function]`` is a list of calls; `test_rules.py` derives its laws from them. Arrays of
floats are varied, everything else (integers, booleans, keywords) is a constant. A rule declared in
`micrograd_np/rules` that no call here records fails a test.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import samples_moves
import samples_numbers
from draws import (
    Sample,
    apart,
    between,
    call,
    complex_,
    distinct,
    inside,
    normal,
    of,
    of_two,
    positive,
    reductions,
)
from samples_fft import COMPLEX_EMATH, COMPLEX_FFT, EMATH, FFT
from samples_linalg import COMPLEX_LINALG, LINALG

import micrograd_np as mg
from micrograd_np import nn
from micrograd_np.calls.outputs import output
from micrograd_np.graph import history, is_leaf, step
from micrograd_np.rule import rules
from micrograd_np.rules import activations, bell, elementwise, images, indexing, products
from micrograd_np.rules.reductions import running_max, running_min, running_nanmax, running_nanmin

RUNNING = (running_max, running_min, running_nanmax, running_nanmin)
ANY = of(normal)
TWO = of_two(normal)
FULL_CELLS = [call(np.zeros((0, 3))), call(np.zeros((0, 3)), axis=1),
              call(np.zeros((3, 0)), axis=0)]  # fmt: skip
MASK = np.array([True, False, True])

ELEMENTWISE: dict[Any, list[Sample]] = {
    np.add: TWO, np.subtract: TWO, np.multiply: TWO, np.divide: TWO,
    np.negative: ANY, np.positive: ANY, np.square: ANY, np.reciprocal: ANY,
    np.remainder: [call(np.array([5.3, -4.1, 2.2]), np.array([2.0, 1.5, -0.9])),
                   call(np.array([[5.3], [4.1]]), np.array([2.0, -1.5])), call(5.3, 2.0)],
    np.fmod: [call(np.array([5.3, -4.1, 2.2]), np.array([2.0, 1.5, -0.9])), call(-5.3, 2.0)],
    np.power: [*of_two(positive, normal), call(normal(3), 2), call(normal(3), 3),
               call(normal(3), np.array([2, 0, -1])), call(2.0, normal(2)), call(normal(2), 0)],
    np.float_power: [*of_two(positive, normal), call(normal(3), 2)],
    np.sqrt: of(positive), np.cbrt: ANY,
    np.exp: ANY, np.exp2: ANY, np.expm1: ANY,
    np.log: of(positive), np.log2: of(positive), np.log10: of(positive), np.log1p: of(inside),
    np.logaddexp: TWO, np.logaddexp2: TWO,
    np.sin: ANY, np.cos: ANY, np.tan: of(inside), np.arcsin: of(inside), np.arccos: of(inside),
    np.arctan: ANY, np.sinh: ANY, np.cosh: ANY, np.tanh: ANY, np.arcsinh: ANY,
    np.arccosh: of(lambda *s: between(1.2, 4, *s)), np.arctanh: of(inside),
    np.arctan2: TWO, np.hypot: TWO,
    np.degrees: ANY, np.rad2deg: ANY, np.radians: ANY, np.deg2rad: ANY,
    np.absolute: ANY, np.fabs: ANY, np.copysign: TWO,
    np.maximum: apart(normal(2, 3)), np.minimum: apart(normal(2, 3)),
    np.fmax: apart(normal(2, 3)), np.fmin: apart(normal(2, 3)),
    np.clip: [
        call(np.array([-2.0, 0.1, 3.0]), -1.0, 1.5),
        call(np.array([[-2.0, 0.1, 3.0]]), np.array([[-1.0], [0.5]]), np.array([1.0, 2.0, 2.5])),
        call(np.array([-2.0, 3.0]), None, 1.0), call(np.array([-2.0, 3.0]), min=0.5),
        call(np.float64(0.3), 0.0, 1.0), call(np.zeros(0), 0.0, 1.0),
    ],
    np.where: [
        call(MASK, normal(3), normal(3)), call(MASK, normal(2, 3), normal(2, 1)),
        call(MASK, normal(), normal(3)), call(True, normal(), normal()),
        call(np.zeros(0, bool), normal(0), normal(0)), call(MASK[:, None], normal(2), 1.0),
    ],
    np.conjugate: ANY, np.real: ANY,
    np.astype: [call(normal(3), np.float64), call(normal(), np.float64)],
    np.copy: ANY,
    nn.sigmoid: ANY, nn.softplus: ANY, nn.relu: ANY, nn.log_sigmoid: ANY, nn.silu: ANY,
    nn.gelu: ANY, bell.normal_cdf: ANY, bell.exp_of_square: of(normal, -1),
    activations.logistic_density: ANY, elementwise.sech_squared: ANY,
    nn.bce_with_logits: [call(normal(3), between(0.1, 0.9, 3)), call(normal(2), [0, 1]),
                         call(normal(), 1)],
}  # fmt: skip

COMPLEX: dict[Any, list[Sample]] = {
    function: [call(complex_(3))]
    for function in (np.negative, np.square, np.reciprocal, np.sqrt, np.exp, np.log, np.sin,
                     np.cos,
                     np.tanh, np.sinh, np.cosh, np.absolute, np.tan, np.sum, np.mean, np.cumsum,
                     np.flip, np.ravel, np.prod, np.cumprod, np.arctan)
} | {
    function: [call(complex_(2), complex_(2)), call(complex_(2), normal(2)),
               call(normal(2, 1), complex_(2))]
    for function in (np.add, np.subtract, np.multiply, np.divide)
} | {
    np.power: [call(complex_(2), 2), call(complex_(2), complex_(2))],
    np.matmul: [call(complex_(2, 2), complex_(2)), call(normal(2, 2), complex_(2, 2))],
    np.einsum: [call("ij,j", complex_(2, 2), normal(2))],
    np.where: [call(MASK, complex_(3), normal(3))],
    np.concatenate: [call([complex_(2), normal(1)])],
    np.vdot: [call(complex_(3), complex_(3))],
    np.conjugate: [call(complex_(3))],
    np.sign: [call(complex_(3)), call(complex_())],
    np.arcsin: [call(complex_(3))], np.arccos: [call(complex_(3))],
    np.real: [call(complex_(3)), call(complex_())],
    np.imag: [call(complex_(3)), call(complex_())],
}  # fmt: skip

REDUCTIONS: dict[Any, list[Sample]] = {
    np.sum: [*reductions(normal), *FULL_CELLS, call(normal(2, 3), axis=1, where=MASK),
             call(normal(3), initial=2.0)],
    np.mean: [*reductions(normal), call(np.zeros((0, 3)), axis=1)],
    np.max: reductions(distinct), np.min: reductions(distinct),
    np.var: [*reductions(distinct)[:7], call(distinct(3), ddof=1),
             call(distinct(2, 3), axis=1, correction=1),
             call(distinct(2, 3), axis=0, keepdims=True, ddof=1)],
    np.std: [*reductions(distinct)[:6], call(distinct(3), ddof=1),
             call(distinct(2, 3), axis=1, correction=1)],
    np.prod: [*reductions(normal), call(np.array([0.0, 2.0, 3.0])),
              call(np.array([0.0, 0.0, 3.0])),
              call(np.zeros(0)), call(np.zeros((0, 2)), axis=0)],
    np.cumprod: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), axis=1),
                 call(normal(2, 3), axis=0),
                 call(normal(2, 3), -1), call(np.array([2.0, 0.0, 3.0])), call(normal()),
                 call(normal(0))],
    np.cumsum: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), axis=1),
                call(normal(2, 3), -2),
                call(normal()), call(normal(0))],
    nn.logsumexp: reductions(normal), activations.logaddexp_reduce: reductions(normal),
    nn.softmax: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), axis=0)],
    nn.log_softmax: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), axis=0)],
    nn.softmax_cross_entropy: [
        call(normal(2, 3), np.array([2, 0])), call(normal(3), 1),
        call(normal(2, 2, 3), np.array([[0, 1], [2, 2]])),
        call(normal(2, 3), labels=np.array([[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]])),
        call(normal(2, 3), between(0.1, 0.9, 2, 3)),
        call(normal(2, 3), np.array([[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]])),
    ],
    images.correlate: [call(normal(2, 2, 4, 3), normal(3, 2, 2, 2), (1, 1)),
                       call(normal(1, 1, 5, 4), normal(2, 1, 3, 2), stride=(2, 1))],
    images.spread_back: [
        call(normal(1, 2, 2, 3), normal(2, 1, 3, 2), (1, 1, 5, 4), stride=(2, 1)),
    ],
    images.correlate_places: [
        call(normal(1, 1, 5, 4), normal(1, 2, 2, 3), (2, 1, 3, 2), stride=(2, 1)),
    ],
    images.entries_under: [call(normal(1, 2, 4, 5), (2, 2), (2, 2)),
                           call(normal(1, 1, 4, 3), size=(2, 1), stride=(1, 1))],
    images.put_under: [call(normal(2, 1, 1, 3, 3), (1, 1, 4, 3), size=(2, 1), stride=(1, 1))],
    nn.conv2d: [call(normal(2, 2, 4, 3), normal(3, 2, 2, 2))],
    nn.max_pool2d: [call(distinct(1, 2, 4, 5), 2), call(distinct(1, 1, 4, 3), (2, 1), stride=1)],
    nn.avg_pool2d: [call(normal(1, 2, 4, 5), 2), call(normal(1, 1, 4, 3), (2, 1), stride=1)],
    nn.mse: [call(normal(3), normal(3)), call(normal(), normal()),
             call(normal(2, 2), normal(2, 2))],
}  # fmt: skip

SHAPES: dict[Any, list[Sample]] = {
    np.reshape: [call(normal(2, 3), (3, 2)), call(normal(2, 3), -1), call(normal(1), ()),
                 call(normal(), (1, 1)),
                 call(normal(0), (0, 2)), call(normal(2, 3), shape=(6,))],
    np.ravel: ANY,
    np.squeeze: [call(normal(1, 3, 1)), call(normal(1, 3, 1), axis=0), call(normal(1, 1)),
                 call(normal(1, 2), (0,))],
    np.expand_dims: [call(normal(3), 0), call(normal(3), (0, 2)), call(normal(), 0),
                     call(normal(2, 3), axis=-1)],
    np.atleast_1d: ANY, np.atleast_2d: ANY, np.atleast_3d: ANY,
    np.transpose: [call(normal(2, 3)), call(normal(2, 3, 1), (2, 0, 1)),
                   call(normal(2, 3, 2), (-1, 0, 1)),
                   call(normal(3)), call(normal()), call(normal(0, 2)),
                   call(normal(2, 3), axes=[1, 0])],
    np.matrix_transpose: [call(normal(2, 3)), call(normal(2, 3, 1))],
    np.swapaxes: [call(normal(2, 3, 1), 0, 2), call(normal(2, 3), -1, 0)],
    np.moveaxis: [call(normal(2, 3, 1), 0, 2), call(normal(2, 3, 1), (0, 1), (-1, 0)),
                  call(normal(2, 3), -1, 0)],
    np.flip: [call(normal(3)), call(normal(2, 3)), call(normal(2, 3), 1),
              call(normal(2, 3), (0, 1)), call(normal())],
    np.fliplr: [call(normal(2, 3))], np.flipud: [call(normal(2, 3)), call(normal(3))],
    np.roll: [call(normal(3), 1), call(normal(2, 3), 2), call(normal(2, 3), -1, axis=1),
              call(normal(2, 3), (1, 2), axis=(0, 1)), call(normal(2, 3), 1, axis=(0, 1))],
    np.broadcast_to: [call(normal(3), (2, 3)), call(normal(2, 1), (2, 3)), call(normal(), (2,)),
                      call(normal(1), (0,)),
                      call(normal(1, 3), (2, 2, 3))],
    np.repeat: [call(normal(2, 3), 2), call(normal(2, 3), 2, axis=1), call(normal(3), [1, 0, 2]),
                call(normal(2, 3), [2, 1], axis=0), call(normal(), 3),
                call(normal(2, 3), 2, axis=-1)],
    np.tile: [call(normal(3), 2), call(normal(2, 3), (2, 1)), call(normal(3), (2, 2)),
              call(normal(), 3)],
    np.concatenate: [call([normal(2), normal(3)]), call([normal(2, 1), normal(2, 2)], axis=1),
                     call([normal(2, 1), normal(2, 2)], axis=-1), call([normal(2), normal(0)]),
                     call([normal(2, 2), normal(3)], axis=None),
                     call([normal(2), np.array([7], np.int8)]),
                     call((normal(1, 2), normal(1, 2)), 0)],
    np.stack: [call([normal(2), normal(2)]), call([normal(2), normal(2)], axis=1),
               call([normal(), normal()]),
               call([normal(2, 2), normal(2, 2)], axis=-1)],
    np.vstack: [call([normal(2), normal(2)]), call([normal(1, 2), normal(2, 2)])],
    np.hstack: [call([normal(2), normal(1)]), call([normal(2, 1), normal(2, 2)]),
                call([normal(), normal(2)])],
    np.column_stack: [call([normal(2), normal(2)]), call([normal(2), normal(2, 2)])],
    np.dstack: [call([normal(2), normal(2)]), call([normal(2, 2), normal(2, 2)])],
    np.append: [call(normal(2), normal(1)), call(normal(2, 2), normal(3)),
                call(normal(2, 2), normal(2, 1), axis=1)],
}  # fmt: skip

INDEXING: dict[Any, list[Sample]] = {
    indexing.getitem: [
        call(normal(3), 1), call(normal(3), slice(0, 2)), call(normal(2, 3), (slice(None), 1)),
        call(normal(3), np.array([0, 0, 2])), call(normal(3), MASK),
        call(normal(2, 3), (np.array([0, 1]), np.array([2, 2]))),
        call(normal(3), slice(None, None, -1)), call(normal(2, 3), (Ellipsis, None, 1)),
        call(normal(3), slice(0, 0)),
        call(normal(2, 3), np.ones((2, 3), bool)), call(normal(3), -1), call(normal(3), [0, 2]),
    ],
    **{f: [call(distinct(4)), call(distinct(2, 3), axis=1), call(distinct(1))] for f in RUNNING},
    indexing.scatter: [call(normal(2), slice(0, 2), (3,)),
                       call(normal(3), np.array([0, 0, 2]), (3,)), call(normal(), 1, (3,))],
    indexing.updated: [call(normal(3), normal(2), slice(0, 2)), call(normal(3), normal(), 1),
                       call(normal(2, 3), normal(3), 0),
                       call(normal(2, 3), normal(2, 1), slice(None)),
                       call(normal(3), normal(1), MASK),
                       call(normal(2, 3), normal(), MASK[:2]),
                       call(normal(3), normal(1, 2), slice(0, 2))],
    indexing.cleared: [call(normal(3), 1), call(normal(2, 3), (slice(None), 1))],
    np.take: [call(normal(3), [0, 2, 0]), call(normal(2, 3), 1),
              call(normal(2, 3), [[0, 2]], axis=1),
              call(normal(3), [4, -5], mode="wrap"), call(normal(3), [4, -5], mode="clip"),
              call(normal(2, 3), [0], -1)],
    np.take_along_axis: [call(normal(2, 3), np.array([[0], [2]]), 1),
                         call(normal(2, 3), np.array([[1, 0, 1]]), 0),
                         call(normal(3), np.array([2, 0]), None)],
    np.compress: [call(MASK, normal(3)), call(MASK, normal(2, 3), axis=1),
                  call(MASK[:2], normal(2, 3), 0)],
    np.diagonal: [call(normal(3, 3)), call(normal(2, 3), 1), call(normal(3, 2), -1),
                  call(normal(2, 3, 2), 0, 1, 2)],
    np.trace: [call(normal(3, 3)), call(normal(2, 3), 1),
               call(normal(2, 3, 2), axis1=0, axis2=2)],
}  # fmt: skip

PRODUCTS: dict[Any, list[Sample]] = {
    products.matmul: [call(normal(2, 3), normal(3, 2)), call(normal(3), normal(3)),
                      call(normal(2, 3), normal(3)),
                      call(normal(3), normal(3, 2)), call(normal(0, 3), normal(3, 2)),
                      call(normal(2, 0), normal(0, 2))],
    products.batched_matmul: [call(normal(2, 2, 3), normal(2, 3, 2)),
                              call(normal(2, 2, 3), normal(3, 2)),
                              call(normal(2, 2, 3), normal(3)), call(normal(3), normal(2, 3, 2)),
                              call(normal(2, 3), normal(2, 3, 2)),
                              call(normal(2, 1, 2, 3), normal(3, 3, 1)),
                              call(normal(1, 2, 3), normal(2, 3, 1))],
    np.matmul: [call(normal(2, 3), normal(3, 2)), call(normal(2, 2, 3), normal(3)),
                call(normal(3), normal(3))],
    np.dot: [call(normal(3), normal(3)), call(normal(2, 3), normal(3)), call(normal(), normal(2)),
             call(normal(2, 2), normal(2, 2, 2))],
    np.tensordot: [call(normal(2, 3), normal(3, 2), 1), call(normal(2, 3), normal(2, 3)),
                   call(normal(2), normal(3), 0),
                   call(normal(2, 3, 2), normal(2, 3), ((0, 1), (0, 1))),
                   call(normal(2, 3), normal(3), (-1, 0))],
    np.outer: [call(normal(2), normal(3)), call(normal(2, 2), normal(3))],
    np.vecdot: [call(normal(3), normal(3)), call(normal(2, 3), normal(3))],
    np.matvec: [call(normal(2, 3), normal(3)), call(normal(2, 2, 3), normal(3))],
    np.vecmat: [call(normal(2), normal(2, 3)), call(normal(2), normal(2, 2, 3))],
    np.inner: [call(normal(3), normal(3)), call(normal(2, 3), normal(2, 3)),
               call(normal(), normal(2))],
    np.vdot: [call(normal(3), normal(3)), call(normal(2, 2), normal(2, 2))],
    np.einsum: [
        call("ij,jk->ik", normal(2, 3), normal(3, 2)), call("ij,jk", normal(2, 3), normal(3, 2)),
        call("ii", normal(3, 3)),
        call("ii->i", normal(3, 3)), call("ij->j", normal(2, 3)),
        call("...j,j", normal(2, 3), normal(3)),
        call("i,j,k->", normal(2), normal(2), normal(2)),
        call("bij,bjk->bik", normal(2, 2, 3), normal(2, 3, 1)),
        call("ij->ji", normal(2, 3)), call("i,i->i", normal(3), normal(3)),
        call("i,j->", normal(2), normal(3)),
        call("...i->...", normal(2, 2, 3)), call("ij,ij", normal(2, 2), normal(2, 2)),
        call("ba", normal(2, 3)),
        call("iij,jk->ik", normal(2, 2, 3), normal(3, 2)),
        call("...ij,...jk", normal(2, 2, 3), normal(3, 2)),
    ],
}  # fmt: skip


try:
    from special_samples import SPECIAL
except ImportError:  # SciPy and mpmath are optional
    SPECIAL = {}


def merged(tables):
    """One table of several; of a function that stands in more than one, all samples."""
    found: dict[Any, list[Sample]] = {}
    for table in tables:
        for function, samples in table.items():
            found[function] = [*found.get(function, []), *samples]
    return found


try:
    from samples_scipy_linalg import MATRICES
except ImportError:
    MATRICES = {}

SPECIAL = merged([SPECIAL, MATRICES])
SAMPLES = merged([ELEMENTWISE, REDUCTIONS, SHAPES, INDEXING, PRODUCTS, LINALG,
                  FFT, EMATH, *samples_moves.SAMPLES, *samples_numbers.SAMPLES])  # fmt: skip
COMPLEX = merged([COMPLEX, samples_moves.COMPLEX, samples_numbers.COMPLEX,
                  COMPLEX_LINALG, COMPLEX_FFT, COMPLEX_EMATH])  # fmt: skip

CALLS = [(f, s) for f, samples in SAMPLES.items() for s in samples]
SPECIAL_CALLS = [(f, s) for f, samples in SPECIAL.items() for s in samples]
COMPLEX_CALLS = [(f, s) for f, samples in COMPLEX.items() for s in samples]


def computed(function, args, kwargs):
    """The result of a call; of a function that writes, what it has written to."""
    if function in samples_moves.MAKING:
        tensors = [x for x in mg.tree.flatten(args)[0] if isinstance(x, mg.Tensor)]
        return function(*args, **kwargs, **({"like": tensors[0]} if tensors else {}))
    if function not in samples_moves.WRITING:
        return function(*args, **kwargs)
    tracked = any(isinstance(x, mg.Tensor) for x in args)
    target = mg.Tensor(args[0]) if tracked and not isinstance(args[0], mg.Tensor) else args[0] * 1
    function(target, *args[1:], **kwargs)
    return target


@cache
def recording():
    """The calls in whose graph each rule appears."""
    found: dict[Any, list[tuple[Any, Sample]]] = {function: [] for function in rules}
    for function, sample in CALLS + COMPLEX_CALLS + SPECIAL_CALLS:
        leaves, rebuild = mg.tree.flatten(sample.args)
        variables = [mg.Tensor(x, requires_grad=True) if varied(x) else x for x in leaves]
        outs, _ = mg.tree.flatten(computed(function, rebuild(variables), sample.kwargs))
        nodes = history(*[t._node for t in outs if getattr(t, "requires_grad", False)])
        for rule in {step(node).plan.rule for node in nodes if not is_leaf(node)}:
            if rule is not output:
                found[rule.function].append((function, sample))
    return found


def varied(x):
    """Whether an argument is differentiated with respect to: it holds floats."""
    return (
        isinstance(x, float | complex | np.inexact | np.ndarray)
        and np.asarray(x).dtype.kind in "fc"
    )


def name_of(function):
    """The name of a function in the ids of tests."""
    rule = rules.get(function)
    return rule.name if rule else function.__name__


def ids(calls):
    """An id for each call: the function and the number of its sample."""
    seen: dict[str, int] = {}
    result = []
    for function, _ in calls:
        name = name_of(function)
        seen[name] = seen.get(name, -1) + 1
        result.append(f"{name}-{seen[name]}")
    return result


PER_FUNCTION = 3  # samples in a quick run


def every(calls, quick=PER_FUNCTION):
    """Parametrize a test by calls: the first few of each function, with --slow all of them."""
    params = [
        pytest.param(*call, id=name, marks=[pytest.mark.slow] * (number_of(name) >= quick))
        for call, name in zip(calls, ids(calls), strict=True)
    ]
    return pytest.mark.parametrize(("function", "sample"), params)


def number_of(name):
    """The number of a sample, from its id."""
    return int(name.rpartition("-")[2])

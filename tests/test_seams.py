"""Higher derivatives at seams: at 0, at 1, and where entries are equal.

A rule may compute a smooth function in parts, such as exp(-|x|), and be right everywhere. What is
derived from it then has a kink at the seam, and there alone: nothing but a look there finds it.
"""

from itertools import pairwise

import numpy as np
import pytest
from samples import MATRICES, SAMPLES, SPECIAL, ids
from samples_linalg import LINALG
from scipy import special
from test_rules import ALL_APART, applied

import micrograd_np as mg
from micrograd_np.testing.case import Case

STEP = 1e-5
BESIDE = (-2 * STEP, -STEP, STEP, 2 * STEP)
SEAMS = (0.0, 1.0, -1.0, 2.0, 0.5)
NO_DERIVATIVE = {  # there, whatever the limits are
    *ALL_APART, *LINALG, *MATRICES, np.copysign, np.trim_zeros, np.corrcoef, special.i0e,
    special.i1e,
}  # fmt: skip


def is_array(x):
    return isinstance(x, np.ndarray)


CALLS = [
    (f, samples[0])
    for f, samples in {**SAMPLES, **SPECIAL}.items()
    if f not in NO_DERIVATIVE and all(x.size <= 12 for x in samples[0].args if is_array(x))
]


def line_of(case, xs, moving):
    """The function along a line through xs, as a number: its real outputs, weighed."""
    random = np.random.default_rng(0)
    signs = [random.choice([-1.0, 1.0]) if i in moving else 0.0 for i in range(len(xs))]
    ds = [random.uniform(0.5, 1.5, np.shape(x)) * s for x, s in zip(xs, signs, strict=True)]

    def along(t):
        outs = case.run(*[x + t * d for x, d in zip(xs, ds, strict=True)])
        weights = [np.linspace(0.5, 1.5, np.size(out)).reshape(np.shape(out)) for out in outs]
        return sum(np.sum(np.real(out) * w) for out, w in zip(outs, weights, strict=True))

    return along


def wrong_orders(along, order):
    """The orders of derivative at 0 that are finite and not the limit from both sides."""
    derivative = along
    for k in range(1, order + 1):
        derivative = mg.grad(derivative)
        here, beside = derivative(0.0), [derivative(t) for t in BESIDE]
        size = max(*np.abs(beside), 1e-3)
        if not np.isfinite([here, *beside]).all():
            continue
        if all(abs(a - b) <= 2e-3 * size for a, b in pairwise(beside)):
            limit = np.mean(beside)
            if abs(here - limit) > 5e-3 * size:
                yield f"order {k}: {here} where the limit is {limit}"


def look_at_seams(function, sample, seams, order):
    case = Case(applied(function, sample), sample.args, None)
    given = [np.asarray(x, float) for x in case.xs]
    every = set(range(len(given)))
    for seam in seams:
        for moving in [every, *[{i} for i in every if len(every) > 1]]:
            xs = [np.full_like(x, seam) if i in moving else x for i, x in enumerate(given)]
            try:
                wrong = list(wrong_orders(line_of(case, xs, moving), order))
            except (ValueError, mg.errors.MicrogradError):  # outside its domain
                continue
            assert not wrong, f"all entries {seam}, moving {sorted(moving)}: {wrong[0]}"


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize(("function", "sample"), CALLS, ids=ids(CALLS))
def test_a_derivative_is_the_limit_from_both_sides(function, sample):
    look_at_seams(function, sample, (0.0,), 4)


@pytest.mark.slow
@pytest.mark.parametrize(("function", "sample"), CALLS, ids=ids(CALLS))
def test_a_derivative_is_the_limit_from_both_sides_at_every_seam(function, sample):
    look_at_seams(function, sample, SEAMS, 4)


@pytest.mark.parametrize("function", [np.linalg.norm, np.std, lambda x: np.hypot(x[0], x[1])])
def test_a_norm_has_no_curvature_at_its_kink(function):
    assert np.array_equal(mg.hessian(function)(np.zeros(2)), np.zeros((2, 2)))

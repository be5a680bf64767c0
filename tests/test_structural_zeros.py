"""An entry that the result does not depend on has gradient 0; one that it does keeps its NaN."""

import numpy as np
import pytest
from samples import CALLS, COMPLEX_CALLS, SAMPLES, computed, every
from samples_linalg import LINALG

import micrograd_np as mg
from micrograd_np.testing.case import Case

nan, inf = np.nan, np.inf

# name: (function, x, right gradient). In each, an unused branch has an infinite or undefined slope
ZEROS = {
    "where, sqrt": (lambda x: np.where(x > 0, np.sqrt(x), 0), [-1.0, 0.0, 4.0], [0, 0, 0.25]),
    "where, log": (lambda x: np.where(x > 0, np.log(x), 0), [-1.0, 0.0, 2.0], [0, 0, 0.5]),
    "where, division": (lambda x: np.where(x != 0, 1 / x, 0), [0.0, 2.0], [0, -0.25]),
    "where, power": (lambda x: np.where(x > 0, x**0.5, 0), [0.0, 4.0], [0, 0.25]),
    "where, x / norm": (
        lambda x: np.where(np.sum(x * x) > 0, x / np.sqrt(np.sum(x * x)), 0), [0.0, 0.0], [0, 0],
    ),
    "where in where": (
        lambda x: np.where(x > 1, np.where(x > 0, np.sqrt(x - 1), 0), x), [1.0, 5.0], [1, 0.25],
    ),
    "where, arccos": (lambda x: np.where(abs(x) < 1, np.arccos(x), 0), [1.0, 0.0], [0, -1]),
    "maximum": (lambda x: np.maximum(np.sqrt(x), 1), [0.0, 4.0], [0, 0.25]),
    "minimum": (lambda x: np.minimum(1 / x, 3), [0.0, 4.0], [0, -0.0625]),
    "clip": (lambda x: np.clip(np.sqrt(x), 1, 3), [0.0, 4.0], [0, 0.25]),
    "relu": (lambda x: mg.nn.relu(np.sqrt(x) - 1), [0.0, 4.0], [0, 0.25]),
    "slice": (lambda x: np.sqrt(x)[1:], [0.0, 4.0], [0, 0.25]),
    "mask": (lambda x: np.sqrt(x)[x > 0], [0.0, 4.0], [0, 0.25]),
    "index": (lambda x: np.log(x)[np.array([1, 1])], [0.0, 2.0], [0, 1.0]),
    "max": (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "min": (lambda x: np.min(1 / x), [0.0, 4.0], [0, -0.0625]),
    "take": (lambda x: np.take(np.sqrt(x), [1]), [0.0, 4.0], [0, 0.25]),
    "written over": (lambda x: overwritten(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "through a reshape": (lambda x: np.sqrt(x).reshape(2, 1)[1], [0.0, 4.0], [0, 0.25]),
    "through a product": (lambda x: np.where(x > 0, np.sqrt(x) * x, 0), [0.0, 4.0], [0, 3.0]),
    "diagonal": (
        lambda x: np.diagonal(np.sqrt(np.reshape(x, (2, 2)))),
        [1.0, 0.0, 0.0, 4.0], [0.5, 0, 0, 0.25],
    ),
    "a row of a matrix product": (
        lambda x: (np.sqrt(np.reshape(x, (2, 1))) @ np.ones((1, 1)))[1], [0.0, 4.0], [0, 0.25],
    ),
    "a row of einsum": (
        lambda x: np.einsum("ij,j->i", np.sqrt(np.reshape(x, (2, 1))), [2.0])[1],
        [0.0, 4.0], [0, 0.5],
    ),
    "a diagonal by einsum": (
        lambda x: np.einsum("ii", np.sqrt(np.reshape(x, (2, 2)))),
        [1.0, 0.0, 0.0, 4.0], [0.5, 0, 0, 0.25],
    ),
    "the first of cumulative products": (
        lambda x: np.cumprod(np.sqrt(x))[:1], [4.0, 0.0], [0.25, 0],
    ),
    "a row of softmax": (
        lambda x: mg.nn.softmax(np.log(np.reshape(x, (2, 2))))[1, 0],
        [0.0, 0.0, 1.0, 1.0], [0, 0, 0.25, -0.25],
    ),
    "a variance along an axis": (
        lambda x: np.var(np.sqrt(np.reshape(x, (2, 2))), axis=1)[1],
        [0.0, 0.0, 1.0, 9.0], [0, 0, -0.5, 1 / 6],
    ),
    "the entry moves nothing later": (
        lambda x: np.sqrt(np.where(x > 1, x, 0)) + x, [0.0, 4.0], [1, 1.25],
    ),
    "inside a checkpoint": (
        mg.checkpoint(lambda x: np.where(x > 0, np.sqrt(x), 0)), [0.0, 4.0], [0, 0.25],
    ),
    "through a checkpoint": (
        lambda x: mg.checkpoint(lambda y: y[1:] * 1)(np.sqrt(x)), [0.0, 4.0], [0, 0.25],
    ),
    "through a rule of the user's own": (
        lambda x: positive_part(np.sqrt(x) - 1), [0.0, 4.0], [0, 0.25],
    ),
}  # fmt: skip

# The result depends on the entry, by a formula that a local rule cannot simplify: NaN is honest
TRAPS = {
    "sqrt(x)**2": (lambda x: np.sqrt(x) ** 2, 0.0),
    "x / x": (lambda x: x / x, 0.0),
    "0 * log(x)": (lambda x: 0 * np.log(x), 0.0),
    "where that takes it": (lambda x: np.where(x >= 0, np.sqrt(x) * 0, 0), 0.0),
    "slice that takes it": (lambda x: (np.sqrt(np.stack([x, x])) ** 2)[:1], 0.0),
    "matrix product with a 0": (lambda x: np.log(np.stack([x, x])) @ np.zeros(2), 0.0),
    "a row that takes it": (lambda x: (np.log(np.ones((2, 1)) * x) @ np.zeros((1, 2)))[:1], 0.0),
    "logsumexp of log 0": (lambda x: mg.nn.logsumexp(np.log(np.stack([x, x + 1]))), 0.0),
    "cumprod that takes it": (lambda x: np.cumprod(np.sqrt(np.stack([x, x])))[:2], 0.0),
    "checkpoint that takes it": (mg.checkpoint(lambda x: np.where(x >= 0, np.sqrt(x) * 0, 0)), 0.0),
}


@mg.custom_vjp
def positive_part(y):
    """A function of the user's own that selects."""
    return np.maximum(y, 0)


positive_part.defvjp(lambda g, y: np.where(y > 0, g, 0))


def overwritten(y):
    y[0] = 1.0
    return y


def total(f):
    """The sum of f's entries, quietly: the warnings are about what is under test."""
    return lambda x: np.sum(f(x))


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("name", ZEROS)
def test_a_branch_not_taken_has_gradient_zero(name):
    f, x, right = ZEROS[name]
    assert np.array_equal(mg.grad(total(f))(np.array(x)), right)


@pytest.mark.parametrize("name", ZEROS)
def test_backward_gives_the_same_zeros(name):
    f, x, right = ZEROS[name]
    t = mg.Tensor(x, requires_grad=True)
    total(f)(t).backward()
    assert np.array_equal(t.grad, right)


@pytest.mark.parametrize("name", ZEROS)
def test_forward_mode_gives_the_same_zeros(name):
    f, x, right = ZEROS[name]
    _, tangent = mg.jvp(total(f), (np.array(x),), (np.ones(len(x)),))
    assert tangent == np.sum(right)


# Its vjp multiplies by the entries after the first, though only to add 0 to the result
USED_BY_THE_DERIVATIVE = {"the first of cumulative products"}


@pytest.mark.parametrize("name", sorted(ZEROS.keys() - USED_BY_THE_DERIVATIVE))
def test_second_derivatives_are_finite_where_nothing_is_taken(name):
    f, x, right = ZEROS[name]
    second = mg.hessian(total(f))(np.array(x))
    assert np.all(np.isfinite(second))
    unused = np.array(right) == 0
    assert not second[unused].any()
    assert not second[:, unused].any()


def test_a_sum_over_chosen_entries_has_gradient_zero_elsewhere():
    f = lambda x: np.sum(np.log(x), where=np.array([False, True]))
    assert np.array_equal(mg.grad(f)(np.array([0.0, 2.0])), [0, 0.5])


@pytest.mark.parametrize("name", TRAPS)
def test_an_entry_that_is_used_keeps_its_nan(name):
    f, x = TRAPS[name]
    assert np.isnan(mg.grad(total(f))(x))
    t = mg.Tensor(x, requires_grad=True)
    total(f)(t).backward()
    assert np.isnan(t.grad)


def test_an_infinite_slope_stays_infinite():
    assert mg.grad(np.sqrt)(0.0) == inf
    assert mg.grad(lambda x: np.sum(np.where(x >= 0, np.sqrt(x), 0)))(np.array([0.0])) == inf


def test_a_nan_in_one_entry_leaves_the_others_alone():
    f = lambda x: np.sum(np.where(x < 5, np.sqrt(x) ** 2, 0))
    assert np.array_equal(mg.grad(f)(np.array([0.0, 4.0, 9.0])), [nan, 1, 0], equal_nan=True)


def test_a_cotangent_of_nan_goes_where_the_result_depends():
    _, pull = mg.vjp(lambda x: np.where(np.array([True, False]), x, 0), np.ones(2))
    assert np.array_equal(pull(np.array([nan, nan]))[0], [nan, 0], equal_nan=True)


# For every rule: exactly those entries count on which a result depends, in both modes


EVERY_CALL = [
    (f, s) for f, s in CALLS + COMPLEX_CALLS if f not in LINALG or s is SAMPLES[f][0]
]  # fmt: skip
# x**0, the variance of a single entry, the correlation with oneself, the density of an empty bin
ZERO_ALL_THE_SAME = {"power", "var", "corrcoef", "histogram2d", "histogramdd"}
# Products of whole matrices make all of what is asked for in any entry
ZERO_ALL_THE_SAME |= {function.__name__ for function in LINALG}
# Of some complex entries, one part alone is read
ZERO_ALL_THE_SAME |= {"irfft2", "irfftn"}


def steep(x):
    """x, with an infinite slope."""
    v = x.detach().data
    return v + np.sqrt(x - v)


def nearby(x):
    """A point where no entry is special, as 0 is to a product."""
    return x if np.size(x) == 0 else (x * 1.01 + 0.013).astype(x.dtype)


def units(outs):
    """For each entry of the outputs, arrays that hold a number there and 0 elsewhere."""
    for k, out in enumerate(outs):
        for j in range(np.size(out)):
            unit = [np.zeros(np.shape(other), other.dtype) for other in outs]
            unit[k].flat[j] = 1 + 0.7j if out.dtype.kind == "c" else 1
            yield [u[()] for u in unit]


def flattened(xs):
    return np.concatenate([np.ravel(x) for x in xs]) if xs else np.zeros(0)


@every(EVERY_CALL)
def test_an_infinite_slope_reaches_what_depends_on_it_and_nothing_else(function, sample):
    case = Case(lambda *args: computed(function, args, sample.kwargs), sample.args, None)
    outs, pull = case.vjp
    _, pull_nearby = mg.vjp(case.run, *map(nearby, case.xs))
    _, pull_steep = mg.vjp(lambda *xs: case.run(*map(steep, xs)), *case.xs)
    for gs in units(outs):
        endless = ~np.isfinite(flattened(pull_steep(gs)))
        depends = flattened(pull(gs)) != 0
        assert not np.any(depends & ~endless)
        if getattr(function, "__name__", "") not in ZERO_ALL_THE_SAME:
            assert not np.any(endless & ~depends & (flattened(pull_nearby(gs)) == 0))


@every(EVERY_CALL)
def test_an_infinite_slope_moves_what_depends_on_it_and_nothing_else(function, sample):
    case = Case(lambda *args: computed(function, args, sample.kwargs), sample.args, None)
    for ts in units(case.xs):
        tangents = flattened(mg.jvp(case.run, tuple(case.xs), tuple(ts))[1])
        near = flattened(mg.jvp(case.run, tuple(map(nearby, case.xs)), tuple(ts))[1])
        run = lambda *xs: case.run(*map(steep, xs))
        endless = ~np.isfinite(flattened(mg.jvp(run, tuple(case.xs), tuple(ts))[1]))
        assert not np.any((tangents != 0) & ~endless)
        if getattr(function, "__name__", "") not in ZERO_ALL_THE_SAME:
            assert not np.any(endless & (tangents == 0) & (near == 0))


@pytest.mark.parametrize(
    "wrap", [lambda f: f, mg.jit, lambda f: mg.checkpoint(f)], ids=["eager", "jit", "checkpoint"]
)
@pytest.mark.parametrize("combine", [np.divide, np.multiply, np.power, np.hypot])
def test_an_operand_that_was_repeated_gets_no_nan_of_an_entry_not_taken(combine, wrap):
    x = np.array([np.nan, 2.0, np.inf])
    f = wrap(lambda s: np.sum(np.where(np.isfinite(x), combine(x, s), 0.0)))
    taken = lambda s: combine(2.0, s)
    assert mg.grad(f)(3.0) == mg.grad(taken)(3.0)
    assert mg.hessian(f)(3.0) == pytest.approx(mg.hessian(taken)(3.0), rel=1e-15)
    column = lambda s: np.sum(np.where(np.isfinite(x), combine(x, s), 0.0))
    found = mg.grad(column)(np.array([[3.0], [0.5]]))
    assert found.ravel().tolist() == [mg.grad(taken)(3.0), mg.grad(taken)(0.5)]

"""Functions whose result is a choice of entries: ties, sets, and what they leave out."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import NoRuleError, TracingError


def pulled(f, x, weights):
    """The gradient of the weighted sum of f(x)."""
    t = mg.Tensor(x, requires_grad=True)
    out = f(t)
    np.sum(out * np.asarray(weights)).backward()
    return t.grad


TIES = {
    "sort": (np.sort, [2.0, 1.0, 2.0, 3.0], [1, 10, 100, 1000], [55, 1, 55, 1000]),
    "sort of equals": (np.sort, [5.0, 5.0, 5.0], [1, 2, 6], [3, 3, 3]),
    "sort with NaN": (np.sort, [np.nan, 1.0, np.nan], [1, 10, 100], [10, 1, 100]),
    "median": (np.median, [1.0, 2.0, 2.0], 6, [0, 3, 3]),
    "median between": (np.median, [1.0, 3.0, 3.0, 1.0], 4, [1, 1, 1, 1]),
    "nanmedian": (np.nanmedian, [np.nan, 2.0, 2.0, 9.0, 1.0, 2.0], 3, [0, 1, 1, 0, 0, 1]),
    "quantile": (lambda x: np.quantile(x, 0.5), [4.0, 4.0, 4.0], 3, [1, 1, 1]),
    "nanmax": (np.nanmax, [np.nan, 2.0, 2.0], 1, [0, 0.5, 0.5]),
    "unique": (np.unique, [3.0, 1.0, 3.0], [5, 8], [4, 5, 4]),
    "unique rows": (
        lambda x: np.unique(x.reshape(3, 2), axis=0),
        [1.0, 2.0, 0.0, 9.0, 1.0, 2.0], [[1, 2], [10, 20]], [5, 10, 1, 2, 5, 10],
    ),
    "unique_counts": (lambda x: np.unique_counts(x).values, [2.0, 2.0], [6], [3, 3]),
    "union1d": (lambda x: np.union1d(x, x[:1]), [2.0, 1.0], [1, 10], [10, 1]),
    "intersect1d": (lambda x: np.intersect1d(x[:2], x[1:]), [1.0, 2.0, 3.0], [8], [0, 8, 0]),
    "setdiff1d": (lambda x: np.setdiff1d(x, [1.0]), [1.0, 4.0, 4.0], [6], [0, 3, 3]),
    "setxor1d": (lambda x: np.setxor1d(x[:2], x[1:]), [1.0, 2.0, 3.0], [5, 7], [5, 0, 7]),
    "maximum.accumulate": (np.maximum.accumulate, [1.0, 3.0, 3.0, 2.0, 3.0], [1, 6, 8, 10, 12],
                           [1, 19, 13, 0, 4]),
    "minimum.accumulate": (np.minimum.accumulate, [5.0, 5.0, 5.0], [6, 12, 18], [18, 12, 6]),
    "fmax.accumulate": (np.fmax.accumulate, [np.nan, 1.0, 1.0, 0.0], [1, 2, 4, 8], [0, 8, 6, 0]),
    "fmax.reduce": (np.fmax.reduce, [np.nan, 4.0, 4.0, 4.0], 6, [0, 2, 2, 2]),
    "max with initial": (lambda x: np.max(x, initial=2.0), [2.0, 1.0], 6, [3, 0]),
}  # fmt: skip


@pytest.mark.parametrize(("f", "x", "weights", "right"), TIES.values(), ids=TIES)
def test_equal_entries_share_their_gradient_evenly(f, x, weights, right):
    np.testing.assert_array_equal(pulled(f, x, weights), right)
    value = f(mg.Tensor(x, requires_grad=True))
    np.testing.assert_array_equal(value.data, f(np.array(x)))


@pytest.mark.parametrize("name", ["sort", "median", "unique", "quantile", "maximum.accumulate"])
def test_forward_mode_shares_evenly_too(name):
    f, x, weights, right = TIES[name]
    tangents = np.arange(1.0, len(x) + 1)
    _, tangent = mg.jvp(lambda v: np.sum(f(v) * np.asarray(weights)), (np.array(x),), (tangents,))
    np.testing.assert_allclose(tangent, np.sum(np.array(right) * tangents))


def test_zeros_at_the_ends_are_trimmed():
    x = mg.Tensor([0.0, 3.0, 0.0, 2.0, 0.0], requires_grad=True)
    out = np.trim_zeros(x)
    assert out.tolist() == [3, 0, 2]
    np.sum(out * [1.0, 10.0, 100.0]).backward()
    np.testing.assert_array_equal(x.grad, [0, 1, 10, 100, 0])
    assert np.trim_zeros(x, "f").tolist() == [3, 0, 2, 0]
    assert np.trim_zeros(x * 0).size == 0
    table = mg.Tensor([[0.0, 0.0, 0.0], [0.0, 5.0, 0.0]], requires_grad=True)
    assert np.trim_zeros(table).tolist() == [[5]]
    assert np.trim_zeros(table, axis=1).tolist() == [[0], [5]]


def test_a_number_that_is_almost_real_is_real():
    x = mg.Tensor([1.0 + 0j, 2.0 + 0j], requires_grad=True)
    out = np.real_if_close(x)
    assert out.dtype == np.float64
    np.sum(out).backward()
    np.testing.assert_array_equal(x.grad, [1, 1])


INDICES = {
    "where": lambda t: np.where(t > 0),
    "nonzero": lambda t: np.nonzero(t > 0),
    "argsort": lambda t: (np.argsort(t),),
    "argpartition": lambda t: (t.argpartition(1),),
}


@pytest.mark.parametrize("find", INDICES.values(), ids=INDICES)
def test_indices_are_constants(find):
    x = np.array([1.0, -2.0, 3.0])
    for found, expected in zip(find(mg.Tensor(x, requires_grad=True)), find(Plain(x)), strict=True):
        assert isinstance(found, mg.Tensor)
        assert not found.requires_grad
        np.testing.assert_array_equal(found.data, expected)


class Plain(np.ndarray):
    """An array, with the same methods."""

    def __new__(cls, x):
        return np.asarray(x)


STRAIGHT = (
    "linear", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased",
)  # fmt: skip


@pytest.mark.parametrize("method", STRAIGHT)
def test_at_an_entry_a_quantile_has_the_flatter_slope_in_its_place(method):
    x, h = np.array([7.0, 1.0, 2.0, 4.0, 4.5]), 2.0**-20
    f = lambda q: np.quantile(x, q, method=method)
    for q in (0.0, 0.125, 0.25, 0.3, 0.5, 0.625, 0.7, 0.75, 0.9, 1.0):
        sides = [(f(q + h) - f(q)) / h] if q < 1 else []
        sides += [(f(q) - f(q - h)) / h] if q > 0 else []
        np.testing.assert_allclose(mg.grad(f)(q), min(sides), rtol=1e-6)


@pytest.mark.parametrize("method", ["inverted_cdf", "lower", "midpoint", "nearest"])
def test_a_quantile_that_steps_does_not_move_with_its_place(method):
    assert mg.grad(lambda q: np.quantile(np.array([1.0, 2.0]), q, method=method))(0.3) == 0


def test_the_place_of_a_quantile_may_be_a_list_and_compiled():
    f = lambda p, x: np.sum(np.quantile(x, [p, 2 * p], axis=0) ** 2)
    slope = mg.grad(f, argnums=(0, 1))
    at = 0.3, np.array([[3.0, 1.0], [2.0, 5.0], [4.0, 4.0]])
    for found, expected in zip(mg.jit(slope)(*at), slope(*at), strict=True):
        np.testing.assert_allclose(found, expected)
    mg.testing.check_grads(f, at, kinks=(), extremes=())


def test_the_place_beside_a_missing_or_an_infinite_entry_has_an_honest_slope():
    slope = lambda x: mg.grad(lambda q: np.quantile(np.array(x), q))(0.5)
    assert np.isnan(slope([1.0, np.nan, 3.0]))
    assert slope([1.0, 2.0, np.inf]) == 2


def test_a_mode_of_padding_that_is_a_function_is_refused():
    with pytest.raises(TypeError, match="not a function"):
        np.pad(mg.Tensor([1.0], requires_grad=True), 1, lambda *args: None)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda t: np.nextafter(t, 1.0), "has no slope"),
        (lambda t: np.gcd(t, 2), "integers or bits"),
        (lambda t: np.save("x.npy", t), "files"),
        (lambda t: np.ix_(t), "index"),
    ],
)
def test_a_function_without_a_derivative_says_why(f, said):
    with pytest.raises((NoRuleError, TracingError), match=rf"{said}.*detach|{said}"):
        f(mg.Tensor([1.0, 2.0], requires_grad=True))


# What NumPy computes without a gradient has NumPy's own dtype


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.clip(x, 2, None), lambda x: np.clip(x, max=2), lambda x: np.sort(x),
        lambda x: np.median(x), lambda x: np.diff(x), lambda x: np.pad(x, 1), np.unique,
        lambda x: np.insert(x, 0, 7), lambda x: np.select([x > 1], [x]), np.cov, np.ptp,
        lambda x: np.where(x > 1, x, 0), lambda x: np.polyval(x, 2), np.nan_to_num,
    ],
)  # fmt: skip
def test_integers_stay_what_numpy_makes_of_them(f):
    x = np.array([3, 1, 2])
    t = f(mg.Tensor(x))
    assert t.dtype == f(x).dtype
    np.testing.assert_array_equal(t.data, f(x))


def test_a_product_of_tensors_is_no_view():
    a, b = (mg.Tensor(np.eye(2), requires_grad=True) for _ in range(2))
    for product in (lambda x, y: np.tensordot(x, y, 1), np.kron, np.outer):
        y = product(a, b)
        y += 1
        assert y.data.min() == 1
        np.sum(y).backward()
        assert a.grad.sum() > 0


def test_a_view_of_a_living_tensor_is_still_one():
    a = mg.Tensor(np.eye(2), requires_grad=True)
    y = a * 2
    v = y.reshape(4)
    with pytest.raises(mg.errors.InPlaceError, match="view"):
        v += 1


# At a knot of a broken line, the flatter of the two slopes; at a peak none


def test_the_slope_at_a_knot_is_the_flatter_one():
    xp, fp = np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([0.0, 3.0, 4.0, 3.0, 0.0])
    slope = mg.elementwise_grad(lambda x: np.interp(x, xp, fp))
    np.testing.assert_array_equal(slope(np.array([1.0, 2.0, 3.0])), [1, 0, -1])
    np.testing.assert_array_equal(slope(np.array([0.5, 1.5, 0.0, 4.0, 9.0])), [3, 1, 3, 0, 0])
    heights = mg.vjp(lambda f: np.interp(xp[:4], xp, f), fp)[1](np.array([1.0, 2.0, 3.0, 4.0]))[0]
    np.testing.assert_array_equal(heights, [1, 2, 3, 4, 0])

"""Dispatch from NumPy: keywords, methods of ufuncs, other types, and no way out of the graph."""

from __future__ import annotations

import warnings
from operator import attrgetter

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import (
    ArgumentError,
    DetachError,
    InPlaceError,
    MicrogradError,
    NoRuleError,
)


def leaf(values=(1.0, 2.0), name=None):
    return mg.Tensor(values, requires_grad=True, name=name)


def gradient(x, out):
    """Return d sum(out**2) / dx."""
    x.zero_grad()
    np.sum(out * out).backward()
    return x.grad


# Keywords of ufuncs


def test_dtype_computes_in_that_dtype_and_the_gradient_comes_back():
    x = leaf(np.float32([1, 2]))
    y = np.multiply(x, 3, dtype=np.float64)
    assert y.dtype == np.float64
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [3, 3])
    assert x.grad.dtype == np.float32
    assert np.exp(leaf(), dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("dtype", [int, bool, np.int8])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, dtype: x.astype(dtype),
        lambda x, dtype: np.astype(x, dtype),
        lambda x, dtype: np.sum(x, dtype=dtype),
        lambda x, dtype: x.cumsum(dtype=dtype),
        lambda x, dtype: np.multiply(x, x, dtype=dtype),
        lambda x, dtype: np.add.reduce(x, dtype=dtype),
    ],
)
def test_what_is_rounded_to_integers_is_constant(f, dtype):
    t = f(leaf([1.5, 2.5]), dtype)
    assert t.dtype == dtype
    assert not t.requires_grad


def test_where_needs_out():
    x, mask = leaf(), np.array([True, False])
    with pytest.raises(
        NoRuleError, match=r"where= without out=.*\(test_dispatch\.py:\d+\).*np\.where"
    ):
        np.exp(x, where=mask)


def test_where_with_out_chooses_entries_of_both():
    x, out = leaf(), leaf() * 10
    y = np.multiply(x, x, out=out, where=np.array([True, False]))
    assert y is out
    np.testing.assert_array_equal(y.data, [1, 20])
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [2, 0])


def test_an_out_of_another_kind_is_refused():
    for f in (np.exp, np.sum, np.cumsum):
        with pytest.raises(InPlaceError, match=r"into array.*\(test_dispatch\.py:\d+\)"):
            f(leaf(), out=np.zeros(2) if f is not np.sum else np.zeros(()))


def test_arrays_may_be_written_to_a_tensor():
    out = mg.Tensor(np.zeros(2))
    assert np.add(np.ones(2), np.ones(2), out=out) is out
    np.testing.assert_array_equal(out.data, [2, 2])
    assert not out.requires_grad


@pytest.mark.parametrize("keyword", ["signature", "extobj", "axes"])
def test_other_keywords_of_ufuncs_are_never_ignored(keyword):
    with pytest.raises(TypeError):
        np.exp(leaf(), **{keyword: "d->d"})


def test_harmless_keywords_are_accepted():
    x = leaf()
    np.sum(np.exp(np.copy(x, order="F"), casting="same_kind", order="K", subok=True)).backward()
    np.testing.assert_allclose(x.grad, np.exp(x.data))


# Methods of ufuncs

X = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]])

REDUCE = {
    "add": (np.add.reduce, lambda x: np.sum(x, axis=0)),
    "add axis": (lambda x: np.add.reduce(x, 1), lambda x: np.sum(x, axis=1)),
    "add all": (lambda x: np.add.reduce(x, axis=None), np.sum),
    "add keepdims": (
        lambda x: np.add.reduce(x, axis=1, keepdims=True),
        lambda x: np.sum(x, axis=1, keepdims=True),
    ),
    "multiply": (np.multiply.reduce, lambda x: np.prod(x, axis=0)),
    "maximum": (np.maximum.reduce, lambda x: np.max(x, axis=0)),
    "minimum": (lambda x: np.minimum.reduce(x, axis=-1), lambda x: np.min(x, axis=-1)),
    "accumulate": (np.add.accumulate, lambda x: np.cumsum(x, axis=0)),
    "accumulate axis": (lambda x: np.multiply.accumulate(x, 1), lambda x: np.cumprod(x, axis=1)),
}


@pytest.mark.parametrize(("method", "function"), REDUCE.values(), ids=REDUCE)
def test_reduce_and_accumulate_are_the_functions_they_are(method, function):
    x, z = leaf(X), leaf(X)
    np.testing.assert_array_equal(method(x).data, method(X))
    np.testing.assert_array_equal(gradient(x, method(x)), gradient(z, function(z)))


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.subtract, np.maximum, np.power])
def test_outer_pairs_all_entries(ufunc):
    x, z = leaf([1.0, 2.0, 3.0]), leaf([[4.0, 5.0], [6.0, 7.0]])
    y = ufunc.outer(x, z)
    np.testing.assert_array_equal(y.data, ufunc.outer(x.data, z.data))
    np.sum(y).backward()
    a, b = leaf(x.data), leaf(z.data)
    np.sum(ufunc(a[:, None, None], b)).backward()
    np.testing.assert_allclose(x.grad, a.grad)
    np.testing.assert_allclose(z.grad, b.grad)


# A fold of one entry after the other, differentiated through each step

FOLDED = {
    "subtract": (lambda x: np.subtract.reduce(x, 1), lambda x: x[:, 0] - x[:, 1] - x[:, 2]),
    "divide": (lambda x: np.divide.reduce(x, axis=0), lambda x: x[0] / x[1]),
    "logaddexp": (
        lambda x: np.logaddexp.reduce(x, axis=None),
        lambda x: np.log(np.sum(np.exp(x))),
    ),
    "hypot keepdims": (
        lambda x: np.hypot.reduce(x, axis=1, keepdims=True),
        lambda x: np.sqrt(np.sum(x * x, axis=1, keepdims=True)),
    ),
    "axes": (
        lambda x: np.logaddexp.reduce(x[None], axis=(0, 2)),
        lambda x: np.log(np.sum(np.exp(x), axis=1)),
    ),
    "accumulate": (
        lambda x: np.subtract.accumulate(x, 1)[:, 2],
        lambda x: x[:, 0] - x[:, 1] - x[:, 2],
    ),
    "add.reduceat": (
        lambda x: np.add.reduceat(x, [0, 2, 1], axis=1),
        lambda x: np.stack([x[:, 0] + x[:, 1], x[:, 2], x[:, 1] + x[:, 2]], 1),
    ),
    "add.reduceat dtype": (
        lambda x: np.add.reduceat(x, [1, 1], axis=-1, dtype=np.float32),
        lambda x: np.stack([x[:, 1], x[:, 1] + x[:, 2]], 1).astype("f"),
    ),
    "maximum.reduceat": (
        lambda x: np.maximum.reduceat(x, [1, 0]),
        lambda x: np.stack([x[1], np.max(x, 0)]),
    ),
    "initial": (
        lambda x: np.multiply.reduce(x, axis=1, initial=3.0),
        lambda x: 3 * np.prod(x, axis=1),
    ),
    "where": (
        lambda x: np.add.reduce(x, axis=1, where=np.array([True, False, True])),
        lambda x: x[:, 0] + x[:, 2],
    ),
    "dtype": (
        lambda x: np.subtract.reduce(x, dtype=np.float32), lambda x: (x[0] - x[1]).astype("f"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("method", "function"), FOLDED.values(), ids=FOLDED)
def test_reductions_of_other_functions_fold(method, function):
    x, z = leaf(X), leaf(X)
    np.testing.assert_allclose(method(x).data, method(X), rtol=1e-14)
    np.testing.assert_allclose(gradient(x, method(x)), gradient(z, function(z)), rtol=1e-6)


@pytest.mark.parametrize(
    "f", [np.logaddexp.reduce, lambda x: np.add.reduceat(x, range(0, len(x), 2))]
)
def test_a_long_reduction_is_as_many_operations_as_a_short_one(f):
    short, long = (len(mg.graph(f(leaf(np.zeros((n, 3)))))) for n in (4, 50))
    assert short == long


@pytest.mark.parametrize("method", [np.subtract.reduce, np.subtract.accumulate])
def test_the_result_of_a_fold_may_rebind_a_tensor(method):
    x = leaf([5.0, 2.0])
    out = mg.Tensor(np.zeros(np.shape(method(x.data))))
    assert method(x, out=out) is out
    np.sum(out * np.arange(1.0, out.size + 1)).backward()
    np.testing.assert_array_equal(x.grad, [1, -1] if out.ndim == 0 else [3, -2])


def test_the_fold_of_nothing_is_numpys():
    x = leaf(np.zeros((0, 2)))
    assert np.logaddexp.reduce(x).tolist() == [-np.inf, -np.inf]
    assert np.subtract.accumulate(x).shape == (0, 2)
    with pytest.raises(ValueError, match="no identity"):
        np.divide.reduce(leaf(np.zeros(0)))


@pytest.mark.parametrize(("ufunc", "sign"), [(np.add, 1), (np.subtract, -1)])
def test_at_adds_up_at_equal_indices(ufunc, sign):
    x, v = leaf([1.0, 2.0]), leaf([10.0, 20.0, 30.0])
    y = x * 1
    ufunc.at(y, [0, 1, 0], v)
    np.testing.assert_array_equal(y.data, [1 + sign * 40, 2 + sign * 20])
    np.sum(y * [1.0, 100.0]).backward()
    np.testing.assert_array_equal(x.grad, [1, 100])
    np.testing.assert_array_equal(v.grad, [sign, sign * 100, sign])
    ufunc.at(y, 0, 5.0)
    assert y[0].item() == 1 + sign * 45
    b = np.zeros(2)
    ufunc.at(b, [0], mg.Tensor([1.0]))
    assert b[0] == sign


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.add.at(x, [0], 1.0),
        lambda x: np.add.at(np.zeros(2), [0, 1], x),
        lambda x: np.multiply.at(x * 1, [0], 2.0),
        lambda x: np.negative.at(x * 1, [0]),
        lambda x: np.logaddexp.reduce(x, where=np.array([True, False])),
        lambda x: np.nextafter.reduce(x),
    ],
)
def test_methods_that_would_lose_a_gradient_are_refused(f):
    with pytest.raises((NoRuleError, InPlaceError), match=r"\(test_dispatch\.py:\d+\)"):
        f(leaf())


def test_methods_compute_on_constants():
    t = mg.Tensor([5.0, 2.0])
    assert np.subtract.reduce(t).item() == 3
    assert np.add.reduceat(t, [0, 1]).tolist() == [5, 2]
    assert np.nextafter.reduce(t).item() == np.nextafter(5.0, 2.0)


# Keywords of functions are supported, or refused


def test_initial_counts():
    x = leaf()
    assert np.sum(x, initial=10.0).item() == 13


def test_an_initial_value_shares_with_its_ties_alike():
    extreme = lambda x, initial: np.max(x, initial=initial)
    shares = mg.grad(extreme, argnums=(0, 1))(np.array([2.0, 2.0, 1.0]), 2.0)
    np.testing.assert_allclose(np.append(*shares), [1 / 3, 1 / 3, 0, 1 / 3])


@pytest.mark.parametrize("f", [np.sum, np.max])
def test_an_initial_value_is_one_number(f):
    with pytest.raises(mg.errors.ShapeError, match=r"one number \(test_dispatch.py:\d+\)"):
        f(leaf(), axis=0, initial=leaf())


def test_the_deviation_from_a_mean_that_is_met_has_no_slope():
    slopes = mg.grad(lambda x, m: np.std(x, mean=m), argnums=(0, 1))(np.ones(3), 1.0)
    np.testing.assert_array_equal(np.append(*slopes), 0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.prod(x, initial=2.0),
        lambda x: np.max(x, initial=5.0),
        lambda x: np.mean(x, where=[True, False]),
        lambda x: np.prod(x, where=[True, False]),
        lambda x: np.std(x, where=[True, False]),
        lambda x: np.var(x, mean=np.ones(1)),
        lambda x: np.reshape(x, (2, 1), order="F"),
        lambda x: np.ravel(x[None], order="F"),
        lambda x: np.reshape(x.reshape(1, 2), (2,), copy=True),
    ],
)
def test_a_keyword_has_the_right_gradient_or_is_refused(f):
    x = leaf([1.5, 2.5])
    try:
        y = f(x)
    except (NoRuleError, DetachError):
        return
    np.testing.assert_array_equal(y.data, np.asarray(f(x.data)))
    np.sum(y).backward()
    step = 1e-6
    for i in range(2):
        up, down = x.to_numpy(), x.to_numpy()
        up[i] += step
        down[i] -= step
        slope = (np.sum(f(up)) - np.sum(f(down))) / (2 * step)
        np.testing.assert_allclose(x.grad[i], slope, rtol=1e-6)


def test_order_f_is_a_permutation_or_refused():
    x = leaf(np.arange(6.0).reshape(2, 3))
    for f in (lambda x: np.reshape(x, 6, order="F"), lambda x: np.ravel(x, order="F")):
        try:
            y = f(x)
        except NoRuleError:
            continue
        np.testing.assert_array_equal(y.data, f(x.data))
        x.zero_grad()
        np.sum(y * np.arange(6.0)).backward()
        np.testing.assert_array_equal(x.grad, [[0, 2, 4], [1, 3, 5]])


def test_an_argument_that_is_missing_or_doubled_is_a_type_error():
    with pytest.raises(TypeError):
        np.matmul(leaf())
    with pytest.raises(TypeError):
        leaf().sum(0, axis=0)
    with pytest.raises(ArgumentError, match=r"no argument 'axs' \(test_dispatch.*'axis'"):
        leaf().sum(axs=0)


def test_operands_may_be_given_by_name():
    x = leaf()
    for y in (np.sum(a=x), np.sum(a=x, axis=0), np.sum(np.reshape(x, shape=(2, 1)))):
        x.zero_grad()
        y.backward()
        np.testing.assert_array_equal(x.grad, [1, 1])


def test_functions_that_ask_for_the_shape_answer_plainly():
    x = leaf(np.ones((2, 3)))
    assert np.shape(x) == (2, 3)
    assert np.ndim(x) == 2
    assert np.size(x) == 6
    assert np.result_type(x, np.float32) == np.float64
    assert np.iscomplexobj(x) is False
    assert not np.isrealobj(leaf(1j))
    assert not np.may_share_memory(x, np.ones(2))


def test_functions_without_a_gradient_give_constants():
    x = leaf([2.0, 1.0])
    for f in (np.argsort, np.argmax, np.isfinite, np.sign, np.floor, np.zeros_like, np.isnan):
        t = f(x)
        assert isinstance(t, mg.Tensor)
        assert not t.requires_grad
        np.testing.assert_array_equal(t.data, f(x.data))
    assert np.array_equal(x, [2.0, 1.0])
    assert np.allclose(x, x.data)


def test_under_no_grad_every_function_computes():
    x = leaf()
    with mg.no_grad():
        assert np.unwrap(x).tolist() == [1, 2]
        assert np.polyval([1.0, 0.0], mg.Tensor([3.0])).tolist() == [3]


def test_results_of_objects_stay_numpys():
    halves = np.frompyfunc(lambda v: v / 2, 1, 1)(mg.Tensor([1.0, 2.0]))
    assert type(halves) is np.ndarray
    assert halves.dtype == object


# Types that compute otherwise are refused: with both names, and never an object array

FOREIGN = {
    "F * x": lambda F, x: F * x,
    "x * F": lambda F, x: x * F,
    "F + x": lambda F, x: F + x,
    "x - F": lambda F, x: x - F,
    "F @ x": lambda F, x: F @ x,
    "x @ F": lambda F, x: x @ F,
    "np.add(F, x)": np.add,
    "np.add(x, F)": lambda F, x: np.add(x, F),
    "np.dot(x, F)": lambda F, x: np.dot(x, F),
    "np.stack": lambda F, x: np.stack([x, F]),
    "np.where": lambda F, x: np.where(F > 0, x, F),
    "F += x": lambda F, x: F.__iadd__(x),
}


@pytest.mark.parametrize("f", FOREIGN.values(), ids=FOREIGN)
def test_matrices_are_refused(f):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        F = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises((TypeError, InPlaceError), match=r"[mM]atrix|Tensor"):
        f(F, leaf())


@pytest.mark.parametrize("name", FOREIGN)
def test_masked_arrays_are_refused(name):
    F = np.ma.masked_array([1.0, 2.0], [True, False])
    with pytest.raises((TypeError, InPlaceError), match=r"MaskedArray|Tensor"):
        FOREIGN[name](F, leaf())


def test_comparing_with_a_matrix_or_a_masked_array_makes_no_tensor_of_one():
    x, masked = leaf(), np.ma.masked_array([1.0, 3.0], [True, False])
    for f in (np.greater, np.equal, np.floor_divide):
        with pytest.raises(TypeError, match="'Tensor', 'MaskedArray'"):
            f(x, masked)
    with pytest.raises(TypeError):
        x > masked  # noqa: B015 (it is what raises)


@pytest.mark.parametrize("f", FOREIGN.values(), ids=FOREIGN)
def test_pandas_series_are_refused_or_keep_the_gradient(f):
    pd = pytest.importorskip("pandas")
    x, s = leaf(), pd.Series([3.0, 4.0])
    try:
        y = f(s, x)
    except (TypeError, MicrogradError):
        return
    assert isinstance(y, mg.Tensor)
    np.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [1, 1])
    np.testing.assert_array_equal(y.data, f(s.to_numpy(), x.data))


def test_memory_mapped_arrays_are_arrays(tmp_path):
    c = np.memmap(tmp_path / "c", np.float64, "w+", shape=2)
    c[:] = [3.0, 4.0]
    for f in (np.multiply, lambda x, c: c * x, np.dot, lambda x, c: np.stack([x, c])[1] * x):
        x = leaf()
        np.sum(f(x, c)).backward()
        np.testing.assert_array_equal(x.grad, [3, 4])


@pytest.mark.parametrize("other", [None, {1.0}, object(), type])
def test_operands_that_are_no_numbers_are_named_by_python(other):
    for f in (lambda x: x + other, lambda x: other * x, lambda x: x @ other):
        with pytest.raises(TypeError, match=type(other).__name__):
            f(leaf())


@pytest.mark.parametrize("other", [[3.0, 4.0], (3.0, 4.0)])
def test_lists_of_numbers_are_constants(other):
    x = leaf()
    np.sum(x * other + np.add(other, x)).backward()
    np.testing.assert_array_equal(x.grad, [4, 5])


def test_classes_with_operators_of_their_own_have_the_last_word():
    class Unit:
        def __rmul__(self, x):
            return "metres", x

    x = leaf()
    assert x * Unit() == ("metres", x)


# No way out of the graph: every probe is an error, or has the right gradient

PROBES = {
    "a.dot(t)": lambda t, a: a.dot(t),
    "b[:] = t": lambda t, a: a.__setitem__(slice(None), t),
    "b[0] = t[0]": lambda t, a: a.__setitem__(0, t[0]),
    "b.fill": lambda t, a: a.fill(t[0]),
    "np.array": lambda t, a: np.array([t, t]),
    "np.asarray": lambda t, a: np.asarray(t),
    "np.asanyarray": lambda t, a: np.asanyarray(t),
    "np.ascontiguousarray": lambda t, a: np.ascontiguousarray(t),
    "np.float64": lambda t, a: np.float64(t[0]),
    "np.sum of a list": lambda t, a: np.sum([t, t]),
    "np.mean of a list": lambda t, a: np.mean([t[0], t[1]]),
    "np.full": lambda t, a: np.full(3, t[0]),
    "np.arange": lambda t, a: np.arange(t[1]),
    "np.linspace": lambda t, a: np.linspace(t[0], t[1], 3),
    "np.vectorize": lambda t, a: np.vectorize(lambda v: v * v)(t),
    "np.frompyfunc": lambda t, a: np.frompyfunc(lambda v: v * v, 1, 1)(t),
    "np.fromiter": lambda t, a: np.fromiter(t, float),
    "np.apply_along_axis": lambda t, a: np.apply_along_axis(np.sum, 0, t),
    "np.piecewise": lambda t, a: np.piecewise(t, [t.data > 1], [lambda v: v * v, 0]),
    "np.select": lambda t, a: np.select([t.data > 1], [t], 0.0),
    "np.copyto": lambda t, a: np.copyto(a, t),
    "np.put": lambda t, a: np.put(a, [0, 1], t),
    "np.place": lambda t, a: np.place(a, [True, True], t),
    "np.fill_diagonal": lambda t, a: np.fill_diagonal(np.eye(2), t),
    "np.polyval": lambda t, a: np.polyval(t, 2.0),
    "np.interp": lambda t, a: np.interp(t, a, a),
    "np.insert": lambda t, a: np.insert(a, 0, t),
    "np.r_": lambda t, a: np.r_[t, a],
    "np.add.at": lambda t, a: np.add.at(a, [0, 1], t),
    "np.nditer": lambda t, a: np.nditer(t),
    "np.random": lambda t, a: np.random.default_rng(0).normal(t[0], 1),
    "a.take": lambda t, a: a.take(t),
    "a.repeat": lambda t, a: a.repeat(t),
    "a.put": lambda t, a: a.put([0, 1], t),
    "a.choose": lambda t, a: np.array([0, 1]).choose([t, t]),
    "a.compress": lambda t, a: a.compress(t),
    "a.searchsorted": lambda t, a: a.searchsorted(t),
    "a.clip": lambda t, a: a.clip(t, 5.0),
    "a.sum": lambda t, a: a.sum(initial=t[0]),
    "memoryview": lambda t, a: memoryview(t),
    "from_dlpack": lambda t, a: np.from_dlpack(t),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_no_function_of_numpy_cuts_the_graph(probe):
    check_kept(lambda t: probe(t, np.array([1.0, 1.0])))


def check_kept(f):
    """Check that f raises, or gives a Tensor whose gradient is that of finite differences."""
    t = leaf([1.5, 2.5])
    try:
        y = f(t)
    except (TypeError, ValueError, AttributeError, InPlaceError):
        return
    assert isinstance(y, mg.Tensor)
    np.sum(y).backward()
    for i, unit in enumerate(np.eye(2) * 1e-6):
        up, down = (np.sum(f(mg.Tensor(t.data + s * unit))).item() for s in (1, -1))
        np.testing.assert_allclose(t.grad[i], (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


SCIPY = {
    "linalg.solve": lambda s, t: s.linalg.solve(np.eye(2), t),
    "linalg.norm": lambda s, t: s.linalg.norm(t),
    "signal.convolve": lambda s, t: s.signal.convolve(t, [1.0, 2.0]),
    "signal.lfilter": lambda s, t: s.signal.lfilter([1.0], [1.0], t),
    "integrate.quad": lambda s, t: s.integrate.quad(lambda v: v * t[0], 0, 1),
    "stats.boxcox_llf": lambda s, t: s.stats.boxcox_llf(t[0], np.array([1.0, 2.0, 3.0])),
    "special.polygamma": lambda s, t: s.special.polygamma(1, t),
    "special.logsumexp": lambda s, t: s.special.logsumexp(t),
    "special.softmax": lambda s, t: s.special.softmax(t),
    "interpolate.CubicSpline": lambda s, t: s.interpolate.CubicSpline([0.0, 1.0], t),
    "fft.fft": lambda s, t: s.fft.fft(t),
    "optimize.minimize": lambda s, t: s.optimize.minimize(lambda v: v @ t, np.zeros(2)),
    "sparse.csr_array": lambda s, t: s.sparse.csr_array(t),
}


@pytest.mark.parametrize("probe", SCIPY.values(), ids=SCIPY)
def test_no_function_of_scipy_cuts_the_graph(probe):
    scipy = pytest.importorskip("scipy")
    with pytest.raises((TypeError, ValueError)):
        probe(scipy, leaf([1.5, 2.5]))


@pytest.mark.parametrize(
    ("name", "said"),
    [("stats.norm.logpdf", r"logpdf of scipy\.stats .*mg\.stats has its own of norm"),
     ("stats.norm.cdf", r"cdf of scipy\.stats .*mg\.stats has"),
     ("special.softmax", r"softmax of scipy\.special .*mg\.special"),
     ("signal.fftconvolve", r"fftconvolve of scipy\.signal .*np\.convolve"),
     ("linalg.solve", r"solve of scipy\.linalg .*np\.linalg"),
     ("fft.fft", r"fft of scipy\.fft .*np\.fft"),
     ("interpolate.CubicSpline", r"CubicSpline of scipy\.interpolate .*np\.interp"),
     ("integrate.cumulative_trapezoid", r"cumulative_trapezoid of scipy\.integrate .*mg\.scan"),
     ("ndimage.gaussian_filter", r"gaussian_filter of scipy .*mg\.custom_vjp")],
)  # fmt: skip
def test_a_function_of_scipy_is_named_with_what_to_write_instead(name, said):
    scipy = pytest.importorskip("scipy")
    f = attrgetter(name)(scipy)
    arguments = {"linalg": (np.eye(2),), "interpolate": ([0.0, 1.0],), "ndimage": ()}
    second = {"signal": ([1.0, 2.0],), "ndimage": (1.0,)}
    package = name.split(".")[0]
    with pytest.raises(DetachError, match=said):
        f(*arguments.get(package, ()), leaf([1.5, 2.5]), *second.get(package, ()))


@pytest.mark.parametrize("name", ["brentq", "bisect", "root_scalar", "quad"])
def test_a_solver_of_scipy_is_named_with_what_to_write_instead(name):
    scipy = pytest.importorskip("scipy")
    solve = getattr(scipy.integrate if name == "quad" else scipy.optimize, name)
    ends = {"bracket": (-10.0, 10.0)} if name == "root_scalar" else {"a": -10.0, "b": 10.0}
    with pytest.raises(DetachError, match=rf"{name} of scipy.* plain number, which.*custom_vjp"):
        mg.grad(lambda s: solve(lambda x: x**3 + s * x - 3, **ends))(2.0)


@pytest.mark.parametrize(
    ("f", "name"),
    [(lambda t: np.mean([t, t]), "np.mean"),
     (lambda t: np.linalg.norm([t[0], t[1]]), "np.linalg.norm"),
     (lambda t: np.append([[1.0]], [[t[0]]]), "np.append")],
)  # fmt: skip
def test_a_list_of_tensors_is_to_be_joined(f, name):
    with pytest.raises(DetachError, match=rf"{name} .*lists\. Join .* {name}\(mg\.array\("):
        f(leaf([1.5, 2.5]))


def store(series, value):
    series.loc[0] = value


PANDAS = {
    "Series": lambda pd, t: pd.Series(t),
    "DataFrame": lambda pd, t: pd.DataFrame({"a": t}),
    "DataFrame of rows": lambda pd, t: pd.DataFrame(t.reshape(1, 2)),
    "a column": lambda pd, t: pd.DataFrame({"a": [0.0, 0.0]}).__setitem__("a", t),
    "Series.loc": lambda pd, t: store(pd.Series([0.0, 0.0]), t[0]),
    "Series.dot": lambda pd, t: pd.Series([0.0, 0.0]).dot(t),
    "DataFrame @": lambda pd, t: pd.DataFrame(np.eye(2)) @ t,
    "Index": lambda pd, t: pd.Index(t),
}


@pytest.mark.parametrize("probe", PANDAS.values(), ids=PANDAS)
def test_no_function_of_pandas_cuts_the_graph(probe):
    pd = pytest.importorskip("pandas")
    with pytest.raises((TypeError, ValueError)):
        probe(pd, leaf([1.5, 2.5]))


def test_a_series_of_tensors_keeps_their_gradients():
    pd = pytest.importorskip("pandas")
    x = leaf(3.0)
    total = (pd.Series([x, x * 2]) * 2).sum()
    total.backward()
    assert x.grad == 6


@pytest.mark.parametrize("make", ["tensor", "as_tensor", "from_numpy"])
def test_no_function_of_torch_cuts_the_graph(make):
    torch = pytest.importorskip("torch")
    with pytest.raises((TypeError, ValueError, RuntimeError)):
        getattr(torch, make)(leaf())


def test_matplotlib_plots_tensors():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    (line,) = pyplot.plot([0, 1], leaf())
    assert list(line.get_ydata()) == [1, 2]
    pyplot.close("all")


INTEGERS = [[1, 2, 3], [True, False, True], np.array([3, 1, 2], np.uint8), 2, [2**60 + 1, 5, 7]]
OF_TWO = [np.add, np.subtract, np.multiply, np.divide, np.power, np.arctan2, np.hypot, np.maximum,
          np.fmod, np.copysign, np.logaddexp, np.float_power, np.ldexp]  # fmt: skip


@pytest.mark.parametrize("function", OF_TWO, ids=lambda f: f.__name__)
@pytest.mark.parametrize("turned", [False, True])
def test_integers_beside_a_tensor_compute_what_numpy_computes_in_every_bit(function, turned):
    x = np.array([0.5, 1.5, 2.5])
    for k in map(np.array, INTEGERS):
        t = mg.Tensor(x, requires_grad=True)
        operands, tensors = ((k, x), (k, t)) if turned else ((x, k), (t, k))
        if function is np.ldexp and turned:
            with pytest.raises(TypeError):
                function(*tensors)
            continue
        with np.errstate(all="ignore"):
            true, found = function(*operands), function(*tensors).data
        assert (found.dtype, found.tobytes()) == (true.dtype, true.tobytes())

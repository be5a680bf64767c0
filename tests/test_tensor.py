"""The Tensor a user holds: how it is made, read, printed, copied, and differentiated."""

from __future__ import annotations

import asyncio
import copy
import gc
import math
import pickle
import statistics
import threading
import weakref

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import FreedGraphError, GraphError, ShapeError

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
COMPLEX = [np.complex64, np.complex128]


def leaf(values=(1.0, 2.0), name=None):
    return mg.Tensor(values, requires_grad=True, name=name)


# Making one


@pytest.mark.parametrize("value", [3.0, [1.0, 2.0], np.ones((2, 3)), np.float32(2), (1, 2), True])
def test_a_tensor_has_the_shape_and_dtype_that_numpy_gives(value):
    t, a = mg.Tensor(value), np.array(value)
    assert (t.shape, t.dtype, t.ndim, t.size) == (a.shape, a.dtype, a.ndim, a.size)
    assert (t.nbytes, t.itemsize) == (a.nbytes, a.itemsize)
    np.testing.assert_array_equal(t.data, a)


def test_a_tensor_copies_its_data():
    a = np.array([1.0, 2.0])
    t = mg.Tensor(a)
    a[0] = 9
    assert t.tolist() == [1, 2]
    assert not np.shares_memory(t.data, mg.Tensor(t.data).data)


def test_a_tensor_may_be_given_a_dtype_and_a_name():
    t = mg.Tensor([1, 2], dtype=np.float32, requires_grad=True, name="w")
    assert t.dtype == np.float32
    assert t.name == "w"
    t.name = "v"
    assert t.name == "v"


def test_a_tensor_of_constant_tensors_is_one_of_their_values():
    assert mg.Tensor([mg.Tensor(1.0), mg.Tensor(2.0)]).tolist() == [1, 2]
    assert mg.Tensor(mg.Tensor([1.0])).tolist() == [1]


@pytest.mark.parametrize("dtype", FLOATS + COMPLEX)
def test_values_and_gradients_keep_their_dtype(dtype):
    x = leaf(np.array([1, 2], dtype))
    y = np.sum(np.real((2 * x + 1) * x / 2 - 0.5) ** 2)
    y.backward()
    assert y.dtype == np.array(0, dtype).real.dtype
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("dtype", FLOATS)
def test_tensors_without_axes_keep_their_dtype(dtype):
    x = leaf(dtype(3))
    y = x * x + 2 * x + np.exp(x * 0)
    y.backward()
    assert y.dtype == x.grad.dtype == dtype
    assert x.grad.shape == ()
    assert type(x.grad) is np.ndarray
    assert x.grad == 8


def test_arrays_in_the_other_byte_order_are_turned_around():
    t = mg.Tensor(np.array([1.0, 2.0], ">f8"))
    assert t.dtype.isnative
    assert t.tolist() == [1, 2]


# Reading it


def test_only_what_was_computed_from_variables_requires_a_gradient():
    x, c = leaf(), mg.Tensor([1.0, 2.0])
    assert (x.requires_grad, x.is_leaf) == (True, True)
    assert (c.requires_grad, c.is_leaf) == (False, True)
    assert ((x * c).requires_grad, (x * c).is_leaf) == (True, False)
    assert ((c * c).requires_grad, (c * c).is_leaf) == (False, True)
    assert (x.detach().requires_grad, x.detach().is_leaf) == (False, True)


def test_detach_keeps_values_and_name():
    x = leaf(name="w")
    t = (x * 1).detach()
    assert t.tolist() == [1, 2]
    assert x.detach().name == "w"
    np.sum(x * x.detach()).backward()
    np.testing.assert_array_equal(x.grad, [1, 2])


def test_numbers_leave_the_graph_by_name():
    x = leaf([[1.5, 2.0]])
    assert x[0, 0].item() == 1.5
    assert x.item(0, 1) == x.item(1) == 2
    assert x.tolist() == [[1.5, 2.0]]
    assert type(leaf(1.0).item()) is float
    assert type(x.to_numpy()) is np.ndarray
    with pytest.raises(ValueError, match="size 1"):
        x.item()


def test_constants_convert_as_arrays_do():
    t = mg.Tensor(2.0)
    assert (float(t), int(t), complex(t), bool(t)) == (2.0, 2, 2 + 0j, True)
    assert np.asarray(mg.Tensor([1, 2])).dtype == np.int64
    assert np.asarray(mg.Tensor([1, 2]), dtype=float).dtype == np.float64
    assert np.array([mg.Tensor(1.0), mg.Tensor(2.0)]).tolist() == [1, 2]
    b = np.zeros(2)
    b[:] = mg.Tensor([1.0, 2.0])
    b[0] = mg.Tensor(5.0)
    assert b.tolist() == [5, 2]


def test_the_truth_of_one_entry_is_its_value():
    assert leaf(1.0)
    assert not leaf([[0.0]])
    with pytest.raises(ValueError, match=r"shape \(0,\) is ambiguous"):
        bool(mg.Tensor([]))


def test_length_and_iteration_follow_the_first_axis():
    x = leaf([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert len(x) == 3
    rows = list(x)
    assert [row.tolist() for row in rows] == [[1, 2], [3, 4], [5, 6]]
    (rows[0] @ rows[2]).backward()
    np.testing.assert_array_equal(x.grad, [[5, 6], [0, 0], [1, 2]])
    a, _, b = x[:, 0]
    assert (a * b).item() == 5
    assert sum(x[:, 1]).item() == 12
    assert max(x[:, 1]).item() == 6
    assert [v.item() for v in x.flat] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("f", [len, iter, list])
def test_a_tensor_without_axes_has_no_length(f):
    with pytest.raises(TypeError, match=r"without axes.*\(test_tensor\.py:\d+\)"):
        f(leaf(1.0))


def test_containment_compares_entries():
    x = leaf()
    assert 2 in x
    assert 3 not in x
    assert mg.Tensor(1.0) in x


def test_tensors_hash_by_identity():
    x, z = leaf(), leaf()
    assert len({x, z, x}) == 2
    assert hash(x) != hash(z)
    x.grad = np.ones(2)
    assert x in {x}


def test_there_is_no_room_for_misspelt_attributes():
    x = leaf()
    for name in ("gard", "requires_gard", "shape", "requires_grad"):
        with pytest.raises(AttributeError):
            setattr(x, name, None)


# Comparisons are constants, of use in other people's code


def test_comparisons_are_constants():
    x, a = leaf(), np.array([2.0, 2.0])
    for other in (a, 2.0, leaf(a), [2.0, 2.0]):
        values = other.data if isinstance(other, mg.Tensor) else other
        for f in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
            t = getattr(x, f)(other)
            assert not t.requires_grad
            assert t.dtype == bool
            np.testing.assert_array_equal(t.data, getattr(x.data, f)(np.asarray(values)))
    assert (a < x).tolist() == [False, False]
    assert (np.float64(2) == x).tolist() == [False, True]
    assert ((x > 1) & ~(x > 3) | (x < 0) ^ True).tolist() == [True, True]


def test_comparisons_with_what_is_no_number_are_false():
    x = leaf()
    assert (x == None).tolist() == [False, False]  # noqa: E711 (as NumPy answers it)
    assert (x == "a").tolist() == [False, False]
    assert (x != "a").tolist() == [True, True]


def test_masks_select_and_count():
    x = leaf([1.0, -2.0, 3.0])
    np.sum(x[x > 0] ** 2).backward()
    np.testing.assert_array_equal(x.grad, [2, 0, 6])
    assert np.sum(x > 0).item() == 2
    assert np.all(x > -5)
    assert np.any(x.data < 0)
    a = np.array([10.0, 20.0, 30.0])
    assert a[(x > 0).data].tolist() == [10, 30]
    assert a[np.asarray(x > 0)].tolist() == [10, 30]


def test_scikit_learn_takes_comparisons_and_detached_values():
    metrics = pytest.importorskip("sklearn.metrics")
    h, y = mg.nn.sigmoid(leaf([-1.0, 2.0, 3.0])), np.array([0, 1, 0])
    assert metrics.accuracy_score(y, h > 0.5) == pytest.approx(2 / 3)
    assert metrics.confusion_matrix(y, h > 0.5).tolist() == [[1, 1], [0, 1]]
    assert metrics.mean_squared_error(y, h.detach()) > 0
    with pytest.raises(TypeError, match="cut the graph"):
        metrics.mean_squared_error(y, h)


def test_pandas_takes_detached_values_only():
    pd = pytest.importorskip("pandas")
    x = leaf()
    assert pd.Series(x.detach()).tolist() == [1, 2]
    assert pd.DataFrame({"x": x.data, "mask": np.asarray(x > 1)}).shape == (2, 2)
    with pytest.raises(TypeError, match=r"cut the graph.*\(test_tensor\.py:\d+\)"):
        pd.Series(x)


# Printing it


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (mg.Tensor(1.5), "Tensor(1.5)"),
        (mg.Tensor([1, 2]), "Tensor([1, 2])"),
        (mg.Tensor([True]), "Tensor([ True])"),
        (leaf(name="w"), "Tensor([1., 2.], name='w', requires_grad=True)"),
        (mg.Tensor(np.ones(1, np.float32)), "Tensor([1.], dtype=float32)"),
        (mg.Tensor(1j), "Tensor(0.+1.j, dtype=complex128)"),
        (mg.Tensor(np.ones((2, 2))), "Tensor([[1., 1.],\n        [1., 1.]])"),
        (mg.Tensor([]), "Tensor([])"),
    ],
)
def test_a_tensor_prints_as_it_could_be_typed(t, text):
    assert repr(t) == str(t) == f"{t}" == text


def test_many_entries_are_printed_shortened():
    assert len(repr(mg.Tensor(np.zeros((1000, 1000))))) < 1000


def test_a_tensor_without_axes_is_formatted_as_a_number():
    x = leaf(3.14159)
    assert f"{x:.2f}" == "3.14"
    assert f"{x * 1000:,.0f}" == "3,142"
    assert f"{mg.Tensor(3):d}" == "3"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{leaf():.2f}"


# Copies are values


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
@pytest.mark.parametrize("value", [3.0, [1.0, 2.0], np.float32([[1, 2]])])
def test_copies_and_pickles_are_value_name_and_whether_a_gradient_is_required(value, twin):
    x = leaf(value, name="w")
    np.sum(x * x).backward()
    for t in (x, x.detach()):
        other = twin(t)
        assert other is not t
        assert repr(other) == repr(t)
        assert other.is_leaf
        assert other.grad is None
        assert not np.shares_memory(other.data, t.data) or not t.ndim


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_holds_no_graph(protocol):
    x = leaf(np.ones(1000))
    y = x
    for _ in range(100):
        y = y * x
    assert len(pickle.dumps(y, protocol)) < 40_000
    assert pickle.loads(pickle.dumps(y[:2], protocol)).tolist() == [1, 1]


def test_a_model_of_tensors_is_copied_deeply():
    model = {"w": leaf(), "layers": [leaf(1.0), leaf(2.0)]}
    twin = copy.deepcopy(model)
    np.sum(twin["w"] * twin["layers"][0]).backward()
    assert model["w"].grad is None
    np.testing.assert_array_equal(twin["w"].grad, [1, 1])


def test_shared_tensors_stay_shared_in_a_deep_copy():
    x = leaf()
    one, other = copy.deepcopy([x, x])
    assert one is other
    one, other = pickle.loads(pickle.dumps([x, x]))
    assert one is other


def test_the_copy_method_is_recorded():
    x = leaf()
    np.sum(x.copy() * x).backward()
    np.testing.assert_array_equal(x.grad, [2, 4])


# backward


def test_backward_of_one_entry_needs_no_gradient():
    for value in (3.0, [3.0], [[3.0]]):
        x = leaf(value)
        (x * x).backward()
        np.testing.assert_array_equal(x.grad, np.full(np.shape(value), 6))


@pytest.mark.parametrize(
    "seed", [[1.0, 2.0], np.array([1, 2]), mg.Tensor([1.0, 2.0]), np.float32([1, 2])]
)
def test_backward_takes_a_gradient_of_its_shape(seed):
    x = leaf([3.0, 4.0])
    (x * x).backward(gradient=seed)
    np.testing.assert_array_equal(x.grad, [6, 16])
    assert x.grad.dtype == np.float64


def test_backward_of_a_variable_gives_it_the_seed():
    x, z = leaf(), leaf(1.0)
    x.backward(np.array([3.0, 4.0]))
    z.backward()
    np.testing.assert_array_equal(x.grad, [3, 4])
    assert z.grad == 1


def test_gradients_add_up_over_uses_and_calls():
    x = leaf(3.0)
    (x * x + x * 2).backward()
    assert x.grad == 8
    (x * 10).backward()
    assert x.grad == 18
    x.zero_grad()
    assert x.grad is None
    (x * 10).backward()
    assert x.grad == 10


def test_a_gradient_may_be_set_and_removed():
    x = leaf()
    x.grad = [1, 2]
    assert x.grad.dtype == np.float64
    x.grad = None
    assert x.grad is None
    given = np.ones(2)
    x.grad = given
    assert not np.shares_memory(x.grad, given)
    with pytest.raises(ShapeError, match=r"\(3,\) for a Tensor of shape \(2,\) \(test_tensor\.py:"):
        x.grad = np.ones(3)


def test_intermediate_tensors_get_their_gradient_while_somebody_holds_them():
    x = leaf()
    z = x * 3
    h = z + 1
    np.sum(h * h).backward()
    np.testing.assert_array_equal(h.grad, 2 * h.data)
    np.testing.assert_array_equal(z.grad, 2 * h.data)
    np.testing.assert_array_equal(x.grad, 6 * h.data)


def test_constants_get_no_gradient():
    x, c = leaf(), mg.Tensor([3.0, 4.0])
    np.sum(x * c).backward()
    assert c.grad is None


def test_a_graph_may_be_used_by_several_results():
    x = leaf(2.0)
    z = x * x
    a, b = z * 3, z * 5
    a.backward()
    b.backward()
    assert x.grad == 32


def test_a_graph_that_was_given_up_says_so():
    x = leaf()
    z = x * 2
    y = np.sum(z * z)
    y.backward(retain_graph=False)
    np.testing.assert_array_equal(x.grad, [8, 16])
    assert y.item() == 20
    for again in (y.backward, (y * 2).backward, lambda: mg.gradients(y, x)):
        with pytest.raises(FreedGraphError, match=r"freed by backward\(retain_graph=False\)"):
            again()
    np.testing.assert_array_equal(x.grad, [8, 16])
    np.sum(x * x).backward()


def test_a_graph_that_was_given_up_frees_its_arrays():
    x = leaf(np.ones(10))
    z = x * 2
    kept = weakref.ref(z)
    y = np.sum(np.exp(z))
    del z
    y.backward(retain_graph=False)
    assert kept() is None


def test_variables_outlive_a_graph_that_was_given_up():
    x = leaf()
    for _ in range(3):
        y = np.sum(x * x)
        y.backward(retain_graph=False)
    np.testing.assert_array_equal(x.grad, [6, 12])
    x.backward(np.ones(2), retain_graph=False)
    assert x.is_leaf


def test_an_error_during_backward_leaves_every_grad_as_it_was():
    broken = mg.custom_vjp(lambda a: a * 1)
    broken.defvjp(lambda g: 1 / 0)
    x, z = leaf(), leaf()
    x.grad = [5.0, 5.0]
    y = np.sum(z * 3) + np.sum(broken(x * 2))
    with pytest.raises(ZeroDivisionError):
        y.backward()
    np.testing.assert_array_equal(x.grad, [5, 5])
    assert z.grad is None
    assert y.grad is None


def test_a_graph_dies_with_its_result_without_the_garbage_collector():
    gc.disable()
    try:
        x = leaf()
        y = np.sum(np.exp(x) * x)
        held = weakref.ref(y)
        y.backward()
        del y
        assert held() is None
    finally:
        gc.enable()


# no_grad


def test_nothing_is_recorded_under_no_grad():
    x = leaf()
    with mg.no_grad():
        y = np.sum(np.exp(x) @ x + x[0])
    assert not y.requires_grad
    assert (x * 2).requires_grad
    with pytest.raises(GraphError, match="no_grad"):
        y.backward()


def test_no_grad_decorates():
    @mg.no_grad()
    def predict(x):
        """Predict."""
        return x * 2

    x = leaf()
    assert not predict(x).requires_grad
    assert predict.__doc__ == "Predict."
    assert (x * 2).requires_grad


def test_no_grad_nests_and_ends_after_errors():
    x = leaf()
    with mg.no_grad():
        with mg.no_grad():
            pass
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    with pytest.raises(KeyError), mg.no_grad():
        raise KeyError
    assert (x * 2).requires_grad


def test_one_no_grad_may_be_entered_again():
    x, off = leaf(), mg.no_grad()
    for _ in range(2):
        with off:
            assert not (x * 2).requires_grad
        assert (x * 2).requires_grad


def test_no_grad_of_one_thread_is_not_that_of_another():
    x, seen = leaf(), []
    inside, done = threading.Event(), threading.Event()

    def other():
        inside.wait(5)
        seen.append((x * 2).requires_grad)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with mg.no_grad():
        inside.set()
        done.wait(5)
        assert not (x * 2).requires_grad
    thread.join(5)
    assert seen == [True]


def test_no_grad_of_one_task_is_not_that_of_another():
    x, seen = leaf(), []

    async def without():
        with mg.no_grad():
            await asyncio.sleep(0)
            seen.append((x * 2).requires_grad)
            await asyncio.sleep(0)

    async def recording():
        for _ in range(3):
            seen.append((x * 2).requires_grad)
            await asyncio.sleep(0)

    async def both():
        await asyncio.gather(without(), recording())

    asyncio.run(both())
    assert sorted(seen) == [False, True, True, True]


def test_transforms_differentiate_under_no_grad():
    with mg.no_grad():
        assert mg.grad(lambda x: x**2)(3.0) == 6


def test_threads_may_record_at_the_same_time():
    def work(results, i):
        x = leaf(float(i))
        y = x
        for _ in range(200):
            y = y * 1.0 + 1.0
        (y * y).backward()
        results[i] = x.grad.item()

    results = {}
    threads = [threading.Thread(target=work, args=(results, i)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {i: 2.0 * (i + 200) for i in range(8)}


# Methods and attributes are NumPy's

METHODS = {
    "sum": lambda t: t.sum(axis=0),
    "mean": lambda t: t.mean(0, keepdims=True),
    "prod": lambda t: t.prod(),
    "std": lambda t: t.std(axis=1),
    "var": lambda t: t.var(ddof=1),
    "max": lambda t: t.max(axis=1),
    "min": lambda t: t.min(),
    "cumsum": lambda t: t.cumsum(1),
    "cumprod": lambda t: t.cumprod(axis=0),
    "squeeze": lambda t: t[:1].squeeze(),
    "ravel": lambda t: t.ravel(),
    "flatten": lambda t: t.flatten(),
    "swapaxes": lambda t: t.swapaxes(0, 1),
    "repeat": lambda t: t.repeat(2, axis=1),
    "take": lambda t: t.take([0, 2, 2], axis=1),
    "compress": lambda t: t.compress([True, False, True], axis=1),
    "diagonal": lambda t: t.diagonal(),
    "trace": lambda t: t.trace(),
    "dot": lambda t: t.dot(t.T),
    "reshape": lambda t: t.reshape(3, 2),
    "reshape tuple": lambda t: t.reshape((-1,)),
    "transpose": lambda t: t.transpose(),
    "transpose axes": lambda t: t.transpose(1, 0),
    "astype": lambda t: t.astype(np.float32),
    "conj": lambda t: t.conj(),
    "T": lambda t: t.T,
    "mT": lambda t: t.mT,
    "real": lambda t: t.real,
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_methods_give_numpys_values_and_a_gradient(method):
    a = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 4.0]])
    x = leaf(a)
    y = method(x)
    np.testing.assert_allclose(y.data, method(a), rtol=1e-6)
    assert y.dtype == method(a).dtype
    np.sum(y).backward()
    assert x.grad.shape == a.shape
    assert x.grad.dtype == a.dtype


CONSTANT_METHODS = {
    "argmax": lambda t: t.argmax(axis=1),
    "argmin": lambda t: t.argmin(),
    "argsort": lambda t: t.argsort(axis=1),
    "all": lambda t: t.all(),
    "any": lambda t: t.any(axis=0),
    "round": lambda t: t.round(),
    "nonzero": lambda t: t.nonzero()[0],
    "//": lambda t: t // 2,
    "imag": lambda t: t.imag,
}


@pytest.mark.parametrize("method", CONSTANT_METHODS.values(), ids=CONSTANT_METHODS)
def test_piecewise_constant_methods_give_numpys_values(method):
    a = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 4.0]])
    np.testing.assert_array_equal(np.asarray(method(mg.Tensor(a))), method(a))


def test_operators_work_from_both_sides():
    x, a = leaf([2.0, 3.0]), np.array([4.0, 5.0])
    for f in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "matmul", "divmod"):
        left, right = (getattr(x, f"__{p}{f}__")(a) for p in ("", "r"))
        for got, want in (
            (left, getattr(x.data, f"__{f}__")(a)),
            (right, getattr(x.data, f"__r{f}__")(a)),
        ):
            got = np.stack([t.data for t in got]) if isinstance(got, tuple) else got.data
            np.testing.assert_array_equal(got, np.array(want))
    assert (-x).tolist() == [-2, -3]
    assert (+x).tolist() == abs(-x).tolist() == [2, 3]


@pytest.mark.parametrize("f", [round, math.trunc, statistics.mean])
def test_functions_of_python_that_need_a_float_are_type_errors(f):
    with pytest.raises(TypeError):
        f(leaf())


def test_no_grad_is_a_decorator_with_and_without_parentheses():
    x = mg.Tensor(2.0, requires_grad=True)

    @mg.no_grad
    def bare(x):
        return x * x

    @mg.no_grad()
    def called(x):
        return x * x

    assert not bare(x).requires_grad
    assert not called(x).requires_grad
    assert (x * x).requires_grad

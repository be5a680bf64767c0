"""Corners where a gradient was once lost, doubled or aliased without a word."""

from __future__ import annotations

import copy
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np import modes
from micrograd_np.errors import ArgumentError, GraphError, ShapeError, TooLargeError
from micrograd_np.sweeps import reverse


def leaf(value):
    return mg.Tensor(value, requires_grad=True)


def test_a_function_may_rebind_its_argument_in_place():
    def f(x):
        y = x**3
        x *= 3
        return np.sum(y + x)

    assert np.array_equal(mg.hessian(f)(np.ones(2)), 6 * np.eye(2))


def test_forward_mode_of_general_rules_works_under_no_grad():
    with mg.no_grad():
        assert mg.jvp(np.prod, (np.array([2.0, 3.0]),), (np.ones(2),)) == (6.0, 5.0)


def test_a_pull_passes_gradients_on_to_its_cotangent():
    _, pull = mg.vjp(np.sin, np.array([0.0, 1.0]))
    g = mg.grad(lambda c: np.sum(pull(c)[0]))(np.ones(2))
    assert np.allclose(g, np.cos([0.0, 1.0]))


def test_gradients_pass_on_to_their_cotangent():
    x = leaf([0.0, 1.0])
    y = np.sin(x)
    g = mg.grad(lambda v: np.sum(mg.gradients(y, x, v)))(np.ones(2))
    assert np.allclose(g, np.cos([0.0, 1.0]))


def test_the_last_write_to_a_repeated_index_gets_the_gradient():
    y, v = leaf(np.ones(3)) * 1, leaf([1.0, 2.0])
    y[[0, 0]] = v
    np.sum(y).backward()
    assert np.array_equal(v.grad, [0, 1])


@pytest.mark.parametrize("f", [np.fmax, np.fmin])
def test_the_number_beside_a_nan_gets_the_gradient(f):
    assert mg.grad(f, (0, 1))(np.nan, 3.0) == (0.0, 1.0)


def test_copies_inside_a_transform_lose_no_gradient():
    assert mg.grad(lambda x: copy.copy(x) ** 2)(3.0) == 6.0
    assert mg.grad(lambda x: copy.deepcopy(x) ** 2)(3.0) == 6.0


def test_the_variance_of_complex_numbers_has_the_conjugate():
    z = np.array([1 + 2j, -1j, 0.5])
    g = mg.grad(np.var)(z)
    assert np.allclose(g, 2 * np.conj(z - z.mean()) / 3)


def test_a_mean_of_very_many_float16_numbers_has_a_gradient():
    g = mg.grad(lambda x: np.mean(x))(np.ones(70_000, np.float16))
    assert g.dtype == np.float16
    assert np.all(g > 0)


def test_dicts_are_paired_by_key():
    f = lambda p: p["a"] + 10 * p["b"]
    assert mg.jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 0.0, "a": 1.0},))[1] == 1.0
    with pytest.raises(mg.errors.ArgumentError, match="different structure"):
        mg.jvp(f, ({"a": 1.0, "b": 2.0},), ({"a": 0.0, "c": 1.0},))


def test_an_argument_chosen_twice_is_refused():
    with pytest.raises(mg.errors.ArgumentError, match="twice"):
        mg.grad(lambda x: x**2, argnums=(0, 0))


def test_positional_arguments_of_sums_mean_what_they_mean_to_numpy():
    x = leaf(np.ones((2, 3)))
    assert np.sum(x, 0, None, None, True).shape == (1, 3)
    with pytest.raises(mg.errors.InPlaceError):
        np.sum(x, 0, None, np.zeros(3))


def test_a_rule_of_the_users_own_cannot_alias_or_change_anything():
    @mg.custom_vjp
    def f(x):
        x += 1
        return x

    f.defvjp(lambda g, x: x)
    x = leaf([1.0, 2.0])
    np.sum(f(x)).backward()
    x.grad *= 10
    assert np.array_equal(x.data, [1.0, 2.0])


def test_a_rule_cannot_change_its_cotangent():
    f = mg.custom_vjp(lambda x: x * 1)

    def spoiling(g):
        g *= 2
        return g

    f.defvjp(spoiling)
    with pytest.raises(ValueError, match="read-only"):
        f(leaf([1.0])).backward()
    x = leaf([3.0])
    (x * 1).backward()
    assert x.grad == 1


def test_keyword_only_arguments_reach_a_function_of_the_users_own():
    @mg.custom_vjp
    def f(x, *, n):
        return x * n

    assert f(2.0, n=3) == 6.0


@pytest.mark.parametrize("write", ["v[0] = 9.0", "np.add(v, 1.0, out=v)", "v += 1.0"])
@pytest.mark.parametrize("tracked", [True, False])
def test_a_write_to_a_view_is_refused(write, tracked):
    y = mg.Tensor([1.0, 2.0, 3.0], requires_grad=tracked) * 1
    v = y[1:]
    with pytest.raises(mg.errors.InPlaceError, match=r"y\[1:3\] \+= 1"):
        exec(write, {"np": np, "v": v})


def test_rows_of_a_leaf_cannot_be_updated_as_if_they_were_views():
    w = leaf(np.ones((2, 2)))
    with mg.no_grad():
        row = next(iter(w))
        with pytest.raises(mg.errors.InPlaceError):
            row -= 1.0


def test_take_along_axis_reaches_every_line():
    x, index = np.arange(12.0).reshape(3, 4), np.array([[1, 2]])
    assert np.array_equal(
        np.take_along_axis(leaf(x), index, 1).data, np.take_along_axis(x, index, 1)
    )


def test_zeros_of_a_cotangent_are_structural():
    with np.errstate(divide="ignore", invalid="ignore"):
        jacobian = mg.jacobian(np.sqrt, mode="reverse")(np.array([0.0, 4.0]))
    assert np.array_equal(jacobian, [[np.inf, 0], [0, 0.25]])


def test_one_context_of_no_grad_may_be_entered_twice():
    context = mg.no_grad()
    with context, context:
        assert not (leaf(1.0) * 1).requires_grad
    assert (leaf(1.0) * 1).requires_grad


def test_a_cumulative_sum_of_a_number_has_its_shape():
    assert mg.grad(lambda x: np.sum(np.cumsum(x, axis=0)))(np.array(2.0)).shape == ()


def test_a_checkpoint_keeps_its_arguments_as_they_were():
    c, x = np.array([2.0, 3.0]), leaf([1.0, 1.0])
    y = np.sum(mg.checkpoint(lambda x, c: x * c)(x, c))
    c[:] = 100.0
    y.backward()
    x.grad[:] = 0
    y.backward()
    assert np.array_equal(x.grad, [2.0, 3.0])


def test_several_arrays_are_not_dropped():
    x, z = leaf(1.0), leaf(2.0)
    one, two = np.atleast_1d(x, z)
    np.sum(one + 3 * two).backward()
    assert (one.shape, two.shape, x.grad, z.grad) == ((1,), (1,), 1, 3)


@pytest.mark.parametrize("name", ["no_grad", "debug", "named"])
def test_what_runs_later_or_never_is_not_decorated(name):
    def f():
        yield 1

    class Layer:
        pass

    decorator = getattr(mg, name)
    for wrong, said in [(f, "f, which runs later"), (Layer, "Layer.__call__ or .forward, not")]:
        with pytest.raises(ArgumentError, match=rf"{name}.* {said}.*") as caught:
            decorator(wrong)
        assert "(test_corners.py:" in str(caught.value)


@pytest.mark.parametrize("name", ["no_grad", "debug"])
@pytest.mark.parametrize("value", [3, False, "layer"])
def test_a_value_in_place_of_a_function_to_decorate_is_refused(name, value):
    with pytest.raises(ArgumentError, match=rf"{name} decorates .*{value!r} \(test_corn.*`with mg"):
        getattr(mg, name)(value)


@pytest.mark.parametrize("name", [3, None, "", b"layer"])
def test_a_scope_is_named_by_a_text(name):
    with pytest.raises(ArgumentError, match=r"text or a function.*\(test_corners.*`with mg.named"):
        mg.named(name)


def test_letters_of_length_1_broadcast_in_einsum():
    x, y = np.ones((1, 3)), np.arange(6.0).reshape(2, 3)
    g = mg.grad(lambda x: np.sum(np.einsum("ij,ij->i", x, y)))(x)
    assert np.array_equal(g, y.sum(axis=0, keepdims=True))


def test_no_update_is_lost_when_threads_add_to_one_leaf():
    w, interval = leaf(1.0), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: (w * 1).backward(), range(400)))
    finally:
        sys.setswitchinterval(interval)
    assert w.grad == 400


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("f", "x"), [(lambda x: x * (1 + 2j), 1.0), (np.abs, 1 + 1j)])
def test_a_jacobian_between_real_and_complex_numbers_is_refused(f, x, mode):
    with pytest.raises(mg.errors.ArgumentError, match=r"np\.real and np\.imag"):
        mg.jacobian(f, mode=mode)(x)


def test_an_update_that_does_not_fit_says_so():
    w = leaf([1.0, 2.0])
    with mg.no_grad(), pytest.raises(mg.errors.ShapeError, match="keeps the shape"):
        w -= np.ones((3, 2))
    n = mg.Tensor([1, 2])
    with mg.no_grad(), pytest.raises(mg.errors.DtypeError, match="dtype=float"):
        n += 0.5


def test_any_view_is_known_as_one():
    y = leaf([1.0, 2.0]) * 1
    v = np.expand_dims(y, 0)
    with pytest.raises(mg.errors.InPlaceError):
        v += 1.0


@pytest.mark.parametrize("function", [np.linspace, np.logspace, np.geomspace])
def test_a_plain_number_at_one_end_keeps_the_precision_of_the_other(function):
    for ends in (
        (1, np.float32(2)),
        (np.ones(2, np.float32), 3.0),
        (1, np.float64(2)),
        (np.complex64(1j), 2.0),
    ):
        expected = function(*ends, 4)
        tensors = [mg.Tensor(x, requires_grad=True) if hasattr(x, "dtype") else x for x in ends]
        found = function(*tensors, 4)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found.detach(), expected, rtol=1e-6)


def test_the_transpose_of_einsum_multiplies_pair_by_pair(monkeypatch):
    asked = []
    einsum = np.einsum

    def spy(*args, **kwargs):
        asked.append(kwargs.get("optimize"))
        return einsum(*args, **kwargs)

    _, pull = mg.vjp(lambda *xs: einsum("ij,jk,kl->il", *xs), *np.ones((3, 2, 2)))
    monkeypatch.setattr(np, "einsum", spy)
    pull(np.ones((2, 2)))
    assert asked == [True] * 3  # all at once takes the product of all lengths


# What leaves traces behind


def waiting():
    with mg.no_grad():
        yield 1
        yield 2


@pytest.mark.parametrize("transform", [mg.grad, mg.jacobian, mg.elementwise_grad])
def test_a_generator_that_waits_in_no_grad_loses_no_gradient_silently(transform):
    left = waiting()

    def f(x):
        next(left)
        return np.sum(x * x)

    with pytest.raises(GraphError, match="f left a `with"):
        transform(f)(np.ones(2))
    assert (leaf(1.0) * 2).requires_grad
    assert np.array_equal(mg.grad(lambda x: np.sum(x * x))(np.ones(2)), [2.0, 2.0])


def test_a_generator_that_runs_to_its_end_in_f_is_no_matter():
    assert mg.grad(lambda x: x * sum(waiting()))(1.0) == 3.0


def test_an_interrupt_within_a_transform_leaves_no_trace():
    def f(x):
        with mg.named("part"), mg.no_grad():
            raise KeyboardInterrupt

    for transformed in (mg.grad(f), mg.jit(mg.grad(f)), mg.grad(mg.checkpoint(f)), mg.hessian(f)):
        with pytest.raises(KeyboardInterrupt):
            transformed(np.ones(2))
        assert (modes.current.get(), modes.running.get()) == (None, None)


def test_an_interrupt_in_the_sweep_keeps_its_name(monkeypatch):
    class Interrupted:
        def __enter__(self):
            raise KeyboardInterrupt

        def __exit__(self, *_):
            raise TypeError("expected an instance of Token, got None")  # as np.errstate does

    monkeypatch.setattr(reverse, "SILENT", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        mg.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))(np.ones(2))


def test_a_class_of_tensors_is_refused():
    with pytest.raises(ArgumentError, match="Parameter: Tensor is final"):
        type("Parameter", (mg.Tensor,), {})


# Rules within rules


@pytest.mark.parametrize("outer", [lambda f: f, mg.jit])
def test_a_rule_may_call_transforms(outer):
    @mg.custom_vjp
    def slope(x):
        return mg.grad(lambda z: np.sum(z**3))(x)

    slope.defvjp(lambda g, x: g * mg.grad(lambda z: np.sum(3 * z**2))(x))
    x = np.array([1.0, 2.0])
    assert np.array_equal(outer(mg.grad(lambda x: np.sum(slope(x))))(x), 6 * x)
    assert np.array_equal(outer(mg.hessian(lambda x: np.sum(slope(x))))(x), 6 * np.eye(2))


def test_a_derivative_of_the_users_cannot_change_what_others_kept():
    @mg.custom_vjp
    def f(x):
        return x * 1.0

    f.defvjp(lambda g, x: g * np.multiply(x, 0, out=x))
    with pytest.raises(ValueError, match="read-only"):
        mg.grad(lambda x: np.sum(np.sin(x) + f(x)))(np.ones(2))


def test_a_derivative_that_returns_nothing_is_named():
    f = mg.custom_vjp(lambda x: x * 1.0)
    f.defvjp(lambda g: None)
    with pytest.raises(ShapeError, match="returned None: is a return statement missing"):
        mg.grad(lambda x: np.sum(f(x)))(np.ones(2))


def test_a_matrix_of_derivatives_that_has_no_room_is_refused_at_once():
    x = np.zeros(10**7)
    for f in (mg.jacobian(lambda x: 2 * x), mg.hessian(lambda x: np.sum(x * x))):
        with pytest.raises(TooLargeError, match=r"800 TB .*Use products with it: vjp, jvp, hvp"):
            f(x)


def test_dots_of_einsum_that_the_result_lacks_are_refused_as_numpy_does():
    x = leaf(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"Write '\.\.\.' after the arrow too"):
        np.einsum("...i->i", x)
    assert np.einsum("...i->i", x[0]).shape == (3,)


@pytest.mark.parametrize("f", [np.median, np.nanmedian])
@pytest.mark.parametrize(("shape", "axis"), [((0,), None), ((0, 3), 0), ((2, 0), (0, 1))])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_the_median_of_nothing_is_nan_as_numpys(f, shape, axis):
    x = leaf(np.ones(shape))
    y = f(x, axis=axis)
    np.testing.assert_array_equal(y.data, f(x.data, axis=axis))
    np.sum(y).backward()
    assert x.grad.shape == shape

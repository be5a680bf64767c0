"""Transforms: argnums, trees, aux, nesting, modes, gradients of a graph already built."""

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks import arguments, notebooks

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, DtypeError, GraphError, ShapeError
from micrograd_np.testing import strategies
from micrograd_np.testing.strategies import arrays, numbers

x3 = np.array([0.5, -1.0, 2.0])


def loss(w, b, x=1.0, *, scale=1.0):
    return np.sum((w * x + b) ** 2) * scale


# Which arguments


@pytest.mark.parametrize("argnums", [0, "w", -2, np.int64(0)])
def test_an_argument_is_chosen_by_position_or_name(argnums):
    assert mg.grad(loss, argnums)(2.0, 3.0) == 10


@pytest.mark.parametrize("argnums", [(0, 1), ("w", "b"), ("w", 1), [0, "b"]])
def test_several_arguments_give_a_tuple(argnums):
    assert mg.grad(loss, argnums)(2.0, 3.0, 4.0) == (88, 22)


def test_keywords_can_be_chosen():
    assert mg.grad(loss, "scale")(2.0, 3.0, scale=2.0) == 25
    assert mg.grad(loss, ("b", "w"))(b=3.0, w=2.0) == (10, 10)
    assert mg.grad(loss, 1)(2.0, b=3.0) == 10


@pytest.mark.parametrize(
    ("argnums", "words"),
    [(5, "argnums=5"), ("v", "argnums='v'"), (None, "None"), (True, "True")],
)
def test_an_argument_that_is_not_there_is_an_error(argnums, words):
    with pytest.raises(ArgumentError, match=words):
        mg.grad(loss, argnums)(2.0, 3.0)


def test_an_unused_argument_has_gradient_zero_in_its_shape():
    g = mg.grad(lambda x, y: np.sum(x), 1)(x3, np.ones((2, 1), np.float32))
    assert (g.shape, g.dtype) == ((2, 1), np.float32)
    assert not g.any()


# Trees and aux


class Layer(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Net:
    layers: Any
    scale: Any


def test_gradients_have_the_structure_of_their_argument():
    net = Net([Layer(x3, 1.0), {"w": x3, "none": None}], (2.0,))

    def f(net):
        h = net.layers[0].w * net.scale[0] + net.layers[0].b
        return np.sum(h * net.layers[1]["w"])

    g = mg.grad(f)(net)
    assert isinstance(g, Net)
    assert isinstance(g.layers[0], Layer)
    assert g.layers[1]["none"] is None
    np.testing.assert_allclose(g.layers[0].w, 2 * x3)
    assert g.layers[0].b == np.sum(x3)
    np.testing.assert_allclose(g.layers[1]["w"], 2 * x3 + 1)
    np.testing.assert_allclose(g.scale, np.sum(x3 * x3))


def test_vjp_and_jvp_pass_trees_through():
    f = lambda p: {"sum": p["a"] + p["b"], "product": [p["a"] * p["b"]]}
    p = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
    out, pull = mg.vjp(f, p)
    assert list(out) == ["sum", "product"]
    (q,) = pull({"sum": np.ones(2), "product": [np.ones(2)]})
    np.testing.assert_array_equal(q["a"], 1 + p["b"])
    _, t = mg.jvp(f, (p,), ({"a": np.ones(2), "b": np.zeros(2)},))
    np.testing.assert_array_equal(t["product"][0], p["b"])


def test_aux_is_returned_beside_the_gradient_as_arrays():
    f = lambda x: (np.sum(x * x), {"twice": 2 * x, "text": "said"})
    g, aux = mg.grad(f, has_aux=True)(x3)
    np.testing.assert_array_equal(g, 2 * x3)
    assert type(aux["twice"]) is np.ndarray
    assert aux["text"] == "said"
    (value, _), _ = mg.value_and_grad(f, has_aux=True)(x3)
    assert value == np.sum(x3 * x3)
    with pytest.raises(ArgumentError, match="aux"):
        mg.grad(lambda x: np.sum(x), has_aux=True)(x3)


# Nesting


def test_derivatives_nest_to_any_order():
    f = np.sin
    for order in range(1, 6):
        f = mg.grad(f)
        assert f(0.3) == pytest.approx(math.sin(0.3 + order * math.pi / 2), abs=1e-14)


MIXED = {
    "reverse over reverse": lambda f: lambda x: mg.grad(lambda y: mg.grad(f)(y))(x),
    "forward over reverse": lambda f: lambda x: mg.jvp(mg.grad(f), (x,), (1.0,))[1],
    "reverse over forward": lambda f: mg.grad(lambda y: mg.jvp(f, (y,), (1.0,))[1]),
    "forward over forward": lambda f: (
        lambda x: mg.jvp(lambda y: mg.jvp(f, (y,), (1.0,))[1], (x,), (1.0,))[1]
    ),
    "reverse over vjp": lambda f: mg.grad(lambda y: mg.vjp(f, y)[1](1.0)[0]),
    "hvp": lambda f: lambda x: mg.hvp(f, x, 1.0),
    "hessian": lambda f: mg.hessian(f),
    "jacobian of jacobian": lambda f: mg.jacobian(mg.jacobian(f)),
    "through checkpoint": lambda f: mg.grad(mg.grad(mg.checkpoint(f))),
    "through gradients": lambda f: mg.grad(lambda x: mg.gradients(f(x), [x])[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_modes_nest_in_each_other(name):
    second = MIXED[name](lambda x: np.sin(x) * np.exp(x / 2))
    exact = np.exp(0.35) * (np.cos(0.7) - 0.75 * np.sin(0.7))
    assert second(0.7) == pytest.approx(exact, rel=1e-13)


CONFUSING = {
    "x d(x + y)/dy": (lambda d: d(lambda x: x * d(lambda y: x + y)(1.0))(1.0), 1.0),
    "x d(x y)/dy": (lambda d: d(lambda x: x * d(lambda y: x * y)(2.0))(3.0), 6.0),
    "at the outer variable": (lambda d: d(lambda x: d(lambda y: x * y * y)(x))(3.0), 12.0),
    "inner constant": (lambda d: d(lambda x: x * d(lambda y: x)(2.0))(3.0), 0.0),
    "twice": (
        lambda d: d(lambda x: d(lambda y: x**2 * y**3)(x) * d(lambda z: z * x)(1.0))(2.0), 240.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFUSING)
@pytest.mark.parametrize("outer", ["forward", "reverse"])
def test_perturbations_are_not_confused(name, outer):
    def d(f):
        return mg.grad(f) if outer == "reverse" else lambda x: mg.jvp(f, (x,), (1.0,))[1]

    f, right = CONFUSING[name]
    assert f(d) == pytest.approx(right)


def test_a_tangent_that_requires_a_gradient_goes_through_products():
    a, v = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    f = lambda x: a.T @ x @ a.T
    g = mg.grad(lambda v: np.sum(mg.jvp(f, (a,), (v,))[1]))(v)
    np.testing.assert_allclose(g, mg.grad(lambda x: np.sum(f(x)))(a))
    cube = lambda x: np.sum(x @ x.T @ x)
    h = mg.grad(lambda v: np.sum(mg.hvp(cube, a, v)))(v)
    np.testing.assert_allclose(h, mg.hvp(cube, a, v), rtol=1e-13)  # it is symmetric


def test_a_tensor_outside_stays_in_the_graph():
    w = mg.Tensor(2.0, requires_grad=True)
    g = mg.grad(lambda x: w * x**3)(3.0)
    assert g == 54
    t = mg.Tensor(3.0, requires_grad=True)
    mg.grad(lambda x: w * x**3)(t).backward()
    assert t.grad == 36
    assert w.grad == 27


# Modes agree, on any program


@given(strategies.programs(), arrays((3,), numbers(0.1, 1)))
def test_jacobian_is_the_same_in_every_mode(program, x):
    f = lambda x: np.stack([program(x, x * x, 0.5), np.sum(x)]) * x[0]
    modes = [mg.jacobian(f, mode=mode)(x) for mode in ("forward", "reverse", "auto")]
    scale = np.max(np.abs(modes[0])) + 1
    for other in modes[1:]:
        np.testing.assert_allclose(other, modes[0], rtol=1e-11, atol=1e-12 * scale)


@given(strategies.programs(), arrays((3,), numbers(0.1, 1)), arrays((3,)))
def test_hvp_is_hessian_times_vector(program, x, v):
    f = lambda x: program(x, np.cos(x), 0.5)
    hessian = mg.hessian(f)(x)
    scale = np.max(np.abs(hessian)) + 1
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-12 * scale)
    np.testing.assert_allclose(mg.hvp(f, x, v), hessian @ v, atol=1e-11 * scale)


def test_jacobian_has_the_shape_of_output_and_input():
    X = np.arange(6.0).reshape(2, 3)
    for mode in ("forward", "reverse"):
        j = mg.jacobian(lambda x: x.T * 2, mode=mode)(X)
        assert j.shape == (3, 2, 2, 3)
        blocks = mg.jacobian(lambda a, b: {"s": a + b}, argnums=(0, 1), mode=mode)(x3, 1.0)
        assert blocks["s"][0].shape == (3, 3)
        assert blocks["s"][1].shape == (3,)
        assert mg.jacobian(lambda x: 5.0, mode=mode)(x3).shape == (3,)
    with pytest.raises(ArgumentError, match="sideways"):
        mg.jacobian(np.sin, mode="sideways")


def test_elementwise_grad_is_the_derivative_at_each_point():
    x = np.linspace(-2, 2, 7)
    np.testing.assert_allclose(mg.elementwise_grad(np.tanh)(x), 1 / np.cosh(x) ** 2)
    np.testing.assert_allclose(mg.elementwise_grad(mg.elementwise_grad(np.sin))(x), -np.sin(x))


# Results are the caller's own


def test_results_are_fresh_arrays():
    x = np.ones(3)
    value, g = mg.value_and_grad(lambda x: np.sum(x))(x)
    _, (a, b) = mg.value_and_grad(lambda x, y: np.sum(x + y), (0, 1))(x, x)
    out, pull = mg.vjp(lambda x: x, x)
    for result in (g, a, b, out, *pull(x), *mg.jvp(lambda x: x, (x,), (x,))):
        assert type(result) is np.ndarray
        assert result.flags.writeable
        assert not np.shares_memory(result, x)
    assert not np.shares_memory(a, b)
    assert type(value) is np.float64


def test_pull_may_be_called_many_times():
    _, pull = mg.vjp(lambda x: x * x, x3)
    for k in (1.0, 2.0, 3.0):
        np.testing.assert_array_equal(pull(np.full(3, k))[0], 2 * k * x3)


class Pair(NamedTuple):
    a: object
    b: object


def test_a_named_tuple_is_one_argument():
    f = lambda p: np.sum(p.a**2 * p.b)
    p = Pair(x3, 2.0)
    out, moved = mg.jvp(f, p, p)
    assert (out, moved) == (2 * np.sum(x3**2), 6 * np.sum(x3**2))
    second = mg.hvp(f, p, p)
    np.testing.assert_array_equal(second.a, 8 * x3)
    assert second.b == 2 * np.sum(x3**2)
    mg.testing.check_grads(f, p)


def test_a_pull_of_several_results_is_one_sweep():
    runs = []

    def by_x(g, x):
        runs.append(1)
        return g * np.cos(x)

    sine = mg.custom_vjp(np.sin)
    sine.defvjp(by_x)
    out, pull = mg.vjp(lambda x: (s := sine(x), {"twice": 2 * s, "x": x, "number": 1.0}, s), x3)
    gs = np.ones(3), {"twice": x3, "x": x3**2, "number": 5.0}, x3
    (g,) = pull(gs)
    assert len(runs) == 1
    np.testing.assert_allclose(g, (1 + 3 * x3) * np.cos(x3) + x3**2)
    g[:] = 0  # nothing that somebody else holds
    np.testing.assert_array_equal(gs[1]["x"], x3**2)
    np.testing.assert_array_equal(out[1]["x"], x3)


# gradients of a graph already built


def test_gradients_leave_grad_alone():
    x = mg.Tensor(3.0, requires_grad=True)
    z = x * x
    y = np.sin(z) * z
    gx, gz = mg.gradients(y, (x, z))
    assert x.grad is None
    assert gx.item() == pytest.approx(6 * gz.item())
    assert mg.gradients(z, {"x": x})["x"] == 6
    assert np.array_equal(mg.gradients(x * np.ones(2), x, np.array([1.0, 2.0])), 3.0)


def test_a_penalty_on_gradients_reaches_the_weights():
    w, x = (mg.Tensor(v, requires_grad=True) for v in ([0.5, -0.3], [0.2, 0.7]))
    g = mg.gradients(np.sum(np.sin(w * x)), x)
    np.sum(g**2).backward()
    expected = mg.grad(lambda w: np.sum(mg.grad(lambda x: np.sum(np.sin(w * x)))(x.data) ** 2))(
        w.data
    )
    np.testing.assert_allclose(w.grad, expected, rtol=1e-14)


def test_gradients_are_tensors_of_their_own_and_constants_under_no_grad():
    x, y = (mg.Tensor(v, requires_grad=True) for v in ([1.0, 2.0], [3.0, 4.0]))
    total, seed = x + y, mg.Tensor(np.ones(2))
    gx, gy = mg.gradients(total, [x, y], seed)
    gx += 1
    np.testing.assert_array_equal(gy.data, [1, 1])
    np.testing.assert_array_equal(seed.data, [1, 1])
    cubes = np.sum(x**3)
    with mg.no_grad():
        g = mg.gradients(cubes, x)
    assert not g.requires_grad
    np.testing.assert_array_equal(g.data, [3, 12])


def test_gradients_say_what_is_not_in_the_graph():
    x = mg.Tensor(3.0, requires_grad=True)
    other = mg.Tensor(np.ones(2), requires_grad=True, name="other")
    with pytest.raises(GraphError, match="'other'"):
        mg.gradients(x * x, [x, other])
    _, zero = mg.gradients(x * x, [x, other], allow_unused=True)
    assert zero.shape == (2,)
    with pytest.raises(GraphError, match="requires no gradient"):
        mg.gradients(x.detach() * 2, [x])


# Misuse


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mg.grad(3.0), ArgumentError, "needs a function"),
        (lambda: mg.grad(lambda x: x)(x3), ArgumentError, "must return a scalar"),
        (lambda: mg.grad(lambda x: "3.0")(1.0), ArgumentError, "it returned a str"),
        (lambda: mg.grad(lambda d: d["w"])({"w": 1.0, "act": "relu"}), DtypeError, r"'relu'.*own"),
        (lambda: mg.grad(np.sum)(np.ma.array(x3, mask=x3 > 1)), DtypeError, r"masked.*where="),
        (lambda: mg.hvp(np.sum(x3), x3, x3), ArgumentError, r"Write hvp\(f, x, t\)"),
        (lambda: mg.grad(lambda x: None)(1.0), ArgumentError, "return"),
        (lambda: mg.grad(lambda x: x)(1), DtypeError, "integer"),
        (lambda: mg.grad(lambda x: x)(1 + 1j), ArgumentError, "real scalar"),
        (lambda: mg.grad(lambda x: x.item() ** 2)(2.0), ArgumentError, "item"),
        (lambda: mg.jvp(np.sin, (x3,), (np.ones(2),)), ShapeError, "tangent"),
        (lambda: mg.jvp(np.add, (x3, x3), (x3,)), ShapeError, "1 tangents for 2"),
        (lambda: mg.vjp(np.sin, x3)[1](np.ones(2)), ShapeError, r"\(2,\)"),
        (lambda: mg.vjp(np.sin, x3)[1]([x3, x3]), ShapeError, "2 cotangents"),
    ],
)
def test_misuse_is_an_error_that_says_so(call, error, words):
    with pytest.raises(error, match=words):
        call()


def yielding(x):
    yield np.sum(x)


async def awaiting(x):
    return np.sum(x)


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("f", [yielding, awaiting])
@pytest.mark.parametrize(
    "transform",
    [
        lambda f, x: mg.grad(f)(x),
        lambda f, x: mg.vjp(f, x),
        lambda f, x: mg.jvp(f, (x,), (x,)),
        lambda f, x: mg.jacobian(f)(x),
        lambda f, x: mg.jit(f)(x),
    ],
)
def test_a_function_that_runs_later_is_refused(transform, f):
    with pytest.raises(ArgumentError, match=r"returned a (generator|coroutine).*\(test_transforms"):
        transform(f, np.ones(2))


@pytest.mark.parametrize("argnums", [np.ones(2), mg.Tensor(1.0, requires_grad=True), 1.5, True])
def test_arguments_in_place_of_argnums_are_told_at_once(argnums):
    with pytest.raises(
        ArgumentError, match=r"positions or names.*\(test_transforms.*grad\(f\)\(x\)"
    ):
        mg.grad(np.sum, argnums)


def test_the_transform_that_was_called_is_named():
    with pytest.raises(ShapeError, match=r"^hvp: a tangent has shape \(3,\)"):
        mg.hvp(np.sum, np.ones(2), np.ones(3))


@pytest.mark.parametrize("wrong", ["x", np.ones(2), [np.ones(2)]])
def test_gradients_are_by_tensors(wrong):
    x = mg.Tensor(np.ones(2), requires_grad=True)
    with pytest.raises(ArgumentError, match=r"inputs are Tensors.*\(test_transforms.*mg\.grad"):
        mg.gradients(np.sum(x), wrong)


@given(notebooks(), st.integers(0, 99))
def test_hvp_of_a_notebook_is_the_gradient_of_the_gradient_times_a_vector(loss, seed):
    args = tuple(arguments(seed).values())
    every, vs = tuple(range(len(args))), tuple(arguments(seed + 1).values())

    def directional(*args):
        return sum(np.sum(g * v) for g, v in zip(mg.grad(loss, every)(*args), vs, strict=True))

    pairs = zip(mg.hvp(loss, args, vs), mg.grad(directional, every)(*args), strict=True)
    for found, true in pairs:
        np.testing.assert_allclose(found, true, rtol=1e-9, atol=1e-11 * max(1, np.abs(true).max()))


def doubled(w):
    w *= 2
    return np.sum(w**3)


def first_replaced(w):
    w[0] = 5.0
    return np.sum(w**3)


def doubled_in_a_tree(p):
    p["w"] *= 2
    p["w"][1:] += p["w"][0]
    return np.sum(p["w"] ** 3)


def out_given(w):
    np.multiply(w, w, out=w)
    return np.sum(w)


CHANGING = {  # functions that change their argument, and the same without
    "w *= 2": (doubled, lambda w: np.sum((2 * w) ** 3)),
    "w[0] = 5": (first_replaced, lambda w: 125 + np.sum(w[1:] ** 3)),
    "out=w": (out_given, lambda w: np.sum(w * w)),
}
OF_ONE_ARGUMENT = {
    "grad": mg.grad,
    "value_and_grad": mg.value_and_grad,
    "jit(grad)": lambda f: mg.jit(mg.grad(f)),
    "grad(checkpoint)": lambda f: mg.grad(mg.checkpoint(f)),
    "jacobian": mg.jacobian,
    "jacobian, forward": lambda f: mg.jacobian(f, mode="forward"),
    "hessian": mg.hessian,
    "jvp": lambda f: lambda w: mg.jvp(f, (w,), (w[::-1],)),
    "hvp": lambda f: lambda w: mg.hvp(f, w, w[::-1]),
    "vjp": lambda f: lambda w: mg.vjp(f, w)[1](1.0),
}


@pytest.mark.parametrize("transform", OF_ONE_ARGUMENT)
@pytest.mark.parametrize("name", CHANGING)
def test_a_function_may_change_its_argument_in_place(name, transform):
    changing, pure = CHANGING[name]
    w = np.array([1.0, -2.0, 0.5])
    found = OF_ONE_ARGUMENT[transform](changing)(w)
    expected = OF_ONE_ARGUMENT[transform](pure)(w)
    for a, b in zip(mg.tree.flatten(found)[0], mg.tree.flatten(expected)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)
    np.testing.assert_array_equal(w, [1.0, -2.0, 0.5])


def test_a_function_may_change_its_tree_of_arguments_in_place():
    def pure(p):
        w = 2 * p["w"]
        return w[0] ** 3 + np.sum((w[1:] + w[0]) ** 3)

    p = {"w": np.array([1.0, -2.0, 0.5])}
    found = mg.grad(doubled_in_a_tree)(p)
    np.testing.assert_allclose(found["w"], mg.grad(pure)(p)["w"], rtol=1e-14)
    np.testing.assert_array_equal(p["w"], [1.0, -2.0, 0.5])


def test_a_parameter_that_a_function_reads_does_not_change_in_it():
    w = mg.Tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        w.__imul__(2)
        return np.sum(w * x)

    with pytest.raises(mg.errors.InPlaceError, match="leaf requires a gradient"):
        mg.grad(f)(np.ones(2))


@pytest.mark.parametrize("transform", [
    lambda f, t: mg.hvp(lambda x: np.sum(f(x) * x), t, np.ones(2)),
    lambda f, t: mg.jvp(f, (t,), (np.ones(2),))[1],
    lambda f, t: mg.vjp(f, t)[1](np.ones(2))[0],
    lambda f, t: mg.grad(lambda x: np.sum(f(x)))(t),
    lambda f, t: mg.jacobian(f)(t),
    lambda f, t: mg.hessian(lambda x: np.sum(f(x) * x))(t),
])  # fmt: skip
@pytest.mark.parametrize("f", [lambda x: 2 * x, lambda x: x**3, np.floor])
def test_a_tensor_that_requires_a_gradient_gives_tensors(f, transform):
    t = mg.Tensor([1.0, 2.0], requires_grad=True)
    assert isinstance(transform(f, t), mg.Tensor)


CLOSED = {  # transforms of a function that closes over a Tensor: W**2 * t by W, in arrays
    "grad": lambda t, w: mg.grad(lambda u: np.sum(u**2 * t))(w),
    "value": lambda t, w: mg.value_and_grad(lambda u: np.sum(u**2 * t))(w)[0],
    "vjp": lambda t, w: mg.vjp(lambda u: u**2 * t, w)[1](w)[0],
    "vjp, value": lambda t, w: mg.vjp(lambda u: u**2 * t, w)[0],
    "jvp": lambda t, w: mg.jvp(lambda u: u**2 * t, (w,), (w,))[1],
    "jvp, tangent": lambda t, w: mg.jvp(lambda u: u**2, (w,), (t,))[1],
    "jacobian": lambda t, w: mg.jacobian(lambda u: u**2 * t)(w),
    "jacobian, forward": lambda t, w: mg.jacobian(lambda u: u**2 * t, mode="forward")(w),
    "hessian": lambda t, w: mg.hessian(lambda u: np.sum(u**2 * t))(w),
    "hvp": lambda t, w: mg.hvp(lambda u: np.sum(u**2 * t), w, w),
    "hvp, tangent": lambda t, w: mg.hvp(lambda u: np.sum(u**3), w, t),
    "elementwise_grad": lambda t, w: mg.elementwise_grad(lambda u: u**2 * t)(w),
    "checkpoint": lambda t, w: mg.checkpoint(lambda: mg.grad(lambda u: np.sum(u**2 * t))(w))(),
    "checkpoint of t": lambda t, w: mg.checkpoint(lambda t: mg.grad(lambda u: np.sum(u**2 * t))(w))(
        t
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_the_gradient_of_a_gradient_reaches_what_the_function_closes_over(name):
    f, at, w = CLOSED[name], np.array([1.0, -2.0]), np.array([0.3, 0.5])
    t = mg.Tensor(at, requires_grad=True)
    np.sum(f(t, w) ** 2).backward()

    def penalty(t):
        return np.sum(f(t, w) ** 2)

    np.testing.assert_allclose(mg.grad(penalty)(at), t.grad, rtol=1e-14)
    mg.testing.check_grads(penalty, at, order=1)


@pytest.mark.parametrize("name", CLOSED)
def test_derivatives_are_arrays_where_nothing_is_recorded(name):
    w, t = np.array([0.3, 0.5]), mg.Tensor([1.0, -2.0], requires_grad=True)
    assert not isinstance(CLOSED[name](t.detach().data, w), mg.Tensor)
    with mg.no_grad():
        found = CLOSED[name](t, w)
    assert not (isinstance(found, mg.Tensor) and found.requires_grad)

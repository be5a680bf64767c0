"""Rules of the user's own, stop_gradient, checkpoint."""

from functools import partial

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, DetachError, ShapeError
from micrograd_np.rule import Elementwise
from micrograd_np.testing import check_grads

x3 = np.array([0.5, -1.0, 2.0])


def test_stop_gradient_cuts_trees():
    f = lambda p: np.sum(p["a"] * mg.stop_gradient(p)["a"])
    np.testing.assert_array_equal(mg.grad(f)({"a": x3})["a"], x3)
    assert mg.stop_gradient(2.0) == 2.0


# custom_vjp


@mg.custom_vjp
def scaled(x, scale, power=2):
    """Return scale * x**power."""
    return scale * x**power


scaled.defvjp(
    lambda g, x, scale, power: g * scale * power * x ** (power - 1),
    lambda g, x, power: np.sum(g * x**power),
)


def test_a_right_custom_rule_passes_every_check():
    check_grads(lambda x, s: scaled(x, s), (x3, 2.0))
    check_grads(lambda x, s: scaled(x, s, power=3), (x3, 2.0))
    check_grads(lambda x: scaled(x, 2.0, 3), x3)


def test_a_custom_function_computes_arrays_as_it_is():
    assert scaled(3.0, 2.0) == 18
    assert scaled.__name__ == "scaled"
    assert scaled.__doc__.startswith("Return scale")
    t = mg.Tensor(3.0)
    assert not scaled(t, 2.0).requires_grad


def test_a_custom_rule_may_read_the_result():
    exp = mg.custom_vjp(lambda x: np.exp(x))
    exp.defvjp(lambda g, out: g * out)
    check_grads(exp, x3)


def product(x, y, power=1):
    return x * y**power


class Slope:
    def by_x(self, g, y, power):
        return g * y**power

    def __call__(self, g, power, x, y):
        return g * x * power * y ** (power - 1)


@pytest.mark.parametrize(
    "by_y",
    [lambda g, power, y, x: g * x * power * y ** (power - 1),
     lambda g, *, power, x, y: g * x * power * y ** (power - 1),
     partial(lambda s, g, power, x, y: g * s * x * power * y ** (power - 1), 1.0),
     Slope()],
    ids=["first", "by keyword", "partial", "object"],
)  # fmt: skip
def test_what_a_derivative_reads_may_stand_in_any_order(by_y):
    f = mg.custom_vjp(product)
    f.defvjp(Slope().by_x, by_y)
    check_grads(lambda x, y: f(x, y, 3), (x3, np.array([1.5, 2.5, 0.5])))
    check_grads(f, (x3, np.array([1.5, 2.5, 0.5])), order=1)


def test_an_argument_may_be_called_as_the_cotangent_is():
    drop = mg.custom_vjp(lambda g: 0.5 * g)
    drop.defvjp(lambda g: 0.5 * g)
    assert mg.grad(drop)(9.81) == 0.5


def test_an_argument_without_a_derivative_gets_zeros():
    f = mg.custom_vjp(lambda x, y: x * np.floor(y))
    f.defvjp(lambda g, y: g * np.floor(y), None)
    check_grads(f, (x3, np.array([1.5, 2.5, 0.5])))


def test_a_parameter_that_requires_a_gradient_is_refused():
    with pytest.raises(DetachError, match="power"):
        scaled(mg.Tensor(x3, requires_grad=True), 2.0, mg.Tensor(2.0, requires_grad=True))


def test_a_derivative_that_reads_what_is_not_there_is_refused_at_once():
    f = mg.custom_vjp(lambda x: x)
    for vjp in (lambda g, z: g, lambda g, z, x: g):
        with pytest.raises(ArgumentError, match=r"reads 'z' .*cotangent g, .* out, .*result, x:"):
            f.defvjp(vjp)
    for vjp in (lambda x, g: g, lambda out, x: lambda g: g, lambda: 1):
        with pytest.raises(ArgumentError, match="takes the cotangent g"):
            f.defvjp(vjp)
    with pytest.raises(ArgumentError, match="2 derivatives for the 1"):
        f.defvjp(lambda g: g, lambda g: g)
    with pytest.raises(ArgumentError, match="defvjp"):
        mg.grad(mg.custom_vjp(lambda x: x))(1.0)


def test_a_cotangent_of_a_wrong_shape_is_refused_and_no_grad_changes():
    f = mg.custom_vjp(lambda x: np.sum(x))
    f.defvjp(lambda g: g)
    t, u = mg.Tensor(x3, requires_grad=True), mg.Tensor(2.0, requires_grad=True)
    y = f(t * 1) * u
    with pytest.raises(ShapeError, match=r"shape \(\) for an argument of shape \(3,\)"):
        y.backward()
    assert t.grad is None
    assert u.grad is None


@pytest.mark.parametrize("x", [1.0, x3])
def test_a_derivative_that_returns_a_function_is_told_to_return_the_cotangent(x):
    f = mg.custom_vjp(lambda x: x * 2.0)
    f.defvjp(lambda ans, x: lambda g: 2.0 * g)  # as HIPS autograd has them
    with pytest.raises(ArgumentError, match=r"returned a function .*lambda g, out, x:"):
        mg.grad(lambda x: np.sum(f(x)))(x)


def test_an_error_inside_a_derivative_names_the_function():
    @mg.custom_vjp
    def fragile(x):
        return x * 2

    def broken(g):
        raise ZeroDivisionError("mine")

    fragile.defvjp(broken)
    with pytest.raises(ZeroDivisionError) as caught:
        mg.grad(fragile)(1.0)
    assert "fragile" in caught.value.__notes__[0]


# Trees


def layer(p, state, rate=0.5):
    """A layer of parameters and a state, of NumPy's functions."""
    z = np.tanh(p["w"] * state["h"] + p["b"][0])
    return {"h": rate * z + state["h"], "sums": (np.sum(z), z * p["b"][1])}


def by_p(g, p, state, out, rate):
    h = state["h"]
    gz = rate * g["h"] + g["sums"][0] + g["sums"][1] * p["b"][1]
    z = (out["h"] - h) / rate
    at = gz * (1 - z**2)
    return {"w": at * h, "b": [np.sum(at), np.sum(g["sums"][1] * z)]}


def by_state(g, p, state, out, rate):
    at = (rate * g["h"] + g["sums"][0] + g["sums"][1] * p["b"][1]) * (
        1 - ((out["h"] - state["h"]) / rate) ** 2
    )
    return {"h": g["h"] + at * p["w"]}


ruled_layer = mg.custom_vjp(layer)
ruled_layer.defvjp(by_p, by_state)
TREES = {"w": x3, "b": [np.float64(0.3), np.float64(-0.7)]}, {"h": x3 / 2}
PARTS = {
    "all": lambda out: np.sum(out["h"] ** 2) + out["sums"][0] * np.sum(out["sums"][1]),
    "one": lambda out: np.sum(out["h"] ** 2),
    "last": lambda out: np.sum(out["sums"][1]),
}
WAYS = {
    "grad": lambda f: mg.value_and_grad(f, (0, 1))(*TREES),
    "one argument": lambda f: mg.grad(f, "state")(*TREES),
    "jit": lambda f: mg.jit(mg.grad(f, (0, 1)))(*TREES),
    "checkpoint": lambda f: mg.grad(mg.checkpoint(f))(*TREES),
    "second": lambda f: mg.hessian(lambda w: f({**TREES[0], "w": w}, {"h": w / 2}))(x3),
    "forward": lambda f: mg.jvp(f, TREES, TREES),
    "constant within": lambda f: mg.grad(lambda w: f({**TREES[0], "w": w}, TREES[1]))(x3),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_custom_function_of_trees_has_the_derivatives_declared(way, part):
    twice = lambda f: lambda p, state: part(f(p, {"h": f(p, state)["h"]}, rate=0.25))
    found, expected = (mg.tree.flatten(way(twice(f)))[0] for f in (ruled_layer, layer))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_derivative_declared_for_a_tree_is_the_one_that_is_used():
    f = mg.custom_vjp(lambda p, x: p["w"] * x)
    f.defvjp(lambda g: {"w": 100.0 * g}, lambda g: 10.0 * g)
    assert mg.grad(f)({"w": 1.0}, 2.0) == {"w": 100}
    assert mg.grad(f, 1)({"w": 1.0}, 2.0) == 10
    w = mg.Tensor(1.0, requires_grad=True)
    f({"w": w}, 2.0).backward()
    assert w.grad == 100


def test_a_derivative_by_a_tree_runs_once_a_sweep():
    runs = []

    def by_p(g, p):
        runs.append(1)
        return {"w": g[0] + g[1], "b": g[1]}

    f = mg.custom_vjp(lambda p: (p["w"], p["w"] + p["b"]))
    f.defvjp(by_p)
    g = mg.grad(lambda p: np.sum(f(p)[0] * f(p)[1]))({"w": x3, "b": x3})
    assert len(runs) == 2  # f is called twice
    np.testing.assert_allclose(g["w"], 3 * x3)
    np.testing.assert_allclose(g["b"], x3)


def test_a_derivative_by_a_tree_returns_one_like_it():
    f = mg.custom_vjp(lambda p: p["w"] * p["b"])
    f.defvjp(lambda g: {"w": g})
    with pytest.raises(ArgumentError, match=r"derivative of <lambda> by 'p': trees of different"):
        mg.grad(f)({"w": 1.0, "b": 2.0})
    f.defvjp(lambda g: {"w": g, "b": np.ones(2)})
    with pytest.raises(ShapeError, match=r"shape \(2,\) for an argument of shape \(\)"):
        mg.grad(f)({"w": 1.0, "b": 2.0})


def test_a_parameter_in_a_tree_that_requires_a_gradient_is_refused():
    f = mg.custom_vjp(lambda x, options: x * options["scale"])
    f.defvjp(lambda g, options: g * options["scale"])
    assert mg.grad(f)(1.0, {"scale": 3.0}) == 3
    with pytest.raises(DetachError, match="options"):
        mg.grad(lambda x: f(x, {"scale": x}))(1.0)


def test_a_list_of_numbers_is_an_array_and_one_of_arrays_a_tree():
    f = mg.custom_vjp(lambda x, y: np.sum(x[0] * y))
    f.defvjp(None, lambda g, x: g * x[0])
    assert mg.grad(f, 1)([2.0, 3.0], 1.0) == 2
    np.testing.assert_array_equal(mg.grad(f, 1)([x3, x3], x3), x3)


def test_the_first_call_is_like_those_after_it():
    runs = []

    @mg.custom_vjp
    def f(x, y):
        runs.append(type(y))
        return x * y

    f.defvjp(lambda g, y: g * y, lambda g, x: g * x)
    for _ in range(3):
        np.testing.assert_array_equal(
            mg.grad(lambda x: np.sum(f(x, [1.0, 2.0, 3.0])))(x3), [1, 2, 3]
        )
    assert runs == [np.ndarray] * 3


# checkpoint


@mg.checkpoint
def block(p, x):
    return np.tanh(p["w"] * x + p["b"])


def plain(p, x):
    return np.tanh(p["w"] * x + p["b"])


def test_a_checkpoint_changes_no_derivative():
    p = {"w": x3, "b": np.float64(0.3)}
    check_grads(block, (p, x3))
    f = lambda g: mg.grad(lambda p, x: np.sum(g(p, g(p, x))), (0, 1))(p, x3)
    for a, b in zip(*(mg.tree.flatten(f(g))[0] for g in (block, plain)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_a_checkpoint_takes_arguments_by_name():
    f = mg.checkpoint(lambda x, scale=1.0, *, power: scale * x**power)
    g = mg.grad(lambda s: np.sum(f(x3, scale=s, power=2)))(3.0)
    assert g == np.sum(x3**2)


def test_a_checkpoint_computes_arrays_as_they_are():
    np.testing.assert_array_equal(block({"w": 2.0, "b": 1.0}, x3), plain({"w": 2.0, "b": 1.0}, x3))


def test_what_a_checkpoint_closes_over_is_differentiated():
    w = mg.Tensor(2.0, requires_grad=True)
    v = w * w
    y = mg.checkpoint(lambda x: np.sin(x) * v + w)(mg.Tensor(0.5, requires_grad=True))
    y.backward()
    assert w.grad == pytest.approx(4 * np.sin(0.5) + 1)
    second = mg.grad(mg.grad(lambda a: mg.checkpoint(lambda x: x * a**3)(2.0)))(3.0)
    assert second == pytest.approx(36)


def test_an_operand_that_a_checkpoint_does_not_use_gets_zeros():
    f = mg.checkpoint(lambda x, y: np.sum(x))
    _, zero = mg.grad(f, (0, 1))(x3, np.ones((2, 1)))
    assert zero.shape == (2, 1)
    assert not zero.any()


def test_a_checkpoint_runs_again_once_a_sweep_and_keeps_nothing():
    runs = []

    @mg.checkpoint
    def counted(x, y):
        runs.append(1)
        return np.sin(x) * y

    _, pull = mg.vjp(counted, 1.0, 2.0)
    assert len(runs) == 1
    pull(1.0)
    assert len(runs) == 2
    pair = mg.checkpoint(lambda x, y: (counted(x, y), y * y))
    mg.grad(lambda x, y: sum(pair(x, y)), (0, 1))(1.0, 2.0)
    assert len(runs) == 5  # and the checkpoint within once more


def test_a_checkpoint_obeys_no_grad():
    with mg.no_grad():
        assert not block({"w": mg.Tensor(1.0, requires_grad=True), "b": 0.0}, 1.0).requires_grad


def cell(p, state, x):
    h, c = state["h"], state["c"]
    c = mg.nn.sigmoid(p["w"] * x) * c + np.tanh(h * x)
    return {"h": np.sin(c) * h, "c": c, "above": c > 0, "none": None}, [x, np.ones(2), 3.0]


@pytest.mark.parametrize("asked", ["h", "c", "both"])
def test_a_checkpoint_of_trees_changes_no_derivative(asked):
    p, state = {"w": x3}, {"h": 0.1 * x3, "c": x3**2}

    def loss(cell):
        def f(p, state, x):
            for _ in range(3):
                state, (x, ones, _) = cell(p, state, x)
            return sum(np.sum(state[k] ** 2) for k in "hc" if asked in (k, "both")) + np.sum(ones)

        return f

    ways = {
        "all": lambda f: mg.value_and_grad(f, (0, 1, 2))(p, state, x3 + 1),
        "forward": lambda f: mg.jacobian(f, argnums=2, mode="forward")(p, state, x3 + 1),
        "second": lambda f: mg.hessian(lambda x: f({"w": x}, state, x))(x3 + 1),
        "compiled": lambda f: mg.jit(mg.grad(f))(p, state, x3 + 1),
    }
    for name, way in ways.items():
        found, expected = (mg.tree.flatten(way(loss(c)))[0] for c in (mg.checkpoint(cell), cell))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, err_msg=name)


def test_a_checkpoint_keeps_results_that_have_no_gradient():
    out, (x, ones, number) = mg.checkpoint(cell)({"w": x3}, {"h": x3, "c": x3}, x3)
    assert out["none"] is None
    assert number == 3.0
    np.testing.assert_array_equal(ones, [1, 1])
    np.testing.assert_array_equal(x, x3)


def test_structural_zeros_pass_through_a_checkpoint_of_several_results():
    pair = mg.checkpoint(lambda x: (np.sqrt(x), x * 2))
    f = lambda x: np.sum(np.where(x > 0, pair(x)[0], 0.0)) + np.sum(pair(x)[1])
    np.testing.assert_array_equal(mg.grad(f)(np.array([0.0, 4.0])), [2, 2.25])


def test_a_checkpoint_returns_arrays():
    for wrong in ("text", None, {"a": object()}):
        with pytest.raises(ArgumentError, match="must return arrays"):
            mg.grad(mg.checkpoint(lambda x: wrong))(1.0)  # noqa: B023


def test_a_bare_ufunc_may_get_a_derivative_of_its_own():
    f = mg.custom_vjp(np.sin)
    f.defvjp(lambda g, x: 2 * g * np.cos(x))
    assert mg.grad(f)(0.0) == 2.0
    assert f(0.0) == 0.0


@pytest.mark.parametrize(
    ("shape", "axes"), [((4,), "0"), ((3, 1), "1"), ((1, 1), "0, 1"), ((), "0, 1")]
)
def test_a_derivative_that_was_not_summed_is_told_over_which_axes(shape, axes):
    f = mg.custom_vjp(lambda x, y: x + y)
    f.defvjp(lambda g: g, lambda g: g)
    with pytest.raises(ShapeError, match=f"sum it over axis {axes}, along which"):
        mg.grad(lambda y: np.sum(f(np.ones((3, 4)), y)))(np.ones(shape))


CONSTANT_INSIDE = {
    "a Hessian that is constant": lambda v: mg.hvp(lambda u: np.sum(u * u), v, np.ones(3)),
    "a slope that is constant": lambda v: mg.grad(lambda u: np.sum(2 * u))(v),
    "a tangent that is constant": lambda v: mg.jvp(lambda u: 2 * u, (v,), (np.ones(3),))[1],
    "a Tensor made inside": lambda _: mg.Tensor(np.ones(3)),
    "a comparison": lambda v: (v > 0) * 1.0,
    "a stopped gradient": mg.stop_gradient,
}


@pytest.mark.parametrize("name", CONSTANT_INSIDE)
def test_a_checkpoint_may_give_what_does_not_depend_on_its_arguments(name):
    f = mg.checkpoint(CONSTANT_INSIDE[name])
    v = np.array([0.5, -1.0, 2.0])
    np.testing.assert_array_equal(mg.grad(lambda v: np.sum(f(v) * v))(v), f(v))
    np.testing.assert_array_equal(mg.grad(lambda v: np.sum(f(v)))(v), [0, 0, 0])
    np.testing.assert_array_equal(mg.hessian(lambda v: np.sum(f(v)))(v), np.zeros((3, 3)))


# Functions of C that tell nothing of their parameters, as NumPy's before 2.4


class Silent:
    __name__ = "silent"

    @property
    def __signature__(self):
        raise ValueError("no signature found")

    def __call__(self, x, condition):
        return x


def test_a_rule_may_read_parameters_of_a_function_that_tells_none():
    rule = Elementwise(Silent(), [lambda g, condition: g])
    assert rule.accepted == {"condition"}
    with pytest.raises(ArgumentError, match="reads 'condition'"):
        Elementwise(np.sort, [lambda g, condition: g])

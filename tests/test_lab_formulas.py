"""The lab's formulas, derived by hand, against the library: rows 2, 3, 9, 10, 11, 16 of the lab."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.errors import GradientError
from micrograd_np.testing import check_gradient
from micrograd_np.testing.strategies import arrays, numbers


def sigmoid(z):
    return 1 / (1 + np.e ** (-z))


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def affine(x, w, b):
    return w * x + b


# Rows 2 and 3: one neuron, and the target


@given(numbers(-5, 5, kinks=[0.0]), numbers(-5, 5))
def test_a_neuron_fires_at_minus_b_over_w_with_slope_w_over_4(w, b):
    neuron = lambda x: sigmoid(affine(x, w, b))
    value, slope = mg.value_and_grad(neuron)(-b / w)
    assert value == pytest.approx(0.5, abs=1e-12)
    assert slope == pytest.approx(w / 4, rel=1e-12)


@given(numbers(-4, 4))
def test_the_sigmoid_has_the_derivative_of_the_lab(z):
    check_gradient(sigmoid, {"z": sigmoid_derivative}, z)
    check_gradient(lambda z: mg.nn.sigmoid(z), {"z": sigmoid_derivative}, z)


@given(numbers(-3, 3))
def test_the_gaussian_has_the_derivative_of_the_lab(x):
    check_gradient(lambda x: np.exp(-x * x), {"x": lambda x: -2 * x * np.exp(-x * x)}, x)


# Rows 9 to 11: the 1-2-1 network, with vectors and with numbers


def network(w_1, b_1, w_2, b_2, x):
    z_1_2 = w_1 * x + b_1
    return sigmoid(z_1_2) @ w_2 + b_2


def mse(w_1, b_1, w_2, b_2, x, y):
    return np.sum((network(w_1, b_1, w_2, b_2, x) - y) ** 2)


def dL_dw1(w_1, b_1, w_2, b_2, x, y):
    z_1_2, z_3 = w_1 * x + b_1, network(w_1, b_1, w_2, b_2, x)
    return 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x


def dL_db1(w_1, b_1, w_2, b_2, x, y):
    z_1_2, z_3 = w_1 * x + b_1, network(w_1, b_1, w_2, b_2, x)
    return 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2)


def dL_dw2(w_1, b_1, w_2, b_2, x, y):
    return 2 * (network(w_1, b_1, w_2, b_2, x) - y) * sigmoid(w_1 * x + b_1)


def dL_db2(w_1, b_1, w_2, b_2, x, y):
    return 2 * (network(w_1, b_1, w_2, b_2, x) - y)


LAB = {"w_1": dL_dw1, "b_1": dL_db1, "w_2": dL_dw2, "b_2": dL_db2}
LAB_POINT = (
    np.array([1.0, -1.0]), np.array([1.0, 1.0]), np.array([1.0, -1.0]), np.array([1.0]),
    1.0, np.exp(-1.0),
)  # fmt: skip


@st.composite
def points(draw):
    """Parameters of a network of some hidden neurons, an input and a target."""
    n = draw(st.integers(1, 5))
    w_1, b_1, w_2 = (draw(arrays((n,), numbers(-3, 3))) for _ in range(3))
    return w_1, b_1, w_2, draw(arrays((1,))), draw(numbers(-5, 5)), draw(numbers())


def test_the_lab_formulas_hold_at_the_point_of_the_lab():
    assert float(LAB_POINT[-1]) == 0.36787944117144233
    check_gradient(mse, LAB, *LAB_POINT)


@given(points())
def test_the_lab_formulas_hold_everywhere(point):
    check_gradient(mse, LAB, *point)


@given(points())
def test_vectors_and_numbers_give_the_same_network(point):
    w_1, b_1, w_2, b_2, x, y = point

    def by_numbers(*parameters):
        n = len(w_1)
        w1, b1, w2 = parameters[:n], parameters[n : 2 * n], parameters[2 * n : 3 * n]
        h = [sigmoid(w1[i] * x + b1[i]) for i in range(n)]
        return (sum(h[i] * w2[i] for i in range(n)) + parameters[-1] - y) ** 2

    flat = [float(p) for part in (w_1, b_1, w_2, b_2) for p in part]
    value, scalars = mg.value_and_grad(by_numbers, tuple(range(len(flat))))(*flat)
    expected, vectors = mg.value_and_grad(mse, (0, 1, 2, 3))(*point)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(scalars, np.concatenate(vectors), rtol=1e-11, atol=1e-14)


@given(points())
def test_backward_gives_the_formulas_on_tensors(point):
    *parameters, x, y = point
    tensors = [mg.Tensor(p, requires_grad=True) for p in parameters]
    mse(*tensors, x, y).backward()
    for t, formula in zip(tensors, LAB.values(), strict=True):
        np.testing.assert_allclose(t.grad, formula(*point), rtol=1e-10, atol=1e-13)


# Row 16: logistic regression, summed over a batch


def cross_entropy(w, b, x, y):
    h = sigmoid(x @ w + b)
    return -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h))


def fused(w, b, x, y):
    return np.sum(mg.nn.bce_with_logits(x @ w + b, y))


LOGISTIC = {
    "w": lambda w, b, x, y: (sigmoid(x @ w + b) - y) @ x,
    "b": lambda w, b, x, y: np.array([np.sum(sigmoid(x @ w + b) - y)]),
}


@st.composite
def batches(draw):
    """Weights, a bias, features and labels of a batch."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    labels = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n))
    return draw(arrays((k,))), draw(arrays((1,))), draw(arrays((n, k))), np.array(labels)


@pytest.mark.parametrize("loss", [cross_entropy, fused])
@given(batch=batches())
def test_the_formulas_of_logistic_regression_hold(loss, batch):
    check_gradient(loss, LOGISTIC, *batch, atol=1e-10)


# A mistake is found


@pytest.mark.parametrize("name", LAB)
@given(point=points(), data=st.data())
def test_a_planted_mistake_is_refused_with_entry_and_both_values(name, point, data):
    right = np.array(LAB[name](*point))
    entry = data.draw(st.integers(0, len(right) - 1))
    wrong = right.copy()
    wrong[entry] += 0.001 + abs(wrong[entry]) / 1000
    with pytest.raises(GradientError) as caught:
        check_gradient(mse, {**LAB, name: wrong}, *point)
    message = str(caught.value)
    assert f"the formula for {name} is wrong: at entry [{entry}] it gives {wrong[entry]}" in message
    stated = float(message.split(f"dmse/d{name}[{entry}] is ")[1].split(" ")[0].rstrip("."))
    assert stated == pytest.approx(right[entry], rel=1e-9, abs=1e-12)


MISTAKES = {
    "The factor x is missing": {"w_1": dL_db1},
    "Its sign is wrong": {"b_2": lambda *p: -dL_db2(*p)},
    "0.5 times the gradient": {"w_2": lambda *p: dL_dw2(*p) / 2},
    "The factor w_2 is missing": {"b_1": lambda *p: dL_db1(*p) / p[2]},
}
OTHER_POINT = (
    np.array([0.5, -1.5]), np.array([0.3, 1.2]), np.array([0.7, -1.3]), np.array([0.4]), 1.75, 0.2,
)  # fmt: skip


@pytest.mark.parametrize("hint", MISTAKES)
def test_usual_mistakes_are_recognised(hint):
    with pytest.raises(GradientError, match=hint):
        check_gradient(mse, MISTAKES[hint], *OTHER_POINT)

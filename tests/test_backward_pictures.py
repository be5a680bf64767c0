"""Pictures of the backward pass: what the sweep computes, from ∂ of the result to the variables."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np import Tensor, named
from micrograd_np.errors import ArgumentError, DrawError


def variable(value):
    return Tensor(value, requires_grad=True)


def network(**options):
    x, y, w, b, v = np.float64(1.0), np.exp(-1.0), variable(1.0), variable(1.0), variable(-1.0)
    with named("neuron"):
        z = w * x + b
        h = np.tanh(z)
    L = (v * h - y) ** 2
    return mg.draw(L, backward=True, **options)


def card(picture, title):
    return next(c for c in picture._drawing.cards if title in c.title.split(" = "))


def test_each_gradient_is_a_card_with_the_formula_of_the_chain_rule():
    lines = network().text().splitlines()
    assert lines[0] == "∂L: 1"
    assert any(line.startswith("∂v = ") and "· h:" in line for line in lines)
    assert any(line.startswith("∂h = ") for line in lines)
    assert any(line.startswith("∂z = ∂b = ∂h · (1 − h²): ") for line in lines)
    assert any(line.startswith("∂w = ∂z · x") for line in lines)


def test_a_derivative_is_written_as_one_learns_it():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    A = mg.nn.softmax(x)
    lines = mg.draw(np.sum(A**2), backward=True).text().splitlines()
    assert any("A · (∂A − sum(∂A · A, axis=-1, keepdims=True))" in line for line in lines)


def test_where_the_formula_of_the_book_loses_its_digits_the_exact_one_is_drawn():
    x = Tensor(20.0, requires_grad=True)
    y = np.tanh(x)
    lines = mg.draw(y, backward=True).text().splitlines()
    assert mg.grad(np.tanh)(20.0) == pytest.approx(4 * np.exp(-40), rel=1e-12, abs=0)
    assert not any("1 − y²" in line for line in lines)
    assert f"{4 * np.exp(-40):.3e}"[:4] in lines[-1]


def test_complex_numbers_keep_their_own_derivatives():
    x = Tensor(np.array([1.0 + 2.0j, 3.0 - 1.0j]), requires_grad=True)
    L = np.sum(np.abs(np.square(x)))
    L.backward()
    np.testing.assert_allclose(card(mg.draw(L, backward=True), "∂x").value, x.grad)


def test_its_values_are_the_gradients():
    x, y, w, b, v = np.float64(1.0), np.exp(-1.0), variable(1.0), variable(1.0), variable(-1.0)
    z = w * x + b
    h = np.tanh(z)
    L = (v * h - y) ** 2
    L.backward()
    picture = mg.draw(L, backward=True)
    for title, t in {"∂w": w, "∂b": b, "∂v": v, "∂z": z, "∂h": h}.items():
        assert card(picture, title).value == pytest.approx(float(t.grad))


def test_variables_gradients_stand_out_and_forward_values_are_given():
    picture = network()
    assert card(picture, "∂w").role == card(picture, "∂v").role == "gradient"
    assert card(picture, "∂L").role == "loss"
    assert card(picture, "h").formula is None
    assert not card(picture, "h").backward
    assert card(picture, "∂w").backward
    assert "the backward pass" in picture.dot.source
    assert "forward only" not in picture.dot.source


def test_operations_stand_in_the_box_of_the_scope_they_serve():
    picture = network()
    assert card(picture, "∂w").scope.name == "neuron"
    assert card(picture, "∂h").scope is None
    modules = network(detail="modules")._drawing.cards
    assert [c.title for c in modules if c.role == "module"] == ["neuron"]
    ops = network(detail="ops")
    assert [c.badge for c in ops._drawing.cards if c.badge]


def test_sums_over_several_uses_are_shown():
    x = variable(3.0)
    y = np.sin(x) * x
    text = mg.draw(y, backward=True).text()
    assert text.splitlines()[-1].startswith("∂x = ")
    assert " + " in text.splitlines()[-1]


def test_it_is_drawn_of_functions_and_cut_like_any_picture():
    picture = mg.draw(lambda x: np.sum(np.tanh(x) ** 2), np.ones(3), backward=True)
    assert card(picture, "∂x").value.shape == (3,)
    assert mg.draw(lambda x: x * x, 2.0, backward=True, around="∂x", hops=1)._drawing.cards


def test_structural_zeros_stay_zero():
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([4.0, 0.0])
    assert card(mg.draw(f, x, backward=True), "∂x").value.tolist() == [0.25, 0.0]
    assert mg.draw(f, x)._drawing.cards[0].gradient.tolist() == [0.25, 0.0]


def test_nothing_is_left_behind():
    w = variable(2.0)
    y = w * w
    mg.draw(y, backward=True)
    assert w.grad is None
    assert y.grad is None
    with mg.no_grad():
        assert mg.draw(y, backward=True).text().endswith("4")


def test_where_it_begins_must_be_known():
    y = variable(np.ones(3)) * 2.0
    with pytest.raises(DrawError, match=r"begins at a single real number.*shape \(3,\).*np\.sum"):
        mg.draw(y, backward=True)
    y.backward(np.array([1.0, 2.0, 3.0]))
    assert mg.draw(y, backward=True)._drawing.cards[-1].value.tolist() == [2.0, 4.0, 6.0]
    with pytest.raises(ArgumentError, match="Cards are"):
        mg.draw(y, backward=True, around="nowhere")

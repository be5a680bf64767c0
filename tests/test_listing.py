"""Listings: one line for each value, named, stable, of any size; stale values are told apart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np import Tensor, named
from micrograd_np.errors import ArgumentError, DrawError


def variable(value, **options):
    return Tensor(value, requires_grad=True, **options)


def neuron():
    x, w, b = np.float64(1.0), variable(-2.5), variable(1.0)
    with named("neuron"), named("affine"):
        z = w * x + b
    h = mg.nn.sigmoid(z)
    h.backward()
    return mg.graph(h)


def test_each_value_has_a_line_with_name_formula_value_gradient_and_scope():
    assert str(neuron()).splitlines() == [
        "w            variable   −2.5     ∂ 0.1491",
        "b            variable   1        ∂ 0.1491",
        "x            constant   1",
        "t₁ = w · x   scalar     −2.5     ∂ 0.1491   neuron › affine",
        "z = t₁ + b   scalar     −1.5     ∂ 0.1491   neuron › affine",
        "h = σ(z)     scalar     0.1824   ∂ 1",
    ]


def test_it_is_printed_counted_and_iterated():
    listing = neuron()
    assert repr(listing) == str(listing) == str(neuron())
    assert len(listing) == len(list(listing)) == 6


def test_before_backward_there_is_no_column_of_gradients():
    w = variable(2.0)
    y = w * w
    assert str(mg.graph(y)).splitlines() == ["w           variable   2", "y = w · w   scalar     4"]


def test_large_arrays_show_shape_dtype_and_range():
    W = variable(np.arange(6.0).reshape(2, 3))
    X = np.full((5, 2), 2.0, np.float32)
    H = X @ W
    lines = str(mg.graph(np.sum(H))).splitlines()
    assert lines[0].split() == ["W", "variable", "2×3", "0", "…", "5"]
    assert lines[1].split() == ["X", "constant", "5×2", "float32", "all", "2"]
    assert lines[2].split() == ["H", "=", "X", "@", "W", "5×3", "6", "…", "14"]


@pytest.mark.parametrize(
    "value",
    [
        np.float16(0.5),
        1.0 + 2.0j,
        np.zeros((0, 3)),
        np.full((3, 3), np.nan),
        np.array([np.inf, -np.inf, 1, 2, 3]),
        np.zeros((2, 3), complex),
    ],
)
def test_odd_values_are_listed(value):
    x = variable(value)
    y = x * np.ones((), np.asarray(value).dtype)
    y.backward(np.ones_like(y.detach().data))
    listing = str(mg.graph(y))
    assert listing.startswith("x")
    assert "?" not in listing
    if np.isnan(value).any():
        assert "NaN ×9" in listing


def test_deep_chains_are_listed_without_recursion():
    y = variable(0.5)
    for _ in range(5_000):
        y = np.sin(y)
    assert len(mg.graph(y)) == 5_001
    assert list(mg.graph(y))[-1].startswith("y = sin(t₄₉₉₉)")


def test_names_stay_on_their_line():
    w = variable(2.0, name="a\nb\x1b[31m" + "c" * 1000)
    lines = str(mg.graph(w * w)).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("a b[31mccc")
    assert max(map(len, lines)) < 130


def test_functions_with_several_results_are_listed_and_drawn():
    A = variable([[2.0, 1.0], [1.0, 3.0]])
    L = np.linalg.slogdet(A)[1]
    y = L * 2.0
    y.backward()
    lines = str(mg.graph(y)).splitlines()
    assert lines[1].split() == ["t₁", "=", "slogdet(A)", "(1,", "1.609)"]
    assert lines[2].startswith("L = t₁[1]")
    for options in ({}, {"detail": "ops"}, {"backward": True}, {"detail": "modules"}):
        assert ": ?" not in mg.draw(y, **options).text()
        assert mg.draw(y, **options).dot.source


def test_given_names_come_first():
    w = variable(2.0, name="w")
    y = w * 3.0
    assert list(mg.graph(y, names={"weight": w}))[1].startswith("y = weight · 3")


def test_what_has_no_graph_is_refused():
    with pytest.raises(ArgumentError, match=r"mg\.graph needs a Tensor, got ndarray \(test_listi"):
        mg.graph(np.ones(3))
    with pytest.raises(DrawError, match=r"mg\.graph: nothing was recorded"):
        mg.graph(Tensor(1.0))
    y = variable(1.0) * 2.0
    y.backward(retain_graph=False)
    with pytest.raises(DrawError, match="freed by backward"):
        mg.graph(y)


def test_the_page_shows_what_is_printed(capsys):
    page = (Path(__file__).parent.parent / "docs" / "pictures.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    exec(compile(code, "pictures.md", "exec"), {"__name__": "__main__"})
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert capsys.readouterr().out == shown


# Values of a graph whose variables changed since


def test_a_variable_changed_since_is_marked_where_its_value_is_not_known():
    x, w, b = np.float64(2.0), variable(3.0), variable(1.0)
    z = w * x + b
    L = z**2
    L.backward()
    with mg.no_grad():
        w -= 0.5
    lines = str(mg.graph(L)).splitlines()
    assert lines[0].split() == ["w", "variable", "now", "2.5", "∂", "28"]
    assert lines[-2].split()[:6] == ["z", "=", "t₁", "+", "b", "scalar"]
    assert "7" in lines[-2]
    picture = mg.draw(L)
    assert picture.text().startswith("w: now 2.5   ∂ 28")
    assert "now 2.5" in picture.dot.source


def test_a_variable_changed_since_has_its_old_value_where_the_graph_kept_it():
    w = variable(3.0)
    y = w * w
    with mg.no_grad():
        w -= 1.0
    assert [line.split()[-1] for line in mg.graph(y)] == ["3", "9"]
    v = variable([3.0, 4.0])
    y = np.sum(v * v)
    with mg.no_grad():
        v -= 1.0
    assert next(iter(mg.graph(y))).split()[-2:] == ["[3,", "4]"]


def test_variables_that_did_not_change_are_not_marked():
    a, b = variable([0.1, 0.2]), variable([0.3, 0.4])
    y = np.sum(a + b - 1.0)
    assert "now" not in str(mg.graph(y))
    with mg.no_grad():
        a -= 1.0
    assert str(mg.graph(y)).count("now") == 2  # either may have been: y tells no more

"""Pictures: what they show, that their text is always the same, and that names stay text."""

from __future__ import annotations

import copy
import operator
import os
import pickle
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from draws import examples, needs_graphviz
from hypothesis import given
from hypothesis import strategies as st
from samples import SAMPLES, computed

import micrograd_np as mg
from micrograd_np import Tensor, named
from micrograd_np.errors import ArgumentError, DrawError, MissingExtraError
from micrograd_np.graph import is_leaf, order_of
from micrograd_np.rule import rules
from micrograd_np.testing.case import Case
from micrograd_np.views.cards import Board
from micrograd_np.views.labels import amount, clean, number, pretty
from micrograd_np.views.printing import plain
from micrograd_np.views.theme import THEMES

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<lambda>",
    r"\N\G\L\n",
    'a"b',
    "javascript:alert(1)",
    "two\nlines\x00\x1b\u202e\ud800",
    "y" * 10_000,
    "&amp;&lt;",
    "{|}",
    "]]>",
    "<!-- x -->",
    'n1 -> n2 [URL="javascript:1"]',
    "  ",
]


@pytest.fixture(autouse=True)
def _needs_pygraphviz(request):
    if "rendered" in request.fixturenames:
        needs_graphviz()


@pytest.fixture
def rendered():
    """Ask for the library that lays pictures out."""


def variable(value, **options):
    return Tensor(value, requires_grad=True, **options)


@named
def affine(x, w, b):
    return w * x + b


@named
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def neuron(detail="named", backward=True):
    x, w, b = variable(1.0), variable(-2.5), variable(1.0)
    z = affine(x, w, b)
    h = sigmoid(z)
    if backward:
        h.backward()
    return mg.draw(h, detail=detail)


def network(backward=True, **options):
    x, y = variable(1.0), variable(np.exp(-1.0))
    w_1, w_2, b_1, b_2 = variable(1.0), variable(-1.0), variable(1.0), variable(1.0)
    v_1, v_2, c = variable(1.0), variable(-1.0), variable(1.0)
    with named("neuron 1"):
        z_1 = affine(x, w_1, b_1)
        h_1 = sigmoid(z_1)
    with named("neuron 2"):
        z_2 = affine(x, w_2, b_2)
        h_2 = sigmoid(z_2)
    with named("output"):
        z_3 = v_1 * h_1 + v_2 * h_2 + c
    with named("loss"):
        L = (z_3 - y) ** 2
    if backward:
        L.backward()
    return mg.draw(L, **options)


def vectors(**options):
    x, y = np.float64(1.0), np.exp(-1.0)
    w_1, b_1 = variable([1.0, -1.0]), variable([1.0, 1.0])
    w_2, b_2 = variable([1.0, -1.0]), variable([1.0])
    with named("hidden"):
        z_1_2 = w_1 * x + b_1
        h_1_2 = sigmoid(z_1_2)
    with named("output"):
        z_3 = h_1_2 @ w_2 + b_2
    with named("mse"):
        L = np.mean((z_3 - y) ** 2)
    L.backward()
    return mg.draw(L, **options)


def composition():
    x = variable(0.5)

    @named
    def phi_1(x):
        return np.tanh(2.0 * x + 1.0)

    @named
    def phi_2(x):
        return sigmoid(3.0 * x)

    y = phi_2(phi_1(x))
    y.backward()
    return mg.draw(y)


def labels(picture):
    """Return the labels of the edges by the titles of the cards they join."""
    drawing = picture._drawing
    found = {}
    for edge in drawing.edges:
        symbol, q = edge.label
        text = "".join(piece for piece, _ in symbol)
        key = drawing.cards[edge.tail].title, drawing.cards[edge.head].title
        found[key] = " = ".join(part for part in (text, q) if part)
    return found


def titles(picture):
    return [card.title for card in picture._drawing.cards]


# The text is always the same


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("neuron_named", neuron),
        ("neuron_ops", lambda: neuron("ops")),
        ("neuron_forward", lambda: neuron(backward=False)),
        ("network_named", network),
        ("network_ops", lambda: network(detail="ops")),
        ("network_dark", lambda: network(theme="dark")),
        ("vectors", vectors),
        ("composition", composition),
    ],
)
def test_dot_text_is_golden(name, make):
    path = GOLDEN / f"{name}.dot"
    source = make().dot.source
    if os.environ.get("GOLDEN") == "write":
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8")
    assert source == make().dot.source


def test_dot_is_a_digraph():
    import graphviz

    assert isinstance(neuron().dot, graphviz.Digraph)


# What it shows


def test_named_cards_have_formula_value_and_gradient():
    text = network().text().splitlines()
    assert "z₁ = w₁ · x + b₁: 2   ∂ 0.2127" in text
    assert "h₁ = σ(z₁): 0.8808   ∂ 2.026" in text
    assert "z₃ = v₁ · h₁ + v₂ · h₂ + c: 1.381   ∂ 2.026" in text
    assert text[-1] == "L = (z₃ − y)²: 1.026   ∂ 1"
    assert "x: 1   ∂ 0.7192" in text
    assert len(text) == 15


def test_edges_have_local_derivatives():
    found = labels(network())
    assert found["w₁", "z₁"] == "x = 1"
    assert found["x", "z₂"] == "w₂ = −1"
    assert found["b₁", "z₁"] == ""
    assert found["z₁", "h₁"] == "h₁(1−h₁) = 0.105"
    assert found["z₃", "L"] == "2(z₃−y) = 2.03"
    assert found["y", "L"] == "−2(z₃−y) = −2.03"


def test_gradient_is_the_sum_over_edges():
    drawing = network(detail="ops")._drawing
    sums = [0.0] * len(drawing.cards)
    sums[-1] = 1.0
    for edge in reversed(drawing.edges):
        if edge.tracked:
            local = float(edge.label.number.replace("−", "-") or 1)
            sums[edge.tail] += local * float(drawing.cards[edge.head].gradient)
    for card, total in zip(drawing.cards, sums, strict=True):
        if not card.constant:
            assert total == pytest.approx(float(card.gradient), rel=2e-2)


def test_ops_has_a_card_for_each_operation():
    drawing = neuron("ops")._drawing
    assert [card.badge for card in drawing.cards if card.badge] == [
        "×", "+", "−", "exp", "1 +", "1 ÷",
    ]  # fmt: skip


def test_short_numbers_stand_in_the_badge_and_long_ones_on_a_card():
    x = variable(3.0)
    y = (2.0 - x * 0.123456) / 4.0
    drawing = mg.draw(y, detail="ops")._drawing
    assert [card.badge for card in drawing.cards if card.badge] == ["×", "2 −", "÷ 4"]
    assert [amount(card.value) for card in drawing.cards if card.role == "number"] == ["0.1235"]


def test_ops_shows_gradients_of_values_nobody_holds():
    assert all(c.gradient is not None for c in neuron("ops")._drawing.cards if not c.constant)


def test_arrays_show_formulas_of_derivatives():
    found = labels(vectors())
    assert found["w₁", "z₁,₂"] == "x"
    assert found["z₁,₂", "h₁,₂"] == "h₁,₂(1−h₁,₂)"
    assert found["h₁,₂", "z₃"] == "w₂"
    assert found["z₃", "L"] == "2(z₃−y) = 2.03"


def test_matrices_show_transposes_and_shapes():
    X, W, b = np.ones((5, 3)), variable(np.ones((3, 2))), variable(np.zeros(2))
    H = X @ W + b
    loss = np.mean(H**2)
    loss.backward()
    picture = mg.draw(loss)
    assert labels(picture)["W", "H"] == "Xᵀ"
    assert labels(picture)["H", "loss"] == "2H/10"
    assert "W: 3×2   ∂ 3×2" in picture.text()
    assert "X: 5×3" in picture.text()


@pytest.mark.parametrize(
    ("f", "symbol"),
    [
        (lambda x: x * x * x, "3x² = 12"),
        (lambda x: x**3, "3x² = 12"),
        (lambda x: 2.0 * x - 3.0, "2"),
        (lambda x: 1.0 - x, "−1"),
        (lambda x: x + 1.0, ""),
        (lambda x: np.exp(x) * 3.0, "3·exp(x) = 22.2"),
        (lambda x: 1 / (1 + np.e ** (-x)), "y(1−y) = 0.105"),
        (lambda x: 1 / (np.exp(-x) + 1), "y(1−y) = 0.105"),
        (mg.nn.sigmoid, "y(1−y) = 0.105"),
        (np.tanh, "1−y² = 0.0707"),
        (np.sin, "cos(x) = −0.416"),
        (np.log, "1/x = 0.5"),
        (np.sqrt, "1/(2y) = 0.354"),
        (lambda x: -x / 4.0, "−1/4 = −0.25"),
        (lambda x: np.e**x, "y = 7.39"),
        (mg.nn.relu, "y>0 = 1"),
        (np.abs, "sign(x) = 1"),
        (lambda x: np.maximum(x, 0.0), "maximum′ = 1"),
        (lambda x: x / x, "1/x−y/x = 0"),
    ],
)
def test_symbols_come_from_the_rules(f, symbol):
    x = variable(2.0)
    y = f(x)
    y.backward()
    assert labels(mg.draw(y))["x", "y"] == symbol


def test_before_backward_there_are_no_gradients():
    picture = network(backward=False)
    assert "∂" not in picture.text()
    assert "forward only — backward() not run" in picture.dot.source
    assert "∂" not in picture.dot.source


def test_values_can_be_left_out():
    source = network(values=False).dot.source
    assert "0.2127" not in source
    assert "edge: local derivative" in source


def test_scopes_are_boxes():
    source = network(detail="ops").dot.source
    assert source.count("subgraph") == 8
    assert network().dot.source.count("subgraph") == 4  # inner ones hold a single card


def test_results_of_scopes_are_cards_with_their_names():
    text = composition().text()
    assert "phi₁ = tanh(2 · x + 1)" in text
    assert "y = σ(3 · phi₁)" in text


def test_deep_scopes_are_drawn_two_deep():
    x = variable(1.0)
    with named("a"), named("b"), named("c"):
        y = np.sin(x)
        z = np.sin(y)
    assert mg.draw(z).dot.source.count("subgraph") == 2


# Symbols tell the truth: a law over the rules

FUNCTIONS = {
    "σ": mg.nn.sigmoid,
    "absolute": np.abs,
    **{name: getattr(np, name) for name in ["exp", "log", "sqrt", "sin", "cos", "sign", "trunc"]},
    **{
        name: getattr(np, name)
        for name in ["floor", "rint", "cosh", "sinh", "copysign", "minimum", "hypot"]
    },
}
OPERATORS = {
    "+": operator.add, "-": operator.sub, "·": operator.mul, "/": operator.truediv,
    "^": operator.pow, ">": operator.gt, "<": operator.lt, "neg": operator.neg,
}  # fmt: skip


def evaluated(e, values):
    """Return the number that an expression means."""
    if e.op == "name":
        return values[e.args[0]]
    if e.op == "number":
        return e.args[0]
    if e.op == "text":
        return {"e": np.e, "π": np.pi}[e.args[0]]
    if e.op == "call":
        return FUNCTIONS[e.args[0]](*[evaluated(x, values) for x in e.args[1:]])
    return OPERATORS[e.op](*[evaluated(x, values) for x in e.args])


def scalar_rules():
    """Return the elementwise functions of NumPy that take one or two plain numbers."""
    found = [f for f in rules if getattr(np, f.__name__, None) is f and isinstance(f, np.ufunc)]
    found = [f for f in found if rules[f].kind == "elementwise"]
    found = [f for f in found if any(set(t.partition("->")[0]) == {"d"} for t in f.types)]
    return sorted(found, key=lambda f: f.__name__)


@pytest.mark.parametrize("detail", ["named", "ops"])
@pytest.mark.parametrize("function", scalar_rules())
def test_symbols_have_the_value_of_the_derivative(function, detail):
    x, y = variable(0.6), variable(0.3)
    if function is np.arccosh:
        x = variable(1.6)
    out = function(*(x, y)[: function.nin])
    board = Board(out, detail, {}, sys._getframe())
    symbols, numbers = board.local.symbols(out._node), board.local.numbers(out._node)
    values = {"x": x.item(), "y": y.item(), "out": out.item()}
    found = [order for order, e in symbols.items() if e is not None and "′" not in plain(e)]
    for order in found:
        assert evaluated(symbols[order], values) == pytest.approx(numbers[order])
    chosen = (np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.arctan2)  # by np.where
    assert found or function in (*chosen, np.logaddexp, np.logaddexp2)


STEPS = [
    lambda z, x, y: z + y, lambda z, x, y: z * x, lambda z, x, y: 2.0 - z, lambda z, x, y: -z,
    lambda z, x, y: 1 / (1 + np.exp(-z)), lambda z, x, y: z**2, lambda z, x, y: z / 3.0,
    lambda z, x, y: np.sin(z), lambda z, x, y: z - x * y, lambda z, x, y: np.exp(z * 0.1),
]  # fmt: skip


@examples(60)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=7), st.sampled_from(["named", "ops"]))
def test_symbols_of_folded_programs_have_the_value_of_the_derivative(program, detail):
    x, y = variable(0.7), variable(-0.4)
    out = x
    for step in program:
        out = STEPS[step](out, x, y)
    board = Board(out, detail, {}, sys._getframe())
    values = {board.folding.titles[order]: board.values[order] for order in board.folding.titles}
    for node in board.nodes:
        if order_of(node) in board.folding.cards and not is_leaf(node):
            numbers = board.local.numbers(node)
            for order, e in board.local.symbols(node).items():
                if e is not None and "…" not in plain(e):
                    assert evaluated(e, values) == pytest.approx(numbers[order], abs=1e-12)


@pytest.mark.parametrize("detail", ["named", pytest.param("ops", marks=pytest.mark.slow)])
@pytest.mark.parametrize("part", range(6))
def test_every_rule_draws(detail, part):
    for function, samples in list(SAMPLES.items())[part::6]:
        for sample in samples[:2]:
            case = Case(lambda *args: args, sample.args, None)
            leaves = list(case.leaves)
            for place, x in zip(case.places, case.xs, strict=True):
                leaves[place] = variable(x)
            out = computed(function, case.rebuild(leaves), sample.kwargs)
            for part in out if isinstance(out, tuple | list) else [out]:
                if isinstance(part, Tensor) and part.requires_grad:
                    part.backward(np.ones(part.shape, part.dtype))
                    picture = mg.draw(part, detail=detail)
                    assert picture.dot.source
                    assert ": ?" not in picture.text()


# Names


def test_a_given_name_comes_before_a_variable():
    w = variable(2.0, name="weight")
    assert titles(mg.draw(np.sin(w), names={"mine": w}))[0] == "mine"
    assert titles(mg.draw(np.sin(w)))[0] == "weight"


def test_names_are_found_in_lists_dicts_and_functions():
    ws, params = [variable(1.0), variable(2.0)], {"c": variable(3.0)}
    assert titles(mg.draw(ws[0] * ws[1] + params["c"]))[:3] == ["ws[0]", "ws[1]", "c"]

    def elsewhere():
        hidden = variable(4.0, name="hidden")
        return hidden * 2.0, hidden

    y, _unseen = elsewhere()
    assert titles(mg.draw(y))[0] == "hidden"


def test_a_tensor_out_of_sight_is_found():
    class Model:
        def __init__(self):
            self.w = variable(3.0, name="w")

        def __call__(self, x):
            return np.exp(self.w * x)

    model = Model()
    assert mg.draw(model(2.0)).text().startswith("w: 3\n")


def test_values_of_lost_tensors_are_recomputed():
    def f():
        a, b = variable(2.0), variable(5.0)
        return a * b + a

    r = f()
    assert mg.draw(r).text() == "p₁: 2\np₂: 5\nr = p₁ · p₂ + p₁: 12"


def test_plain_numbers_are_not_taken_for_variables():
    one, w = 1.0, variable(2.0)
    y = w * 1.0
    assert "one" not in mg.draw(y).text()
    assert one == 1.0


def test_constants_have_roles_by_name():
    x, y, w, k = np.float64(2.0), np.exp(1.0), variable(1.0), np.float64(7.0)
    roles = {card.title: card.role for card in mg.draw((w * x - y) * k)._drawing.cards}
    assert roles == {"w": "parameter", "x": "input", "y": "target", "k": "input", "": "loss"}


def test_long_formulas_are_cut_into_cards():
    x = variable(0.1)
    y = x
    for _ in range(40):
        y = np.sin(y)
    picture = mg.draw(y)
    assert len(titles(picture)) > 3
    assert max(map(len, picture.text().splitlines())) < 80


def test_shared_values_are_cards():
    x = variable(0.5)
    y = np.sin(x) * 2.0
    assert len(titles(mg.draw((y + 1.0) * (y - 1.0)))) == 3


# Odd values


def test_nan_and_infinity_are_red():
    x = variable(-1.0)
    with np.errstate(all="ignore"):
        y = np.log(x)
    picture = mg.draw(y)
    assert "NaN" in picture.text()
    assert "#cf222e" in picture.dot.source
    z = variable(np.array([np.nan] * 3 + [np.inf] + [1.0] * 4))
    assert "(8,) NaN ×3 ∞ ×1" in mg.draw(np.sum(z * 1.0)).text()


def test_a_leaf_alone_is_one_card():
    w = variable(3.0)
    assert mg.draw(w).text() == "w: 3"


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (-2.5, "−2.5"),
        (1.23456, "1.235"),
        (1.2e-5, "1.2e−5"),
        (1e20, "1e20"),
        (np.nan, "NaN"),
        (-np.inf, "−∞"),
        (np.float32(0.1), "0.1"),
        (7, "7"),
        (True, "True"),
        (1 - 2j, "1−2i"),
    ],
)
def test_numbers_have_four_digits_and_a_true_minus(x, shown):
    assert number(x) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("w_1", "w₁"), ("z_1_2", "z₁,₂"), ("w1", "w1"), ("dL_dw", "dL_dw"), ("h_out_3", "h_out₃")],
)
def test_digits_of_names_are_subscripts(name, shown):
    assert pretty(name) == shown


# Names stay text


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("detail", ["named", "ops", "modules"])
def test_hostile_names_change_nothing_but_text(name, detail, rendered):
    def elements(name):
        w = variable(2.0, name=name)
        with named(name):
            L = w * w
        L.backward()
        picture = mg.draw(L, detail=detail)
        root = ET.fromstring(picture.svg)
        texts = "".join(e.text or "" for e in root.iter())
        tags = [e.tag for e in root.iter() if not e.tag.endswith(("text", "tspan"))]
        assert not [a for e in root.iter() for a in e.attrib if "href" in a or a == "id"]
        return tags, texts, picture.text()

    tags, texts, words = elements(name)
    assert tags == elements("harmless")[0]
    assert clean(name, 20).strip(" …") in texts
    assert clean(name, 20).strip(" …") in words
    assert len(words.splitlines()) == 2
    assert max(map(len, words.splitlines())) < 350


def test_names_are_cut_and_freed_of_controls():
    assert clean("a\nb\x00\u202ec\ud800") == "a bc"
    assert len(clean("y" * 10_000)) == 80


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_functions_and_parameters_change_nothing_but_text(name, rendered):
    def f(x):
        return inner(x["</script>"]) * 2.0

    def inner(x):
        return np.sin(x)

    f.__name__ = name
    inner.__code__ = inner.__code__.replace(co_name=name)
    for options in ({}, {"backward": True}, {"detail": "modules", "theme": "auto"}):
        picture = mg.draw(f, {"</script>": 1.0}, **options)
        root = ET.fromstring(picture.svg)
        assert not [e for e in root.iter() if e.tag.rpartition("}")[2] in ("script", "a", "image")]
        assert not [a for e in root.iter() for a in e.attrib if "href" in a or a == "id"]
        assert max(map(len, picture.text().splitlines())) < 330


ODD = {
    "float16": np.float16(0.5),
    "longdouble": np.longdouble(0.5),
    "complex": 1.0 + 2.0j,
    "complex array": np.full((2, 3), 1.0 - 2.0j),
    "empty": np.zeros((0, 3)),
    "nan": np.full(3, np.nan),
    "infinite": np.array([np.inf, -np.inf, 1.0, 2.0, 3.0]),
    "huge": np.array([1e300, -1e-300]),
    "many axes": np.ones((1, 2, 1, 2, 1)),
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "options",
    [{}, {"detail": "ops"}, {"detail": "modules"}, {"backward": True}, {"around": "x", "hops": 1}],
    ids=str,
)
def test_odd_values_are_drawn(value, options, rendered):
    x, k = variable(value, name="x"), np.arange(3)
    with named("box"):
        y = x * 2 + np.sum(k)
    y.backward(np.ones_like(np.asarray(value)))
    picture = mg.draw(y, **options)
    assert picture.svg.endswith("</svg>")
    assert ": ?" not in picture.text()


def test_a_deep_chain_is_cut_without_recursion(rendered):
    y = variable(0.5)
    for _ in range(5_000):
        y = np.sin(y)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        text = mg.draw(y, around="y", hops=2).text()
        assert text.splitlines()[0] == "…"
        with named("all"):
            z = y * 2.0
        assert mg.draw(z, around="z", hops=1)._drawing.cards
    finally:
        sys.setrecursionlimit(limit)


# Colours


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_every_card(theme):
    colors = THEMES[theme]
    fills = [fill for fill, _ in (*colors.roles.values(), colors.swept)]
    for fill in fills:
        for text in (colors.value, colors.gradient, colors.text):
            assert contrast(text, fill) >= 4.8
    for fill in (colors.page, colors.box[0], colors.roles["op"][0], colors.roles["parameter"][0]):
        assert contrast(colors.muted, fill) >= 4.5
        assert contrast(colors.strange, fill) >= 4.5


# How the three kinds of colour blindness see a colour (Machado, Oliveira and Fernandes 2009)
BLIND = {
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", BLIND)
def test_values_and_gradients_stay_apart_for_colour_blind_readers(theme, kind):
    def seen(color):
        return np.dot(BLIND[kind], [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])

    colors = THEMES[theme]
    assert np.linalg.norm(seen(colors.value) - seen(colors.gradient)) > 0.35


# Refusals


def test_a_picture_in_a_variable_names_nothing():
    x = variable(0.5)
    y = np.tanh(x + np.float64(2.0)) * 3.0
    first = mg.draw(y)
    page = mg.step(y)
    assert mg.draw(y).text() == first.text()
    assert mg.step(y).text() == page.text()


def test_scopes_of_one_very_long_name_have_results_of_two():
    x = y = variable(0.5)
    for _ in range(3):
        with named("y" * 10_000):
            y = np.tanh(y)
    found = titles(mg.draw(y * x))
    assert len(set(found)) == len(found)


def test_too_many_cards_are_refused():
    x = y = variable(0.5)
    for _ in range(400):
        y = y * y
    with pytest.raises(DrawError, match=r"401 cards are too many to read \(the most is 300\)"):
        mg.draw(y)
    with pytest.raises(DrawError, match='detail="named"'):
        mg.draw(y, detail="ops")
    assert x is not y


def test_a_deep_chain_is_refused_without_recursion():
    y = variable(0.5)
    for _ in range(20_000):
        y = np.sin(y)
    with pytest.raises(DrawError, match="too many"):
        mg.draw(y)


@pytest.mark.parametrize(
    "twin", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
)
@pytest.mark.parametrize(
    "options", [{}, {"detail": "ops"}, {"detail": "modules"}, {"backward": True}, {"around": "x"}]
)
def test_a_copy_shows_and_saves_the_same(rendered, twin, options, tmp_path):
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with named("layer"):
        z = np.tanh(x * x) * 3.0
    loss = np.sum(z)
    loss.backward()
    picture = mg.draw(loss, **options)
    other = twin(picture)
    assert other.text() == picture.text()
    for name in ("a.dot", "a.svg", "a.html"):
        picture.save(tmp_path / name)
        other.save(tmp_path / f"twin_{name}")
        assert (tmp_path / f"twin_{name}").read_bytes() == (tmp_path / name).read_bytes()


def test_what_is_no_tensor_is_refused():
    with pytest.raises(ArgumentError, match=r"needs a Tensor, got ndarray \(test_draw\.py:"):
        mg.draw(np.ones(3))
    with pytest.raises(DrawError, match="nothing was recorded"):
        mg.draw(Tensor(1.0))


def test_a_result_of_no_grad_is_refused_with_the_line_that_cut_it():
    w = variable(1.0)
    with mg.no_grad():
        y = w * w
        with pytest.raises(DrawError, match=r"cut by no_grad \(test_draw.*inside no_grad\(\), too"):
            mg.draw(y)
    with pytest.raises(DrawError, match=r"cut by no_grad \(test_draw.*Make a variable"):
        mg.draw(y)


def test_unknown_options_are_refused():
    w = variable(1.0)
    with pytest.raises(ArgumentError, match="detail is 'named', 'ops' or 'modules'"):
        mg.draw(w, detail="op")
    with pytest.raises(ArgumentError, match="theme is 'light', 'dark' or 'auto'"):
        mg.draw(w, theme="blue")


def test_a_freed_graph_is_refused():
    y = variable(1.0) * 2.0
    y.backward(retain_graph=False)
    with pytest.raises(DrawError, match="freed by backward"):
        mg.draw(y)
    with pytest.raises(DrawError, match="freed by backward"):
        mg.draw(y * 3.0)


# Rendering


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<svg"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("dot", b"digraph"),
        ("html", b"<!DOCTYPE html>"),
        ("SVG", b"<svg"),
    ],
)
def test_save_writes_exactly_that_path(suffix, start, tmp_path, rendered):
    path = tmp_path / f"picture.{suffix}"
    neuron().save(path)
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_save_refuses_other_suffixes_and_missing_folders(tmp_path):
    with pytest.raises(DrawError, match=r"ends in .*\.dot or \.html, not in '\.gif'"):
        neuron().save(tmp_path / "x.gif")
    with pytest.raises(DrawError, match="there is no folder"):
        neuron().save(tmp_path / "none" / "x.dot")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["", ".", "..", "x", "x.", "svg", ".svg", "x.svg.exe", "-Tpng"])
def test_paths_that_say_no_format_are_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DrawError, match=r"the path ends in \.svg, "):
        neuron().save(path)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "x.dot").mkdir()
    with pytest.raises(DrawError, match=r"x\.dot' is a folder"):
        neuron().save(tmp_path / "x.dot")


def test_odd_file_names_are_written_as_they_are(tmp_path):
    for name in ("a b;touch pwn.dot", "-Tpng.dot", "$(id).dot", "n\nl.dot"):
        neuron().save(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(b"digraph")
    assert len(list(tmp_path.iterdir())) == 4


def test_a_failed_save_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        neuron().save(tmp_path / "x.dot")
    assert not list(tmp_path.iterdir())


def test_svg_has_a_role_and_titles(rendered):
    svg = neuron().svg
    root = ET.fromstring(svg)
    assert svg.startswith("<svg")
    assert root.attrib["role"] == "img"
    found = [e.text for e in root.iter() if e.tag.endswith("title")]
    assert found[0].startswith("Graph of h = σ(z)")
    assert "z = w · x + b: −1.5   ∂ 0.1491" in found


SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    """Return each line of text in an SVG with its anchor and its place."""
    root = ET.fromstring(svg)
    return {
        "".join(e.itertext()): (e.get("text-anchor"), float(e.get("x")))
        for e in root.iter(f"{SVG}text")
    }


def test_lines_of_text_are_whole_and_anchored_so_that_any_font_fits(rendered):
    found = texts(neuron().svg)
    assert found["z = w · x + b"][0] == "start"
    assert found["∂ 0.1491"][0] == found["−1.5"][0] == "end"
    assert found["h(1−h) = 0.149"][0] == found["sigmoid"][0] == "middle"
    lines = [line.replace("\u00a0", " ") for line in found]
    assert "value   ∂ = ∂h/∂(this)   edge: local derivative" in lines
    ends = [x for line, (anchor, x) in found.items() if line in ("−1.5", "−2.5", "0.1824")]
    assert len(set(ends)) == 3
    assert neuron("ops").svg.count("text-anchor") == neuron("ops").svg.count("<text")


def test_svg_names_the_fonts_once_and_carries_no_script_or_link(rendered):
    svg = neuron().svg
    assert svg.count("font-family") == 1
    assert "xlink" not in svg
    assert "<style" not in svg
    assert len(svg) < 8_000


def test_text_is_no_wider_than_its_card(rendered):
    from micrograd_np.views.metrics import width

    root = ET.fromstring(network().svg)
    for group in root.iter(f"{SVG}g"):
        path = group.find(f"{SVG}path")
        if group.get("class") != "node" or path is None:
            continue
        xs = [
            float(pair.partition(",")[0].lstrip("MC"))
            for pair in re.findall(r"[MC ]-?[\d.]+,", path.get("d"))
        ]
        for text in group.iter(f"{SVG}text"):
            wide, x = width("".join(text.itertext()), 12), float(text.get("x"))
            start = x - {"start": 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
            assert min(xs) <= start <= start + wide <= max(xs) + 0.5


def test_a_picture_may_follow_the_readers_mode(rendered, tmp_path):
    svg = network(theme="auto").svg
    assert "@media (prefers-color-scheme:dark)" in svg
    assert svg.count("micrograd-auto") > 20  # nothing else on a page is touched
    assert "#0d1117" in svg
    network(theme="auto", around="L", hops=1).save(tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "light-dark(#ffffff,#0d1117)" in page
    assert "<title>Graph of L = (z₃ − y)²: 1.026   ∂ 1</title>" in page


def test_a_page_has_the_steps_or_the_picture_alone(rendered, tmp_path):
    network().save(tmp_path / "steps.html")
    network(detail="modules").save(tmp_path / "still.html")
    mg.draw(variable([1.0, 2.0]) * 2.0).save(tmp_path / "array.html")
    assert "<script" in (tmp_path / "steps.html").read_text(encoding="utf-8")
    assert "<script" not in (tmp_path / "still.html").read_text(encoding="utf-8")
    assert "<script" not in (tmp_path / "array.html").read_text(encoding="utf-8")


def test_pages_hold_hostile_names_as_text(rendered, tmp_path):
    w = variable(2.0, name="</title></script><img src=x onerror=alert(1)>")
    mg.draw(w * w, detail="modules").save(tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("</title>") == page.count("<title>")


def test_no_arrow_crosses_the_title_of_a_box(rendered):
    from micrograd_np.views.titles import better_frames

    for picture in (network(detail="ops"), network(), composition(), neuron("ops")):
        writer, _, drawn = picture._still.laid_out
        moved = better_frames(drawn, writer)
        assert all(frame[:2] == writer.frame_of(number)[:2] for number, frame in moved.items())
    writer, _, _ = network(detail="ops")._still.laid_out
    assert any((frame.place, frame.side) != ("t", "l") for frame in writer.frames.values())


def test_no_border_of_a_box_cuts_a_label(rendered):
    from micrograd_np.views.titles import SVG, box_of, label_box, over

    def cut(drawn):
        groups = [g for g in ET.fromstring(drawn).iter(f"{{{SVG}}}g") if g.get("class")]
        labels = [label_box(g) for g in groups if g.get("class") == "edge"]
        boxes = [box_of(g) for g in groups if g.get("class") == "cluster"]
        return [over(label, box) for label in labels if label for box in boxes]

    x, w = variable(2.0), variable(0.3)
    with named("box"):
        y = np.exp(w * x) * np.sin(np.exp(w * x) / 3.0) + w * x
    y.backward()
    for picture in (network(detail="ops"), network(), mg.draw(y, detail="ops"), mg.draw(y)):
        assert max(cut(picture._still.laid_out[2]), default=0) <= 2.5


def test_jupyter_gets_svg_and_text(rendered):
    picture = neuron()
    bundle = picture._repr_mimebundle_()
    assert bundle["image/svg+xml"] == picture._repr_svg_()
    assert bundle["text/plain"] == repr(picture) == picture.text()


def test_rendering_is_quiet(rendered):
    code = "import micrograd_np as mg; w = mg.Tensor(1.0, requires_grad=True); mg.draw(w * w).svg"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b""


def test_threads_may_draw(rendered):
    picture = neuron()
    found = []
    threads = [threading.Thread(target=lambda: found.append(neuron().svg)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [picture.svg] * 4


@pytest.fixture
def no_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


def test_without_graphviz_text_and_dot_still_work(no_pygraphviz, monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda program: None)
    picture = neuron()
    with pytest.raises(MissingExtraError, match=r'pip install "micrograd_np\[draw\]".*apt install'):
        picture.svg
    picture.save(tmp_path / "x.dot")
    assert picture.text()
    assert picture.dot.source
    assert picture._repr_mimebundle_() == {"text/plain": picture.text()}
    assert picture._repr_svg_() is None


def test_a_library_that_pygraphviz_lacks_is_named(monkeypatch, tmp_path):
    lacking = "libgobject-2.0.so.0: cannot open shared object file"
    (tmp_path / "pygraphviz.py").write_text(f"raise ImportError({lacking!r})")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pygraphviz", raising=False)
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(
        MissingExtraError, match=rf"pygraphviz.*\({lacking}\).*apt install graphviz"
    ):
        neuron().svg


def fake_dot(tmp_path, monkeypatch, body):
    program = tmp_path / "dot"
    program.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))


def test_the_dot_program_is_used_without_a_shell(no_pygraphviz, monkeypatch, tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    body = f"form, = sys.argv[1:]; got = 'got ' + sys.stdin.read()[:7]; sys.stdout.write({svg!r} if form == '-Tsvg' else got)"  # noqa: E501
    fake_dot(tmp_path, monkeypatch, body)
    mg.draw(variable(1.0) * 2.0).save(tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_bytes() == b"got digraph"


def test_a_failing_dot_program_is_reported(no_pygraphviz, monkeypatch, tmp_path):
    fake_dot(tmp_path, monkeypatch, "sys.exit('syntax error')")
    with pytest.raises(DrawError, match="dot failed: syntax error"):
        neuron().svg
    monkeypatch.setattr("micrograd_np.views.render.PATIENCE", 0.01)
    fake_dot(tmp_path, monkeypatch, "import time; time.sleep(5)")
    with pytest.raises(DrawError, match="more than"):
        neuron().svg


def test_importing_the_library_imports_no_graphviz():
    code = "import sys, micrograd_np; assert 'graphviz' not in sys.modules; micrograd_np.draw; assert 'graphviz' not in sys.modules"  # noqa: E501
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("show", [mg.draw, mg.step])
def test_a_misspelt_option_suggests_the_right_one(show):
    with pytest.raises(ArgumentError, match=r"no argument 'detal' \(test_draw.*mean 'detail'\?"):
        show(np.sum(variable([1.0, 2.0])), detal="ops")


@pytest.mark.parametrize("show", [mg.draw, mg.step, mg.explain])
@pytest.mark.parametrize("wrong", [["w"], "w", {3: np.ones(2)}])
def test_names_are_a_dict(show, wrong):
    with pytest.raises(ArgumentError, match=r"names is a dict.*\(test_draw.*names=\{'w': w\}"):
        show(np.sum(variable([1.0, 2.0])), names=wrong)


AUTHORED = {
    "where(mask, x, −∞)": (lambda x, mask: np.where(mask, x, -np.inf), np.eye(2, 3) > 0),
    "labels=y": (lambda x, y: mg.nn.softmax_cross_entropy(x, y), np.array([2, 1])),
    "x[rows]": (lambda x, rows: x[rows], np.array([1, 0, 1])),
    "pad(x, 4×5)": (lambda x, n: np.pad(x, n), 1),
    "x[0] · x[0] + x[1] · x[1]": (lambda x, n: sum(x[i] * x[i] for i in range(n)), 2),
}


@pytest.mark.parametrize("formula", AUTHORED)
def test_a_formula_names_what_its_author_named(formula):
    f, given = AUTHORED[formula]
    text = mg.draw(f, np.arange(6.0).reshape(2, 3), given).text()
    assert formula in text
    assert "0 + " not in text


def test_images_are_drawn_as_their_author_wrote_them():
    x, k = np.arange(16.0).reshape(1, 1, 4, 4), np.ones((2, 1, 3, 3))
    shown = mg.draw(lambda x, k: mg.nn.max_pool2d(mg.nn.conv2d(x, k, padding=1), 2), x, k).text()
    assert "conv2d(pad(x, 1×1×6×6), k)" in shown
    assert "windows(" in shown


def test_a_transposed_product_with_a_number_is_printed_with_the_number_first():
    def step(w, X, y):
        return w - 0.1 * X.T @ (X @ w - y) / 4

    shown = mg.draw(step, np.ones(2), np.ones((4, 2)), np.ones(4)).dot.source
    assert "ᵀ)ᵀ" not in shown
    assert "0.1" in shown

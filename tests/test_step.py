"""The step-through page: what it carries, that it adds up, and that names stay text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import pickle
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from draws import needs_graphviz
from graphs import layers, network, variable
from hypothesis import given
from samples import SAMPLES
from test_draw import HOSTILE

import micrograd_np as mg
from micrograd_np import Tensor, named
from micrograd_np.errors import ArgumentError, DrawError, MissingExtraError
from micrograd_np.graph import order_of
from micrograd_np.rule import rules
from micrograd_np.sweeps.reverse import cotangents
from micrograd_np.testing.strategies import programs
from micrograd_np.views import html as page_text
from micrograd_np.views.cards import Board
from micrograd_np.views.heat import data_of
from micrograd_np.views.tape import UnspelledError, taped
from micrograd_np.views.walk import walk

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _needs_pygraphviz(request):
    if "rendered" in request.fixturenames:
        needs_graphviz()


@pytest.fixture
def rendered():
    """Ask for the library that lays pages out."""


def data_in(page):
    """Return the data that a page carries."""
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def walked(root, detail="named", **names):
    return walk(Board(root, detail, names, None).titled())


# It adds up


@pytest.mark.parametrize("detail", ["named", "ops"])
@given(program=programs())
def test_contributions_sum_to_the_gradient(program, detail):
    x, y, s = variable(np.array([0.5, -1.2])), variable(np.array([0.3, 0.9])), variable(0.7)
    out = program(x, y, s)
    if not isinstance(out, Tensor) or out._node is None:
        return
    board = Board(out, detail, {"x": x, "y": y, "s": s}, None).titled()
    found = walk(board)
    gradients = {
        order_of(node): g
        for node, g in cotangents(out._node, np.float64(1.0), every=True)
    }  # fmt: skip
    last = len(found.cards) - 1
    for order, place in board.places.items():
        shares = [a for entering in reversed(found.arrows) for a in entering if a.tail == place]
        shares = [a for a in shares if a.share is not None]
        if order not in gradients:
            assert not shares
        elif place != last:
            np.testing.assert_allclose(
                sum(a.share for a in shares), gradients[order], rtol=1e-12, atol=1e-14
            )
            assert shares[-1].total is found.cards[place].gradient
            assert np.shape(shares[-1].total) == np.shape(gradients[order])


def test_it_shows_what_backward_finds():
    w, x = variable([1.0, -2.0]), variable(3.0)
    loss = np.sum(np.tanh(w * x) * w)
    found = walked(loss, w=w, x=x)
    loss.backward()
    gradients = {card.title: card.gradient for card in found.cards}
    np.testing.assert_allclose(gradients["w"], w.grad, rtol=1e-15)
    np.testing.assert_allclose(gradients["x"], x.grad, rtol=1e-15)


def test_stepping_leaves_grad_alone():
    w = variable(3.0)
    mg.step(w * w)
    assert w.grad is None


def test_structural_zeros_stay_zero():
    x = variable([-1.0, 4.0])
    with np.errstate(invalid="ignore"):
        root = np.sum(np.where(x > 0, np.sqrt(x), 0.0))
    card = walked(root, x=x).cards[0]
    np.testing.assert_array_equal(card.gradient, [0.0, 0.25])


def test_a_contribution_through_two_paths_is_one():
    x = variable(2.0)
    (entering,) = [a for a in walked(x * x + x, x=x).arrows if a]
    assert [(a.share, a.total) for a in entering] == [(5.0, 5.0)]


def test_a_result_of_several_entries_needs_its_gradient():
    x = variable([1.0, 2.0])
    y = x * x
    with pytest.raises(DrawError, match=r"has shape \(2,\).*np\.sum\(t\)"):
        mg.step(y)
    y.backward(gradient=[1.0, 10.0])
    found = walked(y, x=x)
    np.testing.assert_array_equal(found.cards[0].gradient, [2.0, 40.0])
    with pytest.raises(DrawError, match="complex"):
        mg.step(x[0] * 1j)


# What it says


def test_text_is_the_page_in_words():
    text = network(mg.step).text().splitlines()
    assert text[0] == "forward   z₁ = w₁ · x + b₁ = 2"
    assert "forward   h₁ = σ(z₁) = 0.8808" in text
    assert text[6] == "backward  ∂L/∂L = 1"
    assert "backward  ∂L/∂h₂ = 2.026 · −1 = −2.026" in text
    assert text[-2] == "backward  ∂L/∂x += 0.2127 · 1 = 0.2127, in all 0.7192"
    assert repr(network(mg.step)) == "\n".join(text)


def test_every_operation_has_a_name_in_ops():
    text = network(lambda L, names: mg.step(L, names=names, detail="ops")).text()
    assert "forward   t₃ = exp(t₂) = 0.1353" in text
    assert " = ?" not in text


@pytest.mark.parametrize("name", ["network", "layers"])
def test_data_is_golden(name, rendered):
    data = data_in({"network": network, "layers": layers}[name](mg.step).html)
    for kind in ("cards", "arrows", "scopes"):
        for x in data[kind]:
            x.pop("l", None)
            assert all(np.isfinite(x.pop("p")))  # places are Graphviz's affair
    path = GOLDEN / f"step_{name}.json"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert_alike(data, json.loads(path.read_text(encoding="utf-8")))


def assert_alike(found, golden):
    """Compare data, numbers but for the last digit that the machine's library gives them."""
    if isinstance(golden, float):
        assert found == pytest.approx(golden, rel=1e-12, abs=1e-14)
    elif isinstance(golden, dict):
        assert found.keys() == golden.keys()
        for key in golden:
            assert_alike(found[key], golden[key])
    elif isinstance(golden, list):
        assert len(found) == len(golden)
        for x, y in zip(found, golden, strict=True):
            assert_alike(x, y)
    else:
        assert found == golden


def test_the_data_adds_up(rendered):
    data = data_in(network(mg.step).html)
    for i, card in enumerate(data["cards"][:-1]):
        shares = [a["c"] for a in data["arrows"] if a["t"] == i]
        assert sum(shares) == pytest.approx(card["g"], rel=1e-15)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (2.5, 2.5),
        (np.float64("nan"), "NaN"),
        (-np.inf, "-Infinity"),
        (1 + 2j, {"x": "1+2i"}),
        (np.zeros(0), {"x": "(0,)"}),
        (np.array([1.0, 2.0]), {"s": [2], "d": "float64", "g": None, "v": [1.0, 2.0],
                                "m": [1.0, 1.5, 2.0]}),
    ],
)  # fmt: skip
def test_values_become_json(value, data):
    assert data_of(value) == data


def test_long_arrays_become_means():
    data = data_of(np.arange(40.0 * 6).reshape(40, 6))
    assert data["g"] == [8, 6]
    assert data["b"] == [5, 1]
    assert data["v"][:2] == [12.0, 13.0]
    assert data["m"] == [0.0, 119.5, 239.0]
    assert data_of(np.arange(17.0))["b"] == [1, 2]


# One file that asks nothing of anybody


class Elements(HTMLParser):
    """The elements of a page, with their attributes and texts."""

    def __init__(self, page):
        super().__init__()
        self.found, self.texts, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self.inside = True

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data

    def all(self, name):
        return [
            (a, t) for (tag, a), t in zip(self.found, self.texts, strict=True) if tag == name
        ]  # fmt: skip


def test_the_policy_allows_its_script_and_style_alone(rendered):
    elements = Elements(network(mg.step).html)
    (policy,) = [a["content"] for a, _ in elements.all("meta") if "http-equiv" in a]
    (_, style), (_, data), (_, script) = elements.all("style") + elements.all("script")
    rest = policy
    for text in (style, script):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"-src 'sha256-{digest}'" in policy
        rest = rest.replace(digest, "")
    assert rest == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        "script-src 'sha256-'; style-src 'sha256-'"
    )
    assert json.loads(data)["cards"]


def test_the_page_refers_to_nothing(rendered):
    text = network(mg.step).html
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)|\bsrc=", text)
    for _, attributes in Elements(text).found:
        assert not any(name.startswith("on") or name == "style" for name in attributes)


def test_the_page_is_small_and_soon_made(rendered):
    assert len(network(mg.step).html.encode()) <= 60_000
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert network(mg.step).html
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5  # 25 ms; a machine may be busy


@pytest.mark.parametrize("name", [*HOSTILE, "\u2028\u2029", "__proto__", "constructor"])
@pytest.mark.parametrize("detail", ["named", "ops"])
def test_hostile_names_change_nothing_but_text(name, detail, rendered):
    def page(name):
        w, x = variable(1.5, name=name), variable([2.0, 1.0], name=name)
        with named(name):
            y = np.sum(np.tanh(w * x))
        return mg.step(y * w, detail=detail, names={name + "y": y}).html

    plain, hostile = Elements(page("plain")), Elements(page(name))
    assert hostile.found == [
        (tag, {**a, "content": b.get("content")} if "content" in a else a)
        for (tag, a), (_, b) in zip(plain.found, hostile.found, strict=True)
    ]
    assert not re.search("[\u2028\u2029\u202e\x00]", page(name))
    ((_, data), _) = hostile.all("script")
    assert not re.search("[<>&]", data)


def test_it_is_written_to_exactly_that_path(tmp_path, rendered):
    page = network(mg.step)
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html
    with pytest.raises(DrawError, match=r"ends in \.html, not in '\.svg'"):
        page.save(tmp_path / "page.svg")


def test_the_picture_leads_to_the_page(tmp_path, rendered):
    network(mg.draw).save(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert data_in(page) == data_in(network(mg.step).html)
    assert 'data-theme="light"' in page
    assert "data-theme" not in network(mg.step).html.partition("<style>")[0]


def test_jupyter_gets_a_page_of_its_own(rendered):
    page = network(mg.step)
    (attributes, _) = Elements(page._repr_html_()).all("iframe")[0]
    assert attributes["srcdoc"] == page.html
    assert attributes["sandbox"] == "allow-scripts"
    bundle = page._repr_mimebundle_()
    assert bundle["text/html"] == page._repr_html_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"] == page.text()


def test_without_graphviz_the_words_are_left(monkeypatch):
    from micrograd_np.views import render

    monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
    monkeypatch.setattr(render.shutil, "which", lambda _: None)
    page = network(mg.step)
    with pytest.raises(MissingExtraError, match="drawing needs Graphviz"):
        assert page.html
    assert page._repr_mimebundle_() == {"text/plain": page.text()}
    assert page._repr_html_() is None


def test_large_graphs_are_laid_out(rendered):
    x, total = variable(0.5), 0.0
    weights = [variable(0.01 * i) for i in range(74)]
    for i, w in enumerate(weights):
        with named(f"unit {i % 20}"):
            total = total + np.tanh(w * x)
    data = data_in(mg.step(total, detail="ops").html)
    assert 290 <= len(data["cards"]) <= 300
    assert "operations" in data["tape"]


# Errors


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_a_pickled_page_is_the_same(rendered, theme):
    stepper = mg.step(lambda w, x: np.tanh(w * x) + w, 0.5, 2.0, theme=theme)
    twin = pickle.loads(pickle.dumps(stepper))
    assert twin.text() == stepper.text()
    assert twin.html == stepper.html
    assert "tape" in twin.html


def test_what_cannot_be_stepped_through_is_refused():
    with pytest.raises(ArgumentError, match=r"mg\.step needs a Tensor, got a function"):
        mg.step(np.tanh)
    with pytest.raises(DrawError, match=r"mg\.step: nothing was recorded"):
        mg.step(Tensor(1.0))
    with pytest.raises(ArgumentError, match="theme is 'auto', 'light' or 'dark', got 'red'"):
        mg.step(variable(1.0) * 2, theme="red")
    loss = variable(1.0) * 2
    loss.backward(retain_graph=False)
    with pytest.raises(DrawError, match="freed"):
        mg.step(loss)


def test_too_many_cards_are_refused():
    y = variable(0.5)
    for _ in range(400):
        y = y * y
    with pytest.raises(DrawError, match=r"mg\.step: 401 cards .*the most is 300"):
        mg.step(y)
    with pytest.raises(DrawError, match='detail="named", or an earlier result'):
        mg.step(y, detail="ops")


def test_functions_of_several_results_are_shown(rendered):
    A = variable([[2.0, 1.0], [1.0, 3.0]])
    sign, log = np.linalg.slogdet(A)
    page = mg.step(log * log, detail="ops", names={"A": A, "log": log, "sign": sign})
    assert "forward   t₁ = slogdet(A) = (1, 1.609)" in page.text()
    assert "backward  ∂result/∂t₁ = [1] 3.219" in page.text()
    card = next(card for card in data_in(page.html)["cards"] if card["t"] == "t₁")
    assert (card["v"], card["g"]) == ({"x": "(1, 1.609)"}, {"x": "[1] 3.219"})


# The tape: formulas that a page can evaluate


def evaluated(tree, operands, out):
    """Evaluate a tree with NumPy, as the page does with its own functions."""
    if isinstance(tree, int | float):
        return tree
    if isinstance(tree, str):
        return out if tree == "out" else operands[int(tree)]
    args = [evaluated(x, operands, out) for x in tree[1:]]
    return FUNCTIONS[tree[0]](*args)


FUNCTIONS = {rule.name: function for function, rule in rules.items()}
FUNCTIONS |= {name: getattr(np, name) for name in ("floor", "trunc", "sign", "rint")}
FUNCTIONS |= {
    "+": np.add, "-": np.subtract, "·": np.multiply, "/": np.divide, "^": np.power,
    "neg": np.negative, ">": np.greater, "<": np.less, "σ": mg.nn.sigmoid,
}  # fmt: skip


def numbers_of(function):
    """Return the calls among a function's samples whose operands are all numbers."""
    found = [
        args
        for args, kwargs in SAMPLES.get(function, ())
        if not kwargs and all(np.ndim(x) == 0 and isinstance(x, float) for x in args)
    ]
    return found[:2]


SCALAR = [f for f, rule in rules.items() if rule.kind == "elementwise" and numbers_of(f)]


@pytest.mark.parametrize("function", SCALAR, ids=lambda f: f.__name__)
def test_tapes_have_the_values_and_derivatives_of_their_rules(function):
    for args in numbers_of(function):
        operands = [variable(x) for x in args]
        root = function(*operands)
        board = Board(root, "ops", {f"x_{i}": x for i, x in enumerate(operands)}, None).titled()
        found = walk(board)
        try:
            tape = taped(board)
        except UnspelledError:
            continue
        ((operation, *refs),) = tape.programs[len(found.cards) - 1]
        values = [found.cards[i].value for i in refs]
        value, *slopes = tape.operations[operation]
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(evaluated(value, values, None), root.item(), rtol=1e-14)
            for slope, i in zip(slopes, refs, strict=True):
                share = evaluated(slope, values, root.item())
                np.testing.assert_allclose(share, found.cards[i].gradient, rtol=1e-12)


def tape_of(function):
    """Return the tape of one call of a function."""
    operands = [variable(0.5) for _ in rules[function].derivatives]
    board = Board(function(*operands), "ops", {}, None).titled()
    walk(board)
    return taped(board)


def test_the_usual_functions_are_spelled_and_known_to_the_script():
    usual = (
        np.add, np.subtract, np.multiply, np.divide, np.negative, np.power, np.square, np.sqrt,
        np.exp, np.log, np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.absolute,
        mg.nn.sigmoid, mg.nn.relu, mg.nn.softplus,
    )  # fmt: skip
    for function in usual:
        tape = tape_of(function)
        trees = [tree for trees in tape.operations for tree in trees]
        assert names_in([None, *trees]) <= known_to_the_script()


def changed(y, x):
    with mg.no_grad():
        x += 1.0
    return y


@mg.custom_vjp
def exp(x):
    return np.exp(x)


exp.defvjp(lambda g, out: g * out)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda x: np.sum(np.array([1.0, 2.0]) * x), "an array of shape (2,)"),
        (lambda x: np.maximum(x, 0.5), "maximum has no formula"),
        (lambda x: np.where(np.bool_(True), x, 0.0), "where has no formula"),
        (lambda x: np.abs(x * 1j), "complex128"),
        (lambda x: changed((x + 1.0) ** 2, x), "x was changed since"),
        (exp, "exp is a function of your own"),
    ],
)
def test_what_the_page_cannot_run_again_is_said(make, why, rendered):
    x = variable(1.5)
    data = data_in(mg.step(make(x)).html)
    assert why in data["tape"]["off"]


def known_to_the_script():
    """Return the names of the functions that the page can compute."""
    table = page_text.asset("tape.js").partition("const functions = {")[2].partition("\n};")[0]
    return set(re.findall(r'(?:^|[\s,])"?([^\s"]+?)"?: ?(?=\(|[A-Za-z])', table))


def names_in(tree):
    if not isinstance(tree, list):
        return set()
    own = {tree[0]} if tree and isinstance(tree[0], str) else set()
    return own.union(*map(names_in, tree))


def test_srcdoc_is_escaped(rendered):
    inner = re.search(r'srcdoc="([^"]*)"', network(mg.step)._repr_html_())[1]
    assert html.unescape(inner) == network(mg.step).html


def test_a_function_is_gone_through_at_a_point(rendered):
    def cube(x, w):
        h = w * x
        return h**3

    w = mg.Tensor(2.0, requires_grad=True, name="w")
    assert str(mg.step(cube, 1.5, 2.0)).splitlines()[:2] == [
        "forward   h = w · x = 3", "forward   cube = h³ = 27",
    ]  # fmt: skip
    assert mg.step(cube, 1.5, w).html.startswith("<!")
    assert w.grad is None
    with pytest.raises(ArgumentError, match=r"no function.*mg\.step\(t, detail="):
        mg.step(w * 2, 3.0)


def test_a_function_that_cannot_be_called_is_refused_in_its_own_name():
    with pytest.raises(ArgumentError, match=r"^mg\.step: .* too many positional.*mg\.step\(f, x"):
        mg.step(lambda w: w, 1.0, 2.0)

"""Large graphs in pictures: modules, what is alike folded, cuts, shared variables, the budget."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from draws import needs_graphviz

import micrograd_np as mg
from micrograd_np import Tensor, named
from micrograd_np.errors import ArgumentError, DrawError
from micrograd_np.views.titles import SVG, box_of, label_box

rng = np.random.default_rng(0)


def variable(*shape, **options):
    return Tensor(rng.normal(size=shape), requires_grad=True, **options)


@named
def affine(x, W, b):
    return x @ W + b


@named
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def perceptron(**options):
    X, Y = rng.normal(size=(64, 20)), (rng.random((64, 3)) > 0.5) * 1.0
    W_1, b_1, W_2, b_2 = variable(20, 8), variable(8), variable(8, 3), variable(3)
    with named("layer 1"):
        H = sigmoid(affine(X, W_1, b_1))
    with named("layer 2"):
        Z = affine(H, W_2, b_2)
    with named("loss"):
        L = np.mean(mg.nn.bce_with_logits(Z, Y))
    L.backward()
    return mg.draw(L, **options)


def recurrent(steps, **options):
    X, h = [rng.normal(size=(8, 4)) for _ in range(steps)], np.zeros((8, 6))
    W, U, b, V = variable(4, 6), variable(6, 6), variable(6), variable(6, 1)
    for x in X:
        with named("step"):
            h = np.tanh(x @ W + h @ U + b)
    loss = np.mean((h @ V) ** 2)
    loss.backward()
    return mg.draw(loss, **options)


def stacked(blocks, **options):
    x = h = variable(5, 4)
    W = [variable(4, 4) for _ in range(blocks)]
    for i in range(blocks):
        with named(f"block {i + 1}"):
            h = h + np.tanh(h @ W[i])
    y = np.sum(h)
    return mg.draw(y, names={"x": x}, **options)


def heads(count, **options):
    x = variable(6, 8)
    parts = []
    for i in range(count):
        W = variable(8, 2)
        with named(f"head {i}"):
            parts.append(np.tanh(x @ W))
    out = np.sum(np.concatenate(parts, axis=-1))
    return mg.draw(out, detail="modules", **options)


def chain(length):
    y = variable(name="start")
    for _ in range(length):
        y = np.sin(y) * 1.5
    return y


def cards(picture):
    return picture._drawing.cards


def titles(picture, *roles):
    return [c.title for c in cards(picture) if not roles or c.role in roles]


def wires(picture):
    drawing = picture._drawing
    ends = [(drawing.cards[e.tail].title, drawing.cards[e.head].title) for e in drawing.edges]
    return dict(zip(ends, [e.label.number for e in drawing.edges], strict=True))


# Modules


def test_modules_are_scopes_with_their_parameters_and_shapes_on_the_wires():
    picture = perceptron(detail="modules")
    assert wires(picture) == {
        ("X", "layer 1"): "64×20",
        ("layer 1", "layer 2"): "64×8",
        ("layer 2", "loss"): "64×3",
        ("Y", "loss"): "64×3",
        ("loss", "L"): "scalar",
    }
    first = cards(picture)[1]
    assert [(part.title, part.value.shape) for part in first.parts] == [
        ("W₁", (20, 8)),
        ("b₁", (8,)),
    ]
    source = picture.dot.source
    assert "168 params" in source
    assert "edge: shape" in source
    assert "∂" not in source
    assert picture.text().splitlines()[1] == "layer 1   W₁ 20×8   b₁ (8,)"


def test_modules_open_one_level_with_depth():
    picture = perceptron(detail="modules", depth=2)
    assert titles(picture, "module") == ["affine", "sigmoid", "affine"]
    assert "subgraph" in picture.dot.source
    assert titles(picture, "loss") == ["L"]


def test_modules_skip_scopes_that_hold_all():
    x, W_1, W_2 = variable(5, 4), variable(4, 3), variable(3, 2)
    with named("model"):
        with named("a"):
            h = np.tanh(x @ W_1)
        with named("b"):
            y = np.tanh(h @ W_2)
    assert titles(mg.draw(y, detail="modules"), "module") == ["a", "b"]
    assert titles(mg.draw(y, detail="modules", depth=1), "module") == ["model"]


def test_without_scopes_modules_are_formulas():
    w = variable(3)
    y = np.sum(w * 2.0)
    assert [c.role for c in cards(mg.draw(y, detail="modules"))] == ["parameter", "loss"]


def test_a_parameter_of_two_modules_is_counted_in_the_first():
    x, W = variable(5, 4), variable(4, 4)
    with named("one"):
        h = np.tanh(x @ W)
    with named("two"):
        y = np.exp(h @ W)
    first, second = (c for c in cards(mg.draw(y, detail="modules")) if c.role == "module")
    assert [part.title for part in first.parts + second.parts] == ["W", "W ↑"]
    assert second.parts[0].value is None


# What is alike


def test_steps_of_a_loop_become_one_and_share_their_parameters():
    picture = recurrent(12, detail="modules")
    step = cards(picture)[1]
    assert (step.title, step.times) == ("step", 12)
    assert [part.title for part in step.parts] == ["W", "U", "b"]
    assert "66 params" in picture.dot.source
    assert "×12" in picture.dot.source
    assert cards(picture)[0].times == 12  # the inputs
    assert len(cards(picture)) == 4


def test_blocks_that_are_alike_become_one_with_all_their_parameters():
    picture = stacked(12, detail="modules")
    assert titles(picture) == ["x", "block", "y"]
    assert cards(picture)[1].times == 12
    assert "192 params" in picture.dot.source


def test_parallel_heads_become_one():
    picture = heads(8)
    assert [(c.title, c.times) for c in cards(picture) if c.role == "module"] == [("head", 8)]


def test_two_that_are_alike_stay_two():
    assert titles(stacked(2, detail="modules"), "module") == ["block 1", "block 2"]


def test_what_differs_is_not_folded():
    x = h = variable(5, 4)
    for f in (np.tanh, np.sin, np.tanh):
        with named("block"):
            h = f(h @ variable(4, 4))
    y = np.sum(h + x)
    assert len(titles(mg.draw(y, detail="modules"), "module")) == 3


def test_modules_with_others_between_stay_apart():
    h = variable(5, 4)
    for _ in range(4):
        with named("a"):
            h = np.tanh(h @ variable(4, 4))
        with named("b"):
            h = np.sin(h) * 2.0
    assert titles(mg.draw(np.sum(h), detail="modules"), "module") == ["a", "b"] * 4


# The budget


def test_scopes_are_folded_to_keep_to_sixty_cards():
    picture = recurrent(24)
    assert len(cards(picture)) <= 60
    assert "step ×24" in picture.text()
    assert "folded from 53 cards: depth=2 shows all" in picture.dot.source
    assert len(titles(recurrent(24, depth=2), "op")) == 24
    assert recurrent(3).dot.source.count("subgraph") == 3


def test_more_than_three_hundred_cards_are_refused_with_what_would_work():
    y = chain(1500)
    with pytest.raises(DrawError, match=r"500 cards are too many .* 300\).*around=name.*mg\.named"):
        mg.draw(y)
    with pytest.raises(DrawError, match=r'detail="named"'):
        mg.draw(y, detail="ops")
    with pytest.raises(DrawError, match="fewer hops="):
        mg.draw(y, around="t_9", hops=400)
    with named("first half"):
        y = chain(1500)
    assert titles(mg.draw(y * 2.0)) == ["first half", ""]


# Cuts


def test_around_draws_what_is_near_with_stubs_for_the_rest():
    picture = mg.draw(chain(3000), around="t_200", hops=1)
    assert titles(picture) == ["…", "t₁₉₉", "t₂₀₀", "t₂₀₁", "…"]
    assert "3 of 1000 cards: hops=2 shows more" in picture.dot.source
    assert titles(mg.draw(chain(3000), around="t₂₀₀", hops=0))[1:-1] == ["t₂₀₀"]


def test_around_takes_a_tensor():
    a, k = variable(name="a"), np.full(3, 2.0)
    b = np.sin(a)
    c = np.exp(b)
    d = c * k
    y = np.sum(d)
    for middle in (b, "b"):
        assert titles(mg.draw(y, around=middle, hops=1)) == ["a", "b", "c", "…"]
    assert titles(mg.draw(y, around=a, hops=0)) == ["a", "…"]
    assert titles(mg.draw(y, around="k", hops=1)) == ["k", "…", "d", "…"]
    whole = mg.draw(y, around=c, hops=9)
    assert "…" not in titles(whole)
    assert "hops" not in whole.dot.source


def test_around_names_what_there_is():
    picture_of = chain(30)
    with pytest.raises(ArgumentError, match=r"around: there is no card named 'z_1' \(test_modules"):
        mg.draw(picture_of, around="z_1")
    with pytest.raises(ArgumentError, match=r"Cards are .*t₁.* and \d more"):
        mg.draw(picture_of, around="t")
    with pytest.raises(ArgumentError, match="this Tensor has no card"):
        mg.draw(picture_of, around=variable(3))
    with pytest.raises(ArgumentError, match="this Tensor has no card"):
        mg.draw(picture_of, around=Tensor(1.0))
    for hostile in ("</script>", "y" * 10_000, "a\nb", ""):
        with pytest.raises(ArgumentError, match="no card named") as caught:
            mg.draw(picture_of, around=hostile)
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize("wrong", [{"hops": -1}, {"hops": 1.5}, {"depth": 0}, {"depth": "2"}])
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ArgumentError, match=r"is a whole number, [01] or more, got"):
        mg.draw(chain(3), **wrong)


# Shared variables


def test_a_variable_used_far_away_has_an_alias_there():
    x, w = variable(), variable()
    y = x * w
    a = np.sin(y)
    b = np.cos(a)
    c = np.exp(b)
    z = c * w
    picture = mg.draw(z)
    assert "w ↑" in titles(picture, "alias")
    assert titles(picture).index("w ↑") == titles(picture).index("z") - 1
    assert "w ↑" not in titles(mg.draw(a * w))


def test_a_variable_of_a_loop_has_an_alias_at_each_step():
    picture = recurrent(5)
    assert len([t for t in titles(picture, "alias") if t == "W ↑"]) == 4


def test_cards_stay_in_the_order_of_computation():
    for picture in (recurrent(8), perceptron(detail="modules"), stacked(5, depth=1), heads(4)):
        assert all(edge.tail < edge.head for edge in picture._drawing.edges)
        assert cards(picture)[-1].role == "loss"


# Names


def test_names_are_found_deep_in_what_variables_hold():
    class Layer:
        def __init__(self):
            self.weight, self.kept = variable(2, 2), {"scales": [variable(2)]}

    model = {"layers": [Layer(), Layer()]}
    y = np.sum(model["layers"][1].weight * model["layers"][0].kept["scales"][0])
    found = titles(mg.draw(y))
    assert "layers[1].weight" in found
    assert "scales[0]" in found


def test_names_are_found_in_the_callers_callers():
    def show(result):
        return mg.draw(result)

    slope = variable(2)
    assert titles(show(np.sum(slope)))[0] == "slope"


def test_labels_of_products_are_simplified():
    Q, K = variable(3, 4), variable(3, 4)
    S = Q @ K.T / 2.0
    S.backward(np.ones((3, 3)))
    drawing = mg.draw(S)._drawing
    text = ["".join(piece for piece, _ in edge.label.symbol) for edge in drawing.edges]
    assert text[0] == "K/2"


def test_functions_of_many_operands_are_abridged():
    parts = [variable(1, name=f"p_{i}") for i in range(9)]
    text = mg.draw(np.sum(np.concatenate(parts))).text()
    assert "concatenate(p₀, …, p₈, axis=0)" in text
    assert len(re.findall("p_|p", text)) >= 9


def test_products_of_entries_and_of_matrices_are_told_apart():
    t, A, B = variable(2, 2), variable(2, 2), variable(2, 2)
    assert "t · (A @ B)" in mg.draw(np.sum(t * (A @ B))).text()
    assert "(t · A) @ B" in mg.draw(np.sum((t * A) @ B)).text().replace("t · A @ B", "(t · A) @ B")


def test_values_that_are_alike_show_their_shape_alone():
    def read(X, W):
        def step(x, h):
            return np.tanh(x @ W + h)

        h = np.zeros(2)
        for x in X:
            h = step(x, h)
        return np.sum(h)

    picture = mg.draw(read, rng.normal(size=(40, 2)), rng.normal(size=(2, 2)))
    assert [(c.title, c.times) for c in cards(picture) if c.times > 1] == [
        ("x₁ … x₄₀", 40),
        ("step", 40),
    ]
    assert "x₁ … x₄₀ ×40 = X[0]: (2,)" in picture.text()


def deep(blocks, **options):
    W = [(rng.normal(size=(4, 4)), rng.normal(size=(4, 4))) for _ in range(blocks)]

    def squash(x, w):
        return np.tanh(x @ w)

    def block(x, w):
        return x + squash(squash(x, w[0]), w[1])

    def f(x, W):
        for w in W:
            x = block(x, w)
        return np.sum(x)

    return mg.draw(f, rng.normal(size=(5, 4)), W, **options)


def test_boxes_that_are_alike_are_drawn_once():
    picture = deep(12, detail="modules", depth=2)
    assert titles(picture, "module") == ["squash", "squash"]
    assert "block ×12" in picture.dot.source
    assert len(cards(picture)) <= 6
    assert all(edge.tail < edge.head for edge in picture._drawing.edges)
    assert titles(deep(2, detail="modules", depth=2), "module") == ["squash"] * 4


def test_a_card_in_a_box_for_many_shows_no_single_value():
    picture = deep(20, depth=2)
    inner = [card for card in cards(picture) if card.typical]
    assert inner
    assert "block ×20" in picture.dot.source
    assert re.search(r"x.* = x.* \+ .*: 5×4$", picture.text(), re.MULTILINE)


def test_like_arguments_of_one_operation_stay_apart():
    def step(x, a, b, c):
        return np.tanh(x) + a + b + c

    def f(x, a, b, c):
        for _ in range(4):
            x = step(x, a, b, c)
        return np.sum(x)

    picture = mg.draw(f, *[rng.normal(size=(5, 4)) for _ in range(4)], detail="modules")
    module = next(card for card in cards(picture) if card.role == "module")
    assert [part.title for part in module.parts] == ["a", "b", "c"]


def rectangles(picture):
    """Return those of the cards and of the labels of arrows, as Graphviz drew them."""
    groups = list(ET.fromstring(picture._still.laid_out[2]).iter(f"{{{SVG}}}g"))
    drawn = [g for g in groups if g.get("class") == "node" and g.find(f"{{{SVG}}}path") is not None]
    labels = [label_box(g) for g in groups if g.get("class") == "edge"]
    return [box_of(g) for g in drawn], [label for label in labels if label is not None]


def overlap(a, b):
    across = min(a.right, b.right) - max(a.left, b.left)
    return across > 1 and min(a.bottom, b.bottom) - max(a.top, b.top) > 1


@pytest.mark.parametrize(
    "make",
    [
        perceptron, lambda: recurrent(12, depth=2), lambda: deep(12, depth=2),
        lambda: perceptron(detail="modules", depth=2), lambda: perceptron(detail="ops"),
        lambda: recurrent(3, detail="ops"), lambda: stacked(5, depth=2), lambda: heads(8),
    ],
)  # fmt: skip
def test_nothing_overlaps(make):
    needs_graphviz()
    found, labels = rectangles(make())
    boxes = [*found, *labels]
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if overlap(a, b)]


BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def residual(blocks):
    """A chain of blocks of two named parts each, whose sums have no names."""
    weights = [Tensor(np.eye(3) * 0.1 * k, requires_grad=True) for k in range(1, 2 * blocks + 1)]
    h = np.ones((2, 3))
    for i in range(blocks):
        with named(f"block {i + 1}"):
            for k, part in enumerate(("mix", "map")):
                with named(part):
                    z = h @ weights[2 * i + k]
                    z = z - np.mean(z, axis=-1, keepdims=True)
                    z = z / np.sqrt(np.mean(z * z, axis=-1, keepdims=True) + 1.0) * np.tanh(z)
                h = h + z
    return np.sum(h * h)


@pytest.mark.parametrize("options", [{"depth": 2}, {"detail": "modules", "depth": 2}, {}])
@pytest.mark.parametrize("blocks", [3, 6])
def test_made_up_names_are_counted_as_they_are_shown(blocks, options):
    loss = residual(blocks)
    lines = mg.draw(loss, **options).text().splitlines()
    found = dict.fromkeys(re.findall(r"\bt([₀-₉]+)", "\n".join(lines)))
    assert list(found) == [str(n).translate(BELOW) for n in range(1, len(found) + 1)]
    whole = mg.draw(loss, depth=3).text()
    assert "t₁ =" in whole


def test_an_edge_of_a_folded_picture_names_what_its_cards_name():
    drawing = mg.draw(residual(3), depth=2)._drawing
    shown = {title for card in drawing.cards for title in card.title.split(" = ")}
    made = [x for e in drawing.edges for x, named in e.label.symbol if named and x[:1] == "t"]
    assert set(made) <= shown

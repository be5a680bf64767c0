"""What `mg.explain` prints: the notebook's formulas, names, modes, LaTeX, errors."""

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, GraphError
from micrograd_np.rule import rules
from micrograd_np.rules.readable import readable
from micrograd_np.testing.strategies import arrays, numbers


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def mse(x, y, w_1, b_1, w_2, b_2):
    z_1_2 = w_1 * x + b_1
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    return np.mean((z_3 - y) ** 2)


LAB = (
    1.0, np.exp(-1.0), np.array([1.0, -1.0]), np.array([1.0, 1.0]), np.array([1.0, -1.0]),
    np.array([1.0]),
)  # fmt: skip
PARAMETERS = ("w_1", "w_2", "b_1", "b_2")
NOTEBOOK = {
    "dL_dw1": "2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x",
    "dL_dw2": "2 * (z_3 - y) * sigmoid(z_1_2)",
    "dL_db1": "2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2)",
    "dL_db2": "2 * (z_3 - y)",
}
X = np.array([[1.0, 2.0], [-0.5, 0.3], [0.2, -1.1]])
LABELS = np.array([1.0, 0.0, 1.0])


def cross_entropy(x, y, w_1, b_1):
    z_1 = x @ w_1 + b_1
    h_1 = sigmoid(z_1)
    return -np.sum(y * np.log(h_1) + (1 - y) * np.log(1 - h_1))


def fused(x, y, w_1, b_1):
    z_1 = x @ w_1 + b_1
    h_1 = sigmoid(z_1)  # noqa: F841 (its name is found)
    return np.sum(mg.nn.bce_with_logits(z_1, y))


def executed(explanation):
    """What the printed source returns at the point that was explained."""
    namespace = {}
    exec(explanation.source(), namespace)
    return namespace["backprop"](**explanation.point)


# The notebook


def test_the_notebook_formulas_are_derived_in_its_own_form():
    assert mg.explain(mse, *LAB, wrt=PARAMETERS).formulas == NOTEBOOK


def test_the_notebook_writes_its_loss_as_a_product():
    def loss(x, y, w_1, b_1, w_2, b_2):
        z_1_2 = w_1 * x + b_1
        z_3 = sigmoid(z_1_2) @ w_2 + b_2
        return np.mean((y - z_3) * (y - z_3))

    assert mg.explain(loss, *LAB, wrt=PARAMETERS).formulas == NOTEBOOK


@pytest.mark.parametrize("loss", [cross_entropy, fused])
def test_logistic_regression_is_derived_as_in_the_notebook(loss):
    derived = mg.explain(loss, X, LABELS, np.ones(2), np.float64(1.0), wrt=("w_1", "b_1"))
    assert derived.formulas == {"dL_dw1": "(h_1 - y) @ x", "dL_db1": "np.sum(h_1 - y)"}


@given(st.data())
def test_the_printed_formulas_equal_those_of_the_notebook(data):
    n = data.draw(st.integers(1, 4))
    w_1, b_1, w_2 = (data.draw(arrays((n,), numbers(-3, 3))) for _ in range(3))
    b_2, x, y = data.draw(arrays((1,))), data.draw(numbers(-5, 5)), data.draw(numbers())
    z_1_2 = w_1 * x + b_1
    z_3 = sigmoid(z_1_2) @ w_2 + b_2
    names = {"z_3": z_3, "z_1_2": z_1_2, "w_2": w_2, "x": x, "y": y}
    by_hand = [eval(text, {**globals(), **names}) for text in NOTEBOOK.values()]
    for mine, theirs in zip(
        executed(mg.explain(mse, x, y, w_1, b_1, w_2, b_2, wrt=PARAMETERS)), by_hand, strict=True
    ):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-14)


def network():
    """A loss in Tensors, named by the variables of this function."""
    w_1, b_1, w_2, b_2 = (mg.Tensor(p, requires_grad=True) for p in LAB[2:])
    x, y = mg.Tensor(1.0), mg.Tensor(np.exp(-1.0))
    z_1_2 = w_1 * x + b_1
    h_1_2 = sigmoid(z_1_2)
    z_3 = h_1_2 @ w_2 + b_2
    L = np.mean((z_3 - y) ** 2)
    return mg.explain(L)


def test_a_recorded_graph_is_explained_with_the_names_around_it():
    assert str(network()) == (
        "z_1_2 = w_1 * x + b_1\n"
        "h_1_2 = sigmoid(z_1_2)\n"
        "z_3 = h_1_2 @ w_2 + b_2\n"
        "L = np.mean((z_3 - y) ** 2)\n"
        "\n"
        "dL_dw1 = 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x\n"
        "dL_db1 = 2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2)\n"
        "dL_dw2 = 2 * (z_3 - y) * h_1_2\n"
        "dL_db2 = 2 * (z_3 - y)\n"
        "\n"
        "# For the branches taken here, and these shapes: w_1 (2,), b_1 (2,), w_2 (2,), b_2 (1,)"
    )


def test_its_text_and_its_latex():
    explanation = network()
    assert explanation.text.splitlines()[4] == "∂L/∂w₁ = 2 · (z₃ − y) · w₂ · σ′(z₁,₂) · x"
    assert explanation.latex.splitlines()[5] == (
        r"\frac{\partial L}{\partial w_{1}} &= "
        r"2\,\left(z_{3} - y\right)\,w_{2} \odot \sigma'\left(z_{1,2}\right)\,x \\"
    )
    assert explanation._repr_latex_().startswith("$$\n\\begin{aligned}\n")


def test_shared_gradients_are_named_as_backpropagation_computes_them():
    def loss(x, y, w_1, b_1, w_2, b_2):
        z_1_2 = w_1 * x + b_1
        h_1_2 = sigmoid(z_1_2)
        z_3 = h_1_2 @ w_2 + b_2
        return np.mean((z_3 - y) ** 2)

    shared = mg.explain(loss, *LAB, wrt=PARAMETERS, share="auto", expand=True)
    assert shared.formulas == {
        "dL_dz3": "2 * (z_3 - y)",
        "dL_dz12": "dL_dz3 * w_2 * h_1_2 * (1 - h_1_2)",
        "dL_dw1": "dL_dz12 * x",
        "dL_dw2": "dL_dz3 * h_1_2",
        "dL_db1": "dL_dz12",
        "dL_db2": "dL_dz3",
    }
    composed = mg.explain(loss, *LAB, wrt=PARAMETERS)
    for mine, theirs in zip(executed(shared), executed(composed), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)


def test_the_source_runs_where_only_numpy_is():
    program = mg.explain(mse, *LAB, wrt="b_2").source()
    program += "print(backprop(1.0, 0.5, np.ones(2), np.ones(2), np.ones(2), np.ones(1)))"
    program += "\nimport sys\nassert 'micrograd_np' not in sys.modules\n"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[4.52318831]\n" or done.stdout.startswith("(array([")


# Higher derivatives


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.exp(-((x - 0.5) ** 2)),
        lambda x: (x - 0.5) * (0.5 - x) ** 2,
        lambda x: (0.5 - x) ** 3 / (x - 0.5) * np.sin(x),
        lambda x: (1 - x) * np.log((x - 1) ** 2),
    ],
)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_factor_and_its_opposite_are_one(f, order):
    derivative = f
    for _ in range(order):
        derivative = mg.grad(derivative)
    (found,) = executed(mg.explain(f, 0.7, order=order))
    np.testing.assert_allclose(found, derivative(0.7), rtol=1e-12)


def test_what_is_readable_is_a_rule():
    assert readable.keys() <= rules.keys()  # of what is recorded: a composite never is


def test_a_norm_is_numpys_and_stands_between_bars():
    explanation = mg.explain(lambda a, b: a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    along_a = "(b / np.linalg.norm(a) - (a @ b) * a / np.linalg.norm(a) ** 3) / np.linalg.norm(b)"
    assert explanation.formulas["dL_da"] == along_a
    assert "∂L/∂a = (b / ‖a‖ − (aᵀ @ b) · a / ‖a‖³) / ‖b‖" in explanation.text
    rows = mg.explain(lambda A: np.sum(np.linalg.norm(A, axis=1, keepdims=True)), np.eye(2))
    assert "L = np.sum(np.linalg.norm(A, axis=1, keepdims=True))" in str(rows)
    assert "‖" not in rows.text


ROW, MATRIX = np.array([0.3, -1.2, 0.8, 2.0]), np.array([[0.3, -1.2, 0.8], [2.0, 0.5, -0.4]])
BOOK = [
    (np.sort, ROW, "g[np.argsort(np.argsort(a))]"),
    (lambda x: np.max(x), ROW, "(x == np.max(x)).astype(float)"),
    (lambda x: np.sum(np.max(x, axis=1)), MATRIX,
     "(x == np.max(x, axis=1, keepdims=True)).astype(float)"),
    (lambda x: np.median(x), ROW[:3], "(x == np.median(x)).astype(float)"),
    (lambda x: 3 * np.percentile(x, 25), np.arange(5.0),
     "3 * (x == np.percentile(x, q=25, method='lower')).astype(float)"),
    (lambda x: np.quantile(x, 0.25), ROW,
     "0.25 * (x == np.quantile(x, q=0.25, method='lower'))"
     " + 0.75 * (x == np.quantile(x, q=0.25, method='higher'))"),
    (lambda x: np.prod(x), ROW, "np.prod(x) / x"),
    (lambda x: np.sum(np.prod(x, axis=0)), MATRIX, "np.prod(x, axis=0) / x"),
    (lambda x: np.cumprod(x), ROW,
     "np.cumsum((g * np.cumprod(x))[::-1])[::-1] / x"),
    (lambda x: np.sinc(x), 0.3, "(np.cos(np.pi * x) - np.sinc(x)) / x"),
    (lambda x: np.var(x), ROW, "2 * (x - np.mean(x)) / 4"),
    (lambda x: np.std(x), ROW, "(x - np.mean(x)) / (4 * np.std(x))"),
    (lambda x: np.linalg.norm(x, 3), ROW,
     "np.abs(x) ** 2 * np.sign(x) / np.linalg.norm(x, ord=3) ** 2"),
    (lambda x: np.sum(np.maximum(x, 0)), ROW, "(x > 0).astype(float)"),
    (lambda x: np.sum(np.where(x > 0, x, 0.1 * x)), ROW, "np.where(x > 0, 1.0, 0.1)"),
    (lambda x: np.sum(np.diff(x) ** 2), ROW,
     "2 * (np.pad(x[:-1] - x[1:], (0, 1)) + np.pad(x[1:] - x[:-1], (1, 0)))"),
    (lambda x: np.trace(x @ x.T), MATRIX, "2 * x"),
    (lambda x: np.linalg.slogdet(x)[1], np.diag([1.0, 2.0]), "np.linalg.inv(x).T"),
    (lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, np.array([-1.2, 1.0]),
     "np.array([400 * (x[0] ** 2 - x[1]) * x[0] - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])"),
    (lambda x: np.mean(np.logaddexp(0, x) - 2 * x), ROW, "(sigmoid(x) - 2) / 4"),
    (lambda x: np.sum(np.where(x > 0, x, np.finfo(float).min)), ROW, "(x > 0).astype(float)"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "formula"), BOOK)
def test_a_derivative_is_printed_as_a_book_has_it(f, x, formula):
    explanation = mg.explain(f, x)
    assert list(explanation.formulas.values()) == [formula]
    out, pull = mg.vjp(f, x)
    g = np.ones(np.shape(out))
    given = {explanation.cotangent: g} if explanation.cotangent else {}
    namespace = {}
    exec(explanation.source(), namespace)
    (found,) = namespace["backprop"](**explanation.point | given)
    np.testing.assert_allclose(found, *pull(g), rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "x", "line"),
    [
        (lambda x: np.max(x), ROW, "# max: entries that are equal share their derivative"),
        (lambda x: np.median(x), ROW, "# median: entries that are equal share their derivative"),
        (np.sort, ROW, "# sort: entries that are equal share their derivative"),
        (lambda x: np.linalg.norm(x), ROW,
         "# norm: its derivative at 0, where it has a kink, counts as 0"),
        (lambda x: np.maximum(x, 0.1), 2.0,
         "# maximum: where both are equal, each has half the derivative"),
    ],
)  # fmt: skip
def test_a_line_says_what_counts_at_a_kink(f, x, line):
    explanation = mg.explain(f, x)
    assert line in str(explanation).splitlines()
    assert f"    {line}" in explanation.source().splitlines()
    assert "#" not in str(mg.explain(lambda x: x**2, x)).replace("# For", "")


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.max(x), np.array([2.0, 1.0, 2.0])),
        (np.sort, np.array([2.0, 1.0, 2.0])),
        (lambda x: np.median(x) ** 2, np.array([2.0, 1.0, 2.0, 2.0])),
        (lambda x: np.percentile(x, 30), np.array([2.0, 1.0, 2.0, 2.0])),
        (lambda x: np.prod(x), np.array([2.0, 0.0, 3.0])),
        (lambda x: np.cumprod(x), np.array([2.0, 0.0, 3.0])),
        (lambda x: np.sinc(x), np.array([0.0, 1e-7, 0.5])),
        (lambda x: np.linalg.norm(x, 3), np.array([0.0, 1.0])),
        (lambda x: np.sum(np.maximum(x, 0)), np.array([0.0, 1.0])),
    ],
)
def test_at_a_kink_the_whole_rule_is_printed(f, x):
    explanation = mg.explain(f, x)
    out, pull = mg.vjp(f, x)
    g = np.arange(1.0, 1 + np.size(out)).reshape(np.shape(out))
    given = {explanation.cotangent: g} if explanation.cotangent else {}
    namespace = {}
    exec(explanation.source(), namespace)
    found = namespace["backprop"](**explanation.point | given)
    np.testing.assert_allclose(found[-1], *pull(g), rtol=1e-12)


def test_a_softmax_written_out_gives_the_difference_to_the_labels():
    labels = np.array([0, 2, 1, 0])

    def loss(X, W, labels):
        Z = X @ W
        Z = Z - np.max(Z, axis=1, keepdims=True)
        P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
        return -np.mean(np.log(P[np.arange(4), labels]))

    X, W = np.linspace(-1, 1, 8).reshape(4, 2), np.linspace(-1, 2, 6).reshape(2, 3)
    explanation = mg.explain(loss, X, W, labels, wrt="W")
    assert explanation.formulas == {"dL_dW": "X.T @ (P - np.eye(3)[labels]) / 4"}
    np.testing.assert_allclose(*executed(explanation), mg.grad(loss, 1)(X, W, labels), rtol=1e-12)
    one_row = mg.explain(
        lambda x: np.sum(np.exp(x) / np.sum(np.exp(x)) * [1.0, 2, 3]), X[0, 0] + ROW[:3]
    )
    assert "softmax(x)" in one_row.formulas["dL_dx"]


def test_the_cotangent_leaves_a_name_of_yours_to_you():
    def step(w, v, g):
        v = 0.9 * v - 0.1 * g
        return w + v

    explanation = mg.explain(step, np.ones(2), np.ones(2), np.ones(2))
    assert explanation.cotangent == "G"
    assert explanation.formulas == {"dL_dw": "G", "dL_dv": "0.9 * G", "dL_dg": "-0.1 * G"}


def test_letters_have_their_signs():
    def loss(mu, sigma, lam, xhat):
        return lam * (xhat - mu) ** 2 / sigma

    explanation = mg.explain(loss, 0.1, 0.2, 0.3, 0.4, wrt="mu")
    assert explanation.text.splitlines()[-1] == "∂L/∂μ = 2 · λ · (μ − xhat) / σ"
    assert r"\lambda\,\left(\mu - \hat{x}\right)}{\sigma}" in explanation.latex


def test_a_function_by_itself_is_explained_in_its_own_names():
    def loss(w, b, x, y):
        z = w * x + b
        return (np.tanh(z) - y) ** 2

    assert mg.explain(loss).formulas == mg.explain(loss, 0.5, 0.1, 2.0, 1.0).formulas
    assert mg.explain(lambda a, t: a * np.exp(-t)).formulas == {
        "dL_da": "np.exp(-t)", "dL_dt": "-a * np.exp(-t)",
    }  # fmt: skip
    assert mg.explain(lambda x, A: x @ A @ x).formulas["dL_dA"] == "np.outer(x, x)"
    assert mg.explain(lambda p, q, base=np.e: np.sum(p * np.log(p / q))).formulas == {
        "dL_dp": "np.log(p / q) + 1", "dL_dq": "-p / q",
    }  # fmt: skip
    assert set(mg.explain(lambda A: np.linalg.slogdet(A)[1]).formulas) == {"dL_dA"}
    assert mg.explain(lambda x: x * 2.0 + np.ones(3)).formulas  # of an array, if not of a number
    for nothing in (lambda: 1.0, lambda x, *, k: x * k, lambda *xs: 1.0):
        with pytest.raises(ArgumentError, match="<lambda> needs arguments"):
            mg.explain(nothing)


def test_the_second_derivative_is_a_formula():
    assert mg.explain(lambda x: np.exp(-x * x), 1.0).formulas == {
        "dL_dx": "-2 * np.exp(-x ** 2) * x"
    }
    second = mg.explain(lambda x: np.exp(-x * x), 1.0, order=2)
    assert list(second.formulas) == ["d2L_dx"]
    expected = mg.grad(mg.grad(lambda x: np.exp(-x * x)))(1.0)
    np.testing.assert_allclose(executed(second), [expected], rtol=1e-12)
    assert r"\frac{\partial^{2} L}{\partial x^{2}}" in second.latex


def test_a_gradient_is_explained_like_any_function():
    def f(x):
        return np.sum(np.tanh(x) ** 3)

    x = np.array([0.3, -0.8])
    hessian_times_g = mg.explain(mg.grad(f), x)
    namespace = {}
    exec(hessian_times_g.source(), namespace)
    g = np.array([0.5, 2.0])
    (found,) = namespace["backprop"](x=x, g=g)
    np.testing.assert_allclose(found, mg.hvp(f, x, g), rtol=1e-12)


# Names


HOSTILE = [
    "__import__('os').system('true')", "x=1", "a\nb", "lambda", "np", "sigmoid", "1st", "", "d d",
    "class", "w']); print('", "é", "\u202eevil", "x" * 500, "print", "__builtins__",
]  # fmt: skip


def test_hostile_names_stay_names():
    tensors = [mg.Tensor(i / 10, requires_grad=True, name=n) for i, n in enumerate(HOSTILE)]
    total = sum(np.tanh(t) for t in tensors)
    explanation = mg.explain(total)
    tree = ast.parse(explanation.source())
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called == {"np.tanh"}
    assert len(explanation.point) == len(HOSTILE)
    found = executed(explanation)
    total.backward()
    np.testing.assert_allclose(found, [t.grad for t in tensors])


def test_a_function_of_the_users_is_printed_whatever_it_is_called():
    @mg.custom_vjp
    def twice(x):
        return 2 * np.sin(x)

    twice.defvjp(lambda g, x: g * 2 * np.cos(x))
    explanation = mg.explain(lambda x: twice(x) ** 2, 0.3)
    np.testing.assert_allclose(executed(explanation), [8 * np.sin(0.3) * np.cos(0.3)])

    def f(x):
        return 2 * np.sin(x)

    f.__name__ = "__import__('os').system('true') or f"
    hostile = mg.custom_vjp(f)
    hostile.defvjp(lambda g, x: g * 2 * np.cos(x))
    tree = ast.parse(mg.explain(lambda x: hostile(x) ** 2, 0.3).source())
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called == {"np.sin", "np.cos", "import_os_system_true_or_f"}


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_any_names_give_source_that_runs(names):
    tensors = [mg.Tensor(0.5 + i, requires_grad=True, name=n) for i, n in enumerate(names)]
    total = np.exp(sum(t * t for t in tensors) / 50)
    found = executed(mg.explain(total))
    total.backward()
    np.testing.assert_allclose(found, [t.grad for t in tensors], rtol=1e-12)


def test_parameters_in_trees_are_named_by_their_keys():
    def loss(parameters, x):
        return np.sum(np.tanh(x @ parameters["W"] + parameters["b"]))

    explanation = mg.explain(loss, {"W": np.ones((2, 2)), "b": np.ones(2)}, np.ones((3, 2)))
    assert list(explanation.formulas) == ["dL_dW", "dL_db", "dL_dx"]


def test_what_a_loop_binds_is_numbered():
    def f(x, Ws):
        for W in Ws:
            x = np.tanh(x @ W)
        return np.sum(x)

    explanation = mg.explain(f, np.ones(2), [np.eye(2) / 2] * 2, share="auto")
    assert str(explanation).splitlines()[:8] == [
        "x_1 = np.tanh(x @ Ws_1)",
        "x_2 = np.tanh(x_1 @ Ws_2)",
        "L = np.sum(x_2)",
        "",
        "dL_dx1 = Ws_2 @ (1 - x_2 ** 2)",
        "dL_dx = Ws_1 @ (dL_dx1 * (1 - x_1 ** 2))",
        "dL_dWs1 = np.outer(x, dL_dx1 * (1 - x_1 ** 2))",
        "dL_dWs2 = np.outer(x_1, 1 - x_2 ** 2)",
    ]


def test_functions_inside_name_what_they_compute_but_not_their_parameters():
    def layer(x, W):
        pre = x @ W
        return np.tanh(pre)

    explanation = mg.explain(lambda x, V: np.sum(layer(x, V) ** 2), np.ones(2), np.eye(2))
    assert str(explanation).startswith("pre = x @ V\nL = np.sum(np.tanh(pre) ** 2)\n")


def test_a_debugger_goes_on_watching_afterwards():
    def watch(*_):
        return None

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        mg.explain(lambda x: x * x, 1.0)
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before)


def test_arrays_that_a_function_closes_over_keep_their_names():
    data = np.linspace(0, 1, 9)
    explanation = mg.explain(lambda w: np.sum(w * data), 2.0)
    assert explanation.formulas == {"dL_dw": "np.sum(data)"}
    assert explanation.point["data"] is not data
    np.testing.assert_allclose(executed(explanation), [np.sum(data)])


# Branches, and results that are no single number


def test_the_branch_that_was_taken_is_explained():
    def f(x):
        return x**2 if x > 0 else -x

    assert mg.explain(f, 2.0).formulas == {"dL_dx": "2 * x"}
    assert mg.explain(f, -2.0).formulas == {"dL_dx": "-1"}


def test_an_array_has_a_cotangent():
    explanation = mg.explain(lambda A, x: A @ x, np.ones((2, 3)), np.ones(3))
    assert explanation.formulas == {"dL_dA": "np.outer(g, x)", "dL_dx": "g @ A"}
    assert explanation.cotangent == "g"


def test_a_condition_multiplies_as_a_number():
    explanation = mg.explain(lambda w, x: np.sum(mg.nn.relu(w * x)), np.ones(3), np.ones(3), wrt=0)
    assert explanation.formulas == {"dL_dw": "(w * x > 0) * x"}


def test_deep_formulas_are_cut_into_lines():
    def f(x):
        for _ in range(200):
            x = np.sin(x) + x * 0.01
        return x

    explanation = mg.explain(f, 0.3)
    assert max(map(len, str(explanation).splitlines())) < 5000
    np.testing.assert_allclose(executed(explanation), [mg.grad(f)(0.3)], rtol=1e-10)


# Errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mg.explain(3), "explain needs a function, got int"),
        (lambda: mg.explain(np.sin, 1), "does not depend on any Tensor or floating-point argument"),
        (lambda: mg.explain(np.sin, 1.0, share="all"), "share is None or 'auto', got 'all'"),
        (lambda: mg.explain(np.sin, 1.0, order=0), "order is 1, 2, ..., got 0"),
        (lambda: mg.explain(np.sin, np.ones(2), order=2), "order=2 is for single numbers"),
        (lambda: mg.explain(mse, *LAB, wrt="w"), "mse has no floating-point argument 'w'"),
        (lambda: mg.explain(np.reshape), "reshape needs arguments"),
        (lambda: mg.explain(lambda x: (x, x), 1.0), "returned a tuple of 2"),
        (
            lambda: mg.explain(lambda x: sum(x for _ in range(6000)), 1.0),
            "operations are more than",
        ),
        (lambda: mg.explain(mg.Tensor(1.0, requires_grad=True), 2.0), "takes no arguments"),
    ],
)
def test_errors_say_what_to_write(call, message):
    with pytest.raises(ArgumentError, match=message.replace("(", r"\(")) as caught:
        call()
    assert "test_explain.py" in str(caught.value)


def test_a_tensor_without_a_history_is_refused():
    with pytest.raises(GraphError, match="nothing was recorded"):
        mg.explain(mg.Tensor(1.0))


def in_place(x, y):
    x += y
    x[0] = x[1] ** 2
    x[1:] *= y[:-1]
    return np.sum(x * x)


def test_what_changes_in_place_is_explained_as_what_it_was():
    explanation = mg.explain(in_place, np.array([1.0, 2.0, 3.0]), np.array([0.5, 2.0, -1.0]))
    found = executed(explanation)
    x, y = (mg.Tensor(v, requires_grad=True) for v in ([1.0, 2.0, 3.0], [0.5, 2.0, -1.0]))
    in_place(x * 1, y).backward()
    np.testing.assert_allclose(found[0], x.grad, rtol=1e-14)
    np.testing.assert_allclose(found[1], y.grad, rtol=1e-14)


def test_a_tensor_from_outside_keeps_its_value_though_it_is_changed_and_returned():
    total = mg.Tensor(1.0)

    def f(x):
        nonlocal total
        total += np.sum(x**2)
        return total

    x = np.array([1.0, 2.0])
    (found,) = executed(mg.explain(f, x))
    np.testing.assert_array_equal(found, 2 * x)
    assert total.item() == 1
    assert not total.requires_grad


def test_the_source_brings_the_modules_that_its_helpers_read():
    x = np.array([0.5, -1.0])
    (found,) = executed(mg.explain(lambda x: np.sum(mg.nn.gelu(x) * mg.nn.silu(x)), x))
    np.testing.assert_allclose(found, mg.grad(lambda x: np.sum(mg.nn.gelu(x) * mg.nn.silu(x)))(x))


def test_wrt_and_options_are_told_from_arrays_and_misspelt_ones():
    x = np.ones(2)
    with pytest.raises(ArgumentError, match=r"wrt is a name, a position.*ndarray \(test_explain"):
        mg.explain(np.sum, x, wrt=x)
    t = mg.Tensor(x, requires_grad=True)
    with pytest.raises(ArgumentError, match=r"no argument 'ordr' \(test_explain.*mean 'order'\?"):
        mg.explain(np.sum(t), ordr=2)


def test_what_another_thread_computed_is_told_and_its_result_explained():
    def f(w):
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda k: np.sum(np.sin(w) * k), range(3)))

    w = mg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    with pytest.raises(ArgumentError, match=r"in another thread \(test_explain.*mg.explain\(f"):
        mg.explain(f, w.data)
    (found,) = executed(mg.explain(f(w)))
    np.testing.assert_allclose(found, 3 * np.cos(w.data))


@pytest.mark.parametrize("reduce", [np.sum, np.prod, np.max, np.cumsum])
def test_a_number_reduced_along_an_axis_that_it_lacks_is_itself(reduce):
    u = mg.Tensor([1.0, 2.0], requires_grad=True)
    loss = np.sum(reduce(np.sum(u, axis=0), axis=0) ** 2) / 2
    (found,) = executed(mg.explain(loss, wrt=[u]))
    np.testing.assert_allclose(found, [3.0, 3.0])

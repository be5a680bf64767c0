"""The law of formulas: executing the printed text gives the numbers of autograd."""

from functools import partial

import numpy as np
import pytest
from draws import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from notebooks import arguments, notebooks
from samples import CALLS, COMPLEX_CALLS, SPECIAL_CALLS, computed, ids, samples_moves, varied

import micrograd_np as mg
from micrograd_np.errors import ArgumentError
from micrograd_np.formulas.function import is_numpys
from micrograd_np.testing import strategies

EVERY = CALLS + COMPLEX_CALLS + SPECIAL_CALLS


def executed(explanation, **given):
    """What the printed source returns."""
    namespace = {}
    exec(explanation.source(), namespace)
    with np.errstate(all="ignore"):
        return namespace["backprop"](**explanation.point | given)


def explained(f, args, kwargs, options):
    """What explain gives; None where it says that nothing depends on the arguments."""
    try:
        return mg.explain(f, *args, **kwargs, **options)
    except ArgumentError as error:
        if "does not depend" not in str(error):
            raise
        return None


def check(f, args, kwargs=None, **options):
    """Executed text equals vjp, of every floating argument, at a random cotangent."""
    kwargs = kwargs or {}
    if kwargs.keys() & {"order", "names"}:  # words that explain takes for its own
        f, kwargs = partial(f, **kwargs), {}
    leaves, rebuild = mg.tree.flatten((args, kwargs))
    given = len(mg.tree.flatten(args)[0])
    named = not is_numpys(f)
    places = [
        i
        for i, x in enumerate(leaves)
        if varied(x) and (i < given or (named and isinstance(x, np.ndarray)))
    ]

    def of_floats(*xs):
        full = list(leaves)
        for i, x in zip(places, xs, strict=True):
            full[i] = x
        full_args, full_kwargs = rebuild(full)
        return f(*full_args, **full_kwargs)

    out, pull = mg.vjp(of_floats, *[leaves[i] for i in places])
    rng = np.random.default_rng(1)
    g = rng.normal(size=np.shape(out)) if np.size(out) != 1 else np.ones(np.shape(out))
    if np.asarray(out).dtype.kind == "c" and np.size(out) != 1:
        g = g + 1j * rng.normal(size=np.shape(out))
    g = np.asarray(g, np.asarray(out).dtype)[()]
    expected = pull(g)
    explanation = explained(f, args, kwargs, options)
    if explanation is None:
        assert not any(np.any(q) for q in expected)
        return
    given = {explanation.cotangent: g} if explanation.cotangent in explanation.point else {}
    found = executed(explanation, **given)
    assert len(found) == len(expected)
    texts = list(explanation.formulas.values())[-len(found) :]  # before them: parts of long ones
    for text, mine, theirs in zip(texts, found, expected, strict=True):
        assert np.shape(mine) == np.shape(theirs), text
        if not isinstance(mine, int | float):
            assert np.asarray(mine).dtype == np.asarray(theirs).dtype, text
        single = np.asarray(theirs).dtype == np.float32
        rtol, atol = (1e-3, 1e-4) if single else (1e-9, 1e-11)
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol, err_msg=text)
    assert explanation.latex
    assert explanation.text


@pytest.mark.parametrize("call", EVERY, ids=ids(EVERY))
def test_executing_what_is_printed_for_a_rule_gives_its_gradient(call):
    function, sample = as_function(call[0]), call[1]
    out = function(*sample.args, **sample.kwargs)
    for i in parts_of(out):
        part = function if i is None else partial(entry, function, i)
        check(part, sample.args, sample.kwargs)


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS, ids=ids(CALLS))
def test_what_is_printed_keeps_single_precision(call):
    function, sample = as_function(call[0]), call[1]
    leaves, rebuild = mg.tree.flatten(sample.args)
    args = rebuild([np.asarray(x, np.float32)[()] if varied(x) else x for x in leaves])
    out = function(*args, **sample.kwargs)
    for i in parts_of(out):
        part = function if i is None else partial(entry, function, i)
        check(part, args, sample.kwargs)


def as_function(function):
    """A function that returns what is computed: also one that writes, or makes arrays of lists."""
    if function not in samples_moves.MAKING and function not in samples_moves.WRITING:
        return function
    return lambda *args, **kwargs: computed(function, args, kwargs)


def parts_of(out):
    """The places of several results that have a derivative, or None for a single result."""
    if not isinstance(out, tuple | list):
        return [None] if out is not None else []
    return [i for i, x in enumerate(mg.tree.flatten(out)[0]) if np.asarray(x).dtype.kind in "fc"]


def entry(function, i, *args, **kwargs):
    """One of several results."""
    return mg.tree.flatten(function(*args, **kwargs))[0][i]


@pytest.mark.parametrize("length", [4, 8])  # of a short vector all entries are written
@pytest.mark.parametrize("written", ["from the start", "from the end"])
@pytest.mark.parametrize("read", ["from the start", "from the end"])
def test_an_entry_is_the_same_counted_from_the_start_and_from_the_end(length, written, read):
    at = {"from the start": length - 1, "from the end": -1}

    def f(x):
        y = x * 1
        y[at[written]] = x[0] ** 2
        return y[at[read]] * x[1]

    check(f, (np.arange(1.0, length + 1),))


@given(st.data())
@pytest.mark.parametrize("share", [None, "auto"])
@pytest.mark.parametrize("expand", [False, True])
def test_executing_what_is_printed_for_a_random_graph_gives_its_gradient(share, expand, data):
    program = data.draw(strategies.programs())
    shape = data.draw(strategies.shapes(max_dims=2, max_side=3))
    x, y = (data.draw(strategies.arrays(shape, strategies.numbers(kinks=[0.0]))) for _ in "xy")
    s = data.draw(strategies.numbers(kinks=[0.0]))
    check(program, (x, y, s), share=share, expand=expand)


@pytest.mark.parametrize("share", [None, "auto"])
@given(loss=notebooks(), seed=st.integers(0, 99))
def test_executing_what_is_printed_for_a_notebook_gives_its_gradient(share, loss, seed):
    given = arguments(seed)
    true = mg.grad(loss, tuple(given))(**given)
    explanation = mg.explain(loss, *given.values(), share=share)
    for g, q in zip(executed(explanation, **given), true, strict=True):
        np.testing.assert_allclose(g, q, rtol=1e-9, atol=1e-11 * max(1, np.abs(q).max()))
    assert explanation.latex


@given(st.data())
def test_executing_what_is_printed_for_a_recorded_graph_gives_its_gradient(data):
    program = data.draw(strategies.programs())
    shape = data.draw(strategies.shapes(max_dims=2, max_side=3))
    x, y = (data.draw(strategies.arrays(shape, strategies.numbers(kinks=[0.0]))) for _ in "xy")
    s = data.draw(strategies.numbers(kinks=[0.0]))
    tensors = [mg.Tensor(v, requires_grad=True) for v in (x, y, s)]
    out = program(*tensors) + np.sum(np.sin(tensors[0]) * tensors[1]) * tensors[2]
    found = executed(mg.explain(out, wrt=tensors))
    expected = mg.gradients(out, tensors)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs.data, rtol=1e-9, atol=1e-11)


@given(loss=notebooks(), seed=st.integers(0, 99))
def test_executing_what_is_printed_for_a_recorded_notebook_gives_its_gradient(loss, seed):
    given = arguments(seed)
    tensors = [mg.Tensor(x, requires_grad=True) for x in given.values()]
    out = loss(*tensors)
    true = [g.data for g in mg.gradients(out, tensors, allow_unused=True)]
    used = [i for i, g in enumerate(true) if np.any(g)]
    assume(used)
    explanation = mg.explain(out, wrt=[tensors[i] for i in used])
    for mine, i in zip(executed(explanation), used, strict=True):
        scale = max(1, np.abs(true[i]).max())
        np.testing.assert_allclose(mine, true[i], rtol=1e-9, atol=1e-11 * scale)
    assert explanation.text


@given(st.data())
def test_a_printed_gradient_of_a_gradient_is_the_hessian_times_a_vector(data):
    program = data.draw(strategies.programs(max_steps=6))
    x, y, s = np.array([0.3, -0.7]), np.array([1.1, 0.4]), 0.6
    f = lambda x: program(x, y, s) + np.sum(np.sin(x))
    g = np.array([0.5, -2.0])
    explanation = mg.explain(mg.grad(f), x)
    (found,) = executed(explanation, **{explanation.cotangent: g})
    np.testing.assert_allclose(found, mg.hvp(f, x, g), rtol=1e-9, atol=1e-11)


@given(st.data())
def test_a_second_derivative_is_printed_as_it_is(data):
    program = data.draw(strategies.programs(max_steps=6))
    f = lambda x: program(x, x * x, 0.5) + np.sin(x)
    (found,) = executed(mg.explain(f, 0.7, order=2))
    np.testing.assert_allclose(found, mg.grad(mg.grad(f))(0.7), rtol=1e-8, atol=1e-10)


MET = [
    "1 / (1 + np.exp(-X @ w))", "1 - 1 / (1 + np.exp(-X @ w))", "1 / (1 + np.exp(X @ w))",
    "np.exp(X @ w) / (1 + np.exp(X @ w))", "mg.nn.sigmoid(X @ w)", "1 - mg.nn.sigmoid(X @ w)",
    "np.exp(X @ w)", "1 + np.exp(X @ w)", "np.tanh(X @ w)", "np.sinh(X @ w)", "np.cosh(X @ w)",
    "np.exp(X @ w) / np.sum(np.exp(X @ w))", "mg.nn.softmax(X @ w)", "np.maximum(X @ w, 0)",
    "np.exp(-X @ w)", "1 + np.exp(-X @ w)", "np.sum(np.exp(X @ w))", "(X @ w > 0)", "y",
]  # fmt: skip


@examples(300)
@given(st.lists(st.tuples(st.sampled_from(MET), st.sampled_from([" * ", " / "])), max_size=5))
@example([("1 / (1 + np.exp(-X @ w))", " / "), ("1 - 1 / (1 + np.exp(-X @ w))", " * ")])
def test_what_a_product_has_a_name_for_may_be_among_its_factors(factors):
    body = "y" + "".join(sign + f"({f})" for f, sign in factors)
    space = {"np": np, "mg": mg}
    exec(f"def f(w, X, y):\n    return np.sum({body})", space)
    rng = np.random.default_rng(5)
    point = rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=4)
    with np.errstate(all="ignore"):
        true = mg.grad(space["f"])(*point)
        assume(np.isfinite(true).all())
        explanation = explained(space["f"], point, {}, {"wrt": "w"})
        (found,) = executed(explanation) if explanation else (0 * true,)
    scale = max(1, np.abs(true).max())
    np.testing.assert_allclose(found, true, rtol=1e-9, atol=1e-9 * scale, err_msg=body)


COUNTED = ["(X > 0)", "(X > -1)", "(k > 2)", "k", "u", "i", "mask"]
COUNTING = [
    "{} * 1", "{} * 1.0", "{} + 0.0", "{} / 1", "{} + {}", "{} - {}", "{} * {}", "-{}", "1 - {}",
    "{} ** 2", "{} / 2", "2 * {}", "{}.astype(float)", "{}.astype(int)",
    "np.sum({}, axis=0, keepdims=True)", "np.abs({})", "{} * x / x", "{}[:1]",
    "np.broadcast_to({}[0], (4, 3))", "{}[:, :1] * 1.0",
]  # fmt: skip
INTEGER = st.recursive(
    st.sampled_from(COUNTED),
    lambda inner: st.builds(
        lambda f, xs: "(" + f.format(*xs) + ")", st.sampled_from(COUNTING), st.tuples(inner, inner)
    ),
    max_leaves=4,
)
AROUND = [
    "x * np.cos({0})", "x * ({0})", "np.cos(x * {0})", "x * np.exp(-({0}) / 5)",
    "x * {0} - x * {1}", "x / (3 + np.abs({0}))", "(x - {0}) ** 2", "x * {0} * {1}",
    "np.logaddexp(0, x) - {0} * x",
    "({0} @ np.ones(3)) @ x", "x @ ({0} * np.ones((4, 3))).T @ (np.ones((4, 3)) * {1})",
]  # fmt: skip


@examples(200)
@given(st.sampled_from(AROUND), INTEGER, INTEGER)
def test_truths_and_integers_are_printed_as_the_floats_that_they_became(around, one, other):
    space = {"np": np}
    body = around.format(one, other)
    exec(f"def f(x, X, k, u, i, mask):\n    return np.sum({body})", space)
    rng = np.random.default_rng(7)
    x, X = rng.normal(size=(2, 4, 3))
    k = rng.integers(1, 5, size=(4, 3))
    point = x, X, k, k.astype(np.uint8), k.astype(np.int8) - 2, X > 0.2
    at = dict(zip(("x", "X", "k", "u", "i", "mask"), point, strict=True))
    with np.errstate(all="ignore"):
        try:  # NumPy has no difference of truths, and half precision of small integers
            terms = [eval(t, {"np": np}, at) for t in (one, other)]
            true = mg.grad(space["f"])(*point)
        except (TypeError, ValueError, IndexError):
            assume(False)
        assume(all(np.cos(t).dtype == np.float64 for t in terms))
        (found,) = executed(mg.explain(space["f"], *point, wrt="x"))
    assert found.dtype == true.dtype, body
    np.testing.assert_allclose(found, true, rtol=1e-12, atol=1e-12, err_msg=body)


POSITIVE, LOGS = np.array([4.0, 0.0, -1.0]), np.array([4.0, 0.0, 0.5])


@pytest.mark.parametrize("share", [None, "auto"])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), POSITIVE),
        (lambda x: np.where(x > 0, np.sqrt(x), 0.0), POSITIVE),
        (lambda x: np.where(x > 0, np.sqrt(x), 0.0), 0.0),
        (lambda x: np.sum(np.select([x > 0], [x**0.5], 0.0)), POSITIVE),
        (lambda x: np.sum(np.where(x > 0, x * np.log(x), x**2)), POSITIVE),
        (lambda x: np.sum(np.where(x != 0, np.sin(x) / x, 1.0)), POSITIVE),
        (lambda x: np.sum(np.where(x > 0, np.where(x > 1, np.sqrt(x - 1), 0), x)), POSITIVE),
        (lambda x: np.sum(np.where(x[:, None] > 0, np.sqrt(x[:, None]), np.ones(2))), POSITIVE),
        (lambda x: np.sum(np.maximum(np.log(x), 0.0)), LOGS),
        (lambda x: np.sum(np.clip(1 / x, -1, 1)), POSITIVE),
        (lambda x: np.sum(mg.nn.relu(np.log(x))), LOGS),
        (lambda x: np.sum(np.sqrt(x)[:1]) + np.sum(x), POSITIVE),
        (lambda x: np.sqrt(x)[0] * np.log(x)[0], POSITIVE),
        (lambda x: np.max(np.sqrt(x)) * 2, LOGS),
        (lambda x: np.sort(np.sqrt(x))[-1], LOGS),
        (lambda x: np.sum(np.concatenate([np.sqrt(x)[:1], x]) ** 2), POSITIVE),
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0).reshape(3, 1) * np.ones(2)), POSITIVE),
        (lambda x: np.linalg.norm(np.where(x > 0, np.sqrt(x), 0)), POSITIVE),
    ],
)
def test_what_was_not_chosen_contributes_nothing_in_print_either(f, x, share):
    with np.errstate(all="ignore"):
        assert np.isfinite(mg.vjp(f, x)[1](np.ones_like(f(x)))[0]).all()
        check(f, (x,), share=share)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.where(x != 0, np.sin(x) / x, 1.0),
        lambda x: np.where(x > 0, np.sqrt(x), 0.0),
        lambda x: mg.nn.relu(np.log(x)),
    ],
)
def test_nor_does_it_to_second_derivatives(f):
    with np.errstate(all="ignore"):
        found = executed(mg.explain(f, 0.0, order=2))
        assert found == (mg.grad(mg.grad(f))(0.0),) == (0,)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.where(np.log(x) > 0, x**2, x**3)),
        lambda x: np.sum(np.where(np.log(x) > 0, 1.0, x**3)),
        lambda x: np.sum(x**2 * (np.log(x) > 0) + x**3 * (np.log(x) <= 0)),
        lambda x: np.sum(np.where(np.sqrt(x) <= 1, x, np.exp(x))),
    ],
)
def test_what_is_not_a_number_is_neither_larger_nor_smaller(f):
    with np.errstate(all="ignore"):
        check(f, (np.array([4.0, -1.0, 0.5]),))


ROWS = np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 3.0]])


@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.linalg.norm(X, axis=1),
        lambda X: np.sum(np.linalg.norm(X[1])),
        lambda X: np.linalg.norm(X - X[2], axis=1, keepdims=True) * X,
        lambda X: np.std(X, axis=1),
        lambda X: np.sum(X / (1 + np.std(X, axis=1, keepdims=True))),
        lambda X: np.hypot(X[:, 0], X[:, 1]),
        lambda X: np.linalg.norm(X, ord=3, axis=1),
    ],
)
def test_at_a_kink_the_derivative_of_the_conventions_is_printed(f):
    assert np.isfinite(mg.vjp(f, ROWS)[1](np.ones_like(f(ROWS)))[0]).all()
    check(f, (ROWS,))


def test_a_choice_is_printed_where_it_is_needed():
    def root(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    with np.errstate(all="ignore"):
        at_zero = mg.explain(root, np.array([4.0, 0.0])).formulas
    elsewhere = mg.explain(root, np.array([4.0, 1.0])).formulas
    assert at_zero == {"dL_dx": "np.where(x > 0, 1 / (2 * np.sqrt(x)), 0)"}
    assert elsewhere == {"dL_dx": "(x > 0) / (2 * np.sqrt(x))"}


def test_an_entry_that_is_used_keeps_its_infinity_in_print():
    def f(x):
        return np.sum(np.where(x > 0, np.log(x), 0.0)) + np.sqrt(x[1])

    with np.errstate(all="ignore"):
        x = np.array([4.0, 0.0])
        assert np.isinf(mg.grad(f)(x)[1])
        check(f, (x,))

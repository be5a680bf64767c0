"""Programs: traced or made of graphs, they compute what the function computes."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given

import micrograd_np as mg
from micrograd_np.errors import DetachError, MicrogradError, NoRuleError, TracingError
from micrograd_np.testing.strategies import programs
from micrograd_np.tracing.program import of_graph
from micrograd_np.tracing.text import source
from micrograd_np.tracing.trace import trace

X, Y = np.array([0.5, -1.25, 2.0]), np.array([1.5, 0.25, -0.75])


def run(f, *args):
    """Trace f on other arguments of these shapes, then run the program and its text on these."""
    others = [np.asarray(x) * 0 + 1 if isinstance(x, np.ndarray) else x for x in args]
    program = trace(f, *others)
    text, namespace = source(program)
    exec(text, namespace)
    found = program(*args)
    outs, printed = mg.tree.flatten(found)[0], namespace["f"](*args)
    for a, b in zip(outs, printed if len(outs) > 1 else (printed,), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-13)
    return found


@given(programs())
def test_a_program_computes_the_function_and_its_gradient(program):
    f = mg.value_and_grad(program, argnums=(0, 1, 2))
    s = np.float64(0.75)
    value, grads = f(X, Y, s)
    traced, traced_grads = run(f, X, Y, s)
    assert value == traced
    for a, b in zip(grads, traced_grads, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.where(x > y, np.floor(x), np.sign(y)),
        lambda x, y: x[np.argsort(y)],
        lambda x, y: np.take(y, np.argmax(x)),
        lambda x, y: (x > 0) & ~(y > 0),
        lambda x, y: np.argmax(x).astype(np.int32) + 1,
        lambda x, y: mg.nn.softmax_cross_entropy(x, np.argmax(y)),
        lambda x, y: np.linalg.inv(np.outer(x, y) + 9 * np.eye(3)),
        lambda x, y: [x[1:], {"a": x[..., None], "b": (y, 3)}],
        lambda x, y: mg.jacobian(lambda v: v * np.sum(v * y))(x),
        lambda x, y: mg.hvp(lambda v: np.sum(v**3 * y), x, y),
        lambda x, y: mg.jvp(lambda v: np.linalg.norm(v) * v, (x,), (y,)),
        lambda x, y: mg.grad(lambda v: np.sum(v * mg.stop_gradient(v)))(x * y),
        lambda x, y: mg.grad(lambda v: mg.checkpoint(lambda u: np.sum(np.sin(u)))(v * y))(x),
        lambda x, y: mg.grad(lambda w: np.sum(w * x))(np.ones(3)) + y,
        lambda x, y: np.sum(x, dtype=int) + np.sum(y),
    ],
)
def test_everything_that_hangs_on_an_input_is_recorded(f):
    expected, found = mg.tree.flatten(f(X, Y))[0], mg.tree.flatten(run(f, X, Y))[0]
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(np.asarray(getattr(a, "data", a)), b)


def test_what_happens_under_no_grad_is_recorded_and_passes_no_gradient():
    def f(x, y):
        with mg.no_grad():
            scale = x * 2
            y *= scale
        return np.sum(x * scale * y)

    value, g = run(mg.value_and_grad(f), X, Y)
    assert value == np.sum(X * (X * 2) * (Y * (X * 2)))
    np.testing.assert_array_equal(g, X * 2 * (Y * (X * 2)))


def test_a_plain_number_stays_weak():
    def step(w, lr):
        return w - 2 * lr * np.exp(-lr) * w, w - 2 * lr

    w = X.astype(np.float32)
    for expected, found in zip(step(w, 0.1), trace(step, w, 0.5)(w, 0.1), strict=True):
        assert expected.dtype == found.dtype
        np.testing.assert_array_equal(expected, found)


def test_constants_keep_the_values_they_had():
    buffer = np.zeros(3)

    def f(x):
        for _ in range(3):
            buffer[:] += 1
            x = x + buffer
        return x

    assert trace(f, X)(X).tolist() == (X + 6).tolist()


def test_structural_zeros_need_the_careful_form():
    f = mg.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)))
    plain, careful = trace(f, Y), trace(f, Y, careful=True)
    assert plain.checks
    assert not careful.checks
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(careful(X), f(X))
        assert np.isnan(plain(X)).any()


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: x if x.sum() > 0 else -x, "bool()"),
        (lambda x: float(x[0]), "float()"),
        (lambda x: x[0].item(), "item()"),
        (lambda x: x.tolist(), "tolist()"),
        (lambda x: range(x[0].astype(int)), "index"),
        (lambda x: x[x > 0], "x[mask]"),
        (lambda x: np.nonzero(x), "nonzero"),
        (lambda x: np.unique(x), "unique"),
        (lambda x: np.asarray(x), "ndarray"),
        (lambda x: x.data, ".data"),
        (lambda x: 0.5 in x, "in"),
    ],
)
def test_a_value_asked_for_in_a_trace_is_an_error_that_names_the_cure(f, words):
    with pytest.raises(TracingError, match=r"test_tracing.py:\d+") as caught:
        trace(f, X)
    assert words in str(caught.value)
    assert "np.where" in str(caught.value)


@pytest.mark.parametrize(
    ("f", "who"),
    [
        (lambda x: np.trim_zeros(x), "np.trim_zeros needs"),
        (lambda x: np.histogram(x, "auto"), "np.histogram needs"),
        (lambda x: np.linalg.matrix_power(np.outer(x, x), x[0].astype(int)), "np.linalg.matrix_po"),
        (lambda x: np.select([Y > 0], [Y], x[0]), "np.select converts"),
        (lambda x: np.full(3, x[0]), "np.full converts"),
        (lambda x: np.repeat(Y, x.astype(int)), "index"),
        (lambda x: np.apply_along_axis(lambda row: float(row[0]), 0, x), "float() "),
    ],
)
def test_the_function_that_asks_for_a_value_in_a_trace_is_named(f, who):
    with pytest.raises(TracingError, match=r"test_tracing.py:\d+.*static_argnames") as caught:
        trace(f, X)
    assert who in str(caught.value)


@pytest.mark.parametrize(
    "f", [lambda x: Y[np.argmax(x)], lambda x: Y[x > 0], lambda x: [1, 2][np.argmax(x)]]
)
def test_an_index_of_a_plain_array_in_a_trace_names_what_to_write(f):
    with pytest.raises(TracingError, match=r"use as an index.*mg\.asarray\(a\)\[i\]"):
        trace(f, X)
    assert trace(lambda x: mg.asarray(Y)[np.argmax(x)], X)(-X) == Y[np.argmax(-X)]


def test_an_argument_that_numpy_hands_to_nobody_is_told_from_others():
    x = mg.Tensor(1.0, requires_grad=True)
    with pytest.raises(DetachError, match=r"np\.select converts this.*np\.where\(condition"):
        np.select([Y > 0], [Y], x)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: f"{x[0]:.2f}", "format(x, '.2f')"),
        (np.array2string, "np.array2string"),
        (np.array_str, "np.array_str"),
        (np.array_repr, "np.array_repr"),
    ],
)
def test_a_text_of_values_is_not_made_in_a_trace(f, words):
    with pytest.raises(TracingError, match=r"test_tracing.py:\d+") as caught:
        trace(f, X)
    assert words in str(caught.value)


def test_a_value_that_is_formatted_in_a_trace_is_told_to_be_unknown():
    with pytest.raises(TypeError) as caught:  # since Python 3.15 in Python's words, and a note
        trace(lambda x: "%f" % x[0], X)  # noqa: UP031 (what is tested)
    said = "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "while it is compiled" in said or "a function that is compiled" in said


@pytest.mark.parametrize("text", [str, repr, format, "{}".format])
def test_a_traced_value_prints_as_what_is_known_of_it(text):
    seen = []
    trace(lambda x: seen.append(text(x)), X)
    trace(lambda x: seen.append(text(np.sum(x, dtype=np.float32))), X)
    trace(mg.grad(lambda x: (seen.append(text(np.outer(x, x))), x[0])[1]), X)
    assert seen == ["Traced<float64[3], 'x'>", "Traced<float32[]>", "Traced<float64[3, 3]>"]


def test_what_a_trace_knows_prints_as_its_value():
    w, seen = mg.Tensor(2.0, name="w"), []
    trace(lambda x: seen.append(f"{w} {w:.1f}"), X)
    assert seen == ["Tensor(2., name='w') 2.0"]


def test_backward_in_a_trace_names_value_and_grad():
    with pytest.raises(TracingError, match="value_and_grad"):
        trace(lambda x: np.sum(x).backward(), X)


def test_a_variable_of_another_graph_is_refused():
    w = mg.Tensor(Y, requires_grad=True, name="w")
    with pytest.raises(TracingError, match="'w'"):
        trace(lambda x: x * w, X)
    assert trace(lambda x: x * w.detach(), X)(X).tolist() == (X * Y).tolist()


def test_a_function_without_a_rule_is_traced_but_not_differentiated():
    assert trace(lambda x: np.nextafter(x, 9.0), X)(X).tolist() == np.nextafter(X, 9.0).tolist()
    with pytest.raises(NoRuleError, match="nextafter"):
        trace(mg.grad(lambda x: np.sum(np.nextafter(x, 9.0))), X)


def test_a_recorded_graph_becomes_a_program():
    x, w = mg.Tensor(X, requires_grad=True), mg.Tensor(Y, requires_grad=True)
    loss = np.sum(np.tanh(x * w), axis=0)
    assert of_graph([loss])(X, Y) == [loss.item()]


def test_functions_of_several_results_are_recorded():
    matrix = np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 4.0]])

    def f(x):
        sign, logabsdet = np.linalg.slogdet(np.outer(x, x) + matrix)
        return sign * logabsdet * np.sum(x)

    for g in (f, mg.grad(f), mg.hessian(f)):
        np.testing.assert_allclose(run(g, X), g(X), rtol=1e-12)
    fraction, whole = run(lambda x: np.modf(x * 3), X)
    assert [fraction.tolist(), whole.tolist()] == [x.tolist() for x in np.modf(X * 3)]


@pytest.mark.parametrize("show", [mg.draw, mg.step, mg.graph])
def test_a_traced_value_is_not_drawn(show):
    with pytest.raises(TracingError, match=r"^mg\.\w+ needs.*\(test_tracing.*mg\.draw\(f, x\)"):
        trace(lambda x: show(np.sum(x)), X)


def test_a_slice_of_a_traced_length_is_static():
    with pytest.raises(TracingError, match=r"x\[i:j\] needs.*'n'.*static_argnames"):
        trace(lambda x, n: x[:n], X, 2)


MEAN = mg.Tensor([0.0, 0.0], name="mean")


class Counted:
    """A layer with a state, as people write it."""

    def __init__(self):
        self.total = mg.Tensor([0.0, 0.0])

    def __call__(self, x):
        self.total += x
        return self.total


@pytest.mark.parametrize("f", [
    lambda x: MEAN.__iadd__(x),
    lambda x: MEAN.__setitem__(0, x[0]) or np.sum(MEAN),
    lambda x: np.add(x, 1, out=MEAN) * 2,
    Counted(),
    (lambda layer: lambda x: [layer(x), layer(x)])(Counted()),
])  # fmt: skip
def test_a_tensor_from_outside_does_not_change_in_a_trace(f):
    for _ in range(2):
        with pytest.raises(TracingError, match=r"neither got nor made \(test_tracing\.py:\d+\)"):
            mg.jit(f)(np.array([1.0, 2.0]))
    for t in (MEAN, getattr(f, "total", MEAN)):
        assert not t.requires_grad
        np.testing.assert_array_equal(t, [0, 0])


def changed_twice(one, other):
    def f(x):
        one.__iadd__(x)
        other.__iadd__(x)
        return np.sum(one * other)

    return f


def asked_after_a_change(one, other):
    def f(x):
        other.__iadd__(one.__iadd__(x))
        return float(np.sum(other))

    return f


@pytest.mark.parametrize("f", [changed_twice, asked_after_a_change])
@pytest.mark.parametrize("show", [lambda f, x: mg.jit(f)(x), mg.explain])
def test_tensors_from_outside_keep_what_they_held(show, f):
    one, other = mg.Tensor([0.0, 0.0]), mg.Tensor([1.0, 1.0])
    with suppress(MicrogradError):  # explain says what it can: values are known in its one run
        show(f(one, other), np.array([1.0, 2.0]))
    assert not one.requires_grad
    assert not other.requires_grad
    np.testing.assert_array_equal([one.data, other.data], [[0, 0], [1, 1]])


def test_a_parameter_from_outside_does_not_change_in_a_trace():
    w = mg.Tensor([1.0, 2.0], requires_grad=True, name="w")
    for f in (lambda x: w.__imul__(x), lambda x: w.__setitem__(0, x) or x):
        with pytest.raises(TracingError, match=r"Tensor 'w' .* no argument of the compiled"):
            mg.jit(f)(2.0)
    np.testing.assert_array_equal(w.detach(), [1, 2])


def test_what_is_made_in_a_trace_may_change_in_place():
    def f(x):
        class Loop:
            pass

        total, parts, loop = mg.Tensor([0.0, 0.0]), [np.zeros_like(x)], Loop()
        loop.itself, loop.total = loop, mg.Tensor([0.0, 0.0])  # held by a cycle alone
        for _ in range(2):
            total += x
            loop.total[0] += total[1]
            parts[0] = parts[0] + total * loop.total
        return {"total": total, "parts": (parts, total)}, loop.total * 1

    x = np.array([1.0, 2.0])
    for found, expected in zip(*(mg.tree.flatten(g(x))[0] for g in (mg.jit(f), f)), strict=True):
        np.testing.assert_array_equal(found, expected)

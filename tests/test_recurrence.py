"""The derivatives of a compiled scan are scans, and equal those of the loop as it is written."""

import warnings

import numpy as np
import pytest
from draws import examples
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.compile.loop import Loop
from micrograd_np.errors import CompileWarning, NoRuleError, ShapeError, TracingError
from micrograd_np.testing.strategies import programs

XS = np.linspace(-1, 1, 7)
W, H = np.array([[0.5, -0.3], [0.2, 0.7]]), np.array([0.1, -0.2])
BACKENDS = ["auto", "numpy", "python", "numba"]


def rnn(w, h, xs):
    """A network whose step closes over its weights."""

    def step(h, x):
        h = np.tanh(w @ h + x)
        return h, np.sum(h)

    h, ys = mg.scan(step, h, xs)
    return np.sum(h**2) + np.sum(ys)


def grown(w, h, xs):
    """One that closes over what was computed from them, and collects nothing."""
    grown = np.exp(w)
    return np.sum(mg.scan(lambda c, x: (np.tanh(grown @ c + x * w[0]), None), h, xs)[0] ** 2)


def trees(w, h, xs):
    def step(c, row):
        after = {"a": c["b"] * row["x"], "b": np.sin(c["a"]) + row["x"] * w[0], "n": c["n"] + 1}
        return after, (None, {"q": c["a"]})

    c, ys = mg.scan(step, {"b": h, "a": 2 * h, "n": 0}, {"x": xs})
    return np.sum(c["a"] * c["b"]) + np.sum(ys[1]["q"]) * c["n"]


def whole_numbers(w, h, xs):
    """Integers among carries, rows and what is collected, which index and count."""

    def step(carry, row):
        (h, k), (x, i) = carry, row
        return (np.tanh(w[i] * h + x), (k + i) % 3), (h[k % 2], k)

    (h, k), (ys, ks) = mg.scan(step, (h, 0), (xs, np.arange(len(xs)) % 2))
    return np.sum(h) + np.sum(ys * ks) + k


def counted(w, h, xs):
    """Integers that floats are multiplied by, twice the same among the carries."""

    def step(carry, row):
        (c, n, m, up), (x, i) = carry, row
        return (c * n * 0.5 + x * i * w[0], n + i, n + i, up & (i > 1)), (c * up, m)

    start, numbers = (h, 1, 1, np.True_), np.array([0, 1, 2, 0, 3, 1, 2])
    (c, n, _, _), (ys, ms) = mg.scan(step, start, (xs, numbers))
    return np.sum(c) * n + np.sum(ys.T * ms)


def structural_zeros(w, h, xs):
    """Slopes that are infinite where nothing hangs on them."""

    def step(c, x):
        after = np.where(c > 0, np.sqrt(np.where(c > 0, c, 0)), 0) * x + w[0]
        return after, np.sqrt(np.maximum(c, 0))

    c, ys = mg.scan(step, 0 * h, xs)
    return np.sum(c) + np.sum(np.where(ys > 5, ys, 0))


def unread(w, h, xs):
    """A carry that nothing reads, with an infinite slope."""
    c, ys = mg.scan(lambda c, x: ((c[0] * x, np.sqrt(c[1]) + w[0]), c[0]), (h, 0 * h), xs)
    return np.sum(c[0]) + np.sum(ys)


def honest(w, h, xs):
    """A NaN that matters: the slope of sqrt(x) ** 2 at 0."""
    c, _ = mg.scan(lambda c, x: (np.sqrt(c) ** 2, None), 0 * h, xs)
    return np.sum(c * w)


def nested(w, h, xs):
    def outer(c, x):
        c, ys = mg.scan(lambda d, k: (np.tanh(w @ d + x * k), d), c, xs[:3])
        return c, np.sum(ys)

    c, ys = mg.scan(outer, h, xs)
    return np.sum(c) + np.sum(ys**2)


def learnt(w, h, xs):
    """A loop of steps that are gradients themselves."""
    step = lambda w, x: (w - 0.1 * mg.grad(lambda w: np.sum(np.tanh(w @ h) * x) ** 2)(w), None)
    return np.sum(mg.scan(step, w, xs)[0] ** 2)


def inside_at_constants(w, h, xs):
    """A gradient in the step, at a point that no argument gives."""

    def step(c, x):
        slope = mg.grad(lambda s: np.sum(s**2 * c * w[0]))(np.array([0.5, 0.3]))
        return np.tanh(c * x + slope), None

    return np.sum(mg.scan(step, h, xs)[0])


def stopped(w, h, xs):
    def step(c, x):
        with mg.no_grad():
            unseen = c * 2
        return mg.stop_gradient(c) * w[0] + c * x + unseen, mg.stop_gradient(x) * c

    c, ys = mg.scan(step, h, xs)
    return np.sum(c) + np.sum(ys)


def no_rows(w, h, xs):
    c, ys = mg.scan(lambda c, x: (w @ c * x, c), h, xs[:0])
    return np.sum(c**2) + np.sum(ys)


def no_carry(w, h, xs):
    return np.sum(mg.scan(lambda c, x: (None, np.sum(w) * x**2), None, xs)[1] * h[0])


def length_alone(w, h, xs):
    return np.sum(mg.scan(lambda c, _: ((c[0] @ w, None), None), (h, None), length=4)[0][0])


def constants(w, h, xs):
    c, ys = mg.scan(lambda c, x: (c * x, c), 1.0, np.arange(3.0))
    return np.sum(w) * c + np.sum(ys) * np.sum(h)


def swapped(w, h, xs):
    c, _ = mg.scan(lambda c, x: ((c[1], c[0] * x), None), (h, w[0]), xs)
    return np.sum(c[0] * 2 + c[1])


def passed_on(w, h, xs):
    """A carry that stays, and what is collected without being computed."""
    c, ys = mg.scan(lambda c, x: (c, w), h, xs)
    return np.sum(c) + np.sum(ys)


def forgotten(w, h, xs):
    """A carry that every step sets anew."""
    c, _ = mg.scan(lambda c, x: (np.ones(2), None), h, xs)
    return np.sum(c * w[0]) + np.sum(h)


def single_precision(w, h, xs):
    step = lambda c, x: (np.tanh(c * x * np.float32(0.5)), c)
    c, _ = mg.scan(step, h.astype(np.float32), xs.astype(np.float32))
    return np.sum(c).astype(float) * np.sum(w)


def complex_numbers(w, h, xs):
    c, ys = mg.scan(lambda c, x: (c * np.exp(1j * x) + w[0], np.abs(c)), h + 1j * h, xs)
    return np.sum(np.real(c * c)) + np.sum(ys)


def several_results(w, h, xs):
    """Functions with several results, and values that must not be 0 while it is traced."""

    def step(p, x):
        p = p @ p.T + np.eye(2) * (1 + x * x)
        return np.linalg.inv(p), np.linalg.slogdet(p)[1]

    p, ys = mg.scan(step, w, xs)
    return np.sum(p) + np.sum(ys)


def one_after_another(w, h, xs):
    h, ys = mg.scan(lambda c, x: (np.tanh(w @ c + x), c), h, xs)
    h, zs = mg.scan(lambda c, y: (np.tanh(w @ c + y), c), h, ys[::-1])
    return np.sum(h * zs[2])


LOSSES = [
    rnn, grown, trees, whole_numbers, counted, structural_zeros, unread, honest, nested, learnt,
    inside_at_constants, stopped, no_rows, no_carry, length_alone, constants, swapped, passed_on,
    forgotten, single_precision, complex_numbers, several_results, one_after_another,
]  # fmt: skip
TANGENTS = np.cos(W), np.sin(H), np.cos(3 * XS)


def gradient(f):
    return mg.value_and_grad(f, argnums=(0, 1, 2))


def pushed(f):
    return lambda *args: mg.jvp(f, args, TANGENTS)


def hessian_times(f):
    return lambda *args: mg.hvp(f, args, TANGENTS)


def slope(f):
    """The derivative along the tangents, by reverse mode."""
    g = mg.grad(f, argnums=(0, 1, 2))
    return lambda *args: sum(np.sum(q * t) for q, t in zip(g(*args), TANGENTS, strict=True))


def twice(f):
    return mg.grad(slope(f), argnums=(0, 1, 2))


def reverse_over_forward(f):
    return mg.grad(lambda *args: pushed(f)(*args)[1], argnums=(0, 1, 2))


def thrice(f):
    return lambda w, h, xs: mg.hvp(lambda h: slope(f)(w, h, xs), (h,), (TANGENTS[1],))


TRANSFORMS = [gradient, pushed, hessian_times, twice, reverse_over_forward, thrice]


def assert_close(found, expected):
    for a, b in zip(mg.tree.flatten(found)[0], mg.tree.flatten(expected)[0], strict=True):
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def check(f, args, **options):
    """Compare a function with its compiled form, of which there must be one."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        compiled = mg.jit(f, **options)
        assert_close(compiled(*args), f(*args))
    return compiled


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("loss", LOSSES)
def test_derivatives_are_those_of_the_loop(loss, transform):
    check(transform(loss), (W, H, XS))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("loss", [rnn, whole_numbers, structural_zeros, nested, no_rows])
def test_gradients_are_alike_on_every_back_end(loss, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    check(gradient(loss), (W, H, XS), backend=backend)


@examples(20)
@given(programs(max_steps=6), st.integers(0, 4))
def test_random_steps_have_the_gradients_of_the_loop(program, n):
    def f(x, y, rows):
        def step(carry, row):
            value = program(*carry, row)
            x, y = carry
            return (np.tanh(x + value), y * 0.5), value

        (x, y), values = mg.scan(step, (x, y), rows)
        return np.sum(x * y) + np.sum(values)

    args = XS[:3], XS[3:6], np.linspace(0, 1, n + 1)
    tangents = tuple(np.cos(x) for x in args)
    check(gradient(f), args)
    check(lambda *args: mg.jvp(f, args, tangents), args)
    check(lambda *args: mg.hvp(f, args, tangents), args)


def loops(compiled):
    """The loops of a program, those inside others as well."""
    found = [line.function for line in compiled.program.lines if type(line.function) is Loop]
    for loop in found:
        found += [line.function for line in loop.step.lines if type(line.function) is Loop]
    return found


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_the_program_does_not_grow_with_the_rows(transform):
    def lines(n):
        compiled = mg.jit(transform(lambda w, h, _: rnn(w, h, np.linspace(-1, 1, n))))
        compiled(W, H, XS)
        return [len(compiled.program.lines), *[len(loop.step.lines) for loop in loops(compiled)]]

    assert lines(3) == lines(300)


def test_a_gradient_takes_two_loops_and_collects_the_carries_alone():
    forwards, backwards = loops(check(gradient(rnn), (W, H, XS)))
    assert (forwards.carries, len(forwards.step.outputs)) == (1, 3)  # h; its sum, and h before
    assert (backwards.carries, len(backwards.step.outputs)) == (2, 3)  # of h and w; of x


def test_a_cotangent_that_nobody_asks_for_is_not_carried():
    _, backwards = loops(check(mg.grad(rnn, argnums=1), (W, H, XS)))
    assert (backwards.carries, len(backwards.step.outputs)) == (1, 1)


def test_a_step_is_run_once_and_draws_its_numbers_once():
    random, calls = np.random.default_rng(0), []

    def loss(w, xs):
        def step(c, x):
            calls.append(x)
            return np.tanh(c * x + w * random.normal()), None

        return mg.scan(step, w, xs)[0]

    drawn = np.random.default_rng(0).normal()
    expected = mg.grad(lambda w: mg.scan(lambda c, x: (np.tanh(c * x + w * drawn), None), w, XS)[0])
    assert_close(mg.jit(mg.grad(loss))(0.5, XS), expected(0.5))
    assert len(calls) == 1


def test_numbers_stay_weak_in_a_gradient():
    def f(h, xs, rate):
        step = lambda c, x: (c - rate * x * c, None)
        return mg.grad(lambda h: np.sum(mg.scan(step, h, xs)[0]))(h)

    h, xs = H.astype(np.float32), XS.astype(np.float32)
    assert check(f, (h, xs, 0.1))(h, xs, 0.1).dtype == np.float32


def test_a_training_loop_over_a_recurrence_is_two_loops_in_one():
    def train(w, batches):
        step = lambda w, xs: (w - 0.1 * mg.grad(rnn)(w, H, xs), None)
        return mg.scan(step, w, batches)[0]

    batches = np.linspace(-1, 1, 12).reshape(4, 3)
    assert len(loops(check(train, (W, batches)))) == 3
    check(gradient(lambda w, h, xs: np.sum(train(w, xs))), (W, H, batches))


def test_a_compiled_loss_brings_the_gradient_along():
    w, h = mg.Tensor(W, requires_grad=True), mg.Tensor(H, requires_grad=True)
    compiled = mg.jit(rnn)
    compiled(w, h, XS).backward()
    assert_close((w.grad, h.grad), mg.grad(rnn, argnums=(0, 1))(W, H, XS))
    assert len(loops(compiled)) == 2


def test_transforms_with_several_results():
    def f(w, h, xs):
        return mg.scan(lambda c, x: (np.tanh(w @ c + x), c * x), h, xs)

    def pulled(w, h, xs):
        (c, ys), pull = mg.vjp(f, w, h, xs)
        return pull((np.cos(c), np.sin(ys)))

    check(pulled, (W, H, XS))
    for mode in ("forward", "reverse"):
        check(mg.jacobian(lambda h: f(W, h, XS)[0], mode=mode), (H,))
    both = mg.value_and_grad(lambda w: (np.sum(f(w, H, XS)[0]), f(w, H, XS)[1]), has_aux=True)
    check(both, (W,))


def test_a_graph_in_a_trace_goes_through_a_loop():
    compiled = mg.jit(lambda w: mg.gradients(rnn(w, H, XS), w))
    assert_close(compiled(W), mg.grad(rnn)(W, H, XS))


def test_weights_are_donated_to_a_loop():
    step = mg.jit(lambda w, xs: w - 0.1 * mg.grad(rnn)(w, H, xs), donate_argnames="w")
    w = W.copy()
    expected = W - 0.1 * mg.grad(rnn)(W, H, XS)
    assert_close(step(w, XS), expected)


def test_a_gradient_warns_where_that_of_the_loop_does():
    steep = mg.grad(lambda c: mg.scan(lambda c, x: (np.tanh(c) * 1e200, None), c, XS)[0])
    for f in (steep, mg.jit(steep, backend="numpy")):
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            f(0.0)
    rooted = mg.grad(lambda c: mg.scan(lambda c, x: (np.where(c > 0, np.sqrt(c), c), c), c, XS)[0])
    for f in (rooted, mg.jit(rooted, backend="numpy"), mg.jit(rooted)):
        with np.errstate(all="raise"):
            assert f(0.0) == 1


def test_a_custom_derivative_holds_in_a_step():
    @mg.custom_vjp
    def doubled(x):
        return x * 2

    doubled.defvjp(lambda g: g * 3)
    loss = lambda w, h, xs: np.sum(mg.scan(lambda c, x: (doubled(c) * x, None), h, xs)[0])
    check(gradient(loss), (W, H, XS))


def test_errors_are_those_of_the_loop():
    def loss(step, start=H):
        return mg.jit(mg.grad(lambda w: np.sum(mg.scan(lambda c, x: step(w, c, x), start, XS)[0])))

    with pytest.raises(ShapeError, match=r"int64.*float64"):
        loss(lambda w, c, x: (c + w, None), 0)(1.0)
    with pytest.raises(TracingError, match=r"np\.where"):
        loss(lambda w, c, x: (c * w if x > 0 else c, None))(1.0)
    with pytest.raises(NoRuleError, match="nextafter"):
        loss(lambda w, c, x: (np.nextafter(c * w, x), None))(1.0)

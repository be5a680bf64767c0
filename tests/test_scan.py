"""A scan is its loop, eager, compiled by every back end, differentiated."""

import sys
import warnings

import numpy as np
import pytest
from draws import examples
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.compile.loop import Loop
from micrograd_np.compile.native import native
from micrograd_np.errors import (
    ArgumentError,
    CompileWarning,
    MissingExtraError,
    ShapeError,
    TracingError,
)
from micrograd_np.testing.strategies import programs

XS = np.linspace(-1, 1, 7)
BACKENDS = ["auto", "numpy", "python", "numba"]


@pytest.fixture(params=BACKENDS)
def backend(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def by_hand(step, carry, xs):
    """The loop as one would write it."""
    ys = []
    for x in xs:
        carry, y = step(carry, x)
        ys.append(y)
    return carry, np.stack(ys)


def affine_step(carry, x):
    w, b = carry
    out = np.tanh(w * x + b)
    return (w - 0.1 * out * x, b + 0.1 * out), np.sum(out)


START = np.array([0.5, -1.0]), np.array([0.1, 0.2])


def assert_close(found, expected):
    for a, b in zip(mg.tree.flatten(found)[0], mg.tree.flatten(expected)[0], strict=True):
        assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_eager_is_the_loop():
    assert_close(mg.scan(affine_step, START, XS), by_hand(affine_step, START, XS))


def test_compiled_is_the_loop(backend):
    f = mg.jit(lambda start, xs: mg.scan(affine_step, start, xs), backend=backend)
    for n in (7, 1):
        assert_close(f(START, XS[:n]), by_hand(affine_step, START, XS[:n]))
    carry, ys = f(START, XS[:0])
    assert_close(carry, START)
    assert ys.shape == (0,)


@examples(20)
@given(programs(max_steps=6), st.integers(0, 4))
def test_random_steps_scan_alike(program, n):
    def step(carry, row):
        x, y = carry
        value, (g, h) = mg.value_and_grad(program, argnums=(0, 1))(x, y, row)
        return (np.tanh(x - 0.1 * g), np.tanh(y + 0.1 * h)), (value, g)

    def f(x, y, rows):
        return mg.scan(step, (x, y), rows)

    args = XS[:3], XS[3:6], np.linspace(0, 1, n + 1)
    with np.errstate(all="ignore"):
        expected = f(*args)
        for backend in ("numpy", "python"):
            assert_close(mg.jit(f, backend=backend)(*args), expected)


def test_what_the_step_closes_over_is_no_constant(backend):
    def f(w, xs, scale):
        slope = np.exp(scale)
        return mg.scan(lambda c, x: (c + slope * x * w, None), 0 * w, xs)[0]

    compiled = mg.jit(f, backend=backend)
    for scale in (0.5, -0.25):
        assert_close(compiled(START[0], XS, scale), f(START[0], XS, scale))
    assert len(compiled.signatures) == 1


def test_rows_of_trees_and_several_collections(backend):
    def step(c, row):
        return {"c": np.where(row["m"] > 0, c["c"] + row["x"][0], c["c"])}, (row["x"] * 2, c["c"])

    xs = {"x": np.arange(12.0).reshape(4, 3), "m": np.array([1.0, -1.0, 1.0, 0.0])}

    def f(c, xs):
        return mg.scan(step, {"c": c}, xs)

    assert_close(mg.jit(f, backend=backend)(np.zeros(2), xs), f(np.zeros(2), xs))


def loop_in(program):
    """The one loop of a program."""
    (loop,) = [line.function for line in program.lines if type(line.function) is Loop]
    return loop


def test_what_nobody_reads_is_left_out(backend):
    def f(a, b, xs):
        def step(c, row):
            a, b, n = c
            return (a + b * row["x"], b * 2, np.sin(n)), (a, row["unread"])

        (a, _, _), (ys, _) = mg.scan(step, (a, b, b), {"x": xs, "unread": xs})
        return a, ys[-1]

    compiled = mg.jit(f, backend=backend)
    assert_close(compiled(*START, XS), f(*START, XS))
    loop = loop_in(compiled.program)
    assert (loop.carries, loop.arrays, len(loop.step.outputs)) == (2, 1, 3)


def test_a_loop_in_a_step_gives_what_the_step_reads():
    def f(c, xs):
        inner = lambda c, x: (np.tanh(c + x), (c, x))
        return mg.scan(lambda c, x: (mg.scan(inner, c * x, xs)[0], None), c, xs)[0]

    compiled = mg.jit(f)
    assert_close(compiled(START[0], XS), f(START[0], XS))
    assert len(loop_in(loop_in(compiled.program).step).step.outputs) == 1


def test_a_swap_is_simultaneous(backend):
    def f(a, b):
        return mg.scan(lambda c, _: ((c[1], c[0]), c[0]), (a, b), length=5)

    assert_close(mg.jit(f, backend=backend)(1.0, 2.0), f(1.0, 2.0))


def test_gradients_pass_through_a_scan():
    def loss(start, xs):
        carry, ys = mg.scan(affine_step, start, xs)
        return np.sum(carry[0] ** 2) + np.sum(ys)

    g = mg.grad(loss)
    assert_close(mg.jit(g)(START, XS), g(START, XS))
    mg.testing.check_grads(loss, (START, XS))


def test_relu_in_a_step_keeps_its_structural_zeros(backend):
    def step(w, x):
        return w - 0.1 * mg.grad(lambda w: np.sum(np.where(w > x, np.sqrt(w), 0)))(w), None

    def f(w):
        return mg.scan(step, w, XS)[0]

    w = np.array([0.5, -1.0, 2.0])
    with np.errstate(all="ignore"):
        assert_close(mg.jit(f, backend=backend)(w), f(w))


def test_an_overflow_is_numpys(backend):
    def f(x):
        return mg.scan(lambda c, _: (np.exp(c), 1 / c), x, length=6)

    compiled = mg.jit(f, backend=backend)
    with np.errstate(all="ignore"):
        for x in (0.1, 3.0, 0.0, -np.inf):
            assert_close(compiled(x), f(x))


def test_a_large_step_is_run_by_numpy(backend):
    w = np.linspace(-1, 1, 40 * 40).reshape(40, 40) / 40

    def f(x):
        return mg.scan(lambda c, _: (np.tanh(w @ c), np.linalg.norm(c)), x, length=3)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompileWarning)
        assert_close(mg.jit(f, backend=backend)(np.ones(40)), f(np.ones(40)))


def test_what_numba_lacks_is_named_once(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(native, "said", set())
    f = mg.jit(lambda x: mg.scan(lambda c, _: (np.cbrt(c), None), x, length=3)[0], backend="numba")
    with pytest.warns(CompileWarning, match="cbrt has no native form"):
        assert_close(f(2.0), np.float64(2.0) ** (1 / 27))
    g = mg.jit(lambda x: np.cbrt(x) + 1, backend="numba")
    assert_close(g(2.0), np.cbrt(2.0) + 1)


def test_a_small_function_is_native():
    pytest.importorskip("numba")
    f = mg.grad(lambda w, x: np.sum(np.tanh(w * x)))
    compiled = mg.jit(f, backend="numba")
    assert_close(compiled(*START), f(*START))
    assert compiled.backends == ["numba"]


def test_numba_missing_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(MissingExtraError, match=r"micrograd_np\[numba\]"):
        mg.jit(lambda x: x + 1, backend="numba")(1.0)


def test_numba_that_does_not_load_says_why(monkeypatch, tmp_path):
    (tmp_path / "numba.py").write_text("raise ImportError('Numba needs NumPy 1.0 or less.')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    with pytest.raises(MissingExtraError, match=r"needs numba.*NumPy 1\.0 or less"):
        mg.jit(lambda x: x + 1, backend="numba")(1.0)


def test_a_carry_is_paired_by_its_keys(backend):
    def step(carry, x):
        return {"n": carry["n"] + 1, "h": carry["h"] * 0.5 + x}, carry["n"]

    start = {"h": np.float64(1), "n": np.float64(0)}
    f = lambda xs: mg.scan(step, start, xs)
    expected, ys = by_hand(step, start, XS)
    for found, collected in (f(XS), mg.jit(f, backend=backend)(XS)):
        assert_close([found["h"], found["n"], collected], [expected["h"], expected["n"], ys])


@pytest.mark.parametrize("kind", [np.asarray, mg.Tensor])
def test_of_no_rows_the_shapes_are_known(kind):
    def step(carry, x):
        a, b = carry
        return (a + np.sum(x), b), {"a": a, "b": [np.outer(b, x).astype(np.float32), x > 0]}

    init, xs = (0.0, np.ones(2)), np.zeros((0, 3))
    carry, ys = mg.scan(step, tuple(map(kind, init)), kind(xs))
    compiled = mg.jit(lambda init, xs: mg.scan(step, init, xs))(init, xs)
    for x, y in zip(mg.tree.flatten((carry, ys))[0], mg.tree.flatten(compiled)[0], strict=True):
        assert type(x) is type(kind(1.0)) if kind is mg.Tensor else type(x) is type(y)
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        np.testing.assert_array_equal(np.asarray(x), y)
    assert ys["b"][0].shape == (0, 2, 3)


def test_of_no_rows_the_first_carry_is_the_last():
    w = mg.Tensor(2.0, requires_grad=True)
    value, grad = mg.value_and_grad(lambda w: mg.scan(lambda c, _: (c / c, c), w, length=0)[0])(2.0)
    assert (value, grad) == (2, 1)
    assert mg.scan(lambda c, _: (c * w, None), w, length=0) == (w, None)


@pytest.mark.parametrize("length", [2.5, "3", -1, True, [1, 2]])
def test_a_length_is_a_whole_number(length):
    with pytest.raises(ArgumentError, match=r"length is a whole number.*\(test_scan"):
        mg.scan(lambda c, _: (c, c), 1.0, length=length)


def test_a_length_may_be_numpys_and_is_not_traced():
    assert mg.scan(lambda c, _: (c + 1, None), 0.0, length=np.int8(3)) == (3, None)
    with pytest.raises(TracingError, match=r"'n'.*test_scan.*static_argnames"):
        mg.jit(lambda n: mg.scan(lambda c, _: (c + 1, None), 0.0, length=n))(3)


def test_errors_say_what_is_wrong():
    with pytest.raises(ShapeError, match=r"float64 of shape \(2,\).*float64 of shape \(\)"):
        mg.scan(lambda c, x: (np.sum(c), None), np.ones(2), XS)
    with pytest.raises(ShapeError, match=r"int64.*float64"):
        mg.jit(lambda xs: mg.scan(lambda c, x: (c + x, None), 0, xs))(XS)
    with pytest.raises(ArgumentError, match=r"carry before and after a step.*one float64 against"):
        mg.scan(lambda c, x: ((c, x), None), 1.0, XS)
    with pytest.raises(ArgumentError, match=r"keys \['a'\] against .* keys \['b'\]"):
        mg.jit(lambda xs: mg.scan(lambda c, x: ({"b": c["a"]}, x), {"a": 1.0}, xs))(XS)
    with pytest.raises(ArgumentError, match=r"pair \(carry, y\)"):
        mg.scan(lambda c, x: c, 1.0, XS)
    for xs, length in (({"a": XS, "b": XS[1:]}, None), (None, None), (XS, 3)):
        with pytest.raises(ShapeError, match="number of rows"):
            mg.scan(lambda c, x: (c, None), 1.0, xs, length)


def test_what_is_collected_keeps_its_shape_and_structure():
    with pytest.raises(ShapeError, match=r"from \(1,\) to \(2,\) \(test_scan.*pad it"):
        mg.scan(lambda c, _: (c + 1, np.ones(int(c) + 1)), 0.0, length=2)
    with pytest.raises(ArgumentError, match=r"scan, what two steps collect.*\(test_scan"):
        mg.scan(lambda c, x: (c + 1, None if c > 0 else x), 0.0, np.ones(2))


def test_a_list_of_numbers_is_told_from_rows():
    with pytest.raises(ShapeError, match=r"a number among xs has no rows \(test_scan.*np\.asarray"):
        mg.scan(lambda c, x: (c + x, c), 0.0, [1.0, 2.0])
    with pytest.raises(ShapeError, match="has no rows"):
        mg.scan(lambda c, x: (c, None), 1.0, 1.0)


def changing(carry, x):
    carry *= x
    carry[0] += 1
    x += carry[1]
    return carry, x * carry[0]


def unchanging(carry, x):
    carry = carry * x + np.array([1.0, 0.0])
    return carry, (x + carry[1]) * carry[0]


@pytest.mark.parametrize("transform", [lambda f: f, mg.grad, mg.hessian])
@pytest.mark.parametrize("compiled", [lambda f: f, mg.jit])
def test_a_step_may_change_its_arguments_in_place(compiled, transform):
    def total(step):
        def loss(carry, xs):
            carry, out = mg.scan(step, carry, xs)
            return np.sum(carry) + np.sum(out)

        return compiled(transform(loss))(np.array([1.0, 2.0]), np.array([0.5, 1.0, 1.5]))

    np.testing.assert_allclose(total(changing), total(unchanging), rtol=1e-14)


def test_a_step_does_not_change_what_it_closes_over():
    def loss(p):
        def step(carry, x):
            p["w"] *= 2
            return carry + np.sum(p["w"]) * x, None

        return mg.scan(step, 0.0, np.ones(3))[0]

    for f in (loss, mg.grad(loss)):
        with pytest.raises(TracingError, match=r"in a scan, carry it"):
            mg.jit(f)({"w": np.ones(2)})


def of_a_loop(x):
    return mg.scan(lambda c, r: (np.tanh(c + r), c * r), 0.0, x)[1]


def of_eigenvectors(x):
    return np.sum(np.linalg.eigh(np.outer(x, x) + np.diag(x)).eigenvectors ** 3, axis=0)


@pytest.mark.parametrize("f", [of_a_loop, of_eigenvectors])
def test_a_loop_pulls_back_through_what_has_several_results(f):
    def rows(x):
        _, pull = mg.vjp(f, x)
        return mg.scan(lambda _, g: ((), pull(g)[0]), (), np.eye(3))[1]

    x = np.array([1.0, 2.0, 3.5])
    np.testing.assert_allclose(mg.jit(rows)(x), mg.jacobian(f)(x), rtol=1e-12)
    last = mg.grad(lambda x: np.sum(rows(x) ** 2))(x)
    np.testing.assert_allclose(mg.jit(mg.grad(lambda x: np.sum(rows(x) ** 2)))(x), last, rtol=1e-11)

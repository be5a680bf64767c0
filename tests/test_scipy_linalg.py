"""mg.linalg: the values of scipy.linalg, with derivatives that know which entries it reads."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, DetachError, OutOfRangeError, ShapeError

scipy = pytest.importorskip("scipy.linalg")
ours = mg.linalg

RANDOM = np.random.default_rng(7)
START = RANDOM.bit_generator.state
COMPLEX = [False, True]


def normal(*shape, complex=False):  # noqa: A002 (it says what it does)
    x = RANDOM.normal(size=shape)
    return x + 1j * RANDOM.normal(size=shape) if complex else x


def regular(*shape, complex=False):  # noqa: A002
    """Matrices with a diagonal that tells them from singular ones."""
    return normal(*shape, complex=complex) + 4 * np.eye(shape[-1])


@pytest.fixture(autouse=True)
def drawn_anew():
    """Each test draws the same numbers, whichever tests ran before."""
    RANDOM.bit_generator.state = START


def name_of(x):
    dtype = "complex" if np.iscomplexobj(x) else "real"
    return f"{dtype}{'x'.join(map(str, np.shape(x)))}"


# Calls: a function of arrays, with its options, and arrays that it is called on

CALLS = {}


def call(name, *args, shown="", **options):
    key = "-".join([name, *map(name_of, args), *(f"{k}={v}" for k, v in options.items()), shown])
    CALLS[key.rstrip("-")] = (name, args, options)


for lower, unit, trans in product(COMPLEX, COMPLEX, [0, 1, 2]):
    options = {"lower": lower, "unit_diagonal": unit, "trans": trans}
    if trans < 2:
        call("solve_triangular", regular(2, 2), normal(2), **options)
    call("solve_triangular", regular(2, 2, complex=True), normal(2, 1, complex=True), **options)
call("solve_triangular", regular(3, 3), normal(3, 2), trans="T")
call("solve_triangular", regular(2, 2), normal(2, 2, complex=True), trans="C")
call("solve_triangular", regular(2, 2, complex=True), normal(2), trans="N")
for lower, complex_ in product(COMPLEX, COMPLEX):
    call("cho_solve", regular(2, 2, complex=complex_), normal(2, complex=complex_), lower=lower)
call("cho_solve", regular(3, 3), normal(3, 2), lower=True)
for one, two, three in product(COMPLEX, repeat=3):
    a, b = regular(2, 2, complex=one), regular(1, 1, complex=two)
    call("solve_sylvester", a, b, normal(2, 1, complex=three))
    if not three:
        call("solve_continuous_lyapunov", a, normal(2, 2, complex=two))
        for method in ("direct", "bilinear"):
            call("solve_discrete_lyapunov", 0.2 * a, normal(2, 2, complex=two), method=method)
for complex_, (low, high) in product(COMPLEX, [(1, 1), (0, 1), (2, 1), (0, 0), (2, 0)]):
    band = normal(low + high + 1, 3, complex=complex_)
    band[high] += 5
    call("solve_banded", band, normal(3, complex=complex_), l_and_u=(low, high))
call("solve_banded", band, normal(3, 2), l_and_u=(2, 0))
for name, complex_ in product(("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm"), COMPLEX):
    call(name, normal(2, 2, complex=complex_))
for complex_ in COMPLEX:
    call("khatri_rao", normal(2, 3, complex=complex_), normal(1, 3))
    call("expm", normal(3, 3, complex=complex_))
    call("logm", regular(2, 2, complex=complex_))
    call("sqrtm", regular(2, 2, complex=complex_))
    call("toeplitz", normal(3, complex=complex_))
    call("toeplitz", normal(3, complex=complex_), normal(2))
call("expm", 30 * normal(2, 2), shown="large")
call("expm", np.triu(normal(3, 3)), shown="triangular")
call("expm", np.diag(normal(2)), shown="diagonal")
call("expm", normal(1, 1))
for name in ("logm", "sqrtm"):
    call(name, np.array([[1.0, 2.0], [3.0, 1.0]]), shown="negative")
    call(name, np.diag([1.0, 4.0]), shown="diagonal")
call("block_diag", normal(2, 1), normal(1, 2, complex=True))
call("block_diag", normal(2), normal(1))
call("hankel", normal(3))
call("hankel", normal(2), normal(3))
call("circulant", normal(3))


def called(module, name, options):
    """A function of a module, of arrays alone."""
    f = getattr(module, name)
    if name == "cho_solve":
        return lambda c, b: f((c, options["lower"]), b)
    if name == "solve_banded":
        return lambda ab, b: f(options["l_and_u"], ab, b)
    return lambda *args: f(*args, **options)


@pytest.fixture(params=CALLS.values(), ids=CALLS)
def case(request):
    name, args, options = request.param
    return name, called(ours, name, options), args, options


def close(actual, expected, rtol=1e-10):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=rtol)


def trusted(name, args):
    """Whether SciPy is right: it is not for all equations of real and complex matrices."""
    kinds = {np.iscomplexobj(x) for x in args}
    return len(kinds) == 1 or name not in ("solve_sylvester", "solve_continuous_lyapunov")


def test_values_are_scipy_s(case):
    name, f, args, options = case
    if name == "solve_discrete_lyapunov" and not trusted("solve_sylvester", args):
        options = {"method": "direct"}
    if not trusted(name, args):
        args = [x + 0j for x in args]
    expected = called(scipy, name, options)(*args)
    found = f(*args)
    close(found, expected)
    assert type(found) is np.ndarray
    assert found.dtype == expected.dtype


def kinds_of(name, args):
    return name, any(map(np.iscomplexobj, args))


FIRST = {kinds_of(*x[:2]): key for key, x in reversed(CALLS.items())}  # of each kind, the first
OTHERS = CALLS.keys() - FIRST.values()


def check(key, order):
    name, args, options = CALLS[key]
    mg.testing.check_grads(
        called(ours, name, options), args, kinks=(), extremes=(), twins=False, order=order
    )


@pytest.mark.parametrize("key", FIRST.values())
def test_derivatives_to_second_order_are_those_of_differences(key):
    check(key, order=2)


@pytest.mark.parametrize("key", sorted(OTHERS))
def test_derivatives_are_those_of_differences_with_every_option(key):
    check(key, order=1)


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(OTHERS))
def test_second_derivatives_are_those_of_differences_with_every_option(key):
    check(key, order=2)


def loss(f):
    return lambda *args: np.sum(np.abs(f(*args)) ** 2)


def test_compiled_functions_give_what_eager_ones_do(case):
    name, f, args, _ = case
    if name in ("logm", "sqrtm") and np.iscomplexobj(f(*args)):
        args = tuple(x + 0j for x in args)
    close(mg.jit(f)(*args), f(*args))
    every = range(len(args))
    compiled = mg.jit(mg.value_and_grad(loss(f), argnums=tuple(every)))(*args)
    eager = mg.value_and_grad(loss(f), argnums=tuple(every))(*args)
    close(compiled[0], eager[0])
    for one, other in zip(compiled[1], eager[1], strict=True):
        close(one, other)


def test_single_precision_stays_single(case):
    _, f, args, _ = case
    args = tuple(x.astype("F" if np.iscomplexobj(x) else "f") for x in args)
    out, pull = mg.vjp(f, *args)
    assert out.dtype in (np.float32, np.complex64)
    for g, x in zip(pull(np.ones_like(out)), args, strict=True):
        assert (g.shape, g.dtype) == (x.shape, x.dtype)


def stacks_of(name, args):
    """Two matrices or vectors for each argument, the first beside an axis of their own."""
    if name in ("solve_triangular", "solve_banded") and args[1].ndim < 2:
        args = (args[0], args[1][:, None])  # in stacks, a right side has columns
    stacks = [np.stack([x, 1.1 * x]) for x in args]
    return [stacks[0][:, None], *stacks[1:]]


def matrices_of(stacks):
    """What belongs together, in the order of the broadcast leading axes."""
    lead = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
    whole = [np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in stacks]
    return lead, [tuple(x[i] for x in whole) for i in np.ndindex(lead)]


STACKED = [
    CALLS[key]
    for (name, *_), key in FIRST.items()
    if name not in ("hankel", "toeplitz", "circulant", "block_diag", "cho_solve")
]


@pytest.mark.parametrize(("name", "args", "options"), STACKED, ids=lambda x: str(x)[:20])
def test_a_stack_is_solved_matrix_by_matrix(name, args, options):
    stacks, f = stacks_of(name, args), called(ours, name, options)
    lead, each = matrices_of(stacks)
    out = f(*stacks)
    assert out.shape[:-2] == lead
    close(out.reshape(-1, *out.shape[-2:]), [f(*xs) for xs in each])
    every = tuple(range(len(args)))
    whole = mg.grad(loss(f), argnums=every)(*stacks)
    single = [mg.grad(loss(f), argnums=every)(*xs) for xs in each]
    for k, (gradient, x) in enumerate(zip(whole, stacks, strict=True)):
        parts = np.reshape([g[k] for g in single], (*lead, *x.shape[-2:]))
        repeated = () if len(args) == 1 else (1 - k,) if k < 2 else (0,)
        close(gradient, parts.sum(axis=repeated, keepdims=k == 0 and bool(repeated)))


def test_patterns_come_in_stacks():
    c, r = normal(2, 1, 3), normal(4, 2)
    for name, args in (("toeplitz", (c, r)), ("toeplitz", (c,)), ("circulant", (c,))):
        f = getattr(ours, name)
        out = f(*args)
        lead = np.broadcast_shapes(*(x.shape[:-1] for x in args))
        whole = [np.broadcast_to(x, (*lead, x.shape[-1])) for x in args]
        for i in np.ndindex(lead):
            close(out[i], getattr(scipy, name)(*(x[i] for x in whole)))
    a, b = normal(2, 1, 3, 1), normal(4, 1, 2)
    out = ours.block_diag(a, b)
    for i in np.ndindex(2, 4):
        close(out[i], scipy.block_diag(a[i[0], 0], b[i[1]]))
    mg.testing.check_grads(ours.block_diag, (a, b[:2]), kinks=(), extremes=(), order=1)


# One triangle


@pytest.mark.parametrize(("lower", "unit", "trans"), list(product(COMPLEX, COMPLEX, [0, 1, 2])))
def test_the_triangle_that_is_not_read_may_hold_anything(lower, unit, trans):
    read = np.tri(3, k=-int(unit)) if lower else np.tri(3, k=-int(unit)).T
    a, b = normal(3, 3, complex=True) + 4 * np.eye(3), normal(3, complex=True)
    spoiled = np.where(read == 1, a, np.nan)
    options = {"lower": lower, "unit_diagonal": unit, "trans": trans}
    f = lambda a: loss(lambda a: ours.solve_triangular(a, b, **options))(a)
    assert f(spoiled) == f(a)
    g = mg.grad(f)(spoiled)
    close(g, mg.grad(f)(a))
    assert np.all(g[read == 0] == 0)
    assert np.all(g[read == 1] != 0)
    along = lambda a: np.real(np.sum(mg.grad(f)(a)))
    assert np.all(mg.grad(along)(spoiled)[read == 0] == 0)


@pytest.mark.parametrize("lower", COMPLEX)
def test_cho_solve_reads_one_triangle_of_the_factor(lower):
    read = np.tri(3) if lower else np.tri(3).T
    c = np.where(read == 1, regular(3, 3), np.nan)
    g = mg.grad(lambda c: np.sum(ours.cho_solve((c, lower), np.ones(3))))(c)
    assert np.all(g[read == 0] == 0)
    assert np.all(np.isfinite(g))


def test_entries_of_a_band_that_are_none_may_hold_anything():
    band = normal(4, 5) + 5 * np.eye(4)[:, 1:2]  # one diagonal above the main one, two below
    none = np.array([[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 1]])
    b = normal(5)
    f = lambda band: np.sum(ours.solve_banded((2, 1), band, b) ** 2)
    spoiled = np.where(none, np.nan, band)
    assert f(spoiled) == f(band)
    g = mg.grad(f)(spoiled)
    assert np.all((g == 0) == none)
    inside = [row[max(0, 1 - i) : 5 - max(0, i - 1)] for i, row in enumerate(band)]
    whole = sum(np.diag(diagonal, 1 - i) for i, diagonal in enumerate(inside))
    close(ours.solve_banded((2, 1), band, b), np.linalg.solve(whole, b))


@pytest.mark.parametrize("complex_", COMPLEX)
@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("side", ["right", "left"])
def test_polar_factors_are_scipy_s_with_their_derivatives(side, shape, complex_):
    a = normal(*shape, complex=complex_)
    for found, expected in zip(ours.polar(a, side), scipy.polar(a, side), strict=True):
        close(found, expected)
    mg.testing.check_grads(
        lambda a: ours.polar(a, side), a, kinks=(), extremes=(), twins=False, order=1
    )
    stack = np.stack([a, 2 * a])
    close(ours.polar(stack, side)[1][1], ours.polar(2 * a, side)[1])


def test_polar_factors_have_their_derivative_at_equal_singular_values():
    g = normal(2, 2)
    u, pull = mg.vjp(lambda a: ours.polar(a)[0], np.eye(2))
    close(u, np.eye(2))
    close(pull(g)[0], (g - g.T) / 2)
    close(mg.grad(lambda a: np.sum(g * ours.polar(a)[1]))(np.eye(2)), (g + g.T) / 2)


# Identities


@pytest.mark.parametrize("complex_", COMPLEX)
def test_solving_undoes_multiplying(complex_):
    a, x = regular(3, 3, complex=complex_), normal(3, complex=complex_)
    lower = np.tril(a)
    back = lambda a, x: ours.solve_triangular(a, np.tril(a) @ x, lower=True)
    close(back(lower, x), x)
    out, pull = mg.vjp(back, lower, x)
    g = normal(3)
    to_a, to_x = pull(g + 0 * out)
    close(to_a, 0)
    close(to_x, g)


@pytest.mark.parametrize("complex_", COMPLEX)
@pytest.mark.parametrize("lower", COMPLEX)
def test_cholesky_s_factor_solves_as_the_matrix_does(lower, complex_):
    c, b = regular(3, 3, complex=complex_), normal(3, complex=complex_)
    solve = lambda c, b: ours.cho_solve(ours.cho_factor(c @ np.conj(c.T), lower=lower), b)
    plain = lambda c, b: np.linalg.solve(c @ np.conj(c.T), b)
    close(solve(c, b), plain(c, b))
    gradients = (mg.grad(loss(f), argnums=(0, 1))(c, b) for f in (solve, plain))
    for one, other in zip(*gradients, strict=True):
        close(one, other)
    close(
        np.tril(scipy.cho_factor(c @ np.conj(c.T), lower=True)[0]),
        ours.cho_factor(c @ np.conj(c.T), lower=True)[0],
    )


@pytest.mark.parametrize("complex_", COMPLEX)
def test_identities_of_matrix_functions_hold_with_their_derivatives(complex_):
    a = regular(3, 3, complex=complex_)
    laws = {
        "exponential": (lambda a: ours.expm(a) @ ours.expm(-a), lambda a: np.eye(3) + 0 * a),
        "root": (lambda a: ours.sqrtm(a) @ ours.sqrtm(a), lambda a: a),
        "logarithm": (lambda a: ours.expm(ours.logm(a)), lambda a: a),
        "half": (lambda a: ours.logm(ours.sqrtm(a)), lambda a: ours.logm(a) / 2),
        "transpose": (lambda a: ours.expm(a.T), lambda a: ours.expm(a).T),
    }
    for f, same in laws.values():
        close(f(a), same(a))
        g = normal(3, 3, complex=complex_)
        close(mg.vjp(f, a)[1](g)[0], mg.vjp(same, a)[1](g)[0])
    more = {
        "circle": lambda a: ours.cosm(a) @ ours.cosm(a) + ours.sinm(a) @ ours.sinm(a),
        "hyperbola": lambda a: ours.coshm(a) @ ours.coshm(a) - ours.sinhm(a) @ ours.sinhm(a),
    }
    for f in more.values():
        close(f(a / 4), np.eye(3))
        close(mg.vjp(f, a / 4)[1](normal(3, 3) + 0 * a)[0], np.zeros((3, 3)))
    determinant = lambda a: np.real(np.log(np.linalg.det(ours.expm(a))))
    close(mg.grad(determinant)(a), np.eye(3))


@pytest.mark.parametrize(
    ("f", "slope"),
    [(ours.expm, scipy.expm), (ours.sqrtm, lambda a: np.linalg.inv(scipy.sqrtm(a)) / 2),
     (ours.logm, np.linalg.inv)],
)  # fmt: skip
def test_the_derivative_of_a_trace_is_the_scalar_derivative_transposed(f, slope):
    a = regular(3, 3)
    close(mg.grad(lambda a: np.trace(f(a)))(a), slope(a).T)


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
def test_derivatives_along_a_direction_are_scipy_s(name):
    x, e = regular(3, 3), normal(3, 3)
    out, moved = mg.jvp(getattr(ours, name), (x,), (e,))
    at, along = {"expm": (x, e), "logm": (out, moved), "sqrtm": (x, e)}[name]
    if name == "sqrtm":
        close(out @ moved + moved @ out, e)
    else:
        close(scipy.expm_frechet(at, along)[1], moved if name == "expm" else e)


def test_a_hessian_is_that_of_the_series():
    series = lambda a: np.trace(a @ (a @ (a @ a / 24 + a / 6) + a / 2))
    x = 1e-4 * normal(2, 2)
    close(mg.hessian(lambda a: np.trace(ours.expm(a)))(x), mg.hessian(series)(x))


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
@pytest.mark.parametrize("x", [np.eye(2), np.array([[2.0, 1.0], [0.0, 2.0]])], ids=["one", "two"])
def test_equal_eigenvalues_are_no_obstacle(name, x):
    mg.testing.check_grads(getattr(ours, name), x, kinks=(), extremes=(), twins=False)


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")  # its value, says SciPy
@pytest.mark.parametrize("size", [1e-12, 1e12])
def test_a_logarithm_has_its_derivative_of_any_size(size):
    x, e = regular(3, 3), normal(3, 3)
    out, moved = mg.jvp(ours.logm, (size * x,), (size * e,))
    close(out, ours.logm(x) + np.log(size) * np.eye(3))
    close(scipy.expm_frechet(ours.logm(x), moved)[1], e)


@pytest.mark.parametrize("name", ["expm", "logm"])
@pytest.mark.parametrize("size", [1e-200, 1e-12, 1e12, 1e200])
def test_a_derivative_keeps_its_digits_for_cotangents_of_any_size(name, size):
    pull = mg.vjp(getattr(ours, name), regular(3, 3))[1]
    g = normal(3, 3)
    expected = pull(g)[0]
    close(pull(size * g)[0] / size, expected, rtol=1e-14 * np.max(np.abs(expected)))


def test_equations_of_real_and_complex_matrices_are_solved():
    for one, two, three in product(COMPLEX, repeat=3):
        a, b, q = normal(4, 4, complex=one), normal(3, 3, complex=two), normal(4, 3, complex=three)
        x = ours.solve_sylvester(a, b, q)
        close(a @ x + x @ b, q)
        x = ours.solve_continuous_lyapunov(a, a + 1j)
        close(a @ x + x @ np.conj(a.T), a + 1j)


# Compiled, one dtype


@pytest.mark.parametrize("name", ["sqrtm", "logm"])
def test_compiled_a_real_matrix_has_a_real_result_or_none(name):
    f = getattr(ours, name)
    turned = np.array([[-2.0, 1.0], [0.0, -3.0]])
    compiled = mg.jit(f)
    x = np.array([[2.0, 1.0], [0.0, 3.0]])
    close(compiled(x), f(x))
    assert f(turned).dtype == complex
    with pytest.raises(OutOfRangeError, match=rf"{name}: the result is complex.*as complex"):
        compiled(turned)
    close(compiled(turned + 0j), f(turned))


# Called as SciPy's


@pytest.mark.parametrize("name", ours.__all__)
def test_arguments_are_those_of_scipy(name):
    def arguments(f):
        found = inspect.signature(f).parameters.values()
        return [(p.name, p.default) for p in found if p.name not in ("disp", "blocksize")]

    assert arguments(getattr(ours, name)) == arguments(getattr(scipy, name))


def test_lists_and_whole_numbers_are_taken():
    close(ours.solve_triangular([[2, 1], [0, 4]], [4, 8]), [1, 2])
    close(ours.expm([[0, 1], [0, 0]]), [[1, 1], [0, 1]])
    close(ours.cho_solve(([[2, 0], [0, 1]], True), [4, 1]), [1, 1])
    t = mg.Tensor(2.0, requires_grad=True)
    np.sum(ours.toeplitz([1.0, t, t]) * np.arange(9.0).reshape(3, 3)).backward()
    assert t.grad == 1 + 2 + 3 + 5 + 6 + 7
    assert ours.block_diag().shape == (1, 0)
    assert ours.block_diag([], 1.0).tolist() == scipy.block_diag([], 1.0).tolist()


def test_what_is_about_memory_is_ignored():
    b = np.ones(2)
    ours.solve_triangular(np.eye(2), b, overwrite_b=True)
    ours.cho_solve((2 * np.eye(2), True), b, overwrite_b=True, check_finite=False)
    assert b.tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2)])
def test_nothing_has_a_gradient_of_nothing(shape):
    x = np.zeros(shape)
    for f in (ours.expm, ours.sqrtm, ours.logm, lambda x: ours.solve_triangular(x, x),
              lambda x: ours.solve_sylvester(x, x, x)):  # fmt: skip
        out, pull = mg.vjp(f, x)
        assert out.shape == pull(np.ones(shape))[0].shape == shape


OTHERS = {"solve_lyapunov": "solve_continuous_lyapunov"}  # the same function


@pytest.mark.parametrize("name", sorted({*ours.__all__} - {"circulant"}))  # no conversion in it
def test_scipy_s_own_name_ours(name):
    t = mg.Tensor([[2.0, 0.0], [0.0, 3.0]], requires_grad=True)
    f = getattr(scipy, name)
    count = [p.default for p in inspect.signature(f).parameters.values()].count(inspect._empty)
    arguments = [(t, True), t] if name == "cho_solve" else [t] * count
    arguments = [(1, 0), t, t] if name == "solve_banded" else arguments
    arguments = [t[0]] if name in ("toeplitz", "hankel") else arguments
    name = OTHERS.get(name, name)
    with pytest.raises(DetachError, match=rf"{name} of scipy\.linalg .*mg\.linalg\.{name}"):
        f(*arguments)


@pytest.mark.parametrize(
    ("call", "said"),
    [(lambda: ours.expm(np.ones((2, 3))), r"expm: shape \(2, 3\) .*square"),
     (lambda: ours.sqrtm(2.0), r"sqrtm: shape \(\) .*square"),
     (lambda: ours.solve_triangular(np.eye(2), np.ones(3)), r"solve_triangular: .*\(3,\).*is 2"),
     (lambda: ours.cho_solve((np.eye(2), True), np.ones((3, 2))), r"cho_solve: .*\(3, 2\)"),
     (lambda: ours.solve_triangular(np.eye(2), 1.0), r"right side has shape \(\)"),
     (lambda: ours.solve_sylvester(np.eye(2), np.eye(3), np.ones(2)), r"it is 2 by 3"),
     (lambda: ours.solve_lyapunov(np.eye(2), np.eye(3)), r"it is 2 by 2"),
     (lambda: ours.solve_discrete_lyapunov(np.eye(2), np.eye(3)), r"it is 2 by 2"),
     (lambda: ours.hankel(np.eye(2)), "hankel: .*vectors"),
     (lambda: ours.khatri_rao(np.eye(2), np.eye(3)), "khatri_rao: .*columns"),
     (lambda: ours.solve_banded((1, 1), np.ones((2, 3)), np.ones(3)), "solve_banded: .*3 in all"),
     (lambda: ours.solve_banded((1, 0), np.ones((2, 3)), np.ones(2)), r"solve_banded: .*\(2,\)")],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(call, said):
    with pytest.raises(ShapeError, match=said):
        call()


def test_options_that_do_not_exist_are_refused():
    with pytest.raises(ArgumentError, match=r"trans='H'.*0, 1 or 2"):
        ours.solve_triangular(np.eye(2), np.ones(2), trans="H")
    with pytest.raises(ArgumentError, match=r"method='exact'.*bilinear"):
        ours.solve_discrete_lyapunov(np.eye(2), np.eye(2), method="exact")
    with pytest.raises(ArgumentError, match=r"side='up'.*'right' or 'left'"):
        ours.polar(np.eye(2), side="up")


def test_a_name_that_is_not_there_says_what_is():
    with pytest.raises(AttributeError, match="solve_triangular"):
        ours.solve_triangle
    with pytest.raises(AttributeError) as raised:
        ours.svd
    assert raised.value.__notes__ == ["np.linalg.svd takes Tensors as it is."]


def test_a_singular_triangle_raises_as_scipy_does():
    t = mg.Tensor([[1.0, 2.0], [0.0, 0.0]], requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        ours.solve_triangular(t, np.ones(2))


PRINTED = [
    lambda a: np.sum(ours.solve_triangular(a, np.ones(2), lower=True)),
    lambda a: np.sum(ours.expm(a)),
    lambda a: np.sum(ours.sqrtm(a)),
    lambda a: np.sum(ours.solve_banded((1, 0), a, np.ones(2))),
    lambda a: np.sum(ours.solve_sylvester(a, a, a)),
]


@pytest.mark.parametrize("f", PRINTED)
def test_executing_what_is_printed_gives_the_derivative(f):
    x = np.array([[2.0, 0.5], [0.25, 3.0]])
    names = {}
    exec(mg.explain(f, x).source(), names)
    close(names["backprop"](x)[0], mg.grad(f)(x))

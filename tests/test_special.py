"""scipy.special on Tensors: found without importing it, right to the last digits, or refused."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import DetachError, NoRuleError

special = pytest.importorskip("scipy.special")
mp = pytest.importorskip("mpmath").mp

from special_samples import MORE, ONE, TWO  # noqa: E402  (needs both)

DIGITS = 40
LIMIT = 200  # units in the last place of a derivative; most are within 10


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(DIGITS):
        yield


def ulps(found, true):
    true = mp.re(true)
    return abs(mp.mpf(float(found)) - true) / mp.mpf(float(np.spacing(abs(float(true)))))


def points(intervals, count):
    rng = np.random.default_rng(5)
    return [rng.uniform(low, high, count) for low, high in intervals]


def worst_error(function, true, intervals, count):
    """The largest error of the gradient in each operand, in units in the last place."""
    xs = points(intervals, count)
    out, pull = mg.vjp(function, *xs)
    exact = [tuple(mp.mpf(float(x)) for x in point) for point in zip(*xs, strict=True)]
    errors = []
    for i, gradient in enumerate(pull(np.ones_like(out))):
        order = tuple(int(i == k) for k in range(len(xs)))
        slope = lambda p, order=order: mp.diff(
            true, p if len(p) > 1 else p[0], order if len(p) > 1 else 1
        )
        errors += [ulps(g, slope(p)) for g, p in zip(gradient, exact, strict=True)]
    return max(errors)


CASES = [(f, true, [(a, b)]) for f, (true, a, b) in ONE.items()]
CASES += [(f, true, list(intervals)) for f, (true, *intervals) in TWO.items()]
NAMES = [f.__name__ for f, *_ in CASES]


@pytest.mark.parametrize(("function", "true", "intervals"), CASES, ids=NAMES)
def test_derivatives_are_those_of_mpmath(function, true, intervals):
    assert worst_error(function, true, intervals, count=3) < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize(("function", "true", "intervals"), CASES, ids=NAMES)
def test_derivatives_are_those_of_mpmath_over_many_points(function, true, intervals):
    assert worst_error(function, true, intervals, count=25) < LIMIT


@pytest.mark.parametrize("function", [*ONE, *MORE], ids=lambda f: f.__name__)
def test_executing_what_is_printed_gives_the_derivative(function):
    low, high = ONE[function][1:] if function in ONE else MORE[function]
    x = (low + 2 * high) / 3
    f = lambda x: np.real(function(x))
    names = {}
    exec(mg.explain(f, x).source(), names)
    assert names["backprop"](x)[0] == pytest.approx(mg.grad(f)(x), rel=1e-9)


def test_executing_what_is_printed_of_an_elliptic_integral_gives_its_derivatives():
    names = {}
    exec(mg.explain(special.ellipkinc, 0.7, 0.3).source(), names)
    found = names["backprop"](0.7, 0.3)
    assert found == pytest.approx(mg.grad(special.ellipkinc, argnums=(0, 1))(0.7, 0.3))


# Elliptic integrals: derivatives in m are integrals of powers of sine and root


def integral_in_m(x, m, order, root):
    """The derivative in m of the integral of root**(2 * power), by quadrature."""
    power = mp.mpf(1) / 2 - (root == "under")
    piece = lambda t: mp.sin(t) ** (2 * order) * (1 - m * mp.sin(t) ** 2) ** (power - order)
    ends = [mp.mpf(0), *[k * mp.pi / 2 for k in range(1, 9) if k * mp.pi / 2 < x], mp.mpf(x)]
    return (-1) ** order * mp.ff(power, order) * mp.quad(piece, ends)


@pytest.mark.parametrize("f", [special.ellipkinc, special.ellipeinc], ids=["first", "second"])
@pytest.mark.parametrize("m", [-30.0, -1.0, -1e-9, 0.0, 1e-12, 1e-3, 0.3, 0.99])
@pytest.mark.parametrize("x", [1e-3, 0.4, 1.5, 2.0, 4.0, 9.0])
def test_an_elliptic_integral_keeps_its_digits_in_m(f, m, x):
    true = integral_in_m(x, mp.mpf(m), 1, "under" if f is special.ellipkinc else "over")
    slope = lambda x: mg.grad(f, argnums=1)(x, m)
    assert ulps(slope(x), true) < 20
    assert slope(-x) == -slope(x)


@pytest.mark.parametrize("f", [special.ellipkinc, special.ellipeinc], ids=["first", "second"])
@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("m", [-2.0, 0.0, 0.4])
def test_an_elliptic_integral_has_higher_derivatives_in_m(f, order, m):
    slope = lambda m: f(1.2, m)
    for _ in range(order):
        slope = mg.grad(slope)
    true = integral_in_m(1.2, mp.mpf(m), order, "under" if f is special.ellipkinc else "over")
    assert slope(m) == pytest.approx(float(true), rel=1e-12)


def test_at_a_full_circle_the_first_kind_has_one_derivative_in_m_and_an_honest_second():
    slope = mg.grad(lambda m: special.ellipkinc(0.8, m))
    assert slope(1.0) == pytest.approx(float(integral_in_m(0.8, mp.mpf(1), 1, "under")))
    assert np.isnan(mg.grad(slope)(1.0))


# The incomplete gamma function in its parameter


@pytest.mark.parametrize("a", [0.02, 0.5, 1.0, 3.0, 25.0, 120.0])
@pytest.mark.parametrize("x", [1e-5, 0.3, 0.5, 2.6, 24.0, 130.0])
@pytest.mark.parametrize(("order", "loss"), [(1, 3e-13), (2, 3e-13), (3, 1e-11)])
def test_an_incomplete_gamma_function_has_its_derivatives_in_the_parameter(a, x, order, loss):
    with mp.workdps(120):
        true = mp.diff(lambda a: mp.gammainc(a, 0, mp.mpf(x), regularized=True), mp.mpf(a), order)
    slope = lambda a: special.gammainc(a, x)
    for _ in range(order):
        slope = mg.grad(slope)
    assert slope(a) == pytest.approx(float(true), rel=loss, abs=1e-300)


@pytest.mark.parametrize("a", [1e-20, 1e-9])
@pytest.mark.parametrize("x", [1e-5, 0.3, 0.5, 2.6, 24.0, 130.0])
@pytest.mark.parametrize("order", [1, 2])
def test_an_incomplete_gamma_function_keeps_its_digits_at_small_parameters(a, x, order):
    with mp.workdps(120):
        true = mp.diff(lambda a: mp.gammainc(a, 0, mp.mpf(x), regularized=True), mp.mpf(a), order)
    slope = lambda a: special.gammainc(a, x)
    for _ in range(order):
        slope = mg.grad(slope)
    assert slope(a) == pytest.approx(float(true), rel=3e-13)


def test_at_its_ends_the_incomplete_gamma_function_is_constant_in_the_parameter():
    assert mg.grad(lambda a: special.gammainc(a, 0.0))(2.0) == 0
    assert mg.grad(lambda a: special.gammaincc(a, np.inf))(2.0) == 0
    assert np.isnan(mg.grad(lambda a: special.gammainc(a, np.nan))(2.0))
    assert np.isnan(mg.grad(lambda a: special.gammainc(a, 1.0))(-0.5))


# Kelvin functions, of which SciPy's own derivatives lose digits


@pytest.mark.parametrize(("order", "ker", "kei"), [
    (1, special.ker, special.kei), (2, special.kerp, special.keip),
])  # fmt: skip
@pytest.mark.parametrize("x", [1e-6, 0.01, 0.3, 1.0, 1.5, 3.0, 5.8, 9.5, 14.0])
def test_kelvin_functions_keep_their_digits_beside_each_other(order, ker, kei, x):
    turn = mp.expjpi(mp.mpf(1) / 4)
    true = mp.diff(lambda t: mp.besselk(0, turn * t), mp.mpf(x), order)
    found = complex(mg.grad(ker)(x), mg.grad(kei)(x))
    assert abs(found.real - true.real) < 1e-14 * max(abs(true.real), min(x, 1) * abs(true))
    assert abs(found.imag - true.imag) < 1e-14 * max(abs(true.imag), min(x, 1) * abs(true))


# Where a formula meets its limit

LIMITS = {
    "rgamma at a pole": (special.rgamma, -2.0, 2.0),
    "rgamma at 0": (special.rgamma, 0.0, 1.0),
    "exprel at 0": (special.exprel, 0.0, 0.5),
    "spence at 1": (special.spence, 1.0, -1.0),
    "ellipk at 0": (special.ellipk, 0.0, np.pi / 8),
    "ellipe at 0": (special.ellipe, 0.0, -np.pi / 8),
    "ellipkinc at 0": (lambda m: special.ellipkinc(1.0, m), 0.0, (2 - np.sin(2.0)) / 8),
    "ellipeinc at 0": (lambda m: special.ellipeinc(1.0, m), 0.0, -(2 - np.sin(2.0)) / 8),
    "Si at 0": (lambda x: special.sici(x)[0], 0.0, 1.0),
    "Shi at 0": (lambda x: special.shichi(x)[0], 0.0, 1.0),
    "j1 at 0": (special.j1, 0.0, 0.5),
    "lambertw at 0": (lambda x: np.real(special.lambertw(x)), 0.0, 1.0),
    "boxcox in the exponent at 0": (lambda y: special.boxcox(2.0, y), 0.0, np.log(2) ** 2 / 2),
    "inv_boxcox in the exponent at 0": (
        lambda y: special.inv_boxcox(2.0, y), 0.0, -2 * np.exp(2.0),
    ),
    "xlogy in y, with factor 0": (lambda y: special.xlogy(0.0, y), 0.0, 0.0),
    "xlog1py in y, with factor 0": (lambda y: special.xlog1py(0.0, y), -1.0, 0.0),
    "log_ndtr far out": (special.log_ndtr, -1e6, 1e6),
    "log_ndtr far in": (special.log_ndtr, 1000.0, 0.0),
    "expit far out": (special.expit, 800.0, 0.0),
    "log_expit far out": (special.log_expit, -1000.0, 1.0),
    "erf far out": (special.erf, 1000.0, 0.0),
    "erfc far out": (special.erfc, -np.inf, 0.0),
    "pseudo_huber in a large residual": (lambda r: special.pseudo_huber(1.0, r), 1e200, 1.0),
    "a polynomial of degree 0": (lambda x: special.eval_hermite(0, x), 2.0, 0.0),
    "a polynomial of degree 1": (lambda x: special.eval_legendre(1, x), 2.0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_at_its_limits_a_derivative_is_the_limit(name):
    f, x, true = LIMITS[name]
    assert mg.grad(f)(x) == pytest.approx(true, rel=1e-9, abs=0)


def test_exprel_has_a_slope_where_scipys_series_has_no_end():
    x = np.array([-np.inf, -1e300, 1e300, np.inf])
    with np.errstate(over="ignore"):
        assert np.array_equal(mg.elementwise_grad(special.exprel)(x), [0, 0, np.inf, np.inf])


SMOOTH = sorted(set(LIMITS) - {"log_ndtr far out", "log_ndtr far in", "erfc far out"})


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", SMOOTH)
def test_at_its_limits_a_derivative_has_derivatives(name, order):
    f, x, _ = LIMITS[name]
    for _ in range(order):
        f = mg.grad(f)
    h = 1e-5 * max(1, abs(x))
    assert mg.grad(f)(x) == pytest.approx((f(x + h) - f(x - h)) / (2 * h), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("f", [special.xlogy, special.xlog1py, special.rel_entr], ids=str)
def test_a_factor_0_has_its_mixed_derivative_from_both_sides(f):
    with np.errstate(divide="ignore"):
        mixed = mg.grad(lambda x: mg.grad(f, argnums=1)(x, 2.0))(0.0)
    slope = lambda y: f(1e-9, y) / 1e-9  # in x, but for what does not hang on y
    assert mixed == pytest.approx((slope(2.001) - slope(1.999)) / 0.002, rel=1e-6)


# How the rules are found


def test_neither_import_brings_the_other():
    code = (
        "import sys, numpy as np, micrograd_np as mg; assert 'scipy' not in sys.modules;"
        "x = mg.Tensor([0.5], requires_grad=True); np.sum(np.exp(x)).backward();"
        "assert 'scipy' not in sys.modules; from scipy import special;"
        "assert 'micrograd_np.rules.special' not in sys.modules;"
        "special.erf(x).backward(); assert 'micrograd_np.rules.special' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_call_with_keywords_may_be_the_first():
    code = (
        "import numpy as np, micrograd_np as mg; from scipy import special;"
        "x = mg.Tensor([0.5, 1.0], requires_grad=True); y = mg.Tensor([0.0, 0.0]);"
        "special.erf(x, out=y, where=[True, False]); "
        "assert np.allclose(y.data, [special.erf(0.5), 0])"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_function_without_a_rule_says_so():
    t = mg.Tensor([0.5], requires_grad=True)
    with pytest.raises(NoRuleError, match="zetac has no derivative rule"):
        special.zetac(t)
    assert special.zetac(t.detach()).shape == (1,)


@pytest.mark.parametrize(
    "call",
    [lambda v: special.jv(v, 1.0), lambda a: special.betainc(a, 1.0, 0.5),
     lambda a: special.hyp2f1(1.0, a, 2.0, 0.5), lambda n: special.eval_legendre(n, 0.5)],
)  # fmt: skip
def test_a_derivative_without_a_formula_is_refused_when_it_is_called(call):
    t = mg.Tensor(0.5, requires_grad=True)
    with pytest.raises(
        NoRuleError, match=r"derivative in argument . has no formula \(test_special"
    ):
        call(t)
    assert isinstance(call(t.detach()), mg.Tensor)


A, W = np.array([[0.5, -1.0, 2.0], [0.3, 0.1, -4.0]]), np.array([[1.0, 2.0, 0.0], [0.5, 3.0, 1.5]])
P = np.array([0.5, 1.0, 3.0])
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}]


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax", "polygamma"])
def test_functions_written_in_python_name_ours(name):
    t = mg.Tensor([0.5, 1.0], requires_grad=True)
    arguments = (1, t) if name == "polygamma" else (t,)
    with pytest.raises(DetachError, match=r"mg\.special"):
        getattr(special, name)(*arguments)
    ours, theirs = getattr(mg.special, name), getattr(special, name)
    plain = (1, t.data) if name == "polygamma" else (t.data,)
    np.testing.assert_allclose(ours(*arguments).data, theirs(*plain))


def arguments(f):
    return [(p.name, p.default) for p in inspect.signature(f).parameters.values()]


CALLS = {
    "logsumexp": [((A,), k) for k in AXES]
    + [((A,), {"b": W, **k}) for k in AXES]
    + [((A,), {"b": -W, "return_sign": True}), ((A,), {"return_sign": True}), ((A, 0, W[1:]), {})],
    "softmax": [((A,), k) for k in AXES[:-1]],
    "log_softmax": [((A,), k) for k in AXES[:-1]],
    "polygamma": [((2, P), {})],
    "multigammaln": [((P + 1, 3), {}), ((P.tolist(), 1), {})],
    **{f"spherical_{kind}n": [((1, P), {}), ((1, P, True), {})] for kind in "jyik"},
}


@pytest.mark.parametrize("name", mg.special.__all__)
def test_functions_written_in_python_are_called_as_scipy_s_are(name):
    ours, theirs = getattr(mg.special, name), getattr(special, name)
    assert arguments(ours) == arguments(theirs)
    for args, keywords in CALLS[name]:
        np.testing.assert_allclose(
            ours(*args, **keywords), theirs(*args, **keywords), rtol=1e-13, err_msg=f"{keywords}"
        )


@pytest.mark.parametrize("keywords", AXES)
def test_a_weighted_sum_of_exponentials_is_differentiable_in_both(keywords):
    def f(a, b):
        return mg.special.logsumexp(a, b=b, **keywords)

    mg.testing.check_grads(f, (A, W), kinks=(), extremes=())
    positive = np.exp(A)
    np.testing.assert_allclose(
        mg.grad(lambda b: np.sum(mg.special.logsumexp(A, b=b)))(W),
        positive / np.sum(W * positive),
    )  # where the weight is 0, too


def test_a_difference_of_exponentials_has_a_logarithm_and_a_sign():
    b = np.array([1.0, -3.0])
    mg.testing.check_grads(
        lambda a: mg.special.logsumexp(a, b=b, return_sign=True)[0], np.array([1000.0, 999.5]),
        kinks=(), extremes=(), twins=False,
    )  # fmt: skip


def test_infinite_exponents_stay_infinite_and_weights_of_zero_leave_out():
    assert mg.special.logsumexp([np.inf, 0.0], b=[1.0, 2.0]) == np.inf
    assert mg.special.logsumexp([1e4, 1.0], b=[0.0, 1.0]) == 1.0


def test_a_complex_operand_has_the_holomorphic_derivative():
    z = 0.5 + 0.3j
    for f, slope in (
        (special.erf, 2 / np.sqrt(np.pi) * np.exp(-z * z)),
        (special.loggamma, special.psi(z)),
        (lambda z: special.jv(1, z), special.jvp(1, z)),
        (special.wofz, 2j / np.sqrt(np.pi) - 2 * z * special.wofz(z)),
    ):
        (g,) = mg.vjp(f, z)[1](1 + 0j)
        assert g == pytest.approx(slope)


def test_compiled_a_function_takes_whole_numbers_where_it_has_no_derivative():
    probability = mg.jit(lambda k, mu: special.pdtr(k, mu))
    assert probability(3, 2.0) == special.pdtr(3, 2.0)
    rounded = lambda k, mu: special.pdtr(np.floor(k) + 1, mu)
    slope = mg.grad(rounded, argnums=(0, 1))(3.5, 2.0)
    assert mg.jit(mg.grad(rounded, argnums=(0, 1)))(3.5, 2.0) == slope
    assert mg.grad(mg.jit(rounded), argnums=(0, 1))(3.5, 2.0) == slope
    with pytest.raises(
        NoRuleError, match=r"pdtr: its derivative in argument 1 .*mg\.stop_gradient"
    ):
        mg.jit(lambda k, mu: special.pdtr(k, mu))(3.0, 2.0)
    still = mg.jit(lambda k, mu: special.pdtr(mg.stop_gradient(k), mu))
    assert still(3.0, 2.0) == special.pdtr(3.0, 2.0)

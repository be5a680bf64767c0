"""mg.stats: as scipy.stats in names and values, with every derivative, to the last digits."""

from __future__ import annotations

import inspect
import pickle
import warnings

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import (
    ArgumentError,
    DtypeError,
    NoRuleError,
    NoSuchNameError,
    ShapeError,
)

stats = pytest.importorskip("scipy.stats")
mp = pytest.importorskip("mpmath").mp

from stats_samples import ORACLES, SHAPES  # noqa: E402  (needs both)

VECTORS = ("multivariate_normal", "dirichlet")
NAMES = [name for name in mg.stats.__all__ if name not in VECTORS]
CONTINUOUS = [name for name in NAMES if hasattr(getattr(mg.stats, name), "pdf")]
DISCRETE = [name for name in NAMES if name not in CONTINUOUS]
FUNCTIONS = [(name, f) for name in NAMES for f in getattr(mg.stats, name).names()]
DENSITIES = [(name, f) for name, f in FUNCTIONS if f in ("logpdf", "logpmf")]
EPS = np.finfo(float).eps
PLACES = (0.0, -0.7)  # of a continuous distribution, in the order of scales
SCALES = (1.0, 2.5)


@pytest.fixture(autouse=True)
def nothing_is_reported():
    with mp.workdps(40), np.errstate(over="raise", divide="raise", invalid="raise"):
        yield


def function(name, f):
    return getattr(getattr(mg.stats, name), f)


def theirs(name, f, *args):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(getattr(stats, name), f)(*args)


def located(name, place=0):
    """Location and scale, where there is one."""
    return (PLACES[place], SCALES[place]) if name in CONTINUOUS else (float(place),)


def points(name):
    """Values within the support, at its ends, and beyond."""
    if name in DISCRETE:
        return np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 7.0, 8.0, 40.0, 200.0, 2.5, 0.5])
    return np.array(
        [-40, -5, -1.5, -1, -0.3, -1e-9, 0, 1e-9, 0.1, 0.25, 0.5, 0.9, 1, 1.5, 3, 8, 40]
    )


def inside(name, f="cdf", shapes=()):
    """Values within the support, near and far, at which a function is not flat."""
    most = {"bernoulli": 1, "binom": (shapes or (7,))[0]}.get(name, np.inf)
    if name in DISCRETE:
        least = 0.0 if name == "bernoulli" else 1.0
        return [k for k in (least, least + 1, 40.0) if k < most + ("p" in f)]
    return [0.003, 0.2, 0.7] if name in ("beta", "uniform") else [0.003, 0.2, 0.7, 3.0, 40.0]


# What there is


def test_every_distribution_has_samples():
    assert set(NAMES) == set(SHAPES) == set(ORACLES)


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_parameters_are_those_of_scipy(name, f):
    shapes = getattr(stats, name).shapes
    expected = ["k" if name in DISCRETE else "x", *(shapes.split(", ") if shapes else []), "loc"]
    expected += ["scale"] if name in CONTINUOUS else []
    parameters = inspect.signature(function(name, f)).parameters
    assert list(parameters) == expected
    assert [p.default for p in parameters.values() if p.default is not p.empty] == (
        [0, 1] if name in CONTINUOUS else [0]
    )
    assert function(name, f).__doc__.startswith("Return the ")


@pytest.mark.parametrize("name", VECTORS)
def test_parameters_of_vectors_are_those_of_scipy(name):
    ours = getattr(mg.stats, name)
    for f in [f for f in vars(type(ours)) if not f.startswith("_")]:
        found, expected = (inspect.signature(getattr(x, f)) for x in (ours, getattr(stats, name)))
        assert [(p.name, p.default) for p in found.parameters.values()] == [
            (p.name, p.default) for p in expected.parameters.values()
        ]


@pytest.mark.oracle
def test_all_of_autograd_is_there():
    theirs = pytest.importorskip("autograd.scipy.stats")
    modules = {name: x for name, x in vars(theirs).items() if inspect.ismodule(x)}
    assert len(modules) == 8
    for name, module in modules.items():
        public = [
            f for f in vars(module) if f.startswith(("pdf", "pmf", "log", "cdf", "sf", "ent"))
        ]
        assert public
        for f in public:
            assert callable(getattr(getattr(mg.stats, name), f)), f


def test_a_name_that_is_not_there_says_what_is():
    with pytest.raises(NoSuchNameError, match=r"It has pdf, logpdf, .*scipy\.stats\.norm"):
        mg.stats.norm.rvs
    with pytest.raises(NoSuchNameError, match=r"Did you mean mg\.stats\.poisson"):
        mg.stats.possion
    with pytest.raises(NoSuchNameError, match="weibull_min") as caught:
        mg.stats.weibull_min
    assert "Write its density" in caught.value.__notes__[0]
    assert "mg.stats.gamma.pdf(x, a, loc=0, scale=1)" in repr(mg.stats.gamma)
    assert "mg.stats.dirichlet.logpdf(x, alpha)" in repr(mg.stats.dirichlet)
    assert "logpdf(x, mean=None, cov=1)" in repr(mg.stats.multivariate_normal)
    assert pickle.loads(pickle.dumps(mg.stats.gamma)) is mg.stats.gamma


def test_a_call_that_does_not_fit_says_how_to_write_it():
    for call in (
        lambda: mg.stats.gamma.logpdf(1.0),
        lambda: mg.stats.gamma.logpdf(1.0, 2.0, 0.0, 1.0, 5.0),
        lambda: mg.stats.gamma.logpdf(1.0, 2.0, rate=1.0),
    ):
        with pytest.raises(
            ArgumentError, match=r"gamma\.logpdf\(x, a, loc=0, scale=1\): .*\(test_"
        ):
            call()
    with pytest.raises(
        DtypeError, match=r"norm\.logpdf: arguments are real numbers, got .*complex"
    ):
        mg.stats.norm.logpdf(1j)


# Values and derivatives, to their last digits

LIMIT = 100  # units in the last place, of which a logarithm's size is taken to be lost
BETTER = {  # than SciPy, which takes the logarithm of what underflows or rounds to 1
    ("halfnorm", "logsf"), ("geom", "logcdf"), ("poisson", "logcdf"), ("poisson", "logsf"),
}  # fmt: skip


def true(name, f, x, *args):
    """What mpmath gives, with as many digits as it takes."""
    *shapes, loc = args if name in DISCRETE else args[:-1]
    scale = 1 if name in DISCRETE else args[-1]
    z = (x - loc) / mp.mpf(scale)
    log, *both = ORACLES[name]
    if "p" in f.removeprefix("log"):
        value = log(z, *shapes) - mp.log(scale)
        return value if f.startswith("log") else mp.exp(value)
    value, rest = (p(z, *shapes) for p in (both if "c" in f else both[::-1]))
    if f.startswith("log"):
        return mp.log(value) if value < 0.5 else mp.log1p(-rest)
    return value if value < 0.5 else 1 - rest


def units(f, found, right):
    """The error of a function; what underflows has none."""
    if abs(right) < 1e-300 or found == right:
        return 0.0
    if f in ("logpdf", "logpmf"):  # a sum, which may come out near 0
        return float(abs(found - right) / (1 + abs(right)) / EPS)
    return float(abs(found - right) / abs(right) / (1 + abs(mp.log(abs(right)))) / EPS)


def exact(args):
    return [mp.mpf(float(x)) for x in args]


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_values_are_those_of_scipy(name, f):
    x = np.append(points(name), [np.nan, -np.inf])
    for shapes in SHAPES[name]:
        for place in (0, 1):
            args = (*shapes, *located(name, place))
            found, expected = function(name, f)(x, *args), theirs(name, f, x, *args)
            for at, ours, others in zip(x, found, expected, strict=True):
                if np.isfinite(others) and (name, f) not in BETTER:
                    assert units(f, ours, others) < LIMIT, (at, args)
                elif not np.isfinite(others):
                    assert np.array_equal(ours, others, equal_nan=True) or (name, f) in BETTER


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_values_are_those_of_mpmath(name, f):
    for shapes in SHAPES[name]:
        for x in inside(name, f, shapes):
            args = (x, *shapes, *located(name))
            found = function(name, f)(*args)
            assert type(found) is np.float64
            assert units(f, exact([found])[0], true(name, f, *exact(args))) < LIMIT, args


def differentiable(name, f):
    """The parameters by which there is a derivative, and those by which there is none."""
    names = list(inspect.signature(function(name, f)).parameters)
    x = mg.Tensor(0.5, requires_grad=True)
    refused = set(getattr(mg.stats, name).counts)
    for i, parameter in enumerate(names):
        args = [inside(name)[0], *SHAPES[name][0], *located(name)]
        args[i] = x
        try:
            function(name, f)(*args)
        except NoRuleError:
            refused.add(parameter)
    return [i for i, name in enumerate(names) if name not in refused], refused


def test_a_derivative_without_a_formula_is_refused():
    found = {(name, f): differentiable(name, f)[1] for name, f in FUNCTIONS}
    for (name, f), refused in found.items():
        shapes = {"t": {"df"}, "beta": {"a", "b"}, "nbinom": {"n"}}.get(name, set())
        counts = {"k", "loc", "n"} if name == "binom" else {"k", "loc"}
        expected = (counts if name in DISCRETE else set()) | (set() if "p" in f else shapes)
        assert refused == expected, (name, f)
    x = mg.Tensor(3.0, requires_grad=True)
    with pytest.raises(NoRuleError, match=r"stdtr: its derivative in argument 1 has no formula"):
        mg.stats.t.cdf(0.5, x)
    with pytest.raises(NoRuleError, match=r"poisson\.pmf: k is a whole number.*k\.detach\(\)"):
        mg.stats.poisson.pmf(x, 2.0)
    assert mg.stats.poisson.pmf(x.detach(), 2.0) == mg.stats.poisson.pmf(3, 2.0)
    with pytest.raises(NoRuleError, match=r"poisson\.pmf: k is a whole number"):
        mg.jit(mg.stats.poisson.pmf)(3.0, 2.0)
    for whole in (np.rint, mg.stop_gradient, lambda k: k.detach()):
        compiled = mg.jit(lambda k, mu, whole=whole: mg.stats.poisson.pmf(whole(k), mu))
        assert compiled(3.0, 2.0) == mg.stats.poisson.pmf(3, 2.0)


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_derivatives_are_those_of_mpmath(name, f):
    chosen, _ = differentiable(name, f)
    for shapes in SHAPES[name]:
        for x in inside(name, f, shapes)[1:4]:
            args = (x, *shapes, *located(name))
            gradient = mg.grad(function(name, f), argnums=tuple(chosen))(*args)
            for i, found in zip(chosen, gradient, strict=True):
                right = mp.diff(along(name, f, args, i), exact(args)[i])
                assert units("slope", exact([found])[0], right) < 5 * LIMIT, (args, i)


def along(name, f, args, *places):
    """The function of the arguments at some places."""

    def function(*moved):
        values = exact(args)
        for i, value in zip(places, moved, strict=True):
            values[i] = value
        return true(name, f, *values)

    return function


@pytest.mark.parametrize(("name", "f"), DENSITIES)
def test_second_derivatives_are_those_of_mpmath(name, f):
    chosen, _ = differentiable(name, f)
    shapes = SHAPES[name][-1]
    args = (inside(name, f, shapes)[1], *shapes, *located(name))
    hessian = mg.hessian(function(name, f), argnums=tuple(chosen))(*args)
    for row, i in zip(hessian, chosen, strict=True):
        for found, j in zip(row, chosen, strict=True):
            at = [exact(args)[i], exact(args)[j]]
            if i == j:
                right = mp.diff(along(name, f, args, i), at[0], 2)
            else:
                right = mp.diff(along(name, f, args, i, j), at, (1, 1))
            assert abs(float(found) - float(right)) < 1e-12 * (1 + abs(float(right))), (i, j)


# What follows from what


@pytest.mark.parametrize("name", NAMES)
def test_functions_agree_with_one_another(name):
    d, x = getattr(mg.stats, name), points(name)
    for shapes in SHAPES[name]:
        args = (*shapes, *located(name))
        density, log = (d.pdf, d.logpdf) if name in CONTINUOUS else (d.pmf, d.logpmf)
        np.testing.assert_allclose(density(x, *args), np.exp(log(x, *args)), rtol=1e-12)
        np.testing.assert_allclose(d.cdf(x, *args) + d.sf(x, *args), 1, rtol=1e-12)
        for p, log in ((d.cdf, d.logcdf), (d.sf, d.logsf)):
            np.testing.assert_allclose(np.exp(log(x, *args)), p(x, *args), rtol=1e-11)
        if name in DISCRETE:
            whole = x[x == np.floor(x)]
            step = d.cdf(whole, *args) - d.cdf(whole - 1, *args)
            np.testing.assert_allclose(step, density(whole, *args), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_density_is_the_slope_of_its_cumulative_function(name):
    d = getattr(mg.stats, name)
    for shapes in SHAPES[name]:
        args = (*shapes, *located(name, 1))
        x = np.setdiff1d(points(name), [-1e-9, 0.0, 1e-9]) * args[-1] + args[-2]
        slope = mg.elementwise_grad(lambda x, d=d, args=args: d.cdf(x, *args))(x)
        inner = x < args[-1] + args[-2] if name in ("beta", "uniform") else x < np.inf
        np.testing.assert_allclose(slope[inner], d.pdf(x, *args)[inner], rtol=1e-11)


# Beyond the support, and parameters that are none


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_beyond_the_support_a_function_is_constant(name, f):
    beyond = {"beta": [-0.5, 1.5], "uniform": [-0.5, 1.5], "bernoulli": [-1.0, 2.0]}
    beyond["binom"] = [-1.0, 41.0]
    ends = {"norm", "t", "cauchy", "laplace", "logistic"}
    outside = [] if name in ends else beyond.get(name, [-1.0, -np.inf, np.inf])
    outside += [1.5, 2.5] if name in DISCRETE and "p" in f else []
    value = {"p": {0.0}, "logp": {-np.inf}, "c": {0.0, 1.0}, "s": {0.0, 1.0}}
    value |= {"logc": {-np.inf, 0.0}, "logs": {-np.inf, 0.0}}
    for shapes in SHAPES[name]:
        chosen, _ = differentiable(name, f)
        for x in outside:
            args = (x, *shapes, *located(name))
            assert function(name, f)(*args) in value[f[: 4 if f.startswith("log") else 1]]
            gradient = mg.grad(function(name, f), argnums=tuple(chosen))(*args)
            assert not np.any(gradient), (args, gradient)
        argnums = tuple(i for i in chosen if i)
        if outside and argnums:
            mixed = np.array([outside[0], inside(name, f, shapes)[0], outside[-1]])
            g = function(name, f)
            total = lambda x, *args, g=g: np.sum(np.where(x == x[1], g(x, *args), 0))
            found = mg.grad(total, argnums=argnums)(mixed, *args[1:])
            alone = mg.grad(g, argnums=argnums)(mixed[1], *args[1:])
            np.testing.assert_allclose(found, alone, rtol=1e-14)


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_parameters_that_are_none_give_nan(name, f):
    good = (*SHAPES[name][0], *located(name))
    x = points(name)
    names = list(inspect.signature(function(name, f)).parameters)[1:]
    for i, parameter in enumerate(names):
        bad = (
            [np.nan]
            if parameter == "loc"
            else [np.nan, -1.0, *([0.0] if parameter == "scale" else [])]
        )
        for value in bad:
            args = [value if j == i else p for j, p in enumerate(good)]
            assert np.all(np.isnan(function(name, f)(x, *args)))
    assert np.isnan(function(name, f)(np.nan, *good))


def test_shape_parameters_at_their_ends_are_those_of_scipy():
    k, ends = np.arange(-1.0, 4.0), np.array([0.0, 1.0, 1.5])[:, None]
    samples = {"bernoulli": (ends,), "binom": (3, ends), "geom": (ends,), "nbinom": (2.5, ends)}
    samples["poisson"] = (np.array([[0.0]]),)
    for name, shapes in samples.items():
        valid = ~np.isnan(theirs(name, "pmf", k, *shapes))
        for f in getattr(mg.stats, name).names():
            found = function(name, f)(k, *shapes)
            assert np.array_equal(np.isnan(found), ~valid)
            expected = theirs(name, f, k, *shapes)
            np.testing.assert_allclose(found[valid], expected[valid], rtol=1e-14, atol=1e-15)
    n = np.array([[2.5], [0.0], [-1.0]])
    expected = theirs("binom", "pmf", k, n, 0.3)
    np.testing.assert_allclose(mg.stats.binom.pmf(k, n, 0.3), expected)
    x = np.array([-3.0, 0.2])
    assert np.array_equal(mg.stats.t.logpdf(x, np.inf), mg.stats.norm.logpdf(x))
    assert mg.grad(mg.stats.t.logpdf)(0.5, np.inf) == -0.5


# Kinds of operands


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_precision_and_kind_are_those_of_the_operands(name, f):
    g = function(name, f)
    x = np.float32([0.5, 0.7] if name in CONTINUOUS else inside(name, f, SHAPES[name][-1])[:1])
    args = (*SHAPES[name][0], *located(name))
    single = g(x, *args)
    assert type(single) is np.ndarray
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, g(x.astype(float), *args), rtol=3e-5)
    t = g(mg.Tensor(x), *args)
    assert isinstance(t, mg.Tensor)
    assert t.dtype == np.float32
    whole = np.array([0, 1])
    assert np.array_equal(g(whole, *args), g([0.0, 1.0], *args))
    assert g(1, *args) == g(1.0, *args)
    assert g(mg.Tensor(whole), *args).dtype == float


@pytest.mark.parametrize(("name", "f"), DENSITIES)
def test_parameters_broadcast(name, f):
    g, shapes = function(name, f), SHAPES[name][-1]
    x = np.array(inside(name, f, shapes))[:2]
    args = [np.full((3, 1), p) for p in (*shapes, *located(name))]
    assert np.array_equal(g(x, *args), np.tile(g(x, *shapes, *located(name)), (3, 1)))
    chosen, _ = differentiable(name, f)
    argnums = tuple(i for i in chosen if i)
    found = mg.grad(lambda *args: np.sum(g(*args)), argnums=argnums)(x, *args)
    assert [g.shape for g in found] == [(3, 1)] * len(argnums)


@pytest.mark.parametrize(("name", "f"), FUNCTIONS)
def test_compiled_it_gives_the_same(name, f):
    chosen, refused = differentiable(name, f)
    shapes = SHAPES[name][-1]
    names = list(inspect.signature(function(name, f)).parameters)
    args = (points(name), *shapes, *located(name))
    args = (np.floor(args[0]).astype(int), *args[1:]) if name in DISCRETE else args
    fixed = {n for n in refused if n != "k"}
    given = [i for i, n in enumerate(names) if n not in fixed]

    def g(*values):
        full = list(args)
        for i, value in zip(given, values, strict=True):
            full[i] = value
        return function(name, f)(*full)

    values = [args[i] for i in given]
    np.testing.assert_allclose(mg.jit(g)(*values), g(*values), rtol=1e-14)
    argnums = tuple(given.index(i) for i in chosen if i)
    if argnums:
        ones = lambda *values: np.sum(np.where(np.isfinite(g(*values)), g(*values), 0))
        found = mg.jit(mg.grad(ones, argnums=argnums))(*values)
        np.testing.assert_allclose(found, mg.grad(ones, argnums=argnums)(*values), rtol=1e-12)


@pytest.mark.parametrize(("name", "f"), DENSITIES)
def test_executing_what_is_printed_gives_the_derivative(name, f):
    chosen, _ = differentiable(name, f)
    args = (inside(name, f, SHAPES[name][-1])[1], *SHAPES[name][-1], *located(name))

    def g(*values):
        full = list(args)
        for i, value in zip(chosen, values, strict=True):
            full[i] = value
        return function(name, f)(*full)

    values = [args[i] for i in chosen]
    names = {}
    exec(mg.explain(g, *values).source(), names)
    expected = mg.grad(g, argnums=tuple(range(len(values))))(*values)
    np.testing.assert_allclose(names["backprop"](*values), expected, rtol=1e-12)


def test_what_is_printed_is_what_a_person_would_write():
    printed = str(mg.explain(mg.stats.norm.logpdf, 1.0, 0.0, 2.0))
    assert "dout_dscale = (x - loc) ** 2 / scale ** 3 - 1 / scale" in printed


def test_the_gradient_of_a_poisson_regression_is_printed_as_textbooks_have_it():
    def loss(w, X, k):
        return -np.sum(mg.stats.poisson.logpmf(k, np.exp(X @ w)))

    w, X, k = np.array([0.5, -1.0]), np.array([[1.0, 2.0], [0.5, 0.0]]), np.array([0, 3])
    assert mg.explain(loss, w, X, k, wrt="w").formulas == {"dL_dw": "(np.exp(X @ w) - k) @ X"}
    at_zero = mg.explain(lambda mu: np.sum(mg.stats.poisson.logpmf([0, 3], mu)), np.zeros(2))
    assert "np.where" in str(at_zero)


# Distributions of vectors

X = np.array([[0.3, -1.0, 2.0], [0.0, 0.5, 1.5]])
MEAN = np.array([0.5, -0.5, 1.0])
COV = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 3.0]])
NORMAL = {
    "one vector": (X[0], MEAN, COV),
    "two vectors": (X, MEAN, COV),
    "an array of vectors": (np.stack([X, X + 1]), MEAN, COV),
    "mean 0": (X, None, COV),
    "a diagonal": (X, MEAN, np.array([2.0, 0.5, 1.0])),
    "a number": (X, MEAN, 2.0),
    "nothing but points": (X[0],),
    "points of one number": (X[0], 0.5, 2.0),
    "lists": (X.tolist(), MEAN.tolist(), COV.tolist()),
    "hard": (X * 30, MEAN, COV * 1e-3),
}


@pytest.mark.parametrize("case", NORMAL)
def test_the_normal_distribution_of_vectors_is_that_of_scipy(case):
    args, d = NORMAL[case], mg.stats.multivariate_normal
    for f in ("logpdf", "pdf"):
        found, expected = getattr(d, f)(*args), theirs("multivariate_normal", f, *args)
        assert type(found) is type(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert d.entropy(*args[1:]) == pytest.approx(stats.multivariate_normal.entropy(*args[1:]))


def written_out(x, mean, cov):
    """The logarithm of the density, by the inverse and the determinant."""
    d = x - mean
    square = np.sum(d @ np.linalg.inv(cov) * d, axis=-1)
    return -(square + np.linalg.slogdet(cov)[1] + 3 * np.log(2 * np.pi)) / 2


@pytest.mark.parametrize("x", [X, X[0]], ids=["two vectors", "one vector"])
def test_its_derivatives_are_those_of_the_formula(x):
    total = lambda f: lambda *args: np.sum(f(*args))
    ours, other = total(mg.stats.multivariate_normal.logpdf), total(written_out)
    for a, b in zip(
        *[mg.grad(f, argnums=(0, 1, 2))(x, MEAN, COV) for f in (ours, other)], strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    slope = mg.grad(ours, argnums=2)(x, MEAN, COV)
    assert np.array_equal(slope, slope.T)
    compiled = mg.jit(mg.grad(ours, argnums=2))(x, MEAN, COV)
    np.testing.assert_allclose(compiled, slope, rtol=1e-13)
    direction = COV @ COV
    found, expected = (mg.hvp(lambda c, f=f: f(x, MEAN, c), COV, direction) for f in (ours, other))
    np.testing.assert_allclose(found, (expected + expected.T) / 2, rtol=1e-11)
    np.testing.assert_allclose(
        mg.grad(lambda c: mg.stats.multivariate_normal.entropy(MEAN, c))(COV),
        np.linalg.inv(COV) / 2,
        rtol=1e-13,
    )
    mg.testing.check_grads(lambda v: ours(x, MEAN, v), np.array([2.0, 0.5, 1.0]), extremes=())
    mg.testing.check_grads(lambda v: ours(x, MEAN, v), 2.0, extremes=())


def test_its_single_precision_stays():
    args = [np.float32(v) for v in (X, MEAN, COV)]
    assert mg.stats.multivariate_normal.logpdf(*args).dtype == np.float32
    assert mg.stats.multivariate_normal.pdf(*args[:2], 2.0).dtype == np.float32


def test_what_does_not_fit_is_refused():
    d = mg.stats.multivariate_normal
    with pytest.raises(
        np.linalg.LinAlgError, match=r"cov of shape \(3, 3\) is singular.*\(test_st"
    ):
        d.logpdf(X, MEAN, np.ones((3, 3)))
    with pytest.raises(np.linalg.LinAlgError, match=r"negative eigenvalues.*np\.eye"):
        d.entropy(None, -COV)
    with pytest.raises(ArgumentError, match="allow_singular=True is not supported"):
        d.pdf(X, MEAN, COV, allow_singular=True)
    with pytest.raises(ShapeError, match=r"x has vectors of 2, mean and cov are of 3"):
        d.logpdf(X[:, :2], MEAN, COV)
    with pytest.raises(ShapeError, match=r"mean has shape \(3,\), cov \(2, 2\)"):
        d.logpdf(X, MEAN, COV[:2, :2])
    with pytest.raises(ShapeError, match=r"dirichlet: alpha has shape \(3,\), x \(5,\)"):
        mg.stats.dirichlet.logpdf(np.ones(5) / 5, ALPHA)
    for x, alpha, said in (
        (P, -ALPHA, "alpha is not positive"),
        (np.array([-0.1, 0.6, 0.5]), ALPHA, "not between 0 and 1"),
        (P * 1.01, ALPHA, "does not sum to 1"),
        (np.array([0.0, 0.5, 0.5]), ALPHA, "is 0 where alpha is less than 1"),
    ):
        with pytest.raises(ValueError, match="dirichlet: .*" + said):
            mg.stats.dirichlet.logpdf(x, alpha)
        with pytest.raises(ValueError):  # noqa: PT011  (SciPy's own words)
            stats.dirichlet.logpdf(x, alpha)


P, ALPHA = np.array([0.2, 0.3, 0.5]), np.array([0.5, 2.0, 7.5])


@pytest.mark.parametrize("x", [P, P[:2], np.stack([P, P[::-1]], 1), np.stack([P, P[::-1]], 1)[:2]])
def test_dirichlets_distribution_is_that_of_scipy(x):
    for f in ("logpdf", "pdf"):
        found, expected = getattr(mg.stats.dirichlet, f)(x, ALPHA), theirs("dirichlet", f, x, ALPHA)
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    total = lambda x, alpha: np.sum(mg.stats.dirichlet.logpdf(x, alpha))
    mg.testing.check_grads(lambda alpha: total(x, alpha), ALPHA, extremes=())
    if len(x) == 2:
        mg.testing.check_grads(lambda x: total(x, ALPHA), x, extremes=())
    else:
        shares = (ALPHA.reshape(-1, *(1,) * (x.ndim - 1)) - 1) / x
        np.testing.assert_allclose(mg.grad(total)(x, ALPHA), shares, rtol=1e-15)
    compiled = mg.jit(mg.grad(total, argnums=1))(x, ALPHA)
    np.testing.assert_allclose(compiled, mg.grad(total, argnums=1)(x, ALPHA), rtol=1e-14)


def test_missing_values_leave_the_gradient_alone():
    x = np.array([0.5, np.nan, -1.0, np.inf])
    told = lambda loc, scale: np.sum(
        np.where(np.isfinite(x), mg.stats.norm.logpdf(x, loc, scale), 0)
    )
    known = lambda loc, scale: np.sum(mg.stats.norm.logpdf(x[[0, 2]], loc, scale))
    for f in (told, mg.jit(told)):
        found = mg.grad(f, argnums=(0, 1))(0.1, 2.0)
        assert found == pytest.approx(mg.grad(known, argnums=(0, 1))(0.1, 2.0), rel=1e-15)

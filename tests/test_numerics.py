"""Values and gradients against mpmath: within 4 units in the last place, over hard ranges."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg

mp = pytest.importorskip("mpmath").mp
RNG = np.random.default_rng(0)
LIMIT = 4  # units in the last place
DIGITS = 400  # of the true values
TYPES = [np.float64, np.float32]


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(DIGITS):
        yield


def ulps(found, true):
    """How many units in its last place a number is off; what underflows to 0 is not off."""
    if abs(true) > np.finfo(found.dtype).max:
        return 0 if np.isinf(found) and (found > 0) == (true > 0) else np.inf
    unit = np.spacing(np.abs(np.asarray(float(true))).astype(found.dtype))
    return float(abs(mp.mpf(float(found)) - true) / mp.mpf(float(unit)))


def worst(found, true):
    """The largest error among entries."""
    return max(ulps(a, t) for a, t in zip(np.ravel(found), true, strict=True))


# Functions of one number: (ours, the true value, the true slope). A slope near its own root, where
# a relative error has no bound, is measured against its size at a distance from it.


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def silu_slope(x):
    return sigmoid(x) * (1 + x * sigmoid(-x))


def gelu_slope(x):
    return mp.ncdf(x) + x * mp.npdf(x)


FUNCTIONS = {
    "sigmoid": (mg.nn.sigmoid, sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": (np.tanh, mp.tanh, lambda x: mp.sech(x) ** 2),
    "softplus": (mg.nn.softplus, lambda x: mp.log1p(mp.exp(x)), sigmoid),
    "log_sigmoid": (mg.nn.log_sigmoid, lambda x: -mp.log1p(mp.exp(-x)), lambda x: sigmoid(-x)),
    "silu": (mg.nn.silu, lambda x: x * sigmoid(x), silu_slope),
    "gelu": (mg.nn.gelu, lambda x: x * mp.ncdf(x), gelu_slope),
    "expm1": (np.expm1, mp.expm1, mp.exp),
    "log1p": (np.log1p, mp.log1p, lambda x: 1 / (1 + x)),
    "arcsin": (np.arcsin, mp.asin, lambda x: 1 / mp.sqrt((1 - x) * (1 + x))),
    "arctanh": (np.arctanh, mp.atanh, lambda x: 1 / ((1 - x) * (1 + x))),
    "arccosh": (np.arccosh, mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1))),
    "arcsinh": (np.arcsinh, mp.asinh, lambda x: 1 / mp.sqrt(1 + x * x)),
}
ROOTS = {"silu": -1.2784645427610738, "gelu": -0.7517915246935645}  # of the slopes

both_signs = lambda x: np.concatenate([-x, x])


def powers(low, high):
    """Numbers whose logarithms are evenly spaced."""
    return 10 ** np.linspace(low, high, 20)


def around(center, spread):
    """Numbers on both sides of a center."""
    return np.linspace(center - spread, center + spread, 24)


TAILS = {
    "neg-tail": lambda far: np.linspace(-far, -far / 3, 24),
    "neg": lambda far: np.linspace(-far / 3, -1, 24),
    "near0": lambda far: around(0, 1),
    "tiny": lambda far: both_signs(powers(-20, -6)),
    "pos": lambda far: np.linspace(1, far / 3, 24),
    "pos-tail": lambda far: np.linspace(far / 3, far, 24),
}
OTHER_RANGES = {
    "log1p": {"near-1": powers(-7, -1) - 1, "near0": around(0, 0.5),
              "tiny": both_signs(powers(-20, -6)), "pos": powers(0, 30)},
    "arcsin": {"near0": around(0, 0.5), "near1": 1 - powers(-7, -1)},
    "arctanh": {"near0": around(0, 0.5), "near1": 1 - powers(-7, -1)},
    "arccosh": {"near1": 1 + powers(-7, -1), "far": powers(0.5, 30)},
    "arcsinh": {"near0": around(0, 1), "huge": both_signs(powers(3, 30))},
}  # fmt: skip
FAR = {  # where exp(-x), or exp(-x**2 / 2) of gelu, is nearly 0
    np.float64: {"gelu": 36, "tanh": 350, "expm1": 700}, np.float32: {"gelu": 12, "tanh": 40},
}  # fmt: skip


def ranges(name, dtype):
    """The ranges of a function, by name."""
    far = FAR[dtype].get(name, 700 if dtype is np.float64 else 80)
    return OTHER_RANGES.get(name) or {key: draw(far) for key, draw in TAILS.items()}


CELLS = [(name, cell) for name in FUNCTIONS for cell in ranges(name, np.float64)]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("name", "cell"), CELLS)
def test_a_function_of_one_number_keeps_its_digits(name, cell, dtype):
    ours, value, slope = FUNCTIONS[name]
    xs = ranges(name, dtype)[cell].astype(dtype)
    found, pull = mg.vjp(ours, xs)
    exact = [mp.mpf(float(x)) for x in xs]
    assert worst(found, [value(x) for x in exact]) < LIMIT
    (slopes,) = pull(np.ones_like(xs))
    if name in ROOTS:
        far = np.abs(xs - ROOTS[name]) > 0.2
        assert np.all(np.abs(slopes - [float(slope(x)) for x in exact]) < 2 * np.finfo(dtype).eps)
        slopes, exact = slopes[far], [x for x, keep in zip(exact, far, strict=True) if keep]
    assert worst(slopes, [slope(x) for x in exact]) < LIMIT


# Functions of a line of numbers


def exponentials(x):
    terms = [mp.exp(mp.mpf(float(v))) for v in x]
    return terms, sum(terms)


LINES = {
    "normal": lambda: RNG.normal(size=8),
    "spread": lambda: RNG.normal(size=8) * 100,
    "confident": lambda: RNG.normal(size=8) + 30 * (np.arange(8) == 0),
}


def logsumexp(x):
    terms, total = exponentials(x)
    return mp.log(total), [t / total for t in terms]


def log_softmax(x):
    terms, total = exponentials(x)
    rest = total - terms[0]
    return -mp.log1p(rest / terms[0]), [rest / total, *[-t / total for t in terms[1:]]]


def cross_entropy(x):
    value, slopes = log_softmax(x)
    return -value, [-s for s in slopes]


OF_LINES = {
    "logsumexp": (mg.nn.logsumexp, logsumexp),
    "log_softmax": (lambda x: mg.nn.log_softmax(x)[0], log_softmax),
    "softmax_cross_entropy": (
        lambda x: mg.nn.softmax_cross_entropy(x[None], np.array([0])), cross_entropy,
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("name", OF_LINES)
def test_exponentials_of_a_line_keep_their_digits(name, line, dtype):
    ours, true = OF_LINES[name]
    for _ in range(20):
        x = LINES[line]().astype(dtype)
        found, g = mg.value_and_grad(ours)(x)
        value, slopes = true(x)
        assert ulps(found, value) < LIMIT
        assert worst(g, slopes) < LIMIT


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("size", "float32_size"), [(1, 1), (1e200, 1e30), (1e-200, 1e-30)])
def test_a_norm_keeps_its_digits(size, float32_size, dtype):
    for _ in range(20):
        scale = size if dtype is np.float64 else float32_size
        x = (RNG.normal(size=8) * scale).astype(dtype)
        exact = [mp.mpf(float(v)) for v in x]
        norm = mp.sqrt(sum(v * v for v in exact))
        found, g = mg.value_and_grad(np.linalg.norm)(x)
        assert ulps(found, norm) < LIMIT
        assert worst(g, [v / norm for v in exact]) < LIMIT


@pytest.mark.parametrize("scale", [1e-200, 1e-160, 1e160, 1e200])
def test_a_standard_deviation_neither_overflows_nor_vanishes(scale):
    x = np.array([1.0, 2.0, 4.0, 7.0])
    value, g = mg.value_and_grad(np.std)(x * scale)
    expected_value, expected = mg.value_and_grad(np.std)(x)
    np.testing.assert_allclose(value, expected_value * scale, rtol=1e-15)
    np.testing.assert_allclose(g, expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("offset", [0, 1e4, 1e6, 1e8])
def test_a_variance_keeps_its_digits(offset, dtype):
    if dtype is np.float32 and offset == 1e8:
        offset = 1e5
    for _ in range(20):
        x = (RNG.normal(size=8) + offset).astype(dtype)
        exact = [mp.mpf(float(v)) for v in x]
        mean = sum(exact) / 8
        found, g = mg.value_and_grad(np.var)(x)
        assert ulps(found, sum((v - mean) ** 2 for v in exact) / 8) < LIMIT
        true = [(v - mean) / 4 for v in exact]
        far = np.abs(x - x.mean()) > 0.2  # from the mean, where the slope is 0
        assert worst(g[far], [t for t, keep in zip(true, far, strict=True) if keep]) < LIMIT
        assert np.all(np.abs(g - np.array(true, float)) < 2 * np.finfo(dtype).eps)


CONFIDENCE = {"mild": (-3, 3), "confident-right": (10, 40), "extreme": (-1000, 1000)}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("label", [1.0, 0.0, 0.3])
@pytest.mark.parametrize("cell", CONFIDENCE)
def test_a_binary_cross_entropy_keeps_its_digits(cell, label, dtype):
    zs = np.linspace(*CONFIDENCE[cell], 24).astype(dtype)
    labels = np.full_like(zs, label)
    y = mp.mpf(float(labels[0]))
    found, pull = mg.vjp(lambda z: mg.nn.bce_with_logits(z, labels), zs)
    exact = [mp.mpf(float(z)) for z in zs]
    value = lambda z: y * mp.log1p(mp.exp(-z)) + (1 - y) * mp.log1p(mp.exp(z))
    assert worst(found, [value(z) for z in exact]) < LIMIT
    (g,) = pull(np.ones_like(zs))
    slopes = [(1 - y) * sigmoid(z) - y * sigmoid(-z) for z in exact]
    if label == 0.3:  # the slope has a root
        assert np.all(np.abs(g - np.array(slopes, float)) < 2 * np.finfo(dtype).eps)
    else:
        assert worst(g, slopes) < LIMIT


@pytest.mark.parametrize("shape", [(), (5,), (2000,), (20, 100), (1000, 2), (10, 9, 30), (0, 2000)])
@pytest.mark.parametrize("dtype", [np.float16, *TYPES, np.int64])
def test_relu_of_a_tensor_is_the_maximum_with_0_in_every_bit(shape, dtype):
    x = np.asarray(RNG.normal(size=shape) * 3).astype(dtype)
    if x.size and x.dtype.kind == "f":
        x.reshape(-1)[:5] = np.array([0, -0.0, np.nan, np.inf, -np.inf])[: x.size]
    found, expected = np.asarray(mg.nn.relu(mg.Tensor(x)).to_numpy()), np.asarray(np.maximum(x, 0))
    assert found.dtype == expected.dtype
    assert found.tobytes() == expected.tobytes()

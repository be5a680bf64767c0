"""Values and gradients of the nn functions against mpmath, in units in the last place."""

from __future__ import annotations

import numpy as np
import pytest

import micrograd_np as mg

mp = pytest.importorskip("mpmath").mp
EPS = np.finfo(float).eps
RNG = np.random.default_rng(0)
LINES = [RNG.normal(size=5) * scale for scale in (1, 8, 40, 300) for _ in range(10)]


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(400):
        yield


def ulps(found, true):
    """Return how many units in the last place a number is off; underflow does not count."""
    return 0 if abs(true) < 1e-290 else float(abs(mp.mpf(float(found)) - true) / abs(true)) / EPS


def exponentials(x):
    terms = [mp.exp(mp.mpf(v)) for v in x]
    return terms, sum(terms)


def test_gradient_of_logsumexp_keeps_its_digits():
    for x in LINES:
        terms, total = exponentials(x)
        g = mg.grad(mg.nn.logsumexp)(x)
        assert max(ulps(a, t / total) for a, t in zip(g, terms, strict=True)) < 4


def test_log_softmax_keeps_its_digits():
    for x in LINES:
        terms, total = exponentials(x)
        value, g = mg.value_and_grad(lambda x: mg.nn.log_softmax(x)[0])(x)
        assert ulps(value, mp.mpf(x[0]) - mp.log(total)) < 4
        true = [(k == 0) - t / total for k, t in enumerate(terms)]
        assert max(ulps(a, b) for a, b in zip(g, true, strict=True)) < 4


def test_cross_entropy_keeps_its_digits_where_the_prediction_is_confident():
    for x in LINES:
        terms, total = exponentials(x)
        for label in range(5):
            loss = lambda x, y=label: mg.nn.softmax_cross_entropy(x[None], np.array([y]))
            value, g = mg.value_and_grad(loss)(x)
            assert ulps(value, mp.log(total) - mp.mpf(x[label])) < 4
            true = [t / total - (k == label) for k, t in enumerate(terms)]
            assert max(ulps(a, b) for a, b in zip(g, true, strict=True)) < 4


@pytest.mark.parametrize(
    "x", [-700.0, -40.0, -19.5, -1.0, -1e-8, 0.0, 1e-8, 2.0, 19.5, 40.0, 700.0]
)
def test_sigmoid_tanh_and_softplus_keep_their_digits(x):
    e = mp.exp(-mp.mpf(x))
    true = {
        mg.nn.sigmoid: (1 / (1 + e), e / (1 + e) ** 2),
        np.tanh: (mp.tanh(mp.mpf(x)), mp.sech(mp.mpf(x)) ** 2),
        mg.nn.softplus: (mp.log(1 + 1 / e), 1 / (1 + e)),
    }
    for f, (value, slope) in true.items():
        found, g = mg.value_and_grad(f)(x)
        assert ulps(found, value) < 4
        assert ulps(g, slope) < 4


@pytest.mark.parametrize("label", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("z", [-1000.0, -30.0, -0.5, 0.0, 0.5, 30.0, 1000.0])
def test_bce_with_logits_keeps_its_digits(z, label):
    y, x = mp.mpf(label), mp.mpf(z)
    f = lambda z: np.sum(mg.nn.bce_with_logits(z, np.array([label])))
    value, g = mg.value_and_grad(f)(np.array([z]))
    assert ulps(value, y * mp.log(1 + mp.exp(-x)) + (1 - y) * mp.log(1 + mp.exp(x))) < 4
    if z == 0.0 or label in (0.0, 1.0):  # else two terms of one size may cancel near a root
        assert ulps(g[0], 1 / (1 + mp.exp(-x)) - y) < 4

"""What `mg.explain` prints of functions that stand in textbooks, as these derive them."""

import numpy as np
import pytest

import micrograd_np as mg

RANDOM = np.random.default_rng(3)
X, Y, S = RANDOM.normal(size=(5, 3)), RANDOM.normal(size=(5, 2)), RANDOM.normal(size=(4, 4))
r, w, x = RANDOM.normal(size=5), RANDOM.normal(size=3), RANDOM.normal(size=6)
CLASSES = np.array([0, 2, 1, 1, 0])


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


TEXTBOOK = [
    (logsumexp, (x,), "np.exp(x - m) / np.sum(np.exp(x - m))"),
    (lambda w, X, y: 0.5 * np.mean((X @ w - y) ** 2), (w, X, r), "(X @ w - y) @ X / 5"),
    (lambda C, X: np.sum((X[:, None, :] - C[None, :, :]) ** 2), (Y[:3], Y),
     "2 * np.sum(C[None, :, :] - X[:, None, :], axis=0)"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "formula"), TEXTBOOK)
def test_a_gradient_is_printed_as_a_textbook_has_it(f, args, formula):
    explanation = mg.explain(f, *args, wrt=0)
    assert list(explanation.formulas.values()) == [formula]
    namespace = {}
    exec(explanation.source(), namespace)
    (found,) = namespace["backprop"](**explanation.point)
    np.testing.assert_allclose(found, mg.grad(f)(*args), rtol=1e-10, atol=1e-13)
    assert explanation.latex
    assert explanation.text

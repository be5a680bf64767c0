"""What `mg.explain` prints of functions that stand in textbooks, as these derive them."""

import numpy as np
import pytest
from draws import examples
from hypothesis import example, given
from hypothesis import strategies as st

import micrograd_np as mg

RANDOM = np.random.default_rng(3)
X, Y, S = RANDOM.normal(size=(5, 3)), RANDOM.normal(size=(5, 2)), RANDOM.normal(size=(4, 4))
r, w, x = RANDOM.normal(size=5), RANDOM.normal(size=3), RANDOM.normal(size=6)
CLASSES, SIGNS = np.array([0, 2, 1, 1, 0]), np.array([1.0, -1, 1, 1, -1])


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def cross_entropy(W, X, y):
    Z = X @ W
    return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - Z[np.arange(5), y])


def likelihood(w, X, y):
    h = 1 / (1 + np.exp(-X @ w))
    return np.sum(y * np.log(h) + (1 - y) * np.log(1 - h))


def contrast(A, B):
    Z = A @ B.T
    return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - np.diag(Z))


def deviance(log_sigma, x, mu):
    sigma = np.exp(log_sigma)
    return np.sum(0.5 * ((x - mu) / sigma) ** 2 + log_sigma)


def gaussian_process(s, x, y):
    K = np.exp(-((x[:, None] - x[None, :]) ** 2)) + s**2 * np.eye(6)
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.linalg.slogdet(K)[1]


def standardised(sigma, x, mu):
    z = (x - mu) / sigma
    return np.sum(z**2) / 2 + 6 * np.log(sigma)


def quotient(w, X):
    A = X.T @ X
    return w @ A @ w / (w @ w)


def gaussian(mu, X, P):
    D = X - mu
    return 0.5 * np.einsum("ni,ij,nj->", D, P, D)


SQUARE = X[:3] @ X[:3].T + np.eye(3)


def of_eigenvalues(A):
    w, V = np.linalg.eigh(A)  # noqa: RUF059 (its name is found)
    return np.sum(w**2)


def of_singular_vectors(A, T):
    U, s, Vh = np.linalg.svd(A, full_matrices=False)
    return np.sum(U * T) + np.sum(Vh**3) + np.sum(s**2)


def of_eigenvectors(A, b):
    w, V = np.linalg.eigh(A)
    return np.sum((V.T @ b) ** 2 / w)


def of_factors(A, T):
    Q, R = np.linalg.qr(A)
    return np.sum(Q * T) + np.sum(R**2)


def variance(x):
    return np.mean((x - np.mean(x)) ** 2)


def correlation_written(x, y):
    a, b = x - np.mean(x), y - np.mean(y)
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def by_columns(X):
    D = X - np.mean(X, axis=0)
    return np.sum(D**2 * np.arange(1.0, 4)) / 5


TEXTBOOK = [
    (lambda W, X, y: np.sum(((X @ W)[:, 0] - y) ** 2), (w[:, None], X, r),
     "2 * (X.T @ ((X @ W)[:, 0] - y)[:, None])"),
    (variance, (x,), "2 * (x - np.mean(x)) / 6"),
    (by_columns, (X,), "2 * np.array([1.0, 2.0, 3.0]) * D / 5"),
    (correlation_written, (x, x**2),
     "(b / np.linalg.norm(a) - (a @ b) * a / np.linalg.norm(a) ** 3) / np.linalg.norm(b)"),
    (lambda x: np.sum(x**2 - 10 * np.cos(2 * np.pi * x)), (x,),
     "20 * np.pi * np.sin(2 * np.pi * x) + 2 * x"),
    (lambda x: np.prod(x) ** (1 / 3), (np.abs(x),), "np.prod(x) ** (1 / 3) / (3 * x)"),
    (lambda w, S, mu, k: w @ mu - k / 2 * w @ S @ w, (w, X[:3] @ X[:3].T, w + 1, 2.0),
     "mu - k * (w @ S + S @ w) / 2"),
    (lambda x: np.sum(np.cumsum(x) ** 2), (x,), "2 * np.cumsum(np.cumsum(x)[::-1])[::-1]"),
    (lambda x: np.sum(np.mean(x.reshape(3, 2), axis=1) ** 2), (x,),
     "np.repeat(np.mean(x.reshape(3, 2), axis=1), 2)"),
    (lambda x, y: np.sum(np.concatenate([x, y]) ** 2), (x, r), "2 * x"),
    (lambda x, y: np.sum(np.stack([x, y]) ** 3), (x, x + 1), "3 * x ** 2"),
    (lambda x, y: np.sum(np.vstack([x, y])[0] ** 2), (x, x + 1), "2 * np.stack([x, y])[0]"),
    (lambda x, y: np.column_stack([x, y]) @ np.array([1.0, 4.0]) @ x, (x, x + 1),
     "np.stack([x, y], axis=1) @ np.array([1.0, 4.0]) + x"),
    (lambda A: np.linalg.det(A), (SQUARE,), "np.linalg.det(A) * np.linalg.inv(A).T"),
    (lambda A: np.log(np.linalg.det(A)), (SQUARE,), "np.linalg.inv(A).T"),
    (lambda A: np.sum(np.linalg.svd(A, compute_uv=False)), (X,),
     "np.linalg.svd(A, full_matrices=False)[0] @ np.linalg.svd(A, full_matrices=False)[2]"),
    (of_eigenvalues, (SQUARE,), "4 * (V @ np.diag(w) @ V.T) * (np.tri(3) - 0.5 * np.eye(3))"),
    (lambda x, k: np.sum(np.convolve(x, k) ** 2), (x, w),
     "2 * np.convolve(np.convolve(x, k), k[::-1], mode='valid')"),
    (gaussian_process, (0.5, x, x[::-1] + 1),
     "np.trace(np.linalg.inv(K) - np.outer(np.linalg.solve(K, y), np.linalg.solve(K, y))) * s"),
    (standardised, (1.5, x, 0.3), "(6 - np.sum(z ** 2)) / sigma"),
    (quotient, (w, X), "2 * ((w @ A) / (w @ w) - (w @ A @ w) * w / (w @ w) ** 2)"),
    (gaussian, (w, X, X.T @ X), "-0.5 * np.sum(D @ (P.T + P), axis=0)"),
    (lambda w, X, y: np.sum(np.exp(X @ w) - y * (X @ w)), (w, X, r), "(np.exp(X @ w) - y) @ X"),
    (logsumexp, (x,), "softmax(x)"),
    (cross_entropy, (S[:3], X, CLASSES), "X.T @ (softmax(Z) - np.eye(4)[y]) / 5"),
    (likelihood, (w, X, CLASSES > 0), "(y - h) @ X"),
    (contrast, (S, S + 1), "(softmax(Z) - np.eye(4)) @ B / 4"),
    (deviance, (0.3, x, 0.2), "6 - np.sum((x - mu) ** 2) / sigma ** 2"),
    (lambda w, X, y: np.sum(np.log(1 + np.exp(-y * (X @ w)))), (w, X, SIGNS),
     "-((y * sigmoid(-y * (X @ w))) @ X)"),
    (lambda w, X, y: np.sum(np.maximum(0, 1 - y * (X @ w)) ** 2), (w, X, SIGNS),
     "-2 * ((np.maximum(0, 1 - y * (X @ w)) * y) @ X)"),
    (lambda w, X, y: np.sum(np.log(np.cosh(X @ w - y))), (w, X, r), "np.tanh(X @ w - y) @ X"),
    (lambda x: np.sum(np.log(1 + np.exp(x))), (x,), "sigmoid(x)"),
    (lambda x: np.sum(x / (1 + np.exp(-x))), (x,), "sigmoid(x) + x * sigmoid_derivative(x)"),
    (lambda t, m: np.sum(1 / (1 + np.exp(-(t - m) / 2))), (x, 0.3),
     "sigmoid_derivative((t - m) / 2) / 2"),
    (lambda w, S, mu: w @ mu / np.sqrt(w @ S @ w), (w, X[:3] @ X[:3].T, x[:3]),
     "mu / np.sqrt(w @ S @ w) - (w @ mu) * (w @ S + S @ w) / (2 * np.sqrt(w @ S @ w) ** 3)"),
    (lambda x, k: 0.5 * k * np.sum(np.diff(x) ** 2), (x, 2.0),
     "k * (np.pad(x[:-1] - x[1:], (0, 1)) + np.pad(x[1:] - x[:-1], (1, 0)))"),
    (lambda w, X, y: 0.5 * np.mean((X @ w - y) ** 2), (w, X, r), "(X @ w - y) @ X / 5"),
    (lambda w, X, y: np.mean((X @ w - y) ** 2 / 2), (w, X, r), "(X @ w - y) @ X / 5"),
    (lambda w, X, y: np.mean((X @ w - y) ** 2) / 2 + 0.05 * np.sum(w**2), (w, X, r),
     "0.1 * w + (X @ w - y) @ X / 5"),
    (lambda x: np.sum(x**2 / 6 + x**2 / 4), (x,), "5 * x / 6"),
    (lambda W, X, y: np.mean((X @ W - np.eye(4)[y]) ** 2), (S[:3], X, CLASSES),
     "2 * (X.T @ (X @ W - np.eye(4)[y])) / 20"),
    (lambda W, X, y: -np.sum(np.log(mg.nn.softmax(X @ W)) * np.eye(4)[y]), (S[:3], X, CLASSES),
     "X.T @ (softmax(X @ W) - np.eye(4)[y])"),
    (lambda w, X, y: np.sum(np.maximum(0, 1 - y * (X @ w)) + 0.5), (w, X, SIGNS),
     "-(((1 - y * (X @ w) > 0) * y) @ X)"),
    (lambda x, m: np.sum(np.where(m, x, 5 * x**2)), (x, x > 0), "np.where(m, 1.0, 10 * x)"),
    (lambda x, y: np.sum((x * (y > 0)) ** 2) + np.sum(np.where(len(x) > 9, 1, x)), (x, x - 0.1),
     "1 + 2 * x * (y > 0)"),
    (lambda x, y: -np.sum(np.maximum(x, 0) * y), (x, x + 1), "-y * (x > 0)"),
    (lambda x: np.sum(np.maximum(x, 0.1 * x)), (x,), "np.where(x > 0, 1.0, 0.1)"),
    (lambda x: np.sum(np.maximum(0, x) + 0.1 * np.minimum(0, x)), (x,),
     "np.where(x > 0, 1.0, 0.1)"),
    (lambda q, y: np.mean(np.maximum(0.75 * (y - q), -0.25 * (y - q))), (x, x**2),
     "np.where(y - q > 0, -0.75, 0.25) / 6"),
    (lambda x, y: np.sum(np.maximum(x * y, x**2)), (x, x**3), "np.where(x ** 2 > x * y, 2 * x, y)"),
    (lambda v: np.sum(np.diag(v, 1) ** 2), (w,), "2 * v"),
    (lambda A: np.sum(np.diag(A, -1) ** 2), (SQUARE,), "2 * np.diag(np.diag(A, k=-1), k=-1)"),
    (lambda v, A: np.sum(np.diag(v, 1) @ A @ np.diag(v, -1)), (w, S),
     "np.diag((np.diag(v, k=1) @ A).T @ np.ones((4, 4)), k=-1) + "
     "np.diag(np.ones((4, 4)) @ np.diag(v, k=-1).T @ A.T, k=1)"),
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


@pytest.mark.parametrize(
    ("f", "args", "line"),
    [
        (of_eigenvectors, (SQUARE, w), "w, V = np.linalg.eigh(A)"),
        (of_singular_vectors, (X, X - 1), "U, s, Vh = np.linalg.svd(A, full_matrices=False)"),
        (of_singular_vectors, (X.T, X[:3] - 1), "U, s, Vh = np.linalg.svd(A, full_matrices=False)"),
        (of_factors, (X, X - 1), "Q, R = np.linalg.qr(A)"),
        (of_factors, (SQUARE, SQUARE - 1), "Q, R = np.linalg.qr(A)"),
        (of_factors, (X.T, X[:3] - 1), "Q, R = np.linalg.qr(A)"),
    ],
)
def test_the_factors_of_a_matrix_are_printed_by_their_names(f, args, line):
    explanation = mg.explain(f, *args)
    assert str(explanation).splitlines()[0] == line
    namespace = {}
    exec(explanation.source(), namespace)
    found = namespace["backprop"](**explanation.point)
    for g, q in zip(found, mg.grad(f, (0, 1))(*args), strict=True):
        np.testing.assert_allclose(g, q, rtol=1e-9, atol=1e-11)


def test_equal_eigenvalues_have_the_whole_rule():
    def projected(A):
        V = np.linalg.eigh(A)[1]
        return np.sum((V[:, :2] @ V[:, :2].T) ** 3)

    A = np.diag([1.0, 1.0, 2.0])
    explanation = mg.explain(projected, A)
    namespace = {}
    exec(explanation.source(), namespace)
    np.testing.assert_allclose(
        *namespace["backprop"](**explanation.point), mg.grad(projected)(A), atol=1e-12
    )


def test_what_long_formulas_have_in_common_gets_a_name():
    def correlation(x, y):
        return np.corrcoef(x, y)[0, 1]

    explanation = mg.explain(correlation, x, x**2)
    lines = str(explanation).splitlines()
    assert lines[0] == "t_1 = np.stack([x, y]) - np.mean(np.stack([x, y]), axis=1, keepdims=True)"
    assert max(map(len, lines)) < 260
    namespace = {}
    exec(explanation.source(), namespace)
    found = namespace["backprop"](**explanation.point)
    for g, q in zip(found, mg.grad(correlation, (0, 1))(x, x**2), strict=True):
        np.testing.assert_allclose(g, q, rtol=1e-10, atol=1e-13)


def test_what_the_user_wrote_stays_where_only_gradients_are_long():
    def loss(w, A):
        return np.sum(np.tanh(np.tanh(A @ np.tanh(A @ w)) ** 3 + np.tanh(A @ np.tanh(A @ w))) ** 3)

    explanation = mg.explain(loss, w, SQUARE)
    before, after = str(explanation).split("\n\n")[:2]
    assert before.count("np.tanh(A @ np.tanh(A @ w))") == 2
    assert after.startswith("t_1 = ")


@pytest.mark.parametrize("axis", [0, 1])
def test_only_deviations_from_a_mean_along_these_axes_add_up_to_nothing(axis):
    def loss(X):
        D = X - np.mean(X, axis=1)  # of a square: rows, though the means are those of rows
        E = X - np.mean(X, axis=axis, keepdims=True)
        return np.sum(D * X**2) + np.sum(np.tanh(E) * np.sum(E**3, axis=0))

    explanation = mg.explain(loss, SQUARE)
    namespace = {}
    exec(explanation.source(), namespace)
    np.testing.assert_allclose(*namespace["backprop"](SQUARE), mg.grad(loss)(SQUARE), rtol=1e-10)


def test_a_result_beside_an_L_has_another_name():
    def loss(A):
        L = np.linalg.cholesky(A)
        return np.sum(np.log(np.diag(L)))

    explanation = mg.explain(loss, SQUARE)
    assert str(explanation).splitlines()[1] == "loss = np.sum(np.log(np.diag(L)))"
    assert list(explanation.formulas)[-1] == "dloss_dA"


MATRICES = [
    "A", "S", "T", "K", "np.diag(v)", "np.diag(v[1:], 1)", "np.diag(v[1:], -1)", "np.outer(v, v)",
    "np.outer(v, u)", "v[:, None] * v", "v[:, None] * u", "(v[:, None] - v)", "(v[:, None] + v)",
    "(v[:, None] - u)", "(v - v[:, None])",
]  # fmt: skip
MADE = [
    "{} @ {}", "{} @ {} @ {}", "{} @ {} @ {}.T", "{} + {}", "{} * {}", "{} * 2 - {}", "({}).T",
    "({}) ** 2", "np.exp(-({}) ** 2)", "np.linalg.inv(4 * np.eye(3) + {})",
]  # fmt: skip
MATRIX = st.recursive(
    st.sampled_from(MATRICES),
    lambda inner: st.builds(
        lambda f, xs: "(" + f.format(*xs) + ")", st.sampled_from(MADE), st.tuples(*[inner] * 3)
    ),
    max_leaves=6,
)


@examples(100)
@given(MATRIX, st.sampled_from(["{}", "{} @ S @ T @ {}.T", "A @ {} @ A.T"]))
@example("S @ T", "A @ {} @ A.T")
@example("np.diag(v[1:], 1)", "{}")
def test_what_is_taken_for_symmetric_is(matrix, around):
    source = (
        "def f(A, B, v, u):\n"
        "    S = A @ A.T\n"
        "    T = B @ B.T\n"
        "    K = np.exp(-((v[:, None] - v) ** 2))\n"
        f"    M = {around.format(matrix, matrix)}\n"
        "    return v @ M @ u + u @ M @ u + np.sum((M @ A) ** 2)"
    )
    space = {"np": np}
    exec(source, space)
    point = S[:3, :3] / 3, S[1:, 1:] / 3, w / 2, np.array([0.3, -0.2, 0.6])
    explanation = mg.explain(space["f"], *point)
    namespace = {}
    exec(explanation.source(), namespace)
    found = namespace["backprop"](**explanation.point)
    true = mg.grad(space["f"], (0, 1, 2, 3))(*point)
    for g, q in zip(found, true, strict=True):
        scale = max(1, np.abs(q).max())
        np.testing.assert_allclose(g, q, rtol=1e-8, atol=1e-9 * scale, err_msg=source)

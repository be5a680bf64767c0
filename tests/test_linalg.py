"""Linear algebra where it is delicate: equal eigenvalues, lost rank, singular matrices, norms at 0.

`samples_linalg.py` holds the calls of every option, for the laws of `test_rules.py`.
"""

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.rules.linalg import cheapest

L = np.linalg
RANDOM = np.random.default_rng(5)
G = RANDOM.normal(size=(3, 3))
Q, _ = L.qr(RANDOM.normal(size=(3, 3)))
EYE = np.eye(3)
TWICE = (Q * [1.0, 1.0, 2.0]) @ Q.T  # an eigenvalue that occurs twice, in no special basis
silent = pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")


def differences(f, x, h=1e-6):
    """The gradient of f by central differences."""
    units = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([(f(x + h * u) - f(x - h * u)) / (2 * h) for u in units]).reshape(x.shape)


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, atol=1e-8)


# Equal eigenvalues and singular values

EQUAL = {"identity": EYE, "twice": TWICE, "zero": np.zeros((3, 3))}


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("values", [L.eigvalsh, lambda x: L.eigh(x)[0]])
def test_symmetric_functions_of_equal_eigenvalues_have_their_gradient(name, values):
    x = EQUAL[name]
    g = mg.grad(lambda x: np.sum(values(x) ** 3))(x)
    whole = 3 * x @ x
    close(g, np.tril(2 * whole) - np.diag(np.diag(whole)))  # of the triangle that is read


def test_a_projection_on_all_vectors_of_one_eigenvalue_has_its_gradient():
    def f(x):
        _, v = L.eigh(x)
        return np.sum(G * (v[:, :2] @ v[:, :2].T))

    close(mg.grad(f)(TWICE), differences(f, TWICE))


def test_an_eigenvector_of_a_single_eigenvalue_is_not_disturbed_by_equal_ones():
    f = lambda x: np.sum(G[0] * np.abs(L.eigh(x)[1][:, 2]))
    close(mg.grad(f)(TWICE), differences(f, TWICE))


@pytest.mark.parametrize("name", ["identity", "twice"])
def test_the_orthogonal_factor_has_its_gradient_at_equal_singular_values(name):
    def f(x):
        u, _, vh = L.svd(x)
        return np.sum(G * (u @ vh))

    close(mg.grad(f)(EQUAL[name]), differences(f, EQUAL[name]))


@silent
@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("rebuilt", [
    lambda u, s, vh: (u * s) @ vh, lambda u, s, vh: (u * np.sqrt(1 + s)) @ vh,
])  # fmt: skip
def test_what_equal_values_hide_is_nan_and_never_a_wrong_number(name, rebuilt):
    f = lambda x: np.sum(G * rebuilt(*L.svd(x)))
    assert not np.any(np.isfinite(mg.grad(f)(EQUAL[name])).all())


@silent
def test_an_eigenvector_of_equal_eigenvalues_has_no_derivative():
    assert not np.isfinite(mg.grad(lambda x: np.sum(G[0] * L.eigh(x)[1][:, 0]))(TWICE)).all()


@silent
@pytest.mark.parametrize("name", EQUAL)
def test_a_function_of_a_matrix_rebuilt_from_one_call_is_never_a_wrong_number(name):
    def f(x):
        w, v = L.eigh((x + x.T) / 2)
        return np.sum(G * ((v * np.exp(w)) @ v.T))

    assert not np.isfinite(mg.grad(f)(EQUAL[name])).all()


def rebuilt_apart(x):
    """The cube of a symmetric matrix, its values and its vectors from calls of their own."""
    whole = (x + x.T) / 2
    v = L.eigh(whole).eigenvectors
    return np.sum(G * ((v * L.eigvalsh(whole) ** 3) @ v.T))


def projected(x):
    """The projection on the vectors of the two lower eigenvalues."""
    v = L.eigh((x + x.T) / 2).eigenvectors[:, :2]
    return np.sum(G * (v @ v.T))


@silent
def test_the_checker_tells_a_projection_from_a_matrix_rebuilt_from_two_calls():
    check = lambda f, x: mg.testing.check_grads(f, x, order=1, modes=["reverse"])
    check(projected, TWICE)
    check(rebuilt_apart, Q * [1.0, 1.5, 2.0] @ Q.T)
    with pytest.raises(mg.errors.GradientError, match="reverse value"):
        check(rebuilt_apart, TWICE)


@silent
@pytest.mark.parametrize("f", [projected, rebuilt_apart])
def test_forward_mode_of_equal_eigenvectors_is_never_a_wrong_number(f):
    assert not np.isfinite(mg.jvp(f, (TWICE,), (G,))[1])


def test_forward_mode_moves_equal_eigenvalues():
    with np.errstate(all="ignore"):
        _, moved = mg.jvp(lambda x: np.sum(L.eigvalsh(x)), (EYE,), (G,))
    assert np.isclose(moved, np.trace(G))


def test_singular_values_of_lost_rank_count_as_kinks():
    low = np.outer([1.0, 2.0, 2.0], [2.0, 0.0, 1.0])
    close(mg.grad(lambda x: L.norm(x, "nuc"))(low), low / L.norm(low))
    close(mg.grad(lambda x: L.norm(x, "nuc"))(np.zeros((2, 3))), 0)
    close(mg.grad(lambda x: L.norm(x, 2))(EYE), EYE / 3)
    close(mg.grad(lambda x: np.prod(L.svdvals(x)))(np.diag([1.0, 1.0, 0.0])), 0)


# Singular matrices


@pytest.mark.parametrize("x", [EYE, np.zeros((3, 3)), np.diag([1.0, 1.0, 0.0]), TWICE])
def test_the_hessian_of_a_determinant_is_right_everywhere(x):
    second = mg.hessian(L.det)(x)
    expected = np.zeros((3, 3, 3, 3))
    for i in range(3):
        for j in range(3):
            step = 0 * x
            step[i, j] = 1e-4
            expected[i, j] = (mg.grad(L.det)(x + step) - mg.grad(L.det)(x - step)) / 2e-4
    close(second, expected)


def product_sum(x):
    """The determinant of 3 by 3 entries, written out."""
    a, b, c = x
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (
        b[0] * c[1] - b[1] * c[0]
    )  # fmt: skip


def along(f, *directions):
    """The derivative of f along each of the directions, one after the other."""
    for v in directions:
        f = lambda x, f=f, v=v: np.sum(v * mg.grad(f)(x))
    return f


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize(
    "x", [G, EYE, TWICE, np.zeros((3, 3)), np.diag([1.0, 1.0, 0.0]), np.diag([1e3, 1.0, 1e-4])]
)
def test_a_determinant_has_its_derivatives_of_any_order(x, order):
    directions = RANDOM.normal(size=(order - 1, 3, 3))
    close(mg.grad(along(L.det, *directions))(x), mg.grad(along(product_sum, *directions))(x))


def along_complex(f, *directions):
    """The same of a holomorphic function."""
    for v in directions:
        f = lambda x, f=f, v=v: np.sum(v * mg.vjp(f, x)[1](1.0 + 0j)[0])
    return f


@pytest.mark.parametrize("x", [np.diag([2.0, 1j, 0.0]), np.zeros((3, 3)) + 0j])
def test_a_complex_determinant_has_its_third_derivative(x):
    u, v = RANDOM.normal(size=(2, 3, 3)) + 1j * RANDOM.normal(size=(2, 3, 3))
    third = lambda f: mg.grad(lambda x: np.real(along_complex(f, u, v)(x)))(x)
    close(third(L.det), third(product_sum))


def test_third_derivatives_of_a_stack_are_compiled():
    x, v = np.array([EYE, np.zeros((3, 3)), np.diag([1.0, 0.0, 1.0])]), RANDOM.normal(size=(3, 3))
    third = mg.grad(along(lambda x: np.sum(L.det(x)), v, v.T))
    written = mg.grad(along(lambda x: sum(map(product_sum, x)), v, v.T))(x)
    close(third(x), written)
    close(mg.jit(third)(x), written)


@silent
def test_the_slope_of_the_logarithm_of_a_vanishing_determinant_is_not_finite():
    g = mg.grad(lambda x: L.slogdet(x).logabsdet)(np.diag([1.0, 0.0]))
    assert g[1, 1] == np.inf
    assert np.isnan(g[0, 1])


def test_the_sign_of_a_determinant_is_constant_if_real_and_turns_if_complex():
    assert not L.slogdet(mg.Tensor(EYE, requires_grad=True)).sign.requires_grad
    sign = lambda x: np.imag(L.slogdet(x).sign)
    close(mg.grad(sign)(EYE + 0j), -1j * EYE)


def test_a_pseudo_inverse_keeps_the_rank_it_finds():
    x, y = RANDOM.normal(size=(4, 2)), RANDOM.normal(size=(2, 3))
    f = lambda x: np.sum(L.pinv(x @ y, rcond=1e-9) ** 2)
    close(mg.grad(f)(x), differences(f, x))


def test_solving_with_a_singular_matrix_raises_as_numpy_does():
    with pytest.raises(L.LinAlgError, match="Singular"):
        L.solve(mg.Tensor(np.ones((2, 2)), requires_grad=True), np.ones(2))


# Complex vectors have phases


@pytest.mark.parametrize("f", [
    lambda x: np.sum(np.real(L.eigh(x + np.conj(x).T)[1])),
    lambda x: np.real(L.svd(x)[0][0, 0]),
])  # fmt: skip
def test_a_loss_that_depends_on_an_arbitrary_phase_is_refused(f):
    with pytest.raises(mg.errors.NoDerivativeError, match="phases of complex"):
        mg.grad(f)(G + 1j * G.T)


# What the derivative does not know is refused


def test_the_reflectors_of_qr_have_no_rule():
    with pytest.raises(mg.errors.NoRuleError, match="reduced"):
        L.qr(mg.Tensor(G, requires_grad=True), mode="raw")


@pytest.mark.parametrize("call", [
    lambda t: L.norm(t, "nonsense"), lambda t: L.norm(t, 0.5), lambda t: L.norm(t, 1, axis=(0, 0)),
    lambda t: L.norm(t[0], "fro", axis=0), lambda t: L.norm(t[None], 1),
])  # fmt: skip
def test_norms_that_do_not_exist_are_named(call):
    with pytest.raises(mg.MicrogradError, match="norm: "):
        call(mg.Tensor(G, requires_grad=True))


@pytest.mark.parametrize("call", [
    lambda t: L.cross(t[:, :2], t[:, :2]), lambda t: L.outer(t, t), lambda t: L.tensorinv(t, 0),
    lambda t: L.tensorsolve(t[:2], t[0]),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_named(call):
    with pytest.raises(mg.errors.ShapeError, match=r"linalg|tensor"):
        call(mg.Tensor(G, requires_grad=True))


def test_counting_entries_is_constant():
    assert not L.norm(mg.Tensor([1.0, 0.0], requires_grad=True), 0).requires_grad


def test_a_chain_of_products_is_multiplied_in_the_cheapest_order():
    assert cheapest([2, 9, 9, 1]) == {(0, 1): 0, (1, 2): 1, (0, 2): 0}  # the last two first
    assert cheapest([1, 9, 9, 2])[0, 2] == 1


@pytest.mark.parametrize("dtype", [float, complex])
def test_a_determinant_with_an_infinity_has_no_gradient_but_an_end(dtype):
    x = np.random.default_rng(0).normal(size=(3, 3)).astype(dtype)
    x[0, 0] = np.inf
    with np.errstate(all="ignore"):
        (g,) = mg.vjp(np.linalg.det, x)[1](dtype(1))
    assert g.shape == (3, 3)
    assert np.any(np.isnan(g))

"""Complex numbers: one convention, held by every rule that takes them, in every mode."""

import numpy as np
import pytest
from samples import COMPLEX, SAMPLES, computed, name_of

import micrograd_np as mg
from micrograd_np import nn
from micrograd_np.errors import ArgumentError
from micrograd_np.rules import activations, decompositions
from micrograd_np.testing import check_grads

Z = np.array([0.5 + 1.2j, -0.8 + 0.3j, 1.1 - 0.7j])
REAL_ONLY = {np.astype, nn.gelu, mg.rules.bell.normal_cdf}  # they drop the imaginary part, and warn
GUARDED = {activations.logistic_density}  # reached only through functions that refuse them
NO_ORDER = {np.median, np.nanmedian, np.unique_values}  # complex numbers are in no order


def made_complex(args):
    """The arguments with an imaginary part for every float; the same each time."""
    random = np.random.default_rng(3)
    leaves, rebuild = mg.tree.flatten(args)
    return rebuild([
        (x + 1j * random.uniform(0.2, 1, np.shape(x)))[()] if is_float(x) else x for x in leaves
    ])  # fmt: skip


def is_float(x):
    return isinstance(x, float | np.floating | np.ndarray) and np.asarray(x).dtype.kind == "f"


PHASES = {np.linalg.eigh, decompositions.without_phase}  # tried by what does not depend on them
WIDER = {np.bincount, np.histogram2d, np.histogramdd}  # Tensors may have complex weights
LEFT_OUT = REAL_ONLY | GUARDED | NO_ORDER | PHASES | WIDER
UNTRIED = [f for f in SAMPLES if not COMPLEX.get(f) and f not in LEFT_OUT]


@pytest.mark.parametrize("function", UNTRIED, ids=name_of)
def test_what_takes_complex_numbers_has_their_derivatives_and_the_rest_refuses(function):
    sample = SAMPLES[function][0]
    f = lambda *args: computed(function, args, sample.kwargs)
    args = made_complex(sample.args)
    try:
        f(*args)
    except (TypeError, mg.MicrogradError):
        leaves, rebuild = mg.tree.flatten(args)
        tensors = [mg.Tensor(x, requires_grad=True) if is_complex(x) else x for x in leaves]
        with pytest.raises((TypeError, mg.MicrogradError)):
            f(*rebuild(tensors))
    else:
        check_grads(f, args, kinks=(), extremes=(), twins=False)


def is_complex(x):
    return np.asarray(x).dtype.kind == "c"


# The convention


@pytest.mark.parametrize(("f", "gradient"), [
    (lambda z: np.real(z * z), lambda z: 2 * z),
    (lambda z: np.imag(z * z), lambda z: -2j * z),
    (lambda z: np.abs(z) ** 2, lambda z: 2 * np.conj(z)),
    (lambda z: np.abs(z), lambda z: np.conj(z) / np.abs(z)),
    (lambda z: np.angle(z), lambda z: -1j / z),
    (lambda z: np.real(np.conj(z)), lambda z: 1),
    (lambda z: np.imag(np.conj(z)), lambda z: 1j),
    (lambda z: np.real(np.exp(z)), lambda z: np.exp(z)),
])  # fmt: skip
def test_a_gradient_is_du_dx_minus_i_du_dy(f, gradient):
    z = 1 + 2j
    assert np.isclose(mg.grad(f)(z), gradient(z))
    t = mg.Tensor(z, requires_grad=True)
    f(t).backward()
    assert np.isclose(t.grad, gradient(z))
    h = 1e-6
    assert np.isclose(
        mg.grad(f)(z), (f(z + h) - f(z - h) - 1j * (f(z + 1j * h) - f(z - 1j * h))) / (2 * h)
    )


def test_a_step_against_the_conjugate_descends():
    f = lambda z: np.sum(np.abs(z**2 - 1j) ** 2)
    z = Z
    for _ in range(200):
        z = z - 0.02 * np.conj(mg.grad(f)(z))
    assert f(z) < 1e-6


def test_a_vjp_multiplies_by_the_derivative_and_a_jvp_too():
    for f, slope in ((np.exp, np.exp), (np.square, lambda z: 2 * z), (np.sin, np.cos)):
        _, pull = mg.vjp(f, Z)
        np.testing.assert_allclose(pull(Z + 1)[0], (Z + 1) * slope(Z))
        np.testing.assert_allclose(mg.jvp(f, (Z,), (Z + 1,))[1], (Z + 1) * slope(Z))


def test_a_real_operand_has_a_real_gradient_whatever_it_passes_through():
    x = np.array([0.3, 0.8])
    for f in (
        lambda x: np.abs(np.sum(np.exp(1j * x))),
        lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2),
        lambda x: np.real(np.sum(x * Z[:2])),
        lambda x: np.sum(np.real(np.emath.sqrt(x - 0.5) * (1 + 1j))),
    ):
        g = mg.grad(f)(x)
        assert g.dtype == np.float64
        steps = 1e-6 * np.eye(2)
        np.testing.assert_allclose(g, [(f(x + h) - f(x - h)) / 2e-6 for h in steps], rtol=1e-6)
        assert mg.jvp(f, (x,), (x,))[1].dtype == np.float64


def test_single_precision_stays_single():
    z = Z.astype(np.complex64)
    for f in (np.exp, np.sqrt, np.abs, np.fft.fft, lambda z: z * 2.0, lambda z: np.sum(z**2)):
        _, pull = mg.vjp(lambda z, f=f: np.real(f(z)), z)
        out = np.real(f(z))
        assert pull(np.ones_like(out))[0].dtype == np.complex64


def test_the_sign_of_a_complex_number_has_a_gradient_and_that_of_a_real_one_none():
    assert not np.sign(mg.Tensor(2.0, requires_grad=True)).requires_grad
    check_grads(np.sign, (Z,), kinks=(), extremes=(), twins=False)


# Matrices of derivatives


def test_the_jacobian_of_a_holomorphic_function_is_its_complex_derivative():
    f = lambda z: np.array([[1, 2j, 0], [0, 1j, 3]]) @ np.exp(z)
    expected = np.array([[1, 2j, 0], [0, 1j, 3]]) * np.exp(Z)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(mg.jacobian(f, mode=mode)(Z), expected, rtol=1e-14)


@pytest.mark.parametrize("f", [np.conj, lambda z: z + np.conj(z), lambda z: z * np.abs(z)])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_function_that_is_not_holomorphic_has_no_complex_jacobian(f, mode):
    with pytest.raises(ArgumentError, match="not holomorphic"):
        mg.jacobian(f, mode=mode)(Z)


def test_the_hessian_of_the_real_part_of_a_holomorphic_function_is_its_second_derivative():
    f = lambda z: np.real(np.sum(z**3))
    np.testing.assert_allclose(mg.hessian(f)(Z), np.diag(6 * Z), rtol=1e-14, atol=1e-14)


def test_a_hessian_times_a_vector_is_the_change_of_the_gradient_along_it():
    f = lambda z: np.sum(np.abs(z) ** 4 + np.real(z**3))
    t, h = Z[::-1].copy(), 1e-6
    expected = (mg.grad(f)(Z + h * t) - mg.grad(f)(Z - h * t)) / (2 * h)
    np.testing.assert_allclose(mg.hvp(f, Z, t), expected, rtol=1e-7)


@pytest.mark.parametrize("f", [nn.sigmoid, nn.softplus, nn.silu, nn.log_sigmoid])
def test_activations_of_complex_numbers_are_refused(f):
    with pytest.raises(TypeError, match="not supported"):
        f(mg.Tensor(Z, requires_grad=True))


# Against another library


LOSSES = {
    "square": lambda np, z: np.real(z * z).sum(),
    "modulus": lambda np, z: np.abs(z).sum(),
    "phase": lambda np, z: np.angle(z).sum(),
    "spectrum": lambda np, z: (np.abs(np.fft.fft(z)) ** 3).sum(),
    "real spectrum": lambda np, z: np.sin(np.fft.irfft(z, 5)).sum(),
    "products": lambda np, z: np.imag(np.vdot(z, np.exp(z)) * np.prod(z)),
    "determinant": lambda np, z: np.abs(np.linalg.det(np.outer(z, z[::-1]) + np.eye(3))),
    "solution": lambda np, z: np.real(np.linalg.solve(np.outer(z, z) + 2 * np.eye(3), z)).sum(),
    "logarithm": lambda np, z: np.real(np.log(z) * np.sqrt(z) * np.tanh(z)).sum(),
    "inverse functions": lambda np, z: np.real(np.arcsin(z) + np.arctanh(z / 3)).sum(),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", LOSSES)
def test_jax_has_the_same_gradients(name):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        theirs = jax.grad(lambda z: LOSSES[name](jax.numpy, z))(jax.numpy.asarray(Z))
    np.testing.assert_allclose(mg.grad(lambda z: LOSSES[name](np, z))(Z), theirs, rtol=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize("name", LOSSES)
def test_autograd_has_the_same_convention(name):
    hips = pytest.importorskip("autograd")
    numpy = pytest.importorskip("autograd.numpy")
    try:
        theirs = hips.grad(lambda z: LOSSES[name](numpy, z))(Z)
    except (NotImplementedError, TypeError, AttributeError) as missing:
        pytest.skip(f"it has no such rule: {missing}")
    np.testing.assert_allclose(mg.grad(lambda z: LOSSES[name](np, z))(Z), theirs, rtol=1e-9)


def test_a_complex_jacobian_compiles_and_refuses_what_is_not_holomorphic():
    z = np.array([1 + 2j, 0.5 - 1j, -2j])
    f = mg.jacobian(lambda z: z**2 * z[0])
    compiled = mg.jit(f)
    for at in (z, z[::-1].copy()):
        np.testing.assert_allclose(compiled(at), f(at), rtol=1e-13)
    with pytest.raises(ArgumentError, match="not holomorphic"):
        mg.jit(mg.jacobian(lambda z: z * np.abs(z)))(z)

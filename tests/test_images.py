"""Convolution and pooling: as torch computes them, to second order; and what they refuse."""

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, ShapeError

random = np.random.default_rng(0)


def variable(*shape):
    return mg.Tensor(random.normal(size=shape), requires_grad=True)


@pytest.mark.oracle
@pytest.mark.parametrize("stride", [1, 2, (2, 1)])
@pytest.mark.parametrize("padding", [0, 1, (0, 2)])
def test_conv2d_is_that_of_torch(stride, padding):
    torch = pytest.importorskip("torch")
    x, w = variable(2, 3, 7, 6), variable(4, 3, 3, 2)
    y = mg.nn.conv2d(x, w, stride, padding)
    np.sum(y**3).backward()
    X, W = (torch.tensor(t.to_numpy() if t._node is None else t._value, requires_grad=True)
            for t in (x, w))  # fmt: skip
    Y = torch.nn.functional.conv2d(X, W, stride=stride, padding=padding)
    (Y**3).sum().backward()
    np.testing.assert_allclose(y.detach().to_numpy(), Y.detach().numpy(), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(x.grad, X.grad.numpy(), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(w.grad, W.grad.numpy(), rtol=1e-11, atol=1e-11)


@pytest.mark.oracle
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), ((2, 3), (3, 2))])
def test_pools_are_those_of_torch(size, stride):
    F = pytest.importorskip("torch").nn.functional
    torch = pytest.importorskip("torch")
    for ours, theirs in ((mg.nn.max_pool2d, F.max_pool2d), (mg.nn.avg_pool2d, F.avg_pool2d)):
        x = variable(2, 3, 7, 6)
        X = torch.tensor(x._value, requires_grad=True)
        y, Y = ours(x, size, stride), theirs(X, size, stride)
        np.sum(y**2).backward()
        (Y**2).sum().backward()
        np.testing.assert_allclose(y.detach().to_numpy(), Y.detach().numpy(), rtol=1e-14)
        np.testing.assert_allclose(x.grad, X.grad.numpy(), rtol=1e-13, atol=1e-14)


def test_padding_has_derivatives_of_any_order():
    def loss(x, w):
        return np.sum(np.tanh(mg.nn.conv2d(x, w, stride=2, padding=1)))

    args = random.normal(size=(1, 2, 4, 3)), random.normal(size=(2, 2, 3, 2))
    mg.testing.check_grads(loss, args, order=2)


def test_ties_of_a_pool_share_evenly():
    x = mg.Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    np.sum(mg.nn.max_pool2d(x, 2)).backward()
    np.testing.assert_array_equal(x.grad, np.full((1, 1, 2, 2), 0.25))


def test_float32_stays_float32():
    x, w = (mg.Tensor(np.ones(s, np.float32), requires_grad=True)
            for s in ((1, 1, 4, 4), (2, 1, 3, 3)))  # fmt: skip
    y = mg.nn.avg_pool2d(mg.nn.conv2d(x, w), 2)
    np.sum(y).backward()
    assert y.dtype == x.grad.dtype == w.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mg.nn.conv2d(np.ones((3, 3)), np.ones((1, 1, 2, 2))), ShapeError,
         r"images have shape \(N, C, H, W\), got \(3, 3\).*np.newaxis"),
        (lambda: mg.nn.conv2d(np.ones((1, 2, 3, 3)), np.ones((1, 1, 2, 2))), ShapeError,
         r"need kernels \(F, 2, kh, kw\), got \(1, 1, 2, 2\)"),
        (lambda: mg.nn.conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))), ShapeError,
         "a window of 3×3 does not fit on an image of 2×2.*Pad"),
        (lambda: mg.nn.conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), 0), ArgumentError,
         "stride is a whole number, 1 or more, or a pair of them, got 0"),
        (lambda: mg.nn.max_pool2d(np.ones((1, 1, 2, 2)), 2.0), ArgumentError, "size is a whole"),
        (lambda: mg.nn.max_pool2d(np.ones((1, 1, 2, 2)), 3), ShapeError, "does not fit"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()

"""Where a number of entries or an axis is expected, a traced one is right or refused, not kept."""

import re

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import MicrogradError, TracingError

A, V, N = np.arange(16.0).reshape(4, 4), np.arange(6.0), np.arange(4)


def written(write):
    """A function that writes to a copy of V."""

    def f(k):
        b = mg.Tensor(V) * 1.0
        write(b, k)
        return b

    return f


CALLS = """
np.triu_indices_from(A, k)    np.tril_indices_from(A, k=k)    np.triu_indices_from(A * k, k)
np.tril_indices_from(A * k, k)    np.triu_indices(4, k)    np.tril_indices(4, k)
np.diag_indices(k)    np.mask_indices(4, np.triu, k)    np.eye(4, k=k)    np.eye(k)
np.identity(k)    np.tri(4, k=k)    np.tri(k)    np.triu(A, k)    np.triu(A * k, k)
np.tril(A * k, k=k)    np.roll(V, k)    np.roll(V * k, k)    np.roll(A * k, 1, axis=k - 1)
np.rot90(A, k)    np.rot90(A * k, k)    np.repeat(V, k)    np.repeat(V * k, k)
np.repeat(V * k, N[:1] + k)    np.tile(V, k)    np.tile(V * k, (2, k))    np.diag(V, k)
np.diag(A * k, k)    np.diagflat(V, k)    np.diagonal(A * k, offset=k)    np.trace(A, k)
np.trace(A * k, k)    np.full(k, 1.0)    np.full((k, 2), 1.0)    mg.full(k, 1.0)    np.zeros(k)
np.ones((k,))    np.empty(k).shape    np.zeros_like(V, shape=k)
np.full_like(V * k, 1, shape=k)    [i for i in range(k)]    np.arange(k)    mg.arange(k)
np.linspace(0, 1, k)    np.linspace(0, k, k)    np.logspace(0, 1, k)    np.geomspace(1, 10, k)
np.reshape(V, (k, -1))    np.reshape(V * k, (k, -1))    V.reshape(k, -1)    (V * k).reshape(k, -1)
np.resize(V * k, (k, 2))    np.broadcast_to(V * k, (k, 6))    V[k]    V[:k]    (V * k)[:k]
(V * k)[k]    np.take(V, k)    np.take(V * k, k)    np.delete(V * k, k)
np.insert(V * k, k, 7.0)    np.split(V * k, k)    np.array_split(V * k, [k])
np.pad(V * k, (k, 1))    np.moveaxis(A * k, k - 1, 0)    np.sum(A * k, axis=k - 1)
np.sort(A * k, axis=k - 1)    np.partition(V[::-1] * k, k)    np.argpartition(V * k, k)
np.diff(V * k, n=k)    np.vander(V * k, N=k)    np.polyder(V, k)    np.polyint(V * k, k)
np.polyfit(V, V**2 * k, k)    np.bincount(N, minlength=k * 4)    np.bincount(N, V[:4] * k, 4 * k)
np.histogram(V, k)    np.histogram(V * k, bins=k)    np.histogram2d(V, V, k)
np.histogram_bin_edges(V, k)    np.unravel_index(3, (k, 4))    np.indices((k, 2))
np.fft.rfft(V * k, n=k)    np.fft.fft2(A * k, s=(k, k))    np.fft.fftfreq(k)
np.fft.fftshift(A * k, k - 1)    np.linalg.matrix_power(A, k)    np.linalg.matrix_power(A * k, k)
np.tensordot(A * k, A, axes=k)    np.round(V * k / 3, k)    np.std(V * k, ddof=k)
np.cov(A * k, ddof=k)    np.kaiser(k, 1.0)    np.hanning(k)    np.add.reduceat(V, N * 0 + k)
np.add.reduceat(V * k, N * 0 + k)    np.maximum.reduceat(V * k, N * k // 2)
np.add.reduce(A, axis=k - 1)    np.add.accumulate(A * k, k - 1)    np.size(A[:2] * k, k - 1)
[1, 2] * k    k * [1, 2]    (1, 2) * k    [1, 2] * np.argmax(N[:k])    [1, 2, 3][k]    "a" * k
[1, 2] * mg.Tensor(3) + k
np.lib.stride_tricks.sliding_window_view(V * k, k)    np.min_scalar_type(k * 150)
written(lambda b, k: np.add.at(b, N * 0 + k, 1.0))(k)    A[slice(0, k)]
written(lambda b, k: np.add.at(b, N * k % 4, V[:4] * k))(k)    np.add.at(V * 1, k, 1.0)
written(lambda b, k: np.subtract.at(b, k, 1.0))(k)    np.rollaxis(A[None] * k, k)
written(lambda b, k: np.put(b, k, 9.0))(k)    (A * k).diagonal(k)
written(lambda b, k: b.__setitem__(k, 9.0))(k)    np.choose(N[:3] * 0 + k, A[:3, :3])
"""


@pytest.mark.filterwarnings("ignore:Passing a value for k:DeprecationWarning")  # of np.rot90
@pytest.mark.parametrize("call", re.split(r" {2,}|\n", CALLS.strip()))
def test_a_traced_number_of_entries_is_right_or_refused(call):
    f = eval(f"lambda k: {call}", globals())
    compiled = mg.jit(f)
    try:
        compiled(2)
    except (MicrogradError, TypeError, ValueError):
        return
    for k in (1, 2):
        found, expected = (mg.tree.flatten(x)[0] for x in (compiled(k), f(k)))
        for a, b in zip(found, expected, strict=True):
            assert np.shape(a) == np.shape(b)
            if np.asarray(a).dtype.kind in "biuf":
                np.testing.assert_allclose(a, np.asarray(b), rtol=1e-14)
            else:
                assert a == b


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda k: np.triu_indices_from(A * k, k), r"triu_indices_from\(k=...\) needs the value"),
        (lambda k: np.size(A * k, k), r"size\(axis=...\) needs the value"),
        (lambda k: [1, 2] * k, r"repeating a list or tuple needs the value of the Tensor 'k'"),
        (lambda k: np.add.reduceat(V, k), "as an index"),
        (lambda k: np.histogram(V, k), "histogram needs the value"),
    ],
)
def test_a_refusal_says_what_to_write(f, words):
    with pytest.raises(TracingError, match=words) as caught:
        mg.jit(f)(2)
    assert "static_argnames" in str(caught.value)


def test_what_numpy_refuses_in_its_own_words_gets_the_lesson():
    with pytest.raises(TypeError, match="integer") as caught:
        mg.jit(lambda k: np.zeros(k))(2)
    assert "static_argnames" in caught.value.__notes__[0]

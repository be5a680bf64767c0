"""Freed memory is kept for the next arrays, where the C library can be told so."""

import ctypes
import platform
import subprocess
import sys

import pytest

import micrograd_np as mg

FAULTS = """
import resource
import sys

import numpy as np

import micrograd_np as mg

assert sys.argv[1] == "plain" or mg.tune_malloc()
x = mg.Tensor(np.ones(2_000_000), requires_grad=True)

def step():
    x.grad = None
    np.sum(np.exp(x * 0.5) * x).backward()

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    run = [sys.executable, "-c", FAULTS, how]
    return int(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_pages_are_not_faulted_in_at_every_step():
    assert faults("tuned") < faults("plain") / 4


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_left_alone(monkeypatch, error):
    class Other:
        def __getattr__(self, name):
            raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Other())
    assert mg.tune_malloc() is False

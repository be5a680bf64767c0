"""Deep graphs: a million operations, in a thread whose stack would not hold a recursion."""

import subprocess
import sys

import pytest

CHAIN = """
import threading, sys
import numpy as np, micrograd_np as mg
failed = []
def work():
    try:
        {body}
    except BaseException as error:
        failed.append(repr(error))
threading.stack_size(512 * 1024)
thread = threading.Thread(target=work)
thread.start(); thread.join()
sys.exit(str(failed) if failed else 0)
"""

BACKWARD = """
        x = mg.Tensor(1.0, requires_grad=True); y = x
        for _ in range({n}): y = y + 1e-9
        y.backward(); assert x.grad == 1
        del y
        y = x
        for _ in range({n} // 10): y = np.sin(y) * 1.0
        del y
"""
TRANSFORMS = """
        def deep(x):
            for _ in range({n} // 20): x = x * 1.0001 - x * 0.0001
            return x
        assert abs(mg.grad(deep)(1.0) - 1) < 1e-6
        assert abs(mg.jvp(deep, (1.0,), (1.0,))[1] - 1) < 1e-6
        assert abs(mg.hvp(lambda x: deep(x) ** 2, 1.0, 1.0) - 2) < 1e-6
        assert abs(mg.grad(mg.checkpoint(deep))(1.0) - 1) < 1e-6
"""
COPIES = """
        import copy, pickle
        x = mg.Tensor([1.0], requires_grad=True); y = x
        for _ in range({n} // 10): y = y * 1.0
        repr(y); copy.deepcopy(y); pickle.dumps(y)
        y.backward(np.ones(1), retain_graph=False); assert x.grad == 1
"""


def run(body, n):
    code = CHAIN.replace("{body}", body.format(n=n).strip())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_million_operations_run_backward_and_are_freed():
    run(BACKWARD, 1_000_000)


@pytest.mark.parametrize("body", [TRANSFORMS, COPIES], ids=["transforms", "copies"])
def test_deep_graphs_need_no_recursion(body):
    run(body, 200_000)

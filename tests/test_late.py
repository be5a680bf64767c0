"""What is imported late: the import stays short, and nobody notices."""

import subprocess
import sys
from types import ModuleType

import pytest

import micrograd_np as mg


def run(program):
    run = [sys.executable, "-c", f"import numpy as np, sys\nimport micrograd_np as mg\n{program}"]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


def test_the_import_brings_what_every_program_needs():
    heavy = "rules.others", "views", "compile", "formulas", "testing", "debugging"
    told = run(f"print([name for name in {heavy} if 'micrograd_np.' + name in sys.modules])")
    assert told == "[]\n"
    assert run("print('dataclasses' in sys.modules)") == "False\n"


@pytest.mark.parametrize("call", [
    "np.linalg.inv(x.reshape(1, 1))", "np.concatenate([x, x])", "np.sort(x)",
    "np.linalg.svd(x.reshape(1, 1))[1]", "np.pad(x, 1)", "np.modf(x)[0]", "x.take([0])",
])  # fmt: skip
def test_a_function_of_a_late_chapter_finds_its_rule(call):
    told = run(f"x = mg.Tensor([2.0], requires_grad=True)\nprint({call}.requires_grad)")
    assert told == "True\n"


def test_a_function_without_a_rule_is_refused_with_its_reason():
    program = (
        "x = mg.Tensor([2.0], requires_grad=True)\n"
        "try: np.packbits(x)\n"
        "except (mg.MicrogradError, TypeError) as error: print(error)"
    )
    assert "packbits" in run(program)


@pytest.mark.parametrize("name", list(vars(mg)["HOME"]))
def test_late_names_are_there(name):
    found = getattr(mg, name)
    assert name in ("r_", "c_") or found.__name__.rpartition(".")[2] == name
    modules = ("linalg", "nn", "special", "stats", "testing")
    assert isinstance(found, ModuleType) == (name in modules)


def test_late_names_are_offered_for_completion_and_kept():
    told = run(
        "print([name for name in mg.__all__ if name not in dir(mg)], mg.jit is vars(mg)['jit'])"
    )
    assert told == "[] True\n"

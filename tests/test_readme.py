"""The README keeps its promises: commands, links, picture; test_docs.py runs its code."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from draws import needs_graphviz

import micrograd_np as mg

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXT):
        assert (ROOT / target).exists(), target


def test_each_command_is_one_line_that_sets_up_and_runs():
    assert len(COMMANDS) == 2
    for command in COMMANDS:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_commands_install_extras_that_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = set(",".join(re.findall(r"\[([\w,]+)\]\"", "".join(COMMANDS))).split(","))
    assert named == {"demos", "draw", "test"}
    assert named <= set(project["optional-dependencies"])


def test_the_picture_shows_the_example():
    svg = (ROOT / "docs" / "_static" / "network.svg").read_text(encoding="utf-8")
    for number in ("0.2127", "0.5065", "1.784", "1.026"):
        assert number in svg


def rounded(text):
    """Return a text with its numbers at six digits: the last ones depend on the machine."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.6g}", text)


def test_the_printed_output_is_what_the_code_prints(capsys, monkeypatch, tmp_path):
    needs_graphviz()
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        exec(compile(block, "README.md", "exec"), names)
    outputs = re.findall(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert rounded(capsys.readouterr().out) == rounded("".join(outputs))


# What the table says about the others, tried where they are installed.


def root_where_positive(np):
    return lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def test_table_of_ours():
    assert mg.grad(root_where_positive(np))(np.array([4.0, 0.0])).tolist() == [0.25, 0.0]
    assert mg.grad(np.maximum, argnums=(0, 1))(3.0, 3.0) == (0.5, 0.5)
    x, constant = mg.Tensor([1.0, 2.0], requires_grad=True), np.ones(2)
    product = np.sum(x * constant)
    constant[:] = 100
    product.backward()
    assert x.grad.tolist() == [1, 1]
    with pytest.raises(mg.errors.DtypeError, match="Use floats"):
        mg.Tensor([1, 1], requires_grad=True)
    with pytest.raises(mg.errors.DetachError, match="detach"):
        np.asarray(x)
    pytest.importorskip("scipy")
    assert len(mg.stats.__all__) == 20
    assert len({getattr(mg.linalg, name) for name in mg.linalg.__all__}) == 22


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_table_of_autograd():
    autograd = pytest.importorskip("autograd")
    anp = pytest.importorskip("autograd.numpy")
    assert np.isnan(autograd.grad(root_where_positive(anp))(np.array([4.0, 0.0]))[1])
    assert autograd.grad(anp.maximum, argnum=(0, 1))(3.0, 3.0) == (0.5, 0.5)
    distributions = vars(pytest.importorskip("autograd.scipy.stats")).values()
    assert sum(type(x) is type(np) for x in distributions) == 8
    matrices = vars(pytest.importorskip("autograd.scipy.linalg")).values()
    ruled = pytest.importorskip("autograd.core").primitive_vjps
    assert sum(callable(x) and x in ruled for x in matrices) == 4

    def spoiled(x):
        constant = np.ones(2)
        product = anp.sum(x * constant)
        constant[:] = 100
        return product

    assert autograd.grad(spoiled)(np.ones(2)).tolist() == [100, 100]
    assert autograd.grad(lambda x: anp.sum(x * 2.0))(np.array([1, 1])).tolist() == [2, 2]


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_table_of_mygrad():
    mygrad = pytest.importorskip("mygrad")
    x, y, z = mygrad.tensor([4.0, 0.0]), mygrad.tensor(3.0), mygrad.tensor(3.0)
    root_where_positive(np)(x).backward()
    assert np.isnan(x.grad[1])
    np.maximum(y, z).backward()
    assert (y.grad, z.grad) == (0, 0)
    x, constant = mygrad.tensor([1.0, 2.0]), np.ones(2)
    product = np.sum(x * constant)
    with pytest.raises(ValueError, match="read-only"):
        constant[:] = 100
    product.backward()
    whole = mygrad.tensor([1, 1])
    np.sum(whole * 2.0).backward()
    assert whole.grad is None
    assert type(np.asarray(x)) is np.ndarray

"""Every demo runs, writes its pictures, and finds the figures of the lab."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from draws import needs_graphviz

for extra in ("matplotlib", "pandas", "sklearn", "tqdm"):
    pytest.importorskip(extra)
needs_graphviz()

DEMOS = Path(__file__).parent.parent / "demos"
PICTURES = {
    "demo_01_sigmoid": ["sigmoid", "firing"],
    "demo_02_neuron": ["lab_neurons", "perceptron", "neuron"],
    "demo_03_composition": ["composition_1", "composition_2", "composition_3"],
    "demo_04_two_neurons": ["lab_bump", "network", "network_ops", "network_backward"],
    "demo_05_backprop_by_hand": ["learning_rate", "lab_network"],
    "demo_06_fit_gaussian": ["lab_fit"],
    "demo_07_cross_entropy": ["cross_entropy"],
    "demo_08_classify": ["lab_classifier"],
    "demo_09_formulas": ["formulas"],
    "demo_10_pictures": [
        "pictures_function",
        "pictures_mlp",
        "pictures_rnn",
        "pictures_rnn_unrolled",
        "pictures_attention",
        "pictures_attention_backward",
    ],
    "demo_11_compiled_loop": ["compiled_loop"],
}


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs one demo, and checks that it wrote its pictures."""
    monkeypatch.syspath_prepend(str(DEMOS))
    monkeypatch.setenv("MICROGRAD_DEMO_STEPS", "short")
    monkeypatch.setenv("MICROGRAD_DEMO_OUT", str(tmp_path))

    def run_demo(name):
        figures = importlib.import_module(name).main()
        sys.modules["_common"].plt.close("all")
        drawn = {
            path.stem
            for path in tmp_path.glob("*.svg")
            if path.read_text().rstrip().endswith("</svg>")
        }
        assert drawn == set(PICTURES[name])
        return figures

    return run_demo


def test_every_demo_is_tested():
    assert sorted(PICTURES) == sorted(path.stem for path in DEMOS.glob("demo_*.py"))


def test_a_neuron_fires_at_minus_b_over_w_with_slope_w_over_4(run):
    assert run("demo_01_sigmoid")["worst"] < 1e-12


def test_one_neuron_has_the_loss_of_the_quickstart(run):
    figures = run("demo_02_neuron")
    assert figures["error"] < 1e-15
    assert figures["loss"] == pytest.approx(0.11627, abs=5e-6)
    assert figures["dL_dw"] == pytest.approx(-0.08393, abs=5e-6)


def test_a_composition_has_the_product_of_the_derivatives(run):
    figures = run("demo_03_composition")
    assert figures["derivative"] == pytest.approx(figures["product"], rel=1e-14)


def test_scalars_and_vectors_give_one_network(run, tmp_path):
    figures = run("demo_04_two_neurons")
    assert (tmp_path / "network.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert figures["neurons"] == pytest.approx(figures["vectors"], rel=1e-14)
    assert figures["apart"] < 1e-14
    assert figures["L"] == pytest.approx(1.0260021, rel=1e-6)


def test_the_lab_goes_on_where_graphviz_is_missing(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(DEMOS))
    monkeypatch.setenv("MICROGRAD_DEMO_OUT", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    common = importlib.import_module("_common")
    monkeypatch.setattr(common, "UNDRAWN", {})
    assert importlib.import_module("demo_04_two_neurons").main()["apart"] < 1e-14
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {
        "lab_bump.svg", "lab_bump.png", "network.dot", "network_ops.dot", "network_backward.dot",
    }  # fmt: skip
    assert list(common.UNDRAWN) == ["network", "network_ops", "network_backward"]
    assert "apt install graphviz" in common.UNDRAWN["network"]


def test_a_step_of_1_is_too_long_and_one_of_a_hundredth_is_not(run, capsys):
    figures = run("demo_05_backprop_by_hand")
    assert figures["before"] == pytest.approx(1.0260, abs=5e-5)
    assert figures["after"] == pytest.approx(12.39, abs=5e-3)
    assert figures["small"] == pytest.approx(0.9387, abs=5e-5)
    assert "b_1" in capsys.readouterr().out  # the wrong formula was noticed


def test_two_neurons_come_near_the_bell(run):
    figures = run("demo_06_fit_gaussian")
    assert figures["before"] > 1
    assert figures["after"] < 0.01


def test_a_compiled_loop_comes_near_the_bell_too(run):
    figures = run("demo_11_compiled_loop")
    assert figures["after"] < 0.01
    assert figures["apart"] < 1e-12


def test_the_cross_entropy_has_the_gradient_written_by_hand(run):
    figures = run("demo_07_cross_entropy")
    assert "1.0, 1.0" in figures["trap"]
    assert figures["written"] == np.inf
    assert figures["fused"] == pytest.approx(60)


def test_accuracy_rises_from_45_to_95_percent(run):
    assert run("demo_08_classify") == {"untrained": 0.45, "trained": 0.95}


def test_the_formulas_of_the_lab_are_derived(run):
    figures = run("demo_09_formulas")
    assert figures["network"] == {
        "dL_dw1": "2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2) * x",
        "dL_dw2": "2 * (z_3 - y) * sigmoid(z_1_2)",
        "dL_db1": "2 * (z_3 - y) * w_2 * sigmoid_derivative(z_1_2)",
        "dL_db2": "2 * (z_3 - y)",
    }
    assert figures["classifier"] == {"dL_dw1": "(h_1 - y) @ x", "dL_db1": "np.sum(h_1 - y)"}
    assert figures["apart"] < 1e-15


def test_pictures_of_larger_networks_are_a_few_cards(run):
    assert run("demo_10_pictures") == {"modules": 6, "cards": 9}


def test_the_command_prints_where_the_pictures_are(tmp_path):
    command = [
        sys.executable,
        "-m",
        "demos",
        "--short",
        "--out",
        str(tmp_path / "lab"),
        "--only",
        "composition",
    ]
    done = subprocess.run(command, cwd=DEMOS.parent, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().splitlines()[-1].startswith(f"pictures: 3, in {tmp_path / 'lab'}")


def test_a_missing_extra_names_the_command_that_installs_it(tmp_path):
    (tmp_path / "tqdm.py").write_text(
        "raise ModuleNotFoundError('No module named tqdm', name='tqdm')"
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{DEMOS.parent}"}
    command = [sys.executable, "-m", "demos", "--short", "--out", str(tmp_path)]
    done = subprocess.run(
        command, cwd=DEMOS.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert 'pip install "micrograd_np[demos]"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_whole_lab_finds_the_figures_of_the_notebook(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(DEMOS))
    monkeypatch.setenv("MICROGRAD_DEMO_STEPS", "")
    monkeypatch.setenv("MICROGRAD_DEMO_OUT", str(tmp_path))
    fit = importlib.import_module("demo_06_fit_gaussian").main()["after"]
    assert fit == pytest.approx(4.9e-4, rel=0.05)
    assert importlib.import_module("demo_08_classify").main()["trained"] == 0.95

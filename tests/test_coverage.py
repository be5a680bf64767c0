"""Every public function of NumPy is a rule, a composite, a constant, or left out for a reason."""

from __future__ import annotations

import subprocess
import sys
import types
import warnings

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.calls.dispatch import PLAIN
from micrograd_np.rule import composites, constants, rules, unruled

NAMESPACES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft, "np.emath": np.emath}
GONE = {"row_stack"}  # since NumPy 2.5
COVERED = {*rules, *composites, *constants, *PLAIN}


def functions(namespace):
    """The public functions of a namespace, by name; a name that NumPy deprecates still counts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: getattr(namespace, name) for name in dir(namespace) if name[0] != "_"}
    return {
        name: value
        for name, value in found.items()
        if callable(value) and not isinstance(value, type | types.ModuleType)
    }


def uncovered(title):
    """The names in a namespace that nothing says anything about."""
    found = functions(NAMESPACES[title])
    return {name for name, f in found.items() if f not in COVERED and name not in unruled}


@pytest.mark.parametrize("title", NAMESPACES)
def test_every_function_is_covered_or_left_out_for_a_reason(title):
    missing = uncovered(title)
    assert not missing, f"{title}: declare in rules/, or in rules/refused.py, {sorted(missing)}"


def test_what_is_left_out_has_no_rule():
    found = {name: f for space in NAMESPACES.values() for name, f in functions(space).items()}
    both = [name for name in unruled if found.get(name) in COVERED]
    assert not both


def test_what_is_left_out_exists():
    names = {name for space in NAMESPACES.values() for name in functions(space)}
    methods = {f"ndarray.{name}" for name in dir(np.ndarray)}
    assert not set(unruled) - names - methods - GONE


@pytest.mark.parametrize("name", [name for name in dir(np.ndarray) if name[0] != "_"])
def test_every_attribute_of_an_array_is_one_of_a_tensor_or_left_out_for_a_reason(name):
    assert hasattr(mg.Tensor, name) != (f"ndarray.{name}" in unruled)


def test_what_a_tensor_lacks_is_an_attribute_error_with_the_reason():
    t = mg.Tensor([1.0, 2.0])
    with pytest.raises(AttributeError, match=r"'resize'.*np\.resize.*\(test_coverage\.py:\d+\)"):
        t.resize(3)
    with pytest.raises(AttributeError, match=r"'no_such_thing'$"):
        t.no_such_thing


@pytest.mark.parametrize(("name", "cure"), [("view", "t.reshape"), ("strides", "sliding_window")])
def test_the_reason_is_told_before_any_late_rule_was_needed(name, cure):
    code = f"import micrograd_np as mg; mg.Tensor(1.0).{name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Of arrays it" in done.stderr
    assert cure in done.stderr

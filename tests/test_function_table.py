"""The page of all functions finds every rule by itself, and what it measures is small."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.rule import composites, constants, rules

PATH = Path(mg.__file__).parent.parent / "docs" / "function_table.py"


@pytest.fixture(scope="module")
def table():
    spec = importlib.util.spec_from_file_location("function_table", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(table):
    return table.page()


def test_every_function_with_a_name_is_on_the_page(table, page):
    names = [name for f in [*rules, *composites, *constants] if (name := table.spelled(f))]
    assert len(names) > 100
    assert not [name for name in names if f"`{name}`" not in page]


def test_no_function_of_numpys_own_belongs_nowhere(table):
    lost = [
        f
        for f in [*rules, *composites]
        if (name := table.spelled(f)) and table.chapter(f, name) == "others"
    ]
    assert not lost


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (np.log1p, r"$\partial_x = \frac{1}{1 + x}$"),
        (np.tanh, r"$\partial_x = 1 - \tanh\left(x\right)^{2}$"),
        (np.multiply, r"$\partial_x = y$, $\partial_y = x$"),
    ],
)
def test_derivatives_are_printed_from_the_rules(table, function, shown):
    assert table.formulas(function) == shown


def test_a_rule_without_a_short_formula_is_told_in_words_or_shown(table, page):
    assert table.formulas(np.prod) == ""
    assert (
        "`np.cumsum`, linear: Transpose of np.cumsum: a cumulative sum from the other end." in page
    )
    assert "`np.modf`, composite:\n\n```python\n" in page


def test_conventions_at_kinks_stand_beside_the_functions(table):
    assert table.kinks()["np.absolute"] == "0 where $x = 0$"
    assert table.kinks()["mg.nn.relu"] == "0 where $x = 0$"


def test_what_is_measured_is_within_four_units_in_the_last_place(table):
    pytest.importorskip("mpmath")
    measured = {f: ulps for f in rules if (ulps := table.accuracy(f)) is not None}
    assert len(measured) > 20
    ours = {f: u for f, u in measured.items() if not table.spelled(f).startswith("scipy")}
    far = {f: u for f, u in ours.items() if max(u) > 4 and f not in ROOTS}
    assert not far  # tests/test_special.py measures SciPy's


ROOTS = {mg.nn.silu, mg.nn.gelu}  # next to a root of the derivative there is no bound for anyone

"""The documentation runs: python blocks, what their comments claim, examples of docstrings."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import numpy as np
import pytest
from draws import needs_graphviz

import micrograd_np as mg

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PACKAGE = ROOT / "micrograd_np"
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)
CLAIM = re.compile(
    r"^(?:\S+ = )?[\[(]*-?\d"
)  # "0.5, so ...", "dL/dw = -0.1", "[0.25, 0. ], not NaN"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


def source(page):
    """Return the python of a page, on the lines where it stands there."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    for block in BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        code = block[1].splitlines()
        lines[first : first + len(code)] = code
    return "\n".join(lines)


def claim(line):
    """Return the numbers that the comment at the end of a line claims, as they are written."""
    _, _, comment = line.rpartition("  # ")
    return NUMBER.findall(comment) if CLAIM.match(comment) and "j" not in comment else []


def value_of(statement, page, names):
    """Run a statement; return the value it has, or gives to its one name."""
    if isinstance(statement, ast.Expr):
        return eval(compile(ast.Expression(statement.value), str(page), "eval"), names)
    exec(compile(ast.Module([statement], []), str(page), "exec"), names)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return names[statement.targets[0].id]
    return None


def numbers_in(value):
    """Return the numbers of a result, flat."""
    if isinstance(value, tuple | list):
        return [number for each in value for number in numbers_in(each)]
    value = value.detach() if isinstance(value, mg.Tensor) else value
    return np.ravel(value).tolist()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_a_page_runs_and_its_comments_are_true(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = source(page)
    if "mg.draw" in text or "mg.step" in text:
        needs_graphviz()
    if "sklearn" in text:
        pytest.importorskip("sklearn")
    lines, names = text.split("\n"), {"__name__": "__main__"}
    for statement in ast.parse(text, str(page)).body:
        value = value_of(statement, page, names)
        claimed = claim(lines[statement.end_lineno - 1]) if value is not None else []
        if claimed:
            at = f"{page.name}:{statement.end_lineno}"
            for number, written in zip(numbers_in(value), claimed, strict=False):
                assert_rounds(number, written, at)


PRINTED = re.compile(
    r"^```python\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("page", "outputs"), [("formulas.md", 7), ("stats.md", 1)])
def test_formulas_are_printed_as_their_page_shows(page, outputs, capsys):
    names = {}
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shown = 0
    for code, output in PRINTED.findall(text):
        exec(compile(code, page, "exec"), names)
        printed = capsys.readouterr().out
        assert printed.rstrip() == output.rstrip()
        shown += bool(output)
    assert shown == outputs


def assert_rounds(number, written, at):
    """Check a number against one written with fewer digits: within one of its last place."""
    digits, _, exponent = written.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    assert abs(number - float(written)) <= last, f"{at}: {number}, not {written}"


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_run(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in finder.find(module, name, extraglobs={"np": np, "mg": mg}):
        report = []
        runner.run(example, out=report.append)
        assert not report, "".join(report)

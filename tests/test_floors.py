"""Imports go down: each module names its floor, and imports only from lower ones."""

import ast
import re
from pathlib import Path

import pytest

import micrograd_np

PACKAGE = Path(micrograd_np.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py"  # the front door stands on top
}


def floor(name):
    """The floor that a module's docstring names at the end of its first line."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    first = (ast.get_docstring(tree) or "").split("\n\n")[0]
    found = re.search(r"Floor (\d+)\.$", first)
    return int(found[1]) if found else None


def folder(name):
    """The package folder of a module: '' for the top, 'rules' for rules.elementwise."""
    return name if (PACKAGE / name.replace(".", "/")).is_dir() else name.rpartition(".")[0]


def imported(name):
    """The modules of the package that a module imports, also inside functions.

    What is imported for types alone draws no arrow.
    """
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    types_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    is_package = MODULES[name].name == "__init__.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and id(node) not in types_only:
            parts = name.split(".")[: None if is_package else -1]
            base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else base


@pytest.mark.parametrize("name", MODULES)
def test_a_module_names_its_floor(name):
    assert floor(name) is not None, f"the first paragraph of {name} ends without 'Floor N.'"


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_to_lower_floors(name):
    up = [
        f"{name} (floor {floor(name)}) imports {other} (floor {floor(other)})"
        for other in imported(name)
        if other in MODULES and folder(other) != folder(name) and floor(other) >= floor(name)
    ] + [
        f"{name} imports its neighbour {other}, which stands no lower"
        for other in imported(name)
        if other in MODULES and folder(other) == folder(name) == "" and floor(other) >= floor(name)
    ]
    assert not up


def test_nothing_imports_the_front_door():
    doors = [name for name in MODULES for other in imported(name) if other == ""]
    assert not doors


def test_modules_within_a_folder_import_in_one_direction():
    arrows = {
        name: {o for o in imported(name) if o != name and folder(o) == folder(name) != ""}
        for name in MODULES
    }
    while arrows:
        free = [name for name, others in arrows.items() if not others & arrows.keys()]
        assert free, f"a circle of imports among {sorted(arrows)}"
        for name in free:
            del arrows[name]

"""How Sphinx builds the documentation: `sphinx-build -W docs docs/_build`."""

import builtins
import importlib
import inspect
import os
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import micrograd_np

HERE = Path(__file__).parent
DEMOS = HERE.parent / "demos"
REFERENCE = HERE / "reference"

# A build shows each demo, not its whole training; this reaches the demos through the environment.
os.environ.setdefault("MICROGRAD_DEMO_STEPS", "short")
os.environ.setdefault("MICROGRAD_DEMO_OUT", str(HERE / "_build" / "lab_output"))

project = "micrograd_np"
copyright = "micrograd_np contributors"
author = "micrograd_np contributors"
version = release = micrograd_np.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "_templates", "**/README.md", "**.ipynb_checkpoints"]
templates_path = ["_templates"]
root_doc = "index"
suppress_warnings = ["config.cache"]  # the gallery's settings hold a function
add_function_parentheses = False
add_module_names = False
toc_object_entries_show_parents = "hide"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_generate_overwrite = True
autodoc_typehints = "none"  # numpydoc's Parameters say it, with shapes
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = "micrograd_np"
html_static_path = ["_static"]
html_css_files = ["micrograd.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "quickstart": [], "lab": [], "four_files": [], "conventions": []}


# --- the reference, one page for each module that defines public names --------------------------


def public_names(module: ModuleType) -> list[str]:
    """Return the names a module exports, in its own order: they are the order of meaning."""
    own = [name for name in vars(module) if not name.startswith("_")]
    names = getattr(module, "__all__", None) or [
        name for name in own if getattr(vars(module)[name], "__module__", None) == module.__name__
    ]
    return [name for name in names if not name.startswith("__")]


def homes() -> dict[str, list[str]]:
    """Group the public names, as users write them, under the module that defines them."""
    pages: dict[str, list[str]] = {}
    for name in public_names(micrograd_np):
        value = getattr(micrograd_np, name)
        if inspect.ismodule(value):
            pages[value.__name__] = [f"{name}.{each}" for each in public_names(value)]
        else:
            home = getattr(value, "__module__", None) or "micrograd_np"
            if not home.startswith("micrograd_np"):
                home = "micrograd_np"
            pages.setdefault(home, []).append(name)
    return pages


def reference_page(module: str, names: list[str]) -> str:
    """Write the page of one module: the first line of its docstring, then a table of its names."""
    title = module.removeprefix("micrograd_np.")
    about = (inspect.getdoc(importlib.import_module(module)) or "").partition("\n\n")[0]
    about = " ".join(about.split())
    table = "\n".join(f"   {name}" for name in names)
    return (
        f"{title}\n{'=' * len(title)}\n\n{about}\n\n"
        ".. currentmodule:: micrograd_np\n\n"
        f".. autosummary::\n   :toctree: names\n   :nosignatures:\n\n{table}\n"
    )


def write_reference() -> None:
    """Write docs/reference/ from the public names of the package, so that it follows them."""
    shutil.rmtree(REFERENCE, ignore_errors=True)
    REFERENCE.mkdir()
    for module, names in homes().items():
        page = REFERENCE / f"{module.removeprefix('micrograd_np.')}.rst"
        page.write_text(reference_page(module, names), encoding="utf-8")


write_reference()


# --- the gallery, from demos/ -------------------------------------------------------------------


def give_the_file(_settings: dict[str, Any], source: str) -> None:
    """Define `__file__` for the next demo: the gallery runs it without one."""
    builtins.__file__ = source  # type: ignore[attr-defined]


if (DEMOS / "GALLERY_HEADER.rst").exists():
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": str(DEMOS),
        "gallery_dirs": "gallery",
        "filename_pattern": r"/(demo_|\d)[^/]*\.py$",
        "ignore_pattern": r"(^|/)(_[^/]*|conftest)\.py$",
        "within_subsection_order": "FileNameSortKey",
        "reset_modules": ("matplotlib", give_the_file),
        "remove_config_comments": True,
        "download_all_examples": False,
        "show_memory": False,
        "plot_gallery": True,
        "abort_on_example_error": False,
        "only_warn_on_example_error": False,
    }
else:  # the contents name the gallery: it must exist before the first demo does
    (HERE / "gallery").mkdir(exist_ok=True)
    (HERE / "gallery" / "index.rst").write_text("Gallery\n=======\n\nNo demos yet.\n")

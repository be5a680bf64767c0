"""How Sphinx builds the documentation: `sphinx-build -W docs docs/_build`."""

import builtins
import importlib
import inspect
import os
import re
import shutil
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx_gallery.scrapers import figure_rst

import micrograd_np
from micrograd_np.protocols.interface import ArrayInterface
from micrograd_np.protocols.methods import InPlaceMethods

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
function_table = importlib.import_module("function_table")
DEMOS = HERE.parent / "demos"
REFERENCE = HERE / "reference"

# A build shows each demo, not its whole training; this reaches the demos through the environment.
os.environ.setdefault("MICROGRAD_DEMO_STEPS", "short")
os.environ.setdefault("MICROGRAD_DEMO_OUT", str(HERE / "_build" / "lab_output"))
PICTURES = Path(os.environ["MICROGRAD_DEMO_OUT"])

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
    "header_links_before_dropdown": 8,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
PAGES = [page.stem for page in HERE.glob("*.md") if page.stem != "api"]
html_sidebars = {page: [] for page in PAGES}  # no sections beneath them


# --- the reference, one page for each module that defines public names --------------------------

TITLES = {  # of the pages, by module
    "tensor": "Tensor",
    "creation": "Making Tensors",
    "transforms": "Derivatives of functions",
    "jacobians": "Jacobians and Hessians",
    "custom": "Derivatives of your own",
    "checkpointing": "Memory for time",
    "modes": "What is recorded",
    "memory": "Freed memory",
    "debugging": "Finding a NaN",
    "nn": "mg.nn: neural networks",
    "views.picture": "Pictures",
    "views.listing": "Graphs in words",
    "views.stepper": "Step by step",
    "formulas.explain": "Formulas",
    "testing": "mg.testing: checks",
    "testing.strategies": "mg.testing.strategies",
    "compile.jitted": "Compiled functions",
    "compile.scan": "Loops of steps",
    "special": "mg.special",
    "stats": "mg.stats: probability",
    "linalg": "mg.linalg: matrices",
    "tree": "mg.tree: trees of parameters",
    "errors": "mg.errors",
}


def public_names(module: ModuleType) -> list[str]:
    """Return the names a module exports, in its own order: they are the order of meaning."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    names = getattr(module, "__all__", None) or own
    return [name for name in names if not name.startswith("__")]


def pages_of(module: ModuleType, prefix: str) -> dict[str, list[str]]:
    """Return the names of a public module, as users write them, and those of modules in it."""
    pages: dict[str, list[str]] = {module.__name__: []}
    for name in public_names(module):
        try:
            value = getattr(module, name)
        except ModuleNotFoundError:  # strategies need Hypothesis; a page can do without
            continue
        if inspect.ismodule(value):
            pages |= pages_of(value, f"{prefix}{name}.")
        else:
            pages[module.__name__].append(f"{prefix}{name}")
    return pages


def homes() -> dict[str, list[str]]:
    """Group the public names, as users write them, under the module that defines them."""
    pages: dict[str, list[str]] = {}
    for name in [*public_names(micrograd_np), "special", "stats", "linalg"]:  # which need SciPy
        value = getattr(micrograd_np, name)
        if inspect.ismodule(value):
            pages |= pages_of(value, f"{name}.")
        elif f"{value.__module__.rpartition('.')[2]}.{name}" not in pages.get(value.__module__, []):
            pages.setdefault(value.__module__, []).append(name)
    return pages


def reference_page(module: str, names: list[str]) -> str:
    """Write the page of one module: the first line of its docstring, then a table of its names."""
    name = module.removeprefix("micrograd_np.")
    title = TITLES.get(name, name)
    about = (inspect.getdoc(importlib.import_module(module)) or "").partition("\n\n")[0]
    about = re.sub(r" Floor \d+\.$", "", " ".join(about.split()))  # for readers of the source
    table = "\n".join(f"   {name}" for name in names)
    return (
        f"{title}\n{'=' * len(title)}\n\n{about}\n\n"
        ".. currentmodule:: micrograd_np\n\n"
        f".. autosummary::\n   :toctree: names\n   :nosignatures:\n\n{table}\n"
        f"{array_members() if name == 'tensor' else ''}"
    )


def array_members() -> str:
    """Say what a Tensor has of an array."""
    found = {**vars(ArrayInterface), **vars(InPlaceMethods)}
    names = [name for name in found if not name.startswith("_")]
    return (
        "\nA Tensor also has the operators of an array, indexing and in-place operators included, "
        "and these of its attributes and methods, which mean what they mean in NumPy:\n\n"
        + ", ".join(f"``{name}``" for name in sorted(names, key=str.lower))
        + ".\n"
    )


def write_reference() -> None:
    """Write docs/reference/ from the public names of the package, so that it follows them."""
    shutil.rmtree(REFERENCE, ignore_errors=True)
    REFERENCE.mkdir()
    for module, names in homes().items():
        page = REFERENCE / f"{module.removeprefix('micrograd_np.')}.rst"
        page.write_text(reference_page(module, names), encoding="utf-8")
    (REFERENCE / "functions.md").write_text(function_table.page(), encoding="utf-8")


def without_trap(*event: Any) -> tuple[str, str] | None:
    """Leave out of a signature the argument that is there to catch misspelt ones."""
    signature, returned = event[-2:]
    return signature and (signature.replace(", **misspelt", ""), returned)


def setup(app: Any) -> None:
    """Register what this file adds to the extensions."""
    app.connect("autodoc-process-signature", without_trap)


write_reference()


# --- the page of docs/stepper.md, from its own program -------------------------------------------

LIVE = HERE / "_build" / "live"  # files that a build copies as they are
html_extra_path = [str(LIVE)]


def write_live_page() -> None:
    """Run the first program of docs/stepper.md and keep the page that it makes."""
    LIVE.mkdir(parents=True, exist_ok=True)
    text = (HERE / "stepper.md").read_text(encoding="utf-8")
    program = text.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"target": LIVE / "stepper_network.html"}
    exec(program.replace('"network.html"', "target"), names)


write_live_page()


# --- the gallery, from demos/ -------------------------------------------------------------------

started = time.time_ns()
shown: dict[Path, int] = {}  # pictures that a page of the gallery already has, and their times


def saved_pictures(_block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """Show what a demo saved, plots and graphs alike, in the order of saving."""
    times = {path: path.stat().st_mtime_ns for path in PICTURES.glob("*.svg")}
    new = [path for path, at in times.items() if at > shown.get(path, started)]
    shown.update(times)
    figures = []
    for path in sorted(new, key=times.__getitem__):
        target = shutil.copy(path.with_suffix(".png"), next(variables["image_path_iterator"]))
        figures.append(figure_rst([target], settings["src_dir"]))  # each on a line of its own
    return "\n".join(figures)


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
        "image_scrapers": (saved_pictures,),
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

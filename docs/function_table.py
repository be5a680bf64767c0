"""The page of all functions: kind, derivative, convention and accuracy, read off the registry.

`conf.py` writes it when the documentation is built, so it follows the rules by itself.
"""

from __future__ import annotations

import inspect
import re
import warnings
from functools import cache, reduce
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np

import micrograd_np as mg
from micrograd_np.rule import composites, constants, identity, rules, unruled
from micrograd_np.rules import others as others

HERE = Path(__file__).parent
FOLDER = Path(mg.__file__).parent / "rules"
POINTS = (0.3, 0.7, 1.5, 2.2)  # inside some domain, where no branch changes
LONGEST = 140  # characters of a derivative in LaTeX that is still read
COMPLEX = {np.conjugate, np.real, np.imag}  # their formulas at a real point say nothing
DECLARATION = re.compile(
    r"^\s*[a-z_]+\(\s*((?:np|mg|nn|special|sp|scipy)\.[\w.]+|[a-z_]\w*),?", re.M
)
ABOUT = (
    "These may be called on Tensors, beside operators, indexing and methods, and beside functions "
    "that ask for shape or dtype alone, such as `np.shape`. Each has a {term}`kind` of rule, from "
    "which its derivatives in every mode follow; those in tables are elementwise, and their "
    "derivatives are printed from the rules themselves. Where a rule has no short formula, its own "
    "words or its source are shown. Any other function of NumPy raises "
    "{class}`~micrograd_np.errors.NoRuleError`; {class}`~micrograd_np.custom_vjp` gives a "
    "function of your own its derivative."
)


def page() -> str:
    """Return the page, in chapters as the rules are."""
    chapters: dict[str, list[Any]] = {}
    for declared in (rules, composites, constants):
        for function in declared:
            if (name := spelled(function)) is not None:
                chapters.setdefault(chapter(function, name), []).append((name, function))
    parts = ["# Functions and their derivatives", ABOUT]
    if accuracy(np.sin) is not None:
        parts.append(
            "The last column is measured against mpmath as this page is built: the largest error "
            "of value and gradient, in units in the last place of float64, at points between 1e-20 "
            "and 40 of either sign."
        )
    for stem, entries in sorted(chapters.items(), key=lambda item: order(item[0])):
        parts += [
            f"## {heading(stem)}",
            *chapter_parts(sorted(entries, key=lambda e: e[0].lower())),
        ]
    return "\n\n".join([*parts, *left_out()]) + "\n"


def left_out() -> list[str]:
    """Return NumPy's functions, and methods of its arrays, that have no rule, by the reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in unruled.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    about = (
        "What else is in NumPy's public namespaces, and why it is left out: a test walks them, and "
        "fails on a function about which nothing is said."
    )
    words = [f"*{r[0].upper()}{r[1:]}*: {', '.join(names)}." for r, names in reasons.items()]
    return ["## Left out", about, *words]


def chapter_parts(entries: list[Any]) -> list[str]:
    """Return the table of the functions with formulas, and a list of the others."""
    rows, others, steps = [], [], []
    for name, function in entries:
        shown = formulas(function)
        if function in constants:
            steps.append(f"`{name}`")
        elif shown:
            ulps = accuracy(function)
            measured = "" if ulps is None else f"{ulps[0]:.1f} / {ulps[1]:.1f}"
            rows.append(f"| `{name}` | {shown} | {kinks().get(name, '')} | {measured} |")
        else:
            others.append(described(name, function))
    table = ["| Function | Derivative | At kinks | Error, ulp |", "|---|---|---|---|", *rows]
    parts = ["\n".join(table)] if rows else []
    parts += ["\n\n".join(others)] if others else []
    return parts + ([f"Piecewise constant: {', '.join(steps)}."] if steps else [])


# Which functions there are, and where


def spelled(function: Any) -> str | None:
    """Return a function as users write it; None of what they do not call by a name."""
    name = function.__name__
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc):
        return f"np.{name}" if getattr(np, name, None) is function else f"scipy.special.{name}"
    if module.startswith("numpy"):
        return f"{module}.{name}".replace("numpy.", "np.", 1).replace("np._core.", "np.")
    for place in ("nn", "special"):
        public = getattr(mg, place, None) if place in mg.__all__ else None
        if public is not None and getattr(public, name, None) is function:
            return f"mg.{place}.{name}"
    return None


@cache
def declarations() -> dict[str, str]:
    """Return the file in which each function is declared, by the text of its name there."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.rglob("*.py")):
        if path.stem == "readable":  # how to print what others declare
            continue
        for match in DECLARATION.finditer(path.read_text(encoding="utf-8")):
            found.setdefault(match[1], path.relative_to(FOLDER).with_suffix("").as_posix())
    return found


def chapter(function: Any, name: str) -> str:
    """Return the file that declares a function."""
    known = declarations()
    for text in (name, name.rpartition(".")[2]):
        if text in known:
            return known[text]
    homes = [home for f in sources(function) if (home := file_of(f))]
    return homes[0] if homes else "constants" if function in constants else "others"


def sources(function: Any) -> list[Any]:
    """Return what was written to differentiate a function."""
    if function in composites:
        return [composites[function].body]
    if function in rules:
        return [f for f in rules[function].derivatives if f is not None]
    return []


def file_of(f: Any) -> str:
    """Return the file among the rules in which something is written, "" if it is elsewhere."""
    path = Path(getattr(getattr(f, "__code__", None), "co_filename", ""))
    if FOLDER not in path.parents:
        return ""
    return path.relative_to(FOLDER).with_suffix("").as_posix()


def heading(stem: str) -> str:
    """Return what a chapter is about, as its file says it."""
    path = FOLDER / f"{stem}.py"
    if not path.exists():
        path = FOLDER / stem / "__init__.py"
    if not path.exists():
        return "Others"
    first = path.read_text(encoding="utf-8").removeprefix('"""').partition("Floor")[0].strip()
    about = first.partition("\n\n")[0].replace("\n", " ").rstrip(".")
    about = re.sub(r"^Rules (for )?", "", about)
    return about if about.startswith("np.") else about[0].upper() + about[1:]


def order(stem: str) -> tuple[bool, str]:
    """Sort functions of entries first, what belongs nowhere last."""
    return stem != "elementwise", "~" if stem == "others" else stem


# What a derivative is


def formulas(function: Any) -> str:
    """Return the partial derivatives in LaTeX; "" if they have no short formula."""
    rule = rules.get(function)
    if rule is None or rule.kind != "elementwise" or function in COMPLEX:
        return ""
    if len(rule.derivatives) > 3:
        return ""
    f = [
        lambda x: function(x),
        lambda x, y: function(x, y),
        lambda x, y, z: function(x, y, z),
    ][len(rule.derivatives) - 1]
    lines = explained(f, len(rule.derivatives))
    found = [f"$\\partial_{name} = {text}$" for name, text in lines if len(text) <= LONGEST]
    return ", ".join(found) if len(found) == len(lines) else ""


def explained(f: Any, count: int) -> list[tuple[str, str]]:
    """Return (operand, derivative in LaTeX), printed by `mg.explain` at a point of the domain."""
    for start in range(len(POINTS)):
        point = [POINTS[(start + i) % len(POINTS)] for i in range(count)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                if not np.isfinite(f(*point)):
                    continue
                latex = mg.explain(f, *point).latex
            except Exception:  # not a function of plain numbers, or nothing to print
                continue
        lines = re.findall(r"\\partial ([xyz])\} &= (.*?)(?: \\\\)?$", latex, re.M)
        if lines and not any("t_{" in text for _, text in lines):  # nothing to look up
            return [(name, text.replace("|", r"\vert ")) for name, text in lines]
    return []


def described(name: str, function: Any) -> str:
    """Return what a rule without a formula says of itself: its docstring, or its source."""
    kind = "composite" if function in composites else rules[function].kind
    written = [f for f in sources(function) if f is not identity]
    words = [w for f in written if (w := told(f))]
    if words or not written:
        return f"`{name}`, {kind}: {' '.join(dict.fromkeys(words)) or 'passes the cotangent on.'}"
    code = next((text for f in written if (text := source(f))), "")
    return f"`{name}`, {kind}:\n\n```python\n{code}\n```" if code else f"`{name}`, {kind}."


def told(f: Any) -> str:
    """Return the first sentence of a docstring, if it says more than what it belongs to."""
    if getattr(f, "__name__", "<lambda>") == "<lambda>":
        return ""
    first = (inspect.getdoc(f) or "").partition("\n\n")[0].replace("\n", " ")
    return re.sub(r"^Body of [^:.]+(?:\.\w[^:.]*)*[:.]? ?", "", first)


def source(f: Any) -> str:
    """Return the declaration that a lambda stands in; "" of what only calls another function."""
    if f.__name__ == "call":
        return ""
    try:
        return dedent(inspect.getsource(f)).strip()
    except (OSError, TypeError):
        return ""


@cache
def kinks() -> dict[str, str]:
    """Return what the page of conventions says of each function."""
    found = {}
    for line in (HERE / "conventions.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            for name in re.findall(r"`((?:np|nn)\.[\w.]+)", cells[0]):
                at = f"{cells[2]} where {cells[1]}" if cells[1] != "everywhere" else cells[2]
                root, *path = name.split(".")
                function = reduce(getattr, path, np if root == "np" else mg.nn)
                found[spelled(function) or name] = at
    return found


# How accurate it is, measured

ORACLES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "absolute": "fabs", "rad2deg": "degrees", "deg2rad": "radians",
}  # fmt: skip
ALIKE = frozenset({
    "sin", "cos", "tan", "exp", "expm1", "log", "log1p", "sqrt", "sinh", "cosh", "tanh", "erf",
    "erfc", "gamma", "loggamma", "digamma", *ORACLES,
}) - {"rad2deg", "deg2rad", "absolute"}  # fmt: skip
SIZES = (1e-20, 1e-8, 0.011, 0.3, 0.77, 0.99, 1.3, 2.6, 7.1, 19.0, 40.0)


@cache
def accuracy(function: Any) -> tuple[float, float] | None:
    """Return the largest error of value and gradient in ulp; None if nothing measures it."""
    try:
        import mpmath
    except ModuleNotFoundError:
        return None
    true = oracle(mpmath, function.__name__)
    rule = rules.get(function)
    if true is None or rule is None or len(rule.derivatives) != 1:
        return None
    worst = [0.0, 0.0]
    with mpmath.mp.workdps(60), np.errstate(all="ignore"):
        for x in (sign * size for size in SIZES for sign in (1, -1)):
            try:
                right = true(mpmath.mpf(x)), mpmath.diff(true, mpmath.mpf(x))
            except (ValueError, ZeroDivisionError, ArithmeticError):
                continue
            found = mg.value_and_grad(function)(x)
            if all(isinstance(y, mpmath.mpf) for y in right) and np.all(np.isfinite(found)):
                worst = [max(w, ulps(a, y)) for w, a, y in zip(worst, found, right, strict=True)]
    return worst[0], worst[1]


def ulps(found: Any, true: Any) -> float:
    """Return by how many units in the last place a number is off; underflow does not count."""
    if abs(true) < 1e-300:
        return 0.0
    return float(abs(float(found) - true) / abs(true)) / float(np.finfo(float).eps)


def oracle(mpmath: Any, name: str) -> Any:
    """Return mpmath's function of that meaning, on one number; None if it has none."""
    own = {
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)), "exp2": lambda x: mpmath.mpf(2) ** x,
        "softplus": lambda x: mpmath.log1p(mpmath.exp(x)), "log2": lambda x: mpmath.log(x, 2),
        "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
        "log10": mpmath.log10, "square": lambda x: x * x, "reciprocal": lambda x: 1 / x,
        "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        "silu": lambda x: x / (1 + mpmath.exp(-x)),
        "gelu": lambda x: x * mpmath.ncdf(x), "expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    }  # fmt: skip
    if name in own:
        return own[name]
    return getattr(mpmath, ORACLES.get(name, name)) if name in ALIKE else None

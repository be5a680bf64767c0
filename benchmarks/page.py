"""From the numbers of a run to the documentation: a table, and cost against size as a plot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
TABLE, PLOT = DOCS / "_static" / "benchmarks.txt", DOCS / "_static" / "benchmarks_sizes.svg"


def write(numbers: Path) -> list[Path]:
    """Write both from the file that `--json` wrote; return their paths."""
    run = json.loads(numbers.read_text(encoding="utf-8"))
    TABLE.write_text("\n".join(tables(run)) + "\n", encoding="utf-8")
    sizes = {name: each for name, each in run["workloads"].items() if name.startswith("sizes_")}
    if sizes:
        plot(sizes)
    return [TABLE, PLOT] if sizes else [TABLE]


def tables(run: dict[str, Any]) -> Iterator[str]:
    """The lines of the page's tables: the budgets, then all contestants of each workload."""
    where = run["conditions"]
    python = f"Python {where['python']}, {where['blas']}"
    yield f"One run: {where['machine']}, {python}, {where['pinned']}.\n"
    yield "| Budget | At most | Measured | |"
    yield "|---|--:|--:|---|"
    for name, each in run["workloads"].items():
        yield from (budget(name, each["unit"], b) for b in each["budgets"] if b["found"])
    for name, each in run["workloads"].items():
        if each["contestants"] and not name.startswith("sizes_"):
            yield from contestants(name, each)


def budget(name: str, unit: str, b: dict[str, Any]) -> str:
    """The row of a budget."""
    against = f" / {b['against']}" if b["against"] else f", {unit}"
    kept = "met, the stretch too" if b["found"] <= b["stretch"] else "met"
    word = kept if b["found"] <= b["at_most"] else "not met"
    what = b["what"].strip()
    return f"| `{name}`: {what}{against} | {b['at_most']:g} | {b['found']:.2f} | {word} |"


def contestants(name: str, each: dict[str, Any]) -> Iterator[str]:
    """The table of one workload."""
    yield f"\n**`{name}`**: {each['title']}\n"
    yield f"| | median, {each['unit']} | ratio |"
    yield "|---|--:|--:|"
    for who, row in each["contestants"].items():
        yield f"| {who.strip()} | {row['median']:.4g} | {row['ratio']:.2f} |"


def plot(sizes: dict[str, Any]) -> None:
    """Draw cost against size, both logarithmic."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "micrograd_np", "font.size": 11})
    figure, axes = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
    counts = [int(name.removeprefix("sizes_")) for name in sizes]
    for who in next(iter(sizes.values()))["contestants"]:
        ours = who.startswith("micrograd_np")
        costs = [each["contestants"][who]["median"] for each in sizes.values()]
        style = {"linewidth": 2.5 if ours else 1.2, "marker": "o", "markersize": 4 if ours else 2.5}
        axes.loglog(counts, costs, label=who, **style)
    axes.set(xlabel="entries", ylabel="microseconds", title="The gradient of Σ x / (1 + exp(−x²))")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(PLOT, metadata={"Date": None, "Creator": None})

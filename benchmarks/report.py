"""The report: one table a workload, its ratios beside its budgets, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from .measure import Budget, Result, Workload


def table(workload: Workload, result: Result) -> Iterator[str]:
    """The lines to print for one workload."""
    yield f"\n{workload.name}: {workload.title}"
    first = next(iter(result.samples), "")
    head = f"{'min':>10}{'median':>10}{'ratio':>9}{'faults':>9}"
    yield f"  {workload.unit:<36}{head}   (ratio: to {first!r})"
    for name in result.samples:
        yield row(result, name, first)
    for name, why in result.skipped.items():
        yield f"  {name:<36}   skipped: {why}"
    for budget in workload.budgets:
        yield verdict(budget, result, workload.unit)


def row(result: Result, name: str, first: str) -> str:
    """One contestant's minimum, median, ratio to the first contestant and page faults a step."""
    samples = result.samples[name]
    faults = f"{result.faults[name]:9.1f}" if name in result.faults else f"{'-':>9}"
    times = f"{min(samples):10.3f}{median(samples):10.3f}"
    return f"  {name:<36}{times}{result.ratio(name, first):9.3f}{faults}"


def verdict(budget: Budget, result: Result, unit: str) -> str:
    """One budget: what was found, what is allowed, and whether that is kept."""
    limit = f"(at most {budget.at_most:g}, stretch {budget.stretch:g})"
    name = f"{budget.what.strip()} / {budget.against}" if budget.against else budget.what
    found = judge(budget, result)
    if found is None:
        return f"  budget: {name}: not measured {limit}"
    scale = "" if budget.against else f" {unit}"
    return f"  budget: {name}: {found:.3f}{scale} {limit}: {grade(budget, found)}"


def judge(budget: Budget, result: Result) -> float | None:
    """The measured side of a budget, None if one of the two contestants did not run."""
    sides = {budget.what, budget.against} - {None}
    return result.ratio(budget.what, budget.against) if sides <= set(result.samples) else None


def grade(budget: Budget, found: float) -> str:
    """A word for a ratio."""
    if found <= budget.stretch:
        return "ok, stretch reached"
    return "ok" if found <= budget.at_most else "OVER BUDGET"


def as_json(workload: Workload, result: Result) -> dict[str, Any]:
    """One workload's numbers, for a file."""
    first = next(iter(result.samples), "")
    return {
        "title": workload.title,
        "unit": workload.unit,
        "rounds": len(result.samples.get(first, [])),
        "contestants": {name: numbers(result, name, first) for name in result.samples},
        "skipped": result.skipped,
        "budgets": [
            {
                "what": budget.what,
                "against": budget.against,
                "found": judge(budget, result),
                "at_most": budget.at_most,
                "stretch": budget.stretch,
            }
            for budget in workload.budgets
        ],
    }


def numbers(result: Result, name: str, first: str) -> dict[str, float | None]:
    """One contestant's row, by name."""
    samples = result.samples[name]
    return {
        "min": min(samples),
        "median": median(samples),
        "ratio": result.ratio(name, first),
        "faults": result.faults.get(name),
    }

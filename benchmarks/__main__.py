"""Command line: `python -m benchmarks [--only NAME] [--seconds S] [--check | --guard] ...`."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from . import page
from .check import check
from .guard import guard
from .measure import Workload
from .pinning import conditions, pin
from .report import as_json, table

MODULES = [
    "lab_step", "lab_loop", "logistic_step", "mlp", "conv", "elementwise", "scalars", "hvp",
    "examples", "chain", "sizes", "memory", "import_time",
]  # fmt: skip


def main() -> None:
    """Measure the chosen workloads, or check that their contestants agree."""
    arguments = parse()
    pin()
    chosen = workloads(arguments.only)
    if not chosen:
        sys.exit(f"no workload is called {' or '.join(arguments.only)}; --list shows them all")
    if arguments.page:
        say(*(f"wrote {path}" for path in page.write(arguments.page)))
    elif arguments.list:
        say(*(f"{each.name:<16}{each.title}" for each in chosen))
    elif arguments.check:
        check_all(chosen)
    elif arguments.guard:
        guard_all(chosen)
    else:
        measure_all(chosen, arguments.seconds, arguments.json)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", metavar="NAME", nargs="+", default=[], help="workloads whose names start so"
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="CPU time a workload (default %(default)s)"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the numbers here")
    parser.add_argument(
        "--check", action="store_true", help="time nothing: assert that contestants agree"
    )
    parser.add_argument(
        "--guard", action="store_true", help="fail if something costs twice what is usual"
    )
    parser.add_argument(
        "--page", metavar="FILE", type=Path, help="write docs/ from the numbers --json wrote"
    )
    parser.add_argument("--list", action="store_true", help="name the workloads and stop")
    return parser.parse_args()


def workloads(only: list[str]) -> list[Workload]:
    """The workloads whose names start with one of `only` (all of them if it is empty)."""
    modules = [import_module(f".{name}", __package__) for name in MODULES]
    every = [workload for module in modules for workload in module.WORKLOADS]
    return [each for each in every if not only or each.name.startswith(tuple(only))]


def check_all(chosen: list[Workload]) -> None:
    """Print how far apart the contestants of each workload end; stop at the first too far."""
    for workload in chosen:
        say(f"\n{workload.name}: {workload.title}", *(f"  {line}" for line in check(workload)))


def guard_all(every: list[Workload]) -> None:
    """Print the ratios that are guarded; exit with an error if one is over its limit."""
    failed = False
    for line, kept in guard(every):
        say(line if kept else f"{line}: TOO SLOW")
        failed |= not kept
    sys.exit(int(failed))


def measure_all(chosen: list[Workload], seconds: float, file: Path | None) -> None:
    """Print a table for each workload as soon as it is measured; write them all to `file`."""
    say(*(f"{key}: {value}" for key, value in conditions().items()))
    tables = {}
    for workload in chosen:
        result = workload.measure(seconds)
        say(*table(workload, result))
        tables[workload.name] = as_json(workload, result)
    if file is not None:
        text = json.dumps({"conditions": conditions(), "workloads": tables}, indent=2)
        file.write_text(text + "\n", encoding="utf-8")


def say(*lines: str) -> None:
    """Print lines at once: a long run shows each table when it is done."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()

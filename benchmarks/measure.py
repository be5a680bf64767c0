"""How contestants are compared: interleaved chunks, process CPU time, ratios within a round.

A machine's speed drifts by tens of percent within seconds. Contestants therefore take turns in
chunks of some 20 ms, in rotating order, and are compared round by round: the median of those
ratios repeats to 1-3 % where the times themselves do not.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

CHUNK = 0.02  # seconds of CPU time a turn
FEWEST_ROUNDS = 3


@dataclass(frozen=True)
class Run:
    """A contestant, ready to go: one step of its work, and the arrays that work has led to."""

    step: Callable[[], object]
    state: Callable[[], Sequence[Any]]


@dataclass(frozen=True)
class Budget:
    """The most that `what` may cost, as a multiple of `against` (None: in the workload's unit)."""

    what: str
    against: str | None
    at_most: float
    stretch: float


@dataclass
class Result:
    """Samples of every contestant, round by round; those that could not run, with the reason."""

    samples: dict[str, list[float]] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def ratio(self, what: str, against: str | None) -> float:
        """Median of the ratios of one round each; against None, the median itself."""
        if against is None:
            return median(self.samples[what])
        pairs = zip(self.samples[what], self.samples[against], strict=True)
        return median(ours / theirs for ours, theirs in pairs)


@dataclass(frozen=True)
class Workload:
    """One table of the report: contestants that compute the same thing, and their budgets."""

    name: str
    title: str
    contestants: Mapping[str, Callable[[], Run]]
    budgets: Sequence[Budget] = ()
    unit: str = "us/step"
    steps: int = 1  # units of work in one call of `step`
    tolerance: float = 1e-9  # between the states of two contestants
    check_steps: int = 20
    take: Callable[[Workload, float], Result] | None = None  # None: interleaved CPU time

    def measure(self, seconds: float) -> Result:
        """Samples gathered for about so many seconds."""
        return (self.take or interleave)(self, seconds)


def start(contestants: Mapping[str, Callable[[], Run]]) -> tuple[dict[str, Run], dict[str, str]]:
    """Every contestant whose library is installed, and the reason for each other one."""
    runs: dict[str, Run] = {}
    skipped: dict[str, str] = {}
    for name, make in contestants.items():
        try:
            runs[name] = make()
        except ImportError as error:
            skipped[name] = str(error).partition(" (")[0]
    return runs, skipped


def interleave(workload: Workload, seconds: float) -> Result:
    """Time all contestants in turns: microseconds of CPU time for each unit of work."""
    runs, skipped = start(workload.contestants)
    counts = {name: calibrate(run.step) for name, run in runs.items()}
    gc.collect()
    gc.freeze()  # the objects of imported libraries are no contestant's garbage to walk through
    result = Result({name: [] for name in runs}, dict.fromkeys(runs, 0.0), skipped)
    end = time.process_time() + seconds
    order = list(runs)
    rounds = 0
    while time.process_time() < end or rounds < FEWEST_ROUNDS:
        for name in order:
            units = counts[name] * workload.steps
            cpu, faults = turn(runs[name].step, counts[name])
            result.samples[name].append(cpu / units * 1e6)
            result.faults[name] += faults / counts[name]
        order.append(order.pop(0))
        rounds += 1
    result.faults = {name: total / rounds for name, total in result.faults.items()}
    gc.unfreeze()
    return result


def turn(step: Callable[[], object], count: int) -> tuple[float, int]:
    """CPU seconds and minor page faults of `count` steps."""
    before = page_faults()
    began = time.process_time()
    for _ in range(count):
        step()
    return time.process_time() - began, page_faults() - before


def calibrate(step: Callable[[], object]) -> int:
    """Steps that fill one chunk, found after the step has warmed up (compiled, cached)."""
    step()
    count = 1
    while (cpu := turn(step, count)[0]) < CHUNK / 2:
        count = max(2 * count, int(count * CHUNK / max(cpu, 1e-4)) // 2)
    return max(1, round(count * CHUNK / cpu))


def page_faults() -> int:
    """Minor page faults of this process so far (0 where the system does not count them)."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

"""Has something become slow by mistake? A few ratios, each held under a generous limit.

A ratio of two contestants of one run does not depend on the machine's speed, and little on its
load. The limits are about twice what is usual: they catch a hot path that was lost, not a few
percent. What exceeds its limit is measured again, longer, before it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from .measure import Workload

SECONDS = 1.0, 3.0, 6.0  # of CPU time: each only if the one before was over the limit


class Guard(NamedTuple):
    """The most that ``what`` may ever cost, as a multiple of ``against``."""

    workload: str
    what: str
    against: str
    limit: float


LAB, OURS = "numpy, as the lab writes it", "micrograd_np .backward()"
GUARDS = [
    Guard("lab_step", OURS, LAB, 3.0),
    Guard("lab_step", "  the same, loss compiled", LAB, 1.6),
    Guard("lab_step", "micrograd_np value_and_grad", LAB, 3.5),
    Guard("lab_step", "micrograd_np jit", "numpy, optimised by hand", 1.4),
    Guard("lab_loop", "micrograd_np jit(scan)", LAB, 0.06),
    Guard("mlp_float32", OURS, "numpy by hand", 2.2),
    Guard("hvp", "micrograd_np hvp", "numpy by hand", 38),
    Guard("chain_9k", OURS, "numpy by hand", 5.5),
]


def guard(workloads: Iterable[Workload]) -> Iterator[tuple[str, bool]]:
    """For each guard a line that tells the ratio, and whether the limit was kept."""
    by_name = {workload.name: workload for workload in workloads}
    for each in GUARDS:
        workload = only(by_name[each.workload], each.against, each.what)
        for seconds in SECONDS:
            found = workload.measure(seconds).ratio(each.what, each.against)
            if found <= each.limit:
                break
        what = f"{each.workload}: {each.what.strip()} / {each.against}"
        yield f"{what}: {found:.2f} (at most {each.limit:g})", found <= each.limit


def only(workload: Workload, *names: str) -> Workload:
    """A workload with these contestants alone."""
    return replace(workload, contestants={name: workload.contestants[name] for name in names})

"""Do all contestants of a workload compute the same thing? Compared after a few steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .measure import Run, Workload, start


def check(workload: Workload) -> list[str]:
    """One line a contestant: its distance from the first one; AssertionError if too far."""
    runs, skipped = start(workload.contestants)
    states = {name: after(run, workload.check_steps) for name, run in runs.items()}
    first = next(iter(states), "")
    lines = []
    for name in states:
        apart = distance(states[first], states[name])
        if not apart <= workload.tolerance:
            raise AssertionError(
                f"{workload.name}: {name!r} and {first!r} differ by {apart:.2g} after "
                f"{workload.check_steps} steps; at most {workload.tolerance:g} is allowed"
            )
        lines.append(f"{name}: within {apart:.1e}")
    return lines + [f"{name}: skipped ({why})" for name, why in skipped.items()]


def after(run: Run, steps: int) -> list[Any]:
    """The arrays of a contestant after so many steps, copied."""
    import numpy as np

    for _ in range(steps):
        run.step()
    return [np.array(array, dtype=np.float64) for array in run.state()]


def distance(expected: Sequence[Any], found: Sequence[Any]) -> float:
    """Largest difference of two lists of arrays, as a fraction of each array's largest entry."""
    import numpy as np

    pairs = list(zip(expected, found, strict=True))
    if any(x.shape != y.shape for x, y in pairs):
        raise AssertionError(f"shapes differ: {[(x.shape, y.shape) for x, y in pairs]}")
    return max(float(np.max(np.abs(x - y)) / np.max(np.abs(x))) for x, y in pairs)

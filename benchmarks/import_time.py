"""What `import micrograd_np` costs beyond `import numpy`, each time in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from .measure import FEWEST_ROUNDS, Budget, Result, Workload

LIBRARIES = ["micrograd_np", "autograd", "mygrad", "torch", "jax"]
PROGRAM = """
import numpy, time
began = time.process_time()
import {library}
print((time.process_time() - began) * 1e3)
"""


def take(_workload: Workload, seconds: float) -> Result:
    """Milliseconds of CPU time of each import, in turns; a first round fills the caches."""
    result = Result()
    for library in LIBRARIES:
        try:
            once(library)
        except ImportError as error:
            result.skipped[library] = str(error)
        else:
            result.samples[library] = []
    end = time.monotonic() + seconds
    rounds = 0
    while result.samples and (time.monotonic() < end or rounds < FEWEST_ROUNDS):
        for library, samples in result.samples.items():
            samples.append(once(library))
        rounds += 1
    return result


def once(library: str) -> float:
    """Milliseconds of one import; ImportError where it does not import."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(library=library)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},  # compiled once, as if installed
        check=False,
    )
    if done.returncode:
        raise ImportError(done.stderr.strip().rpartition("\n")[2].partition(" (")[0])
    return float(done.stdout)


WORKLOADS = [
    Workload(
        name="import_time",
        title="importing a library after numpy",
        contestants={},
        budgets=[Budget("micrograd_np", None, 10.0, 4.0)],
        unit="ms",
        take=take,
    )
]

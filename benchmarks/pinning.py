"""One CPU and one thread for this process, asked for before NumPy is imported."""

from __future__ import annotations

import os
import platform
import sys

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def pin() -> None:
    """Restrict this process and its children to one CPU and one thread."""
    if "numpy" in sys.modules:
        raise RuntimeError("pin() must run before NumPy is imported: BLAS reads its threads once")
    os.environ.update(ONE_THREAD)
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def conditions() -> dict[str, str]:
    """Where this run happens: what a reader needs to judge its numbers."""
    pinned = "one CPU" if sys.platform == "linux" else "not pinned"
    load = f"{os.getloadavg()[0]:.1f}" if sys.platform != "win32" else "unknown"
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "pinned": f"{pinned}, one thread",
        "blas": blas(),
        "load": load,
    }


def blas() -> str:
    """The kernels that NumPy's BLAS runs: they decide what a matrix product costs."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown kernels: pip install threadpoolctl"
    found = {
        f"{each['internal_api']} {each.get('architecture', '')}".strip()
        for each in threadpool_info()
        if each["user_api"] == "blas"
    }
    asked = os.environ.get("OPENBLAS_CORETYPE")
    kernels = ", ".join(sorted(found)) or "unknown kernels"
    return f"{kernels} by OPENBLAS_CORETYPE" if asked else kernels

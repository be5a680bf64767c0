"""How the C library treats freed memory: an option for work on large arrays. Floor 0."""

from __future__ import annotations

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
KEPT = 1 << 30  # bytes


def tune_malloc() -> bool:
    """Let the process keep freed memory for its next arrays, up to 1 GiB; tell whether it could.

    glibc gives large blocks back to the system as soon as they are free, and the next array's pages
    are faulted in anew. A training step that frees its graph pays for that at every step. Call this
    once, before the work; it holds for the whole process, and changes no result.

    Returns
    -------
    bool
        False where the C library is another one than glibc (macOS, Windows, musl, Pyodide), and
        nothing was changed.

    Notes
    -----
    The same from outside: ``MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=1073741824``
    in the environment. See mallopt(3).

    Examples
    --------
    >>> import sys
    >>> mg.tune_malloc() or sys.platform != "linux" or "musl" in sys.version.lower()
    True
    """
    import ctypes

    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 (asked for, to see whether it is glibc)
    except (AttributeError, OSError, TypeError):
        return False
    kept = [library.mallopt(option, KEPT) for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD)]
    return all(kept)

"""Rendering: from DOT to SVG, PNG and PDF, by pygraphviz or the dot program. Floor 8."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ..errors import DrawError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = ("svg", "png", "pdf")
SUFFIXES = (*FORMATS, "dot", "html")
PATIENCE = 60  # seconds that the dot program may take
_one_at_a_time = Lock()  # the library is not safe in threads


def rendered(source: str, form: str) -> bytes:
    """Return DOT text laid out and drawn as svg, png or pdf.

    Raises
    ------
    MissingExtraError
        If neither the pygraphviz package nor the ``dot`` program is installed.
    DrawError
        If the program fails.
    """
    try:
        import pygraphviz
    except ImportError as error:
        return by_program(source, form, error)
    with _one_at_a_time, quiet():
        drawn: bytes = pygraphviz.AGraph(string=source).draw(format=form, prog="dot")
    return drawn


def by_program(source: str, form: str, unloaded: ImportError) -> bytes:
    """Return what the ``dot`` program draws; the text goes through a pipe, no shell, no file."""
    program = shutil.which("dot")
    if program is None:
        way = 'pip install "micrograd_np[draw]" (a wheel that contains it) or apt install graphviz'
        if not isinstance(unloaded, ModuleNotFoundError):
            way = f"pygraphviz does not load ({unloaded}). apt install graphviz"
        raise MissingExtraError(
            f"drawing needs Graphviz: {way} (the program). Without it .dot and .text() still work."
        )
    command = [program, f"-T{form}"]
    try:
        done = subprocess.run(
            command, input=source.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise DrawError(f"dot took more than {PATIENCE} s. Draw a part of the graph.") from None
    if done.returncode:
        raise DrawError(f"dot failed: {done.stderr.decode(errors='replace').strip()[:300]}")
    return done.stdout


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what the library writes to stderr, and pass on all but fontconfig's warnings."""
    try:
        saved = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    with tempfile.TemporaryFile() as held:
        try:
            os.dup2(held.fileno(), 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            words = held.read().decode(errors="replace").splitlines()
            for line in words:
                if line.strip() and "fontconfig" not in line.lower():
                    print(line, file=sys.stderr)  # noqa: T201 (Graphviz's own words)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def checked_path(path: str | os.PathLike[str], suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """Return the path to save to, if its suffix is known and its folder exists."""
    target = Path(path)
    if target.suffix.lower()[1:] not in suffixes:
        known = " or ".join(", ".join(f".{s}" for s in suffixes).rsplit(", ", 1))
        raise DrawError(f"save: the path ends in {known}, not in {target.suffix or target.name!r}.")
    if not target.parent.is_dir():
        raise DrawError(f"save: there is no folder {str(target.parent)!r}. Make it first.")
    if target.is_dir():
        raise DrawError(f"save: {str(target)!r} is a folder. Give the name of a file.")
    return target

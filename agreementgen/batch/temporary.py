"""One folder for all temporary files of a run, known to the next run: what a killed run leaves behind is cleared away.

WeasyPrint lays fonts into folders of its own below it, in this process and its workers.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agreementgen.batch.disk import writable
from agreementgen.batch.journal import FOLDER

_FILE = "temporary"
# In bytes: with our folder and a socket in it, it stays below the 104 that the strictest system takes.
_LONGEST = 58
_NAME = re.compile(r"agreementgen-[0-9a-f]{12}")


@contextmanager
def own(folder: Path) -> Iterator[None]:
    """Let this process and those it starts use one temporary folder, remembered in the batch's `folder`."""
    there = folder / FOLDER / _FILE
    clear(folder)
    path = Path(_short()) / f"agreementgen-{secrets.token_hex(6)}"
    # Written down first: a run may be killed as soon as the folder is there.
    with writable(folder):
        there.write_text(str(path), encoding="utf-8")
        path.mkdir(mode=0o700)
    usual, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(path)
    # The library has a folder of its own for sockets, which it would look for at its very end.
    processes: dict[str, str] = vars(multiprocessing.current_process())["_config"]
    processes["tempdir"] = str(path)
    try:
        yield
    finally:
        processes.pop("tempdir", None)
        tempfile.tempdir = usual
        if variable is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = variable
        clear(folder)


def _short() -> str:
    """Return the system's folder for temporary files, or another where its name is too long for sockets in it."""
    usual = tempfile.gettempdir()
    return next((folder for folder in (usual, "/tmp", "/var/tmp") if _fits(folder)), usual)


def _fits(folder: str) -> bool:
    return len(os.fsencode(folder)) <= _LONGEST and os.access(folder, os.W_OK)


def clear(folder: Path) -> None:
    """Remove the temporary folder of a run that was killed."""
    there = folder / FOLDER / _FILE
    try:
        path = Path(there.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    # Nothing else is ever removed, whatever stands in that file.
    if _NAME.fullmatch(path.name) and path.is_absolute() and path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with writable(folder):
        there.unlink(missing_ok=True)

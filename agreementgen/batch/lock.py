"""One run at a time in a folder. The system frees the lock when a run ends, however it ends."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

from agreementgen.batch.disk import writable
from agreementgen.batch.journal import FOLDER
from agreementgen.errors import InputError, Place, Problem
from agreementgen.write.save import alive

_LOCK, _HOLDER = "lock", "process"
# A run that has just taken the lock has not yet written down who it is.
_PATIENCE = 1.0


class Lock:
    """Keeps other batches out of `folder`, which is there; raise InputError that names the process holding it.

    The number stands in a file of its own: a locked file cannot be read on Windows.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        self.folder = folder
        self.holder = folder / FOLDER / _HOLDER
        self.lock = FileLock(folder / FOLDER / _LOCK, timeout=0)

    def __enter__(self) -> Lock:
        from filelock import Timeout

        with writable(self.folder):
            try:
                self.lock.acquire()
            except Timeout:
                hint = "wait until it has ended, or choose another folder with -o"
                message = f"another batch is writing into this folder: process {self._number()}"
                raise InputError(Problem(message, hint, "", Place(str(self.folder)))) from None
            try:
                self.holder.write_text(str(os.getpid()), encoding="ascii")
            except BaseException:
                self.lock.release()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with writable(self.folder):
                self.holder.unlink(missing_ok=True)
        finally:
            self.lock.release()

    def _number(self) -> str:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                number = self.holder.read_text(encoding="ascii").strip()
            except (OSError, ValueError):
                number = ""
            if number.isdecimal() and alive(int(number)):
                return number
            if time.monotonic() > end:
                return "unknown"
            time.sleep(0.02)

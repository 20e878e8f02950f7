"""Things that go wrong at a chosen moment: the process is killed, or the disk fails, at the n-th change of a folder.

Python announces each opening, renaming and removing of a file to audit hooks: no code of ours is replaced.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agreementgen.batch.workers import WorkerPool

# Which of an event's arguments are paths that change.
_CHANGES = {"os.rename": (0, 1), "os.link": (1,), "os.remove": (0,), "os.mkdir": (0,), "os.rmdir": (0,), "open": (0,)}
Act = Callable[[str, list[str]], None]
# What goes on a full disk.
_FREEING = ("os.remove", "os.rmdir")


class Hook:
    """Counts the changes below `folder`; calls `act` with the event at each from the `at`-th on."""

    def __init__(self) -> None:
        self.folder, self.at, self.count = "", 0, 0
        self.act: Act | None = None
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.act is None or event not in _CHANGES:
            return
        if event == "open" and not _writes(arguments):
            return
        paths = [arguments[index] for index in _CHANGES[event]]
        if not any(isinstance(path, (str, os.PathLike)) and str(path).startswith(self.folder) for path in paths):
            return
        self.count += 1
        if self.count >= self.at:
            self.act(event, [str(path) for path in paths])

    @contextmanager
    def failing(self, folder: Path, at: int, act: Act) -> Iterator[None]:
        self.folder, self.at, self.count, self.act = str(folder), at, 0, act
        try:
            yield
        finally:
            self.act = None


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


hook = Hook()


def dies(event: str, paths: list[str]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupts(event: str, paths: list[str]) -> None:
    hook.act = None
    raise KeyboardInterrupt


def is_full(event: str, paths: list[str]) -> None:
    if event not in _FREEING:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fails(number: int) -> Act:
    """Return what fails once, with an error of the system, and works the next time."""

    def act(event: str, paths: list[str]) -> None:
        if hook.count == hook.at:
            raise OSError(number, os.strerror(number), paths[0])

    return act


def is_read_only(event: str, paths: list[str]) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def is_held(name: str) -> Act:
    def act(event: str, paths: list[str]) -> None:
        if event == "os.rename" and paths[1].endswith(name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    return act


def forked(work: Callable[[], None], largest: int | None = None) -> int:
    """Run `work` in a process of its own, which writes no file over `largest` bytes; return how it ended.

    0 for well, 1 for an exception, a negative number for a signal.
    """
    with warnings.catch_warnings():
        # Later versions of Python remark on threads of the test runner; the child uses none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        if largest is not None:
            import resource

            # Python would keep modules that are cut in the middle.
            sys.dont_write_bytecode = True
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        work()
        status = 0
    finally:
        os._exit(status)


class Remembering(Executor):
    """Does each order once and answers from memory afterwards, so that hundreds of runs take seconds."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if (fn, args) not in self.known:
            self.known[fn, args] = fn(*args)
        future.set_result(self.known[fn, args])
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stays open for the next run."""

    def crew(self, _: int) -> WorkerPool:
        return WorkerPool(lambda: self, 1)

"""Workers on this machine: processes forked from one that was warmed up, or this process itself.

Such workers share the memory of the one they were forked from. They end when the batch ends, even if it is killed,
and Ctrl-C reaches the batch alone, which then ends them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

from agreementgen.batch import warm
from agreementgen.batch.running import Crew

P = ParamSpec("P")
T = TypeVar("T")
# Apple's font libraries do not survive a fork, and Windows has none: there each worker warms up for itself.
_FORKING = sys.platform.startswith("linux")


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def crew(jobs: int) -> Crew:
    """Return `jobs` worker processes; with 0, the work is done in this one."""
    if not jobs:
        return Crew(Here, 1)
    return Crew(lambda: _pool(jobs), 2 * jobs)


class Here(Executor):
    """Does the work at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        # What the work raises is a mistake of ours, and an interruption must not be swallowed: both go up.
        future.set_result(fn(*args, **kwargs))
        return future


def _pool(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver" if _FORKING else "spawn")
    if _FORKING:
        context.set_forkserver_preload(["agreementgen.batch.preload"])
    with _undisturbed():
        if _FORKING:
            # Started here, with Ctrl-C blocked: it and all its children then never see one.
            from multiprocessing import forkserver

            forkserver.ensure_running()
        return ProcessPoolExecutor(jobs, context, initializer=_begin)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Block Ctrl-C in this thread, and so in the processes it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Begin as a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    warm.ready_or_not()


def _follow(sentinel: Any) -> None:
    """End this process when the batch has ended."""
    connection.wait([sentinel])
    os._exit(1)

"""Workers of a batch: in this process, in processes of this machine, or on a Dask cluster.

All are executors of concurrent.futures. They get orders a few at a time, and none is lost when a worker dies. Worker
processes are forked from one that was warmed up, share its memory, and end when the batch ends, even if it is killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

from agreementgen.batch import worker
from agreementgen.core.problems import InputError, Place, Problem

OrderT = TypeVar("OrderT")
AnswerT = TypeVar("AnswerT")
P = ParamSpec("P")
T = TypeVar("T")
# An order is given up when so many workers died of it alone: one may have been killed by chance.
_ATTEMPTS_ALONE = 2
# So many deals one after the other, each alone, with never an answer: it is not the deals.
_FAILURES_WITHOUT_ANSWER = 5
# Apple's font libraries do not survive a fork, and Windows has none: there each worker warms up for itself.
_FORKING = sys.platform.startswith("linux")


@dataclass(frozen=True)
class WorkerPool:
    """Workers: how to get an executor (again, where the last one broke), and how much it is given at a time.

    `window` tasks of `chunk` orders each are outstanding at most, so memory does not grow with the batch.
    """

    open_executor: Callable[[], Executor]
    window: int
    chunk: int = 1


def run_orders(
    work: Callable[[Sequence[OrderT]], list[AnswerT]],
    answer_for_lost: Callable[[OrderT, BaseException], AnswerT],
    orders: Iterable[OrderT],
    pool: WorkerPool,
) -> Generator[AnswerT, None, None]:
    """Yield the answers of `work` to `orders` as they come; it answers several and raises nothing.

    A worker that dies takes what else was on its way with it: each of these is then tried alone, so that only the
    order that kills its worker is lost; `answer_for_lost` answers for it. Raise InputError where no order comes back at
    all.
    """
    waiting = iter(orders)
    executor = pool.open_executor()
    outstanding: dict[Future[list[AnswerT]], Sequence[OrderT]] = {}
    chunk: Sequence[OrderT]
    answered = failed = 0
    try:
        while True:
            broken: list[OrderT] = []
            while len(outstanding) < pool.window and not broken and (chunk := tuple(islice(waiting, pool.chunk))):
                try:
                    outstanding[executor.submit(work, chunk)] = chunk
                except RuntimeError:  # it broke between two tasks
                    broken += chunk
            if not outstanding and not broken:
                return
            # After a breakdown everything outstanding comes back: done, or broken too.
            done = wait(outstanding, return_when=FIRST_COMPLETED).done if not broken else wait(outstanding).done
            if any(_error_of(future) for future in done):
                done = wait(outstanding).done
            for future in done:
                chunk = outstanding.pop(future)
                if _error_of(future):
                    broken += chunk
                    continue
                answered += len(chunk)
                yield from future.result()
            if broken:
                executor.shutdown(wait=False)
                executor = pool.open_executor()
            for order in broken:
                error: BaseException | None = None
                for _ in range(_ATTEMPTS_ALONE):
                    future = executor.submit(work, (order,))
                    outstanding[future] = (order,)
                    wait(outstanding)
                    del outstanding[future]
                    error = _error_of(future)
                    if error is None:
                        answered += 1
                        yield from future.result()
                        break
                    executor.shutdown(wait=False)
                    executor = pool.open_executor()
                if error is not None:
                    failed += 1
                    if failed >= _FAILURES_WITHOUT_ANSWER and not answered:
                        message = f"no worker answers ({type(error).__name__}: {error}".split("\n")[0] + ")"
                        raise InputError(Problem(message, "run it with -j 1 to see more", code="worker-died"))
                    yield answer_for_lost(order, error)
    finally:
        # Not "cancel_futures": not every executor knows it.
        for future in outstanding:
            future.cancel()
        executor.shutdown(wait=False)


def _error_of(future: Future[list[AnswerT]]) -> BaseException | None:
    """Return why a finished task has no answers, None where it has."""
    return CancelledError() if future.cancelled() else future.exception()


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# -- workers on this machine


def make_local_pool(jobs: int) -> WorkerPool:
    """Return `jobs` worker processes; with 0, the work is done in this one."""
    if not jobs:
        return WorkerPool(InlineExecutor, 1)
    return WorkerPool(lambda: _open_process_pool(jobs), 2 * jobs)


class InlineExecutor(Executor):
    """Does the work at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        # What the work raises is a mistake of ours, and an interruption must not be swallowed: both go up.
        future.set_result(fn(*args, **kwargs))
        return future


def _open_process_pool(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("forkserver" if _FORKING else "spawn")
    if _FORKING:
        context.set_forkserver_preload(["agreementgen.batch.preload"])
    with _interrupts_blocked(), _current_folder_off_path():
        if _FORKING:
            # Started here, with Ctrl-C blocked: it and all its children then never see one.
            from multiprocessing import forkserver

            forkserver.ensure_running()
        return ProcessPoolExecutor(jobs, context, initializer=_begin_worker)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C in this thread, and so in the processes it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _current_folder_off_path() -> Iterator[None]:
    """Let Python processes that are started meanwhile import nothing from the current folder.

    The fork server is a `python -c`, which looks there first: a user's folder "agreementgen" would be the program.
    """
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _begin_worker() -> None:
    """Begin as a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with_parent, args=(parent.sentinel,), daemon=True).start()
    worker.warm_up_if_possible()


def _exit_with_parent(sentinel: int) -> None:
    """End this process when the batch has ended."""
    connection.wait([sentinel])
    os._exit(1)


# -- workers of a Dask cluster: deals go there as texts and come back as documents, no disk need be shared

# A task costs the scheduler a few milliseconds: deals go in chunks, but every worker gets some.
_CLUSTER_CHUNK = 20
_CONNECT_SECONDS = 8
_ADDRESS = re.compile(r"[a-z]+://[^\s/]+:\d{1,5}")
_ADDRESS_HINT = "it looks like tcp://host:8786"


@contextmanager
def connect_cluster(address: str) -> Iterator[Callable[[int], WorkerPool]]:
    """Return what makes a pool, for so many deals, of the workers of the scheduler at `address`.

    Raise InputError where Dask is not installed, nobody answers, or there are no workers.
    """
    try:
        import distributed
    except ImportError:
        hint = 'install it with: pip install "agreementgen[dask]"'
        raise _cluster_error("Dask is not installed here", hint, "dask-missing") from None
    # What it logs is said by us, once, and with what to do.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if not _ADDRESS.fullmatch(address):
        raise _cluster_error(f'"{address}" is not the address of a scheduler', _ADDRESS_HINT, "unreadable")
    try:
        client: Any = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        hint = f"is it running, and is the address right? {_ADDRESS_HINT}"
        raise _cluster_error(f"no scheduler answers at {address}", hint, "cluster-gone") from None
    with client:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            hint = "start some: dask worker ADDRESS --nworkers 4 --nthreads 1"
            raise _cluster_error(f"the scheduler at {address} has no workers", hint, "cluster-gone")

        def open_executor() -> Executor:
            if client.status != "running":
                hint = "run the same command again when it is back: what was built stays"
                raise _cluster_error(f"the scheduler at {address} is gone", hint, "cluster-gone")
            executor: Executor = client.get_executor(pure=False)
            return executor

        def make_pool(deals: int) -> WorkerPool:
            return WorkerPool(open_executor, 2 * workers, max(1, min(_CLUSTER_CHUNK, -(-deals // (2 * workers)))))

        yield make_pool


def _cluster_error(message: str, hint: str, code: str) -> InputError:
    return InputError(Problem(message, hint, place=Place("--scheduler"), code=code))

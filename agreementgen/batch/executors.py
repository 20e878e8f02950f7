"""Orders through an executor, any of concurrent.futures: a few at a time, and none lost when a worker dies.

Workers on this machine: processes forked from one that was warmed up, or this process itself.

Such workers share the memory of the one they were forked from. They end when the batch ends, even if it is killed,
and Ctrl-C reaches the batch alone, which then ends them.

Workers of a Dask cluster. Deals go there as texts and come back as documents: no disk need be shared.
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
from typing import Any, Generic, ParamSpec, TypeVar

from agreementgen.batch import worker
from agreementgen.core.problems import InputError, Place, Problem

OrderT = TypeVar("OrderT")
AnswerT = TypeVar("AnswerT")
# An order is given up when so many workers died of it alone: one may have been killed by chance.
_ATTEMPTS_ALONE = 2
# So many deals one after the other, each alone, with never an answer: it is not the deals.
_FAILURES_WITHOUT_ANSWER = 5


@dataclass(frozen=True)
class WorkerPool:
    """Workers: how to get an executor (again, where the last one broke), how much it is given at a time.

    `window` tasks of `chunk` orders each are outstanding at most, so memory does not grow with the batch. `hint` is
    what to do where none of them answers.
    """

    open_executor: Callable[[], Executor]
    window: int
    chunk: int = 1
    hint: str = "run it with -j 1 to see more"


@dataclass(frozen=True)
class WorkerTask(Generic[OrderT, AnswerT]):
    """What is done with orders: `work` answers several and raises nothing; `lost` answers for a worker that died."""

    work: Callable[[Sequence[OrderT]], list[AnswerT]]
    answer_for_lost: Callable[[OrderT, BaseException], AnswerT]


def run_orders(
    job: WorkerTask[OrderT, AnswerT], orders: Iterable[OrderT], crew: WorkerPool
) -> Generator[AnswerT, None, None]:
    """Yield the answers to `orders` as they come.

    A worker that dies takes what else was on its way with it: each of these is then tried alone, so that only the
    order that kills its worker is lost. Raise InputError where no order comes back at all.
    """
    waiting = iter(orders)
    executor = crew.open_executor()
    out: dict[Future[list[AnswerT]], Sequence[OrderT]] = {}
    part: Sequence[OrderT]
    answered = failed = 0
    try:
        while True:
            broken: list[OrderT] = []
            while len(out) < crew.window and not broken and (part := tuple(islice(waiting, crew.chunk))):
                try:
                    out[executor.submit(job.work, part)] = part
                except RuntimeError:  # it broke between two tasks
                    broken += part
            if not out and not broken:
                return
            # After a breakdown everything outstanding comes back: done, or broken too.
            done = wait(out, return_when=FIRST_COMPLETED).done if not broken else wait(out).done
            if any(future.cancelled() or future.exception() for future in done):
                done = wait(out).done
            for future in done:
                part = out.pop(future)
                if future.cancelled() or future.exception():
                    broken += part
                    continue
                answered += len(part)
                yield from future.result()
            if broken:
                executor.shutdown(wait=False)
                executor = crew.open_executor()
            for order in broken:
                error: BaseException | None = None
                for _ in range(_ATTEMPTS_ALONE):
                    future = executor.submit(job.work, (order,))
                    out[future] = (order,)
                    wait(out)
                    del out[future]
                    error = CancelledError() if future.cancelled() else future.exception()
                    if error is None:
                        answered += 1
                        yield from future.result()
                        break
                    executor.shutdown(wait=False)
                    executor = crew.open_executor()
                if error is not None:
                    failed += 1
                    if failed >= _FAILURES_WITHOUT_ANSWER and not answered:
                        hint = "run it with -j 1 to see more"
                        raise InputError(Problem(f"no worker answers ({_describe_error(error)})", hint))
                    yield job.answer_for_lost(order, error)
    finally:
        # Not "cancel_futures": not every executor knows it.
        for future in out:
            future.cancel()
        executor.shutdown(wait=False)


def _describe_error(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0]


P = ParamSpec("P")
T = TypeVar("T")
# Apple's font libraries do not survive a fork, and Windows has none: there each worker warms up for itself.
_FORKING = sys.platform.startswith("linux")


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    with _interrupts_blocked():
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


def _begin_worker() -> None:
    """Begin as a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with_parent, args=(parent.sentinel,), daemon=True).start()
    worker.warm_up_if_possible()


def _exit_with_parent(sentinel: Any) -> None:
    """End this process when the batch has ended."""
    connection.wait([sentinel])
    os._exit(1)


# A task costs the scheduler a few milliseconds: deals go in chunks, but every worker gets some.
_CLUSTER_CHUNK = 20
_CONNECT_SECONDS = 8
_INSTALL_HINT = 'install it with: pip install "agreementgen[dask]"'
_ADDRESS = re.compile(r"[a-z]+://[^\s/]+:\d{1,5}")
_ADDRESS_HINT = "it looks like tcp://host:8786"
_SAME_VERSION_HINT = "the workers need the same version of agreementgen, with its packs in the same places"


@contextmanager
def connect_cluster(address: str) -> Iterator[Callable[[int], WorkerPool]]:
    """Return what makes a crew, for so many deals, of the workers of the scheduler at `address`.

    Raise InputError where Dask is not installed, nobody answers, or there are no workers.
    """
    place = Place("--scheduler")
    try:
        import distributed
    except ImportError:
        raise InputError(Problem("Dask is not installed here", _INSTALL_HINT, "", place)) from None
    # What it logs is said by us, once, and with what to do.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if not _ADDRESS.fullmatch(address):
        raise InputError(Problem(f'"{address}" is not the address of a scheduler', _ADDRESS_HINT, "", place))
    try:
        client: Any = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        message = f"no scheduler answers at {address}"
        raise InputError(
            Problem(message, f"is it running, and is the address right? {_ADDRESS_HINT}", "", place)
        ) from None
    with client:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            hint = "start some: dask worker ADDRESS --nworkers 4 --nthreads 1"
            raise InputError(Problem(f"the scheduler at {address} has no workers", hint, "", place))

        def crew(deals: int) -> WorkerPool:
            chunk = max(1, min(_CLUSTER_CHUNK, -(-deals // (2 * workers))))
            return WorkerPool(lambda: _open_cluster_executor(client, address), 2 * workers, chunk, _SAME_VERSION_HINT)

        yield crew


def _open_cluster_executor(client: Any, address: str) -> Executor:
    if client.status != "running":
        hint = "run the same command again when it is back: what was built stays"
        raise InputError(Problem(f"the scheduler at {address} is gone", hint, "", Place("--scheduler")))
    executor: Executor = client.get_executor(pure=False)
    return executor

"""Orders through an executor, any of concurrent.futures: a few at a time, and none lost when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from agreementgen.errors import InputError, Problem

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
# An order is given up when so many workers died of it alone: one may have been killed by chance.
_ATTEMPTS = 2
# So many deals one after the other, each alone, with never an answer: it is not the deals.
_HOPELESS = 5


@dataclass(frozen=True)
class Crew:
    """Workers: how to get an executor (again, where the last one broke), how much it is given at a time.

    `window` tasks of `chunk` orders each are outstanding at most, so memory does not grow with the batch. `hint` is
    what to do where none of them answers.
    """

    opened: Callable[[], Executor]
    window: int
    chunk: int = 1
    hint: str = "run it with -j 1 to see more"


@dataclass(frozen=True)
class Job(Generic[Asked, Answered]):
    """What is done with orders: `work` answers several and raises nothing; `lost` answers for a worker that died."""

    work: Callable[[Sequence[Asked]], list[Answered]]
    lost: Callable[[Asked, BaseException], Answered]


def run(job: Job[Asked, Answered], orders: Iterable[Asked], crew: Crew) -> Generator[Answered, None, None]:
    """Yield the answers to `orders` as they come.

    A worker that dies takes what else was on its way with it: each of these is then tried alone, so that only the
    order that kills its worker is lost. Raise InputError where no order comes back at all.
    """
    waiting = iter(orders)
    executor = crew.opened()
    out: dict[Future[list[Answered]], Sequence[Asked]] = {}
    part: Sequence[Asked]
    answered = failed = 0
    try:
        while True:
            broken: list[Asked] = []
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
                executor = crew.opened()
            for order in broken:
                error: BaseException | None = None
                for _ in range(_ATTEMPTS):
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
                    executor = crew.opened()
                if error is not None:
                    failed += 1
                    if failed >= _HOPELESS and not answered:
                        hint = "run it with -j 1 to see more"
                        raise InputError(Problem(f"no worker answers ({_said(error)})", hint))
                    yield job.lost(order, error)
    finally:
        # Not "cancel_futures": not every executor knows it.
        for future in out:
            future.cancel()
        executor.shutdown(wait=False)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0]

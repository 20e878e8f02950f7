"""The work of a batch, and its workers: in this process, in processes of this machine, or on a Dask cluster.

A worker checks deals or builds their documents, and writes no file: documents come back as bytes. All that travels is
plain data, as workers may be on other machines.

All are executors of concurrent.futures. They get orders a few at a time, and none is lost when a worker dies. Worker
processes are forked from one that was warmed up, share its memory, and end when the batch ends, even if it is killed.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice
from multiprocessing import connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from agreementgen import __version__, pipeline
from agreementgen.batch.items import BatchItem, document_paths, read_name_pattern, short_names_in_row
from agreementgen.core.problems import AgreementError, InputError, Place, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix_builder import TableLoader
from agreementgen.dealcheck.judging import check_deal, explain_stops
from agreementgen.dealcheck.reports import sum_up
from agreementgen.library.files import home_folder
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_digest, built_in_library
from agreementgen.packs.layering import open_library
from agreementgen.render.formats import CHART_FORMATS, library_versions
from agreementgen.render.signing import PDF_FIELDS
from agreementgen.sources import list_packs_for, table_loader
from agreementgen.yamlfile.nodes import YamlText

TableContents = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class BuildOptions:
    """What is the same for all deals of a batch: formats, layout, paper ("" for the deal's), packs, pattern of names.

    `folders` gives each deal a folder of its own; `sign` is how documents are made ready to sign, "" for on paper.
    """

    formats: tuple[str, ...] = ("docx", "pdf")
    layout: str = "auto"
    paper: str = ""
    packs: tuple[Path, ...] = ()
    names: str = "{kind}-{parties[1].short}-{effective}"
    folders: bool = False
    sign: str = ""

    @property
    def tells_recipients(self) -> bool:
        """Whether a file beside the documents says who signs."""
        return self.sign not in ("", PDF_FIELDS)


@dataclass(frozen=True)
class CheckOrder:
    """Asks a worker to read and check a deal, and to name its documents."""

    item: BatchItem
    options: BuildOptions


@dataclass(frozen=True)
class CheckResult:
    """What checking found. `stem` names the documents, `chart` says whether a RACI chart comes beside the agreement.

    `tables` were read beside the deal; `library` is the digest of the library with its `packs` ("id version");
    `deal_check` sums up what the deal check found, `stops` are its findings for which no documents are made.
    `trace` shows where the program itself went wrong.
    """

    item: BatchItem
    problems: tuple[Problem, ...] = ()
    stem: str = ""
    chart: bool = False
    tables: TableContents = ()
    library: str = ""
    packs: tuple[str, ...] = ()
    deal_check: str = ""
    stops: tuple[Problem, ...] = ()
    trace: str = ""


@dataclass(frozen=True)
class BuildOrder:
    """Asks a worker to build the documents of a deal that was checked.

    It must have the same library (by its digest) and `engines`: the program's version and those of its libraries.
    """

    item: BatchItem
    options: BuildOptions
    stem: str
    tables: TableContents
    library: str
    engines: tuple[str, ...]


@dataclass(frozen=True)
class BuildResult:
    """The documents of a deal: `files` are (name, content).

    `pages` are those of the agreement with its schedules, `chart_pages` those of a chart beside it (0 for none),
    `points` the type size, `free` the share of the fullest page that is left (0 to 1), `proven` whether the page was
    laid out and not estimated, `seconds` how long it took. With `problems`, there are no files; `trace` then shows
    where the program itself went wrong.
    """

    item: BatchItem
    files: tuple[tuple[str, bytes], ...] = ()
    pages: int = 0
    chart_pages: int = 0
    points: float = 0.0
    free: float = 0.0
    layout: str = ""
    proven: bool = True
    pages_by: str = ""
    findings: tuple[Problem, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    trace: str = ""


# Cyclic garbage is collected after so many deals instead of in the middle of a layout: that of these deals, and rarely
# all. To look through what is kept from deal to deal each time took as long as the deals.
DEALS_PER_COLLECTION, DEALS_PER_FULL_COLLECTION = 10, 1_000
_WARM_UP_DEAL = "samples/minimal.yaml"
_REPORT_HINT = "this is a mistake of agreementgen's own: please report it with these lines"
_deals_built = 0
# A worker of a cluster may have several threads; WeasyPrint's messages could not be told apart.
_build_lock = threading.Lock()


@cache
def warm_up() -> None:
    """Load the library, the writers and their fonts by building an agreement, in a process that does nothing else.

    The garbage collector never looks again at what is there then.
    """
    library = built_in_library()
    data = (home_folder() / _WARM_UP_DEAL).read_bytes()
    pipeline.build(pipeline.read(data, _WARM_UP_DEAL, library), library, ("docx", "pdf", "txt"))
    gc.collect()
    gc.freeze()
    gc.disable()  # `collect_garbage` takes over


def warm_up_if_possible() -> None:
    """Warm up as far as possible: what fails here fails again, with its place, in the work itself."""
    with contextlib.suppress(Exception):
        warm_up()


def collect_garbage() -> None:
    """Collect garbage every few deals, where `warm_up` has switched the collector off."""
    global _deals_built
    _deals_built += 1
    if gc.isenabled() or _deals_built % DEALS_PER_COLLECTION:
        return
    gc.collect(2 if _deals_built % DEALS_PER_FULL_COLLECTION == 0 else 1)


def check(orders: Sequence[CheckOrder]) -> list[CheckResult]:
    """Return what checking each deal found; nothing is raised."""
    return [_check_deal(order) for order in orders]


def build(orders: Sequence[BuildOrder]) -> list[BuildResult]:
    """Return the documents of each deal, or why there are none; nothing is raised."""
    results = []
    for order in orders:
        with _build_lock:
            results.append(_build_deal(order))
    return results


def library_digest_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...]) -> str:
    """Return the digest of the library for a deal in `folder`; raise InputError and PackError."""
    folders = list_packs_for(yaml, folder, packs)
    return _open_library_once(folders).digest if folders else built_in_digest()


@lru_cache(maxsize=16)
def _open_library_once(packs: tuple[Path, ...]) -> Library:
    """Return a library. Packs are read once in a run, so that all its deals are built with the same words."""
    return open_library(packs)


def forget_packs() -> None:
    """Read packs anew."""
    _open_library_once.cache_clear()


def list_engines() -> tuple[str, ...]:
    """Return the program with its version, and the libraries whose releases may change a byte of what it writes."""
    return (f"agreementgen {__version__}", *(f"{name} {version}" for name, version in library_versions().items()))


def _check_deal(order: CheckOrder) -> CheckResult:
    item, options = order.item, order.options
    tables: dict[str, bytes] = {}
    load_beside = table_loader(str(item.folder / "deal.yaml"))

    def load_table(name: str) -> bytes:
        tables[name] = load_beside(name)
        return tables[name]

    try:
        library, deal = _read_deal(item, options, load_table)
        report = check_deal(deal, library)
        shorts = short_names_in_row(item.row) if item.row else {}
        stem = read_name_pattern(options.names).name_deal(deal.kind, item.stem, deal.facts, shorts)
    except AgreementError as error:
        problems = _add_missing_places(error.problems, item)
        return CheckResult(item, tuple(_point_to_table(problem, item) for problem in problems))
    except Exception:
        return CheckResult(item, (_program_failure(item),), trace=traceback.format_exc())
    chart = deal.matrix is not None and not deal.matrix.attach and not set(options.formats).isdisjoint(CHART_FORMATS)
    packs = tuple(f"{pack.id} {pack.version}" for pack in library.packs)
    stops = _add_missing_places(explain_stops(report), item)
    return CheckResult(
        item, (), stem, chart, tuple(sorted(tables.items())), library.digest, packs, sum_up(report), stops
    )


def _build_deal(order: BuildOrder) -> BuildResult:
    item, options = order.item, order.options
    collect_garbage()
    started = time.perf_counter()
    problems: tuple[Problem, ...]
    trace = ""
    try:
        library, deal = _read_as_checked(order)
        built = pipeline.build(deal, library, options.formats, options.layout, sign=options.sign)
    except AgreementError as error:
        problems = _add_missing_places(error.problems, item)
    except Exception:
        problems, trace = (_program_failure(item),), traceback.format_exc()
    else:
        fitted, chart = built.fitted, built.chart
        contents = built.name_files(order.stem)
        paths = document_paths(
            order.stem, options.formats, chart is not None, options.folders, options.tells_recipients
        )
        return BuildResult(
            item,
            files=tuple((path, contents[path.rpartition("/")[2]]) for path in paths),
            pages=fitted.pages,
            chart_pages=chart.pages if chart else 0,
            points=fitted.sizes.body,
            free=round(fitted.free_share, 4),
            layout="one-plus-one" if fitted.document.apart else "one-page",
            proven=fitted.laid_out is not None,
            pages_by=fitted.pages_by,
            findings=_add_missing_places(built.warnings, item),
            seconds=time.perf_counter() - started,
        )
    return BuildResult(item, problems=problems, trace=trace, seconds=time.perf_counter() - started)


def _read_as_checked(order: BuildOrder) -> tuple[Library, Deal]:
    """Return a deal with its library; raise InputError where this worker would build it otherwise than it was checked.

    Its tables are those that were read then.
    """
    place = Place(order.item.source)
    if order.engines != list_engines():
        ours, theirs = set(list_engines()), set(order.engines)
        message = (
            f"this worker has {', '.join(sorted(ours - theirs))}, and the batch {', '.join(sorted(theirs - ours))}"
        )
        raise InputError(Problem(message, "install the same versions everywhere", place=place, code="versions-differ"))
    load_table = dict(order.tables).__getitem__
    library, deal = _read_deal(order.item, order.options, load_table)
    if library.digest != order.library:
        # A worker of a cluster outlives batches: the pack may have changed since it was read.
        forget_packs()
        library, deal = _read_deal(order.item, order.options, load_table)
    if library.digest != order.library:
        message = "the library or a pack is not the one the deal was checked with"
        hint = "run the batch again; workers elsewhere need the same version and the same packs"
        raise InputError(Problem(message, hint, place=place, code="versions-differ"))
    return library, deal


def _read_deal(item: BatchItem, options: BuildOptions, load_table: TableLoader) -> tuple[Library, Deal]:
    yaml = item.read_answers()
    library = _open_library_once(list_packs_for(yaml, item.folder, options.packs))
    return library, pipeline.read_answers(yaml, item.source, library, options.paper, load_table)


def _point_to_table(problem: Problem, item: BatchItem) -> Problem:
    """Return a problem; what the base deal lacks, its table may give: what is said of one partner always does."""
    if item.row is None or problem.code != "missing" or problem.place.file == item.row.plan.file or not problem.field:
        return problem
    column = f'a column "{problem.field}" to the table'
    if problem.field.startswith("parties."):
        return replace(problem, hint=f"add {column}")
    return replace(problem, hint=f"{problem.hint}; or {column}" if problem.hint else f"add it, or {column}")


def _add_missing_places(problems: Sequence[Problem], item: BatchItem) -> tuple[Problem, ...]:
    """Return problems, those without a place of their own with the deal's."""
    return tuple(p if p.place.file else replace(p, place=Place(item.source)) for p in problems)


def _program_failure(item: BatchItem) -> Problem:
    last = traceback.format_exc().strip().splitlines()[-1]
    message = f"the program itself failed ({last})"
    return Problem(message, _REPORT_HINT, place=Place(item.source), code="program-failed")


# -- workers

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
    warm_up_if_possible()


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

"""What goes to a worker and what comes back. All of it travels between processes and machines: plain data only.

Getting a process ready: everything slow is loaded, and one agreement built, before the first deal comes.

The fork server of a batch does this first (see `preload`), so that all workers share what it loaded.

What a worker does: check a deal, or build its documents. Nothing here writes a file.
"""

from __future__ import annotations

import contextlib
import gc
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from agreementgen import __version__, pipeline
from agreementgen.batch.items import BatchItem, NamePattern, document_paths, read_name_pattern
from agreementgen.core.problems import AgreementError, InputError, Place, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix_reader import TableLoader
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_digest
from agreementgen.packs.layering import open_library
from agreementgen.render.formats import CHART_FORMATS, library_versions
from agreementgen.sources import list_packs_for, table_loader
from agreementgen.yamlfile.nodes import YamlText

TableContents = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class BuildOptions:
    """What is asked of all deals alike: formats, layout, paper ("" for the deal's), packs, the pattern of names.

    `folders` gives each deal a folder of its own.
    """

    formats: tuple[str, ...] = ("docx", "pdf")
    layout: str = "auto"
    paper: str = ""
    packs: tuple[Path, ...] = ()
    names: str = "{kind}-{parties[1].short}-{effective}"
    folders: bool = False


@dataclass(frozen=True)
class CheckOrder:
    """Asks a worker to read and check a deal, and to name its documents."""

    item: BatchItem
    wanted: BuildOptions


@dataclass(frozen=True)
class CheckResult:
    """What checking found. `stem` names the documents, `chart` says whether a RACI chart comes beside the agreement.

    `tables` were read beside the deal; `library` is the digest of the library with its `packs` ("id version").
    `trace` shows where the program itself went wrong.
    """

    item: BatchItem
    problems: tuple[Problem, ...] = ()
    stem: str = ""
    chart: bool = False
    tables: TableContents = ()
    library: str = ""
    packs: tuple[str, ...] = ()
    trace: str = ""


@dataclass(frozen=True)
class BuildOrder:
    """Asks a worker to build the documents of a deal that was checked.

    It must have the same library (by its digest) and `engines`: the program's version and those of its libraries.
    """

    item: BatchItem
    wanted: BuildOptions
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
    findings: tuple[Problem, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    trace: str = ""


# Cyclic garbage is cleared away after so many deals instead of in the middle of a layout.
DEALS_PER_COLLECTION = 10
_WARM_UP_DEAL = "samples/minimal.yaml"


@cache
def warm_up() -> None:
    """Load the library, the writers and their fonts, in a process that does nothing else.

    What is there then is never looked at again by the collector of garbage.
    """
    from agreementgen import pipeline
    from agreementgen.library.loading import built_in_library
    from agreementgen.library.snapshot import home_folder
    from agreementgen.render import pdf

    library = built_in_library()
    data = (home_folder() / _WARM_UP_DEAL).read_bytes()
    formats = ("docx", "pdf", "txt") if pdf.is_available() else ("docx", "txt")
    pipeline.build(pipeline.read(data, _WARM_UP_DEAL, library), library, formats)
    gc.collect()
    gc.freeze()
    gc.disable()  # `count` clears away


_deals_built = 0


def count_deal() -> None:
    """Count a deal; clear garbage away now and then, where `ready` has taken that over from the collector."""
    global _deals_built
    _deals_built += 1
    if _deals_built % DEALS_PER_COLLECTION == 0 and not gc.isenabled():
        gc.collect()


def warm_up_if_possible() -> None:
    """Get ready as far as possible: what is wrong here shows again, with its place, in the work itself."""
    with contextlib.suppress(Exception):
        warm_up()


_REPORT_HINT = "this is a mistake of agreementgen's own: please report it with these lines"

# A worker of a cluster may have several threads; WeasyPrint's messages could not be told apart.
_build_lock = threading.Lock()


def check(questions: Sequence[CheckOrder]) -> list[CheckResult]:
    """Return what checking each deal found; nothing is raised."""
    return [_check_deal(question) for question in questions]


def build(orders: Sequence[BuildOrder]) -> list[BuildResult]:
    """Return the documents of each deal, or why there are none; nothing is raised."""
    results = []
    for order in orders:
        with _build_lock:
            results.append(_build_deal(order))
    return results


def open_library_for(item: BatchItem, yaml: YamlText, packs: tuple[Path, ...]) -> Library:
    """Return the library for a deal.

    Packs are read once in a run, so that all its deals are built with the same words.
    """
    return _open_packs_once(list_packs_for(yaml, item.folder, packs))


def library_digest_for(item: BatchItem, yaml: YamlText, packs: tuple[Path, ...]) -> str:
    """Return the digest of the library for a deal."""
    folders = list_packs_for(yaml, item.folder, packs)
    return _open_packs_once(folders).digest if folders else built_in_digest()


@lru_cache(maxsize=16)
def _open_packs_once(folders: tuple[Path, ...]) -> Library:
    return open_library(folders)


def forget_packs() -> None:
    """Read packs anew."""
    _open_packs_once.cache_clear()


def list_engines() -> tuple[str, ...]:
    """Return the program with its version, and the libraries whose releases may change a byte of what it writes."""
    return (f"agreementgen {__version__}", *(f"{name} {version}" for name, version in library_versions().items()))


@lru_cache(maxsize=4)
def _read_name_pattern_once(text: str) -> NamePattern:
    return read_name_pattern(text)


def _check_deal(question: CheckOrder) -> CheckResult:
    item, wanted = question.item, question.wanted
    tables: dict[str, bytes] = {}
    beside = table_loader(str(item.folder / "deal.yaml"))

    def read(name: str) -> bytes:
        tables[name] = beside(name)
        return tables[name]

    try:
        library, deal = _read_deal(item, wanted, read)
        stem = _read_name_pattern_once(wanted.names).name_deal(deal.kind, item.stem, deal.facts)
    except AgreementError as error:
        return CheckResult(item, add_missing_places(error.problems, item))
    except Exception:
        return CheckResult(item, (_program_failure(item),), trace=traceback.format_exc())
    chart = deal.matrix is not None and not deal.matrix.attach and any(kind in CHART_FORMATS for kind in wanted.formats)
    packs = tuple(f"{pack.id} {pack.version}" for pack in library.packs)
    return CheckResult(item, (), stem, chart, tuple(sorted(tables.items())), library.digest, packs)


def _build_deal(order: BuildOrder) -> BuildResult:
    item, wanted = order.item, order.wanted
    count_deal()
    started = time.perf_counter()
    try:
        if order.engines != list_engines():
            here, there = set(list_engines()) - set(order.engines), set(order.engines) - set(list_engines())
            message = f"this worker has {', '.join(sorted(here))}, and the batch {', '.join(sorted(there))}"
            raise InputError(Problem(message, "install the same versions everywhere", "", Place(item.source)))
        library, deal = _read_deal(item, wanted, _table_reader_of(order.tables))
        if library.digest != order.library:
            # A worker of a cluster outlives batches: the pack may have changed since it was read.
            forget_packs()
            library, deal = _read_deal(item, wanted, _table_reader_of(order.tables))
        if library.digest != order.library:
            hint = "run the batch again; workers elsewhere need the same version and the same packs"
            raise InputError(
                Problem("the library or a pack is not the one the deal was checked with", hint, "", Place(item.source))
            )
        built = pipeline.build(deal, library, wanted.formats, wanted.layout)
    except AgreementError as error:
        return BuildResult(
            item, problems=add_missing_places(error.problems, item), seconds=time.perf_counter() - started
        )
    except Exception:
        seconds = time.perf_counter() - started
        return BuildResult(item, problems=(_program_failure(item),), trace=traceback.format_exc(), seconds=seconds)
    chart = built.chart
    found = {f".{kind}": data for kind, data in built.files.items()}
    found |= {f"-raci.{kind}": data for kind, data in (chart.files if chart else {}).items()}
    names = document_paths(order.stem, wanted.formats, chart is not None, wanted.folders)
    fitted = built.fitted
    return BuildResult(
        item,
        tuple((name, found[name.rpartition("/")[2].removeprefix(order.stem)]) for name in names),
        fitted.pages,
        chart.pages if chart else 0,
        fitted.sizes.body,
        round(fitted.free_share, 4),
        "one-plus-one" if fitted.document.apart else "one-page",
        fitted.laid_out is not None,
        add_missing_places(built.warnings, item),
        time.perf_counter() - started,
    )


def _read_deal(item: BatchItem, wanted: BuildOptions, beside: TableLoader) -> tuple[Library, Deal]:
    yaml = item.read_answers()
    library = open_library_for(item, yaml, wanted.packs)
    return library, pipeline.read_answers(yaml, item.source, library, wanted.paper, beside)


def _table_reader_of(tables: TableContents) -> TableLoader:
    """Return a reader of the tables as they were when the deal was checked."""
    found = dict(tables)

    def read(name: str) -> bytes:
        return found[name]

    return read


def add_missing_places(problems: Sequence[Problem], item: BatchItem) -> tuple[Problem, ...]:
    """Return problems, those without a place of their own with the deal's."""
    return tuple(p if p.place.file else replace(p, place=Place(item.source)) for p in problems)


def _program_failure(item: BatchItem) -> Problem:
    last = traceback.format_exc().strip().splitlines()[-1]
    return Problem(f"the program itself failed ({last})", _REPORT_HINT, "", Place(item.source))

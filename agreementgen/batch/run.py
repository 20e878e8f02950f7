"""Before the first document is written: what is unchanged, what is wrong, and which deal gets which names.

A whole batch: gather, lock, check, build, file, list. Everything a run does, in its order.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from agreementgen.batch import worker
from agreementgen.batch.executors import WorkerPool, WorkerTask, run_orders
from agreementgen.batch.folder import STATE_FOLDER, DocumentStore, FinishedDeal, lock_folder
from agreementgen.batch.items import BatchItem, document_paths, fold_name, gather_items, read_name_pattern
from agreementgen.batch.report import (
    DealStatus,
    ManifestLine,
    Reporter,
    line_to_json,
    manifest_to_csv,
    manifest_to_jsonl,
)
from agreementgen.batch.worker import (
    BuildOptions,
    BuildOrder,
    BuildResult,
    CheckOrder,
    CheckResult,
    TableContents,
    library_digest_for,
    list_engines,
)
from agreementgen.core.problems import AgreementError, InputError, Place, Problem
from agreementgen.core.saving import report_unwritable, sha256_of
from agreementgen.render import pdf
from agreementgen.sources import table_loader
from agreementgen.yamlfile.nodes import YamlText, read_yaml

MANIFEST_FILES = ("manifest.csv", "manifest.jsonl")


@dataclass(frozen=True)
class RunPlan:
    """What a run does: `orders` are built, `unchanged` are left as they are, `wrong` cannot be built.

    `names` are the paths of the documents of a deal. `left` are finished deals that are no longer among the sources.
    """

    check_results: Mapping[str, CheckResult]
    paths: Mapping[str, tuple[str, ...]]
    orders: tuple[BuildOrder, ...]
    unchanged: Mapping[str, FinishedDeal]
    wrong: Mapping[str, tuple[Problem, ...]]
    left_over: tuple[FinishedDeal, ...]


def find_unchanged(items: Iterable[BatchItem], wanted: BuildOptions, store: DocumentStore) -> dict[str, FinishedDeal]:
    """Return the records of the deals whose documents are there and would come out the same."""
    found = {}
    plain = ""
    for item in items:
        record = store.journal.finished.get(item.name)
        if record is None or (record.findings and record.where != item.source):
            continue
        if not record.proven and pdf.is_available():
            continue  # its page was estimated, and can be laid out now
        try:
            tables = _read_tables_beside(item, [name for name, _ in record.tables])
            yaml = _answers_naming_packs(item)
            library = plain if yaml is _answers_without_packs() else ""
            library = library or library_digest_for(item, yaml, wanted.packs)
            plain = library if yaml is _answers_without_packs() else plain
        except AgreementError:
            continue  # checking it says what is wrong
        if record.key != deal_key(item, wanted, tables, library):
            continue
        there = store.find_intact(record.files)
        if there is not None:
            found[item.name] = replace(record, files=there)
    return found


def plan_run(
    items: Sequence[BatchItem],
    readings: Iterable[CheckResult],
    same: Mapping[str, FinishedDeal],
    wanted: BuildOptions,
    store: DocumentStore,
) -> RunPlan:
    """Return the plan for `items`, of which `same` are unchanged and the others were checked."""
    by_name = {reading.item.name: reading for reading in readings}
    names: dict[str, tuple[str, ...]] = {}
    for item in items:
        if item.name in same:
            names[item.name] = tuple(filed.path for filed in same[item.name].files)
        elif not by_name[item.name].problems:
            reading = by_name[item.name]
            names[item.name] = document_paths(reading.stem, wanted.formats, reading.chart, wanted.folders)
    wrong = {name: reading.problems for name, reading in by_name.items() if reading.problems}
    sources = {item.name: item.source for item in items}
    for deal, problems in _find_name_collisions(names, sources, wanted):
        wrong[deal] = (*wrong.get(deal, ()), *problems)
    for deal, paths in names.items():
        found = [problem for path in paths if deal not in same and (problem := store.find_foreign_file(path))]
        if found:
            wrong[deal] = (*wrong.get(deal, ()), *found)
    present = {item.name for item in items}
    orders = tuple(
        BuildOrder(item, wanted, reading.stem, reading.tables, reading.library, list_engines())
        for item in items
        if item.name not in same and item.name not in wrong and (reading := by_name[item.name])
    )
    left = tuple(record for name, record in store.journal.finished.items() if name not in present)
    return RunPlan(by_name, names, orders, {name: r for name, r in same.items() if name not in wrong}, wrong, left)


def deal_key(item: BatchItem, wanted: BuildOptions, tables: TableContents, library: str) -> str:
    """Return a SHA-256 (hex) over all that decides a deal's documents and their names."""
    parts = [
        inputs_digest(item, tables), library, list_engines(), item.stem,
        wanted.formats, wanted.layout, wanted.paper, wanted.names, wanted.folders,
    ]  # fmt: skip
    return sha256_of(json.dumps(parts).encode())


def inputs_digest(item: BatchItem, tables: TableContents) -> str:
    """Return a SHA-256 (hex) over what was typed for a deal, with the tables beside it."""
    parts = [item.digest, *(f"{name}\0{sha256_of(data)}" for name, data in tables)]
    return sha256_of(json.dumps(parts).encode())


def _read_tables_beside(item: BatchItem, names: Iterable[str]) -> TableContents:
    beside = table_loader(str(item.folder / "deal.yaml"))
    return tuple((name, beside(name)) for name in names)


def _answers_naming_packs(item: BatchItem) -> YamlText:
    """Return a deal's answers, as far as they may name packs: reading a thousand deals takes its time."""
    texts = item.row.texts if item.row else ()
    if re.search(rb"\bpack\b", item.data) or any("pack" in text for text in texts):
        return item.read_answers()
    return _answers_without_packs()


@cache
def _answers_without_packs() -> YamlText:
    return read_yaml("agreement: any", "no file")


def _find_name_collisions(
    names: Mapping[str, tuple[str, ...]], sources: Mapping[str, str], wanted: BuildOptions
) -> list[tuple[str, list[Problem]]]:
    """Return the deals whose documents would have the names of others, or of the manifest, on some system."""
    taken = {fold_name(name): ("", name) for name in MANIFEST_FILES}
    found = []
    for deal, paths in names.items():
        problems: dict[str, Problem] = {}
        for path in paths:
            other, _ = taken.setdefault(fold_name(path), (deal, path))
            if wanted.folders and other == deal:
                folder = fold_name(path.partition("/")[0])
                other, _ = taken.setdefault(folder, (deal, path))
            if other == deal or other in problems:
                continue
            what = f"of {other} ({sources[other]})" if other else "of the batch's own list"
            hint = f"tell them apart in --names: add {{deal}}, or another fact, to {wanted.names}"
            message = f"its documents would have the same names as those {what}: {path}"
            problems[other] = Problem(message, hint, "", Place(sources[deal]))
        if problems:
            found.append((deal, list(problems.values())))
    return found


# So many deals go to a worker at a time for checking: each takes a few milliseconds.
_CHECK_CHUNK = 20
# So many deals are filed together, or those of so many seconds: what a killed run has built in vain.
_STORE_CHUNK = 16
_STORE_SECONDS = 0.5


@dataclass(frozen=True)
class RunOptions:
    """How a batch goes about it. `checkers` and `builders` return workers for so many deals.

    `keep_going` builds the sound deals though others are wrong; `fresh` builds what is unchanged, too; `force`
    overwrites files that are not ours. `inside` frames the work while the folder is ours.
    """

    checkers: Callable[[int], WorkerPool]
    builders: Callable[[int], WorkerPool]
    keep_going: bool = False
    fresh: bool = False
    force: bool = False
    while_locked: Callable[[Path], AbstractContextManager[None]] = lambda folder: nullcontext()


@dataclass
class BatchOutcome:
    """How a batch ended. `wrong` and `failed` are problems by deal; `left` are deals no longer among the sources.

    `removed` are documents of ours that no deal has any more, `kept` those that somebody had changed.
    """

    deals: int = 0
    built: list[FinishedDeal] = field(default_factory=list)
    unchanged: int = 0
    wrong: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    failed: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    left_over: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left_changed: list[str] = field(default_factory=list)
    begun: bool = False

    @property
    def status(self) -> int:
        """The exit status: 0 where every deal is built, 1 where some are not, 2 where nothing was begun."""
        if self.wrong and not self.begun:
            return 2
        return 1 if self.wrong or self.failed else 0


def run_batch(
    sources: Sequence[str], folder: Path, wanted: BuildOptions, how: RunOptions, watch: Reporter, outcome: BatchOutcome
) -> None:
    """Bring the documents in `folder` up to date with the deals of `sources`; `outcome` is filled in on the way.

    Raise InputError where the sources, the pattern of names or the folder are not right.
    """
    read_name_pattern(wanted.names)
    worker.forget_packs()
    items = gather_items(sources, wanted.packs)
    outcome.deals = len(items)
    with _folder_made(folder), lock_folder(folder), how.while_locked(folder):
        store = DocumentStore(folder, how.force)
        try:
            _bring_up_to_date(items, wanted, how, watch, outcome, store)
        finally:
            store.close()


@contextmanager
def _folder_made(folder: Path) -> Iterator[None]:
    """Make the folder with its journal's; take away again what is still empty at the end."""
    made = [path for path in (folder / STATE_FOLDER, folder, *folder.parents) if not path.exists()]
    with report_unwritable(folder):
        (folder / STATE_FOLDER).mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not (folder / STATE_FOLDER / "journal.jsonl").exists():
            for path in ((folder / STATE_FOLDER / "lock"),):
                path.unlink(missing_ok=True)
            for path in made:
                try:
                    path.rmdir()
                except OSError:
                    break


def _bring_up_to_date(
    items: Sequence[BatchItem],
    wanted: BuildOptions,
    how: RunOptions,
    watch: Reporter,
    outcome: BatchOutcome,
    store: DocumentStore,
) -> None:
    same = {} if how.fresh else find_unchanged(items, wanted, store)
    questions = [CheckOrder(item, wanted) for item in items if item.name not in same]
    plan = plan_run(items, _check_deals(questions, how, watch), same, wanted, store)
    outcome.wrong = dict(plan.wrong)
    outcome.unchanged = len(plan.unchanged)
    if outcome.wrong and not how.keep_going:
        return
    foreign = [
        p for name in MANIFEST_FILES if name not in store.journal.known_digests and (p := store.find_foreign_file(name))
    ]
    if foreign:
        raise InputError(foreign)
    outcome.begun = True
    with report_unwritable(store.folder):
        store.journal.shorten()
    # Times that changed without the content are remembered, so that nobody has to look into these files again.
    for name, record in plan.unchanged.items():
        if record != store.journal.finished[name]:
            with report_unwritable(store.folder):
                store.journal.note_finished(record)
    waiting = {order.item.name for order in plan.orders}
    if waiting:
        _write_manifest(items, plan, outcome, store, waiting)
    try:
        _build_deals(plan, wanted, how, watch, outcome, store, waiting)
        outcome.removed, outcome.left_changed = store.remove_orphans(MANIFEST_FILES)
        left = [store.keep_intact(store.journal.finished[record.deal], ()) for record in plan.left_over]
        outcome.left_over = [record.deal for record in left if record.files]
    finally:
        _write_manifest(items, plan, outcome, store, waiting)


def _check_deals(questions: Sequence[CheckOrder], how: RunOptions, watch: Reporter) -> list[CheckResult]:
    if not questions:
        return []
    job = WorkerTask(worker.check, _check_result_of_lost)
    crew = replace(how.checkers(len(questions)), chunk=_CHECK_CHUNK)
    found = []
    with watch.phase("checking", len(questions)):
        for reading in run_orders(job, questions, crew):
            found.append(reading)
            watch.count_deal(bool(reading.problems))
            if reading.trace:
                watch.report_problems(reading.item.name, reading.problems, reading.trace)
    return found


def _build_deals(
    plan: RunPlan,
    wanted: BuildOptions,
    how: RunOptions,
    watch: Reporter,
    outcome: BatchOutcome,
    store: DocumentStore,
    waiting: set[str],
) -> None:
    if not plan.orders:
        return
    results = run_orders(WorkerTask(worker.build, _build_result_of_lost), plan.orders, how.builders(len(plan.orders)))
    with watch.phase("building", len(plan.orders)), closing(results):
        for some in _group_results(results):
            for result in _store_results(some, plan, wanted, store, outcome):
                name = result.item.name
                if result.problems:
                    outcome.failed[name] = result.problems
                    watch.report_problems(name, result.problems, result.trace)
                waiting.discard(name)
                watch.count_deal(bool(result.problems))
                about = line_to_json(_manifest_line(result.item, plan, outcome, store, waiting, ()))
                watch.emit_event("deal", **about, seconds=round(result.seconds, 3))


def _group_results(results: Iterable[BuildResult]) -> Iterator[list[BuildResult]]:
    """Yield results a few at a time, and none much later than it came."""
    some: list[BuildResult] = []
    first = 0.0
    for result in results:
        first = first if some else time.monotonic()
        some.append(result)
        if len(some) >= _STORE_CHUNK or time.monotonic() - first > _STORE_SECONDS:
            yield some
            some = []
    if some:
        yield some


def _store_results(
    some: Sequence[BuildResult], plan: RunPlan, wanted: BuildOptions, store: DocumentStore, outcome: BatchOutcome
) -> Iterator[BuildResult]:
    """Write the documents of deals and remember them; yield the results, with problems where that failed."""
    sound = [result for result in some if not result.problems]
    filed = dict(zip((r.item.name for r in sound), store.store_documents([dict(r.files) for r in sound]), strict=True))
    for result in some:
        item = result.item
        files = filed.get(item.name)
        if isinstance(files, InputError):
            result = BuildResult(item, problems=files.problems)
        elif files is not None:
            reading = plan.check_results[item.name]
            record = FinishedDeal(
                item.name, deal_key(item, wanted, reading.tables, reading.library), inputs_digest(item, reading.tables),
                item.source, tuple((name, sha256_of(data)) for name, data in reading.tables), reading.library,
                reading.packs, reading.stem, reading.chart, files, result.pages, result.chart_pages, result.points,
                result.free, result.layout, result.proven, result.findings, result.seconds,
            )  # fmt: skip
            with report_unwritable(store.folder):
                store.journal.note_finished(record)
            outcome.built.append(record)
        yield result


def _write_manifest(
    items: Iterable[BatchItem], plan: RunPlan, outcome: BatchOutcome, store: DocumentStore, waiting: set[str]
) -> None:
    """Write the manifest as things stand."""
    coming = {path for deal in waiting for path in plan.paths[deal]}
    lines = [_manifest_line(item, plan, outcome, store, waiting, coming) for item in items]
    for record in plan.left_over:
        there = store.keep_intact(store.journal.finished[record.deal], coming)
        if there.files:
            lines.append(ManifestLine(record.deal, record.where, "left over", record.inputs, there))
    for name, data in zip(MANIFEST_FILES, (manifest_to_csv(lines), manifest_to_jsonl(lines)), strict=True):
        store.write_own_file(name, data)


def _manifest_line(
    item: BatchItem,
    plan: RunPlan,
    outcome: BatchOutcome,
    store: DocumentStore,
    waiting: set[str],
    coming: Collection[str],
) -> ManifestLine:
    """Return a deal's line as things stand; `coming` are the documents that are still to be written."""
    record = store.journal.finished.get(item.name)
    tables = plan.check_results[item.name].tables if item.name in plan.check_results else ()
    status: DealStatus
    problems: tuple[Problem, ...]
    if item.name in outcome.wrong:
        status, problems = "wrong", outcome.wrong[item.name]
    elif item.name in outcome.failed:
        status, problems = "failed", outcome.failed[item.name]
    else:
        status, problems = "waiting" if item.name in waiting else "built", ()
    inputs = record.inputs if record and status == "built" else inputs_digest(item, tables)
    if record and status == "waiting":
        # Its documents may change at any moment: nothing is said of them.
        record = None
    elif record and status != "built":
        record = store.keep_intact(record, coming)
    return ManifestLine(item.name, item.source, status, inputs, record, problems)


def _check_result_of_lost(question: CheckOrder, error: BaseException) -> CheckResult:
    return CheckResult(question.item, (_worker_death(question.item, error, "read"),))


def _build_result_of_lost(order: BuildOrder, error: BaseException) -> BuildResult:
    return BuildResult(order.item, problems=(_worker_death(order.item, error, "built"),))


def _worker_death(item: BatchItem, error: BaseException, what: str) -> Problem:
    hint = "if it happens again, look whether memory is short, and report it"
    message = f"the worker process that {what} it died ({type(error).__name__})"
    return Problem(message, hint, "", Place(item.source))

"""A whole batch in its order: find what is unchanged, check the rest, settle names, build, store, list."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from agreementgen.batch import workers
from agreementgen.batch.folder import DocumentStore, FinishedDeal, lock_folder, use_temporary_folder
from agreementgen.batch.items import BatchItem, document_paths, fold_name, gather_items, read_name_pattern
from agreementgen.batch.report import (
    MANIFEST_FILES,
    ManifestLine,
    Reporter,
    line_to_json,
    manifest_to_csv,
    manifest_to_jsonl,
)
from agreementgen.batch.workers import (
    BuildOptions,
    BuildOrder,
    BuildResult,
    CheckOrder,
    CheckResult,
    TableContents,
    WorkerPool,
    library_digest_for,
    list_engines,
    run_orders,
)
from agreementgen.core.problems import AgreementError, InputError, Place, Problem
from agreementgen.core.saving import report_unwritable, sha256_of
from agreementgen.render import pdf
from agreementgen.sources import table_loader
from agreementgen.yamlfile.nodes import read_yaml

# So many deals go to a worker at a time for checking: each takes a few milliseconds.
_CHECK_CHUNK = 20
# So many deals are stored together, or those of so many seconds: what a killed run has built in vain.
_STORE_CHUNK = 16
_STORE_SECONDS = 0.5


@dataclass(frozen=True)
class RunOptions:
    """How a batch is run. `checkers` and `builders` return workers for so many deals.

    `keep_going` builds the sound deals though others are wrong; `fresh` builds what is unchanged, too; `reread` reads
    the bytes of documents that seem unchanged; `force` overwrites files that are not ours. `own_temporary_folder` is
    for a process that runs one batch and ends: the server from which workers are forked has its socket there, and
    outlives the batch.
    """

    checkers: Callable[[int], WorkerPool]
    builders: Callable[[int], WorkerPool]
    keep_going: bool = False
    fresh: bool = False
    force: bool = False
    reread: bool = False
    own_temporary_folder: bool = False


@dataclass
class BatchOutcome:
    """How a batch ended. `wrong` and `failed` are problems by deal; `left_over` are deals no longer among the sources.

    `removed` are documents of ours that no deal has any more, `left_changed` those that somebody had changed.
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
    sources: Sequence[str],
    folder: Path,
    build_options: BuildOptions,
    run_options: RunOptions,
    reporter: Reporter,
    outcome: BatchOutcome,
) -> None:
    """Bring the documents in `folder` up to date with the deals of `sources`; `outcome` is filled in on the way.

    Raise InputError where the sources, the pattern of names or the folder are not right.
    """
    read_name_pattern(build_options.names)
    workers.forget_packs()
    items = gather_items(sources, build_options.packs)
    outcome.deals = len(items)
    temporary = use_temporary_folder(folder) if run_options.own_temporary_folder else nullcontext()
    with lock_folder(folder), temporary:
        store = DocumentStore(folder, run_options.force, reporter.say, run_options.reread)
        try:
            _RunOfBatch(items, build_options, run_options, reporter, outcome, store).bring_up_to_date()
        finally:
            store.close()


@dataclass
class _RunOfBatch:
    """One run. `waiting` are the names of the deals that are to be built and are not yet."""

    items: Sequence[BatchItem]
    build_options: BuildOptions
    run_options: RunOptions
    reporter: Reporter
    outcome: BatchOutcome
    store: DocumentStore
    checked: dict[str, CheckResult] = field(default_factory=dict)
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_over: tuple[str, ...] = ()
    waiting: set[str] = field(default_factory=set)

    def bring_up_to_date(self) -> None:
        store, outcome = self.store, self.outcome
        unchanged = {} if self.run_options.fresh else self.find_unchanged()
        changed = [item for item in self.items if item.name not in unchanged]
        self.check_deals([CheckOrder(item, self.build_options) for item in changed])
        self.name_documents(unchanged)
        outcome.wrong = self.find_wrong(unchanged)
        sound = {name: finished for name, finished in unchanged.items() if name not in outcome.wrong}
        outcome.unchanged = len(sound)
        if outcome.wrong and not self.run_options.keep_going:
            return
        foreign = [store.find_foreign_file(name) for name in MANIFEST_FILES if name not in store.journal.known_digests]
        if problems := [problem for problem in foreign if problem]:
            raise InputError(problems)
        outcome.begun = True
        with report_unwritable(store.folder):
            store.journal.shorten()
            # Times that changed without the content are remembered, so that nobody has to read these files again.
            for name, finished in sound.items():
                if finished != store.journal.finished[name]:
                    store.journal.note_finished(finished)
        present = {item.name for item in self.items}
        self.left_over = tuple(name for name in store.journal.finished if name not in present)
        sound_items = [item for item in changed if item.name not in outcome.wrong]
        to_build = self.leave_out_stopped(sound_items)
        self.waiting = {item.name for item in to_build}
        if to_build:
            self.write_manifest()
        try:
            if to_build:
                self.build_deals([self.order_for(item) for item in to_build])
            outcome.removed, outcome.left_changed = store.remove_orphans(MANIFEST_FILES)
            outcome.left_over = [
                name for name in self.left_over if store.keep_intact(store.journal.finished[name], ()).files
            ]
        finally:
            self.write_manifest()

    # -- what is unchanged

    def find_unchanged(self) -> dict[str, FinishedDeal]:
        """Return the deals, by name, whose documents are there and would come out the same."""
        found = {}
        for item in self.items:
            finished = self.store.journal.finished.get(item.name)
            if finished is None or (finished.findings and finished.where != item.source):
                continue
            if not finished.proven and pdf.is_available():
                continue  # its page was estimated, and can be laid out now
            try:
                load_table = table_loader(str(item.folder / "deal.yaml"))
                tables = tuple((name, load_table(name)) for name, _ in finished.tables)
                key = _deal_key(item, self.build_options, tables, self.library_digest_of(item))
            except AgreementError:
                continue  # checking it says what is wrong
            if finished.key == key and (files := self.store.find_intact(finished.files)) is not None:
                found[item.name] = replace(finished, files=files)
        return found

    def library_digest_of(self, item: BatchItem) -> str:
        """Return the digest of a deal's library. Only deals that may name packs are read, which takes its time."""
        texts = item.row.texts if item.row else ()
        if re.search(rb"\bpack\b", item.data) or any("pack" in text for text in texts):
            return library_digest_for(item.read_answers(), item.folder, self.build_options.packs)
        return self.usual_library_digest

    @cached_property
    def usual_library_digest(self) -> str:
        """The digest of the library of all deals that name no packs."""
        return library_digest_for(read_yaml("agreement: any", "no file"), Path(), self.build_options.packs)

    # -- what is wrong

    def check_deals(self, orders: Sequence[CheckOrder]) -> None:
        if not orders:
            return
        pool = replace(self.run_options.checkers(len(orders)), chunk=_CHECK_CHUNK)
        with self.reporter.phase("checking", len(orders)):
            for result in run_orders(workers.check, _check_result_of_lost, orders, pool):
                self.checked[result.item.name] = result
                self.reporter.count_deal(bool(result.problems))
                if result.trace:
                    self.reporter.report_problems(result.item.name, result.problems, result.trace)

    def name_documents(self, unchanged: Mapping[str, FinishedDeal]) -> None:
        """Settle the paths of the documents of all deals that can be built."""
        for item in self.items:
            if finished := unchanged.get(item.name):
                self.paths[item.name] = tuple(file.path for file in finished.files)
            elif not (result := self.checked[item.name]).problems:
                self.paths[item.name] = document_paths(
                    result.stem, self.build_options.formats, result.chart, self.build_options.folders,
                    self.build_options.tells_recipients,
                )  # fmt: skip

    def find_wrong(self, unchanged: Collection[str]) -> dict[str, tuple[Problem, ...]]:
        """Return the problems of deals that cannot be built: what was typed, or the names of their documents."""
        wrong = {name: result.problems for name, result in self.checked.items() if result.problems}
        for deal, problems in self.find_name_collisions():
            wrong[deal] = (*wrong.get(deal, ()), *problems)
        for deal, paths in self.paths.items():
            foreign = [self.store.find_foreign_file(path) for path in paths if deal not in unchanged]
            if problems := [problem for problem in foreign if problem]:
                wrong[deal] = (*wrong.get(deal, ()), *problems)
        return wrong

    def find_name_collisions(self) -> Iterator[tuple[str, list[Problem]]]:
        """Yield the deals whose documents would have the names of others, or of the manifest, on some system."""
        sources = {item.name: item.source for item in self.items}
        owners = dict.fromkeys(map(fold_name, MANIFEST_FILES), "")
        for deal, paths in self.paths.items():
            problems: dict[str, Problem] = {}
            for path in paths:
                other = owners.setdefault(fold_name(path), deal)
                if self.build_options.folders and other == deal:
                    other = owners.setdefault(fold_name(path.partition("/")[0]), deal)
                if other == deal or other in problems:
                    continue
                what = f"of {other} ({sources[other]})" if other else "of the batch's own list"
                hint = f"tell them apart in --names: add {{deal}}, or another fact, to {self.build_options.names}"
                message = f"its documents would have the same names as those {what}: {path}"
                problems[other] = Problem(message, hint, place=Place(sources[deal]), code="duplicate")
            if problems:
                yield deal, list(problems.values())

    def leave_out_stopped(self, items: Sequence[BatchItem]) -> list[BatchItem]:
        """Return the deals that the deal check does not stop; say of the others that they failed, and why."""
        for item in items:
            if stops := self.checked[item.name].stops:
                self.outcome.failed[item.name] = stops
                self.reporter.report_problems(item.name, stops, "")
                self.reporter.emit_event("deal", **line_to_json(self.manifest_line(item, ())), seconds=0.0)
        return [item for item in items if item.name not in self.outcome.failed]

    # -- building

    def order_for(self, item: BatchItem) -> BuildOrder:
        result = self.checked[item.name]
        return BuildOrder(item, self.build_options, result.stem, result.tables, result.library, list_engines())

    def build_deals(self, orders: Sequence[BuildOrder]) -> None:
        pool = self.run_options.builders(len(orders))
        results = run_orders(workers.build, _build_result_of_lost, orders, pool)
        with self.reporter.phase("building", len(orders)), closing(results):
            for group in _group_results(results):
                for result in self.store_results(group):
                    name = result.item.name
                    if result.problems:
                        self.outcome.failed[name] = result.problems
                        self.reporter.report_problems(name, result.problems, result.trace)
                    self.waiting.discard(name)
                    self.reporter.count_deal(bool(result.problems))
                    line = line_to_json(self.manifest_line(result.item, ()))
                    self.reporter.emit_event("deal", **line, seconds=round(result.seconds, 3))

    def store_results(self, results: Sequence[BuildResult]) -> Iterator[BuildResult]:
        """Store the documents of deals and remember them; yield the results, with problems where that failed."""
        sound = [result for result in results if not result.problems]
        stored = self.store.store_documents([dict(result.files) for result in sound])
        files_of = dict(zip((result.item.name for result in sound), stored, strict=True))
        for result in results:
            item = result.item
            files = files_of.get(item.name)
            if isinstance(files, InputError):
                yield BuildResult(item, problems=files.problems)
                continue
            if files is not None:
                checked = self.checked[item.name]
                tables = checked.tables
                finished = FinishedDeal(
                    deal=item.name,
                    key=_deal_key(item, self.build_options, tables, checked.library),
                    inputs=_inputs_digest(item, tables),
                    where=item.source,
                    tables=tuple((name, sha256_of(data)) for name, data in tables),
                    library=checked.library,
                    packs=checked.packs,
                    deal_check=checked.deal_check,
                    stem=checked.stem,
                    chart=checked.chart,
                    files=files,
                    pages=result.pages,
                    chart_pages=result.chart_pages,
                    points=result.points,
                    free=result.free,
                    layout=result.layout,
                    proven=result.proven,
                    pages_by=result.pages_by,
                    findings=result.findings,
                    seconds=result.seconds,
                )
                with report_unwritable(self.store.folder):
                    self.store.journal.note_finished(finished)
                self.outcome.built.append(finished)
            yield result

    # -- the list

    def write_manifest(self) -> None:
        """Write the manifest as things stand."""
        coming = {path for deal in self.waiting for path in self.paths[deal]}
        lines = [self.manifest_line(item, coming) for item in self.items]
        for name in self.left_over:
            finished = self.store.keep_intact(self.store.journal.finished[name], coming)
            if finished.files:
                lines.append(ManifestLine(name, finished.where, "left over", finished.inputs, finished))
        for name, data in zip(MANIFEST_FILES, (manifest_to_csv(lines), manifest_to_jsonl(lines)), strict=True):
            self.store.write_own_file(name, data)

    def manifest_line(self, item: BatchItem, coming: Collection[str]) -> ManifestLine:
        """Return a deal's line as things stand; `coming` are the documents that are still to be written."""
        name, outcome = item.name, self.outcome
        finished = self.store.journal.finished.get(name)
        is_current = not (name in outcome.wrong or name in outcome.failed or name in self.waiting)
        if is_current and finished:
            return ManifestLine(name, item.source, "built", finished.inputs, finished)
        inputs = _inputs_digest(item, self.checked[name].tables if name in self.checked else ())
        if name in self.waiting and name not in outcome.wrong:
            # The documents of an earlier run may change at any moment: nothing is said of them.
            return ManifestLine(name, item.source, "waiting", inputs)
        if finished:
            finished = self.store.keep_intact(finished, coming)
        if name in outcome.wrong:
            return ManifestLine(name, item.source, "wrong", inputs, finished, outcome.wrong[name])
        if name in outcome.failed:
            return ManifestLine(name, item.source, "failed", inputs, finished, outcome.failed[name])
        return ManifestLine(name, item.source, "built", inputs)


def _deal_key(item: BatchItem, build_options: BuildOptions, tables: TableContents, library: str) -> str:
    """Return a SHA-256 (hex) over all that decides a deal's documents and their names."""
    parts = [
        _inputs_digest(item, tables), library, list_engines(), item.stem,
        build_options.formats, build_options.layout, build_options.paper, build_options.names, build_options.folders,
    ]  # fmt: skip
    if build_options.sign:
        parts.append(build_options.sign)
    return sha256_of(json.dumps(parts).encode())


def _inputs_digest(item: BatchItem, tables: TableContents) -> str:
    """Return a SHA-256 (hex) over what was typed for a deal, with the tables beside it."""
    parts = [item.digest, *(f"{name}\0{sha256_of(data)}" for name, data in tables)]
    return sha256_of(json.dumps(parts).encode())


def _group_results(results: Iterable[BuildResult]) -> Iterator[list[BuildResult]]:
    """Yield results a few at a time, and none much later than it came."""
    group: list[BuildResult] = []
    began = 0.0
    for result in results:
        began = began if group else time.monotonic()
        group.append(result)
        if len(group) >= _STORE_CHUNK or time.monotonic() - began > _STORE_SECONDS:
            yield group
            group = []
    if group:
        yield group


def _check_result_of_lost(order: CheckOrder, error: BaseException) -> CheckResult:
    return CheckResult(order.item, (_worker_death(order.item, error, "read"),))


def _build_result_of_lost(order: BuildOrder, error: BaseException) -> BuildResult:
    return BuildResult(order.item, problems=(_worker_death(order.item, error, "built"),))


def _worker_death(item: BatchItem, error: BaseException, verb: str) -> Problem:
    hint = "if it happens again, look whether memory is short, and report it"
    message = f"the worker process that {verb} it died ({type(error).__name__})"
    return Problem(message, hint, place=Place(item.source), code="worker-died")

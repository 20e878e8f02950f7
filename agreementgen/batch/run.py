"""Before the first document is written: what is unchanged, what is wrong, and which deal gets which names.

A whole batch: gather, lock, check, build, file, list. Everything a run does, in its order.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from agreementgen.batch import worker
from agreementgen.batch.executors import Crew, Job, run
from agreementgen.batch.folder import FOLDER, Lock, Record, Store
from agreementgen.batch.items import Item, files_of, folded, gather, pattern
from agreementgen.batch.report import Line, Status, Watch, entry, to_jsonl, to_table
from agreementgen.batch.worker import Order, Question, Reading, Result, Tables, Wanted, digest_of_library, engines
from agreementgen.core.problems import AgreementError, InputError, Place, Problem
from agreementgen.core.saving import writable
from agreementgen.render import pdf
from agreementgen.sources import tables_beside
from agreementgen.yamlfile.nodes import YamlText, read

MANIFESTS = ("manifest.csv", "manifest.jsonl")


@dataclass(frozen=True)
class Plan:
    """What a run does: `orders` are built, `unchanged` are left as they are, `wrong` cannot be built.

    `names` are the paths of the documents of a deal. `left` are finished deals that are no longer among the sources.
    """

    readings: Mapping[str, Reading]
    names: Mapping[str, tuple[str, ...]]
    orders: tuple[Order, ...]
    unchanged: Mapping[str, Record]
    wrong: Mapping[str, tuple[Problem, ...]]
    left: tuple[Record, ...]


def unchanged(items: Iterable[Item], wanted: Wanted, store: Store) -> dict[str, Record]:
    """Return the records of the deals whose documents are there and would come out the same."""
    found = {}
    plain = ""
    for item in items:
        record = store.journal.records.get(item.name)
        if record is None or (record.findings and record.where != item.source):
            continue
        if not record.proven and pdf.available():
            continue  # its page was estimated, and can be laid out now
        try:
            tables = _tables(item, [name for name, _ in record.tables])
            yaml = _packs_in(item)
            library = plain if yaml is _no_packs() else ""
            library = library or digest_of_library(item, yaml, wanted.packs)
            plain = library if yaml is _no_packs() else plain
        except AgreementError:
            continue  # checking it says what is wrong
        if record.key != key_of(item, wanted, tables, library):
            continue
        there = store.intact(record.files)
        if there is not None:
            found[item.name] = replace(record, files=there)
    return found


def planned(
    items: Sequence[Item], readings: Iterable[Reading], same: Mapping[str, Record], wanted: Wanted, store: Store
) -> Plan:
    """Return the plan for `items`, of which `same` are unchanged and the others were checked."""
    by_name = {reading.item.name: reading for reading in readings}
    names: dict[str, tuple[str, ...]] = {}
    for item in items:
        if item.name in same:
            names[item.name] = tuple(filed.path for filed in same[item.name].files)
        elif not by_name[item.name].problems:
            reading = by_name[item.name]
            names[item.name] = files_of(reading.stem, wanted.formats, reading.chart, wanted.folders)
    wrong = {name: reading.problems for name, reading in by_name.items() if reading.problems}
    sources = {item.name: item.source for item in items}
    for deal, problems in _collisions(names, sources, wanted):
        wrong[deal] = (*wrong.get(deal, ()), *problems)
    for deal, paths in names.items():
        found = [problem for path in paths if deal not in same and (problem := store.foreign(path))]
        if found:
            wrong[deal] = (*wrong.get(deal, ()), *found)
    present = {item.name for item in items}
    orders = tuple(
        Order(item, wanted, reading.stem, reading.tables, reading.library, engines())
        for item in items
        if item.name not in same and item.name not in wrong and (reading := by_name[item.name])
    )
    left = tuple(record for name, record in store.journal.records.items() if name not in present)
    return Plan(by_name, names, orders, {name: r for name, r in same.items() if name not in wrong}, wrong, left)


def key_of(item: Item, wanted: Wanted, tables: Tables, library: str) -> str:
    """Return a SHA-256 (hex) over all that decides a deal's documents and their names."""
    parts = [
        inputs_of(item, tables), library, engines(), item.stem,
        wanted.formats, wanted.layout, wanted.paper, wanted.names, wanted.folders,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def inputs_of(item: Item, tables: Tables) -> str:
    """Return a SHA-256 (hex) over what was typed for a deal, with the tables beside it."""
    parts = [item.digest, *(f"{name}\0{hashlib.sha256(data).hexdigest()}" for name, data in tables)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _tables(item: Item, names: Iterable[str]) -> Tables:
    beside = tables_beside(str(item.folder / "deal.yaml"))
    return tuple((name, beside(name)) for name in names)


def _packs_in(item: Item) -> YamlText:
    """Return a deal's answers, as far as they may name packs: reading a thousand deals takes its time."""
    texts = item.row.texts if item.row else ()
    if re.search(rb"\bpack\b", item.data) or any("pack" in text for text in texts):
        return item.answers()
    return _no_packs()


@cache
def _no_packs() -> YamlText:
    return read("agreement: any", "no file")


def _collisions(
    names: Mapping[str, tuple[str, ...]], sources: Mapping[str, str], wanted: Wanted
) -> list[tuple[str, list[Problem]]]:
    """Return the deals whose documents would have the names of others, or of the manifest, on some system."""
    taken = {folded(name): ("", name) for name in MANIFESTS}
    found = []
    for deal, paths in names.items():
        problems: dict[str, Problem] = {}
        for path in paths:
            other, _ = taken.setdefault(folded(path), (deal, path))
            if wanted.folders and other == deal:
                folder = folded(path.partition("/")[0])
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
_CHECKED_AT_ONCE = 20
# So many deals are filed together, or those of so many seconds: what a killed run has built in vain.
_FILED_AT_ONCE = 16
_FILED_EVERY = 0.5


@dataclass(frozen=True)
class How:
    """How a batch goes about it. `checkers` and `builders` return workers for so many deals.

    `keep_going` builds the sound deals though others are wrong; `fresh` builds what is unchanged, too; `force`
    overwrites files that are not ours. `inside` frames the work while the folder is ours.
    """

    checkers: Callable[[int], Crew]
    builders: Callable[[int], Crew]
    keep_going: bool = False
    fresh: bool = False
    force: bool = False
    inside: Callable[[Path], AbstractContextManager[None]] = lambda folder: nullcontext()


@dataclass
class Outcome:
    """How a batch ended. `wrong` and `failed` are problems by deal; `left` are deals no longer among the sources.

    `removed` are documents of ours that no deal has any more, `kept` those that somebody had changed.
    """

    deals: int = 0
    built: list[Record] = field(default_factory=list)
    unchanged: int = 0
    wrong: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    failed: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    begun: bool = False

    @property
    def status(self) -> int:
        """The exit status: 0 where every deal is built, 1 where some are not, 2 where nothing was begun."""
        if self.wrong and not self.begun:
            return 2
        return 1 if self.wrong or self.failed else 0


def batch(sources: Sequence[str], folder: Path, wanted: Wanted, how: How, watch: Watch, outcome: Outcome) -> None:
    """Bring the documents in `folder` up to date with the deals of `sources`; `outcome` is filled in on the way.

    Raise InputError where the sources, the pattern of names or the folder are not right.
    """
    pattern(wanted.names)
    worker.forget()
    items = gather(sources, wanted.packs)
    outcome.deals = len(items)
    with _opened(folder), Lock(folder), how.inside(folder):
        store = Store(folder, how.force)
        try:
            _run(items, wanted, how, watch, outcome, store)
        finally:
            store.close()


@contextmanager
def _opened(folder: Path) -> Iterator[None]:
    """Make the folder with its journal's; take away again what is still empty at the end."""
    made = [path for path in (folder / FOLDER, folder, *folder.parents) if not path.exists()]
    with writable(folder):
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not (folder / FOLDER / "journal.jsonl").exists():
            for path in ((folder / FOLDER / "lock"),):
                path.unlink(missing_ok=True)
            for path in made:
                try:
                    path.rmdir()
                except OSError:
                    break


def _run(items: Sequence[Item], wanted: Wanted, how: How, watch: Watch, outcome: Outcome, store: Store) -> None:
    same = {} if how.fresh else unchanged(items, wanted, store)
    questions = [Question(item, wanted) for item in items if item.name not in same]
    plan = planned(items, _checked(questions, how, watch), same, wanted, store)
    outcome.wrong = dict(plan.wrong)
    outcome.unchanged = len(plan.unchanged)
    if outcome.wrong and not how.keep_going:
        return
    foreign = [p for name in MANIFESTS if name not in store.journal.ours and (p := store.foreign(name))]
    if foreign:
        raise InputError(foreign)
    outcome.begun = True
    with writable(store.folder):
        store.journal.shorten()
    # Times that changed without the content are remembered, so that nobody has to look into these files again.
    for name, record in plan.unchanged.items():
        if record != store.journal.records[name]:
            with writable(store.folder):
                store.journal.done(record)
    waiting = {order.item.name for order in plan.orders}
    if waiting:
        _list(items, plan, outcome, store, waiting)
    try:
        _build(plan, wanted, how, watch, outcome, store, waiting)
        outcome.removed, outcome.kept = store.clear(MANIFESTS)
        left = [store.remaining(store.journal.records[record.deal], ()) for record in plan.left]
        outcome.left = [record.deal for record in left if record.files]
    finally:
        _list(items, plan, outcome, store, waiting)


def _checked(questions: Sequence[Question], how: How, watch: Watch) -> list[Reading]:
    if not questions:
        return []
    job = Job(worker.check, _unread)
    crew = replace(how.checkers(len(questions)), chunk=_CHECKED_AT_ONCE)
    found = []
    with watch.phase("checking", len(questions)):
        for reading in run(job, questions, crew):
            found.append(reading)
            watch.step(bool(reading.problems))
            if reading.trace:
                watch.problems(reading.item.name, reading.problems, reading.trace)
    return found


def _build(
    plan: Plan, wanted: Wanted, how: How, watch: Watch, outcome: Outcome, store: Store, waiting: set[str]
) -> None:
    if not plan.orders:
        return
    results = run(Job(worker.build, _lost), plan.orders, how.builders(len(plan.orders)))
    with watch.phase("building", len(plan.orders)), closing(results):
        for some in _grouped(results):
            for result in _filed(some, plan, wanted, store, outcome):
                name = result.item.name
                if result.problems:
                    outcome.failed[name] = result.problems
                    watch.problems(name, result.problems, result.trace)
                waiting.discard(name)
                watch.step(bool(result.problems))
                about = entry(_line(result.item, plan, outcome, store, waiting, ()))
                watch.event("deal", **about, seconds=round(result.seconds, 3))


def _grouped(results: Iterable[Result]) -> Iterator[list[Result]]:
    """Yield results a few at a time, and none much later than it came."""
    some: list[Result] = []
    first = 0.0
    for result in results:
        first = first if some else time.monotonic()
        some.append(result)
        if len(some) >= _FILED_AT_ONCE or time.monotonic() - first > _FILED_EVERY:
            yield some
            some = []
    if some:
        yield some


def _filed(some: Sequence[Result], plan: Plan, wanted: Wanted, store: Store, outcome: Outcome) -> Iterator[Result]:
    """Write the documents of deals and remember them; yield the results, with problems where that failed."""
    sound = [result for result in some if not result.problems]
    filed = dict(zip((r.item.name for r in sound), store.file([dict(r.files) for r in sound]), strict=True))
    for result in some:
        item = result.item
        files = filed.get(item.name)
        if isinstance(files, InputError):
            result = Result(item, problems=files.problems)
        elif files is not None:
            reading = plan.readings[item.name]
            record = Record(
                item.name, key_of(item, wanted, reading.tables, reading.library), inputs_of(item, reading.tables),
                item.source, tuple((name, worker.digest(data)) for name, data in reading.tables), reading.library,
                reading.packs, reading.stem, reading.chart, files, result.pages, result.chart_pages, result.points,
                result.free, result.layout, result.proven, result.findings, result.seconds,
            )  # fmt: skip
            with writable(store.folder):
                store.journal.done(record)
            outcome.built.append(record)
        yield result


def _list(items: Iterable[Item], plan: Plan, outcome: Outcome, store: Store, waiting: set[str]) -> None:
    """Write the manifest as things stand."""
    coming = {path for deal in waiting for path in plan.names[deal]}
    lines = [_line(item, plan, outcome, store, waiting, coming) for item in items]
    for record in plan.left:
        there = store.remaining(store.journal.records[record.deal], coming)
        if there.files:
            lines.append(Line(record.deal, record.where, "left over", record.inputs, there))
    for name, data in zip(MANIFESTS, (to_table(lines), to_jsonl(lines)), strict=True):
        store.write(name, data)


def _line(item: Item, plan: Plan, outcome: Outcome, store: Store, waiting: set[str], coming: Collection[str]) -> Line:
    """Return a deal's line as things stand; `coming` are the documents that are still to be written."""
    record = store.journal.records.get(item.name)
    tables = plan.readings[item.name].tables if item.name in plan.readings else ()
    status: Status
    problems: tuple[Problem, ...]
    if item.name in outcome.wrong:
        status, problems = "wrong", outcome.wrong[item.name]
    elif item.name in outcome.failed:
        status, problems = "failed", outcome.failed[item.name]
    else:
        status, problems = "waiting" if item.name in waiting else "built", ()
    inputs = record.inputs if record and status == "built" else inputs_of(item, tables)
    if record and status == "waiting":
        # Its documents may change at any moment: nothing is said of them.
        record = None
    elif record and status != "built":
        record = store.remaining(record, coming)
    return Line(item.name, item.source, status, inputs, record, problems)


def _unread(question: Question, error: BaseException) -> Reading:
    return Reading(question.item, (_death(question.item, error, "read"),))


def _lost(order: Order, error: BaseException) -> Result:
    return Result(order.item, problems=(_death(order.item, error, "built"),))


def _death(item: Item, error: BaseException, what: str) -> Problem:
    hint = "if it happens again, look whether memory is short, and report it"
    message = f"the worker process that {what} it died ({type(error).__name__})"
    return Problem(message, hint, "", Place(item.source))

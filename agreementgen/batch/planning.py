"""Before the first document is written: what is unchanged, what is wrong, and which deal gets which names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from agreementgen.batch.filing import Store
from agreementgen.batch.items import Item
from agreementgen.batch.journal import Record
from agreementgen.batch.naming import files_of, folded
from agreementgen.batch.orders import Order, Reading, Tables, Wanted
from agreementgen.batch.work import digest_of_library, engines
from agreementgen.deal.yamlfile import YamlText, read
from agreementgen.errors import AgreementError, Place, Problem
from agreementgen.inputs import tables_beside
from agreementgen.write import pdf

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

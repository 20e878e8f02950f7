"""Deal and library make a Document: rows and clauses filled in, numbered, references resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import SCHEDULES
from agreementgen.document import (
    Block,
    Clause,
    Document,
    ItemList,
    Paragraph,
    PartyBox,
    Run,
    Runs,
    Schedule,
    Signature,
    Table,
    TermPair,
    TermRow,
)
from agreementgen.draft.chart import TITLE, chart
from agreementgen.draft.filling import Resolver, entries, filled_in, line_of
from agreementgen.draft.selection import Selection
from agreementgen.draft.tables import scheduled
from agreementgen.errors import PackError, Problem
from agreementgen.language.rendering import Setting, holds, render_blocks
from agreementgen.library.clauses import ClauseText, Row
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline

# The name under which rows of key terms point to the schedule with the RACI chart.
CHART = "raci"


@dataclass(frozen=True)
class _Printed:
    """A row with the declaration it came from."""

    row: TermRow
    source: Row


def draft(
    deal: Deal,
    library: Library,
    outline: Outline,
    selection: Selection,
    schedules: bool = False,
    apart: bool = False,
) -> Document:
    """Return the agreement. With `schedules`, long lists of the key-terms table move behind it; with `apart`, the
    clauses stand on a second page, behind the signatures.

    Raise PackError for a reference to a clause or row that this agreement does not have.
    """
    setting = Setting(deal.facts, deal.language, selection.topics)
    printed = _rows(library, outline, setting)
    labels = {item.source.id: item.row.label for item in printed}
    numbers = {clause.topic: number for number, clause in enumerate(selection.clauses, 1)}
    tables = scheduled(library, outline, setting, {item.source.schedule for item in printed}, schedules)
    letters = {text.id: table.letter for text, table in tables}
    behind = [table for _, table in tables]
    if deal.matrix and deal.matrix.attach:
        letters[CHART] = chr(ord("A") + len(tables))
        behind.append(Schedule(letters[CHART], TITLE, (chart(deal, deal.matrix),), CHART))
    resolve = Resolver(numbers, labels, letters)
    setting = replace(setting, facts={**deal.facts, SCHEDULES: bool(behind)}, schedules=frozenset(letters))
    printed = _moved(printed, letters)
    effective = deal.facts.get("effective")
    drafted_by = deal.facts.get("drafted_by")
    return Document(
        title=line_of(outline.heading, setting),
        effective=line_of(outline.subtitle, setting),
        language=deal.language,
        paper=str(deal.facts["paper"]),
        parties=_boxes(library, setting),
        terms_title=outline.terms_title,
        terms=_pairs(printed),
        clauses=tuple(_clause(clause, number, setting, resolve) for number, clause in enumerate(selection.clauses, 1)),
        signatures=_signatures(library, setting),
        schedules=tuple(behind),
        footer=" · ".join(filter(None, (line_of(outline.footer, setting), library.footer))),
        apart=line_of(outline.apart, setting) if apart else None,
        agreed=line_of(outline.agreed, setting) if apart else "",
        author=drafted_by["name"] if drafted_by else "",
        dated=effective if isinstance(effective, date) else None,
    )


def around(deal: Deal, selection: Selection, document: Document) -> tuple[Setting, Resolver]:
    """Return with what texts that stand around a drafted agreement are filled in, and what they may refer to."""
    letters = {schedule.id: schedule.letter for schedule in document.schedules}
    rows = [row for pair in document.terms for row in (pair.left, pair.right) if row]
    numbers = {clause.topic: clause.number for clause in document.clauses}
    facts = {**deal.facts, SCHEDULES: bool(document.schedules)}
    setting = Setting(facts, deal.language, selection.topics, frozenset(letters))
    return setting, Resolver(numbers, {row.id: row.label for row in rows}, letters)


def _clause(clause: ClauseText, number: int, setting: Setting, resolve: Resolver) -> Clause:
    place = clause.body.place
    blocks, slots = render_blocks(clause.body.source, setting, place)

    def filled(runs: Runs) -> Runs:
        return resolve.runs(runs, slots, place)

    done: list[Block] = []
    for block in blocks:
        match block:
            case Paragraph(runs):
                done.append(Paragraph(filled(runs)))
            case ItemList(items, numbered):
                done.append(ItemList(tuple(map(filled, items)), numbered))
            case Table(head, rows, widths):
                done.append(Table(tuple(map(filled, head)), tuple(tuple(map(filled, row)) for row in rows), widths))
    if not done:
        raise PackError(Problem("the clause says nothing in this agreement", 'give it a "when:"', "", place))
    return Clause(clause.id, clause.topic, number, clause.title, tuple(done))


def _rows(library: Library, outline: Outline, setting: Setting) -> list[_Printed]:
    """Return the rows that say something, in the outline's order; rows it does not name stand last."""
    rows = [row for topic in outline.topics for row in library.topics[topic].rows]
    order = {row_id: index for index, row_id in enumerate(outline.rows)}
    rows.sort(key=lambda row: order.get(row.id, len(order)))
    found = []
    for row in rows:
        for inner in entries(setting, row.each) if row.each else (setting,):
            if not holds(row.when.source, inner.facts):
                continue
            runs = filled_in(row.says, inner)
            if runs:
                found.append(_Printed(TermRow(row.id, line_of(row.label, inner), runs), row))
    return found


def _pairs(printed: list[_Printed]) -> tuple[TermPair, ...]:
    """Set rows side by side in reading order; rows that belong beside each other are not torn apart."""
    pairs: list[TermPair] = []
    waiting: _Printed | None = None
    for index, item in enumerate(printed):
        if waiting is None:
            waiting = item
            continue
        starts_group = item.source.beside and printed[index - 1].source.id != item.source.id
        if starts_group and waiting.source.id != item.source.id:
            pairs.append(TermPair(waiting.row, None))
            waiting = item
            continue
        pairs.append(TermPair(waiting.row, item.row))
        waiting = None
    if waiting is not None:
        pairs.append(TermPair(waiting.row, None))
    return tuple(pairs)


def _moved(printed: list[_Printed], letters: Mapping[str, str]) -> list[_Printed]:
    """Let rows whose facts stand in a schedule point there; each entry of a list keeps its row."""
    kept: list[_Printed] = []
    for item in printed:
        letter = letters.get(item.source.schedule)
        if letter is None:
            kept.append(item)
            continue
        runs = (Run(f"See Schedule {letter}"),)
        kept.append(replace(item, row=replace(item.row, runs=runs)))
    return kept


def _boxes(library: Library, setting: Setting) -> tuple[PartyBox, ...]:
    lines = library.topics["parties"].box
    boxes = []
    for inner in entries(setting, "parties"):
        party = inner.facts["each"]
        texts = (line_of(text, inner) for text in lines)
        boxes.append(PartyBox(party["name"], party["short"], tuple(text for text in texts if text)))
    return tuple(boxes)


def _signatures(library: Library, setting: Setting) -> tuple[Signature, ...]:
    sign = library.topics["parties"].signature
    return tuple(
        Signature(inner.facts["each"]["name"], line_of(sign, inner) if sign else "", "Date")
        for inner in entries(setting, "parties")
    )

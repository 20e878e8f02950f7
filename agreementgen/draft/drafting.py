"""Putting facts into the library's texts, and turning references into the words they stand for.

The schedules of an agreement: which tables stand behind it, under which letters, with what in them.

Deal and library make a Document: rows and clauses filled in, numbered, references resolved.

Nothing silent: every fact that was typed and is meant for print stands in the agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core import values
from agreementgen.core.document import (
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
    block_runs,
    text_of,
    words_in,
)
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.values import Choice, Duration, Money, Percent, Region
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.questions import SCHEDULES
from agreementgen.draft.chart import TITLE, chart
from agreementgen.draft.selection import Selection
from agreementgen.language.environment import InSchedule, Insert, Reference, Slots, without_stop
from agreementgen.language.filling import Setting, fill, holds, render_blocks, render_runs
from agreementgen.library.clauses import ClauseText, Row, ScheduleText, Text
from agreementgen.library.library import Library
from agreementgen.library.topics import Outline


class Resolver:
    """Turns references into words: a topic into "section 6", a row into its label, a table into "Schedule A"."""

    def __init__(self, numbers: Mapping[str, int], labels: Mapping[str, str], letters: Mapping[str, str]) -> None:
        self.numbers = numbers
        self.labels = labels
        self.letters = letters

    def runs(self, runs: Runs, slots: Slots, place: Place) -> Runs:
        def words(char: str) -> str | None:
            insert = slots.at(char)
            return None if insert is None else self.word(insert, place)

        return fill(runs, words)

    def word(self, insert: Insert, place: Place) -> str:
        if isinstance(insert, str):
            return insert
        if isinstance(insert, Reference):
            if insert.topic in self.numbers:
                return f"section {self.numbers[insert.topic]}"
            raise _dangling(f'ref("{insert.topic}")', "clause", place)
        if isinstance(insert, InSchedule):
            if insert.schedule in self.letters:
                return f"Schedule {self.letters[insert.schedule]}"
            raise _dangling(f'schedule("{insert.schedule}")', "schedule", place)
        if insert.row in self.labels:
            return self.labels[insert.row]
        raise _dangling(f'term("{insert.row}")', "row", place)


def _dangling(what: str, kind: str, place: Place) -> PackError:
    return PackError(
        Problem(f"{what} points to a {kind} that this agreement does not have", "guard it with {% if %}", "", place)
    )


_NOTHING = Resolver({}, {}, {})


def filled_in(text: Text, setting: Setting) -> Runs:
    """Return a text of facts alone (a row, a label, a cell): it refers to nothing."""
    runs, slots = render_runs(text.source, setting, text.place)
    return _NOTHING.runs(runs, slots, text.place)


def line_of(text: Text, setting: Setting) -> str:
    return text_of(filled_in(text, setting))


def entries(setting: Setting, path: str) -> Iterable[Setting]:
    """Yield a setting for each entry of the list at `path`, in which the entry is called `each`."""
    found = setting.facts
    for part in path.split("."):
        found = found[part] if found else ()  # type: ignore[assignment]
    for entry in found or ():
        yield replace(setting, facts={**setting.facts, "each": entry})


# A table of fewer words stays in the key terms even where long ones move behind the agreement.
SCHEDULE_WORDS = 30


def scheduled(
    library: Library, outline: Outline, setting: Setting, rows: Set[str], crowded: bool
) -> list[tuple[ScheduleText, Schedule]]:
    """Return the schedules in the order of the topics; `rows` are those that printed rows of the key terms name.

    A table has its place there from its number of entries on; where the page is `crowded`, also by its length.
    """
    named = {row.schedule for topic in outline.topics for row in library.topics[topic].rows}
    found: list[tuple[ScheduleText, Table]] = []
    for topic in outline.topics:
        for text in library.topics[topic].schedules:
            if (text.id in named and text.id not in rows) or not holds(text.when.source, setting.facts):
                continue
            count = sum(1 for _ in entries(setting, text.each))
            table = _table(text, setting) if count else None
            many = bool(text.start) and count >= text.start
            if table and (many or (crowded and _words(table) > SCHEDULE_WORDS)):
                found.append((text, table))
    return [
        (text, Schedule(chr(ord("A") + index), text.title, (table,), text.id))
        for index, (text, table) in enumerate(found)
    ]


def _table(text: ScheduleText, setting: Setting) -> Table:
    rows = [tuple(filled_in(column.says, inner) for column in text.columns) for inner in entries(setting, text.each)]
    heads = tuple(_bold(filled_in(column.head, setting)) for column in text.columns)
    widths = [column.width for column in text.columns]
    total = [_bold(filled_in(cell, setting)) for cell in text.total]
    # A total that cannot be calculated (amounts in two currencies) is left out with its row.
    if any(text_of(cell) for cell in total[1:]) or (len(total) == 1 and text_of(total[0])):
        rows.append(tuple(total))
    used = [index for index in range(len(widths)) if any(text_of(row[index]) for row in rows)]
    return Table(
        tuple(heads[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in rows),
        _shares([widths[index] for index in used]),
    )


def _bold(runs: Runs) -> Runs:
    return tuple(replace(run, bold=True) for run in runs)


def _shares(widths: list[int]) -> tuple[int, ...]:
    """Return widths in percent that add up to 100: columns without one share what the others leave."""
    open_ = [index for index, width in enumerate(widths) if not width]
    left = max(100 - sum(widths), 8 * len(open_))
    found = [width or left / len(open_) for width in widths]
    shares = [round(100 * width / sum(found)) for width in found]
    shares[-1] += 100 - sum(shares)
    return tuple(shares)


def _words(table: Table) -> int:
    return sum(len(text_of(runs).split()) for runs in block_runs(table))


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


def unprinted(deal: Deal, document: Document) -> tuple[Problem, ...]:
    """Return a warning for every typed fact whose words stand nowhere in `document`.

    Facts whose answer is a choice or yes/no select wording instead of being printed, and are left out here.
    """
    text = words_in(document).casefold()
    return tuple(
        Problem(
            f'"{shown[0]}" was given, but the agreement does not print it',
            "it may depend on another answer; look whether the agreement says what you mean",
            answer.path,
            answer.place,
        )
        for answer in deal.answers
        if answer.typed and answer.question.printed
        for shown in _forms(answer, deal.language)
        if not any(form.casefold() in text for form in shown)
    )


def _forms(answer: Answer, language: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each leaf of a fact, the forms in which it may be printed."""
    if answer.question.type in ("group", "list of groups", "shares", "per party"):
        # Their parts are answers of their own, except the items of a map from parties.
        if answer.question.type in ("per party", "shares"):
            for entry in answer.value:
                yield from _leaf(entry.get("said", entry.get("share")), language)
        return
    yield from _leaf(answer.value, language)


def _leaf(value: Any, language: str) -> Iterator[tuple[str, ...]]:
    match value:
        case Choice() | bool() | None | dict():
            return
        case tuple():
            for item in value:
                yield from _leaf(item, language)
        case Duration():
            shown = values.duration(value, language)
            if value.count:
                yield shown, values.adjective(value, language), values.possessive(shown)
        case Percent():
            if value.number:
                yield (values.printed(value, language),)
        case str() | Money() | Region() | date() | int() | Decimal():
            shown = values.printed(value, language)
            yield shown, without_stop(shown)

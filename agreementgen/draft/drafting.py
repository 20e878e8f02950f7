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
    runs_of_block,
    text_of_document,
    text_of_runs,
)
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.values import Choice, Duration, Money, Percent, Region
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.questions import SCHEDULES, Structure
from agreementgen.draft.chart import CHART_TITLE, draft_chart
from agreementgen.draft.selection import Selection
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import ClauseReference, Insert, ScheduleReference, Slots
from agreementgen.language.filling import FillContext, fill_blocks, fill_line, replace_slots
from agreementgen.language.filters import drop_final_stop
from agreementgen.library.clauses import ClauseText, ScheduleText, TermText
from agreementgen.library.declarations import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.topics import Outline


class Resolver:
    """Turns references into words: a topic into "section 6", a row into its label, a table into "Schedule A"."""

    def __init__(self, numbers: Mapping[str, int], labels: Mapping[str, str], letters: Mapping[str, str]) -> None:
        self.numbers = numbers
        self.labels = labels
        self.letters = letters

    def resolve_runs(self, runs: Runs, slots: Slots, place: Place) -> Runs:
        def words(char: str) -> str | None:
            insert = slots.insert_at(char)
            return None if insert is None else self.resolve(insert, place)

        return replace_slots(runs, words)

    def resolve(self, insert: Insert, place: Place) -> str:
        if isinstance(insert, str):
            return insert
        if isinstance(insert, ClauseReference):
            if insert.topic in self.numbers:
                return f"section {self.numbers[insert.topic]}"
            raise _dangling_reference(f'ref("{insert.topic}")', "clause", place)
        if isinstance(insert, ScheduleReference):
            if insert.schedule in self.letters:
                return f"Schedule {self.letters[insert.schedule]}"
            raise _dangling_reference(f'schedule("{insert.schedule}")', "schedule", place)
        if insert.row in self.labels:
            return self.labels[insert.row]
        raise _dangling_reference(f'term("{insert.row}")', "row", place)


def _dangling_reference(what: str, kind: str, place: Place) -> PackError:
    return PackError(
        Problem(f"{what} points to a {kind} that this agreement does not have", "guard it with {% if %}", "", place)
    )


_NO_REFERENCES = Resolver({}, {}, {})


def fill_facts(text: PlacedText, setting: FillContext) -> Runs:
    """Return a text of facts alone (a row, a label, a cell): it refers to nothing."""
    runs, slots = fill_line(text.text, setting, text.place)
    return _NO_REFERENCES.resolve_runs(runs, slots, text.place)


def fill_facts_as_text(text: PlacedText, setting: FillContext) -> str:
    return text_of_runs(fill_facts(text, setting))


def each_entry(setting: FillContext, path: str) -> Iterable[FillContext]:
    """Yield a setting for each entry of the list at `path`, in which the entry is called `each`."""
    found = setting.facts
    for part in path.split("."):
        found = found[part] if found else ()  # type: ignore[assignment]
    for entry in found or ():
        yield replace(setting, facts={**setting.facts, "each": entry})


# A table of fewer words stays in the key terms even where long ones move behind the agreement.
MAX_WORDS_IN_TERMS = 30


def draft_schedules(
    library: Library, outline: Outline, setting: FillContext, rows: Set[str], crowded: bool
) -> list[tuple[ScheduleText, Schedule]]:
    """Return the schedules in the order of the topics; `rows` are those that printed rows of the key terms name.

    A table has its place there from its number of entries on; where the page is `crowded`, also by its length.
    """
    named = {row.schedule for topic in outline.topics for row in library.topics[topic].terms}
    found: list[tuple[ScheduleText, Table]] = []
    for topic in outline.topics:
        for text in library.topics[topic].schedules:
            if (text.id in named and text.id not in rows) or not read_condition(text.when.text).holds(setting.facts):
                continue
            count = sum(1 for _ in each_entry(setting, text.each))
            table = _draft_table(text, setting) if count else None
            many = bool(text.least_entries) and count >= text.least_entries
            if table and (many or (crowded and _count_words(table) > MAX_WORDS_IN_TERMS)):
                found.append((text, table))
    return [
        (text, Schedule(chr(ord("A") + index), text.title, (table,), text.id))
        for index, (text, table) in enumerate(found)
    ]


def _draft_table(text: ScheduleText, setting: FillContext) -> Table:
    rows = [
        tuple(fill_facts(column.says, inner) for column in text.columns) for inner in each_entry(setting, text.each)
    ]
    heads = tuple(_make_bold(fill_facts(column.head, setting)) for column in text.columns)
    widths = [column.width for column in text.columns]
    total = [_make_bold(fill_facts(cell, setting)) for cell in text.totals]
    # A total that cannot be calculated (amounts in two currencies) is left out with its row.
    if any(text_of_runs(cell) for cell in total[1:]) or (len(total) == 1 and text_of_runs(total[0])):
        rows.append(tuple(total))
    used = [index for index in range(len(widths)) if any(text_of_runs(row[index]) for row in rows)]
    return Table(
        tuple(heads[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in rows),
        _column_shares([widths[index] for index in used]),
    )


def _make_bold(runs: Runs) -> Runs:
    return tuple(replace(run, bold=True) for run in runs)


def _column_shares(widths: list[int]) -> tuple[int, ...]:
    """Return widths in percent that add up to 100: columns without one share what the others leave."""
    open_ = [index for index, width in enumerate(widths) if not width]
    left = max(100 - sum(widths), 8 * len(open_))
    found = [width or left / len(open_) for width in widths]
    shares = [round(100 * width / sum(found)) for width in found]
    shares[-1] += 100 - sum(shares)
    return tuple(shares)


def _count_words(table: Table) -> int:
    return sum(len(text_of_runs(runs).split()) for runs in runs_of_block(table))


# The name under which rows of key terms point to the schedule with the RACI chart.
CHART_SCHEDULE = "raci"


@dataclass(frozen=True)
class _PrintedTerm:
    """A row with the declaration it came from."""

    row: TermRow
    text: TermText


def draft_agreement(
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
    setting = FillContext(deal.facts, deal.language, selection.topics)
    printed = _draft_terms(library, outline, setting)
    labels = {item.text.id: item.row.label for item in printed}
    numbers = {clause.topic: number for number, clause in enumerate(selection.clauses, 1)}
    tables = draft_schedules(library, outline, setting, {item.text.schedule for item in printed}, schedules)
    letters = {text.id: table.letter for text, table in tables}
    behind = [table for _, table in tables]
    if deal.matrix and deal.matrix.attach:
        letters[CHART_SCHEDULE] = chr(ord("A") + len(tables))
        behind.append(Schedule(letters[CHART_SCHEDULE], CHART_TITLE, (draft_chart(deal, deal.matrix),), CHART_SCHEDULE))
    resolve = Resolver(numbers, labels, letters)
    setting = replace(setting, facts={**deal.facts, SCHEDULES: bool(behind)}, schedules=frozenset(letters))
    printed = _point_to_schedules(printed, letters)
    effective = deal.facts.get("effective")
    drafted_by = deal.facts.get("drafted_by")
    return Document(
        title=fill_facts_as_text(outline.heading, setting),
        effective=fill_facts_as_text(outline.subtitle, setting),
        language=deal.language,
        paper=str(deal.facts["paper"]),
        parties=_draft_party_boxes(library, setting),
        terms_title=outline.terms_title,
        terms=_pair_terms(printed),
        clauses=tuple(
            _draft_clause(clause, number, setting, resolve) for number, clause in enumerate(selection.clauses, 1)
        ),
        signatures=_draft_signatures(library, setting),
        schedules=tuple(behind),
        footer=" · ".join(filter(None, (fill_facts_as_text(outline.footer, setting), library.footer))),
        apart=fill_facts_as_text(outline.standard_terms_title, setting) if apart else None,
        agreed=fill_facts_as_text(outline.agreed, setting) if apart else "",
        author=drafted_by["name"] if drafted_by else "",
        dated=effective if isinstance(effective, date) else None,
    )


def context_of_document(deal: Deal, selection: Selection, document: Document) -> tuple[FillContext, Resolver]:
    """Return with what texts that stand around a drafted agreement are filled in, and what they may refer to."""
    letters = {schedule.id: schedule.letter for schedule in document.schedules}
    numbers = {clause.topic: clause.number for clause in document.clauses}
    facts = {**deal.facts, SCHEDULES: bool(document.schedules)}
    setting = FillContext(facts, deal.language, selection.topics, frozenset(letters))
    return setting, Resolver(numbers, {row.id: row.label for row in document.rows}, letters)


def _draft_clause(clause: ClauseText, number: int, setting: FillContext, resolve: Resolver) -> Clause:
    place = clause.body.place
    blocks, slots = fill_blocks(clause.body.text, setting, place)

    def filled(runs: Runs) -> Runs:
        return resolve.resolve_runs(runs, slots, place)

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


def _draft_terms(library: Library, outline: Outline, setting: FillContext) -> list[_PrintedTerm]:
    """Return the rows that say something, in the outline's order; rows it does not name stand last."""
    rows = [row for topic in outline.topics for row in library.topics[topic].terms]
    order = {row_id: index for index, row_id in enumerate(outline.term_order)}
    rows.sort(key=lambda row: order.get(row.id, len(order)))
    found = []
    for row in rows:
        for inner in each_entry(setting, row.each) if row.each else (setting,):
            if not read_condition(row.when.text).holds(inner.facts):
                continue
            runs = fill_facts(row.says, inner)
            if runs:
                found.append(_PrintedTerm(TermRow(row.id, fill_facts_as_text(row.label, inner), runs), row))
    return found


def _pair_terms(printed: list[_PrintedTerm]) -> tuple[TermPair, ...]:
    """Set rows side by side in reading order; rows that belong beside each other are not torn apart."""
    pairs: list[TermPair] = []
    waiting: _PrintedTerm | None = None
    for index, item in enumerate(printed):
        if waiting is None:
            waiting = item
            continue
        starts_group = item.text.beside and printed[index - 1].text.id != item.text.id
        if starts_group and waiting.text.id != item.text.id:
            pairs.append(TermPair(waiting.row, None))
            waiting = item
            continue
        pairs.append(TermPair(waiting.row, item.row))
        waiting = None
    if waiting is not None:
        pairs.append(TermPair(waiting.row, None))
    return tuple(pairs)


def _point_to_schedules(printed: list[_PrintedTerm], letters: Mapping[str, str]) -> list[_PrintedTerm]:
    """Let rows whose facts stand in a schedule point there; each entry of a list keeps its row."""
    kept: list[_PrintedTerm] = []
    for item in printed:
        letter = letters.get(item.text.schedule)
        if letter is None:
            kept.append(item)
            continue
        runs = (Run(f"See Schedule {letter}"),)
        kept.append(replace(item, row=replace(item.row, runs=runs)))
    return kept


def _draft_party_boxes(library: Library, setting: FillContext) -> tuple[PartyBox, ...]:
    lines = library.topics["parties"].box_lines
    boxes = []
    for inner in each_entry(setting, "parties"):
        party = inner.facts["each"]
        texts = (fill_facts_as_text(text, inner) for text in lines)
        boxes.append(PartyBox(party["name"], party["short"], tuple(text for text in texts if text)))
    return tuple(boxes)


def _draft_signatures(library: Library, setting: FillContext) -> tuple[Signature, ...]:
    sign = library.topics["parties"].signature_line
    return tuple(
        Signature(inner.facts["each"]["name"], fill_facts_as_text(sign, inner) if sign else "", "Date")
        for inner in each_entry(setting, "parties")
    )


def find_unprinted_facts(deal: Deal, document: Document) -> tuple[Problem, ...]:
    """Return a warning for every typed fact whose words stand nowhere in `document`.

    Facts whose answer is a choice or yes/no select wording instead of being printed, and are left out here.
    """
    text = text_of_document(document).casefold()
    return tuple(
        Problem(
            f'"{shown[0]}" was given, but the agreement does not print it',
            "it may depend on another answer; look whether the agreement says what you mean",
            answer.path,
            answer.place,
        )
        for answer in deal.answers
        if answer.typed and answer.question.printed
        for shown in _printed_forms(answer, deal.language)
        if not any(form.casefold() in text for form in shown)
    )


def _printed_forms(answer: Answer, language: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each leaf of a fact, the forms in which it may be printed."""
    if answer.question.structure in (Structure.GROUP, Structure.GROUPS, Structure.SHARES, Structure.PER_PARTY):
        # Their parts are answers of their own, except the items of a map from parties.
        if answer.question.structure in (Structure.PER_PARTY, Structure.SHARES):
            for entry in answer.value:
                yield from _forms_of_value(entry.get("said", entry.get("share")), language)
        return
    yield from _forms_of_value(answer.value, language)


def _forms_of_value(value: Any, language: str) -> Iterator[tuple[str, ...]]:
    match value:
        case Choice() | bool() | None | dict():
            return
        case tuple():
            for item in value:
                yield from _forms_of_value(item, language)
        case Duration():
            shown = values.format_duration(value, language)
            if value.count:
                yield shown, values.format_adjective(value, language), values.possessive_of(shown)
        case Percent():
            if value.number:
                yield (values.format_value(value, language),)
        case str() | Money() | Region() | date() | int() | Decimal():
            shown = values.format_value(value, language)
            yield shown, drop_final_stop(shown)

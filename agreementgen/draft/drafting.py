"""Deal and library make a Document: rows and clauses filled in, numbered, references resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.deal.deal import Deal
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
    text_of,
)
from agreementgen.draft.selection import Selection
from agreementgen.errors import PackError, Place, Problem
from agreementgen.language.environment import Insert, Reference, Slots
from agreementgen.language.markdown import fill
from agreementgen.language.rendering import Setting, holds, render_blocks, render_runs
from agreementgen.library.clauses import ClauseText, Row, Text
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline

# A list shorter than this stays in the table even where long ones move to a schedule.
SCHEDULE_WORDS = 30


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
    resolve = _Resolver(numbers, labels)
    moved: tuple[Schedule, ...] = ()
    if schedules:
        printed, moved = _move(printed)
    effective = deal.facts.get("effective")
    drafted_by = deal.facts.get("drafted_by")
    return Document(
        title=outline.title,
        effective=_line(outline.subtitle, setting),
        language=deal.language,
        paper=str(deal.facts["paper"]),
        parties=_boxes(library, setting),
        terms_title=outline.terms_title,
        terms=_pairs(printed),
        clauses=tuple(_clause(clause, number, setting, resolve) for number, clause in enumerate(selection.clauses, 1)),
        signatures=_signatures(library, setting),
        schedules=moved,
        footer=_line(outline.footer, setting),
        apart=_line(outline.apart, setting) if apart else None,
        agreed=_line(outline.agreed, setting) if apart else "",
        author=drafted_by["name"] if drafted_by else "",
        dated=effective if isinstance(effective, date) else None,
    )


class _Resolver:
    """Turns references into words: a topic into "section 6", a row into its label."""

    def __init__(self, numbers: dict[str, int], labels: dict[str, str]) -> None:
        self.numbers = numbers
        self.labels = labels

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
        if insert.row in self.labels:
            return self.labels[insert.row]
        raise _dangling(f'term("{insert.row}")', "row", place)


def _dangling(what: str, kind: str, place: Place) -> PackError:
    return PackError(
        Problem(f"{what} points to a {kind} that this agreement does not have", "guard it with {% if %}", "", place)
    )


def _clause(clause: ClauseText, number: int, setting: Setting, resolve: _Resolver) -> Clause:
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
            case Table(head, rows):
                done.append(Table(tuple(map(filled, head)), tuple(tuple(map(filled, row)) for row in rows)))
    if not done:
        raise PackError(Problem("the clause says nothing in this agreement", 'give it a "when:"', "", place))
    return Clause(clause.id, clause.topic, number, clause.title, tuple(done))


def _filled(text: Text, setting: Setting) -> Runs:
    runs, slots = render_runs(text.source, setting, text.place)
    return _Resolver({}, {}).runs(runs, slots, text.place)


def _line(text: Text, setting: Setting) -> str:
    return text_of(_filled(text, setting))


def _each(setting: Setting, path: str) -> Iterable[Setting]:
    entries = setting.facts
    for part in path.split("."):
        entries = entries[part] if entries else ()  # type: ignore[assignment]
    for entry in entries or ():
        yield replace(setting, facts={**setting.facts, "each": entry})


def _rows(library: Library, outline: Outline, setting: Setting) -> list[_Printed]:
    """Return the rows that say something, in the outline's order; rows it does not name stand last."""
    rows = [row for topic in outline.topics for row in library.topics[topic].rows]
    order = {row_id: index for index, row_id in enumerate(outline.rows)}
    rows.sort(key=lambda row: order.get(row.id, len(order)))
    found = []
    for row in rows:
        for inner in _each(setting, row.each) if row.each else (setting,):
            if not holds(row.when.source, inner.facts):
                continue
            runs = _filled(row.says, inner)
            if runs:
                found.append(_Printed(TermRow(row.id, _line(row.label, inner), runs), row))
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


def _move(printed: list[_Printed]) -> tuple[list[_Printed], tuple[Schedule, ...]]:
    """Move long lists to schedules; their rows then point there."""
    words: dict[str, int] = {}
    for item in printed:
        words[item.source.long] = words.get(item.source.long, 0) + len(text_of(item.row.runs).split())
    titles = [title for title, count in words.items() if title and count > SCHEDULE_WORDS]
    letters = {title: chr(ord("A") + index) for index, title in enumerate(titles)}
    kept: list[_Printed] = []
    rows: dict[str, list[tuple[Runs, ...]]] = {title: [] for title in titles}
    for item in printed:
        title = item.source.long
        if title not in letters:
            kept.append(item)
            continue
        rows[title].append(((Run(item.row.label, bold=True),), item.row.runs))
        kept.append(replace(item, row=replace(item.row, runs=(Run(f"See Schedule {letters[title]}"),))))
    schedules = tuple(
        Schedule(letters[title], title, (Table(((Run("Party"),), (Run(title),)), tuple(rows[title])),))
        for title in titles
    )
    return kept, schedules


def _boxes(library: Library, setting: Setting) -> tuple[PartyBox, ...]:
    lines = library.topics["parties"].box
    boxes = []
    for inner in _each(setting, "parties"):
        party = inner.facts["each"]
        texts = (_line(line, inner) for line in lines)
        boxes.append(PartyBox(party["name"], party["short"], tuple(text for text in texts if text)))
    return tuple(boxes)


def _signatures(library: Library, setting: Setting) -> tuple[Signature, ...]:
    sign = library.topics["parties"].signature
    return tuple(
        Signature(inner.facts["each"]["name"], _line(sign, inner) if sign else "", "Date")
        for inner in _each(setting, "parties")
    )

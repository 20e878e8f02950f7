"""An amendment: what changes in a signed agreement, restated whole, and the rest kept in force.

Sections keep the numbers they were signed with: one that is added comes behind the last, one that is deleted leaves its
number empty. So nothing else in the agreement has to change with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.core import values
from agreementgen.core.document import (
    Block,
    Clause,
    Document,
    ItemList,
    Paragraph,
    Run,
    Table,
    TermRow,
    text_of_runs,
)
from agreementgen.core.problems import InputError, LayoutError, Place, Problem, count_noun
from agreementgen.deal.standing import ENDED, SIGNED, find_day
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import Selection, select_clauses
from agreementgen.draft.term_pairs import pair_rows
from agreementgen.life.instruments import InstrumentDraft, drop_references, find_instrument
from agreementgen.life.parts import Kind, Part, PartChange, align_parts, list_parts
from agreementgen.render.chart_layout import arrange_charts
from agreementgen.render.fit import LAYOUTS, FitStep, FittedDocument, fit
from agreementgen.render.word_structure import StructureNames
from agreementgen.sources import SourcedDeal

AMENDMENT = "amendment"
# The section on rows whose time runs since the agreement began.
COUNTED = "counted"


@dataclass(frozen=True)
class AmendedVersion:
    """The agreement as one of its versions: `day` is that of its amendment, None where it was not given."""

    sourced: SourcedDeal
    selection: Selection
    document: Document
    day: date | None


@dataclass(frozen=True)
class Amendment:
    """The amendment that makes the last of `versions` of the one before, and what it changes."""

    versions: tuple[AmendedVersion, ...]
    changes: tuple[PartChange, ...]
    fitted: FittedDocument

    @property
    def number(self) -> int:
        return len(self.versions) - 1


def write_amendment(sources: Sequence[SourcedDeal], days: Sequence[date], step: FitStep) -> Amendment:
    """Return the amendment that makes the last of `sources` of the one before it; the first is what was signed first.

    `days` are those from which the amendments apply, in order; that of the last may be missing. `step` is how the first
    agreement was drafted. Raise InputError for what no amendment can change, and where nothing changes; LayoutError
    where it takes more than a page.
    """
    _refuse_days_out_of_the_agreement(sources, days)
    versions = _draft_versions(sources, days, step)
    before, after = versions[-2:]
    changes = align_parts(list_parts(before.document), list_parts(after.document))
    changed = tuple(change for change in changes if change.state != "unchanged")
    _refuse_what_is_no_amendment(before, after, changed)
    document = _AmendmentDraft(versions, changed).write()
    try:
        fitted = fit(lambda _: document, after.sourced.library.layout, LAYOUTS["one-page"][:1])
    except LayoutError:
        message = f"the amendment does not fit on one page: {count_noun(len(changed), 'part')} of the agreement change"
        hint = "change less at once, or sign the new agreement in place of the old one"
        raise LayoutError(Problem(message, hint, place=Place(after.sourced.name), code="fit-too-long")) from None
    return Amendment(versions, changed, fitted)


def write_consolidated(amendment: Amendment) -> FittedDocument:
    """Return the agreement as amended, for reading only: without signatures, and saying so at the foot of its page."""
    last = amendment.versions[-1]
    listed = _list_amendments(amendment.versions)
    footer = f"{last.document.footer} · Reading copy with {listed}; what was signed counts"
    document = replace(last.document, signatures=(), footer=footer, agreed="")
    return fit(lambda _: document, last.sourced.library.layout, LAYOUTS["auto"])


def _draft_versions(sources: Sequence[SourcedDeal], days: Sequence[date], step: FitStep) -> tuple[AmendedVersion, ...]:
    """Return each version drafted alike, its sections under the numbers they have had from their first day on."""
    numbers: dict[str, int] = {}
    versions = []
    for position, sourced in enumerate(sources):
        deal, library = sourced.deal, sourced.library
        outline = library.outline_of_deal(deal)
        selection = select_clauses(deal, library, outline, step.short_wording)
        for clause in selection.clauses:
            numbers.setdefault(clause.topic, len(numbers) + 1)
        document = draft_agreement(
            deal, library, outline, selection, step.lists_in_schedule, step.clauses_apart, numbers
        )
        day = days[position - 1] if 0 < position <= len(days) else None
        versions.append(AmendedVersion(sourced, selection, arrange_charts(document, library.layout), day))
    return tuple(versions)


def _refuse_what_is_no_amendment(before: AmendedVersion, after: AmendedVersion, changes: Sequence[PartChange]) -> None:
    """Raise InputError where the new file is another agreement, or the same one."""
    old, new = before.sourced, after.sourced
    problems = []

    def refuse(field: str, message: str, hint: str) -> None:
        place = next((answer.place for answer in new.deal.answers if answer.path == field and answer.typed), None)
        problems.append(Problem(message, hint, field, place or Place(new.name), code="not-amendable"))

    hint = "sign the new agreement in place of the old one, and say in it that it does so"
    if old.deal.kind != new.deal.kind:
        refuse("agreement", f"the kind of agreement changes from {old.deal.kind} to {new.deal.kind}", hint)
    elif [box.name for box in before.document.parties] != [box.name for box in after.document.parties]:
        message = "the parties, or their names, are others; an amendment is signed by those of the agreement"
        refuse("parties", message, hint + "; a company that only has a new name signs as the old one, and says so")
    elif [box.short for box in before.document.parties] != [box.short for box in after.document.parties]:
        refuse("parties", "a short name changes, and with it every sentence", "keep the short names of the agreement")
    elif before.document.effective != after.document.effective:
        message = "the day on which the agreement takes effect changes; what has begun cannot begin again"
        refuse("effective", message, "keep that of the agreement; --dated says from when the amendment applies")
    elif before.document.title != after.document.title:
        refuse("", "the title of the agreement changes", "keep the title, so that the amendment finds its agreement")
    elif not any(change.part.kind in ("party", "row", "clause", "schedule") for change in changes):
        refuse("", "nothing that the agreement prints changes", "compare the files: agreementgen compare")
    if problems:
        raise InputError(problems)


def _refuse_days_out_of_the_agreement(sources: Sequence[SourcedDeal], days: Sequence[date]) -> None:
    """Raise InputError where an amendment would apply before the agreement takes effect, or after it has ended."""
    facts = sources[0].deal.facts
    effective = facts.get("effective")
    start = effective if isinstance(effective, date) else find_day(facts, SIGNED)
    end = min((day for one in sources if (day := find_day(one.deal.facts, ENDED))), default=None)
    problems = []
    for day in days:
        message, hint = "", "look at --dated"
        if start and day < start:
            message = f"the amendment cannot apply from {day}: the agreement takes effect only on {start}"
            hint = "look at --dated; before that day, change the agreement itself"
        elif end and day > end:
            message = f"the amendment cannot apply from {day}: the agreement ended on {end}, as its status says"
        if message:
            problems.append(Problem(message, hint, place=Place(sources[-1].name), code="not-amendable"))
    if problems:
        raise InputError(problems)


class _AmendmentDraft:
    """Puts the amendment together, in the words of the library."""

    def __init__(self, versions: tuple[AmendedVersion, ...], changes: Sequence[PartChange]) -> None:
        self._old, self._new = versions[-2:]
        self._changes = changes
        deal, library = self._new.sourced.deal, self._new.sourced.library
        self._quotes = library.words.quotes
        self._number = len(versions) - 1
        facts = {
            "number": self._number,
            "earlier": _list_amendments(versions[:-1]),
            "dated": self._new.day,
        }
        text = find_instrument(AMENDMENT, library)
        self._draft = InstrumentDraft(text, deal, self._new.selection, self._new.document, facts)

    def write(self) -> Document:
        new = self._new.document
        restated = {change.new.key for change in self._of_kind("row") if change.new}
        parts = [part for part in list_parts(new) if part.kind == "row"]
        rows = [row for part, row in zip(parts, new.rows, strict=True) if part.key in restated]
        if not rows:
            # The table is never empty: it then says what is amended.
            rows = [TermRow("agreement", "Agreement", (Run(f"{new.title}, {self._draft.effective}"),))]
        letters = {change.new.key for change in self._of_kind("schedule") if change.new}
        names = StructureNames(new)
        return replace(
            new,
            title=self._draft.title(),
            effective=values.format_day(self._new.day, new.language) if self._new.day else "",
            terms=pair_rows([replace(row, group=0) for row in rows]),
            clauses=tuple(self._number_clauses()),
            schedules=tuple(one for one in new.schedules if names.schedules[one.letter] in letters),
            footer=f"{_name_amendment(self._number)} · {new.footer}",
            apart=None,
            agreed="",
            dated=self._new.day,
        )

    def _of_kind(self, kind: Kind) -> list[PartChange]:
        return [change for change in self._changes if change.part.kind == kind]

    # -- sections

    def _number_clauses(self) -> Iterator[Clause]:
        for number, clause in enumerate(self._each_clause(), 1):
            # Each has a topic of its own: bookmarks are named by it.
            yield replace(clause, id=f"{AMENDMENT}-{clause.id}", topic=f"{AMENDMENT}-{number}", number=number)

    def _each_clause(self) -> Iterator[Clause]:
        yield from self._say("agreement")
        yield from self._say_of("parties", [change.part.title for change in self._of_kind("party")])
        rows = self._of_kind("row")
        if any(change.new for change in rows):
            yield from self._say("rows")
            yield from self._say_what_has_begun()
        # A row under another name takes the place of none.
        gone = [one.old.title for one in rows if one.old and (one.new is None or one.new.title != one.old.title)]
        yield from self._say_of("dropped", [f"{self._quotes[0]}{label}{self._quotes[1]}" for label in gone])
        yield from self._each_changed_clause()
        schedules = self._of_kind("schedule")
        yield from self._say_of("schedules", [_name_schedule(one.new) for one in schedules if one.new])
        yield from self._say_of("schedules dropped", [_name_schedule(one.old) for one in schedules if not one.new])
        yield from self._say("rest")
        yield from self._say("signing")

    def _say_what_has_begun(self) -> Iterator[Clause]:
        """Yield what is said of restated rows whose time runs since the agreement began; a pack's words may lack it."""
        restated = {change.new.key for change in self._of_kind("row") if change.new}
        parts = [part for part in list_parts(self._new.document) if part.kind == "row"]
        rows = [row for part, row in zip(parts, self._new.document.rows, strict=True) if part.key in restated]
        labels = _label_each_count_from_start(self._new, rows)
        if labels and self._draft.has(COUNTED):
            quoted = tuple(f"{self._quotes[0]}{label}{self._quotes[1]}" for label in labels)
            yield from self._say(COUNTED, labels=quoted, day=self._new.sourced.deal.facts["effective"])

    def _each_changed_clause(self) -> Iterator[Clause]:
        """Yield what becomes of each section, in the order of their numbers."""
        old, new = ({clause.topic: clause for clause in one.document.clauses} for one in (self._old, self._new))
        for topic, clause in sorted({**new, **old}.items(), key=lambda item: item[1].number):
            restated = new.get(topic)
            if restated is None:
                yield from self._say("deleted", section=clause.number, heading=clause.heading)
            elif topic not in old:
                yield from self._say("added", restated.blocks, section=clause.number, heading=clause.heading)
            elif (restated.heading, restated.blocks) != (clause.heading, clause.blocks):
                heading = clause.heading
                if restated.heading != heading:
                    heading += f" (now: {restated.heading})"
                yield from self._say("replaced", restated.blocks, section=clause.number, heading=heading)

    def _say_of(self, id: str, labels: Sequence[str]) -> Iterator[Clause]:
        if labels:
            yield from self._say(id, labels=tuple(labels), one=len(labels) == 1)

    def _say(self, id: str, blocks: tuple[Block, ...] = (), **facts: object) -> Iterator[Clause]:
        """Yield the section `id`, with the new text of a section of the agreement behind it."""
        drafted = self._draft.draft(id, **facts)
        if drafted:
            own = (*drafted.paragraphs, *map(_without_references, blocks))
            yield Clause(id.replace(" ", "-"), id, 0, drafted.heading, own)


def _list_amendments(versions: Sequence[AmendedVersion]) -> str:
    """Return the amendments that made the last of `versions`, each with its day: "" for none."""
    language = versions[0].document.language
    named = []
    for number, version in enumerate(versions[1:], 1):
        day = f" of {values.format_day(version.day, language)}" if version.day else ""
        named.append(_name_amendment(number) + day)
    return values.format_enumeration(named, language) if named else ""


def _name_amendment(number: int) -> str:
    return f"Amendment No. {number}"


def _name_schedule(part: Part | None) -> str:
    """Return "Schedule A" of "Schedule A. Contributions"."""
    return part.title.partition(". ")[0] if part else ""


def _without_references(block: Block) -> Block:
    match block:
        case Paragraph(runs):
            return Paragraph(drop_references(runs))
        case ItemList(items):
            return replace(block, items=tuple(map(drop_references, items)))
        case Table(head, rows, widths):
            cells = tuple(tuple(map(drop_references, row)) for row in rows)
            return Table(tuple(map(drop_references, head)), cells, widths)
    return block


def describe_amendment(amendment: Amendment) -> Iterator[str]:
    """Yield what an amendment changes, for people."""
    said = {"changed": "changed", "added": "added", "dropped": "deleted"}
    for kind, name in (("party", "parties"), ("row", "key terms"), ("clause", "sections"), ("schedule", "schedules")):
        found = [f"{one.part.title} ({said[one.state]})" for one in amendment.changes if one.part.kind == kind]
        if found:
            yield f"{name}: {', '.join(found)}"
    yield from _each_count_from_start(amendment)
    sizes = amendment.fitted.sizes
    yield f"{count_noun(amendment.fitted.pages, 'page')} at {sizes.body:g} pt; no legal advice: have a lawyer read it"


def _each_count_from_start(amendment: Amendment) -> Iterator[str]:
    """Yield the restated rows whose time runs since the agreement began: part of it is over."""
    new = amendment.versions[-1]
    for label in _label_each_count_from_start(new, amendment.fitted.document.rows):
        day = values.format_day(new.sourced.deal.facts["effective"], new.document.language)
        yield f'note: "{label}" counts from the Effective date, {day}, not from the day of the amendment'


def _label_each_count_from_start(version: AmendedVersion, rows: Sequence[TermRow]) -> list[str]:
    if not isinstance(version.sourced.deal.facts.get("effective"), date):
        return []
    return [row.label for row in rows if "Effective date" in text_of_runs(row.runs)]

"""Deal and library make a Document: rows, clauses and schedules filled in, numbered, references resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.core import values
from agreementgen.core.document import (
    Block,
    Clause,
    Document,
    ItemList,
    NumberReference,
    Paragraph,
    PartyBox,
    Run,
    Runs,
    Schedule,
    Signature,
    Table,
    TermRow,
    runs_of_block,
    text_of_runs,
)
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.typography import curl_quotes
from agreementgen.core.values import Choice
from agreementgen.core.words import ENGLISH, PrintedWords
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import APART, LAW_REGION, SCHEDULES, Facts, name_in_clauses
from agreementgen.draft.chart import draft_chart
from agreementgen.draft.selection import Selection
from agreementgen.draft.term_pairs import pair_rows
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import (
    ClauseReference,
    ClauseReferences,
    Insert,
    ScheduleReference,
    Slots,
)
from agreementgen.language.filling import FillContext, fill_blocks, fill_line, replace_slots
from agreementgen.language.spelling import is_respelled, spell
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import ClauseText, ScheduleText, TermText, Topic

# The name under which rows of key terms point to the schedule with the RACI chart.
CHART_SCHEDULE = "raci"
# A table of fewer words stays in the key terms even where long ones move behind the agreement.
MAX_WORDS_IN_TERMS = 30


@dataclass(frozen=True)
class Excerpt:
    """What a proof drafts of an agreement: a clause, by its id ("" for none), and some rows of the key terms."""

    clause_id: str = ""
    rows: frozenset[str] = frozenset()


def draft_agreement(
    deal: Deal,
    library: Library,
    outline: Outline,
    selection: Selection,
    schedules: bool = False,
    apart: bool = False,
    numbers: Mapping[str, int] | None = None,
    excerpt: Excerpt | None = None,
) -> Document:
    """Return the agreement. With `schedules`, long lists of the key-terms table move behind it; with `apart`, the
    clauses stand on a second page, behind the signatures. `numbers` are those of the clauses by topic, where they are
    not counted: an amended agreement keeps them, so they may have gaps.

    With `excerpt`, clause and rows read as they do in the whole; the parties and what else stands around them are
    missing. A proof of wordings drafts thousands of agreements for one clause each.

    Raise PackError for a reference to a clause or row that this agreement does not have.
    """
    words = library.words
    facts = {**spell_own_words(deal), APART: apart}
    context = FillContext(facts, deal.language, selection.topics, positions=selection.positions, words=words)
    terms = _draft_terms(library, outline, context, excerpt)
    tables = _draft_schedules(library, outline, context, {term.text.schedule for term in terms}, schedules)
    if deal.matrix and deal.matrix.attach:
        letter = _letter_of(len(tables))
        tables.append(
            Schedule(
                letter,
                words.chart,
                (draft_chart(deal, deal.matrix, words=words),),
                CHART_SCHEDULE,
                word=words.schedule,
            )
        )
    letters = {table.id: table.letter for table in tables}
    counted = {clause.topic: number for number, clause in enumerate(selection.clauses, 1)}
    number_of = {topic: (numbers or counted)[topic] for topic in counted}
    clauses = sorted(selection.clauses, key=lambda clause: number_of[clause.topic])
    resolver = Resolver(
        numbers=number_of,
        labels={term.text.id: term.row.label for term in terms},
        letters=letters,
        language=deal.language,
        words=words,
    )
    context = replace(context, facts={**facts, SCHEDULES: bool(tables)}, schedules=frozenset(letters))
    if excerpt is None:
        tables = [_fill_annex(table, library, context, resolver) for table in tables]
    effective = deal.facts.get("effective")
    drafted_by = deal.facts.get("drafted_by")
    return Document(
        title=fill_facts_as_text(outline.heading, context),
        effective=fill_facts_as_text(outline.subtitle, context),
        language=deal.language,
        paper=str(deal.facts["paper"]),
        parties=() if excerpt else _draft_party_boxes(library, context),
        terms_title=outline.terms_title,
        terms=pair_rows([_point_to_schedule(term, letters, words).row for term in terms]),
        clauses=tuple(
            _draft_clause(clause, number_of[clause.topic], context, resolver)
            for clause in clauses
            if excerpt is None or clause.id == excerpt.clause_id
        ),
        signatures=() if excerpt else _draft_signatures(library, context),
        schedules=tuple(tables),
        footer=" · ".join(filter(None, (fill_facts_as_text(outline.footer, context), deal.mark, library.footer))),
        apart=fill_facts_as_text(outline.standard_terms_title, context) if apart else None,
        agreed=fill_facts_as_text(outline.agreed if apart else outline.agreed_on_one_page, context),
        author=drafted_by["name"] if drafted_by else "",
        dated=effective if isinstance(effective, date) else None,
        words=words,
    )


def context_of_document(deal: Deal, selection: Selection, document: Document) -> tuple[FillContext, Resolver]:
    """Return with what texts that stand around a drafted agreement are filled in, and what they may refer to."""
    letters = {schedule.id: schedule.letter for schedule in document.schedules}
    numbers = {clause.topic: clause.number for clause in document.clauses}
    facts = {**spell_own_words(deal), SCHEDULES: bool(document.schedules), APART: document.apart is not None}
    context = FillContext(
        facts, deal.language, selection.topics, frozenset(letters), selection.positions, document.words
    )
    labels = {row.id: row.label for row in document.rows}
    return context, Resolver(numbers, labels, letters, deal.language, document.words)


def spell_own_words(deal: Deal) -> Facts:
    """Return the facts with our words in them, choices and usual texts, spelled as the governing law's country does."""
    law = str(deal.facts.get(LAW_REGION) or "")
    if not is_respelled(law) or not deal.language.startswith("en"):
        return deal.facts
    usual = {name_in_clauses(answer.path) for answer in deal.answers if not answer.typed}

    def walk(value: object, path: str) -> object:
        match value:
            case Choice():
                return Choice(value, spell(value.printed, law))
            case dict():
                return {key: walk(inner, f"{path}.{key}" if path else str(key)) for key, inner in value.items()}
            case tuple():
                return tuple(walk(item, path) for item in value)
            case str() if path in usual:
                return spell(value, law)
        return value

    return {key: walk(value, key) for key, value in deal.facts.items()}


# -- clauses, parties, signatures


def _draft_clause(clause: ClauseText, number: int, context: FillContext, resolver: Resolver) -> Clause:
    drafted = _draft_blocks(clause.body, context, resolver)
    return Clause(clause.id, clause.topic, number, clause.title, drafted)


def _draft_blocks(
    text: PlacedText, context: FillContext, resolver: Resolver, what: str = "clause"
) -> tuple[Block, ...]:
    """Return what a text says: paragraphs, lists and tables; problems call it `what`."""
    place = text.place
    blocks, slots = fill_blocks(text.text, context, place)

    def resolve(runs: Runs) -> Runs:
        return resolver.resolve_runs(runs, slots, place)

    drafted: list[Block] = []
    for block in blocks:
        match block:
            case Paragraph(runs):
                drafted.append(Paragraph(resolve(runs)))
            case ItemList(items):
                drafted.append(replace(block, items=tuple(map(resolve, items))))
            case Table(head, rows, widths):
                cells = tuple(tuple(map(resolve, row)) for row in rows)
                drafted.append(Table(tuple(map(resolve, head)), cells, widths))
    if not drafted:
        message = f"the {what} says nothing in this agreement"
        raise PackError(Problem(message, 'give it a "when:"', place=place, code="empty"))
    return tuple(drafted)


def _draft_party_boxes(library: Library, context: FillContext) -> tuple[PartyBox, ...]:
    topic = library.topics["parties"]
    boxes = []
    for entry in each_entry(context, "parties"):
        texts = (fill_facts_as_text(line, entry) for line in topic.box_lines)
        short = curl_quotes(entry.facts["each"]["short"], context.words.quotes)
        boxes.append(PartyBox(_name_in_full(topic, entry), short, tuple(filter(None, texts))))
    return tuple(boxes)


def _draft_signatures(library: Library, context: FillContext) -> tuple[Signature, ...]:
    """Return what to sign, in the order of the parties: one for each person."""
    topic = library.topics["parties"]
    signatures: list[Signature] = []
    words = context.words
    for entry in each_entry(context, "parties"):
        through = fill_facts_as_text(topic.signs_through, entry) if topic.signs_through else ""
        party = "\n".join(filter(None, (_name_in_full(topic, entry), through)))
        signers = [signer for line in topic.signature_lines if (signer := fill_facts_as_text(line, entry))]
        signatures += (Signature(party, signer, words.date, words.by, words.name) for signer in signers or [""])
    return tuple(signatures)


def _name_in_full(topic: Topic, entry: FillContext) -> str:
    """Return the name of the party that is `each` in `entry`, with what else it is called."""
    name = curl_quotes(str(entry.facts["each"]["name"]), entry.words.quotes)
    return fill_facts_as_text(topic.full_name, entry) if topic.full_name else name


# -- key terms


@dataclass(frozen=True)
class _DraftedTerm:
    """A row with the declaration it came from."""

    row: TermRow
    text: TermText


def _draft_terms(
    library: Library, outline: Outline, context: FillContext, excerpt: Excerpt | None = None
) -> list[_DraftedTerm]:
    """Return the rows that say something, in the outline's order; rows it does not name stand last.

    Of a `excerpt` also those that decide whether there is a schedule.
    """
    texts = [text for topic in outline.topics for text in library.topics[topic].terms]
    if excerpt:
        texts = [text for text in texts if text.id in excerpt.rows or text.schedule]
    order = {term_id: index for index, term_id in enumerate(outline.term_order)}
    texts.sort(key=lambda text: order.get(text.id, len(order)))
    drafted = []
    for text in texts:
        for entry in each_entry(context, text.each) if text.each else (context,):
            if not read_condition(text.when.text).holds(entry.facts):
                continue
            runs = fill_facts(text.says, entry)
            if runs:
                label, group = fill_facts_as_text(text.label, entry), outline.group_of_term(text.id)
                drafted.append(_DraftedTerm(TermRow(text.id, label, runs, group, text.beside), text))
    return drafted


def _point_to_schedule(term: _DraftedTerm, letters: Mapping[str, str], words: PrintedWords) -> _DraftedTerm:
    """Let a row whose facts stand in a schedule point there; each entry of a list keeps its row."""
    letter = letters.get(term.text.schedule)
    if letter is None:
        return term
    pointer = words.see.format(schedule=words.schedule.format(letter=letter))
    return replace(term, row=replace(term.row, runs=(Run(pointer),)))


# -- schedules


def _draft_schedules(
    library: Library, outline: Outline, context: FillContext, named_by_terms: Set[str], crowded: bool
) -> list[Schedule]:
    """Return the schedules in the order of the topics; `named_by_terms` are those of printed rows of the key terms.

    A table has its place there from its number of entries on; where the page is `crowded`, also by its length.
    """
    named = {text.schedule for topic in outline.topics for text in library.topics[topic].terms}
    schedules: list[Schedule] = []
    for topic in outline.topics:
        for text in library.topics[topic].schedules:
            needs_term = text.id in named and text.id not in named_by_terms
            if needs_term or not read_condition(text.when.text).holds(context.facts):
                continue
            if text.text.text:
                # What it says is filled in once all clauses have their numbers.
                letter = _letter_of(len(schedules))
                schedules.append(Schedule(letter, text.title, (), text.id, word=context.words.schedule))
                continue
            entries = list(each_entry(context, text.each))
            if not entries:
                continue
            table = _draft_table(text, entries, context)
            has_many = bool(text.least_entries) and len(entries) >= text.least_entries
            if has_many or (crowded and _count_words(table) > MAX_WORDS_IN_TERMS):
                schedules.append(
                    Schedule(_letter_of(len(schedules)), text.title, (table,), text.id, word=context.words.schedule)
                )
    return schedules


def _fill_annex(schedule: Schedule, library: Library, context: FillContext, resolver: Resolver) -> Schedule:
    """Return a schedule with its text, where it is one of a text."""
    if schedule.blocks:
        return schedule
    texts = (one.text for topic in library.topics.values() for one in topic.schedules if one.id == schedule.id)
    text = next(texts)
    return replace(schedule, blocks=_draft_blocks(text, context, resolver, "schedule"))


def _letter_of(index: int) -> str:
    return chr(ord("A") + index)


def _draft_table(text: ScheduleText, entries: Iterable[FillContext], context: FillContext) -> Table:
    """Return the table, without columns in which nothing stands."""
    head = [_make_bold(fill_facts(column.head, context)) for column in text.columns]
    rows = [[fill_facts(column.says, entry) for column in text.columns] for entry in entries]
    totals = [_make_bold(fill_facts(cell, context)) for cell in text.totals]
    # A total that cannot be calculated (amounts in two currencies) is left out with its row.
    if any(text_of_runs(cell) for cell in totals[1:]) or (len(totals) == 1 and text_of_runs(totals[0])):
        rows.append(totals)
    used = [index for index in range(len(head)) if any(text_of_runs(row[index]) for row in rows)]
    return Table(
        tuple(head[index] for index in used),
        tuple(tuple(row[index] for index in used) for row in rows),
        _column_shares([text.columns[index].width for index in used]),
    )


def _make_bold(runs: Runs) -> Runs:
    return tuple(replace(run, bold=True) for run in runs)


def _column_shares(widths: list[int]) -> tuple[int, ...]:
    """Return widths in percent that add up to 100: columns without one share what the others leave."""
    count = widths.count(0)
    left = max(100 - sum(widths), 8 * count)
    filled = [width or left / count for width in widths]
    shares = [round(100 * width / sum(filled)) for width in filled]
    shares[-1] += 100 - sum(shares)
    return tuple(shares)


def _count_words(table: Table) -> int:
    return sum(len(text_of_runs(runs).split()) for runs in runs_of_block(table))


# -- facts and references in texts


@dataclass(frozen=True)
class Resolver:
    """Turns references into words: a topic into "section 6", a row into its label, a table into "Schedule A"."""

    numbers: Mapping[str, int]
    labels: Mapping[str, str]
    letters: Mapping[str, str]
    language: str = "en-US"
    words: PrintedWords = ENGLISH

    def resolve_runs(self, runs: Runs, slots: Slots, place: Place) -> Runs:
        """Return `runs` with words in their slots; raise PackError for what this agreement does not have."""

        def words(char: str) -> str | Run | None:
            insert = slots.insert_at(char)
            if isinstance(insert, ClauseReference | ClauseReferences):
                return self._refer_to_clauses(insert, place)
            return None if insert is None else self.resolve(insert, place)

        return replace_slots(runs, words)

    def resolve(self, insert: Insert, place: Place) -> str:
        """Return the words of a fact or reference; raise PackError for what this agreement does not have."""
        if isinstance(insert, str):
            return curl_quotes(insert, self.words.quotes)
        if isinstance(insert, ClauseReference | ClauseReferences):
            return self._refer_to_clauses(insert, place).text
        if isinstance(insert, ScheduleReference):
            if insert.schedule in self.letters:
                return self.words.schedule.format(letter=self.letters[insert.schedule])
            raise _dangling_reference(f'schedule("{insert.schedule}")', "schedule", place)
        if insert.row in self.labels:
            return self.labels[insert.row]
        raise _dangling_reference(f'term("{insert.row}")', "row", place)

    def _refer_to_clauses(self, insert: ClauseReference | ClauseReferences, place: Place) -> Run:
        """Return the words of a reference, and where the numbers stand in them."""
        topics = (insert.topic,) if isinstance(insert, ClauseReference) else insert.topics
        topic_of_number = {str(self.numbers[topic]): topic for topic in topics if topic in self.numbers}
        if not topic_of_number:
            said = f'ref("{topics[0]}")' if isinstance(insert, ClauseReference) else f"refs{topics}"
            raise _dangling_reference(said, "clause", place)
        text = self._say_numbers(sorted(map(int, topic_of_number)))
        numbers = re.finditer(r"\d+", text)
        known = (at for at in numbers if at[0] in topic_of_number)
        return Run(text, references=tuple(NumberReference(*at.span(), topic_of_number[at[0]]) for at in known))

    def _say_numbers(self, numbers: list[int]) -> str:
        """Return "section 6", or "sections 4, 7–10, and 13": three that follow each other become a range."""
        spans: list[list[int]] = []
        for number in numbers:
            if spans and spans[-1][-1] == number - 1:
                spans[-1].append(number)
            else:
                spans.append([number])
        parts: list[str] = []
        for span in spans:
            parts += [f"{span[0]}–{span[-1]}"] if len(span) > 2 else map(str, span)
        listed = values.format_enumeration(parts, self.language)
        if len(numbers) == 1:
            return self.words.section.format(number=listed)
        return self.words.sections.format(numbers=listed)


def _dangling_reference(reference: str, kind: str, place: Place) -> PackError:
    message = f"{reference} points to a {kind} that this agreement does not have"
    return PackError(Problem(message, "guard it with {% if %}", place=place, code="dangling-reference"))


def fill_facts(text: PlacedText, context: FillContext) -> Runs:
    """Return a text of facts alone (a row, a label, a cell): it refers to nothing."""
    runs, slots = fill_line(text.text, context, text.place)
    resolver = Resolver({}, {}, {}, context.language, context.words)
    return resolver.resolve_runs(runs, slots, text.place)


def fill_facts_as_text(text: PlacedText, context: FillContext) -> str:
    return text_of_runs(fill_facts(text, context))


def each_entry(context: FillContext, path: str) -> Iterator[FillContext]:
    """Yield a context for each entry of the list at `path`, in which the entry is called `each`."""
    *groups, name = path.split(".")
    facts = context.facts
    for group in groups:
        facts = facts[group] or {}
    for entry in (facts[name] if facts else ()) or ():
        yield replace(context, facts={**context.facts, "each": entry})

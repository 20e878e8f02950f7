"""The renderer-neutral agreement: what the writers print, and nothing they must work out themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from agreementgen.core.typography import is_amount
from agreementgen.core.words import ENGLISH, PrintedWords


@dataclass(frozen=True)
class NumberReference:
    """Where the number of another clause stands in a text: its first letter, the one behind it, the clause's topic."""

    start: int
    end: int
    topic: str

    def move(self, letters: int) -> NumberReference:
        """Return the reference where so many letters stand before its text."""
        return NumberReference(self.start + letters, self.end + letters, self.topic)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style. The text holds no line breaks; `references` are in the order of the text."""

    text: str
    bold: bool = False
    italic: bool = False
    references: tuple[NumberReference, ...] = ()

    def append(self, other: Run) -> Run:
        """Return this run with the text of another of the same style behind it."""
        moved = (reference.move(len(self.text)) for reference in other.references)
        return Run(self.text + other.text, self.bold, self.italic, (*self.references, *moved))


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    runs: Runs


Inner = Literal["", "number", "point"]


@dataclass(frozen=True)
class ItemList:
    """A list inside a clause; numbered items are printed (a), (b), ..., those of a list inside an item (i), (ii), ...

    `inner` says of each item whether it stands in a list inside the one before it, and of which kind; it is empty where
    none does.
    """

    items: tuple[Runs, ...]
    numbered: bool = True
    inner: tuple[Inner, ...] = ()

    @property
    def depths(self) -> tuple[int, ...]:
        """How deep each item stands, 0 or 1."""
        return tuple(int(bool(kind)) for kind in self.inner) or (0,) * len(self.items)

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands before each item: "(a)", "(i)", "•", "–"."""
        found, outer, inner = [], 0, 0
        for kind in self.inner or ("",) * len(self.items):
            outer, inner = (outer, inner + 1) if kind else (outer + 1, 0)
            usual = item_letter(outer) if self.numbered else "•"
            found.append({"number": item_numeral(inner), "point": "–"}.get(kind, usual))
        return tuple(found)


def item_letter(index: int) -> str:
    """Return "(a)" for 1, "(z)" for 26, "(aa)" for 27, as Word numbers its lists."""
    return f"({chr(ord('a') + (index - 1) % 26) * ((index - 1) // 26 + 1)})"


def item_numeral(index: int) -> str:
    """Return "(i)" for 1, "(iv)" for 4, "(xc)" for 90."""
    text = ""
    for value, numeral in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        count, index = divmod(index, value)
        text += numeral * count
    return f"({text})"


@dataclass(frozen=True)
class Table:
    """A table inside a clause or schedule: one head row, then rows of as many cells.

    `widths` are those of the columns in percent; none where they are all alike.
    """

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[int, ...] = ()

    @property
    def amounts(self) -> tuple[bool, ...]:
        """Whether a column holds amounts of money and nothing else: those are printed at its right."""
        columns = ([text_of_runs(row[at]) for row in self.rows] for at in range(len(self.head)))
        return tuple(any(texts) and all(is_amount(text) for text in texts if text) for texts in columns)


@dataclass(frozen=True)
class ChartRole:
    """A column of a chart. `party` is printed above it; `color` counts the parties from 0, -1 for none of them."""

    name: str
    party: str
    person: str
    color: int


@dataclass(frozen=True)
class ChartTask:
    """A row: one text for each role ("A/R", "" for nothing), and the day it is due, printed."""

    number: int
    name: str
    letters: tuple[str, ...]
    due: str


@dataclass(frozen=True)
class ChartPhase:
    """Tasks that belong together; `title` is empty where the chart has no phases."""

    title: str
    tasks: tuple[ChartTask, ...]


@dataclass(frozen=True)
class ChartDuty:
    """A responsibility of the agreement, and the numbers of the tasks that carry it out ("1, 4")."""

    party: str
    text: str
    numbers: str


@dataclass(frozen=True)
class Arrangement:
    """How a chart stands on its page; lengths in points.

    Widths are those of the columns number, task, due (0 where nothing is due) and of each role, on a text `width` wide;
    `turned` heads run upwards and are `head` high. `pages` is an estimate.
    """

    landscape: bool
    width: float
    body: float
    line: float
    number: float
    task: float
    due: float
    roles: tuple[float, ...]
    turned: bool
    head: float
    pages: int


@dataclass(frozen=True)
class Chart:
    """A RACI chart. `legend` are letters with what they mean; `workload` is a table of counts where one was asked for.

    `footer` stands at the foot of its pages; `arrangement` is set before it is written.
    """

    roles: tuple[ChartRole, ...]
    phases: tuple[ChartPhase, ...]
    legend: tuple[tuple[str, str], ...]
    heads: tuple[str, str, str]
    duties_title: str
    duties: tuple[ChartDuty, ...]
    footer: str
    workload_title: str = ""
    workload: Table | None = None
    arrangement: Arrangement | None = None

    @property
    def spans(self) -> tuple[tuple[str, int, int], ...]:
        """Party, color and number of the roles that stand beside each other under one party."""
        found: list[tuple[str, int, int]] = []
        for role in self.roles:
            if found and found[-1][0] == role.party:
                found[-1] = (role.party, role.color, found[-1][2] + 1)
            else:
                found.append((role.party, role.color, 1))
        return tuple(found)

    @property
    def begins(self) -> tuple[bool, ...]:
        """Whether a party begins with a role, for each."""
        return tuple(index == 0 for _, _, count in self.spans for index in range(count))

    @property
    def keys(self) -> tuple[str, ...]:
        """The letters of the legend between no-break spaces: their boxes are about as wide, in each format."""
        return tuple(_pad_key(letter) for letter, _ in self.legend)

    @property
    def tasks(self) -> tuple[ChartTask, ...]:
        return tuple(task for phase in self.phases for task in phase.tasks)


def _pad_key(letter: str) -> str:
    space = "\u00a0" * {"A/R": 1, "I": 3}.get(letter, 2)
    return f"{space}{letter}{space}"


Block = Paragraph | ItemList | Table | Chart


@dataclass(frozen=True)
class PartyBox:
    """Who a party is, as printed under the title."""

    name: str
    short: str
    lines: tuple[str, ...]

    @property
    def introduces(self) -> bool:
        """Whether the short name is printed behind the name (where it is another one)."""
        return self.short != self.name


@dataclass(frozen=True)
class TermRow:
    """One fact of the key-terms table: a label and what is agreed.

    `group` is the number of its group in the outline; rows with one id that stand `beside` each other begin at the
    left.
    """

    id: str
    label: str
    runs: Runs
    group: int = 0
    beside: bool = False


@dataclass(frozen=True)
class TermPair:
    """One printed row of the key-terms table; `right` is None where the left cell takes the whole width.

    `begins_group` is whether a group of rows begins here that is not the first.
    """

    left: TermRow
    right: TermRow | None
    begins_group: bool = False


@dataclass(frozen=True)
class Clause:
    """A numbered clause; the first paragraph runs on behind its heading."""

    id: str
    topic: str
    number: int
    heading: str
    blocks: tuple[Block, ...]

    @property
    def words(self) -> int:
        return sum(len(text_of_runs(runs).split()) for block in self.blocks for runs in runs_of_block(block))


# What stands in a block to sign in, and begins the text below a line to sign on.


@dataclass(frozen=True)
class Signature:
    """A line to sign on. `party`, above it, has a second line where another company signs for the party; `signatory`,
    below it, says who signs and as what. `spare_lines` stay empty below that: lines beside each other are level.
    """

    party: str
    signatory: str
    date_label: str
    by_word: str = ENGLISH.by
    name_label: str = ENGLISH.name
    spare_lines: int = 0

    @property
    def by(self) -> str:
        """What stands before the line of who signs for somebody else; "" where a person signs for themselves."""
        return self.by_word if self.signatory.startswith(f"{self.by_word} ") else ""

    @property
    def name(self) -> str:
        """Who signs, and as what."""
        return self.signatory.removeprefix(f"{self.by_word} ") if self.by else self.signatory


@dataclass(frozen=True)
class Schedule:
    """A table or chart after the agreement. `id` is the name by which texts point to it.

    `below` is "signatures" or "clauses" where it stands behind them on a page that has room, "" where it stands on a
    page of schedules. `starts_page` is whether a page begins with it: the layout decides that, because short ones share
    a page.
    """

    letter: str
    title: str
    blocks: tuple[Block, ...]
    id: str = ""
    starts_page: bool = True
    below: str = ""
    word: str = ENGLISH.schedule

    @property
    def heading(self) -> str:
        return f"{self.word.format(letter=self.letter)}. {self.title}"

    @property
    def chart(self) -> Chart | None:
        return next((block for block in self.blocks if isinstance(block, Chart)), None)


@dataclass(frozen=True)
class ChartDocument:
    """A chart that stands alone, beside its agreement. `of` says to which agreement it belongs."""

    title: str
    of: str
    language: str
    paper: str
    chart: Chart
    author: str = ""
    dated: date | None = None
    words: PrintedWords = ENGLISH

    @property
    def footer(self) -> str:
        return self.chart.footer


@dataclass(frozen=True)
class Document:
    """One agreement, complete. `paper` is "letter" or "a4"; `language` a BCP 47 tag.

    `apart` is None for one page. For one plus one it is the heading of the second page, which then holds the
    clauses, while the first ends with `agreed` and the signatures. On one page `agreed` stands with the signatures,
    too, so that these are never alone when somebody adds text in Word. `signs_in_blocks` is whether there is room for
    blocks with a line each for signature, name and date; else one line is signed on, with the name below it.
    """

    title: str
    effective: str
    language: str
    paper: str
    parties: tuple[PartyBox, ...]
    terms_title: str
    terms: tuple[TermPair, ...]
    clauses: tuple[Clause, ...]
    signatures: tuple[Signature, ...]
    schedules: tuple[Schedule, ...]
    footer: str
    apart: str | None = None
    agreed: str = ""
    author: str = ""
    dated: date | None = field(default=None)
    signs_in_blocks: bool = False
    words: PrintedWords = ENGLISH

    @property
    def closing(self) -> str:
        """The sentence between the rule below the clauses and the lines to sign on; "" where they stand elsewhere."""
        return self.agreed if self.apart is None else ""

    @property
    def rows(self) -> tuple[TermRow, ...]:
        """The rows of the key terms in reading order."""
        return tuple(row for pair in self.terms for row in (pair.left, pair.right) if row is not None)


def text_of_runs(runs: Runs) -> str:
    """Return the plain text of `runs`."""
    return "".join(run.text for run in runs)


def runs_of_block(block: Block) -> Iterator[Runs]:
    """Yield the paragraphs, items or cells of `block` in reading order."""
    match block:
        case Paragraph(runs):
            yield runs
        case ItemList(items):
            yield from items
        case Table(head, rows):
            yield from head
            for row in rows:
                yield from row
        case Chart():
            for line in each_chart_text(block):
                yield (Run(line),)


def each_chart_text(chart: Chart) -> Iterator[str]:
    """Yield all text of a chart in reading order: legend, heads, tasks with their letters, what stands below."""
    for letter, says in chart.legend:
        yield f"{letter} {says}"
    number, task, due = chart.heads
    yield from (number, task, due)
    yield from (party for party, _, _ in chart.spans)
    for role in chart.roles:
        yield from filter(None, (role.name, role.person))
    for phase in chart.phases:
        if phase.title:
            yield phase.title
        for item in phase.tasks:
            yield from filter(None, (str(item.number), item.name, item.due, *item.letters))
    if chart.duties:
        yield chart.duties_title
    for duty in chart.duties:
        yield f"{duty.party}: {duty.text} ({duty.numbers})"
    if chart.workload:
        yield chart.workload_title
        for runs in runs_of_block(chart.workload):
            yield text_of_runs(runs)


def each_signature_text(signature: Signature, in_block: bool) -> Iterator[str]:
    """Yield what stands on and below the lines to sign on."""
    if in_block:
        yield f"{signature.by} {signature.name_label} {signature.name}".strip()
    else:
        yield signature.signatory
    yield signature.date_label


def text_of_document(document: Document) -> str:
    """Return all text of `document` in reading order, one stretch a line (for checks, not for print)."""
    lines = [document.title, document.effective]
    for box in document.parties:
        lines += [f"{box.name} ({box.short})" if box.introduces else box.name, *box.lines]
    lines.append(document.terms_title)
    for row in document.rows:
        lines += [row.label, text_of_runs(row.runs)]
    if document.apart:
        lines += filter(None, (document.agreed, document.apart))
    for clause in document.clauses:
        lines.append(f"{clause.number}. {clause.heading}.")
        lines += [text_of_runs(runs) for block in clause.blocks for runs in runs_of_block(block)]
    lines += filter(None, (document.closing,))
    for signature in document.signatures:
        lines += [signature.party, *each_signature_text(signature, document.signs_in_blocks)]
    for schedule in document.schedules:
        lines.append(schedule.heading)
        lines += [text_of_runs(runs) for block in schedule.blocks for runs in runs_of_block(block)]
    lines.append(document.footer)
    return "\n".join(lines)


def name_parties(document: Document) -> str:
    """Return the parties as the title in a file's properties names them."""
    from agreementgen.core.values import format_enumeration

    names = [box.short for box in document.parties]
    return " and ".join(names) if document.language.startswith("en") else format_enumeration(names, document.language)

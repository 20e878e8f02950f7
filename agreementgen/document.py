"""The renderer-neutral agreement: what the writers print, and nothing they must work out themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style. The text holds no line breaks."""

    text: str
    bold: bool = False
    italic: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Paragraph:
    runs: Runs


@dataclass(frozen=True)
class ItemList:
    """A list inside a clause; numbered items are printed (a), (b), ..."""

    items: tuple[Runs, ...]
    numbered: bool = True


@dataclass(frozen=True)
class Table:
    """A table inside a clause or schedule: one head row, then rows of as many cells.

    `widths` are those of the columns in percent; none where they are all alike.
    """

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[int, ...] = ()


Block = Paragraph | ItemList | Table


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
    """One fact of the key-terms table: a label and what is agreed."""

    id: str
    label: str
    runs: Runs


@dataclass(frozen=True)
class TermPair:
    """One printed row of the key-terms table; `right` is None where the left cell takes the whole width."""

    left: TermRow
    right: TermRow | None


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
        return sum(len(text_of(runs).split()) for block in self.blocks for runs in block_runs(block))


@dataclass(frozen=True)
class Signature:
    party: str
    signatory: str
    date_label: str


@dataclass(frozen=True)
class Schedule:
    """A page after the agreement."""

    letter: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> str:
        return f"Schedule {self.letter}. {self.title}"


@dataclass(frozen=True)
class Document:
    """One agreement, complete. `paper` is "letter" or "a4"; `language` a BCP 47 tag.

    `apart` is None for one page. For one plus one it is the heading of the second page, which then holds the
    clauses, while the first ends with `agreed` and the signatures.
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


def text_of(runs: Runs) -> str:
    """Return the plain text of `runs`."""
    return "".join(run.text for run in runs)


def block_runs(block: Block) -> Iterator[Runs]:
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


def words_in(document: Document) -> str:
    """Return all text of `document` in reading order, one stretch a line (for checks, not for print)."""
    lines = [document.title, document.effective]
    for box in document.parties:
        lines += [f"{box.name} ({box.short})" if box.introduces else box.name, *box.lines]
    lines.append(document.terms_title)
    for pair in document.terms:
        for row in (pair.left, pair.right):
            if row is not None:
                lines += [row.label, text_of(row.runs)]
    lines += [part for part in (document.agreed, document.apart) if part]
    for clause in document.clauses:
        lines.append(f"{clause.number}. {clause.heading}.")
        lines += [text_of(runs) for block in clause.blocks for runs in block_runs(block)]
    for signature in document.signatures:
        lines += [signature.party, signature.signatory, signature.date_label]
    for schedule in document.schedules:
        lines.append(schedule.heading)
        lines += [text_of(runs) for block in schedule.blocks for runs in block_runs(block)]
    lines.append(document.footer)
    return "\n".join(lines)

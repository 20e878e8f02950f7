"""A redline: one agreement with the changes that make another of it, as Word's own tracked changes.

Accepting all gives the words of the new one, rejecting all those of the old. It is a paper to work with, in one column
and with each row of the key terms on a line of its own: rows stand beside those that they replace, whatever stood
beside them on the page. Numbers of clauses are those of Word's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.core.document import Document, Run, Runs
from agreementgen.library.files import SourceFile
from agreementgen.life.parts import LinePair, PartChange, StyledLine, align_lines, compare_runs
from agreementgen.ooxml import W
from agreementgen.render import docx
from agreementgen.render.docx_writer import XmlElement, twips_of
from agreementgen.render.measures import Sizes

# As on our page, where the size is not asked for.
_SIZES = Sizes(10.0)
_LABEL_SHARE = 0.2
_STYLES = {"head": "Schedule Table Head", "row": "Term Text"}


@dataclass(frozen=True)
class Reviser:
    """Who made the changes, and on which day: what Word shows beside them; never the clock."""

    author: str
    dated: date | None = None


def write_redline(changes: Sequence[PartChange], document: Document, reference: SourceFile, reviser: Reviser) -> bytes:
    """Return the redline; `document` is the new agreement, whose paper, footer and properties it has."""
    one_column = replace(document, schedules=tuple(one for one in document.schedules if not one.chart))
    writer = _RedlineWriter(docx.open_agreement_writer(one_column, reference, _LABEL_SHARE), reviser)
    return writer.write(changes, document)


class _RedlineWriter:
    def __init__(self, writer: docx.AgreementWriter, reviser: Reviser) -> None:
        self.writer = writer
        self.reviser = reviser
        self.count = 0
        self.rows: list[XmlElement] = []
        self.columns = 0

    def write(self, changes: Sequence[PartChange], document: Document) -> bytes:
        writer = self.writer
        writer.set_sizes(_SIZES)
        writer.clear()
        for change in changes:
            if change.old and change.new:
                pairs: Iterable[LinePair] = align_lines(change.old.lines, change.new.lines)
            else:
                pairs = ((line if change.old else None, line if change.new else None) for line in change.part.lines)
            for old, new in pairs:
                self.add_line(old, new, change.part.kind == "row")
        self.close_table()
        writer.add(writer.make_paragraph("Document End"))
        return writer.finish(f"{docx.title_of_file(document)} (changes)", 1)

    # -- paragraphs

    def add_line(self, old: StyledLine | None, new: StyledLine | None, labelled: bool) -> None:
        """Add a line that only one has, or what both make of it."""
        line = new or old
        if line is None:
            return
        if old and new and (old.style, len(old.cells)) != (new.style, len(new.cells)):
            self.add_line(old, None, labelled)
            self.add_line(None, new, labelled)
            return
        empty: tuple[Runs, ...] = ((),) * len(line.cells)
        before, after = old.cells if old else empty, new.cells if new else empty
        if line.is_row:
            self.add_row(line, before, after, labelled, "" if old and new else "ins" if new else "del")
            return
        self.close_table()
        paragraph = self.writer.make_paragraph(line.style, *self.each_run(before[0], after[0], line.style))
        if not (old and new):
            mark = self.writer.make_element("rPr", self.make_change("ins" if new else "del"))
            paragraph.find(f"{W}pPr").append(mark)
        self.writer.add(paragraph)

    def each_run(self, old: Runs, new: Runs, style: str) -> Iterator[XmlElement]:
        for state, run in compare_runs(old, new):
            for element in self.make_text(run, style, state == "deleted"):
                if state == "kept":
                    yield element
                else:
                    change = self.make_change("del" if state == "deleted" else "ins")
                    change.append(element)
                    yield change

    def make_text(self, run: Run, style: str, deleted: bool) -> Iterator[XmlElement]:
        """Yield the runs of a text; a tab in it is one of Word's."""
        character = "Strong" if run.bold else "Emphasis" if run.italic else ""
        if run.bold and style == "Clause":
            character = "Clause Heading"
        for number, piece in enumerate(run.text.split("\t")):
            behind = number > 0
            shown = "Effective Date" if behind and style == "Title" else character
            element = self.writer.make_set_run(piece, shown, tab=behind)
            if deleted:
                for text in element.findall(f"{W}t"):
                    text.tag = f"{W}delText"
            if len(element) > bool(shown):
                yield element

    def make_change(self, kind: str) -> XmlElement:
        self.count += 1
        # Ids of changes and of bookmarks are one sequence in Word.
        told: dict[str, object] = {"id": 10_000 + self.count, "author": self.reviser.author}
        if self.reviser.dated:
            told["date"] = f"{self.reviser.dated.isoformat()}T00:00:00Z"
        return self.writer.make_element(kind, **told)

    # -- tables

    def add_row(self, line: StyledLine, old: Sequence[Runs], new: Sequence[Runs], labelled: bool, kind: str) -> None:
        if self.columns != len(line.cells):
            self.close_table()
            self.columns = len(line.cells)
        width = self.writer.text_width
        widths = self.widths_of(len(line.cells), labelled)
        style = _STYLES[line.style]
        cells = []
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            shown = "Term Label" if labelled and not number else style
            paragraph = self.writer.make_paragraph(shown, *self.each_run(before, after, shown))
            if kind:
                paragraph.find(f"{W}pPr").append(self.writer.make_element("rPr", self.make_change(kind)))
            cells.append(self.writer.make_cell(widths[number], paragraph))
        row = self.writer.make_row(*cells)
        if kind:
            row.find(f"{W}trPr").append(self.make_change(kind))
        self.rows.append(row)
        if sum(widths) > width + 1:
            raise AssertionError("a table is as wide as its text")

    def widths_of(self, count: int, labelled: bool) -> list[int]:
        width = self.writer.text_width
        if labelled:
            label = round(width * _LABEL_SHARE)
            return [label, width - label]
        return [width // count] * count

    def close_table(self) -> None:
        """Write the rows that wait: rows of as many cells stand in one table."""
        if self.rows:
            widths = [twips_of(cell, "w") for cell in self.rows[0].iter(f"{W}tcW")]
            table = self.writer.make_table("Schedule Table", widths)
            for row in self.rows:
                table.append(row)
            self.writer.add(table, self.writer.make_paragraph("Section Gap"))
        self.rows, self.columns = [], 0

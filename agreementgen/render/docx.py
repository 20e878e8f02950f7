"""An agreement as a Word file: named styles of reference.docx, real numbering, sections and fields.

Nothing is formatted by hand. Lengths in twips (1/20 pt).
"""

from __future__ import annotations

from collections.abc import Sequence

from agreementgen.core.document import (
    Block,
    Chart,
    ChartDocument,
    Clause,
    Document,
    ItemList,
    Paragraph,
    PartyBox,
    Runs,
    Schedule,
    Signature,
    Table,
    TermPair,
)
from agreementgen.library.snapshot import SourceFile
from agreementgen.render import chart_docx
from agreementgen.render.docx_writer import (
    AGREEMENT_STYLES,
    CHART_STYLES,
    DocxWriter,
    XmlElement,
    find_style_ids,
    open_word_file,
)
from agreementgen.render.sizes import Sizes


def write_docx(
    document: Document, reference: SourceFile, sizes: Sizes, pages: int = 1, label_share: float | None = None
) -> bytes:
    """Return the DOCX of `document` at `sizes`; `pages` is the total the page field shows until Word counts anew.

    `label_share` is the share of the text width (0 to 1) that a column of labels takes, where not that of the PDF.
    Raise PackError where `reference` lacks a style. The bytes depend on nothing but the arguments.
    """
    writer = open_agreement_writer(document, reference, label_share or sizes.label_share)
    writer.set_sizes(sizes)
    writer.write_body()
    return writer.finish(title_of_file(document), pages)


def write_chart_docx(document: ChartDocument, reference: SourceFile, pages: int = 1) -> bytes:
    """Return the DOCX of a chart that stands alone; `pages` as for write_docx."""
    word = open_word_file(reference)
    ids = find_style_ids(word, reference.name, (*AGREEMENT_STYLES, *CHART_STYLES))
    writer = DocxWriter(word, ids, document)
    writer.set_sizes(Sizes(9.0))
    chart_docx.write_chart_page(writer, document)
    return writer.finish(f"{document.title}: {document.of}", pages)


def open_agreement_writer(document: Document, file: SourceFile, label_share: float) -> AgreementWriter:
    """Return a writer for `document` into a Word file; raise PackError where the file lacks a style."""
    word = open_word_file(file)
    charts = any(schedule.chart for schedule in document.schedules)
    ids = find_style_ids(word, file.name, (*AGREEMENT_STYLES, *CHART_STYLES) if charts else AGREEMENT_STYLES)
    return AgreementWriter(word, ids, document, label_share)


def title_of_file(document: Document) -> str:
    """Return the title in the properties of a file."""
    return f"{document.title}: {' and '.join(box.short for box in document.parties)}"


class AgreementWriter(DocxWriter):
    """Writes the parts of an agreement; `label_share` is the share of `text_width` (0 to 1) for columns of labels."""

    def __init__(self, word: XmlElement, style_ids: dict[str, str], document: Document, label_share: float) -> None:
        super().__init__(word, style_ids, document)
        self.agreement = document
        self.label_share = label_share

    def write_body(self) -> None:
        """Write the whole agreement into an empty file."""
        document = self.agreement
        self.clear()
        effective = self.make_run(document.effective, "Effective Date", tab=True)
        self.add(self.make_paragraph("Title", document.title, effective))
        self.add(self.make_parties_table(document.parties))
        # Two tables that touch become one in Word: this gap keeps them apart.
        self.add(self.make_paragraph("Section Gap"))
        self.add(self.make_terms_table(document.terms, document.terms_title))
        if document.apart:
            self.add(self.make_paragraph("Agreed", document.agreed))
            self.add(self.make_signature_table(document.signatures))
            self.add(self.make_paragraph("Schedule Heading", document.apart))
        else:
            self.add(self.make_paragraph("Section Gap"))
        self.add(self.end_section(self.make_paragraph("Section End"), columns=1))
        clauses = [paragraph for clause in document.clauses for paragraph in self.make_clause(clause)]
        self.add(*clauses)
        if clauses:
            self.end_section(clauses[-1], columns=2, continuous=True)
        if not document.apart:
            self.add(self.make_paragraph("Section Gap"))
            self.add(self.make_signature_table(document.signatures))
        for schedule in document.schedules:
            if not schedule.chart:
                self.add(*self.make_schedule(schedule))
        with_chart = next((schedule for schedule in document.schedules if schedule.chart), None)
        if with_chart and with_chart.chart:
            self.add(self.end_section(self.make_paragraph("Section End"), columns=1, continuous=True))
            chart_docx.write_chart_section(self, with_chart.heading, with_chart.chart)
            return
        self.add(self.make_paragraph("Document End"))
        self.start_section(self.section, "continuous")

    def make_parties_table(self, boxes: Sequence[PartyBox]) -> XmlElement:
        half = self.text_width // 2
        table = self.make_table("Parties Table", (half, half))
        for start in range(0, len(boxes), 2):
            gap = [self.make_paragraph("Section Gap")] if start else []
            cells = [self.make_cell(half, *gap, *self.make_party(box)) for box in boxes[start : start + 2]]
            if len(cells) == 1:
                cells.append(self.make_cell(half, self.make_paragraph("Party Line")))
            table.append(self.make_row(*cells))
        return table

    def make_party(self, box: PartyBox) -> list[XmlElement]:
        runs = [self.make_run(box.name, "Party Full Name")]
        if box.introduces:
            runs += [self.make_run(" ("), self.make_run(box.short, "Short Name"), self.make_run(")")]
        return [
            self.make_paragraph("Party Name", *runs),
            *(self.make_paragraph("Party Line", line) for line in box.lines),
        ]

    def make_terms_table(self, pairs: Sequence[TermPair], title: str) -> XmlElement:
        label_width = round(self.text_width * self.label_share)
        width = self.text_width // 2 - label_width
        whole = 2 * (label_width + width)
        table = self.make_table("Key Terms Table", (label_width, width, label_width, width), head=True)
        heading = self.make_cell(whole, self.make_paragraph("Key Terms Heading", title), span=4)
        table.append(self.make_row(heading, head=True))
        for pair in pairs:
            alone = pair.right is None
            cells = []
            for row in (pair.left, pair.right):
                if row is not None:
                    text = self.make_paragraph("Term Text", *self.make_runs(row.runs))
                    cells += [
                        self.make_cell(label_width, self.make_paragraph("Term Label", row.label)),
                        self.make_cell(whole - label_width if alone else width, text, span=3 if alone else 1),
                    ]
            table.append(self.make_row(*cells))
        return table

    def make_clause(self, clause: Clause) -> list[XmlElement]:
        heading = self.make_run(f"{clause.heading}.", "Clause Heading")
        first, *rest = clause.blocks
        if isinstance(first, Paragraph):
            paragraphs = [self.make_paragraph("Clause", heading, " ", *self.make_runs(first.runs))]
        else:
            paragraphs = [self.make_paragraph("Clause", heading), *self.make_block(first)]
        for block in rest:
            paragraphs += self.make_block(block)
        return paragraphs

    def make_block(self, block: Block) -> list[XmlElement]:
        match block:
            case Paragraph(runs):
                return [self.make_paragraph("Clause Text", *self.make_runs(runs))]
            case ItemList(items, numbered):
                style = "Clause Item" if numbered else "Clause Bullet"
                return [self.make_paragraph(style, *self.make_runs(item)) for item in items]
            case Table(head, rows, shares):
                return [self.make_schedule_table(head, rows, shares), self.make_paragraph("Section Gap")]
            case Chart():
                raise AssertionError("a chart has a section of its own")

    def make_schedule_table(
        self, head: Sequence[Runs], rows: Sequence[Sequence[Runs]], shares: Sequence[int]
    ) -> XmlElement:
        """Return a table; `shares` are the widths of its columns in percent, none where they are even."""
        widths = [round(self.text_width * share / 100) for share in shares or (100 / len(head),) * len(head)]
        table = self.make_table("Schedule Table", widths, head=True)
        for index, row in enumerate((head, *rows)):
            style = "Term Text" if index else "Schedule Table Head"
            cells = (
                self.make_cell(width, self.make_paragraph(style, *self.make_runs(runs)))
                for width, runs in zip(widths, row, strict=True)
            )
            table.append(self.make_row(*cells, head=not index))
        return table

    def make_signature_table(self, signatures: Sequence[Signature]) -> XmlElement:
        """Return lines to sign on, two beside each other; they stand level, however long the names above them are."""
        gutter = self.column_gap
        half = (self.text_width - gutter) // 2
        table = self.make_table("Signature Table", (half, gutter, half))

        def make_empty_cell(width: int) -> XmlElement:
            return self.make_cell(width, self.make_paragraph("Party Line"), align="bottom")

        for start in range(0, len(signatures), 2):
            cells: list[XmlElement] = []
            for signature in signatures[start : start + 2]:
                if cells:
                    cells.append(make_empty_cell(gutter))
                date = self.make_run(signature.date_label, tab=True)
                name = self.make_paragraph("Signature Party", signature.party)
                line = self.make_paragraph("Signature Line", signature.signatory, date)
                cells.append(self.make_cell(half, name, line, align="bottom"))
            if len(cells) == 1:
                cells += [make_empty_cell(gutter), make_empty_cell(half)]
            table.append(self.make_row(*cells))
        return table

    def make_schedule(self, schedule: Schedule) -> list[XmlElement]:
        heading = self.make_paragraph("Schedule Heading", schedule.heading)
        return [heading, *(element for block in schedule.blocks for element in self.make_block(block))]

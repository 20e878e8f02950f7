"""DOCX the Word way: named styles of reference.docx, real numbering, sections and fields; nothing formatted by hand.

The only home of python-docx. Text is set through the XML tree, never as markup, so no fact can break it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

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
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.render import chart_docx, docx_pieces
from agreementgen.render.docx_pieces import ElementMaker, w
from agreementgen.render.sizes import COLUMN_GAP, PAPER_SIZES, Sizes


def write_docx(
    document: Document, reference: SourceFile, sizes: Sizes, pages: int = 1, label: float | None = None
) -> bytes:
    """Return the DOCX of `document` at `sizes`; `pages` is the total the page field shows until Word counts anew.

    `label` is the share of the text that a column of labels takes, where it is not that of the PDF.
    Raise PackError where `reference` lacks a style. The bytes depend on nothing but the arguments.
    """
    word = open_word_file(reference)
    ids = style_ids(word, reference.name, styles_needed(document))
    writer = DocxWriter(word, ids, document, sizes)
    writer.label_share = label or sizes.label_share
    writer.set_sizes(sizes)
    writer.write_body()
    writer.fill_footers(pages)
    writer.set_properties(f"{document.title}: {' and '.join(box.short for box in document.parties)}")
    return word_file_bytes(word)


def write_chart_docx(document: ChartDocument, reference: SourceFile, pages: int = 1) -> bytes:
    """Return the DOCX of a chart that stands alone; `pages` as for write."""
    word = open_word_file(reference)
    ids = style_ids(word, reference.name, (*docx_pieces.AGREEMENT_STYLES, *docx_pieces.CHART_STYLES))
    writer = DocxWriter(word, ids, document, Sizes(9.0))
    writer.set_sizes(Sizes(9.0))
    chart_docx.write_chart_page(writer, document)
    writer.fill_footers(pages)
    writer.set_properties(f"{document.title}: {document.of}")
    return word_file_bytes(word)


def styles_needed(document: Document) -> tuple[str, ...]:
    """Return the names of the styles that `document` needs."""
    charts = any(schedule.chart for schedule in document.schedules)
    return (*docx_pieces.AGREEMENT_STYLES, *docx_pieces.CHART_STYLES) if charts else docx_pieces.AGREEMENT_STYLES


def open_word_file(reference: SourceFile) -> Any:
    """Return a Word file as python-docx has it; raise PackError where it cannot be read."""
    import docx

    try:
        return docx.Document(io.BytesIO(reference.data))
    except Exception as error:  # python-docx lets seven kinds through: zip, XML, key and value errors
        message = f"this is not a Word file that can be read ({type(error).__name__})"
        raise PackError(Problem(message, "save it again as .docx in Word", "", Place(reference.name))) from error


def word_file_bytes(word: Any) -> bytes:
    """Return the bytes of a Word file: the same for the same file."""
    buffer = io.BytesIO()
    word.save(buffer)
    return _repack(buffer.getvalue())


def style_ids(word: Any, name: str, asked: Sequence[str]) -> dict[str, str]:
    """Return the ids of styles by name; raise PackError for each that is missing."""
    # python-docx shows Word's built-in "footer" as "Footer"; the names asked for here are spelled as in Word.
    ids = {style.name: style.style_id for style in word.styles}
    missing = [style for style in asked if style not in ids]
    if missing:
        raise PackError(
            Problem(f'the style "{style}" is missing', "add a style of that name in Word", "", Place(name))
            for style in missing
        )
    return ids


class DocxWriter(ElementMaker):
    """Writes the parts of an agreement with the styles of a Word file; widths in twips (1/20 pt).

    `text_width` is that of the text, which tables take whole.
    """

    def __init__(self, word: Any, ids: dict[str, str], document: Document | ChartDocument, sizes: Sizes) -> None:
        from docx.oxml.ns import nsmap
        from docx.oxml.parser import oxml_parser

        # python-docx's own function works out names and namespaces again for each of two thousand elements.
        self.makeelement, self.nsmap = oxml_parser.makeelement, {"w": nsmap["w"]}
        self.word = word
        self.styles = ids
        self.document = document
        self.root = word.element.body
        self.section = self.root.sectPr
        width, height = PAPER_SIZES[document.paper]
        self.paper_size = (round(width * 20), round(height * 20))
        self.label_share = sizes.label_share
        margins, columns = self.section.find(w("pgMar")), self.section.find(w("cols"))
        # The margins are those of the file, on whichever paper.
        self.side_margins = sum(twips_of(margins, name) for name in ("left", "right", "gutter"))
        self.column_gap = twips_of(columns, "space", round(COLUMN_GAP * 20))
        self.text_width = self.paper_size[0] - self.side_margins
        self.drawn_width = twips_of(self.section.find(w("pgSz")), "w", self.paper_size[0]) - self.side_margins

    # -- the document

    def set_sizes(self, sizes: Sizes) -> None:
        """Give the styles what the fit has chosen: size and line height stand in the one all others are based on."""
        style = self.word.styles["Agreement Body"]
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        style.font.size = Pt(sizes.body)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = Pt(sizes.line_height)
        self.word.styles["Clause"].paragraph_format.space_after = Pt(sizes.clause_gap)
        self.word.styles["Signature Party"].paragraph_format.space_after = Pt(sizes.signing_room)
        half = (self.text_width - self.column_gap) // 2
        for name, position in (("Title", self.text_width), ("Footer", self.text_width), ("Signature Line", half)):
            # The right tab of these styles stands at the right edge, which depends on the paper.
            for tab in self.word.styles[name].element.iter(w("tab")):
                if tab.get(w("val")) in ("right", "end"):
                    tab.set(w("pos"), str(position))
        for part in self.headers_and_footers():
            docx_pieces.stretch_to_text(part.element, self.drawn_width, self.text_width)

    def clear(self) -> None:
        for child in list(self.root):
            if child is not self.section:
                self.root.remove(child)
        self.set_paper(self.section)

    def write_body(self) -> None:
        self.clear()
        document = self.document
        assert isinstance(document, Document)
        self.add(
            self.make_paragraph(
                "Title", [self.make_run(document.title), self.make_run(document.effective, "Effective Date", tab=True)]
            )
        )
        self.add(self.make_parties_table(document.parties))
        # Two tables that touch become one in Word: this gap keeps them apart.
        self.add(self.make_paragraph("Section Gap"))
        self.add(self.make_terms_table(document.terms, document.terms_title))
        if document.apart:
            self.add(self.make_paragraph("Agreed", [self.make_run(document.agreed)]))
            self.add(self.make_signature_table(document.signatures))
            self.add(self.make_paragraph("Schedule Heading", [self.make_run(document.apart)]))
        else:
            self.add(self.make_paragraph("Section Gap"))
        self.add(self.end_section(self.make_paragraph("Section End"), columns=1))
        clauses = [paragraph for clause in document.clauses for paragraph in self.make_clause(clause)]
        for paragraph in clauses:
            self.add(paragraph)
        if clauses:
            self.end_section(clauses[-1], columns=2, continuous=True)
        if not document.apart:
            self.add(self.make_paragraph("Section Gap"))
            self.add(self.make_signature_table(document.signatures))
        for schedule in document.schedules:
            for element in () if schedule.chart else self.make_schedule(schedule):
                self.add(element)
        charted = next((schedule for schedule in document.schedules if schedule.chart), None)
        if charted and charted.chart:
            self.add(self.end_section(self.make_paragraph("Section End"), columns=1, continuous=True))
            chart_docx.write_chart_section(self, charted.heading, charted.chart)
            return
        self.add(self.make_paragraph("Document End"))
        self.section.insert(self.index_after_references(self.section), self.make_element("type", val="continuous"))

    def add(self, element: Any) -> None:
        self.section.addprevious(element)

    def index_after_references(self, section: Any) -> int:
        return sum(1 for child in section if child.tag in (w("headerReference"), w("footerReference")))

    def set_paper(self, section: Any) -> None:
        size = section.find(w("pgSz"))
        size.set(w("w"), str(self.paper_size[0]))
        size.set(w("h"), str(self.paper_size[1]))

    def end_section(self, paragraph: Any, columns: int, continuous: bool = False) -> Any:
        """End a section with `paragraph`: the page of the last section, its own columns."""
        from copy import deepcopy

        section = deepcopy(self.section)
        if continuous:
            section.insert(self.index_after_references(section), self.make_element("type", val="continuous"))
        cols = section.find(w("cols"))
        if columns > 1:
            cols.set(w("num"), str(columns))
            cols.set(w("space"), str(self.column_gap))
        paragraph.find(w("pPr")).append(section)
        return paragraph

    def make_parties_table(self, boxes: Sequence[PartyBox]) -> Any:
        half = self.text_width // 2
        table = self.make_table("Parties Table", (half, half))
        for start in range(0, len(boxes), 2):
            gap = [self.make_paragraph("Section Gap")] if start else []
            cells = [(half, 1, [*gap, *self.make_party(box)]) for box in boxes[start : start + 2]]
            if len(cells) == 1:
                cells.append((half, 1, [self.make_paragraph("Party Line")]))
            table.append(self.make_row(cells))
        return table

    def make_party(self, box: PartyBox) -> list[Any]:
        runs = [self.make_run(box.name, "Party Full Name")]
        if box.introduces:
            runs += [self.make_run(" ("), self.make_run(box.short, "Short Name"), self.make_run(")")]
        return [
            self.make_paragraph("Party Name", runs),
            *(self.make_paragraph("Party Line", [self.make_run(line)]) for line in box.lines),
        ]

    def make_terms_table(self, pairs: Sequence[TermPair], title: str) -> Any:
        label = round(self.text_width * self.label_share)
        says = self.text_width // 2 - label
        table = self.make_table("Key Terms Table", (label, says, label, says), head=True)
        heading = self.make_paragraph("Key Terms Heading", [self.make_run(title)])
        table.append(self.make_row([(2 * (label + says), 4, [heading])], head=True))
        for pair in pairs:
            cells = []
            for item in (pair.left, pair.right):
                if item is not None:
                    cells.append((label, 1, [self.make_paragraph("Term Label", [self.make_run(item.label)])]))
                    span = 1 if pair.right is not None else 3
                    width = says if span == 1 else 2 * says + label
                    cells.append((width, span, [self.make_paragraph("Term Text", self.make_runs(item.runs))]))
            table.append(self.make_row(cells))
        return table

    def make_clause(self, clause: Clause) -> list[Any]:
        heading = [self.make_run(f"{clause.heading}.", "Clause Heading")]
        first, *rest = clause.blocks
        if isinstance(first, Paragraph):
            paragraphs = [self.make_paragraph("Clause", [*heading, self.make_run(" "), *self.make_runs(first.runs)])]
        else:
            paragraphs = [self.make_paragraph("Clause", heading), *self.make_block(first)]
        for block in rest:
            paragraphs += self.make_block(block)
        return paragraphs

    def make_block(self, block: Block) -> list[Any]:
        match block:
            case Paragraph(runs):
                return [self.make_paragraph("Clause Text", self.make_runs(runs))]
            case ItemList(items, numbered):
                style = "Clause Item" if numbered else "Clause Bullet"
                return [self.make_paragraph(style, self.make_runs(item)) for item in items]
            case Table(head, rows, shares):
                return [self.make_schedule_table(head, rows, shares), self.make_paragraph("Section Gap")]
            case Chart():
                raise AssertionError("a chart has a section of its own")

    def make_schedule_table(self, head: Sequence[Runs], rows: Sequence[Sequence[Runs]], shares: Sequence[int]) -> Any:
        widths = [round(self.text_width * share / 100) for share in shares or (100 / len(head),) * len(head)]
        table = self.make_table("Schedule Table", widths, head=True)
        heads = [self.make_paragraph("Schedule Table Head", self.make_runs(runs)) for runs in head]
        table.append(self.make_row([(width, 1, [p]) for width, p in zip(widths, heads, strict=True)], head=True))
        for row in rows:
            cells = [self.make_paragraph("Term Text", self.make_runs(runs)) for runs in row]
            table.append(self.make_row([(width, 1, [p]) for width, p in zip(widths, cells, strict=True)]))
        return table

    def make_signature_table(self, signatures: Sequence[Signature]) -> Any:
        gutter = self.column_gap
        half = (self.text_width - gutter) // 2
        table = self.make_table("Signature Table", (half, gutter, half))
        for start in range(0, len(signatures), 2):
            cells: list[tuple[int, int, list[Any]]] = []
            for signature in signatures[start : start + 2]:
                if cells:
                    cells.append((gutter, 1, [self.make_paragraph("Party Line")]))
                line = [self.make_run(signature.signatory), self.make_run(signature.date_label, tab=True)]
                name = self.make_paragraph("Signature Party", [self.make_run(signature.party)])
                cells.append((half, 1, [name, self.make_paragraph("Signature Line", line)]))
            if len(cells) == 1:
                cells += [
                    (gutter, 1, [self.make_paragraph("Party Line")]),
                    (half, 1, [self.make_paragraph("Party Line")]),
                ]
            table.append(self.make_row(cells, bottom=True))
        return table

    def make_schedule(self, schedule: Schedule) -> list[Any]:
        heading = self.make_paragraph("Schedule Heading", [self.make_run(schedule.heading)])
        return [heading, *(element for block in schedule.blocks for element in self.make_block(block))]

    # -- around it

    def fill_footers(self, pages: int) -> None:
        """Put the footer's text where reference.docx has {{ footer }}, and the page total into its field."""
        for part in self.headers_and_footers():
            docx_pieces.fill_footer_tag(part.element, self.document.footer)
            for fields in part.element.iter(w("fldSimple")):
                if "NUMPAGES" in fields.get(w("instr"), ""):
                    for text in fields.iter(w("t")):
                        text.text = str(pages)

    def headers_and_footers(self) -> list[Any]:
        """Return the headers and footers."""
        parts = self.word.part.package.iter_parts()
        return [part for part in parts if str(part.partname).startswith(("/word/footer", "/word/header"))]

    def set_properties(self, title: str) -> None:
        from datetime import datetime

        document, core = self.document, self.word.core_properties
        core.title = title[:255]
        core.author = document.author[:255]
        core.language = document.language
        core.revision = 1
        if document.dated:
            # "Today" is an input: the file is dated by the agreement, so that building twice gives the same bytes.
            dated = datetime(document.dated.year, document.dated.month, document.dated.day)
            core.created = core.modified = dated
        for language in self.word.styles.element.iter(w("lang")):
            language.set(w("val"), document.language)


def start_list_at(word: Any, number: int) -> str:
    """Return the id of a new list like that of the clauses, which begins at `number`."""
    numbering = word.part.numbering_part.element
    style = word.styles[docx_pieces.CLAUSE_STYLE]
    while style.element.find(f"{w('pPr')}/{w('numPr')}/{w('numId')}") is None:
        style = style.base_style
    old = style.element.find(f"{w('pPr')}/{w('numPr')}/{w('numId')}").get(w("val"))
    (abstract,) = (num.abstractNumId.val for num in numbering.num_lst if str(num.numId) == old)
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(number)
    return str(made.numId)


def twips_of(node: Any, name: str, usual: int = 0) -> int:
    """Return a length of an attribute, or `usual` where there is none."""
    text = node.get(w(name)) if node is not None else None
    return round(float(text)) if text else usual


def _repack(data: bytes) -> bytes:
    """Return the package with its parts sorted and without times of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            info.create_system = 3
            new.writestr(info, old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

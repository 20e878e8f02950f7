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
from agreementgen.render.docx_pieces import Pieces, w
from agreementgen.render.measure import COLUMN_GAP, PAPERS, Sizes, even


def write(document: Document, reference: SourceFile, sizes: Sizes, pages: int = 1, label: float | None = None) -> bytes:
    """Return the DOCX of `document` at `sizes`; `pages` is the total the page field shows until Word counts anew.

    `label` is the share of the text that a column of labels takes, where it is not that of the PDF.
    Raise PackError where `reference` lacks a style. The bytes depend on nothing but the arguments.
    """
    word = opened(reference)
    ids = style_ids(word, reference.name, styles_of(document))
    writer = Writer(word, ids, document, sizes)
    writer.label = label or sizes.label
    writer.sizes(sizes)
    writer.body()
    writer.footer(pages)
    writer.properties(f"{document.title}: {' and '.join(box.short for box in document.parties)}")
    return saved(word)


def write_chart(document: ChartDocument, reference: SourceFile, pages: int = 1) -> bytes:
    """Return the DOCX of a chart that stands alone; `pages` as for write."""
    word = opened(reference)
    ids = style_ids(word, reference.name, (*docx_pieces.AGREEMENT, *docx_pieces.CHART))
    writer = Writer(word, ids, document, Sizes(9.0))
    writer.sizes(Sizes(9.0))
    chart_docx.page(writer, document)
    writer.footer(pages)
    writer.properties(f"{document.title}: {document.of}")
    return saved(word)


def styles_of(document: Document) -> tuple[str, ...]:
    """Return the names of the styles that `document` needs."""
    charts = any(schedule.chart for schedule in document.schedules)
    return (*docx_pieces.AGREEMENT, *docx_pieces.CHART) if charts else docx_pieces.AGREEMENT


def opened(reference: SourceFile) -> Any:
    """Return a Word file as python-docx has it; raise PackError where it cannot be read."""
    import docx

    try:
        return docx.Document(io.BytesIO(reference.data))
    except Exception as error:  # python-docx lets seven kinds through: zip, XML, key and value errors
        message = f"this is not a Word file that can be read ({type(error).__name__})"
        raise PackError(Problem(message, "save it again as .docx in Word", "", Place(reference.name))) from error


def saved(word: Any) -> bytes:
    """Return the bytes of a Word file: the same for the same file."""
    buffer = io.BytesIO()
    word.save(buffer)
    return _same_bytes(buffer.getvalue())


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


class Writer(Pieces):
    """Writes the parts of an agreement with the styles of a Word file; widths in twips (1/20 pt).

    `text_width` is that of the text, which tables take whole.
    """

    def __init__(self, word: Any, ids: dict[str, str], document: Document | ChartDocument, sizes: Sizes) -> None:
        from docx.oxml.ns import nsmap
        from docx.oxml.parser import oxml_parser

        # python-docx's own function works out names and namespaces again for each of two thousand elements.
        self.new, self.nsmap = oxml_parser.makeelement, {"w": nsmap["w"]}
        self.word = word
        self.styles = ids
        self.document = document
        self.root = word.element.body
        self.section = self.root.sectPr
        width, height = PAPERS[document.paper]
        self.page = (round(width * 20), round(height * 20))
        self.label = sizes.label
        margins, columns = self.section.find(w("pgMar")), self.section.find(w("cols"))
        # The margins are those of the file, on whichever paper.
        self.sides = sum(twips(margins, name) for name in ("left", "right", "gutter"))
        self.gap = twips(columns, "space", round(COLUMN_GAP * 20))
        self.text_width = self.page[0] - self.sides
        self.drawn_width = twips(self.section.find(w("pgSz")), "w", self.page[0]) - self.sides

    # -- the document

    def sizes(self, sizes: Sizes) -> None:
        """Give the styles what the fit has chosen: size and line height stand in the one all others are based on."""
        style = self.word.styles["Agreement Body"]
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        style.font.size = Pt(sizes.body)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = Pt(sizes.line)
        self.word.styles["Clause"].paragraph_format.space_after = Pt(sizes.gap)
        self.word.styles["Signature Party"].paragraph_format.space_after = Pt(sizes.signing)
        half = (self.text_width - self.gap) // 2
        for name, position in (("Title", self.text_width), ("Footer", self.text_width), ("Signature Line", half)):
            # The right tab of these styles stands at the right edge, which depends on the paper.
            for tab in self.word.styles[name].element.iter(w("tab")):
                if tab.get(w("val")) in ("right", "end"):
                    tab.set(w("pos"), str(position))
        for part in self.around():
            docx_pieces.widen(part.element, self.drawn_width, self.text_width)

    def empty(self) -> None:
        for child in list(self.root):
            if child is not self.section:
                self.root.remove(child)
        self.page_setup(self.section)

    def body(self) -> None:
        self.empty()
        document = self.document
        assert isinstance(document, Document)
        self.add(
            self.paragraph(
                "Title", [self.run(document.title), self.run(document.effective, "Effective Date", tab=True)]
            )
        )
        self.add(self.parties(document.parties))
        # Two tables that touch become one in Word: this gap keeps them apart.
        self.add(self.paragraph("Section Gap"))
        self.add(self.terms(document.terms, document.terms_title))
        if document.apart:
            self.add(self.paragraph("Agreed", [self.run(document.agreed)]))
            self.add(self.signatures(document.signatures))
            self.add(self.paragraph("Schedule Heading", [self.run(document.apart)]))
        else:
            self.add(self.paragraph("Section Gap"))
        self.add(self.break_section(self.paragraph("Section End"), columns=1))
        clauses = [paragraph for clause in document.clauses for paragraph in self.clause(clause)]
        for paragraph in clauses:
            self.add(paragraph)
        if clauses:
            self.break_section(clauses[-1], columns=2, continuous=True)
        if not document.apart:
            self.add(self.paragraph("Section Gap"))
            self.add(self.signatures(document.signatures))
        for schedule in document.schedules:
            for element in () if schedule.chart else self.schedule(schedule):
                self.add(element)
        charted = next((schedule for schedule in document.schedules if schedule.chart), None)
        if charted and charted.chart:
            self.add(self.break_section(self.paragraph("Section End"), columns=1, continuous=True))
            chart_docx.section(self, charted.heading, charted.chart)
            return
        self.add(self.paragraph("Document End"))
        self.section.insert(self.after_references(self.section), self.element("type", val="continuous"))

    def add(self, element: Any) -> None:
        self.section.addprevious(element)

    def after_references(self, section: Any) -> int:
        return sum(1 for child in section if child.tag in (w("headerReference"), w("footerReference")))

    def page_setup(self, section: Any) -> None:
        size = section.find(w("pgSz"))
        size.set(w("w"), str(self.page[0]))
        size.set(w("h"), str(self.page[1]))

    def break_section(self, paragraph: Any, columns: int, continuous: bool = False) -> Any:
        """End a section with `paragraph`: the page of the last section, its own columns."""
        from copy import deepcopy

        section = deepcopy(self.section)
        if continuous:
            section.insert(self.after_references(section), self.element("type", val="continuous"))
        cols = section.find(w("cols"))
        if columns > 1:
            cols.set(w("num"), str(columns))
            cols.set(w("space"), str(self.gap))
        paragraph.find(w("pPr")).append(section)
        return paragraph

    def parties(self, boxes: Sequence[PartyBox]) -> Any:
        half = self.text_width // 2
        table = self.table("Parties Table", (half, half))
        for start in range(0, len(boxes), 2):
            gap = [self.paragraph("Section Gap")] if start else []
            cells = [(half, 1, [*gap, *self.party(box)]) for box in boxes[start : start + 2]]
            if len(cells) == 1:
                cells.append((half, 1, [self.paragraph("Party Line")]))
            table.append(self.row(cells))
        return table

    def party(self, box: PartyBox) -> list[Any]:
        runs = [self.run(box.name, "Party Full Name")]
        if box.introduces:
            runs += [self.run(" ("), self.run(box.short, "Short Name"), self.run(")")]
        return [
            self.paragraph("Party Name", runs),
            *(self.paragraph("Party Line", [self.run(line)]) for line in box.lines),
        ]

    def terms(self, pairs: Sequence[TermPair], title: str) -> Any:
        label = round(self.text_width * self.label)
        says = self.text_width // 2 - label
        table = self.table("Key Terms Table", (label, says, label, says), head=True)
        heading = self.paragraph("Key Terms Heading", [self.run(title)])
        table.append(self.row([(2 * (label + says), 4, [heading])], head=True))
        for pair in pairs:
            cells = []
            for item in (pair.left, pair.right):
                if item is not None:
                    cells.append((label, 1, [self.paragraph("Term Label", [self.run(item.label)])]))
                    span = 1 if pair.right is not None else 3
                    width = says if span == 1 else 2 * says + label
                    cells.append((width, span, [self.paragraph("Term Text", self.runs(item.runs))]))
            table.append(self.row(cells))
        return table

    def clause(self, clause: Clause) -> list[Any]:
        heading = [self.run(f"{clause.heading}.", "Clause Heading")]
        first, *rest = clause.blocks
        if isinstance(first, Paragraph):
            paragraphs = [self.paragraph("Clause", [*heading, self.run(" "), *self.runs(first.runs)])]
        else:
            paragraphs = [self.paragraph("Clause", heading), *self.block(first)]
        for block in rest:
            paragraphs += self.block(block)
        return paragraphs

    def block(self, block: Block) -> list[Any]:
        match block:
            case Paragraph(runs):
                return [self.paragraph("Clause Text", self.runs(runs))]
            case ItemList(items, numbered):
                style = "Clause Item" if numbered else "Clause Bullet"
                return [self.paragraph(style, self.runs(item)) for item in items]
            case Table(head, rows, shares):
                return [self.grid(head, rows, shares), self.paragraph("Section Gap")]
            case Chart():
                raise AssertionError("a chart has a section of its own")

    def grid(self, head: Sequence[Runs], rows: Sequence[Sequence[Runs]], shares: Sequence[int]) -> Any:
        widths = [round(self.text_width * share / 100) for share in shares or even(len(head))]
        table = self.table("Schedule Table", widths, head=True)
        heads = [self.paragraph("Schedule Table Head", self.runs(runs)) for runs in head]
        table.append(self.row([(width, 1, [p]) for width, p in zip(widths, heads, strict=True)], head=True))
        for row in rows:
            cells = [self.paragraph("Term Text", self.runs(runs)) for runs in row]
            table.append(self.row([(width, 1, [p]) for width, p in zip(widths, cells, strict=True)]))
        return table

    def signatures(self, signatures: Sequence[Signature]) -> Any:
        gutter = self.gap
        half = (self.text_width - gutter) // 2
        table = self.table("Signature Table", (half, gutter, half))
        for start in range(0, len(signatures), 2):
            cells: list[tuple[int, int, list[Any]]] = []
            for signature in signatures[start : start + 2]:
                if cells:
                    cells.append((gutter, 1, [self.paragraph("Party Line")]))
                line = [self.run(signature.signatory), self.run(signature.date_label, tab=True)]
                name = self.paragraph("Signature Party", [self.run(signature.party)])
                cells.append((half, 1, [name, self.paragraph("Signature Line", line)]))
            if len(cells) == 1:
                cells += [(gutter, 1, [self.paragraph("Party Line")]), (half, 1, [self.paragraph("Party Line")])]
            table.append(self.row(cells, bottom=True))
        return table

    def schedule(self, schedule: Schedule) -> list[Any]:
        heading = self.paragraph("Schedule Heading", [self.run(schedule.heading)])
        return [heading, *(element for block in schedule.blocks for element in self.block(block))]

    # -- around it

    def footer(self, pages: int) -> None:
        """Put the footer's text where reference.docx has {{ footer }}, and the page total into its field."""
        for part in self.around():
            docx_pieces.say(part.element, self.document.footer)
            for fields in part.element.iter(w("fldSimple")):
                if "NUMPAGES" in fields.get(w("instr"), ""):
                    for text in fields.iter(w("t")):
                        text.text = str(pages)

    def around(self) -> list[Any]:
        """Return the headers and footers."""
        parts = self.word.part.package.iter_parts()
        return [part for part in parts if str(part.partname).startswith(("/word/footer", "/word/header"))]

    def properties(self, title: str) -> None:
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


def numbering_from(word: Any, number: int) -> str:
    """Return the id of a new list like that of the clauses, which begins at `number`."""
    numbering = word.part.numbering_part.element
    style = word.styles[docx_pieces.CLAUSE]
    while style.element.find(f"{w('pPr')}/{w('numPr')}/{w('numId')}") is None:
        style = style.base_style
    old = style.element.find(f"{w('pPr')}/{w('numPr')}/{w('numId')}").get(w("val"))
    (abstract,) = (num.abstractNumId.val for num in numbering.num_lst if str(num.numId) == old)
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(number)
    return str(made.numId)


def twips(node: Any, name: str, usual: int = 0) -> int:
    """Return a length of an attribute, or `usual` where there is none."""
    text = node.get(w(name)) if node is not None else None
    return round(float(text)) if text else usual


def _same_bytes(data: bytes) -> bytes:
    """Return the package with its parts sorted and without times of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            info.create_system = 3
            new.writestr(info, old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

"""An agreement or a RACI chart as a Word file: named styles of reference.docx, real numbering, sections and fields.

Nothing is formatted by hand. The cells of a chart take their fill from the shading of the style of their paragraph, so
a law firm changes both in Word at once. Lengths in twips (1/20 pt).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache

from agreementgen.core.document import (
    Block,
    Chart,
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
    name_parties,
)
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import W
from agreementgen.render.docx_chart import ChartPage, page_of_chart, prepare_chart_section, write_chart_section
from agreementgen.render.docx_writer import (
    AGREEMENT_STYLES,
    BULLET_STYLE,
    CHART_STYLES,
    ITEM_STYLE,
    LINE_RISE,
    DocxWriter,
    XmlElement,
    find_style_ids,
    open_word_file,
    to_twips,
    translate_page_words,
)
from agreementgen.render.measures import (
    DATED_SHARE,
    SCHEDULE_BELOW_GAP,
    SCHEDULE_BELOW_HEADING_GAP,
    SCHEDULE_GAP,
    SCHEDULE_TEXT_GAP,
    SIGNED_SHARE,
    SIGNING_LABEL_WIDTH,
    Sizes,
)
from agreementgen.render.signing import LARGEST_MARK, MARK_COLOR, Kind, mark_size
from agreementgen.render.word_base import CHART_FOOTER_MARK, BlankDocument, WordBase, blank_like, mark_sizes
from agreementgen.render.word_lists import INNER_LEVELS, add_inner_levels, list_of_style, start_list_at
from agreementgen.render.word_structure import StructureNames


def write_docx(
    document: Document, reference: SourceFile, sizes: Sizes, pages: int = 1, label_share: float | None = None,
    carried: str = "", marks: Sequence[Mapping[Kind, str]] = (), fills_columns: bool = False,
) -> bytes:  # fmt: skip
    """Return the DOCX of `document` at `sizes`; `pages` is the total the page field shows until Word counts anew.

    `label_share` is the share of the text width (0 to 1) that a column of labels takes, where not that of the PDF;
    `carried` the text of the deal that the file carries, "" for none; `marks` are those of a signing service, for each
    signature; `fills_columns` as in word_page.WordFit.
    Raise PackError where `reference` lacks a style. The bytes depend on nothing but the arguments.
    """
    label_share = label_share or sizes.label_share
    if _has_own_lists(document):
        # A list with numbers of its own changes other parts, too.
        writer = open_agreement_writer(document, reference, label_share)
        writer.marks, writer.fills_columns = marks, fills_columns
        writer.set_sizes(sizes)
        writer.write_body()
        return writer.finish(title_of_file(document), pages, carried)
    chart = next((schedule.chart for schedule in document.schedules if schedule.chart), None)
    page = page_of_chart(chart) if chart else None
    base = _word_base(reference, blank_like(document), document.words.page_pieces(), bool(carried), page)
    writer = AgreementWriter(base.writer.word, base.writer.style_ids, document, label_share, base.writer)
    writer.marks, writer.fills_columns = marks, fills_columns
    writer.signing_room, writer.clause_gap = sizes.signing_room, sizes.clause_gap
    writer.write_body()
    return base.write(writer, sizes, title_of_file(document), pages, carried, chart.footer if chart else "")


@lru_cache(maxsize=16)
def _word_base(
    reference: SourceFile,
    blank: BlankDocument,
    page_pieces: tuple[str, ...],
    carries_deal: bool,
    chart_page: ChartPage | None,
) -> WordBase:
    """Return the parts of an agreement's file, with a chart at its end where that has a page."""
    styles = (*AGREEMENT_STYLES, *CHART_STYLES) if chart_page else AGREEMENT_STYLES
    word, ids = _open_agreement_file(reference, styles, page_pieces)
    writer = DocxWriter(word, ids, blank)
    writer.clear()
    mark_sizes(writer)
    if chart_page:
        writer.keep_chart_section(lambda: prepare_chart_section(writer, chart_page, CHART_FOOTER_MARK))
    return WordBase(writer, carries_deal)


def open_agreement_writer(document: Document, file: SourceFile, label_share: float) -> AgreementWriter:
    """Return a writer for `document` into a Word file; raise PackError where the file lacks a style."""
    charts = any(schedule.chart for schedule in document.schedules)
    styles = (*AGREEMENT_STYLES, *CHART_STYLES) if charts else AGREEMENT_STYLES
    word, ids = _open_agreement_file(file, styles, document.words.page_pieces())
    return AgreementWriter(word, ids, document, label_share)


def _open_agreement_file(
    file: SourceFile, styles: Sequence[str], page_pieces: tuple[str, ...]
) -> tuple[XmlElement, dict[str, str]]:
    """Return a Word file and the ids of its styles; raise PackError where it lacks one."""
    word = open_word_file(file)
    ids = find_style_ids(word, file.name, styles)
    _color_numbers(word, ids)
    translate_page_words(word, page_pieces)
    return word, ids


def _color_numbers(word: XmlElement, style_ids: dict[str, str]) -> None:
    """Give the numbers of clauses the color of their headings, unless the list has one of its own.

    A firm that colors the style of its headings in Word does not think of the list, where the numbers take theirs from.
    """
    style = word.styles["Clause Heading"]
    while style is not None and style.element.find(f"{W}rPr/{W}color") is None:
        style = style.base_style
    if style is None:
        return
    color = style.element.find(f"{W}rPr/{W}color")
    for level in word.part.numbering_part.element.iter(f"{W}lvl"):
        linked = level.find(f"{W}pStyle")
        if linked is None or linked.get(f"{W}val") != style_ids["Clause"]:
            continue
        properties = level.find(f"{W}rPr")
        if properties is None:
            properties = level.makeelement(f"{W}rPr", {})
            level.append(properties)
        if properties.find(f"{W}color") is None:
            # Behind what stands before it in Word's order: fonts, bold, italics, capitals.
            before = [node for node in properties if node.tag in _BEFORE_COLOR]
            properties.insert(len(before), deepcopy(color))


_BEFORE_COLOR = tuple(
    f"{W}{name}"
    for name in (
        "rStyle",
        "rFonts",
        "b",
        "bCs",
        "i",
        "iCs",
        "caps",
        "smallCaps",
        "strike",
        "dstrike",
        "outline",
        "vanish",
    )
)


def _has_own_lists(document: Document) -> bool:
    """Return whether lists stand in items, behind others of a clause, or in schedules: Word must number them anew."""
    of_clauses = [[block for block in clause.blocks if isinstance(block, ItemList)] for clause in document.clauses]
    return (
        any(one.inner for lists in of_clauses for one in lists)
        or any(sum(one.numbered for one in lists) > 1 for lists in of_clauses)
        or any(isinstance(block, ItemList) for schedule in document.schedules for block in schedule.blocks)
    )


def title_of_file(document: Document) -> str:
    """Return the title in the properties of a file."""
    return f"{document.title}: {name_parties(document)}"


class AgreementWriter(DocxWriter):
    """Writes the parts of an agreement; `label_share` is the share of `text_width` (0 to 1) for columns of labels."""

    def __init__(
        self, word: XmlElement, style_ids: dict[str, str], document: Document, label_share: float,
        like: DocxWriter | None = None,
    ) -> None:  # fmt: skip
        super().__init__(word, style_ids, document, like)
        self.agreement = document
        self.label_share = label_share
        self.has_numbered_list = False
        self.names = StructureNames(document)
        self.marks: Sequence[Mapping[Kind, str]] = ()
        self.fills_columns = False

    @property
    def half_width(self) -> int:
        """The width of the text on either side of the gutter."""
        return (self.text_width - self.column_gap) // 2

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
            self.keep_last_row(self.root.findall(f"{W}tbl")[-1])
            self.add(self.keep_with_next(self.make_paragraph("Agreed", document.agreed)))
            self.add(self.make_signature_table(document.signatures))
            self.add_schedules("signatures")
            end = self.root[-2]  # the section is the last
            if self.style_of(end) == self.style_ids["Section Gap"]:
                # Behind a table that fills the page it would stand on the next one, alone.
                self.root.remove(end)
            self.add(self.make_paragraph("Schedule Heading", document.apart))
        else:
            self.add(self.make_paragraph("Section Gap"))
        self.add(self.end_section(self.make_paragraph("Section End"), columns=1))
        clauses = [paragraph for clause in document.clauses for paragraph in self.make_spaced_clause(clause)]
        self.add(*clauses)
        if clauses:
            self.allow_single_lines(clauses[-1])
        behind = [schedule for schedule in document.schedules if schedule.below != "signatures"]
        if clauses and self.fills_columns and not behind:
            # Columns that end the file are filled from the left, not made even.
            self.set_columns(self.start_section(self.section, "continuous"), 2)
            return
        if clauses:
            self.end_section(clauses[-1], columns=2, begins="continuous")
        if document.apart:
            self.add_schedules("clauses")
        else:
            # Not with the last clause: LibreOffice then moves it to the next page together with what is signed,
            # although the columns would have had room once they are even.
            self.add(self.keep_with_next(self.make_paragraph("Section Gap")))
            self.add(self.make_signature_table(document.signatures, document.closing))
            self.add_schedules("signatures")
        self.add_schedules("")
        # So are columns before a section that begins a page.
        begins = "nextPage" if clauses and self.fills_columns and behind and not behind[0].below else "continuous"
        with_chart = next((schedule for schedule in document.schedules if schedule.chart), None)
        if with_chart and with_chart.chart:
            if begins == "continuous" or not behind[0].chart:
                self.add(self.end_section(self.make_paragraph("Section End"), columns=1, begins=begins))
            write_chart_section(self, with_chart.heading, with_chart.chart)
            return
        self.add(self.make_paragraph("Document End"))
        self.start_section(self.section, begins)

    def allow_single_lines(self, paragraph: XmlElement) -> None:
        """Let a paragraph that ends a page's columns be cut anywhere, which is not seen there.

        Looking for even columns, LibreOffice tries heights at which it runs over to the next page. Of a paragraph that
        keeps lines together it does not always take those back, and then gives up: the columns take the whole page.
        """
        paragraph.find(f"{W}pPr").insert(1, self.make_element("widowControl", val=0))  # behind the style

    def keep_last_row(self, table: XmlElement) -> None:
        """Keep the last row of a table with what stands behind it."""
        for paragraph in table.findall(f"{W}tr")[-1].iter(f"{W}p"):
            self.keep_with_next(paragraph)

    def make_parties_table(self, boxes: Sequence[PartyBox]) -> XmlElement:
        gutter, half = self.column_gap, self.half_width
        table = self.make_table("Parties Table", (half, gutter, half))

        names = iter(self.names.parties)
        for start in range(0, len(boxes), 2):
            cells: list[XmlElement] = []
            for box in boxes[start : start + 2]:
                if cells:
                    cells.append(self.make_empty_cell(gutter))
                gap = [self.make_paragraph("Section Gap")] if start else []
                name, *lines = self.make_party(box)
                cells.append(self.make_cell(half, *gap, self.set_bookmark(name, next(names)), *lines))
            if len(cells) == 1:
                cells += [self.make_empty_cell(gutter), self.make_empty_cell(half)]
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
        gutter, width = self.column_gap, self.half_width - label_width
        whole = 2 * self.half_width + gutter
        table = self.make_table("Key Terms Table", (label_width, width, gutter, label_width, width), head=True)
        heading = self.make_cell(whole, self.make_paragraph("Key Terms Heading", title), span=5)
        table.append(self.make_row(heading, head=True))
        names = iter(self.names.rows)
        for pair in pairs:
            alone = pair.right is None
            above = self.copy_head_rule() if pair.begins_group else ()
            cells: list[XmlElement] = []
            for row in (pair.left, pair.right):
                if row is None:
                    continue
                if cells:
                    # Rules stop at the gutter.
                    bare = [self.make_element(side, val="nil") for side in ("top", "bottom")]
                    cells.append(self.make_cell(gutter, self.make_paragraph("Term Text"), borders=bare))
                label = self.set_bookmark(self.make_paragraph("Term Label", row.label), next(names))
                text = self.make_paragraph("Term Text", *self.make_runs(row.runs))
                cells += [
                    self.make_cell(label_width, label, borders=deepcopy(above)),
                    self.make_cell(
                        whole - label_width if alone else width, text, span=4 if alone else 1, borders=deepcopy(above)
                    ),
                ]
            table.append(self.make_row(*cells))
        return table

    def copy_head_rule(self) -> list[XmlElement]:
        """Return the rule below the first row of the key terms as one above a cell; none where a firm draws none."""
        rule = self.copy_border("Key Terms Table", "firstRow", "bottom", "top")
        return [] if rule is None else [rule]

    def make_spaced_clause(self, clause: Clause) -> list[XmlElement]:
        """Return the paragraphs of a clause with a gap below the last one alone, as on the pages that were measured.

        The styles have it below each paragraph, and below no item of a list.
        """
        *inner, last = paragraphs = self.make_clause(clause)
        spaced = {self.style_ids[name] for name in ("Clause", "Clause Text")}
        for paragraph in inner:
            if self.style_of(paragraph) in spaced:
                paragraph.find(f"{W}pPr").append(self.make_element("spacing", after=0))
        if inner and self.style_of(last) != self.style_ids["Section Gap"]:
            last.find(f"{W}pPr").append(self.make_element("spacing", after=to_twips(self.clause_gap)))
        return paragraphs

    def style_of(self, element: XmlElement) -> str:
        """Return the id of the style of a paragraph; "" for a table."""
        named = element.find(f"{W}pPr/{W}pStyle")
        return "" if named is None else str(named.get(f"{W}val"))

    def make_clause(self, clause: Clause) -> list[XmlElement]:
        heading = self.make_run(f"{clause.heading}.", "Clause Heading")
        self.has_numbered_list = False
        first, *rest = clause.blocks
        if isinstance(first, Paragraph):
            paragraphs = [self.make_paragraph("Clause", heading, " ", *self.make_clause_runs(first.runs))]
        else:
            paragraphs = [self.make_paragraph("Clause", heading), *self.make_block(first)]
        for block in rest:
            paragraphs += self.make_block(block)
        # The heading alone: LibreOffice breaks lines elsewhere where a bookmark ends with its paragraph.
        self.set_bookmark(paragraphs[0], self.names.clauses[clause.topic], heading)
        return paragraphs

    def make_clause_runs(self, runs: Runs) -> Iterable[XmlElement]:
        """Return runs in which the numbers of clauses follow the clauses."""
        return self.make_runs(runs, self.names.clauses)

    def make_block(self, block: Block) -> list[XmlElement]:
        match block:
            case Paragraph(runs):
                return [self.make_paragraph("Clause Text", *self.make_clause_runs(runs))]
            case ItemList():
                return self.make_list(block)
            case Table():
                return [self.make_schedule_table(block), self.make_paragraph("Section Gap")]
            case Chart():
                raise AssertionError("a chart has a section of its own")

    def make_list(self, block: ItemList) -> list[XmlElement]:
        """Return the items of a list; each list of a clause begins at (a), each inside an item at (i)."""
        number = ""
        if block.numbered:
            # The first one of a clause follows the clause's own number.
            number = start_list_at(self.word, 1, 1) if self.has_numbered_list else ""
            self.has_numbered_list = True
        paragraphs: list[XmlElement] = []
        inside: dict[str, str] = {}
        for item, kind in zip(block.items, block.inner or ("",) * len(block.items), strict=True):
            if not kind:
                paragraph = self.make_paragraph(
                    "Clause Item" if block.numbered else "Clause Bullet", *self.make_clause_runs(item)
                )
                inside = {}
                if number:
                    self.set_list(paragraph, number, 1)
            else:
                style, level, _, _ = INNER_LEVELS[kind]
                if kind not in inside:
                    inside[kind] = self._list_inside(kind, number, block.numbered)
                paragraph = self.make_paragraph(style, *self.make_clause_runs(item))
                self.set_list(paragraph, inside[kind], level)
            paragraphs.append(paragraph)
        return paragraphs

    def _list_inside(self, kind: str, number: str, is_numbered: bool) -> str:
        """Return the list of a list inside an item; Word begins one anew only behind a number above it."""
        add_inner_levels(self.word)
        if kind == "point":
            return list_of_style(self.word, BULLET_STYLE)
        if is_numbered:
            return number or list_of_style(self.word, ITEM_STYLE)
        return start_list_at(self.word, 1, 2)

    def set_list(self, paragraph: XmlElement, number: str, level: int) -> None:
        """Let a paragraph stand on a level of a list that its style does not say."""
        node = self.make_element("numPr", self.make_element("ilvl", val=level), self.make_element("numId", val=number))
        paragraph.find(f"{W}pPr").insert(1, node)  # behind the style

    def make_schedule_table(self, block: Table) -> XmlElement:
        head = block.head
        shares = block.widths or (100 / len(head),) * len(head)
        widths = [round(self.text_width * share / 100) for share in shares]
        table = self.make_table("Schedule Table", widths, head=True)
        for index, row in enumerate((head, *block.rows)):
            usual, amount = (
                ("Term Text", "Schedule Amount") if index else ("Schedule Table Head", "Schedule Amount Head")
            )
            cells = (
                self.make_cell(width, self.make_paragraph(amount if is_amount else usual, *self.make_clause_runs(runs)))
                for width, runs, is_amount in zip(widths, row, block.amounts, strict=True)
            )
            table.append(self.make_row(*cells, head=not index))
        return table

    def make_signature_table(self, signatures: Sequence[Signature], closing: str = "") -> XmlElement:
        """Return lines to sign on, two beside each other; they stand level, however long the names above them are.

        The sentence `closing` is the first row: below the table's rule, and on the page of what is signed.
        """
        gutter, half = self.column_gap, self.half_width
        table = self.make_table("Signature Table", (half, gutter, half))
        if closing:
            # Not of the style "Agreed", whose space above belongs to a sentence between two tables.
            sentence = self.make_paragraph("Party Line", closing)
            table.append(self.make_row(self.make_cell(2 * half + gutter, sentence, span=3)))
            self.keep_last_row(table)
        make = self.make_signature_block if self.agreement.signs_in_blocks else self.make_signature
        for start in range(0, len(signatures), 2):
            if start:
                self.keep_last_row(table)
            cells: list[XmlElement] = []
            for index, signature in enumerate(signatures[start : start + 2], start):
                if cells:
                    cells.append(self.make_empty_cell(gutter))
                gaps = (self.make_paragraph("Section Gap") for _ in range(2 if start else 0))
                marks = self.marks[index] if self.marks else {}
                # Word wants a paragraph behind a table in a cell.
                end = self.make_paragraph("Section End", *self.make_mark(marks.get("title", ""), half))
                cells.append(self.make_cell(half, *gaps, *make(signature, marks), end, align="bottom"))
            if len(cells) == 1:
                cells += [self.make_empty_cell(gutter), self.make_empty_cell(half)]
            table.append(self.make_row(*cells))
        return table

    def make_signature(self, signature: Signature, marks: Mapping[Kind, str]) -> list[XmlElement]:
        """Return a name and below it lines of their own for signature and date."""
        half = self.half_width
        signed, dated = (round(half * share) for share in (SIGNED_SHARE, DATED_SHARE))
        widths = (signed, half - signed - dated, dated)
        lines = self.make_table("Parties Table", widths)
        signs = signature.signatory + "\n" * signature.spare_lines
        lines.append(
            self.make_row(
                self.make_cell(signed, self.make_lines("Signature Line", signs)),
                self.make_empty_cell(widths[1]),
                self.make_cell(dated, self.make_paragraph("Signature Line", signature.date_label)),
            )
        )
        names = self.make_lines("Signature Party", signature.party)
        if not marks:
            return [names, lines]
        # A line of its own in the room above the line to sign, which stays as high as it was.
        room, height = to_twips(self.signing_room + LINE_RISE), to_twips(LARGEST_MARK)
        marked = self.make_paragraph("Signature Party", *self.make_mark(marks["signature"], signed))
        marked.append(self.make_element("r", self.make_element("tab")))
        marked.extend(self.make_mark(marks["date"], dated))
        tab = self.make_element("tab", val="left", pos=half - dated)
        marked.find(f"{W}pPr").extend((
            self.make_element("tabs", tab),
            self.make_element("spacing", before=room - height, after=0, line=height, lineRule="exact"),
        ))  # fmt: skip
        names.find(f"{W}pPr").append(self.make_element("spacing", after=0))
        return [names, marked, lines]

    def make_mark(self, mark: str, width: int) -> list[XmlElement]:
        """Return the run of a signing service's mark, which nobody sees, on a line of `width`; none of no mark."""
        if not mark:
            return []
        run = self.make_set_run(mark)
        size = round(2 * mark_size(mark, width / 20))
        look = (self.make_element("b", val=0), self.make_element("color", val=MARK_COLOR))
        run.insert(0, self.make_element("rPr", *look, self.make_element("sz", val=size)))
        return [run]

    def make_signature_block(self, signature: Signature, marks: Mapping[Kind, str]) -> list[XmlElement]:
        """Return a name and below it a line for the signature, who signs, and a line for the date."""
        label, room = to_twips(SIGNING_LABEL_WIDTH), to_twips(self.signing_room)
        width = self.half_width - label
        fields = self.make_table("Parties Table", (label, width))
        for name, text, mark in (
            (signature.by, None, marks.get("signature", "")),
            (signature.name_label, signature.name, ""),
            (signature.date_label, None, marks.get("date", "")),
        ):
            rule = self.copy_signature_rule() if text is None else []
            said = [self.make_paragraph("Party Line", *filter(None, [text]), *self.make_mark(mark, width))]
            said += [self.make_paragraph("Party Line") for _ in range(signature.spare_lines if text else 0)]
            cells = (
                self.make_cell(
                    label, self.make_paragraph("Party Line", *filter(None, [name])), align="" if text else "bottom"
                ),
                self.make_cell(width, *said, align="bottom", borders=rule),
            )
            fields.append(self.make_row(*cells, height=room if text is None else 0))
        return [*self.make_names(signature.party), fields]

    def make_names(self, party: str) -> list[XmlElement]:
        """Return the lines of the name of a party that signs."""
        return [self.make_paragraph("Party Name", self.make_run(line, "Party Full Name")) for line in party.split("\n")]

    def copy_signature_rule(self) -> list[XmlElement]:
        """Return the rule above names as one below a cell: a firm changes both with the style "Signature Line"."""
        style = self.word.styles["Signature Line"].element
        above = style.find(f"{W}pPr/{W}pBdr/{W}top")
        if above is None:
            return [self.make_element("bottom", val="single", sz=4, space=0, color="000000")]
        return [self.make_element("bottom", **{name.removeprefix(W): value for name, value in above.items()})]

    def make_empty_cell(self, width: int, span: int = 1) -> XmlElement:
        return self.make_cell(width, self.make_paragraph("Party Line"), span=span)

    def add_schedules(self, below: str) -> None:
        """Add the schedules, other than charts, that stand `below` what was written last."""
        for schedule in self.agreement.schedules:
            if schedule.below == below and not schedule.chart:
                self.add(*self.make_schedule(schedule))

    def make_schedule(self, schedule: Schedule) -> list[XmlElement]:
        heading = self.make_paragraph("Schedule Heading", schedule.heading)
        self.set_bookmark(heading, self.names.schedules[schedule.letter])
        if not schedule.starts_page:
            space = {"before": to_twips(SCHEDULE_GAP)}
            if schedule.below:
                space = {"before": to_twips(SCHEDULE_BELOW_GAP), "after": to_twips(SCHEDULE_BELOW_HEADING_GAP)}
            heading.find(f"{W}pPr").extend(
                (self.make_element("pageBreakBefore", val="0"), self.make_element("spacing", **space))
            )
        # No clause's number stands above its lists.
        self.has_numbered_list = True
        elements = [heading]
        for block in schedule.blocks:
            elements += self.make_block(block)
            if not isinstance(block, Table):
                gap = self.make_element("spacing", after=to_twips(SCHEDULE_TEXT_GAP))
                elements[-1].find(f"{W}pPr").append(gap)
        return elements

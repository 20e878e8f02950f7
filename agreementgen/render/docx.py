"""An agreement or a RACI chart as a Word file: named styles of reference.docx, real numbering, sections and fields.

Nothing is formatted by hand. The cells of a chart take their fill from the shading of the style of their paragraph, so
a law firm changes both in Word at once. Lengths in twips (1/20 pt).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

from agreementgen.core.document import (
    Arrangement,
    Block,
    Chart,
    ChartDocument,
    ChartPhase,
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
    text_of_runs,
)
from agreementgen.core.words import ENGLISH, PrintedWords
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import R, W
from agreementgen.render.docx_writer import (
    AGREEMENT_STYLES,
    CHART_STYLES,
    MOST_PARTIES,
    DocxWriter,
    XmlElement,
    copy_border,
    fill_footer_tag,
    find_style_ids,
    open_word_file,
    to_twips,
)
from agreementgen.render.measures import (
    DATED_SHARE,
    MARGIN_SIDE,
    SCHEDULE_BELOW_GAP,
    SCHEDULE_BELOW_HEADING_GAP,
    SCHEDULE_GAP,
    SIGNED_SHARE,
    SIGNING_LABEL_WIDTH,
    Sizes,
)
from agreementgen.render.word_structure import StructureNames


def write_docx(
    document: Document, reference: SourceFile, sizes: Sizes, pages: int = 1, label_share: float | None = None,
    carried: str = "",
) -> bytes:  # fmt: skip
    """Return the DOCX of `document` at `sizes`; `pages` is the total the page field shows until Word counts anew.

    `label_share` is the share of the text width (0 to 1) that a column of labels takes, where not that of the PDF;
    `carried` the text of the deal that the file carries, "" for none.
    Raise PackError where `reference` lacks a style. The bytes depend on nothing but the arguments.
    """
    writer = open_agreement_writer(document, reference, label_share or sizes.label_share)
    writer.set_sizes(sizes)
    writer.write_body()
    return writer.finish(title_of_file(document), pages, carried)


def write_chart_docx(document: ChartDocument, reference: SourceFile, pages: int = 1) -> bytes:
    """Return the DOCX of a chart that stands alone; `pages` as for write_docx."""
    word = open_word_file(reference)
    ids = find_style_ids(word, reference.name, (*AGREEMENT_STYLES, *CHART_STYLES))
    _translate_page_words(word, document.words)
    writer = DocxWriter(word, ids, document)
    writer.set_sizes(Sizes(9.0))
    write_chart_page(writer, document)
    return writer.finish(f"{document.title}: {document.of}", pages)


def open_agreement_writer(document: Document, file: SourceFile, label_share: float) -> AgreementWriter:
    """Return a writer for `document` into a Word file; raise PackError where the file lacks a style."""
    word = open_word_file(file)
    charts = any(schedule.chart for schedule in document.schedules)
    ids = find_style_ids(word, file.name, (*AGREEMENT_STYLES, *CHART_STYLES) if charts else AGREEMENT_STYLES)
    _color_numbers(word, ids)
    _translate_page_words(word, document.words)
    return AgreementWriter(word, ids, document, label_share)


def _translate_page_words(word: XmlElement, words: PrintedWords) -> None:
    """Put the words around the number of the page, where they are those of our own footer, into the pack's language."""
    if words.page == ENGLISH.page:
        return
    new = dict(zip(ENGLISH.page_pieces(), words.page_pieces(), strict=True))
    for part in word.part.package.iter_parts():
        if str(part.partname).startswith(("/word/footer", "/word/header")):
            for node in part.element.iter(f"{W}t"):
                node.text = new.get(node.text or "", node.text)


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


def title_of_file(document: Document) -> str:
    """Return the title in the properties of a file."""
    return f"{document.title}: {name_parties(document)}"


class AgreementWriter(DocxWriter):
    """Writes the parts of an agreement; `label_share` is the share of `text_width` (0 to 1) for columns of labels."""

    def __init__(self, word: XmlElement, style_ids: dict[str, str], document: Document, label_share: float) -> None:
        super().__init__(word, style_ids, document)
        self.agreement = document
        self.label_share = label_share
        self.names = StructureNames(document)

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
            self.add(self.make_paragraph("Schedule Heading", document.apart))
        else:
            self.add(self.make_paragraph("Section Gap"))
        self.add(self.end_section(self.make_paragraph("Section End"), columns=1))
        clauses = [paragraph for clause in document.clauses for paragraph in self.make_clause(clause)]
        self.add(*clauses)
        if clauses:
            self.end_section(clauses[-1], columns=2, continuous=True)
        if document.apart:
            self.add_schedules("clauses")
        else:
            # Not with the last clause: LibreOffice then moves it to the next page together with what is signed,
            # although the columns would have had room once they are even.
            self.add(self.keep_with_next(self.make_paragraph("Section Gap")))
            self.add(self.make_signature_table(document.signatures))
            self.add_schedules("signatures")
        self.add_schedules("")
        with_chart = next((schedule for schedule in document.schedules if schedule.chart), None)
        if with_chart and with_chart.chart:
            self.add(self.end_section(self.make_paragraph("Section End"), columns=1, continuous=True))
            write_chart_section(self, with_chart.heading, with_chart.chart)
            return
        self.add(self.make_paragraph("Document End"))
        self.start_section(self.section, "continuous")

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
        rule = copy_border(self.word.styles["Key Terms Table"], "firstRow", "bottom", "top")
        return [] if rule is None else [rule]

    def make_clause(self, clause: Clause) -> list[XmlElement]:
        heading = self.make_run(f"{clause.heading}.", "Clause Heading")
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
            case ItemList(items, numbered):
                style = "Clause Item" if numbered else "Clause Bullet"
                return [self.make_paragraph(style, *self.make_clause_runs(item)) for item in items]
            case Table():
                return [self.make_schedule_table(block), self.make_paragraph("Section Gap")]
            case Chart():
                raise AssertionError("a chart has a section of its own")

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

    def make_signature_table(self, signatures: Sequence[Signature]) -> XmlElement:
        """Return lines to sign on, two beside each other; they stand level, however long the names above them are."""
        gutter, half = self.column_gap, self.half_width
        table = self.make_table("Signature Table", (half, gutter, half))
        make = self.make_signature_block if self.agreement.signs_in_blocks else self.make_signature
        for start in range(0, len(signatures), 2):
            if start:
                self.keep_last_row(table)
            cells: list[XmlElement] = []
            for signature in signatures[start : start + 2]:
                if cells:
                    cells.append(self.make_empty_cell(gutter))
                gaps = (self.make_paragraph("Section Gap") for _ in range(2 if start else 0))
                # Word wants a paragraph behind a table in a cell.
                end = self.make_paragraph("Section End")
                cells.append(self.make_cell(half, *gaps, *make(signature), end, align="bottom"))
            if len(cells) == 1:
                cells += [self.make_empty_cell(gutter), self.make_empty_cell(half)]
            table.append(self.make_row(*cells))
        return table

    def make_signature(self, signature: Signature) -> list[XmlElement]:
        """Return a name and below it lines of their own for signature and date."""
        half = self.half_width
        signed, dated = (round(half * share) for share in (SIGNED_SHARE, DATED_SHARE))
        widths = (signed, half - signed - dated, dated)
        lines = self.make_table("Parties Table", widths)
        lines.append(
            self.make_row(
                self.make_cell(signed, self.make_paragraph("Signature Line", signature.signatory)),
                self.make_empty_cell(widths[1]),
                self.make_cell(dated, self.make_paragraph("Signature Line", signature.date_label)),
            )
        )
        return [self.make_lines("Signature Party", signature.party), lines]

    def make_signature_block(self, signature: Signature) -> list[XmlElement]:
        """Return a name and below it a line for the signature, who signs, and a line for the date."""
        label, room = to_twips(SIGNING_LABEL_WIDTH), to_twips(self.signing_room)
        width = self.half_width - label
        fields = self.make_table("Parties Table", (label, width))
        for name, text in ((signature.by, None), (signature.name_label, signature.name), (signature.date_label, None)):
            rule = self.copy_signature_rule() if text is None else []
            cells = (
                self.make_cell(label, self.make_paragraph("Party Line", *filter(None, [name])), align="bottom"),
                self.make_cell(
                    width, self.make_paragraph("Party Line", *filter(None, [text])), align="bottom", borders=rule
                ),
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
        return [heading, *(element for block in schedule.blocks for element in self.make_block(block))]


# -- charts


def write_chart_page(writer: DocxWriter, document: ChartDocument) -> None:
    """Write a chart that stands alone: title, chart, footer."""
    writer.clear()
    arrangement = _arrangement_of(document.chart)
    _set_page(writer, arrangement)
    _move_right_tab(writer, "Title", arrangement)
    of = writer.make_run(document.of, "Effective Date", tab=True)
    writer.add(writer.make_paragraph("Title", document.title, of))
    _add_chart(writer, document.chart, arrangement)
    _stretch_footers(writer, arrangement)


def write_chart_section(writer: DocxWriter, heading: str, chart: Chart) -> None:
    """Write a chart as the last schedule of an agreement, in a section with its own paper and footer."""
    arrangement = _arrangement_of(chart)
    _set_page(writer, arrangement)
    writer.start_section(writer.section, "nextPage")
    for first in writer.section.findall(f"{W}titlePg"):
        writer.section.remove(first)  # the letterhead of a first page stands on the first page of the agreement
    writer.add(writer.make_paragraph("Schedule Heading", heading))
    _add_chart(writer, chart, arrangement)
    _copy_footers(writer, chart)
    _stretch_footers(writer, arrangement)


def list_chart_elements(writer: DocxWriter, chart: Chart) -> list[XmlElement]:
    """Return a chart for a page that somebody else has laid out, as wide as its text."""
    arrangement = _arrangement_of(chart)
    writer.set_type("Chart Body", arrangement.body, arrangement.line)
    return [*_each_element(writer, chart, arrangement, writer.text_width)]


def _arrangement_of(chart: Chart) -> Arrangement:
    if chart.arrangement is None:
        raise AssertionError("a chart is arranged before it is written")
    return chart.arrangement


def _set_page(writer: DocxWriter, arrangement: Arrangement) -> None:
    writer.set_type("Chart Body", arrangement.body, arrangement.line)
    if arrangement.landscape:
        size = writer.section.find(f"{W}pgSz")
        size.set(f"{W}w", str(writer.paper_size[1]))
        size.set(f"{W}h", str(writer.paper_size[0]))
        size.set(f"{W}orient", "landscape")


def _move_right_tab(writer: DocxWriter, style: str, arrangement: Arrangement) -> None:
    width = writer.paper_size[1] if arrangement.landscape else writer.paper_size[0]
    for tab in writer.word.styles[style].element.iter(f"{W}tab"):
        tab.set(f"{W}pos", str(width - writer.side_margins))


# -- footers of a chart


def _copy_footers(writer: DocxWriter, chart: Chart) -> None:
    """Give the last section copies of the footers in use, with the chart's text in the place of the agreement's."""
    for reference in writer.section.findall(f"{W}footerReference"):
        old = writer.word.part.related_parts[reference.get(f"{R}id")]
        part, relation = writer.word.part.add_footer_part()
        for relation_id, picture in old.rels.items():
            part.rels.add_relationship(picture.reltype, picture._target, relation_id, picture.is_external)
        for child in list(part.element):
            part.element.remove(child)
        for child in old.element:
            part.element.append(deepcopy(child))
        fill_footer_tag(part.element, chart.footer)
        reference.set(f"{R}id", relation)


def _stretch_footers(writer: DocxWriter, arrangement: Arrangement) -> None:
    """Let the footers of the chart's section reach to the right edge of its own paper."""
    _move_right_tab(writer, "Chart Footer", arrangement)
    for reference in writer.section.findall(f"{W}footerReference"):
        part = writer.word.part.related_parts[reference.get(f"{R}id")]
        for style in part.element.iter(f"{W}pStyle"):
            if style.get(f"{W}val") == "Footer":
                style.set(f"{W}val", writer.style_ids["Chart Footer"])


# -- the table of a chart


def _add_chart(writer: DocxWriter, chart: Chart, arrangement: Arrangement) -> None:
    # The chart was arranged for the margins of the PDF.
    paper = writer.paper_size[1] if arrangement.landscape else writer.paper_size[0]
    width = _table_width(arrangement) * (paper - writer.side_margins) / (paper - to_twips(2 * MARGIN_SIDE))
    writer.add(*_each_element(writer, chart, arrangement, round(width)))
    writer.add(writer.make_paragraph("Document End"))


def _table_width(arrangement: Arrangement) -> int:
    return to_twips(sum((arrangement.number, arrangement.task, arrangement.due, *arrangement.roles)))


def _each_element(writer: DocxWriter, chart: Chart, arrangement: Arrangement, width: int) -> Iterator[XmlElement]:
    """Yield legend, table, and what stands below; `width` of the table in twips."""
    yield _make_legend(writer, chart)
    # The column of numbers keeps its width: "No." must stand on one line.
    number = to_twips(arrangement.number)
    yield _make_chart_table(writer, chart, arrangement, (width - number) / (_table_width(arrangement) - number))
    if chart.duties:
        yield writer.make_paragraph("Chart Subheading", chart.duties_title)
        for duty in chart.duties:
            party = writer.make_run(f"{duty.party}:", "Strong")
            yield writer.make_paragraph("Chart Duty", party, f" {duty.text} ({duty.numbers})")
    if chart.workload:
        yield writer.make_paragraph("Chart Subheading", chart.workload_title)
        yield _make_workload_table(writer, chart.workload)


def _make_legend(writer: DocxWriter, chart: Chart) -> XmlElement:
    runs: list[XmlElement] = []
    for (letter, meaning), padded in zip(chart.legend, chart.keys, strict=True):
        # No-break spaces: a letter stays with its meaning.
        key = writer.make_run(padded, f"Chart Key {letter.replace('/', '')}")
        runs += [key, "\u00a0\u00a0" + meaning.replace(" ", "\u00a0"), " " * 8]
    return writer.make_paragraph("Chart Legend", *runs[:-1])


def _make_chart_table(writer: DocxWriter, chart: Chart, arrangement: Arrangement, scale: float) -> XmlElement:
    """Return the table; its columns but the first are `scale` times as wide as arranged."""
    due = (arrangement.due,) if arrangement.due else ()
    lead = [to_twips(arrangement.number), *(to_twips(width * scale) for width in (arrangement.task, *due))]
    roles = [to_twips(width * scale) for width in arrangement.roles]
    table = writer.make_table("Chart Table", [*lead, *roles], head=True)
    for row in _each_head_row(writer, chart, arrangement, lead, roles):
        table.append(row)
    for phase in chart.phases:
        for row in _each_phase_row(writer, phase, chart.begins, lead, roles):
            table.append(row)
    return table


def _each_head_row(
    writer: DocxWriter, chart: Chart, arrangement: Arrangement, lead: list[int], roles: list[int]
) -> Iterator[XmlElement]:
    """Yield the row of the parties and below it the row of their roles; `lead` and `roles` are widths of columns."""
    styles = ("Chart Number Head", "Chart Head", "Chart Head")
    lines = _ChartLines(writer)
    cells = [
        writer.make_cell(
            width, writer.make_paragraph(style, text), merge="restart", align="bottom", borders=lines.open_sides()
        )
        for width, style, text in zip(lead, styles, chart.heads, strict=False)
    ]
    start = 0
    for party, color, count in chart.spans:
        style = f"Chart Party {color % MOST_PARTIES + 1}" if color >= 0 else "Chart Party Outside"
        width, name = sum(roles[start : start + count]), writer.make_paragraph(style, party)
        cells.append(writer.make_cell(width, name, span=count, fill=style, align="bottom", borders=lines.party_side()))
        start += count
    yield writer.make_row(*cells, head=True)
    turned = arrangement.turned
    ending = " Turned" if turned else ""
    cells = [
        writer.make_cell(
            width,
            writer.make_paragraph("Chart Head"),
            merge="continue",
            align="center",
            borders=lines.below_head(lines.open_sides()),
        )
        for width in lead
    ]
    for role, width, begins in zip(chart.roles, roles, chart.begins, strict=True):
        paragraphs = [writer.make_paragraph(f"Chart Role{ending}", role.name)]
        if role.person:
            paragraphs.append(writer.make_paragraph(f"Chart Person{ending}", role.person))
        borders = lines.below_head(lines.party_side() if begins else [])
        cells.append(writer.make_cell(width, *paragraphs, turned=turned, align="bottom", borders=borders))
    yield writer.make_row(*cells, head=True, height=to_twips(arrangement.head) if turned else 0)


class _ChartLines:
    """The borders of single cells of a chart; the line where a party begins is the one of the style's first column."""

    def __init__(self, writer: DocxWriter) -> None:
        self.writer = writer
        self.style = writer.word.styles["Chart Table"]

    def open_sides(self) -> list[XmlElement]:
        return [self.writer.make_element(side, val="nil") for side in ("left", "right")]

    def party_side(self) -> list[XmlElement]:
        line = copy_border(self.style, "firstCol", "left", "left")
        return [] if line is None else [line]

    def below_head(self, borders: list[XmlElement]) -> list[XmlElement]:
        """Return `borders` with the line below the heads, in the order of Word's schema."""
        line = copy_border(self.style, "firstCol", "left", "bottom")
        return borders if line is None else [*borders[:1], line, *borders[1:]]


def _each_phase_row(
    writer: DocxWriter, phase: ChartPhase, begins: Sequence[bool], lead: list[int], roles: list[int]
) -> Iterator[XmlElement]:
    lines = _ChartLines(writer)
    if phase.title:
        widths = (*lead, *roles)
        title = writer.make_paragraph("Chart Phase", phase.title)
        yield writer.make_row(
            writer.make_cell(sum(widths), title, span=len(widths), fill="Chart Phase", align="center")
        )
    for task in phase.tasks:
        texts = (("Chart Number", str(task.number)), ("Chart Task", task.name), ("Chart Due", task.due))
        cells = [
            writer.make_cell(
                width,
                writer.make_paragraph(style, *filter(None, [text])),
                align="center",
                borders=lines.open_sides(),
            )
            for width, (style, text) in zip(lead, texts, strict=False)
        ]
        for letter, width, first in zip(task.letters, roles, begins, strict=True):
            style = f"Chart {letter.replace('/', '')}" if letter else ""
            paragraph = writer.make_paragraph(style, letter) if letter else writer.make_paragraph("Chart I")
            side = lines.party_side() if first else []
            cells.append(writer.make_cell(width, paragraph, fill=style, align="center", borders=side))
        yield writer.make_row(*cells)


def _make_workload_table(writer: DocxWriter, workload: Table) -> XmlElement:
    whole = round(writer.text_width * 0.6)
    widths = [round(whole * share / 100) for share in workload.widths]
    table, lines = writer.make_table("Chart Table", widths, head=True), _ChartLines(writer)
    for index, row in enumerate((workload.head, *workload.rows)):
        style = "Chart Task" if index else "Chart Head"
        cells = (
            writer.make_cell(
                width, writer.make_paragraph(style, text_of_runs(runs)), align="center", borders=lines.open_sides()
            )
            for width, runs in zip(widths, row, strict=True)
        )
        table.append(writer.make_row(*cells, head=not index))
    return table

"""A RACI chart as a Word file, or as the last schedule of an agreement.

The cells take their fill from the shading of the style of their paragraph, so a law firm changes both in Word at once.
Lengths in twips (1/20 pt).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import lru_cache

from agreementgen.core.document import Arrangement, Chart, ChartDocument, ChartPhase, Table, text_of_runs
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import R, W
from agreementgen.render.docx_writer import (
    AGREEMENT_STYLES,
    CHART_STYLES,
    MOST_PARTIES,
    DocxWriter,
    XmlElement,
    fill_footer_tag,
    find_style_ids,
    open_word_file,
    to_twips,
    translate_page_words,
)
from agreementgen.render.measures import Sizes
from agreementgen.render.word_base import BlankDocument, WordBase, blank_like

# Whether the page of a chart lies, its type size and its line height in points.
ChartPage = tuple[bool, float, float]
# The type of what stands around a chart that has a document of its own.
_TITLE_SIZES = Sizes(9.0)


def write_chart_docx(document: ChartDocument, reference: SourceFile, pages: int = 1) -> bytes:
    """Return the DOCX of a chart that stands alone; `pages` as for write_docx."""
    arrangement, page = _arrangement_of(document.chart), page_of_chart(document.chart)
    base = _chart_base(reference, blank_like(document), document.words.page_pieces(), page)
    writer = DocxWriter(base.writer.word, base.writer.style_ids, document, base.writer)
    of = writer.make_run(document.of, "Effective Date", tab=True)
    writer.add(writer.make_paragraph("Title", document.title, of))
    _add_chart(writer, document.chart, arrangement)
    return base.write(writer, _TITLE_SIZES, f"{document.title}: {document.of}", pages)


@lru_cache(maxsize=16)
def _chart_base(reference: SourceFile, blank: BlankDocument, page_pieces: tuple[str, ...], page: ChartPage) -> WordBase:
    """Return the parts of a chart's file on a `page`."""
    word = open_word_file(reference)
    ids = find_style_ids(word, reference.name, (*AGREEMENT_STYLES, *CHART_STYLES))
    translate_page_words(word, page_pieces)
    writer = DocxWriter(word, ids, blank)
    writer.clear()
    writer.set_sizes(_TITLE_SIZES)
    landscape, body, line = page
    _set_page(writer, landscape, body, line)
    _move_right_tab(writer, "Title", landscape)
    _stretch_footers(writer, landscape)
    return WordBase(writer)


def write_chart_section(writer: DocxWriter, heading: str, chart: Chart) -> None:
    """Write a chart as the last schedule of an agreement, in a section with its own paper and footer."""
    if writer.chart_section:
        writer.begin_chart_section()
    else:
        prepare_chart_section(writer, page_of_chart(chart), chart.footer)
    writer.add(writer.make_paragraph("Schedule Heading", heading))
    _add_chart(writer, chart, _arrangement_of(chart))


def page_of_chart(chart: Chart) -> ChartPage:
    arrangement = _arrangement_of(chart)
    return arrangement.landscape, arrangement.body, arrangement.line


def prepare_chart_section(writer: DocxWriter, page: ChartPage, footer: str) -> None:
    """Give the last section, and the styles of charts, what a chart on `page` needs."""
    landscape, body, line = page
    _set_page(writer, landscape, body, line)
    writer.start_section(writer.section, "nextPage")
    for first in writer.section.findall(f"{W}titlePg"):
        writer.section.remove(first)  # the letterhead of a first page stands on the first page of the agreement
    _copy_footers(writer, footer)
    _stretch_footers(writer, landscape)


def list_chart_elements(writer: DocxWriter, chart: Chart) -> list[XmlElement]:
    """Return a chart for a page that somebody else has laid out, as wide as its text."""
    arrangement = _arrangement_of(chart)
    writer.set_type("Chart Body", arrangement.body, arrangement.line)
    return [*_each_element(writer, chart, arrangement, writer.text_width)]


def _arrangement_of(chart: Chart) -> Arrangement:
    if chart.arrangement is None:
        raise AssertionError("a chart is arranged before it is written")
    return chart.arrangement


def _set_page(writer: DocxWriter, landscape: bool, body: float, line: float) -> None:
    writer.set_type("Chart Body", body, line)
    if landscape:
        size = writer.section.find(f"{W}pgSz")
        size.set(f"{W}w", str(writer.paper_size[1]))
        size.set(f"{W}h", str(writer.paper_size[0]))
        size.set(f"{W}orient", "landscape")


def _move_right_tab(writer: DocxWriter, style: str, landscape: bool) -> None:
    width = writer.paper_size[1] if landscape else writer.paper_size[0]
    for tab in writer.word.styles[style].element.iter(f"{W}tab"):
        tab.set(f"{W}pos", str(width - writer.side_margins))


# -- footers of a chart


def _copy_footers(writer: DocxWriter, footer: str) -> None:
    """Give the last section copies of the footers in use, with `footer` in the place of the agreement's."""
    for reference in writer.section.findall(f"{W}footerReference"):
        old = writer.word.part.related_parts[reference.get(f"{R}id")]
        part, relation = writer.word.part.add_footer_part()
        for relation_id, picture in old.rels.items():
            part.rels.add_relationship(picture.reltype, picture._target, relation_id, picture.is_external)
        for child in list(part.element):
            part.element.remove(child)
        for child in old.element:
            part.element.append(deepcopy(child))
        fill_footer_tag(part.element, footer)
        reference.set(f"{R}id", relation)


def _stretch_footers(writer: DocxWriter, landscape: bool) -> None:
    """Let the footers of the chart's section reach to the right edge of its own paper."""
    _move_right_tab(writer, "Chart Footer", landscape)
    for reference in writer.section.findall(f"{W}footerReference"):
        part = writer.word.part.related_parts[reference.get(f"{R}id")]
        for style in part.element.iter(f"{W}pStyle"):
            if style.get(f"{W}val") == "Footer":
                style.set(f"{W}val", writer.style_ids["Chart Footer"])


# -- the table of a chart


def _add_chart(writer: DocxWriter, chart: Chart, arrangement: Arrangement) -> None:
    # The chart was arranged for the margins of the PDF.
    paper = writer.paper_size[1] if arrangement.landscape else writer.paper_size[0]
    width = _table_width(arrangement) * (paper - writer.side_margins) / to_twips(arrangement.width)
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

    def open_sides(self) -> list[XmlElement]:
        return [self.writer.make_element(side, val="nil") for side in ("left", "right")]

    def party_side(self) -> list[XmlElement]:
        line = self.writer.copy_border("Chart Table", "firstCol", "left", "left")
        return [] if line is None else [line]

    def below_head(self, borders: list[XmlElement]) -> list[XmlElement]:
        """Return `borders` with the line below the heads, in the order of Word's schema."""
        line = self.writer.copy_border("Chart Table", "firstCol", "left", "bottom")
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

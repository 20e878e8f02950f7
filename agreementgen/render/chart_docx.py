"""A RACI chart in a Word file: a real table with repeated heads, by the named styles of reference.docx.

Cells take their fill from the shading of the style of their paragraph, so a law firm changes both in Word at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from agreementgen.core.document import Arrangement, Chart, ChartDocument, ChartRole, Table, text_of_runs
from agreementgen.render import docx_pieces
from agreementgen.render.docx_pieces import MOST_PARTIES
from agreementgen.render.sizes import MARGIN_SIDE

if TYPE_CHECKING:
    from agreementgen.render.docx import DocxWriter

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def write_chart_page(writer: DocxWriter, document: ChartDocument) -> None:
    """Write a chart that stands alone: title, chart, footer."""
    writer.clear()
    at = _arrangement_of(document.chart)
    _set_paper(writer, at)
    _move_right_tab(writer, "Title", at)
    of = writer.make_run(document.of, "Effective Date", tab=True)
    writer.add(writer.make_paragraph("Title", [writer.make_run(document.title), of]))
    _add_chart(writer, document.chart, at)
    _stretch_footers(writer, at)


def write_chart_section(writer: DocxWriter, heading: str, chart: Chart) -> None:
    """Write a chart as the last schedule of an agreement, in a section with its own paper and footer."""
    at = _arrangement_of(chart)
    _set_paper(writer, at)
    writer.section.insert(writer.index_after_references(writer.section), writer.make_element("type", val="nextPage"))
    for first in writer.section.findall(f"{_WORD}titlePg"):
        writer.section.remove(first)  # the letterhead of a first page stands on the first page of the agreement
    writer.add(writer.make_paragraph("Schedule Heading", [writer.make_run(heading)]))
    _add_chart(writer, chart, at)
    _copy_footers(writer, chart)
    _stretch_footers(writer, at)


def list_chart_elements(writer: DocxWriter, chart: Chart) -> list[Any]:
    """Return a chart for a page that somebody else has laid out, as wide as its text."""
    at = _arrangement_of(chart)
    _set_type(writer, at)
    return [*_each_element(writer, chart, at, writer.text_width)]


def _arrangement_of(chart: Chart) -> Arrangement:
    if chart.arrangement is None:
        raise AssertionError("a chart is arranged before it is written")
    return chart.arrangement


def _set_paper(writer: DocxWriter, at: Arrangement) -> None:
    _set_type(writer, at)
    if at.landscape:
        size = writer.section.find(f"{_WORD}pgSz")
        size.set(f"{_WORD}w", str(writer.paper_size[1]))
        size.set(f"{_WORD}h", str(writer.paper_size[0]))
        size.set(f"{_WORD}orient", "landscape")


def _set_type(writer: DocxWriter, at: Arrangement) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    style = writer.word.styles["Chart Body"]
    style.font.size = Pt(at.body)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = Pt(at.line)


def _move_right_tab(writer: DocxWriter, style: str, at: Arrangement) -> None:
    width = writer.paper_size[1] if at.landscape else writer.paper_size[0]
    for tab in writer.word.styles[style].element.iter(f"{_WORD}tab"):
        tab.set(f"{_WORD}pos", str(width - writer.side_margins))


# -- footers


def _copy_footers(writer: DocxWriter, chart: Chart) -> None:
    """Give the last section copies of the footers in use, with the chart's text in the place of the agreement's."""
    for reference in writer.section.findall(f"{_WORD}footerReference"):
        old = writer.word.part.related_parts[reference.get(_RELATION)]
        part, relation = writer.word.part.add_footer_part()
        for id_, there in old.rels.items():  # the pictures in it
            part.rels.add_relationship(there.reltype, there._target, id_, there.is_external)
        for child in list(part.element):
            part.element.remove(child)
        for child in old.element:
            part.element.append(deepcopy(child))
        docx_pieces.fill_footer_tag(part.element, chart.footer)
        reference.set(_RELATION, relation)


def _stretch_footers(writer: DocxWriter, at: Arrangement) -> None:
    """Let the footers of the chart's section reach to the right edge of its own paper."""
    _move_right_tab(writer, "Chart Footer", at)
    for reference in writer.section.findall(f"{_WORD}footerReference"):
        part = writer.word.part.related_parts[reference.get(_RELATION)]
        for style in part.element.iter(f"{_WORD}pStyle"):
            if style.get(f"{_WORD}val") == "Footer":
                style.set(f"{_WORD}val", writer.styles["Chart Footer"])


# -- the chart


def _add_chart(writer: DocxWriter, chart: Chart, at: Arrangement) -> None:
    # The chart was arranged for the margins of the PDF.
    page = writer.paper_size[1] if at.landscape else writer.paper_size[0]
    width = _table_width(at) * (page - writer.side_margins) / (page - _twips(2 * MARGIN_SIDE))
    for element in _each_element(writer, chart, at, round(width)):
        writer.add(element)
    writer.add(writer.make_paragraph("Document End"))


def _table_width(at: Arrangement) -> int:
    return _twips(sum((at.number, at.task, at.due, *at.roles)))


def _each_element(writer: DocxWriter, chart: Chart, at: Arrangement, width: int) -> Iterator[Any]:
    """Yield legend, table, and what stands below; `width` of the table in twips."""
    yield _make_legend(writer, chart)
    # The column of numbers keeps its width: "No." must stand on one line.
    number = _twips(at.number)
    yield _make_table(writer, chart, at, (width - number) / (_table_width(at) - number))
    if chart.duties:
        yield writer.make_paragraph("Chart Subheading", [writer.make_run(chart.duties_title)])
        for duty in chart.duties:
            runs = [writer.make_run(f"{duty.party}:", "Strong"), writer.make_run(f" {duty.text} ({duty.numbers})")]
            yield writer.make_paragraph("Chart Duty", runs)
    if chart.workload:
        yield writer.make_paragraph("Chart Subheading", [writer.make_run(chart.workload_title)])
        yield _make_workload_table(writer, chart.workload)


def _make_legend(writer: DocxWriter, chart: Chart) -> Any:
    runs = []
    for letter, says in chart.legend:
        # No-break spaces: a letter stays with its meaning, and its box is wider than the letter.
        key = writer.make_run(f"\u00a0{letter}\u00a0", f"Chart Key {letter.replace('/', '')}")
        runs += [key, writer.make_run("\u00a0" + says.replace(" ", "\u00a0")), writer.make_run("    ")]
    return writer.make_paragraph("Chart Legend", runs[:-1])


def _make_table(writer: DocxWriter, chart: Chart, at: Arrangement, scale: float) -> Any:
    number, task, due = chart.heads
    lead = [_twips(at.number), *(_twips(width * scale) for width in ((at.task, at.due) if at.due else (at.task,)))]
    widths = [*lead, *(_twips(width * scale) for width in at.roles)]
    table = writer.make_table("Chart Table", widths, head=True)
    heads = [("Chart Number Head", number), ("Chart Head", task), ("Chart Head", due)][: len(lead)]
    cells = [
        _make_cell(
            writer, width, [writer.make_paragraph(style, [writer.make_run(text)])], merge="restart", align="bottom"
        )
        for width, (style, text) in zip(lead, heads, strict=True)
    ]
    start = len(lead)
    for party, color, count in chart.spans:
        style = f"Chart Party {color % MOST_PARTIES + 1}" if color >= 0 else "Chart Party Outside"
        text = [writer.make_paragraph(style, [writer.make_run(party)])]
        width = sum(widths[start : start + count])
        cells.append(_make_cell(writer, width, text, span=count, fill=style, align="bottom"))
        start += count
    table.append(_make_row(writer, cells, head=True))
    cells = [_make_cell(writer, width, [writer.make_paragraph("Chart Head")], merge="continue") for width in lead]
    for role, width in zip(chart.roles, widths[len(lead) :], strict=True):
        cells.append(
            _make_cell(writer, width, _role_paragraphs(writer, role, at.turned), turned=at.turned, align="bottom")
        )
    table.append(_make_row(writer, cells, head=True, high=_twips(at.head) if at.turned else 0))
    for phase in chart.phases:
        if phase.title:
            text = [writer.make_paragraph("Chart Phase", [writer.make_run(phase.title)])]
            table.append(
                _make_row(writer, [_make_cell(writer, sum(widths), text, span=len(widths), fill="Chart Phase")])
            )
        for item in phase.tasks:
            says = [("Chart Number", str(item.number)), ("Chart Task", item.name), ("Chart Due", item.due)][: len(lead)]
            cells = [
                _make_cell(writer, width, [writer.make_paragraph(style, [writer.make_run(text)] if text else [])])
                for width, (style, text) in zip(lead, says, strict=True)
            ]
            for letter, width in zip(item.letters, widths[len(lead) :], strict=True):
                style = f"Chart {letter.replace('/', '')}" if letter else "Chart I"
                text = [writer.make_paragraph(style, [writer.make_run(letter)] if letter else [])]
                cells.append(_make_cell(writer, width, text, fill=style if letter else ""))
            table.append(_make_row(writer, cells))
    return table


def _role_paragraphs(writer: DocxWriter, role: ChartRole, turned: bool) -> list[Any]:
    ending = " Turned" if turned else ""
    found = [writer.make_paragraph(f"Chart Role{ending}", [writer.make_run(role.name)])]
    if role.person:
        found.append(writer.make_paragraph(f"Chart Person{ending}", [writer.make_run(role.person)]))
    return found


def _make_workload_table(writer: DocxWriter, table: Table) -> Any:
    whole = round(writer.text_width * 0.6)
    widths = [round(whole * share / 100) for share in table.widths]
    made = writer.make_table("Chart Table", widths, head=True)
    rows = [("Chart Head", table.head), *(("Chart Task", row) for row in table.rows)]
    for index, (style, row) in enumerate(rows):
        cells = [
            _make_cell(writer, width, [writer.make_paragraph(style, [writer.make_run(text_of_runs(runs))])])
            for width, runs in zip(widths, row, strict=True)
        ]
        made.append(_make_row(writer, cells, head=index == 0))
    return made


def _make_cell(
    writer: DocxWriter,
    width: int,
    paragraphs: list[Any],
    span: int = 1,
    merge: str = "",
    fill: str = "",
    turned: bool = False,
    align: str = "center",
) -> Any:
    """Return a cell; `fill` names the style whose shading it takes, `merge` joins it with the one below."""
    cell, properties = writer.make_element("tc"), writer.make_element("tcPr")
    properties.append(writer.make_element("tcW", w=width, type="dxa"))
    if span > 1:
        properties.append(writer.make_element("gridSpan", val=span))
    if merge:
        properties.append(writer.make_element("vMerge", val=merge))
    if fill:
        shading = writer.word.styles[fill].element.find(f"{_WORD}pPr/{_WORD}shd")
        if shading is not None:  # a firm may want its cells white
            properties.append(deepcopy(shading))
    if turned:
        properties.append(writer.make_element("textDirection", val="btLr"))
    properties.append(writer.make_element("vAlign", val="center" if turned else align))
    cell.append(properties)
    for paragraph in paragraphs:
        cell.append(paragraph)
    return cell


def _make_row(writer: DocxWriter, cells: list[Any], head: bool = False, high: int = 0) -> Any:
    row, properties = writer.make_element("tr"), writer.make_element("trPr")
    properties.append(writer.make_element("cantSplit"))
    if high:
        properties.append(writer.make_element("trHeight", val=high, hRule="exact"))
    if head:
        properties.append(writer.make_element("tblHeader"))
    row.append(properties)
    for cell in cells:
        row.append(cell)
    return row


def _twips(points: float) -> int:
    return round(points * 20)

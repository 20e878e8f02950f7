"""A RACI chart in a Word file: a real table with repeated heads, by the named styles of reference.docx.

Cells take their fill from the shading of the style of their paragraph, so a law firm changes both in Word at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from agreementgen.core.document import Arrangement, Chart, ChartDocument, ChartRole, Table, text_of
from agreementgen.render import docx_pieces
from agreementgen.render.docx_pieces import MOST_PARTIES
from agreementgen.render.measure import MARGIN_SIDE

if TYPE_CHECKING:
    from agreementgen.render.docx import Writer

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def page(writer: Writer, document: ChartDocument) -> None:
    """Write a chart that stands alone: title, chart, footer."""
    writer.empty()
    at = _at(document.chart)
    _paper(writer, at)
    _right_edge(writer, "Title", at)
    of = writer.run(document.of, "Effective Date", tab=True)
    writer.add(writer.paragraph("Title", [writer.run(document.title), of]))
    _chart(writer, document.chart, at)
    _footers(writer, at)


def section(writer: Writer, heading: str, chart: Chart) -> None:
    """Write a chart as the last schedule of an agreement, in a section with its own paper and footer."""
    at = _at(chart)
    _paper(writer, at)
    writer.section.insert(writer.after_references(writer.section), writer.element("type", val="nextPage"))
    for first in writer.section.findall(f"{_WORD}titlePg"):
        writer.section.remove(first)  # the letterhead of a first page stands on the first page of the agreement
    writer.add(writer.paragraph("Schedule Heading", [writer.run(heading)]))
    _chart(writer, chart, at)
    _own_footer(writer, chart)
    _footers(writer, at)


def inside(writer: Writer, chart: Chart) -> list[Any]:
    """Return a chart for a page that somebody else has laid out, as wide as its text."""
    at = _at(chart)
    _type(writer, at)
    return [*_elements(writer, chart, at, writer.text_width)]


def _at(chart: Chart) -> Arrangement:
    if chart.arrangement is None:
        raise AssertionError("a chart is arranged before it is written")
    return chart.arrangement


def _paper(writer: Writer, at: Arrangement) -> None:
    _type(writer, at)
    if at.landscape:
        size = writer.section.find(f"{_WORD}pgSz")
        size.set(f"{_WORD}w", str(writer.page[1]))
        size.set(f"{_WORD}h", str(writer.page[0]))
        size.set(f"{_WORD}orient", "landscape")


def _type(writer: Writer, at: Arrangement) -> None:
    from docx.enum.text import WD_LINE_SPACING
    from docx.shared import Pt

    style = writer.word.styles["Chart Body"]
    style.font.size = Pt(at.body)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = Pt(at.line)


def _right_edge(writer: Writer, style: str, at: Arrangement) -> None:
    width = writer.page[1] if at.landscape else writer.page[0]
    for tab in writer.word.styles[style].element.iter(f"{_WORD}tab"):
        tab.set(f"{_WORD}pos", str(width - writer.sides))


# -- footers


def _own_footer(writer: Writer, chart: Chart) -> None:
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
        docx_pieces.say(part.element, chart.footer)
        reference.set(_RELATION, relation)


def _footers(writer: Writer, at: Arrangement) -> None:
    """Let the footers of the chart's section reach to the right edge of its own paper."""
    _right_edge(writer, "Chart Footer", at)
    for reference in writer.section.findall(f"{_WORD}footerReference"):
        part = writer.word.part.related_parts[reference.get(_RELATION)]
        for style in part.element.iter(f"{_WORD}pStyle"):
            if style.get(f"{_WORD}val") == "Footer":
                style.set(f"{_WORD}val", writer.styles["Chart Footer"])


# -- the chart


def _chart(writer: Writer, chart: Chart, at: Arrangement) -> None:
    # The chart was arranged for the margins of the PDF.
    page = writer.page[1] if at.landscape else writer.page[0]
    width = _wide(at) * (page - writer.sides) / (page - _twips(2 * MARGIN_SIDE))
    for element in _elements(writer, chart, at, round(width)):
        writer.add(element)
    writer.add(writer.paragraph("Document End"))


def _wide(at: Arrangement) -> int:
    return _twips(sum((at.number, at.task, at.due, *at.roles)))


def _elements(writer: Writer, chart: Chart, at: Arrangement, width: int) -> Iterator[Any]:
    """Yield legend, table, and what stands below; `width` of the table in twips."""
    yield _legend(writer, chart)
    # The column of numbers keeps its width: "No." must stand on one line.
    number = _twips(at.number)
    yield _table(writer, chart, at, (width - number) / (_wide(at) - number))
    if chart.duties:
        yield writer.paragraph("Chart Subheading", [writer.run(chart.duties_title)])
        for duty in chart.duties:
            runs = [writer.run(f"{duty.party}:", "Strong"), writer.run(f" {duty.text} ({duty.numbers})")]
            yield writer.paragraph("Chart Duty", runs)
    if chart.workload:
        yield writer.paragraph("Chart Subheading", [writer.run(chart.workload_title)])
        yield _counts(writer, chart.workload)


def _legend(writer: Writer, chart: Chart) -> Any:
    runs = []
    for letter, says in chart.legend:
        # No-break spaces: a letter stays with its meaning, and its box is wider than the letter.
        key = writer.run(f"\u00a0{letter}\u00a0", f"Chart Key {letter.replace('/', '')}")
        runs += [key, writer.run("\u00a0" + says.replace(" ", "\u00a0")), writer.run("    ")]
    return writer.paragraph("Chart Legend", runs[:-1])


def _table(writer: Writer, chart: Chart, at: Arrangement, scale: float) -> Any:
    number, task, due = chart.heads
    lead = [_twips(at.number), *(_twips(width * scale) for width in ((at.task, at.due) if at.due else (at.task,)))]
    widths = [*lead, *(_twips(width * scale) for width in at.roles)]
    table = writer.table("Chart Table", widths, head=True)
    heads = [("Chart Number Head", number), ("Chart Head", task), ("Chart Head", due)][: len(lead)]
    cells = [
        _cell(writer, width, [writer.paragraph(style, [writer.run(text)])], merge="restart", align="bottom")
        for width, (style, text) in zip(lead, heads, strict=True)
    ]
    start = len(lead)
    for party, color, count in chart.spans:
        style = f"Chart Party {color % MOST_PARTIES + 1}" if color >= 0 else "Chart Party Outside"
        text = [writer.paragraph(style, [writer.run(party)])]
        width = sum(widths[start : start + count])
        cells.append(_cell(writer, width, text, span=count, fill=style, align="bottom"))
        start += count
    table.append(_row(writer, cells, head=True))
    cells = [_cell(writer, width, [writer.paragraph("Chart Head")], merge="continue") for width in lead]
    for role, width in zip(chart.roles, widths[len(lead) :], strict=True):
        cells.append(_cell(writer, width, _role(writer, role, at.turned), turned=at.turned, align="bottom"))
    table.append(_row(writer, cells, head=True, high=_twips(at.head) if at.turned else 0))
    for phase in chart.phases:
        if phase.title:
            text = [writer.paragraph("Chart Phase", [writer.run(phase.title)])]
            table.append(_row(writer, [_cell(writer, sum(widths), text, span=len(widths), fill="Chart Phase")]))
        for item in phase.tasks:
            says = [("Chart Number", str(item.number)), ("Chart Task", item.name), ("Chart Due", item.due)][: len(lead)]
            cells = [
                _cell(writer, width, [writer.paragraph(style, [writer.run(text)] if text else [])])
                for width, (style, text) in zip(lead, says, strict=True)
            ]
            for letter, width in zip(item.letters, widths[len(lead) :], strict=True):
                style = f"Chart {letter.replace('/', '')}" if letter else "Chart I"
                text = [writer.paragraph(style, [writer.run(letter)] if letter else [])]
                cells.append(_cell(writer, width, text, fill=style if letter else ""))
            table.append(_row(writer, cells))
    return table


def _role(writer: Writer, role: ChartRole, turned: bool) -> list[Any]:
    ending = " Turned" if turned else ""
    found = [writer.paragraph(f"Chart Role{ending}", [writer.run(role.name)])]
    if role.person:
        found.append(writer.paragraph(f"Chart Person{ending}", [writer.run(role.person)]))
    return found


def _counts(writer: Writer, table: Table) -> Any:
    whole = round(writer.text_width * 0.6)
    widths = [round(whole * share / 100) for share in table.widths]
    made = writer.table("Chart Table", widths, head=True)
    rows = [("Chart Head", table.head), *(("Chart Task", row) for row in table.rows)]
    for index, (style, row) in enumerate(rows):
        cells = [
            _cell(writer, width, [writer.paragraph(style, [writer.run(text_of(runs))])])
            for width, runs in zip(widths, row, strict=True)
        ]
        made.append(_row(writer, cells, head=index == 0))
    return made


def _cell(
    writer: Writer,
    width: int,
    paragraphs: list[Any],
    span: int = 1,
    merge: str = "",
    fill: str = "",
    turned: bool = False,
    align: str = "center",
) -> Any:
    """Return a cell; `fill` names the style whose shading it takes, `merge` joins it with the one below."""
    cell, properties = writer.element("tc"), writer.element("tcPr")
    properties.append(writer.element("tcW", w=width, type="dxa"))
    if span > 1:
        properties.append(writer.element("gridSpan", val=span))
    if merge:
        properties.append(writer.element("vMerge", val=merge))
    if fill:
        shading = writer.word.styles[fill].element.find(f"{_WORD}pPr/{_WORD}shd")
        if shading is not None:  # a firm may want its cells white
            properties.append(deepcopy(shading))
    if turned:
        properties.append(writer.element("textDirection", val="btLr"))
    properties.append(writer.element("vAlign", val="center" if turned else align))
    cell.append(properties)
    for paragraph in paragraphs:
        cell.append(paragraph)
    return cell


def _row(writer: Writer, cells: list[Any], head: bool = False, high: int = 0) -> Any:
    row, properties = writer.element("tr"), writer.element("trPr")
    properties.append(writer.element("cantSplit"))
    if high:
        properties.append(writer.element("trHeight", val=high, hRule="exact"))
    if head:
        properties.append(writer.element("tblHeader"))
    row.append(properties)
    for cell in cells:
        row.append(cell)
    return row


def _twips(points: float) -> int:
    return round(points * 20)

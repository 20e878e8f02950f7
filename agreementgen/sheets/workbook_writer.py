"""Workbooks from plain descriptions, as Excel and LibreOffice show them: the same bytes for the same description."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from agreementgen.ooxml import packing, repack
from agreementgen.sheets.cells import column_letters

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.chart.line_chart import LineChart as DrawnChart
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class CellStyle:
    """How a cell looks: colors as RRGGBB, "" for none; `size` in points."""

    bold: bool = False
    italic: bool = False
    color: str = ""
    fill: str = ""
    centered: bool = False
    at_top: bool = False
    size: float = 10
    bordered: bool = True
    at_right: bool = False
    font: str = "Calibri"
    unlocked: bool = False


@dataclass(frozen=True)
class Formula:
    """A formula, written without its "=": it has no result before a spreadsheet program opens the file."""

    text: str


@dataclass(frozen=True)
class NewCell:
    """A cell to write: text, a day, a number or a formula; text is never taken for a formula.

    `number_format` is "" for the usual one.
    """

    value: str | date | int | Decimal | Formula | None
    style: CellStyle = CellStyle()
    number_format: str = ""


@dataclass(frozen=True)
class Highlight:
    """Cells of `area` ("C4:F20") that say `text` get a fill and a color."""

    area: str
    text: str
    fill: str
    color: str


@dataclass(frozen=True)
class FormulaHighlight:
    """Cells of `area` for whose first cell `formula` holds get a fill and a color."""

    area: str
    formula: str
    fill: str
    color: str


@dataclass(frozen=True)
class LineChart:
    """Lines over `categories`, each a title and its cells; the first is drawn, the second dashed.

    `anchor` is the cell of its upper left corner, sizes are in centimeters. `category_format` is how categories are
    shown, "" as in their cells.
    """

    anchor: str
    title: str
    categories: str
    series: tuple[tuple[str, str], ...]
    width: float
    height: float
    category_format: str = ""


@dataclass(frozen=True)
class EntryRule:
    """What one may type into `area`, and what is said about it when a cell there is chosen.

    `kind` is "list" (of `choices`, or of the cells that `source` names), "any", or one of Excel's kinds with a `least`
    and a `most` value: "date" (days), "whole", "decimal", "textLength". Without `strict` other values can be kept.
    """

    area: str
    kind: Literal["any", "list", "date", "whole", "decimal", "textLength"]
    choices: tuple[str, ...] = ()
    source: str = ""
    minimum: str = ""
    maximum: str = ""
    title: str = ""
    help: str = ""
    error: str = ""
    strict: bool = True


@dataclass(frozen=True)
class Sheet:
    """A sheet; `widths` in characters, `heights` of rows in points (0: as Excel finds it).

    `formats` are the number formats of whole columns ("@" keeps what is typed as text, "" for none). `frozen` is the
    first cell that scrolls, `repeated` how many rows are printed on top of each page, `joined` areas that are one
    cell. Where it `is_protected`, only unlocked cells can be changed; there is no password. It is printed `pages_wide`
    pages side by side, the first `repeated_columns` on each of them.
    """

    name: str
    rows: tuple[tuple[NewCell | None, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...] = ()
    column_formats: tuple[str, ...] = ()
    first_scrolled: str = ""
    entry_rules: tuple[EntryRule, ...] = ()
    highlights: tuple[Highlight | FormulaHighlight, ...] = ()
    repeated_rows: int = 0
    merged: tuple[str, ...] = ()
    landscape: bool = False
    paper: str = "letter"
    footer: str = ""
    charts: tuple[LineChart, ...] = ()
    is_protected: bool = False
    print_area: str = ""
    pages_wide: int = 1
    repeated_columns: int = 0


@dataclass(frozen=True)
class Workbook:
    """A workbook. `dated` stands in its properties: "today" is an input, so that equal charts are equal files.

    `names` are names for cells that formulas use, as ("Cap", "Terms!$B$9").
    """

    title: str
    sheets: tuple[Sheet, ...]
    dated: date | None = field(default=None)
    names: tuple[tuple[str, str], ...] = ()


def write_xlsx(book: Workbook) -> bytes:
    """Return the workbook as XLSX: the same bytes for the same book."""
    import openpyxl
    from openpyxl.workbook.defined_name import DefinedName

    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    day = datetime(book.dated.year, book.dated.month, book.dated.day) if book.dated else datetime(1980, 1, 1)
    made.properties.title = book.title
    made.properties.creator = "agreementgen"
    made.properties.created = made.properties.modified = day
    for sheet in book.sheets:
        _fill_sheet(made.create_sheet(sheet.name), sheet)
    for name, cells in book.names:
        made.defined_names[name] = DefinedName(name, attr_text=cells)
    buffer = io.BytesIO()
    with packing():
        made.save(buffer)
    stamp = day.strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def set_moment_of_saving(name: str, part: bytes) -> bytes:
        if name != "docProps/core.xml":
            return part
        return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)

    return repack(buffer.getvalue(), set_moment_of_saving)


def _fill_sheet(made: Worksheet, sheet: Sheet) -> None:
    from openpyxl.formatting.rule import CellIsRule, FormulaRule
    from openpyxl.styles import Font, PatternFill

    for number, row in enumerate(sheet.rows, 1):
        for index, filled in enumerate(row, 1):
            if filled is not None:
                _fill_cell(made.cell(number, index), filled)
    for index, width in enumerate(sheet.widths, 1):
        made.column_dimensions[column_letters(index)].width = width
    for number, height in enumerate(sheet.heights, 1):
        if height:
            made.row_dimensions[number].height = height
    for area in sheet.merged:
        made.merge_cells(area)
    if sheet.first_scrolled:
        made.freeze_panes = sheet.first_scrolled
    for index, form in enumerate(sheet.column_formats, 1):
        if form:
            made.column_dimensions[column_letters(index)].number_format = form
    for allowed in sheet.entry_rules:
        made.add_data_validation(_make_validation(allowed))
    for mark in sheet.highlights:
        look = {"fill": PatternFill(bgColor=mark.fill, fill_type="solid"), "font": Font(bold=True, color=mark.color)}
        if isinstance(mark, FormulaHighlight):
            rule = FormulaRule([mark.formula], **look)  # type: ignore[no-untyped-call]
        else:
            rule = CellIsRule("equal", [f'"{mark.text}"'], **look)  # type: ignore[no-untyped-call]
        made.conditional_formatting.add(mark.area, rule)
    for chart in sheet.charts:
        made.add_chart(_make_line_chart(made, chart), chart.anchor)
    if sheet.is_protected:
        # Widths stay free: a column that is too narrow shows #### for its numbers.
        made.protection.sheet, made.protection.formatColumns = True, False
    if sheet.print_area:
        made.print_area = sheet.print_area
    setup = made.page_setup
    setup.orientation = "landscape" if sheet.landscape else "portrait"
    setup.paperSize = 9 if sheet.paper == "a4" else 1
    setup.fitToWidth, setup.fitToHeight = sheet.pages_wide, 0
    # openpyxl makes both with the sheet.
    pages, footer = made.sheet_properties.pageSetUpPr, made.oddFooter
    assert pages is not None
    assert footer is not None
    pages.fitToPage = True
    margins = made.page_margins
    margins.left = margins.right = margins.top = 0.5
    margins.bottom = 0.7
    if sheet.repeated_rows:
        made.print_title_rows = f"1:{sheet.repeated_rows}"
    if sheet.repeated_columns:
        made.print_title_cols = f"A:{column_letters(sheet.repeated_columns)}"
    # & begins a code in Excel's footers; two of them print one.
    footer.left.text = sheet.footer.replace("&", "&&")
    footer.right.text = "Page &P of &N"
    footer.left.size = footer.right.size = 8


# How much Excel takes of a list in one line, and of what it shows beside a cell: more makes a broken file.
_MAX_LIST, _MAX_TITLE, _MAX_PROMPT = 255, 32, 255


def fits_one_line(choices: Sequence[str]) -> bool:
    """Return whether a list of choices can do without cells to stand in."""
    return len(",".join(choices)) <= _MAX_LIST and not any(set(',"') & set(choice) for choice in choices)


def _make_validation(allowed: EntryRule) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation

    made = DataValidation(type=None if allowed.kind == "any" else allowed.kind, allow_blank=True)
    if allowed.kind == "list":
        made.formula1 = allowed.source or '"' + ",".join(allowed.choices) + '"'
    elif allowed.kind != "any":
        made.operator, made.formula1, made.formula2 = "between", allowed.minimum, allowed.maximum
    if allowed.help:
        made.promptTitle, made.prompt = allowed.title[:_MAX_TITLE], allowed.help[:_MAX_PROMPT]
    if allowed.error:
        made.errorTitle, made.error = allowed.title[:_MAX_TITLE], allowed.error[:_MAX_PROMPT]
        made.errorStyle = "stop" if allowed.strict else "warning"
    made.showInputMessage, made.showErrorMessage = bool(allowed.help), bool(allowed.error)
    made.add(allowed.area)
    return made


def _fill_cell(cell: Cell | MergedCell, filled: NewCell) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    look = filled.style
    if isinstance(filled.value, date):
        cell.value = filled.value
        cell.number_format = filled.number_format or "mmm d, yyyy"
    elif isinstance(filled.value, int | Decimal):
        cell.value = filled.value
    elif isinstance(filled.value, Formula):
        cell.value = f"={filled.value.text}"
    elif filled.value:
        cell.value = filled.value
        # A task may begin with "=": it is a text, never a formula.
        cell.data_type = "s"
        cell.quotePrefix = filled.value.startswith(("=", "+", "-", "@"))
    if filled.number_format and not isinstance(filled.value, date):
        cell.number_format = filled.number_format
    cell.font = Font(name=look.font, size=look.size, bold=look.bold, italic=look.italic, color=look.color or "000000")
    if look.fill:
        cell.fill = PatternFill(fgColor=look.fill, fill_type="solid")
    cell.alignment = Alignment(
        horizontal="center" if look.centered else "right" if look.at_right else "left",
        vertical="top" if look.at_top else "center",
        wrap_text=True,
    )
    if look.unlocked:
        cell.protection = Protection(locked=False)
    if look.bordered:
        side = Side(style="thin", color="BFBFBF")
        cell.border = Border(left=side, right=side, top=side, bottom=side)


# Black on white and in print without colors, a line and a dashed one are told apart.
_LINES = (("1F3864", "solid"), ("7F7F7F", "dash"))


def _make_line_chart(made: Worksheet, chart: LineChart) -> DrawnChart:
    import openpyxl.chart as charts
    from openpyxl.chart.text import RichText
    from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties

    drawn = charts.LineChart()
    drawn.title = chart.title
    drawn.width, drawn.height = chart.width, chart.height  # type: ignore[assignment]
    # In hundredths of a point; as programs choose them, they leave no room for the lines.
    for run in drawn.title.tx.rich.p[0].r:  # type: ignore[union-attr]
        run.rPr = CharacterProperties(sz=1000, b=True)
    for axis in (drawn.x_axis, drawn.y_axis):
        small = ParagraphProperties(defRPr=CharacterProperties(sz=800))
        axis.txPr = RichText(p=[Paragraph(pPr=small, endParaRPr=CharacterProperties(sz=800))])
    drawn.legend = charts.legend.Legend()
    drawn.legend.position = "b"
    # A line of the grid would hide a target of the same height.
    drawn.y_axis.majorGridlines = None
    # Without these two, Excel hides the axes of charts that openpyxl made.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    for (title, area), (color, dash) in zip(chart.series, _LINES, strict=False):
        series = charts.Series(charts.Reference(range_string=f"'{made.title}'!{area}"), title=title)
        series.graphicalProperties.line.solidFill, series.graphicalProperties.line.dashStyle = color, dash
        series.graphicalProperties.line.width = 22_000
        series.smooth = False
        drawn.series.append(series)
    if chart.category_format:
        drawn.x_axis.number_format = chart.category_format
        drawn.x_axis.numFmt.sourceLinked = False
    drawn.set_categories(charts.Reference(range_string=f"'{made.title}'!{chart.categories}"))
    return drawn

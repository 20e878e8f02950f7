"""A RACI chart as a workbook and as CSV: to work in, and to read back without loss (deal/matrix)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agreementgen.core.document import ChartDocument, text_of_runs
from agreementgen.deal.matrix import LETTERS, MatrixRow
from agreementgen.sheets.cells import column_letters
from agreementgen.sheets.table_reader import write_csv
from agreementgen.sheets.workbook_writer import CellStyle, EntryRule, Highlight, NewCell, Sheet, Workbook, write_xlsx

# The same fills as in templates/layout/chart.css.
_LETTER_FILLS = {
    "A": ("1F3864", "FFFFFF"),
    "A/R": ("1F3864", "FFFFFF"),
    "R": ("8FA9D6", "000000"),
    "C": ("DFE7F5", "000000"),
}
_PARTY_FILLS = ("1F3864", "7A3E00", "0B5D4B", "5B2A6E", "4A4A4A", "8A1538")
_OUTSIDE_FILL = "6B6B6B"
_HEAD_COLOR, _GREY_COLOR = "1F3864", "595959"
_HEAD_ROWS = 3  # head, parties, people
# Rows below the last task in which letters are checked and filled, too: charts grow.
_SPARE_ROWS = 20
_NUMBER_HEAD = "No."
# Calibri 10: how many points a line takes, and how many letters stand in a unit of a column's width.
_LINE_HEIGHT, _LETTERS_PER_UNIT = 13.5, 1.05


def write_chart_csv(rows: Sequence[MatrixRow]) -> bytes:
    """Return the table as CSV; days as 2026-12-01."""
    lines = []
    for index, row in enumerate(rows):
        number = str(row.number or "") if index else _NUMBER_HEAD
        lines.append([number, row.phase, row.task, *row.cells, _iso_day(row.due), row.responsibilities])
    return write_csv(lines)


def write_chart_xlsx(document: ChartDocument, rows: Sequence[MatrixRow]) -> bytes:
    """Return the table as a workbook: the chart to work in, a sheet that explains it, and the workload if asked for."""
    sheets = [_chart_sheet(document, rows), _legend_sheet(document)]
    if document.chart.workload:
        sheets.append(_workload_sheet(document))
    title = f"{document.title}: {document.of}"
    return write_xlsx(Workbook(title, tuple(sheets), document.dated))


def _iso_day(due: date | str | None) -> str:
    return due.isoformat() if isinstance(due, date) else due or ""


def _chart_sheet(document: ChartDocument, rows: Sequence[MatrixRow]) -> Sheet:
    chart, first = document.chart, 4
    count = len(rows[0].cells)
    colors = {role.party: _PARTY_FILLS[role.color] if role.color >= 0 else _OUTSIDE_FILL for role in chart.roles}
    made: list[tuple[NewCell | None, ...]] = []
    for number, row in enumerate(rows):
        looks = [_head_look(number, rows[1].cells[index], colors) for index in range(count)]
        lead, plain = (
            (CellStyle(bold=True, color=_HEAD_COLOR), CellStyle())
            if number < _HEAD_ROWS
            else (CellStyle(color=_GREY_COLOR), CellStyle())
        )
        plain = lead if number < _HEAD_ROWS else plain
        cells = (NewCell(text, look) for text, look in zip(row.cells, looks, strict=True))
        count_cell = NewCell(row.number or (_NUMBER_HEAD if number == 0 else None), lead)
        ends = (NewCell(row.due, plain), NewCell(row.responsibilities, plain))
        made.append((count_cell, NewCell(row.phase, lead), NewCell(row.task, plain), *cells, *ends))
    last, end = column_letters(first + count - 1), len(rows) + _SPARE_ROWS
    area = f"{column_letters(first)}{_HEAD_ROWS + 1}:{last}{end}"
    phases = max((len(row.phase) for row in rows), default=0)
    # Upright, so that the frozen heads leave room for the tasks on a screen; wide enough for their longest word.
    longest = max(len(word) for row in rows[:_HEAD_ROWS] for text in row.cells for word in text.split() or [""])
    wide = float(min(max(longest + 3, 12), 17))
    widths = (5.0, min(max(phases, 7) + 2.0, 24.0), 44.0, *([wide] * count), 13.0, 44.0)
    heights = [max(_cell_height(*pair) for pair in zip(cells, widths, strict=True)) for cells in made]
    return Sheet(
        name="RACI",
        rows=tuple(made),
        widths=widths,
        heights=tuple(heights),
        first_scrolled=f"{column_letters(first)}{_HEAD_ROWS + 1}",
        entry_rules=(EntryRule(area, "list", LETTERS, title="RACI", error="Choose one of " + ", ".join(LETTERS)),),
        highlights=tuple(Highlight(area, letter, fill, color) for letter, (fill, color) in _LETTER_FILLS.items()),
        repeated_rows=_HEAD_ROWS,
        landscape=True,
        paper=document.paper,
        footer=chart.footer,
    )


def _cell_height(filled: NewCell | None, width: float) -> float:
    """Return the height of a cell, in points: programs find it only where none is said, and some not even then."""
    text = filled.value if filled and isinstance(filled.value, str) else ""
    lines = sum(max(1, -(-len(line) // max(1, int(width * _LETTERS_PER_UNIT)))) for line in text.split("\n"))
    return lines * _LINE_HEIGHT + 2


def _head_look(number: int, party: str, colors: dict[str, str]) -> CellStyle:
    match number:
        case 1:
            return CellStyle(bold=True, color="FFFFFF", fill=colors[party], centered=True)
        case 2:
            return CellStyle(centered=True)
    return CellStyle(bold=True, centered=True)


def _legend_sheet(document: ChartDocument) -> Sheet:
    """Return the sheet with title, legend, version and review, and which task carries out which responsibility."""
    chart = document.chart
    plain, strong = CellStyle(bordered=False), CellStyle(bold=True, color=_HEAD_COLOR, bordered=False)
    rows: list[tuple[NewCell | None, ...]] = [
        (NewCell(document.title, CellStyle(bold=True, color=_HEAD_COLOR, size=16, bordered=False)),),
        (NewCell(document.of, plain),),
        (NewCell(chart.footer, plain),),
        (None,),
    ]
    for letter, says in chart.legend:
        fill, color = _LETTER_FILLS.get(letter, ("", "000000"))
        rows.append(
            (NewCell(letter, CellStyle(bold=True, color=color, fill=fill, centered=True)), NewCell(says, plain))
        )
    if chart.duties:
        rows += [(None,), (NewCell(chart.duties_title, strong),)]
        rows += [
            (NewCell(duty.party, plain), NewCell(duty.text, plain), NewCell(duty.numbers, plain))
            for duty in chart.duties
        ]
    joined = [f"A{number}:C{number}" for number in (1, 2, 3)]
    if chart.duties:
        number = len(rows) - len(chart.duties)
        joined.append(f"A{number}:C{number}")
    heights = (24.0, 0.0, 28.0)
    return Sheet("Legend", tuple(rows), (26.0, 80.0, 16.0), heights, merged=tuple(joined), landscape=True)


def _workload_sheet(document: ChartDocument) -> Sheet:
    table = document.chart.workload
    if table is None:
        raise AssertionError("no workload was asked for")
    head = tuple(NewCell(text_of_runs(runs), CellStyle(bold=True, color=_HEAD_COLOR)) for runs in table.head)
    rows = [tuple(NewCell(text_of_runs(runs)) for runs in row) for row in table.rows]
    title = (NewCell(document.chart.workload_title, CellStyle(bold=True, color=_HEAD_COLOR, size=12, bordered=False)),)
    joined = (f"A1:{column_letters(len(head))}1",)
    return Sheet("Workload", (title, head, *rows), (36.0, 30.0, 6.0, 6.0, 6.0, 6.0), merged=joined)

"""A RACI chart as a workbook and as CSV: to work in, and to read back without loss (deal/matrix)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agreementgen.core.document import ChartDocument, text_of
from agreementgen.deal.deal import LETTERS
from agreementgen.deal.matrix import TableRow
from agreementgen.sheets.cells import column
from agreementgen.sheets.table_reader import to_csv
from agreementgen.sheets.workbook_writer import Allowed, Book, Filled, Look, Mark, Sheet, to_xlsx

# The same fills as in templates/layout/chart.css.
_FILLS = {"A": ("1F3864", "FFFFFF"), "A/R": ("1F3864", "FFFFFF"), "R": ("8FA9D6", "000000"), "C": ("DFE7F5", "000000")}
_PARTIES = ("1F3864", "7A3E00", "0B5D4B", "5B2A6E", "4A4A4A", "8A1538")
_OUTSIDE = "6B6B6B"
_HEAD, _GREY = "1F3864", "595959"
_HEADS = 3  # head, parties, people
# Rows below the last task in which letters are checked and filled, too: charts grow.
_ROOM = 20
_NUMBER = "No."
# Calibri 10: how many points a line takes, and how many letters stand in a unit of a column's width.
_LINE, _LETTERS = 13.5, 1.05


def csv(rows: Sequence[TableRow]) -> bytes:
    """Return the table as CSV; days as 2026-12-01."""
    lines = []
    for index, row in enumerate(rows):
        number = str(row.number or "") if index else _NUMBER
        lines.append([number, row.phase, row.task, *row.cells, _iso(row.due), row.duty])
    return to_csv(lines)


def xlsx(document: ChartDocument, rows: Sequence[TableRow]) -> bytes:
    """Return the table as a workbook: the chart to work in, a sheet that explains it, and the workload if asked for."""
    sheets = [_chart(document, rows), _about(document)]
    if document.chart.workload:
        sheets.append(_workload(document))
    title = f"{document.title}: {document.of}"
    return to_xlsx(Book(title, tuple(sheets), document.dated))


def _iso(due: date | str | None) -> str:
    return due.isoformat() if isinstance(due, date) else due or ""


def _chart(document: ChartDocument, rows: Sequence[TableRow]) -> Sheet:
    chart, first = document.chart, 4
    count = len(rows[0].cells)
    colors = {role.party: _PARTIES[role.color] if role.color >= 0 else _OUTSIDE for role in chart.roles}
    made: list[tuple[Filled | None, ...]] = []
    for number, row in enumerate(rows):
        looks = [_look(number, rows[1].cells[index], colors) for index in range(count)]
        lead, plain = (Look(bold=True, color=_HEAD), Look()) if number < _HEADS else (Look(color=_GREY), Look())
        plain = lead if number < _HEADS else plain
        cells = (Filled(text, look) for text, look in zip(row.cells, looks, strict=True))
        count_cell = Filled(row.number or (_NUMBER if number == 0 else None), lead)
        ends = (Filled(row.due, plain), Filled(row.duty, plain))
        made.append((count_cell, Filled(row.phase, lead), Filled(row.task, plain), *cells, *ends))
    last, end = column(first + count - 1), len(rows) + _ROOM
    area = f"{column(first)}{_HEADS + 1}:{last}{end}"
    phases = max((len(row.phase) for row in rows), default=0)
    # Upright, so that the frozen heads leave room for the tasks on a screen; wide enough for their longest word.
    longest = max(len(word) for row in rows[:_HEADS] for text in row.cells for word in text.split() or [""])
    wide = float(min(max(longest + 3, 12), 17))
    widths = (5.0, min(max(phases, 7) + 2.0, 24.0), 44.0, *([wide] * count), 13.0, 44.0)
    heights = [max(_high(*pair) for pair in zip(cells, widths, strict=True)) for cells in made]
    return Sheet(
        name="RACI",
        rows=tuple(made),
        widths=widths,
        heights=tuple(heights),
        frozen=f"{column(first)}{_HEADS + 1}",
        allowed=(Allowed(area, "list", LETTERS, title="RACI", error="Choose one of " + ", ".join(LETTERS)),),
        marks=tuple(Mark(area, letter, fill, color) for letter, (fill, color) in _FILLS.items()),
        repeated=_HEADS,
        landscape=True,
        paper=document.paper,
        footer=chart.footer,
    )


def _high(filled: Filled | None, width: float) -> float:
    """Return the height of a cell, in points: programs find it only where none is said, and some not even then."""
    text = filled.value if filled and isinstance(filled.value, str) else ""
    lines = sum(max(1, -(-len(line) // max(1, int(width * _LETTERS)))) for line in text.split("\n"))
    return lines * _LINE + 2


def _look(number: int, party: str, colors: dict[str, str]) -> Look:
    match number:
        case 1:
            return Look(bold=True, color="FFFFFF", fill=colors[party], center=True)
        case 2:
            return Look(center=True)
    return Look(bold=True, center=True)


def _about(document: ChartDocument) -> Sheet:
    """Return the sheet with title, legend, version and review, and which task carries out which responsibility."""
    chart = document.chart
    plain, strong = Look(ruled=False), Look(bold=True, color=_HEAD, ruled=False)
    rows: list[tuple[Filled | None, ...]] = [
        (Filled(document.title, Look(bold=True, color=_HEAD, size=16, ruled=False)),),
        (Filled(document.of, plain),),
        (Filled(chart.footer, plain),),
        (None,),
    ]
    for letter, says in chart.legend:
        fill, color = _FILLS.get(letter, ("", "000000"))
        rows.append((Filled(letter, Look(bold=True, color=color, fill=fill, center=True)), Filled(says, plain)))
    if chart.duties:
        rows += [(None,), (Filled(chart.duties_title, strong),)]
        rows += [
            (Filled(duty.party, plain), Filled(duty.text, plain), Filled(duty.numbers, plain)) for duty in chart.duties
        ]
    joined = [f"A{number}:C{number}" for number in (1, 2, 3)]
    if chart.duties:
        number = len(rows) - len(chart.duties)
        joined.append(f"A{number}:C{number}")
    heights = (24.0, 0.0, 28.0)
    return Sheet("Legend", tuple(rows), (26.0, 80.0, 16.0), heights, joined=tuple(joined), landscape=True)


def _workload(document: ChartDocument) -> Sheet:
    table = document.chart.workload
    if table is None:
        raise AssertionError("no workload was asked for")
    head = tuple(Filled(text_of(runs), Look(bold=True, color=_HEAD)) for runs in table.head)
    rows = [tuple(Filled(text_of(runs)) for runs in row) for row in table.rows]
    title = (Filled(document.chart.workload_title, Look(bold=True, color=_HEAD, size=12, ruled=False)),)
    joined = (f"A1:{column(len(head))}1",)
    return Sheet("Workload", (title, head, *rows), (36.0, 30.0, 6.0, 6.0, 6.0, 6.0), joined=joined)

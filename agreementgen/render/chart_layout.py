"""How a chart stands on its page (portrait or landscape, type size, widths of columns, heads upright or turned), and in
a workbook or CSV: to work in, and to read back without loss (deal/matrix_reader).

All lengths in points. The page is judged by the widths of the font, so Word file and PDF get the same
arrangement, with or without Pango.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from math import ceil

from agreementgen.core.document import (
    Arrangement,
    Chart,
    ChartDocument,
    ChartRole,
    Document,
    Table,
    runs_of_block,
    text_of_runs,
)
from agreementgen.deal.deal import LETTERS, MatrixRow
from agreementgen.library.files import SourceFile
from agreementgen.render.lettering import BOLD, REGULAR, Letters, Piece, letters_to_measure
from agreementgen.render.measures import (
    PAPER_SIZES,
    TYPE_SIZES,
    line_height_of,
)
from agreementgen.sheets.cells import column_letters
from agreementgen.sheets.table_reader import write_csv
from agreementgen.sheets.workbook_writer import CellStyle, EntryRule, Highlight, NewCell, Sheet, Workbook, write_xlsx

# Space around the text of a cell (left plus right, top plus bottom with the rule), as in chart.css.
CELL_PADDING, ROW_GAP = 6.0, 4.5
# What stands above and below the rows: title or heading, legend with its gaps.
_TITLE_HEIGHT, _LEGEND_GAP, _BLOCK_GAP = 32.0, 8.0, 10.0
# A chart shrinks to this size to keep on one page; where it takes more pages it need not.
_LEAST_SIZE, _SIZE_ON_PAGES, _MOST_SIZE = 8.5, 9.0, 10.0
_TASK_LEAST, _TASK_MOST, _ROLE_MOST = 150.0, 330.0, 92.0
# Heads that run upwards: least height, and most as a share of the page.
_TURNED_LEAST, _TURNED_MOST = 60, 0.7
# Up to so many roles, further pages are upright.
_MOST_UPRIGHT_ROLES = 6
# Room kept free, as a share of the page's height: the estimate leaves kerning out, and Word may break otherwise.
_SPARE = 0.04


def arrange_charts(document: Document, layout: Mapping[str, SourceFile]) -> Document:
    """Return `document` with its charts arranged."""
    if not any(schedule.chart for schedule in document.schedules):
        return document
    letters = letters_to_measure(layout)
    schedules = tuple(
        replace(
            schedule,
            blocks=tuple(
                replace(block, arrangement=arrange_chart(block, document.paper, letters))
                if isinstance(block, Chart)
                else block
                for block in schedule.blocks
            ),
        )
        for schedule in document.schedules
    )
    return replace(document, schedules=schedules)


def arrange_chart_document(document: ChartDocument, layout: Mapping[str, SourceFile]) -> ChartDocument:
    """Return `document` with its chart arranged."""
    letters = letters_to_measure(layout)
    found = arrange_chart(document.chart, document.paper, letters)
    return replace(document, chart=replace(document.chart, arrangement=found))


def arrange_chart(chart: Chart, paper: str, letters: Letters) -> Arrangement:
    """Return the largest type that keeps the chart on one page, upright or turned; or the fewest pages at 9 pt."""
    trials: list[_ChartTrial] = []
    for body in TYPE_SIZES:
        if body > _MOST_SIZE:
            continue
        of_size = [_ChartTrial(chart, paper, letters, wide, body) for wide in (False, True)]
        fitting = [trial for trial in of_size if trial.legible and trial.arrangement.pages == 1]
        if fitting:
            # Of equal sizes the upright page: it hangs beside other papers.
            return max(fitting, key=lambda trial: (not trial.columns.turned, not trial.wide)).arrangement
        trials += of_size
    legible = [trial for trial in trials if trial.body == _SIZE_ON_PAGES and trial.legible]
    legible = legible or [trial for trial in trials if trial.body == _LEAST_SIZE and trial.wide]
    narrow = len(chart.roles) <= _MOST_UPRIGHT_ROLES
    return min(
        legible, key=lambda trial: (trial.columns.turned, trial.arrangement.pages, trial.wide == narrow)
    ).arrangement


class _ChartTrial:
    """The chart at one size on one page; `legible` is False where the columns are too narrow for it."""

    def __init__(self, chart: Chart, paper: str, letters: Letters, wide: bool, body: float) -> None:
        width, height = PAPER_SIZES[paper]
        if wide:
            width, height = height, width
        self.chart, self.letters, self.wide, self.body = chart, letters, wide, body
        self.line = line_height_of(body)
        margins = letters.style.margins
        self.width = width - margins.left - margins.right
        self.height = (height - margins.top - margins.bottom) * (1 - _SPARE)
        self.number, self.due = self.fixed_widths()
        self.columns = self.upright_columns() or self.turned_columns()
        self.legible = self.columns.task >= _TASK_LEAST

    @cached_property
    def arrangement(self) -> Arrangement:
        """The columns with the number of pages."""
        return replace(self.columns, pages=self.count_pages())

    def arrange_columns(self, roles: Sequence[float], turned: bool, head: float) -> Arrangement:
        """Return columns of these widths for the roles; the tasks have what is left, the pages are not counted yet."""
        task = self.width - self.number - self.due - sum(roles)
        return Arrangement(
            self.wide,
            self.width,
            self.body,
            self.line,
            self.number,
            task,
            self.due,
            tuple(roles),
            turned,
            head,
            pages=0,
        )

    def text_width(self, text: str, bold: bool = False) -> float:
        return self.letters.text_width(Piece(text, BOLD if bold else REGULAR)) * self.body if text else 0.0

    def count_lines(self, text: str, width: float, bold: bool = False) -> int:
        piece = Piece(text, BOLD if bold else REGULAR)
        return len(self.letters.break_lines((piece,), width, self.body)) if text else 0

    def count_role_lines(self, role: ChartRole, width: float) -> int:
        """Return the lines of a role and its person in a cell of a width."""
        width -= CELL_PADDING
        return self.count_lines(role.name, width, True) + self.count_lines(role.person, width)

    def longest_word(self, texts: Iterable[str], bold: bool) -> float:
        # Lines break behind a hyphen, too.
        words = (part for text in texts for word in text.split() for part in re.split(r"(?<=-)", word))
        return max((self.text_width(word, bold) for word in words), default=0.0)

    # -- columns

    def fixed_widths(self) -> tuple[float, float]:
        number = self.text_width("No.", True) + CELL_PADDING + 2
        due = max((self.text_width(task.due) for task in self.chart.tasks if task.due), default=0.0)
        return _round_up(number), _round_up(due + CELL_PADDING + 2) if due else 0.0

    def natural_task_width(self) -> float:
        """Return the width at which every task stands on one line, within reason."""
        longest = max((self.text_width(task.name) for task in self.chart.tasks), default=0.0)
        return min(max(longest * 1.02 + CELL_PADDING, _TASK_LEAST), _TASK_MOST)

    def upright_columns(self) -> Arrangement | None:
        """Return columns in which the longest word of each head has room, or None."""
        roles = self.chart.roles
        needs = self.widen_for_parties(
            max(
                self.longest_word([role.name], True),
                self.longest_word([role.person], False),
                self.text_width("A/R", True),
            )
            + CELL_PADDING
            + 2
            for role in roles
        )
        left = self.width - self.number - self.due
        if max(needs) * len(needs) + _TASK_LEAST <= left:
            needs = [max(needs)] * len(needs)
        if sum(needs) + _TASK_LEAST > left:
            return None
        task = min(self.natural_task_width(), left - sum(needs))
        more = max(0.0, left - sum(needs) - task) / len(needs)
        widths = [need + min(more, max(0.0, _ROLE_MOST - need)) for need in needs]
        widths = [_round_down(width) for width in widths]
        lines = (self.count_role_lines(role, width) for role, width in zip(roles, widths, strict=True))
        return self.arrange_columns(widths, False, self.line * max(lines))

    def widen_for_parties(self, widths: Iterable[float]) -> list[float]:
        """Return `widths`, wider where the longest word of a party would not fit above its roles together."""
        needs, at = list(widths), 0
        for party, _, count in self.chart.spans:
            lacking = self.longest_word([party], True) + CELL_PADDING + 2 - sum(needs[at : at + count])
            for index in range(at, at + count):
                needs[index] += max(0.0, lacking / count)
            at += count
        return needs

    def turned_columns(self) -> Arrangement:
        """Return narrow columns, in which the heads run upwards."""
        roles = self.chart.roles
        left = self.width - self.number - self.due
        width = _round_down(min(max((left - self.natural_task_width()) / len(roles), 24.0), 48.0))
        room = max(1, int((width - 3) / self.line))
        most = int(self.height * _TURNED_MOST)
        heights = (height for height in range(_TURNED_LEAST, most, 5) if self.heads_have_room(height, room))
        height = float(next(heights, most))
        if not self.heads_have_room(height, room):
            # Wider columns instead of higher heads: nothing is cut.
            width = max(width, _round_up(max(self.count_role_lines(role, height) for role in roles) * self.line + 4))
        widths = [_round_up(need) for need in self.widen_for_parties([width] * len(roles))]
        return self.arrange_columns(widths, True, height)

    def heads_have_room(self, height: float, room: int) -> bool:
        return all(self.count_role_lines(role, height) <= room for role in self.chart.roles)

    # -- heights

    def heads_height(self) -> float:
        at, party_lines = 0, 1
        for party, _, count in self.chart.spans:
            width = sum(self.columns.roles[at : at + count]) - CELL_PADDING
            party_lines = max(party_lines, self.count_lines(party, width, True))
            at += count
        return party_lines * self.line + ROW_GAP + self.columns.head + ROW_GAP

    def count_pages(self) -> int:
        """Return the number of pages the chart takes: rows stay whole, heads stand on each page."""
        head = self.heads_height()
        used, pages = _TITLE_HEIGHT + self.legend_height() + head, 1
        for phase in self.chart.phases:
            above = self.line + ROW_GAP if phase.title else 0.0
            for task in phase.tasks:
                lines = max(1, self.count_lines(task.name, self.columns.task - CELL_PADDING))
                height = above + self.line * lines + ROW_GAP
                above = 0.0
                if used + height > self.height:
                    used, pages = head, pages + 1
                used += height
        for height in self.each_height_below():
            if used + height > self.height:
                used, pages = 0.0, pages + 1
            used += height
        return pages

    def legend_height(self) -> float:
        width = sum(self.text_width(f"{letter}  {meaning}") + 26 for letter, meaning in self.chart.legend)
        return ceil(width / self.width) * (self.line + 3) + _LEGEND_GAP

    def each_height_below(self) -> Iterable[float]:
        if self.chart.duties:
            yield _BLOCK_GAP + self.line
            for duty in self.chart.duties:
                yield self.line * self.count_lines(f"{duty.party}: {duty.text} ({duty.numbers})", self.width / 2 - 12)
        if isinstance(self.chart.workload, Table):
            yield _BLOCK_GAP + self.line
            cells = [text_of_runs(runs) for runs in runs_of_block(self.chart.workload)]
            yield from [self.line + ROW_GAP] * (len(cells) // len(self.chart.workload.head))


def _round_up(length: float) -> float:
    """Round to whole twips upwards, as Word stores lengths."""
    return ceil(length * 20) / 20


def _round_down(length: float) -> float:
    return int(length * 20) / 20


# -- in a workbook and as CSV

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

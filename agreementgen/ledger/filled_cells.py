"""The cells of a filled workbook, and whether its frame is still the one that was written: heads, terms, formulas.

What would move cells under other heads, or into other rows, stops the reading: what follows would blame wrong cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agreementgen.core.problems import InputError, Place, Problem, count_noun, quote_text
from agreementgen.ledger.entry_sheets import LEADS, BookSize
from agreementgen.ledger.sheet_parts import FIRST_ROW, HEAD_ROW, Column, Grid
from agreementgen.ledger.terms_sheet import LISTED_TO, SINCE, TERMS
from agreementgen.ledger.workbook import BookPlan
from agreementgen.sheets.cells import Area, Cell, CellTable, column_letters

# No cell for a day takes a later one.
_LAST_DAY = date(2150, 12, 31)
_AGAIN = "write the workbook anew, with --from and this file"
# The first of these sheets that there is says how many rows were written for entries: all have as many, but the last.
_ROWS_OF = ("Payments", "Costs", "Revenue", "Commissions", "Orders", "Spending", "Fees")
# Sheets that people read, and that nothing is computed from.
_UNREAD = ("Goals", "Reviews", "Dates", TERMS)


class FilledCells:
    """The cells of a workbook by sheet and place."""

    def __init__(self, name: str, sheets: Mapping[str, CellTable]) -> None:
        self.name = name
        self._cells = {
            (title, cell.place.line, cell.place.column): cell
            for title, table in sheets.items()
            for row in table.rows
            for cell in row
        }
        self._tables = sheets
        self.last_row = {title: max((row[0].place.line for row in sheets[title].rows), default=0) for title in sheets}

    def cell(self, sheet: str, row: int, column: int) -> Cell:
        return self._cells.get((sheet, row, column)) or Cell("", Place(self.name, row, column))

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(self._tables)

    def merged(self, sheet: str) -> tuple[Area, ...]:
        return self._tables[sheet].merged

    def hidden(self, sheet: str) -> tuple[frozenset[int], frozenset[int]]:
        """Return the rows and columns of a sheet that nobody sees."""
        return self._tables[sheet].hidden_rows, self._tables[sheet].hidden_columns

    def each_cell(self, sheet: str) -> Iterator[Cell]:
        for row in self._tables[sheet].rows:
            yield from row

    def place(self, sheet: str, row: int, column: int) -> Place:
        return Place(self.name, row, column, f"{sheet}!{column_letters(column)}{row}")


def read_size(book: FilledCells) -> BookSize:
    """Return the size that the workbook was written in: rows that have a number, and the day that its terms name."""

    def count(sheet: str) -> int:
        rows = range(FIRST_ROW, book.last_row.get(sheet, 0) + 1)
        return max((row - FIRST_ROW + 1 for row in rows if book.cell(sheet, row, 1).text), default=1)

    entries = next((sheet for sheet in _ROWS_OF if sheet in book.last_row), "")
    rows = range(FIRST_ROW, book.last_row.get(TERMS, 0) + 1)
    until = next((book.cell(TERMS, row, 2) for row in rows if book.cell(TERMS, row, 1).text == LISTED_TO), None)
    known: date | None = date(1990, 1, 1)
    if until and until.kind == "day":
        # A day with a time is no day that was written here.
        known = date.fromisoformat(until.text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", until.text) else None
    if until and (known is None or known > _LAST_DAY):
        message = f"{LISTED_TO}: {quote_text(until.text)} was not written by this program"
        place = Place(book.name, until.place.line, until.place.column, f"{TERMS}!B{until.place.line}")
        raise InputError(Problem(message, f"put back what stood there, or {_AGAIN}", "", place, code="ledger-changed"))
    assert known
    return BookSize(count(LEADS), count(entries), known)


def list_parties(book: FilledCells) -> list[str]:
    """Return the parties that the sheet of terms names, in order."""
    rows = range(FIRST_ROW, book.last_row.get(TERMS, 0) + 1)
    return [book.cell(TERMS, row, 2).text for row in rows if book.cell(TERMS, row, 1).text.startswith("Party ")]


def other_deal_error(book: FilledCells) -> InputError:
    """Return what is said of a workbook that belongs to another deal."""
    named = " and ".join(list_parties(book)) or "no parties"
    message = f"this is not a workbook of this deal: its sheet Terms names {named}"
    hint = 'name the file that "agreementgen workbook" wrote for this deal, filled in and saved as .xlsx'
    return InputError(Problem(message, hint, "", Place(book.name), code="table-sheet-missing"))


def refuse_other_amendments(book: FilledCells, plan: BookPlan) -> None:
    """Raise InputError where a workbook was written for fewer or more amendments than are named."""
    rows = range(FIRST_ROW, book.last_row.get(TERMS, 0) + 1)
    found = [row for row in rows if SINCE.fullmatch(book.cell(TERMS, row, 1).text)]
    known, named = max(0, len(found) - 1), len(plan.terms.later)
    if known != named:
        message = f"the workbook was written for {_count_amendments(known)}, not for {_count_amendments(named)}"
        hint = (
            "name the deal file of each amendment, with --dated for each; to bring an older workbook up to them: "
            "agreementgen workbook OLD.yaml NEW.yaml --dated DATE --from " + book.name
        )
        place = book.place(TERMS, found[-1], 2) if found else book.place(TERMS, HEAD_ROW, 1)
        raise InputError(Problem(message, hint, "", place, code="ledger-changed"))


def _count_amendments(count: int) -> str:
    return "no amendment" if not count else "1 amendment" if count == 1 else f"{count} amendments"


@dataclass(frozen=True)
class FrameReport:
    """What is wrong with a frame, and what is remarkable; `is_moved` is whether cells stand where others belong."""

    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    is_moved: bool
    # Cells that a merged one covers, and of which nothing can be said.
    covered: frozenset[tuple[str, int, int]]


def check_frame(book: FilledCells, plan: BookPlan, formulas: Mapping[str, Mapping[str, str]]) -> FrameReport:
    """Return what was changed of what nobody may change."""
    check = _FrameCheck(book, plan, formulas)
    for grid in plan.grids:
        check.check_grid(grid)
    check.check_terms()
    check.check_sheets()
    return FrameReport(tuple(check.problems), tuple(check.remarks), check.is_moved, frozenset(check.covered))


class _FrameCheck:
    def __init__(self, book: FilledCells, plan: BookPlan, formulas: Mapping[str, Mapping[str, str]]) -> None:
        self._book, self._plan, self._formulas = book, plan, formulas
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []
        self.is_moved = False
        self.covered: set[tuple[str, int, int]] = set()

    def _blame(self, place: Place, message: str, hint: str, code: str = "ledger-changed") -> None:
        self.problems.append(Problem(message, hint, "", place, code=code))

    def _remark(self, place: Place, message: str, hint: str) -> None:
        self.remarks.append(Problem(message, hint, "", place, code="ledger-remark", severity="W"))

    def check_grid(self, grid: Grid) -> None:
        """Look whether heads, fixed cells and formulas are those that were written."""
        if self._find_moved(grid):
            self.is_moved = True
            return
        for number, column in enumerate(grid.columns, 1):
            if column.kind == "result":
                self._check_formulas(grid, column, number)
            elif column.kind == "label":
                self._check_labels(grid, column, number)
        self._check_edges(grid)

    def _find_moved(self, grid: Grid) -> bool:
        """Blame the first head or row number that is not where it was; return whether there is one."""
        for number, column in enumerate(grid.columns, 1):
            head = self._book.cell(grid.name, HEAD_ROW, number).text
            if head != column.head:
                message = f'the head of this column is "{quote_text(head)}", not "{column.head}"'
                hint = "undo the change: columns may not move, and keep their heads"
                self._blame(self._book.place(grid.name, HEAD_ROW, number), message, hint)
                return True
        if grid.columns[0].kind != "number":
            return False
        for row in range(FIRST_ROW, FIRST_ROW + grid.count):
            said, number = self._book.cell(grid.name, row, 1).text, row - FIRST_ROW + 1
            if normalize(said) != str(number):
                message = f'the number of this row is "{quote_text(said)}", not {number}'
                hint = "undo the change: rows may not be put in, deleted, moved or sorted; type into the next empty one"
                self._blame(self._book.place(grid.name, row, 1), message, hint)
                return True
        return False

    def _check_formulas(self, grid: Grid, column: Column, number: int) -> None:
        """Blame the first formula of a column that is not the one that was written, and count the others."""
        letters, own = column_letters(number), self._formulas.get(grid.name, {})
        rows = range(FIRST_ROW, FIRST_ROW + grid.count)
        changed = [
            row for row in rows if _plain(own.get(f"{letters}{row}", "")) != _plain(grid.formula_at(column, row))
        ]
        if not changed:
            return
        row = changed[0]
        others = _count_others(changed)
        if f"{letters}{row}" not in own:
            message = f"the formula of {column.head} is gone: the cell holds a typed value{others}"
            hint = "copy the formula from the row above or below"
        else:
            message, hint = f"the formula of {column.head} was changed{others}", ""
        hint = hint if hint and len(changed) == 1 else f"put back ={grid.formula_at(column, row)}"
        self._blame(self._book.place(grid.name, row, number), message, hint)

    def _check_labels(self, grid: Grid, column: Column, number: int) -> None:
        changed = [
            (row, said, expected) for row, label in enumerate(grid.labels, FIRST_ROW)
            if normalize(said := self._book.cell(grid.name, row, number).text)
            != normalize(expected := str(label.get(column.key, "")))
        ]  # fmt: skip
        for row, said, expected in changed[:1]:
            message = f'{column.head} was changed to "{quote_text(said)}"{_count_others(changed)}'
            self._blame(self._book.place(grid.name, row, number), message, f'put back "{expected}"')

    def _check_edges(self, grid: Grid) -> None:
        """Look for what is typed where nobody reads it, for merged cells, and for rows that nobody sees."""
        last, width = FIRST_ROW + grid.count - 1, len(grid.columns)
        for cell in self._book.each_cell(grid.name):
            row, column = cell.place.line, cell.place.column
            if row < FIRST_ROW or not cell.text.strip():
                continue
            if row > last:
                message = f"it stands below row {last}, the last one that counts"
                hint = "write the workbook anew with more rows (--payments, --leads), and --from with this file"
                self._blame(self._book.place(grid.name, row, column), message, hint, "ledger-entry")
                break
            if column > width:
                self._remark(self._book.place(grid.name, row, column), "it stands beside the table and is not read", "")
        for area in self._book.merged(grid.name):
            if area.last_row >= FIRST_ROW and area.first_column <= width:
                message = f"the cells {area.name} were merged into one: each row and column has its own"
                place = self._book.place(grid.name, area.first_row, area.first_column)
                self._blame(place, message, "divide them again, and type each value into its own cell")
                self.covered |= {
                    (grid.name, row, column)
                    for row in range(area.first_row, area.last_row + 1)
                    for column in range(area.first_column, area.last_column + 1)
                }
        rows, columns = self._book.hidden(grid.name)
        filled = [number for number, column in enumerate(grid.columns, 1) if column.kind == "input"]
        own = self._formulas.get(grid.name, {})
        for row, number in ((row, number) for row in range(FIRST_ROW, last + 1) for number in filled):
            if f"{column_letters(number)}{row}" in own:
                place = self._book.place(grid.name, row, number)
                self._remark(place, "a formula stands where something is typed; what it shows counts", "look at it")
        for row in sorted(rows):
            if FIRST_ROW <= row <= last and any(self._book.cell(grid.name, row, at).text.strip() for at in filled):
                self._remark(self._book.place(grid.name, row, 1), "this row is hidden, and counts", "show it, and look")
        for column in sorted(one for one in columns if one <= width):
            said = f"the column {grid.columns[column - 1].head} is hidden, and counts"
            self._remark(self._book.place(grid.name, HEAD_ROW, column), said, "show it, and look")

    def check_terms(self) -> None:
        """Look whether the terms are those that the deal has now."""
        for row, line in enumerate(self._plan.lines, HEAD_ROW + 1):
            label, value = (self._book.cell(TERMS, row, number).text for number in (1, 2))
            if label != line.label:
                place = self._book.place(TERMS, row, 1)
                message = f'the deal has the term "{line.label}" here, not "{quote_text(label)}"'
                self._blame(place, message, f"the deal has changed: {_AGAIN}")
                return
            expected = _show(line.value, line.number_format)
            if normalize(value) != normalize(expected):
                message = f'{line.label}: the workbook has "{quote_text(value)}", the deal "{expected}"'
                hint = f"put back what was agreed; if the deal has changed, {_AGAIN}"
                self._blame(self._book.place(TERMS, row, 2), message, hint)

    def check_sheets(self) -> None:
        known = {grid.name for grid in self._plan.grids} | {*_UNREAD}
        for sheet in self._book.sheets:
            if sheet not in known:
                place = Place(self._book.name, 1, 1, f"{sheet}!A1")
                self._remark(place, f'the sheet "{quote_text(sheet)}" is not of this workbook and is not read', "")


def _count_others(changed: Sequence[object]) -> str:
    return f" (and in {count_noun(len(changed) - 1, 'more row')})" if len(changed) > 1 else ""


_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def _plain(formula: str) -> str:
    """Return a formula without what programs write differently: spaces, $, the marks of newer functions."""
    return re.sub(r"\s|\$|_xlfn\.", "", formula).upper()


def _show(value: str | date | int | Decimal, number_format: str) -> str:
    if isinstance(value, Decimal) and number_format.endswith("%"):
        return f"{(value * 100).normalize():f}%"
    return str(value)


def normalize(text: str) -> str:
    """Return a number without what its format adds, anything else as it is."""
    number, percent = text.replace(",", "").removesuffix("%"), text.endswith("%")
    if _NUMBER.fullmatch(number):
        value = Decimal(number).normalize() / (100 if percent else 1)
        return f"{value.normalize() + 0:f}"
    return text.strip()

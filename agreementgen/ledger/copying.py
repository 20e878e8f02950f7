"""What was typed into a workbook, brought into a new one: after an amendment, or where more rows or periods are needed.

Cells are found again by their sheet, the head of their column and what stands fixed in their row: the number of a lead,
the days of a period, the words of a goal. What has no place in the new workbook is named, and left where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from agreementgen.core.problems import InputError, Place, Problem, quote_text
from agreementgen.ledger.entry_sheets import ENDED_CELL, BookSize
from agreementgen.ledger.filled_cells import FilledCells, list_parties, other_deal_error, read_size
from agreementgen.ledger.sheet_parts import FIRST_ROW, HEAD_ROW, ONE_LINE, find_heights
from agreementgen.ledger.terms import DealTerms
from agreementgen.sheets.cells import CHART_LIMITS, Cell, column_letters
from agreementgen.sheets.table_reader import read_formulas, read_sheets
from agreementgen.sheets.workbook_writer import Formula, NewCell, Sheet

_ENDED_COLUMN, _ENDED_ROW = 6, 3
assert ENDED_CELL == "F3"

RowKey = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TypedCells:
    """The cells of a filled workbook. Problems are made of its cells that nothing can be made of."""

    cells: FilledCells
    formulas: Mapping[str, Mapping[str, str]]
    size: BookSize

    def widen(self, size: BookSize) -> BookSize:
        """Return a size that has room for all that was typed."""
        return BookSize(
            max(size.leads, self.size.leads), max(size.payments, self.size.payments), max(size.until, self.size.until)
        )

    def fill(self, sheets: Sequence[Sheet]) -> tuple[tuple[Sheet, ...], tuple[Problem, ...]]:
        """Return new sheets with what was typed, and what of it has no place there; raise InputError for bad cells."""
        filled: list[Sheet] = []
        left: list[Problem] = []
        bad: list[Problem] = []
        for sheet in sheets:
            if sheet.name in self.cells.last_row and sheet.is_protected:
                copy = _SheetCopy(self.cells, self.formulas.get(sheet.name, {}), sheet)
                filled.append(copy.fill())
                left += list(copy.each_left())
                bad += copy.bad
            else:
                filled.append(sheet)
                if any(cell and cell.style.unlocked for row in sheet.rows for cell in row):
                    left.append(self._leave(sheet.name, "is missing or hidden there: nothing of it is copied"))
        known = {sheet.name for sheet in sheets}
        others = (name for name in self.cells.sheets if name not in known)
        left += [self._leave(name, "is not of this workbook, and is not copied") for name in others]
        if bad:
            raise InputError(bad)
        return tuple(filled), tuple(left)

    def _leave(self, sheet: str, what: str) -> Problem:
        place = Place(self.cells.name, 1, 1, f"{sheet}!A1")
        return Problem(f'the sheet "{quote_text(sheet)}" {what}', "look at it", "", place, code="ledger-entry")


def read_typed(data: bytes, name: str, terms: DealTerms) -> TypedCells:
    """Return what was typed into a workbook; raise InputError where it is none of this deal."""
    cells = FilledCells(name, {table.title: table for table in read_sheets(data, name, CHART_LIMITS)})
    if list_parties(cells) != list(terms.parties):
        raise other_deal_error(cells)
    return TypedCells(cells, read_formulas(data, name), read_size(cells))


class _SheetCopy:
    """Copies one sheet, and remembers which cells of the old one were used."""

    def __init__(self, cells: FilledCells, formulas: Mapping[str, str], sheet: Sheet) -> None:
        self._cells, self._formulas, self._sheet = cells, formulas, sheet
        self._used: set[tuple[int, int]] = set()
        self.bad: list[Problem] = []
        heads = sheet.rows[HEAD_ROW - 1]
        self._heads = [str(cell.value) if cell else "" for cell in heads]
        self._old: dict[str, int] = {}
        for column in range(1, 101):
            if text := cells.cell(sheet.name, HEAD_ROW, column).text:
                self._old.setdefault(text, column)
        body = sheet.rows[HEAD_ROW:]
        # Columns in which anything may be typed, and those whose cells are fixed.
        self._inputs = {
            head for row in body for head, cell in zip(self._heads, row, strict=False) if cell and cell.style.unlocked
        }
        self._fixed = [
            head for at, head in enumerate(self._heads)
            if head in self._old and all(_is_fixed(row[at]) for row in body if at < len(row))
        ]  # fmt: skip

    def fill(self) -> Sheet:
        sheet, rows = self._sheet, list(self._sheet.rows)
        if len(rows) >= _ENDED_ROW and len(rows[_ENDED_ROW - 1]) >= _ENDED_COLUMN:
            rows[_ENDED_ROW - 1] = tuple(
                self._copy(cell, _ENDED_ROW, at) if cell and cell.style.unlocked else cell
                for at, cell in enumerate(rows[_ENDED_ROW - 1], 1)
            )
        known = self._list_old_rows()
        for at, row in enumerate(rows[HEAD_ROW:], HEAD_ROW):
            old = known.get(self._key_of(row))
            if old:
                # What is computed in the new row is no loss.
                self._used |= {(old, self._old[head]) for head in self._heads if head in self._old}
                rows[at] = tuple(
                    self._copy(cell, old, self._old[head])
                    if cell and cell.style.unlocked and head in self._old else cell
                    for head, cell in zip(self._heads, row, strict=False)
                )  # fmt: skip
        heights = sheet.heights
        if len(heights) == HEAD_ROW:
            # Rows to fill in have no height, so that programs find it; but not all do where they only open a file.
            heights = (
                *heights,
                *(height if height > ONE_LINE else 0 for height in find_heights(rows[HEAD_ROW:], sheet.widths)),
            )
        return replace(sheet, rows=tuple(rows), heights=heights)

    def _key_of(self, row: Sequence[NewCell | None]) -> RowKey:
        values = dict(zip(self._heads, row, strict=False))
        return tuple((head, _as_text(cell.value)) for head in self._fixed if (cell := values.get(head)))

    def _list_old_rows(self) -> Mapping[RowKey, int]:
        found: dict[RowKey, int] = {}
        for row in range(FIRST_ROW, self._cells.last_row[self._sheet.name] + 1):
            key = []
            for head in self._fixed:
                cell = self._cells.cell(self._sheet.name, row, self._old[head])
                key.append((head, _as_text(cell.number if cell.number is not None else cell.text)))
            found.setdefault(tuple(key), row)
        return found

    def _copy(self, cell: NewCell, row: int, column: int) -> NewCell:
        old = self._cells.cell(self._sheet.name, row, column)
        self._used.add((row, column))
        if old.problem:
            self.bad.append(replace(old.problem, place=self._cells.place(self._sheet.name, row, column)))
        value = _read_value(old)
        return cell if value is None else replace(cell, value=value)

    def each_left(self) -> Iterator[Problem]:
        """Yield what was typed and has no place in the new sheet."""
        name = self._sheet.name
        for head, column in self._old.items():
            if head not in self._heads and (row := self._find_typed(column)):
                said = f'the column "{quote_text(head)}" is not in the new workbook: nothing of it is copied'
                place = self._cells.place(name, row, column)
                yield Problem(said, "look whether it is needed", "", place, code="ledger-entry")
        for row in range(FIRST_ROW, self._cells.last_row[name] + 1):
            for head, column in self._old.items():
                cell = self._cells.cell(name, row, column)
                if head in self._inputs and cell.text.strip() and (row, column) not in self._used:
                    said = f'"{quote_text(cell.text)}" is not copied: the new workbook has no such row'
                    yield Problem(said, "type it where it belongs now", "", self._cells.place(name, row, column),
                                  code="ledger-entry")  # fmt: skip

    def _find_typed(self, column: int) -> int | None:
        """Return the first row of a column with something that is not computed; None where there is none."""
        name, letters = self._sheet.name, column_letters(column)
        rows = range(FIRST_ROW, self._cells.last_row[name] + 1)
        typed = (row for row in rows if self._cells.cell(name, row, column).text.strip())
        return next((row for row in typed if f"{letters}{row}" not in self._formulas), None)


def _is_fixed(cell: NewCell | None) -> bool:
    return cell is not None and not cell.style.unlocked and not isinstance(cell.value, Formula)


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value).strip()


def _read_value(cell: Cell) -> str | date | Decimal | None:
    if not cell.text.strip():
        return None
    if cell.kind == "day":
        try:
            return date.fromisoformat(cell.text)
        except ValueError:
            return cell.text
    return cell.number if cell.number is not None else cell.text

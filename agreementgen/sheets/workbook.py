"""XLSX to cells of text: what each cell shows, or why that is not what it holds."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from agreementgen.errors import InputError, Place, Problem
from agreementgen.sheets.cells import Cell, Limits, Table, doubt, place, refused
from agreementgen.sheets.formats import DIGITS, moment, number
from agreementgen.sheets.package import layout, opened

# A sheet named in brackets is for people only, like a column whose head stands in brackets.
_ASIDE = re.compile(r"\s*\(.*\)\s*")
_ESCAPED = re.compile(r"_x(000[9AaDd])_")


def read_workbook(data: bytes, name: str, limits: Limits) -> Table:
    """Return the first sheet that is not hidden and holds anything; raise InputError."""
    try:
        with opened(data, name, limits) as archive:
            return _table(data, archive, name, limits)
    except InputError:
        raise
    except Exception as error:  # zip, XML, key and value errors: whatever a broken file makes of it
        message = f"this is not an Excel file that can be read ({type(error).__name__})"
        raise refused(name, message, "open it in Excel and save it again as .xlsx") from error


def _table(data: bytes, archive: zipfile.ZipFile, name: str, limits: Limits) -> Table:
    book = _book(data, calculated=True)
    sheets = book.worksheets
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
    read = [sheet for sheet in seen if not _ASIDE.fullmatch(sheet.title)] or seen
    layouts = {sheet.title: layout(archive, sheet._worksheet_path) for sheet in read}
    held = [sheet for sheet in read if _holds(sheet)]
    # A sheet of formulas that nothing has calculated holds nothing as yet: its formulas are then reported.
    chosen = (held or read)[0]
    about = layouts[chosen.title]
    formulas: Iterable[tuple[Any, ...]] = ()
    if about.formulas:
        formulas = _sheet_rows(_book(data, calculated=False)[chosen.title])
    rows = tuple(_read(_sheet_rows(chosen), iter(formulas), name, limits))
    others = [sheet.title for sheet in held[1:]]
    return Table(
        rows,
        tuple(about.merged),
        frozenset(about.hidden_rows),
        frozenset(about.hidden_columns),
        tuple(_not_read(others, chosen.title, name)),
    )


def _book(data: bytes, calculated: bool) -> Any:
    """Return the workbook with the results of its formulas (`calculated`), or with the formulas themselves."""
    import openpyxl

    with warnings.catch_warnings():
        # It remarks on parts of Excel it does not know; the cells are read all the same.
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=calculated, keep_links=False)


def _sheet_rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # What a file says of its own size is often wrong, and openpyxl would stop there.
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from sheet.iter_rows()


def _holds(sheet: Any) -> bool:
    return any(cell.value is not None for row in _sheet_rows(sheet) for cell in row)


def _not_read(others: list[str], chosen: str, name: str) -> Iterator[Problem]:
    for title in others:
        hint = f'move it to the first place, or into a file of its own; a name in brackets, "({title})", is for notes'
        yield Problem(f'the sheet "{title}" is not read, only the first one, "{chosen}"', hint, "", Place(name))


def _read(
    rows: Iterator[tuple[Any, ...]], formulas: Iterator[tuple[Any, ...]], name: str, limits: Limits
) -> Iterator[tuple[Cell, ...]]:
    for row, cells in enumerate(rows, 1):
        said = next(formulas, ())
        found = [
            _workbook_cell(cell, said[index] if index < len(said) else None, place(name, row, index + 1))
            for index, cell in enumerate(cells)
        ]
        while found and not found[-1].text:
            found.pop()
        if not found:
            continue
        if row > limits.rows or len(found) > limits.columns:
            message = f"the table is larger than {limits.rows:,} rows or {limits.columns} columns"
            raise refused(name, message, f"is it the right table? Cell {found[-1].place.cell} is filled")
        yield tuple(found)


def _workbook_cell(cell: Any, formula: Any, at: Place) -> Cell:
    value, kind = cell.value, "text"
    text, message, hint = "", "", ""
    if value is None:
        if formula is None or formula.data_type != "f" or cell.data_type == "str":
            return Cell("", at)  # a formula may well have an empty text as its result
        text = "="
        message = "the formula of this cell has not been calculated"
        hint = "open the file in Excel or LibreOffice and save it, or type the value over the formula"
    elif cell.data_type == "e":
        text = str(value)
        message, hint = f'the cell shows the error "{text}"', "mend its formula, or type the value over it"
    elif isinstance(value, bool):
        text = "TRUE" if value else "FALSE"
    elif isinstance(value, int | float):
        text, kind, message, hint = _number(value, cell.number_format)
    elif isinstance(value, str):
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
        message, hint = doubt(text)
    else:
        text, kind = moment(value, cell.number_format), "day"
    return Cell(text, at, kind, Problem(message, hint, "", at) if message else None)


def _number(value: int | float, code: str) -> tuple[str, str, str, str]:
    """Return text and kind of a number, and what is wrong with it."""
    if not math.isfinite(value) or abs(value) >= 10**DIGITS:
        message = f"the cell holds a number of more than {DIGITS} digits, of which the last ones are lost"
        return "0", "number", message, "format the column as text and type the number again"
    found = number(value, code)
    if not found.exact:
        message = f'the cell shows "{found.text}", but holds {found.held}'
        hint = "type the value that is meant, or let the cell show all decimals"
        return found.text, "text", message, hint
    return found.text, "number" if found.bare else "text", "", ""

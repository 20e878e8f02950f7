"""Reads CSV and Excel files as cells of text.

Excel files first: whether one may be opened, what it says besides its cells (openpyxl, which reads them row by row,
forgets that), and its cells. Then CSV: which letters, which separator, whose quotation marks. What is not certain is
refused.
"""

from __future__ import annotations

import csv
import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Protocol, cast

from agreementgen.core.escaping import escape_text, silence_library
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.sheets.cells import (
    BATCH_LIMITS,
    CHART_LIMITS,
    KEPT_DIGITS,
    Cell,
    CellTable,
    TableLimits,
    doubtful_cell,
    explain_doubt,
    place_of_cell,
    show_moment,
    show_number,
    table_error,
)
from agreementgen.sheets.workbook_scan import ScannedWorkbook, SheetStructure, WorkbookScan

_MAX_PARTS = 2_000
# Parts other than sheets and texts: styles, names of sheets. Those of real tables have some thousand bytes.
_MAX_SMALL_PART = 5_000_000
_LARGE_PARTS = re.compile(r"xl/(?:worksheets|sharedStrings|media|embeddings|drawings|printerSettings)", re.IGNORECASE)
_AGAIN = "open it in Excel and save it again as .xlsx"


def open_workbook(data: bytes, name: str, limits: TableLimits) -> ScannedWorkbook:
    """Return the package of an Excel file that may be read; raise InputError with the reason in one line."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            hint = "in Excel: File, Info, Protect Workbook, Encrypt with Password; empty the password and save"
            raise table_error(name, "the file is protected by a password", hint)
        raise table_error(name, "this is an old Excel file (.xls)", _AGAIN)
    if not data.startswith(b"PK"):
        hint = f"{_AGAIN}; a table of plain text is named .csv"
        raise table_error(name, "this is not an Excel file that can be read", hint)
    if data.count(b"PK\x01\x02") > 2 * _MAX_PARTS:
        raise table_error(name, "the file is not built like those of Excel", _AGAIN)
    archive = ScannedWorkbook(io.BytesIO(data))
    infos = archive.infolist()
    names = {info.filename for info in infos}
    if len(names) < len(infos) or len(infos) > _MAX_PARTS:
        raise table_error(name, "the file is not built like those of Excel", _AGAIN)
    if any(info.flag_bits & 1 for info in infos):
        raise table_error(name, "the file is protected by a password", "save it without one")
    size = sum(info.file_size for info in infos)
    large = [info for info in infos if info.file_size > _MAX_SMALL_PART and not _LARGE_PARTS.match(info.filename)]
    if size > limits.unpacked or large:
        message = f"the file holds {size:,} bytes when unpacked"
        raise table_error(name, message, "is it the right one?", code="file-too-large")
    if any(part.lower().rsplit("/", 1)[-1].startswith("vbaproject") for part in names):
        hint = "in Excel: Save as, Excel Workbook (.xlsx), which leaves the macros out"
        raise table_error(name, "the file holds macros", hint)
    if "xl/workbook.bin" in names:
        raise table_error(name, "this is a binary Excel file (.xlsb)", _AGAIN)
    if "mimetype" in names:
        raise table_error(name, "this is a LibreOffice table (.ods)", "in LibreOffice: Save as, Excel 2007-365 (.xlsx)")
    if "[Content_Types].xml" not in names:
        raise table_error(name, "this is a ZIP file, not an Excel file", "unpack it, and name the table in it")
    archive.scan = WorkbookScan(archive, name, limits)
    archive.scan.scan_all()
    return archive


def read_structure(archive: ScannedWorkbook, part: str) -> SheetStructure:
    """Return what a sheet's part says besides its cells."""
    return archive.scan.sheets[part]


_SEPARATORS = ",;\t|"
_FORMULA_START = re.compile(r"'*[=+\-@\t\r]")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\n|\r|$)', re.IGNORECASE)
_OTHER_FORMATS = (
    (b"PK", "an Excel file, not a CSV file", "save it as CSV UTF-8, or name it .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an Excel file, not a CSV file", "save it as .xlsx or as CSV UTF-8"),
    (b"%PDF", "a PDF, not a table", "save the table itself as CSV UTF-8 or .xlsx"),
    (b"{\\rtf", "an RTF document, not a table", "save the table itself as CSV UTF-8 or .xlsx"),
)
_AS_UTF8 = 'in Excel: Save as, "CSV UTF-8"; in LibreOffice: Save as, Text CSV, Character set "Unicode (UTF-8)"'
# Enough of a file to see which separator it uses.
_SAMPLE_LETTERS = 100_000
_SEARCHED_BYTES = 1_000_000
# Cells of several lines, empty lines, and commas inside of texts are no rows and columns.
_LINES_FOR_A_ROW, _COMMAS_FOR_A_COLUMN = 10, 20


def read_csv(data: bytes, name: str, limits: TableLimits = CHART_LIMITS) -> Iterator[list[str]]:
    """Yield the rows of a CSV file, empty ones as []; raise InputError.

    The file is UTF-8, with or without its mark, or UTF-16 with its mark. The separator is a comma, semicolon, tab or
    vertical bar: the one that a first line "sep=;" declares, or else the one that makes the most of the first rows.
    """
    text = _decode_csv(data, name)
    declared = _SEPARATOR_LINE.match(text)
    if declared and declared[1] not in _SEPARATORS:
        raise table_error(name, f'the first line declares "{declared[1]}" as separator', 'use a comma, as in "sep=,"')
    text = text[declared.end() :] if declared else text
    mark = declared[1] if declared else _guess_separator(text)
    for row in _split_rows(text.rstrip("\r\n"), mark, name, limits):
        yield [_unify_line_breaks(_unguard(cell)) for cell in row]


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that Excel opens rightly: UTF-8 with its mark, lines that end with CR LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in rows:
        cells = [escape_text(cell) for cell in row]
        writer.writerow([f"'{cell}" if _FORMULA_START.match(cell) else cell for cell in cells])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA_START.match(cell) else cell


def _decode_csv(data: bytes, name: str) -> str:
    for start, what, hint in _OTHER_FORMATS:
        if data.startswith(start):
            raise table_error(name, f"this is {what}", hint)
    try:
        if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
            raise table_error(name, "the file is stored as UTF-32, not as UTF-8", _AS_UTF8, code="not-utf8")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        elif b"\0" in data:
            message = "the file is stored as UTF-16 without its mark, or is no text file"
            raise table_error(name, message, _AS_UTF8, code="not-utf8")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8_error(data, name) from None
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise table_error(name, "this is a web page or XML, not a CSV file", "open it in Excel and save it as .xlsx")
    return text


def _not_utf8_error(data: bytes, name: str) -> InputError:
    """Return an error that names the first cell whose letters are uncertain, and what they would be in Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the file is stored as UTF-16 and is cut off or damaged"
        return table_error(name, message, _AS_UTF8, code="not-utf8")
    # The place is a help; it is not looked for through many megabytes.
    text = data[:_SEARCHED_BYTES].decode("latin-1")
    declared = _SEPARATOR_LINE.match(text)
    text = text[declared.end() :] if declared else text
    message = "the file is not stored as UTF-8"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=declared[1] if declared else _guess_separator(text))
    try:
        for number, row in enumerate(reader, 1):
            for index, cell in enumerate(row, 1):
                raw = cell.encode("latin-1")
                if not _is_utf8(raw):
                    perhaps = raw.decode("cp1252", "replace").strip()[:40]
                    message += f', so its letters are not certain (here perhaps "{perhaps}")'
                    return InputError(
                        Problem(message, _AS_UTF8, "", place_of_cell(name, number, index), code="not-utf8")
                    )
    except (csv.Error, ValueError):
        pass  # the place is a help; without it the message still holds
    return table_error(name, message, _AS_UTF8, code="not-utf8")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guess_separator(text: str) -> str:
    """Return the separator under which the first rows have the most cells, alike in all of them."""

    def score(mark: str) -> tuple[bool, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(text[:_SAMPLE_LETTERS], newline=""), delimiter=mark):
                rows += [len(row)] if any(cell.strip() for cell in row) else []
        except csv.Error:
            pass  # cut in the middle of a cell, or damaged: reading it says so
        usual = max(set(rows), key=rows.count) if rows else 1
        return bool(rows) and rows[0] > 1, rows.count(usual) * (usual - 1)

    return max(_SEPARATORS, key=score)


def _each_line(text: str, mark: str, name: str, limits: TableLimits) -> Iterator[str]:
    """Yield the lines of a table; raise InputError where they are too many or too long for any table."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if number > _LINES_FOR_A_ROW * limits.rows:
            message = f"the table has more than {_LINES_FOR_A_ROW * limits.rows:,} lines"
            raise table_error(name, message, "is it the right table?", code="table-too-large")
        if line.count(mark) > _COMMAS_FOR_A_COLUMN * limits.columns:
            message = f"a line of the table has more than {_COMMAS_FOR_A_COLUMN * limits.columns:,} cells"
            raise table_error(name, message, "is it the right table?", code="table-too-large")
        yield line


def _split_rows(text: str, mark: str, name: str, limits: TableLimits) -> Iterator[list[str]]:
    number = 0
    reader = csv.reader(_each_line(text, mark, name, limits), delimiter=mark, strict=True)
    try:
        for row in reader:
            number += 1
            yield row
    except csv.Error as error:
        said = str(error)
        if "end of data" in said or "field limit" in said:
            message, hint = (
                "a quotation mark is opened in this row and never closed",
                "close it; write a quotation mark that belongs to a text twice, and the whole text between two others",
            )
        elif "expected after" in said:
            message, hint = (
                "a text goes on behind its closing quotation mark in this row",
                'write a quotation mark that belongs to the text twice, as in "the ""Blue"" line"',
            )
        else:
            message, hint = f"this row cannot be read: {said}", "look at its quotation marks"
        place = Place(name, number + 1, 1, str(number + 1))
        raise InputError(Problem(message, hint, "", place, code="table-syntax")) from None


# A sheet named in brackets is for people only, like a column whose head stands in brackets.
_NOTES_SHEET = re.compile(r"\s*\(.*\)\s*")
_ESCAPED_CHARACTER = re.compile(r"_x(000[9AaDd])_")


def read_workbook(data: bytes, name: str, limits: TableLimits) -> CellTable:
    """Return the first sheet that is not hidden and holds anything; raise InputError."""
    with _told_as_unreadable(name), open_workbook(data, name, limits) as archive:
        return _read_first_sheet(data, archive, name, limits)


@contextmanager
def _told_as_unreadable(name: str) -> Iterator[None]:
    """Raise InputError for whatever reading a broken file raises."""
    try:
        with silence_library():
            yield
    except InputError:
        raise
    except Exception as error:  # zip, XML, key and value errors: whatever a broken file makes of it
        message = f"this is not an Excel file that can be read ({type(error).__name__})"
        raise table_error(name, message, "open it in Excel and save it again as .xlsx") from error


def _read_first_sheet(data: bytes, archive: ScannedWorkbook, name: str, limits: TableLimits) -> CellTable:
    book = _load_book(data, calculated=True)
    sheets = book.worksheets
    seen = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
    read = [sheet for sheet in seen if not _NOTES_SHEET.fullmatch(sheet.title)] or seen
    layouts = {sheet.title: read_structure(archive, sheet._worksheet_path) for sheet in read}
    held = [sheet for sheet in read if _has_values(sheet)]
    # A sheet of formulas that nothing has calculated holds nothing as yet: its formulas are then reported.
    chosen = (held or read)[0]
    others = [sheet.title for sheet in held[1:]]
    table = _read_sheet(data, chosen, layouts[chosen.title], name, limits)
    return replace(table, remarks=tuple(_unread_sheets(others, chosen.title, name)))


def read_sheets(data: bytes, name: str, limits: TableLimits = CHART_LIMITS) -> tuple[CellTable, ...]:
    """Return every sheet that is not hidden and holds anything, a CSV file as one; raise InputError."""
    if not name.lower().endswith(".xlsx") or len(data) > limits.bytes:
        return (read_cells(data, name, limits),)
    with _told_as_unreadable(name), open_workbook(data, name, limits) as archive:
        sheets = _load_book(data, calculated=True).worksheets
        seen = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
        structures = [read_structure(archive, sheet._worksheet_path) for sheet in seen]
        tables = [_read_sheet(data, sheet, about, name, limits) for sheet, about in zip(seen, structures, strict=True)]
    return tuple(table for table in tables if table.rows)


def read_formulas(data: bytes, name: str, limits: TableLimits = CHART_LIMITS) -> dict[str, dict[str, str]]:
    """Return the formulas of each sheet of an XLSX file by cell, without "="; raise InputError."""
    found: dict[str, dict[str, str]] = {}
    with _told_as_unreadable(name), open_workbook(data, name, limits):
        for sheet in _load_book(data, calculated=False).worksheets:
            cells = (cell for row in _each_row(sheet) for cell in row if cell.data_type == "f")
            found[sheet.title] = {cell.coordinate: str(cell.value).removeprefix("=") for cell in cells}
    return found


class _ReadCell(Protocol):
    """A cell as openpyxl reads it; its stubs know those only that are written."""

    @property
    def value(self) -> bool | int | float | str | date | time | timedelta | None: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str: ...
    @property
    def coordinate(self) -> str: ...


class _ReadSheet(Protocol):
    title: str
    sheet_state: str
    _worksheet_path: str

    def reset_dimensions(self) -> None: ...
    def iter_rows(self, *, max_row: int, max_col: int) -> Iterator[tuple[_ReadCell, ...]]: ...


class _ReadBook(Protocol):
    worksheets: list[_ReadSheet]

    def __getitem__(self, title: str) -> _ReadSheet: ...


def _read_sheet(data: bytes, sheet: _ReadSheet, about: SheetStructure, name: str, limits: TableLimits) -> CellTable:
    formulas: Iterable[tuple[_ReadCell, ...]] = ()
    if about.formulas:
        formulas = _each_row(_load_book(data, calculated=False)[sheet.title])
    return CellTable(
        tuple(_read_rows(_each_row(sheet), iter(formulas), name, limits)),
        tuple(about.merged),
        frozenset(about.hidden_rows),
        frozenset(about.hidden_columns),
        title=sheet.title,
    )


def _load_book(data: bytes, calculated: bool) -> _ReadBook:
    """Return the workbook with the results of its formulas (`calculated`), or with the formulas themselves."""
    import openpyxl

    with warnings.catch_warnings():
        # It remarks on parts of Excel it does not know; the cells are read all the same.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=calculated, keep_links=False)
    return cast(_ReadBook, book)


def _each_row(sheet: _ReadSheet) -> Iterator[tuple[_ReadCell, ...]]:
    # What a file says of its own size is often wrong, and openpyxl would stop there.
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What lies beyond was counted, and is empty: openpyxl would make a cell for each place up to the last one.
        yield from sheet.iter_rows(max_row=BATCH_LIMITS.rows, max_col=BATCH_LIMITS.columns)


def _has_values(sheet: _ReadSheet) -> bool:
    return any(cell.value is not None for row in _each_row(sheet) for cell in row)


def _unread_sheets(others: list[str], chosen: str, name: str) -> Iterator[Problem]:
    for title in others:
        hint = f'move it to the first place, or into a file of its own; a name in brackets, "({title})", is for notes'
        yield Problem(
            f'the sheet "{title}" is not read, only the first one, "{chosen}"',
            hint,
            "",
            Place(name),
            code="table-sheet-unread",
            severity="W",
        )


def _read_rows(
    rows: Iterator[tuple[_ReadCell, ...]], formulas: Iterator[tuple[_ReadCell, ...]], name: str, limits: TableLimits
) -> Iterator[tuple[Cell, ...]]:
    total = 0
    for row, cells in enumerate(rows, 1):
        said = next(formulas, ())
        last = len(cells)
        while last and cells[last - 1].value is None and not (last <= len(said) and said[last - 1].value):
            last -= 1
        found = [
            _read_workbook_cell(cell, said[index] if index < len(said) else None, place_of_cell(name, row, index + 1))
            for index, cell in enumerate(cells[:last])
        ]
        while found and not found[-1].text:
            found.pop()
        if not found:
            continue
        if row > limits.rows or len(found) > limits.columns:
            message = f"the table is larger than {limits.rows:,} rows or {limits.columns} columns"
            hint = f"is it the right table? Cell {found[-1].place.cell} is filled"
            raise table_error(name, message, hint, code="table-too-large")
        total += len(found)
        if total > limits.cells:
            raise _too_many_cells(name, limits)
        yield tuple(found)


def _too_many_cells(name: str, limits: TableLimits) -> InputError:
    message = f"the table holds more than {limits.cells:,} cells, with the empty ones between others"
    return table_error(name, message, "is it the right table?", code="table-too-large")


def _read_workbook_cell(cell: _ReadCell, formula: _ReadCell | None, at: Place) -> Cell:
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
        text, kind, message, hint = _read_number(value, cell.number_format)
    elif isinstance(value, str):
        text = _unify_line_breaks(_ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), value))
        message, hint = explain_doubt(text)
    else:
        text, kind = show_moment(value, cell.number_format), "day"
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    number = Decimal(repr(value)) if is_number else None
    return Cell(text, at, kind, doubtful_cell(message, hint, at), number)


def _read_number(value: int | float, code: str) -> tuple[str, str, str, str]:
    """Return text and kind of a number, and what is wrong with it."""
    if not math.isfinite(value) or abs(value) >= 10**KEPT_DIGITS:
        message = f"the cell holds a number of more than {KEPT_DIGITS} digits, of which the last ones are lost"
        return "0", "number", message, "format the column as text and type the number again"
    found = show_number(value, code)
    if not found.exact:
        message = f'the cell shows "{found.text}", but holds {found.held}'
        hint = "type the value that is meant, or let the cell show all decimals"
        return found.text, "text", message, hint
    return found.text, "number" if found.bare else "text", "", ""


def read_sheet(data: bytes, name: str, sheet: str, limits: TableLimits) -> CellTable:
    """Return the cells of the sheet of that name; raise InputError where there is none."""
    tables = read_sheets(data, name, limits)
    for table in tables:
        if table.title.casefold() == sheet.strip().casefold():
            return table
    named = ", ".join(f'"{table.title}"' for table in tables if table.title)
    hint = f"its sheets: {named}" if named else "a CSV file has no sheets"
    raise table_error(name, f'there is no sheet "{sheet[:40]}" in the table', hint, code="table-sheet-missing")


def read_cells(data: bytes, name: str, limits: TableLimits = CHART_LIMITS) -> CellTable:
    """Return the cells of a CSV file, or of the first sheet of an XLSX file that holds any; raise InputError."""
    if len(data) > limits.bytes:
        message = f"the file is too large: more than {limits.bytes:,} bytes are not read"
        raise table_error(name, message, "is it the right one?", code="file-too-large")
    if name.lower().endswith(".xlsx"):
        return read_workbook(data, name, limits)
    rows, total = [], 0
    for number, texts in enumerate(read_csv(data, name, limits), 1):
        last = max((index for index, text in enumerate(texts, 1) if text.strip()), default=0)
        if not last:
            continue
        if number > limits.rows or last > limits.columns:
            message = f"the table is larger than {limits.rows:,} rows or {limits.columns} columns"
            raise table_error(name, message, "is it the right table?", code="table-too-large")
        cells = texts[: limits.columns]
        total += len(cells)
        if total > limits.cells:
            raise _too_many_cells(name, limits)
        rows.append(tuple(_read_csv_cell(text, place_of_cell(name, number, at)) for at, text in enumerate(cells, 1)))
    return CellTable(tuple(rows))


def _unify_line_breaks(text: str) -> str:
    """Return a text in which each line break is one character: those of Windows have two, which nobody sees."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_csv_cell(text: str, place: Place) -> Cell:
    text = _unify_line_breaks(text)
    return Cell(text, place, problem=doubtful_cell(*explain_doubt(text), place))

"""Tables of cells as text, from CSV and XLSX, and workbooks from plain descriptions. The only home of openpyxl.

Excel runs what begins with = + - or @ in a CSV file as a formula: such texts are written behind an apostrophe,
which is taken off again when a CSV file is read.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from agreementgen.errors import InputError, Place, Problem

MAX_BYTES = 5_000_000
# What a file may hold when unpacked: a small ZIP can be huge inside.
MAX_UNPACKED = 50_000_000


@dataclass(frozen=True)
class Limits:
    """What a table may hold; `unpacked` are the bytes of an Excel file when its ZIP is opened."""

    rows: int = 1_000
    columns: int = 100
    bytes: int = MAX_BYTES
    unpacked: int = MAX_UNPACKED


CHART = Limits()
BATCH = Limits(rows=20_000, columns=200, bytes=20_000_000, unpacked=200_000_000)
_RISKY = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, as text; dates as 2026-12-01. `place` names the cell ("C5")."""

    text: str
    place: Place


def read(data: bytes, name: str, limits: Limits = CHART) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a CSV file or of the first sheet of an XLSX file; raise InputError."""
    if len(data) > limits.bytes:
        message = f"the file is too large: more than {limits.bytes:,} bytes are not read"
        raise _refused(name, message, "is it the right one?")
    found = _from_xlsx(data, name, limits) if name.lower().endswith(".xlsx") else _from_csv(data, name)
    rows = []
    for number, texts in enumerate(found, 1):
        cells = [Cell(text, Place(name, number, n, f"{column(n)}{number}")) for n, text in enumerate(texts, 1)]
        if number > limits.rows or len(cells) > limits.columns:
            hint = "is it the right table?"
            raise _refused(name, f"the table is larger than {limits.rows:,} rows or {limits.columns} columns", hint)
        rows.append(tuple(cells))
    return tuple(row for row in rows if row)


def column(number: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _refused(name: str, message: str, hint: str) -> InputError:
    return InputError(Problem(message, hint, "", Place(name)))


def _from_csv(data: bytes, name: str) -> list[list[str]]:
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise _refused(name, "this is an Excel file, not a CSV file", "save it as CSV UTF-8, or name it .xlsx")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = "in Excel: Save as, CSV UTF-8"
        raise _refused(name, "the file is not stored as UTF-8", hint) from None
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise _refused(name, f"the table cannot be read: {error}", "look at its quotation marks") from None
    return [[cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell for cell in row] for row in rows]


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that Excel opens rightly: UTF-8 with its mark, lines that end with CR LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if _RISKY.match(cell) else cell for cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _from_xlsx(data: bytes, name: str, limits: Limits) -> list[list[str]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > limits.unpacked:
            raise _refused(name, f"the file holds {size:,} bytes when unpacked", "is it the right one?")
        with warnings.catch_warnings():
            # It remarks on parts of Excel it does not know; the cells are read all the same.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(max_row=limits.rows + 1, max_col=limits.columns + 1, values_only=True)
            return [_without_tail([_text(value) for value in row]) for row in rows]
    except InputError:
        raise
    except Exception as error:  # zip, XML, key and value errors: whatever a broken file makes of it
        message = f"this is not an Excel file that can be read ({type(error).__name__})"
        raise _refused(name, message, "open it in Excel and save it again as .xlsx") from error


def _without_tail(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts or [""]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


# -- writing


@dataclass(frozen=True)
class Look:
    """How a cell looks: colors as RRGGBB, "" for none; `size` in points."""

    bold: bool = False
    italic: bool = False
    color: str = ""
    fill: str = ""
    center: bool = False
    size: float = 10
    ruled: bool = True


@dataclass(frozen=True)
class Filled:
    """A cell to write: text, a day or a number."""

    value: str | date | int | None
    look: Look = Look()


@dataclass(frozen=True)
class Mark:
    """Cells of `area` ("C4:F20") that say `text` get a fill and a color."""

    area: str
    text: str
    fill: str
    color: str


@dataclass(frozen=True)
class Sheet:
    """A sheet; `widths` in characters, `heights` of rows in points (0: as Excel finds it).

    `frozen` is the first cell that scrolls, `choices` what one may choose in an area, `repeated` how many rows
    are printed on top of each page, `joined` areas that are one cell.
    """

    name: str
    rows: tuple[tuple[Filled | None, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...] = ()
    frozen: str = ""
    choices: tuple[str, ...] = ()
    choices_area: str = ""
    marks: tuple[Mark, ...] = ()
    repeated: int = 0
    joined: tuple[str, ...] = ()
    landscape: bool = False
    paper: str = "letter"
    footer: str = ""


@dataclass(frozen=True)
class Book:
    """A workbook. `dated` stands in its properties: "today" is an input, so that equal charts are equal files."""

    title: str
    sheets: tuple[Sheet, ...]
    dated: date | None = field(default=None)


def to_xlsx(book: Book) -> bytes:
    """Return the workbook as XLSX: the same bytes for the same book."""
    import openpyxl

    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    day = datetime(book.dated.year, book.dated.month, book.dated.day) if book.dated else datetime(1980, 1, 1)
    made.properties.title = book.title
    made.properties.creator = "agreementgen"
    made.properties.created = made.properties.modified = day
    for sheet in book.sheets:
        _sheet(made.create_sheet(sheet.name), sheet)
    buffer = io.BytesIO()
    made.save(buffer)
    return _same_bytes(buffer.getvalue(), day)


def _sheet(made: Any, sheet: Sheet) -> None:
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, row in enumerate(sheet.rows, 1):
        for index, filled in enumerate(row, 1):
            if filled is not None:
                _fill(made.cell(number, index), filled)
    for index, width in enumerate(sheet.widths, 1):
        made.column_dimensions[column(index)].width = width
    for number, height in enumerate(sheet.heights, 1):
        if height:
            made.row_dimensions[number].height = height
    for area in sheet.joined:
        made.merge_cells(area)
    if sheet.frozen:
        made.freeze_panes = sheet.frozen
    if sheet.choices:
        allowed = DataValidation(type="list", formula1='"' + ",".join(sheet.choices) + '"', allow_blank=True)
        allowed.errorTitle, allowed.error = "RACI", "Choose one of " + ", ".join(sheet.choices)
        allowed.showErrorMessage = True
        allowed.add(sheet.choices_area)
        made.add_data_validation(allowed)
    for mark in sheet.marks:
        look = {"fill": PatternFill(bgColor=mark.fill, fill_type="solid"), "font": Font(bold=True, color=mark.color)}
        rule = CellIsRule("equal", [f'"{mark.text}"'], **look)  # type: ignore[no-untyped-call]
        made.conditional_formatting.add(mark.area, rule)
    setup = made.page_setup
    setup.orientation = "landscape" if sheet.landscape else "portrait"
    setup.paperSize = 9 if sheet.paper == "a4" else 1
    setup.fitToWidth, setup.fitToHeight = 1, 0
    made.sheet_properties.pageSetUpPr.fitToPage = True
    margins = made.page_margins
    margins.left = margins.right = margins.top = 0.5
    margins.bottom = 0.7
    if sheet.repeated:
        made.print_title_rows = f"1:{sheet.repeated}"
    # & begins a code in Excel's footers; two of them print one.
    made.oddFooter.left.text = sheet.footer.replace("&", "&&")
    made.oddFooter.right.text = "Page &P of &N"
    made.oddFooter.left.size = made.oddFooter.right.size = 8


def _fill(cell: Any, filled: Filled) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    look = filled.look
    if isinstance(filled.value, date):
        cell.value = filled.value
        cell.number_format = "mmm d, yyyy"
    elif isinstance(filled.value, int):
        cell.value = filled.value
    elif filled.value:
        cell.value = filled.value
        # A task may begin with "=": it is a text, never a formula.
        cell.data_type = "s"
        cell.quotePrefix = filled.value.startswith(("=", "+", "-", "@"))
    cell.font = Font(name="Calibri", size=look.size, bold=look.bold, italic=look.italic, color=look.color or "000000")
    if look.fill:
        cell.fill = PatternFill(fgColor=look.fill, fill_type="solid")
    cell.alignment = Alignment(
        horizontal="center" if look.center else "left",
        vertical="center",
        wrap_text=True,
    )
    if look.ruled:
        side = Side(style="thin", color="BFBFBF")
        cell.border = Border(left=side, right=side, top=side, bottom=side)


def _same_bytes(data: bytes, day: datetime) -> bytes:
    """Return the package with its parts sorted, without times of day and without the moment of saving."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = old.read(name)
            if name == "docProps/core.xml":
                stamp = day.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            info.create_system = 3
            new.writestr(info, part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

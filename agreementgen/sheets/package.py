"""Is it an Excel file, and one that may be opened? What it says of rows, columns and merged cells.

openpyxl reads cells row by row only where it may forget all the rest: that is read here, and nothing else.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from agreementgen.sheets.cells import Area, Limits, column, refused

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main "
_MOST_PARTS = 2_000
_MOST_COLUMNS = 16_384
# Parts other than sheets and texts: styles, names of sheets. Those of real tables have some thousand bytes.
_SMALL = 5_000_000
_TABLE_PARTS = re.compile(r"xl/(?:worksheets|sharedStrings)", re.IGNORECASE)
# What openpyxl reads of a package.
_READ = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*\.xml|xl/(?:workbook|styles|sharedStrings)\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_AGAIN = "open it in Excel and save it again as .xlsx"


@dataclass
class Layout:
    """What a sheet says besides its cells; row and column numbers from 1."""

    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: bool = False


def opened(data: bytes, name: str, limits: Limits) -> zipfile.ZipFile:
    """Return the package of an Excel file that may be read; raise InputError with the reason in one line."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            hint = "in Excel: File, Info, Protect Workbook, Encrypt with Password; empty the password and save"
            raise refused(name, "the file is protected by a password", hint)
        raise refused(name, "this is an old Excel file (.xls)", _AGAIN)
    if not data.startswith(b"PK"):
        hint = f"{_AGAIN}; a table of plain text is named .csv"
        raise refused(name, "this is not an Excel file that can be read", hint)
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = archive.infolist()
    names = {info.filename for info in infos}
    if len(names) < len(infos) or len(infos) > _MOST_PARTS:
        raise refused(name, "the file is not built like those of Excel", _AGAIN)
    if any(info.flag_bits & 1 for info in infos):
        raise refused(name, "the file is protected by a password", "save it without one")
    size = sum(info.file_size for info in infos)
    large = [info for info in infos if info.file_size > _SMALL and not _TABLE_PARTS.match(info.filename)]
    if size > limits.unpacked or any(_READ.fullmatch(info.filename) for info in large):
        raise refused(name, f"the file holds {size:,} bytes when unpacked", "is it the right one?")
    if any(part.lower().rsplit("/", 1)[-1].startswith("vbaproject") for part in names):
        hint = "in Excel: Save as, Excel Workbook (.xlsx), which leaves the macros out"
        raise refused(name, "the file holds macros", hint)
    if "xl/workbook.bin" in names:
        raise refused(name, "this is a binary Excel file (.xlsb)", _AGAIN)
    if "mimetype" in names:
        raise refused(name, "this is a LibreOffice table (.ods)", "in LibreOffice: Save as, Excel 2007-365 (.xlsx)")
    if "[Content_Types].xml" not in names:
        raise refused(name, "this is a ZIP file, not an Excel file", "unpack it, and name the table in it")
    for part in sorted(names):
        if _READ.fullmatch(part):
            with archive.open(part) as stream:
                _begins(stream.read(65_536), name)
    return archive


def _begins(start: bytes, name: str) -> None:
    """Refuse a part that defines names of its own for texts (they can grow without end), or is of another kind."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def define(*_: object) -> None:
        raise refused(name, "the file defines what Excel never defines (DOCTYPE)", _AGAIN)

    def root(element: str, _: object) -> None:
        if element.startswith(_STRICT):
            hint = "in Excel: Save as, Excel Workbook (.xlsx), not Strict Open XML"
            raise refused(name, "the file is stored as Strict Open XML, which is not read", hint)
        parser.StartElementHandler = None

    parser.StartDoctypeDeclHandler = define
    parser.StartElementHandler = root
    parser.Parse(start, False)


def layout(archive: zipfile.ZipFile, part: str) -> Layout:
    """Return what a sheet's part says besides its cells."""
    found = Layout()
    parser = expat.ParserCreate(namespace_separator=" ")
    row, at, wide, merge, formula = (_MAIN + tag for tag in ("row", "c", "col", "mergeCell", "f"))
    last = cells = 0

    def start(element: str, said: dict[str, str]) -> None:
        nonlocal last, cells
        if element == at:
            cells += 1
            if cells > _MOST_COLUMNS:
                raise ValueError("more cells in a row than there are columns")
        elif element == row:
            cells = 0
            number = int(said.get("r", last + 1))
            if number <= last:
                raise ValueError("rows out of order")  # openpyxl would leave them out without a word
            last = number
            if said.get("hidden") in ("1", "true"):
                found.hidden_rows.add(number)
        elif element == formula:
            found.formulas = True
        elif element == wide and said.get("hidden") in ("1", "true"):
            # Excel hides all columns to the right of a table by one such element, up to the last one.
            found.hidden_columns.update(range(int(said["min"]), min(int(said["max"]), _MOST_COLUMNS) + 1))
        elif element == merge:
            found.merged.append(_area(said["ref"]))

    parser.StartElementHandler = start
    with archive.open(part) as stream:
        parser.ParseFile(stream)
    return found


def _area(text: str) -> Area:
    first, _, last = text.partition(":")
    (row, at), (last_row, last_at) = _cell_position(first), _cell_position(last or first)
    return Area(f"{column(at)}{row}:{column(last_at)}{last_row}", row, last_row, at, last_at)


def _cell_position(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", text)
    if match is None:
        raise ValueError(f"no cell: {text[:20]}")
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), number

"""Counts what an Excel file holds before a library reads it: parts, rows, columns, cells, texts and their letters.

A file of some thousand bytes can unpack to seven million texts, or name row 99,999,999,999: openpyxl would make all of
them. Here each part runs once through a parser that builds nothing and stops at the first thing too many.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from agreementgen.core.problems import InputError, Problem
from agreementgen.ooxml import make_xml_parser
from agreementgen.sheets.cells import Area, TableLimits, column_letters, place_of_cell, table_error

_MAIN_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/spreadsheetml/main "
# What openpyxl reads of a package; where there are sheets of charts, these, too.
_READ_PARTS = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/.*\.xml|xl/(?:workbook|styles|sharedStrings)\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CHART_PARTS = re.compile(r"xl/(?:chartsheets|drawings|charts)/[^/]+\.xml", re.IGNORECASE)
# Parts that openpyxl finds by their type, wherever the file says they are.
_TYPED_PARTS = re.compile(r"(?:sharedStrings|styles|worksheet|main)\+xml")
_TEXTS_PART, _SHEET_FOLDER = "xl/sharedstrings.xml", "xl/worksheets/"
# Parts other than sheets and texts: styles, names of sheets. Those of real tables have some hundred elements.
_MAX_SMALL_ELEMENTS = 40_000
_MAX_DEPTH = 60
# What Excel itself takes: columns, rows, letters in a cell.
_MAX_COLUMNS, _MAX_ROWS, _MAX_LETTERS = 16_384, 1_048_576, 32_767
_MAX_MERGED = 5_000
_AGAIN = "open it in Excel and save it again as .xlsx"
_PIECE = 1 << 16


@dataclass
class SheetStructure:
    """What a sheet says besides its cells; row and column numbers from 1."""

    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: bool = False


class WorkbookScan:
    """Looks through the parts of one file, which count together; raises InputError with the reason in one line."""

    def __init__(self, archive: zipfile.ZipFile, name: str, limits: TableLimits) -> None:
        self.archive, self.name, self.limits = archive, name, limits
        self.sheets: dict[str, SheetStructure] = {}
        self.text_count = self.letters = self.cells = self.small_elements = 0

    def scan_all(self) -> None:
        """Look through everything that openpyxl reads of a workbook; what sheets say is then in `sheets`, by part."""
        parts = [part for part in self.archive.namelist() if _READ_PARTS.fullmatch(part)]
        if any(part.lower().startswith("xl/chartsheets/") for part in self.archive.namelist()):
            parts += [part for part in self.archive.namelist() if _CHART_PARTS.fullmatch(part)]
        # Texts first: cells name them by their number.
        for part in sorted(parts, key=lambda part: part.lower() != _TEXTS_PART):
            if part.lower() == _TEXTS_PART:
                self.scan_texts(part)
            elif part.lower().startswith(_SHEET_FOLDER):
                self.sheets[part] = self.scan_sheet(part)
            else:
                self.scan_small_part(part)

    def refuse(self, message: str, hint: str = _AGAIN, code: str = "table-unreadable") -> InputError:
        return table_error(self.name, message, hint, code=code)

    def refuse_size(self, what: str) -> InputError:
        return self.refuse(
            f"the file holds more than {what}",
            "is it the right one? Else save it as CSV UTF-8, or in parts",
            "table-too-large",
        )

    def parse(self, part: str, parser: expat.XMLParserType) -> None:
        """Run a part through a parser, piece by piece: what is too much is never there as a whole."""
        with self.archive.open(part) as stream:
            first = True
            while piece := stream.read(_PIECE):
                if first and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:8]):
                    raise self.refuse("a part of the file is not in UTF-8")
                first = False
                parser.Parse(piece, False)
            parser.Parse(b"", True)

    def make_parser(self) -> expat.XMLParserType:
        """Return a parser that refuses what Excel never writes: definitions of texts, other letters, deep nests."""

        def refuse_doctype() -> None:
            raise self.refuse("the file defines what Excel never defines (DOCTYPE)")

        def declared(version: str, encoding: str | None, standalone: int) -> None:
            if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
                raise self.refuse("a part of the file is not in UTF-8")

        parser = make_xml_parser(refuse_doctype)
        parser.XmlDeclHandler = declared
        parser.buffer_text = True
        return parser

    def scan_small_part(self, part: str) -> None:
        parser = self.make_parser()
        depth = 0

        def start(element: str, said: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self.small_elements += 1
            typed = element.endswith(" Override") and _TYPED_PARTS.search(said.get("ContentType", ""))
            if typed and not _READ_PARTS.fullmatch(said.get("PartName", "").lstrip("/")):
                raise self.refuse("the file is not built like those of Excel")
            if element.startswith(_STRICT_NAMESPACE):
                hint = "in Excel: Save as, Excel Workbook (.xlsx), not Strict Open XML"
                raise self.refuse("the file is stored as Strict Open XML, which is not read", hint)
            if self.small_elements > _MAX_SMALL_ELEMENTS or depth > _MAX_DEPTH:
                raise self.refuse_size(f"{_MAX_SMALL_ELEMENTS:,} styles and names")

        def end(_: str) -> None:
            nonlocal depth
            depth -= 1

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        self.parse(part, parser)

    def count_letters(self, count: int, held: int) -> int:
        """Count letters of a text that has `held` so far; return how many it has now."""
        self.letters += count
        if held + count > 2 * _MAX_LETTERS:
            raise self.refuse(f"the file holds a text of more than {_MAX_LETTERS:,} letters, which Excel cannot")
        if self.letters > self.limits.letters:
            raise self.refuse_size(f"{self.limits.letters:,} letters")
        return held + count

    def count_cell(self) -> None:
        self.cells += 1
        if self.cells > self.limits.workbook_cells:
            raise self.refuse_size(f"{self.limits.workbook_cells:,} cells")

    def scan_texts(self, part: str) -> None:
        """Count the texts that cells name by their number."""
        parser = self.make_parser()
        item = _MAIN_NAMESPACE + "si"
        held = elements = 0

        def start(element: str, _: object) -> None:
            nonlocal held, elements
            elements += 1
            if element == item:
                held = 0
                self.text_count += 1
            # A text may be in some pieces, each with a look of its own.
            if self.text_count > self.limits.texts or elements > 3 * self.limits.texts + _MAX_SMALL_ELEMENTS:
                raise self.refuse_size(f"{self.limits.texts:,} texts")

        def letters(text: str) -> None:
            nonlocal held
            held = self.count_letters(len(text), held)

        parser.StartElementHandler = start
        parser.CharacterDataHandler = letters
        self.parse(part, parser)

    def scan_sheet(self, part: str) -> SheetStructure:
        """Return what a sheet says besides its cells, all of which are counted."""
        sheet = _SheetScan(self)
        parser = self.make_parser()
        parser.StartElementHandler = sheet.start
        parser.EndElementHandler = sheet.end
        parser.CharacterDataHandler = sheet.add_letters
        self.parse(part, parser)
        return sheet.found


class ScannedWorkbook(zipfile.ZipFile):
    """A package with what is known of it so far."""

    scan: WorkbookScan


class _SheetScan:
    """Hears of the elements of one sheet."""

    ROW, CELL, COLUMN, MERGE, FORMULA, VALUE, INLINE = (
        _MAIN_NAMESPACE + tag for tag in ("row", "c", "col", "mergeCell", "f", "v", "is")
    )

    def __init__(self, scan: WorkbookScan) -> None:
        self.scan, self.found = scan, SheetStructure()
        self.row = self.cells_in_row = self.column = self.last_column = self.elements = 0
        self.cell: dict[str, str] | None = None
        self.held = 0
        # The number of a text, while it is read; None elsewhere.
        self.number: str | None = None

    def start(self, element: str, said: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > 6 * self.scan.limits.workbook_cells:
            raise self.scan.refuse_size(f"{self.scan.limits.workbook_cells:,} cells")
        if element == self.CELL:
            self.begin_cell(said)
        elif element in (self.VALUE, self.INLINE, self.FORMULA):
            self.fill_cell(element)
        elif element == self.ROW:
            self.begin_row(said)
        elif element == self.COLUMN:
            self.take_columns(int(said["min"]), int(said["max"]), said.get("hidden") in ("1", "true"))
        elif element == self.MERGE:
            self.found.merged.append(read_area(said["ref"]))
            if len(self.found.merged) > _MAX_MERGED:
                raise self.scan.refuse_size(f"{_MAX_MERGED:,} merged cells")

    def begin_row(self, said: dict[str, str]) -> None:
        number = int(said.get("r", self.row + 1))
        if number <= self.row:
            raise ValueError("rows out of order")  # openpyxl would leave them out without a word
        if number > _MAX_ROWS:
            raise self.scan.refuse(f"the file names row {number:,}; Excel has {_MAX_ROWS:,}")
        self.row, self.cells_in_row, self.last_column = number, 0, 0
        if said.get("hidden") in ("1", "true"):
            self.found.hidden_rows.add(number)

    def begin_cell(self, said: dict[str, str]) -> None:
        self.scan.count_cell()
        self.cells_in_row += 1
        if self.cells_in_row > _MAX_COLUMNS:
            raise ValueError("more cells in a row than there are columns")
        self.cell, self.held = said, 0
        # A cell without a name stands behind the one before it.
        self.column = read_cell_name(said["r"])[1] if "r" in said else self.column + 1
        if self.cells_in_row == 1 and "r" not in said:
            self.column = 1

    def fill_cell(self, element: str) -> None:
        if element == self.FORMULA:
            self.found.formulas = True
            self.scan.count_cell()
        if element == self.VALUE and self.cell and self.cell.get("t") == "s":
            self.number = ""

    def end(self, element: str) -> None:
        if element == self.CELL:
            self.cell = None
        if element == self.VALUE and self.number is not None:
            number, self.number = self.number, None
            if not re.fullmatch("[0-9]{1,9}", number) or int(number) >= self.scan.text_count:
                message = f"the cell shows text number {number[:20]}, and the file holds {self.scan.text_count:,} texts"
                place = place_of_cell(self.scan.name, max(self.row, 1), self.column)
                raise InputError(Problem(message, _AGAIN, "", place, code="table-unreadable"))

    def add_letters(self, text: str) -> None:
        if self.number is not None:
            self.number += text[:20]
        if text.strip():
            self.held = self.scan.count_letters(len(text), self.held)
            self.require_room()

    def require_room(self) -> None:
        """Raise InputError where the cell that has just been filled is beyond the rows and columns of any table."""
        limits = self.scan.limits
        if self.cell is not None and (self.row > limits.rows or self.column > limits.columns):
            message = f"the table is larger than {limits.rows:,} rows or {limits.columns} columns"
            hint = f"is it the right table? Cell {column_letters(self.column)}{self.row} is filled"
            raise self.scan.refuse(message, hint, "table-too-large")

    def take_columns(self, first: int, last: int, hidden: bool) -> None:
        if not self.last_column < first <= last:
            raise ValueError("columns out of order")
        self.last_column = last
        if hidden:
            # Excel hides all columns to the right of a table by one such element, up to the last one.
            self.found.hidden_columns.update(range(first, min(last, _MAX_COLUMNS) + 1))


def read_area(text: str) -> Area:
    """Return the cells of "B3:B5"; raise ValueError."""
    first, _, last = text.partition(":")
    (row, at), (last_row, last_at) = read_cell_name(first), read_cell_name(last or first)
    return Area(f"{column_letters(at)}{row}:{column_letters(last_at)}{last_row}", row, last_row, at, last_at)


@lru_cache(4_096)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def read_cell_name(text: str) -> tuple[int, int]:
    """Return row and column of "B3"; raise ValueError."""
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", text)
    if match is None:
        raise ValueError(f"no cell: {text[:20]}")
    return int(match[2]), _column_number(match[1])

"""CSV as people have it: which letters, which separator, whose quotation marks. What is not certain is refused.

Excel runs what begins with = + - or @ in a CSV file as a formula: such texts are written behind an apostrophe,
which is taken off again when a CSV file is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from agreementgen.errors import InputError, Place, Problem
from agreementgen.sheets.cells import place, refused

_MARKS = ",;\t|"
_RISKY = re.compile(r"'*[=+\-@\t\r]")
_DECLARED = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\n|\r|$)', re.IGNORECASE)
_OTHERS = (
    (b"PK", "an Excel file, not a CSV file", "save it as CSV UTF-8, or name it .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an Excel file, not a CSV file", "save it as .xlsx or as CSV UTF-8"),
    (b"%PDF", "a PDF, not a table", "save the table itself as CSV UTF-8 or .xlsx"),
    (b"{\\rtf", "an RTF document, not a table", "save the table itself as CSV UTF-8 or .xlsx"),
)
_AS_UTF8 = 'in Excel: Save as, "CSV UTF-8"; in LibreOffice: Save as, Text CSV, Character set "Unicode (UTF-8)"'
# Enough of a file to see which separator it uses.
_SEEN = 100_000


def read_csv(data: bytes, name: str) -> list[list[str]]:
    """Return the rows of a CSV file, empty ones as []; raise InputError.

    The file is UTF-8, with or without its mark, or UTF-16 with its mark. The separator is a comma, semicolon, tab or
    vertical bar: the one that a first line "sep=;" declares, or else the one that makes the most of the first rows.
    """
    text = _decoded(data, name)
    declared = _DECLARED.match(text)
    if declared and declared[1] not in _MARKS:
        raise refused(name, f'the first line declares "{declared[1]}" as separator', 'use a comma, as in "sep=,"')
    text = text[declared.end() :] if declared else text
    mark = declared[1] if declared else _mark(text)
    return [[_unguarded(cell) for cell in row] for row in _csv_rows(text, mark, name)]


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that Excel opens rightly: UTF-8 with its mark, lines that end with CR LF."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if _RISKY.match(cell) else cell for cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def _decoded(data: bytes, name: str) -> str:
    for start, what, hint in _OTHERS:
        if data.startswith(start):
            raise refused(name, f"this is {what}", hint)
    try:
        if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
            raise refused(name, "the file is stored as UTF-32, not as UTF-8", _AS_UTF8)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        elif b"\0" in data:
            what = "the file is stored as UTF-16 without its mark, or is no text file"
            raise refused(name, what, _AS_UTF8)
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8(data, name) from None
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text[:200], re.IGNORECASE):
        raise refused(name, "this is a web page or XML, not a CSV file", "open it in Excel and save it as .xlsx")
    return text


def _not_utf8(data: bytes, name: str) -> InputError:
    """Return an error that names the first cell whose letters are uncertain, and what they would be in Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refused(name, "the file is stored as UTF-16 and is cut off or damaged", _AS_UTF8)
    text = data.decode("latin-1")
    declared = _DECLARED.match(text)
    text = text[declared.end() :] if declared else text
    message = "the file is not stored as UTF-8"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=declared[1] if declared else _mark(text))
    try:
        for number, row in enumerate(reader, 1):
            for index, cell in enumerate(row, 1):
                raw = cell.encode("latin-1")
                if not _is_utf8(raw):
                    perhaps = raw.decode("cp1252", "replace").strip()[:40]
                    message += f', so its letters are not certain (here perhaps "{perhaps}")'
                    return InputError(Problem(message, _AS_UTF8, "", place(name, number, index)))
    except (csv.Error, ValueError):
        pass  # the place is a help; without it the message still holds
    return refused(name, message, _AS_UTF8)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mark(text: str) -> str:
    """Return the separator under which the first rows have the most cells, alike in all of them."""

    def score(mark: str) -> tuple[bool, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(text[:_SEEN], newline=""), delimiter=mark):
                rows += [len(row)] if any(cell.strip() for cell in row) else []
        except csv.Error:
            pass  # cut in the middle of a cell, or damaged: reading it says so
        usual = max(set(rows), key=rows.count) if rows else 1
        return bool(rows) and rows[0] > 1, rows.count(usual) * (usual - 1)

    return max(_MARKS, key=score)


def _csv_rows(text: str, mark: str, name: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for row in reader:
            rows.append(row)
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
        number = len(rows) + 1
        raise InputError(Problem(message, hint, "", Place(name, number, 1, str(number)))) from None
    return rows

"""What a table holds: cells as text, each with its place and with what may be wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agreementgen.core.problems import InputError, Place, Problem

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


CHART_LIMITS = Limits()
BATCH_LIMITS = Limits(rows=20_000, columns=200, bytes=20_000_000, unpacked=100_000_000)


@dataclass(frozen=True)
class Cell:
    """What a cell shows, as text; dates as 2026-12-01. `place` names the cell ("C5").

    `kind` is what the program that wrote the file makes of it: "text", "number" for a bare number, which has lost
    whatever zeros once stood before it, or "day". A `problem` says why the text cannot be trusted.
    """

    text: str
    place: Place
    kind: str = "text"
    problem: Problem | None = None


@dataclass(frozen=True)
class Area:
    """Cells that were merged into one: `name` is "B3:B5", the others are numbers from 1."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class CellTable:
    """The rows that hold anything; what nobody sees of them, by number from 1; `remarks` on what was not read."""

    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    remarks: tuple[Problem, ...] = ()

    def trusted_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows; raise InputError where a cell cannot be trusted."""
        problems = [cell.problem for row in self.rows for cell in row if cell.problem]
        if problems:
            raise InputError(problems)
        return self.rows


def column_letters(number: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of_cell(name: str, row: int, number: int) -> Place:
    """Return the place of the cell in `row` and the column of that number, both from 1."""
    return Place(name, row, number, f"{column_letters(number)}{row}")


def table_error(name: str, message: str, hint: str, code: str = "table-unreadable") -> InputError:
    """Return the error that refuses the table `name` as a whole."""
    return InputError(Problem(message, hint, "", Place(name), code=code))


def doubtful_cell(message: str, hint: str, place: Place) -> Problem | None:
    """Return the problem of a cell that cannot be trusted; None where there is no message."""
    return Problem(message, hint, "", place, code="table-cell-doubtful") if message else None


# What spreadsheet programs show where a formula has no result. German and French Excel say #BEZUG!, #NOM?, ...
_ERROR_VALUE = re.compile(r"#(?:N/A|NV|[A-ZÄÖÜÀ-Ü0-9/_]{2,14}[!?])", re.IGNORECASE)
_TOO_NARROW = re.compile(r"#{3,}")
_SHORTENED_NUMBER = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-]?[0-9]{1,3}")


def explain_doubt(text: str) -> tuple[str, str]:
    """Return why the text of a cell cannot be what somebody typed, and what to do; ("", "") for an ordinary text."""
    plain = text.strip()
    if _ERROR_VALUE.fullmatch(plain):
        return f'the cell shows the error "{plain}"', "mend its formula, or type the value over it"
    if _TOO_NARROW.fullmatch(plain):
        return (
            "the cell shows #### only: its column was too narrow when the file was saved",
            "make the column wider and save the file again",
        )
    if _SHORTENED_NUMBER.fullmatch(plain):
        return (
            f'"{plain}" is a long number that the spreadsheet has shortened: its last digits are lost',
            "format the column as text and type the number again",
        )
    if meant := _undo_double_encoding(plain):
        return (
            f'"{plain[:40]}" seems to be "{meant[:40]}", stored with the letters of another alphabet',
            "open the original table as UTF-8 (in Excel: Data, From Text/CSV, File origin 65001), or type it again",
        )
    return "", ""


def _undo_double_encoding(text: str) -> str:
    """Return what a text was before UTF-8 was taken for Windows-1252 ("CafÃ©" was "Café"); "" where it was not."""
    if text.isascii():
        return ""
    try:
        meant = text.encode("cp1252").decode()
    except UnicodeError:
        return ""
    return meant if meant != text else ""

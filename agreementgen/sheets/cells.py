"""What a table holds: cells as text, each with its place, what a spreadsheet shows for it, and why it may be doubtful.

A number shows as its format says: 0.1 with the format 0% is "10%", 2110 with 00000 is "02110". Only what a format says
in a way we fully understand counts; any other number is shown as its digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from agreementgen.core.problems import InputError, Place, Problem

MAX_BYTES = 5_000_000
# What a file may hold when unpacked: a small ZIP can be huge inside.
MAX_UNPACKED = 50_000_000


@dataclass(frozen=True)
class TableLimits:
    """What a table may hold; `unpacked` are the bytes of an Excel file when its ZIP is opened.

    `cells` are those of the table, empty ones between others with them. `workbook_cells` are all that an Excel file
    says anything of, those with a formula twice, and `texts` what they show: openpyxl takes 50 microseconds for each.
    """

    rows: int = 1_000
    columns: int = 100
    cells: int = 100_000
    workbook_cells: int = 100_000
    texts: int = 50_000
    letters: int = 5_000_000
    bytes: int = MAX_BYTES
    unpacked: int = MAX_UNPACKED


CHART_LIMITS = TableLimits()
BATCH_LIMITS = TableLimits(
    rows=20_000,
    columns=200,
    cells=300_000,
    workbook_cells=120_000,
    texts=60_000,
    letters=20_000_000,
    bytes=20_000_000,
    unpacked=100_000_000,
)


@dataclass(frozen=True)
class Cell:
    """What a cell shows, as text; dates as 2026-12-01. `place` names the cell ("C5").

    `kind` is what the program that wrote the file makes of it: "text", "number" for a bare number, which has lost
    whatever zeros once stood before it, or "day". A `problem` says why the text cannot be trusted.
    `number` is the number it holds, however it is shown; None for what is no number.
    """

    text: str
    place: Place
    kind: str = "text"
    problem: Problem | None = None
    number: Decimal | None = None


@dataclass(frozen=True)
class Area:
    """Cells that were merged into one: `name` is "B3:B5", the others are numbers from 1."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


CellRow = tuple[Cell, ...]


@dataclass(frozen=True)
class CellTable:
    """The rows that hold anything; what nobody sees of them, by number from 1; `remarks` on what was not read.

    `title` is the name of the sheet, "" for a CSV file.
    """

    rows: tuple[CellRow, ...]
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    remarks: tuple[Problem, ...] = ()
    title: str = ""


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


def table_error(name: str, message: str, hint: str, *, code: str = "table-unreadable") -> InputError:
    """Return the error that refuses the table `name` as a whole."""
    return InputError(Problem(message, hint, "", Place(name), code=code))


def doubtful_cell(message: str, hint: str, place: Place) -> Problem | None:
    """Return the problem of a cell that cannot be trusted; None where there is no message."""
    return Problem(message, hint, "", place, code="table-cell-changed") if message else None


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


# Spreadsheets keep 15 digits of a number; what comes after them is noise.
KEPT_DIGITS = 15


@dataclass(frozen=True)
class ShownNumber:
    """The text for a number: `bare` where it is a number and nothing else, not `exact` where the cell holds more."""

    text: str
    bare: bool = True
    exact: bool = True
    held: str = ""


_FORMAT_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"
    | \\(?P<escaped>.)
    | _.(?P<gap>)
    | \*.(?P<fill>)
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<color>black|blue|cyan|green|magenta|red|white|yellow|color\ ?[0-9]{1,2})\]
    | (?P<general>general)
    | (?P<digits>[0\#?.,]+)
    | (?P<percent>%)
    | (?P<literal>[-$+():\ !^&'~{}<>=]|[^\x00-\x7f])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DIGIT_PATTERN = re.compile(r"([#?0,]*[#?0])?(?:\.([#?0]*))?")


def show_number(value: int | float, code: str) -> ShownNumber:
    """Return what a cell with the number format `code` shows."""
    held = Decimal(repr(value)) if isinstance(value, int) else Decimal(f"{value:.{KEPT_DIGITS}g}")
    bare = ShownNumber(_all_digits(held))
    parts = _split_format(_section_for_sign(code, held < 0))
    if parts is None:
        return bare
    patterns = [text for name, text in parts if name in ("digits", "general")]
    if len(patterns) > 1:
        return _show_over_patterns(held, parts) or bare
    if not patterns:
        return bare
    # A section of its own for negative numbers says the sign itself.
    size = abs(held) if held < 0 and _count_sections(code) > 1 else held
    percent = sum(name == "percent" for name, _ in parts)
    size = size.scaleb(2 * percent)
    found = _show_in_pattern(size, patterns[0])
    if found is None:
        return bare
    said = "".join(found if name in ("digits", "general") else text for name, text in parts).strip()
    said = re.sub(r"\s+", " ", said)
    if held < 0 and not re.search(r"[-(]", said):
        return bare  # minus numbers that show in red only
    exact = Decimal(found.replace(",", "")) == size
    padded = patterns[0].partition(".")[0].count("0") > 1
    more = padded or re.sub(r"\s+", "", said) != found
    whole = "" if exact else "".join(
        _all_digits(size) if name in ("digits", "general") else text for name, text in parts
    ).strip()  # fmt: skip
    return ShownNumber(said, not more, exact, whole)


def show_moment(value: date | datetime | time | timedelta, code: str) -> str:
    """Return a day as 2026-12-01, with the time of day only where the cell shows one."""
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if not isinstance(value, datetime):
        return value.isoformat()
    plain = re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", code).lower()
    if value.time() == time() or not re.search("[hs]", plain):
        return value.date().isoformat()
    return value.isoformat(" ", "minutes")


def _count_sections(code: str) -> int:
    return len(re.findall(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)) + 1


def _section_for_sign(code: str, negative: bool) -> str:
    """Return the part of a format for positive or for negative numbers.

    Zero is shown like positive numbers: a section of its own mostly says "-", which has another meaning in a table.
    """
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)
    return parts[1] if negative and len(parts) > 1 else parts[0]


def _split_format(section: str) -> list[tuple[str, str]] | None:
    """Return the parts of a format by kind, with what each shows; None where it says anything else."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(section):
        match = _FORMAT_TOKEN.match(section, at)
        if match is None:
            return None
        name = str(match.lastgroup)
        text = {"gap": " ", "fill": "", "color": "", "percent": "%"}.get(name, match[name])
        found.append((name, text))
        at = match.end()
    return found


def _show_in_pattern(size: Decimal, pattern: str) -> str | None:
    """Return a number as `pattern` ("#,##0.00", "00000", "General") shows it; None for patterns that scale it."""
    if pattern.lower() == "general":
        return _all_digits(size)
    match = _DIGIT_PATTERN.fullmatch(pattern)
    if match is None:
        return None
    before, after = match[1] or "", match[2] or ""
    rounded = size.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP)
    sign, whole, decimals = re.fullmatch(r"(-?)([0-9]*)\.?([0-9]*)", f"{rounded:f}").groups()  # type: ignore[union-attr]
    kept = after.rstrip("#?")
    while len(decimals) > len(kept) and decimals.endswith("0"):
        decimals = decimals[:-1]
    whole = whole.zfill(before.count("0"))
    if "," in before:
        whole = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+$)", ",", whole)
    return f"{sign}{whole}" + (f".{decimals}" if decimals else "")


def _show_over_patterns(held: Decimal, parts: list[tuple[str, str]]) -> ShownNumber | None:
    """Return a number spread over a pattern such as 00000-0000; None where its digits do not fit it."""
    if held < 0 or held != held.to_integral_value() or any(name in ("percent", "general") for name, _ in parts):
        return None
    if any(not set(text) <= {"0"} for name, text in parts if name == "digits"):
        return None
    room = sum(len(text) for name, text in parts if name == "digits")
    digits = str(int(held)).zfill(room)
    if len(digits) > room:
        return None
    said = ""
    for name, text in parts:
        if name == "digits":
            said, digits = said + digits[: len(text)], digits[len(text) :]
        else:
            said += text
    return ShownNumber(said.strip(), bare=False)


def _all_digits(value: Decimal) -> str:
    """Return all digits of a number, without zeros at the end and without an exponent."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"

"""Sheets of rows that are all built alike: columns to fill in and columns that are computed."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from agreementgen.core.values import Duration
from agreementgen.sheets.cells import column_letters
from agreementgen.sheets.workbook_writer import (
    CellStyle,
    EntryRule,
    Formula,
    FormulaHighlight,
    Highlight,
    NewCell,
    Sheet,
)

NAVY, GREY, PALE, WARNING = "1F3864", "595959", "E7EBF0", "F8D7DA"
TITLE = CellStyle(bold=True, size=14, color=NAVY, font="Cambria", bordered=False)
HINT = CellStyle(italic=True, color=GREY, bordered=False)
HEAD = CellStyle(bold=True, color="FFFFFF", fill=NAVY, centered=True)
LABEL = CellStyle(bold=True, color=NAVY, bordered=False)
# An input is white, and what is computed stands on grey: told apart in print without colors, too.
INPUT = CellStyle(unlocked=True)
RESULT = CellStyle(fill=PALE, color=NAVY)
PLAIN = CellStyle()

Value = str | int | date | Decimal

# Title, what to do, one line for each sheet's own use, the heads; then the rows.
HEAD_ROW = 4
FIRST_ROW = HEAD_ROW + 1


Holds = Literal["", "text", "day", "amount", "quantity", "count"]


@dataclass(frozen=True)
class Column:
    """A column. In `formula`, {key} is the cell of that column in the same row, {key^} all cells of it above, and
    {=key} the text of that label of the row.

    `check` is what may be typed into it, without its area. `number_format` decides what stands at the right. `holds` is
    what is read of a typed cell ("" where nothing is), one of `choices` if there are any, `needed` what a message calls
    it where it may not be missing.
    """

    key: str
    head: str
    width: float
    kind: Literal["number", "input", "result", "label"]
    number_format: str = ""
    formula: str = ""
    check: EntryRule | None = None
    holds: Holds = ""
    choices: tuple[str, ...] = ()
    needed: str = ""


@dataclass(frozen=True)
class Grid:
    """A sheet of `count` rows of the same columns; `labels` are the cells of label columns, row by row.

    Rows with labels have room for `least_lines` lines of text.
    """

    name: str
    title: str
    hint: str
    columns: tuple[Column, ...]
    count: int
    labels: tuple[Mapping[str, Value], ...] = ()
    own: tuple[NewCell | None, ...] = ()
    highlights: tuple[Highlight | FormulaHighlight, ...] = ()
    landscape: bool = True
    more_rules: tuple[EntryRule, ...] = field(default=())
    more_merged: tuple[str, ...] = ()
    least_lines: int = 1

    def letters_of(self, key: str) -> str:
        return column_letters(1 + next(at for at, column in enumerate(self.columns) if column.key == key))

    def has(self, key: str) -> bool:
        return any(column.key == key for column in self.columns)

    def area_of(self, key: str) -> str:
        """Return the cells of a column, as formulas of other sheets name them."""
        letters = self.letters_of(key)
        return f"'{self.name}'!${letters}${FIRST_ROW}:${letters}${FIRST_ROW + self.count - 1}"

    def formula_at(self, column: Column, row: int) -> str:
        """Return the formula of a column in `row`, without its "="."""

        def place(match: re.Match[str]) -> str:
            letters = self.letters_of(match[1])
            return f"{letters}${HEAD_ROW}:{letters}{row - 1}" if match[2] else f"{letters}{row}"

        text = re.sub(r"\{=(\w+)\}", lambda match: str(self.labels[row - FIRST_ROW][match[1]]), column.formula)
        return re.sub(r"\{(\w+)(\^?)\}", place, text)


# Rows to fill in of which a page of paper has room; empty pages are of no use to anybody.
_PRINTED_ROWS = 25
# More characters than this on one page are too small to read; a sheet that is wider is divided among pages.
_MOST_WIDTH, _PAGE_WIDTH = 280.0, 190.0
# Of a cell in 10 points.
_LINE_POINTS, _SPARE_POINTS = 13.0, 3.0
ONE_LINE = _LINE_POINTS + _SPARE_POINTS


def find_heights(rows: Sequence[Sequence[NewCell | None]], widths: Sequence[float]) -> tuple[float, ...]:
    """Return the heights in points of rows whose texts are wrapped in columns of `widths`, in characters.

    LibreOffice finds no height for a row that has none in the file, so its lines would be printed over the next.
    """
    return tuple(
        max((_height_of(cell.value, width) for cell, width in zip(row, widths, strict=False) if cell), default=0)
        or _LINE_POINTS + _SPARE_POINTS
        for row in rows
    )


def _height_of(value: object, width: float) -> float:
    lines = len(textwrap.wrap(value, int(width))) if isinstance(value, str) else 1
    return max(1, lines) * _LINE_POINTS + _SPARE_POINTS


def write_grid(grid: Grid, paper: str, footer: str) -> Sheet:
    """Return a grid as a protected sheet, one page wide as far as that can be read, with its heads on each page.

    Of rows to fill in, the first are printed, which the hint says; rows with labels are all printed.
    """
    printed = grid.count if grid.labels else min(grid.count, _PRINTED_ROWS)
    hint = grid.hint
    if printed < grid.count:
        hint += f" The first {printed} rows are printed; for more, set the print area anew."
    least = grid.least_lines * _LINE_POINTS + _SPARE_POINTS
    first = (NewCell(grid.title, TITLE),)
    second = (NewCell(hint, HINT),)
    heads = tuple(NewCell(column.head, HEAD) for column in grid.columns)
    rows = tuple(
        tuple(_make_cell(grid, column, FIRST_ROW + number) for column in grid.columns) for number in range(grid.count)
    )
    last_column, last_row = column_letters(len(grid.columns)), FIRST_ROW + grid.count - 1
    rules = tuple(
        replace(column.check, area=f"{letters}{FIRST_ROW}:{letters}{last_row}")
        for letters, column in ((grid.letters_of(column.key), column) for column in grid.columns)
        if column.check
    )
    widths = tuple(column.width for column in grid.columns)
    pages = 1 if sum(widths) <= _MOST_WIDTH else math.ceil(sum(widths) / _PAGE_WIDTH)
    # Title and hint stand on the first of several pages.
    across = sum(1 for at in range(len(widths)) if pages == 1 or sum(widths[: at + 1]) <= _PAGE_WIDTH)
    heights = (22, max(28.0, _height_of(hint, sum(widths[:across]))), 18, 44)
    return Sheet(
        grid.name,
        (first, second, grid.own or (None,), heads, *rows),
        widths,
        heights=(*heights, *(max(least, height) for height in find_heights(rows if grid.labels else (), widths))),
        first_scrolled=f"A{FIRST_ROW}",
        entry_rules=(*rules, *grid.more_rules),
        highlights=grid.highlights,
        repeated_rows=HEAD_ROW,
        merged=(*(f"A{row}:{column_letters(across)}{row}" for row in (1, 2)), *grid.more_merged),
        landscape=grid.landscape,
        paper=paper,
        footer=footer,
        is_protected=True,
        print_area=f"A1:{last_column}{FIRST_ROW + printed - 1}",
        pages_wide=pages,
        repeated_columns=2 if pages > 1 else 0,
    )


def _make_cell(grid: Grid, column: Column, row: int) -> NewCell:
    number = row - FIRST_ROW
    at_right = column.number_format.startswith(("#", "0"))
    match column.kind:
        case "number":
            return NewCell(number + 1, replace(RESULT, centered=True))
        case "input":
            return NewCell(None, replace(INPUT, at_right=at_right), column.number_format)
        case "label":
            return NewCell(
                grid.labels[number].get(column.key), replace(RESULT, at_right=at_right), column.number_format
            )
    style = replace(RESULT, at_right=at_right)
    return NewCell(Formula(grid.formula_at(column, row)), style, column.number_format)


def day_format(language: str) -> str:
    """Return how days show: in words of which day and month cannot change places."""
    return "mmm d, yyyy" if language == "en-US" else "d mmm yyyy"


def money_format(digits: int) -> str:
    """Return how amounts show: with a little room behind them, so that they do not touch the next column."""
    return "#,##0" + ("." + "0" * digits if digits else "") + "_ "


COUNT_FORMAT = "0_ "
# A point is always shown with a digit behind it: Excel would print "1,200." otherwise.
QUANTITY_FORMAT = "#,##0.0##_ "
FILL_IN = "White cells are for you; grey ones are computed or agreed."


def day_rule(title: str, least: str = "DATE(1990,1,1)") -> EntryRule:
    error = "Type a day, as in 2027-03-31, that is not before the agreement."
    return EntryRule("", "date", minimum=least, maximum="DATE(2150,12,31)", title=title, error=error)


def amount_rule(title: str) -> EntryRule:
    error = "Type an amount that is not below 0."
    return EntryRule("", "decimal", minimum="0", maximum="1000000000000", title=title, error=error)


def list_rule(title: str, source: str = "", choices: Sequence[str] = ()) -> EntryRule:
    return EntryRule("", "list", tuple(choices), source, title=title, error="Choose one of the list.")


def length_in_cells(length: Duration) -> tuple[int, str]:
    """Return a length as a number and "days" or "months"."""
    match length.unit:
        case "month":
            return length.count, "months"
        case "year":
            return length.count * 12, "months"
        case "week":
            return length.count * 7, "days"
        case "hour":
            return -(-length.count // 24), "days"
    return length.count, "days"


def add_length(day: str, length: Duration, name: str) -> str:
    """Return the formula for `day` and a length that stands in the cell `name`."""
    _, unit = length_in_cells(length)
    return f"EDATE({day},{name})" if unit == "months" else f"{day}+{name}"


def match_name(name: str, area: str, names: Collection[str]) -> str:
    """Return the formula for the place of `name`, a cell, in `area`, which holds `names`.

    MATCH takes "*", "?" and "~" for any letters; where a name has one, each stands for itself behind a "~".
    """
    has_one = any(sign in one for one in names for sign in "~*?")
    for sign in "~*?" if has_one else "":
        name = f'SUBSTITUTE({name},"{sign}","~{sign}")'
    return f"MATCH({name},{area},0)"


def input_day(key: str, head: str, form: str, needed: str = "", width: float = 11.5) -> Column:
    check = day_rule(head, "Effective")
    return Column(key, head, width, "input", form, check=check, holds="day", needed=needed)


def input_amount(key: str, head: str, form: str, needed: str = "", width: float = 11) -> Column:
    return Column(key, head, width, "input", form, check=amount_rule(head[:30]), holds="amount", needed=needed)


def input_quantity(key: str, head: str, needed: str = "", width: float = 9) -> Column:
    return Column(
        key, head, width, "input", QUANTITY_FORMAT, check=amount_rule(head[:30]), holds="quantity", needed=needed
    )


def input_text(key: str, head: str, width: float, needed: str = "") -> Column:
    return Column(key, head, width, "input", holds="text", needed=needed)


def input_choice(
    key: str, head: str, width: float, choices: Sequence[str], needed: str = "", source: str = ""
) -> Column:
    """Return a column with a list to choose from; `source` is the name of the cells that hold the choices."""
    check = list_rule(head, source, () if source else choices)
    return Column(key, head, width, "input", check=check, holds="text", choices=tuple(choices), needed=needed)


def width_of(names: Sequence[str]) -> float:
    """Return the width of a column in which each of `names` has a line to itself, as far as a page allows."""
    return min(42.0, max(14.0, *(1.5 + len(name) for name in names)))


def input_row_number(key: str, head: str, width: float = 8) -> Column:
    check = EntryRule("", "whole", minimum="1", maximum="9999", title=head, error="Type the number of a row above.")
    return Column(key, head, width, "input", COUNT_FORMAT, check=check, holds="count")

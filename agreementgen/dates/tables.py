"""Key dates as tables: those of one deal, and a portfolio of many deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreementgen.core.values import Unprintable, format_value
from agreementgen.dates.key_dates import KeyDate
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.standing import describe_step, find_last_step
from agreementgen.sheets.table_reader import write_csv
from agreementgen.sheets.workbook_writer import CellStyle, NewCell, Sheet, Workbook, write_xlsx

_HEAD = CellStyle(bold=True, fill="E7EBF0")
_CELL = CellStyle(at_top=True)


@dataclass(frozen=True)
class DatedDeal:
    """A deal with its dates; `name` is that of its file."""

    name: str
    deal: Deal
    dates: tuple[KeyDate, ...]

    def day_of(self, *ids: str) -> date | None:
        """Return the day of the first of `ids` that is known."""
        known = {one.id: one.day for one in self.dates}
        return next((day for id in ids if (day := known.get(id))), None)

    def next_date(self, today: date | None) -> tuple[date, KeyDate] | None:
        """Return the first day that is not before `today`, and what it is; talks that come round are passed over."""
        found = [
            (day, one)
            for one in self.dates
            if not one.is_routine and (day := one.next_from(today) if today else one.day)
        ]
        return min(found, key=lambda pair: pair[0], default=None)


Row = tuple[str | date | None, ...]

_DATE_COLUMNS = ("Date", "What", "Repeats", "How it is counted", "Reminders, days before", "Note", "UID")
_DATE_WIDTHS = (13, 50, 26, 50, 16, 60, 46)
_PORTFOLIO_COLUMNS = (
    "Next day", "What is next", "Deal", "Status", "Kind", "Parties", "Law", "Fee", "Effective", "End", "Notice day",
    "All dates",
)  # fmt: skip
_PORTFOLIO_WIDTHS = (13, 46, 26, 20, 14, 34, 18, 22, 13, 13, 13, 90)


def list_date_rows(dates: Sequence[KeyDate]) -> tuple[Row, ...]:
    """Return a row for each date, head first; days that no rule makes have a row each."""
    rows: list[Row] = [_DATE_COLUMNS]
    for one in dates:
        repetition = one.repetition
        days = repetition.days if repetition and not repetition.rule else (one.day,)
        repeats = repetition.words if repetition else ""
        alarms = ", ".join(str(days_before) for days_before in one.alarms)
        note = " ".join(part for part in (one.reason and f"No day yet: {one.reason}.", one.note) if part)
        rows += [(day, one.what, repeats, one.how, alarms, note, one.uid) for day in days]
    return tuple(sorted(rows[:1]) + sorted(rows[1:], key=lambda row: (row[0] is None, row[0] or date.max)))


def list_portfolio_rows(deals: Sequence[DatedDeal], today: date | None = None) -> tuple[Row, ...]:
    """Return a row for each deal, head first, sorted by the next day from `today`, or by the first day without it."""
    rows = []
    for one in deals:
        coming = one.next_date(today)
        rows.append(
            (
                coming[0] if coming else None,
                coming[1].what if coming else "",
                one.name,
                describe_step(step) if (step := find_last_step(one.deal.facts)) else "",
                one.deal.kind,
                " / ".join(party.short for party in one.deal.parties),
                _print_fact(one.deal, "law"),
                describe_fee(one.deal),
                one.day_of("effective"),
                one.day_of("term-end", "pilot-end"),
                _notice_day(one, today),
                "; ".join(_describe_shortly(key) for key in one.dates if not key.is_routine),
            )
        )
    rows.sort(key=lambda row: (row[0] is None, row[0] or date.max, str(row[2])))
    return (_PORTFOLIO_COLUMNS, *rows)


def describe_fee(deal: Deal) -> str:
    """Return what is paid, in short: a fee, tiers of one, a discount, or the model's own words."""
    for name in ("financial.fee", "prices.commission", "prices.discount", "financial.amount"):
        if printed := _print_fact(deal, name):
            base = _print_fact(deal, "financial.base")
            again = find_fact("financial.each", deal.facts)
            amount = "in all" if again == "once" else f"each {again}"
            more = {"prices.discount": "off the list price", "financial.amount": amount}
            return f"{printed} {more.get(name, f'of {base}' if base else '')}".strip()
    return _print_fact(deal, "financial.model")


def write_csv_table(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV; dates as 2026-12-01, and no cell that a spreadsheet takes for a formula."""
    return write_csv([[_cell_as_text(cell) for cell in row] for row in rows])


def write_date_workbook(rows: Sequence[Row], title: str, stamped: date | None) -> bytes:
    """Return the dates of one deal as XLSX."""
    return _write_workbook(rows, title, "Dates", _DATE_WIDTHS, stamped)


def write_portfolio_workbook(rows: Sequence[Row], stamped: date | None) -> bytes:
    """Return a portfolio as XLSX."""
    return _write_workbook(rows, "Portfolio", "Portfolio", _PORTFOLIO_WIDTHS, stamped)


def _write_workbook(
    rows: Sequence[Row], title: str, name: str, widths: tuple[float, ...], stamped: date | None
) -> bytes:
    cells = tuple(
        tuple(NewCell(cell, _CELL if number else _HEAD, "yyyy-mm-dd" if isinstance(cell, date) else "") for cell in row)
        for number, row in enumerate(rows)
    )
    sheet = Sheet(name, cells, widths, first_scrolled="A2", repeated_rows=1, landscape=True)
    return write_xlsx(Workbook(title, (sheet,), stamped))


def _cell_as_text(cell: str | date | None) -> str:
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else cell


def _notice_day(one: DatedDeal, today: date | None) -> date | None:
    days = [key.day for key in one.dates if key.id.startswith("renewal-notice") and key.day]
    return min((day for day in days if not today or day >= today), default=None)


def _describe_shortly(key: KeyDate) -> str:
    when = key.day.isoformat() if key.day else f"({key.reason})"
    again = f" ({key.repetition.words})" if key.repetition and len(key.repetition.days) > 1 else ""
    return f"{when} {key.what}{again}"


def _print_fact(deal: Deal, name: str) -> str:
    value = find_fact(name, deal.facts)
    try:
        return format_value(value, deal.language) if value is not None else ""
    except Unprintable:
        return ""

"""Days counted as agreements count them, and days that come again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from agreementgen.core.values import Duration

# The last day of the month that many days are counted from, and how they are called.
_PERIOD_MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}


def add(day: date, length: Duration, times: int = 1) -> date:
    """Return the day that is `times` lengths after `day` (before it where `times` is below 0).

    Months keep the day of the month, or take the last day of a shorter one: January 31 and 1 month are February 28.
    Several lengths are counted from `day` at once, so that the 31st comes back after February. A length in hours
    counts as the days it touches.
    """
    from dateutil.relativedelta import relativedelta

    count = length.count * times
    match length.unit:
        case "month":
            return day + relativedelta(months=count)
        case "year":
            return day + relativedelta(years=count)
        case "week":
            return day + timedelta(weeks=count)
        case "hour":
            return day + timedelta(days=-(-count // 24))
    return day + timedelta(days=count)


def list_calendar_periods(start: date, end: date, every: str) -> tuple[date, ...]:
    """Return the last day of each calendar period that the days from `start` to `end` touch.

    `every` is "weekly" (weeks end on Sunday), "monthly", "quarterly", "half-yearly" or "yearly".
    """
    if every == "weekly":
        sunday = start + timedelta(days=6 - start.weekday())
        return tuple(sunday + timedelta(weeks=number) for number in range(max(0, (end - sunday).days + 6) // 7 + 1))
    months = _PERIOD_MONTHS[every]
    first_month = (start.month - 1) // months * months + 1
    opening = date(start.year, first_month, 1)
    closings = []
    number = 1
    while True:
        closing = add(opening, Duration(months, "month"), number) - timedelta(days=1)
        closings.append(closing)
        if closing >= end:
            return tuple(closings)
        number += 1


def send_day_before(day: date) -> date:
    """Return the last day on which an e-mailed notice is sent that counts, on the next business day, by `day`.

    Business days are taken to be Monday to Friday; holidays are not known.
    """
    last = day
    while last.weekday() > 4:
        last -= timedelta(days=1)
    return last - timedelta(days=1)


@dataclass(frozen=True)
class Repetition:
    """Days that come again: all of them, in order, and `words` for how often.

    `rule` is what makes the same days of the first one (RFC 5545, section 3.3.10), "" where no rule does.
    """

    days: tuple[date, ...]
    words: str
    rule: str = ""


_RULES = {
    "weekly": (Duration(1, "week"), "FREQ=WEEKLY", "every week"),
    "every two weeks": (Duration(2, "week"), "FREQ=WEEKLY;INTERVAL=2", "every two weeks"),
    "monthly": (Duration(1, "month"), "FREQ=MONTHLY", "every month"),
    "quarterly": (Duration(3, "month"), "FREQ=MONTHLY;INTERVAL=3", "every three months"),
}


def repeat(start: date, every: str, until: date, from_number: int = 1, count: int = 0) -> Repetition | None:
    """Return the days that come every so often after `start`, up to and with `until`; None where there are none.

    The first is the one of `from_number` (0 is `start` itself); at most `count` days, if it is not 0.
    """
    length, rule, words = _RULES[every]
    days: list[date] = []
    for day in _count_on(start, length, from_number):
        if day > until or (count and len(days) == count):
            break
        days.append(day)
    return repeat_days(tuple(days), words, _name_day_of_month(rule, start)) if days else None


def repeat_days(days: tuple[date, ...], words: str, rule: str = "") -> Repetition:
    """Return `days` as a repetition; `rule` without its number of times."""
    return Repetition(
        days, f"{words}, {len(days)} times" if len(days) > 1 else "once", rule and f"{rule};COUNT={len(days)}"
    )


def _count_on(start: date, length: Duration, number: int) -> Iterator[date]:
    while True:
        yield add(start, length, number)
        number += 1


def _name_day_of_month(rule: str, start: date) -> str:
    """Return a monthly rule that takes the last day of months without the day of `start`, as `add` does."""
    if "MONTHLY" not in rule or start.day < 29:
        return rule
    if start.day == 31:
        return f"{rule};BYMONTHDAY=-1"
    possible = ",".join(str(day) for day in range(28, start.day + 1))
    return f"{rule};BYMONTHDAY={possible};BYSETPOS=-1"

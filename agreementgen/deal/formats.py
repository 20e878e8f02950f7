"""How values are printed in a language (BCP 47 tag: "en-US" or "en-GB"), by Babel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from agreementgen.deal.values import Choice, Duration, Money, Percent, Region, minor_digits

LANGUAGES = ("en-US", "en-GB")


class Unprintable(Exception):
    """A value that has no printed form of its own (nothing, yes/no, a group)."""


@cache
def _locale(language: str) -> Any:
    from babel import Locale

    return Locale.parse(language, sep="-")


def printed(value: Any, language: str) -> str:
    """Return `value` as it stands in the agreement."""
    match value:
        case Choice():
            return value.says
        case str():
            return value
        case bool() | None:
            raise Unprintable("nothing" if value is None else "yes/no")
        case Money():
            return money(value, language)
        case Percent():
            return number(value.number, language) + "%"
        case Duration():
            return duration(value, language)
        case Region():
            return value.name
        case date():
            return day(value, language)
        case int() | Decimal():
            return number(Decimal(value), language)
        case dict() if "short" in value:
            return str(value["short"])
    raise Unprintable(type(value).__name__)


def money(value: Money, language: str) -> str:
    """Return "$5,000" or "$5,000.50": decimals only where there are any."""
    from babel.numbers import format_currency

    whole = value.amount == value.amount.to_integral_value()
    digits = 0 if whole else minor_digits(value.currency)
    decimals = "." + "0" * digits if digits else ""
    locale = _locale(language)
    return str(format_currency(value.amount, value.currency, f"¤#,##0{decimals}", locale=locale, currency_digits=False))


def number(value: Decimal, language: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, "#,##0.###############", locale=_locale(language)))


def duration(value: Duration, language: str) -> str:
    """Return "90 days", "1 month"."""
    return plural(value.count, value.unit, language)


def plural(count: int, unit: str, language: str) -> str:
    from babel.units import format_unit

    return str(format_unit(count, f"duration-{unit}", length="long", locale=_locale(language)))


def adjective(value: Duration, language: str) -> str:
    """Return "90-day", as in "a 90-day plan"."""
    return f"{number(Decimal(value.count), language)}-{value.unit}"


def possessive(text: str) -> str:
    """Return "30 days’" or "1 month’s", as in "30 days’ notice"."""
    return text + ("’" if text.endswith("s") else "’s")


def day(value: date, language: str) -> str:
    """Return "December 1, 2026" or, in British English, "1 December 2026"."""
    from babel.dates import format_date

    return str(format_date(value, format="long", locale=_locale(language)))


def short_day(value: date, language: str) -> str:
    """Return "Dec 1, 2026" or, in British English, "1 Dec 2026", for narrow columns."""
    from babel.dates import format_date

    return str(format_date(value, format="medium", locale=_locale(language)))


def listed(items: Sequence[str], language: str, word: str = "and") -> str:
    """Return "a, b, and c" as the language writes lists."""
    from babel.lists import format_list

    style: Literal["or", "standard"] = "or" if word == "or" else "standard"
    return str(format_list(list(items), style=style, locale=_locale(language)))

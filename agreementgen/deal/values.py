"""The values of facts and how each is read from text: one reader a type, for files, tables and prompts.

Every reader takes text and returns a frozen value or raises Unreadable with a sentence and a hint.
Numbers are Decimal, never float. Digits are ASCII digits only: Decimal alone would take full-width
digits, 1_000, 1e2 and NaN.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

MAX_DIGITS = 15


class Unreadable(Exception):
    """The text is not a value of its type: `message` says why, `hint` what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Choice(str):
    """One of the words a question allows; `says` is what is printed for it."""

    says: str

    def __new__(cls, word: str, says: str = "") -> Choice:
        self = super().__new__(cls, word)
        self.says = says or word
        return self


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Percent:
    """A share in percent, 0 to 100: Decimal("12.5") is 12.5 %."""

    number: Decimal


UNITS = ("hour", "day", "week", "month", "year")
# A month is counted as 30 days only where a length in months is held against one in days.
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8766}


@dataclass(frozen=True)
class Duration:
    """A length of time in the unit that was written: 90 days is not 3 months."""

    count: int
    unit: str

    @property
    def hours(self) -> int:
        """The length in hours, for comparing only (a month as 30 days, a year as 365.25)."""
        return self.count * _HOURS[self.unit]


@dataclass(frozen=True)
class Region:
    """A country or a part of one: its ISO 3166 code ("US-MA", "DE") and its English name."""

    code: str
    name: str


def read_text(text: str) -> str:
    return text


def read_integer(text: str) -> int:
    number = _number(text, "a whole number", "5")
    if number != number.to_integral_value():
        raise Unreadable(f'"{text}" is not a whole number', "write a number such as 5")
    return int(number)


def read_number(text: str) -> Decimal:
    return _number(text, "a number", "4.5")


def read_percent(text: str) -> Percent:
    match = re.fullmatch(r"(.*?)\s*(?:%|percent|per cent)", text.strip(), re.IGNORECASE)
    if not match:
        hint = f'write "{text.strip()}%"' if re.fullmatch(r"[0-9.]{1,9}", text.strip()) else 'write it like "10%"'
        raise Unreadable(f'"{_short(text)}" is not a percentage', hint)
    return Percent(_number(match[1], "a percentage", "10%"))


_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₪": "ILS", "zł": "PLN"}
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BRL")


def read_money(text: str, currency: str) -> Money:
    """Read "$5,000", "5000 USD", "EUR 40", "$5k" or a bare number in the deal's `currency`."""
    plain = text.strip()
    match = re.fullmatch(
        r"(?P<before>[^\d\s.,+-]{1,4})?\s*(?P<number>[0-9][0-9.,]*)\s?(?P<kilo>[kK])?\s*(?P<after>[^\d\s.,]{1,4})?",
        plain,
    )
    if not match or not plain.isprintable():
        raise Unreadable(f'"{_short(text)}" is not an amount of money', 'write it like "$5,000" or "5000 USD"')
    if match["before"] and match["after"]:
        raise Unreadable(f'"{_short(text)}" names its currency twice', 'write it like "5000 USD"')
    sign = match["before"] or match["after"]
    amount = _number(match["number"], "an amount of money", "$5,000")
    if match["kilo"]:
        amount *= 1000
    code = _currency_of(sign, currency, text) if sign else currency
    digits = minor_digits(code)
    if amount != round(amount, digits):
        raise Unreadable(
            f'"{_short(text)}" has more decimals than {code} has ({digits})', f"round it to {digits} decimals"
        )
    return Money(amount, code)


def _currency_of(sign: str, currency: str, text: str) -> str:
    if sign == "$":
        if currency in _DOLLARS:
            return currency
        raise Unreadable(
            f'"{_short(text)}" is in dollars, but the currency of the deal is {currency}',
            "write the currency's code, as in 5000 USD",
        )
    if sign == "¥" and currency == "CNY":
        return "CNY"
    if sign in _SYMBOLS:
        return _SYMBOLS[sign]
    return str(read_currency(sign))


def read_currency(text: str) -> str:
    from babel import Locale

    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code) or code not in Locale("en").currencies:
        raise Unreadable(
            f'"{_short(text)}" is not a currency code', "write the three-letter code, as in USD, EUR or CAD"
        )
    return code


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals `currency` has (ISO 4217: USD 2, JPY 0)."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))


_UNIT_WORDS = {
    "h": "hour", "hour": "hour", "hours": "hour", "day": "day", "days": "day", "week": "week", "weeks": "week",
    "month": "month", "months": "month", "year": "year", "years": "year",
}  # fmt: skip
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}


def read_duration(text: str) -> Duration:
    """Read "90 days", "three months", "24 h"; a bare number has no unit and is refused."""
    match = re.fullmatch(r"([0-9]{1,5}|[a-z]+)[\s-]*([a-z]+)", text.strip().lower())
    count = _NUMBER_WORDS.get(match[1], int(match[1]) if match[1].isdigit() else -1) if match else -1
    unit = _UNIT_WORDS.get(match[2]) if match else None
    if count < 0 or unit is None:
        if re.fullmatch(r"[0-9]{1,5}", text.strip()):
            raise Unreadable(f'"{text.strip()}" has no unit', f'write "{text.strip()} days" or "{text.strip()} months"')
        raise Unreadable(f'"{_short(text)}" is not a length of time', 'write it like "90 days" or "12 months"')
    return Duration(count, unit)


@cache
def _months() -> dict[str, int]:
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, locale="en").items():
            names[name.lower()] = number
    return names


def read_date(text: str) -> date:
    """Read 2026-12-01, "December 1, 2026" or "1 December 2026"; 12/01/2026 is ambiguous and refused."""
    plain = text.strip()
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", plain):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})", plain):
        year, month, day = int(match[3]), _months().get(match[1].lower(), 0), int(match[2])
    elif match := re.fullmatch(r"([0-9]{1,2})\.? ([A-Za-z]{3,9})\.? ([0-9]{4})", plain):
        year, month, day = int(match[3]), _months().get(match[2].lower(), 0), int(match[1])
    else:
        ambiguous = re.fullmatch(r"[0-9]{1,4}[/.][0-9]{1,2}[/.][0-9]{1,4}", plain)
        raise Unreadable(
            f'"{_short(text)}" is ' + ("a date that can be read in two ways" if ambiguous else "not a date"),
            'write year-month-day, as in "2026-12-01"',
        )
    try:
        value = date(year, month, day)
    except ValueError:
        raise Unreadable(f'"{plain}" is not a day of the calendar', "look at month and day") from None
    if not 1950 <= year <= 2150:
        raise Unreadable(f'"{plain}" is in the year {year}', "look at the year")
    return value


_YES = {"yes": True, "y": True, "on": True, "true": True, "no": False, "n": False, "off": False, "false": False}


def read_yes_no(text: str) -> bool:
    answer = _YES.get(text.strip().lower())
    if answer is None:
        raise Unreadable(f'"{_short(text)}" is neither yes nor no', "write yes or no")
    return answer


def read_email(text: str) -> str:
    """Return an address that has the form of one (RFC 5321 length limits; existence is not checked)."""
    plain = text.strip()
    if len(plain) > 254 or not re.fullmatch(
        r"[^@\s<>()\[\],;:\\\"]{1,64}@[^@\s<>()\[\],;:\\\"]+\.[^@\s<>()\[\],;:\\\".]{2,}", plain
    ):
        raise Unreadable(f'"{_short(text)}" is not an e-mail address', 'write it like "dana@northshore.example"')
    return plain


def _fold(name: str) -> str:
    """Return `name` without case and accents, for looking up."""
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def regions() -> dict[str, tuple[Region, ...]]:
    """Return every country, and every state or province, by folded name and ISO 3166 code.

    Where a state and a country share a name (Georgia), the name means the state of the United States and
    "Georgia (country)" the country. Two letters that mean both a state and a country (DE, CA) keep both.
    """
    import pycountry

    known: dict[str, tuple[Region, ...]] = {}

    def add(word: str, region: Region, both: bool = False) -> None:
        key = _fold(word)
        if both and key in known and region not in known[key]:
            known[key] += (region,)
        else:
            known.setdefault(key, (region,))

    for part in (part for part in pycountry.subdivisions if part.country_code == "US"):
        region = Region(part.code, part.name)
        for word in (part.name, part.code, part.code[3:]):
            add(word, region)
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        region = Region(country.alpha_2, name)
        for word in (name, country.name, getattr(country, "official_name", name), f"{name} (country)", country.alpha_3):
            add(word, region)
        add(country.alpha_2, region, both=True)
    for part in pycountry.subdivisions:
        region = Region(part.code, part.name)
        add(part.code, region)
        if part.country_code in ("CA", "AU", "GB", "DE", "CH", "MX"):
            add(part.name, region)
    return known


def read_region(text: str) -> Region:
    """Read the name or ISO 3166 code of a state, province or country; a name keeps the spelling it was given."""
    plain = text.strip()
    found = regions().get(_fold(plain), ())
    if not found:
        from agreementgen.errors import nearest

        names = [region.name for known in regions().values() for region in known]
        raise Unreadable(
            f'"{_short(text)}" is not a state, province or country we know',
            nearest(plain, names) or 'write its name or its ISO code, as in "Massachusetts" or "US-MA"',
        )
    if len(found) > 1:
        raise Unreadable(f'"{plain}" can mean ' + " or ".join(region.name for region in found), "write the whole name")
    region = found[0]
    same_name = _fold(plain) == _fold(region.name)
    return Region(region.code, plain) if same_name and plain != plain.lower() else region


def _number(text: str, what: str, example: str) -> Decimal:
    plain = text.strip()
    if len(plain) > 40:
        raise Unreadable(f'"{_short(text)}" is too long to be {what}', f'write it like "{example}"')
    if not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?", plain):
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})*,[0-9]+", plain) or re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}", plain):
            raise Unreadable(
                f'"{_short(text)}" uses a comma or points in another way than we read them',
                "write 1,234.50: a comma between thousands, a point before decimals",
            )
        raise Unreadable(f'"{_short(text)}" is not {what}', f'write it like "{example}"')
    digits = plain.replace(",", "")
    if len(digits.replace(".", "")) > MAX_DIGITS:
        raise Unreadable(f'"{_short(text)}" has more than {MAX_DIGITS} digits', f'write it like "{example}"')
    return Decimal(digits)


def _short(text: str) -> str:
    plain = text.strip()
    return plain if len(plain) <= 40 else plain[:37] + "..."

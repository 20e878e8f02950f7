"""The values of facts: what each type is, how it is read from text, and how a language prints it.

A reader takes text, from a file, a table or a prompt, and returns a frozen value or raises Unreadable with a sentence
and a hint. Numbers are Decimal, never float. Digits are ASCII digits only: Decimal alone would take full-width digits,
1_000, 1e2 and NaN. Values are printed in a language (BCP 47 tag: "en-US" or "en-GB") by Babel. Countries, states and
provinces go by name and ISO 3166 code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal

from agreementgen.core.problems import quote_text, suggest_nearest

if TYPE_CHECKING:
    from babel import Locale

MAX_DIGITS = 15


class Unreadable(Exception):
    """The text is not a value of its type: `message` says why, `hint` what to write instead, `code` as in Problem."""

    def __init__(self, message: str, hint: str = "", *, code: str = "unreadable") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class Choice(str):
    """One of the words a question allows; `printed` is what is printed for it."""

    printed: str

    def __new__(cls, word: str, says: str = "") -> Choice:
        self = super().__new__(cls, word)
        self.printed = says or word
        return self


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class UnitPrice(Money):
    """The price of one unit, which may have up to four decimals: $0.0375."""


@dataclass(frozen=True)
class Percent:
    """A share in percent, 0 to 100: Decimal("12.5") is 12.5 %."""

    number: Decimal


PRICE_DECIMALS = 4
UNITS = ("hour", "day", "week", "month", "year")
_MONTHS = {"month": 1, "year": 12}
# A month is counted as 30 days only where a length in months is held against one in days.
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8766}
# 31 days for a month of 30, with a little to spare.
_MOST_MONTH_ERROR = Decimal("1.04")


@dataclass(frozen=True)
class Duration:
    """A length of time in the unit that was written: 90 days is not 3 months, but neither is shorter."""

    count: int
    unit: str

    @property
    def hours(self) -> int:
        """The length in hours, for comparing only (a month as 30 days, a year as 365.25)."""
        return self.count * _HOURS[self.unit]

    def __lt__(self, other: Duration) -> bool:
        """Return whether it is shorter; months and days that may be equal (26 weeks and 6 months) never are."""
        if self.unit in _MONTHS and other.unit in _MONTHS:
            return self.count * _MONTHS[self.unit] < other.count * _MONTHS[other.unit]
        if self.unit in _MONTHS or other.unit in _MONTHS:
            return self.hours * _MOST_MONTH_ERROR < other.hours
        return self.hours < other.hours

    def __le__(self, other: Duration) -> bool:
        return not other < self


@dataclass(frozen=True)
class Region:
    """A country or a part of one: its ISO 3166 code ("US-MA", "DE") and its English name."""

    code: str
    name: str


def read_text(text: str) -> str:
    return text


def read_integer(text: str) -> int:
    number = _read_decimal(text, "a whole number", "5")
    if number != number.to_integral_value():
        raise Unreadable(f'"{quote_text(text)}" is not a whole number', "write a number such as 5")
    return int(number)


def read_number(text: str) -> Decimal:
    return _read_decimal(text, "a number", "4.5")


def read_percent(text: str) -> Percent:
    plain = text.strip()
    sign = next((sign for sign in ("%", "percent", "per cent") if plain.lower().endswith(sign)), "")
    if not sign:
        hint = f'write "{plain}%"' if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", plain) else 'write it like "10%"'
        raise Unreadable(f'"{quote_text(text)}" is not a percentage', hint)
    return Percent(_read_decimal(plain[: -len(sign)], "a percentage", "10%", text))


_DOLLAR_CURRENCIES = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BRL")


@cache
def _currency_symbols() -> dict[str, str]:
    """Return currency codes by the symbols we print: "CA$" is CAD, "US$" USD. "$" depends on the deal."""
    from babel import Locale

    found = {"zł": "PLN"}
    for language in ("en_US", "en_GB"):
        for code, symbol in Locale.parse(language).currency_symbols.items():
            if symbol != "$" and not re.search(r"[\d,]", symbol):
                found.setdefault(symbol, code)
    return found


_MONEY = re.compile(
    r"(?P<before>(?:[^\s\d.,+-][^\s\d,+-]*)?)\s*(?P<number>\d[\d.,]*)\s?(?P<kilo>[kK](?![^\W\d]))?\s*(?P<after>\D*)"
)


def read_unit_price(text: str, currency: str) -> UnitPrice:
    """Read what `read_money` reads, with up to four decimals."""
    price = read_money(text, currency, PRICE_DECIMALS)
    return UnitPrice(price.amount, price.currency)


def read_money(text: str, currency: str, decimals: int = 0) -> Money:
    """Read "$5,000", "5000 USD", "EUR 40", "$5k" or a bare number in the deal's `currency`.

    `decimals` may stand behind the point even where the currency has fewer.
    """
    plain = text.strip()
    spaced = next(
        (symbol for symbol in _currency_symbols() if re.search(r"\s", symbol) and plain.startswith(symbol)), ""
    )
    if spaced:
        plain = _currency_symbols()[spaced] + plain[len(spaced) :]  # "F CFA" is one sign
    match = _MONEY.fullmatch(plain) if len(plain) <= 60 else None
    if not match:
        minus = plain[:60].startswith(("-", "−")) or re.search("[$€£][-−]", plain[:60])
        hint = "write the amount without a minus sign" if minus else 'write it like "$5,000" or "5000 USD"'
        raise Unreadable(f'"{quote_text(text)}" is not an amount of money', hint)
    before, after = (_currency_of(match[name], currency, text) for name in ("before", "after"))
    if match["before"] == "$" and after in _DOLLAR_CURRENCIES:
        before = after  # "$5,000 CAD"
    if before and after and before != after:
        raise Unreadable(f'"{quote_text(text)}" names two currencies', 'write it like "5000 USD"')
    amount = _read_decimal(match["number"], "an amount of money", "$5,000", text)
    if match["kilo"]:
        amount *= 1000
    code = before or after or currency
    digits = max(minor_digits(code), decimals)
    if amount != round(amount, digits):
        most = f"{digits} decimals at most" if digits else "no decimals"
        whose = "a price" if decimals else code
        raise Unreadable(f'"{quote_text(text)}" has too many decimals: {whose} has {most}', "round it")
    return Money(amount, code)


def _currency_of(sign: str, currency: str, text: str) -> str:
    """Return the code of a currency's symbol or code ("" for none)."""
    if not sign:
        return ""
    if sign == "$":
        if currency in _DOLLAR_CURRENCIES:
            return currency
        raise Unreadable(
            f'"{quote_text(text)}" is in dollars, but the currency of the deal is {currency}',
            "write the amount with its currency's code, as in 5000 USD",
        )
    if sign == "¥" and currency == "CNY":
        return "CNY"
    if sign == "%":
        raise Unreadable(
            f'"{quote_text(text)}" is a percentage, but an amount of money belongs here', 'write it like "$5,000"'
        )
    if sign in _currency_symbols():
        return _currency_symbols()[sign]
    try:
        return read_currency(sign)
    except Unreadable:
        raise Unreadable(
            f'"{quote_text(sign)}" in "{quote_text(text)}" is not a currency we know',
            'write the amount in figures with the code of its currency, as in "5000 USD"',
        ) from None


def read_currency(text: str) -> str:
    from babel import Locale

    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code) or code not in Locale("en").currencies:
        raise Unreadable(
            f'"{quote_text(text)}" is not the code of a currency', "write its three-letter code, as in USD, EUR or CAD"
        )
    return code


@cache
def currencies_of_country(country: str) -> frozenset[str]:
    """Return the codes of the currencies that a country (ISO 3166, "US") has today; none for one that is not known."""
    from babel.numbers import get_territory_currencies

    return frozenset(get_territory_currencies(country))


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
    plain = text.strip().lower()
    match = re.fullmatch(r"([0-9]{1,5}|[0-9]{1,2},[0-9]{3}|[a-z]{1,9})[\s-]?([a-z]{1,9})", plain)
    if match and (unit := _UNIT_WORDS.get(match[2])):
        figure = match[1].replace(",", "")
        if figure.isdigit() or figure in _NUMBER_WORDS:
            return Duration(_NUMBER_WORDS.get(figure) or int(figure), unit)
    if re.fullmatch(r"[0-9]{1,5}", plain):
        raise Unreadable(f'"{plain}" has no unit', f'write "{plain} days" or "{plain} months"')
    raise Unreadable(f'"{quote_text(text)}" is not a length of time', 'write it like "90 days" or "12 months"')


@cache
def _month_numbers() -> dict[str, int]:
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
        year, month, day = int(match[3]), _month_numbers().get(match[1].lower(), 0), int(match[2])
    elif match := re.fullmatch(r"([0-9]{1,2})\.? ([A-Za-z]{3,9})\.? ([0-9]{4})", plain):
        year, month, day = int(match[3]), _month_numbers().get(match[2].lower(), 0), int(match[1])
    else:
        raise _date_error(plain)
    try:
        value = date(year, month, day)
    except ValueError:
        raise Unreadable(f'"{plain}" is not a day of the calendar', "look at the month and the day") from None
    if not 1950 <= year <= 2150:
        raise Unreadable(f'"{plain}" is in the year {year}', "write a year from 1950 to 2150")
    return value


def _date_error(plain: str) -> Unreadable:
    """Name the days that 12/01/2026 can mean, or the form of a date."""
    meant: list[str] = []
    if match := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", plain):
        first, second, year = (int(part) for part in match.groups())
        for month, day in ((first, second), (second, first)):
            if 1 <= month <= 12 and 1 <= day <= 31 and year:
                meant.append(f'"{year}-{month:02}-{day:02}"')
    meant = list(dict.fromkeys(meant))
    hint = "write " + " or ".join(meant) if meant else 'write year-month-day, as in "2026-12-01"'
    if len(meant) > 1:
        return Unreadable(f'"{plain}" can mean two days, because month and day can change places', hint)
    return Unreadable(f'"{quote_text(plain)}" is not written in a way we read as a date', hint)


_YES_NO_WORDS = {
    "yes": True,
    "y": True,
    "on": True,
    "true": True,
    "no": False,
    "n": False,
    "off": False,
    "false": False,
}


def yes_or_no_word(text: str, words: Collection[str]) -> str:
    """Return "yes" or "no" where `text` says so in any spelling and both are among `words`; "" otherwise."""
    answer = _YES_NO_WORDS.get(text.strip().lower()) if {"yes", "no"} <= set(words) else None
    return "" if answer is None else "yes" if answer else "no"


def read_yes_no(text: str) -> bool:
    answer = _YES_NO_WORDS.get(text.strip().lower())
    if answer is None:
        raise Unreadable(f'"{quote_text(text)}" is neither yes nor no', "write yes or no")
    return answer


def read_email(text: str) -> str:
    """Return an address that has the form of one (RFC 5321 length limits; existence is not checked)."""
    plain = text.strip()
    name, _, host = plain.rpartition("@")
    fits = 0 < len(name) <= 64 and len(plain) <= 254 and "." in host and all(host.split("."))
    if not fits or re.search(r"[@\s<>()\[\],;:\\\"]", name + host) or len(host.rpartition(".")[2]) < 2:
        raise Unreadable(f'"{quote_text(text)}" is not an e-mail address', 'write it like "dana@northshore.example"')
    return plain


def _read_decimal(text: str, what: str, example: str, whole: str = "") -> Decimal:
    """Return a number in ASCII digits; `whole` is the text it stands in, for messages."""
    plain = text.strip()
    said, hint = f'"{quote_text(whole or text)}"', f'write it like "{example}"'
    if len(plain) > 40:
        raise Unreadable(f"{said} is too long to be {what}", hint)
    if not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?", plain):
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})*,[0-9]+", plain) or re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}", plain):
            raise Unreadable(
                f"{said} uses commas or points in another way than we read them",
                "write 1,234.50: a comma between thousands, a point before decimals",
            )
        if re.search(r"[^\W0-9_]", plain) and re.fullmatch(r"[0-9][0-9.,]*", unicodedata.normalize("NFKC", plain)):
            usual = unicodedata.normalize("NFKC", whole or text).strip()
            raise Unreadable(f"{said} is not written in ordinary digits", f'type it again: "{usual}"')
        if plain.startswith(("-", "−")):
            raise Unreadable(f"{said} has a minus sign, which is not read here", hint)
        raise Unreadable(f"{said} is not {what}", hint)
    digits = plain.replace(",", "")
    if len(digits.replace(".", "")) > MAX_DIGITS:
        raise Unreadable(f"{said} has more than {MAX_DIGITS} digits", hint)
    return Decimal(digits)


LANGUAGES = ("en-US", "en-GB")


class Unprintable(Exception):
    """A value that has no printed form of its own (nothing, yes/no, a group)."""


@cache
def _locale_of(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(language, sep="-")


def format_value(value: object, language: str) -> str:
    """Return `value` as it stands in the agreement."""
    match value:
        case Choice():
            return value.printed
        case str():
            return value
        case bool() | None:
            raise Unprintable("nothing" if value is None else "yes/no")
        case Money():
            return format_money(value, language)
        case Percent():
            return format_number(value.number, language) + "%"
        case Duration():
            return format_duration(value, language)
        case Region():
            return value.name
        case date():
            return format_day(value, language)
        case int() | Decimal():
            return format_number(Decimal(value), language)
        case dict() if "short" in value:
            return str(value["short"])
    raise Unprintable(type(value).__name__)


def format_money(value: Money, language: str, cents: bool = False) -> str:
    """Return "$5,000" or "$5,000.50": decimals only where there are any, or always with `cents`."""
    from babel.numbers import format_currency

    whole = value.amount == value.amount.to_integral_value() and not cents
    digits = 0 if whole else minor_digits(value.currency)
    if isinstance(value, UnitPrice):
        digits = max(digits, -int(value.amount.normalize().as_tuple().exponent))
    decimals = "." + "0" * digits if digits else ""
    locale = _locale_of(language)
    return str(format_currency(value.amount, value.currency, f"¤#,##0{decimals}", locale=locale, currency_digits=False))


def format_number(value: Decimal, language: str) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(value, "#,##0.###############", locale=_locale_of(language)))


# A number in words: not part of a date, an address, a code or a telephone number.
_LONG_NUMBER = re.compile(r"(?<![\w.,/#:+–-])[1-9][0-9]{3,14}(?:[-–][1-9][0-9]{3,14})?(?![\w/:–-]|,[0-9])")
_YEAR = re.compile(r"(19|20|21)[0-9]{2}([-–](19|20|21)[0-9]{2})?")
_BEFORE_YEAR = re.compile(r"(?:\b(?:in|by|of|since|until|till|from|before|after|during|to|[A-Z]\w+)|[0-9],) $")

# "ISO 9001", "zip 97214": the number is a name.
_BEFORE_CODE = re.compile(r"\b([A-Z]{2,}|zip|[Nn]o\.?) $")


def group_digits(text: str, language: str) -> str:
    """Return `text` with commas in its long numbers: "9000 visitors" is "9,000 visitors"; years stay as they are."""

    def group(match: re.Match[str]) -> str:
        code = _BEFORE_CODE.search(text[: match.start()])
        if code and code[1] not in _currency_symbols().values():
            return match[0]
        counts = text[match.end() :][:2].lstrip(" ").islower() and not _BEFORE_YEAR.search(text[: match.start()])
        if _YEAR.fullmatch(match[0]) and not counts and match[0] != text:
            return match[0]
        return re.sub("[0-9]+", lambda number: format_number(Decimal(number[0]), language), match[0])

    return _LONG_NUMBER.sub(group, text)


def format_duration(value: Duration, language: str) -> str:
    """Return "90 days", "1 month"."""
    return format_units(value.count, value.unit, language)


def format_units(count: int, unit: str, language: str) -> str:
    from babel.units import format_unit

    return str(format_unit(count, f"duration-{unit}", length="long", locale=_locale_of(language)))


def format_adjective(value: Duration, language: str) -> str:
    """Return "90-day", as in "a 90-day plan"."""
    return f"{format_number(Decimal(value.count), language)}-{value.unit}"


def possessive_of(text: str) -> str:
    """Return "30 days’" or "1 month’s", as in "30 days’ notice"."""
    return text + ("’" if text.endswith("s") else "’s")


def format_day(value: date, language: str) -> str:
    """Return "December 1, 2026" or, in British English, "1 December 2026"."""
    from babel.dates import format_date

    return str(format_date(value, format="long", locale=_locale_of(language)))


def format_short_day(value: date, language: str) -> str:
    """Return "Dec 1, 2026" or, in British English, "1 Dec 2026", for narrow columns."""
    from babel.dates import format_date

    return str(format_date(value, format="medium", locale=_locale_of(language)))


def format_month(value: date, language: str) -> str:
    """Return "December 2026"."""
    from babel.dates import format_date

    return str(format_date(value, format="MMMM yyyy", locale=_locale_of(language)))


def format_enumeration(items: Sequence[str], language: str, word: str = "and") -> str:
    """Return "a, b, and c" as the language writes lists."""
    from babel.lists import format_list

    style: Literal["or", "standard"] = "or" if word == "or" else "standard"
    return str(format_list(list(items), style=style, locale=_locale_of(language)))


def _fold_name(name: str) -> str:
    """Return `name` without case and accents, for looking up."""
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def regions_by_name() -> dict[str, tuple[Region, ...]]:
    """Return every country, and every state or province, by folded name and ISO 3166 code.

    Where a state and a country share a name (Georgia), the name means the state of the United States and
    "Georgia (country)" the country. Two letters that mean both a state and a country (DE, CA) keep both.
    """
    import pycountry

    known: dict[str, tuple[Region, ...]] = {}

    def add(word: str, region: Region, both: bool = False) -> None:
        key = _fold_name(word)
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
    # One law for two of the four countries; ISO 3166-2 has it, the data package leaves it out.
    england_and_wales = Region("GB-EAW", "England and Wales")
    for word in (england_and_wales.name, england_and_wales.code):
        add(word, england_and_wales)
    for part in pycountry.subdivisions:
        region = Region(part.code, part.name)
        add(part.code, region)
        if part.country_code in ("CA", "AU", "GB", "DE", "CH", "MX"):
            add(part.name, region)
    return known


def read_region(text: str) -> Region:
    """Read the name or ISO 3166 code of a state, province or country; a name keeps the spelling it was given."""
    plain = text.strip()
    found = regions_by_name().get(_fold_name(plain), ()) if len(plain) <= 100 else ()
    if not found:
        names = [region.name for known in regions_by_name().values() for region in known]
        raise Unreadable(
            f'"{quote_text(text)}" is not a state, province or country we know',
            suggest_nearest(plain[:100], names) or 'write its name or its ISO code, as in "Massachusetts" or "US-MA"',
        )
    if len(found) > 1:
        raise Unreadable(f'"{plain}" can mean ' + " or ".join(region.name for region in found), "write the whole name")
    region = found[0]
    same_name = _fold_name(plain) == _fold_name(region.name)
    return Region(region.code, plain) if same_name and plain != plain.lower() else region


@cache
def region_codes() -> frozenset[str]:
    """Return the ISO 3166 codes of all countries and their parts."""
    return frozenset(region.code for found in regions_by_name().values() for region in found)


def name_of_region(code: str) -> str:
    """Return a name that `read_region` understands as the region of an ISO 3166 code, or the code itself."""
    same = (region for found in regions_by_name().values() for region in found if region.code == code)
    names = (name for region in same for name in (region.name, f"{region.name} (country)"))
    return next(
        (name for name in names if [r.code for r in regions_by_name().get(_fold_name(name), ())] == [code]), code
    )


@cache
def region_names() -> tuple[str, ...]:
    """Return the names that `read_region` understands, for completing while one types."""
    known = regions_by_name()
    found = {region.name for same in known.values() for region in same}
    return tuple(sorted(name for name in found if len(known.get(_fold_name(name), ())) == 1))

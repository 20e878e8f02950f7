"""The values of facts: what each type is, how it is read from text, and how a language prints it.

A reader takes text, from a file, a table or a prompt, and returns a frozen value or raises Unreadable with a sentence
and a hint. Numbers are Decimal, never float. Digits are ASCII digits only: Decimal alone would take full-width digits,
1_000, 1e2 and NaN. Values are printed in a language (BCP 47 tag: "en-US" or "en-GB") by Babel. Places are read in
core/places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from agreementgen.core import readings
from agreementgen.core.currencies import DOLLAR_CURRENCIES, known_currencies, minor_digits
from agreementgen.core.problems import quote_text

if TYPE_CHECKING:
    from babel import Locale

MAX_DIGITS = 15
# One agreement prints the same values many times, each time it is drafted and proofread, and Babel works them out anew.
_MOST_PRINTED = 4_096


class Unreadable(Exception):
    """The text is not a value of its type: `message` says why, `hint` what to write instead, `code` as in Problem.

    `readings` are what the text may mean, each in a spelling that is read: a prompt offers them. Without a hint of its
    own an error names them in its hint.
    """

    def __init__(self, message: str, hint: str = "", *, readings: Sequence[str] = (), code: str = "unreadable") -> None:
        super().__init__(message)
        self.message = message
        self.readings = tuple(dict.fromkeys(readings))
        self.hint = hint or ("write " + " or ".join(f'"{reading}"' for reading in self.readings) if readings else "")
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
    plain = text.strip()
    number = _read_decimal(plain, "a whole number", "5", thousands_point=True)
    if number != number.to_integral_value():
        raise Unreadable(f'"{quote_text(text)}" is not a whole number', "write a number such as 5")
    return int(number)


def read_number(text: str) -> Decimal:
    return _read_decimal(text, "a number", "4.5", thousands_point=True)


_PERCENT_SIGN = re.compile(r"\s*(?:%|per ?cent|pct\.?)$", re.IGNORECASE)


def read_percent(text: str) -> Percent:
    plain = text.strip()
    sign = _PERCENT_SIGN.search(plain) if len(plain) <= 60 else None
    number = plain[: sign.start()] if sign else plain
    meant = readings.list_percentages(plain) if len(plain) <= 60 else []
    if not sign or not re.fullmatch(r"[0-9.]+|[0-9]{1,3}(,[0-9]{3})+", number):
        if meant:
            raise Unreadable(f'"{quote_text(text)}" is not a percentage', readings=meant)
        if not sign:
            raise Unreadable(f'"{quote_text(text)}" is not a percentage', 'write it like "10%"')
    return Percent(_read_decimal(number, "a percentage", "10%", text))


_MONEY = re.compile(
    r"(?P<before>(?:[^\s\d.,+-][^\s\d,+-]*)?)\s*(?P<number>\d[\d.,]*)"
    r"\s?(?P<scale>[kK](?![^\W\d])|(?:thousand|million|billion)\b)?\s*(?P<after>\D*)"
)


_SCALES = {"k": 1_000, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


def read_unit_price(text: str, currency: str) -> UnitPrice:
    """Read what `read_money` reads, with up to four decimals."""
    price = read_money(text, currency, PRICE_DECIMALS)
    return UnitPrice(price.amount, price.currency)


def read_money(text: str, currency: str, decimals: int = 0) -> Money:
    """Read "$5,000", "5000 USD", "EUR 40", "$5k", "5000 dollars" or a bare number in the deal's `currency`.

    A point before exactly three digits is refused: where commas separate decimals it separates thousands. `decimals`
    may stand behind the point even where the currency has fewer.
    """
    try:
        return _read_clear_money(text, currency, decimals)
    except Unreadable as error:
        if error.readings:
            raise
        meant = readings.list_amounts(text, currency, minor_digits(currency)) if len(text) <= 60 else []
        meant = [reading for reading in meant if _is_money(reading, currency)]
        if not meant:
            raise
        raise Unreadable(error.message, readings=meant, code=error.code) from None


def _hint_on_money(currency: str) -> str:
    return 'write it like "$5,000" or "5000 USD"' if currency == "USD" else f'write it like "5000 {currency}"'


def _is_money(text: str, currency: str) -> bool:
    try:
        return bool(_read_clear_money(text, currency))
    except Unreadable:
        return False


def _read_clear_money(text: str, currency: str, decimals: int = 0) -> Money:
    plain = text.strip()
    symbols = known_currencies().codes_by_symbol
    spaced = next((symbol for symbol in symbols if plain.startswith(symbol) and re.search(r"\s", symbol)), "")
    if spaced:
        plain = symbols[spaced] + plain[len(spaced) :]  # "F CFA" is one sign
    match = _MONEY.fullmatch(plain) if len(plain) <= 60 else None
    if not match:
        minus = plain[:60].startswith(("-", "−")) or re.search("[$€£][-−]", plain[:60])
        hint = "write the amount without a minus sign" if minus else _hint_on_money(currency)
        raise Unreadable(f'"{quote_text(text)}" is not an amount of money', hint)
    before, after = (_currency_of(match[name], currency, text) for name in ("before", "after"))
    if match["before"] == "$" and after in DOLLAR_CURRENCIES:
        before = after  # "$5,000 CAD"
    if before and after and before != after:
        raise Unreadable(f'"{quote_text(text)}" names two currencies', 'write it like "5000 USD"')
    code = before or after or currency
    digits = max(minor_digits(code), decimals)
    amount = _read_decimal(
        match["number"], "an amount of money", f"5000 {code}", text, thousands_point=True, most_decimals=digits
    )
    if match["scale"]:
        amount *= _SCALES[match["scale"].lower()]
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
        if currency in DOLLAR_CURRENCIES:
            return currency
        raise Unreadable(
            f'"{quote_text(text)}" is in dollars, but the currency of the deal is {currency}',
            "write the amount with its currency's code, as in 5000 USD",
        )
    if sign == "¥" and currency == "CNY":
        return "CNY"
    if sign == "%":
        raise Unreadable(
            f'"{quote_text(text)}" is a percentage, but an amount of money belongs here', _hint_on_money(currency)
        )
    if sign in known_currencies().codes_by_symbol:
        return known_currencies().codes_by_symbol[sign]
    if word := readings.CURRENCY_WORDS.get(sign.strip(" .").lower()):
        return _currency_of(word, currency, text) if word == "$" else word
    try:
        return read_currency(sign)
    except Unreadable:
        raise Unreadable(
            f'"{quote_text(sign)}" in "{quote_text(text)}" is not a currency we know',
            'write the amount in figures with the code of its currency, as in "5000 USD"',
        ) from None


def read_currency(text: str) -> str:
    code = text.strip().upper()
    if code not in known_currencies().codes:
        raise Unreadable(
            f'"{quote_text(text)}" is not the code of a currency', "write its three-letter code, as in USD, EUR or CAD"
        )
    return code


_UNIT_WORDS = {
    spelled: unit
    for unit, words in {
        "hour": "h hr hrs hour hours", "day": "d day days", "week": "w wk wks week weeks",
        "month": "mo mos mth mths mon month months", "year": "y yr yrs year years",
    }.items()
    for spelled in words.split()
}  # fmt: skip
_LENGTH = re.compile(r"(?P<count>[0-9]{1,5}|[0-9]{1,2},[0-9]{3}|[a-z][a-z -]{0,30}?)[\s-]?(?P<unit>[a-z]{1,9})")


def read_duration(text: str) -> Duration:
    """Read "90 days", "a year", "24 h", "thirty (30) days"; a bare number has no unit and is refused."""
    plain = " ".join(text[:80].lower().split()).removesuffix(".")
    said = re.sub(r"^([a-z][a-z -]{0,30}?|[0-9]{1,5}) \(([a-z -]{1,30}|[0-9]{1,5})\) ", r"\1 ", plain)
    if match := _LENGTH.fullmatch(said):
        unit, count = _UNIT_WORDS.get(match["unit"]), _read_count(match["count"])
        in_brackets = re.search(r"\((.+)\)", plain)
        if unit and count is not None and (not in_brackets or _read_count(in_brackets[1]) == count):
            return Duration(count, unit)
    if re.fullmatch(r"[0-9]{1,5}", plain):
        raise Unreadable(f'"{plain}" has no unit', readings=readings.list_durations(plain))
    hint = "" if readings.list_durations(plain) else 'write it like "90 days" or "12 months"'
    message = f'"{quote_text(text)}" is not a length of time'
    raise Unreadable(message, hint, readings=readings.list_durations(plain))


def _read_count(text: str) -> int | None:
    """Return a count in figures or words, "a" is one."""
    figure = text.replace(",", "")
    if figure.isdigit():
        return int(figure)
    return 1 if figure in ("a", "an") else readings.number_in_words(figure)


def read_date(text: str, today: date | None = None) -> date:
    """Read 2026-12-01, "December 1, 2026" or "1 December 2026"; 12/01/2026 is ambiguous and refused.

    `today` lets a day without a year be refused with the next such day as its reading.
    """
    plain = text.strip()
    if len(plain) > 60:
        raise _date_error(plain, None)
    if match := re.fullmatch(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", plain):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    else:
        name, day_text, year_text = readings.split_day(plain)
        month = readings.month_numbers().get(name, 0)
        if not (name and day_text and len(year_text) == 4) or (not month and readings.list_days(plain, today)):
            raise _date_error(plain, today)
        year, day = int(year_text), int(day_text)
    try:
        value = date(year, month, day)
    except ValueError:
        raise Unreadable(f'"{plain}" is not a day of the calendar', "look at the month and the day") from None
    if not 1950 <= year <= 2150:
        raise Unreadable(f'"{plain}" is in the year {year}', "write a year from 1950 to 2150")
    weekday = readings.weekday_of(plain)
    if weekday is not None and weekday != value.weekday():
        raise Unreadable(f'"{plain}" is no such day of the week', "look at the day, or leave the weekday out")
    return value


def _date_error(plain: str, today: date | None) -> Unreadable:
    """Name the days that 12/01/2026 can mean, or the form of a date."""
    meant = [day.isoformat() for day in readings.list_days(plain, today)] if len(plain) <= 60 else []
    if len(meant) > 1 and re.match(r"[0-9]+\s?[/.-]", plain):
        return Unreadable(f'"{plain}" can mean two days, because month and day can change places', readings=meant)
    message = f'"{quote_text(plain)}" is not written in a way we read as a date'
    if meant:
        return Unreadable(message, readings=meant)
    name, day, year = readings.split_day(plain[:60])
    if name in readings.month_numbers() and day and not year:
        example = date(readings.EXAMPLE_YEAR, readings.month_numbers()[name], min(int(day), 28) or 1)
        return Unreadable(message, f'add its year, as in "{format_day(example, "en-US")}"')
    return Unreadable(message, 'write year-month-day, as in "2026-12-01"')


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
        # Of an address with something around it; a long text is none, and would take long to search.
        around = re.compile(r"(?:^|<|mailto:)([^\s<>:,;()]+@[^\s<>:,;()]+\.[a-z]{2,})>?$", re.IGNORECASE)
        bare = around.search(plain) if len(plain) <= 300 else None
        readings = [bare[1]] if bare and bare[1] != plain else []
        hint = f'write "{bare[1]}"' if bare and readings else 'write it like "dana@northshore.example"'
        raise Unreadable(f'"{quote_text(text)}" is not an e-mail address', hint, readings=readings)
    return plain


def _read_decimal(
    text: str, what: str, example: str, whole: str = "", *, thousands_point: bool = False, most_decimals: int = 9
) -> Decimal:
    """Return a number in ASCII digits; `whole` is the text it stands in, for messages.

    `thousands_point`: a point before exactly three digits may separate thousands, so it is refused.
    """
    plain = text.strip()
    said, hint = f'"{quote_text(whole or text)}"', f'write it like "{example}"'
    if len(plain) > 40:
        raise Unreadable(f"{said} is too long to be {what}", hint)
    is_unclear = thousands_point and bool(re.fullmatch(r"(?!0\.)[0-9,]+\.[0-9]{3}", plain))
    is_number = re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?", plain)
    if is_unclear or not is_number:
        decimals = 0 if what == "a whole number" else most_decimals
        meant = [(whole or plain).replace(plain, number, 1) for number in readings.list_numbers(plain, decimals)]
        if meant and is_unclear:
            message = f"{said} has a point before three digits, which can separate thousands or decimals"
            raise Unreadable(message, readings=[reading.strip() for reading in meant])
        if meant:
            raise Unreadable(
                f"{said} uses commas or points in another way than we read them",
                f'write "{meant[0].strip()}": a comma between thousands, a point before decimals',
                readings=[reading.strip() for reading in meant],
            )
        if (count := readings.number_in_words(plain)) is not None:
            raise Unreadable(f"{said} is not {what}", readings=[f"{count:,}"])
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
            return format_percent(value, language)
        case Duration():
            return format_duration(value, language)
        case Region():
            return name_place(value, language)
        case date():
            return format_day(value, language)
        case int() | Decimal():
            return format_number(Decimal(value), language)
        case dict() if "short" in value:
            return str(value["short"])
    raise Unprintable(type(value).__name__)


@lru_cache(_MOST_PRINTED)
def format_money(value: Money, language: str, cents: bool = False) -> str:
    """Return "$5,000" or "$5,000.50": decimals only where there are any, or always with `cents`."""
    from babel.numbers import format_currency

    whole = value.amount == value.amount.to_integral_value() and not cents
    digits = 0 if whole else minor_digits(value.currency)
    if isinstance(value, UnitPrice):
        digits = max(digits, -int(value.amount.normalize().as_tuple().exponent))
    decimals = "." + "0" * digits if digits else ""
    locale = _locale_of(language)
    # The sign stands where the language has it: "$5,000", "5.000 €".
    pattern = re.sub(r"#[#,0]*(?:\.[0#]+)?", f"#,##0{decimals}", locale.currency_formats["standard"].pattern)
    return str(format_currency(value.amount, value.currency, pattern, locale=locale, currency_digits=False))


@lru_cache(_MOST_PRINTED)
def format_percent(value: Percent, language: str) -> str:
    """Return "7.5%", or "7,5 %" where the language writes it so."""
    from babel.numbers import format_percent as format_share

    return str(format_share(value.number / 100, locale=_locale_of(language), decimal_quantization=False))


def name_place(value: Region, language: str) -> str:
    """Return a state or country as the language names it, where Babel knows: it has the names of countries."""
    if language.startswith("en"):
        return value.name
    return str(_locale_of(language).territories.get(value.code) or value.name)


@lru_cache(_MOST_PRINTED)
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
        if code and code[1] not in known_currencies().codes_by_symbol.values():
            return match[0]
        counts = text[match.end() :][:2].lstrip(" ").islower() and not _BEFORE_YEAR.search(text[: match.start()])
        if _YEAR.fullmatch(match[0]) and not counts and match[0] != text:
            return match[0]
        return re.sub("[0-9]+", lambda number: format_number(Decimal(number[0]), language), match[0])

    return _LONG_NUMBER.sub(group, text)


def format_duration(value: Duration, language: str) -> str:
    """Return "90 days", "1 month"."""
    return format_units(value.count, value.unit, language)


@lru_cache(_MOST_PRINTED)
def format_units(count: int, unit: str, language: str) -> str:
    from babel.units import format_unit

    return str(format_unit(count, f"duration-{unit}", length="long", locale=_locale_of(language)))


def format_adjective(value: Duration, language: str) -> str:
    """Return "90-day", as in "a 90-day plan"."""
    return f"{format_number(Decimal(value.count), language)}-{value.unit}"


def possessive_of(text: str) -> str:
    """Return "30 days’" or "1 month’s", as in "30 days’ notice"."""
    return text + ("’" if text.endswith("s") else "’s")


@lru_cache(_MOST_PRINTED)
def format_day(value: date, language: str) -> str:
    """Return "December 1, 2026" or, in British English, "1 December 2026"."""
    from babel.dates import format_date

    return str(format_date(value, format="long", locale=_locale_of(language)))


@lru_cache(_MOST_PRINTED)
def format_short_day(value: date, language: str) -> str:
    """Return "Dec 1, 2026" or, in British English, "1 Dec 2026", for narrow columns."""
    from babel.dates import format_date

    return str(format_date(value, format="medium", locale=_locale_of(language)))


@lru_cache(_MOST_PRINTED)
def format_month(value: date, language: str) -> str:
    """Return "December 2026"."""
    from babel.dates import format_date

    return str(format_date(value, format="MMMM yyyy", locale=_locale_of(language)))


def format_enumeration(items: Sequence[str], language: str, word: str = "and") -> str:
    """Return "a, b, and c" as the language writes lists."""
    from babel.lists import format_list

    style: Literal["or", "standard"] = "or" if word == "or" else "standard"
    return str(format_list(list(items), style=style, locale=_locale_of(language)))

"""Hypothesis strategies for one answer: how people may type it, and how it must then stand in the agreement.

Nothing of the program's own readers and formats is used here: they are what is tested.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pycountry
from hypothesis import strategies as st

from agreementgen.deal.questions import Limits, Question


class Percentage(Decimal):
    """A fact in percent: conditions ask whether it is one, and whether it is positive."""


@dataclass(frozen=True)
class Spelled:
    """What is `typed`, the `fact` it gives to conditions, and the forms of which one must be `printed` (none: none)."""

    typed: Any
    fact: Any
    printed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What the spelling of an answer depends on; `parties` are short names. `plain`: no odd capitals, no other yes."""

    currency: str
    language: str
    parties: tuple[str, ...] = ()
    plain: bool = False


_PLAIN = """shop design audits websites local repair of the and for each river fresh bread tools training weekly clients
new offers print flyers spring fair visits calls support north harbor lane boats coffee roasting delivery boxes within
one two days quality reports growth teams hours service partner maps goods orders care studio bakery garden"""
_AWKWARD = r"""R&D O'Brien "quoted" ‘single’ “double” <b> </w:t> a<b b>c &amp; &#65; {{name}} {%raw%} {#x#} ${x} {0} %s 100%
#4 C# **bold** _it_ `code` [a](http://b) ![x](y) a|b \n \\ ~tilde^ 1. (a) -5 a/b @home =SUM(A1) !x ?why naïve Zoë Łódź
Ærø Größe İstanbul élan Ωmega Москва don’t 50–60 wait… ½ 20°C §4 №7 007 02110 1,000 1e5 yes No null: true x: [x] x,y; a'b
Inc. U.S. e.g. etc. NULL 0x1F +1 *star &anchor !!str |pipe >fold ---x %d"""
PLAIN, AWKWARD = _PLAIN.split(), _AWKWARD.split()
LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "https://www.example.com/a/long/path?x=1&y=2#part",
    "Pneumonoultramicroscopicsilicovolcanoconiosis",
    "one-hundred-and-twenty-three-and-a-half",
    "0123456789" * 7,
    "https://files.example.com/" + "a-very-long-folder/" * 4,
)
WORD = st.integers(0, 99).flatmap(
    lambda n: st.sampled_from(PLAIN if n < 78 else AWKWARD if n < 98 else LONG) if n else st.just("A")
)


@st.composite
def texts(draw: st.DrawFn, characters: int = 0, words: int = 0, most: int = 0) -> str:
    """Return a text within the limits of its question (0: none), usually of few words."""
    full, room = words or 40, min(words or 12, most or 12)
    sort = draw(st.integers(0, 30))
    count = draw(st.integers(1, min(room, 5))) if sort < 25 else room if sort < 30 or most else full
    found = draw(st.lists(WORD, min_size=count, max_size=count))
    if count > 2:
        found[0] += draw(st.sampled_from(("", "", "", ",", ";", ":")))
        found[-1] += draw(st.sampled_from(("", "", "", "", ".", "!", "?")))
    limit = min(characters or 1000, 600)
    while len(" ".join(found)) > limit and len(found) > 1:
        found.pop()
    return " ".join(found)[:limit].strip()


# -- regions

# As people say what the data sorts by its last word.
_NATURAL = {
    "Congo, The Democratic Republic of the": "The Democratic Republic of the Congo",
    "Micronesia, Federated States of": "Federated States of Micronesia",
    "Palestine, State of": "State of Palestine",
    "Virgin Islands, British": "British Virgin Islands",
    "Virgin Islands, U.S.": "U.S. Virgin Islands",
}
# Codes of Åland and India, and what people write for Alabama and Indiana.
_SEVERAL = ("ALA", "IND")
_STATES = sorted(
    (_NATURAL.get(part.name, part.name), part.code) for part in pycountry.subdivisions if part.country_code == "US"
)
_TWO = {part.code[3:] for part in pycountry.subdivisions if part.country_code in ("US", "CA", "AU")}
_COUNTRIES = sorted(
    (_NATURAL.get(name, name), country.alpha_3, country.alpha_2)
    for country in pycountry.countries
    for name in (getattr(country, "common_name", country.name),)
)
_STATE_NAMES = {name for name, _ in _STATES}
# What is typed, and the name that is printed for it. A name that is both a state and a country means the state.
REGIONS = [
    *((name, name) for name, _ in _STATES),
    *((code, name) for name, code in _STATES),
    *((name.lower(), name) for name, _ in _STATES),
    *((name, name) for name, _, _ in _COUNTRIES),
    *((three, name) for name, three, _ in _COUNTRIES if three not in _SEVERAL),
    *((two, name) for name, _, two in _COUNTRIES if two not in _TWO),
    *((f"{name} (country)", name) for name, _, _ in _COUNTRIES if name in _STATE_NAMES),
]

# Countries whose parts have laws of their own, and those without a register of companies of their own.
LAWS = [pair for pair in REGIONS if pair[1] not in ("United States", "United Kingdom", "Canada", "Australia")]
HOMES = [pair for pair in REGIONS if pair[1] not in ("United States", "United Kingdom")]
VENUES = (
    "Essex County, Massachusetts",
    "Toronto, Ontario",
    "Saint John's County, Florida",
    "New York City",
    "the Commercial Court of Vienna",
    "Zürich, Switzerland",
)


# -- figures

SYMBOLS = {
    "USD": ("$", "US$"),
    "EUR": ("€", "€"),
    "GBP": ("£", "£"),
    "CAD": ("CA$", "CA$"),
    "JPY": ("¥", "JP¥"),
    "CHF": ("CHF", "CHF"),
}
HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8766}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@st.composite
def money(draw: st.DrawFn, setting: Setting) -> Spelled:
    code = setting.currency if draw(st.integers(0, 19)) else draw(st.sampled_from(sorted(SYMBOLS)))
    whole = draw(st.integers(1, 99)) * 10 ** draw(st.integers(0, 5))
    cents = draw(st.sampled_from(("", "", "", ".50", ".07", ".00"))) if code != "JPY" else ""
    symbol = SYMBOLS[code][setting.language == "en-GB"]
    forms = [f"{whole:,}{cents} {code}", f"{code} {whole:,}{cents}", f"{whole}{cents}{code.lower()}"]
    # "$" alone is the deal's dollar; another one has its code.
    signs = {"USD": "$" if setting.currency == "USD" else "US$", "EUR": "€", "GBP": "£", "JPY": "¥"}
    signs["CAD"] = "$" if setting.currency == "CAD" else "CA$"
    if code in signs:
        forms += [f"{signs[code]}{whole:,}{cents}", f"{signs[code]} {whole}{cents}"]
        if whole % 1000 == 0 and not cents:
            forms.append(f"{signs[code]}{whole // 1000}k")
    if code == setting.currency:
        forms += [f"{whole}{cents}", f"{whole:,}{cents}"]
    typed = draw(st.sampled_from(forms))
    return Spelled(typed, typed, (f"{symbol}{whole:,}{cents if cents != '.00' else ''}",))


@st.composite
def percent(draw: st.DrawFn, limits: Limits) -> Spelled:
    least, most = (int(Decimal(text.rstrip("%")) * 100) if text else usual for text, usual in _span(limits, 0, 10_000))
    step = draw(st.sampled_from((1000, 500, 100, 50, 25, 1)))
    number = Decimal(max(least, min(most, draw(st.integers(least // step, most // step)) * step))) / 100
    figure = f"{number.normalize():f}"
    sign = draw(st.sampled_from(("%", "%", " %", " percent", " per cent")))
    return Spelled(figure + sign, Percentage(number), (f"{figure}%",) if number else ())


@st.composite
def integer(draw: st.DrawFn, limits: Limits) -> Spelled:
    least, most = (int(text) if text else usual for text, usual in _span(limits, 0, 1_000_000))
    top = min(most, draw(st.sampled_from((9, 99, 9_999, 9_999_999))))
    number = draw(st.integers(least, max(least, top)))
    typed = draw(st.sampled_from((str(number), f"{number:,}", f"{number:03}")))
    return Spelled(typed, number, (f"{number:,}",))


class Span(Decimal):
    """A length of time in hours. A month has no exact length, so what is nearly as long counts as just as long."""

    def __ge__(self, other: Any) -> bool:
        return Decimal(self) * Decimal("1.05") >= Decimal(other)


@st.composite
def duration(draw: st.DrawFn, limits: Limits, plain: bool) -> Spelled:
    least, most = (hours_of(text) if text else usual for text, usual in _span(limits, 24, 17_280))
    spans = {unit: (-(-least // size), most // size) for unit, size in HOURS.items()}
    unit = draw(st.sampled_from([unit for unit, (low, high) in spans.items() if low <= high]))
    low, high = spans[unit]
    # Nobody writes 2,160 hours where 90 days are meant; but a length of time in days may be long.
    count = draw(st.integers(low, max(low, min(high, 100 if unit == "hour" else 1_200))))
    name = unit if count == 1 else f"{unit}s"
    forms = [f"{count} {name}", f"{count} {name}", f"{count}-{unit}", f"{count}{name}", f"{count:,} {name}"]
    forms += [] if plain else [f"{count} {name.upper()}"]
    if 1 <= count <= 12:
        forms.append(f"{_NUMBERS[count - 1]} {name}")
    said = f"{count:,} {name}"
    printed = (said, f"{count:,}-{unit}", f"{said}’" if said.endswith("s") else f"{said}’s")
    # Conditions compare lengths of time, whatever their units.
    return Spelled(draw(st.sampled_from(forms)), Span(count * HOURS[unit]), printed if count else ())


@st.composite
def days(draw: st.DrawFn, setting: Setting, narrow: bool = False) -> Spelled:
    """Return a date; `narrow` prints the month with three letters."""
    day = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 4_000)))
    month, short = day.strftime("%B"), day.strftime("%b")
    forms = (
        day.isoformat(), f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", f"{short} {day.day} {day.year}",
    )  # fmt: skip
    british = setting.language == "en-GB"
    if narrow:
        month = "Sept" if british and day.month == 9 else short
    printed = f"{day.day} {month} {day.year}" if british else f"{month} {day.day}, {day.year}"
    return Spelled(draw(st.sampled_from(forms)), day.isoformat(), (printed,))


def _span(limits: Limits, least: int, most: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return (limits.least, least), (limits.most, most)


def hours_of(text: str) -> int:
    count, unit = text.split()
    return int(count) * HOURS[unit.rstrip("s")]


@st.composite
def email(draw: st.DrawFn) -> str:
    name = draw(
        st.sampled_from(("dana", "o'brien", "a.b+notices", "x_y-z", "info", "zoë", "very.long.name.of.a.person"))
    )
    return f"{name}@{draw(st.sampled_from(('shop.example', 'mail.shop-nine.example', 'a.b.c.example')))}"


def scalar(question: Question, setting: Setting) -> st.SearchStrategy[Spelled]:
    """Return the answers to a question of one value, but not the words it takes besides its type."""
    limits = question.limits
    match question.type.name:
        case "text":
            return texts(limits.characters, limits.words).map(lambda text: Spelled(text, text, said(text)))
        case "choice":
            choices = st.sampled_from(sorted(question.choices or {}))
            return choices.map(lambda word: Spelled(word, word)) if setting.plain else choices.flatmap(_choice)
        case "yes/no":
            words = [("yes", True), ("no", False), ("Yes", True), ("NO", False), ("true", True), ("off", False)]
            return st.sampled_from(words[:2] if setting.plain else words).map(lambda pair: Spelled(*pair))
        case "integer" | "number":
            return integer(limits)
        case "percent":
            return percent(limits)
        case "money" | "unit price":
            return money(setting)
        case "number or money":
            return integer(limits)
        case "percent or money":
            # A bare number could be either, and is refused.
            return st.one_of(
                percent(limits), money(setting).filter(lambda found: bool(re.search(r"[^\d.,]", found.typed)))
            )
        case "duration":
            return duration(limits, setting.plain)
        case "date":
            return days(setting)
        case "region":
            return st.sampled_from(REGIONS).map(lambda pair: Spelled(pair[0], pair[1], (pair[1],)))
        case "law":
            return st.sampled_from(LAWS).map(lambda pair: Spelled(pair[0], pair[1], (pair[1],)))
        case "home of company":
            return st.sampled_from(HOMES).map(lambda pair: Spelled(pair[0], pair[1], (pair[1],)))
        case "venue":
            return st.sampled_from(VENUES).map(lambda text: Spelled(text, text, (text,)))
        case "currency":
            return st.sampled_from(sorted(SYMBOLS)).map(lambda code: Spelled(code, code))
        case "email":
            return email().map(lambda text: Spelled(text, text, (text,)))
        case "party":
            return st.sampled_from(setting.parties).map(lambda short: Spelled(short, short))
    raise AssertionError(f"no strategy for questions of type {question.type}")


def _choice(word: str) -> st.SearchStrategy[Spelled]:
    return st.sampled_from((word, word, word, word.upper())).map(lambda typed: Spelled(typed, word))


def said(text: str) -> tuple[str, ...]:
    """Return the forms of a text in an agreement: a clause may drop its last full stop."""
    return (text, text[:-1]) if re.search(r"[^.]\.$", text) else (text,)

"""What a text that is not clear may mean: spellings that the readers of core/values take, for people to choose from.

Nothing here decides. A prompt offers the readings, a message about a file names them; so every function returns a
list, which is empty where nobody could say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cache

from agreementgen.core.problems import find_nearest

# -- texts that hedge

_HEDGE_BEFORE = re.compile(
    r"(?:(?:i (?:think|guess)|it'?s|we said|let'?s say|say|like|just|about|around|approx(?:\.|imately)?|roughly|circa|"
    r"ca\.?|maybe|perhaps|probably|nearly|almost|likely|usually|some(?: ?time)?(?: in| around)?)\b[.,:]?|[~≈])\s*",
    re.IGNORECASE,
)
_HEDGE_BEHIND = re.compile(
    r"(?:[\s,]+(?:or so|or thereabouts|i (?:think|guess)|(?:if )?possibl[ey]|probably|maybe|perhaps|roughly|approx\.?|"
    r"ish|more or less|give or take)|-?ish|\s*[?!]+)$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:between |from )?(?P<low>[^\s\d]?\d[\d.,]*|[^-–—]+?)"
    r"(?:\s*[–—]\s*|(?<=\d)\s*-\s*|\s+-\s+|\s+(?:to|or|and|till|until)\s+)"
    r"(?P<high>\S.*)",
    re.IGNORECASE,
)


def list_clearer(text: str) -> list[str]:
    """Return what is left of "around 10%, I think" without its hedges, or both ends of a range ("5 to 10%")."""
    plain = text.strip()
    while match := _HEDGE_BEFORE.match(plain) or _HEDGE_BEHIND.search(plain):
        plain = (plain[: match.start()] + plain[match.end() :]).strip(" ,")
    if match := _RANGE.fullmatch(plain):
        low, high = match["low"].strip(), match["high"].strip()
        if re.fullmatch(r"[\d.,]+", low) or low.lower() in _SMALL_WORDS:
            # The unit of the second number is the first one's, too.
            unit = re.sub(r"^(?:[\d.,]+|[a-z]+(?=\s))", "", high, flags=re.IGNORECASE)
            low += unit.removesuffix("s") if low.lower() in ("1", "one", "a", "an") else unit
        elif named := re.fullmatch(r"([a-z]{3,10}\.? )\d{1,2}", low, re.IGNORECASE):
            # "Jan 15 or 16".
            high = named[1] + high if high[0].isdigit() else high
        elif not low[:1].isalnum() and high.isdigit():
            high = low[0] + high
        return [low, high]
    return [plain] if plain and plain != text.strip() else []


# -- numbers

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90
}  # fmt: skip
_SMALL_WORDS = {word: number for number, word in enumerate(_ONES)} | _TENS | {"a": 1, "an": 1}
_LARGE_WORDS = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_MOST_WORDS = 16


def number_in_words(text: str) -> int | None:
    """Return the number that English words say ("twelve hundred and fifty"), None for any other text."""
    words = re.split(r"[\s-]+", text.strip().lower().replace(",", " "))
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    whole, part, last = 0, 0, ""
    for word in words:
        if word == "and" and part + whole:
            continue
        if word in _SMALL_WORDS:
            number = _SMALL_WORDS[word]
            # "twenty five" is 25, "five twenty" nothing.
            if last in _SMALL_WORDS and not (last in _TENS and 0 < number < 10 and word not in ("a", "an")):
                return None
            part += number
        elif word == "hundred" and 0 < part < 100:
            part *= 100
        elif word in _LARGE_WORDS and part and (whole == 0 or whole >= 1000 * _LARGE_WORDS[word]):
            whole, part = whole + part * _LARGE_WORDS[word], 0
        else:
            return None
        last = word
    return None if last in ("a", "an") else whole + part


def list_numbers(text: str, most_decimals: int) -> list[str]:
    """Return what digits with points, commas, spaces and apostrophes may mean, with commas between thousands.

    A point before exactly three digits separates thousands in one half of the world and decimals in the other.
    """
    found = []
    plain = re.sub(r"(?<=\d)['’ \u00a0\u202f](?=\d{3}(?!\d))", ",", text.strip())
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", plain) and plain != text.strip():
        found.append(plain)
    elif re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", plain):
        found += [plain.replace(".", ","), _write_decimals(plain)]
    elif re.fullmatch(r"[0-9]+(,[0-9]{3})*\.[0-9]{3}", plain):
        found.append(_write_decimals(plain))
    elif re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3}){2,}", plain):
        found.append(plain.replace(".", ","))
    elif match := re.fullmatch(r"([0-9]{1,3}(?:[.,][0-9]{3})*|[0-9]+),([0-9]{1,2})", plain):
        found.append(f"{match[1].replace('.', ',')}.{match[2]}")
    return [
        number for number in found if len(number.rpartition(".")[2].rstrip("0")) <= most_decimals or "." not in number
    ]


def _write_decimals(number: str) -> str:
    """Return a number with three decimals so that nobody takes them for thousands: "1.50", "1.2340", "2"."""
    whole, _, decimals = number.partition(".")
    kept = decimals.rstrip("0")
    return f"{whole}.{kept.ljust(2, '0') if len(kept) < 3 else kept + '0'}" if kept else whole


_FRACTIONS = {
    "half": "50%", "third": "33.33%", "quarter": "25%", "fourth": "25%", "fifth": "20%", "tenth": "10%", "all": "100%",
    "everything": "100%", "nothing": "0%", "none": "0%",
}  # fmt: skip


def list_percentages(text: str) -> list[str]:
    """Return the percentages that a text may mean: "0.1" of a spreadsheet is 10 % or a tenth of one."""
    # Asked for a percentage a month, people say so.
    text = re.sub(r"\s+(?:(?:a|per|each|every) month|monthly)\s*$", "", text, flags=re.IGNORECASE)
    plain = re.sub(r"\s*(?:%|per\s?cent(?:age)?|pct\.?|percents)\s*", "", text.strip().lower()).strip()
    has_sign = plain != text.strip().lower()
    if re.fullmatch(r"[0-9]{1,3},[0-9]{1,4}", plain):
        plain = plain.replace(",", ".")
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", plain):
        number = Decimal(plain)
        fraction = [f"{(number * 100).normalize():f}%"] if not has_sign and "." in plain and 0 < number < 1 else []
        return [*fraction, f"{plain}%"] if number <= 100 else []
    if match := re.fullmatch(r"([1-9][0-9]?)\s?/\s?([1-9][0-9]{0,2})", plain):
        share = Decimal(match[1]) / Decimal(match[2]) * 100
        return [f"{round(share, 2).normalize():f}%"] if share < 100 else []
    word = re.sub(r"^(?:a|an|one|the)[\s-]+", "", plain)
    if word in _FRACTIONS and (not has_sign or word == "nothing"):
        return [_FRACTIONS[word]]
    count = number_in_words(plain)
    return [f"{count}%"] if count is not None and count <= 100 else []


_A_YEAR = re.compile(
    r"\s*(?:(?:/|\b(?:a|per|each|every)\s+|\bp\.?\s*)(?:year|yr|annum|a)\b\.?|\b(?:yearly|annually|annual)\b)\s*$",
    re.IGNORECASE,
)


def percent_of_year(text: str) -> Decimal | None:
    """Return the 18 of "18% a year", None where a text says no percentage by the year."""
    found = _A_YEAR.search(text)
    readings = list_percentages(text[: found.start()]) if found else []
    return Decimal(readings[0].rstrip("%")) if len(readings) == 1 else None


def percent_of_month(yearly: Decimal) -> str:
    """Return the percentage a month that is the same as one a year, "" where none of three decimals is.

    Interest is not charged on interest, so twelve months make a year exactly.
    """
    monthly = yearly / 12
    return f"{monthly.normalize():f}%" if monthly == round(monthly, 3) else ""


_EQUAL_SHARES = (
    "equal", "equally", "equal shares", "even", "evenly", "fifty-fifty", "fifty fifty", "half each", "half and half",
    "a third each", "one third each",
)  # fmt: skip
_SHARE_SIGNS = re.compile(r"\s*(?:[/:,;+&–-]|\band\b|\bto\b)\s*")
_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")


def says_equal_shares(text: str) -> bool:
    return text.strip().lower() in _EQUAL_SHARES


def list_shares(text: str, count: int) -> list[str]:
    """Return the shares of `count` parties that "50/50", "60-40" or "equal" say, which add up to 100; else none.

    Where equal shares leave a hundredth of a percent over, the first party has it.
    """
    if says_equal_shares(text):
        share = (Decimal(100) / count).quantize(Decimal("0.01"), ROUND_DOWN)
        return [f"{part.normalize():f}%" for part in (100 - share * (count - 1), *[share] * (count - 1))]
    shares = split_shares(text)
    return [f"{share}%" for share in shares] if len(shares) == count > 1 and sum(map(Decimal, shares)) == 100 else []


def split_shares(text: str) -> list[str]:
    """Return the numbers of "50/30/20", whatever they add up to; none where other words stand there."""
    parts = [part.strip() for part in _SHARE_SIGNS.split(text.strip().lower().replace("%", ""))]
    if len(parts) == 1 and " " in parts[0]:
        parts = parts[0].split()
    return parts if all(_SHARE.fullmatch(part) for part in parts) else []


def list_named_shares(text: str, names: Sequence[str]) -> list[str]:
    """Return the shares of "Elm 60%, Oak 40%" in the order of `names`, each of which stands beside one; else none."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;/\n]|\band\b", text):
        numbers = re.findall(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,4})?(?=\s?%|\s|$)", part)
        words = set(re.findall(r"[^\W\d_]+", part.lower()))
        near = [name for name in names if words & set(re.findall(r"[^\W\d_]+", name.lower()))]
        if len(numbers) != 1 or len(near) != 1 or near[0] in found:
            return []
        found[near[0]] = f"{numbers[0]}%"
    return [found[name] for name in names] if len(found) == len(names) else []


# -- money

_SCALES = {
    "k": 1_000, "tsd": 1_000, "grand": 1_000, "m": 1_000_000, "mm": 1_000_000, "mn": 1_000_000, "mio": 1_000_000,
    "mil": 1_000_000, "mill": 1_000_000, "b": 1_000_000_000, "bn": 1_000_000_000, "bil": 1_000_000_000,
}  # fmt: skip
_SCALED = re.compile(
    r"(?P<before>[^\s\d.,]{0,3})\s?(?P<number>[0-9]{1,6}(?:\.[0-9]{1,6})?)\s?(?P<scale>[a-z]{1,5})\b\.?\s?(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)
CURRENCY_WORDS = {
    "dollar": "$", "dollars": "$", "buck": "$", "bucks": "$",
    "euro": "EUR", "euros": "EUR", "pounds": "GBP", "pounds sterling": "GBP",
    "us dollars": "USD", "us dollar": "USD", "u.s. dollars": "USD", "canadian dollars": "CAD",
    "australian dollars": "AUD", "swiss francs": "CHF", "francs": "CHF", "yen": "JPY",
}  # fmt: skip


def list_amounts(text: str, currency: str, most_decimals: int) -> list[str]:
    """Return the amounts of money that a text may mean: "$1.2m", "five thousand dollars", "1 500,00 EUR"."""
    plain = text.strip()
    if match := re.fullmatch(r"(?P<number>[0-9]{1,4}) ?(?:cents?|¢|c)", plain, re.IGNORECASE):
        return [f"{Decimal(match['number']) / 100:.2f} {currency}"]
    scaled = _SCALED.fullmatch(plain)
    if scaled and (factor := _SCALES.get(scaled["scale"].lower())):
        amount = Decimal(scaled["number"]) * factor
        sign = "" if scaled["before"] else scaled["after"] or currency
        return [f"{scaled['before']}{amount.normalize():,f} {sign}".strip()]
    if match := re.search(r"[0-9][0-9.,'’ \u00a0\u202f]*[0-9]", plain):
        before, after = plain[: match.start()], plain[match.end() :] or ("" if match.start() else f" {currency}")
        return [before + number + after for number in list_numbers(match[0], most_decimals)]
    words = re.sub(r"^(?:usd|\$|€|£)\s*", "", re.sub(r"\s+(?:only|flat)$", "", plain.lower()))
    named = next((word for word in sorted(CURRENCY_WORDS, key=len, reverse=True) if words.endswith(" " + word)), "")
    rest = words.removesuffix(" " + named) if named else re.sub(r"\s+(?:bucks|usd|eur|gbp|cad)$", "", words)
    count = number_in_words(rest)
    sign = CURRENCY_WORDS.get(named, "") or currency
    return ([f"${count:,}"] if sign == "$" else [f"{count:,} {sign}"]) if count is not None else []


# -- lengths of time

_HALVES = {"year": "6 months", "day": "12 hours"}


def list_durations(text: str) -> list[str]:
    """Return the lengths of time that a text may mean: "30" has no unit, "1.5 years" is no whole number of years."""
    plain = " ".join(text.strip().lower().replace("½", ".5").split()).strip(".")
    if plain in ("none", "zero", "nothing", "no"):
        return ["0 days"]
    if match := re.fullmatch(
        r"([0-9]{1,4}|[a-z]+(?:-[a-z]+)?) (day|week|month|year)s?['’]?(?: (?:of )?(?:written |prior )*notice)", plain
    ):
        count = int(match[1]) if match[1].isdigit() else number_in_words(match[1])
        return [f"{count} {match[2]}s" if count != 1 else f"1 {match[2]}"] if count else []
    if re.fullmatch(r"[0-9]{1,5}", plain):
        return [f"{plain} days", f"{plain} months"]
    if match := re.fullmatch(r"([0-9]{1,5}) ?m", plain):
        return [f"{match[1]} months"]
    if match := re.fullmatch(r"half an? (year|day)", plain):
        return [_HALVES[match[1]]]
    if match := re.fullmatch(r"(?:an?|one) (year|month|day|week) and a half", plain):
        return [{"year": "18 months", "month": "45 days", "day": "36 hours", "week": "10 days"}[match[1]]]
    if match := re.fullmatch(r"([0-9]{0,3}[.,][0-9]{1,2}) ?(years?|yrs?|weeks?|wks?|days?|months?|mos?)", plain):
        return _list_whole_lengths(Decimal(match[1].replace(",", ".")), match[2][0])
    if match := re.fullmatch(r"([0-9]{1,2}) years?(?: and|,)? ([0-9]{1,2}) months?", plain):
        return [f"{int(match[1]) * 12 + int(match[2])} months"]
    if match := re.fullmatch(r"(?:(an?|one|two|three|four) )?(quarters?|fortnights?|biweekly|half[ -]years?)", plain):
        count = number_in_words(match[1] or "one") or 1
        unit = {"q": (3, "months"), "f": (2, "weeks"), "b": (2, "weeks"), "h": (6, "months")}[match[2][0]]
        return [f"{count * unit[0]} {unit[1]}"]
    return []


def _list_whole_lengths(count: Decimal, unit: str) -> list[str]:
    """Return a broken number of years, weeks or days in the next smaller unit, where it is whole there."""
    factor, smaller = {"y": (12, "months"), "w": (7, "days"), "d": (24, "hours"), "m": (30, "days")}[unit]
    whole = count * factor
    return [f"{int(whole)} {smaller}"] if whole == int(whole) and whole > 0 else []


# -- days

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMERIC = re.compile(r"([0-9]{1,2})\s?[/.\-]\s?([0-9]{1,2})\s?[/.\-]\s?([0-9]{4}|[0-9]{2})")
# Where a day has no year, and nobody knows today's date, a message shows how it would be written with one.
EXAMPLE_YEAR = 2027

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


@cache
def month_numbers() -> dict[str, int]:
    """Return the months' numbers by their English names and usual abbreviations, in lower case."""
    numbers = {month: number for number, month in enumerate(MONTHS, 1)}
    return numbers | {month[:3]: number for month, number in numbers.items()} | {"sept": 9}


def split_day(text: str) -> tuple[str, str, str]:
    """Return month, day and year of "Jan 15th, 2027" or "the 15th of January" as they stand, each "" where missing.

    A day of the week before it is left out here.
    """
    plain = text.strip().lower()
    plain = re.sub(rf"^(?:{'|'.join(f'{day}|{day[:3]}' for day in _WEEKDAYS)})[.,]?\s+", "", plain)
    plain = re.sub(r"\b([0-9]{1,2})(?:st|nd|rd|th)\b", r"\1", re.sub(r"^the\s+", "", plain)).replace(" of ", " ")
    year = r"(?:[\s,.\-/]+['’]?([0-9]{4}|[0-9]{2}))?"
    if match := re.fullmatch(rf"([a-z]{{3,10}})\.?[\s\-/]*([0-9]{{1,2}}){year}", plain):
        return match[1], match[2], match[3] or ""
    if match := re.fullmatch(rf"([0-9]{{1,2}})\.?[\s\-/]*([a-z]{{3,10}})\.?{year}", plain):
        return match[2], match[1], match[3] or ""
    if match := re.fullmatch(r"([a-z]{3,10})\.?,?\s+([0-9]{4})", plain):
        return match[1], "", match[2]
    return "", "", ""


def weekday_of(text: str) -> int | None:
    """Return the number of the day of the week with which `text` begins, from 0 for Monday; None for none."""
    match = re.match(r"([a-z]{3,9})[.,]?\s", text.strip().lower())
    return next((n for n, day in enumerate(_WEEKDAYS) if match and match[1] in (day, day[:3])), None)


def list_days(text: str, today: date | None) -> list[date]:
    """Return the days that a text may mean; those that depend on `today` only where it is known."""
    plain = " ".join(text.strip().lower().split())
    if match := _NUMERIC.fullmatch(plain):
        first, second, year = int(match[1]), int(match[2]), _whole_year(match[3])
        return _list_real_days([(year, first, second), (year, second, first)])
    if match := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", plain):
        return _list_real_days([(int(match[1]), int(match[2]), int(match[3]))])
    if match := re.fullmatch(r"([0-9]{1,2})\s?[/.\-]\s?([0-9]{1,2})\.?", plain):
        first, second = int(match[1]), int(match[2])
        return [day for pair in ((first, second), (second, first)) for day in _list_next_days(*pair, today)]
    if today and (days := _list_days_from(plain, today)):
        return days
    if match := re.fullmatch(r"(?:the )?(?:end|last day) of ([a-z]{3,10})(?:,? ([0-9]{4}))?", plain):
        return _list_ends_of_month(month_numbers().get(match[1], 0), match[2], today)
    if today and (match := re.fullmatch(r"(?:mid|the middle of)[ -]([a-z]{3,10})", plain)):
        return _list_next_days(month_numbers().get(match[1], 0), 15, today)
    if today and plain in month_numbers():
        return _list_next_days(month_numbers()[plain], 1, today)
    name, day, year_text = split_day(plain)
    month = month_numbers().get(name) or month_numbers().get(
        find_nearest(name, month_numbers()) if len(name) > 4 else ""
    )
    if not month:
        return []
    if not day:
        year = int(year_text)
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) if 1950 <= year <= 2150 else None
        return [date(year, month, 1), last] if last else []
    if year_text:
        return _list_real_days([(_whole_year(year_text), month, int(day))])
    return _list_next_days(month, int(day), today)


def _list_ends_of_month(month: int, year_text: str | None, today: date | None) -> list[date]:
    """Return the last day of a month, of the next one of that name where no year is said."""
    if not month or not (year_text or today):
        return []
    year = int(year_text) if year_text else today.year + (month < today.month) if today else 0
    return [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)] if 1950 <= year <= 2150 else []


def _whole_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _list_real_days(parts: list[tuple[int, int, int]]) -> list[date]:
    found = []
    for year, month, day in dict.fromkeys(parts):
        if 1950 <= year <= 2150 and 1 <= month <= 12:
            try:
                found.append(date(year, month, day))
            except ValueError:
                continue
    return found


def _list_next_days(month: int, day: int, today: date | None) -> list[date]:
    """Return the next day of that month and number, from `today` on."""
    if today is None:
        return []
    days = _list_real_days([(today.year, month, day), (today.year + 1, month, day)])
    return [one for one in days if one >= today][:1]


def _list_days_from(plain: str, today: date) -> list[date]:
    """Return days that are counted from today: "tomorrow", "next Monday", "in two weeks"."""
    if plain in ("today", "now", "immediately", "right away"):
        return [today]
    if plain == "tomorrow":
        return [today + timedelta(days=1)]
    if match := re.fullmatch(r"(?:(next|this|on|coming) )?([a-z]{3,9})", plain):
        number = next((n for n, day in enumerate(_WEEKDAYS) if match[2] in (day, day[:3])), None)
        if number is not None:
            coming = today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
            # "Next Friday", said on a Monday, is this week's to some and the one after it to others.
            is_this_week = match[1] == "next" and coming.isocalendar()[1] == today.isocalendar()[1]
            return [coming, coming + timedelta(days=7)] if is_this_week else [coming]
    if match := re.fullmatch(r"in ([a-z]+|[0-9]{1,3}) (days?|weeks?)", plain):
        count = int(match[1]) if match[1].isdigit() else number_in_words(match[1])
        if count:
            return [today + timedelta(days=count * (7 if match[2].startswith("week") else 1))]
    if plain in ("next month", "beginning of next month", "start of next month", "first of next month"):
        return [date(today.year + today.month // 12, today.month % 12 + 1, 1)]
    if plain in ("next year", "new year", "start of next year"):
        return [date(today.year + 1, 1, 1)]
    return []

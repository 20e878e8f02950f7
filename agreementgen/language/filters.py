"""The filters and tests of the clause language: what they take, and how they print it.

A fact stands as it was typed. A filter may add words of ours around it, and may do four things to it where grammar and
figures need them: make its first letter a capital, leave out its last full stop, set commas in long numbers, and write
a text that is nothing but a day, such as 2027-05-01, as a day is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from jinja2 import pass_context
from jinja2.runtime import Context

from agreementgen.core import values as formats
from agreementgen.core.counting import add
from agreementgen.core.places import names_a_court
from agreementgen.core.values import Duration, Money, Percent

# Where the language of the agreement stands in Jinja's context: no clause can write a name with a space in it.
LANGUAGE_KEY = "the language"
WORDS_KEY = "the words"


class FillingError(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group); `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def fact_in_words(context: Context, value: object) -> str:
    """Return `value` in the words of the agreement's language; raise FillingError."""
    try:
        return formats.format_value(value, context[LANGUAGE_KEY])
    except formats.Unprintable as error:
        raise FillingError(f"{error} cannot be printed") from None


def _entries_of_list(values: object) -> tuple[object, ...]:
    if not isinstance(values, tuple):
        raise FillingError("this filter prints lists only")
    if not values:
        raise FillingError("an empty list cannot be printed")
    return values


def _texts_of_list(context: Context, values: object) -> list[str]:
    return [fact_in_words(context, value) for value in _entries_of_list(values)]


def _items_of_list(context: Context, values: object) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    entries = _entries_of_list(values)
    return [
        drop_final_stop(text) if isinstance(value, str) else text
        for value, text in zip(entries, _texts_of_list(context, entries), strict=True)
    ]


@pass_context
def _join_with_and(context: Context, values: object) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY])


@pass_context
def _join_with_or(context: Context, values: object) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY], "or")


@pass_context
def _join_with_or_but(context: Context, values: object, unwanted: str) -> str:
    """Join the texts that do not end in `unwanted`: "breach of confidence" leaves out a serious one, too."""
    items = [text for text in _items_of_list(context, values) if not text.endswith(unwanted)]
    return formats.format_enumeration(items, context[LANGUAGE_KEY], "or")


@pass_context
def _join_phrases(context: Context, values: object) -> str:
    return "; ".join(drop_final_stop(text) for text in _texts_of_list(context, values))


@pass_context
def _join_sentences(context: Context, values: object) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capitalize(text) for text in _texts_of_list(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@pass_context
def _as_phrase(context: Context, value: object) -> str:
    """Print a text without its closing stop; one that is only a day, as 2027-05-01, as the language writes days."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return fact_in_words(context, date.fromisoformat(value))
    return drop_final_stop(fact_in_words(context, value))


@pass_context
def _as_adjective(context: Context, value: object) -> str:
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has an adjective")
    return formats.format_adjective(value, context[LANGUAGE_KEY])


@pass_context
def _in_form(context: Context, value: object, form: str) -> str:
    """Print a length of time in a case of the language, by the forms that a pack gives."""
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has forms")
    units = context[WORDS_KEY].forms.get(form) or {}
    if value.unit not in units:
        raise FillingError(f'words.yaml has no form "{form}" of the unit "{value.unit}"')
    one, more = units[value.unit]
    return f"{formats.format_number(Decimal(value.count), context[LANGUAGE_KEY])} {one if value.count == 1 else more}"


@pass_context
def _as_possessive(context: Context, value: object) -> str:
    return formats.possessive_of(fact_in_words(context, value))


@pass_context
def _count_noun(context: Context, value: object, one: str, many: str) -> str:
    return f"{fact_in_words(context, value)} {one if value == 1 else many}"


@pass_context
def _with_capital(context: Context, value: object) -> str:
    return capitalize(fact_in_words(context, value))


@pass_context
def _with_cents(context: Context, value: object) -> str:
    if isinstance(value, Money):
        return formats.format_money(value, context[LANGUAGE_KEY], cents=True)
    return fact_in_words(context, value)


@pass_context
def _with_grouped_digits(context: Context, value: object) -> str:
    return formats.group_digits(fact_in_words(context, value), context[LANGUAGE_KEY])


def _count_on(value: object, length: object) -> date:
    """Return the day that is a length of time behind `value`, a date."""
    return _move_day(value, length, 1)


def _count_back(value: object, length: object) -> date:
    """Return the day that is a length of time before `value`, a date."""
    return _move_day(value, length, -1)


def _move_day(value: object, length: object, times: int) -> date:
    if isinstance(length, str):
        length = formats.read_duration(length)
    if value is None:
        raise FillingError("there is no day to count from", "put {% if ... %} with the name of the day around the text")
    if isinstance(value, str):
        hint = f"put {{% if ... != '{value}' %}} with the name of the day around the text"
        raise FillingError(f'there is no day to count from where "{value}" is the answer', hint)
    if not isinstance(value, date) or not isinstance(length, Duration):
        raise FillingError("plus and minus count from a day, a length of time")
    try:
        return add(value, length, times)
    except (OverflowError, ValueError):
        raise FillingError("the day is behind the year 9999, or before the year 1") from None


_NEEDS_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _with_the(context: Context, value: object) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = fact_in_words(context, value)
    return f"the {text}" if _NEEDS_THE.match(text) else text


@pass_context
def _as_courts(context: Context, value: object) -> str:
    """Return the courts of a place ("courts of Essex County"); a court that has a name keeps it ("the High Court")."""
    text = fact_in_words(context, value)
    if not names_a_court(text):
        return f"courts of {_with_the(context, value)}"
    return text if text.lower().startswith("the ") else f"the {text}"


@pass_context
def _with_article(context: Context, value: object) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah), but not "unlimited"."""
    text = fact_in_words(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    is_vowel = text[:1].upper() in tuple("AEIO") or bool(re.match(r"un(?!i)", text))
    return f"an {text}" if spelled or is_vowel else f"a {text}"


def capitalize(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is spelled on purpose.

    On purpose: iPad and eBay (a capital further on), northshore.example/brand, dana@northshore.example and e.g.
    (a sign inside), 3d-printing (a figure); and letters whose capital is two letters (the German sharp s).
    """
    first, word = text[:1], text.split(" ", 1)[0].rstrip(".,;:!?)")
    if not first.islower() or any(not _is_plain_letter(char) for char in word[1:]) or len(first.title()) != 1:
        return text
    return first.title() + text[1:]


def _is_plain_letter(char: str) -> bool:
    return char in "-'’" or unicodedata.category(char) in ("Ll", "Lo", "Lm", "Mn", "Mc")


_ENDS_SENTENCE = re.compile("[.!?…。！？][\"'”’»]*$")


def ends_sentence(text: str) -> bool:
    """Return whether `text` needs no full stop behind it."""
    return bool(_ENDS_SENTENCE.search(text))


_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """inc ltd co cos corp llc llp lp plc pllc bros jr sr esq etc st ste no nos dept div intl mfg assoc assn ass
        univ gmbh ag sa kg bv nv pty pvt sp dr mr mrs ms prof rev hon gov sen rep gen col capt lt sgt messrs ph ave
        blvd rd ln ct pl sq hwy pkwy apt fl rm bldg tel ext fax approx est incl excl max min avg misc vs viz cf ca
        jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun hr hrs wk wks
        mo mos yr yrs qtr sec ft in lb lbs oz pp vol ed eds art para reg mass conn calif fla penn wash""",
    )
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\.$")


def drop_final_stop(text: str) -> str:
    """Return `text` without a closing full stop, unless the stop may belong to its last word (Inc., U.S., Malcolm X.).

    Only a stop behind a word, a figure or a closing quote or bracket is a sentence's own.
    """
    if not text.endswith(".") or len(text) < 2 or not (text[-2].isalnum() or text[-2] in "\"'”’)]%"):
        return text
    last = _LAST_WORD.search(text)
    if last and (len(last[1]) == 1 or last[1].casefold() in _ABBREVIATIONS):
        return text
    if "." in text[:-1].rsplit(" ", 1)[-1]:
        return text
    return text[:-1]


def _is_percentage(value: object) -> bool:
    return _holds_kind(value, Percent)


def _is_money(value: object) -> bool:
    return _holds_kind(value, Money)


def _holds_kind(value: object, kind: type) -> bool:
    """Return whether a fact is of `kind`, or one of the facts in the groups of a list is."""
    if isinstance(value, tuple):
        return any(isinstance(fact, kind) for entry in value if isinstance(entry, Mapping) for fact in entry.values())
    return isinstance(value, kind)


def _is_positive(value: object) -> bool:
    """Whether a number, percentage, amount or length of time is given and more than nothing."""
    match value:
        case Percent():
            return value.number > 0
        case Money():
            return value.amount > 0
        case Duration():
            return value.count > 0
        case bool() | None:
            return False
        case int() | Decimal():
            return value > 0
    return False


@dataclass(frozen=True)
class Filter:
    """A filter: what it does, what it takes (a list, a length of time, a date, any one fact), and how many constants.

    One that `counts` takes a length of time in brackets, a constant or a fact, and gives a date.
    """

    apply: Callable[..., object]
    takes: Literal["one", "list", "duration", "date"] = "one"
    constants: int = 0
    counts: bool = False


FILTERS: Mapping[str, Filter] = {
    "listed": Filter(_join_with_and, "list"),
    "either": Filter(_join_with_or, "list"),
    "either_but": Filter(_join_with_or_but, "list", constants=1),
    "phrases": Filter(_join_phrases, "list"),
    "sentences": Filter(_join_sentences, "list"),
    "phrase": Filter(_as_phrase),
    "adjective": Filter(_as_adjective, "duration"),
    "form": Filter(_in_form, "duration", constants=1),
    "possessive": Filter(_as_possessive),
    "counted": Filter(_count_noun, constants=2),
    "capital": Filter(_with_capital),
    "cents": Filter(_with_cents),
    "grouped": Filter(_with_grouped_digits),
    "plus": Filter(_count_on, "date", counts=True),
    "minus": Filter(_count_back, "date", counts=True),
    "the": Filter(_with_the),
    "courts": Filter(_as_courts),
    "an": Filter(_with_article),
}
TESTS: Mapping[str, Callable[[object], bool]] = {
    "percentage": _is_percentage,
    "money": _is_money,
    "positive": _is_positive,
}

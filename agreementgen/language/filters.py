"""The filters and tests of clauses: how a fact is put into words.

A fact stands as it was typed. A filter may add words of ours around it, and may do two things to it where the
grammar needs them: make its first letter a capital, and leave out its last full stop.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from jinja2 import pass_context
from jinja2.runtime import Context

from agreementgen.core import values as formats
from agreementgen.core.values import Duration, Money, Percent

# Where the language of the agreement stands in Jinja's context: no clause can write a name with a space in it.
LANGUAGE_KEY = "the language"


class FillingError(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group)."""


def fact_in_words(context: Context, value: Any) -> str:
    """Return `value` in the words of the agreement's language; raise FillingError."""
    try:
        return formats.format_value(value, context[LANGUAGE_KEY])
    except formats.Unprintable as error:
        raise FillingError(f"{error} cannot be printed") from None


def _texts_of_list(context: Context, values: Any) -> list[str]:
    if not isinstance(values, tuple):
        raise FillingError("this filter prints lists only")
    if not values:
        raise FillingError("an empty list cannot be printed")
    return [fact_in_words(context, value) for value in values]


def _items_of_list(context: Context, values: Any) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    texts = _texts_of_list(context, values)
    return [
        drop_final_stop(text) if isinstance(value, str) else text for text, value in zip(texts, values, strict=True)
    ]


@pass_context
def _join_with_and(context: Context, values: Any) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY])


@pass_context
def _join_with_or(context: Context, values: Any) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY], "or")


@pass_context
def _join_phrases(context: Context, values: Any) -> str:
    return "; ".join(drop_final_stop(text) for text in _texts_of_list(context, values))


@pass_context
def _join_sentences(context: Context, values: Any) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capitalize(text) for text in _texts_of_list(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


@pass_context
def _as_phrase(context: Context, value: Any) -> str:
    return drop_final_stop(fact_in_words(context, value))


@pass_context
def _as_adjective(context: Context, value: Any) -> str:
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has an adjective")
    return formats.format_adjective(value, context[LANGUAGE_KEY])


@pass_context
def _as_possessive(context: Context, value: Any) -> str:
    return formats.possessive_of(fact_in_words(context, value))


@pass_context
def _count_noun(context: Context, value: Any, one: str, many: str) -> str:
    return f"{fact_in_words(context, value)} {one if value == 1 else many}"


@pass_context
def _with_capital(context: Context, value: Any) -> str:
    return capitalize(fact_in_words(context, value))


_NEEDS_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _with_the(context: Context, value: Any) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = fact_in_words(context, value)
    return f"the {text}" if _NEEDS_THE.match(text) else text


@pass_context
def _with_article(context: Context, value: Any) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah, Ukraine)."""
    text = fact_in_words(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    return f"an {text}" if spelled or text[:1].upper() in tuple("AEIO") else f"a {text}"


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


def _is_percentage(value: Any) -> bool:
    return isinstance(value, Percent)


def _is_positive(value: Any) -> bool:
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
    """A filter: what it does, what it takes (a list, a length of time, any one fact), and how many constants."""

    apply: Callable[..., str]
    takes: Literal["one", "list", "duration"] = "one"
    constants: int = 0


FILTERS: Mapping[str, Filter] = {
    "listed": Filter(_join_with_and, "list"),
    "either": Filter(_join_with_or, "list"),
    "phrases": Filter(_join_phrases, "list"),
    "sentences": Filter(_join_sentences, "list"),
    "phrase": Filter(_as_phrase),
    "adjective": Filter(_as_adjective, "duration"),
    "possessive": Filter(_as_possessive),
    "counted": Filter(_count_noun, constants=2),
    "capital": Filter(_with_capital),
    "the": Filter(_with_the),
    "an": Filter(_with_article),
}
TESTS: Mapping[str, Callable[[Any], bool]] = {"percentage": _is_percentage, "positive": _is_positive}

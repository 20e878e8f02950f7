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

from agreementgen.deal import formats
from agreementgen.deal.values import Duration, Money, Percent

# As in SLOTS of environment.py: a name no clause can write.
LANGUAGE = "the language"


class Unfit(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group)."""


def printed(context: Context, value: Any) -> str:
    """Return `value` in the words of the agreement's language; raise Unfit."""
    try:
        return formats.printed(value, context[LANGUAGE])
    except formats.Unprintable as error:
        raise Unfit(f"{error} cannot be printed") from None


def _texts(context: Context, values: Any) -> list[str]:
    if not isinstance(values, tuple):
        raise Unfit("this filter prints lists only")
    if not values:
        raise Unfit("an empty list cannot be printed")
    return [printed(context, value) for value in values]


def _items(context: Context, values: Any) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    texts = _texts(context, values)
    return [without_stop(text) if isinstance(value, str) else text for text, value in zip(texts, values, strict=True)]


@pass_context
def _listed(context: Context, values: Any) -> str:
    return formats.listed(_items(context, values), context[LANGUAGE])


@pass_context
def _either(context: Context, values: Any) -> str:
    return formats.listed(_items(context, values), context[LANGUAGE], "or")


@pass_context
def _phrases(context: Context, values: Any) -> str:
    return "; ".join(without_stop(text) for text in _texts(context, values))


@pass_context
def _sentences(context: Context, values: Any) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capital(text) for text in _texts(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


@pass_context
def _phrase(context: Context, value: Any) -> str:
    return without_stop(printed(context, value))


@pass_context
def _adjective(context: Context, value: Any) -> str:
    if not isinstance(value, Duration):
        raise Unfit("only a length of time has an adjective")
    return formats.adjective(value, context[LANGUAGE])


@pass_context
def _possessive(context: Context, value: Any) -> str:
    return formats.possessive(printed(context, value))


@pass_context
def _counted(context: Context, value: Any, one: str, many: str) -> str:
    return f"{printed(context, value)} {one if value == 1 else many}"


@pass_context
def _capital(context: Context, value: Any) -> str:
    return capital(printed(context, value))


_WITH_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _the(context: Context, value: Any) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = printed(context, value)
    return f"the {text}" if _WITH_THE.match(text) else text


@pass_context
def _an(context: Context, value: Any) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah, Ukraine)."""
    text = printed(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    return f"an {text}" if spelled or text[:1].upper() in tuple("AEIO") else f"a {text}"


def capital(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is spelled on purpose.

    On purpose: iPad and eBay (a capital further on), northshore.example/brand, dana@northshore.example and e.g.
    (a sign inside), 3d-printing (a figure); and letters whose capital is two letters (the German sharp s).
    """
    first, word = text[:1], text.split(" ", 1)[0].rstrip(".,;:!?)")
    if not first.islower() or any(not _plain(char) for char in word[1:]) or len(first.title()) != 1:
        return text
    return first.title() + text[1:]


def _plain(char: str) -> bool:
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


def without_stop(text: str) -> str:
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
    "listed": Filter(_listed, "list"),
    "either": Filter(_either, "list"),
    "phrases": Filter(_phrases, "list"),
    "sentences": Filter(_sentences, "list"),
    "phrase": Filter(_phrase),
    "adjective": Filter(_adjective, "duration"),
    "possessive": Filter(_possessive),
    "counted": Filter(_counted, constants=2),
    "capital": Filter(_capital),
    "the": Filter(_the),
    "an": Filter(_an),
}
TESTS: Mapping[str, Callable[[Any], bool]] = {"percentage": _is_percentage, "positive": _is_positive}

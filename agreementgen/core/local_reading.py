"""Answers as people type them in the language of a pack, put into the form in which all answers are read.

"1 de marzo de 2027" is 2027-03-01, "12 Monate" is "12 months", "12.500 EUR" in a language that groups with points is
"12500 EUR", "Deutschland" is "Germany". What is not surely so is left as it is, for the usual reading to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Literal

_KINDS = (
    "choice", "yes/no", "date", "duration", "law", "region", "home of company", "integer", "number", "percent", "money",
    "unit price", "percent or money", "number or money",
)  # fmt: skip
_UNITS = ("hour", "day", "week", "month", "year")
_DAY = re.compile(
    r"([0-9]{1,2})[.ºª°]?\s+(?:de\s+|di\s+|d['’])?([^\W\d_]+)\.?,?\s+(?:del?\s+)?([0-9]{4})", re.IGNORECASE
)
_DAY_IN_FIGURES = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
_LENGTH = re.compile(r"([0-9]{1,5}|[^\W\d_]+)[\s\u00a0]+([^\W\d_]+)")
_FIGURE = re.compile(r"(?<![\d.,])(?:[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+,[0-9]+)(?![\d.,])")


@dataclass(frozen=True)
class LocalReader:
    """How answers are typed in a language (BCP 47); `yes` and `no` are its words for them, "" where not known."""

    language: str
    yes: str = ""
    no: str = ""

    def rewrite(self, text: str, kind: str, choices: Mapping[str, str] | None = None) -> str:
        """Return `text`, an answer to a question of a `kind`, as it is written in English and figures."""
        if kind not in _KINDS:
            return text
        folded = text.strip().casefold()
        if kind == "choice":
            return self.rewrite_word(text, choices or {})
        if kind == "yes/no":
            return self.rewrite_word(text, {"yes": self.yes, "no": self.no})
        if kind == "date":
            return self._rewrite_date(text)
        if kind in ("law", "region", "home of company"):
            return _countries(self.language).get(folded, text)
        if found := _LENGTH.fullmatch(text.strip()):
            unit = _unit_words(self.language).get(found[2].casefold())
            count = found[1] if found[1].isdigit() else _COUNTS.get(found[1].casefold(), "")
            if unit and count:
                return f"{count} {unit}s"
        return self._rewrite_figures(text)

    def rewrite_word(self, text: str, words: Mapping[str, str]) -> str:
        """Return the word of ours for one that is printed, or for the language's yes or no."""
        folded = text.strip().casefold()
        said = {"yes": self.yes, "no": self.no}
        spoken = [(word, says) for word, says in words.items()]
        spoken += [(word, said[word]) for word in words if word in said]
        return next((word for word, says in spoken if says and says.casefold() == folded), text)

    def _rewrite_date(self, text: str) -> str:
        if found := _DAY.fullmatch(text.strip()):
            month = _months(self.language).get(found[2].casefold().removesuffix("."))
            return _as_iso(text, int(found[3]), month, int(found[1]))
        if (found := _DAY_IN_FIGURES.fullmatch(text.strip())) and _begins_with_day(self.language):
            return _as_iso(text, int(found[3]), int(found[2]), int(found[1]))
        return text

    def _rewrite_figures(self, text: str) -> str:
        if not _has_decimal_comma(self.language):
            return text
        return _FIGURE.sub(lambda found: found[0].replace(".", "").replace(",", "."), text).replace(" %", "%")


# The word for one, in the languages that are written with our letters, and in German and Spanish those up to twelve.
_ONE = ("un", "una", "uno", "ein", "eine", "einen", "einem", "einer", "une", "um", "uma")
_GERMAN = ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
_SPANISH = ("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
_COUNTS = {
    **dict.fromkeys(_ONE, "1"),
    **{word: str(number) for words in (_GERMAN, _SPANISH) for number, word in enumerate(words, 2)},
}


def _as_iso(text: str, year: int, month: int | None, day: int) -> str:
    try:
        return date(year, month or 0, day).isoformat()
    except ValueError:
        return text


_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")


@cache
def _months(language: str) -> Mapping[str, int]:
    """Return the numbers of the months by their names, long and short."""
    from babel.dates import get_month_names

    found: dict[str, int] = {}
    for context in _CONTEXTS:
        for width in _WIDTHS:
            names = get_month_names(width, context, _tag(language)).items()
            found |= {name.casefold().removesuffix("."): number for number, name in names}
    return found


@cache
def _unit_words(language: str) -> Mapping[str, str]:
    """Return the units of lengths of time by their words, for one and for more."""
    from babel.units import format_unit

    found: dict[str, str] = {}
    for unit in _UNITS:
        for count in (1, 2, 5, 100):
            words = format_unit(count, f"duration-{unit}", length="long", locale=_tag(language))
            found[re.sub(r"[\d\s\u00a0\u202f]+", "", words).casefold()] = unit
        # "Tagen": the dative of a plural in -e.
        if language.startswith("de"):
            found |= {f"{word}n": name for word, name in list(found.items()) if name == unit and word.endswith("e")}
    return found


@cache
def _countries(language: str) -> Mapping[str, str]:
    """Return the English names of countries by those of the language, where the two differ."""
    from babel import Locale

    ours, theirs = Locale("en").territories, Locale.parse(_tag(language)).territories
    return {
        name.casefold(): ours[code]
        for code, name in theirs.items()
        if len(code) == 2 and code.isalpha() and code in ours and ours[code].casefold() != name.casefold()
    }


@lru_cache(maxsize=64)
def _has_decimal_comma(language: str) -> bool:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(_tag(language)) == ","


@lru_cache(maxsize=64)
def _begins_with_day(language: str) -> bool:
    from babel.dates import get_date_format

    return str(get_date_format("short", _tag(language)).pattern).startswith("d")


def _tag(language: str) -> str:
    return language.replace("-", "_")

"""One reader a type: the text of an answer and its question make a value. Files, tables and prompts share it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agreementgen.deal import values
from agreementgen.deal.characters import collapse, first_forbidden, shown
from agreementgen.deal.hints import suggest
from agreementgen.deal.questions import Question
from agreementgen.deal.regions import read_region
from agreementgen.deal.values import Choice, Duration, Money, Percent, Unreadable

_READERS: dict[str, Callable[[str], Any]] = {
    "text": values.read_text,
    "yes/no": values.read_yes_no,
    "integer": values.read_integer,
    "number": values.read_number,
    "percent": values.read_percent,
    "duration": values.read_duration,
    "date": values.read_date,
    "region": read_region,
    "currency": values.read_currency,
    "email": values.read_email,
}


# Longer than any sentence of a one-page agreement: where a question sets no limit, this one holds.
MAX_CHARACTERS = 1000


@dataclass(frozen=True)
class Known:
    """What an answer may refer to: the deal's currency and its parties by short name."""

    currency: str
    parties: Mapping[str, Mapping[str, Any]]


def read_answer(question: Question, text: str, known: Known) -> Any:
    """Return the value of `text` for a scalar `question`; raise Unreadable."""
    bad = first_forbidden(text)
    if bad:
        raise Unreadable(f"the text holds {bad[1]}", "delete it and type the word again")
    text = collapse(text)
    if question.words and text.lower() in question.words:
        return Choice(text.lower(), question.words[text.lower()])
    try:
        value = _read(question, text, known)
    except Unreadable as error:
        if question.words and question.type not in ("choice", "party"):
            also = ", ".join(f'"{word}"' for word in question.words)
            raise Unreadable(error.message, f"{error.hint}; also allowed: {also}") from None
        raise
    check_limits(question, value, text, known)
    return value


def _read(question: Question, text: str, known: Known) -> Any:
    match question.type:
        case "choice":
            choices = question.choices or {}
            for word, says in choices.items():
                if text.lower() == word.lower():
                    return Choice(word, says)
            raise Unreadable(f'"{shown(text)}" is not one of the choices', suggest(text, choices))
        case "money":
            return values.read_money(text, known.currency)
        case "percent or money":
            if re.search(r"%$|per ?cent", text, re.IGNORECASE):
                return values.read_percent(text)
            if re.fullmatch(r"[0-9.,]{1,20}", text):
                raise Unreadable(
                    f'"{text}" can be a percentage or an amount', f'write "{text}%" or "{text} {known.currency}"'
                )
            return values.read_money(text, known.currency)
        case "party":
            if text in known.parties:
                return known.parties[text]
            raise Unreadable(
                f'"{shown(text)}" is not the short name of a party',
                suggest(text, [*known.parties, *(question.words or {})]),
            )
    return _READERS[question.type](text)


def check_limits(question: Question, value: Any, text: str, known: Known) -> None:
    """Raise Unreadable where `value` is outside the question's limits."""
    limits = question.limits
    most = limits.characters or MAX_CHARACTERS
    if len(text) > most:
        raise Unreadable(f'"{shown(text)}" has {len(text):,} characters; at most {most} fit', "shorten it")
    if limits.words and (count := len(text.split())) > limits.words:
        raise Unreadable(f'"{shown(text)}" has {count} words; at most {limits.words} fit', "shorten it")
    if isinstance(value, Percent) and value.number > 100:
        raise Unreadable(f'"{text}" is more than 100%', "write a percentage from 0% to 100%")
    if isinstance(value, Money) and question.type == "percent or money":
        return
    size = _size(value)
    if size is None:
        return
    span = " to ".join(text for text in (limits.least, limits.most) if text)
    hint = f"it must be from {span}" if limits.least and limits.most else "choose another value"
    if limits.least and size < _size(_read(question, limits.least, known)):
        raise Unreadable(f'"{text}" is less than {limits.least}', hint)
    if limits.most and size > _size(_read(question, limits.most, known)):
        raise Unreadable(f'"{text}" is more than {limits.most}', hint)


def _size(value: Any) -> Any:
    match value:
        case Percent():
            return value.number
        case Money():
            return value.amount
        case Duration():
            return value.hours
        case bool():
            return None
        case int() | Decimal():
            return value
    return None

"""One reader a type: the text of an answer and its question make a value. Files, tables and prompts share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agreementgen.deal import values
from agreementgen.deal.characters import collapse, first_forbidden
from agreementgen.deal.questions import Question
from agreementgen.deal.values import Choice, Duration, Money, Percent, Unreadable
from agreementgen.errors import nearest

_READERS: dict[str, Callable[[str], Any]] = {
    "text": values.read_text,
    "yes/no": values.read_yes_no,
    "integer": values.read_integer,
    "number": values.read_number,
    "percent": values.read_percent,
    "duration": values.read_duration,
    "date": values.read_date,
    "region": values.read_region,
    "currency": values.read_currency,
    "email": values.read_email,
}


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
        if question.words and question.type != "choice":
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
            raise Unreadable(
                f'"{_short(text)}" is not one of the choices', nearest(text, choices) or "known: " + ", ".join(choices)
            )
        case "money":
            return values.read_money(text, known.currency)
        case "percent or money":
            if text.endswith("%") or "percent" in text.lower():
                return values.read_percent(text)
            if text.replace(".", "").isdigit():
                raise Unreadable(f'"{text}" can be a percentage or an amount', f'write "{text}%" or "${text}"')
            return values.read_money(text, known.currency)
        case "party":
            if text in known.parties:
                return known.parties[text]
            raise Unreadable(
                f'"{_short(text)}" is not the short name of a party',
                nearest(text, [*known.parties, *(question.words or {})]),
            )
    return _READERS[question.type](text)


def check_limits(question: Question, value: Any, text: str, known: Known) -> None:
    """Raise Unreadable where `value` is outside the question's limits."""
    limits = question.limits
    if limits.characters and len(text) > limits.characters:
        raise Unreadable(f"the text has {len(text)} characters; at most {limits.characters} fit", "shorten it")
    if limits.words and (count := len(text.split())) > limits.words:
        raise Unreadable(f"the text has {count} words; at most {limits.words} fit", "shorten it")
    if isinstance(value, Percent) and value.number > 100:
        raise Unreadable(f'"{text}" is more than 100%', "write a percentage from 0% to 100%")
    if isinstance(value, Money) and question.type == "percent or money":
        return
    size = _size(value)
    if size is None:
        return
    least = _size(_read(question, limits.least, known)) if limits.least else None
    most = _size(_read(question, limits.most, known)) if limits.most else None
    if (least is not None and size < least) or (most is not None and size > most):
        span = (
            f"from {limits.least} to {limits.most}"
            if limits.least and limits.most
            else (f"at least {limits.least}" if limits.least else f"at most {limits.most}")
        )
        raise Unreadable(f'"{text}" is out of range', f"it must be {span}")


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


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."

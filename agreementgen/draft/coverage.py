"""Nothing silent: every fact that was typed and is meant for print stands in the agreement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.deal import formats
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.values import Choice, Duration, Money, Percent, Region
from agreementgen.document import Document, words_in
from agreementgen.errors import Problem
from agreementgen.language.filters import without_stop


def unprinted(deal: Deal, document: Document) -> tuple[Problem, ...]:
    """Return a warning for every typed fact whose words stand nowhere in `document`.

    Facts whose answer is a choice or yes/no select wording instead of being printed, and are left out here.
    """
    text = words_in(document).casefold()
    return tuple(
        Problem(
            f'"{shown[0]}" was given, but the agreement does not print it',
            "it may depend on another answer; look whether the agreement says what you mean",
            answer.path,
            answer.place,
        )
        for answer in deal.answers
        if answer.typed and answer.question.printed
        for shown in _forms(answer, deal.language)
        if not any(form.casefold() in text for form in shown)
    )


def _forms(answer: Answer, language: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each leaf of a fact, the forms in which it may be printed."""
    if answer.question.type in ("group", "list of groups", "shares", "per party"):
        # Their parts are answers of their own, except the items of a map from parties.
        if answer.question.type in ("per party", "shares"):
            for entry in answer.value:
                yield from _leaf(entry.get("said", entry.get("share")), language)
        return
    yield from _leaf(answer.value, language)


def _leaf(value: Any, language: str) -> Iterator[tuple[str, ...]]:
    match value:
        case Choice() | bool() | None | dict():
            return
        case tuple():
            for item in value:
                yield from _leaf(item, language)
        case Duration():
            shown = formats.duration(value, language)
            if value.count:
                yield shown, formats.adjective(value, language), formats.possessive(shown)
        case Percent():
            if value.number:
                yield (formats.printed(value, language),)
        case str() | Money() | Region() | date() | int() | Decimal():
            shown = formats.printed(value, language)
            yield shown, without_stop(shown)

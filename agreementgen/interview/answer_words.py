"""How an answer is called and said on the screen."""

from __future__ import annotations

from agreementgen.core.values import Unprintable, format_value
from agreementgen.deal.answers import SWITCHED_OFF
from agreementgen.deal.reader import DealStatus, FactStatus


def value_in_words(value: object, language: str) -> str:
    """Return a value as a person says it."""
    if value is SWITCHED_OFF:
        return "no"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_entry_in_words(item, language) for item in value)
    if isinstance(value, dict) and "short" not in value:
        return "yes"
    try:
        return format_value(value, language)
    except Unprintable:
        return ""


def _entry_in_words(item: object, language: str) -> str:
    if isinstance(item, dict) and "party" in item and ("said" in item or "share" in item):
        return f"{item['party']['short']}: {value_in_words(item.get('said', item.get('share')), language)}"
    if isinstance(item, dict):
        parts = [_part_in_words(value, language) for value in item.values() if value not in (None, ())]
        return ", ".join(part for part in parts if part)
    return value_in_words(item, language)


def _part_in_words(value: object, language: str) -> str:
    """Return a part of an entry: a party by its short name, any other group by its parts."""
    if isinstance(value, dict) and "short" not in value:
        return _entry_in_words(value, language)
    return value_in_words(value, language)


def label_of(fact: FactStatus, status: DealStatus) -> str:
    """Return the name of an answer inside its topic: "pilot, length"; parties by their short names."""
    names = []
    if len(fact.path) == 1 and fact.question.is_group:
        return "included"  # the topic itself
    for index, part in enumerate(fact.path[1:] or fact.path):
        if part.isdigit() and fact.path[0] == "parties" and index == 0:
            names.append(status.parties[int(part) - 1] if int(part) <= len(status.parties) else f"party {part}")
        else:
            names.append(part)
    return ", ".join(name for name in names if name)

"""How rules measure what is said: lengths in days, amounts as numbers, and what is not given as MISSING."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from agreementgen.core.values import Duration, Money, Percent
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.language.environment import MISSING

PERIOD_DAYS = {
    "day": Decimal(1),
    "week": Decimal(7),
    "month": Decimal("30.4"),
    "quarter": Decimal("91.2"),
    "year": Decimal(365),
}
WORD_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "forty-five": 45, "sixty": 60,
    "ninety": 90,
}  # fmt: skip
DAYS_IN = {"hour": Decimal(1) / 24, **PERIOD_DAYS}
# Lengths that differ by less than so many days, or this part of the longer one, are equal: months are not all alike.
TOLERANCE = 3
_SAME_LENGTH = Decimal("0.02")


class MeasuredFacts(FactsView):
    """The facts of a deal as one measure sees them; what it cannot measure is missing."""

    def __init__(self, facts: FactsView, measure: str) -> None:
        self._facts, self._measure = facts, measure
        self._groups: dict[str, MeasuredFacts] = {}

    def __getitem__(self, key: str) -> Any:
        value = self._facts.get(key)
        if isinstance(value, Mapping):
            if key not in self._groups:
                self._groups[key] = MeasuredFacts(value, self._measure)
            return self._groups[key]
        number = days_of(value) if self._measure == "days" else number_of(value)
        return MISSING if number is None else number

    def __contains__(self, key: object) -> bool:
        return key in self._facts

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def days_of(value: object) -> Decimal | None:
    """Return a length in days, a month as 30.4 and a year as 365; None for anything else."""
    return DAYS_IN[value.unit] * value.count if isinstance(value, Duration) else None


def is_same_length(one: Decimal, other: Decimal) -> bool:
    """Return whether two lengths in days are equal, as far as months are."""
    return abs(one - other) <= _SAME_LENGTH * max(one, other)


def is_longer(one: Decimal | None, other: Decimal | None) -> bool:
    """Return whether a length in days is longer than another, by more than months differ; not where one is missing."""
    return one is not None and other is not None and one > other and not is_same_length(one, other)


def number_of(value: object) -> Decimal | None:
    """Return the number of an amount, percentage (10 for 10 %) or count; None for anything else."""
    match value:
        case bool():
            return None
        case Money(amount, _):
            return amount
        case Percent(number):
            return number
        case int() | Decimal():
            return Decimal(value)
    return None


def read_count(number: str) -> Decimal:
    """Return the number that a word or digits are ("five", "5")."""
    return Decimal(WORD_NUMBERS.get(number.casefold(), number))


class Settled(Facts):
    """A mapping in which nothing can be missing: it need not be looked through for what is."""


def hide_missing(value: object) -> object:
    """Return facts in which what is not given is MISSING."""
    if value is None:
        return MISSING
    if type(value) is dict:
        return {key: hide_missing(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple([hide_missing(item) for item in value])
    if isinstance(value, Mapping) and not isinstance(value, Settled):
        return {key: hide_missing(item) for key, item in value.items()}
    return value

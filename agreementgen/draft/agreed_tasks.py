"""What a deal itself says of tasks: who does each, who approves it, by when.

RACI charts are proposed of it and held against it.

Who does a task is a fact of the deal or follows from one; where it names nobody, nobody is made up.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agreementgen.core.document import text_of_runs
from agreementgen.core.values import Duration
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.draft.drafting import each_entry, fill_facts
from agreementgen.language.conditions import read_condition
from agreementgen.language.filling import FillContext
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.typical_tasks import EACH, NOT, TOGETHER, TypicalTask

# What a fact that may be a party says instead where the parties do it together.
_JOINTLY = "jointly"
_EFFECTIVE_DATE = "effective date"
PHASES_BY_PERIOD = {
    "weekly": "Every week",
    "every two weeks": "Every two weeks",
    "monthly": "Every month",
    "quarterly": "Every quarter",
    "half-yearly": "Every half year",
    "yearly": "Every year",
}


@dataclass(frozen=True)
class AgreedTask:
    """A typical task as one deal has it. Parties are short names.

    `doers` are empty where the agreement names nobody, `approver` is "" where it does not say who has the last word.
    `periods` and `within` are what the deal says for the facts of `typical`.
    """

    typical: TypicalTask
    name: str
    phase: str
    doers: tuple[str, ...]
    approver: str
    due: date | None
    periods: tuple[str, ...]
    within: tuple[Duration, ...]

    def describes(self, name: str) -> bool:
        """Return whether a task of a chart by this name is this one."""
        return name == self.name or self.typical.is_about(name)


def list_agreed_tasks(deal: Deal, library: Library, outline: Outline) -> tuple[AgreedTask, ...]:
    """Return the tasks of a deal in the order of the library; one that each party has stands once for each."""
    topics = frozenset(outline.topics)
    context = FillContext(deal.facts, deal.language, topics)
    return tuple(
        agreed
        for topic in outline.topics
        for typical in library.topics[topic].typical_tasks
        for entry in (each_entry(context, typical.each) if typical.each else (context,))
        if read_condition(typical.when.text).holds(entry.facts, typical.when.place)
        for agreed in _agree(deal, typical, entry)
    )


def _agree(deal: Deal, typical: TypicalTask, context: FillContext) -> Iterator[AgreedTask]:
    by = _fill(typical.by, context)
    doers = _find_parties(by, deal, context.facts)
    approver = _find_parties(typical.approved_by, deal, context.facts) if typical.approved_by else ()
    is_shared = by == TOGETHER or find_fact(by, context.facts) == _JOINTLY
    for those in [doers] if is_shared or not doers else [(doer,) for doer in doers]:
        parties = {party.short: party.facts for party in deal.parties}
        doer = parties[those[0]] if len(those) == 1 else {"short": "the parties"}
        others = [facts for short, facts in parties.items() if short not in those]
        other = others[0] if len(others) == 1 else {"short": "the others"}
        full = replace(context, facts={**context.facts, "doer": doer, "other": other})
        periods = tuple(str(find_fact(path, context.facts) or path) for path in typical.periods)
        yield AgreedTask(
            typical=typical,
            name=_fill(typical.name, full),
            phase=_fill(typical.phase, full) or PHASES_BY_PERIOD.get(next(iter(periods), ""), ""),
            doers=those,
            approver=those[0] if len(those) == 1 else next(iter(approver), "") if len(approver) == 1 else "",
            due=_find_due_day(typical.due, context.facts),
            periods=periods,
            within=tuple(
                value for path in typical.within if isinstance(value := find_fact(path, context.facts), Duration)
            ),
        )


def _fill(text: PlacedText, context: FillContext) -> str:
    return text_of_runs(fill_facts(text, context)) if text.text else ""


def _find_parties(by: str, deal: Deal, facts: Mapping[str, object]) -> tuple[str, ...]:
    """Return the short names of those whom `by` names, as TypicalTask.by has it."""
    every = tuple(party.short for party in deal.parties)
    if by.startswith(NOT):
        excepted = _find_parties(by.removeprefix(NOT), deal, facts)
        return tuple(short for short in every if short not in excepted) if excepted else ()
    fact = find_fact(by, facts)
    if by in (EACH, TOGETHER) or fact in (EACH, _JOINTLY):
        return every
    if isinstance(fact, Mapping):
        return (str(fact["short"]),) if fact.get("short") in every else ()
    return tuple(party.short for party in deal.parties if isinstance(fact, str) and _is_of_party(fact, party.facts))


def _is_of_party(person: str, party: Mapping[str, object]) -> bool:
    """Return whether a text such as "Dana Reyes, by telephone" names who signs for a party or is its contact."""
    names = (find_fact("signatory.name", party), str(party.get("contact") or "").split(",")[0])
    return any(name and str(name).casefold() in person.casefold() for name in names)


# -- days


def _find_due_day(path: str, facts: Mapping[str, object]) -> date | None:
    fact = find_fact(path, facts) if path else None
    if isinstance(fact, date):
        return fact
    effective = facts.get("effective")
    if fact == _EFFECTIVE_DATE:
        return effective if isinstance(effective, date) else None
    return add_length(effective, fact) if isinstance(fact, Duration) and isinstance(effective, date) else None


def add_length(day: date, length: Duration) -> date:
    """Return the day that is `length` after `day`; hours count as days begun, and the last day of a month is its last.

    A year that no date has ends with the last day of all.
    """
    if length.unit in ("month", "year"):
        months = day.month - 1 + length.count * (12 if length.unit == "year" else 1)
        year, month = day.year + months // 12, months % 12 + 1
        if year > date.max.year:
            return date.max
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    try:
        return day + timedelta(days=-(-length.hours // 24))
    except OverflowError:
        return date.max


_MONTHS_OF_PERIODS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def last_day_allowed(day: date, agreed: AgreedTask) -> date | None:
    """Return the last day for what is due after the last period that ended before `day`; None where none is agreed."""
    months = _MONTHS_OF_PERIODS.get(agreed.periods[0]) if len(agreed.periods) == 1 else None
    if not months or not agreed.within:
        return None
    first_month = (day.month - 1) // months * months + 1
    last = date(day.year, first_month, 1) - timedelta(days=1)
    for length in agreed.within:
        last = add_length(last, length)
    return last

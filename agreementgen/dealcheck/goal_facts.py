"""What rules know of goals, levels, goods and of what each party gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from agreementgen.core.values import Money, Percent
from agreementgen.deal.deal import find_fact
from agreementgen.deal.lasting import find_term, find_whole_length
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.measured_facts import PERIOD_DAYS, TOLERANCE, WORD_NUMBERS, days_of, read_count
from agreementgen.dealcheck.patterns import WordPattern

_MONTH = PERIOD_DAYS["month"]
_PERCENT = WordPattern(r"(\d+(?:\.\d+)?) ?(?:%|percent)", re.IGNORECASE)
_MONEY = WordPattern(r"(?:[$€£¥]|[A-Z]{3}) ?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?) ?(?:[$€£¥]|[A-Z]{3})\b")
_COUNT = WordPattern(r"(?:at least |about )?(\d[\d,]*)(?: [a-z ]+)?", re.IGNORECASE)
_PROMISED_LEVELS = (
    ("service.fill_rate", WordPattern(r"\bfill rate\b", re.I)),
    ("service.on_time", WordPattern(r"\bon[- ]time\b", re.I)),
)
_REVENUE = WordPattern(r"\brevenue\b|\bsales\b", re.IGNORECASE)
_LEADS = WordPattern(r"\b(?:qualified )?(?:leads|referrals)\b", re.IGNORECASE)
_LEADS_A_MONTH = WordPattern(
    rf"\b(\d{{1,4}}|{'|'.join(WORD_NUMBERS)}) (?:qualified |new )?(?:leads?|referrals?|clients?|customers?) "
    r"(?:a|per|each|every) month\b",
    re.IGNORECASE,
)
_MOST_OFF = Decimal("0.25")
# Topics without which the law decides what nobody wants to leave to it.
_PROTECTIVE = ("liability", "confidentiality", "disputes", "exit", "indemnity")


def join_words(words: Iterable[object]) -> str | None:
    """Return "A, B and C", None for no words at all."""
    *more, last = [str(word) for word in words] or [""]
    return (f"{', '.join(more)} and {last}" if more else last) or None


def list_goals(facts: FactsView) -> tuple[Facts, ...]:
    """Return the goals, each with its number, its time in days and the promised level that it repeats."""
    lengths = {
        **PERIOD_DAYS,
        "pilot": days_of(find_fact("duration.pilot.length", facts)),
        "term": days_of(find_term(facts)),
    }
    return tuple(
        {
            **goal,
            "number": number,
            "days": lengths.get(str(goal.get("period"))),
            "is_promised_at": _find_promise(goal, facts),
            "is_counted": goal.get("source") is not None and goal.get("owner") is not None,
            "planned_otherwise": _find_other_plan(goal, lengths.get(str(goal.get("period"))), facts),
        }
        for number, goal in enumerate(facts.get("goals") or (), 1)
    )


def _find_promise(goal: FactsView, facts: FactsView) -> str | None:
    said = _PERCENT.search(str(goal.get("target") or ""))
    for name, words in _PROMISED_LEVELS if said else ():
        level = find_fact(name, facts)
        if said and isinstance(level, Percent) and words.search(str(goal.get("name"))):
            return name.replace("_", " ") if Decimal(said[1]) == level.number else None
    return None


def _find_other_plan(goal: FactsView, days: Decimal | None, facts: FactsView) -> Money | Decimal | None:
    """Return what the figures of leads come to in a goal's time where the goal differs by more than a quarter."""
    name, target = str(goal.get("name") or ""), str(goal.get("target") or "")
    expected, a_month = find_fact("figures.expected_a_month", facts), find_fact("leads.a_month", facts)
    if not days:
        return None
    money, count = _MONEY.fullmatch(target.strip()), _COUNT.fullmatch(target.strip())
    if money and isinstance(expected, Money) and _REVENUE.search(name):
        figure, plan = _number_in(money[1] or money[2]), expected.amount * days / _MONTH
        return Money(plan.quantize(Decimal(1)), expected.currency) if _is_off(figure, plan, facts) else None
    if count and isinstance(a_month, int) and _LEADS.search(name) and not _REVENUE.search(name):
        figure, plan = _number_in(count[1]), Decimal(a_month) * days / _MONTH
        return plan.quantize(Decimal(1)) if _is_off(figure, plan, facts) else None
    return None


def _number_in(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _is_off(figure: Decimal, plan: Decimal, facts: FactsView) -> bool:
    """Return whether a figure is neither that of one party nor, where each refers, that of all together."""
    everybody = len(facts["parties"]) if str(find_fact("leads.direction", facts)) == "two-way" else 1
    return all(abs(figure - plan * times) > _MOST_OFF * plan * times for times in (1, everybody))


def describe_goals(goals: tuple[Facts, ...], facts: FactsView) -> Facts:
    """Return what the goals come to together."""
    pilot = days_of(find_fact("duration.pilot.length", facts))
    spans = [goal["days"] for goal in goals]
    within = [days for days in spans if pilot is not None and days is not None and days <= pilot + TOLERANCE]
    return {
        "goal_count": len(goals),
        "goals_all_longer_than_pilot": bool(goals and pilot) and not within and None not in spans,
        "goals_within_pilot": bool(within),
        "uncounted_goals": join_words(f'"{goal["name"]}"' for goal in goals if not goal["is_counted"]),
    }


def list_levels(facts: FactsView, longest: Decimal | None) -> tuple[Facts, ...]:
    """Return the tiers of a partner program, each with its number, and whether its time is over `longest` days."""
    start = str(find_fact("tiers.start", facts) or "").casefold()
    return tuple(
        {
            **level,
            "number": number,
            "is_too_long": _is_over(days_of(level.get("window")), longest),
            "is_start": str(level.get("name")).casefold() == start,
        }
        for number, level in enumerate(find_fact("tiers.levels", facts) or (), 1)
    )


def _is_over(days: Decimal | None, longest: Decimal | None) -> bool:
    return days is not None and longest is not None and days > longest + TOLERANCE


def describe_levels(levels: tuple[Facts, ...]) -> Facts:
    """Return the tiers that nothing leads down from, and whether two offer the same."""
    benefits = [" ".join(str(level.get("benefits")).casefold().split()) for level in levels]
    return {
        "levels_without_way_down": join_words(level["name"] for level in levels[1:] if not level.get("falls_back")),
        "levels_alike": len(set(benefits)) < len(benefits),
    }


def list_items(facts: FactsView) -> tuple[Facts, ...]:
    """Return the goods, each with its number and whether its quantities cannot stand together."""
    return tuple(_describe_item(number, item) for number, item in enumerate(find_fact("goods.items", facts) or (), 1))


def _describe_item(number: int, item: FactsView) -> Facts:
    least, expected, most = (item.get(key) for key in ("minimum", "expected", "maximum"))
    return {
        **item,
        "number": number,
        "minimum_over_maximum": least is not None and most is not None and least > most,
        "expected_outside": expected is not None
        and ((least is not None and expected < least) or (most is not None and expected > most)),
    }


def describe_goods(facts: FactsView) -> Facts:
    """Return how the periods of goods fit the agreement, and whether the promise to buy can be ended early."""
    period = PERIOD_DAYS.get(str(find_fact("goods.period", facts)))
    periods = find_fact("goods.periods", facts)
    term = days_of(find_whole_length(facts))
    goods_days = Decimal(periods) * period if isinstance(periods, (int, Decimal)) and period else None
    notice = days_of(find_fact("termination.notice", facts))
    is_promised = find_fact("goods.take_or_pay", facts) is not None or bool(
        find_fact("figures.minimum_a_period", facts) and str(find_fact("goods.commitment", facts)) == "fixed minimum"
    )
    only_by, supplier = find_fact("termination.only_by", facts), find_fact("supplier.short", facts)
    buyer_may_leave = not isinstance(only_by, Mapping) or only_by.get("short") != supplier
    least = max(2 * period, Decimal(30)) if period else Decimal(0)
    return {
        "goods_days": goods_days,
        "periods_off": abs(goods_days - term) / period if goods_days and term and period else None,
        "promise_ends_early": is_promised
        and bool(find_fact("termination.convenience", facts))
        and buyer_may_leave
        and notice is not None
        and notice + TOLERANCE < least,
    }


def describe_giving(parties: tuple[Facts, ...], facts: FactsView) -> Facts:
    """Return who gives nothing, who has few duties or nobody to call, and which protective topics are left out."""
    entries = facts.get("value_exchange") or ()
    giving = {str(find_fact("party.short", entry)) for entry in entries}
    worth = [value.amount for entry in entries if isinstance(value := find_fact("said.estimated_value", entry), Money)]
    shorts = [str(party["short"]) for party in parties]
    left_out = [str(topic) for topic in facts.get("leave_out") or ()]
    leads = {short: count for short in shorts if (count := _leads_given(short, facts)) is not None}
    people = [Decimal(count) for party in parties if isinstance(count := party.get("people"), int)]
    return {
        "lead_times": _times(list(leads.values())) if len(leads) == len(shorts) else None,
        "people_times": _times(people),
        "gives_nothing": join_words(short for short in shorts if entries and short not in giving),
        "value_times": _times(worth),
        "few_duties": join_words(party["short"] for party in parties if party["duties"] < 2)
        if facts.get("responsibilities")
        else None,
        "no_contact": join_words(party["short"] for party in parties if not party.get("contact")),
        "unconfirmed": join_words(_each_unconfirmed(parties)),
        "left_to_law": join_words(topic for topic in _PROTECTIVE if topic in left_out),
    }


def _leads_given(short: str, facts: FactsView) -> Decimal | None:
    """Return how many leads a month a party says that it gives, None where it does not say."""
    said = [
        str(text)
        for name in ("value_exchange", "responsibilities")
        for entry in facts.get(name) or ()
        if find_fact("party.short", entry) == short
        for text in _each_said(entry["said"])
    ]
    found = next((match for text in said if (match := _LEADS_A_MONTH.search(text))), None)
    return read_count(found[1]) if found else None


def _each_said(said: object) -> Iterator[object]:
    if isinstance(said, Mapping):
        yield said.get("gives") or ""
    elif isinstance(said, tuple):
        yield from said


def _times(worth: list[Decimal]) -> Decimal | None:
    """Return how many times the smallest value the greatest is."""
    if len(worth) < 2:
        return None
    return max(worth) / (min(worth) or Decimal("0.01"))


def _each_unconfirmed(parties: tuple[Facts, ...]) -> Iterator[str]:
    for party in parties:
        for group in ("signatory", "second_signatory"):
            signer = party.get(group)
            if isinstance(signer, Mapping) and not party["is_person"] and signer.get("authority_confirmed") is None:
                yield str(signer.get("name")).partition(",")[0]

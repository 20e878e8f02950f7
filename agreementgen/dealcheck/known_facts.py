"""What rules may ask of a deal besides its facts: derived facts, named and explained here, because rules cannot count.

| name | what it is |
| --- | --- |
| `days.x.y` | the length of the fact `x.y` in days (a month 30.4 days, a year 365), nothing where it is not given |
| `amount.x.y` | the number of an amount, percentage or figure `x.y`, nothing where it is not given |
| `link.NAME` | whether a party or the governing law lies in the set NAME of `clauses/law-data.yaml` |
| `threshold.NAME` | a number of `clauses/law-data.yaml` |
| `check.per_referral` | whether money is paid for referrals: a referral fee, commission, or shared revenue of leads |
| `check.percent_fee` | whether the fee is a percentage |
| `check.value` | the greatest sum the deal names, in its currency |
| `check.fields` | the regulated fields of all parties |
| `check.money_flows` | whether anything is paid under the deal |
| `check.late_charge_a_year` | the late charge of twelve months in percent |
| `check.same_signer` | whether one person signs for two parties |
| `check.venue_elsewhere` | whether the venue names a state that is not that of the governing law |
| `check.law_unlinked` | whether no party has to do with the state of the governing law |
| `check.planned_budget` | the sum of the budgets of the planned campaigns |
| `check.share_of_budget` | agreed cash and property in percent of the venture's budget |
| `check.whole_days` | how long the agreement lasts, in days: its term, or its pilot |
| `check.goods_days` | how long the agreed periods of goods last, in days |
| `check.tiers_rise` | whether the steps of the fee begin at 1 and rise |
| `check.has_*` | whether there are goals, contacts for all, ... |
| `check.parties` | the parties, each with `is_person`, `state_names`, `lies_in.NAME`, `duties`, and what its name shows |
| `check.goals` | the goals, each with `days` |
| `check.texts` | every text that was typed, each with `path`, `text`, and what it holds |
| `age` | days from the effective date to today, nothing without `--today` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.values import Duration, Money, Percent, Region, region_codes, regions_by_name
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.dealcheck.rules import LawData

_DAYS = {"hour": Decimal(1) / 24, "day": Decimal(1), "week": Decimal(7), "month": Decimal("30.4"), "year": Decimal(365)}
PERSONS = ("individual", "sole proprietor")


class Missing:
    """What is not given: no comparison with it holds, and it is never yes."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __contains__(self, item: object) -> bool:
        return False

    def __getitem__(self, key: object) -> Missing:
        return self


MISSING = Missing()


class Measures(Mapping[str, Any]):
    """The facts of a deal as one measure sees them; what it cannot measure is missing."""

    def __init__(self, facts: Mapping[str, Any], measure: str) -> None:
        self._facts, self._measure = facts, measure

    def __getitem__(self, key: str) -> Any:
        value = self._facts.get(key)
        if isinstance(value, Mapping):
            return Measures(value, self._measure)
        number = days_of(value) if self._measure == "days" else number_of(value)
        return MISSING if number is None else number

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def days_of(value: object) -> Decimal | None:
    """Return a length in days, a month as 30.4 and a year as 365; None for anything else."""
    return _DAYS[value.unit] * value.count if isinstance(value, Duration) else None


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


def hide_missing(value: object) -> object:
    """Return facts in which what is not given is MISSING."""
    if value is None:
        return MISSING
    if isinstance(value, Mapping):
        return {key: hide_missing(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(hide_missing(item) for item in value)
    return value


def gather_facts(deal: Deal, data: LawData, today: date | None) -> dict[str, Any]:
    """Return everything a rule may ask of a deal, by the names above. `today` is an input; None where nobody said it."""
    facts = deal.facts
    parties = tuple(_describe_party(number, party, data, facts) for number, party in enumerate(facts["parties"], 1))
    effective = facts.get("effective")
    states = frozenset().union(*(party["states"] for party in parties))
    law = _code_of(facts.get("law"))
    everywhere = states | ({law} if law else frozenset())
    gathered = {key: hide_missing(value) for key, value in facts.items()}
    gathered |= {
        "days": Measures(facts, "days"),
        "amount": Measures(facts, "amount"),
        "link": {name: bool(regions & everywhere) for name, regions in data.regions.items()},
        "threshold": dict(data.amounts),
        "age": (today - effective).days if today and isinstance(effective, date) else MISSING,
        "check": hide_missing(_describe_deal(deal, parties, states, law)),
    }
    return gathered


def _code_of(region: object) -> str:
    return region.code if isinstance(region, Region) else ""


# -- the deal as a whole


def _describe_deal(deal: Deal, parties: tuple[dict[str, Any], ...], states: frozenset[str], law: str) -> dict[str, Any]:
    facts = deal.facts
    model = str(find_fact("financial.model", facts) or "none")
    fields = tuple(dict.fromkeys(str(field) for party in parties for field in party["fields"]))
    term = days_of(find_fact("duration.term", facts)) or days_of(find_fact("duration.pilot.length", facts))
    late = find_fact("financial.late_charge", facts)
    signers = [str(party["signer"]).casefold() for party in parties if party["signer"]]
    venue = _region_in_venue(str(facts.get("venue") or ""))
    goals = tuple(_describe_goal(number, goal, facts) for number, goal in enumerate(facts.get("goals") or (), 1))
    leads = find_fact("leads.direction", facts) is not None
    per_referral = leads and model in ("referral fee", "commission", "revenue share")
    texts = tuple(_each_text(deal))
    return {
        "per_referral": per_referral,
        "percent_fee": isinstance(find_fact("financial.fee", facts), Percent),
        "money_flows": model not in ("none", "reciprocal referrals") or bool(facts.get("venture") or facts.get("goods")),
        "value": _greatest_sum(facts),
        "fields": fields,
        "late_charge_a_year": late.number * 12 if isinstance(late, Percent) else None,
        "same_signer": len(set(signers)) < len(signers),
        "venue_elsewhere": bool(venue and law and venue != law and venue.split("-")[0] == law.split("-")[0]),
        "law_unlinked": bool(law) and not any(_is_same_region(law, state) for state in states),
        "planned_budget": _sum_of(find_fact("campaigns.planned", facts), "budget"),
        "shared_budget": _sum_of(find_fact("financial.shared_costs", facts), "budget"),
        "share_of_budget": _share(find_fact("figures.contributed", facts), find_fact("venture.budget", facts)),
        "whole_days": term,
        "goods_days": _goods_days(facts),
        "tiers_rise": _tiers_rise(find_fact("financial.tiers", facts) or ()),
        "goals_all_longer_than_pilot": _are_goals_longer_than_pilot(goals, facts),
        "duties_missing": any(party["duties"] < 2 for party in parties),
        "contacts_missing": any(not party["contact"] for party in parties),
        "parties_in_two_states": len({_code_of(party["formed_in"]) for party in parties if party["formed_in"]}) > 1,
        "has_persons": any(party["is_person"] for party in parties),
        "abroad": any(not code.startswith("US-") and code != "US" for code in states),
        "special_terms": " ".join(str(text) for text in facts.get("special_terms") or ()).casefold(),
        "count": len(parties),
        "goal_count": len(goals),
        "parties": parties,
        "goals": goals,
        "texts": texts,
    }


def _greatest_sum(facts: Mapping[str, Any]) -> Decimal | None:
    names = (
        "figures.fees_a_year",
        "figures.flat_fees_a_year",
        "figures.minimum_in_all",
        "minimums.minimum.value",
        "venture.budget",
    )
    sums = [value.amount for name in names if isinstance(value := find_fact(name, facts), Money)]
    for entry in facts.get("value_exchange") or ():
        said = entry.get("said") if isinstance(entry, Mapping) else None
        worth = said.get("estimated_value") if isinstance(said, Mapping) else None
        if isinstance(worth, Money):
            sums.append(worth.amount)
    return max(sums, default=None)


def _sum_of(entries: object, key: str) -> Decimal | None:
    amounts = [entry.get(key) for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, tuple) else []
    found = [amount.amount for amount in amounts if isinstance(amount, Money)]
    return sum(found, Decimal(0)) if found else None


def _share(part: object, whole: object) -> Decimal | None:
    if isinstance(part, Money) and isinstance(whole, Money) and part.currency == whole.currency and whole.amount:
        return part.amount / whole.amount * 100
    return None


def _goods_days(facts: Mapping[str, Any]) -> Decimal | None:
    periods = find_fact("goods.periods", facts)
    length = {"day": 1, "week": 7, "month": Decimal("30.4"), "quarter": Decimal("91.2"), "year": 365}.get(
        str(find_fact("goods.period", facts))
    )
    return Decimal(periods) * length if isinstance(periods, (int, Decimal)) and length else None


def _tiers_rise(tiers: tuple[Mapping[str, Any], ...]) -> bool:
    starts = [number for tier in tiers if (number := number_of(tier.get("from"))) is not None]
    return not starts or (starts[0] <= 1 and all(a < b for a, b in zip(starts, starts[1:], strict=False)))


def _describe_goal(number: int, goal: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    lengths = {
        "week": Decimal(7),
        "month": Decimal("30.4"),
        "quarter": Decimal("91.2"),
        "year": Decimal(365),
        "pilot": days_of(find_fact("duration.pilot.length", facts)),
        "term": days_of(find_fact("duration.term", facts)),
    }
    return {**goal, "number": number, "days": lengths.get(str(goal.get("period")))}


def _are_goals_longer_than_pilot(goals: tuple[dict[str, Any], ...], facts: Mapping[str, Any]) -> bool:
    pilot = days_of(find_fact("duration.pilot.length", facts))
    return bool(goals and pilot) and all(goal["days"] is not None and goal["days"] > pilot + 3 for goal in goals)


# -- places

_US_END = re.compile(r"\b([A-Z]{2})\.?,?\s+\d{5}(?:-\d{4})?\b")
_CANADIAN_END = re.compile(r"\b([A-Z]{2}),?\s+[A-Z]\d[A-Z]\s*\d[A-Z]\d\b")


def _region_of_address(address: str) -> str:
    for pattern, country in ((_US_END, "US"), (_CANADIAN_END, "CA")):
        found = pattern.findall(address)
        if found and f"{country}-{found[-1]}" in region_codes():
            return f"{country}-{found[-1]}"
    return _region_named(address.split(",")[-1])


def _region_in_venue(venue: str) -> str:
    return _region_named(venue.split(",")[-1])


def _region_named(name: str) -> str:
    found = regions_by_name().get(name.strip().casefold(), ())
    return found[0].code if len(found) == 1 else ""


def _is_same_region(law: str, state: str) -> bool:
    return law == state or law.split("-")[0] == state or state.split("-")[0] == law


# -- parties

_ENTITY_WORDS = {
    "LLC": r"L\.?L\.?C\.?|Limited Liability Company",
    "corporation": r"Inc\.?|Incorporated|Corp\.?|Corporation",
    "limited partnership": r"L\.?P\.?",
    "LLP": r"L\.?L\.?P\.?",
    "company": r"Ltd\.?|Limited|GmbH|AG|S\.A\.|PLC",
}
_ENTITY_END = {kind: re.compile(rf"(?:^|[\s,])(?:{words})$", re.IGNORECASE) for kind, words in _ENTITY_WORDS.items()}


def entity_word_of(name: str) -> str:
    """Return the type of entity that the last word of a name shows ("LLC"), "" where it shows none."""
    return next((kind for kind, pattern in _ENTITY_END.items() if pattern.search(name.strip())), "")


def _describe_party(number: int, party: Mapping[str, Any], data: LawData, facts: Mapping[str, Any]) -> dict[str, Any]:
    entity = str(party.get("entity") or "")
    states = frozenset(
        code
        for code in (
            *(_code_of(region) for region in party.get("operates_in") or ()),
            _code_of(party.get("formed_in")),
            _region_of_address(str(party.get("address") or "")),
        )
        if code
    )
    signatory = party.get("signatory") or {}
    signer = str(signatory.get("name") or "")
    word = entity_word_of(str(party.get("name") or ""))
    covenant = find_fact("restrictions.non_compete", facts)
    bound = covenant.get("bound") if isinstance(covenant, Mapping) else None
    is_bound = covenant is not None and (not isinstance(bound, Mapping) or bound.get("short") == party["short"])
    duties = [
        entry for entry in facts.get("responsibilities") or () if entry["party"]["short"] == party["short"]
    ]
    return {
        **party,
        "number": number,
        "is_person": entity in PERSONS,
        "states": states,
        "lies_in": {name: bool(regions & states) for name, regions in data.regions.items()},
        "fields": tuple(party.get("regulated_fields") or ()),
        "signer": signer,
        "signer_is_entity": bool(entity_word_of(signer)),
        "signer_title": signatory.get("title"),
        "authority": signatory.get("authority_confirmed"),
        "entity_word": word or None,
        "entity_contradicts": bool(word) and entity in ("LLC", "corporation") and word in ("LLC", "corporation")
        and word != entity,
        "person_with_entity_word": entity in PERSONS and bool(word),
        "non_compete_binds": is_bound,
        "customers_bound": bool(find_fact("restrictions.customers", facts)),
        "duties": sum(len(entry["said"]) for entry in duties),
    }


# -- texts

_BRACKETS = re.compile(r"\[[^\]]{2,}\]|<[^>]{2,}>|_{3,}|\?{3,}|lorem ipsum", re.IGNORECASE)
_OPEN_WORDS = re.compile(r"\b(?:TODO|TBD|TBC|XXX+)\b")
_OPEN_ANSWERS = {"todo", "tbd", "tbc", "xxx", "n/a", "na", "none", "-", "same", "insert", "company name", "your name"}
_SIGNING_MARKS = re.compile(r"\{\{|\}\}|\[\[|\{%|\\s\d+\\|/sn\d+/|Sig_es_|\[signature:", re.IGNORECASE)
_NUMBER_ONLY = re.compile(r"[\W\d_]*\d[\W\d_]*|(?:[A-Z]{3}|[$€£])\s?[\d.,]+|\d{4}-\d\d-\d\d")
_PROFIT = re.compile(r"\b(?:profits?|net income|earnings)\b", re.IGNORECASE)
_EXCLUSIVE = re.compile(r"\b(?:exclusive|exclusively|sole|solely|non-?compete)\b|\bonly (?:to|with|from)\b", re.IGNORECASE)
_LENGTH = re.compile(r"\b(\d{1,3})[ -](days?|weeks?|months?|years?)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\b(\d{1,3}(?:\.\d+)?) ?%")
_PAY_WORDS = re.compile(r"\b(?:pays?|paid|payment|fees?|invoices?|statements?|commission|share)\b", re.IGNORECASE)
_RATE_WORDS = re.compile(r"\b(?:fees?|share|commission|discount)\b", re.IGNORECASE)
_NAMES = ("name", "short", "address", "venue", "email", "contact", "signatory.name", "trade name")
_NO_DIGITS = ("name", "short", "contact", "signatory.name", "venue")
_TIMES = ("financial.due", "financial.statement", "financial.window", "financial.clawback")


def _each_text(deal: Deal) -> Iterator[dict[str, Any]]:
    lengths = {days_of(find_fact(name, deal.facts)) for name in _TIMES}
    rates = set(_each_rate(deal.facts))
    for answer in deal.answers:
        if not answer.typed or answer.question.type.names_party:
            continue
        for path, text in _texts_of(answer.path, answer.value):
            key = re.sub(r"^parties\.\d+\.", "", path)
            plain = text.strip().casefold()
            is_duty = path.startswith(("responsibilities", "resources", "special terms"))
            pay = is_duty and bool(_PAY_WORDS.search(text))
            named = [Decimal(n) * _DAYS[u.lower().rstrip("s")] for n, u in _LENGTH.findall(text)]
            shares = [Decimal(number) for number in _PERCENT.findall(text)]
            yield {
                "path": path,
                "text": text,
                "is_name": key in _NAMES,
                "has_placeholder": bool(_BRACKETS.search(text)),
                "is_open": plain in _OPEN_ANSWERS or bool(_OPEN_WORDS.search(text)),
                "must_be_closed": key in _NAMES or path == "exclusivity.scope" or path.endswith(".target"),
                "is_number": key in _NO_DIGITS and bool(_NUMBER_ONLY.fullmatch(text.strip())),
                "has_signing_mark": bool(_SIGNING_MARKS.search(text)),
                "is_duty": is_duty,
                "says_profit": (is_duty or path == "financial.shared revenue") and bool(_PROFIT.search(text)),
                "says_exclusive": is_duty and bool(_EXCLUSIVE.search(text)),
                "says_other_time": pay and bool(named) and not any(length in lengths for length in named),
                "says_other_rate": is_duty
                and bool(_RATE_WORDS.search(text))
                and bool(shares)
                and bool(rates)
                and not any(share in rates for share in shares),
            }


def _texts_of(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, str):
                yield path, item
            elif isinstance(item, Mapping) and isinstance(item.get("said"), tuple):
                yield from ((path, text) for text in item["said"] if isinstance(text, str))


def _each_rate(facts: Mapping[str, Any]) -> Iterator[Decimal]:
    fee = find_fact("financial.fee", facts)
    if isinstance(fee, Percent):
        yield fee.number
    groups = [*(find_fact("financial.tiers", facts) or ()), *(find_fact("financial.revenue_shares", facts) or ())]
    prices = facts.get("prices")
    for group in (*groups, *((prices,) if isinstance(prices, Mapping) else ())):
        for value in group.values() if isinstance(group, Mapping) else ():
            if isinstance(value, Percent):
                yield value.number

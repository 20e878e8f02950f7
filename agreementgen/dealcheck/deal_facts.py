"""What rules know of the deal as a whole: sums, lengths and what depends on each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from agreementgen.core.values import Money, Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.dealcheck.measures import PERIOD_DAYS, TOLERANCE, days_of, number_of
from agreementgen.dealcheck.party_facts import code_of_region, is_same_region, region_in_venue
from agreementgen.dealcheck.text_facts import each_text


def describe_deal(deal: Deal, parties: tuple[dict[str, Any], ...], states: frozenset[str], law: str) -> dict[str, Any]:
    facts = deal.facts
    model = str(find_fact("financial.model", facts) or "none")
    fields = tuple(dict.fromkeys(str(field) for party in parties for field in party["fields"]))
    term = days_of(find_fact("duration.term", facts)) or days_of(find_fact("duration.pilot.length", facts))
    late = find_fact("financial.late_charge", facts)
    signers = [str(party["signer"]).casefold() for party in parties if party["signer"]]
    venue = region_in_venue(str(facts.get("venue") or ""))
    goals = tuple(_describe_goal(number, goal, facts) for number, goal in enumerate(facts.get("goals") or (), 1))
    leads = find_fact("leads.direction", facts) is not None
    per_referral = leads and model in ("referral fee", "commission", "revenue share")
    texts = tuple(each_text(deal))
    has_business = bool(facts.get("venture") or facts.get("goods"))
    formed_in = {code_of_region(party["formed_in"]) for party in parties if party["formed_in"]}
    return {
        "law": law,
        "per_referral": per_referral,
        "percent_fee": isinstance(find_fact("financial.fee", facts), Percent),
        "money_flows": model not in ("none", "reciprocal referrals") or has_business,
        "value": _greatest_sum(facts),
        "fields": fields,
        "late_charge_a_year": late.number * 12 if isinstance(late, Percent) else None,
        "same_signer": len(set(signers)) < len(signers),
        "venue_elsewhere": bool(venue and law and venue != law and venue.split("-")[0] == law.split("-")[0]),
        "law_unlinked": bool(law) and not any(is_same_region(law, state) for state in states),
        "planned_budget": _sum_of(find_fact("campaigns.planned", facts), "budget"),
        "shared_budget": _sum_of(find_fact("financial.shared_costs", facts), "budget"),
        "share_of_budget": _share(find_fact("figures.contributed", facts), find_fact("venture.budget", facts)),
        "whole_days": term,
        "goods_days": _goods_days(facts),
        "tiers_rise": _tiers_rise(find_fact("financial.tiers", facts) or ()),
        "goals_all_longer_than_pilot": _are_goals_longer_than_pilot(goals, facts),
        "duties_missing": any(party["duties"] < 2 for party in parties),
        "contacts_missing": any(not party["contact"] for party in parties),
        "parties_in_two_states": len(formed_in) > 1,
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
    length = PERIOD_DAYS.get(str(find_fact("goods.period", facts)))
    return Decimal(periods) * length if isinstance(periods, (int, Decimal)) and length else None


def _tiers_rise(tiers: tuple[Mapping[str, Any], ...]) -> bool:
    starts = [number for tier in tiers if (number := number_of(tier.get("from"))) is not None]
    return not starts or (starts[0] <= 1 and all(a < b for a, b in pairwise(starts)))


def _describe_goal(number: int, goal: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    lengths = {
        **PERIOD_DAYS,
        "pilot": days_of(find_fact("duration.pilot.length", facts)),
        "term": days_of(find_fact("duration.term", facts)),
    }
    return {**goal, "number": number, "days": lengths.get(str(goal.get("period")))}


def _are_goals_longer_than_pilot(goals: tuple[dict[str, Any], ...], facts: Mapping[str, Any]) -> bool:
    pilot = days_of(find_fact("duration.pilot.length", facts))
    if not goals or pilot is None:
        return False
    return all(goal["days"] is not None and goal["days"] > pilot + TOLERANCE for goal in goals)

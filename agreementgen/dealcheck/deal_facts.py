"""What rules know of the deal as a whole: sums, lengths and what depends on each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from agreementgen.core.currencies import currencies_of_country
from agreementgen.core.places import country_of
from agreementgen.core.values import Money, Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.figure_facts import describe_money, describe_shares, describe_times
from agreementgen.dealcheck.goal_facts import (
    describe_giving,
    describe_goals,
    describe_goods,
    describe_levels,
    list_goals,
    list_items,
    list_levels,
)
from agreementgen.dealcheck.measured_facts import days_of, is_longer
from agreementgen.dealcheck.name_facts import describe_names, each_strange_brand
from agreementgen.dealcheck.party_facts import code_of_region, is_same_region, region_in_venue
from agreementgen.dealcheck.text_facts import each_other_rhythm, each_text

# Lengths that are held against each other: the first is longer than the second, by more than months differ. "agreement"
# is the whole agreement, "longest" the agreement with its automatic renewals.
_LENGTHS = {
    "warranty_than_longest": ("promises.warranty.length", "longest"),
    "answer_than_agreement": ("promises.first_chance.within", "agreement"),
    "window_than_tail": ("financial.window", "exit.tail"),
    "cycle_than_tail": ("leads.sales_cycle", "exit.tail"),
    "cycle_than_protection": ("leads.sales_cycle", "leads.protection"),
    "clawback_than_window": ("financial.clawback", "financial.window"),
    "clawback_than_tail": ("financial.clawback", "exit.tail"),
    "firm_than_forecast": ("forecast.firm", "forecast.length"),
    "lead_than_firm": ("orders.lead", "forecast.firm"),
    "inspection_than_hidden_defects": ("quality.inspection", "quality.hidden_defects"),
    "notice_than_hidden_defects": ("quality.notice", "quality.hidden_defects"),
    "exclusivity_than_longest": ("exclusivity.length", "longest"),
    "definitive_than_agreement": ("alliance.definitive_agreement.within", "agreement"),
    "ramp_and_a_year_than_longest": ("ramp_and_a_year", "longest"),
}
# Days after the end that are clearly more than a year.
_LONG_AFTER = Decimal(380)
_ENGLISH_LAW = ("GB-EAW", "GB-ENG", "GB-WLS")


def describe_deal(deal: Deal, parties: tuple[Facts, ...], states: frozenset[str], law: str) -> Facts:
    facts = deal.facts
    model = str(find_fact("financial.model", facts) or "none")
    named = describe_names(parties)
    fields = tuple(dict.fromkeys(str(field) for party in parties for field in party["fields"]))
    late = find_fact("financial.late_charge", facts)
    has_leads = find_fact("leads.direction", facts) is not None
    has_business = bool(facts.get("venture") or facts.get("goods") or find_fact("financial.shared_costs", facts))
    money_flows = model not in ("none", "reciprocal referrals") or has_business
    formed_in = {code_of_region(party["formed_in"]) for party in parties if party["formed_in"]}
    times = describe_times(deal)
    typed = tuple(answer.path for answer in deal.answers if answer.typed)
    goals, levels = list_goals(facts), list_levels(facts, times["longest_days"])
    return {
        "law": law,
        "per_referral": model in ("referral fee", "commission") or (model == "revenue share" and has_leads),
        "money_flows": money_flows,
        "value": _greatest_sum(facts),
        "fields": fields,
        "fee_times_margin": _ratio_of_margin(facts),
        "late_charge_a_year": late.number * 12 if isinstance(late, Percent) else None,
        "share_of_budget": _share(find_fact("figures.contributed", facts), find_fact("venture.budget", facts)),
        "longer": _compare_lengths(facts, times),
        "parties_in_two_states": len(formed_in) > 1,
        "has_persons": any(party["is_person"] for party in parties),
        "law_unlinked": bool(law) and not any(is_same_region(law, state) for state in states),
        **_describe_venue(str(facts.get("venue") or ""), law, states),
        "currency_of_nobody": _is_of_nobody(str(facts.get("currency") or ""), states),
        "special_terms": " ".join(str(text) for text in facts.get("special_terms") or ()).casefold(),
        "typed": typed,
        "count": len(parties),
        "parties": named,
        "goals": goals,
        "levels": levels,
        "items": list_items(facts),
        "texts": tuple(each_text(deal)),
        "other_rhythms": tuple(each_other_rhythm(deal)),
        "idle_times": tuple(_each_idle_time(facts, times, typed)),
        "strange_brands": tuple(each_strange_brand(facts, parties)),
        "campaigns_have_ends": _have_ends(find_fact("campaigns.planned", facts) or ()),
        **times,
        **describe_money(facts, money_flows),
        **describe_shares(facts),
        **describe_goals(goals, facts),
        **describe_levels(levels),
        **describe_goods(facts),
        **describe_giving(parties, facts),
    }


def _greatest_sum(facts: FactsView) -> Decimal | None:
    names = (
        "figures.fees_a_year",
        "figures.flat_fees_a_year",
        "figures.minimum_in_all",
        "minimums.minimum.value",
        "venture.budget",
    )
    sums = [value.amount for name in names if isinstance(value := find_fact(name, facts), Money)]
    for entry in facts.get("value_exchange") or ():
        worth = find_fact("said.estimated_value", entry)
        if isinstance(worth, Money):
            sums.append(worth.amount)
    return max(sums, default=None)


def _ratio_of_margin(facts: FactsView) -> Decimal | None:
    """Return which part of the margin the fee takes (0.5 for half), None where either is not a percentage."""
    fee = find_fact("financial.fee", facts) or find_fact("prices.commission", facts)
    margin = find_fact("financial.margin", facts)
    if not isinstance(fee, Percent) or not isinstance(margin, Percent):
        return None
    return fee.number / (margin.number or Decimal("0.01"))


def _share(part: object, whole: object) -> Decimal | None:
    if isinstance(part, Money) and isinstance(whole, Money) and part.currency == whole.currency and whole.amount:
        return part.amount / whole.amount * 100
    return None


def _compare_lengths(facts: FactsView, times: FactsView) -> dict[str, bool]:
    derived = {
        "agreement": times["whole_days"],
        "longest": times["longest_days"],
        "ramp_and_a_year": times["ramp_and_a_year"],
    }

    def measure(name: str) -> Decimal | None:
        length: Decimal | None = derived[name] if name in derived else days_of(find_fact(name, facts))
        return length

    return {key: is_longer(measure(one), measure(other)) for key, (one, other) in _LENGTHS.items()}


def _each_idle_time(facts: FactsView, times: FactsView, typed: tuple[str, ...]) -> Iterator[Facts]:
    """Yield the times that are as long as the agreement, or longer than a year after it."""
    for name, path, most in (
        ("transfer.lock_up", "transfer.lock-up", times["whole_days"]),
        ("reviews.at_first", "reviews.at first", times["longest_days"] if "reviews.at first" in typed else None),
        ("stock.run_off", "stock.run-off", _LONG_AFTER),
    ):
        length = find_fact(name, facts)
        days = days_of(length)
        if days is not None and most is not None and not is_longer(most, days):
            yield {"path": path, "length": length}


def _describe_venue(text: str, law: str, states: frozenset[str]) -> dict[str, bool]:
    venue = region_in_venue(text)
    ruling, there = _jurisdiction_of(law), _jurisdiction_of(venue)
    elsewhere = bool(there and ruling and there != ruling and country_of(there) == country_of(ruling))
    linked = any(is_same_region(one, state) for one in (venue, law) if one for state in states)
    return {"venue_elsewhere": elsewhere, "venue_of_nobody": elsewhere and not linked}


def _jurisdiction_of(region: str) -> str:
    """Return the state, province or part of the United Kingdom whose own law holds in a region, "" where none is known.

    A German state or an English city council has no contract law of its own.
    """
    if region in _ENGLISH_LAW:
        return "GB-EAW"
    has_own = region.startswith(("US-", "CA-")) or region in ("GB-SCT", "GB-NIR")
    return region if has_own else ""


def _is_of_nobody(currency: str, states: frozenset[str]) -> bool:
    """Return whether all parties are in countries whose currency is another one."""
    countries = {state.split("-")[0] for state in states}
    return bool(countries) and not any(currency in currencies_of_country(country) for country in countries)


def _have_ends(campaigns: tuple[FactsView, ...]) -> bool:
    return bool(campaigns) and all(campaign.get("end") for campaign in campaigns)

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
| `check.parties` | the parties, each with `is_person`, `lies_in.NAME`, `duties`, what its name shows, ... |
| `check.law` | the code of the governing law ("US-CA"), because conditions cannot look into a region |
| `check.goals` | the goals, each with `days` |
| `check.texts` | every text that was typed, each with `path`, `text`, and what it holds |
| `age` | days from the effective date to today, nothing without `--today` |
"""

from __future__ import annotations

from datetime import date
from typing import Any

from agreementgen.deal.deal import Deal
from agreementgen.dealcheck.deal_facts import describe_deal
from agreementgen.dealcheck.measures import Measures, hide_missing
from agreementgen.dealcheck.party_facts import code_of_region, describe_party
from agreementgen.dealcheck.rules import LawData
from agreementgen.language.environment import MISSING


def gather_facts(deal: Deal, data: LawData, today: date | None) -> dict[str, Any]:
    """Return everything a rule may ask of a deal, by the names above. `today` is None where nobody said it."""
    facts = deal.facts
    parties = tuple(describe_party(number, party, data, facts) for number, party in enumerate(facts["parties"], 1))
    effective = facts.get("effective")
    states = frozenset().union(*(party["states"] for party in parties))
    law = code_of_region(facts.get("law"))
    everywhere = states | ({law} if law else frozenset())
    gathered = {key: hide_missing(value) for key, value in facts.items()}
    gathered |= {
        "days": Measures(facts, "days"),
        "amount": Measures(facts, "amount"),
        "link": {name: bool(regions & everywhere) for name, regions in data.regions.items()},
        "threshold": dict(data.amounts),
        "age": (today - effective).days if today and isinstance(effective, date) else MISSING,
        "check": hide_missing(describe_deal(deal, parties, states, law)),
    }
    return gathered

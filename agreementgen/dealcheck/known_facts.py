"""What rules may ask of a deal besides its facts: derived facts, named and explained here, because rules cannot count.

| name | what it is |
| --- | --- |
| `days.x.y` | the length of the fact `x.y` in days (a month 30.4 days, a year 365), nothing where it is not given |
| `amount.x.y` | the number of an amount, percentage or figure `x.y`, nothing where it is not given |
| `link.NAME` | whether a party or the governing law lies in the set NAME of `clauses/law-data.yaml` |
| `named.NAME` | the name of the state or country that makes `link.NAME` hold |
| `law_in.NAME` | whether the governing law is that of a place in the set NAME |
| `here.NAME` | whether a party, not the law, lies in the set NAME |
| `threshold.NAME` | a number of `clauses/law-data.yaml` |
| `check.per_referral` | whether money is paid for referrals: a referral fee, commission, or shared revenue of leads |
| `check.value` | the greatest sum the deal names, in its currency |
| `check.fields` | the regulated fields of all parties |
| `check.money_flows` | whether anything is paid under the deal |
| `check.late_charge_a_year` | the late charge of twelve months in percent |
| `check.venue_elsewhere` | whether the venue names a state that is not that of the governing law |
| `check.venue_of_nobody` | whether it does, and no party has to do with either state |
| `check.currency_of_nobody` | whether all parties are in countries with another currency than the deal's |
| `check.typed` | the paths of all answers that were typed |
| `check.longest_days`, `check.end_date` | how long it lasts with automatic renewals, and the day of its end |
| `check.campaigns_have_ends` | whether every planned campaign has its last day |
| `check.count`, `check.has_persons`, `check.parties_in_two_states` | how many; persons among them; where formed |
| `check.special_terms` | all special terms in small letters |
| `check.whole` | its term or pilot as it is printed |
| `check.longer.ONE_than_OTHER` | whether a length is longer than another, by more than months differ (deal_facts) |
| `check.half_renewal_days`, `check.days_to_pay` | half a renewal, and statement and payment together, in days |
| `check.look_back_times` | how many times the protection of a lead its look-back is |
| `check.notices` | notices as long as what they end: `path`, `notice`, `length`, `what` |
| `check.unusual` | answers beyond what is usual: `path`, `value`, `usual`, `is_far` (over twice that) |
| `check.has_no_fixed_end` | whether it runs until a party ends it, or until an event |
| `check.effective_year` | the year of a fixed effective date |
| `check.days_to_last_day` | days from the effective date to the agreed last day |
| `check.dates` | dates outside the agreement: `path`, `what`, `day`, `when`, `in_chart` |
| `check.ends_before_event` | whether the agreement ends before the date that the end event of a venture names |
| `check.end_event_has_day` | whether the end event of a venture names a date or a year, which come by themselves |
| `check.contributions_come_late` | whether it ends less than 180 days after the last (`check.last_contribution`) |
| `check.other_currencies` | amounts held against one of another currency: `path`, `value`, `other` |
| `check.average_fee` | the fee of an average deal |
| `check.odd_fees` | fees, caps and shares that are nothing, fees over half: `path`, `what`, `value`, `is_high` |
| `check.damages_above_most` | agreed sums, one of which is more than the most in all: `breach`, `counted` |
| `check.idle_times` | a lock-up, first reviews or a run-off that last too long to matter: `path`, `length` |
| `check.fee_falls` | whether a step of the fee is lower than the one before |
| `check.least_liability` | the fixed limit of liability, or the floor where no fees raise it |
| `check.shared_budget`, `check.budgets_off` | the budget of the shared costs, and by how many percent the two differ |
| `check.has_other_money` | whether a venture speaks of a loan, a sale or the like |
| `check.formula_of_one_year` | whether the price of a buyout hangs on the profit of one year |
| `check.spender_counts` | whether the manager of a venture keeps its books, and nobody checks them |
| `check.profit_off_contributions`, `ownership_off_contributions`, `loss_off_profit` | by how many points they differ |
| `check.most_that_may_drag` | the ownership of all parties but the smallest, in percent |
| `check.contribution_shares` | what each puts in, in percent: `party`, `share` |
| `check.levels`, `check.items` | tiers and goods, each with its `number` and what does not fit |
| `check.levels_without_way_down`, `check.levels_alike` | tiers nobody falls back from; whether two are alike |
| `check.periods_off` | by how many periods the goods and the term differ |
| `check.promise_ends_early` | whether a promise to buy can be ended within two periods, or 30 days |
| `check.gives_nothing`, `check.value_times` | who is missing in the value exchange, and how unequal it is |
| `check.lead_times` | how many times the leads a month of one party another says that it gives |
| `check.people_times` | how many times the people of the smallest party the largest has |
| `check.fee_times_margin` | which part of the margin the fee takes: 0.5 for half |
| `check.looked_up`, `check.sources_age` | the day of the oldest source of the rules, and its age in days |
| `check.few_duties`, `check.no_contact`, `check.unconfirmed` | the parties and signers of whom that is so, in words |
| `check.left_to_law` | the protective topics that are left out, in words |
| `check.strange_brands` | brands without a word of a party's name: `path`, `brand` |
| `check.other_rhythms` | tasks of the chart with another rhythm than their duty: `task`, `phase`, `duty` |
| `check.law_unlinked` | whether no party has to do with the state of the governing law |
| `check.planned_budget` | the sum of the budgets of the planned campaigns |
| `check.share_of_budget` | agreed cash and property in percent of the venture's budget |
| `check.whole_days` | how long the agreement lasts, in days: its term, or its pilot |
| `check.goods_days` | how long the agreed periods of goods last, in days |
| `check.tiers_rise` | whether the steps of the fee begin at 1 and rise |
| `check.goal_count`, `check.uncounted_goals` | how many goals there are; those without source or owner, in words |
| `check.goals_all_longer_than_pilot`, `check.goals_within_pilot` | whether all, or not all, are longer than it |
| `check.parties` | the parties, each with `is_person`, `lies_in.NAME`, `duties`, what its name shows, ... |
| `check.law` | the code of the governing law ("US-CA"), because conditions cannot look into a region |
| `check.goals` | the goals, each with `days`, `is_counted`, `is_promised_at`, `planned_otherwise` |
| `check.texts` | every typed text with something in it that rules may mind: `path`, `text`, `excerpt`, what it holds |
| `check.in_us`, `check.only_in_us` | whether a party, or every party, is in the United States |
| `check.courts_outside_nc` | whether the venue or the seat of arbitration names a state other than North Carolina |
| `check.federal_programs` | whether a federal program may pay for the patients of a party |
| `check.special_care` | whether a party gives a kind of care that a law of its own covers |
| `check.payments` | who pays whom for referrals, or shares revenue: `payer`, `payer_fields`, `payer_in.NAME`, ... |
| `check.field_count.NAME` | how many parties work in a regulated field |
| `check.bound_persons` | whether a non-compete binds an individual or sole proprietor |
| `check.non_compete_ends` | the last day of the non-compete as a number, 20270630 for 2027-06-30 |
| `check.non_compete_is_wide` | whether its area is a country, or its activity long and with "any" or "all" |
| `check.compete` | the answers that say that the parties compete, each with `path` |
| `check.fixes_competition` | whether a duty or special term speaks of common prices, bids or shares of a market |
| `check.sends_mail` | whether duties or campaigns speak of e-mail, invitations, newsletters or webinars |
| `check.spares_the_other` | whether they say that a party will not bid, sell or go below a price against the other |
| `check.says_calls` | whether a duty or campaign is to call or text customers |
| `check.works_by_the_hour` | whether a duty or special term fixes hours of work |
| `check.bars_hiring` | whether a duty or special term says that a party will not hire another's people |
| `check.lapsing_licenses` | parties in regulated fields whose license ends before the agreement, in words |
| `check.talks_days`, `check.talks_exceed_notice` | talks and mediation in days, and whether twice the notice is less |
| `check.both_share` | whether both parties share leads, data or resources |
| `check.thin_data` | whether purpose or categories of shared data have fewer than three words |
| `check.shares_sales` | whether a duty or special term gives a portion of sales |
| `check.position_against_mutual`, `check.indemnity_one_sided` | whether that topic alone is worded for one side |
| `check.liability_one_sided` | whether the limit of liability is worded for one side, alone or with all else |
| `check.dealer` | the party that sells for the other, as one of `check.parties` |
| `check.partner_pays` | what a partner pays in its first six months in US dollars, stock left out |
| `check.gives_a_plan` | whether duties or tiers speak of training, advertising or a sales plan |
| `check.dealer_invests` | whether there are minimums, stock or exclusivity |
| `check.vendor_may_end` | whether the vendor may end without a reason |
| `check.agent_notice_is_short` | whether the notice is shorter than European law gives an agent |
| `check.sells_goods`, `check.dealer_goods` | whether products are goods; whether vehicles, machines, beer or wine |
| `check.builds_in_california` | whether the project or the place of the venture is in California |
| `check.equal_votes` | whether all parties have the same votes |
| `check.contribution_ratio` | how many times the least contribution the greatest is |
| `check.investors` | the parties that give money alone, do not manage and cannot stop a decision, each with `short` |
| `check.denies_operating_agreement` | whether a special term says that there is none |
| `check.goods_have_minimum`, `..._expected`, `..._maximum` | whether all goods have one (the last: whether any has) |
| `check.is_food` | whether the words of the goods are those of food or drink |
| `age`, `ahead` | days from the effective date to today, and from today to it; nothing without `--today` |
"""

from __future__ import annotations

from datetime import date

from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import Facts
from agreementgen.dealcheck.deal_facts import describe_deal
from agreementgen.dealcheck.law_facts import describe_law
from agreementgen.dealcheck.measured_facts import MeasuredFacts, hide_missing
from agreementgen.dealcheck.party_facts import code_of_region, describe_party, name_one, with_countries
from agreementgen.dealcheck.rules import LawData
from agreementgen.language.environment import MISSING


def gather_facts(deal: Deal, data: LawData, today: date | None, looked_up: date | None = None) -> Facts:
    """Return everything a rule may ask of a deal, by the names above. `today` is None where nobody said it.

    `looked_up` is the day of the oldest source of the rules.
    """
    facts = deal.facts
    parties = tuple(describe_party(number, party, data, facts) for number, party in enumerate(facts["parties"], 1))
    effective = facts.get("effective")
    states = frozenset().union(*(party["states"] for party in parties))
    law = code_of_region(facts.get("law"))
    here, ruling = with_countries(states), with_countries({law} if law else ())
    described = describe_deal(deal, parties, states, law) | describe_law(facts, parties, states)
    described |= {"looked_up": looked_up, "sources_age": (today - looked_up).days if today and looked_up else None}
    gathered = {key: hide_missing(value) for key, value in facts.items()}
    gathered |= {
        "days": MeasuredFacts(facts, "days"),
        "amount": MeasuredFacts(facts, "amount"),
        "link": {name: bool(regions & (here | ruling)) for name, regions in data.regions.items()},
        "named": {name: name_one(regions, here | ruling) for name, regions in data.regions.items()},
        "law_in": {name: bool(regions & ruling) for name, regions in data.regions.items()},
        "here": {name: bool(regions & here) for name, regions in data.regions.items()},
        "threshold": dict(data.amounts),
        "age": (today - effective).days if today and isinstance(effective, date) else MISSING,
        "ahead": (effective - today).days if today and isinstance(effective, date) else MISSING,
        "check": hide_missing(described),
    }
    return gathered

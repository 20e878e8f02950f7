"""What rules know of the figures in a deal: what is compared with what, dates, notices, shares and goals.

Each function returns facts by the name that rules give them. Lists hold one group for each entry of the deal that a
rule is asked of; `path` and `number` say where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from agreementgen.core.counting import add
from agreementgen.core.readings import MONTHS
from agreementgen.core.values import Choice, Duration, Money, Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.lasting import count_renewals, find_last_day, find_whole_length, has_no_fixed_end
from agreementgen.deal.questions import AnswerContext, Facts, FactsView, name_in_clauses
from agreementgen.dealcheck.measured_facts import PERIOD_DAYS, days_of, is_longer, number_of
from agreementgen.dealcheck.patterns import WordPattern

_DAYS_BEFORE_END = 180
_HIGH_FEE = 50
# More than twice the usual most; a year of 365 days is a little more than twelve months of 30.
_FAR, _SLIGHTLY = Decimal("2.1"), Decimal("1.02")
_AT_THE_LATEST = WordPattern(
    r"\b(?:at the latest|no later than|if (?:that is |this is )?(?:sooner|earlier))\b", re.IGNORECASE
)
_YEAR = WordPattern(rf"(?:\b({'|'.join(MONTHS)})\b[^\d]{{0,3}}(?:\d{{1,2}},? )?)?\b(20\d\d)\b", re.IGNORECASE)


# -- time


def describe_times(deal: Deal) -> Facts:
    """Return how long the agreement lasts, its dates and notices."""
    facts = deal.facts
    length = find_whole_length(facts)
    times = count_renewals(facts)
    renewal = find_fact("duration.renewal_length", facts) if times != 0 else None
    whole, rest = days_of(length), days_of(renewal)
    return {
        "whole_days": whole,
        "whole": length,
        "longest_days": None if times is None else whole + rest * times if whole and rest else whole,
        "has_no_fixed_end": has_no_fixed_end(facts),
        "unusual": tuple(_each_unusual(deal)),
        "effective_year": start.year if isinstance(start := facts.get("effective"), date) else None,
        "days_to_last_day": _days_to_last_day(facts),
        "half_renewal_days": rest / 2 if rest else None,
        "days_to_pay": _sum_of_days(facts, "financial.statement", "financial.due"),
        "ramp_and_a_year": _plus(days_of(find_fact("minimums.minimum.ramp", facts)), PERIOD_DAYS["year"]),
        "look_back_times": _ratio(facts, "leads.look_back", "leads.protection"),
        "notices": tuple(_each_notice(facts)),
        "dates": tuple(_each_date_outside(deal)),
        **_describe_end_event(facts),
    }


def _each_unusual(deal: Deal) -> Iterator[Facts]:
    """Yield the typed answers that are within the limits of their questions, and beyond what is usual."""
    context = AnswerContext(str(deal.facts.get("currency") or "USD"), {})
    for answer in deal.answers:
        question = answer.question
        has_range = question.usual_least or question.usual_most
        if not answer.typed or not has_range or isinstance(answer.value, Choice):
            continue
        size = question.type.size_of(answer.value) or 0
        usual = [text for text in question.usual_range if text]
        limits = [question.type.size_of(question.type.read(text, question, context)) or 0 for text in usual]
        least, most = limits[0] if question.usual_range[0] else 0, limits[-1]
        if size < least or size > _SLIGHTLY * most:
            yield {
                "path": answer.path,
                "value": answer.value,
                "usual": " to ".join(usual),
                "is_far": size > _FAR * most,
            }


def _days_to_last_day(facts: FactsView) -> Decimal | None:
    last, start = find_last_day(facts), facts.get("effective")
    return Decimal((last - start).days) if last and isinstance(start, date) else None


def _sum_of_days(facts: FactsView, *names: str) -> Decimal | None:
    lengths = [days_of(find_fact(name, facts)) for name in names]
    known = [length for length in lengths if length is not None]
    return sum(known, Decimal(0)) if len(known) == len(lengths) else None


def _plus(one: Decimal | None, other: Decimal) -> Decimal | None:
    return None if one is None else one + other


def _ratio(facts: FactsView, name: str, other: str) -> Decimal | None:
    one, two = days_of(find_fact(name, facts)), days_of(find_fact(other, facts))
    return one / two if one is not None and two else None


def _each_notice(facts: FactsView) -> Iterator[Facts]:
    """Yield the notices that last as long as what they end."""
    whole = find_whole_length(facts)
    pilot, renewal = find_fact("duration.pilot.length", facts), find_fact("duration.renewal_length", facts)
    for path, length, what in (
        ("termination.notice", whole, "agreement"),
        ("duration.pilot.exit notice", pilot, "pilot"),
        ("duration.non-renewal notice", whole, "term"),
        ("duration.non-renewal notice", renewal, "renewal"),
    ):
        notice = find_fact(name_in_clauses(path), facts)
        days, most = days_of(notice), days_of(length)
        # A rolling year of notice is given on the first day of a renewal: hard, and possible.
        is_too_long = is_longer(days, most) if what == "renewal" else bool(days and most and days >= most)
        if is_too_long:
            yield {"path": path, "notice": notice, "length": length, "what": what}


def _end_of(facts: FactsView) -> date | None:
    """Return the day on which the agreement ends at the latest, None where that is open."""
    start = facts.get("effective")
    term, times = find_whole_length(facts), count_renewals(facts)
    if not isinstance(start, date) or term is None or times is None:
        return None
    end = add(start, term)
    renewal = find_fact("duration.renewal_length", facts)
    return add(end, renewal, times) if times and isinstance(renewal, Duration) else end


def _each_date_outside(deal: Deal) -> Iterator[Facts]:
    """Yield the dates before the effective date and after the end, none where the deal starts with a signature."""
    facts = deal.facts
    start, end = facts.get("effective"), _end_of(facts)
    if not isinstance(start, date):
        return
    is_open = str(find_fact("venture.ends_with", facts)) == "end event"
    for path, what, day in _each_date(deal):
        when = "before" if day < start else "after" if end and not is_open and day > end else ""
        if when:
            in_chart = path.startswith("raci")
            yield {
                "path": path,
                "what": what,
                "day": day,
                "when": when,
                "start": start,
                "end": end,
                "in_chart": in_chart,
            }


def _each_date(deal: Deal) -> Iterator[tuple[str, str, date]]:
    facts = deal.facts
    for number, campaign in enumerate(find_fact("campaigns.planned", facts) or (), 1):
        for key in ("start", "end"):
            if isinstance(day := campaign.get(key), date):
                yield f"campaigns.planned.{number}.{key}", f'the campaign "{campaign.get("name")}"', day
    for number, step in enumerate(facts.get("milestones") or (), 1):
        if isinstance(day := step.get("by"), date):
            yield f"milestones.{number}.by", f'the milestone "{step.get("what")}"', day
    for number, given in enumerate(find_fact("contributions.promised", facts) or (), 1):
        if isinstance(day := given.get("by"), date):
            yield f"contributions.promised.{number}.by", f'the contribution "{given.get("what")}"', day
    for task in deal.matrix.tasks if deal.matrix else ():
        if task.due:
            yield "raci.tasks", f'the task "{task.name}"', task.due


def _describe_end_event(facts: FactsView) -> Facts:
    """Return the date or year that an end event names, and whether a venture would end before its work is done."""
    end = _end_of(facts)
    text = str(find_fact("venture.end_event", facts) or "")
    named = max((_last_day_named(match) for match in _YEAR.finditer(text)), default=None)
    days = [given.get("by") for given in find_fact("contributions.promised", facts) or ()]
    last = max((day for day in days if isinstance(day, date)), default=None)
    is_late = bool(end and last and last + timedelta(days=_DAYS_BEFORE_END) > end)
    return {
        "end_date": end,
        "ends_before_event": bool(end and named and end < named and not _AT_THE_LATEST.search(text)),
        "end_event_has_day": bool(named),
        "last_contribution": last,
        "contributions_come_late": is_late,
    }


def _last_day_named(match: re.Match[str]) -> date:
    year = int(match[2])
    month = MONTHS.index(match[1].casefold()) + 1 if match[1] else 12
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


# -- money

# Amounts that are held against each other, and so must be in one currency.
_COMPARED = (
    ("liability.floor", "liability.amount", "leads.average_deal", "financial.cap_per_client", "financial.annual_cap",
     "financial.minimum", "financial.guarantee.amount", "financial.least_payout", "financial.fee",
     "figures.minimum_a_period", "minimums.minimum.value"),
    ("venture.budget", "figures.contributed", "governance.spending_limit"),
    ("figures.shared_budget", "figures.campaign_budget"),
)  # fmt: skip
_OTHER_MONEY = WordPattern(
    r"\b(?:loans?|lends?|lender|bank|mortgage|credit|financ|invest|grants?|sales?|sells?|sold)", re.I
)
_ONE_YEAR = WordPattern(r"\b(?:profits?|earnings|net income|EBITDA)\b", re.IGNORECASE)
_SEVERAL_YEARS = WordPattern(
    r"\b(?:average|mean|median|(?:two|three|four|five|[2-5]) (?:financial |full )?years)\b", re.IGNORECASE
)
_CHECKED = WordPattern(r"\b(?:audit|audits|audited|auditor|accountant|CPA|checked|checks|reviewed by)\b", re.IGNORECASE)


def describe_money(facts: FactsView, money_flows: bool) -> Facts:
    """Return what amounts come to beside each other."""
    fee = find_fact("financial.fee", facts)
    average = find_fact("leads.average_deal", facts)
    special = " ".join(str(text) for text in facts.get("special_terms") or ())
    manager, keeper = find_fact("governance.manager", facts), find_fact("books.keeper", facts)
    return {
        "other_currencies": tuple(_each_other_currency(facts)),
        "average_fee": average.amount * fee.number / 100
        if isinstance(fee, Percent) and isinstance(average, Money)
        else None,
        "odd_fees": tuple(_each_odd_fee(facts)),
        "fees_off": tuple(_each_idle_fee(facts)),
        "parts_off": _sum_of_parts_that_is_off(facts),
        "guarantee_a_year": _guarantee_a_year(facts),
        "damages_above_most": tuple(_each_sum_above_its_most(facts)),
        "least_liability": _least_liability(facts, money_flows),
        "has_other_money": bool(_OTHER_MONEY.search(f"{_contributed_things(facts)} {special}")),
        "formula_of_one_year": _is_of_one_year(str(find_fact("buyout.formula", facts) or "")),
        "spender_counts": isinstance(manager, Mapping)
        and isinstance(keeper, Mapping)
        and manager.get("short") == keeper.get("short")
        and not _CHECKED.search(special),
        **_describe_tiers(facts),
        **_describe_budgets(facts),
    }


def _each_other_currency(facts: FactsView) -> Iterator[Facts]:
    for names in _COMPARED:
        amounts = [(name, value) for name in names if isinstance(value := find_fact(name, facts), Money)]
        for name, value in amounts[1:]:
            first, other = amounts[0]
            if value.currency != other.currency:
                path, typed = _find_price(facts, value.currency) if name.startswith("figures") else (name, value)
                yield {
                    "path": path.replace("_", " "),
                    "value": typed,
                    "other": other,
                    "other_path": first.replace("_", " "),
                }
                break


def _find_price(facts: FactsView, currency: str) -> tuple[str, object]:
    """Return the path and the price of the first goods in a currency: the sum over all of them is typed nowhere."""
    for number, item in enumerate(find_fact("goods.items", facts) or (), 1):
        price = item.get("price")
        if isinstance(price, Money) and price.currency == currency:
            return f"goods.items.{number}.price", price
    return "goods.items", currency


def _each_odd_fee(facts: FactsView) -> Iterator[Facts]:
    """Yield the fees, caps and shares of revenue that are nothing, and fees of more than half."""
    named: list[tuple[str, str, Any]] = [
        ("financial.fee", "the referral fee", find_fact("financial.fee", facts)),
        ("financial.cap per client", "the most paid for one client", find_fact("financial.cap_per_client", facts)),
        ("financial.annual cap", "the most paid in a year", find_fact("financial.annual_cap", facts)),
    ]
    for number, tier in enumerate(find_fact("financial.tiers", facts) or (), 1):
        named.append((f"financial.tiers.{number}.fee", f"the fee of step {number}", tier.get("fee")))
    for number, one in enumerate(find_fact("financial.fees", facts) or (), 1):
        named.append((f"financial.fees.{number}.fee", f"fee {number}", one.get("fee")))
    for part in find_fact("financial.revenue_shares", facts) or ():
        short = find_fact("party.short", part)
        named.append(("financial.revenue shares", f"the share of {short}", part.get("share")))
    for path, what, value in named:
        is_high = "fee" in what and isinstance(value, Percent) and value.number > _HIGH_FEE
        if number_of(value) == 0 or is_high:
            yield {"path": path, "what": what, "value": value, "is_high": is_high}


def _sum_of_parts_that_is_off(facts: FactsView) -> Money | None:
    """Return what the parts of a fixed sum come to, where that is not the sum."""
    whole, parts = find_fact("financial.amount", facts), find_fact("financial.parts", facts) or ()
    if not isinstance(whole, Money) or not parts:
        return None
    paid = Decimal(0)
    for one in parts:
        part = one["part"]
        paid += whole.amount * part.number / 100 if isinstance(part, Percent) else part.amount
    # 0.1%: three thirds are written 33.33.
    return None if abs(paid - whole.amount) <= whole.amount / 1000 else Money(paid, whole.currency)


_PERIODS_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


def _guarantee_a_year(facts: FactsView) -> Decimal | None:
    amount = find_fact("financial.guarantee.amount", facts)
    times = _PERIODS_A_YEAR.get(str(find_fact("financial.guarantee.each", facts)))
    return amount.amount * times if isinstance(amount, Money) and times else None


def _each_sum_above_its_most(facts: FactsView) -> Iterator[Facts]:
    """Yield the sums agreed for a breach of which one alone is more than the most in all."""
    for agreed in find_fact("promises.agreed_damages", facts) or ():
        amount, most = agreed.get("amount"), agreed.get("most")
        if isinstance(amount, Money) and isinstance(most, Money) and amount.amount > most.amount:
            yield {"breach": str(agreed["breach"]), "counted": str(agreed["counted"])}


def _each_idle_fee(facts: FactsView) -> Iterator[Facts]:
    """Yield the parties that pay a fee and get no leads, and those that get leads and pay none."""
    fees = find_fact("financial.fees", facts) or ()
    payers = {str(find_fact("paid_by.short", one)) for one in fees if one.get("paid_by")}
    if not fees or any(not one.get("paid_by") for one in fees):
        return
    referrer = find_fact("leads.referrer.short", facts)
    shorts = [str(party["short"]) for party in facts["parties"]]
    for short in shorts:
        is_receiver = short != referrer if referrer else True
        if (short in payers) != is_receiver:
            yield {"short": short, "pays": short in payers}


def _least_liability(facts: FactsView, money_flows: bool) -> Decimal | None:
    """Return the fixed limit of liability, or the floor where no fees can raise it."""
    amount, floor = find_fact("liability.amount", facts), find_fact("liability.floor", facts)
    if isinstance(amount, Money):
        return amount.amount
    if isinstance(floor, Money) and (not money_flows or not floor.amount):
        return floor.amount
    return None


def _contributed_things(facts: FactsView) -> str:
    things = [str(given.get("what") or "") for given in find_fact("contributions.promised", facts) or ()]
    return " ".join([*things, str(find_fact("venture.project", facts) or "")])


def _is_of_one_year(formula: str) -> bool:
    return bool(_ONE_YEAR.search(formula)) and not _SEVERAL_YEARS.search(formula)


def _describe_tiers(facts: FactsView) -> Facts:
    tiers = find_fact("financial.tiers", facts) or ()
    firsts = [tier.get("from") for tier in tiers]
    by_value = any(isinstance(first, Money) for first in firsts)
    starts = [number for first in firsts if (number := number_of(first)) is not None]
    is_mixed = len({first.currency if isinstance(first, Money) else "" for first in firsts}) > 1
    fees = [number for tier in tiers if (number := number_of(tier.get("fee"))) is not None]
    return {
        "tiers_rise": not starts
        or (starts[0] == (0 if by_value else 1) and all(a < b for a, b in pairwise(starts)) and not is_mixed),
        # By value, a lower rate on what is above is usual.
        "fee_falls": not by_value and any(a > b for a, b in pairwise(fees)),
    }


def _describe_budgets(facts: FactsView) -> Facts:
    planned, shared = find_fact("figures.campaign_budget", facts), find_fact("figures.shared_budget", facts)
    some = [plan.get("budget") for plan in find_fact("campaigns.planned", facts) or ()]
    sums = [budget for budget in some if isinstance(budget, Money)]
    if not isinstance(planned, Money) and sums and len({budget.currency for budget in sums}) == 1:
        planned = Money(sum((budget.amount for budget in sums), Decimal(0)), sums[0].currency)
    off = None
    if isinstance(planned, Money) and isinstance(shared, Money) and planned.currency == shared.currency:
        off = abs(planned.amount - shared.amount) / max(planned.amount, shared.amount, Decimal(1)) * 100
    return {"planned_budget": planned, "shared_budget": shared, "budgets_off": off}


# -- shares of a venture


def describe_shares(facts: FactsView) -> Facts:
    """Return how far profit, ownership and losses are from what each party puts in, in points of a hundred."""
    given: dict[str, Decimal] = {}
    for one in find_fact("contributions.promised", facts) or ():
        if isinstance(value := one.get("value"), Money):
            short = str(find_fact("party.short", one))
            given[short] = given.get(short, Decimal(0)) + value.amount
    whole = sum(given.values(), Decimal(0))
    put_in = {short: amount / whole * 100 for short, amount in given.items()} if whole else {}
    profit, owned, loss = (_shares_of(f"ownership.{name}", facts) for name in ("profit", "shares", "loss"))
    return {
        "profit_off_contributions": _farthest(profit, put_in),
        "ownership_off_contributions": _farthest(owned, put_in),
        "most_that_may_drag": 100 - min(owned.values()) if owned else None,
        "loss_off_profit": _farthest(loss, profit),
        "contribution_shares": tuple(
            {"party": short, "share": Percent(share.quantize(Decimal(1)))} for short, share in put_in.items()
        ),
    }


def _shares_of(name: str, facts: FactsView) -> dict[str, Decimal]:
    return {
        str(find_fact("party.short", part)): part["share"].number
        for part in find_fact(name, facts) or ()
        if isinstance(part.get("share"), Percent)
    }


def _farthest(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> Decimal | None:
    if not one or not other:
        return None
    return max(abs(one.get(short, Decimal(0)) - other.get(short, Decimal(0))) for short in (*one, *other))

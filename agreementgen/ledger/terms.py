"""The terms that sums are computed from: the facts of a deal, as its clauses on referrals and fees use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from agreementgen.core.counting import add
from agreementgen.core.currencies import minor_digits
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import Duration, Money, Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.questions import FactsView
from agreementgen.ledger.entries import Lead

NOT_COVERED = "the workbook does not cover this yet"
_FIRST_YEAR = Duration(12, "month")
_AT_ONCE = Duration(0, "day")
_SIGNED_ON = "say when the last party signed, as in --signed 2027-01-20"


@dataclass(frozen=True)
class FeeStep:
    """A fee of `percent` from the client of that number in a year, or from that amount of one client."""

    start: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Guarantee:
    """What `payer` pays `payee` at least for each calendar period."""

    payer: str
    payee: str
    amount: Decimal
    every: Literal["monthly", "quarterly", "yearly"]


@dataclass(frozen=True, kw_only=True)
class DealTerms:
    """What every workbook needs. `late_charge` is in percent a month.

    `every` is the period that is paid at once, "" where each row is. `statement` is None where it comes with the money.
    A sum of a period below `least_payout` is carried over to the next. Of terms that were amended, these are the first,
    and `on` tells those of a day.
    """

    currency: str
    parties: tuple[str, ...]
    effective: date
    language: str = "en-US"
    every: Literal["", "weekly", "monthly", "quarterly"] = ""
    statement: Duration | None = None
    due: Duration = _AT_ONCE
    late_charge: Decimal = Decimal(0)
    guarantee: Guarantee | None = None
    least_payout: Decimal | None = None
    # What amendments made of these terms: each with the day from which it holds, in the order of the days.
    later: tuple[tuple[date, Self], ...] = ()

    @property
    def versions(self) -> tuple[Self, ...]:
        return (self, *(terms for _, terms in self.later))

    @property
    def starts(self) -> tuple[date, ...]:
        """The day from which each version holds."""
        return (self.effective, *(day for day, _ in self.later))

    def number_on(self, day: date) -> int:
        """Return which of the versions holds on a day, 0 for the first."""
        return sum(since <= day for since, _ in self.later)

    def on(self, day: date) -> Self:
        """Return the terms that hold on a day."""
        return self.versions[self.number_on(day)]

    @property
    def digits(self) -> int:
        return minor_digits(self.currency)

    def days_of(self, last: date) -> tuple[date, date]:
        """Return by when the statement for the period that ends on `last` is sent, and by when it is paid."""
        statement_by = add(last, self.statement) if self.statement else add(last, self.due)
        return statement_by, add(statement_by, self.due) if self.statement else statement_by

    def others(self, party: str) -> tuple[str, ...]:
        return tuple(other for other in self.parties if other != party)


@dataclass(frozen=True, kw_only=True)
class LeadTerms(DealTerms):
    """When a lead counts. `tail` is None where there is none."""

    referrers: tuple[str, ...]
    accepted_within: Duration
    new_customers_only: bool
    protection: Duration
    tail: Duration | None
    finishes_leads: bool

    @property
    def receivers(self) -> tuple[str, ...]:
        """The parties that receive leads, in the order of the deal."""
        return tuple(party for party in self.parties if self.referrers != (party,))


@dataclass(frozen=True, kw_only=True)
class ReferralTerms(LeadTerms):
    """What a referral fee is counted from.

    `percents` or `amounts` has the fee of each party that pays one, or of each sort of lead where `by_sort`; both are
    empty where `steps` make the fee.
    `window` is None for a fee that is earned once. `clawback` is None where there is none. `earned_on` is what a row of
    the ledger stands for.
    """

    earned_on: Literal["payment", "invoice"]
    base: str
    percents: Mapping[str, Decimal]
    amounts: Mapping[str, Decimal]
    by_sort: bool
    steps: tuple[FeeStep, ...]
    steps_by: Literal["", "clients", "amount"]
    whole_steps: bool
    window: Duration | None
    cap: Decimal | None
    annual_cap: Decimal | None
    clawback: Duration | None

    @property
    def fee_terms(self) -> tuple[object, ...]:
        """What a client's fee is computed from: where two versions agree on it, it runs on from one to the other."""
        return self.percents, self.amounts, self.steps, self.whole_steps, self.cap

    @property
    def payers(self) -> tuple[str, ...]:
        """The parties that pay fees, in the order of the deal."""
        return self.receivers

    @property
    def directions(self) -> tuple[tuple[str, str], ...]:
        """Who may pay whom."""
        return tuple((payer, one) for payer in self.payers for one in self.referrers if one != payer)

    @property
    def sorts(self) -> tuple[str, ...]:
        """The sorts of leads that have a fee each."""
        return tuple(self.percents or self.amounts) if self.by_sort else ()

    def receiver_of(self, lead: Lead) -> str:
        """Return who got a lead: between two parties the other one."""
        return lead.receiver or self.others(lead.referrer)[0]


def read_terms(deal: Deal, signed: date | None = None) -> ReferralTerms:
    """Return the terms of a referral deal; raise InputError with all that the workbook does not cover."""
    problems = tuple(_each_problem(deal, signed))
    if problems:
        raise InputError(problems)
    money = deal.facts["financial"]
    lead_terms = read_lead_terms(deal, signed)
    payers = list(lead_terms.receivers)
    fees = _fee_of_each(money, payers)
    by_invoice = money["trigger"] == "invoice"
    first_year = money["base"] == "first-year value"
    steps = tuple(FeeStep(_start_of(one["from"]), one["fee"].number) for one in money["tiers"])
    by_amount = bool(steps) and isinstance(money["tiers"][0]["from"], Money)
    return ReferralTerms(
        **vars(lead_terms),
        earned_on="invoice" if by_invoice else "payment",
        base=str(money["base"] or ""),
        percents={payer: fee.number for payer, fee in fees.items() if isinstance(fee, Percent)},
        amounts={payer: fee.amount for payer, fee in fees.items() if isinstance(fee, Money)},
        by_sort=any(one["for"] for one in money["fees"]),
        steps=tuple(sorted(steps, key=lambda step: step.start)),
        steps_by="amount" if by_amount else "clients" if steps else "",
        whole_steps=money["steps"] == "whole",
        window=_FIRST_YEAR if first_year else money["window"],
        cap=_amount_of(money["cap_per_client"]),
        annual_cap=_amount_of(money["annual_cap"]),
        clawback=money["clawback"] if money["clawback"] and money["clawback"].count else None,
    )


def read_deal_terms(deal: Deal, signed: date | None = None) -> DealTerms:
    """Return what every workbook needs; raise InputError where the first day is not known."""
    effective = deal.facts["effective"] if isinstance(deal.facts["effective"], date) else signed
    if effective is None:
        message = "the agreement applies from the last signature, so its days cannot be counted yet"
        raise InputError(Problem(message, _SIGNED_ON, "effective", Place(deal.source), code="missing"))
    money = deal.facts.get("financial") or {}
    late = money.get("late_charge")
    paid = money.get("paid")
    return DealTerms(
        currency=str(deal.facts["currency"]),
        parties=tuple(party.short for party in deal.parties),
        effective=effective,
        language=deal.language,
        every=paid if paid in ("weekly", "monthly", "quarterly") else "",
        statement=money.get("statement"),
        due=money.get("due") or _AT_ONCE,
        late_charge=late.number if late else Decimal(0),
        guarantee=_read_guarantee(money.get("guarantee")),
        least_payout=_amount_of(money.get("least_payout")),
    )


def read_lead_terms(deal: Deal, signed: date | None = None) -> LeadTerms:
    """Return the terms of a deal that says when a lead counts."""
    common, leads = read_deal_terms(deal, signed), deal.facts["leads"]
    two_way = leads["direction"] == "two-way"
    return LeadTerms(
        **vars(common),
        referrers=common.parties if two_way else (str(leads["referrer"]["short"]),),
        accepted_within=leads["accepted_within"],
        new_customers_only=bool(leads["new_customers_only"]),
        protection=leads["protection"],
        tail=find_fact("exit.tail", deal.facts),
        finishes_leads=bool(find_fact("exit.leads_in_flight", deal.facts)),
    )


def _start_of(typed: Any) -> Decimal:
    """Return where a step begins; "from $1" is from the beginning."""
    if isinstance(typed, Money):
        return typed.amount if typed.amount > 1 else Decimal(0)
    return Decimal(typed)


def _amount_of(typed: Money | None) -> Decimal | None:
    return typed.amount if typed else None


def _fee_of_each(money: FactsView, payers: list[str]) -> dict[str, Percent | Money]:
    if money["tiers"]:
        return {}
    if money["fees"]:
        return {str(one["for"] or one["paid_by"]["short"]): one["fee"] for one in money["fees"]}
    fee: Percent | Money = money["fee"]
    return dict.fromkeys(payers, fee)


_GUARANTEED = {"month": "monthly", "quarter": "quarterly", "year": "yearly"}
# Months of a period; a week fits into none of the others.
_MONTHS = {"weekly": 13, "monthly": 1, "quarterly": 3, "yearly": 12}


def _read_guarantee(agreed: FactsView | None) -> Guarantee | None:
    every = _GUARANTEED.get(str(agreed["each"])) if agreed else None
    if not agreed or not every:
        return None
    payer, payee = (str(agreed[side]["short"]) for side in ("from", "to"))
    return Guarantee(payer, payee, agreed["amount"].amount, every)  # type: ignore[arg-type]


def list_sums_not_covered(deal: Deal) -> Iterator[tuple[str, str, str]]:
    """Yield which sums of whole periods have no formula: what they are, their fact, and what else can be written."""
    money = deal.facts["financial"]
    if money.get("least_payout") and money.get("paid") not in _MONTHS:
        yield "a least payout where each row is paid", "least_payout", 'write "paid: monthly"'
    agreed, paid = money.get("guarantee"), str(money.get("paid"))
    if not agreed:
        return
    each = str(agreed["each"])
    if money["model"] == "revenue share" or len(deal.parties) > 2:
        yield "a guarantee to a party that earns from others, too", "guarantee", "keep this part of the record by hand"
    elif each not in _GUARANTEED:
        said = "a guarantee for the whole term" if each == "term" else "a guarantee for each event"
        yield said, "guarantee", "keep this part of the record by hand"
    elif paid not in _MONTHS or _MONTHS[paid] > _MONTHS[_GUARANTEED[each]]:
        yield f"a guarantee for each {each} of sums that are paid {paid}", "guarantee", 'write "paid: monthly"'


def refuse_term(deal: Deal, what: str, field: str, hint: str) -> Problem:
    """Return the problem that the workbook does not cover `what`, where it was typed."""
    place = next((answer.place for answer in deal.answers if answer.path == field and answer.typed), None)
    return Problem(f"{NOT_COVERED}: {what}", hint, field, place or Place(deal.source), code="ledger-not-covered")


def _each_problem(deal: Deal, signed: date | None) -> Iterator[Problem]:
    """Yield what stands in the way of a workbook for this deal."""

    def refuse(what: str, field: str, hint: str = "keep this part of the record by hand") -> Problem:
        return refuse_term(deal, what, field, hint)

    money, leads = deal.facts.get("financial") or {}, deal.facts.get("leads") or {}
    if not leads.get("direction"):
        yield refuse("referrals without terms for leads", "leads", "let the deal say when a lead counts")
    if str(money.get("trigger")) == "acceptance":
        yield refuse("a fee for each accepted lead", "financial.trigger")
    if money.get("minimum"):
        yield refuse("a least fee for each client", "financial.minimum")
    for what, name, hint in list_sums_not_covered(deal):
        yield refuse(what, f"financial.{name.replace('_', ' ')}", hint)
    if str(money.get("window")) == "unlimited":
        yield refuse("a fee without an end", "financial.window", 'write a time, such as "24 months"')
    if money.get("paid") not in ("weekly", "monthly", "quarterly"):
        yield refuse(f"a fee that is paid {money.get('paid')}", "financial.paid", 'write "monthly" or "quarterly"')
    if money.get("base") == "gross invoiced" and money.get("trigger") != "invoice":
        yield refuse("fees on invoices that are earned on payment", "financial.trigger", 'write "trigger: invoice"')
    if money.get("tiers") and money.get("steps") == "whole" and not isinstance(money["tiers"][0]["from"], Money):
        yield refuse("a step that counts for clients before it", "financial.steps", 'write "steps: part"')
    if len(deal.parties) > 2 and money.get("tiers") and not isinstance(money["tiers"][0]["from"], Money):
        yield refuse("steps by clients among more than two parties", "financial.tiers", "let steps begin at amounts")
    yield from (refuse(what, "financial.fees") for what in _each_other_fee(deal, money, leads))
    if not isinstance(deal.facts.get("effective"), date) and not signed:
        message = "the agreement applies from the last signature, so its days cannot be counted yet"
        yield Problem(message, _SIGNED_ON, "effective", Place(deal.source), code="missing")


def _each_other_fee(deal: Deal, money: FactsView, leads: FactsView) -> Iterator[str]:
    fees = money.get("fees") or ()
    if any(one.get("for") for one in fees):
        if any(one.get("paid_by") or not one.get("for") for one in fees):
            yield "a fee for each sort of work of each party"
        elif len({str(one["for"]).casefold() for one in fees}) < len(fees):
            yield "two fees for the same sort of work"
    elif fees:
        referrer = (leads.get("referrer") or {}).get("short")
        paying = sorted(party.short for party in deal.parties if party.short != referrer)
        if sorted(str(one["paid_by"]["short"]) for one in fees if one.get("paid_by")) != paying:
            yield "fees that are not one for each party that pays"
    if len({type(one["fee"]) for one in fees}) > 1:
        yield "percentages beside amounts"

"""The terms that sums are computed from: the facts of a deal, as its clauses on referrals and fees use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import Duration, Money, Percent, minor_digits
from agreementgen.deal.deal import Deal, find_fact

NOT_COVERED = "the workbook does not cover this yet"
_FIRST_YEAR = Duration(12, "month")


@dataclass(frozen=True)
class Step:
    """A fee of `percent` from the client of that number in a year, or from that amount of one client."""

    start: Decimal
    percent: Decimal


@dataclass(frozen=True)
class ReferralTerms:
    """What a referral fee is counted from.

    `percents` or `amounts` has the fee of each party that pays one; both are empty where `steps` make the fee.
    `window` is None for a fee that is earned once. `clawback` and `tail` are None where there is none. `late_charge`
    is in percent a month. `earned_on` is what a row of the ledger stands for.
    """

    currency: str
    parties: tuple[str, str]
    referrers: tuple[str, ...]
    effective: date
    accepted_within: Duration
    new_customers_only: bool
    protection: Duration
    tail: Duration | None
    finishes_leads: bool
    earned_on: Literal["payment", "invoice"]
    base: str
    percents: Mapping[str, Decimal]
    amounts: Mapping[str, Decimal]
    steps: tuple[Step, ...]
    steps_by: Literal["", "clients", "amount"]
    whole_steps: bool
    window: Duration | None
    cap: Decimal | None
    annual_cap: Decimal | None
    clawback: Duration | None
    every: Literal["monthly", "quarterly"]
    statement: Duration
    due: Duration
    late_charge: Decimal

    @property
    def digits(self) -> int:
        return minor_digits(self.currency)

    @property
    def payers(self) -> tuple[str, ...]:
        """The parties that receive leads, in the order of the deal."""
        return tuple(party for party in self.parties if self.referrers != (party,))

    def receiver_of(self, referrer: str) -> str:
        return self.parties[0] if referrer == self.parties[1] else self.parties[1]


def read_terms(deal: Deal, signed: date | None = None) -> ReferralTerms:
    """Return the terms of a referral deal; raise InputError with all that the workbook does not cover."""
    problems = tuple(_each_problem(deal, signed))
    if problems:
        raise InputError(problems)
    facts = deal.facts
    money, leads = facts["financial"], facts["leads"]
    first, second = (party.short for party in deal.parties)
    referrers = (first, second) if leads["direction"] == "two-way" else (str(leads["referrer"]["short"]),)
    payers = [party for party in (first, second) if referrers != (party,)]
    fees = _fee_of_each(money, payers)
    by_invoice = money["trigger"] == "invoice"
    first_year = money["base"] == "first-year value"
    steps = tuple(Step(_start_of(one["from"]), one["fee"].number) for one in money["tiers"])
    by_amount = bool(steps) and isinstance(money["tiers"][0]["from"], Money)
    effective = facts["effective"] if isinstance(facts["effective"], date) else signed
    assert effective is not None  # _each_problem has asked for it
    return ReferralTerms(
        currency=str(facts["currency"]),
        parties=(first, second),
        referrers=referrers,
        effective=effective,
        accepted_within=leads["accepted_within"],
        new_customers_only=bool(leads["new_customers_only"]),
        protection=leads["protection"],
        tail=find_fact("exit.tail", facts),
        finishes_leads=bool(find_fact("exit.leads_in_flight", facts)),
        earned_on="invoice" if by_invoice else "payment",
        base=str(money["base"] or ""),
        percents={payer: fee.number for payer, fee in fees.items() if isinstance(fee, Percent)},
        amounts={payer: fee.amount for payer, fee in fees.items() if isinstance(fee, Money)},
        steps=tuple(sorted(steps, key=lambda step: step.start)),
        steps_by="amount" if by_amount else "clients" if steps else "",
        whole_steps=money["steps"] == "whole",
        window=_FIRST_YEAR if first_year else money["window"],
        cap=_amount_of(money["cap_per_client"]),
        annual_cap=_amount_of(money["annual_cap"]),
        clawback=money["clawback"] if money["clawback"] and money["clawback"].count else None,
        every="quarterly" if money["paid"] == "quarterly" else "monthly",
        statement=money["statement"],
        due=money["due"],
        late_charge=money["late_charge"].number if money["late_charge"] else Decimal(0),
    )


def _start_of(typed: Any) -> Decimal:
    """Return where a step begins; "from $1" is from the beginning."""
    if isinstance(typed, Money):
        return typed.amount if typed.amount > 1 else Decimal(0)
    return Decimal(typed)


def _amount_of(typed: Money | None) -> Decimal | None:
    return typed.amount if typed else None


def _fee_of_each(money: Mapping[str, Any], payers: list[str]) -> dict[str, Percent | Money]:
    if money["tiers"]:
        return {}
    if money["fees"]:
        return {str(one["paid_by"]["short"]): one["fee"] for one in money["fees"]}
    return dict.fromkeys(payers, money["fee"])


_NOT_YET = {
    "minimum": "a least fee for each client",
    "guarantee": "a guaranteed sum",
    "least_payout": "a sum below which nothing is paid",
}


def _each_problem(deal: Deal, signed: date | None) -> Iterator[Problem]:
    """Yield what stands in the way of a workbook for this deal."""

    def refuse(what: str, field: str, hint: str = "keep this part of the record by hand") -> Problem:
        place = next((answer.place for answer in deal.answers if answer.path == field and answer.typed), None)
        return Problem(f"{NOT_COVERED}: {what}", hint, field, place or Place(deal.source), code="ledger-not-covered")

    money, leads = deal.facts.get("financial") or {}, deal.facts.get("leads") or {}
    model = str(money.get("model") or "none")
    if model != "referral fee":
        said = "a deal without money" if model == "none" else f"the model {model}"
        yield refuse(said, "financial.model", "there is a workbook for referral fees between two parties")
        return
    if len(deal.parties) != 2:
        yield refuse(f"a deal of {len(deal.parties)} parties", "parties", "a workbook is for two parties")
        return
    if not leads.get("direction"):
        yield refuse("referrals without terms for leads", "leads", "let the deal say when a lead counts")
    for name, what in _NOT_YET.items():
        if money.get(name):
            yield refuse(what, f"financial.{name.replace('_', ' ')}")
    if str(money.get("window")) == "unlimited":
        yield refuse("a fee without an end", "financial.window", 'write a time, such as "24 months"')
    if not money.get("statement") or money.get("paid") not in ("monthly", "quarterly"):
        yield refuse(f"a fee that is paid {money.get('paid')}", "financial.paid", 'write "monthly" or "quarterly"')
    if money.get("base") == "gross invoiced" and money.get("trigger") != "invoice":
        yield refuse("fees on invoices that are earned on payment", "financial.trigger", 'write "trigger: invoice"')
    if money.get("tiers") and money.get("steps") == "whole" and not isinstance(money["tiers"][0]["from"], Money):
        yield refuse("a step that counts for clients before it", "financial.steps", 'write "steps: part"')
    yield from (refuse(what, "financial.fees") for what in _each_other_fee(deal, money, leads))
    if not isinstance(deal.facts.get("effective"), date) and not signed:
        message = "the agreement applies from the last signature, so its days cannot be counted yet"
        yield Problem(message, "give --signed DATE", "effective", Place(deal.source), code="missing")


def _each_other_fee(deal: Deal, money: Mapping[str, Any], leads: Mapping[str, Any]) -> Iterator[str]:
    fees = money.get("fees") or ()
    if any(one.get("for") or not one.get("paid_by") for one in fees):
        yield "a fee for each sort of work"
    elif fees:
        referrer = (leads.get("referrer") or {}).get("short")
        paying = sorted(party.short for party in deal.parties if party.short != referrer)
        if sorted(str(one["paid_by"]["short"]) for one in fees) != paying:
            yield "fees that are not one for each party that pays"
        elif len({type(one["fee"]) for one in fees}) > 1:
            yield "a percentage from one party and an amount from the other"

"""What referral fees come to: from a ledger to the sums of each period, as the drafted clauses count them.

Three rules are ours, where the clauses leave a choice. A client's fee is rounded once, over all it paid so far. A
fee belongs to the calendar year of the payment it is counted on. A client has the number it had in the calendar year
of its first payment, and keeps its step. docs/workbook.md tells all of them to readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.ledger.entries import ACCEPTED, Lead, Ledger, Movement
from agreementgen.ledger.terms import DealTerms, FeeStep, LeadTerms, ReferralTerms

COUNTS = "yes"


@dataclass(frozen=True)
class JudgedLead:
    """A lead with what became of it: `counts` is "yes", or why nothing is owed for it ("" while nobody has bought)."""

    lead: Lead
    accepted_on: date | None
    protected_until: date | None
    counts: str


@dataclass(frozen=True)
class CountedMovement:
    """A movement with what it changes: `counts` is "yes" or why it changes nothing.

    `base` is what it adds to (or takes from) the base of its client, `base_so_far` and `fee_so_far` are the
    client's after it; `fee` is what `payer` owes `payee` more or less, after all caps. `client` is the client's number
    in its year where steps go by that, else 0.
    """

    movement: Movement
    counts: str
    payer: str
    payee: str
    base: Decimal
    base_so_far: Decimal
    client: int
    fee_so_far: Decimal
    fee: Decimal


@dataclass(frozen=True)
class PeriodSum:
    """What `payer` owes `payee` for the period that ends on `last`; below 0, what the payee repays.

    `fee` is what is paid: what was `earned`, what is `added` to reach a guarantee, and what was `carried` over from
    before, or nothing where all of it is carried on. `late_charge` is that of this sum, if it was paid late.
    """

    first: date
    last: date
    payer: str
    payee: str
    fee: Decimal
    statement_by: date
    due_by: date
    settled: date | None
    late_charge: Decimal
    earned: Decimal
    added: Decimal
    carried: Decimal


def round_money(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def judge_lead(lead: Lead, terms: LeadTerms, ended: date | None) -> JudgedLead:
    """Return what became of a lead.

    The clause: accepted unless the receiver refuses in time on one of its grounds. Who sells to a lead that it has
    not refused has accepted it. After the end, leads sent before it stay protected for the tail.
    """
    if ended and lead.day > ended:
        return JudgedLead(lead, None, None, "sent after the end")
    last_answer = add(lead.day, terms.accepted_within)
    in_time = lead.answered is not None and lead.answered <= last_answer
    if lead.answer and lead.answer != ACCEPTED and in_time:
        return JudgedLead(lead, None, None, lead.answer)
    accepted = lead.answered if lead.answer == ACCEPTED and in_time and lead.answered else last_answer
    if lead.won and lead.day <= lead.won < accepted:
        accepted = lead.won
    if ended and accepted > ended and not terms.finishes_leads:
        return JudgedLead(lead, accepted, None, "not accepted before the end")
    until = add(accepted, terms.protection)
    if ended:
        until = min(until, add(ended, terms.tail) if terms.tail else ended)
    if lead.won is None:
        return JudgedLead(lead, accepted, until, "")
    counts = COUNTS if lead.day <= lead.won <= until else "bought too late" if lead.won > until else "bought before"
    return JudgedLead(lead, accepted, until, counts)


def fee_ends_on(first: date, terms: ReferralTerms) -> date | None:
    """Return the last day of a client's payments that count, None for a fee that is earned once."""
    return add(first, terms.window) if terms.window else None


def count_movements(ledger: Ledger, terms: ReferralTerms) -> tuple[CountedMovement, ...]:
    """Return each movement with what it changes, in the order of the ledger."""
    return tuple(_FeeCounter(ledger, terms).each())


@dataclass
class _Client:
    first: date
    number: int = 0
    base: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)


class _FeeCounter:
    """Goes through a ledger once, and knows what each client and each payer's year came to so far."""

    def __init__(self, ledger: Ledger, terms: ReferralTerms) -> None:
        self._ledger = ledger
        self._terms = terms
        self._leads = {lead.number: judge_lead(lead, terms, ledger.ended) for lead in ledger.leads}
        self._movements = {one.number: one for one in ledger.movements}
        self._clients: dict[int, _Client] = {}
        self._counted: set[int] = set()
        self._years: dict[tuple[str, int], Decimal] = {}
        self._clients_of_year: dict[tuple[str, int], int] = {}

    def each(self) -> Iterator[CountedMovement]:
        for one in self._ledger.movements:
            judged = self._leads[one.lead]
            payer = self._terms.receiver_of(judged.lead)
            counts = judged.counts or "not won yet"
            if counts == COUNTS:
                counts = self._judge_movement(one, payer)
            base = self._base_of(one) if counts == COUNTS else Decimal(0)
            client = self._clients.get(one.lead, _Client(one.day))
            fee = Decimal(0)
            if counts == COUNTS:
                self._counted.add(one.number)
                client.base += base
                change = self._fee_of(client, judged.lead.sort or payer) - client.fee
                client.fee += change
                fee = self._cap_year(payer, one, change)
            yield CountedMovement(
                one, counts, payer, judged.lead.referrer, base, client.base, client.number, client.fee, fee
            )

    def _judge_movement(self, one: Movement, payer: str) -> str:
        if one.kind == "refunded":
            if one.refund_of not in self._counted:
                return "payment did not count"
            if not self._terms.clawback:
                return "no repayment agreed"
            paid = self._movements[one.refund_of].day
            return COUNTS if one.day <= add(paid, self._terms.clawback) else "refunded too late"
        client = self._clients.get(one.lead)
        if client is None:
            year = (payer, one.day.year)
            self._clients_of_year[year] = self._clients_of_year.get(year, 0) + 1
            number = self._clients_of_year[year] if self._terms.steps_by == "clients" else 0
            self._clients[one.lead] = _Client(one.day, number)
            return COUNTS
        ends = fee_ends_on(client.first, self._terms)
        return COUNTS if ends is None or one.day <= ends else "after the fee ended"

    def _base_of(self, one: Movement) -> Decimal:
        return -one.amount if one.kind == "refunded" else one.amount - one.deductions

    def _fee_of(self, client: _Client, of: str) -> Decimal:
        """Return the fee for one client on all it paid so far; `of` is who pays it, or which sort of client it is."""
        terms, base = self._terms, client.base
        if terms.amounts:
            fee = terms.amounts[of] if base > 0 else Decimal(0)
        elif terms.steps_by == "amount":
            fee = _fee_by_amount(base, terms.steps, terms.whole_steps)
        elif terms.steps_by == "clients":
            fee = base * _percent_from(Decimal(client.number), terms.steps) / 100
        else:
            fee = base * terms.percents[of] / 100
        fee = round_money(fee, terms.digits)
        return fee if terms.cap is None else min(terms.cap, fee)

    def _cap_year(self, payer: str, one: Movement, change: Decimal) -> Decimal:
        """Return what of a change is owed under the cap for the calendar year."""
        if self._terms.annual_cap is None:
            return change
        counted_on = self._movements[one.refund_of] if one.kind == "refunded" else one
        year = (payer, counted_on.day.year)
        before = self._years.get(year, Decimal(0))
        self._years[year] = before + change
        return min(self._terms.annual_cap, before + change) - min(self._terms.annual_cap, before)


def _percent_from(reached: Decimal, steps: tuple[FeeStep, ...]) -> Decimal:
    return max((step for step in steps if step.start <= reached), key=lambda step: step.start, default=_NOTHING).percent


_NOTHING = FeeStep(Decimal(0), Decimal(0))


def _fee_by_amount(base: Decimal, steps: tuple[FeeStep, ...], whole: bool) -> Decimal:
    if whole:
        return base * _percent_from(base, steps) / 100
    fee, below = Decimal(0), Decimal(0)
    for step in steps:
        fee += max(Decimal(0), base - step.start) * (step.percent - below) / 100
        below = step.percent
    return fee


def list_periods(terms: DealTerms, until: date, every: str = "") -> tuple[tuple[date, date], ...]:
    """Return first and last day of each period from the effective date to the one of `until`."""
    lasts = list_calendar_periods(terms.effective, max(terms.effective, until), every or terms.every or "monthly")
    firsts = (terms.effective, *(last + timedelta(days=1) for last in lasts[:-1]))
    return tuple(zip(firsts, lasts, strict=True))


def sum_periods(
    ledger: Ledger, terms: ReferralTerms, counted: tuple[CountedMovement, ...], until: date
) -> tuple[PeriodSum, ...]:
    """Return what each payer owes for each period up to that of `until`."""
    earned = (Earning(one.movement.day, one.payer, one.payee, one.fee) for one in counted)
    return add_up_periods(terms, earned, terms.directions, ledger.settled, ledger.ended, until)


@dataclass(frozen=True)
class Earning:
    """What one row adds to the sum of its period."""

    day: date
    payer: str
    payee: str
    amount: Decimal


def add_up_periods(
    terms: DealTerms,
    earnings: Iterable[Earning],
    directions: Sequence[tuple[str, str]],
    settled: Mapping[tuple[date, str, str], date],
    ended: date | None,
    until: date,
) -> tuple[PeriodSum, ...]:
    """Return what is owed in each direction for each period up to that of `until`, with guarantee and least payout."""
    periods = list_periods(terms, until)
    earned: dict[tuple[date, str, str], Decimal] = {}
    for one in earnings:
        if last := next((last for first, last in periods if first <= one.day <= last), None):
            key = (last, one.payer, one.payee)
            earned[key] = earned.get(key, Decimal(0)) + one.amount
    carried = dict.fromkeys(directions, Decimal(0))
    sums = []
    for first, last in periods:
        for payer, payee in directions:
            own = earned.get((last, payer, payee), Decimal(0))
            added = _add_guarantee(terms, earned, (payer, payee), last, ended)
            before = carried[payer, payee]
            total = own + added + before
            is_kept = terms.least_payout is not None and total < terms.least_payout and not (ended and last >= ended)
            carried[payer, payee] = total if is_kept else Decimal(0)
            fee = Decimal(0) if is_kept else total
            statement_by, due_by = terms.days_of(last)
            paid = settled.get((last, payer, payee))
            charge = charge_for_delay(abs(fee), due_by, paid, terms) if paid else Decimal(0)
            sums.append(
                PeriodSum(first, last, payer, payee, fee, statement_by, due_by, paid, charge, own, added, before)
            )
    return tuple(sums)


@dataclass(frozen=True)
class GuaranteedPeriod:
    """A calendar period of a guarantee: its days, and the first of them that the agreement covers."""

    first: date
    last: date
    begins: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def find_guaranteed_period(terms: DealTerms, last: date) -> GuaranteedPeriod | None:
    """Return the period of the guarantee in which the sum of the period that ends on `last` is the last one."""
    if terms.guarantee is None:
        return None
    lasts = list_calendar_periods(last - timedelta(days=400), last, terms.guarantee.every)
    if last != lasts[-1]:
        return None
    first = lasts[-2] + timedelta(days=1)
    return GuaranteedPeriod(first, lasts[-1], max(first, terms.effective))


def _add_guarantee(
    terms: DealTerms,
    earned: Mapping[tuple[date, str, str], Decimal],
    pair: tuple[str, str],
    last: date,
    ended: date | None,
) -> Decimal:
    """Return what is paid on top in the last period of a guarantee; a part of it counts in proportion, by days."""
    agreed = terms.guarantee
    if agreed is None or pair != (agreed.payer, agreed.payee):
        return Decimal(0)
    period = find_guaranteed_period(terms, last)
    if period is None:
        return Decimal(0)
    until = min(period.last, ended) if ended else period.last
    covered = max(0, (until - period.begins).days + 1)
    least = round_money(agreed.amount * covered / period.days, terms.digits)
    own = (amount for (day, *who), amount in earned.items() if tuple(who) == pair and period.first <= day <= last)
    return max(Decimal(0), least - sum(own, Decimal(0)))


def charge_for_delay(amount: Decimal, due_by: date, until: date, terms: DealTerms) -> Decimal:
    """Return the charge on an amount that was due on `due_by` and paid, or is still owed, on `until`.

    A charge by the month is counted by days: twelve months of it are the charge of 365 days, on the amount alone.
    """
    days = max(0, (until - due_by).days)
    return round_money(amount * terms.late_charge * 12 * days / 36500, terms.digits)

"""What referral fees come to: from a ledger to the sums of each period, as the drafted clauses count them.

Three rules are ours, where the clauses leave a choice. A client's fee is rounded once, over all it paid so far. A
fee belongs to the calendar year of the payment it is counted on. A client has the number it had in the calendar year
of its first payment, and keeps its step. docs/workbook.md tells all of them to readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.ledger.entries import ACCEPTED, Lead, Ledger, Movement
from agreementgen.ledger.terms import DealTerms, FeeStep, Guarantee, LeadTerms, ReferralTerms

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
    not refused has accepted it. After the end, leads sent before it stay protected for the tail. Where terms were
    amended, those of the day on which it was sent hold, and after the end the last ones.
    """
    last, terms = terms.versions[-1], terms.on(lead.day)
    if ended and lead.day > ended:
        return JudgedLead(lead, None, None, "sent after the end")
    last_answer = add(lead.day, terms.accepted_within)
    in_time = lead.answered is not None and lead.answered <= last_answer
    if lead.answer and lead.answer != ACCEPTED and in_time:
        return JudgedLead(lead, None, None, lead.answer)
    accepted = lead.answered if lead.answer == ACCEPTED and in_time and lead.answered else last_answer
    if lead.won and lead.day <= lead.won < accepted:
        accepted = lead.won
    if ended and accepted > ended and not last.finishes_leads:
        return JudgedLead(lead, accepted, None, "not accepted before the end")
    until = add(accepted, terms.protection)
    if ended:
        until = min(until, add(ended, last.tail) if last.tail else ended)
    if lead.won is None:
        return JudgedLead(lead, accepted, until, "")
    counts = COUNTS if lead.day <= lead.won <= until else "bought too late" if lead.won > until else "bought before"
    return JudgedLead(lead, accepted, until, counts)


def fee_ends_on(first: date, terms: ReferralTerms) -> date | None:
    """Return the last day of a client's payments that count, None for a fee that is earned once.

    Each payment is judged by the terms of its day: a window that an amendment makes longer or shorter is counted from
    the first payment, too.
    """
    until: date | None = None
    for number in reversed(range(len(terms.versions))):
        window, since = terms.versions[number].window, terms.starts[number]
        if window is None:
            return None
        ends = add(first, window)
        until = min(ends, until - timedelta(days=1)) if until else ends
        if until >= since:
            break
        until = since
    return until


def count_movements(ledger: Ledger, terms: ReferralTerms) -> tuple[CountedMovement, ...]:
    """Return each movement with what it changes, in the order of the ledger."""
    return tuple(_FeeCounter(ledger, terms).each())


@dataclass
class _Client:
    """`bases` has what the client paid under each version of the fee."""

    first: date
    number: int = 0
    bases: dict[int, Decimal] = field(default_factory=dict)
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
        self._years: dict[tuple[str, int], dict[int, Decimal]] = {}
        self._fees = group_versions([one.fee_terms for one in terms.versions])
        self._caps = group_versions([one.annual_cap for one in terms.versions])
        self._counts_clients = any(one.steps_by == "clients" for one in terms.versions)
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
                group = self._fees[self._version_of(one)]
                client.bases[group] = client.bases.get(group, Decimal(0)) + base
                change = self._fee_of(client, judged.lead.sort or payer) - client.fee
                client.fee += change
                fee = self._cap_year(payer, one, change)
            so_far = sum(client.bases.values(), Decimal(0))
            yield CountedMovement(
                one, counts, payer, judged.lead.referrer, base, so_far, client.number, client.fee, fee
            )

    def _version_of(self, one: Movement) -> int:
        """Return whose terms a movement counts by: of its day, a refund by those of the payment it pays back."""
        paid = self._movements.get(one.refund_of, one) if one.kind == "refunded" else one
        return self._terms.number_on(paid.day)

    def _judge_movement(self, one: Movement, payer: str) -> str:
        if one.kind == "refunded":
            if one.refund_of not in self._counted:
                return "payment did not count"
            clawback = self._terms.versions[self._version_of(one)].clawback
            if not clawback:
                return "no repayment agreed"
            paid = self._movements[one.refund_of].day
            return COUNTS if one.day <= add(paid, clawback) else "refunded too late"
        client = self._clients.get(one.lead)
        if client is None:
            year = (payer, one.day.year)
            self._clients_of_year[year] = self._clients_of_year.get(year, 0) + 1
            number = self._clients_of_year[year] if self._counts_clients else 0
            self._clients[one.lead] = _Client(one.day, number)
            return COUNTS
        window = self._terms.on(one.day).window
        ends = add(client.first, window) if window else None
        return COUNTS if ends is None or one.day <= ends else "after the fee ended"

    def _base_of(self, one: Movement) -> Decimal:
        return -one.amount if one.kind == "refunded" else one.amount - one.deductions

    def _fee_of(self, client: _Client, of: str) -> Decimal:
        """Return the fee for one client on all it paid so far; `of` is who pays it, or which sort of client it is.

        What it paid under earlier terms keeps its fee. What it paid since then has the fee that the new terms give on
        all that it paid, less what they would give on what it had paid before; steps run on, and a cap leaves what is
        not used of it.
        """
        fee, paid = Decimal(0), Decimal(0)
        for group in dict.fromkeys(self._fees):
            terms, before = self._terms.versions[group], paid
            paid += client.bases.get(group, Decimal(0))
            more = _fee_on(paid, client.number, of, terms) - _fee_on(before, client.number, of, terms)
            fee += more if terms.cap is None else min(max(Decimal(0), terms.cap - fee), more)
        return fee

    def _cap_year(self, payer: str, one: Movement, change: Decimal) -> Decimal:
        """Return what of a change is owed under the cap for the calendar year."""
        if all(terms.annual_cap is None for terms in self._terms.versions):
            return change
        counted_on = self._movements[one.refund_of] if one.kind == "refunded" else one
        changes = self._years.setdefault((payer, counted_on.day.year), {})
        before = self._sum_year(changes)
        group = self._caps[self._version_of(one)]
        changes[group] = changes.get(group, Decimal(0)) + change
        return self._sum_year(changes) - before

    def _sum_year(self, changes: Mapping[int, Decimal]) -> Decimal:
        """Return what is owed for a year: an amended cap leaves what was owed before, and of it what is not used."""
        owed = Decimal(0)
        for group in dict.fromkeys(self._caps):
            cap, more = self._terms.versions[group].annual_cap, changes.get(group, Decimal(0))
            owed += more if cap is None else min(max(Decimal(0), cap - owed), more)
        return owed


def group_versions(values: Sequence[object]) -> tuple[int, ...]:
    """Return for each version the number of the first version of those in a row that have the same value."""
    found: list[int] = []
    for number, value in enumerate(values):
        found.append(found[-1] if number and value == values[number - 1] else number)
    return tuple(found)


def _fee_on(base: Decimal, client: int, of: str, terms: ReferralTerms) -> Decimal:
    """Return the fee on a base under one version of the terms, rounded, without its cap."""
    if terms.amounts:
        return round_money(terms.amounts[of] if base > 0 else Decimal(0), terms.digits)
    if terms.steps_by == "amount":
        fee = _fee_by_amount(base, terms.steps, terms.whole_steps)
    elif terms.steps_by == "clients":
        fee = base * _percent_from(Decimal(client), terms.steps) / 100
    else:
        fee = base * terms.percents[of] / 100
    return round_money(fee, terms.digits)


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
    return add_up_periods(terms, earned, terms.directions, ledger, until)


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
    ledger: Ledger,
    until: date,
) -> tuple[PeriodSum, ...]:
    """Return what is owed in each direction for each period up to that of `until`, with guarantee and least payout.

    Of `ledger` only the end, what was paid when and why a guarantee is not owed count.
    """
    ended = ledger.ended
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
            key = (last, payer, payee)
            added = Decimal(0) if ledger.causes.get(key) else _add_guarantee(terms, earned, key[1:], last, ended)
            before = carried[payer, payee]
            total = own + added + before
            least = terms.on(last).least_payout
            is_kept = least is not None and total < least and not (ended and last >= ended)
            carried[payer, payee] = total if is_kept else Decimal(0)
            fee = Decimal(0) if is_kept else total
            statement_by, due_by = terms.on(last).days_of(last)
            paid = ledger.settled.get(key)
            charge = charge_for_delay(abs(fee), due_by, paid, terms.on(last)) if paid else Decimal(0)
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


def find_guarantee(terms: DealTerms) -> Guarantee | None:
    """Return the guarantee; amended ones are of the same parties and periods."""
    return next((one.guarantee for one in terms.versions if one.guarantee), None)


def find_guaranteed_period(terms: DealTerms, last: date) -> GuaranteedPeriod | None:
    """Return the period of the guarantee in which the sum of the period that ends on `last` is the last one.

    None also where no version of the terms that holds in it has a guarantee.
    """
    agreed = find_guarantee(terms)
    if agreed is None:
        return None
    lasts = list_calendar_periods(last - timedelta(days=400), last, agreed.every)
    if last != lasts[-1]:
        return None
    first = lasts[-2] + timedelta(days=1)
    period = GuaranteedPeriod(first, last, max(first, terms.effective))
    held = (terms.versions[number].guarantee for number, _, _ in split_days(terms, period.begins, last))
    return period if any(held) else None


def _add_guarantee(
    terms: DealTerms,
    earned: Mapping[tuple[date, str, str], Decimal],
    pair: tuple[str, str],
    last: date,
    ended: date | None,
) -> Decimal:
    """Return what is paid on top in the last period of a guarantee; a part of it counts in proportion, by days."""
    agreed = find_guarantee(terms)
    if agreed is None or pair != (agreed.payer, agreed.payee):
        return Decimal(0)
    period = find_guaranteed_period(terms, last)
    if period is None:
        return Decimal(0)
    whole = Decimal(0)
    for number, begins, until in split_days(terms, period.begins, period.last):
        own = terms.versions[number].guarantee
        covered = max(0, ((min(until, ended) if ended else until) - begins).days + 1)
        whole += own.amount * covered if own else 0
    least = round_money(whole / period.days, terms.digits)
    mine = (amount for (day, *who), amount in earned.items() if tuple(who) == pair and period.first <= day <= last)
    return max(Decimal(0), least - sum(mine, Decimal(0)))


def split_days(terms: DealTerms, first: date, last: date) -> Iterator[tuple[int, date, date]]:
    """Yield the parts of a time by the version of the terms that holds in them, with their first and last days."""
    for number in range(terms.number_on(first), terms.number_on(last) + 1):
        begins = max(first, terms.starts[number])
        is_last = number == len(terms.versions) - 1
        ends = last if is_last else min(last, terms.starts[number + 1] - timedelta(days=1))
        yield number, begins, ends


def charge_for_delay(amount: Decimal, due_by: date, until: date, terms: DealTerms) -> Decimal:
    """Return the charge on an amount that was due on `due_by` and paid, or is still owed, on `until`.

    A charge by the month is counted by days: twelve months of it are the charge of 365 days, on the amount alone.
    """
    days = max(0, (until - due_by).days)
    return round_money(amount * terms.late_charge * 12 * days / 36500, terms.digits)

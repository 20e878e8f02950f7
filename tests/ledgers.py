"""Drawn ledgers of referral deals, and a second calculation of what they come to, made another way than the program's.

The second calculation knows no running sums: for every movement it looks at all before it from scratch, in fractions,
with its own calendar.
"""

from __future__ import annotations

import calendar
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random

from deals import reference

from agreementgen.ledger.entries import Lead, Ledger, Movement

FEE = "  fee: 10%\n"
CAP = "  cap per client: $5,000\n"
BASE = "  base: net collected revenue\n"
NET = BASE + "  deductions: [sales tax, refunds, shipping, pass-through costs]\n  window: 12 months\n"


@dataclass(frozen=True)
class Case:
    """A deal, and what the second calculation must know of it: lengths as ("day" or "month", count)."""

    name: str
    text: str
    fee_of: Callable[[Fraction, str, int], Fraction] = lambda base, payer, number: base / 10
    window: int = 12
    cap: int = 5000
    annual_cap: int = 0
    clawback: int = 90
    tail: int = 90
    protection: tuple[str, int] = ("day", 180)
    accepted_within: int = 5
    in_flight: bool = True
    digits: int = 2
    months: int = 1
    weekly: bool = False
    # Who guarantees what to whom, for how many calendar months.
    guarantee: tuple[str, str, Fraction | int, int] | None = None
    least: int = 0
    sorts: dict[str, Fraction] = field(default_factory=dict)
    statement: int = 10
    due: int = 30
    late: Fraction = Fraction(1)
    referrers: tuple[str, ...] = ("Northshore", "Bay Rank")
    parties: tuple[str, ...] = ("Northshore", "Bay Rank")
    numbers_clients: bool = False
    effective: date = date(2026, 12, 1)
    sizes: tuple[int, ...] = field(default=(100, 999, 5000, 12000, 48000))


def _flat(base: Fraction, payer: str, number: int) -> Fraction:
    return Fraction(400) if base > 0 else Fraction(0)


def _of_each(base: Fraction, payer: str, number: int) -> Fraction:
    return base * Fraction({"Northshore": "0.125", "Bay Rank": "0.0775", "Quincy": "0.0775"}[payer])


def _by_client(base: Fraction, payer: str, number: int) -> Fraction:
    return base * (Fraction(5, 100) if number < 2 else Fraction(8, 100) if number < 4 else Fraction(12, 100))


def _by_part(base: Fraction, payer: str, number: int) -> Fraction:
    return sum(
        ((min(base, upper) - lower) * share for lower, upper, share in
         ((0, 2000, Fraction(5, 100)), (2000, 9000, Fraction(75, 1000)), (9000, 10**9, Fraction(1, 10))) if base > lower),
        Fraction(0),
    )  # fmt: skip


def _by_whole(base: Fraction, payer: str, number: int) -> Fraction:
    return base * (Fraction(0) if base < 1000 else Fraction(6, 100) if base < 20000 else Fraction(9, 100))


THIRD = (
    ("\nscope:", """
  - name: Quincy Print Works LLC
    short: Quincy
    entity: LLC
    formed in: Massachusetts
    address: 9 Copley Lane, Quincy, MA 02169
    email: sam@quincy.example
    signatory: {name: Sam Dow, title: Manager}
    contact: Sam Dow

scope:"""),
    ("  Bay Rank:\n    - Refers", "  Quincy: [Refers clients who need both]\n  Bay Rank:\n    - Refers"),
)  # fmt: skip
ALL_THREE = ("Northshore", "Bay Rank", "Quincy")
_IN_YEN = (
    (CAP, "  cap per client: 30000 JPY\n"), ("average deal: $10,000", "average deal: 900000 JPY"),
    ("law: Massachusetts", "law: Massachusetts\ncurrency: JPY"), ('target: "$20,000"', "target: 20000 JPY"),
)  # fmt: skip
_IN_EUROS = (
    (CAP, ""), ("average deal: $10,000", "average deal: EUR 9000"), ("law: Massachusetts", "law: Massachusetts\ncurrency: EUR"),
    ('target: "$20,000"', "target: EUR 20000"),
)  # fmt: skip
_TIERS = "  tiers: [{from: %s, fee: 5%%}, {from: %s, fee: %s}, {from: %s, fee: %s}]\n"

CASES = (
    Case("reference", reference()),
    Case("no-cap, no clawback, leap day", reference(
        (FEE, "  fee: 12.5%\n  clawback: 0 days\n"), (CAP, ""), ("2026-12-01", "2027-11-30"), ("2027-01-10", "2027-12-10"),
        ("2027-01-20", "2027-12-20")),
        fee_of=lambda base, payer, number: base / 8, cap=0, clawback=0, effective=date(2027, 11, 30)),
    Case("annual cap", reference((CAP, "  cap per client: $2,500\n  annual cap: $4,000\n")), cap=2500, annual_cap=4000),
    Case("one way, quarterly", reference(
        ("direction: two-way", "direction: one-way\n  referrer: Bay Rank"), (CAP, CAP + "  paid: quarterly\n  late charge: 1.5%\n")),
        months=3, late=Fraction(3, 2), referrers=("Bay Rank",)),
    Case("flat fee", reference((FEE, "  fee: $400\n"), (NET, ""), (CAP, "")), fee_of=_flat, window=0, cap=0),
    Case("flat fee by invoice", reference((FEE, "  fee: $400\n  trigger: invoice\n"), (NET, ""), (CAP, "  annual cap: $1,500\n")),
         fee_of=_flat, window=0, cap=0, annual_cap=1500),
    Case("fee of each", reference((FEE, "  fees: [{paid by: Northshore, fee: 12.5%}, {paid by: Bay Rank, fee: 7.75%}]\n")),
         fee_of=_of_each),
    Case("steps by client", reference((FEE, _TIERS % (1, 2, "8%", 4, "12%"))), fee_of=_by_client, numbers_clients=True),
    Case("steps by amount, part", reference((FEE, _TIERS % ("$1", "'$2,000'", "7.5%", "'$9,000'", "10%")), (CAP, "")),
         fee_of=_by_part, cap=0),
    Case("steps by amount, whole", reference(
        (FEE, "  tiers: [{from: '$1,000', fee: 6%}, {from: '$20,000', fee: 9%}]\n  steps: whole\n"), ("window: 12 months", "window: 6 months")),
        fee_of=_by_whole, window=6),
    Case("yen", reference((FEE, "  fee: 3.25%\n"), *_IN_YEN), fee_of=lambda base, payer, number: base * Fraction(325, 10000),
         cap=30000, digits=0, sizes=(1500, 80001, 333333, 900000)),
    Case("euros, first-year value, no tail", reference(
        (FEE, "  fee: 18%\n"), (NET, "  base: first-year value\n"), *_IN_EUROS, ("  tail: 90 days", "  tail: 60 days\n  leads in flight: no")),
        fee_of=lambda base, payer, number: base * 18 / 100, cap=0, tail=60, in_flight=False),
    Case("invoiced, long protection", reference(
        (NET, "  base: gross invoiced\n  trigger: invoice\n  window: 3 months\n  clawback: 30 days\n"),
        ("average deal: $10,000", "average deal: $10,000\n  protection: 3 months\n  accepted within: 2 days")),
        window=3, clawback=30, protection=("month", 3), accepted_within=2),
    Case("a fee for each sort", reference((FEE, "  fees: [{for: websites, fee: 5%}, {for: 'web*', fee: 12.5%}]\n")),
         sorts={"websites": Fraction(5), "web*": Fraction("12.5")}),
    Case("weekly", reference(
        (CAP, CAP + "  paid: weekly\n  least payout: $25\n"), ("  statement: 10 days\n", "")), weekly=True, statement=0, least=25),
    Case("guarantee and least payout", reference(
        (CAP, CAP + "  guarantee: {from: Bay Rank, to: Northshore, amount: $500.50, each: quarter}\n  least payout: $300\n")),
        guarantee=("Bay Rank", "Northshore", Fraction("500.5"), 3), least=300),
    Case("three parties", reference(*THIRD, (CAP, "  cap per client: $2,500\n  annual cap: $4,000\n")), cap=2500,
         annual_cap=4000, parties=ALL_THREE, referrers=ALL_THREE),
    Case("three parties, one way", reference(
        *THIRD, ("direction: two-way", "direction: one-way\n  referrer: Bay Rank"),
        (FEE, "  fees: [{paid by: Northshore, fee: 12.5%}, {paid by: Quincy, fee: 7.75%}]\n")),
        parties=ALL_THREE, referrers=("Bay Rank",), fee_of=lambda base, payer, number: _of_each(base, payer, number)),
)  # fmt: skip
BY_NAME = {case.name: case for case in CASES}


def draw_ledger(random: Random, case: Case, most_leads: int = 7, most_movements: int = 24) -> Ledger:
    """Return a ledger of `case`, with days on and around all that matters."""
    start = case.effective
    ended = start + timedelta(random.choice([89, 90, 200, 365])) if random.random() < 0.4 else None
    leads = []
    for number in range(1, random.randint(0, most_leads) + 1):
        day = start + timedelta(random.choice([0, 5, 28, 60, 87, 88, 90, 140, 200, 260, 364]))
        answered = day + timedelta(random.choice([0, 2, 5, 6])) if random.random() < 0.6 else None
        answer = (
            random.choice(["accepted", "accepted", "refused: in talks", "refused: out of scope"]) if answered else ""
        )
        won = (
            day + timedelta(random.choice([0, 1, 4, 30, 60, 92, 180, 185, 186, 190])) if random.random() < 0.9 else None
        )
        referrer = random.choice(case.referrers)
        receiver = (
            random.choice([party for party in case.parties if party != referrer]) if len(case.parties) > 2 else ""
        )
        sort = random.choice(list(case.sorts)) if case.sorts else ""
        leads.append(Lead(number, day, referrer, f"Client {number}", answer, answered, won, receiver, sort))
    movements: list[Movement] = []
    days = []
    for lead in leads:
        if lead.won:
            first = lead.won + timedelta(random.choice([0, 0, 3, 20]))
            for _ in range(random.randint(0, 5)):
                days.append(
                    (
                        first + timedelta(random.choice([0, 1, 31, 31, 59, 92, 120, 183, 333, 365, 366, 367, 400])),
                        lead.number,
                    )
                )
    minor = Decimal(1).scaleb(-case.digits)
    for day, lead_number in sorted(days)[:most_movements]:
        amount = Decimal(random.choice(case.sizes)) + minor * random.choice([0, 1, 5, 33, 50, 99])
        off = amount if random.random() < 0.04 else (amount / random.choice([8, 20, 33])).quantize(minor)
        has_deductions = case.name not in (
            "flat fee",
            "flat fee by invoice",
            "euros, first-year value, no tail",
            "invoiced, long protection",
        )
        movements.append(
            Movement(
                0, "paid", day, lead_number, amount, off if has_deductions and random.random() < 0.5 else Decimal(0)
            )
        )
    order: list[tuple[date, int, Movement, int]] = [(one.day, 0, one, at) for at, one in enumerate(movements)]
    for at, one in enumerate(movements):
        left = one.amount - one.deductions
        for _ in range(random.choice([0, 0, 0, 1, 2])):
            back = left if random.random() < 0.5 else (left / 3).quantize(minor)
            if back > 0:
                left -= back
                day = one.day + timedelta(random.choice([0, 10, 29, 30, 31, 89, 90, 91, 120]))
                order.append((day, 1, Movement(0, "refunded", day, one.lead, back), at))
    order.sort(key=lambda entry: entry[:2])
    numbers: dict[int, int] = {}
    numbered = []
    for number, (day, is_refund, one, at) in enumerate(order, 1):
        if not is_refund:
            numbers[at] = number
        numbered.append(
            Movement(number, one.kind, day, one.lead, one.amount, one.deductions, numbers[at] if is_refund else 0)
        )
    settled = {}
    for end in ends_of_periods(case, 20):
        for pair in pairs_of(case):
            if random.random() < 0.3:
                settled[end, *pair] = end + timedelta(random.choice([1, 40, 41, 42, 70, 406]))
    causes = draw_causes(random, case.guarantee, list(ends_of_periods(case, 18)))
    return Ledger(tuple(leads), tuple(numbered), ended, settled, causes)


def draw_causes(
    random: Random, guarantee: tuple[str, str, Fraction | int, int] | None, ends: list[date]
) -> dict[tuple[date, str, str], str]:
    """Draw for which guaranteed periods nothing is owed, as what is missing has a cause that the clause names."""
    if not guarantee:
        return {}
    payer, payee, _, months = guarantee
    last = [end for end, after in itertools.pairwise(ends) if _period_of(end, months) != _period_of(after, months)]
    return {
        (end, payer, payee): random.choice(["its own doing", "beyond control"]) for end in last if random.random() < 0.3
    }


def pairs_of(case: Case) -> tuple[tuple[str, str], ...]:
    """Return who may owe a fee to whom, in the order of the workbook."""
    return tuple((payer, one) for payer in case.parties for one in case.referrers if payer != one)


def ends_of_periods(case: Case, count: int) -> list[date]:
    return _ends_of(case.effective, 0 if case.weekly else case.months, count)


@cache
def _ends_of(day: date, months: int, count: int) -> list[date]:
    ends = []
    while len(ends) < count:
        after = day + timedelta(1)
        if after.weekday() == 0 if not months else after.day == 1 and (after.month - 1) % months == 0:
            ends.append(day)
        day = after
    return ends


def months_on(day: date, count: int) -> date:
    year, month = day.year, day.month
    for _ in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def half_up(value: Fraction, digits: int) -> Fraction:
    return Fraction(math.floor(value * 10**digits + Fraction(1, 2)), 10**digits)


def _is_protected(case: Case, lead: Lead, ended: date | None) -> bool:
    """Walk from the day of the lead on, and see whether the client bought on a day on which it was protected."""
    if lead.won is None or lead.won < lead.day or (ended and lead.day > ended):
        return False
    limit = lead.day + timedelta(case.accepted_within)
    if lead.answer.startswith("refused") and lead.answered and lead.answered <= limit:
        return False
    accepted = lead.answered if lead.answer == "accepted" and lead.answered and lead.answered < limit else limit
    accepted = min(accepted, lead.won)
    if ended and accepted > ended and not case.in_flight:
        return False
    unit, count = case.protection
    last = accepted + timedelta(count) if unit == "day" else months_on(accepted, count)
    if lead.won > last:
        return False
    return ended is None or (lead.won - ended).days <= case.tail


def _state(case: Case, ledger: Ledger, rows: list[Movement], lead: Lead, payer: str, number: int) -> Fraction:
    """Return the fee on one client after `rows`."""
    mine = [one for one in rows if one.lead == lead.number]
    paid = [one for one in mine if one.kind == "paid"]
    if not paid or not _is_protected(case, lead, ledger.ended):
        return Fraction(0)
    last = months_on(paid[0].day, case.window) if case.window else date.max
    good = {one.number: one for one in paid if one.day <= last}
    base = sum((Fraction(one.amount) - Fraction(one.deductions) for one in good.values()), Fraction(0))
    for one in mine:
        is_repaid = one.kind == "refunded" and one.refund_of in good and case.clawback
        if is_repaid and (one.day - good[one.refund_of].day).days <= case.clawback:
            base -= Fraction(one.amount)
    percent = case.sorts.get(lead.sort)
    fee = half_up(case.fee_of(base, payer, number) if percent is None else base * percent / 100, case.digits)
    return min(fee, Fraction(case.cap)) if case.cap else fee


def second_sums(case: Case, ledger: Ledger, periods: int) -> dict[tuple[date, str, str], tuple[Fraction, Fraction]]:
    """Return fee and late charge of each period (by its last day), payer and payee."""
    by_number = {one.number: one for one in ledger.movements}
    changes: list[tuple[date, str, str, Fraction]] = []
    of_year: dict[tuple[str, int], list[Fraction]] = {}
    for at, one in enumerate(ledger.movements):
        lead = next(lead for lead in ledger.leads if lead.number == one.lead)
        payer = lead.receiver or ("Northshore" if lead.referrer == "Bay Rank" else "Bay Rank")
        number = _number_in_year(case, ledger, lead, payer) if case.numbers_clients else 0
        rows = list(ledger.movements[: at + 1])
        change = _state(case, ledger, rows, lead, payer, number) - _state(case, ledger, rows[:-1], lead, payer, number)
        if case.annual_cap:
            earned = of_year.setdefault((payer, by_number[one.refund_of or one.number].day.year), [])
            most = Fraction(case.annual_cap)
            change, earlier = min(most, sum(earned) + change) - min(most, sum(earned, Fraction(0))), change
            earned.append(earlier)
        changes.append((one.day, payer, lead.referrer, change))
    fees, begun = {}, case.effective
    for end in ends_of_periods(case, periods):
        for pair in pairs_of(case):
            mine = (change for day, *who, change in changes if tuple(who) == pair and begun <= day <= end)
            fees[end, *pair] = sum(mine, Fraction(0))
        begun = end + timedelta(1)
    fees = guaranteed_and_carried(fees, case.effective, ledger.ended, case.guarantee, case.least, case.digits,
                                 ledger.causes)  # fmt: skip
    sums = {}
    for end in ends_of_periods(case, periods):
        for pair in pairs_of(case):
            fee = fees[end, *pair]
            due = end + timedelta(case.statement + case.due)
            sums[end, *pair] = fee, late_charge(fee, case.late, due, ledger.settled.get((end, *pair)), case.digits)
    return sums


def guaranteed_and_carried(
    fees: dict[tuple[date, str, str], Fraction],
    effective: date,
    ended: date | None,
    guarantee: tuple[str, str, Fraction | int, int] | None,
    least: int,
    digits: int,
    causes: Mapping[tuple[date, str, str], str],
) -> dict[tuple[date, str, str], Fraction]:
    """Return what is paid of what was earned: more where a guarantee is not reached, nothing yet where it is too little."""
    paid = {}
    for pair in dict.fromkeys((payer, payee) for _, payer, payee in fees):
        ends = sorted(end for end, *who in fees if tuple(who) == pair)
        kept = Fraction(0)
        for at, end in enumerate(ends):
            kept += fees[end, *pair]
            if guarantee and guarantee[:2] == pair:
                _, _, amount, months = guarantee
                own = _period_of(end, months)
                after = ends[at + 1] if at + 1 < len(ends) else end + timedelta(1)
                # The last row of all may be no end of its period.
                if _period_of(after, months) != own and (end, *pair) not in causes:
                    days = [date(own[0], 1, 1) + timedelta(number) for number in range(366)]
                    days = [day for day in days if _period_of(day, months) == own]
                    covered = [day for day in days if effective <= day and (ended is None or day <= ended)]
                    reached = sum(
                        (fees[other, *pair] for other in ends if _period_of(other, months) == own), Fraction(0)
                    )
                    kept += max(Fraction(0), half_up(Fraction(amount) * len(covered) / len(days), digits) - reached)
            paid[end, *pair] = Fraction(0)
            if kept >= least or not least or (ended and end >= ended):
                paid[end, *pair], kept = kept, Fraction(0)
    return paid


def _period_of(day: date, months: int) -> tuple[int, int]:
    return day.year, (day.month - 1) // months


def late_charge(amount: Fraction, percent: Fraction, due: date, settled: date | None, digits: int) -> Fraction:
    """Return the charge of a sum, counting each day of the delay."""
    late, day = 0, due
    while settled and day < settled:
        late, day = late + 1, day + timedelta(1)
    return half_up(abs(amount) * percent / 100 * 12 / 365 * late, digits)


def _number_in_year(case: Case, ledger: Ledger, lead: Lead, payer: str) -> int:
    """Return the number of the client among those that first paid in the same year."""
    firsts: dict[int, Movement] = {}
    for one in ledger.movements:
        other = next(known for known in ledger.leads if known.number == one.lead)
        if other.referrer != payer and one.kind == "paid" and _is_protected(case, other, ledger.ended):
            firsts.setdefault(one.lead, one)
    mine = firsts.get(lead.number)
    if mine is None:
        return 0
    return sum(1 for one in firsts.values() if one.day.year == mine.day.year and one.number <= mine.number)

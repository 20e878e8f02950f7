"""Deals that amendments change, and a second calculation of what their ledgers come to: from scratch for each movement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from deals import reference
from ledgers import (
    BASE,
    BY_NAME,
    CAP,
    FEE,
    THIRD,
    Case,
    _by_part,
    _is_protected,
    _number_in_year,
    ends_of_periods,
    half_up,
    late_charge,
    months_on,
    pairs_of,
)

from agreementgen.ledger.entries import Lead, Ledger, Movement

_STEPS = "  tiers: [{from: %s, fee: 5%%}, {from: %s, fee: %s}, {from: %s, fee: %s}]\n"
_MORE = "  guarantee: {from: Bay Rank, to: Northshore, amount: $%s, each: quarter}\n"


@dataclass(frozen=True)
class AmendedCase:
    """A case, and what amendments made of it: each with its first day."""

    first: Case
    later: tuple[tuple[date, Case], ...]

    @property
    def name(self) -> str:
        return f"{self.first.name}, amended"

    @property
    def versions(self) -> tuple[Case, ...]:
        return (self.first, *(case for _, case in self.later))

    def on(self, day: date) -> Case:
        found = self.first
        for since, case in self.later:
            if day >= since:
                found = case
        return found

    def rank(self, day: date) -> int:
        return self.versions.index(self.on(day))


def _tenth(base: Fraction, payer: str, number: int) -> Fraction:
    return base / 10


def _eighth(base: Fraction, payer: str, number: int) -> Fraction:
    return base / 8


def _flat_650(base: Fraction, payer: str, number: int) -> Fraction:
    return Fraction(650) if base > 0 else Fraction(0)


def _more_by_client(base: Fraction, payer: str, number: int) -> Fraction:
    return base * (Fraction(4, 100) if number < 3 else Fraction(15, 100))


_FIRST = replace(BY_NAME["reference"], fee_of=_tenth)
_FLAT = BY_NAME["flat fee"]
_NO_BASE = BASE + "  deductions: [sales tax, refunds, shipping, pass-through costs]\n  window: 12 months\n"
_SORTS = BY_NAME["a fee for each sort"]
_YEN = BY_NAME["yen"]

AMENDED = (
    AmendedCase(_FIRST, ((date(2027, 3, 15), replace(
        _FIRST, text=reference((FEE, "  fee: 12.5%\n"), (CAP, "  cap per client: $7,000\n")), fee_of=_eighth, cap=7000)),)),
    AmendedCase(replace(_FIRST, name="shorter and less"), ((date(2027, 3, 1), replace(
        _FIRST, text=reference((CAP, "  cap per client: $2,500\n  clawback: 30 days\n"), ("window: 12 months", "window: 6 months"),
                               ("average deal: $10,000", "average deal: $10,000\n  protection: 60 days\n  accepted within: 2 days"),
                               ("  tail: 90 days", "  tail: 30 days")),
        cap=2500, clawback=30, window=6, protection=("day", 60), accepted_within=2, tail=30)),)),
    AmendedCase(replace(BY_NAME["annual cap"], fee_of=_tenth), (
        (date(2027, 3, 10), replace(BY_NAME["annual cap"], text=reference((CAP, "  cap per client: $2,500\n  annual cap: $6,000\n")),
                                    fee_of=_tenth, annual_cap=6000)),
        (date(2027, 7, 5), replace(BY_NAME["annual cap"], text=reference((FEE, "  fee: 12.5%\n"), (CAP, "  cap per client: $3,000\n  annual cap: $3,000\n")),
                                   fee_of=_eighth, cap=3000, annual_cap=3000)),
        (date(2027, 11, 20), replace(_FIRST, text=reference((CAP, "")), cap=0)))),
    AmendedCase(replace(_FIRST, name="steps come in"), ((date(2027, 4, 15), replace(
        _FIRST, text=reference((FEE, _STEPS % ("$1", "'$2,000'", "7.5%", "'$9,000'", "10%")), (CAP, "")), fee_of=_by_part, cap=0)),)),
    AmendedCase(BY_NAME["steps by client"], ((date(2027, 2, 28), replace(
        BY_NAME["steps by client"], text=reference((FEE, "  tiers: [{from: 1, fee: 4%}, {from: 3, fee: 15%}]\n")), fee_of=_more_by_client)),)),
    AmendedCase(_FLAT, ((date(2027, 3, 1), replace(
        _FLAT, text=reference((FEE, "  fee: $650\n"), (_NO_BASE, ""), (CAP, "  annual cap: $1,500\n  clawback: 0 days\n")),
        fee_of=_flat_650, annual_cap=1500, clawback=0)),)),
    AmendedCase(replace(_FIRST, name="payment, guarantee, least"), (
        (date(2027, 2, 10), replace(
            _FIRST, text=reference((CAP, CAP + _MORE % "500.50" + "  late charge: 1.5%\n"), ("  due: 30 days", "  due: 14 days")),
            guarantee=("Bay Rank", "Northshore", Fraction("500.5"), 3), due=14, late=Fraction(3, 2))),
        (date(2027, 8, 20), replace(
            _FIRST, text=reference((CAP, CAP + _MORE % "900" + "  least payout: $300\n"), ("  statement: 10 days", "  statement: 5 days")),
            guarantee=("Bay Rank", "Northshore", Fraction(900), 3), least=300, statement=5)))),
    AmendedCase(_YEN, ((date(2027, 5, 1), replace(
        _YEN, text=_YEN.text.replace("fee: 3.25%", "fee: 4.75%").replace("30000 JPY", "45000 JPY"),
        fee_of=lambda base, payer, number: base * Fraction(475, 10000), cap=45000)),)),
    AmendedCase(replace(_FIRST, text=reference(("window: 12 months", "window: 3 months")), window=3, name="longer"), (
        (date(2027, 4, 1), _FIRST), (date(2027, 9, 15), replace(_FIRST, text=reference(("window: 12 months", "window: 6 months")), window=6)))),
    AmendedCase(BY_NAME["fee of each"], ((date(2027, 3, 31), replace(BY_NAME["fee of each"], text=reference(), fee_of=_tenth)),)),
    AmendedCase(_SORTS, ((date(2027, 4, 1), replace(
        _SORTS, text=reference((FEE, "  fees: [{for: websites, fee: 7.5%}, {for: 'web*', fee: 12.5%}]\n")),
        sorts={"websites": Fraction("7.5"), "web*": Fraction("12.5")})),)),
    AmendedCase(BY_NAME["three parties"], ((date(2027, 5, 17), replace(
        BY_NAME["three parties"], text=reference(*THIRD, (CAP, "  cap per client: $2,500\n  annual cap: $9,000\n")), annual_cap=9000)),)),
    AmendedCase(BY_NAME["weekly"], ((date(2027, 3, 3), replace(
        BY_NAME["weekly"], text=BY_NAME["weekly"].text.replace("$25", "$40").replace("fee: 10%", "fee: 12.5%"), least=40, fee_of=_eighth)),)),
)  # fmt: skip
BY_AMENDED = {case.name: case for case in AMENDED}
assert len(BY_AMENDED) == len(AMENDED)


def second_amended_sums(
    case: AmendedCase, ledger: Ledger, periods: int
) -> dict[tuple[date, str, str], tuple[Fraction, Fraction]]:
    """Return fee and late charge of each period (by its last day), payer and payee."""
    first, by_number = case.first, {one.number: one for one in ledger.movements}
    changes: list[tuple[date, str, str, Fraction]] = []
    of_year: dict[tuple[str, int], list[tuple[int, Fraction]]] = {}
    for at, one in enumerate(ledger.movements):
        lead = next(lead for lead in ledger.leads if lead.number == one.lead)
        payer = lead.receiver or ("Northshore" if lead.referrer == "Bay Rank" else "Bay Rank")
        number = _number_in_year(first, ledger, lead, payer) if first.numbers_clients else 0
        rows = list(ledger.movements[: at + 1])
        change = _state(case, ledger, rows, lead, payer, number) - _state(case, ledger, rows[:-1], lead, payer, number)
        if any(version.annual_cap for version in case.versions):
            counts_on = by_number[one.refund_of or one.number].day
            earned = of_year.setdefault((payer, counts_on.year), [])
            before = _owed_of_year(case, earned)
            earned.append((case.rank(counts_on), change))
            change = _owed_of_year(case, earned) - before
        changes.append((one.day, payer, lead.referrer, change))
    fees, begun = {}, first.effective
    for end in ends_of_periods(first, periods):
        for pair in pairs_of(first):
            mine = (change for day, *who, change in changes if tuple(who) == pair and begun <= day <= end)
            fees[end, *pair] = sum(mine, Fraction(0))
        begun = end + timedelta(1)
    sums = {}
    for pair in pairs_of(first):
        kept = Fraction(0)
        for end in ends_of_periods(first, periods):
            now = case.on(end)
            total = kept + fees[end, *pair] + _to_the_guarantee(case, ledger, fees, pair, end)
            is_kept = total < now.least and not (ledger.ended and end >= ledger.ended) if now.least else False
            fee, kept = (Fraction(0), total) if is_kept else (total, Fraction(0))
            due = end + timedelta(now.statement + now.due)
            sums[end, *pair] = fee, late_charge(fee, now.late, due, ledger.settled.get((end, *pair)), first.digits)
    return sums


def _to_the_guarantee(
    case: AmendedCase, ledger: Ledger, fees: dict[tuple[date, str, str], Fraction], pair: tuple[str, str], end: date
) -> Fraction:
    """Return what is missing in the quarter that ends on `end`: each day of it has its part of the sum of that day."""
    agreed = [version.guarantee for version in case.versions if version.guarantee]
    if not agreed or agreed[0][:2] != pair or end.month % 3 or (end + timedelta(1)).month == end.month:
        return Fraction(0)
    day, days = date(end.year, end.month - 2, 1), []
    while day <= end:
        days.append(day)
        day += timedelta(1)
    whole = Fraction(0)
    for day in days:
        held = case.on(day).guarantee
        if held and day >= case.first.effective and (ledger.ended is None or day <= ledger.ended):
            whole += Fraction(held[2]) / len(days)
    reached = sum(
        (fee for (last, *who), fee in fees.items() if tuple(who) == pair and days[0] <= last <= end), Fraction(0)
    )
    return max(Fraction(0), half_up(whole, case.first.digits) - reached)


def _owed_of_year(case: AmendedCase, earned: list[tuple[int, Fraction]]) -> Fraction:
    """Return what is owed for a year: each cap leaves what those before it gave, and fills up what it allows itself."""
    owed, at = Fraction(0), 0
    while at < len(case.versions):
        cap, together = case.versions[at].annual_cap, Fraction(0)
        while at < len(case.versions) and case.versions[at].annual_cap == cap:
            together += sum((change for rank, change in earned if rank == at), Fraction(0))
            at += 1
        owed += min(together, max(Fraction(0), cap - owed)) if cap else together
    return owed


def _state(case: AmendedCase, ledger: Ledger, rows: list[Movement], lead: Lead, payer: str, number: int) -> Fraction:
    """Return the fee on one client after `rows`."""
    mine = [one for one in rows if one.lead == lead.number]
    paid = [one for one in mine if one.kind == "paid"]
    end = case.versions[-1]
    if not paid or not _is_protected(
        replace(case.on(lead.day), tail=end.tail, in_flight=end.in_flight), lead, ledger.ended
    ):
        return Fraction(0)
    bases = [Fraction(0)] * len(case.versions)
    good = {}
    for one in paid:
        window = case.on(one.day).window
        if not window or one.day <= months_on(paid[0].day, window):
            good[one.number] = one
            bases[case.rank(one.day)] += Fraction(one.amount) - Fraction(one.deductions)
    for one in mine:
        if one.kind == "refunded" and one.refund_of in good:
            origin = good[one.refund_of]
            clawback = case.on(origin.day).clawback
            if clawback and (one.day - origin.day).days <= clawback:
                bases[case.rank(origin.day)] -= Fraction(one.amount)
    fee = paid_before = Fraction(0)
    at = 0
    while at < len(case.versions):
        now, base = case.versions[at], Fraction(0)
        while at < len(case.versions) and _same_fee(case.versions[at], now):
            base += bases[at]
            at += 1
        more = _on(now, paid_before + base, lead, payer, number) - _on(now, paid_before, lead, payer, number)
        paid_before += base
        fee += min(more, max(Fraction(0), now.cap - fee)) if now.cap else more
    return fee


def _same_fee(one: Case, other: Case) -> bool:
    return (one.fee_of, one.sorts, one.cap) == (other.fee_of, other.sorts, other.cap)


def _on(case: Case, base: Fraction, lead: Lead, payer: str, number: int) -> Fraction:
    percent = case.sorts.get(lead.sort)
    return half_up(case.fee_of(base, payer, number) if percent is None else base * percent / 100, case.digits)

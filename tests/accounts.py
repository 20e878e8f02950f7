"""Drawn sheets of all deals but referral fees, and a second calculation of what they come to.

As in ledgers.py, the second calculation looks at each row from scratch, in fractions, with a calendar of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from deals import reference
from ledgers import BASE, CAP, FEE, THIRD, draw_causes, half_up, late_charge, months_on

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
Rows = dict[int, dict[str, Any]]
Due = tuple[date, str, str, Fraction, Fraction]


def sample(name: str, *changes: tuple[str, str]) -> str:
    text = (SAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@dataclass(frozen=True)
class Drawn:
    """What is typed into the sheet of a case: rows by number, the end of the agreement, payments of periods, and
    why a guarantee is not owed."""

    rows: Rows
    ended: date | None = None
    settled: Mapping[tuple[date, str, str], date] = field(default_factory=dict)
    causes: Mapping[tuple[date, str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountCase:
    """A deal, how to draw its sheet, and what the second calculation says: sums with their charges, and overviews."""

    name: str
    text: str
    sheet: str
    draw: Callable[[Random, AccountCase], Drawn]
    second: Callable[[AccountCase, Drawn], list[Due]]
    facts: Mapping[str, Any]
    overview: Callable[[AccountCase, Drawn, Mapping[str, Any]], Mapping[str, Any]] | None = None
    digits: int = 2
    due: int = 30
    statement: int = 10
    months: int = 1
    by_period: bool = False
    effective: date = date(2026, 12, 1)
    directions: tuple[tuple[str, str], ...] = ()
    guarantee: tuple[str, str, Fraction | int, int] | None = None
    least: int = 0
    # What amendments made of it, each with its first day.
    later: tuple[tuple[date, AccountCase], ...] = ()

    def on(self, day: date) -> AccountCase:
        found = self
        for since, case in self.later:
            if day >= since:
                found = case
        return found


def _days(random: Random, start: date, count: int) -> list[date]:
    return sorted(start + timedelta(random.choice([0, 1, 30, 31, 45, 60, 89, 90, 92, 150, 200, 300, 364, 365, 366])
                                    + random.randint(0, 3)) for _ in range(count))  # fmt: skip


def _amount(random: Random, case: AccountCase) -> Decimal:
    minor = Decimal(1).scaleb(-case.digits)
    whole = [1500, 80001, 333333] if not case.digits else [3, 100, 999, 5000, 12000]
    return Decimal(random.choice(whole)) + minor * random.choice([0, 1, 5, 33, 50, 99])


def _later(random: Random, day: date) -> date | None:
    return day + timedelta(random.choice([0, 7, 8, 30, 31, 40, 41, 60, 90])) if random.random() < 0.6 else None


# -- shares and commissions


def draw_sales(random: Random, case: AccountCase) -> Drawn:
    facts = case.facts
    ended = case.effective + timedelta(random.choice([90, 200])) if random.random() < 0.5 else None
    found: list[tuple[date, int, dict[str, Any], int]] = []
    for at, day in enumerate(_days(random, case.effective, random.randint(0, 12))):
        row: dict[str, Any] = {"day": day, "what": facts.get("paid", "paid"), "client": f"Customer {at}",
                               "amount": _amount(random, case)}  # fmt: skip
        if "by" in facts:
            row["by"] = random.choice(facts["by"])
        if facts.get("off", True) and random.random() < 0.5:
            share = random.choice([8, 20, 33, 1])
            row["off"] = (row["amount"] / share).quantize(Decimal(1).scaleb(-case.digits))
        if "renewal" in facts and random.random() < 0.6:
            row["sort"] = random.choice(["first sale", "renewal"])
        if "tiers" in facts and random.random() < 0.7:
            row["tier"] = random.choice(list(facts["tiers"]))
        if "by" not in facts and random.random() < 0.6:
            row["ordered"] = max(case.effective, day - timedelta(random.choice([0, 1, 30, 100, 370])))
        if facts.get("won") and random.random() < 0.7:
            row["won"] = day - timedelta(random.choice([0, 10, 100])) if day > case.effective + timedelta(101) else day
        found.append((day, 0, row, at))
    for day, _, row, at in list(found):
        left = row["amount"] - row.get("off", 0)
        for _ in range(random.choice([0, 0, 1, 2])):
            back = left if random.random() < 0.5 else (left / 3).quantize(Decimal(1).scaleb(-case.digits))
            if back > 0:
                left -= back
                later = day + timedelta(random.choice([0, 10, 89, 90, 91]))
                refund = {"day": later, "what": "refunded", "client": row["client"], "amount": back, "of": at}
                found.append((later, 1, refund | ({"by": row["by"]} if "by" in row else {}), at))
    found.sort(key=lambda one: one[:2])
    numbers = {at: number for number, (_, is_refund, _, at) in enumerate(found, 1) if not is_refund}
    rows: Rows = {}
    for number, (day, is_refund, row, at) in enumerate(found, 1):
        rows[number] = row | ({"of": numbers[at]} if is_refund else {})
        if not case.by_period and (settled := _later(random, day)):
            rows[number][_settled_in(case, row)] = settled
    settled = {}
    if case.by_period:
        for end in ends_of(case, 20):
            for pair in case.directions:
                if random.random() < 0.3:
                    settled[end, *pair] = end + timedelta(random.choice([1, 40, 41, 70, 406]))
    return Drawn(rows, ended, settled, draw_causes(random, case.guarantee, ends_of(case, 18)))


def second_sales(case: AccountCase, drawn: Drawn) -> list[Due]:
    facts, found = case.facts, []

    def counts(number: int) -> bool:
        row = drawn.rows[number]
        if row["what"] == "refunded":
            paid = drawn.rows[row["of"]]["day"]
            return counts(row["of"]) and (row["day"] - paid).days <= case.on(paid).facts.get("clawback", 90)
        if drawn.ended is None or row["day"] <= drawn.ended:
            return True
        if facts.get("won") and (row.get("won") is None or row["won"] > drawn.ended):
            return False
        unit, count = facts["run_on"]
        last = drawn.ended + timedelta(count) if unit == "day" else months_on(drawn.ended, count)
        # A commission is earned by orders: whatever is paid on one that was placed in time, and each renewal in time.
        sold = row["day"] if row.get("sort") == "renewal" else row.get("ordered", row["day"])
        return bool(sold <= last)

    def share_of(number: int, payee: str) -> Fraction:
        row = drawn.rows[number]
        agreed = case.on(row["day"]).facts
        if row.get("sort") == "renewal":
            return Fraction(agreed["renewal"])
        if "tiers" in agreed:
            return Fraction(agreed["tiers"][row.get("tier") or next(iter(agreed["tiers"]))])
        return Fraction(agreed["shares"][payee])

    def state(last: int, origin: int, payee: str) -> Fraction:
        base = Fraction(0)
        for number in range(1, last + 1):
            row = drawn.rows[number]
            if counts(number) and (number == origin or row.get("of") == origin):
                sign = -1 if row["what"] == "refunded" else 1
                base += sign * Fraction(row["amount"]) - Fraction(row.get("off", 0))
        return half_up(base * share_of(origin, payee) / 100, case.digits)

    for number, row in drawn.rows.items():
        origin = row.get("of") or number
        for debtor, creditor in case.directions:
            if debtor == row.get("by", debtor):
                owed = state(number, origin, creditor) - state(number - 1, origin, creditor)
                charge = Fraction(0)
                if not case.by_period:
                    due = row["day"] + timedelta(case.on(drawn.rows[origin]["day"]).due)
                    charge = late_charge(owed, Fraction(1), due, row.get(_settled_in(case, row)), case.digits)
                found.append((row["day"], debtor, creditor, owed, charge))
    return found


def _settled_in(case: AccountCase, row: Mapping[str, Any]) -> str:
    """Return the column in which the payment of a row is typed: of who collected it, where both are owed shares."""
    where = case.facts["settled"]
    return str(where if isinstance(where, str) else where[row["by"]])


# -- shared costs


def draw_costs(random: Random, case: AccountCase) -> Drawn:
    rows: Rows = {}
    for number, day in enumerate(_days(random, case.effective, random.randint(0, 12)), 1):
        item = random.choice(list(case.facts["items"]))
        rows[number] = {
            "day": day,
            "item": item,
            "by": random.choice(case.facts["by"]),
            "amount": _amount(random, case),
        }
        if random.random() < 0.15:
            rows[number]["agreed"] = day
        for key in case.facts["settled"]:
            if settled := _later(random, day):
                rows[number][key] = settled
    return Drawn(rows)


def second_costs(case: AccountCase, drawn: Drawn) -> list[Due]:
    found = []
    shared: dict[int, Fraction] = {}
    for number, row in drawn.rows.items():
        limit, shares = case.on(row["day"]).facts["items"][row["item"]]
        used = sum((shared[other] for other in shared if drawn.rows[other]["item"] == row["item"]), Fraction(0))
        rest = max(Fraction(0), Fraction(limit) - used)
        shared[number] = Fraction(row["amount"]) if row.get("agreed") or row["amount"] <= rest else rest
        for at, debtor in enumerate(case.facts["by"]):
            if debtor != row["by"]:
                owed = half_up(shared[number] * Fraction(shares[debtor]) / 100, case.digits)
                settled = row.get(case.facts["settled"][0 if len(case.facts["settled"]) == 1 else at])
                charge = late_charge(
                    owed, Fraction(1), row["day"] + timedelta(case.on(row["day"]).due), settled, case.digits
                )
                found.append((row["day"], debtor, row["by"], owed, charge))
    return found


# -- fixed fees


def draw_fees(random: Random, case: AccountCase) -> Drawn:
    facts, rows = case.facts, {}
    ended = case.effective + timedelta(random.choice([45, 100, 200])) if random.random() < 0.5 else None
    if facts["each"] == "event":
        for number, day in enumerate(_days(random, case.effective, random.randint(0, 8)), 1):
            rows[number] = {"day": day, "event": f"Market {number}", "held": random.choice(["yes", "yes", "no"])}
            if rows[number]["held"] == "yes" and (settled := _later(random, day)):
                rows[number]["settled"] = settled
        return Drawn(rows)
    for number in range(1, facts["count"] + 1):
        row: dict[str, Any] = {}
        if facts["each"] == "once":
            if random.random() < 0.7:
                row["day"] = case.effective + timedelta(random.randint(0, 200))
                row["settled"] = _later(random, row["day"])
        else:
            row["missing"] = random.choice([None, None, None, 1, 3])
            row["settled"] = _later(random, case.effective + timedelta(40 * number))
        rows[number] = {key: value for key, value in row.items() if value is not None}
    return Drawn(rows, ended if facts["each"] not in ("once", "event") else None)


def second_fees(case: AccountCase, drawn: Drawn) -> list[Due]:
    facts, found = case.facts, []
    each = facts["each"]
    first = case.effective
    for number, row in drawn.rows.items():
        if each in ("once", "event"):
            if row.get("day") is None or row.get("held") == "no":
                continue
            day, owed = row["day"], Fraction(facts["parts"][number - 1] if each == "once" else facts["amount"])
        else:
            # Walk to the end of the calendar period, and back to its beginning.
            last = first
            while not facts["ends"](last):
                last += timedelta(1)
            begin = first - timedelta(0)
            while not facts["ends"](begin - timedelta(1)):
                begin -= timedelta(1)
            paid = sum(1 for at in range((last - first).days + 1)
                       if drawn.ended is None or first + timedelta(at) <= drawn.ended)  # fmt: skip
            paid = max(0, paid - row.get("missing", 0))
            owed = Fraction(facts["amount"]) * paid / ((last - begin).days + 1)
            day = first if facts["in_advance"] else last
            first = last + timedelta(1)
        owed = half_up(owed / len(case.directions), case.digits)
        charge = late_charge(owed, Fraction(1), day + timedelta(case.due), row.get("settled"), case.digits)
        found += [(day, debtor, creditor, owed, charge) for debtor, creditor in case.directions]
    return found


# -- orders of a reseller


def draw_orders(random: Random, case: AccountCase) -> Drawn:
    rows: Rows = {}
    for number, day in enumerate(_days(random, case.effective, random.randint(0, 12)), 1):
        row: dict[str, Any] = {
            "day": day,
            "amount": _amount(random, case),
            "sort": random.choice([None, "first sale", "renewal"]),
        }
        if "tiers" in case.facts:
            row["tier"] = random.choice([None, *case.facts["tiers"]])
        if case.facts["counts"] == "customers":
            row["new"] = random.choice([None, "yes", "no"])
        if random.random() < 0.8:
            row["invoiced"] = day + timedelta(random.choice([0, 3, 40]))
            row["settled"] = _later(random, row["invoiced"])
            if random.random() < 0.3:
                row["credit"] = (row["amount"] / 3).quantize(Decimal(1).scaleb(-case.digits))
        rows[number] = {key: value for key, value in row.items() if value is not None}
    return Drawn(rows)


def _price(case: AccountCase, row: Mapping[str, Any]) -> Fraction:
    agreed = case.on(row["day"]).facts
    rate = Fraction(agreed["discount"])
    if "tiers" in agreed:
        rate = Fraction(agreed["tiers"][row.get("tier") or next(iter(agreed["tiers"]))])
    if row.get("sort") == "renewal":
        rate = Fraction(agreed["renewal"])
    return Fraction(row["amount"]) - half_up(Fraction(row["amount"]) * rate / 100, case.digits)


def second_orders(case: AccountCase, drawn: Drawn) -> list[Due]:
    found = []
    for row in drawn.rows.values():
        if "invoiced" in row:
            owed = _price(case, row) - Fraction(row.get("credit", 0))
            due = row["invoiced"] + timedelta(case.on(row["day"]).due)
            charge = late_charge(owed, Fraction(1), due, row.get("settled"), case.digits)
            found.append((row["invoiced"], *case.directions[0], owed, charge))
    return found


def second_minimum(case: AccountCase, drawn: Drawn, label: Mapping[str, Any]) -> Mapping[str, Any]:
    begins = months_on(case.effective, 6)
    assert (label["first"].day, (label["first"] - begins).days % 365 in (0, 1)) == (begins.day, True)
    assert label["last"] == months_on(label["first"], 12) - timedelta(1)
    mine = [row for row in drawn.rows.values() if label["first"] <= row["day"] <= label["last"]]
    if case.facts["counts"] == "customers":
        reached = Fraction(sum(row.get("new") == "yes" for row in mine))
    else:
        reached = sum((_price(case, row) for row in mine), Fraction(0))
    return {"reached": reached, "missing": max(Fraction(0), case.on(label["last"]).facts["minimum"] - reached)}


# -- orders of goods


def draw_goods(random: Random, case: AccountCase) -> Drawn:
    rows: Rows = {}
    for number, day in enumerate(_days(random, case.effective, random.randint(0, 14)), 1):
        item = random.choice(list(case.facts["items"]))
        wanted = day + timedelta(random.choice([0, 3, 10]))
        row: dict[str, Any] = {
            "day": day,
            "item": item,
            "quantity": Decimal(random.choice([100, 400, 1200, 1500])),
            "wanted": wanted,
        }
        if case.facts.get("carrier") and random.random() < 0.8:
            row["shipped"] = day + timedelta(2)
        if random.random() < 0.85:
            row["delivered"] = max(day, wanted + timedelta(random.choice([-1, 0, 1, 2])))
            row["got"] = random.choice([row["quantity"], row["quantity"] * Decimal("0.95"), row["quantity"] - 50, Decimal(0),
                                        row["quantity"] + Decimal("12.5")])  # fmt: skip
            if random.random() < 0.3:
                row["rejected"] = (row["got"] / 8).quantize(Decimal("0.001"))
            row["buyer"] = "yes" if random.random() < 0.1 else None
            if not case.facts.get("carrier") or "shipped" in row:
                row["settled"] = _later(random, row["delivered"])
        if case.facts.get("changing") and random.random() < 0.4:
            row["agreed"] = Decimal("1912.5")
        rows[number] = {key: value for key, value in row.items() if value is not None}
    return Drawn(rows)


def second_goods(case: AccountCase, drawn: Drawn) -> list[Due]:
    found = []
    for row in drawn.rows.values():
        day = row.get("shipped" if case.facts.get("carrier") else "delivered")
        if day and "got" in row:
            price = Fraction(row.get("agreed") or case.on(row["day"]).facts["items"][row["item"]])
            owed = half_up((Fraction(row["got"]) - Fraction(row.get("rejected", 0))) * price, case.digits)
            due = day + timedelta(case.on(row["day"]).due)
            charge = late_charge(owed, Fraction(1), due, row.get("settled"), case.digits)
            found.append((day, *case.directions[0], owed, charge))
    return found


def second_goods_overview(case: AccountCase, drawn: Drawn, label: Mapping[str, Any]) -> Mapping[str, Any]:
    mine = [row for row in drawn.rows.values()
            if row["item"] == label["item"] and label["first"] <= row["wanted"] <= label["last"]]  # fmt: skip
    if "least" in label:
        taken = Fraction(0)
        for row in mine:
            got = Fraction(row.get("got", 0))
            taken += got if row.get("buyer") or got > row["quantity"] else Fraction(row["quantity"])
        result = {"taken": taken, "missing": max(Fraction(0), Fraction(label["least"]) - taken)}
        if take := case.facts.get("take"):
            result["short"] = max(Fraction(0), Fraction(label["least"]) * Fraction(take) / 100 - taken)
        return result
    ordered = sum((Fraction(row["quantity"]) for row in mine), Fraction(0))
    came = sum((Fraction(row.get("got", 0)) for row in mine), Fraction(0))
    timely = sum(1 for row in mine if "delivered" in row and row["delivered"] <= row["wanted"])
    is_met = came * 100 >= ordered * 95 and timely * 100 >= len(mine) * 95
    return {
        "ordered": ordered,
        "came": came,
        "timely": timely,
        "state": "" if not mine else "met" if is_met else "missed",
    }


def ends_of(case: AccountCase, count: int) -> list[date]:
    """Return the last days of the periods of a case, by walking through the calendar."""
    ends, day = [], case.effective
    months = case.months if case.by_period else 1
    while len(ends) < count:
        after = day + timedelta(1)
        if after.weekday() == 0 if not months else after.day == 1 and (after.month - 1) % months == 0:
            ends.append(day)
        day = after
    return ends


# -- the deals

_N, _B, _Q = "Northshore", "Bay Rank", "Quincy"
_SHARED = ("  model: referral fee\n" + FEE + BASE, (
    "  model: revenue share\n  shared revenue: ticket sales of the workshops\n  revenue shares: {%s}\n"))  # fmt: skip
_PLAIN = (("  window: 12 months\n", ""), (CAP, ""))
_MONEY = "  deductions: [sales tax, refunds, shipping, pass-through costs]\n"
_TERMS = "  statement: 10 days\n  due: 30 days\n  tracking: {system: shared CRM, kept by: payer}\n"


_NO_TAIL = ("exit:\n  tail: 90 days\n", "")


def _shared(shares: str, *changes: tuple[str, str]) -> str:
    return reference((_SHARED[0], _SHARED[1] % shares), *_PLAIN, *changes)


def _fee(kind: str, *changes: tuple[str, str]) -> str:
    """Return the reference deal with a fee that Bay Rank pays in place of fees for referrals."""
    block = "  model: referral fee\n" + FEE + BASE + _MONEY + "  window: 12 months\n" + CAP + _TERMS
    return reference((block, f"  model: fixed fee\n  payer: Bay Rank\n{kind}  due: 10 days\n"), _NO_TAIL, *changes)


_PAIRS = tuple((one, other) for one in (_N, _B, _Q) for other in (_N, _B, _Q) if one != other)
_AGENT = (
    ("support:\n  hours: on business days from 9 to 5 Central Time\n  answer: 8 hours\n", ""),
    ("  model: reseller", "  model: agent"), ("  discount: 25%\n  on renewals: 15%", "  commission: 12.5%\n  on renewals: 5%"),
    ("  model: resale discount", "  model: commission\n  tracking: {system: CRM, kept by: payer}"),
)  # fmt: skip
_TIERS = (("      window: 12 months\n", "      window: 12 months\n      percentage: 10%\n"),
          ("      window: 24 months\n", "      window: 24 months\n      percentage: 27.5%\n"))  # fmt: skip
_HALL = (
    '    - {item: Webinar platform and advertising, budget: "$6,000", split: {Three Rivers: 50%, Carver & Boyd: 50%}}'
)
_COSTS = '  shared costs: [{item: Hall 1, budget: "$9,000", split: {Northshore: 50%, Bay Rank: 25%, Quincy: 25%}}, {item: "Hall ?", budget: $700, split: {Northshore: 33.3%, Bay Rank: 66.7%, Quincy: 0%}}]\n'
_BLOCK = "  model: referral fee\n" + FEE + BASE + _MONEY + "  window: 12 months\n" + CAP + _TERMS
_TWO_THIRDS = {"Hall 1": ("9000", {_N: 50, _B: 25, _Q: 25}), "Hall ?": ("700", {_N: "33.3", _B: "66.7", _Q: 0})}
_PAYS = "  partner pays: [{what: Program fee, amount: $500, how often: yearly}, {what: Portal, amount: $49.90, how often: monthly}, {what: Kit, amount: $200}]\n"

ACCOUNTS = (
    AccountCase("revenue share", _shared("Northshore: 60%, Bay Rank: 40%"), "Revenue", draw_sales, second_sales,
                {"by": (_N, _B), "shares": {_N: 60, _B: 40}, "run_on": ("day", 90), "won": True}, by_period=True,
                directions=((_N, _B), (_B, _N))),
    AccountCase("revenue share of three, quarterly", _shared(
        "Northshore: 33.3%, Bay Rank: 33.3%, Quincy: 33.4%", *THIRD, ("  statement: 10 days\n", "  paid: quarterly\n  statement: 10 days\n")),
        "Revenue", draw_sales, second_sales,
        {"by": (_N, _B, _Q), "shares": {_N: "33.3", _B: "33.3", _Q: "33.4"}, "run_on": ("day", 90), "won": True},
        by_period=True, months=3, directions=_PAIRS),
    AccountCase("revenue share on payment", _shared(
        "Northshore: 0%, Bay Rank: 100%", ("  statement: 10 days\n  due: 30 days\n", "  paid: on payment\n  due: 7 days\n")),
        "Revenue", draw_sales, second_sales,
        {"by": (_N, _B), "shares": {_N: 0, _B: 100}, "run_on": ("day", 90), "won": True, "settled": "settled2"},
        due=7, directions=((_N, _B),)),
    AccountCase("revenue share on payment, both ways", _shared(
        "Northshore: 60%, Bay Rank: 40%", ("  statement: 10 days\n  due: 30 days\n", "  paid: on payment\n  due: 7 days\n")),
        "Revenue", draw_sales, second_sales,
        {"by": (_N, _B), "shares": {_N: 60, _B: 40}, "run_on": ("day", 90), "won": True, "settled": {_N: "settled2", _B: "settled1"}},
        due=7, directions=((_N, _B), (_B, _N))),
    AccountCase("commission", sample("channel", *_AGENT, *_TIERS), "Commissions", draw_sales, second_sales,
                {"shares": {"Halvorsen": "12.5"}, "tiers": {"Bronze": 10, "Silver": "27.5", "Gold": "12.5"}, "renewal": 5,
                 "run_on": ("month", 12)}, by_period=True, directions=(("Paylark", "Halvorsen"),)),
    AccountCase("commission on invoices, weekly, without a run-off", sample(
        "channel", *_AGENT, ("kept by: payer}", "kept by: payer}\n  base: gross invoiced\n  trigger: invoice\n  paid: weekly\n  least payout: $20"),
        ("stock: {run-off: 12 months}", "stock: {run-off: 0 days}")), "Commissions", draw_sales, second_sales,
        {"shares": {"Halvorsen": "12.5"}, "renewal": 5, "run_on": ("day", 0), "off": False, "paid": "invoiced"}, by_period=True,
        statement=0, months=0, least=20, directions=(("Paylark", "Halvorsen"),)),
    AccountCase("commission each quarter, guarantee each year", sample(
        "channel", *_AGENT, ("kept by: payer}", "kept by: payer}\n  paid: quarterly\n  least payout: $150\n"
                             "  guarantee: {from: Paylark, to: Halvorsen, amount: $900, each: year}")), "Commissions", draw_sales, second_sales,
        {"shares": {"Halvorsen": "12.5"}, "renewal": 5, "run_on": ("month", 12)}, by_period=True, months=3,
        directions=(("Paylark", "Halvorsen"),), guarantee=("Paylark", "Halvorsen", 900, 12), least=150),
    AccountCase("shared costs", sample("co-marketing", (_HALL, _HALL.replace("$6,000", "$9,000"))), "Costs", draw_costs, second_costs,
                {"by": ("Three Rivers", "Carver & Boyd"), "settled": ("settled",),
                 "items": {"Webinar platform and advertising": (9900, {"Three Rivers": 50, "Carver & Boyd": 50})}},
                effective=date(2027, 1, 4), directions=(("Carver & Boyd", "Three Rivers"), ("Three Rivers", "Carver & Boyd"))),
    AccountCase("shared costs of three", reference((_BLOCK, "  model: none\n" + _COSTS), _NO_TAIL, *THIRD), "Costs",
                draw_costs, second_costs, {"by": (_N, _B, _Q), "settled": ("settled1", "settled2", "settled3"), "items": _TWO_THIRDS},
                directions=_PAIRS),
    AccountCase("fee each month in advance", _fee("  amount: $1,000.05\n  each: month\n  for: a room\n"), "Fees", draw_fees,
                second_fees, {"each": "month", "amount": "1000.05", "in_advance": True, "count": 15,
                              "ends": lambda day: (day + timedelta(1)).day == 1}, due=10, directions=((_B, _N),)),
    AccountCase("fee each week to two others", _fee("  amount: $99.99\n  each: week\n  in advance: no\n  for: a stall\n", *THIRD), "Fees",
                draw_fees, second_fees, {"each": "week", "amount": "99.99", "in_advance": False, "count": 66,
                                         "ends": lambda day: day.weekday() == 6}, due=10, directions=((_B, _N), (_B, _Q))),
    AccountCase("fee each quarter", _fee("  amount: $2,500\n  each: quarter\n  for: a room\n"), "Fees", draw_fees,
                second_fees, {"each": "quarter", "amount": "2500", "in_advance": True, "count": 6,
                              "ends": lambda day: (day + timedelta(1)).day == 1 and day.month % 3 == 0}, due=10, directions=((_B, _N),)),
    AccountCase("fee for each event", _fee("  amount: $300\n  each: event\n  for: a stall\n"), "Fees", draw_fees, second_fees,
                {"each": "event", "amount": "300"}, due=10, directions=((_B, _N),)),
    AccountCase("fee in parts", _fee("  amount: $1,000.01\n  for: a page\n  parts: [{part: 33%, when: on signing}, {part: 67%, when: it is live}]\n"),
                "Fees", draw_fees, second_fees, {"each": "once", "parts": ("330.00", "670.01"), "count": 2}, due=10, directions=((_B, _N),)),
    AccountCase("resale", sample("channel", *_TIERS), "Orders", draw_orders, second_orders,
                {"discount": 25, "renewal": 15, "tiers": {"Bronze": 10, "Silver": "27.5", "Gold": 25}, "counts": "orders", "minimum": 60000},
                second_minimum, directions=(("Halvorsen", "Paylark"),)),
    AccountCase("resale in euros, new customers", sample(
        "channel", ('  minimum: {value: "$60,000", ramp: 6 months', "  minimum: {counts: customers, number: 4, ramp: 6 months"),
        ("law: Wisconsin", "law: Wisconsin\ncurrency: EUR")), "Orders", draw_orders, second_orders,
        {"discount": 25, "renewal": 15, "counts": "customers", "minimum": 4}, second_minimum, directions=(("Halvorsen", "Paylark"),)),
    AccountCase("goods", sample("supply", ("  commitment: fixed minimum\n", "  commitment: fixed minimum\n  take-or-pay: 80%\n")),
                "Orders", draw_goods, second_goods, {"items": {"Salad greens": "2.85"}, "take": 80}, second_goods_overview, due=10,
                effective=date(2027, 4, 5), directions=(("Three Bridges", "Klickitat Bend"),)),
    AccountCase("goods in yen by carrier", sample("coffee-supply"), "Orders", draw_goods, second_goods,
                {"items": {"Green Kona coffee": "1850"}, "carrier": True, "changing": True}, second_goods_overview, digits=0,
                effective=date(2027, 1, 12), directions=(("Sakura Shoji", "Kaʻimi Pono"),)),
    AccountCase("partner fees", sample("channel", ("  on renewals: 15%\n", "  on renewals: 15%\n" + _PAYS)), "Partner fees", draw_fees, second_fees,
                {"each": "once", "count": 18, "parts": ("500", "49.90", "200", *["49.90"] * 11, "500", "49.90", "49.90", "49.90")},
                directions=(("Halvorsen", "Paylark"),)),
)  # fmt: skip


def _amend(name: str, day: date, text: str, **changes: Any) -> AccountCase:
    """Return a case that is amended on a day; `changes` are those of its facts."""
    first = next(case for case in ACCOUNTS if case.name == name)
    due = changes.pop("due", first.due)
    after = replace(first, text=text, facts={**first.facts, **changes}, due=due)
    return replace(first, name=f"{name}, amended", later=((day, after),))


_COSTS_MORE = (
    _COSTS.replace("$9,000", "$12,000")
    .replace("$700", "$300")
    .replace("50%, Bay Rank: 25%, Quincy: 25%", "20%, Bay Rank: 40%, Quincy: 40%")
)
ACCOUNTS += (
    _amend("revenue share", date(2027, 1, 31), _shared(
        "Northshore: 52.5%, Bay Rank: 47.5%", ("  statement: 10 days\n", "  statement: 10 days\n  clawback: 30 days\n")),
        shares={_N: "52.5", _B: "47.5"}, clawback=30),
    _amend("revenue share on payment, both ways", date(2027, 2, 28), _shared(
        "Northshore: 45%, Bay Rank: 55%", ("  statement: 10 days\n  due: 30 days\n", "  paid: on payment\n  due: 21 days\n")),
        shares={_N: 45, _B: 55}, due=21),
    _amend("commission", date(2027, 1, 15), sample(
        "channel", *_AGENT[:2], (_AGENT[2][0], "  commission: 20%\n  on renewals: 7.5%"), _AGENT[3],
        (_TIERS[0][0], _TIERS[0][1].replace("10%", "11%")), _TIERS[1]),
        shares={"Halvorsen": 20}, tiers={"Bronze": 11, "Silver": "27.5", "Gold": 20}, renewal="7.5"),
    _amend("shared costs of three", date(2027, 1, 31), reference((_BLOCK, "  model: none\n" + _COSTS_MORE), _NO_TAIL, *THIRD),
           items={"Hall 1": ("12000", {_N: 20, _B: 40, _Q: 40}), "Hall ?": ("300", {_N: "33.3", _B: "66.7", _Q: 0})}),
    _amend("resale", date(2027, 1, 31), sample(
        "channel", (_TIERS[0][0], _TIERS[0][1].replace("10%", "12%")), _TIERS[1], ("  discount: 25%\n  on renewals: 15%", "  discount: 30%\n  on renewals: 10%"),
        ('value: "$60,000"', 'value: "$40,000"')),
        discount=30, renewal=10, tiers={"Bronze": 12, "Silver": "27.5", "Gold": 30}, minimum=40000),
    _amend("goods", date(2027, 6, 7), sample(
        "supply", ("  commitment: fixed minimum\n", "  commitment: fixed minimum\n  take-or-pay: 80%\n"), ("$2.85", "$3.10")),
        items={"Salad greens": "3.10"}),
)  # fmt: skip
BY_NAME = {case.name: case for case in ACCOUNTS}

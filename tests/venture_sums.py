"""A second calculation of what the sheets of a joint venture come to, in fractions and from scratch, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ledgers import half_up, months_on
from venture_cases import VentureCase

from agreementgen.ledger.workbook import BookPlan

Sheets = dict[str, dict[int, dict[str, Any]]]
GRACE = 15


@dataclass(frozen=True)
class Expected:
    """What a table of a statement says in some of its columns."""

    columns: tuple[int, ...]
    rows: Sequence[tuple[str, ...]]


def split(amount: Fraction, shares: list[Fraction], digits: int) -> list[Fraction]:
    """Return parts whose sums, from the first on, are those of the shares, rounded."""
    whole = sum(shares, Fraction(0))
    found: list[Fraction] = []
    for number in range(len(shares)):
        together = half_up(amount * sum(shares[: number + 1]) / whole, digits) if whole else Fraction(0)
        found.append(together - sum(found, Fraction(0)))
    return found


def half_up_both(value: Fraction, digits: int) -> Fraction:
    """Round halves away from 0, as spreadsheets do below it."""
    return half_up(value, digits) if value >= 0 else -half_up(-value, digits)


def loan_on(
    case: VentureCase, rows: dict[int, dict[str, Any]], number: int, day: date, with_day: bool = True
) -> tuple[Fraction, Fraction]:
    """Return what of a loan and its interest is owed on `day`, walking through its days."""
    lent = rows[number]
    principal, grown, paid = Fraction(lent["amount"]), Fraction(0), Fraction(0)
    today = lent["day"]
    while today <= day:
        if today > lent["day"]:
            grown += principal * case.interest / 36500
        for row in rows.values():
            if row["what"] == "repaid" and row["of"] == number and row["day"] == today and (with_day or today < day):
                interest = min(Fraction(row["amount"]), half_up(grown, case.digits) - paid)
                paid += interest
                principal -= Fraction(row["amount"]) - interest
        today += timedelta(1)
    return principal, half_up(grown, case.digits) - paid


def second(case: VentureCase, plan: BookPlan, sheets: Sheets) -> dict[str, Any]:
    """Return what each party gets of each sum paid out, its share of each result, its capital, loans and consents."""
    grids = {account.grid.name: account.grid for account in plan.accounts}
    parties = plan.terms.parties
    digits = case.digits
    given = list_given(plan, sheets)
    paid: list[tuple[date, list[Fraction], list[Fraction], list[Fraction]]] = []
    for row in sheets["Distributions"].values():
        rest = half_up(Fraction(row["cash"]) * (100 - case.reserve) / 100, digits)
        back, pref = [Fraction(0)] * len(parties), [Fraction(0)] * len(parties)
        known = [(who, on, value) for who, on, value in given if on <= row["day"]]
        if case.first_back:
            open_ = [
                sum((value for who, _, value in known if who == party), Fraction(0))
                - sum((one[1][at] for one in paid), Fraction(0))
                for at, party in enumerate(parties)
            ]
            back = open_ if sum(open_) <= rest else split(rest, open_, digits)
            rest -= sum(back)
        if case.preferred:
            due = []
            for at, party in enumerate(parties):
                # Day by day: what was given and not returned yet earns its return.
                earned = sum((value * (row["day"] - on).days for who, on, value in known if who == party), Fraction(0))
                earned -= sum((one[1][at] * (row["day"] - one[0]).days for one in paid), Fraction(0))
                had = sum((one[2][at] for one in paid), Fraction(0))
                due.append(max(Fraction(0), half_up(earned * case.preferred / 36500, digits) - had))
            pref = due if sum(due) <= rest else split(rest, due, digits)
            rest -= sum(pref)
        step = row.get("step", "usual")
        shares = case.profit if step == "usual" else case.steps[int(step[-1]) - 1]
        parts = split(rest, list(shares), digits)
        whole = [sum(of_one, Fraction(0)) for of_one in zip(back, pref, parts, strict=True)]
        paid.append((row["day"], back, pref, whole))
    results = []
    for number in range(1, grids["Results"].count + 1):
        row = sheets["Results"].get(number, {})
        so_far: list[Fraction] = []
        for at in range(len(parties)):
            together = Fraction(row.get("profit", 0)) * sum(case.profit[: at + 1])
            together -= 0 if case.losses_stay else Fraction(row.get("loss", 0)) * sum(case.loss[: at + 1])
            so_far.append(half_up_both(together / 100, digits) - sum(so_far, Fraction(0)))
        results.append(so_far)
    found: dict[str, Any] = {"paid": [one[3] for one in paid], "results": results, "days": [one[0] for one in paid]}
    lasts: list[Any] = [label["last"] for label in grids["Results"].labels]
    found["capital"] = [
        sum(parts_on(plan, given, found, lasts, last, at)) for last in lasts for at in range(len(parties))
    ]
    found["spent"] = [judge(case, row) for row in sheets["Spending"].values()]
    found["loans"] = []
    loans = sheets.get("Loans", {})
    for row in loans.values():
        if row["what"] == "repaid":
            earlier = {at: one for at, one in loans.items() if one is not row and at < _number(loans, row)}
            principal, interest = loan_on(case, earlier, row["of"], row["day"])
            part = min(Fraction(row["amount"]), interest)
            own = Fraction(row["amount"]) - part
            found["loans"].append((own, part, principal - own))
    return found


def _number(rows: dict[int, dict[str, Any]], wanted: dict[str, Any]) -> int:
    return next(number for number, row in rows.items() if row is wanted)


def list_given(plan: BookPlan, sheets: Sheets) -> list[tuple[str, date, Fraction]]:
    labels = plan.accounts[0].grid.labels
    return [(str(label["party"]), sheets["Contributions"][number]["given"], Fraction(Decimal(str(label["value"]))))
            for number, label in enumerate(labels, 1)
            if "given" in sheets["Contributions"].get(number, {}) and "bank loan" not in str(label["what"])]  # fmt: skip


def parts_on(
    plan: BookPlan, given: list[Any], found: dict[str, Any], lasts: list[date], day: date, at: int
) -> tuple[Fraction, ...]:
    """Return what a party has given, its share of results and what it was paid (below 0), up to `day`."""
    party = plan.terms.parties[at]
    put_in = sum((value for who, on, value in given if who == party and on <= day), Fraction(0))
    share = sum((part[at] for end, part in zip(lasts, found["results"], strict=True) if end <= day), Fraction(0))
    out = sum((part[at] for on, part in zip(found["days"], found["paid"], strict=True) if on <= day), Fraction(0))
    return put_in, share, -out


def judge(case: VentureCase, row: dict[str, Any]) -> str:
    if row.get("planned") == "yes":
        return "in the budget"
    if row["amount"] <= case.limit:
        return "within the limit"
    days = [row.get(f"agreed{number}") for number in range(1, len(case.votes) + 1)]
    needed = case.consent * sum(case.votes)
    for said, is_counted in (("agreed", lambda on: on <= row["day"]), ("agreed too late", lambda on: True)):
        if (
            sum((vote for vote, on in zip(case.votes, days, strict=True) if on and is_counted(on)), Fraction(0))
            >= needed
        ):
            return said
    return "needs consent"


def due_of(case: VentureCase, day: date) -> date | None:
    """Return by when money counted to `day` is paid out: so many days after the last of its calendar period."""
    if not case.payout_months:
        return None
    last = day
    while (last + timedelta(1)).day != 1 or last.month % case.payout_months:
        last += timedelta(1)
    return last + timedelta(case.within)


def second_statement(case: VentureCase, plan: BookPlan, sheets: Sheets, first: date, last: date) -> dict[str, Expected]:
    """Return what the statement for the days from `first` to `last` says in its tables."""

    def money(amount: Fraction) -> str:
        sign = "-" if amount < 0 else ""
        return f"{sign}{case.sign}{abs(Decimal(amount.numerator) / amount.denominator):,.{case.digits}f}"

    name = {"Granite Valley": "Harvest Table"}.get(plan.terms.parties[0], "Mill Creek Row LLC")
    parties, labels = plan.terms.parties, plan.accounts[0].grid.labels
    found, given = second(case, plan, sheets), list_given(plan, sheets)
    results = next(one.grid for one in plan.accounts if one.grid.name == "Results")
    lasts: list[Any] = [label["last"] for label in results.labels]
    accounts = []
    columns: list[list[Fraction]] = []
    for at, party in enumerate(parties):
        then, now = (parts_on(plan, given, found, lasts, day, at) for day in (first - timedelta(1), last))
        moved = [new - old for new, old in zip(now, then, strict=True)]
        columns.append([sum(then, Fraction(0)), moved[0], moved[1], -moved[2], sum(now, Fraction(0))])
        accounts.append((party, *map(money, columns[-1])))
    accounts.append(("Sum", *(money(sum(column)) for column in zip(*columns, strict=True))))

    due: list[tuple[str, ...]] = []
    next_end = months_on(last.replace(day=1), case.months + 1) - timedelta(1)
    contributions = []
    of_given: list[tuple[str, ...]] = []
    for number, label in enumerate(labels, 1):
        row = sheets["Contributions"].get(number, {})
        by: Any = label["by"]
        on, value = row.get("given"), Fraction(Decimal(str(label["value"])))
        is_open = on is None or on > last
        if on is None or on >= first:
            late = "late" if (last if is_open else on) > by else "not due yet" if is_open else "in time"
            contributions.append((str(number), money(value), late))
        reminded = row.get("reminded")
        until = last if is_open else on
        days = max(0, (until - reminded).days - GRACE) if reminded else 0
        interest = half_up(value * case.interest * days / 36500, case.digits)
        if is_open and by <= next_end:
            what = str(label["what"]).replace("'", "’")
            due.append((f"{label['party']} gives {name}: {what}", money(value)))
            due += [(f"{label['party']} also owes interest on it", money(interest))] if interest else []
        if interest and on and first <= on <= last:
            of_given.append((f"{label['party']} owes {name} interest on contribution {number}", money(interest)))
    due += of_given
    loans = {
        number: row for number, row in sheets.get("Loans", {}).items() if row["what"] == "lent" and row["day"] <= last
    }
    used: dict[tuple[date, int], Fraction] = {}
    for row, parts in zip(sheets["Distributions"].values(), found["paid"], strict=True):
        if row["day"] > last:
            continue
        settled = row.get("settled")
        is_told = row["day"] >= first or settled is None or settled >= first
        on = settled or due_of(case, row["day"]) or row["day"]
        for party, amount in zip(parties, parts, strict=True):
            if is_told and amount:
                due.append((f"{party} gets of {name}", money(amount)))
            for number, loan in loans.items():
                if labels[loan["for"] - 1]["party"] == party and loan["day"] <= on:
                    owed = sum(loan_on(case, sheets["Loans"], number, on, False)) - used.get((on, number), Fraction(0))
                    part = min(owed, amount)
                    if part > 0:
                        used[on, number] = used.get((on, number), Fraction(0)) + part
                        amount -= part
                        due += [(f"Of it {loan['lender']} gets, for loan {number}", money(part))] if is_told else []
    lent = []
    for number, loan in loans.items():
        borrower = labels[loan["for"] - 1]["party"]
        principal, interest = loan_on(case, sheets["Loans"], number, last)
        if principal or interest:
            due.append((f"{borrower} owes {loan['lender']} on loan {number}", money(principal + interest)))
        repaid = [Fraction(row["amount"]) for row in sheets["Loans"].values()
                  if row["what"] == "repaid" and row["of"] == number and first <= row["day"] <= last]  # fmt: skip
        before = loan_on(case, sheets["Loans"], number, first - timedelta(1)) if loan["day"] < first else (1, 0)
        if repaid or any(before):
            lent.append(
                (
                    str(number),
                    money(sum(repaid, Fraction(0))),
                    money(principal),
                    money(interest),
                    money(principal + interest),
                )
            )
    spent = [(str(number), money(Fraction(row["amount"])), judge(case, row)) for number, row in sheets["Spending"].items()
             if first <= row["day"] <= last and judge(case, row) not in ("in the budget", "within the limit")]  # fmt: skip
    return {
        "due": Expected((0, 1), due or [(f"Between {name} and its parties", "nothing")]),
        "contributions": Expected((0, 3, 6), contributions),
        "accounts": Expected((0, 1, 2, 3, 4, 5), accounts),
        "loans": Expected((0, 3, 4, 5, 6), lent),
        "spending": Expected((0, 3, 5), spent),
    }

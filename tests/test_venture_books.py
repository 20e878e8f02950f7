"""Workbooks of joint ventures: by the program, by LibreOffice, and by a second calculation in fractions."""

from __future__ import annotations

import io
import os
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from accounts import sample
from ledgers import half_up
from workbooks import calculate_books, read_column, read_deal, type_row

from agreementgen.core.problems import InputError
from agreementgen.ledger.accounts import CountedEntry, Entry
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.filled_book import FilledBook, read_filled_book
from agreementgen.ledger.sheet_parts import FIRST_ROW
from agreementgen.ledger.workbook import BookPlan, plan_book, read_book_terms, write_book

# A short form in every run; AGREEMENTGEN_LEDGERS=500 for the whole proof.
DRAWN = int(os.environ.get("AGREEMENTGEN_LEDGERS", 10))
_MILL = ("books:\n", "distributions:\n  %s\n\nbooks:\n")
_STEPS = "[{until: Ridgeway has its $100, shares: {Ridgeway: 90%, Calder Lane: 10%}}, {until: both have $200, shares: {Ridgeway: 33.3%, Calder Lane: 66.7%}}]"


_WORK = 'kind: labor, what: design and permit drawings, value: "$40,000", by: 2027-06-30}'
_BACKED = 'kind: guarantee, what: for the bank loan of the Venture, value: "$40,000", by: 2027-03-30}'


def _mill(facts: str) -> str:
    return sample("joint-venture", (_MILL[0], _MILL[1] % facts))


# Deal, shares of profit and loss, reserve, whether contributions come back first, preferred return, steps.
CASES: dict[str, tuple[str, list[Any], list[Any], int, bool, int, list[list[Any]]]] = {
    "as it stands": (sample("joint-venture"), [60, 40], [60, 40], 10, False, 0, []),
    "contributions first, return, steps": (
        _mill(f"contributions back: first\n  preferred return: 8%\n  reserve: 12.5%\n  steps: {_STEPS}"), [60, 40], [60, 40],
        Fraction("12.5"), True, 8, [[90, 10], ["33.3", "66.7"]]),
    # What is guaranteed is not put in, so nothing of it comes back or earns a return.
    "with a guarantee": (
        _mill("contributions back: first\n  preferred return: 8%").replace(_WORK, _BACKED), [60, 40], [60, 40], 10, True, 8, []),
    "return only, no reserve": (_mill("preferred return: 7%\n  reserve: 0%"), [60, 40], [60, 40], 0, False, 7, []),
    "three, each month": (sample(
        "three-party-venture", ("books:\n", "distributions:\n  frequency: monthly\n  contributions back: first\n\nbooks:\n"),
        ("  keeper: Blue Heron\n", "  keeper: Blue Heron\n  statements: monthly\n"), ("Granite Valley: 45%, Blue Heron: 30%, Old Mill: 25%", "Granite Valley: 33.3%, Blue Heron: 33.3%, Old Mill: 33.4%")),
        ["33.3", "33.3", "33.4"], [50, 30, 20], 10, True, 0, []),
}  # fmt: skip


@cache
def plan_of(name: str, size: BookSize | None = None) -> BookPlan:
    deal, _ = read_deal(CASES[name][0])
    terms = read_book_terms(deal)
    return plan_book(terms, deal, {}, size or BookSize(3, 12, terms.effective + timedelta(400)))


@cache
def empty_book(name: str) -> bytes:
    deal, _ = read_deal(CASES[name][0])
    book = openpyxl.load_workbook(io.BytesIO(write_book(plan_of(name), deal, ())))
    del book["Goals"], book["Dates"]
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


Sheets = dict[str, dict[int, dict[str, Any]]]


def draw(random: Random, name: str) -> Sheets:
    plan = plan_of(name)
    grids = {account.grid.name: account.grid for account in plan.accounts}
    start = plan.terms.effective
    sheets: Sheets = {sheet: {} for sheet in grids}
    for number, label in enumerate(grids["Contributions"].labels, 1):
        if random.random() < 0.85:
            sheets["Contributions"][number] = {"given": start + timedelta(random.choice([0, 31, 46, 60, 200]))}
            if isinstance(label["by"], date) and random.random() < 0.3:
                sheets["Contributions"][number]["reminded"] = label["by"] + timedelta(3)
    for number in range(1, grids["Results"].count + 1):
        key = random.choice(["profit", "profit", "loss", ""])
        if key:
            amount = Decimal(random.choice([0, 1000, 33333, 250000])) + Decimal(random.choice(["0.01", "0.05", "0.99"]))
            sheets["Results"][number] = {key: amount}
    days = sorted(start + timedelta(random.choice([45, 90, 91, 180, 365, 366])) for _ in range(random.randint(0, 6)))
    for number, day in enumerate(days, 1):
        row: dict[str, Any] = {
            "day": day,
            "cash": Decimal(random.choice([0, 100, 9999, 120000, 400000])) + Decimal("0.07"),
        }
        if CASES[name][6]:
            row["step"] = random.choice([None, "usual", "step 1", "step 2"])
        sheets["Distributions"][number] = {key: value for key, value in row.items() if value is not None}
    for number, day in enumerate(days, 1):
        row = {"day": day, "what": "tools", "amount": random.choice([5000, 10000, Decimal("10000.01")]), "planned": random.choice([None, "yes", "no"]),
               "agreed": random.choice([None, day, day + timedelta(1)])}  # fmt: skip
        sheets["Spending"][number] = {key: value for key, value in row.items() if value is not None}
    return sheets


def split(amount: Fraction, shares: list[Fraction]) -> list[Fraction]:
    """Return parts whose sums, from the first on, are those of the shares, rounded."""
    whole, found = sum(shares, Fraction(0)), []
    for number in range(len(shares)):
        together = half_up(amount * sum(shares[: number + 1]) / whole, 2) if whole else Fraction(0)
        found.append(together - sum(found, Fraction(0)))
    return found


def second(name: str, sheets: Sheets) -> dict[str, Any]:
    """Return what each party gets of each sum paid out, its share of each result, and its capital on each day."""
    _, profit, loss, reserve, first_back, preferred, steps = CASES[name]
    plan = plan_of(name)
    grids = {account.grid.name: account.grid for account in plan.accounts}
    parties = plan.terms.parties
    given = [(label["party"], sheets["Contributions"][number]["given"], Fraction(Decimal(str(label["value"]))))
             for number, label in enumerate(grids["Contributions"].labels, 1)
             if number in sheets["Contributions"] and "bank loan" not in str(label["what"])]  # fmt: skip
    paid: list[tuple[date, list[Fraction], list[Fraction], list[Fraction]]] = []
    for row in sheets["Distributions"].values():
        rest = half_up(Fraction(row["cash"]) * (100 - Fraction(reserve)) / 100, 2)
        back, pref = [Fraction(0)] * len(parties), [Fraction(0)] * len(parties)
        known = [(who, on, value) for who, on, value in given if on <= row["day"]]
        if first_back:
            open_ = [sum((value for who, _, value in known if who == party), Fraction(0)) - sum((one[1][at] for one in paid), Fraction(0))
                     for at, party in enumerate(parties)]  # fmt: skip
            back = open_ if sum(open_) <= rest else split(rest, open_)
            rest -= sum(back)
        if preferred:
            due = []
            for at, party in enumerate(parties):
                # Day by day: what was given and not returned yet earns its return.
                earned = sum((value * (row["day"] - on).days for who, on, value in known if who == party), Fraction(0))
                earned -= sum((one[1][at] * (row["day"] - one[0]).days for one in paid), Fraction(0))
                due.append(
                    max(
                        Fraction(0),
                        half_up(earned * preferred / 36500, 2) - sum((one[2][at] for one in paid), Fraction(0)),
                    )
                )
            pref = due if sum(due) <= rest else split(rest, due)
            rest -= sum(pref)
        step = row.get("step", "usual")
        shares = profit if step == "usual" else steps[int(step[-1]) - 1]
        parts = split(rest, [Fraction(share) for share in shares])
        paid.append((row["day"], back, pref, [sum(of_one) for of_one in zip(back, pref, parts, strict=True)]))
    results = []
    for number in range(1, grids["Results"].count + 1):
        row = sheets["Results"].get(number, {})
        so_far: list[Fraction] = []
        for at in range(len(parties)):
            together = Fraction(row.get("profit", 0)) * sum(Fraction(share) for share in profit[: at + 1])
            together -= Fraction(row.get("loss", 0)) * sum(Fraction(share) for share in loss[: at + 1])
            so_far.append(half_up_both(together / 100) - sum(so_far, Fraction(0)))
        results.append(so_far)
    capital = []
    for label in plan.accounts[2].overviews[0].grid.labels:
        last: Any = label["last"]
        at = parties.index(str(label["party"]))
        whole = sum((value for who, on, value in given if who == parties[at] and on <= last), Fraction(0))
        ends: list[Any] = [one["last"] for one in grids["Results"].labels]
        whole += sum((part[at] for end, part in zip(ends, results, strict=True) if end <= last), Fraction(0))
        capital.append(whole - sum((one[3][at] for one in paid if one[0] <= last), Fraction(0)))
    return {"paid": [one[3] for one in paid], "results": results, "capital": capital}


def half_up_both(value: Fraction) -> Fraction:
    """Round halves away from 0, as spreadsheets do below it."""
    return half_up(value, 2) if value >= 0 else -half_up(-value, 2)


def count(name: str, sheets: Sheets) -> dict[str, tuple[CountedEntry, ...]]:
    counted: dict[str, tuple[CountedEntry, ...]] = {}
    for account in plan_of(name).accounts:
        labels, rows = account.grid.labels, sheets[account.grid.name]
        numbers = range(1, len(labels) + 1) if labels else rows
        entries = [
            Entry(number, {**(labels[number - 1] if labels else {}), **rows.get(number, {})}) for number in numbers
        ]
        assert list(account.check(entries)) == []
        counted[account.grid.name] = account.count(entries, None, counted)
    return counted


def list_differences(name: str, sheets: Sheets) -> list[str]:
    ours, said = count(name, sheets), second(name, sheets)
    numbers = range(1, len(plan_of(name).terms.parties) + 1)
    capital = plan_of(name).accounts[2].overviews[0].count(ours)
    found = {
        "paid": [[Fraction(row.results[f"all{number}"]) for number in numbers] for row in ours["Distributions"]],
        "results": [[Fraction(row.results[f"part{number}"]) for number in numbers] for row in ours["Results"]],
        "capital": [Fraction(row["capital"]) for row in capital],
    }
    return [f"{name}: {key} {found[key]} is not {said[key]}" for key in found if found[key] != said[key]]


@pytest.mark.parametrize("name", CASES)
def test_the_program_comes_to_what_a_second_calculation_says(name: str) -> None:
    assert [what for seed in range(40) for what in list_differences(name, draw(Random(seed), name))] == []


@pytest.mark.office
def test_libreoffice_comes_to_the_same(tmp_path: Path) -> None:
    names = list(CASES)
    drawn = {
        str(seed): (names[seed % len(names)], draw(Random(seed), names[seed % len(names)])) for seed in range(DRAWN)
    }
    books = calculate_books({key: fill(name, sheets) for key, (name, sheets) in drawn.items()}, tmp_path)
    for key, data in books.items():
        name, sheets = drawn[key]
        # Reading compares all results with the program's, and blames their cells; those are then the second ones.
        assert read_back(name, data).is_calculated
        pages = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        capital = read_column(pages, plan_of(name).accounts[2].overviews[0].grid, "capital")
        assert [Fraction(Decimal(repr(one))) for one in capital] == second(name, sheets)["capital"], name


def fill(name: str, sheets: Sheets) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(empty_book(name)))
    for account in plan_of(name).accounts:
        for number, row in sheets.get(account.grid.name, {}).items():
            type_row(book[account.grid.name], account.grid, number, row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read_back(name: str, data: bytes) -> FilledBook:
    return read_filled_book(data, "book.xlsx", lambda size: plan_of(name, size))


def test_contributions_come_back_first_then_their_return_then_the_rest_by_shares() -> None:
    given = {1: {"given": date(2027, 2, 15)}, 2: {"given": date(2027, 2, 15)}}
    paid = {
        1: {"day": date(2027, 8, 15), "cash": Decimal(80000)},
        2: {"day": date(2028, 2, 15), "cash": Decimal(200000)},
    }
    name = "contributions first, return, steps"
    rows = count(name, {"Contributions": given, "Results": {}, "Distributions": paid, "Spending": {}})["Distributions"]
    # 70,000 of the first go back in proportion to 150,000 and 60,000: 50,000 and 20,000.
    assert [str(rows[0].results[f"all{number}"]) for number in (1, 2)] == ["50000.00", "20000.00"]
    # Then 140,000; and 8% on 150,000 for 181 days and on 100,000 for 184, which is 5,950.68 + 4,032.88; 3,993.42 for 40%.
    second_row = rows[1].results
    assert [str(second_row[f"back{number}"]) for number in (1, 2)] == ["100000.00", "40000.00"]
    assert [str(second_row[f"pref{number}"]) for number in (1, 2)] == ["9983.56", "3993.42"]
    # 175,000 - 140,000 - 13,976.98 = 21,023.02, of which 60% are 12,613.81.
    assert [str(second_row[f"part{number}"]) for number in (1, 2)] == ["12613.81", "8409.21"]


def test_a_guarantee_is_no_money_put_in() -> None:
    """Of 252,000 at once 150,000 and 60,000 come back, then 8% on them for 73 days, and nothing on 40,000."""
    name = "with a guarantee"
    given = {number: {"given": date(2027, 3, 1)} for number in (1, 2, 3)}
    paid = {1: {"day": date(2027, 5, 13), "cash": Decimal(280000)}}
    rows = count(name, {"Contributions": given, "Results": {}, "Distributions": paid, "Spending": {}})["Distributions"]
    said = [rows[0].results[key] for key in ("pay", "back1", "back2", "pref1", "pref2")]
    assert said == [252000, 150000, 60000, 2400, 960]


BAD = {
    "given in words": ("Contributions", 1, {"given": "in spring"}, "given", "is not written in a way we read as a date"),
    "reminded before it was late": ("Contributions", 1, {"reminded": date(2027, 2, 15)}, "reminded", "came before it was late (2027-02-15)"),
    "profit and loss": ("Results", 1, {"profit": 5, "loss": 5}, "loss", "a profit or a loss, not both"),
    "a profit below 0": ("Results", 1, {"profit": -5}, "profit", "is not an amount"),
    "no cash": ("Distributions", 1, {"day": date(2027, 6, 1)}, "cash", "the cash is missing"),
    "a step of one's own": ("Distributions", 1, {"day": date(2027, 6, 1), "cash": 5, "step": "step 3"}, "step", '"step 3" is not one of the list'),
    "bought nothing": ("Spending", 1, {"day": date(2027, 6, 1), "amount": 5}, "what", "what was bought is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_refused_at_its_cell(name: str) -> None:
    sheet, number, row, key, expected = BAD[name]
    deal = "contributions first, return, steps"
    with pytest.raises(InputError) as refused:
        read_back(deal, fill(deal, {sheet: {number: row}}))
    grid = next(account.grid for account in plan_of(deal).accounts if account.grid.name == sheet)
    place = f"book.xlsx:{sheet}!{grid.letters_of(key)}{FIRST_ROW + number - 1}: "
    found = [str(problem) for problem in refused.value.problems]
    assert [text for text in found if text.startswith(place) and expected in text], found


def test_a_compounded_return_is_refused() -> None:
    deal, _ = read_deal(_mill("preferred return: 8%\n  compounded: yes"))
    with pytest.raises(InputError) as refused:
        read_book_terms(deal)
    assert (
        "distributions.compounded: the workbook does not cover this yet: a preferred return that is compounded"
        in str(refused.value)
    )


def test_formulas_use_only_what_three_programs_share_and_stay_short() -> None:
    used, longest = set(), 0
    for name in CASES:
        for grid in plan_of(name).grids:
            for column in grid.columns:
                if column.kind == "result":
                    formula = grid.formula_at(column, FIRST_ROW + 1)
                    used |= set(re.findall(r"([A-Z][A-Z.]*)\(", formula))
                    longest = max(longest, len(formula))
    assert used <= {"IF", "MAX", "OR", "ROUND", "SUM", "SUMPRODUCT", "EDATE"}
    assert longest < 360

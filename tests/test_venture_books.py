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
from ledgers import half_up
from venture_cases import CASES, mill
from venture_sums import Sheets, loan_on, second, second_statement
from workbooks import calculate_books, read_column, read_deal, type_row

from agreementgen.core.problems import InputError
from agreementgen.ledger.accounts import CountedEntry, Entry
from agreementgen.ledger.entries import Ledger
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.filled_book import FilledBook, read_filled_book
from agreementgen.ledger.sheet_parts import FIRST_ROW, Grid
from agreementgen.ledger.statement import StatementFacts, write_statement
from agreementgen.ledger.workbook import BookPlan, draft_document, plan_book, read_book_terms, write_book
from agreementgen.library.loading import built_in_library
from agreementgen.memo.sections import memo_to_json

# A short form in every run; AGREEMENTGEN_LEDGERS=500 for the whole proof.
DRAWN = int(os.environ.get("AGREEMENTGEN_LEDGERS", 10))


@cache
def plan_of(name: str, size: BookSize | None = None) -> BookPlan:
    deal, _ = read_deal(CASES[name].text)
    terms = read_book_terms(deal)
    return plan_book(terms, deal, {}, size or BookSize(3, 12, terms.effective + timedelta(400)))


def grid_of(name: str, sheet: str) -> Grid:
    return next(grid for grid in plan_of(name).grids if grid.name == sheet)


@cache
def empty_book(name: str) -> bytes:
    deal, _ = read_deal(CASES[name].text)
    book = openpyxl.load_workbook(io.BytesIO(write_book(plan_of(name), deal, ())))
    del book["Goals"], book["Dates"]
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def draw(random: Random, name: str) -> Sheets:
    case, plan = CASES[name], plan_of(name)
    grids = {account.grid.name: account.grid for account in plan.accounts}
    start = plan.terms.effective
    cents = Decimal(random.choice(["0.01", "0.05", "0.99"])) if case.digits else Decimal(1)
    sheets: Sheets = {sheet: {} for sheet in grids}
    for number, label in enumerate(grids["Contributions"].labels, 1):
        if random.random() < 0.85:
            sheets["Contributions"][number] = {"given": start + timedelta(random.choice([0, 31, 46, 60, 200]))}
        if isinstance(label["by"], date) and random.random() < 0.4:
            row = sheets["Contributions"].setdefault(number, {})
            row["reminded"] = label["by"] + timedelta(random.choice([1, 3, 20]))
    for number in range(1, grids["Results"].count + 1):
        key = random.choice(["profit", "profit", "loss", ""])
        if key:
            sheets["Results"][number] = {key: Decimal(random.choice([0, 1000, 33333, 250000])) + cents}
    days = sorted(start + timedelta(random.choice([45, 90, 91, 180, 365, 366])) for _ in range(random.randint(0, 6)))
    for number, day in enumerate(days, 1):
        row = {"day": day, "cash": Decimal(random.choice([0, 100, 9999, 120000, 400000])) + cents}
        row["step"] = random.choice([None, "usual", "step 1", "step 2"]) if case.steps else None
        row["settled"] = random.choice([None, day, day + timedelta(29), day + timedelta(80)])
        sheets["Distributions"][number] = {key: value for key, value in row.items() if value is not None}
    for number, day in enumerate(days, 1):
        amount = Decimal(random.choice(["5000", "10000", "10000.01" if case.digits else "10001"]))
        row = {"day": day, "what": "tools", "amount": amount, "planned": random.choice([None, "yes", "no"])}
        for party in range(1, len(plan.terms.parties) + 1):
            row[f"agreed{party}"] = random.choice([None, day - timedelta(2), day, day + timedelta(1)])
        sheets["Spending"][number] = {key: value for key, value in row.items() if value is not None}
    if case.has_loans:
        draw_loans(random, name, sheets)
    return sheets


def draw_loans(random: Random, name: str, sheets: Sheets) -> None:
    """Draw up to three loans and what was repaid of them, on days that are often those of payments."""
    case, plan = CASES[name], plan_of(name)
    promised = grid_of(name, "Contributions").labels
    days = [plan.terms.effective + timedelta(random.choice([60, 61, 90, 180, 200, 365])) for _ in range(7)]
    for day in sorted(days[: random.randint(0, 7)]):
        rows = sheets["Loans"]
        loans = [number for number, row in rows.items() if row["what"] == "lent"]
        number = len(rows) + 1
        if loans and random.random() < 0.6:
            loan = random.choice(loans)
            principal, interest = loan_on(case, rows, loan, day)
            owed = principal + interest
            part = half_up(owed * random.choice([Fraction(1, 1000), Fraction(1, 3), Fraction(1)]), case.digits)
            if part:
                rows[number] = {
                    "day": day,
                    "what": "repaid",
                    "of": loan,
                    "amount": Decimal(part.numerator) / part.denominator,
                }
            continue
        free = [at for at in range(1, len(promised) + 1) if at not in [rows[loan]["for"] for loan in loans]]
        if free:
            at = random.choice(free)
            other = random.choice([one for one in plan.terms.parties if one != promised[at - 1]["party"]])
            amount = Decimal(str(promised[at - 1]["value"])) * Decimal(random.choice(["1", "0.1"]))
            rows[number] = {"day": day, "what": "lent", "lender": other, "for": at, "amount": amount}


def count(name: str, sheets: Sheets) -> dict[str, tuple[CountedEntry, ...]]:
    counted: dict[str, tuple[CountedEntry, ...]] = {}
    for account in plan_of(name).accounts:
        labels, rows = account.grid.labels, sheets.get(account.grid.name, {})
        numbers = range(1, len(labels) + 1) if labels else rows
        entries = [
            Entry(number, {**(labels[number - 1] if labels else {}), **rows.get(number, {})}) for number in numbers
        ]
        assert list(account.check(entries)) == []
        counted[account.grid.name] = account.count(entries, None, counted)
    return counted


def list_differences(name: str, sheets: Sheets) -> list[str]:
    ours, said = count(name, sheets), second(CASES[name], plan_of(name), sheets)
    numbers = range(1, len(plan_of(name).terms.parties) + 1)
    capital = capital_of(name, ours)
    found = {
        "loans": [
            (
                Fraction(row.results["principal"]),
                Fraction(row.results.get("interest", 0)),
                Fraction(row.results["left"]),
            )
            for row in ours.get("Loans", ())
            if row.entry["what"] == "repaid"
        ],
        "spent": [row.results["state"] for row in ours["Spending"]],
        "paid": [[Fraction(row.results[f"all{number}"]) for number in numbers] for row in ours["Distributions"]],
        "results": [[Fraction(row.results[f"part{number}"]) for number in numbers] for row in ours["Results"]],
        "capital": [Fraction(row["capital"]) for row in capital],
    }
    said = {**said, "loans": said["loans"] if CASES[name].has_loans else []}
    return [f"{name}: {key} {found[key]} is not {said[key]}" for key in found if found[key] != said[key]]


def capital_of(name: str, counted: dict[str, tuple[CountedEntry, ...]]) -> tuple[Any, ...]:
    account = next(one for one in plan_of(name).accounts if one.grid.name == "Distributions")
    return tuple(account.overviews[0].count(counted))


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
        capital = read_column(pages, grid_of(name, "Capital"), "capital")
        said = second(CASES[name], plan_of(name), sheets)
        assert [Fraction(Decimal(repr(one))) for one in capital] == said["capital"], name
        assert statement_differences(name, sheets, read_back(name, data)) == []


def statement_differences(name: str, sheets: Sheets, book: FilledBook) -> list[str]:
    """Return where a statement says something else than the second calculation, for each period of the books."""
    document = draft_document(read_deal(CASES[name].text)[0], built_in_library())
    found = []
    for label in grid_of(name, "Results").labels:
        first, last = label["first"], label["last"]
        assert isinstance(first, date)
        assert isinstance(last, date)
        memo = memo_to_json(write_statement(StatementFacts(book, document, last)))
        printed = {section["id"]: section["blocks"] for section in memo["sections"]}  # type: ignore[attr-defined]
        said = second_statement(CASES[name], plan_of(name), sheets, first, last)
        for part, expected in said.items():
            rows = [tuple(row) for block in printed.get(part, ()) if block["kind"] == "table" for row in block["rows"]]
            ours = [tuple(row[at] for at in expected.columns) for row in rows]
            if ours != list(expected.rows):
                found.append(f"{name}, {last}, {part}: {ours} is not {expected.rows}")
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_statement_says_what_a_second_calculation_says(name: str) -> None:
    for seed in range(3):
        sheets = draw(Random(seed), name)
        book = FilledBook(plan_of(name), Ledger((), ()), (), (), count(name, sheets), (), {}, False)
        assert statement_differences(name, sheets, book) == []


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


BAD: dict[str, tuple[str, int, dict[str, Any], str, str]] = {
    "given in words": ("Contributions", 1, {"given": "in spring"}, "given", "is not written in a way we read as a date"),
    "reminded before it was late": ("Contributions", 1, {"reminded": date(2027, 2, 15)}, "reminded", "came before it was late (2027-02-15)"),
    "profit and loss": ("Results", 1, {"profit": 5, "loss": 5}, "loss", "a profit or a loss, not both"),
    "a profit below 0": ("Results", 1, {"profit": -5}, "profit", "is not an amount"),
    "no cash": ("Distributions", 1, {"day": date(2027, 6, 1)}, "cash", "the cash is missing"),
    "a step of one's own": ("Distributions", 1, {"day": date(2027, 6, 1), "cash": 5, "step": "step 3"}, "step", '"step 3" is not one of the list'),
    "paid out before it was counted": ("Distributions", 1, {"day": date(2027, 6, 30), "cash": 5, "settled": date(2027, 6, 1)}, "settled", "2027-06-01 is before 2027-06-30, to which the cash was counted"),
    "a loan of nobody": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "for": 2, "amount": 5}, "lender", "who lent it is missing"),
    "a loan for nothing": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "lender": "Ridgeway", "amount": 5}, "for", "it is missing which contribution was paid"),
    "a loan for a contribution there is not": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "lender": "Ridgeway", "for": 9, "amount": 5}, "for", "there is no contribution 9\n  hint: the sheet Contributions has 1 to 3"),
    "a loan to oneself": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "lender": "Ridgeway", "for": 1, "amount": 5}, "lender", "contribution 1 is Ridgeway’s own"),
    "more lent than promised": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "lender": "Ridgeway", "for": 2, "amount": 60001}, "amount", "60,001.00 was lent for contribution 2, which is worth 60,000"),
    "a loan that repays": ("Loans", 1, {"day": date(2027, 3, 9), "what": "lent", "lender": "Ridgeway", "for": 2, "of": 1, "amount": 5}, "of", "a loan repays nothing"),
    "repaid to nobody": ("Loans", 1, {"day": date(2027, 3, 9), "what": "repaid", "amount": 5}, "of", "it is missing which loan"),
    "repaid before it was lent": ("Loans", 1, {"day": date(2027, 3, 9), "what": "repaid", "of": 2, "amount": 5}, "of", "row 2 is no loan above this one"),
    "repaid with a lender": ("Loans", 1, {"day": date(2027, 3, 9), "what": "repaid", "lender": "Ridgeway", "of": 1, "amount": 5}, "lender", "what is repaid names its loan only"),
    "lent or repaid": ("Loans", 1, {"day": date(2027, 3, 9), "amount": 5}, "what", "whether it was lent or repaid is missing"),
    "agreed in words": ("Spending", 1, {"day": date(2027, 6, 1), "what": "a crane", "amount": 5, "agreed1": "by phone"}, "agreed1", "is not written in a way we read as a date"),
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
    deal, _ = read_deal(mill("preferred return: 8%\n  compounded: yes"))
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
    assert used <= {
        "IF",
        "MAX",
        "MIN",
        "OR",
        "ROUND",
        "SUM",
        "SUMPRODUCT",
        "EDATE",
        "INDEX",
        "DATE",
        "YEAR",
        "MONTH",
        "INT",
    }
    assert longest < 360

"""Workbooks of deals that were amended: by the program, by LibreOffice, and by a second calculation."""

from __future__ import annotations

import io
import os
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import docx
import openpyxl
import pytest
from accounts import _fee
from amended import AMENDED, BY_AMENDED, AmendedCase, second_amended_sums
from commands import run_here
from conftest import ROOT
from ledgers import draw_ledger, ends_of_periods
from test_accounts import plan_of as plan_of_account
from workbooks import PERIODS, calculate_books, fill_book, list_differences, read_deal

from agreementgen.core.problems import InputError
from agreementgen.ledger.accounts import Entry
from agreementgen.ledger.amended import LaterDeal
from agreementgen.ledger.entries import Ledger
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.filled_book import read_filled_book
from agreementgen.ledger.referral_fees import count_movements, sum_periods
from agreementgen.ledger.sheet_parts import FIRST_ROW
from agreementgen.ledger.terms import ReferralTerms, read_terms
from agreementgen.ledger.workbook import BookPlan, plan_book, read_book_terms, write_book

# A short form in every run; AGREEMENTGEN_LEDGERS=60 for more.
DRAWN = int(os.environ.get("AGREEMENTGEN_LEDGERS", len(AMENDED)))
_AT_ONCE = 100


@cache
def later_deals(name: str) -> tuple[LaterDeal, ...]:
    made = ((day, read_deal(case.text)[0]) for day, case in BY_AMENDED[name].later)
    return tuple(LaterDeal(day, deal, {}, read_terms(deal)) for day, deal in made)


@cache
def amended_plan(name: str) -> BookPlan:
    case = BY_AMENDED[name]
    deal, _ = read_deal(case.first.text)
    size = BookSize(8, 70, ends_of_periods(case.first, PERIODS)[-1])
    return plan_book(read_terms(deal), deal, {}, size, later_deals(name))


@cache
def amended_book(name: str) -> tuple[BookPlan, bytes]:
    plan, (deal, _) = amended_plan(name), read_deal(BY_AMENDED[name].first.text)
    book = openpyxl.load_workbook(io.BytesIO(write_book(plan, deal, (), later_deals(name))))
    del book["Goals"], book["Dates"]
    buffer = io.BytesIO()
    book.save(buffer)
    return plan, buffer.getvalue()


@pytest.mark.parametrize("case", AMENDED, ids=lambda case: case.name)
def test_the_program_comes_to_what_a_second_calculation_says(case: AmendedCase) -> None:
    terms = amended_plan(case.name).terms
    assert isinstance(terms, ReferralTerms)
    last = ends_of_periods(case.first, PERIODS)[-1]
    moved = read = 0
    for seed in range(60):
        ledger = draw_ledger(Random(seed), case.first)
        if ledger.ended and ledger.ended < case.later[-1][0]:
            continue
        moved += len(ledger.movements)
        sums = sum_periods(ledger, terms, count_movements(ledger, terms), last)
        second = second_amended_sums(case, ledger, PERIODS)
        got = {(one.last, one.payer, one.payee): (one.fee, one.late_charge) for one in sums}
        assert {key: value for key, value in got.items() if value != second[key]} == {}, seed
        if not read and ledger.movements and all(move.day <= last for move in ledger.movements):
            # As it is read from a workbook, it comes to the same.
            book = read_filled_book(
                fill_book(*amended_book(case.name), ledger), "b.xlsx", lambda size: amended_plan(case.name)
            )
            assert {(one.last, one.payer, one.payee): (one.fee, one.late_charge) for one in book.sums} == got
            read += 1
    assert moved > 100


def test_a_cause_counts_where_an_amendment_brought_the_guarantee_and_nowhere_before() -> None:
    name, pair = "payment, guarantee, least, amended", ("Bay Rank", "Northshore")

    def added(causes: dict[tuple[date, str, str], str]) -> Decimal:
        data = fill_book(*amended_book(name), Ledger((), (), None, {}, causes))
        book = read_filled_book(data, "b.xlsx", lambda size: amended_plan(name))
        return next(one.added for one in book.sums if (one.last, one.payer, one.payee) == (date(2027, 3, 31), *pair))

    # 500.50 for 50 of the 90 days of the quarter: the guarantee holds from February 10.
    assert added({}) == Decimal("278.06")
    assert added({(date(2027, 3, 31), *pair): "beyond control"}) == 0
    with pytest.raises(InputError, match="no guarantee is reckoned in this row"):
        added({(date(2026, 12, 31), *pair): "beyond control"})


def test_amendments_of_a_venture_are_refused_whatever_they_change(tmp_path: Path) -> None:
    old, new = write_deals(
        tmp_path, {"Ridgeway: 60%, Calder Lane: 40%": "Ridgeway: 55%, Calder Lane: 45%"}, "joint-venture"
    )
    done = run_here("workbook", old, new, "--dated", "2028-03-15", "-o", tmp_path / "out")
    assert (done.returncode, (tmp_path / "out").exists()) == (2, False)
    assert "changes a joint venture, whose accounts run from its first day to its last" in done.stderr
    assert "carry the balances of the accounts over by hand" in done.stderr


@pytest.mark.office
def test_libreoffice_comes_to_the_same(tmp_path: Path) -> None:
    differing, seen = [], 0
    for begun in range(0, DRAWN, _AT_ONCE):
        folder = tmp_path / str(begun)
        folder.mkdir()
        ledgers = {}
        for seed in range(begun, min(DRAWN, begun + _AT_ONCE)):
            case, offset = AMENDED[seed % len(AMENDED)], 0
            ledger = draw_ledger(Random(seed), case.first)
            while not ledger.movements or (ledger.ended and ledger.ended < case.later[-1][0]):
                offset += 1000
                ledger = draw_ledger(Random(seed + offset), case.first)
            ledgers[str(seed)] = case, ledger
        filled = {name: fill_book(*amended_book(case.name), ledger) for name, (case, ledger) in ledgers.items()}
        for name, data in calculate_books(filled, folder).items():
            case, ledger = ledgers[name]
            plan, second = amended_plan(case.name), second_amended_sums(case, ledger, PERIODS)
            last = ends_of_periods(case.first, PERIODS)[-1]
            found = list_differences(plan, data, ledger, second, last)
            differing += [f"{case.name}, seed {name}: {what}" for what in found]
            if not found and all(move.day <= last for move in ledger.movements):
                # And it is read back without complaint, with its results compared once more.
                read = read_filled_book(data, "book.xlsx", lambda size, plan=plan: plan)  # type: ignore[misc]
                assert read.is_calculated
            seen += 1
    assert differing == []
    assert seen == DRAWN


# -- the commands

_NEW = {"fee: 10%": "fee: 12.5%", "cap per client: $5,000": "cap per client: $7,000", "due: 30 days": "due: 14 days"}
_GUARANTEED = {
    "  due: 30 days": "  due: 30 days\n  guarantee: {from: Bay Rank, to: Northshore, amount: $900, each: quarter}"
}
LEDGER = ROOT / "samples" / "ledger" / "referral-2027.xlsx"


def write_deals(folder: Path, changes: dict[str, str], name: str = "referral") -> tuple[Path, Path]:
    text = (ROOT / "samples" / f"{name}.yaml").read_text(encoding="utf-8")
    (folder / "old.yaml").write_text(text, encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "new.yaml").write_text(text, encoding="utf-8")
    return folder / "old.yaml", folder / "new.yaml"


@pytest.mark.office
def test_a_filled_workbook_is_brought_up_to_an_amendment_and_old_periods_stay(tmp_path: Path) -> None:
    old, new = write_deals(tmp_path, _NEW)
    done = run_here("statement", old, new, LEDGER, "--dated", "2027-03-15", "--period", "2027-03", "-o", tmp_path)
    assert done.returncode == 2
    assert "referral-2027.xlsx:Terms!A4: the workbook was written for no amendment, not for 1 amendment" in done.stderr
    done = run_here("workbook", old, new, "--dated", "2027-03-15", "--from", LEDGER, "-o", tmp_path / "made")
    assert (done.returncode, "is not copied" in done.stderr) == (0, False), done.stderr
    data = (tmp_path / "made" / "old-workbook.xlsx").read_bytes()
    (tmp_path / "book.xlsx").write_bytes(calculate_books({"book": data}, tmp_path)["book"])

    def state(period: str) -> list[str]:
        said = run_here("statement", old, new, tmp_path / "book.xlsx", "--dated", "2027-03-15", "--period", period,
                        "-f", "docx", "-o", tmp_path / period)  # fmt: skip
        assert said.returncode == 0, said.stderr
        return [line.removeprefix("book.xlsx: ") for line in said.stderr.splitlines()]

    before = run_here("statement", old, LEDGER, "--period", "2027-02", "-f", "docx", "-o", tmp_path / "before")
    assert state("2027-02") == [line.removeprefix(f"{LEDGER.name}: ") for line in before.stderr.splitlines()]
    # 10% of 31,000 on March 12, less 10% of 1,000 of a payment from January that was refunded on March 19.
    # 10% of 2,812.50 on March 2, and 12.5% of 3,500 on March 26; 10 and 14 days after March 31.
    assert state("2027-03")[:2] == [
        "Northshore owes $3,000.00, due by 2027-04-24",
        "Bay Rank owes $718.75, due by 2027-04-24",
    ]
    words = "\n".join(p.text for p in docx.Document(tmp_path / "2027-03" / "old-statement-2027-03.docx").paragraphs)
    assert "Referral fee, to March 14, 2027: 10% of net collected revenue" in words
    assert "Referral fee, from March 15, 2027: 12.5% of net collected revenue" in words
    assert "Qualified lead: In writing" in words
    terms = openpyxl.load_workbook(tmp_path / "book.xlsx")["Terms"]
    shown = [tuple(cell.value for cell in row) for row in terms.iter_rows(min_row=5)]
    held = [(label, value, holds) for label, value, _, _, holds in shown if label in ("Fee", "At most for one client")]
    assert held == [
        ("Fee", 0.1, "until Mar 14, 2027"), ("At most for one client", 5000, "until Mar 14, 2027"),
        ("Fee", 0.125, "from Mar 15, 2027"), ("At most for one client", 7000, "from Mar 15, 2027"),
    ]  # fmt: skip
    copied = openpyxl.load_workbook(LEDGER), openpyxl.load_workbook(tmp_path / "made" / "old-workbook.xlsx")
    for sheet in ("Leads", "Goals", "Reviews"):
        typed = [
            {(book[sheet].cell(4, cell.column).value, cell.row): cell.value for row in book[sheet].iter_rows(min_row=3)
             for cell in row if not cell.protection.locked and cell.value is not None} for book in copied
        ]  # fmt: skip
        assert typed[0] == typed[1]
        assert typed[0] or sheet == "Reviews"
    for_each = [book["Payments"].iter_rows(min_row=5, max_row=30) for book in copied]
    (old_rows, new_rows) = (
        [[str(cell.value) for cell in row if not cell.protection.locked] for row in rows] for rows in for_each
    )
    assert old_rows == new_rows


def test_what_has_no_place_in_the_new_workbook_is_named_and_nothing_is_written_over(tmp_path: Path) -> None:
    old, new = write_deals(tmp_path, {'target: "$20,000"': 'target: "$30,000"'})
    # Goals of months that were over before the amendment keep their rows; the others have another target now.
    done = run_here("workbook", old, new, "--dated", "2027-10-01", "--from", LEDGER, "-o", tmp_path)
    lost = [line for line in done.stderr.splitlines() if "is not copied" in line]
    assert done.returncode == 0
    assert [line.split(": ")[1] for line in lost] == ["referral-2027.xlsx:Goals!E39"]
    assert lost[0].endswith(": the new workbook has no such row")
    (tmp_path / "old-workbook.xlsx").write_bytes(LEDGER.read_bytes())
    again = run_here("workbook", old, "--from", tmp_path / "old-workbook.xlsx", "-o", tmp_path, "--force")
    assert (again.returncode, (tmp_path / "old-workbook.xlsx").read_bytes()) == (2, LEDGER.read_bytes())
    assert "would be written over: give another folder with -o" in again.stderr
    other = run_here("workbook", ROOT / "samples" / "channel.yaml", "--from", LEDGER, "-o", tmp_path / "none")
    assert (other.returncode, (tmp_path / "none").exists()) == (2, False)
    assert "its sheet Terms names Northshore and Bay Rank" in other.stderr


def test_a_column_that_the_new_workbook_lacks_is_named(tmp_path: Path) -> None:
    old, new = write_deals(tmp_path, _GUARANTEED)
    assert run_here("workbook", new, "-o", tmp_path / "made").returncode == 0
    book = openpyxl.load_workbook(tmp_path / "made" / "new-workbook.xlsx")
    sheet = next(one for one in book.worksheets if "No guarantee: what is missing is" in _heads_of(one))
    column = _heads_of(sheet).index("No guarantee: what is missing is") + 1
    sheet.cell(9, column).value = "its own doing"
    book.save(tmp_path / "filled.xlsx")
    done = run_here("workbook", old, "--from", tmp_path / "filled.xlsx", "-o", tmp_path / "again")
    assert done.returncode == 0
    lost = [line for line in done.stderr.splitlines() if line.startswith("warning")]
    assert lost == [
        f"warning: filled.xlsx:{sheet.title}!{sheet.cell(9, column).coordinate}: the column "
        '"No guarantee: what is missing is" is not in the new workbook: nothing of it is copied'
    ]


def _heads_of(sheet: Any) -> list[object]:
    return [cell.value for cell in sheet[4]]


def test_sheets_that_are_hidden_or_foreign_are_named(tmp_path: Path) -> None:
    old, _ = write_deals(tmp_path, {})
    book = openpyxl.load_workbook(LEDGER)
    book["Goals"].sheet_state = "hidden"
    book.create_sheet("Notes")["A1"] = "Call Kim"
    book.save(tmp_path / "filled.xlsx")
    done = run_here("workbook", old, "--from", tmp_path / "filled.xlsx", "-o", tmp_path / "made")
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if line.startswith("warning")] == [
        'warning: filled.xlsx:Goals!A1: the sheet "Goals" is missing or hidden there: nothing of it is copied',
        'warning: filled.xlsx:Notes!A1: the sheet "Notes" is not of this workbook, and is not copied',
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"law: Massachusetts": "law: Massachusetts\ncurrency: EUR", "$10,000": "EUR 9000", "$5,000": "EUR 5000",
          '"$20,000"': "EUR 20000"}, "changes the currency"),
        ({"short: Bay Rank": "short: Rank"}, "changes the parties or their short names"),
        ({"direction: two-way": "direction: one-way\n  referrer: Bay Rank"}, "changes who sends leads"),
        ({"due: 30 days": "due: 30 days\n  paid: quarterly"}, "changes how often is paid"),
        ({"base: net collected revenue\n  deductions: [sales tax, refunds, shipping, pass-through costs]":
          "base: gross invoiced\n  trigger: invoice"}, "changes what is counted, payments or invoices"),
        ({"effective: 2026-12-01": "effective: 2026-12-15"}, "changes the first day of the agreement"),
    ],
    ids=["currency", "party", "direction", "paid", "trigger", "first day"],
)  # fmt: skip
def test_what_one_workbook_cannot_tell_is_refused(changes: dict[str, str], said: str, tmp_path: Path) -> None:
    old, new = write_deals(tmp_path, changes)
    if "short: Bay Rank" in changes:
        new.write_text(
            old.read_text(encoding="utf-8").replace("Bay Rank:", "Rank:").replace("Bay Rank", "Rank"), encoding="utf-8"
        )
    done = run_here("workbook", old, new, "--dated", "2027-03-15", "-o", tmp_path / "out")
    assert (done.returncode, (tmp_path / "out").exists()) == (2, False), done.stderr
    assert f"the amendment of 2027-03-15 {said}" in done.stderr
    assert "one workbook cannot count before it and after it" in done.stderr
    assert "hint: keep a workbook for the time before the amendment and one for the time from it" in done.stderr


def test_amendments_need_their_days_in_order(tmp_path: Path) -> None:
    old, new = write_deals(tmp_path, _NEW)
    done = run_here("workbook", old, new, "-o", tmp_path / "out")
    assert (done.returncode, "with --dated for each" in done.stderr) == (2, True)
    done = run_here("workbook", old, new, "--dated", "2026-12-01", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert (
        "the amendment holds from 2026-12-01, which is not after 2026-12-01, when the terms before it began"
        in done.stderr
    )


def test_a_fee_of_a_month_in_which_the_terms_change_has_two_rows(tmp_path: Path) -> None:
    fee = "  amount: $600\n  each: month\n  for: a room\n"
    first, (later, _) = read_deal(_fee(fee))[0], read_deal(_fee(fee.replace("600", "900")))
    after = LaterDeal(date(2027, 2, 15), later, {}, read_book_terms(later))
    plan = plan_book(read_book_terms(first), first, {}, BookSize(3, 9, date(2027, 4, 30)), [after])
    (account,) = plan.accounts
    rows = [(label["first"], label["last"], label["days"]) for label in account.grid.labels]
    assert rows[2:4] == [(date(2027, 2, 1), date(2027, 2, 14), 28), (date(2027, 2, 15), date(2027, 2, 28), 28)]
    entries = [Entry(number, label) for number, label in enumerate(account.grid.labels, 1)]
    owed = [str(one.results["owed"]) for one in account.count(entries, None, {})]
    assert owed == ["600.00", "600.00", "300.00", "450.00", "900.00", "900.00"]
    column = next(column for column in account.grid.columns if column.key == "owed")
    formulas = [account.grid.formula_at(column, FIRST_ROW + at) for at in range(6)]
    assert ["FeeAmount_2" in formula for formula in formulas] == [False, False, False, True, True, True]


def test_a_tier_that_came_later_is_refused_before_its_day() -> None:
    name = "commission, amended"
    plan = plan_of_account(name)
    (account,) = plan.accounts
    row = {"day": date(2027, 1, 14), "what": "paid", "client": "X", "amount": Decimal(100), "tier": "Platinum"}
    ((number, fault),) = account.check([Entry(1, row)])
    assert (number, fault.key, fault.message) == (1, "tier", 'there was no "Platinum" on 2027-01-14')
    assert fault.hint == "the terms of that day have: Bronze, Silver, Gold"


def test_formulas_of_amended_books_use_only_what_three_programs_share_and_stay_short() -> None:
    used, longest = set(), ""
    for case in AMENDED:
        for grid in amended_plan(case.name).grids:
            for column in grid.columns:
                for row in (FIRST_ROW, FIRST_ROW + grid.count - 1):
                    if column.kind == "result":
                        formula = grid.formula_at(column, row)
                        used |= set(re.findall(r"([A-Z][A-Z.]*)\(", formula))
                        longest = max(longest, formula, key=len)
    assert "CHOOSE" in used
    assert used <= {
        "ABS", "AND", "CHOOSE", "COUNTIFS", "DATE", "EDATE", "IF", "IFERROR", "INDEX", "LEFT", "LOOKUP", "MATCH", "MAX", "MIN", "OR",
        "ROUND", "SUBSTITUTE", "SUMIFS", "SUMPRODUCT", "YEAR",
    }  # fmt: skip
    assert len(longest) < 420, longest

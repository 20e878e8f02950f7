"""The shared workbook, calculated by LibreOffice and read back by openpyxl."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from random import Random

import openpyxl
import pytest
from commands import run_here
from conftest import ROOT
from deals import reference
from ledgers import BY_NAME, CASES, draw_ledger, ends_of_periods, second_sums
from workbooks import PERIODS, calculate_books, fill_book, list_differences, read_deal, small_book

from agreementgen.ledger.entries import Ledger
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.terms import read_terms
from agreementgen.ledger.workbook import plan_book, write_book

# A short form in every run; AGREEMENTGEN_LEDGERS=500 for the whole proof.
DRAWN = int(os.environ.get("AGREEMENTGEN_LEDGERS", len(CASES) * 2))
# Once wrong: a refund that came too late, where steps go by the number of the client; a sort named like a wildcard.
ALWAYS = {"steps by client": 33, "a fee for each sort": 8}
_AT_ONCE = 100


@pytest.mark.office
def test_what_libreoffice_calculates_is_what_the_program_and_the_second_calculation_say(tmp_path: Path) -> None:
    differing = []
    for begun in range(0, DRAWN, _AT_ONCE):
        folder = tmp_path / str(begun)
        folder.mkdir()
        seeds = range(begun, min(DRAWN, begun + _AT_ONCE))
        ledgers = {
            f"{seed}": (CASES[seed % len(CASES)], draw_ledger(Random(seed), CASES[seed % len(CASES)])) for seed in seeds
        }
        ledgers |= {
            f"{seed}-{name}": (BY_NAME[name], draw_ledger(Random(seed), BY_NAME[name])) for name, seed in ALWAYS.items()
        }
        filled = {name: fill_book(*small_book(case.name), ledger) for name, (case, ledger) in ledgers.items()}
        for name, data in calculate_books(filled, folder).items():
            case, ledger = ledgers[name]
            differing += [f"{case.name}, seed {name}: {what}" for what in _list_differences(case.name, data, ledger)]
    assert differing == []


def _list_differences(name: str, data: bytes, ledger: Ledger) -> list[str]:
    case, (plan, _) = BY_NAME[name], small_book(name)
    return list_differences(plan, data, ledger, second_sums(case, ledger, PERIODS), ends_of_periods(case, PERIODS)[-1])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workbook")
    done = run_here("workbook", ROOT / "samples" / "referral.yaml", "-o", folder)
    assert done.returncode == 0, done.stderr
    assert "room for 150 leads and 300 payments, periods to 2029-02-28" in done.stderr
    return folder / "referral-workbook.xlsx"


def test_the_workbook_holds_nothing_hidden_nothing_from_outside_and_no_password(written: Path) -> None:
    with zipfile.ZipFile(written) as package:
        names = package.namelist()
        parts = b"".join(package.read(name) for name in names)
    assert not [name for name in names if re.search("vba|external|embed|customXml|ctrl", name, re.IGNORECASE)]
    assert b'TargetMode="External"' not in parts
    assert b"password" not in parts
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == ["Leads", "Payments", "Statement", "Goals", "Reviews", "Dates", "Terms"]
    for sheet in book:
        assert (sheet.sheet_state, sheet.protection.sheet) == ("visible", True)
        assert not [letters for letters, column in sheet.column_dimensions.items() if column.hidden]
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$4"
        assert sheet.print_area


def test_formulas_use_only_what_three_programs_share_and_stay_short(written: Path) -> None:
    """All of these are in Excel 2010, in LibreOffice and in Google Sheets."""
    book = openpyxl.load_workbook(written)
    formulas = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert len(formulas) > 3000
    used = {name for formula in formulas for name in re.findall(r"([A-Z][A-Z.]*)\(", formula)}
    assert used <= {
        "ABS", "AND", "COUNTIF", "COUNTIFS", "EDATE", "IF", "IFERROR", "INDEX", "LEFT", "LOOKUP", "MATCH", "MAX", "MIN",
        "OR", "ROUND", "SUMIFS", "SUMPRODUCT", "YEAR",
    }  # fmt: skip
    assert max(map(len, formulas)) < 360
    assert not [formula for formula in formulas if "#REF" in formula or "[" in formula]


def test_only_what_people_type_is_unlocked_and_looks_otherwise(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    for name in ("Leads", "Payments", "Statement", "Reviews"):
        for cell in book[name][9]:
            is_white = cell.fill.fgColor.rgb in ("00000000", None)
            assert cell.protection.locked != is_white, cell.coordinate
            assert not (cell.data_type == "f" and is_white)


def test_every_fact_of_the_terms_names_its_place_in_the_agreement(written: Path) -> None:
    sheet = openpyxl.load_workbook(written)["Terms"]
    terms = {str(row[0].value): (row[1].value, row[2].value, row[3].value) for row in sheet.iter_rows(min_row=5)}
    assert terms["Fee"] == (0.1, "of net collected revenue", "Key terms, Referral fee; Clause 4, Financial terms")
    assert terms["At most for one client"] == (5000, "USD", "Key terms, Referral fee")
    assert terms["After the end it is protected for at most"] == (
        90,
        "days",
        "Key terms, After the end; Clause 7, After the end",
    )
    assert [name for name, (_, _, place) in terms.items() if not place] == []


def test_names_that_look_like_formulas_stay_text() -> None:
    odd = reference(("short: Bay Rank", 'short: "=1+1"'), *((old, old.replace("Bay Rank", '"=1+1"')) for old in (
        "  Bay Rank:\n", "party: Bay Rank,")), ("Bookkeeper: Bay Rank", 'Bookkeeper: "=1+1"'))  # fmt: skip
    deal, dates = read_deal(odd)
    terms = read_terms(deal)
    book = openpyxl.load_workbook(
        io.BytesIO(write_book(plan_book(terms, deal, {}, BookSize(5, 5, date(2027, 3, 1))), deal, dates))
    )
    texts = [cell for sheet in book for row in sheet for cell in row if str(cell.value).startswith("=1+1")]
    assert {cell.data_type for cell in texts} == {"s"}
    assert len(texts) > 4


def test_the_same_deal_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    assert run_here("workbook", ROOT / "samples" / "referral.yaml", "-o", tmp_path).returncode == 0
    assert (tmp_path / "referral-workbook.xlsx").read_bytes() == written.read_bytes()


def test_a_validator_of_office_files_finds_nothing_of_our_making(written: Path, tmp_path: Path) -> None:
    """openpyxl writes the parts of a font in its own order, and texts into their cells; all programs read both."""
    audit = Path(sys.executable).with_name("openxml-audit")
    for name in ("joint-venture", "supply"):
        assert run_here("workbook", ROOT / "samples" / f"{name}.yaml", "-o", tmp_path).returncode == 0
    for book in (written, *sorted(tmp_path.glob("*.xlsx"))):
        command = [audit, "--output", "json", "-m", "0", book]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (report,) = json.loads(done.stdout)
        found = report["errors"]
        assert found, "the report is read rightly"
        assert len(found) == report["error_count"] + report["warning_count"]
        theirs = [one for one in found if one["part_uri"] == "/xl/styles.xml" and "/font[" in one["path"]]
        theirs += [one for one in found if "inline-string" in one["description"]]
        assert [one for one in found if one not in theirs] == [], book.name


@pytest.mark.parametrize(
    ("name", "sheets"),
    [
        ("minimal", ["Dates", "Terms"]),
        ("cloud-referral", ["Leads", "Payments", "Statement", "Goals", "Reviews", "Dates", "Terms"]),
        ("channel", ["Orders", "Minimum", "Balance", "Goals", "Reviews", "Dates", "Terms"]),
        ("co-marketing", ["Costs", "Balance", "Goals", "Reviews", "Dates", "Terms"]),
        ("supply", ["Orders", "Service", "Commitment", "Balance", "Goals", "Reviews", "Dates", "Terms"]),
        ("alliance", ["Costs", "Balance", "Goals", "Reviews", "Dates", "Terms"]),
        (
            "joint-venture",
            [
                "Contributions",
                "Loans",
                "Results",
                "Distributions",
                "Capital",
                "Spending",
                "Goals",
                "Reviews",
                "Dates",
                "Terms",
            ],
        ),
        (
            "three-party-venture",
            ["Contributions", "Results", "Distributions", "Capital", "Spending", "Goals", "Reviews", "Dates", "Terms"],
        ),
    ],
)
def test_each_kind_of_deal_has_a_workbook_of_its_own(name: str, sheets: list[str], tmp_path: Path) -> None:
    done = run_here("workbook", ROOT / "samples" / f"{name}.yaml", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert openpyxl.load_workbook(tmp_path / f"{name}-workbook.xlsx").sheetnames == sheets


def test_rows_are_as_high_as_their_texts_and_empty_pages_are_not_printed(tmp_path: Path) -> None:
    assert run_here("workbook", ROOT / "samples" / "joint-venture.yaml", "-o", tmp_path).returncode == 0
    book = openpyxl.load_workbook(tmp_path / "joint-venture-workbook.xlsx")
    dates = book["Dates"]
    # A line of letters is about 13 points high.
    for row in range(5, dates.max_row + 1):
        longest = max(len(str(dates.cell(row, at).value or "")) / width for at, width in ((2, 46), (4, 44), (6, 46)))
        assert dates.row_dimensions[row].height >= 13 * longest
    assert max(dates.row_dimensions[row].height for row in range(5, dates.max_row + 1)) == 42
    spending = book["Spending"]
    assert spending.max_row == 484
    assert spending.print_area == "'Spending'!$A$1:$K$29"
    assert "The first 25 rows are printed; for more, set the print area anew." in spending["A2"].value


def test_periods_are_listed_as_far_as_is_asked_for(tmp_path: Path) -> None:
    sample = ROOT / "samples" / "referral.yaml"
    done = run_here("workbook", sample, "-o", tmp_path, "--until", "2031-06-15")
    assert (done.returncode, "periods to 2031-06-15" in done.stderr) == (0, True)
    sheet = openpyxl.load_workbook(tmp_path / "referral-workbook.xlsx")["Statement"]
    assert str(sheet.cell(sheet.max_row, 2).value)[:10] == "2031-06-30"
    done = run_here("workbook", sample, "-o", tmp_path / "none", "--until", "2026-11-30")
    assert (done.returncode, (tmp_path / "none").exists()) == (2, False)
    assert (
        "--until: 2026-11-30 is not between 2026-12-01, when the agreement takes effect, and 2041-12-01" in done.stderr
    )


def test_referrals_without_a_fee_are_counted_too(tmp_path: Path) -> None:
    free = reference(("  model: referral fee\n  fee: 10%\n", "  model: none\n"), *((line, "") for line in (
        "  base: net collected revenue\n  deductions: [sales tax, refunds, shipping, pass-through costs]\n  window: 12 months\n"
        "  cap per client: $5,000\n  statement: 10 days\n  due: 30 days\n  tracking: {system: shared CRM, kept by: payer}\n",
        "exit:\n  tail: 90 days\n")))  # fmt: skip
    (tmp_path / "free.yaml").write_text(free, encoding="utf-8")
    done = run_here("workbook", tmp_path / "free.yaml", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "free-workbook.xlsx: room for 150 leads, periods to " in done.stderr
    book = openpyxl.load_workbook(tmp_path / "free-workbook.xlsx")
    assert book.sheetnames == ["Leads", "Goals", "Reviews", "Dates", "Terms"]
    assert [cell.value for cell in book["Leads"][4]][-3:] == ["Value (USD)", "Counts", "Check"]
    assert [cell.value for cell in book["Reviews"][4]][3:8] == [
        "Goals met",
        "Goals missed",
        "Leads sent",
        "Won",
        "What worked",
    ]
    done = run_here(
        "statement", tmp_path / "free.yaml", tmp_path / "free-workbook.xlsx", "--period", "2027-01", "-o", tmp_path
    )
    assert done.returncode == 2
    assert "nothing is owed under this deal that its workbook counts, so there is no statement of it" in done.stderr

"""Statements from filled workbooks: what they say, and what is refused, at which cell."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from commands import run_here
from conftest import ROOT, letters, pages, pdf_text, word_text
from deals import reference
from ledgers import BY_NAME
from workbooks import calculate_books, fill_book, read_deal

from agreementgen.core.problems import InputError
from agreementgen.ledger.entries import Lead, Ledger, Movement
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.filled_book import FilledBook, read_filled_book
from agreementgen.ledger.statement import StatementFacts, write_statement
from agreementgen.ledger.terms import read_terms
from agreementgen.ledger.workbook import BookPlan, draft_document, plan_book, write_book
from agreementgen.library.loading import built_in_library
from agreementgen.memo.sections import each_memo_text

SAMPLE = ROOT / "samples" / "ledger" / "referral-2027.xlsx"
TINY = BookSize(5, 6, date(2027, 2, 28))
LEDGER = Ledger(
    (
        Lead(1, date(2026, 12, 7), "Northshore", "Harbor Dental", "accepted", date(2026, 12, 8), date(2027, 1, 4)),
        Lead(2, date(2026, 12, 10), "Bay Rank", "Pine Street Bakery", "accepted", date(2026, 12, 14), date(2027, 1, 5)),
        Lead(3, date(2027, 1, 10), "Bay Rank", "Wayland Yoga"),
    ),
    (
        Movement(1, "paid", date(2027, 1, 15), 1, 3500),  # type: ignore[arg-type]
        Movement(2, "paid", date(2027, 1, 20), 2, 4500, 281),  # type: ignore[arg-type]
        Movement(3, "refunded", date(2027, 2, 2), 2, 1000, refund_of=2),  # type: ignore[arg-type]
    ),
    settled={(date(2027, 1, 31), "Northshore", "Bay Rank"): date(2027, 3, 10)},
)


@cache
def tiny_plan(size: BookSize = TINY) -> BookPlan:
    return plan_book(
        read_terms(read_deal(BY_NAME["reference"].text)[0]), read_deal(BY_NAME["reference"].text)[0], {}, size
    )


@cache
def tiny_book() -> bytes:
    """Return a filled workbook without the sheets that nobody reads back; no program has calculated it."""
    deal, _ = read_deal(BY_NAME["reference"].text)
    filled = openpyxl.load_workbook(io.BytesIO(fill_book(tiny_plan(), write_book(tiny_plan(), deal, ()), LEDGER)))
    for name in ("Goals", "Dates"):
        del filled[name]
    buffer = io.BytesIO()
    filled.save(buffer)
    return buffer.getvalue()


def read(data: bytes) -> FilledBook:
    return read_filled_book(data, "book.xlsx", tiny_plan)


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(data)
    return [str(problem) for problem in refused.value.problems]


def changed(*changes: tuple[str, object]) -> bytes:
    """Return the workbook with other values in cells ("Leads!B5")."""
    book = openpyxl.load_workbook(io.BytesIO(tiny_book()))
    for place, value in changes:
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_what_was_typed_is_read_as_it_was_typed() -> None:
    book = read(tiny_book())
    assert book.ledger == LEDGER
    assert not book.is_calculated
    assert [str(one.fee) for one in book.counted] == ["350.00", "421.90", "-100.00"]
    assert [(str(one.last), one.payer, str(one.fee)) for one in book.sums if one.fee] == [
        ("2027-01-31", "Northshore", "421.90"),
        ("2027-01-31", "Bay Rank", "350.00"),
        ("2027-02-28", "Northshore", "-100.00"),
    ]


BAD = {
    "a day missing": ("Leads!B5", None, "the day on which the lead was sent is missing"),
    "a day that can be two": ("Leads!B5", "12/07/2026", "can mean two days"),
    "no day of the calendar": ("Payments!B5", "2027-02-30", "is not a day of the calendar"),
    "before the agreement": ("Leads!B5", date(2026, 11, 30), "2026-11-30 is before 2026-12-01, when the agreement"),
    "nobody sent it": ("Leads!C5", None, "who sent the lead is missing"),
    "a stranger sent it": ("Leads!C5", "Northshor", '"Northshor" is not one of the list\n  hint: did you mean "Northshore"?'),
    "no client": ("Leads!D5", " ", "the client is missing"),
    "an answer of one's own": ("Leads!G5", "no thanks", '"no thanks" is not one of the list'),
    "answered when": ("Leads!H5", None, "the day of the answer is missing"),
    "a day without its answer": ("Leads!G5", None, "the answer is missing"),
    "answered before": ("Leads!H5", date(2026, 12, 6), "the lead was answered on 2026-12-06, before it was sent"),
    "won before": ("Leads!K5", date(2026, 12, 5), "the lead was won on 2026-12-05, before it was sent"),
    "a value in words": ("Leads!L5", "ten thousand", '"ten thousand" is not an amount'),
    "the same client twice": (("Leads!D6", "harbor dental"), ("Leads!C6", "Northshore"), "Leads!D6", '"harbor dental" is lead 1 already'),
    "an end before the beginning": ("Leads!F3", date(2026, 10, 1), "2026-10-01 is before 2026-12-01"),
    "an end in words": ("Leads!F3", "soon", '"soon" is not written in a way we read as a date'),
    "no lead": ("Payments!D5", None, "the number of the lead is missing"),
    "an unknown client": ("Payments!D5", 7, "there is no lead 7: this client is not known"),
    "a client by name": ("Payments!D5", "Harbor Dental", '"Harbor Dental" is not the number of a lead'),
    "not won": ("Payments!D5", 3, "lead 3 is not won yet, but paid"),
    "paid before the lead": ("Payments!B5", date(2026, 12, 2), "2026-12-02 is before lead 1 was sent (2026-12-07)"),
    "no amount": ("Payments!F5", None, "the amount is missing"),
    "an amount in words": ("Payments!F5", "about 3000", '"about 3000" is not an amount'),
    "below 0": ("Payments!F5", -3500, '"-3,500.00" is not an amount'),
    "parts of a cent": ("Payments!F5", 3500.005, "the cell shows"),
    "paid or refunded": ("Payments!C5", None, "whether it was paid or refunded is missing"),
    "another word": ("Payments!C5", "cancelled", '"cancelled" is not one of the list'),
    "too many deductions": ("Payments!G6", 5000, "5,000.00 is more than what was paid"),
    "out of order": ("Payments!B6", date(2027, 1, 14), "2027-01-14 stands below 2027-01-15: the order of the days decides"),
    "a refund of nothing": ("Payments!H7", None, "it is missing which payment"),
    "a refund of a later row": ("Payments!H7", 5, "row 5 is no payment above this one"),
    "a refund of another client": ("Payments!H7", 1, "Payments!D7", "row 1 is a payment of lead 1"),
    "more refunded than paid": ("Payments!F7", 4300, "more is refunded than the 4,219.00 that counted"),
    "a payment that pays back": ("Payments!H5", 1, "a payment pays nothing back"),
    "paid before the period is over": ("Statement!I7", date(2027, 1, 31), "2027-01-31 is before the period is over (2027-01-31)"),
    "a term": ("Terms!B13", 0.2, 'Fee: the workbook has "20%", the deal "10%"'),
    "the name of a term": ("Terms!A13", "Charge", 'the deal has the term "Fee" here, not "Charge"'),
    "a formula typed over": ("Payments!N5", 500, "the formula of Fee (USD) is gone: the cell holds a typed value"),
    "a formula changed": ("Payments!N6", "=500", "the formula of Fee (USD) was changed\n  hint: put back =IF("),
    "a period changed": ("Statement!B5", date(2026, 12, 30), 'To was changed to "2026-12-30"\n  hint: put back "2026-12-31"'),
    "behind the last period": ("Payments!B7", date(2027, 3, 1), "2027-03-01 is behind 2027-02-28, to which the sheet Statement lists periods"),
    "periods to the end of time": ("Terms!B25", date(9999, 12, 31), "Periods are listed to: 9999-12-31 was not written by this program"),
    "a head changed": ("Payments!F4", "Net", 'the head of this column is "Net", not "Amount (USD)"'),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_ledger_is_refused_at_its_cell(name: str) -> None:
    *said, expected = BAD[name]
    if isinstance(said[0], tuple):
        *changes, place = said
    else:
        changes, place = [(said[0], said[1])], said[2] if len(said) > 2 else said[0]
    found = problems_of(changed(*changes))
    assert [text for text in found if text.startswith(f"book.xlsx:{place}: ") and expected in text], found
    assert all("\n  hint: " in text for text in found), found


def test_a_last_day_with_a_time_was_not_written_here() -> None:
    book = openpyxl.load_workbook(io.BytesIO(changed()))
    book["Terms"]["B25"].value, book["Terms"]["B25"].number_format = datetime(2027, 2, 28, 10, 30), "yyyy-mm-dd h:mm"
    buffer = io.BytesIO()
    book.save(buffer)
    (found,) = problems_of(buffer.getvalue())
    assert found.startswith(
        "book.xlsx:Terms!B25: Periods are listed to: 2027-02-28 10:30 was not written by this program"
    )


def test_all_problems_are_told_at_once() -> None:
    found = problems_of(changed(("Leads!B5", None), ("Payments!F5", None), ("Terms!B13", 0.2)))
    assert [text.split(": ")[0] for text in found if "is missing" in text or "Fee" in text] == [
        "book.xlsx:Leads!B5", "book.xlsx:Payments!F5", "book.xlsx:Terms!B13"]  # fmt: skip


def test_another_table_is_no_workbook_of_a_deal() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Leads"
    buffer = io.BytesIO()
    book.save(buffer)
    assert problems_of(buffer.getvalue()) == [
        "book.xlsx: the sheets Leads, Payments, Statement, Terms are missing: this is not the workbook of this deal\n"
        '  hint: name the file that "agreementgen workbook" wrote, filled in and saved as .xlsx; a sheet keeps its name, '
        "and may not be hidden"
    ]


def test_the_workbook_of_another_deal_is_told_once() -> None:
    """Nobody is told to put back what was agreed with somebody else."""
    assert problems_of(changed(("Terms!B5", "Elm Bakery"), ("Terms!B6", "Oak Cafe"))) == [
        "book.xlsx: this is not a workbook of this deal: its sheet Terms names Elm Bakery and Oak Cafe\n"
        '  hint: name the file that "agreementgen workbook" wrote for this deal, filled in and saved as .xlsx'
    ]


def test_the_workbook_of_another_kind_of_deal_is_told_by_its_parties(tmp_path: Path) -> None:
    venture = ROOT / "samples" / "joint-venture.yaml"
    done = run_here("statement", venture, SAMPLE, "--period", "2028-Q1", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this is not a workbook of this deal: its sheet Terms names Northshore and Bay Rank" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.office
def test_a_result_that_differs_is_an_error_at_its_cell(tmp_path: Path) -> None:
    data = calculate_books({"tiny": tiny_book()}, tmp_path)["tiny"]
    assert read(data).is_calculated
    # The file says 421.90 where the fee for Pine Street Bakery stands; a stranger has written another result into it.
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = "xl/worksheets/sheet2.xml"
    parts[name], count = re.subn(rb'(<c r="N6"[^>]*>.*?<v>)[^<]*', rb"\g<1>999.5", parts[name], count=1)
    assert count == 1
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    assert problems_of(buffer.getvalue()) == [
        'book.xlsx:Payments!N6: the workbook computes "999.50" here, the program "421.90"\n'
        "  hint: let the spreadsheet program calculate anew (Ctrl+Shift+F9) and save; if it stays, tell us"
    ]


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("statement")
    done = run_here("statement", ROOT / "samples" / "referral.yaml", SAMPLE, "--period", "2027-04", "-o", folder)
    assert (done.returncode, done.stderr) == (
        0,
        "referral-2027.xlsx: Northshore owes $2,415.63, due by 2027-06-09\n"
        "referral-2027.xlsx: Bay Rank owes nothing for this period\n"
        "referral-2027.xlsx: Northshore also owes $2.91 for sums that are late, within legal limits\n",
    )
    return folder


def test_a_statement_says_what_is_due_how_it_came_about_and_what_is_disputed(april: Path, tmp_path: Path) -> None:
    text = pdf_text((april / "referral-statement-2027-04.pdf").read_bytes(), tmp_path)
    said = " ".join(text.split())
    for part in (
        "Northshore pays Bay Rank $2,415.63 by June 9, 2027",
        "Bay Rank pays Northshore nothing",
        # 33,656.25: 31,000 less 2,500, and 5,500 less 343.75.
        "Sum $33,656.25 $2,415.63",
        # The cap of 5,000: 3,100 in March, so 1,900 of 2,850.
        "cap reached $31,000.00 $28,500.00 $5,000.00 $1,900.00",
        "Row 9: $1,900.00 of the fees: part of it may be for filing fees",
        # 421.87 was due on April 9 and paid on April 30: 21 days of 1 % a month.
        "Northshore also owes for earlier sums that are late $2.91 within legal limits",
        "February 2027 Northshore $421.87 Apr 9, 2027 Apr 30, 2027 $2.91",
        "Referral fee: 10% of net collected revenue per client, for 12 months; at most $5,000 per client",
    ):
        assert part in said, said


def test_word_and_pdf_say_the_same_on_one_page(april: Path, tmp_path: Path) -> None:
    pdf = (april / "referral-statement-2027-04.pdf").read_bytes()
    assert pages(pdf, tmp_path) == 1
    body = pdf_text(pdf, tmp_path).rsplit("Referral Agreement · ", 1)[0]
    assert sorted(letters(word_text((april / "referral-statement-2027-04.docx").read_bytes()))) == sorted(letters(body))


def test_a_refund_is_repaid_by_who_received_the_fee(tmp_path: Path) -> None:
    done = run_here(
        "statement", ROOT / "samples" / "referral.yaml", SAMPLE, "--period", "2027-10", "-o", tmp_path, "-f", "pdf"
    )
    assert "referral-2027.xlsx: Northshore repays $250.00, due by 2027-12-10" in done.stderr
    said = " ".join(pdf_text((tmp_path / "referral-statement-2027-10.pdf").read_bytes(), tmp_path).split())
    assert "Northshore repays Bay Rank $250.00 by December 10, 2027" in said
    # The second refund came 91 days after the payment.
    assert "refund of row 14; does not count: refunded too late $1,500.00 $0.00 $500.00 $0.00" in said


@pytest.mark.parametrize("made", sorted((ROOT / "samples" / "ledger").glob("*.docx")), ids=lambda path: path.stem)
def test_samples_of_statements_are_those_that_are_written_now(made: Path, tmp_path: Path) -> None:
    """A workbook with other terms or formulas than now would be refused: run script/make-ledger-sample then."""
    deal, period = made.stem.split("-statement-")
    (ledger,) = made.parent.glob(f"{deal}-20*.xlsx")
    done = run_here("statement", ROOT / "samples" / f"{deal}.yaml", ledger, "--period", period, "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no program has calculated its formulas" not in done.stderr
    assert word_text((tmp_path / made.name).read_bytes()) == word_text(made.read_bytes())
    pdf = (tmp_path / made.with_suffix(".pdf").name).read_bytes()
    kept = made.with_suffix(".pdf").read_bytes()
    assert letters(pdf_text(pdf, tmp_path)) == letters(pdf_text(kept, tmp_path))
    assert pages(kept, tmp_path) == 1
    # The two formats have the same letters; the foot of the page is no part of the text of a Word file.
    body = pdf_text(kept, tmp_path).rsplit(" Agreement · ", 1)[0].rsplit("\n", 1)[0]
    assert sorted(letters(word_text(made.read_bytes()))) == sorted(letters(body))


def test_a_statement_of_a_venture_says_how_each_sum_came_about() -> None:
    """Of the samples, which are those that are written now."""
    first, later = (
        " ".join(word_text((SAMPLE.parent / f"joint-venture-statement-{period}.docx").read_bytes()).split())
        for period in ("2027-Q1", "2028-Q1")
    )
    for part in (
        # 8% of 60,000 for 7 days: reminded on February 18, given on March 12.
        "Calder Lane owes Mill Creek Row LLC interest on contribution 2 $92.05 8% a year on $60,000.00 for 7 days after Mar 5, 2027",
        "2 Calder Lane paid into the Venture’s account $60,000.00 Feb 15, 2027 Mar 12, 2027 late",
        "The books show a loss of $12,400.00, divided by Ridgeway 60%, Calder Lane 40%.",
        "Calder Lane $0.00 $60,000.00 -$4,960.00 $0.00 $55,040.00",
        # 8% of 20,000 for 19 days.
        "1 Calder Lane owes Ridgeway $20,000.00 on Mar 12, 2027 $0.00 $20,000.00 $83.29 $20,083.29",
        "Calder Lane, who keeps the books, is to send this statement by April 20, 2027.",
    ):
        assert part in first, (part, first)
    for part in (
        "Calder Lane gets of Mill Creek Row LLC $28,800.00 by April 30, 2028 (a Sunday)",
        # 20,000 and 8% of it for 412 days, until it was paid out on April 27.
        "Of it Ridgeway gets, for loan 1 $21,806.03 as counted to Apr 27, 2028",
        "less the reserve of 10%, $8,000.00, $72,000.00 is paid out, by Profit shares (Ridgeway 60%, Calder Lane 40%).",
        "3 Mar 14, 2028 Second crane for two weeks $12,750.00 Ridgeway on Mar 14, 2028, Calder Lane on Mar 20, 2028 agreed too late",
        "Spending, row 3: $12,750.00: the first one was idle",
    ):
        assert part in later, (part, later)


def test_talks_are_told_what_happened_since_the_one_before_of_their_kind() -> None:
    """As LibreOffice has calculated it, in workbooks that have been filled in."""
    venture, channel = (
        openpyxl.load_workbook(SAMPLE.parent / f"{name}.xlsx", data_only=True)["Reviews"]
        for name in ("joint-venture-2028", "channel-2027")
    )
    said = {(str(row[0])[:10], row[1]): row for row in venture.iter_rows(min_row=5, max_col=8, values_only=True)}
    # The first quarterly review tells what came since the last monthly one, not since the beginning.
    october = said["2027-10-15", "Quarterly review of goals"]
    assert [str(october[2])[:10], *october[3:]] == ["2027-07-15", 0, 1, -18400, 0, 0]
    april = said["2028-04-15", "Quarterly review of goals"]
    assert [str(april[2])[:10], *april[3:]] == ["2028-01-15", 1, 0, 96300, 72000, 1]
    heads = [cell.value for cell in channel[4]][3:7]
    assert heads == ["Goals met", "Goals missed", "Owed by Orders (USD)", "What worked"]
    rows = {(str(row[0])[:10], row[1]): row[3:6] for row in channel.iter_rows(min_row=5, max_col=6, values_only=True)}
    assert rows["2027-12-01", "Quarterly review of goals"] == (1, 1, 23220)


@pytest.mark.parametrize(("wording", "said"), [("balanced", True), ("fallback", False)])
def test_a_period_without_fees_has_a_statement_where_the_clause_says_so(wording: str, said: bool) -> None:
    changes = (("agreement: referral", f"agreement: referral\nposition by topic: {{financial: {wording}}}"),)
    deal, _ = read_deal(reference(*changes[: wording != "balanced"]))
    document = draft_document(deal, built_in_library())
    book = read(tiny_book())
    memo = write_statement(StatementFacts(book, document, date(2026, 12, 31)))
    text = "\n".join(each_memo_text(memo))
    assert "Northshore pays Bay Rank\nnothing" in text
    assert ("It is sent even if nothing is due." in text) == said


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (
            "2035-01",
            '--period: the workbook has no period "2035-01"\n  hint: write it like 2027-03; there are 2026-12 to 2029-02',
        ),
        ("March", '--period: "March" is not a period'),
        ("2027-Q1", '--period: the workbook has no period "2027-Q1"'),
    ],
)
def test_a_period_that_is_none_is_refused(period: str, said: str, tmp_path: Path) -> None:
    done = run_here("statement", ROOT / "samples" / "referral.yaml", SAMPLE, "--period", period, "-o", tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_deal_with_other_terms_is_told_at_the_cell(tmp_path: Path) -> None:
    text = (ROOT / "samples" / "referral.yaml").read_text(encoding="utf-8")
    (tmp_path / "deal.yaml").write_text(text.replace("fee: 10%", "fee: 12%"), encoding="utf-8")
    done = run_here("statement", tmp_path / "deal.yaml", SAMPLE, "--period", "2027-04", "-o", tmp_path)
    assert done.returncode == 2
    assert 'referral-2027.xlsx:Terms!B13: Fee: the workbook has "10%", the deal "12%"' in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.xlsx", "there is no such file"),
        ("deal.csv", "a workbook's name ends with .xlsx"),
        ("text.xlsx", "this is not an Excel file"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("Leads", encoding="utf-8")
    done = run_here(
        "statement", ROOT / "samples" / "referral.yaml", tmp_path / name, "--period", "2027-04", "-o", tmp_path
    )
    assert done.returncode == 2
    assert said in done.stderr

"""Shared workbooks filled in by a test, and calculated by LibreOffice."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from conftest import need
from ledgers import BY_NAME, ends_of_periods

from agreementgen import pipeline
from agreementgen.dates.key_dates import KeyDate, list_key_dates
from agreementgen.deal.deal import Deal
from agreementgen.ledger.entries import Ledger
from agreementgen.ledger.entry_sheets import ENDED_CELL, BookSize, has_deductions
from agreementgen.ledger.referral_fees import count_movements, judge_lead, sum_periods
from agreementgen.ledger.sheet_parts import FIRST_ROW, Grid
from agreementgen.ledger.terms import ReferralTerms, read_terms
from agreementgen.ledger.workbook import BookPlan, plan_book, write_book
from agreementgen.library.loading import built_in_library

PERIODS = 18


@cache
def small_book(name: str) -> tuple[BookPlan, bytes]:
    """Return plan and file of a small workbook for the case of that name, without what nothing is computed from."""
    case = BY_NAME[name]
    deal, _ = read_deal(case.text)
    terms = read_terms(deal)
    size = BookSize(8, 70, ends_of_periods(case, PERIODS)[-1])
    plan = plan_book(terms, deal, {}, size)
    book = openpyxl.load_workbook(io.BytesIO(write_book(plan, deal, ())))
    del book["Goals"], book["Dates"]
    buffer = io.BytesIO()
    book.save(buffer)
    return plan, buffer.getvalue()


@cache
def read_deal(text: str) -> tuple[Deal, tuple[KeyDate, ...]]:
    deal = pipeline.read(text.encode(), "deal.yaml", built_in_library())
    return deal, list_key_dates(deal)


def fill_book(plan: BookPlan, empty: bytes, ledger: Ledger) -> bytes:
    """Return the workbook with a ledger typed into it."""
    book = openpyxl.load_workbook(io.BytesIO(empty))
    assert isinstance(plan.terms, ReferralTerms)
    assert plan.leads
    assert plan.payments
    assert plan.statement
    leads, payments, statement = book["Leads"], book["Payments"], book["Statement"]
    if ledger.ended:
        leads[ENDED_CELL] = ledger.ended
    for one in ledger.leads:
        typed = {"day": one.day, "from": one.referrer, "client": one.customer, "answer": one.answer or None,
                 "answered": one.answered, "won": one.won, "to": one.receiver or None, "sort": one.sort or None}  # fmt: skip
        type_row(leads, plan.leads, one.number, typed)
    paid = "paid" if plan.terms.earned_on == "payment" else "invoiced"
    for move in ledger.movements:
        typed = {"day": move.day, "what": paid if move.kind == "paid" else "refunded", "lead": move.lead,
                 "amount": move.amount, "of": move.refund_of or None}  # fmt: skip
        if has_deductions(plan.terms) and move.kind == "paid":
            typed["off"] = move.deductions
        type_row(payments, plan.payments, move.number, typed)
    for number, label in enumerate(plan.statement.labels, 1):
        settled = ledger.settled.get((label["last"], label["payer"], label["payee"]))
        cause = ledger.causes.get((label["last"], label["payer"], label["payee"]))  # type: ignore[arg-type]
        type_row(statement, plan.statement, number, {"settled": settled, "cause": cause})
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def type_row(sheet: Any, grid: Grid, number: int, typed: Mapping[str, object]) -> None:
    for key, value in typed.items():
        if value is not None:
            sheet[f"{grid.letters_of(key)}{FIRST_ROW + number - 1}"] = value


def calculate_books(files: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """Return workbooks as LibreOffice saves them, with the results of all formulas."""
    need("soffice")
    made = folder / "calculated"
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(made), *(str(folder / f"{name}.xlsx") for name in files)]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=600)
    return {name: (made / f"{name}.xlsx").read_bytes() for name in files}


def read_column(book: Any, grid: Grid, key: str) -> list[Any]:
    letters = grid.letters_of(key)
    values = [book[grid.name][f"{letters}{row}"].value for row in range(FIRST_ROW, FIRST_ROW + grid.count)]
    return [value.date() if isinstance(value, datetime) else "" if value is None else value for value in values]


def as_amounts(values: Iterable[Any]) -> list[Decimal]:
    return [Decimal(repr(value)) for value in values]


def as_days(values: Iterable[date | None]) -> list[date | str]:
    return [value or "" for value in values]


def list_differences(
    plan: BookPlan, data: bytes, ledger: Ledger, second: Mapping[Any, tuple[Fraction, Fraction]], last: date
) -> list[str]:
    """Return where a calculated workbook differs from the program, or from `second`: fee and charge of each period."""
    terms = plan.terms
    assert isinstance(terms, ReferralTerms)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    judged = [judge_lead(lead, terms, ledger.ended) for lead in ledger.leads]
    counted = count_movements(ledger, terms)
    sums = sum_periods(ledger, terms, counted, last)

    def column(grid_name: str, key: str, count: int) -> list[object]:
        return read_column(book, getattr(plan, grid_name), key)[:count]

    leads, moves = len(judged), len(counted)
    found = {
        "counts of leads": (column("leads", "counts", leads), [one.counts for one in judged]),
        "protected until": (column("leads", "until", leads), as_days(one.protected_until for one in judged)),
        "counts of payments": (column("payments", "counts", moves), [one.counts for one in counted]),
        "base so far": (as_amounts(column("payments", "so_far", moves)), [one.base_so_far for one in counted]),
        "fee so far": (as_amounts(column("payments", "owed", moves)), [one.fee_so_far for one in counted]),
        "fee": (as_amounts(column("payments", "fee", moves)), [one.fee for one in counted]),
        "payer": (column("payments", "payer", moves), [one.payer for one in counted]),
        "receives": (column("statement", "payee", len(sums)), [one.payee for one in sums]),
        "fees of periods": (as_amounts(column("statement", "fee", len(sums))), [one.fee for one in sums]),
        "late charges": (as_amounts(column("statement", "charge", len(sums))), [one.late_charge for one in sums]),
        "days due": (column("statement", "due", len(sums)), [one.due_by for one in sums]),
        "the second calculation": (
            [(Fraction(Decimal(repr(fee))), Fraction(Decimal(repr(charge)))) for fee, charge in
             zip(column("statement", "fee", len(sums)), column("statement", "charge", len(sums)), strict=True)],
            [second[one.last, one.payer, one.payee] for one in sums],
        ),
        "checks": (set(column("leads", "check", 8)) | set(column("payments", "check", moves)), {""}),
    }  # fmt: skip
    return [f"{what}: {got} is not {said}" for what, (got, said) in found.items() if got != said]

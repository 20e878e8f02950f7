"""The sheet of terms: what the formulas compute from, each with the clause that it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from agreementgen.core.document import Document
from agreementgen.core.values import Duration
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    HEAD,
    HEAD_ROW,
    HINT,
    PLAIN,
    RESULT,
    TITLE,
    day_format,
    find_heights,
    length_in_cells,
    money_format,
)
from agreementgen.ledger.terms import DealTerms, LeadTerms, ReferralTerms
from agreementgen.sheets.workbook_writer import NewCell, Sheet

TERMS = "Terms"
# The line that says how far periods are listed; a workbook that comes back is read with the same.
LISTED_TO = "Periods are listed to"
# The lines that say from when the terms of each amendment hold.
SINCE = re.compile(r"Terms [0-9]+ hold from")
PERCENT = "0.####%"
# For percentages that formulas come to: with "0.####%" Excel prints "60.%".
RATE = "0.0###%"


@dataclass(frozen=True)
class TermLine:
    """One value. `names` are what formulas call it; `stands_in` is where the agreement says it.

    `holds` says when, in a workbook whose terms were amended.
    """

    label: str
    value: str | date | int | Decimal
    unit: str = ""
    names: tuple[str, ...] = ()
    stands_in: str = ""
    number_format: str = ""
    holds: str = ""


def make_length_line(label: str, value: Duration, name: str, stands_in: str) -> TermLine:
    count, unit = length_in_cells(value)
    return TermLine(label, count, unit, (name,), stands_in, COUNT_FORMAT)


def list_places(document: Document) -> Mapping[str, str]:
    """Return where an agreement says things.

    The keys are topics for their clauses, "clause:" with the id of each wording that was chosen, and "row:" with the
    name of each row of the key terms.
    """
    rows = [row for pair in document.terms for row in (pair.left, pair.right) if row]
    return {
        **{clause.topic: f"Clause {clause.number}, {clause.heading}" for clause in document.clauses},
        **{f"clause:{clause.id}": f"Clause {clause.number}, {clause.heading}" for clause in document.clauses},
        **{f"row:{row.id}": f"Key terms, {row.label}" for row in rows},
    }


def find_stand(places: Mapping[str, str]) -> Callable[..., str]:
    """Return the function that says where terms stand, by topics and rows that may hold them."""
    return lambda *names: "; ".join(dict.fromkeys(places[name] for name in names if name in places))


def list_term_lines(
    terms: DealTerms, stands: Callable[..., str], roles: tuple[str, ...], more: tuple[TermLine, ...], is_paid: bool
) -> tuple[TermLine, ...]:
    """Return the terms of a deal; `more` are those of its accounts, and `is_paid` whether anything falls due."""
    return (
        *_each_line(terms, stands, more, is_paid),
        *(TermLine("Role", role, "", ("Roles",), "RACI chart") for role in roles),
    )


def _each_line(
    terms: DealTerms, stands: Callable[..., str], more: tuple[TermLine, ...], is_paid: bool
) -> Iterator[TermLine]:
    for number, party in enumerate(terms.parties, 1):
        yield TermLine(f"Party {number}", party, "", (f"Party{number}", "Parties"), "Parties")
    leads = terms if isinstance(terms, LeadTerms) else None
    for party in leads.referrers if leads else ():
        yield TermLine("Sends leads", party, "", ("Referrers",), stands("leads"))
    yield TermLine("Takes effect on", terms.effective, "", ("Effective",), stands("row:effective") or "Effective date",
                   day_format(terms.language))  # fmt: skip
    if leads:
        yield make_length_line("A lead must be answered within", leads.accepted_within, "AnswerWithin", stands("leads"))
        protected = "It is protected from acceptance for"
        yield make_length_line(protected, leads.protection, "Protection", stands("row:lead"))
    if leads and leads.tail:
        after = "After the end it is protected for at most"
        yield make_length_line(after, leads.tail, "Tail", stands("row:after", "exit"))
    if isinstance(terms, ReferralTerms):
        yield from _each_referral_line(terms, stands)
    yield from more
    if is_paid:
        yield from _each_payment_line(terms, stands)


def _each_referral_line(terms: ReferralTerms, stands: Callable[..., str]) -> Iterator[TermLine]:
    money = money_format(terms.digits)
    yield from _each_fee(terms, stands("row:fee", "financial"), money)
    if terms.window:
        what = "payment" if terms.earned_on == "payment" else "invoice"
        label = f"The fee is earned from the first {what} for"
        yield make_length_line(label, terms.window, "Window", stands("row:fee", "financial"))
    if terms.cap is not None:
        yield TermLine("At most for one client", terms.cap, terms.currency, ("Cap",), stands("row:fee"), money)
    if terms.annual_cap is not None:
        label = "At most from one party for a calendar year"
        yield TermLine(label, terms.annual_cap, terms.currency, ("AnnualCap",), stands("row:fee"), money)
    if terms.clawback:
        yield make_length_line("A refund cancels its fee within", terms.clawback, "Clawback", stands("financial"))


def _each_payment_line(terms: DealTerms, stands: Callable[..., str]) -> Iterator[TermLine]:
    where = stands("row:payment")
    if terms.every:
        yield TermLine("Counted for each", _PERIODS[terms.every], "", (), where)
    if terms.statement:
        yield make_length_line("Statement, after the end of each, within", terms.statement, "StatementAfter", where)
        yield make_length_line("Due, after the last day for the statement, within", terms.due, "DueAfter", where)
    else:
        yield make_length_line("Due, after that day, within", terms.due, "DueAfter", where)
    if terms.guarantee:
        label = f"{terms.guarantee.payer} pays at least, for each {_PERIODS[terms.guarantee.every]}"
        money = money_format(terms.digits)
        yield TermLine(label, terms.guarantee.amount, terms.currency, ("Guarantee",), stands("row:guarantee"), money)
    if terms.least_payout is not None:
        label = "Less than this is carried over"
        yield TermLine(label, terms.least_payout, terms.currency, ("LeastPayout",), where, money_format(terms.digits))
    yield TermLine("Charge on late sums", terms.late_charge / 100, "a month", ("LateCharge",), where, PERCENT)


_PERIODS = {"weekly": "week (Monday to Sunday)", "monthly": "month", "quarterly": "calendar quarter",
            "yearly": "calendar year"}  # fmt: skip


def _each_fee(terms: ReferralTerms, where: str, money: str) -> Iterator[TermLine]:
    percents, amounts = terms.percents, terms.amounts
    base = f"of {terms.base}" if terms.base else ""
    if terms.steps:
        by = "From client" if terms.steps_by == "clients" else "From"
        form, unit = (COUNT_FORMAT, "of the year") if terms.steps_by == "clients" else (money, terms.currency)
        for step in terms.steps:
            yield TermLine(by, step.start, unit, ("StepFrom",), where, form)
        for step in terms.steps:
            yield TermLine("Fee from there", step.percent / 100, base, ("StepFee",), where, PERCENT)
        below = Decimal(0)
        for step in terms.steps:
            if terms.steps_by == "amount" and not terms.whole_steps:
                more = (step.percent - below) / 100
                yield TermLine("That is more than below", more, "", ("StepMore",), "Computed", "0.####%")
            below = step.percent
        return
    of_each = percents or amounts
    if terms.by_sort:
        for sort in terms.sorts:
            yield TermLine("A fee is paid for", sort, "", ("FeeFor",), where)
        for sort, fee in of_each.items():
            unit, form = (base, PERCENT) if percents else (f"{terms.currency} for each client", money)
            yield TermLine(f"Fee for {sort}", fee / 100 if percents else fee, unit, ("FeeRate",), where, form)
        return
    same = len(set(of_each.values())) == 1
    for party, fee in of_each.items():
        number = terms.parties.index(party) + 1
        label = "Fee" if same else f"Fee that {party} pays"
        name = "Fee" if same else f"FeeOfParty{number}"
        if percents:
            yield TermLine(label, fee / 100, base, (name,), where, PERCENT)
        else:
            yield TermLine(label, fee, f"{terms.currency} for each client", (name,), where, money)
        if same:
            return


def make_terms_sheet(lines: tuple[TermLine, ...], paper: str, footer: str) -> Sheet:
    """Return the sheet of terms, which nobody changes."""
    hint = "What the other sheets compute from. It cannot be changed here: the agreement says it, at the place named."
    is_amended = any(line.holds for line in lines)
    heads = tuple(
        NewCell(head, HEAD) for head in ("Term", "Value", "Unit", "Stands in", *(("Holds",) if is_amended else ()))
    )
    rows = tuple(
        (
            NewCell(line.label, RESULT),
            NewCell(line.value, replace(PLAIN, at_right=not isinstance(line.value, str)), _format_of(line)),
            NewCell(line.unit, RESULT),
            NewCell(line.stands_in, RESULT),
            *((NewCell(line.holds, RESULT),) if is_amended else ()),
        )
        for line in lines
    )
    widths = (42, 20, 24, 48, *((32,) if is_amended else ()))
    last = "E" if is_amended else "D"
    return Sheet(
        TERMS,
        ((NewCell("Terms", TITLE),), (NewCell(hint, HINT),), (None,), heads, *rows),
        widths,
        heights=(22, 28, 10, 18, *find_heights(rows, widths)),
        first_scrolled=f"A{HEAD_ROW + 1}",
        repeated_rows=HEAD_ROW,
        merged=(f"A1:{last}1", f"A2:{last}2"),
        paper=paper,
        footer=footer,
        is_protected=True,
        print_area=f"A1:{last}{HEAD_ROW + len(lines)}",
    )


def _format_of(line: TermLine) -> str:
    """Return the number format of a value: of a percentage with as many decimals as it has."""
    if not line.number_format.endswith("%") or not isinstance(line.value, Decimal):
        return line.number_format
    decimals = max(0, -int((line.value * 100).normalize().as_tuple().exponent))
    return f"0.{'0' * decimals}%" if decimals else "0%"


def name_term_cells(lines: tuple[TermLine, ...]) -> tuple[tuple[str, str], ...]:
    """Return the names of the cells; lines of one name stand below each other and are one area."""
    rows: dict[str, list[int]] = {}
    for row, line in enumerate(lines, HEAD_ROW + 1):
        for name in line.names:
            rows.setdefault(name, []).append(row)
    return tuple(
        (
            name,
            f"{TERMS}!$B${found[0]}" + (f":$B${found[-1]}" if is_list(name) else ""),
        )
        for name, found in rows.items()
    )


def is_list(name: str) -> bool:
    """Return whether a name is that of several cells."""
    stem = re.sub(r"_[0-9]+$", "", name)
    return stem in _LISTS or stem.startswith("CostShare")


_LISTS = ("Since", "Parties", "Referrers", "Roles", "StepFrom", "StepFee", "StepMore", "TierName", "TierShare",
          "CostItem", "CostLimit", "GoodsItem", "GoodsPrice", "FeeFor", "FeeRate")  # fmt: skip

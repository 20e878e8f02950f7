"""The sheet of terms: what the formulas compute from, each with the clause that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from agreementgen.core.document import Document
from agreementgen.core.values import Duration
from agreementgen.ledger.sheet_parts import (
    HEAD,
    HEAD_ROW,
    HINT,
    PLAIN,
    RESULT,
    TITLE,
    day_format,
    length_in_cells,
    money_format,
)
from agreementgen.ledger.terms import ReferralTerms
from agreementgen.sheets.workbook_writer import NewCell, Sheet

TERMS = "Terms"
_PERCENT = "0.####%"


@dataclass(frozen=True)
class TermLine:
    """One value. `names` are what formulas call it; `stands_in` is where the agreement says it."""

    label: str
    value: str | date | int | Decimal
    unit: str = ""
    names: tuple[str, ...] = ()
    stands_in: str = ""
    number_format: str = ""


def list_places(document: Document) -> Mapping[str, str]:
    """Return where an agreement says things: by topic its clause, by "row:" and its name a row of the key terms."""
    rows = [row for pair in document.terms for row in (pair.left, pair.right) if row]
    return {
        **{clause.topic: f"Clause {clause.number}, {clause.heading}" for clause in document.clauses},
        **{f"row:{row.id}": f"Key terms, {row.label}" for row in rows},
    }


def list_term_lines(
    terms: ReferralTerms, places: Mapping[str, str], roles: tuple[str, ...], language: str
) -> tuple[TermLine, ...]:
    return tuple(_each_line(terms, places, roles, language))


def _each_line(
    terms: ReferralTerms, places: Mapping[str, str], roles: tuple[str, ...], language: str
) -> Iterator[TermLine]:
    money = money_format(terms.digits)

    def stands(*names: str) -> str:
        return "; ".join(dict.fromkeys(places[name] for name in names if name in places))

    def length(label: str, value: Duration, name: str, *where: str) -> TermLine:
        count, unit = length_in_cells(value)
        return TermLine(label, count, unit, (name,), stands(*where), "0")

    for number, party in enumerate(terms.parties, 1):
        yield TermLine(f"Party {number}", party, "", (f"Party{number}", "Parties"), "Parties")
    for party in terms.referrers:
        yield TermLine("Sends leads", party, "", ("Referrers",), stands("leads"))
    yield TermLine("Takes effect on", terms.effective, "", ("Effective",), stands("row:effective") or "Effective date",
                   day_format(language))  # fmt: skip
    yield length("A lead must be answered within", terms.accepted_within, "AnswerWithin", "leads")
    yield length("It is protected from acceptance for", terms.protection, "Protection", "row:lead")
    if terms.tail:
        yield length("After the end it is protected for at most", terms.tail, "Tail", "row:after", "exit")
    yield from _each_fee(terms, stands("row:fee", "financial"), money)
    if terms.window:
        what = "payment" if terms.earned_on == "payment" else "invoice"
        yield length(f"The fee is earned from the first {what} for", terms.window, "Window", "row:fee", "financial")
    if terms.cap is not None:
        yield TermLine("At most for one client", terms.cap, terms.currency, ("Cap",), stands("row:fee"), money)
    if terms.annual_cap is not None:
        label = "At most from one party for a calendar year"
        yield TermLine(label, terms.annual_cap, terms.currency, ("AnnualCap",), stands("row:fee"), money)
    if terms.clawback:
        yield length("A refund cancels its fee within", terms.clawback, "Clawback", "financial")
    yield TermLine("Counted for each", "calendar quarter" if terms.every == "quarterly" else "month", "", (),
                   stands("row:payment"))  # fmt: skip
    yield length("Statement, after the end of each, within", terms.statement, "StatementAfter", "row:payment")
    yield length("Due, after the last day for the statement, within", terms.due, "DueAfter", "row:payment")
    late = terms.late_charge / 100
    yield TermLine("Charge on late sums", late, "a month", ("LateCharge",), stands("row:payment"), _PERCENT)
    for role in roles:
        yield TermLine("Role", role, "", ("Roles",), "RACI chart")


def _each_fee(terms: ReferralTerms, where: str, money: str) -> Iterator[TermLine]:
    percents, amounts = terms.percents, terms.amounts
    base = f"of {terms.base}" if terms.base else ""
    if terms.steps:
        by = "From client" if terms.steps_by == "clients" else "From"
        form, unit = ("0", "of the year") if terms.steps_by == "clients" else (money, terms.currency)
        for step in terms.steps:
            yield TermLine(by, step.start, unit, ("StepFrom",), where, form)
        for step in terms.steps:
            yield TermLine("Fee from there", step.percent / 100, base, ("StepFee",), where, _PERCENT)
        below = Decimal(0)
        for step in terms.steps:
            if terms.steps_by == "amount" and not terms.whole_steps:
                more = (step.percent - below) / 100
                yield TermLine("That is more than below", more, "", ("StepMore",), "Computed", "0.####%")
            below = step.percent
        return
    of_each = percents or amounts
    same = len(set(of_each.values())) == 1
    for party, fee in of_each.items():
        number = terms.parties.index(party) + 1
        label = "Fee" if same else f"Fee that {party} pays"
        name = "Fee" if same else f"FeeOfParty{number}"
        if percents:
            yield TermLine(label, fee / 100, base, (name,), where, _PERCENT)
        else:
            yield TermLine(label, fee, f"{terms.currency} for each client", (name,), where, money)
        if same:
            return


def make_terms_sheet(lines: tuple[TermLine, ...], paper: str, footer: str) -> Sheet:
    """Return the sheet of terms, which nobody changes."""
    hint = "What the other sheets compute from. It cannot be changed here: the agreement says it, at the place named."
    heads = tuple(NewCell(head, HEAD) for head in ("Term", "Value", "Unit", "Stands in"))
    rows = tuple(
        (
            NewCell(line.label, RESULT),
            NewCell(line.value, replace(PLAIN, at_right=not isinstance(line.value, str)), line.number_format),
            NewCell(line.unit, RESULT),
            NewCell(line.stands_in, RESULT),
        )
        for line in lines
    )
    return Sheet(
        TERMS,
        ((NewCell("Terms", TITLE),), (NewCell(hint, HINT),), (None,), heads, *rows),
        (42, 20, 24, 48),
        heights=(22, 28, 10, 18),
        first_scrolled=f"A{HEAD_ROW + 1}",
        repeated_rows=HEAD_ROW,
        merged=("A1:D1", "A2:D2"),
        paper=paper,
        footer=footer,
        is_protected=True,
        print_area=f"A1:D{HEAD_ROW + len(lines)}",
    )


def name_term_cells(lines: tuple[TermLine, ...]) -> tuple[tuple[str, str], ...]:
    """Return the names of the cells; lines of one name stand below each other and are one area."""
    rows: dict[str, list[int]] = {}
    for row, line in enumerate(lines, HEAD_ROW + 1):
        for name in line.names:
            rows.setdefault(name, []).append(row)
    return tuple(
        (name, f"{TERMS}!$B${found[0]}" + (f":$B${found[-1]}" if name in _LISTS else ""))
        for name, found in rows.items()
    )


_LISTS = ("Parties", "Referrers", "Roles", "StepFrom", "StepFee", "StepMore")

"""The shared workbook of a deal: its sheets, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreementgen.core.counting import add
from agreementgen.core.document import Document
from agreementgen.core.values import Duration
from agreementgen.dates.key_dates import KeyDate
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.ledger.entry_sheets import (
    ENDED_CELL,
    LEADS,
    BookSize,
    make_leads_grid,
    make_payments_grid,
    make_statement_grid,
)
from agreementgen.ledger.sheet_parts import Grid, write_grid
from agreementgen.ledger.talk_sheets import make_dates_sheet, make_goals_sheet, make_reviews_grid
from agreementgen.ledger.terms import ReferralTerms
from agreementgen.ledger.terms_sheet import (
    TermLine,
    list_term_lines,
    make_terms_sheet,
    name_term_cells,
)
from agreementgen.library.library import Library
from agreementgen.sheets.workbook_writer import Workbook, write_xlsx

_MOST_MONTHS = 60


@dataclass(frozen=True)
class BookPlan:
    """What stands where in the workbook of a deal: what is written, and what is looked for when it comes back."""

    terms: ReferralTerms
    lines: tuple[TermLine, ...]
    leads: Grid
    payments: Grid
    statement: Grid


def plan_book(terms: ReferralTerms, deal: Deal, places: Mapping[str, str], size: BookSize) -> BookPlan:
    """Return the plan of a workbook; `places` says where the agreement says things (terms_sheet.list_places)."""
    return BookPlan(
        terms,
        list_term_lines(terms, places, _list_roles(deal), deal.language),
        make_leads_grid(terms, size, deal.language),
        make_payments_grid(terms, size, deal.language),
        make_statement_grid(terms, size, deal.language),
    )


def choose_size(
    deal: Deal, terms: ReferralTerms, dates: Sequence[KeyDate], leads: int = 0, payments: int = 0
) -> BookSize:
    """Return as many rows as the goal of the deal asks for, or those that are given."""
    a_month = find_fact("leads.a_month", deal.facts) or 4
    months = max(1, round((find_end(terms, dates) - terms.effective).days / 30))
    wished = min(300, max(40, a_month * months * len(terms.referrers) * 5 // 4))
    return BookSize(leads or wished, payments or min(600, wished * 2), _last_day(terms, dates))


def draft_document(deal: Deal, library: Library) -> Document:
    """Return the agreement of a deal, of which `list_places` makes the places that `plan_book` takes."""
    outline = library.outline_of_deal(deal)
    return draft_agreement(deal, library, outline, select_clauses(deal, library, outline))


def find_end(terms: ReferralTerms, dates: Sequence[KeyDate]) -> date:
    """Return the first planned end of the deal, a year after its beginning where it has none."""
    ends = [one.day for one in dates if one.id in ("term-end", "end-event", "pilot-end") and one.day]
    return max(ends, default=add(terms.effective, Duration(12, "month")))


def _last_day(terms: ReferralTerms, dates: Sequence[KeyDate]) -> date:
    """Return the last day on which a fee can be earned, as far as the days of the deal are known."""
    ends = [one.day for one in dates if one.id.startswith("term-end") and one.day]
    last = max(ends, default=find_end(terms, dates))
    for length in (terms.tail, terms.window):
        last = add(last, length) if length else last
    return min(last, add(terms.effective, Duration(_MOST_MONTHS, "month")))


def write_book(plan: BookPlan, deal: Deal, dates: Sequence[KeyDate]) -> bytes:
    """Return the workbook as XLSX."""
    paper = str(deal.facts["paper"])
    footer = f"{' / '.join(plan.terms.parties)}: shared record of the referral agreement"
    reviews = make_reviews_grid(deal, plan.terms, dates, bool(deal.matrix))
    goals = make_goals_sheet(deal, plan.terms, find_end(plan.terms, dates), paper, footer)
    sheets = [write_grid(grid, paper, footer) for grid in (plan.leads, plan.payments, plan.statement)]
    sheets += [goals] if goals else []
    sheets += [write_grid(reviews, paper, footer)] if reviews else []
    sheets += [make_dates_sheet(dates, deal.language, paper, footer), make_terms_sheet(plan.lines, paper, footer)]
    return write_xlsx(
        Workbook("Shared record: " + footer.split(":")[0], tuple(sheets), plan.terms.effective, _list_names(plan))
    )


def _list_names(plan: BookPlan) -> tuple[tuple[str, str], ...]:
    leads, payments = plan.leads, plan.payments
    of_leads = {"LeadNo": "no", "LeadDay": "day", "LeadFrom": "from", "LeadClient": "client", "LeadWon": "won",
                "LeadAccepted": "accepted", "LeadCounts": "counts", "LeadEnds": "ends"}  # fmt: skip
    of_payments = {"PaidDay": "day", "PaidLead": "lead", "PaidBy": "payer", "PaidBase": "base", "PaidFee": "fee"}
    column, row = ENDED_CELL[0], ENDED_CELL[1:]
    return (
        *name_term_cells(plan.lines),
        ("EndedOn", f"{LEADS}!${column}${row}"),
        *((name, leads.area_of(key)) for name, key in of_leads.items() if leads.has(key)),
        *((name, payments.area_of(key)) for name, key in of_payments.items()),
    )


def _list_roles(deal: Deal) -> tuple[str, ...]:
    return tuple(role.name for role in deal.matrix.roles) if deal.matrix else ()

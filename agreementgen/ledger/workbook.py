"""The shared workbook of a deal: its sheets, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from agreementgen.core.counting import add
from agreementgen.core.document import Document
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Duration
from agreementgen.dates.key_dates import KeyDate
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.ledger import shared_sales, venture_terms
from agreementgen.ledger.accounts import Account
from agreementgen.ledger.amended import (
    LaterDeal,
    Versions,
    find_new_names,
    join_lines,
    join_terms,
    merge_all_accounts,
)
from agreementgen.ledger.entry_sheets import (
    ENDED_CELL,
    BookSize,
    make_leads_grid,
    make_payments_grid,
    with_check_highlight,
    with_end_cell,
)
from agreementgen.ledger.fixed_fees import make_fees_account, make_partner_fees_account
from agreementgen.ledger.resale_orders import make_orders_account
from agreementgen.ledger.shared_costs import make_costs_account
from agreementgen.ledger.sheet_parts import Grid, day_format, write_grid
from agreementgen.ledger.sum_sheets import make_balance_grid, make_statement_grid
from agreementgen.ledger.supply_orders import make_supply_account
from agreementgen.ledger.talk_sheets import make_dates_sheet, make_goals_sheet, make_reviews_grid, name_goal_cells
from agreementgen.ledger.terms import (
    DealTerms,
    LeadTerms,
    ReferralTerms,
    read_deal_terms,
    read_lead_terms,
    read_terms,
    refuse_term,
)
from agreementgen.ledger.terms_sheet import (
    LISTED_TO,
    TermLine,
    find_stand,
    list_term_lines,
    make_terms_sheet,
    name_term_cells,
)
from agreementgen.ledger.venture_money import make_venture_accounts
from agreementgen.ledger.venture_terms import VentureTerms, read_venture_terms
from agreementgen.library.library import Library
from agreementgen.sheets.workbook_writer import Sheet, Workbook, write_xlsx

# How far periods are listed at most, of itself and when it is asked for.
_MOST_MONTHS, _MOST_MONTHS_ASKED = 60, 180
_KINDS = {"joint-venture": "joint venture"}


@dataclass(frozen=True)
class BookPlan:
    """What stands where in the workbook of a deal: what is written, and what is looked for when it comes back.

    `leads` is there where the deal speaks of leads, `payments` for referral fees, `statement` where sums of periods are
    paid, `balance` where rows are paid one by one, and `venture` for a joint venture.
    """

    terms: DealTerms
    lines: tuple[TermLine, ...]
    leads: Grid | None
    payments: Grid | None
    accounts: tuple[Account, ...]
    statement: Grid | None
    balance: Grid | None
    # What the cells of the last terms are called, where an amendment changed them.
    names: Mapping[str, str] = field(default_factory=dict)
    venture: VentureTerms | None = None

    @property
    def periods(self) -> tuple[Grid, str] | None:
        """The sheet whose rows have the periods of statements, and how long they are; None where there are none."""
        if self.statement:
            return self.statement, self.terms.every
        of_rows = next(((account.grid, account.periods) for account in self.accounts if account.periods), None)
        # What is paid row by row is added up by months.
        return of_rows or ((self.balance, "monthly") if self.balance else None)

    @property
    def grids(self) -> tuple[Grid, ...]:
        """All sheets of rows that are read back, in their order."""
        own = (grid for account in self.accounts for grid in (account.grid, *(one.grid for one in account.overviews)))
        return tuple(grid for grid in (self.leads, self.payments, *own, self.statement, self.balance) if grid)

    @property
    def end_sheet(self) -> str:
        """The sheet that has the day on which the agreement ended, "" where none needs it."""
        if self.leads:
            return self.leads.name
        return next((account.grid.name for account in self.accounts if account.asks_end), "")


def read_book_terms(deal: Deal, signed: date | None = None) -> DealTerms:
    """Return the terms of a deal that its workbook computes from; raise InputError with all that it does not cover."""
    model = _model_of(deal)
    if model == "referral fee":
        return read_terms(deal, signed)
    problems: list[Problem] = []
    if model in ("revenue share", "commission"):
        problems = [
            refuse_term(deal, what, f"financial.{name.replace('_', ' ')}", hint)
            for what, name, hint in shared_sales.list_what_is_not_covered(deal)
        ]
    by_hand = "keep this part of the record by hand"
    if find_fact("prices.other_percentages", deal.facts):
        problems.append(refuse_term(deal, "percentages of single products", "prices.other percentages", by_hand))
    if (each := find_fact("financial.each", deal.facts)) in ("hour", "day"):
        problems.append(refuse_term(deal, f"work paid by the {each}", "financial.each", by_hand))
    if model == "profit and loss":
        problems = [refuse_term(deal, *refused) for refused in venture_terms.list_what_is_not_covered(deal)]
    if problems:
        raise InputError(problems)
    return read_lead_terms(deal, signed) if find_fact("leads.direction", deal.facts) else read_deal_terms(deal, signed)


def plan_book(
    terms: DealTerms, deal: Deal, places: Mapping[str, str], size: BookSize, later: Sequence[LaterDeal] = ()
) -> BookPlan:
    """Return the plan of a workbook; `places` says where the agreement says things (terms_sheet.list_places).

    `later` are the deals as amendments made it, in their order; raise InputError where one workbook cannot tell both.
    """
    first, terms = terms, join_terms(terms, deal, later) if later else terms
    deals = ((deal, places, first), *((one.deal, one.places, one.terms) for one in later))
    stands_of = [find_stand(of) for _, of, _ in deals]
    made = [
        tuple(_make_accounts(own, of, stands, size, terms.starts[1:]))
        for (own, _, of), stands in zip(deals, stands_of, strict=True)
    ]
    is_paid = isinstance(terms, ReferralTerms) or any(one.flows for one in made[0])
    lines = [
        list_term_lines(of, stands, _list_roles(own), tuple(line for one in accounts for line in one.lines), is_paid)
        for (own, _, of), stands, accounts in zip(deals, stands_of, made, strict=True)
    ]
    names = find_new_names(lines)
    accounts = tuple(_finish_account(one, terms) for one in merge_all_accounts(made, terms, names, later))
    listed = TermLine(LISTED_TO, size.until, "", (), "Sheet Dates", day_format(terms.language),
                      "throughout" if later else "")  # fmt: skip
    versions: Versions[Any] = Versions(tuple(zip(terms.versions, names, strict=True)))
    return BookPlan(
        terms,
        (*join_lines(terms, lines), listed),
        make_leads_grid(versions, size, deal.language) if isinstance(terms, LeadTerms) else None,
        make_payments_grid(versions, size, deal.language) if isinstance(terms, ReferralTerms) else None,
        accounts,
        make_statement_grid(terms, accounts, size.until, names),
        make_balance_grid(terms, accounts, _last_of_rows(accounts, size.until)),
        names[-1],
        read_venture_terms(deal, terms) if _model_of(deal) == "profit and loss" else None,
    )


def list_what_is_left_out(deal: Deal, places: Mapping[str, str]) -> Iterator[str]:
    """Yield what of a deal's money has no sheet, for whoever keeps the workbook; `places` as for plan_book."""
    facts = deal.facts
    model = _model_of(deal)
    if model != "resale discount" and find_fact("prices.partner_pays", facts):
        yield "what the partner pays besides is not in it"
    if model != "resale discount" and find_fact("minimums.minimum", facts):
        yield "the yearly minimum is not in it"
    if find_fact("promises.other_payments", facts):
        yield "what is paid besides is not in it"
    if find_fact("minimums.minimum.rise", facts):
        yield "the yearly minimum is that of the first year"
    if find_fact("financial.yearly_change", facts):
        yield "the yearly change of the sum is not in it"
    if find_fact("financial.with_the_order", facts):
        yield "what is paid with the order is shown as due with the rest"
    if find_fact("financial.early_payment", facts):
        yield "what is taken off for early payment is not in it"
    if find_fact("goods.take_or_pay", facts):
        yield "what may be invoiced for goods that were not taken is shown, but not added to the balance"
    if "clause:service-buyer" in places:
        yield "the credit for a missed delivery is not in it: missed ones are marked, and invoiced in full"
    if find_fact("contributions.late", facts) == "smaller share":
        yield "a share that a late contribution made smaller is not in it: all is divided by the shares agreed"
    if find_fact("contributions.more", facts):
        yield "what is called up later is not in it: only the contributions that were promised have lines"
    if model == "profit and loss" and find_fact("distributions.tax", facts):
        yield "advances for tax are not in it: the agreement names no rate for them"
    if any(one["kind"] == venture_terms.GUARANTEE for one in find_fact("contributions.promised", facts) or ()):
        yield "what is paid on a guarantee is not in it: the guarantee itself is no money put in"


def _make_accounts(
    deal: Deal, terms: DealTerms, stands: Callable[..., str], size: BookSize, changes: Sequence[date]
) -> Iterator[Account]:
    """Yield all ways in which money is counted under a deal, apart from fees for referrals.

    `changes` are the days from which amendments hold.
    """
    match _model_of(deal):
        case "revenue share" | "commission":
            yield shared_sales.make_sales_account(deal, terms, stands, size.payments)
        case "fixed fee" | "sponsorship":
            yield make_fees_account(deal, terms, stands, size.until, size.payments, changes)
        case "resale discount":
            yield make_orders_account(deal, terms, stands, size.until, size.payments)
            if find_fact("prices.partner_pays", deal.facts):
                yield make_partner_fees_account(deal, terms, stands, size.until)
        case "supply price":
            yield make_supply_account(deal, terms, stands, size.until, size.payments)
        case "profit and loss":
            yield from make_venture_accounts(deal, terms, stands, size.until, size.payments)
    if find_fact("financial.shared_costs", deal.facts):
        yield make_costs_account(deal, terms, stands, size.payments)


def _model_of(deal: Deal) -> str:
    return str(find_fact("financial.model", deal.facts) or "none")


def _finish_account(account: Account, terms: DealTerms) -> Account:
    grid = with_check_highlight(account.grid)
    asks = account.asks_end and not isinstance(terms, LeadTerms)
    return replace(account, grid=with_end_cell(grid, day_format(terms.language)) if asks else grid)


def _last_of_rows(accounts: Sequence[Account], until: date) -> date:
    """Return the last day that a row can belong to: the end of the last period with a row of its own, if later."""
    days = [label.get("last") for account in accounts for label in account.grid.labels]
    return max([until, *(day for day in days if isinstance(day, date))])


def choose_size(
    deal: Deal,
    terms: DealTerms,
    dates: Sequence[KeyDate],
    leads: int = 0,
    payments: int = 0,
    until: date | None = None,
) -> BookSize:
    """Return as many rows as the goal of the deal asks for, or those that are given.

    Periods are listed up to `until`, or to the last day that can be told; raise InputError where it is no day for that.
    """
    if until:
        most = add(terms.effective, Duration(_MOST_MONTHS_ASKED, "month"))
        if not terms.effective <= until <= most:
            message = f"{until} is not between {terms.effective}, when the agreement takes effect, and {most}"
            raise InputError(
                Problem(message, "give the day to which you keep this workbook", "--until", code="out-of-limits")
            )
    a_month = find_fact("leads.a_month", deal.facts) or 4
    months = max(1, round((find_end(terms, dates) - terms.effective).days / 30))
    senders = len(terms.referrers) if isinstance(terms, LeadTerms) else 2
    wished = min(300, max(40, a_month * months * senders * 5 // 4))
    return BookSize(leads or wished, payments or min(600, wished * 2), until or _last_day(terms, dates))


def draft_document(deal: Deal, library: Library, numbers: dict[str, int] | None = None) -> Document:
    """Return the agreement of a deal, of which `list_places` makes the places that `plan_book` takes.

    `numbers` has those of the clauses of versions before it, which an amendment leaves as they are; new ones are added.
    """
    outline = library.outline_of_deal(deal)
    selection = select_clauses(deal, library, outline)
    if numbers is None:
        return draft_agreement(deal, library, outline, selection)
    for clause in selection.clauses:
        numbers.setdefault(clause.topic, len(numbers) + 1)
    return draft_agreement(deal, library, outline, selection, numbers=numbers)


def find_end(terms: DealTerms, dates: Sequence[KeyDate]) -> date:
    """Return the first planned end of the deal, a year after its beginning where it has none."""
    ends = [one.day for one in dates if one.id in ("term-end", "end-event", "pilot-end") and one.day]
    return max(ends, default=add(terms.effective, Duration(12, "month")))


def _last_day(terms: DealTerms, dates: Sequence[KeyDate]) -> date:
    """Return the last day on which anything can be earned, as far as the days of the deal are known."""
    ends = [one.day for one in dates if one.id.startswith("term-end") and one.day]
    last = max(ends, default=find_end(terms, dates))
    tail = terms.tail if isinstance(terms, LeadTerms) else None
    for length in (tail, terms.window if isinstance(terms, ReferralTerms) else None):
        last = add(last, length) if length else last
    return min(last, add(terms.effective, Duration(_MOST_MONTHS, "month")))


def write_book(
    plan: BookPlan,
    deal: Deal,
    dates: Sequence[KeyDate],
    later: Sequence[LaterDeal] = (),
    fill: Callable[[Sequence[Sheet]], Sequence[Sheet]] = lambda sheets: sheets,
) -> bytes:
    """Return the workbook as XLSX; `dates` are those of the deal as it was amended last.

    `fill` types what is known into the sheets.
    """
    deals = (deal, *(one.deal for one in later))
    paper = str(deal.facts["paper"])
    footer = f"{' / '.join(plan.terms.parties)}: shared record of the {_KINDS.get(deal.kind, deal.kind)} agreement"
    owners = plan.names.get("Roles", "Roles") if deals[-1].matrix else "Parties"
    goals = make_goals_sheet(deals, plan.terms, find_end(plan.terms, dates), paper, footer)
    reviews = make_reviews_grid(plan.terms, plan.accounts, dates, owners, bool(goals))
    sheets = [write_grid(grid, paper, footer) for grid in plan.grids]
    sheets += [goals] if goals else []
    of_goals = name_goal_cells(goals) if goals else ()
    sheets += [write_grid(reviews, paper, footer)] if reviews else []
    sheets += [make_dates_sheet(dates, deal.language, paper, footer), make_terms_sheet(plan.lines, paper, footer)]
    return write_xlsx(
        Workbook(
            "Shared record: " + footer.split(":")[0],
            tuple(fill(sheets)),
            plan.terms.effective,
            (*_list_names(plan), *of_goals),
        )
    )


_OF_LEADS = {"LeadNo": "no", "LeadDay": "day", "LeadFrom": "from", "LeadTo": "to", "LeadSort": "sort",
             "LeadClient": "client", "LeadWon": "won", "LeadAccepted": "accepted", "LeadCounts": "counts",
             "LeadFirst": "first", "LeadEnds": "ends"}  # fmt: skip
_OF_PAYMENTS = {"PaidDay": "day", "PaidLead": "lead", "PaidBy": "payer", "PaidTo": "payee", "PaidBase": "base",
                "PaidFee": "fee"}  # fmt: skip


def _list_names(plan: BookPlan) -> tuple[tuple[str, str], ...]:
    named: list[tuple[Grid | None, Mapping[str, str]]] = [(plan.leads, _OF_LEADS), (plan.payments, _OF_PAYMENTS)]
    named += [(account.grid, account.names) for account in plan.accounts]
    named += [(one.grid, one.names) for account in plan.accounts for one in account.overviews]
    areas = tuple(
        (name, grid.area_of(key)) for grid, keys in named if grid for name, key in keys.items() if grid.has(key)
    )
    ended = (("EndedOn", f"{plan.end_sheet}!${ENDED_CELL[0]}${ENDED_CELL[1:]}"),) if plan.end_sheet else ()
    return (*name_term_cells(plan.lines), *ended, *areas)


def _list_roles(deal: Deal) -> tuple[str, ...]:
    return tuple(role.name for role in deal.matrix.roles) if deal.matrix else ()

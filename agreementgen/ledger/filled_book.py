"""Reads a filled workbook: what was typed as a ledger, and whether its terms, formulas and results are still right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.problems import InputError, Place, Problem, quote_text, suggest_nearest
from agreementgen.core.values import Unreadable, read_date, read_number
from agreementgen.ledger.accounts import Account, CountedEntry, Entry, list_directions, sum_account_periods
from agreementgen.ledger.entries import ACCEPTED, IN_TALKS, NOT_NEW, OUT_OF_SCOPE, Lead, Ledger, Movement
from agreementgen.ledger.entry_sheets import ENDED_CELL, BookSize, has_deductions
from agreementgen.ledger.filled_cells import (
    FilledCells,
    check_frame,
    list_parties,
    normalize,
    other_deal_error,
    read_size,
    refuse_other_amendments,
)
from agreementgen.ledger.referral_fees import (
    COUNTS,
    CountedMovement,
    JudgedLead,
    PeriodSum,
    count_movements,
    fee_ends_on,
    find_guarantee,
    find_guaranteed_period,
    judge_lead,
    sum_periods,
)
from agreementgen.ledger.sheet_parts import FIRST_ROW, Column, Grid
from agreementgen.ledger.sum_sheets import BEYOND_CONTROL, OWN_DOING
from agreementgen.ledger.terms import LeadTerms, ReferralTerms
from agreementgen.ledger.terms_sheet import TERMS
from agreementgen.ledger.workbook import BookPlan
from agreementgen.sheets.cells import CHART_LIMITS, Cell
from agreementgen.sheets.table_reader import read_formulas, read_sheets

_AGAIN_LATER = "write the workbook anew with --until and a later day, and --from with this file"


@dataclass(frozen=True)
class FilledBook:
    """What a workbook says, with what it comes to.

    `counted` are the payments of a referral deal, `accounts` the rows of other sheets by name. `sums` are what is
    paid by the period. `disputed` has the reasons by sheet and number of the row. `is_calculated` is whether it holds
    results, which were then compared with ours. `remarks` are what a person should look at: rows that nobody sees, or
    that stand there twice. `overviews` are the rows of sheets that follow from others.
    """

    plan: BookPlan
    ledger: Ledger
    leads: tuple[JudgedLead, ...]
    counted: tuple[CountedMovement, ...]
    accounts: Mapping[str, tuple[CountedEntry, ...]]
    sums: tuple[PeriodSum, ...]
    disputed: Mapping[tuple[str, int], str]
    is_calculated: bool
    remarks: tuple[Problem, ...] = ()
    overviews: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


def read_filled_book(data: bytes, name: str, plan_for: Callable[[BookSize], BookPlan]) -> FilledBook:
    """Return what a filled workbook says; raise InputError with every problem, each at its cell.

    `plan_for` makes the plan of the workbook as the deal has it now, in the size of the file.
    """
    sheets = {table.title: table for table in read_sheets(data, name, CHART_LIMITS)}
    book = FilledCells(name, sheets)
    plan = plan_for(read_size(book))
    # One other name is a slip, and is told at its cell; all are another deal, in which nothing is to be "put back".
    if (named := list_parties(book)) and not set(named) & set(plan.terms.parties):
        raise other_deal_error(book)
    missing = [title for title in (*(grid.name for grid in plan.grids), TERMS) if title not in sheets]
    if missing:
        sheets_are = f"sheet {missing[0]} is" if len(missing) == 1 else f"sheets {', '.join(missing)} are"
        message = f"the {sheets_are} missing: this is not the workbook of this deal"
        hint = (
            'name the file that "agreementgen workbook" wrote, filled in and saved as .xlsx; a sheet keeps '
            "its name, and may not be hidden"
        )
        raise InputError(Problem(message, hint, "", Place(name), code="table-sheet-missing"))
    refuse_other_amendments(book, plan)
    reader = _BookReader(book, plan, read_formulas(data, name))
    return reader.read()


class _BookReader:
    """Reads one workbook and keeps all problems."""

    def __init__(self, book: FilledCells, plan: BookPlan, formulas: Mapping[str, Mapping[str, str]]) -> None:
        self._book = book
        self._plan = plan
        self._terms = plan.terms
        self._formulas = formulas
        self._problems: list[Problem] = []
        self._remarks: list[Problem] = []
        self._covered: frozenset[tuple[str, int, int]] = frozenset()

    def read(self) -> FilledBook:
        plan = self._plan
        frame = check_frame(self._book, plan, self._formulas)
        self._problems += frame.problems
        self._remarks += frame.remarks
        self._covered = frame.covered
        if frame.is_moved:
            self._stop()
        ended = self._read_ended()
        leads = tuple(self._each_lead(plan.terms)) if isinstance(plan.terms, LeadTerms) else ()
        movements: tuple[Movement, ...] = ()
        if isinstance(plan.terms, ReferralTerms):
            movements = tuple(self._each_movement(plan.terms, {lead.number: lead for lead in leads}))
        entries = {account.grid.name: self._read_entries(account) for account in plan.accounts}
        settled, causes = dict(self._each_settled()), dict(self._each_cause())
        self._stop()
        ledger = Ledger(leads, movements, ended, settled, causes)
        judged = tuple(judge_lead(lead, plan.terms, ended) for lead in leads if isinstance(plan.terms, LeadTerms))
        counted = count_movements(ledger, plan.terms) if isinstance(plan.terms, ReferralTerms) else ()
        accounts: dict[str, tuple[CountedEntry, ...]] = {}
        for account in plan.accounts:
            accounts[account.grid.name] = account.count(entries[account.grid.name], ended, accounts)
        shown = self._count_overviews(accounts)
        self._check_listed(counted, accounts)
        self._stop()
        sums = self._sum(ledger, counted, accounts)
        is_calculated = self._compare(judged, counted, accounts, sums, shown)
        self._stop()
        disputed = dict(self._each_dispute())
        remarks = tuple(self._remarks)
        return FilledBook(plan, ledger, judged, counted, accounts, sums, disputed, is_calculated, remarks, shown)

    def _count_overviews(
        self, accounts: Mapping[str, tuple[CountedEntry, ...]]
    ) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
        """Return the rows of sheets that follow from others, with what is fixed and typed in them."""
        found = {}
        for account in self._plan.accounts:
            for overview in account.overviews:
                grid = overview.grid
                typed = [
                    {column.key: self._read_cell(grid, column, row) for column in grid.columns if column.holds}
                    for row in range(FIRST_ROW, FIRST_ROW + grid.count)
                ]
                own = tuple(CountedEntry(Entry(number, values), None, {}) for number, values in enumerate(typed, 1))
                results = overview.count({**accounts, grid.name: own})
                found[grid.name] = tuple(
                    {**label, **values, **counted}
                    for label, values, counted in zip(grid.labels, typed, results, strict=True)
                )
        return found

    def _stop(self) -> None:
        """Raise what was found: what follows would blame cells for what is wrong in others."""
        if self._problems:
            # The first thing that is wrong with a cell makes the others, and a merged cell those of all it covers.
            first = {problem.place: problem for problem in reversed(self._problems)}
            raise InputError(tuple(one for one in reversed(first.values()) if not self._is_covered(one)))

    def _is_covered(self, problem: Problem) -> bool:
        place = problem.place
        is_cell = (place.cell.partition("!")[0], place.line, place.column) in self._covered
        return is_cell and problem.code != "ledger-changed"

    def _sum(
        self, ledger: Ledger, counted: tuple[CountedMovement, ...], accounts: Mapping[str, tuple[CountedEntry, ...]]
    ) -> tuple[PeriodSum, ...]:
        plan = self._plan
        if plan.statement is None:
            return ()
        last = plan.statement.labels[-1]["last"]
        assert isinstance(last, date)
        if isinstance(plan.terms, ReferralTerms):
            return sum_periods(ledger, plan.terms, counted, last)
        paid = [account for account in plan.accounts if account.by_period]
        rows = [one for account in paid for one in accounts[account.grid.name]]
        return sum_account_periods(plan.terms, rows, list_directions(paid, by_period=True), ledger, last)

    # -- cells

    def _at(self, grid: Grid, key: str, row: int) -> tuple[Cell, Place]:
        number = 1 + next(at for at, column in enumerate(grid.columns) if column.key == key)
        return self._book.cell(grid.name, row, number), self._book.place(grid.name, row, number)

    def _blame(self, place: Place, message: str, hint: str, code: str = "ledger-entry") -> None:
        self._problems.append(Problem(message, hint, "", place, code=code))

    def _text(self, grid: Grid, key: str, row: int) -> str:
        cell, place = self._at(grid, key, row)
        if cell.problem:
            self._problems.append(replace(cell.problem, place=place))
        return cell.text.strip()

    def _day(self, grid: Grid, key: str, row: int, needed: str = "") -> date | None:
        text = self._text(grid, key, row)
        return self._read_day(text, *self._at(grid, key, row), needed)

    def _read_day(self, text: str, cell: Cell, place: Place, needed: str) -> date | None:
        if not text:
            if needed:
                self._blame(place, f"{needed} is missing", "type it, as in 2027-03-31")
            return None
        try:
            day = read_date(text)
        except Unreadable as error:
            self._blame(place, error.message, error.hint, error.code)
            return None
        if cell.kind != "day":
            said = f'"{quote_text(text)}" stands there as a text: the formulas of the workbook do not see a day'
            self._blame(place, said, f"set the format of the cell to Date, and type {day} again")
        if day < self._terms.effective:
            said = f"{day} is before {self._terms.effective}, when the agreement takes effect"
            self._blame(place, said, "correct the day, or keep it out of this record")
        return day

    def _amount(self, grid: Grid, key: str, row: int, needed: str = "", what: str = "an amount") -> Decimal | None:
        text, place = self._text(grid, key, row), self._at(grid, key, row)[1]
        if not text:
            if needed:
                self._blame(place, f"{needed} is missing", "type it as a number, without the currency or unit")
            return None
        try:
            # A quantity may have three decimals: "178.125" in a text may as well be more than a hundred thousand.
            held = self._at(grid, key, row)[0].number if what == "a quantity" else None
            amount = read_number(text) if held is None or held < 0 else held
        except Unreadable:
            hint = "type it as a number that is not below 0, without the currency"
            self._blame(place, f'"{quote_text(text)}" is not {what}', hint)
            return None
        if self._at(grid, key, row)[0].number is None:
            said = f'"{quote_text(text)}" stands there as a text: the formulas of the workbook do not count it'
            self._blame(place, said, f"set the format of the cell to Number, and type {amount:f} again")
        if what == "an amount" and amount != round(amount, self._terms.digits):
            self._blame(place, f"{text} has more decimals than {self._terms.currency} has", "round it")
        return amount

    def _count(self, grid: Grid, key: str, row: int, what: str) -> int:
        """Return the number of a row, 0 for none."""
        text = self._text(grid, key, row)
        if not text:
            return 0
        if not text.isascii() or not text.isdigit() or len(text) > 6:
            self._blame(self._at(grid, key, row)[1], f'"{quote_text(text)}" is not {what}', "type its number, as in 3")
            return -1
        return int(text)

    # -- what people typed

    def _read_ended(self) -> date | None:
        sheet = self._plan.end_sheet
        if not sheet:
            return None
        row, column = int(ENDED_CELL[1:]), ord(ENDED_CELL[0]) - ord("A") + 1
        place = self._book.place(sheet, row, column)
        cell = self._book.cell(sheet, row, column)
        ended = self._read_day(cell.text, cell, place, "")
        if ended and ended < (last := self._terms.starts[-1]) and self._terms.later:
            said = f"the agreement ended on {ended}, before {last}, from which its last amendment holds"
            self._blame(place, said, "correct the day, or leave that amendment out")
        return ended

    def _rows_with(self, grid: Grid) -> Iterator[int]:
        """Yield the rows in which anything was typed."""
        inputs = [number for number, column in enumerate(grid.columns, 1) if column.kind == "input"]
        for row in range(FIRST_ROW, FIRST_ROW + grid.count):
            if any(self._book.cell(grid.name, row, number).text.strip() for number in inputs):
                yield row

    def _each_lead(self, terms: LeadTerms) -> Iterator[Lead]:
        grid = self._plan.leads
        assert grid
        known: dict[tuple[str, str], int] = {}
        grid_sorts = terms.sorts if isinstance(terms, ReferralTerms) else ()
        for row in self._rows_with(grid):
            number = row - FIRST_ROW + 1
            day = self._day(grid, "day", row, "the day on which the lead was sent")
            referrer = self._choice(grid, "from", row, terms.referrers, "who sent the lead")
            receiver = ""
            if grid.has("to"):
                receiver = self._choice(grid, "to", row, terms.parties, "who got the lead")
                if receiver and receiver == referrer:
                    self._blame(self._at(grid, "to", row)[1], "nobody sends a lead to itself", "correct one of the two")
            sort = self._choice(grid, "sort", row, grid_sorts, "what the fee is for") if grid_sorts else ""
            client = self._text(grid, "client", row)
            if not client:
                self._blame(self._at(grid, "client", row)[1], "the client is missing", "type its name")
            new_only = (terms.on(day) if day else terms).new_customers_only
            answers = (ACCEPTED, *((NOT_NEW,) if new_only else ()), IN_TALKS, OUT_OF_SCOPE)
            answer = self._choice(grid, "answer", row, answers, "")
            answered = self._day(grid, "answered", row, "the day of the answer" if answer else "")
            won = self._day(grid, "won", row)
            self._amount(grid, "value", row)
            if answered and not answer:
                self._blame(
                    self._at(grid, "answer", row)[1], "the answer is missing", f'choose "{ACCEPTED}" or a reason'
                )
            for key, what, later in (("answered", "answered", answered), ("won", "won", won)):
                if day and later and later < day:
                    place = self._at(grid, key, row)[1]
                    self._blame(place, f"the lead was {what} on {later}, before it was sent", "correct one of the days")
            first = known.setdefault((referrer.casefold(), client.casefold()), number)
            if first != number and client and won:
                message = f'"{quote_text(client)}" is lead {first} already'
                self._blame(self._at(grid, "client", row)[1], message, "keep what it buys with one of the two leads")
            if day:
                yield Lead(number, day, referrer, client, answer, answered, won, receiver, sort)

    def _choice(self, grid: Grid, key: str, row: int, choices: tuple[str, ...], needed: str) -> str:
        text, place = self._text(grid, key, row), self._at(grid, key, row)[1]
        if not text:
            if needed:
                self._blame(place, f"{needed} is missing", "choose " + " or ".join(choices))
            return ""
        found = next((choice for choice in choices if choice.casefold() == text.casefold()), "")
        if not found:
            message = f'"{quote_text(text)}" is not one of the list'
            self._blame(place, message, suggest_nearest(text, choices), "not-a-choice")
        return found

    def _each_movement(self, terms: ReferralTerms, leads: Mapping[int, Lead]) -> Iterator[Movement]:
        grid = self._plan.payments
        assert grid
        paid = "paid" if terms.earned_on == "payment" else "invoiced"
        before: dict[int, Movement] = {}
        given_back: dict[int, Decimal] = {}
        latest = terms.effective
        for row in self._rows_with(grid):
            number = row - FIRST_ROW + 1
            day = self._day(grid, "day", row, "the day")
            what = self._choice(grid, "what", row, (paid, "refunded"), "whether it was paid or refunded")
            lead = leads.get(self._read_lead(grid, row, leads))
            amount = self._amount(grid, "amount", row, "the amount")
            off = self._amount(grid, "off", row) if has_deductions(terms) else None
            back = self._count(grid, "of", row, "the number of a row")
            latest = self._check_order(grid, row, day, latest)
            if not (day and what and lead and amount is not None) or back < 0:
                continue
            move = Movement(number, "refunded" if what == "refunded" else "paid", day, lead.number, amount,
                            off or Decimal(0), back)  # fmt: skip
            self._check_movement(grid, row, move, lead, before, given_back)
            before[number] = move
            yield move
        self._remark_twins(
            grid, {n: {k: v for k, v in vars(one).items() if k != "number"} for n, one in before.items()}
        )

    def _read_lead(self, grid: Grid, row: int, leads: Mapping[int, Lead]) -> int:
        number, place = self._count(grid, "lead", row, "the number of a lead"), self._at(grid, "lead", row)[1]
        if number == 0:
            self._blame(place, "the number of the lead is missing", "type the number that the sheet Leads has for it")
        elif number > 0 and number not in leads:
            message = f"there is no lead {number}: this client is not known"
            self._blame(place, message, "enter it on the sheet Leads, or correct the number")
        return number

    def _check_movement(
        self,
        grid: Grid,
        row: int,
        move: Movement,
        lead: Lead,
        before: Mapping[int, Movement],
        given_back: dict[int, Decimal],
    ) -> None:
        def blame(key: str, message: str, hint: str) -> None:
            self._blame(self._at(grid, key, row)[1], message, hint)

        if lead.won is None:
            blame(
                "lead", f"lead {lead.number} is not won yet, but paid", 'type the day under "Won on" on the sheet Leads'
            )
        if move.day < lead.day:
            blame("day", f"{move.day} is before lead {lead.number} was sent ({lead.day})", "correct one of the days")
        if move.kind == "paid":
            if move.deductions > move.amount:
                blame("off", f"{move.deductions:,} is more than what was paid", "correct one of the amounts")
            if move.refund_of:
                blame("of", "a payment pays nothing back", 'delete the number, or choose "refunded"')
            return
        origin = before.get(move.refund_of)
        if origin is None or origin.kind != "paid":
            said = (
                f"row {move.refund_of} is no payment above this one"
                if move.refund_of
                else "it is missing which payment"
            )
            blame("of", said, 'type the "No." of the payment that was paid back')
        elif origin.lead != move.lead:
            blame("lead", f"row {move.refund_of} is a payment of lead {origin.lead}", "correct one of the numbers")
        else:
            given_back[origin.number] = given_back.get(origin.number, Decimal(0)) + move.amount
            left = origin.amount - origin.deductions
            # Deductions above the payment were blamed in their own row.
            if 0 <= left < given_back[origin.number]:
                blame("amount", f"more is refunded than the {left:,} that counted", "leave taxes and deductions out")

    def _check_order(self, grid: Grid, row: int, day: date | None, latest: date) -> date:
        """Blame a day that stands below a later one; return the latest so far."""
        if day and day < latest:
            message = f"{day} stands below {latest}: the order of the days decides what counts first"
            place = self._at(grid, "day", row)[1]
            self._blame(place, message, "enter the rows in the order of their days, or correct the day")
        return max(latest, day or latest)

    def _read_entries(self, account: Account) -> tuple[Entry, ...]:
        """Return the rows of an account, without those that cannot be read."""
        grid = account.grid
        rows = range(FIRST_ROW, FIRST_ROW + grid.count) if grid.labels else self._rows_with(grid)
        found = []
        latest = self._terms.effective
        for row in rows:
            before = len(self._problems)
            values: dict[str, Any] = dict(grid.labels[row - FIRST_ROW]) if grid.labels else {}
            values |= {column.key: self._read_cell(grid, column, row) for column in grid.columns if column.holds}
            if not grid.labels:
                day = values["day"]
                latest = self._check_order(grid, row, day if isinstance(day, date) else None, latest)
            if len(self._problems) == before:
                found.append(Entry(row - FIRST_ROW + 1, values))
        for number, fault in account.check(found):
            place = self._at(grid, fault.key, FIRST_ROW + number - 1)[1]
            if fault.is_remark:
                self._remarks.append(Problem(fault.message, fault.hint, "", place, code="ledger-remark", severity="W"))
            else:
                self._blame(place, fault.message, fault.hint)
        if not grid.labels:
            self._remark_twins(grid, {one.number: one.values for one in found})
        return tuple(found)

    def _remark_twins(self, grid: Grid, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """Remark on rows that say the same as one above: the same thing may stand there twice."""
        known: dict[tuple[object, ...], int] = {}
        for number, values in rows.items():
            said = tuple(value for key, value in values.items() if not key.startswith(("settled", "disputed")))
            first = known.setdefault(said, number)
            if first != number:
                place = self._book.place(grid.name, FIRST_ROW + number - 1, 1)
                hint = "delete what stands in one of them, if it is the same thing"
                self._remarks.append(
                    Problem(f"row {number} says the same as row {first}, and counts, too", hint, "", place,
                            code="ledger-remark", severity="W")
                )  # fmt: skip

    def _read_cell(self, grid: Grid, column: Column, row: int) -> Any:
        key, needed = column.key, column.needed
        match column.holds:
            case "day":
                return self._day(grid, key, row, needed)
            case "amount":
                return self._amount(grid, key, row, needed)
            case "quantity":
                return self._amount(grid, key, row, needed, "a quantity")
            case "count":
                return self._count(grid, key, row, "a whole number") or None
        if column.choices:
            return self._choice(grid, key, row, column.choices, needed) or None
        text = self._text(grid, key, row)
        if needed and not text:
            self._blame(self._at(grid, key, row)[1], f"{needed} is missing", "type it")
        return text or None

    def _check_listed(
        self, counted: tuple[CountedMovement, ...], accounts: Mapping[str, tuple[CountedEntry, ...]]
    ) -> None:
        """Blame rows that come to something behind the last period that is listed: no sum would hold them."""
        plan = self._plan
        if plan.payments:
            for move in counted:
                if move.fee:
                    self._blame_if_behind(plan.statement, plan.payments, "day", move.movement.number, move.movement.day)
        for account in plan.accounts:
            for row in accounts[account.grid.name]:
                if row.day and any(claim.amount for claim in row.claims):
                    listed = plan.statement if account.by_period else plan.balance
                    key = account.names[account.flows[0].day]
                    self._blame_if_behind(listed, account.grid, key, row.entry.number, row.day)

    def _blame_if_behind(self, listed: Grid | None, grid: Grid, key: str, number: int, day: date) -> None:
        assert listed
        last = listed.labels[-1]["last"]
        assert isinstance(last, date)
        if day > last:
            message = f"{day} is behind {last}, to which the sheet {listed.name} lists periods: no sum would hold it"
            hint = f"correct the day; if the agreement runs on, {_AGAIN_LATER}"
            self._blame(self._at(grid, key, FIRST_ROW + number - 1)[1], message, hint)

    def _each_settled(self) -> Iterator[tuple[tuple[date, str, str], date]]:
        grid = self._plan.statement
        for row, label in enumerate(grid.labels if grid else (), FIRST_ROW):
            assert grid
            day, last = self._day(grid, "settled", row), label["last"]
            assert isinstance(last, date)
            if day and day <= last:
                place = self._at(grid, "settled", row)[1]
                self._blame(place, f"{day} is before the period is over ({last})", "correct the day")
            elif day:
                yield (last, str(label["payer"]), str(label["payee"])), day

    def _each_cause(self) -> Iterator[tuple[tuple[date, str, str], str]]:
        """Yield why a guarantee is not owed, for the rows in which it may be."""
        grid, agreed = self._plan.statement, find_guarantee(self._terms)
        for row, label in enumerate(grid.labels if grid and grid.has("cause") else (), FIRST_ROW):
            assert grid
            assert agreed
            cause = self._choice(grid, "cause", row, (OWN_DOING, BEYOND_CONTROL), "")
            last, pair = label["last"], (str(label["payer"]), str(label["payee"]))
            assert isinstance(last, date)
            if not cause:
                continue
            if pair != (agreed.payer, agreed.payee) or not find_guaranteed_period(self._terms, last):
                hint = f"choose it in a row of {agreed.payer}, where the guaranteed period ends"
                self._blame(self._at(grid, "cause", row)[1], "no guarantee is reckoned in this row", hint)
            yield (last, *pair), cause

    def _each_dispute(self) -> Iterator[tuple[tuple[str, int], str]]:
        for grid in self._plan.grids:
            for row in range(FIRST_ROW, FIRST_ROW + grid.count) if grid.has("disputed") else ():
                if reason := self._text(grid, "disputed", row):
                    yield (grid.name, row - FIRST_ROW + 1), reason

    # -- results

    def _compare(
        self,
        judged: tuple[JudgedLead, ...],
        counted: tuple[CountedMovement, ...],
        accounts: Mapping[str, tuple[CountedEntry, ...]],
        sums: tuple[PeriodSum, ...],
        shown: Mapping[str, tuple[Mapping[str, Any], ...]],
    ) -> bool:
        """Compare the results of the workbook with ours; return whether it has any."""
        plan = self._plan
        if not self._has_results():
            return False
        for lead in judged if plan.leads else ():
            row = FIRST_ROW + lead.lead.number - 1
            self._compare_cells(plan.leads, row, {"until": lead.protected_until, "counts": lead.counts})
        firsts: dict[int, date] = {}
        for one in counted:
            if one.counts == COUNTS:
                firsts.setdefault(one.movement.lead, one.movement.day)
            ours = {"counts": one.counts, "base": one.base, "owed": one.fee_so_far, "fee": one.fee}
            self._compare_cells(plan.payments, FIRST_ROW + one.movement.number - 1, ours)
        if isinstance(plan.terms, ReferralTerms) and plan.terms.window:
            for number, first in firsts.items():
                ends = fee_ends_on(first, plan.terms)
                self._compare_cells(plan.leads, FIRST_ROW + number - 1, {"first": first, "ends": ends})
        for account in plan.accounts:
            mine = accounts[account.grid.name]
            for entry in mine:
                self._compare_cells(account.grid, FIRST_ROW + entry.entry.number - 1, entry.results)
            for overview in account.overviews:
                for row, results in enumerate(shown[overview.grid.name], FIRST_ROW):
                    computed = {column.key for column in overview.grid.columns if column.kind == "result"}
                    ours = {key: value for key, value in results.items() if key in computed}
                    self._compare_cells(overview.grid, row, ours)
        for row, owed in enumerate(sums, FIRST_ROW):
            ours = {"fee": owed.fee, "due": owed.due_by, "charge": owed.late_charge}
            for key in ("earned", "added", "carried"):
                ours |= {key: getattr(owed, key)} if plan.statement and plan.statement.has(key) else {}
            self._compare_cells(plan.statement, row, ours)
        self._compare_balance(accounts)
        return True

    def _has_results(self) -> bool:
        """Return whether a program has calculated the workbook: a row that is always computed shows something."""
        for grid in self._plan.grids:
            for column in grid.columns if grid.labels else ():
                if column.kind == "result" and self._at(grid, column.key, FIRST_ROW)[0].text.strip("="):
                    return True
        return False

    def _compare_balance(self, accounts: Mapping[str, tuple[CountedEntry, ...]]) -> None:
        grid = self._plan.balance
        rows = [one for account in self._plan.accounts if not account.by_period for one in accounts[account.grid.name]]
        for row, labels in enumerate(grid.labels if grid else (), FIRST_ROW):
            label: Mapping[str, Any] = labels
            claims = [claim for one in rows if one.day and label["first"] <= one.day <= label["last"]
                      for claim in one.claims
                      if (claim.debtor, claim.creditor) == (label["payer"], label["payee"])]  # fmt: skip
            ours = {
                "fee": sum((claim.amount for claim in claims), Decimal(0)),
                "paid": sum((claim.amount for claim in claims if claim.settled), Decimal(0)),
                "charge": sum((claim.late_charge for claim in claims), Decimal(0)),
            }
            self._compare_cells(grid, row, ours)

    def _compare_cells(self, grid: Grid | None, row: int, ours: Mapping[str, object]) -> None:
        assert grid
        for key, value in ours.items():
            cell, place = self._at(grid, key, row)
            expected = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
            if normalize(cell.text) != normalize(expected):
                message = f'the workbook computes "{quote_text(cell.text)}" here, the program "{expected}"'
                hint = "let the spreadsheet program calculate anew (Ctrl+Shift+F9) and save; if it stays, tell us"
                self._blame(place, message, hint, "ledger-differs")

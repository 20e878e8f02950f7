"""The statement for one period: what each party owes, how it came about, and what is open or disputed.

It is a memo without a format; the writers of memos print it, so that DOCX and PDF have the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.document import Document, Table, TermRow, runs_of_block, text_of_runs
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Money, format_day, format_money, format_month, format_short_day
from agreementgen.ledger.accounts import Account, CountedEntry, Overview
from agreementgen.ledger.entry_sheets import PAYMENTS
from agreementgen.ledger.filled_book import FilledBook
from agreementgen.ledger.referral_fees import COUNTS, CountedMovement, PeriodSum, charge_for_delay
from agreementgen.ledger.sheet_parts import Column
from agreementgen.ledger.terms import DealTerms, LeadTerms, ReferralTerms
from agreementgen.ledger.venture_money import CONTRIBUTIONS
from agreementgen.ledger.venture_statement import COUNTED_BY as VENTURE_COUNTED_BY
from agreementgen.ledger.venture_statement import VentureStatement, say_due_day
from agreementgen.ledger.workbook import BookPlan
from agreementgen.memo.sections import Memo, MemoBlock, MemoSection, make_table, say

# What the clauses on fees say where a statement is sent for a period without any.
_EMPTY_ONES = "even if nothing is due"
# Rows of the key terms that say how fees for referrals are counted, as far as the agreement has them.
_COUNTED_BY = ("fee", "deductions", "guarantee", "lead", "after", "payment")


@dataclass(frozen=True)
class StatementFacts:
    """All that a statement is made of; `document` is the agreement, `last` the last day of the period.

    `versions` are the agreement and what each amendment made of it, where there are any.
    """

    book: FilledBook
    document: Document
    last: date
    versions: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Debt:
    """A sum that is owed: for a period (`row` is "" then) or for one row of a sheet, on which `day` it stands."""

    debtor: str
    creditor: str
    amount: Decimal
    day: date
    due_by: date
    settled: date | None
    row: str = ""


def list_debts(book: FilledBook) -> tuple[Debt, ...]:
    """Return all sums that are owed, none of them below 0: what is to be repaid is owed the other way."""
    debts = [_turn(Debt(one.payer, one.payee, one.fee, one.last, one.due_by, one.settled)) for one in book.sums]
    for name, rows in book.accounts.items():
        for row in rows:
            for claim in row.claims:
                if row.day and claim.due_by:
                    said = f"{name}, row {row.entry.number}"
                    debt = Debt(claim.debtor, claim.creditor, claim.amount, row.day, claim.due_by, claim.settled, said)
                    debts.append(_turn(debt))
    return tuple(debts)


def _turn(debt: Debt) -> Debt:
    if debt.amount >= 0:
        return debt
    return replace(debt, debtor=debt.creditor, creditor=debt.debtor, amount=-debt.amount)


def find_period(text: str, plan: BookPlan) -> date:
    """Return the last day of the period that `text` names ("2027-03", "2027-Q1"); raise InputError."""
    if plan.periods is None:
        message = "nothing is owed under this deal that its workbook counts, so there is no statement of it"
        hint = "the sheets Goals, Reviews and Leads say how it goes"
        raise InputError(Problem(message, hint, "--period", code="ledger-not-covered"))
    grid, every = plan.periods
    known = {name_period(last, plan): last for label in grid.labels if isinstance(last := label["last"], date)}
    if found := known.get(text.strip().upper()):
        return found
    names = list(known)
    like = {"quarterly": "2027-Q1", "weekly": "2027-03-07, its Sunday"}.get(every, "2027-03")
    is_one = re.fullmatch(r"[0-9]{4}-(?:Q[1-4]|(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)", text.strip().upper())
    message = f'the workbook has no period "{text}"' if is_one else f'"{text}" is not a period'
    raise InputError(Problem(message, f"write it like {like}; there are {names[0]} to {names[-1]}", "--period",
                             code="unreadable"))  # fmt: skip


def _every(plan: BookPlan) -> str:
    return plan.periods[1] if plan.periods else ""


def name_period(last: date, plan: BookPlan) -> str:
    """Return what a period is called on the command line and in names of files."""
    match _every(plan):
        case "quarterly":
            return f"{last.year}-Q{(last.month + 2) // 3}"
        case "weekly":
            return last.isoformat()
    return f"{last:%Y-%m}"


def write_statement(facts: StatementFacts) -> Memo:
    """Return the statement of one period for all directions."""
    document = facts.document
    statement = _Statement(facts)
    of = _name_all([box.short for box in document.parties])
    if venture := facts.book.plan.venture:
        of = f"{venture.name}, of {of}"
    return Memo(
        title="Statement",
        of=f"{statement.period}: {of}",
        sections=tuple(statement.each_section()),
        footer=f"{document.footer} · Statement: {statement.period}",
        language=document.language,
        paper=document.paper,
        dated=facts.last,
    )


def list_what_is_owed(facts: StatementFacts) -> Iterator[str]:
    """Yield what is owed at the end of the period of a statement, in a line each: for it, for delay, from before."""
    statement = _Statement(facts)
    yield from statement.list_dues_of_venture()
    parties = facts.book.plan.terms.parties
    for owed in facts.book.sums:
        if owed.last == facts.last:
            who, whom, verb = (owed.payer, owed.payee, "owes") if owed.fee >= 0 else (owed.payee, owed.payer, "repays")
            to = f" {whom}" if len(parties) > 2 else ""
            sum_due = f"{statement.print_money(abs(owed.fee))}, due by {owed.due_by}"
            yield f"{who} {verb}{to} {sum_due}" if owed.fee else f"{who} owes{to} nothing for this period"
    for debtor, creditor, amount, first, last in statement.list_row_sums():
        if not amount:
            yield f"{debtor} owes {creditor} nothing for this period"
            continue
        due = f"due by {first}" if first == last else f"due by {first} to {last}"
        yield f"{debtor} owes {creditor} {statement.print_money(amount)}, {due}"
    for debtor, creditor, charge in statement.list_charges():
        to = f" {creditor}" if len(parties) > 2 else ""
        late = f"{statement.print_money(charge)} for sums that are late, within legal limits"
        yield f"{debtor} also owes{to} {late}"
    for debtor, creditor, amount, first in statement.list_open_sums():
        to = f" {creditor}" if len(parties) > 2 else ""
        yield f"{debtor} still owes{to} {statement.print_money(amount)} from before, the first of it due by {first}"


def _name_all(names: list[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}"


class _Statement:
    def __init__(self, facts: StatementFacts) -> None:
        self._facts, self._plan = facts, facts.book.plan
        self._terms: DealTerms = self._plan.terms
        self._book, self._last = facts.book, facts.last
        self._language = facts.document.language
        assert self._plan.periods
        grid, _ = self._plan.periods
        self._first = next(
            first for label in grid.labels if label["last"] == self._last and isinstance(first := label["first"], date)
        )
        self._own = tuple(owed for owed in self._book.sums if owed.last == self._last)
        self._clients = {one.lead.number: one.lead.customer for one in self._book.leads}
        self._debts = list_debts(facts.book)
        self._venture = None
        if self._plan.venture:
            self._venture = VentureStatement(self._book, self._first, self._last, self._language, self.print_money)

    @property
    def period(self) -> str:
        return self._call(self._last)

    def _call(self, last: date) -> str:
        """Return what people call the period that ends on `last`."""
        match _every(self._plan):
            case "quarterly":
                return f"{_ORDINALS[(last.month + 2) // 3]} quarter of {last.year}"
            case "weekly":
                return f"Week to {format_day(last, self._language)}"
        return format_month(last, self._language)

    def _is_in_period(self, day: date | None) -> bool:
        return day is not None and self._first <= day <= self._last

    def each_section(self) -> Iterator[MemoSection]:
        yield MemoSection("due", "What is due", tuple(self._each_due()))
        terms = self._terms
        if self._venture:
            yield from self._venture.each_section()
        for owed in self._own:
            if isinstance(terms, ReferralTerms) and (blocks := tuple(self._each_of_payer(owed, terms))):
                payee = f" to {owed.payee}" if len(self._terms.parties) > 2 else ""
                title = f"How the fees that {owed.payer} pays{payee} came about"
                yield MemoSection(f"fees-{owed.payer}{payee}", title, blocks)
        for account in self._plan.accounts:
            if table := self._make_account_table(account):
                yield MemoSection(f"rows-{account.grid.name}", f"How it came about: {account.grid.title}", (table,))
            for overview in account.overviews:
                if table := self._make_overview_table(overview):
                    yield MemoSection(f"overview-{overview.grid.name}", overview.grid.title, (table,))
        if disputed := tuple(self._each_dispute()):
            yield MemoSection("disputed", "What is disputed", disputed)
        if earlier := self._make_earlier_table():
            title = "Earlier sums that were paid late or are open"
            yield MemoSection(
                "earlier", "Sums that were paid late or are open" if self._plan.balance else title, (earlier,)
            )
        if isinstance(self._terms, LeadTerms):
            yield MemoSection("leads", "Leads sent in this period", (self._make_leads_table(self._terms),))
        yield MemoSection("counted", "How it is counted", tuple(self._each_rule()))

    # -- what is due

    def _each_due(self) -> Iterator[MemoBlock]:
        of_venture = list(self._venture.each_due()) if self._venture else []
        if self._venture and not of_venture:
            of_venture = [(f"Between {self._venture.venture.name} and its parties", "nothing", "for this period")]
        rows = [*of_venture, *self._each_sum_row(), *self._each_row_sum()]
        which = "sums" if self._plan.balance else "earlier sums"
        for debtor, creditor, charge in self.list_charges():
            to = f" {creditor}" if len(self._terms.parties) > 2 else ""
            rows.append(
                (f"{debtor} also owes{to} for {which} that are late", self.print_money(charge), "within legal limits")
            )
        yield make_table((), tuple(rows), (46, 16, 38) if self._venture else (52, 20, 28))
        if self._own:
            said = f"This statement is to be sent by {format_day(self._own[0].statement_by, self._language)}."
            is_empty = not any(owed.fee for owed in self._own)
            yield say(f"{said} It is sent even if nothing is due." if is_empty and self._sends_empty_ones() else said)
        if self._venture:
            sent_by = format_day(self._venture.sent_by, self._language)
            yield say(f"{self._venture.venture.keeper}, who keeps the books, is to send this statement by {sent_by}.")

    def list_dues_of_venture(self) -> Iterator[str]:
        if self._venture:
            yield from self._venture.list_dues()

    def _each_sum_row(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is paid for the period as a whole."""
        for owed in self._own:
            due = say_due_day(owed.due_by, self._language)
            if owed.fee < 0:
                yield f"{owed.payee} repays {owed.payer}", self.print_money(-owed.fee), due
            elif owed.fee:
                yield f"{owed.payer} pays {owed.payee}", self.print_money(owed.fee), due
            else:
                yield f"{owed.payer} pays {owed.payee}", "nothing", "for this period"
            yield from self._each_part(owed)

    def list_row_sums(self) -> list[tuple[str, str, Decimal, date | None, date | None]]:
        """Return what rows of this period come to in each direction, with the first and last day they are due."""
        grid = self._plan.balance
        found: list[tuple[str, str, Decimal, date | None, date | None]] = []
        labels = grid.labels if grid else ()
        for debtor, creditor in dict.fromkeys((str(label["payer"]), str(label["payee"])) for label in labels):
            mine = self._list_rows(debtor, creditor)
            days = sorted(one.due_by for one in mine if one.amount)
            first, last = (days[0], days[-1]) if days else (None, None)
            found.append((debtor, creditor, sum((one.amount for one in mine), Decimal(0)), first, last))
        return found

    def _list_rows(self, debtor: str, creditor: str) -> list[Debt]:
        pair = (debtor, creditor)
        return [
            one for one in self._debts if one.row and self._is_in_period(one.day) and (one.debtor, one.creditor) == pair
        ]

    def _each_part(self, owed: PeriodSum) -> Iterator[tuple[str, str, str]]:
        """Yield what a sum consists of besides what was earned, and what of it is not paid yet."""
        if cause := self._book.ledger.causes.get((owed.last, owed.payer, owed.payee)):
            nothing = self.print_money(Decimal(0))
            yield "Nothing is added to reach the guarantee", nothing, f"what {owed.payee} lacks is {cause}"
        if owed.added:
            yield "That includes, to reach the guarantee", self.print_money(owed.added), ""
        if owed.carried:
            yield "That includes, carried over from before", self.print_money(owed.carried), ""
        total = owed.earned + owed.added + owed.carried
        if total != owed.fee:
            yield (
                f"{owed.payer} to {owed.payee}: carried over to the next period",
                self.print_money(total),
                "too little to be paid",
            )

    def _each_row_sum(self) -> Iterator[tuple[str, str, str]]:
        """Yield what rows of this period come to, each of which is due on its own day."""
        both: dict[tuple[str, str], Decimal] = {}
        for debtor, creditor, total, first, last in self.list_row_sums():
            both[debtor, creditor] = total
            if not total or first is None or last is None:
                yield f"{debtor} owes {creditor}", "nothing", "for this period"
                continue
            due = say_due_day(first, self._language)
            if last != first:
                due += f" to {format_day(last, self._language)}"
            yield f"{debtor} owes {creditor}", self.print_money(total), due
            mine = self._list_rows(debtor, creditor)
            paid = sum((one.amount for one in mine if one.settled and one.settled <= self._last), Decimal(0))
            if paid:
                yield (
                    f"{debtor} has paid of it",
                    self.print_money(paid),
                    f"until {format_day(self._last, self._language)}",
                )
        if len(self._terms.parties) == 2 and len(both) == 2 and all(both.values()):
            (debtor, creditor), (owed, back) = next(iter(both)), tuple(both.values())
            if owed < back:
                debtor, creditor = creditor, debtor
            yield f"Balance of the two: {debtor} to {creditor}", self.print_money(abs(owed - back)), ""

    def _sends_empty_ones(self) -> bool:
        """Return whether the agreement asks for statements of periods without fees: not each of its wordings does."""
        clauses = (clause for clause in self._facts.document.clauses if clause.topic == "financial")
        texts = (text_of_runs(runs) for clause in clauses for block in clause.blocks for runs in runs_of_block(block))
        return any(_EMPTY_ONES in text for text in texts)

    def list_charges(self) -> list[tuple[str, str, Decimal]]:
        """Return the late charges of this period by who owes them to whom."""
        charges: dict[tuple[str, str], Decimal] = {}
        for debt in self._debts:
            # A sum of this period is not due before it is over; a row may be, within it.
            if debt.day < self._last or debt.row:
                grown = self._charge_until(debt, self._last) - self._charge_until(debt, self._day_before)
                pair = (debt.debtor, debt.creditor)
                charges[pair] = charges.get(pair, Decimal(0)) + grown
        return [(debtor, creditor, charge) for (debtor, creditor), charge in charges.items() if charge]

    @property
    def _day_before(self) -> date:
        return date.fromordinal(self._first.toordinal() - 1)

    def _charge_until(self, debt: Debt, day: date) -> Decimal:
        return charge_for_delay(debt.amount, debt.due_by, min(debt.settled or day, day), self._terms.on(debt.day))

    # -- how it came about

    def _each_of_payer(self, owed: PeriodSum, terms: ReferralTerms) -> Iterator[MemoBlock]:
        mine = [one for one in self._book.counted if (one.payer, one.payee) == (owed.payer, owed.payee)
                and owed.first <= one.movement.day <= owed.last]  # fmt: skip
        if not mine:
            return
        head = ("Row", "Day", "Client", "What", "Amount", "Counts as base", "Client’s fee so far", "Fee")
        rows = [self._make_row(one, terms) for one in mine]
        rows.append(("", "", "Sum", "", "", self.print_money(sum((one.base for one in mine), Decimal(0))), "",
                     self.print_money(owed.earned)))  # fmt: skip
        yield make_table(head, tuple(rows), (5, 12, 20, 20, 11, 11, 11, 10))

    def _make_row(self, one: CountedMovement, terms: ReferralTerms) -> tuple[str, ...]:
        move = one.movement
        what = {"paid": "paid" if terms.earned_on == "payment" else "invoiced"}.get(move.kind, "")
        if move.kind == "refunded":
            what = f"refund of row {move.refund_of}"
        if one.counts != COUNTS:
            what += f"; does not count: {one.counts}"
        elif one.fee_so_far == terms.on(move.day).cap:
            what += "; cap reached"
        return (
            str(move.number),
            format_short_day(move.day, self._language),
            f"{self._clients[move.lead]} (lead {move.lead})",
            what,
            self.print_money(move.amount),
            self.print_money(one.base),
            self.print_money(one.fee_so_far),
            self.print_money(one.fee),
        )

    def _make_account_table(self, account: Account) -> Table | None:
        """Return the rows of an account in this period, with the columns that it shows."""
        mine = [one for one in self._book.accounts[account.grid.name] if self._is_in_period(one.day)]
        columns = {column.key: column for column in account.grid.columns}
        shown = [(columns[key], width) for key, width in account.shown if key in columns]
        if not mine or not shown:
            return None
        rows = [tuple(self._print_value(column.key, one) for column, _ in shown) for one in mine]
        if len(mine) > 1:
            sums: list[str] = []
            for column, _ in shown:
                is_sum = column.key.startswith(("owed", "base", "shared"))
                total = sum((one.results.get(column.key) or Decimal(0) for one in mine), Decimal(0)) if is_sum else None
                sums.append("" if total is None else self.print_money(total))
            # The numbers of rows stand in a column that is too narrow for the word.
            rows.append(("", "Sum", *sums[2:]) if shown[0][0].key == "no" else ("Sum", *sums[1:]))
        heads = tuple(column.head.removesuffix(f" ({self._terms.currency})") for column, _ in shown)
        whole = sum(width for _, width in shown)
        widths = [width * 100 // whole for _, width in shown]
        widths[-1] += 100 - sum(widths)
        return make_table(heads, tuple(rows), tuple(widths))

    def _make_overview_table(self, overview: Overview) -> Table | None:
        """Return the rows of an overview that end in this period and say anything."""
        columns = {column.key: column for column in overview.grid.columns}
        shown = [(columns[key], width) for key, width in overview.shown if key in columns]
        rows = [
            tuple(self._print_plain(column, row.get(column.key)) for column, _ in shown)
            for row in self._book.overviews.get(overview.grid.name, ())
            if self._is_in_period(row["last"]) and any(row.get(key) for key in ("forecast", "ordered", "least"))
        ]
        heads = tuple(column.head for column, _ in shown)
        return make_table(heads, tuple(rows), tuple(width for _, width in shown)) if rows else None

    def _print_plain(self, column: Column, value: Any) -> str:
        if isinstance(value, date):
            return format_short_day(value, self._language)
        if isinstance(value, Decimal):
            share = column.number_format.endswith("%")
            return f"{(value * 100 if share else value).normalize():,f}" + ("%" if share else "")
        return "" if value is None else str(value)

    def _print_value(self, key: str, one: CountedEntry) -> str:
        value: Any = one.results.get(key, one.entry[key])
        if key == "no":
            return str(one.entry.number)
        if isinstance(value, date):
            return format_short_day(value, self._language)
        if isinstance(value, Decimal):
            if key == "rate":
                return f"{(value * 100).normalize():f}%"
            is_plain = key in ("quantity", "got", "rejected", "price", "units")
            return f"{value:,f}" if is_plain else self.print_money(value)
        return "" if value is None else str(value)

    def _each_dispute(self) -> Iterator[MemoBlock]:
        for one in self._book.counted:
            reason = self._book.disputed.get((PAYMENTS, one.movement.number))
            if reason and self._is_in_period(one.movement.day):
                yield say(f"{self.print_money(one.fee)} of the fees: {reason}", f"Row {one.movement.number}:")
        for name, rows in self._book.accounts.items():
            for row in rows:
                reason = self._book.disputed.get((name, row.entry.number))
                if reason and self._is_disputed_now(name, row):
                    yield say(f"{self._say_disputed(row)}: {reason}", f"{name}, row {row.entry.number}:")

    def _is_disputed_now(self, name: str, row: CountedEntry) -> bool:
        """Return whether a row belongs to the disputes of this period: a contribution that is open belongs to all."""
        return self._is_in_period(row.day) or (name == CONTRIBUTIONS and (row.day is None or row.day > self._last))

    def _say_disputed(self, row: CountedEntry) -> str:
        if row.claims:
            return f"{self.print_money(sum((claim.amount for claim in row.claims), Decimal(0)))} of what is owed"
        entry = row.entry
        amount = row.results.get("pay") or entry["amount"] or entry["value"] or entry["profit"] or entry["loss"]
        return self.print_money(amount or Decimal(0))

    def list_open_sums(self) -> list[tuple[str, str, Decimal, date]]:
        """Return what is open from before by who owes it to whom, with the first day that any of it is due."""
        found: dict[tuple[str, str], tuple[Decimal, date]] = {}
        for debt in self._each_earlier_debt():
            is_told = debt.row and self._is_in_period(debt.day)
            if is_told or (debt.settled and debt.settled <= self._last):
                continue
            pair = (debt.debtor, debt.creditor)
            amount, first = found.get(pair, (Decimal(0), debt.due_by))
            found[pair] = amount + debt.amount, min(first, debt.due_by)
        return [(*pair, amount, first) for pair, (amount, first) in found.items()]

    def _each_earlier_debt(self) -> Iterator[Debt]:
        """Yield the sums that are late or open and stand in no other part of the statement, or cost a charge."""
        for debt in self._debts:
            is_late = debt.due_by < (debt.settled or self._last)
            was_over = debt.settled is not None and debt.settled < self._first
            is_open = debt.settled is None
            if debt.row and self._is_in_period(debt.day):
                # A row of this period is told above already, and here only if it costs a charge.
                is_late, is_open = bool(self._charge_until(debt, self._last)), False
            if debt.day > self._last or (debt.day == self._last and not debt.row):
                continue
            if debt.amount and not was_over and (is_late or is_open):
                yield debt

    def _make_earlier_table(self) -> Table | None:
        rows = []
        for debt in self._each_earlier_debt():
            paid = "open"
            if debt.settled and debt.settled <= self._last:
                paid = format_short_day(debt.settled, self._language)
            to = f" to {debt.creditor}" if len(self._terms.parties) > 2 else ""
            rows.append((
                debt.row or self._call(debt.day),
                f"{debt.debtor}{to}",
                self.print_money(debt.amount),
                format_short_day(debt.due_by, self._language),
                paid,
                self.print_money(self._charge_until(debt, self._last)),
            ))  # fmt: skip
        head = ("Period", "Owed by", "Sum", "Due by", "Paid on", "Late charge until the end of this period")
        return make_table(head, tuple(rows), (18, 18, 14, 15, 15, 20)) if rows else None

    def _make_leads_table(self, terms: LeadTerms) -> Table:
        rows = []
        for referrer in terms.referrers:
            sent = [one for one in self._book.leads if one.lead.referrer == referrer]
            new = [one for one in sent if self._first <= one.lead.day <= self._last]
            refused = sum(one.counts.startswith("refused") for one in new)
            won = sum(bool(one.lead.won and self._first <= one.lead.won <= self._last) for one in sent)
            rows.append((referrer, str(len(new)), str(refused), str(won)))
        return make_table(("From", "Sent", "Refused in time", "Won in this period"), tuple(rows), (40, 20, 20, 20))

    def _each_rule(self) -> Iterator[MemoBlock]:
        rows, terms = self._list_rows_of(self._facts.document), self._terms
        # An amendment within the period: what was agreed before it counts for the days before it.
        changes = [day for day in terms.starts[1:] if self._first < day <= self._last]
        begun = terms.number_on(self._first)
        held = self._facts.versions[begun : begun + len(changes) + 1] if changes else ()
        named = _COUNTED_BY if isinstance(self._terms, ReferralTerms) else VENTURE_COUNTED_BY if self._venture else ()
        for id in dict.fromkeys((*named, *(id for account in self._plan.accounts for id in account.rules))):
            texts = [text_of_runs(of[id].runs) if id in (of := self._list_rows_of(one)) else "" for one in held]
            if len(set(texts)) > 1:
                yield from self._each_amended_rule(id, held, changes)
            elif row := rows.get(id):
                yield say(text_of_runs(row.runs), f"{row.label}:")
        yield say(" ".join(self._each_rule_of_counting()), "Days and rounding:")

    def _each_rule_of_counting(self) -> Iterator[str]:
        """Yield how days, interest and cents are counted, which no row of the key terms says."""
        yield "Days are calendar days; none moves for a weekend or a holiday."
        unit = f"whole {self._terms.currency}" if not self._terms.digits else "the cent"
        yield f"Each sum is rounded to {unit}, halves up; parts of a sum add up to it."
        if self._terms.late_charge and (self._plan.statement or self._plan.balance):
            percent = f"{self._terms.late_charge.normalize():f}% a month"
            yield f"A late charge runs on the late sum alone, by days: {percent} is 12 times that for 365 days."
        venture = self._plan.venture
        if venture and (venture.interest or venture.preferred):
            yield "Interest and return are simple, by days, 365 to a year, from the day after."

    def _each_amended_rule(self, id: str, held: Sequence[Document], changes: Sequence[date]) -> Iterator[MemoBlock]:
        """Yield what a row of the key terms says in each part of a period in which it was amended."""
        said = ""
        for document, begins in zip(held, (self._first, *changes), strict=True):
            row = self._list_rows_of(document).get(id)
            text = text_of_runs(row.runs) if row else "no longer agreed"
            if text != said and (row or said):
                label = row.label if row else id
                when = f"from {format_day(begins, self._language)}"
                if begins == self._first:
                    when = f"to {format_day(date.fromordinal(changes[0].toordinal() - 1), self._language)}"
                yield say(text, f"{label}, {when}:")
            said = text if row or said else ""

    @staticmethod
    def _list_rows_of(document: Document) -> dict[str, TermRow]:
        return {row.id: row for pair in document.terms for row in (pair.left, pair.right) if row}

    def print_money(self, amount: Decimal) -> str:
        # A hyphen-minus, so that the sum reads the same everywhere.
        said = format_money(Money(abs(amount), self._terms.currency), self._language, cents=True)
        return f"-{said}" if amount < 0 else said


_ORDINALS = {1: "First", 2: "Second", 3: "Third", 4: "Fourth"}

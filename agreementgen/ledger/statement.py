"""The statement for one period: what each party owes, how it came about, and what is open or disputed.

It is a memo without a format; the writers of memos print it, so that DOCX and PDF have the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agreementgen.core.document import Document, Table, runs_of_block, text_of_runs
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Money, format_day, format_money, format_month, format_short_day
from agreementgen.ledger.filled_book import FilledBook
from agreementgen.ledger.referral_fees import COUNTS, CountedMovement, PeriodSum, charge_for_delay
from agreementgen.ledger.terms import ReferralTerms
from agreementgen.memo.document import Memo, MemoBlock, MemoSection, make_table, say

# Rows of the key terms that say how fees are counted, as far as the agreement has them.
_COUNTED_BY = ("fee", "deductions", "lead", "after", "payment")

# What the clauses on fees say where a statement is sent for a period without any.
_EMPTY_ONES = "even if nothing is due"


@dataclass(frozen=True)
class StatementFacts:
    """All that a statement is made of; `document` is the agreement, `last` the last day of the period."""

    terms: ReferralTerms
    book: FilledBook
    document: Document
    last: date


def find_period(text: str, terms: ReferralTerms, sums: Sequence[PeriodSum]) -> date:
    """Return the last day of the period that `text` names ("2027-03", "2027-Q1"); raise InputError."""
    known = {name_period(owed.last, terms): owed.last for owed in sums}
    if found := known.get(text.strip().upper()):
        return found
    names = list(known)
    like = "2027-Q1" if terms.every == "quarterly" else "2027-03"
    is_one = re.fullmatch(r"[0-9]{4}-(?:Q[1-4]|0[1-9]|1[0-2])", text.strip().upper())
    message = f'the workbook has no period "{text}"' if is_one else f'"{text}" is not a period'
    raise InputError(Problem(message, f"write it like {like}; there are {names[0]} to {names[-1]}", "--period",
                             code="unreadable"))  # fmt: skip


def name_period(last: date, terms: ReferralTerms) -> str:
    """Return what a period is called on the command line and in names of files."""
    return f"{last.year}-Q{(last.month + 2) // 3}" if terms.every == "quarterly" else f"{last:%Y-%m}"


def write_statement(facts: StatementFacts) -> Memo:
    """Return the statement of one period for both directions."""
    document = facts.document
    period = _Statement(facts).period
    return Memo(
        title="Statement",
        of=f"{period}: {' and '.join(box.short for box in document.parties)}",
        sections=tuple(_Statement(facts).each_section()),
        footer=f"{document.footer} · Statement for {period}",
        language=document.language,
        paper=document.paper,
        dated=facts.last,
    )


class _Statement:
    def __init__(self, facts: StatementFacts) -> None:
        self._facts = facts
        self._terms, self._book, self._last = facts.terms, facts.book, facts.last
        self._language = facts.document.language
        self._own = tuple(owed for owed in self._book.sums if owed.last == self._last)
        self._first = self._own[0].first
        self._clients = {one.lead.number: one.lead.customer for one in self._book.leads}

    @property
    def period(self) -> str:
        return self._call(self._last)

    def _call(self, last: date) -> str:
        """Return what people call the period that ends on `last`."""
        if self._terms.every == "quarterly":
            return f"{_ORDINALS[(last.month + 2) // 3]} quarter of {last.year}"
        return format_month(last, self._language)

    def each_section(self) -> Iterator[MemoSection]:
        yield MemoSection("due", "What is due", tuple(self._each_due()))
        for owed in self._own:
            if blocks := tuple(self._each_of_payer(owed)):
                yield MemoSection(f"fees-{owed.payer}", f"How the fees that {owed.payer} pays came about", blocks)
        if disputed := tuple(self._each_dispute()):
            yield MemoSection("disputed", "What is disputed", disputed)
        if earlier := self._make_earlier_table():
            yield MemoSection("earlier", "Earlier sums that were paid late or are open", (earlier,))
        yield MemoSection("leads", "Leads sent in this period", (self._make_leads_table(),))
        yield MemoSection("counted", "How it is counted", tuple(self._each_rule()))

    # -- what is due

    def _each_due(self) -> Iterator[MemoBlock]:
        rows = []
        for owed in self._own:
            payee = self._terms.receiver_of(owed.payer)
            due = f"by {format_day(owed.due_by, self._language)}"
            if owed.fee < 0:
                rows.append((f"{payee} repays {owed.payer}", self._money(-owed.fee), due))
            elif owed.fee:
                rows.append((f"{owed.payer} pays {payee}", self._money(owed.fee), due))
            else:
                rows.append((f"{owed.payer} pays {payee}", "nothing", "for this period"))
            for debtor, charge in self._charges_of(owed.payer).items():
                if charge:
                    what = f"{debtor} also owes for earlier sums that are late"
                    rows.append((what, self._money(charge), "within legal limits"))
        yield make_table((), tuple(rows), (52, 20, 28))
        first = self._own[0]
        said = f"This statement is to be sent by {format_day(first.statement_by, self._language)}."
        is_empty = not any(owed.fee for owed in self._own)
        yield say(f"{said} It is sent even if nothing is due." if is_empty and self._sends_empty_ones() else said)

    def _sends_empty_ones(self) -> bool:
        """Return whether the agreement asks for statements of periods without fees: not each of its wordings does."""
        clauses = (clause for clause in self._facts.document.clauses if clause.topic == "financial")
        texts = (text_of_runs(runs) for clause in clauses for block in clause.blocks for runs in runs_of_block(block))
        return any(_EMPTY_ONES in text for text in texts)

    def _charges_of(self, payer: str) -> dict[str, Decimal]:
        """Return the late charges of this period by who owes them: a repayment is owed by who received the fees."""
        charges: dict[str, Decimal] = {}
        for owed in self._book.sums:
            if owed.payer == payer and owed.last < self._last:
                debtor = payer if owed.fee > 0 else self._terms.receiver_of(payer)
                grown = self._charge_until(owed, self._last) - self._charge_until(owed, self._day_before)
                charges[debtor] = charges.get(debtor, Decimal(0)) + grown
        return charges

    @property
    def _day_before(self) -> date:
        return date.fromordinal(self._first.toordinal() - 1)

    def _charge_until(self, owed: PeriodSum, day: date) -> Decimal:
        until = min(owed.settled, day) if owed.settled else day
        return charge_for_delay(abs(owed.fee), owed.due_by, until, self._terms)

    # -- how it came about

    def _each_of_payer(self, owed: PeriodSum) -> Iterator[MemoBlock]:
        mine = [
            one for one in self._book.counted if one.payer == owed.payer and owed.first <= one.movement.day <= owed.last
        ]
        if not mine:
            return
        head = ("Row", "Day", "Client", "What", "Amount", "Counts as base", "Client’s fee so far", "Fee")
        rows = [self._make_row(one) for one in mine]
        rows.append(("", "", "Sum", "", "", self._money(sum((one.base for one in mine), Decimal(0))), "",
                     self._money(owed.fee)))  # fmt: skip
        yield make_table(head, tuple(rows), (5, 12, 20, 20, 11, 11, 11, 10))

    def _make_row(self, one: CountedMovement) -> tuple[str, ...]:
        move = one.movement
        what = {"paid": "paid" if self._terms.earned_on == "payment" else "invoiced"}.get(move.kind, "")
        if move.kind == "refunded":
            what = f"refund of row {move.refund_of}"
        if one.counts != COUNTS:
            what += f"; does not count: {one.counts}"
        elif self._terms.cap is not None and one.fee_so_far == self._terms.cap:
            what += "; cap reached"
        return (
            str(move.number),
            format_short_day(move.day, self._language),
            f"{self._clients[move.lead]} (lead {move.lead})",
            what,
            self._money(move.amount),
            self._money(one.base),
            self._money(one.fee_so_far),
            self._money(one.fee),
        )

    def _each_dispute(self) -> Iterator[MemoBlock]:
        for one in self._book.counted:
            reason = self._book.disputed.get(one.movement.number)
            if reason and self._first <= one.movement.day <= self._last:
                yield say(f"{self._money(one.fee)} of the fees: {reason}", f"Row {one.movement.number}:")

    def _make_earlier_table(self) -> Table | None:
        rows = []
        for owed in self._book.sums:
            is_late = owed.due_by < (owed.settled or self._last)
            was_over = owed.settled is not None and owed.settled < self._first
            if owed.last >= self._last or not owed.fee or was_over or not (is_late or not owed.settled):
                continue
            paid = "open"
            if owed.settled and owed.settled <= self._last:
                paid = format_short_day(owed.settled, self._language)
            rows.append((
                self._call(owed.last),
                owed.payer if owed.fee > 0 else self._terms.receiver_of(owed.payer),
                self._money(abs(owed.fee)),
                format_short_day(owed.due_by, self._language),
                paid,
                self._money(self._charge_until(owed, self._last)),
            ))  # fmt: skip
        head = ("Period", "Owed by", "Sum", "Due by", "Paid on", "Late charge until the end of this period")
        return make_table(head, tuple(rows), (18, 18, 14, 15, 15, 20)) if rows else None

    def _make_leads_table(self) -> Table:
        rows = []
        for referrer in self._terms.referrers:
            sent = [one for one in self._book.leads if one.lead.referrer == referrer]
            new = [one for one in sent if self._first <= one.lead.day <= self._last]
            refused = sum(one.counts.startswith("refused") for one in new)
            won = sum(bool(one.lead.won and self._first <= one.lead.won <= self._last) for one in sent)
            rows.append((referrer, str(len(new)), str(refused), str(won)))
        return make_table(("From", "Sent", "Refused in time", "Won in this period"), tuple(rows), (40, 20, 20, 20))

    def _each_rule(self) -> Iterator[MemoBlock]:
        rows = {row.id: row for pair in self._facts.document.terms for row in (pair.left, pair.right) if row}
        for id in _COUNTED_BY:
            if row := rows.get(id):
                yield say(text_of_runs(row.runs), f"{row.label}:")

    def _money(self, amount: Decimal) -> str:
        # A hyphen-minus, so that the sum reads the same everywhere.
        said = format_money(Money(abs(amount), self._terms.currency), self._language, cents=True)
        return f"-{said}" if amount < 0 else said


_ORDINALS = {1: "First", 2: "Second", 3: "Third", 4: "Fourth"}

"""Loans in a joint venture: one party pays what another was late with, and is repaid first from what that one gets.

A loan bears simple interest by days on what of it is not repaid. What is repaid counts as interest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from agreementgen.ledger.accounts import Account, Counted, CountedEntry, Entry, Fault
from agreementgen.ledger.referral_fees import round_money
from agreementgen.ledger.sheet_parts import (
    FILL_IN,
    Column,
    Grid,
    day_format,
    input_amount,
    input_choice,
    input_day,
    input_row_number,
    input_text,
    money_format,
)
from agreementgen.ledger.terms import DealTerms

LOANS = "Loans"
_LENT, _REPAID = "lent", "repaid"


@dataclass(frozen=True)
class Repayment:
    """What of one repayment was interest, and what was the loan itself."""

    day: date
    interest: Decimal
    principal: Decimal


@dataclass(frozen=True)
class Loan:
    """What `lender` paid for `borrower`; `rate` is in percent a year. Sums are rounded to `digits`."""

    number: int
    lender: str
    borrower: str
    day: date
    amount: Decimal
    rate: Decimal
    digits: int
    repaid: tuple[Repayment, ...] = ()

    def owed_before(self, day: date) -> Decimal:
        """Return loan and interest to `day`, before what was repaid on it."""
        earlier = replace(self, repaid=tuple(one for one in self.repaid if one.day < day))
        return earlier.principal_on(day) + earlier.interest_on(day)

    def principal_on(self, day: date) -> Decimal:
        """Return what of the loan itself is open at the end of `day`."""
        if day < self.day:
            return Decimal(0)
        return self.amount - sum((one.principal for one in self.repaid if one.day <= day), Decimal(0))

    def interest_on(self, day: date) -> Decimal:
        """Return the interest that is open at the end of `day`."""
        before = [one for one in self.repaid if one.day <= day]
        days = self.amount * max(0, (day - self.day).days)
        days -= sum((one.principal * (day - one.day).days for one in before), Decimal(0))
        grown = round_money(days * self.rate / 36500, self.digits)
        return grown - sum((one.interest for one in before), Decimal(0))


def make_loans(terms: DealTerms, promised: Sequence[tuple[str, Decimal]], rate: Decimal, rows: int) -> Account:
    """Return the sheet of loans; `promised` has party and value of each contribution, `rate` percent a year."""
    day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
    lent_before = "SUMPRODUCT(({no^}={of})*1,{amount^})"
    grown = (
        f"{{day}}*{lent_before}-SUMPRODUCT(({{no^}}={{of}})*1,{{day^}},{{amount^}})"
        "-{day}*SUMPRODUCT(({of^}={of})*1,{principal^})+SUMPRODUCT(({of^}={of})*1,{day^},{principal^})"
    )
    interest = (
        f"MIN({{amount}},ROUND(({grown})*LateInterest/365,{terms.digits})-SUMPRODUCT(({{of^}}={{of}})*1,{{interest^}}))"
    )
    is_paid = f'{{what}}<>"{_REPAID}"'
    left = f"ROUND({lent_before}-SUMPRODUCT(({{of^}}={{of}})*1,{{principal^}})-{{principal}},{terms.digits})"
    columns = [
        Column("no", "No.", 5, "number"),
        input_day("day", "Day", day, "the day"),
        input_choice("what", "What", 10, (_LENT, _REPAID), "whether it was lent or repaid"),
        input_choice("lender", "Lent by", 18, terms.parties, source="Parties"),
        input_row_number("for", "For contribution No.", 12),
        input_row_number("of", "Repays loan No.", 10),
        input_amount("amount", "Amount" + unit, money, "the amount", 14),
        Column("owed", "Owed by", 18, "result", formula=f'IF({{what}}="{_LENT}",INDEX(GivenBy,{{for}}),"")'),
    ]
    if rate:
        columns.append(Column("interest", "Interest in it" + unit, 13, "result", money, f'IF({is_paid},"",{interest})'))
    own = "ROUND({amount}-{interest}," + f"{terms.digits})" if rate else "{amount}"
    columns += [
        Column("principal", "Repaid of the loan" + unit, 13, "result", money, f'IF({is_paid},"",{own})'),
        Column("left", "Left of the loan" + unit, 13, "result", money,
               f'IF({{what}}="","",IF({{what}}="{_LENT}",{{amount}},{left}))'),
        input_text("disputed", "Disputed, because", 16),
    ]  # fmt: skip
    hint = (
        "One row for each late contribution that another party paid as a loan, and for each time it was repaid, in the "
        f"order of the days. {FILL_IN}"
    )
    loans = _Loans(promised, rate, terms.digits)
    return Account(Grid(LOANS, LOANS, hint, tuple(columns), rows), (), {}, (), loans.count, False, (), (), loans.check)


def list_loans(counted: Sequence[CountedEntry], rate: Decimal, digits: int) -> tuple[Loan, ...]:
    """Return the loans of the counted rows of their sheet, each with what was repaid of it."""
    found: list[Loan] = []
    for one in counted:
        entry = one.entry
        if entry["what"] == _LENT:
            repaid = tuple(
                Repayment(row.entry["day"], row.results.get("interest") or Decimal(0), row.results["principal"])
                for row in counted
                if row.entry["what"] == _REPAID and row.entry["of"] == entry.number
            )
            borrower = str(one.results["owed"])
            found.append(
                Loan(entry.number, entry["lender"], borrower, entry["day"], entry["amount"], rate, digits, repaid)
            )
    return tuple(found)


class _Loans:
    def __init__(self, promised: Sequence[tuple[str, Decimal]], rate: Decimal, digits: int) -> None:
        self._promised, self._rate, self._digits = promised, rate, digits

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        counted: list[CountedEntry] = []
        for entry in entries:
            if entry["what"] == _LENT:
                party, _ = self._promised[entry["for"] - 1]
                results = {"owed": party, "interest": None, "principal": None, "left": entry["amount"]}
            else:
                (loan,) = (one for one in list_loans(counted, self._rate, self._digits) if one.number == entry["of"])
                interest = min(entry["amount"], loan.interest_on(entry["day"]))
                principal = entry["amount"] - interest
                left = loan.principal_on(entry["day"]) - principal
                results = {"owed": None, "interest": interest, "principal": principal, "left": left}
            if not self._rate:
                del results["interest"]
            counted.append(CountedEntry(entry, entry["day"], results))
        return tuple(counted)

    def check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        """Yield what is wrong with rows; those that cannot be counted are looked at no further."""
        sound: list[Entry] = []
        for entry in entries:
            fault = self._find_fault(entry, sound)
            if fault:
                yield entry.number, fault
                continue
            sound.append(entry)

    def _find_fault(self, entry: Entry, sound: Sequence[Entry]) -> Fault | None:
        if entry["what"] == _LENT:
            return self._find_fault_of_loan(entry, sound)
        if entry["lender"] or entry["for"]:
            key = "lender" if entry["lender"] else "for"
            return Fault(key, "what is repaid names its loan only", 'clear the cell, or choose "lent"')
        counted = self.count(sound, None, {})
        loan = next((one for one in list_loans(counted, self._rate, self._digits) if one.number == entry["of"]), None)
        if loan is None:
            said = f"row {entry['of']} is no loan above this one" if entry["of"] else "it is missing which loan"
            return Fault("of", said, 'type the "No." of the loan that was repaid')
        owed = loan.principal_on(entry["day"]) + loan.interest_on(entry["day"])
        if entry["amount"] > owed:
            said = f"more is repaid than the {owed:,} that loan {loan.number} came to on {entry['day']}"
            return Fault("amount", said, "correct the amount or the day")
        return None

    def _find_fault_of_loan(self, entry: Entry, sound: Sequence[Entry]) -> Fault | None:
        number = entry["for"]
        if entry["of"]:
            return Fault("of", "a loan repays nothing", 'delete the number, or choose "repaid"')
        if not entry["lender"]:
            return Fault("lender", "who lent it is missing", "choose the party")
        if not number:
            said = "it is missing which contribution was paid"
            return Fault("for", said, 'type the "No." that the sheet Contributions has for it')
        if number > len(self._promised):
            said = f"there is no contribution {number}"
            return Fault("for", said, f"the sheet Contributions has 1 to {len(self._promised)}")
        party, value = self._promised[number - 1]
        if party == entry["lender"]:
            return Fault("lender", f"contribution {number} is {party}’s own", "correct the party or the number")
        lent = sum((one["amount"] for one in sound if one["for"] == number), entry["amount"])
        if lent > value:
            said = f"{lent:,} was lent for contribution {number}, which is worth {value:,}"
            return Fault("amount", said, "correct the amount or the number")
        return None

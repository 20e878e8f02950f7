"""What all ways of counting have in common: rows that people type, what each row comes to, and who owes it to whom.

A way of counting (shared_sales, shared_costs, fixed_fees, ...) says three things of its sheet: the columns with their
formulas, the same sums in Python, and the directions in which money goes. Reading, checking, comparing, the sums of
periods and the statement are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.ledger.entries import Ledger
from agreementgen.ledger.referral_fees import Earning, PeriodSum, add_up_periods, charge_for_delay
from agreementgen.ledger.sheet_parts import Column, Grid, input_day, money_format
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import TermLine


@dataclass(frozen=True)
class Entry:
    """A row as it was typed, with the labels that stand in it; what is missing is None."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)


@dataclass(frozen=True)
class Claim:
    """What `debtor` owes `creditor` for one row (below 0: what it gets back).

    `due_by` and `settled` are None where not each row is paid by itself, but the sum of a period.
    """

    debtor: str
    creditor: str
    amount: Decimal
    due_by: date | None = None
    settled: date | None = None
    late_charge: Decimal = Decimal(0)


@dataclass(frozen=True)
class CountedEntry:
    """A row with the results of its columns; `day` decides to which period its claims belong, None to none yet."""

    entry: Entry
    day: date | None
    results: Mapping[str, Any]
    claims: tuple[Claim, ...] = ()


Counted = Mapping[str, tuple[CountedEntry, ...]]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: the column, what it is, and what to do about it; a remark lets the row count."""

    key: str
    message: str
    hint: str
    is_remark: bool = False


@dataclass(frozen=True)
class Flow:
    """A direction of money, by names of columns: `when` is a condition on the rows, "" for all of them.

    `settled` and `charges` are "" where periods are paid, not rows.
    """

    debtor: str
    creditor: str
    day: str
    amounts: str
    when: str = ""
    settled: str = ""
    charges: str = ""


@dataclass(frozen=True)
class Figure:
    """What a talk is told of the days since the one before: the sums of areas over the rows within those days.

    `day` is the name of the days of the rows, `areas` are those of their amounts, or `when` is a condition on the rows
    that are counted.
    """

    head: str
    day: str
    areas: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Account:
    """A sheet of rows, and how they are counted.

    `lines` are the terms it needs, `names` are names of its columns in formulas. `count` gets the rows, the day on
    which the agreement ended, and the counted rows of the accounts before it, by their sheets. `by_period` is whether
    the sum of a period is paid, not each row. `shown` are the columns that a statement prints, with their widths in
    percent, and `rules` the rows of the key terms it quotes. `asks_end` is whether the day of the end matters.
    """

    grid: Grid
    lines: tuple[TermLine, ...]
    names: Mapping[str, str]
    flows: tuple[Flow, ...]
    count: Callable[[Sequence[Entry], date | None, Counted], tuple[CountedEntry, ...]]
    by_period: bool
    shown: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    check: Callable[[Sequence[Entry]], Iterator[tuple[int, Fault]]] = field(default=lambda entries: iter(()))
    asks_end: bool = False
    # How long the periods are that its rows stand for, where statements follow them: "monthly" or "quarterly".
    periods: str = ""
    # What talks are told of it besides what is owed.
    figures: tuple[Figure, ...] = ()
    # A sheet that follows from the rows, and is neither filled in nor paid: how a year stands against its minimum.
    overviews: tuple[Overview, ...] = ()


@dataclass(frozen=True)
class Overview:
    """A sheet of results for fixed rows. `count` returns them row by row, from all counted rows by their sheets."""

    grid: Grid
    count: Callable[[Counted], tuple[Mapping[str, Any], ...]]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SettledColumns:
    """The columns of rows that are paid one by one: when due, when paid, and the charge for delay."""

    columns: tuple[Column, ...]

    @staticmethod
    def make(
        terms: DealTerms,
        due: str,
        owed: Sequence[tuple[str, str]],
        day: str,
        paid: str = "Paid on",
        towards: str = "by",
    ) -> tuple[Column, ...]:
        """Return the columns; `due` is a formula, `owed` has the column of each sum with who owes it ("" for one).

        With `towards` "to", `owed` names who is owed.
        """
        money, of = money_format(terms.digits), "of" if towards == "by" else towards
        made = [Column("due", "Due by", 11.5, "result", day, due)]
        for key, who in owed:
            suffix = key.removeprefix("owed")
            made.append(input_day(f"settled{suffix}", f"{paid}{f' {towards} {who}' if who else ''}", day))
            charge = (
                f'IF(OR({{due}}="",{{{key}}}=""),"",IF(OR({{settled{suffix}}}="",{{settled{suffix}}}<={{due}}),0,'
                f"ROUND(ABS({{{key}}})*LateCharge*12*({{settled{suffix}}}-{{due}})/365,{terms.digits})))"
            )
            head = f"Late charge{f' {of} {who}' if who else ''}"
            made.append(Column(f"charge{suffix}", head, 10, "result", money, charge))
        return tuple(made)


def settle(terms: DealTerms, amount: Decimal, due: date | None, settled: date | None) -> Decimal:
    """Return the charge for the delay of one sum."""
    return charge_for_delay(abs(amount), due, settled, terms) if due and settled else Decimal(0)


def list_directions(accounts: Iterable[Account], by_period: bool) -> tuple[tuple[str, str], ...]:
    """Return who may owe whom, each once, for the accounts that are paid by the period or row by row."""
    found = ((flow.debtor, flow.creditor) for one in accounts if one.by_period == by_period for flow in one.flows)
    return tuple(dict.fromkeys(found))


def sum_flows(accounts: Iterable[Account], debtor: str, creditor: str, by_period: bool, what: str = "amounts") -> str:
    """Return the formula for a direction in the period of a row: what is owed, what of it is paid, or late charges."""
    parts = []
    for account in accounts:
        for flow in account.flows:
            if account.by_period == by_period and (flow.debtor, flow.creditor) == (debtor, creditor):
                within = f"({flow.day}>={{first}})*({flow.day}<={{last}})"
                when = f"{flow.when}*" if flow.when else ""
                paid = f'*({flow.settled}<>"")' if what == "paid" else ""
                parts.append(f"SUMPRODUCT({when}{within}{paid},{flow.charges if what == 'charges' else flow.amounts})")
    return "+".join(parts) or "0"


def sum_account_periods(
    terms: DealTerms,
    counted: Iterable[CountedEntry],
    directions: Sequence[tuple[str, str]],
    ledger: Ledger,
    until: date,
) -> tuple[PeriodSum, ...]:
    """Return what is owed in each direction for each period up to that of `until`."""
    earnings = (Earning(one.day, claim.debtor, claim.creditor, claim.amount)
                for one in counted if one.day for claim in one.claims)  # fmt: skip
    return add_up_periods(terms, earnings, directions, ledger, until)

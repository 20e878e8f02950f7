"""The sheets of sums: what each party owes another for each period, whatever it is owed for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agreementgen.ledger.accounts import Account, list_directions, sum_flows
from agreementgen.ledger.referral_fees import list_periods
from agreementgen.ledger.sheet_parts import Column, Grid, Value, add_length, day_format, day_rule, money_format
from agreementgen.ledger.terms import DealTerms, ReferralTerms

# The sums that are paid, and those of rows that are paid one by one.
STATEMENT, BALANCE = "Statement", "Balance"


def make_statement_grid(terms: DealTerms, accounts: Sequence[Account], until: date) -> Grid | None:
    """Return the sheet of sums that are paid by the period: a row for each of them and each direction."""
    referral = terms if isinstance(terms, ReferralTerms) else None
    directions = (*(referral.directions if referral else ()), *list_directions(accounts, by_period=True))
    if not directions:
        return None
    day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
    labels = _label_rows(terms, directions, until)
    if referral:
        owed = "ROUND(" + _within(referral, "PaidFee") + f",{terms.digits})"
    else:
        owed = "{=owed}"
        labels = tuple({**row, "owed": _sum_rows(terms, accounts, row, True)} for row in labels)
    charge = (
        f'IF(OR({{settled}}="",{{settled}}<={{due}}),0,'
        f"ROUND(ABS({{fee}})*LateCharge*12*({{settled}}-{{due}})/365,{terms.digits}))"
    )
    paid = 'IF({settled}="","open",IF({settled}>{due},"paid late","paid"))'
    state = f'IF({{fee}}=0,"nothing due",IF({{fee}}<0,"to be repaid",{paid}))'
    columns = [*_label_columns(day, "Pays", "Receives")]
    if referral:
        base = "ROUND(" + _within(referral, "PaidBase") + f",{terms.digits})"
        columns.append(Column("base", "Base" + unit, 14, "result", money, base))
    columns.append(Column("fee", ("Fees" if referral else "Owed") + unit, 14, "result", money, owed))
    if terms.statement:
        by = add_length("{last}", terms.statement, "StatementAfter")
        columns.append(Column("statement", "Statement by", 13, "result", day, by))
    due = add_length("{statement}" if terms.statement else "{last}", terms.due, "DueAfter")
    columns += [
        Column("due", "Due by", 13, "result", day, due),
        Column("settled", "Paid on", 13, "input", day, check=day_rule("Paid on", "Effective")),
        Column("charge", "Late charge" + unit, 13, "result", money, charge),
        Column("state", "State", 13, "result", formula=state),
    ]
    sheets = "Leads and Payments" if referral else " and ".join(one.grid.name for one in accounts if one.by_period)
    hint = (
        f"What each party owes for each period; it follows from {sheets}. Fill in only when a sum was paid. A sum "
        "below 0 is repaid by the party that received it."
    )
    return Grid(STATEMENT, "Statement", hint, tuple(columns), len(labels), labels)


def make_balance_grid(terms: DealTerms, accounts: Sequence[Account], until: date) -> Grid | None:
    """Return the sheet of sums of rows that are paid one by one, a row for each month and each direction."""
    directions = list_directions(accounts, by_period=False)
    if not directions:
        return None
    day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
    rows = _label_rows(terms, directions, until, "monthly")
    labels = tuple(
        {**row, **{what: _sum_rows(terms, accounts, row, False, what) for what in ("amounts", "paid", "charges")}}
        for row in rows
    )
    columns = (
        *_label_columns(day, "Owes", "To"),
        Column("fee", "Owed" + unit, 14, "result", money, "{=amounts}"),
        Column("paid", "Paid of it" + unit, 14, "result", money, "{=paid}"),
        Column("open", "Still open" + unit, 14, "result", money, f"ROUND({{fee}}-{{paid}},{terms.digits})"),
        Column("charge", "Late charges" + unit, 14, "result", money, "{=charges}"),
    )
    sheets = " and ".join(one.grid.name for one in accounts if not one.by_period)
    hint = f"What follows for each month from {sheets}. Each row there is due on its own day."
    return Grid(BALANCE, "Balance", hint, columns, len(labels), labels)


def _label_columns(day: str, debtor: str, creditor: str) -> tuple[Column, ...]:
    return (
        Column("first", "From", 13, "label", day),
        Column("last", "To", 13, "label", day),
        Column("payer", debtor, 16, "label"),
        Column("payee", creditor if creditor != "To" else "To whom", 16, "label"),
    )


def _label_rows(
    terms: DealTerms, directions: Sequence[tuple[str, str]], until: date, every: str = ""
) -> tuple[dict[str, Value], ...]:
    return tuple(
        {"first": first, "last": last, "payer": payer, "payee": payee}
        for first, last in list_periods(terms, until, every)
        for payer, payee in directions
    )


def _within(terms: ReferralTerms, what: str) -> str:
    to = "*(PaidTo={payee})" if len(terms.parties) > 2 else ""
    return f"SUMPRODUCT((PaidBy={{payer}}){to}*(PaidDay>={{first}})*(PaidDay<={{last}}),{what})"


def _sum_rows(
    terms: DealTerms, accounts: Sequence[Account], row: dict[str, Value], by_period: bool, what: str = "amounts"
) -> str:
    return f"ROUND({sum_flows(accounts, str(row['payer']), str(row['payee']), by_period, what)},{terms.digits})"

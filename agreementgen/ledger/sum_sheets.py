"""The sheets of sums: what each party owes another for each period, whatever it is owed for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from agreementgen.ledger.accounts import Account, list_directions, sum_flows
from agreementgen.ledger.amended import merge_row_formulas, rename_terms
from agreementgen.ledger.referral_fees import find_guarantee, find_guaranteed_period, list_periods, split_days
from agreementgen.ledger.sheet_parts import (
    Column,
    Grid,
    Value,
    add_length,
    day_format,
    day_rule,
    input_choice,
    money_format,
)
from agreementgen.ledger.terms import DealTerms, ReferralTerms

# Why what is missing to a guarantee is not owed, as the clauses have it.
OWN_DOING, BEYOND_CONTROL = "its own doing", "beyond control"
# The sums that are paid, and those of rows that are paid one by one.
STATEMENT, BALANCE = "Statement", "Balance"


def make_statement_grid(
    terms: DealTerms, accounts: Sequence[Account], until: date, names: Sequence[Mapping[str, str]] = ({},)
) -> Grid | None:
    """Return the sheet of sums that are paid by the period: a row for each of them and each direction.

    `names` are those of the cells of each version of the terms; a period counts by the version of its last day.
    """
    referral = terms if isinstance(terms, ReferralTerms) else None
    directions = (*(referral.directions if referral else ()), *list_directions(accounts, by_period=True))
    if not directions:
        return None
    labels = _label_rows(terms, directions, until)
    labels = tuple({**row, "added": _add_guarantee(terms, row, names)} for row in labels)
    if referral:
        owed = "ROUND(" + _within(referral, "PaidFee") + f",{terms.digits})"
    else:
        owed = "{=owed}"
        labels = tuple({**row, "owed": _sum_rows(terms, accounts, row, True)} for row in labels)
    columns, labels = merge_row_formulas(
        [
            [replace(column, formula=rename_terms(column.formula, own))
             for column in _each_sum_column(one, terms, accounts, owed)]
            for one, own in zip(terms.versions, names, strict=True)
        ],
        labels,
        [terms.number_on(last) for row in labels if isinstance(last := row["last"], date)],
    )  # fmt: skip
    sheets = "Leads and Payments" if referral else " and ".join(one.grid.name for one in accounts if one.by_period)
    hint = (
        f"What each party owes for each period; it follows from {sheets}. Fill in only when a sum was paid. A sum "
        "below 0 is repaid by the party that received it."
    )
    if guarantee := find_guarantee(terms):
        hint += (
            f" What {guarantee.payee} earns too little by its own doing, or by an event beyond control, is not "
            "guaranteed: choose so in the last row of the guaranteed period."
        )
    return Grid(STATEMENT, "Statement", hint, columns, len(labels), labels)


def _each_sum_column(
    terms: DealTerms, all_terms: DealTerms, accounts: Sequence[Account], owed: str
) -> Iterator[Column]:
    """Yield the columns as one version of the terms has them; all versions have the same ones."""
    referral = terms if isinstance(terms, ReferralTerms) else None
    day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
    charge = (
        f'IF(OR({{settled}}="",{{settled}}<={{due}}),0,'
        f"ROUND(ABS({{fee}})*LateCharge*12*({{settled}}-{{due}})/365,{terms.digits}))"
    )
    paid = 'IF({settled}="","open",IF({settled}>{due},"paid late","paid"))'
    state = f'IF({{fee}}=0,"nothing due",IF({{fee}}<0,"to be repaid",{paid}))'
    yield from _label_columns(day, "Pays", "Receives")
    if referral:
        base = "ROUND(" + _within(referral, "PaidBase") + f",{terms.digits})"
        yield Column("base", "Base" + unit, 14, "result", money, base)
    yield from _fee_columns(terms, all_terms, ("Fees" if referral else "Owed"), money, owed)
    by = add_length("{last}", terms.statement, "StatementAfter") if terms.statement else "{last}"
    if any(one.statement for one in all_terms.versions):
        yield Column("statement", "Statement by", 13, "result", day, by)
    due = add_length("{statement}" if terms.statement else "{last}", terms.due, "DueAfter")
    yield Column("due", "Due by", 13, "result", day, due)
    yield Column("settled", "Paid on", 13, "input", day, check=day_rule("Paid on", "Effective"))
    yield Column("charge", "Late charge" + unit, 13, "result", money, charge)
    yield Column("state", "State", 13, "result", formula=state)


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


def _fee_columns(terms: DealTerms, all_terms: DealTerms, head: str, money: str, owed: str) -> Iterator[Column]:
    """Yield the columns from what was earned to what is paid, as many as there are terms for."""
    unit, digits = f" ({terms.currency})", terms.digits
    parts = ["{earned}"]
    guarantee = find_guarantee(all_terms)
    may_be_kept = any(one.least_payout is not None for one in all_terms.versions)
    if guarantee is None and not may_be_kept:
        yield Column("fee", head + unit, 14, "result", money, owed)
        return
    yield Column("earned", head + unit, 14, "result", money, owed)
    if guarantee:
        yield input_choice("cause", "No guarantee: what is missing is", 15, (OWN_DOING, BEYOND_CONTROL))
        yield Column("added", "To reach the guarantee", 13, "result", money, "{=added}")
        parts.append("{added}")
    if may_be_kept:
        same = "({payer^}={payer})*({payee^}={payee})"
        added = f"+SUMPRODUCT({same},{{added^}})" if guarantee else ""
        carried = f"ROUND(SUMPRODUCT({same},{{earned^}}){added}-SUMPRODUCT({same},{{fee^}}),{digits})"
        yield Column("carried", "Carried over", 13, "result", money, carried)
        parts.append("{carried}")
    total = f"ROUND({'+'.join(parts)},{digits})"
    if terms.least_payout is not None:
        total = f'IF(AND({total}<LeastPayout,OR(EndedOn="",{{last}}<EndedOn)),0,{total})'
    yield Column("fee", "To be paid" + unit, 14, "result", money, total)


def _add_guarantee(terms: DealTerms, row: Mapping[str, Value], names: Sequence[Mapping[str, str]]) -> str:
    """Return the formula for what is paid on top in the last period of a guarantee, 0 in all others."""
    agreed, last = find_guarantee(terms), row["last"]
    if agreed is None or not isinstance(last, date) or (row["payer"], row["payee"]) != (agreed.payer, agreed.payee):
        return "0"
    period = find_guaranteed_period(terms, last)
    if period is None:
        return "0"

    def write_day(day: date) -> str:
        return f"DATE({day.year},{day.month},{day.day})"

    parts = []
    for number, begins, last_of_part in split_days(terms, period.begins, period.last):
        if terms.versions[number].guarantee:
            end, name = write_day(last_of_part), names[number].get("Guarantee", "Guarantee")
            days = f'MAX(0,IF(EndedOn="",{end},MIN({end},EndedOn))-{write_day(begins)}+1)'
            parts.append(f"{name}*{days}")
    whole = parts[0] if len(parts) == 1 else f"({'+'.join(parts)})"
    first, least = write_day(period.first), f"ROUND({whole}/{period.days},{terms.digits})"
    own = f"SUMPRODUCT(({{payer^}}={{payer}})*({{payee^}}={{payee}})*({{last^}}>={first}),{{earned^}})+{{earned}}"
    return f'IF({{cause}}<>"",0,MAX(0,ROUND({least}-({own}),{terms.digits})))'


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

"""The sheets on which referrals are kept: leads and payments.

Their formulas say the same as referral_fees, in which the rules are explained. They hold names and few functions,
all known to Excel, LibreOffice and Google Sheets. Names of people are compared with = only: the functions that count
by criteria would take a * in one for a wildcard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agreementgen.core.values import Duration
from agreementgen.ledger.amended import Versions, rename_terms
from agreementgen.ledger.entries import ACCEPTED, IN_TALKS, NOT_NEW, OUT_OF_SCOPE
from agreementgen.ledger.referral_fees import group_versions
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    FILL_IN,
    FIRST_ROW,
    INPUT,
    LABEL,
    WARNING,
    Column,
    Grid,
    add_length,
    amount_rule,
    day_format,
    day_rule,
    list_rule,
    match_name,
    money_format,
    width_of,
)
from agreementgen.ledger.terms import LeadTerms, ReferralTerms
from agreementgen.sheets.workbook_writer import EntryRule, FormulaHighlight, NewCell

LEADS, PAYMENTS = "Leads", "Payments"
# Where the day on which the agreement ended is typed.
ENDED_CELL = "F3"
_ONCE = Duration(0, "day")


@dataclass(frozen=True)
class BookSize:
    """How many rows there are for leads and for payments, and the last day for which periods are listed."""

    leads: int
    payments: int
    until: date


def make_leads_grid(versions: Versions[LeadTerms], size: BookSize, language: str) -> Grid:
    """Return the sheet of leads: a row for each, with what becomes of it."""
    terms, last = versions.each[0][0], versions.each[-1][0]
    day, money = day_format(language), money_format(terms.digits)
    new = (NOT_NEW,) if any(one.new_customers_only for one, _ in versions.each) else ()
    answers = list_rule("Answer", choices=(ACCEPTED, *new, IN_TALKS, OUT_OF_SCOPE))
    columns = [
        Column("no", "No.", 5, "number"),
        Column("day", "Sent on", 11.5, "input", day, check=day_rule("Sent on", "Effective")),
        Column("from", "From", 12, "input", check=list_rule("From", "Referrers")),
        *_list_sort_column(terms),
        *([Column("to", "To", 12, "input", check=list_rule("To", "Parties"))] if len(terms.parties) > 2 else []),
        Column("client", "Client", 20, "input"),
        Column("contact", "Contact", 14, "input"),
        *versions.column("{day}"),
        Column("answer_by", "Answer by", 11.5, "result", day, versions.choose(_answer_by)),
        Column("answer", "Answer", 14, "input", check=answers),
        Column("answered", "Answered on", 11.5, "input", day, check=day_rule("Answered on", "Effective")),
        Column("accepted", "Accepted on", 11.5, "result", day, _ACCEPTED),
        Column("until", "Protected until", 11.5, "result", day, _protected_until(versions)),
        Column("won", "Won on", 11.5, "input", day, check=day_rule("Won on", "Effective")),
        Column("value", f"Value ({terms.currency})", 11, "input", money, check=amount_rule("Value")),
        Column("counts", "Counts", 14, "result", formula=_lead_counts(last)),
    ]  # fmt: skip
    if isinstance(terms, ReferralTerms):
        head = "First payment" if terms.earned_on == "payment" else "First invoice"
        first = 'IF({counts}<>"yes","",IFERROR(INDEX(PaidDay,MATCH({no},PaidLead,0)),""))'
        columns.append(Column("first", head, 13, "result", day, first))
    if isinstance(terms, ReferralTerms) and terms.window:
        ends = f'IF({{first}}="","",{_fee_ends(versions)})'
        columns.append(Column("ends", "Fee ends on", 11.5, "result", day, ends))
    columns.append(Column("check", "Check", 12, "result", formula=_lead_check(len(terms.parties) > 2)))
    grid = Grid(
        LEADS,
        "Leads",
        f"One row for each lead, in any order. {FILL_IN} No answer in time is an acceptance; a refusal after "
        '"Answer by" counts for nothing.',
        tuple(columns),
        size.leads,
    )
    return with_check_highlight(with_end_cell(grid, day))


def _list_sort_column(terms: LeadTerms) -> list[Column]:
    if not isinstance(terms, ReferralTerms) or not terms.by_sort:
        return []
    return [Column("sort", "Fee for", width_of(terms.sorts), "input", check=list_rule("Fee for", "FeeFor"))]


def with_end_cell(grid: Grid, day: str) -> Grid:
    """Return a grid with a cell for the day on which the agreement ended, and words in front of it."""
    said = NewCell("Agreement ended on (leave it empty while it runs):", LABEL)
    rule = replace(day_rule("Agreement ended on", "Effective"), area=ENDED_CELL)
    own = (said, None, None, None, None, NewCell(None, INPUT, day))
    return replace(grid, own=own, more_merged=("A3:E3",), more_rules=(rule,))


def _answer_by(terms: LeadTerms) -> str:
    return f'IF({{day}}="","",{add_length("{day}", terms.accepted_within, "AnswerWithin")})'


_ACCEPTED = (
    'IF({day}="","",IF(AND(LEFT({answer},7)="refused",{answered}<>"",{answered}<={answer_by}),"",'
    'MIN({answer_by},IF(AND({answer}="accepted",{answered}<>""),{answered},{answer_by}),'
    'IF(AND({won}<>"",{won}>={day}),{won},{answer_by}))))'
)


def _sent_too_late(terms: LeadTerms) -> str:
    late = 'AND(EndedOn<>"",{day}>EndedOn)'
    return late if terms.finishes_leads else late.replace("{day}", "{accepted}")


def _protected_until(versions: Versions[LeadTerms]) -> str:
    until = versions.choose(lambda terms: add_length("{accepted}", terms.protection, "Protection"))
    last, names = versions.each[-1]
    after = add_length("EndedOn", last.tail, names.get("Tail", "Tail")) if last.tail else "EndedOn"
    return (
        f'IF({{accepted}}="","",IF(OR(AND(EndedOn<>"",{{day}}>EndedOn),{_sent_too_late(last)}),"",'
        f'IF(EndedOn="",{until},MIN({until},{after}))))'
    )


def _fee_ends(versions: Versions[Any]) -> str:
    """Return the formula for the last day on which a client's payments count, each by the terms of its day."""
    own = [add_length("{first}", terms.window, names.get("Window", "Window")) for terms, names in versions.each]
    ends = own[-1]
    for number in range(len(own) - 1, 0, -1):
        if ends != own[number - 1]:
            since = f"INDEX(Since,{number + 1})"
            ends = f"IF({ends}>={since},{ends},MIN({own[number - 1]},{since}-1))"
    return ends


def _lead_counts(terms: LeadTerms) -> str:
    flight = "" if terms.finishes_leads else 'IF({until}="","not accepted before the end",'
    return (
        'IF({day}="","",IF(AND(EndedOn<>"",{day}>EndedOn),"sent after the end",IF({accepted}="",{answer},'
        f'{flight}IF({{won}}="","",IF({{won}}<{{day}},"bought before",IF({{won}}>{{until}},"bought too late","yes")))))'
        + (")" if flight else "")
        + ")"
    )


def _lead_check(says_receiver: bool) -> str:
    receiver = 'IF(OR({to}="",{to}={from}),"sent to whom?",' if says_receiver else ""
    return (
        'IF(AND({day}="",{from}="",{client}=""),"",IF({day}="","day is missing",IF({from}="","who sent it?",'
        + receiver
        + 'IF({client}="","client is missing",IF(AND({answer}<>"",{answered}=""),"answered when?",'
        'IF(SUMPRODUCT((LeadClient={client})*1)>1,"twice in the list",""))))))' + (")" if receiver else "")
    )


def make_payments_grid(versions: Versions[ReferralTerms], size: BookSize, language: str) -> Grid:
    """Return the sheet of payments (or invoices): a row for each, and one for each refund."""
    terms = versions.each[0][0]
    paid = "paid" if terms.earned_on == "payment" else "invoiced"
    day, money = day_format(language), money_format(terms.digits)
    hint = (
        f"One row for each {'payment of a client' if paid == 'paid' else 'invoice to a client'}, in the order of the "
        f"days. {FILL_IN} A refund has a row of its own: its amount without taxes and other deductions, and the "
        f"number of the row that it pays back."
    )
    title = "Payments" if paid == "paid" else "Invoices"
    grid = Grid(PAYMENTS, title, hint, tuple(_each_column(versions, paid, day, money)), size.payments)
    return with_check_highlight(grid)


def _each_column(versions: Versions[ReferralTerms], paid: str, day: str, money: str) -> Iterator[Column]:
    terms = versions.each[0][0]
    unit = f" ({terms.currency})"
    yield Column("no", "No.", 5, "number")
    yield Column("day", "Day", 11.5, "input", day, check=day_rule("Day", "Effective"))
    yield Column("what", "What", 10, "input", check=list_rule("What", choices=(paid, "refunded")))
    yield Column(
        "lead",
        "Lead no.",
        7,
        "input",
        COUNT_FORMAT,
        check=EntryRule(
            "",
            "whole",
            minimum="1",
            maximum="MAX(LeadNo)",
            title="Lead no.",
            error="Type the number of a lead on the sheet Leads.",
        ),
    )
    yield Column("client", "Client", 19, "result", formula='IF({lead}="","",IFERROR(INDEX(LeadClient,{lead})&"",""))')
    yield Column("amount", "Amount" + unit, 11, "input", money, check=amount_rule("Amount"))
    if has_deductions(terms):
        yield Column("off", "Deductions" + unit, 11, "input", money, check=amount_rule("Deductions"))
    yield Column(
        "of",
        "Refund of no.",
        8,
        "input",
        COUNT_FORMAT,
        check=EntryRule(
            "",
            "whole",
            minimum="1",
            maximum="9999",
            title="Refund of no.",
            error="Type the number of the row that is paid back.",
        ),
    )
    payer = f"Party{1 + terms.parties.index(terms.payers[0])}"
    if len(terms.parties) > 2:
        payer = 'INDEX(LeadTo,{lead})&""'
    elif len(terms.payers) == 2:
        payer = "IF(INDEX(LeadFrom,{lead})=Party1,Party2,Party1)"
    yield Column("payer", "Fee paid by", 12, "result", formula=f'IF({{client}}="","",{payer})')
    if len(terms.parties) > 2:
        yield Column("payee", "Fee paid to", 12, "result", formula='IF({client}="","",INDEX(LeadFrom,{lead})&"")')
    yield from versions.column('IF({what}="refunded",INDEX({day^},{of}+1),{day})')
    yield Column("counts", "Counts", 14, "result", formula=_payment_counts(versions))
    off = "-{off}" if has_deductions(terms) else ""
    yield Column(
        "base",
        "Base" + unit,
        11,
        "result",
        money,
        'IF({counts}="","",IF({counts}<>"yes",0,IF({what}="refunded",-{amount},{amount}' + off + ")))",
    )
    yield Column(
        "so_far",
        "Client’s base so far",
        11,
        "result",
        money,
        f'IF({{base}}="","",ROUND({{base}}+SUMIFS({{base^}},{{lead^}},{{lead}}),{terms.digits}))',
    )
    if any(one.steps_by == "clients" for one, _ in versions.each):
        yield Column(
            "new",
            "New client in",
            8,
            "result",
            COUNT_FORMAT,
            'IF({counts}<>"yes","",IF(COUNTIFS({lead^},{lead},{counts^},"yes")>0,"",YEAR({day})))',
        )
        yield Column(
            "number",
            "Client of the year",
            8,
            "result",
            COUNT_FORMAT,
            'IF({counts}="","",IF({new}="",IFERROR(INDEX({number^},MATCH({lead},{lead^},0)),0),'
            "1+SUMPRODUCT(({payer^}={payer})*({new^}={new}))))",
        )
    yield from _each_fee_column(versions, money)
    change = f"ROUND({{owed}}-SUMIFS({{fee^}},{{lead^}},{{lead}}),{terms.digits})"
    if all(one.annual_cap is None for one, _ in versions.each):
        yield Column("fee", "Fee" + unit, 11, "result", money, f'IF({{base}}="","",{change})')
    else:
        yield Column(
            "change",
            "Change of the fee",
            11,
            "result",
            money,
            f'IF({{base}}="","",{change.replace("{fee^}", "{change^}")})',
        )
        yield Column(
            "year",
            "Counts for",
            8,
            "result",
            COUNT_FORMAT,
            'IF({counts}<>"yes","",YEAR(IF({what}="refunded",INDEX({day^},{of}+1),{day})))',
        )
        yield from _each_capped_column(versions, money, unit)
    yield Column("disputed", "Disputed, because", 15, "input")
    yield Column("check", "Check", 12, "result", formula=_payment_check(terms))


def has_deductions(terms: ReferralTerms) -> bool:
    return terms.base == "net collected revenue"


def _payment_counts(versions: Versions[ReferralTerms]) -> str:
    paid = '"yes"'
    if versions.each[0][0].window:
        ends = versions.choose(lambda terms: add_length("{first}", terms.window or _ONCE, "Window"))
        # Between a longer and a shorter window the last day that counts is not the same for all payments.
        ends = "INDEX(LeadEnds,{lead})" if "CHOOSE" not in ends else ends.replace("{first}", "INDEX(LeadFirst,{lead})")
        paid = f'IF({{day}}<={ends},"yes","after the fee ended")'
    back = versions.choose(_refund_counts)
    refund = f'IF(IFERROR(INDEX({{counts^}},{{of}}+1),"")<>"yes","payment did not count",{back})'
    lead = "INDEX(LeadCounts,{lead})"
    return (
        'IF(OR({day}="",{client}="",{amount}=""),"",'
        f'IF({lead}<>"yes",IF({lead}="","not won yet",{lead}),IF({{what}}="refunded",{refund},{paid})))'
    )


def _refund_counts(terms: ReferralTerms) -> str:
    if not terms.clawback:
        return '"no repayment agreed"'
    until = add_length("INDEX({day^},{of}+1)", terms.clawback, "Clawback")
    return f'IF({{day}}<={until},"yes","refunded too late")'


def _each_fee_column(versions: Versions[ReferralTerms], money: str) -> Iterator[Column]:
    """Yield what each client's fee comes to; under amended terms, first what it comes to under those before."""
    groups = group_versions([terms.fee_terms for terms, _ in versions.each])
    starts = tuple(dict.fromkeys(groups))
    before = fee = ""
    for at, number in enumerate(starts):
        (terms, names), is_last = versions.each[number], at == len(starts) - 1
        digits, last = terms.digits, starts[at + 1] if not is_last else 0
        paid, owed = ("{so_far}", "owed") if is_last else (f"{{so_far{last}}}", f"owed{last}")
        if not is_last:
            told = f"terms {last}" if last == 1 else f"terms 1 to {last}"
            so_far = (
                f'IF({{base}}="","",ROUND(IF({{terms}}<={last},{{base}},0)'
                f'+SUMIFS({{base^}},{{lead^}},{{lead}},{{terms^}},"<={last}"),{digits}))'
            )
            yield Column(f"so_far{last}", f"Of it under {told}", 11, "result", money, so_far)
        more = rename_terms(_fee_formula(terms, paid), names)
        if before:
            more = f"{more}-{rename_terms(_fee_formula(terms, before), names)}"
        if terms.cap is not None:
            cap = names.get("Cap", "Cap")
            more = f"MIN({cap},{more})" if not fee else f"MIN(MAX(0,{cap}-{fee}),{more})"
        more = f"ROUND({fee}+{more},{digits})" if fee else more
        head = "Client’s fee so far" if is_last else f"Fee under {told}"
        yield Column(owed, head, 11, "result", money, f'IF({{base}}="","",{more})')
        before, fee = paid, f"{{{owed}}}"


def _each_capped_column(versions: Versions[ReferralTerms], money: str, unit: str) -> Iterator[Column]:
    """Yield what of a change is owed under the cap for the calendar year."""
    groups = group_versions([terms.annual_cap for terms, _ in versions.each])
    starts = tuple(dict.fromkeys(groups))
    terms, names = versions.each[0]
    same = "({payer^}={payer})*({year^}={year})"
    if len(starts) == 1:
        yield Column("before", "Year so far", 11, "result", money,
                     f'IF({{base}}="","",SUMPRODUCT({same},{{change^}}))')  # fmt: skip
        fee = f"ROUND(MIN(AnnualCap,{{before}}+{{change}})-MIN(AnnualCap,{{before}}),{terms.digits})"
        yield Column("fee", "Fee" + unit, 11, "result", money, f'IF({{base}}="","",{fee})')
        return
    before = owed = ""
    for at, number in enumerate(starts):
        (own, names), is_last = versions.each[number], at == len(starts) - 1
        last = len(versions.each) if is_last else starts[at + 1]
        told = f"terms {last}" if last == 1 else f"terms 1 to {last}"
        year = (
            f'IF({{base}}="","",ROUND(IF({{terms}}<={last},{{change}},0)'
            f"+SUMPRODUCT({same}*({{terms^}}<={last}),{{change^}}),{terms.digits}))"
        )
        yield Column(f"year{last}", f"Year so far, {told}", 11, "result", money, year)
        more = f"{{year{last}}}" + (f"-{before}" if before else "")
        if own.annual_cap is not None:
            cap = names.get("AnnualCap", "AnnualCap")
            more = f"MIN({cap},{more})" if not owed else f"MIN(MAX(0,{cap}-{owed}),{more})"
        more = f"ROUND({owed}+{more},{terms.digits})" if owed else more
        yield Column(f"capped{last}", f"Owed of it, {told}", 11, "result", money, f'IF({{base}}="","",{more})')
        before, owed = f"{{year{last}}}", f"{{capped{last}}}"
    fee = f"ROUND({owed}-SUMPRODUCT({same},{{fee^}}),{terms.digits})"
    yield Column("fee", "Fee" + unit, 11, "result", money, f'IF({{base}}="","",{fee})')


def _fee_formula(terms: ReferralTerms, so_far: str = "{so_far}") -> str:
    """Return the formula for the fee on a base, without the cap for a client."""
    if terms.amounts or terms.percents:
        of_each = terms.amounts or terms.percents
        same = len(set(of_each.values())) == 1
        rate = "Fee" if same else _fee_of_payer(terms)
        if terms.by_sort:
            rate = f"IFERROR(INDEX(FeeRate,{match_name('INDEX(LeadSort,{lead})', 'FeeFor', terms.sorts)}),0)"
        fee = f"IF({so_far}>0,{rate},0)" if terms.amounts else f"ROUND({so_far}*{rate},{terms.digits})"
    elif terms.steps_by == "clients":
        fee = f"ROUND({so_far}*IFERROR(LOOKUP({{number}},StepFrom,StepFee),0),{terms.digits})"
    elif terms.whole_steps:
        fee = f"ROUND({so_far}*IFERROR(LOOKUP({so_far},StepFrom,StepFee),0),{terms.digits})"
    else:
        fee = f"ROUND(SUMPRODUCT(({so_far}>StepFrom)*({so_far}-StepFrom)*StepMore),{terms.digits})"
    return fee


def _fee_of_payer(terms: ReferralTerms) -> str:
    numbers = [terms.parties.index(payer) + 1 for payer in terms.payers]
    formula = f"FeeOfParty{numbers[-1]}"
    for number in reversed(numbers[:-1]):
        formula = f"IF({{payer}}=Party{number},FeeOfParty{number},{formula})"
    return formula


def _payment_check(terms: ReferralTerms) -> str:
    off = 'IF({off}>{amount},"deductions exceed it",' if has_deductions(terms) else ""
    return (
        'IF(AND({day}="",{lead}="",{amount}=""),"",'
        'IF(OR({day}="",{what}="",{lead}="",{amount}=""),"something is missing",'
        'IF({client}="","no such lead",IF({day}<MAX({day^}),"not in order of days",'
        'IF(({what}="refunded")<>({of}<>""),"refund of which row?",' + off + '""' + (")" if off else "") + ")))))"
    )


def with_check_highlight(grid: Grid) -> Grid:
    """Return a grid whose column of remarks is marked where it says anything."""
    if not grid.has("check"):
        return grid
    letters = grid.letters_of("check")
    area = f"{letters}{FIRST_ROW}:{letters}{FIRST_ROW + grid.count - 1}"
    mark = FormulaHighlight(area, f'{letters}{FIRST_ROW}<>""', WARNING, "8B0000")
    return replace(grid, highlights=(mark,))

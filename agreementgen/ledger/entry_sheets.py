"""The sheets on which referrals are kept: leads and payments.

Their formulas say the same as referral_fees, in which the rules are explained. They hold names and few functions,
all known to Excel, LibreOffice and Google Sheets. Names of people are compared with = only: the functions that count
by criteria would take a * in one for a wildcard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.ledger.entries import ACCEPTED, IN_TALKS, NOT_NEW, OUT_OF_SCOPE
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


@dataclass(frozen=True)
class BookSize:
    """How many rows there are for leads and for payments, and the last day for which periods are listed."""

    leads: int
    payments: int
    until: date


def make_leads_grid(terms: LeadTerms, size: BookSize, language: str) -> Grid:
    """Return the sheet of leads: a row for each, with what becomes of it."""
    day, money = day_format(language), money_format(terms.digits)
    new = (NOT_NEW,) if terms.new_customers_only else ()
    answers = list_rule("Answer", choices=(ACCEPTED, *new, IN_TALKS, OUT_OF_SCOPE))
    columns = [
        Column("no", "No.", 5, "number"),
        Column("day", "Sent on", 11.5, "input", day, check=day_rule("Sent on", "Effective")),
        Column("from", "From", 12, "input", check=list_rule("From", "Referrers")),
        *_list_sort_column(terms),
        *([Column("to", "To", 12, "input", check=list_rule("To", "Parties"))] if len(terms.parties) > 2 else []),
        Column("client", "Client", 20, "input"),
        Column("contact", "Contact", 14, "input"),
        Column("answer_by", "Answer by", 11.5, "result", day, _answer_by(terms)),
        Column("answer", "Answer", 14, "input", check=answers),
        Column("answered", "Answered on", 11.5, "input", day, check=day_rule("Answered on", "Effective")),
        Column("accepted", "Accepted on", 11.5, "result", day, _ACCEPTED),
        Column("until", "Protected until", 11.5, "result", day, _protected_until(terms)),
        Column("won", "Won on", 11.5, "input", day, check=day_rule("Won on", "Effective")),
        Column("value", f"Value ({terms.currency})", 11, "input", money, check=amount_rule("Value")),
        Column("counts", "Counts", 14, "result", formula=_lead_counts(terms)),
    ]  # fmt: skip
    if isinstance(terms, ReferralTerms):
        head = "First payment" if terms.earned_on == "payment" else "First invoice"
        first = 'IF({counts}<>"yes","",IFERROR(INDEX(PaidDay,MATCH({no},PaidLead,0)),""))'
        columns.append(Column("first", head, 13, "result", day, first))
    if isinstance(terms, ReferralTerms) and terms.window:
        ends = f'IF({{first}}="","",{add_length("{first}", terms.window, "Window")})'
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


def _protected_until(terms: LeadTerms) -> str:
    until = add_length("{accepted}", terms.protection, "Protection")
    after = add_length("EndedOn", terms.tail, "Tail") if terms.tail else "EndedOn"
    return (
        f'IF({{accepted}}="","",IF(OR(AND(EndedOn<>"",{{day}}>EndedOn),{_sent_too_late(terms)}),"",'
        f'IF(EndedOn="",{until},MIN({until},{after}))))'
    )


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


def make_payments_grid(terms: ReferralTerms, size: BookSize, language: str) -> Grid:
    """Return the sheet of payments (or invoices): a row for each, and one for each refund."""
    paid = "paid" if terms.earned_on == "payment" else "invoiced"
    day, money = day_format(language), money_format(terms.digits)
    hint = (
        f"One row for each {'payment of a client' if paid == 'paid' else 'invoice to a client'}, in the order of the "
        f"days. {FILL_IN} A refund has a row of its own: its amount without taxes and other deductions, and the "
        f"number of the row that it pays back."
    )
    title = "Payments" if paid == "paid" else "Invoices"
    grid = Grid(PAYMENTS, title, hint, tuple(_each_column(terms, paid, day, money)), size.payments)
    return with_check_highlight(grid)


def _each_column(terms: ReferralTerms, paid: str, day: str, money: str) -> Iterator[Column]:
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
    yield Column("counts", "Counts", 14, "result", formula=_payment_counts(terms))
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
    if terms.steps_by == "clients":
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
    yield Column("owed", "Client’s fee so far", 11, "result", money, f'IF({{base}}="","",{_fee_formula(terms)})')
    change = f"ROUND({{owed}}-SUMIFS({{fee^}},{{lead^}},{{lead}}),{terms.digits})"
    if terms.annual_cap is None:
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
        yield Column(
            "before",
            "Year so far",
            11,
            "result",
            money,
            'IF({base}="","",SUMPRODUCT(({payer^}={payer})*({year^}={year}),{change^}))',
        )
        yield Column(
            "fee",
            "Fee" + unit,
            11,
            "result",
            money,
            f'IF({{base}}="","",ROUND(MIN(AnnualCap,{{before}}+{{change}})-MIN(AnnualCap,{{before}}),{terms.digits}))',
        )
    yield Column("disputed", "Disputed, because", 15, "input")
    yield Column("check", "Check", 12, "result", formula=_payment_check(terms))


def has_deductions(terms: ReferralTerms) -> bool:
    return terms.base == "net collected revenue"


def _payment_counts(terms: ReferralTerms) -> str:
    paid = 'IF({day}<=INDEX(LeadEnds,{lead}),"yes","after the fee ended")' if terms.window else '"yes"'
    back = '"no repayment agreed"'
    if terms.clawback:
        until = add_length("INDEX({day^},{of}+1)", terms.clawback, "Clawback")
        back = f'IF({{day}}<={until},"yes","refunded too late")'
    refund = f'IF(IFERROR(INDEX({{counts^}},{{of}}+1),"")<>"yes","payment did not count",{back})'
    lead = "INDEX(LeadCounts,{lead})"
    return (
        'IF(OR({day}="",{client}="",{amount}=""),"",'
        f'IF({lead}<>"yes",IF({lead}="","not won yet",{lead}),IF({{what}}="refunded",{refund},{paid})))'
    )


def _fee_formula(terms: ReferralTerms) -> str:
    """Return the formula for the fee on all that a client paid so far."""
    if terms.amounts or terms.percents:
        of_each = terms.amounts or terms.percents
        same = len(set(of_each.values())) == 1
        rate = "Fee" if same else _fee_of_payer(terms)
        if terms.by_sort:
            rate = f"IFERROR(INDEX(FeeRate,{match_name('INDEX(LeadSort,{lead})', 'FeeFor', terms.sorts)}),0)"
        fee = f"IF({{so_far}}>0,{rate},0)" if terms.amounts else f"ROUND({{so_far}}*{rate},{terms.digits})"
    elif terms.steps_by == "clients":
        fee = f"ROUND({{so_far}}*IFERROR(LOOKUP({{number}},StepFrom,StepFee),0),{terms.digits})"
    elif terms.whole_steps:
        fee = f"ROUND({{so_far}}*IFERROR(LOOKUP({{so_far}},StepFrom,StepFee),0),{terms.digits})"
    else:
        fee = f"ROUND(SUMPRODUCT(({{so_far}}>StepFrom)*({{so_far}}-StepFrom)*StepMore),{terms.digits})"
    return fee if terms.cap is None else f"MIN(Cap,{fee})"


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

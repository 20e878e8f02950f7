"""The sheets on which a referral deal is kept: leads, payments and the sums of each period.

Their formulas say the same as referral_fees, in which the rules are explained. They hold names and few functions,
all known to Excel, LibreOffice and Google Sheets. Names of people are compared with = only: the functions that count
by criteria would take a * in one for a wildcard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.ledger.entries import ACCEPTED, IN_TALKS, NOT_NEW, OUT_OF_SCOPE
from agreementgen.ledger.referral_fees import list_periods
from agreementgen.ledger.sheet_parts import (
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
    money_format,
)
from agreementgen.ledger.terms import ReferralTerms
from agreementgen.sheets.workbook_writer import EntryRule, FormulaHighlight, NewCell

LEADS, PAYMENTS, STATEMENT = "Leads", "Payments", "Statement"
# Where the day on which the agreement ended is typed.
ENDED_CELL = "F3"
_FILL_IN = "White cells are for you; grey ones are computed or agreed."


@dataclass(frozen=True)
class BookSize:
    """How many rows there are for leads and for payments, and the last day for which periods are listed."""

    leads: int
    payments: int
    until: date


def make_leads_grid(terms: ReferralTerms, size: BookSize, language: str) -> Grid:
    """Return the sheet of leads: a row for each, with what becomes of it."""
    day, money = day_format(language), money_format(terms.digits)
    new = (NOT_NEW,) if terms.new_customers_only else ()
    answers = list_rule("Answer", choices=(ACCEPTED, *new, IN_TALKS, OUT_OF_SCOPE))
    columns = [
        Column("no", "No.", 5, "number"),
        Column("day", "Sent on", 13, "input", day, check=day_rule("Sent on", "Effective")),
        Column("from", "From", 14, "input", check=list_rule("From", "Referrers")),
        Column("client", "Client", 24, "input"),
        Column("contact", "Contact", 20, "input"),
        Column("answer_by", "Answer by", 13, "result", day, _answer_by(terms)),
        Column("answer", "Answer", 17, "input", check=answers),
        Column("answered", "Answered on", 13, "input", day, check=day_rule("Answered on", "Effective")),
        Column("accepted", "Accepted on", 13, "result", day, _ACCEPTED),
        Column("until", "Protected until", 13, "result", day, _protected_until(terms)),
        Column("won", "Won on", 13, "input", day, check=day_rule("Won on", "Effective")),
        Column("value", f"Value ({terms.currency})", 12, "input", money, check=amount_rule("Value")),
        Column("counts", "Counts", 15, "result", formula=_lead_counts(terms)),
        Column("first", "First payment" if terms.earned_on == "payment" else "First invoice", 13, "result", day,
               'IF({counts}<>"yes","",IFERROR(INDEX(PaidDay,MATCH({no},PaidLead,0)),""))'),
    ]  # fmt: skip
    if terms.window:
        ends = f'IF({{first}}="","",{add_length("{first}", terms.window, "Window")})'
        columns.append(Column("ends", "Fee ends on", 13, "result", day, ends))
    columns.append(Column("check", "Check", 17, "result", formula=_LEAD_CHECK))
    grid = Grid(
        LEADS,
        "Leads",
        f"One row for each lead, in any order. {_FILL_IN} No answer in time is an acceptance; a refusal after "
        '"Answer by" counts for nothing.',
        tuple(columns),
        size.leads,
        own=(
            NewCell("Agreement ended on (leave it empty while it runs):", LABEL), None, None, None, None,
            NewCell(None, INPUT, day),
        ),
    )  # fmt: skip
    return _with_check_highlight(grid, (_ended_rule(ENDED_CELL),))


def _ended_rule(cell: str) -> EntryRule:
    return replace(day_rule("Agreement ended on", "Effective"), area=cell)


def _answer_by(terms: ReferralTerms) -> str:
    return f'IF({{day}}="","",{add_length("{day}", terms.accepted_within, "AnswerWithin")})'


_ACCEPTED = (
    'IF({day}="","",IF(AND(LEFT({answer},7)="refused",{answered}<>"",{answered}<={answer_by}),"",'
    'MIN({answer_by},IF(AND({answer}="accepted",{answered}<>""),{answered},{answer_by}),'
    'IF(AND({won}<>"",{won}>={day}),{won},{answer_by}))))'
)


def _sent_too_late(terms: ReferralTerms) -> str:
    late = 'AND(EndedOn<>"",{day}>EndedOn)'
    return late if terms.finishes_leads else late.replace("{day}", "{accepted}")


def _protected_until(terms: ReferralTerms) -> str:
    until = add_length("{accepted}", terms.protection, "Protection")
    after = add_length("EndedOn", terms.tail, "Tail") if terms.tail else "EndedOn"
    return (
        f'IF({{accepted}}="","",IF(OR(AND(EndedOn<>"",{{day}}>EndedOn),{_sent_too_late(terms)}),"",'
        f'IF(EndedOn="",{until},MIN({until},{after}))))'
    )


def _lead_counts(terms: ReferralTerms) -> str:
    flight = "" if terms.finishes_leads else 'IF({until}="","not accepted before the end",'
    return (
        'IF({day}="","",IF(AND(EndedOn<>"",{day}>EndedOn),"sent after the end",IF({accepted}="",{answer},'
        f'{flight}IF({{won}}="","",IF({{won}}<{{day}},"bought before",IF({{won}}>{{until}},"bought too late","yes")))))'
        + (")" if flight else "")
        + ")"
    )


_LEAD_CHECK = (
    'IF(AND({day}="",{from}="",{client}=""),"",IF({day}="","day is missing",IF({from}="","who sent it?",'
    'IF({client}="","client is missing",IF(AND({answer}<>"",{answered}=""),"answered when?",'
    'IF(SUMPRODUCT((LeadClient={client})*1)>1,"twice in the list",""))))))'
)


def make_payments_grid(terms: ReferralTerms, size: BookSize, language: str) -> Grid:
    """Return the sheet of payments (or invoices): a row for each, and one for each refund."""
    paid = "paid" if terms.earned_on == "payment" else "invoiced"
    day, money = day_format(language), money_format(terms.digits)
    hint = (
        f"One row for each {'payment of a client' if paid == 'paid' else 'invoice to a client'}, in the order of the "
        f"days. {_FILL_IN} A refund has a row of its own: its amount without taxes and other deductions, and the "
        f"number of the row that it pays back."
    )
    title = "Payments" if paid == "paid" else "Invoices"
    grid = Grid(PAYMENTS, title, hint, tuple(_each_column(terms, paid, day, money)), size.payments)
    return _with_check_highlight(grid)


def _each_column(terms: ReferralTerms, paid: str, day: str, money: str) -> Iterator[Column]:
    unit = f" ({terms.currency})"
    yield Column("no", "No.", 5, "number")
    yield Column("day", "Day", 13, "input", day, check=day_rule("Day", "Effective"))
    yield Column("what", "What", 10, "input", check=list_rule("What", choices=(paid, "refunded")))
    yield Column(
        "lead",
        "Lead no.",
        7,
        "input",
        "0",
        check=EntryRule(
            "",
            "whole",
            minimum="1",
            maximum="MAX(LeadNo)",
            title="Lead no.",
            error="Type the number of a lead on the sheet Leads.",
        ),
    )
    yield Column("client", "Client", 24, "result", formula='IF({lead}="","",IFERROR(INDEX(LeadClient,{lead})&"",""))')
    yield Column("amount", "Amount" + unit, 13, "input", money, check=amount_rule("Amount"))
    if has_deductions(terms):
        yield Column("off", "Deductions" + unit, 12, "input", money, check=amount_rule("Deductions"))
    yield Column(
        "of",
        "Refund of no.",
        8,
        "input",
        "0",
        check=EntryRule(
            "",
            "whole",
            minimum="1",
            maximum="9999",
            title="Refund of no.",
            error="Type the number of the row that is paid back.",
        ),
    )
    payer = "Party2" if terms.payers == (terms.parties[1],) else "Party1"
    if len(terms.payers) == 2:
        payer = "IF(INDEX(LeadFrom,{lead})=Party1,Party2,Party1)"
    yield Column("payer", "Fee paid by", 14, "result", formula=f'IF({{client}}="","",{payer})')
    yield Column("counts", "Counts", 15, "result", formula=_payment_counts(terms))
    off = "-{off}" if has_deductions(terms) else ""
    yield Column(
        "base",
        "Base" + unit,
        13,
        "result",
        money,
        'IF({counts}="","",IF({counts}<>"yes",0,IF({what}="refunded",-{amount},{amount}' + off + ")))",
    )
    yield Column(
        "so_far",
        "Client’s base so far",
        13,
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
            "0",
            'IF({counts}<>"yes","",IF(COUNTIFS({lead^},{lead},{counts^},"yes")>0,"",YEAR({day})))',
        )
        yield Column(
            "number",
            "Client of the year",
            8,
            "result",
            "0",
            'IF({counts}<>"yes","",IF({new}="",INDEX({number^},MATCH({lead},{lead^},0)),'
            "1+SUMPRODUCT(({payer^}={payer})*({new^}={new}))))",
        )
    yield Column("owed", "Client’s fee so far", 13, "result", money, f'IF({{base}}="","",{_fee_formula(terms)})')
    change = f"ROUND({{owed}}-SUMIFS({{fee^}},{{lead^}},{{lead}}),{terms.digits})"
    if terms.annual_cap is None:
        yield Column("fee", "Fee" + unit, 13, "result", money, f'IF({{base}}="","",{change})')
    else:
        yield Column(
            "change",
            "Change of the fee",
            13,
            "result",
            money,
            f'IF({{base}}="","",{change.replace("{fee^}", "{change^}")})',
        )
        yield Column(
            "year",
            "Counts for",
            8,
            "result",
            "0",
            'IF({counts}<>"yes","",YEAR(IF({what}="refunded",INDEX({day^},{of}+1),{day})))',
        )
        yield Column(
            "before",
            "Year so far",
            13,
            "result",
            money,
            'IF({base}="","",SUMPRODUCT(({payer^}={payer})*({year^}={year}),{change^}))',
        )
        yield Column(
            "fee",
            "Fee" + unit,
            13,
            "result",
            money,
            f'IF({{base}}="","",ROUND(MIN(AnnualCap,{{before}}+{{change}})-MIN(AnnualCap,{{before}}),{terms.digits}))',
        )
    yield Column("check", "Check", 17, "result", formula=_payment_check(terms))


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
        rate = "Fee" if same else "IF({payer}=Party1,FeeOfParty1,FeeOfParty2)"
        fee = f"IF({{so_far}}>0,{rate},0)" if terms.amounts else f"ROUND({{so_far}}*{rate},{terms.digits})"
    elif terms.steps_by == "clients":
        fee = f"ROUND({{so_far}}*IFERROR(LOOKUP({{number}},StepFrom,StepFee),0),{terms.digits})"
    elif terms.whole_steps:
        fee = f"ROUND({{so_far}}*IFERROR(LOOKUP({{so_far}},StepFrom,StepFee),0),{terms.digits})"
    else:
        fee = f"ROUND(SUMPRODUCT(({{so_far}}>StepFrom)*({{so_far}}-StepFrom)*StepMore),{terms.digits})"
    return fee if terms.cap is None else f"MIN(Cap,{fee})"


def _payment_check(terms: ReferralTerms) -> str:
    off = 'IF({off}>{amount},"deductions exceed it",' if has_deductions(terms) else ""
    return (
        'IF(AND({day}="",{lead}="",{amount}=""),"",'
        'IF(OR({day}="",{what}="",{lead}="",{amount}=""),"something is missing",'
        'IF({client}="","no such lead",IF({day}<MAX({day^}),"not in order of days",'
        'IF(({what}="refunded")<>({of}<>""),"refund of which row?",' + off + '""' + (")" if off else "") + ")))))"
    )


def make_statement_grid(terms: ReferralTerms, size: BookSize, language: str) -> Grid:
    """Return the sheet of sums: a row for each period and each party that pays fees."""
    day, money = day_format(language), money_format(terms.digits)
    unit = f" ({terms.currency})"
    labels: tuple[dict[str, str | date], ...] = tuple(
        {"first": first, "last": last, "payer": payer, "payee": terms.receiver_of(payer)}
        for first, last in list_periods(terms, size.until)
        for payer in terms.payers
    )
    within = "(PaidBy={payer})*(PaidDay>={first})*(PaidDay<={last})"
    charge = (
        f'IF(OR({{settled}}="",{{settled}}<={{due}}),0,'
        f"ROUND(ABS({{fee}})*LateCharge*12*({{settled}}-{{due}})/365,{terms.digits}))"
    )
    paid = 'IF({settled}="","open",IF({settled}>{due},"paid late","paid"))'
    state = f'IF({{fee}}=0,"nothing due",IF({{fee}}<0,"to be repaid",{paid}))'
    columns = (
        Column("first", "From", 13, "label", day),
        Column("last", "To", 13, "label", day),
        Column("payer", "Pays", 16, "label"),
        Column("payee", "Receives", 16, "label"),
        Column("base", "Base" + unit, 14, "result", money, f"ROUND(SUMPRODUCT({within},PaidBase),{terms.digits})"),
        Column("fee", "Fees" + unit, 14, "result", money, f"ROUND(SUMPRODUCT({within},PaidFee),{terms.digits})"),
        Column("statement", "Statement by", 13, "result", day, add_length("{last}", terms.statement, "StatementAfter")),
        Column("due", "Due by", 13, "result", day, add_length("{statement}", terms.due, "DueAfter")),
        Column("settled", "Paid on", 13, "input", day, check=day_rule("Paid on", "Effective")),
        Column("charge", "Late charge" + unit, 13, "result", money, charge),
        Column("state", "State", 13, "result", formula=state),
    )
    hint = (
        "What each party owes for each period; it follows from the sheets Leads and Payments. Fill in only when a sum "
        "was paid. A sum below 0 is repaid by the party that received fees."
    )
    return Grid(STATEMENT, "Statement", hint, columns, len(labels), labels)


def _with_check_highlight(grid: Grid, more_rules: tuple[EntryRule, ...] = ()) -> Grid:
    letters = grid.letters_of("check")
    area = f"{letters}{FIRST_ROW}:{letters}{FIRST_ROW + grid.count - 1}"
    mark = FormulaHighlight(area, f'{letters}{FIRST_ROW}<>""', WARNING, "8B0000")
    return replace(grid, highlights=(mark,), more_rules=more_rules)

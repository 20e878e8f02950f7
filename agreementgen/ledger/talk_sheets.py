"""The sheets for people who meet: goals with their results, reviews with their agenda, and the dates of the deal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.dates.key_dates import KeyDate
from agreementgen.dates.tables import list_date_rows
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.ledger.accounts import Account
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    FIRST_ROW,
    HEAD,
    HEAD_ROW,
    HINT,
    INPUT,
    RESULT,
    TITLE,
    WARNING,
    Column,
    Grid,
    day_format,
    day_rule,
    find_heights,
    list_rule,
    money_format,
)
from agreementgen.ledger.terms import DealTerms, LeadTerms, ReferralTerms
from agreementgen.sheets.workbook_writer import (
    CellStyle,
    Formula,
    FormulaHighlight,
    LineChart,
    NewCell,
    Sheet,
)

GOALS, REVIEWS, DATES = "Goals", "Reviews", "Dates"
MET, MISSED = "met", "missed"
_EVERY = {"week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
_FIGURE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_AT_MOST = re.compile(r"\b(?:at most|no more than|less than|fewer than|under|below|up to|within|max(?:imum)?)\b", re.I)
_MOST_PERIODS = 60
# Rows that a chart of goals takes up.
_CHART_ROWS = 11


@dataclass(frozen=True)
class _Goal:
    """A goal as the sheet has it: `referrer` is the name of a cell, where results are counted on the sheet of leads."""

    name: str
    said: str
    target: Decimal | None
    at_most: bool
    periods: tuple[tuple[date, date], ...]
    referrer: str = ""


def make_goals_sheet(deals: Sequence[Deal], terms: DealTerms, end: date, paper: str, footer: str) -> Sheet | None:
    """Return the sheet of goals with a chart for each; None where the deal has none.

    `deals` are the versions of the deal, one for each of the terms: a period has the goals of its last day.
    """
    goals = _list_goals(deals, terms, end)
    if not goals:
        return None
    reviews, plan = _when_missed(deals[-1])
    rows: list[tuple[NewCell | None, ...]] = []
    charts: list[LineChart] = []
    for goal in goals:
        first = FIRST_ROW + len(rows)
        rows += _each_goal_row(goal, first, reviews, plan, terms)
        last = FIRST_ROW + len(rows) - 1
        if last > first:
            # Below the heads, which are printed on each page.
            anchor = f"I{FIRST_ROW + len(charts) * _CHART_ROWS}"
            series = (("Result", f"$E${first}:$E${last}"), ("Target", f"$D${first}:$D${last}"))
            charts.append(LineChart(anchor, goal.name[:60], f"$C${first}:$C${last}", series, 12.5, 5.4, "mmm yy"))
    last_row = max(FIRST_ROW + len(rows) - 1, FIRST_ROW + len(charts) * _CHART_ROWS)
    hint = "Type the result of each period."
    if any(goal.referrer for goal in goals):
        hint += " Leads are counted on their sheet, once something later stands there."
    heads = tuple(NewCell(head, HEAD) for head in ("Goal", "From", "To", "Target", "Result", "Outcome"))
    area = f"F{FIRST_ROW}:F{FIRST_ROW + len(rows) - 1}"
    said = min(50.0, max(28.0, *(1.5 + len(goal.said) for goal in goals)))
    widths = (said, 12, 12, 11, 11, 37, 2, 2, *(9,) * 7, 4)
    return Sheet(
        GOALS,
        ((NewCell("Goals", TITLE),), (NewCell(hint, HINT),), (None,), heads, *rows),
        widths,
        heights=(22, 28, 10, 18, *find_heights(rows, widths)),
        first_scrolled=f"A{FIRST_ROW}",
        highlights=(FormulaHighlight(area, f'LEFT(F{FIRST_ROW},6)="{MISSED}"', WARNING, "8B0000"),),
        repeated_rows=HEAD_ROW,
        merged=("A1:F1", "A2:F2"),
        landscape=True,
        paper=paper,
        footer=footer,
        charts=tuple(charts),
        is_protected=True,
        print_area=f"A1:P{last_row}",
    )


def _list_goals(deals: Sequence[Deal], terms: DealTerms, end: date) -> list[_Goal]:
    found: dict[str, _Goal] = {}
    for number, deal in enumerate(deals):
        for goal in _each_goal(deal, terms.versions[number], end):
            own = tuple(one for one in goal.periods if terms.number_on(one[1]) == number)
            before = found[goal.said].periods if goal.said in found else ()
            found[goal.said] = replace(goal, periods=(*before, *own))
    return [goal for goal in found.values() if goal.periods]


def _when_missed(deal: Deal) -> tuple[int, str]:
    """Return after how many misses in a row a plan is due, and what is then said; 0 where no plan is agreed."""
    agreed = find_fact("termination.missed_goals", deal.facts)
    if not agreed:
        return 0, ""
    count = int(agreed["reviews"])
    times = {1: "", 2: " twice"}.get(count, f" {count} times")
    return count, f"{MISSED}{times}: improvement plan due"


def _each_goal(deal: Deal, terms: DealTerms, end: date) -> Iterator[_Goal]:
    a_month = find_fact("leads.a_month", deal.facts)
    for referrer in terms.referrers if a_month and isinstance(terms, LeadTerms) else ():
        periods = _list_spans(terms.effective, end, "monthly")
        yield _Goal(f"Leads from {referrer}", f"Leads from {referrer}: {a_month} each month", Decimal(a_month), False,
                    periods, f"Party{terms.parties.index(referrer) + 1}")  # fmt: skip
    for goal in deal.facts.get("goals") or ():
        target, period = str(goal["target"]), str(goal["period"])
        found = _FIGURE.search(target)
        unit = f" {goal['unit']}" if goal.get("unit") else ""
        times = {"pilot": "in the pilot", "term": "in the term"}.get(period, f"each {period}")
        spans: tuple[tuple[date, date], ...] = ((terms.effective, end),)
        if period == "pilot":
            length = find_fact("duration.pilot.length", deal.facts)
            spans = ((terms.effective, add(terms.effective, length) if length else end),)
        elif period in _EVERY:
            spans = _list_spans(terms.effective, end, _EVERY[period])
        yield _Goal(
            str(goal["name"]),
            f"{goal['name']}: {target}{unit} {times}",
            Decimal(found[0].replace(",", "")) if found else None,
            bool(_AT_MOST.search(target)),
            spans,
        )


def _list_spans(start: date, end: date, every: str) -> tuple[tuple[date, date], ...]:
    lasts = list_calendar_periods(start, max(start, end - timedelta(days=1)), every)[:_MOST_PERIODS]
    firsts = (start, *(last + timedelta(days=1) for last in lasts[:-1]))
    return tuple(zip(firsts, lasts, strict=True))


def _each_goal_row(
    goal: _Goal, first_row: int, reviews: int, plan: str, terms: DealTerms
) -> Iterator[tuple[NewCell, ...]]:
    day = day_format(terms.language)
    entered = "MAX(LeadDay,PaidDay)" if isinstance(terms, ReferralTerms) else "MAX(LeadDay)"
    number = "#,##0.0#_ " if goal.target is not None and goal.target % 1 else "#,##0_ "
    right = replace(RESULT, at_right=True)
    for at, (first, last) in enumerate(goal.periods):
        row = first_row + at
        result = NewCell(None, replace(INPUT, at_right=True), "#,##0.0#_ ")
        if goal.referrer:
            counted = (
                f'IF({entered}<=C{row},"",SUMPRODUCT((LeadFrom={goal.referrer})'
                f'*(LeadDay>=B{row})*(LeadDay<=C{row})*(LeadAccepted<>"")))'
            )
            result = NewCell(Formula(counted), right, "#,##0_ ")
        yield (
            NewCell(goal.said, RESULT),
            NewCell(first, RESULT, day),
            NewCell(last, RESULT, day),
            NewCell(goal.target, right, number)
            if goal.target is not None
            else NewCell(None, replace(INPUT, at_right=True), number),
            result,
            NewCell(Formula(_outcome(goal, row, at, reviews, plan)), RESULT),
        )


def _outcome(goal: _Goal, row: int, at: int, reviews: int, plan: str) -> str:
    reached = f"E{row}<=D{row}" if goal.at_most else f"E{row}>=D{row}"
    missed = f'"{MISSED}"'
    if reviews == 1:
        missed = f'"{plan}"'
    elif reviews and at >= reviews - 1:
        before = f'COUNTIF(F{row - reviews + 1}:F{row - 1},"{MISSED}")={reviews - 1}'
        missed = f'IF({before},"{plan}","{MISSED}")'
    return f'IF(OR(E{row}="",D{row}=""),"",IF({reached},"{MET}",{missed}))'


def name_goal_cells(goals: Sheet) -> tuple[tuple[str, str], ...]:
    """Return the names of the ends of periods and of outcomes on the sheet of goals, for other sheets."""
    last = len(goals.rows)
    return tuple(
        (name, f"{GOALS}!${at}${FIRST_ROW}:${at}${last}") for name, at in (("GoalTo", "C"), ("GoalOutcome", "F"))
    )


def make_reviews_grid(
    terms: DealTerms, accounts: Sequence[Account], dates: Sequence[KeyDate], owners: str, has_goals: bool
) -> Grid | None:
    """Return the agenda of all talks, in the order of their days; None where none is agreed.

    `owners` is the name of the cells with those who may do something: the parties, or the roles of the RACI chart.
    """
    owner_names = owners != "Parties"
    labels = list(_each_meeting(dates, terms.effective))
    if not labels:
        return None
    day = day_format(terms.language)
    columns = (
        Column("day", "Day", 12, "label", day),
        Column("what", "Meeting", 25, "label"),
        Column("since", "Since", 12, "label", day),
        *_each_figure(terms, accounts, has_goals),
        Column("good", "What worked", 19, "input"),
        Column("bad", "What did not", 19, "input"),
        Column("fix", "What to fix", 19, "input"),
        Column("action", "Action", 19, "input"),
        Column("owner", "Who does it (RACI role)" if owner_names else "Who does it", 15, "input",
               check=list_rule("Who does it", owners)),
        Column("by", "By", 12, "input", day, check=day_rule("By", "Effective")),
    )  # fmt: skip
    hint = "An agenda for each talk that you agreed on, with the figures since the one before it of the same kind."
    return Grid(REVIEWS, "Reviews", hint, columns, len(labels), tuple(labels), least_lines=2)


def _each_figure(terms: DealTerms, accounts: Sequence[Account], has_goals: bool) -> Iterator[Column]:
    """Yield what happened since the talk before: goals whose period ended, leads, and what came to be owed."""

    def within(name: str) -> str:
        return f"({name}>{{since}})*({name}<={{day}})"

    if has_goals:
        for key, head, test in (("met", "Goals met", f'GoalOutcome="{MET}"'),
                                ("missed", "Goals missed", f'LEFT(GoalOutcome,{len(MISSED)})="{MISSED}"')):  # fmt: skip
            yield Column(key, head, 7, "result", COUNT_FORMAT, f"SUMPRODUCT({within('GoalTo')}*({test}))")
    if isinstance(terms, LeadTerms):
        yield Column("leads", "Leads sent", 7, "result", COUNT_FORMAT, f"SUMPRODUCT({within('LeadDay')})")
        yield Column("won", "Won", 6, "result", COUNT_FORMAT, f"SUMPRODUCT({within('LeadWon')})")
    money = money_format(terms.digits)
    if isinstance(terms, ReferralTerms):
        fees = f"ROUND(SUMPRODUCT({within('PaidDay')},PaidFee),{terms.digits})"
        yield Column("fees", f"Fees ({terms.currency})", 11, "result", money, fees)
    for account in (one for one in accounts if one.flows):
        areas = dict.fromkeys((flow.day, flow.amounts) for flow in account.flows)
        owed = "+".join(f"SUMPRODUCT({within(name)},{amounts})" for name, amounts in areas)
        head = f"Owed by {account.grid.name} ({terms.currency})"
        yield Column(f"owed-{account.grid.name}", head, 12, "result", money, f"ROUND({owed},{terms.digits})")
    for number, figure in enumerate(figure for account in accounts for figure in account.figures):
        days = within(figure.day)
        if figure.when:
            yield Column(
                f"figure{number}", figure.head, 9, "result", COUNT_FORMAT, f"SUMPRODUCT({days}*({figure.when}))"
            )
            continue
        summed = "+".join(f"SUMPRODUCT({days},{area})" for area in figure.areas)
        head = f"{figure.head} ({terms.currency})"
        yield Column(f"figure{number}", head, 12, "result", money, f"ROUND({summed},{terms.digits})")


def _each_meeting(dates: Sequence[KeyDate], effective: date) -> Iterator[Mapping[str, str | date]]:
    # Quarterly reviews go on where monthly ones end: both are one kind of talk, and tell what came since the last one.
    meetings = sorted((day, one.id.removesuffix("-later"), one.what)
                      for one in dates if one.id.startswith("review") for day in one.days)  # fmt: skip
    last: dict[str, date] = {}
    for day, kind, what in meetings:
        yield {"day": day, "what": what, "since": last.get(kind, effective - timedelta(days=1))}
        last[kind] = day


_DATE_CELL = CellStyle(at_top=True)


def make_dates_sheet(dates: Sequence[KeyDate], language: str, paper: str, footer: str) -> Sheet:
    """Return the dates of the deal, as its calendar has them."""
    head, *rows = list_date_rows(dates)
    kept: list[tuple[Any, ...]] = [row[:6] for row in rows]
    cells = tuple(
        tuple(NewCell(value, _DATE_CELL, day_format(language) if isinstance(value, date) else "") for value in row)
        for row in kept
    )
    hint = "As in the calendar of the deal. A renewal, an earlier end or a change of the agreement moves them."
    widths = (13, 46, 22, 44, 13, 46)
    return Sheet(
        DATES,
        (
            (NewCell("Dates", TITLE),),
            (NewCell(hint, HINT),),
            (None,),
            tuple(NewCell(str(h), HEAD) for h in head[:6]),
            *cells,
        ),
        widths,
        heights=(22, 28, 10, 32, *find_heights(cells, widths)),
        first_scrolled=f"A{FIRST_ROW}",
        repeated_rows=HEAD_ROW,
        merged=("A1:F1", "A2:F2"),
        landscape=True,
        paper=paper,
        footer=footer,
        is_protected=True,
        print_area=f"A1:F{HEAD_ROW + len(rows)}",
    )

"""The money of a joint venture: contributions, profit and loss, what is paid out, capital accounts, and spending.

A sum is divided by rounding what the parties up to each one get together, so that nothing is lost and none gets less
than nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.counting import add
from agreementgen.deal.deal import Deal
from agreementgen.ledger.accounts import Account, Counted, CountedEntry, Entry, Fault, Overview, TalkFigure
from agreementgen.ledger.referral_fees import list_periods, round_money
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    FILL_IN,
    Column,
    Grid,
    Value,
    add_length,
    day_format,
    input_amount,
    input_choice,
    input_day,
    input_text,
    money_format,
)
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import PERCENT, RATE, TermLine, make_length_line
from agreementgen.ledger.venture_loans import make_loans
from agreementgen.ledger.venture_terms import GUARANTEE, PAID_OUT, VentureTerms, read_venture_terms

CONTRIBUTIONS, RESULTS, SPENDING = "Contributions", "Results", "Spending"
_USUAL = "usual"
# Formulas for the last day of the period that a day lies in.
_ENDS = {
    "monthly": "DATE(YEAR({day}),MONTH({day})+1,0)",
    "quarterly": "DATE(YEAR({day}),3*INT((MONTH({day})+2)/3)+1,0)",
    "yearly": "DATE(YEAR({day}),12,31)",
}
_NO_CONSENT = '(SpentState="needs consent")+(SpentState="agreed too late")'
_MOST_PAYMENTS = 80


def make_venture_accounts(
    deal: Deal, terms: DealTerms, stands: Callable[..., str], until: date, rows: int
) -> tuple[Account, ...]:
    """Return the sheets of a joint venture, each of which may use those before it."""
    agreed = read_venture_terms(deal, terms)
    venture = _Venture(agreed, terms, stands)
    most = min(rows, _MOST_PAYMENTS)
    loans = make_loans(terms, [(one.party, one.value) for one in agreed.promises], agreed.interest, most)
    return (
        venture.make_contributions(),
        *((loans,) if agreed.has_loans else ()),
        venture.make_results(until),
        venture.make_distributions(until, most),
        venture.make_spending(rows),
    )


def divide(amount: Decimal, shares: Sequence[Decimal], digits: int) -> list[Decimal]:
    """Return `amount` divided by shares: of what parties up to each one get together, what those before it did not."""
    whole = sum(shares, Decimal(0))
    parts: list[Decimal] = []
    for number in range(1, len(shares) + 1):
        together = amount * sum(shares[:number], Decimal(0)) / whole if whole else Decimal(0)
        parts.append(round_money(together, digits) - sum(parts, Decimal(0)))
    return parts


class _Venture:
    def __init__(self, venture: VentureTerms, terms: DealTerms, stands: Callable[..., str]) -> None:
        self._venture, self._terms, self._stands = venture, terms, stands
        self._day, self._money = day_format(terms.language), money_format(terms.digits)
        self._unit = f" ({terms.currency})"
        self._numbers = range(1, len(terms.parties) + 1)
        # A condition on the rows of contributions that count, for formulas.
        has_guarantee = any(one.kind == GUARANTEE for one in venture.promises)
        self._is_value = f'*(GivenKind<>"{GUARANTEE}")' if has_guarantee else ""

    # -- contributions

    def make_contributions(self) -> Account:
        venture, terms = self._venture, self._terms
        where = self._stands("row:contributions", "contributions")
        lines = [make_length_line("Late after a reminder and", venture.grace, "Grace", self._stands("row:late"))]
        if venture.interest:
            lines.append(TermLine("Interest on late amounts", venture.interest / 100, "a year", ("LateInterest",),
                                  self._stands("row:late"), PERCENT))  # fmt: skip
        labels: tuple[dict[str, Value], ...] = tuple(
            {"party": one.party, "kind": one.kind, "what": one.what, "value": one.value, "by": one.by or "as needed"}
            for one in venture.promises
        )
        late = add_length("{reminded}", venture.grace, "Grace")
        interest = (
            f'IF(OR({{reminded}}="",{{given}}=""),0,'
            f"ROUND({{value}}*LateInterest*MAX(0,{{given}}-({late}))/365,{terms.digits}))"
        )
        columns = [
            Column("no", "No.", 5, "number"),
            Column("party", "Party", 16, "label"),
            Column("kind", "Kind", 11, "label"),
            Column("what", "What", 34, "label"),
            Column("value", "Agreed value" + self._unit, 13, "label", self._money),
            Column("by", "Due by", 13, "label", self._day),
            input_day("given", "Given on", self._day),
            input_day("reminded", "Reminded on", self._day),
            Column("state", "State", 12, "result", formula='IF({given}="","open",IF({given}>{by},"late","given"))'),
        ]
        if venture.interest:
            columns.append(Column("interest", "Interest" + self._unit, 11, "result", self._money, interest))
        columns.append(input_text("disputed", "Disputed, because", 16))
        hint = (
            "What each party promised. Type when it was given in full, and when a late party was reminded in writing."
        )
        lines += [TermLine(f"Promised by {one.party}: {one.what}", one.value, terms.currency, (), where, self._money)
                  for one in venture.promises]  # fmt: skip
        if self._is_value:
            hint += " A guarantee is no money put in: it is not counted as capital."
        names = {"GivenBy": "party", "GivenOn": "given", "GivenValue": "value"}
        names |= {"GivenKind": "kind"} if self._is_value else {}
        return Account(
            Grid(CONTRIBUTIONS, CONTRIBUTIONS, hint, tuple(columns), len(labels), labels),
            tuple(lines), names, (), self._count_contributions, False, (), (), self._check_contributions,
        )  # fmt: skip

    def _count_contributions(
        self, entries: Sequence[Entry], ended: date | None, before: Counted
    ) -> tuple[CountedEntry, ...]:
        venture, counted = self._venture, []
        for entry in entries:
            given, by = entry["given"], entry["by"]
            is_late = given is not None and isinstance(by, date) and given > by
            results: dict[str, Any] = {"state": "open" if given is None else "late" if is_late else "given"}
            if venture.interest:
                days = 0
                if given and entry["reminded"]:
                    days = max(0, (given - add(entry["reminded"], venture.grace)).days)
                results["interest"] = round_money(entry["value"] * venture.interest * days / 36500, self._terms.digits)
            counted.append(CountedEntry(entry, given, results))
        return tuple(counted)

    def _check_contributions(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        for entry in entries:
            if entry["reminded"] and isinstance(entry["by"], date) and entry["reminded"] <= entry["by"]:
                said = f"the reminder of {entry['reminded']} came before it was late ({entry['by']})"
                yield entry.number, Fault("reminded", said, "correct the day, or delete it")

    # -- profit and loss

    def make_results(self, until: date) -> Account:
        venture, terms = self._venture, self._terms
        labels: tuple[dict[str, Value], ...] = tuple(
            {"first": first, "last": last} for first, last in list_periods(terms, until, venture.every)
        )
        lines = []
        for number, party in zip(self._numbers, terms.parties, strict=True):
            where = self._stands("row:profit", "ownership")
            share = venture.profit[party] / 100
            lines.append(TermLine(f"Profit of {party}", share, "of it", (f"ProfitOf{number}",), where, PERCENT))
        for number, party in zip(self._numbers if not venture.losses_stay else (), terms.parties, strict=False):
            share = venture.loss[party] / 100
            where = self._stands("row:loss", "ownership")
            lines.append(TermLine(f"Loss of {party}", share, "of it", (f"LossOf{number}",), where, PERCENT))
        columns = [
            Column("no", "No.", 5, "number"),
            Column("first", "From", 13, "label", self._day),
            Column("last", "To", 13, "label", self._day),
            input_amount("profit", "Profit" + self._unit, self._money, width=14),
            input_amount("loss", "Loss" + self._unit, self._money, width=14),
        ]
        for number, party in zip(self._numbers, terms.parties, strict=True):
            profit = "+".join(f"ProfitOf{other}" for other in range(1, number + 1))
            loss = "+".join(f"LossOf{other}" for other in range(1, number + 1))
            less = "" if venture.losses_stay else f"-{{loss}}*({loss})"
            before = "".join(f"-{{part{other}}}" for other in range(1, number))
            formula = f"ROUND(ROUND({{profit}}*({profit}){less},{terms.digits}){before},{terms.digits})"
            columns.append(Column(f"part{number}", f"Share of {party}", 14, "result", self._money, formula))
        columns.append(input_text("disputed", "Disputed, because", 18))
        hint = "Type the profit or the loss that the books show for each period. " + (
            "A loss stays in the venture." if venture.losses_stay else "Shares of a loss are below 0."
        )
        names = {"ResultTo": "last"} | {f"ResultPart{number}": f"part{number}" for number in self._numbers}
        return Account(Grid(RESULTS, "Profit and loss", hint, tuple(columns), len(labels), labels), tuple(lines), names,
                       (), self._count_results, False, (), (), _check_results, periods=venture.every,
                       figures=(self._make_figure("Profit less loss", "ResultTo", "ResultPart"),))  # fmt: skip

    def _count_results(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        venture, terms, counted = self._venture, self._terms, []
        for entry in entries:
            profit, loss = entry["profit"] or Decimal(0), entry["loss"] or Decimal(0)
            if venture.losses_stay:
                loss = Decimal(0)
            parts: list[Decimal] = []
            for number in self._numbers:
                up_to = terms.parties[:number]
                together = profit * sum(venture.profit[party] for party in up_to)
                together -= loss * sum(venture.loss[party] for party in up_to)
                parts.append(round_money(together / 100, terms.digits) - sum(parts, Decimal(0)))
            results = {f"part{number}": part for number, part in zip(self._numbers, parts, strict=True)}
            counted.append(CountedEntry(entry, entry["last"], results))
        return tuple(counted)

    # -- what is paid out

    def make_distributions(self, until: date, rows: int) -> Account:
        venture = self._venture
        lines = []
        where = self._stands("row:distributions", "row:dividends", "distributions")
        if venture.reserve:
            lines.append(TermLine("Kept in reserve", venture.reserve / 100, "of cash", ("Reserve",), where, PERCENT))
        if venture.preferred:
            at = self._stands("row:preferred", "row:preferred_dividend")
            lines.append(TermLine("Preferred return", venture.preferred / 100, "a year", ("Preferred",), at, PERCENT))
        for step, shares in enumerate(venture.steps, 1):
            for number, party in zip(self._numbers, self._terms.parties, strict=True):
                at = self._stands("row:steps", "distributions")
                name = f"StepShare{step}Of{number}"
                lines.append(TermLine(f"Step {step}: {party}", shares[party] / 100, "of it", (name,), at, PERCENT))
        if venture.paid_within:
            label = "Paid out, after the end of each period, within"
            lines.append(make_length_line(label, venture.paid_within, "PaidWithin", where))
        hint = (
            f"One row for each time money is paid out, in the order of the days. {FILL_IN} Type the cash that is left "
            "when debts due are paid, and when it was paid out."
        )
        names = {"PaidOutOn": "day"} | {f"PaidOut{number}": f"all{number}" for number in self._numbers}
        return Account(
            Grid(PAID_OUT, venture.payout, hint, tuple(self._each_distribution_column()), rows), tuple(lines), names,
            (), self._count_distributions, False, (), (), _check_paid_out, overviews=(self._make_capital(until),),
            figures=(self._make_figure("Paid out", "PaidOutOn", "PaidOut"),),
        )  # fmt: skip

    def _each_distribution_column(self) -> Iterator[Column]:
        venture, terms = self._venture, self._terms
        digits = terms.digits
        yield Column("no", "No.", 5, "number")
        yield input_day("day", "Counted to", self._day, "the day")
        yield input_amount("cash", "Cash left" + self._unit, self._money, "the cash", 12)
        if venture.steps:
            steps = (_USUAL, *(f"step {number}" for number in range(1, len(venture.steps) + 1)))
            yield input_choice("step", "Profit by", 10, steps)
        empty = 'OR({day}="",{cash}="")'
        kept = "-{cash}*Reserve" if venture.reserve else ""
        yield Column(
            "pay", "Paid out" + self._unit, 12, "result", self._money, f'IF({empty},"",ROUND({{cash}}{kept},{digits}))'
        )
        given = '(GivenBy=Party%d)*(GivenOn<>"")*(GivenOn<={day})' + self._is_value
        rest = "{pay}"
        if venture.first_back:
            for number in self._numbers:
                left = f"ROUND(SUMPRODUCT({given % number},GivenValue)-SUM({{back{number}^}}),{digits})"
                head = f"Not returned: {terms.parties[number - 1]}"
                yield Column(f"left{number}", head, 12, "result", self._money, f'IF({{pay}}="","",{left})')
            yield from self._each_part_column("back", "left", "{pay}", "Returned to ")
            rest = "ROUND({pay}" + "".join(f"-{{back{number}}}" for number in self._numbers) + f",{digits})"
        if venture.preferred:
            for number in self._numbers:
                accrued = f"SUMPRODUCT({given % number}*({{day}}-GivenOn),GivenValue)"
                accrued = f"({accrued}{self._returned_days(number)})*Preferred/365"
                paid = f"SUM({{pref{number}^}})"
                yield Column(f"due{number}", f"Return due: {terms.parties[number - 1]}", 12, "result", self._money,
                             f'IF({{pay}}="","",MAX(0,ROUND({accrued},{digits})-{paid}))')  # fmt: skip
            yield from self._each_part_column("pref", "due", rest, "Return to ")
            rest = rest.removesuffix(f",{digits})") if rest.startswith("ROUND(") else f"ROUND({rest}"
            rest += "".join(f"-{{pref{number}}}" for number in self._numbers) + f",{digits})"
        yield Column("rest", "By shares" + self._unit, 12, "result", self._money, f'IF({{pay}}="","",{rest})')
        for number in self._numbers:
            share = "+".join(f"ProfitOf{other}" for other in range(1, number + 1))
            for step in range(len(venture.steps), 0, -1):
                together = "+".join(f"StepShare{step}Of{other}" for other in range(1, number + 1))
                share = f'IF({{step}}="step {step}",{together},{share})'
            before = "".join(f"-{{part{other}}}" for other in range(1, number))
            part = f"ROUND(ROUND({{rest}}*({share}),{digits}){before},{digits})"
            head = f"Share of {terms.parties[number - 1]}"
            yield Column(f"part{number}", head, 12, "result", self._money, f'IF({{pay}}="","",{part})')
        for number in self._numbers:
            parts = [f"{{part{number}}}", *([f"{{back{number}}}"] if venture.first_back else []),
                     *([f"{{pref{number}}}"] if venture.preferred else [])]  # fmt: skip
            head = f"In all to {terms.parties[number - 1]}"
            whole = f"ROUND({'+'.join(parts)},{digits})"
            yield Column(f"all{number}", head, 12, "result", self._money, f'IF({{pay}}="","",{whole})')
        if venture.paid_within:
            due = add_length(_ENDS[venture.paid], venture.paid_within, "PaidWithin")
            yield Column("due", "Due by", 12, "result", self._day, f'IF({{day}}="","",{due})')
        yield input_day("settled", "Paid on", self._day)
        yield input_text("disputed", "Disputed, because", 14)

    def _returned_days(self, number: int) -> str:
        """Return the formula for what was returned before, times the days since: return stops there."""
        if not self._venture.first_back:
            return ""
        return f"-({{day}}*SUM({{back{number}^}})-SUMPRODUCT({{day^}},{{back{number}^}}))"

    def _each_part_column(self, key: str, of: str, amount: str, head: str) -> Iterator[Column]:
        """Yield what each party gets of an amount up to what it is owed, in proportion where there is less."""
        digits = self._terms.digits
        whole = "(" + "+".join(f"{{{of}{number}}}" for number in self._numbers) + ")"
        for number in self._numbers:
            own = f"{{{of}{number}}}"
            together = "(" + "+".join(f"{{{of}{other}}}" for other in range(1, number + 1)) + ")"
            before = "".join(f"-{{{key}{other}}}" for other in range(1, number))
            share = f"IF({amount}>={whole},{own},ROUND(ROUND({amount}*{together}/{whole},{digits}){before},{digits}))"
            name = self._terms.parties[number - 1]
            yield Column(f"{key}{number}", head + name, 12, "result", self._money, f'IF({{pay}}="","",{share})')

    def _count_distributions(
        self, entries: Sequence[Entry], ended: date | None, before: Counted
    ) -> tuple[CountedEntry, ...]:
        venture, terms, digits = self._venture, self._terms, self._terms.digits
        given = [
            (one.entry["party"], one.entry["given"], one.entry["value"])
            for one in before[CONTRIBUTIONS]
            if one.day and one.entry["kind"] != GUARANTEE
        ]
        returned: list[tuple[date, list[Decimal]]] = []
        preferred = [Decimal(0) for _ in terms.parties]
        counted = []
        for entry in entries:
            day = entry["day"]
            pay = round_money(entry["cash"] * (100 - venture.reserve) / 100, digits)
            rest, results = pay, {"pay": pay}
            if venture.first_back:
                left = [sum((value for who, on, value in given if who == party and on <= day), Decimal(0))
                        - sum((back[at] for _, back in returned), Decimal(0))
                        for at, party in enumerate(terms.parties)]  # fmt: skip
                back = _share_out(rest, left, digits)
                results |= _number("left", left) | _number("back", back)
                rest -= sum(back, Decimal(0))
            else:
                back = [Decimal(0) for _ in terms.parties]
            if venture.preferred:
                due = []
                for at, party in enumerate(terms.parties):
                    days = sum(
                        (value * (day - on).days for who, on, value in given if who == party and on <= day), Decimal(0)
                    )
                    days -= sum((parts[at] * (day - on).days for on, parts in returned), Decimal(0))
                    due.append(max(Decimal(0), round_money(days * venture.preferred / 36500, digits) - preferred[at]))
                pref = _share_out(rest, due, digits)
                preferred = [sum(pair) for pair in zip(preferred, pref, strict=True)]  # type: ignore[misc]
                results |= _number("due", due) | _number("pref", pref)
                rest -= sum(pref, Decimal(0))
            else:
                pref = [Decimal(0) for _ in terms.parties]
            returned.append((day, back))
            step = entry["step"] or _USUAL
            shares = venture.profit if step == _USUAL else venture.steps[int(step.split()[1]) - 1]
            parts = divide(rest, [shares[party] for party in terms.parties], digits)
            whole = [sum(of_one, Decimal(0)) for of_one in zip(parts, back, pref, strict=True)]
            results |= {"rest": rest} | _number("part", parts) | _number("all", whole)
            due_by = {"due": venture.payout_due(day)} if venture.paid_within else {}
            counted.append(CountedEntry(entry, day, {**results, **due_by}))
        return tuple(counted)

    # -- capital accounts

    def _make_capital(self, until: date) -> Overview:
        terms = self._terms
        labels: tuple[dict[str, Value], ...] = tuple(
            {"last": last, "party": party, "number": number}
            for _, last in list_periods(terms, until, self._venture.every)
            for number, party in zip(self._numbers, terms.parties, strict=True)
        )
        given = '(GivenBy={party})*(GivenOn<>"")*(GivenOn<={last})' + self._is_value
        columns = (
            Column("last", "On", 13, "label", self._day),
            Column("party", "Party", 20, "label"),
            Column("given", "Contributed" + self._unit, 15, "result", self._money,
                   f"ROUND(SUMPRODUCT({given},GivenValue),{terms.digits})"),
            Column("share", "Profit less loss" + self._unit, 15, "result", self._money,
                   f"ROUND(SUMPRODUCT((ResultTo<={{last}})*1,ResultPart{{=number}}),{terms.digits})"),
            Column("out", "Paid out" + self._unit, 15, "result", self._money,
                   f'ROUND(SUMPRODUCT((PaidOutOn<>"")*(PaidOutOn<={{last}}),PaidOut{{=number}}),{terms.digits})'),
            Column("capital", "Capital" + self._unit, 15, "result", self._money,
                   f"ROUND({{given}}+{{share}}-{{out}},{terms.digits})"),
        )  # fmt: skip
        hint = "Contributions made, at their agreed value, and profit, less losses and what was paid out."
        title = "Accounts of the parties" if self._venture.losses_stay else "Capital accounts"
        grid = Grid("Capital", title, hint, columns, len(labels), labels)
        return Overview(grid, lambda counted: tuple(self._count_capital(label, counted) for label in labels))

    def _count_capital(self, label: Mapping[str, Any], counted: Counted) -> Mapping[str, Any]:
        last, number = label["last"], label["number"]
        given = sum((one.entry["value"] for one in counted[CONTRIBUTIONS]
                     if one.entry["party"] == label["party"] and one.entry["kind"] != GUARANTEE
                     and one.day and one.day <= last), Decimal(0))  # fmt: skip
        share = sum((one.results[f"part{number}"] for one in counted[RESULTS] if one.entry["last"] <= last), Decimal(0))
        out = sum((one.results[f"all{number}"] for one in counted[PAID_OUT] if one.entry["day"] <= last), Decimal(0))
        return {"given": given, "share": share, "out": out, "capital": given + share - out}

    # -- spending

    def make_spending(self, rows: int) -> Account:
        venture, terms = self._venture, self._terms
        where = self._stands("row:spending", "governance")
        lines = [TermLine("Most without asking", venture.limit, terms.currency, ("SpendingLimit",), where, self._money)]
        at = self._stands("row:votes", "governance")
        is_percent = sum(venture.votes.values(), Decimal(0)) == 100
        for number, (party, votes) in enumerate(venture.votes.items(), 1):
            value, form = (votes / 100, PERCENT) if is_percent else (votes, COUNT_FORMAT)
            lines.append(TermLine(f"Votes of {party}", value, "", (f"VotesOf{number}",), at, form))
        at = self._stands("row:reserved", "governance")
        lines.append(TermLine("More needs consent of", venture.consent, "of all votes", ("ConsentShare",), at, PERCENT))
        every = "+".join(f"VotesOf{number}" for number in self._numbers)
        given = "+".join(f'({{agreed{number}}}<>"")*VotesOf{number}' for number in self._numbers)
        in_time = "+".join(
            f'({{agreed{number}}}<>"")*({{agreed{number}}}<={{day}})*VotesOf{number}' for number in self._numbers
        )
        empty = 'OR({day}="",{amount}="")'
        state = (
            f'IF({empty},"",IF({{planned}}="yes","in the budget",IF({{amount}}<=SpendingLimit,"within the limit",'
            'IF({in_time}>=ConsentShare,"agreed",IF({in_all}>=ConsentShare,"agreed too late","needs consent")))))'
        )
        columns = (
            Column("no", "No.", 5, "number"),
            input_day("day", "Day", self._day, "the day"),
            input_text("what", "What was bought", 30, "what was bought"),
            input_amount("amount", "Amount" + self._unit, self._money, "the amount", 13),
            input_choice("planned", "In the budget", 10, ("yes", "no")),
            *(
                input_day(f"agreed{number}", f"{party} agreed on", self._day, width=14)
                for number, party in zip(self._numbers, terms.parties, strict=True)
            ),
            Column(
                "in_time",
                "Votes in time",
                9,
                "result",
                RATE,
                f'IF({empty},"",ROUND(({in_time})/({every}),6))',
            ),
            Column("in_all", "Votes in all", 9, "result", RATE, f'IF({empty},"",ROUND(({given})/({every}),6))'),
            Column("state", "State", 18, "result", formula=state),
            input_text("disputed", "Disputed, because", 16),
        )
        hint = (
            f"One row for each purchase outside the budget, in the order of the days. {FILL_IN} Above the limit, type "
            "when each party agreed to it, also the one that bought."
        )
        return Account(
            Grid(SPENDING, SPENDING, hint, columns, rows), tuple(lines), {"SpentOn": "day", "SpentState": "state"}, (),
            self._count_spending, False, (), (),
            figures=(TalkFigure("Bought without consent in time", "SpentOn", when=_NO_CONSENT),),
        )  # fmt: skip

    def _make_figure(self, head: str, day: str, area: str) -> TalkFigure:
        return TalkFigure(head, day, tuple(f"{area}{number}" for number in self._numbers))

    def _count_spending(
        self, entries: Sequence[Entry], ended: date | None, before: Counted
    ) -> tuple[CountedEntry, ...]:
        return tuple(CountedEntry(entry, entry["day"], self._judge_spending(entry)) for entry in entries)

    def _judge_spending(self, entry: Entry) -> dict[str, Any]:
        """Return the part of the votes that agreed until the day, that of all that agreed, and what follows."""
        votes, day = self._venture.votes, entry["day"]
        agreed = [(entry[f"agreed{number}"], share) for number, share in enumerate(votes.values(), 1)]
        whole = sum(votes.values(), Decimal(0))
        in_time = round_money(sum((share for on, share in agreed if on and on <= day), Decimal(0)) / whole, 6)
        in_all = round_money(sum((share for on, share in agreed if on), Decimal(0)) / whole, 6)
        state = "needs consent"
        if entry["planned"] == "yes":
            state = "in the budget"
        elif entry["amount"] <= self._venture.limit:
            state = "within the limit"
        elif in_time >= self._venture.consent:
            state = "agreed"
        elif in_all >= self._venture.consent:
            state = "agreed too late"
        return {"in_time": in_time, "in_all": in_all, "state": state}


def _share_out(amount: Decimal, owed: Sequence[Decimal], digits: int) -> list[Decimal]:
    """Return what each gets of an amount: all it is owed, or its part in proportion."""
    whole = sum(owed, Decimal(0))
    return list(owed) if amount >= whole else divide(amount, owed, digits)


def _number(key: str, parts: Sequence[Decimal]) -> dict[str, Decimal]:
    return {f"{key}{number}": part for number, part in enumerate(parts, 1)}


def _check_results(entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
    for entry in entries:
        if entry["profit"] and entry["loss"]:
            yield (
                entry.number,
                Fault("loss", "a period has a profit or a loss, not both", "type what the books show in the end"),
            )


def _check_paid_out(entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
    for entry in entries:
        if entry["settled"] and entry["settled"] < entry["day"]:
            said = f"{entry['settled']} is before {entry['day']}, to which the cash was counted"
            yield entry.number, Fault("settled", said, "correct one of the days")

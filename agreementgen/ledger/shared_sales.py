"""Revenue that is shared, and commissions: a share of what customers pay, owed by whoever collects it.

A share is rounded once for each payment and what was refunded of it, so that a full refund leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.counting import add
from agreementgen.core.values import Duration
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.ledger.accounts import (
    Account,
    Claim,
    Counted,
    CountedEntry,
    Entry,
    Fault,
    Flow,
    SettledColumns,
    settle,
)
from agreementgen.ledger.referral_fees import COUNTS, round_money
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    FILL_IN,
    Column,
    Grid,
    add_length,
    day_format,
    input_amount,
    input_choice,
    input_day,
    input_row_number,
    input_text,
    match_name,
    money_format,
)
from agreementgen.ledger.terms import DealTerms, list_sums_not_covered
from agreementgen.ledger.terms_sheet import PERCENT, RATE, TermLine, make_length_line

FIRST_SALE, RENEWAL = "first sale", "renewal"
_NO_TIME = Duration(0, "day")


@dataclass(frozen=True)
class SalesTerms:
    """What shares of sales are counted from.

    `collectors` take the money in; `shares` has the share of each party that is owed one, in percent. `renewals` is the
    share of a renewal, None where renewals are like any sale; `tiers` has the share of each tier, "" where no tier has
    one of its own, the first is the one at the start. `run_on` is for how long shares run after the end;
    `only_won_before` is whether they then run for customers won before the end only, and `by_order` whether a sale
    counts by the day of its order, whenever it is paid; a renewal counts by its own day.
    """

    collectors: tuple[str, ...]
    shares: dict[str, Decimal]
    renewals: Decimal | None
    tiers: dict[str, Decimal]
    by_invoice: bool
    has_deductions: bool
    clawback: Duration | None
    run_on: Duration
    only_won_before: bool
    by_order: bool
    each_row_due: bool


def read_sales_terms(deal: Deal, terms: DealTerms) -> SalesTerms:
    """Return the terms of a revenue share or a commission."""
    money, facts = deal.facts["financial"], deal.facts
    run_off = find_fact("stock.run_off", facts)
    run_off = run_off if run_off and run_off.count else None
    clawback = money["clawback"] if money["clawback"] and money["clawback"].count else None
    renewals = None
    tiers: dict[str, Decimal] = {}
    collectors = terms.parties
    if money["model"] == "commission":
        vendor, partner = str(facts["vendor"]["short"]), str(facts["partner"]["short"])
        usual = find_fact("prices.commission", facts).number
        collectors = (vendor,)
        shares = {partner: usual}
        on_renewals = find_fact("prices.on_renewals", facts)
        renewals = on_renewals.number if on_renewals and find_fact("prices.renewals", facts) else None
        run_on, only_won_before, by_order = run_off or _NO_TIME, False, True
    else:
        shares = {str(part["party"]["short"]): part["share"].number for part in money["revenue_shares"]}
        tail = find_fact("exit.tail", facts)
        run_on, only_won_before = tail or run_off or _NO_TIME, bool(tail)
        by_order = not tail and bool(run_off or find_fact("channel.products", facts))
        usual = Decimal(0)
    levels = find_fact("tiers.levels", facts) or ()
    if money["model"] == "commission" and any(level.get("percentage") for level in levels):
        start = str(find_fact("tiers.start", facts))
        ordered = sorted(levels, key=lambda level: str(level["name"]) != start)
        tiers = {
            str(level["name"]): level["percentage"].number if level.get("percentage") else usual for level in ordered
        }
    return SalesTerms(
        collectors, shares, renewals, tiers, money["trigger"] == "invoice", money["base"] == "net collected revenue",
        clawback, run_on, only_won_before, by_order, money["paid"] == "on payment",
    )  # fmt: skip


def list_what_is_not_covered(deal: Deal) -> Iterator[tuple[str, str, str]]:
    """Yield what of these terms has no formula: what it is, its field, and what else can be written."""
    money = deal.facts["financial"]
    yield from list_sums_not_covered(deal)
    if money.get("paid") == "each event":
        yield "a share that is paid for each event", "paid", 'write "monthly" or "on payment"'
    if money.get("paid") == "yearly":
        yield "a share that is paid once a year", "paid", 'write "monthly" or "quarterly"'
    if money.get("base") == "gross invoiced" and money.get("trigger") != "invoice":
        yield "shares of invoices that are earned on payment", "trigger", 'write "trigger: invoice"'
    if money["model"] == "revenue share" and find_fact("prices.discount", deal.facts):
        yield "a share of revenue together with a discount", "model", "keep this part of the record by hand"
    if money["model"] == "revenue share" and any(
        level.get("percentage") for level in find_fact("tiers.levels", deal.facts) or ()
    ):
        yield "a share of revenue that changes with the tier", "model", "keep this part of the record by hand"


def make_sales_account(deal: Deal, terms: DealTerms, stands: Callable[..., str], rows: int) -> Account:
    """Return the sheet of revenue or commissions."""
    return _Sales(read_sales_terms(deal, terms), terms, deal.facts["financial"]["model"] == "commission").make(
        stands, rows
    )


class _Sales:
    def __init__(self, sales: SalesTerms, terms: DealTerms, is_commission: bool) -> None:
        self._sales, self._terms, self._is_commission = sales, terms, is_commission
        self._paid = "invoiced" if sales.by_invoice else "paid"
        # Who is owed a share of what somebody else collected, with the number of its cell.
        self._payees = tuple(
            (terms.parties.index(party) + 1, party) for party in terms.parties if self._may_be_owed(party)
        )

    def _may_be_owed(self, party: str) -> bool:
        return bool(self._sales.shares.get(party)) and self._sales.collectors != (party,)

    def make(self, stands: Callable[..., str], rows: int) -> Account:
        sales = self._sales
        name = "Commissions" if self._is_commission else "Revenue"
        what = "an invoice to a customer" if sales.by_invoice else "what a customer paid"
        hint = (
            f"One row for {what}, in the order of the days. {FILL_IN} A refund has a row of its own: its amount "
            "without taxes and other deductions, and the number of the row that it pays back."
        )
        if sales.by_order:
            hint += f" Say when it was ordered where it was {self._paid} after the end."
        shown = [("no", 5), ("day", 12), ("client", 20), ("what", 11), ("counts", 14), ("base", 13), ("rate", 8)]
        shown += [(f"owed{number}", 12) for number, _ in self._payees]
        return Account(
            Grid(name, name, hint, tuple(self._each_column()), rows),
            tuple(self._each_line(stands)),
            {"SaleDay": "day", **({} if self._is_commission else {"SaleBy": "by"}),
             **{f"SaleOwed{number}": f"owed{number}" for number, _ in self._payees},
             **{f"{name}{self._suffix(number)}": f"{key}{number}" for number, _ in self._payees
                for name, key in (("SalePaidOn", "settled"), ("SaleCharge", "charge")) if sales.each_row_due}},
            tuple(self._each_flow()),
            self.count,
            not sales.each_row_due,
            tuple(shown),
            ("commission", "revenue_share", "deductions", "guarantee", "after", "payment"),
            self.check,
            asks_end=True,
        )  # fmt: skip

    def _suffix(self, number: int) -> str:
        """Return what tells apart the names of cells for each payee, "" where there is one."""
        return str(number) if len(self._payees) > 1 else ""

    def _each_flow(self) -> Iterator[Flow]:
        for collector in self._sales.collectors:
            for number, payee in self._payees:
                if payee != collector:
                    when = "" if self._is_commission else f"(SaleBy=Party{self._terms.parties.index(collector) + 1})"
                    own = self._suffix(number)
                    each = (f"SalePaidOn{own}", f"SaleCharge{own}") if self._sales.each_row_due else ("", "")
                    yield Flow(collector, payee, "SaleDay", f"SaleOwed{number}", when, *each)

    # -- terms

    def _each_line(self, stands: Callable[..., str]) -> Iterator[TermLine]:
        sales = self._sales
        where = stands("row:commission", "row:revenue_share", "financial")
        base = "of what is invoiced" if sales.by_invoice else "of net collected revenue"
        for number, payee in self._payees:
            label = "Commission" if self._is_commission else f"Share of {payee}"
            yield TermLine(label, sales.shares[payee] / 100, base, (f"Share{number}",), where, PERCENT)
        if sales.renewals is not None:
            yield TermLine("Commission on renewals", sales.renewals / 100, base, ("ShareOnRenewal",), where, PERCENT)
        for tier in sales.tiers:
            yield TermLine("Tier", tier, "", ("TierName",), stands("row:tiers", "tiers"))
        for tier, share in sales.tiers.items():
            yield TermLine(
                f"Commission in {tier}", share / 100, base, ("TierShare",), stands("row:tiers", "tiers"), PERCENT
            )
        if sales.clawback:
            yield make_length_line("A refund cancels its share within", sales.clawback, "Clawback", stands("financial"))
        label = "After the end orders count for" if sales.by_order else "After the end shares run for"
        yield make_length_line(label, sales.run_on, "RunOn", stands("row:after", "stock", "financial"))

    # -- columns

    def _each_column(self) -> Iterator[Column]:
        sales, terms = self._sales, self._terms
        day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
        yield Column("no", "No.", 5, "number")
        yield input_day("day", "Day", day, "the day")
        yield input_choice("what", "What", 10, (self._paid, "refunded"), f"whether it was {self._paid} or refunded")
        if not self._is_commission:
            yield input_choice("by", "Collected by", 13, terms.parties, "who collected it", "Parties")
        yield input_text("client", "Customer", 18, "the customer")
        if sales.renewals is not None:
            yield input_choice("sort", "Sale", 11, (FIRST_SALE, RENEWAL))
        if sales.tiers:
            yield input_choice("tier", "Tier then", 11, tuple(sales.tiers), source="TierName")
        yield input_amount("amount", "Amount" + unit, money, "the amount")
        if sales.has_deductions:
            yield input_amount("off", "Deductions" + unit, money)
        yield input_row_number("of", "Refund of no.")
        if sales.only_won_before:
            yield input_day("won", "Customer won on", day)
        if sales.by_order:
            yield input_day("ordered", "Ordered on", day)
        yield Column("counts", "Counts", 14, "result", formula=self._counts())
        refund = '{what}="refunded"'
        if sales.renewals is not None or sales.tiers:
            usual = "Share" + str(self._payees[0][0])
            place = match_name("{tier}", "TierName", sales.tiers)
            rate = f'IF({{tier}}="",INDEX(TierShare,1),INDEX(TierShare,{place}))' if sales.tiers else usual
            if sales.renewals is not None:
                rate = f'IF({{sort}}="{RENEWAL}",ShareOnRenewal,{rate})'
            rate = f'IF({{counts}}<>"yes","",IF({refund},INDEX({{rate^}},{{of}}+1),{rate}))'
            yield Column("rate", "Share", 8, "result", RATE, rate)
        off = "-{off}" if sales.has_deductions else ""
        base = f'IF({{counts}}="","",IF({{counts}}<>"yes",0,IF({refund},-{{amount}},{{amount}}{off})))'
        yield Column("base", "Base" + unit, 11, "result", money, base)
        origin = f'IF({{counts}}="","",IF({refund},{{of}},{{no}}))'
        yield Column("origin", "Counts with no.", 8, "result", COUNT_FORMAT, origin)
        left = f'IF({{base}}="","",ROUND({{base}}+SUMIFS({{base^}},{{origin^}},{{origin}}),{terms.digits}))'
        yield Column("left", "Left of it", 11, "result", money, left)
        for number, payee in self._payees:
            share = "{rate}" if sales.renewals is not None or sales.tiers else f"Share{number}"
            own = f"owed{number}"
            before = f"SUMIFS({{{own}^}},{{origin^}},{{origin}})"
            change = f"ROUND(ROUND({{left}}*{share},{terms.digits})-{before},{terms.digits})"
            if not self._is_commission:
                change = f"IF({{by}}=Party{number},0,{change})"
            formula = f'IF({{base}}="","",IF({{counts}}<>"yes",0,{change}))'
            yield Column(
                own, ("Commission" if self._is_commission else f"Owed to {payee}"), 11, "result", money, formula
            )
        if sales.each_row_due:
            due = f'IF({{base}}="","",{add_length("{day}", terms.due, "DueAfter")})'
            is_one = len(self._payees) == 1
            sums = [(f"owed{number}", "" if is_one else payee) for number, payee in self._payees]
            yield from SettledColumns.make(terms, due, sums, day, "Paid on" if is_one else "Paid", "to")
        yield input_text("disputed", "Disputed, because", 15)
        yield Column("check", "Check", 12, "result", formula=self._check_formula())

    def _counts(self) -> str:
        sales = self._sales
        back = '"no repayment agreed"'
        if sales.clawback:
            until = add_length("INDEX({day^},{of}+1)", sales.clawback, "Clawback")
            back = f'IF({{day}}<={until},"yes","refunded too late")'
        refund = f'IF(IFERROR(INDEX({{counts^}},{{of}}+1),"")<>"yes","payment did not count",{back})'
        until = add_length("EndedOn", sales.run_on, "RunOn") if sales.run_on.count else "EndedOn"
        sold = "{day}"
        if sales.by_order:
            by_own_day = f'OR({{ordered}}="",{{sort}}="{RENEWAL}")' if sales.renewals is not None else '{ordered}=""'
            sold = f"IF({by_own_day},{{day}},{{ordered}})"
        paid = f'IF({sold}<={until},"yes","after the shares ended")'
        if sales.only_won_before:
            paid = f'IF(OR({{won}}="",{{won}}>EndedOn),"not won before the end",{paid})'
        paid = f'IF(EndedOn="","yes",IF({{day}}<=EndedOn,"yes",{paid}))'
        by = "" if self._is_commission else '{by}="",'
        return f'IF(OR({{day}}="",{by}{{what}}="",{{amount}}=""),"",IF({{what}}="refunded",{refund},{paid}))'

    def _check_formula(self) -> str:
        off = 'IF({off}>{amount},"deductions exceed it",' if self._sales.has_deductions else ""
        return (
            'IF(AND({day}="",{client}="",{amount}=""),"",IF(OR({day}="",{what}="",{client}="",{amount}=""),'
            '"something is missing",IF({day}<MAX({day^}),"not in order of days",'
            'IF(({what}="refunded")<>({of}<>""),"refund of which row?",' + off + '""' + (")" if off else "") + "))))"
        )

    # -- the same in Python

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        sales, terms = self._sales, self._terms
        rows = {entry.number: entry for entry in entries}
        counted: dict[int, CountedEntry] = {}
        left: dict[int, Decimal] = {}
        owed: dict[tuple[int, int], Decimal] = {}
        for entry in entries:
            counts = self._judge(entry, rows, counted, ended)
            is_refund = entry["what"] == "refunded"
            origin = int(entry["of"]) if is_refund else entry.number
            base = Decimal(0)
            if counts == COUNTS:
                base = -entry["amount"] if is_refund else entry["amount"] - (entry["off"] or 0)
            left[origin] = left.get(origin, Decimal(0)) + base
            results: dict[str, Any] = {"counts": counts, "base": base, "origin": origin, "left": left[origin]}
            rate = None
            if sales.renewals is not None or sales.tiers:
                rate = self._rate_of(rows.get(origin, entry))
                results["rate"] = rate / 100 if counts == COUNTS else None
            by = self._sales.collectors[0] if self._is_commission else entry["by"]
            claims = []
            for number, payee in self._payees:
                change = Decimal(0)
                if counts == COUNTS and payee != by:
                    share = sales.shares[payee] if rate is None else rate
                    so_far = owed.get((origin, number), Decimal(0))
                    owed[origin, number] = round_money(left[origin] * share / 100, terms.digits)
                    change = owed[origin, number] - so_far
                results[f"owed{number}"] = change
                if payee == by and sales.each_row_due:
                    # Nobody pays itself; the cell of the charge says 0.
                    results[f"charge{number}"] = Decimal(0)
                if payee != by:
                    claims.append(self._claim(entry, by, payee, number, change, results))
            counted[entry.number] = CountedEntry(entry, entry["day"], results, tuple(claims))
        return tuple(counted.values())

    def _claim(
        self, entry: Entry, debtor: str, creditor: str, number: int, amount: Decimal, results: dict[str, Any]
    ) -> Claim:
        if not self._sales.each_row_due:
            return Claim(debtor, creditor, amount)
        due, settled = add(entry["day"], self._terms.due), entry[f"settled{number}"]
        charge = settle(self._terms, amount, due, settled)
        results |= {"due": due, f"charge{number}": charge}
        return Claim(debtor, creditor, amount, due, settled, charge)

    def _rate_of(self, entry: Entry) -> Decimal:
        sales = self._sales
        if sales.renewals is not None and entry["sort"] == RENEWAL:
            return sales.renewals
        if sales.tiers:
            return sales.tiers[entry["tier"]] if entry["tier"] else next(iter(sales.tiers.values()))
        return sales.shares[self._payees[0][1]]

    def _judge(self, entry: Entry, rows: dict[int, Entry], counted: dict[int, CountedEntry], ended: date | None) -> str:
        """Return "yes", or why a row changes nothing."""
        sales, day = self._sales, entry["day"]
        if entry["what"] == "refunded":
            origin = counted.get(entry["of"])
            if origin is None or origin.results["counts"] != COUNTS:
                return "payment did not count"
            if not sales.clawback:
                return "no repayment agreed"
            return COUNTS if day <= add(rows[entry["of"]]["day"], sales.clawback) else "refunded too late"
        if ended is None or day <= ended:
            return COUNTS
        if sales.by_order and entry["ordered"] and (sales.renewals is None or entry["sort"] != RENEWAL):
            day = entry["ordered"]
        if sales.only_won_before and (entry["won"] is None or entry["won"] > ended):
            return "not won before the end"
        return COUNTS if day <= add(ended, sales.run_on) else "after the shares ended"

    def check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        """Yield what is wrong with rows that can be read."""
        known: dict[int, Entry] = {}
        given_back: dict[int, Decimal] = {}
        for entry in entries:
            for fault in self._check_row(entry, known, given_back):
                yield entry.number, fault
            known[entry.number] = entry

    def _check_row(self, entry: Entry, known: dict[int, Entry], given_back: dict[int, Decimal]) -> Iterator[Fault]:
        off, amount = entry["off"] or Decimal(0), entry["amount"]
        if self._sales.by_order and entry["ordered"] and entry["ordered"] > entry["day"]:
            yield Fault("ordered", f"it was {self._paid} before", "correct one of the days")
        if entry["what"] != "refunded":
            if off > amount:
                yield Fault("off", f"{off:,} is more than what was paid", "correct one of the amounts")
            if entry["of"]:
                yield Fault("of", "a payment pays nothing back", 'delete the number, or choose "refunded"')
            return
        if off:
            yield Fault(
                "off", "a refund is counted without deductions", "leave it empty, and type what of the base went back"
            )
        origin = known.get(entry["of"] or 0)
        if origin is None or origin["what"] == "refunded":
            said = f"row {entry['of']} is no payment above this one" if entry["of"] else "it is missing which payment"
            yield Fault("of", said, 'type the "No." of the payment that was paid back')
            return
        if not self._is_commission and origin["by"] != entry["by"]:
            yield Fault("by", f"row {origin.number} was collected by {origin['by']}", "correct one of the two")
        given_back[origin.number] = given_back.get(origin.number, Decimal(0)) + amount
        left = origin["amount"] - (origin["off"] or 0)
        if 0 <= left < given_back[origin.number]:
            yield Fault("amount", f"more is refunded than the {left:,} that counted", "leave taxes and deductions out")

"""Orders of a partner that resells: the list price less its discount, invoiced and due one by one, and its minimum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
    Overview,
    SettledColumns,
    settle,
)
from agreementgen.ledger.referral_fees import round_money
from agreementgen.ledger.shared_sales import FIRST_SALE, RENEWAL
from agreementgen.ledger.sheet_parts import (
    FILL_IN,
    QUANTITY_FORMAT,
    Column,
    Grid,
    add_length,
    day_format,
    input_amount,
    input_choice,
    input_day,
    input_quantity,
    input_text,
    match_name,
    money_format,
)
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import PERCENT, RATE, TermLine

_YEAR = Duration(12, "month")


@dataclass(frozen=True)
class ResaleTerms:
    """What orders are counted from, in percent of the list price; `tiers` as in SalesTerms."""

    vendor: str
    partner: str
    discount: Decimal
    renewals: Decimal | None
    tiers: dict[str, Decimal]
    counts: str
    minimum: Decimal | None
    minimum_from: date


def read_resale_terms(deal: Deal, terms: DealTerms) -> ResaleTerms:
    facts = deal.facts
    usual = find_fact("prices.discount", facts).number
    on_renewals = find_fact("prices.on_renewals", facts) if find_fact("prices.renewals", facts) else None
    levels = find_fact("tiers.levels", facts) or ()
    tiers: dict[str, Decimal] = {}
    if any(level.get("percentage") for level in levels):
        start = str(find_fact("tiers.start", facts))
        for level in sorted(levels, key=lambda level: str(level["name"]) != start):
            tiers[str(level["name"])] = level["percentage"].number if level.get("percentage") else usual
    agreed = find_fact("minimums.minimum", facts)
    minimum = None
    if agreed:
        minimum = agreed["value"].amount if agreed["counts"] == "orders" else Decimal(agreed["number"])
    return ResaleTerms(
        str(facts["vendor"]["short"]),
        str(facts["partner"]["short"]),
        usual,
        on_renewals.number if on_renewals else None,
        tiers,
        str(agreed["counts"]) if agreed else "",
        minimum,
        add(terms.effective, agreed["ramp"]) if agreed and agreed["ramp"] else terms.effective,
    )


def make_orders_account(deal: Deal, terms: DealTerms, stands: Callable[..., str], until: date, rows: int) -> Account:
    """Return the sheet of orders, with that of the yearly minimum where one is agreed."""
    return _Orders(read_resale_terms(deal, terms), terms).make(stands, until, rows)


# How long a partner may make up for a miss, where the wording for partners is chosen.
_MADE_UP_WITHIN = Duration(3, "month")


def _counts_all_orders(stands: Callable[..., str]) -> bool:
    """Return whether all orders that are placed count toward the minimum, and a miss may be made up."""
    return bool(stands("clause:minimum-partner"))


class _Orders:
    def __init__(self, resale: ResaleTerms, terms: DealTerms) -> None:
        self._resale, self._terms = resale, terms
        self._has_rate = resale.renewals is not None or bool(resale.tiers)

    def make(self, stands: Callable[..., str], until: date, rows: int) -> Account:
        resale = self._resale
        hint = (
            f"One row for each order of {resale.partner} that was accepted, in the order of the days. {FILL_IN} The "
            "list price is that on the day of the order. It is due once it was delivered and invoiced."
        )
        if resale.minimum is not None:
            which = "was not accepted, or not filled"
            if not _counts_all_orders(stands):
                which = "was refused without good reason, or not filled"
            hint += f" One that {which}, counts toward the minimum, too: leave its invoice empty."
        shown = [("no", 5), ("day", 12), ("order", 16), ("amount", 12), ("rate", 9), ("net", 12), ("credit", 10),
                 ("invoiced", 12), ("owed", 12), ("due", 12)]  # fmt: skip
        names = {"OrderDay": "day", "OrderInvoiced": "invoiced", "OrderNet": "net", "OrderOwed": "owed",
                 "OrderPaidOn": "settled", "OrderCharge": "charge"}  # fmt: skip
        names |= {"OrderNew": "new"} if resale.counts == "customers" else {}
        names |= {"OrderUnits": "units"} if resale.counts == "units" else {}
        flow = Flow(resale.partner, resale.vendor, "OrderInvoiced", "OrderOwed", "", "OrderPaidOn", "OrderCharge")
        return Account(
            Grid("Orders", "Orders", hint, tuple(self._each_column()), rows), tuple(self._each_line(stands)), names,
            (flow,), self.count, False, tuple(shown), ("prices", "payment"), self.check,
            overviews=(self._make_minimum(stands, until),) if resale.minimum is not None else (),
        )  # fmt: skip

    def _each_line(self, stands: Callable[..., str]) -> Iterator[TermLine]:
        resale, where = self._resale, stands("row:prices", "prices")
        yield TermLine("Discount", resale.discount / 100, "of the list price", ("Discount",), where, PERCENT)
        if resale.renewals is not None:
            share = resale.renewals / 100
            yield TermLine("Discount on renewals", share, "of the list price", ("DiscountOnRenewal",), where, PERCENT)
        for tier in resale.tiers:
            yield TermLine("Tier", tier, "", ("TierName",), stands("row:tiers", "tiers"))
        for tier, share in resale.tiers.items():
            where = stands("row:tiers", "tiers")
            yield TermLine(f"Discount in {tier}", share / 100, "of the list price", ("TierShare",), where, PERCENT)
        if resale.minimum is not None:
            is_money = resale.counts == "orders"
            unit = self._terms.currency if is_money else resale.counts
            form = money_format(self._terms.digits) if is_money else "#,##0_ "
            yield TermLine("Minimum in each 12 months", resale.minimum, unit, ("Minimum",), stands("row:minimum"), form)

    def _each_column(self) -> Iterator[Column]:
        resale, terms = self._resale, self._terms
        day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
        yield Column("no", "No.", 5, "number")
        yield input_day("day", "Ordered on", day, "the day of the order")
        yield input_text("order", "Order", 18)
        if resale.renewals is not None:
            yield input_choice("sort", "Sale", 11, (FIRST_SALE, RENEWAL))
        if resale.tiers:
            yield input_choice("tier", "Tier then", 11, tuple(resale.tiers), source="TierName")
        if resale.counts == "customers":
            yield input_choice("new", "New customer", 9, ("yes", "no"))
        if resale.counts == "units":
            yield input_quantity("units", "Units")
        yield input_amount("amount", "List price" + unit, money, "the list price", 12)
        place = match_name("{tier}", "TierName", resale.tiers)
        rate = f'IF({{tier}}="",INDEX(TierShare,1),INDEX(TierShare,{place}))' if resale.tiers else "Discount"
        if resale.renewals is not None:
            rate = f'IF({{sort}}="{RENEWAL}",DiscountOnRenewal,{rate})'
        if self._has_rate:
            yield Column("rate", "Discount", 9, "result", RATE, f'IF(OR({{day}}="",{{amount}}=""),"",{rate})')
        off = "{rate}" if self._has_rate else "Discount"
        left = f"ROUND({{amount}}-ROUND({{amount}}*{off},{terms.digits}),{terms.digits})"
        net = f'IF(OR({{day}}="",{{amount}}=""),"",{left})'
        yield Column("net", "Price" + unit, 12, "result", money, net)
        yield input_amount("credit", "Credited for returns", money, width=11)
        yield input_day("invoiced", "Delivered and invoiced on", day)
        owed = f'IF(OR({{net}}="",{{invoiced}}=""),"",ROUND({{net}}-{{credit}},{terms.digits}))'
        yield Column("owed", "Owed" + unit, 12, "result", money, owed)
        due = f'IF({{owed}}="","",{add_length("{invoiced}", terms.due, "DueAfter")})'
        yield from SettledColumns.make(terms, due, [("owed", "")], day)
        yield input_text("disputed", "Disputed, because", 15)
        check = (
            'IF(AND({day}="",{amount}=""),"",IF(OR({day}="",{amount}=""),"something is missing",'
            'IF({day}<MAX({day^}),"not in order of days",IF({credit}>{net},"credited too much",""))))'
        )
        yield Column("check", "Check", 12, "result", formula=check)

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        return tuple(self._count_row(entry) for entry in entries)

    def _count_row(self, entry: Entry) -> CountedEntry:
        resale, terms = self._resale, self._terms
        rate = self._rate_of(entry)
        net = entry["amount"] - round_money(entry["amount"] * rate / 100, terms.digits)
        results: dict[str, Any] = {"net": net} | ({"rate": rate / 100} if self._has_rate else {})
        if entry["invoiced"] is None:
            return CountedEntry(entry, None, results | {"owed": None, "due": None, "charge": None})
        owed, due = net - (entry["credit"] or 0), add(entry["invoiced"], terms.due)
        charge = settle(terms, owed, due, entry["settled"])
        results |= {"owed": owed, "due": due, "charge": charge}
        claim = Claim(resale.partner, resale.vendor, owed, due, entry["settled"], charge)
        return CountedEntry(entry, entry["invoiced"], results, (claim,))

    def _rate_of(self, entry: Entry) -> Decimal:
        resale = self._resale
        if resale.renewals is not None and entry["sort"] == RENEWAL:
            return resale.renewals
        if resale.tiers:
            return resale.tiers[entry["tier"]] if entry["tier"] else next(iter(resale.tiers.values()))
        return resale.discount

    def check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        for entry in entries:
            net = entry["amount"] - round_money(entry["amount"] * self._rate_of(entry) / 100, self._terms.digits)
            if (entry["credit"] or 0) > net:
                yield entry.number, Fault("credit", f"more is credited than the price of {net:,}", "correct the amount")
            if entry["invoiced"] and entry["invoiced"] < entry["day"]:
                said = f"it was invoiced on {entry['invoiced']}, before it was ordered"
                yield entry.number, Fault("invoiced", said, "correct one of the days")
            if entry["settled"] and entry["settled"] < entry["day"]:
                said = f"it was paid on {entry['settled']}, before it was ordered"
                yield entry.number, Fault("settled", said, "correct one of the days")
            if entry["credit"] and not entry["invoiced"]:
                said = "it was credited, but not invoiced"
                yield entry.number, Fault("invoiced", said, 'type the day under "Delivered and invoiced on"')
            if entry["settled"] and not entry["invoiced"]:
                said = "it was paid, but not invoiced"
                yield entry.number, Fault("invoiced", said, 'type the day under "Delivered and invoiced on"')

    # -- the minimum

    def _make_minimum(self, stands: Callable[..., str], until: date) -> Overview:
        resale, terms = self._resale, self._terms
        day = day_format(terms.language)
        years: list[dict[str, date]] = []
        first = resale.minimum_from
        while not years or add(first, _YEAR) - timedelta(days=1) <= until:
            years.append({"first": first, "last": add(first, _YEAR) - timedelta(days=1)})
            first = add(resale.minimum_from, _YEAR, len(years))
        match resale.counts:
            case "orders":
                form = money_format(terms.digits)
                counted = f"ROUND(SUMPRODUCT(%s,OrderNet),{terms.digits})"
            case "customers":
                form, counted = "#,##0_ ", 'SUMPRODUCT(%s*(OrderNew="yes"))'
            case _:
                form, counted = QUANTITY_FORMAT, "SUMPRODUCT(%s,OrderUnits)"
        reached = counted % "(OrderDay>={first})*(OrderDay<={last})"
        makes_up = _counts_all_orders(stands)
        later: tuple[Column, ...] = ()
        is_met = 'IF({missing}=0,"met","not met so far")'
        if makes_up:
            after = counted % f"(OrderDay>{{last}})*(OrderDay<=EDATE({{last}},{_MADE_UP_WITHIN.count}))"
            later = (Column("later", f"Ordered in the next {_MADE_UP_WITHIN.count} months", 18, "result", form, after),)
            is_met = 'IF({missing}=0,"met",IF({later}>={missing},"made up","not met so far"))'
        columns = (
            Column("first", "From", 14, "label", day),
            Column("last", "To", 14, "label", day),
            Column("least", "Minimum", 16, "result", form, "Minimum"),
            Column("reached", "Reached", 16, "result", form, reached),
            Column("missing", "Missing", 16, "result", form, "MAX(0,{least}-{reached})"),
            *later,
            Column("state", "State", 18, "result", formula=is_met),
        )
        hint = "What was ordered in each 12 months against the minimum. A year that the end cuts short has none."
        if makes_up:
            hint += (
                " What is ordered in the next three months may make up for a miss. Whether it then counts for its own "
                "year, too, the agreement does not say: here it does."
            )
        count = self._count_minimum(years, makes_up)
        return Overview(Grid("Minimum", "Minimum", hint, columns, len(years), tuple(years)), count)

    def _count_minimum(
        self, years: Sequence[Mapping[str, date]], makes_up: bool
    ) -> Callable[[Counted], tuple[Mapping[str, Any], ...]]:
        resale = self._resale
        least = resale.minimum or Decimal(0)

        def worth(one: CountedEntry) -> Decimal:
            if resale.counts == "orders":
                return Decimal(one.results["net"])
            return (
                Decimal(one.entry["new"] == "yes") if resale.counts == "customers" else one.entry["units"] or Decimal(0)
            )

        def sum_orders(counted: Counted, first: date, last: date) -> Decimal:
            return sum((worth(one) for one in counted["Orders"] if first <= one.entry["day"] <= last), Decimal(0))

        def count(counted: Counted) -> tuple[Mapping[str, Any], ...]:
            rows: list[Mapping[str, Any]] = []
            for year in years:
                last = year["last"]
                reached = sum_orders(counted, year["first"], last)
                missing = max(Decimal(0), least - reached)
                state = "not met so far" if missing else "met"
                row = {"reached": reached, "missing": missing}
                if makes_up:
                    row["later"] = sum_orders(counted, last + timedelta(days=1), add(last, _MADE_UP_WITHIN))
                    state = "made up" if missing and row["later"] >= missing else state
                rows.append({**row, "state": state})
            return tuple(rows)

        return count

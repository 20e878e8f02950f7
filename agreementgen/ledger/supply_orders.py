"""Orders of goods: what was ordered, came, was rejected and is owed, with service levels and minimums."""

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
from agreementgen.ledger.referral_fees import list_periods, round_money
from agreementgen.ledger.sheet_parts import (
    FILL_IN,
    QUANTITY_FORMAT,
    Column,
    Grid,
    Value,
    add_length,
    day_format,
    input_choice,
    input_day,
    input_quantity,
    input_text,
    length_in_cells,
    match_name,
    money_format,
    width_of,
)
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import PERCENT, RATE, TermLine, make_length_line

_PRICE = "#,##0.00##_ "
_LENGTHS = {"week": Duration(7, "day"), "month": Duration(1, "month"), "quarter": Duration(3, "month"),
            "year": Duration(12, "month")}  # fmt: skip
_MONTH = Duration(1, "month")
FORECAST = "Forecast"
_MOST_FORECASTS = 500
# As many as "goods.periods" may be; it is more than all weeks to the last day of a workbook.
_MOST_PERIODS = 600


@dataclass(frozen=True)
class Good:
    """An item with its first price, and the least of each period, None where none is agreed."""

    name: str
    unit: str
    price: Decimal
    minimum: int | None


@dataclass(frozen=True)
class SupplyTerms:
    """What orders of goods are counted from. `fill_rate` and `on_time` are None without service levels."""

    buyer: str
    supplier: str
    goods: tuple[Good, ...]
    prices_change: bool
    period: str
    periods: int | None
    take_or_pay: Decimal | None
    by_carrier: bool
    fill_rate: Decimal | None
    on_time: Decimal | None
    measured: str
    # Whether the buyer gives forecasts, and which first part of one binds, None where all of it is an estimate.
    has_forecasts: bool
    firm: Duration | None


def read_supply_terms(deal: Deal) -> SupplyTerms:
    facts = deal.facts
    goods = facts["goods"]
    fill, on_time = find_fact("service.fill_rate", facts), find_fact("service.on_time", facts)
    share = goods["take_or_pay"]
    return SupplyTerms(
        str(facts["buyer"]["short"]),
        str(facts["supplier"]["short"]),
        tuple(
            Good(
                str(one["item"]), str(one["unit"]), one["price"].amount, int(one["minimum"]) if one["minimum"] else None
            )
            for one in goods["items"]
        ),
        str(find_fact("supply_prices.kind", facts) or "fixed") != "fixed",
        str(goods["period"]),
        int(goods["periods"]) if goods["periods"] else None,
        share.number if share else None,
        find_fact("orders.risk_passes", facts) == "to carrier",
        fill.number if fill else None,
        on_time.number if on_time else None,
        str(find_fact("service.measured", facts) or "monthly"),
        bool(goods["commitment"] == "forecast" or find_fact("forecast.used", facts)),
        find_fact("forecast.firm", facts),
    )


def make_supply_account(deal: Deal, terms: DealTerms, stands: Callable[..., str], until: date, rows: int) -> Account:
    """Return the sheet of orders, with those of service levels and minimums where any are agreed."""
    return _Supply(read_supply_terms(deal), terms).make(stands, until, rows)


class _Supply:
    def __init__(self, supply: SupplyTerms, terms: DealTerms) -> None:
        self._supply, self._terms = supply, terms
        self._goods = {good.name: good for good in supply.goods}

    def make(self, stands: Callable[..., str], until: date, rows: int) -> Account:
        supply = self._supply
        day = "shipped" if supply.by_carrier else "delivered"
        when = "once the first carrier took it" if supply.by_carrier else "once it was delivered"
        hint = (
            f"One row for each item of an order, in the order of the days. {FILL_IN} It is invoiced {when}; what was "
            "rightly rejected is not owed."
        )
        shown = [("no", 5), ("day", 12), ("item", 20), ("quantity", 10), (day, 12), ("got", 10), ("rejected", 10),
                 ("price", 10), ("owed", 12), ("due", 12)]  # fmt: skip
        names = {"OrderItem": "item", "OrderWanted": "wanted", "OrderQuantity": "quantity",
                 "OrderDelivered": "delivered", "OrderGot": "got", "OrderRejected": "rejected",
                 "OrderCounted": "counted", "OrderInvoiced": day, "OrderOwed": "owed",
                 "OrderPaidOn": "settled", "OrderCharge": "charge"}  # fmt: skip
        flow = Flow(supply.buyer, supply.supplier, "OrderInvoiced", "OrderOwed", "", "OrderPaidOn", "OrderCharge")
        overviews = [self._make_forecasts(until)] if supply.has_forecasts else []
        if supply.fill_rate is not None and supply.on_time is not None:
            overviews.append(self._make_service(until))
        if any(good.minimum for good in supply.goods):
            # With this wording the minimum is an average over blocks of three periods.
            together = 3 if stands("clause:commitment-fallback") else 1
            overviews.append(self._make_commitment(until, together))
        return Account(
            Grid("Orders", "Orders", hint, tuple(self._each_column()), rows), tuple(self._each_line(stands)), names,
            (flow,), self.count, False, tuple(shown), ("goods", "price_changes", "payment"), self.check,
            overviews=tuple(overviews),
        )  # fmt: skip

    def _each_line(self, stands: Callable[..., str]) -> Iterator[TermLine]:
        supply, where = self._supply, stands("row:goods")
        for good in supply.goods:
            yield TermLine("Goods", good.name, "", ("GoodsItem",), where)
        for good in supply.goods:
            label = f"{'First price' if supply.prices_change else 'Price'}: {good.name}"
            unit = f"{self._terms.currency} per {good.unit}"
            yield TermLine(label, good.price, unit, ("GoodsPrice",), where, _PRICE)
        if supply.fill_rate is not None and supply.on_time is not None:
            where = stands("row:service", "service")
            yield TermLine(
                "Delivered of what was ordered", supply.fill_rate / 100, "at least", ("FillRate",), where, PERCENT
            )
            yield TermLine("Deliveries on time", supply.on_time / 100, "at least", ("OnTime",), where, PERCENT)
        if supply.has_forecasts and supply.firm:
            yield make_length_line("Of a forecast binds the first part of", supply.firm, "Firm", stands("row:forecast"))
        if supply.take_or_pay is not None:
            where = stands("row:commitment", "goods")
            yield TermLine(
                "Paid for even if not taken", supply.take_or_pay / 100, "of the minimum", ("TakeOrPay",), where, PERCENT
            )

    def _each_column(self) -> Iterator[Column]:
        supply, terms = self._supply, self._terms
        day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
        names = tuple(good.name for good in supply.goods)
        yield Column("no", "No.", 5, "number")
        yield input_day("day", "Ordered on", day, "the day of the order")
        yield input_choice("item", "Item", width_of(names), names, "the item", "GoodsItem")
        yield input_quantity("quantity", "Ordered", "the quantity")
        if supply.prices_change:
            yield Column("agreed", "Price then, if changed", 10, "input", _PRICE, holds="quantity")
        yield input_day("wanted", "To come on", day, "the day on which it is to come")
        if supply.by_carrier:
            yield input_day("shipped", "Given to carrier on", day)
        yield input_day("delivered", "Came on", day)
        yield input_quantity("got", "Came")
        yield input_quantity("rejected", "Rightly rejected")
        yield input_choice("buyer", "Buyer caused it", 9, ("yes",))
        price = f"INDEX(GoodsPrice,{match_name('{item}', 'GoodsItem', names)})"
        if supply.prices_change:
            price = f'IF({{agreed}}<>"",{{agreed}},{price})'
        yield Column("price", "Price", 9, "result", _PRICE, f'IF({{item}}="","",{price})')
        came = "shipped" if supply.by_carrier else "delivered"
        is_open = f'OR({{item}}="",{{{came}}}="",{{got}}="")'
        owed = f'IF({is_open},"",ROUND(({{got}}-{{rejected}})*{{price}},{terms.digits}))'
        yield Column("owed", "Owed" + unit, 12, "result", money, owed)
        due = f'IF({{owed}}="","",{add_length(f"{{{came}}}", terms.due, "DueAfter")})'
        yield from SettledColumns.make(terms, due, [("owed", "")], day)
        counted = 'IF({item}="","",IF({buyer}="yes",{got}+0,MAX({quantity},{got})))'
        yield Column("counted", "Counts as taken", 10, "result", QUANTITY_FORMAT, counted)
        if supply.fill_rate is not None:
            late = "OR({delivered}>{wanted}+1,ROUND({got}-FillRate*{quantity},6)<0)"
            missed = f'IF(OR({{delivered}}="",{{buyer}}="yes"),"",IF({late},"missed",""))'
            yield Column("missed", "Delivery", 8, "result", formula=missed)
        yield input_text("disputed", "Disputed, because", 14)
        check = (
            'IF(AND({day}="",{item}="",{quantity}=""),"",IF(OR({day}="",{item}="",{quantity}="",{wanted}=""),'
            '"something is missing",IF({day}<MAX({day^}),"not in order of days",'
            'IF(({delivered}="")<>({got}=""),"came when, and how much?",IF({rejected}>{got},"rejected too much","")))))'
        )
        yield Column("check", "Check", 12, "result", formula=check)

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        return tuple(self._count_row(entry) for entry in entries)

    def _count_row(self, entry: Entry) -> CountedEntry:
        supply, terms = self._supply, self._terms
        price = entry["agreed"] if entry["agreed"] is not None else self._goods[entry["item"]].price
        got = entry["got"] or Decimal(0)
        counted = got if entry["buyer"] == "yes" else max(entry["quantity"], got)
        results: dict[str, Any] = {"price": price, "counted": counted}
        if supply.fill_rate is not None:
            is_missed = False
            if entry["delivered"] and entry["buyer"] != "yes":
                is_short = got < supply.fill_rate / 100 * entry["quantity"]
                is_missed = is_short or entry["delivered"] > entry["wanted"] + timedelta(days=1)
            results["missed"] = "missed" if is_missed else ""
        invoiced = entry["shipped"] if supply.by_carrier else entry["delivered"]
        if invoiced is None or entry["got"] is None:
            return CountedEntry(entry, None, results | {"owed": None, "due": None, "charge": None})
        owed = round_money((got - (entry["rejected"] or 0)) * price, terms.digits)
        due = add(invoiced, terms.due)
        charge = settle(terms, owed, due, entry["settled"])
        results |= {"owed": owed, "due": due, "charge": charge}
        claim = Claim(supply.buyer, supply.supplier, owed, due, entry["settled"], charge)
        return CountedEntry(entry, invoiced, results, (claim,))

    def check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        for entry in entries:
            for fault in self._check_row(entry):
                yield entry.number, fault

    def _check_row(self, entry: Entry) -> Iterator[Fault]:
        if entry["got"] is not None and (entry["rejected"] or 0) > entry["got"]:
            yield Fault("rejected", f"more is rejected than the {entry['got']} that came", "correct one of the two")
        if entry["delivered"] and entry["got"] is None:
            yield Fault("got", "how much came is missing", "type the quantity, 0 if nothing did")
        if entry["got"] is not None and not entry["delivered"]:
            yield Fault("delivered", "the day on which it came is missing", "type it, as in 2027-03-31")
        for key, what in (("wanted", "is to come"), ("shipped", "was given to the carrier"), ("delivered", "came")):
            if entry[key] and entry[key] < entry["day"]:
                yield Fault(key, f"it {what} on {entry[key]}, before it was ordered", "correct one of the days")
        if entry["quantity"] == 0:
            yield Fault("quantity", "nothing is ordered", "type the quantity, or delete what stands in this row")
        elif (entry["got"] or 0) > 2 * entry["quantity"]:
            said = f"{entry['got']:,f} came of {entry['quantity']:,f} ordered, and all of it is owed"
            yield Fault("got", said, "look whether a sign slipped", is_remark=True)
        if entry["settled"] and entry["settled"] < entry["day"]:
            said = f"it was paid on {entry['settled']}, before it was ordered"
            yield Fault("settled", said, "correct one of the days")
        if entry["rejected"] and entry["got"] is None:
            yield Fault("rejected", "it was rejected, but has not come", "type when it came, and how much")
        if entry["settled"] and not (entry["shipped"] if self._supply.by_carrier else entry["delivered"]):
            yield Fault("settled", "it was paid, but has not come", "type when it came, or delete the day")

    # -- forecasts

    def _make_forecasts(self, until: date) -> Overview:
        """Return the sheet on which forecasts are typed, and stand beside what came of them."""
        supply, day = self._supply, day_format(self._terms.language)
        length = _LENGTHS.get(supply.period, _MONTH)
        if (until - self._terms.effective).days // 7 * len(supply.goods) > _MOST_FORECASTS:
            length = max(length, _MONTH, key=lambda one: add(until, one))
        labels: list[dict[str, Value]] = []
        first, number = self._terms.effective, 0
        while first <= until and (supply.periods is None or number < supply.periods or length is _MONTH):
            last = add(self._terms.effective, length, number + 1) - timedelta(days=1)
            labels += [{"first": first, "last": last, "item": good.name} for good in supply.goods]
            first, number = last + timedelta(days=1), number + 1
        mine = "(OrderItem={item})*(OrderWanted>={first})*(OrderWanted<={last})"
        columns = [
            Column("first", "From", 12, "label", day),
            Column("last", "To", 12, "label", day),
            Column("item", "Item", 20, "label"),
            input_quantity("forecast", "Forecast", width=11),
            Column("ordered", "Ordered", 11, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderQuantity)"),
            Column("share", "Ordered of it", 10, "result", RATE,
                   'IF(OR({forecast}="",{forecast}=0),"",ROUND({ordered}/{forecast},4))'),
            Column("came", "Came", 11, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderGot)"),
            Column("fill", "Came of the order", 10, "result", RATE,
                   'IF({ordered}=0,"",ROUND({came}/{ordered},4))'),
            Column("rejected", "Rejected", 10, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderRejected)"),
        ]  # fmt: skip
        hint = "Type what the last forecast says of each period; orders count by the day on which they are to come."
        if supply.firm:
            binds = "EDATE({first},-Firm)" if length_in_cells(supply.firm)[1] == "months" else "{first}-Firm"
            columns.insert(3, Column("binds", "Binds from", 12, "result", day, binds))
            short = Column(
                "short", "Binding, but not ordered", 11, "result", QUANTITY_FORMAT, "MAX(0,{forecast}-{ordered})"
            )
            columns.append(short)
            hint += ' From the day under "Binds from" it may not be changed any more without consent.'
        grid = Grid(FORECAST, "Forecast, orders and deliveries", hint, tuple(columns), len(labels), tuple(labels))
        shown = (("first", 13), ("last", 13), ("item", 18), ("forecast", 11), ("ordered", 11), ("came", 11),
                 ("fill", 11), ("rejected", 11))  # fmt: skip
        return Overview(grid, lambda counted: tuple(self._each_forecast(labels, counted)), shown=shown)

    def _each_forecast(self, labels: Sequence[Mapping[str, Any]], counted: Counted) -> Iterator[Mapping[str, Any]]:
        typed = {one.entry.number: one.entry["forecast"] for one in counted.get(FORECAST, ())}
        firm = self._supply.firm
        for number, label in enumerate(labels, 1):
            mine = [one.entry for one in counted["Orders"] if one.entry["item"] == label["item"]
                    and label["first"] <= one.entry["wanted"] <= label["last"]]  # fmt: skip
            forecast = typed.get(number)
            ordered = sum((one["quantity"] for one in mine), Decimal(0))
            came = sum((one["got"] or Decimal(0) for one in mine), Decimal(0))
            results = {
                "ordered": ordered,
                "share": round_money(ordered / forecast, 4) if forecast else None,
                "came": came,
                "fill": round_money(came / ordered, 4) if ordered else None,
                "rejected": sum((one["rejected"] or Decimal(0) for one in mine), Decimal(0)),
            }
            if firm:
                results["binds"] = add(label["first"], Duration(-firm.count, firm.unit))
                results["short"] = max(Decimal(0), (forecast or Decimal(0)) - ordered)
            yield results

    # -- service levels

    def _make_service(self, until: date) -> Overview:
        day, supply = day_format(self._terms.language), self._supply
        labels: tuple[dict[str, Value], ...] = tuple(
            {"first": first, "last": last, "item": good.name}
            for first, last in list_periods(self._terms, until, supply.measured)
            for good in supply.goods
        )
        mine = "(OrderItem={item})*(OrderWanted>={first})*(OrderWanted<={last})"
        columns = (
            Column("first", "From", 12, "label", day),
            Column("last", "To", 12, "label", day),
            Column("item", "Item", 20, "label"),
            Column("ordered", "Ordered", 11, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderQuantity)"),
            Column("came", "Came", 11, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderGot)"),
            Column("fill", "Came of it", 10, "result", RATE, 'IF({ordered}=0,"",ROUND({came}/{ordered},4))'),
            Column("count", "Deliveries", 10, "result", "0_ ", f"SUMPRODUCT({mine})"),
            Column("timely", "On time", 10, "result", "0_ ",
                   f'SUMPRODUCT({mine}*(OrderDelivered<>"")*(OrderDelivered<=OrderWanted))'),
            Column("rate", "On time of them", 10, "result", RATE, 'IF({count}=0,"",ROUND({timely}/{count},4))'),
            Column("state", "Service level", 14, "result",
                   formula='IF({count}=0,"",IF(AND({came}>=ROUND({ordered}*FillRate,6),'
                   '{timely}>=ROUND({count}*OnTime,6)),"met","missed"))'),
        )  # fmt: skip
        hint = "What came of what was ordered, and when, by the day on which it was to come."
        grid = Grid("Service", "Service level", hint, columns, len(labels), labels)
        shown = (("first", 14), ("last", 14), ("item", 22), ("ordered", 12), ("came", 12), ("count", 12),
                 ("timely", 12), ("state", 14))  # fmt: skip
        return Overview(
            grid, lambda counted: tuple(self._count_service(label, counted["Orders"]) for label in labels), shown=shown
        )

    def _count_service(self, label: Mapping[str, Any], counted: Sequence[CountedEntry]) -> Mapping[str, Any]:
        supply = self._supply
        mine = [one.entry for one in counted if one.entry["item"] == label["item"]
                and label["first"] <= one.entry["wanted"] <= label["last"]]  # fmt: skip
        ordered = sum((one["quantity"] for one in mine), Decimal(0))
        came = sum((one["got"] or Decimal(0) for one in mine), Decimal(0))
        timely = sum(bool(one["delivered"] and one["delivered"] <= one["wanted"]) for one in mine)
        state = ""
        if mine:
            is_met = (
                came >= ordered * (supply.fill_rate or 0) / 100 and timely >= len(mine) * (supply.on_time or 0) / 100
            )
            state = "met" if is_met else "missed"
        return {"ordered": ordered, "came": came, "count": len(mine), "timely": timely, "state": state}

    # -- the minimum

    def _make_commitment(self, until: date, together: int) -> Overview:
        """Return the sheet of the minimum; as many periods as `together` says are one row."""
        supply, terms = self._supply, self._terms
        day, length = day_format(terms.language), _LENGTHS[supply.period]
        labels: list[dict[str, Value]] = []
        first, number = terms.effective, 0
        most = supply.periods or _MOST_PERIODS
        while number < most and (supply.periods or first <= until):
            # The agreed periods may leave a last block that is shorter.
            count = min(together, most - number)
            last = add(terms.effective, length, number + count) - timedelta(days=1)
            labels += [{"first": first, "last": last, "item": good.name, "least": Decimal(good.minimum * count)}
                       for good in supply.goods if good.minimum]  # fmt: skip
            first, number = last + timedelta(days=1), number + count
        mine = "(OrderItem={item})*(OrderWanted>={first})*(OrderWanted<={last})"
        missing = "MAX(0,{least}-{taken})"
        columns = [
            Column("first", "From", 12, "label", day),
            Column("last", "To", 12, "label", day),
            Column("item", "Item", 22, "label"),
            Column("least", "Minimum", 12, "label", QUANTITY_FORMAT),
            Column("taken", "Counts as taken", 12, "result", QUANTITY_FORMAT, f"SUMPRODUCT({mine},OrderCounted)"),
            Column("missing", "Missing", 12, "result", QUANTITY_FORMAT, missing),
        ]
        if supply.take_or_pay is not None:
            short = "MAX(0,ROUND({least}*TakeOrPay-{taken},6))"
            columns.append(Column("short", "May be invoiced", 12, "result", QUANTITY_FORMAT, short))
        hint = (
            "What was taken against the minimum, by the day on which it was to come; what was not delivered or rightly "
            "rejected counts. In a period that the end cuts short, the minimum falls in proportion."
        )
        title = f"Minimum of each {supply.period}" if together == 1 else f"Minimum of each three {supply.period}s"
        grid = Grid("Commitment", title, hint, tuple(columns), len(labels), tuple(labels))
        return Overview(
            grid,
            lambda counted: tuple(self._count_commitment(label, counted["Orders"]) for label in labels),
            shown=(("first", 14), ("last", 14), ("item", 22), ("least", 15), ("taken", 20), ("missing", 15)),
        )

    def _count_commitment(self, label: Mapping[str, Any], counted: Sequence[CountedEntry]) -> Mapping[str, Any]:
        mine = (one.results["counted"] for one in counted if one.entry["item"] == label["item"]
                and label["first"] <= one.entry["wanted"] <= label["last"])  # fmt: skip
        taken = sum(mine, Decimal(0))
        results = {"taken": taken, "missing": max(Decimal(0), label["least"] - taken)}
        if self._supply.take_or_pay is not None:
            results["short"] = max(Decimal(0), label["least"] * self._supply.take_or_pay / 100 - taken)
        return results

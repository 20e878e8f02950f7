"""A fixed fee, or a sponsorship: paid in parts when something has happened, for each event, or again and again.

For a part of a period, and for days on which what it pays for was not given, it is owed in proportion, by days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.core.values import Duration, Money, format_short_day
from agreementgen.deal.deal import Deal
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
from agreementgen.ledger.referral_fees import list_periods, round_money
from agreementgen.ledger.sheet_parts import (
    COUNT_FORMAT,
    Column,
    Grid,
    Value,
    add_length,
    day_format,
    input_choice,
    input_day,
    input_row_number,
    input_text,
    money_format,
)
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import TermLine

FEES = "Fees"
_HOW_OFTEN = {"monthly": Duration(1, "month"), "yearly": Duration(12, "month")}
_NAMED = {"Day": "day", "Owed": "owed", "PaidOn": "settled", "Charge": "charge"}
_EVERY = {"week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


@dataclass(frozen=True)
class FeeTerms:
    """Who pays `amount` to `payees`, in equal parts. `parts` has what must have happened for each sum, if any is."""

    payer: str
    payees: tuple[str, ...]
    amount: Decimal
    each: str
    in_advance: bool
    parts: tuple[tuple[str, Decimal], ...]


def read_fee_terms(deal: Deal, terms: DealTerms) -> FeeTerms:
    """Return the terms of a fixed fee or a sponsorship."""
    money = deal.facts["financial"]
    payer = str(money["payer"]["short"])
    payees = (str(money["payee"]["short"]),) if money["payee"] else terms.others(payer)
    amount = money["amount"].amount
    parts = []
    for one in money["parts"] or ():
        part = one["part"].amount if isinstance(one["part"], Money) else amount * one["part"].number / 100
        parts.append((str(one["when"]), round_money(part, terms.digits)))
    # Where percentages are rounded, the last part takes what is left of the whole.
    percents = [one["part"].number for one in money["parts"] or () if not isinstance(one["part"], Money)]
    if len(percents) == len(parts) and sum(percents) == 100:
        parts[-1] = (parts[-1][0], amount - sum((part for _, part in parts[:-1]), Decimal(0)))
    return FeeTerms(payer, payees, amount, str(money["each"]), bool(money["in_advance"]), tuple(parts))


def make_fees_account(
    deal: Deal,
    terms: DealTerms,
    stands: Callable[..., str],
    until: date,
    rows: int,
    changes: Sequence[date] = (),
) -> Account:
    """Return the sheet of fees; a period in which terms change, on a day of `changes`, has a row for each part."""
    return _Fees(read_fee_terms(deal, terms), terms, deal.facts["financial"]["model"]).make(
        stands, until, rows, changes
    )


def make_partner_fees_account(deal: Deal, terms: DealTerms, stands: Callable[..., str], until: date) -> Account:
    """Return the sheet of what a reseller pays besides its orders: a row for each time it is invoiced."""
    vendor, partner = (str(deal.facts[role]["short"]) for role in ("vendor", "partner"))
    parts = []
    for fee in deal.facts["prices"]["partner_pays"]:
        days = [terms.effective]
        if length := _HOW_OFTEN.get(str(fee["how_often"])):
            while (day := add(terms.effective, length, len(days))) <= until:
                days.append(day)
        parts += [
            (day, f"{fee['what']}, from {format_short_day(day, terms.language)}", fee["amount"].amount) for day in days
        ]
    parts.sort(key=lambda part: part[0])
    fees = FeeTerms(partner, (vendor,), Decimal(0), "once", False, tuple((what, amount) for _, what, amount in parts))
    return _Fees(fees, terms, "", "Partner fees", "row:partner_pays").make(stands, until, 0)


class _Fees:
    def __init__(
        self, fees: FeeTerms, terms: DealTerms, model: str, sheet: str = FEES, place: str = "row:fixed_fee"
    ) -> None:
        self._fees, self._terms, self._model = fees, terms, model
        self._sheet, self._place = sheet, place
        # All payees get the same sum, so one column says it.
        self._many = len(fees.payees)

    def make(self, stands: Callable[..., str], until: date, rows: int, changes: Sequence[date] = ()) -> Account:
        fees, terms = self._fees, self._terms
        where = stands(self._place, "row:sponsorship", "financial" if self._sheet == FEES else "prices")
        money = money_format(terms.digits)
        lines = [TermLine(f"Pays ({self._sheet})", fees.payer, "", (), where)]
        if fees.each != "once":
            lines.append(TermLine(f"For each {fees.each}", fees.amount, terms.currency, ("FeeAmount",), where, money))
        labels: tuple[dict[str, Value], ...] = ()
        if fees.each in _EVERY:
            labels, hint = self._label_periods(until, changes), (
                "A row for each period. Type days on which what it pays for was not given, and when it was paid. "
                "When the agreement has ended, type its last day above: what lies behind it is not owed."
            )  # fmt: skip
        elif fees.each == "event":
            hint = "One row for each event. An event that did not take place is not paid."
        else:
            parts = fees.parts or (("the work is done" if self._model == "fixed fee" else "on signing", fees.amount),)
            labels = tuple({"part": when, "amount": amount} for when, amount in parts)
            hint = (
                "A row for each part. Type when it was invoiced, once what is named has happened, and when it was paid."
            )
        amount = [("amount", 14)] if labels and fees.each == "once" else []
        shown = [("first", 14), ("last", 14)] if fees.each in _EVERY else [("part", 30)] if labels else [("event", 30)]
        name = "Fee" if self._sheet == FEES else "PartnerFee"
        shown += [("day", 14), *amount, ("owed", 14), ("due", 14)]
        return Account(
            Grid(
                self._sheet, self._sheet, hint, tuple(self._each_column()), len(labels) or rows, labels, landscape=True
            ),
            tuple(lines),
            {f"{name}{what}": key for what, key in _NAMED.items()},
            tuple(
                Flow(fees.payer, payee, f"{name}Day", f"{name}Owed", "", f"{name}PaidOn", f"{name}Charge")
                for payee in fees.payees
            ),
            self.count,
            False,
            tuple(shown),
            ("fixed_fee", "sponsorship", "partner_pays", "payment"),
            self.check,
            asks_end=fees.each in _EVERY,
        )

    def _label_periods(self, until: date, changes: Sequence[date]) -> tuple[dict[str, Value], ...]:
        every = _EVERY[self._fees.each]
        periods = list_periods(self._terms, until, every)
        labels: list[dict[str, Value]] = []
        for first, last in periods:
            # The whole calendar period: the one before it ends on the day before.
            lasts = list_calendar_periods(last - timedelta(days=400), last, every)
            begins = [first, *(day for day in changes if first < day <= last)]
            ends = [*(day - timedelta(days=1) for day in begins[1:]), last]
            labels += [{"first": day, "last": end, "days": (last - lasts[-2]).days}
                       for day, end in zip(begins, ends, strict=True)]  # fmt: skip
        return tuple(labels)

    def _each_column(self) -> Iterator[Column]:
        fees, terms = self._fees, self._terms
        day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
        yield Column("no", "No.", 5, "number")
        share = f"/{self._many}" if self._many > 1 else ""
        head = ("Owed to each" if self._many > 1 else "Owed") + unit
        if fees.each in _EVERY:
            yield Column("first", "From", 12, "label", day)
            yield Column("last", "To", 12, "label", day)
            yield Column("days", "Days of the whole period", 10, "label", COUNT_FORMAT)
            yield input_row_number("missing", "Days not given", 9)
            given = 'MAX(0,IF(EndedOn="",{last},MIN({last},EndedOn))-{first}+1-{missing})'
            yield Column("given", "Days paid for", 9, "result", COUNT_FORMAT, given)
            yield Column("day", "Due from", 12, "result", day, "{first}" if fees.in_advance else "{last}")
            owed = f"ROUND(FeeAmount*{{given}}/{{days}}{share},{terms.digits})"
        elif fees.each == "event":
            yield input_day("day", "Day of the event", day, "the day of the event")
            yield input_text("event", "Event", 26, "the event")
            yield input_choice("held", "Took place", 10, ("yes", "no"))
            owed = f'IF(OR({{day}}="",{{held}}<>"yes"),"",ROUND(FeeAmount{share},{terms.digits}))'
        else:
            yield Column("part", "When", 34, "label")
            yield Column("amount", "Amount" + unit, 12, "label", money)
            yield input_day("day", "Invoiced on", day)
            owed = f'IF({{day}}="","",ROUND({{amount}}{share},{terms.digits}))'
        yield Column("owed", head, 12, "result", money, owed)
        due = f'IF({{owed}}="","",{add_length("{day}", terms.due, "DueAfter")})'
        yield from SettledColumns.make(terms, due, [("owed", "")], day)
        yield input_text("disputed", "Disputed, because", 20)

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        return tuple(self._count_row(entry, ended) for entry in entries)

    def _count_row(self, entry: Entry, ended: date | None) -> CountedEntry:
        fees, terms = self._fees, self._terms
        results: dict[str, Any] = {}
        day, whole = entry["day"], None
        if fees.each in _EVERY:
            first, last = entry["first"], entry["last"]
            until = min(last, ended) if ended else last
            given = max(0, (until - first).days + 1 - int(entry["missing"] or 0))
            day = first if fees.in_advance else last
            results |= {"given": given, "day": day}
            whole = fees.amount * given / entry["days"]
        elif fees.each == "event":
            whole = fees.amount if entry["held"] == "yes" else None
        elif day:
            whole = entry["amount"]
        if whole is None:
            return CountedEntry(entry, None, {"owed": None, "due": None, "charge": None})
        owed, due = round_money(whole / self._many, terms.digits), add(day, terms.due)
        charge = settle(terms, owed, due, entry["settled"])
        results |= {"owed": owed, "due": due, "charge": charge}
        claims = tuple(Claim(fees.payer, payee, owed, due, entry["settled"], charge) for payee in fees.payees)
        return CountedEntry(entry, day, results, claims)

    def check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        for entry in entries:
            if entry["missing"] and entry["missing"] > (entry["last"] - entry["first"]).days + 1:
                yield entry.number, Fault("missing", "that is more days than the period has", "correct the number")
            if self._fees.each == "event" and entry["settled"] and entry["held"] != "yes":
                yield (
                    entry.number,
                    Fault("held", "it was paid, but not said to have taken place", 'choose "yes", or empty "Paid on"'),
                )
            if self._fees.each == "once" and entry["settled"] and not entry["day"]:
                yield entry.number, Fault("day", "it was paid, but not invoiced", 'type the day under "Invoiced on"')

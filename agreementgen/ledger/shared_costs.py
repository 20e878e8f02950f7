"""Costs that one party pays and all bear: each receipt within the budget of its item, divided as agreed.

What passes a budget (and what may be passed without consent) stays with who spent it, unless the others agreed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agreementgen.core.counting import add
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.ledger.accounts import Account, Claim, Counted, CountedEntry, Entry, Flow, SettledColumns, settle
from agreementgen.ledger.referral_fees import round_money
from agreementgen.ledger.sheet_parts import (
    FILL_IN,
    Column,
    Grid,
    add_length,
    day_format,
    input_amount,
    input_choice,
    input_day,
    input_text,
    match_name,
    money_format,
    width_of,
)
from agreementgen.ledger.terms import DealTerms
from agreementgen.ledger.terms_sheet import PERCENT, TermLine

COSTS = "Costs"


@dataclass(frozen=True)
class SharedCost:
    """An item: `limit` is its budget with what may be passed without consent, `shares` in percent by party."""

    item: str
    limit: Decimal
    shares: dict[str, Decimal]


def read_shared_costs(deal: Deal, terms: DealTerms) -> tuple[SharedCost, ...]:
    """Return the shared costs of a deal."""
    overrun = find_fact("campaigns.overrun", deal.facts)
    more = 1 + (overrun.number if overrun else Decimal(0)) / 100
    return tuple(
        SharedCost(
            str(one["item"]),
            round_money(one["budget"].amount * more, terms.digits),
            {str(part["party"]["short"]): part["share"].number for part in one["split"]},
        )
        for one in deal.facts["financial"]["shared_costs"] or ()
    )


def make_costs_account(deal: Deal, terms: DealTerms, stands: Callable[..., str], rows: int) -> Account:
    """Return the sheet of shared costs."""
    return _Costs(read_shared_costs(deal, terms), terms).make(stands, rows)


class _Costs:
    def __init__(self, costs: tuple[SharedCost, ...], terms: DealTerms) -> None:
        self._costs, self._terms = costs, terms
        self._by_item = {one.item: one for one in costs}
        # The parties that may owe a share, with their numbers. Between two, one column holds what the other owes.
        numbers = [(number, party) for number, party in enumerate(terms.parties, 1) if self._bears(party)]
        self._debtors = [(0, "")] if len(terms.parties) == 2 else numbers

    def _bears(self, party: str) -> bool:
        return any(one.shares.get(party) for one in self._costs)

    def make(self, stands: Callable[..., str], rows: int) -> Account:
        hint = (
            f"One row for each receipt of a shared cost, in the order in which they are sent. {FILL_IN} What passes "
            "the budget is borne by who paid it, unless the others agreed in writing: then type the day."
        )
        shown = [("no", 5), ("day", 12), ("item", 20), ("by", 14), ("amount", 12), ("shared", 12)]
        shown += [(f"owed{number or ''}", 12) for number, _ in self._debtors] + [("due", 12)]
        names = {"CostDay": "day", "CostBy": "by", "CostOf": "item"}
        for number, _ in self._debtors:
            suffix = str(number or "")
            names |= {f"CostOwed{suffix}": f"owed{suffix}", f"CostPaidOn{suffix}": f"settled{suffix}",
                      f"CostCharge{suffix}": f"charge{suffix}"}  # fmt: skip
        return Account(
            Grid(COSTS, COSTS, hint, tuple(self._each_column()), rows),
            tuple(self._each_line(stands)), names, tuple(self._each_flow()), self.count, False, tuple(shown),
            ("shared_costs", "payment"),
        )  # fmt: skip

    def _each_flow(self) -> Iterator[Flow]:
        for creditor in self._terms.parties:
            number = self._terms.parties.index(creditor) + 1
            for debtor in self._terms.others(creditor):
                if self._bears(debtor):
                    own = "" if len(self._terms.parties) == 2 else str(self._terms.parties.index(debtor) + 1)
                    yield Flow(debtor, creditor, "CostDay", f"CostOwed{own}", f"(CostBy=Party{number})",
                               f"CostPaidOn{own}", f"CostCharge{own}")  # fmt: skip

    def _each_line(self, stands: Callable[..., str]) -> Iterator[TermLine]:
        where, money = stands("row:shared_costs", "financial"), money_format(self._terms.digits)
        for one in self._costs:
            yield TermLine("Shared cost", one.item, "", ("CostItem",), where)
        for one in self._costs:
            label = f"Most without consent: {one.item}"
            yield TermLine(label, one.limit, self._terms.currency, ("CostLimit",),
                           stands("row:shared_costs", "campaigns"), money)  # fmt: skip
        for number, party in enumerate(self._terms.parties, 1):
            for one in self._costs:
                share = one.shares.get(party, Decimal(0)) / 100
                yield TermLine(f"{party} bears: {one.item}", share, "of it", (f"CostShare{number}",), where, PERCENT)

    def _each_column(self) -> Iterator[Column]:
        terms = self._terms
        day, money, unit = day_format(terms.language), money_format(terms.digits), f" ({terms.currency})"
        items = tuple(one.item for one in self._costs)
        yield Column("no", "No.", 5, "number")
        yield input_day("day", "Receipt sent on", day, "the day on which the receipt was sent")
        yield input_choice("item", "Shared cost", width_of(items), items, "which shared cost it is", "CostItem")
        yield input_choice("by", "Paid by", 13, terms.parties, "who paid it", "Parties")
        yield input_text("what", "What for", 18)
        yield input_amount("amount", "Amount" + unit, money, "the amount")
        yield input_day("agreed", "More agreed on", day)
        is_read = 'OR({day}="",{item}="",{by}="",{amount}="")'
        place = match_name("{item}", "CostItem", items)
        left = f"INDEX(CostLimit,{place})-SUMIFS({{shared^}},{{place^}},{{place}})"
        yield Column("place", "Item no.", 6, "result", "0_ ", f'IF({is_read},"",{place})')
        shared = f'IF({is_read},"",IF({{agreed}}<>"",{{amount}},ROUND(MAX(0,MIN({{amount}},{left})),{terms.digits})))'
        yield Column("shared", "Shared of it", 11, "result", money, shared.replace(place, "{place}"))
        for number, party in self._debtors:
            own = str(number or "")
            if number:
                share = f"IF({{by}}=Party{number},0,INDEX(CostShare{number},{{place}}))"
            else:
                share = "IF({by}=Party1,INDEX(CostShare2,{place}),INDEX(CostShare1,{place}))"
            owed = f'IF({{shared}}="","",ROUND({{shared}}*{share},{terms.digits}))'
            yield Column(f"owed{own}", f"Owed by {party or 'the other'}", 11, "result", money, owed)
        due = f'IF({{shared}}="","",{add_length("{day}", terms.due, "DueAfter")})'
        sums = [(f"owed{number or ''}", party) for number, party in self._debtors]
        yield from SettledColumns.make(terms, due, sums, day, "Repaid on" if len(sums) == 1 else "Repaid")
        yield input_text("disputed", "Disputed, because", 15)
        check = (
            'IF(AND({day}="",{item}="",{amount}=""),"",IF(' + is_read + ',"something is missing",'
            'IF({day}<MAX({day^}),"not in order of days",IF({shared}<{amount},"over the budget",""))))'
        )
        yield Column("check", "Check", 14, "result", formula=check)

    def count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        # Under amended terms: what was shared under those before.
        spent: dict[str, Decimal] = {}
        for one in before.get(COSTS, ()):
            spent[one.entry["item"]] = spent.get(one.entry["item"], Decimal(0)) + one.results["shared"]
        counted = []
        for entry in entries:
            cost = self._by_item[entry["item"]]
            left = max(Decimal(0), cost.limit - spent.get(cost.item, Decimal(0)))
            shared = entry["amount"] if entry["agreed"] else min(entry["amount"], left)
            spent[cost.item] = spent.get(cost.item, Decimal(0)) + shared
            due = add(entry["day"], self._terms.due)
            results = {"shared": shared, "due": due, "place": self._costs.index(cost) + 1}
            claims = []
            for number, debtor in enumerate(self._terms.parties, 1):
                if len(self._terms.parties) > 2 and not self._bears(debtor):
                    continue
                own = "" if len(self._terms.parties) == 2 else str(number)
                if debtor == entry["by"]:
                    if own:
                        results |= {f"owed{own}": Decimal(0), f"charge{own}": Decimal(0)}
                    continue
                owed = round_money(shared * cost.shares.get(debtor, Decimal(0)) / 100, self._terms.digits)
                settled = entry[f"settled{own}"]
                charge = settle(self._terms, owed, due, settled)
                results |= {f"owed{own}": owed, f"charge{own}": charge}
                claims.append(Claim(debtor, entry["by"], owed, due, settled, charge))
            counted.append(CountedEntry(entry, entry["day"], results, tuple(claims)))
        return tuple(counted)

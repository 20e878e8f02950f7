"""What the statement of a joint venture says: contributions, accounts, what is paid out, loans, and spending.

All figures are those of the counted rows; the statement adds the days on which they are due, and tells how they came
about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.core.document import Table
from agreementgen.core.typography import curl_quotes
from agreementgen.core.values import format_day, format_short_day
from agreementgen.ledger.accounts import CountedEntry
from agreementgen.ledger.filled_book import FilledBook
from agreementgen.ledger.referral_fees import round_money
from agreementgen.ledger.venture_loans import LOANS, Loan, list_loans
from agreementgen.ledger.venture_money import CONTRIBUTIONS, RESULTS, SPENDING
from agreementgen.ledger.venture_terms import GUARANTEE, PAID_OUT, VentureTerms
from agreementgen.memo.sections import MemoBlock, MemoSection, make_table, say

# Rows of the key terms that say how a venture counts, as far as the agreement has them.
COUNTED_BY = ("late", "profit", "loss", "distributions", "dividends", "preferred", "preferred_dividend", "steps",
              "spending", "capital", "books")  # fmt: skip


@dataclass(frozen=True)
class Payout:
    """What one party gets of one payment: `to_lenders` of it goes to those of its loans, with their numbers."""

    row: CountedEntry
    number: int
    party: str
    amount: Decimal
    due_by: date | None
    settled: date | None
    to_lenders: tuple[tuple[Loan, Decimal], ...]

    @property
    def on(self) -> date:
        """The day on which it is paid, as far as that is known."""
        return self.settled or self.due_by or self.row.entry["day"]


@dataclass(frozen=True)
class CapitalMovement:
    """A party's account over a period."""

    party: str
    opening: Decimal
    given: Decimal
    share: Decimal
    out: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.given + self.share - self.out


class VentureStatement:
    """The parts of a statement for the days from `first` to `last`; `print_money` prints an amount."""

    def __init__(
        self, book: FilledBook, first: date, last: date, language: str, print_money: Callable[[Decimal], str]
    ) -> None:
        venture, terms = book.plan.venture, book.plan.terms
        assert venture
        self._book, self._venture, self._terms = book, venture, terms
        self._first, self._last, self._language, self._print = first, last, language, print_money
        self._before = first - timedelta(days=1)
        loans = book.accounts.get(LOANS, ())
        self._loans = tuple(one for one in list_loans(loans, venture.interest, terms.digits) if one.day <= last)
        self._payouts = tuple(self._each_payout())

    @property
    def venture(self) -> VentureTerms:
        return self._venture

    @property
    def sent_by(self) -> date:
        """The last day for the statement itself."""
        return add(self._last, self._venture.within)

    # -- what is due

    def each_due(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is due as a row each: who owes or gets it, the sum, and when."""
        name = self._venture.name
        for one in self.list_open_contributions():
            entry = one.entry
            said = f"{entry['party']} gives {name}: {curl_quotes(entry['what'])}"
            yield said, self._print(entry["value"]), self._say_due(one)
            if interest := self.interest_so_far(one):
                yield f"{entry['party']} also owes interest on it", self._print(interest), self._say_interest(one)
        for one in self._book.accounts[CONTRIBUTIONS]:
            given, interest = one.entry["given"], one.results.get("interest") or Decimal(0)
            if interest and given and self._first <= given <= self._last:
                said = f"{one.entry['party']} owes {name} interest on contribution {one.entry.number}"
                yield said, self._print(interest), self._say_interest(one)
        for payout in self._payouts:
            if not self._is_told(payout) or not payout.amount:
                continue
            yield f"{payout.party} gets of {name}", self._print(payout.amount), self._say_paid(payout)
            for loan, amount in payout.to_lenders:
                on = self._short(payout.on)
                yield f"Of it {loan.lender} gets, for loan {loan.number}", self._print(amount), f"as counted to {on}"
        for loan, principal, interest in self.list_open_loans():
            what = self._venture.payout.lower()
            said = f"{loan.borrower} owes {loan.lender} on loan {loan.number}"
            on = self._short(self._last)
            yield said, self._print(principal + interest), f"on {on}; repaid first from its {what}"

    def list_dues(self) -> Iterator[str]:
        """Yield what is due between the venture and its parties at the end of the period, in a line each."""
        name, found = self._venture.name, False
        for one in self.list_open_contributions():
            entry, found = one.entry, True
            due = f"{self._print(entry['value'])}, due by {entry['by']}: {entry['what']}"
            yield f"{entry['party']} owes {name} {due}"
        for payout in self.list_due_payouts():
            due, found = f", due by {payout.due_by}" if payout.due_by else "", True
            yield f"{name} owes {payout.party} {self._print(payout.amount)}{due}"
            for loan, amount in payout.to_lenders:
                yield f"of it {loan.lender} gets {self._print(amount)} for loan {loan.number}"
        for loan, principal, interest in self.list_open_loans():
            of_it, found = f", {self._print(interest)} of it interest" if interest else "", True
            owed = f"{self._print(principal + interest)} on loan {loan.number}{of_it}"
            yield f"{loan.borrower} owes {loan.lender} {owed}"
        if not found:
            yield f"nothing is due between {name} and its parties"

    def list_open_contributions(self) -> tuple[CountedEntry, ...]:
        """Return what was not given by the end of the period, and is due by the end of the next one."""
        after = self._last + timedelta(days=1)
        next_end = list_calendar_periods(after, after, self._venture.every)[-1]
        return tuple(
            one
            for one in self._book.accounts[CONTRIBUTIONS]
            if not self._is_given(one, self._last) and isinstance(one.entry["by"], date) and one.entry["by"] <= next_end
        )

    def interest_so_far(self, one: CountedEntry) -> Decimal:
        """Return the interest on a contribution that is still open, to the end of the period."""
        reminded = one.entry["reminded"]
        if not reminded or not self._venture.interest:
            return Decimal(0)
        days = max(0, (self._last - add(reminded, self._venture.grace)).days)
        return round_money(one.entry["value"] * self._venture.interest * days / 36500, self._terms.digits)

    def list_due_payouts(self) -> tuple[Payout, ...]:
        """Return what the parties get that was not paid by the end of the period."""
        return tuple(one for one in self._payouts if one.amount and not _is_until(one.settled, self._last))

    def list_open_loans(self) -> tuple[tuple[Loan, Decimal, Decimal], ...]:
        """Return the loans that are open at the end of the period, with principal and interest."""
        found = ((one, one.principal_on(self._last), one.interest_on(self._last)) for one in self._loans)
        return tuple((loan, principal, interest) for loan, principal, interest in found if principal or interest)

    def _say_interest(self, one: CountedEntry) -> str:
        """Return on what interest runs, and for how long: from the end of the grace time."""
        start = add(one.entry["reminded"], self._venture.grace)
        end = one.entry["given"] if self._is_given(one, self._last) else self._last
        rate = f"{self._venture.interest.normalize():f}% a year"
        return f"{rate} on {self._print(one.entry['value'])} for {(end - start).days} days after {self._short(start)}"

    def _say_due(self, one: CountedEntry) -> str:
        by, reminded = one.entry["by"], one.entry["reminded"]
        if by > self._last:
            return say_due_day(by, self._language)
        if reminded and reminded <= self._last:
            return f"was due by {self._short(by)}; grace until {self._short(add(reminded, self._venture.grace))}"
        return f"was due by {self._long(by)}; not reminded yet"

    def _say_paid(self, payout: Payout) -> str:
        if _is_until(payout.settled, self._last):
            assert payout.settled
            late = ", late" if payout.due_by and payout.settled > payout.due_by else ""
            return f"paid on {self._long(payout.settled)}{late}"
        return say_due_day(payout.due_by, self._language) if payout.due_by else "no day is agreed"

    def _is_told(self, payout: Payout) -> bool:
        """Return whether a payment belongs here: counted in the period, or paid in it, or still open."""
        day = payout.row.entry["day"]
        return day <= self._last and (day >= self._first or not _is_until(payout.settled, self._before))

    def _each_payout(self) -> Iterator[Payout]:
        used: dict[tuple[date, int], Decimal] = {}
        for row in self._book.accounts[PAID_OUT]:
            due_by, settled = row.results.get("due"), row.entry["settled"]
            if row.entry["day"] > self._last:
                continue
            for number, party in enumerate(self._terms.parties, 1):
                amount = row.results[f"all{number}"]
                payout = Payout(row, number, party, amount, due_by, settled, ())
                yield replace(payout, to_lenders=tuple(self._pay_lenders(party, amount, payout.on, used)))

    def _pay_lenders(
        self, party: str, amount: Decimal, on: date, used: dict[tuple[date, int], Decimal]
    ) -> Iterator[tuple[Loan, Decimal]]:
        """Yield what of an amount for `party` goes to its lenders first, the oldest loan first."""
        for loan in self._loans:
            if loan.borrower != party or loan.day > on:
                continue
            # What was repaid on the day itself is what is told here.
            owed = loan.owed_before(on) - used.get((on, loan.number), Decimal(0))
            part = min(owed, amount)
            if part > 0:
                used[on, loan.number] = used.get((on, loan.number), Decimal(0)) + part
                amount -= part
                yield loan, part

    # -- how it came about

    def each_section(self) -> Iterator[MemoSection]:
        if table := self._make_contributions():
            yield MemoSection("contributions", "Contributions", (table,))
        yield MemoSection("accounts", "Accounts of the parties", tuple(self._each_of_accounts()))
        if blocks := tuple(self._each_of_payouts()):
            yield MemoSection("paid-out", self._venture.payout, blocks)
        if table := self._make_loans():
            yield MemoSection("loans", "Loans to a late party", (table,))
        if table := self._make_spending():
            yield MemoSection("spending", "Spending above the limit", (table,))

    def _make_contributions(self) -> Table | None:
        rows = []
        for one in self._book.accounts[CONTRIBUTIONS]:
            entry = one.entry
            if self._is_given(one, self._before):
                continue
            by = self._short(entry["by"]) if isinstance(entry["by"], date) else str(entry["by"])
            given = self._short(entry["given"]) if self._is_given(one, self._last) else "open"
            state = ""
            if isinstance(entry["by"], date):
                late = (entry["given"] if self._is_given(one, self._last) else self._last) > entry["by"]
                state = "late" if late else "in time" if self._is_given(one, self._last) else "not due yet"
            what = curl_quotes(entry["what"])
            what += " (a guarantee, no money put in)" if entry["kind"] == GUARANTEE else ""
            rows.append((str(entry.number), entry["party"], what, self._print(entry["value"]), by, given, state))
        if not rows:
            return None
        head = ("No.", "Party", "What", "Agreed value", "Due by", "Given on", "")
        return make_table(head, tuple(rows), (5, 16, 31, 14, 12, 12, 10))

    def list_movements(self) -> tuple[CapitalMovement, ...]:
        """Return the account of each party, from the end of the period before to the end of this one."""
        found = []
        for number, party in enumerate(self._terms.parties, 1):
            until = [self._sum_to(self._before, number, party), self._sum_to(self._last, number, party)]
            (given, share, out), (given_now, share_now, out_now) = until
            moved = (given_now - given, share_now - share, out_now - out)
            found.append(CapitalMovement(party, given + share - out, *moved))
        return tuple(found)

    def _sum_to(self, day: date, number: int, party: str) -> tuple[Decimal, Decimal, Decimal]:
        """Return what a party has given, its share of results, and what it was paid, up to `day`."""
        accounts = self._book.accounts
        given = (
            one.entry["value"]
            for one in accounts[CONTRIBUTIONS]
            if one.entry["party"] == party and one.entry["kind"] != GUARANTEE and self._is_given(one, day)
        )
        share = (one.results[f"part{number}"] for one in accounts[RESULTS] if one.entry["last"] <= day)
        out = (one.results[f"all{number}"] for one in accounts[PAID_OUT] if one.entry["day"] <= day)
        return sum(given, Decimal(0)), sum(share, Decimal(0)), sum(out, Decimal(0))

    def _each_of_accounts(self) -> Iterator[MemoBlock]:
        yield say(self._say_result())
        moved = self.list_movements()
        rows = [
            (one.party, *map(self._print, (one.opening, one.given, one.share, one.out, one.closing))) for one in moved
        ]
        columns = ([getattr(one, key) for one in moved] for key in ("opening", "given", "share", "out", "closing"))
        rows.append(("Sum", *(self._print(sum(column, Decimal(0))) for column in columns)))
        share = "Share of profit" if self._venture.losses_stay else "Share of profit or loss"
        head = ("Party", "Opening", "Contributed", share, self._venture.payout, "Closing")
        yield make_table(head, tuple(rows), (20, 16, 16, 16, 16, 16))

    def _say_result(self) -> str:
        row = next((one.entry for one in self._book.accounts[RESULTS] if one.entry["last"] == self._last), None)
        if row is None or (row["profit"] is None and row["loss"] is None):
            return "No result of the books is entered for this period."
        profit, loss = row["profit"] or Decimal(0), row["loss"] or Decimal(0)
        if not profit and not loss:
            return "The books show neither profit nor loss."
        kind, amount = ("profit", profit) if profit else ("loss", loss)
        if kind == "loss" and self._venture.losses_stay:
            return f"The books show a loss of {self._print(amount)}, which stays in the Venture."
        shares = self._venture.profit if kind == "profit" else self._venture.loss
        return f"The books show a {kind} of {self._print(amount)}, divided by {_list_shares(shares)}."

    def _each_of_payouts(self) -> Iterator[MemoBlock]:
        venture = self._venture
        for row in self._book.accounts[PAID_OUT]:
            mine = [one for one in self._payouts if one.row is row]
            if not mine or not any(self._is_told(one) for one in mine):
                continue
            yield say(self._say_cash(row), f"Row {row.entry.number}:")
            parts = [("Contribution back", "back")] if venture.first_back else []
            parts += [("Preferred return", "pref")] if venture.preferred else []
            parts += [("By shares", "part"), ("In all", "all")]
            rows: list[tuple[str, ...]] = []
            for one in mine:
                sums = (self._print(row.results[f"{key}{one.number}"]) for _, key in parts)
                lent = sum((amount for _, amount in one.to_lenders), Decimal(0))
                rows.append((one.party, *sums, self._print(lent) if lent else ""))
            rows.append(("Sum", *(self._print(_sum_row(row, key, len(mine))) for _, key in parts), ""))
            head = ("Party", *(said for said, _ in parts), "Of it to a lender")
            width = 80 // (len(head) - 1)
            widths = (100 - width * (len(head) - 1), *(width for _ in head[1:]))
            if not any(one.to_lenders for one in mine):
                rows = [one[:-1] for one in rows]
                head, widths = head[:-1], (widths[0] + width, *widths[1:-1])
            yield make_table(head, tuple(rows), widths)

    def _say_cash(self, row: CountedEntry) -> str:
        """Return how one payment came about, from the cash to the shares."""
        venture, results, cash = self._venture, row.results, row.entry["cash"]
        said = f"On {self._long(row.entry['day'])}, {self._print(cash)} of cash was left when debts due were paid"
        if venture.reserve:
            kept, paid = self._print(cash - results["pay"]), self._print(results["pay"])
            said += f"; less the reserve of {venture.reserve.normalize():f}%, {kept}, {paid} is paid out"
        step = row.entry["step"]
        by_step = step and step.startswith("step")
        shares = venture.steps[int(step.split()[1]) - 1] if by_step else venture.profit
        how = f"by {step} of the Steps of payment" if by_step else "by Profit shares"
        first = [what for what, has in (("to return contributions", venture.first_back),
                                        ("for the preferred return", bool(venture.preferred))) if has]  # fmt: skip
        if first:
            then = f"then {self._print(results['rest'])} {how} ({_list_shares(shares)})"
            return f"{said}: first {', then '.join(first)}, {then}."
        return f"{said}, {how} ({_list_shares(shares)})."

    def _make_loans(self) -> Table | None:
        rows = []
        for loan in self._loans:
            repaid = [one for one in loan.repaid if self._first <= one.day <= self._last]
            if loan.day < self._first and not repaid and not loan.owed_before(self._first):
                continue
            principal, interest = loan.principal_on(self._last), loan.interest_on(self._last)
            paid = sum((one.principal + one.interest for one in repaid), Decimal(0))
            lent = f"{self._print(loan.amount)} on {self._short(loan.day)}"
            sums = map(self._print, (paid, principal, interest, principal + interest))
            rows.append((str(loan.number), f"{loan.borrower} owes {loan.lender}", lent, *sums))
        head = ("Row", "Who", "Lent", "Repaid in this period", "Loan left", "Interest so far", "Owed in all")
        return make_table(head, tuple(rows), (5, 22, 25, 12, 12, 12, 12)) if rows else None

    def _make_spending(self) -> Table | None:
        rows = []
        for one in self._book.accounts[SPENDING]:
            entry, state = one.entry, one.results["state"]
            if not self._first <= entry["day"] <= self._last or state in ("in the budget", "within the limit"):
                continue
            agreed = [(party, entry[f"agreed{number}"]) for number, party in enumerate(self._terms.parties, 1)]
            who = ", ".join(f"{party} on {self._short(day)}" for party, day in agreed if day) or "nobody"
            rows.append(
                (
                    str(entry.number),
                    self._short(entry["day"]),
                    curl_quotes(entry["what"]),
                    self._print(entry["amount"]),
                    who,
                    state,
                )
            )
        head = ("Row", "Day", "What", "Amount", "Who agreed", "Consent")
        return make_table(head, tuple(rows), (6, 13, 25, 14, 28, 14)) if rows else None

    # -- small parts

    @staticmethod
    def _is_given(one: CountedEntry, day: date) -> bool:
        return _is_until(one.entry["given"], day)

    def _short(self, day: date) -> str:
        return format_short_day(day, self._language)

    def _long(self, day: date) -> str:
        return format_day(day, self._language)


def say_due_day(day: date, language: str) -> str:
    """Return by when something is due; a weekend is named, as no agreement moves a day because of it."""
    weekend = {5: " (a Saturday)", 6: " (a Sunday)"}.get(day.weekday(), "")
    return f"by {format_day(day, language)}{weekend}"


def _is_until(day: date | None, last: date) -> bool:
    return day is not None and day <= last


def _list_shares(shares: dict[str, Decimal]) -> str:
    return ", ".join(f"{party} {share.normalize():f}%" for party, share in shares.items())


def _sum_row(row: CountedEntry, key: str, parties: int) -> Decimal:
    return sum((row.results[f"{key}{number}"] for number in range(1, parties + 1)), Decimal(0))

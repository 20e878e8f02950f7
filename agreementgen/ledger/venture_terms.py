"""The terms that the accounts of a joint venture are counted from, as its deal has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core.counting import add, list_calendar_periods
from agreementgen.core.values import Duration
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.ledger.terms import DealTerms

# What is paid to all parties, and the sheet of it.
PAID_OUT = "Distributions"
# A kind of contribution that is no money put in: only what is paid on it is repaid.
GUARANTEE = "guarantee"


@dataclass(frozen=True)
class Promise:
    """A contribution; `by` is None where it is given as needed."""

    party: str
    kind: str
    what: str
    value: Decimal
    by: date | None


@dataclass(frozen=True)
class VentureTerms:
    """What the accounts of a venture are counted from. Shares are in percent by party, in the order of the parties.

    `keeper` sends the statements, `within` that time after each period (`every`) of the books. `losses_stay` is whether
    a loss is nobody's, as in a corporation. `has_loans` is whether a party may pay for a late one. `steps` has the
    shares of each step of payment. What is paid out for each period (`paid`) is due `paid_within` after it, None where
    only the end decides. `votes` are those on spending above the limit, of which `consent` is the part that must agree.
    """

    name: str
    keeper: str
    within: Duration
    promises: tuple[Promise, ...]
    grace: Duration
    has_loans: bool
    interest: Decimal
    profit: dict[str, Decimal]
    loss: dict[str, Decimal]
    losses_stay: bool
    every: str
    paid: str
    paid_within: Duration | None
    reserve: Decimal
    first_back: bool
    preferred: Decimal
    steps: tuple[dict[str, Decimal], ...]
    limit: Decimal
    votes: dict[str, Decimal]
    consent: Decimal

    @property
    def payout(self) -> str:
        """What the agreement calls a payment to all parties."""
        return "Dividends" if self.losses_stay else PAID_OUT

    def end_of_payout_period(self, day: date) -> date | None:
        """Return the last day of the period for which money that is counted to `day` is paid out."""
        return list_calendar_periods(day, day, self.paid)[-1] if self.paid_within else None

    def payout_due(self, day: date) -> date | None:
        """Return by when money that is counted to `day` is paid out, None where only the end decides."""
        last = self.end_of_payout_period(day)
        return add(last, self.paid_within) if last and self.paid_within else None


def read_venture_terms(deal: Deal, terms: DealTerms) -> VentureTerms:
    """Return the terms of a joint venture that its accounts are counted from."""
    facts = deal.facts

    def shares(parts: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
        found = {str(part["party"]["short"]): part["share"].number for part in parts}
        return {party: found.get(party, Decimal(0)) for party in terms.parties}

    def percent(name: str) -> Decimal:
        value = find_fact(name, facts)
        return value.number if value else Decimal(0)

    promises = []
    for one in facts["contributions"]["promised"]:
        by = terms.effective if one["by"] == "effective date" else one["by"]
        promises.append(Promise(str(one["party"]["short"]), str(one["kind"]), str(one["what"]), one["value"].amount,
                                by if isinstance(by, date) else None))  # fmt: skip
    by_ownership = facts["governance"]["votes"] == "by ownership"
    paid_within = find_fact("distributions.within", facts)
    return VentureTerms(
        str(facts["venture"]["name"]),
        str(facts["books"]["keeper"]["short"]),
        facts["books"]["within"],
        tuple(promises),
        facts["contributions"]["grace"],
        facts["contributions"]["late"] == "loan",
        percent("contributions.interest"),
        shares(facts["ownership"]["profit"]),
        shares(facts["ownership"]["loss"]),
        find_fact("venture.form", facts) == "new corporation",
        str(facts["books"]["statements"]),
        str(facts["distributions"]["frequency"]),
        paid_within if isinstance(paid_within, Duration) else None,
        percent("distributions.reserve"),
        find_fact("distributions.contributions_back", facts) == "first",
        percent("distributions.preferred_return"),
        tuple(shares(step["shares"]) for step in find_fact("distributions.steps", facts) or ()),
        facts["governance"]["spending_limit"].amount,
        shares(facts["ownership"]["shares"]) if by_ownership else dict.fromkeys(terms.parties, Decimal(1)),
        _CONSENT[str(facts["governance"]["consent"])],
    )


# The part of all votes that reserved matters need, to six digits, as the cell of the workbook has it.
_CONSENT = {"unanimous": Decimal(1), "two thirds": Decimal("0.666667"), "three quarters": Decimal("0.75")}


def list_what_is_not_covered(deal: Deal) -> Iterator[tuple[str, str, str]]:
    """Yield what of these terms has no formula: what it is, its field, and what else can be written."""
    if find_fact("distributions.compounded", deal.facts):
        yield "a preferred return that is compounded", "distributions.compounded", 'write "compounded: no"'

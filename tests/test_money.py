"""What partnerships agree on about money, from answers to the text of the agreement."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.dates.key_dates import list_key_dates
from agreementgen.dealcheck.judging import check_deal
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
PARTIES = """
effective: 2027-03-01
law: Ohio
venue: Stark County, Ohio
parties:
  - name: Heron Design LLC
    short: Heron
    entity: LLC
    formed in: Ohio
    address: "40 Quay Street, Canton, OH 44702"
    email: office@heron.example
    signatory: {name: Ines Marek, title: Owner}
  - name: Larch Hosting LLC
    short: Larch
    entity: LLC
    formed in: Ohio
    address: "9 Orchard Road, Canton, OH 44703"
    email: hello@larch.example
    signatory: {name: Paul Nast, title: Member}
scope: {purpose: Heron and Larch help each other to win clients}
responsibilities:
  Heron: [Answers each client within 2 days, Keeps a list of clients]
  Larch: [Introduces clients by email, Answers questions on hosting within 1 day]
"""
KINDS = {
    "referral": "leads: {direction: one-way, referrer: Larch}\n",
    "co-marketing": "campaigns: {planned: [{name: Spring fair, kind: fair, run by: Heron}]}\n"
    "goals: [{name: Visitors, target: '400', period: year}]\n",
    "alliance": "",
    "channel": "channel: {model: reseller, products: the Heron site builder, customer terms: the Heron terms}\n"
    "registration: {deals: no}\n",
}
FEE = "financial:\n  model: referral fee\n  tracking: {system: shared list, kept by: payer}\n"


def deal(kind: str, more: str) -> bytes:
    """Return a deal of `kind`; `more` are its answers about money."""
    parties = PARTIES
    if kind == "channel":
        parties = parties.replace("short: Heron", "short: Heron\n    role: vendor")
        parties = parties.replace("short: Larch", "short: Larch\n    role: partner")
    leads = "" if "\nleads:" in f"\n{more}" else KINDS[kind]
    return f"agreement: {kind}\n{parties}{leads}{more}".encode()


@cache
def text_of(kind: str, more: str) -> str:
    """Return the built agreement as text with single spaces."""
    read = pipeline.read(deal(kind, more), "deal.yaml", LIBRARY)
    return " ".join(pipeline.build(read, LIBRARY, ("txt",)).files["txt"].decode().split())


def problems_of(kind: str, more: str) -> dict[str, str]:
    """Return the messages of the problems of a deal that cannot be read, by their fields."""
    with pytest.raises(InputError) as caught:
        pipeline.read(deal(kind, more), "deal.yaml", LIBRARY)
    return {problem.field: problem.message for problem in caught.value.problems}


def days_of(kind: str, more: str) -> dict[str, tuple[str, str]]:
    """Return first day and how it is counted of each key date, by its id."""
    read = pipeline.read(deal(kind, more), "deal.yaml", LIBRARY)
    return {one.id: (str(one.day), one.how) for one in list_key_dates(read)}


def findings_of(kind: str, more: str) -> set[str]:
    """Return the ids of the rules that fire on a deal."""
    return {one.rule.id for one in check_deal(pipeline.read(deal(kind, more), "deal.yaml", LIBRARY), LIBRARY).findings}


# -- when it is paid


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("  paid: weekly\n  due: 0 days\n", "Statement and payment on the last day of each week (Monday to Sunday);"),
        ("  paid: weekly\n  due: 3 days\n", "Statement and payment within 3 days after each week (Monday to Sunday);"),
        ("  paid: each event\n  due: 2 days\n", "Statement and payment within 2 days after each event;"),
        ("  paid: on payment\n  due: 7 days\n", "Due 7 days after each payment of a client, with a statement of it;"),
        ("  paid: on payment\n  due: 0 days\n", "Due on the day of each payment of a client, with a statement of it;"),
        ("  due: 0 days\n", "Statement within 10 days after each month; due with it;"),
    ],
)
def test_a_fee_is_paid_when_they_agreed(answers: str, says: str) -> None:
    text = text_of("referral", FEE + "  fee: 15%\n" + answers)
    assert says in text
    assert ("sends statements under Payment, even if nothing is due" in text) == ("on payment" not in answers)


def test_what_is_earned_on_the_invoice_is_not_paid_on_payment() -> None:
    answers = "  fee: 15%\n  paid: on payment\n  base: gross invoiced\n  trigger: invoice\n"
    assert "cannot wait for the day the customer pays" in problems_of("referral", FEE + answers)["financial.paid"]


def test_days_of_payment_follow() -> None:
    weekly = days_of("referral", FEE + "  fee: 15%\n  paid: weekly\n  due: 3 days\n")
    assert weekly["payment"][0] == "2027-03-10"
    assert "statement" not in weekly
    each = days_of("referral", FEE + "  fee: 15%\n  paid: on payment\n  due: 7 days\n")
    assert each["payment"] == ("None", "7 days after each payment of a customer")


# -- a fee for each payer, sort or step


def test_each_payer_has_a_fee_of_its_own() -> None:
    answers = "leads: {direction: two-way}\n" + FEE + "  fee: {Heron: 10%, Larch: $75}\n"
    text = text_of("referral", answers)
    assert "Heron pays 10% of net collected revenue per client; Larch pays $75 per client; percentages for 12 months" in text
    assert "A fee in money is earned once, when the client first pays." in text
    listed = "  fees: [{paid by: Heron, fee: 10%}, {paid by: Larch, fee: $75}]\n"
    assert text_of("referral", "leads: {direction: two-way}\n" + FEE + listed) == text


def test_a_fee_of_a_stranger_is_refused_where_it_stands() -> None:
    problems = problems_of("referral", FEE + "  fee: {Heron: 10%, Larsh: $75}\n")
    assert problems == {"financial.fees.2.paid by": '"Larsh" is not the short name of a party'}
    both = problems_of("referral", FEE + "  fee: {Heron: 10%}\n  fees: [{fee: 10%}]\n")
    assert both["financial.fee"] == "one value belongs here, not a group"


def test_each_sort_of_work_has_a_fee_of_its_own() -> None:
    text = text_of("referral", FEE + "  fees: [{for: websites, fee: $100}, {for: hosting, fee: $75}]\n")
    assert "$100 per client (websites); $75 per client (hosting) Payment" in text
    assert "the receiver will pay the referrer the Referral fee once, when the client first pays." in text
    assert "Deductions" not in text


STEPS = '  tiers: [{from: $0, fee: 5%}, {from: "$100,000", fee: 3%}]\n'


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (STEPS, "5% from $0, 3% from $100,000, each step for its own part, of net collected revenue per client,"),
        (STEPS + "  steps: whole\n", "3% from $100,000, the step reached for the whole, of net collected revenue"),
        (
            "  tiers: [{from: 1, fee: 5%}, {from: 20, fee: 8%}]\n  steps: whole\n",
            "8% from client 20 in each calendar year, the step reached for all clients of it, of net collected revenue",
        ),
        (STEPS + "  minimum: $1,000\n", "for 12 months; at least $1,000 per client Payment"),
    ],
)
def test_a_fee_has_steps_and_a_least(answers: str, says: str) -> None:
    text = text_of("referral", FEE + answers)
    assert says in text
    rest = "the rest is due when that period is over, unless all it paid was refunded."
    assert (rest in text) == ("minimum" in answers)


def test_steps_of_clients_and_of_amounts_do_not_mix() -> None:
    assert "S07" in findings_of("referral", FEE + "  tiers: [{from: $0, fee: 5%}, {from: 20, fee: 8%}]\n")
    assert not {"S07", "S07W"} & findings_of("referral", FEE + STEPS)

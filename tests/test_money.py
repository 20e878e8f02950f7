"""What partnerships agree on about money, from answers to the text of the agreement."""

from __future__ import annotations

from functools import cache

import pytest
from conftest import ROOT

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
    "alliance": "alliance: {activities: [a joint market study]}\n",
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
    own = "".join(line for line in KINDS[kind].splitlines(True) if f"\n{line.split(':')[0]}:" not in f"\n{more}")
    return f"agreement: {kind}\n{parties}{own}{more}".encode()


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
    assert (
        "Heron pays 10% of net collected revenue per client; Larch pays $75 per client; percentages for 12 months"
        in text
    )
    assert "A fee in money is earned once, when the client first pays." in text
    listed = "  fees: [{paid by: Heron, fee: 10%}, {paid by: Larch, fee: $75}]\n"
    assert text_of("referral", "leads: {direction: two-way}\n" + FEE + listed) == text


def test_a_fee_of_a_stranger_is_refused_where_it_stands() -> None:
    problems = problems_of("referral", FEE + "  fee: {Heron: 10%, Larsh: $75}\n")
    assert problems == {"financial.fees.2.paid by": '"Larsh" is not the short name of a party'}
    both = problems_of("referral", FEE + "  fee: {Heron: 10%}\n  fees: [{fee: 10%}]\n")
    assert both["financial.fee"] == "this was given, but it does not apply here"


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


# -- a sum for a thing done, for a place or a name


def test_a_fixed_fee_is_paid_in_parts() -> None:
    answers = (
        "financial:\n  model: fixed fee\n  payer: Larch\n  amount: $4,000\n  for: the spring website\n"
        "  parts: [{part: half, when: on signing}]\n"
    )
    assert '"half" is neither' in problems_of("referral", answers)["financial.parts.1.part"]
    answers = answers.replace("[{part: half", "[{part: 50%, when: on delivery}, {part: 50%")
    text = text_of("referral", answers)
    assert "Fixed fee Larch pays Heron $4,000 for the spring website: 50% (on delivery); 50% (on signing)" in text
    assert "Due 30 days after the invoice;" in text
    assert "has not, within 10 days, named where it falls short of what was agreed" in text
    assert "All payments in the year before a claim" in text
    assert "A06P" not in findings_of("referral", answers)
    assert "A06P" in findings_of("referral", answers.replace("{part: 50%, when: on s", "{part: 40%, when: on s"))


def test_who_pays_a_fixed_fee_must_be_said() -> None:
    problems = problems_of("referral", "financial: {model: fixed fee, amount: $4000, for: a website}\n")
    assert problems == {"financial.payer": "this is missing"}


def test_a_sponsor_pays_for_a_place_or_a_name() -> None:
    answers = "financial: {model: sponsorship, payer: Larch, amount: $1500, for: its logo on each poster}\n"
    text = text_of("co-marketing", answers)
    assert "Sponsorship Larch pays Heron $1,500 for its logo on each poster" in text
    assert "and no share in revenue or in decisions. It is invoiced on signing" in text
    assert "what was paid for that is repaid within 30 days, unless Larch accepts something else in its place" in text
    assert days_of("co-marketing", answers)["payment"][1] == "30 days after each invoice"


# -- a share of revenue in other kinds, and a least sum

SHARE = (
    "financial:\n  model: revenue share\n  shared revenue: subscriptions that Larch sells\n"
    "  revenue shares: {Heron: 60%, Larch: 40%}\n  tracking: {system: portal, kept by: each}\n"
)


@pytest.mark.parametrize("kind", ["channel", "alliance"])
def test_revenue_is_shared_in_each_kind(kind: str) -> None:
    text = text_of(kind, SHARE)
    assert "Revenue share Heron 60%, Larch 40% of net collected revenue from subscriptions that Larch sells" in text
    assert "will pay the other party its share, after the Deductions" in text
    assert ("Larch owes no other price than the share under Revenue share" in text) == (kind == "channel")


def test_a_share_of_revenue_may_stand_beside_a_discount() -> None:
    text = text_of("channel", SHARE + "prices: {discount: 30%, on renewals: 10%}\n")
    assert "less 30% (10% on renewals)" in text
    assert (
        "Larch will pay the Prices in force on the day of its order, and the share under Revenue share besides." in text
    )
    assert "Orders are invoiced on delivery and due 30 days after the invoice, plus taxes" in text
    assert "owes no other price" not in text
    alone = text_of("channel", SHARE)
    assert "Orders are invoiced" not in alone
    assert "Nothing else is owed on that revenue." in alone
    agent = SHARE + "prices: {discount: 30%}\nchannel: {model: agent, products: the site builder}\n"
    assert "does not apply here" in problems_of("channel", agent)["prices.discount"]


def test_a_sum_is_guaranteed_and_small_sums_are_carried_over() -> None:
    more = "  guarantee: {from: Heron, to: Larch, amount: $200, each: month}\n  least payout: $50\n"
    text = text_of("referral", FEE + "  fee: 10%\n" + more)
    assert "Guarantee Heron pays Larch at least $200 for each month" in text
    assert "less than $50 is carried over, but not past the end" in text
    assert (
        "If Larch earns less in a period than the Guarantee, not by its own doing or an event beyond control, Heron pays the difference with the last payment"
        in text
    )
    text = text_of("alliance", SHARE + "  guarantee: {from: Heron, to: Larch, amount: $900, each: term}\n")
    assert "at least $900 for the whole term" in text
    assert "Nothing else is owed on that revenue, the Guarantee aside." in text


def test_nobody_guarantees_a_sum_to_itself() -> None:
    answers = FEE + "  fee: 10%\n  guarantee: {from: Heron, to: Heron, amount: $200}\n"
    assert "S09P" in findings_of("referral", answers)
    assert "S09P" not in findings_of("referral", answers.replace("to: Heron", "to: Larch"))


# -- licenses, and rights that go over

FREE = "financial: {model: none}\n"


def test_a_license_says_what_for_what_where_and_how_long() -> None:
    text = text_of(
        "referral", FREE + "licences: [{from: Heron, to: Larch, what: the photos, for: posters, affiliates: yes}]\n"
    )
    assert (
        "License Heron to Larch: the photos, for posters, worldwide, while this agreement runs; non-exclusive, not "
        "transferable, no sublicenses, revocable for breach, affiliates of the user included" in text
    )
    # Where nobody was asked for a price, the page does not say that there is none.
    assert "free of charge" not in text
    assert "the party named first (the owner) lets the one named second (the user) use what is stated there" in text
    assert "source code" not in text


def test_a_license_of_software_may_last_and_have_its_source_code_kept() -> None:
    answers = (
        "licences: [{from: Heron, to: Larch, what: the booking software, for: its own business, term: perpetual, "
        "revocable: no, exclusive: sole, transferable: with the business, unlimited: yes, affiliates of owner: yes, "
        "price: $500, price for: year, escrow: Kept Code Inc.}]\n"
    )
    text = text_of("alliance", FREE + answers)
    assert (
        "without end; exclusive, the owner aside, transferable with the business only, no sublicenses, irrevocable"
        in text
    )
    assert "what affiliates of the owner own included, copies and users without limit; $500 a year in advance" in text
    assert "The price for the booking software is owed whatever section 3 says." in text
    assert "The source code of the booking software is deposited within 30 days" in text


def test_several_licenses_stand_in_a_schedule() -> None:
    answers = (
        "licences: [{from: Heron, to: Larch, what: the photos, for: posters}, "
        "{from: Larch, to: others, what: its street list, for: letters, territory: Ohio, term: 24 months}]\n"
    )
    text = text_of("co-marketing", FREE + answers)
    assert "License See Schedule A" in text
    assert "Larch | Each other party | Its street list | Letters | Ohio, for 24 months | Non-exclusive" in text
    assert "L01" in findings_of("co-marketing", FREE + answers.replace("to: Larch", "to: Heron"))


def test_rights_are_assigned_in_words_of_today() -> None:
    text = text_of("referral", FREE + "assigned rights: [{from: Heron, to: Larch, what: the texts made for Larch}]\n")
    assert "Assigned rights Heron to Larch: the texts made for Larch, on creation" in text
    assert "the party named first assigns to the one named second, from the time stated there, all rights" in text
    assert "This prevails over section 9." in text


# -- prices


@pytest.mark.parametrize(
    ("price", "printed"), [("$0.0375", "$0.0375 per lb"), ("$0.5", "$0.50 per lb"), ("$3", "$3.00 per lb")]
)
def test_the_price_of_a_unit_may_have_four_decimals(price: str, printed: str) -> None:
    supply = (ROOT / "samples" / "supply.yaml").read_text(encoding="utf-8")
    assert "price: $2.85" in supply
    read = pipeline.read(supply.replace("price: $2.85", f"price: {price}").encode(), "deal.yaml", LIBRARY)
    assert printed in " ".join(pipeline.build(read, LIBRARY, ("txt",)).files["txt"].decode().split())


def test_a_price_has_no_fifth_decimal_and_a_sum_no_third() -> None:
    supply = (ROOT / "samples" / "supply.yaml").read_text(encoding="utf-8")
    with pytest.raises(InputError) as caught:
        pipeline.read(supply.replace("price: $2.85", "price: $0.03755").encode(), "deal.yaml", LIBRARY)
    assert [problem.message for problem in caught.value.problems] == [
        '"$0.03755" has too many decimals: a price has 4 decimals at most'
    ]
    problems = problems_of("referral", FEE + "  fee: $0.0375\n")
    assert problems == {"financial.fee": '"$0.0375" has too many decimals: USD has 2 decimals at most'}


def test_a_vendor_may_name_a_highest_resale_price() -> None:
    answers = "financial: {model: resale discount}\nprices: {highest resale price: the list price}\n"
    assert "sets its own resale prices, up to the list price; a list price is only a suggestion" in text_of(
        "channel", answers
    )


def test_an_agent_with_a_share_earns_it_as_long_as_the_run_off_says() -> None:
    answers = "channel: {model: agent, products: the Heron site builder, customer terms: the Heron terms}\n" + SHARE
    text = text_of("channel", answers)
    assert (
        "A share is earned when the customer has paid, on orders placed before the end or that section 9 covers, renewals counting as new orders."
        in text
    )
    assert "still earns the Revenue share on their new orders, unless " in text
    assert "Shares run for" not in text
    assert "take that order without paying" not in text
    answers += "registration: {how: by email}\n"
    assert "Heron will not take that order without paying the Revenue share" in text_of("channel", answers)

"""What referral fees come to: by hand for what each clause promises, and against a second calculation for the rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random

import pytest
from deals import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import BY_NAME, CASES, Case, draw_ledger, ends_of_periods, second_sums

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.ledger.entries import Lead, Ledger, Movement
from agreementgen.ledger.referral_fees import charge_for_delay, count_movements, judge_lead, sum_periods
from agreementgen.ledger.terms import ReferralTerms, read_terms
from agreementgen.library.loading import built_in_library


@cache
def terms_of(text: str, signed: date | None = None) -> ReferralTerms:
    return read_terms(pipeline.read(text.encode(), "deal.yaml", built_in_library()), signed)


def terms(name: str = "reference") -> ReferralTerms:
    return terms_of(BY_NAME[name].text)


def lead(
    day: date, won: date | None = None, answer: str = "accepted", answered: date | None = None, number: int = 1
) -> Lead:
    return Lead(number, day, "Bay Rank", f"Client {number}", answer, answered or day, won)


def paid(number: int, day: date, amount: str, lead: int = 1, deductions: str = "0") -> Movement:
    return Movement(number, "paid", day, lead, Decimal(amount), Decimal(deductions))


def refunded(number: int, day: date, amount: str, of: int, lead: int = 1) -> Movement:
    return Movement(number, "refunded", day, lead, Decimal(amount), refund_of=of)


def fees(
    movements: list[Movement], name: str = "reference", leads: int = 1, ended: date | None = None
) -> list[tuple[str, str]]:
    """Return for each movement whether it counts and what it changes."""
    won = date(2027, 1, 4)
    known = tuple(lead(won, won, number=number) for number in range(1, leads + 1))
    counted = count_movements(Ledger(known, tuple(movements), ended), terms(name))
    return [(one.counts, str(one.fee)) for one in counted]


@pytest.mark.parametrize(
    ("answer", "answered", "won", "ended", "said"),
    [
        ("", None, date(2027, 1, 4), None, ("yes", date(2027, 1, 4), date(2027, 7, 3))),
        ("", None, None, None, ("", date(2027, 1, 9), date(2027, 7, 8))),
        ("accepted", date(2027, 1, 6), None, None, ("", date(2027, 1, 6), date(2027, 7, 5))),
        ("accepted", date(2027, 1, 6), date(2027, 7, 5), None, ("yes", date(2027, 1, 6), date(2027, 7, 5))),
        ("accepted", date(2027, 1, 6), date(2027, 7, 6), None, ("bought too late", date(2027, 1, 6), date(2027, 7, 5))),
        ("refused: not new", date(2027, 1, 9), None, None, ("refused: not new", None, None)),
        # A refusal after the five days is none.
        ("refused: not new", date(2027, 1, 10), None, None, ("", date(2027, 1, 9), date(2027, 7, 8))),
        # The tail: 90 days after an end on March 1.
        ("accepted", date(2027, 1, 6), date(2027, 5, 30), date(2027, 3, 1), ("yes", date(2027, 1, 6), date(2027, 5, 30))),
        ("accepted", date(2027, 1, 6), date(2027, 5, 31), date(2027, 3, 1), ("bought too late", date(2027, 1, 6), date(2027, 5, 30))),
        ("accepted", date(2027, 1, 6), None, date(2027, 1, 3), ("sent after the end", None, None)),
        ("accepted", date(2027, 1, 6), date(2027, 1, 3), None, ("bought before", date(2027, 1, 6), date(2027, 7, 5))),
    ],
)  # fmt: skip
def test_a_lead_is_accepted_unless_refused_in_time_and_protected_from_then(
    answer: str, answered: date | None, won: date | None, ended: date | None, said: tuple[str, date | None, date | None]
) -> None:
    judged = judge_lead(Lead(1, date(2027, 1, 4), "Bay Rank", "Client", answer, answered, won), terms(), ended)
    assert (judged.counts, judged.accepted_on, judged.protected_until) == said


def test_a_fee_runs_from_the_first_payment_for_the_whole_window_even_after_the_end() -> None:
    rows = [
        paid(1, date(2027, 1, 10), "1000", deductions="62.50"),
        paid(2, date(2028, 1, 10), "200"),
        paid(3, date(2028, 1, 11), "200"),
    ]
    assert fees(rows, ended=date(2027, 3, 1)) == [("yes", "93.75"), ("yes", "20.00"), ("after the fee ended", "0")]


def test_the_cap_of_a_client_is_reached_in_the_middle_of_a_payment_and_opens_again_with_a_refund() -> None:
    rows = [
        paid(1, date(2027, 1, 10), "48000"),
        paid(2, date(2027, 1, 20), "12000"),
        paid(3, date(2027, 2, 1), "500"),
        refunded(4, date(2027, 4, 10), "12000", of=2),
    ]
    assert [fee for _, fee in fees(rows)] == ["4800.00", "200.00", "0.00", "-150.00"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2027, 4, 10), ("yes", "-33.33")),
        (date(2027, 4, 11), ("refunded too late", "0")),
    ],
)
def test_a_refund_cancels_its_fee_within_90_days(day: date, said: tuple[str, str]) -> None:
    assert fees([paid(1, date(2027, 1, 10), "1000"), refunded(2, day, "333.33", of=1)])[1] == said


def test_a_client_is_rounded_once_so_that_a_full_refund_leaves_nothing() -> None:
    day = date(2027, 1, 10)
    rows = [paid(1, day, "10.05"), refunded(2, day, "5.02", of=1), refunded(3, day, "5.03", of=1)]
    assert [fee for _, fee in fees(rows)] == ["1.01", "-0.51", "-0.50"]


def test_a_fee_in_money_is_earned_once_and_repaid_only_for_a_client_fully_refunded() -> None:
    day = date(2027, 1, 10)
    rows = [paid(1, day, "90"), paid(2, day, "10"), refunded(3, day, "90", of=1), refunded(4, day, "10", of=2)]
    assert [fee for _, fee in fees(rows, "flat fee")] == ["400.00", "0.00", "0.00", "-400.00"]


def test_the_cap_of_a_year_begins_anew_on_january_1() -> None:
    rows = [
        paid(1, date(2027, 12, 30), "20000"),
        paid(2, date(2027, 12, 31), "30000", lead=2),
        paid(3, date(2027, 12, 31), "500", lead=3),
        paid(4, date(2028, 1, 1), "1000", lead=3),
        refunded(5, date(2028, 1, 2), "6000", of=2, lead=2),
    ]
    # The refund takes 100 from the second client's 2,500, so from 4,550 for 2027: more than the cap is left.
    assert [fee for _, fee in fees(rows, "annual cap", leads=3)] == ["2000.00", "2000.00", "0", "100.00", "0"]


def test_steps_by_clients_begin_anew_each_year_and_stay_with_the_client() -> None:
    rows = [
        paid(1, date(2027, 12, 30), "100", lead=1),
        paid(2, date(2027, 12, 30), "100", lead=2),
        paid(3, date(2028, 1, 3), "100", lead=2),
        paid(4, date(2028, 1, 3), "100", lead=3),
    ]
    assert [fee for _, fee in fees(rows, "steps by client", leads=3)] == ["5.00", "8.00", "8.00", "5.00"]


def test_steps_by_amount_count_for_their_part_or_for_the_whole() -> None:
    day = date(2027, 1, 10)
    rows = [paid(1, day, "1500"), paid(2, day, "1000"), paid(3, day, "17500")]
    # 1,500 x 5%; 500 x 5% + 500 x 7.5%; 6,500 x 7.5% + 11,000 x 10%.
    assert [fee for _, fee in fees(rows, "steps by amount, part")] == ["75.00", "62.50", "1587.50"]
    assert [fee for _, fee in fees(rows, "steps by amount, whole")] == ["90.00", "60.00", "1650.00"]


def test_yen_have_no_parts() -> None:
    assert fees([paid(1, date(2027, 1, 10), "80001")], "yen") == [("yes", "2600")]


def test_a_sum_belongs_to_its_month_with_its_statement_its_day_and_its_charge() -> None:
    won = date(2027, 1, 4)
    rows = (paid(1, date(2027, 1, 31), "10000"), paid(2, date(2027, 2, 1), "5000"))
    ledger = Ledger((lead(won, won),), rows, settled={(date(2027, 1, 31), "Northshore", "Bay Rank"): date(2027, 4, 11)})
    sums = sum_periods(ledger, terms(), count_movements(ledger, terms()), date(2027, 2, 28))
    owed = [(one.first, one.last, one.payer, str(one.fee)) for one in sums if one.fee]
    assert owed == [
        (date(2027, 1, 1), date(2027, 1, 31), "Northshore", "1000.00"),
        (date(2027, 2, 1), date(2027, 2, 28), "Northshore", "500.00"),
    ]
    january = next(one for one in sums if one.fee)
    assert (january.statement_by, january.due_by) == (date(2027, 2, 10), date(2027, 3, 12))
    # 30 days late: 1,000 x 1% x 12 x 30 / 365.
    assert str(january.late_charge) == "9.86"


def test_a_charge_of_a_year_is_twelve_times_that_of_a_month() -> None:
    due = date(2027, 3, 12)
    assert str(charge_for_delay(Decimal(1000), due, due + timedelta(365), terms())) == "120.00"
    assert charge_for_delay(Decimal(1000), due, due, terms()) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("window: 12 months", "window: 12 months\n  minimum: $100"), "a least fee for each client"),
        (("window: 12 months", "window: 12 months\n  guarantee: {from: Bay Rank, to: Northshore, amount: $500, each: term}"),
         "a guarantee for the whole term"),
        (("window: 12 months", "window: 12 months\n  paid: quarterly\n  guarantee: {from: Bay Rank, to: Northshore, amount: $500}"),
         "a guarantee for each month of sums that are paid quarterly"),
        (("fee: 10%", "tiers: [{from: 1, fee: 5%}, {from: 4, fee: 8%}]\n  steps: whole"), "a step that counts for clients before it"),
        (("fee: 10%", "fees: [{for: websites, paid by: Bay Rank, fee: 5%}, {for: search, fee: 8%}]"),
         "a fee for each sort of work of each party"),
        (("fee: 10%", "fees: [{for: websites, fee: 5%}, {for: search, fee: $80}]"), "percentages beside amounts"),
        (("effective: 2026-12-01", "effective: last signature"), "as in --signed 2027-01-20"),
    ],
)  # fmt: skip
def test_what_is_not_covered_is_refused_in_a_plain_sentence(change: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError) as refused:
        terms_of(reference(change))
    assert said in str(refused.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_drawn_ledgers_come_to_what_a_second_calculation_says(case: Case, seed: int) -> None:
    # A seed varies more than Hypothesis's own random numbers, most of which are small.
    ledger = draw_ledger(Random(seed), case)
    made = terms_of(case.text)
    until = ends_of_periods(case, 30)[-1]
    found = sum_periods(ledger, made, count_movements(ledger, made), until)
    second = second_sums(case, ledger, 30)
    assert len(found) == len(second)
    differing = {
        (str(one.last), one.payer, one.payee): (one.fee, one.late_charge)
        for one in found
        if (Fraction(one.fee), Fraction(one.late_charge)) != second[one.last, one.payer, one.payee]
    }
    assert differing == {}


def test_drawn_ledgers_reach_all_that_matters() -> None:
    seen: set[str] = set()
    for seed in range(900):
        case = CASES[seed % len(CASES)]
        ledger = draw_ledger(Random(seed), case)
        made = terms_of(case.text)
        counted = count_movements(ledger, made)
        seen |= {one.counts for one in counted}
        seen |= {"cap" for one in counted if made.cap and one.fee_so_far == made.cap}
        seen |= {"year" for one in counted if made.annual_cap and one.counts == "yes" and not one.fee and one.base > 0}
        seen |= {"repaid" for one in counted if one.fee < 0}
        seen |= {"late" for one in sum_periods(ledger, made, counted, date(2028, 6, 30)) if one.late_charge}
    assert seen >= {
        "yes", "after the fee ended", "refunded too late", "no repayment agreed", "payment did not count", "bought too late",
        "sent after the end", "not accepted before the end", "refused: in talks", "cap", "year", "repaid", "late",
    }  # fmt: skip

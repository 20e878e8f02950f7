"""Answers in people's own words: several answers in one, facts in another topic, and what to write instead."""

from __future__ import annotations

import re

import pytest
from test_money import FEE, SHARE, deal, problems_of, text_of

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.core.values import Choice, format_value
from agreementgen.deal.phrases import Phrase, read_parts
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()


def facts_of(kind: str, more: str) -> dict[str, str]:
    """Return the answers of a deal as they are printed, by their paths."""
    read = pipeline.read(deal(kind, more), "deal.yaml", LIBRARY)
    return {
        one.path: str(one.value) if isinstance(one.value, Choice) else format_value(one.value, read.language)
        for one in read.answers
        if one.path.startswith(("financial.", "duration.")) and not isinstance(one.value, dict | tuple)
    }


@pytest.mark.parametrize(
    ("typed", "paid", "due"),
    [
        ("Within 10 days of the client’s payment.", "on payment", "10 days"),
        ("5 days after the customer has paid", "on payment", "5 days"),
        ("within three days of receiving payment from the client", "on payment", "3 days"),
        ("2 weeks after the buyer pays", "on payment", "2 weeks"),
        ("when the client pays", "on payment", "0 days"),
        ("at the end of each fair", "each event", "30 days"),
        ("every week", "weekly", "30 days"),
    ],
)
def test_when_it_is_paid_may_be_said_in_words(typed: str, paid: str, due: str) -> None:
    facts = facts_of("referral", FEE + f'  fee: 15%\n  paid: "{typed}"\n')
    assert (facts["financial.paid"], facts["financial.due"]) == (paid, due)


def test_words_that_another_answer_contradicts_are_refused() -> None:
    fee = FEE + "  fee: 15%\n  paid: within 10 days of the client's payment\n"
    assert facts_of("referral", fee + "  due: 10 days\n")["financial.due"] == "10 days"
    assert "is not one of the choices" in problems_of("referral", fee + "  due: 20 days\n")["financial.paid"]


def test_words_that_nobody_can_read_are_told_what_is_nearest() -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("referral", FEE + "  fee: 15%\n  paid: ten days past closing\n"), "deal.yaml", LIBRARY)
    (problem,) = refused.value.problems
    assert '"paid: on payment" with "due: 7 days"; "due: 0 days" is at once' in problem.hint
    assert problem.hint.endswith('is counted by the quarter here, or written as "least payout"')


@pytest.mark.parametrize(
    ("typed", "renewal", "length", "most"),
    [("every year", "automatic", "12 months", "unlimited"), ("No", "none", None, None)],
)
def test_renewal_may_be_said_in_words(typed: str, renewal: str, length: str | None, most: str | None) -> None:
    facts = facts_of("co-marketing", f'financial: {{model: none}}\nduration: {{pilot: "no", renewal: "{typed}"}}\n')
    assert facts["duration.renewal"] == renewal
    assert (facts.get("duration.renewal length"), facts.get("duration.most renewals")) == (length, most)


@pytest.mark.parametrize("typed", ["indefinite", "no fixed end", "until terminated by either party"])
def test_no_end_may_be_said_in_words(typed: str) -> None:
    facts = facts_of("referral", FEE + f'  fee: 15%\nduration: {{pilot: "no", term: "{typed}"}}\n')
    assert facts["duration.term"] == "until ended"


@pytest.mark.parametrize(
    ("like", "typed", "found"),
    [
        ("[a] b|c", "c", {}),
        ("[a] b|c", "a c", {}),
        ("[a] b|c", "a", None),
        ("[a] b|c", "b a", None),
        ("<due> of b", "4 weeks of B.", {"due": "4 weeks"}),
        ("<due> of b", "some weeks of b", None),
        ("<due> of b", "1 2 3 4 of b", None),
    ],
)
def test_a_phrase_is_matched_word_by_word(like: str, typed: str, found: dict[str, str] | None) -> None:
    assert Phrase(like, "x", {"due": "<due>"} if "<" in like else {}).match(typed) == found


# -- in another place


MILESTONES = "milestones: [{what: the hall is booked, by: 2027-05-15}]"


@pytest.mark.parametrize("place", ["alliance: {activities: [a fair], %s}\n", "goals: []\nreviews: {%s}\n"])
def test_a_fact_in_another_topic_is_read_with_a_warning(place: str) -> None:
    read = pipeline.read(deal("alliance", "financial: {model: none}\n" + place % MILESTONES), "deal.yaml", LIBRARY)
    assert [one["what"] for one in read.facts["milestones"]] == ["the hall is booked"]
    (warning,) = [one for one in read.warnings if one.code == "misplaced"]
    assert '"milestones" stands under' in warning.message


def test_a_fact_that_stands_in_two_places_is_refused() -> None:
    more = f"financial: {{model: none}}\n{MILESTONES}\nalliance: {{activities: [a fair], {MILESTONES}}}\n"
    assert problems_of("alliance", more)["alliance.milestones"] == '"milestones" is not a fact we know here'


# -- what to write instead


def test_what_does_not_apply_names_what_does() -> None:
    more = "financial: {model: fixed fee, amount: $900, paid: after a while}\n"
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("referral", more), "deal.yaml", LIBRARY)
    hints = {problem.field: problem.hint for problem in refused.value.problems}
    assert "parts: [{part: 50%, when: on signing}, {part: 50%, when: on delivery}]" in hints["financial.paid"]
    assert hints["financial.payer"] == 'write "payer: Heron" or "payer: Larch"'
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("paid: half at signing and half at delivery", "50% (at signing); 50% (at delivery)"),
        ("paid: 30% down on signing, 20% once the plan is approved, the balance due on completion",
         "30% (on signing); 20% (once the plan is approved); 50% (on completion)"),
        ("parts: half up front and the other half when the stand is built", "50% (up front); 50% (when the stand is built)"),
        ('parts: ["$600 on signing", "$300 within 10 days of delivery"]',
         "$600 (on signing); $300 (within 10 days of delivery)"),
    ],
)  # fmt: skip
def test_parts_of_a_sum_may_be_said_in_words(typed: str, printed: str) -> None:
    money = f"financial:\n  model: fixed fee\n  payer: Larch\n  amount: $900\n  for: a stand\n  {typed}\n"
    assert f"Larch pays Heron $900 for a stand: {printed}" in text_of("referral", money)


@pytest.mark.parametrize(
    "typed", ["a third on signing", "$500 on signing, the rest later", "within 7 days", "half now", "10 day after it, 20 day after it"]
)  # fmt: skip
def test_what_names_no_parts_is_none(typed: str) -> None:
    assert read_parts(typed) == ()


def test_a_sponsor_is_who_does_not_run_what_it_pays_for() -> None:
    campaigns = "campaigns: {planned: [{name: Autumn market, kind: market, run by: Heron}%s]}\n"
    more = "financial: {model: sponsorship, amount: $1200}\n"
    sentence = "Larch pays Heron $1,200 for the place of a sponsor, with all that this agreement promises one"
    assert sentence in text_of("co-marketing", campaigns % "" + more)
    # Where each runs something, or both together do, nobody can tell.
    for other in ("Larch", "each"):
        found = problems_of("co-marketing", campaigns % f", {{name: Fair, kind: fair, run by: {other}}}" + more)
        assert found == {"financial.payer": "this is missing"}


def test_shares_of_nobody_are_missing() -> None:
    more = SHARE.replace("{Heron: 60%, Larch: 40%}", "{}")
    assert problems_of("alliance", more)["financial.revenue shares"] == "this is missing"


def test_a_topic_of_another_kind_names_what_is_nearest() -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("channel", "quality: {hidden defects: 6 months}\n"), "deal.yaml", LIBRARY)
    (problem,) = refused.value.problems
    assert 'a warranty stands here under "promises", as in "promises: {warranty: {party: Heron, what' in problem.hint
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("referral", "quality: {hidden defects: 6 months}\n"), "deal.yaml", LIBRARY)
    assert any("{party: each, what" in problem.hint for problem in refused.value.problems)


@pytest.mark.parametrize("name", ["annex", "Exhibits", "appendix", "schedules"])
def test_an_annex_of_a_deal_file_is_told_where_it_can_stand(name: str) -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("referral", f"financial: {{model: none}}\n{name}: rules.docx\n"), "deal.yaml", LIBRARY)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (name, "unknown-name")
    assert 'name it under "special terms"' in problem.hint
    # What the hint says is read, and printed.
    (terms,) = re.findall(r'as in "(special terms: .*])"', problem.hint)
    sentence = "The attached house rules are part of this agreement"
    assert sentence in text_of("referral", f"financial: {{model: none}}\n{terms}\n")

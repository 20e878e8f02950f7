"""Answers in people's own words: several answers in one, facts in another topic, and what to write instead."""

from __future__ import annotations

import pytest
from test_money import FEE, SHARE, deal, problems_of

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.core.values import Choice, format_value
from agreementgen.deal.phrases import Phrase
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
    more = "financial: {model: fixed fee, amount: $900, paid: a third now and the rest on delivery}\n"
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("referral", more), "deal.yaml", LIBRARY)
    hints = {problem.field: problem.hint for problem in refused.value.problems}
    assert "parts: [{part: 50%, when: on signing}, {part: 50%, when: on delivery}]" in hints["financial.paid"]
    assert hints["financial.payer"] == 'write "payer: Heron" or "payer: Larch"'
    assert len(refused.value.problems) == 3


def test_shares_of_nobody_are_missing() -> None:
    more = SHARE.replace("{Heron: 60%, Larch: 40%}", "{}")
    assert problems_of("alliance", more)["financial.revenue shares"] == "this is missing"


def test_a_topic_of_another_kind_names_what_is_nearest() -> None:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal("channel", "quality: {hidden defects: 6 months}\n"), "deal.yaml", LIBRARY)
    (problem,) = refused.value.problems
    assert 'a warranty stands here under "promises", as in "promises: {warranty:' in problem.hint

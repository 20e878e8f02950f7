"""What protects the parties, in whole agreements: secrets, brands, restrictions, the ways out, and what is general."""

from __future__ import annotations

import pytest
from deals import GUARDED, reference

from agreementgen import pipeline
from agreementgen.core.document import text_of_document
from agreementgen.core.problems import InputError
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
SOLE_PROPRIETOR = (
    ("name: Northshore Web Studio LLC", "name: Dana Reyes\n    trade name: Northshore Web Studio"),
    ("entity: LLC\n    formed in: Massachusetts", "entity: sole proprietor"),
)
OVERSEAS = (("law: Massachusetts", "law: England and Wales"), ("venue: Essex County, Massachusetts", "venue: London"))


def words_of(deal_file: str, short: bool = False, apart: bool = False) -> str:
    deal = pipeline.read(deal_file.encode(), "deal.yaml", LIBRARY)
    outline = LIBRARY.outline_of_deal(deal)
    selection = select_clauses(deal, LIBRARY, outline, short)
    return " ".join(text_of_document(draft_agreement(deal, LIBRARY, outline, selection, apart=apart)).split())


@pytest.mark.parametrize("short", [False, True], ids=["full", "short"])
@pytest.mark.parametrize("position", ["balanced", "pro-first", "pro-second", "fallback"])
def test_what_a_court_looks_for_stands_in_every_wording(position: str, short: bool) -> None:
    words = words_of(reference(more=f"position: {position}"), short)
    for said in (
        "the Key terms prevail over these sections",
        "sections 4, 7–10, and 13–15 will outlast it",
        "business day, returned ones when delivered",
        "authority",
        "Each party will follow the law, including privacy and marketing rules",
        "after notice if lawful",
        "goodwill",
    ):
        assert said in words


def test_a_topic_that_is_left_out_leaves_no_word_and_takes_no_rule_with_it() -> None:
    words = words_of(reference(more="leave out: [confidentiality, data, brand]"))
    assert "breach of confidence" not in words
    assert "insolvency, loss of a required license, or serious crime" in words
    assert "each will follow the law" in words
    assert "sections 4, 7, 8, and 10–12 will outlast it" in words


def test_a_breach_of_confidence_that_was_typed_needs_something_to_keep_secret() -> None:
    typed = reference(more="leave out: [confidentiality]\ntermination: {at once: [insolvency, breach of confidence]}")
    with pytest.raises(InputError) as refused:
        words_of(typed)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == ("contradiction", "termination.at once")
    assert problem.hint == 'take it out of "at once", or agree on confidentiality'


@pytest.mark.parametrize("short", [False, True], ids=["full", "short"])
def test_a_person_is_told_of_the_immunity_that_american_law_gives_who_reports_a_crime(short: bool) -> None:
    notice = "An individual is not liable for disclosing a trade secret in confidence to the government or a lawyer"
    assert notice in words_of(reference(*SOLE_PROPRIETOR), short)
    assert notice not in words_of(reference(*SOLE_PROPRIETOR, *OVERSEAS), short)
    assert notice not in words_of(reference(), short)


def test_english_law_lets_nobody_else_enforce_the_agreement() -> None:
    assert "Nobody else may enforce this agreement." in words_of(reference(*OVERSEAS))
    assert "Nobody else" not in words_of(reference())


def test_each_side_is_named_in_the_key_terms_of_a_one_sided_agreement() -> None:
    first, second = (words_of(reference(more=f"position: pro-{side}")) for side in ("first", "second"))
    for said in (
        "Mutual, Bay Rank’s only if marked",
        "until 12 months after the end; binds Bay Rank only",
        "30 days’ notice by Northshore (7 days’ by either in the Pilot only)",
    ):
        assert said in first
    for said in (
        "Mutual, Northshore’s only if marked",
        "until 12 months after the end; binds Northshore only",
        "30 days’ notice by Bay Rank (7 days’ by either in the Pilot only)",
    ):
        assert said in second
    balanced = words_of(reference())
    assert "only if marked" not in balanced
    assert "binds" not in balanced


def test_a_topic_of_another_position_has_a_row_of_that_position() -> None:
    words = words_of(reference(more="position: pro-first\nposition by topic: {restrictions: balanced}"))
    assert "Mutual, Bay Rank’s only if marked" in words
    assert "binds Bay Rank only" not in words


def test_one_party_alone_may_have_the_right_to_end_the_agreement() -> None:
    words = words_of(reference(more="termination: {only by: Bay Rank}\n"))
    assert "30 days’ notice by Bay Rank (7 days’ by either party in the Pilot); 15 days to cure after notice" in words
    assert (
        "Under Ending, Bay Rank may end this agreement on notice, and either party may end it on notice in the Pilot or "
        in words
    )
    without = words_of(
        reference(
            ("  pilot: {length: 90 days, decision: in writing}\n", "  pilot: no\n"),
            more="termination: {only by: Bay Rank}",
        )
    )
    assert "30 days’ notice by Bay Rank; 15 days to cure" in without
    assert (
        "and either party may end it for the other’s uncured serious breach. It may do so at once for the other’s insolvency"
        in without
    )


def test_a_sold_business_and_a_lost_key_person_are_two_topics() -> None:
    people = words_of(GUARDED)
    assert "A party whose key person leaves" in people
    assert "half of its votes" not in people
    sold = words_of(reference(more="change of control: terminate"))
    assert "key person" not in sold
    assert "the other may then end this agreement with 30 days’ notice" in sold


def test_a_deal_file_of_before_is_told_where_a_sale_belongs_now() -> None:
    old = "succession: {plan: {key people: {Northshore: A, Bay Rank: B}, change of control: terminate}}"
    deal = pipeline.read(reference(more=old).encode(), "deal.yaml", built_in_library())
    (warning,) = [one for one in deal.warnings if one.code == "misplaced"]
    assert warning.hint == "move it there, so that it is found"
    assert str(deal.facts["change_of_control"]) == "terminate"


def test_a_crisis_plan_says_who_acts() -> None:
    plan = 'crisis: {plan: {acts: {Northshore: "Dana Reyes, 978 555 0140", Bay Rank: Lee Okafor}}}'
    words = words_of(reference(more=plan))
    assert "Northshore in a crisis Dana Reyes, 978 555 0140 acts" in words
    assert "will act at once to limit the harm, through the person named to act, and the other will help" in words


def test_restrictions_say_nothing_of_clients_whom_nobody_can_introduce() -> None:
    one_way = reference(("direction: two-way", "direction: one-way\n  referrer: Bay Rank"), more="position: pro-first")
    words = words_of(one_way)
    assert "Bay Rank will not recruit Northshore’s staff it met in the project" in words
    assert "clients Northshore introduced" not in words


def test_special_terms_prevail_over_all_and_schedules_over_nothing() -> None:
    special = "special terms: [Each brings its own cups]"
    assert "the Key terms prevail over the other sections; invalid" in words_of(reference(more=special))
    many = "special terms: [One is red, Two is blue, Three is green, Four is white, Five is black, Six is grey]"
    assert "the Key terms prevail, then the other sections, then the other Schedules" in words_of(reference(more=many))

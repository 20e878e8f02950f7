"""What a deal promises about money, exclusivity, goals and time: whole deals, their words, refusals and warnings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from conftest import ROOT
from deals import reference

from agreementgen import examples, pipeline
from agreementgen.core.document import text_of_document
from agreementgen.core.problems import InputError, Problem
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library

Build = Callable[..., pipeline.BuiltAgreement]
POSITIONS = ("balanced", "pro-first", "pro-second", "fallback")


def words_of(built: pipeline.BuiltAgreement) -> str:
    return " ".join(built.files["txt"].decode().split())


def refusal_of(deal: str, library: Library) -> Problem:
    with pytest.raises(InputError) as refused:
        pipeline.read(deal.encode(), "deal.yaml", library)
    (problem,) = refused.value.problems
    return problem


def doubts_of(deal: str, library: Library) -> list[str]:
    return [str(one) for one in pipeline.read(deal.encode(), "deal.yaml", library).warnings if one.code == "doubtful"]


def sample(name: str, *changes: tuple[str, str], more: str = "") -> str:
    text = (ROOT / "samples" / f"{name}.yaml").read_text(encoding="utf-8")
    for pattern, new in changes:
        text, count = re.subn(pattern, new, text)
        assert count, pattern
    return f"{text}\n{more}"


# -- fee, lead and tail


@pytest.mark.parametrize("more", [f"position: {name}" for name in POSITIONS] + ["wording: short"])
def test_fee_lead_and_tail_are_one_promise(build: Build, more: str) -> None:
    text = words_of(build(reference(more=more), ("txt",)))
    for promise in (
        "For each accepted Qualified lead that buys while protected, and nothing else, the receiver will pay",
        "for the whole period from the first, even after the end.",
        "within 5 days that the client is not new, is in talks with it, or is out of scope; no other refusal counts.",
        "protected for 180 days from acceptance",
        "Leads stay protected for at most 90 days",
        "bears any sales tax or VAT on fees",
        "sends statements under Payment",
        "under Tracking",
    ):
        assert promise in text
    assert "Fees on earlier clients" not in text


def test_who_broke_the_agreement_earns_no_more_despite_the_fee(build: Build) -> None:
    text = words_of(build(reference(more="position: pro-first"), ("txt",)))
    assert "Bay Rank earns nothing more from the end on, despite section 4; Northshore earns on." in text


def test_a_tail_or_protection_shorter_than_the_sales_cycle_is_a_warning_with_the_numbers(library: Library) -> None:
    deal = reference(
        ("  average deal: $10,000", "  average deal: $10,000\n  sales cycle: 300 days\n  protection: 240 days"),
        ("tail: 90 days", "tail: 60 days"),
    )
    short_protection, short_tail = doubts_of(deal, library)
    assert "a lead must buy within 240 days, but it takes 300 days to win one" in short_protection
    assert "exit.tail: leads stay protected for 60 days after the end, but it takes 300 days to win one" in short_tail
    fitting = deal.replace("300 days", "2 months")
    assert doubts_of(fitting, library) == []


def test_commission_runs_on_after_the_end_and_deals_are_refused_on_stated_grounds(build: Build) -> None:
    agent = sample(
        "channel",
        ("model: reseller", "model: agent"),
        ("model: resale discount", "model: commission\n  tracking: {system: portal, kept by: payer}"),
        (r"  discount: 25%\n", ""),
        (r"(?ms)^support:.*?(?=^\w)", ""),
        (r"(?ms)^tiers:.*?(?=^\w)", ""),
    )
    text = words_of(build(agent, ("txt",)))
    assert re.search(r"the Commission on what customers pay, even after the end, for orders", text)
    assert (
        "any other refusal counts as acceptance. While a deal is protected under Deal registration, even after" in text
    )


# -- exclusivity


def test_exclusivity_among_several_is_a_warning_until_they_say_that_they_do_not_compete(library: Library) -> None:
    third = """\
  - name: Cedar Print Works LLC
    short: Cedar
    entity: LLC
    formed in: Maine
    address: 1 Elm Street, Salem, MA 01970
    email: cedar@cedar.example
    signatory: {name: Cy Dahl, title: Member}

scope:"""
    mutual = "exclusivity: {kind: mutual, scope: fairs, territory: Ohio, length: 6 months}\n"
    duties = "  Bay Rank:\n    - Refers"
    three = reference(
        ("\nscope:", "\n" + third), (duties, "  Cedar: [Prints the flyers]\n" + duties), more=mutual
    ).split("\nraci:")[0]
    three += "\n" + mutual
    assert "may break competition law where they compete" in doubts_of(three, library)[0]
    assert not doubts_of(three.replace("kind: mutual", 'kind: mutual, competitors: "no"'), library)
    two = reference(more=mutual)
    assert not doubts_of(two, library)
    (doubt,) = doubts_of(two.replace("kind: mutual", 'kind: mutual, competitors: "yes"'), library)
    assert "competitors who promise each other exclusivity may break competition law" in doubt


def test_two_rules_for_losing_one_exclusivity_are_a_warning(library: Library) -> None:
    minimum = "minimums: {minimum: {value: 40000, remedy: lose exclusivity}}\n"
    bound = "exclusivity: {kind: one-way, bound party: Paylark, scope: payroll software, territory: Ohio, length: 6 months%s}\n"
    text = re.sub(r"(?m)^(minimums|exclusivity):.*\n(?:[ -].*\n)*", "", sample("channel"))
    (doubt,) = doubts_of(text + minimum + bound % ", condition: the Yearly minimum is met", library)
    assert "exclusivity.condition: the minimum already says when exclusivity is lost" in doubt
    assert not doubts_of(text + minimum + bound % "", library)


def test_a_new_llc_under_a_law_that_has_none_is_a_warning(library: Library) -> None:
    law = (r"(?m)^law: .*", r"(?m)^venue: .*")
    (doubt,) = doubts_of(sample("joint-venture", (law[0], "law: Ontario"), (law[1], "venue: Toronto")), library)
    assert "no limited liability company of that name" in doubt
    assert not doubts_of(sample("joint-venture"), library)


def test_a_short_name_with_a_small_article_is_a_warning(library: Library) -> None:
    (doubt,) = doubts_of(
        sample("alliance", ("Clay School(?=:)", "the Clay School"), ("short: Clay", "short: the Clay")), library
    )
    assert '"the Clay School" is printed with a small letter' in doubt
    assert 'as in "short: Clay School"' in doubt


# -- goals, pilot and term


@pytest.mark.parametrize("term", ["3 months", "90 days", "2 months"])
def test_a_pilot_that_leaves_nothing_of_the_term_is_refused(library: Library, term: str) -> None:
    problem = refusal_of(reference(("term: 12 months", f"term: {term}")), library)
    assert problem.field == "duration.term"
    assert problem.message == f"the term of {term} leaves nothing after the pilot of 90 days, which is part of it"


@pytest.mark.parametrize("period", ["year", "term"])
def test_a_goal_longer_than_the_pilot_cannot_decide_it(library: Library, period: str) -> None:
    deal = reference(("decision: in writing", "decision: automatic"), ("period: month", f"period: {period}"))
    problem = refusal_of(deal, library)
    assert problem.message == f'"Revenue from referrals" is a goal for a {period}; it cannot decide a pilot of 90 days'
    assert not doubts_of(deal.replace(f"period: {period}", "period: pilot"), library)


def test_a_goal_for_a_pilot_or_term_that_is_not_there_is_refused(library: Library) -> None:
    without = reference(
        ("pilot: {length: 90 days, decision: in writing}", 'pilot: "no"'), ("period: month", "period: pilot")
    )
    assert refusal_of(without, library).field == "goals.1.period"
    expiring = reference(
        ("in writing}\n  term: 12 months\n  renewal: by agreement", "expires}"), ("period: month", "period: term")
    )
    assert "in the term, and there is none" in refusal_of(expiring, library).message


def test_a_yearly_goal_of_a_short_agreement_is_a_warning(library: Library) -> None:
    deal = reference(("term: 12 months", "term: 6 months"), ("period: month", "period: year"))
    (doubt,) = doubts_of(deal, library)
    assert '"Revenue from referrals" is a goal for a year, and the agreement ends after 6 months' in doubt


def test_reviews_are_not_quarterly_after_the_end(build: Build) -> None:
    assert "goals monthly for 6 months, then quarterly" in words_of(build(reference(), ("txt",)))
    short = words_of(build(reference(("term: 12 months", "term: 26 weeks")), ("txt",)))
    assert "Leads weekly; goals monthly" in short
    assert "quarterly" not in short


@pytest.mark.parametrize(
    ("typed", "printed"), [("9000", "9,000"), ("$20000", "$20,000"), ("2000 visitors", "2,000 visitors")]
)
def test_long_numbers_of_goals_have_commas(build: Build, typed: str, printed: str) -> None:
    built = build(reference(('target: "$20,000"', f'target: "{typed}"')), ("txt",))
    assert f"Revenue from referrals: {printed} each month" in words_of(built)
    assert not built.warnings


# -- goods


def test_prices_of_units_have_cents_and_limits_are_named_only_where_they_are_stated(build: Build) -> None:
    text = words_of(
        build(sample("supply", (r"price: \$2\.85", "price: $3.00"), (r"\n      maximum: \"1600\"", "")), ("txt",))
    )
    assert "$3.00 per lb" in text
    assert "An order up to the minimum binds" in text
    assert "maximum" not in text
    assert "limits of quantity" not in text


# -- schedules


@pytest.mark.parametrize("wording", ["full", "short"])
def test_a_page_with_schedules_says_that_they_belong_to_it(build: Build, wording: str) -> None:
    costs = "\n".join(
        f"    - {{item: Item {number}, budget: $100, split: {{Northshore: 50%, Bay Rank: 50%}}}}" for number in range(4)
    )
    deal = reference(
        ("  due: 30 days\n", f"  due: 30 days\n  shared costs:\n{costs}\n"),
        more=f"wording: {wording}\nlayout: one-page",
    )
    built = build(deal.split("\nraci:")[0] + f"\nwording: {wording}\nlayout: one-page\n", ("txt",))
    assert built.fitted.document.schedules
    assert not built.fitted.document.apart
    assert "Key terms and Schedules" in words_of(built)


# -- what is left out


# What an agreement says of a topic only where it has that topic.
WORDS_OF_TOPICS = {
    "exclusivity": "xclusiv",
    "restrictions": "solicit|recruit|Non-compete",
    "brand": "logo|[Bb]rand",
    "data": "personal data|privacy",
    "goals": r"\bgoal",
    "crisis": "[Cc]risis",
    "succession": "key person",
    "liability": "Liability|liable",
    "indemnity": "ndemni",
    "leads": r"\b[Ll]eads?\b",
    "registration": "[Rr]egistr",
    "minimums": "Yearly minimum",
    "support": "support",
    "stock": "Winding down|stock",
    "recall": "recall",
    "service": "Service level",
    "quality": "Inspection",
    "forecast": "[Ff]orecast",
    "orders": "Orders",
}


@pytest.mark.parametrize("topic", WORDS_OF_TOPICS)
def test_what_is_left_out_leaves_no_words_behind(library: Library, topic: str) -> None:
    for kind, outline in library.outlines.items():
        if topic not in outline.topics or topic in outline.required:
            continue
        deal = examples.make_example_deal(library, kind, {"leave out": [library.topics[topic].question.key]})
        assert deal
        for short in (False, True):
            selection = select_clauses(deal, library, library.outline_of_deal(deal), short)
            text = text_of_document(draft_agreement(deal, library, library.outline_of_deal(deal), selection))
            assert not re.findall(f".*(?:{WORDS_OF_TOPICS[topic]}).*", text), kind

"""Help is about the question at hand: why it is asked, what is usual, what goes wrong, and a sentence it makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_conversation import PARTIES, Script, talk

from agreementgen.deal.questions import Question
from agreementgen.interview.example_sentences import find_example_sentence
from agreementgen.library.library import Library

# Topics of money, time, ending and liability.
COSTLY_TOPICS = (
    "financial", "prices", "supply-prices", "minimums", "contributions", "ownership", "distributions", "duration",
    "leads", "termination", "exit", "stock", "buyout", "transfer", "winding-up", "confidentiality", "liability",
    "indemnity",
)  # fmt: skip


def each_asked(question: Question, path: str) -> Iterator[tuple[str, Question]]:
    if question.asked and question.key and not (question.is_group and question.words is None):
        yield path, question
    for part in question.inner_questions if question.asked else ():
        yield from each_asked(part, f"{path}.{part.key}")


@pytest.mark.parametrize("topic", COSTLY_TOPICS)
def test_each_question_of_money_time_ending_and_liability_has_help_of_its_own(topic: str, library: Library) -> None:
    question = library.topics[topic].question
    lacking = [path for path, q in each_asked(question, question.key) if q.structure.name != "GROUPS" and not q.help]
    assert lacking == []
    assert [path for path, q in each_asked(question, question.key) if not q.goes_wrong] == []


def test_no_two_questions_share_their_help(library: Library) -> None:
    said = [
        q.goes_wrong
        for topic in COSTLY_TOPICS
        for _, q in each_asked(library.topics[topic].question, library.topics[topic].question.key)
    ]
    assert len(said) == len(set(said)) > 120


MONEY = (
    "law: Ohio\nvenue: Dayton, Ohio\nscope: {purpose: Send clients}\n"
    "financial: {model: referral fee, fee: 10%, tracking: {system: a list, kept by: payer}}\n"
)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("financial.late charge", "Payment: Statement within 10 days after each month; due 30 days later; 1% a month if late, within legal limits"),
        ("exit.tail", "After the end: Leads stay protected for at most 90 days; data returned in 30 days; brand use stops in 10 days"),
        ("liability.floor", "Liability limit: All fees in the year before a claim; at least $10,000"),
    ],
)  # fmt: skip
def test_a_sentence_is_what_the_answer_makes(path: str, sentence: str, tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", MONEY + PARTIES)
    fact = conversation.status.find_fact(tuple(path.split(".")))
    assert fact is not None
    assert find_example_sentence(conversation.notebook, fact.path, fact.question) == sentence


def test_help_has_its_four_parts_and_no_other_topic_s(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", MONEY + PARTIES)
    fact = conversation.status.find_fact(("termination", "cure"))
    assert fact is not None
    conversation.show_help(fact.path, fact.question)
    prompts = conversation.prompts
    assert isinstance(prompts, Script)
    said = " ".join(" ".join(prompts.shown).split())
    assert "Why: To cure is to put a breach right after a notice of it." in said
    assert "Usual: 15 days. Usually from 5 days to 60 days." in said
    assert "What goes wrong: Without it, one late report is a reason to end everything" in said
    assert "In the agreement, for example: Ending: 30 days’ notice (7 days’ in the Pilot); 15 days to cure" in said


def test_examples_speak_of_the_kind(library: Library) -> None:
    found = {}
    for kind in ("referral", "supply", "joint-venture"):
        form = library.form_of(library.outline_of_kind(kind))
        scope = next(question for question in form.questions if question.key == "scope")
        purpose = scope.find_part("purpose")
        assert purpose is not None
        found[kind] = purpose.example
    assert found == {
        "referral": "Refer clients who need another party's services",
        "supply": "Supply salad greens to three restaurants",
        "joint-venture": "Build and sell eight townhouses",
    }

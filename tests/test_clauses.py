"""Every clause and row in every combination of the answers its wording depends on: correct, short, plain English."""

from __future__ import annotations

import os
import re

import pytest
from test_plain_words import reading_faults

from agreementgen import examples, pipeline
from agreementgen.authoring import lints
from agreementgen.authoring.branches import BranchDrafter, answers_choosing
from agreementgen.core.document import Document
from agreementgen.deal.deal import Deal
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.loading import built_in_library
from agreementgen.library.topics import ClauseText, TermText

LIBRARY = built_in_library()
# All branches in every kind of agreement and number of parties take half an hour.
BRANCHES = BranchDrafter(LIBRARY, thorough=bool(os.environ.get("AGREEMENTGEN_EVERY_BRANCH")))
CLAUSES = [clause for found in LIBRARY.clauses.values() for clause in found]
# So many wordings of a clause are measured for how hard they are to read.
MEASURED = 12
ROWS = [row for topic in LIBRARY.topics.values() for row in topic.terms]


def drafted(deal: Deal, short: bool) -> Document:
    outline = LIBRARY.outline_of_deal(deal)
    is_apart = pipeline.choose_layout(deal, outline) == "one-plus-one"
    return draft_agreement(deal, LIBRARY, outline, select_clauses(deal, LIBRARY, outline, short), apart=is_apart)


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_reads_well_whatever_is_chosen(source: ClauseText) -> None:
    found: dict[str, str] = {}
    count = 0
    measured: list[str] = []
    for told, clause in BRANCHES.each_wording(source):
        count += 1
        # The words of special terms are the parties' own.
        if source.topic != "special" and count <= MEASURED:
            measured.append(lints.text_of_clause(clause))
        wrong = [*lints.list_clause_slips(clause, told.parties), lints.describe_overrun(clause, source)]
        found |= dict.fromkeys((str(fault) for fault in wrong if fault), str(told))
    assert count, "no combination of answers brings this clause into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())
    assert not measured or not reading_faults(measured)


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_reads_well_whatever_is_chosen(source: TermText) -> None:
    found: dict[str, str] = {}
    count = 0
    for told, row in BRANCHES.each_row_wording(source):
        count += 1
        found |= {str(fault): str(told) for fault in lints.list_row_slips(row.label, row.runs, told.parties)}
    assert count, "no combination of answers brings this row into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())


TRIALS = [(clause, number) for clause in CLAUSES for number in range(len(clause.tests))]


@pytest.mark.parametrize(("source", "number"), TRIALS, ids=lambda part: getattr(part, "id", str(part)))
def test_a_clause_says_what_its_own_tests_ask(source: ClauseText, number: int) -> None:
    wanted = source.tests[number]
    answers = {path: node_as_data(node) for path, node in wanted.facts.items()}
    kind = BRANCHES.kind_for_test(source.topic, wanted.kind)
    deal = examples.make_example_deal(LIBRARY, kind, {**answers_choosing(source), **answers}, wanted.parties)
    assert deal, "these facts exclude each other"
    found = [clause for clause in drafted(deal, source.position == "short").clauses if clause.id == source.id]
    assert found, "with these facts the clause is not chosen"
    text = lints.text_of_clause(found[0])
    assert not [words for words in wanted.contains if words not in text], text
    assert not [words for words in wanted.lacks if words in text], text


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_is_written_with_real_apostrophes_and_in_todays_english(source: ClauseText) -> None:
    text = f"{source.title} {lints.strip_tags(source.body.text)}"
    assert not re.findall(r"\S*['\"`]\S*", text)
    assert not list(lints.list_archaic_words(text))
    assert source.word_budget > 0, "a clause has a word budget"
    assert source.guidance.why or source.position == "short", "a clause has guidance"


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_is_written_with_real_apostrophes(source: TermText) -> None:
    assert not re.findall(r"\S*['\"`]\S*", lints.strip_tags(f"{source.label.text} {source.says.text}"))

"""Plain words: how many years of school each clause takes to read, by the Flesch-Kincaid formula."""

from __future__ import annotations

import itertools

import pytest
import textstat
from test_clauses import CLAUSES, wordings

from agreementgen.document import block_runs, text_of
from agreementgen.library.clauses import ClauseText

# Contracts that people read are written for grade 9 to 11.
GOAL, MOST = 11.0, 13.0
# So many wordings of a clause are measured.
BRANCHES = 12


def texts(source: ClauseText) -> list[str]:
    """Return the first wordings of a clause that its conditions lead to."""
    found = (clause for _, _, clause in itertools.islice(wordings(source), BRANCHES))
    return [" ".join(text_of(runs) for block in clause.blocks for runs in block_runs(block)) for clause in found]


@pytest.fixture(scope="module")
def grades() -> dict[str, tuple[float, str]]:
    """Return the grade of the hardest wording of each clause, with that wording."""
    measured = {}
    for source in CLAUSES:
        wordings = texts(source) if source.topic != "special" else ["The parties wrote these terms."]
        measured[source.id] = max((float(textstat.flesch_kincaid_grade(text)), text) for text in wordings)
    return measured


def test_no_clause_is_hard_to_read(grades: dict[str, tuple[float, str]]) -> None:
    print()
    for name, (grade, text) in sorted(grades.items(), key=lambda item: -item[1][0]):
        print(f"{grade:5.1f}  {name:<28} {len(text.split()):4} words")
    over = sum(grade > GOAL for grade, _ in grades.values())
    print(
        f"{len(grades)} clauses, {over} over grade {GOAL:g}, mean {sum(g for g, _ in grades.values()) / len(grades):.1f}"
    )
    hard = [f"{name} {grade}: {text}" for name, (grade, text) in grades.items() if grade > MOST]
    assert not hard, "\n".join(hard)


def test_long_sentences_of_long_words_are_found() -> None:
    text = "Notwithstanding any contrary representation, indemnification obligations survive expiration or termination."
    assert textstat.flesch_kincaid_grade(text) > MOST

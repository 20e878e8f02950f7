"""Plain words: how many years of school each clause takes to read, by the Flesch-Kincaid formula."""

from __future__ import annotations

import itertools

import pytest
import textstat
from test_clauses import BRANCHES, CLAUSES

from agreementgen.authoring.lints import MAX_READING_GRADE, reading_grade, text_of_clause
from agreementgen.library.topics import ClauseText

GOAL = 11.0
# So many wordings of a clause are measured.
FIRST = 12


def texts(source: ClauseText) -> list[str]:
    """Return the first wordings of a clause that its conditions lead to."""
    return [text_of_clause(clause) for _, clause in itertools.islice(BRANCHES.each_wording(source), FIRST)]


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
    for name, (level, text) in sorted(grades.items(), key=lambda item: -item[1][0]):
        print(f"{level:5.1f}  {name:<28} {len(text.split()):4} words")
    over = sum(level > GOAL for level, _ in grades.values())
    print(
        f"{len(grades)} clauses, {over} over grade {GOAL:g}, mean {sum(g for g, _ in grades.values()) / len(grades):.1f}"
    )
    hard = [f"{name} {level}: {text}" for name, (level, text) in grades.items() if level > MAX_READING_GRADE]
    assert not hard, "\n".join(hard)


def test_our_grade_is_that_of_another_program(grades: dict[str, tuple[float, str]]) -> None:
    """Textstat rounds the words of a sentence and the syllables of a word to one decimal place, which is up to 0.6."""
    apart = {
        name: (level, reading_grade(text))
        for name, (level, text) in grades.items()
        if abs(level - reading_grade(text)) > 0.7
    }
    assert not apart
    assert max(reading_grade(text) for _, text in grades.values()) <= MAX_READING_GRADE


def test_long_sentences_of_long_words_are_found() -> None:
    text = "Notwithstanding any contrary representation, indemnification obligations survive expiration or termination."
    assert textstat.flesch_kincaid_grade(text) > MAX_READING_GRADE
    assert reading_grade(text) > MAX_READING_GRADE
    assert reading_grade("We pay you at once. You send the goods.") < 4
    assert reading_grade("") == 0

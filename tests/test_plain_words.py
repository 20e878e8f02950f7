"""Plain words: how many years of school each clause takes to read, by the Flesch-Kincaid formula."""

from __future__ import annotations

import textstat

from agreementgen.authoring.lints import MAX_READING_GRADE, reading_grade


def reading_faults(texts: list[str]) -> list[str]:
    """Return what is wrong with the hardest of the wordings of a clause; test_clauses has them drafted.

    Our grade is that of another program: textstat rounds the words of a sentence and the syllables of a word to one
    decimal place, which is up to 0.6.
    """
    grade, text = max((float(textstat.flesch_kincaid_grade(text)), text) for text in texts)
    ours = reading_grade(text)
    faults = []
    if grade > MAX_READING_GRADE or ours > MAX_READING_GRADE:
        faults.append(f"it takes {grade:.1f} years of school to read: {text}")
    if abs(grade - ours) > 0.7:
        faults.append(f"textstat says {grade:.1f} years of school and we say {ours:.1f}: {text}")
    return faults


def test_long_sentences_of_long_words_are_found() -> None:
    text = "Notwithstanding any contrary representation, indemnification obligations survive expiration or termination."
    assert textstat.flesch_kincaid_grade(text) > MAX_READING_GRADE
    assert reading_grade(text) > MAX_READING_GRADE
    assert reading_grade("We pay you at once. You send the goods.") < 4
    assert reading_grade("") == 0
    assert len(reading_faults(["We pay you at once.", text])) == 1
    assert reading_faults(["We pay you at once. You send the goods."]) == []

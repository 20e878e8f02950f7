"""Hints can be followed: what a hint offers is typed in place of the mistake, and is accepted there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conftest import ROOT

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Unreadable
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import AnswerContext, walk_questions
from agreementgen.library.library import Library
from agreementgen.yamlfile import editing

BAD = sorted((ROOT / "tests" / "bad").glob("*.yaml"))
# Texts that people type where a size belongs.
TYPED = (
    "30",
    "1.5 years",
    "n/a",
    "a while",
    "-5",
    "500",
    "3 mo",
    "10,5%",
    "0.1",
    "half",
    "five",
    "1.500",
    "1.5",
    "400 days",
)
# A spelling in a hint; other quoted words are names of answers that decide about this one.
SPELLED = re.compile(r'\b(?:write|did you mean|as in|or) "([^"]+)"')


def test_every_size_that_a_question_offers_can_be_typed(library: Library) -> None:
    context = AnswerContext("USD", {})
    questions = {
        (path, question.limits): question
        for kind in library.outlines
        for path, question in walk_questions(library.form_of(library.outline_of_kind(kind)).questions)
        if question.is_scalar and question.type.is_measured
    }
    followed = 0
    for (path, _), question in questions.items():
        for text in TYPED:
            try:
                read_answer(question, text, context)
            except Unreadable as error:
                for spelled in re.findall(r'"([^"]+)"', error.hint):
                    followed += 1
                    try:
                        read_answer(question, spelled, context)
                    except Unreadable as second:
                        raise AssertionError(f"{path} {text!r}: {error.hint!r}: {second.message}") from None
    assert followed > 1000


def test_hints_on_bad_deals_can_be_followed(library: Library) -> None:
    followed = 0
    for file in BAD:
        text = file.read_bytes().decode("utf-8", "replace")
        for problem in read_problems(text, library):
            for mended in each_mended(text, problem):
                followed += 1
                left = [one for one in read_problems(mended, library) if one.field == problem.field]
                assert not left, f"{file.name}: {problem.field}: {problem.hint!r} cannot be followed: {left[0].message}"
    assert followed > 60


def read_problems(text: str, library: Library) -> tuple[Problem, ...]:
    try:
        pipeline.read(text.encode(), "deal.yaml", library)
    except InputError as error:
        return error.problems
    return ()


def each_mended(text: str, problem: Problem) -> Iterator[str]:
    """Yield `text` with each spelling that the problem's hint offers in place of what was typed."""
    path = tuple(problem.field.split("."))
    if not problem.field or problem.code == "not-applicable" or "begin each" in problem.hint or "lines" in problem.hint:
        return
    for spelled in SPELLED.findall(problem.hint):
        key, sign, value = spelled.partition(": ")
        if problem.code in ("unknown-name", "unknown-party"):
            if editing.value_at(editing.answers_in_text(text), path) is not None and "did you mean" in problem.hint:
                is_name = problem.code == "unknown-name" or path[0] == "responsibilities"
                yield editing.rename_entry(text, path, spelled) if is_name else editing.set_answer(text, path, spelled)
        elif not sign:
            yield editing.set_answer(text, path, spelled)
        elif key == path[-1]:
            yield editing.set_answer(text, path, value_of(value))


def value_of(text: str) -> object:
    """Return what an example in brackets says, or the text itself."""
    return editing.answers_in_text(f"it: {text}\n")["it"] if text[:1] in "{[" else text

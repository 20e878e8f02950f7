"""Hints can be followed: what a hint offers is typed in place of the mistake, and is accepted there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from agreementgen import pipeline
from agreementgen.batch.items import gather_items
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Unreadable
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import AnswerContext, suggest_choice, walk_questions
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


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("Corp", 'did you mean "corporation"?'),
        ("Corp.", 'did you mean "corporation"?'),
        ("nonprof", 'did you mean "nonprofit"?'),
        ("corporatoin", 'did you mean "corporation"?'),
        ("x", "choose one of: LLC, corporation, S corporation, nonprofit"),
    ],
)
def test_the_nearest_choice_is_named(word: str, hint: str) -> None:
    assert suggest_choice(word, ["LLC", "corporation", "S corporation", "nonprofit"]) == hint


BASE = """\
agreement: referral
law: Ohio
venue: Montgomery County, Ohio
parties:
  - {name: Elm Bakery LLC, entity: LLC, formed in: Ohio, address: "1 Elm Street, Dayton, OH 45402", email: a@elm.example, signatory: {name: Ana Elm, title: Owner}}
  - {short: Partner}
scope: {purpose: Send each other customers with coupons}
responsibilities: {Elm Bakery: [Hands out the coupons of the partner], Partner: [Hands out the coupons of the bakery]}
financial: {model: referral fee, fee: 5%, tracking: {system: shared list, kept by: payer}}
"""
COLUMNS = {
    "parties.2.name": "Oak Mill, Inc.",
    "parties.2.entity": "Corp",
    "parties.2.formed in": "Vermnt",
    "parties.2.address": "2 Oak Street, Dayton, OH 45402",
    "parties.2.email": "mailto:bo@oak.example",
    "parties.2.signatory.name": "Bo Oak",
    "effective": "20270115",
    "duration.term": "1.5 years",
    "termination.notice": "30",
    "financial.fee": "ten percent",
    "liability.floor": "$10.000",
}


def test_hints_on_cells_of_a_table_can_be_followed(tmp_path: Path, library: Library) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    cells, followed = dict(COLUMNS), []
    # A table may leave a signer's title to be written by hand, so none is asked for.
    while len(followed) < 20 and (found := read_table_problems(tmp_path, cells, library)):
        for problem in found:
            spelled = [text for text in SPELLED.findall(problem.hint) if ": " not in text]
            assert spelled, f"{problem.field}: {problem.hint}"
            followed.append(problem.field)
            cells[problem.field] = spelled[0]
    assert sorted(followed) == sorted([
        "parties.2.entity", "parties.2.formed in", "parties.2.email", "effective", "duration.term", "termination.notice",
        "financial.fee", "liability.floor",
    ])  # fmt: skip


def read_table_problems(folder: Path, cells: dict[str, str], library: Library) -> tuple[Problem, ...]:
    """Return what is wrong with a table of one partner."""
    with (folder / "partners.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([cells.keys(), cells.values()])
    try:
        item = gather_items([str(folder / "base.yaml"), str(folder / "partners.csv")])[0]
        pipeline.read_answers(item.read_answers(), item.source, library)
    except InputError as error:
        return error.problems
    return ()

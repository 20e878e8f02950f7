"""Every kind of agreement in each answer that decides its words, drafted in the full and in the short wording."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from agreementgen.authoring import lints
from agreementgen.authoring.branches import AnswersByPath, Attempt, BranchDrafter, vary_one_answer
from agreementgen.core.document import Clause, Document
from agreementgen.core.problems import Place
from agreementgen.deal.reader import node_as_data
from agreementgen.language.analysis import analyze_text
from agreementgen.library.loading import built_in_library

LIBRARY = built_in_library()
FACTS = LIBRARY.shape_of_facts()
SOURCES = {clause.id: clause for clause in LIBRARY.each_clause()}


# What only several answers together bring into an agreement.
_MORE_ANSWERS: Mapping[str, tuple[AnswersByPath, ...]] = {
    "referral": ({"leads.a month": "5", "leads.close rate": "40%", "leads.average deal": "$10,000",
                  "leads.print expected": "yes"},),
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """One deal in both wordings."""

    told: Attempt
    full: Document
    short: Document


@cache
def list_drafts() -> tuple[Draft, ...]:
    """Return each answer once, in the first kind of agreement that asks for it, and the usual answers in each kind.

    Answers about money, on which clauses of each kind depend, are tried in each kind; with AGREEMENTGEN_EVERY_BRANCH,
    all are. The first worker of a run that asks drafts them for all.
    """
    folder = os.environ.get("AGREEMENTGEN_TEST_RUN")
    if folder is None:
        return _make_drafts()  # not called by pytest
    shared = Path(folder) / "drafts.pickle"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            shared.write_bytes(pickle.dumps(_make_drafts(), pickle.HIGHEST_PROTOCOL))
        drafts: tuple[Draft, ...] = pickle.loads(shared.read_bytes())
    return drafts


def _make_drafts() -> tuple[Draft, ...]:
    drafter = BranchDrafter(LIBRARY)
    drafts = []
    seen: set[str] = set()
    for kind in drafter.kinds:
        for parties, answers in _each_deal(drafter, kind):
            key = f"{parties}{json.dumps(answers)}"
            once = answers and not os.environ.get("AGREEMENTGEN_EVERY_BRANCH") and "financial" not in key
            if once and key in seen:
                continue
            seen.add(key)
            if draft := _draft_both(drafter, kind, parties, answers):
                drafts.append(draft)
    return tuple(drafts)


def _each_deal(drafter: BranchDrafter, kind: str) -> Iterator[tuple[int, AnswersByPath]]:
    questions = drafter.questions_by_fact(kind)
    usual = {path: node_as_data(question.default) for path, question in questions.values() if question.default}
    for answers in vary_one_answer(drafter.list_varied_options(kind, questions, 2)):
        if not any(usual.get(path) == answer for path, answer in answers.items()):
            yield 2, answers
    yield from ((2, answers) for answers in _MORE_ANSWERS.get(kind, ()))
    if drafter.outline_of(kind).party_limits[1] > 2:
        yield 3, {}
    for clause in LIBRARY.each_clause():
        for test in clause.tests:
            if drafter.kind_for_test(clause.topic, test.kind) == kind:
                yield test.parties, {path: node_as_data(node) for path, node in test.facts.items()}


def _draft_both(drafter: BranchDrafter, kind: str, parties: int, answers: AnswersByPath) -> Draft | None:
    full = drafter.draft_once(kind, parties, answers, False)
    short = drafter.draft_once(kind, parties, answers, True)
    told = Attempt(kind, parties, json.dumps(answers, ensure_ascii=False))
    return Draft(told, full, short) if full and short else None


def text_of(clause: Clause) -> str:
    return lints.text_of_clause(clause)


@cache
def rows_of_source(clause_id: str) -> frozenset[str]:
    """Return the ids of the rows that a wording names by term() in any of its branches."""
    return frozenset(analyze_text(SOURCES[clause_id].body.text, Place(), FACTS).rows)


def rows_named(document: Document, clause: Clause) -> frozenset[str]:
    """Return the ids of the rows of `document` that `clause` names by their labels, as printed."""
    labels = {row.id: row.label for row in document.rows}
    text = text_of(clause)
    return frozenset(row for row in rows_of_source(clause.id) if labels.get(row, "\0") in text)

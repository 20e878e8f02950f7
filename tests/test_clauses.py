"""Every clause and row in every combination of the answers its wording depends on: correct, short, plain English."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from agreementgen import pipeline
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import Question, name_of, walk
from agreementgen.document import Clause, Document, ItemList, block_runs, text_of
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.errors import InputError, Place
from agreementgen.language import syntax
from agreementgen.library.clauses import ClauseText, Row
from agreementgen.library.library import Library, built_in

LIBRARY = built_in()
PARTIES = [
    {"name": "Northshore Web Studio LLC", "short": "Northshore", "entity": "LLC", "formed in": "Maine"},
    {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "entity": "corporation", "formed in": "Ohio"},
]
COMMON = {"address": "1 Main Street, Salem, MA", "email": "a@b.example", "signatory": {"name": "Dana", "title": "CEO"}}
BASE: dict[str, Any] = {
    "agreement": "referral",
    "law": "Massachusetts",
    "venue": "Essex County, Massachusetts",
    "parties": [party | COMMON for party in PARTIES],
    "scope": {"purpose": "refer clients to each other"},
    "responsibilities": {"Northshore": ["refers clients"], "Bay Rank": ["answers leads."]},
    "financial": {"model": "referral fee", "fee": "10%", "tracking": {"system": "CRM", "kept by": "payer"}},
    "exclusivity": {"kind": "none"},
}
# A second entry of lists whose rows say something between two.
SECOND = {"goals": [{"name": "Revenue", "target": "$5,000", "owner": "Bay Rank", "source": "the ledger"}]}
SECOND |= {"tiers": [{"from": "5", "fee": "12%"}]}
# Where there are more combinations, every pair of answers is tried instead.
MOST = 200
Answers = Mapping[str, Any]


def questions(library: Library, kind: str) -> dict[str, tuple[str, Question]]:
    """Return every question by the path that clauses use, with its path in a deal file; lists count as one."""
    found = dict(walk(library.questions(library.outline(kind))))
    lists = [f"{path}." for path, question in found.items() if question.type in ("list of groups", "per party")]
    return {name_of(path): (path, found[path]) for path in found if not path.startswith(tuple(lists))}


def example(question: Question, full: bool = False) -> Any:
    """Return an answer such as people give: what is needed, or everything."""
    if question.type == "group":
        return {part.key: example(part) for part in question.of if full or part.needed}
    if question.type == "list of groups":
        return [example(replace(question, type="group"), full)]
    if question.type == "list":
        return [example(question.of[0])]
    if question.type == "per party":
        return {party["short"]: example(question.of[0]) for party in PARTIES}
    if question.type == "shares":
        return {"Northshore": "50%", "Bay Rank": "50%"}
    if question.choices:
        return next(iter(question.choices))
    return {"party": "Northshore"}.get(question.type, question.example or "5")


def options(question: Question) -> list[Any]:
    """Return the answers that may change the wording; None for no answer."""
    if question.type == "choice":
        return list(question.choices or ())
    if question.type == "yes/no":
        return ["yes", "no"]
    if question.type == "group":
        return ["no", example(question)] if question.words else [None]
    if question.type == "list of groups":
        return [None, example(question), example(question, full=True) + SECOND.get(question.key, [])]
    if question.type == "integer":
        return [*([None] if not question.default else []), "1", "5"]
    if question.type == "party" and question.words:
        return [*question.words, "Bay Rank"]
    if question.type in ("percent", "duration", "money", "percent or money"):
        zero = {"duration": "0 days", "money": "$0"}.get(question.type, "0%")
        return [question.example or None, zero] if question.limits.least in ("0%", "0 days") else [None]
    if question.default:
        return [None]
    return [None, example(question)]


def combinations(paths: list[str]) -> Iterator[Answers]:
    """Yield all combinations of answers to the questions at `paths`; each pair of them where that is too many."""
    known = questions(LIBRARY, "referral")
    asked = {known[path][0]: options(known[path][1]) for path in paths if path in known}
    asked = {path: found for path, found in asked.items() if len(found) > 1}
    count = 1
    for found in asked.values():
        count *= len(found)
    if count <= MOST:
        for answers in itertools.product(*asked.values()):
            yield dict(zip(asked, answers, strict=True))
        return
    for one, other in itertools.combinations(asked, 2):
        for answers in itertools.product(asked[one], asked[other]):
            yield dict(zip((one, other), answers, strict=True))


def put(deal: dict[str, Any], path: str, answer: Any) -> None:
    *groups, last = path.split(".")
    for name in groups:
        if not isinstance(deal.get(name), dict):
            if deal.get(name) == "no":
                return  # the whole group is not there
            deal[name] = {}
        deal = deal[name]
    if answer is None:
        deal.pop(last, None)
    elif isinstance(answer, dict) and isinstance(deal.get(last), dict):
        deal[last] |= answer
    else:
        deal[last] = answer


def drop(deal: dict[str, Any], path: str) -> None:
    *groups, last = path.split(".")
    for name in groups:
        deal = deal.get(name) or {}
    deal.pop(last, None)


def read(answers: Answers) -> Deal | None:
    """Return a deal with `answers`, completed with what they make necessary; None where they exclude each other."""
    known = dict(questions(LIBRARY, "referral").values())
    deal = json.loads(json.dumps(BASE))
    for path, answer in sorted(answers.items(), key=lambda item: item[0].count(".")):
        put(deal, path, answer)
    for _ in range(4):
        try:
            return pipeline.read(json.dumps(deal).encode(), "deal.yaml", LIBRARY)
        except InputError as error:
            for problem in error.problems:
                if problem.field not in known:
                    raise
                if problem.message.startswith("this is missing"):
                    put(deal, problem.field, example(known[problem.field]))
                elif problem.field in answers:
                    return None
                else:
                    drop(deal, problem.field)
    return None


@cache
def written(answers: tuple[tuple[str, str], ...], short: bool) -> Document | None:
    """Return the agreement of `answers` (as JSON, to be kept for the other clauses and rows of the topic)."""
    deal = read({path: json.loads(answer) for path, answer in answers})
    return drafted(deal, short) if deal else None


def documents(paths: list[str], short: bool) -> Iterator[tuple[Answers, Document]]:
    for answers in combinations(paths):
        document = written(tuple((path, json.dumps(answer)) for path, answer in answers.items()), short)
        if document:
            yield answers, document


def drafted(deal: Deal, short: bool) -> Document:
    outline = LIBRARY.outline(deal.kind)
    return draft(deal, LIBRARY, outline, select(deal, LIBRARY, outline, short))


def used(clause: ClauseText) -> list[str]:
    """Return the facts a clause's text and condition depend on."""
    facts = LIBRARY.shape()
    found = syntax.analyse(clause.body.source, Place(), facts)
    paths = set(found.facts)
    if clause.when.source:
        paths |= syntax.analyse_expression(clause.when.source, Place(), facts).facts
    if "confidentiality" in found.topics:
        paths.add("confidentiality.kind")
    # A fact of a group depends on whether the group is there.
    return sorted({*paths, *(".".join(path.split(".")[:-1]) for path in paths if "." in path)})


CLAUSES = [clause for found in LIBRARY.clauses.values() for clause in found]
ROWS = [row for topic in LIBRARY.topics.values() for row in topic.rows]
ARCHAIC = re.compile(
    r"\b(here(by|in|of|to|under|after|with|unto|inafter|tofore)|there(of|in|to|under|after|for|with|upon|from)|"
    r"where(as|of|in|by|upon|fore)|witnesseth|aforesaid|aforementioned|said|same is|such party|pursuant|forthwith|"
    r"notwithstanding|hence|thence|shall|inter alia|mutatis|prior to|in the event (that|of)|null and void)\b",
    re.IGNORECASE,
)


def faults(text: str) -> list[str]:
    found = [f"{name}: {text}" for name, pattern in FAULTS.items() if re.search(pattern, text)]
    return found + [f'archaic "{match[0]}": {text}' for match in ARCHAIC.finditer(text)]


FAULTS = {
    "two spaces": r"  ",
    "space at an end": r"^ | $",
    "space before a sign": r" [,.;:)!?]",
    "space behind a bracket": r"\( ",
    "two signs": r"[,;:.][,;:]|(?<!\.)\.\.(?!\.)|,\.|;\.",
    "no space behind a sign": r"[a-z][,;][A-Za-z]|[a-z]{2}\.[A-Z]",
    "a straight quote": r"['\"]",
    "an empty bracket": r"\(\)",
    "a leftover of the language": r"[{}%]\}|\{[{%]",
}


def check(clause: Clause, source: ClauseText) -> list[str]:
    found = []
    count = 0
    for block in clause.blocks:
        for runs in block_runs(block):
            text = text_of(runs)
            count += len(text.split())
            if not text.strip():
                found.append("an empty paragraph")
            found += faults(text)
            if not isinstance(block, ItemList) and not re.search(r"[.!?]$", text):
                found.append(f"no stop at the end: {text}")
            found += [f"a small first letter: {part}" for part in re.split(r"(?<=[.!?]) ", text) if part[:1].islower()]
    if count > source.words:
        text = " ".join(text_of(runs) for block in clause.blocks for runs in block_runs(block))
        found.append(f"{count} words, {source.words} allowed: {text}")
    return found


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_reads_well_whatever_is_chosen(source: ClauseText) -> None:
    seen: set[str] = set()
    found: dict[str, Answers] = {}
    for answers, document in documents(used(source), source.position == "short"):
        for clause in document.clauses:
            if clause.id == source.id:
                seen.add(str(clause.blocks))
                found |= {fault: answers for fault in check(clause, source) if fault not in found}
    assert seen, "no combination of answers brings this clause into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_reads_well_whatever_is_chosen(source: Row) -> None:
    paths: set[str] = set()
    shape = LIBRARY.shape()
    each = source.each.replace(" ", "_")
    if each:
        paths.add(each)
    else:
        paths |= syntax.analyse(source.says.source, Place(), shape).facts
        if source.when.source:
            paths |= syntax.analyse_expression(source.when.source, Place(), shape).facts
    paths |= {".".join(path.split(".")[:-1]) for path in paths if "." in path}
    seen: set[str] = set()
    found: dict[str, Answers] = {}
    for answers, document in documents(sorted(paths), False):
        for pair in document.terms:
            for row in (pair.left, pair.right):
                if row is not None and row.id == source.id:
                    text = text_of(row.runs)
                    seen.add(text)
                    wrong = [fault for fault in (*faults(text), *faults(row.label)) if "straight quote" not in fault]
                    if text[:1].islower():
                        wrong.append(f"a small first letter: {text}")
                    found |= {fault: answers for fault in wrong if fault not in found}
    assert seen, "no combination of answers brings this row into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())


def own_words(source: str) -> str:
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_is_written_with_real_apostrophes_and_in_todays_english(source: ClauseText) -> None:
    text = f"{source.title} {own_words(source.body.source)}"
    assert not re.findall(r"\S*['\"`]\S*", text)
    assert not [match[0] for match in ARCHAIC.finditer(text)]
    assert source.words > 0, "a clause has a word budget"
    assert source.guidance or source.position == "short", "a clause has guidance"


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_is_written_with_real_apostrophes(source: Row) -> None:
    assert not re.findall(r"\S*['\"`]\S*", own_words(f"{source.label.source} {source.says.source}"))

"""Every clause and row in every combination of the answers its wording depends on: correct, short, plain English."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, partial
from typing import Any

import pytest

from agreementgen import trial
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import Question, name_of, walk
from agreementgen.document import Clause, Document, ItemList, block_runs, text_of
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.errors import Place
from agreementgen.language import syntax
from agreementgen.language.conditions import references
from agreementgen.library.clauses import ClauseText, Row, Trial
from agreementgen.library.library import built_in

LIBRARY = built_in()
KINDS = tuple(LIBRARY.outlines)
# A second entry of lists whose rows say something between two.
SECOND: dict[str, Any] = {
    "goals": [{"name": "Revenue", "target": "$5,000", "owner": "Bay Rank", "source": "the ledger"}],
    "financial.tiers": [{"from": "5", "fee": "12%"}],
}
# All branches in every kind of agreement and number of parties take half an hour; a run as usual tries all of them for
# two parties in one kind, and each answer for more parties and in the other kinds.
THOROUGH = bool(os.environ.get("AGREEMENTGEN_EVERY_BRANCH"))
# Where there are more combinations, every pair of answers is tried instead.
MOST = 150 if THOROUGH else 64
Answers = Mapping[str, Any]


@cache
def questions(kind: str) -> dict[str, tuple[str, Question]]:
    """Return every question by the path that clauses use, with its path in a deal file; lists count as one."""
    found = dict(walk(LIBRARY.questions(LIBRARY.outline(kind))))
    lists = [f"{path}." for path, question in found.items() if question.type in ("list of groups", "per party")]
    return {name_of(path): (path, found[path]) for path in found if not path.startswith(tuple(lists))}


def options(path: str, question: Question, names: list[str]) -> list[Any]:
    """Return the answers that may change the wording; None for no answer."""
    if question.type == "choice":
        return list(question.choices or ())
    if question.type == "yes/no":
        return ["yes", "no"]
    if question.type == "group":
        return ["no", trial.example(question, names) or "yes"] if question.words else [None]
    if question.type == "list of groups":
        more = trial.example(question, names, full=True) + SECOND.get(path, [])
        return [None, trial.example(question, names), more]
    if question.type == "integer":
        return [*([None] if not question.default else []), question.limits.least or "1", "5"]
    if question.type == "party":
        return [*(question.words or ([None] if question.default or not question.needed else [])), names[1]]
    if question.type in ("percent", "duration", "money", "percent or money"):
        zero = {"duration": "0 days", "money": "$0"}.get(question.type, "0%")
        if question.limits.least in ("0%", "0 days", "0 months"):
            return [question.example or None, zero]
        return [None] if question.default else [None, trial.example(question, names)]
    if question.default:
        return [None]
    return [None, trial.example(question, names)]


def asked(kind: str, paths: Collection[str], parties: int) -> dict[str, list[Any]]:
    """Return the options of the questions at `paths` that have more than one."""
    known = questions(kind)
    names = [str(party["short"]) for party in trial.PARTIES[:parties]]
    found = {known[path][0]: options(path, known[path][1], names) for path in paths if path in known}
    return {path: options for path, options in found.items() if len(options) > 1 and path != "agreement"}


def every(found: Mapping[str, list[Any]]) -> Iterator[Answers]:
    """Yield all combinations of answers; each pair of them where that is too many."""
    if math.prod(len(options) for options in found.values()) <= MOST:
        for answers in itertools.product(*found.values()):
            yield dict(zip(found, answers, strict=True))
        return
    for one, other in itertools.combinations(found, 2):
        for pair in itertools.product(found[one], found[other]):
            yield dict(zip((one, other), pair, strict=True))


def each(found: Mapping[str, list[Any]]) -> Iterator[Answers]:
    """Yield each answer once, with the others as usual."""
    yield {}
    for path, options in found.items():
        for answer in options:
            yield {path: answer}


def documents(
    topic: str, paths: Collection[str], usual: Answers, short: bool, wanted: str = ""
) -> Iterator[tuple[str, int, Document]]:
    """Yield agreements in the branches that depend on `paths`, for two, three and six parties; and what they are.

    All branches in the kind of agreement that knows most of the facts; each answer once in the others. `usual` are
    answers that all of them have. With `wanted`, only those that have this clause.
    """
    kinds = sorted(
        (kind for kind in KINDS if topic in LIBRARY.outline(kind).topics),
        key=lambda kind: (-len(asked(kind, paths, 2)), KINDS.index(kind)),
    )
    for kind in kinds:
        first = kind == kinds[0]
        least, most = LIBRARY.outline(kind).parties
        for parties in (2, 3, 6):
            ways = every if THOROUGH or (first and parties == 2) else each if first or parties == 2 else usually
            if least <= parties <= most:
                for answers in ways(asked(kind, paths, parties)):
                    yield from made(kind, parties, {**usual, **answers}, short, wanted)


def usually(found: Mapping[str, list[Any]]) -> Iterator[Answers]:
    yield {}


def made(kind: str, parties: int, answers: Answers, short: bool, wanted: str) -> Iterator[tuple[str, int, Document]]:
    document = written(kind, parties, json.dumps(answers), short, wanted)
    if document:
        yield f"{kind}, {parties} parties, {answers}", parties, document


@cache
def written(kind: str, parties: int, answers: str, short: bool, wanted: str) -> Document | None:
    """Return the agreement of `answers` (as JSON, to be kept for the other rows of a topic)."""
    deal = trial.deal(LIBRARY, kind, json.loads(answers), parties)
    if deal is None:
        return None
    outline = LIBRARY.outline_of(deal)
    selection = select(deal, LIBRARY, outline, short)
    if wanted and wanted not in {clause.id for clause in selection.clauses}:
        return None
    return draft(deal, LIBRARY, outline, selection)


def from_tests(source: ClauseText, paths: set[str]) -> Iterator[tuple[str, int, Document]]:
    """Yield agreements with each answer once, beginning with the facts of the clause's own tests."""
    for wanted in source.trials:
        kind = kind_of(source, wanted)
        facts = {path: trial.plain(node) for path, node in wanted.facts.items()}
        for answers in each(asked(kind, paths, wanted.parties)):
            given = {**positioned(source), **facts, **answers}
            yield from made(kind, wanted.parties, given, source.position == "short", source.id)


def kind_of(source: ClauseText, wanted: Trial) -> str:
    kinds = [kind for kind in KINDS if source.topic in LIBRARY.outline(kind).topics]
    return wanted.kind or kinds[0]


def positioned(source: ClauseText) -> Answers:
    """Return the answer that chooses the position of a clause."""
    return {} if source.position in ("balanced", "short") else {f"position by topic.{source.topic}": source.position}


def wordings(source: ClauseText) -> Iterator[tuple[str, int, Clause]]:
    """Yield every wording of a clause that its conditions lead to, once, with where it was found."""
    seen: set[str] = set()
    paths = used(source)
    ways: list[Callable[[], Iterator[tuple[str, int, Document]]]] = [lambda: from_tests(source, paths)]
    for known in (paths, deeper(paths), deeper(deeper(paths))):
        ways.append(partial(documents, source.topic, known, positioned(source), source.position == "short", source.id))
    for number, way in enumerate(ways):
        if number > 1 and seen:
            return  # its conditions are met without looking deeper
        for told, parties, document in way():
            for clause in document.clauses:
                if clause.id == source.id and (key := f"{parties > 2}{clause.blocks}") not in seen:
                    seen.add(key)
                    yield told, parties, clause


def deeper(paths: set[str]) -> set[str]:
    """Return `paths` with the facts that decide whether their questions are asked."""
    found = set(paths)
    for kind in KINDS:
        for path in paths & set(questions(kind)):
            found |= {".".join(names) for names in references(questions(kind)[path][1].when) if names[0] != "this"}
    return found


def drafted(deal: Deal, short: bool) -> Document:
    outline = LIBRARY.outline_of(deal)
    return draft(deal, LIBRARY, outline, select(deal, LIBRARY, outline, short))


def used(clause: ClauseText) -> set[str]:
    """Return the facts a clause's text and condition depend on."""
    facts = LIBRARY.shape()
    found = syntax.analyse(clause.body.source, Place(), facts)
    paths = set(found.facts)
    if clause.when.source:
        paths |= syntax.analyse_expression(clause.when.source, Place(), facts).facts
    if "confidentiality" in found.topics:
        paths.add("confidentiality.kind")
    # A fact of a group depends on whether the group is there.
    return paths | {".".join(path.split(".")[:-1]) for path in paths if "." in path}


CLAUSES = [clause for found in LIBRARY.clauses.values() for clause in found]
ROWS = [row for topic in LIBRARY.topics.values() for row in topic.rows]
ARCHAIC = re.compile(
    r"\b(here(by|in|of|to|under|after|with|unto|inafter|tofore)|there(of|in|to|under|after|for|with|upon|from)|"
    r"where(as|of|in|by|upon|fore)|witnesseth|aforesaid|aforementioned|said|same is|such party|pursuant|forthwith|"
    r"notwithstanding|hence|thence|shall|inter alia|mutatis|prior to|in the event (that|of)|null and void)\b",
    re.IGNORECASE,
)


def faults(text: str, parties: int) -> list[str]:
    found = [f"{name}: {text}" for name, pattern in FAULTS.items() if re.search(pattern, text)]
    if parties > 2 and (match := OF_TWO.search(text)):
        found.append(f'"{match[0]}" is said of two parties only: {text}')
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
    "an orphan and": r"\b(and|or)[,.;:]|[,;:(] (and|or) (and|or)\b|^(and|or)\b",
}
# What can be said of two parties only.
OF_TWO = re.compile(
    r"\b([Tt]he other (party|side)|[Tt]he other’s|[Ee]ither party|[Nn]either|[Bb]oth parties|[Bb]oth (may|will)|"
    r"[Tt]he other (may|will|of)|for both|to the other[,.; ])"
)


def check(clause: Clause, source: ClauseText, parties: int) -> list[str]:
    found = []
    count = 0
    for block in clause.blocks:
        for runs in block_runs(block):
            text = text_of(runs)
            count += len(text.split())
            if not text.strip():
                found.append("an empty paragraph")
            found += faults(text, parties)
            if not isinstance(block, ItemList) and not re.search(r"[.!?:]$", text):
                found.append(f"no stop at the end: {text}")
            found += [f"a small first letter: {part}" for part in re.split(r"(?<=[.!?]) ", text) if part[:1].islower()]
    if count > source.words:
        text = " ".join(text_of(runs) for block in clause.blocks for runs in block_runs(block))
        found.append(f"{count} words, {source.words} allowed: {text}")
    return found


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_reads_well_whatever_is_chosen(source: ClauseText) -> None:
    found: dict[str, str] = {}
    count = 0
    for told, parties, clause in wordings(source):
        count += 1
        found |= dict.fromkeys(check(clause, source, parties), told)
    assert count, "no combination of answers brings this clause into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_reads_well_whatever_is_chosen(source: Row) -> None:
    paths: set[str] = set()
    shape = LIBRARY.shape()
    if source.each:
        paths.add(source.each)
    else:
        paths |= syntax.analyse(source.says.source, Place(), shape).facts
        if source.when.source:
            paths |= syntax.analyse_expression(source.when.source, Place(), shape).facts
    if any(path.startswith("figures.") for path in paths):
        paths |= {"leads.a_month", "leads.close_rate", "leads.average_deal"}
    paths |= {".".join(path.split(".")[:-1]) for path in paths if "." in path}
    topic = next(name for name, topic in LIBRARY.topics.items() if source in topic.rows)
    seen: set[str] = set()
    found: dict[str, str] = {}
    for known in (paths, deeper(paths), deeper(deeper(paths))):
        for told, parties, document in documents(topic, known, {}, False) if not seen else ():
            for row in (row for pair in document.terms for row in (pair.left, pair.right) if row is not None):
                if row.id == source.id and (text := text_of(row.runs)) not in seen:
                    seen.add(text)
                    wrong = [*faults(text, parties), *faults(row.label, parties)]
                    wrong = [fault for fault in wrong if "straight quote" not in fault]
                    if text[:1].islower():
                        wrong.append(f"a small first letter: {text}")
                    found |= dict.fromkeys(wrong, told)
    assert seen, "no combination of answers brings this row into an agreement"
    assert not found, "\n".join(f"{fault}\n    {answers}" for fault, answers in found.items())


TRIALS = [(clause, number) for clause in CLAUSES for number in range(len(clause.trials))]


@pytest.mark.parametrize(("source", "number"), TRIALS, ids=lambda part: getattr(part, "id", str(part)))
def test_a_clause_says_what_its_own_tests_ask(source: ClauseText, number: int) -> None:
    wanted = source.trials[number]
    answers = {path: trial.plain(node) for path, node in wanted.facts.items()}
    deal = trial.deal(LIBRARY, kind_of(source, wanted), {**positioned(source), **answers}, wanted.parties)
    assert deal, "these facts exclude each other"
    found = [clause for clause in drafted(deal, source.position == "short").clauses if clause.id == source.id]
    assert found, "with these facts the clause is not chosen"
    text = " ".join(text_of(runs) for block in found[0].blocks for runs in block_runs(block))
    assert not [words for words in wanted.contains if words not in text], text
    assert not [words for words in wanted.lacks if words in text], text


def own_words(source: str) -> str:
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)


@pytest.mark.parametrize("source", CLAUSES, ids=lambda clause: f"{clause.topic}/{clause.id}")
def test_a_clause_is_written_with_real_apostrophes_and_in_todays_english(source: ClauseText) -> None:
    text = f"{source.title} {own_words(source.body.source)}"
    assert not re.findall(r"\S*['\"`]\S*", text)
    assert not [match[0] for match in ARCHAIC.finditer(text)]
    assert source.words > 0, "a clause has a word budget"
    assert source.guidance.why or source.position == "short", "a clause has guidance"


@pytest.mark.parametrize("source", ROWS, ids=lambda row: row.id)
def test_a_row_is_written_with_real_apostrophes(source: Row) -> None:
    assert not re.findall(r"\S*['\"`]\S*", own_words(f"{source.label.source} {source.says.source}"))

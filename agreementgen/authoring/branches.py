"""Agreements in every combination of the answers that a clause or row depends on.

Answers aimed at a branch: what conditions want of facts, as a deal file says it.

Clauses that fit one deal equally well: found by solving their conditions together, and proven by a deal.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations, islice
from typing import Any

from agreementgen import examples
from agreementgen.authoring.lints import finding
from agreementgen.core.document import Clause, Document, Runs
from agreementgen.core.problems import AgreementError, Finding, PackError, Place
from agreementgen.core.values import name_of_code
from agreementgen.deal.questions import Question, name_of, walk
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.language import analysis
from agreementgen.language.conditions import Amount, Values, Wish, facts_of, references, solutions, wish
from agreementgen.library.clauses import ClauseText, Row, Trial
from agreementgen.library.library import Library

# Where there are more combinations, every pair of answers is tried instead.
MOST, MOST_THOROUGH = 64, 150
# A second entry of lists whose rows say something between two.
_SECOND: Mapping[str, list[dict[str, str]]] = {
    "goals": [{"name": "Revenue", "target": "$5,000", "owner": examples.PARTIES[1]["short"], "source": "the ledger"}],
    "financial.tiers": [{"from": "5", "fee": "12%"}],
}
# What makes an agreement one at all, and is never varied.
_HEAD = ("agreement", "parties")
# Types of questions whose answers choose clauses and rows.
_DECIDING = ("choice", "yes/no", "group", "list of groups", "per party")
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """One agreement that was tried: its kind, how many parties it has, and the answers that set it apart."""

    kind: str
    parties: int
    answers: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.parties} parties, {self.answers}"


class Branches:
    """Tries the texts of a library. `thorough`: all combinations in all kinds and numbers of parties.

    As usual: all combinations for two parties in the kind that asks for most of the facts, and each answer once for
    three and six parties and in the other kinds. What cannot be drafted is told to `failed`, and raised without one.
    """

    def __init__(
        self, library: Library, thorough: bool = False, failed: Callable[[Way, AgreementError], None] | None = None
    ) -> None:
        self.library = library
        self.failed = failed
        self.thorough = thorough
        self.kinds = tuple(library.offered)
        self.most = MOST_THOROUGH if thorough else MOST
        self.tried = 0
        # Kinds, for a number of parties, whose questions cannot be answered at all: said once.
        self._hopeless: set[tuple[str, int]] = set()
        self._questions: dict[str, dict[str, tuple[str, Question]]] = {}
        self._written: dict[tuple[str, int, str, bool, str], Document | None] = {}

    # -- what is tried

    def wordings(self, source: ClauseText) -> Iterator[tuple[Way, Clause]]:
        """Yield every wording of a clause that its conditions lead to, once for two and once for more parties.

        Raise PackError where a text cannot be filled in, or points to what an agreement does not have.
        """
        seen: set[str] = set()
        paths = self.used(source)
        ways: list[Callable[[], Iterator[tuple[Way, Document]]]] = [lambda: self.from_trials(source, paths)]
        short = source.position == "short"
        for known in (paths, self.deeper(paths), self.deeper(self.deeper(paths))):
            ways.append(partial(self.documents, source.topic, known, positioned(source), short, source.id))
        for number, way in enumerate(ways):
            if number > 1 and seen:
                return  # its conditions are met without looking deeper
            for told, document in way():
                for clause in document.clauses:
                    if clause.id == source.id and (key := f"{told.parties > 2}{clause.blocks}") not in seen:
                        seen.add(key)
                        yield told, clause

    def rows(self, source: Row) -> Iterator[tuple[Way, str, Runs]]:
        """Yield every wording of a row of the key terms, with its label; raise PackError like `wordings`."""
        paths = self.used_by_row(source)
        topic = next(name for name, topic in self.library.topics.items() if source in topic.rows)
        seen: set[Runs] = set()
        for known in (paths, self.deeper(paths), self.deeper(self.deeper(paths))):
            for told, document in self.documents(topic, known, {}, False) if not seen else ():
                for row in (row for pair in document.terms for row in (pair.left, pair.right) if row is not None):
                    if row.id == source.id and row.runs not in seen:
                        seen.add(row.runs)
                        yield told, row.label, row.runs

    def documents(
        self, topic: str, paths: Collection[str], usual: Answers, short: bool, wanted: str = ""
    ) -> Iterator[tuple[Way, Document]]:
        """Yield agreements in the branches that depend on `paths`, for two, three and six parties.

        `usual` are answers that all of them have. With `wanted`, only those that have this clause.
        """
        kinds = sorted(
            (kind for kind in self.kinds if topic in self.library.outline(kind).topics),
            key=lambda kind: (-len(self.asked(kind, paths, 2)), self.kinds.index(kind)),
        )
        for kind in kinds:
            first = kind == kinds[0]
            least, most = self.library.outline(kind).parties
            for parties in (2, 3, 6):
                if not least <= parties <= most:
                    continue
                found = self.asked(kind, paths, parties)
                if self.thorough or (first and parties == 2):
                    ways = self.every(found)
                else:
                    ways = each(found) if first or parties == 2 else iter([{}])
                for answers in ways:
                    yield from self.made(kind, parties, {**usual, **answers}, short, wanted)

    def from_trials(self, source: ClauseText, paths: set[str]) -> Iterator[tuple[Way, Document]]:
        """Yield agreements with each answer once, beginning with the facts of the clause's own tests."""
        for wanted in source.trials:
            kind = self.kind_of(source.topic, wanted)
            facts = {path: examples.plain(node) for path, node in wanted.facts.items()}
            for answers in each(self.asked(kind, paths, wanted.parties)) if kind else ():
                given = {**positioned(source), **facts, **answers}
                yield from self.made(kind, wanted.parties, given, source.position == "short", source.id)

    def around(self, kind: str, parties: int) -> Iterator[Answers]:
        """Yield a kind's usual answers, and each answer once to questions that decide what is printed at all."""
        yield {}
        if parties == self.library.outline(kind).parties[0]:
            known = {path for path, (_, question) in self.questions(kind).items() if question.type in _DECIDING}
            yield from (answers for answers in each(self.asked(kind, known, parties)) if answers)

    def made(
        self, kind: str, parties: int, answers: Answers, short: bool, wanted: str = ""
    ) -> Iterator[tuple[Way, Document]]:
        way = Way(kind, parties, json.dumps(answers, ensure_ascii=False))
        if (kind, parties) in self._hopeless:
            return
        try:
            document = self.written(kind, parties, answers, short, wanted)
        except AgreementError as error:
            if self.failed is None:
                raise
            self.failed(way, error)
            return
        if document:
            yield way, document

    def written(self, kind: str, parties: int, answers: Answers, short: bool, wanted: str = "") -> Document | None:
        """Return the agreement of `answers`; None where they exclude each other, or it lacks the clause `wanted`."""
        key = (kind, parties, json.dumps(answers), short, wanted)
        if key not in self._written:
            self._written[key] = self._draft(kind, parties, answers, short, wanted)
        return self._written[key]

    def _draft(self, kind: str, parties: int, answers: Answers, short: bool, wanted: str) -> Document | None:
        try:
            deal = examples.deal(self.library, kind, answers, parties)
        except PackError:
            self._hopeless.add((kind, parties))
            raise
        if deal is None:
            return None
        self.tried += 1
        outline = self.library.outline_of(deal)
        selection = select(deal, self.library, outline, short)
        if wanted and wanted not in {clause.id for clause in selection.clauses}:
            return None
        return draft(deal, self.library, outline, selection)

    # -- what it depends on

    def used(self, clause: ClauseText) -> set[str]:
        """Return the facts a clause's text and condition depend on."""
        facts = self.library.shape()
        found = analysis.analyse(clause.body.source, Place(), facts)
        paths = set(found.facts)
        if clause.when.source:
            paths |= analysis.analyse_expression(clause.when.source, Place(), facts).facts
        for topic in found.topics:
            # Whether a topic has a clause depends on what its clauses ask.
            conditions = {other.when.source for other in self.library.clauses.get(topic, ())}
            if "" not in conditions:
                for condition in conditions:
                    paths |= analysis.analyse_expression(condition, Place(), facts).facts
        return with_groups(paths)

    def used_by_row(self, row: Row) -> set[str]:
        if row.each:
            return with_groups({row.each})
        facts = self.library.shape()
        paths = set(analysis.analyse(row.says.source, Place(), facts).facts)
        if row.when.source:
            paths |= analysis.analyse_expression(row.when.source, Place(), facts).facts
        for figure in (figure for topic in self.library.topics.values() for figure in topic.figures):
            if f"figures.{figure.name}" in paths:
                paths |= {factor for factor in (*figure.multiply, figure.each, figure.most) if "." in factor}
        return with_groups(paths)

    def deeper(self, paths: set[str]) -> set[str]:
        """Return `paths` with the facts that decide whether their questions are asked."""
        found = set(paths)
        for kind in self.kinds:
            known = self.questions(kind)
            for path in paths & set(known):
                found |= {".".join(names) for names in references(known[path][1].when) if names[0] != "this"}
        return found

    def kind_of(self, topic: str, wanted: Trial) -> str:
        """Return the kind of agreement that a test names, or the first that has the topic; "" where none has."""
        return wanted.kind or next((k for k in self.kinds if topic in self.library.outline(k).topics), "")

    def questions(self, kind: str) -> dict[str, tuple[str, Question]]:
        """Return every question by the path that clauses use, with its path in a deal file; lists count as one."""
        if kind not in self._questions:
            found = dict(walk(self.library.questions(self.library.outline(kind))))
            lists = [f"{path}." for path, question in found.items() if question.type in ("list of groups", "per party")]
            self._questions[kind] = {
                name_of(path): (path, found[path]) for path in found if not path.startswith(tuple(lists))
            }
        return self._questions[kind]

    def asked(self, kind: str, paths: Collection[str], parties: int) -> dict[str, list[Any]]:
        """Return the options of the questions at `paths` that have more than one."""
        known = self.questions(kind)
        names = [str(party["short"]) for party in examples.PARTIES[:parties]]
        found = {known[path][0]: options(path, known[path][1], names) for path in sorted(paths) if path in known}
        return {path: options for path, options in found.items() if len(options) > 1 and path not in _HEAD}

    def every(self, found: Mapping[str, list[Any]]) -> Iterator[Answers]:
        """Yield all combinations of answers; each pair of them where that is too many."""
        if math.prod(len(options) for options in found.values()) <= self.most:
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


def options(path: str, question: Question, names: list[str]) -> list[Any]:
    """Return the answers that may change the wording; None for no answer."""
    if question.fixed:
        return [None]
    if question.type == "choice":
        return list(question.choices or ())
    if question.type == "yes/no":
        return ["yes", "no"]
    if question.type == "group":
        return ["no", examples.example(question, names) or "yes"] if question.words else [None]
    if question.type == "list of groups":
        more = examples.example(question, names, full=True) + _SECOND.get(path, [])
        return [None, examples.example(question, names), more]
    if question.type == "integer":
        return [*([None] if not question.default else []), question.limits.least or "1", "5"]
    if question.type == "party":
        return [*(question.words or ([None] if question.default or not question.needed else [])), names[1]]
    if question.type in ("percent", "duration", "money", "percent or money"):
        zero = {"duration": "0 days", "money": "$0"}.get(question.type, "0%")
        if question.limits.least in ("0%", "0 days", "0 months"):
            return [question.example or None, zero]
        return [None] if question.default else [None, examples.example(question, names)]
    if question.default:
        return [None]
    return [None, examples.example(question, names)]


def positioned(source: ClauseText) -> Answers:
    """Return the answers without which a clause is not chosen: its position, and a law that it is for."""
    chosen = {} if source.position in ("balanced", "short") else {f"position by topic.{source.topic}": source.position}
    return chosen | ({"law": name_of_code(source.jurisdictions[0])} if source.jurisdictions else {})


def with_groups(paths: set[str]) -> set[str]:
    """Return `paths` with the groups they stand in: a fact depends on whether its group is there."""
    return paths | {".".join(path.split(".")[:-1]) for path in paths if "." in path}


# So many ways to bring a branch about are tried in each kind of agreement.
_MOST = 12
_WRITTEN = {"percent": ("10%", "0%"), "money": ("$500", "$0"), "duration": ("30 days", "0 days")}


def aimed(branches: Branches, kind: str, wishes: tuple[Wish, ...]) -> list[tuple[int, Answers]]:
    """Return numbers of parties and answers, in a kind of agreement, with which the wishes may come true."""
    library = branches.library
    named = facts_of(wishes)
    # What the kind's rules exclude need not be tried.
    rules = [
        one
        for rule in library.form(library.outline(kind)).contradictions
        for one in wish(rule.when, library.shape(), outcome=False)
        if facts_of((one,)) & named
    ]
    found: list[Values] = []
    for wanted in ((*wishes, *rules), wishes):
        try:
            found = list(islice(solutions(wanted), _MOST))
        except OverflowError:
            continue
        break
    known = branches.questions(kind)
    least, most = branches.library.outline(kind).parties
    made: list[tuple[int, Answers]] = []
    for values in found:
        parties = {True: 2, False: 3}.get(values.get("two", least == 2), least)
        if not least <= parties <= most:
            continue
        names = [str(party["short"]) for party in examples.PARTIES[:parties]]
        answers = {known[path][0]: _answer(known[path][1], value, names) for path, value in _facts(values, known)}
        gone = [path.removeprefix("has ") for path, value in values.items() if path.startswith("has ") and not value]
        keys = branches.library.optional(branches.library.outline(kind))
        if any(topic in keys for topic in gone):
            answers["leave out"] = [keys[topic] for topic in gone if topic in keys]
        # What must be answered can still be missing, where the deal leaves out its topic.
        missing = [key for path, value in values.items() if value in (None, ()) and (key := known.get(path, ("",))[0])]
        left_out = [key for key in missing if key in keys.values()]
        variants = [answers]
        if left_out:
            rest = {path: answer for path, answer in answers.items() if path.split(".")[0] not in left_out}
            variants.append(rest | {"leave out": [*rest.get("leave out", ()), *left_out]})
        made += [(parties, one) for one in variants if (parties, one) not in made]
    return made


def _facts(values: Values, known: Mapping[str, tuple[str, Question]]) -> list[tuple[str, Any]]:
    """Return the facts that are questions, groups before what stands in them."""
    return sorted((item for item in values.items() if item[0] in known), key=lambda item: item[0].count("."))


def _answer(question: Question, value: Any, names: list[str]) -> Any:
    """Return what a deal file says for a value; None for no answer."""
    if isinstance(value, Amount):
        if value.positive and question.example:
            return question.example
        return _WRITTEN[value.kind][0 if value.positive else 1]
    if value is None or value == ():
        empty: list[Any] | None = [] if question.type in ("list", "list of groups") and question.default else None
        return "no" if question.words and "no" in question.words else empty
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if question.type == "party" and value == "any":
        return names[1]
    if isinstance(value, str) and value != "any":
        return value
    return examples.example(question, names)


def ties(library: Library, topics: Collection[str]) -> Iterator[Finding]:
    """Yield pairs of clauses of `topics` that a deal can be made for in which both fit."""
    branches = Branches(library)
    for topic in sorted(topics):
        for one, other in combinations(library.clauses.get(topic, ()), 2):
            if (one.position, one.rank) == (other.position, other.rank) and _same_laws(one, other):
                yield from _tie(library, branches, one, other)


def _same_laws(one: ClauseText, other: ClauseText) -> bool:
    return not (one.jurisdictions and other.jurisdictions) or bool(set(one.jurisdictions) & set(other.jurisdictions))


def _tie(library: Library, branches: Branches, one: ClauseText, other: ClauseText) -> Iterator[Finding]:
    facts = library.shape()
    wishes = (*wish(one.when.source, facts), *wish(other.when.source, facts))
    for kind in branches.kinds:
        if one.topic not in library.outline(kind).topics:
            continue
        for parties, answers in aimed(branches, kind, wishes):
            try:
                branches.written(kind, parties, {**positioned(one), **answers}, one.position == "short")
            except AgreementError as error:
                if not any(
                    one.id in problem.message and "equally well" in problem.message for problem in error.problems
                ):
                    continue
                message = f'"{one.id}" and "{other.id}" fit equally well: {kind}, {parties} parties, {answers}'
                hint = "give one a lower rank or a narrower when"
                yield finding("P05", message, hint, other.when.place if other.when.source else other.place)
                return

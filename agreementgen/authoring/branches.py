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
from agreementgen.authoring.lints import make_problem
from agreementgen.core.document import Clause, Document, Runs
from agreementgen.core.problems import AgreementError, PackError, Place, Problem
from agreementgen.core.values import name_of_region
from agreementgen.deal.question_types import TYPES, ChoiceType, IntegerType, PartyType, YesNoType
from agreementgen.deal.questions import Question, Structure, name_in_clauses, walk_questions
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.language import analysis
from agreementgen.language.conditions import (
    Requirement,
    TrialAmount,
    TrialAnswers,
    each_solution,
    facts_required,
    read_condition,
    require,
)
from agreementgen.library.clauses import ClauseTest, ClauseText, TermText
from agreementgen.library.library import Library

# Where there are more combinations, every pair of answers is tried instead.
MAX_COMBINATIONS, MAX_COMBINATIONS_THOROUGH = 64, 150
# A second entry of lists whose rows say something between two.
_SECOND_ENTRIES: Mapping[str, list[dict[str, str]]] = {
    "goals": [
        {"name": "Revenue", "target": "$5,000", "owner": examples.EXAMPLE_PARTIES[1]["short"], "source": "the ledger"}
    ],
    "financial.tiers": [{"from": "5", "fee": "12%"}],
}
# What makes an agreement one at all, and is never varied.
_NEVER_VARIED = ("agreement", "parties")
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """One agreement that was tried: its kind, how many parties it has, and the answers that set it apart."""

    kind: str
    parties: int
    answers: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.parties} parties, {self.answers}"


class BranchDrafter:
    """Tries the texts of a library. `thorough`: all combinations in all kinds and numbers of parties.

    As usual: all combinations for two parties in the kind that asks for most of the facts, and each answer once for
    three and six parties and in the other kinds. What cannot be drafted is told to `failed`, and raised without one.
    """

    def __init__(
        self, library: Library, thorough: bool = False, failed: Callable[[Attempt, AgreementError], None] | None = None
    ) -> None:
        self.library = library
        self.on_failure = failed
        self.thorough = thorough
        self.kinds = tuple(library.offered_outlines)
        self.max_combinations = MAX_COMBINATIONS_THOROUGH if thorough else MAX_COMBINATIONS
        self.tried = 0
        # Kinds, for a number of parties, whose questions cannot be answered at all: said once.
        self._undraftable: set[tuple[str, int]] = set()
        self._questions: dict[str, dict[str, tuple[str, Question]]] = {}
        self._drafted: dict[tuple[str, int, str, bool, str], Document | None] = {}

    # -- what is tried

    def each_wording(self, source: ClauseText) -> Iterator[tuple[Attempt, Clause]]:
        """Yield every wording of a clause that its conditions lead to, once for two and once for more parties.

        Raise PackError where a text cannot be filled in, or points to what an agreement does not have.
        """
        seen: set[str] = set()
        paths = self.facts_used_by_clause(source)
        ways: list[Callable[[], Iterator[tuple[Attempt, Document]]]] = [lambda: self.each_own_test(source, paths)]
        short = source.position == "short"
        for known in (paths, self.add_deciding_facts(paths), self.add_deciding_facts(self.add_deciding_facts(paths))):
            ways.append(partial(self.each_branch, source.topic, known, answers_choosing(source), short, source.id))
        for number, way in enumerate(ways):
            if number > 1 and seen:
                return  # its conditions are met without looking deeper
            for told, document in way():
                for clause in document.clauses:
                    if clause.id == source.id and (key := f"{told.parties > 2}{clause.blocks}") not in seen:
                        seen.add(key)
                        yield told, clause

    def each_row_wording(self, source: TermText) -> Iterator[tuple[Attempt, str, Runs]]:
        """Yield every wording of a row of the key terms, with its label; raise PackError like `wordings`."""
        paths = self.facts_used_by_row(source)
        topic = next(name for name, topic in self.library.topics.items() if source in topic.terms)
        seen: set[Runs] = set()
        for known in (paths, self.add_deciding_facts(paths), self.add_deciding_facts(self.add_deciding_facts(paths))):
            for told, document in self.each_branch(topic, known, {}, False) if not seen else ():
                for row in (row for pair in document.terms for row in (pair.left, pair.right) if row is not None):
                    if row.id == source.id and row.runs not in seen:
                        seen.add(row.runs)
                        yield told, row.label, row.runs

    def each_branch(
        self, topic: str, paths: Collection[str], usual: Answers, short: bool, wanted: str = ""
    ) -> Iterator[tuple[Attempt, Document]]:
        """Yield agreements in the branches that depend on `paths`, for two, three and six parties.

        `usual` are answers that all of them have. With `wanted`, only those that have this clause.
        """
        kinds = sorted(
            (kind for kind in self.kinds if topic in self.library.outline_of_kind(kind).topics),
            key=lambda kind: (-len(self.list_varied_options(kind, paths, 2)), self.kinds.index(kind)),
        )
        for kind in kinds:
            first = kind == kinds[0]
            least, most = self.library.outline_of_kind(kind).party_limits
            for parties in (2, 3, 6):
                if not least <= parties <= most:
                    continue
                found = self.list_varied_options(kind, paths, parties)
                if self.thorough or (first and parties == 2):
                    ways = self.combine_answers(found)
                else:
                    ways = vary_one_answer(found) if first or parties == 2 else iter([{}])
                for answers in ways:
                    yield from self.attempt(kind, parties, {**usual, **answers}, short, wanted)

    def each_own_test(self, source: ClauseText, paths: set[str]) -> Iterator[tuple[Attempt, Document]]:
        """Yield agreements with each answer once, beginning with the facts of the clause's own tests."""
        for wanted in source.tests:
            kind = self.kind_for_test(source.topic, wanted)
            facts = {path: examples.yaml_as_data(node) for path, node in wanted.facts.items()}
            for answers in vary_one_answer(self.list_varied_options(kind, paths, wanted.parties)) if kind else ():
                given = {**answers_choosing(source), **facts, **answers}
                yield from self.attempt(kind, wanted.parties, given, source.position == "short", source.id)

    def list_deciding_answers(self, kind: str, parties: int) -> Iterator[Answers]:
        """Yield a kind's usual answers, and each answer once to questions that decide what is printed at all."""
        yield {}
        if parties == self.library.outline_of_kind(kind).party_limits[0]:
            known = {path for path, (_, question) in self.questions_by_fact(kind).items() if _is_deciding(question)}
            yield from (
                answers for answers in vary_one_answer(self.list_varied_options(kind, known, parties)) if answers
            )

    def attempt(
        self, kind: str, parties: int, answers: Answers, short: bool, wanted: str = ""
    ) -> Iterator[tuple[Attempt, Document]]:
        way = Attempt(kind, parties, json.dumps(answers, ensure_ascii=False))
        if (kind, parties) in self._undraftable:
            return
        try:
            document = self.draft_once(kind, parties, answers, short, wanted)
        except AgreementError as error:
            if self.on_failure is None:
                raise
            self.on_failure(way, error)
            return
        if document:
            yield way, document

    def draft_once(self, kind: str, parties: int, answers: Answers, short: bool, wanted: str = "") -> Document | None:
        """Return the agreement of `answers`; None where they exclude each other, or it lacks the clause `wanted`."""
        key = (kind, parties, json.dumps(answers), short, wanted)
        if key not in self._drafted:
            self._drafted[key] = self._draft(kind, parties, answers, short, wanted)
        return self._drafted[key]

    def _draft(self, kind: str, parties: int, answers: Answers, short: bool, wanted: str) -> Document | None:
        try:
            deal = examples.make_example_deal(self.library, kind, answers, parties)
        except PackError:
            self._undraftable.add((kind, parties))
            raise
        if deal is None:
            return None
        self.tried += 1
        outline = self.library.outline_of_deal(deal)
        selection = select_clauses(deal, self.library, outline, short)
        if wanted and wanted not in {clause.id for clause in selection.clauses}:
            return None
        return draft_agreement(deal, self.library, outline, selection)

    # -- what it depends on

    def facts_used_by_clause(self, clause: ClauseText) -> set[str]:
        """Return the facts a clause's text and condition depend on."""
        facts = self.library.shape_of_facts()
        found = analysis.analyze_text(clause.body.text, Place(), facts)
        paths = set(found.facts)
        if clause.when.text:
            paths |= analysis.analyze_condition(clause.when.text, Place(), facts).facts
        for topic in found.topics:
            # Whether a topic has a clause depends on what its clauses ask.
            conditions = {other.when.text for other in self.library.clauses.get(topic, ())}
            if "" not in conditions:
                for condition in conditions:
                    paths |= analysis.analyze_condition(condition, Place(), facts).facts
        return add_groups(paths)

    def facts_used_by_row(self, row: TermText) -> set[str]:
        if row.each:
            return add_groups({row.each})
        facts = self.library.shape_of_facts()
        paths = set(analysis.analyze_text(row.says.text, Place(), facts).facts)
        if row.when.text:
            paths |= analysis.analyze_condition(row.when.text, Place(), facts).facts
        for figure in (figure for topic in self.library.topics.values() for figure in topic.figures):
            if f"figures.{figure.name}" in paths:
                paths |= {factor for factor in (*figure.factors, figure.list_name, figure.upper_limit) if "." in factor}
        return add_groups(paths)

    def add_deciding_facts(self, paths: set[str]) -> set[str]:
        """Return `paths` with the facts that decide whether their questions are asked."""
        found = set(paths)
        for kind in self.kinds:
            known = self.questions_by_fact(kind)
            for path in paths & set(known):
                found |= {".".join(names) for names in read_condition(known[path][1].when).facts if names[0] != "this"}
        return found

    def kind_for_test(self, topic: str, wanted: ClauseTest) -> str:
        """Return the kind of agreement that a test names, or the first that has the topic; "" where none has."""
        return wanted.kind or next((k for k in self.kinds if topic in self.library.outline_of_kind(k).topics), "")

    def questions_by_fact(self, kind: str) -> dict[str, tuple[str, Question]]:
        """Return every question by the path that clauses use, with its path in a deal file; lists count as one."""
        if kind not in self._questions:
            found = dict(walk_questions(self.library.questions_of(self.library.outline_of_kind(kind))))
            lists = [
                f"{path}."
                for path, question in found.items()
                if question.structure in (Structure.GROUPS, Structure.PER_PARTY)
            ]
            self._questions[kind] = {
                name_in_clauses(path): (path, found[path]) for path in found if not path.startswith(tuple(lists))
            }
        return self._questions[kind]

    def list_varied_options(self, kind: str, paths: Collection[str], parties: int) -> dict[str, list[Any]]:
        """Return the options of the questions at `paths` that have more than one."""
        known = self.questions_by_fact(kind)
        names = [str(party["short"]) for party in examples.EXAMPLE_PARTIES[:parties]]
        found = {known[path][0]: list_options(path, known[path][1], names) for path in sorted(paths) if path in known}
        return {path: options for path, options in found.items() if len(options) > 1 and path not in _NEVER_VARIED}

    def combine_answers(self, found: Mapping[str, list[Any]]) -> Iterator[Answers]:
        """Yield all combinations of answers; each pair of them where that is too many."""
        if math.prod(len(options) for options in found.values()) <= self.max_combinations:
            for answers in itertools.product(*found.values()):
                yield dict(zip(found, answers, strict=True))
            return
        for one, other in itertools.combinations(found, 2):
            for pair in itertools.product(found[one], found[other]):
                yield dict(zip((one, other), pair, strict=True))


def vary_one_answer(found: Mapping[str, list[Any]]) -> Iterator[Answers]:
    """Yield each answer once, with the others as usual."""
    yield {}
    for path, options in found.items():
        for answer in options:
            yield {path: answer}


def _is_deciding(question: Question) -> bool:
    """Return whether answers choose clauses and rows, rather than stand in them."""
    return isinstance(question.type, ChoiceType | YesNoType) or question.structure in (
        Structure.GROUP,
        Structure.GROUPS,
        Structure.PER_PARTY,
    )


def list_options(path: str, question: Question, names: list[str]) -> list[Any]:
    """Return the answers that may change the wording; None for no answer."""
    if question.fixed:
        return [None]
    if isinstance(question.type, ChoiceType):
        return list(question.choices or ())
    if isinstance(question.type, YesNoType):
        return ["yes", "no"]
    if question.is_group:
        return ["no", examples.example_data(question, names) or "yes"] if question.words else [None]
    if question.structure is Structure.GROUPS:
        more = examples.example_data(question, names, full=True) + _SECOND_ENTRIES.get(path, [])
        return [None, examples.example_data(question, names), more]
    if isinstance(question.type, IntegerType):
        return [*([None] if not question.default else []), question.limits.least or "1", "5"]
    if isinstance(question.type, PartyType):
        return [*(question.words or ([None] if question.default or not question.needed else [])), names[1]]
    if zero := question.type.zero:
        if question.limits.least in ("0%", "0 days", "0 months"):
            return [question.example or None, zero]
        return [None] if question.default else [None, examples.example_data(question, names)]
    if question.default:
        return [None]
    return [None, examples.example_data(question, names)]


def answers_choosing(source: ClauseText) -> Answers:
    """Return the answers without which a clause is not chosen: its position, and a law that it is for."""
    chosen = {} if source.position in ("balanced", "short") else {f"position by topic.{source.topic}": source.position}
    return chosen | ({"law": name_of_region(source.jurisdictions[0])} if source.jurisdictions else {})


def add_groups(paths: set[str]) -> set[str]:
    """Return `paths` with the groups they stand in: a fact depends on whether its group is there."""
    return paths | {".".join(path.split(".")[:-1]) for path in paths if "." in path}


# So many ways to bring a branch about are tried in each kind of agreement.
_MAX_AIMED = 12


def aim_answers(branches: BranchDrafter, kind: str, wishes: tuple[Requirement, ...]) -> list[tuple[int, Answers]]:
    """Return numbers of parties and answers, in a kind of agreement, with which the wishes may come true."""
    library = branches.library
    named = facts_required(wishes)
    # What the kind's rules exclude need not be tried.
    rules = [
        one
        for rule in library.form_of(library.outline_of_kind(kind)).contradictions
        for one in require(rule.when, library.shape_of_facts(), outcome=False)
        if facts_required((one,)) & named
    ]
    found: list[TrialAnswers] = []
    for wanted in ((*wishes, *rules), wishes):
        try:
            found = list(islice(each_solution(wanted), _MAX_AIMED))
        except OverflowError:
            continue
        break
    known = branches.questions_by_fact(kind)
    least, most = branches.library.outline_of_kind(kind).party_limits
    made: list[tuple[int, Answers]] = []
    for values in found:
        parties = 2 if values.get("two", least == 2) else 3
        if not least <= parties <= most:
            continue
        names = [str(party["short"]) for party in examples.EXAMPLE_PARTIES[:parties]]
        answers = {
            known[path][0]: _answer_for(known[path][1], value, names)
            for path, value in _list_question_values(values, known)
        }
        gone = [path.removeprefix("has ") for path, value in values.items() if path.startswith("has ") and not value]
        keys = branches.library.optional_topics(branches.library.outline_of_kind(kind))
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


def _list_question_values(values: TrialAnswers, known: Mapping[str, tuple[str, Question]]) -> list[tuple[str, Any]]:
    """Return the facts that are questions, groups before what stands in them."""
    return sorted((item for item in values.items() if item[0] in known), key=lambda item: item[0].count("."))


def _answer_for(question: Question, value: Any, names: list[str]) -> Any:
    """Return what a deal file says for a value; None for no answer."""
    if isinstance(value, TrialAmount):
        if value.positive and question.example:
            return question.example
        kind = TYPES[value.kind]
        return kind.amount if value.positive else kind.zero
    if value is None or value == ():
        empty: list[Any] | None = (
            [] if question.structure in (Structure.LIST, Structure.GROUPS) and question.default else None
        )
        return "no" if question.words and "no" in question.words else empty
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(question.type, PartyType) and value == "any":
        return names[1]
    if isinstance(value, str) and value != "any":
        return value
    return examples.example_data(question, names)


def check_ties(library: Library, topics: Collection[str]) -> Iterator[Problem]:
    """Yield pairs of clauses of `topics` that a deal can be made for in which both fit."""
    branches = BranchDrafter(library)
    for topic in sorted(topics):
        for one, other in combinations(library.clauses.get(topic, ()), 2):
            if (one.position, one.rank) == (other.position, other.rank) and _share_a_law(one, other):
                yield from _check_pair(library, branches, one, other)


def _share_a_law(one: ClauseText, other: ClauseText) -> bool:
    return not (one.jurisdictions and other.jurisdictions) or bool(set(one.jurisdictions) & set(other.jurisdictions))


def _check_pair(library: Library, branches: BranchDrafter, one: ClauseText, other: ClauseText) -> Iterator[Problem]:
    facts = library.shape_of_facts()
    wishes = (*require(one.when.text, facts), *require(other.when.text, facts))
    for kind in branches.kinds:
        if one.topic not in library.outline_of_kind(kind).topics:
            continue
        for parties, answers in aim_answers(branches, kind, wishes):
            try:
                branches.draft_once(kind, parties, {**answers_choosing(one), **answers}, one.position == "short")
            except AgreementError as error:
                if not any(
                    one.id in problem.message and "equally well" in problem.message for problem in error.problems
                ):
                    continue
                message = f'"{one.id}" and "{other.id}" fit equally well: {kind}, {parties} parties, {answers}'
                hint = "give one a lower rank or a narrower when"
                yield make_problem("P05", message, hint, other.when.place if other.when.text else other.place)
                return

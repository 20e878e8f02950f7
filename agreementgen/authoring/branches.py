"""Agreements in the branches of a library's texts: the answers to try, and the agreement that each makes.

What a clause or row depends on is found in its tags. The answers that may change it are combined, or aimed at one
branch by solving the conditions before it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from agreementgen import pipeline
from agreementgen.core.document import Clause, Document, Runs, TermRow
from agreementgen.core.places import name_of_law
from agreementgen.core.problems import AgreementError, PackError, Place
from agreementgen.deal.deal import Deal, Form
from agreementgen.deal.question_types import TYPES, ChoiceType, IntegerType, PartyType, YesNoType
from agreementgen.deal.questions import (
    APART,
    INDIVIDUALS,
    LAW_COUNTRY,
    LAW_REGION,
    POSITION_BY_TOPIC,
    Question,
    Structure,
    name_in_clauses,
    walk_questions,
)
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.drafting import Excerpt, draft_agreement, spell_own_words
from agreementgen.draft.selection import Selection, select_clauses
from agreementgen.examples import EXAMPLE_PARTIES, AnswersByPath, example_data, make_example_deal
from agreementgen.language.analysis import analyze_condition, analyze_text
from agreementgen.language.conditions import read_condition
from agreementgen.language.outcomes import (
    ANY_TEXT,
    Requirement,
    TrialAmount,
    TrialAnswers,
    each_solution,
    facts_required,
    require,
)
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import ClauseText, TermText
from agreementgen.yamlfile.editing import Value

# Where there are more combinations, every pair of answers is tried instead.
MAX_COMBINATIONS, MAX_COMBINATIONS_THOROUGH = 64, 150
# So many ways to bring a branch about are tried in each kind of agreement.
_MAX_AIMED, _MAX_AIMED_WITHOUT_RULES = 12, 2
# Wording may differ between two parties, between three, and where there are many.
_PARTY_COUNTS = (2, 3, 6)
# A second entry of lists whose rows say something between two.
_SECOND_ENTRIES: Mapping[str, list[dict[str, str]]] = {
    "goals": [{"name": "Revenue", "target": "$5,000", "owner": EXAMPLE_PARTIES[1]["short"], "source": "the ledger"}],
    "financial.tiers": [{"from": "5", "fee": "12%"}],
}
# For a law that no text names.
_ANOTHER_COUNTRY = "JP"
# What makes an agreement one at all, and is never varied.
_NEVER_VARIED = ("agreement", "parties")
# The questions of a kind of agreement by the path that clauses use, each with its path in a deal file.
QuestionsByFact = Mapping[str, tuple[str, Question]]


@dataclass(frozen=True)
class Attempt:
    """One agreement that was tried: its kind, how many parties it has, and the answers that set it apart, as JSON."""

    kind: str
    parties: int
    answers: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.parties} parties, {self.answers}"


Attempts = Iterator[tuple[Attempt, Document]]


class BranchDrafter:
    """Drafts the agreements in which the texts of a library take their branches.

    As usual: all combinations for two parties in the kind that asks for most of the facts, and each answer once for
    three and six parties and in the other kinds; `thorough`: all combinations in all kinds and numbers of parties.
    What cannot be drafted is told to `on_failure`, and raised without one. `tried` counts the agreements.
    """

    def __init__(
        self,
        library: Library,
        thorough: bool = False,
        on_failure: Callable[[Attempt, AgreementError], None] | None = None,
    ) -> None:
        self.library = library
        self.thorough = thorough
        self.on_failure = on_failure
        self.kinds = tuple(library.offered_outlines)
        self.facts = library.shape_of_facts()
        self.max_combinations = MAX_COMBINATIONS_THOROUGH if thorough else MAX_COMBINATIONS
        self.tried = 0
        # Kinds, for a number of parties, whose questions cannot be answered at all: said once.
        self._undraftable: set[tuple[str, int]] = set()
        self._questions: dict[str, QuestionsByFact] = {}
        # By kind: the usual answers to choices, and the questions that need no answer.
        self._usual: dict[str, AnswersByPath] = {}
        self._optional: dict[str, set[str]] = {}
        # Deals by kind, number of parties and answers; and by the digest of what decides their words.
        self._deals: dict[tuple[str, int, str], tuple[Deal, bytes] | None] = {}
        self._alike: dict[bytes, tuple[Deal, bytes]] = {}
        self._selections: dict[tuple[bytes, bool], Selection] = {}
        self._drafted: dict[tuple[bytes, bool, Excerpt | None], Document] = {}

    # -- which agreements

    def each_wording(self, source: ClauseText) -> Iterator[tuple[Attempt, Clause]]:
        """Yield every wording of a clause that its conditions lead to, once for two and once for more parties.

        Raise PackError where a text cannot be filled in, or points to what an agreement does not have.
        """
        seen: set[str] = set()
        for attempt, document in self._each_attempt_for(source, seen):
            for clause in document.clauses:
                if clause.id == source.id and (key := f"{attempt.parties > 2}{clause.blocks}") not in seen:
                    seen.add(key)
                    yield attempt, clause

    def _each_attempt_for(self, source: ClauseText, seen: Collection[str]) -> Attempts:
        paths = self.facts_used_by_clause(source)
        answers, is_short = answers_choosing(source), source.position == "short"
        excerpt = self._excerpt_with(source)
        yield from self.each_own_test(source, paths, excerpt)
        for level, varied in enumerate(self._each_depth(paths)):
            if level and seen:
                return  # its conditions are met without looking deeper
            yield from self.each_branch(source.topic, varied, answers, is_short, excerpt)

    def _excerpt_with(self, source: ClauseText) -> Excerpt:
        """Return the part of an agreement that is a clause with the rows it may name."""
        return Excerpt(source.id, analyze_text(source.body.text, Place(), self.facts).rows)

    def each_row_wording(self, source: TermText) -> Iterator[tuple[Attempt, TermRow]]:
        """Yield every wording of a row of the key terms; raise PackError like `each_wording`."""
        topic, excerpt = self.topic_of(source), Excerpt(rows=frozenset({source.id}))
        seen: set[Runs] = set()
        for varied in self._each_depth(self.facts_used_by_row(source)):
            for attempt, document in self.each_branch(topic, varied, {}, False, excerpt):
                for row in document.rows:
                    if row.id == source.id and row.runs not in seen:
                        seen.add(row.runs)
                        yield attempt, row
            if seen:
                return

    def _each_depth(self, paths: set[str]) -> Iterator[set[str]]:
        """Yield facts to vary: `paths`, with those that decide whether they are asked, and with those of these."""
        yield paths
        for _ in range(2):
            paths = self.add_deciding_facts(paths)
            yield paths

    def each_branch(
        self, topic: str, paths: Collection[str], usual: AnswersByPath, is_short: bool, excerpt: Excerpt
    ) -> Attempts:
        """Yield `excerpt` of the agreements in the branches that depend on `paths`, for two, three and six parties.

        `usual` are answers that all of them have. With a clause in `excerpt`, only those that have this clause.
        """
        kinds = [kind for kind in self.kinds if topic in self.outline_of(kind).topics]
        kinds.sort(key=lambda kind: -len(self.list_varied_options(kind, paths, 2)))
        for kind in kinds:
            is_first = kind == kinds[0]
            for parties in _PARTY_COUNTS:
                if not _allows(self.outline_of(kind), parties):
                    continue
                options = self.list_varied_options(kind, paths, parties)
                if self.thorough or (is_first and parties == 2):
                    variants = self.combine_answers(options)
                else:
                    variants = vary_one_answer(options if is_first or parties == 2 else {})
                for answers in variants:
                    yield from self.attempt(kind, parties, {**usual, **answers}, is_short, excerpt)

    def each_own_test(self, source: ClauseText, paths: set[str], excerpt: Excerpt) -> Attempts:
        """Yield `excerpt` of agreements with each answer once, beginning with the facts of the clause's own tests."""
        for test in source.tests:
            kind = self.kind_for_test(source.topic, test.kind)
            facts = {path: node_as_data(node) for path, node in test.facts.items()}
            for answers in vary_one_answer(self.list_varied_options(kind, paths, test.parties)) if kind else ():
                answers = {**answers_choosing(source), **facts, **answers}
                yield from self.attempt(kind, test.parties, answers, source.position == "short", excerpt)

    def list_deciding_answers(self, kind: str, parties: int) -> Iterator[AnswersByPath]:
        """Yield a kind's usual answers, and each answer once to questions that decide what is printed at all."""
        if parties != self.outline_of(kind).party_limits[0]:
            return iter(({},))
        deciding = {fact for fact, (_, question) in self.questions_by_fact(kind).items() if _is_deciding(question)}
        return vary_one_answer(self.list_varied_options(kind, deciding, parties))

    def attempt(
        self, kind: str, parties: int, answers: AnswersByPath, is_short: bool, excerpt: Excerpt | None = None
    ) -> Attempts:
        """Yield the agreement of `answers`, or `excerpt` of it, if they make one and it has the clause of `excerpt`."""
        if (kind, parties) in self._undraftable:
            return
        attempt = Attempt(kind, parties, json.dumps(answers, ensure_ascii=False))
        try:
            document = self.draft_once(kind, parties, answers, is_short, excerpt)
        except AgreementError as error:
            if self.on_failure is None:
                raise
            self.on_failure(attempt, error)
            return
        if document:
            yield attempt, document

    def draft_once(
        self, kind: str, parties: int, answers: AnswersByPath, is_short: bool, excerpt: Excerpt | None = None
    ) -> Document | None:
        """Return the agreement of `answers`, or `excerpt` of it; None where they exclude each other, or where it lacks
        the clause of the excerpt.
        """
        tried = self._make_deal(kind, parties, answers)
        if tried is None:
            return None
        deal, digest = tried
        selected = (digest, is_short)
        outline = self.library.outline_of_deal(deal)
        if selected not in self._selections:
            self.tried += 1
            self._selections[selected] = select_clauses(deal, self.library, outline, is_short)
        selection = self._selections[selected]
        if excerpt and excerpt.clause_id and excerpt.clause_id not in {clause.id for clause in selection.clauses}:
            return None
        drafted = (digest, is_short, excerpt)
        if drafted not in self._drafted:
            is_apart = pipeline.choose_layout(deal, outline) == "one-plus-one"
            self._drafted[drafted] = draft_agreement(
                deal, self.library, outline, selection, apart=is_apart, excerpt=excerpt
            )
        return self._drafted[drafted]

    def _make_deal(self, kind: str, parties: int, answers: AnswersByPath) -> tuple[Deal, bytes] | None:
        """Return the deal of `answers`, with a digest of all that decides its words; None where there is none.

        Many answers come to the same deal: what is usual anyway, and what is left out where nothing was said.
        """
        answers = self._without_usual(kind, answers)
        key = (kind, parties, json.dumps(answers, sort_keys=True))
        if key not in self._deals:
            try:
                deal = make_example_deal(self.library, kind, answers, parties)
            except PackError:
                self._undraftable.add((kind, parties))
                raise
            if deal is None:
                self._deals[key] = None
            else:
                said = f"{kind} {parties} {spell_own_words(deal)} {deal.matrix}"
                digest = hashlib.sha256(said.encode()).digest()
                self._deals[key] = self._alike.setdefault(digest, (deal, digest))
        return self._deals[key]

    def _without_usual(self, kind: str, answers: AnswersByPath) -> AnswersByPath:
        """Return `answers` without those that hold anyway: most combinations then say what others do.

        A choice that is usual becomes None, as "no" to a group that need not be there, and no answer to what need not
        be answered is left out.
        """
        if kind not in self._usual:
            form = self.library.form_of(self.outline_of(kind))
            asked = dict(self.questions_by_fact(kind).values())
            usual = {
                path: said
                for path, question in asked.items()
                if isinstance(question.type, ChoiceType | YesNoType)
                and (said := node_as_data(form.defaults.get(path, question.default)))
            }
            absent = (path for path, question in asked.items() if _is_usually_absent(path, question, form))
            self._usual[kind] = {**usual, **dict.fromkeys(absent, "no")}
            self._optional[kind] = {
                path for path, question in asked.items() if not question.needed and path not in _NEVER_VARIED
            }
        usual_answers, optional = self._usual[kind], self._optional[kind]
        said = {path: None if usual_answers.get(path) == answer else answer for path, answer in answers.items()}
        return {
            path: answer
            for path, answer in said.items()
            if answer is not None or path not in optional or _stands_in_answers(path, said)
        }

    # -- which facts they depend on

    def facts_used_by_clause(self, clause: ClauseText) -> set[str]:
        """Return the facts a clause's text and condition depend on."""
        body = analyze_text(clause.body.text, Place(), self.facts)
        paths = body.facts | self._facts_of_condition(clause.when.text)
        for topic in body.topics:
            # Whether a topic has a clause depends on what its clauses ask.
            conditions = {other.when.text for other in self.library.clauses.get(topic, ())}
            if "" not in conditions:
                paths = paths.union(*map(self._facts_of_condition, conditions))
        return _add_groups({*paths, "layout"} if APART in paths else paths)

    def facts_used_by_row(self, row: TermText) -> set[str]:
        """Return the facts a row's text and condition depend on; those of a row for each entry: its list."""
        if row.each:
            return _add_groups({row.each})
        paths = analyze_text(row.says.text, Place(), self.facts).facts | self._facts_of_condition(row.when.text)
        for figure in (figure for topic in self.library.topics.values() for figure in topic.figures):
            if f"figures.{figure.name}" in paths:
                factors = (*figure.factors, figure.list_name, figure.upper_limit)
                paths = paths.union(factor for factor in factors if "." in factor)
        return _add_groups(paths)

    def _facts_of_condition(self, source: str) -> frozenset[str]:
        return frozenset(analyze_condition(source, Place(), self.facts).facts if source else ())

    def add_deciding_facts(self, paths: set[str]) -> set[str]:
        """Return `paths` with the facts that decide whether their questions are asked."""
        found = set(paths)
        for kind in self.kinds:
            questions = self.questions_by_fact(kind)
            for path in paths & set(questions):
                asks = read_condition(questions[path][1].when).facts
                found |= {".".join(names) for names in asks if names[0] != "this"}
        return found

    # -- which questions a kind of agreement asks

    def outline_of(self, kind: str) -> Outline:
        return self.library.outline_of_kind(kind)

    def topic_of(self, row: TermText) -> str:
        return next(topic.id for topic in self.library.topics.values() if row in topic.terms)

    def kind_for_test(self, topic: str, kind: str) -> str:
        """Return the `kind` of agreement that a test names, else the first that has `topic`; "" where none has."""
        return kind or next((kind for kind in self.kinds if topic in self.outline_of(kind).topics), "")

    def questions_by_fact(self, kind: str) -> QuestionsByFact:
        """Return every question of a kind; lists count as one."""
        if kind not in self._questions:
            questions = dict(walk_questions(self.library.questions_of(self.outline_of(kind))))
            lists = tuple(
                f"{path}."
                for path, question in questions.items()
                if question.structure in (Structure.GROUPS, Structure.PER_PARTY)
            )
            self._questions[kind] = {
                name_in_clauses(path): (path, question)
                for path, question in questions.items()
                if not path.startswith(lists)
            }
        return self._questions[kind]

    def list_varied_options(self, kind: str, paths: Collection[str], parties: int) -> dict[str, list[Value]]:
        """Return, by path in a deal file, the answers to try of the questions at `paths` that have more than one."""
        questions = self.questions_by_fact(kind)
        names = _party_names(parties)
        found: dict[str, list[Value]] = {}
        for path, question in (questions[fact] for fact in sorted(paths) if fact in questions):
            options = list_options(path, question, names)
            if len(options) > 1 and path not in _NEVER_VARIED:
                found[path] = options
        return found

    def combine_answers(self, options: Mapping[str, list[Value]]) -> Iterator[AnswersByPath]:
        """Yield all combinations of answers; each pair of them where that is too many."""
        if math.prod(len(answers) for answers in options.values()) <= self.max_combinations:
            for answers in itertools.product(*options.values()):
                yield dict(zip(options, answers, strict=True))
            return
        for paths in itertools.combinations(options, 2):
            for pair in itertools.product(*(options[path] for path in paths)):
                yield dict(zip(paths, pair, strict=True))


def _is_usually_absent(path: str, question: Question, form: Form) -> bool:
    """Return whether a group is not there where nothing is said, which may also be said."""
    is_optional = question.is_group and "no" in (question.words or ()) and not question.needed
    return is_optional and form.defaults.get(path, question.default) is None


def _stands_in_answers(path: str, answers: AnswersByPath) -> bool:
    """Return whether an answer is for a group that `path` is a part of, so that its part may have to be taken out."""
    groups = itertools.accumulate(path.split(".")[:-1], "{}.{}".format)
    return any(answers.get(group) is not None for group in groups)


def _allows(outline: Outline, parties: int) -> bool:
    least, most = outline.party_limits
    return least <= parties <= most


def _party_names(count: int) -> list[str]:
    return [str(party["short"]) for party in EXAMPLE_PARTIES[:count]]


def vary_one_answer(options: Mapping[str, list[Value]]) -> Iterator[AnswersByPath]:
    """Yield no answers, and then each answer alone."""
    yield {}
    for path, answers in options.items():
        for answer in answers:
            yield {path: answer}


def _is_deciding(question: Question) -> bool:
    """Return whether answers choose clauses and rows, rather than stand in them."""
    return isinstance(question.type, ChoiceType | YesNoType) or question.structure in (
        Structure.GROUP,
        Structure.GROUPS,
        Structure.PER_PARTY,
    )


def list_options(path: str, question: Question, names: list[str]) -> list[Value]:
    """Return the answers that may change the wording; None for no answer."""
    if question.fixed:
        return [None]
    if isinstance(question.type, ChoiceType):
        return list(question.choices or ())
    if isinstance(question.type, YesNoType):
        return ["yes", "no"]
    if question.is_group:
        return ["no", example_data(question, names) or "yes"] if question.words else [None]
    if question.structure is Structure.GROUPS:
        whole = example_data(question, names, full=True)
        several = [*(whole if isinstance(whole, list) else ()), *_SECOND_ENTRIES.get(path, [])]
        return [None, example_data(question, names), several]
    if isinstance(question.type, IntegerType):
        return [*([None] if not question.default else []), question.limits.least or "1", "5"]
    if isinstance(question.type, PartyType):
        return [*(question.words or ([None] if question.default or not question.needed else [])), names[1]]
    if question.type.zero and question.limits.least in ("0%", "0 days", "0 months"):
        return [question.example or None, question.type.zero]
    return [None] if question.default else [None, example_data(question, names)]


def answers_choosing(source: ClauseText) -> dict[str, str]:
    """Return the answers without which a clause is not chosen: its position, and a law that it is for."""
    answers = {}
    if source.position not in ("balanced", "short"):
        answers[f"{POSITION_BY_TOPIC}.{source.topic}"] = source.position
    if source.jurisdictions:
        answers["law"] = name_of_law(source.jurisdictions[0])
    return answers


def _add_groups(paths: Collection[str]) -> set[str]:
    """Return `paths` with the groups they stand in: a fact depends on whether its group is there."""
    return {*paths, *(path.rpartition(".")[0] for path in paths if "." in path)}


# -- answers aimed at a branch


def aim_answers(
    drafter: BranchDrafter, kind: str, requirements: tuple[Requirement, ...]
) -> list[tuple[int, AnswersByPath]]:
    """Return numbers of parties and answers, in a kind of agreement, with which the requirements may be met."""
    outline = drafter.outline_of(kind)
    questions = drafter.questions_by_fact(kind)
    topic_keys = drafter.library.optional_topics(outline)
    aimed: list[tuple[int, AnswersByPath]] = []
    for values in _solve(drafter, outline, requirements):
        parties = 2 if values.get("two", outline.party_limits[0] == 2) else 3
        if not _allows(outline, parties):
            continue
        # Groups before what stands in them.
        facts = sorted((fact for fact in values if fact in questions), key=lambda fact: fact.count("."))
        answers: dict[str, Value] = {}
        for fact in facts:
            path, question = questions[fact]
            answers[path] = _answer_for(question, values[fact], _party_names(parties))
        answers |= _answers_for_derived_facts(values)
        absent = [fact.removeprefix("has ") for fact, value in values.items() if fact.startswith("has ") and not value]
        left_out = [topic_keys[topic] for topic in absent if topic in topic_keys]
        if left_out:
            answers["leave out"] = left_out
        variants = [answers]
        # What must be answered can still be missing, where the deal leaves out its topic.
        missing = [questions[fact][0] for fact, value in values.items() if value in (None, ()) and fact in questions]
        if keys := [path for path in missing if path in topic_keys.values()]:
            rest = {path: answer for path, answer in answers.items() if path.split(".")[0] not in keys}
            variants.append(rest | {"leave out": [*left_out, *keys]})
        aimed += [(parties, variant) for variant in variants if (parties, variant) not in aimed]
    return aimed


def _answers_for_derived_facts(values: TrialAnswers) -> AnswersByPath:
    """Return the answers that lead to facts no question asks for."""
    answers: dict[str, Value] = {}
    if APART in values:
        answers["layout"] = "one-plus-one" if values[APART] else "one-page"
    if values.get(INDIVIDUALS):
        answers["parties.2.entity"] = "individual"
    for law in (values.get(LAW_COUNTRY), values.get(LAW_REGION)):
        if isinstance(law, str):
            answers["law"] = name_of_law(_ANOTHER_COUNTRY if law == ANY_TEXT else law)
    for fact, value in values.items():
        if fact.startswith("has ") and fact.count(" ") > 1 and value:
            _, topic, position = fact.split(" ")
            answers[f"{POSITION_BY_TOPIC}.{topic}"] = position
    return answers


def _solve(drafter: BranchDrafter, outline: Outline, requirements: tuple[Requirement, ...]) -> list[TrialAnswers]:
    """Return values of facts that meet the requirements; none where there are too many to try."""
    named = facts_required(requirements)
    # What the kind's rules exclude need not be tried.
    rules = [
        requirement
        for rule in drafter.library.form_of(outline).contradictions
        if rule.severity == "E"
        for requirement in require(rule.when, drafter.facts, outcome=False)
        if facts_required((requirement,)) & named
    ]
    found: list[TrialAnswers] = []
    # Answers that only a rule names may not apply to the deal; those without the rules name no more than is needed.
    for tried, most in (((*requirements, *rules), _MAX_AIMED), (requirements, _MAX_AIMED_WITHOUT_RULES)):
        try:
            found += itertools.islice(each_solution(tried), most if found else _MAX_AIMED)
        except OverflowError:
            continue
    return found


def _answer_for(question: Question, value: object, names: list[str]) -> Value:
    """Return what a deal file says for a value; None for no answer."""
    match value:
        case TrialAmount(kind, positive):
            if positive and question.example:
                return question.example
            return TYPES[kind].amount if positive else TYPES[kind].zero
        case None | ():
            if question.words and "no" in question.words:
                return "no"
            is_list = question.structure in (Structure.LIST, Structure.GROUPS)
            return [] if is_list and question.default else None
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case "any" if isinstance(question.type, PartyType):
            return names[1]
        case str() if value != "any":
            return value
    return example_data(question, names)

"""The proof of wording by drafting: every branch of clauses and rows, clauses that tie, and the tests of authors.

What is drafted is read by the rules of `lints`. A test of a pack says: with these facts, or in this sample deal, the
agreement says this and not that; the tests in a clause's front matter are about that clause.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations

from agreementgen.authoring.branches import Attempt, BranchDrafter, aim_answers, answers_choosing
from agreementgen.authoring.lints import (
    MAX_READING_GRADE,
    Slip,
    describe_overrun,
    list_clause_slips,
    list_row_slips,
    make_problem,
    place_at_index,
    reading_grade,
    text_of_clause,
)
from agreementgen.authoring.proof_memory import Counts, ProofMemory
from agreementgen.core.document import Clause, Document, text_of_document
from agreementgen.core.problems import AgreementError, Place, Problem, suggest_nearest
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.selection import CLAUSE_TIE, ClauseTie
from agreementgen.language.outcomes import Outcomes, can_all_hold, list_decisions, record_outcomes, require
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.library.topics import ClauseText, TermText
from agreementgen.pipeline import BuiltAgreement
from agreementgen.yamlfile.nodes import Node

# So many wordings of a clause are graded: the grade changes little between branches.
_GRADED_WORDINGS = 12
# Findings that depend on all that is drafted: that something never came up.
_ABOUT_TRIES = ("P20", "P21")
NO_KINDS: Mapping[str, bool] = {}
Progress = Callable[[str], None]


def ignore_progress(what: str) -> None:
    """Tell nobody what is tried."""


@dataclass(frozen=True)
class Coverage:
    """What a proof has seen: texts, their different wordings, agreements drafted, and outcomes of conditions.

    Each condition has two outcomes, yes and no; `taken` of them came up. `remembered` parts passed before, and nothing
    they depend on has changed; `agreements` leaves out what was drafted for them then.
    """

    clauses: int = 0
    rows: int = 0
    wordings: int = 0
    agreements: int = 0
    outcomes: int = 0
    taken: int = 0
    remembered: int = 0


@dataclass(frozen=True)
class Proof:
    """What drafting found wrong, and what was drafted."""

    problems: tuple[Problem, ...]
    coverage: Coverage


def prove(
    library: Library,
    clauses: Collection[ClauseText],
    rows: Collection[TermText],
    kinds: Mapping[str, bool] = NO_KINDS,
    thorough: bool = False,
    progress: Progress = ignore_progress,
    memory: ProofMemory | None = None,
) -> Proof:
    """Draft `clauses` and `rows` of a library in all their branches, and whole agreements of `kinds`.

    These with their usual answers, and with each answer once where `kinds` says True. `thorough` is that of
    BranchDrafter; `progress` is told what is tried next. What `memory` knows to have passed is not drafted again.
    """
    proof = _Prover(library, clauses, rows, thorough, memory).prove(kinds, progress)
    if proof.coverage.remembered and any(problem.code in _ABOUT_TRIES for problem in proof.problems):
        # What did not come up in the drafts of a few parts may come up in those of all.
        proof = _Prover(library, clauses, rows, thorough, memory, forget=True).prove(kinds, progress)
    return proof


class _Prover:
    def __init__(
        self,
        library: Library,
        clauses: Collection[ClauseText],
        rows: Collection[TermText],
        thorough: bool,
        memory: ProofMemory | None = None,
        forget: bool = False,
    ) -> None:
        self.library = library
        self.clauses = clauses
        self.rows = rows
        self.memory = memory
        self.known: Mapping[str, Counts] = memory.proven if memory and not forget else {}
        self.noted = 0
        self.passed: dict[str, Counts] = {}
        self.wordings_of: dict[str, int] = {}
        self.drafter = BranchDrafter(library, thorough, self._note_failure)
        self.is_english = all(pack.language.split("-")[0] in ("", "en") for pack in library.packs)
        self.problems: dict[tuple[str, Place, str], Problem] = {}
        self.wordings = 0

    def prove(self, kinds: Mapping[str, bool], progress: Progress) -> Proof:
        parts = [*self._each_part()]
        new = {key: part for key, part in parts if key not in self.known}
        remembered = [self.known[key] for key, _ in parts if key in self.known]
        with record_outcomes() as outcomes:
            for kind, each_answer in kinds.items():
                key = self._key_of_kind(kind, each_answer)
                if key not in self.known:
                    progress(f"whole agreements: {kind}")
                    with self._noticing(key):
                        self._draft_kind(kind, each_answer)
                else:
                    remembered.append(self.known[key])
            for number, (key, part) in enumerate(new.items(), 1):
                word = "clause" if isinstance(part, ClauseText) else "row"
                progress(f"{word} {number} of {len(new)}: {part.id}")
                with self._noticing(key):
                    self._prove_clause(part) if isinstance(part, ClauseText) else self._prove_row(part)
            progress("branches that did not come up")
            for key, part in new.items():
                with self._noticing(key):
                    if isinstance(part, ClauseText):
                        self._aim_at_outcomes(outcomes, part.topic, part.body, part.when, part)
                    else:
                        self._aim_at_outcomes(outcomes, self.drafter.topic_of(part), part.says, part.when)
        taken = total = 0
        for key, part in new.items():
            with self._noticing(key):
                counts = self._count_outcomes(outcomes, part)
            taken, total = taken + counts[0], total + counts[1]
            if key in self.passed:
                self.passed[key] = (self.wordings_of[key], *counts)
        if self.memory:
            self.memory.note(self.passed)
        wordings, *outcomes_before = (sum(counts) for counts in zip((0, 0, 0), *remembered, strict=True))
        coverage = Coverage(
            len(self.clauses),
            len(self.rows),
            self.wordings + wordings,
            self.drafter.tried,
            outcomes=total + outcomes_before[1],
            taken=taken + outcomes_before[0],
            remembered=len(remembered),
        )
        return Proof(tuple(self.problems.values()), coverage)

    def _each_part(self) -> Iterator[tuple[str, ClauseText | TermText]]:
        """Yield each clause and row with the key under which it is remembered."""
        parts: list[ClauseText | TermText] = [*self.clauses, *self.rows]
        for number, part in enumerate(parts):
            if self.memory is None:
                yield str(number), part
            elif isinstance(part, ClauseText):
                yield self.memory.key_of_clause(part.place.file), part
            else:
                yield self.memory.key_of_row(self.drafter.topic_of(part), part.id), part

    def _key_of_kind(self, kind: str, each_answer: bool) -> str:
        if self.memory is None:
            return kind
        return self.memory.key_of_kind(kind, self.library.outlines[kind].topics, each_answer)

    @contextmanager
    def _noticing(self, key: str) -> Iterator[None]:
        """Let a part pass if nothing is noted of anything in the block, nor was in another block of it."""
        noted, wordings = self.noted, self.wordings
        was_seen = key in self.wordings_of
        yield
        self.wordings_of[key] = self.wordings_of.get(key, 0) + self.wordings - wordings
        if noted != self.noted:
            self.passed.pop(key, None)
        elif not was_seen:
            self.passed[key] = (0, 0, 0)

    def _note(self, rule: str, message: str, hint: str, place: Place, same: str = "") -> None:
        """Note a problem once, however many branches have the `same` (else: this message); the first one is named."""
        self.noted += 1
        self.problems.setdefault((rule, place, same or message), make_problem(rule, message, hint, place))

    def _note_failure(self, attempt: Attempt, error: AgreementError) -> None:
        for problem in error.problems:
            rule = "P05" if problem.code == CLAUSE_TIE else "P06"
            self._note(rule, f"{problem.message} ({attempt})", problem.hint, problem.place, problem.message)

    def _note_slip(self, slip: Slip, attempt: Attempt, place: Place) -> None:
        if self.is_english or not slip.english_only:
            hint = "write {{ 'the other party' if two else 'another party' }}" if slip.rule == "P12" else ""
            self._note(slip.rule, f"{slip} ({attempt})", hint, place, slip.what)

    def _draft_kind(self, kind: str, each_answer: bool) -> None:
        least, most = self.library.outlines[kind].party_limits
        for parties in range(least, most + 1):
            for is_short in (False, True):
                for answers in self.drafter.list_deciding_answers(kind, parties) if each_answer else ({},):
                    for _ in self.drafter.attempt(kind, parties, answers, is_short):
                        pass  # what cannot be drafted was noted

    def _prove_clause(self, source: ClauseText) -> None:
        count, hardest, hardest_text = 0, 0.0, ""
        for attempt, clause in self.drafter.each_wording(source):
            self._check_wording(source, attempt, clause)
            text = text_of_clause(clause)
            if count < _GRADED_WORDINGS and (grade := reading_grade(text)) > hardest:
                hardest, hardest_text = grade, text
            count += 1
        self.wordings += count
        if not count:
            hint = "look at its condition, its position, and whether an outline has its topic"
            self._note("P21", "no agreement that was tried has this clause", hint, source.place)
        if hardest > MAX_READING_GRADE and self.is_english:
            years = f"{hardest:.0f} years of school to read, more than {MAX_READING_GRADE:.0f}"
            hint = "make two sentences of a long one; take shorter words"
            self._note("P11", f"it takes {years}: {hardest_text[:80]}…", hint, source.body.place)

    def _check_wording(self, source: ClauseText, attempt: Attempt, clause: Clause) -> None:
        """Note what is wrong with one wording of a clause."""
        for slip in list_clause_slips(clause, attempt.parties):
            self._note_slip(slip, attempt, _place_of_slip(slip, source.body))
        if overrun := describe_overrun(clause, source):
            hint = 'shorten it, or raise "words" in its front matter'
            self._note("P09", f"{overrun} ({attempt})", hint, source.body.place, "over")

    def _prove_row(self, source: TermText) -> None:
        count = 0
        for attempt, row in self.drafter.each_row_wording(source):
            count += 1
            for slip in list_row_slips(row.label, row.runs, attempt.parties):
                self._note_slip(slip, attempt, source.says.place)
        self.wordings += count
        if not count and not self._is_the_librarys(source):
            self._note("P21", "no agreement that was tried prints this row", "look at its condition", source.place)

    def _is_the_librarys(self, row: TermText) -> bool:
        """Return whether a pack has a row with a topic it copied: kinds that it does not offer may print it."""
        ours = (
            (one for topic in built_in_library().topics.values() for one in topic.terms) if self.library.packs else ()
        )
        return any((one.id, one.when.text) == (row.id, row.when.text) for one in ours)

    def _aim_at_outcomes(
        self, outcomes: Outcomes, topic: str, text: PlacedText, when: PlacedText, clause: ClauseText | None = None
    ) -> None:
        """Try answers made for the outcomes that did not come up by themselves."""
        usual = answers_choosing(clause) if clause else {}
        is_short = clause is not None and clause.position == "short"
        kinds = [kind for kind in self.drafter.kinds if topic in self.drafter.outline_of(kind).topics]
        base = require(when.text, self.drafter.facts)
        for number, decision in enumerate(list_decisions(text.text, text.place, self.drafter.facts)):
            for outcome in (True, False):
                requirements = (*base, *decision.requirements_for(outcome))
                for kind in kinds:
                    for parties, answers in aim_answers(self.drafter, kind, requirements):
                        if (number, outcome) in outcomes.taken[text.text]:
                            break
                        for attempt, document in self.drafter.attempt(kind, parties, {**usual, **answers}, is_short):
                            for drafted in document.clauses:
                                if clause and drafted.id == clause.id:
                                    self._check_wording(clause, attempt, drafted)

    def _count_outcomes(self, outcomes: Outcomes, part: ClauseText | TermText) -> tuple[int, int]:
        """Return how many outcomes of a text came up, and how many there are; note those that did not."""
        taken = total = 0
        if isinstance(part, ClauseText):
            text, when = part.body, part.when.text
        else:
            # The condition of a row for each entry is about the entry.
            text, when = part.says, "" if part.each else part.when.text
        base = require(when, self.drafter.facts)
        for number, decision in enumerate(list_decisions(text.text, text.place, self.drafter.facts)):
            for outcome in (True, False):
                if not can_all_hold((*base, *decision.requirements_for(outcome))):
                    continue  # the other rules say so
                total += 1
                if (number, outcome) in outcomes.taken[text.text]:
                    taken += 1
                else:
                    word = "holds" if outcome else "fails"
                    message = f'in no agreement that was tried "{decision.condition}" {word}'
                    hint = "look whether it can; a test with its facts shows the branch"
                    self._note("P20", message, hint, decision.place)
        return taken, total


def _place_of_slip(slip: Slip, text: PlacedText) -> Place:
    """Return where the words of a slip are written, or where the text begins."""
    index = text.text.find(slip.words) if len(slip.words) > 2 else -1
    return place_at_index(text, index) if index >= 0 else text.place


# -- ties


def check_ties(library: Library, topics: Collection[str]) -> Iterator[Problem]:
    """Yield pairs of clauses of `topics` that fit one deal equally well: found by solving, proven by such a deal."""
    drafter = BranchDrafter(library)
    for topic in sorted(topics):
        for one, other in combinations(library.clauses.get(topic, ()), 2):
            if (one.position, one.rank) == (other.position, other.rank) and _share_a_law(one, other):
                yield from _check_pair(drafter, one, other)


def _share_a_law(one: ClauseText, other: ClauseText) -> bool:
    return not (one.jurisdictions and other.jurisdictions) or bool(set(one.jurisdictions) & set(other.jurisdictions))


def _check_pair(drafter: BranchDrafter, one: ClauseText, other: ClauseText) -> Iterator[Problem]:
    requirements = (*require(one.when.text, drafter.facts), *require(other.when.text, drafter.facts))
    for kind in drafter.kinds:
        if one.topic not in drafter.outline_of(kind).topics:
            continue
        for parties, answers in aim_answers(drafter, kind, requirements):
            try:
                drafter.draft_once(kind, parties, {**answers_choosing(one), **answers}, one.position == "short")
            except ClauseTie as tie:
                if one not in tie.clauses:
                    continue
                message = f'"{one.id}" and "{other.id}" fit equally well: {kind}, {parties} parties, {answers}'
                hint = "give one a lower rank or a narrower when"
                yield make_problem("P05", message, hint, other.when.place if other.when.text else other.place)
                return
            except AgreementError:
                continue


# -- the tests of authors


@dataclass(frozen=True)
class PackTest:
    """One test. `deal` is a file of the pack's samples; without one a deal is made of `facts`, by path.

    `contains` and `lacks` are words of the whole agreement, or of `clause` alone (by id), which then must be chosen.
    `clauses` must be chosen, `no_clauses` must not. `pages` is how many the sample deal takes, 0 for any number.
    """

    place: Place
    name: str = ""
    deal: str = ""
    clause: str = ""
    kind: str = ""
    parties: int = 2
    facts: Mapping[str, Node] = field(default_factory=dict)
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    no_clauses: tuple[str, ...] = ()
    pages: int = 0


def read_pack_tests(files: Mapping[str, SourceFile], problems: list[Problem]) -> tuple[PackTest, ...]:
    """Return the tests of a pack's `tests/*.yaml`; what cannot be read is added to `problems`."""
    tests: list[PackTest] = []
    for name, source in files.items():
        if name.endswith(".yaml"):
            read = read_declarations(source, lambda fields: fields.read_groups("tests", _read_pack_test), problems)
            tests += read or ()
        else:
            message = "tests are in files that end with .yaml"
            problems.append(Problem(message, place=Place(source.name), code="pack-stray-file"))
    return tuple(tests)


def _read_pack_test(fields: Fields) -> PackTest:
    test = PackTest(
        name=fields.read_text("name", ""),
        deal=fields.read_text("deal", ""),
        clause=fields.read_text("clause", ""),
        kind=fields.read_text("kind", ""),
        parties=fields.read_integer("parties", 2),
        facts=fields.read_nodes("facts"),
        contains=fields.read_texts("contains"),
        lacks=fields.read_texts("lacks"),
        clauses=fields.read_texts("clauses"),
        no_clauses=fields.read_texts("no clauses"),
        pages=fields.read_integer("pages"),
        place=fields.node.place,
    )
    if not (test.contains or test.lacks or test.clauses or test.no_clauses or test.pages):
        fields.add_problem('a test says what the agreement "contains" or "lacks"', code="missing")
    if test.deal and (test.facts or test.kind):
        message = 'a test has a "deal", or "facts" and a "kind"'
        fields.add_problem(message, "keep one of the two", fields.place_of("deal"), code="contradiction")
    if test.pages and not test.deal:
        message = 'the pages of a "deal" can be counted only'
        fields.add_problem(message, "name a sample deal", fields.place_of("pages"), code="not-applicable")
    return test


def run_pack_tests(
    library: Library, tests: tuple[PackTest, ...], samples: Mapping[str, BuiltAgreement], there: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each test that fails.

    `samples` are the pack's sample deals that could be built, by file; of the others that are `there` it was said.
    """
    runner = _TestRunner(library, samples)
    for test in tests:
        unknown = [name for name in (test.clause, *test.clauses, *test.no_clauses) if name not in ("", *runner.clauses)]
        if unknown:
            hint = suggest_nearest(unknown[0], runner.clauses)
            yield _describe_failure(test, f'"{unknown[0]}" is not a clause', hint)
        elif test.deal and test.deal not in there:
            hint = suggest_nearest(test.deal, there) if there else 'put deals into the folder "samples"'
            yield _describe_failure(test, f'there is no sample deal "{test.deal}"', hint)
        elif not test.deal or test.deal.removeprefix("samples/") in samples:
            yield from runner.run(test)


def run_clause_tests(library: Library, clauses: tuple[ClauseText, ...]) -> Iterator[Problem]:
    """Yield a problem for each test in the front matter of `clauses` that fails."""
    runner = _TestRunner(library, {})
    for clause in clauses:
        for test in clause.tests:
            yield from runner.run(
                PackTest(
                    test.place,
                    clause=clause.id,
                    kind=test.kind,
                    parties=test.parties,
                    facts=test.facts,
                    contains=test.contains,
                    lacks=test.lacks,
                )
            )


class _TestRunner:
    def __init__(self, library: Library, samples: Mapping[str, BuiltAgreement]) -> None:
        self.samples = samples
        self.clauses = {clause.id: clause for clause in library.each_clause()}
        self.drafter = BranchDrafter(library)

    def run(self, test: PackTest) -> Iterator[Problem]:
        if test.deal:
            fitted = self.samples[test.deal.removeprefix("samples/")].fitted
            document = fitted.document
            if test.pages and fitted.pages != test.pages:
                yield _describe_failure(test, f"{test.deal} takes {fitted.pages} pages, not {test.pages}")
        else:
            try:
                drafted = self._draft(test)
            except AgreementError as error:
                yield from (_describe_failure(test, problem.message, problem.hint) for problem in error.problems)
                return
            if drafted is None:
                hint = "look which questions are asked with them"
                yield _describe_failure(test, "these facts exclude each other", hint)
                return
            document = drafted
        chosen = {clause.id: clause for clause in document.clauses}
        for name in (*([test.clause] if test.clause else []), *test.clauses):
            if name not in chosen:
                hint = "look at its condition and position"
                yield _describe_failure(test, f'the clause "{name}" is not chosen', hint)
        for name in test.no_clauses:
            if name in chosen:
                yield _describe_failure(test, f'the clause "{name}" is chosen')
        if test.clause and test.clause not in chosen:
            return
        text = _single_spaces(text_of_clause(chosen[test.clause]) if test.clause else text_of_document(document))
        for words in test.contains:
            if _single_spaces(words) not in text:
                instead = f": {text}" if test.clause else ""
                yield _describe_failure(test, f'it does not say "{words}"{instead}')
        for words in test.lacks:
            if _single_spaces(words) in text:
                yield _describe_failure(test, f'it says "{words}"')

    def _draft(self, test: PackTest) -> Document | None:
        """Return the agreement of a test's facts, None where they exclude each other."""
        answers = {path: node_as_data(node) for path, node in test.facts.items()}
        if not test.clause:
            return self.drafter.draft_once(test.kind or self.drafter.kinds[0], test.parties, answers, False)
        clause = self.clauses[test.clause]
        kind = self.drafter.kind_for_test(clause.topic, test.kind)
        answers = {**answers_choosing(clause), **answers}
        return self.drafter.draft_once(kind, test.parties, answers, clause.position == "short")


def _single_spaces(text: str) -> str:
    return " ".join(text.split())


def _describe_failure(test: PackTest, message: str, hint: str = "") -> Problem:
    named = f"{test.name}: {message}" if test.name else message
    if test.facts:
        facts = json.dumps({path: node_as_data(node) for path, node in test.facts.items()}, ensure_ascii=False)
        named += f" (with {facts})"
    return make_problem("P17", named, hint, test.place)

"""The proof of wording: every branch of clauses and rows is drafted, and read by rules that no eye forgets.

A pack's own tests: with these facts, or in this sample deal, the agreement says this and not that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from agreementgen import examples
from agreementgen.authoring import lints
from agreementgen.authoring.branches import Attempt, BranchDrafter, aim_answers, answers_choosing
from agreementgen.authoring.lints import MAX_READING_GRADE, make_problem, place_at_index, reading_grade, text_of_clause
from agreementgen.core.document import Clause, Document, text_of_document
from agreementgen.core.problems import AgreementError, Place, Problem, suggest_nearest
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.language.conditions import can_all_hold, require
from agreementgen.language.decisions import Outcomes, list_decisions, record_outcomes
from agreementgen.library.clauses import ClauseText, TermText
from agreementgen.library.declarations import Fields, PlacedText, read_declarations
from agreementgen.library.library import Library
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline
from agreementgen.pipeline import BuiltAgreement
from agreementgen.yamlfile.nodes import Node

# So many wordings of a clause are graded: the grade changes little between branches.
_GRADED_WORDINGS = 12
NO_KINDS: Mapping[str, bool] = {}


Progress = Callable[[str], None]


def ignore_progress(what: str) -> None:
    """Tell nobody what is tried."""


@dataclass(frozen=True)
class Coverage:
    """What a proof has seen: texts, their different wordings, agreements drafted, and outcomes of conditions.

    Each condition has two outcomes, yes and no; `taken` of them came up.
    """

    clauses: int = 0
    rows: int = 0
    wordings: int = 0
    agreements: int = 0
    outcomes: int = 0
    taken: int = 0


class Proof:
    """Drafts `clauses` and `rows` of a library in all their branches, and whole agreements of `kinds`.

    These with their usual answers, and with each answer once where `kinds` says yes.
    `progress` is told what is tried next.
    """

    def __init__(
        self,
        library: Library,
        clauses: Collection[ClauseText],
        rows: Collection[TermText],
        kinds: Mapping[str, bool] = NO_KINDS,
        thorough: bool = False,
        progress: Progress = ignore_progress,
    ) -> None:
        self.library = library
        self.drafter = BranchDrafter(library, thorough, self._note_failure)
        self.facts = library.shape_of_facts()
        self.is_english = _is_english(library)
        self._problems: dict[tuple[str, Place, str], Problem] = {}
        self.wordings = 0
        with record_outcomes() as outcomes:
            for kind, around in kinds.items():
                progress(f"whole agreements: {kind}")
                self._draft_kind(library.outlines[kind], around)
            for number, clause in enumerate(clauses, 1):
                progress(f"clause {number} of {len(clauses)}: {clause.id}")
                self._prove_clause(clause)
            for number, row in enumerate(rows, 1):
                progress(f"row {number} of {len(rows)}: {row.id}")
                self._prove_row(row)
            progress("branches that did not come up")
            for clause in clauses:
                self._aim_at_outcomes(outcomes, clause.topic, clause.body, clause.when, clause)
            for row in rows:
                self._aim_at_outcomes(outcomes, self._topic_of(row), row.says, row.when, None)
        taken, total = self._count_outcomes(outcomes, clauses, rows)
        self.coverage = Coverage(len(clauses), len(rows), self.wordings, self.drafter.tried, total, taken)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems.values())

    def _note(self, rule: str, message: str, hint: str, place: Place, about: str = "") -> None:
        """Note a problem once, however many branches have it; the first one is named."""
        said = make_problem(rule, message, hint, place)
        self._problems.setdefault((rule, place, about or message), said)

    def _note_failure(self, way: Attempt, error: AgreementError) -> None:
        for problem in error.problems:
            rule = "P05" if "fit equally well" in problem.message else "P06"
            self._note(rule, _name_attempt(problem, way), problem.hint, problem.place, problem.message)

    def _draft_kind(self, outline: Outline, around: bool) -> None:
        least, most = outline.party_limits
        for parties in range(least, most + 1):
            for short in (False, True):
                for answers in self.drafter.list_deciding_answers(outline.kind, parties) if around else ({},):
                    for _ in self.drafter.attempt(outline.kind, parties, answers, short):
                        pass

    def _prove_clause(self, source: ClauseText) -> None:
        count, place = 0, source.body.place
        hardest, text = 0.0, ""
        for way, clause in self.drafter.each_wording(source):
            self._check_wording(source, way, clause)
            if count < _GRADED_WORDINGS and (level := reading_grade(said := lints.text_of_clause(clause))) > hardest:
                hardest, text = level, said
            count += 1
        if not count:
            hint = "look at its condition, its position, and whether an outline has its topic"
            self._note("P21", "no agreement that was tried has this clause", hint, source.place)
        if hardest > MAX_READING_GRADE and self.is_english:
            message = f"it takes {hardest:.0f} years of school to read, more than {MAX_READING_GRADE:.0f}: {text[:80]}…"
            self._note("P11", message, "make two sentences of a long one; take shorter words", place)
        self.wordings += count

    def _check_wording(self, source: ClauseText, way: Attempt, clause: Clause) -> None:
        """Note what is wrong with one wording of a clause."""
        place = source.body.place
        for fault in lints.list_clause_slips(clause, way.parties):
            if fault.english_only and not self.is_english:
                continue
            two = lints.TWO_ONLY in fault.kind
            hint = "write {{ 'the other party' if two else 'another party' }}" if two else ""
            where = _place_of_slip(fault, source.body)
            self._note("P12" if two else "P13", f"{fault} ({way})", hint, where, fault.kind)
        if over := lints.describe_overrun(clause, source):
            hint = 'shorten it, or raise "words" in its front matter'
            self._note("P09", f"{over} ({way})", hint, place, "over")

    def _prove_row(self, source: TermText) -> None:
        count = 0
        for way, label, runs in self.drafter.each_row_wording(source):
            count += 1
            for fault in lints.list_row_slips(label, runs, way.parties):
                if fault.english_only and not self.is_english:
                    continue
                self._note("P13", f"{fault} ({way})", "", source.says.place, fault.kind)
        if not count:
            self._note("P21", "no agreement that was tried prints this row", "look at its condition", source.place)
        self.wordings += count

    def _topic_of(self, row: TermText) -> str:
        return next(name for name, topic in self.library.topics.items() if row in topic.terms)

    def _aim_at_outcomes(
        self, outcomes: Outcomes, topic: str, text: PlacedText, when: PlacedText, clause: ClauseText | None
    ) -> None:
        """Try answers made for the outcomes that did not come up by themselves."""
        base = require(when.text, self.facts)
        more = answers_choosing(clause) if clause else {}
        short = clause is not None and clause.position == "short"
        for number, decision in enumerate(list_decisions(text.text, text.place, self.facts)):
            for outcome in (True, False):
                wishes = (*base, *decision.requirements_for(outcome))
                for kind in self.drafter.kinds if topic else ():
                    if topic not in self.library.outline_of_kind(kind).topics:
                        continue
                    for parties, answers in aim_answers(self.drafter, kind, wishes):
                        if (number, outcome) in outcomes.taken[text.text]:
                            break
                        for way, document in self.drafter.attempt(kind, parties, {**more, **answers}, short):
                            for made in document.clauses:
                                if clause and made.id == clause.id:
                                    self._check_wording(clause, way, made)

    def _count_outcomes(
        self, outcomes: Outcomes, clauses: Collection[ClauseText], rows: Collection[TermText]
    ) -> tuple[int, int]:
        """Return how many outcomes came up, and how many there are; note those that did not."""
        taken = total = 0
        texts = {text.text: (text, when) for text, when in (*_list_clause_texts(clauses), *_list_row_texts(rows))}
        for text, when in texts.values():
            base = require(when.text, self.facts)
            for number, decision in enumerate(list_decisions(text.text, text.place, self.facts)):
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


def _list_clause_texts(clauses: Collection[ClauseText]) -> list[tuple[PlacedText, PlacedText]]:
    return [(clause.body, clause.when) for clause in clauses]


def _list_row_texts(rows: Collection[TermText]) -> list[tuple[PlacedText, PlacedText]]:
    return [(row.says, row.when if not row.each else PlacedText("", row.place)) for row in rows]


def _place_of_slip(fault: lints.Slip, text: PlacedText) -> Place:
    """Return where the words of a fault are written, or where the text begins."""
    index = text.text.find(fault.words) if len(fault.words) > 2 else -1
    return place_at_index(text, index) if index >= 0 else text.place


def _name_attempt(problem: Problem, way: Attempt) -> str:
    return f"{problem.message} ({way})"


def _is_english(library: Library) -> bool:
    return all(pack.language.split("-")[0] in ("", "en") for pack in library.packs)


@dataclass(frozen=True)
class PackTest:
    """One test. `deal` is a file of the pack's samples; without one a deal is made of `facts`, by path.

    `contains` and `lacks` are words of the whole agreement, or of `clause` alone (by id), which then must be chosen.
    `clauses` must be chosen, `no_clauses` must not. `pages` is how many the sample deal takes, 0 for any number.
    """

    name: str
    deal: str
    clause: str
    kind: str
    parties: int
    facts: Mapping[str, Node]
    contains: tuple[str, ...]
    lacks: tuple[str, ...]
    clauses: tuple[str, ...]
    no_clauses: tuple[str, ...]
    pages: int
    place: Place


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
    known = {clause.id: clause for found in library.clauses.values() for clause in found}
    for test in tests:
        unknown = [name for name in (test.clause, *test.clauses, *test.no_clauses) if name and name not in known]
        if unknown:
            yield _test_failure(test, f'"{unknown[0]}" is not a clause', suggest_nearest(unknown[0], known))
        elif test.deal and test.deal not in there:
            hint = suggest_nearest(test.deal, there) if there else 'put deals into the folder "samples"'
            yield _test_failure(test, f'there is no sample deal "{test.deal}"', hint)
        elif not test.deal or test.deal.removeprefix("samples/") in samples:
            yield from _run_test(library, test, samples, known)


def _run_test(
    library: Library, test: PackTest, samples: Mapping[str, BuiltAgreement], known: Mapping[str, ClauseText]
) -> Iterator[Problem]:
    if test.deal:
        built = samples[test.deal.removeprefix("samples/")]
        document: Document | None = built.fitted.document
        if test.pages and built.fitted.pages != test.pages:
            yield _test_failure(test, f"{test.deal} takes {built.fitted.pages} pages, not {test.pages}")
    else:
        try:
            document = _draft_test(library, test, known.get(test.clause))
        except AgreementError as error:
            yield from (_test_failure(test, problem.message, problem.hint) for problem in error.problems)
            return
    if document is None:
        yield _test_failure(test, "these facts exclude each other", "look which questions are asked with them")
        return
    clauses = {clause.id: clause for clause in document.clauses}
    for name in (*([test.clause] if test.clause else []), *test.clauses):
        if name not in clauses:
            yield _test_failure(test, f'the clause "{name}" is not chosen', "look at its condition and position")
    for name in test.no_clauses:
        if name in clauses:
            yield _test_failure(test, f'the clause "{name}" is chosen')
    if test.clause and test.clause not in clauses:
        return
    text = text_of_clause(clauses[test.clause]) if test.clause else text_of_document(document)
    text = " ".join(text.split())
    for words in test.contains:
        if " ".join(words.split()) not in text:
            shown = f": {text}" if test.clause else ""
            yield _test_failure(test, f'it does not say "{words}"{shown}')
    for words in test.lacks:
        if " ".join(words.split()) in text:
            yield _test_failure(test, f'it says "{words}"')


def _draft_test(library: Library, test: PackTest, clause: ClauseText | None) -> Document | None:
    facts = {path: examples.yaml_as_data(node) for path, node in test.facts.items()}
    kinds = [
        kind for kind, outline in library.offered_outlines.items() if clause is None or clause.topic in outline.topics
    ]
    deal = examples.make_example_deal(
        library, test.kind or kinds[0], {**(answers_choosing(clause) if clause else {}), **facts}, test.parties
    )
    if deal is None:
        return None
    outline = library.outline_of_deal(deal)
    short = clause is not None and clause.position == "short"
    return draft_agreement(deal, library, outline, select_clauses(deal, library, outline, short))


def run_clause_tests(library: Library, clauses: tuple[ClauseText, ...]) -> Iterator[Problem]:
    """Yield a problem for each test in the front matter of `clauses` that fails."""
    for clause in clauses:
        for one in clause.tests:
            test = PackTest(
                name="",
                deal="",
                clause=clause.id,
                kind=one.kind,
                parties=one.parties,
                facts=one.facts,
                contains=one.contains,
                lacks=one.lacks,
                clauses=(),
                no_clauses=(),
                pages=0,
                place=one.place,
            )
            yield from _run_test(library, test, {}, {clause.id: clause})


def _test_failure(test: PackTest, message: str, hint: str = "") -> Problem:
    told = f"{test.name}: {message}" if test.name else message
    if test.facts:
        given = json.dumps({path: examples.yaml_as_data(node) for path, node in test.facts.items()}, ensure_ascii=False)
        told += f" (with {given})"
    return make_problem("P17", told, hint, test.place)

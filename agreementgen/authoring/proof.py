"""The proof of wording: every branch of clauses and rows is drafted, and read by rules that no eye forgets.

A pack's own tests: with these facts, or in this sample deal, the agreement says this and not that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from agreementgen import examples
from agreementgen.authoring import lints
from agreementgen.authoring.branches import Branches, Way, aimed, positioned
from agreementgen.authoring.lints import MOST, at_index, finding, grade, text_of_clause
from agreementgen.core.document import Clause, Document, words_in
from agreementgen.core.problems import AgreementError, Finding, InputError, Place, Problem, nearest
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.language.conditions import can, reached, wish
from agreementgen.language.filling import Outcomes, decisions, recorded
from agreementgen.library.clauses import ClauseText, Row, Text
from agreementgen.library.declarations import Fields
from agreementgen.library.library import Library
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline
from agreementgen.pipeline import Built
from agreementgen.yamlfile.nodes import Node, read

# So many wordings of a clause are graded: the grade changes little between branches.
_GRADED = 12
NO_KINDS: Mapping[str, bool] = {}


Progress = Callable[[str], None]


def unheard(what: str) -> None:
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
        rows: Collection[Row],
        kinds: Mapping[str, bool] = NO_KINDS,
        thorough: bool = False,
        progress: Progress = unheard,
    ) -> None:
        self.library = library
        self.branches = Branches(library, thorough, self._failed)
        self.facts = library.shape()
        self.english = _is_english(library)
        self.found: dict[tuple[str, Place, str], Finding] = {}
        self.wordings = 0
        with recorded() as outcomes:
            for kind, around in kinds.items():
                progress(f"whole agreements: {kind}")
                self._kind(library.outlines[kind], around)
            for number, clause in enumerate(clauses, 1):
                progress(f"clause {number} of {len(clauses)}: {clause.id}")
                self._clause(clause)
            for number, row in enumerate(rows, 1):
                progress(f"row {number} of {len(rows)}: {row.id}")
                self._row(row)
            progress("branches that did not come up")
            for clause in clauses:
                self._aim(outcomes, clause.topic, clause.body, clause.when, clause)
            for row in rows:
                self._aim(outcomes, self._topic(row), row.says, row.when, None)
        taken, total = self._outcomes(outcomes, clauses, rows)
        self.coverage = Coverage(len(clauses), len(rows), self.wordings, self.branches.tried, total, taken)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self.found.values())

    def _add(self, rule: str, message: str, hint: str, place: Place, about: str = "") -> None:
        """Note a finding once, however many branches have it; the first one is named."""
        said = finding(rule, message, hint, place)
        self.found.setdefault((rule, place, about or message), said)

    def _failed(self, way: Way, error: AgreementError) -> None:
        for problem in error.problems:
            rule = "P05" if "fit equally well" in problem.message else "P06"
            self._add(rule, _with(problem, way), problem.hint, problem.place, problem.message)

    def _kind(self, outline: Outline, around: bool) -> None:
        least, most = outline.parties
        for parties in range(least, most + 1):
            for short in (False, True):
                for answers in self.branches.around(outline.kind, parties) if around else ({},):
                    for _ in self.branches.made(outline.kind, parties, answers, short):
                        pass

    def _clause(self, source: ClauseText) -> None:
        count, place = 0, source.body.place
        hardest, text = 0.0, ""
        for way, clause in self.branches.wordings(source):
            self._read(source, way, clause)
            if count < _GRADED and (level := grade(said := lints.text_of_clause(clause))) > hardest:
                hardest, text = level, said
            count += 1
        if not count:
            hint = "look at its condition, its position, and whether an outline has its topic"
            self._add("P21", "no agreement that was tried has this clause", hint, source.place)
        if hardest > MOST and self.english:
            message = f"it takes {hardest:.0f} years of school to read, more than {MOST:.0f}: {text[:80]}…"
            self._add("P11", message, "make two sentences of a long one; take shorter words", place)
        self.wordings += count

    def _read(self, source: ClauseText, way: Way, clause: Clause) -> None:
        """Note what is wrong with one wording of a clause."""
        place = source.body.place
        for fault in lints.clause_faults(clause, way.parties):
            if fault.english and not self.english:
                continue
            two = lints.TWO_ONLY in fault.what
            hint = "write {{ 'the other party' if two else 'another party' }}" if two else ""
            where = _place_of(fault, source.body)
            self._add("P12" if two else "P13", f"{fault} ({way})", hint, where, fault.what)
        if over := lints.over_budget(clause, source):
            hint = 'shorten it, or raise "words" in its front matter'
            self._add("P09", f"{over} ({way})", hint, place, "over")

    def _row(self, source: Row) -> None:
        count = 0
        for way, label, runs in self.branches.rows(source):
            count += 1
            for fault in lints.row_faults(label, runs, way.parties):
                if fault.english and not self.english:
                    continue
                self._add("P13", f"{fault} ({way})", "", source.says.place, fault.what)
        if not count:
            self._add("P21", "no agreement that was tried prints this row", "look at its condition", source.place)
        self.wordings += count

    def _topic(self, row: Row) -> str:
        return next(name for name, topic in self.library.topics.items() if row in topic.rows)

    def _aim(self, outcomes: Outcomes, topic: str, text: Text, when: Text, clause: ClauseText | None) -> None:
        """Try answers made for the outcomes that did not come up by themselves."""
        base = wish(when.source, self.facts)
        more = positioned(clause) if clause else {}
        short = clause is not None and clause.position == "short"
        for number, condition in enumerate(reached(text.source, self.facts)):
            for outcome in (True, False):
                wishes = (*base, *condition.wishes(outcome))
                for kind in self.branches.kinds if topic else ():
                    if topic not in self.library.outline(kind).topics:
                        continue
                    for parties, answers in aimed(self.branches, kind, wishes):
                        if (number, outcome) in outcomes.taken[text.source]:
                            break
                        for way, document in self.branches.made(kind, parties, {**more, **answers}, short):
                            for made in document.clauses:
                                if clause and made.id == clause.id:
                                    self._read(clause, way, made)

    def _outcomes(self, outcomes: Outcomes, clauses: Collection[ClauseText], rows: Collection[Row]) -> tuple[int, int]:
        """Return how many outcomes came up, and how many there are; note those that did not."""
        taken = total = 0
        texts = {text.source: (text, when) for text, when in (*_bodies(clauses), *_sayings(rows))}
        for text, when in texts.values():
            base = wish(when.source, self.facts)
            asked = reached(text.source, self.facts)
            for number, decision in enumerate(decisions(text.source, text.place)):
                for outcome in (True, False):
                    if not can((*base, *asked[number].wishes(outcome))):
                        continue  # the other rules say so
                    total += 1
                    if (number, outcome) in outcomes.taken[text.source]:
                        taken += 1
                    else:
                        word = "holds" if outcome else "fails"
                        message = f'in no agreement that was tried "{decision.condition}" {word}'
                        hint = "look whether it can; a test with its facts shows the branch"
                        self._add("P20", message, hint, decision.place)
        return taken, total


def _bodies(clauses: Collection[ClauseText]) -> list[tuple[Text, Text]]:
    return [(clause.body, clause.when) for clause in clauses]


def _sayings(rows: Collection[Row]) -> list[tuple[Text, Text]]:
    return [(row.says, row.when if not row.each else Text("", row.place)) for row in rows]


def _place_of(fault: lints.Fault, text: Text) -> Place:
    """Return where the words of a fault are written, or where the text begins."""
    index = text.source.find(fault.found) if len(fault.found) > 2 else -1
    return at_index(text, index) if index >= 0 else text.place


def _with(problem: Problem, way: Way) -> str:
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


def read_tests(files: Mapping[str, SourceFile], problems: list[Problem]) -> tuple[PackTest, ...]:
    """Return the tests of a pack's `tests/*.yaml`; what cannot be read is added to `problems`."""
    found: list[PackTest] = []
    for name, source in files.items():
        if not name.endswith(".yaml"):
            problems.append(Problem("tests are in files that end with .yaml", "", "", Place(source.name)))
            continue
        try:
            fields = Fields(read(source.text, source.name).root, problems, "")
        except InputError as error:
            problems += error.problems
            continue
        found += _tests(fields)
        fields.finish()
    return tuple(found)


def _tests(fields: Fields) -> Iterator[PackTest]:
    for node in fields.mappings("tests"):
        said = Fields(node, fields.problems, fields.what)
        facts = said.mapping("facts")
        one = PackTest(
            name=said.text("name", ""),
            deal=said.text("deal", ""),
            clause=said.text("clause", ""),
            kind=said.text("kind", ""),
            parties=said.whole("parties", 2),
            facts={name.text: value for name, value in facts} if facts else {},
            contains=said.texts("contains"),
            lacks=said.texts("lacks"),
            clauses=said.texts("clauses"),
            no_clauses=said.texts("no clauses"),
            pages=said.whole("pages"),
            place=node.place,
        )
        if not (one.contains or one.lacks or one.clauses or one.no_clauses or one.pages):
            said.problem('a test says what the agreement "contains" or "lacks"')
        if one.deal and (one.facts or one.kind):
            said.problem('a test has a "deal", or "facts" and a "kind"', "keep one of the two", said.place("deal"))
        if one.pages and not one.deal:
            said.problem('the pages of a "deal" can be counted only', "name a sample deal", said.place("pages"))
        said.finish()
        yield one


def run_tests(
    library: Library, tests: tuple[PackTest, ...], samples: Mapping[str, Built], there: Collection[str]
) -> Iterator[Finding]:
    """Yield a finding for each test that fails.

    `samples` are the pack's sample deals that could be built, by file; of the others that are `there` it was said.
    """
    known = {clause.id: clause for found in library.clauses.values() for clause in found}
    for test in tests:
        unknown = [name for name in (test.clause, *test.clauses, *test.no_clauses) if name and name not in known]
        if unknown:
            yield _failed(test, f'"{unknown[0]}" is not a clause', nearest(unknown[0], known))
        elif test.deal and test.deal not in there:
            hint = nearest(test.deal, there) if there else 'put deals into the folder "samples"'
            yield _failed(test, f'there is no sample deal "{test.deal}"', hint)
        elif not test.deal or test.deal.removeprefix("samples/") in samples:
            yield from _run(library, test, samples, known)


def _run(
    library: Library, test: PackTest, samples: Mapping[str, Built], known: Mapping[str, ClauseText]
) -> Iterator[Finding]:
    if test.deal:
        built = samples[test.deal.removeprefix("samples/")]
        document: Document | None = built.fitted.document
        if test.pages and built.fitted.pages != test.pages:
            yield _failed(test, f"{test.deal} takes {built.fitted.pages} pages, not {test.pages}")
    else:
        try:
            document = _drafted(library, test, known.get(test.clause))
        except AgreementError as error:
            yield from (_failed(test, problem.message, problem.hint) for problem in error.problems)
            return
    if document is None:
        yield _failed(test, "these facts exclude each other", "look which questions are asked with them")
        return
    clauses = {clause.id: clause for clause in document.clauses}
    for name in (*([test.clause] if test.clause else []), *test.clauses):
        if name not in clauses:
            yield _failed(test, f'the clause "{name}" is not chosen', "look at its condition and position")
    for name in test.no_clauses:
        if name in clauses:
            yield _failed(test, f'the clause "{name}" is chosen')
    if test.clause and test.clause not in clauses:
        return
    text = text_of_clause(clauses[test.clause]) if test.clause else words_in(document)
    text = " ".join(text.split())
    for words in test.contains:
        if " ".join(words.split()) not in text:
            shown = f": {text}" if test.clause else ""
            yield _failed(test, f'it does not say "{words}"{shown}')
    for words in test.lacks:
        if " ".join(words.split()) in text:
            yield _failed(test, f'it says "{words}"')


def _drafted(library: Library, test: PackTest, clause: ClauseText | None) -> Document | None:
    facts = {path: examples.plain(node) for path, node in test.facts.items()}
    kinds = [kind for kind, outline in library.offered.items() if clause is None or clause.topic in outline.topics]
    deal = examples.deal(
        library, test.kind or kinds[0], {**(positioned(clause) if clause else {}), **facts}, test.parties
    )
    if deal is None:
        return None
    outline = library.outline_of(deal)
    short = clause is not None and clause.position == "short"
    return draft(deal, library, outline, select(deal, library, outline, short))


def run_trials(library: Library, clauses: tuple[ClauseText, ...]) -> Iterator[Finding]:
    """Yield a finding for each test in the front matter of `clauses` that fails."""
    for clause in clauses:
        for one in clause.trials:
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
            yield from _run(library, test, {}, {clause.id: clause})


def _failed(test: PackTest, message: str, hint: str = "") -> Finding:
    told = f"{test.name}: {message}" if test.name else message
    if test.facts:
        given = json.dumps({path: examples.plain(node) for path, node in test.facts.items()}, ensure_ascii=False)
        told += f" (with {given})"
    return finding("P17", told, hint, test.place)

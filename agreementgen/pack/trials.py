"""A pack's own tests: with these facts, or in this sample deal, the agreement says this and not that."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from agreementgen import trial
from agreementgen.deal.yamlfile import Node, read
from agreementgen.document import Document, words_in
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import select
from agreementgen.errors import AgreementError, InputError, Place, Problem, nearest
from agreementgen.findings import Finding
from agreementgen.library.clauses import ClauseText
from agreementgen.library.definitions import Fields
from agreementgen.library.library import Library
from agreementgen.library.snapshot import SourceFile
from agreementgen.pack.branches import positioned
from agreementgen.pack.rules import finding
from agreementgen.pack.wording import text_of_clause
from agreementgen.pipeline import Built


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
    facts = {path: trial.plain(node) for path, node in test.facts.items()}
    kinds = [kind for kind, outline in library.offered.items() if clause is None or clause.topic in outline.topics]
    deal = trial.deal(library, test.kind or kinds[0], {**(positioned(clause) if clause else {}), **facts}, test.parties)
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
        given = json.dumps({path: trial.plain(node) for path, node in test.facts.items()}, ensure_ascii=False)
        told += f" (with {given})"
    return finding("P17", told, hint, test.place)

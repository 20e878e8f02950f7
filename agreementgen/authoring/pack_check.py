"""The check of a pack: all that can be known of it before a client's deal, in one report."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

from agreementgen import pipeline
from agreementgen.authoring.lints import CheckScope, apply_rule, check_terms, check_texts, make_problem
from agreementgen.authoring.pack_folder import BASED_ON_FILE, list_base_changes
from agreementgen.authoring.proof import (
    Coverage,
    Progress,
    check_ties,
    ignore_progress,
    prove,
    read_pack_tests,
    run_clause_tests,
    run_pack_tests,
)
from agreementgen.authoring.proof_memory import ProofMemory
from agreementgen.authoring.rule_proof import run_rule_tests
from agreementgen.core.problems import AgreementError, InputError, PackError, Place, Problem, suggest_nearest
from agreementgen.dealcheck.rules import RULES_FILE, read_rule_book
from agreementgen.library.files import SourceFile
from agreementgen.library.library import PACK_FILE, Library, Pack, read_pack
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.packs.layering import check_word_files, list_what_topics_lack, open_library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render.measures import unavailable_fonts
from agreementgen.render.word_page import font_families_in

_GRAVITY = {"E": 0, "W": 1, "N": 2}


@dataclass(frozen=True)
class PackReport:
    """What a check found, the gravest first, and what it looked at. `pages` are those of the sample deals by file."""

    name: str
    version: str
    problems: tuple[Problem, ...]
    coverage: Coverage = field(default_factory=Coverage)
    tests: int = 0
    pages: Mapping[str, int] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)


@dataclass(frozen=True)
class Narrowing:
    """What alone is looked at: clauses by id, topics with all their clauses and rows, whole agreements of kinds.

    Sample deals and tests of whole agreements, Word files, and files of the library underneath are left for the
    check of everything.
    """

    clauses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def require_known(self, scope: CheckScope) -> None:
        """Raise InputError for names of which the pack has none."""
        own = {clause.topic for clause in scope.clauses} | {topic.id for topic in scope.topics}
        problems = [
            Problem(f'"{name}" is not {what}', suggest_nearest(name, known), "", Place(str(there)), code="unknown-name")
            for names, known, what in (
                (self.clauses, {clause.id for clause in scope.clauses}, "a clause of this pack"),
                (self.topics, own, "a topic of which this pack has a file"),
                (self.kinds, set(scope.library.offered_outlines), "a kind of agreement"),
            )
            for there in [scope.pack.declaration.name if scope.pack else ""]
            for name in names
            if name not in known
        ]
        if problems:
            raise InputError(problems)

    def narrow(self, scope: CheckScope) -> CheckScope:
        """Return a scope with the files of what is named."""
        named = {clause.place.file for clause in scope.clauses if clause.id in self.clauses}
        named |= {clause.place.file for clause in scope.clauses if clause.topic in self.topics}
        named |= {topic.question.place.file for topic in scope.topics if topic.id in self.topics}
        named |= {scope.library.outlines[kind].footer.place.file for kind in self.kinds}
        texts = {name: text for name, text in scope.file_texts.items() if name in named}
        return CheckScope(scope.library, scope.pack, texts)


def check_pack(
    folder: Path,
    beneath: tuple[Path, ...],
    today: date,
    thorough: bool = False,
    progress: Progress = ignore_progress,
    narrowing: Narrowing | None = None,
) -> PackReport:
    """Return the report on the pack in `folder`, which lies over the packs `beneath`.

    Raise PackError where there is no pack, or one beneath is not right; InputError where `narrowing` names what the
    pack does not have. `today` is the day by which reviews are old; `progress` is told what is tried next.
    """
    if not (folder / PACK_FILE).is_file():
        read_pack(folder)  # says what is missing
    open_library(beneath)
    try:
        library = open_library((*beneath, folder))
    except PackError as error:
        found = (
            apply_rule("P16" if problem.place.file.endswith(".docx") else "P01", problem) for problem in error.problems
        )
        return _relate_places(PackReport(_name_of(folder), "", tuple(found)), folder)
    pack = library.packs[-1]
    scope = CheckScope(library, pack, _texts_of(pack.files))
    if narrowing:
        narrowing.require_known(scope)
        scope = narrowing.narrow(scope)
    return _relate_places(_check_scope(scope, today, thorough, progress, narrowing), folder)


def check_built_in(
    today: date, topics: Collection[str] = (), thorough: bool = False, progress: Progress = ignore_progress
) -> PackReport:
    """Return the report on the library that comes with the program, or on some of its topics; it takes minutes."""
    texts = _texts_of(built_in_parts().files)
    if topics:
        texts = {name: text for name, text in texts.items() if PurePosixPath(name).parent.name in topics}
    return _check_scope(CheckScope(built_in_library(), None, texts), today, thorough, progress)


def _texts_of(files: Mapping[str, SourceFile]) -> dict[str, str]:
    """Return the texts of those files in which problems have lines, by the name that places give them."""
    return {
        source.name: source.text for path, source in files.items() if path.endswith((".yaml", ".md", ".html", ".css"))
    }


def _check_scope(
    scope: CheckScope, today: date, thorough: bool, progress: Progress, narrowing: Narrowing | None = None
) -> PackReport:
    library, pack = scope.library, scope.pack
    problems = [*check_texts(scope, today), *check_terms(scope)]
    problems += check_ties(library, {clause.topic for clause in scope.clauses})
    memory = ProofMemory(library, thorough) if pack else None
    kinds = _list_changed_kinds(scope) if narrowing is None else dict.fromkeys(narrowing.kinds, True)
    proof = prove(library, scope.clauses, scope.rows, kinds, thorough, progress, memory)
    problems += proof.problems
    samples: dict[str, BuiltAgreement] = {}
    test_count = sum(len(clause.tests) for clause in scope.clauses)
    if pack and narrowing is None:
        problems += _check_base(pack)
        problems += _check_word_files(pack, library)
        progress("sample deals")
        problems += _build_samples(pack, library, samples)
        unreadable: list[Problem] = []
        tests = read_pack_tests(pack.files_below("tests"), unreadable)
        problems += (apply_rule("P01", problem) for problem in unreadable)
        problems += run_pack_tests(
            library, tests, samples, [name for name in pack.files if name.startswith("samples/")]
        )
        test_count += len(tests)
        problems += _check_rules(pack, library)
        tested = {name for test in tests for name in (test.clause, *test.clauses)}
        for clause in scope.clauses:
            if not clause.tests and clause.id not in tested:
                hint = "say in its front matter or in tests/ what it prints with which facts"
                problems.append(make_problem("P23", "this clause has no test", hint, clause.place))
    problems += run_clause_tests(library, scope.clauses)
    pages = {name: built.fitted.pages for name, built in samples.items()}
    name, version = (pack.id, pack.version) if pack else ("built-in library", "")
    in_order = tuple(sorted(dict.fromkeys(problems), key=_gravity_and_place))
    return PackReport(name, version, in_order, proof.coverage, test_count, pages)


def _gravity_and_place(problem: Problem) -> tuple[int, str, int, int, str]:
    place = problem.place
    return _GRAVITY[problem.severity], place.file, place.line, place.column, problem.code


def _check_rules(pack: Pack, library: Library) -> Iterator[Problem]:
    """Yield what is wrong with the pack's rules of the deal check, and which of their tests fail."""
    if RULES_FILE not in pack.files:
        return
    try:
        book = read_rule_book(library)
    except PackError as error:
        yield from (apply_rule("P01", problem) for problem in error.problems)
        return
    own = tuple(rule for rule in book.rules if rule.place.file == pack.files[RULES_FILE].name)
    if own:
        yield from run_rule_tests(library, own)


def _check_word_files(pack: Pack, library: Library) -> Iterator[Problem]:
    """Yield what a firm should know of its Word files, which can be used as they are."""
    for report in check_word_files(pack, library):
        yield from (apply_rule("P24", problem) for problem in report.warnings)
    files = {name: source.data for name, source in library.layout.items()}
    for name, source in pack.files_below("templates/layout").items():
        for family in unavailable_fonts(font_families_in(source.data), files) if name.endswith(".docx") else ():
            message = f'the font "{family}" does not come with Word, and is neither in the pack nor on this computer'
            hint = "readers who do not have it see another; take one of Word's, or embed it: File > Options > Save"
            yield make_problem("P24", message, hint, Place(source.name))


def _list_changed_kinds(scope: CheckScope) -> dict[str, bool]:
    """Return the kinds of agreement of which a pack changes more than a clause: these are drafted as a whole.

    True where the outline or a topic is the pack's: with each answer once; else with the usual answers.
    """
    if scope.pack is None:
        return {}
    topics = {topic.id for topic in scope.topics}
    changes_all = bool(scope.pack.switched_off or scope.pack.changes)
    kinds = {
        kind: outline.footer.place.file in scope.file_texts or bool(topics & set(outline.topics))
        for kind, outline in scope.library.offered_outlines.items()
    }
    return {kind: each_answer for kind, each_answer in kinds.items() if each_answer or changes_all}


def _check_base(pack: Pack) -> Iterator[Problem]:
    """Yield what an update of the library changed under the pack's files."""
    try:
        states = list_base_changes(pack)
    except PackError as error:
        yield from (apply_rule("P01", problem) for problem in error.problems)
        return
    hint = '"agreementgen pack diff" shows yours beside it; then "pack diff --accept"'
    lacks = list_what_topics_lack(pack)
    for name, state in states.items():
        if state == "changed":
            message = "the library's file that this one takes the place of has changed since you saw it"
            if name in lacks:
                message += f"; what it has and yours has not is left unused: {lacks[name]}"
            yield make_problem("P22", message, hint, Place(pack.files[name].name))
        elif state == "gone":
            message = f"the library has no file {name} any more, which a file of the pack took the place of"
            yield make_problem("P22", message, hint, Place(pack.files[BASED_ON_FILE].name))


def _build_samples(pack: Pack, library: Library, samples: dict[str, BuiltAgreement]) -> Iterator[Problem]:
    """Build the pack's sample deals into `samples`, by file; yield what is wrong with them."""
    for name, source in pack.files_below("samples").items():
        if not name.endswith(".yaml"):
            continue
        rule = "P19"
        try:
            deal = pipeline.read(source.data, source.name, library)
            samples[name] = pipeline.build_what_can_be_made(deal, library, ("docx", "pdf", "txt"))
            found = samples[name].warnings
        except AgreementError as error:
            rule, found = "P18", error.problems
        for problem in found:
            place = problem.place if problem.place.file else Place(source.name)
            yield replace(apply_rule(rule, problem), place=place)


def _name_of(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name


def _relate_places(report: PackReport, folder: Path) -> PackReport:
    """Return a report whose places are paths from the folder in which the command runs, not from the pack's."""
    problems = (replace(problem, place=_relate_place(problem.place, folder)) for problem in report.problems)
    return replace(report, problems=tuple(problems))


def _relate_place(place: Place, folder: Path) -> Place:
    head, inside, rest = place.file.partition("/")
    return replace(place, file=str(folder / rest)) if inside and head == _name_of(folder) else place

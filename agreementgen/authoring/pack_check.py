"""The check of a pack: all that can be known of it before a client's deal, in one report."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

from agreementgen import pipeline
from agreementgen.authoring.branches import check_ties
from agreementgen.authoring.lints import CheckScope, check_terms, check_texts, make_problem
from agreementgen.authoring.new_pack import BASED_ON_FILE, list_base_changes
from agreementgen.authoring.proof import (
    Coverage,
    Progress,
    Proof,
    ignore_progress,
    read_pack_tests,
    run_clause_tests,
    run_pack_tests,
)
from agreementgen.core.problems import AgreementError, PackError, Place, Problem
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.pack import PACK_FILE, Pack, read_pack
from agreementgen.packs.layering import check_word_files, open_library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import pdf
from agreementgen.render.measure import font_families_in, unavailable_fonts

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
        return sum(found.severity == severity for found in self.problems)


def check_pack(
    folder: Path,
    beneath: tuple[Path, ...],
    today: date,
    thorough: bool = False,
    progress: Progress = ignore_progress,
) -> PackReport:
    """Return the report on the pack in `folder`, which lies over the packs `beneath`.

    Raise PackError where there is no pack, or one beneath is not right. `today` is the day by which reviews are old;
    `progress` is told what is tried next.
    """
    if not (folder / PACK_FILE).is_file():
        read_pack(folder)  # says what is missing
    open_library(beneath)
    try:
        library = open_library((*beneath, folder))
    except PackError as error:
        found = [
            make_problem(_rule_for(p), p.message, p.hint, _relate_place(p.place, folder), p.field)
            for p in error.problems
        ]
        return PackReport(_folder_name(folder), "", tuple(found))
    pack = library.packs[-1]
    own = CheckScope.of_files(
        library, pack, {file.name: file.text for name, file in pack.files.items() if _is_text(name)}
    )
    return _relate_places(_check_scope(own, today, thorough, _list_changed_kinds(own), progress), folder)


def check_built_in(
    today: date, topics: Collection[str] = (), thorough: bool = False, progress: Progress = ignore_progress
) -> PackReport:
    """Return the report on the library that comes with the program, or on some of its topics; it takes minutes."""
    library = built_in_library()
    files = built_in_parts().files
    raw = {file.name: file.text for name, file in files.items() if _is_text(name)}
    if topics:
        raw = {name: text for name, text in raw.items() if PurePosixPath(name).parent.name in topics}
    return _check_scope(CheckScope.of_files(library, None, raw), today, thorough, {}, progress)


def _check_scope(
    own: CheckScope, today: date, thorough: bool, kinds: Mapping[str, bool], progress: Progress
) -> PackReport:
    library, pack = own.library, own.pack
    found = [
        *check_texts(own, today),
        *check_terms(own),
        *check_ties(library, {clause.topic for clause in own.clauses}),
    ]
    proof = Proof(library, own.clauses, own.rows, kinds, thorough, progress)
    found += proof.problems
    built: dict[str, BuiltAgreement] = {}
    count = sum(len(clause.tests) for clause in own.clauses)
    if pack:
        found += _check_base(pack)
        found += _check_word_files(pack, library)
        progress("sample deals")
        found += _build_samples(pack, library, built)
        problems: list[Problem] = []
        tests = read_pack_tests(pack.files_below("tests"), problems)
        found += (make_problem("P01", p.message, p.hint, p.place, p.field) for p in problems)
        found += run_pack_tests(library, tests, built, [name for name in pack.files if name.startswith("samples/")])
        count += len(tests)
        tested = {name for test in tests for name in (test.clause, *test.clauses)}
        for clause in own.clauses:
            if not clause.tests and clause.id not in tested:
                hint = "say in its front matter or in tests/ what it prints with which facts"
                found.append(make_problem("P23", "this clause has no test", hint, clause.place))
    found += run_clause_tests(library, own.clauses)
    ordered = sorted(
        dict.fromkeys(found), key=lambda f: (_GRAVITY[f.severity], f.place.file, f.place.line, f.place.column, f.code)
    )
    pages = {name: made.fitted.pages for name, made in built.items()}
    name, version = (pack.id, pack.version) if pack else ("built-in library", "")
    return PackReport(name, version, tuple(ordered), proof.coverage, count, pages)


def _rule_for(problem: Problem) -> str:
    return "P16" if problem.place.file.endswith(".docx") else "P01"


def _check_word_files(pack: Pack, library: Library) -> Iterator[Problem]:
    """Yield what a firm should know of its Word files, which can be used as they are."""
    for linted in check_word_files(pack, library):
        yield from (make_problem("P24", p.message, p.hint, p.place, p.field) for p in linted.warnings)
    files = {name: source.data for name, source in library.layout.items()}
    for name, source in pack.files_below("templates/layout").items():
        for family in unavailable_fonts(font_families_in(source.data), files) if name.endswith(".docx") else ():
            message = f'the font "{family}" does not come with Word, and is neither in the pack nor on this computer'
            hint = "readers who do not have it see another; take one of Word's, or embed it: File > Options > Save"
            yield make_problem("P24", message, hint, Place(source.name))


def _list_changed_kinds(own: CheckScope) -> dict[str, bool]:
    """Return the kinds of agreement of which a pack changes more than a clause: these are drafted as a whole.

    With each answer once where the outline or a topic is the pack's; else with the usual answers.
    """
    library, pack = own.library, own.pack
    if pack is None:
        return {}
    mine = {topic.id for topic in own.topics}
    found = {
        kind: outline.footer.place.file in own.file_texts or bool(mine & set(outline.topics))
        for kind, outline in library.offered_outlines.items()
    }
    changed = bool(pack.switched_off or pack.changes)
    return {kind: around for kind, around in found.items() if around or changed}


def _check_base(pack: Pack) -> Iterator[Problem]:
    """Yield what an update of the library changed under the pack's files."""
    try:
        states = list_base_changes(pack)
    except PackError as error:
        yield from (make_problem("P01", p.message, p.hint, p.place, p.field) for p in error.problems)
        return
    hint = '"agreementgen pack diff" shows yours beside it; then "pack diff --accept"'
    for name, state in states.items():
        if state == "changed":
            message = "the library's file that this one takes the place of has changed since you saw it"
            yield make_problem("P22", message, hint, Place(pack.files[name].name))
        elif state == "gone":
            message = f"the library has no file {name} any more, which a file of the pack took the place of"
            yield make_problem("P22", message, hint, Place(pack.files[BASED_ON_FILE].name))


def _build_samples(pack: Pack, library: Library, built: dict[str, BuiltAgreement]) -> Iterator[Problem]:
    """Build the pack's sample deals into `built`; yield what is wrong with them."""
    formats = ("docx", "pdf", "txt") if pdf.is_available() else ("docx", "txt")
    for name, source in pack.files_below("samples").items():
        if not name.endswith(".yaml"):
            continue
        try:
            deal = pipeline.read(source.data, source.name, library)
            built[name] = pipeline.build(deal, library, formats)
        except AgreementError as error:
            for p in error.problems:
                place = p.place if p.place.file else Place(source.name)
                yield make_problem("P18", p.message, p.hint, place, p.field)
            continue
        for p in built[name].warnings:
            place = p.place if p.place.file else Place(source.name)
            yield make_problem("P19", p.message, p.hint, place, p.field)


def _folder_name(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name


def _is_text(name: str) -> bool:
    return name.endswith((".yaml", ".md", ".html", ".css"))


def _relate_places(report: PackReport, folder: Path) -> PackReport:
    return replace(report, problems=tuple(replace(f, place=_relate_place(f.place, folder)) for f in report.problems))


def _relate_place(place: Place, folder: Path) -> Place:
    """Return a place in a pack's file as a path from the folder in which the command runs."""
    head, inside, rest = place.file.partition("/")
    return replace(place, file=str(folder / rest)) if inside and head == _folder_name(folder) else place

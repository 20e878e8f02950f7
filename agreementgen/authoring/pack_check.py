"""The check of a pack: all that can be known of it before a client's deal, in one report."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

from agreementgen import pipeline
from agreementgen.authoring.branches import ties
from agreementgen.authoring.lints import Own, finding, lints, terms
from agreementgen.authoring.new_pack import FILE, underneath
from agreementgen.authoring.proof import Coverage, Progress, Proof, read_tests, run_tests, run_trials, unheard
from agreementgen.core.problems import AgreementError, Finding, PackError, Place, Problem
from agreementgen.library.library import Library, built_in, built_in_parts
from agreementgen.library.pack import PACK, Pack, read_pack
from agreementgen.packs.layering import opened, word_files
from agreementgen.pipeline import Built
from agreementgen.render import pdf
from agreementgen.render.measure import families, strangers

_GRAVE = {"E": 0, "W": 1, "N": 2}


@dataclass(frozen=True)
class Report:
    """What a check found, the gravest first, and what it looked at. `pages` are those of the sample deals by file."""

    name: str
    version: str
    findings: tuple[Finding, ...]
    coverage: Coverage = field(default_factory=Coverage)
    tests: int = 0
    pages: Mapping[str, int] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        return sum(found.severity == severity for found in self.findings)


def check(
    folder: Path,
    beneath: tuple[Path, ...],
    today: date,
    thorough: bool = False,
    progress: Progress = unheard,
) -> Report:
    """Return the report on the pack in `folder`, which lies over the packs `beneath`.

    Raise PackError where there is no pack, or one beneath is not right. `today` is the day by which reviews are old;
    `progress` is told what is tried next.
    """
    if not (folder / PACK).is_file():
        read_pack(folder)  # says what is missing
    opened(beneath)
    try:
        library = opened((*beneath, folder))
    except PackError as error:
        found = [finding(_rule(p), p.message, p.hint, _near(p.place, folder), p.field) for p in error.problems]
        return Report(_title(folder), "", tuple(found))
    pack = library.packs[-1]
    own = Own.of(library, pack, {file.name: file.text for name, file in pack.files.items() if _is_text(name)})
    return _near_all(_checked(own, today, thorough, _touched(own), progress), folder)


def check_built_in(
    today: date, topics: Collection[str] = (), thorough: bool = False, progress: Progress = unheard
) -> Report:
    """Return the report on the library that comes with the program, or on some of its topics; it takes minutes."""
    library = built_in()
    files = built_in_parts().files
    raw = {file.name: file.text for name, file in files.items() if _is_text(name)}
    if topics:
        raw = {name: text for name, text in raw.items() if PurePosixPath(name).parent.name in topics}
    return _checked(Own.of(library, None, raw), today, thorough, {}, progress)


def _checked(own: Own, today: date, thorough: bool, kinds: Mapping[str, bool], progress: Progress) -> Report:
    library, pack = own.library, own.pack
    found = [*lints(own, today), *terms(own), *ties(library, {clause.topic for clause in own.clauses})]
    proof = Proof(library, own.clauses, own.rows, kinds, thorough, progress)
    found += proof.findings
    built: dict[str, Built] = {}
    count = sum(len(clause.trials) for clause in own.clauses)
    if pack:
        found += _underneath(pack)
        found += _word_files(pack, library)
        progress("sample deals")
        found += _samples(pack, library, built)
        problems: list[Problem] = []
        tests = read_tests(pack.part("tests"), problems)
        found += (finding("P01", p.message, p.hint, p.place, p.field) for p in problems)
        found += run_tests(library, tests, built, [name for name in pack.files if name.startswith("samples/")])
        count += len(tests)
        tested = {name for test in tests for name in (test.clause, *test.clauses)}
        for clause in own.clauses:
            if not clause.trials and clause.id not in tested:
                hint = "say in its front matter or in tests/ what it prints with which facts"
                found.append(finding("P23", "this clause has no test", hint, clause.place))
    found += run_trials(library, own.clauses)
    ordered = sorted(
        dict.fromkeys(found), key=lambda f: (_GRAVE[f.severity], f.place.file, f.place.line, f.place.column, f.rule)
    )
    pages = {name: made.fitted.pages for name, made in built.items()}
    name, version = (pack.id, pack.version) if pack else ("built-in library", "")
    return Report(name, version, tuple(ordered), proof.coverage, count, pages)


def _rule(problem: Problem) -> str:
    return "P16" if problem.place.file.endswith(".docx") else "P01"


def _word_files(pack: Pack, library: Library) -> Iterator[Finding]:
    """Yield what a firm should know of its Word files, which can be used as they are."""
    for linted in word_files(pack, library):
        yield from (finding("P24", p.message, p.hint, p.place, p.field) for p in linted.warnings)
    files = {name: source.data for name, source in library.layout.items()}
    for name, source in pack.part("templates/layout").items():
        for family in strangers(families(source.data), files) if name.endswith(".docx") else ():
            message = f'the font "{family}" does not come with Word, and is neither in the pack nor on this computer'
            hint = "readers who do not have it see another; take one of Word's, or embed it: File > Options > Save"
            yield finding("P24", message, hint, Place(source.name))


def _touched(own: Own) -> dict[str, bool]:
    """Return the kinds of agreement of which a pack changes more than a clause: these are drafted as a whole.

    With each answer once where the outline or a topic is the pack's; else with the usual answers.
    """
    library, pack = own.library, own.pack
    if pack is None:
        return {}
    mine = {topic.id for topic in own.topics}
    found = {
        kind: outline.footer.place.file in own.raw or bool(mine & set(outline.topics))
        for kind, outline in library.offered.items()
    }
    changed = bool(pack.switched_off or pack.changes)
    return {kind: around for kind, around in found.items() if around or changed}


def _underneath(pack: Pack) -> Iterator[Finding]:
    """Yield what an update of the library changed under the pack's files."""
    try:
        states = underneath(pack)
    except PackError as error:
        yield from (finding("P01", p.message, p.hint, p.place, p.field) for p in error.problems)
        return
    hint = '"agreementgen pack diff" shows yours beside it; then "pack diff --accept"'
    for name, state in states.items():
        if state == "changed":
            message = "the library's file that this one takes the place of has changed since you saw it"
            yield finding("P22", message, hint, Place(pack.files[name].name))
        elif state == "gone":
            message = f"the library has no file {name} any more, which a file of the pack took the place of"
            yield finding("P22", message, hint, Place(pack.files[FILE].name))


def _samples(pack: Pack, library: Library, built: dict[str, Built]) -> Iterator[Finding]:
    """Build the pack's sample deals into `built`; yield what is wrong with them."""
    formats = ("docx", "pdf", "txt") if pdf.available() else ("docx", "txt")
    for name, source in pack.part("samples").items():
        if not name.endswith(".yaml"):
            continue
        try:
            deal = pipeline.read(source.data, source.name, library)
            built[name] = pipeline.build(deal, library, formats)
        except AgreementError as error:
            for p in error.problems:
                place = p.place if p.place.file else Place(source.name)
                yield finding("P18", p.message, p.hint, place, p.field)
            continue
        for p in built[name].warnings:
            place = p.place if p.place.file else Place(source.name)
            yield finding("P19", p.message, p.hint, place, p.field)


def _title(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name


def _is_text(name: str) -> bool:
    return name.endswith((".yaml", ".md", ".html", ".css"))


def _near_all(report: Report, folder: Path) -> Report:
    return replace(report, findings=tuple(replace(f, place=_near(f.place, folder)) for f in report.findings))


def _near(place: Place, folder: Path) -> Place:
    """Return a place in a pack's file as a path from the folder in which the command runs."""
    head, inside, rest = place.file.partition("/")
    return replace(place, file=str(folder / rest)) if inside and head == _title(folder) else place

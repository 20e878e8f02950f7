"""The commands of "agreementgen pack": for law firms that make the program their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.options import packs_option
from agreementgen.core.escaping import to_json_text
from agreementgen.core.problems import SEVERITY_WORDS, InputError, Place, Problem, count_noun
from agreementgen.terminal import print_lines, print_marked, print_note, print_result, print_text, show_status

if TYPE_CHECKING:
    from agreementgen.authoring.pack_check import PackReport
    from agreementgen.authoring.pack_comparison import ComparedWords, Difference

_FOLDER = click.Path(path_type=Path)


@click.group(short_help="Make, check and compare a law firm's pack.")
def pack() -> None:
    """Make, check and compare a law firm's pack: its own wording, questions and letterhead."""


@pack.command("new")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--name", default="", help="The firm's name as people read it; else it is made of the folder's.")
def new_pack(folder: Path, name: str) -> None:
    """Make a small pack that works in the new folder DIR, to be changed file by file.

    The folder's name becomes the pack's id: small letters, figures and hyphens, as in acme-law.
    """
    from agreementgen.authoring.pack_folder import create_pack

    for path in create_pack(folder, name):
        print_result(str(path))
    print_note(f"Next: agreementgen pack check {folder}")


@pack.command("check")
@click.argument("folder", required=False, metavar="[DIR]", type=_FOLDER)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
@click.option("--every-branch", is_flag=True, help="Try all combinations in all kinds of agreement; takes long.")
@click.option("--clause", "clauses", multiple=True, help="Check only this clause, by its id.")
@click.option("--topic", "topics", multiple=True, help="Check only the clauses and rows of this topic.")
@click.option("--kind", "kinds", multiple=True, help="Check only whole agreements of this kind.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day by which reviews of clauses are old.")
def check_pack(
    folder: Path | None,
    form: str,
    packs: tuple[Path, ...],
    every_branch: bool,
    clauses: tuple[str, ...],
    topics: tuple[str, ...],
    kinds: tuple[str, ...],
    today: datetime | None,
) -> int:
    """Find all that can be known to be wrong with the pack in DIR, before a client's deal does.

    Draft its clauses in every branch, run its tests, build its samples. Without DIR, check the built-in library.
    What passed is remembered: after an edit, only what the edit touches is drafted again. To see one change at once,
    name its clause, topic or kind. Exit status: 0 nothing grave, 1 errors, 2 no pack there.
    """
    from agreementgen.authoring import pack_check

    if folder is None and (clauses or kinds):
        raise click.UsageError("--clause and --kind are for packs: name a pack's folder")
    narrowing = pack_check.Narrowing(clauses, topics, kinds) if clauses or topics or kinds else None
    day = (today or datetime.now()).date()
    with _showing_progress() as progress:
        if folder is None:
            report = pack_check.check_built_in(day, topics, every_branch, progress)
        else:
            report = pack_check.check_pack(folder, packs, day, every_branch, progress, narrowing)
    if form == "json":
        print_text(to_json_text(_report_to_json(report), 1) + "\n")
    else:
        for problem in report.problems:
            print_text(f"{problem.describe_with_code()}\n")
        for line in _summarize(report):
            print_result(line)
        if narrowing and folder:
            print_note("Only this part was checked; samples, tests of agreements and Word files were not.")
    return 1 if report.count("E") else 0


@pack.command("letterhead")
@click.argument("file", metavar="FILE", type=_FOLDER)
@click.option("--pack", "folder", type=_FOLDER, default=Path(), help="The pack's folder; else the one you are in.")
@click.option("--force", is_flag=True, help="Replace the letterhead that the pack has.")
def add_letterhead(file: Path, folder: Path, force: bool) -> None:
    """Make the Word file FILE (.docx or .dotx) the letterhead of a pack.

    Its headers, footers, logo, margins and fonts are kept, and what the page needs is copied into it: styles and the
    list that numbers the clauses. The same look is written for the PDF, as style.yaml. FILE itself is not changed.
    """
    from agreementgen.core.opening import read_regular_file
    from agreementgen.core.saving import replace_files, report_unwritable
    from agreementgen.library.files import MAX_FILE_BYTES, SourceFile
    from agreementgen.library.library import read_pack
    from agreementgen.library.loading import built_in_parts
    from agreementgen.packs.letterhead import adopt_letterhead, take_style
    from agreementgen.packs.word_file import REFERENCE_FILE
    from agreementgen.render.house_style import OTHER_LOOKS, STYLE_FILE

    prefix = "templates/layout/"
    pack = read_pack(folder)
    own = {name.removeprefix(prefix): file for name, file in pack.files.items() if name.startswith(prefix)}
    try:
        source = SourceFile(str(file), read_regular_file(file, MAX_FILE_BYTES))
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        problem = Problem(message, "look at the name and the folder", "", Place(str(file)), code="file-unreadable")
        raise InputError(problem) from None
    made = adopt_letterhead(source, built_in_parts().layout[REFERENCE_FILE])
    files = {}
    style = None
    if not (others := [name for name in OTHER_LOOKS if name in own]):
        style = take_style(made.file, {**built_in_parts().layout, **own})
        files = {**style.pictures, STYLE_FILE: style.text.encode()}
    files[REFERENCE_FILE] = made.file.data
    target = folder / "templates" / "layout"
    for name, data in files.items():
        if name in own and not force and own[name].data != data:
            message, hint = "the pack has a letterhead already", "keep a copy of it if you need it, and add --force"
            raise InputError(Problem(message, hint, "", Place(str(target / name)), code="not-ours"))
    with report_unwritable(target):
        target.mkdir(parents=True, exist_ok=True)
    replace_files(target, files)
    for name in reversed(files):
        print_result(str(target / name))
    for line in (*made.lines, *(style.lines if style else ())):
        print_note(line)
    if others:
        print_note(f"{others[0]} says how the PDF looks, so no {STYLE_FILE} was written: without that file it is")


@pack.command("copy")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def copy_to_pack(folder: Path, names: Sequence[str]) -> None:
    """Copy files of the library into the pack in DIR, to be changed there.

    NAME is the id of a clause, "topic scope" for the questions of a topic, a kind of agreement such as referral, a
    file of the layout such as agreement.html, or "messages" for what the questionnaire says, to be translated.
    """
    from agreementgen.authoring.pack_folder import copy_files
    from agreementgen.library.library import read_pack

    for path in copy_files(read_pack(folder), names):
        print_result(str(path))


@pack.command("diff")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
@click.option("--accept", is_flag=True, help="Record the library's files under those of the pack as seen.")
def diff_pack(folder: Path, form: str, packs: tuple[Path, ...], accept: bool) -> None:
    """Show what the pack in DIR changes against the built-in library, and what changed underneath since it was seen.

    Words that only the library has stand in [-...-], words that only the pack has in {+...+}; in a terminal in color.
    """
    from agreementgen.authoring.pack_comparison import compare_pack
    from agreementgen.authoring.pack_folder import save_based_on
    from agreementgen.packs.layering import open_library

    library = open_library((*packs, folder))
    own = library.packs[-1]
    differences = compare_pack(own, library)
    if accept:
        print_note(f"{save_based_on(own)}: written")
    if form == "json":
        entries = [_difference_to_json(difference) for difference in differences]
        print_text(to_json_text(entries, 1) + "\n")
    else:
        colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        for difference in differences:
            _print_difference(difference, colored)


_BASE_STATE_IN_WORDS = {
    "changed": "the library's file has changed since you saw it: compare, then pack diff --accept",
    "unknown": "not recorded yet: pack diff --accept notes the library's file under it",
    "gone": "the library has no such file any more",
}
# What stands around words that both have, only the library has, only the pack has.
_BRACKETS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
_COLORS = {"=": ("", ""), "-": ("\x1b[9;31m", "\x1b[0m"), "+": ("\x1b[32m", "\x1b[0m")}


def _print_difference(difference: Difference, colored: bool) -> None:
    print_result(f"{difference.path}: {difference.what}")
    if difference.base_state:
        print_result(f"  ! {_BASE_STATE_IN_WORDS[difference.base_state]}")
    print_lines(f"  {line}" for line in difference.lines)
    if any(piece.sign != "=" for piece in difference.base_pieces):
        print_result("  the library's words, since you saw them:")
        _print_pieces(difference.base_pieces, colored)
        print_result("  the library's words, and those of the pack:")
    _print_pieces(difference.pieces, colored)
    print_result("")


def _print_pieces(words: Sequence[ComparedWords], colored: bool) -> None:
    if any(piece.sign != "=" for piece in words):
        marks = _COLORS if colored else _BRACKETS
        pieces = [(marks[piece.sign][0], piece.text, marks[piece.sign][1]) for piece in words]
        pieces = [(before, text.replace("\n", "\n    "), after) for before, text, after in pieces]
        print_marked([("    ", "", ""), *pieces, ("\n", "", "")])


def _difference_to_json(difference: Difference) -> dict[str, object]:
    return {
        "file": difference.path,
        "what": difference.what,
        "changes": list(difference.lines),
        "words": [{"sign": piece.sign, "text": piece.text} for piece in difference.pieces],
        "underneath": difference.base_state,
        "words underneath": [{"sign": piece.sign, "text": piece.text} for piece in difference.base_pieces],
    }


@contextmanager
def _showing_progress() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is tried, in one line of a terminal that is emptied at the end."""
    in_terminal = sys.stderr.isatty()

    def show(what: str) -> None:
        if in_terminal:
            show_status(what[:70])

    try:
        yield show
    finally:
        show("")


def _summarize(report: PackReport) -> list[str]:
    coverage = report.coverage
    lines = []
    if coverage.agreements or coverage.remembered:
        clauses, rows = count_noun(coverage.clauses, "clause"), count_noun(coverage.rows, "row")
        wordings = count_noun(coverage.wordings, "wording")
        outcomes = f"{coverage.taken} of {coverage.outcomes} outcomes of conditions"
        share = outcomes if coverage.outcomes else "no conditions"
        drafted = f"{count_noun(coverage.agreements, 'agreement')} drafted"
        if coverage.remembered:
            drafted += f", {count_noun(coverage.remembered, 'part')} passed before"
        lines.append(f"{report.name}: {clauses} and {rows} in {wordings}, {share}, {drafted}")
    if report.tests or report.pages:
        failed = sum(problem.code == "P17" for problem in report.problems)
        tests = f"{count_noun(report.tests, 'test')}{f', {failed} failed' if failed else ' passed'}"
        pages = ", ".join(f"{name} ({count_noun(number, 'page')})" for name, number in report.pages.items())
        lines.append(f"{report.name}: {tests}; " + (f"samples built: {pages}" if pages else "no samples built"))
    counts = [count_noun(report.count(severity), word) for severity, word in SEVERITY_WORDS.items()]
    return [*lines, f"{report.name}: {', '.join(counts)}"]


def _report_to_json(report: PackReport) -> dict[str, object]:
    seen = report.coverage
    return {
        "pack": report.name,
        "version": report.version,
        "errors": report.count("E"),
        "warnings": report.count("W"),
        "notes": report.count("N"),
        "coverage": {
            "clauses": seen.clauses,
            "rows": seen.rows,
            "wordings": seen.wordings,
            "agreements": seen.agreements,
            "outcomes": seen.outcomes,
            "outcomes_taken": seen.taken,
            "remembered": seen.remembered,
        },
        "tests": report.tests,
        "samples": [{"file": name, "pages": number} for name, number in report.pages.items()],
        "findings": [
            {
                "rule": found.code,
                "code": found.code,
                "severity": found.severity,
                "file": found.place.file,
                "line": found.place.line,
                "column": found.place.column,
                "field": found.field,
                "message": found.message,
                "hint": found.hint,
            }
            for found in report.problems
        ],
    }

"""The command line: the only place that prints or exits.

Results go to standard output or files, everything said about them to standard error. Exit status: 0 done,
1 findings of severity E (the deal check comes later), 2 wrong input or usage, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agreementgen import __version__
from agreementgen.cli.batch import batch
from agreementgen.cli.documents import check_chart, raci
from agreementgen.cli.options import formats_option, layout_option, packs_option, paper_option, parse_formats
from agreementgen.cli.pack import pack
from agreementgen.cli.show import each_figure_line, show
from agreementgen.core.characters import count_noun
from agreementgen.core.problems import AgreementError, InputError, Place, Problem

if TYPE_CHECKING:
    from agreementgen.pipeline import BuiltAgreement

# More problems than anybody reads at once.
_MAX_PROBLEMS = 50
_LEGAL = (
    "agreementgen writes down what you have agreed. It is no substitute for an attorney: it gives no legal advice. "
    "Have a lawyer read an agreement before you sign it."
)


def main() -> None:
    """Run the program; never a traceback for a mistake of the user's."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that knows ASCII or cp1252 only shows ? instead of ending with a traceback.
            stream.reconfigure(errors="replace")
    try:
        status = commands.main(prog_name="agreementgen", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _say("stopped")
        status = 130
    except KeyboardInterrupt:
        _say("stopped")
        status = 130
    except click.ClickException as error:
        error.show()
        status = 2
    except AgreementError as error:
        for problem in error.problems[:_MAX_PROBLEMS]:
            _say(str(problem))
        if len(error.problems) > _MAX_PROBLEMS:
            _say(f"... and {len(error.problems) - _MAX_PROBLEMS:,} more")
        _say(count_noun(len(error.problems), "problem") + "; nothing was written")
        status = 2
    except BrokenPipeError:
        # The reader of our output went away (| head): that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status or 0)


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.group(epilog=_LEGAL, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="agreementgen")
def commands() -> None:
    """Write a one-page partnership agreement from a deal file, as Word and PDF.

    Begin with "agreementgen new", which asks for all it needs. Or print a file to fill in with
    "agreementgen show starter referral > deal.yaml", and run "agreementgen build deal.yaml -o out".
    """


_FILE = click.Path(dir_okay=False, path_type=Path)
_deals = click.argument("deals", nargs=-1, required=True, metavar="DEAL.yaml...")


@commands.command()
@_deals
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("."), help="Folder for the documents.")
@formats_option
@layout_option
@paper_option
@packs_option
@click.option("--force", is_flag=True, help="Overwrite files that agreementgen did not write.")
@click.option("--verify", is_flag=True, help="Count the Word file's pages with LibreOffice, too.")
@click.option("--record", type=_FILE, metavar="FILE", help="Write down, as JSON, what decided the words.")
@click.option("--locked", type=_FILE, metavar="RECORD", help="Write nothing if words may differ from RECORD's.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def build(
    deals: Sequence[str],
    output: Path,
    formats: str,
    layout: str,
    paper: str | None,
    packs: tuple[Path, ...],
    force: bool,
    verify: bool,
    record: Path | None,
    locked: Path | None,
    as_json: bool,
) -> None:
    """Write the documents of each DEAL.yaml ("-" reads standard input)."""
    from agreementgen import pipeline
    from agreementgen import record as records
    from agreementgen.core import saving
    from agreementgen.render import libreoffice
    from agreementgen.sources import read_deals

    wanted = parse_formats(formats)
    if verify and "docx" not in wanted:
        raise click.UsageError("--verify counts the pages of the Word file: add docx to -f")
    kept = records.open_record_options(record, locked, {"layout": layout, "paper": paper or ""}, force)
    made = []
    read = {}
    for sourced in read_deals(deals, paper or "", packs):
        with _naming_deal_file(sourced.name):
            stem = _stem(sourced.name, sourced.deal)
            read[stem] = sourced
            made.append((stem, pipeline.build(sourced.deal, sourced.library, wanted, layout)))
    _refuse_same_names([stem for stem, _ in made], deals)
    files = {f"{stem}.{kind}": data for stem, built in made for kind, data in built.files.items()}
    charts = {f"{stem}-raci": built.chart for stem, built in made if built.chart}
    files |= {f"{stem}.{kind}": data for stem, chart in charts.items() for kind, data in chart.files.items()}
    if verify:
        found = {stem: (built.files, built.fitted.pages) for stem, built in made}
        found |= {stem: (chart.files, chart.pages) for stem, chart in charts.items()}
        libreoffice.verify_page_counts(
            {stem: documents["docx"] for stem, (documents, _) in found.items()},
            {stem: pages for stem, (_, pages) in found.items()},
        )
    record_now = kept.make_record([(stem, read[stem], built) for stem, built in made], files)
    saving.save_files(output, files, force)
    kept.write(record_now)
    if as_json:
        click.echo(json.dumps([_built_to_json(stem, built, output, verify) for stem, built in made], indent=1))
    for stem, built in made:
        for name in files:
            if not as_json and name.rpartition(".")[0] in (stem, f"{stem}-raci" if built.chart else stem):
                click.echo(str(output / name))
        _say(_describe_fit(built, verify))
        for line in each_figure_line(built.deal, read[stem].library):
            _say(f"  {line}")
        for warning in built.warnings:
            _say(f"warning: {warning}")
    for line in kept.list_remarks(record_now):
        _say(line)


@commands.command()
@_deals
@packs_option
def check(deals: Sequence[str], packs: tuple[Path, ...]) -> None:
    """Read each DEAL.yaml, report every problem, and write nothing."""
    from agreementgen.sources import read_deals

    for sourced in read_deals(deals, "", packs):
        for warning in sourced.deal.warnings:
            _say(f"warning: {warning}")
        for line in check_chart(sourced.deal, sourced.library):
            _say(line)
        # The deal check's findings are added here; they do not change what "readable" means.
        click.echo(f"{sourced.name}: no problems; {count_noun(len(sourced.deal.answers), 'fact')}")


@commands.command()
@click.argument("deal", required=False, metavar="[DEAL.yaml]")
@click.option("--type", "kind", help='The kind of agreement; "agreementgen show types" lists them.')
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the documents; else the deal's.")
@packs_option
@click.option("--plain", is_flag=True, help="Lines and numbered choices only, for screen readers.")
def new(deal: str | None, kind: str | None, output: Path | None, packs: tuple[Path, ...], plain: bool) -> int:
    """Ask for the facts of a deal, save every answer in DEAL.yaml, and write the documents.

    A DEAL.yaml that is there already is opened for review. Ctrl-C stops at any time; nothing is lost.
    """
    from agreementgen.interview.session import run_questionnaire

    return run_questionnaire(deal, kind, plain, output, packs)


@commands.command()
@click.argument("kind", default="referral")
@packs_option
def schema(kind: str, packs: tuple[Path, ...]) -> None:
    """Print the JSON Schema of the deal files of KIND, for editors."""
    from agreementgen.deal.forms import make_schema as make
    from agreementgen.sources import open_library

    library = open_library(packs)
    outline = library.outline_of_kind(kind)
    click.echo(json.dumps(make(library.form_of(outline), outline.title), indent=1, ensure_ascii=False))


commands.add_command(batch)
commands.add_command(show)
commands.add_command(raci)
commands.add_command(pack)


# -- helpers


def _stem(name: str, deal: Any) -> str:
    if name != "-":
        return Path(name).stem
    return f"{deal.kind}-agreement"


def _refuse_same_names(stems: Sequence[str], names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for stem, name in zip(stems, names, strict=True):
        if stem.casefold() in seen:
            raise InputError(
                Problem(
                    f"its documents would have the same names as those of {seen[stem.casefold()]}",
                    "build them into two folders, or rename one",
                    "",
                    Place(name),
                )
            )
        seen[stem.casefold()] = name


@contextmanager
def _naming_deal_file(name: str) -> Iterator[None]:
    """Name the deal file in problems that have no place of their own."""
    from dataclasses import replace

    try:
        yield
    except AgreementError as error:
        place = Place("standard input" if name == "-" else name)
        placed = [problem if problem.place.file else replace(problem, place=place) for problem in error.problems]
        raise AgreementError(placed) from None


def _describe_fit(built: BuiltAgreement, verified: bool) -> str:
    fitted = built.fitted
    schedules = len(fitted.document.schedules)
    pages = count_noun(fitted.pages, "page")
    if fitted.document.apart:
        pages = "1 page of key terms and 1 page of clauses"
    if schedules:
        rest = fitted.pages - (2 if fitted.document.apart else 1)
        pages = f"{'1 page' if not fitted.document.apart else pages} and {count_noun(rest, 'page')} of schedules"
    notes = [f"{pages} at {fitted.sizes.body:g} pt", f"{fitted.free_share:.0%} free".replace("%", " %")]
    if fitted.step.short_wording and built.selection.short_clauses:
        notes.append("short wording of " + ", ".join(clause.title for clause in built.selection.short_clauses))
    if schedules:
        moved = [schedule.title for schedule in fitted.document.schedules if not schedule.chart]
        notes += ["moved to a schedule: " + ", ".join(moved)] if moved else []
        notes += ["attached: " + s.title for s in fitted.document.schedules if s.chart]
    if "docx" in built.files and fitted.word_fit.sizes.body != fitted.sizes.body:
        notes.append(f"Word file at {fitted.word_fit.sizes.body:g} pt")
    if fitted.laid_out is None:
        notes.append("estimated")
    if verified:
        notes.append("Word file counted by LibreOffice")
    return f"{Path(built.deal.source).name}: " + "; ".join(notes)


def _built_to_json(stem: str, built: BuiltAgreement, output: Path, verified: bool) -> dict[str, Any]:
    fitted = built.fitted
    return {
        "deal": built.deal.source,
        "files": [str(output / f"{stem}.{kind}") for kind in built.files]
        + [str(output / f"{stem}-raci.{kind}") for kind in (built.chart.files if built.chart else ())],
        "pages": fitted.pages,
        "points": fitted.sizes.body,
        "free_percent": round(fitted.free_share * 100, 1),
        "short": [clause.id for clause in built.selection.short_clauses],
        "layout": "one-plus-one" if fitted.document.apart else "one-page",
        "schedules": [schedule.title for schedule in fitted.document.schedules],
        "proven": fitted.laid_out is not None,
        "verified": verified,
        "warnings": [str(warning) for warning in built.warnings],
    }

"""The commands that deal with single deals (build, raci, new, schema), and "show": what there is to choose from,
and what a deal made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agreementgen.cli.options import (
    chart_formats_option,
    ending_like_ctrl_c,
    force_option,
    formats_option,
    layout_option,
    output_option,
    packs_option,
    paper_option,
    parse_chart_formats,
    parse_formats,
    require_format_of_fields,
    sign_option,
)
from agreementgen.cli.viewer import has_screen, open_option, open_pdf
from agreementgen.core.escaping import to_json_text
from agreementgen.core.problems import (
    SEVERITY_WORDS,
    AgreementError,
    InputError,
    Place,
    Problem,
    count_noun,
    suggest_nearest,
)
from agreementgen.terminal import print_lines, print_note, print_note_lines, print_result, print_text

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.dealcheck.judging import DealReport
    from agreementgen.library.files import SourceFile
    from agreementgen.library.library import Library
    from agreementgen.pipeline import BuiltAgreement, BuiltChart
    from agreementgen.render.signing import Signing
    from agreementgen.sources import SourcedDeal


# -- what there is to choose from


@click.group()
def show() -> None:
    """Show what there is to choose from."""


@show.command("types")
@packs_option
def show_types(packs: tuple[Path, ...]) -> None:
    """List the kinds of agreement."""
    from agreementgen.sources import open_library

    for outline in open_library(packs).offered_outlines.values():
        print_result(f"{outline.kind:<14} {outline.title}: {outline.about}")


@show.command("topics")
@click.argument("kind", default="referral")
@packs_option
def show_topics(kind: str, packs: tuple[Path, ...]) -> None:
    """List the topics of KIND in order."""
    from agreementgen.sources import open_library

    library = open_library(packs)
    for topic_id in library.outline_of_kind(kind).topics:
        topic = library.topics[topic_id]
        print_result(f"{topic_id:<18} {topic.title}: {topic.about}")


@show.command("questions")
@click.argument("kind", default="referral")
@packs_option
def show_questions(kind: str, packs: tuple[Path, ...]) -> None:
    """List every fact a deal file of KIND may hold."""
    from agreementgen.deal.forms import ReferenceTopic, make_reference
    from agreementgen.sources import open_library

    library = open_library(packs)
    outline = library.outline_of_kind(kind)
    sections = (
        ReferenceTopic(topic.title, topic.about, asked, topic.at_top) for topic, asked in library.each_section(outline)
    )
    print_text(make_reference(outline.title, sections, outline.defaults))


@show.command("starter")
@click.argument("kind", default="referral")
@packs_option
def show_starter(kind: str, packs: tuple[Path, ...]) -> None:
    """Print a deal file of KIND to fill in, every question explained."""
    from agreementgen.deal.forms import make_starter
    from agreementgen.sources import open_library

    library = open_library(packs)
    outline = library.outline_of_kind(kind)
    print_text(make_starter(library.form_of(outline), outline.title))


@show.command("clauses")
@click.argument("kind", default="referral")
@click.option("--deal", "deal_file", help="Say which clauses this deal gets, and why, and what was not typed.")
@packs_option
def show_clauses(kind: str, deal_file: str | None, packs: tuple[Path, ...]) -> None:
    """List the clauses of KIND, or those of a deal with their reasons."""
    from agreementgen.deal.questions import Structure
    from agreementgen.draft.selection import select_clauses
    from agreementgen.sources import open_library, read_deals

    if deal_file is None:
        library = open_library(packs)
        for topic in library.outline_of_kind(kind).topics:
            for clause in library.clauses.get(topic, ()):
                print_result(f"{topic:<18} {clause.id:<28} {clause.position:<10} {clause.when.text or 'always'}")
        return
    (sourced,) = read_deals([deal_file], "", packs)
    deal, library = sourced.deal, sourced.library
    for verdict in select_clauses(deal, library, library.outline_of_deal(deal)).verdicts:
        print_result(f"{'in ' if verdict.chosen else 'out'} {verdict.clause.id:<28} {verdict.reason}")
    print_result("")
    print_result("Not typed, and so as usual:")
    for answer in deal.answers:
        if not answer.typed and answer.question.structure not in (Structure.GROUP, Structure.GROUPS):
            print_result(f"  {answer.path}: {_value_in_words(answer.value, deal.language)}")


@show.command("clause")
@click.argument("clause_id", metavar="ID")
@packs_option
def show_clause(clause_id: str, packs: tuple[Path, ...]) -> None:
    """Print one clause with what a lawyer should know of it."""
    from agreementgen.sources import open_library

    library = open_library(packs)
    known = {clause.id: clause for clause in library.each_clause()}
    if clause_id not in known:
        raise InputError(
            Problem(f'there is no clause "{clause_id}"', suggest_nearest(clause_id, known), code="unknown-name")
        )
    found = known[clause_id]
    by, on = found.reviewed
    print_result(f"{found.id}, version {found.version}: {found.title} ({found.position}), in {found.body.place.file}")
    print_result(f"when: {found.when.text or 'always'}; at most {found.word_budget} words")
    print_result(f"reviewed: by {by} on {on}" if by else "reviewed: by no lawyer yet")
    advice = found.guidance
    for name, said in (
        ("why", advice.why),
        ("use when", advice.use_when),
        ("traps", advice.traps),
        ("they may ask", advice.they_may_ask),
        ("fall back to", advice.fall_back_to),
    ):
        if said:
            print_result(f"{name}: {said}")
    print_text(f"\n{found.body.text}\n")


@show.command("figures")
@click.argument("deal_file", metavar="DEAL.yaml")
@packs_option
def show_figures(deal_file: str, packs: tuple[Path, ...]) -> None:
    """Print what the figures of a deal come to."""
    from agreementgen.sources import read_deals

    (sourced,) = read_deals([deal_file], "", packs)
    lines = list(each_figure_line(sourced.deal, sourced.library))
    print_lines(lines or ["This deal has no figures to calculate with."])


@show.command("packs")
@packs_option
def show_packs(packs: tuple[Path, ...]) -> None:
    """List the packs in use here: those of your settings, and those of --pack."""
    from agreementgen.sources import open_library, settings_path

    library = open_library(packs)
    for pack in library.packs:
        changes = (
            len(pack.files_below("clauses"))
            + len(pack.files_below("templates"))
            + len(pack.changes)
            + len(pack.switched_off)
        )
        print_result(f"{pack.id:<18} {pack.name}, version {pack.version}: {changes} changes; in {pack.folder}")
        if pack.contact:
            print_result(f"{'':<18} questions about it: {pack.contact}")
    if not library.packs:
        print_result("No packs: the library is the one that comes with the program.")
    print_note(f"Settings are read from {settings_path()}.")


def each_figure_line(deal: Deal, library: Library) -> Iterator[str]:
    """Yield a line for each figure that can be calculated from the deal's facts."""
    from agreementgen.core import values
    from agreementgen.deal.deal import FIGURES

    for figure in library.form_of(library.outline_of_deal(deal)).figures:
        value = deal.facts[FIGURES].get(figure.name)
        if value is not None:
            said = values.format_value(value, deal.language)
            yield f"{figure.label}: {said}"


def _value_in_words(value: Any, language: str) -> str:
    from agreementgen.core import values

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_value_in_words(item, language) for item in value)
    try:
        return values.format_value(value, language)
    except values.Unprintable:
        return "no" if value is None else "yes"


# -- documents of single deals

_FILE = click.Path(dir_okay=False, path_type=Path)
_deals_argument = click.argument("deals", nargs=-1, required=True, metavar="DEAL.yaml...")


@click.command(short_help="Write an agreement and its RACI chart.")
@_deals_argument
@output_option
@formats_option
@layout_option
@paper_option
@packs_option
@force_option
@click.option("--verify", is_flag=True, help="Count the Word file's pages with LibreOffice, too.")
@click.option("--record", type=_FILE, metavar="FILE", help="Write down, as JSON, what decided the words.")
@click.option("--locked", type=_FILE, metavar="RECORD", help="Write nothing if words may differ from RECORD's.")
@click.option("--no-data", is_flag=True, help="Leave the deal out of the documents, which carry it as it is printed.")
@click.option(
    "--draft", is_flag=True, help="Print the last draft of the deal's status in the footer and in file names."
)
@sign_option
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@open_option
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
    no_data: bool,
    draft: bool,
    sign: str,
    as_json: bool,
    opens: bool,
) -> None:
    """Write the documents of each DEAL.yaml ("-" reads standard input)."""
    from agreementgen import pipeline
    from agreementgen import record as records
    from agreementgen.core import saving
    from agreementgen.dealcheck.reports import sum_up
    from agreementgen.sources import read_deals

    wanted = parse_formats(formats)
    if verify and "docx" not in wanted:
        raise click.UsageError("--verify counts the pages of the Word file: add docx to -f")
    if opens and "pdf" not in wanted:
        raise click.UsageError("--open shows the PDF: add pdf to -f")
    if opens and len(deals) > 1:
        raise click.UsageError("--open shows one agreement: name one deal file")
    require_format_of_fields(sign, wanted)
    chosen = {"layout": layout, "paper": paper or ""} | ({"sign": sign} if sign else {})
    record_options = records.open_record_options(record, locked, chosen, force)
    sources = read_deals(deals, paper or "", packs)
    checked = _check_before_building(sources)
    made = []
    for sourced in sources:
        with _naming_deal_file(sourced.name):
            deal, stem = sourced.deal, stem_of(sourced.name, sourced.deal)
            if draft:
                deal, stem = _mark_as_draft(deal, stem)
            built = pipeline.build(deal, sourced.library, wanted, layout, not no_data, sign)
            made.append((stem, sourced, built))
    refuse_same_names([stem for stem, _, _ in made], deals)
    files_of = {stem: built.name_files(stem) for stem, _, built in made}
    files = {name: data for named in files_of.values() for name, data in named.items()}
    if verify:
        fonts = {name: file for _, sourced, _ in made for name, file in sourced.library.layout.items()}
        _verify_page_counts([(stem, built) for stem, _, built in made], fonts)
    new_record = record_options.make_record(made, files)
    saving.save_files(output, files, force, print_note)
    record_options.write(new_record)
    if as_json:
        reports = [_built_to_json(built, output, tuple(files_of[stem]), verify, no_data) for stem, _, built in made]
        print_text(to_json_text(reports, 1) + "\n")
    for stem, sourced, built in made:
        if not as_json:
            for name in files_of[stem]:
                print_result(str(output / name))
        print_note(_describe_fit(built, verify))
        if told := _describe_carried(built) or (not no_data and _explain_not_carried(built)):
            print_note(f"  {told}")
        if built.signing:
            print_note(f"  {describe_signing(built.signing)}")
        for line in each_figure_line(built.deal, sourced.library):
            print_note(f"  {line}")
        for warning in built.warnings:
            print_note_lines(f"{SEVERITY_WORDS[warning.severity]}: {warning}")
        if found := sum_up(checked[sourced.name]):
            print_note(f"deal check: {found} (all of them: agreementgen check {sourced.name})")
    for line in record_options.list_remarks(new_record):
        print_note(line)
    if opens and (said := open_pdf(output / f"{made[0][0]}.pdf")):
        print_note(said)


def _mark_as_draft(deal: Deal, stem: str) -> tuple[Deal, str]:
    """Return a deal with its last draft in the footer, and what its documents are named after."""
    from agreementgen.core.values import format_day
    from agreementgen.deal.standing import DRAFT, find_last_step

    step = find_last_step(deal.facts, DRAFT)
    if step is None:
        hint = 'add below "status:" a line such as: - {step: draft, date: 2027-01-04}'
        raise InputError(Problem("the status of the deal has no draft to print", hint, "status", code="missing"))
    mark = f"Draft {step.number}, {format_day(step.day, deal.language)}"
    return replace(deal, mark=mark), f"{stem}-draft-{step.number}"


def _check_before_building(sources: Sequence[SourcedDeal]) -> dict[str, DealReport]:
    """Return what the deal check finds in each deal file; raise InputError with all that stops one of them."""
    from agreementgen.dealcheck.judging import check_deal, refuse_stopped_deals

    reports = {sourced.name: check_deal(sourced.deal, sourced.library) for sourced in sources}
    refuse_stopped_deals(reports.values())
    return reports


@click.command(short_help="Write, propose or check a RACI chart.")
@_deals_argument
@output_option
@chart_formats_option
@click.option("--workload", is_flag=True, help="Count R, A, C and I for each role and party, below the chart.")
@click.option("--draft", is_flag=True, help="Print a proposal to paste into the deal file, and write nothing.")
@paper_option
@packs_option
@force_option
def raci(
    deals: Sequence[str],
    output: Path,
    formats: str,
    workload: bool,
    draft: bool,
    paper: str | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the RACI chart of each DEAL.yaml: who does the work, approves it, is consulted, is informed."""
    from agreementgen import pipeline
    from agreementgen.core import saving
    from agreementgen.draft.chart_proposal import propose_matrix
    from agreementgen.sources import read_deals

    sources = read_deals(deals, paper or "", packs)
    if draft:
        for sourced in sources:
            deal, library = sourced.deal, sourced.library
            print_text(propose_matrix(deal, library, library.outline_of_deal(deal)))
        return
    wanted = parse_chart_formats(formats)
    charts = [pipeline.build_chart(sourced.deal, sourced.library, wanted, workload) for sourced in sources]
    stems = [f"{stem_of(sourced.name, sourced.deal)}-raci" for sourced in sources]
    twice = next((stem for index, stem in enumerate(stems) if stem in stems[:index]), None)
    if twice:
        raise click.UsageError(f"two deal files would make {twice}: write their charts into two folders")
    named = list(zip(stems, charts, strict=True))
    files = {f"{stem}.{name}": data for stem, chart in named for name, data in chart.files.items()}
    saving.save_files(output, files, force, print_note)
    for stem, chart in named:
        for name in chart.files:
            print_result(str(output / f"{stem}.{name}"))
        print_note(_describe_chart(chart))
        for problem in chart.problems:
            print_note_lines(problem.describe_with_code())


@click.command(short_help="Answer questions; get an agreement.")
@click.argument("deal", required=False, metavar="[DEAL.yaml]")
@click.option("--type", "kind", help='The kind of agreement; "agreementgen show types" lists them.')
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the documents; else the deal's.")
@packs_option
@click.option("--plain", is_flag=True, help="Lines and numbered choices only, for screen readers.")
@open_option
def new(
    deal: str | None, kind: str | None, output: Path | None, packs: tuple[Path, ...], plain: bool, opens: bool
) -> int:
    """Ask for the facts of a deal, save every answer in DEAL.yaml, and write the documents.

    A DEAL.yaml that is there already is opened for review. Ctrl-C stops at any time; nothing is lost.
    """
    from agreementgen.interview.review import Viewer
    from agreementgen.interview.session import run_questionnaire

    viewer = Viewer(open_pdf, has_screen(), opens)
    with ending_like_ctrl_c(in_conversation=True):
        return run_questionnaire(deal, kind, plain, output, packs, viewer)


@click.command(short_help="Print the JSON Schema of deal files.")
@click.argument("kind", default="referral")
@packs_option
def schema(kind: str, packs: tuple[Path, ...]) -> None:
    """Print the JSON Schema of the deal files of KIND, for editors."""
    from agreementgen.deal.forms import make_schema
    from agreementgen.sources import open_library

    library = open_library(packs)
    outline = library.outline_of_kind(kind)
    print_text(to_json_text(make_schema(library.form_of(outline), outline.title), 1) + "\n")


# -- names of documents


def stem_of(name: str, deal: Deal) -> str:
    """Return what the documents of a deal file are named after."""
    return Path(name).stem if name != "-" else f"{deal.kind}-agreement"


def refuse_same_names(stems: Sequence[str], names: Sequence[str]) -> None:
    """Raise InputError where two of the deal files `names` would make documents of the same name."""
    seen: dict[str, str] = {}
    for stem, name in zip(stems, names, strict=True):
        if stem.casefold() in seen:
            message = f"its documents would have the same names as those of {seen[stem.casefold()]}"
            hint = "build them into two folders, or rename one"
            raise InputError(Problem(message, hint, "", Place(name), code="duplicate"))
        seen[stem.casefold()] = name


@contextmanager
def _naming_deal_file(name: str) -> Iterator[None]:
    """Name the deal file in problems that have no place of their own."""
    try:
        yield
    except AgreementError as error:
        place = Place("standard input" if name == "-" else name)
        placed = [problem if problem.place.file else replace(problem, place=place) for problem in error.problems]
        raise AgreementError(placed) from None


# -- what was made, in words


def _verify_page_counts(made: Sequence[tuple[str, BuiltAgreement]], fonts: Mapping[str, SourceFile]) -> None:
    """Raise LayoutError where LibreOffice, given `fonts`, counts other pages of a Word file than the fit has found."""
    from agreementgen.render import word_page

    documents = {stem: built.files["docx"] for stem, built in made}
    pages = {stem: built.fitted.pages for stem, built in made}
    for stem, built in made:
        if built.chart:
            documents[f"{stem}-raci"] = built.chart.files["docx"]
            pages[f"{stem}-raci"] = built.chart.pages
    word_page.verify_page_counts(documents, pages, fonts)


def _describe_fit(built: BuiltAgreement, verified: bool) -> str:
    fitted = built.fitted
    schedules = fitted.document.schedules
    agreement = "1 page of key terms and 1 page of clauses" if fitted.document.apart else "1 page"
    behind = fitted.pages - (2 if fitted.document.apart else 1)
    if behind and schedules:
        pages = f"{agreement} and {count_noun(behind, 'page')} of schedules"
    elif schedules:
        pages = f"{agreement} (schedules included)"
    else:
        pages = agreement if fitted.document.apart else count_noun(fitted.pages, "page")
    notes = [f"{pages} at {fitted.sizes.body:g} pt", f"{fitted.free_share:.0%} free".replace("%", " %")]
    if fitted.step.short_wording and built.selection.short_clauses:
        notes.append("short wording of " + ", ".join(clause.title for clause in built.selection.short_clauses))
    moved = [schedule.title for schedule in schedules if not schedule.chart]
    if moved:
        notes.append("moved to a schedule: " + ", ".join(moved))
    notes += [f"attached: {schedule.title}" for schedule in schedules if schedule.chart]
    if "docx" in built.files and fitted.word_fit.sizes.body != fitted.sizes.body:
        notes.append(f"Word file at {fitted.word_fit.sizes.body:g} pt")
    if fitted.laid_out is None:
        notes.append("estimated")
    if verified:
        notes.append("Word file counted by LibreOffice")
    return f"{Path(built.deal.source).name}: " + "; ".join(notes)


def _describe_carried(built: BuiltAgreement) -> str:
    """Return what the documents carry of the deal; "" for nothing."""
    if not built.carried:
        return ""
    count = count_noun(built.carried.count, "answer")
    names = _name_carriers(built)
    return f"the deal is in the {names}: {count} that the agreement shows, no comments, no notes (--no-data: without)"


def _explain_not_carried(built: BuiltAgreement) -> str:
    """Return why documents that could carry the deal do not; "" where they do, or where none could."""
    names = _name_carriers(built)
    if built.carried or not names:
        return ""
    return f"the deal is not in the {names}: the answers that may be sent would not make this agreement again"


def _name_carriers(built: BuiltAgreement) -> str:
    from agreementgen.render.formats import CARRYING_FORMATS

    return " and ".join(name.upper() for name in CARRYING_FORMATS if name in built.files)


def _built_to_json(
    built: BuiltAgreement, output: Path, names: Sequence[str], verified: bool, no_data: bool
) -> dict[str, object]:
    fitted = built.fitted
    return {
        "deal": built.deal.source,
        "files": [str(output / name) for name in names],
        "pages": fitted.pages,
        "points": fitted.sizes.body,
        "free_percent": round(fitted.free_share * 100, 1),
        "short": [clause.id for clause in built.selection.short_clauses],
        "layout": "one-plus-one" if fitted.document.apart else "one-page",
        "schedules": [schedule.title for schedule in fitted.document.schedules],
        "proven": fitted.laid_out is not None,
        "pages_by": fitted.pages_by,
        "verified": verified,
        "carried": built.carried.answers if built.carried else None,
        "not_carried": "" if no_data else _explain_not_carried(built),
        "sign": built.signing.service if built.signing else "",
        "invisible": list(built.signing.each_mark()) if built.signing else [],
        "warnings": [str(warning) for warning in built.warnings],
    }


def describe_signing(signing: Signing) -> str:
    """Return in a line what the documents hold for those who sign."""
    if not signing.marks:
        return "the PDF has form fields to sign and date: sign last, and change nothing behind a signature"
    marks = " ".join(signing.each_mark())
    return f"invisible text for {signing.name}, in white at the lines to sign: {marks}"


def _describe_chart(built: BuiltChart) -> str:
    chart = built.document.chart
    fit = chart.arrangement
    shape = f"{'landscape' if fit.landscape else 'portrait'} at {fit.body:g} pt" if fit else ""
    tasks, roles = f"{len(chart.tasks)} tasks", f"{len(chart.roles)} roles"
    return f"{Path(built.deal.source).name}: {tasks}, {roles}; {count_noun(built.pages, 'page')}, {shape}"

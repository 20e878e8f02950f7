"""The command "agreementgen batch"."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.options import (
    MAX_PROBLEMS,
    ending_like_ctrl_c,
    force_option,
    formats_option,
    layout_option,
    packs_option,
    paper_option,
    parse_formats,
    require_format_of_fields,
    sign_option,
)
from agreementgen.core.problems import AgreementError, Problem, count_noun
from agreementgen.terminal import print_note, print_result

if TYPE_CHECKING:
    from agreementgen.batch.report import Reporter
    from agreementgen.batch.run import BatchOutcome
    from agreementgen.batch.workers import WorkerPool

_NAMES = "{kind}-{parties[1].short}-{effective}"
# The slowest and the tightest pages.
_MAX_EXTREMES = 3


@click.command(short_help="Write the documents of many deals.")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("out"), show_default=True,
    help="Folder for the documents, and for manifest.csv, the list of them.",
)  # fmt: skip
@click.option(
    "--table-template",
    "base",
    metavar="DEAL.yaml",
    help="Write an empty table of partners for this base deal, and nothing else; -o names it (.xlsx or .csv).",
)
@formats_option
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    help="Worker processes; else as many as there are processors. With 1, none: all is done in one process.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Build on a Dask cluster: tcp://host:8786.")
@layout_option
@paper_option
@packs_option
@click.option(
    "--names",
    metavar="PATTERN",
    default=_NAMES,
    show_default=True,
    help="Names of the documents, made of facts; {deal} is the deal file's.",
)
@click.option("--folders", is_flag=True, help="A folder for each deal.")
@sign_option
@click.option("--keep-going", is_flag=True, help="Build the sound deals though others have problems.")
@click.option("--fresh", is_flag=True, help="Build every deal, though nothing changed.")
@click.option("--reread", is_flag=True, help="Read the bytes of unchanged documents, too, not only size and time.")
@force_option
@click.option("--json", "as_json", is_flag=True, help="Print what happens as JSON, an event a line.")
def batch(
    sources: Sequence[str],
    output: Path,
    base: str | None,
    formats: str,
    jobs: int | None,
    scheduler: str | None,
    layout: str,
    paper: str | None,
    packs: tuple[Path, ...],
    names: str,
    folders: bool,
    sign: str,
    keep_going: bool,
    fresh: bool,
    reread: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write the documents of many deals: of deal files, of folders of them, of a base deal and a table.

    What is there already and would come out the same is left alone: run the same command again after a change, or
    after it was stopped. manifest.csv in the folder lists every deal with its documents.
    """
    if base is not None:
        _write_empty_table(base, sources, output, packs, force)
        return 0
    if not sources:
        raise click.UsageError("Missing argument 'SOURCE...': deal files, folders, or a base deal and a table.")
    from agreementgen.batch import workers
    from agreementgen.batch.report import choose_reporter
    from agreementgen.batch.run import BatchOutcome, RunOptions, run_batch
    from agreementgen.batch.workers import BuildOptions
    from agreementgen.library.signing_services import find_signing_service
    from agreementgen.sources import open_library

    build_options = BuildOptions(parse_formats(formats), layout, paper or "", packs, names, folders, sign)
    require_format_of_fields(sign, build_options.formats)
    if build_options.tells_recipients:
        find_signing_service(open_library(packs), sign)

    def make_pool(deals: int, least: int) -> WorkerPool:
        # Processes take a second to get ready: they are not worth that for a few deals.
        count = 0 if jobs == 1 or deals < least else min(jobs or workers.count_processors(), deals // 2)
        return workers.make_local_pool(count)

    connection = workers.connect_cluster(scheduler) if scheduler else nullcontext(lambda deals: make_pool(deals, 4))
    reporter, outcome = choose_reporter(as_json), BatchOutcome()
    stopped, problems = False, tuple[Problem, ...]()
    with ending_like_ctrl_c():
        try:
            with connection as builders:
                run_options = RunOptions(
                    checkers=lambda deals: make_pool(deals, 1000),
                    builders=builders,
                    keep_going=keep_going,
                    fresh=fresh,
                    force=force,
                    reread=reread,
                    own_temporary_folder=True,
                )
                run_batch(sources, output, build_options, run_options, reporter, outcome)
        except KeyboardInterrupt:
            stopped = True
            # Workers end what they are doing, a second or so; who cannot wait for that presses Ctrl-C again.
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        except AgreementError as error:
            if not outcome.begun:
                reporter.emit_event("end", deals=outcome.deals, problems=error.problems, status=2)
                raise
            # The disk is full, or a cluster is gone: what was built before stays.
            stopped, problems = True, error.problems
    status = (2 if problems else 130) if stopped else outcome.status
    _print_outcome(outcome, output, reporter, status, problems)
    return status


def _write_empty_table(base: str, sources: Sequence[str], output: Path, packs: tuple[Path, ...], force: bool) -> None:
    """Write an empty table of partners."""
    from agreementgen.core import saving
    from agreementgen.partners.empty_table import TABLE_FORMATS, write_empty_table
    from agreementgen.sources import open_library_for, read_deal_bytes, read_deal_text

    if sources:
        raise click.UsageError("--table-template takes the base deal only; build from its table without this option")
    if click.get_current_context().get_parameter_source("output") is click.core.ParameterSource.DEFAULT:
        output = Path(f"{Path(base).stem if base != '-' else 'deal'}-partners.xlsx")
    kind = output.suffix.lower().removeprefix(".")
    if kind not in TABLE_FORMATS:
        names = " or ".join(f'"{output.with_suffix(suffix)}"' for suffix in (".xlsx", ".csv"))
        raise click.UsageError(f"with --table-template, -o names the table: {names}")
    data = read_deal_bytes(base)
    source = base if base != "-" else "standard input"
    library = open_library_for(read_deal_text(data, source), Path(source).parent, packs)
    written = {output.name: write_empty_table(data, source, library, kind)}
    (path,) = saving.save_files(output.parent, written, force, print_note)
    print_note(f"fill it in, a row for each partner; then: agreementgen batch {base} {path} -o FOLDER")
    print_result(str(path))


def _print_outcome(
    outcome: BatchOutcome, output: Path, reporter: Reporter, status: int, problems: Sequence[Problem]
) -> None:
    """Say how a batch ended. `problems` are those that stopped it."""
    stopped = status == 130 or bool(problems)
    if outcome.wrong:
        _print_wrong_deals(outcome.wrong, reporter)
    for problem in problems:
        reporter.say(str(problem))
    counts = {
        "built": len(outcome.built), "unchanged": outcome.unchanged, "failed": len(outcome.failed),
        "wrong": len(outcome.wrong), "left over": len(outcome.left_over),
    }  # fmt: skip
    reporter.emit_event("end", deals=outcome.deals, **counts, stopped=stopped, problems=problems, status=status)
    if outcome.wrong and not outcome.begun:
        wrong = count_noun(len(outcome.wrong), "deal")
        reporter.say(f"{wrong} of {outcome.deals:,} cannot be built; nothing was written")
        reporter.say("  hint: mend them, or build the others with --keep-going")
        return
    if stopped and not outcome.deals:
        reporter.say("stopped")
        return
    summary = f"{count_noun(outcome.deals, 'deal')}: " + ", ".join(
        f"{number:,} {what}" for what, number in counts.items() if number or what == "built"
    )
    if stopped:
        waiting = outcome.deals - sum(number for what, number in counts.items() if what != "left over")
        reporter.say(f"stopped; {summary}, {waiting:,} waiting")
        reporter.say("  run the same command again to go on")
        return
    reporter.say(summary)
    _print_remarks(outcome, reporter)
    if outcome.begun:
        reporter.print_result(str(output / "manifest.csv"))


def _print_remarks(outcome: BatchOutcome, reporter: Reporter) -> None:
    """Say what stands out among the documents that were built, and what became of old ones."""
    if len(outcome.built) > 1:
        reporter.say("slowest pages:")
        for deal in sorted(outcome.built, key=lambda deal: -deal.seconds)[:_MAX_EXTREMES]:
            reporter.say(f"  {deal.seconds:.1f} s  {deal.stem}")
        reporter.say("tightest pages:")
        for deal in sorted(outcome.built, key=lambda deal: (deal.points, deal.free))[:_MAX_EXTREMES]:
            reporter.say(f"  {deal.points:g} pt, {deal.free * 100:.0f} % free  {deal.stem}")
    warnings = sum(found.severity == "W" for deal in outcome.built for found in deal.findings)
    if warnings:
        counted = count_noun(warnings, "warning")
        reporter.say(f"{counted} about what was built: see the column findings of the list")
    for name in outcome.left_over[:MAX_PROBLEMS]:
        reporter.say(f"left over: {name}: no longer among the sources; its documents were left where they are")
    if outcome.removed:
        reporter.say(f"removed {count_noun(len(outcome.removed), 'document')} that the new ones replace")
    for path in outcome.left_changed:
        reporter.say(f"left: {path}: somebody has changed it, though no deal has this name any more")


def _print_wrong_deals(wrong: Mapping[str, Sequence[Problem]], reporter: Reporter) -> None:
    """Say what is wrong, by deal; what is wrong with several deals alike, such as their base deal, is said once."""
    deals: dict[Problem, list[str]] = {}
    for deal, problems in wrong.items():
        reporter.emit_event("wrong", deal=deal, problems=problems)
        for problem in dict.fromkeys(problems):
            deals.setdefault(problem, []).append(deal)
    together: dict[tuple[str, ...], list[Problem]] = {}
    for problem, names in deals.items():
        together.setdefault(tuple(names), []).append(problem)
    # What most deals have comes first: one thing to mend, and the rest is shorter.
    told: set[str] = set()
    for number, (deal_names, found) in enumerate(sorted(together.items(), key=lambda group: -len(group[0]))):
        if number >= MAX_PROBLEMS:
            left = len(wrong.keys() - told)
            reporter.say(f"... and more about {count_noun(left, 'other deal') if left else 'these deals'}")
            return
        told.update(deal_names)
        others = f" and {count_noun(len(deal_names) - 1, 'other')}" if len(deal_names) > 1 else ""
        reporter.say(f"{deal_names[0]}{others}")
        for problem in AgreementError(found).problems:
            for line in str(problem).split("\n"):
                reporter.say(f"  {line}")

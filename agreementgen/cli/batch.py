"""The command "agreementgen batch"."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agreementgen.cli.options import formats_option, layout_option, packs_option, paper_option, parse_formats
from agreementgen.core.characters import count_noun
from agreementgen.core.problems import AgreementError, Problem

if TYPE_CHECKING:
    from agreementgen.batch.report import Reporter
    from agreementgen.batch.run import BatchOutcome

_NAMES = "{kind}-{parties[1].short}-{effective}"
# More problems than anybody reads at once.
_MAX_PROBLEMS = 50
# The slowest and the tightest pages.
_MAX_EXTREMES = 3


@click.command()
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
@click.option("--keep-going", is_flag=True, help="Build the sound deals though others have problems.")
@click.option("--fresh", is_flag=True, help="Build every deal, though nothing changed.")
@click.option("--force", is_flag=True, help="Overwrite files that agreementgen did not write.")
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
    keep_going: bool,
    fresh: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write the documents of many deals: of deal files, of folders of them, of a base deal and a table.

    What is there already and would come out the same is left alone: run the same command again after a change, or
    after it was stopped. manifest.csv in the folder lists every deal with its documents.
    """
    if base is not None:
        return _write_empty_table(base, sources, output, packs, force)
    if not sources:
        raise click.UsageError("Missing argument 'SOURCE...': deal files, folders, or a base deal and a table.")
    from agreementgen.batch import executors, folder
    from agreementgen.batch.report import choose_reporter
    from agreementgen.batch.run import BatchOutcome, RunOptions
    from agreementgen.batch.run import run_batch as run
    from agreementgen.batch.worker import BuildOptions

    wanted = BuildOptions(parse_formats(formats), layout, paper or "", packs, names, folders)

    def workers(deals: int, least: int) -> Any:
        # Processes take a second to get ready: they are not worth that for a few deals.
        wanted = 0 if jobs == 1 or deals < least else min(jobs or executors.count_processors(), deals // 2)
        return executors.make_local_pool(wanted)

    seen, outcome = choose_reporter(as_json), BatchOutcome()
    stopped, problems = False, tuple[Problem, ...]()
    with _ending_like_ctrl_c():
        try:
            with _building_crew(scheduler, lambda n: workers(n, 4)) as builders:
                how = RunOptions(
                    lambda n: workers(n, 1000), builders, keep_going, fresh, force, folder.temporary_folder
                )
                run(sources, output, wanted, how, seen, outcome)
        except KeyboardInterrupt:
            stopped = True
            # Workers end what they are doing, a second or so; who cannot wait for that presses Ctrl-C again.
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        except AgreementError as error:
            if not outcome.begun:
                seen.emit_event(
                    "end", deals=outcome.deals, problems=[_told(problem) for problem in error.problems], status=2
                )
                raise
            # The disk is full, or a cluster is gone: what was built before stays.
            stopped, problems = True, error.problems
    status = (2 if problems else 130) if stopped else outcome.status
    _print_outcome(outcome, output, seen, status, problems)
    return status


def _building_crew(scheduler: str | None, here: Callable[[int], Any]) -> AbstractContextManager[Callable[[int], Any]]:
    if scheduler is None:
        return nullcontext(here)
    from agreementgen.batch.executors import connect_cluster

    return connect_cluster(scheduler)


def _write_empty_table(base: str, sources: Sequence[str], output: Path, packs: tuple[Path, ...], force: bool) -> int:
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
        raise click.UsageError(f'with --table-template, -o names the table: "{output}.xlsx" or "{output}.csv"')
    data = read_deal_bytes(base)
    source = base if base != "-" else "standard input"
    library = open_library_for(read_deal_text(data, source), Path(source).parent, packs)
    (path,) = saving.save_files(output.parent, {output.name: write_empty_table(data, source, library, kind)}, force)
    click.echo(f"fill it in, a row for each partner; then: agreementgen batch {base} {path} -o FOLDER", err=True)
    click.echo(path)
    return 0


@contextmanager
def _ending_like_ctrl_c() -> Iterator[None]:
    """Let a closed terminal or a polite kill end a run like Ctrl-C does: in order, and with a true list."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before: dict[int, Callable[..., Any] | int | None] = {}
    for number in numbers:
        # Who starts it with nohup wants it to go on.
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_outcome(
    outcome: BatchOutcome, output: Path, seen: Reporter, status: int, problems: Sequence[Problem]
) -> None:
    """Say how a batch ended. `problems` are those that stopped it."""
    stopped = status == 130 or bool(problems)
    if outcome.wrong:
        _print_problems(outcome.wrong, seen)
    for problem in problems:
        seen.say(str(problem))
    counts = {
        "built": len(outcome.built), "unchanged": outcome.unchanged, "failed": len(outcome.failed),
        "wrong": len(outcome.wrong), "left over": len(outcome.left_over),
    }  # fmt: skip
    about = {"stopped": stopped, "problems": [_told(problem) for problem in problems], "status": status}
    seen.emit_event("end", deals=outcome.deals, **counts, **about)
    if outcome.wrong and not outcome.begun:
        seen.say(f"{count_noun(len(outcome.wrong), 'deal')} of {outcome.deals:,} cannot be built; nothing was written")
        seen.say("  hint: mend them, or build the others with --keep-going")
        return
    said = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number or what == "built")
    if stopped and not outcome.deals:
        seen.say("stopped")
        return
    if stopped:
        waiting = outcome.deals - sum(number for what, number in counts.items() if what != "left over")
        seen.say(f"stopped; {count_noun(outcome.deals, 'deal')}: {said}, {waiting:,} waiting")
        seen.say("  run the same command again to go on")
        return
    seen.say(f"{count_noun(outcome.deals, 'deal')}: {said}")
    _print_remarks(outcome, seen)
    if outcome.begun:
        seen.print_result(str(output / "manifest.csv"))


def _print_remarks(outcome: BatchOutcome, seen: Reporter) -> None:
    """Say what stands out among the documents that were built, and what became of old ones."""
    if len(outcome.built) > 1:
        slow = sorted(outcome.built, key=lambda record: -record.seconds)[:_MAX_EXTREMES]
        tight = sorted(outcome.built, key=lambda record: (record.points, record.free))[:_MAX_EXTREMES]
        seen.say("slowest pages:")
        for record in slow:
            seen.say(f"  {record.seconds:.1f} s  {record.stem}")
        seen.say("tightest pages:")
        for record in tight:
            seen.say(f"  {record.points:g} pt, {record.free * 100:.0f} % free  {record.stem}")
    found = sum(len(record.findings) for record in outcome.built)
    if found:
        seen.say(f"{count_noun(found, 'warning')} about what was built: see the column findings of the list")
    for deal in outcome.left_over[:_MAX_PROBLEMS]:
        seen.say(f"left over: {deal}: no longer among the sources; its documents were left where they are")
    if outcome.removed:
        seen.say(f"removed {count_noun(len(outcome.removed), 'document')} that the new ones replace")
    for path in outcome.left_changed:
        seen.say(f"left: {path}: somebody has changed it, though no deal has this name any more")


def _print_problems(wrong: Mapping[str, Sequence[Problem]], seen: Reporter) -> None:
    """Say what is wrong, by deal; what is wrong with several deals alike is said once."""
    deals: dict[tuple[Problem, ...], list[str]] = {}
    for deal, problems in wrong.items():
        seen.emit_event("wrong", deal=deal, problems=[_told(problem) for problem in problems])
        deals.setdefault(tuple(problems), []).append(deal)
    shown = 0
    for problems, names in deals.items():
        if shown >= _MAX_PROBLEMS:
            seen.say(f"... and {len(wrong) - shown:,} more deals")
            return
        shown += len(names)
        seen.say(names[0] if len(names) == 1 else f"{names[0]} and {count_noun(len(names) - 1, 'other')}")
        for problem in AgreementError(problems).problems:
            for line in str(problem).split("\n"):
                seen.say(f"  {line}")


def _told(problem: Problem) -> dict[str, Any]:
    from agreementgen.batch.report import problem_to_json

    return problem_to_json(problem)

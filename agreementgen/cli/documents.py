"""The command "agreementgen raci": the chart of who does what, its check, and a first draft of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.options import chart_formats_option, packs_option, paper_option, parse_chart_formats
from agreementgen.core.characters import count_noun

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.library.library import Library
    from agreementgen.sources import SourcedDeal


@click.command()
@click.argument("deal_files", nargs=-1, required=True, metavar="DEAL.yaml...")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("."), help="Folder for the documents.")
@chart_formats_option
@click.option("--workload", is_flag=True, help="Count R, A, C and I for each role and party, below the chart.")
@click.option("--draft", is_flag=True, help="Print a proposal to paste into the deal file, and write nothing.")
@paper_option
@packs_option
@click.option("--force", is_flag=True, help="Overwrite files that agreementgen did not write.")
def raci(
    deal_files: Sequence[str],
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
    from agreementgen.draft.chart import propose_matrix
    from agreementgen.sources import read_deals

    found = read_deals(deal_files, paper or "", packs)
    if draft:
        for sourced in found:
            deal, library = sourced.deal, sourced.library
            click.echo(propose_matrix(deal, library, library.outline_of_deal(deal)), nl=False)
        return
    wanted = parse_chart_formats(formats)
    made = [pipeline.build_chart(sourced.deal, sourced.library, wanted, workload) for sourced in found]
    stems = [f"{_stem(sourced)}-raci" for sourced in found]
    twice = next((stem for index, stem in enumerate(stems) if stem in stems[:index]), None)
    if twice:
        raise click.UsageError(f"two deal files would make {twice}: write their charts into two folders")
    named = list(zip(stems, made, strict=True))
    files = {f"{stem}.{kind}": data for stem, done in named for kind, data in done.files.items()}
    saving.save_files(output, files, force)
    for stem, done in named:
        for kind in done.files:
            click.echo(str(output / f"{stem}.{kind}"))
        click.echo(_describe_chart(done), err=True)
        for problem in done.problems:
            click.echo(problem.describe_with_code(), err=True)


def _stem(sourced: SourcedDeal) -> str:
    return Path(sourced.name).stem if sourced.name != "-" else f"{sourced.deal.kind}-agreement"


def _describe_chart(done: object) -> str:
    from agreementgen.pipeline import BuiltChart

    assert isinstance(done, BuiltChart)
    chart = done.document.chart
    at = chart.arrangement
    shape = f"{'landscape' if at.landscape else 'portrait'} at {at.body:g} pt" if at else ""
    pages = count_noun(done.pages, "page")
    name = Path(done.deal.source).name
    return f"{name}: {len(chart.tasks)} tasks, {len(chart.roles)} roles; {pages}, {shape}"


def check_chart(deal: Deal, library: Library) -> Iterator[str]:
    """Yield what the check of the deal's matrix has to say, where it has one."""
    if deal.matrix is None:
        return
    from agreementgen.draft.chart import review_matrix

    for problem in review_matrix(deal, deal.matrix, library, library.outline_of_deal(deal)):
        yield problem.describe_with_code()

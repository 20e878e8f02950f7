"""The commands of the shared workbook: workbook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from agreementgen.cli.deals import stem_of
from agreementgen.cli.options import force_option, output_option, packs_option, paper_option, signed_option
from agreementgen.terminal import print_note, print_result

_MOST_ROWS = 900


@click.command()
@click.argument("deal", metavar="DEAL.yaml")
@output_option
@click.option("--leads", type=click.IntRange(1, _MOST_ROWS), help="Rows for leads; else as many as the deal aims for.")
@click.option("--payments", type=click.IntRange(1, _MOST_ROWS), help="Rows for payments.")
@signed_option
@paper_option
@packs_option
@force_option
def workbook(
    deal: str,
    output: Path,
    leads: int | None,
    payments: int | None,
    signed: date | None,
    paper: str | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the shared workbook of DEAL.yaml: leads, payments, what is due, goals and reviews, as XLSX.

    It is for referral fees between two parties. Its formulas compute what the agreement says.
    """
    from agreementgen.core import saving
    from agreementgen.dates.key_dates import list_key_dates
    from agreementgen.ledger.terms import read_terms
    from agreementgen.ledger.workbook import choose_size, find_places, plan_book, write_book
    from agreementgen.sources import read_deals

    (sourced,) = read_deals([deal], paper or "", packs)
    terms = read_terms(sourced.deal, signed)
    dates = list_key_dates(sourced.deal, signed)
    size = choose_size(sourced.deal, terms, dates, leads or 0, payments or 0)
    plan = plan_book(terms, sourced.deal, find_places(sourced.deal, sourced.library), size)
    name = f"{stem_of(sourced.name, sourced.deal)}-workbook.xlsx"
    saving.save_files(output, {name: write_book(plan, sourced.deal, dates)}, force, print_note)
    print_result(str(output / name))
    print_note(f"{name}: room for {size.leads} leads and {size.payments} payments, periods to {size.until}")
    if sourced.deal.facts["financial"]["shared_costs"]:
        print_note(f"{name}: the shared costs of the deal are not in it")

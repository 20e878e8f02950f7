"""The commands of the shared workbook: workbook, statement."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from agreementgen.cli.deals import stem_of
from agreementgen.cli.options import (
    DayType,
    force_option,
    output_option,
    packs_option,
    paper_option,
    parse_statement_formats,
    signed_option,
)
from agreementgen.terminal import print_note, print_result

_MOST_ROWS = 900


@click.command(short_help="Write the workbook that both parties keep.")
@click.argument("deal", metavar="DEAL.yaml")
@output_option
@click.option("--leads", type=click.IntRange(1, _MOST_ROWS), help="Rows for leads; else as many as the deal aims for.")
@click.option("--payments", type=click.IntRange(1, _MOST_ROWS), help="Rows for payments.")
@click.option("--until", type=DayType(), metavar="DATE", help="List periods up to this day; else to the end.")
@signed_option
@paper_option
@packs_option
@force_option
def workbook(
    deal: str,
    output: Path,
    leads: int | None,
    payments: int | None,
    until: date | None,
    signed: date | None,
    paper: str | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the shared workbook of DEAL.yaml: leads, payments, what is due, goals and reviews, as XLSX.

    Its formulas compute what the agreement says of fees, shares, orders and costs.
    """
    from agreementgen.core import saving
    from agreementgen.dates.key_dates import list_key_dates
    from agreementgen.ledger.terms_sheet import list_places
    from agreementgen.ledger.workbook import (
        choose_size,
        draft_document,
        list_what_is_left_out,
        plan_book,
        read_book_terms,
        write_book,
    )
    from agreementgen.sources import read_deals

    (sourced,) = read_deals([deal], paper or "", packs)
    terms = read_book_terms(sourced.deal, signed)
    dates = list_key_dates(sourced.deal, signed)
    size = choose_size(sourced.deal, terms, dates, leads or 0, payments or 0, until)
    places = list_places(draft_document(sourced.deal, sourced.library))
    plan = plan_book(terms, sourced.deal, places, size)
    name = f"{stem_of(sourced.name, sourced.deal)}-workbook.xlsx"
    saving.save_files(output, {name: write_book(plan, sourced.deal, dates)}, force, print_note)
    print_result(str(output / name))
    rooms = [f"{size.leads} leads"] if plan.leads else []
    free = [plan.payments, *(account.grid for account in plan.accounts)]
    rooms += [f"{grid.count} {grid.title.lower()}" for grid in free if grid and not grid.labels]
    room = f"room for {' and '.join(rooms)}, " if rooms else ""
    print_note(f"{name}: {room}periods to {size.until}")
    for left_out in list_what_is_left_out(sourced.deal, places):
        print_note(f"{name}: {left_out}")


@click.command(short_help="Write a statement from the filled workbook.")
@click.argument("deal", metavar="DEAL.yaml")
@click.argument("ledger", metavar="LEDGER.xlsx", type=click.Path(path_type=Path))
@click.option("--period", required=True, metavar="PERIOD", help="The month, as in 2027-03, or quarter, as in 2027-Q1.")
@output_option
@click.option("-f", "--formats", default="docx,pdf", show_default=True, help="Any of docx, pdf.")
@signed_option
@packs_option
@force_option
def statement(
    deal: str,
    ledger: Path,
    period: str,
    output: Path,
    formats: str,
    signed: date | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the statement for a period from the filled workbook LEDGER.xlsx of DEAL.yaml.

    The workbook is checked first. Sums are computed here; where the workbook has another one, its cell is named.
    """
    from agreementgen.core import saving
    from agreementgen.ledger.filled_book import read_filled_book
    from agreementgen.ledger.statement import (
        StatementFacts,
        find_period,
        list_what_is_owed,
        name_period,
        write_statement,
    )
    from agreementgen.ledger.terms_sheet import list_places
    from agreementgen.ledger.workbook import draft_document, plan_book, read_book_terms
    from agreementgen.memo.writing import write_memo
    from agreementgen.sources import read_deals

    wanted = parse_statement_formats(formats)
    (sourced,) = read_deals([deal], "", packs)
    terms = read_book_terms(sourced.deal, signed)
    document = draft_document(sourced.deal, sourced.library)
    places = list_places(document)
    book = read_filled_book(
        _read_ledger(ledger), ledger.name, lambda size: plan_book(terms, sourced.deal, places, size)
    )
    last = find_period(period, book.plan)
    facts = StatementFacts(book, document, last)
    memo = write_statement(facts)
    name = f"{stem_of(sourced.name, sourced.deal)}-statement-{name_period(last, book.plan)}"
    written, pages = write_memo(memo, sourced.deal, wanted)
    files = {f"{name}.{kind}": data for kind, data in written.items()}
    saving.save_files(output, files, force, print_note)
    for made in files:
        print_result(str(output / made))
    for said in list_what_is_owed(facts):
        print_note(f"{ledger.name}: {said}")
    if not book.is_calculated:
        print_note(f"{ledger.name}: no program has calculated its formulas, so its results were not compared")
    if pages > 1:
        print_note(f"{name}: {pages} pages")


def _read_ledger(path: Path) -> bytes:
    """Return what a filled workbook holds; raise InputError."""
    from agreementgen.core.opening import read_regular_file
    from agreementgen.core.problems import InputError, Place, Problem
    from agreementgen.sheets.cells import MAX_BYTES

    place = Place(str(path))
    if path.suffix.lower() != ".xlsx":
        hint = "in Google Sheets: File, Download, Microsoft Excel; elsewhere: Save as, Excel Workbook (.xlsx)"
        raise InputError(Problem("a workbook's name ends with .xlsx", hint, "", place, code="file-unreadable"))
    try:
        return read_regular_file(path, MAX_BYTES)
    except FileNotFoundError:
        hint = "look at the name and the folder"
        raise InputError(Problem("there is no such file", hint, "", place, code="file-missing")) from None
    except OSError as error:
        message, hint = f"the file cannot be read: {error.strerror}", "look whether you may read it"
        raise InputError(Problem(message, hint, "", place, code="file-unreadable")) from None

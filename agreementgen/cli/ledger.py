"""The commands of the shared workbook: workbook, statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

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
from agreementgen.terminal import print_note, print_note_lines, print_result

if TYPE_CHECKING:
    from agreementgen.core.document import Document
    from agreementgen.core.problems import Problem
    from agreementgen.ledger.amended import LaterDeal
    from agreementgen.ledger.terms import DealTerms
    from agreementgen.sheets.workbook_writer import Sheet
    from agreementgen.sources import SourcedDeal

_MOST_ROWS = 900
_dated_option = click.option(
    "--dated", "days", type=DayType(), multiple=True, metavar="DATE",
    help="The day from which an amendment holds. One for each amended deal file.",
)  # fmt: skip


@click.command(short_help="Write the workbook that both parties keep.")
@click.argument("deals", nargs=-1, required=True, metavar="DEAL.yaml [AMENDED.yaml]...")
@_dated_option
@click.option("--from", "filled", type=click.Path(path_type=Path), metavar="LEDGER.xlsx",
              help="Copy what was typed into this workbook of the deal.")  # fmt: skip
@output_option
@click.option("--leads", type=click.IntRange(1, _MOST_ROWS), help="Rows for leads; else as many as the deal aims for.")
@click.option("--payments", type=click.IntRange(1, _MOST_ROWS), help="Rows for payments.")
@click.option("--until", type=DayType(), metavar="DATE", help="List periods up to this day; else to the end.")
@signed_option
@paper_option
@packs_option
@force_option
def workbook(
    deals: Sequence[str],
    days: Sequence[date],
    filled: Path | None,
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

    Its formulas compute what the agreement says of fees, shares, orders and costs. After an amendment, name the deal
    file that was signed first, then that of each amendment, with --dated for each: its terms hold from its day on. With
    --from, what was typed into an earlier workbook is brought into the new one.
    """
    from agreementgen.core import saving
    from agreementgen.dates.key_dates import list_key_dates
    from agreementgen.ledger.terms_sheet import list_places
    from agreementgen.ledger.workbook import (
        choose_size,
        list_what_is_left_out,
        plan_book,
        write_book,
    )

    versions = _read_versions(deals, days, signed, paper or "", packs)
    first, last = versions[0], versions[-1]
    dates = list_key_dates(last.sourced.deal, signed)
    size = choose_size(last.sourced.deal, last.terms, dates, leads or 0, payments or 0, until)
    later = _list_later(versions)
    name = f"{stem_of(first.sourced.name, first.sourced.deal)}-workbook.xlsx"
    left: list[Problem] = []
    fill: Callable[[Sequence[Sheet]], Sequence[Sheet]] = tuple
    if filled:
        from agreementgen.ledger.copying import read_typed

        if (output / name).resolve() == filled.resolve():
            raise click.UsageError(f"{filled} would be written over: give another folder with -o")
        typed = read_typed(_read_ledger(filled), filled.name, first.terms)
        size = typed.widen(size)

        def fill(sheets: Sequence[Sheet]) -> Sequence[Sheet]:
            made, found = typed.fill(sheets)
            left.extend(found)
            return made

    plan = plan_book(first.terms, first.sourced.deal, list_places(first.document), size, later)
    saving.save_files(output, {name: write_book(plan, first.sourced.deal, dates, later, fill)}, force, print_note)
    print_result(str(output / name))
    for problem in left:
        print_note_lines(f"warning: {problem}")
    rooms = [f"{size.leads} leads"] if plan.leads else []
    free = [plan.payments, *(account.grid for account in plan.accounts)]
    rooms += [f"{grid.count} {grid.title.lower()}" for grid in free if grid and not grid.labels]
    room = f"room for {' and '.join(rooms)}, " if rooms else ""
    print_note(f"{name}: {room}periods to {size.until}")
    for left_out in list_what_is_left_out(last.sourced.deal, list_places(last.document)):
        print_note(f"{name}: {left_out}")


@dataclass(frozen=True)
class _Version:
    """The deal as it was signed first (`day` is None then), or as an amendment made it from `day` on."""

    sourced: SourcedDeal
    terms: DealTerms
    document: Document
    day: date | None


def _read_versions(
    names: Sequence[str], days: Sequence[date], signed: date | None, paper: str, packs: tuple[Path, ...]
) -> list[_Version]:
    """Return the deals of the files in `names`; raise InputError or UsageError where they cannot be read."""
    from agreementgen.ledger.workbook import draft_document, read_book_terms
    from agreementgen.sources import read_deals

    if len(days) != len(names) - 1:
        raise click.UsageError("name the deal as it was signed, then each amended deal file, with --dated for each")
    numbers: dict[str, int] = {}
    return [
        _Version(sourced, read_book_terms(sourced.deal, signed),
                 draft_document(sourced.deal, sourced.library, numbers), day)
        for sourced, day in zip(read_deals(names, paper, packs), (None, *days), strict=True)
    ]  # fmt: skip


def _list_later(versions: Sequence[_Version]) -> list[LaterDeal]:
    from agreementgen.ledger.amended import LaterDeal
    from agreementgen.ledger.terms_sheet import list_places

    return [LaterDeal(one.day, one.sourced.deal, list_places(one.document), one.terms) for one in versions if one.day]


@click.command(short_help="Write a statement from the filled workbook.")
@click.argument("files", nargs=-1, required=True, metavar="DEAL.yaml [AMENDED.yaml]... LEDGER.xlsx")
@_dated_option
@click.option("--period", required=True, metavar="PERIOD", help="The month, as in 2027-03, or quarter, as in 2027-Q1.")
@output_option
@click.option("-f", "--formats", default="docx,pdf", show_default=True, help="Any of docx, pdf.")
@signed_option
@packs_option
@force_option
def statement(
    files: Sequence[str],
    days: Sequence[date],
    period: str,
    output: Path,
    formats: str,
    signed: date | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the statement for a period from the filled workbook LEDGER.xlsx of DEAL.yaml.

    After an amendment, name the deal file that was signed first, then that of each amendment, with --dated for each.
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
    from agreementgen.ledger.workbook import plan_book
    from agreementgen.memo.writing import write_memo

    wanted = parse_statement_formats(formats)
    if len(files) < 2:
        raise click.UsageError("a statement needs the deal file and its filled workbook: DEAL.yaml LEDGER.xlsx")
    *deals, filled = files
    ledger = Path(filled)
    versions = _read_versions(deals, days, signed, "", packs)
    first, later = versions[0], _list_later(versions)
    places = list_places(first.document)
    book = read_filled_book(
        _read_ledger(ledger), ledger.name, lambda size: plan_book(first.terms, first.sourced.deal, places, size, later)
    )
    last = find_period(period, book.plan)
    own = versions[book.plan.terms.number_on(last)]
    facts = StatementFacts(book, own.document, last, tuple(one.document for one in versions))
    memo = write_statement(facts)
    name = f"{stem_of(first.sourced.name, first.sourced.deal)}-statement-{name_period(last, book.plan)}"
    written, pages = write_memo(memo, own.sourced.deal, wanted)
    made_files = {f"{name}.{kind}": data for kind, data in written.items()}
    saving.save_files(output, made_files, force, print_note)
    for made in made_files:
        print_result(str(output / made))
    for said in list_what_is_owed(facts):
        print_note(f"{ledger.name}: {said}")
    for remark in book.remarks:
        print_note_lines(f"warning: {remark}")
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

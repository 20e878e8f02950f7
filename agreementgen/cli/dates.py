"""The command that lists the dates of deals: calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.deals import refuse_same_names, stem_of
from agreementgen.cli.options import (
    DayType,
    force_option,
    output_option,
    packs_option,
    parse_date_formats,
    signed_option,
)
from agreementgen.core.escaping import to_json_text
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.terminal import print_note, print_result, print_text

if TYPE_CHECKING:
    from agreementgen.dates.key_dates import KeyDate
    from agreementgen.dates.tables import DatedDeal


@click.command(short_help="Write the dates of deals for calendars.")
@click.argument("deals", nargs=-1, required=True, metavar="DEAL.yaml...")
@output_option
@click.option("-f", "--formats", default="ics,csv", show_default=True, help="Any of ics, csv, xlsx.")
@signed_option
@click.option("--today", type=DayType(), metavar="DATE", help="Sort a portfolio by the next day from this one.")
@click.option("--explain", is_flag=True, help="Print how each day is counted.")
@packs_option
@force_option
@click.option("--json", "as_json", is_flag=True, help="Print the dates as JSON.")
def calendar(
    deals: Sequence[str],
    output: Path,
    formats: str,
    signed: date | None,
    today: date | None,
    explain: bool,
    packs: tuple[Path, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Write the dates of each DEAL.yaml (or of a folder's) as a calendar and a table.

    Several deals get a portfolio, too: one table of all of them, sorted by the next day.
    """
    from agreementgen.core import saving
    from agreementgen.dates.key_dates import list_key_dates
    from agreementgen.dates.tables import DatedDeal
    from agreementgen.sources import read_deals

    wanted = parse_date_formats(formats)
    sources = read_deals(tuple(_each_name(deals)), "", packs)
    found = [DatedDeal(sourced.name, sourced.deal, list_key_dates(sourced.deal, signed)) for sourced in sources]
    stems = [f"{stem_of(one.name, one.deal)}-dates" for one in found]
    refuse_same_names(stems, [one.name for one in found])
    files: dict[str, bytes] = {}
    for stem, one in zip(stems, found, strict=True):
        files |= _write_deal(stem, one, wanted)
    if len(found) > 1:
        files |= _write_portfolio(found, today, wanted)
    saving.save_files(output, files, force, print_note)
    if as_json:
        print_text(to_json_text([_deal_to_json(one) for one in found], 1) + "\n")
    else:
        for name in files:
            print_result(str(output / name))
    for note in _each_same_identity(found):
        print_note(note)
    for one in found:
        if explain and not as_json:
            for line in _each_explanation(one.dates):
                print_result(line)
        for note in _each_note(one, signed):
            print_note(note)


def _each_name(names: Sequence[str]) -> Iterator[str]:
    """Yield the deal files that are named, and those of each folder."""
    from agreementgen.sources import list_deal_files

    for name in names:
        if name == "-" or not Path(name).is_dir():
            yield name
            continue
        inside = list(list_deal_files(name))
        if not inside:
            message, hint = "there is no deal file in this folder", "name a folder with files that end with .yaml"
            raise InputError(Problem(message, hint, "", Place(name), code="empty"))
        yield from inside


def _write_deal(stem: str, one: DatedDeal, wanted: Sequence[str]) -> dict[str, bytes]:
    from agreementgen.dates import calendar_file, tables

    names = " / ".join(party.short for party in one.deal.parties)
    version = str(one.deal.facts.get("version"))
    sequence = int(version) if version.isascii() and version.isdigit() and len(version) < 7 else 0
    effective = one.day_of("effective")
    rows = tables.list_date_rows(one.dates)
    writers = {
        "ics": lambda: calendar_file.write_calendar(one.dates, names, effective, sequence),
        "csv": lambda: tables.write_csv_table(rows),
        "xlsx": lambda: tables.write_date_workbook(rows, f"Dates: {names}", effective),
    }
    return {f"{stem}.{name}": writers[name]() for name in wanted}


def _write_portfolio(found: Sequence[DatedDeal], today: date | None, wanted: Sequence[str]) -> dict[str, bytes]:
    from agreementgen.dates import tables

    rows = tables.list_portfolio_rows(found, today)
    files: dict[str, bytes] = {}
    if "csv" in wanted:
        files["portfolio.csv"] = tables.write_csv_table(rows)
    if "xlsx" in wanted:
        files["portfolio.xlsx"] = tables.write_portfolio_workbook(rows, today)
    return files


def _each_explanation(dates: Sequence[KeyDate]) -> Iterator[str]:
    for one in dates:
        again = f" ({one.repetition.words})" if one.repetition and len(one.repetition.days) > 1 else ""
        yield f"{one.day or 'no day yet'}  {one.title}{again}"
        yield "            " + "; ".join(dict.fromkeys(part for part in (one.how, one.reason) if part))
        if one.note:
            yield f"            {one.note}"


def _each_note(one: DatedDeal, signed: date | None) -> Iterator[str]:
    from agreementgen.dates.agreement_days import UNSIGNED, hangs_on_signature

    waiting = [key.what for key in one.dates if key.reason == UNSIGNED]
    if waiting:
        yield f"{one.name}: these dates hang on the last signature; give --signed DATE: " + "; ".join(waiting)
    if signed and not hangs_on_signature(one.deal):
        yield f"{one.name}: --signed changes nothing here; the agreement names the day on which it takes effect"
    others: dict[str, list[str]] = {}
    for key in one.dates:
        if key.reason and key.reason != UNSIGNED:
            others.setdefault(key.reason, []).append(key.what)
    for reason, waiting in others.items():
        yield f"{one.name}: {', '.join(waiting)}: no day yet; {reason}"


def _identity_of(one: DatedDeal) -> str:
    return next(key.uid for key in one.dates if key.id == "effective")


def _each_same_identity(found: Sequence[DatedDeal]) -> Iterator[str]:
    """Yield a warning for each deal whose dates a calendar cannot tell from those of another."""
    first: dict[str, str] = {}
    for one in found:
        other = first.setdefault(_identity_of(one), one.name)
        if other != one.name:
            yield (
                f"warning: {one.name} has the same parties, kind and purpose as {other}: in one calendar its dates "
                'would replace those; give each deal a "reference" of its own'
            )


def _deal_to_json(one: DatedDeal) -> dict[str, object]:
    return {
        "deal": one.name,
        "dates": [
            {
                "id": key.id,
                "uid": key.uid,
                "what": key.what,
                "day": key.day.isoformat() if key.day else None,
                "days": [day.isoformat() for day in key.days],
                "repeats": key.repetition.words if key.repetition else "",
                "how": key.how,
                "reason": key.reason,
                "alarms": list(key.alarms),
                "note": key.note,
            }
            for key in one.dates
        ],
    }

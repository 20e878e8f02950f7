"""The command that writes the memo for the lawyer who reviews a deal: review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.deals import stem_of
from agreementgen.cli.options import (
    force_option,
    judging_day_option,
    output_option,
    packs_option,
    parse_memo_formats,
    signed_option,
)
from agreementgen.core.escaping import to_json_file
from agreementgen.core.problems import count_noun
from agreementgen.terminal import print_note, print_result

if TYPE_CHECKING:
    from agreementgen.memo.contents import MemoFacts
    from agreementgen.memo.sections import Memo
    from agreementgen.sources import SourcedDeal


@click.command(short_help="Write a memo for the reviewing lawyer.")
@click.argument("deal", metavar="DEAL.yaml")
@output_option
@click.option("-f", "--formats", default="docx,pdf", show_default=True, help="Any of docx, pdf, json.")
@click.option("--for", "reader", type=click.Choice(["lawyer", "client"]), default="lawyer", show_default=True,
              help="A client's memo leaves out clauses, positions, fall-backs and the sign-off.")  # fmt: skip
@judging_day_option
@signed_option
@packs_option
@force_option
def review(
    deal: str,
    output: Path,
    formats: str,
    reader: str,
    today: date | None,
    signed: date | None,
    packs: tuple[Path, ...],
    force: bool,
) -> None:
    """Write the memo for the lawyer who reviews DEAL.yaml: what it says, what was found, what is left to confirm.

    It informs and names its sources; it gives no legal advice. A deal that its check stops gets a memo, too.
    """
    from agreementgen.core import saving
    from agreementgen.dealcheck.reports import sum_up
    from agreementgen.memo.contents import write_contents
    from agreementgen.memo.writing import write_memo
    from agreementgen.sources import read_deals

    wanted = parse_memo_formats(formats)
    (sourced,) = read_deals([deal], "", packs)
    facts = _gather_facts(sourced, today, signed)
    memo = write_contents(facts, reader == "client")
    stem = f"{stem_of(sourced.name, sourced.deal)}-review"
    written, pages = write_memo(memo, sourced.deal, [name for name in wanted if name != "json"])
    if "json" in wanted:
        written["json"] = _memo_as_json(memo, facts, sourced.file_digests)
    files = {f"{stem}.{name}": data for name, data in written.items()}
    saving.save_files(output, files, force, print_note)
    for name in files:
        print_result(str(output / name))
    counted = f": {count_noun(pages, 'page')}" if pages else ""
    print_note(f"{sourced.name}{counted}; no legal advice: it is for the lawyer who reads the agreement")
    if found := sum_up(facts.report):
        print_note(f"deal check: {found}")


def _gather_facts(sourced: SourcedDeal, today: date | None, signed: date | None) -> MemoFacts:
    """Return all that the memo says; the agreement is built, so that the memo can name it by its SHA-256."""
    from agreementgen import pipeline
    from agreementgen.core.saving import sha256_of
    from agreementgen.dates.key_dates import list_key_dates
    from agreementgen.dealcheck.judging import check_deal
    from agreementgen.dealcheck.rules import read_rule_book
    from agreementgen.draft.chart_review import review_matrix
    from agreementgen.memo.contents import MemoFacts

    deal, library = sourced.deal, sourced.library
    built = pipeline.build_what_can_be_made(deal, library, ("docx", "pdf"))
    chart = review_matrix(deal, deal.matrix, library, library.outline_of_deal(deal)) if deal.matrix else ()
    return MemoFacts(
        deal=deal,
        library=library,
        selection=built.selection,
        document=built.fitted.document,
        digests={name: sha256_of(data) for name, data in built.files.items()},
        report=check_deal(deal, library, today),
        book=read_rule_book(library),
        dates=list_key_dates(deal, signed),
        other_problems=tuple(replace(warning, severity="W") for warning in (*deal.warnings, *built.selection.warnings)),
        chart_problems=chart,
        today=today,
    )


def _memo_as_json(memo: Memo, facts: MemoFacts, read: Mapping[str, str]) -> bytes:
    from agreementgen import __version__
    from agreementgen.memo.sections import memo_to_json

    told = {
        "agreementgen": __version__,
        "deal file": {Path(name).name: digest for name, digest in read.items()},
        "agreement": {"version": str(facts.deal.facts["version"]), "sha256": dict(facts.digests)},
        "rules": {
            "checked": facts.report.checked,
            "as of": facts.book.as_of.isoformat() if facts.book.as_of else "",
            "errors": facts.report.count("E"),
            "warnings": facts.report.count("W"),
            "notes": facts.report.count("N"),
        },
        **memo_to_json(memo),
    }
    return to_json_file(told)

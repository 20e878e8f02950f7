"""The commands that judge deals before anybody signs: check, and "show rules"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agreementgen.cli.deals import show
from agreementgen.cli.options import (
    judging_day_option,
    packs_option,
)
from agreementgen.core.escaping import to_json_text
from agreementgen.core.problems import InputError, Problem, suggest_nearest
from agreementgen.terminal import print_lines, print_note, print_result, print_text

if TYPE_CHECKING:
    from agreementgen.dealcheck.reports import CheckedDeal
    from agreementgen.dealcheck.rules import Rule, RuleBook
    from agreementgen.sources import SourcedDeal

CHECK_FORMATS = ("text", "json", "sarif")


@click.command(short_help="Judge deals: what is wrong, and what may go wrong.")
@click.argument("deals", nargs=-1, metavar="DEAL.yaml...")
@click.option("-f", "--format", "form", type=click.Choice(CHECK_FORMATS), default="text", show_default=True)
@judging_day_option
@click.option("--explain", metavar="RULE", help="Print one rule whole, such as N01, and check nothing.")
@packs_option
def check(deals: Sequence[str], form: str, today: date | None, explain: str | None, packs: tuple[Path, ...]) -> int:
    """Judge each DEAL.yaml, report every problem worst first, and write nothing.

    It informs and names its sources; it gives no legal advice. Exit status 1 if anything stops a deal.
    """
    from agreementgen.dealcheck.reports import (
        checked_deal_to_json,
        describe_checked_deal,
        describe_rule,
        describe_scope,
        reports_to_sarif,
    )
    from agreementgen.dealcheck.rules import read_rule_book
    from agreementgen.sources import open_library, read_deals

    if explain:
        print_lines(describe_rule(_find_rule(read_rule_book(open_library(packs)), explain)))
        return 0
    if not deals:
        raise click.UsageError("name a deal file, or a rule after --explain")
    sources = read_deals(deals, "", packs)
    checked = [_check_deal(sourced, today) for sourced in sources]
    match form:
        case "json":
            found = [
                checked_deal_to_json(one, read_rule_book(sourced.library))
                for one, sourced in zip(checked, sources, strict=True)
            ]
            print_text(to_json_text(found, 1) + "\n")
        case "sarif":
            print_text(to_json_text(reports_to_sarif(checked), 1) + "\n")
        case _:
            for one in checked:
                print_lines(describe_checked_deal(one))
            for scope in dict.fromkeys(describe_scope(read_rule_book(sourced.library)) for sourced in sources):
                print_note(f"Checked with {scope}")
    return 1 if any(one.report.stops for one in checked) else 0


def _check_deal(sourced: SourcedDeal, today: date | None) -> CheckedDeal:
    from agreementgen.dealcheck.judging import check_deal
    from agreementgen.dealcheck.reports import CheckedDeal

    others = tuple(_each_other_problem(sourced))
    return CheckedDeal(
        sourced.name, len(sourced.deal.answers), check_deal(sourced.deal, sourced.library, today), others
    )


def _each_other_problem(sourced: SourcedDeal) -> Iterator[Problem]:
    from agreementgen.draft.chart_review import review_matrix

    deal, library = sourced.deal, sourced.library
    yield from (warning if warning.severity != "E" else replace(warning, severity="W") for warning in deal.warnings)
    if deal.matrix is not None:
        yield from review_matrix(deal, deal.matrix, library, library.outline_of_deal(deal))


def _find_rule(book: RuleBook, rule_id: str) -> Rule:
    rule = book.find(rule_id)
    if rule is None:
        hint = suggest_nearest(rule_id.upper(), [known.id for known in book.rules])
        hint = hint or '"agreementgen show rules" lists them'
        raise InputError(Problem(f'there is no rule "{rule_id}"', hint, code="unknown-name"))
    return rule


@show.command("rules")
@click.argument("kind", default="")
@packs_option
def show_rules(kind: str, packs: tuple[Path, ...]) -> None:
    """List the rules of the deal check, those for KIND where it is given."""
    from agreementgen.dealcheck.reports import describe_scope
    from agreementgen.dealcheck.rules import read_rule_book
    from agreementgen.sources import open_library

    library = open_library(packs)
    if kind:
        library.outline_of_kind(kind)
    book = read_rule_book(library)
    for rule in book.rules:
        if not kind or not rule.kinds or kind in rule.kinds:
            print_result(f"{rule.id:<5} {rule.severity}  {rule.why.text or rule.says.text}")
    print_note(describe_scope(book))

"""The commands of "agreementgen show": what there is to choose from, and what a deal made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agreementgen.cli.options import packs_option, print_note
from agreementgen.core.problems import InputError, Problem, suggest_nearest

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.library.library import Library


@click.group()
def show() -> None:
    """Show what there is to choose from."""


@show.command("types")
@packs_option
def show_types(packs: tuple[Path, ...]) -> None:
    """List the kinds of agreement."""
    from agreementgen.sources import open_library

    for outline in open_library(packs).offered_outlines.values():
        click.echo(f"{outline.kind:<14} {outline.title}: {outline.about}")


@show.command("topics")
@click.argument("kind", default="referral")
@packs_option
def show_topics(kind: str, packs: tuple[Path, ...]) -> None:
    """List the topics of KIND in order."""
    from agreementgen.sources import open_library

    library = open_library(packs)
    for topic_id in library.outline_of_kind(kind).topics:
        topic = library.topics[topic_id]
        click.echo(f"{topic_id:<18} {topic.title}: {topic.about}")


@show.command("questions")
@click.argument("kind", default="referral")
@packs_option
def show_questions(kind: str, packs: tuple[Path, ...]) -> None:
    """List every fact a deal file of KIND may hold."""
    from agreementgen.library.library import describe_deal_file
    from agreementgen.sources import open_library

    library = open_library(packs)
    click.echo(describe_deal_file(library, library.outline_of_kind(kind)), nl=False)


@show.command("starter")
@click.argument("kind", default="referral")
@packs_option
def show_starter(kind: str, packs: tuple[Path, ...]) -> None:
    """Print a deal file of KIND to fill in, every question explained."""
    from agreementgen.deal.forms import make_starter
    from agreementgen.sources import open_library

    library = open_library(packs)
    outline = library.outline_of_kind(kind)
    click.echo(make_starter(library.form_of(outline), outline.title), nl=False)


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
                click.echo(f"{topic:<18} {clause.id:<28} {clause.position:<10} {clause.when.text or 'always'}")
        return
    (sourced,) = read_deals([deal_file], "", packs)
    deal, library = sourced.deal, sourced.library
    for verdict in select_clauses(deal, library, library.outline_of_deal(deal)).verdicts:
        click.echo(f"{'in ' if verdict.chosen else 'out'} {verdict.clause.id:<28} {verdict.reason}")
    click.echo("\nNot typed, and so as usual:")
    for answer in deal.answers:
        if not answer.typed and answer.question.structure not in (Structure.GROUP, Structure.GROUPS):
            click.echo(f"  {answer.path}: {_value_in_words(answer.value, deal.language)}")


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
    click.echo(f"{found.id}, version {found.version}: {found.title} ({found.position}), in {found.body.place.file}")
    click.echo(f"when: {found.when.text or 'always'}; at most {found.word_budget} words")
    click.echo(f"reviewed: by {by} on {on}" if by else "reviewed: by no lawyer yet")
    advice = found.guidance
    for name, said in (
        ("why", advice.why),
        ("use when", advice.use_when),
        ("traps", advice.traps),
        ("they may ask", advice.they_may_ask),
        ("fall back to", advice.fall_back_to),
    ):
        if said:
            click.echo(f"{name}: {said}")
    click.echo(f"\n{found.body.text}")


@show.command("figures")
@click.argument("deal_file", metavar="DEAL.yaml")
@packs_option
def show_figures(deal_file: str, packs: tuple[Path, ...]) -> None:
    """Print what the figures of a deal come to."""
    from agreementgen.sources import read_deals

    (sourced,) = read_deals([deal_file], "", packs)
    lines = list(each_figure_line(sourced.deal, sourced.library))
    click.echo("\n".join(lines) if lines else "This deal has no figures to calculate with.")


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
        click.echo(f"{pack.id:<18} {pack.name}, version {pack.version}: {changes} changes; in {pack.folder}")
        if pack.contact:
            click.echo(f"{'':<18} questions about it: {pack.contact}")
    if not library.packs:
        click.echo("No packs: the library is the one that comes with the program.")
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

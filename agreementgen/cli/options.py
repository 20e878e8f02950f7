"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

packs_option = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A law firm's pack to lay over the library; may be given several times, the last on top.",
)
paper_option = click.option("--paper", type=click.Choice(["letter", "a4"]), help="Paper; replaces the deal file's.")
layout_option = click.option(
    "--layout",
    type=click.Choice(["auto", "one-page", "one-plus-one"]),
    default="auto",
    help="One page; or key terms and signatures on one and the clauses on a second; auto takes one if it can.",
)

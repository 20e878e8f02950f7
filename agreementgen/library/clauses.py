"""Clauses and key-term rows: approved wording with its front matter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agreementgen.deal.yamlfile import read
from agreementgen.errors import InputError, Place, Problem, nearest
from agreementgen.library.definitions import Fields
from agreementgen.library.snapshot import SourceFile

POSITIONS = ("balanced", "short")


@dataclass(frozen=True)
class Text:
    """A piece of clause language and where it stands."""

    source: str
    place: Place


@dataclass(frozen=True)
class Row:
    """A row of the key-terms table. `each` names a list of the deal that makes one row an entry.

    `long` says that the row may move to a schedule (of that title) where the page is too full.
    `beside` rows stand next to each other or not at all.
    """

    id: str
    label: Text
    says: Text
    when: Text
    each: str
    beside: bool
    long: str
    place: Place


@dataclass(frozen=True)
class ClauseText:
    """One approved wording of a topic.

    `words` is the budget of its printed words; `defines` the terms it declares; `rank` decides between
    clauses of one position whose conditions hold (the lower wins); `guidance` is never printed; `place` is its id's.
    """

    id: str
    topic: str
    title: str
    version: int
    position: str
    rank: int
    when: Text
    words: int
    defines: tuple[str, ...]
    guidance: str
    body: Text
    place: Place


def read_rows(fields: Fields, key: str) -> tuple[Row, ...]:
    rows = []
    for node in fields.mappings(key):
        row = Fields(node, fields.problems, fields.what)
        rows.append(
            Row(
                id=row.text("id"),
                label=Text(row.text("label"), row.place("label")),
                says=Text(row.text("says"), row.place("says")),
                when=Text(row.text("when", ""), row.place("when")),
                each=row.text("each", ""),
                beside=row.flag("beside", False),
                long=row.text("schedule", ""),
                place=row.place("id"),
            )
        )
        row.finish()
    return tuple(rows)


def read_clause(topic: str, source: SourceFile, problems: list[Problem]) -> ClauseText | None:
    """Return the clause of a file of `---`, YAML front matter, `---` and body; None where it cannot be read."""
    start = Place(source.name, 1, 1)
    try:
        text = source.text.replace("\r\n", "\n")
        match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
        if not match:
            problems.append(Problem('a clause begins with "---", its front matter, and "---"', place=start))
            return None
        root = read(match[1], source.name, first_line=2).root
    except InputError as error:
        problems += error.problems
        return None
    fields = Fields(root, problems, "")
    position = fields.text("position", "balanced")
    if position not in POSITIONS:
        fields.problem(f'"{position}" is not a position', nearest(position, POSITIONS), fields.place("position"))
    body = text[match.end() :]
    blank = len(body) - len(body.lstrip("\n"))
    clause = ClauseText(
        id=fields.text("id"),
        topic=topic,
        title=fields.text("title"),
        version=fields.whole("version", 1),
        position=position,
        rank=fields.whole("rank", 100),
        when=Text(fields.text("when", ""), fields.place("when")),
        words=fields.whole("words"),
        defines=fields.texts("defines"),
        guidance=fields.text("guidance", ""),
        body=Text(body.strip("\n"), Place(source.name, match[0].count("\n") + 1 + blank, 1)),
        place=fields.place("id"),
    )
    fields.finish()
    if not clause.body.source.strip():
        fields.problem("the clause has no text", 'write it behind the second "---"', clause.body.place)
    return clause

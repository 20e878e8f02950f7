"""Clauses and key-term rows: approved wording with its front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agreementgen.deal.yamlfile import Node, read
from agreementgen.errors import InputError, Place, Problem, nearest
from agreementgen.library.definitions import Fields
from agreementgen.library.snapshot import SourceFile

# "short" is the balanced wording for full pages; the others are chosen by the deal's `position`.
POSITIONS = ("balanced", "short", "pro-first", "pro-second", "fallback")


@dataclass(frozen=True)
class Text:
    """A piece of clause language and where it stands."""

    source: str
    place: Place


@dataclass(frozen=True)
class Row:
    """A row of the key-terms table. `each` names a list of the deal that makes one row an entry.

    `schedule` names the table to which its facts move where they are many or the page is too full.
    `beside` rows stand next to each other or not at all.
    """

    id: str
    label: Text
    says: Text
    when: Text
    each: str
    beside: bool
    schedule: str
    place: Place


@dataclass(frozen=True)
class Guidance:
    """What a lawyer should know of a wording; never printed in a document."""

    why: str = ""
    use_when: str = ""
    traps: str = ""
    they_may_ask: str = ""
    fall_back_to: str = ""


@dataclass(frozen=True)
class Trial:
    """A test in a clause's front matter: with `facts`, by path in a deal file, it prints some words and not others.

    `kind` is the kind of agreement ("" for the first that has the topic), `parties` their number.
    """

    facts: Mapping[str, Node]
    contains: tuple[str, ...]
    lacks: tuple[str, ...]
    kind: str
    parties: int
    place: Place


@dataclass(frozen=True)
class ClauseText:
    """One approved wording of a topic.

    `words` is the budget of its printed words; `rank` decides between clauses of one position whose conditions hold
    (the lower wins). `requires` are topics that must have a clause beside it, `conflicts` the ids of clauses that
    must not. `jurisdictions` are ISO 3166 codes of the governing laws it is for (none: any). `reviewed` is who
    reviewed it and when, empty until a lawyer did. `place` is its id's.
    """

    id: str
    topic: str
    title: str
    version: int
    position: str
    rank: int
    when: Text
    words: int
    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    reviewed: tuple[str, str]
    guidance: Guidance
    trials: tuple[Trial, ...]
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
                schedule=row.text("schedule", ""),
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
        requires=fields.texts("requires"),
        conflicts=fields.texts("conflicts"),
        jurisdictions=fields.texts("jurisdictions"),
        reviewed=_reviewed(fields),
        guidance=_guidance(fields),
        trials=_trials(fields),
        body=Text(body.strip("\n"), Place(source.name, match[0].count("\n") + 1 + blank, 1)),
        place=fields.place("id"),
    )
    fields.finish()
    if not clause.body.source.strip():
        fields.problem("the clause has no text", 'write it behind the second "---"', clause.body.place)
    return clause


def _guidance(fields: Fields) -> Guidance:
    node = fields.mapping("guidance")
    if node is None:
        return Guidance()
    said = Fields(node, fields.problems, fields.what)
    keys = ("why", "use when", "traps", "they may ask", "fall back to")
    found = Guidance(*(" ".join(said.text(key, "").split()) for key in keys))
    said.finish()
    return found


def _reviewed(fields: Fields) -> tuple[str, str]:
    node = fields.mapping("reviewed")
    if node is None:
        return "", ""
    said = Fields(node, fields.problems, fields.what)
    by, on = said.text("by", ""), said.text("on", "")
    if bool(by) != bool(on):
        said.problem('a review names who did it ("by") and when ("on")', "fill in both, or leave both empty")
    elif on and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", on):
        said.problem(f'"{on}" is not a day', "write it like 2026-11-22", said.place("on"))
    said.finish()
    return by, on


def _trials(fields: Fields) -> tuple[Trial, ...]:
    found = []
    for node in fields.mappings("tests"):
        said = Fields(node, fields.problems, fields.what)
        facts = said.mapping("facts")
        found.append(
            Trial(
                facts={name.text: value for name, value in facts} if facts else {},
                contains=said.texts("contains"),
                lacks=said.texts("lacks"),
                kind=said.text("kind", ""),
                parties=said.whole("parties", 2),
                place=node.place,
            )
        )
        if not (found[-1].contains or found[-1].lacks):
            said.problem('a test says what the clause "contains" or "lacks"')
        said.finish()
    return tuple(found)

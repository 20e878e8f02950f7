"""Clauses and key-term rows: approved wording with its front matter.

Schedules: the tables behind an agreement, declared in a topic beside the questions whose answers they print.

Typical tasks of a partnership: what a chart is drafted from, and what one is asked for where it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreementgen.core.problems import InputError, Place, Problem, nearest
from agreementgen.library.declarations import Fields
from agreementgen.library.snapshot import SourceFile
from agreementgen.yamlfile.nodes import MappingNode, Node, read

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


@dataclass(frozen=True)
class Column:
    """A column: its head, what it says of each entry, and its width in percent of the page (0: a fair share)."""

    head: Text
    says: Text
    width: int


@dataclass(frozen=True)
class ScheduleText:
    """A table with one row for each entry of the list `each`; `total` are the texts of a last row, where there is one.

    From `start` entries on it always stands behind the agreement; with 0, only where the page is too full.
    """

    id: str
    title: str
    each: str
    start: int
    when: Text
    columns: tuple[Column, ...]
    total: tuple[Text, ...]
    place: Place


def read_schedules(fields: Fields) -> tuple[ScheduleText, ...]:
    found = []
    for node in fields.mappings("schedules"):
        said = Fields(node, fields.problems, fields.what)
        columns = tuple(_columns(said, said.mappings("columns")))
        total = tuple(Text(text, said.places("total")[text]) for text in said.texts("total"))
        if not columns:
            said.problem('a schedule needs "columns"')
        if total and len(total) != len(columns):
            said.problem(f"the total has {len(total)} cells, the table {len(columns)} columns", "", said.place("total"))
        if sum(column.width for column in columns) > 100:
            said.problem("the columns are wider than the page", "widths are in percent", said.place("columns"))
        found.append(
            ScheduleText(
                id=said.text("id"),
                title=said.text("title"),
                each=said.text("each"),
                start=said.whole("from", 0),
                when=Text(said.text("when", ""), said.place("when")),
                columns=columns,
                total=total,
                place=said.place("id"),
            )
        )
        said.finish()
    return tuple(found)


def _columns(fields: Fields, nodes: tuple[MappingNode, ...]) -> list[Column]:
    columns = []
    for node in nodes:
        said = Fields(node, fields.problems, fields.what)
        head, says = (Text(said.text(key), said.place(key)) for key in ("head", "says"))
        columns.append(Column(head, says, said.whole("width", 0)))
        said.finish()
    return columns


@dataclass(frozen=True)
class TypicalTask:
    """A task that most agreements need where `when` holds.

    `subject` says in messages what it is about; a task of a chart is about it if one of its words begins like one of
    `words` ("complain"), or if it has all words of one that has several ("hand over"). `others` is the letter of the
    parties that do not do it.
    """

    task: str
    subject: str
    phase: str
    words: tuple[str, ...]
    others: str
    when: Text
    place: Place

    def done_by(self, names: Sequence[str]) -> bool:
        """Return whether a task of one of these names is about the same subject."""
        return any(_about(name.casefold().split(), start) for name in names for start in self.words)


def _about(words: Sequence[str], start: str) -> bool:
    several = start.split()
    return set(several) <= set(words) if len(several) > 1 else any(word.startswith(start) for word in words)


def read_tasks(fields: Fields) -> tuple[TypicalTask, ...]:
    found = []
    for node in fields.mappings("typical tasks"):
        said = Fields(node, fields.problems, fields.what)
        others = said.text("others", "I")
        if others not in ("C", "I", "R"):
            said.problem(f'"{others}" is not R, C or I', "", said.place("others"))
        found.append(
            TypicalTask(
                task=said.text("task"),
                subject=said.text("subject"),
                phase=said.text("phase", ""),
                words=said.texts("words"),
                others=others,
                when=Text(said.text("when", ""), said.place("when")),
                place=said.place("task"),
            )
        )
        said.finish()
    return tuple(found)

"""Clauses and key-term rows: approved wording with its front matter.

Schedules: the tables behind an agreement, declared in a topic beside the questions whose answers they print.

Typical tasks of a partnership: what a chart is drafted from, and what one is asked for where it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.library.declarations import Fields
from agreementgen.library.snapshot import SourceFile
from agreementgen.yamlfile.nodes import MappingNode, Node, read_yaml

# "short" is the balanced wording for full pages; the others are chosen by the deal's `position`.
POSITIONS = ("balanced", "short", "pro-first", "pro-second", "fallback")


@dataclass(frozen=True)
class SourceText:
    """A piece of clause language and where it stands."""

    source: str
    place: Place


@dataclass(frozen=True)
class TermText:
    """A row of the key-terms table. `each` names a list of the deal that makes one row an entry.

    `schedule` names the table to which its facts move where they are many or the page is too full.
    `beside` rows stand next to each other or not at all.
    """

    id: str
    label: SourceText
    says: SourceText
    when: SourceText
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
class ClauseTest:
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
    when: SourceText
    word_budget: int
    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    reviewed: tuple[str, str]
    guidance: Guidance
    tests: tuple[ClauseTest, ...]
    body: SourceText
    place: Place


def read_rows(fields: Fields, key: str) -> tuple[TermText, ...]:
    rows = []
    for node in fields.mappings(key):
        row = Fields(node, fields.problems, fields.field)
        rows.append(
            TermText(
                id=row.text("id"),
                label=SourceText(row.text("label"), row.place_of("label")),
                says=SourceText(row.text("says"), row.place_of("says")),
                when=SourceText(row.text("when", ""), row.place_of("when")),
                each=row.text("each", ""),
                beside=row.flag("beside", False),
                schedule=row.text("schedule", ""),
                place=row.place_of("id"),
            )
        )
        row.refuse_unknown_keys()
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
        root = read_yaml(match[1], source.name, first_line=2).root
    except InputError as error:
        problems += error.problems
        return None
    fields = Fields(root, problems, "")
    position = fields.text("position", "balanced")
    if position not in POSITIONS:
        fields.add_problem(
            f'"{position}" is not a position', suggest_nearest(position, POSITIONS), fields.place_of("position")
        )
    body = text[match.end() :]
    blank = len(body) - len(body.lstrip("\n"))
    clause = ClauseText(
        id=fields.text("id"),
        topic=topic,
        title=fields.text("title"),
        version=fields.whole("version", 1),
        position=position,
        rank=fields.whole("rank", 100),
        when=SourceText(fields.text("when", ""), fields.place_of("when")),
        word_budget=fields.whole("words"),
        requires=fields.texts("requires"),
        conflicts=fields.texts("conflicts"),
        jurisdictions=fields.texts("jurisdictions"),
        reviewed=_reviewed(fields),
        guidance=_guidance(fields),
        tests=_trials(fields),
        body=SourceText(body.strip("\n"), Place(source.name, match[0].count("\n") + 1 + blank, 1)),
        place=fields.place_of("id"),
    )
    fields.refuse_unknown_keys()
    if not clause.body.source.strip():
        fields.add_problem("the clause has no text", 'write it behind the second "---"', clause.body.place)
    return clause


def _guidance(fields: Fields) -> Guidance:
    node = fields.mapping("guidance")
    if node is None:
        return Guidance()
    said = Fields(node, fields.problems, fields.field)
    keys = ("why", "use when", "traps", "they may ask", "fall back to")
    found = Guidance(*(" ".join(said.text(key, "").split()) for key in keys))
    said.refuse_unknown_keys()
    return found


def _reviewed(fields: Fields) -> tuple[str, str]:
    node = fields.mapping("reviewed")
    if node is None:
        return "", ""
    said = Fields(node, fields.problems, fields.field)
    by, on = said.text("by", ""), said.text("on", "")
    if bool(by) != bool(on):
        said.add_problem('a review names who did it ("by") and when ("on")', "fill in both, or leave both empty")
    elif on and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", on):
        said.add_problem(f'"{on}" is not a day', "write it like 2026-11-22", said.place_of("on"))
    said.refuse_unknown_keys()
    return by, on


def _trials(fields: Fields) -> tuple[ClauseTest, ...]:
    found = []
    for node in fields.mappings("tests"):
        said = Fields(node, fields.problems, fields.field)
        facts = said.mapping("facts")
        found.append(
            ClauseTest(
                facts={name.text: value for name, value in facts} if facts else {},
                contains=said.texts("contains"),
                lacks=said.texts("lacks"),
                kind=said.text("kind", ""),
                parties=said.whole("parties", 2),
                place=node.place,
            )
        )
        if not (found[-1].contains or found[-1].lacks):
            said.add_problem('a test says what the clause "contains" or "lacks"')
        said.refuse_unknown_keys()
    return tuple(found)


@dataclass(frozen=True)
class ScheduleColumn:
    """A column: its head, what it says of each entry, and its width in percent of the page (0: a fair share)."""

    head: SourceText
    says: SourceText
    width: int


@dataclass(frozen=True)
class ScheduleText:
    """A table with one row for each entry of the list `each`; `total` are the texts of a last row, where there is one.

    From `start` entries on it always stands behind the agreement; with 0, only where the page is too full.
    """

    id: str
    title: str
    each: str
    least_entries: int
    when: SourceText
    columns: tuple[ScheduleColumn, ...]
    totals: tuple[SourceText, ...]
    place: Place


def read_schedules(fields: Fields) -> tuple[ScheduleText, ...]:
    found = []
    for node in fields.mappings("schedules"):
        said = Fields(node, fields.problems, fields.field)
        columns = tuple(_columns(said, said.mappings("columns")))
        total = tuple(SourceText(text, said.places_of("total")[text]) for text in said.texts("total"))
        if not columns:
            said.add_problem('a schedule needs "columns"')
        if total and len(total) != len(columns):
            said.add_problem(
                f"the total has {len(total)} cells, the table {len(columns)} columns", "", said.place_of("total")
            )
        if sum(column.width for column in columns) > 100:
            said.add_problem("the columns are wider than the page", "widths are in percent", said.place_of("columns"))
        found.append(
            ScheduleText(
                id=said.text("id"),
                title=said.text("title"),
                each=said.text("each"),
                least_entries=said.whole("from", 0),
                when=SourceText(said.text("when", ""), said.place_of("when")),
                columns=columns,
                totals=total,
                place=said.place_of("id"),
            )
        )
        said.refuse_unknown_keys()
    return tuple(found)


def _columns(fields: Fields, nodes: tuple[MappingNode, ...]) -> list[ScheduleColumn]:
    columns = []
    for node in nodes:
        said = Fields(node, fields.problems, fields.field)
        head, says = (SourceText(said.text(key), said.place_of(key)) for key in ("head", "says"))
        columns.append(ScheduleColumn(head, says, said.whole("width", 0)))
        said.refuse_unknown_keys()
    return columns


@dataclass(frozen=True)
class TypicalTask:
    """A task that most agreements need where `when` holds.

    `subject` says in messages what it is about; a task of a chart is about it if one of its words begins like one of
    `words` ("complain"), or if it has all words of one that has several ("hand over"). `others` is the letter of the
    parties that do not do it.
    """

    name: str
    subject: str
    phase: str
    keywords: tuple[str, ...]
    letter_of_others: str
    when: SourceText
    place: Place

    def matches_any(self, names: Sequence[str]) -> bool:
        """Return whether a task of one of these names is about the same subject."""
        return any(_matches(name.casefold().split(), start) for name in names for start in self.keywords)


def _matches(words: Sequence[str], start: str) -> bool:
    several = start.split()
    return set(several) <= set(words) if len(several) > 1 else any(word.startswith(start) for word in words)


def read_typical_tasks(fields: Fields) -> tuple[TypicalTask, ...]:
    found = []
    for node in fields.mappings("typical tasks"):
        said = Fields(node, fields.problems, fields.field)
        others = said.text("others", "I")
        if others not in ("C", "I", "R"):
            said.add_problem(f'"{others}" is not R, C or I', "", said.place_of("others"))
        found.append(
            TypicalTask(
                name=said.text("task"),
                subject=said.text("subject"),
                phase=said.text("phase", ""),
                keywords=said.texts("words"),
                letter_of_others=others,
                when=SourceText(said.text("when", ""), said.place_of("when")),
                place=said.place_of("task"),
            )
        )
        said.refuse_unknown_keys()
    return tuple(found)

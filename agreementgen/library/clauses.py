"""What lawyers write on a topic: its clauses, its rows of the key terms, its schedules and its typical tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.library.declarations import Fields, PlacedText
from agreementgen.library.snapshot import SourceFile
from agreementgen.yamlfile.nodes import Node, read_yaml

# "short" is the balanced wording for full pages; the others are chosen by the deal's `position`.
POSITIONS = ("balanced", "short", "pro-first", "pro-second", "fallback")


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

    `word_budget` is the most words it should print; `rank` decides between clauses of one position whose conditions
    hold (the lowest wins). `requires` are topics that must have a clause beside it, `conflicts` the ids of clauses that
    must not. `jurisdictions` are ISO 3166 codes of the governing laws it is for (none: any). `reviewed` is who
    reviewed it and when, empty until a lawyer did. `place` is its id's.
    """

    id: str
    topic: str
    title: str
    version: int
    position: str
    rank: int
    when: PlacedText
    word_budget: int
    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    reviewed: tuple[str, str]
    guidance: Guidance
    tests: tuple[ClauseTest, ...]
    body: PlacedText
    place: Place


def read_clause(topic: str, source: SourceFile, problems: list[Problem]) -> ClauseText | None:
    """Return the clause of a file of `---`, YAML front matter, `---` and body; None where it cannot be read."""
    try:
        text = source.text.replace("\r\n", "\n")
        match = re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)
        if not match:
            message = 'a clause begins with "---", its front matter, and "---"'
            problems.append(Problem(message, place=Place(source.name, 1, 1), code="wrong-shape"))
            return None
        root = read_yaml(match[1], source.name, first_line=2).root
    except InputError as error:
        problems += error.problems
        return None
    body = text[match.end() :]
    blank_lines = len(body) - len(body.lstrip("\n"))
    first_line = match[0].count("\n") + 1 + blank_lines
    placed_body = PlacedText(body.strip("\n"), Place(source.name, first_line, 1))
    fields = Fields(root, problems)
    clause = fields.read_by(lambda fields: _read_clause(fields, topic, placed_body))
    if not body.strip():
        hint = 'write it behind the second "---"'
        fields.add_problem("the clause has no text", hint, placed_body.place, code="empty")
    return clause


def _read_clause(fields: Fields, topic: str, body: PlacedText) -> ClauseText:
    return ClauseText(
        id=fields.read_text("id"),
        topic=topic,
        title=fields.read_text("title"),
        version=fields.read_integer("version", 1),
        position=fields.read_choice("position", POSITIONS, "balanced", "a position"),
        rank=fields.read_integer("rank", 100),
        when=fields.read_placed_text("when", ""),
        word_budget=fields.read_integer("words"),
        requires=fields.read_texts("requires"),
        conflicts=fields.read_texts("conflicts"),
        jurisdictions=fields.read_texts("jurisdictions"),
        reviewed=fields.read_group("reviewed", _read_review) or ("", ""),
        guidance=fields.read_group("guidance", _read_guidance) or Guidance(),
        tests=fields.read_groups("tests", _read_test),
        body=body,
        place=fields.place_of("id"),
    )


def _read_guidance(fields: Fields) -> Guidance:
    keys = ("why", "use when", "traps", "they may ask", "fall back to")
    return Guidance(*(" ".join(fields.read_text(key, "").split()) for key in keys))


def _read_review(fields: Fields) -> tuple[str, str]:
    by, on = fields.read_text("by", ""), fields.read_text("on", "")
    if bool(by) != bool(on):
        message = 'a review names who did it ("by") and when ("on")'
        fields.add_problem(message, "fill in both, or leave both empty", code="missing")
    elif on and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", on):
        message = f'"{on}" is not a day'
        fields.add_problem(message, "write it like 2026-11-22", fields.place_of("on"), code="unreadable")
    return by, on


def _read_test(fields: Fields) -> ClauseTest:
    test = ClauseTest(
        facts=fields.read_nodes("facts"),
        contains=fields.read_texts("contains"),
        lacks=fields.read_texts("lacks"),
        kind=fields.read_text("kind", ""),
        parties=fields.read_integer("parties", 2),
        place=fields.node.place,
    )
    if not (test.contains or test.lacks):
        fields.add_problem('a test says what the clause "contains" or "lacks"', code="missing")
    return test


@dataclass(frozen=True)
class TermText:
    """A row of the key terms. `each` names a list of the deal that makes one row an entry.

    `schedule` names the table to which its facts move where they are many or the page is too full.
    `beside` rows stand next to each other or not at all.
    """

    id: str
    label: PlacedText
    says: PlacedText
    when: PlacedText
    each: str
    beside: bool
    schedule: str
    place: Place


def read_term(fields: Fields) -> TermText:
    return TermText(
        id=fields.read_text("id"),
        label=fields.read_placed_text("label"),
        says=fields.read_placed_text("says"),
        when=fields.read_placed_text("when", ""),
        each=fields.read_text("each", ""),
        beside=fields.read_flag("beside", False),
        schedule=fields.read_text("schedule", ""),
        place=fields.place_of("id"),
    )


@dataclass(frozen=True)
class ScheduleColumn:
    """A column: its head, what it says of each entry, and its width in percent of the page (0: a fair share)."""

    head: PlacedText
    says: PlacedText
    width: int


@dataclass(frozen=True)
class ScheduleText:
    """A table with one row for each entry of the list `each`; `totals` are the texts of a last row, where there is one.

    From `least_entries` on it always stands behind the agreement; with 0, only where the page is too full.
    """

    id: str
    title: str
    each: str
    least_entries: int
    when: PlacedText
    columns: tuple[ScheduleColumn, ...]
    totals: tuple[PlacedText, ...]
    place: Place


def read_schedule(fields: Fields) -> ScheduleText:
    columns = fields.read_groups("columns", _read_column)
    totals = fields.read_placed_texts("total")
    if not columns:
        fields.add_problem('a schedule needs "columns"', code="missing")
    if totals and len(totals) != len(columns):
        message = f"the total has {len(totals)} cells, the table {len(columns)} columns"
        fields.add_problem(message, place=fields.place_of("total"), code="wrong-shape")
    if sum(column.width for column in columns) > 100:
        message = "the columns are wider than the page"
        fields.add_problem(message, "widths are in percent", fields.place_of("columns"), code="out-of-limits")
    return ScheduleText(
        id=fields.read_text("id"),
        title=fields.read_text("title"),
        each=fields.read_text("each"),
        least_entries=fields.read_integer("from"),
        when=fields.read_placed_text("when", ""),
        columns=columns,
        totals=totals,
        place=fields.place_of("id"),
    )


def _read_column(fields: Fields) -> ScheduleColumn:
    return ScheduleColumn(
        fields.read_placed_text("head"), fields.read_placed_text("says"), fields.read_integer("width")
    )


@dataclass(frozen=True)
class TypicalTask:
    """A task that most agreements need where `when` holds: a chart is drafted from it, or is asked for it.

    `subject` says in messages what it is about; a task of a chart is about it if one of its words begins like one of
    `keywords` ("complain"), or if it has all words of one that has several ("hand over"). `letter_of_others` is the
    letter of the parties that do not do it.
    """

    name: str
    subject: str
    phase: str
    keywords: tuple[str, ...]
    letter_of_others: str
    when: PlacedText
    place: Place

    def matches_any(self, names: Sequence[str]) -> bool:
        """Return whether a task of one of these names is about the same subject."""
        return any(_matches(name.casefold().split(), keyword) for name in names for keyword in self.keywords)


def _matches(words: Sequence[str], keyword: str) -> bool:
    parts = keyword.split()
    return set(parts) <= set(words) if len(parts) > 1 else any(word.startswith(keyword) for word in words)


def read_typical_task(fields: Fields) -> TypicalTask:
    letter = fields.read_text("others", "I")
    if letter not in ("C", "I", "R"):
        fields.add_problem(f'"{letter}" is not R, C or I', place=fields.place_of("others"), code="not-a-choice")
    return TypicalTask(
        name=fields.read_text("task"),
        subject=fields.read_text("subject"),
        phase=fields.read_text("phase", ""),
        keywords=fields.read_texts("words"),
        letter_of_others=letter,
        when=fields.read_placed_text("when", ""),
        place=fields.place_of("task"),
    )

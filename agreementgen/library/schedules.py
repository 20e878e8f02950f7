"""Schedules: the tables behind an agreement, declared in a topic beside the questions whose answers they print."""

from __future__ import annotations

from dataclasses import dataclass

from agreementgen.deal.yamlfile import MappingNode
from agreementgen.errors import Place
from agreementgen.library.clauses import Text
from agreementgen.library.definitions import Fields


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

"""The structure of an agreement in its Word file: short bookmarks, by which parts are known again after editing.

Why bookmarks: of all that a Word file can carry, they alone came through every edit that was tried in every program
that was tried, and they change nothing to be seen. The rules that followed from trying: a name has at most 40 letters
(LibreOffice drops longer ones), and a part is the paragraph or cell that holds the start of its bookmark, never the
text between start and end. Content controls get lost or move lines, and hide text from programs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agreementgen.core.document import Clause, Document, PartyBox, Schedule, TermRow

MAX_NAME = 40
PREFIX = "ag_"


@dataclass(frozen=True)
class StructureNames:
    """The names of the bookmarks of a document: one for each row, clause, party and schedule, in the order of each."""

    document: Document

    @cached_property
    def rows(self) -> tuple[str, ...]:
        return _name_each("row", [row.id for row in self.document.rows])

    @cached_property
    def clauses(self) -> Mapping[str, str]:
        """The names by topic: another wording of the same topic keeps the name."""
        topics = [clause.topic for clause in self.document.clauses]
        return dict(zip(topics, _name_each("clause", topics), strict=True))

    @cached_property
    def parties(self) -> tuple[str, ...]:
        return _name_each("party", [""] * len(self.document.parties))

    @cached_property
    def schedules(self) -> Mapping[str, str]:
        """The names by letter."""
        names = _name_each("schedule", [schedule.id for schedule in self.document.schedules])
        return {schedule.letter: name for schedule, name in zip(self.document.schedules, names, strict=True)}

    @cached_property
    def parts(self) -> Mapping[str, TermRow | Clause | PartyBox | Schedule]:
        """The part that each name stands for."""
        document = self.document
        return {
            **dict(zip(self.parties, document.parties, strict=True)),
            **dict(zip(self.rows, document.rows, strict=True)),
            **{self.clauses[clause.topic]: clause for clause in document.clauses},
            **{self.schedules[schedule.letter]: schedule for schedule in document.schedules},
        }


def _name_each(kind: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each id; one that comes again, as in rows for each entry of a list, is numbered."""
    names: list[str] = []
    for one in _shorten_each(kind, ids):
        name, number = one, 1
        while name in names:
            number += 1
            name = f"{one}_{number}"
        names.append(name)
    return tuple(names)


def _shorten_each(kind: str, ids: Iterable[str]) -> Iterable[str]:
    # Room for a number behind it.
    most = MAX_NAME - len("_999")
    for one in ids:
        name = PREFIX + "_".join(filter(None, (kind, re.sub(r"\W", "_", one, flags=re.ASCII))))
        if len(name) > most:
            digest = hashlib.sha256(one.encode()).hexdigest()[:8]
            name = f"{name[: most - 9]}_{digest}"
        yield name

"""Typical tasks of a partnership: what a chart is drafted from, and what one is asked for where it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agreementgen.errors import Place
from agreementgen.library.clauses import Text
from agreementgen.library.definitions import Fields


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

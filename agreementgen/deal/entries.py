"""One question in its place in a deal: what Reader meets and Completion settles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agreementgen.deal.questions import Question, name_of
from agreementgen.deal.values import Choice
from agreementgen.deal.yamlfile import Node
from agreementgen.errors import Place

Facts = dict[str, Any]
# The answer "no" to a group: it is an answer, and the group is not there.
OFF = Choice("no")


@dataclass(eq=False)
class Entry:
    """A question, the group of facts its value belongs into, and what is known about its answer.

    `parent` is the entry of the group it stands in. `given` is what was typed. `unsure`: nobody can say what
    the answer is, because it is unreadable or missing, which is reported. `off`: other answers make it idle.
    """

    question: Question
    into: Facts
    path: str
    place: Place
    parent: Entry | None
    given: Node | None = None
    unsure: bool = False
    off: bool = False
    settled: bool = False

    @property
    def value(self) -> Any:
        return self.into[self.question.name]

    @property
    def group(self) -> str:
        """The path of the group it stands in ("" at the top)."""
        return self.path[: -len(self.question.key)].rstrip(".")

    @property
    def name(self) -> str:
        """The path in conditions."""
        return name_of(self.path)

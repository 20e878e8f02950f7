"""The deal: all facts of one agreement, typed, with where each one came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agreementgen.deal.matrix import Matrix
from agreementgen.deal.questions import Question
from agreementgen.errors import Place, Problem


@dataclass(frozen=True)
class Answer:
    """One fact: `path` in the user's words ("parties.1.name"), its value, where it was typed.

    `typed` is False for a default nobody typed; `place` is then the question's own.
    """

    path: str
    question: Question
    value: Any
    place: Place
    typed: bool


@dataclass(frozen=True)
class Deal:
    """`facts` holds plain dictionaries, tuples and values, keyed by the names clauses use; `matrix` who does what."""

    kind: str
    source: str
    facts: Mapping[str, Any]
    answers: tuple[Answer, ...]
    warnings: tuple[Problem, ...]
    matrix: Matrix | None = None

    @property
    def language(self) -> str:
        return str(self.facts["language"])

    @property
    def parties(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.facts["parties"])

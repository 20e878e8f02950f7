"""What a check has to say about a deal that can be read: how grave it is, where it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agreementgen.errors import Place, Problem

Severity = Literal["E", "W", "N"]
_WORDS = {"E": "error", "W": "warning", "N": "note"}


@dataclass(frozen=True)
class Finding:
    """One remark. `severity`: "E" stops the work, "W" should be looked at, "N" is a note; `rule` is its number."""

    rule: str
    severity: Severity
    message: str
    hint: str
    field: str
    place: Place

    @property
    def problem(self) -> Problem:
        return Problem(self.message, self.hint, self.field, self.place)

    def __str__(self) -> str:
        return f"{_WORDS[self.severity]} {self.rule}: {self.problem}"

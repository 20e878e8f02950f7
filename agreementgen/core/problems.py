"""Everything that can go wrong for a reason the user can mend.

An exception that is not an AgreementError is a bug of ours and shows its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["E", "W", "N"]
_SEVERITY_WORDS = {"E": "error", "W": "warning", "N": "note"}


@dataclass(frozen=True)
class Place:
    """A position in a file: line and column count from 1 (in characters); 0 means "the file as a whole".

    In a table, line and column are those of the `cell` ("C5"), which is then named instead.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    cell: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}:{self.cell}"
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, and what to do about it.

    `field` is the path of the fact in the user's own words ("financial.cap per client"). `code` names the kind of
    problem for programs, the same in every version; docs/problems.md lists them. `severity`: "E" stops the work, "W"
    should be looked at, "N" is a note.
    """

    message: str
    hint: str = ""
    field: str = ""
    place: Place = Place()
    _: KW_ONLY
    code: str
    severity: Severity = "E"

    def __str__(self) -> str:
        head = ": ".join(part for part in (str(self.place), self.field, self.message) if part)
        return f"{head}\n  hint: {self.hint}" if self.hint else head

    def describe_with_code(self) -> str:
        """Return what a check prints: the problem with severity and code before it ("warning M12: ...")."""
        return f"{_SEVERITY_WORDS[self.severity]} {self.code}: {self}"


class AgreementError(Exception):
    """The work cannot go on; `problems` says why, in the order of the file."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = tuple(sorted(found, key=lambda p: (p.place.file, p.place.line, p.place.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(AgreementError):
    """The deal file, the command line or the target folder is not right."""


class PackError(AgreementError):
    """A topic, clause, outline or layout is not right: the library's author must mend it."""


class LayoutError(AgreementError):
    """The agreement cannot be laid out: it does not fit, or a character has no glyph."""


def find_nearest(word: str, known: Iterable[str]) -> str:
    """Return the nearest of `known`, "" where none is near."""
    options = sorted(set(known))
    close = get_close_matches(word.lower(), [option.lower() for option in options], n=1, cutoff=0.6)
    return next((option for option in options if option.lower() == close[0]), "") if close else ""


def suggest_nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest of `known`, or lists them all where they are few."""
    options = sorted(set(known))
    if match := find_nearest(word, options):
        return f'did you mean "{match}"?'
    if len(options) <= 14:
        return "known here: " + ", ".join(options)
    return ""

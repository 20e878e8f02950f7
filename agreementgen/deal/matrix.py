"""A RACI matrix: who does, approves, is consulted and is informed, as a deal says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agreementgen.deal.characters import shown
from agreementgen.deal.values import Unreadable
from agreementgen.errors import Place

# What may stand in a cell; "A/R" is one role that does the work and answers for it.
LETTERS = ("R", "A", "A/R", "C", "I")
# The party of a role that nobody of the parties fills (an accountant, a printer).
OUTSIDE = "outside"
MAX_ROLES, MAX_TASKS = 20, 100
MAX_ROLE, MAX_PERSON, MAX_TASK, MAX_PHASE = 60, 80, 160, 60


@dataclass(frozen=True)
class Role:
    """A column: `party` is a short name, or OUTSIDE; `person` may be empty."""

    name: str
    party: str
    person: str
    place: Place

    @property
    def of(self) -> str:
        """The party as it is printed."""
        return self.party.capitalize() if self.party == OUTSIDE else self.party


@dataclass(frozen=True)
class Duty:
    """A responsibility of the agreement: the party's short name and the text as it stands in the deal."""

    party: str
    text: str


@dataclass(frozen=True)
class Task:
    """A row: letters by role name (only where there are any), each with its place.

    `duties` are the responsibilities of the agreement that the task carries out.
    """

    name: str
    letters: Mapping[str, str]
    places: Mapping[str, Place]
    due: date | None
    phase: str
    duties: tuple[Duty, ...]
    place: Place

    def holders(self, letter: str) -> tuple[str, ...]:
        """Return the roles that hold `letter`, one of R, A, C, I ("A/R" counts for both)."""
        return tuple(role for role, said in self.letters.items() if letter in said.split("/"))


@dataclass(frozen=True)
class Matrix:
    """The roles in the order of the columns and the tasks in that of the rows. `place` is where it begins.

    `attach`: whether it becomes a schedule of the agreement. `review` is how often the chart is looked at.
    """

    roles: tuple[Role, ...]
    tasks: tuple[Task, ...]
    place: Place
    attach: bool = False
    version: str = "1"
    dated: date | None = None
    review: str = "quarterly"

    def role(self, name: str) -> Role:
        return next(role for role in self.roles if role.name == name)


def ordered(matrix: Matrix) -> Matrix:
    """Return `matrix` as every chart prints it: the roles of a party beside each other, the tasks of a phase too.

    Parties and phases keep the order in which they first appear; tasks without a phase come first, roles outside the
    parties last.
    """
    parties = [*dict.fromkeys(role.party for role in matrix.roles if role.party != OUTSIDE), OUTSIDE]
    phases = ["", *dict.fromkeys(task.phase for task in matrix.tasks)]
    return replace(
        matrix,
        roles=tuple(sorted(matrix.roles, key=lambda role: parties.index(role.party))),
        tasks=tuple(sorted(matrix.tasks, key=lambda task: phases.index(task.phase))),
    )


def duties_of(facts: Mapping[str, Any]) -> tuple[Duty, ...]:
    """Return the responsibilities of a deal in the order of the parties."""
    return tuple(
        Duty(str(entry["party"]["short"]), str(text))
        for entry in facts.get("responsibilities") or ()
        for text in entry["said"]
    )


def named(duties: Iterable[Duty], every: Iterable[Duty]) -> tuple[str, ...]:
    """Return how a table or deal file names `duties`: by text alone where that means the same ones among `every`."""
    chosen = tuple(duties)
    known = tuple(every)
    found: list[str] = []
    for duty in chosen:
        same = {other.party for other in known if other.text == duty.text}
        whole = same <= {other.party for other in chosen if other.text == duty.text}
        found.append(duty.text if whole else f"{duty.party}: {duty.text}")
    return tuple(dict.fromkeys(found))


def read_letters(text: str) -> str:
    """Return one of LETTERS, or "" for a cell that says nothing; raise Unreadable."""
    plain = re.sub(r"[\s,/+&]+", "", text).upper()
    if plain in ("", "-", "–", "—"):
        return ""
    if plain in ("AR", "RA"):
        return "A/R"
    if plain in LETTERS:
        return plain
    hint = "write R (does the work), A (approves it), A/R for both, C (is consulted) or I (is informed)"
    if len(plain) > 1 and set(plain) <= set("RACI"):
        raise Unreadable(f'"{shown(text)}" is more than one letter, and only A and R go together', hint)
    raise Unreadable(f'"{shown(text)}" is not one of the letters R, A, C, I', hint)

"""From the texts of a matrix, however they were written down, to a Matrix: every mistake with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreementgen.deal.characters import collapse, first_forbidden, shown
from agreementgen.deal.hints import suggest
from agreementgen.deal.matrix import (
    MAX_PERSON,
    MAX_PHASE,
    MAX_ROLE,
    MAX_ROLES,
    MAX_TASK,
    MAX_TASKS,
    OUTSIDE,
    Duty,
    Role,
    Task,
    duties_of,
    read_letters,
)
from agreementgen.deal.values import Unreadable, read_date
from agreementgen.errors import Place

if TYPE_CHECKING:
    from datetime import date

    from agreementgen.deal.reading import Reader


# What heads of columns, labels of rows and lines of a task are called: no role can have one of these names.
TASK, PHASE, DUE, DUTY, PARTY, PERSON, NUMBER = (
    ("task", "tasks", "activity", "activities", "deliverable", "task / activity", "task or activity"),
    ("phase", "stage", "workstream"),
    ("due", "due date", "deadline", "by when"),
    ("responsibility", "responsibilities", "carries out"),
    ("party", "parties", "company", "organization", "organisation"),
    ("person", "name", "who", "contact"),
    ("#", "no", "no.", "nr", "nr.", "number"),
)
RESERVED = frozenset((*TASK, *PHASE, *DUE, *DUTY, *PARTY, *PERSON, *NUMBER, "letters"))


@dataclass(frozen=True)
class Said:
    """A text with its place in a file or table."""

    text: str
    place: Place


@dataclass(frozen=True)
class RoleText:
    name: Said
    party: Said
    person: Said


@dataclass(frozen=True)
class TaskText:
    """A task as written. `letters` are pairs of a role's name and what stands there."""

    name: Said
    letters: tuple[tuple[Said, Said], ...]
    due: Said | None = None
    phase: Said | None = None
    duties: tuple[Said, ...] = ()


@dataclass
class Parts:
    """Makes roles and tasks of texts; problems go to the reader of the deal. `path` is that of the matrix."""

    reader: Reader
    path: str
    roles: dict[str, Role] = field(default_factory=dict)

    def problem(self, message: str, hint: str, path: str, place: Place) -> None:
        self.reader.problem(message, hint, ".".join(filter(None, (self.path, path))), place)

    def text(self, said: Said, most: int, path: str) -> str:
        """Return the text in one line, "" where it has a problem."""
        bad = first_forbidden(said.text)
        if bad:
            self.problem(f"the text holds {bad[1]}", "delete it and type the word again", path, said.place)
            return ""
        text = collapse(said.text)
        if len(text) > most:
            message = f'"{shown(text)}" has {len(text):,} characters; at most {most} fit'
            self.problem(message, "shorten it", path, said.place)
            return ""
        return text

    # -- roles

    def all_roles(self, texts: Iterable[RoleText], place: Place) -> tuple[Role, ...]:
        found = list(texts)
        for text in found[:MAX_ROLES]:
            self.role(text)
        if len(found) > MAX_ROLES:
            where = found[MAX_ROLES].name.place
            self.problem(f"there are {len(found)} roles, and at most {MAX_ROLES} fit", "join some", "roles", where)
        if not found:
            hint = "name who works on it, each with the party, as in Account lead: " + self.example()
            self.problem("there are no roles", hint, "roles", place)
        return tuple(self.roles.values())

    def example(self) -> str:
        return next(iter(self.reader.known.parties), "Short Name")

    def role(self, said: RoleText) -> None:
        name = self.text(said.name, MAX_ROLE, "roles")
        if not name:
            return
        path = f"roles.{shown(name)}"
        if name.casefold() in RESERVED:
            hint = f'choose another name, as in "{name} lead"'
            self.problem(f'"{name}" means something else in a matrix', hint, path, said.name.place)
            return
        if name.casefold() in (other.casefold() for other in self.roles):
            self.problem(f'the role "{shown(name)}" stands twice', "keep one of them", path, said.name.place)
            return
        party = self.text(said.party, 1000, path)
        party = OUTSIDE if party.casefold() == OUTSIDE and party not in self.reader.known.parties else party
        person = self.text(said.person, MAX_PERSON, path)
        self.roles[name] = Role(name, party, person, said.name.place)
        if party in self.reader.known.parties or party == OUTSIDE or not self.reader.parties_known:
            return
        parties = [*self.reader.known.parties, OUTSIDE]
        if not party:
            hint = f'say whose it is, as in "{name}: {self.example()}"; "{OUTSIDE}" means nobody of the parties'
            self.problem(f'the role "{shown(name)}" is bound to no party', hint, path, said.party.place)
        else:
            message = f'"{shown(party)}" is not the short name of a party'
            self.problem(message, suggest(party, parties), path, said.party.place)

    # -- tasks

    def all_tasks(self, texts: Iterable[TaskText], place: Place) -> tuple[Task, ...]:
        found = list(texts)
        if len(found) > MAX_TASKS:
            where = found[MAX_TASKS].name.place
            message = f"there are {len(found)} tasks, and at most {MAX_TASKS} fit"
            self.problem(message, "join some, or leave the small ones out", "tasks", where)
        if not found:
            self.problem("there are no tasks", "add a line for each task", "tasks", place)
        return tuple(task for text in found[:MAX_TASKS] if (task := self.task(text)))

    def task(self, said: TaskText) -> Task | None:
        name = self.text(said.name, MAX_TASK, "tasks")
        if not name:
            return None
        path = f"tasks.{shown(name)}"
        letters: dict[str, str] = {}
        places: dict[str, Place] = {}
        for role, cell in said.letters:
            known = collapse(role.text)
            if known not in self.roles:
                hint = suggest(known, self.roles)
                self.problem(f'"{shown(known)}" is not one of the roles', hint, path, role.place)
                places.setdefault("", cell.place)
                continue
            try:
                letter = read_letters(self.text(cell, 1000, path))
            except Unreadable as error:
                self.problem(error.message, error.hint, f"{path}.{shown(known)}", cell.place)
                # What was meant is not known, so nothing may be said to be missing here.
                places.setdefault("", cell.place)
                continue
            if letter:
                letters[known], places[known] = letter, cell.place
        in_order = {role: letters[role] for role in self.roles if role in letters}
        due = self.due(said.due, path)
        phase = self.text(said.phase, MAX_PHASE, path) if said.phase else ""
        duties = self.duties(said.duties, path)
        return Task(name, in_order, places, due, phase, duties, said.name.place)

    def due(self, said: Said | None, path: str) -> date | None:
        text = self.text(said, 1000, path) if said else ""
        if not said or not text:
            return None
        try:
            return read_date(text)
        except Unreadable as error:
            self.problem(error.message, error.hint, f"{path}.due", said.place)
            return None

    def duties(self, texts: Iterable[Said], path: str) -> tuple[Duty, ...]:
        """Return the responsibilities that `texts` name, each by its text or by "Party: text"."""
        every, by_text = duties_of(self.reader.facts), self.by_text()
        found: list[Duty] = []
        for said in texts:
            text = self.text(said, 1000, path)
            if not text:
                continue
            if plain(text) in by_text:
                found += by_text[plain(text)]
            elif not self.unsure():
                message = f'"{shown(text)}" is not a responsibility of the agreement'
                hint = suggest(text, [duty.text for duty in every])
                self.problem(message, hint, f"{path}.carries out", said.place)
        return tuple(dict.fromkeys(found))

    def by_text(self) -> dict[str, list[Duty]]:
        """Return the responsibilities by each way to name them."""
        found: dict[str, list[Duty]] = {}
        for duty in duties_of(self.reader.facts):
            for text in (duty.text, f"{duty.party}: {duty.text}"):
                found.setdefault(plain(text), []).append(duty)
        return found

    def knows_duty(self, text: str) -> bool:
        return plain(text) in self.by_text()

    def unsure(self) -> bool:
        """Return whether the responsibilities themselves have problems: a text that is missing may stand there."""
        return any(problem.field.startswith("responsibilities") for problem in self.reader.problems)


def plain(text: str) -> str:
    """Return `text` for comparing: capitals and the full stop at its end do not matter."""
    return collapse(text).casefold().rstrip(".")

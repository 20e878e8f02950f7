"""RACI charts in spreadsheets: a head row with roles, then a row a task; read from a table, and made for one.

The party and the person of a role stand below its name in rows of their own ("Party", "Person"), or behind it in
brackets, "Account lead (Northshore: Dana Reyes)", or in further lines of the same cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from agreementgen.deal.characters import collapse
from agreementgen.deal.matrix import Duty, Matrix, named, read_letters
from agreementgen.deal.raci_parts import (
    DUE,
    DUTY,
    NUMBER,
    PARTY,
    PERSON,
    PHASE,
    TASK,
    Parts,
    RoleText,
    Said,
    TaskText,
)
from agreementgen.deal.values import Unreadable
from agreementgen.errors import InputError, Place, Problem
from agreementgen.sheets.cells import Cell
from agreementgen.sheets.reading import read

Row = Sequence[Cell]
# Between a party's name and a person's in one cell.
_BETWEEN = re.compile(r"^\s*[:,;/(–—-]\s*(.*?)\)?\s*$", re.DOTALL)


def read_table(data: bytes, name: str, parts: Parts) -> Matrix:
    """Return the matrix of a table; problems of its cells go to `parts`. Raise InputError for no table at all."""
    return _Table(read(data, name).sound(), name, parts).matrix()


class _Table:
    def __init__(self, rows: Sequence[Row], name: str, parts: Parts) -> None:
        self.parts = parts
        # Titles above the table fill one cell at most.
        start = next((index for index, row in enumerate(rows) if sum(bool(cell.text) for cell in row) > 1), None)
        if start is None:
            hint = 'its first row says "Task" and names the roles, and each row below is a task with its letters'
            raise InputError(Problem("there is no RACI chart in this table", hint, "", Place(name)))
        self.head = rows[start]
        self.body = [row for row in rows[start + 1 :] if any(cell.text for cell in row)]
        self.task = self.column(TASK)
        if self.task is None:
            self.task = 0
        self.phase, self.due, self.duty = (self.column(words) for words in (PHASE, DUE, DUTY))
        own = {self.task, self.phase, self.due, self.duty, self.column(NUMBER)}
        last = max((index for index, cell in enumerate(self.head) if cell.text), default=0)
        self.roles = [index for index in range(last + 1) if index not in own]

    def column(self, words: Iterable[str]) -> int | None:
        return next((n for n, cell in enumerate(self.head) if collapse(cell.text).casefold() in words), None)

    def matrix(self) -> Matrix:
        start = self.head[0].place
        parties, people = self.label(PARTY, True), self.label(PERSON, False)
        roles = self.parts.all_roles(self.role_texts(parties, people), start)
        tasks = self.parts.all_tasks(self.task_texts(), start)
        return Matrix(roles, tasks, start)

    def label(self, words: Iterable[str], unnamed: bool) -> Row | None:
        """Take the row of parties or people off the body; that of parties need not be named (`unnamed`)."""
        if not self.body:
            return None
        row = self.body[0]
        said = [self.at(row, index).text for index in self.roles]
        name = collapse(self.at(row, self.task).text).casefold()
        if name in words or (unnamed and not name and any(text and not _is_letter(text) for text in said)):
            return self.body.pop(0)
        return None

    def at(self, row: Row, index: int | None) -> Cell:
        if index is None:
            return Cell("", row[0].place)
        return row[index] if index < len(row) else Cell("", row[-1].place)

    # -- roles

    def role_texts(self, parties: Row | None, people: Row | None) -> Iterator[RoleText]:
        for index in self.roles:
            head = self.head[index]
            name, party, person = head.text, "", ""
            place = head.place
            if parties is not None:
                cell = self.at(parties, index)
                place = cell.place
                party, person = (collapse(cell.text), "") if people is not None else self.divided(cell.text)
            else:
                name, party, person = self.named_head(head.text)
            who = Said(person, place)
            if people is not None:
                cell = self.at(people, index)
                who = Said(cell.text, cell.place)
            if not collapse(name):
                letter = head.place.cell.rstrip("0123456789")
                self.parts.problem(f"column {letter} has no role in its head", "name the role", "roles", head.place)
                continue
            yield RoleText(Said(name, head.place), Said(party, place), who)

    def named_head(self, text: str) -> tuple[str, str, str]:
        """Return role, party and person of "Account lead (Northshore: Dana Reyes)" or of lines below each other."""
        if found := re.fullmatch(r"(.*?)\s*\((.*)\)\s*", text, re.DOTALL):
            return found[1], *self.divided(found[2])
        first, *rest = [line for line in text.split("\n") if line.strip()] or [""]
        party, person = self.divided("\n".join(rest))
        return first, party, person

    def divided(self, text: str) -> tuple[str, str]:
        """Return party and person of a cell that names both."""
        whole = collapse(text)
        for party in sorted(self.parts.reader.known.parties, key=len, reverse=True):
            if whole == party:
                return party, ""
            if text.strip().startswith(party):
                rest = text.strip()[len(party) :]
                if rest.startswith("\n"):
                    return party, collapse(rest)
                if found := _BETWEEN.match(rest):
                    return party, collapse(found[1])
        return whole, ""

    # -- tasks

    def task_texts(self) -> Iterator[TaskText]:
        phase: Said | None = None
        for number, row in enumerate(self.body):
            name = self.at(row, self.task)
            others = [cell.text for cell in row if cell is not name and collapse(cell.text)]
            if self.phase is None and name.text and not others and number + 1 < len(self.body):
                # A heading between the tasks, as charts without a column for phases have.
                phase = Said(name.text, name.place)
                continue
            if not collapse(name.text):
                self.parts.problem("this row names no task", "name it, or delete the row", "tasks", name.place)
                continue
            own = self.at(row, self.phase)
            due = self.at(row, self.due)
            yield TaskText(
                Said(name.text, name.place),
                tuple(self.letters(row)),
                Said(due.text, due.place),
                Said(own.text, own.place) if self.phase is not None else phase,
                tuple(self.duties(self.at(row, self.duty))),
            )

    def letters(self, row: Row) -> Iterator[tuple[Said, Said]]:
        for index in self.roles:
            cell, head = self.at(row, index), self.head[index]
            role = head.text
            if collapse(role) not in self.parts.roles:
                role = self.named_head(role)[0]
            if collapse(cell.text) and collapse(role) in self.parts.roles:
                yield Said(role, head.place), Said(cell.text, cell.place)

    def duties(self, cell: Cell) -> Iterator[Said]:
        for line in cell.text.split("\n"):
            # "; " is how people write several in one line, unless a responsibility has it itself.
            several = [line] if self.parts.knows_duty(line) else line.split("; ")
            yield from (Said(text, cell.place) for text in several if collapse(text))


def _is_letter(text: str) -> bool:
    try:
        read_letters(text)
    except Unreadable:
        return False
    return True


@dataclass(frozen=True)
class TableRow:
    """One row of a chart as a table: `phase`, `task`, the cells of the roles, and what stands behind them.

    `number` is that of the printed chart, 0 for heads.
    """

    number: int
    phase: str
    task: str
    cells: tuple[str, ...]
    due: date | str | None
    duty: str


def to_rows(matrix: Matrix, every: Sequence[Duty]) -> tuple[TableRow, ...]:
    """Return head, parties, people and tasks as rows; read_table makes the same matrix of them again.

    `every` are the responsibilities of the agreement.
    """
    head = TableRow(0, "Phase", "Task", tuple(role.name for role in matrix.roles), "Due", "Responsibility")
    parties = TableRow(0, "", "Party", tuple(role.of for role in matrix.roles), None, "")
    people = TableRow(0, "", "Person", tuple(role.person for role in matrix.roles), None, "")
    tasks = (
        TableRow(
            number,
            task.phase,
            task.name,
            tuple(task.letters.get(role.name, "") for role in matrix.roles),
            task.due,
            "\n".join(named(task.duties, every)),
        )
        for number, task in enumerate(matrix.tasks, 1)
    )
    return (head, parties, people, *tasks)

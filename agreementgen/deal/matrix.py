"""From the texts of a matrix, however they were written down, to a Matrix: every mistake with its place.

RACI charts in spreadsheets: a head row with roles, then a row a task; read from a table, and made for one.

The party and the person of a role stand below its name in rows of their own ("Party", "Person"), or behind it in
brackets, "Account lead (Northshore: Dana Reyes)", or in further lines of the same cell.

The answer to a question of type raci: a matrix written in the deal file, or the name of a table beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from agreementgen.core.characters import collapse, first_forbidden, shown
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal import questions
from agreementgen.deal.deal import (
    MAX_PERSON,
    MAX_PHASE,
    MAX_ROLE,
    MAX_ROLES,
    MAX_TASK,
    MAX_TASKS,
    OUTSIDE,
    Duty,
    Matrix,
    Role,
    Task,
    duties_of,
    errors,
    named,
    ordered,
    read_letters,
)
from agreementgen.deal.questions import Question, suggest
from agreementgen.sheets.cells import Cell
from agreementgen.sheets.table_reader import read
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from agreementgen.deal.completion import Facts
    from agreementgen.deal.reader import Reader

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


TABLES = (".csv", ".xlsx")
# What the lines of a task may say besides the letters of the roles.
LETTERS, DUE_KEY, PHASE_KEY, DUTY_KEY = "letters", "due", "phase", "carries out"
_WORDS = (LETTERS, DUE_KEY, PHASE_KEY, DUTY_KEY)
_OWN = ("roles", "tasks", "table")


class RaciAnswer:
    """Reads one answer; the Matrix goes into `reader.matrix`, what clauses may ask for is returned."""

    def __init__(self, reader: Reader, question: Question, path: str) -> None:
        self.reader = reader
        self.question = question
        self.path = path
        self.parts = Parts(reader, path)

    def read(self, node: Node, place: Place) -> Facts | None:
        """Return the answers to the parts of the question, or None where there is no matrix to be had."""
        before = len(self.reader.problems)
        if isinstance(node, ScalarNode):
            group = MappingNode(((ScalarNode("table", node.place), node),), node.place)
        elif isinstance(node, MappingNode):
            group = node
        else:
            self.reader.expect(node, MappingNode, replace(self.question, type="group"), self.path)
            return None
        rest = MappingNode(tuple(entry for entry in group if entry[0].text not in _OWN), group.place)
        facts = self.reader.group(self.question.of, rest, self.path, {}, place)
        table, roles, tasks = (group.get(key) for key in _OWN[2:] + _OWN[:2])
        if table is not None:
            found = self.table(table, [node for node in (roles, tasks) if node is not None])
        else:
            found = self.written(roles, tasks, group)
        new = self.reader.problems[before:]
        if found is None or any(problem.field.startswith(f"{self.path}.roles") for problem in new):
            return facts
        self.reader.problems += [finding.problem for finding in errors(found)]
        if not new:
            said = {key: facts[key] for key in ("attach", "version", "review") if facts.get(key) is not None}
            self.reader.matrix = replace(ordered(found), dated=facts.get("date"), place=place, **said)
        return facts

    def problem(self, message: str, hint: str, path: str, place: Place) -> None:
        self.parts.problem(message, hint, path, place)

    # -- a table beside the deal file

    def table(self, node: Node, others: list[Node]) -> Matrix | None:
        for other in others:
            hint = "keep the table, or the roles and tasks in the deal file"
            self.problem("the roles and tasks stand in the table already", hint, "table", other.place)
        if not isinstance(node, ScalarNode) or node.empty:
            self.problem("the name of a table belongs here", "write it like tasks.csv", "table", node.place)
            return None
        if node.bad or others:
            return None
        name = collapse(node.text)
        if not name.lower().endswith(TABLES) or "/" in name or "\\" in name:
            hint = "name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below"
            self.problem(f'"{shown(name)}" is not a table beside the deal file', hint, "", node.place)
            return None
        try:
            data = self.reader.beside(name)
            return read_table(data, name, self.parts)
        except InputError as error:
            placed = [
                found if found.place.file else replace(found, place=node.place, field=self.path)
                for found in error.problems
            ]
            self.reader.problems += placed
            return None

    # -- roles and tasks in the deal file

    def written(self, roles: Node | None, tasks: Node | None, group: MappingNode) -> Matrix | None:
        for key, found, example in (
            ("roles", roles, f"Account lead: {self.parts.example()}"),
            ("tasks", tasks, "Log each lead: {Account lead: A/R}"),
        ):
            if found is None or (isinstance(found, ScalarNode) and found.empty):
                hint = f'add "{key}:" and below it a line for each, as in "{example}"; or name a table: raci: tasks.csv'
                self.problem("this is missing", hint, key, group.place)
            elif not isinstance(found, MappingNode):
                self.problem("a line for each one belongs here", f'as in "{example}"', key, found.place)
        if not isinstance(roles, MappingNode) or not isinstance(tasks, MappingNode):
            return None
        found_roles = self.parts.all_roles((self.role(name, value) for name, value in roles), roles.place)
        texts = [self.task(name, value) for name, value in tasks]
        found_tasks = self.parts.all_tasks((text for text in texts if text), tasks.place)
        return Matrix(found_roles, found_tasks, group.place)

    def role(self, name: ScalarNode, node: Node) -> RoleText:
        said = Said(name.text, name.place)
        if isinstance(node, ScalarNode):
            return RoleText(said, Said("" if node.empty else node.text, node.place), Said("", node.place))
        found = {"party": Said("", node.place), "person": Said("", node.place)}
        path = f"roles.{shown(name.text)}"
        if isinstance(node, SequenceNode):
            self.problem("one party belongs here, not a list", "bind each role to one party", path, node.place)
            return RoleText(said, Said(self.parts.example(), node.place), found["person"])
        for key, value in node:
            if key.text not in found:
                hint = questions.suggest(key.text, found)
                self.problem(f'"{shown(key.text)}" is not a fact we know here', hint, path, key.place)
            elif isinstance(value, ScalarNode):
                found[key.text] = Said("" if value.empty else value.text, value.place)
            else:
                self.problem("one name belongs here", "write it in one line", f"{path}.{key.text}", value.place)
        return RoleText(said, found["party"], found["person"])

    def task(self, name: ScalarNode, node: Node) -> TaskText | None:
        path = f"tasks.{shown(name.text)}"
        if not isinstance(node, MappingNode):
            role = next(iter(self.parts.roles), "Account lead")
            hint = f'write a letter for each role, as in "{name.text}: {{{role}: A/R}}"'
            self.problem("the letters of the roles belong here", hint, path, node.place)
            return None
        own: dict[str, Any] = {}
        letters: list[tuple[Said, Said]] = []
        for key, value in node:
            if key.text.strip().lower() in _WORDS and key.text not in self.parts.roles:
                own[key.text.strip().lower()] = value
            else:
                letters += self.letter(key, value, path)
        inner = own.get(LETTERS)
        if isinstance(inner, MappingNode):
            letters += [pair for key, value in inner for pair in self.letter(key, value, path)]
        elif inner is not None:
            hint = "write them like letters: {Account lead: A/R}"
            self.problem("the letters of the roles belong here", hint, f"{path}.letters", inner.place)
        return TaskText(
            Said(name.text, name.place),
            tuple(letters),
            self.line(own.get(DUE_KEY), f"{path}.{DUE_KEY}"),
            self.line(own.get(PHASE_KEY), f"{path}.{PHASE_KEY}"),
            tuple(self.lines(own.get(DUTY_KEY), f"{path}.{DUTY_KEY}")),
        )

    def letter(self, key: ScalarNode, value: Node, path: str) -> list[tuple[Said, Said]]:
        said = self.line(value, f"{path}.{shown(key.text)}")
        return [(Said(key.text, key.place), said)] if said else []

    def line(self, node: Node | None, path: str) -> Said | None:
        if node is None or (isinstance(node, ScalarNode) and (node.bad or node.empty)):
            return None
        if isinstance(node, ScalarNode):
            return Said(node.text, node.place)
        self.problem("one value belongs here", "write it in one line", path, node.place)
        return None

    def lines(self, node: Node | None, path: str) -> list[Said]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        return [said for item in items if (said := self.line(item, path))]

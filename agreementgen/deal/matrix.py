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

from agreementgen.core.characters import collapse_spaces, find_forbidden_character, quote_text
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal.deal import (
    MAX_PERSON_CHARACTERS,
    MAX_PHASE_CHARACTERS,
    MAX_ROLE_CHARACTERS,
    MAX_ROLES,
    MAX_TASK_CHARACTERS,
    MAX_TASKS,
    OUTSIDE,
    Matrix,
    RaciRole,
    Responsibility,
    Task,
    check_matrix,
    list_responsibilities,
    name_responsibilities,
    read_letters,
    sort_for_printing,
)
from agreementgen.deal.questions import Question, suggest_choice
from agreementgen.sheets.cells import Cell
from agreementgen.sheets.table_reader import read_cells
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from agreementgen.deal.completion import Facts
    from agreementgen.deal.reader import DealReader

# What heads of columns, labels of rows and lines of a task are called: no role can have one of these names.
TASK_HEADS, PHASE_HEADS, DUE_HEADS, RESPONSIBILITY_HEADS, PARTY_LABELS, PERSON_LABELS, NUMBER_HEADS = (
    ("task", "tasks", "activity", "activities", "deliverable", "task / activity", "task or activity"),
    ("phase", "stage", "workstream"),
    ("due", "due date", "deadline", "by when"),
    ("responsibility", "responsibilities", "carries out"),
    ("party", "parties", "company", "organization", "organisation"),
    ("person", "name", "who", "contact"),
    ("#", "no", "no.", "nr", "nr.", "number"),
)
RESERVED_NAMES = frozenset(
    (
        *TASK_HEADS,
        *PHASE_HEADS,
        *DUE_HEADS,
        *RESPONSIBILITY_HEADS,
        *PARTY_LABELS,
        *PERSON_LABELS,
        *NUMBER_HEADS,
        "letters",
    )
)


@dataclass(frozen=True)
class PlacedText:
    """A text with its place in a file or table."""

    text: str
    place: Place


@dataclass(frozen=True)
class RoleText:
    name: PlacedText
    party: PlacedText
    person: PlacedText


@dataclass(frozen=True)
class TaskText:
    """A task as written. `letters` are pairs of a role's name and what stands there."""

    name: PlacedText
    letters: tuple[tuple[PlacedText, PlacedText], ...]
    due: PlacedText | None = None
    phase: PlacedText | None = None
    responsibilities: tuple[PlacedText, ...] = ()


@dataclass
class MatrixBuilder:
    """Makes roles and tasks of texts; problems go to the reader of the deal. `path` is that of the matrix."""

    reader: DealReader
    path: str
    roles: dict[str, RaciRole] = field(default_factory=dict)

    def report(self, message: str, hint: str, path: str, place: Place) -> None:
        self.reader.report(message, hint, ".".join(filter(None, (self.path, path))), place)

    def read_line(self, said: PlacedText, most: int, path: str) -> str:
        """Return the text in one line, "" where it has a problem."""
        bad = find_forbidden_character(said.text)
        if bad:
            self.report(f"the text holds {bad[1]}", "delete it and type the word again", path, said.place)
            return ""
        text = collapse_spaces(said.text)
        if len(text) > most:
            message = f'"{quote_text(text)}" has {len(text):,} characters; at most {most} fit'
            self.report(message, "shorten it", path, said.place)
            return ""
        return text

    # -- roles

    def add_roles(self, texts: Iterable[RoleText], place: Place) -> tuple[RaciRole, ...]:
        found = list(texts)
        for text in found[:MAX_ROLES]:
            self.add_role(text)
        if len(found) > MAX_ROLES:
            where = found[MAX_ROLES].name.place
            self.report(f"there are {len(found)} roles, and at most {MAX_ROLES} fit", "join some", "roles", where)
        if not found:
            hint = "name who works on it, each with the party, as in Account lead: " + self.example_party()
            self.report("there are no roles", hint, "roles", place)
        return tuple(self.roles.values())

    def example_party(self) -> str:
        return next(iter(self.reader.context.parties), "Short Name")

    def add_role(self, said: RoleText) -> None:
        name = self.read_line(said.name, MAX_ROLE_CHARACTERS, "roles")
        if not name:
            return
        path = f"roles.{quote_text(name)}"
        if name.casefold() in RESERVED_NAMES:
            hint = f'choose another name, as in "{name} lead"'
            self.report(f'"{name}" means something else in a matrix', hint, path, said.name.place)
            return
        if name.casefold() in (other.casefold() for other in self.roles):
            self.report(f'the role "{quote_text(name)}" stands twice', "keep one of them", path, said.name.place)
            return
        party = self.read_line(said.party, 1000, path)
        party = OUTSIDE if party.casefold() == OUTSIDE and party not in self.reader.context.parties else party
        person = self.read_line(said.person, MAX_PERSON_CHARACTERS, path)
        self.roles[name] = RaciRole(name, party, person, said.name.place)
        if party in self.reader.context.parties or party == OUTSIDE or not self.reader.parties_are_known:
            return
        parties = [*self.reader.context.parties, OUTSIDE]
        if not party:
            hint = f'say whose it is, as in "{name}: {self.example_party()}"; "{OUTSIDE}" means nobody of the parties'
            self.report(f'the role "{quote_text(name)}" is bound to no party', hint, path, said.party.place)
        else:
            message = f'"{quote_text(party)}" is not the short name of a party'
            self.report(message, suggest_choice(party, parties), path, said.party.place)

    # -- tasks

    def read_tasks(self, texts: Iterable[TaskText], place: Place) -> tuple[Task, ...]:
        found = list(texts)
        if len(found) > MAX_TASKS:
            where = found[MAX_TASKS].name.place
            message = f"there are {len(found)} tasks, and at most {MAX_TASKS} fit"
            self.report(message, "join some, or leave the small ones out", "tasks", where)
        if not found:
            self.report("there are no tasks", "add a line for each task", "tasks", place)
        return tuple(task for text in found[:MAX_TASKS] if (task := self.read_task(text)))

    def read_task(self, said: TaskText) -> Task | None:
        name = self.read_line(said.name, MAX_TASK_CHARACTERS, "tasks")
        if not name:
            return None
        path = f"tasks.{quote_text(name)}"
        letters: dict[str, str] = {}
        places: dict[str, Place] = {}
        for role, cell in said.letters:
            known = collapse_spaces(role.text)
            if known not in self.roles:
                hint = suggest_choice(known, self.roles)
                self.report(f'"{quote_text(known)}" is not one of the roles', hint, path, role.place)
                places.setdefault("", cell.place)
                continue
            try:
                letter = read_letters(self.read_line(cell, 1000, path))
            except Unreadable as error:
                self.report(error.message, error.hint, f"{path}.{quote_text(known)}", cell.place)
                # What was meant is not known, so nothing may be said to be missing here.
                places.setdefault("", cell.place)
                continue
            if letter:
                letters[known], places[known] = letter, cell.place
        in_order = {role: letters[role] for role in self.roles if role in letters}
        due = self.read_due_date(said.due, path)
        phase = self.read_line(said.phase, MAX_PHASE_CHARACTERS, path) if said.phase else ""
        duties = self.match_responsibilities(said.responsibilities, path)
        return Task(name, in_order, places, due, phase, duties, said.name.place)

    def read_due_date(self, said: PlacedText | None, path: str) -> date | None:
        text = self.read_line(said, 1000, path) if said else ""
        if not said or not text:
            return None
        try:
            return read_date(text)
        except Unreadable as error:
            self.report(error.message, error.hint, f"{path}.due", said.place)
            return None

    def match_responsibilities(self, texts: Iterable[PlacedText], path: str) -> tuple[Responsibility, ...]:
        """Return the responsibilities that `texts` name, each by its text or by "Party: text"."""
        every, by_text = list_responsibilities(self.reader.facts), self.responsibilities_by_text()
        found: list[Responsibility] = []
        for said in texts:
            text = self.read_line(said, 1000, path)
            if not text:
                continue
            if normalize_name(text) in by_text:
                found += by_text[normalize_name(text)]
            elif not self.responsibilities_are_unsure():
                message = f'"{quote_text(text)}" is not a responsibility of the agreement'
                hint = suggest_choice(text, [duty.text for duty in every])
                self.report(message, hint, f"{path}.carries out", said.place)
        return tuple(dict.fromkeys(found))

    def responsibilities_by_text(self) -> dict[str, list[Responsibility]]:
        """Return the responsibilities by each way to name them."""
        found: dict[str, list[Responsibility]] = {}
        for duty in list_responsibilities(self.reader.facts):
            for text in (duty.text, f"{duty.party}: {duty.text}"):
                found.setdefault(normalize_name(text), []).append(duty)
        return found

    def is_responsibility(self, text: str) -> bool:
        return normalize_name(text) in self.responsibilities_by_text()

    def responsibilities_are_unsure(self) -> bool:
        """Return whether the responsibilities themselves have problems: a text that is missing may stand there."""
        return any(problem.field.startswith("responsibilities") for problem in self.reader.problems)


def normalize_name(text: str) -> str:
    """Return `text` for comparing: capitals and the full stop at its end do not matter."""
    return collapse_spaces(text).casefold().rstrip(".")


CellRow = Sequence[Cell]
# Between a party's name and a person's in one cell.
_BETWEEN = re.compile(r"^\s*[:,;/(–—-]\s*(.*?)\)?\s*$", re.DOTALL)


def read_matrix_table(data: bytes, name: str, parts: MatrixBuilder) -> Matrix:
    """Return the matrix of a table; problems of its cells go to `parts`. Raise InputError for no table at all."""
    return _MatrixTable(read_cells(data, name).trusted_rows(), name, parts).read_matrix()


class _MatrixTable:
    def __init__(self, rows: Sequence[CellRow], name: str, parts: MatrixBuilder) -> None:
        self.parts = parts
        # Titles above the table fill one cell at most.
        start = next((index for index, row in enumerate(rows) if sum(bool(cell.text) for cell in row) > 1), None)
        if start is None:
            hint = 'its first row says "Task" and names the roles, and each row below is a task with its letters'
            raise InputError(Problem("there is no RACI chart in this table", hint, "", Place(name)))
        self.head = rows[start]
        self.body = [row for row in rows[start + 1 :] if any(cell.text for cell in row)]
        self.task_column = self.find_column(TASK_HEADS)
        if self.task_column is None:
            self.task_column = 0
        self.phase_column, self.due_column, self.responsibility_column = (
            self.find_column(words) for words in (PHASE_HEADS, DUE_HEADS, RESPONSIBILITY_HEADS)
        )
        own = {
            self.task_column,
            self.phase_column,
            self.due_column,
            self.responsibility_column,
            self.find_column(NUMBER_HEADS),
        }
        last = max((index for index, cell in enumerate(self.head) if cell.text), default=0)
        self.role_columns = [index for index in range(last + 1) if index not in own]

    def find_column(self, words: Iterable[str]) -> int | None:
        return next((n for n, cell in enumerate(self.head) if collapse_spaces(cell.text).casefold() in words), None)

    def read_matrix(self) -> Matrix:
        start = self.head[0].place
        parties, people = self.take_label_row(PARTY_LABELS, True), self.take_label_row(PERSON_LABELS, False)
        roles = self.parts.add_roles(self.each_role(parties, people), start)
        tasks = self.parts.read_tasks(self.each_task(), start)
        return Matrix(roles, tasks, start)

    def take_label_row(self, words: Iterable[str], unnamed: bool) -> CellRow | None:
        """Take the row of parties or people off the body; that of parties need not be named (`unnamed`)."""
        if not self.body:
            return None
        row = self.body[0]
        said = [self.cell_at(row, index).text for index in self.role_columns]
        name = collapse_spaces(self.cell_at(row, self.task_column).text).casefold()
        if name in words or (unnamed and not name and any(text and not _is_letter(text) for text in said)):
            return self.body.pop(0)
        return None

    def cell_at(self, row: CellRow, index: int | None) -> Cell:
        if index is None:
            return Cell("", row[0].place)
        return row[index] if index < len(row) else Cell("", row[-1].place)

    # -- roles

    def each_role(self, parties: CellRow | None, people: CellRow | None) -> Iterator[RoleText]:
        for index in self.role_columns:
            head = self.head[index]
            name, party, person = head.text, "", ""
            place = head.place
            if parties is not None:
                cell = self.cell_at(parties, index)
                place = cell.place
                party, person = (
                    (collapse_spaces(cell.text), "") if people is not None else self.split_party_and_person(cell.text)
                )
            else:
                name, party, person = self.split_head(head.text)
            who = PlacedText(person, place)
            if people is not None:
                cell = self.cell_at(people, index)
                who = PlacedText(cell.text, cell.place)
            if not collapse_spaces(name):
                letter = head.place.cell.rstrip("0123456789")
                self.parts.report(f"column {letter} has no role in its head", "name the role", "roles", head.place)
                continue
            yield RoleText(PlacedText(name, head.place), PlacedText(party, place), who)

    def split_head(self, text: str) -> tuple[str, str, str]:
        """Return role, party and person of "Account lead (Northshore: Dana Reyes)" or of lines below each other."""
        if found := re.fullmatch(r"(.*?)\s*\((.*)\)\s*", text, re.DOTALL):
            return found[1], *self.split_party_and_person(found[2])
        first, *rest = [line for line in text.split("\n") if line.strip()] or [""]
        party, person = self.split_party_and_person("\n".join(rest))
        return first, party, person

    def split_party_and_person(self, text: str) -> tuple[str, str]:
        """Return party and person of a cell that names both."""
        whole = collapse_spaces(text)
        for party in sorted(self.parts.reader.context.parties, key=len, reverse=True):
            if whole == party:
                return party, ""
            if text.strip().startswith(party):
                rest = text.strip()[len(party) :]
                if rest.startswith("\n"):
                    return party, collapse_spaces(rest)
                if found := _BETWEEN.match(rest):
                    return party, collapse_spaces(found[1])
        return whole, ""

    # -- tasks

    def each_task(self) -> Iterator[TaskText]:
        phase: PlacedText | None = None
        for number, row in enumerate(self.body):
            name = self.cell_at(row, self.task_column)
            others = [cell.text for cell in row if cell is not name and collapse_spaces(cell.text)]
            if self.phase_column is None and name.text and not others and number + 1 < len(self.body):
                # A heading between the tasks, as charts without a column for phases have.
                phase = PlacedText(name.text, name.place)
                continue
            if not collapse_spaces(name.text):
                self.parts.report("this row names no task", "name it, or delete the row", "tasks", name.place)
                continue
            own = self.cell_at(row, self.phase_column)
            due = self.cell_at(row, self.due_column)
            yield TaskText(
                PlacedText(name.text, name.place),
                tuple(self.each_letter(row)),
                PlacedText(due.text, due.place),
                PlacedText(own.text, own.place) if self.phase_column is not None else phase,
                tuple(self.each_responsibility(self.cell_at(row, self.responsibility_column))),
            )

    def each_letter(self, row: CellRow) -> Iterator[tuple[PlacedText, PlacedText]]:
        for index in self.role_columns:
            cell, head = self.cell_at(row, index), self.head[index]
            role = head.text
            if collapse_spaces(role) not in self.parts.roles:
                role = self.split_head(role)[0]
            if collapse_spaces(cell.text) and collapse_spaces(role) in self.parts.roles:
                yield PlacedText(role, head.place), PlacedText(cell.text, cell.place)

    def each_responsibility(self, cell: Cell) -> Iterator[PlacedText]:
        for line in cell.text.split("\n"):
            # "; " is how people write several in one line, unless a responsibility has it itself.
            several = [line] if self.parts.is_responsibility(line) else line.split("; ")
            yield from (PlacedText(text, cell.place) for text in several if collapse_spaces(text))


def _is_letter(text: str) -> bool:
    try:
        read_letters(text)
    except Unreadable:
        return False
    return True


@dataclass(frozen=True)
class MatrixRow:
    """One row of a chart as a table: `phase`, `task`, the cells of the roles, and what stands behind them.

    `number` is that of the printed chart, 0 for heads.
    """

    number: int
    phase: str
    task: str
    cells: tuple[str, ...]
    due: date | str | None
    responsibilities: str


def matrix_as_rows(matrix: Matrix, every: Sequence[Responsibility]) -> tuple[MatrixRow, ...]:
    """Return head, parties, people and tasks as rows; read_table makes the same matrix of them again.

    `every` are the responsibilities of the agreement.
    """
    head = MatrixRow(0, "Phase", "Task", tuple(role.name for role in matrix.roles), "Due", "Responsibility")
    parties = MatrixRow(0, "", "Party", tuple(role.printed_party for role in matrix.roles), None, "")
    people = MatrixRow(0, "", "Person", tuple(role.person for role in matrix.roles), None, "")
    tasks = (
        MatrixRow(
            number,
            task.phase,
            task.name,
            tuple(task.letters.get(role.name, "") for role in matrix.roles),
            task.due,
            "\n".join(name_responsibilities(task.responsibilities, every)),
        )
        for number, task in enumerate(matrix.tasks, 1)
    )
    return (head, parties, people, *tasks)


TABLE_SUFFIXES = (".csv", ".xlsx")
# What the lines of a task may say besides the letters of the roles.
LETTERS_KEY, DUE_KEY, PHASE_KEY, RESPONSIBILITIES_KEY = "letters", "due", "phase", "carries out"
_TASK_KEYS = (LETTERS_KEY, DUE_KEY, PHASE_KEY, RESPONSIBILITIES_KEY)
_MATRIX_KEYS = ("roles", "tasks", "table")


class MatrixReader:
    """Reads one answer; the Matrix goes into `reader.matrix`, what clauses may ask for is returned."""

    def __init__(self, reader: DealReader, question: Question, path: str) -> None:
        self.reader = reader
        self.question = question
        self.path = path
        self.builder = MatrixBuilder(reader, path)

    def read(self, node: Node, place: Place) -> Facts | None:
        """Return the answers to the parts of the question, or None where there is no matrix to be had."""
        before = len(self.reader.problems)
        if isinstance(node, ScalarNode):
            group = MappingNode(((ScalarNode("table", node.place), node),), node.place)
        elif isinstance(node, MappingNode):
            group = node
        else:
            self.reader.expect(node, MappingNode, self.question, self.path)
            return None
        rest = MappingNode(tuple(entry for entry in group if entry[0].text not in _MATRIX_KEYS), group.place)
        facts = self.reader.read_group(self.question.parts, rest, self.path, {}, place)
        table, roles, tasks = (group.get(key) for key in _MATRIX_KEYS[2:] + _MATRIX_KEYS[:2])
        if table is not None:
            found = self.read_from_table(table, [node for node in (roles, tasks) if node is not None])
        else:
            found = self.read_from_deal_file(roles, tasks, group)
        new = self.reader.problems[before:]
        if found is None or any(problem.field.startswith(f"{self.path}.roles") for problem in new):
            return facts
        self.reader.problems += check_matrix(found)
        if not new:
            said = {key: facts[key] for key in ("attach", "version", "review") if facts.get(key) is not None}
            self.reader.matrix = replace(sort_for_printing(found), chart_date=facts.get("date"), place=place, **said)
        return facts

    def report(self, message: str, hint: str, path: str, place: Place) -> None:
        self.builder.report(message, hint, path, place)

    # -- a table beside the deal file

    def read_from_table(self, node: Node, others: list[Node]) -> Matrix | None:
        for other in others:
            hint = "keep the table, or the roles and tasks in the deal file"
            self.report("the roles and tasks stand in the table already", hint, "table", other.place)
        if not isinstance(node, ScalarNode) or node.is_empty:
            self.report("the name of a table belongs here", "write it like tasks.csv", "table", node.place)
            return None
        if node.bad or others:
            return None
        name = collapse_spaces(node.text)
        if not name.lower().endswith(TABLE_SUFFIXES) or "/" in name or "\\" in name:
            hint = "name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below"
            self.report(f'"{quote_text(name)}" is not a table beside the deal file', hint, "", node.place)
            return None
        try:
            data = self.reader.load_table(name)
            return read_matrix_table(data, name, self.builder)
        except InputError as error:
            placed = [
                found if found.place.file else replace(found, place=node.place, field=self.path)
                for found in error.problems
            ]
            self.reader.problems += placed
            return None

    # -- roles and tasks in the deal file

    def read_from_deal_file(self, roles: Node | None, tasks: Node | None, group: MappingNode) -> Matrix | None:
        for key, found, example in (
            ("roles", roles, f"Account lead: {self.builder.example_party()}"),
            ("tasks", tasks, "Log each lead: {Account lead: A/R}"),
        ):
            if found is None or (isinstance(found, ScalarNode) and found.is_empty):
                hint = f'add "{key}:" and below it a line for each, as in "{example}"; or name a table: raci: tasks.csv'
                self.report("this is missing", hint, key, group.place)
            elif not isinstance(found, MappingNode):
                self.report("a line for each one belongs here", f'as in "{example}"', key, found.place)
        if not isinstance(roles, MappingNode) or not isinstance(tasks, MappingNode):
            return None
        found_roles = self.builder.add_roles((self.role_text(name, value) for name, value in roles), roles.place)
        texts = [self.task_text(name, value) for name, value in tasks]
        found_tasks = self.builder.read_tasks((text for text in texts if text), tasks.place)
        return Matrix(found_roles, found_tasks, group.place)

    def role_text(self, name: ScalarNode, node: Node) -> RoleText:
        said = PlacedText(name.text, name.place)
        if isinstance(node, ScalarNode):
            return RoleText(
                said, PlacedText("" if node.is_empty else node.text, node.place), PlacedText("", node.place)
            )
        found = {"party": PlacedText("", node.place), "person": PlacedText("", node.place)}
        path = f"roles.{quote_text(name.text)}"
        if isinstance(node, SequenceNode):
            self.report("one party belongs here, not a list", "bind each role to one party", path, node.place)
            return RoleText(said, PlacedText(self.builder.example_party(), node.place), found["person"])
        for key, value in node:
            if key.text not in found:
                hint = suggest_choice(key.text, found)
                self.report(f'"{quote_text(key.text)}" is not a fact we know here', hint, path, key.place)
            elif isinstance(value, ScalarNode):
                found[key.text] = PlacedText("" if value.is_empty else value.text, value.place)
            else:
                self.report("one name belongs here", "write it in one line", f"{path}.{key.text}", value.place)
        return RoleText(said, found["party"], found["person"])

    def task_text(self, name: ScalarNode, node: Node) -> TaskText | None:
        path = f"tasks.{quote_text(name.text)}"
        if not isinstance(node, MappingNode):
            role = next(iter(self.builder.roles), "Account lead")
            hint = f'write a letter for each role, as in "{name.text}: {{{role}: A/R}}"'
            self.report("the letters of the roles belong here", hint, path, node.place)
            return None
        own: dict[str, Any] = {}
        letters: list[tuple[PlacedText, PlacedText]] = []
        for key, value in node:
            if key.text.strip().lower() in _TASK_KEYS and key.text not in self.builder.roles:
                own[key.text.strip().lower()] = value
            else:
                letters += self.letter_pairs(key, value, path)
        inner = own.get(LETTERS_KEY)
        if isinstance(inner, MappingNode):
            letters += [pair for key, value in inner for pair in self.letter_pairs(key, value, path)]
        elif inner is not None:
            hint = "write them like letters: {Account lead: A/R}"
            self.report("the letters of the roles belong here", hint, f"{path}.letters", inner.place)
        return TaskText(
            PlacedText(name.text, name.place),
            tuple(letters),
            self.read_line(own.get(DUE_KEY), f"{path}.{DUE_KEY}"),
            self.read_line(own.get(PHASE_KEY), f"{path}.{PHASE_KEY}"),
            tuple(self.read_lines(own.get(RESPONSIBILITIES_KEY), f"{path}.{RESPONSIBILITIES_KEY}")),
        )

    def letter_pairs(self, key: ScalarNode, value: Node, path: str) -> list[tuple[PlacedText, PlacedText]]:
        said = self.read_line(value, f"{path}.{quote_text(key.text)}")
        return [(PlacedText(key.text, key.place), said)] if said else []

    def read_line(self, node: Node | None, path: str) -> PlacedText | None:
        if node is None or (isinstance(node, ScalarNode) and (node.bad or node.is_empty)):
            return None
        if isinstance(node, ScalarNode):
            return PlacedText(node.text, node.place)
        self.report("one value belongs here", "write it in one line", path, node.place)
        return None

    def read_lines(self, node: Node | None, path: str) -> list[PlacedText]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        return [said for item in items if (said := self.read_line(item, path))]

"""Reads a RACI matrix, from the deal file or from a table beside it; every mistake is reported with its place.

A table has a head row with the roles, then a row for each task. The party and the person of a role stand below its name
in rows of their own ("Party", "Person"), or after it in brackets, "Account lead (Northshore: Dana Reyes)", or in
further lines of the same cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces, find_forbidden_character, quote_text
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
    read_letters,
)
from agreementgen.deal.questions import suggest_choice
from agreementgen.sheets.cells import Cell, CellRow
from agreementgen.sheets.table_reader import read_cells
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

# Returns the bytes of a file beside the deal file, by its name; raises InputError.
TableLoader = Callable[[str], bytes]
TABLE_SUFFIXES = (".csv", ".xlsx")
# What an answer says besides the parts of its question, and a task besides the letters of the roles.
ROLES_KEY, TASKS_KEY, TABLE_KEY = MATRIX_KEYS = ("roles", "tasks", "table")
LETTERS_KEY, DUE_KEY, PHASE_KEY, RESPONSIBILITIES_KEY = TASK_KEYS = ("letters", "due", "phase", "carries out")
# Heads of columns and labels of rows in tables: no role can have one of these names.
TASK_HEADS = ("task", "tasks", "activity", "activities", "deliverable", "task / activity", "task or activity")
PHASE_HEADS = ("phase", "stage", "workstream")
DUE_HEADS = ("due", "due date", "deadline", "by when")
RESPONSIBILITY_HEADS = ("responsibility", "responsibilities", RESPONSIBILITIES_KEY)
NUMBER_HEADS = ("#", "no", "no.", "nr", "nr.", "number")
PARTY_LABELS = ("party", "parties", "company", "organization", "organisation")
PERSON_LABELS = ("person", "name", "who", "contact")
_HEADS = (*TASK_HEADS, *PHASE_HEADS, *DUE_HEADS, *RESPONSIBILITY_HEADS, *NUMBER_HEADS)
RESERVED_NAMES = frozenset((*_HEADS, *PARTY_LABELS, *PERSON_LABELS, LETTERS_KEY))
# The longest text of a cell that is only looked up, such as a party or a responsibility.
_MAX_CHARACTERS = 1000
# Between a party's name and a person's in one cell.
_PARTY_SEPARATOR = re.compile(r"^\s*[:,;/(–—-]\s*(.*?)\)?\s*$", re.DOTALL)


def refuse_tables(name: str) -> bytes:
    """A TableLoader for deals that are not files on a disk."""
    message, hint = f'the table "{name}" cannot be read from here', "put it beside a deal file on disk"
    raise InputError(Problem(message, hint, code="file-missing"))


@dataclass(frozen=True)
class MatrixContext:
    """What a matrix may refer to: parties by short name, and the responsibilities of the agreement.

    The two flags are False where parties or responsibilities have problems of their own: a name that nobody knows may
    then be the one they should have.
    """

    parties: tuple[str, ...]
    parties_are_known: bool
    responsibilities: tuple[Responsibility, ...]
    responsibilities_are_known: bool
    load_table: TableLoader

    @property
    def example_party(self) -> str:
        return next(iter(self.parties), "Short Name")


def read_matrix(answer: MappingNode, path: str, context: MatrixContext) -> tuple[Matrix | None, list[Problem]]:
    """Return the matrix of an answer that stands at `path`, None where nothing of it can be told, and its problems.

    What the parts of the question say (its version, its date) is not in the matrix yet.
    """
    builder = MatrixBuilder(context, path)
    roles, tasks, table = (answer.get(key) for key in MATRIX_KEYS)
    if table is not None:
        matrix = _read_from_table(table, [node for node in (roles, tasks) if node is not None], builder)
    else:
        matrix = _DealFileMatrix(builder).read(roles, tasks, answer)
    return matrix, builder.problems


# -- from texts, wherever they stand, to roles and tasks


@dataclass(frozen=True)
class PlacedEntry:
    """A text with its place in a file or table."""

    text: str
    place: Place


@dataclass(frozen=True)
class RoleText:
    name: PlacedEntry
    party: PlacedEntry
    person: PlacedEntry


@dataclass(frozen=True)
class TaskText:
    """A task as written. `letters` are pairs of a role's name and what stands there."""

    name: PlacedEntry
    letters: tuple[tuple[PlacedEntry, PlacedEntry], ...]
    due: PlacedEntry | None = None
    phase: PlacedEntry | None = None
    responsibilities: tuple[PlacedEntry, ...] = ()


@dataclass
class MatrixBuilder:
    """Makes roles and tasks of texts. `path` is that of the matrix; `roles` are by name."""

    context: MatrixContext
    path: str
    roles: dict[str, RaciRole] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, message: str, hint: str, path: str, place: Place) -> None:
        """Note a problem at `path` below that of the matrix ("" for the matrix itself)."""
        self.problems.append(Problem(message, hint, ".".join(filter(None, (self.path, path))), place, code=code))

    def read_line(self, text: PlacedEntry, most: int, path: str) -> str:
        """Return the text in one line of at most `most` characters, "" where it has a problem."""
        forbidden = find_forbidden_character(text.text)
        if forbidden:
            message, hint = f"the text holds {forbidden[1]}", "delete it and type the word again"
            self.report("forbidden-character", message, hint, path, text.place)
            return ""
        line = collapse_spaces(text.text)
        if len(line) > most:
            message = f'"{quote_text(line)}" has {len(line):,} characters; at most {most} fit'
            self.report("out-of-limits", message, "shorten it", path, text.place)
            return ""
        return line

    # -- roles

    def add_roles(self, texts: Iterable[RoleText], place: Place) -> tuple[RaciRole, ...]:
        found = list(texts)
        for text in found[:MAX_ROLES]:
            self.add_role(text)
        if len(found) > MAX_ROLES:
            message = f"there are {len(found)} roles, and at most {MAX_ROLES} fit"
            self.report("too-many", message, "join some", "roles", found[MAX_ROLES].name.place)
        if not found:
            hint = f"name who works on it, each with the party, as in Account lead: {self.context.example_party}"
            self.report("raci-no-roles", "there are no roles", hint, "roles", place)
        return tuple(self.roles.values())

    def add_role(self, text: RoleText) -> None:
        name = self.read_line(text.name, MAX_ROLE_CHARACTERS, "roles")
        if not name:
            return
        path = f"roles.{quote_text(name)}"
        if name.casefold() in RESERVED_NAMES:
            hint = f'choose another name, as in "{name} lead"'
            self.report("raci-reserved-name", f'"{name}" means something else in a matrix', hint, path, text.name.place)
            return
        if name.casefold() in (other.casefold() for other in self.roles):
            message = f'the role "{quote_text(name)}" stands twice'
            self.report("duplicate", message, "keep one of them", path, text.name.place)
            return
        known = self.context.parties
        party = self.read_line(text.party, _MAX_CHARACTERS, path)
        party = OUTSIDE if party.casefold() == OUTSIDE and party not in known else party
        person = self.read_line(text.person, MAX_PERSON_CHARACTERS, path)
        self.roles[name] = RaciRole(name, party, person, text.name.place)
        if party in known or party == OUTSIDE or not self.context.parties_are_known:
            return
        if not party:
            example = f"{name}: {self.context.example_party}"
            hint = f'say whose it is, as in "{example}"; "{OUTSIDE}" means nobody of the parties'
            message = f'the role "{quote_text(name)}" is bound to no party'
            self.report("raci-no-party", message, hint, path, text.party.place)
        else:
            message = f'"{quote_text(party)}" is not the short name of a party'
            self.report("unknown-party", message, suggest_choice(party, [*known, OUTSIDE]), path, text.party.place)

    # -- tasks

    def read_tasks(self, texts: Iterable[TaskText], place: Place) -> tuple[Task, ...]:
        found = list(texts)
        if len(found) > MAX_TASKS:
            message = f"there are {len(found)} tasks, and at most {MAX_TASKS} fit"
            hint = "join some, or leave the small ones out"
            self.report("too-many", message, hint, "tasks", found[MAX_TASKS].name.place)
        if not found:
            self.report("raci-no-tasks", "there are no tasks", "add a line for each task", "tasks", place)
        return tuple(task for text in found[:MAX_TASKS] if (task := self.read_task(text)))

    def read_task(self, text: TaskText) -> Task | None:
        name = self.read_line(text.name, MAX_TASK_CHARACTERS, "tasks")
        if not name:
            return None
        path = f"tasks.{quote_text(name)}"
        letters: dict[str, str] = {}
        places: dict[str, Place] = {}
        is_unsure = False
        for role_text, cell in text.letters:
            role = collapse_spaces(role_text.text)
            if role not in self.roles:
                message = f'"{quote_text(role)}" is not one of the roles'
                self.report("raci-unknown-role", message, suggest_choice(role, self.roles), path, role_text.place)
                is_unsure = True
                continue
            try:
                letter = read_letters(self.read_line(cell, _MAX_CHARACTERS, path))
            except Unreadable as error:
                self.report("unreadable", error.message, error.hint, f"{path}.{quote_text(role)}", cell.place)
                is_unsure = True
                continue
            if letter:
                letters[role], places[role] = letter, cell.place
        return Task(
            name=name,
            letters={role: letters[role] for role in self.roles if role in letters},
            letter_places=places,
            due=self.read_due_date(text.due, path),
            phase=self.read_line(text.phase, MAX_PHASE_CHARACTERS, path) if text.phase else "",
            responsibilities=self.match_responsibilities(text.responsibilities, path),
            place=text.name.place,
            is_unsure=is_unsure,
        )

    def read_due_date(self, text: PlacedEntry | None, path: str) -> date | None:
        line = self.read_line(text, _MAX_CHARACTERS, path) if text else ""
        if not text or not line:
            return None
        try:
            return read_date(line)
        except Unreadable as error:
            self.report("unreadable", error.message, error.hint, f"{path}.due", text.place)
            return None

    def match_responsibilities(self, texts: Iterable[PlacedEntry], path: str) -> tuple[Responsibility, ...]:
        """Return the responsibilities that `texts` name, each by its text or by "Party: text"."""
        by_text = self.responsibilities_by_text()
        found: list[Responsibility] = []
        for text in texts:
            line = self.read_line(text, _MAX_CHARACTERS, path)
            if not line:
                continue
            if _fold(line) in by_text:
                found += by_text[_fold(line)]
            elif self.context.responsibilities_are_known:
                message = f'"{quote_text(line)}" is not a responsibility of the agreement'
                hint = suggest_choice(line, [known.text for known in self.context.responsibilities])
                self.report("raci-unknown-responsibility", message, hint, f"{path}.carries out", text.place)
        return tuple(dict.fromkeys(found))

    def responsibilities_by_text(self) -> dict[str, list[Responsibility]]:
        """Return the responsibilities by each way to name them."""
        found: dict[str, list[Responsibility]] = {}
        for known in self.context.responsibilities:
            for text in (known.text, f"{known.party}: {known.text}"):
                found.setdefault(_fold(text), []).append(known)
        return found

    def is_responsibility(self, text: str) -> bool:
        return _fold(text) in self.responsibilities_by_text()


def _fold(text: str) -> str:
    """Return `text` for comparing: capitals and the full stop at its end do not matter."""
    return collapse_spaces(text).casefold().rstrip(".")


# -- from a table


def _read_from_table(node: Node, others: Collection[Node], builder: MatrixBuilder) -> Matrix | None:
    """Return the matrix of the table that `node` names; `others` are roles and tasks that stand beside its name."""
    for other in others:
        message = "the roles and tasks stand in the table already"
        hint = "keep the table, or the roles and tasks in the deal file"
        builder.report("raci-given-twice", message, hint, "table", other.place)
    if not isinstance(node, ScalarNode) or node.is_empty:
        message = "the name of a table belongs here"
        builder.report("wrong-shape", message, "write it like tasks.csv", "table", node.place)
        return None
    if node.bad or others:
        return None
    name = collapse_spaces(node.text)
    if not name.lower().endswith(TABLE_SUFFIXES) or "/" in name or "\\" in name:
        message = f'"{quote_text(name)}" is not a table beside the deal file'
        hint = "name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below"
        builder.report("raci-no-table", message, hint, "", node.place)
        return None
    try:
        return _TableMatrix(read_cells(builder.context.load_table(name), name).trusted_rows(), name, builder).read()
    except InputError as error:
        builder.problems += [
            problem if problem.place.file else replace(problem, place=node.place, field=builder.path)
            for problem in error.problems
        ]
        return None


class _TableMatrix:
    """Finds roles and tasks in the rows of a table; raises InputError where there is no table at all."""

    def __init__(self, rows: Sequence[CellRow], name: str, builder: MatrixBuilder) -> None:
        self.builder = builder
        # Titles above the table fill one cell at most.
        start = next((index for index, row in enumerate(rows) if sum(bool(cell.text) for cell in row) > 1), None)
        if start is None:
            message = "there is no RACI chart in this table"
            hint = 'its first row says "Task" and names the roles, and each row below is a task with its letters'
            raise InputError(Problem(message, hint, "", Place(name), code="raci-no-chart"))
        self.head = rows[start]
        self.body = [row for row in rows[start + 1 :] if any(cell.text for cell in row)]
        self.task_column = self.find_column(TASK_HEADS) or 0
        self.phase_column = self.find_column(PHASE_HEADS)
        self.due_column = self.find_column(DUE_HEADS)
        self.responsibility_column = self.find_column(RESPONSIBILITY_HEADS)
        others = {self.task_column, self.phase_column, self.due_column, self.responsibility_column}
        others.add(self.find_column(NUMBER_HEADS))
        last = max((index for index, cell in enumerate(self.head) if cell.text), default=0)
        self.role_columns = [index for index in range(last + 1) if index not in others]

    def find_column(self, words: Collection[str]) -> int | None:
        return next((n for n, cell in enumerate(self.head) if collapse_spaces(cell.text).casefold() in words), None)

    def read(self) -> Matrix:
        start = self.head[0].place
        parties = self.take_label_row(PARTY_LABELS, may_be_unnamed=True)
        people = self.take_label_row(PERSON_LABELS, may_be_unnamed=False)
        roles = self.builder.add_roles(self.each_role(parties, people), start)
        return Matrix(roles, self.builder.read_tasks(self.each_task(), start), start)

    def take_label_row(self, words: Collection[str], may_be_unnamed: bool) -> CellRow | None:
        """Take the row of parties or people off the body, where the first row is one."""
        if not self.body:
            return None
        row = self.body[0]
        texts = [self.cell_at(row, index).text for index in self.role_columns]
        name = collapse_spaces(self.cell_at(row, self.task_column).text).casefold()
        holds_names = any(text and not _is_letter(text) for text in texts)
        if name in words or (may_be_unnamed and not name and holds_names):
            return self.body.pop(0)
        return None

    def cell_at(self, row: CellRow, index: int | None) -> Cell:
        """Return a cell of a row, an empty one where the table has no such column or the row is shorter."""
        if index is None:
            return Cell("", row[0].place)
        return row[index] if index < len(row) else Cell("", row[-1].place)

    # -- roles

    def each_role(self, parties: CellRow | None, people: CellRow | None) -> Iterator[RoleText]:
        for index in self.role_columns:
            head = self.head[index]
            name, party, person, place = head.text, "", "", head.place
            if parties is not None:
                cell = self.cell_at(parties, index)
                place = cell.place
                if people is not None:
                    party = collapse_spaces(cell.text)
                else:
                    party, person = self.split_party_and_person(cell.text)
            else:
                name, party, person = self.split_head(head.text)
            person_text = PlacedEntry(person, place)
            if people is not None:
                cell = self.cell_at(people, index)
                person_text = PlacedEntry(cell.text, cell.place)
            if not collapse_spaces(name):
                column = head.place.cell.rstrip("0123456789")
                message = f"column {column} has no role in its head"
                self.builder.report("raci-no-role-name", message, "name the role", "roles", head.place)
                continue
            yield RoleText(PlacedEntry(name, head.place), PlacedEntry(party, place), person_text)

    def split_head(self, text: str) -> tuple[str, str, str]:
        """Return role, party and person of "Account lead (Northshore: Dana Reyes)" or of lines below each other."""
        if match := re.fullmatch(r"(.*?)\s*\((.*)\)\s*", text, re.DOTALL):
            return match[1], *self.split_party_and_person(match[2])
        first, *rest = [line for line in text.split("\n") if line.strip()] or [""]
        return first, *self.split_party_and_person("\n".join(rest))

    def split_party_and_person(self, text: str) -> tuple[str, str]:
        """Return party and person of a cell that names both."""
        whole = collapse_spaces(text)
        for party in sorted(self.builder.context.parties, key=len, reverse=True):
            if whole == party:
                return party, ""
            if text.strip().startswith(party):
                rest = text.strip()[len(party) :]
                if rest.startswith("\n"):
                    return party, collapse_spaces(rest)
                if match := _PARTY_SEPARATOR.match(rest):
                    return party, collapse_spaces(match[1])
        return whole, ""

    # -- tasks

    def each_task(self) -> Iterator[TaskText]:
        phase: PlacedEntry | None = None
        for number, row in enumerate(self.body):
            name = self.cell_at(row, self.task_column)
            others = [cell.text for cell in row if cell is not name and collapse_spaces(cell.text)]
            if self.phase_column is None and name.text and not others and number + 1 < len(self.body):
                # A heading between the tasks, as charts without a column for phases have.
                phase = PlacedEntry(name.text, name.place)
                continue
            if not collapse_spaces(name.text):
                message, hint = "this row names no task", "name it, or delete the row"
                self.builder.report("raci-no-task-name", message, hint, "tasks", name.place)
                continue
            own_phase = self.cell_at(row, self.phase_column)
            due = self.cell_at(row, self.due_column)
            yield TaskText(
                PlacedEntry(name.text, name.place),
                tuple(self.each_letter(row)),
                PlacedEntry(due.text, due.place),
                PlacedEntry(own_phase.text, own_phase.place) if self.phase_column is not None else phase,
                tuple(self.each_responsibility(self.cell_at(row, self.responsibility_column))),
            )

    def each_letter(self, row: CellRow) -> Iterator[tuple[PlacedEntry, PlacedEntry]]:
        for index in self.role_columns:
            cell, head = self.cell_at(row, index), self.head[index]
            role = head.text
            if collapse_spaces(role) not in self.builder.roles:
                role = self.split_head(role)[0]
            if collapse_spaces(cell.text) and collapse_spaces(role) in self.builder.roles:
                yield PlacedEntry(role, head.place), PlacedEntry(cell.text, cell.place)

    def each_responsibility(self, cell: Cell) -> Iterator[PlacedEntry]:
        for line in cell.text.split("\n"):
            # "; " is how people write several in one line, unless a responsibility has it itself.
            texts = [line] if self.builder.is_responsibility(line) else line.split("; ")
            yield from (PlacedEntry(text, cell.place) for text in texts if collapse_spaces(text))


def _is_letter(text: str) -> bool:
    try:
        read_letters(text)
    except Unreadable:
        return False
    return True


# -- from the deal file


class _DealFileMatrix:
    """Finds roles and tasks in the nodes of a deal file."""

    def __init__(self, builder: MatrixBuilder) -> None:
        self.builder = builder

    def read(self, roles: Node | None, tasks: Node | None, group: MappingNode) -> Matrix | None:
        for key, node, example in (
            (ROLES_KEY, roles, f"Account lead: {self.builder.context.example_party}"),
            (TASKS_KEY, tasks, "Log each lead: {Account lead: A/R}"),
        ):
            if node is None or (isinstance(node, ScalarNode) and node.is_empty):
                hint = f'add "{key}:" and below it a line for each, as in "{example}"; or name a table: raci: tasks.csv'
                self.builder.report("missing", "this is missing", hint, key, group.place)
            elif not isinstance(node, MappingNode):
                message = "a line for each one belongs here"
                self.builder.report("wrong-shape", message, f'as in "{example}"', key, node.place)
        if not isinstance(roles, MappingNode) or not isinstance(tasks, MappingNode):
            return None
        found_roles = self.builder.add_roles((self.role_text(name, value) for name, value in roles), roles.place)
        texts = [self.task_text(name, value) for name, value in tasks]
        found_tasks = self.builder.read_tasks((text for text in texts if text), tasks.place)
        return Matrix(found_roles, found_tasks, group.place)

    def role_text(self, name: ScalarNode, node: Node) -> RoleText:
        placed_name = PlacedEntry(name.text, name.place)
        if isinstance(node, ScalarNode):
            return RoleText(placed_name, _text_of(node), PlacedEntry("", node.place))
        found = {"party": PlacedEntry("", node.place), "person": PlacedEntry("", node.place)}
        path = f"roles.{quote_text(name.text)}"
        if isinstance(node, SequenceNode):
            message, hint = "one party belongs here, not a list", "bind each role to one party"
            self.builder.report("wrong-shape", message, hint, path, node.place)
            return RoleText(placed_name, PlacedEntry(self.builder.context.example_party, node.place), found["person"])
        for key, value in node:
            if key.text not in found:
                message = f'"{quote_text(key.text)}" is not a fact we know here'
                self.builder.report("unknown-name", message, suggest_choice(key.text, found), path, key.place)
            elif isinstance(value, ScalarNode):
                found[key.text] = _text_of(value)
            else:
                message, hint = "one name belongs here", "write it in one line"
                self.builder.report("wrong-shape", message, hint, f"{path}.{key.text}", value.place)
        return RoleText(placed_name, found["party"], found["person"])

    def task_text(self, name: ScalarNode, node: Node) -> TaskText | None:
        path = f"tasks.{quote_text(name.text)}"
        if not isinstance(node, MappingNode):
            role = next(iter(self.builder.roles), "Account lead")
            hint = f'write a letter for each role, as in "{name.text}: {{{role}: A/R}}"'
            self.builder.report("wrong-shape", "the letters of the roles belong here", hint, path, node.place)
            return None
        others: dict[str, Node] = {}
        letters: list[tuple[PlacedEntry, PlacedEntry]] = []
        for key, value in node:
            if key.text.strip().lower() in TASK_KEYS and key.text not in self.builder.roles:
                others[key.text.strip().lower()] = value
            else:
                letters += self.letter_pairs(key, value, path)
        inner = others.get(LETTERS_KEY)
        if isinstance(inner, MappingNode):
            letters += [pair for key, value in inner for pair in self.letter_pairs(key, value, path)]
        elif inner is not None:
            message, hint = "the letters of the roles belong here", "write them like letters: {Account lead: A/R}"
            self.builder.report("wrong-shape", message, hint, f"{path}.letters", inner.place)
        return TaskText(
            PlacedEntry(name.text, name.place),
            tuple(letters),
            self.read_line(others.get(DUE_KEY), f"{path}.{DUE_KEY}"),
            self.read_line(others.get(PHASE_KEY), f"{path}.{PHASE_KEY}"),
            tuple(self.read_lines(others.get(RESPONSIBILITIES_KEY), f"{path}.{RESPONSIBILITIES_KEY}")),
        )

    def letter_pairs(self, key: ScalarNode, value: Node, path: str) -> list[tuple[PlacedEntry, PlacedEntry]]:
        text = self.read_line(value, f"{path}.{quote_text(key.text)}")
        return [(PlacedEntry(key.text, key.place), text)] if text else []

    def read_line(self, node: Node | None, path: str) -> PlacedEntry | None:
        if node is None or (isinstance(node, ScalarNode) and (node.bad or node.is_empty)):
            return None
        if isinstance(node, ScalarNode):
            return PlacedEntry(node.text, node.place)
        self.builder.report("wrong-shape", "one value belongs here", "write it in one line", path, node.place)
        return None

    def read_lines(self, node: Node | None, path: str) -> list[PlacedEntry]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        return [text for item in items if (text := self.read_line(item, path))]


def _text_of(node: ScalarNode) -> PlacedEntry:
    return PlacedEntry("" if node.is_empty else node.text, node.place)

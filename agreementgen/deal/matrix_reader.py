"""Reads a RACI matrix, from the deal file or from a table beside it; every mistake is reported with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agreementgen.core.problems import InputError, Problem, collapse_spaces, quote_text
from agreementgen.deal.deal import Matrix
from agreementgen.deal.matrix_builder import (
    DUE_KEY,
    LETTERS_KEY,
    MATRIX_KEYS,
    PHASE_KEY,
    RESPONSIBILITIES_KEY,
    ROLES_KEY,
    TABLE_KEY,
    TASK_KEYS,
    TASKS_KEY,
    MatrixBuilder,
    MatrixContext,
    PlacedEntry,
    RoleText,
    TaskText,
)
from agreementgen.deal.questions import suggest_choice
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

TABLE_SUFFIXES = (".csv", ".xlsx")


def read_matrix(answer: MappingNode, path: str, context: MatrixContext) -> tuple[Matrix | None, list[Problem]]:
    """Return the matrix of an answer that stands at `path`, None where nothing of it can be told, and its problems.

    What the parts of the question say (its version, its date) is not in the matrix yet.
    """
    builder = MatrixBuilder(context, path)
    roles, tasks, table, letters = (answer.get(key) for key in MATRIX_KEYS)
    reader = _DealFileMatrix(builder)
    if table is not None:
        matrix = _read_from_table(table, roles, tasks, letters, reader)
    else:
        if letters is not None:
            message = "only a table has marks of its own"
            hint = "delete the line, or name the table: table: tasks.csv"
            builder.add_matrix_problem("raci-given-twice", message, hint, LETTERS_KEY, letters.place)
        matrix = reader.read(roles, tasks, answer)
    return matrix, builder.problems


# -- from a table


def _read_from_table(
    node: Node, roles: Node | None, tasks: Node | None, letters: Node | None, reader: _DealFileMatrix
) -> Matrix | None:
    """Return the matrix of the table that `node` names; what stands beside its name says what the table does not."""
    builder = reader.builder
    if tasks is not None:
        message = "the tasks stand in the table already"
        hint = "keep the table, or the tasks in the deal file; roles: beside a table says whose its roles are"
        builder.add_matrix_problem("raci-given-twice", message, hint, TABLE_KEY, tasks.place)
    if not isinstance(node, ScalarNode) or node.is_empty:
        message = "the name of a table belongs here"
        builder.add_matrix_problem("wrong-shape", message, "write it like tasks.csv", TABLE_KEY, node.place)
        return None
    given = list(reader.each_given_role(roles))
    meanings = builder.read_letter_meanings(reader.each_given_letter(letters))
    if node.bad or tasks is not None:
        return None
    name, _, sheet = collapse_spaces(node.text).partition("#")
    if not name.lower().endswith(TABLE_SUFFIXES) or "/" in name or "\\" in name:
        message = f'"{quote_text(name)}" is not a table beside the deal file'
        hint = "name a .csv or .xlsx file beside the deal file, or write roles: and tasks: in lines below"
        builder.add_matrix_problem("raci-no-table", message, hint, "", node.place)
        return None
    # Not at the top: few deals name a table, and all would wait for what reads them.
    from agreementgen.deal.chart_table import TableMatrix
    from agreementgen.sheets.table_reader import read_sheets

    try:
        tables = read_sheets(builder.context.load_table(name), name)
        return TableMatrix(tables, name, sheet.strip(), given, meanings, builder).read()
    except InputError as error:
        builder.problems += [
            problem if problem.place.file else replace(problem, place=node.place, field=builder.path)
            for problem in error.problems
        ]
        return None


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
                self.builder.add_matrix_problem("missing", "this is missing", hint, key, group.place)
            elif not isinstance(node, MappingNode):
                message = "a line for each one belongs here"
                self.builder.add_matrix_problem("wrong-shape", message, f'as in "{example}"', key, node.place)
        if not isinstance(roles, MappingNode) or not isinstance(tasks, MappingNode):
            return None
        found_roles = self.builder.add_roles((self.role_text(name, value) for name, value in roles), roles.place)
        texts = [self.task_text(name, value) for name, value in tasks]
        self.builder.report_unbound()
        found_tasks = self.builder.read_tasks((text for text in texts if text), tasks.place)
        self.builder.report_marks({})
        return Matrix(found_roles, found_tasks, group.place)

    def each_given_role(self, node: Node | None) -> Iterator[RoleText]:
        """Yield what stands below "roles:" beside the name of a table."""
        if isinstance(node, MappingNode):
            yield from (self.role_text(name, value) for name, value in node)
        elif node is not None and not (isinstance(node, ScalarNode) and node.is_empty):
            hint = f"write it like {{Account lead: {self.builder.context.example_party}}}"
            self.builder.add_matrix_problem(
                "wrong-shape", "a line for each role belongs here", hint, ROLES_KEY, node.place
            )

    def each_given_letter(self, node: Node | None) -> Iterator[tuple[PlacedEntry, PlacedEntry]]:
        """Yield what stands below "letters:" beside the name of a table: marks, each with the letter it means."""
        if isinstance(node, MappingNode):
            for key, value in node:
                if text := self.read_line(value, f"{LETTERS_KEY}.{quote_text(key.text)}"):
                    yield PlacedEntry(key.text, key.place), text
        elif node is not None and not (isinstance(node, ScalarNode) and node.is_empty):
            message, hint = "a letter for each mark belongs here", "write it like {x: C}"
            self.builder.add_matrix_problem("wrong-shape", message, hint, LETTERS_KEY, node.place)

    def role_text(self, name: ScalarNode, node: Node) -> RoleText:
        placed_name = PlacedEntry(name.text, name.place)
        if isinstance(node, ScalarNode):
            return RoleText(placed_name, _text_of(node), PlacedEntry("", node.place))
        found = {"party": PlacedEntry("", node.place), "person": PlacedEntry("", node.place)}
        path = f"roles.{quote_text(name.text)}"
        if isinstance(node, SequenceNode):
            message, hint = "one party belongs here, not a list", "bind each role to one party"
            self.builder.add_matrix_problem("wrong-shape", message, hint, path, node.place)
            return RoleText(placed_name, PlacedEntry(self.builder.context.example_party, node.place), found["person"])
        for key, value in node:
            if key.text not in found:
                message = f'"{quote_text(key.text)}" is not a fact we know here'
                self.builder.add_matrix_problem(
                    "unknown-name", message, suggest_choice(key.text, found), path, key.place
                )
            elif isinstance(value, ScalarNode):
                found[key.text] = _text_of(value)
            else:
                message, hint = "one name belongs here", "write it in one line"
                self.builder.add_matrix_problem("wrong-shape", message, hint, f"{path}.{key.text}", value.place)
        return RoleText(placed_name, found["party"], found["person"])

    def task_text(self, name: ScalarNode, node: Node) -> TaskText | None:
        path = f"tasks.{quote_text(name.text)}"
        if not isinstance(node, MappingNode):
            role = next(iter(self.builder.roles), "Account lead")
            hint = f'write a letter for each role, as in "{name.text}: {{{role}: A/R}}"'
            self.builder.add_matrix_problem(
                "wrong-shape", "the letters of the roles belong here", hint, path, node.place
            )
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
            self.builder.add_matrix_problem("wrong-shape", message, hint, f"{path}.letters", inner.place)
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
        self.builder.add_matrix_problem(
            "wrong-shape", "one value belongs here", "write it in one line", path, node.place
        )
        return None

    def read_lines(self, node: Node | None, path: str) -> list[PlacedEntry]:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        return [text for item in items if (text := self.read_line(item, path))]


def _text_of(node: ScalarNode) -> PlacedEntry:
    return PlacedEntry("" if node.is_empty else node.text, node.place)

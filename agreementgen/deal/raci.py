"""The answer to a question of type raci: a matrix written in the deal file, or the name of a table beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agreementgen.deal import hints
from agreementgen.deal.characters import collapse, shown
from agreementgen.deal.matrix import Matrix, ordered
from agreementgen.deal.questions import Question
from agreementgen.deal.raci_parts import Parts, RoleText, Said, TaskText
from agreementgen.deal.raci_rules import errors
from agreementgen.deal.raci_table import read_table
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode
from agreementgen.errors import InputError, Place

if TYPE_CHECKING:
    from agreementgen.deal.entries import Facts
    from agreementgen.deal.reading import Reader

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
                hint = hints.suggest(key.text, found)
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

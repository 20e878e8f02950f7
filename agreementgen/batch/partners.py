"""How a base deal speaks of its parties, and what that means for a table that names one of them anew in each row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agreementgen.batch.documents import short_of
from agreementgen.batch.rows import Address, Path, Plan, Reference
from agreementgen.deal.characters import collapse
from agreementgen.deal.questions import Question
from agreementgen.deal.reading import Form
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, YamlText
from agreementgen.deal.yamlfile import SequenceNode as YamlSequence
from agreementgen.errors import Place, Problem


class Partners:
    """Makes the plan of a table over the deal `base`; what is wrong with both together is added to `problems`."""

    def __init__(self, name: str, base: YamlText, form: Form, problems: list[Problem]) -> None:
        self.name, self.base, self.form, self.problems = name, base, form, problems

    def problem(self, message: str, hint: str, place: Place, field: str = "") -> None:
        self.problems.append(Problem(message, hint, field, place))

    def plan(self, columns: dict[int, Address], head: Place) -> Plan:
        root, paths = self.base.root, {address.path for address in columns.values()}
        node = root.get("parties")
        items = node.items if isinstance(node, YamlSequence) else ()
        numbers = [str(n) for n in range(1, max(len(items), self.form.parties[0]) + 1)]
        shorts = {n: short_of(items[int(n) - 1]) if int(n) <= len(items) else "" for n in numbers}
        replaced = tuple(
            n
            for n in numbers
            if ("parties", n, "name") in paths and int(n) <= len(items) and _has_name(items[int(n) - 1])
        )
        renamed = {n for n in numbers if {("parties", n, key) for key in ("name", "short")} & paths}
        references = tuple(self.references(shorts, renamed))
        for number in replaced:
            self.complete(number, paths, head)
            self.quoted(number, items[int(number) - 1], paths)
        return Plan(self.name, tuple(columns.items()), replaced, tuple(shorts.items()), references)

    def complete(self, number: str, paths: set[Path], head: Place) -> None:
        """Report what every party must say, and no column gives to the parties of this table."""
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for path, question in _needed(parties.of if parties else (), ("parties", number)):
            if path not in paths:
                field = ".".join(path)
                hint = (
                    f'add a column "{field}"; or leave the name of party {number} out of the base deal, '
                    "and what it says of this party goes for every row"
                )
                self.problem(f'no column says "{question.prompt}"', hint, head, field)

    def quoted(self, number: str, party: Node, paths: set[Path]) -> None:
        """Report texts of the base deal that name its own partner: they would stand in every agreement."""
        words = set(_identity(party)) | {short_of(party)}
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(w)}(?!\w)" for w in sorted(words, key=len) if len(w) > 1))
        known = {
            (reference.path, reference.entry) for reference in self.references({number: short_of(party)}, {number})
        }

        def look(node: Node, path: Path) -> Iterator[tuple[Path, ScalarNode]]:
            if path == ("parties", number) or path in paths:
                return
            if isinstance(node, MappingNode):
                for entry, (key, value) in enumerate(node):
                    if (path, entry) not in known:
                        yield path, key
                    yield from look(value, (*path, key.text))
            elif isinstance(node, YamlSequence):
                for n, item in enumerate(node.items, 1):
                    yield from look(item, (*path, str(n)))
            elif (path, -1) not in known:
                yield path, node

        for path, said in look(self.base.root, ()):
            if found := pattern.search(said.text):
                hint = "write it without the name, or add a column for it"
                message = f'this names "{found[0]}", of the base deal\'s own party {number}: so it would stand for all'
                self.problem(message, hint, said.place, ".".join(path))

    # -- where the base deal names parties

    def references(self, shorts: dict[str, str], renamed: set[str]) -> list[Reference]:
        by_short = {short: number for number, short in shorts.items() if short and number in renamed}
        found: list[Reference] = []

        def look(question: Question, node: Node | None, path: Path) -> None:
            match node:
                case ScalarNode() if question.type == "party" and collapse(node.text) in by_short:
                    found.append(Reference(path, by_short[collapse(node.text)]))
                case MappingNode() if question.type == "raci":
                    self.chart(node, path, by_short, found)
                    inside(question.of, node, path)
                case ScalarNode() if question.type == "raci" and by_short:
                    self.beside(node, path)
                case MappingNode() if question.type in ("per party", "shares"):
                    for entry, (key, value) in enumerate(node):
                        if collapse(key.text) in by_short:
                            found.append(Reference(path, by_short[collapse(key.text)], entry))
                        if question.of:
                            look(question.of[0], value, (*path, key.text))
                case MappingNode():
                    inside(question.of, node, path)
                case YamlSequence():
                    for n, item in enumerate(node.items, 1):
                        here = (*path, str(n))
                        if question.type == "list":
                            look(question.of[0], item, here)
                        elif isinstance(item, MappingNode):
                            inside(question.of, item, here)

        def inside(questions: Sequence[Question], node: MappingNode, path: Path) -> None:
            for question in questions:
                look(question, node.get(question.key), (*path, question.key))

        inside(self.form.questions, self.base.root, ())
        # The texts first, then the keys they stand under, the innermost first: so each path still leads there.
        return sorted(found, key=lambda reference: (reference.entry >= 0, -len(reference.path)))

    def chart(self, node: MappingNode, path: Path, by_short: dict[str, str], found: list[Reference]) -> None:
        roles, tasks, table = node.get("roles"), node.get("tasks"), node.get("table")
        if isinstance(table, ScalarNode) and by_short:
            self.beside(table, (*path, "table"))
        for name, held in roles if isinstance(roles, MappingNode) else ():
            here = (*path, "roles", name.text)
            if isinstance(held, MappingNode):
                here, held = (*here, "party"), held.get("party") or held
            if isinstance(held, ScalarNode) and collapse(held.text) in by_short:
                found.append(Reference(here, by_short[collapse(held.text)]))
        for name, task in tasks if isinstance(tasks, MappingNode) else ():
            said = task.get("carries out") if isinstance(task, MappingNode) else None
            here = (*path, "tasks", name.text, "carries out")
            items = said.items if isinstance(said, YamlSequence) else [said]
            for n, item in enumerate(items, 1):
                if isinstance(item, ScalarNode) and item.text.partition(": ")[0] in by_short:
                    at = (*here, str(n)) if isinstance(said, YamlSequence) else here
                    found.append(Reference(at, by_short[item.text.partition(": ")[0]], before=True))

    def beside(self, node: ScalarNode, path: Path) -> None:
        message = "the chart stands in a table of its own, which cannot follow the parties from row to row"
        hint = "write its roles and tasks into the base deal"
        if not any(problem.message == message for problem in self.problems):
            self.problem(message, hint, node.place, ".".join(path))


def _has_name(party: Node) -> bool:
    return isinstance(party, MappingNode) and isinstance(name := party.get("name"), ScalarNode) and not name.empty


def _needed(questions: Sequence[Question], path: Path) -> Iterator[tuple[Path, Question]]:
    """Yield the facts that must always be given, without those in groups that may be left out."""
    for question in questions:
        if question.needed == "yes" and not question.when and question.default is None:
            if question.type == "group":
                yield from _needed(question.of, (*path, question.key))
            else:
                yield (*path, question.key), question


def _identity(party: Node) -> Iterator[str]:
    """Yield what only this party is called: its names, people and addresses."""
    for key, value in party if isinstance(party, MappingNode) else ():
        if key.text in ("name", "email", "address", "contact") and isinstance(value, ScalarNode) and not value.empty:
            yield collapse(value.text)
        elif key.text == "signatory" and isinstance(value, MappingNode):
            name = value.get("name")
            if isinstance(name, ScalarNode) and not name.empty:
                yield collapse(name.text)
